#!/usr/bin/env python3
"""Volumes sampled on surfaces by nilearn's `vol_to_surf`, seed 7.

Two nested surfaces of 42 vertices (a subdivided icosahedron with bumps), partly outside a volume of 9 x 11 x 8 voxels and
two frames; three affines: plain, flipped and anisotropic, oblique with shear; with and without a mask; with and without
NaN and infinite voxels. `interpolation` is `linear` or `nearest`: nilearn 0.14 has the latter no longer in its public
function, so its `_nearest_voxel_sampling` is called, which is what `interpolation="nearest"` called before.
`masks`: `resample_to_img(..., interpolation="nearest")` of an atlas on another grid.

Tolerance of the tests: 1e-5 of the largest value. Values are float32 in both; nilearn's normals are in single precision,
which moves a point by up to 1e-6 mm.

python generate.py  (numpy, scipy, nibabel, nilearn; versions in the file)
"""
import json, pathlib, warnings
from importlib.metadata import version
import nibabel as nib
import numpy as np
from nilearn.image import resample_to_img
from nilearn.surface import InMemoryMesh, vol_to_surf
from nilearn.surface.surface import _nearest_voxel_sampling
from scipy.spatial import ConvexHull

warnings.simplefilter("ignore")
rng = np.random.default_rng(7)
out = dict(versions={name: version(name) for name in ("numpy", "scipy", "nibabel", "nilearn")})


def icosphere():
    golden = (1 + 5**0.5) / 2
    base = np.array([[s * 1, t * golden, 0] for s in (-1, 1) for t in (-1, 1)])
    points = np.concatenate([np.roll(base, k, 1) for k in range(3)])
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    edges = {tuple(sorted(e)) for t in ConvexHull(points).simplices for e in ((t[0], t[1]), (t[1], t[2]), (t[0], t[2]))}
    middles = np.array([points[a] + points[b] for a, b in sorted(edges)])
    points = np.concatenate([points, middles / np.linalg.norm(middles, axis=1, keepdims=True)])
    triangles = ConvexHull(points).simplices
    a, b, c = points[triangles].transpose(1, 0, 2)
    inward = (np.cross(b - a, c - a) * a).sum(1) < 0
    triangles[inward] = triangles[inward][:, ::-1]
    return points, triangles.astype(np.int32)


sphere, triangles = icosphere()
bumps = 1 + 0.2 * rng.standard_normal((len(sphere), 1))
pial = (sphere * bumps * 13 + [3, -2, 1]).astype(np.float32)
white = (pial - sphere * rng.uniform(1, 4, (len(sphere), 1))).astype(np.float32)
turn = np.linalg.qr(rng.standard_normal((3, 3)))[0]
shear = np.eye(3) + 0.15 * rng.standard_normal((3, 3))


def affine(linear, shape):
    matrix = np.eye(4)
    matrix[:3, :3] = linear
    matrix[:3, 3] = [3, -2, 1] - linear @ ((np.array(shape) - 1) / 2)
    return matrix


shape = (9, 11, 8)
affines = dict(
    plain=affine(np.diag([3.0, 3.0, 3.0]), shape),
    flipped=affine(np.diag([-3.5, 2.5, 3.2]), shape),
    oblique=affine(turn @ shear @ np.diag([3.0, 2.6, 3.4]), shape),
)
clean = (100 + 20 * rng.standard_normal((*shape, 2))).astype(np.float32)
broken = clean.copy()
broken[rng.random(broken.shape) < 0.03] = np.nan
broken[4, 5, 3, 0] = np.inf
mask = (rng.random(shape) < 0.8).astype(np.uint8)
mesh, inner = (InMemoryMesh(points, triangles) for points in (pial, white))
rules = dict(
    depth=dict(inner_mesh=inner, kind="depth"),
    depths=dict(inner_mesh=inner, kind="depth", depth=[-0.2, 0.3, 1.1]),
    line=dict(kind="line", radius=2.0, n_samples=7),
    lines=dict(kind="line", depth=[0.5, -0.25]),
    ball=dict(kind="ball", radius=2.5),
    point=dict(kind="line", depth=[0.0]),
)


def sampled(data, matrix, rule, interpolation, masked):
    image = nib.Nifti1Image(data, matrix)
    own = nib.Nifti1Image(mask, matrix) if masked else None
    if interpolation == "linear":
        return vol_to_surf(image, mesh, mask_img=own, **rules[rule]).T
    options = dict(rules[rule])
    options["n_points"] = options.pop("n_samples", None)
    return _nearest_voxel_sampling(
        np.rollaxis(data, -1), mesh, matrix, mask=mask if masked else None, **options
    )


def numbers(values):
    return [None if not np.isfinite(v) else float(str(np.float32(v))) for v in np.ravel(values)]


cases = []
for name, matrix in affines.items():
    for rule in rules:
        for interpolation, data, masked in (
            ("linear", "clean", False),
            ("linear", "broken", True),
            ("nearest", "clean", True),
        ):
            if name == "flipped" and rule in ("depths", "lines"):
                continue
            found = sampled(dict(clean=clean, broken=broken)[data], matrix, rule, interpolation, masked)
            cases.append(
                dict(affine=name, rule=rule, interpolation=interpolation, data=data, mask=masked, values=numbers(found))
            )
out["cases"] = cases
atlas = rng.integers(0, 30, (5, 6, 7)).astype(np.int16)
own = affine(turn.T @ np.diag([5.0, 4.5, 4.2]), atlas.shape)
target = nib.Nifti1Image(np.zeros(shape, np.uint8), affines["oblique"])
nearest = resample_to_img(nib.Nifti1Image(atlas, own), target, interpolation="nearest")
out["atlas"] = dict(
    shape=atlas.shape,
    affine=own.ravel().tolist(),
    values=atlas.ravel("F").tolist(),
    resampled=np.asarray(nearest.dataobj).ravel("F").tolist(),
)
out["shape"] = shape
out["affines"] = {name: matrix.ravel().tolist() for name, matrix in affines.items()}
out["pial"], out["white"] = numbers(pial), numbers(white)
out["triangles"] = triangles.ravel().tolist()
# First index fastest, frame after frame, as NIfTI has it. `broken` is `clean` with these.
out["clean"] = numbers(clean.ravel("F"))
out["nan"], out["inf"] = (np.flatnonzero(test(broken.ravel("F"))).tolist() for test in (np.isnan, np.isinf))
out["mask"] = mask.ravel("F").tolist()
short = json.dumps(out, separators=(",", ":"))
pathlib.Path(__file__).with_name("sampling.json").write_text(short + "\n")
