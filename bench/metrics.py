"""A run of a million lines and its labels measured by rankc and by pytrec_eval (trec_eval's own code), in turns.

usage: metrics.py RANKC [QUERIES]
rankc's time is CPU of its whole process; the peer's that of reading both files and of measuring, without
imports and garbage collection.
"""
import gc
import os
import random
import resource
import statistics
import subprocess
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
work = os.path.join(here, "peers", "metrics")
run, labels = os.path.join(work, "run"), os.path.join(work, "qrels")
METRICS = "ndcg@10,ndcg,mrr,map,precision@10,recall@100"
PEER = {"ndcg_cut.10": "ndcg_cut_10", "ndcg": "ndcg", "recip_rank": "recip_rank", "map": "map", "P.10": "P_10",
        "recall.100": "recall_100"}


def peer():
    import pytrec_eval

    gc.disable()
    start = time.process_time()
    with open(run) as r, open(labels) as l:
        lists, judged = pytrec_eval.parse_run(r), pytrec_eval.parse_qrel(l)
    found = pytrec_eval.RelevanceEvaluator(judged, set(PEER)).evaluate(lists)
    print(time.process_time() - start)
    print(*[sum(found[q][m] for q in sorted(found)) / len(found) for m in PEER.values()])


def write(queries):
    pick = random.Random(1)
    os.makedirs(work, exist_ok=True)
    with open(run, "w") as r, open(labels, "w") as l:
        for q in range(queries):
            docs = pick.sample(range(10_000_000), 1500)
            for i in range(1000):
                r.write(f"{q} Q0 clueweb09-en{docs[i]:08d} {i + 1} {30 - i * 0.01 - pick.random():.6f} tag\n")
                l.write(f"{q} 0 clueweb09-en{docs[i + 500]:08d} {max(0, pick.randint(-6, 4))}\n")


def ours(rankc):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    text = subprocess.run([rankc, "metrics", run, "--labels", labels, "--metric", METRICS, "--format=csv"],
                          stdout=subprocess.PIPE, check=True, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, [float(line.split(",")[2]) for line in text.splitlines()[1:]]


def theirs(python):
    text = subprocess.run([python, __file__, "peer"], stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()
    return float(text[0]), [float(x) for x in text[1].split()]


def main():
    python = os.path.join(here, "peers", "pytrec", "bin", "python")
    queries = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    write(queries)
    mine = ours(sys.argv[1])
    print("| against | lines | rankc / peer (least-most) |\n|---|---|---|")
    if not os.path.exists(python):
        print("| pytrec_eval | not installed |")
        return
    assert all(abs(a - b) < 1e-12 for a, b in zip(mine[1], theirs(python)[1])), "the answers differ"
    r = sorted(ours(sys.argv[1])[0] / theirs(python)[0] for _ in range(7))
    print(f"| pytrec_eval | {queries * 1000} | {statistics.median(r):.2f} ({r[0]:.2f}-{r[-1]:.2f}) |")


peer() if sys.argv[1] == "peer" else main()
