"""Polynomial and random features, for fits that are flexible enough to chase noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from wdmath._validation import Array, choice, count, flag, real_array, real_number, require_room

__all__ = ["polynomial_features", "random_features"]

ACTIVATIONS = ("relu", "tanh", "cosine")


def polynomial_features(
    x: ArrayLike,
    degree: int,
    *,
    basis: str = "power",
    domain: tuple[float, float] | None = None,
    constant: bool = True,
) -> Array:
    """Polynomials of degree 0, ..., `degree` of one feature.

    Parameters
    ----------
    x : array_like of shape (n,)
        Values of the feature.
    degree : int
        Highest degree, >= 0.
    basis : {"power", "legendre", "chebyshev"}, default "power"
        Column j is u^j, P_j(u) or T_j(u). The powers are nearly dependent for high degrees; the other two span the same
        polynomials and are close to orthogonal for evenly spread x. A ridge penalty depends on the choice.
    domain : tuple of two floats, optional
        The interval that is mapped linearly to u in [-1, 1]. Default: u = x. Give the interval of the training
        data here for new data too.
    constant : bool, default True
        Whether to have the column of degree 0. Leave it out where an intercept is fitted apart, unpenalized.

    Returns
    -------
    ndarray of shape (n, degree + 1), or (n, degree) without the constant

    Raises
    ------
    ValueError
        If an argument is out of range or not finite, or the domain is empty.
    TypeError
        If `degree` is not an integer.

    References
    ----------
    Abramowitz, Stegun (1964), Handbook of Mathematical Functions, table 22.7, for the recurrences.

    Examples
    --------
    >>> import wdmath
    >>> wdmath.polynomial_features([0.0, 1.0, 2.0], 3).tolist()
    [[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0], [1.0, 2.0, 4.0, 8.0]]
    >>> wdmath.polynomial_features([0.0, 1.0, 2.0], 2, basis="legendre", domain=(0.0, 2.0), constant=False).tolist()
    [[-1.0, 1.0], [0.0, -0.5], [1.0, 1.0]]
    """
    u = real_array(x, "x", ndim=1)
    degree = count(degree, "degree")
    require_room(f"powers up to degree {degree}", u.size * (degree + 1), "take a smaller degree")
    choice(basis, "basis", ("power", "legendre", "chebyshev"))
    constant = flag(constant, "constant")
    if domain is not None:
        low, high = real_array(domain, "domain", shape=(2,)).tolist()
        if not low < high:
            raise ValueError(f"domain must be an interval (low, high) with low < high, got {(low, high)}")
        u = ((u - low) - (high - u)) / (high - low)
    if not constant and degree == 0:
        raise ValueError("degree must be >= 1 without the constant, got 0")
    columns = np.empty((u.size, degree + 1))
    columns[:, 0] = 1.0
    if degree:
        columns[:, 1] = u
    for j in range(2, degree + 1):
        product = u * columns[:, j - 1]
        if basis == "power":
            columns[:, j] = product
        elif basis == "legendre":
            columns[:, j] = ((2 * j - 1) * product - (j - 1) * columns[:, j - 2]) / j
        else:
            columns[:, j] = 2 * product - columns[:, j - 2]
    return columns if constant else columns[:, 1:]


def random_features(
    X: ArrayLike,
    number: int,
    *,
    activation: str = "relu",
    length: float = 1.0,
    seed: int = 0,
) -> Array:
    """A layer of random weights that are not trained: one feature g(w . x + b) for each neuron.

    Ridge regression on them is a network of which only the last layer is trained. Around as many features as rows the
    test error of its minimum without a penalty rises to a peak, and falls again beyond (double descent); with the best
    penalty there is no peak.

    Parameters
    ----------
    X : array_like of shape (n, p)
    number : int
        How many features, >= 1.
    activation : {"relu", "tanh", "cosine"}, default "relu"
        max(u, 0) or tanh(u) with w ~ N(0, I / (length^2 p)) and b ~ N(0, 1); or sqrt(2) cos(u) with w ~ N(0, I /
        length^2) and b uniform on [0, 2 pi], whose inner products, divided by `number`, tend to the Gaussian kernel of
        `kernel_ridge` with this length.
    length : float, default 1
        Of the distances that matter, in the unit of X.
    seed : int, default 0
        Of the random weights. The same seed gives the same features for new rows, and more features begin with those
        that fewer have.

    Returns
    -------
    ndarray of shape (n, number)

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described; the message names it and its value.

    References
    ----------
    Rahimi, Recht (2007), Random features for large-scale kernel machines, NIPS 20; Hastie, Montanari, Rosset,
    Tibshirani (2022), Surprises in high-dimensional ridgeless least squares interpolation, Annals of Statistics 50.

    Examples
    --------
    >>> import wdmath
    >>> wdmath.random_features([[0.0, 1.0], [2.0, 1.0]], 3).shape
    (2, 3)
    """
    rows = real_array(X, "X", ndim=2)
    number = count(number, "number", minimum=1)
    choice(activation, "activation", ACTIVATIONS)
    length, seed = real_number(length, "length", positive=True), count(seed, "seed")
    n, p = rows.shape
    require_room(f"{number} features", number * (n + p), "take a smaller number")
    # One row for each feature, so that the first ones do not depend on how many there are.
    drawn = np.random.default_rng([seed, p]).standard_normal((number, p + 1))
    weights, offsets = drawn[:, :p], drawn[:, p]
    if activation == "cosine":
        turns = np.random.default_rng([seed, p, 1]).uniform(0.0, 2 * np.pi, number)
        return np.sqrt(2.0) * np.cos(rows / length @ weights.T + turns)
    u = rows / (length * np.sqrt(p)) @ weights.T + offsets
    return np.maximum(u, 0.0) if activation == "relu" else np.tanh(u)
