"""One matrix [24 samples, 12 targets], float32, in every format that `heschl encode` reads, written by the formats' own libraries.

Values are multiples of 1/64 so that text has them exactly; of volumes, the first index of a volume varies fastest.
"""

import pathlib

import h5py
import nibabel as nib
import numpy as np
import pandas as pd
import scipy.io
from nibabel import cifti2

HERE = pathlib.Path(__file__).parent
SEED = 20
rng = np.random.default_rng(SEED)
x = (np.round(rng.standard_normal((24, 3)) * 64) / 64).astype("f4")
y = (np.round((x @ rng.standard_normal((3, 12)) + rng.standard_normal((24, 12))) * 64) / 64).astype("f4")
np.save(HERE / "x.npy", x)
np.save(HERE / "y.npy", y)
np.savez_compressed(HERE / "y.npz", other=x, y=y)
with h5py.File(HERE / "arrays.h5", "w") as file:
    file["run/x"] = x
    file.create_dataset("run/y", data=y, chunks=(5, 5), compression="gzip")
scipy.io.savemat(HERE / "arrays.mat", {"run": {"x": x, "y": y}}, do_compression=True)
names = [f"unit {i}" for i in range(12)]
pd.DataFrame(y, columns=names).to_csv(HERE / "y.tsv", sep="\t", index=False)
pd.DataFrame(y, columns=names).to_csv(HERE / "y.csv", index=False)
pd.DataFrame(y, columns=names).to_parquet(HERE / "y.parquet")
arrays = [nib.gifti.GiftiDataArray(row, intent="NIFTI_INTENT_TIME_SERIES", datatype="NIFTI_TYPE_FLOAT32") for row in y]
nib.save(nib.gifti.GiftiImage(darrays=arrays), HERE / "y.func.gii")
models = cifti2.BrainModelAxis.from_surface(np.arange(6), 6, "CortexLeft")
models += cifti2.BrainModelAxis.from_surface(np.arange(6), 6, "CortexRight")
nib.save(cifti2.Cifti2Image(y, (cifti2.SeriesAxis(0, 2, 24), models)), HERE / "y.dtseries.nii")
volumes = y.T.reshape((3, 2, 2, 24), order="F")
nib.save(nib.Nifti1Image(volumes, np.eye(4)), HERE / "y.nii.gz")
nib.save(nib.MGHImage(y.T.reshape((12, 1, 1, 24), order="F"), np.eye(4)), HERE / "y.mgz")
print(nib.__version__, np.__version__, h5py.__version__, scipy.__version__, pd.__version__)
