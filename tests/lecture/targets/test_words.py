"""Every word that a target says passes the seam: shown in a pseudo-language, none is found that did not."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation

from lecture.targets import beamer, common, reveal
from lecture.words import Language
from tests.lecture.targets.synthetic import HOSTILE, emit, make_media

#: Stands in every text of the manifest.
OF_THE_LECTURE = "◊"


class Pseudo(Language):
    """Every message in brackets and a third longer, its placeholders kept."""

    def translate(self, text: str) -> str:
        return f"⟦{text} {'~' * (len(text) // 3)}⟧"

    def translate_plural(self, one: str, many: str, count: int) -> str:
        return self.translate(one if count == 1 else many)


def unmarked(texts: Any) -> list[str]:
    """Texts with words in them that are neither a message nor the manifest's."""
    return [
        text
        for text in texts
        if re.search(r"[^\W\d_]{2,}", text) and "⟦" not in text and OF_THE_LECTURE not in text
    ]


class Texts(HTMLParser):
    """What a page says: its texts, and those of attributes that are shown or spoken."""

    SPOKEN = ("alt", "aria-label", "aria-valuetext", "title", "label", "placeholder")

    def __init__(self, text: str):
        super().__init__()
        self.texts: list[str] = []
        self._silent, self._symbol, self._goes_on = 0, False, False
        self.feed(re.sub(r"<(code|style|script)\b.*?</\1>", "", text, flags=re.DOTALL))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        # Symbols are no words: in formulas, and in the pictures of live figures.
        self._symbol = tag == "text" and "lec-live-label" in (given.get("class") or "")
        self._silent += tag == "math"
        self._goes_on = tag == "b"
        self.texts += [value or "" for name, value in attributes if name in self.SPOKEN]
        if given.get("name") == "description":
            self.texts.append(given["content"] or "")
        data = json.loads(given.get("data-lec") or "{}")
        self.texts += [*data.get("spoken", []), *data.get("words", {}).values()]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag == "math"
        self._goes_on = tag == "b"

    def handle_data(self, text: str) -> None:
        if self._goes_on and self.texts:  # a number inside a sentence
            self.texts[-1] += text
        elif not self._silent and not self._symbol:
            self.texts.append(text)
        self._goes_on = False


# Names that are the same in every language.
NAMES = {"SIL Open Font License"}


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    make_media(folder, words=OF_THE_LECTURE, language="pt_BR")
    return folder


@pytest.fixture
def manifest(media: Path) -> dict[str, Any]:
    return json.loads((media / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def pseudo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("lecture.definition.load_language", lambda code, folders: Pseudo(code, {}))
    for name in reveal._PARTS:
        (tmp_path / "npm" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "npm" / name).touch()
    monkeypatch.setattr(reveal, "npm_package", lambda *_: tmp_path / "npm")
    monkeypatch.setattr(beamer.shutil, "which", lambda _: None)


def check_html(text: str) -> None:
    assert [told for told in unmarked(Texts(text).texts) if told not in NAMES] == []
    # A live figure fills those of its own words while it is moved.
    filled = re.sub(r'data-lec="[^"]*"', "", text)
    assert not re.search(r"⟦[^⟧]*\{\w+\}", filled), "a placeholder was not filled"


def test_pages(media: Path, manifest: dict[str, Any], tmp_path: Path) -> None:
    made = emit("page", manifest, media, tmp_path / "out")
    for page in (made, *made.parent.glob("*/*/index.html")):
        text = page.read_text(encoding="utf-8")
        assert '<html lang="pt-BR">' in text
        check_html(text)
    text = made.read_text(encoding="utf-8")
    for once in (
        "Skip to the content",
        "Next step",
        "Step 2 of 3",
        "rescale",
        "Transcript",
        "How sure is that",
        "It held for",
        "equals",
        "degrees of",
        "Copy as SVG",
        "Penalty strength",
    ):
        assert re.search(rf"⟦[^⟧]*{once}", text), once


def test_includes_of_a_blog(media: Path, manifest: dict[str, Any], tmp_path: Path) -> None:
    made = emit("jekyll", manifest, media, tmp_path / "out")
    for include in (made.parent / "_includes" / "lecture").iterdir():
        check_html(include.read_text(encoding="utf-8"))


def test_reveal(media: Path, manifest: dict[str, Any], tmp_path: Path) -> None:
    text = emit("reveal", manifest, media, tmp_path / "out").read_text(encoding="utf-8")
    check_html(text)
    setup = json.loads(re.search(r"deck\((.*)\);", text)[1])  # type: ignore[index]
    assert unmarked([setup["captions"], setup["again"]]) == []
    script = (tmp_path / "out" / "deck.js").read_text(encoding="utf-8")
    assert unmarked(re.findall(r'description: "(.*?)"', script)) == []


def test_slidev(media: Path, manifest: dict[str, Any], tmp_path: Path) -> None:
    text = emit("slidev", manifest, media, tmp_path / "out").read_text(encoding="utf-8")
    assert '"lang": "pt-BR"' in text
    notes = re.findall(r"<!--\n(.*?)\n-->", text, re.DOTALL)
    assert unmarked([*re.findall('title: "(.*)"', text), *notes]) == []


def test_powerpoint(media: Path, manifest: dict[str, Any], tmp_path: Path) -> None:
    presentation = Presentation(str(emit("pptx", manifest, media, tmp_path / "out")))
    texts = [presentation.core_properties.title]
    for slide in presentation.slides:
        texts += [slide.shapes.title.text, slide.notes_slide.notes_text_frame.text]
        begin, movie = (shape for shape in slide.shapes if "pic" in shape._element.tag)
        texts += [begin.name, movie.name, movie._element.nvPicPr.cNvPr.get("descr")]
    assert unmarked(texts) == []
    assert presentation.core_properties.language == "pt-BR"


def test_beamer(media: Path, manifest: dict[str, Any], tmp_path: Path) -> None:
    film = {"path": "scenes/RotateIntoEigenbasis.mp4", "bytes": 1, "duration": 1.0}
    manifest["lecture"]["film"] = film
    made = emit("beamer", manifest, media, tmp_path / "out")
    text = made.read_text(encoding="utf-8")
    assert (
        unmarked(t.replace(r"\lectureletter{⟦}", "⟦") for t in re.findall(r"film\.mp4\}\{(.*)\}\\par", text))
        == []
    )
    assert re.search(r"run:film\.mp4\}\{\\lectureletter\{⟦\}The film", text)
    text = emit("beamer", manifest, media, tmp_path / "out", address="https://example.org").read_text(
        encoding="utf-8"
    )
    assert re.search(r"alt=\{\\lectureletter\{⟦\}QR code: https", text)


def test_handout(media: Path, manifest: dict[str, Any], tmp_path: Path) -> None:
    number = {"text": "2", "value": 2.0, "expression": f"f(x) {OF_THE_LECTURE}", "inputs": {"x": 1.0}}
    manifest["scenes"][0]["steps"][0]["numbers"] = [number]
    emit("handout", manifest, media, tmp_path / "out", address="https://example.org")
    data = json.loads((tmp_path / "out" / "handout.json").read_text(encoding="utf-8"))
    told = [
        data["title"],
        data["about"],
        data["qr"],
        *data["words"].values(),
        data["numbers"][0]["numbers"][0]["expression"],
    ]
    told += [row["name"] for name in ("formula", "formulas", "problem") for row in data[name]]
    told += [
        step[key]
        for c in data["chapters"]
        for s in c["scenes"]
        for step in s["steps"]
        for key in ("narration", "alt")
    ]
    assert len(told) > 30
    assert unmarked(told) == []
    # Its template has no words of its own.
    template = (tmp_path / "out" / "handout.typ").read_text(encoding="utf-8")
    code = re.sub(r"//.*", "", template)
    assert [text for text in re.findall(r"\[([^\]]+)\]", code) if re.search("[a-z]{3}", text)] == []


def test_a_word_beside_the_seam_is_seen() -> None:
    page = f'<main><p>⟦Next⟧</p><img alt="{OF_THE_LECTURE}"><code>x = max(y)</code>{{}}</main>'
    check_html(page.format(""))
    for wrong in (
        "<p>Next step</p>",
        '<img alt="A wheel">',
        '<div data-lec="{&quot;spoken&quot;: [&quot;one&quot;]}"></div>',
    ):
        with pytest.raises(AssertionError):
            check_html(page.replace("{}", wrong))
    with pytest.raises(AssertionError):
        check_html("<p>⟦Step {n}⟧</p>")


def test_messages_and_what_they_hold_are_escaped(tmp_path: Path) -> None:
    """A translation is no markup, and neither is what fills it."""
    from lecture.stage import Palette, Style

    environment = common.templates(Style(Palette().dark(), language=Pseudo("xx", {})))
    made = environment.from_string('{{ _("a <b> {x} {y}", x=x, y="<i></i>" | safe) }}').render(x=HOSTILE)
    assert made.count("<") == 2
    assert "<i></i>" in made
    plural = environment.from_string('{{ ngettext("{n} step", "{n} steps", n=2) }}').render()
    assert plural.startswith("⟦2 steps")
