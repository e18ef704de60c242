"""Other symbols, by name or one by one, in formulas, sentences and the voice."""

from __future__ import annotations

from pathlib import Path

import pytest

from lecture.edition import load_edition
from lecture.errors import LectureError
from lecture.formulas import mathml
from lecture.stage.text import formula
from lecture.words import _
from scenes import LECTURE


def edition(tmp_path: Path, text: str):
    (tmp_path / "lecture.toml").write_text(text, encoding="utf-8")
    return load_edition(tmp_path / "lecture.toml", LECTURE)


def test_a_notation_by_name(tmp_path: Path) -> None:
    style = edition(tmp_path, 'notation = "w"\n').settings().style
    assert style.text(_("{ridge} at {lam}")) == "ŵ_ridge at α"
    assert style.typst(_("{lam}")) == "[[$alpha$|penalty]]"
    assert style.symbol("ridge").say == "w hat ridge"


def test_single_symbols(tmp_path: Path) -> None:
    style = edition(tmp_path, 'symbols = { lam = "mu_2", min = "overline(x)" }\n').settings().style
    assert style.text(_("{min} and {lam}, {theta}")) == "x̄ and μ₂, θ"
    assert style.symbol("lam").color == "penalty"
    # Every role has its own reading, for the voice.
    assert style.symbol("lam").say == "mu two"


#: What users write for a minimizer: how it is shown and spoken, and what a page's MathML must hold.
WISHES = {
    "alpha": ("α", "alpha", {"α"}),
    "bold(w)": ("w", "w", {"w", "lec-bold"}),
    "bar(w)": ("w̄", "w bar", {"w", "¯"}),
    "overline(w)": ("w̄", "w bar", {"w", "¯"}),
    "hat(bold(w))_1": ("ŵ₁", "w hat one", {"w", "ˆ", "lec-bold", "1"}),
    "tilde(w)": ("w̃", "w tilde", {"w", "˜"}),
    "w^*": ("w*", "w star", {"w", "∗"}),
    'bold(theta)_"ridge"^star': ("θ_ridge*", "theta ridge star", {"θ", "lec-bold", "ridge", "∗"}),
}


@pytest.mark.parametrize("wish", WISHES)
def test_what_users_write_reaches_words_voice_pages_and_films(tmp_path: Path, wish: str) -> None:
    text, say, parts = WISHES[wish]
    style = edition(tmp_path, f"symbols = {{ min = '{wish}' }}\n").settings().style
    assert style.text(_("{min}")) == text
    assert style.symbol("min").say == say
    (page,) = mathml(["@min"], style.symbol)
    assert {part for part in parts if part not in page} == set()
    # In brackets that are raised, as the lecture's formulas have it, and set by Manim.
    assert formula("(@theta - @min)^top @hessian (@theta - @min)", style).width > 0


@pytest.mark.parametrize("wish", ["hat(bar(w))", "bold(bold(w))", "hat(w", "w)", "vec(w)", "hat()", "w + 1"])
def test_what_is_not_simple_is_told(tmp_path: Path, wish: str) -> None:
    with pytest.raises(LectureError, match=r"lecture\.toml: symbols: expected a letter"):
        edition(tmp_path, f"symbols = {{ min = '{wish}' }}\n")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('notation = "z"', "lecture.toml: notation: "),
        ('symbols = { lamda = "mu" }', "got 'lamda', which there is not; did you mean 'lam'?"),
        (
            'symbols = { lam = "mu + 1" }',
            "symbols: expected a letter, perhaps bold(), with at most an accent",
        ),
        ('symbols = "mu"', "symbols: expected a table of symbols"),
        ('language = "xx"', "lecture.toml: language: "),
    ],
)
def test_mistakes_are_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(LectureError) as error:
        edition(tmp_path, text + "\n")
    assert told in str(error.value)
