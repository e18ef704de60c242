"""Gradients of the unregularized risk: of all the data, of a minibatch, or any function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from wdmath._validation import Array, count, real_array, shown
from wdmath.risk import QuadraticRisk, least_squares_scale

__all__ = ["MinibatchGradient", "gradient_function"]


class MinibatchGradient:
    """Gradient of a least-squares risk on one minibatch per step, an unbiased estimate of the full gradient.

    R(theta) = c ||y - X theta||^2 has the gradient 2c X^T (X theta - y); from a batch of b of the n rows it is
    estimated by (n/b) 2c X_b^T (X_b theta - y_b). Rows are shuffled anew in every epoch, each used once; the last
    batch of an epoch is smaller if b does not divide n, and scaled by its own size. Step k always uses the same batch,
    for all penalties, so that runs differ by their penalty alone.

    Parameters
    ----------
    X : array_like of shape (n, p)
    y : array_like of shape (n,)
    batch_size : int
        b, 1 <= b <= n.
    scale : {"sum", "half_sum", "mean", "half_mean"} or float
        c = 1, 1/2, 1/n or 1/(2n), or c itself.
    seed : int, default 0
        Seed of the shuffling.

    Raises
    ------
    ValueError
        If the shapes do not match or an argument is out of range.

    Examples
    --------
    >>> import wdmath
    >>> X, y = wdmath.load_i2ml()
    >>> risk = wdmath.QuadraticRisk.from_least_squares(X, y, scale="mean")
    >>> batches = wdmath.MinibatchGradient(X, y, 20, scale="mean")
    >>> theta = risk.minimizer + 1
    >>> epoch = sum(batches.at_step(theta, k) for k in range(5)) / 5
    >>> bool(abs(epoch - risk.gradient(theta)).max() < 1e-12)
    True
    """

    def __init__(
        self, X: ArrayLike, y: ArrayLike, batch_size: int, *, scale: str | float, seed: int = 0
    ) -> None:
        self.X = real_array(X, "X", ndim=2)
        n = self.X.shape[0]
        self.y = real_array(y, "y", shape=(n,))
        self.batch_size = count(batch_size, "batch_size", minimum=1)
        if self.batch_size > n:
            raise ValueError(f"batch_size must be <= the number of rows {n}, got {batch_size}")
        self._weight = 2 * least_squares_scale(scale, n) * n
        self._seed = count(seed, "seed")
        self._epoch, self._order = -1, np.arange(n)

    def rows(self, step: int) -> Array:
        """Indices of the rows in the batch of this step."""
        n = len(self.y)
        epoch, batch = divmod(step, -(-n // self.batch_size))
        if epoch != self._epoch:
            self._epoch, self._order = epoch, np.random.default_rng([self._seed, epoch]).permutation(n)
        return self._order[batch * self.batch_size : (batch + 1) * self.batch_size]

    def at_step(self, theta: Array, step: int) -> Array:
        """Gradient at points of shape (..., p) on the batch of this step."""
        rows = self.rows(step)
        X = self.X[rows]
        return (theta @ X.T - self.y[rows]) @ X * (self._weight / len(rows))


class HasGradient(Protocol):
    """A risk of any kind."""

    def gradient(self, theta: Any, /) -> Any:
        """grad R(theta), without the penalty."""


# What optimizers take for the gradient of the unregularized risk.
Gradient = MinibatchGradient | HasGradient | Callable[[Array], Any]


def gradient_function(source: Gradient, dimension: int) -> Callable[[Array, int], Array]:
    """The gradient of the unregularized risk as a function of theta, of shape (..., p), and the number of the step."""
    p = dimension
    if isinstance(source, MinibatchGradient):
        p = source.X.shape[1]
    elif isinstance(source, QuadraticRisk):
        p = source.dimension
    if p != dimension:
        raise ValueError(
            f"start must have shape (..., {p}) for a gradient in {p} parameters, got (..., {dimension})"
        )
    if isinstance(source, MinibatchGradient):
        return source.at_step
    if isinstance(source, QuadraticRisk):
        hessian, pull = source.hessian, source.hessian @ source.minimizer
        return lambda theta, step: theta @ hessian - pull
    method = getattr(source, "gradient", source)
    if not callable(method):
        raise TypeError(f"gradient must be callable or have a method gradient, got {shown(source)}")

    def checked(theta: Array, step: int) -> Array:
        value = np.asarray(method(theta.copy()))
        if value.dtype.kind not in "fiub":
            raise TypeError(f"gradient(theta) must hold real numbers, got {shown(value)}")
        if value.shape != theta.shape:
            raise ValueError(f"gradient(theta) must have the shape {theta.shape} of theta, got {value.shape}")
        # A run that diverges may end in infinities; a finite point without a gradient is a mistake.
        if np.isnan(value).any() and np.isfinite(theta).all():
            raise ValueError(f"gradient(theta) must not be nan, got {shown(value)} at theta = {shown(theta)}")
        return value

    return checked
