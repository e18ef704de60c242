"""The squared penalty spreads weight over correlated features; the absolute one selects a few."""

from __future__ import annotations

import numpy as np
from manim import (
    Create,
    Dot,
    FadeIn,
    FadeOut,
    Line,
    Square,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
    linear,
)

from lecture.stage import BODY, LEFT_HALF, RIGHT_HALF, SAFE, SMALL, Chart, Plane, Region, polyline, step
from lecture.stage.backing import backed
from lecture.stage.drawing import Dashes, set_dashed_ellipse, set_dashed_polyline, set_polyline
from scenes.parts.contours import risk_contours
from scenes.parts.parameter_plane import parameter_plane
from scenes.parts.scene import WeightDecayScene
from wdmath import (
    QuadraticRisk,
    lasso_path,
    lasso_path_from_risk,
    level_set_ellipse,
    ridge_minimizer,
    ridge_path,
)

# Two weights: a risk whose lasso path meets an axis.
RISK = QuadraticRisk([[1.2, 0.7], [0.7, 2.2]], [0.9, 1.7])
LASSO = lasso_path_from_risk(RISK)
STRONG = 1.6  # the penalty at the end of the sweep

# Six weights: features 1 and 2 are near-copies of each other, 4 matters, 3, 5 and 6 do not.
RNG = np.random.default_rng(3)
SHARED = RNG.standard_normal(60)
FEATURES = RNG.standard_normal((60, 6))
FEATURES[:, :2] = SHARED[:, None] + 0.25 * FEATURES[:, :2]
FEATURES = (FEATURES - FEATURES.mean(axis=0)) / FEATURES.std(axis=0)
TARGETS = FEATURES @ np.array([1.0, 1.0, 0.0, -0.9, 0.0, 0.0]) + RNG.standard_normal(60)
TARGETS = TARGETS - TARGETS.mean()
LAMS = np.geomspace(0.01, 10, 301)
RIDGE_PATHS = ridge_path(FEATURES, TARGETS, LAMS, scale="half_mean").coefficients
LASSO_PATHS = lasso_path(FEATURES, TARGETS, scale="half_mean").at(LAMS)


class SquareSpreadsAbsoluteSelects(WeightDecayScene):
    """Ridge shrinks everything and shares weight among correlated features; the lasso reaches exact zeros."""

    title = "The square *spreads*, the absolute value *selects*"

    def ridge(self) -> np.ndarray:
        return ridge_minimizer(RISK, self.lam.get_value())

    def lasso(self) -> np.ndarray:
        return LASSO.at(self.lam.get_value())

    @step(
        say="The same risk under two penalties: the square has circles, the absolute value diamonds with "
        "corners.",
        shows="Two parameter planes with the same elliptical contours around the orange minimizer: left with a dashed "
        "circle around the origin, right with a dashed diamond.",
        covers=("C5",),
    )
    def draw_circle_and_diamond(self) -> None:
        style = self.style
        self.lam = ValueTracker(0.0)
        around = 2.62 * np.array([[-1, -1], [1, 1]])  # all of the diamond at lambda 0
        self.planes = VGroup(
            *(
                parameter_plane(region, around, style, name=name)
                for region, name in ((LEFT_HALF, "ridge"), (RIGHT_HALF, "lasso"))
            )
        )
        self.contours, self.dots, self.names, self.balls = VGroup(), VGroup(), VGroup(), VGroup()
        for k, plane in enumerate(self.planes):
            self.contours.add(risk_contours(plane, RISK, [0.25, 0.56], style.line))
            dot = Dot(plane.c2p(RISK.minimizer), radius=0.11, color=style.minimizer)
            self.dots.add(dot.set_z_index(2))  # above the curves through it
            ball = VMobject(color=style.penalty, stroke_width=4)
            self.follow(ball, lambda m, put=(self.put_circle, self.put_diamond)[k]: put(m), self.lam)
            self.balls.add(ball)
        laws = (("ridge", "ridge", "lambda/2 norm(theta)_2^2"), ("lasso", "ink", "lambda norm(theta)_1"))
        for (name, role, law), plane in zip(laws, self.planes, strict=True):
            heading = VGroup(
                self.words(f"*{name}*", role=role), self.formula(law, role="penalty", size=BODY)
            ).arrange([0, -1, 0], buff=0.2, aligned_edge=[1, 0, 0])
            self.names.add(heading.move_to([plane.region.right, plane.region.top, 0], aligned_edge=[1, 1, 0]))
        self.play(Write(self.make_title()), FadeIn(self.planes), run_time=1)
        mins = VGroup(
            *(
                backed(self.formula("@min", size=BODY).next_to(dot, [1, 1, 0], buff=0.06), style)
                for dot in self.dots
            )
        )
        self.play(FadeIn(self.contours, self.dots, mins), run_time=0.8)
        self.dots = VGroup(*self.dots, mins)
        self.play(FadeIn(self.names[0]), Create(self.balls[0], suspend_mobject_updating=True), run_time=1.2)
        self.play(FadeIn(self.names[1]), Create(self.balls[1], suspend_mobject_updating=True), run_time=1.2)

    def put_circle(self, curve: VMobject) -> None:
        plane = self.planes[0]
        radius = plane.unit * float(np.linalg.norm(self.ridge()))
        set_dashed_ellipse(curve, plane.origin, radius, radius, within=plane.region)

    def put_diamond(self, curve: VMobject) -> None:
        plane = self.planes[1]
        size = float(np.abs(self.lasso()).sum())
        corners = size * np.array([[1, 0], [0, 1], [-1, 0], [0, -1], [1, 0]])
        set_dashed_polyline(curve, plane.c2p(corners), within=plane.region)

    @step(
        say="Raise λ. The lasso meets an axis, and its first weight is exactly zero; ridge's only shrinks.",
        shows="Left, the yellow ridge path ends where circle and contour touch, with two nonzero coordinates. Right, "
        "the dashed lasso path has met the vertical axis and gone down along it; its point sits on the corner of the "
        "diamond, theta 1 exactly 0.",
        covers=("C5",),
    )
    def raise_lambda(self) -> None:
        style = self.style
        lams = np.linspace(0, STRONG, 121)
        knot = float(LASSO.lams[1])
        routes = (ridge_minimizer(RISK, lams), LASSO.at([0.0, knot, STRONG]))
        solid, straight = (polyline(p.c2p(r), style.ink, 5) for p, r in zip(self.planes, routes, strict=True))
        drawn, dashes = solid.copy().set_stroke(style.ridge), Dashes(straight, 0.11)
        # The lasso's path is as long as the sum of its pieces, which it does not walk at an even pace.
        length = np.linalg.norm(np.diff(LASSO.at(lams), axis=0), axis=1)
        walked = np.concatenate([[0], np.cumsum(length)]) / length.sum()

        def share() -> float:
            return self.lam.get_value() / STRONG

        self.follow(drawn, lambda m: m.pointwise_become_partial(solid, 0, share()), self.lam)
        self.follow(
            dashes, lambda m: m.reveal(float(np.interp(self.lam.get_value(), lams, walked))), self.lam
        )
        points = VGroup(*(Dot(radius=0.12, color=c).set_z_index(3) for c in (style.ridge, style.ink)))
        contours = VGroup(
            VMobject(color=style.line, stroke_width=2.5), VMobject(color=style.line, stroke_width=2.5)
        )
        values = VGroup()
        for k, (plane, at) in enumerate(zip(self.planes, (self.ridge, self.lasso), strict=True)):
            self.follow(points[k], lambda m, plane=plane, at=at: m.move_to(plane.c2p(at())), self.lam)
            self.follow(contours[k], lambda m, plane=plane, at=at: self.put_contour(m, plane, at()), self.lam)
            expression = ("ridge_minimizer(risk2, lam)[0]", "lasso_path_from_risk(risk2).at(lam)[0]")[k]
            value = self.live_number(expression, self.lam, role=("ridge", "ink")[k], size=BODY, risk2=RISK)
            row = VGroup(self.formula("theta_1 =", role=("ridge", "ink")[k], size=BODY), value).arrange(
                buff=0.2
            )
            values.add(row.move_to([plane.region.right, plane.region.bottom, 0], aligned_edge=[1, -1, 0]))
        number = self.live_number("lam", self.lam, role="penalty", size=44)
        self.lam_row = VGroup(self.formula("lambda =", role="penalty"), number).arrange(buff=0.2)
        self.lam_row.move_to([SAFE.right, self.title_line.get_y(), 0], aligned_edge=[1, 0, 0])
        self.add(drawn, dashes, contours)
        self.play(FadeIn(points, values, self.lam_row), run_time=0.8)
        self.play(self.lam.animate(rate_func=linear).set_value(knot), run_time=2.6)
        self.wait(0.8, frozen_frame=True)
        self.play(self.lam.animate(rate_func=linear).set_value(STRONG), run_time=2)
        self.first_act = VGroup(
            self.planes,
            self.contours,
            self.dots,
            self.names,
            self.balls,
            drawn,
            dashes,
            points,
            contours,
            values,
        )

    def put_contour(self, curve: VMobject, plane: Plane, theta: np.ndarray) -> None:
        """The contour of the risk through a point."""
        ring = level_set_ellipse(RISK, max(float(RISK.value(theta)), 1e-9)).points(72)
        set_polyline(curve, plane.c2p(np.vstack([ring, ring[:1]])))

    @step(
        say="Six weights; features one and two are near-copies. Ridge lets them share the work; none becomes"
        " zero.",
        shows="The ridge paths of six weights over lambda, in yellow: w1 and w2 start apart, meet and shrink together; "
        "w4 rises towards zero; the three others stay near zero. None is exactly zero.",
        covers=("C5",),
    )
    def share_the_work(self) -> None:
        self.charts = VGroup(
            self.make_chart(LEFT_HALF, RIDGE_PATHS), self.make_chart(RIGHT_HALF, LASSO_PATHS)
        )
        self.play(FadeOut(self.first_act, self.lam_row), run_time=0.8)
        heading = self.ridge_heading = self.words("*ridge*", role="ridge").move_to(self.charts[0].heading_at)
        self.ridge_lines = VGroup(
            *(
                self.charts[0].curve(LAMS, w, self.style.ridge, width=5 if k in (0, 1) else 3)
                for k, w in enumerate(RIDGE_PATHS.T)
            )
        )
        rows = ("$x_1 approx x_2$", "$x_4$ matters", "$x_3, x_5, x_6$ do not")
        self.features = VGroup(*(self.words(row) for row in rows))
        self.features.arrange([0, -1, 0], buff=0.45, aligned_edge=[-1, 0, 0]).move_to(RIGHT_HALF.center)
        self.play(FadeIn(self.charts[0], heading), FadeIn(self.features, lag_ratio=0.3), run_time=1.2)
        self.play(*(Create(line, rate_func=linear) for line in self.ridge_lines), run_time=4)

    def make_chart(self, region: Region, paths: np.ndarray) -> Chart:
        """Axes for six paths; each is named where it starts."""
        first = paths[0]
        names = {first[0]: "w_1", first[1]: "w_2", first[3]: "w_4", 0.0: "w_3, w_5, w_6"}
        ticks = {0.01: "10^(-2)", 0.1: "10^(-1)", 1: "1", 10: ""}
        chart = Chart(
            Region(region.left, region.right - 0.3, region.bottom, region.top + 0.2),
            (0.01, 10),
            (-1.0, 1.75),
            self.style,
            labels=("$lambda$", "weight"),
            x_ticks=ticks,
            y_ticks=names,
            x_log=True,
        )
        chart.add(
            Line(chart.c2p(0.01, 0), chart.c2p(10, 0), color=self.style.faded("line", 0.6), stroke_width=2)
        )
        zero = self.formula("0", role="dim", size=SMALL).move_to(chart.c2p(10, 0), aligned_edge=[-1, 0, 0])
        chart.add(zero.shift([0.12, 0, 0]))
        chart.heading_at = chart.c2p(2.0, 1.55)
        return chart

    @step(
        say="The lasso keeps one twin, drops the other, and clears the useless weights. Features are "
        "selected.",
        shows="Beside the ridge paths the lasso paths, dashed: w3, w5 and w6 are exactly zero from lambda 0.07 on; "
        "w4 reaches zero at 0.7, w1 at 0.8 and w2, the last, at 1.8.",
        covers=("C5",),
    )
    def pick_a_few(self) -> None:
        chart = self.charts[1]
        heading = self.lasso_heading = self.words("*lasso*").move_to(chart.heading_at)
        self.lasso_lines = VGroup(
            *(
                Dashes(chart.curve(LAMS, w, self.style.ink, width=5 if k in (0, 1) else 3), axis=0)
                for k, w in enumerate(LASSO_PATHS.T)
            )
        )
        reached = ValueTracker(0.0)
        for line in self.lasso_lines:
            self.follow(line, lambda m: m.reveal(reached.get_value()), reached)
        self.play(FadeOut(self.features), FadeIn(chart, heading), run_time=0.8)
        self.add(self.lasso_lines)
        self.play(reached.animate(rate_func=linear).set_value(1.0), run_time=4)

    @step(
        say="Squared, one and one cost two, two and zero four; unsquared, two each. Sharing also halves the harm of "
        "an error in one feature.",
        shows="Left, weights 1 and 1 as two pink unit squares, area 2; right, weights 2 and 0 as one square of area 4. "
        "Below, the absolute values add up to 2 on both sides. An error epsilon in x1 moves f by epsilon on the left, "
        "by twice that on the right.",
        covers=("C5",),
    )
    def charge_the_large(self) -> None:
        gone = VGroup(self.charts, self.ridge_lines, self.lasso_lines, self.ridge_heading, self.lasso_heading)
        self.play(FadeOut(gone), run_time=0.8)
        unit, floor = 0.95, 0.15
        pairs = (np.array([1.0, 1.0]), np.array([2.0, 0.0]))
        columns = [
            self.make_column(w, region.center[0], unit, floor)
            for w, region in zip(pairs, (LEFT_HALF, RIGHT_HALF), strict=True)
        ]
        for k in range(4):
            parts = [column[k] for column in columns]
            self.play(*(FadeIn(part, lag_ratio=0.2) for part in parts), run_time=1.1)

    def make_column(self, w: np.ndarray, x: float, unit: float, floor: float) -> list[VGroup]:
        """What two weights cost: squares as areas, absolute values as lengths, and what an error does."""
        style = self.style
        sizes = [v for v in w if v]
        squares, bars = VGroup(), VGroup()
        pen = x - unit * sum(sizes) / 2
        for v in sizes:
            square = Square(unit * v, color=style.penalty, stroke_width=4, fill_opacity=0.25)
            squares.add(square.move_to([pen, floor, 0], aligned_edge=[-1, -1, 0]))
            bars.add(
                Line(
                    [pen + 0.03, -1.45, 0], [pen + unit * v - 0.03, -1.45, 0], color=style.ink, stroke_width=9
                )
            )
            pen += unit * v
        f = "x_1 + x_2" if w[1] else f"{w[0]:g} x_1"
        heading = self.formula(f"bold(w) = ({w[0]:g}, {w[1]:g}) quad f = {f}", size=40)
        heading.move_to([x, LEFT_HALF.top + 0.05, 0])
        square_sum = self.number(
            "np.sum(w ** 2)", digits=1, role="penalty", template="w_1^2 + w_2^2 = {}", w=w
        )
        sum_of_sizes = self.number("np.sum(np.abs(w))", digits=1, template="abs(w_1) + abs(w_2) = {}", w=w)
        error = "epsilon" if w[0] == 1 else f"{w[0]:g} epsilon"
        moved = self.formula(f"x_1 + epsilon quad arrow.r.double quad f + {error}", size=BODY)
        return [
            VGroup(heading),
            VGroup(squares, square_sum.move_to([x, floor - 0.5, 0])),
            VGroup(bars, sum_of_sizes.move_to([x, -1.95, 0])),
            VGroup(moved.move_to([x, SAFE.bottom + 0.2, 0])),
        ]
