#!/usr/bin/env python3
"""Reference answers for scoring and linear algebra, from numpy and scipy; writes scoring.json beside this file.

Seed 7. Values are rounded to float32 before use. Tolerance in the tests: 1e-12 for correlations (both sides float64),
1e-6 for what is stored as float32, 1e-10 for the inverse (condition number in the file).
"""
import itertools, json, pathlib, scipy.linalg
import numpy as np, scipy
from scipy import stats

rng = np.random.default_rng(7)
f32 = lambda a: np.asarray(a, np.float32).astype(np.float64)
out = dict(versions=dict(numpy=np.__version__, scipy=scipy.__version__))

a, b = f32(rng.standard_normal(37)), f32(rng.standard_normal(37) * 3 + 5)
ties_a, ties_b = f32(rng.integers(0, 5, 37)), f32(rng.integers(0, 4, 37))
out["correlation"] = [
    dict(a=list(u), b=list(v), pearson=stats.pearsonr(u, v)[0], spearman=stats.spearmanr(u, v)[0])
    for u, v in [(a, b), (ties_a, ties_b), (a, np.exp(a)), (f32(1e30 * a), f32(1e-30 * b)), (f32(1e4 + a), b)]
]

# Three runs of different length, four subjects, five targets: mean pairwise correlation by np.corrcoef, run by run.
lengths, subjects, targets = [12, 20, 9], 4, 5
runs = []
for n in lengths:
    shared = rng.standard_normal((n, targets))
    runs.append(f32(shared * np.linspace(0, 2, targets) + rng.standard_normal((subjects, n, targets)) * 1.0))
corr = np.zeros(targets)
for run in runs:
    for t in range(targets):
        c = np.corrcoef(run[:, :, t])
        corr[t] += run.shape[1] * np.mean([c[i, j] for i, j in itertools.combinations(range(subjects), 2)])
corr /= sum(lengths)
out["ceiling"] = dict(runs=[run.tolist() for run in runs], correlation=corr.tolist(),
                      ceiling=np.sqrt(np.maximum(0, corr)).tolist())

values = f32(rng.standard_normal(101))
out["percentiles"] = dict(values=list(values), percents=[0, 2, 50, 98, 100], answer=list(np.percentile(values, [0, 2, 50, 98, 100])))
x = f32(rng.standard_normal((11, 4)) * [1, 1e-6, 1e6, 1] + [0, 1, 1e6, 5])
out["standardize"] = dict(x=x.tolist(), answer=((x - x.mean(0)) / x.std(0)).tolist())

out["logspace"] = dict(arguments=[[1, 8, 20], [-3, 9, 25], [2, 2, 1]],
                       answer=[list(np.logspace(*k)) for k in [[1, 8, 20], [-3, 9, 25], [2, 2, 1]]])
# An inverse that needs no stored matrix: the Hilbert matrix plus the identity.
h = scipy.linalg.hilbert(150) + np.eye(150)
out["inverse"] = dict(of="hilbert(150) + identity(150)", condition=np.linalg.cond(h),
                      first_row=list(np.linalg.inv(h)[0]), trace=np.trace(np.linalg.inv(h)))
(pathlib.Path(__file__).parent / "scoring.json").write_text(json.dumps(out) + "\n")
