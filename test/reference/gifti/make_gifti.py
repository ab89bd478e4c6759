#!/usr/bin/env python3
"""Writes small GIFTI files in every encoding, and what nibabel reads from them and from the files of ../shared/data.

Run with nibabel 5 and numpy: python3 make_gifti.py [SHARED_DATA]. Seed 1. The files are written by hand (nibabel
writes neither big-endian nor column-major arrays), then read by nibabel: its values are the oracle. Bytes are compared
exactly, by CRC-32 of the little-endian row-major array, since decoding has no rounding.
"""
import base64
import gzip
import json
import pathlib
import sys
import zlib

import nibabel as nib
import numpy as np

HERE = pathlib.Path(__file__).parent
NAMES = {np.dtype(d): f"NIFTI_TYPE_{np.dtype(d).name.upper()}" for d in ("f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8")}


def array_xml(data, intent, encoding, endian="LittleEndian", order="C"):
    dims = " ".join(f'Dim{i}="{n}"' for i, n in enumerate(data.shape))
    if encoding == "ASCII":
        text = " ".join(repr(v.item()) for v in data.flatten(order))
    else:
        raw = data.astype(data.dtype.newbyteorder(">" if endian == "BigEndian" else "<")).tobytes(order)
        text = base64.b64encode(zlib.compress(raw) if encoding == "GZipBase64Binary" else raw).decode()
    ordering = "ColumnMajorOrder" if order == "F" else "RowMajorOrder"
    return (f'<DataArray Intent="{intent}" DataType="{NAMES[data.dtype]}" ArrayIndexingOrder="{ordering}" '
            f'Dimensionality="{data.ndim}" {dims} Encoding="{encoding}" Endian="{endian}" ExternalFileName="" '
            f'ExternalFileOffset="">\n<MetaData><MD><Name>Name</Name><Value><![CDATA[a < b & c]]></Value></MD></MetaData>\n'
            f"<Data>{text}</Data>\n</DataArray>\n")  # fmt: skip


def gifti_xml(arrays, labels=""):
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<GIFTI Version="1.0" NumberOfDataArrays="{len(arrays)}">\n'
            f"<MetaData/>\n<LabelTable>{labels}</LabelTable>\n{''.join(arrays)}</GIFTI>\n")  # fmt: skip


def write_fixtures():
    rng = np.random.default_rng(1)
    points = rng.standard_normal((6, 3)).astype("f4") * 40
    triangles = np.array([[0, 1, 2], [0, 2, 3], [0, 3, 4], [0, 4, 5]], "i4")
    for encoding in ("ASCII", "Base64Binary", "GZipBase64Binary"):
        for endian in ("LittleEndian", "BigEndian"):
            for order in "CF":
                name = f"{encoding.lower()}-{endian[:-6].lower()}-{order.lower()}.gii"
                arrays = [array_xml(points, "NIFTI_INTENT_POINTSET", encoding, endian, order),
                          array_xml(triangles, "NIFTI_INTENT_TRIANGLE", encoding, endian, order)]  # fmt: skip
                (HERE / name).write_text(gifti_xml(arrays))
    run = rng.standard_normal((4, 5)).astype("f4")
    volumes = [array_xml(volume, "NIFTI_INTENT_TIME_SERIES", "GZipBase64Binary") for volume in run]
    (HERE / "run.func.gii").write_text(gifti_xml(volumes))
    (HERE / "run-2d.func.gii.gz").write_bytes(
        gzip.compress(gifti_xml([array_xml(run.T.copy(), "NIFTI_INTENT_NONE", "Base64Binary")]).encode(), mtime=0))
    odd = np.array([np.nan, np.inf, -np.inf, 0, -0.0, 1e-45, 3.4e38], "f4")
    (HERE / "odd-values.gii").write_text(gifti_xml([
        array_xml(odd, "NIFTI_INTENT_SHAPE", "Base64Binary"),
        array_xml(np.array([0, 7, 255], "u1"), "NIFTI_INTENT_NONE", "GZipBase64Binary"),
        array_xml(np.array([np.pi, -1e300]), "NIFTI_INTENT_NONE", "GZipBase64Binary", "BigEndian")]))  # fmt: skip
    numbers = np.array([[0, 1, 2], [100, 126, 127]])
    (HERE / "types.gii").write_text(gifti_xml([
        array_xml((numbers - (64 if dtype.startswith("i") else 0)).astype(dtype), "NIFTI_INTENT_NONE", encoding, endian, order)
        for dtype, encoding, endian, order in [
            ("i1", "ASCII", "LittleEndian", "C"), ("i2", "Base64Binary", "BigEndian", "C"),
            ("u2", "GZipBase64Binary", "BigEndian", "F"), ("u4", "GZipBase64Binary", "LittleEndian", "F"),
            ("u2", "ASCII", "LittleEndian", "F"), ("u4", "Base64Binary", "BigEndian", "C")]]))  # fmt: skip
    labels = ('<Label Key="0" Red="0" Green="0" Blue="0" Alpha="0"><![CDATA[unknown]]></Label>'
              '<Label Key="1024" Red="0.2" Green="0.4" Blue="1" Alpha="1">A &amp; B</Label>')  # fmt: skip
    keys = np.array([0, 1024, 1024, 0, 1024], "i4")
    (HERE / "label.gii").write_text(gifti_xml([array_xml(keys, "NIFTI_INTENT_LABEL", "ASCII")], labels))


def oracle(path):
    image = nib.load(path)
    arrays = []
    for array in image.darrays:
        data = np.ascontiguousarray(array.data)
        data = data.astype(data.dtype.newbyteorder("<"))
        arrays.append({
            "intent": nib.nifti1.intent_codes.niistring[array.intent],
            "dims": list(data.shape),
            "type": data.dtype.newbyteorder("=").name,
            "crc32": zlib.crc32(data.tobytes()),
            "first": [float(v) if np.isfinite(v) else str(v) for v in data.ravel()[:4]],
        })
    labels = [[label.key, label.label] for label in image.labeltable.labels]
    return {"arrays": arrays, "labels": labels}


def main():
    write_fixtures()
    found = {f"reference/{path.name}": oracle(path) for path in sorted(HERE.glob("*.gii*"))}
    if len(sys.argv) > 1:
        shared = pathlib.Path(sys.argv[1])
        for folder in ("formats", "fsaverage5", "atlas"):
            for path in sorted((shared / folder).glob("*.gii*")):
                if path.name != "external.gii":
                    found[f"shared/{folder}/{path.name}"] = oracle(path)
    record = {"made with": f"nibabel {nib.__version__}, numpy {np.__version__}, seed 1", "files": found}
    (HERE / "oracle.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
