#!/usr/bin/env python3
"""Small ONNX networks, and what ONNX Runtime makes of a few items.

    make_networks.py FOLDER

Writes network-NAME.onnx and network-NAME.golden, whose lines hold an item: its inputs' numbers, then those
of its outputs, `inputs;outputs`, separated by commas; and network-bad-NAME.onnx, which are refused. Needs
onnx, onnxruntime and numpy.
"""
import sys

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto as T
from onnx import helper, numpy_helper

ITEMS = 6


class Net:
    def __init__(self, seed, opset=17):
        self.rng = np.random.default_rng(seed)
        self.opset = opset
        self.nodes, self.inits, self.inputs, self.outputs, self.functions = [], [], [], [], []

    def input(self, name, kind, *dims, batch="batch"):
        self.inputs.append(helper.make_tensor_value_info(name, kind, [batch, *dims]))
        return name

    def output(self, name, *dims, kind=T.FLOAT):
        self.outputs.append(helper.make_tensor_value_info(name, kind, ["batch", *dims]))

    def const(self, array):
        name = f"c{len(self.inits)}"
        self.inits.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def ints(self, *values):
        return self.const(np.array(values, np.int64))

    def weights(self, *shape):
        return self.const((self.rng.normal(size=shape) / np.sqrt(shape[0])).astype(np.float32))

    def op(self, op, *inputs, out=None, domain="", name=None, **attributes):
        out = out or f"v{len(self.nodes)}"
        outs = [out] if isinstance(out, str) else out
        self.nodes.append(helper.make_node(op, inputs, outs, domain=domain, name=name or f"/{op}_{len(self.nodes)}",
                                           **attributes))
        return out

    def dense(self, x, k, n, activation="Relu"):
        y = self.op("Gemm", x, self.weights(n, k), self.weights(n), transB=1)
        return self.op(activation, y) if activation else y

    def batch(self, x):
        return self.op("Unsqueeze", self.op("Gather", self.op("Shape", x), self.const(np.int64(0)), axis=0), self.ints(0))

    def model(self):
        graph = helper.make_graph(self.nodes, "main", self.inputs, self.outputs, self.inits)
        domains = [helper.make_opsetid("", self.opset), helper.make_opsetid("ai.onnx.ml", 3)]
        domains += [helper.make_opsetid("my.own", 1)] if self.functions else []
        return helper.make_model(graph, opset_imports=domains, functions=self.functions, ir_version=8 if self.opset < 23 else 11,
                                 producer_name="pytorch", producer_version="2.8")


def dssm():
    """Two towers, a list of ids with a mask, the cosine of their vectors."""
    n = Net(1)
    ids, mask = n.input("clicked", T.INT64, 5), n.input("clicked_mask", T.FLOAT, 5)
    age, dense, item = n.input("age", T.FLOAT), n.input("dense", T.FLOAT, 4), n.input("item", T.INT64)
    table = n.weights(20, 6)
    e = n.op("Mul", n.op("Gather", table, ids), n.op("Unsqueeze", mask, n.ints(-1)))
    count = n.op("Clip", n.op("ReduceSum", mask, n.ints(1), keepdims=1), n.const(np.float32(1)))
    pooled = n.op("Div", n.op("ReduceSum", e, n.ints(1), keepdims=0), count)
    user = n.op("Concat", pooled, n.op("Unsqueeze", age, n.ints(1)), axis=1)
    user = n.dense(n.dense(user, 7, 8), 8, 4, None)
    goods = n.dense(n.op("Concat", n.op("Gather", table, item), dense, axis=-1), 10, 4, "Tanh")

    def norm(x):
        l2 = n.op("Clip", n.op("ReduceL2", x, axes=[-1], keepdims=1), n.const(np.float32(1e-12)))
        shape = n.op("Shape", x)
        return n.op("Div", x, n.op("Expand", l2, shape))

    n.op("ReduceSum", n.op("Mul", norm(user), norm(goods)), n.ints(-1), keepdims=1, out="score")
    n.output("score", 1)
    return n, {"clicked": 20, "item": 20}


def mmoe():
    """Experts on a first axis, gates, and two heads."""
    n = Net(2, 13)
    x = n.input("x", T.FLOAT, 6)
    experts = [n.op("Unsqueeze", n.dense(x, 6, 5), n.ints(0)) for _ in range(3)]
    stack = n.op("Transpose", n.op("Concat", *experts, axis=0), perm=[1, 0, 2])
    for head in ("ctr", "cvr"):
        gate = n.op("Softmax", n.dense(x, 6, 3, None), axis=-1)
        gate = n.op("Unsqueeze", gate, n.ints(1))
        mixed = n.op("Squeeze", n.op("MatMul", gate, stack), n.ints(1))
        n.op("Sigmoid", n.dense(mixed, 5, 1, None), out=f"{head}:0")
        n.output(f"{head}:0", 1)
    return n, {}


def cross():
    """A cross network, a factorization machine, a deep part; batch normalization and GELU in pieces."""
    n = Net(3, 14)
    x = n.input("serving_default_x:0", T.FLOAT, 4)
    ids = n.input("ids", T.INT64, 3)
    e = n.op("Gather", n.weights(11, 4), ids)
    flat = n.op("Reshape", e, n.op("Concat", n.batch(ids), n.ints(-1), axis=0))
    x0 = xl = n.op("Concat", flat, x, axis=1)
    for _ in range(2):
        xl = n.op("Add", n.op("Mul", x0, n.op("Add", n.op("MatMul", xl, n.weights(16, 16)), n.weights(16))), xl)
    total = n.op("Pow", n.op("ReduceSum", e, n.ints(1), keepdims=0), n.const(np.float32(2)))
    squares = n.op("ReduceSum", n.op("Pow", e, n.const(np.float32(2))), n.ints(1), keepdims=0)
    fm = n.op("ReduceSum", n.op("Sub", total, squares), n.ints(1), keepdims=1)
    deep = n.dense(x0, 16, 8, None)
    deep = n.op("BatchNormalization", deep, n.weights(8), n.weights(8), n.weights(8),
                n.const(n.rng.uniform(0.5, 2, 8).astype(np.float32)))
    gate = n.op("Add", n.op("Erf", n.op("Div", deep, n.const(np.float32(2**0.5)))), n.const(np.float32(1)))
    deep = n.op("Mul", n.op("Mul", deep, gate), n.const(np.float32(0.5)))
    silu = n.op("Mul", deep, n.op("Sigmoid", deep))
    both = n.op("Concat", xl, fm, silu, axis=1)
    n.op("Sigmoid", n.dense(both, 25, 1, None), out="p")
    n.output("p", 1)
    return n, {"ids": 11}


def labels():
    """As scikit-learn's converter writes a classifier: labels beside probabilities."""
    n = Net(4, 18)
    x = n.input("float_input", T.FLOAT, 3)
    p = n.op("Softmax", n.dense(x, 3, 3, None), axis=1)
    n.op("ArgMax", p, axis=1, keepdims=0, out="label")
    n.op("Identity", p, out="probabilities")
    n.output("label", kind=T.INT64)
    n.output("probabilities", 3)
    return n, {}


def one():
    """Exported for one item, without dynamic axes."""
    n = Net(5)
    a, b = n.input("a", T.FLOAT, 4, batch=1), n.input("b", T.INT64, 3, batch=1)
    e = n.op("Reshape", n.op("Gather", n.weights(9, 2), b), n.ints(1, 6))
    rows = n.op("MatMul", n.op("Reshape", n.op("Concat", a, e, axis=1), n.ints(5, 2)), n.weights(2, 3))
    y = n.dense(n.op("Reshape", rows, n.ints(1, -1)), 15, 2, "Sigmoid")
    n.op("Identity", y, out="y")
    n.outputs.append(helper.make_tensor_value_info("y", T.FLOAT, [1, 2]))
    return n, {"b": 9}


def outside():
    """Tensors in a file of their own, and in half precision."""
    n = Net(6)
    x = n.input("x", T.FLOAT, 4)
    y = n.op("MatMul", x, n.weights(4, 8))
    half = n.const(n.rng.normal(size=8).astype(np.float16))
    y = n.op("Add", y, n.op("Cast", half, to=T.FLOAT))
    n.op("MatMul", n.op("LayerNormalization", y, n.weights(8), n.weights(8), axis=-1), n.weights(8, 3), out="y")
    n.output("y", 3)
    return n, {}


def attention():
    """What was clicked, weighed by how it fits the item; positions past the length do not count."""
    n = Net(7, 20)
    ids, length, item = n.input("seen", T.INT64, 4), n.input("seen_len", T.INT64), n.input("item", T.INT64)
    table = n.weights(15, 4)
    keys, query = n.op("Gather", table, ids), n.op("Gather", table, item)
    query = n.op("Unsqueeze", query, n.ints(1))
    shape = n.op("Shape", keys)
    wide = n.op("Expand", query, shape)
    joined = n.op("Concat", wide, keys, n.op("Sub", wide, keys), n.op("Mul", wide, keys), axis=-1)
    h = n.op("Gelu", n.op("Add", n.op("MatMul", joined, n.weights(16, 6)), n.weights(6)), approximate="tanh")
    scores = n.op("Squeeze", n.op("MatMul", h, n.weights(6, 1)), n.ints(-1))
    positions = n.op("Range", n.const(np.int64(0)), n.const(np.int64(4)), n.const(np.int64(1)))
    valid = n.op("Less", positions, n.op("Unsqueeze", length, n.ints(1)))
    scores = n.op("Where", valid, scores, n.const(np.float32(-1e9)))
    w = n.op("Unsqueeze", n.op("Softmax", scores, axis=-1), n.ints(1))
    pooled = n.op("Squeeze", n.op("MatMul", w, keys), n.ints(1))
    n.op("Identity", n.dense(n.op("Concat", pooled, n.op("Squeeze", query, n.ints(1)), axis=1), 8, 2, None), out="y")
    n.output("y", 2)
    return n, {"seen": 15, "seen_len": 5, "item": 15}


def places():
    """What newer versions have, and what goes along an axis: places of extremes, running sums, tables by columns."""
    n = Net(9, 23)
    x, ids = n.input("x", T.FLOAT, 3, 4), n.input("ids", T.INT64, 2)
    rms = n.op("RMSNormalization", x, n.weights(4), axis=-1, epsilon=1e-3)
    sums = n.op("CumSum", rms, n.const(np.int64(1)), exclusive=1)
    back = n.op("CumSum", rms, n.const(np.int64(-1)), reverse=1)
    where = n.op("ArgMax", x, axis=2, keepdims=0)  # [n, 3]
    last = n.op("ArgMin", n.op("Floor", x), axis=-2, select_last_index=1)  # [n, 1, 4]
    rows = n.op("Gather", n.weights(4, 5), where)  # [n, 3, 5]
    columns = n.op("Gather", n.weights(2, 6, 3), ids, axis=1)  # [2, n, 2, 3]
    columns = n.op("Reshape", n.op("Transpose", columns, perm=[1, 0, 2, 3]), n.ints(0, 12))
    both = n.op("Concat", n.op("Add", sums, back), rows, axis=-1)
    flat = n.op("Concat", n.op("Flatten", both), columns, n.op("Cast", n.op("Flatten", last), to=T.FLOAT), axis=1)
    turned = n.op("Gemm", n.weights(6, 43), flat, transB=1)  # [6, n]
    n.op("Transpose", n.op("Tanh", turned), perm=[1, 0], out="y")
    n.output("y", 6)
    return n, {"ids": 6}


def refers(name, to):
    return onnx.AttributeProto(name=name, type=onnx.AttributeProto.FLOAT, ref_attr_name=to)


def functions():
    """Operators that the file defines, one by another; branches that are known, one in another."""
    n = Net(10, 18)
    x, ids = n.input("x", T.FLOAT, 4), n.input("ids", T.INT64)
    opset = [helper.make_opsetid("", 18), helper.make_opsetid("my.own", 1)]
    node = helper.make_node
    bend = node("LeakyRelu", ["v"], ["w"])
    bend.attribute.append(refers("alpha", "slope"))
    layer = helper.make_function("my.own", "Layer", ["x", "w", "b"], ["y", "w0"],
                                 [node("Gemm", ["x", "w0", "b"], ["v"], transB=1), node("Identity", ["w"], ["w0"])][::-1] +
                                 [helper.make_node("Bend", ["v"], ["y"], domain="my.own")], opset, ["slope"])
    layer.node[2].attribute.append(refers("slope", "slope"))
    bent = helper.make_function("my.own", "Bend", ["v"], ["w"], [bend], opset[:1], ["slope"])
    n.functions = [layer, bent]
    h, same = n.op("Layer", x, n.weights(5, 4), n.weights(5), domain="my.own", out=["h", "same"], slope=0.25)
    h = n.op("Layer", h, n.weights(3, 5), n.weights(3), domain="my.own", out=["h2", "same2"])[0]
    h = n.op("Add", h, n.op("ReduceSum", same))
    e = n.op("Unsqueeze", n.op("Gather", n.weights(7, 3), ids), n.ints(1))
    wide = n.op("Equal", n.op("Gather", n.op("Shape", e), n.const(np.int64(1)), axis=0), n.const(np.int64(1)))

    def graph(name, nodes, inits=()):
        return helper.make_graph(nodes, name, [], [helper.make_tensor_value_info(nodes[-1].output[0], T.FLOAT, None)], inits)

    two = numpy_helper.from_array(np.float32(2), "two")
    inner = node("If", ["wide"], ["i1"], then_branch=graph("a", [node("Mul", ["flat", "two"], ["i0"])], [two]),
                 else_branch=graph("b", [node("Det", ["flat"], ["i2"])]))
    n.nodes.append(node("Identity", [wide], ["wide"]))
    squeeze = [node("Squeeze", [e, n.ints(1)], ["flat"]), inner, node("Tanh", ["i1"], ["t1"])]
    picked = n.op("If", "wide", then_branch=graph("c", squeeze), else_branch=graph("d", [node("Identity", [e], ["t2"])]))
    n.op("Concat", h, picked, axis=1, out="y")
    n.output("y", 6)
    return n, {"ids": 7}


GOOD = [dssm, mmoe, cross, labels, one, outside, attention, places, functions]


# ---- what is refused ----


def bad(make):
    def net():
        n = Net(8)
        make(n)
        return n
    net.__name__ = make.__name__
    return net


def softmax_over_batch(n):
    n.op("Softmax", n.input("x", T.FLOAT, 3), axis=0, out="y", name="loss")
    n.output("y", 3)


def in_batch(n):
    x = n.input("x", T.FLOAT, 3)
    n.op("MatMul", x, n.op("Transpose", x, perm=[1, 0]), out="y", name="logits")
    n.output("y", 3)


def mixing_reshape(n):
    n.op("Reshape", n.input("x", T.FLOAT, 6), n.ints(3, -1), out="y", name="view")
    n.output("y", 3)


def fixed_batch(n):
    n.op("Relu", n.input("x", T.FLOAT, 3, batch=32), out="y")
    n.output("y", 3)


def open_length(n):
    ids = n.input("ids", T.INT64, "length")
    n.op("ReduceMean", n.op("Gather", n.weights(9, 2), ids), axes=[1], keepdims=0, out="y")
    n.output("y", 2)


def unknown(n):
    x = n.input("x", T.FLOAT, 3)
    y = n.op("Cos", n.op("Cos", n.op("Det", x)))
    n.op("Frobnicate", y, domain="my.own", out="y")
    n.output("y", 3)


def counts_items(n):
    x = n.input("x", T.FLOAT, 3)
    n.op("Div", x, n.op("Cast", n.batch(x), to=T.FLOAT), out="y", name="mean")
    n.output("y", 3)


def huge(n):
    shape = n.ints(1 << 20, 1 << 20)
    n.op("Add", n.input("x", T.FLOAT, 1 << 20), n.op("ConstantOfShape", shape), out="y")
    n.output("y", 3)


def folder_up(n):
    n.op("Add", n.input("x", T.FLOAT, 3), n.weights(3), out="y")
    n.output("y", 3)
    n.inits[0].ClearField("raw_data")
    n.inits[0].data_location = T.EXTERNAL
    for key, value in (("location", "a/../../w"), ("offset", "0")):
        n.inits[0].external_data.add(key=key, value=value)


def nothing_there(n):
    folder_up(n)
    n.inits[0].external_data[0].value = "network-nowhere.data"


def labels_only(n):
    n.op("ArgMax", n.input("x", T.FLOAT, 3), axis=1, out="y")
    n.output("y", 1, kind=T.INT64)


def endless(n):
    opset = [helper.make_opsetid("", 17), helper.make_opsetid("my.own", 1)]
    n.functions = [helper.make_function("my.own", "F", ["x"], ["y"], [helper.make_node("F", ["x"], ["y"], domain="my.own")], opset)]
    n.op("F", n.input("x", T.FLOAT, 3), domain="my.own", out="y")
    n.output("y", 3)


def open_branch(n):
    x = n.input("x", T.FLOAT, 3)
    many = n.op("Less", n.const(np.int64(9)), n.op("Gather", n.op("Shape", x), n.const(np.int64(0)), axis=0))
    graph = helper.make_graph([helper.make_node("Relu", [x], ["r"])], "g", [], [helper.make_tensor_value_info("r", T.FLOAT, None)])
    n.op("If", many, out="y", then_branch=graph, else_branch=graph)
    n.output("y", 3)


def newer_opset(n):
    n.opset = 99
    n.op("Relu", n.input("x", T.FLOAT, 3), out="y")
    n.output("y", 3)


BAD = [bad(f) for f in (softmax_over_batch, in_batch, mixing_reshape, fixed_batch, open_length, unknown, counts_items,
                        huge, folder_up, nothing_there, labels_only, endless, open_branch,
                        newer_opset)]


def items_of(net, limits, model):
    items = {}
    for v in model.graph.input:
        t = v.type.tensor_type
        shape = (ITEMS,) + tuple(d.dim_value for d in t.shape.dim[1:])
        if t.elem_type == T.INT64:
            items[v.name] = net.rng.integers(0, limits[v.name], shape)
        elif v.name.endswith("mask"):
            items[v.name] = (net.rng.random(shape) < 0.7).astype(np.float32)
        else:
            items[v.name] = net.rng.normal(size=shape).astype(np.float32)
    return items


def run(model, items, batch, folder):
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    if batch:
        return [o for o in session.run(None, items)]
    each = [session.run(None, {k: v[i:i + 1] for k, v in items.items()}) for i in range(ITEMS)]
    return [np.concatenate(o) for o in zip(*each)]


def number(x):
    return f"{x:d}" if isinstance(x, (int, np.integer)) else f"{x:.9g}"


def main():
    folder = sys.argv[1]
    for make in GOOD:
        net, limits = make()
        model = net.model()
        onnx.checker.check_model(model)
        items = items_of(net, limits, model)
        outputs = run(model, items, make is not one, folder)
        floats = [o.reshape(ITEMS, -1) for o in outputs if o.dtype == np.float32]
        with open(f"{folder}/network-{make.__name__}.golden", "w") as f:
            for i in range(ITEMS):
                given = [number(x) for v in items.values() for x in v[i].reshape(-1)]
                f.write(",".join(given) + ";" + ",".join(number(x) for o in floats for x in o[i]) + "\n")
        path = f"{folder}/network-{make.__name__}.onnx"
        if make is outside:
            onnx.save(model, path, save_as_external_data=True, location="network-outside.data", size_threshold=16)
        else:
            onnx.save(model, path)
    for make in BAD:
        with open(f"{folder}/network-bad-{make.__name__}.onnx", "wb") as f:
            f.write(make().model().SerializeToString())


if __name__ == "__main__":
    main()
