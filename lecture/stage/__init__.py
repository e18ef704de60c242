"""What a scene is written with: steps, words, formulas, planes, charts, colors, and the scene class that ties them.

Names are looked up on first use: themes and storyboards can be read without importing Manim.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .chart import Chart as Chart
    from .plane import Arrow as Arrow
    from .plane import Plane as Plane
    from .plane import dashed as dashed
    from .plane import polyline as polyline
    from .region import LEFT_HALF as LEFT_HALF
    from .region import RIGHT_HALF as RIGHT_HALF
    from .region import SAFE as SAFE
    from .region import STAGE as STAGE
    from .region import Region as Region
    from .region import clip as clip
    from .region import place as place
    from .scene import LectureScene as LectureScene
    from .settings import Settings as Settings
    from .steps import Number as Number
    from .steps import Question as Question
    from .steps import Step as Step
    from .steps import StepRecord as StepRecord
    from .steps import question as question
    from .steps import step as step
    from .steps import unless as unless
    from .style import Style as Style
    from .text import LiveNumber as LiveNumber
    from .text import format_number as format_number
    from .text import formula as formula
    from .text import literal as literal
    from .text import words as words
    from .theme import BODY as BODY
    from .theme import FORMULA as FORMULA
    from .theme import SMALL as SMALL
    from .theme import TITLE as TITLE
    from .theme import Palette as Palette
    from .theme import Role as Role
    from .theme import Theme as Theme

# Where each name lives.
_MODULES = {
    "chart": ("Chart",),
    "plane": ("Arrow", "Plane", "dashed", "polyline"),
    "region": ("LEFT_HALF", "RIGHT_HALF", "SAFE", "STAGE", "Region", "clip", "place"),
    "scene": ("LectureScene",),
    "settings": ("Settings",),
    "steps": ("Number", "Question", "Step", "StepRecord", "question", "step", "unless"),
    "style": ("Style",),
    "text": ("LiveNumber", "format_number", "formula", "literal", "words"),
    "theme": ("BODY", "FORMULA", "SMALL", "TITLE", "Palette", "Role", "Theme"),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value
