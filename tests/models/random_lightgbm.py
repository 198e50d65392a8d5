"""Random LightGBM models against the library, bit for bit.

    venv/bin/python random_lightgbm.py path/to/build/tests/models/score [models [seed]]
    venv/bin/python random_lightgbm.py path/to/build/tests/models/score FILE...

Trains models with random parameters and data, and changes some of them as text, so that thresholds
and leaves are what training would not give; scores rows that are easily got wrong with both; prints
how many rows have raw scores or leaves that differ, and the largest error of scores in units of the
last place. Exit code 1 if any raw score or leaf differs, or a score by more than 4.
"""
import os
import re
import subprocess
import sys
import tempfile

import lightgbm as lgb
import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from make_lightgbm import ODD, ZERO, odd_rows  # noqa: E402

OBJECTIVES = ["regression", "regression_l1", "huber", "fair", "poisson", "quantile", "mape", "gamma", "tweedie",
              "binary", "multiclass", "multiclassova", "cross_entropy", "cross_entropy_lambda", "lambdarank",
              "rank_xendcg", "custom"]


def random_data(rng):
    n, f = int(rng.integers(60, 400)), int(rng.integers(1, 9))
    x = rng.normal(size=(n, f)) * 10.0 ** rng.integers(-3, 4, f)
    if rng.random() < 0.5:
        x = np.round(x, int(rng.integers(0, 4)))
    if rng.random() < 0.4:
        x[rng.random((n, f)) < rng.random() * 0.5] = 0.0
    if rng.random() < 0.6:
        x[rng.random((n, f)) < rng.random() * 0.4] = np.nan
    cats = [c for c in range(f) if rng.random() < 0.25]
    for c in cats:
        x[:, c] = rng.integers(0, int(rng.choice([2, 5, 40, 300])), n)
        if rng.random() < 0.3:
            x[rng.random(n) < 0.1, c] = np.nan
    z = np.nan_to_num(x)
    y = np.sin(z).sum(axis=1) + 0.5 * np.cos(z @ rng.normal(size=f)) + 0.2 * rng.normal(size=n)
    return x, y, cats


def random_model(rng):
    x, y, cats = random_data(rng)
    objective = str(rng.choice(OBJECTIVES))
    p = dict(num_leaves=int(rng.choice([2, 3, 7, 15, 31, 64])), min_data_in_leaf=int(rng.integers(1, 20)),
             learning_rate=float(rng.choice([0.01, 0.1, 0.5, 1.0])), verbosity=-1, num_threads=1,
             max_bin=int(rng.choice([3, 15, 63, 255])), min_data_in_bin=1, min_data_per_group=1, cat_smooth=1.0,
             max_cat_to_onehot=int(rng.choice([1, 4, 8])), max_depth=int(rng.choice([-1, -1, 3, 6])),
             use_missing=bool(rng.random() < 0.8), zero_as_missing=bool(rng.random() < 0.3),
             boosting=str(rng.choice(["gbdt", "gbdt", "dart", "rf"])), seed=int(rng.integers(1 << 30)))
    if p["boosting"] == "rf":
        p.update(bagging_freq=1, bagging_fraction=0.6)
    group = None
    if objective in ("poisson", "gamma", "tweedie"):
        y = np.exp(np.clip(y, -3, 3))
    elif objective == "binary":
        y, p["sigmoid"] = (y > 0).astype(float), float(rng.choice([1.0, 0.5, 2.3]))
    elif objective.startswith("multi"):
        y, p["num_class"] = np.digitize(y, [-0.7, 0.7]), 3
    elif objective.startswith("cross"):
        y = 1 / (1 + np.exp(-y))
    elif objective in ("lambdarank", "rank_xendcg"):
        y, group = np.digitize(y, [-0.5, 0.5, 1.5]), [len(x)]
    elif objective in ("regression", "regression_l1", "quantile", "mape") and rng.random() < 0.3:
        p["reg_sqrt"] = True
    if objective == "custom":
        p["objective"] = lambda s, d: (s - d.get_label(), np.ones_like(s))
        p["boosting"] = "gbdt"
    else:
        p["objective"] = objective
    booster = lgb.train(p, lgb.Dataset(x, y, group=group, categorical_feature=cats), int(rng.integers(1, 12)))
    return booster, x, objective


def replace_lines(text, key, change):
    return re.sub(rf"^({key}=)(.+)$", lambda m: m[1] + " ".join(change(v) for v in m[2].split()), text, flags=re.M)


def mangle(text, rng):
    """Other thresholds, leaves and ways of missing values than training gives."""
    text = re.sub(r"^tree_sizes=.*\n", "", text, flags=re.M)
    kinds = {}

    def threshold(v):
        if rng.random() < 0.7:
            return v
        return repr(float(rng.choice([0.0, -0.0, ZERO, -ZERO, ZERO / 3, -ZERO / 3, 1e300, -1e300, np.inf, -np.inf, 5e-324,
                                      1e-40, -1e-40, float(rng.normal()), np.nextafter(ZERO, 1), np.nextafter(-ZERO, -1)])))

    def block(match):
        body = match[0]
        types = re.search(r"^decision_type=(.+)$", body, re.M)
        if not types:
            return body
        types = [int(t) for t in types[1].split()]
        cuts = re.search(r"^threshold=(.+)$", body, re.M)[1].split()
        cuts = [v if t & 1 else threshold(v) for v, t in zip(cuts, types)]
        if kinds.get("missing"):
            types = [t if t & 1 or rng.random() < 0.5 else int(rng.choice([0, 2, 4, 6, 8, 10])) for t in types]
        body = re.sub(r"^threshold=.+$", "threshold=" + " ".join(cuts), body, flags=re.M)
        return re.sub(r"^decision_type=.+$", "decision_type=" + " ".join(map(str, types)), body, flags=re.M)

    kinds["missing"] = rng.random() < 0.6
    head, *trees = text.split("\nTree=")
    trees = [block(re.match(r"(?s).*", t)) for t in trees]
    text = "\nTree=".join([head] + trees)
    if rng.random() < 0.5:
        scale = float(rng.choice([1e-300, 1e-3, 50.0, 400.0]))
        text = replace_lines(text, "leaf_value", lambda v: repr(float(v) * scale))
    return text


def ulps(a, b):
    x, y = (np.where(v.view(np.int64) < 0, np.int64(-(1 << 63)) - v.view(np.int64), v.view(np.int64)) for v in (a, b))
    with np.errstate(over="ignore"):  # of different signs they are far apart, but for zeros
        d = np.where((x < 0) == (y < 0), np.abs(x - y), np.abs(x.astype(float) - y.astype(float)))
    return np.where(np.isnan(a) & np.isnan(b), 0, np.where(np.isnan(a) | np.isnan(b), np.inf, d))


def random_job(rng, folder, i):
    booster, x, objective = random_model(rng)
    text = booster.model_to_string()
    if rng.random() < 0.5:
        text = mangle(text, rng)
    return make_job(rng, folder, i, text, x, objective)


def file_job(path, folder, i):
    rng = np.random.default_rng(i)
    # Sizes are of the file as it was saved: git may have changed its line ends, and LightGBM aborts.
    text = re.sub(r"^tree_sizes=.*\n", "", open(path, newline="").read(), flags=re.M)
    infos = re.search(r"^feature_infos=(.*)$", text, re.M)[1].split()
    x = np.empty((2000, len(infos)))
    for f, info in enumerate(infos):
        span = [float(v) for v in info.strip("[]").split(":")] if info != "none" else [0.0]
        x[:, f] = rng.uniform(span[0], span[1], 2000) if info.startswith("[") else rng.choice(span + [np.nan, -2, 77], 2000)
        if info.startswith("[") and all(v == int(v) for v in span):
            x[:, f] = np.floor(x[:, f])
    x[rng.random(x.shape) < 0.02] = np.nan
    return make_job(rng, folder, i, text, x, path)


def make_job(rng, folder, i, text, x, objective):
    booster = lgb.Booster(model_str=text)
    rows = np.vstack([x[:20] if len(x) < 1000 else x, odd_rows(text, x, 300, rng)])
    for _ in range(40):
        rows = np.vstack([rows, rng.choice(ODD, rows.shape[1])])
    path = os.path.join(folder, f"{i}")
    with open(path + ".txt", "w", newline="") as file:
        file.write(text)
    np.ascontiguousarray(rows, dtype=np.float64).tofile(path + ".rows")
    return path, objective, rows, [np.ascontiguousarray(booster.predict(rows, **how), dtype=np.float64).reshape(len(rows), -1)
                                   for how in (dict(raw_score=True), {}, dict(pred_leaf=True))]


def compare(job, totals):
    path, objective, rows, want = job
    data = open(path + ".out", "rb").read()
    if not data:
        totals["refused"] += 1
        print(path, objective, "was refused")
        return
    n, k, trees = np.frombuffer(data, np.int32, 3)
    got = np.frombuffer(data, np.float64, offset=12)
    raw, got = got[:n * k].reshape(n, k), got[n * k:]
    score, leaves = got[:n * k].reshape(n, k), got[n * k:].reshape(n, trees)
    same = np.all((raw.view(np.int64) == want[0].view(np.int64)) | (np.isnan(raw) & np.isnan(want[0])), axis=1)
    near = float(np.max(ulps(score.copy(), want[1])))
    totals["rows"] += int(n)
    totals["cells"] += int(n * k)
    totals["raw"] += int(np.sum(~same))
    totals["leaves"] += int(np.sum(np.any(leaves != want[2], axis=1)))
    totals["ulps"] = max(totals["ulps"], near)
    if not same.all() or near > 4:
        i = int(np.argmin(same))
        print(path, objective, "raw differs" if not same.all() else f"score differs by {near}", rows[i], raw[i], want[0][i])


def run(driver, jobs, totals):
    subprocess.run([driver] + [path + end for path, *_ in jobs for end in (".txt", ".rows", ".out")], check=True)
    for job in jobs:
        compare(job, totals)
        totals["models"] += 1
    print(totals, flush=True)


def main():
    driver, files = sys.argv[1], [a for a in sys.argv[2:] if not a.isdigit()]
    models, seed = ([int(a) for a in sys.argv[2:] if a.isdigit()] + [1000, 1][len(sys.argv) - 2:])[:2] if not files else (0, 0)
    totals = dict(models=0, refused=0, rows=0, cells=0, raw=0, leaves=0, ulps=0.0)
    with tempfile.TemporaryDirectory() as folder:
        for i, path in enumerate(files):
            print(path)
            run(driver, [file_job(path, folder, i)], totals)
        for start in range(0, models, 50):
            jobs = []
            for i in range(start, min(start + 50, models)):
                try:
                    jobs.append(random_job(np.random.default_rng((seed, i)), folder, i))
                except lgb.basic.LightGBMError as error:
                    print(i, "not trained:", error)
            run(driver, jobs, totals)
    sys.exit(bool(totals["raw"] or totals["leaves"] or totals["refused"] or totals["ulps"] > 4))


if __name__ == "__main__":
    main()
