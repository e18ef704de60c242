"""Names from a user's file are shown as they are: never as markup, never as boxes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st
from manim import tempconfig

from lecture.audit import audit_scene
from lecture.stage import LEFT_HALF, Plane, literal
from lecture.stage import text as text_module
from lecture.stage.glyphs import missing_glyphs
from lecture.stage.text import literal_words
from scenes import LECTURE
from scenes.problem import Problem
from tests.scenes.scratch import MEDIA
from tests.scenes.styles import DARK
from wdmath import QuadraticRisk

IN_NO_FONT = "\U000f0000"  # for private use
NAMES = [
    "Größe (cm)",
    "מחיר",
    "مساحة البيت",
    "Площадь, м²",
    "température °C × 10⁻³",
    "$x^2$ #let",
    '#read("/etc/passwd")',
    '")#panic("',
    "[[x|eig1]]",
    '[[a|__class__]] [[", panic(), "|ink]]',
    "@min {{ x : eig1 }} \\ *bold* _it_ `raw` <b>&amp; // /* ~ -- ---",
    "\\u{41} \\\\ \\",
    "é́̈̃x",
]


def evaluated(code: str) -> str:
    """The string that Typst reads from a literal."""
    (value,) = json.loads(typst.query(f"#metadata({code[1:]}) <it>".encode(), "<it>", field="value"))
    return value


@pytest.mark.parametrize("name", NAMES)
def test_typst_reads_the_name_back(name: str) -> None:
    assert evaluated(literal(name)) == name


@settings(deadline=None, max_examples=60)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30))
def test_typst_reads_any_name_back(name: str) -> None:
    assert evaluated(literal(name)) == name


@pytest.mark.parametrize("name", NAMES)
def test_the_lecture_s_own_markup_leaves_names_alone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[str] = []

    class Recorded(text_module.Words):  # type: ignore[misc]
        def __init__(self, code: str, **options: Any):
            codes.append(code)
            super().__init__(code, **options)

    monkeypatch.setattr(text_module, "Words", Recorded)
    with tempconfig({"media_dir": MEDIA}):
        literal_words(name, DARK, width=100.0)
    assert literal(name)[1:] in codes[0]


def plane(names: tuple[str, str]) -> Plane:
    with tempconfig({"media_dir": MEDIA}):
        return Plane(LEFT_HALF, np.array([[1.0, 2.0]]), DARK, names=names)


@pytest.mark.parametrize("name", [*NAMES, "a_very_long_column_name_that_does_not_fit_anywhere_at_all" * 3])
def test_a_name_stays_in_its_plane(name: str) -> None:
    for label in plane((name, name)).axis_labels:
        assert label.get_left()[0] >= LEFT_HALF.left - 0.07  # the patch under it
        assert label.get_right()[0] <= LEFT_HALF.right + 0.07


@pytest.mark.parametrize("length", [1e-3, 1.0])
@pytest.mark.parametrize(
    "names", [("מחיר הבית", "température °C × 10⁻³ " * 20), ('<b>$x$</b> #let "\\', "مساحة البيت")]
)
def test_coordinates_are_called_as_their_axes_are(names: tuple[str, str], length: float) -> None:
    hessian = [[91.4, 28.0], [28.0, 9.6]]  # the first coordinate grows
    problem = Problem.from_risk(QuadraticRisk(hessian, [-0.02 * length, length]), parameters=names)
    ends = audit_scene(
        LECTURE.load_scene("RescaleThenRotateBack"), LECTURE.settings(problem), height=270, media=MEDIA
    )
    assert [finding for end in ends for finding in end.findings] == []
    said = LECTURE.load_scene("RescaleThenRotateBack").storyboard(LECTURE.settings(problem))[-1].say
    assert said.startswith(f"But the coordinate “{names[0]}” has grown.")


def test_a_name_that_no_font_has_is_a_symbol_in_picture_and_words() -> None:
    problem = Problem.from_risk(
        QuadraticRisk([[91.4, 28.0], [28.0, 9.6]], [-0.02, 1.0]), parameters=(IN_NO_FONT, "b")
    )
    said = LECTURE.load_scene("RescaleThenRotateBack").storyboard(LECTURE.settings(problem))[-1].say
    assert said.startswith("But θ₁ has grown.")


def test_what_no_font_has_is_known() -> None:
    assert missing_glyphs("".join(NAMES)) == ""
    assert missing_glyphs(f"a{IN_NO_FONT}b{IN_NO_FONT}") == IN_NO_FONT


def test_no_box_is_drawn_for_what_no_font_has() -> None:
    symbols, boxed = plane(("", "")), plane((IN_NO_FONT, ""))
    for one, other in zip(symbols.axis_labels, boxed.axis_labels, strict=True):
        assert np.allclose(one.get_all_points(), other.get_all_points())
