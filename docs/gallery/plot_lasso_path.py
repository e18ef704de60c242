"""
The exact lasso path
====================

Coefficients reach zero one after the other; the corners of the path are computed, not searched for.
"""

import matplotlib.pyplot as plt
import numpy as np

import wdmath

rng = np.random.default_rng(0)
X = rng.normal(size=(100, 8))
y = X @ [3.0, -2.0, 1.5, 1.0, 0, 0, 0, 0] + rng.normal(size=100)
path = wdmath.lasso_path(X, y, scale="half_mean", intercept=True)
plt.plot(path.lams, path.coefficients, ".-")
plt.xlabel(r"$\lambda$")
plt.ylabel("coefficients")
plt.show()
