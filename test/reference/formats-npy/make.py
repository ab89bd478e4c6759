"""NPY files as numpy writes them: every type that is read, both orders, both byte orders, three header versions, and
files that must be refused. Run in this folder: python make.py

Values are v[i] = (37 i) mod 101 − 20 in C order (absolute for unsigned types, i even for bool), exact in every type, so
the tests compare for equality. Version used: numpy 2.4.6. No random seed.
"""
import numpy as np

shape = (3, 4, 5)
base = (37 * np.arange(60)) % 101 - 20


def values(dtype):
    if np.dtype(dtype).kind == "u":
        return np.abs(base).astype(dtype).reshape(shape)
    if np.dtype(dtype).kind == "b":
        return (np.arange(60) % 2 == 0).reshape(shape)
    return base.astype(dtype).reshape(shape)


for name in ["b1", "i1", "u1"]:
    np.save(f"{name}.npy", values(name))
for name in ["i2", "u2", "f2", "i4", "u4", "f4", "i8", "u8", "f8"]:
    np.save(f"{name}-little.npy", values("<" + name))
    np.save(f"{name}-big.npy", values(">" + name))
np.save("f4-fortran.npy", np.asfortranarray(values("<f4")))
np.save("f8-big-fortran.npy", np.asfortranarray(values(">f8")))
np.save("scalar.npy", np.float64(2.5))
np.save("one.npy", values("<f4").ravel())
np.save("empty.npy", np.zeros((0, 7), np.float32))
for version in [(1, 0), (2, 0), (3, 0)]:
    with open(f"version{version[0]}.npy", "wb") as file:
        np.lib.format.write_array(file, values("<f4"), version=version)
np.save("object.npy", np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
np.save("structured.npy", np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")]))
np.save("text.npy", np.array(["a", "bc"]))
np.save("complex.npy", np.zeros(2, np.complex64))
np.save("large-integers.npy", np.array([1, 2**53 + 1]))
print("numpy", np.__version__)
