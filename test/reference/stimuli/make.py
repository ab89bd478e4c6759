"""Small recordings in every format that is read, what libsndfile decodes them to, and resampled noise from scipy.
Run in this folder: python make.py

Seed 7. Versions used: soundfile 0.14.0 (libsndfile 1.2.2), numpy 2.4.6, scipy 1.17.1, and the `flac` program 1.4.2.
Tolerances are stated, with reasons, in README.md.
"""
import json
import subprocess

import numpy as np
import scipy
import soundfile as sf
from scipy.signal import upfirdn

rng = np.random.default_rng(7)


def sound(rate, channels, seconds):
    """A chord with noise, and the two extreme values that integers have."""
    t = np.arange(round(rate * seconds)) / rate
    x = np.stack([0.4 * np.sin(2 * np.pi * (300 + 170 * c) * t + c) for c in range(channels)], 1)
    x += 0.05 * rng.standard_normal(x.shape)
    x[10], x[11] = -1, 1 - 2**-30
    return x


files = [
    # name, format, subtype, rate, channels, seconds
    ("u8.wav", "WAV", "PCM_U8", 8000, 1, 0.1),
    ("s16.wav", "WAV", "PCM_16", 44100, 2, 0.03),
    ("s24.wav", "WAV", "PCM_24", 48000, 1, 0.03),
    ("s32.wav", "WAV", "PCM_32", 22050, 2, 0.03),
    ("f32.wav", "WAV", "FLOAT", 16000, 1, 0.05),
    ("f64.wav", "WAV", "DOUBLE", 96000, 3, 0.01),
    ("extensible24.wav", "WAVEX", "PCM_24", 44100, 2, 0.02),
    ("extensible-float.wav", "WAVEX", "FLOAT", 11025, 1, 0.05),
    ("s16.rf64.wav", "RF64", "PCM_16", 16000, 2, 0.05),
    ("s8.flac", "FLAC", "PCM_S8", 16000, 1, 0.2),
    ("s16.flac", "FLAC", "PCM_16", 16000, 1, 0.6),
    ("s16-stereo.flac", "FLAC", "PCM_16", 44100, 2, 0.2),
    ("s24.flac", "FLAC", "PCM_24", 48000, 2, 0.2),
    ("vorbis.ogg", "OGG", "VORBIS", 44100, 2, 0.4),
    ("vorbis-mono.ogg", "OGG", "VORBIS", 16000, 1, 0.4),
    ("opus.ogg", "OGG", "OPUS", 48000, 2, 0.4),
    ("stereo.mp3", "MP3", "MPEG_LAYER_III", 44100, 2, 0.4),
    ("mono.mp3", "MP3", "MPEG_LAYER_III", 22050, 1, 0.4),
]
index = []
for name, format, subtype, rate, channels, seconds in files:
    x = sound(rate, channels, seconds)
    if subtype in ("VORBIS", "OPUS", "MPEG_LAYER_III"):
        x[10:12] = 0
    sf.write(name, x, rate, format=format, subtype=subtype)
    y, got = sf.read(name, dtype="float64", always_2d=True)
    assert got == rate
    np.save(name + ".npy", y.mean(1).astype(np.float32))
    index.append(dict(name=name, rate=rate, channels=channels, length=len(y), lossy=subtype in ("VORBIS", "OPUS", "MPEG_LAYER_III")))


def flac(name, x, bits, channels, options):
    """Integers [n, channels] as a FLAC file by libFLAC's own program, which has options that libsndfile lacks."""
    width = 8 * -(-bits // 8)
    raw = x.astype(f"<i{4 if width == 24 else width // 8}").tobytes()
    if width == 24:
        raw = np.frombuffer(raw, np.uint8).reshape(-1, 4)[:, :3].tobytes()
    layout = ["--force-raw-format", "--endian=little", "--sign=signed", f"--channels={channels}", f"--bps={bits}"]
    command = ["flac", "-s", "-f", "--no-padding", *layout, "--sample-rate=16000", *options, "-o", name, "-"]
    subprocess.run(command, input=raw, check=True)
    np.save(name + ".npy", (x / 2 ** (bits - 1)).mean(1).astype(np.float32))
    index.append(dict(name=name, rate=16000, channels=channels, length=len(x), lossy=False))


n = 1500
tone = 9000 * np.sin(np.arange(n) * 0.05) + rng.normal(0, 30, n)
integers = np.round(tone).astype(np.int64)
flac("fixed.flac", integers[:, None], 16, 1, ["-0"])
flac("order32.flac", integers[:, None], 16, 1, ["--lax", "-l", "32", "-q", "15", "-b", "750"])
flac("silence.flac", np.full((5000, 2), [[-7, 0]]), 16, 2, ["-8"])
flac("wasted.flac", integers[:, None] * 64, 24, 1, ["-5"])
flac("verbatim.flac", rng.integers(-128, 128, (300, 1)), 8, 1, ["-5"])
similar = np.stack([integers, integers + rng.integers(-3, 4, n)], 1)
flac("mid-side.flac", similar, 16, 2, ["-8"])
clean = np.round(9000 * np.sin(np.arange(n) * 0.05)).astype(np.int64)
noisy = clean + rng.integers(-300, 301, n)
flac("left-side.flac", np.stack([clean, noisy], 1), 16, 2, ["-8"])
flac("side-right.flac", np.stack([noisy, clean], 1), 16, 2, ["-8"])
flac("partitions.flac", np.concatenate([integers // 100, integers])[:, None], 16, 1, ["-5", "-r", "8", "-b", "1024"])
flac("s32.flac", np.stack([integers * 2**17, rng.integers(-(2**31), 2**31, n)], 1), 32, 2, ["-5"])
with open("index.json", "w") as file:
    json.dump(index, file, indent=1)

# Resampling: the filter of src-main/stimuli/resample.ts written again with numpy, applied by scipy.
for source, target in [(44100, 16000), (48000, 16000), (22050, 16000), (8000, 16000), (11025, 16000), (32000, 16000)]:
    x = rng.uniform(-1, 1, source // 20).astype(np.float32)
    g = np.gcd(source, target)
    up, down = target // g, source // g
    scale = min(1, up / down)
    reach = (110 - 7.95) / (14.36 * 0.045 * scale) / 2  # in input samples
    n = int(np.ceil(reach)) * up
    t = np.arange(-n, n + 1) / up
    cutoff = 0.4775 * scale
    inside = 1 - (t / reach) ** 2
    h = 2 * cutoff * np.sinc(2 * cutoff * t) * np.i0(0.1102 * (110 - 8.7) * np.sqrt(np.maximum(inside, 0))) * (inside >= 0)
    h /= np.i0(0.1102 * (110 - 8.7))
    y = upfirdn(h, x.astype(np.float64), up, down=1)[n::down][: -(-len(x) * up // down)]
    np.save(f"resample-{source}-in.npy", x)
    np.save(f"resample-{source}-out.npy", y)
print("soundfile", sf.__version__, sf.__libsndfile_version__, "numpy", np.__version__, "scipy", scipy.__version__)
