"""The figure of the sources: along the flat direction the weight is gone, along the steep one it stays."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    Create,
    Dot,
    FadeIn,
    FadeOut,
    GrowFromPoint,
    Indicate,
    Line,
    Rotate,
    ValueTracker,
    VGroup,
    Write,
    rush_from,
    there_and_back,
)

from lecture.stage import LEFT_HALF, RIGHT_HALF, SAFE, STAGE, Region, place, step
from lecture.stage.backing import backed
from lecture.stage.trace import Trace
from lecture.words import _, computed
from scenes.parts.contours import risk_contours
from scenes.parts.descent import fewest_digits
from scenes.parts.parameter_plane import parameter_plane
from scenes.parts.penalty_scale import decimals_for
from scenes.parts.scene import WeightDecayScene
from scenes.parts.touching import TouchingPair
from scenes.problem import Problem
from wdmath import QuadraticRisk, ridge_minimizer

# A Hessian and a minimizer as in Goodfellow et al. (2016), figure 7.1: flat along the first parameter.
HESSIAN = ((1.0, 0.0), (0.0, 121.0))
MINIMIZER = (2.2, 1.5)
LAM = 11.0  # between the eigenvalues: what is kept is 1/12 of the first weight and 11/12 of the second

#: How far the whole figure is turned in the end.
TURN = np.pi / 4

# Room for the largest ellipse, and for it turned.
_PLANE = Region(LEFT_HALF.left, LEFT_HALF.right + 1.5, SAFE.bottom, STAGE.top)


@cache
def textbook() -> Problem:
    """The figure's own problem, whatever the lecture is about."""
    return Problem.from_risk(QuadraticRisk(HESSIAN, MINIMIZER), name="textbook", lam=LAM)


def given_ridge() -> np.ndarray:
    """The ridge minimizer of the figure."""
    return np.asarray(ridge_minimizer(textbook().risk, LAM))


def _share(which: int) -> Any:
    return computed("sigma / (sigma + lam)", sigma=lambda _: HESSIAN[which][which], lam=lambda _: LAM)


class TheTextbookFigure(WeightDecayScene):
    """Where the eigenvalue is small the weight is decayed away, where it is large the weight stays."""

    title = _("The *textbook figure*")

    @step(
        say=_(
            "The figure of the textbooks: <contours>solid, contours of a risk that is flat to the side and steep "
            "upwards. <circles>Dashed, circles of the penalty."
        ),
        shows=_(
            "A plane of two weights. Long flat ellipses around {min}, which lies to the upper right of the origin; "
            "dashed circles around the origin. On the right the two eigenvalues."
        ),
        covers=("A9", "B11"),
    )
    def meet_the_figure(self) -> None:
        style, given = self.style, textbook()
        self.risk = risk = given.risk
        corners = np.array([[4.5, 2.3], [-2.2, -1.0], [0.0, 4.2]])
        self.plane = plane = parameter_plane(_PLANE, corners, style, numbers=True)
        region = plane.drawing_region
        levels = risk.eigenvalues[1] / 2 * np.array([0.25, 0.7, 1.2]) ** 2
        self.contours = risk_contours(plane, risk, levels, style.line, within=region)
        self.pair = TouchingPair(plane, given, style, LAM)
        self.circles = VGroup()
        for radius in (0.8, 2.2):
            circle = TouchingPair(plane, given, style, LAM).circle
            self.pair.set_radius(radius, 0.7)
            self.circles.add(circle.set_points(self.pair.circle.points.copy()))
        self.circles.set_stroke(color=style.faded("penalty", 0.6), width=2.5)
        self.pair.set_lam(LAM)
        self.min_dot = Dot(plane.c2p(risk.minimizer), radius=0.1, color=style.minimizer).set_z_index(3)
        self.min_name = self.name("@min", self.min_dot.get_center(), [1, 1])
        self.values = VGroup()
        for k, (label, sigma) in enumerate((("@s2", HESSIAN[0][0]), ("@s1", HESSIAN[1][1]))):
            value = self.number(
                "sigma", template=f"{label} = {{}}", size=44, sigma=sigma, digits=fewest_digits(sigma)
            )
            self.values.add(value.move_to([_RIGHT.left, _ROWS[2 * k], 0], aligned_edge=[-1, 0, 0]))
        self.add(plane)
        self.play(Write(self.make_title()), FadeIn(self.min_dot, self.min_name), run_time=1)
        self.wait_for("contours")
        self.play(*(Create(c) for c in self.contours), run_time=2.8)
        self.play(FadeIn(self.values), run_time=0.6)
        self.wait_for("circles")
        self.play(*(FadeIn(c, scale=0.6) for c in self.circles), run_time=1.4, rate_func=rush_from)

    def name(self, source: str, at: np.ndarray, prefer: list[float]) -> VGroup:
        """A name beside a point, on a patch, clear of arrows and bars."""
        drawn = [self.pair.risk_pull, self.pair.penalty_pull, *getattr(self, "bars", [])]
        label = place(
            self.formula(source),
            at,
            avoid=[self.plane, *drawn],
            over=[*self.contours],
            within=_PLANE,
            prefer=prefer,
        )
        return backed(label, self.style)

    @step(
        say=_(
            "Let {lam} grow to {lam_value}, <grow>between the two. The point slides almost level to the left: "
            "<rest>there ellipse and circle touch, <equal>an equilibrium."
        ).format(lam_value=computed("lam", "{:g}".format, lam=lambda _: LAM)),
        shows=_(
            "The ridge path leads from {min} far to the left and hardly down; at its end, {ridge}, an ellipse touches "
            "a dashed circle, and two equal arrows point in opposite directions. On the right the value of {lam}."
        ),
        covers=("A9", "B11"),
    )
    def slide_to_the_equilibrium(self) -> None:
        style, plane = self.style, self.plane
        self.lam = ValueTracker(0.0)
        lams = LAM * np.linspace(0, 1, 200) ** 3
        self.path = Trace(plane.c2p(ridge_minimizer(self.risk, lams)), style.ridge)
        pair = self.pair
        pair.pull_scale = 0.9 / (LAM * float(np.hypot(*given_ridge())))  # frame units long at the end
        pair.set_lam(0.0)
        # The pulls are drawn at the end only.
        parts = [pair.ellipse, pair.circle, pair.point]
        for part in parts:
            self.follow(part, lambda _: pair.set_lam(self.lam.get_value()), self.lam)
        self.follow(self.path, lambda m: m.show((self.lam.get_value() / LAM) ** (1 / 3)), self.lam)
        name = self.formula("@lam =").move_to([_RIGHT.left, _ROWS[1], 0], aligned_edge=[-1, 0, 0])
        value = self.live_number("lam", self.lam, decimals=decimals_for(LAM, 2), role="penalty", size=44)
        value.follow_equals(name)
        self.lam_shown = VGroup(name, value)
        self.play(FadeIn(pair.point, name, value), run_time=0.5)
        self.add(self.path, *parts)
        self.wait_for("grow")
        quiet = VGroup(self.contours, self.circles)
        self.play(
            self.lam.animate(rate_func=lambda t: t**3).set_value(LAM),
            quiet.animate.set_stroke(opacity=0.35),
            run_time=4,
        )
        self.ridge_name = self.name("@ridge", pair.point.get_center(), [1, -1])
        self.wait_for("rest")
        touching = (pair.ellipse, pair.circle)
        self.play(
            *(m.animate(rate_func=there_and_back).set_stroke(width=8) for m in touching),
            FadeIn(self.ridge_name),
            run_time=1,
        )
        self.wait_for("equal")
        here = pair.point.get_center()
        arrows = [pair.risk_pull, pair.penalty_pull]
        self.play(*(GrowFromPoint(a, here) for a in arrows), run_time=1, rate_func=rush_from)

    @step(
        say=_(
            "First dimension: the <size>eigenvalue is small, <little>moving sideways hardly raises the risk, <gone>so "
            "the weight is pulled close to zero. <left>{share} of it is left."
        ).format(share=_share(0)),
        shows=_(
            "On the first axis a pale bar as long as the first weight of {min} and on it the short rest that {ridge} "
            "has; beside the small eigenvalue the factor, 0.0833."
        ),
        covers=("A8", "A9", "B10", "B11"),
    )
    def lose_the_first_weight(self) -> None:
        self.wait_for("size")
        self.play(Indicate(self.values[0], scale_factor=1.2, color=self.style.eig2), run_time=1.4)
        self.wait_for("little")
        self._show_dimension(0)
        self.wait_for("gone")
        factor = self._shrink(0)
        self.wait_for("left")
        self.play(FadeIn(factor), run_time=1)

    @step(
        say=_(
            "Second dimension: the <size>eigenvalue is large, <much>the risk is sensitive to every step up or down, "
            "<kept>so the weight hardly changes. <left>{share} of it is kept."
        ).format(share=_share(1)),
        shows=_(
            "On the second axis a bar that is nearly as long as the second weight of {min}; beside the large "
            "eigenvalue the factor, 0.917."
        ),
        covers=("A8", "A9", "B10", "B11"),
    )
    def keep_the_second_weight(self) -> None:
        self.wait_for("size")
        self.play(Indicate(self.values[1], scale_factor=1.2, color=self.style.eig1), run_time=1.4)
        self.wait_for("much")
        self._show_dimension(1)
        self.wait_for("kept")
        factor = self._shrink(1)
        self.wait_for("left")
        self.play(FadeIn(factor), run_time=1)

    def _show_dimension(self, which: int) -> None:
        """The component of the minimizer on an axis, and the step from the axis to it."""
        style, plane = self.style, self.plane
        role = ("eig2", "eig1")[which]
        foot = np.zeros(2)
        foot[which] = MINIMIZER[which]
        tail, head = plane.origin, plane.c2p(foot)
        self.bars = getattr(self, "bars", VGroup())
        pale = Line(tail, head, color=style.faded(role, 0.45), stroke_width=11)
        self.bar = Line(tail, head, color=style.color(role), stroke_width=11)
        self.bars.add(pale, self.bar)
        self.play(GrowFromPoint(pale, tail), GrowFromPoint(self.bar, tail), run_time=2)

    def _shrink(self, which: int) -> Any:
        """The bar shrinks to what the ridge minimizer keeps; its factor, below the eigenvalue, is returned."""
        plane, bar = self.plane, self.bar
        label = ("@s2", "@s1")[which]
        sigma = HESSIAN[which][which]
        head = bar.get_end()
        kept = sigma / (sigma + LAM)
        factor = self.number(
            "sigma / (sigma + lam)",
            template=f"{label} / ({label} + @lam) = {{}}",
            size=44,
            sigma=sigma,
            lam=LAM,
        )
        factor.next_to(self.values[which], DOWN, buff=0.3, aligned_edge=LEFT)
        share = ValueTracker(1.0)
        self.follow(
            bar,
            lambda m: m.put_start_and_end_on(
                plane.origin, plane.origin + share.get_value() * (head - plane.origin)
            ),
            share,
        )
        self.play(share.animate.set_value(kept), run_time=2, rate_func=rush_from)
        return factor

    @step(
        say=_(
            "Nothing here needs the axes. <turn>Turn the whole figure, and the circles stay as they are: what counts "
            "is the direction of the eigenvectors. No weight is <exactly>exactly zero."
        ),
        shows=_(
            "The ellipses, the path, both bars and the arrows are turned by 45 degrees about the origin; circles and "
            "axes are as before. Both weights of {ridge} are far from zero now, but along the flat direction nearly "
            "nothing is left."
        ),
        covers=("A9", "B11"),
    )
    def turn_the_figure(self) -> None:
        pair, plane = self.pair, self.plane
        # The second axis's number lies where the ellipses will.
        self.play(FadeOut(self.min_name, self.ridge_name, plane.tick_labels[1]), run_time=0.4)
        turned = VGroup(
            self.contours,
            self.path,
            self.bars,
            pair.ellipse,
            pair.point,
            pair.risk_pull,
            pair.penalty_pull,
            self.min_dot,
        )
        for mobject in turned.get_family():
            mobject.clear_updaters()
        self.wait_for("turn")
        self.play(Rotate(turned, TURN, about_point=plane.origin), run_time=4.6)
        self.contours.set_stroke(opacity=0.35)
        self.turned = [
            self.name("@min", self.min_dot.get_center(), [1, 0.3]),
            self.name("@ridge", pair.point.get_center(), [-1, -0.3]),
        ]
        self.play(FadeIn(*self.turned), run_time=0.6)
        self.wait_for("exactly")
        self.play(Indicate(self.bars[1], scale_factor=1.6, color=self.style.eig2), run_time=0.9)


# Of eigenvalues and factors, and the heights of both eigenvalues and of lambda between them.
_RIGHT = Region(RIGHT_HALF.left + 1.7, RIGHT_HALF.right, SAFE.bottom, STAGE.top)
_ROWS = (2.0, 0.05, -0.9)
