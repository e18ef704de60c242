"""What a lecture is about: one quadratic risk, the plane in which it is drawn, and the choices made for it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

import wdmath
from wdmath import QuadraticRisk

__all__ = ["Problem", "entangled_pair", "round_number", "visible_lam"]

Plane = tuple[str, str] | tuple[int, int]


@dataclass(frozen=True)
class Problem:
    """A two-parameter positive semidefinite risk with its penalty strengths and its descent.

    Attributes
    ----------
    risk : QuadraticRisk
        Two parameters; built once, from data or from a Hessian and a minimizer.
    lam : float
        Penalty strength of rotating and rescaling, in the units of the Hessian's eigenvalues.
    lam_zigzag : float
        Penalty strength under which the split steps are drawn.
    lams_compared : (float, float)
        A weak and a strong penalty, side by side.
    step_size, steps
        Of gradient descent from `start`.
    parameters : (str, str)
        Names of the two parameters as plain text; empty for theta_1 and theta_2.
    X, y : ndarray, optional
        The data behind the whole risk, where there are any: centered where an intercept is free.
    full : QuadraticRisk, optional
        The whole risk, where it has more parameters than the plane shows.
    plane : (str, str) or (int, int), optional
        Which part of the whole risk `risk` is: two parameters, the others at rest at the minimizer; or two
        eigendirections, counted from 1.
    """

    name: str
    risk: QuadraticRisk
    lam: float
    lam_zigzag: float
    lams_compared: tuple[float, float]
    step_size: float
    steps: int
    start: tuple[float, float] = (0.0, 0.0)
    parameters: tuple[str, str] = ("", "")
    X: np.ndarray | None = field(default=None, repr=False)
    y: np.ndarray | None = field(default=None, repr=False)
    full: QuadraticRisk | None = field(default=None, repr=False)
    plane: Plane | None = None

    @classmethod
    def i2ml(cls) -> Problem:
        """The source lecture's own example: 100 rows, sum of squares, its penalties and its step size.

        Examples
        --------
        >>> Problem.i2ml().risk.eigenvalues.round(1).tolist()
        [116.2, 16.3]
        """
        X, y = wdmath.load_i2ml()
        return cls(
            name="I2ML",
            risk=QuadraticRisk.from_least_squares(X, y, scale="sum"),
            lam=50.0,
            lam_zigzag=10.0,
            lams_compared=(5.0, 50.0),
            step_size=0.005,
            steps=100,
            X=X,
            y=y,
        )

    @classmethod
    def from_risk(
        cls,
        risk: QuadraticRisk,
        *,
        name: str = "",
        parameters: Sequence[str] = (),
        plane: Plane | None = None,
        lam: float | None = None,
        lam_zigzag: float | None = None,
        lams_compared: tuple[float, float] | None = None,
        step_size: float | None = None,
        steps: int | None = None,
        start: tuple[float, float] | None = None,
        X: np.ndarray | None = None,
        y: np.ndarray | None = None,
    ) -> Problem:
        """A lecture about any quadratic risk; what is not given is chosen so that its effect can be seen.

        Parameters
        ----------
        risk : QuadraticRisk
            Of two or more parameters.
        parameters : sequence of str
            Names of all of them.
        plane : (str, str) or (int, int), optional
            With more than two parameters, the two to be drawn, by name; or two eigendirections, counted from 1.
            By default the pair of parameters that the Hessian entangles most.
        lam : float, optional
            See :func:`visible_lam`.

        Raises
        ------
        ValueError
            If there are fewer than two parameters, the plane names what is not there, or the risk is flat in it.

        Examples
        --------
        >>> risk = QuadraticRisk([[4, 1, 0], [1, 3, 0], [0, 0, 1]], [1, 2, 3])
        >>> problem = Problem.from_risk(risk, parameters=["age", "bmi", "bp"], plane=("bmi", "bp"))
        >>> problem.risk.minimizer.tolist(), problem.full.dimension, problem.lam
        ([2.0, 3.0], 3, 2.0)
        """
        p = risk.dimension
        if p < 2:
            raise ValueError(f"the pictures in the plane need two parameters or more, got {p}")
        names = tuple(parameters) or (("", "") if p == 2 else tuple(f"θ{_lowered(k + 1)}" for k in range(p)))
        if len(names) != p:
            raise ValueError(f"a name for each of {p} parameters is needed, got {len(names)}")
        full = None if p == 2 and (plane is None or isinstance(plane[0], str)) else risk
        if full is not None:
            plane, risk, names = _in_the_plane(full, names, plane)
        else:
            plane = None
        steep = float(risk.eigenvalues[0])
        if steep == 0:
            raise ValueError("the risk is flat in every direction of the plane; nothing can be seen there")
        if lam is None:
            lam = visible_lam(risk)
        if lam_zigzag is None:
            lam_zigzag = round_number((lam or steep) / 5)
        if lams_compared is None:
            # As far apart as in the source, and around the penalty that can be seen.
            strong = lam or visible_lam(risk)
            lams_compared = (round_number(strong / 10), strong)
        if step_size is None:
            step_size = round_number(1 / (steep + max(lam_zigzag, *lams_compared)), down=True)
        if steps is None:
            slowest = step_size * (risk.eigenvalues[risk.eigenvalues > 0][-1] + lam_zigzag)
            steps = int(np.clip(np.ceil(8 / slowest), 20, 1000))
        if start is None:
            # From its own minimizer a descent would not move.
            start = (0.0, 0.0) if risk.minimizer.any() else (0.8, 0.6)
        return cls(
            name,
            risk,
            float(lam),
            float(lam_zigzag),
            (float(lams_compared[0]), float(lams_compared[1])),
            float(step_size),
            steps,
            start,
            (names[0], names[1]),
            X,
            y,
            full,
            plane,
        )

    @classmethod
    def from_loss(cls, loss: Any, theta: ArrayLike, **choices: Any) -> Problem:
        """A lecture about any loss with gradient and Hessian: about its Taylor model at `theta`.

        Parameters
        ----------
        loss : object with methods value, gradient and hessian, or a sequence of those three callables
        theta : array_like of shape (p,)
            Where to expand: the minimizer of the loss.
        **choices
            As in :meth:`from_risk`.

        Examples
        --------
        >>> cosh = (lambda t: np.cosh(t).sum(), np.sinh, lambda t: np.diag(np.cosh(t)))
        >>> Problem.from_loss(cosh, [0.0, 1.0]).risk.eigenvalues.round(2).tolist()
        [1.54, 1.0]
        """
        return cls.from_risk(QuadraticRisk.from_taylor(loss, theta), **choices)

    @cached_property
    def ridge(self) -> np.ndarray:
        """The ridge minimizer at `lam`, shape (2,)."""
        return wdmath.ridge_minimizer(self.risk, self.lam)

    @cached_property
    def components(self) -> np.ndarray:
        """The minimizer in the eigenbasis, shape (2,)."""
        return self.risk.to_eigenbasis(self.risk.minimizer)

    @cached_property
    def factors(self) -> np.ndarray:
        """Shrinkage factors at `lam`, shape (2,)."""
        return wdmath.shrinkage_factors(self.risk.eigenvalues, self.lam)

    @cached_property
    def angle(self) -> float:
        """How far Q turns the plane, counterclockwise, in radians: the direction of the steep eigenvector."""
        first = self.risk.eigenvectors[:, 0]
        return float(np.arctan2(first[1], first[0]))

    @cached_property
    def spectrum(self) -> np.ndarray:
        """Eigenvalues of the whole risk, descending, shape (p,)."""
        return (self.full or self.risk).eigenvalues

    # What is special about the problem, for the words.

    @property
    def is_zero(self) -> bool:
        """Whether the minimizer is the origin: there is nothing to shrink."""
        return not self.risk.minimizer.any()

    @property
    def is_round(self) -> bool:
        """Whether the risk is equally steep in every direction of the plane."""
        steep, flat = self.risk.eigenvalues
        return bool(steep - flat <= 1e-9 * steep)

    @property
    def is_singular(self) -> bool:
        """Whether the risk has no curvature at all along its flat direction."""
        return bool(self.risk.eigenvalues[1] == 0)

    @property
    def is_upright(self) -> bool:
        """Whether the eigenvectors lie on the axes already, so that Q turns by nothing."""
        return abs(self.angle) < 1e-9

    @property
    def lone_direction(self) -> int | None:
        """The eigendirection, 1 or 2, along which the minimizer lies alone, if there is one."""
        sizes = np.abs(self.components)
        lone = [k for k in range(2) if sizes[1 - k] <= 1e-9 * sizes[k] and sizes[k] > 0]
        return lone[0] + 1 if lone else None

    @property
    def is_alone(self) -> bool:
        """Whether the minimizer lies along one eigenvector: there is one component to shrink."""
        return self.lone_direction is not None

    @property
    def is_adrift(self) -> bool:
        """Whether the minimizer has a part along a direction without curvature, which any penalty takes."""
        sizes = np.abs(self.components)
        return self.is_singular and bool(sizes[1] > 1e-9 * sizes[0])

    @property
    def is_lost(self) -> bool:
        """Whether the minimizer lies along a direction without curvature: the smallest penalty takes all of it."""
        return self.is_adrift and self.lone_direction == 2

    @property
    def is_unpenalized(self) -> bool:
        """Whether the penalty is zero."""
        return self.lam == 0

    @property
    def is_kept(self) -> bool:
        """Whether the penalty is too weak for its effect to be seen."""
        length = np.linalg.norm(self.risk.minimizer)
        return bool(length > 0 and np.linalg.norm(self.ridge - self.risk.minimizer) <= 0.005 * length)

    @property
    def contours(self) -> str:
        """What the contours of the risk are."""
        return "circles" if self.is_round else "lines" if self.is_singular else "ellipses"


def _lowered(number: int) -> str:
    """A number in subscript digits."""
    return "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in str(number))


def round_number(value: float, *, down: bool = False) -> float:
    """The number 1, 2 or 5 times a power of ten that is nearest to a positive one, or the last one below it.

    Examples
    --------
    >>> [round_number(v) for v in (43.5, 0.0034, 8.0)], round_number(0.0059, down=True)
    ([50.0, 0.005, 10.0], 0.005)
    """
    power = math.floor(math.log10(value))
    numbers = [float(f"{m}e{power + shift}") for shift in (0, 1) for m in (1, 2, 5)]
    if down:
        return max((n for n in numbers if n <= value * (1 + 1e-9)), default=numbers[0])
    return min(numbers, key=lambda n: abs(math.log(n / value)))


def visible_lam(risk: QuadraticRisk) -> float:
    """A round penalty strength whose effect can be seen: it tells the directions apart and shortens the minimizer.

    The geometric mean of the positive eigenvalues keeps most of the steep direction and loses most of the flat
    one. Where that would leave less than 30 % or more than 80 % of the minimizer's length, it is moved until it
    does not.

    Examples
    --------
    >>> visible_lam(Problem.i2ml().risk)
    50.0
    """
    sigma, z = risk.eigenvalues, risk.to_eigenbasis(risk.minimizer)
    positive = sigma[sigma > 0]
    lam = float(np.exp(np.log(positive).mean()))
    weight = np.where(sigma > 0, z, 0.0)
    if not weight.any():
        return round_number(lam)
    weight = weight / np.abs(weight).max()  # the length of a tiny one would underflow

    def kept(candidate: float) -> float:
        factors = wdmath.shrinkage_factors(sigma, candidate)
        return float(np.linalg.norm(factors * weight) / np.linalg.norm(weight))

    bound = 0.3 if kept(lam) < 0.3 else 0.8 if kept(lam) > 0.8 else None
    if bound is not None:
        # The length falls with lambda: halve the interval of its logarithm.
        low, high = math.log(float(positive[-1])) - 3, math.log(float(positive[0])) + 3
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if kept(math.exp(middle)) > bound else (low, middle)
        lam = math.exp(low)
    return round_number(lam)


def entangled_pair(hessian: np.ndarray) -> tuple[int, int]:
    """The two parameters whose plane is turned most by its eigenbasis: the first such pair.

    Examples
    --------
    >>> entangled_pair(np.array([[4.0, 0.0, 1.0], [0.0, 9.0, 2.0], [1.0, 2.0, 3.0]]))
    (0, 2)
    """
    curvature = np.diag(hessian)
    larger = np.maximum(curvature[:, None], curvature)
    turned = np.triu(np.divide(np.abs(hessian), larger, out=np.zeros_like(larger), where=larger > 0), 1)
    if not turned.any():
        # Nothing is turned: the steepest two.
        first, second = sorted(np.argsort(-curvature, kind="stable")[:2].tolist())
        return first, second
    i, j = np.unravel_index(int(turned.argmax()), turned.shape)
    return int(i), int(j)


def _in_the_plane(
    full: QuadraticRisk, names: tuple[str, ...], plane: Plane | None
) -> tuple[Plane, QuadraticRisk, tuple[str, str]]:
    """The part of a risk that lies in a plane through its minimizer, and what its axes are called."""
    p = full.dimension
    if plane is not None and isinstance(plane[0], int):
        i, j = sorted(int(k) for k in plane)
        if not 1 <= i < j <= p:
            raise ValueError(f"two different directions from 1 to {p} are wanted, got {i} and {j}")
        z = full.to_eigenbasis(full.minimizer)[[i - 1, j - 1]]
        risk = QuadraticRisk(np.diag(full.eigenvalues[[i - 1, j - 1]]), z, full.constant)
        return (i, j), risk, (f"direction {i}", f"direction {j}")
    if plane is None:
        first, second = entangled_pair(full.hessian)
    else:
        for name in plane:
            if name not in names:
                raise ValueError(f"there is no parameter {name!r} (parameters: {', '.join(names)})")
        first, second = (names.index(str(name)) for name in plane)
        if first == second:
            raise ValueError(f"two different parameters are wanted, got {plane[0]!r} twice")
    pair = [first, second]
    risk = QuadraticRisk(full.hessian[np.ix_(pair, pair)], full.minimizer[pair], full.constant)
    shown = (names[first], names[second])
    return shown, risk, shown
