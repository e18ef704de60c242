"""No part of a source without a step, and no page that says otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

import scenes.coverage
from scenes import LECTURE
from scenes.coverage import coverage, coverage_page


def test_every_source_part_has_a_step() -> None:
    assert [part for part, steps in coverage().items() if not steps] == []


def test_the_page_is_what_the_code_says() -> None:
    page = Path(scenes.coverage.__file__).with_name("COVERAGE.md")
    assert page.read_text(encoding="utf-8") == coverage_page(), "run: python -m scenes.coverage"


def test_a_part_that_no_source_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    say, shows, _ = LECTURE.load_scene("RotateIntoEigenbasis").drop_components.step
    monkeypatch.setattr(
        LECTURE.load_scene("RotateIntoEigenbasis").drop_components, "step", (say, shows, ("B99",))
    )
    with pytest.raises(ValueError, match="B99"):
        coverage()


@pytest.mark.parametrize("name", LECTURE.scenes)
def test_every_step_says_and_shows_something(name: str) -> None:
    steps = LECTURE.load_scene(name).storyboard()
    assert steps
    for step in steps:
        assert 10 <= len(step.say) <= 330, (
            f"{step.name}: {len(step.say)} characters are too many to listen to"
        )
        assert step.say.rstrip()[-1] in ".!?:", step.name
        assert len(step.shows) >= 20, step.name
