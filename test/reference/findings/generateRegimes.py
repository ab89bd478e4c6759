"""Oracle numbers for src-main/pipeline/findings/regimes. Run here: python generateRegimes.py

Versions used: Python 3.11, numpy 2.4.6, scipy 1.17.1, statsmodels 0.15.0, pandas 3.1.1. Seed 7.
regimes.tsv has scores of a small crossed design, each a multiple of 2^-14, so that float32 holds them exactly. What is
expected is computed from that file by pandas, scipy and statsmodels alone. Tolerances are beside the test: 1e-9 relative
for sums and p values, 2e-4 for what statsmodels' optimiser stops at.
"""
import itertools
import json
import warnings

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import special, stats
from statsmodels.stats.multitest import multipletests

warnings.simplefilter("ignore")
MODELS = {"w2v-en": ("native", "english"), "w2v-fr": ("native", "French"), "audio": ("non-speech", ""),
          "random": ("untrained", ""), "labels": ("supervised", "english")}
WEIGHTS = {"one": 2, "two": 3, "three": 1}  # vertices of each region, in each hemisphere
CHAIN = ["untrained", "non-speech", "non-native", "native"]


def write():
    rng = np.random.default_rng(7)
    gain = {"untrained": 0.5, "non-speech": 0.7, "non-native": 0.8, "native": 0.9, "supervised": 0.78}
    rows = []
    for s in range(11):
        language = "english" if s % 2 else "french"
        level = rng.normal(1, 0.2)
        for model, (regime, own) in MODELS.items():
            role = regime if regime != "native" else ("native" if own.lower() == language else "non-native")
            for r, region in enumerate(WEIGHTS):
                score = 0.15 / (r + 1) * level * gain[role] + rng.normal(0, 0.012)
                rows.append([f"s{s}", language, model, region, round(score * 2**14) / 2**14])
    pd.DataFrame(rows, columns=["subject", "language", "model", "region", "score"]).to_csv(
        "regimes.tsv", sep="\t", index=False
    )


def roles():
    data = pd.read_csv("regimes.tsv", sep="\t")
    own = data.model.map({m: l.lower() for m, (_, l) in MODELS.items()})
    regime = data.model.map({m: r for m, (r, _) in MODELS.items()})
    data["role"] = np.where(regime != "native", regime, np.where(own == data.language, "native", "non-native"))
    # The supervised model is English: its counterpart is the English self-supervised one.
    twin = data[data.model == "w2v-en"].assign(role="self-supervised")
    data = pd.concat([data, twin])
    wide = data.pivot_table(index=["subject", "language", "role"], columns="region", values="score")
    whole = sum(wide[region] * count for region, count in WEIGHTS.items()) / sum(WEIGHTS.values())
    wide.insert(0, "whole cortex", whole)
    return wide.stack().rename("score").reset_index().rename(columns={"level_3": "region"})


def sign_flips(columns, two_sided):
    """Share of all sign flips whose largest t is at least each column's."""
    n = columns.shape[0]
    ts = []
    for signs in itertools.product([1, -1], repeat=n):
        t = stats.ttest_1samp(columns * np.array(signs)[:, None], 0).statistic
        ts.append(np.abs(t) if two_sided else t)
    ts = np.array(ts)  # the first is the observed one
    return [float(np.mean(ts.max(axis=1) >= ts[0, k] - 1e-9)) for k in range(columns.shape[1])]


def main():
    write()
    data = roles()
    regions = ["whole cortex", *WEIGHTS]
    pairs = [("untrained", None), *[(CHAIN[i + 1], CHAIN[i]) for i in range(3)], ("supervised", "self-supervised")]
    out = {"contrasts": [], "mixed": [], "specialisation": []}
    groups = {"all listeners": data, **{g: data[data.language == g] for g in ["french", "english"]}}
    for group, own in groups.items():
        rows = []
        for higher, lower in pairs:
            side = "two-sided" if higher == "supervised" else "greater"
            table = own.pivot(index="subject", columns=["role", "region"], values="score")
            d = table[higher] - (table[lower] if lower else 0)
            flips = sign_flips(d[regions].to_numpy(), side == "two-sided")
            for k, region in enumerate(regions):
                x = d[region].to_numpy()
                w = stats.wilcoxon(x, alternative=side, method="exact")
                ranks = stats.rankdata(np.abs(x))
                df = len(x) - 1
                j = np.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / np.sqrt(df / 2)
                rows.append(
                    {
                        "group": group,
                        "higher": higher,
                        "region": region,
                        "n": len(x),
                        "mean": x.mean(),
                        "sem": stats.sem(x),
                        "statistic": float(w.statistic),
                        "p": float(w.pvalue),
                        "t": float(stats.ttest_1samp(x, 0, alternative=side).statistic),
                        "pT": float(stats.ttest_1samp(x, 0, alternative=side).pvalue),
                        "flips": min(1, flips[k] * len(pairs)),
                        "rankBiserial": float(np.sum(np.sign(x) * ranks) / ranks.sum()),
                        "g": float(j * x.mean() / x.std(ddof=1)),
                    }
                )
        for name, key in [("fdr_bh", "bh"), ("fdr_by", "by")]:
            for row, q in zip(rows, multipletests([row["p"] for row in rows], method=name)[1]):
                row[key] = float(q)
        for row, q in zip(rows, multipletests([row["pT"] for row in rows], method="holm")[1]):
            row["holmT"] = float(q)
        out["contrasts"] += rows
        for region in regions:
            some = own[(own.region == region) & (own.role != "self-supervised")]
            # In hundredths: statsmodels' optimiser loses its way where variances are near 1e-4.
            some = some.assign(score=some.score * 100)
            fit = smf.mixedlm("score ~ 0 + C(role)", some, groups=some["subject"]).fit(reml=True, method=["powell"])
            names = [name for name in fit.params.index if name.startswith("C(")]
            terms = {name[len("C(role)["):-1]: [fit.params[name] / 100, fit.bse[name] / 100] for name in names}
            for i in range(3):
                up, down = f"C(role)[{CHAIN[i + 1]}]", f"C(role)[{CHAIN[i]}]"
                cov = fit.cov_params()
                variance = cov.loc[up, up] + cov.loc[down, down] - 2 * cov.loc[up, down]
                terms[f"{CHAIN[i + 1]} - {CHAIN[i]}"] = [(fit.params[up] - fit.params[down]) / 100, float(np.sqrt(variance)) / 100]
            out["mixed"].append({"group": group, "region": region, "terms": terms,
                                 "variance": float(fit.cov_re.iloc[0, 0]) / 1e4, "residual": float(fit.scale) / 1e4})
            means = own[own.region == region].groupby("role").score.mean()
            for i in range(3):
                a, b = means[CHAIN[i + 1]], means[CHAIN[i]]
                out["specialisation"].append({"group": group, "region": region, "higher": CHAIN[i + 1],
                                              "index": (a - b) / (a + b)})
    with open("regimes.json", "w") as file:
        json.dump(out, file, separators=(",", ":"), allow_nan=False)


main()
