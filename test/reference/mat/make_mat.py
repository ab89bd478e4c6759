"""MATLAB files that scipy and h5py write in random variants, and what scipy.io.loadmat and h5py read in them.

    python make_mat.py FOLDER [FILES [SEED]]

Level 5 files are scipy.io.savemat's, plain and compressed; big-endian ones are made of the plain ones by turning every
number round, as MATLAB on such a machine writes them. Files of version 7.3 are HDF5 with MATLAB's conventions, as
MathWorks describes them: a user's block of 512 bytes, classes in attributes, sizes the other way round, references.
oracle.json has, of each path, the shape and the SHA-256 of the numbers, little-endian and in C order (64-bit integers as
float64); of text the text.
"""
import hashlib, json, os, struct, sys
import h5py, numpy as np, scipy, scipy.io

folder = sys.argv[1]
files = int(sys.argv[2]) if len(sys.argv) > 2 else 3
seed = int(sys.argv[3]) if len(sys.argv) > 3 else 20261130
rng = np.random.default_rng(seed)
os.makedirs(folder, exist_ok=True)
kinds = ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8", "?"]
names = {"f8": "double", "f4": "single", "?": "logical"} | {f"{a}{b}": f"{'u' if a == 'u' else ''}int{8 * b}" for a in "iu" for b in (1, 2, 4, 8)}
oracle = {}


def values():
    kind = kinds[rng.integers(len(kinds))]
    shape = tuple(int(n) for n in rng.integers(1, 7, int(rng.choice([2, 2, 2, 3, 4]))))
    if rng.random() < 0.1:
        shape = (0, 3)
    if kind == "?":
        return rng.random(shape) < 0.5
    if kind[0] == "f":
        # MATLAB stores doubles that are whole numbers in smaller types
        return (rng.integers(-300, 300, shape) if rng.random() < 0.3 else rng.standard_normal(shape)).astype(kind)
    bits = min(8 * int(kind[1]), 53) - (kind[0] == "i")
    return rng.integers(-(2**bits) if kind[0] == "i" else 0, 2**bits, shape).astype(kind)


def told(data):
    data = np.asarray(data)
    exact = data.astype("u1") if data.dtype == bool else data.astype("f8") if data.dtype.kind in "iu" and data.dtype.itemsize == 8 else data
    exact = np.ascontiguousarray(exact.astype(exact.dtype.newbyteorder("<")))
    return {"shape": list(data.shape), "type": names[data.dtype.str[1:] if data.dtype != bool else "?"], "sha256": hashlib.sha256(exact.tobytes()).hexdigest()}


def contents():
    """Variables as Python has them, and what paths lead to."""
    variables, expected = {}, {}
    for v in range(int(rng.integers(2, 6))):
        data = values()
        variables[f"x{v}"] = data
        expected[f"x{v}"] = told(data)
    runs = [values() for _ in range(3)]
    cell = np.empty((1, 3), object)
    for i, run in enumerate(runs):
        cell[0, i] = run
        expected[f"runs{{{i + 1}}}"] = told(run)
    variables["runs"] = cell
    inner, deep = values(), values()
    variables["s"] = {"data": inner, "name": "héschl µV", "deep": {"y": deep}}
    expected |= {"s.data": told(inner), "s.deep.y": told(deep), "s.name": {"text": "héschl µV"}}
    many = np.zeros((1, 2), dtype=[("a", object), ("b", object)])
    for i in range(2):
        for field in "ab":
            many[field][0, i] = values()
            expected[f"t({i + 1}).{field}"] = told(many[field][0, i])
    variables["t"] = many
    variables["note"] = "onset"
    expected["note"] = {"text": "onset"}
    return variables, expected


def turned(data: bytes) -> bytes:
    """A plain little-endian Level 5 file as a big-endian machine writes it."""
    width = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8, 16: 1, 17: 2}

    def swap(part, size):
        return b"".join(part[i : i + size][::-1] for i in range(0, len(part), size))

    def elements(part):
        out, at = b"", 0
        while at < len(part):
            kind, size = struct.unpack("<II", part[at : at + 8])
            if kind >> 16:
                small, kind = kind >> 16, kind & 0xFFFF
                out += struct.pack(">I", small << 16 | kind) + swap(part[at + 4 : at + 4 + small], width[kind]) + part[at + 4 + small : at + 8]
                at += 8
                continue
            body, padded = part[at + 8 : at + 8 + size], -(-size // 8) * 8
            out += struct.pack(">II", kind, size) + (elements(body) if kind == 14 else swap(body, width[kind])) + part[at + 8 + size : at + 8 + padded]
            at += 8 + padded
        return out

    return data[:124] + b"\x01\x00MI" + elements(data[128:])


def write73(path, variables):
    with h5py.File(path, "w", userblock_size=512, libver=("earliest", "v108")) as file:

        def put(group, name, value):
            if isinstance(value, dict):
                made = group.create_group(name)
                made.attrs["MATLAB_class"] = np.bytes_("struct")
                for field, own in value.items():
                    put(made, field, own)
            elif isinstance(value, str):
                made = group.create_dataset(name, data=np.frombuffer(value.encode("utf-16-le"), "<u2").reshape(-1, 1))
                made.attrs["MATLAB_class"] = np.bytes_("char")
                made.attrs["MATLAB_int_decode"] = np.int32(2)
            elif value.dtype.names:
                made = group.create_group(name)
                made.attrs["MATLAB_class"] = np.bytes_("struct")
                for field in value.dtype.names:
                    made.create_dataset(field, data=refer(value[field]))
            elif value.dtype == object:
                made = group.create_dataset(name, data=refer(value))
                made.attrs["MATLAB_class"] = np.bytes_("cell")
            else:
                how = {"compression": "gzip", "shuffle": True} if value.size > 12 and rng.random() < 0.7 else {}
                data = np.array(value.shape, "u8") if value.size == 0 else value.T.astype("u1" if value.dtype == bool else value.dtype)
                made = group.create_dataset(name, data=data, **how)
                made.attrs["MATLAB_class"] = np.bytes_(names[value.dtype.str[1:] if value.dtype != bool else "?"])
                if value.size == 0:
                    made.attrs["MATLAB_empty"] = np.uint8(1)

        def refer(array):
            heap = file.require_group("#refs#")
            out = np.empty(array.shape[::-1], h5py.ref_dtype)
            for index in np.ndindex(array.shape):
                name = f"r{len(heap)}"
                put(heap, name, array[index])
                out[index[::-1]] = heap[name].ref
            return out

        for name, value in variables.items():
            put(file, name, value)
    with open(path, "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")


for number in range(files):
    variables, expected = contents()
    for suffix, compressed in (("plain", False), ("packed", True)):
        name = f"random-{number}-{suffix}.mat"
        path = os.path.join(folder, name)
        scipy.io.savemat(path, variables, do_compression=compressed)
        # What was meant is what scipy reads
        read = scipy.io.loadmat(path)
        for key, value in variables.items():
            if isinstance(value, np.ndarray) and value.dtype != object and not value.dtype.names:
                assert np.array_equal(read[key], value), key
        oracle[name] = expected
    plain = open(os.path.join(folder, f"random-{number}-plain.mat"), "rb").read()
    name = f"random-{number}-big.mat"
    path = os.path.join(folder, name)
    open(path, "wb").write(turned(plain))
    read = scipy.io.loadmat(path)
    assert all(np.array_equal(read[key], value) for key, value in variables.items() if isinstance(value, np.ndarray) and value.dtype.kind in "iuf")
    oracle[name] = expected
    name = f"random-{number}-73.mat"
    write73(os.path.join(folder, name), variables)
    oracle[name] = expected
import scipy.sparse

scipy.io.savemat(os.path.join(folder, "refused.mat"), {"sparse": scipy.sparse.eye(3).tocsc(), "complex": np.array([[1j, 2.0]])})
versions = {"scipy": scipy.__version__, "h5py": h5py.__version__, "numpy": np.__version__, "seed": seed}
json.dump(versions | {"files": oracle}, open(os.path.join(folder, "oracle.json"), "w"), indent=1, ensure_ascii=False)
