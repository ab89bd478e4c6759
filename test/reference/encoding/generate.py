#!/usr/bin/env python3
"""Reference answers for cross-validated ridge, from scikit-learn's RidgeCV(alpha_per_target=True) on each fold.

usage: generate.py            (writes ridge/*.json beside this file)

Seed 20261122. Features and targets are float32; scikit-learn computes in float64. At alphas 1e-17 of the features'
variance scikit-learn's leave-one-out errors are rounding alone (its null direction, the constant, is one of the
singular vectors): the case `wide-huge` is therefore computed with 60 digits instead. Each case stores
  x [n, p], y [n, targets]   float32
  r [folds, targets]         float64, Pearson on the held-out samples, 0 where a side is constant (predictions: to 1e-12)
  alpha [folds, targets]     uint8, index of the chosen alpha
  gap [folds, targets, alphas]  float32, mean squared leave-one-out error / the least one - 1
  spread [folds, targets]    float32, |r - r'| where r' is the same on features rotated by a random orthogonal matrix:
                             what scikit-learn's own answer is worth where the problem is ill-conditioned
arrays are base64 of little-endian values, row-major.
"""
import base64, json, pathlib, warnings
import numpy as np, scipy, sklearn
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold

warnings.filterwarnings("ignore")
rng = np.random.default_rng(20261122)
here = pathlib.Path(__file__).parent / "ridge"
here.mkdir(exist_ok=True)
wide_range = np.logspace(-3, 9, 25)
usual = np.logspace(1, 8, 20)


def pearson(y, p):
    y = y - y.mean(0)
    p = p - p.mean(0)
    flat = np.sqrt((p ** 2).mean(0)) <= 1e-12 * np.abs(p).max(0, initial=1e-300)
    d = np.sqrt((y ** 2).sum(0) * (p ** 2).sum(0))
    r = np.zeros(y.shape[1])
    ok = (d > 0) & ~flat
    r[ok] = (y * p).sum(0)[ok] / d[ok]
    return r


def fit(X, Y, folds, alphas):
    rs, al, gaps = [], [], []
    for train, test in KFold(folds).split(X):
        m = RidgeCV(alphas, alpha_per_target=True, store_cv_results=True).fit(X[train], Y[train])
        # Held-out deviations from the training mean: adding the intercept would only round.
        p = (X[test] - X[train].mean(0)) @ m.coef_.T
        e = (m.cv_results_).mean(0)
        rs.append(pearson(Y[test], p))
        al.append([int(np.argmin(np.abs(alphas - a))) for a in m.alpha_])
        with np.errstate(all="ignore"):
            gaps.append(e / e.min(1, keepdims=True) - 1)
    return np.array(rs), np.array(al, np.uint8), np.nan_to_num(np.array(gaps))


def fit_precisely(X, Y, folds, alphas):
    """The same in 60 digits, for what float64 cannot decide: (K + aI)^-1 - 11'/(na) on each training fold."""
    import mpmath
    mpmath.mp.dps = 60
    rs, al, gaps = [], [], []
    for train, test in KFold(folds).split(X):
        n = len(train)
        A = mpmath.matrix(X[train].tolist())
        B = mpmath.matrix(X[test].tolist())
        for j in range(X.shape[1]):
            mean = mpmath.fsum(A[:, j]) / n
            for i in range(n): A[i, j] -= mean
            for i in range(len(test)): B[i, j] -= mean
        K, L, y = A * A.T, B * A.T, mpmath.matrix(Y[train].tolist())
        errors, coefs = [], []
        for a in alphas:
            P = mpmath.inverse(K + mpmath.mpf(a) * mpmath.eye(n))
            for i in range(n):
                for j in range(n): P[i, j] -= 1 / (n * mpmath.mpf(a))
            c = P * y
            errors.append([float(mpmath.fsum((c[i, t] / P[i, i]) ** 2 for i in range(n)) / n) for t in range(y.cols)])
            coefs.append(c)
        errors = np.array(errors)
        best = errors.argmin(0)
        p = np.array([[float(v) for v in (L * coefs[b][:, t])] for t, b in enumerate(best)]).T
        rs.append(pearson(Y[test], p)), al.append(best), gaps.append((errors / errors.min(0) - 1).T)
    return np.array(rs), np.array(al, np.uint8), np.array(gaps)


def b64(a, dtype):
    return base64.b64encode(np.ascontiguousarray(a, dtype).tobytes()).decode()


def case(name, X, Y, folds, alphas, says, oracle=fit):
    X, Y = X.astype(np.float32), Y.astype(np.float32)
    X64, Y64 = X.astype(np.float64), Y.astype(np.float64)
    r, alpha, gap = oracle(X64, Y64, folds, alphas)
    Q = np.linalg.qr(rng.standard_normal((X.shape[1],) * 2))[0]
    spread = np.abs(fit(X64 @ Q, Y64, folds, alphas)[0] - r) * (oracle is fit)
    print(f"{name:28s} n={X.shape[0]} p={X.shape[1]} V={Y.shape[1]} mean r {r.mean():.3f} "
          f"spread max {spread.max():.1e} alphas {alpha.min()}-{alpha.max()}")
    (here / f"{name}.json").write_text(json.dumps(dict(
        says=says, n=X.shape[0], p=X.shape[1], targets=Y.shape[1], folds=folds, alphas=list(alphas),
        versions=dict(sklearn=sklearn.__version__, numpy=np.__version__, scipy=scipy.__version__),
        x=b64(X, "<f4"), y=b64(Y, "<f4"), r=b64(r, "<f8"), alpha=b64(alpha, "u1"), gap=b64(gap, "<f4"),
        spread=b64(spread, "<f4"))) + "\n")


def targets(X, count, noise=1.0, sparse=8):
    """Planted linear responses with noise from none to ten times the signal."""
    W = np.zeros((X.shape[1], count))
    for j in range(count):
        W[rng.choice(X.shape[1], min(sparse, X.shape[1]), replace=False), j] = rng.standard_normal(min(sparse, X.shape[1]))
    S = (X - X.mean(0)) @ W
    S /= np.maximum(S.std(0), 1e-300)
    return S + noise * np.linspace(0.05, 10, count) * rng.standard_normal(S.shape) + rng.standard_normal(count)


def smooth(n, p):
    """Features as after an HRF: slow, and close to one another."""
    f = rng.standard_normal((n + 20, p)) @ rng.standard_normal((p, p))
    k = np.exp(-np.arange(20) / 4.0)
    return np.stack([np.convolve(f[:, j], k, "valid")[:n] for j in range(p)], 1)


N = rng.standard_normal
X = N((70, 110)); case("wide", X, targets(X, 40), 5, usual, "more features than samples")
X = N((110, 20)); case("tall", X, targets(X, 40), 5, usual, "more samples than features")
X = N((70, 70)); case("square", X, targets(X, 30), 5, wide_range, "as many features as samples")
X = N((60, 90)); case("wide-alphas", X, targets(X, 30), 5, wide_range, "alphas from 1e-3 to 1e9")
X = N((90, 15)); case("tall-alphas", X, targets(X, 30), 5, wide_range, "alphas from 1e-3 to 1e9")
X = N((60, 90)); Y = targets(X, 20)
case("wide-tiny", X * 2.0**-20, Y, 5, wide_range, "features of about 1e-6")
case("wide-huge", X * 2.0**20, Y, 5, wide_range, "features of about 1e6", fit_precisely)
X = N((90, 15)); Y = targets(X, 20)
case("tall-tiny", X * 2.0**-20, Y, 5, wide_range, "features of about 1e-6")
case("tall-huge", X * 2.0**20, Y, 5, wide_range, "features of about 1e6")
X = (rng.integers(-9, 10, (60, 8)) @ rng.integers(-9, 10, (8, 90))).astype(float)
case("deficient-wide", X, targets(X, 20), 5, wide_range, "features of rank 8")
X = N((80, 10)); X = np.concatenate([X, X[:, :5], np.full((80, 2), 3.7)], 1)
case("deficient-tall", X, targets(X, 20), 5, wide_range, "equal and constant columns")
X = N((30, 80)); X = np.concatenate([X, X]); Y = targets(X, 20)
case("equal-rows", X, Y, 5, wide_range, "every sample twice, in different folds")
X = N((80, 40)) * 2.0 ** -np.arange(40); case("graded", X, targets(X, 20, sparse=40), 5, wide_range,
                                            "features of very different variance")
X = smooth(120, 60); case("smooth", X, targets(X, 40), 10, np.logspace(-1, 8, 10), "slow, collinear features")
X = smooth(100, 130); case("smooth-wide", X, targets(X, 40), 10, np.logspace(1, 8, 100), "100 alphas")
X = N((12, 30)); case("short", X, targets(X, 20), 4, usual, "12 samples")
X = N((40, 25)); case("halves", X, targets(X, 20), 2, np.logspace(-2, 4, 13), "two folds")
X = N((64, 1)); case("one-feature", X, targets(X, 10), 4, usual, "a single feature")
X = N((60, 80)); Y = targets(X, 24)
Y[:, 1] = Y[:, 0]; Y[:, 2] = Y[:, 0] * 1e12 + 1; Y[:, 3] = Y[:, 0] * 1e-12
Y[:12, 4] = Y[:12, 4] * 1e4  # an artefact within one fold
Y[30, 5] += 1e6
Y[12:24, 6] = 2.5  # constant where the second fold is held out
Y[:, 7] = 0; Y[30, 7] = 1  # constant over every other fold's training samples
Y[0::2, 8] = 1; Y[1::2, 8] = -1
case("odd-targets", X, Y, 5, usual, "equal, scaled, spiking, partly constant targets")
