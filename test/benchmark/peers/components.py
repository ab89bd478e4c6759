#!/usr/bin/env python3
"""Times of a ridge by way of components of Y in each training fold, as the released code for Le Petit Prince calls
scikit-learn, and its answers with exact components.

usage: components.py FOLDER FOLDS COMPONENTS THREADS

FOLDER holds x.f32 [n, p], y.f32 [n, targets] and shape.json; peer.json and r.f32 [folds, targets] are written beside
them. Loading, and the second pass with exact components, are not timed.
"""
import json, os, pathlib, sys, time

folder = pathlib.Path(sys.argv[1])
folds, components, threads = map(int, sys.argv[2:5])
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(threads)

import numpy as np
import sklearn
from sklearn.decomposition import PCA
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold

shape = json.loads((folder / "shape.json").read_text())
X = np.fromfile(folder / "x.f32", np.float32).reshape(shape["n"], shape["p"])
Y = np.fromfile(folder / "y.f32", np.float32).reshape(shape["n"], shape["targets"])
alphas = np.logspace(1, 8, 20)


def pearson(y, q):
    y = y.astype(np.float64) - y.mean(0, dtype=np.float64)
    q = q.astype(np.float64) - q.mean(0, dtype=np.float64)
    d = np.sqrt((y ** 2).sum(0) * (q ** 2).sum(0))
    return np.divide((y * q).sum(0), d, out=np.zeros(len(d)), where=d > 0)


def scores(**how):
    out = []
    for train, test in KFold(folds).split(X):
        pca = PCA(components, **how).fit(Y[train])
        model = RidgeCV(alphas, alpha_per_target=True).fit(X[train], pca.transform(Y[train]))
        out.append(pearson(Y[test], pca.inverse_transform(model.predict(X[test]))))
    return out


began = time.perf_counter()
scores(random_state=0)
seconds = time.perf_counter() - began
np.array(scores(svd_solver="arpack", random_state=0), np.float32).tofile(folder / "r.f32")
(folder / "peer.json").write_text(json.dumps(dict(seconds=seconds, version=sklearn.__version__)))
