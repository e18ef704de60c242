"""The Hessian's eigenbasis and what the penalty does along it.

Everything the ridge penalty does to a quadratic risk happens along the eigenvectors of its Hessian H: the
component along eigenvector i is multiplied by sigma_i / (sigma_i + lam). Eigenvalues are listed in
descending order, eigenvectors are the columns of Q, and Q is a rotation (determinant +1).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._semidefinite import is_graded, semidefinite_eigh
from ._validation import (
    SEMIDEFINITE_TOLERANCE,
    Array,
    count,
    penalty_strength,
    real_array,
    real_number,
    require_room,
    symmetric_matrix,
    zero_cutoff,
)
from ._values import Value

__all__ = [
    "Eigenspace",
    "LeadingEigenpairs",
    "effective_degrees_of_freedom",
    "eigenbasis",
    "eigenspaces",
    "lam_for_degrees_of_freedom",
    "leading_eigenpairs",
    "shrinkage_factors",
]

# Entries of an eigenvector whose magnitudes agree to this are tied: rounding must not decide the sign.
TIE = 1e-9
# Up to this order it is quicker to have the whole matrix.
SMALL = 128
# Up to this the sum of an eigenvalue and a penalty is below the largest float.
HUGE = 8e307


def eigenbasis(hessian: ArrayLike) -> tuple[Array, Array]:
    """Eigenvalues, descending, and eigenvectors of a positive semidefinite matrix, as a rotation.

    H = Q diag(sigma) Q^T with det Q = +1. Each eigenvector's entry of largest magnitude is positive (the
    first such entry where several agree within rounding); if that leaves det Q = -1, the last eigenvector
    is negated. In the eigenspace of a repeated eigenvalue (equal within rounding) the basis is built from
    the projections of the coordinate axes on it, longest first (earlier axes first among nearly equal
    ones), so that it does not depend on the machine; for a multiple of the identity it is the coordinate
    axes. Eigenvalues below 2 max(p, 8) eps times the largest are 0; where the coordinates have units of their own, so
    that the diagonal is spread over more than 1e6, that is judged after scaling it to ones, and each eigenvalue has
    its own relative accuracy: diag(1e18, 1) has the eigenvalue 1.

    Parameters
    ----------
    hessian : array_like of shape (p, p)
        Symmetric positive semidefinite; asymmetry and negative eigenvalues at rounding level are accepted.

    Returns
    -------
    eigenvalues : ndarray of shape (p,)
        Descending, >= 0.
    eigenvectors : ndarray of shape (p, p)
        One in each column.

    Raises
    ------
    ValueError
        If the matrix is not finite, not square, not symmetric or has a negative eigenvalue.
    TypeError
        If it does not hold real numbers.

    References
    ----------
    Golub, Van Loan (2013), Matrix Computations, section 8.1; Demmel, Veselic (1992), Jacobi's method is more accurate
    than QR, SIAM J. Matrix Anal. Appl. 13.

    Examples
    --------
    >>> import numpy as np
    >>> import wdmath
    >>> eigenvalues, Q = wdmath.eigenbasis([[2.0, 1.0], [1.0, 2.0]])
    >>> eigenvalues.round(12)
    array([3., 1.])
    >>> Q.round(4)
    array([[ 0.7071, -0.7071],
           [ 0.7071,  0.7071]])
    """
    return semidefinite_basis(symmetric_matrix(hessian, "hessian"), "hessian")


def semidefinite_basis(matrix: Array, name: str) -> tuple[Array, Array]:
    """`eigenbasis` of a symmetric matrix."""
    eigenvalues, vectors = semidefinite_eigh(matrix, name)
    return canonical_basis(eigenvalues, vectors, graded=is_graded(matrix))


def canonical_basis(eigenvalues: Array, vectors: Array, *, graded: bool = False) -> tuple[Array, Array]:
    """Settle what an eigensolver leaves open: signs, bases of eigenspaces, the orientation of the whole.

    Eigenvalues that are equal within rounding become equal: rounding in the largest one, but if they are graded, in
    themselves.
    """
    eigenvalues, vectors = eigenvalues.copy(), vectors.copy()
    resolution = zero_cutoff(eigenvalues.size) * eigenvalues
    if not graded:
        # Small eigenvalues that differ by more than this in themselves are kept apart all the same.
        resolution = np.minimum(resolution[0], 1e4 * resolution)
    for group in eigenspace_slices(eigenvalues, resolution):
        if group.stop - group.start > 1:
            eigenvalues[group] = eigenvalues[group].mean()
            vectors[:, group] = _axis_aligned(vectors[:, group])
    magnitudes = np.abs(vectors)
    leading = (magnitudes >= magnitudes.max(axis=0) * (1 - TIE)).argmax(axis=0)
    vectors *= np.where(vectors[leading, np.arange(vectors.shape[1])] < 0, -1.0, 1.0)
    if np.linalg.slogdet(vectors)[0] < 0:
        vectors[:, -1] *= -1
    # Adding 0 turns -0 into 0, which would otherwise show when printed.
    return eigenvalues, vectors + 0.0


def _axis_aligned(basis: Array) -> Array:
    """Gram-Schmidt on the coordinate axes projected on the span of `basis`, longest projection first."""
    from scipy.linalg import qr

    # The weights make the earlier axis win where two projections are equally long up to rounding.
    weights = 1 - 1e-3 * np.arange(basis.shape[0]) / basis.shape[0]
    rotation, _, _ = qr(basis.T * weights, mode="economic", pivoting=True)
    return basis @ rotation


def eigenspace_slices(eigenvalues: Array, resolution: Array | float = 0.0) -> list[slice]:
    """Slices of descending eigenvalues, each of which is within the resolution (its own) of the next."""
    near = eigenvalues[:-1] - eigenvalues[1:] <= np.broadcast_to(resolution, eigenvalues.shape)[:-1]
    edges = [0, *(np.flatnonzero(~near) + 1).tolist(), eigenvalues.size]
    return [slice(a, b) for a, b in pairwise(edges)]


@dataclass(frozen=True, eq=False, repr=False)
class Eigenspace(Value):
    """All directions that share one eigenvalue.

    Attributes
    ----------
    eigenvalue : float
    basis : ndarray of shape (p, m)
        Orthonormal columns; m is the eigenvalue's multiplicity.
    """

    eigenvalue: float
    basis: Array

    @property
    def dimension(self) -> int:
        """Multiplicity of the eigenvalue."""
        return self.basis.shape[1]

    @property
    def projector(self) -> Array:
        """The matrix, of shape (p, p), that projects on the space; unlike the basis it is unique."""
        return self.basis @ self.basis.T

    def project(self, theta: ArrayLike) -> Array:
        """Orthogonal projection of points of shape (..., p)."""
        theta = real_array(theta, "theta")
        if theta.ndim == 0 or theta.shape[-1] != self.basis.shape[0]:
            raise ValueError(f"theta must have shape (..., {self.basis.shape[0]}), got {theta.shape}")
        return (theta @ self.basis) @ self.basis.T


def eigenspaces(hessian: Any, rtol: float | None = None) -> tuple[Eigenspace, ...]:
    """The distinct eigenvalues, descending, each with the space of its eigenvectors.

    Parameters
    ----------
    hessian : array_like of shape (p, p), or QuadraticRisk
    rtol : float, optional
        Neighboring eigenvalues closer than rtol times the largest one belong to one space. By default only
        those equal within rounding do.

    Returns
    -------
    tuple of Eigenspace

    Raises
    ------
    ValueError, TypeError
        As `eigenbasis`, or if rtol is negative.

    References
    ----------
    Golub, Van Loan (2013), Matrix Computations, section 8.1.

    Examples
    --------
    >>> import wdmath
    >>> spaces = wdmath.eigenspaces([[5, 0, 0], [0, 2, 0], [0, 0, 2]])
    >>> [(space.eigenvalue, space.dimension) for space in spaces]
    [(5.0, 1), (2.0, 2)]
    """
    if hasattr(hessian, "eigenvectors"):
        eigenvalues, vectors = hessian.eigenvalues, hessian.eigenvectors
    else:
        eigenvalues, vectors = eigenbasis(hessian)
    resolution = 0.0 if rtol is None else real_number(rtol, "rtol", nonnegative=True) * eigenvalues[0]
    slices = eigenspace_slices(eigenvalues, resolution)
    return tuple(Eigenspace(float(eigenvalues[s].mean()), vectors[:, s]) for s in slices)


def shrinkage_factors(eigenvalues: ArrayLike, lam: ArrayLike) -> Array:
    """Factors by which the ridge penalty scales each eigencomponent.

    For R(theta) + lam/2 ||theta||^2 the component of the minimizer along eigenvector i is multiplied by
    eigenvalues[i] / (eigenvalues[i] + lam).

    Parameters
    ----------
    eigenvalues : array_like of shape (p,)
        Eigenvalues of the Hessian, >= 0 (up to rounding).
    lam : float or array_like of shape (L,)
        Penalty strength, >= 0, in the units of the eigenvalues.

    Returns
    -------
    ndarray of shape (p,) or (L, p), in [0, 1]
        0 for a zero eigenvalue, also at lam = 0 (the limit along the range of H).

    Raises
    ------
    ValueError
        If an entry is negative or not finite; the message names the argument and the value.

    References
    ----------
    Goodfellow, Bengio, Courville (2016), Deep Learning, section 7.1.1.

    Examples
    --------
    >>> import wdmath
    >>> wdmath.shrinkage_factors([9.0, 1.0, 0.0], 1.0)
    array([0.9, 0.5, 0. ])
    """
    return np.ascontiguousarray(factors(nonnegative_eigenvalues(eigenvalues), penalty_strength(lam)))


def factors(eigenvalues: Array, lam: Array) -> Array:
    """Shrinkage factors of checked arguments."""
    # A zero eigenvalue has the factor 0 / (1 + lam). Broadcasting along lam keeps NumPy's inner loop long.
    if eigenvalues.max(initial=0) > HUGE or lam.max() > HUGE:
        # Halved, no sum of the two is beyond the largest float.
        eigenvalues, lam = eigenvalues / 2, lam / 2
    denominators = np.where(eigenvalues > 0, eigenvalues, 1.0)
    if lam.ndim == 0:
        return eigenvalues / (denominators + lam)
    return (eigenvalues[:, None] / (denominators[:, None] + lam)).T


def effective_degrees_of_freedom(eigenvalues: ArrayLike, lam: ArrayLike) -> float | Array:
    """Trace of the ridge smoother: the sum of the shrinkage factors.

    Parameters
    ----------
    eigenvalues : array_like of shape (p,)
        Eigenvalues of the Hessian, >= 0.
    lam : float or array_like of shape (L,)
        Penalty strength, >= 0, in the units of the eigenvalues.

    Returns
    -------
    float or ndarray of shape (L,)
        The rank of H at lam = 0, falling to 0. An unpenalized intercept is not counted.

    Raises
    ------
    ValueError
        If an entry is negative or not finite; the message names the argument and the value.

    References
    ----------
    Hastie, Tibshirani, Friedman (2009), The Elements of Statistical Learning, equation 3.50.

    Examples
    --------
    >>> import wdmath
    >>> wdmath.effective_degrees_of_freedom([9.0, 1.0], [0.0, 1.0])
    array([2. , 1.4])
    """
    total = shrinkage_factors(eigenvalues, lam).sum(axis=-1)
    return float(total) if total.ndim == 0 else total


def lam_for_degrees_of_freedom(eigenvalues: ArrayLike, dof: ArrayLike) -> float | Array:
    """The penalty strength that leaves a given number of effective degrees of freedom.

    Solves sum_i sigma_i / (sigma_i + lam) = dof.

    Parameters
    ----------
    eigenvalues : array_like of shape (p,)
        Eigenvalues of the Hessian, >= 0, not all 0.
    dof : float or array_like of shape (D,)
        Wanted degrees of freedom, above 0 and at most the number of positive eigenvalues.

    Returns
    -------
    float or ndarray of shape (D,)
        In the units of the eigenvalues.

    Raises
    ------
    ValueError
        If no penalty gives that number of degrees of freedom.

    References
    ----------
    Hastie, Tibshirani, Friedman (2009), The Elements of Statistical Learning, equation 3.50, solved for lam by
    Newton's method.

    Examples
    --------
    >>> import wdmath
    >>> round(wdmath.lam_for_degrees_of_freedom([9.0, 1.0], 1.4), 12)
    1.0
    """
    sigma = nonnegative_eigenvalues(eigenvalues)
    sigma = sigma[sigma > 0]
    wanted = real_array(dof, "dof", ndim=(0, 1), positive=True)
    if (wanted > sigma.size).any():
        most = f"the number of positive eigenvalues, {sigma.size}"
        raise ValueError(f"dof must be at most {most}, got {float(wanted.max())!r}")
    # With every eigenvalue replaced by the smallest, or the largest, the equation is solved by these two
    # bounds.
    excess = sigma.size / wanted - 1
    with np.errstate(over="ignore"):
        low = sigma.min() * excess
        high = np.minimum(sigma.max() * excess, np.finfo(float).max)
        lam = np.sqrt(low) * np.sqrt(high)
        for _ in range(200):
            total = sigma + lam[..., None]
            kept, lost = sigma / total, lam[..., None] / total
            residual = kept.sum(axis=-1) - wanted
            low, high = np.where(residual > 0, lam, low), np.where(residual > 0, high, lam)
            # Newton's method in log(lam), held inside the bracket.
            slope = (kept * lost).sum(axis=-1)
            step = np.clip(np.divide(residual, slope, out=np.zeros_like(lam), where=slope > 0), -50, 50)
            newton = lam * np.exp(step)
            inside = (newton >= low) & (newton <= high)
            following = np.where(inside, newton, np.sqrt(low) * np.sqrt(high))
            if (np.abs(following - lam) <= 4 * np.finfo(float).eps * lam).all():
                break
            lam = following
    return float(lam) if lam.ndim == 0 else lam


def nonnegative_eigenvalues(eigenvalues: Any, name: str = "eigenvalues") -> Array:
    """Checked eigenvalues of shape (p,); negative ones at rounding level become 0."""
    array = real_array(eigenvalues, name, ndim=1)
    smallest = array.min()
    if smallest >= 0:
        return array
    if smallest < -SEMIDEFINITE_TOLERANCE * np.abs(array).max():
        raise ValueError(f"{name} must be >= 0, got {float(smallest)!r} at index {int(array.argmin())}")
    return np.maximum(array, 0.0)


@dataclass(frozen=True, eq=False, repr=False)
class LeadingEigenpairs(Value):
    """The largest eigenvalues of an operator: a truncation, which says nothing about the others.

    Attributes
    ----------
    eigenvalues : ndarray of shape (k,)
        Descending.
    eigenvectors : ndarray of shape (p, k)
        One in each column, its entry of largest magnitude positive.
    residuals : ndarray of shape (k,)
        ||H q_i - sigma_i q_i||: an eigenvalue of the operator lies within this distance of eigenvalues[i].
    """

    eigenvalues: Array
    eigenvectors: Array
    residuals: Array


def leading_eigenpairs(hessian: Any, k: int, *, dimension: int | None = None) -> LeadingEigenpairs:
    """The k largest eigenvalues and their eigenvectors, from products with vectors only.

    Parameters
    ----------
    hessian : array, sparse matrix, LinearOperator or callable
        Symmetric positive semidefinite of order p; a callable maps a vector v of shape (p,) to H v.
    k : int
        How many, 1 <= k < p.
    dimension : int, optional
        p; needed for a callable.

    Returns
    -------
    LeadingEigenpairs
        A truncation: the remaining eigenvalues are not computed.

    Raises
    ------
    ValueError
        If the matrix is not square, not symmetric or among the eigenvalues found one is negative, or k is out of range.
    TypeError
        If it does not hold real numbers, or k is not an integer.
    numpy.linalg.LinAlgError
        If the eigenvalues have not converged.

    References
    ----------
    Lehoucq, Sorensen, Yang (1998), ARPACK Users' Guide (implicitly restarted Lanczos).

    Examples
    --------
    >>> import numpy as np
    >>> import wdmath
    >>> pairs = wdmath.leading_eigenpairs(lambda v: np.arange(1.0, 101.0) * v, 2, dimension=100)
    >>> pairs.eigenvalues.round(9)
    array([100.,  99.])
    """
    operator = symmetric_operator(hessian, "hessian", dimension)
    p = operator.shape[0]
    k = count(k, "k", minimum=1)
    if k >= p:
        raise ValueError(f"k must be < {p}, the order of the matrix, got {k}; use eigenbasis for all of them")
    if p <= SMALL:
        matrix = symmetric_matrix(operator.matmat(np.eye(p)), "hessian")
        eigenvalues, vectors = (part[..., :k] for part in semidefinite_eigh(matrix, "hessian"))
    else:
        eigenvalues, vectors = _largest(operator, k)
    magnitudes = np.abs(vectors)
    leading = (magnitudes >= magnitudes.max(axis=0) * (1 - TIE)).argmax(axis=0)
    vectors = vectors * np.where(vectors[leading, np.arange(k)] < 0, -1.0, 1.0) + 0.0
    residuals = np.linalg.norm(operator.matmat(vectors) - vectors * eigenvalues, axis=0)
    return LeadingEigenpairs(np.array(eigenvalues), vectors, residuals)


def _largest(operator: Any, k: int) -> tuple[Array, Array]:
    """Lanczos' method, restarted."""
    from scipy.sparse.linalg import ArpackError, ArpackNoConvergence, eigsh

    p = operator.shape[0]
    # A fixed start vector without symmetry makes the result reproducible.
    start = np.cos(np.arange(p) ** 2 + 1.0)
    image = real_array(operator.matvec(start), "the product of the hessian with a vector", shape=(p,))
    if not image.any():
        return np.zeros(k), np.eye(p, k)
    try:
        eigenvalues, vectors = eigsh(operator, k=k, which="LA", v0=start)
    except ArpackNoConvergence:
        raise np.linalg.LinAlgError(
            f"the {k} largest eigenvalues have not converged: they may be too close to the next ones; change k"
        ) from None
    except ArpackError as error:
        raise np.linalg.LinAlgError(
            f"the largest eigenvalues cannot be computed ({error}); change k"
        ) from None
    eigenvalues, vectors = eigenvalues[::-1], vectors[:, ::-1]
    if eigenvalues[-1] < -SEMIDEFINITE_TOLERANCE * np.abs(eigenvalues).max():
        raise ValueError(
            f"hessian must be positive semidefinite, got the eigenvalue {float(eigenvalues[-1]):.6g}"
        )
    return np.maximum(eigenvalues, 0.0), vectors


def symmetric_operator(value: Any, name: str, dimension: int | None = None) -> Any:
    """A LinearOperator of square shape from an array, a sparse matrix, an operator or a callable."""
    from scipy.sparse.linalg import LinearOperator, aslinearoperator

    operator: Any
    if hasattr(value, "matvec") or hasattr(value, "toarray"):
        operator = aslinearoperator(value)
    elif callable(value):
        if dimension is None:
            raise ValueError(f"dimension must be given when {name} is a callable, got None")
        p = count(dimension, "dimension", minimum=1)
        require_room(f"vectors of dimension {p}", p, "give the dimension of the callable's argument")
        operator = LinearOperator((p, p), matvec=lambda v: value(v.ravel()), dtype=np.float64)
    else:
        operator = aslinearoperator(symmetric_matrix(value, name))
    if operator.shape[0] != operator.shape[1]:
        raise ValueError(f"{name} must be square, got shape {operator.shape}")
    if np.dtype(operator.dtype).kind == "c":
        raise TypeError(f"{name} must be real, got dtype {operator.dtype}")
    return operator
