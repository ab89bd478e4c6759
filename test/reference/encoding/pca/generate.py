"""Oracle numbers for src-main/encoding/pca.ts: scikit-learn's exact PCA. Run here: python generate.py

Versions used: scikit-learn 1.9.1, numpy 2.4.6. Seed 3. Tolerances are in the test: both sides compute in float64 from the
same float32 samples; ours goes through the Gram matrix, which loses directions below 1e-7 of the largest.
"""
import json

import numpy as np
from sklearn.decomposition import PCA

rng = np.random.default_rng(3)
cases = []
for n, d, k, decay in [(40, 12, 5, 0.7), (30, 90, 8, 0.9), (70, 120, 20, 0.97), (130, 60, 30, 0.98), (25, 25, 24, 0.95)]:
    scales = decay ** np.arange(min(n, d))
    x = (rng.normal(size=(n, len(scales))) * scales) @ rng.normal(size=(len(scales), d)) + rng.normal(size=d) * 4
    x = x.astype(np.float32)
    rounded = [round(float(v), 6) for v in x.ravel()]
    x = np.array(rounded, dtype=np.float32).reshape(n, d)
    pca = PCA(k, svd_solver="full").fit(x.astype(np.float64))
    back = pca.inverse_transform(pca.transform(x.astype(np.float64)))
    cases.append(
        dict(
            n=n, d=d, k=k, x=rounded,
            variance=pca.explained_variance_.tolist(),
            # sums of squares of the scores' rows: free of signs
            energy=(pca.transform(x.astype(np.float64)) ** 2).sum(1).tolist(),
            back=[round(float(v), 7) for v in back[::7].ravel()],
        )
    )
with open("pca.json", "w") as file:
    json.dump(cases, file)
