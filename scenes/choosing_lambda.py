"""Every point left out once tells how well each penalty predicts what it has not seen; the best one is taken."""

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
    ReplacementTransform,
    Transform,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
    rush_from,
)

from lecture.stage import BODY, FORMULA, LEFT_HALF, RIGHT_HALF, SMALL, Chart, Region, place, question, step
from lecture.stage.drawing import set_polyline, set_segments
from lecture.stage.numbers import percent, spoken_number
from lecture.stage.scatter import Scatter
from lecture.words import Computed, _, computed
from scenes.bias_for_variance import error_chart
from scenes.experiments.leave_one_out import CHOICE, LAMS, choice
from scenes.experiments.sine import DEGREE, FEATURES, NOISE, features
from scenes.experiments.small_experiment import LAMS as SMALL_LAMS
from scenes.experiments.small_experiment import expected_errors, small_experiment
from scenes.parts.scene import WeightDecayScene
from wdmath import ridge_path

# Denser towards the ends, where a polynomial turns most sharply.
_GRID = np.sin(np.pi / 2 * np.linspace(-1, 1, 241))
_X = FEATURES.format("x")
_FIT = f"ridge_path({_X}, y, lam, scale='half_mean', intercept=True)"
_LEFT_OUT = f"leave_one_out({_X}, y, lam, scale='half_mean', intercept=True)"
_EXPECTED = f"np.mean(({_FIT}.predict({FEATURES.format('grid')}) - truth) ** 2) + noise ** 2"
_EXPONENTS = np.log10(LAMS)
_REACH = 1.75  # of the values shown
_OPTIONS: dict[str, Any] = {"scale": "half_mean", "intercept": True}
# The point that is hidden first, and the highest error shown.
_HIDDEN, _HIGHEST = 8, 0.75
_LEVERAGE = f"ridge_path({_X}, unit, lam, scale='half_mean', intercept=True).predict({_X})[hidden]"


def _unit() -> np.ndarray:
    return np.eye(len(choice().x))[_HIDDEN]


def _told(which: str) -> Computed:
    """An expected error on fresh rows, for the narration."""
    return computed(
        _EXPECTED,
        lambda value: spoken_number(value, 2),
        lam=lambda _p: float(LAMS[getattr(choice(), which)]),
        **{name: (lambda _p, name=name: getattr(choice(), name)) for name in ("x", "y", "grid", "truth")},
        noise=NOISE,
    )


class ChoosingLambda(WeightDecayScene):
    """Leave-one-out error has a minimum over {lam}, and fresh data agree with it."""

    title = _("*Choosing* {lam}")
    question_region = Region(RIGHT_HALF.left + 1.2, RIGHT_HALF.right, -1.6, 1.2)

    def prepare(self) -> None:
        """Run the experiment: all fits, all errors left out, for all penalties."""
        self.data = data = choice()
        self.fits = data.path.predict(features(_GRID))
        self.inputs: dict[str, Any] = {"x": data.x, "y": data.y}

    def at(self, table: np.ndarray, exponent: float) -> np.ndarray:
        """A row of a table over the penalties, between two of them if need be."""
        position = np.interp(exponent, _EXPONENTS, np.arange(len(_EXPONENTS)))
        k = min(int(position), len(_EXPONENTS) - 2)
        return (1 - position + k) * table[k] + (position - k) * table[k + 1]

    def fit(self, values: np.ndarray, color: str, width: float = 5.0) -> VMobject:
        """A fitted curve over the data."""
        return set_polyline(VMobject(color=color, stroke_width=width), self.picture.c2p(_GRID, values))

    def misses(self, segments: VMobject, predictions: np.ndarray) -> VMobject:
        """Lines from the points to what the others predict there, as one mobject."""
        start = self.picture.c2p(self.data.x, self.data.y)
        return set_segments(segments, start, self.picture.c2p(self.data.x, predictions))

    @step(
        say=_(
            "Which {lam}, where the truth is unknown? <hide>Hide one point, <refit>fit the rest, and see how far the "
            "curve <miss>misses it."
        ),
        shows=_(
            "Thirteen data points and a wiggly fit. One point is ringed; a second curve, fitted without it, "
            "misses it by the marked distance. At the right an empty chart of the leave-one-out error over {lam}."
        ),
    )
    def hide_one_point(self) -> None:
        self.prepare()
        style, data = self.style, self.data
        self.picture = Chart(
            LEFT_HALF,
            (-1.04, 1.04),
            (-_REACH, _REACH),
            style,
            labels=("@x", "@y"),
            x_ticks={-1: "-1", 0: "0"},
            y_ticks={-1.0: "-1", 0.0: "0", 1.0: "1"},
        )
        points = self.picture.c2p(data.x, data.y)
        self.points = Scatter(points, style.ink, radius=0.085).set_z_index(2)
        self.full = self.at(self.fits, _EXPONENTS[0])
        self.curve = self.fit(self.full, style.ridge)
        self.note = self.make_note(_("13 points, degree {degree}").format(degree=DEGREE))
        self.forget_the_truth(FadeIn(self.picture, self.points, self.note))
        self.play(Create(self.curve), run_time=1.2)
        self.without = self.hidden_fit()
        self.ghost = self.fit(self.full, style.faded("ridge", 0.35), 4)
        self.add(self.ghost, self.curve)
        self.ring = Scatter(points[_HIDDEN][None], style.ink, radius=0.2, hollow=True)
        self.wait_for("hide")
        self.play(FadeIn(self.ring, scale=1.8), self.dim_hidden(), run_time=0.6)
        self.wait_for("refit")
        self.play(Transform(self.curve, self.fit(self.without, style.ridge)), run_time=1.2)
        ends = self.picture.c2p([data.x[_HIDDEN]] * 2, [data.y[_HIDDEN], data.predictions[0, _HIDDEN]])
        self.miss = Line(*ends, color=style.ink, stroke_width=5)
        self.wait_for("miss")
        self.play(Create(self.miss, rate_func=rush_from), run_time=0.8)

    def hidden_fit(self) -> np.ndarray:
        """The fit to the other rows: that to all, with the hidden value where the fit to the others has it."""
        y = self.data.y.copy()
        y[_HIDDEN] = self.data.predictions[0, _HIDDEN]
        return ridge_path(features(self.data.x), y, LAMS[0], **_OPTIONS).predict(features(_GRID))

    def dim_hidden(self) -> Any:
        """Let the hidden point step back."""
        at = self.picture.c2p(self.data.x[_HIDDEN], self.data.y[_HIDDEN])
        rest = [k for k in range(len(self.data.x)) if k != _HIDDEN]
        self.points.move_dots(self.picture.c2p(self.data.x[rest], self.data.y[rest]))
        self.hidden = Scatter(at[None], self.style.ink, radius=0.085).set_z_index(2)
        self.add(self.hidden)
        return self.hidden.animate.set_color(self.style.faded("ink", 0.35))

    def forget_the_truth(self, arrival: FadeIn) -> None:
        """Empty the chart with which bias and variance were weighed, and make it that of the error left out."""
        known = error_chart(self.style)
        data = small_experiment()
        errors = expected_errors(data.risks[0], data.truth)
        drawn = known.curve(SMALL_LAMS, errors, self.style.ridge, width=6)
        region = Region(RIGHT_HALF.left, RIGHT_HALF.right, RIGHT_HALF.bottom, RIGHT_HALF.top - 0.6)
        self.chart = chart = Chart(
            region,
            (LAMS[0], LAMS[-1]),
            (0, _HIGHEST),
            self.style,
            labels=(_("{lam}"), _("leave-one-out error")),
            x_ticks={0.01: "0.01", 0.1: "0.1", 1.0: "1"},
            y_ticks={0.2: "0.2", 0.4: "0.4", 0.6: "0.6"},
            x_log=True,
        )
        self.add(known, drawn)
        self.play(
            Write(self.make_title()),
            FadeOut(drawn, known.axes[4:], known.tick_labels[2:], known.axis_labels[1]),
            run_time=1,
        )
        # The lambda axis stays; 0.1 and 1 go to where they now are.
        self.play(
            ReplacementTransform(known.axes[:4], VGroup(*chart.axes[:2], *chart.axes[3:5])),
            ReplacementTransform(known.tick_labels[:2], chart.tick_labels[1:3]),
            ReplacementTransform(known.axis_labels[0], chart.axis_labels[0]),
            FadeIn(
                chart.axes[2],
                chart.axes[5:],
                chart.tick_labels[0],
                chart.tick_labels[3:],
                chart.axis_labels[1],
            ),
            arrival,
            run_time=1,
        )
        self.remove(*chart.get_family())
        self.add(chart)

    @step(
        say=_(
            "Put the point on that curve, and nothing changes. <lift>Lift it to where it belongs: the curve follows by "
            "{share}. <leverage>That share is its leverage; <rest>what remains is the residual."
        ).format(
            share=computed(
                _LEVERAGE,
                percent,
                lam=float(LAMS[0]),
                x=lambda _p: choice().x,
                unit=lambda _p: _unit(),
                hidden=_HIDDEN,
            )
        ),
        shows=_(
            "The curve has followed the lifted point by a large part of its way. Beside the point two brackets share "
            "that way: how far the curve followed, leverage times miss, and what remains, the residual."
        ),
    )
    def lift_the_point(self) -> None:
        style, data, picture = self.style, self.data, self.picture
        x, start, end = data.x[_HIDDEN], float(data.predictions[0, _HIDDEN]), float(data.y[_HIDDEN])
        reached = float(np.interp(x, _GRID, self.full))
        self.lifted = ValueTracker(0.0)
        way = self.fit(self.without, style.faded("ridge", 0.35), 4)
        self.play(
            FadeOut(self.ghost, self.miss, self.ring),
            FadeIn(way),
            self.hidden.animate.move_to(picture.c2p(x, start)).set_color(style.ink),
            run_time=2.2,
        )
        self.way = way
        self.add(way, self.curve, self.hidden)
        self.follow(
            self.curve,
            lambda m: set_polyline(
                m, picture.c2p(_GRID, self.without + self.lifted.get_value() * (self.full - self.without))
            ),
            self.lifted,
        )
        self.follow(
            self.hidden,
            lambda m: m.move_dots(picture.c2p(x, start + self.lifted.get_value() * (end - start))[None]),
            self.lifted,
        )
        self.wait_for("lift")
        self.play(self.lifted.animate.set_value(1.0), run_time=4)
        sides = VGroup()
        for low, high, side in ((start, reached, -1), (reached, end, 1)):
            sides.add(self.bracket(picture.c2p(x, low), picture.c2p(x, high), 0.22 * side))
        names = VGroup(self.formula("@leverage dot @missed", size=BODY), self.formula("@residual", size=BODY))
        for name, side, beside in zip(names, sides, ([-1, 1], [1, -1]), strict=True):
            avoid = [self.curve, way, self.points, sides, *(other for other in names if other is not name)]
            place(name, side.get_center(), avoid=avoid, within=LEFT_HALF, prefer=beside, gap=0.3)
        self.brackets, self.bracket_names = sides, names
        self.wait_for("leverage")
        self.play(Create(sides[0]), FadeIn(names[0]), run_time=0.8)
        self.wait_for("rest")
        self.play(Create(sides[1]), FadeIn(names[1]), run_time=0.8)

    def bracket(self, low: np.ndarray, high: np.ndarray, beside: float) -> VMobject:
        """A bracket between two heights, beside them."""
        aside, tip = np.array([beside, 0, 0]), np.array([-0.5 * beside, 0, 0])
        low, high = low + aside, high + aside
        return set_segments(
            VMobject(color=self.style.ink, stroke_width=4),
            np.array([low + tip, low, high]),
            np.array([low, high, high + tip]),
        )

    @step(
        say=_(
            "So the <rest>residual is one minus the leverage, times the miss. <rule>Divide, and the miss is known "
            "without refitting: <all>for every point at once."
        ),
        shows=_(
            "From every point a line to what the other twelve predict there. In the chart, still empty, the formula: "
            "residual over one minus leverage; above it the leave-one-out error at this {lam}."
        ),
    )
    def know_every_miss(self) -> None:
        style = self.style
        segments = VMobject(color=style.ink, stroke_width=4, fill_opacity=0)
        self.segments = self.misses(segments, self.data.predictions[0])
        self.exponent = ValueTracker(float(_EXPONENTS[0]))
        self.rule = VGroup(
            self.formula("@missed = @residual / (1 - @leverage)"),
            self.words(_("residual over 1 − leverage"), role="dim", size=SMALL),
        )
        self.rule.arrange([0, -1, 0], buff=0.35).move_to(self.chart.box.center)  # which is still empty
        self.reading = self.make_reading()
        self.reading.move_to([RIGHT_HALF.left, RIGHT_HALF.top, 0], aligned_edge=[-1, 0, 0])
        before = self.formula("@residual = (1 - @leverage) @missed").move_to(self.rule[0])
        self.wait_for("rest")
        self.play(FadeIn(before, rate_func=rush_from), run_time=2)
        self.wait_for("rule")
        self.play(ReplacementTransform(before, self.rule[0]), FadeIn(self.rule[1]), run_time=1)
        self.wait_for("all")
        self.play(FadeOut(self.way, self.brackets, self.bracket_names), Create(self.segments), run_time=1.6)
        self.play(FadeIn(self.reading), run_time=0.6)

    def make_reading(self) -> VGroup:
        """Lambda and the leave-one-out error, running."""
        value = self.live_number(
            "10**s", self.exponent, decimals=3, role="penalty", size=FORMULA, variable="s"
        )
        error = self.live_number(
            _LEFT_OUT.replace("lam", "10**s"),
            self.exponent,
            decimals=3,
            size=FORMULA,
            variable="s",
            **self.inputs,
        )
        name, word = self.formula("@lam ="), self.words(_("error:"), size=FORMULA)
        first = VGroup(name, value.follow_equals(name))
        word.next_to(first, [1, 0, 0], buff=0.8).align_to(value, [0, -1, 0])
        error.next_to(word, [1, 0, 0], buff=0.25).align_to(value, [0, -1, 0])
        return VGroup(first, word, error)

    @question(
        ask=_("Turn {lam} up. What will the error on the hidden points do?"),
        choices=(_("fall"), _("rise"), _("fall, then rise")),
        answer=2,
        shows=_(
            "The fit with its misses, the chart still empty, and three answers: fall, rise, fall and then rise."
        ),
    )
    def predict_the_error(self) -> None:
        self.play(FadeOut(self.rule), run_time=0.5)

    @step(
        say=_("<turn>Unseen points are missed by less and less; <stiff>then the curve grows too stiff."),
        shows=_(
            "The leave-one-out error drawn over {lam}: high at the left, a minimum, and rising again. "
            "The fit at the right end is nearly a straight line."
        ),
    )
    def turn_up_the_penalty(self) -> None:
        style, chart, errors = self.style, self.chart, self.data.left_out
        shown = chart.c2p(LAMS, np.minimum(errors, _HIGHEST))
        self.trace = VMobject(color=style.ink, stroke_width=5)

        def draw(trace: VMobject) -> None:
            s = self.exponent.get_value()
            drawn = shown[s - 1e-9 > _EXPONENTS]
            tip = chart.c2p(10**s, min(self.at(errors, s), _HIGHEST))[None]
            set_polyline(trace, np.vstack([shown[:1], drawn[1:], tip]))

        self.follow(self.trace, draw, self.exponent)
        self.follow(
            self.curve,
            lambda m: set_polyline(m, self.picture.c2p(_GRID, self.at(self.fits, self.exponent.get_value()))),
            self.exponent,
        )
        self.follow(
            self.segments,
            lambda m: self.misses(m, self.at(self.data.predictions, self.exponent.get_value())),
            self.exponent,
        )
        # On top, so that little else is drawn anew.
        self.add(self.curve, self.segments, self.points, self.hidden, self.trace, self.reading)
        self.wait_for("turn")
        self.play(self.exponent.animate.set_value(float(np.log10(LAMS[self.data.chosen]))), run_time=3)
        self.wait_for("stiff")
        self.play(self.exponent.animate.set_value(float(_EXPONENTS[-1])), run_time=2.6)
        self.trace.clear_updaters()
        self._followers = [f for f in self._followers if f[0] is not self.trace]

    @step(
        say=_(
            "<back>Take the {lam} at the lowest point: <mark>its curve predicts its own missing points best."
        ),
        shows=_(
            "{lam} at the minimum, marked in the chart; on the left the calm fit at that {lam} and its short misses."
        ),
    )
    def take_the_lowest_point(self) -> None:
        style, best = self.style, self.data.chosen
        at = self.chart.c2p(LAMS[best], self.data.left_out[best])
        self.mark = Line(self.chart.c2p(LAMS[best], 0), at, color=style.penalty, stroke_width=5)
        self.lowest = dot = Dot(at, radius=0.12, color=style.ridge).set_z_index(2)
        self.wait_for("back")
        self.play(self.exponent.animate.set_value(float(np.log10(LAMS[best]))), run_time=2.6)
        self.wait_for("mark")
        self.play(Create(self.mark), FadeIn(dot, scale=2), run_time=0.8)

    @step(
        say=_(
            "And fresh data? <draw>Thirty points, drawn again and again, scatter; <mean>on average they are missed by "
            "{chosen}, by {best} at best. <noise>Noise alone costs {noise}."
        ).format(
            chosen=_told("chosen"),
            best=_told("best"),
            noise=computed("noise ** 2", lambda value: spoken_number(value, 1), noise=NOISE),
        ),
        shows=_(
            "Thirty rings of fresh data around the fit. In the chart their expected error as a dashed curve in a wide "
            "band, in which eight of ten draws lie; its minimum lies near the chosen {lam}. A level line: noise alone."
        ),
        experiments=(CHOICE,),
    )
    def ask_fresh_data(self) -> None:
        style, data, chart = self.style, self.data, self.chart
        fresh = Scatter(np.empty((0, 3)), style.dim, radius=0.085, hollow=True)
        draws = self.some_draws(4)
        dots = Scatter(np.empty((0, 3)), style.ink, radius=0.07).set_z_index(4)
        low, high = (np.minimum(values, _HIGHEST) for values in (data.low, data.high))
        corners = np.vstack([chart.c2p(LAMS, low), chart.c2p(LAMS, high)[::-1]])
        band = Polygon(*corners, stroke_width=0, fill_opacity=1, color=style.faded("dim", 0.25)).set_z_index(
            -1
        )
        curve = chart.curve(LAMS, np.minimum(data.expected, _HIGHEST), style.dim, dash=True)
        level = chart.curve(LAMS[[0, -1]], [NOISE**2] * 2, style.line, width=3)
        names = VGroup(
            self.words(_("fresh data"), role="dim", size=SMALL),
            self.words(_("noise alone"), role="dim", size=SMALL),
        )
        k = int(np.argmin(np.abs(np.log(LAMS / 0.5))))
        place(
            names[0],
            chart.c2p(LAMS[k], data.low[k]),
            avoid=[band, curve, level, self.trace, chart.axes],
            within=chart.box,
            prefer=[1, -1],
        )
        names[1].next_to(chart.c2p(LAMS[-1], NOISE**2), [-1, -1, 0], buff=0.1)
        self.play(FadeOut(self.segments, self.note), run_time=0.5)
        self.add(fresh, dots)
        self.wait_for("draw")
        shown = []
        for places, values in draws:
            shown.append(chart.c2p(LAMS[data.chosen], float(data.errors(places, values)[data.chosen])))
            points = self.picture.c2p(data.grid[places], values)
            fresh.move_dots(points[self.picture.box.contains(points)])
            dots.move_dots(np.array(shown))
            self.play(FadeIn(fresh), run_time=0.7)
        self.wait_for("mean")
        self.play(FadeIn(band), Create(curve), FadeIn(names[0]), run_time=4)
        self.wait_for("noise")
        self.play(Create(level), FadeIn(names[1]), run_time=0.8)

    def some_draws(self, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Fresh rows, the same in every run."""
        rng = np.random.default_rng(7)
        found = []
        for _draw in range(count):
            places = rng.integers(0, len(self.data.grid), 30)
            found.append((places, self.data.truth[places] + NOISE * rng.standard_normal(30)))
        return found
