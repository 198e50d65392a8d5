"""Makes the models of forest.c, in forms that the peers take: forest_models.py PEER DATA OUT

PEER is the virtual environment that this runs in: lightgbm, xgboost and catboost train on DATA/ltr-webis (fold1.txt
and on, SVMlight with qid); lleaves, tl2cgen and onnx then compile or convert what stands in OUT. What is there already
stays. OUT gets models, rows, a NAME.PEER.so each, and NAME.PEER.time: the CPU seconds that compiling took, or
"more than N" where it was given up.
"""

import glob
import json
import os
import resource
import subprocess
import sys
import tempfile

import numpy as np

LIGHTGBM = [(trees, leaves) for leaves in (31, 255) for trees in (100, 500, 1000)]
XGBOOST = [(trees, depth) for depth in (6, 8) for trees in (100, 500, 1000)]
CATBOOST = [(trees, 6) for trees in (100, 500, 1000)]
ROWS = 10000  # of folds 3 and 4, some of them twice
MOST = 1200  # CPU seconds of a compiler


def read(data, folds):
    x, y, groups, last = [], [], [], None
    for fold in folds:
        with open(os.path.join(data, "ltr-webis", f"fold{fold}.txt")) as lines:
            for line in lines:
                words = line.split("#")[0].split()
                y.append(float(words[0]))
                if words[1] != last:
                    groups.append(0)
                    last = words[1]
                groups[-1] += 1
                x.append([float(w.split(":")[1]) for w in words[2:]])
    return np.array(x), np.array(y), groups


def absent(paths):
    return [(path, how) for path, how in paths if not os.path.exists(path)]


# ---- training ----


def lightgbm(data, out):
    import lightgbm as lgb

    todo = absent((f"{out}/lightgbm-{trees}x{leaves}.txt", (trees, leaves)) for trees, leaves in LIGHTGBM)
    x, y, groups = read(data, (1, 2)) if todo else (None, None, None)
    for path, (trees, leaves) in todo:
        params = {"objective": "lambdarank", "num_leaves": leaves, "learning_rate": 0.05 if leaves < 100 else 0.01,
                  "min_data_in_leaf": 5, "num_threads": 1, "deterministic": True, "seed": 1, "verbose": -1}
        booster = lgb.train(params, lgb.Dataset(x, y, group=groups), trees)
        booster.save_model(path)
    mtpl2(data, out)


def mtpl2(data, out):
    """lleaves' own model of the freMTPL2 claims; rows by chance, each field within what the model has seen."""
    model = os.path.join(data, "models-lleaves", "mtpl2_model.txt")
    if os.path.exists(f"{out}/lightgbm-mtpl2.txt") or not os.path.exists(model):
        return
    rng = np.random.default_rng(1)
    brand = np.eye(11)[rng.integers(0, 11, ROWS)]
    others = [rng.integers(0, 6, ROWS), np.minimum(rng.geometric(0.14, ROWS) - 1, 30),  # Area, VehAge
              rng.integers(0, 22, ROWS), rng.integers(0, 2, ROWS)]  # Region, VehGas: categories
    np.column_stack([brand, *others]).astype(float).tofile(f"{out}/mtpl2.bin")
    os.symlink(model, f"{out}/lightgbm-mtpl2.txt")


def xgboost(data, out):
    import xgboost as xgb

    todo = absent((f"{out}/xgboost-{trees}x{depth}.json", (trees, depth)) for trees, depth in XGBOOST)
    if todo:
        x, y, groups = read(data, (1, 2))
        train = xgb.DMatrix(x, y)
        train.set_group(groups)
    for path, (trees, depth) in todo:
        params = {"objective": "rank:ndcg", "max_depth": depth, "eta": 0.05, "min_child_weight": 0,
                  "tree_method": "hist", "nthread": 1, "seed": 1}
        xgb.train(params, train, trees).save_model(path)


def catboost(data, out):
    """Also as the C++ that CatBoost writes of a model. `call` is one split, to see what a call of Python costs."""
    import catboost as cb

    todo = absent([(f"{out}/catboost-{trees}x{depth}.cbm", (trees, depth)) for trees, depth in CATBOOST] +
                  [(f"{out}/call.cbm", (1, 1))])
    if todo:
        x, y, groups = read(data, (1, 2))
        train = cb.Pool(x, y, group_id=np.repeat(np.arange(len(groups)), groups))
    for path, (trees, depth) in todo:
        model = cb.CatBoost({"loss_function": "QueryRMSE", "iterations": trees, "depth": depth, "learning_rate": 0.1,
                             "thread_count": 1, "random_seed": 1, "verbose": False, "allow_writing_files": False})
        model.fit(train)
        model.save_model(path)
    for path in sorted(glob.glob(f"{out}/catboost-*.cbm")):
        compiled(path, "export", export)


def export(path, so):
    import catboost as cb

    with tempfile.TemporaryDirectory() as work:
        cb.CatBoost().load_model(path).save_model(f"{work}/model.cpp", format="cpp")
        with open(f"{work}/score.cpp", "w") as f:
            f.write('#include "model.cpp"\n'
                    'extern "C" void score(const float *rows, unsigned n, unsigned width, double *out)\n{\n'
                    "    std::vector<float> row(width);\n"
                    "    for (unsigned i = 0; i < n; i++, rows += width) {\n"
                    "        std::copy(rows, rows + width, row.begin());\n"
                    "        out[i] = ApplyCatboostModel(row);\n    }\n}\n")
        subprocess.run(["g++", "-O3", "-march=native", "-fPIC", "-shared", "-w", f"{work}/score.cpp", "-o", so],
                       check=True)


# ---- compiling ----


def compiled(path, peer, make):
    """make(path, so) in a process of its own, with a bound on its CPU time; a compiler that it calls has the same."""
    name = os.path.splitext(path)[0]
    so = f"{name}.{peer}.so"
    if os.path.exists(f"{name}.{peer}.time"):
        return
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (MOST, MOST))
        try:
            make(path, so)
            os._exit(0)
        except BaseException as error:
            print(f"{peer}: {os.path.basename(path)}: {error}", file=sys.stderr)
            os._exit(1)
    _, status, usage = os.wait4(child, 0)
    spent = usage.ru_utime + usage.ru_stime
    if status == 0 or spent > MOST - 5:
        with open(f"{name}.{peer}.time", "w") as f:
            f.write(f"{spent:.1f}\n" if status == 0 else f"more than {MOST}\n")


def lleaves(_, out):
    import lleaves as ll

    def make(path, so):
        with tempfile.TemporaryDirectory() as work:
            ll.Model(model_file=path).compile(cache=f"{work}/model.o")
            subprocess.run(["gcc", "-shared", f"{work}/model.o", "-o", so, "-lm"], check=True)

    # The small ones first.
    for path in sorted(glob.glob(f"{out}/lightgbm-*.txt"), key=os.path.getsize):
        compiled(path, "lleaves", make)


def tl2cgen(_, out):
    """In units of ten trees, as its manual advises for big models: gcc is not linear in the size of a function."""
    import tl2cgen as tl
    import treelite

    def make(path, so):
        if path.endswith(".txt"):
            model = treelite.frontend.load_lightgbm_model(path)
        else:
            model = treelite.frontend.load_xgboost_model(path)
        with tempfile.TemporaryDirectory() as work:
            tl.generate_c_code(model, dirpath=work, params={"parallel_comp": max(model.num_tree // 10, 1)})
            sources = sorted(glob.glob(f"{work}/*.c"))
            subprocess.run(["gcc", "-std=c99", "-O3", "-march=native", "-fPIC", "-shared", *sources, "-o", so],
                           check=True)

    for path in sorted(glob.glob(f"{out}/lightgbm-*.txt") + glob.glob(f"{out}/xgboost-*.json"), key=os.path.getsize):
        compiled(path, "tl2cgen", make)


def as_regression(path):
    """A ranking's scores are those of a regression, which the converters know."""
    if path.endswith(".txt"):
        import lightgbm as lgb
        with open(path) as f:
            return lgb.Booster(model_str=f.read().replace("objective=lambdarank", "objective=regression", 1))
    import xgboost as xgb
    with open(path) as f:
        model = json.load(f)
    model["learner"]["objective"] = {"name": "reg:squarederror", "reg_loss_param": {"scale_pos_weight": "1"}}
    return xgb.Booster(model_file=bytearray(json.dumps(model), "utf-8"))


def onnx(_, out):
    from onnxmltools import convert_lightgbm, convert_xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType

    def make(path, target):
        model, text = as_regression(path), path.endswith(".txt")
        width = model.num_feature() if text else model.num_features()
        convert = convert_lightgbm if text else convert_xgboost
        made = convert(model, initial_types=[("rows", FloatTensorType([None, width]))])
        with open(target, "wb") as f:
            f.write(made.SerializeToString())

    for path in sorted(glob.glob(f"{out}/lightgbm-*.txt") + glob.glob(f"{out}/xgboost-*.json"), key=os.path.getsize):
        target = os.path.splitext(path)[0] + ".onnx"
        if not os.path.exists(target):
            try:
                make(path, target)
            except Exception as error:
                print(f"onnx: {os.path.basename(path)}: {error}", file=sys.stderr)


def main():
    peer, data, out = sys.argv[1:4]
    if not os.path.exists(f"{out}/rows.bin"):
        x, _, _ = read(data, (3, 4))
        np.resize(x, (ROWS, x.shape[1])).tofile(f"{out}/rows.bin")
    peers = {"lightgbm": lightgbm, "xgboost": xgboost, "catboost": catboost, "lleaves": lleaves, "tl2cgen": tl2cgen,
             "onnx": onnx}
    peers[peer](data, out)


main()
