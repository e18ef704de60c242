"""Relatives of ridge regression: principal components cut off what ridge shrinks, kernels do without features."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._singular import singular_values
from ._standard_form import least_squares_scale, standard_form
from ._validation import (
    Array,
    choice,
    column_names,
    count,
    penalty_strength,
    real_array,
    real_number,
    require_room,
    same_columns,
)
from ._values import Value, owned
from .ridge import ridge_path_from_hessian

__all__ = ["KernelRidge", "PrincipalComponentsPath", "kernel_ridge", "principal_components_regression"]

KERNELS = ("gaussian", "laplace", "polynomial", "linear")


@dataclass(frozen=True, eq=False, repr=False)
class PrincipalComponentsPath(Value):
    """Least squares on the first 0, 1, ..., K principal components.

    Attributes
    ----------
    coefficients : ndarray of shape (K + 1, p)
        Row k is that of k components, in the coordinates of X.
    intercept : ndarray of shape (K + 1,)
        0 unless an intercept is fitted.
    singular_values : ndarray of shape (K,)
        Of the (centered, weighted) X, descending.
    feature_names : tuple of str, or None
    """

    coefficients: Array
    intercept: Array
    singular_values: Array
    feature_names: tuple[str, ...] | None = None

    def predict(self, X: ArrayLike) -> Array:
        """Predictions for rows of X, of shape (K + 1, n)."""
        same_columns(X, self.feature_names)
        rows = real_array(X, "X", shape=(None, self.coefficients.shape[1]))
        return self.coefficients @ rows.T + self.intercept[:, None]


def principal_components_regression(
    X: ArrayLike,
    y: ArrayLike,
    components: int | None = None,
    *,
    intercept: bool = False,
    sample_weight: ArrayLike | None = None,
) -> PrincipalComponentsPath:
    """Least squares on the leading principal components of X, for all their numbers.

    With X = U diag(s) V^T, k components give theta_k = sum_{j <= k} (u_j . y / s_j) v_j. Ridge regression multiplies
    term j by s_j^2 / (s_j^2 + mu); this takes the first k whole and the others not at all.

    Parameters
    ----------
    X : array_like of shape (n, p)
    y : array_like of shape (n,)
    components : int, optional
        The most components, K. Default, and where there are fewer: as many as X has that are not 0.
    intercept : bool, default False
        Fit a constant: the components are those of the centered X.
    sample_weight : array_like of shape (n,), optional
        w >= 0. A whole number counts the row that many times.

    Returns
    -------
    PrincipalComponentsPath
        The last row is the least-squares solution if all components are taken, the shortest one if there are several.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described; the message names it and its value.

    References
    ----------
    Hastie, Tibshirani, Friedman (2009), The Elements of Statistical Learning, section 3.5.1.

    Examples
    --------
    >>> import wdmath
    >>> X, y = wdmath.load_i2ml()
    >>> wdmath.principal_components_regression(X, y).coefficients.round(3)
    array([[0.   , 0.   ],
           [1.703, 1.718],
           [0.492, 2.919]])
    """
    names = column_names(X)
    matrix = real_array(X, "X", ndim=2)
    outputs = real_array(y, "y", shape=(len(matrix),))
    # Powers of two, so that no squares over- or underflow.
    e, f = (int(np.frexp(np.abs(values).max())[1]) for values in (matrix, outputs))
    form = standard_form(
        np.ldexp(matrix, -e),
        np.ldexp(outputs, -f)[:, None],
        scale="half_sum",
        intercept=intercept,
        sample_weight=sample_weight,
    )
    U, s, Vt = singular_values(form.Z, noise=form.noise)
    most = int((s > 0).sum())
    if components is not None:
        most = min(most, count(components, "components"))
    coordinates = (U[:, :most].T @ form.r[:, 0]) / s[:most]
    theta = np.zeros((most + 1, matrix.shape[1]))
    np.cumsum(coordinates[:, None] * Vt[:most], axis=0, out=theta[1:])
    constant = np.ldexp(form.y_mean[0] - theta @ form.x_mean, f)
    return PrincipalComponentsPath(np.ldexp(theta, f - e), constant, np.ldexp(s[:most], e), names)


@dataclass(frozen=True, eq=False, repr=False)
class KernelRidge(Value):
    """A function f = sum_i a_i k(x_i, .) for each penalty.

    Attributes
    ----------
    lams : ndarray of shape (L,), or () for a single one
    dual_coefficients : ndarray of shape (L, n), without L for a single lam
        The a_i.
    """

    lams: Array
    dual_coefficients: Array
    _rows: Array = field(repr=False)
    _kernel: Callable[[Array, Array], Any] = field(repr=False)
    feature_names: tuple[str, ...] | None = None

    def predict(self, X: ArrayLike) -> Array:
        """f at rows of X, of shape (m,), with L in front if there are many penalties."""
        same_columns(X, self.feature_names)
        rows = real_array(X, "X", shape=(None, self._rows.shape[1]))
        return self.dual_coefficients @ _kernel_matrix(self._kernel, self._rows, rows)


def kernel_ridge(
    X: ArrayLike,
    y: ArrayLike,
    lam: ArrayLike,
    *,
    scale: str | float,
    kernel: str | Callable[[Array, Array], Any] = "gaussian",
    length: float = 1.0,
    degree: int = 3,
) -> KernelRidge:
    """Ridge regression in the function space of a kernel, for one or many penalties.

    Minimizes  c sum_i (y_i - f(x_i))^2 + (lam/2) ||f||^2  over the Hilbert space that the kernel reproduces. The
    minimizer is f = sum_i a_i k(x_i, .) with (K + mu I) a = y, K_ij = k(x_i, x_j) and mu = lam / (2 c).

    Parameters
    ----------
    X : array_like of shape (n, p)
    y : array_like of shape (n,)
    lam : float or array_like of shape (L,)
        Penalty strengths, >= 0.
    scale : {"sum", "half_sum", "mean", "half_mean"} or float
        c = 1, 1/2, 1/n or 1/(2n), or c itself. scikit-learn's KernelRidge(alpha) has "half_sum" and alpha = lam.
    kernel : {"gaussian", "laplace", "polynomial", "linear"} or callable
        exp(-||x - z||^2 / (2 length^2)), exp(-||x - z|| / length), (1 + x . z / length^2)^degree, x . z; or a function
        of rows of shapes (n, p) and (m, p) whose result has shape (n, m) and is positive semidefinite. With "linear"
        the predictions are those of `ridge_path`. A callable must be defined in a module if the result is to be
        pickled.
    length : float, default 1
        Of the distances that matter, in the unit of X.
    degree : int, default 3
        Of "polynomial".

    Returns
    -------
    KernelRidge
        With .predict(X).

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described, or the kernel is not positive semidefinite; if lam = 0 and the kernel's
        matrix is singular.

    References
    ----------
    Saunders, Gammerman, Vovk (1998), Ridge regression learning algorithm in dual variables, ICML; Scholkopf, Smola
    (2002), Learning with Kernels, section 4.2.

    Examples
    --------
    >>> import wdmath
    >>> model = wdmath.kernel_ridge([[0.0], [1.0], [2.0]], [0.0, 1.0, 0.0], [1e-9, 1.0], scale="half_sum")
    >>> model.predict([[0.0], [1.0], [1.5]]).round(3)
    array([[0.   , 1.   , 0.675],
           [0.172, 0.396, 0.326]])
    """
    names = column_names(X)
    rows, lams = real_array(X, "X", ndim=2), penalty_strength(lam)
    outputs = real_array(y, "y", shape=(len(rows),))
    length, degree = real_number(length, "length", positive=True), count(degree, "degree", minimum=1)
    if not callable(kernel):
        kernel = partial(_named_kernel, choice(kernel, "kernel", KERNELS), length, degree)
    remedy = "take fewer rows, or ridge_path on random_features"
    require_room(f"the kernel's matrix of {len(rows)} rows", len(rows) ** 2, remedy)
    K = _kernel_matrix(kernel, rows, rows)
    mu = lams / (2 * least_squares_scale(scale, len(rows)))
    try:
        path = ridge_path_from_hessian(K, outputs, mu)
    except ValueError as error:
        if "positive semidefinite" in str(error) or "symmetric" in str(error):
            raise ValueError(
                f"kernel must be symmetric and positive semidefinite: its matrix as {error}"
            ) from None
        raise ValueError(
            "lam must be > 0 where the kernel's matrix is singular, as it is for equal rows of X, got 0.0"
        ) from None
    return KernelRidge(owned(lams), path.coefficients, owned(rows), kernel, names)


def _kernel_matrix(kernel: Callable[[Array, Array], Any], A: Array, B: Array) -> Array:
    return real_array(kernel(A, B), "the kernel's matrix", shape=(len(A), len(B)))


def _named_kernel(name: str, length: float, degree: int, A: Array, B: Array) -> Array:
    if name == "linear":
        return A @ B.T
    if name == "polynomial":
        return (1 + (A / length) @ (B / length).T) ** degree
    from scipy.spatial.distance import cdist

    if name == "laplace":
        return np.exp(-cdist(A / length, B / length))
    return np.exp(-cdist(A / length, B / length, "sqeuclidean") / 2)
