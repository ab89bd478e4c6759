"""Responses as LeBel et al. (ds003020) keep them: HDF5 files of one data set, `data` [TR, voxel], float64, gzipped.

    python make_lebel.py FOLDER

Numbers are synthetic noise; volumes are of 2 s, five of them before the audio and some after it.
"""
import os, sys
import h5py, numpy as np

rng = np.random.default_rng(3)
for story, volumes in (("alternateithicatom", 45), ("souls", 50), ("wheretheressmoke", 40)):
    data = rng.standard_normal((volumes, 8))
    with h5py.File(os.path.join(sys.argv[1], f"{story}.hf5"), "w") as file:
        file.create_dataset("data", data=data, chunks=True, compression="gzip")
