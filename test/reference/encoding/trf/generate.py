"""Temporal response functions with scikit-learn on a lagged design written out with numpy.

    python generate.py          (writes trf.json beside this file)

x.T of `units` at a rate of 100 Hz in runs that do not see each other; targets follow delayed units, with noise. Lags are
those of Chen et al. 2023, 0 to 0.39 s, and one range with negative lags. On each contiguous fold:
`loo`: RidgeCV(alphas, alpha_per_target=True); `kfold`: of each target the alpha of least mean squared error over 5
contiguous inner folds of the training samples, with features and targets centred on the training samples (himalaya's
semantics: not again inside), then Ridge. r is Pearson's on the held-out samples, float64.
"""

import base64
import json
import pathlib

import numpy as np
import sklearn
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.model_selection import KFold

RATE = 100
ALPHAS = np.logspace(2, 7, 10)
rng = np.random.default_rng(20231004)


def design(runs, first, last):
    """Units at lag `first`, then at the next one, ...: zeros outside the run."""
    blocks = []
    for run in runs:
        n, units = run.shape
        lags = range(first, last + 1)
        out = np.zeros((n, len(lags) * units))
        for k, lag in enumerate(lags):
            source = np.arange(n) - lag
            inside = (source >= 0) & (source < n)
            out[inside, k * units : (k + 1) * units] = run[source[inside]]
        blocks.append(out)
    return np.concatenate(blocks)


def smooth(n, units):
    x = rng.standard_normal((n + 20, units))
    return np.stack([np.convolve(x[:, u], np.hanning(9), "same")[10 : 10 + n] for u in range(units)], 1)


def targets(runs, count):
    out = []
    weights = rng.standard_normal((count, 3, runs[0].shape[1]))
    for run in runs:
        n = len(run)
        y = rng.standard_normal((n, count)) * np.linspace(0.5, 20, count)
        for k, lag in enumerate((0, 12, 25)):
            y[lag:] += run[: n - lag] @ weights[:, k].T
        out.append(y)
    return np.concatenate(out)


def inner_errors(x, y, train):
    x, y = x[train] - x[train].mean(0), y[train] - y[train].mean(0)
    error = np.zeros((len(ALPHAS), y.shape[1]))
    for rest, held in KFold(5).split(x):
        for i, alpha in enumerate(ALPHAS):
            w = Ridge(alpha, fit_intercept=False, solver="cholesky").fit(x[rest], y[rest]).coef_.T
            error[i] += ((y[held] - x[held] @ w) ** 2).mean(0) / 5
    return error


def correlation(a, b):
    a, b = a - a.mean(0), b - b.mean(0)
    return (a * b).sum(0) / np.sqrt((a**2).sum(0) * (b**2).sum(0))


def encode(values, kind):
    return base64.b64encode(np.ascontiguousarray(values, kind).tobytes()).decode()


def case(lengths, units, count, seconds):
    first, last = (round(s * RATE) for s in seconds)
    runs = [smooth(n, units).astype(np.float32) for n in lengths]
    y = targets(runs, count).astype(np.float32)
    x = design([run.astype(np.float64) for run in runs], first, last)
    y64 = y.astype(np.float64)
    result = {kind: {"r": [], "alpha": []} for kind in ("loo", "kfold")}
    for train, test in KFold(4).split(x):
        loo = RidgeCV(ALPHAS, alpha_per_target=True).fit(x[train], y64[train])
        result["loo"]["alpha"].append([int(np.argmin(abs(ALPHAS - a))) for a in loo.alpha_])
        result["loo"]["r"].append(correlation(loo.predict(x[test]), y64[test]))
        best = inner_errors(x, y64, train).argmin(0)
        fit = Ridge(ALPHAS[best], solver="cholesky").fit(x[train], y64[train])
        result["kfold"]["alpha"].append(best.tolist())
        result["kfold"]["r"].append(correlation(fit.predict(x[test]), y64[test]))
    return {
        "seconds": {"from": seconds[0], "to": seconds[1]},
        "lengths": lengths,
        "units": units,
        "targets": count,
        "design": {"rows": [0, 7, lengths[0], len(x) - 1], "values": encode(x[[0, 7, lengths[0], -1]], "<f4")},
        "x": encode(np.concatenate(runs), "<f4"),
        "y": encode(y, "<f4"),
        **{
            kind: {"r": encode(values["r"], "<f8"), "alpha": encode(values["alpha"], "u1")}
            for kind, values in result.items()
        },
    }


cases = {
    "chen": case([500, 340, 360], 3, 7, (0, 0.39)),
    "before and after": case([400, 300], 2, 5, (-0.05, 0.1)),
}
here = pathlib.Path(__file__).parent
head = {"made": f"generate.py; numpy {np.__version__}, scikit-learn {sklearn.__version__}; seed 20231004"}
(here / "trf.json").write_text(json.dumps({**head, "rate": RATE, "alphas": ALPHAS.tolist(), "folds": 4, "cases": cases}) + "\n")
