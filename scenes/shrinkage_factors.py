"""σ/(σ + λ) as one curve over all eigenvalues; λ rises along them like a tide."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    DOWN,
    RIGHT,
    UP,
    Create,
    FadeIn,
    FadeOut,
    GrowFromEdge,
    Line,
    Rectangle,
    ReplacementTransform,
    ValueTracker,
    VGroup,
    VMobject,
    linear,
    rush_from,
)

from lecture.stage import BODY, SAFE, SMALL, Chart, Region, question, step
from lecture.stage.backing import backed
from lecture.stage.drawing import set_polyline
from lecture.stage.scatter import Scatter
from lecture.stage.text import percent
from lecture.words import Message, _, computed
from scenes.parts.eigen_picture import HeartScene
from scenes.parts.heart_stage import Dial
from scenes.parts.penalty_scale import PenaltyScale, PenaltyTracker, decimals_for
from scenes.problem import Problem

_CHART = Region(SAFE.left, 2.3, -2.15, 2.55)
_COLUMN = Region(2.85, SAFE.right, SAFE.bottom, 2.55)
_BEADS = 20


def _shown_lam(problem: Problem) -> float:
    """The penalty strength of the first picture: the problem's, or one that shows something."""
    return problem.lam if problem.lam > 0 else float(problem.risk.eigenvalues[0]) / 10


def _lowest(problem: Problem) -> float:
    """The least eigenvalue of the whole model that is told apart from zero."""
    return 1e-6 * float(problem.risk.eigenvalues[0])


def _ends(problem: Problem) -> tuple[float, float]:
    """Both ends of the axis: two decades beyond all that is shown, for words, and for the curve to level off."""
    others = problem.spectrum[problem.spectrum >= _lowest(problem)]
    seen = [float(v) for v in (*problem.risk.eigenvalues, *others, _shown_lam(problem)) if v > 0]
    return min(seen) / 100, max(seen) * 100


def _beads(problem: Problem) -> np.ndarray:
    """All eigenvalues of a model with many: the problem's own, or twenty that fill the axis."""
    if problem.full is not None and not problem.is_slice:
        return problem.spectrum
    low, high = _ends(problem)
    return np.geomspace(high / 8, 8 * low, _BEADS)


def _middle(problem: Problem) -> float:
    """Where the tide stops half way: the geometric mean of the eigenvalues that are told apart from zero."""
    beads = _beads(problem)
    return float(np.exp(np.log(beads[beads >= _lowest(problem) * 1e-6]).mean()))


def _kept(k: int) -> Any:
    return computed(f"shrinkage_factors(risk.eigenvalues, lam)[{k}]", percent, lam=_shown_lam)


def _what_is_kept(problem: Problem) -> Message:
    steep, flat = (s / (s + _shown_lam(problem)) for s in problem.risk.eigenvalues)
    if problem.is_round:
        return _(
            "Both directions are equally steep: <steep>at this {lam} <flat>each keeps {share} of its component."
        ).format(share=_kept(0))
    if percent(steep) == percent(flat):
        return _("At this {lam} <steep>both directions keep <flat>{share} of their components.").format(
            share=_kept(0)
        )
    return _(
        "At this {lam} <steep>the steep direction keeps {most} of its component, <flat>the flat one {least}."
    ).format(most=_kept(0), least=_kept(1))


def _bars_show(problem: Problem) -> Message:
    steep, flat = (s / (s + _shown_lam(problem)) for s in problem.risk.eigenvalues)
    if percent(steep) == percent(flat):
        return _(
            "Bars stand at both eigenvalues and reach up to the curve. Both directions keep {share}."
        ).format(share=_kept(0))
    return _(
        "Bars stand at both eigenvalues and reach up to the curve: the steep direction keeps {most} of its "
        "component, the flat one {least}."
    ).format(most=_kept(0), least=_kept(1))


def _meet_beads(problem: Problem) -> Message:
    if problem.full is None or problem.is_slice:
        return _(
            "<beads>Say a model has twenty directions: a bead for each, as high as its factor. "
            "<low>With {lam} near zero, every factor is nearly one."
        )
    if problem.spectrum.min() < _ends(problem)[0]:
        return _(
            "<beads>The whole model has {n} directions. Those with noticeable curvature are beads, as high as their "
            "factors. <low>With {lam} near zero, each of them is nearly one."
        ).format(n=str(problem.full.dimension))
    return _(
        "<beads>The whole model has {n} directions: a bead for each, as high as its factor. "
        "<low>With {lam} near zero, every factor is nearly one."
    ).format(n=str(problem.full.dimension))


def _left_half_way(problem: Problem) -> int:
    """Which answer is right where the tide stands in the middle: most, about half, hardly any."""
    beads, lam = _beads(problem), _middle(problem)
    share = float((beads / (beads + lam)).mean())
    return 0 if share > 0.65 else 2 if share < 0.35 else 1


def _counted(problem: Problem) -> Message:
    if _left_half_way(problem) == 1:
        return _(
            "Like a tide {lam} rises from the left, and bead after bead goes under. <half>Half way about "
            "half of them are left. <on>On it goes, until hardly one is."
        )
    return _(
        "Like a tide {lam} rises from the left, and bead after bead goes under. <half>Half way this many "
        "are left. <on>On it goes, until hardly one is."
    )


class ShrinkageFactors(HeartScene):
    """A direction is kept where its eigenvalue is large against the penalty, and lost where it is small."""

    title = _("Which directions *survive*")
    question_region = Region(_COLUMN.left, _COLUMN.right, SAFE.bottom, -1.3)

    @step(
        say=_(
            "<axis>The dial becomes an axis of eigenvalues, with ticks at powers of ten; upwards the factor. "
            "<curve>One rising curve serves every direction: <half>one half where {sigma} equals {lam}."
        ),
        shows=_(
            "A curve rising from 0 to 1 over a logarithmic axis of eigenvalues with a tick at every power of ten; it "
            "passes one half at {lam}."
        ),
        covers=("A8", "B10"),
    )
    def draw_factor_curve(self) -> None:
        problem, style = self.problem, self.style
        self.low, self.high = _ends(problem)
        self.beads = _beads(problem)
        decades = np.arange(np.ceil(np.log10(self.low)), np.floor(np.log10(self.high)) + 1)
        every = 1 if len(decades) <= 7 else 2
        written = {10.0**k: f"10^({int(k)})" for k in decades if int(k) % every == 0}
        self.chart = Chart(
            _CHART,
            (self.low, self.high),
            (0.0, 1.08),
            style,
            labels=("", _("factor {sigma}/({sigma} + {lam})")),  # type: ignore[arg-type]
            x_ticks={10.0**k: written.get(10.0**k, "") for k in decades},
            y_ticks={0.0: "0", 0.5: "1 \\/ 2", 1.0: "1"},
            x_log=True,
        )
        self.start = _shown_lam(problem)
        self.x_name = self.words(_("eigenvalue {sigma}"), role="dim", size=SMALL)
        self.x_name.move_to([_CHART.right, SAFE.bottom, 0], aligned_edge=DOWN + RIGHT)
        self.lam = PenaltyTracker(PenaltyScale(problem.risk.eigenvalues), self.start)
        self.sigmas = np.geomspace(self.low, self.high, 120)
        self.curve = self.follow(VMobject(color=style.ink, stroke_width=5), self._draw_curve, self.lam)
        self.half = self.follow(VMobject(color=style.penalty, stroke_width=3.5), self._draw_half, self.lam)
        self.value = self._lam_label()
        # The dial of the scene before becomes the axis.
        dial = Dial(self, self.lam)
        self.dial = VGroup(*dial.line, dial.value)
        self.add(self.make_title(), self.dial)
        self.wait_for("axis")
        self.play(
            ReplacementTransform(dial.line.line, self.chart.axes[0]),
            ReplacementTransform(dial.value, self.value),
            FadeOut(*(part for part in dial.line if part is not dial.line.line)),
            run_time=2,
        )
        self.play(FadeIn(self.chart.axes, self.chart.tick_labels, self.x_name), run_time=1.4)
        self.play(FadeIn(self.chart.axis_labels), run_time=0.8)
        self.add(self.chart)
        self.wait_for("curve")
        self.play(Create(self.curve), run_time=1.8)
        self.wait_for("half")
        self.play(Create(self.half), run_time=1.2)

    def _draw_curve(self, curve: VMobject) -> None:
        factors = self.compute("shrinkage_factors(sigmas, lam)", sigmas=self.sigmas, lam=self.lam.get_value())
        set_polyline(curve, self.chart.c2p(self.sigmas, factors))

    def _within(self, value: float) -> float:
        return float(np.clip(value, self.low, self.high))

    def _draw_half(self, lines: VMobject) -> None:
        lam = self._within(self.lam.get_value())
        set_polyline(lines, self.chart.c2p([lam, lam, self.low], [0.0, 0.5, 0.5]))

    def _lam_label(self) -> VGroup:
        symbol = self.formula("@lam {{ = : equals }}", size=BODY + 4)
        # Small enough strengths are not shown as zero, as far as there is room.
        least = decimals_for(float(self.beads[self.beads > 0].min()) / 100, digits=1)
        number = self.live_number(
            "lam",
            self.lam,
            decimals=max(decimals_for(self.start), min(least, 3)),
            role="penalty",
            size=BODY + 4,
        )
        symbol.move_to([_COLUMN.left, 1.95, 0], aligned_edge=[-1, 0, 0])
        return VGroup(symbol, number.follow_equals(symbol))

    @step(say=_what_is_kept, shows=_bars_show, covers=("B10",))
    def read_off_both_directions(self) -> None:
        self.bars, self.names, self.numbers = VGroup(), VGroup(), VGroup()
        for k, (role, y) in enumerate((("eig1", 0.85), ("eig2", -0.25))):
            bar = Rectangle(
                width=0.22, height=1.0, stroke_width=0, fill_color=self.style.color(role), fill_opacity=1
            ).set_z_index(-1)
            self.follow(bar, lambda m, k=k: self._stretch_bar(m, k), self.lam)
            factor = self.formula(f"@s{k + 1} / (@s{k + 1} + @lam) {{{{ = : equals }}}}", size=BODY)
            factor.move_to([_COLUMN.left, y, 0], aligned_edge=[-1, 0, 0])
            number = self.live_number(
                f"shrinkage_factors(risk.eigenvalues, lam)[{k}]",
                self.lam,
                decimals=2,
                role=role,
                size=BODY + 4,
            )
            number.next_to(factor, RIGHT, buff=0.2).match_y(factor.select("equals"))
            self.bars.add(bar)
            self.names.add(self._name_bar(k))
            self.numbers.add(VGroup(factor, number))
        self.wait_for("steep")
        self.play(GrowFromEdge(self.bars[0], DOWN), FadeIn(self.names[0]), run_time=1.2, rate_func=rush_from)
        self.play(FadeIn(self.numbers[0], shift=0.2 * RIGHT), run_time=0.6)
        self.wait_for("flat")
        self.play(GrowFromEdge(self.bars[1], DOWN), FadeIn(self.names[1]), run_time=0.8, rate_func=rush_from)
        self.play(FadeIn(self.numbers[1], shift=0.2 * RIGHT), run_time=0.6)

    def _stretch_bar(self, bar: Rectangle, k: int) -> None:
        factor = self.compute(f"shrinkage_factors(risk.eigenvalues, lam)[{k}]", lam=self.lam.get_value())
        foot = self.chart.c2p(self._within(self.problem.risk.eigenvalues[k]), 0.0)
        top = self.chart.c2p(self.low, factor)[1]
        bar.stretch_to_fit_height(max(top - foot[1], 0.01)).move_to(foot, aligned_edge=DOWN)

    def _name_bar(self, k: int) -> Any:
        sigma = self.problem.risk.eigenvalues
        name = self.formula(f"@s{k + 1}" if sigma[k] > 0 else f"@s{k + 1} = 0", size=BODY)
        at = self.chart.c2p(self._within(sigma[k]), 0.0)
        near = abs(float(at[0] - self.chart.c2p(self._within(sigma[1 - k]), 0.0)[0])) < 0.7
        aside = (0.3 if k == 0 else -0.3) if near else 0.0
        name.move_to([at[0] + aside, _CHART.bottom - 0.28, 0])
        return name.shift(max(0.0, SAFE.left - name.get_left()[0]) * RIGHT)

    @step(
        say=_meet_beads,
        shows=_(
            "A bead on the curve for every direction of a larger model, most of them high on the right or low on the "
            "left."
        ),
        covers=("A8", "B10"),
    )
    def meet_many_directions(self) -> None:
        style = self.style
        self.shown = ValueTracker(0.0)  # how many beads
        self.above = Scatter(np.zeros((0, 3)), style.ink, radius=0.1).set_z_index(3)
        self.under = Scatter(np.zeros((0, 3)), style.dim, radius=0.1, hollow=True).set_z_index(3)
        for bead, drowned in ((self.above, False), (self.under, True)):
            self.follow(bead, lambda m, drowned=drowned: self._put_beads(m, drowned), self.lam, self.shown)
        self.wait_for("beads")
        self.play(FadeOut(self.bars, self.names, self.numbers), run_time=0.5)
        self.add(self.above, self.under)
        self.play(self.shown.animate(rate_func=linear).set_value(float(len(self.beads))), run_time=5)
        self.wait_for("low")
        self.play(self.lam.animate.set_value(float(self.beads[self.beads > 0].min()) / 100), run_time=1.6)

    def _put_beads(self, beads: Scatter, drowned: bool) -> None:
        """The beads whose factor is at least, or below, one half, each at its place on the curve."""
        factors = self.compute("shrinkage_factors(sigma, lam)", sigma=self.beads, lam=self.lam.get_value())
        there = np.arange(len(self.beads)) < round(self.shown.get_value())
        shown = ((factors < 0.5) == drowned) & (self.beads >= self.low) & there
        beads.move_dots(self.chart.c2p(self.beads[shown], factors[shown]))

    @step(
        say=_(
            "<sum>Add up all the factors. That is how many parameters the model still uses: <df>its effective "
            "degrees of freedom."
        ),
        shows=_(
            "Beside the chart the sum of all factors with its number, nearly the number of beads, and a bar as long "
            "as it."
        ),
        covers=("B10",),
    )
    def count_degrees_of_freedom(self) -> None:
        style = self.style
        total = self.formula("sum_@j @sj / (@sj + @lam) {{ = : equals }}", size=BODY + 2)
        total.move_to([_COLUMN.left, 0.75, 0], aligned_edge=[-1, 0, 0])
        number = self.live_number(
            "effective_degrees_of_freedom(sigma, lam)", self.lam, decimals=1, size=BODY + 8, sigma=self.beads
        )
        number.next_to(total, RIGHT, buff=0.2).match_y(total.select("equals"))
        self.count = VGroup(total, number)
        self.count_name = self.words(
            _("effective degrees of freedom"), role="dim", size=SMALL, width=_COLUMN.width
        )
        self.count_name.move_to([_COLUMN.left, total.get_bottom()[1] - 0.25, 0], aligned_edge=[-1, 1, 0])
        width = _COLUMN.width / len(self.beads)
        y = self.count_name.get_bottom()[1] - 0.45
        cells = np.linspace(_COLUMN.left, _COLUMN.right, len(self.beads) + 1)
        self.frame = VGroup(
            *(
                Line([x, y - 0.2, 0], [x, y + 0.2, 0], color=style.line, stroke_width=2)
                for x in cells[:: len(self.beads)]
            ),
            Line([_COLUMN.left, y - 0.2, 0], [_COLUMN.right, y - 0.2, 0], color=style.line, stroke_width=2),
        )
        self.stack = Rectangle(width=1, height=0.34, stroke_width=0, fill_color=style.ink, fill_opacity=1)
        self.follow(self.stack, lambda m: self._stretch_stack(m, width, y), self.lam)
        self.wait_for("sum")
        self.play(FadeIn(self.count), run_time=1.2)
        self.play(FadeIn(self.frame), GrowFromEdge(self.stack, np.array([-1, 0, 0])), run_time=2)
        self.wait_for("df")
        self.play(FadeIn(self.count_name), run_time=0.6)

    def _stretch_stack(self, bar: Rectangle, width: float, y: float) -> None:
        count = self.compute(
            "effective_degrees_of_freedom(sigma, lam)", sigma=self.beads, lam=self.lam.get_value()
        )
        bar.stretch_to_fit_width(max(width * float(count), 1e-3))
        bar.move_to([_COLUMN.left, y, 0], aligned_edge=np.array([-1, 0, 0]))

    @question(
        ask=_("Let {lam} rise to the middle of the beads. How many of the degrees of freedom are left?"),
        choices=(_("most"), _("half"), _("few")),
        answer=_left_half_way,
        shows=_(
            "All beads high on the curve, and the question how many degrees of freedom are left in the middle."
        ),
        covers=("B10",),
    )
    def predict_the_count(self) -> None:
        self.tide = self.follow(
            VMobject(stroke_width=0, fill_color=self.style.penalty, fill_opacity=0.16).set_z_index(-2),
            self._draw_tide,
            self.lam,
        )
        self.play(FadeIn(self.tide), run_time=0.8)

    def _draw_tide(self, tide: VMobject) -> None:
        box, right = self.chart.box, float(self.chart.c2p(self._within(self.lam.get_value()), 0)[0])
        corners = [[box.left, box.bottom], [right, box.bottom], [right, box.top], [box.left, box.top]]
        set_polyline(tide, np.column_stack([[*corners, corners[0]], np.zeros(5)]))

    @step(
        say=_counted,
        shows=_(
            "The tide has passed all beads; they lie low on the curve, hollow, and little is left of the degrees of "
            "freedom."
        ),
        covers=("B10",),
    )
    def let_the_tide_rise(self) -> None:
        positive = self.beads[self.beads > 0]
        self.play(self.lam.animate.set_value(_middle(self.problem)), run_time=3)
        self.wait_for("half")
        self.play(
            self.stack.animate.set_fill(opacity=0.55), rate_func=lambda t: np.sin(np.pi * t), run_time=0.8
        )
        self.wait_for("on")
        end = min(8 * float(positive.max()), self.high)
        self.play(self.lam.animate(rate_func=linear).set_value(end), run_time=3)

    @step(
        say=_(
            "Back to the middle of the beads. <kept>Far right of {lam} directions are kept. <gone>Far left, a move "
            "hardly changes risk or gradient: <zero>they decay, though never quite to zero."
        ),
        shows=_(
            "{lam} in the middle again. The part of the chart far right of it is labeled kept, the part far left of "
            "it decayed, with the factors of the first and the last bead."
        ),
        covers=("A8", "B10"),
    )
    def keep_the_large_lose_the_small(self) -> None:
        box, lam = self.chart.box, _middle(self.problem)
        self.play(self.lam.animate.set_value(lam), run_time=1.5)
        at = float(self.chart.c2p(self._within(lam), 0)[0])
        labels = VGroup()
        for text, condition, side, height in (
            (_("kept"), "@sigma >> @lam", 1, 0.55),
            (_("decayed"), "@sigma << @lam", -1, 0.72),
        ):
            label = VGroup(self.words(text), self.formula(condition, size=BODY)).arrange(DOWN, buff=0.14)
            x = (at + box.right) / 2 + 0.3 if side > 0 else (at + box.left) / 2 - 0.1
            label.move_to([x, self.chart.c2p(self.low, height)[1], 0])
            labels.add(backed(label, self.style))
        self.ends = VGroup()
        last = int((self.beads >= self.low).sum()) - 1
        for k, way in ((0, DOWN), (last, UP)):
            number = self.number(f"shrinkage_factors(sigma, lam)[{k}]", digits=2, sigma=self.beads, lam=lam)
            factor = self.compute(f"shrinkage_factors(sigma, lam)[{k}]", sigma=self.beads, lam=lam)
            bead = self.chart.c2p(self._within(self.beads[k]), factor)
            self.ends.add(backed(number.next_to(bead, way, buff=0.25), self.style))
        self.wait_for("kept")
        self.play(FadeIn(labels[0], shift=0.2 * UP), FadeIn(self.ends[0]), run_time=0.9)
        self.wait_for("gone")
        self.play(FadeIn(labels[1], shift=0.2 * DOWN), run_time=1.8, rate_func=rush_from)
        self.wait_for("zero")
        self.play(FadeIn(self.ends[1]), run_time=0.8)
        self.labels = labels
