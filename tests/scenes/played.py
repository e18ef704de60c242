"""Scenes of the default lecture, each played once for all tests that look at its steps."""

from __future__ import annotations

from functools import cache

import pytest

from lecture.audit import StepAudit, audit_scene
from scenes import LECTURE
from tests.scenes.scratch import MEDIA

__all__ = ["EVERY_SCENE", "HEIGHT", "played"]

HEIGHT = 270

# Tests of one scene go to one worker, where they share what was played.
EVERY_SCENE = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in LECTURE.scenes]


@cache
def played(name: str, theme: str = "dark") -> tuple[StepAudit, ...]:
    """Every step's end of a scene: picture, record and what the audit found."""
    settings = LECTURE.settings(theme=theme)
    return tuple(audit_scene(LECTURE.load_scene(name), settings, height=HEIGHT, media=MEDIA))
