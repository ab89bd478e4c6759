#!/usr/bin/env python3
"""himalaya's random search over kernel weights on each outer fold: times and answers for test/benchmark/banded.ts.

usage: banded.py FOLDER [--threads 2] [--backend torch] [--batch 2000]

FOLDER has shape.json {n, sizes, targets, folds, inner, alphas, candidates}, x0.f32 … [n, size] and y.f32 [n, targets]; the
answers are written beside them: himalaya.r.f32 [folds, targets], himalaya.choice.u16 [2, folds, targets] (candidate, alpha) and
himalaya.json {seconds, version}. Kernels are computed within the time; float32 throughout, as the data are.
"""
import argparse, json, os, pathlib, time

p = argparse.ArgumentParser()
p.add_argument("folder", type=pathlib.Path)
p.add_argument("--threads", type=int, default=2)
p.add_argument("--backend", default="torch")
p.add_argument("--batch", type=int, default=2000)
a = p.parse_args()
for v in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[v] = str(a.threads)

import warnings
import numpy as np, himalaya
from himalaya.backend import set_backend
from himalaya.kernel_ridge import solve_multiple_kernel_ridge_random_search
from sklearn.model_selection import KFold

warnings.filterwarnings("ignore")
backend = set_backend(a.backend)
if a.backend == "torch":
    import torch
    torch.set_num_threads(a.threads)
s = json.loads((a.folder / "shape.json").read_text())
read = lambda name, cols: np.fromfile(a.folder / name, "<f4").reshape(s["n"], cols)
X = [read(f"x{b}.f32", size) for b, size in enumerate(s["sizes"])]
Y = read("y.f32", s["targets"])
candidates, alphas = np.array(s["candidates"], np.float32), np.array(s["alphas"], np.float32)
rs, choices = [], []
t0 = time.perf_counter()
for train, test in KFold(s["folds"]).split(Y):
    centred = [x - x[train].mean(0) for x in X]
    y = Y[train] - Y[train].mean(0)
    K = backend.asarray(np.stack([x[train] @ x[train].T for x in centred]))
    deltas, dual, scores, best = solve_multiple_kernel_ridge_random_search(
        K, y, n_iter=backend.asarray(candidates), alphas=backend.asarray(alphas), cv=KFold(s["inner"]), return_weights="dual",
        n_targets_batch=a.batch, n_targets_batch_refit=a.batch, progress_bar=False, return_alphas=True)
    deltas, dual, scores, best = (np.asarray(backend.to_numpy(v)) for v in (deltas, dual, scores, best))
    prediction = sum(np.exp(d) * (x[test] @ x[train].T @ dual) for d, x in zip(deltas, centred))
    u, v = Y[test] - Y[test].mean(0), prediction - prediction.mean(0)
    d = np.sqrt((u ** 2).sum(0) * (v ** 2).sum(0))
    rs.append(np.where(d > 0, (u * v).sum(0) / np.where(d > 0, d, 1), 0))
    # A candidate that is better by less than float32's epsilon is not taken: what was is told by the deltas.
    weights = np.exp(deltas) * best
    candidate = np.abs(weights[None] - candidates[:, :, None]).sum(1).argmin(0)
    choices.append([candidate, np.abs(np.log(best[None] / alphas[:, None])).argmin(0)])
seconds = time.perf_counter() - t0
np.array(rs, "<f4").tofile(a.folder / "himalaya.r.f32")
np.moveaxis(np.array(choices), 0, 1).astype("<u2").tofile(a.folder / "himalaya.choice.u16")
(a.folder / "himalaya.json").write_text(json.dumps({"seconds": seconds, "version": himalaya.__version__}))
