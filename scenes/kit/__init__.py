"""What the scenes share: theme, text, planes, steps, and the scene class that ties them together."""

from .lecture_scene import LectureScene
from .plane import Arrow, Plane, contour_levels, dashed, polyline, risk_contours
from .problem import Problem, Settings
from .region import LEFT_HALF, RIGHT_HALF, SAFE, STAGE, Region, clip, place
from .steps import Number, Step, StepRecord, step
from .text import LiveNumber, format_number, formula, literal, words
from .theme import BODY, FORMULA, SMALL, TITLE, Theme

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
    "words",
]
