"""The lasso path from knot to knot: min 1/2 ||y - Z theta||^2 + 1/2 ||t theta||^2 + lam sum_j v_j |theta_j|.

Between two knots the active coefficients are u - lam w, where u and w solve least squares problems in the active
columns. An orthonormal basis Q of those columns turns with every column that enters or leaves, so that Z^T Z is never
formed and nothing is lost to its squared condition number. Where rounding would still decide what happens next,
because columns are nearly dependent or penalties far apart, u, w and all correlations are computed again in twice the
precision.

References
----------
Osborne, Presnell, Turlach (2000), A new approach to variable selection in least squares problems, IMA J. Numer.
Anal. 20; Efron, Hastie, Johnstone, Tibshirani (2004), Least angle regression, Annals of Statistics 32; Bjorck (1996),
Numerical Methods for Least Squares Problems, sections 2.4.3, 2.9.3 and 3.2.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.linalg.blas import dger

from ._doubled import matrix_product, two_product, two_sum
from ._validation import EPS, Array

# Relative distance below which two knots, or a correlation and the penalty, count as equal.
TIE = 1e-12
# Least relative gain for which a tied coefficient is let in; less is rounding in a linearly dependent column.
GAIN = 1e-10
# A knot is computed in twice the precision if rounding may move it by more than this.
BLUR = 1e-8
# Columns enter and leave this many times before the sums that are carried along are computed anew.
REFRESH = 100
# Or at every knot, if the active columns, scaled to length 1, amplify errors by so much; or once they have amplified
# them by so much more than they do now.
AMPLIFIED, FADED = 1e3, 30.0


class ActiveSet:
    """The coefficients that move, and what they make of the residual and of all correlations.

    Attributes
    ----------
    members : ndarray of int, of shape (k,)
        Their numbers, in no particular order.
    u, w : ndarray of shape (k,)
        They are u - lam w.
    r, a : ndarray of shape (p,)
        The correlations Z^T (y - Z theta) of the others are r + lam a.
    precise : bool
        Whether u, w, r and a are computed in twice the precision.
    """

    def __init__(self, Z: Array, y: Array, squares: Array | None = None) -> None:
        self.Z, self.y, self.squares = Z, y, squares
        self.t = None if squares is None else np.sqrt(squares)
        self.rows, self.columns = Z.shape
        self.rank = min(Z.shape) if squares is None else self.columns
        self.lengths = np.sqrt(np.einsum("ij,ij->j", Z, Z))
        self._longest = float(self.lengths.max()) ** 2
        self.y_length = float(np.linalg.norm(y))
        self.size, self.changes, self.precise = 0, 0, False
        self._members = np.empty(0, dtype=np.intp)
        # Q above W, where W^-1 = Q^T Z for the active columns: row i of W belongs to member i, columns to those of Q.
        self._basis = np.zeros((self.rows, 0), order="F")
        # Coordinates Q^T y and Q^T Z w, then u and w, and what twice the precision adds to the latter.
        self._vectors = np.zeros((6, 0))
        self._pulls = np.zeros(0)
        # Sum of the squares of W: how much the equations of the active coefficients amplify errors.
        self._spread = self._peak = 0.0
        # ||Z w||, once it has been asked for.
        self._rate: float | None = None
        self.residual, self.direction = y.copy(), np.zeros(self.rows)
        self.r, self.a = y @ self.Z, np.zeros(self.columns)

    @property
    def members(self) -> Array:
        return self._members[: self.size]

    @property
    def u(self) -> Array:
        return self._vectors[2, : self.size]

    @property
    def w(self) -> Array:
        return self._vectors[3, : self.size]

    def at(self, lam: float) -> Array:
        """u - lam w."""
        if not self.precise:
            return self.u - lam * self.w
        u, w, u_rest, w_rest = self._vectors[2:, : self.size]
        move, move_rest = two_product(np.full(self.size, lam), w)
        value, error = two_sum(u, -move)
        return value + (error + u_rest - move_rest - lam * w_rest)

    def blur(self, lam: float, precise: bool) -> float:
        """What rounding may have done to the correlations at lam, for a column of length 1."""
        if not precise:
            return 4 * EPS * self._moved(lam)
        level = self.y_length + float(self.lengths[self.members] @ (np.abs(self.u) + lam * np.abs(self.w)))
        return 16 * self.rows * EPS**2 * level

    def error(self, lam: float, precise: bool) -> float:
        """What rounding may have done to u - lam w, beside a few units in the last place of u and lam w."""
        return 0.0 if precise else 4 * EPS * math.sqrt(self._spread) * self._moved(lam)

    def _moved(self, lam: float) -> float:
        """||y|| + lam ||Z w||."""
        if self._rate is None:
            self._rate = math.sqrt(abs(float(self._pulls[: self.size] @ self.w)))
        return self.y_length + lam * self._rate

    @property
    def is_stale(self) -> bool:
        """Whether errors of what has been carried along might be seen."""
        if self.changes >= REFRESH or self._peak > FADED**2 * self._spread:
            return True
        return self.changes > 0 and self._spread * self._longest > AMPLIFIED**2

    @property
    def interpolates(self) -> bool:
        """Whether y is fitted exactly at lam = 0, by as many coefficients as there are rows."""
        return self.size == self.rows and self.t is None

    def add(self, j: int, pull: float) -> bool:
        """Whether column j is linearly independent of the others, and so has been added; pull is sign times v_j."""
        k, n = self.size, self.rows
        if k == self.rank:
            return False
        if k == len(self._members):
            self._grow()
        basis, column = self._basis[: n + k, :k], self.Z[:, j]
        t = np.zeros(0) if self.t is None else self.t[self.members]
        # What the others leave of the column: rest above, and below in the rows of the ridge, once its own t_j.
        h = column @ basis[:n]
        image = basis @ h
        rest, combination = column - image[:n], image[n:].copy()
        length, own = float(self.lengths[j]), 0.0 if self.t is None else float(self.t[j])
        below = -t * combination if t.size else t
        left = float(rest @ rest + below @ below) + own**2
        if left < 0.5 * (length**2 + own**2):
            # Twice is enough (Kahan, Parlett): the basis stays orthonormal to rounding.
            again = rest @ basis[:n]
            if t.size:
                again += (t * below) @ basis[n:]
            image = basis @ again
            rest -= image[:n]
            combination += image[n:]
            if t.size:
                below = -t * combination
            h += again
            left = float(rest @ rest + below @ below) + own**2
        left = math.sqrt(left)
        if not left > 10 * max(n, k) * EPS * math.hypot(length, own):
            return False
        new = self._basis[: n + k + 1, k]
        np.divide(rest, left, out=new[:n])
        np.divide(combination, -left, out=new[n : n + k])
        new[n + k] = 1 / left
        along_y = float(new[:n] @ self.residual)
        if t.size:
            along_y -= float((t * new[n : n + k]) @ (t * self.u))
        along_w = (pull - float(h @ self._vectors[1, :k])) / left
        self._members[k], self._pulls[k] = j, pull
        self._vectors[:, k] = along_y, along_w, 0.0, 0.0, 0.0, 0.0
        self.size = k + 1
        self._turn(k, 1.0)
        return True

    def remove(self, position: int) -> None:
        """Take a coefficient out: a reflection turns the basis until its last vector is what leaves with the column."""
        n, k, last = self.rows, self.size, self.size - 1
        leaving = self._basis[n + position, :k].copy()
        leaving /= math.sqrt(float(leaving @ leaving))
        leaving[last] += 1.0 if leaving[last] > 0 else -1.0
        factor = 2 / float(leaving @ leaving)
        full = self._basis[:, :k]
        dger(-factor, full @ leaving, leaving, a=full, overwrite_a=1)
        self._vectors[:2, :k] -= np.multiply.outer(factor * (self._vectors[:2, :k] @ leaving), leaving)
        self._turn(last, -1.0, refine=False)
        for array in (self._members, self._pulls, self._vectors[2], self._vectors[3]):
            array[position] = array[last]
        self._basis[n + position, :last] = self._basis[n + last, :last]
        self._basis[n + last, :k] = 0.0
        self._basis[:, last] = 0.0
        self.size = last
        if self.precise:
            self.refine()

    def refine(self) -> None:
        """Solve the equations of the active coefficients anew, from what is there.

        They are written with the residual as an unknown of its own: e + Z x = b, Z^T e - t^2 x = d, with b = y and
        d = 0 for x = u, and with b = 0 and d = pulls for x = -w. So the condition number of Z counts, not its square.
        """
        self.changes, self._rate = 0, None
        n, k = self.rows, self.size
        A, members = self.Z[:, self.members], self.members
        squares = None if self.squares is None else self.squares[members, None]
        Q, W = self._basis[:n, :k], self._basis[n : n + k, :k]
        b = np.column_stack([self.y, np.zeros(n)])
        d = np.column_stack([np.zeros(k), self._pulls[:k]])
        x = np.column_stack([self.u, -self.w])
        e = np.column_stack([self.residual, self.direction])
        x_rest, e_rest = np.zeros_like(x), np.zeros_like(e)
        product = matrix_product if self.precise else _plain_product
        enough, previous, rebuilt = EPS**2 if self.precise else 1e-8, math.inf, False
        for _ in range(40):
            fit, fit_rest = product(A, x)
            gap, error = two_sum(b, -e)
            gap, error_2 = two_sum(gap, -fit)
            gap = gap + (error + error_2 - fit_rest - e_rest - A @ x_rest)
            slope, slope_rest = product(A.T, e)
            short, error = two_sum(d, -slope)
            rest = error - slope_rest - A.T @ e_rest
            if squares is not None:
                pulled, pulled_rest = two_product(squares, x)
                short, error = two_sum(short, pulled)
                rest = rest + error + pulled_rest + squares * x_rest
            short = short + rest
            turned = Q.T @ gap - W.T @ short
            step, move = W @ turned, gap - Q @ turned
            x, error = two_sum(x, step)
            x_rest = x_rest + error
            e, error = two_sum(e, move)
            e_rest = e_rest + error
            size = float(np.abs(step).max() / max(np.abs(x).max(), 1e-300)) if k else 0.0
            if size <= enough:
                break
            if size > previous / 10:
                # No further: at the level of rounding, or because of what the basis has gone through.
                if rebuilt or size < 1e6 * enough:
                    break
                self._rebuild(A)
                rebuilt, size = True, math.inf
            previous = size
        x, x_rest = two_sum(x, x_rest)
        self._vectors[2, :k], self._vectors[3, :k] = x[:, 0], -x[:, 1]
        self._vectors[4, :k], self._vectors[5, :k] = x_rest[:, 0], -x_rest[:, 1]
        self.residual, self.direction = e[:, 0].copy(), e[:, 1].copy()
        self._vectors[0, :k], self._vectors[1, :k] = self.y @ Q, self.direction @ Q
        if squares is not None:
            self._vectors[1, :k] += (squares[:, 0] * self.w) @ W
        self._spread = self._peak = float(np.vdot(W, W))
        if self.precise:
            c, c_rest = matrix_product(self.Z.T, e)
            c = c + (c_rest + self.Z.T @ e_rest)
            self.r, self.a = c[:, 0].copy(), c[:, 1].copy()
        else:
            self.r, self.a = self.residual @ self.Z, self.direction @ self.Z

    def _rebuild(self, A: Array) -> None:
        n, k = A.shape
        if self.t is not None:
            A = np.vstack([A, np.diag(self.t[self.members])])
        Q, R = np.linalg.qr(A)
        self._basis[:n, :k], self._basis[n : n + k, :k] = Q[:n], np.linalg.inv(R)

    def _turn(self, k: int, sign: float, refine: bool = True) -> None:
        """Let the k-th vector of the basis, which was added (sign 1) or is to go (-1), act on everything."""
        n = self.rows
        vector = self._basis[:, k]
        along_y, along_w = (sign * self._vectors[:2, k]).tolist()
        size = max(self.size, k + 1)
        inverse = vector[n : n + size]
        self._spread = max(self._spread + sign * float(inverse @ inverse), 0.0)
        self._peak = max(self._peak, self._spread)
        self._vectors[2, :size] += along_y * inverse
        self._vectors[3, :size] += along_w * inverse
        self.residual -= along_y * vector[:n]
        self.direction += along_w * vector[:n]
        self.changes, self._rate = self.changes + 1, None
        if not self.precise:
            correlations = vector[:n] @ self.Z
            self.r -= along_y * correlations
            self.a += along_w * correlations
        elif refine:
            self.refine()

    def _grow(self) -> None:
        n, k = self.rows, self.size
        capacity = min(max(2 * k, 16), self.rank)
        basis = np.zeros((n + capacity, capacity), order="F")
        basis[: n + k, :k] = self._basis[: n + k, :k]
        vectors = np.zeros((6, capacity))
        vectors[:, :k] = self._vectors
        self._basis, self._vectors = basis, vectors
        self._members, self._pulls = (
            np.concatenate([array, np.zeros(capacity - k, dtype=array.dtype)])
            for array in (self._members, self._pulls)
        )


def _plain_product(A: Array, B: Array) -> tuple[Array, Array | float]:
    return A @ B, 0.0


def homotopy(
    Z: Array, y: Array, v: Array, squares: Array | None = None, smallest: float = 0.0
) -> tuple[Array, Array]:
    """Knots, descending from the least at which all penalized coefficients are 0 to `smallest`, and solutions there.

    Parameters
    ----------
    Z : ndarray of shape (n, p)
        Columns of comparable lengths, none of them zero.
    y : ndarray of shape (n,)
    v : ndarray of shape (p,)
        Weights of the penalty, >= 0.
    squares : ndarray of shape (p,), optional
        t^2, >= 0.
    """
    active = ActiveSet(Z, y, squares)
    penalized = v > 0
    for j in np.flatnonzero(~penalized):
        active.add(int(j), 0.0)
    # A coefficient without a penalty either moves or stays at zero for good.
    v = np.where(penalized, v, np.inf)
    theta = np.zeros(len(v))
    theta[active.members] = active.u
    size = np.abs(active.r)
    reached = np.where(size > active.blur(0.0, False) * active.lengths, size / v, 0.0)
    lam = max(float(reached.max()), smallest)
    knots, solutions = [lam], [theta]
    signs, stall = np.sign(active.r), EPS
    tied = np.flatnonzero(reached >= lam * (1 - TIE)) if lam > smallest else np.empty(0, dtype=np.intp)
    returned = np.empty(0, dtype=np.intp)
    while lam > smallest:
        waiting = _enter_and_leave(active, theta, signs, v, tied, returned)
        if active.is_stale:
            active.refine()
        event = _next_event(active, lam, signs, v, waiting)
        if event.sure or active.precise:
            active.precise = not event.sure
        else:
            active.precise = True
            active.refine()
            event = _next_event(active, lam, signs, v, waiting)
        # Ever less, come what may: no rounding can make the path turn in circles.
        stall = 2 * stall if event.lam >= lam * (1 - stall) else EPS
        lam = max(min(event.lam, lam * (1 - min(stall, 0.5))), smallest)
        near = max(lam * (1 - TIE), 1e-300)
        members, precise = active.members.copy(), active.precise
        values = active.at(lam)
        sizes = np.abs(active.u) + lam * np.abs(active.w)
        zero = np.abs(values) <= (EPS**2 if precise else TIE) * sizes + active.error(lam, precise)
        zero[event.returning[event.returns >= near]] = True
        zero &= penalized[members]
        values[zero] = 0.0
        theta = np.zeros(len(v))
        theta[members] = values
        knots.append(lam)
        solutions.append(theta)
        correlations = active.r + lam * active.a
        close = np.abs(correlations) >= near * v - active.blur(lam, precise) * active.lengths
        close |= event.reach >= near
        close[members] = False
        tied = close.nonzero()[0]
        signs[tied] = np.sign(correlations[tied])
        returned = zero.nonzero()[0]
        if returned.size:
            tied = np.concatenate([tied, members[returned]])
    return np.array(knots), np.array(solutions)


class _Event(NamedTuple):
    """The next knot; where the others meet the penalty; which coefficients return to zero, and where.

    `sure` says whether ordinary rounding is too small to matter.
    """

    lam: float
    reach: Array
    returning: Array
    returns: Array
    sure: bool


def _next_event(active: ActiveSet, lam: float, signs: Array, v: Array, waiting: Array) -> _Event:
    members, u, w, r = active.members, active.u, active.w, active.r
    size, side = np.abs(r), np.sign(r)
    if active.interpolates:
        size = np.zeros_like(r)
    room = v - side * active.a
    room[members] = np.inf
    if waiting.size:
        # One that is tied and waits meets the penalty again on the other side only.
        room[waiting[side[waiting] == signs[waiting]]] = np.inf
    room[room <= 0] = np.inf
    reach = size / room
    blur = active.blur(lam, active.precise)
    following = float(reach.max())
    if size[reach.argmax()] <= blur * active.lengths.max():
        reach[size <= blur * active.lengths] = 0.0
        following = float(reach.max())
    # Where a coefficient returns to zero: it must have the other sign at lam = 0. One at zero already just stays.
    ends, moves = np.abs(u), lam * np.abs(w)
    returning = ((u * signs[members] < 0) & (ends < moves * (1 - TIE))).nonzero()[0]
    returns = u[returning] / w[returning]
    if returning.size:
        following = max(following, float(returns.max()))
    blur = active.blur(lam, precise=False)
    faint = (BLUR * size < blur * active.lengths).nonzero()[0]
    latest = (size[faint] + blur * active.lengths[faint]) / room[faint]
    sure = active.interpolates or not ((latest >= following) & (latest > 0)).any()
    if sure and returning.size:
        slack = active.error(lam, precise=False) + 4 * EPS * (ends + moves)[returning]
        slack /= np.abs(w[returning])
        sure = not ((returns + slack >= following) & (slack > BLUR * returns)).any()
    return _Event(following, reach, returning, returns, sure)


def _enter_and_leave(
    active: ActiveSet, theta: Array, signs: Array, v: Array, tied: Array, returned: Array
) -> Array:
    """Settle at a knot which of the tied coefficients at zero move on from here; those that wait are returned.

    The direction w minimizes 1/2 w^T H w - (signs v)^T w over the tied coefficients, those at zero being allowed to
    leave it on the side of their correlation only. This is nonnegative least squares, solved as by Lawson and Hanson.
    """
    for position in returned[::-1].tolist():
        active.remove(position)
    waiting = tied.tolist()
    dependent: set[int] = set()
    while candidates := [j for j in waiting if j not in dependent]:
        gain = 1 - signs[candidates] * active.a[candidates] / v[candidates]
        best = int(gain.argmax())
        if not gain[best] > GAIN:
            break
        j = candidates[best]
        before = active.w.copy()
        if not active.add(j, signs[j] * v[j]):
            dependent.add(j)
            continue
        waiting.remove(j)
        while True:
            members, after = active.members, active.w
            wrong = (theta[members] == 0) & (after * signs[members] < 0) & np.isfinite(v[members])
            if not wrong.any():
                break
            # As far towards the new direction as no sign is violated.
            before = np.concatenate([before, np.zeros(after.size - before.size)])
            share = np.divide(before, before - after, out=np.full(after.size, np.inf), where=wrong)
            blocking = int(share.argmin())
            out = int(members[blocking])
            if out == j and share[blocking] == 0:
                dependent.add(j)
            before = before + share[blocking] * (after - before)
            before[blocking] = before[-1]
            before = before[:-1]
            waiting.append(out)
            active.remove(blocking)
    return np.array(waiting, dtype=np.intp)
