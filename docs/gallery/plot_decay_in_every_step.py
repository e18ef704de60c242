"""
Decay in every step
===================

Gradient descent with and without weight decay, from the same start.
"""

import matplotlib.pyplot as plt
import numpy as np

import wdmath

risk = wdmath.QuadraticRisk.from_least_squares(*wdmath.load_i2ml(), scale="sum")
for lam in (0.0, 10.0, 50.0):
    steps = wdmath.gradient_descent(risk, [0.0, 0.0], 0.005, np.arange(101), lam)
    plt.plot(*np.asarray(steps).T, ".-", label=rf"$\lambda$ = {lam:g}")
    plt.plot(*wdmath.ridge_minimizer(risk, lam), "k+", markersize=10)
plt.xlabel(r"$\theta_1$")
plt.ylabel(r"$\theta_2$")
plt.legend()
plt.show()
