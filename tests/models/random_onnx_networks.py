#!/usr/bin/env python3
"""Random ONNX networks against ONNX Runtime, and against onnx's reference in double.

    random_onnx_networks.py DRIVER [MODELS [SEED]]

DRIVER is tests/models/infer of a build folder. Makes MODELS small graphs over all operators that are
translated, with random shapes, attributes and opsets from 11 to 26, as exporters compute with shapes; runs a
batch through ONNX Runtime and its items one by one through the driver. Needs onnx, onnxruntime and numpy;
not part of `make check`.
"""
import collections
import os
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto as T
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

ITEMS = 4
N = None  # the batch in shapes
V = collections.namedtuple("V", "name kind shape")
TYPES = {"float": T.FLOAT, "int": T.INT64, "bool": T.BOOL}
DTYPES = {"float": np.float32, "int": np.int64, "bool": np.bool_}


class Graph:
    """A graph while it grows; `pool` holds values with the batch first."""

    def __init__(self, rng, opset):
        self.rng, self.opset = rng, opset
        self.nodes, self.inits, self.inputs, self.pool = [], [], [], []
        self.n = 0

    def name(self, prefix="v"):
        self.n += 1
        return f"{prefix}{self.n}"

    def const(self, array, node=None):
        """An initializer or a Constant."""
        array = np.asarray(array)
        name = self.name("c")
        tensor = numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name)
        if self.rng.random() < 0.3 if node is None else node:
            self.nodes.append(helper.make_node("Constant", [], [name], value=tensor))
        else:
            self.inits.append(tensor)
        return name

    def ints(self, *values):
        return self.const(np.array(values, np.int64))

    def floats(self, *shape, low=-1.0, high=1.0):
        return self.const(self.rng.uniform(low, high, shape).astype(np.float32))

    def op(self, op, inputs, n=1, **attributes):
        outs = [self.name() for _ in range(n)]
        inputs = [i.name if isinstance(i, V) else i for i in inputs]
        domain = attributes.pop("domain", "")
        self.nodes.append(helper.make_node(op, inputs, outs, domain=domain, name=self.name("node"), **attributes))
        return outs[0] if n == 1 else outs

    def axes(self, op, x, axes, since, **attributes):
        """A node whose axes are an attribute before an opset, and an input from then on."""
        if self.opset >= since:
            return self.op(op, [x, self.ints(*axes)], **attributes)
        return self.op(op, [x], axes=list(axes), **attributes)

    def input(self, kind, shape):
        v = V(self.name("in"), kind, (N,) + tuple(int(d) for d in shape))
        self.inputs.append(v)
        return v

    def pick(self, kind="float", rank=None):
        found = [v for v in self.pool if v.kind == kind and (rank is None or len(v.shape) in rank)]
        if found and self.rng.random() < 0.9:
            return found[self.rng.integers(len(found))]
        if rank is None:
            rank = (1, 2, 3)
        size = int(self.rng.choice(list(rank)))
        return self.input(kind, self.rng.integers(1, 6, size - 1))

    def shape(self, v):
        """The shape of a value as a tensor, computed at run time."""
        s = self.op("Shape", [v])
        return self.op("Cast", [self.op("Cast", [s], to=T.INT32)], to=T.INT64) if self.rng.random() < 0.1 else s

    def batch(self, v):
        """The number of items as a list of one."""
        s = self.shape(v)
        way = self.rng.integers(3)
        if way == 0:
            return self.axes("Unsqueeze", self.op("Gather", [s, self.const(np.int64(0))], axis=0), [0], 13)
        if way == 1:
            return self.op("Gather", [s, self.ints(0)], axis=0)
        return self.op("Slice", [s, self.ints(0), self.ints(1), self.ints(0)])


def elements(shape):
    return int(np.prod([d for d in shape if d is not N], dtype=np.int64))


# ---- steps: each adds values to the pool ----

ONE = {"Neg": 6, "Abs": 6, "Exp": 6, "Floor": 6, "Ceil": 6, "Relu": 6, "LeakyRelu": 6, "Elu": 6, "Selu": 6,
       "Sigmoid": 6, "HardSigmoid": 6, "Tanh": 6, "Erf": 9, "Softplus": 1, "Softsign": 1, "Gelu": 20, "HardSwish": 14,
       "Mish": 18, "Identity": 1, "Dropout": 7, "Sign": 9}


def step_one(g):
    op = g.rng.choice([o for o, since in ONE.items() if since <= g.opset])
    x = g.pick(rank=(1, 2, 3, 4))
    attributes = {}
    if op in ("LeakyRelu", "Elu", "Selu", "HardSigmoid") and g.rng.random() < 0.5:
        attributes["alpha"] = float(g.rng.uniform(0.05, 1.5))
    if op in ("HardSigmoid",) and g.rng.random() < 0.5:
        attributes["beta"] = float(g.rng.uniform(0, 1))
    if op == "Gelu" and g.rng.random() < 0.5:
        attributes["approximate"] = str(g.rng.choice(["tanh", "none"]))
    g.pool.append(V(g.op(op, [x], **attributes), "float", x.shape))


def step_positive(g):
    x = g.pick()
    a = g.op("Add", [g.op("Abs", [x]), g.const(np.float32(0.5))])
    op = g.rng.choice(["Sqrt", "Log", "Reciprocal"])
    g.pool.append(V(g.op(op, [a]), "float", x.shape))


def other(g, x, kind="float"):
    """A second operand that stretches, or is stretched to: a constant or another value."""
    way = g.rng.integers(4)
    same = [v for v in g.pool if v.kind == kind and v.shape == x.shape]
    if way == 0 and same:
        return same[g.rng.integers(len(same))]
    shape = [1 if g.rng.random() < 0.4 else d for d in x.shape[1:]]
    if way == 1:
        return g.input(kind, shape)
    shape = shape[g.rng.integers(len(shape) + 1):]
    if g.rng.random() < 0.2 and len(shape) == len(x.shape) - 1:
        shape = [1] + shape
    if kind == "int":
        return V(g.const(g.rng.integers(-3, 4, shape)), kind, None)
    return V(g.floats(*shape), kind, None)


def step_two(g):
    x = g.pick(rank=(1, 2, 3, 4))
    y = other(g, x)
    op = g.rng.choice(["Add", "Sub", "Mul", "Div", "Min", "Max", "Sum", "Mean", "PRelu"])
    if op == "Div":
        y = g.op("Add", [g.op("Abs", [y]), g.const(np.float32(0.5))])
    pair = [x, y]
    if op == "PRelu" and not (isinstance(y, V) and y.shape is None):
        op = "Sub"
    if op not in ("PRelu", "Div") and g.rng.random() < 0.5:
        pair.reverse()
    if op in ("Min", "Max", "Sum", "Mean") and g.rng.random() < 0.4:
        pair.append(x)
    g.pool.append(V(g.op(op, pair), "float", x.shape))


def step_pow(g):
    x = g.pick()
    way = g.rng.integers(3)
    if way == 0:
        out = g.op("Pow", [x, g.const(np.float32(2))])
    elif way == 1:
        out = g.op("Pow", [x, g.const(np.int64(g.rng.integers(2, 4)))]) if g.opset >= 12 else g.op("Pow", [x, g.const(np.float32(3))])
    else:
        out = g.op("Pow", [g.op("Add", [g.op("Abs", [x]), g.const(np.float32(0.1))]), g.const(np.float32(0.5))])
    g.pool.append(V(out, "float", x.shape))


def step_clip(g):
    x = g.pick()
    low, high = sorted(g.rng.uniform(-1, 1, 2).astype(np.float32))
    way = g.rng.integers(3)
    bounds = [g.const(low), g.const(high)] if way == 0 else [g.const(low)] if way == 1 else ["", g.const(high)]
    g.pool.append(V(g.op("Clip", [x] + bounds), "float", x.shape))


def step_compare(g):
    x = g.pick()
    y = other(g, x)
    ops = ["Less", "Greater", "Equal"] + (["LessOrEqual", "GreaterOrEqual"] if g.opset >= 12 else [])
    b = g.op(g.rng.choice(ops), [x, y])
    if g.rng.random() < 0.4:
        b = g.op("Not", [b])
    if g.rng.random() < 0.4:
        b = g.op(g.rng.choice(["And", "Or", "Xor", "Equal"]), [b, g.op("Less", [x, g.const(np.float32(0))])])
    z = other(g, x)
    out = g.op("Where", [b, x, z]) if g.rng.random() < 0.5 else g.op("Cast", [b], to=T.FLOAT)
    g.pool.append(V(out, "float", x.shape))


def step_ints(g):
    """Arithmetic of ints, and back."""
    x = g.pick("int", rank=(1, 2))
    op = g.rng.choice(["Add", "Sub", "Mul", "Div", "Mod", "Min", "Max"])
    if op in ("Min", "Max") and g.opset < 12:
        op = "Add"
    y = g.const(np.int64(g.rng.choice([-3, -2, 2, 3, 5]))) if op in ("Div", "Mod") else other(g, x, "int")
    v = V(g.op(op, [x, y]), "int", x.shape)
    way = g.rng.integers(3)
    if way == 0:
        b = g.op(g.rng.choice(["Less", "Equal", "Greater"]), [v, g.const(np.int64(1))])
        out = g.op("Cast", [b], to=T.FLOAT)
    elif way == 1 and len(x.shape) == 2:
        out = g.op("Cast", [g.axes("ReduceSum", v, [1], 13, keepdims=1)], to=T.FLOAT)
        g.pool.append(V(out, "float", (N, 1)))
        return
    else:
        out = g.op("Cast", [v], to=T.FLOAT)
    g.pool.append(V(out, "float", x.shape))


def step_truncate(g):
    x = g.pick()
    i = g.op("Cast", [g.op("Mul", [x, g.const(np.float32(3))])], to=int(g.rng.choice([T.INT64, T.INT32])))
    g.pool.append(V(g.op("Cast", [i], to=T.FLOAT), "float", x.shape))


def step_gather(g):
    """Embedding tables."""
    rows = int(g.rng.integers(5, 9))
    ids = g.input("int", g.rng.integers(1, 5, g.rng.integers(0, 3)))
    inner = tuple(int(d) for d in g.rng.integers(1, 5, g.rng.integers(0, 3)))
    axis = int(g.rng.integers(len(inner) + 1)) if g.rng.random() < 0.4 else 0
    table = g.floats(*inner[:axis], rows, *inner[axis:])
    out = g.op("Gather", [table, ids], axis=axis)  # ids in the midst of the table's dimensions
    rank = len(ids.shape)
    if axis:
        out = g.op("Transpose", [out], perm=[axis + i for i in range(rank)] + list(range(axis)) +
                   list(range(axis + rank, len(inner) + rank)))
    g.pool.append(V(out, "float", ids.shape + inner))


def step_one_hot(g):
    ids = g.input("int", g.rng.integers(1, 4, g.rng.integers(0, 2)))
    out = g.op("OneHot", [ids, g.const(np.int64(6)), g.floats(2)], axis=-1)
    g.pool.append(V(out, "float", ids.shape + (6,)))


def step_take(g):
    """Gather by constants, Slice, Split."""
    x = g.pick(rank=(2, 3, 4))
    axis = int(g.rng.integers(1, len(x.shape)))
    dim = x.shape[axis]
    named = axis - len(x.shape) if g.rng.random() < 0.5 else axis
    way = g.rng.integers(3)
    shape = list(x.shape)
    if way == 0:
        ids = g.rng.integers(-dim, dim, g.rng.integers(1, 4, g.rng.integers(0, 3)))
        out = g.op("Gather", [x, g.const(ids.astype(np.int64))], axis=named)
        shape[axis:axis + 1] = ids.shape
        if len(shape) > 5:
            return
        g.pool.append(V(out, "float", tuple(shape)))
    elif way == 1:
        start, step = int(g.rng.integers(-dim, dim)), int(g.rng.choice([1, 1, 2, -1]))
        end = int(g.rng.choice([dim, 2**31 - 1, 2**63 - 1])) if step > 0 else -2**63
        picked = len(np.arange(dim)[start::step])
        starts, ends, axes, steps = [start], [end], [named], [step]
        if g.rng.random() < 0.3:
            starts, ends, axes, steps = [0] + starts, [2**63 - 1] + ends, [0] + axes, [1] + steps
        inputs = [x, g.ints(*starts), g.ints(*ends), g.ints(*axes)]
        out = g.op("Slice", inputs + ([g.ints(*steps)] if step != 1 or g.rng.random() < 0.5 else []))
        shape[axis] = picked
        g.pool.append(V(out, "float", tuple(shape)))
    elif dim >= 2:
        first = int(g.rng.integers(1, dim))
        sizes = [first, dim - first]
        if g.opset >= 13:
            outs = g.op("Split", [x, g.ints(*sizes)], n=2, axis=named)
        else:
            outs = g.op("Split", [x], n=2, axis=named, split=sizes)
        for out, size in zip(outs, sizes):
            shape[axis] = size
            g.pool.append(V(out, "float", tuple(shape)))


def step_concat(g):
    x = g.pick(rank=(2, 3))
    axis = int(g.rng.integers(1, len(x.shape)))
    parts, total = [x], x.shape[axis]
    for _ in range(g.rng.integers(1, 4)):
        same = [v for v in g.pool if v.kind == "float" and len(v.shape) == len(x.shape) and
                all(i == axis or a == b for i, (a, b) in enumerate(zip(v.shape, x.shape)))]
        v = same[g.rng.integers(len(same))] if same else x
        parts.append(v)
        total += v.shape[axis]
    if g.rng.random() < 0.3:  # a constant for each item
        dims = [int(d) for d in x.shape[1:]]
        shape = g.op("Concat", [g.batch(x), g.ints(*dims)], axis=0)
        value = helper.make_tensor("value", T.FLOAT, [1], [0.25])
        parts.append(V(g.op("ConstantOfShape", [shape], value=value), "float", x.shape))
        total += x.shape[axis]
    g.rng.shuffle(parts)
    out = g.op("Concat", parts, axis=axis if g.rng.random() < 0.5 else axis - len(x.shape))
    shape = list(x.shape)
    shape[axis] = total
    g.pool.append(V(out, "float", tuple(shape)))


def step_reshape(g):
    x = g.pick(rank=(2, 3, 4))
    n = elements(x.shape)
    dims = []
    for _ in range(g.rng.integers(1, 4)):
        choices = [d for d in range(1, n + 1) if n % d == 0]
        dims.append(int(g.rng.choice(choices)))
        n //= dims[-1]
    dims[-1] *= n
    way = g.rng.integers(5)
    given = list(dims)
    if way in (0, 2) and g.rng.random() < 0.5:
        given[g.rng.integers(len(given))] = -1
    if way == 0:
        shape = g.op("Concat", [g.batch(x), g.ints(*given)], axis=0)
    elif way == 1:
        shape = g.ints(-1, *dims)
    elif way == 2:
        shape = g.ints(0, *given)
    elif way == 3:
        out = g.op("Flatten", [x], axis=1)
        g.pool.append(V(out, "float", (N, elements(x.shape))))
        return
    else:  # rows of an item join the batch, and leave it again
        flat = g.op("Reshape", [x, g.ints(-1, x.shape[-1])])
        w = g.floats(x.shape[-1], 3)
        y = g.op("MatMul", [flat, w])
        shape = g.op("Concat", [g.batch(x), g.ints(-1, 3)], axis=0)
        g.pool.append(V(g.op("Reshape", [y, shape]), "float", (N, elements(x.shape) // x.shape[-1], 3)))
        return
    g.pool.append(V(g.op("Reshape", [x, shape]), "float", (N,) + tuple(dims)))


def step_axes(g):
    """Unsqueeze and Squeeze."""
    x = g.pick(rank=(1, 2, 3))
    axis = int(g.rng.integers(1, len(x.shape) + 1))
    up = g.axes("Unsqueeze", x, [axis if g.rng.random() < 0.5 else axis - len(x.shape) - 1], 13)
    shape = x.shape[:axis] + (1,) + x.shape[axis:]
    g.pool.append(V(up, "float", shape))
    ones = [i for i, d in enumerate(shape) if d == 1]
    if g.rng.random() < 0.5:
        down = g.axes("Squeeze", up, ones, 13)
        g.pool.append(V(down, "float", tuple(d for d in shape if d != 1)))


def step_transpose(g):
    """Also with the batch elsewhere, where products work as well."""
    x = g.pick(rank=(2, 3, 4))
    perm = [0] + [int(i) + 1 for i in g.rng.permutation(len(x.shape) - 1)]
    if len(x.shape) == 3 and g.rng.random() < 0.4:  # [e, N, k] by [e, k, n]
        t = g.op("Transpose", [x], perm=[1, 0, 2])
        w = g.floats(x.shape[1], x.shape[2], 3)
        t = g.op("Add", [g.op("MatMul", [t, w]), g.floats(x.shape[1], 1, 3)])
        g.pool.append(V(g.op("Transpose", [t], perm=[1, 0, 2]), "float", (N, x.shape[1], 3)))
        return
    if g.rng.random() < 0.3:  # through the front
        order = [int(i) for i in g.rng.permutation(len(x.shape))]
        t = g.op(g.rng.choice(["Tanh", "Identity"]), [g.op("Transpose", [x], perm=order)])
        back = [order.index(i) for i in range(len(order))]
        g.pool.append(V(g.op("Transpose", [t], perm=back), "float", x.shape))
        return
    out = g.op("Transpose", [x], perm=perm)
    g.pool.append(V(out, "float", tuple(x.shape[i] for i in perm)))


def step_stack(g):
    """Experts on a new first axis, as torch.stack does, and a mixture of them."""
    x = g.pick(rank=(2,))
    parts = []
    for _ in range(3):
        e = g.op("Gemm", [x, g.floats(x.shape[1], 4), g.floats(4)])
        parts.append(g.axes("Unsqueeze", g.op("Relu", [e]), [0], 13))
    stack = g.op("Concat", parts, axis=0)  # [3, N, 4]
    gate = g.op("Softmax", [g.op("MatMul", [x, g.floats(x.shape[1], 3)])], axis=1)
    gate = g.axes("Unsqueeze", g.op("Transpose", [gate], perm=[1, 0]), [2], 13)  # [3, N, 1]
    out = g.axes("ReduceSum", g.op("Mul", [stack, gate]), [0], 13, keepdims=0)
    g.pool.append(V(out, "float", (N, 4)))


def step_expand(g):
    x = g.pick(rank=(2, 3))
    times = int(g.rng.integers(1, 4))
    up = g.axes("Unsqueeze", x, [1], 13)
    dims = [int(d) for d in x.shape[1:]]
    if g.rng.random() < 0.5:
        shape = g.op("Concat", [g.batch(x), g.ints(times, *dims)], axis=0)
        if g.rng.random() < 0.5:  # where(shape == -1, 1, shape)
            ones = g.op("ConstantOfShape", [g.op("Shape", [shape])], value=helper.make_tensor("value", T.INT64, [1], [1]))
            minus = g.op("Mul", [ones, g.const(np.int64(-1))])
            shape = g.op("Where", [g.op("Equal", [shape, minus]), ones, shape])
        out = g.op("Expand", [up, shape])
    elif g.rng.random() < 0.5:
        out = g.op("Expand", [up, g.ints(1, times, *([1] * len(dims)))])
    else:
        tiles = [int(t) for t in g.rng.integers(1, 3, len(dims))]
        out = g.op("Tile", [up, g.ints(1, times, *tiles)])
        dims = [d * t for d, t in zip(dims, tiles)]
    g.pool.append(V(out, "float", (N, times) + tuple(dims)))


def step_gemm(g):
    x = g.pick(rank=(2,))
    n = int(g.rng.integers(1, 7))
    turned = int(g.rng.integers(2))
    w = g.floats(n, x.shape[1]) if turned else g.floats(x.shape[1], n)
    inputs = [x, w]
    way = g.rng.integers(4)
    if way:
        inputs.append(g.floats(*[(n,), (1, n), (1,)][way - 1]))
    attributes = {"transB": turned}
    if g.rng.random() < 0.4:
        attributes.update(alpha=float(g.rng.uniform(0.2, 2)), beta=float(g.rng.uniform(0.2, 2)))
    if g.rng.random() < 0.2:
        inputs[0] = g.op("Transpose", [x], perm=[1, 0])
        attributes["transA"] = 1
    g.pool.append(V(g.op("Gemm", inputs, **attributes), "float", (N, n)))


def step_matmul(g):
    way = g.rng.integers(4)
    if way == 0:  # a layer over the last axis
        x = g.pick(rank=(2, 3, 4))
        n = int(g.rng.integers(1, 6))
        out = g.op("MatMul", [x, g.floats(x.shape[-1], n)])
        if g.rng.random() < 0.6:
            out = g.op("Add", [g.floats(n), out] if g.rng.random() < 0.5 else [out, g.floats(n)])
        g.pool.append(V(out, "float", x.shape[:-1] + (n,)))
    elif way == 1:  # by a vector
        x = g.pick(rank=(2, 3))
        g.pool.append(V(g.op("MatMul", [x, g.floats(x.shape[-1])]), "float", x.shape[:-1]))
    elif way == 2:  # items' own matrices
        x = g.pick(rank=(3,))
        y = g.op("Transpose", [x], perm=[0, 2, 1])
        g.pool.append(V(g.op("MatMul", [x, y]), "float", (N, x.shape[1], x.shape[1])))
    else:  # a constant from the left
        x = g.pick(rank=(3,))
        w = g.floats(2, x.shape[1])
        g.pool.append(V(g.op("MatMul", [w, x]), "float", (N, 2, x.shape[2])))


def step_einsum(g):
    if g.opset < 12:
        return
    x = g.pick(rank=(2, 3))
    if len(x.shape) == 2:
        i = x.shape[1]
        equation, w, shape = [("bi,io->bo", (i, 3), (N, 3)), ("bi,oi->bo", (2, i), (N, 2)), ("bi,eio->beo", (2, i, 3), (N, 2, 3)),
                              ("bi, j -> bji", (3,), (N, 3, i)), ("bi,bi->b", None, (N,)), ("bi,bj->bij", None, None)][g.rng.integers(6)]
        if w is None:
            y = g.op("Sigmoid", [x])
            shape = shape or (N, i, i)
        else:
            y = g.floats(*w)
        pair = [x, y]
        if w is not None and g.rng.random() < 0.3:  # the constant first
            left, right = equation.split("->")[0].split(",")
            equation, pair = f"{right},{left}->{equation.split('->')[1]}", [y, x]
    else:
        i, j = x.shape[1:]
        equation, w, shape = [("bij,jo->bio", (j, 3), (N, i, 3)), ("bij,ijo->bio", (i, j, 3), (N, i, 3)), ("bij,i->bj", (i,), (N, j)),
                              ("bij,kj->bki", (2, j), (N, 2, i)), ("bij,bkj->bik", None, (N, i, i)), ("bij,ijk->bk", (i, j, 3), (N, 3))][g.rng.integers(6)]
        pair = [x, x if w is None else g.floats(*w)]
    g.pool.append(V(g.op("Einsum", pair, equation=equation), "float", shape))


def step_batch_norm(g):
    x = g.pick(rank=(2, 3))
    if g.rng.random() < 0.5 and len(x.shape) == 2:
        n = int(g.rng.integers(1, 6))
        x = V(g.op("Gemm", [x, g.floats(x.shape[1], n), g.floats(n)]), "float", (N, n))
    c = x.shape[1]
    out = g.op("BatchNormalization", [x, g.floats(c), g.floats(c), g.floats(c), g.floats(c, low=0.2)], epsilon=1e-3)
    g.pool.append(V(out, "float", x.shape))


def step_layer_norm(g):
    x = g.pick(rank=(2, 3))
    d = x.shape[-1]
    if g.opset >= 17:
        axis = int(g.rng.integers(1, len(x.shape)))
        shape = x.shape[axis:]
        inputs = [x, g.floats(*shape)] + ([g.floats(*shape)] if g.rng.random() < 0.5 else [])
        out = g.op("LayerNormalization", inputs, axis=axis - len(x.shape), epsilon=1e-2)
    else:
        mean = reduce(g, "ReduceMean", x, [-1], 1)
        c = g.op("Sub", [x, mean])
        var = reduce(g, "ReduceMean", g.op("Pow", [c, g.const(np.float32(2))]), [-1], 1)
        out = g.op("Div", [c, g.op("Sqrt", [g.op("Add", [var, g.const(np.float32(1e-2))])])])
        out = g.op("Add", [g.op("Mul", [out, g.floats(d)]), g.floats(d)])
    g.pool.append(V(out, "float", x.shape))


def reduce(g, op, x, axes, keep):
    return g.axes(op, x, axes, 13 if op == "ReduceSum" else 18, keepdims=keep)


def step_reduce(g):
    x = g.pick(rank=(2, 3, 4))
    op = g.rng.choice(["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceSumSquare", "ReduceL1", "ReduceL2",
                       "ReduceProd", "ReduceLogSumExp"])
    n = g.rng.integers(1, len(x.shape))
    axes = sorted(int(a) for a in g.rng.choice(np.arange(1, len(x.shape)), n, replace=False))
    keep = int(g.rng.integers(2))
    named = [a - len(x.shape) if g.rng.random() < 0.3 else a for a in axes]
    shape = tuple(1 if i in axes else d for i, d in enumerate(x.shape) if keep or i not in axes)
    g.pool.append(V(reduce(g, op, x, named, keep), "float", shape))


def step_softmax(g):
    x = g.pick(rank=(2, 3))
    axis = int(g.rng.integers(1, len(x.shape)))
    op = g.rng.choice(["Softmax", "LogSoftmax"])
    attributes = {} if axis == len(x.shape) - 1 and g.rng.random() < 0.3 and g.opset >= 13 else {"axis": axis}
    g.pool.append(V(g.op(op, [x], **attributes), "float", x.shape))


def step_lp_norm(g):
    x = g.pick(rank=(2, 3))
    axis = int(g.rng.integers(1, len(x.shape)))
    g.pool.append(V(g.op("LpNormalization", [x], axis=axis, p=int(g.rng.integers(1, 3))), "float", x.shape))


def step_rms_norm(g):
    x = g.pick(rank=(2, 3))
    axis = int(g.rng.integers(1, len(x.shape)))
    if g.opset >= 23:
        out = g.op("RMSNormalization", [x, g.floats(*x.shape[axis:])], axis=axis - len(x.shape), epsilon=1e-2)
    else:
        mean = reduce(g, "ReduceMean", g.op("Mul", [x, x]), [-1], 1)
        out = g.op("Div", [x, g.op("Sqrt", [g.op("Add", [mean, g.const(np.float32(1e-2))])])])
    g.pool.append(V(out, "float", x.shape))


def step_arg(g):
    """The place of the greatest, and a row of a table by it."""
    x = g.pick(rank=(2, 3))
    axis = int(g.rng.integers(1, len(x.shape)))
    keep = int(g.rng.integers(2))
    attributes = {"axis": axis - len(x.shape) if g.rng.random() < 0.5 else axis, "keepdims": keep}
    if g.opset >= 12 and g.rng.random() < 0.5:
        attributes["select_last_index"] = 1
    if g.rng.random() < 0.5:  # with equal ones
        x = V(g.op("Floor", [x]), "float", x.shape)
    at = g.op(str(g.rng.choice(["ArgMax", "ArgMin"])), [x], **attributes)
    shape = tuple(1 if i == axis else d for i, d in enumerate(x.shape) if keep or i != axis)
    if g.rng.random() < 0.5:
        g.pool.append(V(g.op("Cast", [at], to=T.FLOAT), "float", shape))
    else:
        g.pool.append(V(g.op("Gather", [g.floats(x.shape[axis], 2), at]), "float", shape + (2,)))


def step_cum_sum(g):
    x = g.pick(rank=(2, 3))
    axis = int(g.rng.integers(1, len(x.shape)))
    out = g.op("CumSum", [x, g.const(np.int64(axis - len(x.shape) if g.rng.random() < 0.5 else axis))],
               exclusive=int(g.rng.integers(2)), reverse=int(g.rng.integers(2)))
    g.pool.append(V(out, "float", x.shape))


def step_columns(g):
    """A constant by items that are columns."""
    x = g.pick(rank=(2,))
    n = int(g.rng.integers(1, 5))
    if g.rng.random() < 0.5:
        out = g.op("Gemm", [g.floats(n, x.shape[1]), x], transB=1, alpha=0.5)
    else:
        out = g.op("MatMul", [g.floats(n, x.shape[1]), g.op("Transpose", [x], perm=[1, 0])])
    g.pool.append(V(g.op("Transpose", [out], perm=[1, 0]), "float", (N, n)))


def step_function(g):
    """An operator that the file defines, by another one; its attribute is the call's."""
    x = g.pick(rank=(2,))
    n = int(g.rng.integers(1, 5))
    out = g.op("Layer", [x, g.floats(n, x.shape[1]), g.floats(n)], domain="my.own", slope=float(g.rng.uniform(0.1, 0.9)))
    g.pool.append(V(out, "float", (N, n)))


def functions_of(opset):
    own = [helper.make_opsetid("", opset), helper.make_opsetid("my.own", 1)]
    bend, layer = helper.make_node("LeakyRelu", ["v"], ["w"]), helper.make_node("Bend", ["x"], ["y"], domain="my.own")
    for node, name in ((bend, "alpha"), (layer, "slope")):
        node.attribute.append(onnx.AttributeProto(name=name, type=onnx.AttributeProto.FLOAT, ref_attr_name="slope"))
    gemm = helper.make_node("Gemm", ["v", "w", "b"], ["x"], transB=1)
    return [helper.make_function("my.own", "Layer", ["v", "w", "b"], ["y"], [gemm, layer], own, ["slope"]),
            helper.make_function("my.own", "Bend", ["v"], ["w"], [bend], own, ["slope"])]


def step_if(g):
    """A branch by a shape."""
    x = g.pick(rank=(2, 3))
    axis = int(g.rng.integers(1, len(x.shape)))
    dim = g.op("Gather", [g.shape(x), g.const(np.int64(axis))], axis=0)
    least = int(g.rng.integers(1, 6))
    holds = g.op("Less" if g.rng.random() < 0.5 else "Equal", [dim, g.const(np.int64(least))])
    names = g.name("then"), g.name("else")
    branches = {k: helper.make_graph([helper.make_node(op, [x.name], [n])], n, [], [helper.make_tensor_value_info(n, T.FLOAT, None)])
                for k, op, n in zip(("then_branch", "else_branch"), ("Tanh", "Neg"), names)}
    g.pool.append(V(g.op("If", [holds], **branches), "float", x.shape))


def step_gelu(g):
    """As exporters write it."""
    x = g.pick()
    way = g.rng.integers(4)
    if way == 3:  # silu
        g.pool.append(V(g.op("Mul", [x, g.op("Sigmoid", [x])]), "float", x.shape))
        return
    inner = g.op("Div", [x, g.const(np.float32(2**0.5))]) if way else g.op("Mul", [x, g.const(np.float32(0.5**0.5))])
    e = g.op("Add", [g.op("Erf", [inner]), g.const(np.float32(1))])
    half = g.const(np.float32(0.5))
    out = g.op("Mul", [g.op("Mul", [x, e]), half]) if way == 1 else g.op("Mul", [e, g.op("Mul", [half, x])])
    g.pool.append(V(out, "float", x.shape))


def step_pool(g):
    """The mean of embeddings under a mask."""
    length = int(g.rng.integers(2, 6))
    ids = g.input("int", (length,))
    e = g.op("Gather", [g.floats(7, 3), ids])
    mask = g.op("Cast", [g.op("Not", [g.op("Equal", [ids, g.const(np.int64(0))])])], to=T.FLOAT)
    m = g.axes("Unsqueeze", mask, [-1], 13)
    total = g.axes("ReduceSum", g.op("Mul", [e, m]), [1], 13, keepdims=0)
    count = g.op("Clip", [g.axes("ReduceSum", mask, [1], 13, keepdims=1), g.const(np.float32(1))])
    g.pool.append(V(g.op("Div", [total, count]), "float", (N, 3)))


def step_range(g):
    """Positions compared with lengths."""
    n = g.input("int", ())
    length = int(g.rng.integers(2, 6))
    positions = g.op("Range", [g.const(np.int64(0)), g.const(np.int64(length)), g.const(np.int64(1))])
    up = g.axes("Unsqueeze", n, [1], 13)
    g.pool.append(V(g.op("Cast", [g.op("Less", [positions, up])], to=T.FLOAT), "float", (N, length)))


STEPS = [f for name, f in sorted(globals().items()) if name.startswith("step_")]


def make(rng):
    g = Graph(rng, int(rng.integers(11, 27)))
    for _ in range(rng.integers(1, 9)):
        STEPS[rng.integers(len(STEPS))](g)
    outs = g.pool[-min(len(g.pool), 2):]
    outs = [v for v in outs if elements(v.shape)]
    if not g.inputs or not outs:
        return None
    info = lambda v: helper.make_tensor_value_info(v.name, TYPES[v.kind], ["batch" if d is N else int(d) for d in v.shape])
    if rng.random() < 0.2:  # the file leaves the outputs' shapes open
        outputs = [helper.make_tensor_value_info(v.name, T.FLOAT, None) for v in outs]
    else:
        outputs = [info(v) for v in outs]
    if len({v.name for v in outs}) != len(outs):
        return None
    graph = helper.make_graph(g.nodes, "g", [info(v) for v in g.inputs], outputs, g.inits)
    own = any(n.domain == "my.own" for n in g.nodes)
    opsets = [helper.make_opsetid("", g.opset)] + ([helper.make_opsetid("my.own", 1)] if own else [])
    model = helper.make_model(graph, opset_imports=opsets, functions=functions_of(g.opset) if own else [],
                              ir_version=8 if g.opset < 21 else 10 if g.opset < 23 else 11)
    return g, model, outs


def values(rng, v):
    shape = (ITEMS,) + v.shape[1:]
    if v.kind == "int":
        return rng.integers(0, 5, shape)
    if v.kind == "bool":
        return rng.random(shape) < 0.5
    return rng.normal(size=shape).astype(np.float32)


def run_driver(driver, folder, jobs):
    """Outputs of each job: a list of [items][floats], or None where the model was refused."""
    args = []
    for i, (path, inputs) in enumerate(jobs):
        with open(f"{folder}/{i}.in", "wb") as f:
            for item in range(ITEMS):
                for array in inputs:
                    f.write(np.ascontiguousarray(array[item]).tobytes())
        args += [path, f"{folder}/{i}.in", f"{folder}/{i}.out"]
    ran = subprocess.run([driver] + args, stderr=subprocess.PIPE, text=True)
    if ran.returncode:
        raise SystemExit(f"the driver ended with {ran.returncode}: {ran.stderr}")
    results, words = [], ran.stderr.splitlines()
    for i in range(len(jobs)):
        data = open(f"{folder}/{i}.out", "rb").read()
        if not data:
            results.append((None, words.pop(0)))
            continue
        head, rest = data.split(b"\n\n", 1)
        results.append((np.frombuffer(rest).reshape(ITEMS, -1), head.decode()))
    return results


def in_double(model):
    """The same graph over doubles."""
    model = onnx.ModelProto.FromString(model.SerializeToString())

    def widen(t):
        if t.data_type == T.FLOAT:
            name = t.name
            t.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(t).astype(np.float64), name))

    for t in model.graph.initializer:
        widen(t)
    for v in list(model.graph.input) + list(model.graph.output):
        if v.type.tensor_type.elem_type == T.FLOAT:
            v.type.tensor_type.elem_type = T.DOUBLE
    for node in model.graph.node:
        for a in node.attribute:
            if a.type == onnx.AttributeProto.TENSOR:
                widen(a.t)
            if node.op_type == "Cast" and a.name == "to" and a.i == T.FLOAT:
                a.i = T.DOUBLE
    return model


def close(got, want, exact):
    """Within what float can be off from double: `exact`, or ONNX Runtime's own distance."""
    return np.all((np.abs(got - want) <= 2e-5 * (1 + np.abs(want)) + 4 * np.abs(exact - want)) |
                  (got == want) | (np.isnan(got) & np.isnan(want)))


def main():
    driver, models = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 500
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    ort.set_default_logger_severity(4)
    counts, worst = collections.Counter(), 0.0
    used = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        at = 0
        while at < models:
            jobs, wanted = [], []
            for k in range(at, min(at + 50, models)):
                rng = np.random.default_rng([seed, k])
                made = make(rng)
                if not made:
                    counts["empty"] += 1
                    continue
                g, model, outs = made
                inputs = [values(rng, v) for v in g.inputs]
                given = {v.name: a for v, a in zip(g.inputs, inputs)}
                path = f"{folder}/{k}.onnx"
                onnx.save(model, path)
                try:
                    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
                    want = session.run([v.name for v in outs], {i.name: given[i.name] for i in session.get_inputs()})
                except Exception as e:
                    counts["not run by ONNX Runtime"] += 1
                    if os.environ.get("VERBOSE"):
                        print(k, str(e).splitlines()[0][:150])
                    continue
                used.update(n.op_type for n in model.graph.node)
                jobs.append((path, inputs))
                wanted.append((k, model, given, [np.asarray(w).reshape(ITEMS, -1).astype(np.float64) for w in want]))
            for (got, words), (k, model, given, want) in zip(run_driver(driver, folder, jobs), wanted):
                want = np.concatenate(want, axis=1)
                if got is None:
                    counts["refused"] += 1
                    print(f"model {k}: {words}")
                    continue
                exact = want
                if got.shape != want.shape:
                    print(f"model {k}: {got.shape}, not {want.shape}")
                    counts["failed"] += 1
                    continue
                if not close(got, want, want):
                    try:
                        wide = {n: a.astype(np.float64) if a.dtype == np.float32 else a for n, a in given.items()}
                        exact = ReferenceEvaluator(in_double(model)).run(None, wide)
                        exact = np.concatenate([np.asarray(e).reshape(ITEMS, -1) for e in exact], axis=1)
                    except Exception as e:
                        print(f"model {k}: no reference: {str(e)[:100]}")
                    if not close(got, exact, want):
                        counts["failed"] += 1
                        off = np.nanmax(np.abs(got - exact))
                        print(f"model {k}: off by {off:g}, ONNX Runtime by {np.nanmax(np.abs(want - exact)):g}")
                        if os.environ.get("KEEP"):
                            onnx.save(model, f"{os.environ['KEEP']}/{k}.onnx")
                        continue
                    counts["nearer to the truth than ONNX Runtime"] += 1
                counts["passed"] += 1
            at += 50
    print(dict(counts))
    if os.environ.get("VERBOSE"):
        print(used.most_common())
    print(f"{counts['passed']} passed, {counts['failed'] + counts['refused']} failed")
    return counts["failed"] + counts["refused"] != 0


if __name__ == "__main__":
    sys.exit(main())
