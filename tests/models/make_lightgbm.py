"""Makes the LightGBM models of this folder and what the library says of them.

    python3 -m venv venv && venv/bin/pip install lightgbm pandas
    venv/bin/python make_lightgbm.py [NAME ...]

NAME.txt is the model. NAME.golden has a line for each row: the features; the raw scores; the scores;
the numbers of the leaves; all with the digits that read back to the same double. The rows are random
ones, and such as are easily got wrong: every threshold, and the doubles beside it; NaN, infinities,
zeros of both signs, denormals, the ends of what LightGBM takes for zero; categories in and out of
the sets, negative, fractional, far too large (C++ leaves those beyond an int open; on x86 they are in no set).
"""
import os
import re
import sys

import lightgbm as lgb
import numpy as np

np.seterr(over="ignore")

HERE = os.path.dirname(os.path.abspath(__file__))
ZERO = float(np.float32(1e-35))
ODD = [0.0, -0.0, 5e-324, -5e-324, 2.5e-308, ZERO, -ZERO, np.nextafter(ZERO, 1), np.nextafter(ZERO, 0),
       np.nextafter(-ZERO, -1), np.nextafter(-ZERO, 0), 1e-30, -1e-30, np.inf, -np.inf, np.nan, 1e308, -1e308,
       0.5, -0.5, 1.0, 2.0, 3.999, 31.0, 32.0, 1e9, 2147483647.0, 2147483648.0, 4294967296.0, -1.0, -1e10]


def thresholds(text, n_features):
    """Of each feature the thresholds of its numeric splits."""
    found = [set() for _ in range(n_features)]
    for block in text.split("\nTree=")[1:]:
        line = dict(re.findall(r"^(\w+)=(.*)$", block, re.M))
        if int(line["num_leaves"]) > 1:
            for f, t, d in zip(line["split_feature"].split(), line["threshold"].split(), line["decision_type"].split()):
                if not int(d) & 1:
                    found[int(f)].add(float(t))
    return [sorted(s) for s in found]


def odd_rows(text, base, limit, rng):
    """Rows of base with one or more cells that are easily got wrong."""
    n = base.shape[1]
    cuts = thresholds(text, n)
    rows = []
    for f in range(n):
        values = list(ODD)
        for t in cuts[f]:
            values += [t, np.nextafter(t, -np.inf), np.nextafter(t, np.inf)]
        for v in values:
            row = base[rng.integers(len(base))].copy()
            row[f] = v
            rows.append(row)
    if len(rows) > limit:
        rows = [rows[i] for i in sorted(rng.choice(len(rows), limit, replace=False))]
    for v in (np.nan, 0.0, -0.0, np.inf, -np.inf):
        rows.append(np.full(n, v))
    return np.array(rows)


def cell(value):
    text = repr(float(value))
    return text[:-2] if text.endswith(".0") else text


def cells(values):
    return ",".join(cell(v) for v in np.atleast_1d(values))


def write(name, booster, base, rng, limit=120, text=None, first=None):
    """`first`: also NAME-first.golden, of that many iterations."""
    text = text or booster.model_to_string()
    with open(os.path.join(HERE, f"lightgbm-{name}.txt"), "w") as file:
        file.write(text)
    booster = lgb.Booster(model_str=text)
    rows = np.vstack([base[:20], odd_rows(text, base, limit, rng)])
    for trees, suffix in ((None, ""), (first, "-first")) if first else ((None, ""),):
        raw = booster.predict(rows, raw_score=True, num_iteration=trees)
        score = booster.predict(rows, num_iteration=trees)
        leaves = booster.predict(rows, pred_leaf=True, num_iteration=trees).reshape(len(rows), -1)
        with open(os.path.join(HERE, f"lightgbm-{name}{suffix}.golden"), "w") as file:
            for parts in zip(rows, raw, score, leaves):
                file.write(";".join(cells(p) for p in parts) + "\n")
    print(name, len(text), "bytes,", len(rows), "rows,", booster.num_trees(), "trees")


def data(rng, n=600, f=6, nan=False, zeros=False, cats=()):
    x = np.round(rng.normal(size=(n, f)), 3)
    if zeros:
        x[rng.random((n, f)) < 0.3] = 0.0
    if nan:
        x[rng.random((n, f)) < 0.15] = np.nan
    for c in cats:
        x[:, c] = rng.integers(0, 60, n)
    w = rng.normal(size=f)
    y = np.nan_to_num(x) @ w + np.sin(3 * np.nan_to_num(x[:, 0])) + 0.3 * rng.normal(size=n)
    for c in cats:
        y += 2.0 * np.sin(x[:, c] * 1.7)
    return x, y


def train(x, y, trees=8, cats="auto", group=None, init=None, **params):
    params = dict(dict(num_leaves=7, min_data_in_leaf=5, verbosity=-1, num_threads=1, deterministic=True,
                       learning_rate=0.15, min_data_per_group=5, cat_smooth=1.0, max_cat_to_onehot=2), **params)
    return lgb.train(params, lgb.Dataset(x, y, group=group, categorical_feature=cats, init_score=init), trees)


def make_missing(rng):
    x, y = data(rng)
    write("plain", train(x, y), x, rng)
    x, y = data(rng, nan=True, zeros=True)
    write("nan", train(x, y), x, rng)
    write("zero", train(x, y, zero_as_missing=True), x, rng)
    write("nomissing", train(x, y, use_missing=False), x, rng)


def make_categories(rng):
    x, y = data(rng, nan=True, cats=(1, 3))
    write("categories", train(x, y, cats=[1, 3], num_leaves=12), x, rng, 160)


def make_boosting(rng):
    x, y = data(rng, nan=True)
    write("dart", train(x, y, boosting="dart", drop_rate=0.4), x, rng)
    write("rf", train(x, y > 0, objective="binary", boosting="rf", bagging_freq=1, bagging_fraction=0.6), x, rng,
          first=3)
    write("goss", train(x, y, data_sample_strategy="goss"), x, rng)


def make_objectives(rng):
    x, y = data(rng, f=4)
    up = np.exp(0.4 * y)
    for objective in ("regression_l1", "huber", "fair", "quantile", "mape"):
        write(objective, train(x, y, 4, objective=objective), x, rng, 30)
    for objective in ("poisson", "gamma", "tweedie"):
        write(objective, train(x, up, 4, objective=objective), x, rng, 30)
    write("sqrt", train(x, 8 * y, 4, objective="regression", reg_sqrt=True), x, rng, 30)
    write("sqrt_l1", train(x, 8 * y, 4, objective="regression_l1", reg_sqrt=True), x, rng, 30)
    write("binary", train(x, y > 0, 4, objective="binary", sigmoid=0.7), x, rng, 30)
    write("cross_entropy", train(x, 1 / (1 + np.exp(-y)), 4, objective="cross_entropy"), x, rng, 30)
    write("cross_entropy_lambda", train(x, 1 / (1 + np.exp(-y)), 4, objective="cross_entropy_lambda"), x, rng, 30)
    classes = np.digitize(y, [-1, 1])
    write("multiclass", train(x, classes, 4, objective="multiclass", num_class=3), x, rng, 30, first=2)
    write("multiclassova", train(x, classes, 4, objective="multiclassova", num_class=3, sigmoid=1.5), x, rng, 30)
    group = [20] * (len(x) // 20)
    write("lambdarank", train(x, classes, 6, objective="lambdarank", group=group), x, rng, 60)
    write("rank_xendcg", train(x, classes, 4, objective="rank_xendcg", group=group), x, rng, 30)
    write("custom", train(x, y, 4, objective=lambda p, d: (p - d.get_label(), np.ones_like(p))), x, rng, 30)


def make_shapes(rng):
    x, y = data(rng, f=3)
    write("stump", train(x, y, 3, num_leaves=2), x, rng, 30)
    write("leaf", train(x, np.full(len(x), 2.5), 3, min_data_in_leaf=20), x, rng, 10)
    write("deep", train(x, y, 2, num_leaves=60, min_data_in_leaf=2), x, rng, 60)
    # Large scores: exp under- and overflows.
    far = train(x, y > 0, 3, objective="binary")
    text = re.sub(r"^(leaf_value=)(.*)$", lambda m: m[1] + " ".join(repr(300 * float(v)) for v in m[2].split()),
                  re.sub(r"^tree_sizes=.*\n", "", far.model_to_string(), flags=re.M), flags=re.M)
    write("far", far, x, rng, 30, text)


def make_odd(rng):
    """Thresholds and ways of missing values that training does not give."""
    x, y = data(rng, f=3, nan=True)
    cuts = ["inf", "-inf", "nan", "0", "-0", "1e-36", "-1e-36", "1.0000000180025095e-35", "-1.0000000180025095e-35",
            "4.9406564584124654e-324", "-4.9406564584124654e-324", "1.7976931348623157e308", "-1.7976931348623157e308"]
    booster = train(x, y, 2 * len(cuts), num_leaves=5, min_data_in_leaf=2)
    # All rows come to the root, so each cut stands there twice; first without a rule for missing values.
    roots, types = iter(cuts * 2), iter(["0"] * len(cuts) + ["4", "6", "8", "10"] * len(cuts))

    def change(match):
        return match[1] + " ".join([next(roots)] + [str(rng.choice(cuts)) if rng.random() < 0.5 else v
                                                    for v in match[2].split()[1:]])

    def change_types(match):
        return match[1] + " ".join([next(types)] + [str(rng.choice([0, 2, 4, 6, 8, 10])) for _ in match[2].split()[1:]])

    text = re.sub(r"^tree_sizes=.*\n", "", booster.model_to_string(), flags=re.M)
    text = re.sub(r"^(threshold=)(.*)$", change, text, flags=re.M)
    text = re.sub(r"^(decision_type=)(.*)$", change_types, text, flags=re.M)
    write("odd", booster, x, rng, 200, text)


def make_pandas(rng):
    import pandas as pd
    x, y = data(rng, f=3, nan=True)
    frame = pd.DataFrame(x, columns=["price", "rating", "age"])
    frame.insert(1, "brand", pd.Categorical(rng.choice(["Bo\u00e9", 'q"uote', "c,omma", "plain", "\\back"], len(x))))
    frame.insert(3, "size", pd.Categorical(rng.choice([36, 38, 40, 42], len(x))))
    y = y + 2 * frame["brand"].cat.codes + (frame["size"].cat.codes % 2)
    booster = train(frame, y, 6)
    codes = frame.copy()
    for c in ("brand", "size"):
        codes[c] = frame[c].cat.codes
    write("pandas", booster, codes.to_numpy(float), rng, 60)


def main():
    wanted = sys.argv[1:]
    for make in (make_missing, make_categories, make_boosting, make_objectives, make_shapes, make_odd,
                 make_pandas):
        if not wanted or make.__name__[5:] in wanted:
            make(np.random.default_rng(5))


if __name__ == "__main__":
    main()
