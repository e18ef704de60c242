"""
Where ellipse and circle touch
==============================

The ridge minimizer is the point of least risk on a circle; for each penalty there is a circle.
"""

import matplotlib.pyplot as plt
import numpy as np

import wdmath

risk = wdmath.QuadraticRisk([[4.0, 1.5], [1.5, 1.5]], [2.0, 1.5])
turn = np.linspace(0, 2 * np.pi, 200)
unit = np.array([np.cos(turn), np.sin(turn)])
for lam in (0.3, 1.0, 4.0):
    circle = wdmath.tangent_circle(risk, lam)
    ellipse = wdmath.level_set_ellipse(risk, circle.level)
    plt.plot(*(circle.radius * unit), color="hotpink", linewidth=1)
    outline = ellipse.directions @ (ellipse.semi_axes[:, None] * unit)
    plt.plot(*(outline + ellipse.center[:, None]), color="orange", linewidth=1)
    plt.plot(*circle.point, "o", color="tab:blue")
plt.plot(*wdmath.ridge_minimizer(risk, np.geomspace(1e-2, 1e3, 200)).T, color="tab:blue", linewidth=1)
plt.gca().set_aspect("equal")
plt.show()
