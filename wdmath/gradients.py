"""Gradients of the unregularized risk: of all the data, of a minibatch, or any function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from wdmath._validation import Array, choice, count, integer_array, real_array, shown
from wdmath._values import Value, frozen, owned
from wdmath.risk import QuadraticRisk, least_squares_scale

__all__ = ["MinibatchGradient", "gradient_function"]

SAMPLINGS = ("epochs", "independent")
# Independent batches are drawn so many at a time.
DRAWN_AT_ONCE = 64


class MinibatchGradient(Value):
    """Gradient of a least-squares risk on one minibatch per step, an unbiased estimate of the full gradient.

    R(theta) = c ||y - X theta||^2 has the gradient 2c X^T (X theta - y); from a batch of b of the n rows it is
    estimated by (n/b) 2c X_b^T (X_b theta - y_b), with each batch scaled by its own size. Step k always uses the same
    batch, for all penalties, so that runs differ by their penalty alone.

    Parameters
    ----------
    X : array_like of shape (n, p)
    y : array_like of shape (n,)
    batch_size : int, optional
        b, 1 <= b <= n. Needed unless `batches` are given.
    scale : {"sum", "half_sum", "mean", "half_mean"} or float
        c = 1, 1/2, 1/n or 1/(2n), or c itself.
    seed : int, default 0
        Seed of the shuffling.
    sampling : {"epochs", "independent"}, default "epochs"
        "epochs": rows are shuffled anew in every epoch, each used once; the last batch of an epoch is smaller if b does
        not divide n. "independent": b different rows are drawn for every step, whatever was drawn before.
    batches : sequence of array_like of ints, optional
        The rows of each batch, instead of drawn ones: step k uses the k-th, and after the last one the first again.

    Attributes
    ----------
    X, y : ndarray
        Read-only copies of the data.

    Raises
    ------
    ValueError
        If the shapes do not match or an argument is out of range.
    TypeError
        If an argument is of the wrong kind.

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
    >>> given = wdmath.MinibatchGradient(X, y, scale="mean", batches=[[0, 1, 2], [7, 9]])
    >>> given.rows(3).tolist()
    [7, 9]
    """

    _shown = ("X", "y", "batch_size", "scale", "sampling", "seed")

    def __init__(
        self,
        X: ArrayLike,
        y: ArrayLike,
        batch_size: int | None = None,
        *,
        scale: str | float,
        seed: int = 0,
        sampling: str = "epochs",
        batches: Iterable[ArrayLike] | None = None,
    ) -> None:
        X = real_array(X, "X", ndim=2)
        n = X.shape[0]
        self.X, self.y = owned(X), owned(real_array(y, "y", shape=(n,)))
        self.scale, self.seed = scale, count(seed, "seed")
        self.sampling = choice(sampling, "sampling", SAMPLINGS)
        self._weight = 2 * least_squares_scale(scale, n) * n
        self._batches: Sequence[Array] | None = None
        self._epoch, self._order = -1, frozen(np.arange(0))
        self.batch_size = batch_size
        if batches is not None:
            if batch_size is not None:
                raise ValueError(f"batch_size must not be given with batches, got {shown(batch_size)}")
            self._batches = _given_batches(batches, n)
            return
        if batch_size is None:
            raise ValueError("batch_size or batches must be given, got neither")
        self.batch_size = count(batch_size, "batch_size", minimum=1)
        if self.batch_size > n:
            raise ValueError(f"batch_size must be <= the number of rows {n}, got {batch_size}")

    @classmethod
    def from_batches(
        cls, batches: Iterable[tuple[ArrayLike, ArrayLike]], *, scale: str | float
    ) -> MinibatchGradient:
        """Batches given as data: pairs (X_b, y_b), used in turn.

        Parameters
        ----------
        batches : iterable of pairs of array_like of shapes (b, p) and (b,)
        scale : {"sum", "half_sum", "mean", "half_mean"} or float
            As for a risk of all rows of all batches, of which the gradient of each batch is an estimate.

        Examples
        --------
        >>> import wdmath
        >>> pairs = [([[1.0], [2.0]], [1.0, 2.0]), ([[3.0]], [0.0])]
        >>> wdmath.MinibatchGradient.from_batches(pairs, scale="mean").at_step([0.0], 1).tolist()
        [0.0]
        """
        pairs = list(batches)
        if not pairs:
            raise ValueError("batches must not be empty")
        X = [real_array(X, f"X of batches[{i}]", ndim=2) for i, (X, _) in enumerate(pairs)]
        y = [real_array(y, f"y of batches[{i}]", shape=(len(X[i]),)) for i, (_, y) in enumerate(pairs)]
        widths = {part.shape[1] for part in X}
        if len(widths) > 1:
            raise ValueError(f"all batches must have as many columns, got {sorted(widths)}")
        ends = np.cumsum([len(part) for part in y]).tolist()
        rows = [np.arange(end - len(part), end) for part, end in zip(y, ends, strict=True)]
        return cls(np.concatenate(X), np.concatenate(y), scale=scale, batches=rows)

    def rows(self, step: int) -> Array:
        """Indices of the rows in the batch of this step."""
        if self._batches is not None:
            return self._batches[step % len(self._batches)]
        n = len(self.y)
        b = self.batch_size or n
        independent = self.sampling == "independent"
        epoch, batch = divmod(step, DRAWN_AT_ONCE if independent else -(-n // b))
        if epoch != self._epoch:
            rng = np.random.default_rng([self.seed, epoch])
            if independent:
                order = np.concatenate(
                    [rng.choice(n, b, replace=False, shuffle=False) for _ in range(DRAWN_AT_ONCE)]
                )
            else:
                order = rng.permutation(n)
            self._epoch, self._order = epoch, frozen(order)
        return self._order[batch * b : (batch + 1) * b]

    def at_step(self, theta: ArrayLike, step: int) -> Array:
        """Gradient at points of shape (..., p) on the batch of this step."""
        points, p = real_array(theta, "theta", finite=False), self.X.shape[1]
        if points.ndim == 0 or points.shape[-1] != p:
            raise ValueError(f"theta must have shape (..., {p}), got {points.shape}: {shown(theta)}")
        return self._at_step(points, count(step, "step"))

    def noise_covariance(self, theta: ArrayLike) -> Array:
        """Covariance of the gradient of one batch at theta, for independent batches.

        (1/b) (n - b) / (n - 1) times the covariance of the n gradients n 2c x_i (x_i . theta - y_i).

        Parameters
        ----------
        theta : array_like of shape (p,)

        Returns
        -------
        ndarray of shape (p, p)

        Raises
        ------
        ValueError
            If theta is of another shape, or the batches are not drawn independently.
        """
        theta = real_array(theta, "theta", shape=(self.X.shape[1],))
        share = self._independent_share()
        rows = self._weight * (self.X @ theta - self.y)[:, None] * self.X
        rows -= rows.mean(axis=0)
        return share / len(rows) * (rows.T @ rows)

    def _independent_share(self) -> float:
        """Variance of the mean of a batch, relative to that of one row."""
        if self.sampling != "independent" or self._batches is not None:
            raise ValueError(
                "batches must be drawn independently for their noise to have a covariance of its own; "
                'construct MinibatchGradient with sampling="independent"'
            )
        n = len(self.y)
        b = self.batch_size or n
        return (n - b) / (max(n - 1, 1) * b)

    def _at_step(self, theta: Array, step: int) -> Array:
        rows = self.rows(step)
        X = self.X[rows]
        return (theta @ X.T - self.y[rows]) @ X * (self._weight / len(rows))

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for rows in self._batches or ():
            frozen(rows)


class HasGradient(Protocol):
    """A risk of any kind."""

    def gradient(self, theta: Any, /) -> Any:
        """grad R(theta), without the penalty."""


class HasGradientAtStep(Protocol):
    """A gradient that differs from step to step."""

    def at_step(self, theta: Any, step: int, /) -> Any:
        """An estimate of grad R(theta) in step 0, 1, ..., without the penalty."""


# What optimizers take for the gradient of the unregularized risk.
Gradient = MinibatchGradient | HasGradient | HasGradientAtStep | Callable[[Array], Any]


def gradient_function(source: Gradient, dimension: int) -> Callable[[Array, int], Array]:
    """The gradient of the unregularized risk as a function of theta, of shape (..., p), and the number of the step.

    Where the source is a user's function, a method `finish` of the result is to be called after the last step.
    """
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
        return source._at_step
    if isinstance(source, QuadraticRisk):
        hessian, pull = source.hessian, source.hessian @ source.minimizer
        return lambda theta, step: theta.dot(hessian) - pull
    return _UsersGradient(source)


class _UsersGradient:
    """A gradient that is given as a function of theta, and checked."""

    def __init__(self, source: Any) -> None:
        at_step = getattr(source, "at_step", None)
        method = getattr(source, "gradient", source) if at_step is None else at_step
        if not callable(method):
            raise TypeError(f"gradient must be callable or have a method gradient, got {shown(source)}")
        self._method = (lambda theta, step: method(theta)) if at_step is None else at_step
        self._doubtful: bool | None = None
        self._seen: dict[int, tuple[int, Array, Array]] = {}

    def __call__(self, theta: Array, step: int) -> Array:
        try:
            value = self._at(theta, step)
        except ValueError as error:
            if np.isfinite(theta).all():
                raise
            raise ValueError(
                f"step_size must be smaller, as the run diverges: after {step} steps theta = {shown(theta)}, of which "
                f"there is no gradient ({error})"
            ) from None
        if value.shape != theta.shape:
            remedy = f"; {self._remedy(theta)}" if theta.ndim > 1 else ""
            raise ValueError(
                f"gradient(theta) must have the shape {theta.shape} of theta, got {value.shape}{remedy}"
            )
        # A run that diverges may end in infinities; a finite point without a gradient is a mistake.
        if np.isnan(value.sum()) and np.isnan(value).any() and np.isfinite(theta).all():
            raise ValueError(f"gradient(theta) must not be nan, got {shown(value)} at theta = {shown(theta)}")
        if self._doubtful is None:
            self._doubtful = _may_be_of_columns(theta, value)
        if self._doubtful:
            # The first and the last one.
            self._seen[min(len(self._seen), 1)] = step, theta.copy(), np.array(value, dtype=float)
        return value

    def finish(self) -> None:
        """Refuse a function that was written for one point and worked along the wrong axis of several.

        With as many runs as parameters no shape tells. So two points are tried by themselves, after the last step: a
        function that counts its calls or draws random numbers is not disturbed before. A difference means something
        only where a function gives the same when it is called again.
        """
        for step, theta, value in self._seen.values():
            if not (np.isfinite(theta).all() and np.isfinite(value).all()):
                continue
            for index in (0, -1):
                row = (index,) * (theta.ndim - 1)
                try:
                    alone = self._at(theta[row], step)
                except Exception:  # a function that takes only all of them was not written for one
                    return
                if alone.shape != value[row].shape:
                    return
                if not _close(alone, value[row], value) and _close(self._at(theta, step), value, value):
                    raise ValueError(
                        f"gradient(theta) must treat each row of theta by itself, got {shown(value[row])} for a row "
                        f"among others and {shown(alone)} for it alone; {self._remedy(theta)}"
                    )

    def _at(self, theta: Array, step: int) -> Array:
        try:
            value = np.asarray(self._method(theta.copy(), step))
        except Exception as error:
            if theta.ndim > 1:
                error.add_note(f"theta has the shape {theta.shape} here: {self._remedy(theta)}")
            raise
        if value.dtype.kind not in "fiub":
            raise TypeError(f"gradient(theta) must hold real numbers, got {shown(value)}")
        return value

    @staticmethod
    def _remedy(theta: Array) -> str:
        return (
            f"write it for theta of shape (..., {theta.shape[-1]}), one row for each run, or pass "
            "lambda theta: np.apply_along_axis(gradient, -1, theta)"
        )


def _may_be_of_columns(theta: Array, value: Array) -> bool:
    """Whether a function of one point could have taken another axis of theta for that of the coordinates."""
    p = theta.shape[-1]
    # A product with a matrix takes the last but one.
    if theta.ndim > 1 and theta.shape[-2] == p:
        return True
    # An index takes the first ones; then equal points have unequal gradients.
    for axis in range(theta.ndim - 2):
        if theta.shape[axis] == p:
            first = theta.take([0], axis), value.take([0], axis)
            if not ((theta == first[0]).all() and _close(value - first[1], 0 * value, value)):
                return True
    return False


def _close(a: Array, b: Array, size: Array) -> bool:
    return a.shape == b.shape and bool(np.abs(a - b).max() <= 1e-6 * np.abs(size).max())


def _given_batches(batches: Iterable[ArrayLike], n: int) -> list[Array]:
    found = [integer_array(rows, f"batches[{i}]") for i, rows in enumerate(batches)]
    if not found:
        raise ValueError("batches must not be empty")
    for i, rows in enumerate(found):
        if rows.ndim == 0:
            raise ValueError(f"batches[{i}] must be a sequence of rows, got {shown(rows)}")
        if rows.max() >= n:
            raise ValueError(f"batches[{i}] must hold rows of X, 0 to {n - 1}, got {int(rows.max())}")
    return [owned(rows) for rows in found]
