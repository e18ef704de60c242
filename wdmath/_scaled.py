"""A matrix or an operator with means taken off and rows and columns scaled, never formed as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._validation import Array
from ._values import Value

# Up to so many numbers, or from this share of them on, a matrix is made dense.
DENSE_NUMBERS, DENSE_SHARE = 2**22, 1 / 8
# Means are taken from products of rows if that takes no more than a share of 1 - 1/FAR of a row's square.
FAR = 10.0
# Numbers in a block of rows.
BLOCK = 2**16
# The most numbers that are made dense where nothing else helps.
MOST_NUMBERS = 2**27
# Of an operator, which takes as many products, the most columns or rows.
OPERATOR_ORDER = 500


def densified(X: Any) -> Any:
    """X as an array if it is small or hardly sparse."""
    if isinstance(X, np.ndarray):
        return X
    n, p = X.shape
    small = n * p <= DENSE_NUMBERS
    if hasattr(X, "toarray"):
        dense = small or X.nnz >= DENSE_SHARE * n * p
        return X.toarray().astype(np.float64, copy=False) if dense else X
    if small and min(n, p) <= OPERATOR_ORDER:
        return products(X, np.eye(p)) if p <= n else products(X, np.eye(n), transpose=True).T
    return X


def products(X: Any, V: Array, *, transpose: bool = False, name: str = "X") -> Array:
    """X @ V or X^T @ V; says what an operator lacks."""
    try:
        found = np.asarray(X.T @ V if transpose else X @ V, dtype=np.float64)
    except (NotImplementedError, AttributeError, RecursionError):
        what = "rmatvec, products of its transpose with vectors" if transpose else "matvec"
        raise TypeError(f"{name} must have {what}, got {X!r}; pass rmatvec to LinearOperator") from None
    if not np.isfinite(found).all():
        bad = float(found[~np.isfinite(found)][0])
        raise ValueError(f"{name} must give finite products with finite vectors, got {bad!r}")
    return found


@dataclass(frozen=True, eq=False, repr=False)
class Scaled(Value):
    """diag(roots) (X - 1 mean^T) diag(scale) for a matrix or an operator X."""

    X: Any
    # Of the rows, weighted by the squares of the roots.
    mean: Array | None
    roots: Array | None
    scale: Array | None
    # What rounding left out of the mean, if that matters.
    mean_rest: Array | None = None

    def __post_init__(self) -> None:
        if isinstance(self.X, np.ndarray):
            # The caller's own array is to stay writable.
            object.__setattr__(self, "X", self.X.view())
        super().__post_init__()

    @property
    def shape(self) -> tuple[int, int]:
        """(n, q)."""
        return self.X.shape

    def times(self, V: Array) -> Array:
        """The product with columns V of shape (q, k)."""
        if isinstance(self.X, np.ndarray):
            product = np.empty((self.shape[0], V.shape[1]))
            for rows, block in self.blocks():
                np.matmul(block, V, out=product[rows])
            return product
        V = V if self.scale is None else V * self.scale[:, None]
        product = products(self.X, V)
        if self.mean is not None:
            product = product - self.mean @ V
        return product if self.roots is None else product * self.roots[:, None]

    def transposed_times(self, V: Array) -> Array:
        """The product of the transpose with columns V of shape (n, k)."""
        if isinstance(self.X, np.ndarray):
            return sum(block.T.dot(V[rows]) for rows, block in self.blocks())
        V = V if self.roots is None else V * self.roots[:, None]
        product = products(self.X, V, transpose=True)
        if self.mean is not None:
            product = product - self.mean[:, None] * V.sum(axis=0)
        return product if self.scale is None else product * self.scale[:, None]

    def rows(self, rows: slice | Array, into: Array) -> Array:
        """Some rows of the product with `into`."""
        into = into if self.scale is None else into * self.scale[:, None]
        product = self.X[rows] @ into
        if self.mean is not None:
            product = product - self.mean @ into
        return product if self.roots is None else product * self.roots[rows, None]

    @property
    def has_rows(self) -> bool:
        """Whether rows can be had apart."""
        return hasattr(self.X, "toarray") or isinstance(self.X, np.ndarray)

    def blocks(self) -> Iterator[tuple[slice, Array]]:
        """Slices of rows, and these rows as arrays, which stay in the cache."""
        n, q = self.shape
        size = max(BLOCK // q, 64)
        for start in range(0, n, size):
            rows = slice(start, min(start + size, n))
            yield rows, self._dense(rows)

    def lengths(self) -> Array | None:
        """Lengths of the columns; None for an operator."""
        if not self.has_rows:
            return None
        if isinstance(self.X, np.ndarray):
            return np.sqrt(sum(np.einsum("ij,ij->j", block, block) for _, block in self.blocks()))
        squares = self.X.multiply(self.X)
        weights = np.ones(self.shape[0]) if self.roots is None else self.roots**2
        total = np.asarray(squares.T @ weights).reshape(-1)
        if self.mean is not None:
            total = np.maximum(total - weights.sum() * self.mean**2, 0.0)
        return np.sqrt(total) * (1.0 if self.scale is None else self.scale)

    def gram(self) -> Array:
        """The matrix times its transpose from the left, of shape (q, q)."""
        n, q = self.shape
        if not self.has_rows:
            units = [np.eye(q)[:, j : j + 64] for j in range(0, q, 64)]
            return _symmetrized(np.hstack([self.transposed_times(self.times(unit)) for unit in units]))
        if isinstance(self.X, np.ndarray):
            return self._gram_by_blocks()
        Y = self.X if self.roots is None else self.X.multiply(self.roots[:, None]).tocsr()
        gram = np.asarray((Y.T @ Y).todense(), dtype=np.float64)
        if self.mean is not None:
            weight = float(n) if self.roots is None else float((self.roots**2).sum())
            before = np.diagonal(gram).copy()
            gram -= weight * np.outer(self.mean, self.mean)
            if (np.diagonal(gram) < 1e-4 * before).any():
                # Means so far from 0 leave too few digits: rows are made dense a few at a time.
                return self._gram_by_blocks()
        return gram if self.scale is None else gram * self.scale * self.scale[:, None]

    def _gram_by_blocks(self) -> Array:
        gram = np.zeros((self.shape[1], self.shape[1]))
        for _, block in self.blocks():
            gram += block.T.dot(block)
        return gram

    def dual_gram(self) -> Array:
        """The matrix times its transpose from the right, of shape (n, n)."""
        n, q = self.shape
        if not self.has_rows:
            blocks = [np.eye(n)[:, j : j + 64] for j in range(0, n, 64)]
            return _symmetrized(np.hstack([self.times(self.transposed_times(block)) for block in blocks]))
        if isinstance(self.X, np.ndarray):
            return self._dense_dual_gram()
        Y = self.X if self.scale is None else self.X.multiply(self.scale).tocsr()
        gram = np.asarray((Y @ Y.T).todense(), dtype=np.float64)
        if self.mean is not None:
            mean = self.mean if self.scale is None else self.mean * self.scale
            before = np.diagonal(gram).copy()
            cross = np.asarray(Y @ mean).reshape(-1)
            gram += mean @ mean - cross - cross[:, None]
            if (np.diagonal(gram) < 1e-4 * before).any():
                columns, gram = self.X.tocsc(), np.zeros((n, n))
                size = max(2**20 // n, 1)
                for start in range(0, q, size):
                    block = columns[:, start : start + size].toarray() - self.mean[start : start + size]
                    if self.scale is not None:
                        block *= self.scale[start : start + size]
                    gram += block @ block.T
        return gram if self.roots is None else gram * self.roots * self.roots[:, None]

    def _dense_dual_gram(self) -> Array:
        """Products of the rows as they are, from which the mean is taken if that costs no digits."""
        X = self.X if self.scale is None else self.X * self.scale
        gram = X.dot(X.T)
        if self.mean is not None:
            before = np.diagonal(gram).copy()
            share = np.full(len(gram), 1 / len(gram)) if self.roots is None else self.roots**2
            cross = gram.dot(share / share.sum())
            gram += cross.dot(share) / share.sum() - cross
            gram -= cross[:, None]
            if (np.diagonal(gram) * FAR < before).any():
                Z = self._dense(slice(None))
                return Z.dot(Z.T)
        return gram if self.roots is None else gram * self.roots * self.roots[:, None]

    def _dense(self, rows: slice) -> Array:
        block = self.X[rows]
        if not isinstance(block, np.ndarray):
            block = block.toarray()
        if self.mean is not None:
            block = block - self.mean
            if self.mean_rest is not None:
                block -= self.mean_rest
        if self.roots is not None:
            block = block * self.roots[rows, None]
        return block if self.scale is None else block * self.scale

    def dense(self) -> Array:
        """All of it, if that is not too large."""
        n, q = self.shape
        if not isinstance(self.X, np.ndarray) and (n * q > MOST_NUMBERS or not self.has_rows):
            raise np.linalg.LinAlgError(
                "the columns of X are nearly dependent, which a Gram matrix cannot resolve; raise lam, drop columns, "
                "or pass a dense array"
            )
        return self._dense(slice(None))


@dataclass(frozen=True, eq=False, repr=False)
class RowProduct(Value):
    """The product of a scaled sparse matrix and a small dense one, of which some rows at a time are computed."""

    left: Scaled
    right: Array

    @property
    def shape(self) -> tuple[int, int]:
        """(n, k)."""
        return self.left.shape[0], self.right.shape[1]

    def __getitem__(self, rows: slice | Array) -> Array:
        return self.left.rows(rows, self.right)


def _symmetrized(matrix: Array) -> Array:
    return (matrix + matrix.T) / 2
