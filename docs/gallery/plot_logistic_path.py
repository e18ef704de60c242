"""
Classes that can be told apart
==============================

Without a penalty the weights of a logistic regression grow without end; with one they are finite, and shrink.
"""

import matplotlib.pyplot as plt
import numpy as np

import wdmath

rng = np.random.default_rng(5)
X = np.vstack([rng.normal(-2, 1, (30, 2)), rng.normal(2, 1, (30, 2))])
y = np.repeat([0, 1], 30)
lams = np.geomspace(1e-6, 1, 40)
weights = wdmath.LogisticRisk(X, y, scale="mean", intercept=True).ridge_path(lams)
plt.semilogx(lams, weights[:, :2], label=["weight 1", "weight 2"])
plt.legend()
plt.xlabel(r"$\lambda$")
plt.ylabel("weights")
plt.show()
