#!/usr/bin/env python3
"""Random CatBoost models against the library itself, to the bit.

    random_catboost.py DRIVER [MODELS [SEED]]

DRIVER is tests/models/score of a build folder. Trains MODELS small models over all losses, growing policies
and shapes of data, in both forms, scores rows that lie on and beside each border, and compares raw scores,
leaves and scores with what the library says of the model as it was trained. (Its own reader of JSON does not
round numbers correctly: a model that was saved as JSON and loaded again scores a few bits beside.) Needs catboost and numpy; not part of `make check`.
"""
import json
import os
import sys
import tempfile

import catboost as cb
import numpy as np

from driver import Driver

SINGLE = """Logloss CrossEntropy Focal:focal_alpha=0.5;focal_gamma=1 RMSE MAE MAPE Poisson Quantile:alpha=0.3
    LogLinQuantile:alpha=0.4 Lq:q=3 Huber:delta=1 Expectile:alpha=0.3 Tweedie:variance_power=1.5 LogCosh QueryRMSE
    QuerySoftMax QueryCrossEntropy YetiRank PairLogit StochasticFilter StochasticRank:metric=DCG Cox SurvivalAft""".split()
MULTI = "MultiClass MultiClassOneVsAll MultiLogloss MultiCrossEntropy MultiRMSE MultiQuantile:alpha=0.1,0.5,0.9".split()
RANKS = "QueryRMSE QuerySoftMax QueryCrossEntropy YetiRank PairLogit StochasticFilter StochasticRank".split()
PROBABILITY = "Logloss CrossEntropy Focal MultiClass MultiClassOneVsAll MultiLogloss MultiCrossEntropy".split()
EXPONENT = "Poisson Tweedie".split()
FLOAT_MAX = float(np.finfo(np.float32).max)


def features(rng, n, kinds):
    """Numbers, and for categories numbers that stand for their texts."""
    x = rng.normal(size=(n, len(kinds)))
    for j, kind in enumerate(kinds):
        if kind == "c":
            x[:, j] = rng.integers(0, rng.choice([2, 3, 12]), n)
        elif kind == "count":
            x[:, j] = rng.poisson(3, n)
        elif kind == "tiny":
            x[:, j] *= 1e-42
        elif kind == "huge":
            x[:, j] *= 1e37
        elif kind == "near":
            x[:, j] = 1 + rng.integers(0, 50, n) * 2.0 ** -23
        elif kind == "many":
            x[:, j] = rng.permutation(n) / 7
    x = x.astype(np.float32).astype(np.float64)
    if rng.random() < 0.7:
        holes = rng.random(x.shape) < rng.choice([0.02, 0.3])
        holes[:, kinds == "c"] = False
        x[holes] = np.nan
    return x


def label(rng, loss, x):
    n, name = len(x), loss.split(":")[0]
    signal = np.nan_to_num(x[:, 0] / (np.nanmax(np.abs(x[:, 0])) + 1e-300)) + rng.normal(size=n) * 0.5
    if name in ("Logloss", "Focal", "QueryCrossEntropy"):
        return (signal > 0) * 1
    if name in ("CrossEntropy",):
        return 1 / (1 + np.exp(-signal))
    if name in ("MultiClass", "MultiClassOneVsAll"):
        return np.append(np.arange(3), rng.integers(0, rng.integers(3, 6), n - 3))
    if name == "MultiLogloss":
        return np.stack([signal > 0, signal > 0.5, signal < 0.2], axis=1) * 1
    if name == "MultiCrossEntropy":
        return np.stack([1 / (1 + np.exp(-signal)), 1 / (1 + np.exp(signal))], axis=1)
    if name == "MultiRMSE":
        return np.stack([signal, signal * 2 + 100, -signal], axis=1)
    if name == "SurvivalAft":
        return np.stack([np.exp(signal), np.where(rng.random(n) < 0.3, -1, np.exp(signal) + 1)], axis=1)
    if name in ("Poisson", "Tweedie"):
        return rng.poisson(np.exp(np.clip(signal, -3, 3)))
    if name in RANKS:
        return rng.integers(0, 3, n) / 2
    if name in ("Cox", "MAPE", "LogLinQuantile"):
        return np.exp(signal) + 1
    return signal * 10.0 ** rng.integers(-3, 4) + rng.choice([0, 100])


def table(rows, kinds):
    """As the library takes them: categories are texts, and so are some numbers."""
    out = rows.astype(object)
    for j in np.flatnonzero(kinds == "c"):
        out[:, j] = [text(j, v) for v in rows[:, j]]
    return out


def text(j, v):
    """Texts of all lengths: the hash has a way of its own for short, longer and long ones."""
    return f"c{int(v)}" + "é" * (int(v) * 7 % 40) if j % 3 != 0 else str(int(v))


def pool(rows, kinds, y=None, loss=""):
    cats = [int(j) for j in np.flatnonzero(kinds == "c")]
    data = table(rows, kinds) if cats else rows
    group = np.arange(len(rows)) // 20 if loss.split(":")[0] in RANKS and y is not None else None
    return cb.Pool(data, y, cat_features=cats, group_id=group)


def train(rng):
    loss = str(rng.choice(SINGLE if rng.random() < 0.65 else MULTI))
    name = loss.split(":")[0]
    n = int(rng.choice([60, 200, 900]))
    kinds = rng.choice(["c", "count", "tiny", "huge", "near", "many", "", ""], int(rng.integers(1, 9)))
    policy = str(rng.choice(["SymmetricTree", "SymmetricTree", "Depthwise", "Lossguide"]))
    depth = int(rng.integers(1, 8)) if rng.random() < 0.95 else 10
    param = dict(loss_function=loss, iterations=int(rng.integers(1, 15)), depth=depth, grow_policy=policy,
                 learning_rate=float(rng.choice([0.05, 0.3, 1])), random_seed=int(rng.integers(1 << 30)), thread_count=1,
                 border_count=int(rng.choice([1, 5, 32, 254, 800])), nan_mode=str(rng.choice(["Min", "Max"])),
                 one_hot_max_size=255, allow_writing_files=False, verbose=0, allow_const_label=True)
    if policy == "Lossguide":
        param.update(max_leaves=int(rng.integers(2, 40)))
    if name in ("MultiRMSE", "RMSE") and rng.random() < 0.5:
        param["boost_from_average"] = True
    if name == "SurvivalAft":
        param["loss_function"] = "SurvivalAft:dist=Normal"
    x = features(rng, n, kinds)
    data = pool(x, kinds, label(rng, loss, x), loss)
    model = cb.CatBoost(param)
    model.fit(data)
    if rng.random() < 0.2 and model.classes_ is not None and model.get_scale_and_bias() and name not in MULTI and ":" not in loss:
        model.set_scale_and_bias(float(rng.choice([1, 0.37, -2])), float(rng.normal()))
    return model, kinds, name, param, x, data


def codes(model, kinds, rows):
    """Categories by their place in the list of values of the feature, as the C side numbers them."""
    out = rows.copy()
    info = model["features_info"]
    texts = {e["hash"]: e["value"] for e in info.get("cat_features_hash") or []}
    for cat in info.get("categorical_features") or []:
        j = cat["flat_feature_index"]
        names = [texts[v % 2 ** 32] for v in cat.get("values", [])]
        out[:, j] = [names.index(text(j, v)) if text(j, v) in names else len(names) for v in rows[:, j]]
    return out


def probes(rng, model, kinds, x):
    values = [np.array([0.0])] * len(kinds)
    for feature in model["features_info"].get("float_features") or []:
        some = np.array(feature["borders"] or [0], dtype=np.float32)
        some = rng.choice(some, 200) if len(some) > 200 else some
        with np.errstate(over="ignore", invalid="ignore"):
            below, above = np.nextafter(some, np.float32(-np.inf)), np.nextafter(some, np.float32(np.inf))
            wide = some.astype(np.float64)
            halves = [(wide + below) / 2, (wide + above) / 2]
        values[feature["flat_feature_index"]] = np.concatenate([
            wide, below, above, np.nextafter(wide, -np.inf), np.nextafter(wide, np.inf), *halves,
            np.nextafter(halves[0], -np.inf), np.nextafter(halves[1], np.inf), np.nextafter(halves[1], -np.inf),
            [0, -0.0, np.nan, np.nan, 5e-324, 1e-45, -1e-45, 1e-40, FLOAT_MAX, -FLOAT_MAX, 1e39, -1e39, np.inf, -np.inf]])
    for j in np.flatnonzero(kinds == "c"):
        values[j] = np.arange(16.0)
    rows = np.stack([rng.choice(v, 300) for v in values], axis=1)
    near = x[rng.integers(0, len(x), 300)].copy()
    change = rng.random(near.shape) < 0.3
    for j, v in enumerate(values):
        near[change[:, j], j] = rng.choice(v, change[:, j].sum())
    return np.concatenate([rows, near, x[:50]])


def ulps(a, b):
    def order(v):
        bits = np.ascontiguousarray(v, dtype=np.float64).view(np.int64)
        return np.where(bits < 0, np.int64(-2 ** 63) - bits, bits).astype(object)
    return max((abs(p - q) for p, q in zip(order(a).ravel(), order(b).ravel())), default=0)


def leaves_of(model, path, form, given, trees):
    """As the file numbers them: JSON numbers those of non-symmetric trees anew."""
    saved = cb.CatBoost().load_model(path, format=form)
    leaves = np.asarray(saved.calc_leaf_indexes(given, ntree_end=trees)).reshape(given.num_row(), -1)
    outputs = np.asarray(model.predict(given, prediction_type="RawFormulaVal")).reshape(given.num_row(), -1).shape[1]
    return np.repeat(leaves, outputs, axis=1)


def compare(driver, tally, model, path, form, rows, given, trees, what):
    ours = driver.score(path, rows, trees)
    if ours is None:
        tally["refused"] += 1
        print("refused:", path, what)
        return
    name, n = what["loss_function"].split(":")[0], len(rows)
    k = dict(ntree_end=trees, thread_count=1)
    raw = np.asarray(model.predict(given, prediction_type="RawFormulaVal", **k)).reshape(n, -1)
    differ = int((np.ascontiguousarray(raw).view(np.int64) != np.ascontiguousarray(ours[0]).view(np.int64)).sum())
    leaves = leaves_of(model, path, form, given, trees)
    kind = "Probability" if name in PROBABILITY else "Exponent" if name in EXPONENT else "RawFormulaVal"
    score = np.asarray(model.predict(given, prediction_type=kind, **k)).reshape(n, -1)
    score = score[:, 1:] if kind == "Probability" and raw.shape[1] == 1 else score
    far = ulps(score, ours[2])
    tally["rows"] += n
    tally["scores"] += raw.size
    tally["differ"] += differ
    tally["leaves"] += leaves.shape != ours[1].shape or bool((leaves != ours[1]).any())
    tally[f"ulps {name}"] = max(tally.get(f"ulps {name}", 0), far)
    if differ or leaves.shape != ours[1].shape or (leaves != ours[1]).any():
        print("differs:", path, f"{differ} of {raw.size}, ulps {ulps(raw, ours[0])}, leaves {leaves.shape} {ours[1].shape}", what)


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    tally = {"models": 0, "rows": 0, "scores": 0, "differ": 0, "leaves": 0, "refused": 0}
    kinds_of = {}
    with tempfile.TemporaryDirectory() as folder:
        driver = Driver(sys.argv[1], folder)
        for number in range(count):
            rng = np.random.default_rng([seed, number])
            try:
                model, kinds, name, param, x, data = train(rng)
            except cb.CatBoostError as error:
                why = "not trained: " + str(error).splitlines()[0][-90:]
                kinds_of[why] = kinds_of.get(why, 0) + 1
                continue
            path = os.path.join(folder, "m.json")
            model.save_model(path, format="json", pool=data)
            saved = json.load(open(path))
            rows = probes(rng, saved, kinds, x)
            trees = 0 if rng.random() < 0.7 else int(rng.integers(1, model.tree_count_ + 1))
            for form, suffix in (("json", "json"), ("cbm", "cbm")):
                path = os.path.join(folder, f"m.{suffix}")
                if form == "cbm":
                    model.save_model(path)
                compare(driver, tally, model, path, form, codes(saved, kinds, rows), pool(rows, kinds), trees, param)
            tally["models"] += 1
            key = f"{param['grow_policy']} {name}"
            kinds_of[key] = kinds_of.get(key, 0) + 1
    for name in sorted(kinds_of):
        print(f"{kinds_of[name]:6} {name}")
    print(f"catboost {cb.__version__}:", ", ".join(f"{v} {k}" for k, v in tally.items()))
    return tally["differ"] + tally["leaves"] + tally["refused"] > 0


if __name__ == "__main__":
    sys.exit(main())
