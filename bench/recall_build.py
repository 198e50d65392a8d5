"""Builds peers' indexes for recall.py: recall_build.py SET KIND:LINKS... (kinds: recall_peers.py)

An index that is there stays. Beside it stands a .json: CPU seconds on one thread (seconds of the clock too), bytes by
which the process grew, bytes of the file.
"""
import glob
import json
import os
import sys
import time

import recall_ours  # one kind more
import recall_peers as peers
import recall_sets as sets


def grown(field="VmRSS"):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def size(path):
    """Bytes of an index: a file, or folders that begin so."""
    files = [found for found in glob.glob(path + "*") + glob.glob(path + "*/*") if os.path.isfile(found)]
    return sum(os.path.getsize(found) for found in files)


def build(name, data, kind, links):
    path = peers.path(name, kind, links)
    if os.path.exists(path + ".json"):
        return
    peer = peers.KINDS[kind](data, links)
    before, clock, cpu = grown(), time.monotonic(), time.process_time()
    peer.build(path)
    cost = {"cpu": time.process_time() - cpu, "clock": time.monotonic() - clock, "grown": grown("VmHWM") - before,
            "file": size(path)}
    with open(path + ".json", "w") as file:
        json.dump(cost, file)
    print(name, kind, links, cost, flush=True)


def main(name, wanted):
    data = sets.Set(name)
    for one in wanted:
        kind, links = one.split(":")
        child = os.fork()  # its memory is its own
        if child == 0:
            build(name, data, kind, int(links))
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0, one


main(sys.argv[1], sys.argv[2:])
