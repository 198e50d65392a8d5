"""Formulas, a forest over them, the best 50 of 1,000 candidates: librank against NumPy and LightGBM.

usage: learned.py SHIM LEARNED.RANK FOLDER, in the virtual environment of LightGBM. SHIM is learned.c as
a shared library; models are trained into FOLDER and stay there. Both sides take turns in this process,
on one thread; ours is called by ctypes.
"""
import ctypes
import os
import statistics
import sys
import time

import lightgbm as lgb
import numpy as np

shim, program, folder = sys.argv[1:4]
N, BEST, BUDGET, ROUNDS, LEAVES = 1000, 50, 37.5, 31, 31
MOST = {"bm25": 20, "price": 100, "rating": 5, "clicks": 5000, "orders": 300, "age": 200, "stock": 40,
        "margin": 30, "dist": 50, "sim": 1}
FORMULAS = ["rel_price", "words", "z_price", "z_bm25", "fresh", "known", "sold", "ctr", "near", "stocked", "gain",
            "afford"]
NAMES = list(MOST) + FORMULAS
lib = ctypes.CDLL(shim)
lib.learned_open.restype = ctypes.c_void_p
lib.learned_field.restype = ctypes.POINTER(ctypes.c_double)


def candidates(rng):
    return {name: rng.random(N) * most for name, most in MOST.items()}


def features(c, out):
    """What the program makes of the candidates, a row of `out` each; out.T is what the library is given."""
    for i, name in enumerate(MOST):
        out[i] = c[name]
    price, bm25, clicks, orders = c["price"], c["bm25"], c["clicks"], c["orders"]
    made = out[len(MOST):]
    made[0] = price / price.mean()
    made[1] = bm25 / bm25.max()
    made[2] = (price - price.mean()) / price.std()
    made[3] = (bm25 - bm25.mean()) / bm25.std()
    made[4] = np.exp(c["age"] / -30.0)
    made[5] = np.log1p(clicks)
    made[6] = np.log1p(orders)
    made[7] = (orders + 1.0) / (clicks + 20.0)
    made[8] = 1.0 / np.sqrt(1.0 + c["dist"])
    made[9] = np.minimum(c["stock"], 10.0) * 0.1
    made[10] = c["margin"] * price * 0.01
    made[11] = 1.0 / (1.0 + np.exp((price - BUDGET) / 10.0))


def train(trees):
    """The trees of each model are the first of the largest."""
    if all(os.path.exists(f"{folder}/learned-{t}.txt") for t in trees):
        return
    rng = np.random.default_rng(1)
    x = np.empty((len(NAMES), 20 * N))
    for at in range(0, 20 * N, N):
        features(candidates(rng), x[:, at:at + N])
    col = dict(zip(NAMES, x))
    fit = col["words"] + col["ctr"] * 2 + col["afford"] * col["near"] + 0.3 * col["fresh"] + 0.2 * col["sim"] \
        - 0.2 * col["rel_price"] + 0.02 * col["margin"] + 0.2 * rng.normal(size=20 * N)
    labels = np.searchsorted(np.quantile(fit, [0.6, 0.8, 0.92, 0.98]), fit)
    params = {"objective": "lambdarank", "num_leaves": LEAVES, "learning_rate": 0.05, "num_threads": 1,
              "deterministic": True, "seed": 1, "verbose": -1}
    data = lgb.Dataset(x.T.copy(), labels, group=[100] * (20 * N // 100), feature_name=NAMES)
    booster = lgb.train(params, data, max(trees))
    for t in trees:
        booster.save_model(f"{folder}/learned-{t}.txt", num_iteration=t)


class Ours:
    def __init__(self, trees, native, c):
        text = open(program).read().replace("model.txt", f"learned-{trees}.txt")
        path = f"{folder}/learned.rank"
        with open(path, "w") as file:
            file.write(text)
        self.it = ctypes.c_void_p(lib.learned_open(path.encode(), native))
        for i, name in enumerate(MOST):
            np.ctypeslib.as_array(lib.learned_field(self.it, i), (N,))[:] = c[name]
        self.ids, self.scores = (ctypes.c_int64 * BEST)(), (ctypes.c_double * BEST)()

    def rank(self):
        lib.learned_rank(self.it, 1, self.ids, self.scores)
        return self.ids, self.scores


class Theirs:
    def __init__(self, trees, c):
        self.booster, self.c = lgb.Booster(model_file=f"{folder}/learned-{trees}.txt"), c
        self.x = np.empty((N, len(NAMES))).T  # row by row, as LightGBM reads it without a copy

    def rank(self):
        features(self.c, self.x)
        scores = self.booster.predict(self.x.T, num_threads=1, validate_features=False)
        best = np.argpartition(scores, N - BEST)[N - BEST:]
        best.sort()  # equals stay in their order
        best = best[np.argsort(-scores[best], kind="stable")]
        return best, scores[best]


def seconds(side, calls):  # of CPU time
    start = time.process_time()
    for _ in range(calls):
        side.rank()
    return (time.process_time() - start) / calls


def race(ours, theirs):
    ids, scores = ours.rank()
    their_ids, their_scores = theirs.rank()
    assert list(ids) == list(their_ids), "the lists differ"
    assert list(scores) == list(their_scores), "the scores differ"
    mine, other = [], []
    for _ in range(ROUNDS):
        mine.append(seconds(ours, 8))
        other.append(seconds(theirs, 2))
    ratios = sorted(a / b for a, b in zip(mine, other))
    return ratios, statistics.median(mine), statistics.median(other)


def main():
    train((100, 500, 1000))
    c = candidates(np.random.default_rng(2))
    print("| trees | engine | librank / peer (quartiles) | librank | peer |\n|---|---|---|---|---|")
    for trees in (100, 500, 1000):
        for native in (0, 1):
            ratios, mine, other = race(Ours(trees, native, c), Theirs(trees, c))
            print(f"| {trees} x {LEAVES} | {'native' if native else 'interpreter'} | {ratios[ROUNDS // 2]:.3f} "
                  f"({ratios[ROUNDS // 4]:.3f}-{ratios[ROUNDS - 1 - ROUNDS // 4]:.3f}) "
                  f"| {mine * 1e6:.0f} us | {other * 1e6:.0f} us |", flush=True)


main()
