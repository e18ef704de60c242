"""Decayed weights are past updates that fade: how long they are remembered, in steps and in epochs."""

from __future__ import annotations

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Create,
    FadeIn,
    FadeOut,
    LaggedStart,
    Line,
    Transform,
    TransformFromCopy,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
    linear,
    there_and_back,
)

from lecture.stage import SAFE, SMALL, Chart, Region, dashed, polyline, question, step
from lecture.stage.drawing import set_segments, swell
from lecture.words import _
from scenes.parts.scene import WeightDecayScene
from wdmath import decay_memory

ALPHA, LAM = 0.1, 0.25
#: Updates that are drawn, and the steps of an epoch.
UPDATES, EPOCH = 120, 40
# The chart of what is remembered, and the room above it for the formula.
PICTURE = Region(SAFE.left, SAFE.right, -2.95, 1.35)


def remembered(lam: float = LAM, updates: int = UPDATES) -> np.ndarray:
    """Weight of each past update over that of the last one, oldest first."""
    weights = decay_memory(ALPHA, lam, updates).weights
    return np.asarray(weights / weights[-1])


class DecayIsMemory(WeightDecayScene):
    """With decoupled decay the weights are a sum of past updates, which fade over 1/({rate}{lam}) steps."""

    title = _("Decay is *memory*")
    question_region = Region(SAFE.left, SAFE.right, 1.6, 2.5)

    @step(
        say=_(
            "Unroll the <rule>rule. Each step <shrink>multiplies the weights by one minus {rate} {lam}, and <add>adds "
            "an update. So the weights are a <sum>sum of all updates, and <age>each has been multiplied once for every "
            "step since."
        ),
        shows=_(
            "The rule of decoupled decay, and below it the weights as a sum of past updates, each multiplied by one "
            "minus alpha lambda once for every step since; the bars of past updates get shorter the older they are."
        ),
        covers=("C9",),
    )
    def unroll_the_rule(self) -> None:
        style = self.style
        self.rule = self.formula("@w arrow.l {{ (1 - @rate @lam) @w : shrink }} {{ - @rate @update : add }}")
        self.rule.move_to([SAFE.left, 2.55, 0], aligned_edge=LEFT)
        self.sum = self.formula(
            "@w = - @rate (@lastupdate + (1 - @rate @lam) @update2 + (1 - @rate @lam)^2 @update3 + dots.c)"
        )
        self.sum.move_to([SAFE.left, 1.75, 0], aligned_edge=LEFT)
        self.chart = Chart(
            PICTURE,
            (-UPDATES - 1.0, 1.5),
            (0.0, 1.12),
            style,
            labels=(_("steps ago"), _("how much an update counts")),
            x_ticks={-UPDATES: str(UPDATES), -80: "80", -40: "40"},
            y_ticks={0: "0", 1: "1"},
        )
        self.play(Write(self.make_title()), run_time=0.8)
        self.wait_for("rule")
        self.play(FadeIn(self.rule), run_time=1)
        self.wait_for("shrink")
        self.play(self.rule.select("shrink").animate(rate_func=there_and_back).scale(1.12), run_time=1.6)
        self.wait_for("add")
        self.play(self.rule.select("add").animate(rate_func=there_and_back).scale(1.12), run_time=1.2)
        self.wait_for("sum")
        self.play(FadeIn(self.sum, shift=0.2 * DOWN), FadeIn(self.chart), run_time=1.2)
        self.wait_for("age")
        self.age = ValueTracker(0.0)
        self.bars = VMobject(color=style.ridge, stroke_width=5)
        self.follow(self.bars, self._stream, self.age)
        self.add(self.bars)
        self.play(self.age.animate(rate_func=linear).set_value(float(UPDATES)), run_time=4)

    def _stream(self, bars: VMobject) -> None:
        """So many updates so far: each began at the right with height 1 and has shrunk in every step since."""
        self._stand(bars, LAM, self.age.get_value())

    def _stand(self, bars: VMobject, lam: float, updates: float, alpha: float = ALPHA) -> None:
        ages = np.arange(int(updates))[::-1] + updates % 1
        heights = (1 - alpha * lam) ** ages
        inside = ages < UPDATES + 0.5
        feet = self.chart.c2p(-ages[inside], 0 * heights[inside])
        if len(feet):
            set_segments(bars, feet, self.chart.c2p(-ages[inside], heights[inside]))

    @step(
        say=_(
            "So decay <forgets>forgets. After <time>one over {rate} {lam} steps, <forty>forty here, an update counts "
            "only a <third>third of what it did, and after <three>three times that, <nothing>nothing to speak of. What "
            "the start was made of is <gone>gone, too."
        ),
        shows=_(
            "The bars fall like an exponential; a mark stands at forty steps, one over alpha lambda, where they are at "
            "about a third of the height."
        ),
        covers=("C9",),
    )
    def forget(self) -> None:
        style, chart = self.style, self.chart
        time = 1 / (ALPHA * LAM)
        self.mark = dashed(polyline(chart.c2p([-time, -time], [0.0, 1.05]), style.penalty, 4))
        number = self.number(
            "1 / (alpha * lam)", digits=2, template="1 / (@rate @lam) = {}", alpha=ALPHA, lam=LAM
        )
        number.next_to(chart.c2p(-time, 0.95), LEFT, buff=0.25)
        left = self.number(
            "decay_memory(alpha, lam, 41).weights[0] / alpha", digits=2, size=SMALL, alpha=ALPHA, lam=LAM
        )
        left.next_to(chart.c2p(-time, 0.37), LEFT + UP, buff=0.12)
        self.bars.clear_updaters()
        self.wait_for("forgets")
        self.play(swell(self.bars, 8), run_time=1.2)
        self.wait_for("time")
        self.play(Create(self.mark), run_time=1)
        self.wait_for("forty")
        self.play(FadeIn(number), run_time=1)
        self.wait_for("third")
        self.play(FadeIn(left, scale=1.4), run_time=1)
        self.wait_for("three")
        thrice = self.mark.copy().shift(chart.c2p(-3 * time, 0.0) - chart.c2p(-time, 0.0))
        self.play(TransformFromCopy(self.mark, thrice), run_time=1.4)
        self.wait_for("nothing")
        self.play(swell(thrice, 9), run_time=1.2)
        self.wait_for("gone")
        old = Line(chart.c2p(-UPDATES, 0), chart.c2p(-80, 0), color=style.dim, stroke_width=9)
        self.play(Create(old), run_time=1)
        self.notes = VGroup(number, left, old, thrice)

    @question(
        ask=_(
            "Let an epoch be forty steps. Now there are twice the data, so that an epoch takes eighty. Which {lam} "
            "remembers just as many epochs as before?"
        ),
        shows=_("The bars with marks at the ends of epochs, forty steps apart."),
        choices=(_("twice as large"), _("the same"), _("half as large")),
        answer=2,
        covers=("C9",),
    )
    def ask_for_twice_the_data(self) -> None:
        self.epochs = self._epochs(EPOCH)
        self.play(FadeOut(self.notes, self.mark, self.rule, self.sum), run_time=0.6)
        self.play(LaggedStart(*(Create(mark) for mark in self.epochs), lag_ratio=0.8), run_time=3)

    def _epochs(self, steps: int) -> VGroup:
        """Ends of epochs as strokes through the axis."""
        marks = VGroup()
        for k in range(1, UPDATES // steps + 1):
            at = self.chart.c2p(-k * steps, 0.0)
            marks.add(Line(at, at + 3.3 * UP, color=self.style.line, stroke_width=2))
        return marks

    @step(
        say=_(
            "Half of it. With twice the <data>steps in an epoch, the old memory <old>covers only half an epoch. Halve "
            "the decay, and it <half>covers a whole one again. It was <found>found that the best memory, counted in "
            "<epochs>epochs, hardly changes with the amount of data."
        ),
        shows=_(
            "The marks of epochs stand eighty steps apart, and the bars fall half as fast: at the first mark they have "
            "the height that they had at the first mark before."
        ),
        covers=("C9",),
    )
    def halve_the_decay(self) -> None:
        wide = self._epochs(2 * EPOCH)
        self.wait_for("data")
        self.play(Transform(self.epochs[0], wide[0]), FadeOut(*self.epochs[1:]), run_time=1.5)
        lam = ValueTracker(LAM)
        self.wait_for("old")
        self.play(swell(self.bars, 8), run_time=1.4)
        self.follow(self.bars, lambda m: self._stand(m, lam.get_value(), float(UPDATES)), lam)
        name = self.formula("@lam =", role="penalty").move_to([SAFE.left, 2.2, 0], aligned_edge=LEFT)
        number = self.live_number("lam", lam, decimals=3, role="penalty")
        number.follow_equals(name)
        self.play(FadeIn(name, number), run_time=0.5)
        self.wait_for("half")
        self.play(lam.animate.set_value(LAM / 2), run_time=2.5)
        self.lam, self.reading = lam, VGroup(name, number)
        source = self.words(_("after Wang and Aitchison (2025)"), role="dim", size=SMALL)
        source.move_to([SAFE.right, 2.2, 0], aligned_edge=RIGHT)
        self.wait_for("found")
        self.play(FadeIn(source), run_time=0.8)
        self.wait_for("epochs")
        self.play(swell(self.epochs[0], 7), run_time=1.8)

    @step(
        say=_(
            "A wider network is often given <small>smaller steps. With half the step size it would <long>remember "
            "twice as long. So {lam} has to <double>double, and the memory is what it was."
        ),
        shows=_(
            "The step size is halved and the decay doubled: the bars, which had become nearly level, are as they were "
            "before."
        ),
        covers=("C9",),
    )
    def widen_the_network(self) -> None:
        alpha, lam = ValueTracker(ALPHA), self.lam
        self.bars.clear_updaters()
        self.follow(
            self.bars,
            lambda m: self._stand(m, lam.get_value(), float(UPDATES), alpha.get_value()),
            alpha,
            lam,
        )
        name = self.formula("@rate =").next_to(self.reading, RIGHT, buff=0.9)
        name.shift((self.reading[0].submobjects[-1].get_y() - name.submobjects[-1].get_y()) * UP)
        number = self.live_number("alpha", alpha, decimals=2, variable="alpha")
        number.follow_equals(name)
        self.play(FadeIn(name, number), run_time=0.5)
        self.wait_for("small")
        self.play(alpha.animate.set_value(ALPHA / 2), run_time=2.5)
        self.wait_for("long")
        self.play(swell(self.epochs[0], 7), run_time=1.6)
        self.wait_for("double")
        self.play(lam.animate.set_value(LAM), run_time=2.5)
        self.alpha = alpha
