"""Beamer: words stay words; LaTeX sets it, and poppler shows each step's last frame."""

from __future__ import annotations

import re
import subprocess
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lecture.targets import beamer
from lecture.targets.beamer import latex
from scenes import LECTURE
from tests.lecture.targets.browser import needed
from tests.lecture.targets.synthetic import HOSTILE, SCENES, emit, last_frames, make_media, number_in

HOSTILE_LATEX = r"\input{/etc/passwd} 50 % #1 $x$ a_b ^^41 ~ θ̂₁ᵀ σ₂² λ → ∞ naïve ж ﬁ \end{document} -- ?` ''"


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    make_media(folder, words=f"{HOSTILE} {HOSTILE_LATEX}", theme=LECTURE.palette.on("#FDF6E3"))
    return folder


@pytest.fixture(scope="module")
def manifest(media: Path) -> dict[str, Any]:
    from lecture.manifest import load

    return load(media / "manifest.json")


def test_no_command_of_an_author_survives() -> None:
    made = latex(HOSTILE_LATEX)
    assert r"\input" not in made
    assert r"\end" not in made
    assert not re.search(r"(?<!\\)[%#$&_]", re.sub(r"\\ensuremath\{.*?\}\}?", "", made))


def test_without_latex_the_source_is_made_and_one_sentence_says_so(
    media: Path,
    manifest: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(beamer.shutil, "which", lambda _: None)
    made = emit("beamer", manifest, media, tmp_path / "out", ("5",), aspect="4:3")
    assert made.name == "lecture.tex"
    assert "apt-get install texlive-latex-recommended" in capsys.readouterr().err
    text = made.read_text(encoding="utf-8")
    assert "aspectratio=43" in text
    assert r"\lecturescene{choosing-lambda}" in text
    steps = (made.parent / "scenes" / "choosing-lambda.tex").read_text(encoding="utf-8")
    for stem in re.findall(r"\\lecturestep\{(.+?)\}", steps):
        assert (made.parent / "scenes" / f"{stem}.mp4").is_file()
        assert (made.parent / "scenes" / f"{stem}.png").is_file()


def _pages(pdf: Path, to: Path) -> list[Image.Image]:
    subprocess.run([needed("pdftoppm"), "-r", "60", "-png", str(pdf), str(to / "page")], check=True)
    return [Image.open(path).convert("RGB") for path in sorted(to.glob("page*.png"))]


def _objects(pdf: Path) -> bytes:
    """A PDF with its compressed parts laid open."""
    content = pdf.read_bytes()
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        try:
            content += zlib.decompressobj().decompress(stream)
        except zlib.error:
            continue
    return content


@pytest.mark.long
@pytest.mark.parametrize(("aspect", "ratio"), [("16:9", 16 / 9), ("4:3", 4 / 3)])
def test_each_step_is_a_page_with_its_clip(
    media: Path, manifest: dict[str, Any], tmp_path: Path, aspect: str, ratio: float
) -> None:
    needed("pdflatex", "lualatex", "texlive-latex-recommended")
    address = r"https://example.org/a_b?c=%20d&e#f~g"
    pdf = emit("beamer", manifest, media, tmp_path / "out", aspect=aspect, address=address)
    title, *pages = _pages(pdf, tmp_path)
    assert title.getpixel((3, 3)) == pytest.approx((0xFD, 0xF6, 0xE3), abs=2)
    shown = []
    for page in pages:
        assert page.width / page.height == pytest.approx(ratio, rel=0.01)
        height = round(page.width * 9 / 16)
        top = (page.height - height) // 2
        if aspect == "4:3":
            for y in (top - 4, top + height + 3):
                assert page.getpixel((page.width // 2, y)) == pytest.approx((0xFD, 0xF6, 0xE3), abs=2)
        picture = page.crop((0, top, page.width, top + height))
        shown.append(number_in(picture))
        # It fills the slide from edge to edge.
        for x in (1, page.width - 2):
            for y in (top + 2, top + height - 3):
                assert page.getpixel((x, y)) != pytest.approx((0xFD, 0xF6, 0xE3), abs=8)
    assert shown == [number for name, *_ in SCENES for number in last_frames(name)]
    objects = _objects(pdf)
    assert len(set(re.findall(rb"scenes/[\w/-]+\.mp4\?autostart&noprogress", objects))) == len(shown)
    assert b"/Launch" in objects
    assert b"https://example.org/a_b?c=%20d&e#f%7Eg" in objects


@pytest.mark.long
@pytest.mark.parametrize("mode", ["handout", "trans"])
def test_on_paper_a_scene_is_its_last_frame(
    media: Path, manifest: dict[str, Any], tmp_path: Path, mode: str
) -> None:
    emit("beamer", manifest, media, tmp_path / "made", ("RotateIntoEigenbasis", "WhereForcesBalance"))
    own = tmp_path / "own.tex"
    own.write_text(
        rf"""\documentclass[{mode},aspectratio=169]{{beamer}}
        \usepackage[T1]{{fontenc}}\usepackage{{textcomp}}
        \usepackage{{made/lecturescenes}}\lecturefolder{{made}}
        \begin{{document}}
        \lecturescene{{rotate-into-eigenbasis}}
        \lecturescene{{where-forces-balance}}
        \end{{document}}"""
    )
    command = [needed("pdflatex", "texlive-latex-recommended"), "-interaction=nonstopmode", "-halt-on-error"]
    done = subprocess.run([*command, own.name], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    assert b"Overfull" not in done.stdout
    shown = [number_in(page) for page in _pages(tmp_path / "own.pdf", tmp_path)]
    assert shown == [last_frames(name)[-1] for name in ("RotateIntoEigenbasis", "WhereForcesBalance")]


@pytest.mark.long
def test_a_scene_goes_into_a_lecture_of_ones_own(
    media: Path, manifest: dict[str, Any], tmp_path: Path
) -> None:
    emit("beamer", manifest, media, tmp_path / "made", ("WhereForcesBalance",))
    own = tmp_path / "own.tex"
    own.write_text(
        r"""\documentclass{beamer}
        \usepackage[T1]{fontenc}\usepackage{textcomp}
        \usepackage{made/lecturescenes}\lecturefolder{made}
        \begin{document}
        \begin{frame}{Mine}A word of mine.\par\lecturesteps[width=.5\textwidth]{where-forces-balance}\end{frame}
        \lecturescene{where-forces-balance}
        \begin{frame}{Mine again}\end{frame}
        \end{document}"""
    )
    command = [needed("pdflatex", "texlive-latex-recommended"), "-interaction=nonstopmode", "-halt-on-error"]
    done = subprocess.run([*command, own.name], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    steps = len(last_frames("WhereForcesBalance"))
    assert len(_pages(tmp_path / "own.pdf", tmp_path)) == 2 * steps + 1
