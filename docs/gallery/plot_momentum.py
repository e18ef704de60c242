"""
Momentum
========

Plain descent, heavy ball and Nesterov on an elongated bowl, each at the same step size.
"""

import matplotlib.pyplot as plt
import numpy as np

import wdmath

risk = wdmath.QuadraticRisk([[100.0, 0.0], [0.0, 1.0]], [1.0, 1.0])
steps = np.arange(200)
runs = {
    "plain": wdmath.gradient_descent(risk, [0.0, 0.0], 0.01, steps),
    "heavy ball": wdmath.heavy_ball(risk, [0.0, 0.0], 0.01, 0.8, steps),
    "Nesterov": wdmath.nesterov(risk, [0.0, 0.0], 0.01, 0.8, steps),
}
for name, run in runs.items():
    plt.semilogy(steps, risk.value(np.asarray(run)) + 1e-16, label=name)
plt.xlabel("step")
plt.ylabel("risk above its minimum")
plt.legend()
plt.show()
