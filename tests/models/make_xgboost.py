"""Makes the XGBoost models of this folder and what the library says of them.

    python3 -m venv venv && venv/bin/pip install xgboost pandas
    venv/bin/python make_xgboost.py [NAME ...]

xgboost-NAME.json or .ubj is the model. xgboost-NAME.golden has a line for each row: the features; the raw
scores (margins); the scores; the numbers of the leaves. The rows are some of the training data, and such
as are easily got wrong: thresholds, and the floats and doubles beside them and half way; NaN, infinities,
denormals; categories in and out of the sets, negative, fractional, far too large.

What XGBoost 1.0 and 1.7 wrote is made by those versions and then scored by the newest, whose rules count:

    venv-1.0/bin/python make_xgboost.py old-1.0; venv-1.7/bin/python make_xgboost.py old-1.7
    venv/bin/python make_xgboost.py old-1.0 old-1.7
"""
import json
import os
import re
import sys

import numpy as np
import xgboost as xgb

HERE = os.path.dirname(os.path.abspath(__file__))
FLOAT_MAX = float(np.finfo(np.float32).max)
ODD = [0.0, -0.0, 5e-324, 1e-45, -1e-45, 1e-38, np.inf, -np.inf, np.nan, 1e39, -1e39, FLOAT_MAX, 1e300]
ODD_CATEGORIES = [np.nan, -1, -0.5, -0.0, 0.5, 0.99999999, 1.99999999, 31, 32, 33, 63, 64, 1e9, 2.0 ** 24, 2.0 ** 24 - 1,
                  4294967297.0, np.inf, -np.inf]
OLD = int(xgb.__version__.split(".")[0]) < 3


def thresholds(model, kinds):
    """Of each feature the thresholds of its numeric splits."""
    found = [set() for _ in kinds]
    booster = model["learner"]["gradient_booster"]
    for tree in booster.get("gbtree", booster)["model"].get("trees", []):
        for left, f, t in zip(tree["left_children"], tree["split_indices"], tree["split_conditions"]):
            if left != -1 and kinds[f] != "c":
                found[f].add(float(np.float32(t)))
    return [sorted(s) for s in found]


def beside(t):
    """A float, its neighbours as float and as double, and the doubles where rounding turns."""
    out = [t]
    for to in (-np.inf, np.inf):
        other = float(np.nextafter(np.float32(t), np.float32(to)))
        half = (t + other) / 2 if np.isfinite(other) else t
        out += [other, float(np.nextafter(t, to)), half, float(np.nextafter(half, to)), float(np.nextafter(half, -to))]
    return out


def odd_rows(model, base, kinds, limit, rng):
    rows = []
    for f, cuts in enumerate(thresholds(model, kinds)):
        values = list(ODD)
        if kinds[f] == "c":
            values = ODD_CATEGORIES + list(range(6))
        for t in cuts:
            values += beside(t)
        for v in values:
            row = base[rng.integers(len(base))].copy()
            row[f] = v
            rows.append(row)
    if len(rows) > limit:
        rows = [rows[i] for i in sorted(rng.choice(len(rows), limit, replace=False))]
    return np.array(rows + [np.full(len(kinds), v) for v in (np.nan, 0.0, np.inf, -np.inf)])


def tamed(rows):
    """The library refuses infinity in data; the largest float lies on the same side of all thresholds."""
    with np.errstate(over="ignore"):
        narrow = rows.astype(np.float32)
    return np.where(np.isinf(narrow), np.sign(rows) * FLOAT_MAX, rows)


def cell(value):
    text = repr(float(value))
    return text[:-2] if text.endswith(".0") else text


def cells(values):
    return ",".join(cell(v) for v in np.atleast_1d(values))


def write(name, booster, base, kinds, suffix=".json", limit=60, of=None, rounds=None):
    """Saves a model, then scores what was saved; or scores some rounds of the model that is there, `of`."""
    path = os.path.join(HERE, f"xgboost-{of or name}{suffix}")
    if booster is not None and not of:
        booster.save_model(path)
    if OLD:
        return
    booster = xgb.Booster(model_file=path)
    booster.set_param({"nthread": 1})
    model = json.loads(booster.save_raw("json"))
    rng = np.random.default_rng(len(name))
    linear = model["learner"]["gradient_booster"]["name"] == "gblinear"
    rows = base[:20] if linear else np.vstack([base[:10], odd_rows(model, base, kinds, limit, rng)])
    booster.feature_names = booster.feature_types = None
    data = xgb.DMatrix(rows if linear else tamed(rows), feature_types=kinds, enable_categorical=True)
    best = booster.attr("best_iteration")
    k = {"iteration_range": (0, rounds or int(best) + 1)} if rounds or best else {}
    raw = booster.predict(data, output_margin=True, **k).reshape(len(rows), -1)
    score = booster.predict(data, **k).reshape(len(rows), -1)
    trees = booster.num_boosted_rounds() and not linear
    leaves = booster.predict(data, pred_leaf=True, **k).reshape(len(rows), -1) if trees else np.empty((len(rows), 0))
    with open(os.path.join(HERE, f"xgboost-{name}.golden"), "w") as file:
        for parts in zip(rows, raw, score, leaves):
            file.write(";".join(cells(p) for p in parts) + "\n")
    print(name, os.path.getsize(path), "bytes,", len(rows), "rows,", leaves.shape[1], "trees")


def numbers(rng, n=150):
    x = np.round(rng.normal(size=(n, 4)), 2)
    x[rng.random(x.shape) < 0.1] = np.nan
    return x.astype(np.float32).astype(np.float64)


def mixed(rng, n=300):
    x = numbers(rng, n)
    x[:, 1] = rng.integers(0, 6, n)
    x[:, 3] = rng.integers(0, 70, n)
    x[rng.random(n) < 0.1, 1] = np.nan
    return x, ["float", "c", "float", "c"]


def fit(param, x, y, kinds=None, rounds=3, group=None, **k):
    data = xgb.DMatrix(x, y, **({} if kinds is None else dict(feature_types=kinds, enable_categorical=True)))
    if group:
        data.set_group(group)
    if param.get("objective") == "survival:aft":
        data.set_float_info("label_lower_bound", y)
        data.set_float_info("label_upper_bound", y * 1.5)
    return xgb.train({"max_depth": 3, "eta": 0.5, "nthread": 1, "verbosity": 0, **param}, data, rounds, **k)


FLOATS = ["float"] * 4


def objectives(rng, want):
    x = numbers(rng)
    z = np.nan_to_num(x)
    y = z[:, 0] + z[:, 1] * z[:, 2] + 0.1 * rng.normal(size=len(x))
    labels = {"binary": (y > 0) * 1.0, "count": rng.poisson(np.exp(y / 3)), "survival": np.exp(y / 3),
              "multi": (y > -0.5) * 1 + (y > 0.5) * 1, "rank": np.clip(np.round(y), 0, 4)}
    special = {"reg:logistic": 1 / (1 + np.exp(-y)), "reg:gamma": np.exp(y / 3), "reg:tweedie": np.exp(y / 3),
               "reg:squaredlogerror": np.exp(y / 3), "rank:map": (y > 0) * 1.0}
    more = {"multi:softmax": {"num_class": 3}, "multi:softprob": {"num_class": 3}, "binary:logistic": {"base_score": 0.3},
            "reg:quantileerror": {"quantile_alpha": [0.1, 0.5, 0.9]}, "count:poisson": {"base_score": 1.7}}
    for name in """reg:squarederror reg:squaredlogerror reg:logistic reg:pseudohubererror reg:absoluteerror reg:gamma reg:tweedie
            reg:quantileerror count:poisson binary:logistic binary:logitraw binary:hinge multi:softmax multi:softprob
            rank:pairwise rank:ndcg rank:map survival:aft survival:cox""".split():
        short = name.split(":")[1] if name != "reg:logistic" else "reg-logistic"
        if not want(short):
            continue
        label = special.get(name, labels.get(name.split(":")[0], y))
        group = [10] * 15 if name.startswith("rank:") else None
        write(short, fit({"objective": name, **more.get(name, {})}, x, label, group=group, rounds=2), x, FLOATS, limit=30)


def shapes(rng, want):
    x = numbers(rng)
    z = np.nan_to_num(x)
    y = z[:, 0] + z[:, 1] * z[:, 2] + 0.1 * rng.normal(size=len(x)) + 5
    three = (y > 4.5) * 1 + (y > 5.5) * 1
    if want("binary-ubjson"):
        write("binary-ubjson", fit({"objective": "binary:logistic"}, x, (y > 5) * 1), x, FLOATS, ".ubj")
    if want("dart"):
        dart = {"booster": "dart", "rate_drop": 0.5, "objective": "multi:softprob", "num_class": 3}
        write("dart", fit(dart, x, three, rounds=4), x, FLOATS)
    if want("dart-ubjson"):
        write("dart-ubjson", fit({"booster": "dart", "rate_drop": 0.5, "normalize_type": "forest"}, x, y, rounds=6), x,
              FLOATS, ".ubj")
    if want("linear"):
        write("linear", fit({"booster": "gblinear", "objective": "binary:logistic"}, x, (y > 5) * 1), x, FLOATS)
    if want("linear-multi"):
        write("linear-multi", fit({"booster": "gblinear", "objective": "multi:softprob", "num_class": 3}, x, three), x,
              FLOATS, ".ubj")
    if want("targets"):
        write("targets", fit({}, x, np.stack([y, -y], axis=1), rounds=2), x, FLOATS)
    if want("vector-leaf"):
        model = fit({"multi_strategy": "multi_output_tree"}, x, np.stack([y, -y], axis=1), rounds=2)
        model.save_model(os.path.join(HERE, "xgboost-vector-leaf.json"))
    if want("parallel"):
        write("parallel", fit({"num_parallel_tree": 3, "subsample": 0.5, "objective": "multi:softprob", "num_class": 3}, x,
                              three, rounds=2), x, FLOATS, limit=30)
    if want("parallel-first"):
        write("parallel-first", None, x, FLOATS, limit=10, of="parallel", rounds=1)
    if want("best"):
        # Labels that say little: what is learned soon makes it worse.
        check = [(xgb.DMatrix(x[100:], y[100:]), "check")]
        write("best", fit({"eta": 0.6, "num_parallel_tree": 2, "subsample": 0.8}, x[:100], y[:100] + rng.normal(size=100), rounds=20,
                          evals=check, early_stopping_rounds=4, verbose_eval=False), x, FLOATS)
    if want("best-all"):
        write("best-all", None, x, FLOATS, limit=10, of="best", rounds=9)
    if want("deep"):
        write("deep", fit({"tree_method": "hist", "grow_policy": "lossguide", "max_leaves": 40, "max_depth": 0,
                           "min_child_weight": 0, "eta": 0.3}, x, y ** 3, rounds=2), x, FLOATS, ".ubj", 120)
    if want("pruned"):
        write("pruned", fit({"tree_method": "exact", "gamma": 4, "max_depth": 5}, x, y, rounds=2), x, FLOATS)
    if want("empty"):
        write("empty", fit({"objective": "binary:logistic", "base_score": 0.2}, x, (y > 5) * 1, rounds=0), x, FLOATS)
    if want("leaf"):
        write("leaf", fit({"gamma": 1e9}, x, y, rounds=2), x, FLOATS)
    if want("tiny"):
        near = x.copy()
        near[:, 0] *= 1e-44
        near[:, 1] *= 1e37
        near[:, 2] = 1 + np.round(x[:, 2] * 10) * 2.0 ** -23
        near = near.astype(np.float32).astype(np.float64)
        write("tiny", fit({"tree_method": "exact", "max_depth": 5, "min_child_weight": 0}, near, y, rounds=2), near, FLOATS,
              limit=200)


def categories(rng, want):
    x, kinds = mixed(rng)
    z = np.nan_to_num(x)
    y = z[:, 0] + (z[:, 1] % 3) + (z[:, 3] % 7 < 2) * 3 + 0.1 * rng.normal(size=len(x))
    if want("categories"):
        write("categories", fit({"max_cat_to_onehot": 1, "max_depth": 4}, x, y, kinds), x, kinds, limit=120)
    if want("onehot"):
        write("onehot", fit({"max_cat_to_onehot": 100}, x, y, kinds), x, kinds, ".ubj", 120)
    if want("names"):
        import pandas
        colours = np.array(["red", "green", "blue", "", "a,b", "light blue"])
        frame = pandas.DataFrame({
            "price": x[:, 0], "colour": pandas.Categorical.from_codes(z[:, 1].astype(int), colours),
            "gr\u00f6\u00dfe, \"x\"": x[:, 2], "shop": pandas.Categorical(z[:, 3].astype(int) * 10 - 30)})
        for name, suffix in (("names", ".json"), ("names-ubjson", ".ubj")):
            model = xgb.train({"max_depth": 3, "nthread": 1}, xgb.DMatrix(frame, y, enable_categorical=True), 2)
            codes = np.stack([frame["price"], frame["colour"].cat.codes, frame.iloc[:, 2], frame["shop"].cat.codes], axis=1)
            write(name, model, codes.astype(np.float64), kinds, suffix, 40)


def old(rng, want):
    x = numbers(rng)
    y = np.nan_to_num(x[:, 0] + x[:, 1])
    for name, objective in (("old-1.0", "binary:logistic"), ("old-1.7", "count:poisson")):
        if name not in sys.argv[1:]:
            continue
        label = (y > 0) * 1 if name == "old-1.0" else np.abs(np.round(y))
        model = fit({"objective": objective, "base_score": 0.3}, x, label) if OLD else None
        write(name, model, x, FLOATS)


def main():
    names = sys.argv[1:]
    want = lambda name: not OLD and (not names or name in names)
    for make in (objectives, shapes, categories, old):
        make(np.random.default_rng(5), want)


if __name__ == "__main__":
    main()
