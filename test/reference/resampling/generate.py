#!/usr/bin/env python3
"""Maps taken to another mesh through spheres by Connectome Workbench, seed 11.

- `ball`: from 200 random points on a sphere of radius 80 (their convex hull) to 100 others on a sphere of radius 100: all in
  the file, rounded before use. Triangles of random points are thin and obtuse, far from those of templates.
- `fsaverage5`: from the left sphere of `shared/data`, not copied, to the same 100 points.

`barycentric` is `wb_command -metric-resample ... BARYCENTRIC`; `nearest` the nearest vertex by scipy's cKDTree, both
spheres at radius 1.

Tolerance of the tests: 1e-4 of the largest value for `ball`, whose weights Workbench finds in single precision at a radius
of 100 (its own files round coordinates to 1e-5), 2e-4 for fsaverage5, whose triangles are smaller; none for `nearest`.

python generate.py SHARED_DATA  (numpy, scipy, nibabel, wb_command; versions in the file)
"""
import gzip, json, pathlib, re, subprocess, sys, tempfile
from importlib.metadata import version
import nibabel as nib
import numpy as np
from scipy.spatial import ConvexHull, cKDTree

rng = np.random.default_rng(11)
workbench = re.search(r"Version: (\S+)", subprocess.run(["wb_command", "-version"], capture_output=True, text=True).stdout)
out = dict(versions={name: version(name) for name in ("numpy", "scipy", "nibabel")} | {"wb_command": workbench[1]})


def ball(count, radius):
    points = rng.standard_normal((count, 3))
    points = (radius * points / np.linalg.norm(points, axis=1, keepdims=True)).round(4).astype(np.float32)
    triangles = ConvexHull(points).simplices
    a, b, c = points[triangles].transpose(1, 0, 2)
    inward = (np.cross(b - a, c - a) * a).sum(1) < 0
    triangles[inward] = triangles[inward][:, ::-1]
    return points, triangles.astype(np.int32)


def surface(path, points, triangles):
    kinds = (("NIFTI_INTENT_POINTSET", points), ("NIFTI_INTENT_TRIANGLE", triangles))
    arrays = [nib.gifti.GiftiDataArray(data, intent=intent) for intent, data in kinds]
    meta = nib.gifti.GiftiMetaData(AnatomicalStructurePrimary="CortexLeft")
    arrays[0].meta = nib.gifti.GiftiMetaData(AnatomicalStructurePrimary="CortexLeft", GeometricType="Spherical")
    nib.save(nib.gifti.GiftiImage(darrays=arrays, meta=meta), path)


def resampled(source, target, values):
    with tempfile.TemporaryDirectory() as folder:
        at = lambda name: str(pathlib.Path(folder, name))
        surface(at("a.surf.gii"), *source)
        surface(at("b.surf.gii"), *target)
        meta = nib.gifti.GiftiMetaData(AnatomicalStructurePrimary="CortexLeft")
        array = nib.gifti.GiftiDataArray(values, intent="NIFTI_INTENT_NONE", datatype="NIFTI_TYPE_FLOAT32")
        nib.save(nib.gifti.GiftiImage(darrays=[array], meta=meta), at("v.func.gii"))
        command = ["wb_command", "-metric-resample", at("v.func.gii"), at("a.surf.gii"), at("b.surf.gii")]
        subprocess.run([*command, "BARYCENTRIC", at("o.func.gii")], check=True)
        return nib.load(at("o.func.gii")).darrays[0].data


def nearest(source, target):
    unit = lambda points: points / np.linalg.norm(points, axis=1, keepdims=True)
    return cKDTree(unit(source.astype(float))).query(unit(target.astype(float)))[1]


def numbers(values):
    return [float(str(np.float32(value))) for value in np.ravel(values)]


source, target = ball(200, 80), ball(100, 100)
values = rng.standard_normal(200).astype(np.float32)
out["target"] = numbers(target[0])
out["ball"] = dict(
    points=numbers(source[0]),
    triangles=source[1].ravel().tolist(),
    values=numbers(values),
    barycentric=numbers(resampled(source, target, values)),
    nearest=nearest(source[0], target[0]).tolist(),
)
raw = gzip.open(pathlib.Path(sys.argv[1], "fsaverage5", "sphere_left.gii.gz")).read()
points, triangles = (array.data for array in nib.gifti.GiftiImage.from_bytes(raw).darrays)
# What both sides can make from the points.
wave = np.sin(points.astype(float) @ [0.05, 0.11, -0.07]).astype(np.float32)
out["fsaverage5"] = dict(
    barycentric=numbers(resampled((points, triangles), target, wave)),
    nearest=nearest(points, target[0]).tolist(),
)
short = json.dumps(out, separators=(",", ":"))
pathlib.Path(__file__).with_name("resampling.json").write_text(short + "\n")
