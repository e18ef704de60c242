"""
Between ridge and lasso
=======================

Two columns that are nearly copies: the lasso keeps one, a little ridge lets them share.
"""

import matplotlib.pyplot as plt
import numpy as np

import wdmath

rng = np.random.default_rng(1)
shared = rng.normal(size=(60, 1))
X = np.hstack([shared + 0.05 * rng.normal(size=(60, 2)), rng.normal(size=(60, 2))])
y = X[:, 0] + X[:, 1] + 0.5 * rng.normal(size=60)
lams = np.geomspace(2, 2e-3, 60)
figure, axes = plt.subplots(1, 2, sharey=True)
for axis, l1_ratio in zip(axes, (1.0, 0.3), strict=True):
    path = wdmath.elastic_net_path(X, y, lams, l1_ratio=l1_ratio, scale="half_mean", intercept=True)
    axis.semilogx(lams, path.coefficients)
    axis.set_title(f"l1_ratio = {l1_ratio}")
    axis.set_xlabel(r"$\lambda$")
plt.show()
