#!/usr/bin/env python3
"""Reference answers for variance partitioning: scikit-learn's ridge on every union of spaces, parts by linear equations.

usage: generate_partition.py            (writes partition.json beside this file)

Seed 20261124. For every union of 2, 3 and 4 spaces RidgeCV(alphas, alpha_per_target=True) (leave-one-out) on each fold of
KFold(folds), its coefficient of determination on the held-out samples (r2_score), averaged over folds. The parts are the
solution of the equations "the score of a union is the sum of the parts of all sets that have a space in it", which uses
no formula of inclusion and exclusion. Sets in the order of size, then of their spaces. float64; features and targets
float32. Each case stores x, y as generate.py, unions and parts [sets, targets] and the sets.
"""
import base64, json, pathlib
from itertools import combinations
import numpy as np, sklearn
from sklearn.linear_model import RidgeCV
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold

rng = np.random.default_rng(20261124)
here = pathlib.Path(__file__).parent
pack = lambda a, dtype: base64.b64encode(np.ascontiguousarray(a, dtype=dtype).tobytes()).decode()
alphas = np.logspace(-1, 4, 11)
cases = {}
for name, sizes in [("two", [7, 30]), ("three", [5, 9, 40]), ("four", [6, 4, 12, 20])]:
    n, targets, folds = 80, 8, 4
    # A common signal, so that there is something to share.
    common = rng.standard_normal((n, 3))
    X = [(rng.standard_normal((n, p)) + common @ rng.standard_normal((3, p))).astype(np.float32) for p in sizes]
    Y = (common @ rng.standard_normal((3, targets)) + X[0] @ rng.standard_normal((sizes[0], targets)) / 3
         + X[-1] @ rng.standard_normal((sizes[-1], targets)) / 6 + 1.5 * rng.standard_normal((n, targets))).astype(np.float32)
    sets = [s for k in range(1, len(X) + 1) for s in combinations(range(len(X)), k)]
    unions = []
    for s in sets:
        x = np.hstack([X[b] for b in s]).astype(np.float64)
        scores = []
        for train, test in KFold(folds).split(x):
            model = RidgeCV(alphas, alpha_per_target=True).fit(x[train], Y[train].astype(np.float64))
            scores.append(r2_score(Y[test], model.predict(x[test]), multioutput="raw_values"))
        unions.append(np.mean(scores, 0))
    touches = np.array([[float(bool(set(u) & set(s))) for s in sets] for u in sets])
    parts = np.linalg.solve(touches, np.array(unions))
    cases[name] = dict(x=[pack(x, "<f4") for x in X], y=pack(Y, "<f4"), n=n, sizes=sizes, targets=targets, folds=folds, inner=0,
                       alphas=alphas.tolist(), sets=[list(s) for s in sets], unions=pack(unions, "<f8"), parts=pack(parts, "<f8"))
(here / "partition.json").write_text(json.dumps(dict(versions={"scikit-learn": sklearn.__version__, "numpy": np.__version__}, cases=cases)))
