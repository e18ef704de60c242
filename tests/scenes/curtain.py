"""A scene after it has been played, without pictures, for tests that look at what it drew and computed."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import tempconfig

from lecture.stage import Number
from scenes import LECTURE
from scenes.problem import Problem
from tests.scenes.scratch import MEDIA

__all__ = ["close", "number", "numbers_at", "played"]


_PLAYED: dict[tuple[str, str], Any] = {}


def played(name: str, problem: Problem | None = None) -> Any:
    """The scene at its end; played once for each problem, which its name must tell from others."""
    settings = LECTURE.settings() if problem is None else LECTURE.settings(problem)
    key = name, settings.problem.name
    if key not in _PLAYED:
        quiet = {"format": "none", "verbosity": "ERROR", "progress_bar": "none", "disable_caching": True}
        size = {"pixel_height": 36, "pixel_width": 64, "frame_rate": 10, "media_dir": MEDIA}
        with tempconfig({**quiet, **size}):
            scene = LECTURE.load_scene(name)(settings, skip_animations=True, holds=False)
            scene.render()
        _PLAYED[key] = scene
    return _PLAYED[key]


def numbers_at(scene: Any, step: str) -> list[Number]:
    """The numbers on screen at the end of a step."""
    return list(next(record.numbers for record in scene.records if record.name == step))


def number(scene: Any, step: str, text: str) -> Number:
    """The number that is shown as `text` at the end of a step."""
    found = [n for n in numbers_at(scene, step) if n.text == text]
    assert found, f"{text} is not on screen; there are {[n.text for n in numbers_at(scene, step)]}"
    return found[0]


def close(one: Any, other: Any, tolerance: float = 1e-9) -> bool:
    """Whether all entries agree, relative to the largest of them."""
    one, other = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    return one.shape == other.shape and bool(np.abs(one - other).max() <= tolerance * np.abs(other).max())
