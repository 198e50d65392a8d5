"""What the filters of recall.py let pass: rows whose value lies between two bounds, as `low <= price and price < high`.

random: a number drawn for each row, the same bounds for all queries. near and far: a row's place along the direction in
which the vectors vary most; the bounds enclose the query's own place, or are at the other end.
"""
import os

import numpy as np

import recall_sets as sets

KINDS = ("random", "near", "far")
SHARES = (0.5, 0.1, 0.01)


def direction(base):
    some = base[::max(1, len(base) // 20000)].astype(np.float64)
    return np.linalg.eigh(np.cov(some.T))[1][:, -1].astype(np.float32)


def values_of(data, kind):
    """A number in [0, 1) for each row, evenly spread; and for the queries of a part, their own."""
    n = len(data.base)
    if kind == "random":
        return np.random.default_rng(3).permutation(n).astype(np.float32) / n, lambda queries: np.zeros(len(queries))
    along = direction(data.base)
    places = data.base @ along
    order = np.argsort(places, kind="stable")
    values = np.empty(n, np.float32)
    values[order] = np.arange(n, dtype=np.float32) / n
    return values, lambda queries: np.searchsorted(places[order], queries @ along) / n


def bounds_of(own, kind, share):
    if kind == "random":
        low = np.zeros(len(own))
    elif kind == "near":
        low = np.clip(own - share / 2, 0, 1 - share)
    else:
        low = np.where(own < 0.5, 1 - share, 0)
    return np.array([low, low + share], np.float32)


def narrow(data, tune, kind, share):
    """Gives both parts their bounds and, worked out once, their truth; returns the rows' values."""
    values, own = values_of(data, kind)
    for part, word in ((data, "query"), (tune, "tune")):
        part.bounds = bounds_of(own(part.queries), kind, share)
        path = sets.where(f"{part.name}.{word}.{kind}-{share}-{len(part.queries)}.gt.ivecs")
        if not os.path.exists(path):

            def passing(low, high, first, last):
                some, bounds = values[low:high], part.bounds[:, first:last, None]
                return (some >= bounds[0]) & (some < bounds[1])

            sets.write(path, sets.exact(part.base, part.queries, part.metric, 10, passing))
        part.truth = sets.read(path)
    return values


def chosen(peer, part, values):
    """The rows that pass as bits, made before the clock runs; one set where all queries share it."""
    if np.ptp(part.bounds, axis=1).max() == 0:
        return peer.chosen(values, *part.bounds[:, 0])
    return [peer.chosen(values, low, high) for low, high in part.bounds.T]


def asking(peer, values, parts):
    """How a side answers these parts: FAISS and ours are given bits, hnswlib, and ours once more, ask for each row."""
    if not hasattr(peer, "chosen"):
        return lambda part, k, spread: peer.among(part.queries, k, spread, values, part.bounds)
    bits = {id(part): chosen(peer, part, values) for part in parts}
    return lambda part, k, spread: peer.among(part.queries, k, spread, bits[id(part)])
