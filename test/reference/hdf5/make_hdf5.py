"""Files that h5py writes in random variants, and what h5py reads in them.

    python make_hdf5.py FOLDER [FILES [SEED]]

A file has a random format of the library, a user's block or none, and data sets of random types, byte orders, sizes,
layouts, filters, fill values and parts that were never written. oracle.json has, of each data set, its shape and the
SHA-256 of its numbers, little-endian and in C order: 64-bit integers as float64, float16 as float32, booleans as uint8.
The committed files are those of the default seed; larger sets were compared when the reader was written (README.md).
"""
import gzip, hashlib, json, sys, os
import h5py, numpy as np

folder = sys.argv[1]
files = int(sys.argv[2]) if len(sys.argv) > 2 else 6
seed = int(sys.argv[3]) if len(sys.argv) > 3 else 20261130
rng = np.random.default_rng(seed)
os.makedirs(folder, exist_ok=True)
kinds = ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "?"]


def values(kind, shape):
    if kind == "?":
        return rng.random(shape) < 0.5
    if kind[-2] == "f":
        return rng.standard_normal(shape).astype(kind)
    width = int(kind[-1])
    low, high = (0, 2 ** min(8 * width, 53)) if kind[-2] == "u" else (-(2 ** min(8 * width - 1, 53)), 2 ** min(8 * width - 1, 53))
    return rng.integers(low, high, shape, dtype="i8" if high < 2**63 else "u8").astype(kind)


def add(group, name, most):
    kind = kinds[rng.integers(len(kinds))]
    if kind[-1] not in "1?":
        kind = rng.choice(["<", ">"]) + kind
    rank = int(rng.choice([0, 1, 2, 2, 2, 3, 4]))
    shape = tuple(int(n) for n in rng.integers(1, {0: 1, 1: most, 2: int(most**0.5) + 4, 3: 6, 4: 4}[rank] + 1, rank))
    if rank == 0:
        group.create_dataset(name, data=values(kind, ()))
        return
    how = {}
    layout = rng.choice(["plain", "compact", "chunked", "chunked", "chunked", "growing", "single"])
    if layout == "compact":
        space, made = h5py.h5s.create_simple(shape), h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        made.set_layout(h5py.h5d.COMPACT)
        data = values(kind, shape)
        if data.nbytes < 60_000:
            own = h5py.h5d.create(group.id, name.encode(), h5py.h5t.py_create(np.dtype(kind), logical=True), space, made)
            own.write(h5py.h5s.ALL, h5py.h5s.ALL, data)
            return
    elif layout != "plain":
        how["chunks"] = tuple(int(rng.integers(1, n + 1)) for n in shape) if layout != "single" else shape
        if layout == "growing":
            how["maxshape"] = tuple(None if rng.random() < 0.5 else int(n + rng.integers(0, 9)) for n in shape)
            how["chunks"] = tuple(int(rng.integers(1, min(5, n + 1))) for n in shape)
        if rng.random() < 0.5:
            how["compression"] = rng.choice(["gzip", "gzip", "lzf"])
        if rng.random() < 0.4:
            how["shuffle"] = True
        if rng.random() < 0.3:
            how["fletcher32"] = True
    if rng.random() < 0.5 and kind != "?":
        how["fillvalue"] = values(kind, (1,))[0]
    data = values(kind, shape)
    if rng.random() < 0.3 and "?" not in kind:
        data[...] = data.flat[0]
    if rng.random() < 0.35:
        made = group.create_dataset(name, shape=shape, dtype=kind, **how)
        part = tuple(slice(0, int(rng.integers(0, n + 1))) for n in shape)
        made[part] = data[part]
    else:
        made = group.create_dataset(name, data=data, **how)
    if "maxshape" in how and rng.random() < 0.5:
        made.resize(tuple(m if m is not None and m < n + 3 else n + 2 if m is None else n for n, m in zip(shape, how["maxshape"])))
    for i in range(int(rng.choice([0, 0, 1, 3, 12]))):
        made.attrs[f"attribute {i}"] = rng.standard_normal(2)


def exact(data):
    if data.dtype.kind == "b":
        data = data.astype("u1")
    elif data.dtype.itemsize == 8 and data.dtype.kind in "iu":
        data = data.astype("f8")
    elif data.dtype.kind == "f" and data.dtype.itemsize == 2:
        data = data.astype("f4")
    return np.ascontiguousarray(data.astype(data.dtype.newbyteorder("<")))


def contents(path):
    found = {}
    with h5py.File(path) as file:

        def look(where, made):
            if isinstance(made, h5py.Dataset):
                data = exact(np.asarray(made[()]))
                found["/" + where] = {"shape": list(made.shape), "sha256": hashlib.sha256(data.tobytes()).hexdigest()}

        file.visititems(look)
    return found


oracle = {}
for number in range(files):
    name = f"random-{number}.h5"
    path = os.path.join(folder, name)
    how = {"libver": [("earliest", "latest"), ("v108", "v108"), ("v110", "v110"), ("latest", "latest")][number % 4]}
    if rng.random() < 0.25:
        how["userblock_size"] = int(rng.choice([512, 1024, 4096]))
    if rng.random() < 0.3:
        how["track_order"] = True
    with h5py.File(path, "w", **how) as file:
        groups = [file]
        for g in range(int(rng.integers(1, 4))):
            groups.append(groups[int(rng.integers(len(groups)))].create_group(f"group {g} é"))
        for d in range(int(rng.integers(3, 12))):
            group = groups[int(rng.integers(len(groups)))]
            add(group, f"set{d}", 60)
        if rng.random() < 0.3:
            for link in range(int(rng.choice([5, 40]))):
                file[f"link {link}"] = h5py.SoftLink(f"/group 0 é")
    oracle[name] = contents(path)

# Indices that small data sets do not have: pages, trees of two levels, a named type, attributes in a heap
path = os.path.join(folder, "indices.h5")
with h5py.File(path, "w", libver="latest") as file:
    for name, how in (("growing", {}), ("packed", {"compression": "gzip"})):
        made = file.create_dataset(name, (40_000,), "i1", chunks=(1,), maxshape=(None,), fillvalue=7, **how)
        for at in (0, 5, 100, 39_990):
            made[at : at + 3] = rng.integers(0, 99, 3)
        made = file.create_dataset(f"fixed {name}", (1500,), "u1", chunks=(1,), **how)
        made[1490:] = rng.integers(0, 99, 10)
        made = file.create_dataset(f"tree {name}", (30, 12), "<i2", chunks=(1, 4), maxshape=(None, None), **how)
        made[...] = rng.integers(0, 99, (30, 12))
        file.create_dataset(f"turned {name}", data=rng.integers(0, 99, (6, 20)), chunks=(3, 4), maxshape=(9, None), dtype=">i2", **how)
    file["type"] = np.dtype(">i2")
    made = file.create_dataset("named type", (3,), file["type"])
    made[...] = [1, -2, 3]
    for i in range(40):
        made.attrs[f"attribute {i}"] = "x" * i
oracle["indices.h5"] = contents(path)
with open(path, "rb") as file, open(path + ".gz", "wb") as packed:
    packed.write(gzip.compress(file.read(), 9, mtime=0))
os.remove(path)
json.dump({"h5py": h5py.__version__, "hdf5": h5py.version.hdf5_version, "seed": seed, "files": oracle}, open(os.path.join(folder, "oracle.json"), "w"), indent=1, ensure_ascii=False)
