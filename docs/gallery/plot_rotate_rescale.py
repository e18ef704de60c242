r"""
Rotate, rescale, rotate back
============================

The minimizer in the eigenbasis of the Hessian, each component multiplied by its factor, and turned back.
"""

import matplotlib.pyplot as plt
import numpy as np

import wdmath

risk = wdmath.QuadraticRisk.from_least_squares(*wdmath.load_i2ml(), scale="sum")
lam = 50.0
z = risk.to_eigenbasis(risk.minimizer)
shrunk = wdmath.shrinkage_factors(risk.eigenvalues, lam) * z
ridge = risk.from_eigenbasis(shrunk)

x1, x2 = np.meshgrid(np.linspace(-1, 3, 200), np.linspace(-0.5, 4, 200))
plt.contour(x1, x2, risk.value(np.stack([x1, x2], axis=-1)), levels=8, colors="orange", linewidths=0.8)
for component, direction in zip(shrunk, risk.eigenvectors.T, strict=True):
    plt.plot(*np.outer([0, component], direction).T, color="tab:blue")
plt.plot(*risk.minimizer, "o", color="black", label=r"$\hat\theta$")
plt.plot(*ridge, "o", color="tab:blue", label=r"$\hat\theta_{ridge}$")
plt.gca().set_aspect("equal")
plt.legend()
plt.show()
