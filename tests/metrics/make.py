#!/usr/bin/env python3
"""Makes the files beside it: two runs and their labels, and what other programs measure of them.

trec_eval's numbers come from pytrec_eval, those of auc from scikit-learn, the t-test from SciPy; err,
and the draws of the bootstrap, are worked out here, from their definitions. tests/metrics.sh compares
`rankc metrics` with them. With RANK_DATA, expected.webis has what trec_eval says of real pages that are
ranked by their feature 15.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install pytrec-eval-terrier scikit-learn scipy
    /tmp/venv/bin/python tests/metrics/make.py                      # the files of this folder
    /tmp/venv/bin/python tests/metrics/make.py RUN LETOR >expected   # numbers of another run
"""
import math
import os
import random
import struct
import sys

import pytrec_eval
from scipy import stats
from sklearn.metrics import roc_auc_score

HERE = os.path.dirname(os.path.abspath(__file__))
CUTS = [1, 5, 10, 100]


def write_files():
    """Ties, documents and queries on one side only, negative labels, queries without a relevant one."""
    pick = random.Random(4)
    docs = ["d%d" % i for i in range(1, 40)] + ["d1%s" % c for c in "abcXYZ"] + ["D\u00e9", "\u6838"]
    names = ["%d" % i for i in range(1, 19)] + ["q-x", "Q"]
    with open(os.path.join(HERE, "labels.qrels"), "w") as out:
        for i, name in enumerate(names):
            top = 1 if i in (5, 11) else 5  # labels of two queries end at 0
            judged = pick.sample(docs, pick.randint(5, 30))
            for k, doc in enumerate(judged):
                label = 0 if k == 0 else pick.choice([-1, 0, 0, 0, 1, 1, 2, 3, 4][: 4 if top == 1 else 9])
                out.write("%s 0 %s %d\n" % (name, doc, label))
    for run, skipped, step in (("a.trec", (3, 7), 10), ("b.trec", (3,), 4)):
        with open(os.path.join(HERE, run), "w") as out:
            for i, name in enumerate(names + ["unknown", "99"]):
                if i in skipped:
                    continue
                found = pick.sample(docs, pick.randint(1, 28))
                for rank, doc in enumerate(found):
                    score = pick.randint(0, step) / step - 0.5
                    if i == 2:  # floats cannot tell these apart
                        score = 1 + rank * 1e-9
                    out.write("%s Q0 %s %d %r %s\n" % (name, doc, rank + 1, score, run))


def read(path):
    """{query: {document: number}} of a run, of qrels or of a letor file."""
    table = {}
    for line in open(path, encoding="utf-8"):
        words = line.split()
        if words[1].startswith("qid:"):
            table.setdefault(words[1][4:], {})[words[-1]] = int(float(words[0]))
        elif len(words) == 6:
            table.setdefault(words[0], {})[words[2]] = float(words[4])
        else:
            table.setdefault(words[0], {})[words[2]] = int(words[3])
    return table


def ordered(scores):
    """Documents as trec_eval 9 has them: by the score as a float, then by the docno, both downwards."""
    narrow = lambda x: struct.unpack("f", struct.pack("f", x))[0]
    return sorted(scores, key=lambda d: (narrow(scores[d]), d.encode()), reverse=True)


def trec(labels, run, measures, level=1):
    return pytrec_eval.RelevanceEvaluator(labels, measures, relevance_level=level).evaluate(run)


def err(ranked, labels, k, top):
    """Chapelle et al., CIKM 2009: the sum over places r of 1/r P(the reader stops at r)."""
    stop = [(2.0 ** max(labels.get(d, 0), 0) - 1) / 2.0 ** top for d in ranked[:k]]
    return sum(math.prod(1 - s for s in stop[:r]) * stop[r] / (r + 1) for r in range(len(stop)))


def area(scores, labels, level):
    truth = [labels.get(d, 0) >= level for d in scores]
    if all(truth) or not any(truth):
        return math.nan
    return roc_auc_score(truth, list(scores.values()))


def of_trec(labels, run, level):
    """Our names for trec_eval's measures."""
    cuts = ",".join(map(str, CUTS))
    plain = trec(labels, run, {"ndcg", "ndcg_cut." + cuts, "recip_rank", "map", "map_cut." + cuts,
                               "P." + cuts, "recall." + cuts, "set_P", "set_recall"}, level)
    gains = {q: {d: 2 ** l - 1 if l > 0 else l for d, l in ls.items()} for q, ls in labels.items()}
    steep = trec(gains, run, {"ndcg", "ndcg_cut." + cuts})
    values = {}
    for q, row in plain.items():
        out = values[q] = {"ndcg": row["ndcg"], "mrr": row["recip_rank"], "map": row["map"],
                           "precision": row["set_P"], "recall": row["set_recall"],
                           "ndcg_exp": steep[q]["ndcg"]}
        for k in CUTS:
            cut = {d: run[q][d] for d in ordered(run[q])[:k]}
            out["mrr@%d" % k] = trec(labels, {q: cut}, {"recip_rank"}, level)[q]["recip_rank"]
            for ours, theirs in (("ndcg", "ndcg_cut"), ("map", "map_cut"), ("precision", "P"), ("recall", "recall")):
                out["%s@%d" % (ours, k)] = row["%s_%d" % (theirs, k)]
            out["ndcg_exp@%d" % k] = steep[q]["ndcg_cut_%d" % k]
    return values


def measure(labels, run, level=1):
    """{query: {metric: value}}, and {metric: value} of all."""
    values = of_trec(labels, run, level)
    top = max(l for ls in labels.values() for l in ls.values())
    for q, out in values.items():
        for name, k in [("err", None)] + [("err@%d" % k, k) for k in CUTS]:
            out[name] = err(ordered(run[q]), labels[q], k, top)
        out["auc"] = out["gauc_positives"] = out["gauc_size"] = area(run[q], labels[q], level)
    names = sorted(values, key=str.encode)
    whole = {m: sum(values[q][m] for q in names) / len(names) for m in values[names[0]]}
    pooled = {(q, d): s for q in names for d, s in run[q].items()}
    whole["auc"] = area(pooled, {(q, d): l for q in names for d, l in labels[q].items()}, level)
    for m, weight in (("gauc_positives", lambda q: sum(labels[q].get(d, 0) >= level for d in run[q])),
                      ("gauc_size", lambda q: len(run[q]))):
        sides = [(values[q][m], weight(q)) for q in names if not math.isnan(values[q][m])]
        whole[m] = sum(v * w for v, w in sides) / sum(w for _, w in sides)
    return values, whole


def print_table(values, whole, out):
    text = lambda x: "" if math.isnan(x) else repr(float(x))
    for m in sorted(whole):
        for q in sorted(values, key=str.encode):
            out.write("%s,%s,%s\n" % (m, q, text(values[q][m])))
        out.write("%s,,%s\n" % (m, text(whole[m])))


def draws(seed):
    """SplitMix64."""
    mask = 2 ** 64 - 1
    while True:
        seed = (seed + 0x9E3779B97F4A7C15) & mask
        z = ((seed ^ seed >> 30) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & mask
        yield z ^ z >> 31


def quantile(values, q):
    at = q * (len(values) - 1)
    low = int(at)
    return values[low] + (at - low) * (values[min(low + 1, len(values) - 1)] - values[low])


def compare(a, b, names, out):
    for m in ("err", "map", "mrr", "ndcg@10", "precision@10", "recall@100"):
        x, y = [a[q][m] for q in names], [b[q][m] for q in names]
        n, test, source = len(names), stats.ttest_rel(x, y), draws(1)
        means = []
        for _ in range(10000):
            at = [(next(source) >> 32) * n >> 32 for _ in range(n)]
            means.append(sum(x[i] for i in at) / n - sum(y[i] for i in at) / n)
        means.sort()
        row = [sum(x) / n, sum(y) / n, sum(x) / n - sum(y) / n, quantile(means, 0.025), quantile(means, 0.975),
               test.statistic, test.pvalue]
        counts = [sum(u > v for u, v in zip(x, y)), sum(u < v for u, v in zip(x, y)), sum(u == v for u, v in zip(x, y))]
        out.write(",".join([m] + [repr(float(v)) for v in row] + [str(c) for c in counts]) + "\n")


def write_pages(folder):
    with open(os.path.join(HERE, "expected.webis"), "w") as out:
        for fold in ("fold1", "fold2", "fold3", "fold4"):
            path, run = os.path.join(folder, "ltr-webis", fold + ".txt"), {}
            for line in open(path):
                words = line.split()
                run.setdefault(words[1][4:], {})[words[-1]] = float(words[16].split(":")[1])
            whole = measure(read(path), run)[1]
            for m in sorted(whole):
                out.write("%s,%s,%r\n" % (fold, m, float(whole[m])))


def main():
    if len(sys.argv) == 3:
        print_table(*measure(read(sys.argv[2]), read(sys.argv[1])), sys.stdout)
        return
    write_files()
    path = lambda name: os.path.join(HERE, name)
    labels, a, b = read(path("labels.qrels")), read(path("a.trec")), read(path("b.trec"))
    for name, level in (("expected.1", 1), ("expected.2", 2)):
        with open(path(name), "w") as out:
            print_table(*measure(labels, a, level), out)
    names = sorted(set(labels) & set(a) & set(b), key=str.encode)
    with open(path("expected.compare"), "w") as out:
        compare(measure(labels, a)[0], measure(labels, b)[0], names, out)
    if os.environ.get("RANK_DATA"):
        write_pages(os.environ["RANK_DATA"])


main()
