#!/usr/bin/env python3
"""nibabel on the files of formats.ts. usage: formats.py FOLDER; reads a task's name a line, prints JSON a line.

`masked` is a NIfTI run's float32 [volumes, voxels in the mask], `mean` each of the mask's voxels over volumes, without the
run in memory; both of volumes that are read one by one, and of a file that is mapped into memory. `whole` is what most
scripts do, `get_fdata()` and the mask's voxels of it; `nilearn` is its `apply_mask`.
"""
import json
import resource
import sys
import time

import nibabel as nib
import numpy as np

folder = sys.argv[1]


def gifti(name):
    return np.stack(nib.load(f"{folder}/{name}").agg_data())


def wanted():
    """Places of the mask's voxels in a volume, x fastest: numpy takes them faster than by the mask itself."""
    return np.flatnonzero((np.asarray(nib.load(f"{folder}/mask.nii").dataobj) != 0).ravel(order="F"))


def slices(name):
    """Volumes one by one, each read as it is used."""
    # A volume of a gzipped file is found by unpacking all before it, unless the file is kept open
    image = nib.load(f"{folder}/{name}", **({"keep_file_open": True} if name.endswith(".gz") else {}))
    return [lambda t=t: np.asarray(image.dataobj[..., t]).ravel(order="F") for t in range(image.shape[3])]


def mapped(name):
    """Volumes one by one, of a file that is mapped into memory (unless it is gzipped: then of one that was read whole)."""
    data = np.asanyarray(nib.load(f"{folder}/{name}").dataobj).T
    return [lambda t=t: data[t].reshape(-1) for t in range(len(data))]


def masked(volumes):
    places = wanted()
    out = np.empty((len(volumes), len(places)), "f4")
    for t, volume in enumerate(volumes):
        out[t] = np.take(volume(), places)
    return out


def whole(name):
    data = nib.load(f"{folder}/{name}").get_fdata()
    mask = np.asarray(nib.load(f"{folder}/mask.nii").dataobj) != 0
    # Transposed, so that voxels stand x fastest as in the others
    return data.T[:, mask.T].astype("f4")


def nilearn(name):
    from nilearn.masking import apply_mask

    return apply_mask(f"{folder}/{name}", f"{folder}/mask.nii", dtype="f4", ensure_finite=False)


def mean(volumes):
    places = wanted()
    out = np.zeros(len(places))
    for volume in volumes:
        out += np.take(volume(), places)
    return out / len(volumes)


ways = {
    "gifti": gifti,
    "masked, slices": lambda name: masked(slices(name)),
    "masked, mapped": lambda name: masked(mapped(name)),
    "masked, whole": whole,
    "masked, nilearn": nilearn,
    "mean, slices": lambda name: mean(slices(name)),
    "mean, mapped": lambda name: mean(mapped(name)),
}
for line in sys.stdin:
    way, name = line.rstrip("\n").split("\t")
    began = time.perf_counter()
    data = ways[way](name)
    seconds = time.perf_counter() - began
    total = float(data.sum(dtype="f8"))
    del data
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    versions = f"nibabel {nib.__version__}, numpy {np.__version__}"
    print(json.dumps(dict(seconds=seconds, megabytes=peak, sum=total, versions=versions)), flush=True)
