"""Maps of a grid: t tests over subjects and their false discovery rates. Run: python generate.py > tests.json

scipy 1.x's ttest_1samp (greater) and ttest_1samp of differences (two-sided), statsmodels' multipletests over the vertices
that have a p value. Values are float32, as scores are stored. Tolerance of the test: 1e-5 relative on p, since means and
squares are kept as float32 once they are summed (float64 sums; relative rounding 6e-8, times up to about 100 for the
steepness of the tail at t of 15 with 11 degrees of freedom). `ranks` are scipy's wilcoxon (zero_method wilcox, no continuity
correction, auto: exact here, by enumeration where there are ties), of the same float64 numbers: 1e-9 relative.
"""
import json
import sys

import numpy
import scipy
import statsmodels
from scipy.stats import ttest_1samp, wilcoxon
from statsmodels.stats.multitest import multipletests

seed, subjects, vertices = 6, 12, 40
random = numpy.random.default_rng(seed)
effect = numpy.linspace(-0.02, 0.12, vertices)
a = (effect + 0.05 * random.standard_normal((subjects, vertices))).astype("float32")
b = (0.5 * effect + 0.05 * random.standard_normal((subjects, vertices))).astype("float32")
a[3, 5] = numpy.nan  # one subject without a value
a[:, 6] = numpy.nan  # nobody has one
a[1:, 7] = numpy.nan  # one alone has
a[:, 8] = numpy.float32(0.25)  # no spread


def student(own, alternative):
    return ttest_1samp(own, 0, alternative=alternative).pvalue if numpy.ptp(own) > 0 else numpy.nan


def ranks(own, alternative):
    return wilcoxon(own, alternative=alternative, zero_method="wilcox", correction=False, method="auto").pvalue


def tested(values, alternative, test=student):
    p = []
    for column in values.T.astype("float64"):
        own = column[numpy.isfinite(column)]
        p.append(test(own, alternative) if len(own) > 1 else numpy.nan)
    p = numpy.array(p)
    known = numpy.isfinite(p)
    out = {"p": p}
    for name, method in (("benjamini-hochberg", "fdr_bh"), ("benjamini-yekutieli", "fdr_by")):
        adjusted = numpy.full(vertices, numpy.nan)
        adjusted[known] = multipletests(p[known], method=method)[1]
        out[name] = adjusted
    return out


def plain(array):
    return [None if not numpy.isfinite(x) else float(x) for x in array]


json.dump(
    {
        "versions": {"python": sys.version.split()[0], "numpy": numpy.__version__, "scipy": scipy.__version__, "statsmodels": statsmodels.__version__},
        "seed": seed,
        "a": [plain(row) for row in a],
        "b": [plain(row) for row in b],
        "score": {k: plain(v) for k, v in tested(a, "greater").items()},
        "difference": {k: plain(v) for k, v in tested(a.astype("float64") - b, "two-sided").items()},
        "ranks": {
            "score": {k: plain(v) for k, v in tested(a, "greater", ranks).items()},
            "difference": {k: plain(v) for k, v in tested(a.astype("float64") - b, "two-sided", ranks).items()},
        },
    },
    sys.stdout,
)
