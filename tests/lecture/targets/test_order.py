"""Title and order of a lecture reach every target; a chapter that the order comes back to is there again."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation

from lecture.targets import beamer, reveal
from lecture.targets.common import prepared
from scenes import LECTURE
from tests.lecture.targets.synthetic import SCENES, Options, emit, make_media

TITLE = "My talk on Monday"
#: Scenes of chapter 3, of 5, and of 3 once more.
ORDER = [SCENES[k] for k in (2, 3, 0)]
NAMES = [name for name, *_ in ORDER]
SLUGS = ["where-forces-balance", "choosing-lambda", "rotate-into-eigenbasis"]


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    make_media(folder, title=TITLE, scenes=ORDER)
    return folder


@pytest.fixture
def manifest(media: Path) -> dict[str, Any]:
    return json.loads((media / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def without_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in reveal._PARTS:
        (tmp_path / "npm" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "npm" / name).touch()
    monkeypatch.setattr(reveal, "npm_package", lambda *_: tmp_path / "npm")
    monkeypatch.setattr(beamer.shutil, "which", lambda _: None)


def text_of(target: str, made: Path) -> str:
    """What a target says of titles and scenes, as text."""
    if target == "pptx":
        presentation = Presentation(str(made))
        slides = [slide.shapes.title.text for slide in presentation.slides]
        return "\n".join([presentation.core_properties.title, *slides])
    if target == "handout":
        return (made.parent / "handout.json").read_text(encoding="utf-8")
    return made.read_text(encoding="utf-8")


#: A target, and what stands in it for each scene.
PLACES = {
    "page": 'aria-labelledby="{slug}"',
    "jekyll": 'scene="{slug}"',
    "reveal": 'id="{slug}"',
    "slidev": "<{name} />",
    "pptx": "{title} (1 of",
    "beamer": r"\lecturescene{{{slug}}}",
    "handout": '"title": "{title}"',
    "clips": "-{slug}`: ",
}


@pytest.mark.parametrize("target", PLACES)
def test_title_and_order(target: str, media: Path, manifest: dict[str, Any], tmp_path: Path) -> None:
    text = text_of(target, emit(target, manifest, media, tmp_path / "out"))
    assert TITLE in text
    titles = [scene["plain_title"] for scene in manifest["scenes"]]
    places = [
        text.index(PLACES[target].format(slug=slug, name=name, title=title))
        for slug, name, title in zip(SLUGS, NAMES, titles, strict=True)
    ]
    assert places == sorted(places)


@pytest.mark.parametrize("target", PLACES)
def test_a_single_scene_has_its_own_title(
    target: str, media: Path, manifest: dict[str, Any], tmp_path: Path
) -> None:
    made = emit(target, manifest, media, tmp_path / "out", only=("RotateIntoEigenbasis",))
    assert "Rotate into the eigenbasis" in text_of(target, made)


def test_a_lecture_of_one_scene_has_the_lecture_s_title(tmp_path: Path) -> None:
    manifest = make_media(tmp_path, title=TITLE, scenes=ORDER[:1])
    assert prepared(manifest, Options(LECTURE))["title"] == TITLE
    assert prepared(manifest, Options(LECTURE, (NAMES[0],)))["title"] == "Balance"


def test_ids_of_a_page_are_unique_and_every_address_leads_somewhere(
    media: Path, manifest: dict[str, Any], tmp_path: Path
) -> None:
    text = emit("page", manifest, media, tmp_path / "out").read_text(encoding="utf-8")
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert {"chapter-3", "chapter-5", "chapter-3-2"} <= {*ids}
    assert {*re.findall(r'href="#([^"]+)"', text)} <= {*ids}


def test_parts_of_a_chapter_come_together_where_nothing_is_between(manifest: dict[str, Any]) -> None:
    chosen = prepared(manifest, Options(LECTURE, ("3",)))
    assert [(c["id"], c["scenes"]) for c in chosen["chapters"]] == [("chapter-3", [NAMES[0], NAMES[2]])]
    assert [scene["name"] for scene in chosen["scenes"]] == [NAMES[0], NAMES[2]]
