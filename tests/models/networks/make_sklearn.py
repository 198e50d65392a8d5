"""Makes the networks and linear models of this folder that scikit-learn trained.

    python3 -m venv venv && venv/bin/pip install scikit-learn==1.9.1 skl2onnx==1.20.0 onnxruntime==1.32.0
    venv/bin/python make_sklearn.py [NAME ...]
"""
import sys
import warnings

import numpy as np
from skl2onnx import to_onnx
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

import fixture

warnings.filterwarnings("ignore")
rng = np.random.default_rng(5)
X = (rng.normal(size=(400, 8)) * [1, 1, 5, 0.2, 1, 30, 1, 1] + [0, 1, 10, 0, 0, 50, 0, 0]).astype(np.float32)
SIGNAL = X[:, 0] + X[:, 1] * X[:, 4] - 0.1 * X[:, 2] + 0.02 * X[:, 5]
BINARY, CLASSES = SIGNAL > np.median(SIGNAL), np.digitize(SIGNAL, np.quantile(SIGNAL, [0.33, 0.66]))
MORE = dict(hidden_layer_sizes=(24, 12), max_iter=60, random_state=0)

MODELS = {
    "mlp": (MLPRegressor(activation="tanh", **MORE), SIGNAL),
    "mlp-binary": (MLPClassifier(**MORE), BINARY),
    "mlp-classes": (MLPClassifier(activation="logistic", **MORE), CLASSES),
    "pipeline": (make_pipeline(StandardScaler(), MLPRegressor(**MORE)), SIGNAL),
    "pipeline-binary": (make_pipeline(MinMaxScaler(), MLPClassifier(**MORE)), BINARY),
    "linear": (LinearRegression(), SIGNAL),
    "logistic": (LogisticRegression(max_iter=500), BINARY),
    "logistic-classes": (make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)), CLASSES),
}

for kind, (estimator, y) in MODELS.items():
    if sys.argv[1:] and kind not in sys.argv[1:]:
        continue
    estimator.fit(X, y)
    classifier = hasattr(estimator, "predict_proba")
    model = to_onnx(estimator, X[:1], options={"zipmap": False} if classifier else None)
    if classifier:  # of a class the programs of this folder know nothing: it is a number of another type
        del model.graph.output[0]
    fixture.save(f"sklearn-{kind}", model, {"X": X[:24]})
