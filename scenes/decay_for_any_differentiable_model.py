"""From regression to classification: separable classes push the weights without bound, decay lets them rest."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Create,
    DashedLine,
    Dot,
    FadeIn,
    FadeOut,
    GrowFromPoint,
    Indicate,
    LaggedStart,
    Polygon,
    RegularPolygon,
    Square,
    UpdateFromAlphaFunc,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
    linear,
    rush_from,
)

from lecture.stage import BODY, LEFT_HALF, RIGHT_HALF, SMALL, Arrow, Chart, Plane, Region, polyline, step
from lecture.stage.derivation import Birth
from lecture.stage.numbers import percent, spoken_number
from lecture.stage.trace import Trace
from lecture.words import _, computed
from scenes.experiments.classes import OVERLAPPING, overlapping, separable_line
from scenes.parts.scene import WeightDecayScene
from wdmath import sgd_path

LAM = 0.03
STEP_SIZE, STEPS = 2.0, 2000
# Where a new example is asked about.
ASKED = 0.5


@cache
def _end() -> float:
    """The weight after all steps without decay."""
    return float(sgd_path(separable_line().risk, [0.0], STEP_SIZE, [STEPS])[0, 0])


def _far(problem: Any = None) -> float:
    return _end()


def _rest(problem: Any = None) -> float:
    """The penalized weight."""
    return float(separable_line().risk.ridge_path(LAM)[0])


def _sure(weight: Any) -> Any:
    """How sure a weight is of the new example, for words."""
    return computed("1 / (1 + np.exp(-w * x))", percent, w=weight, x=ASKED)


def _swept(expression: str) -> Any:
    """A number of the sweep over penalties, for words."""
    return computed(
        expression,
        lambda v: spoken_number(v, 2),
        losses=lambda p: overlapping().losses,
        sure=lambda p: overlapping().confidence,
        right=lambda p: overlapping().accuracy,
        best=lambda p: overlapping().chosen,
        beyond=lambda p: overlapping().beyond,
        lams=lambda p: overlapping().lams,
    )


class DecayForAnyDifferentiableModel(WeightDecayScene):
    """Any model with a gradient can decay: classifiers then keep finite weights and a calmer confidence."""

    title = _("Decay for *any* differentiable model")

    @step(
        say=_(
            "Whatever has a gradient can decay. A <line>classifier gives a number for every example, <here>here the "
            "weight times the feature. The logistic function <bend>bends the line to a probability between zero and "
            "one."
        ),
        shows=_(
            "Six examples of class 0 at the left and six of class 1 at the right. The line, weight times feature, has "
            "been bent into the rising curve of a probability."
        ),
        covers=("C7",),
    )
    def bend_outputs_into_probabilities(self) -> None:
        style, data = self.style, separable_line()
        self.data = data
        self.chart = Chart(
            LEFT_HALF,
            (-3.2, 3.2),
            (-0.45, 1.45),
            style,
            labels=(_("feature"), _("class, probability")),
            x_ticks={-2: "-2", 0: "0"},
            y_ticks={0: "0", 1: "1"},
        )
        self.rows = VGroup(
            *(Dot(at, radius=0.08, color=style.ink) for at in self.chart.c2p(data.X[:, 0], data.y))
        ).set_z_index(1)
        self.xs = np.linspace(-3.2, 3.2, 321)
        bent = self._probability(1.0)
        self.curve = self.chart.curve(self.xs, self.xs, style.minimizer, width=5)
        output = self.formula("{{ @output : output }} = {{ @w : minimizer }} @feature").move_to(
            [RIGHT_HALF.center[0], 1.2, 0]
        )
        probability = self.formula("@probability = 1 / (1 + exp(-{{ @output : output }}))")
        probability.next_to(output, DOWN, buff=0.9)
        self.play(Write(self.make_title()), FadeIn(self.chart), run_time=1)
        self.play(LaggedStart(*(FadeIn(m, scale=0.5) for m in self.rows), lag_ratio=0.06), run_time=1)
        self.wait_for("line")
        self.play(Create(self.curve), run_time=1.4)
        self.wait_for("here")
        self.play(FadeIn(output, target_position=self.curve, rate_func=rush_from), run_time=2)
        self.wait_for("bend")

        def bend(curve: VMobject, alpha: float) -> None:
            at = self.chart.c2p(self.xs, (1 - alpha) * self.xs + alpha * bent)
            curve.set_points(polyline(at, style.minimizer, within=self.chart.box).points)

        self.play(
            UpdateFromAlphaFunc(self.curve, bend),
            Birth(probability, {"output": output.select("output")}),
            run_time=2,
        )
        self.formulas = VGroup(output, probability)

    @step(
        say=_(
            "These classes can be <separated>separated, so a larger weight always <fits>fits better. Gradient descent "
            "never <run>arrives: the weight runs away, and every answer becomes certain."
        ),
        shows=_(
            "On the right the risk as a function of the weight falls for ever; after 2000 steps the weight is at "
            "{far}. On the left the probability has become a steep cliff."
        ).format(far=computed("w", spoken_number, w=_far)),
        covers=("C7",),
    )
    def let_the_weight_run_away(self) -> None:
        style = self.style
        steps = np.unique(np.geomspace(1, STEPS, 120).astype(int))
        steps = np.concatenate([[0], steps])
        weights = sgd_path(self.data.risk, [0.0], STEP_SIZE, steps)[:, 0]
        self.fit = Chart(
            RIGHT_HALF,
            (0.0, 8.6),
            (0.0, 1.0),
            style,
            labels=(_("weight"), _("risk")),
            x_ticks={0: "0", 2: "2", 4: "4", 6: "6"},
            y_ticks={0: "0", 0.5: "0.5"},
        )
        self.ws = np.linspace(0, 8.6, 173)
        self.risk_curve = self.fit.curve(self.ws, self.data.risk.value(self.ws[:, None]), style.line, width=4)
        self.weight = ValueTracker(1.0)
        self.dot = self.follow(
            Dot(radius=0.11, color=style.minimizer), lambda dot: self._roll(dot, 0.0), self.weight
        )
        self.play(FadeOut(self.formulas), FadeIn(self.fit))
        self.wait_for("separated")
        lit = (Indicate(row, color=style.ink, scale_factor=1.6) for row in self.rows)
        self.play(LaggedStart(*lit, lag_ratio=0.1), run_time=1.6)
        self.wait_for("fits")
        self.play(Create(self.risk_curve), run_time=1.2)
        self.follow(self.curve, lambda curve: self._bend(curve), self.weight)
        self.play(FadeIn(self.dot), self.weight.animate.set_value(0.0), run_time=1)
        count = self.live_number(
            "np.expm1(np.interp(w, iterates, log_steps))",
            self.weight,
            decimals=0,
            variable="w",
            iterates=weights,
            log_steps=np.log1p(steps),
        )
        size = self.live_number("w", self.weight, role="minimizer", variable="w")
        self.run = VGroup(
            self.words(_("step")), count, self.formula("@w =", role="minimizer", size=BODY), size
        )
        self.run.arrange_in_grid(2, 2, buff=(0.3, 0.3), cell_alignment=LEFT)
        self.run.move_to([self.fit.box.center[0] + 0.6, 1.4, 0])
        count.align_to(self.run[0].submobjects[0], DOWN)  # on the baseline of its word
        size.follow_equals(self.run[2]).align_to(count, LEFT)
        self.play(FadeIn(self.run), run_time=0.6)
        self.wait_for("run")
        self.play(self.weight.animate.set_value(weights[-1]), run_time=4)

    @step(
        say=_(
            "Add the <penalty>penalty, and the sum has a lowest point. There the weight <rest>rests. Of a <new>new "
            "example it <was>was {far} sure; now it <now>is {near} sure."
        ).format(far=_sure(_far), near=_sure(_rest)),
        shows=_(
            "On the right the penalty as a dashed parabola and its sum with the risk, lowest at {rest}. On the left a "
            "gentler curve beside a ghost of the cliff; at a new example they read {near} and {far}."
        ).format(rest=computed("w", spoken_number, w=_rest), near=_sure(_rest), far=_sure(_far)),
        covers=("C7",),
    )
    def hold_it_with_a_penalty(self) -> None:
        style, ws, risk = self.style, self.ws, self.data.risk
        penalty = LAM / 2 * ws**2
        parabola = self.fit.curve(ws, penalty, style.penalty, dash=True)
        total = self.fit.curve(ws, risk.value(ws[:, None]) + penalty, style.ink)
        name = self.formula("{{ @lam / 2 @w^2 : penalty }}", size=38)
        name.next_to(self.fit.c2p(6.2, LAM / 2 * 6.2**2), DOWN + RIGHT, buff=0.15)
        strength = self.number("lam", template="@lam = {}", digits=1, lam=LAM)
        strength.next_to(name, DOWN, buff=0.25, aligned_edge=LEFT)
        both = self.words(_("risk + [[penalty|penalty]]"))
        both.next_to(self.fit.c2p(7.1, LAM / 2 * 7.1**2), UP + LEFT, buff=0.15)
        self.wait_for("penalty")
        self.play(FadeOut(self.run), Create(parabola), FadeIn(name, strength), run_time=1.5)
        self.play(Create(total), FadeIn(both), run_time=1.5)
        far, rest = self.weight.get_value(), float(risk.ridge_path(LAM)[0])
        ghosts = VGroup(self.curve, self.dot)
        calm, dot = self.curve.copy().clear_updaters(), self.dot.copy().clear_updaters()
        self.add(calm, dot)
        self.play(
            ghosts.animate.set_color(style.faded("minimizer", 0.5)),
            calm.animate.set_color(style.ridge),
            dot.animate.set_color(style.ridge).move_to(
                self.fit.c2p(far, risk.value([far]) + LAM / 2 * far**2)
            ),
        )
        self.curve.clear_updaters()
        self.dot.clear_updaters()
        self.follow(calm, lambda m: self._bend(m), self.weight)
        self.follow(dot, lambda m: self._roll(m, LAM), self.weight)
        self.wait_for("rest")
        self.play(self.weight.animate.set_value(rest), run_time=2.5)
        found = self.number("risk.ridge_path(lam)[0]", role="ridge", template="@w = {}", risk=risk, lam=LAM)
        found.next_to(dot, UP, buff=0.75)
        self.play(FadeIn(found), run_time=0.6)
        self.wait_for("new")
        asked, near, before = self._at_a_new_place([rest, far])
        self.play(FadeIn(asked), run_time=0.8)
        self.wait_for("was")
        self.play(FadeIn(before, scale=1.3), run_time=1)
        self.wait_for("now")
        self.play(FadeIn(near, scale=1.3), run_time=1)

    def _at_a_new_place(self, weights: list[float]) -> list[VGroup]:
        """One new place, and the probabilities of class 1 there on the gentle curve and on the cliff."""
        place = DashedLine(
            self.chart.c2p(ASKED, -0.45), self.chart.c2p(ASKED, 1.0), color=self.style.dim, stroke_width=2.5
        )
        asked = self.words(_("a new example"), role="dim", size=SMALL)
        asked.next_to(self.chart.c2p(ASKED, -0.27), RIGHT, buff=0.15)
        shown = [VGroup(place, asked)]
        for weight, role, side in zip(weights, ("ridge", "minimizer"), (RIGHT + DOWN, LEFT), strict=True):
            inputs = {"risk": self.data.risk, "w": weight, "x": ASKED}
            value = self.number("risk.probabilities([w], [[x]])[0]", digits=2, role=role, **inputs)
            dot = Dot(self.chart.c2p(ASKED, value.number.value), radius=0.08, color=self.style.color(role))
            shown.append(VGroup(dot, value.next_to(dot, side, buff=0.18)))
        return shown

    @step(
        say=_(
            "Three <classes>classes, which overlap, get three <vectors>weight vectors and three <outputs>outputs. The "
            "<softmax>softmax turns them into three probabilities: a <point>point of a triangle. <almost>Almost "
            "without a penalty nearly every answer lies in a <corner>corner: quite certain."
        ),
        shows=_(
            "On the left three groups of examples that overlap, marked by discs, triangles and squares, and three "
            "weight vectors. On the right every example in the triangle of probabilities, most of them crowded into "
            "its corners."
        ),
        covers=("C7",),
    )
    def score_three_classes(self) -> None:
        style, sweep = self.style, overlapping()
        data = sweep.data
        self.clear_stage()
        self.plane = Plane(
            Region(LEFT_HALF.left, LEFT_HALF.right, LEFT_HALF.bottom, 2.7),
            np.vstack([data.X, self._vectors(0)]),
            style,
            labels=("@x1", "@x2"),
        )
        self.examples = VGroup(
            *(
                self._mark(label, 0.09).move_to(at)
                for label, at in zip(data.y, self.plane.c2p(data.X), strict=True)
            )
        )
        self.place = ValueTracker(0.0)
        weights = self.weights = VGroup(
            *(Arrow(self.plane.origin, self.plane.origin, style.ridge) for k in range(3))
        )
        self.follow(weights, lambda m: self._point(m), self.place)
        corners = np.array([[0.0, 1.0], [-0.866, -0.5], [0.866, -0.5]])
        center, size = np.array([RIGHT_HALF.center[0] - 0.9, -1.25]), 1.85
        self.corners = np.column_stack([center + size * corners, np.zeros(3)])
        self.triangle = Polygon(*self.corners, color=style.line, stroke_width=2.5)
        beyond = np.column_stack([center + (size + 0.35) * corners, np.zeros(3)])
        self.signs = VGroup(*(self._mark(k, 0.13).move_to(at) for k, at in enumerate(beyond)))
        outputs = self.formula("@outputk = {{ @wk : ridge }} dot.op @feature", size=40)
        softmax = self.formula("@pk = exp(@outputk) / (sum_@j exp(@outputj))", size=40)
        self.formulas = VGroup(outputs, softmax).arrange(DOWN, buff=0.35, aligned_edge=RIGHT)
        self.formulas.move_to([RIGHT_HALF.right, RIGHT_HALF.top, 0], aligned_edge=UP + RIGHT)
        self.play(FadeIn(self.plane), run_time=0.6)
        self.wait_for("classes")
        self.play(LaggedStart(*(FadeIn(m, scale=0.5) for m in self.examples), lag_ratio=0.04), run_time=1)
        self.wait_for("vectors")
        self.play(*(GrowFromPoint(w, self.plane.origin) for w in weights), run_time=1.2)
        self.add(weights)
        self.wait_for("outputs")
        self.play(FadeIn(outputs), run_time=1)
        self.wait_for("softmax")
        self.play(FadeIn(softmax, rate_func=rush_from), run_time=2)
        self.wait_for("point")
        self.play(Create(self.triangle), FadeIn(self.signs), run_time=1.4)
        self.answers = self.examples.copy()
        self.wait_for("almost")
        self.play(
            *(m.animate.move_to(at).scale(0.8) for m, at in zip(self.answers, self._places(), strict=True)),
            run_time=2.4,
        )
        self.wait_for("corner")
        lit = (Indicate(sign, color=style.ink, scale_factor=1.6) for sign in self.signs)
        self.play(LaggedStart(*lit, lag_ratio=0.3), run_time=1.6)

    @step(
        say=_(
            "Let the <grow>penalty grow, and ask examples that were not fitted. Their loss <falls>falls, as confidence "
            "comes down to what is right: here we <stop>stop. Beyond it, the loss <rises>rises again, with timid "
            "answers."
        ),
        shows=_(
            "At the left the loss on validation examples over the penalty, a curve with a lowest point at {lam}, and a "
            "dot that has gone beyond it. In the triangle the examples lie nearer to the middle. At the lowest point "
            "new examples have the loss {at}, instead of {before} almost without a penalty."
        ).format(lam=_swept("lams[best]"), at=_swept("losses[best]"), before=_swept("losses[0]")),
        covers=("C7", "C8"),
        experiments=(OVERLAPPING,),
    )
    def stop_at_the_least_loss(self) -> None:
        style, sweep = self.style, overlapping()
        chart = Chart(
            Region(LEFT_HALF.left, LEFT_HALF.right, LEFT_HALF.bottom, 2.5),
            (8e-5, 4.0),
            (0.25, 1.0),
            style,
            labels=("@lam", _("loss on validation examples")),
            x_ticks={1e-3: "10^(-3)", 1e-2: "10^(-2)", 0.1: "0.1"},
            y_ticks={0.5: "0.5", 1.0: "1"},
            x_log=True,
        )
        along = chart.c2p(sweep.lams, sweep.validation)
        trace = Trace(along, style.ridge, width=5)
        dot = Dot(radius=0.1, color=style.ridge)
        readings = VGroup(
            self.words(_("how sure"), role="ridge"),
            self._reading("confidence", "ridge"),
            self.words(_("how often right")),
            self._reading("accuracy", "ink"),
        )
        readings.arrange_in_grid(2, 2, buff=(0.3, 0.2), col_alignments="rl")
        readings.move_to([RIGHT_HALF.right, RIGHT_HALF.top, 0], aligned_edge=UP + RIGHT)

        def follow(group: VGroup) -> None:
            share = self.place.get_value() / (len(sweep.lams) - 1)
            trace.show(share)
            dot.move_to(along[min(int(self.place.get_value()), len(along) - 1)])

        self.play(FadeOut(self.plane, self.examples, self.weights, self.formulas), run_time=0.6)
        self.remove(self.weights)
        self.play(FadeIn(chart, readings), run_time=0.8)
        group = self.follow(VGroup(trace, dot), follow, self.place)
        self.follow(self.answers, lambda m: self._settle(m), self.place)
        self.add(group, self.answers)
        self.wait_for("grow")
        self.play(self.place.animate(rate_func=linear).set_value(0.4 * sweep.chosen), run_time=3.6)
        self.wait_for("falls")
        self.play(self.place.animate(rate_func=linear).set_value(sweep.chosen), run_time=3)
        self.wait_for("stop")
        mark = DashedLine(
            chart.c2p(sweep.lam, 0.25), along[sweep.chosen], color=style.penalty, stroke_width=3.5
        )
        best = self.number("lam", digits=2, template="@lam = {}", role="penalty", size=SMALL, lam=sweep.lam)
        best.next_to(chart.c2p(sweep.lam, 0.31), RIGHT, buff=0.15)
        self.play(Create(mark), FadeIn(best), run_time=0.8)
        self.wait_for("rises")
        self.play(self.place.animate(rate_func=linear).set_value(sweep.beyond), run_time=2.5)

    def _reading(self, what: str, role: str) -> Any:
        """A share on new examples at the current penalty."""
        return self.live_number(
            "np.interp(k, np.arange(np.size(shares)), shares)",
            self.place,
            role=role,
            variable="k",
            shares=getattr(overlapping(), what),
        )

    def _vectors(self, k: int) -> np.ndarray:
        """Weight vectors of the three classes at the k-th penalty, shape (3, 2)."""
        return overlapping().theta[k].reshape(3, 2)

    def _mark(self, label: int, radius: float) -> VMobject:
        """A class by its shape: disc, triangle, square."""
        ink = self.style.ink
        if label == 0:
            return Dot(radius=radius, color=ink)
        if label == 1:
            return RegularPolygon(3, color=ink, fill_opacity=1, stroke_width=0).scale(1.35 * radius)
        return Square(1.8 * radius, color=ink, fill_opacity=1, stroke_width=0)

    def _theta(self) -> np.ndarray:
        """Softmax weights at the current penalty."""
        paths, along = overlapping().theta, self.place.get_value()
        k = min(int(along), len(paths) - 2)
        return paths[k] + (along - k) * (paths[k + 1] - paths[k])

    def _point(self, arrows: VGroup) -> None:
        for arrow, end in zip(arrows, self.plane.c2p(self._theta().reshape(3, 2)), strict=True):
            arrow.put(self.plane.origin, end)

    def _places(self) -> np.ndarray:
        """Where the examples' probabilities lie in the triangle."""
        return overlapping().data.risk.probabilities(self._theta()) @ self.corners

    def _settle(self, answers: VGroup) -> None:
        for answer, at in zip(answers, self._places(), strict=True):
            answer.move_to(at)

    def _probability(self, weight: float) -> np.ndarray:
        return self.data.risk.probabilities([weight], self.xs[:, None])

    def _bend(self, curve: VMobject) -> None:
        curve.set_points_as_corners(self.chart.c2p(self.xs, self._probability(self.weight.get_value())))

    def _roll(self, dot: Dot, lam: float) -> None:
        weight = self.weight.get_value()
        dot.move_to(self.fit.c2p(weight, self.data.risk.value([weight]) + lam / 2 * weight**2))
