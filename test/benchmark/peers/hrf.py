"""Regressors from nilearn, one compute_regressor call per unit, as encoding studies do it.

usage: hrf.py A.npy OUT.npy --hop S --tr S --volumes N --oversampling N --repeats N

A [frames, units]; OUT [volumes, units] float64. Prints JSON: the seconds of each repeat, and versions.
"""
import argparse
import json
import platform
import time

import nilearn
import numpy as np
import scipy
from nilearn.glm.first_level import compute_regressor

parser = argparse.ArgumentParser()
parser.add_argument("a")
parser.add_argument("out")
parser.add_argument("--hop", type=float, required=True)
parser.add_argument("--tr", type=float, required=True)
parser.add_argument("--volumes", type=int, required=True)
parser.add_argument("--oversampling", type=int, required=True)
parser.add_argument("--repeats", type=int, required=True)
args = parser.parse_args()

a = np.load(args.a).astype(np.float64)
onsets, durations = np.arange(len(a)) * args.hop, np.full(len(a), args.hop)
times = np.arange(args.volumes) * args.tr
seconds = []
for _ in range(args.repeats):
    start = time.perf_counter()
    scaled = (a - a.min(0)) / (a.max(0) - a.min(0))
    out = [
        compute_regressor(np.stack([onsets, durations, unit]), "glover", times, oversampling=args.oversampling)[0][:, 0]
        for unit in scaled.T
    ]
    seconds.append(time.perf_counter() - start)
np.save(args.out, np.stack(out, 1))
versions = dict(nilearn=nilearn.__version__, numpy=np.__version__, scipy=scipy.__version__, python=platform.python_version())
print(json.dumps(dict(seconds=seconds, versions=versions)))
