#!/usr/bin/env python3
"""Reads with nibabel and numpy what `node write_files.ts FOLDER` wrote, checks the numbers, and notes the files' hashes.

python3 check_written.py FOLDER. Every comparison is exact. Hashes are of files that no zlib has touched: another version
of it packs the same numbers otherwise.
"""

import hashlib
import json
import pathlib
import sys

import nibabel as nib
import numpy as np
import pandas as pd

HERE = pathlib.Path(__file__).parent


def numbers(count):
    i = np.arange(count)
    values = np.array([np.sin(float(k) + 1) * 10.0 ** (k % 7 - 3) for k in i]).astype("f4")
    values[:3] = [np.nan, np.inf, 1e-42]
    return values


def same(found, expected):
    found = np.asarray(found)
    assert found.shape == expected.shape, (found.shape, expected.shape)
    # sin and 10 ** k may differ in the last bit of float64 between languages, and round to another float32
    np.testing.assert_array_max_ulp(found.astype("f4"), expected.astype("f4"), maxulp=1)


def main():
    folder = pathlib.Path(sys.argv[1])
    affine = np.array([[-2, 0, 0, 90], [0, 2.5, 0, -126], [0, 0, 3, -72], [0, 0, 0, 1.0]])
    volume = numbers(24).reshape((3, 2, 2, 2), order="F")
    for name in ("volume.nii", "volume.nii.gz", "volume.mgz"):
        image = nib.load(folder / name)
        same(image.dataobj, volume)
        assert np.array_equal(image.affine, affine), name
    header = nib.load(folder / "volume.nii").header
    assert header.get_zooms() == (2, 2.5, 3, 1.5) and header["sform_code"] == 4
    assert header.get_xyzt_units() == ("mm", "sec")
    assert np.array_equal(nib.load(folder / "integers.nii").dataobj, [-32768, -1, 0, 1, 2, 32767])
    wide = nib.load(folder / "wide.nii")
    assert isinstance(wide, nib.Nifti2Image)
    same(wide.dataobj, numbers(40000))
    maps = numbers(42).reshape(2, 21)
    for side, columns in (("L", slice(0, 10)), ("R", slice(10, 21))):
        for kind in ("func", "shape"):
            image = nib.load(folder / f"maps_hemi-{side}.{kind}.gii")
            same(np.stack([array.data for array in image.darrays]), maps[:, columns])
            assert [array.meta["Name"] for array in image.darrays] == ["r", "layer <6>"]
            assert image.meta["AnatomicalStructurePrimary"] == {"L": "CortexLeft", "R": "CortexRight"}[side]
        for kind in ("mgh", "nii"):
            same(np.asarray(nib.load(folder / f"maps_hemi-{side}.{kind}").dataobj)[:, 0, 0], maps[:, columns].T)
        image = nib.load(folder / f"best_hemi-{side}.label.gii")
        expected = np.array([0 if i % 4 == 3 else i % 4 + 1 for i in range(21)])[columns]
        assert image.darrays[0].data.tolist() == expected.tolist()
        assert image.labeltable.get_labels_as_dict() == {0: "???", 1: "conv4", 2: 'transf0 & "1"', 3: "transf9"}
    same(np.load(folder / "maps.npy"), maps)
    for table in (pd.read_csv(folder / "maps.tsv", sep="\t", na_values="n/a"), pd.read_parquet(folder / "maps.parquet")):
        assert table["hemisphere"].tolist() == ["left"] * 10 + ["right"] * 11
        assert table["vertex"].tolist() == [*range(10), *range(11)]
        same(table[["r", "layer <6>"]].to_numpy(dtype="f8").T.astype("f4"), maps)
    archive = np.load(folder / "maps.npz")
    assert list(archive) == ["r", "layer <6>"]
    same(np.stack([archive[name] for name in archive]), maps)
    image = nib.load(folder / "maps.dscalar.nii")
    same(image.dataobj, maps)
    assert list(image.header.get_axis(0).name) == ["r", "layer <6>"]
    assert image.header.get_axis(1).nvertices == {"CIFTI_STRUCTURE_CORTEX_LEFT": 10, "CIFTI_STRUCTURE_CORTEX_RIGHT": 11}
    image = nib.load(folder / "parts.dlabel.nii")
    assert np.asarray(image.dataobj).tolist() == [[0, 4, 4, 0, 4]]
    assert image.header.get_axis(0).label[0] == {0: ("???", (0, 0, 0, 0)), 4: ('A & "B"', (1, 0.5, 0.25, 1))}
    models = image.header.get_axis(1)
    assert models.vertex[:3].tolist() == [1, 2, 9] and models.voxel[3:].tolist() == [[1, 2, 3], [0, 1, 0]]
    assert np.array_equal(models.affine, affine)
    hashes = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.suffix in {".nii", ".mgh", ".npy", ".tsv"}
    }
    record = {"read by": f"nibabel {nib.__version__}, numpy {np.__version__}", "sha256": hashes}
    (HERE / "written.json").write_text(json.dumps(record, indent=1) + "\n")
    print(f"{len(list(folder.iterdir()))} files are read as they were written")


if __name__ == "__main__":
    main()
