"""Data sets of the recall benchmark: their files, and exact answers.

A set NAME has a base, queries to choose settings by (tune) and queries to measure with (query), as .fvecs, and the
100 nearest rows of each query, as .ivecs: a row of either is its length, a 32-bit integer, and so many floats or
integers. Answers are exact: candidates by products of matrices in float, scored again in double, ties by lower row.
"""
import os

import numpy as np

# name: (metric, base file, its rows or None for all, query files)
SETS = {
    "fmnist": ("l2", "fmnist", None, "fmnist"),
    "glove": ("cosine", "glove", None, "glove"),
    "gloveip": ("dot", "gloveip", None, "gloveip"),
    "mix250k": ("cosine", "mix", 250_000, "mix"),
    "mix1m": ("cosine", "mix", 1_000_000, "mix"),
    "mix4m": ("cosine", "mix", 4_000_000, "mix"),
}
DEPTH = 100  # nearest rows that are kept
SPARE = 60  # candidates beyond them
FOLDER = os.environ.get("RANK_BENCH_DATA") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")


def where(*names):
    return os.path.join(FOLDER, *names)


def read(path, rows=None):
    """[n][d] floats, or integers where the file is .ivecs."""
    kind = np.int32 if path.endswith(".ivecs") else np.float32
    width = int(np.fromfile(path, np.int32, 1)[0]) + 1
    count = -1 if rows is None else rows * width
    return np.ascontiguousarray(np.fromfile(path, kind, count).reshape(-1, width)[:, 1:])


def append(file, block):
    whole = np.empty((len(block), block.shape[1] + 1), np.int32)
    whole[:, 0] = block.shape[1]
    whole[:, 1:] = block if block.dtype == np.int32 else np.ascontiguousarray(block, np.float32).view(np.int32)
    whole.tofile(file)


def write(path, block):
    with open(path + ".part", "wb") as file:
        append(file, block)
    os.replace(path + ".part", path)


def unit(block):
    """Rows of length 1, worked out in double."""
    wide = block.astype(np.float64)
    return (wide / np.sqrt((wide * wide).sum(1, keepdims=True))).astype(np.float32)


class Set:
    """A set as measured: base, queries and truth of one part, "query" or "tune"."""

    def __init__(self, name, part="query", queries=None):
        self.name = name
        self.metric, base, rows, asked = SETS[name]
        self.base = read(where(base + ".base.fvecs"), rows)
        self.queries = read(where(f"{asked}.{part}.fvecs"), queries)
        truth = where(f"{name}.{part}.gt.ivecs")
        self.truth = read(truth, queries) if os.path.exists(truth) else None


def best(rows, ids, scores, keep):
    """The `keep` best of each row by descending score, then id; rows are 0 and on, each with as many at least."""
    order = np.lexsort((ids, -scores, rows))
    starts = np.searchsorted(rows[order], np.arange(rows.max() + 2))
    place = np.arange(len(order)) - starts[rows[order]]
    return order[place < keep]


def candidates(base, queries, lengths, keep, passing):
    """[n][keep] rows with the highest 2qx - |x|^2 (or qx where lengths is None) in float, -1 where fewer pass; and by
    how much at least they are ahead of those left out, for the check in `exact`."""
    n = len(queries)
    ids = np.full((n, keep), -1, np.int64)
    scores = np.full((n, keep), -np.inf, np.float32)
    at, step = 0, 2048
    while at < len(base):
        block = queries @ base[at:at + step].T
        if lengths is not None:
            block = 2 * block - lengths[at:at + step]
        good = block > scores[:, -1:]
        if passing is not None:
            good &= passing(at, at + block.shape[1])
        row, column = np.nonzero(good)
        all_rows = np.concatenate([np.repeat(np.arange(n), keep), row])
        all_ids = np.concatenate([ids.ravel(), column + at])
        all_scores = np.concatenate([scores.ravel(), block[row, column]])
        order = best(all_rows, all_ids, all_scores, keep)
        ids, scores = all_ids[order].reshape(n, keep), all_scores[order].reshape(n, keep)
        at, step = at + step, min(4 * step, 65536)
    return ids, scores


def exact(base, queries, metric, depth=DEPTH, passing=None):
    """[n][depth] nearest rows, -1 where there are none. passing(from, to, queries from, to) says which rows a query
    may have, as [queries][rows]."""
    lengths = (base.astype(np.float32) ** 2).sum(1) if metric == "l2" else None
    out = []
    for at in range(0, len(queries), 500):
        some = queries[at:at + 500]
        mask = passing and (lambda low, high: passing(low, high, at, at + len(some)))
        ids, rough = candidates(base, some, lengths, depth + SPARE, mask)
        for i, query in enumerate(some.astype(np.float64)):
            rows = np.sort(ids[i][ids[i] >= 0])
            wide = base[rows].astype(np.float64)
            scores = -((wide - query) ** 2).sum(1) if metric == "l2" else wide @ query
            order = np.lexsort((rows, -scores))[:depth]
            found = rows[order]
            if ids[i, -1] >= 0:  # nothing that was left out can be as good
                shift = (query * query).sum() if metric == "l2" else 0
                error = 1e-5 * (abs(shift) + np.abs(rough[i]).max())
                assert scores[order[-1]] + shift > rough[i, -1] + error, "too few candidates"
            out.append(np.pad(found, (0, depth - len(found)), constant_values=-1))
    return np.array(out, np.int32)
