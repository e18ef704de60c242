"""Newton's method for a convex risk of linear scores with a quadratic penalty, along a path of penalties.

The Newton equations are solved with a Cholesky factor of the Hessian where there are few parameters. With many they are
solved by conjugate gradients, preconditioned by factors of the Hessian's diagonal blocks, one for each output, which
are kept as long as products with the Hessian cost less than new ones would.

References
----------
Nocedal, Wright (2006), Numerical Optimization, sections 3.5, 5.1 and 7.1; Hastie, Tibshirani (2004), Efficient
quadratic regularization for expression arrays, Biostatistics 5, for more columns than rows; Albert, Anderson (1984), On
the existence of maximum likelihood estimates in logistic regression models, Biometrika 71.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np

from ._validation import EPS, Array

MAX_STEPS = 1000
# After so many steps without convergence, it is asked whether there is a minimizer at all.
PATIENCE = 25
# Up to this many parameters of several outputs the whole Hessian is factored.
DIRECT = 250
# Up to this many multiplications, a new Hessian costs no more than what is around it.
SMALL = 2_000_000
# Up to this many columns the Hessian's block of an output is factored; beyond, only its diagonal is used.
BLOCK = 1500
# Products with the Hessian that cost as much as its blocks: the number of columns over this, for one output or several.
ONE, SEVERAL = 10, 4
# Most products for one Newton step.
MAX_PRODUCTS = 500
# Errors of the solution, relative to its largest coefficient: with which to be content, and which may be returned.
SMALLEST_ERROR, LARGEST_ERROR = 64 * EPS, 1e-6
# What may be left of a slope, relative to what it is the sum of, with which to be content.
SMALLEST_IMBALANCE = 1e-9
# Ratios of penalties, in logarithms, over which a path is extrapolated.
FAR = 2.0
# Coefficients below this, of columns of size 1, are nothing.
NOTHING = 1e-8
# Columns whose lengths differ by more are not mixed.
GRADED = 1e3
# Relative length of what others leave of a column, below which it counts as their combination.
DEPENDENT = 1e-12
# Penalties are kept below this by measuring columns in larger units.
LARGEST_PENALTY = 1e200


class Model(Protocol):
    """What a risk tells of its loss; see `LinearRisk`."""

    _no_minimizer: ClassVar[str]

    def _rows(self, scores: Array) -> tuple[Array, Array, Any]: ...
    def _curve(self, curvature: Any, moves: Array) -> Array: ...
    def _block(self, curvature: Any, k: int, l: int) -> Array: ...
    def _start(self) -> Array: ...
    def _recession(self, features: Array, rows: Array) -> tuple[Any, Any]: ...


@dataclass(frozen=True, eq=False)
class Problem:
    """sum_i share_i loss_i(Phi f_i) + lam/2 sum_jk m_j 2^x_j Phi_kj^2, to be minimized over Phi of shape (K, q).

    Attributes
    ----------
    model : Model
    features : ndarray of shape (n, q)
        The last column is the constant 1 if there is an intercept.
    share : ndarray of shape (n,)
        Weights of the rows; they add up to about 1 over the size of a slope.
    outputs : int
        K.
    intercept : bool
    mantissas, powers : ndarray of shape (q,)
        m and x; m is 0 where there is no penalty.
    units : ndarray of int, of shape (q,)
        What is returned is Phi times 2^-units.
    """

    model: Model
    features: Array
    share: Array
    outputs: int
    intercept: bool
    mantissas: Array
    powers: Array
    units: Array

    @property
    def columns(self) -> int:
        return self.features.shape[1]

    def at(self, Phi: Array, d: Array) -> State:
        """All that there is to know at a point, for the penalty d on each squared coefficient."""
        scores = Phi @ self.features.T
        # A step that goes too far may leave the range of numbers; it will be shortened.
        with np.errstate(over="ignore", invalid="ignore"):
            losses, slopes, curvature = self.model._rows(scores)
            value = float(losses @ self.share) + float((Phi * Phi).sum(axis=0) @ d) / 2
            slopes = slopes * self.share
            return State(Phi, scores, value, slopes, slopes @ self.features + d * Phi, curvature)

    def only(self, columns: Array) -> Problem:
        """The problem with some of the columns."""
        return replace(
            self,
            features=np.asfortranarray(self.features[:, columns]),
            mantissas=self.mantissas[columns],
            powers=self.powers[columns],
            units=self.units[columns],
        )

    def in_larger_units(self, lam: float) -> tuple[Problem, Array]:
        """The penalty d on each squared coefficient, of columns so measured that it has a reasonable size."""
        mantissa, exponent = np.frexp(lam)
        powers = self.powers + exponent
        limit = int(np.log2(LARGEST_PENALTY))
        if lam == 0 or not (self.mantissas * (powers > limit)).any():
            return self, np.ldexp(self.mantissas * mantissa, powers)
        half = np.where(self.mantissas > 0, np.maximum(powers, 0) // 2, 0)
        larger = replace(
            self,
            features=np.asfortranarray(np.ldexp(self.features, -half)),
            powers=self.powers - 2 * half,
            units=self.units + half,
        )
        return larger, np.ldexp(larger.mantissas * mantissa, larger.powers + exponent)


class State(NamedTuple):
    """A point on the way.

    Scores and the losses' weighted slopes have shape (K, n), value and gradient include the penalty.
    """

    Phi: Array
    scores: Array
    value: float
    slopes: Array
    gradient: Array
    curvature: Any


# From the solution of a changed problem and its units to that of the original one.
Back = Callable[[Array, Array], Array]


def minimizers(problem: Problem, lam: Array) -> Array:
    """Minimizers for each lam, times 2^-units: an array of shape (L, K, q)."""
    order = np.argsort(-lam, kind="stable")
    result = np.empty((lam.size, problem.outputs, problem.columns))
    for chosen in (order[lam[order] > 0], order[lam[order] == 0]):
        if not chosen.size:
            continue
        penalized = problem.mantissas > 0 if lam[chosen[0]] > 0 else np.zeros(problem.columns, dtype=bool)
        work, back = _independent(problem, penalized)
        if work is problem and penalized.any():
            work, back = _in_row_space(problem)
        equations, Phi = Equations(work), _start(work)
        passed: list[tuple[float, Array, Array | None]] = []
        for i in chosen:
            strength = float(lam[i])
            larger, d = work.in_larger_units(strength)
            if larger is not work:
                equations, Phi, passed = Equations(larger), _start(larger), []
            elif passed:
                Phi = _onward(passed, strength)
            Phi = equations.minimizer(d, Phi, strength)
            if larger is work and strength:
                passed = [*passed[-1:], (float(np.log(strength)), Phi, equations.slope(d, Phi))]
            result[i] = back(Phi, larger.units)
    return result


def _onward(passed: list[tuple[float, Array, Array | None]], lam: float) -> Array:
    """Where the path is about to be at lam, from one or two of its points and slopes over log lam."""
    place, Phi, slope = passed[-1]
    step = np.log(lam) - place if lam else 0.0
    if slope is None or not abs(step) < FAR:
        return Phi
    way = Phi + step * slope
    before, Phi_before, slope_before = passed[0]
    back = before - place
    if slope_before is not None and 0 < back < FAR:
        # Hermite's cubic through both.
        rise = (Phi_before - Phi) / back
        second = (3 * rise - 2 * slope - slope_before) / back
        third = (slope + slope_before - 2 * rise) / back**2
        way = way + step**2 * (second + step * third)
    return way


def _start(problem: Problem) -> Array:
    Phi = np.zeros((problem.outputs, problem.columns))
    if problem.intercept:
        Phi[:, -1] = problem.model._start()
    return Phi


class Equations:
    """Newton's equations of a problem, with the factors that were last computed."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        K, q, n = problem.outputs, problem.columns, len(problem.features)
        self.whole = K > 1 and K * q <= DIRECT
        self.diagonal = not self.whole and q > BLOCK
        # Products with the Hessian since it was formed, and how many are worth as much.
        self.spent, self.allowed = 0, q // (ONE if K == 1 else SEVERAL)
        if self.whole or n * q * q <= SMALL:
            self.allowed = 0
        # Whether the factors are those of the whole Hessian.
        self.exact = self.whole or (K == 1 and not self.diagonal)
        self.lengths = np.sqrt(np.einsum("ij,ij->j", problem.features, problem.features))
        for j in (self.lengths < 1e-140).nonzero()[0]:
            # Its squares are out of range.
            top = float(np.abs(problem.features[:, j]).max())
            self.lengths[j] = top * np.linalg.norm(problem.features[:, j] / top) if top else 0.0
        self.blocks: Array | None = None
        self.factored_for: Array | None = None
        self.factors: Any = None

    def minimizer(self, d: Array, Phi: Array, lam: float) -> Array:
        """Minimize with the penalty d on each squared coefficient, starting from Phi."""
        problem, loose = self.problem, not (d > 0).all()
        if problem.outputs > 1:
            # What is the same for all classes is zero. Steps never change it, and along a path extrapolation would
            # make it grow from rounding.
            Phi = Phi - Phi.mean(axis=0)
        state = problem.at(Phi, d)
        longest, previous, stuck, least = 0.0, np.inf, 0, np.inf
        for count in range(MAX_STEPS):
            step, length = self.step(d, state, longest)
            doubt = self.doubt(d, state, step)
            if doubt < least:
                best, last, least = state, step, doubt
            # Convergence is quadratic until the gradient is made of rounding; then steps get no shorter.
            stuck = stuck + 1 if length > previous / 2 else 0
            if doubt <= 1 or stuck > (2 if least < LARGEST_ERROR / SMALLEST_ERROR else 20):
                break
            if count == PATIENCE and loose:
                _require_minimizer(problem, d > 0, lam)
            longest, previous = max(longest, length), length
            state = self.search(d, state, step)
        error = max(_relative(last, best.Phi, NOTHING), self.imbalance(d, best))
        if not error <= LARGEST_ERROR:
            if loose:
                _require_minimizer(problem, d > 0, lam)
            raise np.linalg.LinAlgError(
                f"the minimizer at lam = {lam!r} is not determined by numbers of double precision: its largest "
                f"coefficient is known to {error:.1g} of itself; take a larger lam, or leave out columns that others "
                "nearly determine"
            )
        return best.Phi

    def doubt(self, d: Array, state: State, step: Array) -> float:
        """At most 1 if Newton's step is of the size of rounding, and what is left of each slope is as well."""
        return max(
            _relative(step, state.Phi, 0.0) / SMALLEST_ERROR, self.imbalance(d, state) / SMALLEST_IMBALANCE
        )

    def imbalance(self, d: Array, state: State) -> float:
        """The gradient relative to the size of what it is the sum of, where that is worst."""
        problem = self.problem
        # Where a slope is a difference that vanishes for an exact fit, the curvature tells of what.
        bends = problem.model._curve(state.curvature, np.ones_like(state.scores)) * problem.share
        terms = np.abs(state.slopes) + np.abs(bends)
        sizes = np.sqrt(np.einsum("ki,ki->k", terms, terms))[:, None] * self.lengths
        sizes = sizes + np.abs(d * state.Phi)
        return float(
            np.divide(np.abs(state.gradient), sizes, out=np.zeros_like(sizes), where=sizes > 0).max()
        )

    def slope(self, d: Array, Phi: Array) -> Array | None:
        """How fast the minimizer moves with the logarithm of lam, if the factors tell."""
        return -self._precondition(d * Phi) if self.exact and self.factored_for is d else None

    def search(self, d: Array, state: State, step: Array) -> State:
        """The next point on the way."""
        problem, model = self.problem, self.problem.model
        slope = float((state.gradient * step).sum())
        full = problem.at(state.Phi + step, d)
        tilt = float((full.gradient * step).sum())
        # Rounding in the value must not stop the last steps.
        slack = 4 * EPS * (abs(state.value) + float(np.abs(state.scores).max(initial=0.0)))
        if full.value <= state.value + 1e-4 * slope + slack and tilt >= 0.3 * slope:
            return full
        move = full.scores - state.scores
        resist, stiffness = float((d * state.Phi * step).sum()), float((d * step * step).sum())
        base = state.value - float(model._rows(state.scores)[0] @ problem.share)

        def along(length: float) -> tuple[float, float]:
            with np.errstate(over="ignore", invalid="ignore"):
                losses, slopes, _ = model._rows(state.scores + length * move)
                value = float(losses @ problem.share) + base + length * resist + length**2 * stiffness / 2
                return value, float(((slopes * move) @ problem.share).sum()) + resist + length * stiffness

        length, value = 1.0, full.value
        # Far from the minimum losses fall like exponentials, and Newton's steps are short.
        while tilt < 0.3 * slope and length < 1e15:
            further, tilt = along(2 * length)
            if not further < value:
                break
            length, value = 2 * length, further
        while not value <= state.value + 1e-4 * length * slope + slack and length > 1e-15:
            length /= 2
            value, _ = along(length)
        return problem.at(state.Phi + length * step, d)

    def step(self, d: Array, state: State, longest: float) -> tuple[Array, float]:
        """Newton's step, and its length in the norm of the Hessian."""
        problem, model, gradient = self.problem, self.problem.model, state.gradient
        if self.factored_for is not None and self.factored_for is d:
            # Where old factors find nothing to do, there is nothing.
            step = self._precondition(-gradient)
            if self.doubt(d, state, 2 * step) <= 1:
                return step, _length(step, gradient)
        fresh = self.blocks is None or self.spent >= self.allowed
        if fresh:
            self._form(state.curvature)
        if self.factored_for is not d:
            self._factor(d)
        step = self._precondition(-gradient)
        if not (fresh and self.exact):
            rest, direction, step = -gradient, step, np.zeros_like(gradient)
            size = start = float((rest * direction).sum())
            accuracy = min(0.25, np.sqrt(np.sqrt(start) / longest)) if longest else 0.25
            for _ in range(MAX_PRODUCTS):
                if not size > accuracy**2 * start:
                    break
                image = model._curve(state.curvature, direction @ problem.features.T) * problem.share
                image = image @ problem.features + d * direction
                self.spent += 1
                bend = float((direction * image).sum())
                if not bend > 0:
                    break
                step = step + size / bend * direction
                rest = rest - size / bend * image
                z = self._precondition(rest)
                previous, size = size, float((rest * z).sum())
                direction = z + size / previous * direction
        if self.whole:
            step = step - step.mean(axis=0)
        return step, _length(step, gradient)

    def _form(self, curvature: Any) -> None:
        """The blocks of the Hessian, of shape (K, q, q); all of it, (1, K q, K q), if it is to be factored."""
        problem, model = self.problem, self.problem.model
        K, q = problem.outputs, problem.columns
        F, share = problem.features, problem.share
        if self.diagonal:
            weights = np.array([share * model._block(curvature, k, k) for k in range(K)])
            self.blocks = weights @ (F * F)
        elif self.whole:
            blocks = np.empty((K, q, K, q))
            for k in range(K):
                for l in range(k + 1):
                    blocks[k, :, l] = weighted_gram(F, share * model._block(curvature, k, l))
                    blocks[l, :, k] = blocks[k, :, l]
            # Adding the same to the weights of all classes changes no probability: steps have no such part, and here
            # it gets some curvature.
            mean = np.einsum("kjkj->j", blocks) / K
            for j in range(q):
                blocks[:, j, :, j] += mean[j] / K
            self.blocks = blocks.reshape(1, K * q, K * q)
        else:
            self.blocks = np.array(
                [weighted_gram(F, share * model._block(curvature, k, k)) for k in range(K)]
            )
        self.spent, self.factored_for = 0, None

    def _factor(self, d: Array) -> None:
        blocks = self.blocks
        assert blocks is not None
        self.factored_for = d
        if self.diagonal:
            self.factors = np.maximum(blocks + d, np.finfo(float).tiny)
            return
        ridge = np.tile(d, blocks.shape[1] // d.size)
        self.factors = [_cholesky(block, ridge) for block in blocks]
        if not self.exact:
            # For many vectors, and none of them needed to the last digit.
            inverses = (np.linalg.inv(root) for root, _ in self.factors)
            units = (unit for _, unit in self.factors)
            self.factors = np.array(
                [unit[:, None] * (half @ half.T) * unit for half, unit in zip(inverses, units, strict=True)]
            )

    def _precondition(self, right: Array) -> Array:
        if not self.exact:
            # What is the same for all classes changes nothing but the penalty, and has no place in a step.
            several = self.problem.outputs > 1
            if several:
                right = right - right.mean(axis=0)
            solved = (
                right / self.factors if self.diagonal else np.matmul(self.factors, right[:, :, None])[:, :, 0]
            )
            return solved - solved.mean(axis=0) if several else solved
        from scipy.linalg.lapack import dpotrs

        ((root, unit),) = self.factors
        return (unit * dpotrs(root, unit * right.ravel())[0]).reshape(right.shape)


def _cholesky(matrix: Array, ridge: Array) -> tuple[Array, Array]:
    """Upper Cholesky factor of D (matrix + diag(ridge)) D and the diagonal of D, which makes its diagonal 1."""
    from scipy.linalg.lapack import dpotrf

    diagonal = np.diagonal(matrix) + ridge
    unit = 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    even = matrix * unit * unit[:, None]
    jitter = 0.0
    while True:
        even[np.diag_indices(len(even))] = 1.0 + jitter
        root, info = dpotrf(even, clean=1)
        if not info:
            return root, unit
        jitter = max(10 * jitter, 10 * len(even) * EPS)


def _length(step: Array, gradient: Array) -> float:
    return float(np.sqrt(max(-(step * gradient).sum(), 0.0)))


def _relative(step: Array, Phi: Array, least: float) -> float:
    """Size of a step relative to the largest coefficient, if that is not below `least`."""
    size, largest = float(np.abs(step).max()), max(float(np.abs(Phi).max()), least)
    return size / largest if size < largest else float(size > 0)


def weighted_gram(features: Array, weights: Array) -> Array:
    """F^T diag(weights) F; the weights may be negative if all are."""
    rows = features * np.sqrt(np.abs(weights))[:, None]
    gram = rows.T @ rows
    return -gram if weights.min(initial=0.0) < 0 else gram


def _independent(problem: Problem, penalized: Array) -> tuple[Problem, Back]:
    """Leave out columns without a penalty that others without a penalty determine; the way back is the shortest."""
    loose = (~penalized).nonzero()[0]
    rows = problem.share > 0
    if loose.size <= 1 and (problem.features[:, loose] != 0).any(axis=0).all():
        return problem, _unchanged
    A = problem.features[np.ix_(rows, loose)] * np.sqrt(problem.share[rows])[:, None]
    lengths = np.sqrt(np.einsum("ij,ij->j", A, A))
    lengths[lengths == 0] = 1.0
    A /= lengths
    if len(A) >= loose.size and _clearly_independent(A):
        return problem, _unchanged
    from scipy.linalg import qr, solve_triangular

    R, order = qr(A, mode="r", pivoting=True)
    sizes = np.abs(np.diagonal(R))
    rank = int((sizes > DEPENDENT * sizes[0]).sum())
    if rank == loose.size:
        return problem, _unchanged
    kept, left_out = np.sort(loose[order[:rank]]), loose[order[rank:]]
    # Column left_out is the combination C of the kept ones.
    C = (
        solve_triangular(R[:rank, :rank], R[:rank, rank:])
        / lengths[order[:rank], None]
        * lengths[order[rank:]]
    )
    C = C[np.argsort(loose[order[:rank]])]
    columns = np.sort(np.concatenate([penalized.nonzero()[0], kept]))
    # Of all minimizers, the one with the smallest penalty, or the shortest where nothing is penalized.
    powers = problem.powers if (problem.mantissas > 0).any() else -2 * problem.units
    mantissas = problem.mantissas if (problem.mantissas > 0).any() else np.ones(problem.columns)
    if penalized.any():
        powers, mantissas = -2 * problem.units, np.ones(problem.columns)
    top = int(powers[loose].max())
    metric = np.sqrt(np.ldexp(mantissas, powers - top))
    if problem.intercept:
        metric[-1] = 0.0
    # Phi_left_out = t and Phi_kept - C t: minimize the sum of their weighted squares over t.
    normal = np.vstack([metric[kept][:, None] * C, np.diag(metric[left_out])])
    heights = np.sqrt(np.einsum("ij,ij->j", normal, normal))
    heights[heights == 0] = 1.0

    def back(Phi: Array, units: Array) -> Array:
        whole = np.zeros((len(Phi), problem.columns))
        whole[:, columns] = Phi
        right = np.hstack([metric[kept] * whole[:, kept], np.zeros((len(Phi), left_out.size))])
        t = np.linalg.lstsq(normal / heights, right.T, rcond=None)[0].T / heights
        whole[:, left_out] = t
        whole[:, kept] -= t @ C.T
        shifts = problem.units.copy()
        shifts[columns] = units
        return np.ldexp(whole, -shifts)

    return problem.only(columns), back


def _clearly_independent(A: Array) -> bool:
    """Whether columns of length 1 are far from dependent, by their Gram matrix."""
    from scipy.linalg.lapack import dpocon, dpotrf

    root, info = dpotrf(A.T @ A)
    return not info and dpocon(root, float(A.shape[1]))[0] > 1e-10


def _in_row_space(problem: Problem) -> tuple[Problem, Back]:
    """With more columns than rows, penalized coefficients are combinations of the rows: those are as many as rows."""
    rows = problem.share > 0
    held = problem.mantissas > 0
    n, p = int(rows.sum()), int(held.sum())
    q = problem.columns
    if p < 1.2 * n + 10 or p < q - problem.intercept:
        return problem, _unchanged
    # theta_j = stretch_j 2^-shift_j psi_j has the same penalty for all psi_j.
    powers = problem.powers[:p]
    odd = powers % 2
    stretch = 1 / np.sqrt(np.ldexp(problem.mantissas[:p], odd))
    shift = (powers - odd) // 2
    least = int(shift.min())
    A = np.ldexp(problem.features[:, :p] * stretch, least - shift)
    lengths = np.sqrt(np.einsum("ij,ij->j", A[rows], A[rows]))
    lengths = lengths[lengths > 0]
    if not lengths.size or lengths.max() > GRADED * lengths.min():
        return problem, _unchanged
    V, R = np.linalg.qr(A[rows].T)
    features = np.zeros((len(A), n + problem.intercept))
    features[rows, :n] = R.T
    if problem.intercept:
        features[:, n] = 1.0
    mantissas, new_powers = np.ones(n + problem.intercept), np.full(n + problem.intercept, 2 * least)
    if problem.intercept:
        mantissas[n] = 0.0
    reduced = replace(
        problem,
        features=np.asfortranarray(features),
        mantissas=mantissas,
        powers=new_powers,
        units=np.zeros(n + problem.intercept, dtype=int),
    )

    def back(Phi: Array, units: Array) -> Array:
        whole = np.empty((len(Phi), q))
        whole[:, :p] = np.ldexp((Phi[:, :n] @ V.T) * stretch, least - shift - problem.units[:p] - units[0])
        whole[:, p:] = Phi[:, n:]
        return whole

    return reduced, back


def _unchanged(Phi: Array, units: Array) -> Array:
    return np.ldexp(Phi, -units)


def _require_minimizer(problem: Problem, penalized: Array, lam: float) -> None:
    """Refuse a problem in which a direction without a penalty lowers the risk for ever: a linear program finds it."""
    from scipy.optimize import linprog

    rows = problem.share > 0
    loose = np.flatnonzero(~penalized)
    unequal, equal = problem.model._recession(problem.features[np.ix_(rows, loose)], rows)
    gain = linprog(
        -np.asarray(unequal.mean(axis=0)).ravel() if unequal.shape[0] else np.zeros(unequal.shape[1]),
        A_ub=-unequal if unequal.shape[0] else None,
        b_ub=np.zeros(unequal.shape[0]) if unequal.shape[0] else None,
        A_eq=equal if equal.shape[0] else None,
        b_eq=np.zeros(equal.shape[0]) if equal.shape[0] else None,
        bounds=(-1, 1),
    )
    if gain.status == 0 and -gain.fun > 1e-7:
        raise ValueError(f"{problem.model._no_minimizer}: the risk has no minimizer at lam = {lam!r}")
