#!/usr/bin/env python3
"""Times of cross-validated ridge with one alpha per target, and its answers, from scikit-learn or himalaya.

usage: ridge.py PEER FOLDER --folds 10 --alphas 1:8:20 --threads 2 [--first K]

PEER: sklearn (RidgeCV per fold, leave-one-out) or himalaya (KernelRidgeCV per fold, inner 5-fold: another choice of
alpha, so its r is compared loosely). FOLDER holds x.f32 [n, p], y.f32 [n, targets] and shape.json; PEER.json and
PEER.r.f32 and PEER.alpha.u8 [folds, targets] (index of the chosen alpha) are written beside them. Loading and checking are not timed.
With --first K only the first K folds are fitted.
"""
import argparse, json, os, pathlib, time

p = argparse.ArgumentParser()
p.add_argument("peer", choices=["sklearn", "himalaya"])
p.add_argument("folder", type=pathlib.Path)
p.add_argument("--folds", type=int, default=10)
p.add_argument("--alphas", default="1:8:20")
p.add_argument("--threads", type=int, default=2)
p.add_argument("--first", type=int)
a = p.parse_args()
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(a.threads)

import numpy as np
from sklearn.model_selection import KFold

shape = json.loads((a.folder / "shape.json").read_text())
X = np.fromfile(a.folder / "x.f32", np.float32).reshape(shape["n"], shape["p"])
Y = np.fromfile(a.folder / "y.f32", np.float32).reshape(shape["n"], shape["targets"])
low, high, count = a.alphas.split(":")
alphas = np.logspace(float(low), float(high), int(count))


def pearson(y, q):
    y = y.astype(np.float64) - y.mean(0, dtype=np.float64)
    q = q.astype(np.float64) - q.mean(0, dtype=np.float64)
    d = np.sqrt((y ** 2).sum(0) * (q ** 2).sum(0))
    return np.divide((y * q).sum(0), d, out=np.zeros(len(d)), where=d > 0)


scores, choices = [], []
began = time.perf_counter()
for train, test in list(KFold(a.folds).split(X))[: a.first]:
    if a.peer == "sklearn":
        from sklearn.linear_model import RidgeCV
        model = RidgeCV(alphas, alpha_per_target=True).fit(X[train], Y[train])
        # Without the intercept, which no correlation sees: added in float32 it would round small predictions away.
        prediction = (X[test] - X[train].mean(0)) @ model.coef_.T
    else:
        from himalaya.kernel_ridge import KernelRidgeCV
        mx, my = X[train].mean(0), Y[train].mean(0)
        A, B = X[train] - mx, X[test] - mx
        model = KernelRidgeCV(alphas=alphas, kernel="precomputed", cv=5, solver_params=dict(n_targets_batch=2000))
        prediction = model.fit(A @ A.T, Y[train] - my).predict(B @ A.T) + my
    scores.append(pearson(Y[test], prediction))
    chosen = np.broadcast_to(model.alpha_ if a.peer == "sklearn" else np.asarray(model.best_alphas_), Y.shape[1])
    choices.append(np.abs(np.log(chosen)[:, None] - np.log(alphas)).argmin(1))
seconds = time.perf_counter() - began
import himalaya, sklearn
np.array(scores, np.float32).tofile(a.folder / f"{a.peer}.r.f32")
np.array(choices, np.uint8).tofile(a.folder / f"{a.peer}.alpha.u8")
version = sklearn.__version__ if a.peer == "sklearn" else himalaya.__version__
(a.folder / f"{a.peer}.json").write_text(json.dumps(dict(seconds=seconds, version=version, numpy=np.__version__)))
