"""Reference numbers for the power of paired tests. Python 3.11, statsmodels 0.15.0, scipy 1.17.1. Writes reference.json.

power: TTestPower().power of effect, n, level and side; ours sums the same noncentral t by another series (AS 243): 1e-8.
subjects: TTestPower().solve_power for n, rounded up; exact.
wilson: proportion_confint(method="wilson"); 1e-12.
"""

import json
import math
import pathlib

from statsmodels.stats.power import TTestPower
from statsmodels.stats.proportion import proportion_confint

sides = {"two-sided": "two-sided", "greater": "larger", "less": "smaller"}
power = []
for effect in (-0.4, 0.0, 0.1, 0.5, 1.2):
    for n in (2, 5, 20, 150):
        for alpha in (0.05, 0.001):
            for side, name in sides.items():
                value = TTestPower().power(effect, n, alpha, df=None, alternative=name)
                # scipy's noncentral t gives no number far in the tail.
                if math.isfinite(value):
                    power.append([effect, n, alpha, side, float(value)])
subjects = []
for effect in (0.1, 0.25, 0.5, 0.8, 1.5):
    for level, wanted in ((0.05, 0.8), (0.01, 0.95)):
        for side in ("two-sided", "greater"):
            n = TTestPower().solve_power(effect, nobs=None, alpha=level, power=wanted, alternative=sides[side])
            subjects.append([effect, level, wanted, side, math.ceil(float(n))])
wilson = [[k, n, *map(float, proportion_confint(k, n, method="wilson"))] for k, n in ((0, 10), (3, 200), (12, 200), (50, 50))]
pathlib.Path(__file__).with_name("reference.json").write_text(
    json.dumps({"power": power, "subjects": subjects, "wilson": wilson}) + "\n"
)
