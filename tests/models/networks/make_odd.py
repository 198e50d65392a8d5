#!/usr/bin/env python3
"""A network over numbers that are none, infinite, or close to nothing: odd.onnx, odd.rank, odd.golden.

    venv/bin/python make_odd.py        in the environment of make_sklearn.py

The golden is that of fixture.py; JSON has 1e999 for infinity, and nan_x where x is NaN. It prints where ONNX Runtime
differs from the graph in double: in ReduceMax and ReduceMin, where NaN counts or not by its place, and where squares or
sums are too large for floats though the result is not.
"""
import itertools
import json
import os

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper

from fixture import HERE, run_in_double, run_in_float, short

ODD = [float("nan"), float("inf"), float("-inf"), 0.0, -0.0, 1.5, -2.5, 1e-40, 1e37, 1e30]
PROGRAM = """item { id: int, x: float = 0, y: float = 0, nan_x: bool = false, nan_y: bool = false }

model net = tower("odd.onnx")

factor o0 = net(x: if nan_x then 0.0 / 0.0 else x, y: if nan_y then 0.0 / 0.0 else y)

pipeline all = candidates
"""


class Graph:
    def __init__(self):
        self.nodes, self.inits, self.parts = [], [], []

    def const(self, array):
        self.inits.append(numpy_helper.from_array(np.asarray(array), f"c{len(self.inits)}"))
        return self.inits[-1].name

    def op(self, op, *inputs, **attributes):
        out = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [out], **attributes))
        return out

    def part(self, op, *inputs, **attributes):
        self.parts.append(self.op(op, *inputs, **attributes))

    def flag(self, value):
        self.parts.append(self.op("Cast", value, to=T.FLOAT))


def make():
    g = Graph()
    one = g.const(np.array([1], np.int64))
    x, y = (g.op("Unsqueeze", name, one) for name in "xy")
    for op in ("Relu", "Sigmoid", "Tanh", "Erf", "Exp", "Log", "Sqrt", "Neg", "Abs", "Floor", "Softplus"):
        g.part(op, x)
    g.part("Clip", x, g.const(np.float32(-1)), g.const(np.float32(2)))
    for op in ("Add", "Sub", "Mul", "Div", "Min", "Max"):
        g.part(op, x, y)
    g.part("Where", g.op("Less", x, y), x, y)
    for op in ("Less", "Greater", "Equal", "LessOrEqual", "GreaterOrEqual"):
        g.flag(g.op(op, x, y))
    g.flag(g.op("IsNaN", x))
    both = g.op("Concat", x, y, axis=1)
    g.part("Softmax", both, axis=1)
    for op in ("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL2"):
        g.part(op, both, one)
    layer = g.op("Gemm", both, g.const(np.array([[0.5, -0.25, 0], [1, 0.75, 0.125]], np.float32)),
                 g.const(np.array([0.5, -1, 2], np.float32)))
    g.part("Identity", layer)
    g.part("Relu", layer)
    g.part("MatMul", g.op("Relu", layer), g.const(np.array([[1], [-1], [0.5]], np.float32)))
    g.nodes.append(helper.make_node("Concat", g.parts, ["out"], axis=1))
    ends = [helper.make_tensor_value_info(n, T.FLOAT, ["n"]) for n in "xy"]
    graph = helper.make_graph(g.nodes, "odd", ends, [helper.make_tensor_value_info("out", T.FLOAT, ["n", None])], g.inits)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=8), g


def field(name, value):
    if np.isnan(value):
        return {f"nan_{name}": True}
    return {name: float(short(value))}


def main():
    model, g = make()
    onnx.save(model, os.path.join(HERE, "odd.onnx"))
    pairs = np.array(list(itertools.product(ODD, ODD)), np.float32)
    feed = {"x": pairs[:, 0].copy(), "y": pairs[:, 1].copy()}
    with np.errstate(all="ignore"):
        (single,), (double,) = run_in_float(os.path.join(HERE, "odd.onnx"), ["out"], feed), run_in_double(model, feed)
        double = np.asarray(double)
        # What is too large for a float is infinite there, as in the library.
        double = np.where(np.abs(double) > 3.4028235677973366e38, np.sign(double) * np.inf, double)
    for k in range(single.shape[1]):
        odd = np.isfinite(single[:, k]) != np.isfinite(double[:, k])
        odd |= np.isnan(single[:, k]) != np.isnan(double[:, k])
        for i in np.nonzero(odd)[0]:
            print(f"number {k}: {pairs[i]}: {single[i, k]} in float, {double[i, k]} in double")
    with open(os.path.join(HERE, "odd.golden"), "w") as out:
        for i, (a, b) in enumerate(pairs):
            item = {"id": i + 1, **field("x", a), **field("y", b)}
            text = json.dumps(item, separators=(",", ":")).replace("Infinity", "1e999")
            out.write(";".join([text] + [",".join(short(v) for v in ys) for ys in (single[i], double[i])]) + "\n")
    with open(os.path.join(HERE, "odd.rank"), "w") as out:
        out.write(PROGRAM)


if __name__ == "__main__":
    main()
