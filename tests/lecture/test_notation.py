"""Other symbols, by name or one by one, in formulas, sentences and the voice."""

from __future__ import annotations

from pathlib import Path

import pytest

from lecture.edition import load_edition
from lecture.errors import LectureError
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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('notation = "z"', "lecture.toml: notation: "),
        ('symbols = { lamda = "mu" }', "got 'lamda', which there is not; did you mean 'lam'?"),
        ('symbols = { lam = "mu + 1" }', "symbols: expected a letter with at most an accent"),
        ('symbols = "mu"', "symbols: expected a table of symbols"),
        ('language = "xx"', "lecture.toml: language: "),
    ],
)
def test_mistakes_are_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(LectureError) as error:
        edition(tmp_path, text + "\n")
    assert told in str(error.value)
