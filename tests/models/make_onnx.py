"""Makes the ONNX models of this folder and what ONNX Runtime says of them.

    python3 -m venv venv && venv/bin/pip install onnx onnxruntime skl2onnx onnxmltools lightgbm xgboost catboost
    venv/bin/python make_onnx.py [NAME ...]

onnx-NAME.onnx is the model. onnx-NAME.golden has a line for each row: the columns; the raw scores; the
scores; and nothing, as ONNX Runtime does not tell leaves. The rows are some of the training data, and such as
are easily got wrong: thresholds and the floats beside them, NaN, infinities. With two classes the score is the
second one's. `random-N` are models of random_onnx.py.
"""
import os
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import helper

import random_onnx

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT = 60


def cells(values):
    texts = [repr(float(v)) for v in np.atleast_1d(values)]
    return ",".join(t[:-2] if t.endswith(".0") else t for t in texts)


def ensemble(model):
    return next(n for n in model.graph.node if n.op_type.startswith("TreeEnsemble"))


def cut(model, name, plain):
    """The model up to a value; `plain`: without transform."""
    out = onnx.ModelProto()
    out.CopyFrom(model)
    kept = list(out.graph.node)
    if plain:
        for a in ensemble(out).attribute:
            if a.name == "post_transform":
                a.CopyFrom(helper.make_attribute("post_transform", "NONE" if a.type == onnx.AttributeProto.STRING else 0))
    kept = [n for n in out.graph.node if n.op_type != "ZipMap"]
    del out.graph.node[:], out.graph.output[:]
    out.graph.node.extend(kept)
    kind = onnx.TensorProto.FLOAT
    if ensemble(out).op_type == "TreeEnsemble" and out.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.DOUBLE:
        kind = onnx.TensorProto.DOUBLE
    out.graph.output.append(helper.make_tensor_value_info(name, kind, None))
    return out


def run(model, rows):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    inputs, at, feed = session.get_inputs(), 0, {}
    for i in inputs:
        width = i.shape[1] if isinstance(i.shape[1], int) else rows.shape[1]
        feed[i.name] = rows[:, at:at + width].astype(np.float64 if "double" in i.type else np.float32)
        at += width
    return session.run(None, feed)[0].reshape(len(rows), -1)


def probes(model, x):
    rng = np.random.default_rng(7)
    at = {a.name: helper.get_attribute_value(a) for a in ensemble(model).attribute}
    values = at.get("nodes_values") or onnx.numpy_helper.to_array(at.get("nodes_values_as_tensor", at.get("nodes_splits")))
    columns = [[np.nan, np.inf, -np.inf, 0, -0.0, 1e-45, -1.0, 0.5] for _ in range(x.shape[1])]
    for feature, value in zip(at["nodes_featureids"], values):
        near = np.float32(value)
        columns[feature] += [float(value), near, np.nextafter(near, np.float32(-np.inf)), np.nextafter(near, np.float32(np.inf))]
    odd = np.stack([rng.choice(c, LIMIT) for c in columns], axis=1).astype(np.float32)
    given = x[rng.choice(len(x), LIMIT)]
    rows = np.where(rng.random(odd.shape) < 0.5, odd, given)
    return rows.astype(np.float32).astype(np.float64)


def write(name, model, x, rows=None, pick=None):
    """Saves a model and what becomes of rows."""
    blob = model.SerializeToString()
    with open(os.path.join(HERE, f"onnx-{name}.onnx"), "wb") as file:
        file.write(blob)
    rows = probes(model, x) if rows is None else rows
    node = ensemble(model)
    scores = node.output[1 if node.op_type.endswith("Classifier") else 0]
    last = next((n.input[0] for n in model.graph.node if n.op_type == "ZipMap"), model.graph.output[-1].name)
    raw, score = run(cut(model, scores, True), rows), run(cut(model, last, False), rows)
    if pick == -1:
        pick = None
    elif pick is None and node.op_type.endswith("Classifier") and raw.shape[1] == 2:
        pick = 1
    if pick is not None:
        raw, score = raw[:, pick:pick + 1], score[:, pick:pick + 1]
    with open(os.path.join(HERE, f"onnx-{name}.golden"), "w") as file:
        for parts in zip(rows, raw, score):
            file.write(";".join(cells(p) for p in parts) + ";\n")
    print(name, len(blob), "bytes,", len(rows), "rows,", raw.shape[1], "outputs")


def data():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(300, 4)).astype(np.float32)
    x[:, 1] = rng.integers(0, 9, 300)
    y = x[:, 0] + (x[:, 1] % 3) + rng.normal(size=300) * 0.3
    return x, y.astype(np.float32)


def sklearn_models(wanted):
    from skl2onnx import to_onnx
    from sklearn import ensemble as e
    x, y = data()
    classes, two = np.digitize(y, [0, 1.5]), (y > 1).astype(int)
    small = dict(max_depth=3, random_state=1)
    rows = [("forest", e.RandomForestRegressor(3, **small), y), ("forest-classes", e.RandomForestClassifier(3, **small), two),
            ("boosting", e.GradientBoostingRegressor(n_estimators=3, **small), y),
            ("boosting-binary", e.GradientBoostingClassifier(n_estimators=3, **small), two),
            ("boosting-classes", e.GradientBoostingClassifier(n_estimators=2, **small), classes),
            ("targets", e.RandomForestRegressor(3, **small), np.stack([y, -y], axis=1))]
    for name, model, labels in rows:
        if wanted(name):
            write(name, to_onnx(model.fit(x, labels), x[:1]), x)
    if wanted("forest-double"):
        model = e.RandomForestRegressor(3, **small).fit(x, y)
        write("forest-double", to_onnx(model, x[:1].astype(np.float64)), x)


def boosters(wanted):
    import lightgbm as lgb
    import onnxmltools
    import xgboost as xgb
    from onnxmltools.convert.common.data_types import FloatTensorType
    x, y = data()
    kind = [("X", FloatTensorType([None, 4]))]
    holes = np.where(np.random.default_rng(5).random(x.shape) < 0.1, np.float32(np.nan), x)
    labels = {"lightgbm": ("regression", y), "lightgbm-binary": ("binary", y > 1), "lightgbm-poisson": ("poisson", np.abs(y)),
              "lightgbm-classes": ("multiclass", np.digitize(y, [0, 1.5])), "lightgbm-categories": ("regression", y)}
    for name, (objective, label) in labels.items():
        if not wanted(name):
            continue
        cats = [1] if name.endswith("categories") else "auto"
        param = dict(objective=objective, num_leaves=6, verbose=-1, seed=1, num_threads=1, max_cat_to_onehot=1, cat_smooth=1,
                     min_data_per_group=5, **({"num_class": 3} if objective == "multiclass" else {}))
        model = lgb.train(param, lgb.Dataset(x if cats == [1] else holes, label, categorical_feature=cats), 4)
        write(name, onnxmltools.convert_lightgbm(model, initial_types=kind, zipmap=objective == "binary"), holes)
    for name, make, label in [("xgboost", xgb.XGBRegressor, y), ("xgboost-binary", xgb.XGBClassifier, (y > 1).astype(int)),
                              ("xgboost-classes", xgb.XGBClassifier, np.digitize(y, [0, 1.5]))]:
        if wanted(name):
            model = make(n_estimators=3, max_depth=3, n_jobs=1).fit(holes, label)
            write(name, onnxmltools.convert_xgboost(model, initial_types=kind), holes)


def catboost_models(wanted):
    import catboost as cb
    x, y = data()
    holes = np.where(np.random.default_rng(5).random(x.shape) < 0.1, np.float32(np.nan), x)
    param = dict(iterations=3, depth=3, verbose=0, thread_count=1, random_seed=1, allow_writing_files=False)
    for name, model, label in [("catboost", cb.CatBoostRegressor(**param), y),
                               ("catboost-binary", cb.CatBoostClassifier(**param), (y > 1).astype(int)),
                               ("catboost-classes", cb.CatBoostClassifier(**param), np.digitize(y, [0, 1.5]))]:
        if not wanted(name):
            continue
        aside = os.path.join(HERE, "aside.onnx")
        model.fit(holes, label).save_model(aside, format="onnx")
        made = onnx.load(aside)
        os.remove(aside)
        del made.metadata_props[:]
        write(name, made, holes)


def random_models(wanted):
    """Small ones of all versions and surroundings."""
    seen = set()
    for number in range(400):
        rng = np.random.default_rng([77, number])
        blob, _, trees, given, names, pick, found, kind = random_onnx.make(rng)
        key = " ".join(kind.split()[:3]) + (" names" if names else "")
        if kind.startswith("TreeEnsemble 5 double") and not kind.endswith(" 0"):
            continue  # its raw scores are floats here
        if key in seen or not 600 < len(blob) < 4000 or trees.columns < 2 or not wanted(f"random-{number}"):
            continue
        seen.add(key)
        rows = random_onnx.probes(rng, trees, given)[:LIMIT, :found]
        write(f"random-{number}", onnx.load_from_string(blob), None, rows, pick if pick is not None else -1)


def main():
    names = sys.argv[1:]
    wanted = lambda name: not names or name in names
    for part in (sklearn_models, boosters, catboost_models, random_models):
        part(wanted)


if __name__ == "__main__":
    main()
