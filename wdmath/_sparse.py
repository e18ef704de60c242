"""Ridge for sparse matrices and operators: by way of a Gram matrix, or in Krylov spaces."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ._dense import CORRECTABLE, factorize
from ._scaled import OPERATOR_ORDER, Scaled
from ._semidefinite import is_graded, semidefinite_eigh
from ._shifted import Spectral, Tridiagonal, krylov_path
from ._singular import GRADED
from ._standard_form import StandardForm
from ._validation import EPS, Array, zero_cutoff

# Up to this order a Gram matrix of a sparse matrix is formed.
ORDER = 2000
# A relative error of a solution, or a relative gradient, that is too much.
UNSOLVED = 1e-8
MAX_CORRECTIONS = 10


def sparse_path(
    form: StandardForm, shifts: Array, method: str, *, rtol: float, max_steps: int
) -> tuple[str, Array, Spectral | Tridiagonal | None, Array]:
    """Name of the method, solutions u of shape (L, q, t), what knows the eigenvalues, and those that are not of Z."""
    Z: Scaled = form.source
    n, q = Z.shape
    lengths = Z.lengths()
    unit = np.ones(q) if lengths is None else np.sqrt(lengths**2 + float(shifts.min()))
    graded = unit.max() > GRADED * unit.min() > 0
    # The Gram matrix of the rows does not show the units of the columns.
    if method == "auto" and min(n, q) <= (ORDER if Z.has_rows else OPERATOR_ORDER) and (q <= n or not graded):
        return _gram_path(form, shifts)
    if method == "auto" and graded:
        u = _conjugate_gradients(Z, form.r, shifts, unit, rtol, max_steps)
    else:
        rhs = Z.transposed_times(form.r)
        u = krylov_path(
            lambda v: Z.transposed_times(Z.times(v[:, None]))[:, 0],
            rhs,
            shifts,
            rtol=rtol,
            max_steps=max_steps,
        )
        _require_solved(Z, form.r, u, shifts, rhs, rtol)
    return "lanczos", u, None, np.zeros(0)


def _gram_path(form: StandardForm, shifts: Array) -> tuple[str, Array, Spectral | Tridiagonal, Array]:
    """By way of Z^T Z or Z Z^T, corrected by gradients without them."""
    Z, r = form.source, form.r
    dual = Z.shape[0] < Z.shape[1]
    planted = np.zeros(0)
    if dual:
        K, rhs = Z.dual_gram(), r
        planted = np.full(form.free.shape[1], np.trace(K) / len(K))
        K += (form.free * planted) @ form.free.T
    else:
        K, rhs = Z.gram(), Z.transposed_times(r)

    used, solver = _factorized(K, rhs, shifts, Z.transposed_times if dual else Z.times)
    x = solver.solve(shifts)
    lams, q, targets = x.shape
    shift = np.broadcast_to(shifts.reshape(lams, -1), (lams, targets)).reshape(-1)
    right = np.tile(r, lams)

    def gradient(rows: Array) -> Array:
        if dual:
            return (right - Z.times(Z.transposed_times(rows.T))).T - shift[:, None] * rows
        return Z.transposed_times(right - Z.times(rows.T)).T - shift[:, None] * rows

    rows = _corrected(x.swapaxes(1, 2).reshape(-1, q), shift, solver.correct, gradient, np.diagonal(K))
    if dual:
        used, rows = "dual", Z.transposed_times(rows.T).T
    return used, rows.reshape(lams, targets, -1).swapaxes(1, 2), solver, planted


def _factorized(
    K: Array, rhs: Array, shifts: Array, image: Callable[[Array], Array]
) -> tuple[str, Spectral | Tridiagonal]:
    """Solver for a Gram matrix K, of which `image` is a factor: its null space, and what K does not tell from it.

    A singular value of the factor below sqrt(eps) of the largest is lost in K, but not in the image of the vectors that
    seem to have none. Those that have none there either are left out.
    """
    lowest = float(shifts.min())
    if not is_graded(K + lowest * np.eye(len(K))):
        used, solver, _ = factorize(K.copy(), rhs, shifts, "auto", 0.0, limit=CORRECTABLE)
        if solver is not None and solver.extremes()[0] > zero_cutoff(len(K)) * solver.extremes()[1]:
            return used, solver
    eigenvalues, vectors = semidefinite_eigh(K, "X^T X")
    lost = eigenvalues == 0
    if lost.any():
        _, s, Vt = np.linalg.svd(image(vectors[:, lost]), full_matrices=False)
        vectors[:, lost] = vectors[:, lost] @ Vt.T
        eigenvalues[lost] = np.where(s > len(K) * EPS * eigenvalues[0] ** 0.5, s**2, 0.0)
    kept = eigenvalues > 0
    eigenvalues, vectors = eigenvalues[kept], vectors[:, kept]
    return "eigh", Spectral(eigenvalues, vectors, vectors.T @ rhs)


def _corrected(
    rows: Array,
    shift: Array,
    correct: Callable[[Array, Array], Array],
    gradient: Callable[[Array], Array],
    sizes: Array,
) -> Array:
    """Solutions, one in each row, corrected by gradients in ordinary precision until that changes nothing more."""
    unit = np.sqrt(sizes + shift[:, None])
    previous = np.inf
    for _ in range(MAX_CORRECTIONS):
        step = correct(gradient(rows), shift)
        length = np.abs((rows + step) * unit).max(axis=1)
        length[length == 0] = 1.0
        measure = float((np.abs(step * unit).max(axis=1) / length).max())
        if not measure < previous:
            break
        rows, previous = rows + step, measure
        if measure <= 10 * EPS:
            break
    if not previous <= UNSOLVED:
        raise np.linalg.LinAlgError(
            f"the solution is uncertain by {previous:.1e} of itself, since columns of X are nearly dependent; raise "
            "lam, drop columns, or pass a dense array"
        )
    return rows


def _require_solved(Z: Scaled, r: Array, u: Array, shifts: Array, rhs: Array, rtol: float) -> None:
    """The residual by which Lanczos' method stops is an estimate."""
    for l, mu in enumerate(shifts.reshape(len(shifts), -1)):
        gradient = Z.transposed_times(r - Z.times(u[l])) - mu * u[l]
        left = np.linalg.norm(gradient, axis=0) / np.maximum(
            np.linalg.norm(rhs, axis=0), np.finfo(float).tiny
        )
        if not (left <= max(1e3 * rtol, UNSOLVED)).all():
            raise np.linalg.LinAlgError(
                f"the Krylov space leaves a relative residual of {float(left.max()):.1e}, above rtol = {rtol:.1e}; "
                "bring the columns of X to comparable units, or raise lam"
            )


def _conjugate_gradients(
    Z: Scaled, r: Array, shifts: Array, unit: Array, rtol: float, max_steps: int
) -> Array:
    """Solutions for columns in units of their own: one after the other, from the largest shift to the smallest.

    In coordinates in which Z^T Z + mu I has a diagonal of ones (CGLS; Bjorck, 1996, section 7.4).
    """
    lams, targets = len(shifts), r.shape[1]
    strengths = np.broadcast_to(shifts.reshape(lams, -1), (lams, targets))
    lengths = np.sqrt(np.maximum(unit**2 - float(shifts.min()), 0.0))
    u = np.empty((lams, Z.shape[1], targets))
    for t in range(targets):
        start = np.zeros(Z.shape[1])
        for l in np.argsort(-strengths[:, t], kind="stable"):
            mu = float(strengths[l, t])
            start = u[l, :, t] = _one_solution(
                Z, r[:, t], mu, np.sqrt(lengths**2 + mu), start, rtol, max_steps
            )
    return u


def _one_solution(
    Z: Scaled, r: Array, mu: float, unit: Array, start: Array, rtol: float, max_steps: int
) -> Array:
    unit = np.where(unit > 0, unit, 1.0)

    def times(v: Array) -> Array:
        return Z.times(v[:, None])[:, 0]

    def slope(residual: Array, u: Array) -> Array:
        return (Z.transposed_times(residual[:, None])[:, 0] - mu * u) / unit

    u, goal = start.copy(), rtol * float(np.linalg.norm(slope(r, np.zeros_like(start))))
    residual = r - times(u)
    s = slope(residual, u)
    direction, size = s.copy(), float(s @ s)
    for _ in range(10 * max_steps):
        if size**0.5 <= goal:
            # The residual that was carried along may have drifted: it is computed anew.
            residual = r - times(u)
            s = slope(residual, u)
            direction, size = s.copy(), float(s @ s)
            if size**0.5 <= 10 * goal:
                return u
        move = direction / unit
        image = times(move)
        length = size / float(image @ image + mu * (move @ move))
        u += length * move
        residual -= length * image
        s = slope(residual, u)
        following = float(s @ s)
        direction, size = s + following / size * direction, following
    raise np.linalg.LinAlgError(
        f"conjugate gradients leave a relative residual of {rtol * size**0.5 / goal:.1e} at lam / (2 c) = {mu:.3g}, "
        f"above rtol = {rtol:.1e}; raise lam, rtol or max_steps"
    )
