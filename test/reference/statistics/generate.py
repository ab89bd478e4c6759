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
import pandas as pd
import statsmodels.api
from mne.stats.cluster_level import _find_clusters
from scipy import optimize, sparse, spatial, special, stats
from scipy.sparse.csgraph import connected_components
from scipy.spatial.transform import Rotation
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
    # Clusters along a chain of the five: MNE's finder on each of the maps.
    chain = sparse.coo_matrix(np.eye(5, k=1, dtype=int) + np.eye(5, k=-1, dtype=int))
    found = [_find_clusters(x, 0.7, tail=0, adjacency=chain) for x in t]
    largest = np.array([np.abs(sums).max(initial=0) for _, sums in found])
    chained = [
        [sorted(map(int, c)), float(mass), float((largest >= abs(mass) * (1 - 1e-9)).mean())]
        for c, mass in zip(*found[labels.index(a)])
    ]

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
                "clusters": chained,
                "all": p_values(range(len(labels))),
                "within": p_values(within),
            },
        },
    )


class Mulberry:
    """linalg/random.ts."""

    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        mask = 0xFFFFFFFF
        self.state = (self.state + 0x6D2B79F5) & mask
        t = self.state
        t = ((t ^ (t >> 15)) * (t | 1)) & mask
        t ^= (t + ((t ^ (t >> 7)) * (t | 61) & mask)) & mask
        return ((t ^ (t >> 14)) & mask) / 2**32


def interval(samples, statistic, method, level, resamples, seed):
    """scipy's interval from the very resamples that ours takes."""
    random = Mulberry(seed)
    values = []
    for _ in range(resamples):
        drawn = [x[[int(random.uniform() * len(x)) for _ in x]] for x in samples]
        values.append(statistic(*drawn))
    given = stats.bootstrap(samples, statistic, n_resamples=2, vectorized=False, method="percentile", rng=1)
    given.bootstrap_distribution = np.array(values)
    r = stats.bootstrap(
        samples, statistic, n_resamples=0, bootstrap_result=given, vectorized=False, method=method,
        confidence_level=level,
    )
    return list(map(float, r.confidence_interval))


def biserial(d):
    r = stats.rankdata(np.abs(d[d != 0]))
    return float((np.sign(d[d != 0]) * r).sum() / r.sum())


def cliff(a, b):
    return float(np.sign(a[:, None] - b[None, :]).mean())


def effects(rng):
    a, b = rng.gamma(2, 1, 12) - 0.8, rng.normal(0.2, 1, 9)
    level = 0.9
    out = {"a": list(a), "b": list(b), "level": level, "resamples": 499, "seed": 7, "intervals": []}
    for name, samples, statistic in [
        ("mean", (a,), lambda x: x.mean()),
        ("median", (a,), lambda x: np.median(x)),
        ("difference", (a, b), lambda x, y: x.mean() - y.mean()),
        ("biserial", (a,), biserial),
        ("cliff", (a, b), cliff),
    ]:
        for method in ("percentile", "bca"):
            out["intervals"].append(
                [name, method, float(statistic(*samples)), interval(samples, statistic, method, level, 499, 7)]
            )

    def by_t(t, df, root, factor):
        ends = [
            optimize.brentq(lambda d: stats.nct.cdf(t, df, d) - share, t - 8, t + 8, xtol=1e-13)
            for share in (0.95, 0.05)
        ]
        return [factor * e / root for e in ends]

    def correction(df):
        return float(np.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2) - np.log(df / 2) / 2))

    d1 = a.mean() / a.std(ddof=1)
    n, m = len(a), len(b)
    pooled = np.sqrt(((n - 1) * a.var(ddof=1) + (m - 1) * b.var(ddof=1)) / (n + m - 2))
    d2 = (a.mean() - b.mean()) / pooled
    root = 1 / np.sqrt(1 / n + 1 / m)
    out["d"] = [d1, *by_t(d1 * np.sqrt(n), n - 1, np.sqrt(n), 1)]
    out["g"] = [d1 * correction(n - 1), *by_t(d1 * np.sqrt(n), n - 1, np.sqrt(n), correction(n - 1))]
    out["dTwo"] = [d2, *by_t(d2 * root, n + m - 2, root, 1)]
    out["gTwo"] = [d2 * correction(n + m - 2), *by_t(d2 * root, n + m - 2, root, correction(n + m - 2))]
    save("effects", out)


def fibonacci(n):
    i = np.arange(n) + 0.5
    z, phi = 1 - 2 * i / n, np.pi * (1 + 5**0.5) * i
    return np.stack([np.sqrt(1 - z * z) * np.cos(phi), np.sqrt(1 - z * z) * np.sin(phi), z], 1)


def spin(rng):
    n, spins = 150, 40
    left = fibonacci(n) * 100
    right = left * [-1, 1, 1]
    points = [left, right]
    x = np.concatenate([p @ rng.normal(size=3) / 50 for p in points]) + rng.normal(size=2 * n)
    y = 0.4 * x + rng.normal(size=2 * n)
    y = np.round(y)  # ties
    x[[3, 60, 200]] = np.nan
    y[[5, 60]] = np.nan
    random = Mulberry(9)

    def normal():
        radius = np.sqrt(-2 * np.log(1 - random.uniform()))
        return radius * np.cos(2 * np.pi * random.uniform())

    def rho(x):
        both = np.isfinite(x) & np.isfinite(y)
        return float(stats.spearmanr(x[both], y[both]).statistic)

    spun = []
    flip = np.diag([-1, 1, 1])
    for _ in range(spins):
        w, *v = [normal() for _ in range(4)]
        r = Rotation.from_quat([*v, w]).as_matrix()
        turned = []
        for h, (p, m) in enumerate(zip(points, [r, flip @ r @ flip])):
            # Vertices are moved; each place takes the value of the nearest moved one.
            nearest = spatial.cKDTree(p @ m.T).query(p)[1]
            turned.append(x[h * n : (h + 1) * n][nearest])
        spun.append(rho(np.concatenate(turned)))
    save(
        "spin",
        {
            "left": left.ravel().tolist(), "right": right.ravel().tolist(), "seed": 9,
            "x": listed([x])[0], "y": listed([y])[0], "rho": rho(x), "spun": spun,
        },
    )


def curves(rng):
    steps = [1, 3, 10, 30, 100, 300, 1000, 3000]
    x = np.log10(steps)
    out = {"steps": steps, "curves": []}
    for at, rise, noise in [(1.4, 0.3, 0.01), (2.1, 0.2, 0.02), (0.6, 0.5, 0.03), (2.0, 0.3, 0)]:
        y = 0.5 + rise * np.minimum(x - at, 0) + noise * rng.normal(size=8)
        best = None
        for k in np.linspace(x[0], x[-2], 24001):
            design = np.stack([np.ones(8), np.minimum(x - k, 0)], 1)
            b = np.linalg.lstsq(design, y, rcond=None)[0]
            error = ((y - design @ b) ** 2).sum()
            if best is None or error < best[0]:
                best = (error, k, b[0])
        out["curves"].append({"y": list(y), "log10": float(best[1]), "score": float(best[2])})
    save("curves", out)


def mixed(rng):
    out = []
    for subjects, items, missing, crossed in [(8, 5, 0, False), (12, 6, 9, False), (9, 7, 6, True), (20, 4, 0, False)]:
        s, i = np.repeat(np.arange(subjects), items), np.tile(np.arange(items), subjects)
        keep = np.sort(rng.permutation(len(s))[: len(s) - missing])
        s, i = s[keep], i[keep]
        x = rng.normal(size=len(s))
        y = 3 + 0.4 * x + rng.normal(0, 0.8, subjects)[s] + rng.normal(0, 0.6 * crossed, items)[i]
        y = y + rng.normal(0, 0.5, len(s))
        exog = np.column_stack([np.ones(len(s)), x])
        for reml in (True, False):
            if crossed:
                frame = pd.DataFrame({"s": s.astype(str), "i": i.astype(str), "all": 1})
                columns = [pd.get_dummies(frame[c]).to_numpy(float) for c in ("s", "i")]
                vc = statsmodels.regression.mixed_linear_model.VCSpec(
                    ["s", "i"], [[list(map(str, range(c.shape[1])))] for c in columns], [[c] for c in columns]
                )
                model = statsmodels.api.MixedLM(y, exog, groups=frame["all"], exog_vc=vc)
                model.exog_re = np.empty((len(y), 0))
            else:
                model = statsmodels.api.MixedLM(y, exog, groups=s)
            fit = model.fit(reml=reml, method=["bfgs", "lbfgs"], gtol=1e-10)
            variances = [fit.vcomp[0], fit.vcomp[1]] if crossed else [float(np.asarray(fit.cov_re)[0, 0])]
            # Generalised least squares at statsmodels' variances, as lme4 has it. Its own bse_fe are of the observed
            # information, which lets the variances move too, and are up to 0.2 % larger.
            zs, zi = np.eye(subjects)[s], np.eye(items)[i]
            v = variances[0] * zs @ zs.T + (variances[1] * zi @ zi.T if crossed else 0) + fit.scale * np.eye(len(s))
            errors = np.sqrt(np.diag(np.linalg.inv(exog.T @ np.linalg.solve(v, exog))))
            assert np.allclose(errors, fit.bse_fe, rtol=3e-3)
            out.append(
                {
                    "subjects": s.tolist(), "items": i.tolist(), "x": list(x), "y": list(y), "crossed": crossed,
                    "method": "REML" if reml else "ML", "estimates": list(map(float, fit.fe_params)),
                    "errors": list(map(float, errors)), "variances": list(map(float, variances)),
                    "residual": float(fit.scale), "logLikelihood": float(fit.llf),
                }
            )
            assert fit.converged
    save("mixed", out)


if __name__ == "__main__":
    distributions()
    wilcoxon(np.random.default_rng(20))
    t_tests(np.random.default_rng(21))
    corrections(np.random.default_rng(22))
    clusters(np.random.default_rng(23))
    effects(np.random.default_rng(24))
    mixed(np.random.default_rng(25))
    spin(np.random.default_rng(26))
    curves(np.random.default_rng(27))
