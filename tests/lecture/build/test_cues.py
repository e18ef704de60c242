"""Motion begins with the word that names it, whatever the pace, and without rendering anew."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest

from lecture.stage import LectureScene, step
from lecture.timing import Timeline, at_reading_speed
from lecture.words import _
from tests.lecture.demo import VIDEO, Demo

CUED = '''
"""A dot that moves on the word."""

from manim import Dot, RIGHT

from lecture.stage import LectureScene, question, step
from lecture.words import _


class Cued(LectureScene):
    """A dot moves on the word."""

    @step(
        say=_("Here is a dot, and after these many words <right>it moves, and <back>back it goes again."),
        shows=_("A dot."),
    )
    def move(self):
        self.dot = Dot(radius=1.0)
        self.add(self.dot)
        self.wait_for("right")
        self.play(self.dot.animate.shift(3 * RIGHT), run_time=0.5)
        self.wait_for("back")
        self.play(self.dot.animate.shift(-3 * RIGHT), run_time=0.5)

    @question(
        ask=_("Where will it go?"),
        choices=(_("left"), _("right")),
        answer=1,
        shows=_("The dot, and two answers."),
    )
    def ask(self):
        pass

    @step(say=_("Look at it now: <goes>it goes right."), shows=_("The dot on the right."))
    def answer(self):
        self.wait_for("goes")
        self.play(self.dot.animate.shift(3 * RIGHT), run_time=0.5)
'''


@pytest.fixture
def cued(tmp_path: Path) -> Demo:
    demo = Demo(tmp_path)
    demo.add("Cued", CUED)
    demo.scenes = ["Cued"]
    return demo


def moments(path: Path, rate: int = VIDEO.frame_rate) -> list[float]:
    """Seconds of the frames that begin a motion: different from the one before, which was as the one before it."""
    with av.open(str(path)) as film:
        frames = [f.to_ndarray(format="gray").astype(int) for f in film.decode(video=0)]
    moved = [np.abs(b - a).max() > 20 for a, b in zip(frames, frames[1:], strict=False)]
    starts = [k + 1 for k, m in enumerate(moved) if m and (k == 0 or not moved[k - 1])]
    return [start / rate for start in starts]


def scene_of(demo: Demo) -> dict:
    return json.loads((demo.media / "manifest.json").read_text())["scenes"][0]


def test_motion_begins_with_its_word(cued: Demo) -> None:
    assert not cued.build().failures
    move, ask, answer = scene_of(cued)["steps"]
    said = move["narration"]
    assert "<" not in said
    expected = [at_reading_speed(said).at(said.index(word)) for word in ("it moves", "back it")]
    begun = moments(cued.media / move["clip"]["path"])
    np.testing.assert_allclose(begun, expected, atol=1.5 / VIDEO.frame_rate)
    # In the scene's film the same, after what comes before.
    whole = moments(cued.media / scene_of(cued)["film"]["path"])
    np.testing.assert_allclose(whole[:2], expected, atol=1.5 / VIDEO.frame_rate)
    said = answer["narration"]
    assert whole[-1] == pytest.approx(
        answer["start"] + at_reading_speed(said).at(said.index("it goes")), abs=1.5 / VIDEO.frame_rate
    )
    assert ask["question"] == {"choices": ["left", "right"], "answer": 1}
    assert move["question"] is None


def test_another_pace_moves_holds_and_renders_nothing(cued: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cued.build().rendered == 3

    def slowly(text: str) -> Timeline:
        timeline = at_reading_speed(text)
        return Timeline(tuple((k, 2 * t) for k, t in timeline.words), 2 * timeline.seconds)

    monkeypatch.setattr("lecture.build.builder.at_reading_speed", slowly)
    assert cued.build().rendered == 0
    move = scene_of(cued)["steps"][0]
    expected = [
        slowly(move["narration"]).at(move["narration"].index(word)) for word in ("it moves", "back it")
    ]
    np.testing.assert_allclose(
        moments(cued.media / move["clip"]["path"]), expected, atol=1.5 / VIDEO.frame_rate
    )


def test_a_film_with_long_holds_decodes_whole(cued: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Holds of more than the longest stretch without a key frame, and between motions that follow each other."""
    monkeypatch.setattr(
        "lecture.build.builder.at_reading_speed",
        lambda text: Timeline(tuple((k, 9 * t) for k, t in at_reading_speed(text).words), 60.0),
    )
    assert not cued.build().failures
    scene = scene_of(cued)
    with av.open(str(cued.media / scene["film"]["path"])) as film:
        times = [frame.pts * frame.time_base for frame in film.decode(video=0)]
    assert len(times) == round(scene["duration"] * VIDEO.frame_rate)
    assert np.allclose(np.diff([float(t) for t in times]), 1 / VIDEO.frame_rate)


def test_a_cue_without_its_word_is_an_error_when_the_class_is_read() -> None:
    with pytest.raises(
        ValueError, match=r"Wrong\.move: wait_for\('left'\): there is no <left> in its narration"
    ):

        class Wrong(LectureScene):
            @step(say=_("It goes <right>right."), shows=_("A dot."))
            def move(self) -> None:
                self.wait_for("left")


def test_a_cue_that_is_not_written_out_is_an_error() -> None:
    with pytest.raises(ValueError, match="expects the name of a mark, written as a string"):

        class Wrong(LectureScene):
            @step(say=_("It goes <right>right."), shows=_("A dot."))
            def move(self) -> None:
                self.wait_for("ri" + "ght")
