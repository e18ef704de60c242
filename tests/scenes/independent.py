"""The names that scenes compute with, done again by other software: numpy, scipy and scikit-learn, never wdmath.

An expression in the manifest is evaluated over these instead: a number on screen is right if two programs agree.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import scipy.linalg
import scipy.optimize
from sklearn.linear_model import Lasso, LogisticRegression, Ridge

__all__ = ["NAMES", "twin"]


class QuadraticRisk:
    """From a Hessian and a minimizer; eigenvectors from scipy, with the documented sign rule applied here anew."""

    def __init__(self, hessian: Any, minimizer: Any, constant: float = 0.0):
        self.hessian, self.minimizer = np.asarray(hessian, float), np.asarray(minimizer, float)
        self.constant = constant
        values, vectors = scipy.linalg.eigh(self.hessian)
        self.eigenvalues = np.where(values > 1e-14 * values[-1], values, 0.0)[::-1]
        Q = vectors[:, ::-1].copy()
        if (
            values[-1] - values[0] <= 1e-12 * values[-1]
        ):  # any basis would do: by the documented rule, the axes
            Q = np.eye(len(values))
        for k in range(Q.shape[1]):
            largest = np.flatnonzero(np.abs(Q[:, k]) >= np.abs(Q[:, k]).max() * (1 - 1e-9))[0]
            Q[:, k] *= np.sign(Q[largest, k])
        if np.linalg.det(Q) < 0:
            Q[:, -1] *= -1
        self.eigenvectors = Q

    @classmethod
    def from_taylor(cls, loss: Any, theta: Any) -> QuadraticRisk:
        hessian, gradient = loss.hessian(theta), loss.gradient(theta)
        minimizer = theta - np.linalg.solve(hessian, gradient)
        constant = loss.value(theta) + gradient @ (minimizer - theta) / 2
        return cls(hessian, minimizer, constant)

    def value(self, theta: Any) -> Any:
        away = np.asarray(theta, float) - self.minimizer
        return self.constant + 0.5 * np.einsum("...i,ij,...j->...", away, self.hessian, away)

    def gradient(self, theta: Any) -> Any:
        return (np.asarray(theta, float) - self.minimizer) @ self.hessian

    def to_eigenbasis(self, theta: Any) -> Any:
        return np.linalg.solve(self.eigenvectors, np.asarray(theta, float).T).T

    def from_eigenbasis(self, z: Any) -> Any:
        return (self.eigenvectors @ np.asarray(z, float).T).T


class LogisticRisk:
    """By scikit-learn's solver; value, gradient and Hessian by differences of the log-likelihood."""

    def __init__(self, X: Any, y: Any, *, scale: Any, intercept: bool = False):
        X = np.asarray(X, float)
        self.intercept = intercept
        self.plain, self.y = X, np.asarray(y)
        self.X = np.column_stack([X, np.ones(len(X))]) if intercept else X
        self.weight = {"sum": 1.0, "mean": 1 / len(X)}[scale] if isinstance(scale, str) else float(scale)

    def value(self, theta: Any) -> Any:
        z = self.X @ np.asarray(theta, float)
        signs = np.where(self.y == self.y.max(), 1.0, -1.0)
        return self.weight * np.logaddexp(0, -signs * z).sum()

    def gradient(self, theta: Any) -> Any:
        p = 1 / (1 + np.exp(-self.X @ np.asarray(theta, float)))
        return self.weight * self.X.T @ (p - (self.y == self.y.max()))

    def hessian(self, theta: Any) -> Any:
        p = 1 / (1 + np.exp(-self.X @ np.asarray(theta, float)))
        return self.weight * (self.X.T * (p * (1 - p))) @ self.X

    def probabilities(self, theta: Any, X: Any = None) -> Any:
        X = self.plain if X is None else np.asarray(X, float)
        X = np.column_stack([X, np.ones(len(X))]) if self.intercept else X
        return 1 / (1 + np.exp(-X @ np.asarray(theta, float)))

    def ridge_path(self, lams: Any) -> Any:
        if np.ndim(lams):
            return np.array([self.ridge_path(float(lam)) for lam in lams])
        strength = self.weight / float(lams) if lams else 1e12
        model = LogisticRegression(C=strength, fit_intercept=self.intercept, tol=1e-12, max_iter=10_000)
        model.fit(self.plain, self.y)
        return np.append(model.coef_[0], model.intercept_) if self.intercept else model.coef_[0]


def ridge_minimizer(risk: Any, lam: Any) -> Any:
    if np.ndim(lam):
        return np.array([ridge_minimizer(risk, each) for each in lam])
    shifted = risk.hessian + float(lam) * np.eye(len(risk.minimizer))
    return np.linalg.lstsq(shifted, risk.hessian @ risk.minimizer, rcond=1e-13)[0]


def shrinkage_factors(eigenvalues: Any, lam: Any) -> Any:
    sigma, lam = np.asarray(eigenvalues, float), np.asarray(lam, float)
    total = sigma + lam[..., None] if lam.ndim else sigma + lam
    return np.divide(sigma, total, out=np.zeros(np.shape(total)), where=total > 0)


def effective_degrees_of_freedom(eigenvalues: Any, lam: Any) -> Any:
    return shrinkage_factors(eigenvalues, lam).sum(axis=-1)


def stability_bound(eigenvalues: Any, lam: float = 0.0) -> float:
    return 2 / (np.max(eigenvalues) + lam)


def round_to(x: Any, precision: str) -> Any:
    """bfloat16 through the bits of float32: the upper sixteen, ties to even."""
    assert precision == "bfloat16"
    bits = np.asarray(x, dtype=np.float32).view(np.uint32)
    kept = (bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000
    return kept.astype(np.uint32).view(np.float32).astype(float)


def _factor(scale: Any, n: int) -> float:
    return {"sum": 1.0, "half_sum": 0.5, "mean": 1 / n, "half_mean": 0.5 / n}.get(scale, scale)


def ridge_path(
    X: Any, y: Any, lams: Any, *, scale: Any, intercept: bool = False, penalty_weights: Any = None
) -> Any:
    """One lam, by scikit-learn; weights of the penalty by scaling the columns."""
    X, y = np.asarray(X, float), np.asarray(y, float)
    mu = float(lams) / (2 * _factor(scale, len(y)))
    root = np.sqrt(np.ones(X.shape[1]) if penalty_weights is None else np.asarray(penalty_weights, float))
    floor = np.maximum(root, 1e-7)  # an unpenalized column: so weakly penalized that no digit shown can tell
    if (
        mu == 0 and penalty_weights is None
    ):  # the shortest of all solutions, which scikit-learn's cutoff can miss
        level = (X.mean(axis=0), y.mean()) if intercept else (np.zeros(X.shape[1]), 0.0)
        weights = np.linalg.lstsq(X - level[0], y - level[1], rcond=1e-10)[0]
        return SimpleNamespace(
            coefficients=weights,
            intercept=level[1] - level[0] @ weights,
            predict=lambda new: level[1] + (np.asarray(new, float) - level[0]) @ weights,
        )
    model = Ridge(alpha=mu, fit_intercept=intercept, solver="svd").fit(X / floor, y)
    return SimpleNamespace(
        coefficients=model.coef_ / floor,
        intercept=model.intercept_,
        predict=lambda new: model.predict(np.asarray(new, float) / floor),
    )


def lasso_path(X: Any, y: Any, *, scale: Any, intercept: bool = False) -> Any:
    """By scikit-learn's coordinate descent, one lam at a time."""
    n = len(y)

    def at(lam: Any) -> Any:
        alpha = float(lam) / (2 * n * _factor(scale, n))
        return Lasso(alpha=alpha, fit_intercept=intercept, tol=1e-10, max_iter=1_000_000).fit(X, y).coef_

    return SimpleNamespace(at=at)


def lasso_path_from_risk(risk: Any) -> Any:
    """The lasso of a quadratic risk, as least squares on a root of its Hessian."""
    values, vectors = scipy.linalg.eigh(risk.hessian)
    root = np.sqrt(np.clip(values, 0, None))[:, None] * vectors.T
    return lasso_path(root, root @ risk.minimizer, scale="half_sum")


def leave_one_out(X: Any, y: Any, lams: Any, *, scale: Any, intercept: bool = False) -> Any:
    """Each row left out and predicted from the others; the penalty stays what it was for all rows."""
    X, y = np.asarray(X, float), np.asarray(y, float)
    n = len(y)
    mus = np.atleast_1d(lams) / (2 * _factor(scale, n))
    errors = np.zeros(len(mus))
    for k, mu in enumerate(mus):
        for row in range(n):
            rest = np.arange(n) != row
            model = Ridge(alpha=mu, fit_intercept=intercept, solver="svd").fit(X[rest], y[rest])
            errors[k] += (y[row] - model.predict(X[row : row + 1])[0]) ** 2 / n
    return errors if np.ndim(lams) else errors[0]


def polynomial_features(x: Any, degree: int, *, basis: str = "monomial", constant: bool = True) -> Any:
    table = {"monomial": np.polynomial.polynomial.polyvander, "legendre": np.polynomial.legendre.legvander}
    columns = table[basis](np.asarray(x, float), degree)
    return columns if constant else columns[:, 1:]


def early_stopping_factors(eigenvalues: Any, step_size: float, steps: Any) -> Any:
    return 1 - (1 - step_size * np.asarray(eigenvalues, float)) ** np.asarray(steps, float)


def global_early_stopping_lam(step_size: float, steps: Any) -> Any:
    return 1 / (step_size * np.asarray(steps, float))


def decay_memory(step_size: float, lam: float, steps: int) -> Any:
    """By running the rule once for every update, which is 1 while the others are 0."""
    weights = []
    for k in range(steps):
        theta = 0.0
        for j in range(steps):
            theta = theta - step_size * lam * theta - step_size * (-1.0 if j == k else 0.0)
        weights.append(theta)
    return SimpleNamespace(weights=np.array(weights), timescale=1 / (step_size * lam))


def rotational_equilibrium(alpha: float, lam: float) -> Any:
    """By many steps at a right angle to the weights, of length alpha over theirs, after their decay."""
    w = np.array([1.0, 0.0])
    for _ in range(int(20 / (alpha * lam))):
        before = w
        gradient = np.array([-w[1], w[0]]) / (w @ w)
        w = (1 - alpha * lam) * w - alpha * gradient
    angle = np.arccos(before @ w / np.linalg.norm(before) / np.linalg.norm(w))
    return SimpleNamespace(norm=np.linalg.norm(w), angle=angle)


NAMES = {
    name: value
    for name, value in globals().items()
    if callable(value) and not name.startswith("_") and getattr(value, "__module__", "") == __name__
}


def twin(value: Any) -> Any:
    """The independent counterpart of an input that is an object of wdmath's; other inputs as they are."""
    kind = type(value).__name__
    if kind == "QuadraticRisk":
        return QuadraticRisk(value.hessian, value.minimizer, value.constant)
    return value


NAMES.pop("twin", None)
