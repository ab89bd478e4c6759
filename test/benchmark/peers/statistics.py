"""Group statistics by scipy and MNE on the benchmark's own arrays.

usage: statistics.py FOLDER --flips N

FOLDER/wilcoxon.f32 [412, vertices], values.f32 [subjects, vertices], edges.u32 [edges, 2], shape.json. Writes p values
and enhanced maps beside them, and prints JSON: seconds of each, and versions. MNE's seconds are for `flips` of them.
"""
import argparse
import json
import platform
import time

import mne
import numpy as np
import scipy
from mne.stats.cluster_level import _find_clusters
from scipy import sparse, stats

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--flips", type=int, required=True)
args = parser.parse_args()
mne.set_log_level("ERROR")


def load(name, dtype=np.float32):
    return np.fromfile(f"{args.folder}/{name}", dtype)


shape = json.load(open(f"{args.folder}/shape.json"))
vertices = shape["vertices"]
many = load("wilcoxon.f32").reshape(-1, vertices).astype(np.float64)
values = load("values.f32").reshape(-1, vertices).astype(np.float64)
edges = load("edges.u32", np.uint32).reshape(-1, 2)
adjacency = sparse.coo_array((np.ones(len(edges)), edges.T), (vertices, vertices))

seconds = {}
start = time.perf_counter()
p = stats.wilcoxon(many, axis=0, method="asymptotic").pvalue
seconds["wilcoxon"] = time.perf_counter() - start
p.astype(np.float64).tofile(f"{args.folder}/wilcoxon.p.f64")

steps = {"start": 0, "step": shape["step"]}
start = time.perf_counter()
mne.stats.permutation_cluster_1samp_test(
    values, steps, n_permutations=args.flips + 1, tail=0, adjacency=adjacency, seed=1, buffer_size=None
)
seconds["tfce"] = time.perf_counter() - start
start = time.perf_counter()
mne.stats.permutation_t_test(values, n_permutations=args.flips + 1, tail=0, seed=1)
seconds["t"] = time.perf_counter() - start
t = stats.ttest_1samp(values, 0).statistic
score = _find_clusters(t, steps, tail=0, adjacency=adjacency)[1] * np.sign(t)
score.astype(np.float64).tofile(f"{args.folder}/tfce.f64")

versions = {"Python": platform.python_version(), "scipy": scipy.__version__, "MNE": mne.__version__}
print(json.dumps({"seconds": seconds, "versions": versions}))
