"""Oracle numbers for src-main/pipeline/findings/scores: pandas and scipy on a small table of scores. python generate.py

Versions used: Python 3.11, numpy 2.4.6, pandas 3.1.1, scipy 1.17.1, statsmodels 0.15.0. Seed 5.
Tolerance 1e-9 relative: both sides sum the same float32 scores in float64, in another order; intervals come from an
inverted t distribution. Maps are float32: 1e-6.
"""
import json

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests

rng = np.random.default_rng(5)
SUBJECTS = [f"s{i}" for i in range(8)]
LANGUAGES = ["english"] * 5 + ["french"] * 3
LAYERS = {"native": ["transf0", "transf1"], "untrained": ["transf0", "transf1"], "mel": ["mel"]}
VERTICES, REGIONS = 40, ["STG", "IFG", "empty"]


def on_grid(values):
    """Multiples of 1/1024: the same number in JSON, float32 and float64."""
    return np.round(np.asarray(values) * 1024) / 1024


labels = rng.integers(0, 3, VERTICES)
height = {("native", "transf0"): 0.1, ("native", "transf1"): 0.12, ("untrained", "transf0"): 0.09}
height |= {("untrained", "transf1"): 0.05, ("mel", "mel"): 0.04}
person = rng.normal(0, 0.01, len(SUBJECTS))
maps = {
    (space, layer, subject): on_grid(
        height[space, layer] * (1 + (labels == 1)) + person[s] + rng.normal(0, 0.03, VERTICES) + rng.normal(0, 0.015)
    )
    for space, layers in LAYERS.items()
    for layer in layers
    for s, subject in enumerate(SUBJECTS)
    # The last subject did not hear what the space is scored on.
    if not (space == "mel" and subject == "s7")
}
for key in maps:
    maps[key][3] = np.nan
maps["native", "transf0", "s2"][10] = np.nan
correlation = on_grid(rng.normal(0.2, 0.12, VERTICES))
ceiling = on_grid(np.sqrt(np.maximum(0, correlation)))
negative = correlation[correlation < 0]
reliable = (correlation > 0) & (correlation >= 2.3263 * np.sqrt(np.mean(negative**2)))
masked = np.where(reliable, ceiling, 0)
positions = on_grid(rng.normal(0, 10, (VERTICES, 3)))
triangles = [[i, i + 1, i + 2] for half in (0, 20) for i in range(half, half + 18)]
areas = np.zeros(VERTICES)
for triangle in triangles:
    a, b, c = positions[triangle]
    areas[triangle] += np.linalg.norm(np.cross(b - a, c - a)) / 6


def averaged(values, weights):
    """Over the cortex, then over regions."""
    table = pd.DataFrame({"v": values, "w": weights, "r": labels}).dropna()
    table = table[table.w > 0]
    parts = [table] + [table[table.r == r] for r in range(1, len(REGIONS) + 1)]
    return [np.average(part.v, weights=part.w) if len(part) else np.nan for part in parts]


def scored(option, weights):
    rows = []
    for space, layers in LAYERS.items():
        own = [s for s in SUBJECTS if (space, layers[0], s) in maps]
        by_layer = pd.DataFrame({l: {s: averaged(maps[space, l, s], weights)[0] for s in own} for l in layers})
        for subject in own:
            use = layers
            if option == "best":
                use = [by_layer.drop(index=subject).mean().idxmax()]
            elif option != "mean" and space != "mel":
                use = [option]
            values = np.mean([maps[space, l, subject] for l in use], axis=0)
            language = LANGUAGES[SUBJECTS.index(subject)]
            known = averaged(values, weights * reliable)
            for region, mean, part in zip(["whole cortex", *REGIONS], averaged(values, weights), known):
                layer = use[0] if len(use) == 1 else f"mean of {len(use)} layers"
                rows.append((space, layer, subject, language, region, mean, part, values))
    return pd.DataFrame(rows, columns=["space", "layer", "subject", "language", "region", "score", "known", "map"])


def estimate(values):
    values = np.asarray(values, float)
    values = values[np.isfinite(values)]
    mean, sem = values.mean(), stats.sem(values)
    low, high = stats.t.interval(0.95, len(values) - 1, loc=mean, scale=sem)
    return {"n": len(values), "mean": mean, "sem": sem, "low": low, "high": high}


def both(rows, level):
    found = estimate(rows.known)
    known = {"mean_reliable": found["mean"], "mean_reliable_low": found["low"], "mean_reliable_high": found["high"]}
    return {**estimate(rows.score), **known, "ceiling": level, "share": found["mean"] / level}


def finding(option, how):
    weights = {"equal": np.ones(VERTICES), "area": areas, "ceiling": masked}[how]
    table = scored(option, weights)
    levels = dict(zip(["whole cortex", *REGIONS], averaged(masked, weights * reliable)))
    spaces, regions, languages, contrasts, means = [], [], [], [], {}
    for space in LAYERS:
        own = table[table.space == space]
        cortex = own[own.region == "whole cortex"]
        mean_map = np.nanmean(np.stack(cortex["map"].tolist()), axis=0) if len(cortex) else None
        means[space] = mean_map
        spaces.append({"space": space, **both(cortex, levels["whole cortex"])})
        for region in REGIONS[:2]:
            part = own[own.region == region]
            regions.append({"space": space, "region": region, **both(part, levels[region])})
        for language in ["english", "french"]:
            languages.append({"space": space, "listeners": language, **estimate(cortex[cortex.language == language].score)})
    wide = table.pivot(index="subject", columns=["space", "region"], values="score")
    for baseline, others in {"untrained": ["native", "mel"], "mel": ["native"]}.items():
        for space in others:
            for region in ["whole cortex", *REGIONS[:2]]:
                d = (wide[space, region] - wide[baseline, region]).dropna()
                w, p = stats.wilcoxon(d, method="exact")
                contrasts.append({"space": space, "baseline": baseline, "region": region, **estimate(d), "w": w, "p": p})
                contrasts[-1]["d_z"] = d.mean() / d.std(ddof=1)
    for whole in (True, False):
        family = [c for c in contrasts if (c["region"] == "whole cortex") == whole]
        for c, q in zip(family, multipletests([c["p"] for c in family], method="fdr_bh")[1]):
            c["q"] = q
    chosen = table[table.region == "whole cortex"][["space", "subject", "layer"]].to_dict("records")
    return {"layer": option, "weights": how, "spaces": spaces, "regions": regions, "languages": languages} | {
        "contrasts": contrasts, "chosen": chosen, "map": plain(means["native"])}


def plain(values):
    return [None if np.isnan(v) else float(v) for v in values]


with open("scores.json", "w") as file:
    json.dump(
        {
            "subjects": SUBJECTS, "languages": LANGUAGES, "layers": LAYERS, "regions": REGIONS, "labels": labels.tolist(),
            "maps": [{"space": s, "layer": l, "subject": p, "values": plain(v)} for (s, l, p), v in maps.items()],
            "correlation": correlation.tolist(), "ceiling": ceiling.tolist(),
            "positions": positions.ravel().tolist(), "triangles": triangles,
            "expected": [finding("mean", "equal"), finding("transf1", "area"), finding("best", "ceiling")],
        },
        file,
        separators=(",", ":"),
        allow_nan=False,
    )
