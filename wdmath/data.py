"""The lecture's data, shipped with the package."""

from __future__ import annotations

from importlib.resources import files

import numpy as np

from ._validation import Array

__all__ = [
    "load_i2ml",
]


def load_i2ml() -> tuple[Array, Array]:
    """The data behind the source lecture's figures: 100 rows, two features, no intercept.

    With the sum-of-squares risk ||y - X theta||^2 the Hessian has eigenvalues 116.2 and 16.3 and the
    minimizer is (0.49, 2.92); the ridge penalty first makes theta_1 grow.

    Returns
    -------
    X : ndarray of shape (100, 2)
        Features x1, x2.
    y : ndarray of shape (100,)

    References
    ----------
    LMU Munich, Introduction to Machine Learning (I2ML), lecture "Geometric analysis of L2 regularization".

    Examples
    --------
    >>> import wdmath
    >>> X, y = wdmath.load_i2ml()
    >>> X.shape, y.shape
    ((100, 2), (100,))
    """
    with (files("wdmath") / "data" / "i2ml.csv").open(encoding="utf-8") as lines:
        table = np.loadtxt(lines, delimiter=",", skiprows=1)
    return table[:, :2].copy(), table[:, 2].copy()
