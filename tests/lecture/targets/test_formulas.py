"""Formulas from one source: for pages as MathML, for handouts as Typst, for scenes as groups of Manim's."""

from __future__ import annotations

import re

import pytest
from lxml import html

from lecture.formulas import expand, literal, mathml, with_roles
from lecture.notation import Notation, Symbol
from scenes import LECTURE

NOTATION = Notation(
    v=Symbol("v", color="ball"),
    best=Symbol('hat(v)_"best"', color="goal"),
    pair=Symbol("(a, b)", color="ball"),
    t=Symbol("t"),
)


def made(source: str, **now: str) -> html.HtmlElement:
    return html.fragment_fromstring(mathml([source], NOTATION.__getitem__, now)[0])


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("@v (0) = @t", "v(0)=t"),
        ("@v_0^2 / @pair", "v02(a,b)"),
        ("mat(@v, 1; 0, @pair)", "v10(a,b)"),
        ("2@v + @v@t", "2v+vt"),
        ("@best(@v)", "vˆbest(v)"),
        ("norm(@best)^2", "‖vˆbest‖2"),
    ],
)
def test_a_symbol_stands_wherever_a_letter_may(source: str, text: str) -> None:
    assert "".join(made(source).itertext()) == text


def test_symbols_have_the_class_of_their_role_and_no_other() -> None:
    colored = {
        "".join(e.itertext()): e.get("class") for e in made("@v = @best @t").iter("mrow") if e.get("class")
    }
    assert colored == {"v": "lec-role-ball", "vˆbest": "lec-role-goal"}


def test_letters_are_those_of_the_page_s_own_face() -> None:
    letters = {
        e.text: e.get("class") for e in made("x + Sigma + bold(w) + bold(upright(W)) + phi + oo").iter("mi")
    }
    assert letters == {
        "x": None,
        "Σ": "lec-upright",
        "w": "lec-bold",
        "W": "lec-bold lec-upright",
        "φ": None,
        "∞": "lec-upright",
    }
    # Letters of a blackboard are no other letters set otherwise.
    assert next(made("RR").iter("mi")).text == "ℝ"


def test_brackets_grow_with_what_is_tall_alone() -> None:
    def stretchy(source: str) -> set[str | None]:
        return {e.get("stretchy") for e in made(source).iter("mo") if e.text in "()"}

    assert stretchy("(x + y)^2") == {"false"}
    assert stretchy("(x / y)^2") == {None}
    # Those of a matrix are drawn by the style sheet.
    (matrix,) = made("A = mat(1, 2; 3, 4)").iter("mtable")
    assert matrix.get("class") == "lec-matrix"
    assert stretchy("A = mat(1, 2; 3, 4)") == set()


def test_a_live_number_is_one_element_with_its_text() -> None:
    (number,) = made('@v = #live("speed")', speed="−1.5e−3").iter("mn")
    assert dict(number.attrib) == {"data-lec-text": "speed"}
    assert (number.text, len(number)) == ("−1.5e−3", 0)
    (colored,) = made('#role("goal", live("speed"))', speed="2").iter("mrow")
    assert colored.get("class") == "lec-role-goal"


def test_texts_stay_texts() -> None:
    text = '"$ #panic() \\ @v </mtext><script>]]> {{ x }} & &amp;'
    assert text in "".join(made(literal(text)).itertext())
    assert not list(made(literal(text)).iter("script"))


def test_what_is_wrong_is_named() -> None:
    with pytest.raises(ValueError, match=r"'mat\(1' is no Typst mathematics: unclosed"):
        mathml(["@v", "mat(1"], NOTATION.__getitem__)
    with pytest.raises(KeyError, match="speed"):
        mathml(["@speed"], NOTATION.__getitem__)


def test_scenes_pages_and_paper_have_the_same_symbols() -> None:
    for source in (f.source for f in (*LECTURE.formula, *LECTURE.formulas)):
        symbols = re.findall(r"@(\w+)", source)
        for written in (
            expand(source, LECTURE.notation.__getitem__, "{{{{ {} : {} }}}}".format),
            with_roles(source, LECTURE.notation.__getitem__),
        ):
            assert "@" not in written
            for symbol in map(LECTURE.notation.__getitem__, symbols):
                assert written.count(symbol.typst) >= symbols.count(symbol.typst)


def test_another_notation_reaches_the_formula() -> None:
    other = LECTURE.notation.replaced(lam=Symbol("alpha", "α", "alpha", "penalty"))
    sources = [factor.source for factor in LECTURE.formula]
    before, after = (" ".join(mathml(sources, n.__getitem__)) for n in (LECTURE.notation, other))
    assert "λ" in before
    assert after == before.replace("λ", "α")
