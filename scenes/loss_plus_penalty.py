"""The regularized loss: training error plus half of lambda times the squared norm, and why just so."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    Create,
    DashedLine,
    Dot,
    FadeIn,
    FadeOut,
    Line,
    TransformFromCopy,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
)

from lecture.stage import BODY, SAFE, SMALL, STAGE, Chart, Region, dashed, place, step
from lecture.stage.drawing import Dashes, set_polyline, set_segments
from lecture.stage.scatter import Scatter
from scenes.parts.scene import WeightDecayScene
from wdmath import QuadraticRisk

# Twelve points on a noisy line. The best b for each w is put in by centering both, so the loss is over w alone.
RNG = np.random.default_rng(2)
X = RNG.standard_normal(12)
Y = 0.5 + 1.6 * X + 0.6 * RNG.standard_normal(12)
LOSS = QuadraticRisk.from_least_squares((X - X.mean())[:, None], Y - Y.mean(), scale="half_mean")

GRID = np.linspace(-2.5, 2.9, 181)
HEIGHTS = (-5.0, 4.4)  # of the chart of the data
# Numbers on screen are computed from these.
RIDGE = "ridge_minimizer(loss, lam)[0]"
BOUND = "np.sqrt(2 * loss.value([0.0]) / lam)"


class LossPlusPenalty(WeightDecayScene):
    """Adding (λ/2)‖w‖² to the training error bounds the weights; the half and the square keep it smooth."""

    title = "Training error *plus penalty*"

    def graph(self, values: Any, color: str, width: float = 5.0) -> VMobject:
        return self.chart.curve(GRID, values, color, width=width)

    def ridge(self) -> float:
        return float(self.compute(RIDGE, loss=LOSS, lam=self.lam.get_value()))

    def bound(self) -> float:
        return float(self.compute(BOUND, loss=LOSS, lam=max(self.lam.get_value(), 1e-9)))

    def value(self, w: float) -> float:
        return float(LOSS.value([w]) + self.lam.get_value() / 2 * w**2)

    @step(
        say="Every weight w gives a line, and the line an error: a bowl, lowest at ŵ. Training goes there.",
        shows="Right, twelve points with the line of slope w hat. Left, the training error over the weight w: a "
        "parabola with its lowest point marked in orange, w hat. Above, its formula: the mean of half squared errors.",
        covers=("C3",),
    )
    def take_the_training_error(self) -> None:
        self.lam = ValueTracker(0.0)
        self.law = self.formula(
            "{{ L(bold(w), b) = 1/n sum_(i=1)^n 1/2 (bold(w)^top bold(x)^((i)) + b - y^((i)))^2 : loss }}"
            " {{ + : plus }} {{ lambda/2 norm(bold(w))^2 : penalty }}",
            size=40,
        )
        self.law.move_to([SAFE.left, STAGE.top - 0.05, 0], aligned_edge=[-1, 1, 0])
        room = Region(SAFE.left, 1.4, STAGE.bottom, self.law.get_bottom()[1] - 0.1)
        self.chart = Chart(room, (-2.5, 2.9), (0, 3), self.style, labels=("$w$", "cost"), x_ticks={0: "0"})
        best = float(LOSS.minimizer[0])
        self.w_hat = self.formula("{{ hat(w) : minimizer }}", size=BODY)
        self.w_hat.move_to(self.chart.c2p(best, 0) + np.array([0, -0.18, 0]), aligned_edge=[0, 1, 0])
        self.lay_out_the_data()
        self.play(Write(self.make_title()), FadeIn(self.scatter, self.points), run_time=0.8)
        self.try_every_weight(best)
        self.play(Write(self.law.select("loss")), run_time=1.4)

    def try_every_weight(self, best: float) -> None:
        """Tilt the line through the data while its error is drawn over its slope, then go to the lowest error."""
        chart, style = self.chart, self.style
        values = LOSS.value(GRID[:, None])
        seen = np.flatnonzero(values <= 3)
        at = ValueTracker(float(GRID[seen[0]]))
        reached = ValueTracker(at.get_value())  # how far the bowl has been drawn
        self.loss = VMobject(color=style.ink, stroke_width=5, fill_opacity=0)
        self.lowest = Dot(radius=0.11, color=style.ink)
        self.fitted = self.line_of(best, style.ink)
        self.misses = VMobject(color=style.dim, stroke_width=2.5)
        points = self.scatter.c2p(X, Y)

        def draw(curve: VMobject) -> None:
            w = np.append(GRID[seen][GRID[seen] < reached.get_value()], reached.get_value())
            set_polyline(curve, chart.c2p(w, LOSS.value(w[:, None])))

        def miss(sticks: VMobject) -> None:
            on_line = Y.mean() + at.get_value() * (X - X.mean())
            set_segments(sticks, points, self.scatter.c2p(X, on_line.clip(*HEIGHTS)))

        self.follow(self.loss, draw, reached)
        self.follow(
            self.lowest, lambda m: m.move_to(chart.c2p(at.get_value(), LOSS.value([at.get_value()]))), at
        )
        self.follow(
            self.fitted,
            lambda m: m.set_points(self.line_of(at.get_value(), style.ink).points),
            at,
        )
        self.follow(self.misses, miss, at)
        self.play(FadeIn(chart, self.lowest, self.fitted, self.misses), run_time=0.5)
        self.add(self.loss, self.lowest, self.misses, self.fitted, self.points)
        end = float(GRID[-1])
        self.play(at.animate.set_value(end), reached.animate.set_value(end), run_time=2.2)
        self.play(at.animate.set_value(best), run_time=0.8)
        for mobject in (self.loss, self.lowest, self.fitted):
            mobject.clear_updaters()
        self.play(
            self.lowest.animate.set_color(style.minimizer),
            self.fitted.animate.set_color(style.minimizer),
            FadeIn(self.w_hat),
            run_time=0.5,
        )

    def lay_out_the_data(self) -> None:
        """The points that the loss is about."""
        room = Region(2.3, SAFE.right, STAGE.bottom, self.chart.box.top - 0.55)
        self.scatter = Chart(room, (-3, 1.9), HEIGHTS, self.style, labels=("$x$", "$y$"))
        self.points = Scatter(self.scatter.c2p(X, Y), self.style.ink, radius=0.08)

    def line_of(self, w: float, color: str) -> VMobject:
        """The line of slope w that fits best: through the center of the data."""
        ends = np.array([-2.9, 1.8])
        return self.scatter.curve(ends, Y.mean() + w * (ends - X.mean()), color, width=4)

    @step(
        say="Add a second cost: half of λ times the squared norm. At λ = 0 we still have the loss alone.",
        shows="The penalty is added to the formula. In the graph a flat pink line, the penalty at lambda zero, and a "
        "yellow curve, the sum, right on top of the loss.",
        covers=("C3", "C4"),
    )
    def add_the_penalty(self) -> None:
        lam, chart, style = self.lam, self.chart, self.style
        squares = GRID**2 / 2
        values = LOSS.value(GRID[:, None])
        self.penalty = self.graph(0 * squares, style.penalty)
        self.sum = self.graph(values, style.ridge)

        def clipped(curve: VMobject, heights: np.ndarray) -> None:
            # All curves are convex: what lies below the top is one piece, cut exactly there.
            first, last = np.flatnonzero(heights <= 3)[[0, -1]]
            w, h = GRID[first : last + 1], heights[first : last + 1]
            if first > 0:
                w = np.append(np.interp(-3, -heights[[first - 1, first]], GRID[[first - 1, first]]), w)
                h = np.append(3.0, h)
            if last < len(GRID) - 1:
                w = np.append(w, np.interp(3, heights[[last, last + 1]], GRID[[last, last + 1]]))
                h = np.append(h, 3.0)
            set_polyline(curve, chart.c2p(w, h))

        self.follow(self.penalty, lambda m: clipped(m, lam.get_value() * squares), lam)
        self.follow(self.sum, lambda m: clipped(m, values + lam.get_value() * squares), lam)
        number = self.live_number("lam", lam, role="penalty", size=44)
        self.lam_row = VGroup(self.formula("lambda =", role="penalty"), number).arrange(buff=0.2)
        self.lam_row.move_to([2.2, chart.box.top - 0.1, 0], aligned_edge=[-1, 0, 0])
        self.name_the_curves()
        self.play(FadeOut(self.misses), FadeIn(self.curve_names[0]), run_time=0.5)
        self.play(Write(self.law.select("penalty")), FadeIn(self.law.select("plus")), run_time=1.2)
        self.play(FadeIn(self.lam_row), Create(self.penalty), FadeIn(self.curve_names[1]), run_time=1)
        self.play(TransformFromCopy(self.loss, self.sum), run_time=1)
        self.add(self.lowest)

    def name_the_curves(self) -> None:
        """Names beside loss, penalty and sum, which follow them."""
        chart = self.chart
        roles = {"loss": "ink", "penalty": "penalty", "sum": "ridge"}
        self.curve_names = loss, penalty, both = VGroup(
            *(self.words(name, role=role, size=SMALL) for name, role in roles.items())
        )
        loss.next_to(chart.c2p(2.9, LOSS.value([2.9])), [-1, 1, 0], buff=0.1).align_to(
            [chart.box.right, 0, 0], [1, 0, 0]
        )

        def beside_the_penalty(m: Any) -> None:
            # Left of the wall that will stand where the penalty alone costs L(0).
            m.move_to(chart.c2p(-min(self.bound(), 1.4) - 0.1, 0.6), aligned_edge=[1, 0, 0])

        self.follow(penalty, beside_the_penalty, self.lam)
        level = chart.c2p(0, LOSS.value([0.0]))[1]

        def above_the_minimum(m: Any) -> None:
            at = chart.c2p(self.ridge(), self.value(self.ridge()))
            # And above the level L(0), which will be drawn.
            m.move_to([at[0], max(at[1] + 0.5, level + 0.3), 0])

        self.follow(both, above_the_minimum, self.lam)

    @step(
        say="Raise λ, and the penalty closes in. The lowest point of the sum slides towards the origin.",
        shows="At lambda 1.5 the pink parabola stands on the origin; the yellow sum has its lowest "
        "point between zero and w hat.",
        covers=("C4",),
    )
    def raise_lambda(self) -> None:
        chart = self.chart
        self.minimum = Dot(radius=0.11, color=self.style.ridge)
        self.follow(
            self.minimum, lambda m: m.move_to(chart.c2p(self.ridge(), self.value(self.ridge()))), self.lam
        )
        self.drop = Line(color=self.style.ridge, stroke_width=3)
        self.follow(
            self.drop,
            lambda m: m.put_start_and_end_on(
                chart.c2p(self.ridge(), self.value(self.ridge())), chart.c2p(self.ridge(), 0)
            ),
            self.lam,
        )
        self.w_ridge = self.formula('{{ hat(w)_"ridge" : ridge }}', size=BODY)
        self.tilted = self.line_of(0.0, self.style.ridge)
        self.follow(
            self.tilted,
            lambda m: m.set_points(self.line_of(self.ridge(), self.style.ridge).points),
            self.lam,
        )
        self.play(FadeIn(self.drop, self.minimum, self.tilted, self.curve_names[2]), run_time=0.5)
        self.play(self.lam.animate.set_value(1.5), run_time=3)
        self.w_ridge.next_to(chart.c2p(self.ridge(), 0), [0, -1, 0], buff=0.13)
        self.play(FadeIn(self.w_ridge), run_time=0.5)

    @step(
        say="The lowest sum is no more than L(0), and so is the penalty: the larger λ, the tighter the "
        "walls.",
        shows="A dashed line at the height of L(0) meets the pink parabola at two dashed walls; the lowest "
        "point of the sum lies between them. Beside it the bound: |w| is at most the root of 2 L(0) over lambda.",
        covers=("C4",),
    )
    def bound_the_norm(self) -> None:
        chart, style = self.chart, self.style
        height = float(LOSS.value([0.0]))
        at_zero = Dot(chart.c2p(0, height), radius=0.1, color=style.ink)
        level = dashed(Line(chart.c2p(-2.5, height), chart.c2p(2.9, height), color=style.dim, stroke_width=3))
        self.walls = VGroup()
        for sign in (-1, 1):
            wall = DashedLine(chart.c2p(0, 0), chart.c2p(0, 3), color=style.penalty, stroke_width=4)
            self.follow(wall, lambda m, s=sign: m.set_x(chart.c2p(s * self.bound(), 0)[0]), self.lam)
            self.walls.add(wall)
        zero_name = self.formula("L(0)", role="dim", size=BODY)
        zero_name.move_to(level.get_left() + np.array([0.15, 0.15, 0]), aligned_edge=[-1, -1, 0])
        self.bounds = VGroup(
            self.formula('{{ lambda/2 : penalty }} {{ hat(w)_"ridge"^2 : ridge }} <= L(0)', size=40),
            self.formula(
                'abs({{ hat(w)_"ridge" : ridge }}) <= sqrt(2 L(0) \\/ {{ lambda : penalty }})', size=40
            ),
        ).arrange([0, -1, 0], buff=0.4, aligned_edge=[-1, 0, 0])
        self.bounds.next_to(self.lam_row, [0, -1, 0], buff=0.6, aligned_edge=[-1, 0, 0])
        size, bound = (
            self.live_number(f"np.abs({expression})", self.lam, role=role, size=40, loss=LOSS)
            for expression, role in ((RIDGE, "ridge"), (BOUND, "penalty"))
        )
        values = VGroup(size, self.formula("<=", size=40), bound).arrange(buff=0.25)
        values.next_to(self.bounds, [0, -1, 0], buff=0.5, aligned_edge=[-1, 0, 0])
        self.play(FadeOut(self.scatter, self.points, self.fitted, self.tilted), run_time=0.6)
        self.play(FadeIn(at_zero, scale=2), FadeIn(zero_name), run_time=0.6)
        self.play(Create(level), run_time=0.8)
        self.play(Write(self.bounds[0]), run_time=1)
        self.play(*(Create(wall) for wall in self.walls), FadeIn(self.bounds[1], values), run_time=1.2)
        self.play(FadeOut(self.w_ridge), run_time=0.3)
        self.bring_to_back(self.bounds, level, zero_name, self.lam_row[0])
        self.play(self.lam.animate.set_value(4), run_time=3)
        self.held = VGroup(at_zero, level, zero_name, values)

    @step(
        say="Why the half? The two from the square cancels it: the pull is simply λ times w.",
        shows="The penalty's parabola alone with its tangent; beside it the derivative of lambda over 2 times w "
        "squared: the twos are struck out, lambda times w remains.",
        covers=("C4",),
    )
    def halve_the_square(self) -> None:
        chart, style = self.chart, self.style
        leaving = VGroup(
            self.held,
            self.bounds,
            self.walls,
            self.drop,
            self.minimum,
            self.sum,
            self.loss,
            self.lowest,
            self.w_hat,
            self.curve_names,
        )
        self.play(FadeOut(leaving), self.lam.animate.set_value(1.0), run_time=1.2)
        self.at = ValueTracker(1.9)
        self.tangent = Line(color=style.ink, stroke_width=4)
        self.touch = Dot(radius=0.1, color=style.ink)
        where = self.at.get_value
        self.follow(self.tangent, lambda m: self.lay_tangent(m, where() ** 2 / 2, where()), self.at)
        self.follow(self.touch, lambda m: m.move_to(chart.c2p(where(), where() ** 2 / 2)), self.at)
        slope = self.formula("(dif)/(dif w) {{ lambda/2 w^2 : penalty }}", size=44)
        steps = self.formula("= {{ lambda/{{ 2 : half }} dot {{ 2 : two }} w : penalty }}", size=44)
        result = self.formula("= {{ lambda w : penalty }}", size=44)
        slope.next_to(self.lam_row, [0, -1, 0], buff=0.9, aligned_edge=[-1, 0, 0])
        steps.next_to(slope, [1, 0, 0], buff=0.2)
        result.next_to(steps, [0, -1, 0], buff=0.5, aligned_edge=[-1, 0, 0])
        strikes = VGroup()
        for part in (steps.select("half"), steps.select("two")):
            ends = (part.get_corner([k, k, 0]) for k in (-1, 1))
            strikes.add(Line(*ends, color=style.ink, stroke_width=5).scale(1.35))
        self.play(Create(self.tangent), FadeIn(self.touch, slope), run_time=0.8)
        self.play(self.at.animate.set_value(1.2), FadeIn(steps), run_time=1.5)
        self.play(Create(strikes), run_time=0.6)
        # The slope as a rise over a run of 1.
        w, height = where(), where() ** 2 / 2
        foot, corner, top = chart.c2p([w, w + 1, w + 1], [height, height, height + w])
        run, rise = Line(foot, corner, color=style.dim), Line(corner, top, color=style.penalty)
        run.set_stroke(width=3)
        rise.set_stroke(width=7)
        one = self.formula("1", role="dim", size=BODY).next_to(run, [0, -1, 0], buff=0.12)
        pull = self.formula("{{ lambda w : penalty }}", size=BODY).next_to(rise, [1, 0, 0], buff=0.12)
        self.play(FadeIn(result, shift=np.array([0, -0.2, 0])), Create(run), FadeIn(one), run_time=0.6)
        self.play(Create(rise), TransformFromCopy(result.select("penalty"), pull), run_time=0.8)
        self.half = VGroup(slope, steps, result, strikes, run, rise, one, pull)

    def lay_tangent(self, line: Line, height: float, slope: float) -> None:
        """A tangent of equal length on screen at the tracked w, whatever its slope."""
        w = self.at.get_value()
        middle = self.chart.c2p(w, height)
        along = self.chart.c2p(w + 1, height + slope) - middle
        along *= 1.1 / np.linalg.norm(along)
        line.put_start_and_end_on(middle - along, middle + along)

    @step(
        say="And why the square? Each weight's slope is that weight alone. The norm's mixes them all, and has a corner "
        "at zero.",
        shows="A pink parabola with a flat tangent at zero, and a dashed norm with its corner at zero. Beside it: the "
        "derivative of half the squared norm is w j; that of the norm is w j over the norm, undefined at zero.",
        covers=("C4",),
    )
    def square_the_norm(self) -> None:
        chart, style = self.chart, self.style
        norm = Dashes(self.graph(np.abs(GRID), style.ink), 0.16)
        tip = Dot(radius=0.1, color=style.ink)
        lean = Line(color=style.ink, stroke_width=4)
        self.follow(
            tip, lambda m: m.move_to(chart.c2p(self.at.get_value(), abs(self.at.get_value()))), self.at
        )
        self.follow(
            lean,
            lambda m: self.lay_tangent(m, abs(self.at.get_value()), float(np.sign(self.at.get_value()))),
            self.at,
        )
        parts = VGroup(
            self.formula("(partial)/(partial w_j) {{ 1/2 norm(bold(w))^2 : penalty }} = w_j", size=42),
            self.formula("(partial)/(partial w_j) norm(bold(w)) = (w_j)/(norm(bold(w)))", size=42),
        ).arrange([0, -1, 0], buff=0.55, aligned_edge=[-1, 0, 0])
        parts.next_to(self.lam_row, [0, -1, 0], buff=0.7, aligned_edge=[-1, 0, 0])
        nowhere = self.words("none at $bold(w) = 0$", role="dim", size=SMALL)
        nowhere.next_to(parts[1], [0, -1, 0], buff=0.3, aligned_edge=[1, 0, 0])
        self.play(FadeOut(self.half), run_time=0.5)
        self.play(FadeIn(parts[0]), run_time=0.6)
        names = VGroup(
            self.formula("{{ 1/2 norm(bold(w))^2 : penalty }}", size=BODY),
            self.formula("norm(bold(w))", size=BODY),
        )
        for name, w, height in zip(names, (2.2, -1.55), (2.42, 1.55), strict=True):
            place(
                name,
                chart.c2p(w, height),
                avoid=[self.penalty, norm],
                within=chart.box,
                prefer=(np.sign(w), -0.3),
            )
        self.play(Create(norm), FadeIn(parts[1], names), run_time=1.2)
        self.play(FadeIn(lean, tip), run_time=0.4)
        self.bring_to_back(norm, parts, names)
        self.play(self.at.animate.set_value(-1.2), run_time=3.2)
        self.play(FadeOut(lean, tip, self.touch), self.at.animate.set_value(0.0), run_time=1)
        corner = chart.curve(np.array([-0.6, 0, 0.6]), np.array([0.6, 0, 0.6]), style.ink, width=7)
        self.play(
            self.tangent.animate.set_stroke(style.penalty, width=7),
            Create(corner),
            FadeIn(nowhere),
            run_time=0.6,
        )
