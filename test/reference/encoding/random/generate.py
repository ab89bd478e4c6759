#!/usr/bin/env python3
"""Ten random problems with the answers of scikit-learn's RidgeCV(alpha_per_target=True) and himalaya's KernelRidgeCV(cv=5).

usage: generate.py            (writes random.json beside this file)

Features and targets are not stored: they follow from integer arithmetic (`noise`, as test/reference/features/make.py) and
from sums of float64 in a stated order, which test/main/cli/encodeRandom.test.ts repeats bit for bit; no random seed beyond
the number of the problem. Each problem stores, for `loo` and `kfold`:
  r [folds, targets]      float32, Pearson on the held-out samples
  alpha [folds, targets]  uint8, index of the chosen alpha
  least [folds, targets, alphas]  bits: whether the validation error exceeds the least one by less than 1e-6 of it
arrays are base64, row-major; versions stand in the file. Tolerances are those of the README one folder up.
"""
import base64, json, pathlib, warnings
import numpy as np, sklearn, himalaya
from himalaya.kernel_ridge import KernelRidgeCV
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold

warnings.filterwarnings("ignore")


def noise(rows, cols, seed):
    """float64 [rows, cols] in [-0.5, 0.5): a multiplicative hash of row and column."""
    i = (np.arange(rows, dtype=np.uint64) + 1 + 100_000 * seed) * 2654435761 % 2**32
    u = (np.arange(cols, dtype=np.uint64) + 1) * 2246822519 % 2**32
    x = i[:, None] ^ u[None, :]
    x = (x ^ (x >> np.uint64(15))) * 739982445 % 2**32
    x = (x ^ (x >> np.uint64(12))) * 695872825 % 2**32
    x ^= x >> np.uint64(15)
    return (x >> np.uint64(8)) / 2**24 - 0.5


def problem(seed, n, p, targets):
    """X: noise about its neighbour in time, so that features are as slow as regressors. Y: four features and noise."""
    a = noise(n + 1, p, seed)
    x = (a[1:] + 0.75 * a[:-1]).astype(np.float32)
    e = noise(n, targets, seed + 50)
    t = np.arange(targets)
    wide = x.astype(np.float64)
    signal = wide[:, t % p] + wide[:, (3 * t + 1) % p] - wide[:, (7 * t + 2) % p] + 0.5 * wide[:, (11 * t + 3) % p]
    return x, (signal + (0.25 + t / 8) * e).astype(np.float32)


def pearson(y, p):
    y, p = y - y.mean(0), p - p.mean(0)
    return (y * p).sum(0) / np.sqrt((y**2).sum(0) * (p**2).sum(0))


def bits(errors):
    return np.packbits(errors <= errors.min(-1, keepdims=True) * (1 + 1e-6))


def loo(A, B, y, alphas):
    m = RidgeCV(alphas, alpha_per_target=True, store_cv_results=True).fit(A, y)
    return m.alpha_, m.predict(B), m.cv_results_.mean(0)


def kfold(A, B, y, alphas):
    cv = KFold(5)
    m = KernelRidgeCV(alphas, "precomputed", cv=cv).fit(A @ A.T, y)
    one = lambda a: -(KernelRidgeCV([a], "precomputed", cv=cv).fit(A @ A.T, y).cv_scores_ - 1e-10 * np.log(a))
    return m.best_alphas_, m.predict(B @ A.T), np.stack([np.ravel(one(a)) for a in alphas], 1)


b64 = lambda a: base64.b64encode(np.ascontiguousarray(a).tobytes()).decode()
problems = []
for seed, (n, p, targets, folds, span) in enumerate(
    [
        (60, 20, 100, 5, (-2, 4, 20)),
        (60, 60, 100, 5, (-2, 4, 20)),
        (60, 150, 100, 5, (-2, 4, 20)),
        (100, 30, 100, 10, (-1, 5, 20)),
        (100, 200, 100, 10, (-1, 5, 20)),
        (120, 90, 100, 4, (-3, 3, 13)),
        (90, 89, 100, 3, (-3, 9, 25)),
        (150, 12, 100, 5, (-3, 9, 25)),
        (80, 300, 100, 8, (1, 8, 20)),
        (130, 65, 100, 5, (-1, 8, 10)),
    ]
):
    x, y = problem(seed, n, p, targets)
    alphas = np.logspace(*span)
    known = dict(n=n, p=p, targets=targets, folds=folds, alphas=list(span))
    for name, fit in dict(loo=loo, kfold=kfold).items():
        r, alpha, errors = [], [], []
        for train, test in KFold(folds).split(x):
            A, B = x[train].astype(np.float64), x[test].astype(np.float64)
            Y = y[train].astype(np.float64)
            mean = A.mean(0)
            chosen, predicted, e = fit(A - mean, B - mean, Y - Y.mean(0), alphas)
            r.append(pearson(y[test].astype(np.float64), predicted))
            alpha.append(np.abs(np.log(chosen)[:, None] - np.log(alphas)).argmin(1))
            errors.append(e)
        known[name] = dict(
            r=b64(np.array(r, "<f4")), alpha=b64(np.array(alpha, "u1")), least=b64(bits(np.array(errors)))
        )
        print(seed, name, n, p, "mean r %.3f" % np.mean(r), "alphas", np.min(alpha), np.max(alpha))
    problems.append(known)
versions = dict(sklearn=sklearn.__version__, himalaya=himalaya.__version__, numpy=np.__version__)
file = pathlib.Path(__file__).parent / "random.json"
file.write_text(json.dumps(dict(versions=versions, problems=problems)) + "\n")
