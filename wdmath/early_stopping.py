"""Early stopping read as weight decay: the penalty that equals tau gradient steps.

Gradient descent from 0 reaches, after tau steps of size alpha, the share 1 - (1 - alpha sigma)^tau of the minimizer
along an eigenvector; ridge keeps sigma / (sigma + lam). Per direction the two can be made equal exactly; by one
penalty for all directions, lam = 1 / (alpha tau), only approximately.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from wdmath._step_factors import StepFactor
from wdmath._validation import Array, count, integer_array, real_number
from wdmath._values import Value
from wdmath.spectrum import nonnegative_eigenvalues

__all__ = [
    "EarlyStoppingCurves",
    "early_stopping_curves",
    "early_stopping_factors",
    "early_stopping_lam",
    "global_early_stopping_lam",
]


def early_stopping_factors(eigenvalues: ArrayLike, step_size: float, steps: ArrayLike) -> Array:
    """Factors 1 - (1 - alpha sigma)^tau by which stopping gradient descent from 0 scales each eigencomponent.

    Parameters
    ----------
    eigenvalues : array_like of shape (p,)
        Eigenvalues of the Hessian, >= 0 (up to rounding).
    step_size : float
        alpha > 0.
    steps : int or array_like of shape (T,) of ints
        tau >= 0.

    Returns
    -------
    ndarray of shape (p,), or (T, p) for several numbers of steps
        In [0, 1] for alpha sigma <= 1; around 1 for 1 < alpha sigma < 2; unbounded above, where the run diverges.

    Raises
    ------
    ValueError
        If an entry is out of range or not finite.
    TypeError
        If `steps` does not hold integers.

    References
    ----------
    Goodfellow, Bengio, Courville (2016), Deep Learning, section 7.8.

    Examples
    --------
    >>> import wdmath
    >>> wdmath.early_stopping_factors([4.0, 1.0, 0.0], step_size=0.25, steps=[0, 1, 2]).round(12).tolist()
    [[0.0, 0.0, 0.0], [1.0, 0.25, 0.0], [1.0, 0.4375, 0.0]]
    """
    sigma, alpha, tau = _arguments(eigenvalues, step_size, steps)
    with np.errstate(all="ignore"):
        _, change = StepFactor(alpha, sigma, 0.0).powers(tau[..., None])
        return np.where(sigma > 0, 0 - change, 0.0)


def early_stopping_lam(eigenvalues: ArrayLike, step_size: float, steps: ArrayLike) -> Array:
    """Penalty per eigendirection whose ridge factor equals that of tau gradient steps from 0.

    sigma / (sigma + lam) = 1 - f^tau with f = 1 - alpha sigma, hence lam = sigma f^tau / (1 - f^tau). For a flat
    direction this tends to 1 / (alpha tau), the penalty of `global_early_stopping_lam`; it is less for all others with
    alpha sigma <= 1.

    Parameters
    ----------
    eigenvalues : array_like of shape (p,)
        Eigenvalues of the Hessian, >= 0 (up to rounding).
    step_size : float
        alpha > 0.
    steps : int or array_like of shape (T,) of ints
        tau >= 0.

    Returns
    -------
    ndarray of shape (p,), or (T, p) for several numbers of steps
        Infinite where no step was taken. Negative where the steps overshoot the minimizer (alpha sigma > 1, tau odd).

    Raises
    ------
    ValueError
        If an entry is out of range or not finite.
    TypeError
        If `steps` does not hold integers.

    References
    ----------
    Goodfellow, Bengio, Courville (2016), Deep Learning, section 7.8, equation 7.44.

    Examples
    --------
    >>> import wdmath
    >>> wdmath.early_stopping_lam([4.0, 2.0, 0.0], step_size=0.25, steps=2).round(6).tolist()
    [0.0, 0.666667, 2.0]
    """
    sigma, alpha, tau = _arguments(eigenvalues, step_size, steps)
    with np.errstate(all="ignore"):
        factor = StepFactor(alpha, sigma, 0.0)
        power, change = factor.powers(tau[..., None])
        return np.where(np.isinf(power), -sigma, factor.rate / alpha * power / (0 - change))


def global_early_stopping_lam(step_size: float, steps: ArrayLike) -> float | Array:
    """The one penalty 1 / (alpha tau) that stands for tau gradient steps in all directions at once.

    The factors agree to first order in sigma / lam. For gradient flow, t = alpha tau, the ridge factor at lam = 1 / t
    is at most the factor of the flow, and this at most 1.2985 times the ridge factor.

    Parameters
    ----------
    step_size : float
        alpha > 0.
    steps : int or array_like of shape (T,) of ints
        tau >= 0.

    Returns
    -------
    float or ndarray of shape (T,)
        Infinite for no steps.

    Raises
    ------
    ValueError
        If an entry is out of range or not finite.

    References
    ----------
    Goodfellow, Bengio, Courville (2016), Deep Learning, section 7.8, equation 7.45.
    Ali, Kolter, Tibshirani (2019), A continuous-time view of early stopping for least squares, AISTATS.

    Examples
    --------
    >>> import wdmath
    >>> wdmath.global_early_stopping_lam(step_size=0.005, steps=[20, 200]).tolist()
    [10.0, 1.0]
    """
    alpha = real_number(step_size, "step_size", positive=True)
    with np.errstate(divide="ignore", over="ignore"):
        lam = 1 / (alpha * integer_array(steps, "steps").astype(np.float64))
    return lam if lam.ndim else float(lam)


@dataclass(frozen=True, eq=False, repr=False)
class EarlyStoppingCurves(Value):
    """Factors of early stopping beside those of the ridge penalty that stands for it.

    Attributes
    ----------
    eigenvalues : ndarray of shape (p,)
    lam : float
        1 / (alpha tau).
    early_stopping : ndarray of shape (p,)
        1 - (1 - alpha sigma)^tau.
    ridge : ndarray of shape (p,)
        sigma / (sigma + lam).
    """

    eigenvalues: Array
    lam: float
    early_stopping: Array
    ridge: Array


def early_stopping_curves(eigenvalues: ArrayLike, step_size: float, steps: int) -> EarlyStoppingCurves:
    """The two curves of factors over the eigenvalue: tau gradient steps from 0, and ridge with lam = 1 / (alpha tau).

    Parameters
    ----------
    eigenvalues : array_like of shape (p,)
        Where to evaluate the curves, >= 0 (up to rounding).
    step_size : float
        alpha > 0.
    steps : int
        tau >= 0.

    Returns
    -------
    EarlyStoppingCurves

    Raises
    ------
    ValueError
        If an entry is out of range or not finite.
    TypeError
        If `steps` is not an integer.

    References
    ----------
    Ali, Kolter, Tibshirani (2019), A continuous-time view of early stopping for least squares, AISTATS.

    Examples
    --------
    >>> import wdmath
    >>> curves = wdmath.early_stopping_curves([2.0, 1.0, 0.0], step_size=0.5, steps=2)
    >>> curves.lam, curves.early_stopping.tolist(), curves.ridge.round(6).tolist()
    (1.0, [1.0, 0.75, 0.0], [0.666667, 0.5, 0.0])
    """
    steps = count(steps, "steps")
    lam = float(global_early_stopping_lam(step_size, steps))
    sigma = nonnegative_eigenvalues(eigenvalues).copy()
    # In this form neither tau = 0 nor an overflowing sum needs a case of its own.
    ridge = 1 / (1 + lam / np.where(sigma > 0, sigma, 1.0)) * (sigma > 0)
    return EarlyStoppingCurves(sigma, lam, early_stopping_factors(sigma, step_size, steps), ridge)


def _arguments(eigenvalues: Any, step_size: Any, steps: Any) -> tuple[Array, float, Array]:
    sigma = nonnegative_eigenvalues(eigenvalues)
    alpha = real_number(step_size, "step_size", positive=True)
    return sigma, alpha, integer_array(steps, "steps")
