"""What the lecture says can be said: every step becomes words that the voice's dictionary knows, or that are listed."""

from __future__ import annotations

import re
from functools import cache

import pytest

from lecture.stage.settings import Settings
from lecture.stage.steps import steps_of
from lecture.voice import Voice
from lecture.voice.engines import load_engine
from lecture.voice.spoken import sentences, spoken
from scenes import LECTURE

from .random_problems import random_problem

# Guessed from their letters, and heard to be right.
LISTED = {"gaussian", "multiplied", "regularizer", "softmax", "tighter", "underfits"}


@cache
def unknown(sentence: str) -> tuple[str, ...]:
    """Words of a sentence that the voice guesses."""
    return tuple(w for w in ENGINE.unknown(sentence) if w.lower() not in LISTED)


ENGINE = load_engine(Voice(), "en")


def faults(settings: Settings, scenes: tuple[str, ...] = LECTURE.scenes) -> list[str]:
    """A line for every step that cannot be spoken."""
    found = []
    for name in scenes:
        for step in steps_of(LECTURE.load_scene(name), settings):
            said = spoken(step.say, step.symbols, "en", LECTURE.say).text
            wrong = re.findall(r"[^A-Za-z\s.,;:?!'’-]+", said)
            if wrong:
                found.append(f"{name}.{step.name}: {wrong} cannot be spoken in {said!r}")
            guessed = [word for sentence in sentences(said) for word in unknown(sentence)]
            if guessed:
                found.append(f"{name}.{step.name}: {guessed} are guessed in {said!r}; see LECTURE.say")
    return found


def test_every_step_of_the_lecture_can_be_spoken() -> None:
    found = faults(LECTURE.settings())
    assert not found, "\n".join(found)


def test_steps_about_other_problems_can_be_spoken() -> None:
    found = faults(LECTURE.settings(random_problem(0)))
    assert not found, "\n".join(found)


@pytest.mark.long
@pytest.mark.parametrize("part", range(5))
def test_steps_about_fifty_random_problems_can_be_spoken(part: int) -> None:
    found = []
    for seed in range(part, 50, 5):
        found += faults(LECTURE.settings(random_problem(seed)))
    assert not found, "\n".join(dict.fromkeys(found))


def test_words_that_nobody_knows_are_found() -> None:
    assert ENGINE.unknown("Ask Tikhonov.") == ["Tikhonov"]
    assert not ENGINE.unknown("Ask the minimizer.")
