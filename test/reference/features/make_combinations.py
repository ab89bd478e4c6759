"""nilearn's compute_regressor for every combination of response, TR, hop, oversampling and audio that is shorter or longer
than the run: combinations.json. Run in this folder: python make_combinations.py

Versions used: nilearn 0.14.1, numpy 2.4.6, scipy 1.17.1. No random numbers: `activations` of make.py is integer
arithmetic that the tests repeat bit for bit. Tolerances, with reasons, in README.md.
"""
import itertools
import json

import nilearn
import numpy as np
from nilearn.glm.first_level import compute_regressor


def noise(rows, cols):
    """As make.py."""
    i = (np.arange(rows, dtype=np.uint64) + 1) * 2654435761 % 2**32
    u = (np.arange(cols, dtype=np.uint64) + 1) * 2246822519 % 2**32
    x = i[:, None] ^ u[None, :]
    x = (x ^ (x >> np.uint64(15))) * 739982445 % 2**32
    x = (x ^ (x >> np.uint64(12))) * 695872825 % 2**32
    x ^= x >> np.uint64(15)
    return ((x >> np.uint64(8)) / 2**24).astype(np.float32)


def activations(frames):
    """The first three of make.py: noise; the same far from 0; noise that changes slowly."""
    a = noise(frames, 4).astype(np.float64)[:, :3]
    a[:, 1] = a[:, 1] / 1024 + 4
    a[:, 2] = a[np.arange(frames) // 64 * 64, 2] - 0.5
    return a.astype(np.float32).astype(np.float64)


volumes = 10
cases = []
for hrf, tr, hop, oversampling, audio in itertools.product(
    ["glover", "spm"], [0.8, 1.5, 2.0, 3.0], [0.005, 0.01, 0.02], [16, 50], ["shorter", "longer"]
):
    frames = round(volumes * tr * (0.7 if audio == "shorter" else 1.3) / hop)
    a = activations(frames)
    start = 0.3 * tr
    timing = [start + np.arange(frames) * hop, np.full(frames, hop)]

    def regressors(a):
        times = np.arange(volumes) * tr
        one = lambda u: compute_regressor(np.stack([*timing, u]), hrf, times, oversampling=oversampling)[0][:, 0]
        return np.stack([one(u) for u in a.T], 1).tolist()

    options = dict(hrf=hrf, tr=tr, volumes=volumes, hopSeconds=hop, frames=frames, audioStart=start, oversampling=oversampling)
    case = dict(options=options, regressors=regressors(a))
    if hop == 0.02 and oversampling == 16:
        case["zscored"] = regressors((a - a.mean(0)) / a.std(0))
    cases.append(case)
with open("combinations.json", "w") as file:
    json.dump(cases, file)
print(len(cases), "cases, nilearn", nilearn.__version__, "numpy", np.__version__)
