"""The title, with the lecture's picture as its emblem."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Create, FadeIn, GrowFromPoint, LaggedStart, ValueTracker, VGroup, Write

from lecture.stage import (
    RIGHT_HALF,
    SAFE,
    TITLE,
    Arrow,
    Region,
    Style,
    polyline,
    step,
    unless,
    words,
)
from scenes.parts.contours import contour_levels, risk_contours
from scenes.parts.eigen_picture import EXTENT, reach
from scenes.parts.parameter_plane import parameter_plane
from scenes.parts.scene import WeightDecayScene
from scenes.problem import Problem
from wdmath import level_set_ellipse, ridge_minimizer

# The emblem has the right half to itself, up to the top: there is no title above it.
EMBLEM = Region(RIGHT_HALF.left, RIGHT_HALF.right, SAFE.bottom, SAFE.top)


class Emblem(VGroup):
    """A problem's minimizer and contours, and the arrow that the penalty pulls away from it, along its curve.

    Attributes
    ----------
    axes, contours, arrow, curve, pulled : Mobject
        In the order in which they are drawn.
    """

    def __init__(self, problem: Problem, style: Style):
        risk, size = problem.risk, reach(problem)
        path = np.vstack([risk.minimizer, ridge_minimizer(risk, problem.lam * np.linspace(0, 1, 201) ** 2)])
        levels = contour_levels(risk, EXTENT * size)
        axes = level_set_ellipse(risk, levels[-1]).semi_axes
        spread = np.minimum(axes, EXTENT * size) * np.abs(risk.eigenvectors)
        # What is cut from a long ellipse has corners.
        spread = np.linalg.norm(spread, axis=1) if axes.max() <= EXTENT * size * 1.001 else spread.sum(axis=1)
        corners = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])
        around = risk.minimizer + np.maximum(0.3 * size, spread) * corners
        plane = parameter_plane(EMBLEM, np.vstack([around, path]), style, margin=0.4)
        self.axes, self.origin = plane.axes, plane.origin
        self.contours = risk_contours(plane, risk, levels, style.line, reach=EXTENT * size)
        for k, contour in enumerate(self.contours):
            contour.set_stroke(opacity=1 - 0.17 * k)
        self._way = plane.c2p(path)
        self._whole = polyline(self._way, style.ridge, 4)
        self.arrow = Arrow(plane.origin, self._way[0], style.minimizer).set_z_index(1)
        self.curve = self._whole.copy().set_z_index(2)
        self.pulled = Arrow(plane.origin, self._way[-1], style.ridge).set_z_index(2)
        super().__init__(self.axes, self.contours, self.arrow, self.curve, self.pulled)

    def pull(self, share: float) -> None:
        """Put the second arrow where it is after that share of its way, with the curve behind it."""
        self.curve.pointwise_become_partial(self._whole, 0, share)
        along = share * (len(self._way) - 1)
        self.pulled.put(self.origin, [np.interp(along, range(len(self._way)), axis) for axis in self._way.T])


def heading(style: Style) -> Any:
    """Title and subtitle of the lecture, in their place."""
    title = words("The geometry of\\ *weight decay*", style, size=1.6 * TITLE)
    subtitle = words("L2 regularization, step by step", style, role="dim")
    block = VGroup(title, subtitle).arrange([0, -1, 0], buff=0.45, aligned_edge=[-1, 0, 0])
    return block.move_to([SAFE.left, EMBLEM.center[1], 0], aligned_edge=[-1, 0, 0])


class Opening(WeightDecayScene):
    """Weight decay has a geometry, and it can be seen."""

    @step(
        say="A model that learns comes to rest where its training error is least: here, seen from above.",
        shows=unless(
            "The title: The geometry of weight decay. Beside it the arrow of the minimizer from the origin, "
            "and the contours of the risk around its tip.",
            is_zero="The title: The geometry of weight decay. Beside it the contours of the risk around the origin.",
        ),
    )
    def show_the_title(self) -> None:
        self.heading = heading(self.style)
        title, subtitle = self.heading
        self.emblem = emblem = Emblem(self.problem, self.style)
        self.play(Write(title), run_time=1.5)
        self.play(FadeIn(subtitle), FadeIn(emblem.axes), GrowFromPoint(emblem.arrow, emblem.origin))
        self.play(LaggedStart(*(Create(c) for c in emblem.contours), lag_ratio=0.25), run_time=2)

    @step(
        say="Weight decay pulls it home, towards zero. Which way it takes, and where it stops, is our story.",
        shows=unless(
            "The same picture; a second arrow, shorter, has left the tip of the first along a curve.",
            is_zero="The same picture: at the origin there is nothing to pull.",
            is_kept="The same picture; a second arrow lies over the first.",
        ),
    )
    def pull_it_towards_the_origin(self) -> None:
        share = ValueTracker(0)
        moving = VGroup(self.emblem.curve, self.emblem.pulled)
        self.add(self.follow(moving, lambda _: self.emblem.pull(share.get_value()), share))
        self.play(share.animate.set_value(1), run_time=4)
