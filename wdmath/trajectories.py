"""Where gradient descent, gradient flow and heavy ball are after any number of steps, without taking the steps.

On a quadratic risk with penalty (lam/2) ||theta||^2 every eigencomponent moves on its own, so a trajectory is a closed
form in the number of steps. `weight_decay_steps` takes the steps one by one, for any gradient, each split into its
two halves: shrink towards the origin, then follow the unregularized gradient.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from wdmath._step_factors import StepFactor
from wdmath._validation import Array, count, real_array, real_number, runs_shape, shown, step_counts
from wdmath.gradients import Gradient, gradient_function
from wdmath.risk import QuadraticRisk, require_risk

__all__ = [
    "Trajectory",
    "WeightDecaySteps",
    "diverges",
    "gradient_descent",
    "gradient_flow",
    "heavy_ball",
    "stability_bound",
    "weight_decay_steps",
]


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
    numbers = step_counts(steps)
    alpha, lam = _strength(step_size, "step_size", positive=True), _strength(lam, "lam")
    start, component, eigenvalues, target = _in_eigenbasis(risk, start, step_size=alpha, lam=lam)
    with np.errstate(all="ignore"):
        factor = StepFactor(alpha, eigenvalues, lam)
        rest = alpha * target / factor.rate
        if factor.unstable is not None:
            power, change = factor.powers(_like_steps(numbers, rest))
            # Far out, digits count from the point of rest, where a run may also stay.
            far = factor.unstable & (np.abs(change) > 0.5)
            moving = factor.unstable & (component != rest)
            away = rest + np.where(moving, power * (component - rest), 0.0)
            components = np.where(far, away, power * component - change * rest)
            return _trajectory(_rotate_overflowing(risk, components), start, numbers, moving.any(axis=(0, 1)))
        if rest.ndim > 2 and not hasattr(steps, "__len__"):
            return _trajectory(_consecutive(risk, component, factor, rest, len(numbers)), start, numbers)
        power, change = factor.powers(_like_steps(numbers, rest))
        power *= component
        change *= rest
        power -= change
        return _trajectory(_rotate(risk, power), start, numbers)


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
    _, component, eigenvalues, target = _in_eigenbasis(risk, start, lam=lam)
    with np.errstate(all="ignore"):
        total = eigenvalues + lam
        time = _like_steps(times, total)
        exponent = total * time
        # Where nothing decays, the pull has acted for the whole time.
        reached = np.where(exponent < 1e-300, time, -np.expm1(-exponent) / np.where(total == 0, 1.0, total))
        points = _runs_first(_rotate(risk, np.exp(-exponent) * component + reached * target))
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
    step, x = alpha (sigma_i + lam). Its powers are composed by doubling, in a form that keeps all digits for small x.

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
    numbers = step_counts(steps)
    alpha, lam = _strength(step_size, "step_size", positive=True), _strength(lam, "lam")
    beta = _momentum(momentum)
    start, component, eigenvalues, target = _in_eigenbasis(
        risk, start, step_size=alpha, momentum=beta, lam=lam
    )
    with np.errstate(all="ignore"):
        rate, beta = np.broadcast_arrays(alpha * (eigenvalues + lam), beta)
        along = _like_steps(numbers, rate)
        kept, reached = _heavy_ball_powers(rate, beta, along.astype(np.int64))
        # A run diverges along a negative root of the 2 x 2 matrix, so signs alternate beyond the largest float too.
        kept = np.where(np.isfinite(kept), kept, np.where(along % 2 == 0, np.inf, -np.inf))
        unstable = rate > 2 * (1 + beta)
        rest = target / np.where(unstable, eigenvalues + lam, 1.0)
        moving = unstable & (component != rest)
        away = rest + np.where(moving, kept * (component - rest), 0.0)
        components = np.where(unstable, away, kept * component + reached * (alpha * target))
        return _trajectory(_rotate_overflowing(risk, components), start, numbers, moving.any(axis=(0, 1)))


def stability_bound(eigenvalues: ArrayLike, lam: ArrayLike = 0.0, momentum: ArrayLike = 0.0) -> float | Array:
    """Step size up to which gradient descent with weight decay does not diverge: 2 / (sigma_max + lam).

    Parameters
    ----------
    eigenvalues : array_like of shape (p,)
        Eigenvalues of the Hessian, >= 0.
    lam : float or array_like, default 0
        Penalty strength, >= 0.
    momentum : float or array_like, default 0
        beta of the heavy ball, 0 <= beta < 1: its bound is 2 (1 + beta) / (sigma_max + lam).

    Returns
    -------
    float or ndarray
        One bound for each `lam` and `momentum`; infinite where sigma_max + lam is 0. At the bound itself the component
        along the first eigenvector alternates for ever.

    Raises
    ------
    ValueError
        If an entry is negative or not finite, or `momentum` is not below 1.

    References
    ----------
    Polyak (1964), Some methods of speeding up the convergence of iteration methods, USSR Comp. Math. 4(5).

    Examples
    --------
    >>> import wdmath
    >>> wdmath.stability_bound([3.0, 1.0], lam=1.0)
    0.5
    """
    eigenvalues = real_array(eigenvalues, "eigenvalues", ndim=1, nonnegative=True)
    lam, beta = _strength(lam, "lam"), _momentum(momentum)
    with np.errstate(divide="ignore", over="ignore"):
        bound = 2 * (1 + beta) / (eigenvalues.max() + lam)
    return bound if np.ndim(bound) else float(bound)


def diverges(
    eigenvalues: ArrayLike, step_size: ArrayLike, lam: ArrayLike = 0.0, momentum: ArrayLike = 0.0
) -> bool | Array:
    """Whether gradient descent (or the heavy ball) with this step size diverges from almost every start.

    Parameters
    ----------
    eigenvalues : array_like of shape (p,)
        Eigenvalues of the Hessian, >= 0.
    step_size : float or array_like
        alpha > 0.
    lam, momentum : float or array_like, default 0
        As in `stability_bound`.

    Returns
    -------
    bool or ndarray of bool
        alpha (sigma_max + lam) > 2 (1 + beta).

    Raises
    ------
    ValueError
        If an argument is out of range or not finite.

    References
    ----------
    Polyak (1964), Some methods of speeding up the convergence of iteration methods, USSR Comp. Math. 4(5).

    Examples
    --------
    >>> import wdmath
    >>> wdmath.diverges([3.0, 1.0], step_size=0.6, lam=[0.0, 1.0])
    array([False,  True])
    """
    eigenvalues = real_array(eigenvalues, "eigenvalues", ndim=1, nonnegative=True)
    alpha, lam = _strength(step_size, "step_size", positive=True), _strength(lam, "lam")
    with np.errstate(over="ignore", invalid="ignore"):
        answer = alpha * (eigenvalues.max() + lam) > 2 * (1 + _momentum(momentum))
    return answer if np.ndim(answer) else bool(answer)


@dataclass(frozen=True, eq=False)
class WeightDecaySteps:
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
    points, shrunk = np.empty((steps + 1, start.size)), np.empty((steps, start.size))
    points[0] = start
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(steps):
            shrunk[k] = (1 - alpha * lam) * points[k]
            points[k + 1] = shrunk[k] - alpha * slope(points[k], k)
    return WeightDecaySteps(points, shrunk)


def _heavy_ball_powers(rate: Array, beta: Array, steps: Array) -> tuple[Array, Array]:
    """Share of the start kept after each number of steps, and the response to a constant unit pull.

    The k-th power of [[1 - x, beta], [-x, beta]] is [[kept, beta kick], [-x kick, damped]], and kept = 1 - x reached.
    Two powers are composed by adding up positive terms wherever all of them are, `reached` first of all.
    """

    def compose(left: list[Array], right: list[Array]) -> list[Array]:
        kept, reached, kick, damped = left
        swing = beta * kick * right[2]
        both = reached + kept * right[1] + swing
        product = kept * right[0] - rate * swing
        # 1 - x reached is the better one as long as it has not cancelled.
        close = np.abs(rate * both) < 0.5
        return [
            np.where(close, 1 - rate * both, product),
            both,
            kick * right[0] + damped * right[2],
            damped * right[3] - rate * swing,
        ]

    one, zero = np.ones_like(rate), np.zeros_like(rate)
    result = [one, zero, zero, one]
    power = [1 - rate, one, one, beta]
    remaining = steps
    while True:
        longer = compose(power, result)
        odd = remaining % 2 == 1
        result = [np.where(odd, new, old) for new, old in zip(longer, result, strict=True)]
        remaining = remaining // 2
        if not remaining.any():
            return result[0], result[1]
        power = compose(power, power)


def _consecutive(risk: QuadraticRisk, start: Array, factor: StepFactor, rest: Array, length: int) -> Array:
    """Points after 0, ..., length - 1 steps of many runs, at two operations a number instead of two transcendentals.

    The first steps of all runs are moved on as one block that stays in the cache. Little memory is used beside the
    result: fresh pages would cost more than the arithmetic.
    """
    p, _, *runs = np.broadcast_shapes(start.shape, rest.shape)
    size = math.prod(runs)
    block = min(max(6400 // (p * size), 1), length)
    offsets = np.concatenate([np.arange(block), np.arange(block, length, block)])
    power, change = factor.powers(_like_steps(offsets, rest))
    change *= rest
    first = power[:, :block] * start
    first -= change[:, :block]
    points = np.empty((p, length * size))
    np.matmul(risk.eigenvectors, first.reshape(p, -1), out=points[:, : block * size])
    scratch = np.empty_like(first)
    for i, offset in enumerate(range(block, length, block), block):
        moved = scratch[:, : length - offset]
        np.multiply(first[:, : length - offset], power[:, i : i + 1], out=moved)
        moved -= change[:, i : i + 1]
        np.matmul(
            risk.eigenvectors, moved.reshape(p, -1), out=points[:, offset * size : (offset + block) * size]
        )
    return points.reshape(p, length, *runs)


def _in_eigenbasis(
    risk: QuadraticRisk, start: Any, **strengths: Array | float
) -> tuple[Array, Array, Array, Array]:
    """start, its eigencomponents, the eigenvalues and sigma zhat.

    In all computations the first axis is that of the directions, the second that of the steps. Behind them come the
    axes of the runs, as many as `start` and the strengths need, so that the strengths broadcast as they are.
    """
    require_risk(risk)
    start = real_array(start, "start")
    if start.ndim == 0 or start.shape[-1] != risk.dimension:
        raise ValueError(f"start must have shape (..., {risk.dimension}), got {start.shape}: {shown(start)}")
    component = start.dot(risk.eigenvectors)
    target = risk.eigenvalues * risk.minimizer_components
    shapes = {name: np.shape(strength) for name, strength in strengths.items() if type(strength) is not float}
    if start.ndim > 1:
        shapes["start"] = start.shape[:-1]
    if not shapes:
        return start[:, None], component[:, None], risk.eigenvalues[:, None], target[:, None]
    ndim = len(runs_shape(**shapes))
    runs = (-1, *(1,) * (ndim - start.ndim + 2), *start.shape[:-1])
    if start.ndim > 1:
        start, component = np.moveaxis(start, -1, 0), np.moveaxis(component, -1, 0)
    flat = (-1, *(1,) * (ndim + 1))
    return start.reshape(runs), component.reshape(runs), risk.eigenvalues.reshape(flat), target.reshape(flat)


def _like_steps(values: Array, like: Array) -> Array:
    """A vector along the axis of the steps, as floats."""
    return values.astype(np.float64).reshape(-1, *(1,) * (like.ndim - 2))


def _rotate(risk: QuadraticRisk, components: Array) -> Array:
    """Q times the eigencomponents."""
    if components.ndim == 2:
        return risk.eigenvectors.dot(components)
    return risk.eigenvectors.dot(components.reshape(len(components), -1)).reshape(components.shape)


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
        run.diverges = np.zeros(run.shape[:-2], dtype=bool) if diverging is None else diverging
    return run
