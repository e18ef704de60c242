"""Risks of models with linear scores: c sum_i w_i loss(y_i, Theta x_i). A new model says what its loss is, row by row.

Everything is computed from columns of mean zero (where there is an intercept) and of comparable size; parameters and
derivatives are translated on the way in and out, so that a large common part or a small unit of a column costs no
digits.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ._newton import Problem, minimizers, weighted_gram
from ._units import even_columns, row_weights
from ._validation import (
    EPS,
    Array,
    column_names,
    flag,
    penalty_strength,
    real_array,
    real_number,
    require_room,
    same_columns,
    shown,
)
from ._values import Value, frozen


class LinearRisk(Value, ABC):
    """Base of the risks of this package that are not quadratic.

    A subclass checks y and gives, for scores of shape (..., K, n), the losses and their first and second derivatives
    with respect to the scores, row by row, without weights.

    Parameters
    ----------
    X : array_like of shape (n, p)
    scale : {"sum", "mean"} or float
        c = 1, or 1 over the sum of the weights, or c itself.
    intercept : bool
    sample_weight : array_like of shape (n,), or None
    outputs : int
        K, the number of scores of a row.
    """

    _shown: ClassVar[tuple[str, ...] | None] = ("dimension", "intercept", "feature_names")

    #: What to say if some direction lowers the risk for ever.
    _no_minimizer: ClassVar[str]

    dimension: int
    penalized: Array
    intercept: bool
    feature_names: tuple[str, ...] | None

    def _store(
        self, X: ArrayLike, scale: str | float, intercept: bool, sample_weight: ArrayLike | None, outputs: int
    ) -> None:
        self.feature_names = column_names(X)
        self.intercept = flag(intercept, "intercept")
        matrix = real_array(X, "X", ndim=2)
        n = len(matrix)
        rows = row_weights(sample_weight, n)
        share = np.full(n, 1 / n)
        if rows.share is not None:
            share = np.zeros(n)
            share[rows.kept] = rows.share
        if isinstance(scale, str):
            if scale not in ("sum", "mean"):
                raise ValueError(f"scale must be 'sum', 'mean' or a number > 0, got {scale!r}")
            total = rows.total if scale == "sum" else 1.0
        else:
            total = real_number(scale, "scale", positive=True) * rows.total
        columns = even_columns(
            matrix, None if rows.share is None else share, center=self.intercept, constant=self.intercept
        )
        # Columns lie one after the other in memory: products with one vector are fastest then.
        features = columns.Z
        self._features = frozen(features)
        self._exponents, self._means = frozen(columns.exponents), frozen(columns.means)
        self._share, self._total = frozen(share), total
        self._outputs = outputs
        self.dimension = outputs * features.shape[1]
        mask = np.ones((outputs, features.shape[1]), dtype=bool)
        if self.intercept:
            mask[:, -1] = False
        self.penalized = frozen(mask.ravel())

    def value(self, theta: ArrayLike) -> float | Array:
        """Risk at points of shape (..., dimension); the result has shape (...)."""
        total = self._total * (self._rows(self._scores(theta))[0] @ self._share)
        return float(total) if total.ndim == 0 else total

    def gradient(self, theta: ArrayLike) -> Array:
        """Gradient at points of shape (..., dimension)."""
        return self._pull_back(self._rows(self._scores(theta))[1])

    def hessian(self, theta: ArrayLike) -> Array:
        """Hessian, of shape (dimension, dimension), at a point of shape (dimension,)."""
        point = real_array(theta, "theta", shape=(self.dimension,))
        require_room(f"the Hessian of {self.dimension} parameters", self.dimension**2, "use hessian_product")
        curvature = self._rows(self._scores(point))[2]
        K, q = self._outputs, self._features.shape[1]
        blocks = np.empty((K, q, K, q))
        for k in range(K):
            for l in range(k + 1):
                weights = self._share * self._block(curvature, k, l)
                block = self._slope_in_units(weighted_gram(self._features, weights))
                block = self._slope_in_units(block.T)
                blocks[k, :, l] = block.T
                blocks[l, :, k] = block
        return self._total * blocks.reshape(self.dimension, self.dimension)

    def hessian_product(self, theta: ArrayLike, directions: ArrayLike) -> Array:
        """Hessian at a point of shape (dimension,) times vectors of shape (..., dimension), without forming it."""
        point = real_array(theta, "theta", shape=(self.dimension,))
        curvature = self._rows(self._scores(point))[2]
        return self._pull_back(self._curve(curvature, self._scores(directions, "directions")))

    def ridge_path(self, lam: ArrayLike, *, penalty_weights: ArrayLike | None = None) -> Array:
        """Minimizers of R(theta) + lam/2 ||theta||^2, the norm without intercepts, by Newton's method.

        Parameters
        ----------
        lam : float or array_like of shape (L,)
            >= 0. At 0 the limit lam -> 0: the minimizer with the smallest penalty where there are several.
        penalty_weights : array_like of shape (p,), optional
            v >= 0 in lam/2 sum_j v_j theta_j^2, with 0 for a coefficient without a penalty; for several classes the
            same in each.

        Returns
        -------
        ndarray of shape (dimension,) or (L, dimension)

        Raises
        ------
        ValueError
            If the risk falls for ever in some direction without a penalty, so that there is no minimizer.
        numpy.linalg.LinAlgError
            If double precision does not determine the minimizer to six digits, or the iteration has not converged.

        Notes
        -----
        Solved in columns of mean zero and comparable size, by Newton's method: with Cholesky factors of the Hessian, or
        with conjugate gradients preconditioned by those of its diagonal blocks where there are many parameters, down to
        the rounding of the gradient; what is left of the gradient is translated into an error of theta and checked.
        """
        strengths = penalty_strength(lam)
        p, q = self._exponents.size, self._features.shape[1]
        weights = np.zeros(q)
        weights[:p] = 1.0
        if penalty_weights is not None:
            weights[:p] = real_array(penalty_weights, "penalty_weights", shape=(p,), nonnegative=True)
        units = np.zeros(q, dtype=int)
        units[:p] = self._exponents
        # Losses of whatever unit are brought to about 1.
        start = np.repeat(self._start()[:, None], self._share.size, axis=1)
        unit = int(np.frexp(np.abs(self._rows(start)[1]).max())[1])
        mantissas, powers = np.frexp(weights)
        mantissa, power = np.frexp(self._total)
        problem = Problem(
            model=self,
            features=self._features,
            share=np.ldexp(self._share, -unit),
            outputs=self._outputs,
            intercept=self.intercept,
            mantissas=mantissas / mantissa,
            powers=powers - power - unit - 2 * units,
            units=units,
        )
        path = minimizers(problem, strengths.reshape(-1))
        if self.intercept:
            path[..., -1] -= path[..., :-1] @ self._means
        path = path.reshape(strengths.size, self.dimension)
        return path[0] if strengths.ndim == 0 else path

    def with_best_intercept(self, theta: ArrayLike) -> Array:
        """The same weights with the intercepts at which the risk is least: what a picture of the weights alone shows.

        Parameters
        ----------
        theta : array_like of shape (..., dimension)
            Its intercepts do not matter.

        Returns
        -------
        ndarray of shape (..., dimension)
            `theta` itself if there is no intercept.

        Raises
        ------
        ValueError
            If a class does not occur, or all counts are 0, so that no intercept is the best.

        Notes
        -----
        By Newton's method in the intercepts alone, safeguarded by bisection for one, by halved steps for several.

        Examples
        --------
        >>> import wdmath
        >>> risk = wdmath.LogisticRisk([[-1.0], [2.0], [3.0]], [0, 1, 0], scale="sum", intercept=True)
        >>> risk.with_best_intercept([[0.0, 5.0], [1.0, 5.0]]).round(4)
        array([[ 0.    , -0.6931],
               [ 1.    , -2.5589]])
        """
        points = real_array(theta, "theta")
        scores = self._scores(points)
        if not self.intercept:
            return points.copy()
        lead, K, n = scores.shape[:-2], scores.shape[-2], scores.shape[-1]
        shape = (-1, K, self.dimension // K)
        weights = points.reshape(shape)[..., :-1]
        if not self._has_best_intercept():
            raise ValueError(f"no intercept is the best: {self._no_minimizer}")
        result = np.empty((weights.shape[0], K, weights.shape[-1] + 1))
        result[..., :-1] = weights
        constant = points.reshape(shape)[..., -1] + weights @ self._means
        flat = scores.reshape(-1, K, n) - constant[..., None]
        block = max(1, 4_000_000 // (K * n))
        for k in range(0, len(flat), block):
            part = slice(k, k + block)
            solve = self._one_intercept if K == 1 else self._several_intercepts
            result[part, :, -1] = solve(flat[part], self._start()) - weights[part] @ self._means
        return result.reshape(*lead, self.dimension)

    def _has_best_intercept(self) -> bool:
        """Whether the risk without weights has a minimizer: it has one beside any weights then."""
        scores = np.repeat(self._start()[:, None], self._share.size, axis=1)
        return bool(np.abs(self._rows(scores)[1] @ self._share).max() <= 1e-9)

    def _one_intercept(self, scores: Array, start: Array) -> Array:
        """Best constants beside scores of shape (m, 1, n): shape (m, 1)."""
        low, high = start - scores.max(axis=-1), start - scores.min(axis=-1)
        best = start - scores @ self._share
        left = np.arange(len(scores))  # those that are still on their way
        for _ in range(200):
            at = best[left]
            _, slopes, curvature = self._rows(scores[left] + at[..., None])
            slope = slopes @ self._share
            bend = self._curve(curvature, np.ones_like(slopes)) @ self._share
            low[left] = np.where(slope < 0, at, low[left])
            high[left] = np.where(slope > 0, at, high[left])
            with np.errstate(divide="ignore", invalid="ignore"):
                newton = at - slope / bend
            inside = (newton > low[left]) & (newton < high[left])
            moved = np.where(inside, newton, (low[left] + high[left]) / 2)
            settled = np.abs(slope) <= 8 * EPS * (np.abs(slopes) @ self._share)
            best[left] = np.where(settled, at, moved)
            settled |= np.abs(moved - at) <= 4 * EPS * np.maximum(1.0, np.abs(moved))
            left = left[~settled[:, 0]]
            if not left.size:
                break
        return best

    def _several_intercepts(self, scores: Array, start: Array) -> Array:
        """Best constants beside scores of shape (m, K, n), adding up to zero: shape (m, K)."""
        K = scores.shape[-2]
        best = start - scores @ self._share
        best -= best.mean(axis=-1, keepdims=True)
        left = np.arange(len(scores))  # those that are still on their way
        for _ in range(200):
            at, there = best[left], scores[left]
            losses, slopes, curvature = self._rows(there + at[..., None])
            slope = slopes @ self._share
            settled = np.abs(slope).max(axis=-1) <= 64 * EPS * (np.abs(slopes) @ self._share).max(axis=-1)
            units = (np.broadcast_to(unit[:, None], there.shape).copy() for unit in np.eye(K))
            bend = np.stack([self._curve(curvature, unit) @ self._share for unit in units], axis=-1)
            # A constant common to all classes changes nothing.
            scale = np.trace(bend, axis1=-2, axis2=-1)[..., None, None] + np.finfo(float).tiny
            step = -np.linalg.solve(bend + scale / K, slope[..., None])[..., 0]
            value, length = losses @ self._share, np.ones(len(left))
            for _ in range(60):
                moved = at + length[:, None] * step
                worse = self._rows(there + moved[..., None])[0] @ self._share > value * (1 + 4 * EPS)
                if not worse.any():
                    break
                length[worse] /= 2
            best[left] = np.where(settled[:, None], at, moved)
            settled |= np.abs(step).max(axis=-1) <= 1e-14 * np.maximum(1.0, np.abs(at).max(axis=-1))
            left = left[~settled]
            if not left.size:
                break
        return best

    @abstractmethod
    def _rows(self, scores: Array) -> tuple[Array, Array, Any]:
        """The loss of each row, (..., n), its slopes in the scores, (..., K, n), and what `_curve` needs to know."""

    @abstractmethod
    def _curve(self, curvature: Any, moves: Array) -> Array:
        """Second derivatives times changes of the scores: (..., K, n) to (..., K, n)."""

    @abstractmethod
    def _block(self, curvature: Any, k: int, l: int) -> Array:
        """Second derivatives with respect to the scores k and l, shape (n,), all of one sign."""

    @abstractmethod
    def _start(self) -> Array:
        """Scores, the same in all rows, of the best model without features, or near them. Shape (K,)."""

    @abstractmethod
    def _recession(self, features: Array, rows: Array) -> tuple[Any, Any]:
        """In which directions D, of shape (K, q) flattened, the losses of some rows never rise.

        Matrices A and B, dense or sparse, so that these are the D with A D >= 0 and B D = 0; A D is how fast losses
        fall. `features` are those of the rows that the mask `rows` selects.
        """

    def _pull_back(self, changes: Array) -> Array:
        """From derivatives in the scores, (..., K, n), to those in the parameters, (..., dimension)."""
        lead = changes.shape[:-2]
        even = (changes * self._share).reshape(-1, changes.shape[-1]) @ self._features
        return self._total * self._slope_in_units(even).reshape(*lead, self.dimension)

    def _scores(self, theta: ArrayLike, name: str = "theta", features: Array | None = None) -> Array:
        """Scores of shape (..., K, n)."""
        points = real_array(theta, name)
        if points.ndim == 0 or points.shape[-1] != self.dimension:
            raise ValueError(
                f"{name} must have shape (..., {self.dimension}), got {points.shape}: {shown(theta)}"
            )
        lead = points.shape[:-1]
        even = points.reshape(-1, self._outputs, self.dimension // self._outputs)
        p = self._exponents.size
        scaled = np.ldexp(even[..., :p], self._exponents)
        if self.intercept:
            constant = even[..., p:] + (even[..., :p] @ self._means)[..., None]
            scaled = np.concatenate([scaled, constant], axis=-1)
        F = self._features if features is None else features
        return (scaled.reshape(-1, F.shape[1]) @ F.T).reshape(*lead, self._outputs, len(F))

    def _new_features(self, X: ArrayLike) -> Array:
        """Rows of other data, in the columns of this."""
        same_columns(X, self.feature_names)
        p = self._exponents.size
        rows = real_array(X, "X", ndim=2)
        if rows.shape[1] != p:
            raise ValueError(f"X must have {p} columns like the data, got shape {rows.shape}")
        even = np.ldexp(rows - self._means, -self._exponents)
        return np.hstack([even, np.ones((len(rows), 1))]) if self.intercept else even

    def _slope_in_units(self, even: Array) -> Array:
        """A derivative with respect to the given parameters, from one with respect to the even ones: (..., q)."""
        p = self._exponents.size
        result = np.ldexp(even[..., :p], self._exponents)
        if not self.intercept:
            return result
        return np.concatenate([result + self._means * even[..., p:], even[..., p:]], axis=-1)
