r"""
Shrinkage factors
=================

A direction of large curvature keeps its component, one of small curvature loses it: :math:`\sigma/(\sigma + \lambda)`.
"""

import matplotlib.pyplot as plt
import numpy as np

import wdmath

eigenvalues = np.geomspace(1e-3, 1e3, 300)
for lam in (0.1, 1.0, 10.0):
    plt.semilogx(eigenvalues, wdmath.shrinkage_factors(eigenvalues, lam), label=rf"$\lambda$ = {lam:g}")
plt.axhline(0.5, color="gray", linewidth=0.5)
plt.xlabel(r"eigenvalue $\sigma$")
plt.ylabel("share that is kept")
plt.legend()
plt.show()
