"""
Choosing the penalty
====================

The error on rows left out, for all penalties at once, without fitting anything again.
"""

import matplotlib.pyplot as plt
import numpy as np

import wdmath

rng = np.random.default_rng(2)
x = rng.uniform(-1, 1, 40)
y = np.sin(3 * x) + 0.3 * rng.normal(size=40)
X = wdmath.polynomial_features(x, 12, basis="legendre", constant=False)
lams = np.geomspace(1e-5, 1e2, 200)
found = wdmath.ridge_selection(X, y, lams, scale="mean", intercept=True)
plt.loglog(lams, found.leave_one_out, label="leave one out")
plt.loglog(lams, found.generalized_cross_validation, "--", label="generalized cross-validation")
plt.axvline(found.best_leave_one_out, color="gray", linewidth=0.7)
plt.xlabel(r"$\lambda$")
plt.ylabel("squared error")
plt.legend()
plt.show()
