"""Captions of everything that is said: they fit, and there is time to read them."""

import itertools

import pytest

from lecture.frames.captions import captions_of, srt, webvtt
from lecture.timing import READING_SPEED
from scenes import LECTURE


@pytest.mark.parametrize("name", LECTURE.scenes)
def test_captions_can_be_read(name: str) -> None:
    for step in LECTURE.load_scene(name).storyboard():
        # The shortest that a step can be, at the fewest frames per second.
        duration = int(step.timeline.seconds * 15) / 15
        captions = captions_of(step.say, duration)
        assert " ".join(line for c in captions for line in c.lines) == step.say
        assert captions[0].start == 0
        assert captions[-1].end == pytest.approx(duration)
        for one, other in itertools.pairwise(captions):
            assert one.end == other.start
        for caption in captions:
            assert 1 <= len(caption.lines) <= 2
            assert max(map(len, caption.lines)) <= 42
            shown = caption.end - caption.start
            assert shown >= 1, f"{step.name}: gone within a second: {caption.lines}"
            assert len(" ".join(caption.lines)) <= READING_SPEED * shown + 1e-9, (step.name, caption)


def test_very_short_sentences_do_not_stand_alone() -> None:
    first = captions_of(
        "Raise λ. The left line turns about the middle of the data; the right one sinks and underfits badly.",
        7,
    )
    assert first[0].lines == ("Raise λ. The left line turns", "about the middle of the data;")
    last = captions_of("In the middle, Q transposed meets Q: turn there, turn back. They cancel.", 5)
    assert last[-1].lines == ("In the middle, Q transposed meets Q:", "turn there, turn back. They cancel.")


def test_files_are_as_their_formats_want() -> None:
    captions = captions_of("Where a < b & c, it holds.", 3)
    assert webvtt(captions) == "WEBVTT\n\n00:00:00.000 --> 00:00:03.000\nWhere a &lt; b &amp; c, it holds.\n"
    assert srt(captions) == "1\n00:00:00,000 --> 00:00:03,000\nWhere a < b & c, it holds.\n"


def test_a_word_of_many_letters_fills_lines_of_its_own() -> None:
    captions = captions_of(f"The coordinate “{'x' * 300}” has grown, but not the other one.", 20)
    lines = [line for c in captions for line in c.lines]
    assert max(map(len, lines)) <= 42
    assert max(len(c.lines) for c in captions) <= 2
    assert "".join(lines).count("x") == 300
