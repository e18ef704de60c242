"""Every point left out once tells how well each penalty predicts what it has not seen; the best one is taken."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    DOWN,
    RIGHT,
    Create,
    Dot,
    FadeIn,
    FadeOut,
    Line,
    ReplacementTransform,
    Transform,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
)

from lecture.stage import FORMULA, LEFT_HALF, RIGHT_HALF, SMALL, Chart, Region, step
from lecture.stage.drawing import set_polyline
from lecture.stage.scatter import Scatter
from scenes.bias_for_variance import error_chart, expected_errors
from scenes.parts.scene import WeightDecayScene
from scenes.parts.small_experiment import SmallExperiment
from scenes.penalties_tame_overfitting import DEGREE, FEATURES, Experiment, features
from wdmath import ridge_path, ridge_selection

# Denser towards the ends, where a polynomial turns most sharply.
_GRID = np.sin(np.pi / 2 * np.linspace(-1, 1, 241))
_X = FEATURES.format("x")
_LEFT_OUT = f"leave_one_out({_X}, y, lam, scale='half_sum', intercept=True)"
_FRESH = (
    f"np.mean((ridge_path({_X}, y, lam, scale='half_sum', intercept=True)"
    f".predict({FEATURES.format('x_test')}) - y_test) ** 2)"
)
_EXPONENTS = np.linspace(-2, 1.5, 141)
_REACH = 2.0  # of the values shown
_OPTIONS: dict[str, Any] = {"scale": "half_sum", "intercept": True}


class ChoosingLambda(WeightDecayScene):
    """Leave-one-out error has a minimum over λ, and fresh data agree with it."""

    title = "*Choosing* [[$lambda$|penalty]]"

    def prepare(self) -> None:
        """Run the experiment: all fits, all errors left out, for all penalties."""
        self.data = data = Experiment()
        lams = 10**_EXPONENTS
        X = features(data.x)
        path = ridge_path(X, data.y, lams, **_OPTIONS)
        self.fits = path.predict(features(_GRID))
        self.fresh = np.mean((path.predict(features(data.x_test)) - data.y_test) ** 2, axis=1)
        selection = ridge_selection(X, data.y, lams, **_OPTIONS)
        self.predictions = data.y - selection.leave_one_out_residuals
        self.errors = selection.leave_one_out
        self.best = float(_EXPONENTS[int(np.argmin(self.errors))])
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
        low, high = -_REACH, _REACH
        start = self.picture.c2p(self.data.x, self.data.y)
        end = self.picture.c2p(self.data.x, np.clip(predictions, low, high))
        share = np.linspace(0, 1, 4)[:, None]
        return segments.set_points((start[:, None] * (1 - share) + end[:, None] * share).reshape(-1, 3))

    @step(
        say="Which λ, where the truth is unknown? Hide one point, fit the rest, and see how far the curve "
        "misses it.",
        shows="Thirteen data points and a wiggly fit. One point is ringed; a second curve, fitted without it, "
        "misses it by the marked distance. At the right an empty chart of the leave-one-out error over lambda.",
    )
    def hide_one_point(self) -> None:
        self.prepare()
        style, data = self.style, self.data
        self.picture = Chart(
            LEFT_HALF,
            (-1.04, 1.04),
            (-_REACH, _REACH),
            style,
            labels=("$x$", "$y$"),
            x_ticks={-1: "-1", 0: "0"},
            y_ticks={-1.0: "-1", 0.0: "0", 1.0: "1"},
        )
        points = self.picture.c2p(data.x, data.y)
        self.points = Scatter(points, style.ink, radius=0.085).set_z_index(2)
        full = self.at(self.fits, _EXPONENTS[0])
        self.curve = self.fit(full, style.ridge)
        ghost = self.fit(full, style.faded("ridge", 0.35), 4)
        self.note = self.make_note(f"13 points, degree {DEGREE}")
        self.forget_the_truth(FadeIn(self.picture, self.points, self.note))
        self.play(Create(self.curve), run_time=1.8)
        self.add(ghost, self.curve)
        ring = Scatter(points[:1], style.penalty, radius=0.2, hollow=True)
        miss = Line(color=style.penalty, stroke_width=6)
        for k, hidden in enumerate((8, 11)):
            others = np.arange(len(data.x)) != hidden
            refit = ridge_path(features(data.x[others]), data.y[others], 10 ** _EXPONENTS[0], **_OPTIONS)
            without = self.fit(refit.predict(features(_GRID)), style.ridge)
            predicted = float(self.predictions[0, hidden])
            ends = self.picture.c2p([data.x[hidden]] * 2, [data.y[hidden], predicted])
            ring.move_dots(points[hidden][None])
            self.play(FadeIn(ring, scale=1.8), run_time=0.5)
            self.play(Transform(self.curve, without), run_time=1)
            miss = Line(*ends, color=style.penalty, stroke_width=6)
            self.play(Create(miss), run_time=0.5)
            if k == 0:
                self.play(FadeOut(ring, miss), run_time=0.3)
        self.spent = VGroup(ring, miss, ghost)

    def forget_the_truth(self, arrival: FadeIn) -> None:
        """Empty the chart with which bias and variance were weighed, and make it that of the error left out."""
        known = error_chart(self.style)
        lams, errors = expected_errors(SmallExperiment())
        best = int(np.argmin(errors))
        at = known.c2p(lams[best], errors[best])
        drawn = VGroup(
            known.curve(lams, errors, self.style.ridge, width=6),
            Line(known.c2p(lams[best], 0), at, color=self.style.penalty, stroke_width=4),
            Dot(at, radius=0.12, color=self.style.ridge),
        )
        region = Region(RIGHT_HALF.left, RIGHT_HALF.right, RIGHT_HALF.bottom, RIGHT_HALF.top - 0.6)
        self.chart = chart = Chart(
            region,
            (10 ** _EXPONENTS[0], 10 ** _EXPONENTS[-1]),
            (0, 0.75),
            self.style,
            labels=("[[$lambda$|penalty]]", "leave-one-out error"),
            x_ticks={0.01: "0.01", 0.1: "0.1", 1.0: "1", 10.0: "10"},
            y_ticks={0.2: "0.2", 0.4: "0.4", 0.6: "0.6"},
            x_log=True,
        )
        self.add(known, drawn)
        self.play(
            Write(self.make_title()),
            FadeOut(drawn, known.axes[5:], known.tick_labels[3:], known.axis_labels[1]),
            run_time=1.2,
        )
        # The lambda axis stays; 0.1, 1 and 10 go to where they now are.
        self.play(
            ReplacementTransform(known.axes[:5], VGroup(*chart.axes[:2], *chart.axes[3:6])),
            ReplacementTransform(known.tick_labels[:3], chart.tick_labels[1:4]),
            ReplacementTransform(known.axis_labels[0], chart.axis_labels[0]),
            FadeIn(
                chart.axes[2],
                chart.axes[6:],
                chart.tick_labels[0],
                chart.tick_labels[4:],
                chart.axis_labels[1],
            ),
            arrival,
            run_time=1,
        )
        self.remove(*chart.get_family())
        self.add(chart)

    @step(
        say="Do so with every point. No refitting is needed: divide each residual by one minus its leverage.",
        shows="From every point a line to what the other twelve predict there. In the chart, still empty, the formula: "
        "residual over one minus leverage; above it the leave-one-out error at this lambda.",
    )
    def hide_every_point(self) -> None:
        style = self.style
        segments = VMobject(color=style.penalty, stroke_width=5, fill_opacity=0)
        self.segments = self.misses(segments, self.predictions[0])
        full = self.fit(self.at(self.fits, _EXPONENTS[0]), style.ridge)
        self.exponent = ValueTracker(float(_EXPONENTS[0]))
        rule = self.formula("{{ e_i / (1 - h_i) : penalty }}")
        note = self.words("residual over 1 − leverage", role="dim", size=SMALL)
        self.rule = VGroup(rule, note).arrange([1, 0, 0], buff=0.4)
        self.rule.move_to(self.chart.box.center)  # which is still empty
        self.reading = self.make_reading()
        self.reading.move_to([RIGHT_HALF.left, RIGHT_HALF.top, 0], aligned_edge=[-1, 0, 0])
        self.play(Transform(self.curve, full), FadeOut(self.spent), run_time=0.8)
        self.play(Create(self.segments), FadeIn(self.rule), run_time=2)
        self.play(FadeIn(self.reading), run_time=0.8)

    def make_reading(self) -> VGroup:
        """Lambda and the leave-one-out error, running."""
        rows = VGroup()
        for source, expression, decimals, role in (
            ("@lam =", "10**s", 2, "penalty"),
            ('"error" =', _LEFT_OUT.replace("lam", "10**s"), 3, "ink"),
        ):
            inputs = self.inputs if "leave" in expression else {}
            number = self.live_number(
                expression, self.exponent, decimals=decimals, role=role, size=FORMULA, variable="s", **inputs
            )
            name = self.formula(source)
            rows.add(VGroup(name, number.follow_equals(name)))
        rows[1].next_to(rows[0], [1, 0, 0], buff=0.8).shift([0, rows[0][1].get_y() - rows[1][1].get_y(), 0])
        return rows

    @step(
        say="Turn λ up. Unseen points are missed by less and less; then the curve grows too stiff.",
        shows="The leave-one-out error drawn over lambda: high at the left, a minimum, and rising again. "
        "The fit at the right end is nearly a straight line.",
    )
    def turn_up_the_penalty(self) -> None:
        style = self.style
        chart = self.chart
        self.play(FadeOut(self.rule), run_time=0.6)
        points = chart.c2p(10**_EXPONENTS, self.errors)
        self.trace = VMobject(color=style.ink, stroke_width=5)

        def draw(trace: VMobject) -> None:
            s = self.exponent.get_value()
            drawn = points[s - 1e-9 > _EXPONENTS]
            tip = chart.c2p(10**s, self.at(self.errors, s))[None]
            set_polyline(trace, np.vstack([points[:1], drawn[1:], tip]))

        def bend(curve: VMobject) -> None:
            set_polyline(curve, self.picture.c2p(_GRID, self.at(self.fits, self.exponent.get_value())))

        # On top, so that little else is drawn anew.
        self.add(self.curve, self.segments, self.points, self.trace, self.reading)
        for mobject, update in (
            (self.trace, draw),
            (self.curve, bend),
            (self.segments, lambda m: self.misses(m, self.at(self.predictions, self.exponent.get_value()))),
        ):
            self.follow(mobject, update, self.exponent)
        self.play(self.exponent.animate.set_value(float(_EXPONENTS[-1])), run_time=7)
        self.trace.clear_updaters()
        self._followers = [f for f in self._followers if f[0] is not self.trace]

    @step(
        say="Take the λ at the lowest point: its curve predicts its own missing points best.",
        shows="Lambda at the minimum, marked in the chart, with the error there; on the left the calm fit at that "
        "lambda and its short misses.",
    )
    def take_the_lowest_point(self) -> None:
        style = self.style
        at = self.chart.c2p(10**self.best, float(self.errors.min()))
        self.mark = Line(self.chart.c2p(10**self.best, 0), at, color=style.penalty, stroke_width=5)
        self.lowest = dot = Dot(at, radius=0.12, color=style.ridge).set_z_index(2)
        self.add(self.curve, self.segments, self.points, self.reading)
        self.play(self.exponent.animate.set_value(self.best), run_time=3)
        self.play(Create(self.mark), FadeIn(dot, scale=2), run_time=0.8)

    @step(
        say="And fresh data? Thirty new points agree: nearly as low here as it could be for any λ.",
        shows="Thirty rings of fresh data around the fit; in the chart their error as a dashed curve, whose minimum "
        "lies near the chosen lambda, with its value there and at its own minimum.",
    )
    def ask_fresh_data(self) -> None:
        style, data = self.style, self.data
        new = Scatter(self.picture.c2p(data.x_test, data.y_test), style.dim, radius=0.085, hollow=True)
        curve = self.chart.curve(10**_EXPONENTS, self.fresh, style.dim, dash=True)
        name = self.words("fresh data", role="dim", size=SMALL)
        spot = self.chart.c2p(10**0.55, float(np.interp(0.55, _EXPONENTS, self.fresh)))
        name.next_to(spot, DOWN + RIGHT, buff=0.1)
        lowest = float(10 ** _EXPONENTS[int(np.argmin(self.fresh))])
        texts, records = zip(
            *(
                self.number_text(
                    _FRESH, digits=2, lam=lam, x_test=data.x_test, y_test=data.y_test, **self.inputs
                )
                for lam in (10**self.best, lowest)
            ),
            strict=True,
        )
        here = self.make_note(f"on fresh data ${texts[0]}$, at best ${texts[1]}$")
        self.remember(here, *records)
        self.play(FadeOut(self.segments, self.note), FadeIn(new), run_time=1)
        self.play(Create(curve), FadeIn(name), run_time=2)
        self.play(FadeIn(here), run_time=0.8)
