"""Reads a BIDS derivative that `heschl export --maps` wrote in every format, with nibabel, numpy and pandas, and compares.

python3 check_derivative.py FOLDER. The maps of every set are the same numbers in all of its formats, exactly: float32, or
whole numbers of labels. Where `wb_command` is installed, it reads every GIFTI, CIFTI-2 and NIfTI file too, and its minima and
maxima are compared. Prints what was read as JSON, or fails.
"""

import collections
import json
import pathlib
import re
import shutil
import subprocess
import sys

import nibabel as nib
import numpy as np
import pandas as pd

SIDE = {"L": 0, "R": 1}


def arrays(path):
    """[maps, vertices] of one file, which may be of one hemisphere."""
    name = path.name
    if name.endswith(".gii"):
        return np.stack([array.data for array in nib.load(path).darrays])
    if name.endswith(".dscalar.nii"):
        image = nib.load(path)
        maps = np.full((image.shape[0], sum(n for n in image.header.get_axis(1).nvertices.values())), np.nan, "f4")
        first = 0
        axis = image.header.get_axis(1)
        for structure, _, model in axis.iter_structures():
            count = axis.nvertices[structure]
            part = maps[:, first : first + count]
            part[:, model.vertex] = np.asarray(image.dataobj)[:, axis.name == structure]
            first += count
        return maps
    if name.endswith((".mgh", ".mgz", ".nii", ".nii.gz")):
        return np.asarray(nib.load(path).dataobj).reshape(-1, nib.load(path).shape[-1] if nib.load(path).ndim > 3 else 1).T
    if name.endswith(".npy"):
        return np.load(path)
    if name.endswith(".npz"):
        return np.stack(list(np.load(path).values()))
    table = pd.read_parquet(path) if name.endswith(".parquet") else pd.read_csv(path, sep="\t", na_values="n/a")
    return table


def workbench(path, maps):
    """Minima and maxima that wb_command prints, a line a map."""
    text = subprocess.run(["wb_command", "-file-information", path], capture_output=True, text=True, check=True).stdout
    rows = re.findall(r"^\s*\d+\s+(-?[\d.e+-]+)\s+(-?[\d.e+-]+)\s", text, re.M)
    if rows and len(rows) == len(maps) and not np.isnan(maps).any():
        found = np.array(rows, float)
        np.testing.assert_allclose(found[:, 0], maps.min(1), atol=6e-4)
        np.testing.assert_allclose(found[:, 1], maps.max(1), atol=6e-4)
    return len(rows)


def main():
    folder = pathlib.Path(sys.argv[1])
    sets = collections.defaultdict(dict)
    read = collections.Counter()
    for path in sorted(folder.rglob("*_statmap.*")):
        stem, ending = path.name.split(".", 1)
        hemisphere = re.search(r"hemi-([LR])_", stem)
        if ending == "json":
            continue
        base = str(path.parent / stem.replace(hemisphere.group(0) if hemisphere else "", ""))
        sets[base].setdefault(ending, {})[SIDE[hemisphere.group(1)] if hemisphere else 0] = path
    looked = 0
    for base, formats in sets.items():
        about = json.loads(pathlib.Path(f"{base}.json").read_text())
        whole = None
        for ending, parts in sorted(formats.items(), key=lambda item: item[0] != "npy"):
            own = [arrays(parts[side]) for side in sorted(parts)]
            read[ending] += len(own)
            if isinstance(own[0], pd.DataFrame):
                names = [name for name in own[0].columns if name not in ("hemisphere", "vertex", "region", "label")]
                found = own[0][names].to_numpy().T.astype("f4")
            else:
                found = np.concatenate(own, 1)
            if whole is None:
                assert ending == "npy", f"{base}: no .npy to compare with"
                whole = found
                assert len(about["Maps"]) == len(whole), base
            expected = np.nan_to_num(whole) if ending == "label.gii" else whole
            if ending == "label.gii":
                # 0 is no label; classes count from 1
                expected = np.where(np.isnan(whole), 0, whole + 1)
            np.testing.assert_array_equal(found.astype("f8"), expected.astype("f8"), err_msg=f"{base}.{ending}")
            if shutil.which("wb_command") and ending.endswith((".gii", ".nii", "nii.gz")) and len(parts) > 0:
                for side in sorted(parts):
                    looked += workbench(parts[side], arrays(parts[side]).astype("f8")) > -1
    json.loads((folder / "dataset_description.json").read_text())
    print(json.dumps({"sets": len(sets), "files": dict(read), "workbench": looked}))


main()
