"""What the scenes share: theme, text, planes, steps, and the scene class that ties them together.

Names are looked up on first use: the theme and the storyboard can be read without importing Manim.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .chart import Chart
    from .lecture_scene import LectureScene
    from .plane import Arrow, Plane, contour_levels, dashed, polyline, risk_contours
    from .problem import Problem, Settings
    from .region import LEFT_HALF, RIGHT_HALF, SAFE, STAGE, Region, clip, place
    from .steps import Number, Step, StepRecord, step, unless
    from .text import LiveNumber, format_number, formula, literal, words
    from .theme import BODY, FORMULA, SMALL, TITLE, Theme

_MODULES = {
    "chart": ("Chart",),
    "lecture_scene": ("LectureScene",),
    "plane": (
        "Arrow",
        "Plane",
        "contour_levels",
        "dashed",
        "polyline",
        "risk_contours",
    ),
    "problem": (
        "Problem",
        "Settings",
    ),
    "region": (
        "LEFT_HALF",
        "RIGHT_HALF",
        "SAFE",
        "STAGE",
        "Region",
        "clip",
        "place",
    ),
    "steps": (
        "Number",
        "Step",
        "StepRecord",
        "step",
        "unless",
    ),
    "text": (
        "LiveNumber",
        "format_number",
        "formula",
        "literal",
        "words",
    ),
    "theme": (
        "BODY",
        "FORMULA",
        "SMALL",
        "TITLE",
        "Theme",
    ),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'scenes.kit' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"scenes.kit.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


__all__ = [
    "BODY",
    "FORMULA",
    "LEFT_HALF",
    "RIGHT_HALF",
    "SAFE",
    "SMALL",
    "STAGE",
    "TITLE",
    "Arrow",
    "Chart",
    "LectureScene",
    "LiveNumber",
    "Number",
    "Plane",
    "Problem",
    "Region",
    "Settings",
    "Step",
    "StepRecord",
    "Theme",
    "clip",
    "contour_levels",
    "dashed",
    "format_number",
    "formula",
    "literal",
    "place",
    "polyline",
    "risk_contours",
    "step",
    "unless",
    "words",
]
