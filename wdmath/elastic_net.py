"""The elastic net: absolute values and squares in a fixed proportion, exact at each penalty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ._homotopy import homotopy
from ._l1_problem import L1Problem
from ._validation import EPS, Array, penalty_strength, real_array, real_number, same_columns
from ._values import Value

__all__ = ["ElasticNetPath", "elastic_net_path"]

# Up to this many columns all their products are computed at once.
MOST_PRODUCTS = 3000
# Of the columns that should enter, those at least this much as urgent as the most urgent one enter together.
URGENT = 0.05
# Relative distances that are rounding: of a correlation beyond the penalty, and beyond what its terms are.
OVER, ROUNDING = 1e-11, 64 * EPS
# Equations whose reciprocal condition number is below this are solved by orthogonal transformations.
NEARLY_SINGULAR = 1e-10
# Not below that, nor in need of an estimate, are those whose squares exceed this share of the trace.
CLEARLY_REGULAR = 1e-7
# Coefficients in units that differ by less than this (squared) are solved for as they are.
LIKE = 100.0
# A correction that changes the correlations by no more than rounding.
SETTLED = 1e-13


@dataclass(frozen=True, eq=False, repr=False)
class ElasticNetPath(Value):
    """Elastic net solutions for one or many penalties.

    Attributes
    ----------
    lams : ndarray of shape (L,), or () for a single one
    l1_ratio : float
    coefficients : ndarray of shape (L, p), without L for a single lam
        A coefficient that is zero is exactly 0.0.
    intercept : float or ndarray of shape (L,)
        0 where none was fitted.
    feature_names : tuple of str, or None
        Of the columns, if X was a data frame.
    """

    lams: Array
    l1_ratio: float
    coefficients: Array
    intercept: float | Array
    feature_names: tuple[str, ...] | None = None

    def predict(self, X: ArrayLike) -> Array:
        """Predictions for rows of X: shape (n,), with L in front if there are many penalties."""
        same_columns(X, self.feature_names)
        rows = real_array(X, "X", shape=(None, self.coefficients.shape[-1]))
        return self.coefficients @ rows.T + np.asarray(self.intercept)[..., None]


def elastic_net_path(
    X: ArrayLike,
    y: ArrayLike,
    lam: ArrayLike,
    *,
    l1_ratio: float,
    scale: str | float,
    intercept: bool = False,
    sample_weight: ArrayLike | None = None,
    penalty_weights: ArrayLike | None = None,
) -> ElasticNetPath:
    """Elastic net regression for one or many penalties, each solution exact to rounding.

    Minimizes  c sum_i w_i (y_i - b - x_i . theta)^2 + lam sum_j v_j [a |theta_j| + (1 - a)/2 theta_j^2]  with a =
    `l1_ratio`, where c is given by `scale`, and the weights w and v and the intercept b are optional.

    From the largest penalty to the smallest, each solution starts from the one before: the equations of the
    coefficients that are not zero are solved, coefficients that would change sign on the way leave, and those whose
    correlation exceeds the penalty enter, until none does. That is a finite method, and what it returns satisfies the
    conditions of optimality. For a = 1 the path is that of `lasso_path`, which also has the knots.

    Parameters
    ----------
    X : array_like of shape (n, p)
    y : array_like of shape (n,)
    lam : float or array_like of shape (L,)
        > 0, in any order; 0 where X has linearly independent columns.
    l1_ratio : float
        a, from 0 (ridge) to 1 (lasso).
    scale : {"sum", "half_sum", "mean", "half_mean"} or float
        c = 1, 1/2, 1/n or 1/(2n), or c itself. With weights, n is their sum. scikit-learn's ElasticNet(alpha, l1_ratio)
        has "half_mean", alpha = lam and the same ratio; R's glmnet calls the ratio alpha.
    intercept : bool, default False
        Whether to fit an intercept, free of penalty.
    sample_weight : array_like of shape (n,), optional
        w >= 0. A whole number counts the row that many times.
    penalty_weights : array_like of shape (p,), optional
        v >= 0, with 0 for a coefficient without a penalty. Default: all 1.

    Returns
    -------
    ElasticNetPath
        With .lams, .coefficients, .intercept and .predict(X).

    Raises
    ------
    ValueError
        If the shapes do not match, or an argument is not finite or out of range; if lam = 0 and columns of X depend on
        each other.
    numpy.linalg.LinAlgError
        If rounding keeps a solution from being optimal.

    References
    ----------
    Zou, Hastie (2005), Regularization and variable selection via the elastic net, J. R. Stat. Soc. B 67; Lee, Battle,
    Raina, Ng (2007), Efficient sparse coding algorithms, NIPS 19, section 3, for the method.

    Examples
    --------
    >>> import wdmath
    >>> X, y = wdmath.load_i2ml()
    >>> wdmath.elastic_net_path(X, y, [100.0, 10.0], l1_ratio=0.5, scale="sum").coefficients.round(4)
    array([[0.5911, 1.1969],
           [0.665 , 2.5249]])
    """
    strengths = penalty_strength(lam)
    ratio = real_number(l1_ratio, "l1_ratio", nonnegative=True)
    if ratio > 1:
        raise ValueError(f"l1_ratio must be from 0 to 1, got {ratio!r}")
    problem = L1Problem.from_data(X, y, scale, intercept, sample_weight, penalty_weights)
    held = (problem.Z != 0).any(axis=0)
    lams = strengths.reshape(-1)
    phi = np.zeros((lams.size, held.size))
    if held.any():
        phi[:, held] = _solutions(problem, held, lams, ratio)
    coefficients = problem.coefficients(phi).reshape(*strengths.shape, held.size)
    constant = problem.intercept(coefficients)
    return ElasticNetPath(
        strengths.copy(),
        ratio,
        coefficients,
        constant if strengths.ndim else float(constant),
        problem.feature_names,
    )


def _solutions(problem: L1Problem, held: Array, lams: Array, ratio: float) -> Array:
    """Even solutions for each lam, of the columns that are not zero."""
    Z, v, exponents = problem.Z[:, held], problem.v[held], problem.exponents[held]
    inside = np.array([problem.inside(float(lam)) for lam in lams])
    result = np.empty((lams.size, Z.shape[1]))
    if ratio == 1:
        from .lasso import LassoPath

        path = LassoPath(*homotopy(Z, problem.r, v, None, float(inside.min())), np.zeros(0))
        return path.at(inside)
    equations = _Equations(Z, problem.r)
    if not equations.are_independent(v == 0):
        raise ValueError(
            "penalty_weights must be > 0 for one of the columns of X that depend on each other, got 0.0"
        )
    phi = np.zeros(Z.shape[1])
    passed: list[tuple[float, Array]] = []
    for i in np.argsort(-lams, kind="stable"):
        with np.errstate(over="ignore"):
            squares = np.ldexp(inside[i] * (1 - ratio) * v, problem.unit - exponents)
        if lams[i] == 0 and not equations.are_independent():
            raise ValueError(
                "lam must be > 0 where columns of X depend on each other or there are more columns than rows, got 0.0"
            )
        a = inside[i] * ratio * v
        expected = _onward(passed[-2:], inside[i])
        phi, c = equations.solution(a, np.minimum(squares, 1e280), phi, expected, float(lams[i]))
        passed = [*passed[-1:], (inside[i], c)]
        result[i] = phi
    return result


def _onward(passed: list[tuple[float, Array]], lam: float) -> Array | None:
    """Correlations that are to be expected, from those at the last two penalties."""
    if len(passed) < 2 or passed[0][0] == passed[1][0]:
        return None
    (before, first), (last, second) = passed
    return second + (second - first) * ((lam - last) / (last - before))


class _Equations:
    """Minimizes 1/2 ||r - Z phi||^2 + 1/2 sum_j s_j phi_j^2 + sum_j a_j |phi_j|."""

    def __init__(self, Z: Array, r: Array) -> None:
        self.Z, self.r, self.pull = Z, r, r @ Z
        self.lengths = np.sqrt(np.einsum("ij,ij->j", Z, Z))
        self.length = float(np.linalg.norm(r))
        self.gram = Z.T @ Z if Z.shape[1] <= MOST_PRODUCTS else None

    def are_independent(self, some: Array | slice = slice(None)) -> bool:
        """Whether none of these columns of Z is a combination of others."""
        Z = self.Z[:, some] / self.lengths[some]
        if Z.shape[1] < 2 or Z.shape[0] < Z.shape[1]:
            return Z.shape[0] >= Z.shape[1]
        s = np.linalg.svd(Z, compute_uv=False)
        return bool(s[-1] > max(Z.shape) * EPS * s[0])

    def solution(
        self, a: Array, squares: Array, phi: Array, expected: Array | None, lam: float
    ) -> tuple[Array, Array]:
        """The solution and its correlations, from phi, which may be anything, and correlations that are expected."""
        free = a == 0
        signs = np.sign(phi)
        if expected is not None:
            entering = (np.abs(expected) > a) & (phi == 0)
            signs[entering] = np.sign(expected[entering])
        signs[free] = 0.0
        active = ((signs != 0) | free).nonzero()[0]
        worst, alone = np.inf, False
        for _ in range(100 + 20 * len(phi)):
            active, values, c = self._descend(active, phi[active], signs, a, squares)
            phi = np.zeros_like(phi)
            phi[active] = values
            over = np.abs(c) - a * (1 + OVER) - ROUNDING * self.lengths * self.length
            over[active] = 0.0
            over /= self.lengths
            urgency = float(np.maximum.reduce(over))
            if urgency <= 0:
                break
            # Where entering together did not help, only the most urgent one enters.
            alone = urgency >= worst
            worst = urgency
            entering = over >= (1.0 if alone else URGENT) * urgency
            signs[entering] = np.sign(c[entering])
            entering[active] = True
            active = entering.nonzero()[0]
        return phi, self._optimal_correlations(phi, a, squares, lam)

    def _descend(
        self, active: Array, values: Array, signs: Array, a: Array, squares: Array
    ) -> tuple[Array, Array, Array]:
        """The minimizer among the active coefficients with these signs; those that meet zero on the way leave.

        Also all correlations.
        """
        while active.size:
            target, c = self._solve(active, a[active] * signs[active], squares[active])
            wrong = target * signs[active] < 0
            if not wrong.any():
                return active, target, c
            share = np.divide(values, values - target, out=np.full(target.size, np.inf), where=wrong)
            least = float(share.min())
            values = values + least * (target - values)
            kept = share > least
            active, values = active[kept], values[kept]
        return active, values, self.pull

    def _solve(self, active: Array, thresholds: Array, squares: Array) -> tuple[Array, Array]:
        """The x with (Z^T Z + diag(squares)) x = Z^T r - thresholds for the active columns, and all Z^T (r - Z x)."""
        from scipy.linalg.lapack import dpocon, dpotrf, dpotrs

        right = self.pull[active] - thresholds
        if self.gram is None:
            Z = self.Z[:, active]
            gram = Z.T @ Z
        else:
            gram = self.gram.take(active, axis=0).take(active, axis=1)
        gram.reshape(-1)[:: active.size + 1] += squares
        diagonal = gram.diagonal()
        unit = np.ones(active.size)
        if np.maximum.reduce(diagonal) > LIKE * np.minimum.reduce(diagonal):
            unit = 1 / np.sqrt(diagonal)
            gram *= unit * unit[:, None]
        regular = np.minimum.reduce(squares * unit * unit) > CLEARLY_REGULAR * gram.trace()
        size = 0.0 if regular else float(np.abs(gram).sum(axis=0).max())
        # The transpose of a C-ordered symmetric matrix is the same matrix in LAPACK's order.
        root, info = dpotrf(gram.T, lower=1, clean=0, overwrite_a=1)
        if info or not (regular or dpocon(root, size, uplo="L")[0] >= NEARLY_SINGULAR):
            Z = self.Z[:, active]
            R = np.linalg.qr(np.vstack([Z * unit, np.diag(np.sqrt(squares) * unit)]), mode="r")
            inverse = np.linalg.inv(R)
            x = unit * (inverse @ (inverse.T @ (unit * right)))
            return x, self._correlations(active, x)
        x = unit * dpotrs(root, unit * right, lower=1)[0]
        c = self._correlations(active, x)
        correction = unit * dpotrs(root, unit * (c[active] - thresholds - squares * x), lower=1)[0]
        x += correction
        if not (np.abs(correction) <= SETTLED * np.abs(x)).all():
            c = self._correlations(active, x)
        return x, c

    def _correlations(self, active: Array, values: Array) -> Array:
        if 4 * active.size < self.Z.shape[1]:
            return (self.r - self.Z[:, active] @ values) @ self.Z
        phi = np.zeros(self.Z.shape[1])
        phi[active] = values
        return (self.r - self.Z @ phi) @ self.Z

    def _optimal_correlations(self, phi: Array, a: Array, squares: Array, lam: float) -> Array:
        """Z^T (r - Z phi), once it is seen to make phi optimal."""
        c = (self.r - self.Z @ phi) @ self.Z
        left = c - squares * phi
        breach = np.where(phi != 0, np.abs(left - a * np.sign(phi)), np.maximum(np.abs(left) - a, 0.0))
        sizes = self.lengths * (self.length + float(self.lengths @ np.abs(phi))) + squares * np.abs(phi)
        worst = float((breach / sizes).max()) if self.length else 0.0
        if worst > 1e-10:
            raise np.linalg.LinAlgError(
                f"rounding keeps the solution at lam = {lam!r} from being optimal: correlations miss the penalty by "
                f"{worst:.1g} of their terms; take a larger lam, or an l1_ratio farther from 1"
            )
        return c
