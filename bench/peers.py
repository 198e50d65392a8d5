"""The formula of formula.rank over 1,000 items in memory against a peer in Python, on one thread.

usage: peers.py PEER SHIM PROGRAM, in the peer's own environment; peers.py --head prints the table's head
SHIM is peers_shim.c as a library. Both sides read the same columns. Numba makes C functions, so it is
called from C like rankc; the others are called from Python, and so is rankc then, by ctypes. What a
call costs there is shown by lists of one item.
"""
import ctypes
import os
import statistics
import sys
import time

os.environ["POLARS_MAX_THREADS"] = "1"
os.environ["NUMEXPR_NUM_THREADS"] = "1"
N, ROUNDS, AVERAGE = 1000, 101, 37.5
NAMES = ["rating", "weight", "price", "clicks", "age", "x"]
HEAD = "| against | called from | kernel / peer (quartiles) | whole request / peer | less the calls of one item | peer | its call of one item | our call of one item |"


def load(path):
    lib = ctypes.CDLL(path)
    lib.shim_column.restype = ctypes.POINTER(ctypes.c_float)
    lib.shim_score.restype = ctypes.POINTER(ctypes.c_float)
    for timer in (lib.shim_time, lib.shim_time_request, lib.shim_time_peer):
        timer.restype = ctypes.c_double
    lib.shim_time_peer.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint]
    return lib


def columns(lib, np):
    """The shim's columns as arrays, filled; the last is the peers' result."""
    random = np.random.default_rng(1)
    u = [random.random(N) for _ in NAMES]
    values = [u[0] * 5, u[1], u[2] * 100, np.floor(np.exp(u[3] * 12)), u[4] * 1000, u[5] * 16 - 8]
    arrays = [np.ctypeslib.as_array(lib.shim_column(i), (N,)) for i in range(len(NAMES) + 1)]
    for array, value in zip(arrays, values):
        array[:] = value
    return arrays


def numexpr_calls(arrays, np):
    import numexpr

    numexpr.set_num_threads(1)
    one, tenth = np.float32(1), np.float32(0.1)
    text = "rating*tenth*weight - price/avg + log1p(clicks)/sqrt(one+age) + one/(one+exp(-x))"
    names = NAMES + ["avg", "one", "tenth"]
    # `float` is its name for binary32.
    formula = numexpr.NumExpr(text, [(n, float) for n in names])
    average = np.float32(AVERAGE)

    def call(n):
        args = [a[:n] for a in arrays[:6]] + [np.asarray(v) for v in (average, one, tenth)]
        out = arrays[6][:n]
        return lambda: formula.run(*args, out=out, ex_uses_vml=False)

    return [("numexpr", call)]


def polars_calls(arrays, np):
    import polars as pl

    def call(n):
        frame = pl.DataFrame({name: a[:n] for name, a in zip(NAMES, arrays)})
        c = {name: pl.col(name) for name in NAMES}
        f32 = lambda v: pl.lit(v, dtype=pl.Float32)
        score = (c["rating"] * f32(0.1) * c["weight"] - c["price"] / f32(AVERAGE)
                 + c["clicks"].log1p() / (f32(1) + c["age"]).sqrt() + f32(1) / (f32(1) + (-c["x"]).exp()))
        return lambda: frame.select(score.alias("score"))

    return [("Polars", call)]


def duckdb_calls(arrays, np):
    import duckdb

    def call(n):
        db = duckdb.connect(config={"threads": 1})
        given = {name: a[:n].copy() for name, a in zip(NAMES, arrays)}
        db.execute("CREATE TABLE items AS SELECT * FROM given")
        db.execute(f"""PREPARE score AS SELECT rating * 0.1::FLOAT * weight - price / {AVERAGE}::FLOAT
            + (ln(1::FLOAT + clicks) / sqrt(1::FLOAT + age))::FLOAT + (1 / (1 + exp(-x)))::FLOAT AS score
            FROM items""")
        return lambda: db.execute("EXECUTE score").fetchnumpy()

    return [("DuckDB", call)]


def numba_functions(arrays, np):
    import peers_numba

    return [("Numba, fastmath, as installed", peers_numba.as_installed()),
            ("Numba, fastmath, with libmvec", peers_numba.with_libmvec())]


def score_of(value, arrays):
    """What a call returned, or left in the last column."""
    if hasattr(value, "to_series"):
        return value.to_series().to_numpy()
    return value["score"] if isinstance(value, dict) else arrays[6]


def compare(lib, theirs, np):
    lib.shim_prepare(N)
    ours = np.ctypeslib.as_array(lib.shim_score(), (N,))
    assert theirs.dtype == np.float32, theirs.dtype
    assert np.all(np.abs(ours - theirs) <= 1e-5 * np.maximum(1, np.abs(ours))), "the answers differ"


def clock(call, calls):
    start = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - start) / calls


def ratio(ours, theirs, calls):
    """Both give seconds for so many calls; the sides take turns."""
    ours(calls), theirs(calls)
    pairs = [(ours(calls), theirs(calls)) for _ in range(ROUNDS)]
    quartiles = statistics.quantiles([a / b for a, b in pairs], n=4)
    return quartiles, statistics.median(b for _, b in pairs)


def row(name, where, kernel, whole, theirs, one_theirs, one_ours):
    net = (kernel[1] * theirs - one_ours) / (theirs - one_theirs)
    print(f"| {name} | {where} | {kernel[1]:.3f} ({kernel[0]:.3f}-{kernel[2]:.3f}) | {whole[1]:.3f} "
          f"({whole[0]:.3f}-{whole[2]:.3f}) | {net:.2f} | {theirs * 1e6:.2f} us | {one_theirs * 1e6:.2f} us | "
          f"{one_ours * 1e6:.2f} us |", flush=True)


def from_python(lib, name, call, arrays, np):
    full = call(N)
    compare(lib, score_of(full(), arrays), np)
    calls = max(1, int(200e-6 / clock(full, 20)))
    kernel, theirs = ratio(lambda n: clock(lib.shim_kernel, n), lambda n: clock(full, n), calls)
    whole, _ = ratio(lambda n: clock(lib.shim_request, n), lambda n: clock(full, n), calls)
    del full  # a database of its own would be in the way
    single = call(1)
    one_theirs = statistics.median(clock(single, 20) for _ in range(ROUNDS))
    lib.shim_prepare(1)
    one_ours = statistics.median(clock(lib.shim_kernel, 20) for _ in range(ROUNDS))
    row(name, "Python", kernel, whole, theirs, one_theirs, one_ours)


def from_c(lib, name, function, arrays, np):
    address = function.address
    lib.shim_time_peer(address, N, 1)
    compare(lib, arrays[6], np)
    peer = lambda n: lib.shim_time_peer(address, N, n) * 1e-9
    kernel, theirs = ratio(lambda n: lib.shim_time(n) * 1e-9, peer, 50)
    whole, _ = ratio(lambda n: lib.shim_time_request(n) * 1e-9, peer, 50)
    one_theirs = statistics.median(lib.shim_time_peer(address, 1, 100) for _ in range(ROUNDS)) * 1e-9
    lib.shim_prepare(1)
    one_ours = statistics.median(lib.shim_time(100) for _ in range(ROUNDS)) * 1e-9
    row(name, "C", kernel, whole, theirs, one_theirs, one_ours)


def main():
    if sys.argv[1] == "--head":
        print(HEAD + "\n" + "|---" * HEAD.count(" | ") + "|---|")
        return
    import numpy as np

    peer, shim, program = sys.argv[1:]
    lib = load(os.path.abspath(shim))
    lib.shim_open(program.encode(), 2)
    arrays = columns(lib, np)
    if peer == "numba":
        for name, function in numba_functions(arrays, np):
            from_c(lib, name, function, arrays, np)
        return
    makers = {"numexpr": numexpr_calls, "polars": polars_calls, "duckdb": duckdb_calls}
    for name, call in makers[peer](arrays, np):
        from_python(lib, name, call, arrays, np)


main()
