"""The penalty is a belief held before the data: a Gaussian prior, whose posterior peaks at the ridge minimizer."""

from __future__ import annotations

import numpy as np
from manim import (
    Create,
    DashedLine,
    Dot,
    FadeIn,
    FadeOut,
    UpdateFromAlphaFunc,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
)

from lecture.stage import BODY, RIGHT_HALF, SMALL, STAGE, Plane, Region, Style, place, question, step
from lecture.stage.color import mix
from lecture.stage.derivation import Birth
from lecture.stage.drawing import set_polyline, swell
from lecture.stage.scatter import Scatter
from lecture.words import _
from scenes.experiments.small_experiment import SmallExperiment
from scenes.parts.contours import risk_contours
from scenes.parts.parameter_plane import parameter_plane
from scenes.parts.scene import WeightDecayScene
from scenes.parts.touching import dashed_circle
from wdmath import QuadraticRisk, gaussian_posterior, ridge_minimizer

_DRAWS = 200
_LAM, _FIRM, _LOOSE = 2.0, 12.0, 0.7
_COLUMN = 0.95  # where the formulas begin
_SIZE = 34
_TURN = np.linspace(0, 2 * np.pi, 121)
_CIRCLE = np.column_stack([np.cos(_TURN), np.sin(_TURN)])
# One and two standard deviations.
_WIDTHS = (1.0, 2.0)
ROOM = Region(STAGE.left, _COLUMN - 0.4, STAGE.bottom, STAGE.top - 0.4)


def belief_plane(risk: QuadraticRisk, style: Style) -> Plane:
    """The plane in which prior and likelihood are seen."""
    spread = 2 * np.sqrt(np.diag(gaussian_posterior(risk, 0.0).covariance))
    likelihood = risk.minimizer + spread * [[-1, 1], [0.3, 0.0]]
    return parameter_plane(ROOM, np.vstack([2 * _CIRCLE / np.sqrt(_LOOSE), likelihood]), style, margin=0.3)


def likelihood_contours(plane: Plane, risk: QuadraticRisk, style: Style) -> VGroup:
    """Its contours at one and two standard deviations."""
    return risk_contours(plane, risk, np.square(_WIDTHS) / 2, style.line, width=3, within=ROOM)


class PriorBelief(WeightDecayScene):
    """Penalizing is believing, before any data, that the weights are probably small."""

    title = _("A penalty is a *prior belief*")
    question_region = Region(_COLUMN, STAGE.right, STAGE.bottom, -0.4)

    def belief(self, weight: float, lam: float) -> tuple[np.ndarray, np.ndarray]:
        """Mean and square root of the covariance after data that count with this weight, from 0 to 1."""
        risk = self.risk
        if weight == 0:
            return np.zeros(2), np.eye(2) / np.sqrt(lam)
        posterior = gaussian_posterior(risk, lam / weight, variance=1 / weight)
        spread = risk.eigenvectors.T @ posterior.covariance @ risk.eigenvectors
        root = (risk.eigenvectors * np.sqrt(np.diag(spread))) @ risk.eigenvectors.T
        return posterior.mean, root

    def show_belief(self, cloud: Scatter, weight: float, lam: float) -> Scatter:
        """Move the draws to where they lie under a belief."""
        mean, root = self.belief(weight, lam)
        points = self.plane.c2p(mean + self.draws @ root)
        return cloud.move_dots(points[self.room.contains(points)])

    def line(self, row: int, source: str) -> VMobject:
        """A line of formulas in its place at the right."""
        line = self.formula(source, size=_SIZE)
        return line.move_to([_COLUMN, 1.8 - 1.3 * row, 0], aligned_edge=[-1, 0, 0])

    @step(
        say=_(
            "Before any data we may believe that weights are probably small: <rain>a Gaussian around zero. "
            "<circles>How narrow it is, {lam} decides."
        ),
        shows=_(
            "A round cloud of dots around the origin, with dashed circles at one and two standard deviations. "
            "The prior falls exponentially with half of {lam} times the squared norm of {theta}."
        ),
    )
    def believe_before_the_data(self) -> None:
        style = self.style
        self.data = SmallExperiment()
        self.risk = self.data.risks[0]
        self.draws = np.random.default_rng(7).standard_normal((_DRAWS, 2))
        self.room = ROOM
        self.plane = plane = belief_plane(self.risk, style)
        self.cloud = Scatter(np.empty((0, 3)), style.penalty, radius=0.045)
        self.show_belief(self.cloud, 0.0, _LAM)
        self.circles = VGroup(*(self.circle(width, _LAM) for width in _WIDTHS))
        self.prior = self.line(
            0, "@density (@theta) prop {{ exp(-{{ @lam : penalty-lam }}/2 norm(@theta)^2) : penalty }}"
        )
        self.note = self.make_note(_("8 noisy rows"))
        # Early stopping was paired with this penalty; what else can it mean?
        paired = self.formula("@lam = 1 / (@rate @steps)")
        paired.move_to([RIGHT_HALF.left, RIGHT_HALF.top - 0.1, 0], aligned_edge=[-1, 0, 0])
        lam = paired.select("penalty")
        rest = [glyph for glyph in paired if glyph not in lam.submobjects]
        self.add(plane, paired)
        self.play(Write(self.make_title()), FadeOut(*rest), run_time=2.2)
        final = self.cloud.centers

        def rain(cloud: Scatter, alpha: float) -> None:
            cloud.move_dots(final, round(alpha * len(final)))

        self.wait_for("rain")
        self.play(UpdateFromAlphaFunc(self.cloud, rain), run_time=2)
        self.wait_for("circles")
        self.remove(*lam)  # which moves on
        self.play(*(Create(c) for c in self.circles), Birth(self.prior, {"penalty-lam": lam}), run_time=1.5)

    def circle(self, width: float, lam: float) -> VMobject:
        """A contour of the prior, as many standard deviations wide."""
        return self.size_circle(VMobject(color=self.style.penalty, stroke_width=3.0), width, lam)

    def size_circle(self, circle: VMobject, width: float, lam: float) -> VMobject:
        """Lay the dashes of such a contour anew."""
        radius = self.plane.unit * width / np.sqrt(lam)
        return circle.set_points(dashed_circle(self.plane.origin, radius, 0.0, self.room))

    @step(
        say=_(
            "Then eight noisy rows speak. <ellipses>They know well where {theta} lies across the valley, and poorly "
            "along it. <goal>They alone would say {min}."
        ),
        shows=_(
            "Ellipses of the likelihood at one and two standard deviations around the minimizer, narrow in one "
            "direction and long in the other. The likelihood falls exponentially with {risk} of {theta}."
        ),
    )
    def listen_to_the_data(self) -> None:
        style, plane = self.style, self.plane
        self.ellipses = likelihood_contours(plane, self.risk, style)
        goal = Dot(plane.c2p(self.risk.minimizer), radius=0.1, color=style.minimizer).set_z_index(2)
        avoid = [plane, self.ellipses, self.circles]
        name = place(self.formula("@min"), goal.get_center(), avoid=avoid, within=self.room, prefer=[1, 1])
        self.likelihood = self.line(1, "@density (@y | @theta) prop {{ exp(-@risk (@theta)) : minimizer }}")
        self.marks = [goal, name]
        pale = style.faded("penalty", 0.5)
        self.play(FadeIn(self.note), run_time=0.5)
        self.wait_for("ellipses")
        self.play(
            self.cloud.animate.set_color(pale),
            *(Create(e) for e in self.ellipses),
            FadeIn(self.likelihood),
            run_time=2.5,
        )
        self.wait_for("goal")
        self.play(FadeIn(goal, scale=2), FadeIn(name), run_time=1)

    @question(
        ask=_("Multiply the two. Where will the belief settle?"),
        choices=(
            _("at {min}"),
            _("on the dashed line"),
            _("beside that line"),
        ),
        answer=2,
        shows=_(
            "The same picture, prior and likelihood apart, and a dashed straight line from zero to the minimizer."
        ),
    )
    def predict_where_it_settles(self) -> None:
        plane, style = self.plane, self.style
        self.straight = DashedLine(
            plane.origin, plane.c2p(self.risk.minimizer), color=style.dim, stroke_width=3
        )
        self.play(Create(self.straight), run_time=0.8)

    @step(
        say=_(
            "<product>Multiply them. <move>The belief moves, off the straight way, and narrows. "
            "<peak>Its peak is the ridge minimizer: what data know <poorly>poorly gives way most."
        ),
        shows=_(
            "The cloud has moved from the origin to between prior and likelihood and become narrow; an ellipse and "
            "a dot mark the posterior and its peak, the ridge minimizer, beside the straight line. The product of "
            "both exponentials below."
        ),
    )
    def multiply_the_two(self) -> None:
        style, plane = self.style, self.plane
        self.posterior = self.line(
            2,
            "@density (@theta | @y) prop exp({{ -@risk (@theta) : minimizer }} "
            "{{ - @lam/2 norm(@theta)^2 : penalty-half }})",
        )
        self.wait_for("product")
        self.play(
            Birth(
                self.posterior,
                {
                    "minimizer": self.likelihood.select("minimizer"),
                    "penalty-half": self.prior.select("penalty"),
                },
            ),
            run_time=1.2,
        )
        self.add(self.cloud)  # on top, so that little else is drawn anew
        self.wait_for("move")
        pale = style.faded("penalty", 0.5)

        def settle(cloud: Scatter, alpha: float) -> None:
            self.show_belief(cloud, alpha**2, _LAM).set_color(mix(style.ridge, pale, alpha))

        self.play(UpdateFromAlphaFunc(self.cloud, settle), run_time=3)
        self.lam = ValueTracker(_LAM)
        self.narrow = VGroup(*(VMobject(color=style.ridge, stroke_width=4) for _ in _WIDTHS))
        self.shape_posterior(self.narrow)
        self.peak = Dot(self.place_peak(), radius=0.11, color=style.ridge).set_z_index(2)
        avoid = [plane, self.ellipses, self.circles, self.narrow, self.straight, *self.marks]
        name = place(
            self.formula("@ridge"), self.peak.get_center(), avoid=avoid, within=self.room, prefer=[1, -1]
        )
        self.peak_name = name
        pale = style.faded("ridge", 0.45)
        self.wait_for("peak")
        self.play(
            self.cloud.animate.set_color(pale),
            *(Create(e) for e in self.narrow),
            FadeIn(self.peak, scale=2),
            FadeIn(name),
            run_time=1.2,
        )
        self.wait_for("poorly")
        self.play(swell(self.narrow, 9), run_time=1.4)

    def place_peak(self) -> np.ndarray:
        """Where the posterior is highest."""
        return self.plane.c2p(ridge_minimizer(self.risk, self.lam.get_value()))

    def shape_posterior(self, ellipses: VGroup) -> None:
        """Ellipses at one and two standard deviations of the posterior."""
        mean, root = self.belief(1.0, self.lam.get_value())
        for ellipse, width in zip(ellipses, _WIDTHS, strict=True):
            set_polyline(ellipse, self.plane.c2p(mean + width * _CIRCLE @ root))

    @step(
        say=_(
            "So {lam} is how firmly we believe. <firm>A narrow prior holds the peak back; <loose>a wide one lets "
            "the data win. <ratio>It is noise variance over prior variance."
        ),
        shows=_(
            "The same picture for a loose belief: wide prior circles, and the posterior with its peak close to the "
            "likelihood. Below, {lam} as noise variance over prior variance, with its running value."
        ),
    )
    def hold_it_more_or_less_firmly(self) -> None:
        name = self.formula("@lam =", size=BODY)
        value = self.live_number("lam", self.lam, decimals=2, role="penalty", size=BODY)
        name.move_to([_COLUMN, 1.8 - 1.3 * 2.75, 0], aligned_edge=[-1, 0, 0])
        value.follow_equals(name)
        self.reading = VGroup(name, value)

        def shape_prior(circles: VGroup) -> None:
            for circle, width in zip(circles, _WIDTHS, strict=True):
                self.size_circle(circle, width, self.lam.get_value())

        self.play(FadeIn(self.reading), FadeOut(self.peak_name, self.straight), run_time=0.8)
        # As wholes, for an updater runs only for what the scene holds itself; and on top, so that little is drawn anew.
        self.add(self.circles, self.cloud, self.narrow, self.peak)
        self.follow(self.circles, shape_prior, self.lam)
        self.follow(self.cloud, lambda m: self.show_belief(m, 1.0, self.lam.get_value()), self.lam)
        self.follow(self.narrow, self.shape_posterior, self.lam)
        self.follow(self.peak, lambda m: m.move_to(self.place_peak()), self.lam)
        self.wait_for("firm")
        self.hold(_FIRM)
        self.wait_for("loose")
        self.hold(_LOOSE)
        meaning = VGroup(
            self.formula("= @noisevariance / @priorvariance", size=BODY),
            self.words(_("noise variance over prior variance"), role="dim", size=SMALL, width=5.4),
        )
        meaning[0].next_to(self.reading, [1, 0, 0], buff=0.25)
        meaning[1].move_to([_COLUMN, self.reading.get_y() - 0.9, 0], aligned_edge=[-1, 0, 0])
        at = self.place_peak()
        avoid = [self.plane, self.ellipses, self.circles, self.narrow, *self.marks]
        place(self.peak_name, at, avoid=avoid, within=self.room, prefer=[1, -1])
        self.wait_for("ratio")
        self.play(FadeIn(meaning, self.peak_name), run_time=0.8)

    def hold(self, lam: float) -> None:
        """Change how firm the belief is, evenly on a logarithmic scale."""
        start = self.lam.get_value()
        self.play(
            UpdateFromAlphaFunc(self.lam, lambda m, alpha: m.set_value(start * (lam / start) ** alpha)),
            run_time=2.4,
        )
