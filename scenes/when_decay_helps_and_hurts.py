"""Where examples are few, decay helps, and too much of it hurts everywhere: images of digits, and rules of practice."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    Create,
    DashedLine,
    Dot,
    FadeIn,
    Indicate,
    LaggedStart,
    VGroup,
    Write,
    linear,
    there_and_back,
)

from lecture.stage import LEFT_HALF, RIGHT_HALF, SAFE, Chart, Region, question, step
from lecture.stage.drawing import swell
from lecture.stage.numbers import spoken_number
from lecture.words import _, computed
from scenes.experiments.few_examples import DOCUMENTS, IMAGES, images
from scenes.parts.digit_images import digit_image
from scenes.parts.scene import WeightDecayScene
from scenes.parts.ten_seeds import TenSeeds

#: The draw that is shown.
SEED = 0
# From the smallest penalty of the sweep to the largest, and the losses that are drawn.
_LAMS, _LOSSES = (7e-7, 1.5), (0.0, 2.4)


def _loss(each: int, which: Any) -> Any:
    """A loss on new images, for words."""
    return computed(
        "losses[k]",
        lambda v: spoken_number(v, 2),
        losses=lambda p: images(each, SEED).losses,
        k=lambda p: which(images(each, SEED)),
    )


class WhenDecayHelpsAndHurts(WeightDecayScene):
    """Decay helps most where examples are few, and hurts everywhere where it is too strong."""

    title = _("When decay *helps*, and when it hurts")

    @step(
        say=_(
            "Handwritten digits again, and now only <three>three of each to learn from: <pixels>sixty-four pixels, "
            "thirty images. Over the <penalty>penalty, the loss on new images falls at first: <none>{none} almost "
            "without, <least>{best} at the penalty that validation <best>chose. Beyond it, it <rises>rises steeply."
        ).format(none=_loss(3, lambda s: 0), best=_loss(3, lambda s: s.chosen)),
        shows=_(
            "Three images of each digit. At the right the loss on new images over the penalty: it falls, has its "
            "lowest place near a mark for the chosen penalty, and rises beyond."
        ),
        covers=("C8",),
        experiments=(IMAGES,),
    )
    def learn_from_three_of_each(self) -> None:
        style, sweep = self.style, images(3, SEED)
        self.play(Write(self.make_title()), run_time=0.8)
        order = np.argsort(sweep.data.y, kind="stable")
        pictures = VGroup()
        for k, row in enumerate(order):
            corner = np.array(
                [LEFT_HALF.left + 0.1 + 1.2 * (k // 3 % 5), 2.1 - 0.85 * (k % 3) - 2.7 * (k // 15), 0]
            )
            pictures.add(digit_image(sweep.data.X[row], corner, 0.082, style))
        self.wait_for("three")
        self.play(LaggedStart(*(FadeIn(p) for p in pictures), lag_ratio=0.03), run_time=1.8)
        self.chart = chart = Chart(
            RIGHT_HALF,
            _LAMS,
            _LOSSES,
            style,
            labels=("@lam", _("loss on new images")),
            x_ticks={1e-5: "10^(-5)", 1e-3: "10^(-3)", 0.1: "0.1"},
            y_ticks={0: "0", 1: "1", 2: "2"},
            x_log=True,
        )
        k = sweep.chosen
        below, beyond = slice(0, k + 1), slice(k, None)
        self.wait_for("pixels")
        self.play(pictures[0].animate(rate_func=there_and_back).scale(1.4), run_time=1.2)
        self.play(FadeIn(chart), run_time=0.6)
        self.wait_for("penalty")
        self.play(
            Create(chart.curve(sweep.lams[below], sweep.losses[below], style.ridge, width=5)), run_time=2.5
        )
        first = Dot(chart.c2p(sweep.lams[0], sweep.losses[0]), radius=0.1, color=style.minimizer)
        self.wait_for("none")
        self.play(FadeIn(first, scale=2), run_time=0.8)
        at = chart.c2p(sweep.lams[k], sweep.losses[k])
        mark = VGroup(
            DashedLine(chart.c2p(sweep.lams[k], 0.0), at, color=style.penalty, stroke_width=3.5),
            Dot(at, radius=0.1, color=style.ridge),
        )
        self.wait_for("least")
        self.play(FadeIn(mark[1], scale=2), run_time=1.6)
        self.wait_for("best")
        self.play(FadeIn(mark[0]), run_time=0.8)
        self.wait_for("rises")
        rise = chart.curve(sweep.lams[beyond], sweep.losses[beyond], style.ridge, width=5)
        self.play(Create(rise, rate_func=linear), run_time=1.5)

    @question(
        ask=_("With three of each, the penalty lowers the loss in all ten draws. And with fifty of each?"),
        shows=_("Losses of ten draws with three images of each digit: all fall with the chosen penalty."),
        choices=(_("it helps more"), _("it helps less"), _("it hurts")),
        answer=1,
        covers=("C8",),
    )
    def ask_for_more_images(self) -> None:
        self.clear_stage()
        self.few = self._seeds(LEFT_HALF, 3, _("loss, 3 of each digit"))
        self.play(FadeIn(self.few.chart, self.few.names, self.few.columns[0]), run_time=0.6)
        self.play(Create(self.few.lines), FadeIn(self.few.columns[1], self.few.medians), run_time=1.2)

    def _seeds(self, region: Region, each: int, label: Any) -> TenSeeds:
        region = Region(region.left, region.right, region.bottom + 0.75, region.top)
        return TenSeeds(
            region,
            IMAGES,
            (f"none_{each}", f"chosen_{each}"),
            (_("almost none"), _("chosen")),
            ("minimizer", "ridge"),
            self.style,
            label=label,
            y=(0.0, 1.7),
            ticks={0: "0", 1: "1"},
        )

    @step(
        say=_(
            "With <fifty>fifty, less: and in {unpenalized} of 10 draws validation <almost>chose almost no penalty. "
            "What <many>many examples say, needs no prior. Short <texts>texts are like few images, with <words>more "
            "words than documents: there, the penalty <won>won in {won} of 10."
        ).format(
            unpenalized=computed(
                "held", lambda v: f"{v:.0f}", held=lambda p: IMAGES.count("chosen_50 == none_50")
            ),
            won=computed("held", lambda v: f"{v:.0f}", held=lambda p: DOCUMENTS.held),
        ),
        shows=_(
            "At the left the losses with three of each digit, at the right with fifty: they fall little, and three of "
            "them not at all."
        ),
        covers=("C8",),
        experiments=(IMAGES, DOCUMENTS),
    )
    def learn_from_fifty_of_each(self) -> None:
        many = self._seeds(RIGHT_HALF, 50, _("loss, 50 of each digit"))
        self.play(FadeIn(many.chart, many.names, many.columns[0]), run_time=0.6)
        self.wait_for("fifty")
        self.play(Create(many.lines), FadeIn(many.columns[1], many.medians), run_time=3)
        self.wait_for("almost")
        self.play(swell(many.medians[0], 14), run_time=1.6)
        self.wait_for("many")
        self.play(swell(many.medians[1], 14), run_time=1.6)
        self.wait_for("texts")
        self.clear_stage()
        texts = TenSeeds(
            Region(LEFT_HALF.left + 3.0, RIGHT_HALF.right - 3.0, LEFT_HALF.bottom + 0.3, LEFT_HALF.top),
            DOCUMENTS,
            ("loss_before", "loss_at", "loss_beyond"),
            (_("almost none"), _("chosen"), _("ten times that")),
            ("minimizer", "ridge", "dim"),
            self.style,
            label=_("loss on new documents"),
            y=(0.0, 1.2),
            ticks={0: "0", 1: "1"},
        )
        self.play(FadeIn(texts.chart, texts.names, texts.columns[0]), run_time=0.6)
        self.wait_for("words")
        self.play(FadeIn(texts.columns[1:]), run_time=1)
        self.wait_for("won")
        self.play(Create(texts.lines), FadeIn(texts.medians), run_time=1.4)

    @step(
        say=_(
            "So, in practice: <one>scale first. <two>Choose the penalty by validation, <never>never by looking at the "
            "truth. <three>Use L2, and L1 to select. <four>Mind the rare class. And leave the <five>bias alone, or "
            "nearly."
        ),
        shows=_(
            "Five rules: scale the features first; choose the penalty by validation; L2 by default, L1 to select; mind "
            "the rare class; no penalty, or a far smaller one, on the bias."
        ),
        covers=("C8",),
    )
    def keep_to_good_practice(self) -> None:
        self.clear_stage()
        rules = VGroup(
            self.words(_("*Scale* the features first.")),
            self.words(_("Choose {lam} by *validation*.")),
            self.words(_("*L2* by default, *L1* to select.")),
            self.words(_("Mind the *rare* class, and its price.")),
            self.words(_("*No* penalty on the bias, or a far smaller one.")),
        ).arrange(DOWN, buff=0.55, aligned_edge=LEFT)
        rules.move_to([SAFE.left + 1.2, -0.2, 0], aligned_edge=LEFT)
        dots = VGroup(
            *(
                Dot(radius=0.09, color=self.style.ridge).next_to(rule, LEFT, buff=0.4).set_x(SAFE.left + 0.7)
                for rule in rules
            )
        )
        self.wait_for("one")
        self._say(rules[0], dots[0])
        self.wait_for("two")
        self._say(rules[1], dots[1])
        self.wait_for("never")
        self.play(Indicate(dots[1], color=self.style.ridge, scale_factor=2.2), run_time=1.4)
        self.wait_for("three")
        self._say(rules[2], dots[2])
        self.wait_for("four")
        self._say(rules[3], dots[3])
        self.wait_for("five")
        self._say(rules[4], dots[4])

    def _say(self, rule: Any, dot: Dot) -> None:
        self.play(FadeIn(dot, scale=0.5), FadeIn(rule, shift=0.2 * RIGHT), run_time=0.7)
