#!/usr/bin/env python3
"""Writes small NIfTI, MGH, FreeSurfer and CIFTI-2 files in random variants, and what nibabel reads from them and from
the files of ../shared/data.

Run with nibabel 5, numpy: python3 make_formats.py [SHARED_DATA]. Seed 7. Forms that nibabel does not write (old
annotation tables, quadrangles, old curvature files, weights) are written by hand after FreeSurfer's MATLAB readers, and
read by nibabel where it can; weights, which it cannot read, are held against the numbers that were written.

Stored numbers and scaled float64 values are compared exactly, by CRC-32 of the little-endian array in the order named
in the oracle: decoding has no rounding, and scaling the same two operations. Affines: within 1e-5 mm (nibabel keeps
some of them in float32).
"""

import gzip
import json
import pathlib
import sys
import zlib

import nibabel as nib
import numpy as np
from nibabel import cifti2
from nibabel.freesurfer import io as fs
from nibabel.freesurfer.mghformat import MGHImage

HERE = pathlib.Path(__file__).parent
SEED = 7


def crc(array, order="F"):
    array = np.asarray(array)
    return zlib.crc32(array.astype(array.dtype.newbyteorder("<")).tobytes(order))


def random_array(rng, dtype, shape):
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return (rng.standard_normal(shape) * 100).astype(dtype)
    info = np.iinfo(dtype)
    low, high = max(info.min, -(2**50)), min(info.max, 2**50)
    return rng.integers(low, high, shape, dtype="i8" if dtype != np.uint64 else "i8", endpoint=True).astype(dtype)


def write_nifti(rng):
    count = 0
    for code in ("u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"):
        for endian in "<>":
            version = 1 + (count + count // 4) % 2
            cls = (nib.Nifti1Image, nib.Nifti2Image)[version - 1]
            shape = tuple(rng.integers(1, 5, size=[4, 3, 5][count % 3]))
            header = cls.header_class(endianness=endian)
            header.set_data_dtype(np.dtype(code).newbyteorder(endian))
            data = random_array(rng, code, shape)
            affine = np.eye(4)
            affine[:3] = rng.standard_normal((3, 4)) * 3
            image = cls(data, affine if count % 3 else None, header)
            if count % 3 == 2:  # a qform alone, left-handed every other time
                turn = np.linalg.qr(rng.standard_normal((3, 3)))[0] * [2, 2.5, 3]
                affine[:3, :3] = turn
                image.header.set_qform(affine, code=1)
                image.header.set_sform(None, code=0)
            name = f"{code}-{'little' if endian == '<' else 'big'}-{version}.nii"
            image.header.set_zooms([*(1 + rng.random(min(3, len(shape)))), *[1.5] * max(0, len(shape) - 3)])
            image.header.set_xyzt_units("mm", ["sec", "msec", "usec"][count % 3])
            if count % 2 == 0:
                image.header.set_slope_inter(0.37, -12.5)
            path = HERE / name
            with open(path, "wb") as file:  # the stored numbers as they are: nibabel's own saving would rescale
                out = image.header.copy()
                out["magic"] = b"n+1" if version == 1 else b"n+2"
                out["vox_offset"] = 352 if version == 1 else 544
                out.write_to(file)  # with the four bytes that say that no extension follows
                file.write(data.astype(np.dtype(code).newbyteorder(endian)).tobytes("F"))
            count += 1
    for name in ("i2-big", "f4-lit"):
        found = [p for p in HERE.glob("*.nii") if p.name.startswith(name)][0]
        (HERE / f"{found.stem}-gz.nii.gz").write_bytes(gzip.compress(found.read_bytes(), mtime=0))
    pair = nib.Nifti1Pair(random_array(rng, "i2", (3, 2, 2, 2)), np.diag([2.0, 2, 2, 1]))
    nib.save(pair, HERE / "pair.hdr")
    wide = nib.Nifti1Image(random_array(rng, "f4", (40000, 1, 1)), None)  # FreeSurfer's way of many vertices
    wide.header["dim"][:4] = [3, -1, 1, 1]
    wide.header["glmin"] = 40000
    raw = wide.header.binaryblock
    data = np.zeros(40000, "f4")
    data[::1000] = rng.standard_normal(40)
    head = bytearray(raw)
    head[108:112] = np.float32(352).tobytes()
    head[344:348] = b"n+1\0"
    (HERE / "wide-gz.nii.gz").write_bytes(gzip.compress(bytes(head) + b"\0" * 4 + data.tobytes(), mtime=0))
    refused = nib.Nifti1Image((rng.standard_normal((2, 2, 2)) + 1j).astype("c8"), np.eye(4))
    nib.save(refused, HERE / "refused-complex.nii")


def write_mgh(rng):
    for i, code in enumerate(("u1", "i4", "f4", "i2", "u2")):
        shape = [(5, 1, 1, 3), (3, 2, 4), (6, 1, 1), (2, 2, 2, 2), (4, 1, 1, 2)][i]
        affine = np.eye(4)
        affine[:3] = np.hstack([np.linalg.qr(rng.standard_normal((3, 3)))[0] * [1, 2, 1.5], rng.standard_normal((3, 1))])
        image = MGHImage(random_array(rng, code, shape), affine)
        plain = image.to_bytes()
        if i % 2:
            (HERE / f"{code}.mgz").write_bytes(gzip.compress(plain, mtime=0))
        else:
            (HERE / f"{code}.mgh").write_bytes(plain)
    plain = bytearray(MGHImage(random_array(rng, "f4", (3, 3, 3)), np.eye(4)).to_bytes())
    plain[28:30] = b"\0\0"  # where it is, is not said
    (HERE / "nowhere.mgh").write_bytes(plain)


def int24(values):
    return b"".join(int(v).to_bytes(3, "big") for v in np.ravel(values))


def write_freesurfer(rng):
    points = (rng.standard_normal((12, 3)) * 50).astype("f4")
    faces = np.array([[i, (i + 1) % 12, (i + 2) % 12] for i in range(10)], "i4")
    fs.write_geometry(HERE / "lh.triangles", points, faces, "made by make_formats.py")
    quads = np.array([[0, 1, 2, 3], [5, 4, 3, 2], [6, 7, 8, 9]])
    short = np.round(points * 100).astype(">i2")
    (HERE / "lh.quads").write_bytes(int24([0xFFFFFF, 12, 3]) + short.tobytes() + int24(quads))
    (HERE / "lh.newquads").write_bytes(int24([0xFFFFFD, 12, 3]) + points.astype(">f4").tobytes() + int24(quads))
    values = rng.standard_normal(12).astype("f4")
    fs.write_morph_data(HERE / "lh.curv", values, fnum=10)
    (HERE / "lh.oldcurv").write_bytes(int24([12, 10]) + np.round(values * 100).astype(">i2").tobytes())
    vertices = np.array([1, 4, 7, 11])
    weights = b"".join(int24([v]) + np.array(w, ">f4").tobytes() for v, w in zip(vertices, values))
    (HERE / "lh.weights.w").write_bytes(b"\0\0" + int24([4]) + weights)
    table = np.array([[25, 5, 25, 0], [220, 20, 20, 0], [10, 200, 30, 100], [0, 0, 255, 0]])
    names = ["unknown", "A1", "belt é", "TPJ"]
    labels = np.array([0, 1, 2, 3, -1, 1, 1, 2, 0, 3, -1, 2])
    fs.write_annot(HERE / "lh.new.annot", labels, table, names)
    colours = np.where(labels < 0, 0, (table[:, :3] * [1, 256, 65536]).sum(1)[labels])
    old = np.array([12, *np.column_stack([np.arange(12), colours]).ravel(), 1, 4], ">i4").tobytes()
    old += np.array(6, ">i4").tobytes() + b"a.txt\0"
    for name, colour in zip(names, table):
        text = name.encode() + b"\0"
        old += np.array(len(text), ">i4").tobytes() + text + colour.astype(">i4").tobytes()
    (HERE / "lh.old.annot").write_bytes(old)
    lines = [f"{v}  {x:.3f}  {y:.3f}  {z:.3f} {w:.6f}" for v, (x, y, z), w in zip(vertices, points[vertices], values)]
    (HERE / "lh.cortex.label").write_text("#!ascii label  , from subject x vox2ras=TkReg\n4\n" + "\n".join(lines) + "\n")
    return {"vertices": vertices.tolist(), "values": [float(v) for v in values[:4]]}


def write_cifti(rng):
    left = cifti2.BrainModelAxis.from_surface(np.array([0, 2, 3, 5, 9]), 10, "CIFTI_STRUCTURE_CORTEX_LEFT")
    right = cifti2.BrainModelAxis.from_surface(np.array([8, 1, 4, 6]), 10, "CIFTI_STRUCTURE_CORTEX_RIGHT")
    affine = np.array([[-2, 0, 0, 90], [0, 2, 0, -126], [0, 0, 2, -72], [0, 0, 0, 1.0]])
    mask = np.zeros((4, 5, 3), bool)
    mask[1, 2, :] = mask[3, 4, 1] = True
    volume = cifti2.BrainModelAxis.from_mask(mask, affine=affine, name="CIFTI_STRUCTURE_THALAMUS_LEFT")
    models = left + right + volume
    count = len(models)
    series = cifti2.SeriesAxis(start=1, step=0.72, size=6, unit="second")
    data = rng.standard_normal((6, count)).astype("f4")
    nib.save(cifti2.Cifti2Image(data, (series, models)), HERE / "run.dtseries.nii")
    scalars = cifti2.ScalarAxis(["map <1>", "zweite"])
    nib.save(cifti2.Cifti2Image(data[:2], (scalars, models)), HERE / "maps.dscalar.nii")
    tables = [{0: ("???", (0, 0, 0, 0)), 3: ("A & B", (1, 0.5, 0.25, 1))}, {0: ("none", (0, 0, 0, 0)), 7: ("c", (0, 1, 0, 1))}]
    keys = np.stack([rng.choice([0, 3], count), rng.choice([0, 7], count)]).astype("f4")
    nib.save(cifti2.Cifti2Image(keys, (cifti2.LabelAxis(["p", "q"], tables), models)), HERE / "parts.dlabel.nii")
    nib.save(cifti2.Cifti2Image(data[:2, :9], (scalars, left + volume)), HERE / "left.dscalar.nii")
    parcels = cifti2.ParcelsAxis.from_brain_models([("p", left), ("q", right)])
    nib.save(cifti2.Cifti2Image(data[:, :2], (series, parcels)), HERE / "refused.ptseries.nii")


def write_npz(rng):
    arrays = {"x": random_array(rng, "f4", (3, 4)), "keys": np.arange(5, dtype=">i2"), "f": np.asfortranarray(random_array(rng, "f8", (2, 3)))}
    np.savez(HERE / "stored.npz", **arrays)
    np.savez_compressed(HERE / "deflated.npz", **arrays)
    return {name: {"shape": list(a.shape), "values": crc(a.astype(a.dtype.newbyteorder("=")), "C")} for name, a in arrays.items()}


def volume_oracle(image):
    proxy = image.dataobj
    raw = proxy.get_unscaled() if hasattr(proxy, "get_unscaled") else np.asarray(proxy)
    scaled = np.asarray(image.dataobj).astype("f8")
    return {"shape": list(image.shape), "type": raw.dtype.newbyteorder("=").name, "stored": crc(raw),
            "scaled": crc(scaled), "affine": [float(v) for v in image.affine.ravel()]}  # fmt: skip


def freesurfer_oracle(path):
    if path.name.endswith(".annot"):
        labels, table, names = fs.read_annot(path)
        return {"kind": "annot", "labels": crc(labels.astype("i4"), "C"), "count": len(labels),
                "names": [n.rstrip(b"\0").decode() for n in names], "colours": table[:, :3].tolist()}  # fmt: skip
    if path.name.endswith(".label"):
        vertices, values = fs.read_label(path, read_scalars=True)
        return {"kind": "label", "vertices": vertices.tolist(), "values": values.tolist()}
    if path.name.endswith("curv"):
        return {"kind": "morph", "values": crc(fs.read_morph_data(path).astype("f4"), "C")}
    points, faces = fs.read_geometry(path)
    return {"kind": "surface", "points": crc(points.astype("f4"), "C"), "faces": crc(faces.astype("i4"), "C")}


def cifti_oracle(path):
    image = nib.load(path)
    models = []
    for name, part, axis in image.header.get_axis(1).iter_structures():
        surface = axis.volume_mask is None or not axis.volume_mask.any()
        where = axis.vertex if surface else axis.voxel
        models.append({"structure": name.replace("CIFTI_STRUCTURE_", ""), "offset": part.start or 0,
                       "count": len(axis), "where": crc(where.astype("i4"), "C"),
                       "vertices": axis.nvertices.get(name) if surface else None})  # fmt: skip
    first = image.header.get_axis(0)
    values = np.asarray(image.dataobj)
    kind = type(first).__name__
    found = {"kind": {"SeriesAxis": "series", "ScalarAxis": "scalars", "LabelAxis": "labels"}[kind],
             "values": crc(values.astype("f4"), "C"), "shape": list(values.shape), "models": models}  # fmt: skip
    if kind == "SeriesAxis":
        found["step"] = first.step
    else:
        found["names"] = [str(n) for n in first.name]
    if kind == "LabelAxis":
        found["labels"] = [[[int(k), n, list(c)] for k, (n, c) in table.items()] for table in first.label]
    axis = image.header.get_axis(1)
    if axis.affine is not None:
        found["affine"] = [float(v) for v in axis.affine.ravel()]
    return found


def main():
    for path in HERE.iterdir():
        if path.suffix not in {".py", ".md"} and path.is_file():
            path.unlink()
    rng = np.random.default_rng(SEED)
    write_nifti(rng)
    write_mgh(rng)
    weights = write_freesurfer(rng)
    write_cifti(rng)
    archives = write_npz(rng)
    shared = pathlib.Path(sys.argv[1]) / "formats" if len(sys.argv) > 1 else None
    outside = sorted(shared.iterdir()) if shared else []
    volumes, surfaces, grayordinates = {}, {}, {}
    for path in sorted(HERE.iterdir()) + outside:
        key = f"{'reference' if path.parent == HERE else 'shared'}/{path.name}"
        if path.name.startswith("refused") or path.name.endswith((".img", ".w", ".gii", ".py", ".md", ".json", ".npz")):
            continue
        if path.name.endswith((".dtseries.nii", ".dscalar.nii", ".dlabel.nii")):
            grayordinates[key] = cifti_oracle(path)
        elif path.name.endswith((".nii", ".nii.gz", ".hdr", ".mgh", ".mgz")):
            volumes[key] = volume_oracle(nib.load(path))
        else:
            surfaces[key] = freesurfer_oracle(path)
    record = {"made with": f"nibabel {nib.__version__}, numpy {np.__version__}, seed {SEED}", "volumes": volumes,
              "surfaces": surfaces, "weights": weights, "archives": archives, "grayordinates": grayordinates}  # fmt: skip
    (HERE / "oracle.json").write_text(json.dumps(record, indent=1, default=lambda n: n.item()) + "\n")


if __name__ == "__main__":
    main()
