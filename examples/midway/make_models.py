"""Trains the three models of models.rank over buyers who are made up.

    python3 -m venv venv && venv/bin/pip install lightgbm==4.7.0 xgboost==3.2.0 numpy
    venv/bin/python examples/midway/make_models.py

A buyer sees a product at p_rel times the mean price, whose title has w of the r words of the query.
m.txt      LightGBM: bought or not, by p_rel
m_v2.json  XGBoost: bought or not, by p_rel and by mr, the share of words
mr.txt     LightGBM: how well it fits, by r and w
"""
import os

import lightgbm as lgb
import numpy as np
import xgboost as xgb

HERE = os.path.dirname(os.path.abspath(__file__))
N = 4000
rng = np.random.default_rng(1)


def path(name):
    return os.path.join(HERE, name)


def lightgbm(name, objective, features, labels, slopes):
    """features: name → values; slopes: for each, -1 where the score must not rise with it."""
    params = {"objective": objective, "num_leaves": 6, "learning_rate": 0.2, "min_data_in_leaf": 40,
              "monotone_constraints": slopes, "num_threads": 1, "deterministic": True, "seed": 1, "verbose": -1}
    x = np.column_stack(list(features.values())).astype(np.float32).astype(float)
    lgb.train(params, lgb.Dataset(x, labels, feature_name=list(features)), 12).save_model(path(name))


def xgboost(name, objective, features, labels):
    x = np.column_stack(list(features.values())).astype(np.float32)
    params = {"objective": objective, "max_depth": 3, "eta": 0.3, "tree_method": "exact", "nthread": 1, "seed": 1}
    xgb.train(params, xgb.DMatrix(x, labels, feature_names=list(features)), 8).save_model(path(name))


p_rel = rng.gamma(4, 0.25, N)
r = rng.integers(0, 6, N)
w = rng.binomial(r, 0.4)
mr = w / np.maximum(r, 1)

bargain = 1 / (1 + np.exp(-2 * (1 - p_rel)))
lightgbm("m.txt", "binary", {"p_rel": p_rel}, rng.random(N) < bargain, [-1])

# Who finds nothing of what was asked for buys no bargain either.
xgboost("m_v2.json", "binary:logistic", {"p_rel": p_rel, "mr": mr}, rng.random(N) < bargain * (0.1 + 0.9 * mr))

lightgbm("mr.txt", "regression", {"r": r, "w": w}, mr * mr + 0.05 * rng.normal(size=N), [-1, 1])
