"""Ridge estimates scatter less than the minimizer and miss on the safe side: variance is bought with bias."""

from __future__ import annotations

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
    Write,
)

from lecture.stage import (
    BODY,
    FORMULA,
    LEFT_HALF,
    RIGHT_HALF,
    SMALL,
    Arrow,
    Chart,
    Region,
    Style,
    place,
    step,
)
from lecture.stage.scatter import Scatter
from scenes.parts.parameter_plane import parameter_plane
from scenes.parts.scene import WeightDecayScene
from scenes.parts.small_experiment import NOISE_VARIANCE, SmallExperiment
from scenes.prior_belief import ROOM, belief_plane, likelihood_contours
from wdmath import QuadraticRisk, shrinkage_factors

_DRAWS = 300
# Expected squared error over both directions, as text for the manifest.
_VARIANCE = "np.sum(shrinkage_factors(sigma, lam) ** 2 * noise / sigma)"
_BIAS = "np.sum((1 - shrinkage_factors(sigma, lam)) ** 2 * truth ** 2)"
_LAMS = np.geomspace(0.02, 50, 121)


def error_chart(style: Style) -> Chart:
    """The empty chart of the mean squared error over lambda."""
    region = Region(RIGHT_HALF.left, RIGHT_HALF.right, RIGHT_HALF.bottom, RIGHT_HALF.top - 0.55)
    return Chart(
        region,
        (_LAMS[0], _LAMS[-1]),
        (0, 1.45),
        style,
        labels=("[[$lambda$|penalty]]", "mean squared error"),
        x_ticks={0.1: "0.1", 1.0: "1", 10.0: "10"},
        y_ticks={0.5: "0.5", 1.0: "1"},
        x_log=True,
    )


def expected_errors(data: SmallExperiment) -> tuple[np.ndarray, np.ndarray]:
    """The penalties of the chart, and the expected squared error at each."""
    sigma, truth = data.risks[0].eigenvalues, data.risks[0].to_eigenbasis(data.truth)
    factors = np.array([shrinkage_factors(sigma, lam) for lam in _LAMS])
    return _LAMS, np.sum(factors**2 * NOISE_VARIANCE / sigma + ((1 - factors) * truth) ** 2, axis=1)


class BiasForVariance(WeightDecayScene):
    """Over many data sets the ridge minimizer varies less and is off by a bias; a good λ makes a good trade."""

    title = "Variance bought with *bias*"

    def estimates(self, lam: float) -> np.ndarray:
        """The ridge minimizers of all data sets, shape (draws, 2)."""
        risk = self.data.risks[0]
        return risk.from_eigenbasis(shrinkage_factors(risk.eigenvalues, lam) * self.components)

    @step(
        say="Suppose we could repeat the experiment with fresh noise: three hundred data sets, three hundred"
        " minimizers.",
        shows="A cross at the true parameters and a cloud of orange dots around it, the minimizers of three hundred "
        "data sets; the cloud is long in one direction and narrow across it. At the right the model, X theta plus "
        "noise, and the minimizer as X transposed X inverse, X transposed y.",
    )
    def repeat_the_experiment(self) -> None:
        style = self.style
        self.data = SmallExperiment(_DRAWS)
        risk = self.data.risks[0]
        self.components = risk.to_eigenbasis(self.data.minimizers)
        spread = np.sqrt(NOISE_VARIANCE / risk.eigenvalues)
        ends = self.data.truth + np.vstack([-1, 1])[:, :, None] * 2.4 * (risk.eigenvectors * spread).T
        self.plane = plane = parameter_plane(LEFT_HALF, [*ends.reshape(-1, 2), [0, 0]], style, margin=0.5)
        self.room = Region(LEFT_HALF.left, LEFT_HALF.right - 0.5, LEFT_HALF.bottom, LEFT_HALF.top - 0.45)
        self.cloud = Scatter(np.empty((0, 3)), style.minimizer, radius=0.045)
        points = self.inside(self.data.minimizers)
        self.truth = self.cross(plane.c2p(self.data.truth))
        center = plane.c2p(self.data.truth)
        text = self.words("truth", size=SMALL).move_to(
            center + np.array([1.9, 1.6, 0]), aligned_edge=[-1, -1, 0]
        )
        way = text.get_corner([-1, -1, 0]) - center
        leader = Line(center + 0.12 * way, center + 0.96 * way, color=style.ink, stroke_width=2)
        self.truth_name = VGroup(leader, text).set_z_index(3)
        self.model = VGroup(
            self.formula('y = X theta + {{ "noise" : noise }}'),
            self.formula("@min = (X^top X)^(-1) X^top y"),
        )
        self.model.arrange([0, -1, 0], buff=0.55, aligned_edge=[-1, 0, 0])
        self.model.move_to([RIGHT_HALF.left, 0.6, 0], aligned_edge=[-1, 0, 0])
        self.note = self.make_note("300 times 8 examples, noise of variance 1")
        self.step_back_from(risk)

        def rain(cloud: Scatter, alpha: float) -> None:
            cloud.move_dots(points, max(1, round(alpha**2 * len(points))))

        self.play(UpdateFromAlphaFunc(self.cloud, rain), run_time=3.4)

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
        self.play(FadeIn(self.truth, self.truth_name, self.model, self.note), run_time=0.8)
        self.play(FadeOut(name), run_time=0.4)
        self.remove(first)  # in whose place the cloud begins

    def inside(self, thetas: np.ndarray) -> np.ndarray:
        """Parameters as points of the frame, without those outside the picture."""
        points = self.plane.c2p(thetas)
        return points[self.room.contains(points)]

    def cross(self, at: np.ndarray) -> VGroup:
        """The mark of the truth."""
        arms = (np.array([0.16, 0.16, 0]), np.array([0.16, -0.16, 0]))
        return VGroup(
            *(Line(at - a, at + a, color=self.style.ink, stroke_width=7) for a in arms)
        ).set_z_index(3)

    @step(
        say="They center on the truth, but scatter: little across the valley, widely along it.",
        shows="From the center of the cloud two arrows, one standard deviation long: a short one along the steep "
        "eigenvector, a long one along the flat one, with the formula and the lengths.",
    )
    def scatter_along_the_valley(self) -> None:
        style, plane, risk = self.style, self.plane, self.data.risks[0]
        center = plane.c2p(self.data.truth)
        self.arrows, self.names = VGroup(), VGroup()
        rows = VGroup(self.formula('"spread" = "noise" / sqrt(sigma)'))
        for k, role in enumerate(("eig1", "eig2")):
            length = np.sqrt(NOISE_VARIANCE / risk.eigenvalues[k])
            end = plane.c2p(self.data.truth + length * risk.eigenvectors[:, k])
            self.arrows.add(Arrow(center, end, style.color(role), width=7).set_z_index(4))
            rows.add(
                self.number(
                    "np.sqrt(noise / sigma)",
                    role=role,
                    size=FORMULA,
                    template=f'"along" q_{k + 1}: quad {{}}',
                    noise=NOISE_VARIANCE,
                    sigma=float(risk.eigenvalues[k]),
                )
            )
        rows.arrange([0, -1, 0], buff=0.55, aligned_edge=[-1, 0, 0])
        self.rows = rows.move_to([RIGHT_HALF.left, 0.6, 0], aligned_edge=[-1, 0, 0])
        self.play(
            self.cloud.animate.set_color(style.faded("minimizer", 0.5)),
            FadeOut(self.model),
            FadeIn(rows[0]),
            run_time=0.8,
        )
        for arrow, row in zip(self.arrows, rows[1:], strict=True):
            self.play(GrowFromPoint(arrow, center), FadeIn(row), run_time=1.2)

    @step(
        say="Penalize every one. The cloud contracts, most where it was widest; but its center drifts: that "
        "is the bias.",
        shows="The cloud, now of ridge minimizers, is much smaller; an arrow leads from the truth to its displaced "
        "center. The cloud of minimizers remains as a ghost. Running numbers: lambda, variance, squared bias.",
    )
    def penalize_them_all(self) -> None:
        style, plane, risk = self.style, self.plane, self.data.risks[0]
        self.ghost = ghost = Scatter(self.cloud.centers, style.faded("minimizer", 0.25), radius=0.045)
        self.lam = ValueTracker(_LAMS[0])
        start = plane.c2p(self.data.truth)
        self.drift = Arrow(start, start, style.penalty, width=7).set_z_index(4)

        def center() -> np.ndarray:
            return plane.c2p(self.estimates(self.lam.get_value()).mean(axis=0))

        value = self.live_number("lam", self.lam, decimals=2, role="penalty", size=FORMULA)
        name = self.formula("@lam =")
        self.reading = VGroup(name, value.follow_equals(name))
        self.reading.move_to([RIGHT_HALF.left, RIGHT_HALF.top, 0], aligned_edge=[-1, 0, 0])
        self.inputs: dict[str, Any] = {
            "sigma": risk.eigenvalues,
            "truth": risk.to_eigenbasis(self.data.truth),
            "noise": NOISE_VARIANCE,
        }
        self.running = VGroup()
        for text, role, expression in (("variance", "dim", _VARIANCE), ("bias²", "penalty", _BIAS)):
            number = self.live_number(expression, self.lam, role=role, size=FORMULA, **self.inputs)
            self.running.add(VGroup(self.words(text, role=role, size=FORMULA), number))
        for k, (word, number) in enumerate(self.running):
            word.move_to([RIGHT_HALF.left, 0.9 - 1.1 * k, 0], aligned_edge=[-1, 0, 0])
            number.move_to([RIGHT_HALF.left + 2.5, word.get_y(), 0], aligned_edge=[-1, 0, 0])
        self.play(FadeOut(*self.arrows, *self.rows), FadeIn(ghost, self.reading, self.running), run_time=0.8)
        self.remove(ghost)
        self.add(ghost, self.cloud, self.truth, self.drift)
        self.play(self.cloud.animate.set_color(style.faded("ridge", 0.6)), run_time=0.6)
        self.follow(
            self.cloud, lambda m: m.move_dots(self.inside(self.estimates(self.lam.get_value()))), self.lam
        )
        self.follow(self.drift, lambda m: m.put(start, center()), self.lam)
        self.turn_up(4.0, run_time=4)

    def turn_up(self, to: float, *, run_time: float) -> None:
        """Move lambda, evenly on a logarithmic scale."""
        start = self.lam.get_value()
        self.play(
            UpdateFromAlphaFunc(self.lam, lambda m, alpha: m.set_value(start * (to / start) ** alpha)),
            run_time=run_time,
        )

    @step(
        say="As λ grows, variance falls and squared bias rises; their sum first falls, then rises.",
        shows="Three curves over lambda, on a logarithmic axis: the variance falls, the squared bias rises; their "
        "sum has a minimum between. Dots: the mean squared error over the three hundred data sets.",
    )
    def add_bias_and_variance(self) -> None:
        style = self.style
        variance, bias = (
            np.array([self.compute(e, lam=lam, **self.inputs) for lam in _LAMS]) for e in (_VARIANCE, _BIAS)
        )
        self.chart = chart = error_chart(style)
        self.lines = lines = [
            chart.curve(_LAMS, variance, style.dim, dash=True),
            chart.curve(_LAMS, bias, style.penalty),
            chart.curve(_LAMS, variance + bias, style.ridge, width=6),
        ]
        every = _LAMS[6::12]
        errors = [np.mean(np.sum((self.estimates(lam) - self.data.truth) ** 2, axis=1)) for lam in every]
        dots = chart.c2p(every, errors)
        self.dots = Scatter(dots[chart.box.contains(dots)], style.ink, radius=0.075)
        self.line_names = names = VGroup()
        for text, role, values, lam, prefer in (
            ("variance", "dim", variance, 0.8, [-1, -0.6]),
            ("bias²", "penalty", bias, 4.0, [1, -0.6]),
            ("their sum", "ridge", variance + bias, 0.25, [1, 1]),
        ):
            at = chart.c2p(lam, np.interp(np.log(lam), np.log(_LAMS), values))
            name = self.words(text, role=role, size=SMALL)
            names.add(place(name, at, avoid=[*lines, self.dots, *names], within=chart.box, prefer=prefer))
        self.play(FadeOut(self.running), FadeIn(chart), run_time=0.8)
        for line, name in zip(lines, names, strict=True):
            self.play(Create(line), FadeIn(name), run_time=1.4)
        self.here = Dot(radius=0.12, color=style.ridge).set_z_index(3)
        total = variance + bias

        def ride(dot: Dot) -> None:
            lam = self.lam.get_value()
            dot.move_to(chart.c2p(lam, np.interp(np.log(lam), np.log(_LAMS), total)))

        self.follow(self.here, ride, self.lam)
        self.play(FadeIn(self.dots), FadeIn(self.here, scale=2), run_time=0.8)

    @step(
        say="At the bottom the estimates miss by far less than without a penalty. A little bias was a good "
        "price.",
        shows="Lambda at the minimum of the sum, marked in the chart with the error there and without a penalty; "
        "the cloud of ridge minimizers small and near the truth.",
    )
    def rest_at_the_minimum(self) -> None:
        error = f"{_VARIANCE} + {_BIAS}"
        values = [self.compute(error, lam=lam, **self.inputs) for lam in _LAMS]
        best = float(_LAMS[int(np.argmin(values))])
        at, ground = self.chart.c2p(best, min(values)), self.chart.c2p(best, 0)
        mark = Line(ground, at, color=self.style.penalty, stroke_width=4)
        self.turn_up(best, run_time=2)
        self.play(Create(mark), run_time=0.8)
        texts, records = zip(
            *(self.number_text(error, digits=2, lam=lam, **self.inputs) for lam in (0.0, best)), strict=True
        )
        summary = self.formula(
            f'"error" quad {{{{ {texts[0]} : minimizer }}}} quad arrow.r quad {{{{ {texts[1]} : ridge }}}}',
            size=BODY,
        )
        self.remember(summary, *records)
        summary.move_to([RIGHT_HALF.right, self.reading.get_y(), 0], aligned_edge=[1, 0, 0])
        self.play(FadeIn(summary), run_time=0.8)
