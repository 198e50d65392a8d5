"""Makes the networks of this folder that come from Keras by tf2onnx.

    python3 -m venv venv && venv/bin/pip install tensorflow-cpu==2.21.0 tf2onnx==1.17.0 onnxruntime==1.32.0
    venv/bin/python make_keras.py [NAME ...]
"""
import os
import sys

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1", TF_ENABLE_ONEDNN_OPTS="0")

import numpy as np
import tensorflow as tf
import tf2onnx
from tensorflow import keras
from tensorflow.keras import layers

import fixture

ROWS = 24
rng = np.random.default_rng(3)


def floats(*dims):
    return rng.normal(size=(ROWS,) + dims).astype(np.float32)


def ids(n, *dims):
    return rng.integers(0, n, size=(ROWS,) + dims)


def number(name):
    return keras.Input((1,), name=name, dtype="float32")


def code(name):
    return keras.Input((), name=name, dtype="int64")


def unit(x):
    return layers.UnitNormalization(axis=-1, name="emb")(x)


def tower_user():
    city, age, seen = code("city"), number("age"), keras.Input((8,), name="seen", dtype="int64")
    x = layers.Concatenate()([layers.Embedding(30, 8)(city), age,
                              layers.GlobalAveragePooling1D()(layers.Embedding(60, 12)(seen))])
    x = layers.Dense(16)(layers.Dense(32, activation="relu")(x))
    return [city, age, seen], [unit(x)], {"city": ids(30), "age": floats(1), "seen": ids(60, 8)}


def tower_item():
    dense, brand = keras.Input((6,), name="dense", dtype="float32"), code("brand")
    x = layers.Concatenate()([layers.BatchNormalization()(dense), layers.Embedding(40, 8)(brand)])
    x = layers.Dense(16)(layers.Dropout(0.1)(layers.Dense(32, activation="elu")(x)))
    return [dense, brand], [unit(x)], {"dense": floats(6), "brand": ids(40)}


def wide_deep():
    dense, cats = keras.Input((5,), name="dense", dtype="float32"), keras.Input((3,), name="cats", dtype="int64")
    deep = layers.Concatenate()([dense, layers.Flatten()(layers.Embedding(50, 8)(cats))])
    deep = layers.Dense(16, activation="relu")(layers.Dense(32, activation="relu")(deep))
    wide = layers.Concatenate()([layers.Flatten()(layers.Embedding(50, 1)(cats)), dense])
    y = layers.Add()([layers.Dense(1)(wide), layers.Dense(1)(deep)])
    return [dense, cats], [layers.Activation("sigmoid", name="p")(y)], {"dense": floats(5), "cats": ids(50, 3)}


def gelu(x):
    """By tanh: tf2onnx knows no Erfc."""
    return keras.activations.gelu(x, approximate=True)


def norm():
    x = keras.Input((10,), name="x", dtype="float32")
    y = layers.LayerNormalization()(layers.Dense(24)(x))
    y = layers.LayerNormalization()(layers.Add()([y, layers.Activation(gelu)(layers.Dense(24)(y))]))
    click = layers.Dense(1, activation="sigmoid", name="click")(y)
    kinds = layers.Dense(4, activation="softmax", name="kinds")(layers.Activation("swish")(y))
    return [x], [click, kinds], {"x": floats(10)}


def scramble(model):
    """Other weights than those that training begins with: not all biases 0, not all variances 1."""
    for w in model.weights:
        shape = tuple(w.shape)
        value = rng.normal(size=shape) / (np.sqrt(shape[0]) if len(shape) > 1 else 3)
        if "variance" in w.path:
            value = rng.uniform(0.3, 3, shape)
        if "gamma" in w.path:
            value = rng.uniform(0.5, 1.5, shape)
        w.assign(value.astype(np.float32))


def export(inputs, outputs):
    model = keras.Model(inputs, outputs)
    scramble(model)
    signature = [tf.TensorSpec((None,) + tuple(i.shape[1:]), i.dtype, name=i.name) for i in inputs]
    names = list(model.output_names)

    @tf.function(input_signature=signature)
    def call(*args):
        out = model(list(args), training=False)
        out = out if isinstance(out, (list, tuple)) else [out]
        return {name: tf.identity(t, name=name) for name, t in zip(names, out)}

    proto, _ = tf2onnx.convert.from_function(call, input_signature=signature, opset=17)
    return proto


MODELS = {"user": tower_user, "item": tower_item, "wide-deep": wide_deep, "norm": norm}

for kind, make in MODELS.items():
    if sys.argv[1:] and kind not in sys.argv[1:]:
        continue
    rng = np.random.default_rng(len(kind))
    inputs, outputs, feed = make()
    fixture.save(f"keras-{kind}", export(inputs, outputs), feed)
