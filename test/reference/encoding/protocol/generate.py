#!/usr/bin/env python3
"""Reference answers for whole encoding protocols, from scikit-learn pipelines and himalaya.

usage: generate.py            (writes protocol.json and gap.json beside this file; seed 20)

Four runs of a small recording, X [100, 14] and Y [100, 12] (the last two targets are noise), float32. Every case does in
float64 what its `says` tells, fold after fold: scalers and PCA fitted on the training fold, RidgeCV (leave-one-out) or
KernelRidgeCV (inner folds), the fit of the chosen alpha, predictions. Each case stores
  options                        as of src-main/encoding/protocol/options.ts; `runX`, `runY`: what is done a run before
  r, r2 [folds, targets]         Pearson's r and sklearn.metrics.r2_score of each fold's held-out samples
  r_all, r2_all [targets]        the same of all held-out samples, one after the other
  alpha [folds, columns]         index of the chosen alpha of each target (component, where pcaY), uint8
  gap [folds, columns, alphas]   validation error / the least one - 1
  weights [features, targets]    mean over folds of coef_, of standardised features, PCA inverted
In gap.json `apart` samples on both sides of a fold, as far as they are of its runs, are in neither training nor score:
there a fold is {start, end} of what is not trained on, with what is `scored`.
arrays are base64 of little-endian float64 (alpha: uint8), row-major.
"""
import base64, json, pathlib, warnings
import numpy as np, scipy, sklearn, himalaya
from himalaya.kernel_ridge import KernelRidgeCV
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, PredefinedSplit
from sklearn.preprocessing import RobustScaler, StandardScaler

warnings.filterwarnings("ignore")
rng = np.random.default_rng(20)
runs = [24, 30, 21, 25]
n, p, V = sum(runs), 14, 12
X = rng.standard_normal((n, p)) @ (np.eye(p) + 0.4 * rng.standard_normal((p, p))) * rng.uniform(0.5, 3, p) + rng.uniform(-2, 2, p)
signal = (X - X.mean(0)) @ rng.standard_normal((p, V)) * np.linspace(0.5, 0.02, V)
signal[:, -2:] = 0
Y = signal + rng.standard_normal((n, V)) + rng.uniform(-3, 3, V)
X, Y = X.astype("f4"), Y.astype("f4")
group = np.repeat(np.arange(len(runs)), runs)


def per_run(a, scaler):
    return np.concatenate([scaler().fit_transform(a[group == g].astype("f8")) for g in range(len(runs))])


robust = lambda lo, hi: lambda: RobustScaler(quantile_range=(lo, hi), unit_variance=True)
scalers = {"none": None, "per-run": StandardScaler, "robust 0.01 0.99": robust(0.01, 0.99),
           "robust 1 99": robust(1, 99), "robust 0.1 99.9": robust(0.1, 99.9)}


def pearson(y, f):
    y, f = y - y.mean(0), f - f.mean(0)
    d = np.sqrt((y ** 2).sum(0) * (f ** 2).sum(0))
    return np.divide((y * f).sum(0), d, out=np.zeros(len(d)), where=d > 0)


def choose(A, B, o, train):
    """Error of each alpha [columns, alphas] within the training fold."""
    alphas = np.array(o["alphas"])
    if o["selection"] == "leave-one-out":
        model = RidgeCV(alphas, fit_intercept=o["intercept"], alpha_per_target=True, store_cv_results=True).fit(A, B)
        return (model.cv_results_).mean(0), model
    a, b = (A - A.mean(0), B - B.mean(0)) if o["intercept"] else (A, B)
    splitter = PredefinedSplit(group[train]) if o["selection"] == "runs" else KFold(o["selection"]["kfold"])
    one = lambda alpha: KernelRidgeCV([alpha], "precomputed", cv=splitter).fit(a @ a.T, b).cv_scores_
    e = np.array([-(one(alpha) - 1e-10 * np.log(alpha)) for alpha in alphas])
    model = KernelRidgeCV(alphas, "precomputed", cv=splitter, solver_params=dict(local_alpha=o["alpha"] != "shared"))
    return e.T, model.fit(a @ a.T, b)


def solve(says, **given):
    o = dict(runX="none", runY="none", standardizeX="none", standardizeY="none", pcaX="none", pcaY="none",
             intercept=True, selection="leave-one-out", alpha="per-target", apart=0)
    o.update(given)
    x = X.astype("f8") if o["runX"] == "none" else per_run(X, scalers[o["runX"]])
    y = Y.astype("f8") if o["runY"] == "none" else per_run(Y, scalers[o["runY"]])
    alphas = np.array(o["alphas"])
    folds = o["folds"]
    if isinstance(folds, int): tests = [t for _, t in KFold(folds).split(x)]
    elif folds == "runs": tests = [np.flatnonzero(group == g) for g in range(len(runs))]
    else: tests = [np.array(t) for t in folds]
    o["folds"] = [[int(t[0]), int(t[-1]) + 1] if t[-1] - t[0] + 1 == len(t) else [int(i) for i in t] for t in tests]
    apart = o.pop("apart")
    beside = [np.array([i for i in range(n) if np.isin(i, t) or (t[0] - apart <= i < t[0] and group[i] == group[t[0]])
                        or (t[-1] < i <= t[-1] + apart and group[i] == group[t[-1]])]) for t in tests]
    if apart:
        o["folds"] = [dict(start=int(b[0]), end=int(b[-1]) + 1, scored=dict(start=int(t[0]), end=int(t[-1]) + 1)) for t, b in zip(tests, beside)]
    out = dict(r=[], r2=[], alpha=[], gap=[])
    weights, seen, said = 0, [], []
    for test, left in zip(tests, beside):
        train = np.setdiff1d(np.arange(n), left)
        A, B, y_t, y_h = x[train], x[test], y[train], y[test]
        if o["standardizeX"] != "none":
            scaler = StandardScaler(with_std=o["standardizeX"] == "training-fold").fit(A)
            A, B = scaler.transform(A), scaler.transform(B)
        if o["standardizeY"] == "training-fold":
            scaler = StandardScaler().fit(y_t)
            y_t, y_h = scaler.transform(y_t), scaler.transform(y_h)
        back = np.eye(A.shape[1])
        if o["pcaX"] != "none":
            pca = PCA(o["pcaX"], svd_solver="full").fit(A)
            A, B, back = pca.transform(A), pca.transform(B), pca.components_.T
        C = y_t
        if o["pcaY"] != "none":
            pcaY = PCA(o["pcaY"], svd_solver="full").fit(y_t)
            C = pcaY.transform(y_t)
        e, peer = choose(A, C, o, train)
        if o["alpha"] == "shared":
            e = np.repeat(e.mean(0, keepdims=True), len(e), 0)
        chosen = e.argmin(1)
        # The peer's own choice, but for ties.
        own = peer.alpha_ if o["selection"] == "leave-one-out" else peer.best_alphas_
        if not (o["alpha"] == "shared" and o["selection"] == "leave-one-out"):
            own = np.abs(np.log(np.broadcast_to(own, chosen.shape))[:, None] - np.log(alphas)).argmin(1)
            with np.errstate(all="ignore"): assert (e[np.arange(len(e)), own] <= e.min(1) * (1 + 1e-9)).all(), says
        if o["alpha"] == "shared" and o["selection"] == "leave-one-out":
            shared = RidgeCV(alphas, fit_intercept=o["intercept"]).fit(A, C)
            assert shared.alpha_ == alphas[chosen[0]]
        model = Ridge(alphas[chosen], fit_intercept=o["intercept"], solver="svd").fit(A, C)
        f, w = model.predict(B), back @ model.coef_.T
        if o["selection"] == "leave-one-out" and o["alpha"] != "shared": assert np.allclose(f, peer.predict(B), atol=1e-8)
        if o["pcaY"] != "none": f, w = pcaY.inverse_transform(f), w @ pcaY.components_
        out["r"].append(pearson(y_h, f)), out["r2"].append(r2_score(y_h, f, multioutput="raw_values"))
        out["alpha"].append(chosen), out["gap"].append(e / e.min(1, keepdims=True) - 1)
        weights = weights + w / len(tests)
        seen.append(y_h), said.append(f)
    seen, said = np.concatenate(seen), np.concatenate(said)
    out.update(r_all=pearson(seen, said), r2_all=r2_score(seen, said, multioutput="raw_values"), weights=weights)
    b64 = lambda a, t: base64.b64encode(np.ascontiguousarray(a, t).tobytes()).decode()
    print(f"{says:70s} r {np.nanmean(out['r']):.3f}  r2 {np.mean(out['r2']):.3f}")
    o["alphas"] = [float(a) for a in alphas]
    return dict(says=says, options=o, **{k: b64(v, "u1" if k == "alpha" else "<f8") for k, v in out.items()})


logspace = lambda a, b, c: list(np.logspace(a, b, c))
splits = [[5, 6, 7, 40, 41, 90], [*range(10, 20), *range(70, 80)], [0, 99, 50, 51, 52]]
splits = [sorted(s) for s in splits]
lpp = dict(runX="per-run", pcaY=5, folds=10, alphas=logspace(1, 8, 20))
cases = dict(
    standard=solve("standard: z-scores a run, 10 folds, leave-one-out", runX="per-run", runY="per-run", folds=10, alphas=logspace(1, 8, 20)),
    lpp=solve("lpp as published, 5 components of Y", runY="robust 0.01 0.99", **lpp),
    lppIntended=solve("lpp as intended, 5 components of Y", runY="robust 1 99", **lpp),
    narratives=solve("narratives", runY="robust 0.1 99.9", standardizeX="training-fold", folds=5, alphas=logspace(-1, 8, 10), intercept=False),
    voxelwise=solve("voxelwise: runs held out, inner runs held out", runY="per-run", standardizeX="centre", folds="runs", alphas=logspace(1, 20, 20), intercept=False, selection="runs"),
    componentsOfX=solve("StandardScaler, PCA, RidgeCV; Y by the training fold", standardizeX="training-fold", standardizeY="training-fold", pcaX=6, folds=4, alphas=logspace(-1, 5, 13)),
    componentsOfBoth=solve("PCA of X and of Y, inner folds", standardizeX="training-fold", standardizeY="training-fold", pcaX=8, pcaY=4, folds=4, alphas=logspace(-1, 5, 13), selection=dict(kfold=3)),
    shared=solve("one alpha a fold, leave-one-out", folds=5, alphas=logspace(-1, 5, 13), alpha="shared"),
    sharedInner=solve("one alpha a fold, inner folds, no intercept", standardizeX="centre", folds=5, alphas=logspace(-1, 5, 13), alpha="shared", selection=dict(kfold=5), intercept=False),
    sharedComponents=solve("one alpha a fold, components of Y", standardizeX="training-fold", pcaY=4, folds=4, alphas=logspace(-1, 5, 13), alpha="shared"),
    uncentred=solve("no intercept, X as it is, leave-one-out", folds=5, alphas=logspace(-1, 5, 13), intercept=False),
    uncentredInner=solve("no intercept, X as it is, inner folds", folds=5, alphas=logspace(-1, 5, 13), intercept=False, selection=dict(kfold=4)),
    innerRuns=solve("10 folds that cut runs, inner runs held out", runX="per-run", folds=10, alphas=logspace(-1, 5, 13), selection="runs"),
    splits=solve("folds of several stretches, leave-one-out", folds=splits, alphas=logspace(-1, 5, 13)),
    splitsInner=solve("folds of several stretches, inner folds", folds=splits, alphas=logspace(-1, 5, 13), selection=dict(kfold=4)),
    splitsRuns=solve("folds of several stretches, inner runs held out", standardizeX="training-fold", folds=splits, alphas=logspace(-1, 5, 13), selection="runs"),
)
versions = dict(sklearn=sklearn.__version__, himalaya=himalaya.__version__, numpy=np.__version__, scipy=scipy.__version__)
b64 = lambda a: base64.b64encode(a.tobytes()).decode()
text = json.dumps(dict(versions=versions, runs=runs, p=p, targets=V, x=b64(X), y=b64(Y), cases=cases))
(pathlib.Path(__file__).parent / "protocol.json").write_text(text + "\n")
apart = dict(
    apart=solve("a gap, 10 folds, leave-one-out", runX="per-run", runY="per-run", folds=10, alphas=logspace(1, 8, 20), apart=2),
    apartInner=solve("a gap, inner folds, no intercept", folds=7, alphas=logspace(-1, 5, 13), intercept=False, selection=dict(kfold=4), apart=5),
    apartRuns=solve("a gap, inner runs held out", runX="per-run", folds=10, alphas=logspace(-1, 5, 13), selection="runs", apart=3),
    apartScaled=solve("a gap, StandardScaler, components of Y", standardizeX="training-fold", pcaY=4, folds=5, alphas=logspace(-1, 5, 13), apart=4),
)
(pathlib.Path(__file__).parent / "gap.json").write_text(json.dumps(dict(versions=versions, cases=apart)) + "\n")
