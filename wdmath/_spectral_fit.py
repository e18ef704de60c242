"""What ridge regression does to data in the coordinates of its left singular vectors: all criteria for lam follow.

With Z = U diag(s) V^T, z = U^T r and sigma = s^2 the fit for a penalty mu is U diag(sigma / (sigma + mu)) z. Everything
is written with the lost shares mu / (sigma + mu), of which no sum cancels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ._scaled import RowProduct
from ._shifted import eigh
from ._singular import singular_values
from ._standard_form import StandardForm
from ._validation import EPS, Array
from ._values import Value

# Rows whose own leverage is 1 up to this have no residual without a penalty.
SATURATED = 1e-12
# Rows whose leverage is within this of 1 are so far from the others that rounding in it costs too many digits.
FAR = 1e-6
# A leverage within this of 1 leaves the fit to the other rows undetermined.
UNDETERMINED = 100 * EPS
# Where columns of length 1 have a Gram matrix of a condition below the first, its eigenvectors give an orthonormal
# basis to a dozen digits; below the second, they do so once the basis has been made orthonormal again.
WELL_CONDITIONED, CONDITIONED = 1e4, 1e10
# Columns are of one unit if their lengths differ by no more than this.
LIKE = 10.0
# The condition of Z Z^T + mu I up to which its eigenvectors do: criteria are right to about eps times that.
DUAL_CONDITION = 1e7
# A Gram matrix of a sparse matrix is formed up to this order.
ORDER = 5000
# Numbers in a block of rows times penalties, so that it stays in the cache.
BLOCK = 2**17


Basis = Array | RowProduct


@dataclass(eq=False)
class SpectralFit:
    """Data in the coordinates of what a ridge model can fit.

    Attributes
    ----------
    sigma : ndarray of shape (k,)
        Squared singular values of Z, above 0.
    z : ndarray of shape (k, t)
        Coordinates of the targets.
    outside : ndarray of shape (t,)
        Squared length of what no coefficients fit.
    free : int
        Dimensions that unpenalized coefficients fit.
    rows : int
    total_weight : float
    basis : ndarray or RowProduct of shape (n, k), or None
    """

    sigma: Array
    z: Array
    outside: Array
    free: int
    rows: int
    total_weight: float
    basis: Basis | None

    @property
    def interpolates(self) -> bool:
        """Whether without a penalty the model fits any y."""
        return self.rows == self.free + self.sigma.size

    def lost(self, mu: Array) -> Array:
        """Shares of each coordinate that the penalty takes, of shape (L, k)."""
        return factors_lost(self.sigma, mu)

    def squares(self, mu: Array, lost: Array) -> tuple[Array, Array]:
        """Sums of squared residuals, of shape (L, t), and residual degrees of freedom, of shape (L,); `lost` of mu.

        At mu = 0 both may vanish, but not their ratio: then a common factor is left out of the first, and of the second
        squared.
        """
        counted = self.total_weight - self.free - self.sigma.size
        if self.interpolates and abs(counted) <= 1e-9 * self.total_weight and self.sigma.size:
            relative = common_factor(self.sigma, mu)
            return relative**2 @ self.z**2, relative.sum(axis=1)
        return (lost * lost).dot(self.z * self.z) + self.outside, counted + np.add.reduce(lost, axis=1)


def factors_lost(sigma: Array, mu: Array) -> Array:
    """mu / (sigma + mu), of shape (L, k), for sigma > 0."""
    column = mu[:, None]
    return 1 / (1 + sigma / column) if np.minimum.reduce(mu) > 0 else column / (sigma + column)


def common_factor(sigma: Array, mu: Array) -> Array:
    """1 / (sigma + mu) in units of its largest value for each mu."""
    return (sigma.min() + mu[:, None]) / (sigma + mu[:, None])


def spectral_fit(form: StandardForm, lowest: float, *, rows: bool = True) -> SpectralFit:
    """The fit for penalties from `lowest` on; without a basis if nothing is asked about single rows."""
    n, q = form.source.shape
    dense = isinstance(form.source, np.ndarray) or isinstance(form.source.X, np.ndarray)
    if not dense and min(n, q) > ORDER:
        raise ValueError(
            f"X must be dense, or have at most {ORDER} rows or columns, for criteria of every row, got shape {(n, q)}; "
            "choose lam on fewer columns or rows"
        )
    sigma, z = np.zeros(0), np.zeros((0, form.r.shape[1]))
    basis: Basis | None = np.zeros((n, 0))
    if q == 0:
        pass
    elif n > q:
        sigma, z, basis = _tall(form, rows)
    else:
        sigma, z, basis = _wide(form, lowest)
    free = form.free.shape[1]
    outside = np.zeros(form.r.shape[1])
    if n > free + sigma.size:
        outside = _outside(form, z, basis)
    return SpectralFit(sigma, z, outside, free, n, form.total_weight, basis if rows else None)


def _product(Z: Any, into: Array) -> Basis:
    """Z @ into, row by row for a sparse Z."""
    if isinstance(Z, np.ndarray):
        return Z @ into
    return Z.times(into) if isinstance(Z.X, np.ndarray) or not Z.has_rows else RowProduct(Z, into)


def _blocks(rows: int, columns: int) -> Iterator[slice]:
    """Slices of so many rows that a block of them stays in the cache."""
    size = max(BLOCK // max(columns, 1), 16)
    for start in range(0, rows, size):
        yield slice(start, min(start + size, rows))


def _transposed_product(basis: Basis, columns: Array | None) -> Array:
    """basis^T @ columns, or basis^T @ basis."""
    if isinstance(basis, np.ndarray):
        return basis.T @ (basis if columns is None else columns)
    total: Any = 0.0
    for rows in _blocks(*basis.shape):
        block = basis[rows]
        total = total + block.T @ (block if columns is None else columns[rows])
    return total


def _tall(form: StandardForm, rows: bool) -> tuple[Array, Array, Basis | None]:
    """By way of Z^T Z, once more if that was not orthonormal, or by Householder's reflections."""
    Z, r = form.source, form.r
    gram, pull = form.gram(), form.pull()
    lengths = np.sqrt(np.diagonal(gram))
    shortest, longest = np.minimum.reduce(lengths), np.maximum.reduce(lengths)
    if not longest:
        return np.zeros(0), np.zeros((0, r.shape[1])), np.zeros((len(r), 0))
    full = (shortest > 0 if form.noise is None else lengths > form.noise).all()
    if full and longest <= LIKE * shortest:
        sigma, vectors = eigh(gram)
        if sigma[0] > 0 and sigma[-1] <= WELL_CONDITIONED * sigma[0]:
            into = vectors / np.sqrt(sigma)
            return sigma, into.T @ pull, _product(Z, into) if rows else None
    if full:
        unit = np.ldexp(1.0, np.frexp(lengths)[1])
        scale, vectors = eigh(gram / unit / unit[:, None])
        condition = scale[-1] / scale[0] if scale[0] > 0 else np.inf
    if not full or condition > CONDITIONED:
        Q, R = np.linalg.qr(Z if isinstance(Z, np.ndarray) else Z.dense())
        left, s, _ = singular_values(R, rows=len(r), noise=form.noise)
        basis = Q @ left[:, s > 0]
        return s[s > 0] ** 2, basis.T @ r, basis
    into = vectors / np.sqrt(scale) / unit[:, None]
    triangle = (np.sqrt(scale) * vectors).T * unit
    if condition <= WELL_CONDITIONED:
        left, s, _ = singular_values(triangle)
        into = into @ left
        return s**2, into.T @ pull, _product(Z, into) if rows else None
    basis = _product(Z, into)
    scale, vectors = eigh(_transposed_product(basis, None))
    left, s, _ = singular_values((vectors * np.sqrt(scale)).T @ triangle)
    again = (vectors / np.sqrt(scale)) @ left
    basis = basis @ again if isinstance(basis, np.ndarray) else _product(Z, into @ again)
    return s**2, _transposed_product(basis, r), basis


def _wide(form: StandardForm, lowest: float) -> tuple[Array, Array, Array]:
    """By way of Z Z^T, or the singular values if its condition is too large."""
    r, free = form.r, form.free
    gram = form.dual_gram()
    if not np.diagonal(gram).any():
        return np.zeros(0), np.zeros((0, r.shape[1])), np.zeros((len(r), 0))
    if free.shape[1]:
        # Unpenalized directions come first among the eigenvectors, by an eigenvalue above all others.
        gram += (2 * np.trace(gram) * free) @ free.T
    sigma, vectors = eigh(gram)
    sigma, vectors = sigma[: len(sigma) - free.shape[1]], vectors[:, : len(sigma) - free.shape[1]]
    if sigma.size:
        conditioned = sigma[-1] + lowest <= DUAL_CONDITION * (max(sigma[0], 0.0) + lowest)
        if conditioned and sigma[0] > max(max(form.source.shape) * EPS * sigma[-1], form.floor):
            return sigma, vectors.T @ r, vectors
    Z = form.Z
    U, s, _ = singular_values(Z if isinstance(Z, np.ndarray) else Z.dense(), noise=form.noise)
    basis = U[:, s > 0]
    return s[s > 0] ** 2, basis.T @ r, basis


def _outside(form: StandardForm, z: Array, basis: Basis | None) -> Array:
    """Squared length of the targets less their fits without a penalty."""
    whole = np.add.reduce(form.r * form.r, axis=0)
    rest = whole - np.add.reduce(z * z, axis=0)
    if (rest > 1e-3 * whole).all():
        return rest
    if basis is None:
        _, z, basis = _tall(form, rows=True)
    assert basis is not None
    return sum(((form.r[rows] - basis[rows] @ z) ** 2).sum(axis=0) for rows in _blocks(*basis.shape))


@dataclass(frozen=True, eq=False, repr=False)
class LeftOut(Value):
    """Residuals of rows left out: e / (1 - h) with the residuals e and the leverages h of the full fit.

    Attributes
    ----------
    basis, z, sigma
        See `SpectralFit`.
    mu : ndarray of shape (L,)
    lost : ndarray of shape (L, k)
        Their `factors_lost`.
    slack : ndarray of shape (n,)
        1 - h without a penalty.
    residual : ndarray of shape (n, t)
        e without a penalty.
    saturated : ndarray of shape (n,), of bool, or None if it holds nowhere
        Rows that are fitted whatever y is: there e and 1 - h are sums of terms proportional to 1 / (sigma + mu), of
        which a common factor, 0 at mu = 0, is left out.
    far : ndarray of shape (m,) of int
        Rows of which residuals are known from elsewhere,
    refitted : ndarray of shape (m, L, t)
        namely these.
    """

    basis: Basis
    z: Array
    sigma: Array
    mu: Array
    lost: Array
    slack: Array
    residual: Array
    saturated: Array | None
    far: Array = field(default_factory=lambda: np.zeros(0, dtype=int))
    refitted: Array = field(default_factory=lambda: np.zeros((0, 0, 0)))

    @classmethod
    def of(cls, form: StandardForm, fit: SpectralFit, mu: Array, lost: Array) -> LeftOut:
        """For the penalties mu."""
        assert fit.basis is not None
        basis = fit.basis
        slack, residual = 1 - np.add.reduce(form.free * form.free, axis=1), form.r.copy()
        for rows in _blocks(*basis.shape):
            block = basis[rows]
            slack[rows] -= np.einsum("ik,ik->i", block, block)
            residual[rows] -= block.dot(fit.z)
        saturated = None
        if fit.sigma.size == 0:
            slack = np.maximum(slack, 0.0)
        elif np.minimum.reduce(slack) <= SATURATED:
            saturated = slack <= SATURATED
            slack[saturated], residual[saturated] = 0.0, 0.0
        return cls(basis, fit.z, fit.sigma, mu, lost, slack, residual, saturated)

    def far_rows(self) -> Array:
        """Rows of which 1 - h, or what stands for it, is too small at the smallest penalty."""
        doubtful = np.flatnonzero(self.slack <= FAR)
        if not doubtful.size or not self.sigma.size:
            return doubtful[:0]
        least, basis = np.array([self.mu.min()]), self.basis[doubtful]
        slack = self.slack[doubtful] + (basis * basis) @ factors_lost(self.sigma, least)[0]
        if self.saturated is not None:
            relative = (basis * basis) @ common_factor(self.sigma, least)[0]
            slack = np.where(self.saturated[doubtful], relative, slack)
        return doubtful[slack <= FAR]

    def blocks(self) -> Iterator[tuple[slice, Array]]:
        """Slices of rows, and residuals of shape (t, L, rows) that are written over by the next ones."""
        if self.saturated is None:
            usual, relative = self.lost, None
        else:
            relative = common_factor(self.sigma, self.mu)
            usual = relative if self.saturated.all() else self.lost
        for rows in _blocks(len(self.residual), len(self.mu)):
            found = self._block(rows, usual, None if usual is relative else relative)
            for i, known in zip(self.far, self.refitted, strict=True):
                if rows.start <= i < rows.stop:
                    found[:, :, i - rows.start] = known.T
            yield rows, found

    def _block(self, rows: slice, usual: Array, relative: Array | None) -> Array:
        """Residuals with the factors `usual`, and `relative`, if given, in saturated rows."""
        basis = self.basis[rows]
        saturated = None if relative is None or self.saturated is None else self.saturated[rows]
        squared = basis * basis
        slack = usual.dot(squared.T)
        if saturated is not None:
            slack[:, saturated] = relative @ squared[saturated].T
        slack += self.slack[rows]
        every = np.minimum.reduce(slack, axis=None) > UNDETERMINED
        found = np.empty((self.z.shape[1], *slack.shape))
        for target, z in enumerate(self.z.T):
            residual = np.matmul(usual * z, basis.T, out=found[target])
            if saturated is not None:
                residual[:, saturated] = (relative * z) @ basis[saturated].T
            residual += self.residual[rows, target]
            if every:
                np.divide(residual, slack, out=residual)
            else:
                determined = slack > UNDETERMINED
                np.divide(residual, slack, out=residual, where=determined)
                residual[~determined] = np.inf
        return found

    def squares(self) -> Array:
        """Sums of squares over all rows, of shape (L, t)."""
        total = np.zeros((self.z.shape[1], len(self.mu)))
        for _, found in self.blocks():
            total += np.einsum("tli,tli->tl", found, found)
        return total.T

    def residuals(self) -> Array:
        """All of them, of shape (L, n, t)."""
        result = np.empty((len(self.mu), *self.residual.shape))
        for rows, found in self.blocks():
            result[:, rows] = np.moveaxis(found, 0, -1)
        return result
