"""The regularised loss: training error plus half of lambda times the squared norm, and why just so."""

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

from scenes.kit import BODY, SAFE, SMALL, STAGE, Chart, LectureScene, Region, clip, dashed, place, step
from scenes.kit.drawing import Dashes, set_polyline
from wdmath import QuadraticRisk

# Twelve points on a noisy line. The best b for each w is put in by centering both, so the loss is over w alone.
RNG = np.random.default_rng(2)
X = RNG.standard_normal(12)
Y = 0.5 + 1.6 * X + 0.6 * RNG.standard_normal(12)
LOSS = QuadraticRisk.from_least_squares((X - X.mean())[:, None], Y - Y.mean(), scale="half_mean")

GRID = np.linspace(-2.5, 2.9, 181)
# Numbers on screen are computed from these.
RIDGE = "ridge_minimizer(loss, lam)[0]"
BOUND = "np.sqrt(2 * loss.value([0.0]) / lam)"


class LossPlusPenalty(LectureScene):
    """Adding (lambda/2) ||w||^2 to the training error bounds the weights; the half and the square keep it smooth."""

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
        say="Training minimises this average of squared errors. Over one weight it is a bowl, lowest at ŵ.",
        shows="The formula of the training error, the mean of half squared errors. Below, its graph over one "
        "weight w: a parabola with its lowest point marked in orange, w hat.",
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
        self.chart = Chart(room, (-2.5, 2.9), (0, 3), self.theme, labels=("$w$", "cost"), x_ticks={0: "0"})
        self.loss = self.graph(LOSS.value(GRID[:, None]), self.theme.ink)
        w = float(LOSS.minimizer[0])
        self.lowest = Dot(self.chart.c2p(w, LOSS.constant), radius=0.11, color=self.theme.minimizer)
        self.w_hat = self.formula("{{ hat(w) : minimizer }}", size=BODY)
        self.w_hat.move_to(self.chart.c2p(w, 0) + np.array([0, -0.18, 0]), aligned_edge=[0, 1, 0])
        self.lay_out_the_data()
        self.play(Write(self.make_title()), FadeIn(self.scatter, self.points), run_time=0.8)
        self.play(Write(self.law.select("loss")), run_time=1.6)
        self.play(FadeIn(self.chart), Create(self.loss), run_time=1.6)
        self.play(FadeIn(self.lowest, scale=2), FadeIn(self.w_hat), run_time=0.6)
        self.play(TransformFromCopy(self.lowest, self.fitted), run_time=1)

    def lay_out_the_data(self) -> None:
        """The points that the loss is about, and the line with the lowest loss through them."""
        room = Region(2.3, SAFE.right, STAGE.bottom, self.chart.box.top - 0.55)
        self.scatter = Chart(room, (-3, 1.9), (-5, 4.4), self.theme, labels=("$x$", "$y$"))
        self.points = VGroup(*(Dot(p, radius=0.08, color=self.theme.ink) for p in self.scatter.c2p(X, Y)))
        self.fitted = self.line_of(float(LOSS.minimizer[0]), self.theme.minimizer)

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
        lam, chart, theme = self.lam, self.chart, self.theme
        squares = GRID**2 / 2
        values = LOSS.value(GRID[:, None])
        self.penalty = self.graph(0 * squares, theme.penalty)
        self.sum = self.graph(values, theme.ridge)

        def clipped(curve: VMobject, heights: np.ndarray) -> None:
            (piece,) = clip(chart.c2p(GRID, heights)[:, :2], chart.box.grown(1e-6))
            set_polyline(curve, np.column_stack([piece, np.zeros(len(piece))]))

        self.follow(self.penalty, lambda m: clipped(m, lam.get_value() * squares), lam)
        self.follow(self.sum, lambda m: clipped(m, values + lam.get_value() * squares), lam)
        number = self.live_number("lam", lam, role="penalty", size=44)
        self.lam_row = VGroup(self.formula("lambda =", role="penalty"), number).arrange(buff=0.2)
        self.lam_row.move_to([2.2, chart.box.top - 0.1, 0], aligned_edge=[-1, 0, 0])
        self.play(Write(self.law.select("penalty")), FadeIn(self.law.select("plus")), run_time=1.2)
        self.play(FadeIn(self.lam_row), run_time=0.6)
        self.play(Create(self.penalty), run_time=0.8)
        self.play(TransformFromCopy(self.loss, self.sum), run_time=1)
        self.add(self.lowest)

    @step(
        say="Raise λ, and the penalty closes in. The lowest point of the sum slides towards the origin.",
        shows="At lambda 1.5 the pink parabola stands on the origin; the yellow sum has its lowest "
        "point between zero and w hat.",
        covers=("C4",),
    )
    def raise_lambda(self) -> None:
        chart = self.chart
        self.minimum = Dot(radius=0.11, color=self.theme.ridge)
        self.follow(
            self.minimum, lambda m: m.move_to(chart.c2p(self.ridge(), self.value(self.ridge()))), self.lam
        )
        self.drop = Line(color=self.theme.ridge, stroke_width=3)
        self.follow(
            self.drop,
            lambda m: m.put_start_and_end_on(
                chart.c2p(self.ridge(), self.value(self.ridge())), chart.c2p(self.ridge(), 0)
            ),
            self.lam,
        )
        self.w_ridge = self.formula('{{ hat(w)_"ridge" : ridge }}', size=BODY)
        self.tilted = self.line_of(0.0, self.theme.ridge)
        self.follow(self.tilted, lambda m: m.become(self.line_of(self.ridge(), self.theme.ridge)), self.lam)
        self.play(FadeIn(self.drop, self.minimum, self.tilted), run_time=0.5)
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
        chart, theme = self.chart, self.theme
        height = float(LOSS.value([0.0]))
        at_zero = Dot(chart.c2p(0, height), radius=0.1, color=theme.ink)
        level = dashed(Line(chart.c2p(-2.5, height), chart.c2p(2.9, height), color=theme.dim, stroke_width=3))
        self.walls = VGroup()
        for sign in (-1, 1):
            wall = DashedLine(chart.c2p(0, 0), chart.c2p(0, 3), color=theme.penalty, stroke_width=4)
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
        chart, theme = self.chart, self.theme
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
        )
        self.play(FadeOut(leaving), self.lam.animate.set_value(1.0), run_time=1.2)
        self.at = ValueTracker(1.9)
        self.tangent = Line(color=theme.ink, stroke_width=4)
        self.touch = Dot(radius=0.1, color=theme.ink)
        where = self.at.get_value
        self.follow(self.tangent, lambda m: self.lay_tangent(m, where() ** 2 / 2, where()), self.at)
        self.follow(self.touch, lambda m: m.move_to(chart.c2p(where(), where() ** 2 / 2)), self.at)
        slope = self.formula("(dif)/(dif w) {{ lambda/2 w^2 : penalty }}", size=44)
        steps = self.formula("= lambda/{{ 2 : half }} dot {{ 2 : two }} w", size=44)
        result = self.formula("= {{ lambda w : penalty }}", size=44)
        slope.next_to(self.lam_row, [0, -1, 0], buff=0.9, aligned_edge=[-1, 0, 0])
        steps.next_to(slope, [1, 0, 0], buff=0.2)
        result.next_to(steps, [0, -1, 0], buff=0.5, aligned_edge=[-1, 0, 0])
        strikes = VGroup()
        for part in (steps.select("half"), steps.select("two")):
            ends = (part.get_corner([k, k, 0]) for k in (-1, 1))
            strikes.add(Line(*ends, color=theme.penalty, stroke_width=5).scale(1.35))
        self.play(Create(self.tangent), FadeIn(self.touch, slope), run_time=0.8)
        self.play(self.at.animate.set_value(0.8), FadeIn(steps), run_time=1.5)
        self.play(Create(strikes), run_time=0.8)
        self.play(FadeIn(result, shift=np.array([0, -0.2, 0])), run_time=0.8)
        self.half = VGroup(slope, steps, result, strikes)

    def lay_tangent(self, line: Line, height: float, slope: float) -> None:
        """A tangent of equal length on screen at the tracked w, whatever its slope."""
        w = self.at.get_value()
        middle = self.chart.c2p(w, height)
        along = self.chart.c2p(w + 1, height + slope) - middle
        along *= 1.1 / np.linalg.norm(along)
        line.put_start_and_end_on(middle - along, middle + along)

    @step(
        say="And why the square? Its slope splits into one term per weight. The norm has a corner at zero.",
        shows="A pink parabola with a flat tangent at zero, and a dashed norm with its corner at zero. Beside it: the "
        "derivative of half the squared norm is w j; that of the norm is w j over the norm, undefined at zero.",
        covers=("C4",),
    )
    def square_the_norm(self) -> None:
        chart, theme = self.chart, self.theme
        norm = Dashes(self.graph(np.abs(GRID), theme.ink), 0.16)
        tip = Dot(radius=0.1, color=theme.ink)
        lean = Line(color=theme.ink, stroke_width=4)
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
        self.play(self.at.animate.set_value(-0.8), run_time=3.5)
        self.play(FadeIn(nowhere), run_time=0.4)
        self.play(FadeOut(lean, tip), self.at.animate.set_value(0.0), run_time=1.2)
