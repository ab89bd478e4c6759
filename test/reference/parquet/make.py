"""Random tables written by pyarrow and pandas in many variants, with what pyarrow reads from them, as JSON.

    python make.py            the small set of this folder
    python make.py OUT N      N files into OUT, to be read once (../../../docs/formats.md says what was)

Every cell is given as Heschl has it in a table: numbers with all their digits, `n/a` for what is no number or missing, empty
for a missing text, ISO 8601 for times. Floating-point numbers are given by their bits (hexadecimal), so that nothing is
rounded on the way.
"""

import datetime as dt
import decimal
import json
import pathlib
import struct
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

SEED = 20261130
rng = np.random.default_rng(SEED)
CODECS = ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]
INTS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
KINDS = INTS + ["float", "double", "halffloat", "bool", "string", "large_string", "category", "date32"]
KINDS += ["timestamp[ms]", "timestamp[us]", "timestamp[ns]", "timestamp[us, UTC]", "time64[us]", "time32[ms]"]
KINDS += ["decimal9", "decimal18", "decimal38", "constant", "allnull"]
ENCODINGS = {
    "int32": ["PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"],
    "int64": ["PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"],
    "float": ["PLAIN", "BYTE_STREAM_SPLIT"],
    "double": ["PLAIN", "BYTE_STREAM_SPLIT"],
    "string": ["PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"],
    "bool": ["PLAIN", "RLE"],
    "halffloat": ["PLAIN", "BYTE_STREAM_SPLIT"],
}
WORDS = ["once", "upon", "a", "time", "été", "小王子", "", 'say "no"', "tab\there", "𝄞 long " * 9]


def values(kind, n):
    """Values as Python has them, without missing ones."""
    if kind in INTS:
        info = np.iinfo(kind)
        low, high = (info.min, info.max) if rng.random() < 0.3 else (max(info.min, -100), 100)
        return rng.integers(low, high, n, dtype=kind, endpoint=True).tolist()
    if kind in ("float", "double", "halffloat"):
        x = np.round(rng.standard_normal(n), 2) if rng.random() < 0.4 else rng.standard_normal(n)
        if rng.random() < 0.3:
            x[rng.random(n) < 0.2] = rng.choice([np.inf, -np.inf, 0.0, -0.0])
        return x.astype({"float": "f4", "double": "f8", "halffloat": "f2"}[kind]).tolist()
    if kind == "bool":
        return (rng.random(n) < rng.choice([0.02, 0.5])).tolist()
    if kind in ("string", "large_string", "category"):
        return [WORDS[i] for i in rng.integers(len(WORDS), size=n)]
    if kind == "date32":
        return [dt.date(1970, 1, 1) + dt.timedelta(int(d)) for d in rng.integers(-30000, 30000, n)]
    if kind.startswith("timestamp"):
        return [dt.datetime(2020, 1, 1) + dt.timedelta(milliseconds=int(m)) for m in rng.integers(-(10**13), 10**12, n)]
    if kind.startswith("time"):
        return [dt.time(int(h), int(m), 7, int(f) * 1000) for h, m, f in rng.integers([0, 0, 0], [24, 60, 1000], (n, 3))]
    if kind.startswith("decimal"):
        most = 10 ** int(kind[7:]) - 1
        return [decimal.Decimal(int(rng.integers(-(2**62), 2**62)) % most * (1 if rng.random() < 0.5 else -1)).scaleb(-3) for _ in range(n)]
    return [1.5] * n


def arrow_type(kind):
    if kind.startswith("decimal"):
        return pa.decimal128(int(kind[7:]), 3)
    if kind.startswith("timestamp"):
        unit = kind[10:12]
        return pa.timestamp(unit, "UTC" if "UTC" in kind else None)
    plain = {"category": pa.dictionary(pa.int32(), pa.string()), "constant": pa.float64(), "allnull": pa.float64()}
    plain |= {"time64[us]": pa.time64("us"), "time32[ms]": pa.time32("ms"), "bool": pa.bool_(), "date32": pa.date32()}
    return plain.get(kind) or pa.type_for_alias(kind)


def text(value, kind):
    """A cell as JSON has it: numbers of float64 by their bits."""
    if value is None:
        return "" if kind in ("string", "large_string", "category") else "n/a"
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, float):
        return "n/a" if value != value else {"bits": struct.pack(">d", value).hex()}
    if isinstance(value, decimal.Decimal):
        return f"{value:.3f}"
    if isinstance(value, (pd.Timestamp, dt.datetime)):
        digits = {"ms": 3, "us": 6, "ns": 9}[kind[10:12]]
        fraction = f"{value.microsecond:06d}{getattr(value, 'nanosecond', 0):03d}"[:digits]
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + fraction + ("Z" if "UTC" in kind else "")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return value.strftime("%H:%M:%S.") + f"{value.microsecond:06d}"[: 3 if kind.startswith("time32") else 6]
    return str(value)


def one(out, name, rows=None, columns=None):
    n = int(rng.choice([0, 1, 2, 7, 40, 333])) if rows is None else rows
    kinds = [str(k) for k in rng.choice(KINDS, int(rng.integers(1, 7)) if columns is None else columns)]
    nulls = rng.random() < 0.6
    arrays, fields = [], []
    for i, kind in enumerate(kinds):
        column = values(kind, n)
        share = 1.0 if kind == "allnull" else rng.choice([0, 0.1, 0.9]) if nulls else 0
        column = [None if rng.random() < share else value for value in column]
        arrays.append(pa.array(column, arrow_type(kind)))
        fields.append(pa.field(f"c{i} {kind}", arrow_type(kind), nullable=share > 0 or rng.random() < 0.5))
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    options = {
        "compression": str(rng.choice(CODECS)),
        "use_dictionary": bool(rng.random() < 0.5),
        "data_page_version": str(rng.choice(["1.0", "2.0"])),
        "version": str(rng.choice(["1.0", "2.4", "2.6"])),
        "row_group_size": int(rng.choice([5, 100, 10000])),
        "data_page_size": int(rng.choice([16, 200, 1 << 20])),
        "write_page_checksum": bool(rng.random() < 0.3),
        "write_statistics": bool(rng.random() < 0.7),
    }
    if any("ns" in kind for kind in kinds):
        options["version"] = "2.6"
    if not options["use_dictionary"] and rng.random() < 0.7:
        own = {f.name: str(rng.choice(ENCODINGS[k])) for f, k in zip(fields, kinds) if k in ENCODINGS}
        if own:
            options["column_encoding"] = own
    path = out / f"{name}.parquet"
    if rng.random() < 0.2:
        frame = table.to_pandas()
        if len(frame) > 3 and rng.random() < 0.5:
            frame = frame.iloc[1:]  # pandas writes the row names then
        try:
            frame.to_parquet(path, compression=None if options["compression"] == "none" else options["compression"])
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            pq.write_table(table, path, **options)
    else:
        try:
            pq.write_table(table, path, **options)
        except pa.ArrowNotImplementedError:
            options.pop("column_encoding", None)
            pq.write_table(table, path, **options)
    # What pyarrow reads is the truth, by the types that it says it read
    read = pq.read_table(path)
    read = read.drop_columns([c for c in read.column_names if c.startswith("__index_level_")])
    cells = []
    for i, field in enumerate(read.schema):
        kind = kinds[int(field.name.split()[0][1:])]
        if pa.types.is_timestamp(field.type):
            kind = f"timestamp[{field.type.unit}{', UTC' if field.type.tz else ''}]"
        if pa.types.is_time(field.type):
            kind = "time32" if field.type.unit == "ms" else "time64"
        if pa.types.is_null(field.type):
            kind = "allnull"
        column = read.column(i)
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns":
            stored = column.cast(pa.int64()).to_pylist()
            cells.append(["n/a" if v is None else text(pd.Timestamp(v), kind) for v in stored])
            continue
        cells.append([text(v, kind) for v in column.to_pylist()])
    return {"name": name, "columns": read.column_names, "rows": read.num_rows, "cells": cells}


def main():
    if len(sys.argv) > 1:
        out, count, sizes = pathlib.Path(sys.argv[1]), int(sys.argv[2]), None
        out.mkdir(parents=True, exist_ok=True)
    else:
        out, count, sizes = pathlib.Path(__file__).parent, 16, 12
    found = [one(out, f"v{i:03d}", sizes, None if sizes is None else 4) for i in range(count)]
    (out / "cells.json").write_text(json.dumps(found, ensure_ascii=False) + "\n")
    if sizes is None:
        return
    y = (np.round(np.random.default_rng(20).standard_normal((24, 3)) * 64) / 64).astype("f4")
    # What is refused, with a reason that is told
    pq.write_table(pa.table({"a": [[1, 2], [3]]}), out / "nested.parquet")
    pq.write_table(pa.table({"a": [b"\xff\xfe", b"x"]}), out / "bytes.parquet")
    pq.write_table(pa.table({"a": pa.array([2**60 + 1])}), out / "large.parquet")
    pq.write_table(pa.table({"a": [1, 2, None], "b": [True, None, False]}).append_column("c", pa.array([1, 2, 3], "u8")), out / "numbers.parquet")
    pq.write_table(pa.table({f"u{i}": y[:, i] for i in range(3)}), out / "single.parquet", compression="gzip")
    # Row names, which pandas writes where rows were left out, are no column
    pd.DataFrame(y, columns=["u0", "u1", "u2"]).iloc[::2].to_parquet(out / "numbers-index.parquet", compression="zstd")
    np.save(out / "y.npy", y)
    own = {"compression": "none", "use_dictionary": False, "write_statistics": False, "write_page_checksum": True}
    pq.write_table(pa.table({"a": [0.25, 0.5, 0.75]}), out / "checked.parquet", **own)
    # A million values in 2.5 kB, which is read, and five million, which is more than such a file may hold
    for name, rows in (("constant", 10**6), ("bomb", 5 * 10**6)):
        pq.write_table(pa.table({"a": pa.nulls(rows, pa.float64())}), out / f"{name}.parquet", compression="zstd")
    print(pa.__version__, pd.__version__, np.__version__)


main()
