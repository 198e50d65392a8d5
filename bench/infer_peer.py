"""The networks of infer.c in ONNX Runtime, one thread, its inputs and outputs bound: a line "network batch
microseconds" each on stdout, of CPU time, less nothing; what a call of an empty network costs is the line "call".
"""

import time

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

IDS, BATCHES, ROUNDS = 10000, (1, 10, 100, 1000), 15
draw = np.random.default_rng(1)


class Net:
    def __init__(self):
        self.nodes, self.weights, self.inputs, self.n = [], [], [], 0

    def name(self):
        self.n += 1
        return f"v{self.n}"

    def constant(self, array):
        name = self.name()
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def floats(self, *shape):
        return self.constant((draw.random(shape, dtype=np.float32) - 0.5) * np.float32(0.2))

    def op(self, kind, *inputs, **attributes):
        out = self.name()
        self.nodes.append(helper.make_node(kind, list(inputs), [out], **attributes))
        return out

    def input(self, kind, *shape):
        name = self.name()
        self.inputs.append(helper.make_tensor_value_info(name, kind, ["n", *shape]))
        return name

    def dense(self, x, k, n):
        return self.op("Gemm", x, self.floats(k, n), self.floats(n))

    def layer(self, x, k, n):
        return self.op("Relu", self.dense(x, k, n))

    def features(self, n_ids, dim, numbers):
        parts = [self.op("Gather", self.floats(IDS, dim), self.input(TensorProto.INT64)) for _ in range(n_ids)]
        return self.op("Concat", *parts, self.input(TensorProto.FLOAT, numbers), axis=1)

    def session(self, out):
        value = helper.make_tensor_value_info(out, TensorProto.FLOAT, ["n", 1])
        graph = helper.make_graph(self.nodes, "net", self.inputs, [value], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def call(net):
    return net.op("Identity", net.input(TensorProto.FLOAT, 1))


def dssm(net):
    def tower():
        x = net.layer(net.layer(net.features(4, 32, 32), 160, 256), 256, 128)
        return net.op("LpNormalization", net.dense(x, 128, 64), axis=1, p=2)

    return net.op("ReduceSum", net.op("Mul", tower(), tower()), net.constant(np.array([1])), keepdims=1)


def mlp(net):
    x = net.op("Concat", net.input(TensorProto.FLOAT, 250), net.input(TensorProto.FLOAT, 250), axis=1)
    return net.op("Sigmoid", net.dense(net.layer(net.layer(x, 500, 512), 512, 256), 256, 1))


def dcn(net):
    x0 = x = net.op("Concat", net.features(4, 16, 36), net.features(4, 16, 36), axis=1)
    for _ in range(3):
        x = net.op("Add", net.op("Mul", x0, net.dense(x, 200, 200)), x)
    deep = net.layer(net.layer(x0, 200, 256), 256, 128)
    return net.op("Sigmoid", net.dense(net.op("Concat", x, deep, axis=1), 328, 1))


def measure(session, n):
    binding = session.io_binding()
    for value in session.get_inputs():
        shape = [n, *value.shape[1:]]
        if value.type == "tensor(int64)":
            array = draw.integers(0, IDS, shape)
        else:
            array = draw.random(shape, dtype=np.float32)
        binding.bind_ortvalue_input(value.name, onnxruntime.OrtValue.ortvalue_from_numpy(array))
    out = onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros((n, 1), np.float32))
    binding.bind_ortvalue_output(session.get_outputs()[0].name, out)

    def turn(calls):
        start = time.process_time_ns()
        for _ in range(calls):
            session.run_with_iobinding(binding)
        return (time.process_time_ns() - start) / calls / 1e3

    calls = 1 + int(3000 / turn(5))
    return sorted(turn(calls) for _ in range(ROUNDS))[ROUNDS // 2]


for make in (call, dssm, mlp, dcn):
    for n in BATCHES:
        net = Net()
        print(make.__name__, n, f"{measure(net.session(make(net)), n):.2f}", flush=True)
