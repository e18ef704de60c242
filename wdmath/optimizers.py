"""Minibatch SGD, Adam with an L2 penalty, and AdamW, for many penalties at once, in PyTorch's conventions.

All runs advance together: theta has shape (..., p) with one row per penalty or step size, so that 200 penalties cost
little more than one. Every optimizer takes the gradient of the *unregularized* risk and adds the decay itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from wdmath._validation import Array, flag, real_array, real_number, runs_shape, shown, step_counts
from wdmath.gradients import Gradient, gradient_function

__all__ = ["adam_path", "adamw_path", "sgd_path"]


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
) -> Array:
    """Iterates of (minibatch) SGD with weight decay, for all penalties at once.

    In the conventions of torch.optim.SGD with `lr=alpha, weight_decay=lam`, k = 1, 2, ...:

        g_k = grad R(theta_{k-1}) + lam theta_{k-1}
        v_k = g_1 for k = 1, mu v_{k-1} + (1 - dampening) g_k after
        theta_k = theta_{k-1} - alpha v_k              or, with nesterov, theta_{k-1} - alpha (g_k + mu v_k).

    Parameters
    ----------
    gradient : QuadraticRisk, MinibatchGradient, object with a method gradient, or callable
        Gives grad R(theta), without the penalty, for theta of shape (..., p), in the same shape.
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

    Returns
    -------
    ndarray of shape (T, p), or (..., T, p) with the broadcast shape of `lam`, `step_size` and the starts in front

    Raises
    ------
    ValueError
        If an argument is out of range or of the wrong shape.
    TypeError
        If `gradient` is not callable, or `steps` does not hold integers.

    References
    ----------
    PyTorch documentation, torch.optim.SGD. Sutskever, Martens, Dahl, Hinton (2013), ICML.

    Examples
    --------
    >>> import wdmath
    >>> risk = wdmath.QuadraticRisk([[2.0, 0.0], [0.0, 1.0]], [1.0, 3.0])
    >>> wdmath.sgd_path(risk, [0.0, 0.0], step_size=0.25, steps=2, lam=1.0).tolist()
    [[0.0, 0.0], [0.5, 0.75], [0.625, 1.125]]
    """
    momentum = real_number(momentum, "momentum", nonnegative=True)
    dampening = real_number(dampening, "dampening", nonnegative=True)
    if dampening > 1:
        raise ValueError(f"dampening must be <= 1, got {dampening!r}")
    nesterov = flag(nesterov, "nesterov")
    if nesterov and (momentum == 0 or dampening != 0):
        raise ValueError(
            f"nesterov needs momentum > 0 and dampening 0, got momentum {momentum!r} and dampening {dampening!r}"
        )

    def update(theta: Array, alpha: Array, decay: Array) -> Callable[[Array, int], None]:
        velocity, scratch = np.empty_like(theta), np.empty_like(theta)

        def step(g: Array, k: int) -> None:
            np.multiply(theta, decay, out=scratch)
            g = np.add(g, scratch, out=scratch)
            if momentum:
                if k == 0:
                    velocity[...] = g
                else:
                    np.multiply(velocity, momentum, out=velocity)
                    np.add(velocity, (1 - dampening) * g, out=velocity)
                g = np.add(g, momentum * velocity, out=scratch) if nesterov else velocity
            np.subtract(theta, alpha * g, out=theta)

        return step

    return _run(gradient, start, step_size, steps, lam, update)


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
    gradient : QuadraticRisk, MinibatchGradient, object with a method gradient, or callable
        Gives grad R(theta), without the penalty, for theta of shape (..., p), in the same shape.
    start : array_like of shape (p,) or (..., p)
        theta_0; several starts broadcast against `lam` and `step_size`.
    step_size : float or array_like
        alpha > 0, the learning rate.
    steps : int or array_like of shape (T,) of ints
        An integer asks for all of theta_0, ..., theta_steps; a sequence for those numbers of steps only.
    lam : float or array_like, default 0
        Penalty strength, >= 0; broadcasts against `step_size`.
    betas : tuple of two floats, default (0.9, 0.999)
        Decay rates of the two running means, 0 <= beta < 1.
    eps : float, default 1e-8
        Added to the denominator, >= 0.
    decoupled : bool, default False
        AdamW instead of Adam with L2.

    Returns
    -------
    ndarray of shape (T, p), or (..., T, p) with the broadcast shape of `lam`, `step_size` and the starts in front

    Raises
    ------
    ValueError
        If an argument is out of range or of the wrong shape.
    TypeError
        If `gradient` is not callable, or `steps` does not hold integers.

    References
    ----------
    Kingma, Ba (2015), Adam, ICLR. Loshchilov, Hutter (2019), Decoupled weight decay regularization, ICLR.

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
    decoupled = flag(decoupled, "decoupled")
    eps = real_number(eps, "eps", nonnegative=True)

    def update(theta: Array, alpha: Array, decay: Array) -> Callable[[Array, int], None]:
        mean, square, scratch = np.zeros_like(theta), np.zeros_like(theta), np.empty_like(theta)
        kept = 1 - alpha * decay

        def step(g: Array, k: int) -> None:
            if decoupled:
                np.multiply(theta, kept, out=theta)
            else:
                g = g + np.multiply(theta, decay, out=scratch)
            np.multiply(g, 1 - beta1, out=scratch)
            np.multiply(mean, beta1, out=mean)
            np.add(mean, scratch, out=mean)
            np.multiply(g, g, out=scratch)
            np.multiply(scratch, 1 - beta2, out=scratch)
            np.multiply(square, beta2, out=square)
            np.add(square, scratch, out=square)
            np.sqrt(square, out=scratch)
            np.divide(scratch, np.sqrt(1 - beta2 ** (k + 1)), out=scratch)
            np.add(scratch, eps, out=scratch)
            np.divide(mean, scratch, out=scratch)
            np.multiply(scratch, alpha / (1 - beta1 ** (k + 1)), out=scratch)
            np.subtract(theta, scratch, out=theta)

        return step

    return _run(gradient, start, step_size, steps, lam, update)


def adamw_path(
    gradient: Gradient,
    start: ArrayLike,
    step_size: ArrayLike,
    steps: ArrayLike,
    lam: ArrayLike = 0.0,
    *,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
) -> Array:
    """Iterates of AdamW, for all penalties at once: `adam_path` with `decoupled=True`, which see.

    In the conventions of torch.optim.AdamW with `lr=alpha, weight_decay=lam`: theta is multiplied by
    (1 - alpha lam), then moved by Adam's step for the unregularized gradient.

    Parameters
    ----------
    gradient, start, step_size, steps, lam, betas, eps
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
    return adam_path(gradient, start, step_size, steps, lam, betas=betas, eps=eps, decoupled=True)


def _run(
    gradient: Any, start: Any, step_size: Any, steps: Any, lam: Any, update: Callable[..., Any]
) -> Array:
    """Take the steps and keep the ones asked for."""
    start = real_array(start, "start")
    if start.ndim == 0:
        raise ValueError(f"start must have shape (..., p), got (): {shown(start)}")
    slope = gradient_function(gradient, start.shape[-1])
    alpha = real_array(step_size, "step_size", positive=True)
    lam = real_array(lam, "lam", nonnegative=True)
    steps = step_counts(steps)
    batch = runs_shape(start=start.shape[:-1], step_size=alpha.shape, lam=lam.shape)
    theta = np.array(np.broadcast_to(start, (*batch, start.shape[-1])))
    points = np.empty((len(steps), *theta.shape))
    wanted: dict[int, list[int]] = {}
    for row, number in enumerate(steps.tolist()):
        wanted.setdefault(number, []).append(row)
    last = int(steps.max())
    with np.errstate(all="ignore"):
        step = update(theta, alpha[..., None], lam[..., None])
        for k in range(last + 1):
            if k in wanted:
                points[wanted[k]] = theta
            if k < last:
                step(slope(theta, k), k)
    return np.moveaxis(points, 0, -2)


def _betas(betas: Any) -> tuple[float, float]:
    values = real_array(betas, "betas", shape=(2,), nonnegative=True)
    if not values.max() < 1:
        raise ValueError(f"betas must be < 1, got {shown(betas)}")
    return float(values[0]), float(values[1])
