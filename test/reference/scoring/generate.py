#!/usr/bin/env python3
"""Reference answers for ceilings, layer preference, importance and the block-permutation null.

Written with numpy, scipy, scikit-learn and voxelwise_tutorials (explainable_variance); the versions are in the file.
Seed 11; all values are rounded to float32 before use. Writes scoring.json beside this file.

Tolerances in the tests: 1e-6 for what is stored as float32 (ceilings of at most 1, intervals of at most a few layers),
1e-12 for maxima of permutations in float64. The permutations are drawn as Heschl draws them (mulberry32, Fisher-Yates
within blocks of one length in each fold), so that counts agree exactly.
"""
import json, math, pathlib
from importlib.metadata import version
import numpy as np, scipy, sklearn
from scipy import stats
from sklearn.decomposition import PCA
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold, cross_val_predict
from voxelwise_tutorials.utils import explainable_variance

rng = np.random.default_rng(11)
f32 = lambda a: np.asarray(a, np.float32).astype(np.float64)
short = lambda a: np.asarray(a, np.float32).astype(float).round(9).tolist()
out = dict(versions=dict(numpy=np.__version__, scipy=scipy.__version__, sklearn=sklearn.__version__,
                         voxelwise_tutorials=version("voxelwise_tutorials")))


def mulberry32(seed):
    state = seed
    while True:
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        t = state
        t = ((t ^ (t >> 15)) * (t | 1)) & 0xFFFFFFFF
        t ^= (t + (((t ^ (t >> 7)) * (t | 61)) & 0xFFFFFFFF)) & 0xFFFFFFFF
        yield ((t ^ (t >> 14)) & 0xFFFFFFFF) / 2**32


# --- permutation null -------------------------------------------------------------------------------------------------
def score(y, p, folds, measure, over):
    def one(rows):
        a, b = y[rows], p[rows]
        if measure == "r2":
            return 1 - ((a - b) ** 2).sum() / ((a - a.mean()) ** 2).sum()
        r = np.corrcoef(a, b)[0, 1]
        return r if measure == "r" else r * r
    return np.mean([one(rows) for rows in folds]) if over == "folds" else one(np.concatenate(folds))


n, targets, permutations, block, seed = 67, 4, 60, 4, 5
folds = [[(0, 18), (18, 27)], [(30, 52)], [(52, 67)]]  # rows 27 to 30 are in no fold
y = np.cumsum(rng.standard_normal((n, targets)), 0) + rng.standard_normal((n, targets))
p = f32(0.3 * y * np.linspace(0, 1, targets) + rng.standard_normal((n, targets)) + 0.5)
y = f32(y)
blocks = []
for f, stretches in enumerate(folds):
    for start, end in stretches:
        blocks += [(f, at, min(at + block, end)) for at in range(start, end, block)]
uniform, orders = mulberry32(seed), []
groups = {}
for i, (f, start, end) in enumerate(blocks):
    groups.setdefault((f, end - start), []).append(i)
for _ in range(permutations):
    order = list(range(len(blocks)))
    for group in groups.values():
        for i in range(len(group) - 1, 0, -1):
            j = math.floor(next(uniform) * (i + 1))
            order[group[i]], order[group[j]] = order[group[j]], order[group[i]]
    orders.append(order)
rows = [np.concatenate([np.arange(a, b) for a, b in stretches]) for stretches in folds]
cases = []
for measure in ["r", "r-squared", "r2"]:
    for over in ["folds", "concatenated"]:
        own = np.array([score(y[:, t], p[:, t], rows, measure, over) for t in range(targets)])
        null = np.empty((permutations, targets))
        for k, order in enumerate(orders):
            moved = y.copy()
            for to, source in enumerate(order):
                moved[blocks[to][1]:blocks[to][2]] = y[blocks[source][1]:blocks[source][2]]
            null[k] = [score(moved[:, t], p[:, t], rows, measure, over) for t in range(targets)]
        maxima = np.sort(null.max(1))[::-1]
        cases.append(dict(measure=measure, over=over, score=own.tolist(),
                          p=((1 + (null >= own).sum(0)) / (1 + permutations)).tolist(),
                          pMax=((1 + (maxima[:, None] >= own).sum(0)) / (1 + permutations)).tolist(),
                          maxima=maxima.tolist()))
out["null"] = dict(folds=folds, block=block, permutations=permutations, seed=seed, y=short(y), predictions=short(p),
                   order=orders[0], cases=cases)

# --- repeated stimuli -------------------------------------------------------------------------------------------------
repeats, n, targets = 5, 31, 4
signal = rng.standard_normal((n, targets)) * np.linspace(0, 2, targets)
data = f32(signal + rng.standard_normal((repeats, n, targets)))
odd, even = data[::2], data[1::2]
z = lambda a: stats.zscore(a, axis=1)
half = np.array([np.corrcoef(z(odd).mean(0)[:, t], z(even).mean(0)[:, t])[0, 1] for t in range(targets)])
out["repeats"] = dict(data=short(data), explainable=explainable_variance(data).tolist(), half=half.tolist())

# --- each subject against the mean of the others, and of all (Nili et al. 2014), on z-scored responses, run by run ----
lengths, subjects, targets = [14, 23], 4, 3
runs = [f32(rng.standard_normal((m, targets)) * np.linspace(0, 2, targets) + rng.standard_normal((subjects, m, targets)))
        for m in lengths]
lower, upper = np.zeros(targets), np.zeros(targets)
for run in runs:
    zr = z(run)
    for t in range(targets):
        for s in range(subjects):
            others = np.delete(zr, s, 0).mean(0)
            lower[t] += run.shape[1] * np.corrcoef(zr[s, :, t], others[:, t])[0, 1] / subjects
            upper[t] += run.shape[1] * np.corrcoef(zr[s, :, t], zr.mean(0)[:, t])[0, 1] / subjects
out["bounds"] = dict(runs=[short(run) for run in runs], lower=(lower / sum(lengths)).tolist(),
                     upper=(upper / sum(lengths)).tolist())

# --- the ceiling of Millet et al. (2022), as published and with components fitted in the training fold ----------------
n, targets, subjects, components, k = 44, 9, 3, 4, 5
mix = rng.standard_normal((3, targets))
y = f32(np.stack([[0.1, 0.3, 0.8][s] * (0.2 * (1 + s) * rng.standard_normal((n, 3)) @ mix + shared @ mix + rng.standard_normal((n, targets))) + s
                  for shared in [rng.standard_normal((n, 3))] for s in range(subjects)]))
full = dict(svd_solver="full")
cases = []
for s in range(subjects):
    x = np.delete(y, s, 0).mean(0)
    xs, pca = PCA(components, **full).fit_transform(x), PCA(components, **full).fit(y[s])
    published = pca.inverse_transform(cross_val_predict(RidgeCV(), xs, pca.transform(y[s]), cv=KFold(k)))
    foldwise, alphas = np.empty_like(y[s]), []
    for train, test in KFold(k).split(x):
        px, py = PCA(components, **full).fit(x[train]), PCA(components, **full).fit(y[s][train])
        model = RidgeCV().fit(px.transform(x[train]), py.transform(y[s][train]))
        foldwise[test] = py.inverse_transform(model.predict(px.transform(x[test])))
        alphas.append(model.alpha_)
    r = lambda prediction: [np.corrcoef(prediction[:, t], y[s][:, t])[0, 1] for t in range(targets)]
    cases.append(dict(published=r(published), foldwise=r(foldwise), alphas=alphas))
out["others"] = dict(y=short(y), components=components, folds=k, cases=cases)

# --- layer preference -------------------------------------------------------------------------------------------------
subjects, layers, targets, resamples, level, seed = 9, 5, 4, 400, 0.9, 3
profile = np.stack([0.1 * np.exp(-0.5 * (np.arange(layers) - c) ** 2) for c in [0.5, 2, 3.2, 4]], 1)
maps = f32(profile + 0.02 * rng.standard_normal((subjects, layers, targets)))
uniform = mulberry32(seed)
draws = np.array([[math.floor(next(uniform) * subjects) for _ in range(subjects)] for _ in range(resamples)])


def centre(indices, t):
    mass = np.maximum(0, maps[np.asarray(indices)][..., t].mean(-2))
    return (mass * np.arange(layers)).sum(-1) / mass.sum(-1)


cases = []
for t in range(targets):
    theta = centre(draws, t)
    best = maps[draws][..., t].mean(1).argmax(1)
    answers = {}
    for method in ["percentile", "BCa"]:
        # The resamples are given to scipy.stats.bootstrap as they are, so that only the interval is its own.
        result = stats.bootstrap((np.arange(subjects),), lambda i, axis=-1: centre(i, t), n_resamples=0, method=method,
                                 confidence_level=level, vectorized=True,
                                 bootstrap_result=type("Given", (), dict(bootstrap_distribution=theta)))
        answers[method] = [float(result.confidence_interval.low), float(result.confidence_interval.high)]
    own = maps[..., t].mean(0).argmax()
    cases.append(dict(argmax=int(own), centre=float(centre(np.arange(subjects), t)), agreement=float((best == own).mean()),
                      layers=[float(v) for v in np.percentile(best, [5, 95])], **answers))
out["preference"] = dict(maps=short(maps), resamples=resamples, level=level, seed=seed, cases=cases)

beta = f32(rng.standard_normal((7, 3)))
out["importance"] = dict(beta=short(beta), bounds=[0, 2, 3, 7],
                         answer=[np.abs(beta[a:b]).mean(0).tolist() for a, b in [(0, 2), (2, 3), (3, 7)]])
quantiles = [1e-300, 1e-12, 0.001, 0.02425, 0.025, 0.2, 0.5, 0.8, 0.975, 0.99, 1 - 1e-12]
values = [-38.0, -8.5, -3.1, -1.0, -1e-9, 0.0, 0.5, 1.96, 4.0, 8.0]
out["normal"] = dict(p=quantiles, quantile=stats.norm.ppf(quantiles).tolist(), x=values, cdf=stats.norm.cdf(values).tolist())
(pathlib.Path(__file__).parent / "scoring.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
