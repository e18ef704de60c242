"""Solve (K + mu I) x = b for many shifts mu at once: after one factorization of K, or in one Krylov space.

Shifts have shape (L,), or (L, t) where each of t right-hand sides has its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ._validation import EPS, SEMIDEFINITE_TOLERANCE, Array

# Up to this order the overhead of calls outweighs the flops that tridiagonalization saves.
SMALL = 32
# From this order on a short Krylov space is worth a try before the whole matrix is reduced.
LARGE = 256


@dataclass(eq=False)
class Spectral:
    """Solutions basis @ (projected / (eigenvalues + mu)).

    Where an eigenvalue and mu together do not exceed the cutoff, K + mu I is singular but for rounding: there
    the solution has no component. Without a cutoff all eigenvalues are known to be far above rounding.
    """

    eigenvalues: Array
    basis: Array
    projected: Array
    cutoff: float | None = None

    def solve(self, shifts: Array) -> Array:
        """Solutions of shape (L, p, t)."""
        # Broadcasting along the many shifts, not along the eigenvalues, keeps NumPy's inner loop long.
        k, targets = self.projected.shape
        if targets == 1:
            total = self.eigenvalues[:, None] + (shifts if shifts.ndim == 1 else shifts[:, 0])
            ratios = self._divided(self.projected, total)
            return ratios.T.dot(self.basis.T)[:, :, None]
        total = self.eigenvalues[:, None, None] + shifts.reshape(len(shifts), -1)
        ratios = self._divided(self.projected[:, None, :], total).reshape(k, -1)
        return (self.basis @ ratios).reshape(len(self.basis), len(shifts), targets).swapaxes(0, 1)

    def correct(self, rows: Array, shift: Array) -> Array:
        """Solutions for right-hand sides of their own, one in each row."""
        return self._divided(rows @ self.basis, self.eigenvalues + shift[:, None]) @ self.basis.T

    def _divided(self, pull: Array, total: Array) -> Array:
        if self.cutoff is None:
            return pull / total
        ratios = np.zeros(np.broadcast_shapes(pull.shape, total.shape))
        return np.divide(pull, total, out=ratios, where=total > self.cutoff)

    def extremes(self) -> tuple[float, float]:
        """The smallest and the largest eigenvalue."""
        return float(self.eigenvalues.min()), float(self.eigenvalues.max())


@dataclass(eq=False)
class Tridiagonal:
    """K = Q T Q^T with T tridiagonal; one O(p) solve for each shift."""

    diagonal: Array
    offdiagonal: Array
    reflectors: Array
    tau: Array
    projected: Array

    def solve(self, shifts: Array) -> Array:
        """Solutions of shape (L, p, t); T + mu I must be positive definite to working precision."""
        from scipy.linalg.lapack import dptsv

        p, targets = self.projected.shape
        solutions = np.empty((len(shifts), targets, p))
        if shifts.size > len(shifts):
            projected = np.broadcast_to(self.projected.T, solutions.shape)
            solutions[...] = self._each(projected.reshape(-1, p), shifts.reshape(-1)).reshape(solutions.shape)
        else:
            for shift, solution in zip(shifts.reshape(-1).tolist(), solutions, strict=True):
                solution[:] = dptsv(self.diagonal + shift, self.offdiagonal, self.projected)[2].T
        flat = self.rotate(solutions.reshape(-1, p).T)
        return flat.T.reshape(len(shifts), targets, p).swapaxes(1, 2)

    def correct(self, rows: Array, shift: Array) -> Array:
        """Solutions for right-hand sides of their own, one in each row."""
        projected = self.rotate(rows.T, transpose=True).T
        return self.rotate(self._each(projected, shift).T).T

    def _each(self, projected: Array, shift: Array) -> Array:
        from scipy.linalg.lapack import dptsv

        solutions = np.empty_like(projected)
        for mu, column, solution in zip(shift.tolist(), projected, solutions, strict=True):
            solution[:] = dptsv(self.diagonal + mu, self.offdiagonal, column)[2].reshape(-1)
        return solutions

    def rotate(self, columns: Array, *, transpose: bool = False) -> Array:
        """Q @ columns, or Q^T @ columns."""
        return apply_reflectors(self.reflectors, self.tau, columns, transpose=transpose)

    @cached_property
    def eigenvalues(self) -> Array:
        """Ascending."""
        from scipy.linalg.lapack import dsterf

        return dsterf(self.diagonal, self.offdiagonal)[0]

    def extremes(self) -> tuple[float, float]:
        """The smallest and the largest eigenvalue, without the others."""
        from scipy.linalg import eigvalsh_tridiagonal

        last = self.diagonal.size - 1
        try:
            low, high = (
                eigvalsh_tridiagonal(self.diagonal, self.offdiagonal, select="i", select_range=(i, i))[0]
                for i in (0, last)
            )
        except np.linalg.LinAlgError:
            # Bisection cannot count to one eigenvalue where many are equal but for rounding.
            low, high = self.eigenvalues[[0, last]]
        return float(low), float(high)

    def diagonalize(self) -> tuple[Array, Array]:
        """Eigenvalues, ascending, and eigenvectors of K."""
        from scipy.linalg import eigh_tridiagonal

        eigenvalues, vectors = eigh_tridiagonal(self.diagonal, self.offdiagonal)
        return eigenvalues, self.rotate(vectors)


def eigh(matrix: Array) -> tuple[Array, Array]:
    """Eigenvalues, ascending, and eigenvectors of a symmetric matrix."""
    # NumPy's routine without its checks and its copies, which are a tenth of the time.
    from scipy.linalg.lapack import dsyevd

    # The transpose of a C-ordered symmetric matrix is the same matrix in LAPACK's order.
    eigenvalues, vectors, info = dsyevd(matrix.T, lower=1)
    if info:
        raise np.linalg.LinAlgError("the eigenvalues did not converge")
    return eigenvalues, vectors


def tridiagonalize(matrix: Array, rhs: Array) -> Tridiagonal:
    """Householder reduction of a symmetric matrix, which is overwritten, and of right-hand sides (p, t)."""
    from scipy.linalg.lapack import dsytrd, dsytrd_lwork

    work = int(dsytrd_lwork(len(matrix), lower=1)[0])
    # The transpose of a C-ordered symmetric matrix is the same matrix in LAPACK's order.
    packed, diagonal, offdiagonal, tau, _ = dsytrd(matrix.T, lower=1, lwork=work, overwrite_a=1)
    reflectors = np.asfortranarray(packed[1:, :-1])
    projected = apply_reflectors(reflectors, tau, rhs, transpose=True)
    return Tridiagonal(diagonal, offdiagonal, reflectors, tau, projected)


def apply_reflectors(reflectors: Array, tau: Array, columns: Array, *, transpose: bool = False) -> Array:
    """Q @ columns or Q^T @ columns, Q given by the reflectors of a lower tridiagonalization."""
    from scipy.linalg.lapack import dormqr

    result = np.array(columns, order="F")
    # Q leaves the first coordinate alone; 64 is LAPACK's largest block size.
    tail, _, _ = dormqr("L", "T" if transpose else "N", reflectors, tau, result[1:], 64 * result.shape[1])
    result[1:] = tail
    return result


@dataclass(eq=False)
class Krylov:
    """The part of a Krylov space of K and b in which all solutions lie: K basis^T = basis^T T up to the residual."""

    basis: Array
    small: Spectral
    matrix: Array | None = None

    @cached_property
    def eigenvalues(self) -> Array:
        """All those of K, which the space does not know."""
        assert self.matrix is not None
        return np.linalg.eigvalsh(self.matrix)

    def extremes(self) -> tuple[float, float]:
        """The smallest and the largest eigenvalue of K on the space."""
        return self.small.extremes()

    def combinations(self, shifts: Array) -> Array:
        """Solutions as combinations of the rows of the basis, shape (L, k)."""
        return self.small.solve(shifts)[:, :, 0]

    def solve(self, shifts: Array) -> Array:
        """Solutions of shape (L, p)."""
        return self.combinations(shifts) @ self.basis


def krylov_space(
    matvec: Callable[[Array], Array],
    rhs: Array,
    lowest: float,
    *,
    rtol: float,
    max_steps: int,
    patient: bool = True,
) -> Krylov | float:
    """Lanczos' method; one space serves all shifts from `lowest` on, as shifts leave Krylov spaces alone.

    Stops when the residual of the lowest shift, hence of all, is below rtol ||rhs||. The basis is kept and
    every new vector orthogonalized against it, so that round-off does not slow the convergence.

    Returns
    -------
    Krylov, or the relative residual if it is still too large after max_steps; without patience also if its
    decrease so far foretells that.
    """
    from scipy.linalg import eigh_tridiagonal
    from scipy.linalg.lapack import dptsv

    # Squares of tiny or huge numbers would underflow or overflow; powers of two for rhs and K change no digit.
    _, exponent = np.frexp(np.abs(rhs).max())
    rhs, unit = np.ldexp(rhs, -exponent), 0
    size = float(np.linalg.norm(rhs))
    if size == 0:
        return Krylov(np.zeros((1, len(rhs))), Spectral(np.ones(1), np.ones((1, 1)), np.zeros((1, 1))))
    basis = np.empty((min(64, max_steps), len(rhs)))
    basis[0] = rhs / size
    diagonal: list[float] = []
    offdiagonal: list[float] = []
    residual = np.inf
    for step in range(1, max_steps + 1):
        new = matvec(basis[step - 1])
        if step == 1:
            _, unit = np.frexp(np.abs(new).max())
            lowest = float(np.ldexp(lowest, -unit))
        new = np.ldexp(new, -unit)
        diagonal.append(float(new @ basis[step - 1]))
        new = new - diagonal[-1] * basis[step - 1]
        if step > 1:
            new -= offdiagonal[-1] * basis[step - 2]
        new -= (basis[:step] @ new) @ basis[:step]
        length = float(np.linalg.norm(new))
        exhausted = length <= 10 * EPS * max(diagonal)
        if exhausted or step % 5 == 0 or step == max_steps:
            first = np.zeros((step, 1))
            first[0] = 1.0
            *_, last, info = dptsv(np.array(diagonal) + lowest, np.array(offdiagonal or [0.0]), first)
            residual = length * abs(float(last[-1, 0])) if info == 0 else np.inf
            if exhausted or residual <= rtol:
                values, vectors = eigh_tridiagonal(np.array(diagonal), np.array(offdiagonal))
                values = np.ldexp(values, unit)
                if values[0] < -SEMIDEFINITE_TOLERANCE * np.abs(values).max():
                    raise ValueError(
                        f"hessian must be positive semidefinite, got the eigenvalue {float(values[0]):.6g}"
                    )
                cutoff = step * EPS * values[-1]
                values = np.where(values <= cutoff, 0.0, values)
                return Krylov(
                    basis[:step], Spectral(values, vectors, np.ldexp(size * vectors[:1].T, exponent), cutoff)
                )
            # Residuals fall at least as fast later on as in the beginning.
            hopeless = residual >= 1 or step * np.log(rtol) / np.log(residual) > max_steps
            if not patient and step >= 15 and hopeless:
                break
        if step == max_steps:
            break
        offdiagonal.append(length)
        if step == len(basis):
            basis = np.concatenate([basis, np.empty((min(step, max_steps - step), len(rhs)))])
        basis[step] = new / length
    return residual


def krylov_path(
    matvec: Callable[[Array], Array], rhs: Array, shifts: Array, *, rtol: float, max_steps: int
) -> Array:
    """Solutions of shape (L, p, t) for right-hand sides (p, t), from one Krylov space for each."""
    solutions = []
    for column in rhs.T:
        space = krylov_space(matvec, column, float(shifts.min()), rtol=rtol, max_steps=max_steps)
        if not isinstance(space, Krylov):
            raise np.linalg.LinAlgError(
                f"the Krylov space of {max_steps} steps leaves a relative residual of {space:.1e} for the "
                f"smallest lam, above rtol = {rtol:.1e}; raise lam, rtol or max_steps"
            )
        solutions.append(space.solve(shifts))
    return np.stack(solutions, axis=-1)
