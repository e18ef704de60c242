"""Where few features matter, where all do, and where one of them turns noisy: lasso and ridge."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    LEFT,
    RIGHT,
    Create,
    FadeIn,
    GrowFromPoint,
    LaggedStart,
    Line,
    VGroup,
    Write,
    there_and_back,
)

from lecture.stage import LEFT_HALF, RIGHT_HALF, SAFE, SMALL, Chart, Region, question, step
from lecture.stage.drawing import swell
from lecture.stage.numbers import spoken_number
from lecture.stage.scatter import Scatter
from lecture.words import _, computed
from scenes.experiments.few_features import MATTER, NOISY, features_that_matter
from scenes.parts.scene import WeightDecayScene
from scenes.parts.ten_seeds import TenSeeds

#: The draw whose weights are drawn.
SEED = 1
_WIDE = Region(SAFE.left, 3.3, -3.0, 2.4)


def _median(experiment: Any, measure: str) -> Any:
    """The median of a measure over the draws, for words."""
    return computed(
        "np.median(values)", lambda v: spoken_number(v, 2), values=lambda p: experiment.values(measure)
    )


def _count(experiment: Any, expression: str) -> Any:
    """In how many draws something held, for words."""
    return computed("held", lambda v: f"{v:.0f}", held=lambda p: experiment.count(expression))


class FewFeaturesOrMany(WeightDecayScene):
    """Lasso predicts better where few features matter, ridge where all do, and where a feature may turn noisy."""

    title = _("Few features or *many*: L1 or L2")

    @step(
        say=_(
            "Twenty features, of which <two>two matter. <ridge>Ridge shrinks those that matter, and gives a "
            "<little>little to all the others. <lasso>Lasso sets <most>most of the others to zero. Each has the "
            "penalty that <chosen>cross-validation chose."
        ),
        shows=_(
            "Two rows of twenty bars with the true weights marked: two of them are not zero. Ridge has two bars that "
            "are too short and eighteen small ones; lasso has two longer bars and mostly zeros."
        ),
        covers=("C8",),
    )
    def spare_what_matters(self) -> None:
        fits = features_that_matter(2, SEED)
        self.play(Write(self.make_title()), run_time=0.8)
        rows = []
        for k, (name, role, weights) in enumerate(
            ((_("ridge"), "ridge", fits.ridge), (_("lasso"), "ink", fits.lasso))
        ):
            rows.append(self._row(k, name, role, weights, fits.truth))
        true = self.words(_("truth"), role="dim", size=SMALL).next_to(rows[0][1], RIGHT, buff=0.2)
        self.wait_for("two")
        self.play(*(FadeIn(row[0], row[1]) for row in rows), FadeIn(true), run_time=0.9)
        self.wait_for("ridge")
        self._grow(rows[0])
        self.wait_for("little")
        small = VGroup(*(bar for bar, w in zip(rows[0][2], fits.ridge, strict=True) if abs(w) < 0.5))
        self.play(swell(small, 22), run_time=1.4)
        self.wait_for("lasso")
        self._grow(rows[1])
        self.wait_for("most")
        zeros = np.flatnonzero(np.abs(fits.lasso) <= 1e-9) + 1.0
        nothing = Scatter(rows[1][0].c2p(zeros, 0.0 * zeros), self.style.ink, radius=0.08, hollow=True)
        self.play(FadeIn(nothing, scale=1.3), run_time=2.4)
        self.wait_for("chosen")
        captions = VGroup(*(row[3] for row in rows))
        self.play(captions.animate(rate_func=there_and_back).scale(1.1), run_time=1.4)

    def _grow(self, row: VGroup) -> None:
        """Let the bars of a row grow from zero, and name it."""
        chart, _truth, bars, caption = row
        floor = chart.c2p(0, 0)[1]
        self.play(
            LaggedStart(*(GrowFromPoint(b, [b.get_x(), floor, 0]) for b in bars), lag_ratio=0.05),
            FadeIn(caption),
            run_time=1.6,
        )

    def _row(self, k: int, name: Any, role: str, weights: np.ndarray, truth: np.ndarray) -> VGroup:
        """Axes, true weights, bars and name."""
        top = 2.3 - 2.7 * k
        region = Region(_WIDE.left, _WIDE.right, top - 2.35, top)
        chart = Chart(
            region, (0.2, 20.8), (-0.9, 2.7), self.style, labels=("", _("weights")), y_ticks={0: "0", 2: "2"}
        )
        chart.axes[0].move_to(chart.c2p(10.5, 0.0))
        marks = VGroup(
            *(
                Line(chart.c2p(j - 0.42, w), chart.c2p(j + 0.42, w), color=self.style.dim, stroke_width=5)
                for j, w in enumerate(truth, 1)
                if w
            )
        )
        bars = VGroup(
            *(
                Line(chart.c2p(j, 0), chart.c2p(j, w), color=self.style.color(role), stroke_width=14)
                for j, w in enumerate(weights, 1)
                if abs(w) > 1e-9
            )
        )
        caption = self.words(name, role=role).move_to(
            [_WIDE.right + 0.5, region.center[1], 0], aligned_edge=LEFT
        )
        return VGroup(chart, marks, bars, caption)

    @question(
        ask=_(
            "Where two features of twenty matter, lasso predicts better. Now let all twenty matter, each a little. "
            "Which one predicts better then?"
        ),
        shows=_("Errors of ten draws where two features matter: all fall from ridge to lasso."),
        choices=(_("still lasso"), _("ridge"), _("both alike")),
        answer=1,
        covers=("C8",),
    )
    def ask_where_all_matter(self) -> None:
        self.clear_stage()
        self.few = self._seeds(LEFT_HALF, "few", _("error, two features matter"))
        self.play(FadeIn(self.few.chart, self.few.names, self.few.columns[0]), run_time=0.6)
        self.play(Create(self.few.lines), FadeIn(self.few.columns[1], self.few.medians), run_time=1.2)

    def _seeds(self, region: Region, which: str, label: Any) -> TenSeeds:
        region = Region(region.left, region.right, region.bottom + 0.75, region.top)
        return TenSeeds(
            region,
            MATTER,
            (f"ridge_{which}", f"lasso_{which}"),
            (_("ridge"), _("lasso")),
            ("ridge", "ink"),
            self.style,
            label=label,
            y=(0.0, 9.0),
            ticks={0: "0", 5: "5"},
        )

    @step(
        say=_(
            "Ridge, in <all>{won} of 10 draws: to set a weight to zero that matters <costs>costs more than to "
            "shrink them all. So L1 is for <few>selecting, where few features matter; <many>L2 for everything else."
        ).format(won=_count(MATTER, "ridge_all < lasso_all")),
        shows=_(
            "At the left the errors where two features matter, lower with lasso; at the right those where all matter, "
            "lower with ridge: {ridge} instead of {lasso} in the median."
        ).format(ridge=_median(MATTER, "ridge_all"), lasso=_median(MATTER, "lasso_all")),
        covers=("C8",),
        experiments=(MATTER,),
    )
    def let_all_matter(self) -> None:
        many = self._seeds(RIGHT_HALF, "all", _("error, all twenty matter"))
        self.play(FadeIn(many.chart, many.names, many.columns[0]), run_time=0.6)
        self.wait_for("all")
        self.play(Create(many.lines), FadeIn(many.columns[1], many.medians), run_time=3)
        self.wait_for("costs")
        self.play(swell(many.medians[1], 14), run_time=1.6)
        self.wait_for("few")
        self.play(swell(self.few.medians[1], 14), run_time=1.8)
        self.wait_for("many")
        self.play(swell(many.medians[0], 14), run_time=1.4)

    @step(
        say=_(
            "One thing more. Four sensors <measure>measure the same. Lasso <leans>leans on one of them, ridge on all. "
            "If the sensor it relies on most turns <noisy>noisy, ridge <less>loses less, in {won} of 10 draws: large "
            "weights are <large>large risks."
        ).format(won=_count(NOISY, "worst_ridge < worst_lasso")),
        shows=_(
            "Errors of ten draws. While all sensors work, ridge and lasso are alike; when the most important one turns "
            "noisy, the error of lasso grows more: to {lasso}, of ridge to {ridge} in the median."
        ).format(lasso=_median(NOISY, "worst_lasso"), ridge=_median(NOISY, "worst_ridge")),
        covers=("C5", "C8"),
        experiments=(NOISY,),
    )
    def let_a_sensor_turn_noisy(self) -> None:
        self.clear_stage()
        pair = [
            TenSeeds(
                region,
                NOISY,
                (f"{when}_ridge", f"{when}_lasso"),
                (_("ridge"), _("lasso")),
                ("ridge", "ink"),
                self.style,
                label=label,
                y=(0.0, 4.4),
                ticks={0: "0", 2: "2", 4: "4"},
            )
            for region, when, label in (
                (LEFT_HALF, "before", _("error, all sensors work")),
                (RIGHT_HALF, "worst", _("error, the main one is noisy")),
            )
        ]
        for cue, seeds in zip(("measure", "noisy"), pair, strict=True):
            if cue == "measure":
                self.wait_for("measure")
            else:
                self.wait_for("noisy")
            self.play(FadeIn(seeds.chart, seeds.names, seeds.columns), run_time=0.7)
            self.play(Create(seeds.lines), FadeIn(seeds.medians), run_time=1.2)
            if cue == "measure":
                self.wait_for("leans")
                self.play(swell(seeds.medians, 14), run_time=2.6)
        self.wait_for("less")
        self.play(swell(pair[1].medians[0], 14), run_time=1.6)
        self.wait_for("large")
        self.play(swell(pair[1].medians[1], 14), run_time=1.2)
