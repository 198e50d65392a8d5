"""Makes the index files of this folder, and what their own libraries find in them.

    python3 -m venv /tmp/v && /tmp/v/bin/pip install faiss-cpu==1.15.1 hnswlib==0.8.0 numpy
    /tmp/v/bin/python make.py

Numbers are multiples of 1/64, so that products and distances are exact in any order of summation, and
what is found depends on no rounding. Beside NAME.faiss and NAME.hnswlib stand

    NAME.want     a line a query: `id:score` of the 10 nearest, by exact search: the inner product, the
                  distance (not squared), or the cosine
    NAME.links    a line a vector: its id, then the ids that its level-0 links lead to, in order
"""
import struct

import faiss
import hnswlib
import numpy as np

N, DIM, QUERIES, K = 60, 6, 7, 10
rng = np.random.default_rng(7)
base = (rng.integers(-128, 129, (N, DIM)) / 64).astype("f4")
queries = (rng.integers(-128, 129, (QUERIES, DIM)) / 64).astype("f4")
labels = (rng.permutation(N) * 1000003 - 20000000).astype("i8")


def write_fvecs(name, rows):
    with open(name, "wb") as out:
        for row in rows:
            out.write(struct.pack("<i", len(row)) + row.astype("<f4").tobytes())


def write_want(name, ids, metric, rows=base):
    """The library's own exact search."""
    rows = rows.astype("f4")
    look = queries.copy()
    if metric == "cosine":
        rows, look = rows.copy(), look.copy()
        faiss.normalize_L2(rows)
        faiss.normalize_L2(look)
    flat = faiss.IndexFlatL2(DIM) if metric == "l2" else faiss.IndexFlatIP(DIM)
    flat.add(rows)
    k = min(K, len(rows))
    scores, found = flat.search(look, k)
    if metric == "l2":
        scores = -np.sqrt(scores)
    with open(name + ".want", "w") as out:
        for query in range(QUERIES):
            order = sorted(range(k), key=lambda i: (-scores[query, i], ids[found[query, i]]))
            out.write(" ".join(f"{ids[found[query, i]]}:{scores[query, i]:.6f}" for i in order) + "\n")


def write_links(name, ids, lists):
    with open(name + ".links", "w") as out:
        for i, links in enumerate(lists):
            out.write(" ".join(str(ids[j]) for j in [i, *links]) + "\n")


def faiss_links(index):
    hnsw = index.hnsw
    neighbors = faiss.vector_to_array(hnsw.neighbors)
    offsets = faiss.vector_to_array(hnsw.offsets)
    count = hnsw.cum_nb_neighbors(1)
    return [[j for j in neighbors[at : at + count] if j >= 0] for at in offsets[:-1].tolist()]


rows = np.arange(N)


def save(name, index):
    faiss.write_index(index, name + ".faiss")


def make_faiss():
    for name, metric in [("l2", faiss.METRIC_L2), ("dot", faiss.METRIC_INNER_PRODUCT)]:
        flat = faiss.IndexFlat(DIM, metric)
        flat.add(base)
        save(f"flat-{name}", flat)
        write_want(f"flat-{name}", rows, name)

        hnsw = faiss.IndexHNSWFlat(DIM, 4, metric)
        hnsw.hnsw.efConstruction = 40
        hnsw.add(base)
        save(f"hnsw-{name}", hnsw)
        write_want(f"hnsw-{name}", rows, name)
        write_links(f"hnsw-{name}", rows, faiss_links(hnsw))

        ivf = faiss.index_factory(DIM, "IVF4,Flat", metric)
        ivf.train(base)
        if name == "dot":
            ivf.set_direct_map_type(faiss.DirectMap.Hashtable)
        ivf.add_with_ids(base, labels)
        save(f"ivf-{name}", ivf)
        write_want(f"ivf-{name}", labels, name)

    mapped = faiss.IndexIDMap(faiss.IndexFlatL2(DIM))
    mapped.add_with_ids(base, labels)
    save("map-flat", mapped)
    write_want("map-flat", labels, "l2")

    inner = faiss.IndexHNSWFlat(DIM, 4)
    mapped = faiss.IndexIDMap2(inner)
    mapped.add_with_ids(base, labels)
    save("map2-hnsw", mapped)
    write_want("map2-hnsw", labels, "l2")
    write_links("map2-hnsw", labels, faiss_links(inner))

    # Most of its lists are empty, and another kind of quantizer finds them.
    quantizer = faiss.IndexHNSWFlat(DIM, 4)
    sparse = faiss.IndexIVFFlat(quantizer, DIM, 32)
    sparse.quantizer_trains_alone = 2
    sparse.cp.min_points_per_centroid = 1
    sparse.train(base)
    sparse.add(base[:9])
    save("ivf-sparse", sparse)
    write_want("ivf-sparse", rows, "l2", base[:9])

    save("empty-flat", faiss.IndexFlatL2(DIM))
    save("empty-hnsw", faiss.IndexHNSWFlat(DIM, 4))


def make_refused():
    """Kinds that are not taken."""
    for name, key in [("pq", "PQ2x4"), ("sq", "SQ8"), ("hnsw-sq", "HNSW4,SQ8"), ("ivf-sq", "IVF2,SQ8"),
                      ("pre", "PCA4,Flat"), ("lsh", "LSH")]:
        index = faiss.index_factory(DIM, key)
        index.train(base)
        index.add(base)
        save(f"no-{name}", index)
    save("no-l1", faiss.IndexFlat(DIM, faiss.METRIC_L1))
    binary = faiss.IndexBinaryFlat(8)
    faiss.write_index_binary(binary, "no-binary.faiss")
    if hasattr(faiss, "IndexHNSWFlatPanorama"):
        panorama = faiss.IndexHNSWFlatPanorama(DIM, 4, 2)
        panorama.add(base)
        save("no-panorama", panorama)


def hnswlib_links(path):
    """hnswlib has no call for them: as its saveIndex writes them."""
    data = open(path, "rb").read()
    count, size = struct.unpack_from("<QQ", data, 16)
    lists, names = [], []
    for i in range(count):
        at = 96 + i * size
        n, = struct.unpack_from("<H", data, at)
        lists.append(struct.unpack_from(f"<{n}I", data, at + 4))
        names.append(struct.unpack_from("<q", data, at + size - 8)[0])
    return names, lists


def make_hnswlib():
    for space in ["l2", "ip", "cosine"]:
        metric = "dot" if space == "ip" else space
        index = hnswlib.Index(space, DIM)
        index.init_index(100, M=4, ef_construction=40, random_seed=3)
        index.add_items(base, labels, num_threads=1)
        name = f"hnswlib-{metric}"
        index.save_index(name + ".hnswlib")
        write_want(name, labels, metric)
        write_links(name, *hnswlib_links(name + ".hnswlib"))

    # Labels that are the numbers of the vectors, in another order.
    order = rng.permutation(N)
    index = hnswlib.Index("l2", DIM)
    index.init_index(N, M=4, ef_construction=40, random_seed=3)
    index.add_items(base[order], order, num_threads=1)
    index.save_index("hnswlib-rows.hnswlib")
    write_want("hnswlib-rows", rows, "l2")
    write_links("hnswlib-rows", *hnswlib_links("hnswlib-rows.hnswlib"))

    index = hnswlib.Index("l2", DIM)
    index.init_index(N, M=4, ef_construction=40, random_seed=3)
    index.add_items(base, labels, num_threads=1)
    for label in labels[::4]:
        index.mark_deleted(int(label) % 2**64)  # it takes them as unsigned
    index.save_index("hnswlib-deleted.hnswlib")
    kept = np.arange(N) % 4 != 0
    write_want("hnswlib-deleted", labels[kept], "l2", base[kept])

    index = hnswlib.Index("l2", DIM)
    index.init_index(5)
    index.save_index("hnswlib-empty.hnswlib")


write_fvecs("queries.fvecs", queries)
write_fvecs("base.fvecs", base)
make_faiss()
make_refused()
make_hnswlib()
