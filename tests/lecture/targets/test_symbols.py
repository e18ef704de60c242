"""Every symbol that a target writes is the notation's: shown in a pseudo-notation, none is found that is not."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation

from lecture.frames.render import describe_scene
from lecture.stage import Settings, Style
from lecture.targets import beamer, reveal
from scenes import LECTURE
from tests.lecture.targets.synthetic import SCENES, emit, make_media
from tests.scenes.pseudo import leaks_in_formula, leaks_in_message, pseudo_notation

NOTATION = pseudo_notation(LECTURE.notation)

# Code of wdmath and names of units are no symbols of the lecture's.
_NO_SYMBOLS = re.compile(r"<(code|style|script|pre|kbd)\b.*?</\1>", re.DOTALL)


class Written(HTMLParser):
    """Texts of a page and of attributes that are shown or spoken, and letters in its formulas."""

    SPOKEN = ("alt", "aria-label", "aria-valuetext", "title", "label", "placeholder")

    def __init__(self, page: str):
        super().__init__()
        self.texts: list[str] = []
        self.letters: list[str] = []
        self._inside: list[str] = []
        self.feed(_NO_SYMBOLS.sub("", page))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self._inside.append(tag)
        self.texts += [value or "" for name, value in attributes if name in self.SPOKEN]
        data = json.loads(given.get("data-lec") or "{}")
        self.texts += [*data.get("spoken", []), *data.get("words", {}).values()]

    def handle_endtag(self, tag: str) -> None:
        while tag in self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, text: str) -> None:
        if "math" not in self._inside:
            self.texts.append(text)
        elif self._inside[-1] == "mi":
            self.letters.append(text)


def leaks(text: str) -> list[str]:
    """Symbols in a text that are not the notation's; keys to press are letters, too."""
    return [] if text.lstrip().startswith("Keys:") else leaks_in_message(text)


def foreign(page: str) -> list[str]:
    """What a page writes that the notation does not."""
    written = Written(page)
    return [
        *(f"{text.strip()!r}: {leak}" for text in written.texts for leak in leaks(text)),
        *(letter for letter in written.letters if re.search(r"[a-zA-Z\u0370-\u03ff]", letter)),
    ]


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The synthetic folder, with the words of its scenes as the lecture has them in that notation."""
    folder = tmp_path_factory.mktemp("media")
    manifest = make_media(folder, notation=NOTATION)
    style = Style(LECTURE.palette.dark(), NOTATION)
    settings = Settings(LECTURE.subject.default(), style)
    for scene, (name, *_) in zip(manifest["scenes"], SCENES, strict=True):
        told = describe_scene(LECTURE.module_of(name), name, settings)
        scene["claim"], scene["plain_title"] = told["claim"], told["plain_title"]
        for step, words in zip(scene["steps"], told["steps"], strict=False):
            step["narration"], step["alt"] = words["say"], words["shows"]
            step["captions"] = [{"start": 0.0, "end": 1.0, "lines": [words["say"]]}]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


@pytest.fixture
def manifest(media: Path) -> dict[str, Any]:
    return json.loads((media / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def no_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in reveal._PARTS:
        (tmp_path / "npm" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "npm" / name).touch()
    monkeypatch.setattr(reveal, "npm_package", lambda *_: tmp_path / "npm")
    monkeypatch.setattr(beamer.shutil, "which", lambda _: None)


def test_pages_and_live_figures(media: Path, manifest: dict[str, Any], tmp_path: Path) -> None:
    made = emit("page", manifest, media, tmp_path / "out")
    pages = [made, *made.parent.glob("*/*/index.html")]
    assert len(pages) > 3
    for page in pages:
        assert foreign(page.read_text(encoding="utf-8")) == [], page.name
    assert len(Written(made.read_text(encoding="utf-8")).letters) > 40


@pytest.mark.parametrize("target", ["reveal", "slidev", "jekyll"])
def test_decks_and_blogs(target: str, media: Path, manifest: dict[str, Any], tmp_path: Path) -> None:
    made = emit(target, manifest, media, tmp_path / "out")
    for path in [made, *made.parent.rglob("*.html"), *made.parent.rglob("*.vue")]:
        assert foreign(path.read_text(encoding="utf-8")) == [], path.name


def test_powerpoint(media: Path, manifest: dict[str, Any], tmp_path: Path) -> None:
    presentation = Presentation(str(emit("pptx", manifest, media, tmp_path / "out")))
    for slide in presentation.slides:
        texts = [slide.shapes.title.text, slide.notes_slide.notes_text_frame.text]
        texts += [
            shape._element.nvPicPr.cNvPr.get("descr") or ""
            for shape in slide.shapes
            if "pic" in shape._element.tag
        ]
        assert [leak for text in texts for leak in leaks_in_message(text)] == []


def test_beamer(media: Path, manifest: dict[str, Any], tmp_path: Path) -> None:
    made = emit("beamer", manifest, media, tmp_path / "out")
    letters = re.compile(r"\\lectureletter\{(.*?)\}")
    told = [
        letters.sub(r"\1", line)
        for path in [made, *made.parent.rglob("scenes/**/*.tex")]
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("  {")
    ]
    assert len(told) >= 8
    assert [leak for line in told for leak in leaks(line)] == []


def test_handout(media: Path, manifest: dict[str, Any], tmp_path: Path) -> None:
    emit("handout", manifest, media, tmp_path / "out")
    data = json.loads((tmp_path / "out" / "handout.json").read_text(encoding="utf-8"))
    rows = [row for name in ("formula", "formulas", "problem") for row in data[name]]
    assert len(rows) > 15
    sources = [re.sub(r'#role\("\w+", \$(.*?)\$\);', r"\1", row.get("source", "")) for row in rows]
    assert [leak for source in sources for leak in leaks_in_formula(source)] == []
    scenes = [scene for chapter in data["chapters"] for scene in chapter["scenes"]]
    told = [scene[key] for scene in scenes for key in ("title", "claim")]
    told += [step[key] for scene in scenes for step in scene["steps"] for key in ("narration", "alt")]
    assert [leak for text in told for leak in leaks(text)] == []


def test_a_symbol_beside_the_notation_is_seen() -> None:
    page = f"<p>Of {NOTATION['lam'].text}</p><math><mi>{NOTATION['lam'].text}</mi><mo>=</mo><mn>5</mn></math>{{}}"
    assert foreign(page.format("")) == []
    for wrong in ("<p>Of λ</p>", '<img alt="H grows">', "<math><mi>θ</mi></math>", "<math><mi>H</mi></math>"):
        assert foreign(page.format(wrong)), wrong
