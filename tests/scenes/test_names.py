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
from lecture.stage import LEFT_HALF, Plane, Region, literal
from lecture.stage import text as text_module
from lecture.stage.glyphs import missing_glyphs
from lecture.stage.text import literal_words, shortened_apart
from lecture.words import _
from scenes import LECTURE
from scenes.problem import Problem
from tests.scenes.scratch import MEDIA
from tests.scenes.styles import DARK
from tests.scenes.unlike_problems import UNLIKE
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


def plane(names: Any, points: Any = ((1.0, 2.0),), **options: Any) -> Plane:
    with tempconfig({"media_dir": MEDIA}):
        return Plane(LEFT_HALF, np.array(points), DARK, names=names, **options)


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


def drawn(monkeypatch: pytest.MonkeyPatch, names: Any, points: Any = ((1.0, 2.0),)) -> list[str]:
    """What the axes are called."""
    shown: dict[int, str] = {}

    def recorded(text: str, *args: Any, unlike: str = "", **options: Any) -> Any:
        made = literal_words(text, *args, unlike=unlike, **options)
        shown[id(made)] = next(
            t
            for n in range(len(text), 0, -1)
            if abs(
                literal_words(t := shortened_apart(text, unlike, n), DARK, role="dim", width=100).width
                - made.width
            )
            < 1e-6
        )
        return made

    monkeypatch.setattr("lecture.stage.plane.literal_words", recorded)
    return [shown[id(label[1])] for label in plane(names, points).axis_labels]


def test_what_differs_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    long = "weight of the mean of all measurements of the Chinstrap penguin's "
    for first, second in (
        (f"{long}bill length", f"{long}bill depth"),
        (f"{long}flipper", f"{long}body mass"),
    ):
        one, other = drawn(monkeypatch, (first, second), ((0.1, 2.0),))
        assert one != other
        assert one.lstrip("…").split("…")[0] in first
        assert other.lstrip("…").split("…")[0] in second
    assert shortened_apart("abcdefgh length", "abcdefgh depth", 9) != shortened_apart(
        "abcdefgh depth", "abcdefgh length", 9
    )


def test_free_width_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "weight of mean concave points"
    # With the origin on the left there is room for all of it.
    assert drawn(monkeypatch, (name, name[::-1]), ((5.0, 2.0),)) == [name, name[::-1]]


def test_the_shorter_name_stands_where_the_longer_does_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    both = ("weight of displacement of the cylinders", "displacement")
    assert drawn(monkeypatch, (both, both), ((1.0, 2.0), (-1.0, -2.0)))[0] == "displacement"


def test_messages_are_names() -> None:
    name = _("weight of {column}").format(column="#let x")
    label = plane((name, ())).axis_labels[0]
    assert label.width == pytest.approx(plane(("weight of #let x", ())).axis_labels[0].width)


@pytest.mark.parametrize("name", UNLIKE)
@pytest.mark.parametrize("named", [False, True])
def test_a_tick_of_each_axis_has_its_number(name: str, named: bool) -> None:
    problem = UNLIKE[name]
    points = (
        np.vstack([problem.risk.minimizer, problem.ridge]) if problem.risk.minimizer.any() else [[1.0, 1.0]]
    )
    names = ("weight of age", "weight of blood pressure") if named else ("", "")
    made = plane(names, points, numbers=True)
    assert 1 <= len(made.tick_labels) <= 2
    boxes = [Region.around(label) for label in (*made.tick_labels, *made.axis_labels)]
    for k, box in enumerate(boxes[: len(made.tick_labels)]):
        assert LEFT_HALF.left - 1e-6 <= box.left <= box.right <= LEFT_HALF.right + 1e-6
        assert LEFT_HALF.bottom - 1e-6 <= box.bottom <= box.top <= LEFT_HALF.top + 1e-6
        for other in boxes[k + 1 :]:
            apart = box.right < other.left or other.right < box.left
            assert apart or box.top < other.bottom or other.top < box.bottom
