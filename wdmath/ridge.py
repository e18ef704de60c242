"""Ridge paths: the solutions for many penalty strengths from one factorization."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._dense import SQUARE_MAX, SQUARE_MIN, dense_path, shifted_path, small_path
from ._scaled import Scaled, densified
from ._shifted import SMALL, krylov_path
from ._sparse import sparse_path
from ._standard_form import Penalty, hessian_form, least_squares_scale, penalty_center, standard_form
from ._validation import (
    Array,
    choice,
    column_names,
    count,
    real_array,
    real_number,
    same_columns,
    squared_norm,
    symmetric_matrix,
)
from ._values import Value, frozen, owned
from .spectrum import factors, symmetric_operator

__all__ = [
    "RidgePath",
    "ridge_path",
    "ridge_path_from_hessian",
]

NONE_PLANTED = frozen(np.zeros(0))

DATA_METHODS = ("auto", "eigh", "tridiagonal", "svd", "dual", "lanczos")
HESSIAN_METHODS = ("auto", "eigh", "tridiagonal", "lanczos")


@dataclass(frozen=True, eq=False, repr=False)
class RidgePath(Value):
    """Solutions of a ridge problem for one or many penalty strengths.

    Attributes
    ----------
    lams : ndarray of shape (L,), or () for a single one, or (L, t) if each target has its own
    coefficients : ndarray of shape (L, p), or (L, p, t) for t targets; without L for a single lam
    intercept : float or ndarray of shape (L,) or (L, t)
        0 unless an intercept was asked for.
    method : str
        What was used: "eigh", "tridiagonal", "svd", "dual" or "lanczos".
    feature_names : tuple of str, or None
        Names of the columns if X was a data frame.
    degrees_of_freedom : float or ndarray of the shape of lams, or None
        Trace of the smoother, computed when first asked for; counts unpenalized coefficients but not the
        intercept. None where only products with a matrix were formed.
    """

    lams: Array
    coefficients: Array
    intercept: float | Array
    method: str
    feature_names: tuple[str, ...] | None = None
    _freedom: Freedom | None = field(repr=False, default=None)

    @cached_property
    def degrees_of_freedom(self) -> float | Array | None:
        """Trace of the smoother for each lam."""
        total = None if self._freedom is None else self._freedom.total()
        vars(self)["_freedom"] = None
        if total is None:
            return None
        return float(total[0]) if self.lams.ndim == 0 else frozen(total.reshape(self.lams.shape))

    def predict(self, X: Any) -> Array:
        """Predictions for rows of X: shape (n,) or (n, t), with L in front if there are many lams."""
        same_columns(X, self.feature_names)
        if not hasattr(X, "matvec") and not hasattr(X, "toarray"):
            X = real_array(X, "X", ndim=2)
        single = self.lams.ndim == 0
        coefficients = self.coefficients[None] if single else self.coefficients
        p = coefficients.shape[1]
        if X.shape[1] != p:
            raise ValueError(f"X must have {p} columns, got shape {X.shape}")
        flat = X @ np.moveaxis(coefficients, 0, 1).reshape(p, -1)
        result = np.moveaxis(flat.reshape(X.shape[0], len(coefficients), -1), 0, 1)
        result = result + np.asarray(self.intercept).reshape(len(coefficients), 1, -1)
        result = result[..., 0] if self.coefficients.ndim + single == 2 else result
        return result[0] if single else result

    def __getstate__(self) -> dict[str, Any]:
        _ = self.degrees_of_freedom
        return vars(self)


@dataclass(eq=False)
class Freedom:
    """What the degrees of freedom are computed from, when they are asked for."""

    #: Knows the eigenvalues of Z^T Z; None if nothing does.
    solver: Any
    #: Of shape (L,) or (L, t).
    shifts: Array
    #: Unpenalized coefficients.
    loose: int
    #: Eigenvalues among those of the solver that do not belong to Z.
    planted: Array

    def total(self) -> Array | None:
        """Trace of the smoother for each shift."""
        if self.solver is None:
            return None
        shifts = self.shifts.reshape(-1)
        total = factors(np.maximum(self.solver.eigenvalues, 0.0), shifts).sum(axis=-1) + self.loose
        return total - factors(self.planted, shifts).sum(axis=-1)


def ridge_path(
    X: Any,
    y: ArrayLike,
    lam: ArrayLike,
    *,
    scale: str | float,
    intercept: bool = False,
    sample_weight: ArrayLike | None = None,
    penalty_weights: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    tikhonov: ArrayLike | None = None,
    target: ArrayLike | None = None,
    method: str = "auto",
    rtol: float = 1e-12,
    max_steps: int | None = None,
) -> RidgePath:
    """Ridge regression for one or many penalty strengths, from one factorization.

    Minimizes  c sum_i w_i (y_i - b - x_i . theta)^2 + (lam/2) P(theta - target)  for each lam, where c is
    given by `scale`, the weights w and the intercept b are optional, and P is the squared norm unless a
    penalty is described.

    Parameters
    ----------
    X : array_like, sparse matrix or LinearOperator of shape (n, p)
    y : array_like of shape (n,), or (n, t) for t targets
    lam : float or array_like of shape (L,)
        Penalty strengths, >= 0, in any order; of shape (L, t) if each of t targets has its own. At 0 the limit
        lam -> 0 is returned: the least-squares solution, with the smallest penalty where there are several.
    scale : {"sum", "half_sum", "mean", "half_mean"} or float
        c = 1, 1/2, 1/n or 1/(2n), or c itself. With weights, n is their sum.
    intercept : bool
        Fit a constant, without a penalty on it.
    sample_weight : array_like of shape (n,), optional
        w >= 0. A whole number counts the row that many times.
    penalty_weights : array_like of shape (p,), optional
        P(theta) = sum_j penalty_weights[j] theta_j^2, with 0 for a coefficient without a penalty. One entry
        for each group if `groups` is given.
    groups : array_like of p ints, optional
        The group (0, 1, ...) of each coefficient.
    tikhonov : array_like of shape (m, p), optional
        P(theta) = ||tikhonov @ theta||^2; may be singular.
    target : array_like of shape (p,) or (p, t), optional
        The point to shrink to, instead of 0.
    method : {"auto", "eigh", "tridiagonal", "svd", "dual", "lanczos"}
        "eigh" diagonalizes X^T X; "tridiagonal" reduces it to a tridiagonal matrix and solves once for each lam, about
        three times as fast for few targets; "dual" does the same with X X^T; "svd" takes the singular
        values of X, slower but accurate for ill-conditioned data; "lanczos" needs only products with X.
        "auto" takes "lanczos" for a sparse matrix or an operator, "dual" for p > n and one of the first two
        otherwise, and turns to "svd" where rounding in X^T X or X^T y may grow by more than 1e4, as it does
        where the condition number of X^T X + mu I exceeds 1e4 for the smallest lam (mu = lam / (2 c)).
    rtol, max_steps
        For "lanczos": the residual relative to X^T y at which to stop, and the largest number of steps (by
        default min(p, 1000)).

    Returns
    -------
    RidgePath
        With .lams, .coefficients, .intercept, .degrees_of_freedom, .method and .predict(X).

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described; the message names it and its value.
    numpy.linalg.LinAlgError
        If "lanczos" has not converged after max_steps.

    Notes
    -----
    Errors are relative to the length of theta; kappa is the condition number of X^T X + mu I, on the row space of X
    if lam = 0. Unless an option changes X or y, "svd" keeps the error below 10 eps sqrt(kappa), whatever the residual
    is and even if y is nearly orthogonal to X (as long as ||X^T y|| > 1e-12 ||X|| ||y||), because it corrects the
    solutions by gradients in twice the precision. The methods that form X^T X, or X X^T for p > n, have errors of a
    few eps kappa, times ||X|| ||y|| / ||X^T y|| for the rounding of X^T y; "auto" turns to "svd" before that exceeds
    about 1e4 eps. Weights, an intercept and other options round X and y once more, to which the solution is as
    sensitive as any of least squares: by eps sqrt(kappa) + eps kappa ||residual|| / (||X|| ||theta||). Directions
    whose singular value is below max(n, p) eps times the largest one are treated as exactly absent, so that
    rank-deficient problems have the right limit as lam -> 0.

    References
    ----------
    Hoerl, Kennard (1970), Technometrics 12; Elden (1977), BIT 17, for the reduction of general penalties;
    Golub, Van Loan (2013), Matrix Computations, sections 6.1.4 and 8.3.1; Bjorck (1996), Numerical Methods for Least
    Squares Problems, sections 1.4 and 2.9, for the sensitivity and the corrections.

    Examples
    --------
    >>> import numpy as np
    >>> import wdmath
    >>> X, y = wdmath.load_i2ml()
    >>> path = wdmath.ridge_path(X, y, [0.0, 10.0, 50.0], scale="sum")
    >>> path.coefficients.round(3)
    array([[0.492, 2.919],
           [0.819, 2.325],
           [0.894, 1.496]])
    >>> path.degrees_of_freedom.round(3)
    array([2.   , 1.54 , 0.944])
    """
    names = column_names(X)
    design = design_matrix(X)
    n, p = design.shape
    choice(method, "method", DATA_METHODS)
    if method == "auto":
        design = densified(design)
    tolerance, steps = _stopping(rtol, max_steps, p)
    outputs = real_array(y, "y", ndim=(1, 2), finite=False)
    if outputs.shape[0] != n:
        raise ValueError(f"y must have {n} rows like X, got shape {outputs.shape}")
    lams = _strengths(lam, outputs)
    plain = sample_weight is penalty_weights is groups is tikhonov is target is None and intercept is False
    if (
        plain
        and method == "auto"
        and p <= min(n, SMALL)
        and outputs.ndim == 1
        and isinstance(design, np.ndarray)
    ):
        shifts = np.atleast_1d(lams) / (2 * least_squares_scale(scale, n))
        quick = small_path(design, outputs[:, None], shifts)
        if quick is not None:
            freedom = Freedom(quick[1], shifts, 0, NONE_PLANTED)
            return _result(lams, quick[0], np.zeros((len(shifts), 1)), 1, "eigh", names, freedom)
    design, columns, strengths, target, units = in_range(design, outputs.reshape(n, -1), lams, target)
    form = standard_form(
        design,
        columns,
        scale=scale,
        sample_weight=sample_weight,
        intercept=intercept,
        penalty_weights=penalty_weights,
        groups=groups,
        tikhonov=tikhonov,
        target=target,
    )
    shifts = (strengths if strengths.ndim else strengths.reshape(1)) / (2 * form.c)
    if method == "lanczos" or not isinstance(design, np.ndarray):
        if method not in ("auto", "lanczos"):
            raise ValueError(f"method must be 'auto' or 'lanczos' unless X is a dense array, got {method!r}")
        if isinstance(form.Z, np.ndarray):
            form = replace(form, source=Scaled(form.Z, None, None, None))
        found: Any = sparse_path(form, shifts, method, rtol=tolerance, max_steps=steps)
    else:
        found = dense_path(form, shifts, method)
    used, u, solver, planted = found
    theta, offset = form.restore(u)
    if units != (0, 0):
        theta, offset = np.ldexp(theta, units[1] - units[0]), np.ldexp(offset, units[1])
    freedom = Freedom(solver, shifts, form.free.shape[1] - bool(intercept), planted)
    return _result(lams, theta, offset, outputs.ndim, used, names, freedom)


def ridge_path_from_hessian(
    hessian: Any,
    b: ArrayLike,
    lam: ArrayLike,
    *,
    penalty_weights: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    tikhonov: ArrayLike | None = None,
    target: ArrayLike | None = None,
    method: str = "auto",
    rtol: float = 1e-12,
    max_steps: int | None = None,
) -> RidgePath:
    """Solutions of (H + lam I) theta = b for one or many lam; with b = H theta_hat, the ridge minimizers.

    Parameters
    ----------
    hessian : array_like, sparse matrix or LinearOperator of shape (p, p)
        H, symmetric positive semidefinite.
    b : array_like of shape (p,), or (p, t)
        The negative gradient of the risk at 0.
    lam : float or array_like of shape (L,)
        Penalty strengths, >= 0, in the units of H; of shape (L, t) if each of t targets has its own.
    penalty_weights, groups, tikhonov : array_like, optional
        A penalty P: then the solutions are those of (H + lam P) theta = b + lam P target. As in `ridge_path`.
    target : array_like of shape (p,) or (p, t), optional
        The point to shrink to.
    method : {"auto", "eigh", "tridiagonal", "lanczos"}
        See `ridge_path`. "auto" takes "lanczos" for a sparse matrix or an operator.
    rtol, max_steps
        See `ridge_path`.

    Returns
    -------
    RidgePath
        At lam = 0 with a singular H, the shortest solution.

    Raises
    ------
    ValueError
        If H is not symmetric positive semidefinite, or lam = 0 and b is not in the range of H.

    References
    ----------
    Golub, Van Loan (2013), Matrix Computations, sections 8.3.1 and 10.1, for the reductions.

    Examples
    --------
    >>> import wdmath
    >>> wdmath.ridge_path_from_hessian([[2, 0], [0, 1]], [2, 3], [0.0, 1.0]).coefficients.round(4)
    array([[1.    , 3.    ],
           [0.6667, 1.5   ]])
    """
    choice(method, "method", HESSIAN_METHODS)
    sparse = hasattr(hessian, "matvec") or hasattr(hessian, "toarray")
    matrix = None if sparse else symmetric_matrix(hessian, "hessian")
    operator = symmetric_operator(hessian, "hessian") if matrix is None else matrix
    p = operator.shape[0]
    tolerance, steps = _stopping(rtol, max_steps, p)
    outputs = real_array(b, "b", ndim=(1, 2))
    if outputs.shape[0] != p:
        raise ValueError(f"b must have {p} rows like the hessian, got shape {outputs.shape}")
    lams, columns = _strengths(lam, outputs), outputs.reshape(p, -1)
    shifts = np.atleast_1d(lams)
    penalty = Penalty.of(penalty_weights, groups, tikhonov, p)
    center = penalty_center(target, p, columns.shape[1])
    if center is not None:
        columns = columns - operator @ center
    if matrix is None or method == "lanczos":
        if method not in ("auto", "lanczos"):
            raise ValueError(f"method must be 'auto' or 'lanczos' unless H is a dense array, got {method!r}")
        if not penalty.plain:
            raise ValueError(
                "hessian must be a dense array, and method not 'lanczos', where a penalty is described"
            )
        theta = krylov_path(lambda v: operator @ v, columns, shifts, rtol=tolerance, max_steps=steps)
        used, freedom = "lanczos", None
    else:
        form = hessian_form(matrix, penalty)
        used, u, solver = shifted_path(form.K, form.reduce(columns), shifts, method, "hessian")
        theta = form.restore(u, columns)
        freedom = Freedom(solver, shifts, form.loose, np.zeros(0))
    if center is not None:
        theta = theta + center
    return _result(lams, theta, np.zeros((len(shifts), columns.shape[1])), outputs.ndim, used, None, freedom)


def design_matrix(X: Any) -> Any:
    """X as a dense array, a CSR matrix or a real LinearOperator.

    Whether an array is finite is left to `in_range`, which goes through it anyway.
    """
    if isinstance(X, np.ndarray):
        return real_array(X, "X", ndim=2, finite=False)
    if hasattr(X, "toarray"):
        matrix = X.tocsr()
        if np.dtype(matrix.dtype).kind not in "fiub":
            raise TypeError(f"X must hold real numbers, got {matrix.dtype} values")
        # Sums of squares of small integers overflow, those of single precision lose digits.
        matrix = matrix.astype(np.float64, copy=False)
        if not np.isfinite(matrix.data).all():
            first = int(np.flatnonzero(~np.isfinite(matrix.data))[0])
            row = int(np.searchsorted(matrix.indptr, first, side="right")) - 1
            at = row, int(matrix.indices[first])
            raise ValueError(f"X must be finite, got {float(matrix.data[first])!r} at index {at}")
    elif hasattr(X, "matvec"):
        matrix = X
        if np.dtype(matrix.dtype).kind == "c":
            raise TypeError(f"X must be real, got a LinearOperator of dtype {matrix.dtype}")
    else:
        return real_array(X, "X", ndim=2)
    if 0 in matrix.shape:
        raise ValueError(f"X must not be empty, got shape {matrix.shape}")
    return matrix


def in_range(X: Any, y: Array, lam: Array, target: Any) -> tuple[Any, Array, Array, Any, tuple[int, int]]:
    """X and y divided by powers of two, so that no sums of squares over- or underflow, and lam and target to match.

    Also the exponents, hardly ever not 0: those of X and of y.

    Raises
    ------
    ValueError
        If X or y is not finite.
    """
    e, f = _exponent(X, lam), 0
    if not SQUARE_MIN < squared_norm(y) < SQUARE_MAX:
        real_array(y[:, 0] if y.shape[1] == 1 else y, "y")
        f = int(np.frexp(np.abs(y).max())[1])
    if e == f == 0:
        return X, y, lam, target, (0, 0)
    if target is not None:
        target = np.ldexp(real_array(target, "target"), e - f)
    if e:
        X, lam = X * 2.0**-e, np.ldexp(lam, -2 * e)
    return X, np.ldexp(y, -f), lam, target, (e, f)


def _exponent(X: Any, lam: Array) -> int:
    if not isinstance(X, np.ndarray) and hasattr(X, "matvec"):
        return 0
    values = X if isinstance(X, np.ndarray) else X.data
    size = squared_norm(values)
    if SQUARE_MIN < size < SQUARE_MAX:
        return 0
    if not np.isfinite(size):
        real_array(values, "X")
    # lam is divided by the square, and must not become so large for the sake of a tiny X that theta underflows.
    least = (int(np.frexp(lam.max())[1]) - 500) // 2 if lam.any() else -1000
    return max(int(np.frexp(np.abs(values).max(initial=0.0))[1]), least, -1000)


def _strengths(lam: Any, outputs: Array) -> Array:
    """Penalty strengths of shape (), (L,), or (L, t) for t targets; the caller cannot change them."""
    strengths = real_array(lam, "lam", ndim=(0, 1, 2), nonnegative=True)
    if strengths.ndim == 2 and (outputs.ndim == 1 or strengths.shape[1] != outputs.shape[1]):
        targets = "a single target" if outputs.ndim == 1 else f"{outputs.shape[1]} targets"
        raise ValueError(
            f"lam must have one column for each target, got shape {strengths.shape} for {targets}"
        )
    return owned(strengths)


def _stopping(rtol: Any, max_steps: Any, p: int) -> tuple[float, int]:
    """When Lanczos' method stops."""
    steps = min(p, 1000) if max_steps is None else count(max_steps, "max_steps", minimum=1)
    return real_number(rtol, "rtol", positive=True), steps


def _result(
    lams: Array,
    theta: Array,
    offset: Array,
    ndim: int,
    method: str,
    names: tuple[str, ...] | None,
    freedom: Freedom | None,
) -> RidgePath:
    """Drop the axes of a single target and of a single lam."""
    if ndim == 1:
        theta, offset = theta[:, :, 0], offset[:, 0]
    intercept: float | Array = offset
    if lams.ndim == 0:
        theta = theta[0]
        intercept = float(offset[0]) if ndim == 1 else offset[0]
    return RidgePath(lams, theta, intercept, method, names, freedom)
