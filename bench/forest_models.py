"""Trains the models of forest.c: forest_models.py PEER DATA OUT [WORD]

PEER is lightgbm, xgboost or lleaves, in the virtual environment of that peer; DATA the folder of
learning-to-rank folds (fold1.txt and on, SVMlight with qid), OUT where models and rows go. What is
there already stays. lleaves compiles LightGBM's models, and how long each took goes to its .time.
"""

import os
import subprocess
import sys
import time

import numpy as np

LIGHTGBM = [(trees, leaves) for leaves in (31, 255) for trees in (100, 500, 1000)]
XGBOOST = [(100, 6), (500, 6), (1000, 6), (500, 8)]
ROWS = 10000  # of folds 3 and 4, some of them twice


def read(data, folds):
    x, y, groups, last = [], [], [], None
    for fold in folds:
        with open(os.path.join(data, f"fold{fold}.txt")) as lines:
            for line in lines:
                words = line.split("#")[0].split()
                y.append(float(words[0]))
                if words[1] != last:
                    groups.append(0)
                    last = words[1]
                groups[-1] += 1
                x.append([float(w.split(":")[1]) for w in words[2:]])
    return np.array(x), np.array(y), groups


def lightgbm(data, out):
    import lightgbm as lgb

    x, y, groups = read(data, (1, 2))
    for trees, leaves in LIGHTGBM:
        path = f"{out}/lightgbm-{trees}x{leaves}.txt"
        if os.path.exists(path):
            continue
        params = {"objective": "lambdarank", "num_leaves": leaves, "learning_rate": 0.05 if leaves < 100 else 0.01,
                  "min_data_in_leaf": 5, "num_threads": 1, "deterministic": True, "seed": 1, "verbose": -1}
        booster = lgb.train(params, lgb.Dataset(x, y, group=groups), trees)
        booster.save_model(path)


def xgboost(data, out):
    import xgboost as xgb

    x, y, groups = read(data, (1, 2))
    train = xgb.DMatrix(x, y)
    train.set_group(groups)
    for trees, depth in XGBOOST:
        path = f"{out}/xgboost-{trees}x{depth}.json"
        if os.path.exists(path):
            continue
        params = {"objective": "rank:ndcg", "max_depth": depth, "eta": 0.05, "min_child_weight": 0,
                  "tree_method": "hist", "nthread": 1, "seed": 1}
        xgb.train(params, train, trees).save_model(path)


def lleaves(data, out):
    import lleaves as ll

    for trees, leaves in LIGHTGBM:
        path = f"{out}/lightgbm-{trees}x{leaves}"
        if os.path.exists(f"{path}.so") or not os.path.exists(f"{path}.txt"):
            continue
        start = time.time()
        ll.Model(model_file=f"{path}.txt").compile(cache=f"{path}.o")
        with open(f"{path}.time", "w") as f:
            f.write(f"{time.time() - start:.2f}\n")
        subprocess.run(["gcc", "-shared", f"{path}.o", "-o", f"{path}.so", "-lm"], check=True)


def main():
    peer, data, out = sys.argv[1:4]
    if not os.path.exists(f"{out}/rows.bin"):
        x, _, _ = read(data, (3, 4))
        np.resize(x, (ROWS, x.shape[1])).tofile(f"{out}/rows.bin")
    {"lightgbm": lightgbm, "xgboost": xgboost, "lleaves": lleaves}[peer](data, out)


main()
