"""The lasso path from knot to knot: min 1/2 ||y - Z theta||^2 + 1/2 sum_j s_j theta_j^2 + lam sum_j v_j |theta_j|.

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
# A knot is computed in twice the precision if rounding may move it by more than this; in small problems, of up to so
# many numbers, that costs little.
BLUR, BLUR_SMALL, SMALL = 1e-8, 1e-11, 2**13
# Columns enter and leave this many times before the sums that are carried along are computed anew.
REFRESH = 100
# Or at every knot, if the active columns, scaled to length 1, amplify errors by so much; or once they have amplified
# them by so much more than they do now.
AMPLIFIED, FADED = 1e3, 30.0
# A column of which the others leave a smaller part is made orthogonal to them once more.
AGAIN = 0.1

NONE = np.empty(0, dtype=np.intp)


class ActiveSet:
    """The coefficients that move, and what they make of the residual and of the correlations of all columns.

    Attributes
    ----------
    members : ndarray of int, of shape (k,)
        Their numbers, in no particular order.
    u, w : ndarray of shape (k,)
        They are u - lam w.
    r, a : ndarray of shape (p,)
        The correlations Z^T (y - Z theta) of the other columns are r + lam a.
    precise : bool
        Whether u, w, r and a are computed in twice the precision.
    """

    def __init__(self, Z: Array, y: Array, squares: Array | None = None) -> None:
        self.Z, self.squares = Z, squares
        self.t = None if squares is None else np.sqrt(squares)
        self.lengths = np.sqrt(np.einsum("ij,ij->j", Z, Z))
        self.tolerance = BLUR_SMALL if Z.size <= SMALL else BLUR
        self.longest = float(self.lengths.max())
        self.rows, self.y, self.y_length = len(Z), y, float(np.linalg.norm(y))
        self.rank = min(Z.shape) if squares is None else Z.shape[1]
        self.size, self.changes, self.precise = 0, 0, False
        self._members = np.empty(0, dtype=np.intp)
        # Q above W, where W^-1 = Q^T Z for the active columns: row i of W belongs to member i, columns to those of Q.
        self._basis = np.zeros((self.rows, 0), order="F")
        # Coordinates Q^T y and Q^T Z w, then u and w, and what twice the precision adds to these.
        self._vectors = np.zeros((6, 0))
        self._pulls = np.zeros(0)
        # Sum of the squares of W, now and at most: how much the equations amplify errors.
        self._spread = self._peak = 0.0
        # ||Z w||, once it has been asked for.
        self._rate: float | None = None
        # The residual at lam = 0, and how it changes with lam.
        self.fit = np.array([y, np.zeros(self.rows)])
        self.r, self.a = self.fit @ Z

    @property
    def members(self) -> Array:
        return self._members[: self.size]

    @property
    def pulls(self) -> Array:
        return self._pulls[: self.size]

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
            self._rate = math.sqrt(abs(float(self.pulls @ self.w)))
        return self.y_length + lam * self._rate

    @property
    def is_stale(self) -> bool:
        """Whether errors of what has been carried along might be seen."""
        if self.changes >= REFRESH or self._peak > FADED**2 * self._spread:
            return True
        return self.changes > 0 and self._spread * self.longest**2 > AMPLIFIED**2

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
        column, length = self.Z[:, j], float(self.lengths[j])
        t, own = None, 0.0
        if self.t is not None:
            t, own = self.t[self.members], float(self.t[j])
        new = self._basis[: n + k + 1, k]
        whole = math.hypot(length, own)
        # What the others leave of the column: rest above, and below in the rows of the ridge, once its own t_j.
        if k == 0:
            rest, left, along_w = column, whole, 0.0
        else:
            basis = self._basis[: n + k, :k]
            h = column @ basis[:n]
            image = basis @ h
            rest, combination = column - image[:n], image[n:]
            left = self._left(rest, combination, t, own)
            if left < AGAIN * whole:
                # Twice is enough (Kahan, Parlett): the basis stays orthonormal to a few units of rounding.
                again = rest @ basis[:n]
                if t is not None:
                    again -= (t * t * combination) @ basis[n:]
                image = basis @ again
                rest -= image[:n]
                combination = combination + image[n:]
                h += again
                left = self._left(rest, combination, t, own)
            if not left > 10 * max(n, k) * EPS * whole:
                return False
            np.divide(combination, -left, out=new[n : n + k])
            along_w = float(h @ self._vectors[1, :k])
        np.divide(rest, left, out=new[:n])
        new[n + k] = 1 / left
        along_y = float(new[:n] @ self.fit[0])
        if t is not None and k:
            along_y -= float((t * new[n : n + k]) @ (t * self.u))
        self._members[k], self._pulls[k] = j, pull
        self._vectors[:, k] = along_y, (pull - along_w) / left, 0.0, 0.0, 0.0, 0.0
        self.size = k + 1
        self._turn(k, 1.0)
        if self.precise:
            self.refine()
        return True

    @staticmethod
    def _left(rest: Array, combination: Array, t: Array | None, own: float) -> float:
        left = float(rest @ rest)
        if t is not None:
            below = t * combination
            left += float(below @ below) + own * own
        return math.sqrt(left)

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
        self._turn(last, -1.0)
        for array in (self._members, self._pulls, self._vectors[2], self._vectors[3]):
            array[position] = array[last]
        self._basis[n + position, :last] = self._basis[n + last, :last]
        self._basis[n + last, :k] = 0.0
        self._basis[:, last] = 0.0
        self.size = last
        if self.precise:
            self.refine()

    def _turn(self, k: int, sign: float) -> None:
        """Let the k-th vector of the basis, which was added (sign 1) or is to go (-1), act on everything."""
        n, size = self.rows, self.size
        vector, inverse = self._basis[:n, k], self._basis[n : n + size, k]
        along_y, along_w = sign * float(self._vectors[0, k]), sign * float(self._vectors[1, k])
        self._spread = max(self._spread + sign * float(inverse @ inverse), 0.0)
        self._peak = max(self._peak, self._spread)
        self._vectors[2, :size] += along_y * inverse
        self._vectors[3, :size] += along_w * inverse
        self.fit[0] -= along_y * vector
        self.fit[1] += along_w * vector
        self.changes, self._rate = self.changes + 1, None
        if not self.precise:
            correlations = vector @ self.Z
            self.r -= along_y * correlations
            self.a += along_w * correlations

    def refine(self) -> None:
        """Solve the equations of the active coefficients anew, from what is there.

        They are written with the residual as an unknown of its own: e + Z x = b, Z^T e - t^2 x = d, with b = y and
        d = 0 for x = u, and with b = 0 and d = pulls for x = -w. So the condition number of Z counts, not its square.
        """
        self.changes, self._rate = 0, None
        n, k = self.rows, self.size
        A = self.Z[:, self.members]
        squares = None if self.squares is None else self.squares[self.members, None]
        Q, W = self._basis[:n, :k], self._basis[n : n + k, :k]
        b = np.column_stack([self.y, np.zeros(n)])
        d = np.column_stack([np.zeros(k), self.pulls])
        x = np.column_stack([self.u, -self.w])
        e = self.fit.T.copy()
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
            turned = Q.T @ gap - W.T @ (short + rest)
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
        self.fit = np.ascontiguousarray(e.T)
        self._vectors[:2, :k] = self.y @ Q, self.fit[1] @ Q
        if squares is not None:
            self._vectors[1, :k] += (squares[:, 0] * self.w) @ W
        self._spread = self._peak = float(np.vdot(W, W))
        if self.precise:
            c, c_rest = matrix_product(self.Z.T, e)
            c = c + (c_rest + self.Z.T @ e_rest)
            self.r, self.a = c[:, 0].copy(), c[:, 1].copy()
        else:
            self.r, self.a = self.fit[0] @ self.Z, self.fit[1] @ self.Z

    def _rebuild(self, A: Array) -> None:
        n, k = A.shape
        if self.t is not None:
            A = np.vstack([A, np.diag(self.t[self.members])])
        Q, R = np.linalg.qr(A)
        self._basis[:n, :k], self._basis[n : n + k, :k] = Q[:n], np.linalg.inv(R)

    def _grow(self) -> None:
        n, k = self.rows, self.size
        capacity = min(max(2 * len(self._members), 16), self.rank)
        basis = np.zeros((n + capacity, capacity), order="F")
        basis[: n + k, :k] = self._basis[: n + k, :k]
        vectors = np.zeros((6, capacity))
        vectors[:, :k] = self._vectors[:, :k]
        self._basis, self._vectors = basis, vectors
        self._members, self._pulls = (
            np.concatenate([array, np.zeros(capacity - len(array), dtype=array.dtype)])
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
        s >= 0.
    """
    active = ActiveSet(Z, y, squares)
    free = v == 0
    for j in free.nonzero()[0].tolist():
        active.add(j, 0.0)
    # A coefficient without a penalty either moves or stays at zero for good.
    v = np.where(free, np.inf, v)
    size, signs = np.abs(active.r), np.sign(active.r)
    reached = np.where(size > active.blur(0.0, False) * active.lengths, size / v, 0.0)
    lam, stall = max(float(reached.max()), smallest), EPS
    # Solutions are values at some places, and 0 elsewhere.
    knots, places, found = [lam], [active.members.copy()], [active.u.copy()]
    # Columns at zero whose correlation equals the penalty, and which of the active coefficients came back to zero.
    tied, returned = (reached >= lam * (1 - TIE)).nonzero()[0], NONE
    while lam > smallest:
        waiting = _enter_and_leave(active, signs, v, tied, returned)
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
        members, values, precise = active.members.copy(), active.at(lam), active.precise
        blur = active.blur(lam, precise)
        back = event.returning[event.returns >= near] if event.returning.size else NONE
        tied = (event.reach >= 0.999 * near).nonzero()[0]
        if tied.size > 1:
            tied = tied[event.reach[tied] + blur * active.lengths[tied] / event.room[tied] >= near]
        if waiting.size or tied.size + back.size > 1:
            # Coefficients that come back to zero together with others, or that have not left it.
            sizes = np.abs(active.u) + lam * np.abs(active.w)
            zero = np.abs(values) <= active.error(lam, precise) + (EPS**2 if precise else TIE) * sizes
            zero[back] = True
            back = (zero & (active.pulls != 0)).nonzero()[0]
        values[back] = 0.0
        knots.append(lam)
        places.append(members)
        found.append(values)
        signs[tied] = event.side[tied]
        if waiting.size:
            c = active.r[waiting] + lam * active.a[waiting]
            still = np.abs(c) >= near * v[waiting] - blur * active.lengths[waiting]
            signs[waiting[still]] = np.sign(c[still])
            tied = np.union1d(tied, waiting[still])
        if back.size:
            signs[members[back]] = np.sign(active.pulls[back])
            tied = np.concatenate([tied, members[back]])
        returned = back
    solutions = np.zeros((len(knots), len(v)))
    for solution, place, values in zip(solutions, places, found, strict=True):
        solution[place] = values
    return np.array(knots), solutions


class _Event(NamedTuple):
    """The next knot, and where it comes from.

    Attributes
    ----------
    lam : float
    reach, side, room : ndarray
        Columns at zero meet the penalty where lam is the reach, with this sign; the room is how fast they near it.
    returning, returns : ndarray
        Which coefficients return to zero, and at which lam.
    sure : bool
        Whether ordinary rounding is too small to matter.
    """

    lam: float
    reach: Array
    side: Array
    room: Array
    returning: Array
    returns: Array
    sure: bool


def _next_event(active: ActiveSet, lam: float, signs: Array, v: Array, waiting: Array) -> _Event:
    members, u, w, r = active.members, active.u, active.w, active.r
    size, side = np.abs(r), np.sign(r)
    room = v - side * active.a
    room[members] = np.inf
    if waiting.size:
        # One that is tied and waits meets the penalty again on the other side only.
        room[waiting[side[waiting] == signs[waiting]]] = np.inf
    if active.interpolates:
        room[:] = np.inf
    elif room.min() <= 0:
        room[room <= 0] = np.inf
    reach = size / room
    blur = active.blur(lam, precise=False)
    noise = active.blur(lam, precise=True) if active.precise else blur
    first = int(reach.argmax())
    if size[first] <= noise * active.lengths[first]:
        room[size <= noise * active.lengths] = np.inf
        reach = size / room
        first = int(reach.argmax())
    following, sure = float(reach[first]), True
    # Where a coefficient returns to zero: it must have the other sign at lam = 0. One at zero already just stays.
    returning = (u * active.pulls < 0).nonzero()[0]
    returns = NONE
    if returning.size:
        returning = returning[np.abs(u[returning]) < lam * np.abs(w[returning]) * (1 - TIE)]
        returns = u[returning] / w[returning]
        if returning.size:
            following = max(following, float(returns.max()))
            slack = np.abs(u[returning]) + lam * np.abs(w[returning])
            slack = (active.error(lam, precise=False) + 4 * EPS * slack) / np.abs(w[returning])
            sure = not ((returns + slack >= following) & (slack > active.tolerance * returns)).any()
    faint = (size < blur / active.tolerance * active.longest).nonzero()[0]
    if sure and faint.size > active.size:
        late = blur * active.lengths[faint]
        latest = (size[faint] + late) / room[faint]
        sure = not ((latest >= following) & (latest > 0) & (active.tolerance * size[faint] < late)).any()
    return _Event(following, reach, side, room, returning, returns, sure)


def _enter_and_leave(active: ActiveSet, signs: Array, v: Array, tied: Array, returned: Array) -> Array:
    """Settle at a knot which of the tied coefficients at zero move on from here; those that wait are returned.

    The direction w minimizes 1/2 w^T H w - (signs v)^T w over the tied coefficients, those at zero being allowed to
    leave it on the side of their correlation only. This is nonnegative least squares, solved as by Lawson and Hanson.
    """
    if tied.size == 1 and not returned.size:
        j = int(tied[0])
        pull = float(signs[j] * v[j])
        if 1 - signs[j] * active.a[j] / v[j] > GAIN and active.add(j, pull):
            # Where nothing else is tied, it can only grow to the side of its correlation.
            return NONE
    for position in returned[::-1].tolist():
        active.remove(position)
    waiting = tied.tolist()
    entered: set[int] = set()
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
        entered.add(j)
        if len(entered) == 1 and active.w[-1] * signs[j] >= 0:
            continue
        before = np.append(before, 0.0)
        while True:
            members, after = active.members, active.w
            wrong = (after * active.pulls < 0) & np.isin(members, list(entered))
            if not wrong.any():
                break
            # As far towards the new direction as no sign is violated.
            share = np.divide(before, before - after, out=np.full(after.size, np.inf), where=wrong)
            blocking = int(share.argmin())
            out = int(members[blocking])
            if out == j and share[blocking] == 0:
                dependent.add(j)
            before = before + share[blocking] * (after - before)
            before[blocking] = before[-1]
            before = before[:-1]
            waiting.append(out)
            entered.discard(out)
            active.remove(blocking)
    return np.array(waiting, dtype=np.intp)
