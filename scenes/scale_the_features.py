"""A penalty sees numbers, not meanings: features in different units are shrunk differently."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    RIGHT,
    UP,
    Create,
    DashedLine,
    Dot,
    FadeIn,
    GrowFromPoint,
    LaggedStart,
    ValueTracker,
    VGroup,
    Write,
)

from lecture.stage import LEFT_HALF, RIGHT_HALF, SAFE, SMALL, STAGE, Arrow, Chart, Region, question, step
from lecture.stage.trace import Trace
from lecture.words import _, computed
from scenes.experiments.units import UNITS, effect_in_units, mixed_units
from scenes.parts.scene import WeightDecayScene
from scenes.parts.ten_seeds import TenSeeds

# A chart with a column of words beside it.
WIDE = Region(SAFE.left, 1.7, STAGE.bottom + 0.55, 2.4)
#: The draw whose errors are drawn over the penalty.
SEED = 6


def _count(expression: str) -> Any:
    """In how many draws something held, for words."""
    return computed("held", lambda v: f"{v:.0f}", held=lambda p: UNITS.count(expression))


class ScaleTheFeatures(WeightDecayScene):
    """What a penalty takes from a feature depends on its unit; scaled features are predicted with better."""

    title = _("*Scale* the features first")
    question_region = Region(1.9, SAFE.right, -1.2, 1.0)

    @question(
        ask=_(
            "Two features matter equally. The second one is a length. Measured in kilometers its numbers are tiny, so "
            "it needs a huge weight. What does a penalty do to it?"
        ),
        shows=_("Axes: the unit of the second feature, from millimeters to kilometers, and its effect."),
        choices=(_("nothing"), _("takes it away"), _("strengthens it")),
        answer=1,
        covers=("C8",),
    )
    def ask_for_the_effect(self) -> None:
        style = self.style
        self.chart = Chart(
            WIDE,
            (3e-4, 2e3),
            (0.0, 1.08),
            style,
            labels=("", _("effect on the prediction")),
            x_ticks={1e-3: "", 1e-2: "", 1: "", 1e3: ""},
            y_ticks={0: "0", 0.5: "0.5", 1: "1"},
            x_log=True,
        )
        units = ((1e-3, _("mm")), (1e-2, _("cm")), (1.0, _("m")), (1e3, _("km")))
        names = VGroup()
        for unit, name in units:
            text = self.words(name, role="dim", size=SMALL)
            names.add(text.move_to([self.chart.c2p(unit, 0)[0], self.chart.box.bottom - 0.35, 0]))
        self.names = names
        self.play(Write(self.make_title()), FadeIn(self.chart), run_time=1.2)
        self.play(LaggedStart(*(FadeIn(name) for name in names), lag_ratio=0.9), run_time=3.2)

    @step(
        say=_(
            "It takes it away. From <mm>millimeters to kilometers nothing changed but the unit, and the effect of the "
            "second feature <falls>falls from all to nothing. So <scale>scale first: give every feature the same "
            "spread."
        ),
        shows=_(
            "The effect of the first feature is level; that of the second is highest in millimeters and falls to "
            "nothing in kilometers. An arrow lifts its dot back to the level of meters."
        ),
        covers=("C8",),
    )
    def lose_a_feature(self) -> None:
        style, chart = self.style, self.chart
        units = np.geomspace(3e-4, 1e3, 161)
        effects = effect_in_units(units)
        level = chart.curve([3e-4, 2e3], effects[[0, -1], 0], style.ink, dash=True)
        way = chart.c2p(units, effects[:, 1])
        trace, share = Trace(way, style.ridge, width=5), ValueTracker(0.0)
        dot = Dot(way[0], radius=0.11, color=style.ridge)

        def follow(group: VGroup) -> None:
            trace.show(share.get_value())
            along = share.get_value() * (len(way) - 1)
            dot.move_to([np.interp(along, range(len(way)), axis) for axis in way.T])

        names = VGroup(self.formula("@x1"), self.formula("@x2", role="ridge"))
        names[0].next_to(chart.c2p(100.0, effects[0, 0]), UP, buff=0.15)
        names[1].next_to(chart.c2p(12.0, 0.35), RIGHT, buff=0.2)
        self.play(Create(level), FadeIn(names), run_time=0.8)
        self.wait_for("mm")
        self.add(self.follow(VGroup(trace, dot), follow, share))
        self.play(share.animate.set_value(0.45), run_time=4.5)
        self.wait_for("falls")
        self.play(share.animate.set_value(1.0), run_time=2.2)
        self.wait_for("scale")
        scaled = effect_in_units(np.ones(1))[0, 1]
        lift = Arrow(chart.c2p(1e3, 0.0), chart.c2p(1e3, scaled - 0.03), style.ink)
        lifted = Dot(way[-1], radius=0.11, color=style.ridge).set_z_index(1)
        self.play(
            GrowFromPoint(lift, lift.shaft.get_start()),
            lifted.animate.move_to(chart.c2p(1e3, scaled)),
            run_time=2,
        )

    @step(
        say=_(
            "Does it predict better? Twenty features that matter equally, in <twenty>twenty units. Each fit has the "
            "<least>penalty of least leave-one-out error. <seeds>Scaled features win in {won} of 10 draws, and in "
            "{best} even <against>against the penalty that happens to be <best>best for the others."
        ).format(won=_count("scaled < measured"), best=_count("scaled < measured_at_best")),
        shows=_(
            "At the left the squared error on new rows over the penalty, for features as measured and for scaled ones, "
            "with a mark at the penalty each was fitted with. At the right the errors of ten draws, joined by lines: "
            "all fall."
        ),
        covers=("C8",),
        experiments=(UNITS,),
    )
    def compare_with_scaled(self) -> None:
        style, fits = self.style, mixed_units(SEED)
        self.clear_stage()
        chart = Chart(
            LEFT_HALF,
            (1e-5, 50.0),
            (8.0, 32.0),
            style,
            labels=("@lam", _("squared error on new rows")),
            x_ticks={1e-4: "10^(-4)", 1e-2: "10^(-2)", 1: "1"},
            y_ticks={10: "10", 20: "20", 30: "30"},
            x_log=True,
        )
        seeds = TenSeeds(
            RIGHT_HALF,
            UNITS,
            ("measured", "scaled", "measured_at_best"),
            (_("as measured"), _("scaled"), _("measured, at its best")),
            ("minimizer", "ridge", "dim"),
            style,
            label=_("squared error, ten draws"),
            y=(8.0, 25.0),
            ticks={10: "10", 20: "20"},
        )
        self.play(FadeIn(chart), run_time=1.4)
        self.wait_for("twenty")
        curves, marks = [], VGroup()
        for k, (role, dash) in enumerate((("minimizer", True), ("ridge", False))):
            curves.append(chart.curve(fits.lams, fits.error[k], style.color(role), dash=dash))
            j = fits.chosen[k]
            at = chart.c2p(fits.lams[j], fits.error[k, j])
            marks.add(Dot(at, radius=0.1, color=style.color(role)))
            marks.add(DashedLine(chart.c2p(fits.lams[j], 8.0), at, color=style.color(role), stroke_width=2.5))
        self.play(Create(curves[0]), Create(curves[1]), run_time=1.8)
        self.wait_for("least")
        self.play(FadeIn(marks), run_time=1)
        self.wait_for("seeds")
        self.play(FadeIn(seeds.chart, seeds.names[:2], seeds.columns[:2], seeds.medians[:2]), run_time=1)
        self.play(Create(seeds.lines), run_time=2)
        self.wait_for("against")
        self.play(FadeIn(seeds.names[2], seeds.columns[2]), run_time=1)
        self.wait_for("best")
        self.play(Create(seeds.medians[2]), run_time=0.8)
