#!/usr/bin/env python3
"""Random tree ensembles in ONNX against ONNX Runtime, to the bit.

    random_onnx.py DRIVER [MODELS [SEED]]

DRIVER is tests/models/score of a build folder. Makes MODELS ensembles of all versions of ai.onnx.ml,
operators, modes, types and surroundings, scores rows that lie on and beside each threshold, and compares
raw scores with those of ONNX Runtime in one thread. Needs onnx, onnxruntime and numpy; not part of `make
check`.
"""
import os
import sys
import tempfile

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from driver import Driver, same, ulps

MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]
POSTS = ["NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO"]
TYPES = {"float": (TensorProto.FLOAT, np.float32), "double": (TensorProto.DOUBLE, np.float64)}


class Trees:
    """Lists of nodes as files up to version 3 have them."""

    def __init__(self, rng, kind, columns, categories):
        self.rng, self.kind, self.columns, self.categories = rng, kind, columns, categories
        self.whole = set()  # large sets of version 5 take x for a whole number
        self.nodes, self.leaves = [], []  # (tree, id, feature, mode, value, true, false, missing), (tree, id)
        self.modes = list(rng.choice(MODES[:4], rng.integers(1, 4))) if rng.random() < 0.7 else MODES
        self.missing = rng.random() < 0.6
        self.scale = 10.0 ** rng.integers(-3, 4)

    def value(self, feature):
        rng = self.rng
        if feature in self.categories:
            return float(rng.integers(0, rng.choice([3, 12, 40, 200])))
        if rng.random() < 0.05:
            return float(rng.choice([0.0, -0.0, np.inf, -np.inf, 1e-45, 3.4e38, -3.4e38, 1e38]))
        if rng.random() < 0.1:
            return float(rng.integers(-3, 4))
        return float(self.kind(rng.normal() * self.scale))

    def grow(self, tree, depth):
        """A subtree; its node."""
        rng = self.rng
        at = self.count
        self.count += 1
        if depth == 0 or rng.random() < 0.15:
            self.nodes.append([tree, at, 0, "LEAF", 0.0, 0, 0, 0])
            self.leaves.append((tree, at))
            return at
        feature = int(rng.integers(self.columns))
        categorical = feature in self.categories
        mode = "BRANCH_EQ" if categorical else str(rng.choice(self.modes))
        if categorical and rng.random() < 0.2:
            mode = "BRANCH_NEQ"
        miss = lambda: int(self.missing and rng.random() < 0.5)
        node = [tree, at, feature, mode, self.value(feature), 0, 0, miss()]
        self.nodes.append(node)
        node[5] = self.grow(tree, depth - 1)
        chain = int(rng.integers(1, 8)) if mode == "BRANCH_EQ" and self.chains and rng.random() < 0.7 else 0
        for _ in range(chain):
            node[6] = self.count
            # ONNX Runtime asks the first one of a chain alone what it does with NaN
            node = [tree, self.count, feature, mode, self.value(feature), node[5], 0, node[7]]
            self.count += 1
            self.nodes.append(node)
        node[6] = self.grow(tree, depth - 1)
        return at

    def forest(self, trees, depth, chains=True):
        self.chains = chains
        for tree in range(trees):
            self.count = 0
            self.grow(tree, int(self.rng.integers(0, depth + 1)))
        return self


def attributes(trees, double, as_tensor):
    n = list(zip(*trees.nodes))
    out = dict(nodes_treeids=n[0], nodes_nodeids=n[1], nodes_featureids=n[2], nodes_modes=n[3],
               nodes_truenodeids=n[5], nodes_falsenodeids=n[6])
    if trees.missing or trees.rng.random() < 0.5:
        out["nodes_missing_value_tracks_true"] = n[7]
    if as_tensor:
        out["nodes_values_as_tensor"] = numpy_helper.from_array(np.array(n[4], np.float64 if double else np.float32))
    else:
        out["nodes_values"] = [float(np.float32(v)) if np.isfinite(np.float32(v)) else v for v in n[4]]
    return {k: v if k.endswith("tensor") else list(v) for k, v in out.items()}


def weights(rng, trees, targets, full, sign=0):
    """(tree, node, target, weight) of each leaf."""
    rows, scale = [], 10.0 ** rng.integers(-3, 4)
    for tree, node in trees.leaves:
        if targets == 1:
            chosen = [0]
        elif full:
            chosen = range(targets)
        else:
            chosen = [tree % targets] if rng.random() < 0.9 else rng.choice(targets, rng.integers(0, targets), False)
        for target in chosen:
            w = float(np.float32(rng.normal() * scale))
            rows.append((tree, node, int(target), abs(w) if sign else w))
    rows = rows or [(*trees.leaves[0], 0, 1.0)]
    order = np.arange(len(rows))
    if rng.random() < 0.3:
        rng.shuffle(order)
    return [rows[i] for i in order]


def put_weights(out, rows, prefix, ids, double, as_tensor):
    c = list(zip(*rows)) if rows else [[], [], [], []]
    out[f"{prefix}_treeids"], out[f"{prefix}_nodeids"], out[ids] = list(c[0]), list(c[1]), list(c[2])
    if as_tensor:
        out[f"{prefix}_weights_as_tensor"] = numpy_helper.from_array(np.array(c[3], np.float64 if double else np.float32))
    else:
        out[f"{prefix}_weights"] = list(c[3])


def old_node(rng, trees, kind, versions):
    """An operator up to version 3, its number of outputs, and which of them is our score."""
    double = kind == "double"
    as_tensor = versions == 3 and (double or rng.random() < 0.3)
    out = attributes(trees, double, as_tensor)
    post = str(rng.choice(POSTS)) if rng.random() < 0.5 else "NONE"
    base = lambda n: [float(np.float32(v)) for v in rng.normal(size=n)]
    pick = None
    if rng.random() < 0.5:
        targets = int(rng.choice([1, 1, 1, 2, 3]))
        put_weights(out, weights(rng, trees, targets, rng.random() < 0.5), "target", "target_ids", double, as_tensor)
        out["n_targets"] = targets
        if rng.random() < 0.3:
            out["aggregate_function"] = "AVERAGE"
        if rng.random() < 0.5:
            values = base(targets)
            if as_tensor:
                out["base_values_as_tensor"] = numpy_helper.from_array(np.array(values, np.float64 if double else np.float32))
            else:
                out["base_values"] = values
        op = "TreeEnsembleRegressor"
    else:
        op, targets = "TreeEnsembleClassifier", int(rng.choice([2, 2, 2, 3, 5]))
        way = int(rng.integers(4))
        if targets > 2:
            rows = weights(rng, trees, targets, rng.random() < 0.5)
        elif way < 2:  # one class alone
            rows = [(t, n, way, w) for t, n, _, w in weights(rng, trees, 1, True, rng.random() < 0.3)]
        else:
            rows = weights(rng, trees, 2, True)
        put_weights(out, rows, "class", "class_ids", double, as_tensor)
        if rng.random() < 0.5:
            out["classlabels_int64s"] = list(range(targets))
        else:
            out["classlabels_strings"] = [f"class {i}" for i in range(targets)]
        if targets > 2 and rng.random() < 0.5:
            out["base_values"] = base(targets)
        elif targets == 2 and rng.random() < 0.4:
            out["base_values"] = base(1)
        if targets == 2 and (way == 0 or post in ("NONE", "LOGISTIC")):
            pick = 1
    if post != "NONE" or rng.random() < 0.5:
        out["post_transform"] = post
    return op, out, targets, pick


def new_node(rng, trees, kind):
    """The operator of version 5."""
    dtype = TYPES[kind][1]
    leaf_of, node_of, roots = {}, {}, []
    for tree, node in trees.leaves:
        leaf_of[tree, node] = len(leaf_of)
    inner = [n for n in trees.nodes if n[3] != "LEAF"]
    for n in inner:
        node_of[n[0], n[1]] = len(node_of)
    features, modes, splits, members, miss, links = [], [], [], [], [], []
    for n in inner:
        way = [(leaf_of if (n[0], n[i]) in leaf_of else node_of, (n[0], n[i])) for i in (5, 6)]
        links.append([(table[key], int(table is leaf_of)) for table, key in way])
        features.append(n[2])
        miss.append(n[7])
        mode = MODES.index(n[3])
        if n[3] == "BRANCH_EQ" and rng.random() < 0.6:
            mode = 6
            values = {float(dtype(n[4]))} | {float(dtype(trees.value(n[2]))) for _ in range(rng.integers(0, 40))}
            if len(values) > 30 or max(values) > 30 or min(values) < 0:
                values = {float(int(v)) for v in values if abs(v) < 1e9} or {0.0}
                trees.whole.add(n[2])
            members += sorted(values) + [np.nan]
        modes.append(mode)
        splits.append(n[4])
    for tree in dict.fromkeys(n[0] for n in trees.nodes):
        if (tree, 0) in leaf_of:  # a tree of one leaf: a node that leads to it on both ways
            roots.append(len(features))
            features.append(0), modes.append(0), splits.append(0.0), miss.append(0)
            links.append([(leaf_of[tree, 0], 1)] * 2)
        else:
            roots.append(node_of[tree, 0])
    targets = int(rng.choice([1, 1, 2, 3]))
    tensor = lambda v, t: numpy_helper.from_array(np.array(v, t))
    out = dict(n_targets=targets, tree_roots=roots, nodes_featureids=features, nodes_modes=tensor(modes, np.uint8),
               nodes_splits=tensor(splits, dtype), nodes_truenodeids=[a[0] for a, _ in links],
               nodes_falsenodeids=[b[0] for _, b in links], nodes_trueleafs=[a[1] for a, _ in links],
               nodes_falseleafs=[b[1] for _, b in links],
               leaf_targetids=[int(rng.integers(targets)) for _ in leaf_of],
               leaf_weights=tensor([rng.normal() for _ in leaf_of], dtype),
               aggregate_function=int(rng.choice([1, 1, 0])), post_transform=int(rng.choice([0, 0, 1, 2])))
    if trees.missing:
        out["nodes_missing_value_tracks_true"] = miss
    if members:
        out["membership_values"] = tensor(members, dtype)
    return "TreeEnsemble", out, targets, None


def surround(rng, kind, columns, names, used):
    """Inputs, the nodes that make X of them, what they are before, and how many columns we find."""
    element, _ = TYPES[kind]
    other = "double" if kind == "float" else "float"
    info = helper.make_tensor_value_info
    way = str(rng.choice(["plain", "plain", "open", "cast", "concat", "vectorizer"]))
    if (way == "vectorizer" and kind == "double") or (way == "open" and used == 0):
        way = "plain"
    if way in ("plain", "open"):
        return [info("X", element, [None, columns if way == "plain" else None])], [], kind, \
            columns if way == "plain" else used
    if way == "cast":
        cast = helper.make_node("Cast", ["raw"], ["X"], to=element)
        return [info("raw", TYPES[other][0], [None, columns])], [cast], other, columns
    inputs = [info(f"x{i}", element, [None, 1]) for i in range(columns)]
    names += [f"x{i}" for i in range(columns)]
    if way == "concat":
        return inputs, [helper.make_node("Concat", names, ["X"], axis=1)], kind, columns
    return inputs, [helper.make_node("FeatureVectorizer", names, ["X"], domain="ai.onnx.ml",
                                     inputdimensions=[1] * columns)], kind, columns


def make(rng):
    """A model, the same without transform, and how to feed them."""
    kind = str(rng.choice(["float", "float", "double"]))
    columns, names = int(rng.integers(1, 8)), []
    categories = {int(c) for c in rng.choice(columns, rng.integers(0, columns), False)} if rng.random() < 0.4 else set()
    version = int(rng.choice([1, 3, 3, 5]))
    trees = Trees(rng, TYPES[kind][1] if version > 1 else np.float32, columns, categories)
    trees.forest(int(rng.choice([1, 3, 10, 40])), int(rng.choice([1, 3, 5])), version < 5)
    op, attrs, targets, pick = new_node(rng, trees, kind) if version == 5 else old_node(rng, trees, kind, version)
    used = max((n[2] + 1 for n in trees.nodes if n[3] != "LEAF"), default=0)
    inputs, before, given, found = surround(rng, kind, columns, names, used)
    classifier = op.endswith("Classifier")
    type_out = TYPES[kind][0] if version == 5 else TensorProto.FLOAT

    def model(**change):
        node = helper.make_node(op, ["X"], ["label", "Y"] if classifier else ["Y"], domain="ai.onnx.ml",
                                **{**attrs, **change})
        after = [helper.make_node("Identity", ["Y"], ["out"])]
        graph = helper.make_graph(before + [node] + after, "g", inputs,
                                  [helper.make_tensor_value_info("out", type_out, [None, targets])])
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17),
                                                       helper.make_opsetid("ai.onnx.ml", version)])
        made.ir_version = 9
        return made.SerializeToString()

    plain = {"post_transform": 0 if version == 5 else "NONE"}
    kinds = f"{op} {version} {kind} {given} {attrs.get('post_transform', 'NONE')}"
    return model(), model(**plain), trees, given, names, pick, found, kinds


def probes(rng, trees, given):
    values = [[] for _ in range(trees.columns)]
    for n in trees.nodes:
        if n[3] != "LEAF":
            values[n[2]].append(n[4])
    for j in range(trees.columns):
        with np.errstate(over="ignore", invalid="ignore"):
            some = np.array(values[j] or [0.0], dtype=np.float64)
            narrow = some.astype(np.float32)
            below, above = np.nextafter(narrow, np.float32(-np.inf)), np.nextafter(narrow, np.float32(np.inf))
            middles = (narrow.astype(np.float64) + above) / 2, (narrow.astype(np.float64) + below) / 2
            values[j] = np.concatenate([
                some, narrow, below, above, np.nextafter(some, -np.inf), np.nextafter(some, np.inf), *middles,
                *(np.nextafter(m, s) for m in middles for s in (np.inf, -np.inf)), some + 0.5, np.arange(13.0),
                [0, -0.0, np.nan, np.nan, np.inf, -np.inf, 5e-324, 1e-45, 1e-40, 3.4e38, 1e300, -1e300, 0.99999999999]])
        if j in trees.whole:
            values[j] = values[j][~(np.abs(values[j]) < 1e9) | (values[j] == np.trunc(values[j]))]
            values[j] = values[j][~(np.abs(values[j]) >= 1e9)]
    rows = np.stack([rng.choice(values[j], 200) for j in range(trees.columns)], axis=1)
    if given == "float":
        with np.errstate(over="ignore"):
            rows = rows.astype(np.float32).astype(np.float64)
    return rows


def run(blob, rows, given, names):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    session = onnxruntime.InferenceSession(blob, options, providers=["CPUExecutionProvider"])
    x = rows.astype(TYPES[given][1])
    feed = {n: x[:, i:i + 1] for i, n in enumerate(names)} if names else {session.get_inputs()[0].name: x}
    return session.run(["out"], feed)[0].astype(np.float64)


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    kinds, models, scores, differ, refused, failed, most = {}, 0, 0, 0, 0, 0, 0
    with tempfile.TemporaryDirectory() as folder, np.errstate(over="ignore", invalid="ignore"):
        driver, path = Driver(sys.argv[1], folder), os.path.join(folder, "m.onnx")
        for number in range(count):
            rng = np.random.default_rng([seed, number])
            blob, plain, trees, given, names, pick, found, kind = make(rng)
            rows = probes(rng, trees, given)
            try:
                wanted, raw = run(blob, rows, given, names), run(plain, rows, given, names)
            except Exception as error:  # it has no common class
                name = "not run: " + str(error)[-60:].replace("\n", " ")
                kinds[name] = kinds.get(name, 0) + 1
                failed += 1
                continue
            with open(path, "wb") as file:
                file.write(blob)
            ours = driver.score(path, rows[:, :found])
            if ours is None:  # only some of the rarer ones may be
                refused += 1
                print("refused:", number, kind)
                continue
            if pick is not None:
                wanted, raw = wanted[:, pick:pick + 1], raw[:, pick:pick + 1]
            wide = kind.startswith("TreeEnsemble 5 double") and kind.endswith((" 0", "NONE"))
            equal = (ours[0] == raw) | (np.isnan(ours[0]) & np.isnan(raw)) if wide else same(ours[0], raw)
            # 1 - v of a small share has the bits of v
            near = lambda v: np.where(np.abs(v) < 1, v + np.sign(v), v)
            distance = ulps(near(ours[2]), near(wanted))
            models, scores = models + 1, scores + raw.size
            differ += int((~equal).sum())
            most = max(most, distance)
            kinds[kind] = kinds.get(kind, 0) + 1
            if not equal.all() or distance > 4:
                i, k = np.argwhere(~equal)[0] if not equal.all() else (0, 0)
                print(f"differs: {number} {kind}: {(~equal).sum()} of {equal.size}, {distance} ulp after the transform, "
                      f"row {i}: {ours[0][i, k]!r} {raw[i, k]!r}")
                with open(os.path.join(tempfile.gettempdir(), f"differs-{number}.onnx"), "wb") as file:
                    file.write(blob)
    for name in sorted(kinds):
        print(f"{kinds[name]:6} {name}")
    print(f"onnxruntime {onnxruntime.__version__}: {models} models, {scores} raw scores, {differ} differ, {refused} refused, "
          f"{failed} not run by ONNX Runtime, at most {most} ulp after the transform")
    return differ + (refused * 20 > models) > 0


if __name__ == "__main__":
    sys.exit(main())
