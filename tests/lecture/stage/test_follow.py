"""What follows a tracker rests while the tracker does, and stays where it was once it is let go."""

from __future__ import annotations

from pathlib import Path

import pytest
from manim import Dot, ValueTracker, tempconfig

from lecture.stage import LectureScene, step
from lecture.words import _
from tests.lecture.demo import LECTURE


class Follower(LectureScene):
    """A dot follows a tracker, rests, and is let go."""

    @step(say=_("A dot."), shows=_("A dot."))
    def move(self) -> None:
        self.tracker, self.calls = ValueTracker(0.0), 0
        other = ValueTracker(0.0)

        def place(dot: Dot) -> None:
            self.calls += 1
            dot.move_to([self.tracker.get_value(), 0, 0])

        dot = self.follow(Dot(), place, self.tracker)
        self.add(dot)
        self.play(self.tracker.animate.set_value(1.0), run_time=0.2)
        self.followed = dot.get_x()
        before = self.calls
        self.play(other.animate.set_value(1.0), run_time=0.2)
        self.rested = self.calls - before
        self.play(self.tracker.animate.set_value(2.0), run_time=0.2)
        self.again = dot.get_x()
        dot.clear_updaters()
        self.play(other.animate.set_value(2.0), run_time=0.2)
        self.play(self.tracker.animate.set_value(3.0), run_time=0.2)
        self.left = dot.get_x()


def test_what_is_let_go_stays(tmp_path: Path) -> None:
    size = {"pixel_height": 36, "pixel_width": 64, "frame_rate": 10, "media_dir": str(tmp_path)}
    with tempconfig({"format": "none", "verbosity": "ERROR", "progress_bar": "none", **size}):
        scene = Follower(LECTURE.settings(), holds=False)
        scene.render()
    assert scene.followed == pytest.approx(1.0)
    assert scene.rested == 0
    assert scene.again == pytest.approx(2.0)
    assert scene.left == pytest.approx(2.0), "not with the tracker, which moved on after it was let go"
