r"""
Stopping early is decay
=======================

What :math:`\tau` steps have kept of each direction, beside ridge at :math:`\lambda = 1/(\alpha\tau)`.
"""

import matplotlib.pyplot as plt
import numpy as np

import wdmath

eigenvalues, step_size = np.geomspace(1e-3, 10, 300), 0.1
for steps, color in ((10, "tab:blue"), (100, "tab:orange"), (1000, "tab:green")):
    stopped = wdmath.early_stopping_factors(eigenvalues, step_size, steps)
    ridge = wdmath.shrinkage_factors(eigenvalues, 1 / (step_size * steps))
    plt.semilogx(eigenvalues, stopped, color=color, label=f"{steps} steps")
    plt.semilogx(eigenvalues, ridge, "--", color=color)
plt.xlabel(r"eigenvalue $\sigma$")
plt.ylabel("share that is kept (dashed: ridge)")
plt.legend()
plt.show()
