"""The title, with the lecture's picture as its emblem."""

from __future__ import annotations

import numpy as np
from manim import Create, FadeIn, GrowFromPoint, LaggedStart, ValueTracker, VGroup, Write

from scenes.kit import (
    RIGHT_HALF,
    SAFE,
    TITLE,
    Arrow,
    LectureScene,
    Plane,
    Region,
    contour_levels,
    polyline,
    step,
    unless,
)
from scenes.kit.eigen_picture import EXTENT, reach
from scenes.kit.plane import risk_contours
from wdmath import ridge_minimizer

# The emblem has the right half to itself, up to the top: there is no title above it.
EMBLEM = Region(RIGHT_HALF.left, RIGHT_HALF.right, SAFE.bottom, SAFE.top)


class Opening(LectureScene):
    """Weight decay has a geometry, and it can be seen."""

    @step(
        say="A model that learns comes to rest where its training error is least: here, seen from above.",
        shows=unless(
            "The title: The geometry of weight decay. Beside it the arrow of the minimiser from the origin, "
            "and the contours of the risk around its tip.",
            is_zero="The title: The geometry of weight decay. Beside it the contours of the risk around the origin.",
        ),
    )
    def show_the_title(self) -> None:
        title = self.words("The geometry of\\ *weight decay*", size=1.6 * TITLE)
        subtitle = self.words("L2 regularisation, step by step", role="dim")
        self.heading = VGroup(title, subtitle).arrange([0, -1, 0], buff=0.45, aligned_edge=[-1, 0, 0])
        self.heading.move_to([SAFE.left, EMBLEM.center[1], 0], aligned_edge=[-1, 0, 0])
        self.play(Write(title), run_time=1.5)
        risk, size = self.problem.risk, reach(self.problem)
        ridge = ridge_minimizer(risk, self.problem.lam * np.linspace(0, 1, 201) ** 2)
        self.path = np.vstack([risk.minimizer, ridge])
        corners = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])
        around = risk.minimizer + 0.3 * size * corners
        self.plane = Plane(EMBLEM, np.vstack([around, self.path]), self.theme, margin=0.4)
        levels = contour_levels(risk, EXTENT * size)
        self.contours = risk_contours(self.plane, risk, levels, self.theme.line, reach=EXTENT * size)
        for k, contour in enumerate(self.contours):
            contour.set_stroke(opacity=1 - 0.17 * k)
        tip = self.plane.c2p(risk.minimizer)
        self.arrow = Arrow(self.plane.origin, tip, self.theme.minimizer).set_z_index(1)
        self.play(FadeIn(subtitle), FadeIn(self.plane.axes), GrowFromPoint(self.arrow, self.plane.origin))
        self.play(LaggedStart(*(Create(c) for c in self.contours), lag_ratio=0.25), run_time=2)

    @step(
        say="Weight decay pulls it home, towards zero. Which way it takes, and where it stops, is our story.",
        shows=unless(
            "The same picture; a second arrow, shorter, has left the tip of the first along a curve.",
            is_zero="The same picture: at the origin there is nothing to pull.",
            is_kept="The same picture; a second arrow lies over the first.",
        ),
    )
    def pull_it_towards_the_origin(self) -> None:
        way = self.plane.c2p(self.path)
        curve = polyline(way, self.theme.ridge, 4)
        drawn, arrow = curve.copy(), Arrow(self.plane.origin, way[0], self.theme.ridge)
        share = ValueTracker(0)

        def follow(_: VGroup) -> None:
            drawn.pointwise_become_partial(curve, 0, share.get_value())
            along = share.get_value() * (len(way) - 1)
            arrow.put(self.plane.origin, [np.interp(along, range(len(way)), axis) for axis in way.T])

        self.add(self.follow(VGroup(drawn, arrow).set_z_index(2), follow, share))
        self.play(share.animate.set_value(1), run_time=4)
