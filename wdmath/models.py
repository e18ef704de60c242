"""Risks beyond least squares: logistic and softmax regression with their ridge paths, and the Gaussian prior."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._validation import EPS, Array, count, flag, penalty_strength, real_array, real_number, shown
from .risk import QuadraticRisk, require_risk, ridge_minimizer

__all__ = [
    "GaussianPosterior",
    "LogisticRisk",
    "SoftmaxRisk",
    "gaussian_posterior",
]

MAX_NEWTON_STEPS = 100


class LogisticRisk:
    """R(theta) = c sum_i [log(1 + exp(m_i)) - y_i m_i] with m_i = x_i . theta: logistic regression.

    Parameters
    ----------
    X : array_like of shape (n, p)
    y : array_like of shape (n,)
        Labels 0 and 1.
    scale : {"sum", "mean"} or float
        c = 1 or 1/n, or c itself.
    intercept : bool
        If true, theta has one more entry, the last: a constant that the penalty leaves alone.

    Attributes
    ----------
    dimension : int
        Length of theta.
    penalized : ndarray of shape (dimension,), of bool
        Which entries of theta the penalty acts on.

    Raises
    ------
    ValueError
        If a label is neither 0 nor 1, or shapes do not match.

    References
    ----------
    Hastie, Tibshirani, Friedman (2009), The Elements of Statistical Learning, section 4.4.

    Examples
    --------
    >>> import wdmath
    >>> risk = wdmath.LogisticRisk([[-1.0], [2.0]], [0, 1], scale="sum")
    >>> round(risk.value([0.0]), 12) == round(2 * 0.6931471805599453, 12)
    True
    >>> risk.ridge_path([1.0, 0.1]).round(4)
    array([[0.7148],
           [1.8472]])
    """

    def __init__(self, X: ArrayLike, y: ArrayLike, *, scale: str | float, intercept: bool = False) -> None:
        self._features = _features(X, intercept)
        labels = _labels(y, self._features.shape[0])
        if labels.max() > 1:
            raise ValueError(f"y must hold the labels 0 and 1, got {int(labels.max())}")
        self._signs = 1.0 - 2.0 * labels
        self._c = _scale(scale, labels.size)
        self.dimension = self._features.shape[1]
        self.penalized = _penalized(self.dimension, intercept)

    def value(self, theta: ArrayLike) -> float | Array:
        """Risk at points of shape (..., p); the result has shape (...)."""
        losses = np.logaddexp(0.0, self._signs * (_points(theta, self.dimension) @ self._features.T))
        total = self._c * losses.sum(axis=-1)
        return float(total) if total.ndim == 0 else total

    def gradient(self, theta: ArrayLike) -> Array:
        """Gradient at points of shape (..., p)."""
        from scipy.special import expit

        margins = self._signs * (_points(theta, self.dimension) @ self._features.T)
        return self._c * ((self._signs * expit(margins)) @ self._features)

    def hessian(self, theta: ArrayLike) -> Array:
        """Hessian, of shape (p, p), at a point of shape (p,)."""
        from scipy.special import expit

        margins = real_array(theta, "theta", shape=(self.dimension,)) @ self._features.T
        curvatures = expit(margins) * expit(-margins)
        return self._c * (self._features.T @ (curvatures[:, None] * self._features))

    def probabilities(self, theta: ArrayLike, X: ArrayLike | None = None) -> Array:
        """Probability of the label 1 for the data, or for other rows X: shape (..., n)."""
        from scipy.special import expit

        features = self._features if X is None else _rows_like(self._features, X, not self.penalized.all())
        return expit(_points(theta, self.dimension) @ features.T)

    def ridge_path(self, lam: ArrayLike) -> Array:
        """Minimizers of R(theta) + lam/2 ||theta||^2 (without the intercept in the norm), by Newton's method.

        Parameters
        ----------
        lam : float or array_like of shape (L,)

        Returns
        -------
        ndarray of shape (dimension,) or (L, dimension)

        Raises
        ------
        ValueError
            If there is no minimizer: lam = 0 and a plane separates the classes, or an intercept and only
            one class.
        """
        return _newton_path(self, lam)

    def _margins(self) -> Array:
        return -self._signs[:, None] * self._features


class SoftmaxRisk:
    """R(theta) = c sum_i [log sum_k exp(theta_k . x_i) - theta_{y_i} . x_i]: softmax regression.

    Parameters
    ----------
    X : array_like of shape (n, p)
    y : array_like of shape (n,)
        Labels 0, 1, ..., K - 1.
    scale : {"sum", "mean"} or float
        c = 1 or 1/n, or c itself.
    classes : int, optional
        K; by default the largest label plus one.
    intercept : bool
        If true, each class has a constant, in the last column, that the penalty leaves alone.

    Attributes
    ----------
    shape : tuple of int
        (K, p), or (K, p + 1) with an intercept: the weights as a matrix. theta is that matrix flattened,
        row by row.
    dimension : int
        Length of theta.
    penalized : ndarray of shape (dimension,), of bool
        Which entries of theta the penalty acts on.

    Notes
    -----
    Adding one vector to the weights of all classes changes nothing in R: its Hessian is singular, and a
    penalty picks the weights that add up to zero.

    References
    ----------
    Hastie, Tibshirani, Friedman (2009), The Elements of Statistical Learning, section 4.4.

    Examples
    --------
    >>> import wdmath
    >>> risk = wdmath.SoftmaxRisk([[-1.0], [0.5], [2.0]], [0, 1, 2], scale="mean")
    >>> risk.ridge_path(0.5).reshape(risk.shape).round(4)
    array([[-0.5223],
           [ 0.0502],
           [ 0.4721]])
    """

    def __init__(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        scale: str | float,
        classes: int | None = None,
        intercept: bool = False,
    ) -> None:
        self._features = _features(X, intercept)
        labels = _labels(y, self._features.shape[0])
        number = max(int(labels.max()) + 1, 2) if classes is None else count(classes, "classes", minimum=2)
        if labels.max() >= number:
            raise ValueError(f"y must hold labels below classes = {number}, got {int(labels.max())}")
        self._indicators = np.eye(number)[labels]
        self._c = _scale(scale, labels.size)
        self.shape = (number, self._features.shape[1])
        self.dimension = self.shape[0] * self.shape[1]
        self.penalized = np.tile(_penalized(self.shape[1], intercept), number)

    def value(self, theta: ArrayLike) -> float | Array:
        """Risk at points of shape (..., dimension); the result has shape (...)."""
        from scipy.special import logsumexp

        scores = self._scores(theta, self._features)
        total = self._c * (logsumexp(scores, axis=-1) - (scores * self._indicators).sum(axis=-1)).sum(axis=-1)
        return float(total) if total.ndim == 0 else total

    def gradient(self, theta: ArrayLike) -> Array:
        """Gradient at points of shape (..., dimension)."""
        excess = self.probabilities(theta) - self._indicators
        matrix = self._c * (np.swapaxes(excess, -1, -2) @ self._features)
        return matrix.reshape(*matrix.shape[:-2], self.dimension)

    def hessian(self, theta: ArrayLike) -> Array:
        """Hessian, of shape (dimension, dimension), at a point of shape (dimension,)."""
        P = self.probabilities(real_array(theta, "theta", shape=(self.dimension,)))
        number = self.shape[0]
        spread = P[:, :, None] * (np.eye(number) - P[:, None, :])
        blocks = np.einsum("nkl,ni,nj->kilj", spread, self._features, self._features, optimize=True)
        matrix = self._c * blocks.reshape(self.dimension, self.dimension)
        return (matrix + matrix.T) / 2

    def probabilities(self, theta: ArrayLike, X: ArrayLike | None = None) -> Array:
        """Class probabilities for the data, or for other rows X: shape (..., n, K)."""
        from scipy.special import softmax

        features = self._features if X is None else _rows_like(self._features, X, not self.penalized.all())
        return softmax(self._scores(theta, features), axis=-1)

    def ridge_path(self, lam: ArrayLike) -> Array:
        """Minimizers of R(theta) + lam/2 ||theta||^2 (without intercepts in the norm), by Newton's method.

        Parameters
        ----------
        lam : float or array_like of shape (L,)

        Returns
        -------
        ndarray of shape (dimension,) or (L, dimension)

        Raises
        ------
        ValueError
            If there is no minimizer: lam = 0 and planes separate classes, or intercepts and a class that
            never occurs.
        """
        return _newton_path(self, lam)

    def _margins(self) -> Array:
        number = self.shape[0]
        differences = (self._indicators[:, None, :] - np.eye(number))[self._indicators == 0]
        rows = np.repeat(self._features, number - 1, axis=0)
        return (differences[:, :, None] * rows[:, None, :]).reshape(len(rows), self.dimension)

    def _scores(self, theta: ArrayLike, features: Array) -> Array:
        points = _points(theta, self.dimension)
        return features @ np.swapaxes(points.reshape(*points.shape[:-1], *self.shape), -1, -2)


@dataclass(frozen=True, eq=False)
class GaussianPosterior:
    """Normal distribution of theta given the data.

    Attributes
    ----------
    mean : ndarray of shape (p,)
        The ridge minimizer.
    covariance : ndarray of shape (p, p)
    """

    mean: Array
    covariance: Array


def gaussian_posterior(risk: QuadraticRisk, lam: float, *, variance: float = 1.0) -> GaussianPosterior:
    """The penalty read as a Gaussian prior: posterior mean and covariance.

    With likelihood exp(-R(theta) / variance) and prior N(0, (variance / lam) I) the posterior is normal
    with the ridge minimizer as its mean and variance (H + lam I)^-1 as its covariance. For data with noise
    of variance s^2 and R with the scale "half_sum", that is the usual Bayesian linear model with variance =
    s^2.

    Parameters
    ----------
    risk : QuadraticRisk
    lam : float
        Penalty strength, >= 0; 0 is a flat prior.
    variance : float
        The unit of R, > 0.

    Returns
    -------
    GaussianPosterior

    Raises
    ------
    ValueError
        If lam = 0 and H is singular: the posterior is not a distribution.

    References
    ----------
    Bishop (2006), Pattern Recognition and Machine Learning, section 3.3.

    Examples
    --------
    >>> import wdmath
    >>> posterior = wdmath.gaussian_posterior(wdmath.QuadraticRisk([[3, 0], [0, 1]], [2, 2]), 1.0)
    >>> posterior.mean, posterior.covariance
    (array([1.5, 1. ]), array([[0.25, 0.  ],
           [0.  , 0.5 ]]))
    """
    require_risk(risk)
    strength = real_number(lam, "lam", nonnegative=True)
    variance = real_number(variance, "variance", positive=True)
    precisions = risk.eigenvalues + strength
    if precisions.min() == 0:
        raise ValueError("lam must be > 0 where the Hessian is singular, got 0.0")
    Q = risk.eigenvectors
    covariance = variance * ((Q / precisions) @ Q.T)
    return GaussianPosterior(ridge_minimizer(risk, strength), (covariance + covariance.T) / 2)


def _newton_path(risk: LogisticRisk | SoftmaxRisk, lam: ArrayLike) -> Array:
    """Newton's method from the largest lam to the smallest, each starting where the previous one ended."""
    lam = penalty_strength(lam)
    strengths = lam.reshape(-1)
    _require_minimizer(risk, float(strengths.min()))
    path = np.empty((strengths.size, risk.dimension))
    theta = np.zeros(risk.dimension)
    for i in np.argsort(-strengths):
        theta = path[i] = _newton(risk, float(strengths[i]), theta)
    return path[0] if lam.ndim == 0 else path


def _require_minimizer(risk: LogisticRisk | SoftmaxRisk, lam: float) -> None:
    """Refuse a problem in which some direction without a penalty lowers the risk for ever.

    That is a direction along which no row's margin falls and some rise: a linear program finds it.
    """
    from scipy.optimize import linprog

    loose = ~risk.penalized if lam > 0 else np.ones(risk.dimension, dtype=bool)
    if not loose.any():
        return
    margins = risk._margins()[:, loose]
    margins = margins / np.maximum(np.abs(margins).max(axis=0), np.finfo(float).tiny)
    gain = linprog(-margins.mean(axis=0), A_ub=-margins, b_ub=np.zeros(len(margins)), bounds=(-1, 1))
    if -gain.fun > 1e-9:
        raise ValueError(
            f"lam must be > 0 where the classes can be separated, and every class must occur where there is an "
            f"intercept: the risk has no minimizer at lam = {lam!r}"
        )


def _newton(risk: LogisticRisk | SoftmaxRisk, lam: float, theta: Array) -> Array:
    """Minimize R(theta) + lam/2 ||theta||^2 over the penalized entries."""
    strength = lam * risk.penalized

    def value(point: Array) -> float:
        return float(risk.value(point)) + float(strength @ point**2) / 2

    current = value(theta)
    for _ in range(MAX_NEWTON_STEPS):
        slope = risk.gradient(theta) + strength * theta
        eigenvalues, vectors = np.linalg.eigh(risk.hessian(theta) + np.diag(strength))
        steep = eigenvalues > theta.size * EPS * eigenvalues[-1]
        components = np.divide(slope @ vectors, eigenvalues, out=np.zeros(theta.size), where=steep)
        step = -(vectors @ components)
        length = 1.0
        following = value(theta + step)
        # Rounding in the value must not stop the last steps.
        while following > current + 1e-4 * length * float(slope @ step) + 1e-13 * abs(current):
            length /= 2
            following = value(theta + length * step)
        theta, current = theta + length * step, following
        # Convergence is quadratic: after a step this small the error is at rounding level.
        if np.linalg.norm(length * step) <= 1e-9 * np.linalg.norm(theta):
            return theta
    raise np.linalg.LinAlgError(
        f"Newton's method has not converged in {MAX_NEWTON_STEPS} steps at lam = {lam!r}"
    )


def _features(X: ArrayLike, intercept: bool) -> Array:
    intercept = flag(intercept, "intercept")
    matrix = real_array(X, "X", ndim=2)
    return np.hstack([matrix, np.ones((matrix.shape[0], 1))]) if intercept else matrix.copy()


def _rows_like(features: Array, X: ArrayLike, intercept: Any) -> Array:
    """New rows with the columns of the data."""
    rows = _features(X, bool(intercept))
    if rows.shape[1] != features.shape[1]:
        wanted = features.shape[1] - bool(intercept)
        raise ValueError(f"X must have {wanted} columns like the data, got shape {np.shape(X)}")
    return rows


def _labels(y: Any, n: int) -> Array:
    values = real_array(y, "y", shape=(n,))
    if (values != np.floor(values)).any() or values.min() < 0:
        raise ValueError(f"y must hold the labels 0, 1, ..., got {shown(y)}")
    return values.astype(np.int64)


def _scale(scale: Any, n: int) -> float:
    if isinstance(scale, str):
        if scale not in ("sum", "mean"):
            raise ValueError(f"scale must be 'sum', 'mean' or a number > 0, got {scale!r}")
        return 1.0 if scale == "sum" else 1.0 / n
    return real_number(scale, "scale", positive=True)


def _penalized(dimension: int, intercept: bool) -> Array:
    mask = np.ones(dimension, dtype=bool)
    mask[-1] = not intercept
    return mask


def _points(theta: ArrayLike, dimension: int) -> Array:
    points = real_array(theta, "theta")
    if points.ndim == 0 or points.shape[-1] != dimension:
        raise ValueError(f"theta must have shape (..., {dimension}), got {points.shape}: {shown(theta)}")
    return points
