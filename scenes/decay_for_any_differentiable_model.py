"""From regression to classification: separable classes push the weights without bound, decay lets them rest."""

from __future__ import annotations

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
    LaggedStart,
    Polygon,
    RegularPolygon,
    ReplacementTransform,
    Square,
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
    SMALL,
    Arrow,
    Chart,
    Plane,
    Region,
    Style,
    polyline,
    step,
)
from lecture.stage.derivation import Birth
from scenes.map_of_chapters import Card
from scenes.parts.experiments import separable_line, three_classes
from scenes.parts.scene import WeightDecayScene
from wdmath import sgd_path

LAM = 0.03
STEP_SIZE, STEPS = 2.0, 2000
# The penalties that three classes begin and end with.
WEAK, STRONG = 1e-3, 0.3
# Where a new example is asked about.
ASKED = 0.5


def three_weights_plane(style: Style) -> Plane:
    """The plane of three classes, with room for their examples and for their weights at the weak penalty."""
    data = three_classes()
    weights = data.risk.ridge_path(WEAK).reshape(3, 2)
    region = Region(LEFT_HALF.left, LEFT_HALF.right, LEFT_HALF.bottom, 2.7)
    return Plane(region, np.vstack([data.X, weights]), style, labels=("x_1", "x_2"))


class DecayForAnyDifferentiableModel(WeightDecayScene):
    """Any model with a gradient can decay: classifiers then keep finite weights and a calmer confidence."""

    title = "Decay for *any* differentiable model"

    @step(
        say="A classifier owes us a probability. The logistic function bends the line between zero and one.",
        shows="Six examples of class 0 at the left and six of class 1 at the right. The line o = w x has been bent "
        "into the S-shaped curve of a probability.",
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
            labels=("feature $x$", "class, probability"),
            x_ticks={-2: "-2", 0: "0"},
            y_ticks={0: "0", 1: "1"},
        )
        self.rows = VGroup(
            *(Dot(at, radius=0.08, color=style.ink) for at in self.chart.c2p(data.X[:, 0], data.y))
        ).set_z_index(1)
        self.xs = np.linspace(-3.2, 3.2, 321)
        bent = self._probability(1.0)
        self.curve = self.chart.curve(self.xs, self.xs, style.minimizer, width=5)
        output = self.formula("{{ o : output }} = {{ w : minimizer }} x").move_to(
            [RIGHT_HALF.center[0], 1.2, 0]
        )
        probability = self.formula("p = 1 / (1 + e^(-{{ o : output }}))").next_to(output, DOWN, buff=0.9)
        self.grow_from_the_map()
        self.play(Create(self.curve), FadeIn(output), run_time=1.2)

        def bend(curve: VMobject, alpha: float) -> None:
            at = self.chart.c2p(self.xs, (1 - alpha) * self.xs + alpha * bent)
            curve.set_points(polyline(at, style.minimizer, within=self.chart.box).points)

        self.play(
            UpdateFromAlphaFunc(self.curve, bend),
            Birth(probability, {"output": output.select("output")}),
            run_time=2,
        )
        self.formulas = VGroup(output, probability)

    def grow_from_the_map(self) -> None:
        """Let the small picture that was lit on the map become the chart: its axes and its examples, not its curves."""
        axes, with_decay, without, examples = Card(4, self.style).light(True).icon
        small = VGroup(*(Dot(at, radius=0.06, color=self.style.ink) for at in examples.centers))
        small.set_z_index(1)  # over the curves, as on the map
        chart = self.chart
        self.add(axes, without, with_decay, small)
        self.play(FadeOut(without, with_decay), Write(self.make_title()), run_time=1)
        self.play(
            ReplacementTransform(axes, chart.axes[:2]),
            *(ReplacementTransform(*pair) for pair in zip(small, self.rows, strict=True)),
            run_time=1.4,
        )
        self.play(FadeIn(chart.axes[2:], chart.tick_labels, chart.axis_labels), run_time=0.6)
        self.remove(*chart.get_family(), *self.rows)
        self.add(chart, self.rows)

    @step(
        say="Separable classes: a larger weight always fits better. Gradient descent never arrives, and "
        "every answer becomes certain.",
        shows="On the right the risk as a function of the weight falls for ever; after 2000 steps the weight is at "
        "7.64. On the left the probability has become a steep cliff.",
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
            labels=("weight $w$", "risk"),
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
        self.run = VGroup(self.words("step"), count, self.formula("w =", role="minimizer", size=BODY), size)
        self.run.arrange_in_grid(2, 2, buff=(0.3, 0.3), cell_alignment=LEFT)
        self.run.move_to([self.fit.box.center[0] + 0.6, 1.4, 0])
        count.align_to(self.run[0].submobjects[0], DOWN)  # on the baseline of its word
        size.follow_equals(self.run[2]).align_to(count, LEFT)
        self.play(FadeIn(self.run), run_time=0.6)
        self.play(self.weight.animate.set_value(weights[-1]), run_time=4)

    @step(
        say="Add the penalty, and the sum has a lowest point. The weight rests: 98 percent certainty "
        "becomes 73.",
        shows="On the right the penalty as a dashed parabola and its sum with the risk, lowest at w = 2.01. On the "
        "left a gentler curve beside a ghost of the cliff; at x = 0.5 they read 0.73 and 0.98.",
        covers=("C7",),
    )
    def hold_it_with_a_penalty(self) -> None:
        style, ws, risk = self.style, self.ws, self.data.risk
        penalty = LAM / 2 * ws**2
        parabola = self.fit.curve(ws, penalty, style.penalty, dash=True)
        total = self.fit.curve(ws, risk.value(ws[:, None]) + penalty, style.ink)
        name = self.formula("{{ lambda / 2 w^2 : penalty }}", size=38)
        name.next_to(self.fit.c2p(6.2, LAM / 2 * 6.2**2), DOWN + RIGHT, buff=0.15)
        strength = self.number("lam", template="@lam = {}", digits=1, lam=LAM)
        strength.next_to(name, DOWN, buff=0.25, aligned_edge=LEFT)
        both = self.words("risk + [[penalty|penalty]]")
        both.next_to(self.fit.c2p(7.1, LAM / 2 * 7.1**2), UP + LEFT, buff=0.15)
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
        self.play(self.weight.animate.set_value(rest), run_time=2.5)
        found = self.number("risk.ridge_path(lam)[0]", role="ridge", template="w = {}", risk=risk, lam=LAM)
        found.next_to(dot, UP, buff=0.75)
        self.play(FadeIn(found), self._ask([rest, far]), run_time=1)

    def _ask(self, weights: list[float]) -> FadeIn:
        """The probabilities of class 1 at one new place, on the gentle curve and on the cliff."""
        place = DashedLine(
            self.chart.c2p(ASKED, -0.45), self.chart.c2p(ASKED, 1.0), color=self.style.dim, stroke_width=2.5
        )
        asked = self.words("a new example", role="dim", size=SMALL)
        asked.next_to(self.chart.c2p(ASKED, -0.27), RIGHT, buff=0.15)
        shown = VGroup(place, asked)
        for weight, role, side in zip(weights, ("ridge", "minimizer"), (RIGHT + DOWN, LEFT), strict=True):
            inputs = {"risk": self.data.risk, "w": weight, "x": ASKED}
            value = self.number("risk.probabilities([w], [[x]])[0]", digits=2, role=role, **inputs)
            dot = Dot(self.chart.c2p(ASKED, value.number.value), radius=0.08, color=self.style.color(role))
            shown.add(dot, value.next_to(dot, side, buff=0.18))
        return FadeIn(shown)

    @step(
        say="Three classes give three outputs. The softmax turns them into probabilities: a point in a "
        "triangle.",
        shows="On the left three groups of examples, marked by discs, triangles and squares, and three weight "
        "vectors. On the right every example in the triangle of probabilities, nearly all crowded into its corners.",
        covers=("C7",),
    )
    def score_three_classes(self) -> None:
        style, data = self.style, three_classes()
        self.clear_stage()
        self.lams = np.geomspace(WEAK, STRONG, 121)
        self.paths = data.risk.ridge_path(self.lams)
        self.plane = three_weights_plane(style)
        self.examples = VGroup(
            *(
                self._mark(label, 0.09).move_to(at)
                for label, at in zip(data.y, self.plane.c2p(data.X), strict=True)
            )
        )
        self.strength = ValueTracker(np.log(self.lams[0]))
        weights = self.weights = VGroup(
            *(Arrow(self.plane.origin, self.plane.origin, style.ridge) for _ in range(3))
        )
        self.follow(weights, lambda m: self._point(m), self.strength)
        corners = np.array([[0.0, 1.0], [-0.866, -0.5], [0.866, -0.5]])
        center, size = np.array([RIGHT_HALF.center[0] - 0.5, -0.8]), 2.25
        self.corners = np.column_stack([center + size * corners, np.zeros(3)])
        self.triangle = Polygon(*self.corners, color=style.line, stroke_width=2.5)
        beyond = np.column_stack([center + (size + 0.35) * corners, np.zeros(3)])
        self.signs = VGroup(*(self._mark(k, 0.13).move_to(at) for k, at in enumerate(beyond)))
        outputs = self.formula("o_k = {{ w_k : ridge }} dot.op x", size=40)
        softmax = self.formula("p_k = e^(o_k) / (sum_j e^(o_j))", size=40)
        self.formulas = VGroup(outputs, softmax).arrange(DOWN, buff=0.35, aligned_edge=RIGHT)
        self.formulas.move_to([RIGHT_HALF.right, RIGHT_HALF.top, 0], aligned_edge=UP + RIGHT)
        self.play(
            FadeIn(self.plane), LaggedStart(*(FadeIn(m, scale=0.5) for m in self.examples), lag_ratio=0.04)
        )
        self.play(*(GrowFromPoint(w, self.plane.origin) for w in weights), FadeIn(outputs), run_time=1.2)
        self.add(weights)
        self.play(Create(self.triangle), FadeIn(self.signs, softmax))
        self.answers = self.examples.copy()
        self.play(
            *(m.animate.move_to(at).scale(0.8) for m, at in zip(self.answers, self._places(), strict=True)),
            run_time=2.2,
        )

    @step(
        say="As λ grows, every answer moves in from its corner. All thirty are still right, with calmer "
        "confidence.",
        shows="λ has grown to 0.3: the weight vectors are short, beside ghosts of what they were; the examples lie "
        "nearer to the middle of the triangle, and the mean confidence has fallen from 0.99 to 0.78.",
        covers=("C7",),
    )
    def calm_the_confidence(self) -> None:
        data = three_classes()
        confidences = data.risk.probabilities(self.paths).max(axis=-1).mean(axis=-1)
        readings = VGroup(
            self.formula("@lam =", size=BODY),
            self.live_number("np.exp(s)", self.strength, decimals=3, role="penalty", variable="s"),
            self.words("mean confidence"),
            self.live_number(
                "np.interp(s, log_lams, confidences)",
                self.strength,
                variable="s",
                log_lams=np.log(self.lams),
                confidences=confidences,
            ),
        )
        readings.arrange(RIGHT, buff=0.2)
        readings[2:].shift(0.4 * RIGHT)
        readings.move_to([self.corners[:, 0].mean(), -2.7, 0])
        ghosts = VGroup(
            *(
                Arrow(self.plane.origin, end, self.style.faded("ridge"))
                for end in self.plane.c2p(self.paths[0].reshape(3, 2))
            )
        )
        self.add(ghosts, self.examples, self.weights, self.answers)
        self.play(FadeIn(readings))
        self.follow(self.answers, lambda m: self._settle(m), self.strength)
        self.play(self.strength.animate.set_value(np.log(STRONG)), run_time=5)

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
        place = (self.strength.get_value() - np.log(self.lams[0])) / np.log(self.lams[-1] / self.lams[0])
        along = place * (len(self.lams) - 1)
        k = min(int(along), len(self.lams) - 2)
        return self.paths[k] + (along - k) * (self.paths[k + 1] - self.paths[k])

    def _point(self, arrows: VGroup) -> None:
        for arrow, end in zip(arrows, self.plane.c2p(self._theta().reshape(3, 2)), strict=True):
            arrow.put(self.plane.origin, end)

    def _places(self) -> np.ndarray:
        """Where the examples' probabilities lie in the triangle."""
        return three_classes().risk.probabilities(self._theta()) @ self.corners

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
