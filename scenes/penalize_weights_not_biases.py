"""A penalty on the bias pulls the fit towards an arbitrary zero; a penalty on the weights does not."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    Create,
    FadeIn,
    FadeOut,
    Line,
    TransformFromCopy,
    UpdateFromAlphaFunc,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
)

from lecture.stage import (
    BODY,
    LEFT_HALF,
    RIGHT_HALF,
    SAFE,
    SMALL,
    TITLE,
    Chart,
    LiveNumber,
    Number,
    Region,
    step,
)
from lecture.stage.drawing import set_polyline, set_segments
from lecture.stage.scatter import Scatter
from scenes.parts.scene import WeightDecayScene

# Sixteen points around the line 12 + 3 x: far above zero.
RNG = np.random.default_rng(3)
X = RNG.uniform(-2, 2, 16)
Y = 12 + 3 * X + RNG.standard_normal(16)
LAM, LIFT = 1.0, 6.0
ENDS = np.array([-2.3, 2.3])

# The two fits (of the mean of half squares): matrix of features, and what ridge_path is told.
FITS = (
    ("x[:, None]", "intercept=True"),
    ("np.column_stack([x, np.ones_like(x)])", "penalty_weights=[1, share]"),
)
FITTED = "ridge_path({0}, y + lift, lam, scale='half_mean', {1}).predict({0})"
LINE = "ridge_path({0}, y + lift, lam, scale='half_mean', {1})"


class PenalizeWeightsNotBiases(WeightDecayScene):
    """Penalize the weights and leave the biases free, or the fit depends on where zero happens to be."""

    title = "Penalize *weights*, not *biases*"

    def state(self) -> dict[str, float]:
        """The penalty, the lift of the data, and the share of the penalty that the bias bears on the right."""
        names = ("lam", "lift", "share")
        return {name: tracker.get_value() for name, tracker in zip(names, self.trackers, strict=True)}

    def line(self, k: int) -> tuple[float, float]:
        """Weight and bias of the fit in panel k now."""
        fit = self.compute(LINE.format(*FITS[k]), x=X, y=Y, **self.state())
        w, *b = np.append(fit.coefficients, fit.intercept)
        return float(w), float(b[0])

    def make_panel(self, k: int, region: Region, penalty: str) -> VGroup:
        """Data, fit, residuals and training error; everything follows the penalty and the lift of the data."""
        style = self.style
        room = Region(region.left, region.right, SAFE.bottom + 0.65, region.top - 0.25)
        chart = Chart(
            room, (-2.4, 2.4), (0, 25), style, labels=("$x$", "$y$"), y_ticks={0: "0", 10: "10", 20: "20"}
        )
        dots = Scatter(chart.c2p(X, Y), style.ink, radius=0.085)
        sticks = VMobject(color=style.dim, stroke_width=2.5)
        fit = VMobject(color=style.ridge, stroke_width=6)

        def put_sticks(m: VMobject) -> None:
            w, b = self.line(k)
            set_segments(m, chart.c2p(X, Y + self.lift.get_value()), chart.c2p(X, w * X + b))

        def put_fit(m: VMobject) -> None:
            w, b = self.line(k)
            set_polyline(m, chart.c2p(ENDS, w * ENDS + b))

        self.follow(dots, lambda m: m.move_dots(chart.c2p(X, Y + self.lift.get_value())), self.lift)
        self.follow(sticks, put_sticks, *self.trackers)
        self.follow(fit, put_fit, *self.trackers)
        heading = self.formula(penalty, role="penalty", size=BODY)
        heading.move_to([chart.box.center[0], region.top + 0.15, 0], aligned_edge=[0, 1, 0])
        panel = VGroup(chart, heading, sticks, fit, dots, self.make_error(k))
        panel[-1].move_to([chart.box.center[0], SAFE.bottom, 0], aligned_edge=[0, -1, 0])
        return panel

    def make_error(self, k: int) -> VGroup:
        expression = f"np.mean(({FITTED.format(*FITS[k])} - y - lift) ** 2)"

        def inputs() -> dict[str, Any]:
            return {"x": X, "y": Y} | self.state()

        value = LiveNumber(0.0, self.style, decimals=1, size=SMALL)
        self.follow(value, lambda m: m.set_value(self.compute(expression, **inputs())), *self.trackers)
        value.number = lambda: Number(f"{value.value:.1f}", value.value, expression, inputs())
        name = self.words("training error", size=SMALL)
        row = VGroup(name, value).arrange(buff=0.25)
        value.align_to(name.submobjects[-1], [0, -1, 0])
        return row

    @step(
        say="Data far from zero, and a line through them. The weight w tilts it; the bias b carries it up.",
        shows="Sixteen points far above zero with a line through them; its bias b is marked as a bar from zero up, "
        "its weight w as a slope.",
        covers=("A1",),
    )
    def fit_data_far_from_zero(self) -> None:
        self.lam, self.lift, self.share = self.trackers = tuple(ValueTracker(v) for v in (0.0, 0.0, 1.0))
        self.left = self.make_panel(0, LEFT_HALF, "lambda/2 w^2")
        self.right = self.make_panel(1, RIGHT_HALF, "lambda/2 (w^2 + {{ b^2 : bias }})")
        chart, dots = self.left[0], self.left[4]
        w, b = self.line(0)
        bar = Line(chart.c2p(0, 0), chart.c2p(0, b), color=self.style.ink, stroke_width=6)
        run = Line(chart.c2p(1.0, w + b), chart.c2p(2.0, w + b), color=self.style.ink, stroke_width=3)
        rise = Line(chart.c2p(2.0, w + b), chart.c2p(2.0, 2 * w + b), color=self.style.ink, stroke_width=6)
        self.starts = VGroup(*(self.straight(panel[0], w, b) for panel in (self.left, self.right)))
        law = self.formula("f(x) = {{ w : weight }} x + {{ b : bias }}", size=TITLE)
        law.move_to(RIGHT_HALF.center)
        names = VGroup(
            self.formula("b", size=BODY).next_to(bar, [1, 0, 0], buff=0.15),
            self.formula("w", size=BODY).next_to(rise, [1, 0, 0], buff=0.12),
        )
        self.introduction = VGroup(bar, run, rise, names, law)
        self.play(Write(self.make_title()), FadeIn(chart), run_time=1)
        at = dots.centers
        self.play(UpdateFromAlphaFunc(dots, lambda m, a: m.move_dots(at, round(a * len(at)))), run_time=1)
        self.add(self.starts[0], dots)
        self.play(Create(self.starts[0]), FadeIn(law), run_time=1)
        self.play(Create(run), Create(rise), TransformFromCopy(law.select("weight"), names[1]), run_time=1)
        self.play(Create(bar), TransformFromCopy(law.select("bias"), names[0]), run_time=1)

    def straight(self, chart: Chart, w: float, b: float) -> Line:
        """The line of the fit without a penalty."""
        start, end = chart.c2p(ENDS, w * ENDS + b)
        return Line(start, end, color=self.style.minimizer, stroke_width=6)

    @step(
        say="The same data twice. On the left we penalize the weight alone; on the right, the bias as well.",
        shows="Two copies of the data with the same line. Above the left one the penalty on w squared, above the "
        "right one the penalty on w squared plus b squared. Lambda is 0, both training errors are 0.6.",
        covers=("A1",),
    )
    def set_up_two_penalties(self) -> None:
        chart, heading, _, _, dots, error = self.left
        self.play(FadeOut(self.introduction), FadeIn(heading), run_time=0.8)
        others = (self.right[0], self.right[4].copy().clear_updaters(), self.starts[1])
        self.play(
            *(TransformFromCopy(a, b) for a, b in zip((chart, dots, self.starts[0]), others, strict=True)),
            run_time=1.6,
        )
        self.remove(others[1])
        self.add(dots, self.right[4])
        value = self.live_number("lam", self.lam, role="penalty", size=44)
        row = VGroup(self.formula("lambda =", role="penalty"), value).arrange(buff=0.2)
        row.move_to([SAFE.right, self.title_line.get_y(), 0], aligned_edge=[1, 0, 0])
        self.play(FadeIn(self.right[1], row), FadeIn(error, self.right[5]), run_time=0.8)

    @step(
        say="Raise λ. The left line turns about the middle of the data; the right one sinks and underfits "
        "badly.",
        shows="At lambda 1: left, the yellow line is flatter than its orange ghost but runs through the data. "
        "Right, the yellow line lies far below nearly all points. The training error is many times larger.",
        covers=("A1", "C8"),
    )
    def raise_lambda(self) -> None:
        panels = (self.left, self.right)
        self.play(*(FadeIn(panel[3]) for panel in panels), run_time=0.5)
        self.play(self.starts.animate.set_stroke(self.style.faded("minimizer", 0.45)), run_time=0.4)
        self.add(
            *(panel[2] for panel in panels), *(panel[3] for panel in panels), *(panel[4] for panel in panels)
        )
        self.play(self.lam.animate.set_value(LAM), run_time=4)

    @step(
        say="Lift all data by six: the left line rides along, the right one stays behind.",
        shows="All points lifted by six. The left line moved with them and its training error is the same; the right "
        "line is left even further behind and its error has more than doubled.",
        covers=("A1",),
    )
    def lift_the_data(self) -> None:
        self.play(FadeOut(self.starts), run_time=0.5)
        self.play(self.lift.animate.set_value(LIFT), run_time=3)

    @step(
        say="A bias sets one level, and every point informs it. Penalize weights; leave biases free, or "
        "nearly.",
        shows="In the right penalty b squared is struck out, and the right line has risen into the data: "
        "the two fits are now the same.",
        covers=("A1", "C8"),
    )
    def leave_the_bias_free(self) -> None:
        part = self.right[1].select("bias")
        strike = Line(
            part.get_corner([-1, -1, 0]), part.get_corner([1, 1, 0]), color=self.style.ink, stroke_width=5
        )
        self.play(Create(strike.scale(1.2)), run_time=0.6)
        self.play(self.share.animate.set_value(0.0), run_time=3)
