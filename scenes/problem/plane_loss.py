"""The risk that a quadratic one is the Taylor model of, in the plane that is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["PlaneLoss"]


@dataclass(frozen=True)
class PlaneLoss:
    """A logistic, softmax or Poisson risk, or a loss given by code, over the plane of a problem.

    Weights outside the plane stay where the Taylor model was expanded; intercepts are at their best everywhere. Its
    Taylor model at :attr:`center` is the problem's `risk`.

    Parameters
    ----------
    loss : object with methods value, gradient and hessian, or a sequence of those three callables
    basis : ndarray of shape (p, 2)
        The axes of the plane among the p penalized parameters.
    at : ndarray of shape (p,)
        Where the loss was expanded.

    Examples
    --------
    >>> cosh = (lambda t: np.cosh(t).sum(), np.sinh, lambda t: np.diag(np.cosh(t)))
    >>> PlaneLoss(cosh, np.eye(2), np.zeros(2)).value([[0.0, 0.0], [0.0, 1.0]]).round(3)
    array([2.   , 2.543])
    """

    loss: Any
    basis: np.ndarray
    at: np.ndarray

    @property
    def center(self) -> np.ndarray:
        """Where the loss was expanded, in the plane, shape (2,)."""
        return self.basis.T @ self.at

    def value(self, theta: ArrayLike) -> np.ndarray:
        """Risk at points of the plane, shape (..., 2); the result has shape (...)."""
        return np.asarray(_batched(self._part("value", 0), self.parameters(theta)))

    def gradient(self, theta: ArrayLike) -> np.ndarray:
        """Gradient in the plane, shape (..., 2): intercepts at their best have no slope of their own."""
        slopes = _batched(self._part("gradient", 1), self.parameters(theta))
        return slopes[..., self._penalized] @ self.basis

    def hessian(self, theta: ArrayLike) -> np.ndarray:
        """Hessian in the plane, shape (2, 2), at a point of shape (2,)."""
        H, keep = np.asarray(self._part("hessian", 2)(self.parameters(theta))), self._penalized
        within = H[np.ix_(keep, keep)]
        if not keep.all():
            cross = H[np.ix_(keep, ~keep)]
            within = within - cross @ np.linalg.pinv(H[np.ix_(~keep, ~keep)], hermitian=True) @ cross.T
        return self.basis.T @ within @ self.basis

    def parameters(self, theta: ArrayLike) -> np.ndarray:
        """All parameters of the loss at points of the plane, intercepts at their best: shape (..., dimension)."""
        theta = np.asarray(theta, dtype=float)
        weights = self.at + (theta - self.center) @ self.basis.T
        keep = self._penalized
        if keep.all():
            return weights
        whole = np.zeros((*theta.shape[:-1], keep.size))
        whole[..., keep] = weights
        return np.asarray(self.loss.with_best_intercept(whole))

    @property
    def _penalized(self) -> np.ndarray:
        return np.asarray(getattr(self.loss, "penalized", np.ones(len(self.at), dtype=bool)))

    def _part(self, name: str, place: int) -> Callable[[np.ndarray], Any]:
        part: Callable[[np.ndarray], Any] = (
            getattr(self.loss, name) if hasattr(self.loss, name) else self.loss[place]
        )
        return part


def _batched(function: Callable[[np.ndarray], Any], points: np.ndarray) -> np.ndarray:
    """A function of one point at many: a user's own need not know more than one."""
    if hasattr(function, "__self__") and type(function.__self__).__module__.startswith("wdmath"):
        return np.asarray(function(points))
    flat = [np.asarray(function(point), dtype=float) for point in points.reshape(-1, points.shape[-1])]
    return np.array(flat).reshape(points.shape[:-1] + flat[0].shape)
