"""
Adam with a penalty, and AdamW
==============================

Adam rescales the penalty with the gradient and rests at the ridge minimizer; AdamW decays apart from it and does not.
"""

import matplotlib.pyplot as plt

import wdmath

risk = wdmath.QuadraticRisk([[30.0, 0.0], [0.0, 1.0]], [1.0, 1.0])
lam, schedule = 0.5, [1 / (1 + k / 100) for k in range(2000)]
for name, path in (("Adam", wdmath.adam_path), ("AdamW", wdmath.adamw_path)):
    steps = path(risk, [0.0, 0.0], 0.05, 2000, lam, schedule=schedule)
    plt.plot(*steps.T, label=name, linewidth=1)
plt.plot(*wdmath.ridge_minimizer(risk, lam), "k+", markersize=12, label="ridge minimizer")
plt.xlabel(r"$\theta_1$")
plt.ylabel(r"$\theta_2$")
plt.legend()
plt.show()
