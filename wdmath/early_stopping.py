"""Early stopping read as weight decay: the penalty that equals tau gradient steps, and how to choose tau.

Gradient descent from 0 reaches, after tau steps of size alpha, the share 1 - (1 - alpha sigma)^tau of the minimizer
along an eigenvector; ridge keeps sigma / (sigma + lam). Per direction the two can be made equal exactly; by one
penalty for all directions, lam = 1 / (alpha tau), only approximately. Like ridge, stopped descent is a linear smoother;
tau can be chosen by leaving rows out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from wdmath._singular import singular_values
from wdmath._step_factors import StepFactor
from wdmath._validation import EPS, Array, count, integer_array, real_array, real_number, require_room
from wdmath._values import Value, frozen, owned
from wdmath.risk import least_squares_scale
from wdmath.spectrum import nonnegative_eigenvalues

__all__ = [
    "EarlyStoppingCurves",
    "EarlyStoppingSelection",
    "early_stopping_curves",
    "early_stopping_factors",
    "early_stopping_hat_matrix",
    "early_stopping_lam",
    "early_stopping_selection",
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


def early_stopping_hat_matrix(
    X: ArrayLike, step_size: float, steps: ArrayLike, *, scale: str | float
) -> Array:
    """The matrix that takes y to the predictions of least squares after tau gradient steps from 0.

    With X = U S V^T and sigma = 2 c s^2, predictions are U diag(1 - (1 - alpha sigma)^tau) U^T y.

    Parameters
    ----------
    X : array_like of shape (n, p)
    step_size : float
        alpha > 0.
    steps : int or array_like of shape (T,) of ints
        tau >= 0.
    scale : {"sum", "half_sum", "mean", "half_mean"} or float
        c = 1, 1/2, 1/n or 1/(2n) in the risk c ||y - X theta||^2, or c itself.

    Returns
    -------
    ndarray of shape (n, n), or (T, n, n) for several numbers of steps
        Symmetric. Its trace is the number of degrees of freedom.

    Raises
    ------
    ValueError
        If an argument is out of range or not finite.
    TypeError
        If `steps` does not hold integers.

    References
    ----------
    Yao, Rosasco, Caponnetto (2007), On early stopping in gradient descent learning, Constructive Approximation 26.

    Examples
    --------
    >>> import wdmath
    >>> wdmath.early_stopping_hat_matrix([[1.0], [1.0]], step_size=0.25, steps=1, scale="half_sum").round(12).tolist()
    [[0.25, 0.25], [0.25, 0.25]]
    """
    X = real_array(X, "X", ndim=2)
    alpha, tau = real_number(step_size, "step_size", positive=True), integer_array(steps, "steps")
    remedy = "take fewer rows or step numbers, or early_stopping_selection"
    require_room(f"hat matrices of {len(X)} rows", len(X) ** 2 * tau.size, remedy)
    U, s, _ = _thin_svd(X)
    with np.errstate(all="ignore"):
        _, change = StepFactor(alpha, 2 * least_squares_scale(scale, len(X)) * s * s, 0.0).powers(
            tau[..., None]
        )
    change = np.where(s > 0, change, 0.0)
    return (U * -change[..., None, :]) @ U.T


@dataclass(frozen=True, eq=False, repr=False)
class EarlyStoppingSelection(Value):
    """Criteria for choosing the number of gradient steps, for each of the given ones.

    Attributes
    ----------
    steps : ndarray of shape (T,) of ints
    leave_one_out_residuals : ndarray of shape (T, n)
        y_i less what is predicted for row i after as many steps on the other rows.
    leave_one_out : ndarray of shape (T,)
        Their mean square.
    generalized_cross_validation : ndarray of shape (T,)
        Mean squared residual / (1 - degrees of freedom / n)^2.
    degrees_of_freedom : ndarray of shape (T,)
        Trace of the smoother.
    best_leave_one_out, best_generalized_cross_validation : int
        The number of steps with the smallest value of each.
    """

    steps: Array
    leave_one_out_residuals: Array
    generalized_cross_validation: Array
    degrees_of_freedom: Array

    @cached_property
    def leave_one_out(self) -> Array:
        """Mean squared leave-one-out residual for each number of steps."""
        return frozen((self.leave_one_out_residuals**2).mean(axis=1))

    @property
    def best_leave_one_out(self) -> int:
        """The number of steps with the smallest leave-one-out error."""
        return int(self.steps[np.nanargmin(self.leave_one_out)])

    @property
    def best_generalized_cross_validation(self) -> int:
        """The number of steps with the smallest generalized cross-validation score."""
        return int(self.steps[np.nanargmin(self.generalized_cross_validation)])


def early_stopping_selection(
    X: ArrayLike, y: ArrayLike, step_size: float, steps: ArrayLike, *, scale: str | float
) -> EarlyStoppingSelection:
    """Leave-one-out errors, generalized cross-validation and degrees of freedom of stopped gradient descent.

    Descent runs from 0 on c ||y - X theta||^2. What the same steps on all rows but the i-th predict for it is computed
    exactly: unlike for ridge it is not given by y_i - h_i y in the full fit and its leverage. The scale factor c stays
    that of all n rows. A column of ones in X makes an intercept that takes part in the descent.

    Parameters
    ----------
    X : array_like of shape (n, p)
    y : array_like of shape (n,)
    step_size : float
        alpha > 0.
    steps : int or array_like of shape (T,) of ints
        Numbers of steps tau >= 0 to choose from, such as range(101).
    scale : {"sum", "half_sum", "mean", "half_mean"} or float
        c = 1, 1/2, 1/n or 1/(2n), or c itself.

    Returns
    -------
    EarlyStoppingSelection

    Raises
    ------
    ValueError
        If an argument is out of range or not finite.
    TypeError
        If `steps` does not hold integers.

    References
    ----------
    Yao, Rosasco, Caponnetto (2007), On early stopping in gradient descent learning, Constructive Approximation 26.
    Patil, Wu, Tibshirani (2024), Failures and successes of cross-validation for early-stopped gradient descent,
    AISTATS.

    Examples
    --------
    >>> import wdmath
    >>> X, y = wdmath.load_i2ml()
    >>> selection = wdmath.early_stopping_selection(X, y, 0.002, [0, 10, 100, 1000], scale="sum")
    >>> selection.leave_one_out.round(3)
    array([3.869, 0.383, 0.241, 0.241])
    >>> selection.best_leave_one_out
    1000
    """
    X = real_array(X, "X", ndim=2)
    y = real_array(y, "y", shape=(len(X),))
    alpha = real_number(step_size, "step_size", positive=True)
    tau = integer_array(steps, "steps").reshape(-1)
    n = len(y)
    U, s, _ = _thin_svd(X)
    # Columns of S with the factor in front of the squares in them.
    s = s * np.sqrt(2 * least_squares_scale(scale, n))
    with np.errstate(all="ignore"):
        power, _ = StepFactor(alpha, s * s, 0.0).powers(tau[:, None].astype(np.float64))
        power = np.where(s > 0, power, 1.0)
        fitted = U.T @ y
        errors = ((power * fitted) ** 2).sum(axis=1)
        if s.size < n:
            outside = y - U @ fitted
            errors += outside @ outside
        # n less the degrees of freedom, which may be nearly as many.
        left = (n - s.size) + power.sum(axis=1)
        gcv = errors * n / left**2
        few = int(tau.max()) < 6 * s.size**2 + 10_000 // s.size
        residuals = (_left_out_by_steps if few else _left_out_by_factors)(U, s, y, alpha, tau)
    return EarlyStoppingSelection(owned(tau), residuals, gcv, n - left)


def _left_out_by_steps(U: Array, s: Array, y: Array, alpha: float, tau: Array) -> Array:
    """Residuals of rows left out, by taking all steps at once, each run without its row.

    Run i keeps z_i in the coordinates in which row i is U_i S, and its own error out of the gradient.
    """
    rows = U * s
    goal = alpha * (rows.T @ y)
    factor = 1 - alpha * s * s
    z, residuals = np.zeros_like(rows), np.empty((len(tau), len(y)))
    wanted: dict[int, list[int]] = {}
    for place, number in enumerate(tau.tolist()):
        wanted.setdefault(number, []).append(place)
    for k in range(max(wanted) + 1):
        residual = y - np.einsum("np,np->n", rows, z)
        if k in wanted:
            residuals[wanted[k]] = residual
        z *= factor
        z += goal
        z -= rows * (alpha * residual)[:, None]
    return residuals


def _left_out_by_factors(U: Array, s: Array, y: Array, alpha: float, tau: Array) -> Array:
    """The same for any numbers of steps, from the singular values of each matrix without a row.

    Without row i, X^T X in these coordinates is S (I - u u^T) S with u = U_i: the Gram matrix of (I - g u u^T) S, where
    g is chosen so that the square of I - g u u^T is I - u u^T.
    """
    n, r = U.shape
    residuals = np.empty((len(tau), n))
    fitted = U.T @ y
    size = max(200_000 // (r * r), 1)
    for i in range(0, n, size):
        u, own = U[i : i + size], y[i : i + size]
        leverage = np.minimum(np.einsum("np,np->n", u, u), 1.0)
        root = np.sqrt(1 - leverage)
        g = 1 / (1 + root)
        matrices = (np.eye(r) - g[:, None, None] * u[:, :, None] * u[:, None, :]) * s
        left, t, right = np.linalg.svd(matrices)
        # U^T y without the row, and back through I - g u u^T; a row that alone fits a direction leaves nothing there.
        rest = fitted - u * own[:, None]
        along = np.einsum("np,np->n", u, rest)
        stretch = np.divide(g, root, out=np.zeros_like(g), where=root > np.sqrt(r * EPS))
        rest = rest + u * (stretch * along)[:, None]
        t = np.where(t > r * EPS * t[:, :1], t, 0.0)
        _, change = StepFactor(alpha, t * t, 0.0).powers(tau[:, None, None].astype(np.float64))
        components = np.einsum("npq,np->nq", left, rest) / np.where(t > 0, t, 1.0)
        onto = np.einsum("nqp,np->nq", right, u * s)
        residuals[:, i : i + size] = own + ((change * (t > 0)) * (components * onto)).sum(axis=2)
    return residuals


def _thin_svd(X: Array) -> tuple[Array, Array, Array]:
    U, s, Vt = singular_values(X)
    return U[:, : s.size], s, Vt[: s.size]


def _arguments(eigenvalues: Any, step_size: Any, steps: Any) -> tuple[Array, float, Array]:
    sigma = nonnegative_eigenvalues(eigenvalues)
    alpha = real_number(step_size, "step_size", positive=True)
    return sigma, alpha, integer_array(steps, "steps")
