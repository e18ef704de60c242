"""What is left of an eigencomponent after any number of steps with momentum, the heavy ball's or Nesterov's.

Along an eigenvector the distance e from rest follows e_{k+1} = e_k - x e_k + d (e_k - e_{k-1}), with the rate
x = alpha (sigma + lam) and the friction d: the momentum beta for the heavy ball, beta (1 - x) for Nesterov's method.
So e and the velocity e_k - e_{k-1} are multiplied by [[1 - x, d], [-x, d]] in each step. The k-th power of it is

    [[kept, d kick], [-x kick, damped]],  kept = 1 - x reached,  damped = 1 - loss,

and powers are composed by doubling. As long as nothing has turned back, `reached`, `kick` and `loss` are sums of
positive terms, so that digits are lost only where a rounded x means another motion.

Near the stability bound, where e alternates, (-1)^k e_k follows the same recursion with the rate 2 (1 + d) - x, which
is small there, and another velocity to begin with. Where an oscillation goes on for thousands of radians, its phase
needs more than 16 digits of x: such motions are composed in 32.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ._double_double import DoubleDouble, concatenate, where
from ._doubled import two_product, two_sum
from ._step_factors import rate_and_tail
from ._validation import Array

# Up to so many steps, rounding has not added up to anything.
SHORT = 256
# Beyond so many radians an oscillation is composed in twice the digits,
MOST_RADIANS = 4000.0
# unless it has decayed to exp(-DECAYED), about the smallest float, before.
DECAYED = 700.0


class _Motion(NamedTuple):
    """What a recursion is made of: in floats, or in DoubleDouble.

    `turned` says where it is that of (-1)^k e_k; d times the velocity to begin with is `push` times e_0.
    """

    rate: Any
    friction: Any
    push: Any
    turned: Array


class _Power(NamedTuple):
    """A power of the step; `damped` is known of those that others are multiplied by.

    `loss` is known where floats have to be composed with care.
    """

    kept: Any
    reached: Any
    kick: Any
    damped: Any = None
    loss: Any = None


class MomentumFactors:
    """Factors for arrays that broadcast against each other, the steps along the second axis, `most` at most.

    The eigenvalues may have digits in `rests`.

    Attributes
    ----------
    unstable : ndarray of bool
        Whether e grows without bound.
    """

    def __init__(
        self,
        step_size: Array | float,
        eigenvalues: Array,
        lam: Array | float,
        momentum: Array | float,
        *,
        nesterov: bool,
        most: int = 0,
        rests: Array | float = 0.0,
    ) -> None:
        x, tail = rate_and_tail(step_size, eigenvalues, lam, rests)
        beta = np.asarray(momentum)
        self._exact = x, tail, beta, nesterov
        self._most = most
        # Differences of floats that are near each other are exact, and only those cancel.
        beyond = (x - 1) + tail
        if nesterov:
            bound, bound_tail = two_sum(np.array(2.0), 2 * beta)
            pull, pull_tail = two_sum(np.array(1.0), 2 * beta)
            product, error = two_product(x, pull)
            margin = (bound - product) + (bound_tail - (error + x * pull_tail + tail * pull))
            friction, loss = -beta * beyond, (1 - beta) + beta * x
            turned = beyond > 0
            push, push_turned = -beta * x, beta * (1 - beyond)
        else:
            bound, bound_tail = two_sum(np.array(1.0), beta)
            margin = (2 * bound - x) + (2 * bound_tail - tail)
            friction, loss = beta, 1 - beta
            turned = x > bound
            push, push_turned = np.zeros(()), 2 * beta
        self.unstable = margin < 0
        # 1 - rate, but before the rate was rounded.
        kept, rate = -beyond, x
        if turned.any():
            kept = np.where(turned, beyond - 2 * friction, kept)
            rate, push = np.where(turned, margin, x), np.where(turned, push_turned, push)
        # Without friction a kick has no effect, and would be infinity times 0 where all else grows.
        kick = np.where(self.unstable & (friction == 0), 0.0, 1.0) if self.unstable.any() else np.ones(())
        self._motion, self._loss = _Motion(rate, friction, push, turned), loss
        careful = loss if most > SHORT else None
        self._chain = _Chain(self._motion, _Power(kept, np.ones(()), kick, friction, careful))

    def powers(self, steps: Array, *, consecutive: bool) -> tuple[Array, Array]:
        """e_k / e_0, and that less 1, for k in `steps`, of shape (T,): all numbers below T if they are consecutive."""
        along = steps.reshape(-1, *(1,) * (self._motion.rate.ndim - 2))
        factor, change = _factors(self._chain, along, consecutive)
        if self.unstable.any():
            # All grows to the same side until it is too large for a float.
            endless = np.where(self._motion.turned & (along % 2 == 1), -np.inf, np.inf)
            lost = ~np.isfinite(factor)
            factor, change = np.where(lost, endless, factor), np.where(lost, endless, change)
        hard = self.oscillating_long()
        if hard is not None:
            # With the axis of the steps moved to the end, a mask picks whole motions.
            exact = self._exact_motion(hard)
            first = _Power(1.0 - exact.rate, DoubleDouble(1.0), DoubleDouble(1.0), exact.friction)
            picked = _factors(_Chain(exact, first), steps, consecutive)
            np.moveaxis(factor, 1, -1)[hard[:, 0]], np.moveaxis(change, 1, -1)[hard[:, 0]] = picked
        return factor, change

    def fill(self, points: Array, start: Array, rest: Array, gap: Array, block: int) -> None:
        """Fill in eigencomponents after 0, 1, ... steps, where none is unstable or oscillates long.

        A block of steps is found by doubling and further ones are moved on from it, at a few operations a number.
        `block` is a power of 2 and not 1, or the number of steps.
        """
        rate, friction, push, turned = self._motion
        sign = np.where(turned, -1.0, 1.0)
        # The state is z and w = d (e_k - e_{k-1}), or d (e_k + e_{k-1}) where turned: signs as in e, not in (-1)^k e.
        w = np.empty_like(points[:, :block])
        points[:, :1], w[:, :1] = start, push * gap
        if points.shape[1] > 1:
            first = np.where(turned, rest, start) + np.where(turned, -self._chain[0].kept, -rate) * gap
            points[:, 1:2] = first + sign * (push * gap)
            w[:, 1:2] = sign * friction * (push - rate) * gap
        pull, doublings = rate * rest, 1
        while 2**doublings < w.shape[1]:
            further = slice(2**doublings, 2 ** (doublings + 1))
            known = slice(0, w[:, further].shape[1])
            kept, reached, kick, damped, _ = self._chain[doublings]
            points[:, further] = kept * points[:, known] + kick * w[:, known] + reached * pull
            w[:, further] = damped * w[:, known] + (friction * kick) * (pull - rate * points[:, known])
            doublings += 1
        number = -(-points.shape[1] // block)
        if number > 1:
            powers = _consecutive_powers(self._chain, number, block.bit_length() - 1)
            reached = powers.reached * pull
            scratch = np.empty_like(w)
        for i in range(1, number):
            this = slice(i, i + 1)
            more = points[:, i * block : (i + 1) * block]
            known = slice(0, more.shape[1])
            np.multiply(points[:, known], powers.kept[:, this], out=more)
            more += np.multiply(w[:, known], powers.kick[:, this], out=scratch[:, known])
            more += reached[:, this]

    def oscillating_long(self) -> Array | None:
        """Which motions turn by more than MOST_RADIANS while there is something left of them, if any do."""
        if self._most < MOST_RADIANS / 2:
            return None
        rate, friction, loss = self._motion.rate, self._motion.friction, self._loss
        angle = np.sqrt(np.maximum(rate, 0.0))
        overturns = angle * (1 + np.sqrt(np.maximum(friction, 0.0))) > loss
        long = overturns & (self._most * angle > MOST_RADIANS) & (MOST_RADIANS * loss < 2 * DECAYED * angle)
        return long if long.any() else None

    def _exact_motion(self, which: Array) -> _Motion:
        """In DoubleDouble, of shape (motions, 1)."""
        *numbers, nesterov = self._exact
        high, low, beta, turned = (
            np.broadcast_to(a, which.shape)[which][:, None] for a in (*numbers, self._motion.turned)
        )
        x = DoubleDouble(high, low)
        friction = beta * (1.0 - x) if nesterov else DoubleDouble(beta)
        rate = where(turned, 2.0 + 2.0 * friction - x, x)
        push = (
            beta * where(turned, 2.0 - x, -x) if nesterov else DoubleDouble(np.where(turned, 2 * beta, 0.0))
        )
        return _Motion(rate, friction, push, turned)


class _Chain:
    """Powers of a step whose numbers are powers of two, each computed when it is first asked for."""

    def __init__(self, motion: _Motion, first: _Power) -> None:
        self.motion = motion
        self._powers = [first]

    def __getitem__(self, doublings: int) -> _Power:
        while len(self._powers) <= doublings:
            self._powers.append(_squared(self.motion, self._powers[-1]))
        return self._powers[doublings]


def _factors(chain: _Chain, steps: Array, consecutive: bool) -> tuple[Array, Array]:
    motion = chain.motion
    power = _consecutive_powers(chain, steps.size) if consecutive else _separate_powers(chain, steps)
    pushed = motion.push * power.kick
    factor, change = power.kept + pushed, pushed - motion.rate * power.reached
    if isinstance(factor, DoubleDouble):
        factor, change = factor.rounded(), change.rounded()
    if motion.turned.any():
        opposite = motion.turned & (steps % 2 == 1)
        factor = np.where(opposite, -factor, factor)
        change = np.where(opposite, factor - 1, change)
    return factor, change


def _separate_powers(chain: _Chain, steps: Array) -> _Power:
    """By the binary digits of the numbers of steps."""
    result = _no_step(chain[0])
    for i in range(int(steps.max()).bit_length()):
        odd = (steps >> i) % 2 == 1
        longer = _composed(chain.motion, chain[i], result)
        result = _Power(*(where(odd, new, old) for new, old in zip(longer[:3], result[:3], strict=True)))
    return result


def _consecutive_powers(chain: _Chain, length: int, doublings: int = 0) -> _Power:
    """Powers of 2^doublings steps: those up to the m-th, and m more, are those up to the 2m-th."""
    result, known = _no_step(chain[0]), 1
    while known < length:
        some = _Power(*(part[:, : length - known] for part in result[:3]))
        further = _composed(chain.motion, chain[doublings], some)
        result = _Power(*(concatenate(a, b, 1) for a, b in zip(result[:3], further[:3], strict=True)))
        known, doublings = 2 * known, doublings + 1
    return result


def _no_step(like: _Power) -> _Power:
    one = like.kept * 0.0 + 1.0
    zero = one * 0.0
    return _Power(one, zero, zero)


def _composed(motion: _Motion, left: _Power, right: _Power) -> _Power:
    swing = (motion.friction * left.kick) * right.kick
    reached = left.reached + left.kept * right.reached + swing
    kept = left.kept * right.kept - motion.rate * swing
    kick = left.kick * right.kept + left.damped * right.kick
    if left.loss is not None:
        kept = _one_less(motion.rate * reached, kept)
    return _Power(kept, reached, kick)


def _squared(motion: _Motion, power: _Power) -> _Power:
    swing = motion.friction * power.kick * power.kick
    lost = motion.rate * swing
    reached = power.reached * (1.0 + power.kept) + swing
    kept = power.kept * power.kept - lost
    damped = power.damped * power.damped - lost
    kick = power.kick * (power.kept + power.damped)
    if power.loss is None:
        return _Power(kept, reached, kick, damped)
    loss = power.loss * (1.0 + power.damped) + lost
    return _Power(_one_less(motion.rate * reached, kept), reached, kick, _one_less(loss, damped), loss)


def _one_less(loss: Array, product: Array) -> Array:
    """1 - loss where that is more accurate than the product it equals."""
    return np.where(np.abs(loss) < 0.5, 1 - loss, product)
