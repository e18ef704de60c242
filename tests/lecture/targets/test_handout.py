"""The handout: its pages as poppler sees them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from scenes import LECTURE
from tests.lecture.targets.browser import needed
from tests.lecture.targets.synthetic import HOSTILE, SCENES, emit, last_frames, make_media, number_in

HOSTILE_TYPST = '#panic("no") $x$ *bold* @ref <label> // comment [[ ]]'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path, Path]:
    media = tmp_path_factory.mktemp("media")
    manifest = make_media(media, words=f"{HOSTILE} {HOSTILE_TYPST}", theme=LECTURE.palette.light())
    return (
        manifest,
        media,
        emit("handout", manifest, media, address="https://example.org/film"),
    )


def test_it_is_typeset_without_a_program_from_outside(made: tuple[dict[str, Any], Path, Path]) -> None:
    assert made[2].read_bytes().startswith(b"%PDF")


@pytest.mark.long
def test_every_word_is_printed_as_it_was_written(made: tuple[dict[str, Any], Path, Path]) -> None:
    manifest, _, pdf = made
    done = subprocess.run([needed("pdftotext"), str(pdf), "-"], check=True, capture_output=True, text=True)

    def letters(text: str) -> str:
        return "".join(text.split()).replace("-", "").replace("’", "'").replace("‘", "'")

    printed = letters(done.stdout.replace("“", '"').replace("”", '"'))
    for scene in manifest["scenes"]:
        for step in scene["steps"]:
            assert letters(step["narration"]) in printed


@pytest.mark.long
def test_every_still_is_there_in_order(made: tuple[dict[str, Any], Path, Path], tmp_path: Path) -> None:
    subprocess.run([needed("pdfimages"), "-png", str(made[2]), str(tmp_path / "i")], check=True)
    shown = [number_in(Image.open(path)) for path in sorted(tmp_path.glob("i*.png"))]
    assert shown == [number for name, *_ in SCENES for number in last_frames(name)]


def test_a_scene_alone_has_its_own_title(made: tuple[dict[str, Any], Path, Path], tmp_path: Path) -> None:
    manifest, media, _ = made
    pdf = emit("handout", manifest, media, tmp_path / "out", ("WhereForcesBalance",))
    assert pdf.stat().st_size < made[2].stat().st_size
