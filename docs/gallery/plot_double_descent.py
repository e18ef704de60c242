"""
Double descent, and its cure
============================

Random features fitted without a penalty: the error peaks where there are as many of them as rows. A penalty takes the
peak away.
"""

import matplotlib.pyplot as plt
import numpy as np

import wdmath

rng = np.random.default_rng(6)
X, X_test = rng.normal(size=(60, 10)), rng.normal(size=(1000, 10))
truth = rng.normal(size=10)
y, y_test = X @ truth + 0.5 * rng.normal(size=60), X_test @ truth
counts, lams = [5, 10, 20, 30, 40, 50, 55, 60, 65, 70, 80, 100, 150, 300, 600], [1e-9, 1.0]
errors = []
for count in counts:
    weights = rng.normal(size=(10, count)) / np.sqrt(10)
    features, features_test = np.maximum(X @ weights, 0), np.maximum(X_test @ weights, 0)
    path = wdmath.ridge_path(features, y, lams, scale="sum")
    errors.append(((features_test @ path.coefficients.T - y_test[:, None]) ** 2).mean(0))
plt.loglog(counts, errors, ".-", label=["hardly any penalty", r"$\lambda$ = 1"])
plt.axvline(60, color="gray", linewidth=0.5)
plt.xlabel("features")
plt.ylabel("test error")
plt.legend()
plt.show()
