"""Oracle numbers for src-main/cleaning. Run here: python generate.py

Versions used: nilearn 0.14.1, scikit-learn 1.9.1, numpy 2.4.6. Seed 11. Tolerances: 2e-6 of a column's largest value,
because both sides compute in float64 and ours is stored as float32 (6e-8) before and after.
"""
import json
import warnings

import numpy as np
from nilearn.signal import clean
from sklearn.preprocessing import RobustScaler

warnings.simplefilter("ignore")
rng = np.random.default_rng(11)


def run(volumes, targets=6):
    t = np.arange(volumes)[:, None] / volumes
    y = rng.normal(size=(volumes, targets)) + 8 * t * rng.normal(size=targets) + 100 * rng.normal(size=targets)
    y += 3 * np.cos(2 * np.pi * t * 1.3 + np.arange(targets))
    return y.astype(np.float32)


def confounds(volumes, count):
    c = np.cumsum(rng.normal(size=(volumes, count)), 0)
    c[:, 0] = 1e6 + 1e-2 * c[:, 0]  # far from 0
    c[:, -1] = c[:, 1] * 3 + 5 if count > 2 else c[:, -1]  # says nothing new
    return c


cases = []
for volumes, tr, trend, high_pass, count in [
    (60, 2.0, 1, None, 0),
    (60, 2.0, 1, 0.01, 0),
    (120, 1.5, 1, 0.008, 6),
    (41, 0.8, 1, 0.05, 3),
    (200, 2.0, 1, None, 24),
]:
    y = run(volumes)
    c = confounds(volumes, count) if count else None
    out = clean(
        y.astype(np.float64),
        detrend=trend == 1,
        standardize=None,
        confounds=c,
        standardize_confounds=True,
        filter="cosine" if high_pass else False,
        high_pass=high_pass,
        t_r=tr if high_pass else None,
    )
    cases.append(
        dict(
            tr=tr, trend=trend, highPass=high_pass, y=y.tolist(), confounds=None if c is None else c.tolist(),
            clean=out.tolist(),
        )
    )
robust = []
for volumes, low, high in [(50, 1, 99), (200, 0.01, 0.99), (333, 0.1, 99.9), (40, 25, 75)]:
    y = run(volumes, 4)
    y[:, 3] = 7
    y[: volumes // 10, 1] += 1000  # an artefact
    scaled = RobustScaler(quantile_range=(low, high), unit_variance=True).fit_transform(y.astype(np.float64))
    robust.append({"from": low, "to": high, "y": y.tolist(), "scaled": scaled.tolist()})
with open("cleaning.json", "w") as file:
    json.dump(dict(clean=cases, robust=robust), file)
