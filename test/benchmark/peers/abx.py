"""The released Python DTW on the triplets of abx.ts.

usage: abx.py DTW.py FOLDER DISTANCE

DTW.py is that of JAMJU/Sel_supervised_models_perception_biases. FOLDER has items.npy float32 [frames of all items,
units], ends.npy [items] (where each ends) and triplets.npy [triplets, 3] of item numbers (target, other, X). As the
released compute_distances_from_rep.py, each triplet's two pairs are compared once. Writes deltas.npy; prints JSON.
"""
import importlib.util
import json
import platform
import sys
import time

import numpy as np
import scipy

spec = importlib.util.spec_from_file_location("released", sys.argv[1])
released = importlib.util.module_from_spec(spec)
spec.loader.exec_module(released)
folder, distance = sys.argv[2:4]
frames, ends, triplets = (np.load(f"{folder}/{name}.npy").astype(kind) for name, kind in (("items", "float32"), ("ends", int), ("triplets", int)))
items = np.split(frames, ends[:-1])
metric = released.kl_divergence if distance == "kl" else distance


def between(a, x):
    return released.accelerated_dtw(items[a], items[x], metric)[0] / max(len(items[a]), len(items[x]))


began = time.perf_counter()
deltas = [between(other, x) - between(target, x) for target, other, x in triplets]
seconds = time.perf_counter() - began
np.save(f"{folder}/deltas.npy", np.array(deltas))
print(json.dumps(dict(seconds=seconds, versions=f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}")))
