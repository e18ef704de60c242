"""The squared penalty spreads weight over correlated features; the absolute one selects a few."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from manim import (
    Create,
    Dot,
    FadeIn,
    FadeOut,
    Indicate,
    Line,
    ReplacementTransform,
    Square,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
    linear,
)

from lecture.stage import (
    BODY,
    LEFT_HALF,
    RIGHT_HALF,
    SAFE,
    SMALL,
    Chart,
    Plane,
    Region,
    polyline,
    question,
    step,
)
from lecture.stage.backing import backed
from lecture.stage.drawing import Dashes, set_dashed_ellipse, set_dashed_polyline, set_polyline
from lecture.stage.numbers import spoken_number
from lecture.stage.scatter import Scatter
from lecture.words import _, computed
from scenes.parts.contours import risk_contours
from scenes.parts.parameter_plane import parameter_plane
from scenes.parts.scene import WeightDecayScene
from scenes.parts.strings import Strings
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
TRUTH = np.array([1.0, 1.0, 0.0, -2.0, 0.0, 0.0])
SEED, CHOSEN = 45, 0.3


def six_features(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Sixty standardized rows of the six features, and the centered targets."""
    rng = np.random.default_rng(seed)
    shared = rng.standard_normal(60)
    rows = rng.standard_normal((60, 6))
    rows[:, :2] = shared[:, None] + 0.1 * rows[:, :2]
    rows = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    targets = rows @ TRUTH + 0.7 * rng.standard_normal(60)
    return rows, targets - targets.mean()


FEATURES, TARGETS = six_features(SEED)
LAMS = np.geomspace(0.01, 10, 301)
RIDGE_PATHS = ridge_path(FEATURES, TARGETS, LAMS, scale="half_mean").coefficients
LASSO_PATHS = lasso_path(FEATURES, TARGETS, scale="half_mean").at(LAMS)
# The second weight at a penalty, as it is computed for the screen.
SECOND = (
    "ridge_path(x, y, lam, scale='half_mean').coefficients[1]",
    "lasso_path(x, y, scale='half_mean').at(lam)[1]",
)


class SquareSpreadsAbsoluteSelects(WeightDecayScene):
    """Ridge shrinks everything and shares weight among correlated features; the lasso reaches exact zeros."""

    title = _("L2 *spreads*, L1 *selects*")

    def ridge(self) -> np.ndarray:
        return ridge_minimizer(RISK, self.lam.get_value())

    def lasso(self) -> np.ndarray:
        return LASSO.at(self.lam.get_value())

    @step(
        say=_(
            "The same risk under two penalties. A <squares>sum of squares is constant on <circle>circles; a "
            "<values>sum of absolute values on <diamond>diamonds, which have corners."
        ),
        shows=_(
            "Two parameter planes with the same elliptical contours around the minimizer: left with a dashed circle "
            "around the origin, right with a dashed diamond."
        ),
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
        laws = (
            (_("*ridge*"), "ridge", "@lam / 2 norm(@theta)_2^2"),
            (_("*lasso*"), "ink", "@lam norm(@theta)_1"),
        )
        for (name, role, law), plane in zip(laws, self.planes, strict=True):
            heading = VGroup(
                self.words(name, role=role), self.formula(law, role="penalty", size=BODY)
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
        self.wait_for("squares")
        self.play(FadeIn(self.names[0]), run_time=1)
        self.wait_for("circle")
        self.play(Create(self.balls[0], suspend_mobject_updating=True), run_time=1.2)
        self.wait_for("values")
        self.play(FadeIn(self.names[1]), run_time=0.8)
        self.wait_for("diamond")
        self.play(Create(self.balls[1], suspend_mobject_updating=True), run_time=1.6)

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
        say=_(
            "<raise>Raise {lam}. The lasso runs into an axis: {theta1} is exactly <zero>zero and stays there, on the "
            "diamond's corner. Ridge only shrinks it."
        ),
        shows=_(
            "Left, the ridge path ends where circle and contour touch, with two nonzero coordinates. Right, the dashed "
            "lasso path has met the vertical axis and gone down along it; its point sits on the corner of the diamond, "
            "{theta1} exactly 0."
        ),
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
            name = self.formula("@theta1 =", role=("ridge", "ink")[k], size=BODY)
            row = VGroup(name, value.follow_equals(name))
            values.add(row.move_to([plane.region.right, plane.region.bottom, 0], aligned_edge=[1, -1, 0]))
        number = self.live_number("lam", self.lam, role="penalty", size=44)
        name = self.formula("@lam =")
        self.lam_row = VGroup(name, number.follow_equals(name))
        self.lam_row.move_to([SAFE.right, self.title_line.get_y(), 0], aligned_edge=[1, 0, 0])
        self.add(drawn, dashes, contours)
        self.play(FadeIn(points, values, self.lam_row), run_time=0.5)
        self.wait_for("raise")
        self.play(self.lam.animate(rate_func=linear).set_value(knot), run_time=3)
        self.wait_for("zero")
        self.play(self.lam.animate(rate_func=linear).set_value(STRONG), run_time=3.6)

    def put_contour(self, curve: VMobject, plane: Plane, theta: np.ndarray) -> None:
        """The contour of the risk through a point."""
        ring = level_set_ellipse(RISK, max(float(RISK.value(theta)), 1e-9)).points(72)
        set_polyline(curve, plane.c2p(np.vstack([ring, ring[:1]])))

    @question(
        ask=_(
            "Two features are copies, so only the sum of their weights counts. Which split is cheapest in squares?"
        ),
        choices=(_("one and one"), _("two and zero"), _("all the same")),
        answer=0,
        shows=_(
            "Two squares of side one, side by side, the weights of two copies, and two bars of length one."
        ),
        covers=("C5",),
    )
    def guess_the_cheapest_split(self) -> None:
        style = self.style
        self.moved = ValueTracker(0.0)
        self.law = self.formula("@f = @w1 @x1 + @w2 @x2, quad @x1 = @x2, quad @w1 + @w2 = 2", size=BODY)
        self.law.move_to([0, LEFT_HALF.top - 0.1, 0])
        unit, floor, low = 1.3, -0.75, -1.55
        squares = VGroup(
            *(Square(unit, color=style.penalty, stroke_width=4, fill_opacity=0.25) for _k in range(2))
        )
        self.bars = VGroup(*(Line(color=style.ink, stroke_width=12) for _k in range(2)))

        def put(m: VGroup) -> None:
            for k, (square, bar) in enumerate(zip(*m, strict=True)):
                side = max(unit * self.split()[k], 1e-4)
                # Both stand on the floor and share an edge that moves; together they are always as wide.
                edge = unit * (self.split()[0] - 1.0)
                left = edge - side if k == 0 else edge
                corners = np.array([[left, floor], [left + side, floor], [left + side, floor + side]])
                corners = np.column_stack(
                    [np.vstack([corners, [left, floor + side], corners[0]]), np.zeros(5)]
                )
                square.set_points_as_corners(corners)
                bar.put_start_and_end_on([left + 0.03, low, 0], [left + max(side, 0.07) - 0.03, low, 0])

        self.split_picture = VGroup(squares, self.bars)
        self.follow(self.split_picture, put, self.moved)
        self.clear_stage()
        self.play(FadeIn(self.law, self.split_picture), run_time=0.8)

    def split(self) -> tuple[float, float]:
        """Both weights of the copies now; their sum is 2."""
        return 1.0 + self.moved.get_value(), 1.0 - self.moved.get_value()

    @step(
        say=_(
            "<slide>Slide weight over to one. The absolute values always cost two; the squares, two at first, cost "
            "<double>four in the end. So the square spreads."
        ),
        shows=_(
            "One square of side two, area four, and one bar of length two: all weight is on one feature. The sum of "
            "squares is 4, the sum of absolute values 2."
        ),
        covers=("C5",),
    )
    def slide_the_weight(self) -> None:
        rows = VGroup()
        for name, expression, role in (
            ("@w1^2 + @w2^2 =", "(1 + moved)**2 + (1 - moved)**2", "penalty"),
            ("abs(@w1) + abs(@w2) =", "abs(1 + moved) + abs(1 - moved)", "ink"),
        ):
            label = self.formula(name, role=role, size=BODY)
            value = self.live_number(
                expression.replace("abs", "np.abs"),
                self.moved,
                decimals=1,
                role=role,
                size=BODY,
                variable="moved",
            )
            rows.add(VGroup(label, value.follow_equals(label)))
        right = [SAFE.right, 0, 0]
        rows[0].move_to([right[0], 0.3, 0], aligned_edge=[1, 0, 0])
        rows[1].move_to([right[0], -1.55, 0], aligned_edge=[1, 0, 0])
        self.costs = rows
        self.play(FadeIn(rows), run_time=0.5)
        self.wait_for("slide")
        self.play(self.moved.animate.set_value(0.5), run_time=5.4)
        self.wait_for("double")
        self.play(self.moved.animate.set_value(1.0), run_time=2.4)

    @step(
        say=_(
            "Now six weights; features one and two are <copies>nearly copies. Ridge lets them <share>share the work: "
            "they meet, and shrink together. No weight becomes zero."
        ),
        shows=_(
            "The ridge paths of six weights over lambda: {w1} and {w2} start apart, meet and shrink together; {w4} "
            "rises towards zero; the three others stay near zero. None is exactly zero."
        ),
        covers=("C5",),
    )
    def share_the_work(self) -> None:
        self.charts = VGroup(
            self.make_chart(LEFT_HALF, RIDGE_PATHS), self.make_chart(RIGHT_HALF, LASSO_PATHS)
        )
        heading = self.ridge_heading = self.words(_("*ridge*"), role="ridge")
        heading.move_to(self.charts[0].heading_at)
        self.ridge_lines = VGroup(
            *(
                self.charts[0].curve(LAMS, w, self.style.ridge, width=5 if k in (0, 1) else 3)
                for k, w in enumerate(RIDGE_PATHS.T)
            )
        )
        rows = (_("{x1} ≈ {x2}"), _("{x4} matters"), _("{x3}, {x5}, {x6} do not"))
        self.features = VGroup(*(self.words(row) for row in rows))
        self.features.arrange([0, -1, 0], buff=0.45, aligned_edge=[-1, 0, 0]).move_to(RIGHT_HALF.center)
        self.clear_stage()
        self.play(FadeIn(self.charts[0], heading), run_time=0.6)
        self.wait_for("copies")
        self.play(FadeIn(self.features, lag_ratio=0.3), run_time=1.2)
        self.wait_for("share")
        self.play(*(Create(line, rate_func=linear) for line in self.ridge_lines), run_time=4)

    def make_chart(self, region: Region, paths: np.ndarray) -> Chart:
        """Axes for six paths; each is named where it starts."""
        first = paths[0]
        names = {first[0]: "@w1", first[1]: "@w2", first[3]: "@w4", 0.0: "@w3, @w5, @w6"}
        ticks = {0.01: "10^(-2)", 0.1: "10^(-1)", 1: "1", 10: ""}
        chart = Chart(
            Region(region.left, region.right - 0.3, region.bottom, region.top + 0.2),
            (0.01, 10),
            (-2.3, 2.3),
            self.style,
            labels=("@lam", _("weight")),
            x_ticks=ticks,
            y_ticks=names,
            x_log=True,
        )
        chart.add(
            Line(chart.c2p(0.01, 0), chart.c2p(10, 0), color=self.style.faded("line", 0.6), stroke_width=2)
        )
        zero = self.formula("0", role="dim", size=SMALL).move_to(chart.c2p(10, 0), aligned_edge=[-1, 0, 0])
        chart.add(zero.shift([0.12, 0, 0]))
        chart.heading_at = chart.c2p(2.0, 2.0)
        chart.weight_names = chart.tick_labels[-4:]
        by_height = sorted(chart.weight_names, key=lambda name: name.get_y())
        for _k in range(20):  # until none is closer to the next than can be read
            for low, high in pairwise(by_height):
                near = max(0.0, 0.11 - (high.get_bottom()[1] - low.get_top()[1]))
                low.shift([0, -near / 2, 0])
                high.shift([0, near / 2, 0])
        return chart

    @step(
        say=_(
            "The lasso <clears>clears the useless weights, and one of the twins. <stop>Stop here: <twin>one twin and "
            "{w4} are left, exactly what <matters>matters. Features are selected."
        ),
        shows=_(
            "Beside the ridge paths the lasso paths, dashed, drawn up to a line at lambda 0.3 in both charts. There "
            "{w2} and {w4} are left of the lasso's weights, their names lit; the four others are zero. Of ridge's "
            "none is zero."
        ),
        covers=("C5",),
    )
    def pick_a_few(self) -> None:
        style, chart = self.style, self.charts[1]
        heading = self.lasso_heading = self.words(_("*lasso*")).move_to(chart.heading_at)
        self.reached = ValueTracker(float(np.log10(LAMS[0])))
        shown = slice(0, int(np.searchsorted(LAMS, CHOSEN)) + 1)
        low, high = np.log10(LAMS[0]), np.log10(CHOSEN)
        self.lasso_lines = VGroup()
        for k, w in enumerate(LASSO_PATHS.T):
            whole = Dashes(
                chart.curve(LAMS[shown], w[shown], style.ink, width=5 if k in (0, 1) else 3), axis=0
            )
            self.follow(
                whole,
                lambda m: m.reveal(float((self.reached.get_value() - low) / (high - low))),
                self.reached,
            )
            self.lasso_lines.add(whole)
        self.marks = VGroup()
        for each in self.charts:
            top = each.box.top - 0.2
            mark = Line([0, each.box.bottom, 0], [0, top, 0], color=style.penalty, stroke_width=4)
            self.follow(
                mark, lambda m, c=each: m.set_x(c.c2p(10 ** self.reached.get_value(), 0)[0]), self.reached
            )
            self.marks.add(mark)
        number = self.live_number("10**exponent", self.reached, role="penalty", size=44, variable="exponent")
        name = self.formula("@lam =")
        self.lam_row = VGroup(name, number.follow_equals(name))
        self.lam_row.move_to([SAFE.right, self.title_line.get_y(), 0], aligned_edge=[1, 0, 0])
        self.play(FadeOut(self.features), FadeIn(chart, heading, self.marks, self.lam_row), run_time=0.8)
        self.add(self.lasso_lines)
        self.wait_for("clears")
        end = float(np.log10(CHOSEN))
        self.play(self.reached.animate(rate_func=linear).set_value(end), run_time=3.6)
        self.beads = VGroup()
        for each, paths in zip(self.charts, (RIDGE_PATHS, LASSO_PATHS), strict=True):
            values = np.array([np.interp(CHOSEN, LAMS, w) for w in paths.T])
            at = each.c2p(CHOSEN, values[values != 0])
            self.beads.add(
                Scatter(at, style.ridge, radius=0.12)
                if each is self.charts[0]
                else Scatter(at, style.ink, radius=0.15, diamond=True)
            )
        self.wait_for("stop")
        _one, two, four, _others = chart.weight_names
        self.play(
            FadeIn(self.beads, scale=1.5),
            *(name.animate.set_color(style.ink) for name in (two, four)),
            run_time=1.2,
        )
        self.wait_for("twin")
        self.play(Indicate(self.beads[1], scale_factor=1.2, color=style.ink), run_time=1.4)
        self.wait_for("matters")
        self.play(Indicate(VGroup(two, four), scale_factor=1.2, color=style.ink), run_time=1.4)

    @step(
        say=_(
            "Suppose {x2} is measured <badly>badly. Ridge leans on both twins, and moves by {ridge} times the error; "
            "the <lasso>lasso leans on one, and moves by {lasso}. <safer>Sharing is safer."
        ).format(
            **{
                name: computed(
                    expression,
                    lambda v: spoken_number(v, 2),
                    lam=CHOSEN,
                    x=lambda _: FEATURES,
                    y=lambda _: TARGETS,
                )
                for name, expression in zip(("ridge", "lasso"), SECOND, strict=True)
            }
        ),
        shows=_(
            "The six weights at lambda 0.3 as beads on strings: left ridge's, right the lasso's. Beside each a bar for "
            "an error of 1 in {x2} and one for how far {f} moves: by 0.88 with ridge, by 1.6 with the lasso."
        ),
        covers=("C5",),
    )
    def measure_badly(self) -> None:
        style = self.style
        self.off = ValueTracker(0.0)
        sides, values = VGroup(), VGroup()
        for k, (region, role, paths) in enumerate(
            ((LEFT_HALF, "ridge", RIDGE_PATHS), (RIGHT_HALF, "ink", LASSO_PATHS))
        ):
            room = Region(region.left + 0.3, region.right - 1.9, region.bottom, region.top - 0.5)
            strings = Strings(room, 6, (-1.9, 1.9), style, role=role, every=1)
            strings.put([np.interp(CHOSEN, LAMS, w) for w in paths.T])
            second = float(strings.weights[1])
            feet = [np.array([region.right - x, strings.at(0, 0.0)[1], 0]) for x in (1.3, 0.5)]
            error, moved = (
                Line(color=style.color(color), stroke_width=14, buff=0) for color in ("dim", role)
            )

            def put(m: VGroup, feet: Any = feet, unit: float = strings.unit, second: float = second) -> None:
                for bar, foot, factor in zip(m, feet, (1.0, second), strict=True):
                    length = unit * factor * self.off.get_value()
                    bar.put_start_and_end_on(foot, foot + np.array([0, length or 1e-3, 0]))

            bars = VGroup(error, moved)
            self.follow(bars, put, self.off)
            names = VGroup(
                *(
                    self.formula(name, role=color, size=BODY).next_to(foot, [0, -1, 0], buff=0.2)
                    for name, color, foot in zip(("@noise", "@f"), ("dim", role), feet, strict=True)
                )
            )
            value = self.number(SECOND[k], digits=2, role=role, size=SMALL, lam=CHOSEN, x=FEATURES, y=TARGETS)
            values.add(value.next_to(feet[1] + np.array([0, strings.unit * second, 0]), [0, 1, 0], buff=0.15))
            heading = (self.ridge_heading, self.lasso_heading)[k].copy()
            heading.move_to([room.center[0], region.top, 0])
            sides.add(VGroup(strings, heading, names, bars))
        self.sides = sides
        self.clear_stage(self.beads)
        self.play(
            *(
                ReplacementTransform(b.copy(), side[0].beads)
                for b, side in zip(self.beads, sides, strict=True)
            ),
            FadeOut(self.beads),
            *(FadeIn(*side[0][:4], *side[1:3]) for side in sides),
            run_time=1,
        )
        self.wait_for("badly")
        self.add(*(part for side in sides for part in (side[0].bars, side[0].beads, side[3])))
        self.play(self.off.animate.set_value(1.0), run_time=1.3)
        self.play(self.off.animate.set_value(-0.8), run_time=1.8)
        self.play(self.off.animate.set_value(1.0), FadeIn(values[0]), run_time=1.8)
        self.wait_for("lasso")
        self.play(self.off.animate.set_value(-0.8), run_time=1.3)
        self.play(self.off.animate.set_value(1.0), FadeIn(values[1]), run_time=1.3)
        self.wait_for("safer")
        self.play(self.off.animate.set_value(0.2), run_time=0.7)
        self.play(self.off.animate.set_value(1.0), run_time=0.8)
