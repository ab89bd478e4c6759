#!/usr/bin/env python3
"""Reference answers for banded ridge, from himalaya's multiple-kernel ridge on each outer fold.

usage: generate.py            (writes search.json, gradient.json beside this file)

Seed 20261123. Features and targets are float32; himalaya computes in float64 with its numpy backend. Features and
targets are centred on each outer training fold (StandardScaler(with_std=False)), kernels are linear, inner folds are
KFold(inner) of the training samples. Each case stores
  x: [n, p_b] a space, y [n, targets]                           float32
  candidates [candidates, spaces], alphas                       given to himalaya as they are
search.json, solve_multiple_kernel_ridge_random_search(local_alpha=True) of the candidates:
  errors [candidates, folds, targets]  float64, least mean squared inner error over alphas
  candidate [folds, targets]           uint8
  alpha [folds, targets]               uint8, index
  deltas [folds, spaces, targets]      float64, log(weight / alpha)
  r [folds, targets]                   float64, Pearson on the held-out samples
  r2Split, rSplit [folds, spaces, targets]  float64, r2_score_split and correlation_score_split of the predictions by kernel
gradient.json, solve_multiple_kernel_ridge_hyper_gradient, all deltas `start` at first, tol=None,
inner problems solved to 1e-12 (50 iterations of conjugate gradients, kernel_ridge_method='conjugate_gradient'), the
largest eigenvalue of the step size's matrix by numpy.linalg.eigvalsh in place of ten steps of power iteration from a
random start:
  deltas [folds, spaces, targets], errors [iterations, folds, targets] (mean squared error, averaged over inner folds), r
  directDeltas [folds, spaces, targets]  after 5 iterations with hyper_gradient_method='direct'
and `loose`, the same with himalaya's defaults (one gradient step an iteration, tolerance 1e-3, power iteration):
  looseErrors [folds, targets]         float64, at its last iteration
arrays are base64 of little-endian values, row-major.
"""
import base64, json, pathlib, warnings
import numpy as np, himalaya, sklearn
from himalaya.backend import set_backend
from himalaya.kernel_ridge import _hyper_gradient as hyper
from himalaya.kernel_ridge import solve_multiple_kernel_ridge_random_search
from himalaya.scoring import correlation_score_split, r2_score_split
from sklearn.model_selection import KFold

warnings.filterwarnings("ignore")
set_backend("numpy")
rng = np.random.default_rng(20261123)
here = pathlib.Path(__file__).parent
power_iteration = hyper.compute_lipschitz_constants


def pack(a, dtype):
    return base64.b64encode(np.ascontiguousarray(a, dtype=dtype).tobytes()).decode()


def problem(n, sizes, targets, scales, noise=1.0):
    """Targets driven by some of the spaces each; smooth in time."""
    X = [(s * rng.standard_normal((n, p))).astype(np.float32) for p, s in zip(sizes, scales)]
    drive = np.zeros((n, targets))
    for t in range(targets):
        for b in rng.permutation(len(X))[: 1 + t % len(X)]:
            drive[:, t] += (X[b] / scales[b]) @ rng.standard_normal(X[b].shape[1]) / np.sqrt(X[b].shape[1])
    Y = drive + noise * rng.standard_normal((n, targets)) + rng.standard_normal(targets)
    Y[:, -1] = rng.standard_normal(n)
    return X, Y.astype(np.float32)


def folds_of(X, Y, folds):
    for train, test in KFold(folds).split(Y):
        Xs = [x.astype(np.float64) - x[train].astype(np.float64).mean(0) for x in X]
        y = Y.astype(np.float64) - Y[train].astype(np.float64).mean(0)
        yield (np.stack([x[train] @ x[train].T for x in Xs]), np.stack([x[test] @ x[train].T for x in Xs]), y[train], y[test])


def pearson(y, p):
    y, p = y - y.mean(0), p - p.mean(0)
    return (y * p).sum(0) / np.sqrt((y ** 2).sum(0) * (p ** 2).sum(0))


def search(X, Y, folds, inner, candidates, alphas):
    out = {k: [] for k in ["errors", "candidate", "alpha", "deltas", "r", "r2Split", "rSplit"]}
    for K, Ktest, y, ytest in folds_of(X, Y, folds):
        deltas, dual, scores, best = solve_multiple_kernel_ridge_random_search(
            K, y, n_iter=candidates, alphas=alphas, cv=KFold(inner), return_weights="dual", progress_bar=False, return_alphas=True)
        index = np.abs(best[None] / alphas[:, None] - 1).argmin(0)
        by_kernel = np.stack([np.exp(d) * (k @ dual) for d, k in zip(deltas, Ktest)])
        out["errors"].append(-scores), out["deltas"].append(deltas), out["alpha"].append(index)
        out["candidate"].append(scores.argmax(0))
        out["r"].append(pearson(ytest, by_kernel.sum(0)))
        out["r2Split"].append(r2_score_split(ytest, by_kernel))
        out["rSplit"].append(correlation_score_split(ytest, by_kernel))
    out["errors"] = np.moveaxis(np.array(out["errors"]), 0, 1)
    return {k: pack(v, "u1" if k in ("candidate", "alpha") else "<f8") for k, v in out.items()}


def exact_constants(Xs, kernelize="XTX", random_state=None):
    """The same quantities as himalaya's, from all eigenvalues."""
    if kernelize == "XTX":
        Xs = np.swapaxes(Xs, 1, 2) @ Xs
    return np.abs(np.linalg.eigvalsh(Xs)).max(-1)


def descend(X, Y, folds, inner, start, iterations, exact, method="conjugate_gradient"):
    deltas, errors, rs = [], [], []
    hyper.compute_lipschitz_constants = exact_constants if exact else power_iteration
    for K, Ktest, y, ytest in folds_of(X, Y, folds):
        how = dict(kernel_ridge_method="conjugate_gradient", max_iter_inner_dual=50, cg_tol=1e-12) if exact else {}
        d, dual, scores = hyper.solve_multiple_kernel_ridge_hyper_gradient(
            K, y, cv=KFold(inner), return_weights="dual", initial_deltas=np.full((len(K), y.shape[1]), start), max_iter=iterations,
            tol=None, progress_bar=False, random_state=0, hyper_gradient_method=method, **how)
        # himalaya refits to 1e-4; the weights at its deltas, exactly.
        p = np.zeros_like(ytest)
        for t in range(y.shape[1]):
            w = np.linalg.solve(np.tensordot(np.exp(d[:, t]), K, 1) + np.eye(len(y)), y[:, t])
            p[:, t] = np.tensordot(np.exp(d[:, t]), Ktest, 1) @ w
        deltas.append(d), errors.append(-scores), rs.append(pearson(ytest, p))
    return np.array(deltas), np.moveaxis(np.array(errors), 0, 1), np.array(rs)


versions = {"himalaya": himalaya.__version__, "scikit-learn": sklearn.__version__, "numpy": np.__version__}
dirichlet = lambda count, bands: np.vstack([np.full((1, bands), 1 / bands), rng.dirichlet([0.3] * bands, count - 1)])

cases = {}
for name, n, sizes, targets, scales, folds, inner, candidates, alphas in [
    ("two-tall", 90, [6, 9], 12, [1, 1], 4, 3, dirichlet(10, 2), np.logspace(-1, 4, 11)),
    ("three-wide", 64, [50, 30, 40], 12, [1, 3, 0.3], 4, 4, dirichlet(12, 3), np.logspace(0, 5, 16)),
    ("four-scales", 72, [5, 20, 8, 12], 10, [1e-3, 1, 1e3, 10], 3, 3, dirichlet(10, 4), np.logspace(-2, 6, 17)),
    # One space alone each time: weights of 0.
    ("winner-takes-all", 70, [10, 15, 20], 10, [1, 1, 1], 5, 3, np.eye(3), np.logspace(-1, 3, 5)),
]:
    X, Y = problem(n, sizes, targets, scales)
    cases[name] = dict(x=[pack(x, "<f4") for x in X], y=pack(Y, "<f4"), n=n, sizes=sizes, targets=targets, folds=folds, inner=inner,
                       candidates=candidates.tolist(), alphas=alphas.tolist(), **search(X, Y, folds, inner, candidates, alphas))
(here / "search.json").write_text(json.dumps(dict(versions=versions, cases=cases)))

cases = {}
for name, n, sizes, targets, scales, folds, inner, start, iterations in [
    ("two", 80, [6, 9], 8, [1, 1], 3, 3, -3.0, 12),
    ("three", 60, [30, 20, 25], 8, [1, 2, 0.5], 3, 3, -4.0, 15),
]:
    X, Y = problem(n, sizes, targets, scales)
    d, e, r = descend(X, Y, folds, inner, start, iterations, True)
    direct, _, _ = descend(X, Y, folds, inner, start, 5, True, "direct")
    _, loose, _ = descend(X, Y, folds, inner, start, iterations, False)
    cases[name] = dict(x=[pack(x, "<f4") for x in X], y=pack(Y, "<f4"), n=n, sizes=sizes, targets=targets, folds=folds, inner=inner,
                       start=start, iterations=iterations, deltas=pack(d, "<f8"), errors=pack(e, "<f8"), r=pack(r, "<f8"),
                       looseErrors=pack(loose[-1], "<f8"), directDeltas=pack(direct, "<f8"))
    print(name, "start", e[0].mean(), "end", e[-1].mean(), "defaults", loose[-1].mean(), "deltas", d.min(), d.max())
(here / "gradient.json").write_text(json.dumps(dict(versions=versions, cases=cases)))
