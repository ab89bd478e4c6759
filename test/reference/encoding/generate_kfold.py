#!/usr/bin/env python3
"""Reference answers for ridge with alphas chosen by inner 5-fold, from himalaya's KernelRidgeCV on each outer fold.

usage: generate_kfold.py            (reads ridge/*.json, writes kfold.json beside this file)

X and Y are those of ridge/*.json, in float64, centred on each outer training fold; himalaya centres nothing again in
its inner folds, takes the mean squared error of each inner fold and averages over them. Its kernel has the features'
condition squared: at alphas of less than 1e-8 of the largest eigenvalue its answers are rounding, and the same
definition is computed from a singular value decomposition of each inner training fold's features instead (`by: svd`).
Where both can be computed they agree; the script prints how well. Each case stores:
  r [folds, targets]            float32, Pearson on the held-out samples, 0 where a side is constant
  r2 [folds, targets]           float32, coefficient of determination there (sklearn.metrics.r2_score, 0 for constant targets)
  alpha [folds, targets]        uint8, index of the chosen alpha
  gap [folds, targets, alphas]  mean squared inner error / the least one - 1, float32
  shared [folds]                index of the alpha chosen for all targets together (local_alpha=False)
arrays are base64 of little-endian values, row-major.
"""
import base64, json, pathlib, warnings
import numpy as np, sklearn, himalaya
from himalaya.kernel_ridge import KernelRidgeCV
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold

warnings.filterwarnings("ignore")
here = pathlib.Path(__file__).parent
inner = 5


def read(path):
    known = json.loads(path.read_text())
    array = lambda key, cols: np.frombuffer(base64.b64decode(known[key]), "<f4").reshape(-1, cols).astype(np.float64)
    return array("x", known["p"]), array("y", known["targets"]), known["folds"], np.array(known["alphas"])


def pearson(y, p):
    y, p = y - y.mean(0), p - p.mean(0)
    flat = np.sqrt((p ** 2).mean(0)) <= 1e-12 * np.abs(p).max(0, initial=1e-300)
    d = np.sqrt((y ** 2).sum(0) * (p ** 2).sum(0))
    return np.divide((y * p).sum(0), d, out=np.zeros(len(d)), where=(d > 0) & ~flat)


def errors_himalaya(A, y, alphas):
    K = A @ A.T
    one = lambda a: KernelRidgeCV([a], "precomputed", cv=KFold(inner)).fit(K, y).cv_scores_
    return np.array([-(one(a) - 1e-10 * np.log(a)) for a in alphas])


def errors_svd(A, y, alphas):
    total = np.zeros((len(alphas), y.shape[1]))
    for train, test in KFold(inner).split(A):
        u, s, vt = np.linalg.svd(A[train], full_matrices=False)
        keep = s > s.max() * 1e-14 * max(A.shape)
        c, z = (u.T @ y[train])[keep], (A[test] @ vt.T)[:, keep]
        for i, a in enumerate(alphas):
            p = z @ (c * (s[keep] / (s[keep] ** 2 + a))[:, None])
            total[i] += ((y[test] - p) ** 2).mean(0) / inner
    return total


def predict_svd(A, B, y, alphas, chosen):
    u, s, vt = np.linalg.svd(A, full_matrices=False)
    keep = s > s.max() * 1e-14 * max(A.shape)
    c, z = (u.T @ y)[keep], (B @ vt.T)[:, keep]
    a = alphas[chosen]
    return z @ (c * s[keep][:, None] / (s[keep][:, None] ** 2 + a))


def b64(a, dtype):
    return base64.b64encode(np.ascontiguousarray(a, dtype).tobytes()).decode()


cases = {}
for path in sorted((here / "ridge").glob("*.json")):
    X, Y, folds, alphas = read(path)
    if len(X) < 5 * 4: continue
    out = dict(r=[], r2=[], alpha=[], gap=[], shared=[])
    worst = 0
    largest = np.linalg.norm(X - X.mean(0), 2) ** 2
    by = "himalaya" if alphas[0] > 1e-8 * largest else "svd"
    for train, test in KFold(folds).split(X):
        mx, my = X[train].mean(0), Y[train].mean(0)
        A, B, y = X[train] - mx, X[test] - mx, Y[train] - my
        e = errors_svd(A, y, alphas)
        if by == "himalaya":
            h = errors_himalaya(A, y, alphas)
            scale = np.maximum(h.max(0), 1e-300)
            worst = max(worst, np.abs((h - e) / scale).max())
            model = KernelRidgeCV(alphas, "precomputed", cv=KFold(inner)).fit(A @ A.T, y)
            chosen = np.abs(np.log(model.best_alphas_)[:, None] - np.log(alphas)).argmin(1)
            p = model.predict(B @ A.T)
            model = KernelRidgeCV(alphas, "precomputed", cv=KFold(inner), solver_params=dict(local_alpha=False))
            best = model.fit(A @ A.T, y).best_alphas_[0]
            shared = np.abs(np.log(best) - np.log(alphas)).argmin()
            e = h
        else:
            chosen = e.argmin(0)
            p = predict_svd(A, B, y, alphas, chosen)
            shared = e.mean(1).argmin()
        out["r"].append(pearson(Y[test], p))
        flat = Y[test].std(0) == 0
        out["r2"].append(np.where(flat, 0, r2_score(Y[test], p + my, multioutput="raw_values")))
        out["alpha"].append(chosen), out["shared"].append(int(shared))
        with np.errstate(all="ignore"):
            out["gap"].append(np.nan_to_num((e / e.min(0) - 1).T))
    cases[path.stem] = dict(by=by, inner=inner, r=b64(out["r"], "<f4"), r2=b64(out["r2"], "<f4"),
                            alpha=b64(out["alpha"], "u1"), gap=b64(out["gap"], "<f4"), shared=out["shared"])
    print(f"{path.stem:20s} {by:9s} himalaya's errors against svd's: {worst:.1e} of the largest")
versions = dict(himalaya=himalaya.__version__, sklearn=sklearn.__version__, numpy=np.__version__)
(here / "kfold.json").write_text(json.dumps(dict(versions=versions, cases=cases)) + "\n")
