#!/usr/bin/env python3
"""Geodesic distances by pygeodesic (exact: Mitchell, Mount and Papadimitriou, in Kirsanov's C++), seed 4.

- `sheet`: a Delaunay triangulation of 260 random points with bumps: obtuse triangles, a border with notches, vertices of
  both curvatures. The whole mesh is in the file, rounded to 6 digits before use.
- `fsaverage5`: the left white surface of `shared/data`, not copied: distances of every 97th vertex, from one vertex and
  from twelve.
- potpourri3d's heat method on the same meshes, for scale: how far from exact an approximate method is (`heatError`, the
  largest difference over the largest distance).

Tolerance of the tests: 1e-9 of the largest distance. Both are exact up to rounding, which a path of a few hundred
triangles adds up to about 1e-13.

python generate.py SHARED_DATA  (numpy, scipy, nibabel, pygeodesic, potpourri3d; versions in the file)
"""
import json, pathlib, sys
from importlib.metadata import version
import nibabel as nib
import numpy as np
import potpourri3d as pp3d
from pygeodesic.geodesic import PyGeodesicAlgorithmExact
from scipy.spatial import Delaunay

rng = np.random.default_rng(4)
out = dict(versions={name: version(name) for name in ("numpy", "scipy", "nibabel", "pygeodesic", "potpourri3d")})


def exact(points, triangles, sources):
    distances, _ = PyGeodesicAlgorithmExact(points, triangles).geodesicDistances(np.array(sources), None)
    return distances


def heat_error(points, triangles, sources, truth):
    found = pp3d.MeshHeatMethodDistanceSolver(points, triangles).compute_distance_multisource(sources)
    return float(np.abs(found - truth).max() / truth.max())


flat = rng.random((260, 2)) * [60, 40]
triangles = Delaunay(flat).simplices
centres = flat[triangles].mean(1)
notch = (np.abs(centres[:, 0] - 30) < 4) & (centres[:, 1] > 12)  # paths have to go round it
triangles = triangles[~notch].astype(np.int32)
heights = 4 * np.sin(flat[:, 0] / 5) * np.cos(flat[:, 1] / 6) + rng.standard_normal(260) * 0.7
points = np.round(np.c_[flat, heights], 6)
cases = []
for sources in ([3], [17, 90, 201]):
    truth = exact(points, triangles, sources)
    cases.append(dict(sources=sources, distances=[None if not d < 1e9 else d for d in truth.tolist()]))
out["sheet"] = dict(points=points.ravel().tolist(), triangles=triangles.ravel().tolist(), cases=cases)

surface = nib.load(pathlib.Path(sys.argv[1]) / "fsaverage5/white_left.gii.gz")
points = surface.darrays[0].data.astype(np.float64)
triangles = surface.darrays[1].data.astype(np.int32)
cases = []
for sources in ([1200], rng.choice(len(points), 12, replace=False).tolist()):
    truth = exact(points, triangles, sources)
    cases.append(dict(sources=sources, every=97, distances=truth[::97].tolist(),
                      heatError=heat_error(points, triangles, sources, truth)))
out["fsaverage5"] = dict(cases=cases)
(pathlib.Path(__file__).parent / "geodesic.json").write_text(json.dumps(out) + "\n")
