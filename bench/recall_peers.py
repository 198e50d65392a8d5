"""The peers of recall.py. Each is made for a set and a number of links, builds its index into a file, opens it, and
answers lists of queries on one thread; `spread` is its own word for how widely it looks.

    search(queries, k, spread) -> [n][k] rows, -1 where fewer were found
    among(queries, k, spread, values, bounds) -> the same, of rows with bounds[0][query] <= values[row] < bounds[1][query]
"""
import ctypes
import os
import time

import numpy as np

import recall_sets as sets

EFFORT = 200  # of building: efConstruction, expansion_add


def pointer(array):
    return ctypes.c_void_p(array.ctypes.data)


class Hnswlib:
    """By way of recall_hnswlib.cpp, compiled for this machine."""
    name = "hnswlib"
    shim = None

    def __init__(self, data, links):
        if not Hnswlib.shim:
            Hnswlib.shim = ctypes.CDLL(os.environ["RECALL_HNSWLIB"])
            Hnswlib.shim.peer_open.restype = ctypes.c_void_p
        self.data, self.links = data, links
        self.l2, self.d = int(data.metric == "l2"), ctypes.c_size_t(data.base.shape[1])

    def build(self, path):
        n = ctypes.c_size_t(len(self.data.base))
        self.shim.peer_build(path.encode(), self.l2, self.d, pointer(self.data.base), n,
                                ctypes.c_size_t(self.links), ctypes.c_size_t(EFFORT))

    def open(self, path):
        self.index = ctypes.c_void_p(self.shim.peer_open(path.encode(), self.l2, self.d))
        assert self.index.value, path

    def among(self, queries, k, spread, values, bounds):
        out = np.empty((len(queries), k), np.int32)
        size = ctypes.c_size_t
        self.shim.peer_search(self.index, pointer(queries), size(len(queries)), size(k), size(spread),
                                 values is not None and pointer(values), bounds is not None and pointer(bounds),
                                 pointer(out))
        return out

    def search(self, queries, k, spread):
        return self.among(queries, k, spread, None, None)


class Faiss:
    """IndexHNSWFlat, by way of its Python module: a call costs microseconds, so its lists of queries are whole."""
    name = "FAISS HNSW"

    def __init__(self, data, links):
        import faiss
        faiss.omp_set_num_threads(1)
        self.faiss, self.data, self.links = faiss, data, links
        self.metric = faiss.METRIC_L2 if data.metric == "l2" else faiss.METRIC_INNER_PRODUCT

    def build(self, path):
        index = self.faiss.IndexHNSWFlat(self.data.base.shape[1], self.links, self.metric)
        index.hnsw.efConstruction = EFFORT
        index.add(self.data.base)
        self.faiss.write_index(index, path)

    def open(self, path):
        self.index = self.faiss.read_index(path)

    def search(self, queries, k, spread):
        self.index.hnsw.efSearch = spread
        return self.index.search(queries, k)[1]

    def settings(self, spread, chosen):
        return self.faiss.SearchParametersHNSW(efSearch=spread, sel=chosen)

    def chosen(self, values, low, high):
        """Bits of the rows between these bounds; made before the clock runs."""
        bits = np.packbits((values >= low) & (values < high), bitorder="little")
        selector = self.faiss.IDSelectorBitmap(len(values), self.faiss.swig_ptr(bits))
        selector.bits = bits
        return selector

    def among(self, queries, k, spread, chosen):
        """chosen: one selector for all queries, or a list of one for each, which takes a call for each."""
        if not isinstance(chosen, list):
            return self.index.search(queries, k, params=self.settings(spread, chosen))[1]
        return np.concatenate([self.index.search(queries[i:i + 1], k, params=self.settings(spread, one))[1]
                               for i, one in enumerate(chosen)])


class FaissFlat(Faiss):
    """IndexFlat; with a selector it looks at the rows that pass alone. Lists of 20 queries and more are products of
    matrices, as they were before FAISS 1.15 and are much quicker: OPENBLAS_CORETYPE must fit the machine."""
    name = "FAISS flat"

    def open(self, path=None):
        self.threshold = self.faiss.cvar.distance_compute_blas_threshold
        self.index = self.faiss.IndexFlat(self.data.base.shape[1], self.metric)
        self.index.add(self.data.base)

    def search(self, queries, k, spread=None):
        """spread: queries in a call, None for all."""
        step = spread or len(queries)
        # Of one query its own loop is quicker than a BLAS.
        self.faiss.cvar.distance_compute_blas_threshold = 20 if step > 1 else self.threshold
        found = [self.index.search(queries[i:i + step], k)[1] for i in range(0, len(queries), step)]
        self.faiss.cvar.distance_compute_blas_threshold = self.threshold
        return np.concatenate(found)

    def settings(self, spread, chosen):
        return self.faiss.SearchParameters(sel=chosen)

    def call(self):
        """CPU seconds of a call for one query over one row."""
        index = self.faiss.IndexFlat(self.data.base.shape[1], self.metric)
        index.add(self.data.base[:1])
        start = time.process_time()
        for _ in range(1000):
            index.search(self.data.queries[:1], 1)
        return (time.process_time() - start) / 1000


class Usearch:
    """With vectors of one of its kinds of number: f32, bf16, f16, i8."""

    def __init__(self, data, links, kind="f32"):
        import usearch.index
        self.module, self.data, self.links, self.kind = usearch.index, data, links, kind
        self.name = "USearch " + kind

    def fresh(self):
        metric = {"l2": "l2sq", "cosine": "ip", "dot": "ip"}[self.data.metric]
        return self.module.Index(ndim=self.data.base.shape[1], metric=metric, dtype=self.kind, connectivity=self.links,
                                 expansion_add=EFFORT)

    def build(self, path):
        index = self.fresh()
        index.add(np.arange(len(self.data.base)), self.data.base, threads=1)
        index.save(path)

    def open(self, path):
        self.index = self.fresh()
        self.index.load(path)

    def search(self, queries, k, spread):
        self.index.expansion_search = spread
        return self.index.search(queries, k, threads=1).keys.astype(np.int64).reshape(len(queries), k)


class Symphony:
    """SymphonyQG of rabitqlib: float vectors, and 1-bit codes of a node's neighbours beside it."""

    def __init__(self, data, links):
        import rabitqlib
        self.kind, self.data, self.links = rabitqlib.SymqgIndex, data, links
        self.name = "SymphonyQG"

    def build(self, path):
        metric = "ip" if self.data.metric == "dot" else "l2"  # of vectors of length 1 the same order
        index = self.kind(self.data.base.shape[1], 2 * self.links, metric=metric)
        index.build(self.data.base, EFFORT, 1)
        index.save(path)

    def open(self, path):
        self.index = self.kind.load(path)

    def search(self, queries, k, spread):
        return self.index.search(queries, k, max(k, spread))[0].astype(np.int64)


class Svs:
    """Vamana of Intel's SVS over LVQ codes, "8x0" of 8 bits, "4x8" of 4 and 8 more that score what is found."""

    def __init__(self, data, links, bits):
        import svs
        self.svs, self.data, self.links, self.bits = svs, data, links, bits
        self.name = "SVS LVQ" + bits.removesuffix("x0")
        self.distance = svs.DistanceType.L2 if data.metric == "l2" else svs.DistanceType.MIP

    def loader(self):
        rows = sets.where(self.data.name + ".svs")
        if not os.path.exists(rows):
            base = sets.where(self.data.name + ".part.fvecs")
            sets.write(base, self.data.base)
            self.svs.convert_vecs_to_svs(base, rows)
            os.remove(base)
        plain = self.svs.VectorDataLoader(rows, self.svs.DataType.float32, dims=self.data.base.shape[1])
        primary, residual = (int(bits) for bits in self.bits.split("x"))
        return self.svs.LVQLoader(plain, primary, residual, padding=32)

    def build(self, path):
        alpha = 1.2 if self.data.metric == "l2" else 0.95
        how = self.svs.VamanaBuildParameters(graph_max_degree=2 * self.links, window_size=EFFORT, alpha=alpha)
        index = self.svs.Vamana.build(how, self.loader(), self.distance, num_threads=1)
        index.save(path + ".config", path, path + ".rows")

    def open(self, path):
        rows = self.svs.LVQLoader(path + ".rows", padding=32)
        self.index = self.svs.Vamana(path + ".config", self.svs.GraphLoader(path), rows, self.distance, num_threads=1)

    def search(self, queries, k, spread):
        self.index.search_window_size = max(k, spread)
        return self.index.search(queries, k)[0].astype(np.int64)


KINDS = {
    "hnswlib": Hnswlib,
    "faiss": Faiss,
    "usearch": Usearch,
    "usearch-bf16": lambda data, links: Usearch(data, links, "bf16"),
    "usearch-f16": lambda data, links: Usearch(data, links, "f16"),
    "usearch-i8": lambda data, links: Usearch(data, links, "i8"),
    "symphony": Symphony,
    "svs-8x0": lambda data, links: Svs(data, links, "8x0"),
    "svs-4x8": lambda data, links: Svs(data, links, "4x8"),
}


def path(name, kind, links):
    return sets.where(f"{name}.{kind}-m{links}.index")
