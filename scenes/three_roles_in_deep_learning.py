"""What decay does in a small real network: a schedule of the step size, and three roles that the literature names."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Create,
    FadeIn,
    LaggedStart,
    Line,
    Rectangle,
    VGroup,
    Write,
)

from lecture.stage import BODY, LEFT_HALF, RIGHT_HALF, SAFE, SMALL, Arrow, Chart, Region, question, step
from lecture.stage.drawing import swell
from lecture.words import _, computed
from scenes.experiments.digits import load_digits
from scenes.experiments.network import (
    DECAY,
    LOW_PRECISION,
    ONE_PASS,
    REPLAY,
    REPLAYED,
    STEPS,
    Arm,
    low_precision,
    replay,
    train,
)
from scenes.parts.digit_images import digit_image
from scenes.parts.scene import WeightDecayScene
from scenes.parts.ten_seeds import TenSeeds

#: The seed of the curves that are drawn.
SEED = 4
_UPPER = Region(LEFT_HALF.left, LEFT_HALF.right, LEFT_HALF.bottom, LEFT_HALF.top)


def _held(experiment: Any, expression: str) -> Any:
    """In how many seeds something held, for words."""
    return computed("held", lambda v: f"{v:.0f}", held=lambda problem: experiment.count(expression))


def _median(experiment: Any, measure: str, digits: int = 2) -> Any:
    """The median of a measure over the seeds, for words."""
    return computed(
        "np.median(values)", lambda v: f"{v:.{digits}f}", values=lambda problem: experiment.values(measure)
    )


class ThreeRolesInDeepLearning(WeightDecayScene):
    """In a normalized network decay does nothing that a schedule of the step size could not, and yet it helps."""

    title = _("Three roles in a *real network*")
    question_region = Region(RIGHT_HALF.left, RIGHT_HALF.right, -1.0, 1.0)

    @step(
        say=_(
            "A small <network>network on real data: handwritten digits, two <hidden>hidden layers, some three thousand "
            "<weights>weights. It is <normal>normalized before each nonlinearity, so that the <length>length of its "
            "weights means nothing. And yet it is <decay>trained with decay. Why?"
        ),
        shows=_(
            "Twelve images of handwritten digits; beside them the layers of the network as bars with their sizes: 64 "
            "pixels, 32, 32, 10 digits, and a mark for the normalization between them."
        ),
        covers=("C9",),
    )
    def meet_the_network(self) -> None:
        self.play(Write(self.make_title()), run_time=0.8)
        digits = self._digits()
        self.play(LaggedStart(*(FadeIn(d, scale=0.7) for d in digits), lag_ratio=0.06), run_time=1.4)
        self.wait_for("network")
        layers, names, arrows = self._layers()
        self.play(
            LaggedStart(*(FadeIn(layer) for layer in layers), lag_ratio=0.2), FadeIn(names), run_time=1.4
        )
        self.wait_for("hidden")
        self.play(*(swell(layer, 6) for layer in layers[1:3]), run_time=1.2)
        self.wait_for("weights")
        self.play(*(Create(a.shaft) for a in arrows), *(FadeIn(a.tip) for a in arrows), run_time=0.8)
        self.wait_for("normal")
        mark = self.words(_("normalized"), role="ridge", size=SMALL)
        mark.move_to([arrows[1].get_center()[0], 1.55, 0])
        self.play(FadeIn(mark), run_time=0.8)
        self.play(*(swell(layer, 6) for layer in layers[1:3]), run_time=1.2)
        self.wait_for("length")
        # Longer arrows, the same layers behind them: the length means nothing.
        self.play(*(swell(arrow.shaft, 9) for arrow in arrows), run_time=1.8)
        self.wait_for("decay")
        self.play(*(swell(arrow.shaft, 1) for arrow in arrows), run_time=1.4)

    def _digits(self) -> VGroup:
        """Twelve images."""
        X, y = load_digits()
        chosen = [int(np.flatnonzero(y == digit)[3]) for digit in (*range(10), 2, 8)]
        return VGroup(
            *(
                digit_image(
                    X[row],
                    np.array([LEFT_HALF.left + 0.2 + 1.45 * (k % 4), 1.9 - 1.5 * (k // 4), 0]),
                    0.145,
                    self.style,
                )
                for k, row in enumerate(chosen)
            )
        )

    def _layers(self) -> tuple[VGroup, VGroup, VGroup]:
        """Layers as bars, what they hold, and arrows between them."""
        sizes = (64, 32, 32, 10)
        layers, names = VGroup(), VGroup()
        xs = np.linspace(RIGHT_HALF.left + 0.9, RIGHT_HALF.right - 0.9, 4)
        for x, size in zip(xs, sizes, strict=True):
            bar = Rectangle(width=0.5, height=0.055 * size, color=self.style.ink, stroke_width=2.5)
            layers.add(bar.move_to([x, 0.3, 0]))
            number = self.formula(str(size), size=SMALL)
            names.add(number.next_to(bar, DOWN, buff=0.2))
        for k, message in ((0, _("pixels")), (3, _("digits"))):
            word = self.words(message, role="dim", size=SMALL)
            names.add(word.next_to(names[k], DOWN, buff=0.15))
        arrows = VGroup(
            *(
                Arrow(
                    a.get_right() + 0.1 * RIGHT, b.get_left() + 0.1 * LEFT, self.style.dim, width=3, tip=0.18
                )
                for a, b in zip(layers[:-1], layers[1:], strict=True)
            )
        )
        return layers, names, arrows

    @step(
        say=_(
            "With and without decay, each with the step size that <valid>validation chose. The training loss ends "
            "lower with <decay>decay, in {train} of 10 runs. The <test>test loss does in {test} of 10: <few>too few to "
            "say that it generalizes better."
        ).format(train=_held(DECAY, "train_decay < train_none"), test=_held(DECAY, "test_decay < test_none")),
        shows=_(
            "At the left the training losses of a run over 1500 steps on a logarithmic axis: the one with decay ends "
            "lower. At the right the test losses of ten runs, without decay and with it, joined by lines: most of them "
            "fall, not all."
        ),
        covers=("C9",),
        experiments=(DECAY,),
    )
    def compare_fairly(self) -> None:
        style = self.style
        self.clear_stage()
        self.note = self.make_note(_("real data"))
        arms = self._arms(DECAY)
        runs = train(SEED, arms)
        chart = self._over_steps(_UPPER, _("training loss"), (0.007, 3.0), {0.1: "0.1", 1: "1"})
        seeds = TenSeeds(
            RIGHT_HALF,
            DECAY,
            ("test_none", "test_decay"),
            (_("no decay"), _("decay")),
            ("minimizer", "ridge"),
            style,
            label=_("test loss, ten runs"),
            y=(0.0, 0.2),
            ticks={0: "0", 0.1: "0.1"},
        )
        self.play(FadeIn(chart, self.note), run_time=0.6)
        self.wait_for("valid")
        none = chart.curve(runs.steps, runs.train[0], style.minimizer, dash=True)
        decay = chart.curve(runs.steps, runs.train[1], style.ridge)
        texts = VGroup(
            self.words(_("no decay"), role="minimizer", size=SMALL).move_to(
                chart.c2p(STEPS, 1.9), aligned_edge=RIGHT
            ),
            self.words(_("decay"), role="ridge", size=SMALL).move_to(
                chart.c2p(STEPS, 0.95), aligned_edge=RIGHT
            ),
        )
        self.play(Create(none), FadeIn(texts[0]), run_time=1.6)
        self.wait_for("decay")
        self.play(Create(decay), FadeIn(texts[1]), run_time=1.6)
        self.play(FadeIn(self._ends(chart, runs.train)), run_time=0.5)
        self.wait_for("test")
        self.play(FadeIn(seeds.chart, seeds.names, seeds.columns[0]), run_time=0.8)
        self.play(Create(seeds.lines), FadeIn(seeds.columns[1]), run_time=1)
        self.wait_for("few")
        self.play(LaggedStart(*(Create(m) for m in seeds.medians), lag_ratio=0.6), run_time=1.6)

    def _arms(self, experiment: Any) -> tuple[Arm, Arm]:
        """The settings that validation chose for the seed that is drawn."""
        found = experiment.results[SEED]
        return Arm(found["alpha_none"]), Arm(found["alpha_decay"], found["lam"])

    def _over_steps(
        self, region: Region, name: Any, ends: tuple[float, float], ticks: dict[float, str], log: bool = True
    ) -> Chart:
        return Chart(
            region,
            (0, STEPS),
            ends,
            self.style,
            labels=(_("step"), name),
            x_ticks={0: "0", 500: "500", 1000: "1000"},
            y_ticks=ticks,
            y_log=log,
        )

    def _ends(self, chart: Chart, values: np.ndarray) -> VGroup:
        """The last values, beside the ends of the curves."""
        numbers = VGroup()
        for k, (role, side) in enumerate((("minimizer", UP), ("ridge", DOWN))):
            number = self.number("values[-1]", digits=2, role=role, size=SMALL, values=values[k])
            at = chart.c2p(STEPS, values[k][-1])
            numbers.add(number.next_to(at, side, buff=0.2).align_to(at, RIGHT))
        return numbers

    @question(
        ask=_("Could the run with decay be repeated exactly, loss by loss, without any decay?"),
        shows=_("The curve of the training loss with decay."),
        choices=(
            _("no"),
            _("yes, by other steps"),
            _("only at first"),
        ),
        answer=1,
    )
    def ask_for_a_repetition(self) -> None:
        self.runs = replay(SEED, REPLAYED)
        self.clear_stage(self.note)
        self.chart = self._over_steps(_UPPER, _("training loss"), (0.007, 3.0), {0.1: "0.1", 1: "1"})
        self.solid = self.chart.curve(self.runs.steps, self.runs.train[0], self.style.ridge, width=7)
        self.play(FadeIn(self.chart), run_time=0.6)
        self.play(Create(self.solid), run_time=1.2)

    @step(
        say=_(
            "Yes. Where only directions count, a <scaled>step scaled by the squared length turns the weights alike. "
            "Without decay they grow <long>three times as long, and yet every loss is the <same>same. Here decay is a "
            "<schedule>schedule of the step size: that, and nothing else."
        ),
        shows=_(
            "The dashed curve of a run without decay lies on that with decay. At the right the lengths of the first "
            "layer: with decay it ends at {short}, without at {long}."
        ).format(
            short=computed(
                "values[-1]", lambda v: f"{v:.1f}", values=lambda p: replay(SEED, REPLAYED).length[0]
            ),
            long=computed(
                "values[-1]", lambda v: f"{v:.1f}", values=lambda p: replay(SEED, REPLAYED).length[1]
            ),
        ),
        covers=("C9",),
        experiments=(REPLAY,),
    )
    def replay_without_decay(self) -> None:
        style, runs = self.style, self.runs
        length = self._over_steps(
            RIGHT_HALF, _("length of the first layer"), (0, 20), {0: "0", 10: "10"}, False
        )
        self.play(FadeIn(length), run_time=1.4)
        self.wait_for("scaled")
        dashes = self.chart.curve(runs.steps, runs.train[1], style.minimizer, dash=True)
        lines = (
            length.curve(runs.steps, runs.length[0], style.ridge),
            length.curve(runs.steps, runs.length[1], style.minimizer, dash=True),
        )
        self.play(Create(lines[0]), run_time=3)
        self.wait_for("long")
        self.play(Create(lines[1]), Create(dashes), run_time=2.4)
        self.wait_for("same")
        names = VGroup(
            self.words(_("decay"), role="ridge", size=SMALL).move_to(length.c2p(1100, 3.4)),
            self.words(_("no decay, scaled steps"), role="minimizer", size=SMALL).move_to(
                length.c2p(STEPS, 8.4), aligned_edge=RIGHT
            ),
        )
        self.play(FadeIn(names), run_time=0.6)
        self.wait_for("schedule")
        self.play(swell(self.solid, 12), *(swell(line, 8) for line in lines), run_time=2)

    @step(
        say=_(
            "Second: when no image is ever seen <once>twice, there is little to overfit. Yet decay lowers <both>both "
            "losses, training and <test>test, in {held} of 10 runs: a <balance>balance of bias and variance, as the "
            "literature has it."
        ).format(held=_held(ONE_PASS, "train_decay < train_none and test_decay < test_none")),
        shows=_(
            "Two charts with ten runs each, no image seen twice. The training losses fall with decay, from {none} to "
            "{decay} in the median; the test losses as well."
        ).format(none=_median(ONE_PASS, "train_none"), decay=_median(ONE_PASS, "train_decay")),
        covers=("C9",),
        experiments=(ONE_PASS,),
    )
    def see_every_image_once(self) -> None:
        self.clear_stage()
        self.note = self.make_note(_("never twice"))
        pair = [
            TenSeeds(
                region,
                ONE_PASS,
                (f"{what}_none", f"{what}_decay"),
                (_("no decay"), _("decay")),
                ("minimizer", "ridge"),
                self.style,
                label=label,
                y=(0.27, 0.46),
                ticks={0.3: "0.3", 0.4: "0.4"},
            )
            for region, what, label in (
                (LEFT_HALF, "train", _("training loss, ten runs")),
                (RIGHT_HALF, "test", _("test loss, ten runs")),
            )
        ]
        self.wait_for("once")
        self.play(*(FadeIn(p.chart, p.names) for p in pair), FadeIn(self.note), run_time=0.8)
        self.play(*(FadeIn(p.columns[0], p.medians[0]) for p in pair), run_time=1.2)
        for cue, seeds in zip(("both", "test"), pair, strict=True):
            if cue == "both":
                self.wait_for("both")
            else:
                self.wait_for("test")
            self.play(Create(seeds.lines), FadeIn(seeds.columns[1]), run_time=1.4)
        self.wait_for("balance")
        self.play(*(Create(p.medians[1]) for p in pair), run_time=0.8)
        self.play(*(swell(median, 12) for p in pair for median in p.medians), run_time=1.4)

    @step(
        say=_(
            "Third: bfloat16, in which a number has <bits>eight bits. The <lost>longer the weights, the more of their "
            "small steps are rounded away. Without decay that <costs>costs training loss, in {none} of 10 runs. "
            "With <less>decay it costs less in {less}: <few>too few to say so. "
            "Weights <master>kept in float32 are the other cure."
        ).format(
            none=_held(LOW_PRECISION, "train_none_bfloat16 > train_none_float32"),
            less=_held(
                LOW_PRECISION,
                "train_none_bfloat16 - train_none_float32 > train_decay_bfloat16 - train_decay_float32",
            ),
        ),
        shows=_(
            "At the left the share of steps rounded away over training, higher without decay. At the right the "
            "training losses of ten runs without decay in float32 and in bfloat16, and with decay in both."
        ),
        covers=("C9",),
        experiments=(LOW_PRECISION,),
    )
    def round_steps_away(self) -> None:
        style = self.style
        self.clear_stage()
        self.note = self.make_note(_("weights in bfloat16"))
        runs = low_precision(SEED)[1]["bfloat16"]
        chart = self._over_steps(
            _UPPER, _("share of steps rounded away"), (0, 1.05), {0: "0", 0.5: "0.5", 1: "1"}, False
        )
        seeds = TenSeeds(
            RIGHT_HALF,
            LOW_PRECISION,
            ("train_none_float32", "train_none_bfloat16", "train_decay_float32", "train_decay_bfloat16"),
            (_("no decay, float32"), _("bfloat16"), _("decay, float32"), _("bfloat16")),
            ("minimizer", "minimizer", "ridge", "ridge"),
            style,
            label=_("training loss, ten runs"),
            y=(0.0, 0.06),
            ticks={0: "0", 0.05: "0.05"},
        )
        self.play(FadeIn(chart), run_time=0.6)
        self.wait_for("bits")
        self.play(FadeIn(self.note), run_time=0.8)
        self.wait_for("lost")
        curves = (
            chart.curve(runs.steps[:-1], runs.lost[0, :-1], style.minimizer, dash=True),
            chart.curve(runs.steps[:-1], runs.lost[1, :-1], style.ridge),
        )
        self.play(Create(curves[0]), Create(curves[1]), run_time=3.4)
        self.wait_for("costs")
        self.play(FadeIn(seeds.chart, seeds.names), run_time=0.5)
        self.play(*(FadeIn(seeds.columns[k]) for k in (0, 1)), run_time=0.8)
        self.play(*(Create(seeds.medians[k]) for k in (0, 1)), run_time=0.8)
        self.wait_for("less")
        self.play(*(FadeIn(seeds.columns[k]) for k in (2, 3)), run_time=0.6)
        self.play(*(Create(seeds.medians[k]) for k in (2, 3)), run_time=0.6)
        self.wait_for("few")
        self.play(Create(seeds.lines), run_time=1.8)
        self.wait_for("master")
        self.play(*(swell(seeds.medians[k], 12) for k in (0, 2)), run_time=1.4)

    @step(
        say=_(
            "Three roles, then: decay <first>sets how fast directions turn, <second>trades bias for variance, and "
            "<third>keeps low precision at work. In <modern>modern networks it is <rarely>rarely a penalty on "
            "complexity. Our network <ours>shows that it can be so, not how much in yours."
        ),
        shows=_(
            "Three columns with the roles: how fast directions turn, bias and variance in one pass, low precision; "
            "below each in how many of ten runs the claim held; and the sources."
        ),
        covers=("C9",),
    )
    def shape_the_dynamics(self) -> None:
        self.clear_stage()
        width = (SAFE.width - 1.0) / 3
        columns = (
            ("first", _("*sets* how fast\\ directions turn"), REPLAY),
            ("second", _("*trades* bias\\ for variance"), ONE_PASS),
            ("third", _("*keeps* low precision\\ at work"), LOW_PRECISION),
        )
        counts = VGroup()
        for k, (cue, caption, experiment) in enumerate(columns):
            x = SAFE.left + width / 2 + k * (width + 0.5)
            text = self.words(_("#align(center)[{caption}]").format(caption=caption), width=width, size=BODY)
            squares = VGroup(
                *(
                    Rectangle(
                        width=0.24,
                        height=0.24,
                        color=self.style.ridge,
                        stroke_width=2.5,
                        fill_opacity=float(experiment.is_held(experiment.results[seed])),
                    )
                    for seed in experiment.seeds
                )
            ).arrange(RIGHT, buff=0.09)
            counts.add(squares.move_to([x, 0.1, 0]))
            text.next_to(squares, UP, buff=0.4)
            digits = len(str(experiment.held))
            shown = self.number("held", digits=digits, role="ridge", size=SMALL, held=experiment.held)
            held = VGroup(shown, self.words(_("of 10 runs"), role="dim", size=SMALL)).arrange(
                RIGHT, buff=0.15
            )
            held.next_to(squares, DOWN, buff=0.25)
            if cue == "first":
                self.wait_for("first")
            elif cue == "second":
                self.wait_for("second")
            else:
                self.wait_for("third")
            self.play(FadeIn(text, shift=0.2 * UP), Create(squares), FadeIn(held), run_time=1)
        source = self.words(
            _("roles after D'Angelo, Andriushchenko, Varre, Flammarion (2024)"), role="dim", size=SMALL
        )
        rule = Line([SAFE.left, -1.5, 0], [SAFE.right, -1.5, 0], color=self.style.line, stroke_width=2)
        self.wait_for("modern")
        self.play(Create(rule), run_time=0.8)
        self.wait_for("rarely")
        self.play(FadeIn(source.next_to(rule, DOWN, buff=0.3)), run_time=1.2)
        self.wait_for("ours")
        self.play(LaggedStart(*(swell(squares, 6) for squares in counts), lag_ratio=0.4), run_time=1.6)
