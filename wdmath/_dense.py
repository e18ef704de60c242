"""Solutions of  min ||r - Z u||^2 + mu ||u||^2  for a dense Z and many mu: which way to go, and the corrections."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ._doubled import Cut, Gradient, dual_gradient, ridge_gradient, shifted_gradient
from ._semidefinite import is_graded, semidefinite_eigh
from ._shifted import LARGE, SMALL, Krylov, Spectral, Tridiagonal, eigh, krylov_space, tridiagonalize
from ._singular import singular_values
from ._standard_form import StandardForm
from ._validation import EPS, Array, semidefinite_eigenvalues

# Forming Z^T Z squares the condition number of Z: the result has a relative error of about eps times the
# condition number of Z^T Z + mu I, and times ||Z|| ||r|| / ||Z^T r|| if r is nearly orthogonal to Z. Up to this
# product the automatic choice leaves it at that.
GRAM_CONDITION = 1e4
# Up to here it corrects the solutions by their gradients in twice the precision, each time by so many digits as are
# left; beyond, it takes the singular values of Z.
CORRECTABLE = 1e10
# One or two are enough but where r is orthogonal to almost all that Z can fit.
MAX_CORRECTIONS = 10
# Sums of squares between these can be squared once more without over- or underflow.
SQUARE_MIN, SQUARE_MAX = 1e-140, 1e140
SMALLEST = float(np.finfo(np.float64).tiny)

Solver = Spectral | Tridiagonal | Krylov


def dense_path(form: StandardForm, shifts: Array, method: str) -> tuple[str, Array, Solver, Array]:
    """Name of the method, solutions u of shape (L, q, t), and the factorization that knows the eigenvalues.

    Also the eigenvalues among those that do not belong to Z.
    """
    if form.source.shape[1] == 0:
        # No coefficient is penalized: lam changes nothing.
        solver = Spectral(np.zeros(0), np.zeros((0, 0)), np.zeros((0, form.r.shape[1])))
        return "svd", solver.solve(shifts), solver, np.zeros(0)
    if method != "svd":
        found = _gram_path(form, shifts, method)
        if found is not None:
            return found
    u, spectral = _singular_path(form.Z, form.r, shifts, form.noise)
    return "svd", u, spectral, np.zeros(0)


def small_path(Z: Array, r: Array, shifts: Array) -> tuple[Array, Spectral] | None:
    """Solutions for few columns and one target by the shortest way; None unless well-conditioned and in range."""
    with np.errstate(all="ignore"):
        rhs = Z.T.dot(r)
        kept, size = float(np.vdot(rhs, rhs)), float(np.vdot(r, r))
    if not SQUARE_MIN < kept < SQUARE_MAX or not SQUARE_MIN < size < SQUARE_MAX:
        return None
    eigenvalues, vectors = eigh(Z.T.dot(Z))
    extremes = float(eigenvalues[0]), float(eigenvalues[-1])
    lowest = float(np.minimum.reduce(shifts))
    if (
        not _growth(extremes, lowest, size / kept) <= GRAM_CONDITION
        or not SQUARE_MIN < extremes[1] < SQUARE_MAX
    ):
        return None
    solver = Spectral(eigenvalues, vectors, vectors.T.dot(rhs))
    return solver.solve(shifts), solver


def _gram_path(form: StandardForm, shifts: Array, method: str) -> tuple[str, Array, Solver, Array] | None:
    """By way of Z^T Z or Z Z^T; None if the automatic choice is against it."""
    r = form.r
    n, q = form.source.shape
    auto = method == "auto"
    dual = method == "dual" or (auto and q > n)
    gram, rhs = (form.dual_gram(), r) if dual else (form.gram(), form.pull())
    cancellation = 0.0 if dual or not auto else _cancellation(r, rhs)
    planted = np.zeros(0)
    if dual and form.free.shape[1]:
        # Both Z and r lack the directions of unpenalized coefficients. Z Z^T must not look singular for that:
        # give it its mean eigenvalue there.
        planted = np.full(form.free.shape[1], np.trace(gram) / n)
        gram += (form.free * planted) @ form.free.T
    if auto and r.shape[1] == 1 and len(gram) >= LARGE:
        space = _short_krylov_space(gram, rhs[:, 0], float(shifts.min()), cancellation)
        if space is not None:
            # Few vectors span all solutions: map them to coefficients, not the solutions.
            weights = space.combinations(shifts.reshape(-1))
            u = (weights @ (space.basis @ form.Z if dual else space.basis))[:, :, None]
            if not dual or _dual_growth(space, weights[:, :, None], u, shifts) <= GRAM_CONDITION:
                return "lanczos", u, space, planted
    limit = CORRECTABLE if auto else np.inf
    sizes = gram.diagonal().copy()
    used, solver, worst = factorize(
        gram,
        rhs,
        shifts,
        "auto" if method == "dual" else method,
        max(n, q) * EPS,
        limit=limit,
        cancellation=cancellation,
        floor=form.floor,
    )
    if solver is None:
        return None
    solution = solver.solve(shifts)
    if not dual:
        if auto and worst > GRAM_CONDITION:
            growth = _growths(solver.extremes(), shifts, cancellation)
            solution = _corrected(solution, solver, shifts, growth, sizes, form, ridge_gradient)
        return None if solution is None else (used, solution, solver, planted)
    u = _left_multiply(form.Z.T, solution)
    worst = 0.0 if method == "dual" else _dual_growth(solver, solution, u, shifts)
    if worst > CORRECTABLE:
        return None
    if worst > GRAM_CONDITION:
        corrected = _corrected_dual(solution, solver, shifts, EPS * worst, sizes, form.Z, r)
        return None if corrected is None else ("dual", corrected, solver, planted)
    return "dual", u, solver, planted


def _cancellation(r: Array, rhs: Array) -> float:
    """The largest ||r||^2 / ||Z^T r||^2 of any target."""
    if r.shape[1] == 1:
        kept = float(np.vdot(rhs, rhs))
        return float(np.vdot(r, r)) / kept if kept > 0 else 0.0
    return max(_cancellation(y[:, None], b[:, None]) for y, b in zip(r.T, rhs.T, strict=True))


def _growth(extremes: tuple[float, float], shift: float, cancellation: float = 0.0) -> float:
    """How much rounding in the Gram matrix and Z^T r grows, given the extreme eigenvalues."""
    small, large = extremes
    positive = max(small, 0.0) + shift
    return (large + shift) / positive * max(1.0, large * cancellation) ** 0.5 if positive > 0 else math.inf


def _growths(extremes: tuple[float, float], shifts: Array, cancellation: float = 0.0) -> Array:
    """The same for each shift."""
    small, large = extremes
    return (large + shifts) / (max(small, 0.0) + shifts) * max(1.0, large * cancellation) ** 0.5


def _dual_growth(solver: Solver, a: Array, u: Array, shifts: Array) -> float:
    """How much rounding in Z Z^T and Z^T a grows, given solutions a and u = Z^T a."""
    lowest = int(shifts.reshape(len(shifts), -1).min(axis=1).argmin())
    small, large = (max(extreme, 0.0) + float(shifts.min()) for extreme in solver.extremes())
    return (large / small * large * _cancellation(a[lowest], u[lowest])) ** 0.5


def _short_krylov_space(gram: Array, rhs: Array, lowest: float, cancellation: float) -> Krylov | None:
    """A space that holds all solutions to working precision, if a fraction of the order suffices."""
    steps = len(gram) // 8
    space = krylov_space(lambda v: gram @ v, rhs, lowest, rtol=EPS, max_steps=steps, patient=False)
    if not isinstance(space, Krylov) or _growth(space.extremes(), lowest, cancellation) > GRAM_CONDITION:
        return None
    space.matrix = gram
    return space


def factorize(
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
) -> tuple[str, Any, float]:
    """Diagonalize or tridiagonalize `matrix`, which may be overwritten; also `_growth` for the smallest shift.

    The solver is None if `_growth` is above the limit. With a `name`, a negative eigenvalue is an error in that
    argument.
    """
    order = len(matrix)
    lowest = float(np.minimum.reduce(shifts, axis=None))
    if method == "auto":
        # The product with dense eigenvectors is faster than the reflectors, which pays once there are many
        # columns.
        method = "eigh" if order <= SMALL or len(shifts) * rhs.shape[1] > 16 * order else "tridiagonal"
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
    growth = _growth((small, large), lowest, cancellation)
    if growth > limit:
        return method, None, growth
    if reduced is not None and positive > threshold:
        return method, reduced, growth
    if reduced is not None:
        eigenvalues, vectors = reduced.diagonalize()
    projected = vectors.T.dot(rhs)
    if small > threshold:
        return method, Spectral(eigenvalues, vectors, projected), growth
    eigenvalues = np.where(eigenvalues <= threshold, 0.0, eigenvalues)
    return method, Spectral(eigenvalues, vectors, projected, threshold), growth


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
    present = spectral.eigenvalues > 0
    if not present.any():
        return u
    eigenvalues, basis = spectral.eigenvalues[present], spectral.basis[:, present]
    rows, shift, pulls = _as_rows(u, shifts)
    # Large numbers are added on the way to cut others in pieces: nothing may be near the largest double.
    _, unit = np.frexp(np.abs(r).max(axis=0))
    r, rows = np.ldexp(r, -unit), np.ldexp(rows, -unit[pulls][:, None])
    gradient = ridge_gradient(Z, r, pulls)
    # Rows that are independent leave an exact null space to a wide Z, where only the penalty holds u. The singular
    # vectors are less precise about it than a solution must be whose penalty exceeds the smallest eigenvalue.
    loose = (shift > eigenvalues[-1])[:, None] & (len(Z) == len(eigenvalues) < Z.shape[1])
    previous = np.inf
    for _ in range(MAX_CORRECTIONS):
        slope = gradient(rows, shift)
        inside = slope @ basis
        correction = (inside / (eigenvalues + shift[:, None])) @ basis.T
        if loose.any():
            outside = slope - inside @ basis.T
            correction += np.divide(outside, shift[:, None], out=np.zeros_like(outside), where=loose)
        rows = rows + correction
        # What the error could be before the correction, relative to the solution; eps sqrt(kappa) of it remains.
        energy = np.maximum(np.einsum("mq,mq->m", slope, correction), 0.0)
        error = np.sqrt(energy / (eigenvalues[-1] + shift))
        relative = float((error / np.maximum(np.linalg.norm(rows, axis=1), SMALLEST)).max())
        if relative < 0.1 or not relative < previous:
            break
        previous = relative
    return _from_rows(np.ldexp(rows, unit[pulls][:, None]), u)


def _corrected(
    solution: Array,
    solver: Spectral | Tridiagonal,
    shifts: Array,
    growth: Array,
    sizes: Array,
    *problem: Any,
) -> Array | None:
    """Solutions of a Gram matrix with the diagonal `sizes`, corrected where rounding in it may have grown too much.

    Each correction leaves about eps times the growth. None if they do not converge.
    """
    rows, shift, pulls = _as_rows(solution, shifts)
    growth = np.broadcast_to(growth.reshape(len(growth), -1), (len(solution), solution.shape[2])).ravel()
    chosen = growth > GRAM_CONDITION
    if not chosen.any():
        return solution
    *data, gradient = problem
    if isinstance(data[0], StandardForm):
        data = [data[0].Z, data[0].r]
    some, shift, pulls = rows[chosen], shift[chosen], pulls[chosen]
    found = correct_rows(
        some, shift, solver.correct, gradient(*data, pulls, pieces=1), sizes, EPS * growth.max()
    )
    if found is None:
        return None
    rows[chosen] = found
    return _from_rows(rows, solution)


def _corrected_dual(
    solution: Array,
    solver: Spectral | Tridiagonal,
    shifts: Array,
    rate: float,
    sizes: Array,
    Z: Array,
    r: Array,
) -> Array | None:
    """u = Z^T a for the corrected a, of which more digits are kept than a float has: much may cancel in u."""
    rows, shift, pulls = _as_rows(solution, shifts)
    gradient = dual_gradient(Z, r, pulls, pieces=1)
    found = correct_rows(rows, shift, solver.correct, gradient, sizes, rate)
    if found is None:
        return None
    high, low = Cut(Z, 1).rows_times(found, solver.correct(gradient(found, shift), shift))
    lams, _, targets = solution.shape
    return (high + low).reshape(lams, targets, -1).swapaxes(1, 2)


def correct_rows(
    rows: Array,
    shift: Array,
    correct: Callable[[Array, Array], Array],
    gradient: Gradient,
    sizes: Array,
    rate: float,
) -> Array | None:
    """Solutions, one in each row, corrected until the last correction leaves nothing; None if that fails.

    Corrections are measured in units in which each coordinate matters alike: those that give the matrix, of diagonal
    `sizes`, a diagonal of ones once the shift is added. A correction leaves `rate` of the error.
    """
    unit = np.sqrt(sizes + shift[:, None])
    previous = np.inf
    for _ in range(MAX_CORRECTIONS):
        step = correct(gradient(rows, shift), shift)
        rows = rows + step
        length = np.abs(rows * unit).max(axis=1)
        length[length == 0] = 1.0
        measure = float((np.abs(step * unit).max(axis=1) / length).max())
        if measure * max(rate, 1e-8) <= EPS:
            return rows
        if not measure <= 0.1 * previous:
            return None
        previous = measure
    return None


def shifted_path(
    K: Array, rhs: Array, shifts: Array, method: str, name: str
) -> tuple[str, Array, Spectral | Tridiagonal]:
    """Name of the method, solutions (K + mu I)^-1 rhs of shape (L, q, t), and the factorization of a semidefinite K.

    Where mu = 0 and K is singular, the shortest solution.

    Raises
    ------
    ValueError
        If K has a negative eigenvalue, or mu = 0 and rhs is not in the range of K.
    """
    lowest, sizes = float(shifts.min()), np.diagonal(K)
    if not is_graded(K + lowest * np.eye(len(K))):
        used, solver, worst = factorize(K.copy(), rhs, shifts, method, 0.0, limit=CORRECTABLE, name=name)
        if solver is not None:
            found: Array | None = solver.solve(shifts)
            if found is not None and worst > GRAM_CONDITION:
                growth = _growths(solver.extremes(), shifts)
                found = _corrected(found, solver, shifts, growth, sizes, K, rhs, shifted_gradient)
            if found is not None:
                return used, found, solver
    eigenvalues, vectors = semidefinite_eigh(K, name)
    projected, flat = vectors.T @ rhs, eigenvalues == 0
    if flat.any():
        # A part outside the range is rounding in rhs, or in the products that it comes from: those are measured in
        # units in which each coordinate matters alike.
        unit = np.sqrt(np.where(sizes > 0, sizes, 1.0))[:, None]
        outside = np.abs(vectors[:, flat] @ projected[flat] / unit).max(axis=0)
        rounding = (np.abs(projected[flat]) <= 1e-10 * (np.abs(vectors[:, flat]).T @ np.abs(rhs))).all(axis=0)
        rounding |= outside <= 1e-10 * np.abs(rhs / unit).max(axis=0)
        if lowest == 0 and not rounding.all():
            raise ValueError(
                "b must be in the range of the hessian where lam = 0, got a part outside of length "
                f"{float(np.linalg.norm(projected[flat])):.3g}"
            )
        projected[np.ix_(flat, rounding)] = 0.0
    solver = Spectral(eigenvalues, vectors, projected, 0.0)
    return "eigh", solver.solve(shifts), solver


def _as_rows(u: Array, shifts: Array) -> tuple[Array, Array, Array]:
    """Solutions of shape (L, q, t) as rows, and the shift and the target of each."""
    lams, q, targets = u.shape
    shift = np.broadcast_to(shifts.reshape(lams, -1), (lams, targets)).reshape(-1)
    return u.swapaxes(1, 2).reshape(-1, q).copy(), shift, np.tile(np.arange(targets), lams)


def _from_rows(rows: Array, like: Array) -> Array:
    lams, q, targets = like.shape
    return rows.reshape(lams, targets, q).swapaxes(1, 2)


def _left_multiply(matrix: Array, u: Array) -> Array:
    """matrix @ u[l] for each l, as one product."""
    lams, rows, targets = u.shape
    flat = np.swapaxes(u, 1, 2).reshape(lams * targets, rows) @ matrix.T
    return np.swapaxes(flat.reshape(lams, targets, -1), 1, 2)
