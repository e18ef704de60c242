"""A question on screen: its choices stand on one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from manim import tempconfig

from lecture.stage import Palette, Style
from lecture.stage.countdown import Countdown


def test_letters_stand_on_one_line_whatever_the_choices_reach_up_to(tmp_path: Path) -> None:
    with tempconfig({"media_dir": str(tmp_path)}):
        countdown = Countdown(["$hat(H)$", "x", "y"], Style(Palette().dark()))
    heights = [answer[0].get_bottom()[1] for answer in countdown.answers]
    assert heights == pytest.approx([heights[0]] * 3)
