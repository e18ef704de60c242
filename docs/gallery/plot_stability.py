r"""
A step that is too large
========================

Below :math:`2/(\sigma_1 + \lambda)` descent settles, beyond it flies off; decay leaves less room for large steps.
"""

import matplotlib.pyplot as plt
import numpy as np

import wdmath

risk = wdmath.QuadraticRisk([[8.0, 0.0], [0.0, 1.0]], [1.0, 1.0])
bound = wdmath.stability_bound(risk.eigenvalues, lam=2.0)
for share in (0.5, 0.95, 1.02):
    steps = np.asarray(wdmath.gradient_descent(risk, [0.0, 0.0], share * bound, np.arange(40), 2.0))
    rest = wdmath.ridge_minimizer(risk, 2.0)
    plt.semilogy(np.linalg.norm(steps - rest, axis=1), label=f"{share:g} of the bound {bound:.2f}")
plt.xlabel("step")
plt.ylabel("distance from where it should rest")
plt.legend()
plt.show()
