"""Decay against no decay, and against no decay with larger steps: a race with its control."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Arc,
    Create,
    FadeIn,
    FadeOut,
    Line,
    ReplacementTransform,
    TransformFromCopy,
    ValueTracker,
    VGroup,
    Write,
    there_and_back,
)

from lecture.stage import BODY, SAFE, SMALL, Chart, Region, question, step
from lecture.stage.drawing import swell
from lecture.stage.scatter import Scatter
from lecture.words import Message, _, computed
from scenes.experiments.valleys import COOL, HOT, RACE, VALLEYS, Race, is_wide, race, valley_risk
from scenes.parts.scene import WeightDecayScene

# Directions from -0.65 pi to 1.35 pi, where the risk is highest.
_FIRST = -0.65
# The large picture, and the three lanes: valleys, needle, words.
LARGE = Region(SAFE.left, SAFE.right, -2.9, 2.3)
_LANES = tuple(Region(SAFE.left, 0.9, top - 1.55, top) for top in (1.75, 0.05, -1.4))
_NEEDLE, _WORDS = 2.9, 4.25
# Ends of the needles' scale: powers of ten.
_LOW, _HIGH = -3.0, 0.6


def _whole(value: float) -> str:
    return f"{value:.0f}"


def _found(kind: int) -> Any:
    """How many of a hundred runs end in the wide valley, for words."""
    return computed("found[kind]", _whole, found=lambda problem: race().found, kind=kind)


def _directions(paths: np.ndarray) -> np.ndarray:
    """Directions of weights in units of pi, as the charts have them."""
    angle = np.arctan2(paths[..., 1], paths[..., 0]) / np.pi
    return (angle - _FIRST) % 2 + _FIRST


def _chart(region: Region, style: Any, labels: tuple[Any, Any] = ("", "")) -> Chart:
    return Chart(region, (_FIRST, _FIRST + 2.1), (-1.08, 0.12), style, labels=labels)


def _valleys(chart: Chart, color: str) -> Any:
    turn = np.linspace(_FIRST, _FIRST + 2.1, 241)
    return chart.curve(turn, valley_risk(turn * np.pi), color, width=4)


class Needle(VGroup):
    """A half circle with a logarithmic scale, and a needle for the effective step."""

    def __init__(self, center: np.ndarray, style: Any, role: str):
        self._center, self._radius = center, 0.95
        arc = Arc(self._radius, 0, np.pi, arc_center=center, color=style.line, stroke_width=2.5)
        ticks = VGroup(
            *(
                Line(self._at(power, 0.88), self._at(power, 1.0), color=style.line, stroke_width=2.5)
                for power in (-3, -2, -1, 0)
            )
        )
        self.hand = Line(center, center + UP, color=style.color(role), stroke_width=6)
        super().__init__(arc, ticks, self.hand)

    def _at(self, power: float, share: float) -> np.ndarray:
        turn = np.pi * (1 - (np.clip(power, _LOW, _HIGH) - _LOW) / (_HIGH - _LOW))
        return self._center + share * self._radius * np.array([np.cos(turn), np.sin(turn), 0])

    def show(self, value: float) -> Needle:
        """Point to a value of the scale."""
        self.hand.put_start_and_end_on(self._center, self._at(float(np.log10(value)), 0.84))
        return self


class Lane(VGroup):
    """One kind of runs: its dots on the valleys, its needle, its name."""

    def __init__(self, scene: FairRace, kind: int, runs: Race, name: Message, role: str):
        style, region = scene.style, _LANES[kind]
        self.chart = _chart(region, style)
        self.curve = _valleys(self.chart, style.line)
        directions = _directions(runs.paths[kind])
        self._tracks = self.chart.c2p(directions, valley_risk(directions * np.pi)) + 0.07 * UP
        self._wide, self._effective = is_wide(runs.paths[kind]).sum(axis=0), runs.effective[kind]
        self.dots = Scatter(self._tracks[:, 0], style.color(role), radius=0.05)
        bottom = np.array([_NEEDLE, region.bottom + 0.2, 0])
        self.needle = Needle(bottom, style, role)
        self.label = scene.words(name, role=role, size=SMALL, width=SAFE.right - _WORDS)
        self.label.move_to([_WORDS, region.top - 0.05, 0], aligned_edge=UP + LEFT)
        self.still = VGroup(self.chart, self.curve, self.label, VGroup(*self.needle[:2]))
        self.moving = VGroup(self.dots, self.needle.hand)
        super().__init__(self.still, self.moving)
        self.show(0.0)

    def show(self, k: float) -> Lane:
        """Show the runs at a tenth of the step."""
        at = min(int(k), self._tracks.shape[1] - 1)
        self.dots.move_dots(self._tracks[:, at])
        self.needle.show(float(self._effective[min(at, len(self._effective) - 1)]))
        return self


class FairRace(WeightDecayScene):
    """Decay finds the wide valley, and so do larger steps: what counts is the step over the squared length."""

    title = _("What looked like decay was a *step size*")
    question_region = Region(SAFE.left, SAFE.right, -2.9, -1.5)

    @step(
        say=_(
            "Does decay find better minima? Two <valleys>valleys of equal depth, one <narrow>narrow, one "
            "<wide>wide. Only the <direction>direction of the weights counts. A hundred noisy runs <start>start in the "
            "narrow one."
        ),
        shows=_(
            "The risk over the direction of the weights: a narrow and a wide valley of equal depth. A hundred dots at "
            "the bottom of the narrow one."
        ),
        covers=("C9",),
    )
    def meet_two_valleys(self) -> None:
        style = self.style
        self.large = _chart(LARGE, style, (_("direction of the weights"), _("risk")))
        self.curve = _valleys(self.large, style.line)
        self.play(Write(self.make_title()), FadeIn(self.large), run_time=1)
        self.wait_for("valleys")
        self.play(Create(self.curve), run_time=1.5)
        self.names = VGroup()
        for message, (center, _k, _d) in zip((_("narrow"), _("wide")), VALLEYS, strict=True):
            at = self.large.c2p(center / np.pi, -0.45)
            text = self.words(message, role="dim")
            self.names.add(text.move_to(at) if message.text == "wide" else text.next_to(at, RIGHT, buff=0.55))
        self.wait_for("narrow")
        self.play(FadeIn(self.names[0]), run_time=0.8)
        self.wait_for("wide")
        self.play(FadeIn(self.names[1]), run_time=0.8)
        self.wait_for("direction")
        self.play(swell(self.curve, 9), run_time=1.4)
        self.wait_for("start")
        start = race().paths[0, :, 0]
        places = self.large.c2p(_directions(start), valley_risk(np.pi * _directions(start)))
        places = places + 0.1 * UP + 0.012 * np.arange(len(places))[:, None] * UP
        self.swarm = Scatter(places, style.ink, radius=0.06)
        self.play(FadeIn(self.swarm, scale=0.5), run_time=1)

    @step(
        say=_(
            "Let them <run>run. How many reach the wide valley? Without <none>decay {none} of a hundred, with decay "
            "<most>{decay}. So decay <prefers>prefers wide valleys? That needs a control."
        ).format(none=_found(0), decay=_found(1)),
        shows=_(
            "Two lanes with the same valleys. Without decay the dots are still in the narrow one; with decay most are "
            "in the wide one. A needle for each lane: without decay it has sunk, with decay it points up."
        ),
        covers=("C9",),
        experiments=(RACE,),
    )
    def race_with_and_without(self) -> None:
        self.runs = race()
        kinds = ((_("no decay"), "minimizer"), (_("decay"), "ridge"), (_("no decay, larger steps"), "ink"))
        self.lanes = [Lane(self, k, self.runs, name, role) for k, (name, role) in enumerate(kinds)]
        first, second = self.lanes[:2]
        caption = self.words(_("size of a turn"), role="dim", size=SMALL)
        formula = self.formula("@rate slash norm(@weights)^2", role="dim", size=SMALL)
        self.caption = VGroup(caption, formula).arrange(RIGHT, buff=0.25)
        self.caption.move_to([_NEEDLE, _LANES[0].top + 0.62, 0])
        self.caption.shift([min(0.0, SAFE.right - self.caption.get_right()[0]), 0, 0])
        self.play(
            FadeOut(self.names, self.large),
            ReplacementTransform(self.swarm, first.dots),
            TransformFromCopy(self.curve, second.curve),
            ReplacementTransform(self.curve, first.curve),
            run_time=1.2,
        )
        self.play(
            *(FadeIn(lane.still) for lane in (first, second)),
            FadeIn(second.dots, first.needle.hand, second.needle.hand, self.caption),
            run_time=0.6,
        )
        self.wait_for("run")
        self._run(self.lanes[:2], run_time=5.5)
        self.wait_for("none")
        self.play(FadeIn(self._count(0)), run_time=0.8)
        self.wait_for("most")
        self.play(FadeIn(self._count(1)), run_time=0.8)
        self.wait_for("prefers")
        self.play(swell(second.curve, 9), run_time=1.6)

    def _run(self, lanes: list[Lane], run_time: float) -> None:
        """Let lanes run over one clock, from the first step to the last."""
        now = ValueTracker(0.0)

        def show(lane: Lane) -> Callable[[Any], Any]:
            return lambda m: lane.show(now.get_value())

        group = VGroup(*(lane.moving for lane in lanes))
        for lane in lanes:
            self.follow(lane.moving, show(lane), now)
        self.add(group)
        # The many steps of the start, where most happens, are shown slowly.
        self.play(now.animate(rate_func=lambda t: t**1.6).set_value((HOT + COOL) / 10 - 1), run_time=run_time)
        for lane in lanes:
            lane.moving.clear_updaters()

    def _count(self, kind: int) -> Any:
        """How many of a hundred have found the wide valley."""
        lane = self.lanes[kind]
        role = ("minimizer", "ridge", "ink")[kind]
        digits = len(str(self.runs.found[kind]))
        text, number = self.number_text("found[kind]", digits=digits, found=self.runs.found, kind=kind)
        line = self.words(_("*{count}* of 100").format(count=f"${text}$"), role=role, size=BODY)
        line.next_to(lane.label, DOWN, buff=0.18, aligned_edge=LEFT)
        return self.remember(line, number)

    @question(
        ask=_(
            "A third hundred has no decay either, but larger steps: the best of seven step sizes, chosen on other "
            "runs. How many of them find the wide valley?"
        ),
        shows=_("The two lanes with their needles; the place of a third lane below them is empty."),
        choices=(_("hardly any"), _("about half"), _("as many as with decay")),
        answer=2,
        covers=("C9",),
    )
    def ask_for_the_control(self) -> None:
        # The lane itself comes with the answer: the choices stand where it will be.
        self.wait(0.2)

    @step(
        say=_(
            "Larger steps: <run>{larger} of a hundred. Decay had no <eye>eye for valleys. Look at the "
            "<needles>needles: {rate} over the squared length is how far a <turn>step can turn. Larger steps "
            "<throw>throw it up <once>once, and then it sinks, since <nothing>nothing shortens the weights. Decay "
            "<keeps>keeps it up."
        ).format(larger=_found(2)),
        shows=_(
            "Three lanes. As many dots of the third as of the second are in the wide valley. The needles without "
            "decay have sunk to the same low value; that with decay points up."
        ),
        covers=("C9",),
        experiments=(RACE,),
    )
    def run_the_control(self) -> None:
        third = self.lanes[2]
        self.play(FadeIn(third.still, third.moving), run_time=0.5)
        self.wait_for("run")
        self._run([third], run_time=5)
        self.play(FadeIn(self._count(2)), run_time=0.5)
        self.wait_for("eye")
        self.play(*(swell(lane.curve, 9) for lane in self.lanes), run_time=1.4)
        self.wait_for("needles")
        self.play(self.caption.animate(rate_func=there_and_back).scale(1.1), run_time=2)
        self.wait_for("turn")
        self.play(*(swell(lane.needle.hand, 10) for lane in self.lanes), run_time=1.4)
        self.wait_for("throw")
        self.play(swell(third.needle.hand, 10), run_time=1)
        self.wait_for("once")
        self.play(*(self._underline(k) for k in (0, 2)), run_time=0.8)
        self.wait_for("nothing")
        self.play(*(swell(self.lanes[k].needle.hand, 10) for k in (0, 2)), run_time=1.4)
        self.wait_for("keeps")
        self.play(self._underline(1), run_time=0.8)

    def _underline(self, kind: int) -> Any:
        """Write a needle's value under it."""
        lane = self.lanes[kind]
        role = ("minimizer", "ridge", "ink")[kind]
        number = self.number(
            "effective", digits=1, role=role, size=SMALL, effective=float(self.runs.effective[kind, -1])
        )
        number.next_to(lane.needle, LEFT, buff=0.12).align_to(lane.needle, DOWN)
        return FadeIn(number)
