"""The title, and the question of the lecture: a model at rest in its bowl is pulled home, and not straight."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Create, Dot, FadeIn, Line, ValueTracker, VGroup, VMobject, Write, linear
from manim.utils.rate_functions import ease_in_sine

from lecture.stage import RIGHT_HALF, SAFE, TITLE, Region, Style, formula, polyline, step, unless, words
from lecture.stage.backing import BENEATH, backed, soft_edges
from lecture.stage.color import mix
from lecture.stage.drawing import Dashes, set_polyline
from lecture.stage.space import OVERHEAD, Space, SpaceAxes, SpaceCurve
from lecture.stage.surface import INSIDE
from lecture.words import _
from scenes.parts.bowl import Bowl, bowl_over
from scenes.parts.contours import contour_levels, risk_contours
from scenes.parts.eigen_picture import reach
from scenes.parts.parameter_plane import parameter_plane
from scenes.parts.scene import WeightDecayScene
from scenes.problem import Problem
from wdmath import QuadraticRisk, level_set_ellipse, ridge_minimizer

# The emblem has the right half to itself, up to the top: there is no title above it.
EMBLEM = Region(RIGHT_HALF.left, RIGHT_HALF.right, SAFE.bottom, SAFE.top)
# How far the bowl reaches along its long axis, as a share of the minimizer's length; and the widths of its contours.
EXTENT, WIDTHS = 0.5, (2.8, 2.4, 2.0, 1.6)
ELEVATION, MOST_TURN = np.radians(46), 0.45
DEPTH = 0.75  # of the bowl, in its half widths
CELLS = 9  # of the grid on the ground, along its longer side
GROUND = Region(EMBLEM.left - 0.6, SAFE.right, SAFE.bottom, SAFE.top)  # where the grid is seen


class Spring(VMobject):
    """A coil between two points: the shorter it is, the closer its turns.

    Parameters
    ----------
    turns : int
    radius : float
        In frame units.
    """

    def __init__(self, color: str, *, turns: int = 11, radius: float = 0.13, width: float = 4.0):
        super().__init__(color=color, stroke_width=width, fill_opacity=0)
        self._turns, self._radius = turns, radius

    def put(self, start: Any, end: Any) -> Spring:
        """Stretch it from `start` to `end`, both of shape (3,) in frame units."""
        start, end = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
        length = float(np.linalg.norm(end - start))
        along = (end - start) / max(length, 1e-9)
        across = np.array([-along[1], along[0], 0.0])
        share = np.linspace(0, 1, 24 * self._turns + 1)
        # Straight at both ends.
        inside = np.clip((share - 0.06) / 0.88, 0, 1)
        sway = min(self._radius, 0.1 * length) * np.sin(2 * np.pi * self._turns * inside)
        return set_polyline(self, start + np.outer(share * length, along) + np.outer(sway, across))


class Emblem(VGroup):
    """A problem's minimizer and contours from above, and the spring that pulls a model away from it along its curve.

    Attributes
    ----------
    plane : Plane
    levels : ndarray
        Of the contours, above the minimum.
    extent : float
        How far the picture of the risk reaches from its minimizer, in coordinates.
    axes, contours, straight, curve, best, spring, ball : Mobject
    label : Mobject
        Of the minimizer, beside it; not part of the group.
    """

    def __init__(self, problem: Problem, style: Style):
        risk, size = problem.risk, reach(problem)
        self._style, self.extent = style, EXTENT * size
        path = np.vstack([risk.minimizer, ridge_minimizer(risk, problem.lam * np.linspace(0, 1, 201) ** 2)])
        self.levels = contour_levels(risk, self.extent, len(WIDTHS))
        axes = level_set_ellipse(risk, self.levels[-1]).semi_axes
        spread = np.minimum(axes, self.extent) * np.abs(risk.eigenvectors)
        # What is cut from a long ellipse has corners.
        cut = axes.max() > self.extent * 1.001
        spread = spread.sum(axis=1) if cut else np.linalg.norm(spread, axis=1)
        corners = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])
        around = risk.minimizer + np.maximum(0.3 * size, spread) * corners
        self.plane = plane = parameter_plane(EMBLEM, np.vstack([around, path]), style, margin=0.4)
        self.axes, self.origin = plane.axes, plane.origin
        self.contours = risk_contours(plane, risk, self.levels, style.line, reach=self.extent)
        for contour, width in zip(self.contours, WIDTHS, strict=False):
            contour.set_stroke(width=width)
        self._way = plane.c2p(path)
        self._whole = polyline(self._way, style.ridge, 4)
        start, end = self._way[0], self.origin
        line = Line(start, end if np.linalg.norm(end - start) > 1e-3 else start + np.array([1e-3, 0, 0]))
        self.straight = Dashes(line.set_stroke(style.dim, 3))
        self.curve = self._whole.copy().set_z_index(2)
        self.best = Dot(start, radius=0.12, color=style.minimizer).set_z_index(2)
        self.spring = Spring(style.penalty).set_z_index(2)
        self.ball = Dot(start, radius=0.14, color=style.ridge).set_z_index(3)
        label = formula("@min", style, size=TITLE).next_to(self.best, [1, 1, 0], buff=0.06)
        self.label = backed(label, style, buff=0.02)
        super().__init__(
            self.axes, self.contours, self.straight, self.curve, self.best, self.spring, self.ball
        )
        self.pull(1.0)

    def pull(self, share: float) -> None:
        """Put the ball where it is after that share of its way, with the curve behind it and the spring before."""
        self.curve.pointwise_become_partial(self._whole, 0, share)
        along = share * (len(self._way) - 1)
        at = np.array([np.interp(along, range(len(self._way)), axis) for axis in self._way.T])
        self.ball.move_to(at)
        # It takes on its color as it leaves the minimizer, whose color it had.
        self.ball.set_fill(mix(self._style.ridge, self._style.minimizer, min(1.0, 5 * share)))
        self.spring.put(self.origin, at)


def heading(style: Style) -> Any:
    """Title and subtitle of the lecture, in their place."""
    title = words(_("The geometry of\\ *weight decay*"), style, size=1.6 * TITLE)
    subtitle = words(_("L2 regularization, step by step"), style, role="dim")
    block = VGroup(title, subtitle).arrange([0, -1, 0], buff=0.45, aligned_edge=[-1, 0, 0])
    return block.move_to([SAFE.left, EMBLEM.center[1], 0], aligned_edge=[-1, 0, 0])


def rolling(
    risk: QuadraticRisk, height: float, extent: float, away: np.ndarray, count: int = 241
) -> np.ndarray:
    """The way of a ball from a place on the risk down to its minimizer, swinging faster where it is steeper.

    Parameters
    ----------
    height : float
        Of the place above the minimum, if it is within the extent.
    away : ndarray of shape (2,)
        The direction in which it lies, about.

    Returns
    -------
    ndarray of shape (count, 2)
        In equal steps of time.
    """
    with np.errstate(divide="ignore"):
        axes = np.minimum(np.sqrt(2 * height / risk.eigenvalues), 0.85 * extent)
    turn = np.linspace(0, 2 * np.pi, 73)
    rim = axes * np.column_stack([np.cos(turn), np.sin(turn)])
    start = rim[np.argmax((rim @ risk.eigenvectors.T) @ away)]
    # Where there is no slope it does not move.
    start = np.where(risk.eigenvalues > 0, start, 0.0)
    time = np.linspace(0, 1, count)[:, None]
    swing = (1 - time) ** 2 * np.cos(np.pi * np.array([3.0, 1.5]) * time)
    return risk.minimizer + (start * swing) @ risk.eigenvectors.T


class Opening(WeightDecayScene):
    """Weight decay has a geometry, and it can be seen."""

    @step(
        say=_(
            "Every point of this plane is a model, and its <height>height is its error. Training <roll>rolls downhill, "
            "to rest at the lowest point, {min}."
        ),
        shows=_(
            "The title: The geometry of weight decay. Beside it a bowl over a plane with two axes; a ball rests at its "
            "bottom, the minimizer."
        ),
    )
    def roll_down(self) -> None:
        style, problem = self.style, self.problem
        self.emblem = emblem = Emblem(problem, style)
        self.make_bowl(emblem)
        self.elapsed = ValueTracker(0.0)
        top = float(emblem.levels[-1])
        way = rolling(problem.risk, 0.9 * top, emblem.extent, self.space.away)
        self.marble = Dot(radius=0.14, color=style.minimizer).set_z_index(INSIDE)
        share = np.linspace(0, 1, len(way))

        def put(m: Dot) -> None:
            at = [np.interp(self.elapsed.get_value(), share, axis) for axis in way.T]
            m.move_to(self.bowl.on(at))

        self.follow(self.marble, put, self.elapsed, self.rise, *self.space.trackers)
        title = heading(style)
        # A long title may reach over the ground.
        patches = VGroup(*(backed(line, style)[0] for line in title))
        self.add(self.grid, self.edges, self.ground, self.bowl)
        self.play(FadeIn(self.grid, self.ground, self.bowl, patches), Write(title), run_time=1.4)
        self.add(title)
        self.wait_for("height")
        self.play(self.rise.animate.set_value(1.0), run_time=1.8)
        self.play(FadeIn(self.marble, scale=2), run_time=0.5)
        self.wait_for("roll")
        self.play(self.elapsed.animate(rate_func=ease_in_sine).set_value(1.0), run_time=3.2)

    def make_bowl(self, emblem: Emblem) -> None:
        """The bowl over the emblem's plane, at first flat, and the axes on the ground."""
        style, risk = self.style, self.problem.risk
        # Turned so that it is looked into along its flat direction, over its lower walls.
        flat = risk.eigenvectors[:, 1] * np.sign(risk.eigenvectors[1, 1] or 1.0)
        turn = float(np.clip(np.arctan2(flat[0], flat[1]), -MOST_TURN, MOST_TURN))
        options: dict[str, Any] = dict(azimuth=turn, elevation=ELEVATION, reach=emblem.extent)
        half = emblem.plane.unit * emblem.extent
        self.space: Space
        self.bowl: Bowl
        self.space, self.bowl = bowl_over(
            emblem.plane,
            risk,
            style,
            levels=emblem.levels,
            height=DEPTH * half,
            widths=list(WIDTHS[: len(emblem.levels)]),
            **options,
        )
        self.keep_in_frame(emblem, turn)
        # The axes pass below the bowl; their names would lie on it.
        self.ground = SpaceAxes(self.space, style.line)
        self.ground.remove(self.ground.labels)
        self.ground.lines.set_z_index(-0.5)
        self.grid = SpaceCurve(self.space, self.grid_lines(emblem), style.faded("line", 0.4), width=1.5)
        self.grid.set_z_index(BENEATH)
        self.edges = soft_edges(GROUND, style, width=1.0)
        whole = self.space.rise
        self.rise = ValueTracker(0.02)

        def look(m: Any) -> None:
            self.space.rise = whole * self.rise.get_value()
            m.look()

        lines = self.grid.places

        def look_down(m: SpaceCurve) -> None:
            look(self.ground)
            seen = GROUND.contains(self.space.at(lines))
            m.put(np.where(seen[:, None], lines, np.nan))

        self.follow(self.grid, look_down, self.rise, *self.space.trackers)
        for mobject in (self.bowl, self.ground):
            self.follow(mobject, look, self.rise, *self.space.trackers)

    def keep_in_frame(self, emblem: Emblem, turn: float) -> None:
        """Turn less, and draw the bowl lower, where axes or bowl would leave the frame."""
        spines = [end for s in emblem.plane.spines for end in (s.get_start(), s.get_end())]
        corners = np.column_stack([emblem.plane.p2c(np.array(spines)), np.zeros(len(spines))])
        rim = self.bowl.border.places
        points = np.vstack([corners, rim[np.isfinite(rim).all(axis=1)]])
        deep = self.space.rise
        for share in (1.0, 0.7, 0.4, 0.0):
            self.space.azimuth.set_value(share * turn)
            self.space.rise = (0.75 + 0.25 * share) * deep
            if SAFE.grown(-0.05).contains(self.space.at(points)).all():
                break

    def grid_lines(self, emblem: Emblem) -> np.ndarray:
        """The plane itself: square cells on the ground, as far as the axes and the bowl reach."""
        plane, best = emblem.plane, self.problem.risk.minimizer
        ends = [plane.p2c(end) for spine in plane.spines for end in (spine.get_start(), spine.get_end())]
        ends += [best - emblem.extent, best + emblem.extent]
        low, high = np.min(ends, axis=0), np.max(ends, axis=0)
        cell = float((high - low).max()) / CELLS
        first, last = np.floor(low / cell), np.ceil(high / cell)
        rows = []
        for axis in (0, 1):
            along = cell * np.linspace(first[1 - axis], last[1 - axis], 120)
            for k in np.arange(first[axis], last[axis] + 1):
                line = np.zeros((121, 3))
                line[:120, axis], line[:120, 1 - axis] = k * cell, along
                line[120] = np.nan
                rows.append(line)
        return np.vstack(rows)

    @step(
        say=_("Now look straight <above>down into it: the walls become contours, and the plane a map."),
        shows=_(
            "The same bowl from straight above: contours around the minimizer, in a plane with two axes through the "
            "origin."
        ),
    )
    def look_from_above(self) -> None:
        emblem, space = self.emblem, self.space
        self.wait_for("above")
        self.play(
            space.elevation.animate.set_value(OVERHEAD),
            space.azimuth.animate.set_value(0),
            self.grid.seen.animate(run_time=2).set_stroke(opacity=0),
            run_time=3.4,
        )
        self.remove(self.bowl, self.ground, self.grid, self.edges, self.marble)
        self.add(emblem.axes, emblem.contours, emblem.best)
        self.play(FadeIn(emblem.label), run_time=0.5)

    @step(
        say=unless(
            _(
                "Weight decay ties the model to zero, and the tie <tight>tightens. The model leaves the lowest point, "
                "but not on the <straight>straight line. Why not? That is our story."
            ),
            is_zero=_(
                "Weight decay ties the model to zero, and the tie <tight>tightens. Here it rests at zero already, and "
                "nothing <straight>moves. What happens elsewhere is our story."
            ),
            is_barely_shrunk=_(
                "Weight decay ties the model to zero, and the tie <tight>tightens. Here it is so weak that the model "
                "hardly <straight>moves. What a stronger one does is our story."
            ),
            is_round=_(
                "Weight decay ties the model to zero, and the tie <tight>tightens. The model leaves the lowest point "
                "on the <straight>straight line, for this bowl is round. Others are not: that is our story."
            ),
            is_alone=_(
                "Weight decay ties the model to zero, and the tie <tight>tightens. The model leaves the lowest point "
                "on the <straight>straight line, as only in such a direction. Why? That is our story."
            ),
        ),
        shows=unless(
            _(
                "A spring from the origin has pulled the model off the minimizer, on a curve; a dashed straight line "
                "from the minimizer to the origin lies beside it."
            ),
            is_zero=_("Contours around the origin, where the minimizer lies: there is nothing to pull."),
            is_barely_shrunk=_("A spring from the origin to the model, which still lies on the minimizer."),
            is_round=_("A spring from the origin has pulled the model off the minimizer, straight back."),
            is_alone=_("A spring from the origin has pulled the model off the minimizer, straight back."),
        ),
    )
    def pull_it_home(self) -> None:
        emblem = self.emblem
        share = ValueTracker(0)
        moving = VGroup(emblem.curve, emblem.spring, emblem.ball)
        self.follow(moving, lambda _: emblem.pull(share.get_value()), share)
        self.play(Create(emblem.spring, suspend_mobject_updating=True, rate_func=linear), run_time=1.4)
        self.add(moving)
        self.wait_for("tight")
        self.play(share.animate.set_value(1), run_time=4)
        self.wait_for("straight")
        self.play(Create(emblem.straight, rate_func=linear), run_time=2.6)
        self.add(moving)
