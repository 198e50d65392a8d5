"""What it takes to load big models: memory beside the file's size, and time.

    python3 big_models.py path/to/build/rankc [megabytes]

Writes an XGBoost JSON of so many megabytes (300), of trees of 512 leaves, and a LightGBM text of 1,000 trees
of 31 leaves; both only look like trained ones. Prints what `rankc model inspect` took to read each, and fails
if that was more than four times the file, itself included.
"""
import os
import random
import subprocess
import sys
import tempfile
import time

LEAVES, FEATURES = 512, 50


def write_xgboost(path, size):
    rng = random.Random(1)
    splits = LEAVES - 1
    n = splits + LEAVES
    left = [2 * i + 1 if i < splits else -1 for i in range(n)]
    right = [2 * i + 2 if i < splits else -1 for i in range(n)]
    text = lambda items: ",".join(map(str, items))
    with open(path, "w") as file:
        file.write('{"learner":{"attributes":{},"feature_names":[],"feature_types":[],"gradient_booster":{"model":{"trees":[')
        trees = 0
        while trees == 0 or file.tell() < size:
            file.write(f'{"," if trees else ""}{{"default_left":[{text(rng.getrandbits(1) for _ in range(n))}],"id":{trees},'
                       f'"left_children":[{text(left)}],"right_children":[{text(right)}],'
                       f'"loss_changes":[{text(round(rng.random() * 100, 5) for _ in range(n))}],'
                       f'"split_conditions":[{text(round(rng.gauss(0, 1), 8) for _ in range(n))}],'
                       f'"split_indices":[{text(rng.randrange(FEATURES) for _ in range(n))}],'
                       f'"sum_hessian":[{text(round(rng.random() * 1000, 4) for _ in range(n))}],'
                       '"tree_param":{"size_leaf_vector":"1"}}')
            trees += 1
        file.write(f'],"tree_info":[{text([0] * trees)}],"gbtree_model_param":{{"num_trees":"{trees}"}}}},"name":"gbtree"}},'
                   f'"learner_model_param":{{"base_score":"5E-1","num_class":"0","num_feature":"{FEATURES}"}},'
                   '"objective":{"name":"reg:squarederror"}},"version":[3,2,0]}')


def write_lightgbm(path, trees=1000, leaves=31):
    rng = random.Random(1)
    text = lambda items: " ".join(map(str, items))
    splits = leaves - 1
    child = lambda at: at if at < splits else -1 - (at - splits)
    with open(path, "w") as file:
        file.write(f"tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx={FEATURES - 1}\n"
                   f"objective=regression\nfeature_names={text(f'f{i}' for i in range(FEATURES))}\n\n")
        for number in range(trees):
            file.write(f"Tree={number}\nnum_leaves={leaves}\nnum_cat=0\n"
                       f"split_feature={text(rng.randrange(FEATURES) for _ in range(splits))}\n"
                       f"split_gain={text(round(rng.random() * 100, 4) for _ in range(splits))}\n"
                       f"threshold={text(rng.gauss(0, 1) for _ in range(splits))}\n"
                       f"decision_type={text(rng.choice([2, 8, 10]) for _ in range(splits))}\n"
                       f"left_child={text(child(2 * i + 1) for i in range(splits))}\n"
                       f"right_child={text(child(2 * i + 2) for i in range(splits))}\n"
                       f"leaf_value={text(rng.gauss(0, 0.1) for _ in range(leaves))}\n"
                       f"leaf_weight={text(rng.random() for _ in range(leaves))}\n"
                       f"leaf_count={text(rng.randrange(1, 900) for _ in range(leaves))}\n"
                       f"internal_value={text([0] * splits)}\ninternal_weight={text([0] * splits)}\n"
                       f"internal_count={text([9] * splits)}\nis_linear=0\nshrinkage=0.1\n\n\n")
        file.write("end of trees\n")


def measure(rankc, path):
    """Seconds, and bytes of memory at most, of one process."""
    start = time.perf_counter()
    process = subprocess.Popen([rankc, "model", "inspect", path], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{path} does not load")
    return time.perf_counter() - start, usage.ru_maxrss * 1024


def main():
    rankc, size = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 300
    bad = False
    with tempfile.TemporaryDirectory() as folder:
        for name, write in ("xgboost.json", lambda path: write_xgboost(path, size * 10**6)), ("lightgbm.txt", write_lightgbm):
            path = os.path.join(folder, name)
            write(path)
            bytes_ = os.path.getsize(path)
            seconds, memory = min(measure(rankc, path) for _ in range(3))
            print(f"{name}: {bytes_ / 1e6:.1f} MB, {seconds * 1000:.0f} ms, {memory / 1e6:.0f} MB at most, "
                  f"{memory / bytes_:.2f} of the file")
            bad |= memory > 4 * bytes_ + 50e6
    return bad


if __name__ == "__main__":
    sys.exit(main())
