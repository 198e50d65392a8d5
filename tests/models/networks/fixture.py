"""What make_torch.py, make_keras.py and make_sklearn.py share: a network with rows, and what is right of them.

NAME.onnx is the network, NAME.rank a program that asks it. NAME.golden has a line for each row: the item as JSON;
what ONNX Runtime gives, in float; what the same graph gives in double. The program shows one factor for each
output, in their order; numbers of vectors stand one behind the other.
"""
import json
import os
import re

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun

HERE = os.path.dirname(os.path.abspath(__file__))


def short(x):
    """The shortest text that reads as the same float or double."""
    text = str(x)
    return text[:-2] if text.endswith(".0") else text


# ---- the graph in double ----

def tensor_in_double(t):
    a = numpy_helper.to_array(t, HERE)
    return numpy_helper.from_array(a.astype(np.float64), t.name) if a.dtype == np.float32 else t


def node_in_double(node):
    for a in node.attribute:
        if a.name == "to" and a.i == TensorProto.FLOAT:
            a.i = TensorProto.DOUBLE
        elif a.name == "stash_type":
            a.i = TensorProto.DOUBLE
        elif a.type == onnx.AttributeProto.TENSOR:
            a.t.CopyFrom(tensor_in_double(a.t))
        elif node.op_type == "Constant" and a.name in ("value_float", "value_floats"):
            value = np.array(a.f if a.name == "value_float" else list(a.floats), np.float64)
            a.CopyFrom(helper.make_attribute("value", numpy_helper.from_array(value)))


def in_double(model):
    out = onnx.ModelProto()
    out.CopyFrom(model)
    del out.graph.value_info[:]
    for i, t in enumerate(out.graph.initializer):
        out.graph.initializer[i].CopyFrom(tensor_in_double(t))
    for value in list(out.graph.input) + list(out.graph.output):
        if value.type.tensor_type.elem_type == TensorProto.FLOAT:
            value.type.tensor_type.elem_type = TensorProto.DOUBLE
    for graph in [out.graph] + list(out.functions):
        for node in graph.node:
            node_in_double(node)
    return out


def logistic(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


class LayerNormalization(OpRun):
    """The reference's own works in the type of stash_type, and knows float alone."""

    def _run(self, x, scale, bias=None, axis=-1, epsilon=1e-5, stash_type=1):
        axes = tuple(range(axis % x.ndim, x.ndim))
        y = (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + epsilon) * scale
        return (y if bias is None else y + bias,)


class RMSNormalization(OpRun):
    """As that of layers."""

    def _run(self, x, scale, axis=-1, epsilon=1e-5, stash_type=1):
        axes = tuple(range(axis % x.ndim, x.ndim))
        return (x / np.sqrt((x * x).mean(axes, keepdims=True) + epsilon) * scale,)


class LinearClassifier(OpRun):
    """The reference's own is in float. A row of coefficients a class, as scikit-learn's have."""
    op_domain = "ai.onnx.ml"

    def _run(self, x, classlabels_ints=None, classlabels_strings=None, coefficients=None, intercepts=None,
             multi_class=None, post_transform=None):
        n = len(intercepts)
        y = x @ np.array(coefficients, np.float64).reshape(n, -1).T + np.array(intercepts, np.float64)
        transform = {"NONE": lambda v: v, "LOGISTIC": logistic, "SOFTMAX": softmax}
        y = transform[post_transform or "NONE"](y)
        return np.array(classlabels_ints)[y.argmax(axis=1)], y


class LinearRegressor(OpRun):
    op_domain = "ai.onnx.ml"

    def _run(self, x, coefficients=None, intercepts=None, targets=1, post_transform=None):
        return (x @ np.array(coefficients, np.float64).reshape(targets, -1).T + np.array(intercepts, np.float64),)


class Scaler(OpRun):
    op_domain = "ai.onnx.ml"

    def _run(self, x, offset=None, scale=None):
        return ((x - np.array(offset, np.float64)) * np.array(scale, np.float64),)


class Normalizer(OpRun):
    op_domain = "ai.onnx.ml"

    def _run(self, x, norm=None):
        by = {"MAX": lambda v: v.max(axis=1, keepdims=True), "L1": lambda v: np.abs(v).sum(axis=1, keepdims=True),
              "L2": lambda v: np.sqrt((v * v).sum(axis=1, keepdims=True))}
        return (x / by[norm](x),)


OURS = [LayerNormalization, RMSNormalization, LinearClassifier, LinearRegressor, Scaler, Normalizer]


def run_in_double(model, feed):
    feed = {k: v.astype(np.float64) if v.dtype == np.float32 else v for k, v in feed.items()}
    return ReferenceEvaluator(in_double(model), new_ops=OURS).run([o.name for o in model.graph.output], feed)


def run_in_float(path, names, feed):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(names, feed)


# ---- the program ----

def bare(name):
    return re.sub(r":\d+$", "", name)


def type_of(value):
    dims = [d.dim_value for d in value.type.tensor_type.shape.dim][1:]
    number = "int" if value.type.tensor_type.elem_type == TensorProto.INT64 else "float"
    n = int(np.prod(dims)) if dims else 1
    if n == 1 and len(dims) < 2:
        return number
    return "list(int)" if number == "int" else f"vector({n})"


def program(name, model, made, args, options):
    fields = [f"{bare(i.name)}: {type_of(i)}" for i in model.graph.input if i.name not in made]
    outputs = [bare(o.name) for o in model.graph.output]
    lines = [f"item {{ {', '.join(['id: int'] + fields)} }}", "", f'model net = tower("{name}.onnx"{options})', ""]
    for k, output in enumerate(outputs):
        lines.append(f"factor o{k} = net({args})" + (f".{output}" if len(outputs) > 1 else ""))
    lines += ["", "pipeline all = candidates", ""]
    with open(os.path.join(HERE, name + ".rank"), "w") as out:
        out.write("\n".join(lines))


# ---- the rows ----

def cell(value, kind):
    if kind in ("float", "int"):
        return json.loads(short(np.asarray(value).reshape(-1)[0]))
    return [json.loads(short(v)) for v in np.asarray(value).reshape(-1)]


def save(name, model, feed, made=(), lists=None, args="...", options=""):
    """`feed` is what the network gets; inputs of `made` come from others by themselves; `lists` has, for an input,
    the lists that a program gives where they differ from what the network gets."""
    path = os.path.join(HERE, name + ".onnx")
    names = [o.name for o in model.graph.output]
    onnx.save(model, path)
    single, double = run_in_float(path, names, feed), run_in_double(model, feed)
    n = len(next(iter(feed.values())))
    with open(os.path.join(HERE, name + ".golden"), "w") as out:
        for i in range(n):
            item = {"id": i + 1}
            for value in model.graph.input:
                if value.name in made:
                    continue
                own = (lists or {}).get(value.name)
                item[bare(value.name)] = own[i] if own else cell(feed[value.name][i], type_of(value))
            texts = [",".join(short(v) for y in ys for v in np.asarray(y[i]).reshape(-1)) for ys in (single, double)]
            out.write(";".join([json.dumps(item, separators=(",", ":"))] + texts) + "\n")
    program(name, model, made, args, options)
    worst = max(np.abs(s - d).max() for s, d in zip(single, double))
    size = os.path.getsize(path) + (os.path.getsize(path + ".data") if os.path.exists(path + ".data") else 0)
    kinds = sorted({node.op_type for node in model.graph.node})
    print(f"{name}: {size} bytes, error {worst:.2g}: {' '.join(kinds)}")
