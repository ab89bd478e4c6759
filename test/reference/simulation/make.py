"""Reference numbers for simulated listeners. Python 3.11, numpy 2.4.6, scipy 1.16. Writes reference.json.

stream: the first outputs of xoshiro128** (Blackman and Vigna 2018), written here from the paper's C, from states that
    the name's hash gives; exact.
phases: numpy's FFT of a series, its spectrum turned by given angles, and the inverse: what the circulant matrix must do
    to a series; float32 products, 1e-6.
"""

import json
import pathlib

import numpy as np

M = 0xFFFFFFFF


def state_of(parts):
    start = [0x811C9DC5, 0x050C5D1F]
    for code in "".join(f"{part}\n" for part in parts).encode("utf-32-le").decode("utf-32-le"):
        start[0] = ((start[0] ^ ord(code)) * 0x01000193) & M
        start[1] = (((start[1] ^ ord(code)) * 0x01000193) + 0x9E3779B9) & M

    def word(which):
        start[which] = (start[which] + 0x9E3779B9) & M
        mixed = start[which]
        mixed = ((mixed ^ (mixed >> 16)) * 0x85EBCA6B) & M
        mixed = ((mixed ^ (mixed >> 13)) * 0xC2B2AE35) & M
        return mixed ^ (mixed >> 16)

    return [word(0), word(1), word(0), word(1) | 1]


def rotl(x, k):
    return ((x << k) | (x >> (32 - k))) & M


def xoshiro(s, count):
    out = []
    for _ in range(count):
        out.append((rotl((s[1] * 5) & M, 7) * 9) & M)
        t = (s[1] << 9) & M
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotl(s[3], 11)
    return out


names = [[1], [1, "sim-01", "noise", 0], [4294967295, "Zoë", "noise", 12]]
streams = [{"name": name, "words": xoshiro(state_of(name), 6)} for name in names]

rng = np.random.default_rng(3)
phases = []
for n in (12, 13):
    angles = rng.uniform(size=n // 2) * 2 * np.pi
    x = rng.normal(size=n)
    spectrum = np.fft.rfft(x)
    turned = spectrum.copy()
    for k in range(1, len(spectrum)):
        if 2 * k == n:
            turned[k] *= 1 if angles[k - 1] < np.pi else -1
        else:
            turned[k] *= np.exp(1j * angles[k - 1])
    phases.append({"uniform": (angles / (2 * np.pi)).tolist(), "x": x.tolist(), "y": np.fft.irfft(turned, n).tolist()})

pathlib.Path(__file__).with_name("reference.json").write_text(json.dumps({"streams": streams, "phases": phases}) + "\n")
