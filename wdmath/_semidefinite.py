"""Eigenvalues of positive semidefinite matrices, small ones right where the matrix determines them.

The usual algorithms know an eigenvalue to eps times the largest one. Where the coordinates have units of their own, as
in D C D with D diagonal and C well-conditioned, the matrix determines each eigenvalue to eps cond(C) of itself, however
large the ratio between them: diag(1e18, 1) has the eigenvalue 1, and one may want to know it.
"""

from __future__ import annotations

import numpy as np

from ._singular import graded_from, graded_svd
from ._validation import EPS, SEMIDEFINITE_TOLERANCE, Array, semidefinite_eigenvalues, zero_cutoff


def semidefinite_eigh(matrix: Array, name: str) -> tuple[Array, Array]:
    """Eigenvalues, descending, and eigenvectors of a symmetric matrix that must be positive semidefinite.

    Eigenvalues at rounding level are 0: below 2 max(p, 8) eps times the largest one, or, where the diagonal is graded,
    in directions that are linearly dependent once all coordinates have been given the unit 1.

    Raises
    ------
    ValueError
        If an eigenvalue is negative by more than rounding.

    References
    ----------
    Demmel, Veselic (1992), Jacobi's method is more accurate than QR, SIAM J. Matrix Anal. Appl. 13; Drmac, Veselic
    (2008), New fast and accurate Jacobi SVD algorithm, SIAM J. Matrix Anal. Appl. 29.
    """
    return (_graded_eigh if is_graded(matrix) else _ungraded_eigh)(matrix, name)


def is_graded(matrix: Array) -> bool:
    """Whether the coordinates seem to have units of their own."""
    diagonal = np.diagonal(matrix)
    if diagonal.min() == 0:
        diagonal = diagonal[matrix.any(axis=0)]
    if not diagonal.size:
        return False
    smallest = float(diagonal.min())
    return smallest > 0 and smallest * graded_from(len(matrix)) ** 2 < diagonal.max()


def units(diagonal: Array) -> Array:
    """Powers of two near the square roots of positive numbers: dividing by them rounds nothing."""
    return np.ldexp(1.0, np.frexp(diagonal)[1] // 2)


def _ungraded_eigh(matrix: Array, name: str) -> tuple[Array, Array]:
    eigenvalues, vectors = np.linalg.eigh(matrix)
    return semidefinite_eigenvalues(eigenvalues[::-1], name), vectors[:, ::-1]


def _graded_eigh(matrix: Array, name: str) -> tuple[Array, Array]:
    """The same from a factor A with A^T A = H, whose columns have the lengths of the units."""
    from scipy.linalg.lapack import dpstrf

    unit = units(np.diagonal(matrix))
    evened = matrix / unit / unit[:, None]
    smallest, *_, largest = np.linalg.eigvalsh(evened).tolist()
    if smallest < -SEMIDEFINITE_TOLERANCE * largest:
        # A product such as Q diag(sigma) Q^T was rounded by eps of its largest entry, not of each: a small diagonal
        # entry is then no unit of its coordinate.
        diagonal = np.diagonal(matrix)
        rounding = len(matrix) * EPS * float(diagonal.max() / diagonal.min())
        if smallest >= -min(rounding, 1e-6) * largest:
            return _ungraded_eigh(matrix, name)
        raise ValueError(
            f"{name} must be positive semidefinite, got the eigenvalue {smallest:.6g} once its diagonal is near 1"
        )
    cutoff = zero_cutoff(len(matrix))
    packed, pivots, rank, _ = dpstrf(evened, lower=1, tol=cutoff * largest)
    factor = np.empty((rank, len(matrix)))
    factor[:, pivots - 1] = np.tril(packed)[:, :rank].T
    _, s, Vt, rest = graded_svd(factor * unit, unit, cutoff**0.5)
    eigenvalues = np.zeros(len(matrix))
    eigenvalues[: len(s)] = s**2
    return eigenvalues, np.vstack([Vt, rest]).T
