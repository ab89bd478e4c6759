"""What pandas reads of table.parquet and table.tsv, which test/main/formats/columns.test.ts writes (see there).

Run here: python generate.py. Versions used: Python 3.11, pandas 3.1.1, pyarrow 26.0.1. No tolerance: the same bits.
"""
import json

import pandas as pd
import pyarrow.parquet as pq


def hexed(values):
    return [None if pd.isna(v) else float(v).hex() if isinstance(v, float) else v for v in values]


table = pd.read_parquet("table.parquet")
text = pd.read_csv("table.tsv", sep="\t", na_values=["n/a"], keep_default_na=False)
schema = pq.read_schema("table.parquet")
assert list(table.columns) == list(text.columns)
with open("read.json", "w") as file:
    json.dump(
        {
            "types": {field.name: [str(field.type), field.nullable] for field in schema},
            "metadata": {k.decode(): v.decode() for k, v in schema.metadata.items() if k != b"pandas"},
            "parquet": {name: hexed(table[name].tolist()) for name in table},
            "tsv": {name: hexed(text[name].tolist()) for name in text},
        },
        file,
        indent=1,
        ensure_ascii=True,
        allow_nan=False,
    )
