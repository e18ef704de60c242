"""Typst's glyphs as curves: as Manim reads them, but each read once."""

from __future__ import annotations

from typing import Any

import manim
import numpy as np
import pytest

from lecture.stage import outlines
from lecture.stage.outlines import Formula, Words
from lecture.stage.text import formula, words
from scenes import LECTURE

WORDS = (
    "A *bold* _word_, an office, Größe, АБ, $theta_1 / sqrt(lambda)$",
    '#text(fill: rgb("#D991C4"))[tinted], #underline[ruled] and #box(stroke: 1pt)[boxed] glyphs',
    "#block(width: 60pt)[#set par(leading: 0.55em)\na paragraph of several lines]",
    "#rotate(20deg)[turned $a_b$] #scale(x: 50%)[narrow]",
)
FORMULAS = (
    "{{ a + {{ b : eig1 }} : num }} / {{ c : den }} = {{ lambda }} {{ x }}",
    'hat(theta)_"ridge" = sum_(k=0)^n mat(1, 2; 3, 4) vec(q_1, q_2)',
)
# With something in them that is neither a glyph of one color nor a path.
OTHERS = (
    "#text(stroke: 0.3pt)[outlined]",
    "#text(fill: gradient.linear(red, blue))[shaded]",
    '#link("https://example.org")[linked]',
)
STYLE: dict[str, Any] = {"font_size": 40, "color": "#336699", "use_svg_cache": False}


def assert_same(ours: Any, manims: Any) -> None:
    for one, other in zip(ours.get_family(), manims.get_family(), strict=True):
        assert one.points.shape == other.points.shape
        np.testing.assert_allclose(one.points, other.points, rtol=0, atol=1e-12)
        for name, value in vars(other).items():
            if isinstance(value, bool | int | float | np.ndarray) and name != "points":
                np.testing.assert_allclose(getattr(one, name), value, rtol=0, atol=1e-12, err_msg=name)
    assert ours._label_aliases == manims._label_aliases
    for label in manims._label_aliases:
        places = [[whole.submobjects.index(part) for part in whole.select(label)] for whole in (ours, manims)]
        assert places[0] == places[1]


@pytest.mark.parametrize("source", WORDS + OTHERS)
def test_words_are_those_of_manim(source: str) -> None:
    assert_same(Words(source, **STYLE), manim.Typst(source, **STYLE))


@pytest.mark.parametrize("source", FORMULAS)
def test_formulas_are_those_of_manim(source: str) -> None:
    assert_same(Formula(source, **STYLE), manim.MathTypst(source, **STYLE))


def test_baselines_can_be_asked_for() -> None:
    ours, manims = (cls("$x_1$", track_baselines=True, **STYLE) for cls in (Words, manim.Typst))
    np.testing.assert_allclose(ours.baseline_frames, manims.baseline_frames, atol=1e-12)


def test_another_default_style_is_another_glyph() -> None:
    default = {name: None for name in ("color", "opacity", "fill_color", "fill_opacity")}
    default |= {"stroke_color": "#FF0000", "stroke_opacity": None, "stroke_width": 2}
    Words("ab", **STYLE)
    styled = {**STYLE, "svg_default": default}
    assert_same(Words("ab", **styled), manim.Typst("ab", **styled))


def test_manim_reads_no_glyph_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    monkeypatch.setattr(outlines, "_read", {})
    monkeypatch.setattr(manim.SVGMobject, "generate_mobject", lambda self: pytest.fail("left to Manim"))
    monkeypatch.setattr(
        Words,
        "get_mob_from_shape_element",
        lambda self, shape, plain=Words.get_mob_from_shape_element: read.append(shape) or plain(self, shape),
    )
    style = LECTURE.settings().style
    assert len(words("aa ab", style).submobjects) == 4
    assert len(read) == 2
    assert len(words("ba", style).submobjects) == 2
    assert len(read) == 2
    assert len(formula("a b / a", style).submobjects) == 4
    for source in WORDS:
        Words(source, **STYLE)


def test_glyphs_do_not_share_anything() -> None:
    word = Words("aa", **STYLE)
    first, second = word.submobjects
    before = second.points.copy(), second.fill_rgbas.copy()
    first.points += 1.0
    first.fill_rgbas[:] = 0.5
    first.add(manim.Dot())
    assert np.array_equal(second.points, before[0])
    assert np.array_equal(second.fill_rgbas, before[1])
    assert not second.submobjects
