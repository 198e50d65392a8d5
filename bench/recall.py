"""Recall against speed: our index, hnswlib, FAISS, USearch, SVS and SymphonyQG, and prints tables.

usage: recall.py [SET | PART]... in the virtual environment `recall` (default: all parts, of fmnist and glove):
  graph   QPS at recalls, of all sides
  flat    exact answers, one query at a time and 1,000
  filter  QPS at recalls among the rows that pass, half of them, a tenth, a hundredth: by bits, and asking for rows
  cost    what it takes to build, and to search in
  tune    our graph alone, with other numbers of links, on the tuning queries
Data and indexes come from recall_data.py and recall_build.py; what is not there is left out.

All sides are in this process, on one thread, and take turns over the same queries; time is CPU time of the process.
How widely each has to look for a recall is found on queries that are not measured; around it, four settings are
measured, and the speed at the recall is read off between them (log QPS, linear in recall), round by round. A setting
that has more recall than asked for counts as it is. If none comes to a recall on the queries that are measured, wider
ones are tried until one does.
"""
import os
import sys
import time

import numpy as np

import recall_cost
import recall_filter
import recall_ours
import recall_peers as peers
import recall_sets as sets

ROUNDS = int(os.environ.get("RECALL_ROUNDS", "5"))
QUERIES = int(os.environ.get("RECALL_QUERIES", "1000"))
TUNED = 300  # queries that settings are found with
# Our links each way, where they are not the default; the part tune tries others on the tuning queries.
LINKS = {"fmnist": 8, "mix250k": 16, "mix1m": 16, "mix4m": 16}
TARGETS = {10: (0.90, 0.95, 0.99), 100: (0.95,)}
GOALS = {(10, 0.95): 3, (10, 0.99): 2.5}
FLAT_GOALS = {1: 3.5, 1000: 1.5}
FILTER_GOAL = 3
OTHERS = ("usearch:16", "svs-8x0:16", "svs-8x0:24", "symphony:16", "symphony:32")
LADDER = sorted({round(10 * 1.12 ** i) for i in range(54)})


def recall(ids, truth, k):
    """Of the k nearest, the share that was found; a row that does not exist is not looked for."""
    found = sum(len(np.intersect1d(ids[i, :k], truth[i, :k][truth[i, :k] >= 0])) for i in range(len(ids)))
    return found / max(1, (truth[:, :k] >= 0).sum())


class Side:
    """One contender: what it is called, and how it answers a part, which has queries and truth: ask(part, k, spread)."""

    def __init__(self, name, ask):
        self.name, self.ask = name, ask
        self.points = {}  # spread: [recall, [QPS of each round]]

    def prepare(self, part, k, targets):
        """Finds four settings around each target."""
        ladder = [k] + [spread for spread in LADDER if spread > k]
        known = {}

        def at(place):
            if place not in known:
                known[place] = recall(self.ask(part, k, ladder[place]), part.truth, k)
            return known[place]

        for target in targets:
            low, high = 0, len(ladder) - 1
            while low < high:
                middle = (low + high) // 2
                low, high = (low, middle) if at(middle) >= target else (middle + 1, high)
            for place in range(max(0, low - 1), min(len(ladder), low + 3)):
                self.points[ladder[place]] = [0, []]

    def climb(self, part, k, target):
        """Other queries may be harder: if no setting comes to the target, the next two around it are measured too."""
        ladder = [k] + [spread for spread in LADDER if spread > k]
        place = first = ladder.index(max(self.points))
        at = recall(self.ask(part, k, ladder[place]), part.truth, k)
        while at < target and place + 1 < len(ladder):
            place += 1
            at = recall(self.ask(part, k, ladder[place]), part.truth, k)
        if at >= target and place > first:
            for spread in ladder[place - 1:place + 1]:
                self.points.setdefault(spread, [0, []])

    def turn(self, part, k):
        for spread, point in self.points.items():
            start = time.process_time()
            ids = self.ask(part, k, spread)
            point[1].append(len(part.queries) / (time.process_time() - start))
            if len(point[1]) == 1:
                point[0] = recall(ids, part.truth, k)

    def speed(self, target, round):
        """QPS at this recall; NaN where it is not reached."""
        points = sorted((at, speeds[round]) for at, speeds in self.points.values())
        fastest = max((speed for at, speed in points if at >= target), default=np.nan)
        for (low, slow), (high, fast) in zip(points, points[1:]):
            if low < target <= high:
                part = (target - low) / (high - low)
                fastest = max(fastest, np.exp(np.log(slow) * (1 - part) + np.log(fast) * part))
        return fastest

    def speeds(self, target):
        return np.array([self.speed(target, round) for round in range(ROUNDS)])


def race(sides, tune, part, k, targets):
    for side in sides:
        side.prepare(tune, k, targets)
        side.climb(part, k, max(targets))
    for _ in range(ROUNDS):
        for side in sides:
            side.turn(part, k)


def spread(ratios):
    low, middle, high = np.percentile(ratios, (25, 50, 75))
    return f"{middle:.2f} ({low:.2f}-{high:.2f})"


def judged(ratios, goal):
    if not goal or np.isnan(ratios).any():
        return f"{spread(ratios)} |"
    met = np.median(ratios) >= goal
    return f"{spread(ratios) if met else '**' + spread(ratios) + '**'} | {goal}: {'met' if met else '**missed**'}"


def fastest(sides, target):
    """The name of the side with the best median, and its speeds."""
    medians = [(np.median(side.speeds(target)), side) for side in sides]
    best = max((pair for pair in medians if pair[0] == pair[0]), key=lambda pair: pair[0], default=None)
    return (best[1].name, best[1].speeds(target)) if best else ("none", np.full(ROUNDS, np.nan))


def row(label, ours, sides, target, goal):
    """Speeds of all, then ours against the best of hnswlib and FAISS, and of all."""
    main = [side for side in sides if side.name.startswith(("hnswlib", "FAISS"))]
    own = ours.speeds(target) if ours else np.full(ROUNDS, np.nan)
    cells = ", ".join(f"{side.name} {np.median(side.speeds(target)):.0f}" for side in sides)
    one, all_ = fastest(main, target), fastest(sides, target)
    print(f"| {label} | {np.median(own):.0f} | {cells} | {judged(own / one[1], goal)} | {one[0]} "
          f"| {spread(own / all_[1])} | {all_[0]} |", flush=True)


HEAD = ("| recall | ours, QPS | theirs | ours / best of hnswlib, FAISS | goal | which | ours / best of all | which |\n"
        "|---|---|---|---|---|---|---|---|")


def opened(data, wanted):
    """(KIND:LINKS, peer) of those that have an index."""
    for one in wanted:
        kind, links = one.split(":")
        path = peers.path(data.name, kind, links)
        if os.path.exists(path + ".json"):
            side = peers.KINDS[kind](data, int(links))
            side.open(path)
            yield one, side


def ours_of(name):
    return f"ours:{LINKS.get(name, 24)}"


def named(peer):
    return f"{peer.name} {peer.links}" if peer.links else peer.name


def graph(name):
    data, tune = sets.Set(name, "query", QUERIES), sets.Set(name, "tune", TUNED)
    mains = [f"{kind}:{links}" for kind in ("hnswlib", "faiss") for links in (16, 24, 32)]
    held = dict(opened(data, [ours_of(name), *mains, *OTHERS]))
    print(f"### {name}: {len(data.queries)} queries over {data.base.shape[0]} x {data.base.shape[1]}\n\n{HEAD}")
    for k, targets in TARGETS.items():
        sides = {one: Side(named(peer), lambda part, k, spread, peer=peer: peer.search(part.queries, k, spread))
                 for one, peer in held.items()}
        race(sides.values(), tune, data, k, targets)
        ours = sides.pop(ours_of(name), None)
        for target in targets:
            row(f"@{k} = {target:.2f}", ours, sides.values(), target, GOALS.get((k, target)))


def tune(name):
    data, few = sets.Set(name, "tune"), sets.Set(name, "tune", TUNED)
    print(f"### {name}: our links, on the tuning queries\n\n| links | recall: QPS |\n|---|---|")
    held = dict(opened(data, [f"ours:{links}" for links in (8, 16, 24, 32)]))
    for k, targets in TARGETS.items():
        sides = [Side(named(peer), lambda part, k, spread, peer=peer: peer.search(part.queries, k, spread))
                 for peer in held.values()]
        race(sides, few, data, k, targets)
        for side in sides:
            cells = (f"@{k} = {target}: {np.median(side.speeds(target)):.0f}" for target in targets)
            print(f"| {side.name} | {', '.join(cells)} |", flush=True)


def flat(name):
    """Ours must find what is nearest indeed, so the answers are compared with the truth, to the row."""
    data = sets.Set(name, "query", 1000)
    ours, theirs = recall_ours.Ours(data, 0, "flat"), peers.FaissFlat(data, 0)
    ours.make()
    theirs.open()
    print(f"### {name}: exact\n\n| k | queries a call | ours, QPS | FAISS flat | ours / FAISS | goal | rows that differ "
          "from the truth: ours, FAISS |\n|---|---|---|---|---|---|---|")
    for k in (10, 100):
        for batch in (1, 1000):
            queries = data.queries[:20 if batch == 1 else 1000]
            speeds, wrong = ([], []), [0, 0]
            for _ in range(ROUNDS):
                for side, ask in enumerate((ours.exact, theirs.search)):
                    start = time.process_time()
                    ids = ask(queries, k, batch)
                    speeds[side].append(len(queries) / (time.process_time() - start))
                    wrong[side] = (ids != data.truth[:len(queries), :k]).sum()
            own, other = np.array(speeds)
            print(f"| {k} | {batch} | {np.median(own):.1f} | {np.median(other):.1f} "
                  f"| {judged(own / other, FLAT_GOALS[batch] if k == 10 else None)} | {wrong[0]}, {wrong[1]} |",
                  flush=True)
    print(f"\nA call of FAISS from Python costs {theirs.call() * 1e6:.1f} us.")


def filtered(name):
    count = min(QUERIES, 100)
    data, tune = sets.Set(name, "query", count), sets.Set(name, "tune", count)
    held = dict(opened(data, [ours_of(name), "hnswlib:24", "faiss:24"]))
    flat_ = peers.FaissFlat(data, 0)
    flat_.open()
    peers_ = {**held, "flat": flat_}
    if ours_of(name) in held:
        peers_["asked"] = recall_ours.Asked(held[ours_of(name)])
    print(f"### {name}: {count} queries among the rows that pass\n\n{HEAD}")
    for kind in recall_filter.KINDS:
        for share in recall_filter.SHARES:
            values = recall_filter.narrow(data, tune, kind, share)
            sides = {one: Side(named(peer), recall_filter.asking(peer, values, (data, tune)))
                     for one, peer in peers_.items()}
            race(sides.values(), tune, data, 10, (0.95, 0.99))
            ours, asked = sides.pop(ours_of(name), None), sides.pop("asked", None)
            for target in (0.95, 0.99):
                row(f"{kind}, {share}: @10 = {target:.2f}", ours, sides.values(), target, FILTER_GOAL)
                row(f"{kind}, {share}: @10 = {target:.2f}, asking", asked, sides.values(), target, FILTER_GOAL)


def cost(name):
    recall_cost.table(name, [ours_of(name), "hnswlib:16", "hnswlib:24", "hnswlib:32", "faiss:16", "faiss:24", "faiss:32",
                             *OTHERS])


PARTS = {"graph": graph, "flat": flat, "filter": filtered, "cost": cost, "tune": tune}


def main(words):
    names = [word for word in words if word in sets.SETS] or ["fmnist", "glove"]
    for part in [word for word in words if word in PARTS] or ("graph", "flat", "filter", "cost"):
        for name in names:
            PARTS[part](name)
            print()


if __name__ == "__main__":
    main(sys.argv[1:])
