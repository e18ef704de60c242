"""A flexible model chases noise; a penalty on its weights calms it, up to a point."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    Circle,
    Create,
    FadeIn,
    FadeOut,
    Indicate,
    LaggedStart,
    Line,
    Polygon,
    ReplacementTransform,
    Transform,
    UpdateFromAlphaFunc,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
    linear,
    rush_from,
    smooth,
)

from lecture.stage import SAFE, SMALL, Chart, LiveNumber, Number, Region, question, step
from lecture.stage.color import mix
from lecture.stage.drawing import Dashes, set_polyline, set_segments
from lecture.stage.numbers import spoken_number
from lecture.stage.scatter import Scatter
from lecture.words import Message, _, computed
from scenes.experiments.sine import DEGREE
from scenes.map_of_chapters import lit_card
from scenes.parts.noisy_sine import ERROR, GRID, LASSO_ERROR, NoisySine, noisy_sine
from scenes.parts.penalty_scale import PenaltyTracker
from scenes.parts.scene import WeightDecayScene
from scenes.parts.strings import Strings, Tank

# Left the curve, with its errors below; right the strings and the tank; below them the errors over lambda.
CURVE = Region(SAFE.left, -0.35, -1.95, 2.6)
STRINGS = Region(0.8, 4.75, -0.05, 2.3)
TANK = Region(5.1, 6.55, -0.15, 1.72)
PLOT = Region(0.6, SAFE.right, SAFE.bottom, -0.35)
ERRORS = 0.4  # the largest error on the chart

OBJECTIVE = "{{{{ @loss : error }}}} {{{{ + {} : cost }}}}"
RIDGE_COST = "@lam / 2 {{ sum_@j @wj^2 : penalty-squares }}"
LASSO_COST = "@lam {{ sum_@j abs(@wj) : penalty-sizes }}"


def _rows(which: str, **others: Any) -> dict[str, Any]:
    """Inputs of expressions for the words of steps: made when they are needed."""
    names = ("x", "y", "x_seen", "y_seen")
    return {name: (lambda _, name=name: noisy_sine().rows(which)[name]) for name in names} | others


def _best(_: Any) -> float:
    return noisy_sine().best


def _best_lasso(_: Any) -> float:
    return noisy_sine().best_lasso


def _two(value: float) -> str:
    return spoken_number(value, 2)


class PenaltiesTameOverfitting(WeightDecayScene):
    """A penalty on the weights calms an overfitted curve; too strong a penalty flattens it."""

    title = _("Penalties *tame overfitting*")
    way: tuple[np.ndarray, np.ndarray] | None
    question_region = Region(PLOT.left, PLOT.right, -2.6, PLOT.top)

    # What is shown: the fit at a penalty, or a fit on its way to another one. Everything follows two trackers.

    def coefficients(self) -> np.ndarray:
        """Intercept and weights of the curve now."""
        if self.way is None:
            return self.data.ridge(self.lam.get_value())
        start, end = self.way
        return start + self.share.get_value() * (end - start)

    def go_to(self, end: np.ndarray, *others: Any, run_time: float) -> None:
        """Move beads and curve to other coefficients."""
        self.way = (self.coefficients(), end)
        self.share.set_value(0.0)
        self.play(self.share.animate.set_value(1.0), *others, run_time=run_time)

    def following(self, mobject: Any, update: Any) -> Any:
        """Keep `mobject` in step with the coefficients."""
        return self.follow(mobject, lambda m: update(m, self.coefficients()), self.share, self.lam)

    @step(
        say=_(
            "A polynomial of degree eleven has eleven weights: <strings>beads on strings. <lift>Lift one, and its own "
            "curve is added. A polynomial is linear in its weights."
        ),
        shows=_(
            "Left, thirteen dots on a noisy wave and a curve. Right, eleven vertical strings with a bead on each, the "
            "weights: two of them are lifted, and the curve is the sum of their two polynomials."
        ),
        covers=("C1",),
    )
    def lift_a_bead(self) -> None:
        self.data = data = noisy_sine()
        self.lam, self.share = PenaltyTracker(data.scale, 0.0), ValueTracker(1.0)
        flat = np.append(data.y.mean(), np.zeros(DEGREE))
        self.way = (flat, flat)
        self.chart = Chart(CURVE, (-1.05, 1.05), (-2.4, 2.4), self.style, labels=("@x", "@y"))
        self.strings = Strings(STRINGS, DEGREE, (-2.1, 1.8), self.style)
        for part in (self.strings.bars, self.strings.beads):
            self.following(part, lambda m, c: self.strings.put(c[1:]))
        self.fit = VMobject(color=self.style.minimizer, stroke_width=5, fill_opacity=0)
        self.following(self.fit, lambda m, c: set_polyline(m, self.chart.c2p(GRID, data.curve(c))))
        self.law = self.formula(f"@f (@x) = @bias + sum_(@j=1)^{DEGREE} @wj thin @Pj (@x)", size=40)
        self.basis = self.words(_("{Pj}: Legendre polynomials"), role="dim", size=SMALL)
        column = VGroup(self.law, self.basis).arrange([0, -1, 0], buff=0.3, aligned_edge=[-1, 0, 0])
        column.move_to([STRINGS.left, PLOT.center[1], 0], aligned_edge=[-1, 0, 0])
        self.grow_from_the_map(data)
        self.wait_for("strings")
        self.play(FadeIn(self.strings, lag_ratio=0.1), FadeIn(self.law, self.basis), run_time=1)
        self.play(Create(self.fit, suspend_mobject_updating=True), run_time=0.7)
        self.add(self.dots)
        self.wait_for("lift")
        first, second = flat.copy(), flat.copy()
        first[3] = second[3] = 1.2
        second[7] = 0.9
        self.go_to(first, run_time=1.9)
        self.go_to(second, run_time=1.9)

    def grow_from_the_map(self, data: NoisySine) -> None:
        """Let the small picture that was lit on the map become the chart: its axes and its dots, not its curves."""
        axes, calm, wild, dots = lit_card("PenaltiesTameOverfitting", self.style).icon
        self.dots, at = dots, self.chart.c2p(data.x, data.y)
        small, width = dots.centers, dots.get_stroke_width()

        def grow(m: Scatter, alpha: float) -> None:
            share = smooth(alpha)
            m.move_dots((1 - share) * small + share * at).set_stroke(width=width + share * (21 - width))

        self.add(axes, calm, wild, dots)
        self.play(Write(self.make_title()), FadeOut(calm, wild), run_time=0.8)
        self.play(
            ReplacementTransform(axes, self.chart.axes[:2]), UpdateFromAlphaFunc(dots, grow), run_time=1.2
        )
        self.play(FadeIn(self.chart.axes[2:], self.chart.axis_labels), run_time=0.4)
        self.remove(*self.chart.get_family())
        self.add(self.chart, dots)

    # Errors.

    def mark(self, *, fresh: bool) -> Circle:
        """A data point: filled if it was fitted, a ring if it is fresh."""
        mark = Circle(0.09, color=self.style.ink, stroke_width=3)
        return mark if fresh else mark.set_fill(self.style.ink, 1)

    def error(self, which: str) -> VGroup:
        """Name and running value of the error of the curve on some rows: the mean of half squared residuals."""
        rows = self.data.rows(which)
        value = LiveNumber(0.0, self.style, decimals=4, size=SMALL)
        inputs = {"y_seen": rows["y_seen"]}

        def put(m: LiveNumber, coefficients: np.ndarray) -> None:
            inputs["f_seen"] = self.data.curve(coefficients, rows["x_seen"])
            m.set_value(np.mean((inputs["f_seen"] - inputs["y_seen"]) ** 2) / 2)

        self.following(value, put)
        value.number = lambda: Number(
            f"{value.value:.4f}", value.value, "np.mean((f_seen - y_seen) ** 2) / 2", dict(inputs)
        )
        fresh = which == "valid"
        name = self.words(_("validation error") if fresh else _("training error"), size=SMALL)
        row = VGroup(self.mark(fresh=fresh), name, value).arrange(buff=0.14)
        value.align_to(name.submobjects[-1], [0, -1, 0])  # the baseline: an r has no descender
        return row

    def gaps(self, which: str) -> VMobject:
        """Sticks from the points of some rows to the curve; `self.grown` of their length is shown."""
        rows = self.data.rows(which)
        x, at = rows["x_seen"], self.chart.c2p(rows["x_seen"], rows["y_seen"])
        grown = ValueTracker(0.0)

        def put(m: VMobject) -> None:
            on_curve = self.chart.c2p(x, self.data.curve(self.coefficients(), x))
            set_segments(m, at, at + grown.get_value() * (on_curve - at))

        sticks = VMobject(color=self.style.ink, stroke_width=3.5, fill_opacity=0)
        sticks.grown = grown
        return self.follow(sticks, put, grown, self.share, self.lam)

    def squares_of_gaps(self, which: str) -> VMobject:
        """A square on each stick, towards the middle of the chart; `grown` of its width is shown."""
        rows = self.data.rows(which)
        x, at = rows["x_seen"], self.chart.c2p(rows["x_seen"], rows["y_seen"])
        side = np.where(x > 0, -1.0, 1.0)
        grown = ValueTracker(0.0)

        def put(m: VMobject) -> None:
            foot = self.chart.c2p(x, self.data.curve(self.coefficients(), x))
            width = grown.get_value() * side * np.abs(foot[:, 1] - at[:, 1])
            across = np.column_stack([width, 0 * width, 0 * width])
            corners = np.stack([at, foot, foot + across, at + across, at], axis=1)
            starts, ends = corners[:, :-1].reshape(-1, 3), corners[:, 1:].reshape(-1, 3)
            set_segments(m, starts, ends)

        squares = VMobject(color=self.style.ink, stroke_width=1.5, fill_opacity=0.12)
        squares.grown = grown
        return self.follow(squares, put, grown, self.share)

    @step(
        say=_(
            "<gaps>The gaps between curve and points are the residuals; <squares>half their mean square is the "
            "<error>training error {loss}. <fit>Fitted freely, the curve chases every point."
        ),
        shows=_(
            "The eleven beads, pulled far up and down, and a curve that passes through nearly all dots and swings "
            "wildly between them. Training error 0.0003, the mean of half squared residuals."
        ),
        covers=("C1",),
    )
    def chase_the_noise(self) -> None:
        self.sticks = self.gaps("train")
        self.training = self.error("train")
        self.validation = self.error("valid")
        rows = (self.training, self.validation)
        column = max(row[1].get_right()[0] - row.get_left()[0] for row in rows) + 0.3
        for row, y in zip(rows, (SAFE.bottom + 0.5, SAFE.bottom), strict=True):
            row.move_to([self.chart.box.left, y, 0], aligned_edge=[-1, -1, 0])
            row[2].shift([self.chart.box.left + column - row[2].get_left()[0], 0, 0])
        self.error_law = self.formula("@loss = 1/@n sum_(@i=1)^@n 1/2 (@yi - @f (@xi))^2", size=40)
        self.error_law.move_to([STRINGS.left, PLOT.center[1], 0], aligned_edge=[-1, 0, 0])
        self.squares = self.squares_of_gaps("train")
        self.wait_for("gaps")
        self.add(self.sticks, self.fit, self.dots)
        self.play(FadeOut(self.law, self.basis), self.sticks.grown.animate.set_value(1.0), run_time=1.6)
        self.wait_for("squares")
        self.add(self.squares, self.sticks, self.fit, self.dots)
        self.play(self.squares.grown.animate.set_value(1.0), run_time=1.4)
        self.wait_for("error")
        self.play(FadeIn(self.training), Write(self.error_law), run_time=1.3)
        self.wait_for("fit")
        self.go_to(self.data.ridge(0.0), run_time=3)
        self.remove(self.sticks, self.squares)

    @question(
        ask=_("Thirty fresh points come from the same source. How large is the error on them?"),
        choices=(_("about the same"), _("10 times larger"), _("1000 times larger")),
        answer=2,
        shows=_("The wild curve through the thirteen dots; its training error is 0.0003."),
        covers=("C1",),
    )
    def guess_the_fresh_error(self) -> None:
        self.play(FadeOut(self.error_law), run_time=0.5)

    @step(
        say=_(
            "<large>A thousand times as large. <fresh>These fresh points are for validation; <swing>between the dots, "
            "the curve swings as it likes."
        ),
        shows=_(
            "Thirty rings, the validation points, some of them far from the curve. Validation error 0.3700, training "
            "error 0.0003."
        ),
        covers=("C1",),
    )
    def meet_fresh_points(self) -> None:
        at = self.chart.c2p(self.data.x_valid, self.data.y_valid)
        self.rings = Scatter(at, self.style.ink, radius=0.09, hollow=True)
        self.rings.set_fill(self.style.background, 1)
        self.misses = self.gaps("valid")
        arriving = UpdateFromAlphaFunc(self.rings, lambda m, a: m.move_dots(at, round(a * len(at))))
        self.validation.update()  # it was not on stage while the curve was fitted
        self.wait_for("large")
        self.play(FadeIn(self.validation), run_time=1)
        self.wait_for("fresh")
        self.add(self.misses, self.rings, self.dots)
        self.play(arriving, run_time=1.8, rate_func=rush_from)
        self.wait_for("swing")
        self.play(self.misses.grown.animate.set_value(1.0), run_time=2, rate_func=rush_from)

    @step(
        say=_(
            "<more>Three hundred more points for training would <cure>cure this: the weights sink, and the error too. "
            "But data cost."
        ),
        shows=_(
            "Three hundred more points, small, and the same polynomial fitted to all of them: a calm wave, and beads "
            "near zero but for the first and the third. The validation error is 0.0250."
        ),
        covers=("C1",),
    )
    def add_more_data(self) -> None:
        data = self.data
        n = len(data.x)
        at = self.chart.c2p(data.x_more[n:], data.y_more[n:])
        self.more = Scatter(at, self.style.dim, radius=0.035)
        self.wait_for("more")
        self.add(self.more, self.misses, self.fit, self.rings, self.dots)
        arriving = UpdateFromAlphaFunc(self.more, lambda m, a: m.move_dots(at, round(a * len(at))))
        self.play(arriving, FadeOut(self.training), run_time=1.6)
        self.wait_for("cure")
        self.go_to(data.more(), run_time=3)

    @step(
        say=_(
            "Cheaper: let every weight <cost>cost something. Ridge regression charges <charge>half of {lam} times its "
            "square; the tank holds <sum>the sum of squares."
        ),
        shows=_(
            "The wild curve and the stretched beads again. Beside them a tank, filled to 9.9 with the squares of the "
            "eleven weights. Below, what ridge regression minimizes: the training error plus half of lambda times the "
            "sum of squared weights."
        ),
        covers=("C1",),
    )
    def let_weights_cost(self) -> None:
        self.objective = self.formula(OBJECTIVE.format(RIDGE_COST))
        self.method = self.words(_("*ridge* (Tikhonov)"), role="ridge", size=SMALL)
        column = VGroup(self.method, self.objective)
        column.arrange([0, -1, 0], buff=0.25, aligned_edge=[-1, 0, 0])
        column.move_to([STRINGS.left, PLOT.center[1], 0], aligned_edge=[-1, 0, 0])
        most = float((self.data.ridge(0.0)[1:] ** 2).sum())
        self.tank = Tank(TANK, self.strings.unit, self.style)
        self.tank_name = self.formula("{{ sum @wj^2 = : penalty }}", size=SMALL)
        squares = LiveNumber(most, self.style, decimals=1, role="penalty", size=SMALL)
        self.tank_value = squares.follow_equals(self.tank_name, buff=0.12)
        row = VGroup(self.tank_name, self.tank_value)
        row.next_to([TANK.right, TANK.top, 0], [0, 1, 0], buff=0.12).align_to([SAFE.right, 0, 0], [1, 0, 0])
        squares.number = lambda: Number(
            f"{squares.value:.1f}", squares.value, "np.sum(w ** 2)", {"w": self.coefficients()[1:]}
        )
        self.go_to(self.data.ridge(0.0), FadeOut(self.more, self.misses), run_time=1.4)
        self.wait_for("cost")
        self.play(FadeIn(self.method), Write(self.objective.select("error")), run_time=1.4)
        self.wait_for("charge")
        self.play(Write(self.objective.select("cost")), FadeIn(self.tank.vessel), run_time=1.4)
        self.wait_for("sum")
        self.pour()

    def pour(self) -> None:
        """Let the bars of the weights become their squares, and the squares run into the tank, area for area."""
        weights, style, strings = self.coefficients()[1:], self.style, self.strings
        levels = np.concatenate([[0.0], np.cumsum(weights**2)])
        bars, squares, layers = VGroup(), VGroup(), VGroup()
        for k, weight in enumerate(weights):
            # Corners in the order of the tank's: from the lower left one, counterclockwise.
            low, high = strings.at(k, min(weight, 0.0)), strings.at(k, max(weight, 0.0))
            side = np.array([abs(weight) * strings.unit, 0, 0])
            flat = Polygon(low, low, high, high, color=style.penalty, fill_opacity=0.4, stroke_width=3)
            bars.add(flat)
            squares.add(flat.copy().set_points_as_corners([low - side, low, high, high - side, low - side]))
            layers.add(self.tank.layer(levels[k], levels[k + 1], style))
        self.play(*(Transform(*pair) for pair in zip(bars, squares, strict=True)), run_time=1)
        self.play(
            LaggedStart(*(Transform(*pair) for pair in zip(bars, layers, strict=True)), lag_ratio=0.12),
            FadeIn(self.tank_name),
            run_time=2.2,
        )
        self.remove(*bars)
        self.tank.put(float(levels[-1]))
        self.add(self.tank)
        self.play(FadeIn(self.tank_value), run_time=0.4)

    @step(
        say=_(
            "<turn>Now turn {lam} up. Weights sink, spikes melt, the tank drains. Nobody told the curve to be smooth: "
            "we only made large weights expensive."
        ),
        shows=_(
            "The beads have sunk, their first places are ghosts; the curve is a calm wave; the tank holds 2.2. Below, "
            "the errors over lambda: the training error has risen a little, the dashed validation error has fallen to "
            "its lowest, 0.0379, at lambda 0.032."
        ),
        covers=("C1",),
    )
    def turn_lambda_up(self) -> None:
        data, style, strings = self.data, self.style, self.strings
        self.reached = ValueTracker(0.0)
        self.way = None
        self.lay_out_the_errors()
        ghosts = VGroup(strings.bars.copy(), strings.beads.copy(), self.fit.copy()).clear_updaters()
        self.ghosts = ghosts.set_stroke(style.faded("minimizer", 0.45))
        self.play(
            FadeOut(self.method),
            self.objective.animate.move_to([SAFE.right, SAFE.top + 0.05, 0], [1, 1, 0]),
            FadeIn(self.errors, self.lam_row, self.handle, self.training, self.riders),
            run_time=0.8,
        )
        for part in (strings.bars, strings.beads, self.fit):
            self.follow(part, lambda m: m.set_stroke(self.tint()), self.lam)
        self.following(self.tank.level, lambda m, c: self.tank.put(float((c[1:] ** 2).sum())))
        self.following(self.tank_value, lambda m, c: m.set_value(float((c[1:] ** 2).sum())))
        self.remove(*strings.get_family())
        self.add(
            *self.drawn,
            self.riders,
            strings.strings,
            strings.zero,
            strings.names,
            self.ghosts,
            strings.bars,
            strings.beads,
            self.rings,
            self.fit,
            self.dots,
        )
        self.wait_for("turn")
        self.sweep(data.best, 7.5)

    def tint(self) -> str:
        """The color of the fit: the ridge minimizer's, as soon as it can be told from the minimizer it comes from."""
        share = min(1.0, self.lam.position / self.data.scale.position(1e-4))
        return mix(self.style.ridge, self.style.minimizer, share)

    def sweep(self, lam: float, run_time: float) -> None:
        """Turn lambda to a value; the curves of the errors are drawn as far as it has come."""
        position = self.data.scale.position(lam)
        moves = [self.lam.animate(rate_func=linear).set_value(lam)]
        if position > self.reached.get_value():
            moves.append(self.reached.animate(rate_func=linear).set_value(position))
        self.play(*moves, run_time=run_time)

    def lay_out_the_errors(self) -> None:
        """The chart of both errors over lambda, which is the slider too."""
        data, style = self.data, self.style
        places = ((1e-4, "10^(-4)"), (1e-2, "10^(-2)"), (1.0, "1"))
        self.errors = errors = Chart(
            PLOT,
            (0, data.END),
            (0, ERRORS),
            style,
            labels=("@lam", _("error")),
            x_ticks={0.0: "0"} | {data.scale.position(lam): text for lam, text in places},
            y_ticks={0.2: "0.2", 0.4: "0.4"},
        )
        solid = errors.curve(data.positions, data.training, style.ink)
        dashes = Dashes(errors.curve(data.positions, data.validation, style.ink), axis=0)
        self.drawn = VGroup(solid.copy(), dashes)

        def share() -> float:
            return self.reached.get_value() / data.END

        self.follow(self.drawn[0], lambda m: m.pointwise_become_partial(solid, 0, share()), self.reached)
        self.follow(dashes, lambda m: m.reveal(share()), self.reached)
        self.riders = VGroup(self.mark(fresh=False), self.mark(fresh=True))
        self.riders[1].set_fill(style.background, 1)
        for rider, values in zip(self.riders, (data.training, data.validation), strict=True):
            self.follow(
                rider,
                lambda m, v=values: m.move_to(
                    errors.c2p(self.lam.position, np.interp(self.lam.position, data.positions, v))
                ),
                self.lam,
            )
        self.handle = Line(errors.c2p(0, 0), errors.c2p(0, ERRORS), color=style.penalty, stroke_width=4)
        self.follow(self.handle, lambda m: m.set_x(errors.c2p(self.lam.position, 0)[0]), self.lam)
        value = LiveNumber(0.0, style, decimals=4, role="penalty", size=40)

        def show(m: LiveNumber) -> None:
            lam = self.lam.get_value()
            m.decimals = int(np.clip(1 - np.floor(np.log10(lam)), 0, 6)) if lam > 1e-6 else 0
            m.set_value(lam)

        self.follow(value, show, self.lam)
        value.number = lambda: Number(
            f"{value.value:.{value.decimals}f}", value.value, "lam", {"lam": value.value}
        )
        name = self.formula("@lam =", size=40)
        self.lam_row = VGroup(name, value.follow_equals(name))
        self.lam_row.move_to(
            [errors.box.right - 2.2, errors.axis_labels[1].get_y(), 0], aligned_edge=[-1, 0, 0]
        )

    @step(
        say=_(
            "<more>Push on, and the curve goes flat: both errors rise. We choose the {lam} with the least "
            "<back>validation error, {best}."
        ).format(best=computed("lam", _two, lam=_best)),
        shows=_(
            "Both error curves, complete: the validation error has one lowest point, where a line marks lambda 0.032. "
            " Curve and beads are those of this lambda."
        ),
        covers=("C1",),
    )
    def penalize_too_much(self) -> None:
        data = self.data
        self.wait_for("more")
        self.sweep(data.scale.lam(data.END), 4.6)
        self.wait_for("back")
        self.sweep(data.best, 2)

    @step(
        say=_(
            "The <lasso>lasso charges absolute values instead. <keep>Six weights stay and five go to exactly zero, for "
            "much the <same>same curve."
        ),
        shows=_(
            "In the objective the penalty is now lambda times the sum of absolute weights. The lasso's weights are "
            "diamonds beside ridge's bars: six are left, five lie at zero, pale. The dashed "
            "lasso curve hardly differs from ridge's."
        ),
        covers=("C1",),
    )
    def compare_with_the_lasso(self) -> None:
        data, style = self.data, self.style
        law = self.formula(OBJECTIVE.format(LASSO_COST))
        law.shift(self.objective.select("error").get_center() - law.select("error").get_center())
        start, weights = self.coefficients()[1:], data.lasso(data.best_lasso)[1:]
        order, zero = np.arange(DEGREE), weights == 0
        self.diamonds = Scatter(self.strings.at(order, start), style.ink, radius=0.15, diamond=True)
        self.lasso = Dashes(self.chart.curve(GRID, data.curve(data.lasso(data.best_lasso)), style.ink))
        up = np.array([0, 0.3, 0])
        # The errors and their penalty are ridge's; the lasso has a penalty of its own, chosen on the same points.
        chosen = self.number("lam", template="@lam = {}", role="penalty", size=40, lam=data.best_lasso)
        self.lasso_lam = chosen.move_to(self.lam_row, aligned_edge=[-1, 0, 0])
        gone = VGroup(self.errors, self.drawn, self.riders, self.handle, self.lam_row)
        self.wait_for("lasso")
        self.play(
            FadeOut(self.objective.select("cost"), shift=up),
            FadeIn(law.select("cost"), shift=up),
            FadeIn(self.diamonds, chosen),
            FadeOut(self.tank, self.tank_name, self.tank_value, *self.ghosts[:2]),
            FadeOut(gone, self.training, self.validation),
            run_time=2,
        )
        self.costs = law.select("cost")

        def move(m: Scatter, alpha: float) -> None:
            m.move_dots(self.strings.at(order, start + smooth(alpha) * (weights - start)))

        self.wait_for("keep")
        self.play(UpdateFromAlphaFunc(self.diamonds, move), run_time=2)
        pale = style.faded("ink", 0.45)
        self.zeros = Scatter(self.strings.at(order[zero], 0.0), pale, radius=0.15, diamond=True)
        kept = self.strings.at(order[~zero], weights[~zero])
        self.kept = Scatter(kept, style.ink, radius=0.15, diamond=True)
        self.remove(self.diamonds)
        self.add(self.kept)
        self.play(FadeIn(self.zeros), run_time=0.6)
        self.wait_for("same")
        self.play(Create(self.lasso), run_time=1)

    @step(
        say=_(
            "Now a <test>test on a thousand points that chose nothing. <wild>Without a penalty {wild}, "
            "<ridge>with ridge {ridge}, <lasso>with the lasso {lasso}."
        ).format(
            wild=computed(ERROR, _two, **_rows("test", lam=0.0)),
            ridge=computed(ERROR, _two, **_rows("test", lam=_best)),
            lasso=computed(LASSO_ERROR, _two, **_rows("test", lam=_best_lasso)),
        ),
        shows=_(
            "Four bars, the test errors: without a penalty, by far the longest; ridge and lasso, less than a fifth of "
            "it; with three hundred more training points, hardly shorter still."
        ),
        covers=("C1",),
    )
    def test_on_unseen_points(self) -> None:
        data = self.data
        rows, more = data.rows("test"), data.rows("test") | {"x": data.x_more, "y": data.y_more}
        tests: tuple[tuple[Message, str, str, dict[str, Any]], ...] = (
            (_("no penalty"), "minimizer", ERROR, {"lam": 0.0, **rows}),
            (_("ridge"), "ridge", ERROR, {"lam": data.best, **rows}),
            (_("lasso"), "ink", LASSO_ERROR, {"lam": data.best_lasso, **rows}),
            (_("300 more points"), "dim", ERROR, {"lam": 0.0, **more}),
        )
        heading = self.words(_("test error"), role="dim", size=SMALL)
        names = [self.words(name, role=role, size=SMALL) for name, role, *_rest in tests]
        start = PLOT.left + max(name.width for name in names) + 0.2
        scale = (SAFE.right - start - 0.9) / ERRORS
        heading.move_to([start, PLOT.top - 0.05, 0], aligned_edge=[-1, 1, 0])
        self.bars, self.values, self.names = VGroup(), VGroup(), VGroup(*names)
        for k, (name, (_name, role, expression, inputs)) in enumerate(zip(names, tests, strict=True)):
            y = PLOT.top - 0.72 - 0.5 * k
            value = self.number(expression, digits=2, role=role, size=SMALL, **inputs)
            name.move_to([start - 0.2, y, 0], aligned_edge=[1, 0, 0])
            length = scale * value.number.value
            bar = Line([start, y, 0], [start + length, y, 0], color=self.style.color(role), stroke_width=22)
            self.bars.add(bar)
            self.values.add(value.next_to(bar, [1, 0, 0], buff=0.2))
        self.heading = heading
        self.play(FadeOut(self.lasso_lam), FadeIn(heading, names[0]), run_time=0.8)
        self.wait_for("test")
        self.play(Indicate(heading, color=self.style.ink), run_time=1.2)
        self.wait_for("wild")
        self._reveal(0)
        self.wait_for("ridge")
        self._reveal(1)
        self.wait_for("lasso")
        self._reveal(2)
        self._reveal(3)

    def _reveal(self, k: int) -> None:
        """The bar of one of the four test errors, and its value."""
        shown = [FadeIn(self.names[k])] if k else []
        self.play(*shown, Create(self.bars[k]), run_time=1.2)
        self.play(FadeIn(self.values[k]), run_time=0.3)
