#!/usr/bin/env python3
"""nilearn's vol_to_surf on the run of sampling.ts. usage: sampling.py SURFACES FOLDER; prints JSON, writes nilearn.f32."""
import json
import resource
import sys
import time

import nibabel as nib
import nilearn
import numpy as np
import scipy
from nilearn.surface import vol_to_surf

surfaces, folder = sys.argv[1], sys.argv[2]
began = time.perf_counter()
image = nib.load(f"{folder}/run.nii.gz")
# In memory once for both hemispheres
image = nib.Nifti1Image(np.asanyarray(image.dataobj), image.affine)
sides = [
    vol_to_surf(image, f"{surfaces}/pial_{side}.gii.gz", inner_mesh=f"{surfaces}/white_{side}.gii.gz")
    for side in ("left", "right")
]
found = np.ascontiguousarray(np.concatenate(sides).T, dtype="f4")
seconds = time.perf_counter() - began
found.tofile(f"{folder}/nilearn.f32")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
versions = f"nilearn {nilearn.__version__}, scipy {scipy.__version__}, numpy {np.__version__}"
print(json.dumps(dict(seconds=seconds, megabytes=peak, versions=versions)))
