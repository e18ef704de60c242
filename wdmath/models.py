"""Risks beyond least squares: logistic, softmax and Poisson regression, their ridge paths, and the Gaussian prior."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ._linear_risk import LinearRisk
from ._validation import Array, count, real_array, real_number, shown
from ._values import Value, frozen
from .risk import QuadraticRisk, require_risk, ridge_minimizer

__all__ = [
    "GaussianPosterior",
    "LogisticRisk",
    "PoissonRisk",
    "SoftmaxRisk",
    "gaussian_posterior",
]


#: A remedy for labels of other kinds.
NUMBERED = "numpy.unique(y, return_inverse=True)[1]"


class _OneScore(LinearRisk):
    """A model with one score for each row: its curvature is the second derivative of the loss, (..., 1, n)."""

    def _curve(self, curvature: Array, moves: Array) -> Array:
        return curvature * moves

    def _block(self, curvature: Array, k: int, l: int) -> Array:
        return curvature[0]


class LogisticRisk(_OneScore):
    """R(theta) = c sum_i w_i [log(1 + exp(m_i)) - y_i m_i] with m_i = x_i . theta: logistic regression.

    Parameters
    ----------
    X : array_like of shape (n, p)
    y : array_like of shape (n,)
        Labels 0 and 1.
    scale : {"sum", "mean"} or float
        c = 1, or 1/n (with weights, n is their sum), or c itself.
    intercept : bool
        If true, theta has one more entry, the last: a constant that the penalty leaves alone.
    sample_weight : array_like of shape (n,), optional
        w >= 0. A whole number counts the row that many times.

    Attributes
    ----------
    dimension : int
        Length of theta.
    penalized : ndarray of shape (dimension,), of bool
        Which entries of theta the penalty acts on.
    feature_names : tuple of str, or None
        Of the columns, if X was a data frame.

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

    _no_minimizer: ClassVar[str] = (
        "lam must be > 0 where the classes can be separated, and every class must occur where there is an intercept"
    )

    def __init__(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        scale: str | float,
        intercept: bool = False,
        sample_weight: ArrayLike | None = None,
    ) -> None:
        self._store(X, scale, intercept, sample_weight, 1)
        labels = _labels(y, len(self._features))
        if labels.max() > 1:
            raise ValueError(
                f"y must hold the labels 0 and 1, got {int(labels.max())}: number the classes with {NUMBERED}, or "
                "take SoftmaxRisk for more than two"
            )
        self._signs = frozen(1.0 - 2.0 * labels)

    def probabilities(self, theta: ArrayLike, X: ArrayLike | None = None) -> Array:
        """Probability of the label 1 for the data, or for other rows X: shape (..., n)."""
        from scipy.special import expit

        features = None if X is None else self._new_features(X)
        return expit(self._scores(theta, features=features)[..., 0, :])

    def _rows(self, scores: Array) -> tuple[Array, Array, Array]:
        margins = self._signs * scores
        decay = np.exp(-np.abs(margins))
        near = 1 / (1 + decay)
        far = decay * near
        wrong = margins > 0
        # Probabilities of the other label and of the right one, none of them a difference from 1.
        losses = np.log1p(decay) + np.maximum(margins, 0.0)
        return losses[..., 0, :], self._signs * np.where(wrong, near, far), near * far

    def _start(self) -> Array:
        ones = float(self._share @ (self._signs < 0))
        return np.array([np.log(ones / (1 - ones)) if 0 < ones < 1 else 0.0])

    def _recession(self, features: Array, rows: Array) -> tuple[Any, Any]:
        return -self._signs[rows, None] * features, np.zeros((0, features.shape[1]))


class PoissonRisk(_OneScore):
    """R(theta) = c sum_i w_i [exp(m_i) - y_i m_i] with m_i = x_i . theta: Poisson regression with the log link.

    The negative log-likelihood of counts y_i with means exp(m_i), but for a constant.

    Parameters
    ----------
    X : array_like of shape (n, p)
    y : array_like of shape (n,)
        >= 0: counts, or rates if the weights are exposures.
    scale : {"sum", "mean"} or float
        c = 1, or 1/n (with weights, n is their sum), or c itself.
    intercept : bool
        If true, theta has one more entry, the last: a constant that the penalty leaves alone.
    sample_weight : array_like of shape (n,), optional
        w >= 0. A whole number counts the row that many times.

    Attributes
    ----------
    dimension : int
        Length of theta.
    penalized : ndarray of shape (dimension,), of bool
        Which entries of theta the penalty acts on.
    feature_names : tuple of str, or None
        Of the columns, if X was a data frame.

    Raises
    ------
    ValueError
        If an entry of y is negative, or shapes do not match.

    References
    ----------
    McCullagh, Nelder (1989), Generalized Linear Models, chapter 6.

    Examples
    --------
    >>> import wdmath
    >>> risk = wdmath.PoissonRisk([[0.0], [1.0], [2.0]], [1, 2, 6], scale="sum", intercept=True)
    >>> theta = risk.ridge_path([0.0, 1.0])
    >>> theta.round(4)
    array([[ 0.9545, -0.1392],
           [ 0.7727,  0.1361]])
    >>> risk.means(theta[0]).round(3)
    array([0.87, 2.26, 5.87])
    """

    _no_minimizer: ClassVar[str] = (
        "lam must be > 0 where some combination of the columns (and the intercept, if there is one) is 0 in all rows "
        "with y > 0 and has one sign in the others"
    )

    def __init__(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        scale: str | float,
        intercept: bool = False,
        sample_weight: ArrayLike | None = None,
    ) -> None:
        self._store(X, scale, intercept, sample_weight, 1)
        self._y = frozen(real_array(y, "y", shape=(len(self._features),), nonnegative=True).copy())

    def means(self, theta: ArrayLike, X: ArrayLike | None = None) -> Array:
        """Expected counts for the data, or for other rows X: shape (..., n)."""
        features = None if X is None else self._new_features(X)
        return np.exp(self._scores(theta, features=features)[..., 0, :])

    def _rows(self, scores: Array) -> tuple[Array, Array, Array]:
        with np.errstate(over="ignore"):
            means = np.exp(scores)
        return (means - self._y * scores)[..., 0, :], means - self._y, means

    def _start(self) -> Array:
        mean = float(self._share @ self._y)
        return np.array([np.log(mean) if mean > 0 else 0.0])

    def _recession(self, features: Array, rows: Array) -> tuple[Any, Any]:
        zero = self._y[rows] == 0
        return -features[zero], features[~zero]


class SoftmaxRisk(LinearRisk):
    """R(theta) = c sum_i w_i [log sum_k exp(theta_k . x_i) - theta_{y_i} . x_i]: softmax regression.

    Parameters
    ----------
    X : array_like of shape (n, p)
    y : array_like of shape (n,)
        Labels 0, 1, ..., K - 1.
    scale : {"sum", "mean"} or float
        c = 1, or 1/n (with weights, n is their sum), or c itself.
    classes : int, optional
        K; by default the largest label plus one.
    intercept : bool
        If true, each class has a constant, in the last column, that the penalty leaves alone.
    sample_weight : array_like of shape (n,), optional
        w >= 0. A whole number counts the row that many times.

    Attributes
    ----------
    shape : tuple of int
        (K, p), or (K, p + 1) with an intercept: the weights as a matrix. theta is that matrix flattened,
        row by row.
    dimension : int
        Length of theta.
    penalized : ndarray of shape (dimension,), of bool
        Which entries of theta the penalty acts on.
    feature_names : tuple of str, or None
        Of the columns, if X was a data frame.

    Raises
    ------
    ValueError
        If y does not hold labels, or shapes do not match, or the largest label is so large that y probably holds
        something else.

    Notes
    -----
    Adding one vector to the weights of all classes changes nothing in R: its Hessian is singular, and a
    penalty picks the weights that add up to zero. Intercepts add up to zero as well.

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

    _no_minimizer: ClassVar[str] = LogisticRisk._no_minimizer
    _shown: ClassVar[tuple[str, ...]] = ("shape", "intercept", "feature_names")

    def __init__(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        scale: str | float,
        classes: int | None = None,
        intercept: bool = False,
        sample_weight: ArrayLike | None = None,
    ) -> None:
        n = real_array(X, "X", ndim=2).shape[0]
        labels = _labels(y, n)
        largest = int(labels.max())
        if classes is None:
            number = max(largest + 1, 2)
            if number > max(2 * n, 100):
                raise ValueError(
                    f"y must hold the labels 0, 1, ..., got {largest} among {n} rows: number the classes with "
                    f"{NUMBERED}, or give classes"
                )
        else:
            number = count(classes, "classes", minimum=2)
            if largest >= number:
                raise ValueError(f"y must hold labels below classes = {number}, got {largest}")
        self._store(X, scale, intercept, sample_weight, number)
        self._labels = frozen(labels)
        self.shape = (number, self.dimension // number)

    def probabilities(self, theta: ArrayLike, X: ArrayLike | None = None) -> Array:
        """Class probabilities for the data, or for other rows X: shape (..., n, K)."""
        features = None if X is None else self._new_features(X)
        scores = self._scores(theta, features=features)
        weights = np.exp(scores - scores.max(axis=-2, keepdims=True))
        return np.swapaxes(weights / weights.sum(axis=-2, keepdims=True), -1, -2)

    def _rows(self, scores: Array) -> tuple[Array, Array, tuple[Array, Array]]:
        right = (..., self._labels, np.arange(self._labels.size))
        top = scores.max(axis=-2, keepdims=True)
        probabilities = np.exp(scores - top)
        total = probabilities.sum(axis=-2, keepdims=True)
        probabilities /= total
        losses = (top + np.log(total))[..., 0, :] - scores[right]
        # The probability of the right class less 1, as minus the sum of the others.
        slopes = probabilities.copy()
        slopes[right] = 0.0
        others = slopes.sum(axis=-2)
        slopes[right] = -others
        return losses, slopes, (probabilities, others)

    def _curve(self, curvature: tuple[Array, Array], moves: Array) -> Array:
        probabilities, _ = curvature
        # Relative to the right class, so that nothing cancels where its probability is almost 1.
        moves = moves - moves[..., self._labels, np.arange(self._labels.size)][..., None, :]
        moves *= probabilities
        return moves - probabilities * moves.sum(axis=-2, keepdims=True)

    def _block(self, curvature: tuple[Array, Array], k: int, l: int) -> Array:
        probabilities, others = curvature
        if k != l:
            return -probabilities[k] * probabilities[l]
        return probabilities[k] * np.where(self._labels == k, others, 1 - probabilities[k])

    def _start(self) -> Array:
        shares = np.bincount(self._labels, weights=self._share, minlength=self.shape[0])
        logs = np.log(np.where(shares > 0, shares, 1.0))
        return logs - logs.mean()

    def _recession(self, features: Array, rows: Array) -> tuple[Any, Any]:
        from scipy.sparse import csr_array

        n, q = features.shape
        K, labels = self.shape[0], self._labels[rows]
        # theta_{y_i} . x_i - theta_k . x_i for each row i and each other class k.
        others = np.array([[k for k in range(K) if k != label] for label in range(K)])[labels]
        columns = np.arange(q)
        right = np.broadcast_to((labels[:, None, None] * q + columns), (n, K - 1, q))
        wrong = others[:, :, None] * q + columns
        values = np.broadcast_to(features[:, None], (n, K - 1, q))
        entries = np.concatenate([values, -values], axis=-1).ravel()
        places = np.concatenate([right, wrong], axis=-1).ravel()
        starts = np.arange(0, entries.size + 1, 2 * q)
        return csr_array((entries, places, starts), shape=(n * (K - 1), K * q)), np.zeros((0, K * q))


@dataclass(frozen=True, eq=False, repr=False)
class GaussianPosterior(Value):
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


def _labels(y: Any, n: int) -> Array:
    problem = f"y must hold the labels 0, 1, ..., got {shown(y)}: number the classes with {NUMBERED}"
    try:
        values = real_array(y, "y", shape=(n,))
    except TypeError:
        raise TypeError(problem) from None
    if (values != np.floor(values)).any() or values.min() < 0 or values.max() >= 2**62:
        raise ValueError(problem)
    return values.astype(np.int64)
