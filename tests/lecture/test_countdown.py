"""A question on screen: its choices stand on one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from manim import tempconfig

from lecture.stage import LectureScene, Palette, Region, Style, question
from lecture.stage.countdown import Countdown
from lecture.stage.steps import CHOICES, LAST_WORD, steps_of
from lecture.words import _
from scenes import LECTURE


def test_letters_stand_on_one_line_whatever_the_choices_reach_up_to(tmp_path: Path) -> None:
    with tempconfig({"media_dir": str(tmp_path)}):
        countdown = Countdown(["$hat(H)$", "x", "y"], Style(Palette().dark()))
    heights = [answer[0].get_bottom()[1] for answer in countdown.answers]
    assert heights == pytest.approx([heights[0]] * 3)


def test_choices_below_each_other_are_evenly_apart(tmp_path: Path) -> None:
    with tempconfig({"media_dir": str(tmp_path)}):
        countdown = Countdown(
            ["at $hat(H)$", "jpqy", "none: x"], Style(Palette().dark()), Region(0, 3, -3, -1)
        )
    first, second, third = (answer[0].get_bottom()[1] for answer in countdown.answers)
    assert first - second == pytest.approx(second - third)
    assert first - second > 0.3


class _Asks(LectureScene):
    """A scene that asks."""

    @question(
        ask=_("Look <here>here and there: which of these many is the last?"),
        choices=(_("one"), _("two")),
        answer=1,
        shows=_("Two choices."),
    )
    def ask_now(self) -> None:
        """One cue before the choices."""
        self.wait_for("here")


def test_choices_appear_one_after_the_other_while_they_are_asked_for() -> None:
    step = steps_of(_Asks, LECTURE.settings())[0]
    first, second, last = (step.marks[mark] for mark in (*CHOICES[:2], LAST_WORD))
    assert step.marks["here"] <= first
    assert [step.say[at:].split()[0] for at in (first, second, last)] == ["here", "these", "last?"]
