"""A penalty on the bias pulls the fit towards an arbitrary zero; a penalty on the weights does not."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    Create,
    FadeIn,
    FadeOut,
    FadeTransform,
    Indicate,
    Line,
    TransformFromCopy,
    UpdateFromAlphaFunc,
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
    TITLE,
    Chart,
    LiveNumber,
    Number,
    Region,
    question,
    step,
)
from lecture.stage.drawing import set_polyline, set_segments
from lecture.stage.scatter import Scatter
from lecture.words import _
from scenes.parts.scene import WeightDecayScene

# Sixteen points around the line 12 + 3 x: far above zero.
RNG = np.random.default_rng(3)
X = RNG.uniform(-2, 2, 16)
Y = 12 + 3 * X + 1.5 * RNG.standard_normal(16)
LAM, LIFT, SMALLER = 0.5, 6.0, 0.01  # the last: the bias's own penalty, as a share of the weight's
ENDS = np.array([-2.3, 2.3])
# Five points at a time, many times.
SAMPLES = np.array([np.random.default_rng(k).choice(16, 5, replace=False) for k in range(30)])

# The two fits (of the mean of half squares): matrix of features, and what ridge_path is told.
FITS = (
    ("x[:, None]", "intercept=True"),
    ("np.column_stack([x, np.ones_like(x)])", "penalty_weights=[1, share]"),
)
FITTED = "ridge_path({0}, y + lift, lam, scale='half_mean', {1}).predict({0})"
LINE = "ridge_path({0}, y + lift, lam, scale='half_mean', {1})"


class PenalizeWeightsNotBiases(WeightDecayScene):
    """Penalize the weights and leave the biases free, or the fit depends on where zero happens to be."""

    title = _("Penalize *weights*, not *biases*")

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
        room = Region(region.left, region.right, SAFE.bottom + 0.85, region.top - 0.25)
        chart = Chart(
            room,
            (-2.4, 2.4),
            (0, 25),
            style,
            labels=("@x", "@y"),
            x_ticks={0: "0"},
            y_ticks={0: "0", 10: "10", 20: "20"},
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
        expression = f"np.mean(({FITTED.format(*FITS[k])} - y - lift) ** 2) / 2"

        def inputs() -> dict[str, Any]:
            return {"x": X, "y": Y} | self.state()

        value = LiveNumber(0.0, self.style, decimals=1, size=SMALL)
        self.follow(value, lambda m: m.set_value(self.compute(expression, **inputs())), *self.trackers)
        value.number = lambda: Number(f"{value.value:.1f}", value.value, expression, inputs())
        name = self.words(_("training error"), size=SMALL)
        row = VGroup(name, value).arrange(buff=0.25)
        value.align_to(name.submobjects[-1], [0, -1, 0])
        return row

    @step(
        say=_(
            "Data far from zero, and a line. Its <weight>weight {w} says how {y} goes along with {x}: two variables at "
            "once. Its <bias>bias {bias} is the level of one."
        ),
        shows=_(
            "Sixteen points far above zero with a line through them; its bias {bias} is marked as a bar from zero up "
            "at {x} zero, its weight {w} as a slope."
        ),
        covers=("A1",),
    )
    def fit_data_far_from_zero(self) -> None:
        self.lam, self.lift, self.share = self.trackers = tuple(ValueTracker(v) for v in (0.0, 0.0, 1.0))
        self.left = self.make_panel(0, LEFT_HALF, "@lam / 2 @w^2")
        self.right = self.make_panel(1, RIGHT_HALF, "@lam / 2 (@w^2 + {{ @bias^2 : bias }})")
        chart, dots = self.left[0], self.left[4]
        w, b = self.line(0)
        bar = Line(chart.c2p(0, 0), chart.c2p(0, b), color=self.style.ink, stroke_width=6)
        run = Line(chart.c2p(1.0, w + b), chart.c2p(2.0, w + b), color=self.style.ink, stroke_width=3)
        rise = Line(chart.c2p(2.0, w + b), chart.c2p(2.0, 2 * w + b), color=self.style.ink, stroke_width=6)
        self.starts = VGroup(*(self.straight(panel[0], w, b) for panel in (self.left, self.right)))
        self.law = self.formula("@f (@x) = {{ @w : weight }} @x + {{ @bias : bias }}", size=TITLE)
        self.law.move_to(RIGHT_HALF.center)
        names = VGroup(
            self.formula("@bias", size=BODY).next_to(bar, [1, 0, 0], buff=0.15),
            self.formula("@w", size=BODY).next_to(rise, [1, 0, 0], buff=0.12),
        )
        self.introduction = VGroup(bar, run, rise, names)
        at = dots.centers
        self.play(Write(self.make_title()), FadeIn(chart), run_time=0.8)
        self.add(self.starts[0], dots)
        self.play(
            UpdateFromAlphaFunc(dots, lambda m, a: m.move_dots(at, round(a * len(at)))),
            Create(self.starts[0]),
            FadeIn(self.law),
            run_time=1.2,
        )
        self.wait_for("weight")
        self.play(Create(run), run_time=1.4)
        self.play(Create(rise), run_time=1.6)
        self.play(TransformFromCopy(self.law.select("weight"), names[1]), run_time=1.2)
        self.wait_for("bias")
        self.play(Create(bar), TransformFromCopy(self.law.select("bias"), names[0]), run_time=1.6)

    def straight(self, chart: Chart, w: float, b: float) -> Line:
        """The line of the fit without a penalty."""
        start, end = chart.c2p(ENDS, w * ENDS + b)
        return Line(start, end, color=self.style.minimizer, stroke_width=6)

    @step(
        say=_(
            "Fit only <five>five points at a time. The lines disagree about the <slope>slope, and far less about the "
            "<level>level: it takes fewer data. So why <why>penalize it?"
        ),
        shows=_(
            "Left, the data with their line. Right, thirty lines, each through five of the points: a bundle, narrow in "
            "the middle of the data and wide at the ends; two bars measure its width there."
        ),
        covers=("A1",),
    )
    def fit_a_few_points(self) -> None:
        style, chart, dots = self.style, self.right[0], self.right[4]
        # The same as the points of the left, for one step.
        fits = [np.polyfit(X[rows], Y[rows], 1) for rows in SAMPLES]
        ends = [chart.c2p(ENDS[k], [np.polyval(fit, ENDS[k]) for fit in fits]) for k in (0, 1)]
        self.bundle = VMobject(color=style.faded("minimizer", 0.6), stroke_width=2, fill_opacity=0)
        self.chosen = Scatter(dots.centers[:5], style.ink, radius=0.16, hollow=True)
        tried = ValueTracker(0.0)

        def put(m: VMobject) -> None:
            count = max(1, int(np.ceil(tried.get_value())))
            set_segments(m, ends[0][:count], ends[1][:count])
            self.chosen.move_dots(dots.centers[SAMPLES[count - 1]])

        self.follow(self.bundle, put, tried)
        self.widths = VGroup()
        for x in (float(X.mean()), ENDS[1]):
            heights = [np.polyval(fit, x) for fit in fits]
            low, high = chart.c2p(x, np.min(heights)), chart.c2p(x, np.max(heights))
            self.widths.add(Line(low, high, color=style.ink, stroke_width=7))
        others = (self.left[0], self.left[4]), (chart, dots.copy().clear_updaters())
        law_at = [chart.box.center[0], RIGHT_HALF.top + 0.15, 0]
        self.play(
            FadeOut(self.introduction),
            *(TransformFromCopy(*pair) for pair in zip(*others, strict=True)),
            self.law.animate.scale(BODY / TITLE).move_to(law_at, aligned_edge=[0, 1, 0]),
            run_time=1.2,
        )
        self.remove(others[1][1])
        self.wait_for("five")
        self.add(self.bundle, self.chosen, dots)
        self.play(tried.animate(rate_func=linear).set_value(len(SAMPLES)), run_time=2.8)
        self.wait_for("slope")
        self.remove(self.chosen)
        self.play(Create(self.widths[1]), run_time=1.2)
        self.wait_for("level")
        self.play(Create(self.widths[0]), run_time=1.4)
        self.wait_for("why")
        self.play(Indicate(self.law.select("bias"), scale_factor=1.5, color=style.penalty), run_time=1.2)

    @step(
        say=_(
            "Suppose we did. <twice>The same data twice: on the <alone>left we penalize the weight alone; on the "
            "<well>right, the bias as well."
        ),
        shows=_(
            "Two copies of the data with the same line. Above the left one the penalty on the square of {w}, above the "
            "right one the penalty on the squares of {w} and {bias}. Lambda is 0, both training errors are 0.6."
        ),
        covers=("A1",),
    )
    def set_up_two_penalties(self) -> None:
        error = self.left[5]
        self.wait_for("twice")
        self.play(
            FadeOut(self.bundle, self.widths, self.law),
            TransformFromCopy(*self.starts),
            run_time=1.4,
        )
        self.add(self.left[4], self.right[4])
        value = self.live_number("lam", self.lam, role="penalty", size=44)
        name = self.formula("@lam =")
        self.lam_row = VGroup(name, value.follow_equals(name))
        self.lam_row.move_to([SAFE.right, self.title_line.get_y(), 0], aligned_edge=[1, 0, 0])
        self.wait_for("alone")
        self.play(FadeIn(self.left[1], self.lam_row, error), run_time=1)
        self.wait_for("well")
        self.play(FadeIn(self.right[1], self.right[5]), run_time=1)

    @step(
        say=_(
            "<raise>Raise {lam}. The left line turns about the middle of the data, at little cost. The right "
            "one <sinks>sinks towards zero, and badly underfits."
        ),
        shows=_(
            "At lambda 0.5: left, the ridge line is flatter than its ghost but runs through the data, the training "
            "error is 1.1. Right, it lies far below nearly all points; the training error is 9.8."
        ),
        covers=("A1", "C8"),
    )
    def raise_lambda(self) -> None:
        panels = (self.left, self.right)
        self.play(
            *(FadeIn(panel[3]) for panel in panels),
            self.starts.animate.set_stroke(self.style.faded("minimizer", 0.45)),
            run_time=0.5,
        )
        self.add(
            *(panel[2] for panel in panels), *(panel[3] for panel in panels), *(panel[4] for panel in panels)
        )
        self.wait_for("raise")
        self.play(self.lam.animate.set_value(0.3 * LAM), run_time=4)
        self.wait_for("sinks")
        self.play(self.lam.animate.set_value(LAM), run_time=2.8)

    @question(
        ask=_("Now lift all data by six. Which line goes along?"),
        choices=(_("left"), _("right"), _("both")),
        answer=0,
        shows=_("The same two panels, with the fits at lambda 0.5."),
        covers=("A1",),
    )
    def guess_which_line_follows(self) -> None:
        # The choices take the place of the errors.
        self.play(FadeOut(self.starts, self.left[5], self.right[5]), run_time=0.5)

    @step(
        say=_(
            "The <left>left one rides along: nothing has changed but the level. The right one <stays>stays behind: its "
            "fit depends on where zero happens to be."
        ),
        shows=_(
            "All points lifted by six. The left line moved with them and its training error is the same; the right "
            "line is left even further behind and its error has about doubled."
        ),
        covers=("A1",),
    )
    def lift_the_data(self) -> None:
        self.wait_for("left")
        self.play(FadeIn(self.left[5], self.right[5]), run_time=0.4)
        self.play(self.lift.animate.set_value(0.5 * LIFT), run_time=3)
        self.wait_for("stays")
        self.play(self.lift.animate.set_value(LIFT), run_time=3)

    @step(
        say=_(
            "So give the bias its own {lam}, <small>a hundredth of the other: hardly any harm is left. Or "
            "leave it <free>free: both fits are one."
        ),
        shows=_(
            "The bias has its own penalty {lambias}, which is now zero, and the right line has risen into the data: "
            "the two fits are the same."
        ),
        covers=("A1", "C8"),
    )
    def leave_the_bias_free(self) -> None:
        heading = self.right[1]
        own = self.formula("@lam / 2 @w^2 + @lambias / 2 @bias^2", role="penalty", size=BODY)
        own.move_to([self.right[0].box.left + 0.4, heading.get_y(), 0], aligned_edge=[-1, 0, 0])
        value = self.live_number(
            "share * lam", self.share, decimals=3, role="penalty", size=44, variable="share", lam=LAM
        )
        name = self.formula("@lambias =")
        self.own_row = VGroup(name, value.follow_equals(name))
        self.own_row.move_to([SAFE.right, heading.get_y(), 0], aligned_edge=[1, 0, 0])
        self.play(FadeTransform(heading, own), FadeIn(self.own_row), run_time=0.8)
        self.wait_for("small")
        self.play(self.share.animate.set_value(SMALLER), run_time=3.2)
        self.wait_for("free")
        self.play(self.share.animate.set_value(0.0), run_time=1.4)
