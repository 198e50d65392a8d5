"""A products file of a million rows ranked by rankc, DuckDB and Polars, in turns, on one thread.

usage: scan.py RANKC [ROWS]
rankc's time is that of its whole process; the peers' is that of the query alone, imports left out.
"""
import os
import statistics
import subprocess
import sys
import time

rankc = os.path.abspath(sys.argv[1])
rows = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
here = os.path.dirname(os.path.abspath(__file__))
work = os.path.join(here, "peers", "scan")
os.makedirs(work, exist_ok=True)
data = os.path.join(work, "products.csv")
if not os.path.exists(data):
    with open(data, "w") as out:
        subprocess.run(["awk", "-v", f"ROWS={rows}", "-f", os.path.join(here, "scan_data.awk")],
                       stdout=out, check=True)
with open(os.path.join(here, "scan.rank")) as program, open(os.path.join(work, "scan.rank"), "w") as out:
    out.write(program.read())


def ours():
    start = time.perf_counter()
    text = subprocess.run([rankc, "run", os.path.join(work, "scan.rank"), "--format=trec"],
                          stdout=subprocess.PIPE, check=True, text=True).stdout
    return time.perf_counter() - start, [int(line.split()[2]) for line in text.splitlines()]


def peer(name):
    python = os.path.join(here, "peers", name, "bin", "python")
    text = subprocess.run([python, os.path.join(here, "scan_peer.py"), name, data],
                          stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()
    return float(text[0]), [int(i) for i in text[1].split()]


names = [n for n in ("duckdb", "polars") if os.path.exists(os.path.join(here, "peers", n, "bin"))]
best = ours()[1]
for name in names:
    same = len(set(best) & set(peer(name)[1]))
    print(f"{name}: {same} of the 100 best are ours")
    assert same >= 99, "the answers differ"
ratios = {name: [] for name in names}
for _ in range(7):
    mine = ours()[0]
    for name in names:
        ratios[name].append(mine / peer(name)[0])
print("| against | rows | rankc / peer (least-most) |\n|---|---|---|")
for name in names:
    r = sorted(ratios[name])
    print(f"| {name} | {rows} | {statistics.median(r):.2f} ({r[0]:.2f}-{r[-1]:.2f}) |")
