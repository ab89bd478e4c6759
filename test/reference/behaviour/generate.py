"""Reference answers for behaviour/: DTW by the released code, and listeners by pandas, scipy and statsmodels.

usage: generate.py DTW.py [HUMANS.csv]

DTW.py is dtw.py of JAMJU/Sel_supervised_models_perception_biases (GPL: read here, not kept), imported as it is for
`as-published`; `standard` is dtaidistance-free plain dynamic programming in numpy below. HUMANS.csv is
Cogsci2020-Perceptimatic-English's humans_and_model.csv; the numbers go to perceptimatic.json, the file stays where it
is. Synthetic listeners (two groups, two data sets, seed 7) go to listeners.csv and listeners.json.

Written with Python 3.11, numpy 2.4, scipy 1.17, pandas 3.0, statsmodels 0.14; seeds below.
Tolerances (in the tests): distances 1e-12 relative (both float64; sums in another order), angular 1e-7 absolute (arccos
near 0 turns rounding of 1e-16 into 1e-8), probit coefficients and log-likelihood 1e-6, rho 1e-9, native effect 1e-9.
"""
import importlib.util
import json
import sys
import warnings

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from scipy.stats import pearsonr, spearmanr, wilcoxon
from statsmodels.formula.api import probit

warnings.filterwarnings("ignore")
spec = importlib.util.spec_from_file_location("released", sys.argv[1])
released = importlib.util.module_from_spec(spec)
spec.loader.exec_module(released)
here = __file__.rsplit("/", 1)[0]


def kl(x, y):
    return released.kl_divergence(x.copy(), y.copy()).item()


def angular(x, y):
    cosine = x @ y / np.linalg.norm(x) / np.linalg.norm(y)
    return np.arccos(np.clip(cosine, -1, 1)) / np.pi


metrics = {"cosine": "cosine", "euclidean": "euclidean", "angular": angular, "kl": kl}


def standard(costs):
    total = np.full((costs.shape[0] + 1, costs.shape[1] + 1), np.inf)
    total[0, 0] = 0
    for i in range(costs.shape[0]):
        for j in range(costs.shape[1]):
            total[i + 1, j + 1] = costs[i, j] + min(total[i, j], total[i, j + 1], total[i + 1, j])
    return total[-1, -1]


def dtw_fixture():
    rng = np.random.default_rng(5)
    cases = []
    for rows, cols in [(1, 1), (1, 4), (5, 1), (2, 2), (2, 7), (6, 6), (9, 5), (13, 17)]:
        units = 6
        # Frames are float32, as models give them; distances are taken in float64.
        x, y = (np.float64(np.float32(rng.gamma(1.0, size=(n, units)) + 0.001)) for n in (rows, cols))
        case = dict(rows=rows, cols=cols, units=units, x=x.ravel().tolist(), y=y.ravel().tolist(), distances={})
        for name, metric in metrics.items():
            published = released.accelerated_dtw(x, y, metric)[0] / max(rows, cols)
            case["distances"][name] = dict(
                standard=float(standard(cdist(x, y, metric)) / max(rows, cols)),
                published=None if np.isinf(published) else float(published),
            )
        cases.append(case)
    return cases


# The analyses of the released scripts, without their sampling of answers and their temporary files.
def scaled(data):
    data = data.copy()
    graded = data["dataset"].isin(["WorldVowels", "zerospeech"])
    data["user_ans"] = data["user_ans"].astype(float)
    data.loc[graded, "user_ans"] = data.loc[graded, "user_ans"] / 3.0
    return data


def rank_correlation(data, column):
    last = ["language_OTH", "language_TGT", "dataset"]
    contrast = ["phone_TGT", "phone_OTH"] + last
    context = ["phone_TGT", "phone_OTH", "prev_phone", "next_phone"] + last
    means = scaled(data)
    for keys in (["triplet_id"] + context, context, contrast):
        means = means.groupby(keys, as_index=False)[["user_ans", column]].mean()
    turned = means.rename(
        columns=dict(phone_TGT="phone_OTH", phone_OTH="phone_TGT", language_TGT="language_OTH", language_OTH="language_TGT")
    )
    both = pd.concat([means, turned]).groupby(contrast, as_index=False)[["user_ans", column]].mean()
    return float(spearmanr(both["user_ans"], both[column])[0])


def probit_fit(data, column, standardize):
    data = data.copy()
    data["answer"] = (data["bin_user_ans"] + 1.0) / 2
    data["first"] = data["TGT_first"].astype(bool).astype(int)
    if standardize:
        for name in ("nb_stimuli", column):
            data[name] = (data[name] - data[name].mean()) / data[name].std()
    formula = "answer ~ first + C(subject_id) + nb_stimuli + " + column
    if data["dataset"].nunique() > 1:
        formula += " + C(dataset)"
    fit = probit(formula, data).fit(method="newton", tol=1e-14, maxiter=200, disp=0)
    first = min(data["subject_id"].unique())
    second = sorted(data["subject_id"].unique())[1]
    names = {"intercept": "Intercept", "TGT_first": "first", "nb_stimuli": "nb_stimuli", "delta": column}
    names[f"participant {second}"] = f"C(subject_id)[T.{second}]"
    return dict(
        logLikelihood=float(fit.llf),
        coefficients={ours: float(fit.params[theirs]) for ours, theirs in names.items()},
        standardErrors={ours: float(fit.bse[theirs]) for ours, theirs in names.items()},
        absent=f"participant {first}",
    )


def native_effect(data, french, english):
    data = scaled(data)
    groups = {}
    for name, column in (("FR", french), ("EN", english)):
        group = data[data["subject_language"] == name].copy()
        group[column] = group[column] / group[column].std()
        keys = ["phone_TGT", "phone_OTH", "language_OTH", "language_TGT", "dataset"]
        group["contrast"] = group[keys].agg(";".join, axis=1)
        means = group.groupby("contrast", sort=False)[["user_ans", column]].mean()
        groups[name] = {key: (row["user_ans"], row[column]) for key, row in means.iterrows()}
    human, model, done = [], [], set()
    for key in groups["EN"]:
        if key in done:
            continue
        parts = key.split(";")
        other = ";".join([parts[1], parts[0], parts[3], parts[2], parts[4]])
        done |= {key, other}
        if key not in groups["FR"]:
            continue
        fr, en = ([(a + b) / 2 for a, b in zip(g[key], g.get(other, g[key]))] for g in (groups["FR"], groups["EN"]))
        human.append(fr[0] - en[0])
        model.append(fr[1] - en[1])
    return dict(r=float(pearsonr(model, human)[0]), contrasts=len(human))


def discrimination(group):
    """Accuracy of each participant on native and other speech: means, and scipy's test of the pairs."""
    group = group.assign(right=group["bin_user_ans"] > 0)
    means = group.groupby(["subject_id", "relation"])["right"].mean().unstack()
    test = wilcoxon(means["native"] - means["non-native"], zero_method="wilcox", method="auto")
    return dict(means=means.mean().to_dict(), n=len(means), statistic=float(test.statistic), p=float(test.pvalue))


def synthetic():
    rng = np.random.default_rng(7)
    phones = dict(EN=["ɪ", "i", "æ", "ʌ", "θ"], FR=["y", "u", "ø", "ɑ̃"])
    triplets = []
    for dataset, language in (("WorldVowels", "FR"), ("pilot-aug-2018", "EN")):
        for a in phones[language]:
            for b in phones[language]:
                for context in (("p", "t"), ("z", "k")):
                    if a != b and rng.uniform() < 0.8:
                        triplets.append((f"triplet_{len(triplets)}", a, b, *context, language, dataset, rng.normal(0, 0.3)))
    rows = []
    for subject in range(24):
        group = "FR" if subject < 11 else "EN"
        heard = 0
        for t, (name, a, b, before, after, language, dataset, ease) in enumerate(triplets):
            if rng.uniform() < 0.45:
                continue
            heard += 1
            english, french = (ease + rng.normal(0, 0.1, 2)).round(6)
            effect = 0.4 * ease + 0.2 * (language == group) + 0.02 * subject
            graded = int(np.clip(np.round(3 * (0.3 + effect + rng.normal())), -3, 3)) or 1
            answer = graded if dataset == "WorldVowels" else int(np.sign(graded))
            rows.append(
                dict(subject_id=f"s{subject:02d}", subject_language=group, triplet_id=name, phone_TGT=a, phone_OTH=b,
                     prev_phone=before, next_phone=after, language_TGT=language, language_OTH=language, user_ans=answer,
                     bin_user_ans=int(np.sign(answer)), nb_stimuli=heard, TGT_first=bool(t % 2), dataset=dataset,
                     model_en=english, model_fr=french))
    data = pd.DataFrame(rows)
    data.to_csv(f"{here}/listeners.csv", index=False)
    data = pd.read_csv(f"{here}/listeners.csv")
    data["relation"] = np.where(data["language_TGT"] == data["subject_language"], "native", "non-native")
    by_group = {name: data[data["subject_language"] == name] for name in ("EN", "FR")}
    return dict(
        accuracy={name: float((group["bin_user_ans"] > 0).mean()) for name, group in by_group.items()},
        rho={name: rank_correlation(group, "model_en") for name, group in by_group.items()},
        probit={name: probit_fit(group, "model_en", True) for name, group in by_group.items()},
        raw=probit_fit(data, "model_fr", False),
        nativeEffect=native_effect(data, "model_fr", "model_en"),
        discrimination={name: discrimination(group) for name, group in by_group.items()},
    )


def perceptimatic(path):
    data = pd.read_csv(path).rename(
        columns=dict(individual="subject_id", filename="triplet_id", TGT="phone_TGT", OTH="phone_OTH",
                     correct_answer="user_ans", binarized_answer="bin_user_ans"))
    data["language_TGT"] = data["language_OTH"] = data["triplet_id"].str[:2]
    data["dataset"] = "zerospeech"
    models = ["articulation", "babelmulti", "fishermono", "fishertri", "deepspeech", "dpgmm", "mfccs"]
    return dict(
        trials=len(data),
        participants=int(data["subject_id"].nunique()),
        triplets=int(data["triplet_id"].nunique()),
        accuracy={name: float((group["bin_user_ans"] > 0).mean()) for name, group in data.groupby("language_TGT")},
        rho={m: rank_correlation(data, m) for m in models},
        raw={m: probit_fit(data, m, False) for m in models},
        standardized={m: probit_fit(data, m, True) for m in models},
    )


def write(name, what):
    with open(f"{here}/{name}.json", "w") as out:
        json.dump(what, out, indent=1, ensure_ascii=False)
        out.write("\n")


write("dtw", dtw_fixture())
write("listeners", synthetic())
if len(sys.argv) > 2:
    write("perceptimatic", perceptimatic(sys.argv[2]))
