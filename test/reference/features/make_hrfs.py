"""Oracle numbers for the responses other than Glover's: nilearn's kernels and regressors. Run here: python make_hrfs.py

Activations are three sums of sines that the test repeats (hrfs.test.ts). Versions used: nilearn 0.14.1, numpy 2.4.6,
scipy 1.17.1. No random seed. Tolerances are in the test, with reasons.
"""
import json

import numpy as np
from nilearn.glm.first_level import compute_regressor
from nilearn.glm.first_level.hemodynamic_models import _hrf_kernel


def activations(frames):
    i = np.arange(frames)
    a = [np.sin(0.013 * i) + np.sin(1.7 * i), np.sin(0.0041 * i) ** 2, 5 + np.sin(0.0007 * i * (i % 50))]
    return np.stack(a, 1).astype(np.float32).astype(np.float64)


names = {
    "glover": "glover",
    "spm": "spm",
    "glover-derivative": "glover + derivative",
    "spm-derivative": "spm + derivative",
    "glover-dispersion": "glover + derivative + dispersion",
    "spm-dispersion": "spm + derivative + dispersion",
}
kernels = [
    dict(hrf=ours, tr=tr, oversampling=n, kernels=[k.tolist() for k in _hrf_kernel(theirs, tr, n)])
    for ours, theirs in names.items()
    for tr, n in [(2.0, 16), (0.8, 16), (1.49, 20)]
]
cases = [
    # hrf, tr, volumes, hop, frames, audioStart, oversampling
    ("spm", 2.0, 20, 0.02, 1500, 0.0, 16),  # audio shorter than the run
    ("spm", 2.0, 20, 0.02, 3000, 0.0, 50),  # audio longer than the run
    ("spm", 0.8, 40, 0.005, 6000, 0.0, 16),
    ("spm", 0.8, 40, 0.02, 1500, 2.2, 50),  # bins shorter than a frame
    ("spm", 3.0, 14, 0.01, 3000, 0.0, 16),
    ("spm", 3.0, 14, 0.01, 5000, -10.0, 50),
    ("spm", 1.5, 24, 0.005, 6000, 0.1, 50),
    ("spm-derivative", 2.0, 20, 0.02, 1500, 0.0, 16),
    ("spm-dispersion", 1.5, 24, 0.02, 1500, 3.7, 50),
    ("glover-derivative", 2.0, 20, 0.01, 3000, 0.0, 50),
    ("glover-dispersion", 0.8, 40, 0.02, 1500, 0.0, 16),
    ("glover-dispersion", 3.0, 14, 0.005, 6000, 0.0, 16),
    ([1, 2, 3, 4], 2.0, 20, 0.02, 1500, 0.0, 16),
    ([0, 1, 5], 1.5, 24, 0.02, 3000, 3.7, 50),
    ([3], 0.8, 40, 0.005, 6000, 0.0, 16),
    ([2, 1], 2.0, 20, 0.02, 1500, 0.0, 1),
]
designs = []
for hrf, tr, volumes, hop, frames, start, n in cases:
    a = activations(frames)
    onsets = start + np.arange(frames) * hop
    durations = np.full(frames, hop)
    fir = not isinstance(hrf, str)
    regressors = [
        compute_regressor(
            np.stack([onsets, durations, u]),
            "fir" if fir else names[hrf],
            np.arange(volumes) * tr,
            oversampling=n,
            fir_delays=hrf if fir else None,
        )[0]
        for u in a.T
    ]
    # [volumes, responses, units] -> all units under the first response, then under the second
    x = np.stack(regressors, 2).reshape(volumes, -1)
    options = dict(
        hrf=dict(fir=hrf) if fir else hrf,
        tr=tr,
        volumes=volumes,
        hopSeconds=hop,
        frames=frames,
        audioStart=start,
        oversampling=n,
    )
    designs.append(dict(options=options, regressors=x.tolist()))
with open("hrfs.json", "w") as file:
    json.dump(dict(kernels=kernels, designs=designs), file)
