"""Where noisy training with weight decay settles: how far weights scatter, how long they get, how long they remember.

Decay pulls weights back a little in every step, gradients push them out again. What remains after many steps is an
equilibrium of the two, and of the past only as much as decay has left of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from wdmath._validation import (
    Array,
    choice,
    count,
    flag,
    real_array,
    real_number,
    require_room,
    runs_shape,
    shown,
    symmetric_matrix,
)
from wdmath._values import Value
from wdmath.gradients import MinibatchGradient
from wdmath.risk import QuadraticRisk
from wdmath.trajectories import stability_bound

__all__ = [
    "DecayMemory",
    "RotationalEquilibrium",
    "decay_memory",
    "rotational_equilibrium",
    "stationary_covariance",
]

# The equation for the covariance is solved to this, relative to its right-hand side.
RTOL = 1e-12


def stationary_covariance(
    gradient: QuadraticRisk | MinibatchGradient,
    step_size: float,
    lam: ArrayLike = 0.0,
    *,
    noise: ArrayLike | None = None,
    momentum: float = 0.0,
    nesterov: bool = False,
) -> Array:
    """Covariance, about the ridge minimizer, in which SGD with weight decay on a quadratic risk ends up.

    theta_{k+1} = theta_k - alpha (H (theta_k - minimizer) + lam theta_k + xi_k) with independent noise xi_k of mean
    zero and covariance C. Without momentum, the covariance S of theta solves the discrete Lyapunov equation

        S = (I - alpha H_lam) S (I - alpha H_lam) + alpha^2 C,      H_lam = H + lam I,

    whose solution in the eigenbasis of H, with x_i = alpha (sigma_i + lam), is

        S_ij = alpha^2 C_ij / (x_i + x_j - x_i x_j),

    that is alpha C_ij / (sigma_i + sigma_j + 2 lam) for small step sizes. With momentum beta of the heavy ball,

        S_ij = alpha^2 C_ij (1 - beta^2) / (beta (x_i - x_j)^2 + (1 - beta)^2 ((1 + beta) (x_i + x_j) - x_i x_j)).

    The noise of minibatches grows with the distance from the minimizer: there C is that at the ridge minimizer plus a
    part that is linear in S, and the equation is solved for S as a whole.

    Parameters
    ----------
    gradient : QuadraticRisk or MinibatchGradient
        A risk whose `noise` is given, or minibatches that are drawn independently: `sampling="independent"`. (Those of
        an epoch are not: what one of them misses is in the others.)
    step_size : float
        alpha > 0, below the stability bound.
    lam : float or array_like of shape (L,), default 0
        Penalty strength, >= 0.
    noise : array_like of shape (p, p), optional
        C, with a risk. That of minibatches follows from their data.
    momentum : float, default 0
        beta, 0 <= beta < 1, as in `sgd_path` without dampening.
    nesterov : bool, default False
        Nesterov's method instead of the heavy ball.

    Returns
    -------
    ndarray of shape (p, p), or (L, p, p)

    Raises
    ------
    ValueError
        If there is no stationary distribution: the step size is not below the stability bound, or so large for
        minibatches of this size that their noise feeds itself, or noise along a flat direction is not held by a
        penalty.
    TypeError
        If `gradient` is neither of the two.

    References
    ----------
    Mandt, Hoffman, Blei (2017), Stochastic gradient descent as approximate Bayesian inference, JMLR 18. Liu, Ziyin,
    Ueda (2021), Noise and fluctuation of finite learning rate stochastic gradient descent, ICML.

    Examples
    --------
    >>> import numpy as np
    >>> import wdmath
    >>> risk = wdmath.QuadraticRisk(np.diag([3.0, 1.0]), [1.0, 1.0])
    >>> wdmath.stationary_covariance(risk, 0.25, [0.0, 1.0], noise=np.eye(2)).round(4).tolist()
    [[[0.0667, 0.0], [0.0, 0.1429]], [[0.0625, 0.0], [0.0, 0.0833]]]
    """
    alpha = real_number(step_size, "step_size", positive=True)
    lams = real_array(lam, "lam", ndim=(0, 1), nonnegative=True)
    beta, nesterov = real_number(momentum, "momentum", nonnegative=True), flag(nesterov, "nesterov")
    if not beta < 1:
        raise ValueError(f"momentum must be < 1, got {momentum!r}")
    if isinstance(gradient, MinibatchGradient):
        if noise is not None:
            raise ValueError("noise must not be given with minibatches, whose data it follows from")
        risk = QuadraticRisk.from_least_squares(gradient.X, gradient.y, scale=gradient.scale)
        share = gradient._independent_share()
    elif isinstance(gradient, QuadraticRisk):
        if noise is None:
            raise ValueError(
                "noise must be given with a risk, the covariance of the noise of its gradient, got None"
            )
        risk, share = gradient, 0.0
        noise = symmetric_matrix(noise, "noise")
        if noise.shape != risk.hessian.shape:
            raise ValueError(f"noise must have shape {risk.hessian.shape}, got {noise.shape}")
    else:
        raise TypeError(f"gradient must be a QuadraticRisk or a MinibatchGradient, got {shown(gradient)}")
    Q = risk.eigenvectors
    found = []
    for each in lams.reshape(-1).tolist():
        bound = stability_bound(risk.eigenvalues, each, beta, nesterov=nesterov)
        if alpha >= bound:
            raise ValueError(
                f"step_size must be below {bound:.6g} for a stationary distribution, got {step_size!r}"
            )
        x = alpha * (risk.eigenvalues + each)
        response = _response(x, beta, nesterov)
        if isinstance(gradient, MinibatchGradient):
            rest = Q @ (
                risk.minimizer_components * (risk.eigenvalues / np.where(x > 0, risk.eigenvalues + each, 1.0))
            )
            covariance = _with_feedback(gradient, risk, rest, alpha, response, share)
        else:
            covariance = alpha * (alpha * (response * _held(Q.T @ noise @ Q, x)))
        found.append(Q @ covariance @ Q.T)
    result = np.array(found)
    result = (result + np.swapaxes(result, 1, 2)) / 2
    return result if lams.ndim else result[0]


def _response(x: Array, beta: float, nesterov: bool) -> Array:
    """E[e_i e_j] for noise that moves both by c_i c_j = 1 in each step: sums without cancellation for small rates."""
    s, p, q = x[:, None] + x, x[:, None] * x, (x[:, None] - x) ** 2
    d = 1 - beta
    if nesterov:
        a = beta * (1 + d - d * d)
        numerator = d * (1 + beta) + a * s + beta**2 * (3 - 2 * d) * p
        denominator = (
            a * q
            + s * (d * d * (1 + beta) + p * (2 - d * (8 - d * (9 - 3 * d))))
            + p * (d * (8 - d * (15 - 6 * d)) - beta**2 * (3 - 2 * d) * p)
        )
    else:
        numerator = np.full_like(s, d * (1 + beta))
        denominator = beta * q + d * d * ((1 + beta) * s - p)
    # Two flat directions stay where they are.
    return np.divide(numerator, denominator, out=np.zeros_like(s), where=s > 0)


def _held(noise: Array, x: Array) -> Array:
    """The noise in the eigenbasis, which must not act along directions that nothing holds."""
    flat = x == 0
    size = np.abs(noise).max(initial=0.0)
    if (np.abs(np.diagonal(noise)[flat]) > 1e-12 * size).any():
        raise ValueError(
            "lam must be > 0 where the noise acts along a flat direction of the risk, got 0: without decay the weights "
            "wander there for ever"
        )
    return np.where(flat[:, None] | flat, 0.0, noise)


def _with_feedback(
    batches: MinibatchGradient, risk: QuadraticRisk, rest: Array, alpha: float, response: Array, share: float
) -> Array:
    """Solve S = alpha^2 response (C + share (E[h S h] - H S H)) in the eigenbasis, h being the Hessian of one row.

    With the square root of the response on both sides the equation is symmetric, and positive definite as long as there
    is a solution that is a covariance.
    """
    rows = batches.X @ risk.eigenvectors
    sigma = risk.eigenvalues
    n = len(rows)
    weight = batches._weight
    flat = sigma == 0
    rows[:, flat] = 0.0
    root = alpha * np.sqrt(np.where(flat[:, None] | flat, 0.0, response))

    def fed_back(S: Array) -> Array:
        squares = np.einsum("ni,ni->n", rows @ S, rows)
        return share * (weight**2 / n * (rows.T * squares) @ rows - sigma[:, None] * S * sigma)

    noise = risk.eigenvectors.T @ batches.noise_covariance(rest) @ risk.eigenvectors
    if not noise.any():
        return noise
    # Numbers of about 1, whose squares are in range.
    size = float(np.abs(noise).max())
    target = root * (noise / size)
    unit = float(np.abs(target).max())
    target /= unit
    # Conjugate gradients.
    S, residual = np.zeros_like(target), target
    direction, square = residual, float(np.vdot(residual, residual))
    goal = RTOL**2 * square
    for _ in range(10 * target.size + 100):
        if square <= goal:
            return size * unit * root * S
        image = direction - root * fed_back(root * direction)
        curvature = float(np.vdot(direction, image))
        if not curvature > 0:
            break
        S = S + square / curvature * direction
        residual = residual - square / curvature * image
        square, before = float(np.vdot(residual, residual)), square
        direction = residual + square / before * direction
    raise ValueError(
        f"step_size must be smaller for a stationary distribution with batches of {batches.batch_size} rows, or the "
        "batches larger: their noise grows with the distance from the minimizer, and feeds itself"
    )


@dataclass(frozen=True, eq=False, repr=False)
class RotationalEquilibrium(Value):
    """Length and rotation of weights whose length does not matter to the risk, after many steps.

    Attributes
    ----------
    norm : float or ndarray
        Root mean square of the length.
    angle : float or ndarray
        Between the weights before and after a step, in radians.
    """

    norm: float | Array
    angle: float | Array


def rotational_equilibrium(
    step_size: ArrayLike,
    lam: ArrayLike,
    *,
    optimizer: str = "sgd",
    momentum: float = 0.0,
    gradient_norm: float = 1.0,
    dimension: int | None = None,
) -> RotationalEquilibrium:
    """Where decay and gradients balance for scale-invariant weights, as those in front of a normalization.

    If the risk depends on the direction of w alone, its gradient is perpendicular to w and falls like 1 / ||w||. A step
    of SGD, w' = (1 - alpha lam) w - alpha g, then has ||w'||^2 = (1 - alpha lam)^2 ||w||^2 + alpha^2 ||g||^2. With
    E ||g||^2 = G^2 / ||w||^2 the length, if it fluctuates little, stays at

        ||w||^4 = alpha G^2 / (lam (2 - alpha lam)),

    where w turns by the angle arccos(1 - alpha lam), about sqrt(2 alpha lam), in every step: the effective step size on
    the sphere is set by alpha lam, whatever G. With momentum mu, and gradients that are mostly noise, independent from
    step to step,

        ||w||^4 = alpha G^2 / ((1 - mu) lam (2 - alpha lam / (1 + mu))),    cos(angle) = 1 - alpha lam / (1 + mu).

    The updates of AdamW have the length they have, sqrt(C (1 - beta_1) / (1 + beta_1)) alpha for C weights. With
    kappa = 1 - alpha lam,

        ||w||^2 = alpha C (1 - beta_1) (1 + kappa beta_1) / (lam (1 + kappa) (1 + beta_1) (1 - kappa beta_1)),
        cos(angle) = (kappa + beta_1) / (1 + kappa beta_1),

    about sqrt(alpha C / (2 lam)) and sqrt(2 alpha lam (1 - beta_1) / (1 + beta_1)).

    Parameters
    ----------
    step_size : float or array_like
        alpha > 0.
    lam : float or array_like
        Penalty strength, > 0, with alpha lam < 1; broadcasts against `step_size`.
    optimizer : {"sgd", "adamw"}, default "sgd"
    momentum : float, default 0
        mu of SGD, or beta_1 of AdamW, >= 0 and < 1.
    gradient_norm : float, default 1
        G, root mean square of the gradient's length where ||w|| = 1; for SGD.
    dimension : int, optional
        C, the number of weights; needed for AdamW.

    Returns
    -------
    RotationalEquilibrium

    Raises
    ------
    ValueError
        If an argument is out of range or missing.

    References
    ----------
    van Laarhoven (2017), L2 regularization versus batch and weight normalization. Kosson, Messmer, Jaggi (2024),
    Rotational equilibrium: how weight decay balances learning across neural networks, ICML. Wan, Zhu, Zhang, Sun
    (2021), Spherical motion dynamics, NeurIPS.

    Examples
    --------
    >>> import wdmath
    >>> found = wdmath.rotational_equilibrium(0.1, [0.01, 0.04])
    >>> found.norm.round(3).tolist(), found.angle.round(4).tolist()
    ([1.496, 1.058], [0.0447, 0.0895])
    """
    alpha = real_array(step_size, "step_size", positive=True)
    lams = real_array(lam, "lam", positive=True)
    runs_shape(step_size=alpha.shape, lam=lams.shape)
    pull = alpha * lams
    if not (pull < 1).all():
        raise ValueError(f"step_size times lam must be < 1, got {float(pull.max())!r}")
    mu = real_number(momentum, "momentum", nonnegative=True)
    if not mu < 1:
        raise ValueError(f"momentum must be < 1, got {momentum!r}")
    G = real_number(gradient_norm, "gradient_norm", positive=True)
    if choice(optimizer, "optimizer", ("sgd", "adamw")) == "sgd":
        norm = (alpha * G**2 / ((1 - mu) * lams * (2 - pull / (1 + mu)))) ** 0.25
        off = pull / (1 + mu)
    else:
        if dimension is None:
            raise ValueError('dimension must be given for optimizer "adamw", the number of weights, got None')
        size, kappa = count(dimension, "dimension", minimum=1), 1 - pull
        spread = (1 - mu) * (1 + kappa * mu) / ((2 - pull) * (1 + mu) * (1 - kappa * mu))
        norm = np.sqrt(alpha * size * spread / lams)
        off = pull * (1 - mu) / (1 + kappa * mu)
    # arccos(1 - off) without cancellation.
    angle = 2 * np.arcsin(np.sqrt(off / 2))
    return RotationalEquilibrium(*(v if v.ndim else float(v) for v in map(np.asarray, (norm, angle))))


@dataclass(frozen=True, eq=False, repr=False)
class DecayMemory(Value):
    """What weights that decay are made of: theta_T = initial theta_0 - sum_k weights[k] u_k.

    Attributes
    ----------
    initial : float
        Share of theta_0 that is left.
    weights : ndarray of shape (T,)
        Weight of each of the updates u_0, ..., u_{T-1}.
    timescale : float or ndarray of shape (T,)
        1 / (alpha lam), the number of steps in which decay forgets all but a share 1/e; one for each step if the step
        sizes differ.
    """

    initial: float
    weights: Array
    timescale: float | Array


def decay_memory(step_size: ArrayLike, lam: float, steps: int) -> DecayMemory:
    """How much each past update counts in weights with decoupled decay: an exponential memory of 1 / (alpha lam) steps.

    theta_{k+1} = (1 - alpha_k lam) theta_k - alpha_k u_k, as in AdamW, makes theta_T a sum of all updates with weights

        alpha_k (1 - alpha_{k+1} lam) ... (1 - alpha_{T-1} lam),

    of which lam sum(weights) + initial = 1: lam theta is an exponential moving average of -u. With twice the data in
    batches of the same size it remembers the same part of an epoch if alpha lam is halved.

    Parameters
    ----------
    step_size : float or array_like of shape (T,)
        alpha_k > 0: all the same, or one for each step.
    lam : float
        Penalty strength, >= 0, with alpha lam <= 1.
    steps : int
        T >= 0.

    Returns
    -------
    DecayMemory

    Raises
    ------
    ValueError
        If an argument is out of range or of the wrong shape.
    TypeError
        If `steps` is not an integer.

    References
    ----------
    Wang, Aitchison (2025), How to set AdamW's weight decay as you scale model and dataset size, ICML.

    Examples
    --------
    >>> import wdmath
    >>> memory = wdmath.decay_memory(step_size=0.5, lam=1.0, steps=3)
    >>> round(memory.initial, 12), memory.weights.round(12).tolist(), memory.timescale
    (0.125, [0.125, 0.25, 0.5], 2.0)
    """
    steps = count(steps, "steps")
    require_room(
        f"the weights of steps = {steps}", steps, "give fewer steps; what has decayed counts no more"
    )
    alpha = real_array(step_size, "step_size", ndim=(0, 1), positive=True, empty=steps == 0)
    if alpha.ndim and alpha.size != steps:
        raise ValueError(f"step_size must have one entry for each of the {steps} steps, got {alpha.size}")
    lam = real_number(lam, "lam", nonnegative=True)
    pull = alpha * lam
    if pull.size and not pull.max() <= 1:
        raise ValueError(f"step_size times lam must be <= 1, got {float(pull.max())!r}")
    with np.errstate(divide="ignore"):
        lost = np.broadcast_to(np.log1p(-pull), (steps,))
        timescale = 1 / pull
        # What decays later than each update, and than the start.
        kept = np.exp(np.append(np.cumsum(lost[::-1])[::-1], 0.0))
    return DecayMemory(float(kept[0]), alpha * kept[1:], timescale if alpha.ndim else float(timescale))
