"""The balance of forces under the reader's hand: where ellipse and circle touch, for every penalty strength."""

from __future__ import annotations

import numpy as np
from manim import BackgroundRectangle, Dot, Line, VGroup, linear

import wdmath
from lecture.stage import Chart, Region, step
from lecture.stage.trace import Trace
from lecture.words import _
from scenes.parts.eigen_picture import EigenPicture, HeartScene, heart_plane
from scenes.parts.penalty_scale import PenaltyScale, PenaltyTracker
from scenes.parts.sweep import FARTHEST, LEFT_PICTURE, RIGHT_PICTURE, SECONDS, sweep
from scenes.parts.touching import TouchingPair


class SliderForces(HeartScene):
    """At the ridge minimizer the pull of the risk and the pull of the penalty are equal and opposite."""

    title = _("Where the forces *balance*")

    @step(
        say=_(
            "Drag {lam}: the ellipse of the risk and the circle of the penalty always touch at the ridge minimizer."
        ),
        shows=_(
            "On the left the parameter plane: an ellipse of the risk touches a dashed circle around zero, and from "
            "the point where they touch two equal arrows pull in opposite directions. On the right, over {lam}, the "
            "risk rises and the squared norm, dashed, falls."
        ),
    )
    def sweep_lambda(self) -> None:
        problem, style = self.problem, self.style
        self.lam = PenaltyTracker(PenaltyScale(problem.risk.eigenvalues), 0.0)
        self.plane = heart_plane(problem, LEFT_PICTURE, style)
        self.picture = EigenPicture(self.plane, problem, style)
        name = self.name_minimizer(self.picture, LEFT_PICTURE)
        patch = BackgroundRectangle(name, color=style.background, fill_opacity=0.85, buff=0.06)
        self.name = VGroup(patch, name)
        self.minimizer = Dot(self.plane.c2p(problem.risk.minimizer), radius=0.1, color=style.minimizer)
        self.contours = self.picture.contours.set_stroke(opacity=0.4)
        self.pair = TouchingPair(self.plane, problem, style, 0.0)
        touches = [wdmath.tangent_circle(problem.risk, lam) for lam in sweep(problem.risk.eigenvalues, 240)]
        self.path = Trace(self.plane.c2p([touch.point for touch in touches]), style.ridge)
        self.add(self.plane, self.contours, self.minimizer.set_z_index(2))
        self._draw_chart(
            np.array([touch.level for touch in touches]),
            np.array([touch.radius**2 / 2 for touch in touches]),
        )
        self.follow(self.path, lambda m: m.show(self.lam.position / FARTHEST), self.lam)
        self.follow(self.pair, lambda m: m.set_lam(self.lam.get_value()), self.lam)
        self.add(self.path, self.pair, self.name)
        end = self.lam.scale_.lam(FARTHEST)
        self.play(self.lam.animate.set_value(end), run_time=SECONDS, rate_func=linear)

    def _draw_chart(self, gained: np.ndarray, held: np.ndarray) -> None:
        """What the risk has gained and what the penalty still holds, each as a share of its height."""
        style, risk = self.style, self.problem.risk
        region = RIGHT_PICTURE
        self.chart = Chart(
            Region(region.left + 0.2, region.right, region.bottom, region.top - 0.75),
            (0, FARTHEST),
            (0, 1.02),
            style,
            x_ticks={
                self.lam.scale_.position(sigma): f"@s{k + 1}" for k, sigma in enumerate(risk.eigenvalues)
            },
        )
        box = self.chart.box
        self.eigenvalues = [
            Line(
                self.chart.c2p(self.lam.scale_.position(sigma), 0.0),
                self.chart.c2p(self.lam.scale_.position(sigma), 1.02),
                color=style.faded(role, 0.6),
                stroke_width=2.5,
            )
            for role, sigma in zip(("eig1", "eig2"), risk.eigenvalues, strict=True)
            if sigma > 0
        ]
        most = max(float(risk.value([0.0, 0.0])) - risk.constant, 1e-300), max(float(held[0]), 1e-300)
        shares = gained / most[0], held / most[1]
        positions = np.linspace(0, FARTHEST, len(gained))
        colors = style.ink, style.penalty
        self.curves = [
            Trace(self.chart.c2p(positions, share), color, dash=dash).show(1.0)
            for share, color, dash in zip(shares, colors, (False, True), strict=True)
        ]
        self.riders = [Dot(radius=0.1, color=color) for color in colors]
        for rider, share in zip(self.riders, shares, strict=True):
            self.follow(
                rider,
                lambda m, share=share: m.move_to(
                    self.chart.c2p(self.lam.position, np.interp(self.lam.position, positions, share))
                ),
                self.lam,
            )
        self.curve_names = [
            self.formula("R(theta) - R(@min)", size=38).move_to(
                [box.right, box.top + 0.15, 0], aligned_edge=[1, -1, 0]
            ),
            self.formula("inline(1/2) norm(theta)^2", size=38, role="penalty").move_to(
                [box.left + 0.2, box.top + 0.15, 0], aligned_edge=[-1, -1, 0]
            ),
        ]
        self.add(self.chart, *self.eigenvalues, *self.curves, *self.riders, *self.curve_names)
