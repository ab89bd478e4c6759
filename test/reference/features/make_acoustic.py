"""Oracle numbers from librosa and numpy for the acoustic spaces of src-main/features, after make.py has run.

Run in this folder: python make_acoustic.py

`noise` is integer arithmetic that the tests repeat bit for bit; no random seed.
Versions used: librosa 0.11.0, numpy 2.4.6. Tolerances are stated, with reasons, in README.md.
"""
import librosa
import numpy as np


def noise(rows):
    """float32 [rows] in [0, 1): a multiplicative hash, as `noise(rows, 1)` of make.py."""
    x = (np.arange(rows, dtype=np.uint64) + 1) * 2654435761 % 2**32 ^ np.uint64(2246822519)
    x = (x ^ (x >> np.uint64(15))) * 739982445 % 2**32
    x = (x ^ (x >> np.uint64(12))) * 695872825 % 2**32
    x ^= x >> np.uint64(15)
    return ((x >> np.uint64(8)) / 2**24).astype(np.float32)


# As in make.py: a second of noise whose loudness falls by 60 dB, and 0.15 s of digital silence.
samples = (noise(18404).astype(np.float64) - 0.5) * 10 ** (-3 * np.arange(18404) / 16000)
samples[16000:] = 0
samples = samples.astype(np.float32).astype(np.float64)
frames = -(-len(samples) // 160)
# Frame i is centred on sample 160 i + 80; librosa puts a window of 400 in the middle of its 512 samples: 56 in front.
padded = np.concatenate([np.zeros(120 + 56), samples, np.zeros(1000)])


def agreement(name, found):
    print(name, "differs from that of make.py by at most", np.abs(np.load(f"{name}.npy") - found).max())


for bands in (80, 128):
    power = librosa.feature.melspectrogram(
        y=padded, sr=16000, n_fft=512, hop_length=160, win_length=400, center=False, n_mels=bands, fmin=0, fmax=8000
    )
    decibels = librosa.power_to_db(power, ref=1.0, amin=1e-10, top_db=None).T[:frames]
    if bands == 128:
        np.save("mel-128.npy", decibels.astype(np.float32))
        continue
    agreement("mel", decibels)
    agreement("mfcc", librosa.feature.mfcc(S=decibels.T, n_mfcc=13, dct_type=2, norm="ortho").T)
rms = librosa.feature.rms(y=padded[56:], frame_length=400, hop_length=160, center=False)[0, :frames]
agreement("rms", rms)
np.save("intensity.npy", librosa.amplitude_to_db(rms, ref=1.0, amin=1e-5, top_db=None).astype(np.float32))

# Voices: harmonics 1 to 5 of a pitch that rises or falls. librosa's YIN has one window a frame, whose first half is
# compared with what follows it; on average over lags it lies around sample 160 i + 80 as ours does.
t = np.arange(16000) / 16000
tracks = []
for hertz, slope in [(80, 20), (120, 30), (220, -40), (330, 50)]:
    phase = 2 * np.pi * (hertz * t + slope / 2 * t**2)
    voice = sum(0.2 / k * np.sin(k * phase) for k in range(1, 6)).astype(np.float32).astype(np.float64)
    padded = np.concatenate([np.zeros(256), voice, np.zeros(1000)])
    track = librosa.yin(
        padded, fmin=50, fmax=500, sr=16000, frame_length=672, hop_length=160, trough_threshold=0.2, center=False
    )
    tracks.append(track[:100])
np.save("yin.npy", np.stack(tracks).astype(np.float32))

# The track of make.py in bins: numpy.digitize between fixed edges, what lies beyond them in the bins at the ends.
semitones = 12 * np.log2(np.load("pitch.npy") / 50)
voiced = ~np.isnan(semitones)
relative = (semitones - np.nanmean(semitones)) / np.nanstd(semitones)
change = np.full(len(semitones), np.nan)
step = np.diff(semitones)
# NaN compares false: a frame beside an unvoiced one has no change.
steady = (np.abs(step[:-1]) < 6) & (np.abs(step[1:]) < 6)
change[1:-1][steady] = (semitones[2:] - semitones[:-2])[steady] / 0.02
columns = [voiced[:, None].astype(np.float32)]
limits = [(12 * np.log2(70 / 50), 12 * np.log2(280 / 50)), (-2, 2), (-60, 60)]
for values, (low, high) in zip([semitones, relative, change], limits):
    one_hot = np.zeros((len(values), 10), np.float32)
    defined = ~np.isnan(values)
    inside = np.clip(values[defined], low, high - 1e-9)
    one_hot[defined, np.digitize(inside, np.linspace(low, high, 11)) - 1] = 1
    columns.append(one_hot)
np.save("pitch-bins.npy", np.concatenate(columns, 1))
print("librosa", librosa.__version__, "numpy", np.__version__)
