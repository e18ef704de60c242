"""A question on screen: its choices stand on one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from manim import tempconfig

from lecture.stage import Palette, Region, Style
from lecture.stage.countdown import Countdown


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
