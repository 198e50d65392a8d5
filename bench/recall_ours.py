"""Our index as recall.py calls it, like a peer of recall_peers.py, by way of recall_ours.c."""
import ctypes
import os

import numpy as np

import recall_peers as peers


class Input(ctypes.Structure):
    _fields_ = [("vectors", ctypes.c_void_p), ("n", ctypes.c_uint32), ("dim", ctypes.c_uint32),
                ("kind", ctypes.c_char_p), ("metric", ctypes.c_char_p), ("m", ctypes.c_uint32),
                ("ef_construction", ctypes.c_uint32), ("threads", ctypes.c_uint32)]


class List(ctypes.Structure):
    _fields_ = [("queries", ctypes.c_void_p), ("n", ctypes.c_uint32), ("dim", ctypes.c_uint32), ("k", ctypes.c_uint32),
                ("ef", ctypes.c_uint32), ("batch", ctypes.c_uint32), ("exact", ctypes.c_uint32),
                ("values", ctypes.c_void_p), ("bounds", ctypes.c_void_p), ("bits", ctypes.c_void_p),
                ("out", ctypes.c_void_p)]


class Ours:
    name = "rankc"
    shim = None

    def __init__(self, data, links, kind="hnsw"):
        if not Ours.shim:
            Ours.shim = ctypes.CDLL(os.environ["RECALL_OURS"])
            for function in ("ours_build", "ours_open"):
                getattr(Ours.shim, function).restype = ctypes.c_void_p
            Ours.shim.ours_bytes.restype = ctypes.c_double
            Ours.shim.ours_equal.restype = ctypes.c_bool
        self.data, self.links, self.kind = data, links, kind

    def make(self, threads=1):
        n, dim = self.data.base.shape
        given = Input(self.data.base.ctypes.data, n, dim, self.kind.encode(), self.data.metric.encode(), self.links,
                      peers.EFFORT, threads)
        self.index = ctypes.c_void_p(self.shim.ours_build(ctypes.byref(given)))

    def build(self, path):
        self.make()
        self.shim.ours_save(self.index, path.encode())

    def open(self, path):
        self.index = ctypes.c_void_p(self.shim.ours_open(path.encode()))

    def close(self):
        self.shim.ours_close(self.index)

    def equal(self, other):
        return self.shim.ours_equal(self.index, other.index)

    def bytes(self, vectors):
        return self.shim.ours_bytes(self.index, ctypes.c_bool(vectors))

    def list(self, queries, k, spread, batch=1, exact=False, values=None, bounds=None, bits=None):
        out = np.empty((len(queries), k), np.int32)
        at = [None if array is None else array.ctypes.data for array in (values, bounds, bits)]
        what = List(queries.ctypes.data, len(queries), queries.shape[1], k, spread, batch, exact, *at, out.ctypes.data)
        self.shim.ours_search(self.index, ctypes.byref(what))
        return out

    def search(self, queries, k, spread):
        return self.list(queries, k, spread)

    def exact(self, queries, k, batch):
        return self.list(queries, k, 0, batch, True)

    def chosen(self, values, low, high):
        """Bits of the rows between these bounds."""
        bits = np.zeros((len(values) + 63) // 64 * 8, np.uint8)
        some = np.packbits((values >= low) & (values < high), bitorder="little")
        bits[:len(some)] = some
        return bits

    def among(self, queries, k, spread, chosen):
        """chosen: bits for all queries, or a list of bits of each."""
        each = chosen if isinstance(chosen, list) else [chosen] * len(queries)
        return self.list(queries, k, spread, bits=np.array([bits.ctypes.data for bits in each], np.uint64))


class Asked:
    """An index of ours that asks for each row, inside the clock."""
    name = "rankc, asking"

    def __init__(self, ours):
        self.ours, self.links = ours, ours.links

    def among(self, queries, k, spread, values, bounds):
        return self.ours.list(queries, k, spread, values=values, bounds=bounds)


peers.KINDS["ours"] = Ours
