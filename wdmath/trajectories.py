"""Where descent, with and without momentum, and gradient flow are after any number of steps, without taking the steps.

On a quadratic risk with penalty (lam/2) ||theta||^2 every eigencomponent moves on its own, so a trajectory is a closed
form in the number of steps. `weight_decay_steps` takes the steps one by one, for any gradient, each split into its
two halves: shrink towards the origin, then follow the unregularized gradient.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from wdmath._doubled import two_product, two_sum
from wdmath._momentum_factors import SHORT, MomentumFactors
from wdmath._step_factors import SLOW, TINY, StepFactor, rate_and_tail
from wdmath._validation import (
    Array,
    count,
    flag,
    real_array,
    real_number,
    require_room,
    require_room_for_points,
    runs_shape,
    shown,
    step_counts,
)
from wdmath._values import Value, frozen
from wdmath.gradients import Gradient, gradient_function
from wdmath.risk import QuadraticRisk, require_risk
from wdmath.spectrum import nonnegative_eigenvalues

__all__ = [
    "Trajectory",
    "WeightDecaySteps",
    "diverges",
    "gradient_descent",
    "gradient_flow",
    "heavy_ball",
    "nesterov",
    "stability_bound",
    "weight_decay_steps",
]


# Up to so many numbers in all, the recursion itself in Python is quicker than array operations.
FEW = 2000
# From so many numbers on, powers are multiplied up instead of computed one by one.
MANY = 2000
# From so many numbers in a step, with momentum or without, steps are taken one by one, and found anew now and then.
WIDE, WIDER, AGAIN = 64, 4000, 64
# Beyond so many steps, moving on whole blocks would lose digits.
LONG = 10**5
# From here on, what rounding left out of eigenvalues shows.
MANY_STEPS = 10_000
# So many numbers fit into the first cache, so many into the next, with others like them.
CACHED, LARGE = 6400, 100_000


class Trajectory(np.ndarray):
    """The points of a run: an ndarray of shape (..., T, p) that also says whether the run diverges.

    Attributes
    ----------
    diverges : bool or ndarray of bool
        Whether the iterates grow without bound: one answer per run, a bool for a single run, else an array of the
        leading shape (...). None for an array made from a run by slicing.

    Examples
    --------
    >>> import wdmath
    >>> risk = wdmath.QuadraticRisk([[4.0, 0.0], [0.0, 1.0]], [1.0, 1.0])
    >>> run = wdmath.gradient_descent(risk, [0.0, 0.0], step_size=1.0, steps=3)
    >>> run.diverges
    True
    >>> run.tolist()
    [[0.0, 0.0], [4.0, 1.0], [-8.0, 1.0], [28.0, 1.0]]
    """

    diverges: Any

    def __array_finalize__(self, parent: Any) -> None:
        self.diverges = None

    def copy(self, order: Any = "C") -> Trajectory:
        """The same run in memory of its own."""
        other = super().copy(order)
        other.diverges = self.diverges
        return other

    def __copy__(self) -> Trajectory:
        return self.copy("K")

    def __deepcopy__(self, memo: Any) -> Trajectory:
        return self.copy("K")

    def __reduce__(self) -> Any:
        reduced: Any = super().__reduce__()
        return *reduced[:2], (reduced[2], self.diverges)

    def __setstate__(self, state: Any) -> None:
        array, diverging = state
        super().__setstate__(array)
        self.diverges = frozen(diverging) if isinstance(diverging, np.ndarray) else diverging

    def __repr__(self) -> str:
        text = super().__repr__()
        return text if self.diverges is None else f"{text[:-1]}, diverges={self.diverges!r})"

    def __array_wrap__(self, array: Array, context: Any = None, return_scalar: bool = False) -> Any:
        return np.asarray(array)[()]


def gradient_descent(
    risk: QuadraticRisk, start: ArrayLike, step_size: ArrayLike, steps: ArrayLike, lam: ArrayLike = 0.0
) -> Trajectory:
    """Iterates of gradient descent on R(theta) + (lam/2) ||theta||^2, in closed form.

    theta_{k+1} = theta_k - alpha (grad R(theta_k) + lam theta_k) = (1 - alpha lam) theta_k - alpha grad R(theta_k).
    Along eigenvector i, with f = 1 - alpha (sigma_i + lam) and z for the eigencomponents of theta,

        z_k = f^k z_0 + (1 - f^k) sigma_i / (sigma_i + lam) zhat,

    and z_k = z_0 where sigma_i and lam are 0.

    Parameters
    ----------
    risk : QuadraticRisk
        Quadratic risk in p parameters.
    start : array_like of shape (p,) or (..., p)
        theta_0; several starts are broadcast against `step_size` and `lam`.
    step_size : float or array_like
        alpha > 0. Above `stability_bound` the run diverges: its exact values are returned, with `.diverges` True.
    steps : int or array_like of shape (T,) of ints
        An integer asks for all of theta_0, ..., theta_steps, so that T = steps + 1; a sequence for those numbers of
        steps only, in any order, at a cost that does not depend on their size.
    lam : float or array_like, default 0
        Penalty strength, >= 0. `lam` and `step_size` broadcast against each other: `lam` of shape (L,) gives L runs,
        with `step_size` of shape (A, 1) one gets A times L.

    Returns
    -------
    Trajectory of shape (T, p), or (..., T, p) with the broadcast shape of `lam`, `step_size` and the starts in front
        An ndarray with one more attribute, `diverges`. Values beyond the largest float are infinite.

    Raises
    ------
    ValueError
        If an argument has the wrong shape, is not finite, or is outside its range.
    TypeError
        If `steps` does not hold integers, or an argument is not real.

    References
    ----------
    Goodfellow, Bengio, Courville (2016), Deep Learning, sections 7.1.1 and 7.8.

    Examples
    --------
    >>> import wdmath
    >>> risk = wdmath.QuadraticRisk([[2.0, 0.0], [0.0, 1.0]], [1.0, 3.0])
    >>> wdmath.gradient_descent(risk, [0.0, 0.0], step_size=0.25, steps=2, lam=1.0).tolist()
    [[0.0, 0.0], [0.5, 0.75], [0.625, 1.125]]
    >>> wdmath.gradient_descent(risk, [0.0, 0.0], 0.25, [10**9], lam=[0.0, 1.0]).round(12).tolist()
    [[[1.0, 3.0]], [[0.666666666667, 1.5]]]
    """
    alpha, lam = _strength(step_size, "step_size", positive=True), _strength(lam, "lam")
    numbers = step_counts(steps, each=max(np.size(alpha), np.size(lam)))
    consecutive = _all_numbers(steps)
    begin = _in_eigenbasis(risk, start, step_size=alpha, lam=lam)
    if len(numbers) > FEW:
        require_room_for_points(
            len(numbers) - 1, np.broadcast(begin.eigenvalues, begin.component, alpha, lam).size
        )
    fastest = begin.fastest(alpha, lam)
    if fastest > 1.999 or _most(numbers, consecutive) > MANY_STEPS:
        begin = begin.exact()
    if fastest < SLOW and len(numbers) * begin.component.size < MANY and begin.slowest(alpha, lam) > TINY:
        return _slow_descent(begin, alpha, lam, numbers)
    with np.errstate(all="ignore"):
        factor = StepFactor(alpha, begin.eigenvalues, lam, begin.rests)
        rest = alpha * (begin.eigenvalues * begin.goal) / factor.rate
        if factor.unstable is not None:
            if consecutive and factor.rate.size * len(numbers) > MANY:
                power, change = factor.all_powers(len(numbers))
            else:
                power, change = factor.powers(_like_steps(numbers, rest))
            gap = begin.gap(lam)
            moving = factor.unstable & (gap != 0)
            # Far out, digits count from the point of rest, where a run may also stay.
            away = rest + np.where(moving, power * gap, 0.0)
            far = factor.unstable & (np.abs(change) > 0.5)
            components = np.where(far, away, power * begin.component - change * rest)
            points = _rotate_overflowing(risk, components)
            return _trajectory(points, begin.start, numbers, moving.any(axis=(0, 1)))
        if consecutive and max(rest.size, begin.component.size) * len(numbers) > MANY:
            points = _consecutive(begin, factor, rest, len(numbers))
            return _trajectory(points, begin.start, numbers)
        power, change = factor.powers(_like_steps(numbers, rest))
        components = power * begin.component
        components -= np.multiply(change, rest, out=change)
        return _trajectory(_rotate(risk, components), begin.start, numbers)


def _slow_descent(begin: _Begin, alpha: Array | float, lam: Array | float, numbers: Array) -> Trajectory:
    """Where no rate is near 0 or 1 there is nothing to look out for."""
    total = begin.eigenvalues + lam
    exponent = np.log1p(-alpha * total) * (numbers if total.ndim == 2 else _like_steps(numbers, total))
    change = np.expm1(exponent)
    components = np.exp(exponent, out=exponent) * begin.component
    components -= np.multiply(change, begin.eigenvalues * begin.goal / total, out=change)
    return _trajectory(_rotate(begin.risk, components), begin.start, numbers)


def gradient_flow(risk: QuadraticRisk, start: ArrayLike, times: ArrayLike, lam: ArrayLike = 0.0) -> Array:
    """Gradient flow on R(theta) + (lam/2) ||theta||^2 at the given times, in closed form.

    The solution of d theta / dt = -(grad R(theta) + lam theta), the limit of `gradient_descent` for step size -> 0 with
    t = alpha k. Along eigenvector i, with s = sigma_i + lam and z for the eigencomponents of theta,

        z(t) = exp(-s t) z_0 + (1 - exp(-s t)) / s sigma_i zhat.

    Parameters
    ----------
    risk : QuadraticRisk
        Quadratic risk in p parameters.
    start : array_like of shape (p,) or (..., p)
        theta(0); several starts are broadcast against `lam`.
    times : float or array_like of shape (T,)
        Times >= 0, in units of 1 / eigenvalue.
    lam : float or array_like, default 0
        Penalty strength, >= 0; its shape comes in front of the result's.

    Returns
    -------
    ndarray of shape (..., T, p), or (..., p) for one time

    Raises
    ------
    ValueError
        If an argument has the wrong shape, is not finite, or is negative.

    References
    ----------
    Ali, Kolter, Tibshirani (2019), A continuous-time view of early stopping for least squares, AISTATS.

    Examples
    --------
    >>> import wdmath
    >>> risk = wdmath.QuadraticRisk([[2.0, 0.0], [0.0, 0.0]], [1.0, 0.0])
    >>> wdmath.gradient_flow(risk, [0.0, 5.0], [0.0, 0.5, 50.0]).round(6).tolist()
    [[0.0, 5.0], [0.632121, 5.0], [1.0, 5.0]]
    """
    times = real_array(times, "times", ndim=(0, 1), nonnegative=True)
    lam = _strength(lam, "lam")
    begin = _in_eigenbasis(risk, start, lam=lam)
    if begin.fastest(_largest(times), lam) > MANY_STEPS:
        begin = begin.exact()
    with np.errstate(all="ignore"):
        total = begin.eigenvalues + lam
        time = _like_steps(times, total)
        exponent = total * time
        # Where nothing decays, the pull has acted for the whole time.
        reached = np.where(exponent < 1e-300, time, -np.expm1(-exponent) / np.where(total == 0, 1.0, total))
        pull = begin.eigenvalues * begin.goal
        points = _runs_first(_rotate(risk, np.exp(-exponent) * begin.component + reached * pull))
    return points if times.ndim else points[..., 0, :]


def heavy_ball(
    risk: QuadraticRisk,
    start: ArrayLike,
    step_size: ArrayLike,
    momentum: ArrayLike,
    steps: ArrayLike,
    lam: ArrayLike = 0.0,
) -> Trajectory:
    """Iterates of the heavy ball on R(theta) + (lam/2) ||theta||^2, from powers of one 2 x 2 matrix per eigenvector.

    v_{k+1} = beta v_k - alpha (grad R(theta_k) + lam theta_k),  theta_{k+1} = theta_k + v_{k+1},  v_0 = 0,

    which is PyTorch's SGD with `momentum=beta, dampening=0, weight_decay=lam` at a constant learning rate. Along
    eigenvector i the distance e from rest and the velocity v are multiplied by [[1 - x, beta], [-x, beta]] in each
    step, x = alpha (sigma_i + lam). Its powers are composed by doubling, so that the points are right to 1e-9 of
    themselves up to 1e9 steps, for motions near and beyond the stability bound too.

    Parameters
    ----------
    risk : QuadraticRisk
        Quadratic risk in p parameters.
    start : array_like of shape (p,) or (..., p)
        theta_0.
    step_size : float or array_like
        alpha > 0.
    momentum : float or array_like
        beta, 0 <= beta < 1. For 0 this is gradient descent.
    steps : int or array_like of shape (T,) of ints
        As in `gradient_descent`.
    lam : float or array_like, default 0
        Penalty strength, >= 0; `step_size`, `momentum`, `lam` and the starts broadcast against each other.

    Returns
    -------
    Trajectory of shape (..., T, p)
        An ndarray with one more attribute, `diverges`: whether alpha (sigma_max + lam) > 2 (1 + beta).

    Raises
    ------
    ValueError
        If an argument has the wrong shape, is not finite, or is outside its range.
    TypeError
        If `steps` does not hold integers, or an argument is not real.

    References
    ----------
    Polyak (1964), Some methods of speeding up the convergence of iteration methods, USSR Comp. Math. 4(5).
    Goh (2017), Why momentum really works, Distill.

    Examples
    --------
    >>> import wdmath
    >>> risk = wdmath.QuadraticRisk([[2.0, 0.0], [0.0, 1.0]], [1.0, 4.0])
    >>> wdmath.heavy_ball(risk, [0.0, 0.0], step_size=0.25, momentum=0.5, steps=2).tolist()
    [[0.0, 0.0], [0.5, 1.0], [1.0, 2.25]]
    """
    return _with_momentum(risk, start, step_size, momentum, steps, lam, nesterov=False)


def nesterov(
    risk: QuadraticRisk,
    start: ArrayLike,
    step_size: ArrayLike,
    momentum: ArrayLike,
    steps: ArrayLike,
    lam: ArrayLike = 0.0,
) -> Trajectory:
    """Iterates of Nesterov's method on R(theta) + (lam/2) ||theta||^2, from powers of one 2 x 2 matrix per eigenvector.

    With g_k = grad R(theta_k) + lam theta_k and v_0 = 0,

        v_{k+1} = beta v_k + g_k,    theta_{k+1} = theta_k - alpha (g_k + beta v_{k+1}),

    which is PyTorch's SGD with `momentum=beta, nesterov=True, weight_decay=lam` at a constant learning rate. These are
    the points at which gradients are taken: in the older notation phi_{k+1} = theta_k - alpha g_k,
    theta_{k+1} = phi_{k+1} + beta (phi_{k+1} - phi_k). Along eigenvector i the distance from rest follows the heavy
    ball's recursion with the friction beta (1 - x) instead of beta, x = alpha (sigma_i + lam).

    Parameters
    ----------
    risk : QuadraticRisk
        Quadratic risk in p parameters.
    start : array_like of shape (p,) or (..., p)
        theta_0.
    step_size : float or array_like
        alpha > 0.
    momentum : float or array_like
        beta, 0 <= beta < 1. For 0 this is gradient descent.
    steps : int or array_like of shape (T,) of ints
        As in `gradient_descent`.
    lam : float or array_like, default 0
        Penalty strength, >= 0; `step_size`, `momentum`, `lam` and the starts broadcast against each other.

    Returns
    -------
    Trajectory of shape (..., T, p)
        Right to 1e-9 of themselves up to 1e9 steps. `diverges` says whether
        alpha (sigma_max + lam) > 2 (1 + beta) / (1 + 2 beta).

    Raises
    ------
    ValueError
        If an argument has the wrong shape, is not finite, or is outside its range.
    TypeError
        If `steps` does not hold integers, or an argument is not real.

    References
    ----------
    Nesterov (1983), A method of solving a convex programming problem with convergence rate O(1/k^2), Soviet Math.
    Dokl. 27. Sutskever, Martens, Dahl, Hinton (2013), On the importance of initialization and momentum in deep
    learning, ICML.

    Examples
    --------
    >>> import wdmath
    >>> risk = wdmath.QuadraticRisk([[2.0, 0.0], [0.0, 1.0]], [1.0, 4.0])
    >>> wdmath.nesterov(risk, [0.0, 0.0], step_size=0.25, momentum=0.5, steps=2).tolist()
    [[0.0, 0.0], [0.75, 1.5], [1.0625, 2.6875]]
    """
    return _with_momentum(risk, start, step_size, momentum, steps, lam, nesterov=True)


def _with_momentum(
    risk: QuadraticRisk, start: Any, step_size: Any, momentum: Any, steps: Any, lam: Any, *, nesterov: bool
) -> Trajectory:
    alpha, lam = _strength(step_size, "step_size", positive=True), _strength(lam, "lam")
    numbers = step_counts(steps, each=max(np.size(alpha), np.size(lam)))
    beta = _momentum(momentum)
    begin = _in_eigenbasis(risk, start, step_size=alpha, momentum=beta, lam=lam)
    consecutive = _all_numbers(steps)
    most = _most(numbers, consecutive)
    if most > MANY_STEPS or begin.fastest(alpha, lam) > 1.3:
        begin = begin.exact()
    with np.errstate(all="ignore"):
        p, _, *runs = np.broadcast(begin.eigenvalues, begin.component, alpha, beta, lam).shape
        shape, points = (p, len(numbers), *runs), None
        require_room_for_points(len(numbers) - 1, p * math.prod(runs))
        if consecutive and math.prod(shape) <= FEW:
            points = _by_recursion(begin, alpha, beta, lam, shape, nesterov=nesterov)
        elif consecutive and len(numbers) <= SHORT and p * math.prod(runs) >= WIDE:
            points = _by_wide_recursion(begin, alpha, beta, lam, shape, nesterov=nesterov)
        if points is not None:
            return _trajectory(points, begin.start, numbers)
        total = begin.eigenvalues + lam
        # Where nothing pulls, a run rests where it is.
        rest = np.where(total > 0, begin.goal * (begin.eigenvalues / total), begin.component)
        gap = begin.gap(lam)
        components = np.empty((p, len(numbers), *runs))
        diverging = np.zeros(runs, dtype=bool)
        # Few directions at a time, so that intermediate results stay in the cache.
        size = max(LARGE // components[0].size, 1)
        for i in range(0, p, size):
            some = slice(i, i + size)
            rests = begin.rests if isinstance(begin.rests, float) else begin.rests[some]
            factors = MomentumFactors(
                alpha, begin.eigenvalues[some], lam, beta, nesterov=nesterov, most=most, rests=rests
            )
            points, moving = components[some], factors.unstable & (gap[some] != 0)
            diverging |= moving.any(axis=(0, 1))
            ordinary = most < LONG and not moving.any() and factors.oscillating_long() is None
            if consecutive and points.size > MANY and ordinary:
                block = min(max(_block(points[:, 0].size, len(numbers)), 32), len(numbers))
                factors.fill(points, begin.component[some], rest[some], gap[some], block)
                continue
            factor, change = factors.powers(numbers, consecutive=consecutive)
            near = begin.component[some] + change * gap[some]
            far = rest[some] + np.where(gap[some] != 0, factor * gap[some], 0.0)
            points[...] = np.where(np.abs(change) < 0.5, near, far)
        rotate = _rotate_overflowing if diverging.any() else _rotate_in_place
        return _trajectory(rotate(risk, components), begin.start, numbers, diverging)


def stability_bound(
    eigenvalues: ArrayLike, lam: ArrayLike = 0.0, momentum: ArrayLike = 0.0, *, nesterov: bool = False
) -> float | Array:
    """Largest step size for which gradient descent with weight decay does not diverge: 2 / (sigma_max + lam).

    Parameters
    ----------
    eigenvalues : array_like of shape (p,)
        Eigenvalues of the Hessian, >= 0 (up to rounding).
    lam : float or array_like, default 0
        Penalty strength, >= 0.
    momentum : float or array_like, default 0
        beta of the heavy ball, 0 <= beta < 1: its bound is 2 (1 + beta) / (sigma_max + lam).
    nesterov : bool, default False
        Nesterov's method instead: 2 (1 + beta) / (1 + 2 beta) / (sigma_max + lam).

    Returns
    -------
    float or ndarray
        One bound for each `lam` and `momentum`, rounded so that `diverges` is False for it; infinite where
        sigma_max + lam is 0. At the bound itself the component along the first eigenvector alternates for ever.

    Raises
    ------
    ValueError
        If an entry is negative or not finite, or `momentum` is not below 1.
    TypeError
        If an argument is not real, or `nesterov` is not True or False.

    References
    ----------
    Polyak (1964), Some methods of speeding up the convergence of iteration methods, USSR Comp. Math. 4(5).
    Lessard, Recht, Packard (2016), Analysis and design of optimization algorithms via integral quadratic constraints,
    SIAM J. Optim. 26.

    Examples
    --------
    >>> import wdmath
    >>> wdmath.stability_bound([3.0, 1.0], lam=1.0)
    0.5
    """
    largest = nonnegative_eigenvalues(eigenvalues).max()
    lam, beta = _strength(lam, "lam"), _momentum(momentum)
    pulls = 1 + 2 * beta if flag(nesterov, "nesterov") else 1.0
    with np.errstate(all="ignore"):
        bound = np.asarray(2 * (1 + beta) / pulls / (largest + lam))
        while (beyond := MomentumFactors(bound, largest, lam, beta, nesterov=nesterov).unstable).any():
            bound = np.where(beyond, np.nextafter(bound, 0.0), bound)
    return bound if bound.ndim else float(bound)


def diverges(
    eigenvalues: ArrayLike,
    step_size: ArrayLike,
    lam: ArrayLike = 0.0,
    momentum: ArrayLike = 0.0,
    *,
    nesterov: bool = False,
) -> bool | Array:
    """Whether gradient descent (or the heavy ball, or Nesterov's method) with this step size diverges.

    Parameters
    ----------
    eigenvalues : array_like of shape (p,)
        Eigenvalues of the Hessian, >= 0 (up to rounding).
    step_size : float or array_like
        alpha > 0.
    lam, momentum, nesterov
        As in `stability_bound`.

    Returns
    -------
    bool or ndarray of bool
        alpha (sigma_max + lam) > 2 (1 + beta), or 2 (1 + beta) / (1 + 2 beta) for Nesterov's method, for the numbers as
        they are, without rounding: whether the run diverges from almost every start.

    Raises
    ------
    ValueError
        If an argument is out of range or not finite.
    TypeError
        If an argument is not real, or `nesterov` is not True or False.

    References
    ----------
    Polyak (1964), Some methods of speeding up the convergence of iteration methods, USSR Comp. Math. 4(5).

    Examples
    --------
    >>> import wdmath
    >>> wdmath.diverges([3.0, 1.0], step_size=0.6, lam=[0.0, 1.0])
    array([False,  True])
    """
    largest = nonnegative_eigenvalues(eigenvalues).max()
    alpha, lam = _strength(step_size, "step_size", positive=True), _strength(lam, "lam")
    nesterov = flag(nesterov, "nesterov")
    with np.errstate(all="ignore"):
        answer = MomentumFactors(alpha, largest, lam, _momentum(momentum), nesterov=nesterov).unstable
    return answer if answer.ndim else bool(answer)


@dataclass(frozen=True, eq=False, repr=False)
class WeightDecaySteps(Value):
    """Gradient steps with weight decay, each in two halves.

    Attributes
    ----------
    points : ndarray of shape (T + 1, p)
        theta_0, ..., theta_T.
    shrunk : ndarray of shape (T, p)
        shrunk[k] = (1 - alpha lam) points[k], halfway between points[k] and points[k + 1].
    """

    points: Array
    shrunk: Array


def weight_decay_steps(
    gradient: Gradient, start: ArrayLike, step_size: float, steps: int, lam: float
) -> WeightDecaySteps:
    """Gradient descent with weight decay as split steps: shrink, then follow the unregularized gradient.

        shrunk_k    = (1 - alpha lam) theta_k
        theta_{k+1} = shrunk_k - alpha grad R(theta_k),

    which together is one step of gradient descent on R(theta) + (lam/2) ||theta||^2.

    Parameters
    ----------
    gradient : QuadraticRisk, MinibatchGradient, object with a method gradient, or callable
        Gives grad R(theta), of shape (p,), for theta of shape (p,).
    start : array_like of shape (p,)
        theta_0.
    step_size : float
        alpha > 0.
    steps : int
        Number of steps T >= 0.
    lam : float
        Penalty strength, >= 0.

    Returns
    -------
    WeightDecaySteps
        `.points` of shape (T + 1, p) and `.shrunk` of shape (T, p). A run that diverges goes on to its end.

    Raises
    ------
    ValueError
        If an argument is out of range, or the gradient has the wrong shape.
    TypeError
        If `gradient` is not callable, or `steps` is not an integer.

    References
    ----------
    Hanson, Pratt (1988), Comparing biases for minimal network construction with back-propagation, NIPS.

    Examples
    --------
    >>> import wdmath
    >>> risk = wdmath.QuadraticRisk([[2.0, 0.0], [0.0, 1.0]], [1.0, 3.0])
    >>> run = wdmath.weight_decay_steps(risk, [0.0, 4.0], step_size=0.25, steps=2, lam=1.0)
    >>> run.points.tolist()
    [[0.0, 4.0], [0.5, 2.75], [0.625, 2.125]]
    >>> run.shrunk.tolist()
    [[0.0, 3.0], [0.375, 2.0625]]
    """
    start = real_array(start, "start", ndim=1)
    slope = gradient_function(gradient, start.size)
    alpha = real_number(step_size, "step_size", positive=True)
    lam = real_number(lam, "lam", nonnegative=True)
    steps = count(steps, "steps")
    remedy = "take fewer steps, or gradient_descent for some of them"
    require_room(f"the points after 0 to {steps} steps", 2 * steps * start.size, remedy)
    points, shrunk = np.empty((steps + 1, start.size)), np.empty((steps, start.size))
    points[0] = start
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(steps):
            shrunk[k] = (1 - alpha * lam) * points[k]
            points[k + 1] = shrunk[k] - alpha * slope(points[k], k)
    return WeightDecaySteps(points, shrunk)


class _Begin(NamedTuple):
    """Where runs begin. The first axis is that of the directions, the second that of the steps, then those of the runs.

    There are as many of the latter as `start` and the strengths need, so that strengths broadcast as they are.
    `component` and `goal` are eigencomponents of the start and of the minimizer; `rests` has further digits of the
    eigenvalues.
    """

    risk: QuadraticRisk
    start: Array
    component: Array
    eigenvalues: Array
    goal: Array
    rests: Array | float = 0.0

    def fastest(self, step_size: Array | float, lam: Array | float) -> float:
        """At least as large as all rates."""
        return _largest(step_size) * (float(self.risk.eigenvalues[0]) + _largest(lam))

    def slowest(self, step_size: Array | float, lam: Array | float) -> float:
        """At most as large as all rates."""
        return _smallest(step_size) * (float(self.risk.eigenvalues[-1]) + _smallest(lam))

    def exact(self) -> _Begin:
        """With 32 digits of the eigenvalues."""
        rests = self.risk._eigenvalue_rests.reshape(self.eigenvalues.shape)
        eigenvalues = self.eigenvalues + rests
        return self._replace(eigenvalues=eigenvalues, rests=rests - (eigenvalues - self.eigenvalues))

    def gap(self, lam: Array | float) -> Array:
        """Eigencomponents of the distance from rest: 0 wherever it is exactly 0."""
        # (sigma (start - minimizer) + lam start) / (sigma + lam)
        p, _, *runs = self.start.shape
        offset = self.start.reshape(p, -1) - self.risk.minimizer[:, None]
        away = self.risk.eigenvectors.T.dot(offset).reshape(p, 1, *runs)
        first, first_rest = two_product(self.eigenvalues, away)
        second, second_rest = two_product(np.asarray(lam), self.component)
        push, rest = two_sum(first, second)
        rest = rest + first_rest + second_rest
        total = self.eigenvalues + lam
        gap = (push + np.where(np.isfinite(rest), rest, 0.0)) / total
        return np.where(total > 0, gap, 0.0)


def _in_eigenbasis(risk: QuadraticRisk, start: Any, **strengths: Array | float) -> _Begin:
    require_risk(risk)
    start = real_array(start, "start")
    if start.ndim == 0 or start.shape[-1] != risk.dimension:
        raise ValueError(f"start must have shape (..., {risk.dimension}), got {start.shape}: {shown(start)}")
    component = start.dot(risk.eigenvectors)
    eigenvalues, goal = risk.eigenvalues, risk.minimizer_components
    shapes = {name: np.shape(strength) for name, strength in strengths.items() if type(strength) is not float}
    if start.ndim == 1 and not shapes:
        return _Begin(risk, start[:, None], component[:, None], eigenvalues[:, None], goal[:, None])
    if start.ndim > 1:
        shapes["start"] = start.shape[:-1]
    ndim = len(runs_shape(**shapes))
    runs = (-1, *(1,) * (ndim - start.ndim + 2), *start.shape[:-1])
    first = (start.ndim - 1, *range(start.ndim - 1))
    start, component = start.transpose(first).reshape(runs), component.transpose(first).reshape(runs)
    flat = (-1, *(1,) * (ndim + 1))
    return _Begin(risk, start, component, eigenvalues.reshape(flat), goal.reshape(flat))


def _by_recursion(
    begin: _Begin,
    alpha: Array | float,
    beta: Array | float,
    lam: Array | float,
    shape: tuple[int, ...],
    *,
    nesterov: bool,
) -> Array | None:
    """Points of a few short runs with momentum, by the recursion itself; None where it needs more digits of a rate."""
    p, length, *runs = shape
    given = begin.eigenvalues, begin.goal, begin.component, alpha, lam, beta
    columns = (
        repeat(part) if type(part) is float else np.broadcast_to(part, (p, 1, *runs)).ravel().tolist()
        for part in given
    )
    rows = []
    for sigma, goal, z, a, penalty, b in zip(*columns):  # noqa: B905 - some of them repeat for ever
        x, pull = a * (sigma + penalty), a * sigma * goal
        kept, friction = 1 - x, b * (1 - x) if nesterov else b
        if x > 1.99 * (1 + b) / (1 + 2 * b if nesterov else 1) or abs(kept) < 0.01:
            return None
        # Friction times velocity.
        w = b * (pull - x * z) if nesterov else 0.0
        row = [z]
        for _ in range(length - 1):
            move = w + (pull - x * z)
            z += move
            w = friction * move
            row.append(z)
        rows.append(row)
    components = np.array(rows).reshape(p, *runs, length)
    return _rotate(begin.risk, np.moveaxis(components, -1, 1) if runs else components)


def _by_wide_recursion(
    begin: _Begin,
    alpha: Array | float,
    beta: Array | float,
    lam: Array | float,
    shape: tuple[int, ...],
    *,
    nesterov: bool,
) -> Array | None:
    """The same of many short runs."""
    x, tail = rate_and_tail(alpha, begin.eigenvalues, lam, begin.rests)
    if not (x < 1.99 * (1 + beta) / (1 + 2 * beta if nesterov else 1)).all():
        return None
    kept = (1 - x) - tail
    friction = beta * kept if nesterov else beta
    turn, pull = kept + friction, alpha * (begin.eigenvalues * begin.goal)
    first = kept * begin.component + pull
    if nesterov:
        first += beta * (pull - x * begin.component)
    scratch = np.empty((shape[0], 1, *shape[2:]))

    def advance(before: Array, last: Array, out: Array, k: int) -> None:
        if k == 1:
            out[...] = first
            return
        np.multiply(before, friction, out=scratch)
        np.multiply(last, turn, out=out)
        np.subtract(out, scratch, out=out)
        np.add(out, pull, out=out)

    return _step_by_step(begin, shape, advance)


def _step_by_step(
    begin: _Begin, shape: tuple[int, ...], advance: Callable[[Array, Array, Array, int], None]
) -> Array:
    """Points of shape (p, T, ...) from components that `advance` takes a step further.

    It is given those before the last, the last ones, where to write the next ones, and their number. A few steps at a
    time are rotated, as long as they are in the cache.
    """
    p, length, *runs = shape
    size = math.prod(runs)
    group = min(max(CACHED // (p * size), 64 // size, 3), length)
    points, components = np.empty((p, length * size)), np.empty((p, group, *runs))
    components[:, :1] = begin.component
    steps = [components[:, j : j + 1] for j in range(group)]
    before = last = steps[0]
    for start in range(0, length, group):
        number = min(group, length - start)
        for j in range(not start, number):
            advance(before, last, steps[j], start + j)
            before, last = last, steps[j]
        some = components[:, :number].reshape(p, -1)
        np.matmul(begin.risk.eigenvectors, some, out=points[:, start * size : (start + number) * size])
    return points.reshape(shape)


def _block(size: int, length: int) -> int:
    """How many steps of `size` numbers are a block that stays in the cache."""
    block = 2
    while block < length and block * size < CACHED:
        block *= 2
    return min(block, length)


def _consecutive(begin: _Begin, factor: StepFactor, rest: Array, length: int) -> Array:
    """Points after 0, ..., length - 1 steps, at two operations a number instead of two transcendentals.

    The first steps of all runs are moved on as one block that stays in the cache. Little memory is used beside the
    result: fresh pages would cost more than the arithmetic.
    """
    start, Q = begin.component, begin.risk.eigenvectors
    p, _, *runs = np.broadcast_shapes(start.shape, rest.shape)
    size = math.prod(runs)
    if p * size >= WIDER:
        power, change = next(factor.multiples(1, 2))[1:]
        pull = change * rest

        def advance(before: Array, last: Array, out: Array, k: int) -> None:
            if k % AGAIN:
                np.multiply(last, power, out=out)
                np.subtract(out, pull, out=out)
            else:
                _, kept, moved = next(factor.multiples(k, k + 1))
                np.subtract(kept * start, moved * rest, out=out)

        return _step_by_step(begin, (p, length, *runs), advance)
    # The rotation is quick for many columns at a time.
    block = max(_block(p * size, length), min(64 // size, length))
    first = np.empty((p, block, *runs))
    first[:, :1] = start
    for known, power, change in factor.doubled(block):
        more = first[:, known : 2 * known]
        np.multiply(first[:, : more.shape[1]], power, out=more)
        more -= change * rest
    points = np.empty((p, length * size))
    np.matmul(Q, first.reshape(p, -1), out=points[:, : block * size])
    moved = np.empty_like(first)
    for offset, power, change in factor.multiples(block, length):
        more = moved[:, : length - offset]
        np.multiply(first[:, : more.shape[1]], power, out=more)
        more -= change * rest
        np.matmul(Q, more.reshape(p, -1), out=points[:, offset * size : (offset + block) * size])
    return points.reshape(p, length, *runs)


def _largest(numbers: Array | float) -> float:
    return numbers if type(numbers) is float else float(numbers.max())  # type: ignore[union-attr]


def _smallest(numbers: Array | float) -> float:
    return numbers if type(numbers) is float else float(numbers.min())  # type: ignore[union-attr]


def _most(numbers: Array, consecutive: bool) -> int:
    return len(numbers) - 1 if consecutive else int(numbers.max())


def _all_numbers(steps: Any) -> bool:
    """Whether all points up to a number of steps are wanted."""
    return isinstance(steps, int) or np.ndim(steps) == 0


def _like_steps(values: Array, like: Array) -> Array:
    """A vector along the axis of the steps, as floats."""
    return values.astype(np.float64).reshape(-1, *(1,) * (like.ndim - 2))


def _rotate(risk: QuadraticRisk, components: Array) -> Array:
    """Q times the eigencomponents."""
    if components.ndim == 2:
        return risk.eigenvectors.dot(components)
    return risk.eigenvectors.dot(components.reshape(len(components), -1)).reshape(components.shape)


def _rotate_in_place(risk: QuadraticRisk, components: Array) -> Array:
    """The same, without fresh memory, which would cost more than the arithmetic."""
    flat = components.reshape(len(components), -1)
    size = max(CACHED // len(flat), 64)
    for i in range(0, flat.shape[1], size):
        some = flat[:, i : i + size]
        some[...] = risk.eigenvectors.dot(some)
    return components


def _rotate_overflowing(risk: QuadraticRisk, components: Array) -> Array:
    """The same for components that may be infinite: no inf - inf and no 0 * inf."""
    infinite = np.isinf(components)
    if not infinite.any():
        return _rotate(risk, components)
    finite = _rotate(risk, np.where(infinite, 0.0, components))
    signs = _rotate(risk, np.where(infinite, np.sign(components), 0.0))
    return np.where(signs == 0, finite, np.copysign(np.inf, signs))


def _runs_first(points: Array) -> Array:
    """From (p, T, ...) to (..., T, p)."""
    return points.T if points.ndim == 2 else points.transpose(*range(2, points.ndim), 1, 0)


def _strength(value: Any, name: str, *, positive: bool = False) -> Array | float:
    """One number as a float, or an array of them."""
    if type(value) is float:
        return real_number(value, name, positive=positive, nonnegative=True)
    array = real_array(value, name, positive=positive, nonnegative=True)
    return array if array.ndim else float(array)


def _momentum(momentum: Any) -> Array | float:
    beta = _strength(momentum, "momentum")
    if not np.max(beta) < 1:
        raise ValueError(f"momentum must be < 1, got {shown(momentum)}")
    return beta


def _trajectory(points: Array, start: Array, numbers: Array, diverging: Array | None = None) -> Trajectory:
    """The run as users see it; after no step exactly the start, which rotating there and back would touch."""
    if numbers[0] == 0:
        points[:, :1] = start
    run = _runs_first(points).view(Trajectory)
    if run.ndim == 2:
        run.diverges = diverging is not None and bool(diverging)
    else:
        run.diverges = frozen(np.zeros(run.shape[:-2], dtype=bool) if diverging is None else diverging)
    return run
