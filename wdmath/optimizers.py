"""Update rules of deep learning with weight decay, for many penalties at once, in PyTorch's conventions.

All runs advance together: theta has shape (..., p) with one row per penalty or step size, so that 200 penalties cost
little more than one. Every optimizer takes the gradient of the *unregularized* risk and adds the decay itself, coupled
(lam theta is added to the gradient) or decoupled (theta is multiplied by 1 - alpha lam).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from wdmath._validation import (
    EPS,
    Array,
    flag,
    integer_array,
    real_array,
    real_number,
    require_room_for_points,
    runs_shape,
    shown,
    step_counts,
)
from wdmath.gradients import Gradient, gradient_function

__all__ = ["adam_path", "adamw_path", "lion_path", "muon_path", "sgd_path"]

# So many numbers of the parameters, and of an optimizer's state, stay in the cache together.
CACHED = 16384
# From so many on, a call of BLAS costs less than what it saves.
BLAS = 2048

# Takes the gradient, the number of the step and the step size, and moves the parameters that it was made for.
Step = Callable[[Array, int, Any], None]
# Makes a Step from the parameters, which it will change, the decay, lam times the penalty weights, and two arrays like
# the parameters that every step may write to.
Rule = Callable[[Array, Any, Array], Step]


def sgd_path(
    gradient: Gradient,
    start: ArrayLike,
    step_size: ArrayLike,
    steps: ArrayLike,
    lam: ArrayLike = 0.0,
    *,
    momentum: float = 0.0,
    dampening: float = 0.0,
    nesterov: bool = False,
    decoupled: bool = False,
    schedule: ArrayLike | Callable[[int], float] | None = None,
    penalty_weights: ArrayLike | None = None,
    groups: ArrayLike | None = None,
) -> Array:
    """Iterates of (minibatch) SGD with weight decay, for all penalties at once.

    In the conventions of torch.optim.SGD with `lr=alpha, weight_decay=lam`, k = 1, 2, ...:

        g_k = grad R(theta_{k-1}) + lam theta_{k-1}
        v_k = g_1 for k = 1, mu v_{k-1} + (1 - dampening) g_k after
        theta_k = theta_{k-1} - alpha v_k              or, with nesterov, theta_{k-1} - alpha (g_k + mu v_k).

    Parameters
    ----------
    gradient : QuadraticRisk, MinibatchGradient, object with a method gradient or at_step, or callable
        Gives grad R(theta), without the penalty, for theta of shape (..., p), in the same shape: each row by itself. A
        function of one point of shape (p,) becomes one with `lambda theta: np.apply_along_axis(function, -1, theta)`;
        where there are as many runs as parameters, so that shapes do not tell, a function is called a few times more
        after the last step, to refuse one of columns. `at_step(theta, k)` is told the number of the step, 0, 1, ....
    start : array_like of shape (p,) or (..., p)
        theta_0; several starts broadcast against `lam` and `step_size`.
    step_size : float or array_like
        alpha > 0.
    steps : int or array_like of shape (T,) of ints
        An integer asks for all of theta_0, ..., theta_steps; a sequence for those numbers of steps only.
    lam : float or array_like, default 0
        Penalty strength, >= 0; broadcasts against `step_size`.
    momentum, dampening : float, default 0
        mu >= 0 and the dampening, 0 <= dampening <= 1.
    nesterov : bool, default False
        Needs momentum > 0 and dampening 0.
    decoupled : bool, default False
        Leave lam theta out of g_k and multiply theta_{k-1} by (1 - alpha lam) first instead (SGDW). Without momentum
        both are the same.
    schedule : array_like of shape (S,) or callable, optional
        Factors >= 0 of the step size, schedule[k] or schedule(k) for the step from theta_k to theta_{k+1}, as in
        PyTorch's LambdaLR; an array has one for every step. Decoupled decay, being alpha lam, changes with them.
    penalty_weights : array_like of shape (p,), optional
        Coefficient j has the penalty lam penalty_weights[j], for instance 0 for a bias. One entry for each group if
        `groups` is given.
    groups : array_like of p ints, optional
        The group (0, 1, ...) of each coefficient.

    Returns
    -------
    ndarray of shape (T, p), or (..., T, p) with the broadcast shape of `lam`, `step_size` and the starts in front

    Raises
    ------
    ValueError
        If an argument is out of range or of the wrong shape, or the gradient mixes rows that are different runs.
    TypeError
        If `gradient` is not callable, or `steps` does not hold integers.

    References
    ----------
    PyTorch documentation, torch.optim.SGD. Sutskever, Martens, Dahl, Hinton (2013), ICML. Loshchilov, Hutter (2019),
    Decoupled weight decay regularization, ICLR.

    Examples
    --------
    >>> import wdmath
    >>> risk = wdmath.QuadraticRisk([[2.0, 0.0], [0.0, 1.0]], [1.0, 3.0])
    >>> wdmath.sgd_path(risk, [0.0, 0.0], step_size=0.25, steps=2, lam=1.0).tolist()
    [[0.0, 0.0], [0.5, 0.75], [0.625, 1.125]]
    >>> wdmath.sgd_path(risk, [0.0, 0.0], 0.25, 2, 1.0, penalty_weights=[1.0, 0.0], schedule=[1.0, 0.5]).tolist()
    [[0.0, 0.0], [0.5, 0.75], [0.5625, 1.03125]]
    """
    momentum = real_number(momentum, "momentum", nonnegative=True)
    dampening = real_number(dampening, "dampening", nonnegative=True)
    if dampening > 1:
        raise ValueError(f"dampening must be <= 1, got {dampening!r}")
    nesterov, decoupled = flag(nesterov, "nesterov"), flag(decoupled, "decoupled")
    if nesterov and (momentum == 0 or dampening != 0):
        raise ValueError(
            f"nesterov needs momentum > 0 and dampening 0, got momentum {momentum!r} and dampening {dampening!r}"
        )

    def rule(theta: Array, decay: Any, scratches: Array) -> Step:
        # Without momentum both kinds of decay are the same, and shrinking is less work.
        decayed = _Decay(theta, decay, scratches[1], decoupled=decoupled or momentum == 0)
        velocity, scratch = np.empty_like(theta) if momentum else theta, scratches[0]

        def step(g: Array, k: int, alpha: Any) -> None:
            g = decayed(g, alpha)
            if momentum:
                if k == 0:
                    velocity[...] = g
                else:
                    _scale(velocity, momentum)
                    _add(velocity, g, 1 - dampening, scratch)
                if nesterov:
                    _add(theta, velocity, -alpha * momentum, scratch)
                else:
                    g = velocity
            _add(theta, g, -alpha, scratch)

        return step

    return _run(gradient, start, step_size, steps, lam, rule, schedule, penalty_weights, groups)


def adam_path(
    gradient: Gradient,
    start: ArrayLike,
    step_size: ArrayLike,
    steps: ArrayLike,
    lam: ArrayLike = 0.0,
    *,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    decoupled: bool = False,
    amsgrad: bool = False,
    schedule: ArrayLike | Callable[[int], float] | None = None,
    penalty_weights: ArrayLike | None = None,
    groups: ArrayLike | None = None,
) -> Array:
    """Iterates of Adam with an L2 penalty, or with decoupled decay (AdamW), for all penalties at once.

    In the conventions of torch.optim.Adam with `lr=alpha, weight_decay=lam`, k = 1, 2, ...:

        g_k = grad R(theta_{k-1}) + lam theta_{k-1}
        m_k = beta_1 m_{k-1} + (1 - beta_1) g_k,        v_k = beta_2 v_{k-1} + (1 - beta_2) g_k^2
        theta_k = theta_{k-1} - alpha / (1 - beta_1^k)  m_k / (sqrt(v_k / (1 - beta_2^k)) + eps).

    With `decoupled=True`, as in torch.optim.AdamW, lam theta is left out of g_k and theta_{k-1} is first multiplied by
    (1 - alpha lam) instead, so that the adaptive step cannot divide the decay away.

    Parameters
    ----------
    gradient, start, step_size, steps, lam, schedule, penalty_weights, groups
        As in `sgd_path`.
    betas : tuple of two floats, default (0.9, 0.999)
        Decay rates of the two running means, 0 <= beta < 1.
    eps : float, default 1e-8
        Added to the denominator, >= 0.
    decoupled : bool, default False
        AdamW instead of Adam with L2.
    amsgrad : bool, default False
        Take the largest of v_1, ..., v_k instead of v_k.

    Returns
    -------
    ndarray of shape (T, p), or (..., T, p) with the broadcast shape of `lam`, `step_size` and the starts in front

    Raises
    ------
    ValueError, TypeError
        As in `sgd_path`.

    References
    ----------
    Kingma, Ba (2015), Adam, ICLR. Loshchilov, Hutter (2019), Decoupled weight decay regularization, ICLR. Reddi, Kale,
    Kumar (2018), On the convergence of Adam and beyond, ICLR.

    Examples
    --------
    The first step of Adam has the length alpha in every coordinate, whatever the penalty; AdamW's shrinks first.

    >>> import wdmath
    >>> risk = wdmath.QuadraticRisk([[100.0, 0.0], [0.0, 1.0]], [0.0, 0.0])
    >>> wdmath.adam_path(risk, [1.0, 1.0], step_size=0.1, steps=[1], lam=[0.0, 2.0]).round(6).tolist()
    [[[0.9, 0.9]], [[0.9, 0.9]]]
    >>> wdmath.adamw_path(risk, [1.0, 1.0], step_size=0.1, steps=[1], lam=[0.0, 2.0]).round(6).tolist()
    [[[0.9, 0.9]], [[0.7, 0.7]]]
    """
    beta1, beta2 = _betas(betas)
    decoupled, amsgrad = flag(decoupled, "decoupled"), flag(amsgrad, "amsgrad")
    eps = real_number(eps, "eps", nonnegative=True)

    def rule(theta: Array, decay: Any, scratches: Array) -> Step:
        decayed = _Decay(theta, decay, scratches[1], decoupled=decoupled)
        # m / (1 - beta_1) and v / (1 - beta_2), which take one operation less.
        mean, square, scratch = np.zeros_like(theta), np.zeros_like(theta), scratches[0]
        largest = np.zeros_like(theta) if amsgrad else square

        def step(g: Array, k: int, alpha: Any) -> None:
            g = decayed(g, alpha)
            _scale(mean, beta1)
            _add(mean, g, 1.0, scratch)
            _scale(square, beta2)
            _add(square, np.multiply(g, g, out=scratch), 1.0, scratch)
            if amsgrad:
                np.maximum(largest, square, out=largest)
            unit = math.sqrt((1 - beta2) / (1 - beta2 ** (k + 1)))
            np.sqrt(largest, out=scratch)
            np.add(scratch, eps / unit, out=scratch)
            np.divide(mean, scratch, out=scratch)
            _add(theta, scratch, -alpha * ((1 - beta1) / (1 - beta1 ** (k + 1)) / unit), scratch)

        return step

    return _run(gradient, start, step_size, steps, lam, rule, schedule, penalty_weights, groups)


def adamw_path(
    gradient: Gradient,
    start: ArrayLike,
    step_size: ArrayLike,
    steps: ArrayLike,
    lam: ArrayLike = 0.0,
    *,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    amsgrad: bool = False,
    schedule: ArrayLike | Callable[[int], float] | None = None,
    penalty_weights: ArrayLike | None = None,
    groups: ArrayLike | None = None,
) -> Array:
    """Iterates of AdamW, for all penalties at once: `adam_path` with `decoupled=True`, which see.

    In the conventions of torch.optim.AdamW with `lr=alpha, weight_decay=lam`: theta is multiplied by
    (1 - alpha lam), then moved by Adam's step for the unregularized gradient.

    Parameters
    ----------
    gradient, start, step_size, steps, lam, betas, eps, amsgrad, schedule, penalty_weights, groups
        As in `adam_path`; PyTorch's default weight decay is 0.01, here it is 0.

    Returns
    -------
    ndarray of shape (T, p), or (..., T, p) with the broadcast shape of `lam`, `step_size` and the starts in front

    Raises
    ------
    ValueError, TypeError
        As in `adam_path`.

    References
    ----------
    Loshchilov, Hutter (2019), Decoupled weight decay regularization, ICLR.

    Examples
    --------
    >>> import wdmath
    >>> risk = wdmath.QuadraticRisk([[1.0, 0.0], [0.0, 0.0]], [0.0, 0.0])
    >>> wdmath.adamw_path(risk, [0.0, 1.0], step_size=0.5, steps=2, lam=1.0).tolist()
    [[0.0, 1.0], [0.0, 0.5], [0.0, 0.25]]
    """
    return adam_path(
        gradient,
        start,
        step_size,
        steps,
        lam,
        betas=betas,
        eps=eps,
        decoupled=True,
        amsgrad=amsgrad,
        schedule=schedule,
        penalty_weights=penalty_weights,
        groups=groups,
    )


def lion_path(
    gradient: Gradient,
    start: ArrayLike,
    step_size: ArrayLike,
    steps: ArrayLike,
    lam: ArrayLike = 0.0,
    *,
    betas: tuple[float, float] = (0.9, 0.99),
    schedule: ArrayLike | Callable[[int], float] | None = None,
    penalty_weights: ArrayLike | None = None,
    groups: ArrayLike | None = None,
) -> Array:
    """Iterates of Lion, or of sign descent, with decoupled weight decay, for all penalties at once.

        c_k = beta_1 m_{k-1} + (1 - beta_1) grad R(theta_{k-1})
        m_k = beta_2 m_{k-1} + (1 - beta_2) grad R(theta_{k-1})
        theta_k = (1 - alpha lam) theta_{k-1} - alpha sign(c_k)

    With `betas=(0, 0)` this is sign descent. No coordinate of an update is larger than alpha, so that the decay bounds
    the weights whatever the risk: where alpha lam <= 1, |theta_k| <= max(|theta_0|, 1 / lam) in every coordinate. Lion
    minimizes the risk within that box instead of risk plus penalty.

    Parameters
    ----------
    gradient, start, step_size, steps, lam, schedule, penalty_weights, groups
        As in `sgd_path`.
    betas : tuple of two floats, default (0.9, 0.99)
        Weights of the past in the update and in the running mean, 0 <= beta < 1.

    Returns
    -------
    ndarray of shape (T, p), or (..., T, p) with the broadcast shape of `lam`, `step_size` and the starts in front

    Raises
    ------
    ValueError, TypeError
        As in `sgd_path`.

    References
    ----------
    Chen et al. (2023), Symbolic discovery of optimization algorithms, NeurIPS. Chen, Liu, Liang, Liu (2024), Lion
    secretly solves constrained optimization, ICLR.

    Examples
    --------
    The minimizer (9, 0.5) is out of reach of lam = 1 in its first coordinate.

    >>> import wdmath
    >>> risk = wdmath.QuadraticRisk([[1.0, 0.0], [0.0, 1.0]], [9.0, 0.5])
    >>> wdmath.lion_path(risk, [0.0, 0.0], 2**-7, [2000], lam=1.0).round(2).tolist()
    [[1.0, 0.5]]
    """
    beta1, beta2 = _betas(betas)

    def rule(theta: Array, decay: Any, scratches: Array) -> Step:
        decayed = _Decay(theta, decay, scratches[1], decoupled=True)
        # m / (1 - beta_2); multiples of c have the same sign.
        mean, scratch, past = np.zeros_like(theta), scratches[0], beta1 * (1 - beta2) / (1 - beta1)

        def step(g: Array, k: int, alpha: Any) -> None:
            g = decayed(g, alpha)
            np.multiply(mean, past, out=scratch)
            np.add(scratch, g, out=scratch)
            _add(theta, np.sign(scratch, out=scratch), -alpha, scratch)
            _scale(mean, beta2)
            _add(mean, g, 1.0, scratch)

        return step

    return _run(gradient, start, step_size, steps, lam, rule, schedule, penalty_weights, groups)


def muon_path(
    gradient: Gradient,
    start: ArrayLike,
    step_size: ArrayLike,
    steps: ArrayLike,
    lam: ArrayLike = 0.0,
    *,
    shape: tuple[int, int],
    momentum: float = 0.95,
    nesterov: bool = True,
    schedule: ArrayLike | Callable[[int], float] | None = None,
) -> Array:
    """Iterates of Muon, whose updates are orthogonal matrices, with decoupled decay, for all penalties at once.

    With theta read as a matrix, row by row, k = 1, 2, ...:

        B_k = mu B_{k-1} + grad R(theta_{k-1}),    C_k = B_k, or grad R(theta_{k-1}) + mu B_k with nesterov
        theta_k = (1 - alpha lam) theta_{k-1} - alpha U V^T   for the singular value decomposition C_k = U S V^T.

    All singular values of an update are alpha, or 0 where those of C_k are, so that the decay bounds the spectral norm
    of the weights whatever the risk: where alpha lam <= 1, ||theta_k|| <= max(||theta_0||, 1 / lam). torch.optim.Muon
    approximates U V^T by a few steps of a polynomial iteration in bfloat16 and multiplies alpha by
    sqrt(max(1, rows / columns)).

    Parameters
    ----------
    gradient, start, step_size, steps, lam, schedule
        As in `sgd_path`, with p = rows x columns.
    shape : tuple of two ints
        Rows and columns of the matrix.
    momentum : float, default 0.95
        mu >= 0.
    nesterov : bool, default True

    Returns
    -------
    ndarray of shape (T, p), or (..., T, p) with the broadcast shape of `lam`, `step_size` and the starts in front

    Raises
    ------
    ValueError, TypeError
        As in `sgd_path`, or if p is not rows x columns.

    References
    ----------
    Jordan et al. (2024), Muon: an optimizer for hidden layers in neural networks. Chen, Li, Liu (2025), Muon optimizes
    under spectral norm constraints.

    Examples
    --------
    >>> import numpy as np
    >>> import wdmath
    >>> risk = wdmath.QuadraticRisk(np.eye(4), [9.0, 0.0, 0.0, 0.5])
    >>> wdmath.muon_path(risk, np.zeros(4), 2**-7, [2000], lam=1.0, shape=(2, 2), momentum=0.0).round(1).tolist()
    [[1.0, 0.0, 0.0, 0.5]]
    """
    momentum, nesterov = real_number(momentum, "momentum", nonnegative=True), flag(nesterov, "nesterov")
    rows, columns = integer_array(shape, "shape").tolist() if np.shape(shape) == (2,) else (0, 0)
    p = np.shape(start)[-1] if np.ndim(start) else 0
    if rows * columns != p:
        raise ValueError(
            f"shape must be rows and columns of a matrix of all {p} entries of theta, got {shown(shape)}"
        )

    def rule(theta: Array, decay: Any, scratches: Array) -> Step:
        decayed, buffer = _Decay(theta, decay, scratches[1], decoupled=True), np.zeros_like(theta)

        def step(g: Array, k: int, alpha: Any) -> None:
            g = decayed(g, alpha)
            np.add(np.multiply(buffer, momentum, out=buffer), g, out=buffer)
            direction = g + momentum * buffer if nesterov else buffer
            orthogonal = _orthogonal(direction.reshape(-1, rows, columns)).reshape(theta.shape)
            _add(theta, orthogonal, -alpha, scratches[0])

        return step

    return _run(gradient, start, step_size, steps, lam, rule, schedule, None, None, whole_rows=True)


class _Decay:
    """Shrinks the parameters, or adds the gradient of the penalty to another."""

    def __init__(self, theta: Array, decay: Any, scratch: Array, *, decoupled: bool) -> None:
        self._theta, self._decay, self._sum, self._decoupled = theta, decay, scratch, decoupled
        self._none = not np.any(decay)
        self._alpha: Any = None

    def __call__(self, g: Array, alpha: Any) -> Array:
        """The gradient that an optimizer is to follow."""
        if self._none:
            return g
        if self._decoupled:
            if alpha is not self._alpha:
                self._alpha, self._kept = alpha, 1 - alpha * self._decay
            _scale(self._theta, self._kept)
            return g
        np.multiply(self._theta, self._decay, out=self._sum)
        return np.add(self._sum, g, out=self._sum)


def _scale(array: Array, factor: Any) -> None:
    """Multiply in place."""
    if array.size < BLAS or type(factor) is not float:
        np.multiply(array, factor, out=array)
    else:
        from scipy.linalg.blas import dscal

        dscal(factor, array.reshape(-1))


def _add(array: Array, other: Array, factor: Any, scratch: Array) -> None:
    """array += factor other."""
    if array.size < BLAS or type(factor) is not float or other.dtype != np.float64:
        if type(factor) is not float or factor != 1:
            other = np.multiply(other, factor, out=scratch)
        np.add(array, other, out=array)
    else:
        from scipy.linalg.blas import daxpy

        daxpy(other.reshape(-1), array.reshape(-1), a=factor)


def _orthogonal(matrices: Array) -> Array:
    """U V^T of each matrix, without directions in which it is 0 up to rounding."""
    if not np.isfinite(matrices).all():
        return np.full_like(matrices, np.nan)
    U, s, Vt = np.linalg.svd(matrices, full_matrices=False)
    return (U * (s > max(matrices.shape[1:]) * EPS * s[:, :1])[:, None, :]) @ Vt


def _run(
    gradient: Any,
    start: Any,
    step_size: Any,
    steps: Any,
    lam: Any,
    rule: Rule,
    schedule: Any,
    penalty_weights: Any,
    groups: Any,
    *,
    whole_rows: bool = False,
) -> Array:
    """Take the steps and keep the ones asked for."""
    start = real_array(start, "start")
    if start.ndim == 0:
        raise ValueError(f"start must have shape (..., p), got (): {shown(start)}")
    p = start.shape[-1]
    slope = gradient_function(gradient, p)
    alpha = real_array(step_size, "step_size", positive=True)
    lam = real_array(lam, "lam", nonnegative=True)
    decay = lam[..., None] * _decay_weights(penalty_weights, groups, p)
    steps = step_counts(steps, each=start.size)
    last = int(steps.max())
    factor = _schedule(schedule, last)
    batch = runs_shape(start=start.shape[:-1], step_size=alpha.shape, lam=lam.shape)
    theta = np.array(np.broadcast_to(start, (*batch, p)), order="C")
    require_room_for_points(len(steps) - 1, theta.size)
    points = np.empty((len(steps), *theta.shape))
    wanted: dict[int, list[int]] = {}
    for row, number in enumerate(steps.tolist()):
        wanted.setdefault(number, []).append(row)
    pieces = _pieces(theta.reshape(-1, p), _flat(alpha[..., None], batch), _flat(decay, batch), whole_rows)
    scratches = np.empty((2, *pieces[0][1].shape))
    moves = [
        (where, rule(part, its_decay, scratches[:, : part.shape[0], : part.shape[1]]), its_alpha)
        for where, part, its_alpha, its_decay in pieces
    ]
    with np.errstate(all="ignore"):
        for k in range(last + 1):
            for row in wanted.get(k, ()):
                points[row] = theta
            if k < last:
                g = slope(theta, k).reshape(-1, p)
                for where, step, its_alpha in moves:
                    step(g[where], k, its_alpha if factor is None else its_alpha * factor(k))
        getattr(slope, "finish", lambda: None)()
    return np.moveaxis(points, 0, -2)


def _pieces(theta: Array, alpha: Any, decay: Any, whole_rows: bool) -> list[tuple[Any, Array, Any, Any]]:
    """Parts of (runs, p) that fit into the cache, and what of step size and decay belongs to them."""
    runs, p = theta.shape
    if theta.size <= 2 * CACHED:
        return [((), theta, alpha, decay)]
    columns = p if whole_rows else min(p, CACHED)
    rows = max(CACHED // columns, 1)
    parts = []
    for i in range(0, runs, rows):
        for j in range(0, p, columns):
            where = slice(i, i + rows), slice(j, j + columns)
            parts.append((where, theta[where], _part(alpha, where), _part(decay, where)))
    return parts


def _part(value: Any, where: tuple[slice, slice]) -> Any:
    """What belongs to a part of (runs, p) of an array that broadcasts against it."""
    if not isinstance(value, np.ndarray):
        return value
    return value[tuple(w if size > 1 else slice(None) for w, size in zip(where, value.shape, strict=True))]


def _flat(value: Array, batch: tuple[int, ...]) -> Any:
    """Of shape (runs, 1) or (runs, p), or with one row for all of them; a number if it is one."""
    if value.size == 1:
        return float(value.reshape(-1)[0])
    if value.ndim > 1 and any(size > 1 for size in value.shape[:-1]):
        value = np.broadcast_to(value, (*batch, value.shape[-1]))
    return np.ascontiguousarray(value.reshape(-1, value.shape[-1]))


def _decay_weights(weights: Any, groups: Any, p: int) -> Array:
    """Penalty weights of shape (p,), or (1,) if all are 1."""
    if groups is None:
        return (
            np.ones(1)
            if weights is None
            else real_array(weights, "penalty_weights", shape=(p,), nonnegative=True)
        )
    labels = integer_array(groups, "groups")
    if labels.shape != (p,):
        raise ValueError(f"groups must be {p} integers, one for each coefficient, got {shown(groups)}")
    if weights is None:
        raise ValueError("penalty_weights must be given with groups, one for each group, got None")
    weights = real_array(weights, "penalty_weights", ndim=1, nonnegative=True)
    if labels.max() >= weights.size:
        raise ValueError(
            f"penalty_weights must have one entry for each group, got {weights.size} for a group number {labels.max()}"
        )
    return weights[labels]


def _schedule(schedule: Any, last: int) -> Callable[[int], float] | None:
    """The factor of the step size in step k."""
    if schedule is None:
        return None
    if callable(schedule):
        return lambda k: real_number(schedule(k), f"schedule({k})", nonnegative=True)
    factors = real_array(schedule, "schedule", ndim=1, nonnegative=True, empty=last == 0)
    if factors.size < last:
        raise ValueError(f"schedule must have a factor for each of the {last} steps, got {factors.size}")
    return factors.tolist().__getitem__


def _betas(betas: Any) -> tuple[float, float]:
    values = real_array(betas, "betas", shape=(2,), nonnegative=True)
    if not values.max() < 1:
        raise ValueError(f"betas must be < 1, got {shown(betas)}")
    return float(values[0]), float(values[1])
