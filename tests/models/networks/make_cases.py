"""Prints the networks of tests/cases/network.test, small enough to be worked out by hand, as blocks of that file.

    venv/bin/python make_cases.py        in the environment of make_sklearn.py

ranker.onnx: x [n], v [n, 2], ids [n, 3], ids_mask [n, 3] -> ctr = x + v0 + v1, vec = v * the sum of 1, 2, 4, 8, 16
    by the ids that the mask has
seen.onnx: seen [n, m] of any m, seen_len [n] -> y = the sum of 1, 2, 4, 8, 16 by the ids + 100 * seen_len
odd.onnx: operators that nobody has
"""
import onnx
from onnx import TensorProto, helper

TABLE = helper.make_tensor("table", TensorProto.FLOAT, [5], [1, 2, 4, 8, 16])
ONE = helper.make_tensor("one", TensorProto.INT64, [1], [1])


def value(name, kind, *dims):
    return helper.make_tensor_value_info(name, TensorProto.INT64 if kind == int else TensorProto.FLOAT, ["n", *dims])


def show(name, nodes, inputs, outputs, *constants):
    graph = helper.make_graph(nodes, "g", inputs, outputs, list(constants))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    if name != "odd.onnx":
        onnx.checker.check_model(model)
    # The line's end is the text of a doc_string, so that it belongs to the file.
    bytes_ = model.SerializeToString() + b"\x32\x01"
    text = "".join(chr(b) if 32 <= b < 127 and b != 92 else f"\\x{b:02x}" for b in bytes_)
    print(f"%%RAW\n%%FILE {name}\n<<<\n{text}\n>>>\n")


node = helper.make_node
show("ranker.onnx",
     [node("ReduceSum", ["v", "one"], ["s"], keepdims=0), node("Add", ["x", "s"], ["ctr"]),
      node("Gather", ["table", "ids"], ["t"]), node("Mul", ["t", "ids_mask"], ["m"]),
      node("ReduceSum", ["m", "one"], ["k"], keepdims=1), node("Mul", ["v", "k"], ["vec"])],
     [value("x", float), value("v", float, 2), value("ids", int, 3), value("ids_mask", float, 3)],
     [value("ctr", float), value("vec", float, 2)], TABLE, ONE)
show("seen.onnx",
     [node("Gather", ["table", "seen"], ["t"]), node("ReduceSum", ["t", "one"], ["k"], keepdims=0),
      node("Cast", ["seen_len"], ["c"], to=TensorProto.FLOAT), node("Mul", ["c", "hundred"], ["h"]),
      node("Add", ["k", "h"], ["y"])],
     [value("seen", int, "m"), value("seen_len", int)], [value("y", float)], TABLE, ONE,
     helper.make_tensor("hundred", TensorProto.FLOAT, [1], [100]))
show("odd.onnx", [node("Foo", ["x"], ["a"]), node("Foo", ["a"], ["b"]), node("Bar", ["b"], ["y"])],
     [value("x", float)], [value("y", float)])
