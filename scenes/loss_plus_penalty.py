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
    Indicate,
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
from lecture.words import _
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
    """Adding ({lam}/2){norm}² to the training error bounds the weights; the half and the square keep it smooth."""

    title = _("Training error *plus penalty*")

    def graph(self, values: Any, color: str, width: float = 5.0) -> VMobject:
        return self.chart.curve(GRID, values, color, width=width)

    def ridge(self) -> float:
        return float(self.compute(RIDGE, loss=LOSS, lam=self.lam.get_value()))

    def bound(self) -> float:
        return float(self.compute(BOUND, loss=LOSS, lam=max(self.lam.get_value(), 1e-9)))

    def value(self, w: float) -> float:
        return float(LOSS.value([w]) + self.lam.get_value() / 2 * w**2)

    @step(
        say=_(
            "Every weight {w} gives a line. <tilt>Tilt it, and its training error {loss} draws a bowl. Training "
            "<goes>goes to the lowest point, {wbest}."
        ),
        shows=_(
            "Right, twelve points with the line of slope {wbest}. Left, the training error over the weight {w}: a "
            "parabola with its lowest point marked, {wbest}. Above, its formula: the mean of half squared residuals."
        ),
        covers=("C3",),
    )
    def take_the_training_error(self) -> None:
        self.lam = ValueTracker(0.0)
        self.law = self.formula(
            "@loss = 1/@n sum_(@i=1)^@n 1/2 (@weights^top @inputsi + @bias - @yi)^2", size=40
        )
        self.law.move_to([SAFE.left, STAGE.top - 0.05, 0], aligned_edge=[-1, 1, 0])
        # The sum has a name of its own.
        self.sum_law = self.formula(
            "{{ @regloss : ridge-name }} {{ = @loss + : plus }} {{ @lam / 2 @norm^2 : penalty }}", size=40
        )
        self.sum_law.move_to([2.2, self.law.get_y() + 0.1, 0], aligned_edge=[-1, 0, 0])
        room = Region(SAFE.left, 1.4, STAGE.bottom, self.law.get_bottom()[1] - 0.15)
        self.chart = Chart(room, (-2.5, 2.9), (0, 3), self.style, labels=("@w", ""), x_ticks={0: "0"})
        best = float(LOSS.minimizer[0])
        self.w_hat = self.formula("@wbest", size=BODY)
        self.w_hat.move_to(self.chart.c2p(best, 0) + np.array([0, -0.18, 0]), aligned_edge=[0, 1, 0])
        self.lay_out_the_data()
        self.play(Write(self.make_title()), FadeIn(self.scatter, self.points), run_time=0.8)
        self.prepare_the_bowl()
        self.wait_for("tilt")
        end = float(GRID[-1])
        self.play(
            self.tried.animate.set_value(end),
            self.drawn.animate.set_value(end),
            Write(self.law),
            run_time=3.2,
        )
        self.wait_for("goes")
        self.play(self.tried.animate.set_value(best), run_time=1.2)
        for mobject in (self.loss, self.lowest, self.fitted):
            mobject.clear_updaters()
        self.play(
            self.lowest.animate.set_color(self.style.minimizer),
            self.fitted.animate.set_color(self.style.minimizer),
            FadeIn(self.w_hat),
            run_time=0.5,
        )

    def prepare_the_bowl(self) -> None:
        """A line that can be tilted through the data, its residuals, and its error, drawn as far as it was tried."""
        chart, style = self.chart, self.style
        values = LOSS.value(GRID[:, None])
        seen = np.flatnonzero(values <= 3)
        self.tried = at = ValueTracker(float(GRID[seen[0]]))
        self.drawn = reached = ValueTracker(at.get_value())  # how far the bowl has been drawn
        self.loss = VMobject(color=style.ink, stroke_width=5, fill_opacity=0)
        self.lowest = Dot(radius=0.11, color=style.ink)
        self.fitted = self.line_of(at.get_value(), style.ink)
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

    def lay_out_the_data(self) -> None:
        """The points that the loss is about."""
        room = Region(2.3, SAFE.right, STAGE.bottom, self.chart.box.top - 0.55)
        self.scatter = Chart(room, (-3, 1.9), HEIGHTS, self.style, labels=("@x", "@y"))
        self.points = Scatter(self.scatter.c2p(X, Y), self.style.ink, radius=0.08)

    def line_of(self, w: float, color: str) -> VMobject:
        """The line of slope w that fits best: through the center of the data."""
        ends = np.array([-2.9, 1.8])
        return self.scatter.curve(ends, Y.mean() + w * (ends - X.mean()), color, width=4)

    @step(
        say=_(
            "Now <add>add a penalty, half of {lam} times the squared norm. The <sum>sum is the regularized loss "
            "{regloss}. <nought>At {lam} zero, it is the training error alone."
        ),
        shows=_(
            "The regularized loss as a formula: training error plus penalty. In the graph a flat line, the penalty at "
            "lambda zero, and the sum, right on top of the training error."
        ),
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
        name = self.formula("@lam =")
        self.lam_row = VGroup(name, number.follow_equals(name))
        self.lam_row.move_to([2.2, chart.box.top - 0.1, 0], aligned_edge=[-1, 0, 0])
        self.name_the_curves()
        self.set_up_sticks()
        self.play(FadeOut(self.misses), FadeIn(self.curve_names[0]), run_time=0.5)
        self.wait_for("add")
        self.play(
            Write(self.sum_law.select("penalty")),
            FadeIn(self.lam_row, self.curve_names[1]),
            Create(self.penalty),
            run_time=1.8,
        )
        self.wait_for("sum")
        self.play(
            FadeIn(self.sum_law.select("plus"), self.sum_law.select("ridge-name")),
            TransformFromCopy(self.loss, self.sum),
            run_time=2.2,
        )
        self.add(self.lowest)
        self.wait_for("nought")
        self.play(Indicate(self.lam_row, scale_factor=1.15, color=style.penalty), run_time=1)
        self.play(Indicate(self.curve_names[0], scale_factor=1.5, color=style.ink), run_time=1.2)

    def set_up_sticks(self) -> None:
        """What the penalty adds at some weights: a stick from the training error up to the sum."""
        places = np.linspace(-0.75, 2.25, 13)
        base = np.asarray(LOSS.value(places[:, None]))
        places, base = places[base < 3], base[base < 3]
        self.sticks = VMobject(color=self.style.penalty, stroke_width=5, fill_opacity=0)

        def put(m: VMobject) -> None:
            tops = np.minimum(base + self.lam.get_value() * places**2 / 2, 3)
            set_segments(m, self.chart.c2p(places, base), self.chart.c2p(places, tops))

        self.follow(self.sticks, put, self.lam)

    def name_the_curves(self) -> None:
        """Names beside training error, penalty and sum, which follow them."""
        chart = self.chart
        roles = {"@loss": "ink", "@lam / 2 @w^2": "penalty", "@regloss": "ridge"}
        self.curve_names = loss, penalty, both = VGroup(
            *(self.formula(name, role=role, size=BODY) for name, role in roles.items())
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
            m.move_to([at[0], max(at[1] + 0.5, level + 0.35), 0])

        self.follow(both, above_the_minimum, self.lam)

    @step(
        say=_(
            "<raise>Raise {lam}. The penalty lifts every point of the bowl but the one at zero, the far ones most: the "
            "lowest point slides towards zero, and the line <flat>flattens."
        ),
        shows=_(
            "At lambda 1.5 the penalty is a parabola on the origin; sticks of its height stand on the training error "
            "and carry the sum, whose lowest point lies between zero and {wbest}."
        ),
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
        self.w_ridge = self.formula("@wridge", size=BODY)
        self.tilted = self.line_of(0.0, self.style.ridge)
        self.follow(
            self.tilted,
            lambda m: m.set_points(self.line_of(self.ridge(), self.style.ridge).points),
            self.lam,
        )
        self.wait_for("raise")
        self.play(FadeIn(self.drop, self.minimum, self.curve_names[2]), run_time=0.5)
        self.add(self.sticks, self.loss, self.sum, self.lowest, self.minimum)
        self.play(self.lam.animate.set_value(1.5), run_time=7.5)
        self.w_ridge.next_to(chart.c2p(self.ridge(), 0), [0, -1, 0], buff=0.13)
        self.tilted.update()  # it was not on stage
        self.wait_for("flat")
        self.play(TransformFromCopy(self.fitted, self.tilted), FadeIn(self.w_ridge), run_time=1.4)

    @step(
        say=_(
            "At zero, the sum is {loss} of <zero>zero. At its <low>lowest it is no more, <part>and so is the penalty "
            "alone: that puts {wridge} between <walls>walls. Raise {lam}: they <close>close in."
        ),
        shows=_(
            "A dashed line at the height of {loss} of zero meets the penalty's parabola at two dashed walls; the "
            "lowest point of the sum lies between them. Beside it the bound: the size of {wridge} is at most the root "
            "of 2 {loss} of zero over lambda."
        ),
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
        zero_name = self.formula("@loss (0)", role="dim", size=BODY)
        zero_name.move_to(level.get_left() + np.array([0.15, 0.15, 0]), aligned_edge=[-1, -1, 0])
        self.bounds = VGroup(
            self.formula("{{ @lam / 2 : penalty }} abs(@wridge)^2 <= @loss (0)", size=40),
            self.formula("abs(@wridge) <= sqrt(2 @loss (0) \\/ @lam)", size=40),
        ).arrange([0, -1, 0], buff=0.4, aligned_edge=[-1, 0, 0])
        self.bounds.next_to(self.lam_row, [0, -1, 0], buff=0.6, aligned_edge=[-1, 0, 0])
        size, bound = (
            self.live_number(f"np.abs({expression})", self.lam, role=role, size=40, loss=LOSS)
            for expression, role in ((RIDGE, "ridge"), (BOUND, "penalty"))
        )
        values = VGroup(size, self.formula("<=", size=40), bound).arrange(buff=0.25)
        values.next_to(self.bounds, [0, -1, 0], buff=0.5, aligned_edge=[-1, 0, 0])
        gone = (self.scatter, self.points, self.fitted, self.tilted, self.sticks)
        self.play(FadeOut(*gone), run_time=0.6)
        self.wait_for("zero")
        self.play(FadeIn(at_zero, scale=2), FadeIn(zero_name), Create(level), run_time=1.4)
        self.wait_for("low")
        self.play(Indicate(self.minimum, scale_factor=1.8, color=style.ridge), run_time=1.2)
        self.wait_for("part")
        self.play(Write(self.bounds[0]), run_time=2)
        self.wait_for("walls")
        self.play(
            *(Create(wall) for wall in self.walls),
            FadeIn(self.bounds[1], values),
            FadeOut(self.w_ridge),
            run_time=1.1,
        )
        self.bring_to_back(self.bounds, level, zero_name, self.lam_row[0])
        self.wait_for("close")
        self.play(self.lam.animate.set_value(4), run_time=3)
        self.held = VGroup(at_zero, level, zero_name, values)

    @step(
        say=_(
            "Why the half? The two that <two>comes down from the square cancels it. What is left <pull>pulls with "
            "{lam} times {w}: <harder>the farther from zero, the harder."
        ),
        shows=_(
            "The penalty's parabola alone with its tangent, which rises by lambda {w} over a run of 1; beside it the "
            "derivative of half of lambda times the square of {w}: the twos are struck out, lambda {w} remains."
        ),
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
            self.law,
            self.sum_law,
        )
        self.play(FadeOut(leaving), self.lam.animate.set_value(1.0), run_time=1)
        self.at, self.ahead = ValueTracker(1.7), ValueTracker(1.0)
        self.tangent = Line(color=style.ink, stroke_width=4)
        self.touch = Dot(radius=0.1, color=style.ink)
        where = self.at.get_value
        self.follow(
            self.tangent, lambda m: self.lay_tangent(m, where() ** 2 / 2, where()), self.at, self.ahead
        )
        self.follow(self.touch, lambda m: m.move_to(chart.c2p(where(), where() ** 2 / 2)), self.at)
        slope = self.formula("(upright(d))/(upright(d) @w) {{ @lam / 2 @w^2 : penalty }}", size=44)
        steps = self.formula("= {{ @lam / {{ 2 : half }} dot {{ 2 : two }} @w : penalty }}", size=44)
        result = self.formula("= {{ @lam @w : penalty }}", size=44)
        slope.next_to(self.lam_row, [0, -1, 0], buff=0.9, aligned_edge=[-1, 0, 0])
        steps.next_to(slope, [1, 0, 0], buff=0.2)
        result.next_to(steps, [0, -1, 0], buff=0.5, aligned_edge=[-1, 0, 0])
        strikes = VGroup()
        for part in (steps.select("half"), steps.select("two")):
            ends = (part.get_corner([k, k, 0]) for k in (-1, 1))
            strikes.add(Line(*ends, color=style.ink, stroke_width=5).scale(1.35))
        self.play(Create(self.tangent), FadeIn(self.touch, slope), run_time=0.8)
        self.wait_for("two")
        self.play(self.at.animate.set_value(1.2), FadeIn(steps), run_time=1.5)
        self.play(Create(strikes), run_time=0.6)
        # The slope as a rise over a run of 1.
        run, rise = Line(color=style.dim, stroke_width=3), Line(color=style.penalty, stroke_width=7)

        def corners() -> np.ndarray:
            w, height = where(), where() ** 2 / 2
            return chart.c2p([w, w + 1, w + 1], [height, height, height + w])

        one = self.formula("1", role="dim", size=BODY)
        pull = self.formula("{{ @lam @w : penalty }}", size=BODY)
        for line, piece in ((run, slice(0, 2)), (rise, slice(1, 3))):
            self.follow(line, lambda m, piece=piece: m.put_start_and_end_on(*corners()[piece]), self.at)
        for mark, line, side in ((one, run, [0, -1, 0]), (pull, rise, [1, 0, 0])):
            self.follow(mark, lambda m, line=line, side=side: m.next_to(line, side, buff=0.12), self.at)
        self.wait_for("pull")
        self.play(FadeIn(result, shift=np.array([0, -0.2, 0])), Create(run), FadeIn(one), run_time=0.8)
        self.play(Create(rise), TransformFromCopy(result.select("penalty"), pull), run_time=1.2)
        self.wait_for("harder")
        self.play(self.at.animate.set_value(0.5), run_time=0.9)
        self.play(self.at.animate.set_value(1.5), run_time=1.6)
        self.half = VGroup(slope, steps, result, strikes, run, rise, one, pull)

    def lay_tangent(self, line: Line, height: float, slope: float) -> None:
        """A tangent at the tracked w, as far ahead as the run that its rise is read from."""
        w = self.at.get_value()
        ends = np.array([-0.6, self.ahead.get_value()])
        line.put_start_and_end_on(*self.chart.c2p(w + ends, height + slope * ends))

    @step(
        say=_(
            "And why the square? Each weight's <own>slope is that weight alone. The <norm>norm's slope mixes them all, "
            "and it has a <corner>corner at zero."
        ),
        shows=_(
            "The parabola with a flat tangent at zero, and a dashed norm with its corner at zero. Beside it: the "
            "derivative of half the squared norm is {wj}; that of the norm is {wj} over the norm, undefined at zero."
        ),
        covers=("C4",),
    )
    def square_the_norm(self) -> None:
        chart, style = self.chart, self.style
        norm = Dashes(self.graph(np.abs(GRID), style.ink), 0.16)
        tip = Dot(radius=0.1, color=style.ink)
        lean = Line(color=style.ink, stroke_width=4)
        where = self.at.get_value
        self.follow(tip, lambda m: m.move_to(chart.c2p(where(), abs(where()))), self.at)
        self.follow(
            lean, lambda m: self.lay_tangent(m, abs(where()), float(np.sign(where()))), self.at, self.ahead
        )
        parts = VGroup(
            self.formula("(partial)/(partial @wj) 1/2 @norm^2 = @wj", size=42),
            self.formula("(partial)/(partial @wj) @norm = (@wj)/(@norm)", size=42),
        ).arrange([0, -1, 0], buff=0.55, aligned_edge=[-1, 0, 0])
        parts.next_to(self.lam_row, [0, -1, 0], buff=0.7, aligned_edge=[-1, 0, 0])
        nowhere = self.words(_("none where {weights} $= 0$"), role="dim", size=SMALL)
        nowhere.next_to(parts[1], [0, -1, 0], buff=0.3, aligned_edge=[-1, 0, 0])
        self.play(FadeOut(self.half), self.ahead.animate.set_value(0.6), run_time=0.6)
        names = VGroup(
            self.formula("1/2 @norm^2", role="penalty", size=BODY),
            self.formula("@norm", size=BODY).set_color(style.ink),  # as its curve
        )
        for name, w, height in zip(names, (2.2, -1.55), (2.42, 1.55), strict=True):
            place(
                name,
                chart.c2p(w, height),
                avoid=[self.penalty, norm],
                within=chart.box,
                prefer=(np.sign(w), -0.3),
            )
        self.wait_for("own")
        self.play(FadeIn(parts[0]), self.at.animate.set_value(0.7), run_time=1.4)
        self.wait_for("norm")
        self.play(Create(norm), FadeIn(parts[1], names, lean, tip), run_time=1)
        self.bring_to_back(norm, parts, names)
        self.play(self.at.animate.set_value(-1.2), run_time=1.8)
        self.wait_for("corner")
        self.play(FadeOut(lean, tip, self.touch), self.at.animate.set_value(0.0), run_time=1)
        corner = chart.curve(np.array([-0.6, 0, 0.6]), np.array([0.6, 0, 0.6]), style.ink, width=7)
        self.play(
            self.tangent.animate.set_stroke(style.penalty, width=7),
            Create(corner),
            FadeIn(nowhere),
            run_time=0.6,
        )
