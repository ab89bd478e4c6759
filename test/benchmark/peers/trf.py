"""The peer of trf.ts: a lagged design written out, scikit-learn's Ridge on each fold, alphas by inner folds.

    python trf.py FOLDER        (reads shape.json, x.f32, y.f32; writes r.f64, alpha.u8, report.json)
"""

import json
import pathlib
import resource
import sys
import time

import numpy as np
import sklearn
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold

here = pathlib.Path(sys.argv[1])
shape = json.loads((here / "shape.json").read_text())
n, units, lags = shape["n"], shape["units"], shape["lags"]
base = np.fromfile(here / "x.f32", "f4").reshape(n, units).astype("f8")
y = np.fromfile(here / "y.f32", "f4").reshape(n, -1).astype("f8")
alphas = np.logspace(2, 7, 10)

began = time.perf_counter()
x = np.zeros((n, lags * units))
for lag in range(lags):
    x[lag:, lag * units : (lag + 1) * units] = base[: n - lag]

r, chosen = [], []
for train, test in KFold(shape["folds"]).split(x):
    xt, yt = x[train] - x[train].mean(0), y[train] - y[train].mean(0)
    error = np.zeros((len(alphas), y.shape[1]))
    for rest, held in KFold(shape["inner"]).split(xt):
        for i, alpha in enumerate(alphas):
            w = Ridge(alpha, fit_intercept=False, solver="cholesky").fit(xt[rest], yt[rest]).coef_.T
            error[i] += ((yt[held] - xt[held] @ w) ** 2).mean(0)
    best = error.argmin(0)
    weights = np.zeros((x.shape[1], y.shape[1]))
    for i in np.unique(best):
        fit = Ridge(alphas[i], fit_intercept=False, solver="cholesky").fit(xt, yt[:, best == i])
        weights[:, best == i] = fit.coef_.reshape(-1, x.shape[1]).T
    p, t = (x[test] - x[train].mean(0)) @ weights, y[test]
    p, t = p - p.mean(0), t - t.mean(0)
    r.append((p * t).sum(0) / np.sqrt((p**2).sum(0) * (t**2).sum(0)))
    chosen.append(best)
seconds = time.perf_counter() - began

np.array(r, "f8").tofile(here / "r.f64")
np.array(chosen, "u1").tofile(here / "alpha.u8")
bytes_ = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
version = f"scikit-learn {sklearn.__version__}, numpy {np.__version__}"
(here / "report.json").write_text(json.dumps({"version": version, "seconds": seconds, "bytes": bytes_}))
