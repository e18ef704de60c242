"""Formulas from one source: for pages as MathML, for handouts as Typst, for scenes as groups of Manim's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import html

from lecture.formulas import expand, literal, mathml, with_roles
from lecture.notation import Notation, Symbol
from lecture.targets.web import static, write_fonts
from scenes import LECTURE
from tests.lecture.targets.browser import BROWSERS, Browser, chromium

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


#: Letters, numbers and words of every formula: text, how far its middle is from the line, and its width, in em.
PLACES = """return [...document.querySelectorAll("p")].map((p) => {
    const line = p.firstChild.getBoundingClientRect().bottom;
    return [...p.querySelectorAll("mi, mn, mtext")].map((part) => {
        const box = part.getBoundingClientRect();
        return [part.textContent, (box.y + box.height / 2 - line) / 40, box.width / 40];
    });
})"""


def places(
    browser: Browser, page: Path, sources: list[str], style: str
) -> list[list[tuple[str, float, float]]]:
    """Where a browser puts the parts of formulas in the page's own face."""
    lines = "".join(f"<p><i></i>{formula}</p>" for formula in mathml(sources, LECTURE.notation.__getitem__))
    page.write_text(
        f"<!DOCTYPE html><meta charset='utf-8'>{lines}<style>{style} body {{ font: 40px 'Lecture Serif' }} "
        "i { display: inline-block } :root { --lecture-serif: 'Lecture Serif' }</style>",
        encoding="utf-8",
    )
    write_fonts(page.parent)
    browser.open(page)
    browser.run_async("await document.fonts.ready")
    return browser.run(PLACES)


def differences(
    one: list[list[tuple[str, float, float]]], other: list[list[tuple[str, float, float]]]
) -> list[str]:
    """Parts that are higher or lower by 0.4 em, or by a quarter wider or narrower."""
    return [
        f"{text!r}: {y:.2f} em below the line and {width:.2f} wide, not {height:.2f} and {before:.2f}"
        for first, second in zip(one, other, strict=True)
        for (text, height, before), (same, y, width) in zip(first, second, strict=True)
        if text != same or abs(y - height) > 0.4 or not 0.8 < width / before < 1.25
    ]


@pytest.mark.long
@pytest.mark.parametrize("name", ["firefox", "webkit"])
def test_browsers_agree_where_the_parts_of_a_formula_are(name: str, tmp_path: Path) -> None:
    sources = [f.source for f in (*LECTURE.formula, *LECTURE.formulas)]
    sources += ["A = mat(1, 2; 3, 4)", "hat(x)^2 + tilde(x)_1", "norm(x)^2", "(a/b)^2"]
    sources += ['underbrace(Q, "back")']
    faces = static("page.css").split(":root")[0]
    style, fraction = faces + static("player.css"), ".lec-math mfrac > * { font-size: 0.71em; }"
    assert fraction in style
    with chromium() as browser:
        wanted = places(browser, fresh(tmp_path), sources, style)
    with BROWSERS[name]() as browser:
        found = places(browser, fresh(tmp_path), sources, style)
        assert differences(wanted, found) == []
        # A name under a factor that is too wide, and a fraction as WebKit sets it by itself.
        bad = style + " munder > mtext { letter-spacing: 0.5em }"
        assert differences(wanted, places(browser, fresh(tmp_path), sources, bad)) != []
        if name == "webkit":
            bad = style.replace(fraction, "")
            assert differences(wanted, places(browser, fresh(tmp_path), sources, bad)) != []


def fresh(folder: Path) -> Path:
    """A page in a new folder."""
    home = folder / str(sum(1 for _ in folder.iterdir()))
    home.mkdir()
    return home / "page.html"
