"""Ridge estimates scatter less than the minimizer and miss on the safe side: variance is bought with bias."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from manim import (
    Create,
    Dot,
    FadeIn,
    FadeOut,
    GrowFromPoint,
    Line,
    UpdateFromAlphaFunc,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
    linear,
)

from lecture.stage import (
    FORMULA,
    LEFT_HALF,
    RIGHT_HALF,
    SMALL,
    Arrow,
    Chart,
    Region,
    Style,
    place,
    question,
    step,
)
from lecture.stage.backing import backed, place_backed
from lecture.stage.drawing import set_dashed_polyline, set_polyline, swell
from lecture.stage.numbers import spoken_number
from lecture.stage.scatter import Scatter
from lecture.words import Computed, _, computed
from scenes.experiments.small_experiment import (
    DRAWS,
    LAMS,
    NOISE_VARIANCE,
    TRADE,
    expected_errors,
    small_experiment,
)
from scenes.parts.parameter_plane import parameter_plane
from scenes.parts.scene import WeightDecayScene
from scenes.prior_belief import ROOM, belief_plane, likelihood_contours
from wdmath import QuadraticRisk, shrinkage_factors

# Expected squared distance from the truth, as text for the manifest; the truth of a given length in one direction, or
# averaged over all directions.
_VARIANCE = "np.sum(shrinkage_factors(sigma, lam) ** 2 * noise / sigma)"
_BIAS = "np.sum((1 - shrinkage_factors(sigma, lam)) ** 2 * truth ** 2)"
_ERROR = f"{_VARIANCE} + {_BIAS}"
_AVERAGE = f"{_VARIANCE} + np.mean((1 - shrinkage_factors(sigma, lam)) ** 2) * np.sum(truth ** 2)"
_TURNED = (
    f"{_VARIANCE} + np.sum((1 - shrinkage_factors(sigma, lam)) ** 2 "
    "* np.sum(truth ** 2) * np.array([np.cos(turn), np.sin(turn)]) ** 2)"
)
_EVERY = LAMS[6::12]
_HIGHEST = 1.45  # of the errors shown


def inputs() -> dict[str, Any]:
    """What the expressions above are evaluated with."""
    data = small_experiment()
    risk = data.risks[0]
    return {"sigma": risk.eigenvalues, "truth": risk.to_eigenbasis(data.truth), "noise": NOISE_VARIANCE}


def turned(turn: float) -> np.ndarray:
    """The truth in the eigenbasis, turned away from the steep direction by an angle."""
    first, second = inputs()["truth"]
    return np.hypot(first, second) * np.array([np.cos(turn), -np.sin(turn)])


def best_lam(average: bool = False) -> float:
    """The penalty of least expected error, for this truth or on average over its directions."""
    data = small_experiment()
    return float(LAMS[int(np.argmin(expected_errors(data.risks[0], data.truth, averaged=average)))])


def _told(
    expression: str, lam: Callable[[], float], truth: Callable[[], np.ndarray] | None = None
) -> Computed:
    """A number in the narration, to two digits."""
    given: dict[str, Any] = {
        name: (lambda _p, name=name: inputs()[name]) for name in ("sigma", "truth", "noise")
    }
    if truth is not None:
        given["truth"] = lambda _p: truth()
    return computed(expression, lambda value: spoken_number(value, 2), lam=lambda _p: lam(), **given)


def error_chart(style: Style) -> Chart:
    """The empty chart of the mean squared error over lambda."""
    region = Region(RIGHT_HALF.left, RIGHT_HALF.right, RIGHT_HALF.bottom, RIGHT_HALF.top - 0.55)
    return Chart(
        region,
        (LAMS[0], LAMS[-1]),
        (0, _HIGHEST),
        style,
        labels=(_("{lam}"), _("squared distance from truth")),
        x_ticks={0.1: "0.1", 1.0: "1", 10.0: "10"},
        y_ticks={0.5: "0.5", 1.0: "1"},
        x_log=True,
    )


class BiasForVariance(WeightDecayScene):
    """Over many data sets the ridge minimizer varies less and is off by a bias; a good {lam} makes a good trade."""

    title = _("Variance bought with *bias*")

    def estimates(self, lam: float) -> np.ndarray:
        """The ridge minimizers of all data sets, shape (draws, 2), where the truth is turned to now."""
        risk = self.data.risks[0]
        moved = turned(self.turn.get_value()) - self.inputs["truth"]
        return risk.from_eigenbasis(shrinkage_factors(risk.eigenvalues, lam) * (self.components + moved))

    @property
    def truth(self) -> np.ndarray:
        """The true parameters, where they are turned to now."""
        return self.data.risks[0].from_eigenbasis(turned(self.turn.get_value()))

    @step(
        say=_(
            "Suppose we could repeat the experiment with fresh noise: <rain>three hundred data sets, three hundred "
            "minimizers."
        ),
        shows=_(
            "A cross at the true parameters and a cloud of dots around it, the minimizers of three hundred "
            "data sets; the cloud is long in one direction and narrow across it. At the right the model, {X} {theta} "
            "plus noise, and the minimizer as {X} transposed {X} inverse, {X} transposed {y}."
        ),
    )
    def repeat_the_experiment(self) -> None:
        style = self.style
        self.data, self.inputs = small_experiment(DRAWS), inputs()
        risk = self.data.risks[0]
        self.components = risk.to_eigenbasis(self.data.minimizers)
        steep, flat = self.inputs["truth"]
        self.turn = ValueTracker(float(np.arctan2(-flat, steep)))
        spread = np.sqrt(NOISE_VARIANCE / risk.eigenvalues)
        ends = self.data.truth + np.vstack([-1, 1])[:, :, None] * 2.4 * (risk.eigenvectors * spread).T
        self.way = np.linspace(0, np.pi / 2, 46)  # of the truth, once it is turned
        circle = np.array([risk.from_eigenbasis(turned(angle)) for angle in self.way])
        last = circle[-1] - 1.6 * spread[1] * risk.eigenvectors[:, 1]
        self.plane = parameter_plane(
            LEFT_HALF, [*ends.reshape(-1, 2), *circle, last, [0, 0]], style, margin=0.4
        )
        self.room = Region(LEFT_HALF.left, LEFT_HALF.right - 0.5, LEFT_HALF.bottom, LEFT_HALF.top - 0.45)
        self.cloud = Scatter(np.empty((0, 3)), style.minimizer, radius=0.045)
        points = self.inside(self.data.minimizers)
        self.cross = self.mark_truth()
        self.truth_name = self.words(_("truth"), size=SMALL)
        # Away from the arrows that will leave the cross.
        self.truth_name.next_to(self.cross, [0, -1, 0], buff=0.25)
        self.truth_name = backed(self.truth_name, style)
        self.model = VGroup(
            self.formula("@y = @X @theta + @noise"),
            self.formula("@min = (@XT @X)^(-1) @XT @y"),
            self.words(_("300 times 8 rows,\\ noise {noise} of variance 1"), role="dim", size=SMALL),
        )
        self.model.arrange([0, -1, 0], buff=0.55, aligned_edge=[-1, 0, 0])
        self.model.move_to([RIGHT_HALF.left, 0.6, 0], aligned_edge=[-1, 0, 0])
        self.step_back_from(risk)

        def rain(cloud: Scatter, alpha: float) -> None:
            cloud.move_dots(points, max(1, round(alpha**1.5 * len(points))))

        self.wait_for("rain")
        self.play(UpdateFromAlphaFunc(self.cloud, rain, rate_func=linear), run_time=3.4)

    def step_back_from(self, risk: QuadraticRisk) -> None:
        """Let the one minimizer that the belief was about become the first of many."""
        style, near, plane = self.style, belief_plane(risk, self.style), self.plane
        contours = likelihood_contours(near, risk, style)
        first = Dot(near.c2p(risk.minimizer), radius=0.1, color=style.minimizer).set_z_index(2)
        name = place(
            self.formula("@min"), first.get_center(), avoid=[near, contours], within=ROOM, prefer=[1, 1]
        )
        there = plane.c2p(risk.minimizer)
        self.add(near, contours, first, name)
        self.play(
            *near.carry_to(plane),
            contours.animate.scale(plane.unit / near.unit, about_point=near.origin)
            .shift(plane.origin - near.origin)
            .set_stroke(opacity=0),
            first.animate.move_to(there).scale(0.045 / 0.1),
            name.animate.shift(there - first.get_center()),
            Write(self.make_title()),
            run_time=1.4,
        )
        self.remove(near, contours, *near.get_family(), *plane.get_family())
        self.add(plane, first, name)
        self.play(FadeIn(self.cross, self.truth_name, self.model), FadeOut(name), run_time=0.8)
        self.remove(first)  # in whose place the cloud begins
        self.cloud.move_dots(there[None])
        self.add(self.cloud)

    def inside(self, thetas: np.ndarray) -> np.ndarray:
        """Parameters as points of the frame, without those outside the picture."""
        points = self.plane.c2p(thetas)
        return points[self.room.contains(points)]

    def mark_truth(self) -> VGroup:
        """The mark of the truth."""
        arms = (np.array([0.16, 0.16, 0]), np.array([0.16, -0.16, 0]))
        at = self.plane.c2p(self.data.truth)
        return VGroup(
            *(Line(at - a, at + a, color=self.style.ink, stroke_width=7) for a in arms)
        ).set_z_index(3)

    @step(
        say=_(
            "They center on the <truth>truth, but scatter: <across>little across the valley, "
            "<along>widely along it."
        ),
        shows=_(
            "From the center of the cloud two arrows, one standard deviation long: a short one along the steep "
            "eigenvector, a long one along the flat one, with the formula and the lengths."
        ),
    )
    def scatter_along_the_valley(self) -> None:
        style, plane, risk = self.style, self.plane, self.data.risks[0]
        center = plane.c2p(self.data.truth)
        self.arrows = VGroup()
        rows = VGroup(
            VGroup(
                self.words(_("spread along {qj}:"), size=FORMULA), self.formula("sqrt(@noisevariance / @sj)")
            )
        )
        rows[0].arrange([1, 0, 0], buff=0.3)
        for k, role in enumerate(("eig1", "eig2")):
            length = np.sqrt(NOISE_VARIANCE / risk.eigenvalues[k])
            end = plane.c2p(self.data.truth + length * risk.eigenvectors[:, k])
            self.arrows.add(Arrow(center, end, style.color(role), width=7).set_z_index(4))
            name = self.formula(f"@q{k + 1} :", size=FORMULA)
            value = self.number(
                "np.sqrt(noise / sigma)",
                role=role,
                size=FORMULA,
                noise=NOISE_VARIANCE,
                sigma=float(risk.eigenvalues[k]),
            )
            rows.add(VGroup(name, value).arrange([1, 0, 0], buff=0.4))
        rows.arrange([0, -1, 0], buff=0.55, aligned_edge=[-1, 0, 0])
        self.rows = rows.move_to([RIGHT_HALF.left, 0.6, 0], aligned_edge=[-1, 0, 0])
        self.wait_for("truth")
        self.play(
            self.cloud.animate.set_color(style.faded("minimizer", 0.5)),
            FadeOut(self.model),
            FadeIn(rows[0]),
            run_time=0.8,
        )
        self.wait_for("across")
        self.play(GrowFromPoint(self.arrows[0], center), FadeIn(rows[1]), run_time=1.2)
        self.wait_for("along")
        self.play(GrowFromPoint(self.arrows[1], center), FadeIn(rows[2]), run_time=1.2)

    @question(
        ask=_("Now penalize every one of them. What becomes of the cloud?"),
        choices=(
            _("it shrinks"),
            _("it moves"),
            _("both"),
        ),
        answer=2,
        shows=_("The cloud with its cross, and three answers: it shrinks, it moves, or it does both."),
    )
    def predict_the_cloud(self) -> None:
        self.play(FadeOut(*self.arrows, *self.rows), run_time=0.6)

    @step(
        say=_(
            "<shrink>It contracts, most where it was widest. <drift>And its center leaves the truth: that is the "
            "bias."
        ),
        shows=_(
            "The cloud, now of ridge minimizers, is much smaller; an arrow leads from the truth to its displaced "
            "center. The cloud of minimizers remains as a ghost. Running numbers: {lam}, variance, squared bias."
        ),
        experiments=(TRADE,),
    )
    def penalize_them_all(self) -> None:
        style = self.style
        self.ghost = Scatter(self.cloud.centers, style.faded("minimizer", 0.25), radius=0.045)
        self.lam = ValueTracker(LAMS[0])
        self.drift = Arrow([0, 0, 0], [1, 0, 0], style.penalty, width=7).set_z_index(4)
        value = self.live_number("lam", self.lam, decimals=2, role="penalty", size=FORMULA)
        name = self.formula("@lam =")
        self.reading = VGroup(name, value.follow_equals(name))
        self.reading.move_to([RIGHT_HALF.left, RIGHT_HALF.top, 0], aligned_edge=[-1, 0, 0])
        self.running = VGroup()
        for text, role, expression in (
            (_("variance"), "dim", _VARIANCE),
            (_("squared bias"), "penalty", _BIAS),
        ):
            number = self.live_number(expression, self.lam, role=role, size=FORMULA, **self.inputs)
            self.running.add(VGroup(self.words(text, role=role, size=FORMULA), number))
        column = max(word.width for word, _number in self.running) + 0.5
        for k, (word, number) in enumerate(self.running):
            word.move_to([RIGHT_HALF.left, 0.9 - 1.1 * k, 0], aligned_edge=[-1, 0, 0])
            number.move_to([RIGHT_HALF.left + column, word.get_y(), 0], aligned_edge=[-1, 0, 0])
        self.play(FadeIn(self.ghost, self.reading, self.running), run_time=0.6)
        self.remove(self.ghost)
        self.add(self.ghost, self.cloud, self.cross)
        self.wait_for("shrink")
        self.play(self.cloud.animate.set_color(style.faded("ridge", 0.6)), run_time=0.4)
        self.follow(self.cloud, self.show_cloud, self.lam, self.turn)
        self.turn_up(1.0, run_time=2.4)
        self.follow(self.drift, self.show_drift, self.lam, self.turn)
        self.wait_for("drift")
        self.play(GrowFromPoint(self.drift, self.plane.c2p(self.truth)), run_time=0.6)
        self.turn_up(4.0, run_time=2.4)

    def show_cloud(self, cloud: Scatter) -> None:
        """The estimates now."""
        cloud.move_dots(self.inside(self.estimates(self.lam.get_value())))

    def show_drift(self, arrow: Arrow) -> None:
        """From the truth to the center of the estimates."""
        center = self.estimates(self.lam.get_value()).mean(axis=0)
        arrow.put(self.plane.c2p(self.truth), self.plane.c2p(center))

    def turn_up(self, to: float, *, run_time: float) -> None:
        """Move lambda, evenly on a logarithmic scale."""
        start = self.lam.get_value()
        self.play(
            UpdateFromAlphaFunc(self.lam, lambda m, alpha: m.set_value(start * (to / start) ** alpha)),
            run_time=run_time,
        )

    def curve_values(self, expression: str) -> np.ndarray:
        """An expected error at every penalty of the chart, where the truth is turned to now."""
        given = {**self.inputs, "truth": turned(self.turn.get_value())}
        return np.array([self.compute(expression, lam=lam, **given) for lam in LAMS])

    def average_dots(self) -> np.ndarray:
        """What the three hundred data sets give on average, as points of the chart."""
        errors = [np.mean(np.sum((self.estimates(lam) - self.truth) ** 2, axis=1)) for lam in _EVERY]
        dots = self.chart.c2p(_EVERY, errors)
        return dots[self.chart.box.contains(dots)]

    @step(
        say=_(
            "Over {lam}, the <variance>variance falls and the <bias>squared bias rises. <sum>Their sum first falls, "
            "then rises. <dots>The three hundred data sets agree."
        ),
        shows=_(
            "Three curves over {lam}, on a logarithmic axis: the variance falls, the squared bias rises; their "
            "sum has a minimum between. Dots on it: the average over the three hundred data sets."
        ),
        experiments=(TRADE,),
    )
    def add_bias_and_variance(self) -> None:
        style = self.style
        variance, bias = self.curve_values(_VARIANCE), self.curve_values(_BIAS)
        self.chart = chart = error_chart(style)
        self.lines = [
            chart.curve(LAMS, variance, style.dim, dash=True),
            chart.curve(LAMS, bias, style.penalty),
            chart.curve(LAMS, variance + bias, style.ridge, width=6),
        ]
        self.dots = Scatter(self.average_dots(), style.ink, radius=0.075)
        dots_name = VGroup(
            Scatter([[0, 0, 0]], style.ink, radius=0.075), self.words(_("300 data sets"), size=SMALL)
        )
        dots_name.arrange([1, 0, 0], buff=0.15)
        dots_name.move_to([RIGHT_HALF.right, self.reading.get_y(), 0], aligned_edge=[1, 0, 0])
        self.line_names = names = VGroup()
        for text, role, values, lam, prefer in (
            (_("variance"), "dim", variance, 0.5, [-1, -0.6]),
            (_("squared bias"), "penalty", bias, 4.0, [1, -0.6]),
            (_("their sum"), "ridge", variance + bias, 19.0, [-1, 0.3]),
        ):
            at = chart.c2p(lam, np.interp(np.log(lam), np.log(LAMS), values))
            name = self.words(text, role=role, size=SMALL)
            avoid = [*self.lines, self.dots, *names, chart.axes]
            names.add(place_backed(name, style, at, avoid=avoid, within=chart.box, prefer=prefer))
        self.play(FadeOut(self.running), FadeIn(chart), run_time=0.8)
        self.wait_for("variance")
        self.play(Create(self.lines[0]), FadeIn(names[0]), run_time=1.2)
        self.wait_for("bias")
        self.play(Create(self.lines[1]), FadeIn(names[1]), run_time=1.2)
        self.here = Dot(radius=0.12, color=style.ridge).set_z_index(3)
        self.follow(self.here, self.ride, self.lam, self.turn)
        self.wait_for("sum")
        self.play(Create(self.lines[2]), FadeIn(names[2]), FadeIn(self.here, scale=2), run_time=1.6)
        self.wait_for("dots")
        self.dots_name = dots_name
        self.play(FadeIn(self.dots, self.dots_name), run_time=0.8)

    def ride(self, dot: Dot) -> None:
        """On the curve of the sum, at the penalty now."""
        lam = self.lam.get_value()
        given = {**self.inputs, "truth": turned(self.turn.get_value())}
        dot.move_to(self.chart.c2p(lam, self.compute(_ERROR, lam=lam, **given)))

    @step(
        say=_(
            "<bottom>At the bottom the estimates miss by {best} on average; <none>without a penalty, by {none}. A "
            "<little>little bias was a good price."
        ).format(best=_told(_ERROR, best_lam), none=_told(_VARIANCE, lambda: 0.0)),
        shows=_(
            "{lam} at the minimum of the sum, marked in the chart, with the error there; a dashed level line is the "
            "error without a penalty. The cloud of ridge minimizers is small and near the truth."
        ),
        experiments=(TRADE,),
    )
    def rest_at_the_minimum(self) -> None:
        chart, style, best = self.chart, self.style, best_lam()
        here = self.compute(_ERROR, lam=best, **self.inputs)
        none = self.compute(_VARIANCE, lam=0.0, **self.inputs)
        self.mark = Line(chart.c2p(best, 0), chart.c2p(best, here), color=style.penalty, stroke_width=4)
        self.level = VMobject(color=style.minimizer, stroke_width=4)
        set_dashed_polyline(self.level, chart.c2p([LAMS[0], LAMS[-1]], [none, none]))
        self.values = VGroup(
            self.number(_ERROR, digits=2, role="ridge", lam=best, **self.inputs),
            self.number(_VARIANCE, digits=2, role="minimizer", lam=0.0, **self.inputs),
        )
        avoid = [*self.lines, self.mark, self.dots, chart.axes]
        place(self.values[0], chart.c2p(best, here), avoid=avoid, within=chart.box, prefer=[-1, -1])
        self.values[1].next_to(chart.c2p(0.4, none), [0, 1, 0], buff=0.12)  # where no curve is so high
        self.wait_for("bottom")
        self.turn_up(best, run_time=1.6)
        self.play(
            Create(self.mark),
            FadeIn(self.values[0]),
            FadeOut(self.line_names[:2]),
            run_time=0.8,
        )
        self.wait_for("none")
        self.play(Create(self.level), FadeIn(self.values[1]), run_time=1)
        self.wait_for("little")
        self.play(swell(self.mark, 10), run_time=1.4)

    @step(
        say=_(
            "But this truth lies along the steep direction. <turn>Turn it: the gain shrinks, but stays. With one "
            "{lam} for all, <average>the error averages {average}."
        ).format(average=_told(_AVERAGE, lambda: best_lam(average=True))),
        shows=_(
            "The truth has turned a quarter of a circle, from the steep direction to the flat one, and the clouds "
            "with it; the curve of the sum has risen, and its lowest part is still below the dashed level without a "
            "penalty. A level line marks the average over all directions."
        ),
        experiments=(TRADE,),
    )
    def turn_the_truth(self) -> None:
        chart, style, plane = self.chart, self.style, self.plane
        lam = best_lam(average=True)
        average = self.compute(_AVERAGE, lam=lam, **self.inputs)
        circle = np.array([self.data.risks[0].from_eigenbasis(turned(angle)) for angle in self.way])
        arc = VMobject(color=style.dim, stroke_width=2.5)
        set_dashed_polyline(arc, plane.c2p(circle[::3]))
        self.play(
            FadeOut(self.mark, self.values[0], self.lines[0], self.dots, self.dots_name, self.line_names[2]),
            FadeIn(arc),
            FadeOut(self.truth_name),
            run_time=0.6,
        )
        self.turn_up(lam, run_time=0.8)
        live = self.live_number(_TURNED, self.turn, variable="turn", role="ridge", lam=lam, **self.inputs)
        name = self.words(_("their sum:"), role="ridge", size=SMALL)
        name.move_to([RIGHT_HALF.right - 1.2, self.reading.get_y(), 0], aligned_edge=[1, 0, 0])
        live.next_to(name, [1, 0, 0], buff=0.2).align_to(name, [0, -1, 0])

        def bend(expression: str) -> Callable[[VMobject], VMobject]:
            def draw(curve: VMobject) -> VMobject:
                values = self.curve_values(expression)
                inside = values <= _HIGHEST
                return set_polyline(curve, chart.c2p(LAMS[inside], values[inside]))

            return draw

        # Drawn anew in every frame, in one piece each.
        for k, expression, width in ((1, _BIAS, 4), (2, _ERROR, 6)):
            curve = VMobject(color=self.lines[k].get_stroke_color(), stroke_width=width, fill_opacity=0)
            self.remove(self.lines[k])
            self.lines[k] = curve
            self.add(self.follow(curve, bend(expression), self.turn))
        self.follow(self.cross, lambda m: m.move_to(plane.c2p(self.truth)), self.turn)
        shift = self.data.risks[0].from_eigenbasis(self.components - self.inputs["truth"])
        self.follow(self.ghost, lambda m: m.move_dots(self.inside(self.truth + shift)), self.turn)
        self.add(self.ghost, self.cloud, self.cross, self.drift, self.here, live, name)
        self.wait_for("turn")
        self.play(self.turn.animate.set_value(np.pi / 2), run_time=3.5)
        mean = VMobject(color=style.ridge, stroke_width=4)
        set_dashed_polyline(mean, chart.c2p([LAMS[0], LAMS[-1]], [average, average]))
        level_name = self.words(_("on average"), role="ridge", size=SMALL)
        value = self.number(_AVERAGE, digits=2, role="ridge", lam=lam, **self.inputs)
        told = backed(VGroup(level_name, value).arrange([1, 0, 0], buff=0.25), style)
        told.next_to(mean.get_start(), [1, -1, 0], buff=0.12)
        self.wait_for("average")
        self.play(Create(mean), FadeIn(told), run_time=1)
