"""A forest of CatBoost against CatBoost itself, which PyPI has for Python alone: a row of forest.c's table.

usage: forest_catboost.py SHIM MODEL ROWS FEATURES GOALS, in the virtual environment of CatBoost. SHIM is forest_ours.c
as a shared library; the rest is as in forest.c. Their lists are Pools that are made before, so a turn is `predict` on
one thread alone. Calling it from Python costs as much as a model of one split (call.cbm, beside MODEL) takes: the second
row has that taken off.
"""
import ctypes
import os
import sys
import time

import catboost as cb
import numpy as np

shim, path, rows_path, width, goals = sys.argv[1:6]
LENGTHS, ROUNDS, TURN, WINDOWS = (1, 10, 100, 1000, 10000), 15, 3e-3, 8

lib = ctypes.CDLL(shim)
lib.forest_open.restype = ctypes.c_void_p
lib.forest_open.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint32, ctypes.c_bool]
lib.forest_turn.restype = ctypes.c_double
lib.forest_turn.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint32]
lib.forest_scores.restype = ctypes.POINTER(ctypes.c_double)
lib.forest_scores.argtypes = [ctypes.c_void_p, ctypes.c_uint32]
ours = lib.forest_open(path.encode(), rows_path.encode(), int(width), False)
rows = np.fromfile(rows_path).reshape(-1, int(width)).astype(np.float32)
model = cb.CatBoost().load_model(path)
nothing = cb.CatBoost().load_model(os.path.join(os.path.dirname(path), "call.cbm"))


def predict(of, pool):
    return of.predict(pool, prediction_type="RawFormulaVal", thread_count=1)


def their_turn(of, pools, calls):
    """CPU nanoseconds a row."""
    start = time.thread_time()
    for i in range(calls):
        predict(of, pools[i % len(pools)])
    return (time.thread_time() - start) * 1e9 / calls / pools[0].num_row()


def calls(ns, n):
    return int(TURN * 1e9 / (ns * n)) + 1


def compare():
    n = len(rows)
    scores, theirs = np.ctypeslib.as_array(lib.forest_scores(ours, n), (n,)), predict(model, cb.Pool(rows))
    differ = np.count_nonzero(scores != theirs)
    most = np.max(np.abs(scores - theirs) / np.maximum(np.abs(theirs), 1))
    print(f"{path}, catboost: {differ} of {n} rows differ, by {most:.2g} of the score at most", file=sys.stderr)
    assert most < 1e-12


def measure(n):
    """Ratios, ratios less the call, ours in ns a row."""
    pools = [cb.Pool(rows[at:at + n]) for at in range(0, len(rows), n)][:WINDOWS]
    our_calls = calls(lib.forest_turn(ours, None, 0, n, 3), n)
    their_calls = calls(their_turn(model, pools, 3), n)
    turns = []
    for r in range(ROUNDS):
        mine = lib.forest_turn(ours, None, r * 613 % (len(rows) - n + 1), n, our_calls)
        theirs = their_turn(model, pools, their_calls)
        call = their_turn(nothing, pools, their_calls)
        turns.append((theirs / mine, (theirs - call) / mine, mine))
    return [sorted(column) for column in zip(*turns)]


def cell(ratios, goal):
    low, median, high = ratios[ROUNDS // 4], ratios[ROUNDS // 2], ratios[-1 - ROUNDS // 4]
    mark = "**" if median < goal else ""
    return f"{mark}{median:.1f}{mark} ({low:.1f}-{high:.1f})"


def main():
    compare()
    wanted = [float(g) for g in goals.split(",")] if goals != "-" else [0] * len(LENGTHS)
    columns = [measure(n) for n in LENGTHS]
    name = os.path.basename(path).split(".")[0]
    speeds = " / ".join(f"{c[2][ROUNDS // 2]:.0f}" for c in columns)
    text = " / ".join(f"{g:g}" if g else "-" for g in wanted)
    for k, peer in enumerate(("catboost, from Python", "catboost, less its call")):
        missed = any(c[k][ROUNDS // 2] < g for c, g in zip(columns, wanted))
        told = ": **missed**" if missed else ": met" if any(wanted) else ""
        cells = " | ".join(cell(c[k], g) for c, g in zip(columns, wanted))
        print(f"| {name} | {peer} | {cells} | {text}{told} | {speeds} |", flush=True)


main()
