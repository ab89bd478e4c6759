"""Masks that nilearn's compute_epi_mask and compute_multi_epi_mask find in small synthetic runs, as run lengths.

Runs: an ellipsoid that is brighter than what is around it, with a bright spot apart from it, noise, zeros around, voxels that
are not finite, in several types. They are made here and kept as NIfTI, gzipped; the masks are x fastest, as lengths of runs of
0 and 1 in turn.
"""

import json
import pathlib

import nibabel as nib
import nilearn
import numpy as np
from nilearn.masking import compute_epi_mask, compute_multi_epi_mask

HERE = pathlib.Path(__file__).parent
SEED = 20261130
rng = np.random.default_rng(SEED)
SHAPE = (12, 14, 11)
AFFINE = np.diag([3.0, 3.0, 3.5, 1.0])


def run(dtype, volumes=2, shift=0, padded=False, broken=False):
    grid = np.stack(np.meshgrid(*[np.arange(n) for n in SHAPE], indexing="ij"))
    centre = np.array(SHAPE).reshape(3, 1, 1, 1) / 2 - 0.5 + shift
    inside = (((grid - centre) / np.array([4.4, 5.2, 4.1]).reshape(3, 1, 1, 1)) ** 2).sum(0) < 1
    spot = (np.abs(grid - np.array([1, 1, 1]).reshape(3, 1, 1, 1)) < 2).all(0)
    mean = 400 * inside + 420 * spot + 60
    data = mean[..., None] + 40 * rng.standard_normal((*SHAPE, volumes))
    if padded:
        data[:, :, :2] = 0
        data[:2] = 0
    data = np.clip(data, 0, None)
    data = np.round(data * (1 if dtype == "i2" else 8)) / (1 if dtype == "i2" else 8)
    data = data.astype(dtype)
    if broken:
        data[6, 7, 5] = np.nan
        data[2, 3, 4, 0] = np.inf
    return data[..., 0] if volumes == 1 else data


def lengths(mask):
    flat = (np.asarray(mask.dataobj) > 0).ravel(order="F").astype(int)
    ends = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff([0, *ends, flat.size]).tolist()
    return runs if flat[0] == 0 else [0, *runs]


cases = {
    "single": (run("f4"), {}),
    "whole": (run("i2"), {}),
    "double": (run("f8"), {}),
    "broken": (run("f4", broken=True), {}),
    "one": (run("f4", volumes=1), {}),
    "padded": (run("f4", padded=True), {"exclude_zeros": True}),
    "closed": (run("f4"), {"opening": 0}),
    "cut": (run("i2", shift=1), {"lower_cutoff": 0.4, "upper_cutoff": 0.9, "opening": 1}),
}
found = []
for name, (data, options) in cases.items():
    image = nib.Nifti1Image(data, AFFINE)
    nib.save(image, HERE / f"{name}.nii.gz")
    image = nib.load(HERE / f"{name}.nii.gz")
    found.append({"name": name, "options": options, "mask": lengths(compute_epi_mask(image, **options))})
several = ["single", "whole", "cut"]
common = compute_multi_epi_mask([nib.load(HERE / f"{name}.nii.gz") for name in several])
document = {"shape": SHAPE, "cases": found, "several": {"names": several, "mask": lengths(common)}}
(HERE / "masks.json").write_text(json.dumps(document) + "\n")
print(nilearn.__version__, np.__version__, nib.__version__)
