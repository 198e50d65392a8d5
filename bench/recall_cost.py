"""What indexes cost: the CPU time of building on one thread, the file, and the memory of a process that searches."""
import json
import os
import time

import recall_ours
import recall_peers as peers
import recall_sets as sets

GOALS = {"build": 0.5, "memory": 0.6}


def resident(*fields):
    with open("/proc/self/status") as lines:
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(fields))


def in_child(work):
    """What work() returns, in a process that has nothing else of it."""
    read, write = os.pipe()
    if os.fork() == 0:
        os.write(write, json.dumps(work()).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as file:
        text = file.read()
    os.wait()
    return json.loads(text)


def searching(name, kind, links):
    """Bytes by which opening and searching for 1,000 queries' 10 nearest at spread 100 make a process grow: memory of its
    own, and with the pages of files."""
    data = sets.Set(name, "query", 1000)
    data.base = data.base[:1]  # it is in the index, for whoever needs it
    peer = peers.KINDS[kind](data, links)
    before = resident("RssAnon"), resident("RssAnon", "RssFile")
    peer.open(peers.path(name, kind, links))
    peer.search(data.queries, 10, 100)
    return resident("RssAnon") - before[0], resident("RssAnon", "RssFile") - before[1]


def threads(name, links):
    """Seconds of the clock to build ours with one thread and two, and whether the bytes are the same."""
    os.sched_setaffinity(0, range(os.cpu_count()))
    data, made, taken = sets.Set(name, "query", 1), [], []
    for count in (1, 2):
        ours = recall_ours.Ours(data, links)
        start = time.monotonic()
        ours.make(count)
        taken.append(time.monotonic() - start)
        made.append(ours)
    return *taken, bool(made[0].equal(made[1]))


def mega(bytes_):
    return f"{bytes_ / 1e6:.0f}"


def table(name, wanted):
    print(f"### {name}: building and memory, MB\n\n| index | built in, CPU s | file | searching: own | with pages of files "
          "|\n|---|---|---|---|---|")
    costs = {}
    for one in wanted:
        kind, links = one.split(":")
        path = peers.path(name, kind, links) + ".json"
        if not os.path.exists(path):
            continue
        with open(path) as file:
            built = json.load(file)
        own, whole = in_child(lambda: searching(name, kind, int(links)))
        costs[one] = built["cpu"], own, whole
        print(f"| {one} | {built['cpu']:.1f} | {mega(built['file'])} | {mega(own)} | {mega(whole)} |", flush=True)
    ours = next((one for one in costs if one.startswith("ours:")), None)
    if not ours:
        return
    print()
    for one in costs:
        if one.startswith("hnswlib"):
            build, own, whole = (mine / theirs for mine, theirs in zip(costs[ours], costs[one]))
            print(f"{ours} / {one}: built in {build:.2f} (goal {GOALS['build']}), memory of its own {own:.2f} "
                  f"(goal {GOALS['memory']}), with pages of files {whole:.2f}")
    one, two, same = in_child(lambda: threads(name, int(ours.split(":")[1])))
    print(f"{ours} with 1 thread {one:.1f} s, with 2 {two:.1f} s: {one / two:.2f} times as fast (goal 1.7), "
          f"{'the same bytes' if same else '**other bytes**'}")
