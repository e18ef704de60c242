"""Ridge paths: the solutions for many penalty strengths from one factorization."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._doubled import ridge_gradient
from ._shifted import (
    LARGE,
    SMALL,
    Krylov,
    Spectral,
    Tridiagonal,
    eigh,
    krylov_path,
    krylov_space,
    tridiagonalize,
)
from ._singular import singular_values
from ._standard_form import StandardForm, standard_form
from ._validation import (
    EPS,
    Array,
    choice,
    count,
    penalty_strength,
    real_array,
    real_number,
    semidefinite_eigenvalues,
    squared_norm,
    symmetric_matrix,
    zero_cutoff,
)
from ._values import Value
from .spectrum import factors, symmetric_operator

__all__ = [
    "RidgePath",
    "ridge_path",
    "ridge_path_from_hessian",
]

# Forming X^T X squares the condition number of X: the result has a relative error of about eps times the
# condition number of X^T X + mu I, and times ||X|| ||y|| / ||X^T y|| if y is nearly orthogonal to X. Beyond this
# product the automatic choice takes the singular values of X instead.
GRAM_CONDITION = 1e4
# One or two are enough but where y is orthogonal to almost all that X can fit.
MAX_CORRECTIONS = 10
# Sums of squares between these can be squared once more without over- or underflow.
SMALLEST, LARGEST = 1e-140, 1e140

DATA_METHODS = ("auto", "eigh", "tridiagonal", "svd", "dual", "lanczos")
HESSIAN_METHODS = ("auto", "eigh", "tridiagonal", "lanczos")


@dataclass(frozen=True, eq=False, repr=False)
class RidgePath(Value):
    """Solutions of a ridge problem for one or many penalty strengths.

    Attributes
    ----------
    lams : ndarray of shape (L,), or () for a single one
    coefficients : ndarray of shape (L, p), or (L, p, t) for t targets; without L for a single lam
    intercept : float or ndarray of shape (L,) or (L, t)
        0 unless an intercept was asked for.
    method : str
        What was used: "eigh", "tridiagonal", "svd", "dual" or "lanczos".
    degrees_of_freedom : float or ndarray of shape (L,), or None
        Trace of the smoother, computed when first asked for; counts unpenalized coefficients but not the
        intercept. None for a sparse matrix or an operator.
    """

    lams: Array
    coefficients: Array
    intercept: float | Array
    method: str
    _degrees_of_freedom: Callable[[], float | Array | None] = field(repr=False)

    @cached_property
    def degrees_of_freedom(self) -> float | Array | None:
        """Trace of the smoother for each lam."""
        return self._degrees_of_freedom()

    def predict(self, X: Any) -> Array:
        """Predictions for rows of X: shape (n,) or (n, t), with L in front if there are many lams."""
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
        Penalty strengths, >= 0, in any order. At 0 the limit lam -> 0 is returned: the least-squares
        solution, with the smallest penalty where there are several.
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
    lam = penalty_strength(lam)
    choice(method, "method", DATA_METHODS)
    design = _design(X)
    n, p = design.shape
    tolerance, steps = _stopping(rtol, max_steps, p)
    outputs = real_array(y, "y", ndim=(1, 2))
    if outputs.shape[0] != n:
        raise ValueError(f"y must have {n} rows like X, got shape {outputs.shape}")
    design, strengths, target, unit = in_range(design, lam, target)
    columns = outputs.reshape(n, -1)
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
    shifts = strengths.reshape(-1) / (2 * form.c)
    if method == "lanczos" or not isinstance(design, np.ndarray):
        if method not in ("auto", "lanczos"):
            raise ValueError(f"method must be 'auto' or 'lanczos' unless X is a dense array, got {method!r}")
        Z = form.Z
        rhs = np.stack([Z.T @ column for column in form.r.T], axis=-1)
        u = krylov_path(lambda v: Z.T @ (Z @ v), rhs, shifts, rtol=tolerance, max_steps=steps)
        used, solver, planted = "lanczos", None, np.zeros(0)
    else:
        used, u, solver, planted = _dense_path(form, shifts, method)
    theta, offset = form.restore(u)
    if unit:
        theta = np.ldexp(theta, -unit)

    def degrees_of_freedom() -> float | Array | None:
        if solver is None:
            return None
        unpenalized = form.free.shape[1] - bool(intercept)
        total = factors(np.maximum(solver.eigenvalues, 0.0), shifts).sum(axis=-1) + unpenalized
        total = total - factors(planted, shifts).sum(axis=-1)
        return float(total[0]) if lam.ndim == 0 else total

    return _result(lam, theta, offset, outputs.ndim, used, degrees_of_freedom)


def ridge_path_from_hessian(
    hessian: Any,
    b: ArrayLike,
    lam: ArrayLike,
    *,
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
        Penalty strengths, >= 0, in the units of H.
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
    lam = penalty_strength(lam)
    choice(method, "method", HESSIAN_METHODS)
    sparse = hasattr(hessian, "matvec") or hasattr(hessian, "toarray")
    matrix = None if sparse else symmetric_matrix(hessian, "hessian")
    operator = symmetric_operator(hessian, "hessian") if matrix is None else matrix
    p = operator.shape[0]
    tolerance, steps = _stopping(rtol, max_steps, p)
    outputs = real_array(b, "b", ndim=(1, 2))
    if outputs.shape[0] != p:
        raise ValueError(f"b must have {p} rows like the hessian, got shape {outputs.shape}")
    columns, shifts = outputs.reshape(p, -1), lam.reshape(-1)
    solver: Spectral | Tridiagonal | None = None
    if matrix is None or method == "lanczos":
        if method not in ("auto", "lanczos"):
            raise ValueError(f"method must be 'auto' or 'lanczos' unless H is a dense array, got {method!r}")
        theta = krylov_path(lambda v: operator @ v, columns, shifts, rtol=tolerance, max_steps=steps)
        used = "lanczos"
    else:
        used, solver = _factorize(
            matrix.copy(), columns, shifts, method, zero_cutoff(p), name="hessian", in_range=False
        )
        theta = solver.solve(shifts)

    def degrees_of_freedom() -> float | Array | None:
        if solver is None:
            return None
        total = factors(semidefinite_eigenvalues(solver.eigenvalues, "hessian"), shifts).sum(axis=-1)
        return float(total[0]) if lam.ndim == 0 else total

    return _result(
        lam, theta, np.zeros((len(shifts), columns.shape[1])), outputs.ndim, used, degrees_of_freedom
    )


def _design(X: Any) -> Any:
    """X as a finite dense array, a CSR matrix or a real LinearOperator."""
    if isinstance(X, np.ndarray):
        return real_array(X, "X", ndim=2)
    if hasattr(X, "toarray"):
        matrix = X.tocsr()
        if np.dtype(matrix.dtype).kind not in "fiub":
            raise TypeError(f"X must hold real numbers, got {matrix.dtype} values")
        real_array(matrix.data, "X", empty=True)
    elif hasattr(X, "matvec"):
        matrix = X
        if np.dtype(matrix.dtype).kind == "c":
            raise TypeError(f"X must be real, got a LinearOperator of dtype {matrix.dtype}")
    else:
        return real_array(X, "X", ndim=2)
    if 0 in matrix.shape:
        raise ValueError(f"X must not be empty, got shape {matrix.shape}")
    return matrix


def in_range(X: Any, lam: Array, target: Any) -> tuple[Any, Array, Any, int]:
    """X divided by a power of two, so that no sums of squares over- or underflow, with the lam and the target that
    belong to it, and the exponent; hardly ever not 0. The coefficients must be divided by the same power."""
    e = _exponent(X, lam)
    if e == 0:
        return X, lam, target, 0
    if target is not None:
        target = np.ldexp(real_array(target, "target"), e)
    return X * 2.0**-e, np.ldexp(lam, -2 * e), target, e


def _exponent(X: Any, lam: Array) -> int:
    if not isinstance(X, np.ndarray) and hasattr(X, "matvec"):
        return 0
    values = X if isinstance(X, np.ndarray) else X.data
    if SMALLEST < squared_norm(values) < LARGEST:
        return 0
    # lam is divided by the square, and must not become so large for the sake of a tiny X that theta underflows.
    least = (int(np.frexp(lam.max())[1]) - 500) // 2 if lam.any() else -1000
    return max(int(np.frexp(np.abs(values).max(initial=0.0))[1]), least, -1000)


def _stopping(rtol: Any, max_steps: Any, p: int) -> tuple[float, int]:
    """When Lanczos' method stops."""
    steps = min(p, 1000) if max_steps is None else count(max_steps, "max_steps", minimum=1)
    return real_number(rtol, "rtol", positive=True), steps


def _dense_path(
    form: StandardForm, shifts: Array, method: str
) -> tuple[str, Array, Spectral | Tridiagonal | Krylov, Array]:
    """Name of the method, solutions u of shape (L, q, t), and the factorization that knows the eigenvalues.

    Also the eigenvalues among those that do not belong to Z.
    """
    Z, r = form.Z, form.r
    planted = np.zeros(0)
    n, q = Z.shape
    if q == 0:
        # No coefficient is penalized: lam changes nothing.
        solver = Spectral(np.zeros(0), np.zeros((0, 0)), np.zeros((0, r.shape[1])))
        return "svd", solver.solve(shifts), solver, planted
    if method != "svd":
        dual = method == "dual" or (method == "auto" and q > n)
        inner = "auto" if method == "dual" else method
        gram, rhs = (Z.dot(Z.T), r) if dual else (Z.T.dot(Z), Z.T.dot(r))
        cutoff = max(n, q) * EPS
        cancellation = 0.0 if dual or method != "auto" else _cancellation(r, rhs)
        if dual and form.free.shape[1]:
            # Both Z and r lack the directions of unpenalized coefficients. Z Z^T must not look singular for that:
            # give it its mean eigenvalue there.
            planted = np.full(form.free.shape[1], np.trace(gram) / n)
            gram += (form.free * planted) @ form.free.T
        if method == "auto" and r.shape[1] == 1 and len(gram) >= LARGE:
            space = _short_krylov_space(gram, rhs[:, 0], float(shifts.min()), cancellation)
            if space is not None:
                # Few vectors span all solutions: map them to coefficients, not the solutions.
                weights = space.combinations(shifts)
                u = (weights @ (space.basis @ Z if dual else space.basis))[:, :, None]
                if not dual or _dual_growth(space, weights[:, :, None], u, shifts) <= GRAM_CONDITION:
                    return "lanczos", u, space, planted
        limit = GRAM_CONDITION if method == "auto" else np.inf
        used, solver = _factorize(
            gram, rhs, shifts, inner, cutoff, limit=limit, cancellation=cancellation, floor=form.floor
        )
        if solver is not None:
            a = solver.solve(shifts)
            if not dual:
                return used, a, solver, planted
            u = _left_multiply(Z.T, a)
            if method == "dual" or _dual_growth(solver, a, u, shifts) <= GRAM_CONDITION:
                return "dual", u, solver, planted
    u, spectral = _singular_path(Z, r, shifts, form.noise)
    return "svd", u, spectral, np.zeros(0)


def _cancellation(r: Array, rhs: Array) -> float:
    """The largest ||r||^2 / ||Z^T r||^2 of any target."""
    if r.shape[1] == 1:
        kept = squared_norm(rhs)
        return squared_norm(r) / kept if kept > 0 else 0.0
    return max(_cancellation(y[:, None], b[:, None]) for y, b in zip(r.T, rhs.T, strict=True))


def _growth(small: float, large: float, lowest: float, cancellation: float) -> float:
    """How much rounding in the Gram matrix and Z^T r grows, given the extreme eigenvalues and the lowest shift."""
    positive = max(small, 0.0) + lowest
    condition = (large + lowest) / positive if positive > 0 else np.inf
    return condition * max(1.0, large * cancellation) ** 0.5


def _dual_growth(solver: Spectral | Tridiagonal | Krylov, a: Array, u: Array, shifts: Array) -> float:
    """How much rounding in Z Z^T and Z^T a grows, given solutions a and u = Z^T a."""
    lowest = int(shifts.argmin())
    small, large = (max(extreme, 0.0) + float(shifts[lowest]) for extreme in solver.extremes())
    return (large / small * large * _cancellation(a[lowest], u[lowest])) ** 0.5


def _short_krylov_space(gram: Array, rhs: Array, lowest: float, cancellation: float) -> Krylov | None:
    """A space that holds all solutions to working precision, if a fraction of the order suffices."""
    steps = len(gram) // 8
    space = krylov_space(lambda v: gram @ v, rhs, lowest, rtol=EPS, max_steps=steps, patient=False)
    if not isinstance(space, Krylov) or _growth(*space.extremes(), lowest, cancellation) > GRAM_CONDITION:
        return None
    space.matrix = gram
    return space


def _factorize(
    matrix: Array,
    rhs: Array,
    shifts: Array,
    method: str,
    cutoff: float,
    *,
    limit: float = np.inf,
    cancellation: float = 0.0,
    floor: float = 0.0,
    name: str = "",
    in_range: bool = True,
) -> tuple[str, Any]:
    """Diagonalize or tridiagonalize `matrix`, which may be overwritten.

    The solver is None if `_growth` is above the limit. With a `name`, eigenvalues below rounding level are an error in
    that argument. Without `in_range`, `rhs` may have a part outside the range.
    """
    order = len(matrix)
    lowest = float(shifts.min())
    if method == "auto":
        # The product with dense eigenvectors is faster than the reflectors, which pays once there are many
        # columns.
        method = "eigh" if order <= SMALL or shifts.size * rhs.shape[1] > 16 * order else "tridiagonal"
    reduced = None
    if method == "tridiagonal" and order > 1:
        reduced = tridiagonalize(matrix, rhs)
        small, large = reduced.extremes()
    else:
        eigenvalues, vectors = eigh(matrix)
        small, large = float(eigenvalues[0]), float(eigenvalues[-1])
    if name:
        semidefinite_eigenvalues(np.array([small, large]), name)
    positive, threshold = max(small, 0.0) + lowest, max(cutoff * large, floor)
    if limit < np.inf and _growth(small, large, lowest, cancellation) > limit:
        return method, None
    if reduced is not None and positive > threshold:
        return method, reduced
    if reduced is not None:
        eigenvalues, vectors = reduced.diagonalize()
    projected = vectors.T.dot(rhs)
    if small > threshold:
        return method, Spectral(eigenvalues, vectors, projected)
    eigenvalues = np.where(eigenvalues <= threshold, 0.0, eigenvalues)
    if not in_range:
        outside = projected[eigenvalues == 0]
        if (np.linalg.norm(outside, axis=0) > 1e-10 * np.linalg.norm(rhs, axis=0)).any():
            if lowest == 0:
                raise ValueError(
                    "b must be in the range of the hessian where lam = 0, got a part outside of length "
                    f"{float(np.linalg.norm(outside)):.3g}"
                )
            threshold = 0.0
    return method, Spectral(eigenvalues, vectors, projected, threshold)


def _singular_path(Z: Array, r: Array, shifts: Array, noise: Array | None) -> tuple[Array, Spectral]:
    """Solutions of shape (L, q, t) from the singular values of Z, which never forms Z^T Z."""
    n, q = Z.shape
    if 2 * n > 3 * q:
        # Reduce tall data to a square triangle first; carrying r along spares the orthogonal factor.
        triangle: Array = np.asarray(np.linalg.qr(np.hstack([Z, r]), mode="r"))[:q]
        U, s, Vt = singular_values(triangle[:, :q], rows=n, noise=noise)
        projected = U.T @ triangle[:, q:]
    else:
        U, s, Vt = singular_values(Z, noise=noise)
        projected = U.T @ r
    spectral = Spectral(s**2, Vt.T, s[:, None] * projected, 0.0)
    return _refined(spectral.solve(shifts), spectral, Z, r, shifts), spectral


def _refined(u: Array, spectral: Spectral, Z: Array, r: Array, shifts: Array) -> Array:
    """Solutions corrected by their gradients until only rounding is left, in the directions that are not absent.

    In the norm of Z^T Z + mu I each correction leaves about eps sqrt(kappa) of the error, so one is enough unless y
    is nearly orthogonal to directions that the solution needs (Bjorck, 1996, section 2.9).
    """
    lams, q, targets = u.shape
    present = spectral.eigenvalues > 0
    if not present.any():
        return u
    eigenvalues, basis = spectral.eigenvalues[present], spectral.basis[:, present]
    # Large numbers are added on the way to cut others in pieces: nothing may be near the largest double.
    _, unit = np.frexp(np.abs(r).max(axis=0))
    r, columns = np.ldexp(r, -unit), np.moveaxis(np.ldexp(u, -unit), 1, 0).reshape(q, -1)
    shift, gradient = np.repeat(shifts, targets), ridge_gradient(Z, r, lams * targets)
    # Rows that are independent leave an exact null space to a wide Z, where only the penalty holds u. The singular
    # vectors are less precise about it than a solution must be whose penalty exceeds the smallest eigenvalue.
    loose = (shift > eigenvalues[-1]) & (len(Z) == len(eigenvalues) < q)
    previous = np.inf
    for _ in range(MAX_CORRECTIONS):
        slope = gradient(columns, shift)
        inside = basis.T @ slope
        correction = basis @ (inside / (eigenvalues[:, None] + shift))
        if loose.any():
            outside = slope - basis @ inside
            correction += np.divide(outside, shift, out=np.zeros_like(outside), where=loose)
        columns = columns + correction
        # What the error could be before the correction, relative to the solution; eps sqrt(kappa) of it remains.
        energy = np.maximum(np.einsum("qk,qk->k", slope, correction), 0.0)
        error = np.sqrt(energy / (eigenvalues[-1] + shift))
        relative = float((error / np.maximum(np.linalg.norm(columns, axis=0), SMALLEST)).max())
        if relative < 0.1 or not relative < previous:
            break
        previous = relative
    return np.ldexp(np.moveaxis(columns.reshape(q, lams, targets), 0, 1), unit)


def _left_multiply(matrix: Array, u: Array) -> Array:
    """matrix @ u[l] for each l, as one product."""
    lams, rows, targets = u.shape
    flat = np.swapaxes(u, 1, 2).reshape(lams * targets, rows) @ matrix.T
    return np.swapaxes(flat.reshape(lams, targets, -1), 1, 2)


def _result(
    lam: Array, theta: Array, offset: Array, ndim: int, method: str, dof: Callable[[], float | Array | None]
) -> RidgePath:
    """Drop the axes of a single target and of a single lam."""
    if ndim == 1:
        theta, offset = theta[:, :, 0], offset[:, 0]
    intercept: float | Array = offset
    if lam.ndim == 0:
        theta = theta[0]
        intercept = float(offset[0]) if ndim == 1 else offset[0]
    return RidgePath(lam, theta, intercept, method, dof)
