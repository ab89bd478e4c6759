#!/usr/bin/env python3
"""nibabel on the files of formats.ts. usage: formats.py gifti|run.nii|run.nii.gz FOLDER RUNS; prints JSON.

Of the NIfTI runs, the faster of two ways that give float32 [volumes, voxels in the mask]: the whole at once, and volume
by volume, which takes less memory.
"""
import json
import resource
import sys
import time

import nibabel as nib
import numpy as np

name, folder, runs = sys.argv[1], sys.argv[2], int(sys.argv[3])


def gifti():
    return np.stack(nib.load(f"{folder}/run.func.gii").agg_data())


def by_volume():
    mask = np.asarray(nib.load(f"{folder}/mask.nii").dataobj) != 0
    image = nib.load(f"{folder}/{name}")
    if name.endswith(".gz"):
        # A volume of a gzipped file is found by unpacking all before it, unless the file is kept open
        image = nib.load(f"{folder}/{name}", keep_file_open=True)
    out = np.empty((image.shape[3], int(mask.sum())), "f4")
    for t in range(image.shape[3]):
        out[t] = np.asarray(image.dataobj[..., t]).T[mask.T]
    return out


def whole():
    mask = np.asarray(nib.load(f"{folder}/mask.nii").dataobj) != 0
    data = np.asanyarray(nib.load(f"{folder}/{name}").dataobj)
    return np.ascontiguousarray(data.T[:, mask.T], dtype="f4")


ways = [gifti] * runs if name == "gifti" else [by_volume, whole]
seconds = []
for way in ways:
    began = time.perf_counter()
    data = way()
    seconds.append(time.perf_counter() - began)
    total = float(data.sum(dtype="f8"))
    del data
best = sorted(seconds)[len(seconds) // 2] if name == "gifti" else min(seconds)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps(dict(seconds=best, first=seconds[0], megabytes=peak, sum=total, versions=f"nibabel {nib.__version__}, numpy {np.__version__}")))
