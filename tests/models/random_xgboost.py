#!/usr/bin/env python3
"""Random XGBoost models against the library itself, to the bit.

    random_xgboost.py DRIVER [MODELS [SEED]]

DRIVER is tests/models/score of a build folder. Trains MODELS small models over all boosters, objectives
and shapes of data, scores rows that lie on and beside each threshold, and compares raw scores and leaves
with what the library says. Needs xgboost and numpy; not part of `make check`.
"""
import json
import os
import sys
import tempfile

import numpy as np
import xgboost as xgb

from driver import Driver, same, ulps

VERSION = tuple(int(x) for x in xgb.__version__.split(".")[:2])
OBJECTIVES = """reg:squarederror reg:squaredlogerror reg:logistic reg:pseudohubererror reg:absoluteerror
    reg:gamma reg:tweedie count:poisson binary:logistic binary:logitraw binary:hinge multi:softmax
    multi:softprob rank:pairwise rank:ndcg rank:map survival:aft survival:cox""".split()
if VERSION >= (2, 0):
    OBJECTIVES.append("reg:quantileerror")
FLOAT_MAX = float(np.finfo(np.float32).max)


def features(rng, n, columns, kinds):
    x = rng.normal(size=(n, columns))
    for j, kind in enumerate(kinds):
        if kind == "c":
            x[:, j] = rng.integers(0, rng.choice([2, 5, 40, 200]), n)
        elif kind == "count":
            x[:, j] = rng.poisson(3, n)
        elif kind == "tiny":
            x[:, j] *= 1e-42
        elif kind == "huge":
            x[:, j] *= 1e37
        elif kind == "near":
            x[:, j] = 1 + rng.integers(0, 50, n) * 2.0 ** -23
    x = x.astype(np.float32).astype(np.float64)
    if rng.random() < 0.7:
        x[rng.random(x.shape) < rng.choice([0.02, 0.3])] = np.nan
    return x


def labels(rng, objective, x, outputs):
    n = len(x)
    signal = np.nan_to_num(x[:, 0] / (np.nanmax(np.abs(x[:, 0])) + 1e-300)) + rng.normal(size=n) * 0.5
    if objective in ("binary:logistic", "binary:logitraw", "binary:hinge"):
        return (signal > rng.normal()) * 1.0
    if objective.startswith("multi:"):
        return rng.integers(0, outputs, n)
    if objective == "reg:logistic":
        return 1 / (1 + np.exp(-signal))
    if objective in ("reg:gamma", "survival:aft", "survival:cox", "reg:squaredlogerror"):
        return np.exp(signal)
    if objective in ("count:poisson", "reg:tweedie"):
        return rng.poisson(np.exp(np.clip(signal, -3, 3)))
    if objective.startswith("rank:"):
        return rng.integers(0, 2 if objective == "rank:map" else 5, n)
    return signal * 10.0 ** rng.integers(-3, 4) + rng.choice([0, 100])


def train(rng):
    """A booster, its training data's feature types, and the objective."""
    columns, n = int(rng.integers(1, 9)), int(rng.choice([60, 200, 500]))
    booster = str(rng.choice(["gbtree", "gbtree", "gbtree", "dart", "gblinear"]))
    kinds = rng.choice(["c", "count", "tiny", "huge", "near", "", "", ""], columns)
    if booster == "gblinear":
        kinds = rng.choice(["count", "", "near"], columns)
    objective = str(rng.choice(OBJECTIVES))
    outputs = int(rng.integers(2, 6)) if objective.startswith("multi:") else 1
    param = dict(booster=booster, objective=objective, nthread=1, verbosity=0, seed=int(rng.integers(1 << 30)))
    if booster != "gblinear":
        param.update(max_depth=int(rng.integers(1, 9)), eta=float(rng.choice([0.05, 0.3, 1])),
                     tree_method=str(rng.choice(["hist", "hist", "exact", "approx"])),
                     min_child_weight=float(rng.choice([0, 1, 5])), reg_lambda=float(rng.choice([0.01, 1])),
                     subsample=float(rng.choice([0.5, 1])), num_parallel_tree=int(rng.choice([1, 1, 1, 3])))
        if "c" in kinds and param["tree_method"] == "exact":
            param["tree_method"] = "hist"
        if param["tree_method"] == "hist" and rng.random() < 0.3:
            param.update(grow_policy="lossguide", max_leaves=int(rng.integers(2, 64)), max_depth=0)
        if rng.random() < 0.2:
            param["gamma"] = 1.0
        param["max_cat_to_onehot"] = int(rng.choice([1, 4, 1000]))
    if booster == "dart":
        param.update(rate_drop=0.4, skip_drop=0.2, normalize_type=str(rng.choice(["tree", "forest"])))
    if objective.startswith("multi:"):
        param["num_class"] = outputs
    if objective == "reg:quantileerror":
        param["quantile_alpha"] = [0.1, 0.5, 0.9] if rng.random() < 0.5 else 0.5
    if objective in ("binary:logistic", "reg:logistic", "reg:gamma", "count:poisson", "reg:tweedie",
                     "survival:aft", "survival:cox") and rng.random() < 0.6:
        param["base_score"] = float(np.float32(rng.random() * 0.98 + 0.01))
    elif rng.random() < 0.3:
        param["base_score"] = float(np.float32(rng.normal() if "l" not in objective else 0.5))
    x = features(rng, n, columns, kinds)
    y = labels(rng, objective, x, outputs)
    if objective in ("reg:squarederror", "reg:absoluteerror") and rng.random() < 0.15 and VERSION >= (2, 0):
        y = np.stack([y, y * 2 + 1, -y], axis=1)
        if booster == "gblinear":
            y = y[:, 0]
    types = ["c" if k == "c" else "float" for k in kinds]
    data = xgb.DMatrix(x, y, feature_types=types, enable_categorical=True)
    if objective == "survival:aft":
        data.set_float_info("label_lower_bound", y)
        data.set_float_info("label_upper_bound", y * 1.5)
    if objective.startswith("rank:"):
        data.set_group([20] * (n // 20) + ([n % 20] if n % 20 else []))
    return xgb.train(param, data, int(rng.integers(1, 13))), types, param, x


def probes(rng, model, types, x):
    """Rows on each threshold, and one ulp of float and of double to each side."""
    columns = len(types)
    values = [[] for _ in range(columns)]
    learner = model["learner"]["gradient_booster"]
    trees = learner.get("gbtree", learner)["model"].get("trees", [])
    for tree in trees:
        for left, feature, condition in zip(tree["left_children"], tree["split_indices"], tree["split_conditions"]):
            if left != -1 and types[feature] != "c":
                values[feature].append(np.float32(condition))
    for j in range(columns):
        some = np.array(values[j] or [0], dtype=np.float32)
        if len(some) > 200:
            some = rng.choice(some, 200)
        below, above = np.nextafter(some, np.float32(-np.inf)), np.nextafter(some, np.float32(np.inf))
        wide = some.astype(np.float64)
        half_below, half_above = (wide + below) / 2, (wide + above) / 2
        values[j] = np.concatenate([
            wide, below, above, np.nextafter(wide, -np.inf), np.nextafter(wide, np.inf),
            half_below, np.nextafter(half_below, -np.inf), np.nextafter(half_below, np.inf),
            half_above, np.nextafter(half_above, np.inf),
            [0, -0.0, np.nan, 5e-324, 1e-45, -1e-45, 1e-40, FLOAT_MAX, -FLOAT_MAX, 1e30]])
        if types[j] == "c":
            values[j] = np.array([np.nan, -1, -0.5, -0.0, 0.5, 0.99999999999, 1.99999999999, 31, 32, 33, 1e9, 199, 200, 201,
                                  16777215, 16777216, 16777217, -1e30, 1e30, *range(42)], dtype=np.float64)
    rows = np.stack([rng.choice(values[j], 300) for j in range(columns)], axis=1)
    near = x[rng.integers(0, len(x), 300)].copy()
    change = rng.random(near.shape) < 0.3
    for j in range(columns):
        near[change[:, j], j] = rng.choice(values[j], change[:, j].sum())
    with np.errstate(over="ignore"):
        rows = np.concatenate([rows, near, x[:50]])
        rows[np.isinf(rows.astype(np.float32))] = FLOAT_MAX
    return rows


def infinite(rng, rows):
    """The same rows with infinities, and as the library takes them: it refuses infinity in data, and
    the largest float lies on the same side of all thresholds."""
    rows, tame = rows.copy(), rows.copy()
    where = rng.random(rows.shape) < 0.3
    signs = rng.choice([-1, 1], rows.shape)
    rows[where] = (signs * np.inf)[where]
    tame[where] = (signs * FLOAT_MAX)[where]
    return rows, tame


class Tally:
    def __init__(self):
        self.models = self.rows = self.scores = self.differ = self.leaves = self.refused = self.ulps = 0
        self.kinds = {}


def compare(driver, tally, booster, types, rows, given, path, trees, param):
    """`rows` as we take them, `given` as the library does."""
    data = xgb.DMatrix(given, feature_types=types, enable_categorical=True)
    k = {} if trees == 0 or param["booster"] == "gblinear" else {"iteration_range": (0, trees)}
    own_trees = trees * param.get("num_parallel_tree", 1) if k else 0
    ours = driver.score(path, rows, own_trees)
    if ours is None:
        tally.refused += 1
        print("refused:", path, param)
        return
    margin = booster.predict(data, output_margin=True, **k).reshape(len(rows), -1)
    score = booster.predict(data, **k).reshape(len(rows), -1)
    equal = same(ours[0], margin)
    tally.rows += len(rows)
    tally.scores += margin.size
    tally.differ += int((~equal).sum())
    if param["booster"] != "gblinear":
        leaf = booster.predict(data, pred_leaf=True, **k).reshape(len(rows), -1)
        if leaf.shape != ours[1].shape or (leaf != ours[1]).any():
            tally.leaves += 1
            print("leaves differ:", path, param)
    distance = ulps(ours[2][:, :score.shape[1]], score)
    tally.ulps = max(tally.ulps, distance)
    if not equal.all() or distance > 4:
        i, o = np.argwhere(~equal)[0] if not equal.all() else (0, 0)
        print("differs:", path, f"{(~equal).sum()} of {equal.size}, {distance} ulp after the transform, row {i}:",
              ours[0][i, o], margin[i, o], param)
        keep = os.path.join(tempfile.gettempdir(), f"differs-{tally.models}{os.path.splitext(path)[1]}")
        booster.save_model(keep)


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        driver = Driver(sys.argv[1], folder)
        for number in range(count):
            rng = np.random.default_rng([seed, number])
            try:
                booster, types, param, x = train(rng)
            except xgb.core.XGBoostError as error:
                why = str(error).splitlines()[0][-90:]
                tally.kinds["not trained: " + why] = tally.kinds.get("not trained: " + why, 0) + 1
                continue
            path = os.path.join(folder, "m" + str(rng.choice([".json", ".ubj"])))
            booster.save_model(path)
            model = json.loads(booster.save_raw("json"))
            rows = probes(rng, model, types, x)
            trees = 0 if rng.random() < 0.7 else int(rng.integers(1, booster.num_boosted_rounds() + 1))
            compare(driver, tally, booster, types, rows, rows, path, trees, param)
            if param["booster"] != "gblinear":
                wild, tame = infinite(rng, rows[:100])
                compare(driver, tally, booster, types, wild, tame, path, trees, param)
            tally.models += 1
            name = f"{param['booster']} {param['objective']}"
            tally.kinds[name] = tally.kinds.get(name, 0) + 1
    for name in sorted(tally.kinds):
        print(f"{tally.kinds[name]:6} {name}")
    print(f"xgboost {xgb.__version__}: {tally.models} models, {tally.rows} rows, {tally.scores} raw scores, "
          f"{tally.differ} differ, leaves differ in {tally.leaves} models, {tally.refused} refused, "
          f"at most {tally.ulps} ulp after the transform")
    return tally.differ + tally.leaves + tally.refused > 0


if __name__ == "__main__":
    sys.exit(main())
