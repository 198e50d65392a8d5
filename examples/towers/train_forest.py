"""Trains forest.txt over what rankc makes of requests: what the forest learns from is what it will see.

    sh examples/towers/make_data.sh learn 9 2000 && cp examples/towers/*.* learn
    rankc embed learn/cars.rank --factor car_vec -o learn/cars.npy
    rankc run learn/towers.rank --pipeline by_vectors --requests learn/requests.jsonl --format=csv \\
        --show=liking,cheap,price,km,power,year,days,age >learn/features.csv

    python3 -m venv venv && venv/bin/pip install lightgbm==4.7.0 numpy
    venv/bin/python examples/towers/train_forest.py learn
"""
import os
import sys

import lightgbm as lgb
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
FEATURES = ["liking", "cheap", "price", "km", "power", "year", "days", "age"]

folder = sys.argv[1]
table = np.genfromtxt(os.path.join(folder, "features.csv"), delimiter=",", names=True)
clicked = {(r, c): label for r, _, c, label in np.loadtxt(os.path.join(folder, "clicks.txt"), dtype=int)}
x = np.column_stack([table[f] for f in FEATURES])
y = np.array([clicked[int(r), int(c)] for r, c in zip(table["request"], table["id"])])
params = {"objective": "binary", "num_leaves": 15, "learning_rate": 0.1, "min_data_in_leaf": 100,
          "num_threads": 1, "deterministic": True, "seed": 1, "verbose": -1}
model = lgb.train(params, lgb.Dataset(x, y, feature_name=FEATURES), 60)
model.save_model(os.path.join(HERE, "forest.txt"))
