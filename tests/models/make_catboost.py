"""Makes the CatBoost models of this folder and what the library says of them.

    python3 -m venv venv && venv/bin/pip install catboost
    venv/bin/python make_catboost.py [NAME ...]

catboost-NAME.json or .cbm is the model. catboost-NAME.golden has a line for each row: the features, where
categories are numbers among the values that the feature is compared with; the raw scores; the scores; the
numbers of the leaves, once for each output. The rows are some of the training data, and such as are easily
got wrong: borders, and the floats and doubles beside them and half way; NaN, infinities, denormals; unseen
categories. Raw scores are those of the model as trained: when the library loads JSON it rounds wrongly.
"""
import json
import os
import sys

import catboost as cb
import numpy as np

from random_catboost import EXPONENT, PROBABILITY, codes, leaves_of, pool, probes

HERE = os.path.dirname(os.path.abspath(__file__))


def cells(values):
    texts = [repr(float(v)) for v in np.atleast_1d(values)]
    return ",".join(t[:-2] if t.endswith(".0") else t for t in texts)


def write(name, form, model, data, kinds, x, loss, limit=60, trees=0, of=None):
    """Saves a model, then scores it; or scores some trees of the model that is there, `of`."""
    path = os.path.join(HERE, f"catboost-{of or name}.{form}")
    if not of:
        model.save_model(path, format=form, **({"pool": data} if form == "json" else {}))
    aside = os.path.join(HERE, "aside.json")
    model.save_model(aside, format="json", pool=data)
    saved = json.load(open(aside))
    os.remove(aside)
    rng = np.random.default_rng(len(name))
    rows = probes(rng, saved, kinds, x)
    rows = rows[sorted(rng.choice(len(rows), limit, replace=False))]
    given = pool(rows, kinds)
    raw = np.asarray(model.predict(given, prediction_type="RawFormulaVal", ntree_end=trees)).reshape(limit, -1)
    kind = "Probability" if loss in PROBABILITY else "Exponent" if loss in EXPONENT else "RawFormulaVal"
    score = np.asarray(model.predict(given, prediction_type=kind, ntree_end=trees)).reshape(limit, -1)
    score = score[:, 1:] if kind == "Probability" and raw.shape[1] == 1 else score
    leaves = leaves_of(model, path, form, given, trees) if model.tree_count_ else np.empty((limit, 0))
    with open(os.path.join(HERE, f"catboost-{name}.golden"), "w") as file:
        for parts in zip(codes(saved, kinds, rows), raw, score, leaves):
            file.write(";".join(cells(p) for p in parts) + "\n")
    print(name, os.path.getsize(path), "bytes,", limit, "rows,", leaves.shape[1], "trees")


def fit(x, kinds, y, loss, names=None, **k):
    data = pool(x, kinds, y, loss)
    if names:
        data.set_feature_names(names)
    param = dict(loss_function=loss, iterations=4, depth=3, learning_rate=0.5, thread_count=1, border_count=12,
                 one_hot_max_size=255, allow_writing_files=False, verbose=0)
    model = cb.CatBoost({**param, **k})
    return model.fit(data), data


def numbers(rng, n=200, columns=4):
    x = np.round(rng.normal(size=(n, columns)), 2)
    x[rng.random(x.shape) < 0.1] = np.nan
    x[:, 0] = np.nan_to_num(x[:, 0])
    return x.astype(np.float32).astype(np.float64)


def plain(rng, want):
    x = numbers(rng)
    z = np.nan_to_num(x)
    y = z[:, 0] + z[:, 1] * z[:, 2] + 0.1 * rng.normal(size=len(x))
    kinds = np.array([""] * 4)
    count, three = rng.poisson(np.exp(y / 3)), (y > -0.5) * 1 + (y > 0.5) * 1
    many = np.stack([y, 100 - y], axis=1)
    labels = np.stack([y > 0, y > 0.5, y < 0.2], axis=1) * 1
    for name, form, loss, target, k in [
            ("rmse", "json", "RMSE", y, {}), ("logloss", "cbm", "Logloss", (y > 0) * 1, {}),
            ("crossentropy", "json", "CrossEntropy", 1 / (1 + np.exp(-y)), {}),
            ("poisson", "json", "Poisson", count, {}), ("tweedie", "cbm", "Tweedie:variance_power=1.5", count, {}),
            ("multiclass", "json", "MultiClass", three, {}), ("onevsall", "cbm", "MultiClassOneVsAll", three, {}),
            ("multilogloss", "cbm", "MultiLogloss", labels, {}), ("multirmse", "json", "MultiRMSE", many, {}),
            ("multirmse-cbm", "cbm", "MultiRMSE", many, {}), ("yetirank", "cbm", "YetiRank", np.clip(np.round(y), 0, 4) / 4, {}),
            ("depthwise", "json", "RMSE", y, dict(grow_policy="Depthwise", depth=4)),
            ("lossguide", "cbm", "RMSE", y, dict(grow_policy="Lossguide", max_leaves=9, depth=6)),
            ("depthwise-multi", "cbm", "MultiClass", three, dict(grow_policy="Depthwise")),
            ("lossguide-multi", "json", "MultiClass", three, dict(grow_policy="Lossguide", max_leaves=6)),
            ("nan-max", "cbm", "RMSE", y, dict(nan_mode="Max")), ("nan-max-json", "json", "RMSE", y, dict(nan_mode="Max")),
            ("deep", "cbm", "RMSE", y, dict(depth=9, iterations=2)), ("stump", "json", "RMSE", y, dict(depth=1, iterations=1))]:
        if name in want:
            model, data = fit(x, kinds, target, loss, **k)
            write(name, form, model, data, kinds, x, loss.split(":")[0])
            if name == "multiclass":
                write("multiclass-first", form, model, data, kinds, x, loss, trees=2, of=name)
    if "scale" in want:
        model, data = fit(x, kinds, y, "RMSE")
        model.set_scale_and_bias(-0.37, 12.5)
        write("scale", "cbm", model, data, kinds, x, "RMSE")
    if "sum" in want:
        a, data = fit(x, kinds, y, "RMSE")
        b, _ = fit(x, kinds, -y, "RMSE", border_count=5)
        write("sum", "cbm", cb.sum_models([a, b], weights=[1, 0.3]), data, kinds, x, "RMSE")
    if "constant" in want:
        model, data = fit(x, kinds, np.full(len(x), 2.5), "RMSE", allow_const_label=True,
                          bootstrap_type="No", boost_from_average=False)
        write("constant", "json", model, data, kinds, x, "RMSE")


def others(rng, want):
    n = 1500
    x = np.column_stack([rng.permutation(n) / 7, 1 + rng.integers(0, 900, n) * 2.0 ** -23, rng.normal(size=n) * 1e-42])
    x = x.astype(np.float32).astype(np.float64)
    y = np.sin(x[:, 0]) + (x[:, 1] - 1) * 1e4
    kinds = np.array([""] * 3)
    if "borders" in want:
        model, data = fit(x, kinds, y, "RMSE", border_count=1200, depth=6, iterations=12)
        write("borders", "cbm", model, data, kinds, x, "RMSE", limit=120)
    if "tiny" in want:
        model, data = fit(x, kinds, x[:, 2] * 1e42, "RMSE", border_count=20)
        write("tiny", "json", model, data, kinds, x, "RMSE")
    x = numbers(rng, 300)
    x[:, 1], x[:, 3] = rng.integers(0, 12, 300), rng.integers(0, 40, 300)
    kinds = np.array(["", "c", "", "c"])
    y = (x[:, 1] % 3) * 2 + (x[:, 3] % 5) + np.nan_to_num(x[:, 0])
    names = ["price", "größe", "age, \"x\"", "shop"]
    for name, form, k in [("categories", "json", {}), ("categories-cbm", "cbm", {}),
                          ("categories-lossguide", "cbm", dict(grow_policy="Lossguide", max_leaves=12))]:
        if name in want:
            model, data = fit(x, kinds, y, "RMSE", names, iterations=10, **k)
            write(name, form, model, data, kinds, x, "RMSE", limit=100)


def refused(rng, want):
    """What is not supported: one model each, without a golden."""
    x = numbers(rng, 300)
    x[:, 1] = rng.integers(0, 12, 300)
    kinds = np.array(["", "c", "", ""])
    y = (x[:, 1] % 3) * 2 + np.nan_to_num(x[:, 0])
    for form in ("json", "cbm"):
        if f"ctr-{form}" in want:
            model, data = fit(x, kinds, y, "RMSE", one_hot_max_size=1, iterations=2)
            model.save_model(os.path.join(HERE, f"catboost-ctr-{form}.{form}"), format=form)
    if "text" in want:
        words = [" ".join(rng.choice(["good", "bad", "fine", "film"], 3)) for _ in range(300)]
        data = cb.Pool([[w, float(v)] for w, v in zip(words, y)], (y > 2) * 1, text_features=[0])
        model = cb.CatBoost(dict(loss_function="Logloss", iterations=2, depth=2, verbose=0, allow_writing_files=False)).fit(data)
        model.save_model(os.path.join(HERE, "catboost-text.cbm"))
    if "uncertainty" in want:
        model, data = fit(x[:, :1], kinds[:1], y, "RMSEWithUncertainty", iterations=1, depth=1)
        model.save_model(os.path.join(HERE, "catboost-uncertainty.json"), format="json")


class Everything:
    def __contains__(self, name):
        return True


def main():
    want = sys.argv[1:] or Everything()
    for make in (plain, others, refused):
        make(np.random.default_rng(7), want)


if __name__ == "__main__":
    main()
