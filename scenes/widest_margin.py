"""With a vanishing penalty, logistic regression on separable classes finds the line with the most room."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    Create,
    Dot,
    FadeIn,
    FadeOut,
    Line,
    Polygon,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
    linear,
)

from lecture.stage import FORMULA, LEFT_HALF, RIGHT_HALF, SMALL, Chart, Plane, Region, clip, question, step
from lecture.stage.drawing import set_dashed_polyline, set_polyline
from lecture.stage.region import clip_polygon
from lecture.stage.scatter import Scatter
from lecture.words import _
from scenes.experiments.widest_margin import LAMS, MARGIN, two_classes
from scenes.parts.scene import WeightDecayScene
from wdmath import LogisticRisk

_MARGIN = "np.min(signs * (X @ theta[:2] + theta[2])) / np.hypot(theta[0], theta[1])"
#: Points whose distance from the line is that of the nearest, about.
_NEAR = 1.1


class WidestMargin(WeightDecayScene):
    """As the penalty vanishes, the boundary of separable classes turns to the one with the widest margin."""

    title = _("Hardly any penalty: the *widest margin*")
    question_region = Region(RIGHT_HALF.left, RIGHT_HALF.right, RIGHT_HALF.bottom, 0.6)

    @property
    def theta(self) -> np.ndarray:
        """Weights and intercept at the penalty now, between two that were computed if need be."""
        position = self.at.get_value()
        k = min(int(position), len(LAMS) - 2)
        return (1 - position + k) * self.data.theta[k] + (position - k) * self.data.theta[k + 1]

    def line_at(self, theta: np.ndarray, distance: float) -> np.ndarray:
        """Ends, in the frame, of the line in parallel to a boundary at a distance from it."""
        length = np.hypot(*theta[:2])
        normal = theta[:2] / length
        foot = (distance - theta[2] / length) * normal
        along = 20 * np.array([-normal[1], normal[0]])
        return self.plane.c2p(np.array([foot - along, foot + along]))

    def show_boundary(self, group: VGroup) -> None:
        """The boundary, and the band that no point is in."""
        theta = self.theta
        gap = max(self.data.margin(theta), 0.0)
        middle, one, other = (self.line_at(theta, d) for d in (0.0, -gap, gap))
        band, line, *edges = group
        for part, ends in ((line, middle), *zip(edges, (one, other), strict=True)):
            pieces = clip(ends[:, :2], self.room)
            part.set_points_as_corners(
                np.column_stack([pieces[0], np.zeros(2)]) if pieces else [ends[0], ends[0]]
            )
        corners = clip_polygon(np.vstack([one, other[::-1]])[:, :2], self.room)
        band.set_points_as_corners(np.column_stack([corners, np.zeros(len(corners))]))

    @step(
        say=_(
            "Two classes that a line can tell apart. <strong>With a strong penalty the boundary crosses the way "
            "between their centers at a right angle, <near>and passes some points closely."
        ),
        shows=_(
            "Two kinds of dots in a plane, discs and diamonds, and a straight boundary between them; a narrow band "
            "along it holds no point. A dashed line joins the centers of the classes, at a right angle to the boundary."
        ),
    )
    def tell_them_apart(self) -> None:
        style = self.style
        self.data = data = two_classes()
        self.signs = 2.0 * data.y - 1
        self.at = ValueTracker(0.0)
        self.plane = Plane(LEFT_HALF, data.X, style, labels=("@x1", "@x2"), name="inputs", margin=0.5)
        self.room = Region(LEFT_HALF.left, LEFT_HALF.right - 0.1, LEFT_HALF.bottom, LEFT_HALF.top - 0.1)
        points = self.plane.c2p(data.X)
        self.points = VGroup(
            Scatter(points[data.y == 0], style.ink, radius=0.08, diamond=True),
            Scatter(points[data.y == 1], style.ink, radius=0.085),
        ).set_z_index(2)
        centers = self.plane.c2p([data.X[data.y == k].mean(axis=0) for k in (0, 1)])
        way = VMobject(color=style.dim, stroke_width=3)
        set_dashed_polyline(way, centers)
        self.way = VGroup(way, Scatter(centers, style.dim, radius=0.1))
        self.boundary = VGroup(
            Polygon([0, 0, 0], [1, 0, 0], [1, 1, 0], stroke_width=0).set_fill(style.faded("ridge", 0.25), 1),
            Line(color=style.ridge, stroke_width=6),
            *(Line(color=style.ridge, stroke_width=2) for _side in range(2)),
        )
        self.follow(self.boundary, self.show_boundary, self.at)
        band, line, *edges = self.boundary
        self.play(Write(self.make_title()), FadeIn(self.plane), run_time=1)
        self.play(FadeIn(self.points), run_time=0.8)
        self.wait_for("strong")
        self.play(Create(self.way), run_time=1.4)
        self.play(Create(line), run_time=2)
        self.wait_for("near")
        self.play(FadeIn(band, *edges), run_time=0.8)
        self.remove(band, line, *edges)
        self.add(self.boundary, self.points)

    @question(
        ask=_("Now let {lam} fall towards zero. Where will the boundary come to rest?"),
        choices=(
            _("nowhere"),
            _("right here"),
            _("with most room"),
        ),
        answer=2,
        shows=_("The classes with their boundary, and three answers."),
    )
    def predict_the_boundary(self) -> None:
        self.play(FadeOut(self.way), run_time=0.5)

    @step(
        say=_(
            "<fall>The weights grow, and only the nearest points still count. <turn>The line turns away from them, "
            "<widest>until the gap is nearly the widest that any line has."
        ),
        shows=_(
            "The boundary has turned and the band beside it is three times as wide, with points on both of its edges. "
            "At the right the margin over {lam}, logarithmic: towards small {lam} it rises to a dashed level, the "
            "widest margin."
        ),
        experiments=(MARGIN,),
    )
    def let_the_penalty_vanish(self) -> None:
        style, data = self.style, self.data
        region = Region(RIGHT_HALF.left, RIGHT_HALF.right, RIGHT_HALF.bottom, RIGHT_HALF.top - 0.7)
        self.chart = chart = Chart(
            region,
            (LAMS[-1], LAMS[0]),
            (0, 1.15 * data.widest),
            style,
            labels=(_("{lam}"), _("distance of the nearest point")),
            x_ticks={1e-8: "10^(-8)", 1e-4: "10^(-4)", 1.0: "1"},
            y_ticks={0.2: "0.2", 0.4: "0.4"},
            x_log=True,
        )
        self.curve = VMobject(color=style.ridge, stroke_width=5, fill_opacity=0)
        self.rider = Dot(radius=0.11, color=style.ridge).set_z_index(2)

        def here() -> np.ndarray:
            lam = float(np.exp(np.interp(self.at.get_value(), range(len(LAMS)), np.log(LAMS))))
            return chart.c2p(lam, data.margin(self.theta))

        def draw(curve: VMobject) -> None:
            count = int(self.at.get_value()) + 1
            set_polyline(curve, np.vstack([chart.c2p(LAMS[:count], data.margins[:count]), here()[None]]))

        self.follow(self.curve, draw, self.at)
        self.follow(self.rider, lambda m: m.move_to(here()), self.at)
        name = self.words(_("length of the weights:"), role="dim", size=SMALL)
        length = self.live_number(
            "np.hypot(np.interp(at, rows, first), np.interp(at, rows, second))",
            self.at,
            decimals=1,
            size=FORMULA,
            variable="at",
            rows=np.arange(len(LAMS), dtype=float),
            first=data.theta[:, 0],
            second=data.theta[:, 1],
        )
        name.move_to([RIGHT_HALF.left, RIGHT_HALF.top, 0], aligned_edge=[-1, 0, 0])
        length.next_to(name, [1, 0, 0], buff=0.25).align_to(name, [0, -1, 0])
        self.reading = VGroup(name, length)
        self.level = VMobject(color=style.ink, stroke_width=3.5)
        set_dashed_polyline(self.level, chart.c2p([LAMS[-1], LAMS[0]], [data.widest] * 2))
        level_name = self.words(_("widest of all lines"), size=SMALL)
        level_name.next_to(self.level.get_end(), [0, 1, 0], buff=0.1).align_to(self.level, [1, 0, 0])
        self.play(FadeIn(chart, self.rider, self.reading), run_time=0.8)
        self.add(self.boundary, self.points, self.curve, self.rider, self.reading)
        self.wait_for("fall")
        self.play(self.at.animate(rate_func=linear).set_value(22.0), run_time=2.5)
        self.wait_for("turn")
        self.play(self.at.animate(rate_func=linear).set_value(55.0), run_time=2.8)
        self.wait_for("widest")
        self.play(Create(self.level), FadeIn(level_name), run_time=0.8)
        self.play(self.at.animate(rate_func=linear).set_value(len(LAMS) - 1.0), run_time=1.4)
        self.value = self.number(
            _MARGIN, role="ridge", X=data.X, signs=self.signs, theta=data.theta[-1], size=SMALL
        )
        self.value.next_to(self.rider, [1, -1, 0], buff=0.12)
        self.play(FadeIn(self.value), run_time=0.4)

    @step(
        say=_(
            "<few>Three points hold the line. <away>Take all others away, and it stays. <choice>So even a vanishing "
            "penalty chooses, among all lines without an error, the one with the most room."
        ),
        shows=_(
            "Only the three points on the edges of the band are left, ringed; the other dots are pale. The boundary of "
            "these three alone lies on that of all."
        ),
    )
    def hold_it_by_three_points(self) -> None:
        style, data, plane = self.style, self.data, self.plane
        theta = data.theta[-1]
        distance = self.signs * (data.X @ theta[:2] + theta[2]) / np.hypot(*theta[:2])
        near = distance < _NEAR * distance.min()
        rings = Scatter(plane.c2p(data.X[near]), style.ink, radius=0.2, hollow=True)
        # Each row counts as before.
        few = LogisticRisk(data.X[near], data.y[near], scale=1 / len(data.y), intercept=True)
        self.few = few.ridge_path(LAMS[-1])
        ends = clip(self.line_at(self.few, 0.0)[:, :2], self.room)[0]
        line = Line(*np.column_stack([ends, np.zeros(2)]), color=style.ink, stroke_width=2.5)
        pale: Any = VGroup()
        for group, label in zip(self.points, (0, 1), strict=True):
            far = Scatter(
                plane.c2p(data.X[(data.y == label) & ~near]),
                style.ink,
                radius=0.08 if label == 0 else 0.085,
                diamond=label == 0,
            )
            kept = plane.c2p(data.X[(data.y == label) & near])
            group.move_dots(kept)
            pale.add(far.set_z_index(1))
        self.add(pale)
        self.wait_for("few")
        self.play(FadeIn(rings, scale=1.8), run_time=1.6)
        self.wait_for("away")
        self.play(pale.animate.set_color(style.faded("ink", 0.25)), run_time=1)
        self.play(Create(line), run_time=2.2)
        self.wait_for("choice")
        # Other lines without an error: those of stronger penalties.
        others = VGroup()
        for k in np.flatnonzero(data.margins > 0)[:25:5]:
            corners = clip(self.line_at(data.theta[k], 0.0)[:, :2], self.room)[0]
            others.add(Line(*np.column_stack([corners, np.zeros(2)]), color=style.dim, stroke_width=3))
        for other in others:
            self.play(Create(other), run_time=0.6)
        self.play(FadeOut(others), self.boundary[0].animate.set_fill(style.faded("ridge", 0.4)), run_time=1)
