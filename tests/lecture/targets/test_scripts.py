"""Titles in any script come out of every target, or are refused in a sentence."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation

from lecture.stage.glyphs import missing_letters
from lecture.targets import beamer, reveal
from lecture.targets.beamer import _pieces
from lecture.targets.common import TargetError
from tests.lecture.targets.browser import needed
from tests.lecture.targets.synthetic import emit, make_media

TITLES = {
    "Greek": "Η γεωμετρία της εξασθένησης βαρών",
    "Cyrillic": "Геометрия ослабления весов",
    "Hebrew": "הגאומטריה של דעיכת משקלים",
    "Arabic": "هندسة تضاؤل الأوزان",
    "mixed": "L2 и λ: θ̂ между весами",
}
CHINESE = "权重衰减的几何"
#: A script of the second millennium BC, which hardly any machine has a font for.
RARE = "\U00010380\U00010381\U00010382"


def titled(folder: Path, title: str) -> dict[str, Any]:
    return make_media(folder, title=title, words=title)


@pytest.fixture(autouse=True)
def no_npm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in reveal._PARTS:
        (tmp_path / "npm" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "npm" / name).touch()
    monkeypatch.setattr(reveal, "npm_package", lambda *_: tmp_path / "npm")


def letters(text: str) -> list[str]:
    """Letters, in whatever order a program takes them out of a PDF."""
    return sorted(c for c in text if c.isalpha())


def text_of(pdf: Path) -> str:
    done = subprocess.run([needed("pdftotext"), str(pdf), "-"], check=True, capture_output=True, text=True)
    return done.stdout


@pytest.mark.parametrize("script", TITLES)
def test_a_title_in_every_target(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    title = TITLES[script]
    manifest = titled(tmp_path / "media", title)
    monkeypatch.setattr(beamer.shutil, "which", lambda _: None)
    made = {
        target: emit(target, manifest, tmp_path / "media", tmp_path / target, ("3",))
        for target in ("page", "reveal", "handout", "beamer", "pptx")
    }
    for target in ("page", "reveal"):
        assert f"<title>{title}" in made[target].read_text(encoding="utf-8")
    shapes = [shape for slide in Presentation(str(made["pptx"])).slides for shape in slide.shapes]
    told = [shape.text_frame.text for shape in shapes if shape.has_text_frame]
    assert (
        any(title in text for text in told) or title in Presentation(str(made["pptx"])).core_properties.title
    )
    assert json.loads((made["handout"].parent / "handout.json").read_text(encoding="utf-8"))[
        "title"
    ].startswith(title)
    assert r"\lectureletter" not in made["beamer"].read_text(encoding="utf-8")
    assert (made["beamer"].parent / "letters.pdf").is_file()
    assert "boxes" not in capsys.readouterr().err


@pytest.mark.long
@pytest.mark.parametrize("script", TITLES)
def test_on_paper_and_in_latex(script: str, tmp_path: Path) -> None:
    title = TITLES[script]
    manifest = titled(tmp_path / "media", title)
    needed("pdflatex", "lualatex", "texlive-latex-recommended")
    handout = emit("handout", manifest, tmp_path / "media", tmp_path / "handout", ("3",))
    assert set(letters(title)) <= set(letters(text_of(handout)))
    deck = emit(
        "beamer", manifest, tmp_path / "media", tmp_path / "beamer", ("3",), address="https://example.org"
    )
    foreign = [piece for piece, is_foreign in _pieces(title) if is_foreign]
    assert set(letters("".join(foreign))) <= set(letters(text_of(deck)))
    about = subprocess.run([needed("pdfinfo"), str(deck)], check=True, capture_output=True, text=True)
    assert foreign[0] in about.stdout  # bookmarks, the window's title


@pytest.mark.parametrize("target", ["handout", "beamer"])
@pytest.mark.parametrize("title", [CHINESE, RARE])
def test_what_no_font_has_is_refused_in_a_sentence(
    target: str, title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = titled(tmp_path / "media", title)
    monkeypatch.setattr(beamer.shutil, "which", lambda _: None)
    if not missing_letters(title):
        emit(target, manifest, tmp_path / "media", tmp_path / "out", ("3",))
        return
    with pytest.raises(TargetError, match=r"no font here has the letters .* of the title; install one"):
        emit(target, manifest, tmp_path / "media", tmp_path / "out", ("3",))
    assert "<title>" + title in emit(
        "page", manifest, tmp_path / "media", tmp_path / "page", ("3",)
    ).read_text(encoding="utf-8")


def test_formulas_are_no_foreign_words() -> None:
    assert [piece for piece, foreign in _pieces("1 − αλ, σ₁/(σ₁ + λ) θ̂") if foreign] == []
    assert [piece for piece, foreign in _pieces("вес λ веса") if foreign] == ["вес", "веса"]
    assert [piece for piece, foreign in _pieces("a هندسة تضاؤل b") if foreign] == ["هندسة تضاؤل"]
    assert [len(piece) for piece, foreign in _pieces("字" * 30) if foreign] == [12, 12, 6]
