"""Oracle numbers for src-main/features: the haemodynamic response and regressors from nilearn, the log-mel spectrogram
from transformers, and what follows from it. Run in this folder: python make.py

Activations and samples are not stored: `noise` is integer arithmetic that the tests repeat bit for bit.
Versions used: nilearn 0.14.1, numpy 2.4.6, scipy 1.17.1, transformers 5.23.0. No random seed.
Tolerances are stated, with reasons, in README.md.
"""
import csv
import json

import nilearn
import numpy as np
import scipy.fft
import scipy.signal
import transformers
from nilearn.glm.first_level import compute_regressor, glover_hrf
from transformers.audio_utils import mel_filter_bank, spectrogram, window_function


def noise(rows, cols):
    """float32 [rows, cols] in [0, 1): a multiplicative hash of row and column."""
    i = (np.arange(rows, dtype=np.uint64) + 1) * 2654435761 % 2**32
    u = (np.arange(cols, dtype=np.uint64) + 1) * 2246822519 % 2**32
    x = i[:, None] ^ u[None, :]
    x = (x ^ (x >> np.uint64(15))) * 739982445 % 2**32
    x = (x ^ (x >> np.uint64(12))) * 695872825 % 2**32
    x ^= x >> np.uint64(15)
    return ((x >> np.uint64(8)) / 2**24).astype(np.float32)


def activations(frames):
    """[frames, 4]: noise; the same far from 0; noise that changes slowly; a constant."""
    a = noise(frames, 4).astype(np.float64)
    a[:, 1] = a[:, 1] / 1024 + 4
    a[:, 2] = a[np.arange(frames) // 64 * 64, 2] - 0.5
    a[:, 3] = 0.25
    return a.astype(np.float32)


def regressors(a, o):
    onsets = o["audioStart"] + np.arange(o["frames"]) * o["hopSeconds"]
    durations = np.full(len(a), o["hopSeconds"])
    times = np.arange(o["volumes"]) * o["tr"]
    return np.stack(
        [
            compute_regressor(np.stack([onsets, durations, u]), "glover", times, oversampling=o["oversampling"])[0][:, 0]
            for u in a.T
        ],
        1,
    )


cases = [
    # tr, volumes, hop, frames, audioStart, oversampling
    (2.0, 30, 0.02, 2500, 0.0, 16),  # audio shorter than the run
    (2.0, 20, 0.02, 3000, 0.0, 16),  # audio longer than the run
    (2.0, 20, 0.02, 1500, 3.7, 50),
    (2.0, 20, 0.01, 3000, 0.0, 16),
    (2.0, 20, 0.005, 6000, 0.0, 50),
    (1.5, 24, 0.02, 1500, -10.0, 50),  # audio that began before the first volume
    (1.5, 24, 0.02, 1500, 0.1, 16),
    (0.8, 40, 0.02, 1500, 0.0, 50),  # bins shorter than a frame
    (0.8, 40, 0.005, 6000, 2.2, 16),
    (3.0, 12, 0.01, 3000, -24.0, 16),  # from the very start of the grid
    (3.0, 12, 0.02, 1500, 0.0, 50),
    (1.0, 2, 0.02, 100, 0.0, 16),  # the fewest volumes there can be
    (2.0, 20, 1 / 3200, 20000, 0.0, 16),  # conv0
    (1.25, 30, 0.25, 100, 0.5, 16),  # frames over several bins
    (1.49, 30, 0.02, 2000, 0.0, 16),  # a TR whose grid is not a round number
]
names = ["tr", "volumes", "hopSeconds", "frames", "audioStart", "oversampling"]
designs = []
for case in cases:
    o = dict(zip(names, case))
    a = activations(o["frames"])
    a = a.astype(np.float64)
    varying = a[:, :3]
    low, high = varying.min(0), varying.max(0)
    scaled = regressors((varying - low) / (high - low), o)
    designs.append(dict(options=o, regressors=regressors(a, o).tolist(), scaled=scaled.tolist()))
hrf = [
    dict(tr=tr, oversampling=n, hrf=glover_hrf(tr, n).tolist())
    for tr, n in [(2.0, 16), (1.5, 16), (0.8, 16), (3.0, 50), (1.49, 16), (2.0, 1)]
]
with open("regressors.json", "w") as file:
    json.dump(dict(hrf=hrf, designs=designs), file)

# One second of noise whose loudness falls by 60 dB, and 0.15 s of digital silence; 44 samples beyond a whole hop.
samples = (noise(18404, 1)[:, 0].astype(np.float64) - 0.5) * 10 ** (-3 * np.arange(18404) / 16000)
samples[16000:] = 0
samples = samples.astype(np.float32)
frames = -(-len(samples) // 160)
# Frame i is centred on sample 160 i + 80: 120 zeros in front, and enough behind for the last window.
padded = np.concatenate([np.zeros(120), samples, np.zeros(frames * 160 + 400 - 120 - len(samples))])
mel = spectrogram(
    padded,
    window=window_function(400, "hann", periodic=True),
    frame_length=400,
    hop_length=160,
    fft_length=512,
    power=2.0,
    center=False,
    mel_filters=mel_filter_bank(257, 80, 0.0, 8000.0, 16000, norm="slaney", mel_scale="slaney"),
    mel_floor=1e-10,
    dtype=np.float64,
)
decibels = (10 * np.log10(mel)).T[:frames]
np.save("mel.npy", decibels.astype(np.float32))
np.save("mfcc.npy", scipy.fft.dct(decibels, type=2, norm="ortho", axis=1)[:, :13].astype(np.float32))
# The same windows of 400 samples around 160 i + 80, without a taper.
windows = np.lib.stride_tricks.sliding_window_view(padded, 400)[::160][:frames]
np.save("rms.npy", np.linalg.norm(windows, axis=1).astype(np.float32) / np.float32(20))
# The rectified sound convolved with a Hann window of 1601 samples, at the middles of frames −1 to 116; its rise.
hann = scipy.signal.windows.hann(1601) / scipy.signal.windows.hann(1601).sum()
rectified = np.concatenate([np.zeros(2000), np.abs(samples.astype(np.float64)), np.zeros(2000)])
envelope = scipy.signal.fftconvolve(rectified, hann, mode="same")[2000 + 80 + 160 * np.arange(-1, frames + 1)]
rise = np.maximum(0, np.gradient(envelope, 0.01))
np.save("envelope.npy", np.stack([envelope, rise], 1)[1:-1].astype(np.float32))


# A voice that rises from 100 to 180 Hz in 0.8 s, then noise, then silence: YIN, every lag by its definition.
t = np.arange(12800) / 16000
phase = 2 * np.pi * (100 * t + 50 * t**2)
voice = sum(0.2 / k * np.sin(k * phase) for k in range(1, 6))
sound = np.concatenate([voice, 0.4 * (noise(3200, 1)[:, 0].astype(np.float64) - 0.5), np.zeros(3200)]).astype(np.float32)
around = np.concatenate([np.zeros(1000), sound.astype(np.float64), np.zeros(1000)])
pitch = np.full(120, np.nan)
for i in range(120):
    middle = 1000 + 160 * i + 80
    starts = [middle - (320 + lag) // 2 for lag in range(322)]
    d = np.array([np.sum((around[s : s + 320] - around[s + lag : s + lag + 320]) ** 2) for lag, s in enumerate(starts)])
    total = np.cumsum(d)
    normalised = np.where(total > 0, d * np.arange(322) / np.where(total > 0, total, 1), 1)
    dips = [lag for lag in range(1, 321) if normalised[lag] < 0.2 and normalised[lag + 1] >= normalised[lag]]
    if dips and 32 <= dips[0]:
        a, b, c = normalised[dips[0] - 1 : dips[0] + 2]
        pitch[i] = 16000 / (dips[0] + (a - c) / (2 * (a - 2 * b + c)))
np.save("pitch.npy", pitch)


def tokens(run, kind):
    """onset, end and text of the demo study's words or phones."""
    with open(f"../../../resources/demo/stimuli/run-{run}.{kind}.tsv", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t"))[1:]
    return [(float(onset), float(onset) + float(duration), text) for onset, duration, text in rows]


# Run 1, each frame against each token: how much of its 10 ms a phone takes up; words that begin in it, and within 0.5 s.
edges = np.arange(601) * 0.01
inventory = sorted({text for run in (1, 2, 3) for _, _, text in tokens(run, "phones")})
phones = np.zeros((300, len(inventory)))
for start, end, text in tokens(1, "phones"):
    overlap = np.minimum(edges[1:301], end) - np.maximum(edges[:300], start)
    phones[:, inventory.index(text)] += np.maximum(0, overlap) / 0.01
np.save("phones.npy", phones.astype(np.float32))
starts = np.array([start for start, _, _ in tokens(1, "words")])
onsets = np.zeros(600)
# Times have four decimals: in units of 0.1 ms they are whole numbers.
frame = np.round(starts * 10000).astype(int) // 100
onsets[frame[frame < 600]] = 1
middles = (np.arange(600) + 0.5) * 0.01
rate = ((starts >= middles[:, None] - 0.5) & (starts < middles[:, None] + 0.5)).sum(1)
np.save("words.npy", np.stack([onsets, rate], 1).astype(np.float32))
print(frames, "nilearn", nilearn.__version__, "numpy", np.__version__, "scipy", scipy.__version__, "transformers", transformers.__version__)
