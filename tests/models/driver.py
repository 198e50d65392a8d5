"""The driver tests/models/score, and how far its floats are from a library's."""
import os
import subprocess

import numpy as np


class Driver:
    def __init__(self, path, folder):
        self.path, self.folder = path, folder

    def score(self, path, rows, trees=0):
        """Raw scores [rows][outputs], leaves [rows][trees] and scores; None if it was refused."""
        given, got = os.path.join(self.folder, "rows"), os.path.join(self.folder, "out")
        np.ascontiguousarray(rows, dtype=np.float64).tofile(given)
        subprocess.run([self.path, f"{path}#{trees}" if trees else path, given, got], check=True)
        out = open(got, "rb").read()
        if not out:
            return None
        n, outputs, trees = np.frombuffer(out, "u4", 3)
        cells = np.frombuffer(out, "f8", -1, 12)
        at = n * outputs
        raw, score = (cells[:at], cells[at:2 * at])
        return raw.reshape(n, outputs), cells[2 * at:].reshape(n, trees), score.reshape(n, outputs)


def ulps(a, b):
    def order(v):
        bits = np.ascontiguousarray(v, dtype=np.float32).view(np.int32).astype(np.int64)
        return np.where(bits < 0, -(bits & 0x7FFFFFFF), bits)
    distance = np.abs(order(a) - order(b))
    return int(distance[~(np.isnan(a) & np.isnan(b))].max(initial=0))


def same(a, b):
    return (np.ascontiguousarray(a, np.float32).view(np.int32) == np.ascontiguousarray(b, np.float32).view(np.int32)) \
        | (np.isnan(a) & np.isnan(b))
