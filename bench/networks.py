"""Networks that rank in their peers, on one thread: a two-tower model, a perceptron, a cross network.

networks.py models DIR: writes DIR/NAME.onnx (needs onnx).
networks.py onnx|torch SHIM DIR [NAME...]: compares the answers, then takes turns with networks.c, which is SHIM, and
prints rows of a table; of all networks, or of those named.

CPU time of a call from Python, with inputs bound and weights packed before; what it takes for a network of one identity
is what a call costs. Ours is called from C. PyTorch's is the quickest of eager, traced and frozen, and compiled. Goals
are how many times quicker we want to be, 0 is none.
"""

import ctypes
import sys
import time

import numpy as np

IDS, BATCHES, MOST, ROUNDS, TURN_US = 10000, (1, 10, 100, 1000), 1000, 15, 5000
GOALS, GOALS_ONCE = (2, 2, 1, 1), (0, 0, 0, 1.5)


# ---- the networks, for whatever makes them ----


def call(net):
    return net.same(net.numbers(1))


def layer(net, x, k, n):
    return net.relu(net.dense(x, k, n))


def features(net, n_ids, dim, n_numbers):
    return net.concat(*[net.embedding(dim) for _ in range(n_ids)], net.numbers(n_numbers))


def tower(net):
    x = layer(net, layer(net, features(net, 4, 32, 32), 160, 256), 256, 128)
    return net.normalized(net.dense(x, 128, 64))


def dssm(net):
    return net.sum(net.mul(tower(net), tower(net)))


def mlp(net):
    x = net.concat(net.numbers(250), net.numbers(250))
    return net.sigmoid(net.dense(layer(net, layer(net, x, 500, 512), 512, 256), 256, 1))


def dcn(net):
    x0 = x = net.concat(features(net, 4, 16, 36), features(net, 4, 16, 36))
    for _ in range(3):
        x = net.add(net.mul(x0, net.dense(x, 200, 200)), x)
    deep = layer(net, layer(net, x0, 200, 256), 256, 128)
    return net.sigmoid(net.dense(net.concat(x, deep), 328, 1))


NETWORKS = (dssm, mlp, dcn)


def drawer():
    draw = np.random.default_rng(1)
    return lambda *shape: (draw.random(shape, dtype=np.float32) - np.float32(0.5)) * np.float32(0.2)


# ---- ONNX ----


class OnnxNet:
    def __init__(self, make):
        from onnx import TensorProto, helper, numpy_helper

        self.helper, self.numpy_helper, self.kinds = helper, numpy_helper, TensorProto
        self.floats, self.nodes, self.weights, self.inputs, self.n = drawer(), [], [], [], 0
        self.out = make(self)

    def name(self):
        self.n += 1
        return f"v{self.n}"

    def constant(self, array):
        self.weights.append(self.numpy_helper.from_array(array, self.name()))
        return self.weights[-1].name

    def op(self, kind, *inputs, **attributes):
        out = self.name()
        self.nodes.append(self.helper.make_node(kind, list(inputs), [out], **attributes))
        return out

    def input(self, kind, *shape):
        name = f"x{len(self.inputs)}"
        self.inputs.append(self.helper.make_tensor_value_info(name, kind, ["n", *shape]))
        return name

    def numbers(self, n):
        return self.input(self.kinds.FLOAT, n)

    def embedding(self, dim):
        return self.op("Gather", self.constant(self.floats(IDS, dim)), self.input(self.kinds.INT64))

    def dense(self, x, k, n):
        return self.op("Gemm", x, self.constant(self.floats(k, n)), self.constant(self.floats(n)))

    def relu(self, x):
        return self.op("Relu", x)

    def sigmoid(self, x):
        return self.op("Sigmoid", x)

    def same(self, x):
        return self.op("Identity", x)

    def concat(self, *parts):
        return self.op("Concat", *parts, axis=1)

    def add(self, x, y):
        return self.op("Add", x, y)

    def mul(self, x, y):
        return self.op("Mul", x, y)

    def sum(self, x):
        return self.op("ReduceSum", x, self.constant(np.array([1])), keepdims=1)

    def normalized(self, x):
        return self.op("LpNormalization", x, axis=1, p=2)

    def save(self, path):
        import onnx

        out = self.helper.make_tensor_value_info(self.out, self.kinds.FLOAT, ["n", 1])
        graph = self.helper.make_graph(self.nodes, "net", self.inputs, [out], self.weights)
        opset = [self.helper.make_opsetid("", 17)]
        onnx.save(self.helper.make_model(graph, opset_imports=opset, ir_version=8), path)


class OnnxPeer:
    NAME = "ONNX Runtime"

    def __init__(self, make, folder):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        path = f"{folder}/{make.__name__}.onnx"
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.value = onnxruntime.OrtValue.ortvalue_from_numpy

    def bind(self, inputs, n):
        """What runs a batch, and what gives its answers."""
        binding, out = self.session.io_binding(), self.value(np.zeros((n, 1), np.float32))
        for value, array in zip(self.session.get_inputs(), inputs):
            binding.bind_ortvalue_input(value.name, self.value(array))
        binding.bind_ortvalue_output(self.session.get_outputs()[0].name, out)
        run = self.session.run_with_iobinding
        return [("", lambda: run(binding), out.numpy)]


# ---- PyTorch ----


class TorchNet:
    """Runs a network: weights and inputs come in the order in which it asks for them."""

    def __init__(self, weights, inputs):
        import torch

        self.torch, self.weights, self.inputs = torch, iter(weights), iter(inputs)

    def numbers(self, n):
        return next(self.inputs)

    def embedding(self, dim):
        return self.torch.nn.functional.embedding(next(self.inputs), next(self.weights))

    def dense(self, x, k, n):
        return self.torch.nn.functional.linear(x, next(self.weights), next(self.weights))

    def relu(self, x):
        return self.torch.relu(x)

    def sigmoid(self, x):
        return self.torch.sigmoid(x)

    def same(self, x):
        return self.torch.clone(x)

    def concat(self, *parts):
        return self.torch.cat(parts, 1)

    def add(self, x, y):
        return x + y

    def mul(self, x, y):
        return x * y

    def sum(self, x):
        return x.sum(1, keepdim=True)

    def normalized(self, x):
        return self.torch.nn.functional.normalize(x)


class TorchWeights(TorchNet):
    """Makes the weights, on the way through a network: layers have them as [n, k]."""

    def __init__(self, make):
        self.all, self.floats = [], drawer()
        super().__init__([], [])
        make(self)

    def keep(self, array):
        self.all.append(self.torch.from_numpy(np.ascontiguousarray(array)))
        return self.all[-1]

    def numbers(self, n):
        return self.torch.zeros(1, n)

    def embedding(self, dim):
        return self.keep(self.floats(IDS, dim))[:1]

    def dense(self, x, k, n):
        return self.torch.nn.functional.linear(x, self.keep(self.floats(k, n).T), self.keep(self.floats(n)))


class TorchPeer:
    NAME = "PyTorch"

    def __init__(self, make, folder):
        import torch
        import torch._inductor.config

        torch.set_num_threads(1)
        torch.inference_mode().__enter__()  # for good
        torch._inductor.config.freezing = True
        self.torch, weights = torch, TorchWeights(make).all

        class Module(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.weights = torch.nn.ParameterList([torch.nn.Parameter(w, requires_grad=False) for w in weights])

            def forward(self, *inputs):
                return make(TorchNet(self.weights, inputs))

        self.module = Module().eval()

    def bind(self, inputs, n):
        torch = self.torch
        tensors = [torch.from_numpy(array) for array in inputs]
        torch._dynamo.reset()
        compiled = torch.compile(self.module, dynamic=False)
        traced = torch.jit.optimize_for_inference(torch.jit.trace(self.module, tensors))
        ways = [("", self.module), (", traced", traced), (", compiled", compiled)]
        return [(name, lambda way=way: way(*tensors), lambda way=way: way(*tensors).numpy()) for name, way in ways]


# ---- ours ----


class Ours:
    def __init__(self, shim, path, inputs, once, n):
        self.shim = ctypes.CDLL(shim)
        for name, result in (("networks_open", ctypes.c_void_p), ("networks_turn", ctypes.c_double)):
            getattr(self.shim, name).restype = result
        self.out, self.inputs, self.n = np.zeros((n, 1), np.float32), inputs, n
        flags = (ctypes.c_bool * len(inputs))(*once)
        self.net = ctypes.c_void_p(self.shim.networks_open(path.encode(), flags, n))
        self.data = (ctypes.c_void_p * len(inputs))(*[array.ctypes.data for array in inputs])

    def turn(self, calls):
        out = self.out.ctypes.data_as(ctypes.c_void_p)
        return self.shim.networks_turn(self.net, self.data, ctypes.c_uint32(self.n), out, ctypes.c_uint32(calls))

    def close(self):
        self.shim.networks_close(self.net)


# ---- measuring ----


def turn(run, calls):
    start = time.process_time_ns()
    for _ in range(calls):
        run()
    return (time.process_time_ns() - start) / calls / 1e3


def calls_of(run):
    return 1 + int(TURN_US / turn(run, 3))


def quickest(ways):
    best = [min(turn(run, calls_of(run)) for _ in range(5)) for _, run, _ in ways]
    return ways[best.index(min(best))][:2]


def compare(name, ours, theirs):
    apart = float(np.max(np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1)))
    print(f"{name}: {len(ours)} answers, by {apart:.2g} apart at most", file=sys.stderr)
    if not apart < 1e-5:
        sys.exit(f"{name}: answers differ")


def make_inputs(kinds, once, n):
    """Of the first half of the inputs, if they are once, all rows are the first."""
    draw = np.random.default_rng(2)
    arrays = [draw.integers(0, IDS, MOST) if k == 0 else draw.random((MOST, k), dtype=np.float32) - 0.5 for k in kinds]
    return [np.ascontiguousarray(a[:1].repeat(n, 0) if o else a[:n], a.dtype) for a, o in zip(arrays, once)]


class Kinds(TorchNet):
    """The inputs of a network: how many numbers each has, 0 where it is an id."""

    def __init__(self, make):
        self.all = []
        make(self)

    def numbers(self, n):
        self.all.append(n)

    def embedding(self, dim):
        self.all.append(0)

    def nothing(self, *operands):
        return None

    dense = relu = sigmoid = same = concat = add = mul = sum = normalized = nothing


def measure(peer, make, once, n, shim, folder):
    """Medians and quartiles, of a peer's quickest way."""
    kinds = Kinds(make).all
    flags = [once and i < len(kinds) // 2 for i in range(len(kinds))]
    inputs = make_inputs(kinds, flags, n)
    ours = Ours(shim, f"{folder}/{make.__name__}.onnx", inputs, flags, n)
    ways = peer.bind(inputs, n)
    ours.turn(1)
    for name, run, answers in ways:
        run()
        compare(f"{make.__name__}{', half once' * once}, {n}, {peer.NAME}{name}", ours.out, answers())
    name, run = quickest(ways)
    print(f"quickest is {peer.NAME}{name}", file=sys.stderr)
    calls, our_calls = calls_of(run), 1 + int(TURN_US / ours.turn(10))
    pairs = [(turn(run, calls), ours.turn(our_calls)) for _ in range(ROUNDS)]
    ours.close()
    return np.array(pairs)


def call_of(peer, n):
    _, run = quickest(peer.bind(make_inputs([1], [False], n), n))
    return sorted(turn(run, 1000) for _ in range(ROUNDS))[ROUNDS // 2]


def row(name, ratios, goals, us):
    """Of each batch the median of its rounds (quartiles), in bold where it is below its goal."""
    cells = []
    for rounds, goal in zip(ratios, goals):
        low, median, high = np.quantile(rounds, (0.25, 0.5, 0.75))
        mark = "**" if median < goal else ""
        cells.append(f"{mark}{median:.2f}{mark} ({low:.2f}-{high:.2f})")
    wanted = " / ".join(f"{g:g}" if g else "-" for g in goals)
    met = "**missed**" if any("**" in cell for cell in cells) else "met"
    print(f"| {name} | {' | '.join(cells)} | {wanted}: {met} | {us} |", flush=True)


def main(kind, shim, folder, *names):
    kind = {"onnx": OnnxPeer, "torch": TorchPeer}[kind]
    empty = kind(call, folder)
    calls = [call_of(empty, n) for n in BATCHES]
    for make in NETWORKS:
        if names and make.__name__ not in names:
            continue
        peer = kind(make, folder)
        for once in (False, True):
            goals = GOALS_ONCE if once else GOALS
            pairs = [measure(peer, make, once, n, shim, folder) for n in BATCHES]
            us = " / ".join(f"{np.median(p[:, 1]):.1f}" for p in pairs)
            name = f"{make.__name__}{', half once' * once} | {kind.NAME}"
            row(f"{name}, from Python", [p[:, 0] / p[:, 1] for p in pairs], goals, us)
            row(f"{name}, less its call", [(p[:, 0] - c) / p[:, 1] for p, c in zip(pairs, calls)], goals, us)
    print(f"| a call | {kind.NAME}, us | {' | '.join(f'{c:.2f}' for c in calls)} | | |", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "models":
        for make in (call, *NETWORKS):
            OnnxNet(make).save(f"{sys.argv[2]}/{make.__name__}.onnx")
    else:
        main(*sys.argv[1:])
