"""The old binary XGBoost models of RANK_DATA, converted as our error says, beside the predictions that
came with them.

    python3 -m venv venv && venv/bin/pip install 'xgboost<3.1'
    RANK_DATA=folder venv/bin/python data_xgboost.py path/to/build/tests/models/score

Prints how many numbers differ in a bit of float from the stored raw scores, and the largest error of
stored scores in units of the last place. Exit code 1 if a raw score differs, or a score by more than 4.
"""
import os
import sys
import tempfile

import numpy as np
import xgboost as xgb

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from driver import Driver, same, ulps  # noqa: E402

# Model, rows, stored numbers, and whether those are raw scores.
MODELS = [("xgagaricus", "agaricus_test.libsvm", "xgagaricus_true_predictions.txt", False),
          ("xgblin_agaricus", "agaricus_test.libsvm", "xgblin_agaricus_true_predictions.txt", False),
          ("xgblin_agaricus", "agaricus_test.libsvm", "xgblin_agaricus_true_raw_predictions.txt", True),
          ("xgdermatology", "dermatology_test.libsvm", "xgdermatology_true_predictions.txt", True)]


def read_libsvm(path, columns):
    lines = open(path).read().splitlines()
    rows = np.full((len(lines), columns), np.nan)
    for row, line in zip(rows, lines):
        for pair in line.split()[1:]:
            at, value = pair.split(":")
            row[int(at)] = float(value)
    return rows


def main():
    folder = os.path.join(os.environ["RANK_DATA"], "models-xgboost")
    bad = False
    with tempfile.TemporaryDirectory() as work:
        driver = Driver(sys.argv[1], work)
        for name, data, stored, raw in MODELS:
            booster = xgb.Booster(model_file=os.path.join(folder, name + ".model"))
            path = os.path.join(work, name + ".json")
            booster.save_model(path)
            rows = read_libsvm(os.path.join(folder, data), booster.num_features())
            expected = np.loadtxt(os.path.join(folder, stored), ndmin=2)
            ours = driver.score(path, rows)
            if raw:
                differ = int((~same(ours[0], expected)).sum())
                print(f"{stored}: {expected.size} raw scores, {differ} differ")
                bad |= differ > 0
            else:
                most = ulps(ours[2], expected)
                print(f"{stored}: {expected.size} scores, at most {most} ulp")
                bad |= most > 4
    return bad


if __name__ == "__main__":
    sys.exit(main())
