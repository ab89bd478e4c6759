"""Numbers for test/main/scoring/contributions.test.ts: python make.py writes contributions.json beside it.

Scores, what each sample contributes to them, and what they lose without a window, computed the slow way: numpy and
scikit-learn (r2_score) on the samples that are left. Seed 20261130.
"""

import json
from pathlib import Path

import numpy
import sklearn
from sklearn.metrics import r2_score

rng = numpy.random.default_rng(20261130)
n, width = 60, 5
measured = rng.normal(size=n)
predicted = 0.4 * measured + rng.normal(size=n)
folds = [list(range(0, 20)), list(range(22, 40)), list(range(41, 60))]


def score(samples, measure):
    y, p = measured[samples], predicted[samples]
    if measure == "r2":
        return r2_score(y, p)
    r = numpy.corrcoef(y, p)[0, 1]
    return r if measure == "r" else r**2


def total(sets, measure):
    return float(numpy.mean([score(s, measure) for s in sets if len(s) >= 2]))


def contributions(sets, measure):
    out = numpy.zeros(n)
    for samples in sets:
        y, p = measured[samples], predicted[samples]
        z = (y - y.mean()) / y.std() * (p - p.mean()) / p.std() / len(samples)
        if measure == "r-squared":
            z = z * z.sum()
        if measure == "r2":
            z = 1 / len(samples) - (y - p) ** 2 / ((y - y.mean()) ** 2).sum()
        out[samples] = z / len(sets)
    return out


cases = []
for measure in ("r", "r-squared", "r2"):
    for over in ("folds", "concatenated"):
        sets = folds if over == "folds" else [sum(folds, [])]
        whole = total(sets, measure)
        each = contributions(sets, measure)
        assert abs(each.sum() - whole) < 1e-12
        drops = [
            whole - total([[i for i in s if not start <= i < start + width] for s in sets], measure)
            for start in range(n - width + 1)
        ]
        cases.append(dict(measure=measure, over=over, score=whole, contributions=each.tolist(), drops=drops))

Path(__file__).with_name("contributions.json").write_text(
    json.dumps(
        dict(
            versions=dict(numpy=numpy.__version__, sklearn=sklearn.__version__),
            measured=measured.tolist(),
            predicted=predicted.tolist(),
            folds=folds,
            width=width,
            cases=cases,
        )
    )
)
