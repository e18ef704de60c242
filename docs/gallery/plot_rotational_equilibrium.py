r"""
Rotational equilibrium
======================

Weights whose length does not matter: steps at a right angle lengthen them, decay shortens them, until both balance at
an angle of about :math:`\sqrt{2\alpha\lambda}` a step.
"""

import matplotlib.pyplot as plt
import numpy as np

import wdmath

step_size, lam, rng = 0.1, 0.02, np.random.default_rng(4)
for length in (0.3, 1.0, 3.0):
    w, norms = length * np.eye(200)[0], []
    for _ in range(1500):
        gradient = rng.normal(size=200)
        gradient -= w * (w @ gradient) / (w @ w)
        gradient /= np.linalg.norm(gradient) * np.linalg.norm(w)
        w = (1 - step_size * lam) * w - step_size * gradient
        norms.append(np.linalg.norm(w))
    plt.plot(norms)
plt.axhline(
    wdmath.rotational_equilibrium(step_size, lam).norm, color="black", linestyle="--", label="predicted"
)
plt.xlabel("step")
plt.ylabel(r"$\Vert w \Vert$")
plt.legend()
plt.show()
