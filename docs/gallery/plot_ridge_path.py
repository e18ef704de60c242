"""
A ridge path
============

Coefficients for two hundred penalties, from one factorization.
"""

import matplotlib.pyplot as plt
import numpy as np

import wdmath

X, y = wdmath.load_i2ml()
lams = np.geomspace(1e-1, 1e4, 200)
path = wdmath.ridge_path(X, y, lams, scale="sum")
plt.semilogx(lams, path.coefficients, label=[r"$\theta_1$", r"$\theta_2$"])
plt.axhline(0, color="gray", linewidth=0.5)
plt.xlabel(r"$\lambda$")
plt.legend()
plt.show()
