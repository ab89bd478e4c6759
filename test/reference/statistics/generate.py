"""Oracle numbers for src-main/statistics. Run here: python generate.py

Versions used: Python 3.11, numpy 2.4.6, scipy 1.17.1, statsmodels 0.15.0, mne 1.13.2. Seed 20.
Tolerances are beside the tests: 1e-12 relative where both sides evaluate one formula in float64, 1e-9 where a
continued fraction or an inversion stands between, 1e-6 for what statsmodels' optimiser stops at.
"""
import itertools
import json
import warnings

import mne
import numpy as np
from mne.stats.cluster_level import _find_clusters
from scipy import sparse, stats
from scipy.sparse.csgraph import connected_components
from statsmodels.stats.multitest import multipletests

warnings.simplefilter("ignore")
mne.set_log_level("ERROR")
SIDES = ["two-sided", "greater", "less"]


def save(name, value):
    with open(f"{name}.json", "w") as file:
        json.dump(value, file, separators=(",", ":"), allow_nan=False)


def distributions():
    z = [0, 0.1, 0.5, 1, 1.959963984540054, 2.1, 2.2, 3, 5, 8, 20, 37, -1, -4]
    t = [(t, df) for t in (0, 0.01, 0.7, 2, 5.5, 40, -1.3) for df in (1, 2, 7.3, 30, 411, 5000)]
    p = [1e-300, 1e-20, 1e-6, 0.01, 0.3, 0.5, 0.8, 0.999999]
    nct = [(t, df, d) for t in (-2, 0, 0.5, 3, 12, 45) for df in (3, 11, 411) for d in (-1.5, 0, 2, 11, 41)]
    save(
        "distributions",
        {
            "normalTail": [[v, stats.norm.sf(v)] for v in z],
            "normalQuantile": [[v, stats.norm.ppf(v)] for v in p],
            "tTail": [[v, df, stats.t.sf(v, df)] for v, df in t],
            "tQuantile": [[v, df, stats.t.isf(v, df)] for v in (1e-8, 0.001, 0.025, 0.4, 0.9) for df in (1, 4, 411)],
            "noncentralTBelow": [  # where scipy has an answer
                [v, df, d, stats.nct.cdf(v, df, d)] for v, df, d in nct if np.isfinite(stats.nct.cdf(v, df, d))
            ],
        },
    )


def wilcoxon(rng):
    cases = []
    for n, kind in itertools.product([5, 8, 13, 14, 20, 50, 60, 412], ["plain", "tied", "zeros"]):
        d = rng.normal(0.3, 1, n)
        if kind != "plain":
            d = np.round(2 * d) / 2
        if kind == "tied":
            d[d == 0] = 0.5
        if kind == "zeros" and not (d == 0).any():
            d[:2] = 0
        results = []
        for side, zeros in itertools.product(SIDES, ["wilcox", "pratt", "zsplit"]):
            if kind != "zeros" and zeros != "wilcox":
                continue
            for correction in (False, True):
                r = stats.wilcoxon(d, zero_method=zeros, correction=correction, alternative=side, method="asymptotic")
                results.append([side, zeros, "normal", correction, r.statistic, r.pvalue])
            if kind == "plain" and n <= 60:
                r = stats.wilcoxon(d, alternative=side, method="exact")
            elif n <= 14:  # all 2^n sign flips
                method = stats.PermutationMethod(n_resamples=2**14)
                r = stats.wilcoxon(d, zero_method=zeros, alternative=side, method=method)
            else:
                continue
            results.append([side, zeros, "exact", False, r.statistic, r.pvalue])
        cases.append({"kind": kind, "d": [float(v) for v in d], "results": results})
    save("wilcoxon", cases)


def t_tests(rng):
    a = rng.normal(0.4, 1, (9, 6))
    b = rng.normal(0, 2, (13, 6))
    a[0, 1] = np.nan
    b[3:6, 2] = np.nan
    out = {"a": listed(a), "b": listed(b), "results": []}
    for side in SIDES:
        one = stats.ttest_1samp(a, 0, alternative=side, nan_policy="omit")
        paired = stats.ttest_rel(a, b[:9], alternative=side, nan_policy="omit")
        welch = stats.ttest_ind(a, b, equal_var=False, alternative=side, nan_policy="omit")
        pooled = stats.ttest_ind(a, b, equal_var=True, alternative=side, nan_policy="omit")
        for name, r in [("one", one), ("paired", paired), ("unequal", welch), ("equal", pooled)]:
            out["results"].append([side, name, list(map(float, r.statistic)), list(map(float, r.pvalue))])
    save("tTests", out)


def corrections(rng):
    p = np.concatenate([rng.uniform(0, 1, 60), rng.uniform(0, 1e-3, 12), [0.02, 0.02, 0.02, 0.5, 0.5, 1, 1, 0]])
    names = {"bonferroni": "bonferroni", "holm": "holm", "benjamini-hochberg": "fdr_bh", "benjamini-yekutieli": "fdr_by"}
    save("corrections", {"p": list(p)} | {k: list(multipletests(p, method=v)[1]) for k, v in names.items()})


def listed(x):
    return [[None if np.isnan(v) else float(v) for v in row] for row in x]


def grid(rows, cols):
    """A triangulated rectangle: its triangles, and its adjacency."""
    index = np.arange(rows * cols).reshape(rows, cols)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, :-1], index[1:, 1:]
    triangles = np.concatenate(
        [np.stack([a, b, c], -1).reshape(-1, 3), np.stack([b, d, c], -1).reshape(-1, 3)]
    )
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    n = rows * cols
    m = sparse.coo_matrix((np.ones(2 * len(edges)), np.concatenate([edges, edges[:, ::-1]]).T), (n, n))
    m = (m > 0).astype(int)
    return triangles, sparse.coo_matrix(m)


def tfce_exact(x, adjacency, e, h):
    """The integral, height by height: between two neighbouring values of x clusters do not change."""
    out = np.zeros(len(x))
    csr = adjacency.tocsr()
    for sign in (1, -1):
        y = sign * x
        heights = np.unique(np.concatenate([[0], y[y > 0]]))
        for low, high in zip(heights[:-1], heights[1:]):
            inside = np.flatnonzero(y >= high)
            count, label = connected_components(csr[inside][:, inside], directed=False)
            size = np.bincount(label, minlength=count)
            out[inside] += size[label] ** e * (high ** (h + 1) - low ** (h + 1)) / (h + 1)
    return out


def smooth(x, adjacency, times=2):
    m = adjacency.tocsr() + sparse.eye(adjacency.shape[0])
    for _ in range(times):
        x = (m @ x.T).T / np.asarray(m.sum(1)).ravel()
    return x


def clusters(rng):
    triangles, adjacency = grid(9, 11)
    maps = smooth(rng.normal(size=(3, 99)), adjacency) * 6
    maps[2] = np.round(maps[2])  # plateaus
    enhanced = []
    for x in maps:
        for e, h, integration in [
            (0.5, 2, "exact"),
            (1, 1.5, "exact"),
            (0.5, 2, {"start": 0, "step": 0.1}),
            (0.7, 1, {"start": 0.25, "step": 0.3}),
        ]:
            if integration == "exact":
                y = tfce_exact(x, adjacency, e, h)
            else:
                threshold = integration | {"e_power": e, "h_power": h}
                y = _find_clusters(x, threshold, tail=0, adjacency=adjacency)[1]
            enhanced.append({"map": list(x), "e": e, "h": h, "integration": integration, "tfce": list(map(float, y))})
    values = smooth(rng.normal(size=(9, 99)), adjacency)
    values[:, 20:26] += 0.5
    values[:, 70:73] -= 0.4
    # MNE's own test where its rearrangements are what it says: two-sided, more asked for than there are. ("all" draws at
    # random all but one; one-tailed it counts the observed signs twice, and its t test takes two-tailed maxima.)
    # One-sided: MNE's cluster finder on each of the 2^9 maps.
    signs = np.array(list(itertools.product([1, -1], repeat=9)))
    permuted = np.array([stats.ttest_1samp(values * s[:, None], 0).statistic for s in signs])
    threshold = 1.7
    tests = []
    for side, tail in [("two-sided", 0), ("greater", 1), ("less", -1)]:
        t = permuted[0]
        turned = permuted * (-1 if tail < 0 else 1)
        one = abs(tail)

        def p_of(observed, null):
            near = np.asarray(observed) - 1e-9 * np.abs(observed)
            return [float((np.asarray(null) >= v).mean()) for v in near]

        entry = {"side": side, "threshold": threshold, "t": list(map(float, t))}
        found = [_find_clusters(x, threshold, tail=one, adjacency=adjacency) for x in turned]
        largest = [np.abs(sums).max(initial=0) for _, sums in found]
        p = p_of(np.abs(found[0][1]), largest)
        entry["clusters"] = [
            [sorted(map(int, c)), float(t[c].sum()), q] for c, q in zip(found[0][0], p)
        ]
        tfce = {"start": 0, "step": 0.2}
        scores = [_find_clusters(x, tfce, tail=one, adjacency=adjacency)[1] for x in turned]
        entry["tfce"] = [list(map(float, scores[0])), p_of(scores[0], np.max(scores, 1))]
        size = np.abs(turned) if tail == 0 else turned
        entry["pMax"] = p_of(size[0], size.max(1))
        if tail == 0:
            test = mne.stats.permutation_cluster_1samp_test
            theirs = test(values, threshold, n_permutations=1024, adjacency=adjacency, out_type="indices", seed=1)
            assert np.allclose(theirs[2], p) and len(theirs[1]) == len(p)
            assert np.allclose(test(values, tfce, n_permutations=1024, adjacency=adjacency, seed=1)[2], entry["tfce"][1])
            assert np.allclose(mne.stats.permutation_t_test(values, n_permutations=1024, seed=1)[1], entry["pMax"])
        tests.append(entry)
    groups = rng.normal(size=(8, 5))
    groups[:3] += [0, 1, 2, -1.5, 0.3]
    labels = [list(c) for c in itertools.combinations(range(8), 3)]
    t = np.array([stats.ttest_ind(groups[c], np.delete(groups, c, 0)).statistic for c in labels])
    within = [i for i, c in enumerate(labels) if c[0] < 2 <= c[1] < c[2]]  # blocks 0, 1 and 2 to 7: one and two of a
    a = [0, 2, 3]

    def p_values(rows):
        t0 = t[labels.index(a)]
        some = t[rows]
        near = 1 - 1e-9
        return {
            "two-sided": [
                list((np.abs(some) >= np.abs(t0) * near).mean(0)),
                [(np.abs(some).max(1) >= v * near).mean() for v in np.abs(t0)],
            ],
            "greater": [
                list((some >= t0 - 1e-9 * np.abs(t0)).mean(0)),
                [(some.max(1) >= v - 1e-9 * abs(v)).mean() for v in t0],
            ],
        }

    other = [i for i in range(8) if i not in a]
    save(
        "clusters",
        {
            "triangles": triangles.ravel().tolist(),
            "enhanced": enhanced,
            "values": listed(values),
            "tests": tests,
            "groups": {
                "a": listed(groups[a]),
                "b": listed(groups[other]),
                "blocks": [0 if i < 2 else 1 for i in a + other],
                "t": list(t[labels.index(a)]),
                "all": p_values(range(len(labels))),
                "within": p_values(within),
            },
        },
    )


if __name__ == "__main__":
    distributions()
    wilcoxon(np.random.default_rng(20))
    t_tests(np.random.default_rng(21))
    corrections(np.random.default_rng(22))
    clusters(np.random.default_rng(23))
