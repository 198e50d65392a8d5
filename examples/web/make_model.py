"""Trains learned.txt, the model of web.rank: LightGBM's lambdarank over queries of make_data.sh.

    python3 -m venv venv && venv/bin/pip install lightgbm==4.7.0 numpy
    venv/bin/python examples/web/make_model.py                      writes examples/web/learned.txt
    venv/bin/python examples/web/make_model.py OUT TRAIN...         from learning-to-rank files

The features have the names that web.rank gives them, so that `forest(...)` binds them all.
"""
import os
import re
import subprocess
import sys

import lightgbm as lgb
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
SEED, QUERIES = "1", "500"  # not those that the README measures
PARAMS = {"objective": "lambdarank", "learning_rate": 0.15, "num_leaves": 6, "min_data_in_leaf": 40,
          "lambda_l2": 5.0, "num_threads": 1, "deterministic": True, "seed": 1, "verbose": -1}
TREES = 64


def names():
    """Of feature 1, 2 … in web.rank: `name : float from "f1"`."""
    with open(os.path.join(HERE, "web.rank")) as file:
        found = {int(n): name for name, n in re.findall(r'^\s+(\w+)\s*: float from "f(\d+)"', file.read(), re.M)}
    return [found[n] for n in range(1, len(found) + 1)]


def read(lines, n):
    """Features, labels and how many lines each query has: `label qid:N 1:v … # …`."""
    x, y, groups, last = [], [], [], None
    for line in lines:
        words = line.split("#")[0].split()
        row = np.zeros(n)
        for word in words[2:]:
            feature, value = word.split(":")
            row[int(feature) - 1] = np.float32(value)
        if words[1] != last:
            groups.append(0)
        last = words[1]
        groups[-1] += 1
        x.append(row)
        y.append(int(words[0]))
    return np.array(x), np.array(y), groups


def main(out=os.path.join(HERE, "learned.txt"), *files):
    lines = []
    for path in files:
        with open(path) as file:
            lines += file
    if not files:
        made = subprocess.run(["sh", os.path.join(HERE, "make_data.sh"), SEED, QUERIES], stdout=subprocess.PIPE, check=True)
        lines = made.stdout.decode().splitlines()
    x, y, groups = read(lines, len(names()))
    data = lgb.Dataset(x, y, group=groups, feature_name=names())
    lgb.train(PARAMS, data, TREES).save_model(out)


main(*sys.argv[1:])
