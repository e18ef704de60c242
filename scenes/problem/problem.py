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
from lecture.definition import Fact
from lecture.words import Message, Plural, _
from wdmath import QuadraticRisk

from .models import MODELS
from .plane_loss import PlaneLoss

__all__ = ["Data", "Problem", "longest_pair", "round_number", "visible_lam"]

Plane = tuple[str, str] | tuple[int, int]


@dataclass(frozen=True)
class Data:
    """The data behind a problem, as its user knows them.

    Attributes
    ----------
    file, target, model : str
        `model` is a name of :data:`scenes.problem.models.MODELS`.
    columns : tuple of str
        The features, as columns of the file.
    rows, dropped : int
        How many rows were fitted, and how many were left out.
    classes : tuple of str
        Of the target, the positive one last where there are two.
    """

    file: str
    target: str
    model: str
    columns: tuple[str, ...]
    rows: int
    dropped: int = 0
    classes: tuple[str, ...] = ()
    standardized: bool = False
    intercept: bool = True
    scale: str = "sum"

    @property
    def title(self) -> Message:
        """Data, target and model in a line, for title cards."""
        return Plural(
            "{target} from {n} column of {file}: {model}", "{target} from {n} columns of {file}: {model}"
        ).format(target=self.target, n=len(self.columns), file=self.file, model=MODELS[self.model].title)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What was read and fitted, name by name."""
        scale = {
            "sum": _("summed over the rows"),
            "half_sum": _("half the sum over the rows"),
            "mean": _("averaged over the rows"),
            "half_mean": _("half the average over the rows"),
        }[self.scale]
        columns = ", ".join(self.columns)
        learned = (
            _("{columns}; each brought to mean 0 and standard deviation 1").format(columns=columns)
            if self.standardized
            else columns
        )
        predicted: Message | str = self.target
        if len(self.classes) == 2:
            predicted = _("{target}: {positive}, not {other}").format(
                target=self.target, positive=self.classes[1], other=self.classes[0]
            )
        elif self.classes:
            predicted = _("{target}: {classes}").format(target=self.target, classes=", ".join(self.classes))
        model = (
            _("{model} with an intercept that is not penalized, the losses {scale}")
            if self.intercept
            else _("{model} without an intercept, the losses {scale}")
        ).format(model=MODELS[self.model].title, scale=scale)
        rows = Plural("{file}, {n} row", "{file}, {n} rows").format(file=self.file, n=self.rows)
        return (
            Fact(_("Data"), rows),
            Fact(_("Predicted"), predicted),
            Fact(_("Learned from"), learned),
            Fact(_("Model"), model),
        )


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
    plane : (int, int) or (str, str), optional
        Which part of the whole risk `risk` is: the plane of two eigendirections, counted from 1, in which everything
        is exactly what happens to the whole model; or two parameters, the others at rest at the minimizer and
        unpenalized, which is another model (:attr:`is_slice`).
    basis : ndarray of shape (p, 2), optional
        The axes of the plane in the space of all parameters, orthonormal: `theta` has the coordinates
        ``basis.T @ theta``.
    names : tuple of str
        Of all parameters, as plain text; empty where they are theta_1, theta_2, ...
    is_fitted : bool
        Whether parameters are weights of columns, and their names those of the columns.
    data : Data, optional
        The data behind it.
    remarks : tuple of Message
        How its file was understood, what was left out of it, and what else its user should know.
    loss : object, optional
        The risk that `risk` is the Taylor model of, of all parameters and intercepts: logistic, softmax, Poisson, or
        one given by code.
    expanded_at : ndarray of shape (p,), optional
        Where: its minimizer, but for classes that can be separated.
    is_separable : bool
        Whether that risk has no minimizer, as its classes can be told apart without error: it is then expanded at the
        minimizer with the penalty `lam`, and `risk.minimizer` is the model's, not the risk's.
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
    basis: np.ndarray | None = field(default=None, repr=False)
    names: tuple[str, ...] = ()
    is_fitted: bool = False
    data: Data | None = None
    remarks: tuple[Message, ...] = ()
    loss: Any = field(default=None, repr=False)
    expanded_at: np.ndarray | None = field(default=None, repr=False)
    is_separable: bool = False

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
        **about: Any,
    ) -> Problem:
        """A lecture about any quadratic risk; what is not given is chosen so that its effect can be seen.

        Parameters
        ----------
        risk : QuadraticRisk
            Of two or more parameters.
        parameters : sequence of str
            Names of all of them.
        plane : (int, int) or (str, str), optional
            With more than two parameters, the plane to be drawn: of two eigendirections, counted from 1, by default
            those along which the minimizer is longest; or a slice along two parameters, by name.
        X, y : array_like, optional
            The data behind it, where it is least squares.
        **about
            Further attributes: `is_fitted`, `data`, `remarks`, `loss`, `expanded_at`, `is_separable`.
        lam : float, optional
            See :func:`visible_lam`.

        Raises
        ------
        ValueError
            If there are fewer than two parameters, the plane names what is not there, or the risk is flat in it.

        Examples
        --------
        >>> risk = QuadraticRisk([[4, 1, 0], [1, 3, 0], [0, 0, 1]], [1, 2, 3])
        >>> problem = Problem.from_risk(risk, parameters=["age", "bmi", "bp"])
        >>> problem.plane, problem.full.dimension, problem.lam
        ((1, 3), 3, 2.0)
        >>> whole = wdmath.ridge_minimizer(problem.full, problem.lam)
        >>> bool(np.allclose(problem.ridge, problem.basis.T @ whole))
        True
        """
        p = risk.dimension
        if p < 2:
            raise ValueError(f"the pictures in the plane need two parameters or more, got {p}")
        if parameters and len(parameters) != p:
            raise ValueError(f"a name for each of {p} parameters is needed, got {len(parameters)}")
        names = tuple(parameters)
        shown = (names[0], names[1]) if names and p == 2 else ("", "")
        full = basis = None
        if p > 2 or (plane is not None and isinstance(plane[0], int)):
            full = risk
            at = risk.minimizer if about.get("expanded_at") is None else about["expanded_at"]
            plane, basis, risk = _in_the_plane(full, names or _numbered(p), plane, at)
            if isinstance(plane[0], str):
                shown = (str(plane[0]), str(plane[1]))
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
            shown,
            X,
            y,
            full,
            plane,
            basis,
            names,
            **about,
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

        In a Python file, as ``problem = Problem.from_loss(...)``, it goes to film, page and slides by
        ``make LECTURE=mine.py`` (docs/own-loss.md).

        Examples
        --------
        >>> cosh = (lambda t: np.cosh(t).sum(), np.sinh, lambda t: np.diag(np.cosh(t)))
        >>> Problem.from_loss(cosh, [0.0, 1.0]).risk.eigenvalues.round(2).tolist()
        [1.54, 1.0]
        """
        about = {"loss": loss, "expanded_at": np.asarray(theta, dtype=float)}
        return cls.from_risk(QuadraticRisk.from_taylor(loss, theta), **{**about, **choices})

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

    # The whole model, where the plane shows a part of it.

    @property
    def is_slice(self) -> bool:
        """Whether the plane is a slice along two parameters: the others stay at the minimizer, unpenalized."""
        return self.plane is not None and isinstance(self.plane[0], str)

    @property
    def is_eigenplane(self) -> bool:
        """Whether the plane is that of two eigendirections of a larger model."""
        return self.plane is not None and not self.is_slice

    @property
    def whole(self) -> QuadraticRisk:
        """The risk that degrees of freedom, selection and pictures are about: of a slice, its own."""
        return self.risk if self.full is None or self.is_slice else self.full

    @cached_property
    def spectrum(self) -> np.ndarray:
        """Eigenvalues of the whole risk, descending, shape (p,); of a slice, its own two."""
        return self.whole.eigenvalues

    @cached_property
    def whole_ridge(self) -> np.ndarray:
        """The ridge minimizer of the whole model at `lam`, shape (p,), however it is drawn."""
        return wdmath.ridge_minimizer(self.full or self.risk, self.lam)

    @cached_property
    def rows(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Data X, shape (n, 2), and y that `risk` is the least-squares risk of, up to a constant, if there are any."""
        if self.X is None or self.y is None:
            return None
        if self.full is None or self.basis is None:
            return self.X, self.y
        along = self.X @ self.basis
        rest = self.full.minimizer - self.basis @ (self.basis.T @ self.full.minimizer)
        return along, self.y - self.X @ rest

    @cached_property
    def plane_loss(self) -> PlaneLoss | None:
        """The risk that `risk` is the Taylor model of, in the plane: the user's own; None for a quadratic one.

        Examples
        --------
        >>> cosh = (lambda t: np.cosh(t).sum(), np.sinh, lambda t: np.diag(np.cosh(t)))
        >>> problem = Problem.from_loss(cosh, [0.0, 1.0])
        >>> problem.plane_loss.value([[0.0, 0.0], [0.0, 1.0]]).round(3)
        array([2.   , 2.543])
        """
        if self.loss is None:
            return None
        return PlaneLoss(
            self.loss,
            np.eye(2) if self.basis is None else self.basis,
            (self.full or self.risk).minimizer if self.expanded_at is None else self.expanded_at,
        )

    # What it is called.

    @property
    def axis_names(self) -> tuple[tuple[Message | str, ...], tuple[Message | str, ...]]:
        """Names of the plane's axes, for each the ways to call it, the longest first; empty for theta_1 and theta_2."""
        first, second = self.parameters
        return self._weight_of(first), self._weight_of(second)

    def _weight_of(self, name: str) -> tuple[Message | str, ...]:
        if not name:
            return ()
        return (_("weight of {column}").format(column=name), name) if self.is_fitted else (name,)

    @cached_property
    def combinations(self) -> tuple[str, str]:
        """What theta_1 and theta_2 are made of in a plane of eigendirections: the largest terms first."""
        if not self.is_eigenplane or self.basis is None:
            return "", ""
        names = self.names or _numbered(len(self.basis))
        return _combination(self.basis[:, 0], names), _combination(self.basis[:, 1], names)

    @property
    def plane_note(self) -> Message | None:
        """What plane of a larger model is drawn, for a note in the picture; None where there is no larger one."""
        if self.full is None or self.plane is None:
            return None
        if self.is_slice:
            return Plural(
                "slice: {n} other weight fixed, unpenalized", "slice: {n} other weights fixed, unpenalized"
            ).format(n=self.full.dimension - 2)
        i, j = self.plane
        return _("plane of eigendirections {i} and {j} of {p}").format(
            i=str(i), j=str(j), p=str(self.full.dimension)
        )

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What was understood of its data, for credits and pages: names and plain text.

        Examples
        --------
        >>> data = Data("cars.csv", "mpg", "least_squares", ("weight", "age"), rows=20, standardized=True)
        >>> problem = Problem.from_risk(Problem.i2ml().risk, data=data)
        >>> [str(fact.text) for fact in problem.facts][:2]
        ['cars.csv, 20 rows', 'mpg']
        """
        of_data = () if self.data is None else self.data.facts
        drawn = self.plane_note
        plane: tuple[Fact, ...] = ()
        if drawn is not None and self.is_eigenplane:
            first, second = self.combinations
            axes = _("{plane}, with the axes {first} and {second}").format(
                plane=drawn, first=first, second=second
            )
            plane = (Fact(_("Picture"), axes),)
        elif drawn is not None:
            plane = (Fact(_("Picture"), drawn),)
        return (*of_data, *plane, *(Fact(_("Note"), remark) for remark in self.remarks))

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
    def has_floor_component(self) -> bool:
        """Whether the minimizer has a part along a direction without curvature, which any penalty takes."""
        sizes = np.abs(self.components)
        return self.is_singular and bool(sizes[1] > 1e-9 * sizes[0])

    @property
    def lies_along_floor(self) -> bool:
        """Whether the minimizer lies along a direction without curvature: the smallest penalty takes all of it."""
        return self.has_floor_component and self.lone_direction == 2

    @property
    def is_unpenalized(self) -> bool:
        """Whether the penalty is zero."""
        return self.lam == 0

    @property
    def is_barely_shrunk(self) -> bool:
        """Whether the penalty is too weak for its effect to be seen."""
        length = np.linalg.norm(self.risk.minimizer)
        return bool(length > 0 and np.linalg.norm(self.ridge - self.risk.minimizer) <= 0.005 * length)

    # Names from before, until no scene uses them.
    is_adrift = has_floor_component
    is_lost = lies_along_floor
    is_kept = is_barely_shrunk

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


def longest_pair(risk: QuadraticRisk) -> tuple[int, int]:
    """The two eigendirections, counted from 1, along which the minimizer is longest.

    Directions without curvature come last: a penalty leaves nothing along them to be looked at.

    Examples
    --------
    >>> longest_pair(QuadraticRisk(np.diag([5.0, 4.0, 3.0]), [1.0, 0.1, -2.0]))
    (1, 3)
    """
    sizes = np.abs(risk.to_eigenbasis(risk.minimizer))
    sizes[sizes <= 1e-9 * sizes.max()] = 0.0
    order = sorted(range(risk.dimension), key=lambda k: (risk.eigenvalues[k] == 0, -sizes[k], k))
    i, j = sorted(order[:2])
    return i + 1, j + 1


def _in_the_plane(
    full: QuadraticRisk, names: tuple[str, ...], plane: Plane | None, at: np.ndarray
) -> tuple[Plane, np.ndarray, QuadraticRisk]:
    """A plane, its axes, shape (p, 2), and the risk in it; the other weights of a slice stay where they are in `at`."""
    p = full.dimension
    if plane is not None and isinstance(plane[0], str):
        for name in plane:
            if name not in names:
                raise ValueError(f"there is no parameter {name!r} (parameters: {', '.join(names)})")
        first, second = (names.index(str(name)) for name in plane)
        if first == second:
            raise ValueError(f"expected two different parameters, got {plane[0]!r} twice")
        pair = [first, second]
        axes = np.eye(p)[:, pair]
        if np.array_equal(at, full.minimizer):
            risk = QuadraticRisk(full.hessian[np.ix_(pair, pair)], full.minimizer[pair], full.constant)
        else:
            slice_ = (
                lambda t: full.value(at + axes @ (t - at[pair])),
                lambda t: full.gradient(at + axes @ (t - at[pair]))[pair],
                lambda t: full.hessian[np.ix_(pair, pair)],
            )
            risk = QuadraticRisk.from_taylor(slice_, at[pair])
        return (names[first], names[second]), axes, risk
    i, j = sorted(int(k) for k in plane or longest_pair(full))
    if not 1 <= i < j <= p:
        raise ValueError(f"expected two different directions from 1 to {p}, got {i} and {j}")
    directions = full.eigenvectors[:, [i - 1, j - 1]]
    turn = _turned_to_parameters(directions)
    hessian = turn.T @ np.diag(full.eigenvalues[[i - 1, j - 1]]) @ turn
    z = full.to_eigenbasis(full.minimizer)[[i - 1, j - 1]]
    risk = QuadraticRisk((hessian + hessian.T) / 2, turn.T @ z, full.constant)
    return (i, j), directions @ turn, risk


def _turned_to_parameters(directions: np.ndarray) -> np.ndarray:
    """The orthogonal change of axes within a plane that brings them nearest to those of two parameters.

    Any axes within the plane tell the same, as the penalty is round; these are the ones that its user knows best.
    Eigenvectors as axes would leave nothing to rotate.

    Parameters
    ----------
    directions : ndarray of shape (p, 2)
        Orthonormal; row k is the shadow of parameter k on the plane.

    Returns
    -------
    ndarray of shape (2, 2)
        Its columns are the new axes: the nearest orthogonal matrix to two shadows, for the two of them that are
        nearest to being orthonormal themselves.
    """
    x, y = directions.T
    # The sum of the singular values of two shadows is how far their axes can be followed.
    turned = np.hypot(x[:, None] + y, y[:, None] - x)
    mirrored = np.hypot(x[:, None] - y, y[:, None] + x)
    fit = np.triu(np.maximum(turned, mirrored), 1)
    k, l = np.argwhere(fit >= fit.max() * (1 - 1e-9))[0]
    U, _sizes, Vt = np.linalg.svd(directions[[k, l]].T)
    return U @ Vt


def _numbered(p: int) -> tuple[str, ...]:
    return tuple(f"θ{_lowered(k + 1)}" for k in range(p))


def _combination(weights: np.ndarray, names: Sequence[str], most: int = 3) -> str:
    """A sum of parameters, the largest terms first.

    Examples
    --------
    >>> _combination(np.array([0.6, -0.78, 0.17]), ["a", "b", "c"], most=2)
    '−0.78 b + 0.60 a + …'
    """
    order = [k for k in np.argsort(-np.abs(weights), kind="stable") if abs(weights[k]) >= 0.005]
    terms = ""
    for k in order[:most]:
        sign = ("−" if weights[k] < 0 else "") if not terms else (" − " if weights[k] < 0 else " + ")
        terms += f"{sign}{abs(weights[k]):.2f} {names[k]}"
    return terms + (" + …" if len(order) > most else "")
