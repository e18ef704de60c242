"""
A prior belief
==============

Ridge as the mean of a posterior, with the ellipse in which the weights lie with probability one half.
"""

import matplotlib.pyplot as plt
import numpy as np

import wdmath

risk = wdmath.QuadraticRisk([[4.0, 1.5], [1.5, 1.0]], [2.0, 1.0])
turn = np.linspace(0, 2 * np.pi, 100)
for lam in (0.1, 1.0, 5.0):
    posterior = wdmath.gaussian_posterior(risk, lam)
    ring = np.sqrt(2 * np.log(2)) * np.linalg.cholesky(posterior.covariance) @ [np.cos(turn), np.sin(turn)]
    plt.plot(*(posterior.mean[:, None] + ring), label=rf"$\lambda$ = {lam:g}")
plt.plot(0, 0, "k+")
plt.gca().set_aspect("equal")
plt.legend()
plt.show()
