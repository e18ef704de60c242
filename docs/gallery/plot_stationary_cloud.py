"""
A cloud that never settles
==========================

Gradient descent with noise forms a cloud around the ridge minimizer; its covariance is known in advance.
"""

import matplotlib.pyplot as plt
import numpy as np

import wdmath

risk = wdmath.QuadraticRisk([[3.0, 1.0], [1.0, 1.0]], [1.0, 1.0])
step_size, lam, rng = 0.1, 0.5, np.random.default_rng(3)
theta = wdmath.ridge_minimizer(risk, lam)
center, points = theta.copy(), []
for _ in range(4000):
    theta = theta - step_size * (risk.gradient(theta) + lam * theta + rng.normal(size=2))
    points.append(theta)
covariance = wdmath.stationary_covariance(risk, step_size, lam, noise=np.eye(2))
turn = np.linspace(0, 2 * np.pi, 100)
ring = 2 * np.linalg.cholesky(covariance) @ [np.cos(turn), np.sin(turn)]
plt.plot(*np.transpose(points), ".", markersize=2, alpha=0.4)
plt.plot(*(center[:, None] + ring), color="black", label="two standard deviations, predicted")
plt.gca().set_aspect("equal")
plt.legend()
plt.show()
