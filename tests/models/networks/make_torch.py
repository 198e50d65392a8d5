"""Makes the networks of this folder that PyTorch exports, each by both of its exporters.

    python3 -m venv venv && venv/bin/pip install torch==2.15.0 onnx==1.23.2 onnxscript==0.7.2 onnxruntime==1.32.0
    venv/bin/python make_torch.py [NAME ...]

NAME-script comes from the older exporter (TorchScript), NAME-dynamo from the newer. What they have learned does
not matter, so they have learned nothing: weights are random, those of batch normalisation too.
"""
import os
import sys
import warnings

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from torch import nn

import fixture

warnings.filterwarnings("ignore")
ROWS = 24
L = 12  # of sequences


def mlp(*sizes, last=True):
    layers = []
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        layers.append(nn.Linear(a, b))
        if i + 2 < len(sizes) or last:
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


def pooled(vectors, mask):
    weights = mask.unsqueeze(-1)
    return (vectors * weights).sum(1) / weights.sum(1).clamp(min=1.0)


class UserTower(nn.Module):
    def __init__(self):
        super().__init__()
        self.city, self.item = nn.Embedding(30, 8), nn.Embedding(80, 16)
        self.net = nn.Sequential(nn.Linear(5 + 8 + 16, 64), nn.ReLU(), nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 16))

    def forward(self, dense, city, history, history_mask):
        x = torch.cat([dense, self.city(city), pooled(self.item(history), history_mask)], 1)
        return F.normalize(self.net(x), dim=1)


class ItemTower(nn.Module):
    def __init__(self):
        super().__init__()
        self.brand, self.kind = nn.Embedding(40, 8), nn.Embedding(12, 4)
        self.net = nn.Sequential(nn.Linear(2 + 8 + 4, 64), nn.LeakyReLU(0.1), nn.Linear(64, 16))

    def forward(self, price, age, brand, kind):
        x = torch.cat([torch.log1p(price).unsqueeze(1), age.unsqueeze(1), self.brand(brand), self.kind(kind)], 1)
        return F.normalize(self.net(x), dim=1)


class Cross(nn.Module):
    """DCN: x0 (x · w) + b + x."""

    def __init__(self, n, layers=3):
        super().__init__()
        self.w = nn.ParameterList([nn.Parameter(torch.randn(n, 1) / n ** 0.5) for _ in range(layers)])
        self.b = nn.ParameterList([nn.Parameter(torch.randn(n) / 10) for _ in range(layers)])

    def forward(self, x0):
        x = x0
        for w, b in zip(self.w, self.b):
            x = x0 * torch.matmul(x, w) + b + x
        return x


class Cross2(nn.Module):
    """DCN v2: x0 ∘ (W x + b) + x."""

    def __init__(self, n, layers=2):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(n, n) for _ in range(layers)])

    def forward(self, x0):
        x = x0
        for layer in self.layers:
            x = x0 * layer(x) + x
        return x


class Dcn(nn.Module):
    def __init__(self, cross):
        super().__init__()
        self.tables = nn.ModuleList([nn.Embedding(20, 6) for _ in range(3)])
        self.cross, self.deep, self.head = cross(4 + 18), mlp(4 + 18, 32, 16), nn.Linear(22 + 16, 1)

    def forward(self, dense, ids):
        x = torch.cat([dense] + [t(ids[:, i]) for i, t in enumerate(self.tables)], 1)
        return torch.sigmoid(self.head(torch.cat([self.cross(x), self.deep(x)], 1)))


class DeepFm(nn.Module):
    def __init__(self, fields=5, size=60, k=8):
        super().__init__()
        self.first, self.second = nn.Embedding(size, 1), nn.Embedding(size, k)
        self.deep, self.bias = mlp(fields * k, 32, 16, 1, last=False), nn.Parameter(torch.randn(1))

    def forward(self, ids):
        v = self.second(ids)
        pairs = 0.5 * (v.sum(1).pow(2) - v.pow(2).sum(1)).sum(1, keepdim=True)
        return torch.sigmoid(self.bias + self.first(ids).sum(1) + pairs + self.deep(v.flatten(1)))


class Ranker(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.BatchNorm1d(40), nn.Linear(40, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.2),
                                 nn.Linear(64, 32), nn.BatchNorm1d(32), nn.PReLU(), nn.Dropout(0.2), nn.Linear(32, 1))

    def forward(self, x):
        return self.net(x).squeeze(1)


class Pooled(nn.Module):
    """Means and maxima of two sequences, of which one says its length and the other has a mask."""

    def __init__(self):
        super().__init__()
        self.table, self.net = nn.Embedding(50, 8), mlp(24, 32, 4, last=False)

    def forward(self, seen, seen_len, bought, bought_mask):
        mask = (torch.arange(L) < seen_len.unsqueeze(1)).float()
        a, b = self.table(seen), self.table(bought)
        top = b.masked_fill(bought_mask.unsqueeze(-1) == 0, -4.0).max(1).values
        return self.net(torch.cat([pooled(a, mask), pooled(b, bought_mask), top], 1))


class Din(nn.Module):
    """Attention of a candidate over what was seen."""

    def __init__(self):
        super().__init__()
        self.table, self.attend, self.net = nn.Embedding(50, 8), mlp(32, 16, 1, last=False), mlp(16, 32, 1, last=False)

    def forward(self, target, seen, seen_mask):
        q, k = self.table(target), self.table(seen)
        q1 = q.unsqueeze(1).expand(-1, L, -1)
        score = self.attend(torch.cat([q1, k, q1 - k, q1 * k], -1)).squeeze(-1)
        weight = torch.softmax(torch.where(seen_mask > 0, score, torch.full_like(score, -1e4)), 1)
        return torch.sigmoid(self.net(torch.cat([q, torch.bmm(weight.unsqueeze(1), k).squeeze(1)], 1)))


class Mmoe(nn.Module):
    def __init__(self, experts=3):
        super().__init__()
        self.experts = nn.ModuleList([mlp(12, 16, 8) for _ in range(experts)])
        self.gates = nn.ModuleList([nn.Linear(12, experts) for _ in range(2)])
        self.heads = nn.ModuleList([mlp(8, 8, 1, last=False) for _ in range(2)])

    def forward(self, x):
        e = torch.stack([expert(x) for expert in self.experts], 1)
        tasks = [(torch.softmax(g(x), 1).unsqueeze(-1) * e).sum(1) for g in self.gates]
        ctr, cvr = [torch.sigmoid(h(t)) for h, t in zip(self.heads, tasks)]
        return ctr, ctr * cvr


class Block(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.norm, self.up, self.down = nn.LayerNorm(n), nn.Linear(n, 2 * n), nn.Linear(2 * n, n)

    def forward(self, x):
        return x + self.down(F.gelu(self.up(self.norm(x))))


class Modern(nn.Module):
    """What only newer opsets have, or newer networks."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(30, 8)
        self.norm = nn.RMSNorm(20)
        self.gate, self.up, self.down = nn.Linear(20, 32), nn.Linear(20, 32), nn.Linear(32, 20)
        self.out = nn.Linear(20, 3)

    def forward(self, dense, ids):
        x = torch.cat([dense, self.table(ids).flatten(1)], 1)
        h = self.norm(x)
        x = x + self.down(F.silu(self.gate(h)) * self.up(h))
        best = x.argmax(1, keepdim=True).float()
        return F.gelu(self.out(F.layer_norm(x, (20,)))) + x.cumsum(1)[:, -3:] + best


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(20, 32), Block(32), nn.SiLU(), Block(32), nn.LayerNorm(32), nn.Linear(32, 3))

    def forward(self, x):
        return torch.log_softmax(self.net(x), 1)


rng = np.random.default_rng(7)


def floats(*dims):
    return rng.normal(size=(ROWS,) + dims).astype(np.float32)


def ids(n, *dims):
    return rng.integers(0, n, size=(ROWS,) + dims)


def sequence(n):
    """Ids, padded with 0; which are there; the lists without padding: one of each length, and some twice."""
    lists = [[int(v) for v in rng.integers(1, n, size=k % (L + 1))] for k in range(ROWS)]
    array = np.array([s + [0] * (L - len(s)) for s in lists])
    mask = np.array([[1.0] * len(s) + [0.0] * (L - len(s)) for s in lists], np.float32)
    return array, mask, lists


def tower_user():
    history, mask, lists = sequence(80)
    feed = {"dense": floats(5), "city": ids(30), "history": history, "history_mask": mask}
    return UserTower(), feed, ["emb"], {"made": ["history_mask"], "lists": {"history": lists}}


def tower_item():
    feed = {"price": np.exp(floats() + 8).astype(np.float32), "age": floats(), "brand": ids(40), "kind": ids(12)}
    return ItemTower(), feed, ["emb"], {}


def dcn():
    return Dcn(Cross), {"dense": floats(4), "ids": ids(20, 3)}, ["p"], {}


def dcn2():
    return Dcn(Cross2), {"dense": floats(4), "ids": ids(20, 3)}, ["p"], {}


def deepfm():
    return DeepFm(), {"ids": ids(60, 5)}, ["p"], {}


def ranker():
    model = Ranker()
    for m in model.modules():
        if isinstance(m, nn.BatchNorm1d):
            nn.init.normal_(m.running_mean), nn.init.uniform_(m.running_var, 0.3, 3)
            nn.init.uniform_(m.weight, 0.5, 1.5), nn.init.normal_(m.bias)
    return model, {"x": floats(40)}, ["score"], {}


def pooling():
    seen, mask, lists = sequence(50)
    bought, bought_mask, bought_lists = sequence(50)
    bought, bought_mask, bought_lists = bought[::-1].copy(), bought_mask[::-1].copy(), bought_lists[::-1]
    feed = {"seen": seen, "seen_len": mask.sum(1).astype(np.int64), "bought": bought, "bought_mask": bought_mask}
    return Pooled(), feed, ["y"], {"made": ["seen_len", "bought_mask"], "lists": {"seen": lists, "bought": bought_lists}}


def din():
    seen, mask, lists = sequence(50)
    feed = {"target": ids(50), "seen": seen, "seen_mask": mask}
    return Din(), feed, ["p"], {"made": ["seen_mask"], "lists": {"seen": lists}}


def mmoe():
    return Mmoe(), {"x": floats(12)}, ["ctr", "ctcvr"], {}


def residual():
    return Residual(), {"x": floats(20)}, ["y"], {}


def modern():
    return Modern(), {"dense": floats(4), "ids": ids(30, 2)}, ["y"], {}


MODELS = {"dssm-user": tower_user, "dssm-item": tower_item, "dcn": dcn, "dcn2": dcn2, "deepfm": deepfm,
          "ranker": ranker, "pooled": pooling, "din": din, "mmoe": mmoe, "residual": residual, "modern": modern}


def export(name, model, feed, outputs, dynamo):
    more = {"opset_version": 23} if "modern" in name else {}
    path = os.path.join(fixture.HERE, name + ".onnx")
    args = tuple(torch.from_numpy(v) for v in feed.values())
    if dynamo:
        batch = torch.export.Dim("batch", min=2, max=4096)
        torch.onnx.export(model, args, path, dynamo=True, input_names=list(feed), output_names=outputs, verbose=False,
                          dynamic_shapes=tuple({0: batch} for _ in feed), external_data=name.startswith("torch-dcn2"), **more)
    else:
        torch.onnx.export(model, args, path, dynamo=False, input_names=list(feed), output_names=outputs,
                          opset_version=17, dynamic_axes={k: {0: "batch"} for k in list(feed) + outputs})
    model = onnx.load(path, load_external_data=False)
    # Neither notes of the exporter nor shapes in between: they are most of such a small file.
    for part in list(model.graph.node) + list(model.graph.input) + list(model.graph.output):
        del part.metadata_props[:]
        part.doc_string = ""
    del model.graph.value_info[:], model.graph.metadata_props[:], model.metadata_props[:]
    onnx.save(model, path)
    return model


for number, (kind, make) in enumerate(MODELS.items()):
    if sys.argv[1:] and kind not in sys.argv[1:]:
        continue
    for dynamo in (False, True) if kind != "modern" else (True,):
        rng = np.random.default_rng(number)
        torch.manual_seed(number)
        model, feed, outputs, more = make()
        name = f"torch-{kind}-{'dynamo' if dynamo else 'script'}"
        fixture.save(name, export(name, model.eval(), feed, outputs, dynamo), feed, **more)
