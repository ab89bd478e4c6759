"""The released Python code on the triplets of abx.ts, and an independent recursion that checks both.

usage: abx.py RELEASED FOLDER DISTANCE

RELEASED is a copy of JAMJU/Sel_supervised_models_perception_biases (GPL: not kept here). FOLDER has items.npy float32
[frames of all items, units], ends.npy [items] (where each ends), triplets.npy [triplets, 3] of item numbers (target,
other, X), and Heschl's deltas: published.npy and standard.npy. Two times are taken: `script`, the published
get_distance_for_triplets with its own loader of .npy files, from a table of triplets to a table of distances; `dtw`, the
published compute_dtw alone on frames in memory. Prints JSON.

Two things are lent to the published code, which is of Python 3.7: an empty module in place of plotly, with which
dtw_experiment.py draws; and .item() around kl_divergence, whose 1 x 1 array NumPy 2 does not take for a number.
"""
import contextlib
import io
import json
import os
import platform
import sys
import time
import types

import numpy as np
import scipy
from scipy.spatial.distance import cdist

released, folder, distance = sys.argv[1:4]
sys.path.insert(0, released)
for name in ("plotly", "plotly.graph_objs", "plotly.io"):
    sys.modules[name] = types.ModuleType(name)
import compute_distances_from_rep as published  # noqa: E402
import dtw  # noqa: E402
from get_representations import get_triphone_wav2vec  # noqa: E402

divergence = dtw.kl_divergence
dtw.kl_divergence = lambda x, y: divergence(x, y).item()
frames, ends, triplets, ours, ours_standard = (
    np.load(f"{folder}/{name}.npy").astype(kind)
    for name, kind in (("items", "float32"), ("ends", int), ("triplets", int), ("published", float), ("standard", float))
)
# The published divergence adds the rounding unit of its input's type; Heschl takes that of float64.
items = np.split(frames.astype(float) if distance == "kl" else frames, ends[:-1])
os.mkdir(f"{folder}/frames")
for i, item in enumerate(items):
    np.save(f"{folder}/frames/{i}.npy", item)
with open(f"{folder}/triplets.csv", "w") as table:
    table.write("TGT_item,OTH_item,X_item\n")
    table.writelines(f"{t},{o},{x}\n" for t, o, x in triplets)


def load(name):
    return get_triphone_wav2vec(f"{folder}/frames", name, "transf4")


began = time.perf_counter()
with contextlib.redirect_stdout(io.StringIO()):
    published.get_distance_for_triplets(f"{folder}/triplets.csv", f"{folder}/out.csv", load, distance)
script = time.perf_counter() - began


def between(a, x):
    return published.compute_dtw(items[a], items[x], distance, norm_div=True)


began = time.perf_counter()
theirs = np.array([between(other, x) - between(target, x) for target, other, x in triplets])
alone = time.perf_counter() - began


def plainly(a, x):
    a, x = np.float64(items[a]), np.float64(items[x])
    if distance == "kl":
        p, q = (v / v.sum(1, keepdims=True) + np.finfo(float).eps for v in (a, x))
        p, q = (v / v.sum(1, keepdims=True) for v in (p, q))
        costs = np.array([[0.5 * ((u - v) * np.log(u / v)).sum() for v in q] for u in p])
    else:
        costs = cdist(a, x, distance)
    total = np.full((costs.shape[0] + 1, costs.shape[1] + 1), np.inf)
    total[0, 0] = 0
    for i in range(costs.shape[0]):
        for j in range(costs.shape[1]):
            total[i + 1, j + 1] = costs[i, j] + min(total[i, j], total[i, j + 1], total[i + 1, j])
    return total[-1, -1] / max(costs.shape)


some = triplets[:100]
standard = np.array([plainly(other, x) - plainly(target, x) for target, other, x in some])
print(
    json.dumps(
        dict(
            script=script,
            dtw=alone,
            published=np.abs(theirs - ours).max(),
            standard=np.abs(standard - ours_standard[: len(some)]).max(),
            versions=f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}",
        )
    )
)
