"""Whatever the texts of a lecture contain, every target has the same structure as with harmless words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment
from lxml import etree
from markdown_it import MarkdownIt
from markupsafe import Markup
from pptx import Presentation

from lecture.frames.captions import Caption
from lecture.targets import TARGETS, reveal
from tests.lecture.targets.synthetic import emit, make_media

#: Names of columns and titles that would do harm if a target took them for more than text. ASCII's control characters
#: but line ends are not among them: `lecture.fields` refuses them in titles, and they are left out of names.
TEXTS = {
    "html": "</script><script>alert(1)</script></title></style></figure><img src=x onerror=alert(2)> <!-- --> ]]>",
    "quotes": '" onload="alert(3)" \' `x` &amp; &#60;b&#62; &lt',
    "templates": "{{ site.time }} {% raw %} {% include x %} {{ 7 * 7 }} ${x} {# c #} <%= 1 %> @click v-html",
    "tex": "\\input{/etc/passwd} \\end{document} \\write18{ls} $x$ %c #1 ^^41 ~ a_b & {} } { \\",
    "typst": '#panic("no") #read("/etc/passwd") $x$ *b* _i_ @ref <label> // c /* c */ [[a|eig1]] = h',
    "markdown": "![x](https://example.org/x) [a](javascript:alert) ~~s~~ <b>b</b> | c | ::right:: [click] --> -- ---",
    "lines": "a\n\n---\n\n---\nlayout: evil\n---\n\n# heading\n\n```\n    code\n\n- list\r\n\r\n<!--\nx\n-->\n",
    "cues": "x\n\n00:00:00.000 --> 00:00:09.000\nWEBVTT\n\nNOTE\n\n1\n00:00:00,000 --> 00:00:09,000\n<i>y</i>",
    "right to left": "מחיר \u202eהבית\u202c (₪) مساحة \u2066x\u2069",
    "long": "a" * 300,
    "rare": "\x85\ufffe\uffff\u2028\u2029\ufeff\U000f0000 e\u0301\u0308 \U0001f469\u200d\U0001f52c",
}
CALM = "calm"
ONLY = ("WhereForcesBalance", "ChoosingLambda")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[dict[str, Any], Path]]:
    """Manifests and media with harmless and with hostile words."""
    folders = {name: tmp_path_factory.mktemp("media") for name in ("calm", "hostile")}
    return {
        "calm": (make_media(folders["calm"], words=CALM), folders["calm"]),
        "hostile": (make_media(folders["hostile"], words=" ".join(TEXTS.values())), folders["hostile"]),
    }


def check(
    target: str,
    made: dict[str, tuple[dict[str, Any], Path]],
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Make a target of both; every file of the one is made of the same as that of the other."""
    package = out / "reveal.js"
    for name in reveal._PARTS:
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).touch()
    monkeypatch.setattr(reveal, "npm_package", lambda *_: package)
    monkeypatch.setattr("lecture.targets.beamer.shutil.which", lambda _: None)  # setting it takes long
    files = {}
    for kind, (manifest, media) in made.items():
        emit(target, manifest, media, out / kind, ONLY)
        files[kind] = sorted(p.relative_to(out / kind) for p in (out / kind).rglob("*") if p.is_file())
        # Words in letters that LaTeX does not have.
        files[kind] = [p for p in files[kind] if p.name != "letters.pdf"]
    assert files["hostile"] == files["calm"]
    for name in files["calm"]:
        assert structure(target, out / "hostile" / name) == structure(target, out / "calm" / name), name


class Skeleton(HTMLParser):
    """Elements and the names of their attributes, without any text."""

    def __init__(self, text: str):
        super().__init__()
        self.parts: list[Any] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.append((tag, [name for name, _ in attrs]))

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(tag)

    def handle_comment(self, data: str) -> None:
        self.parts.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.parts.append("declaration")


def front_matter(text: str) -> tuple[list[tuple[str, Any]], str]:
    """The fields at the head of a page or slide, which are written as JSON, and what follows them."""
    head, body = text.removeprefix("---\n").split("\n---\n", 1)
    fields = [line.split(": ", 1) for line in head.split("\n")]
    return [(name, json.loads(value) if value[:1] in '"{[' else value) for name, value in fields], body


def structure(target: str, path: Path) -> Any:
    """What a file is made of, without the texts in it; None for pictures and films."""
    if path.suffix in (".mp4", ".png", ".jpg", ".webp", ".gif", ".pdf", ".woff2"):
        return None
    if path.suffix == ".pptx":
        return slides(path)
    text = path.read_bytes().decode("utf-8")
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", text), path
    if path.suffix == ".html":
        if target != "jekyll":
            return Skeleton(text).parts
        liquid = re.findall(r"\{\{.*?\}\}|\{%.*?%\}", text)
        fields, text = front_matter(text) if text.startswith("---\n") else ([], text)
        return [name for name, _ in fields], liquid, Skeleton(text).parts
    if path.suffix == ".vue":
        script = re.search(r"const scene = (.*)\n</script>", text, re.DOTALL)
        scene = json.loads(script[1]) if script else {}
        return shape(scene), Skeleton(text).parts
    if path.name == "slides.md":
        return list(deck(text))
    if path.suffix == ".md":
        tokens = MarkdownIt("gfm-like").disable("linkify").parse(text)
        return [
            (t.type, t.tag, [c.type for c in t.children or () if c.type != "text_special"]) for t in tokens
        ]
    if path.suffix == ".tex":
        return commands(text)
    if path.suffix == ".json":
        return shape(json.loads(text))
    if path.suffix == ".vtt":
        return cues(text)
    return text


def shape(value: Any) -> Any:
    """Nested data with every text made the same."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return "" if isinstance(value, str) else value


def deck(text: str) -> Iterator[Any]:
    """The slides of Slidev: lines of three dashes part them, the last comment of each is its notes."""
    parts = re.split(r"(?m)^---\s*$", text)
    assert parts[0] == ""
    for head, body in zip(parts[1::2], parts[2::2], strict=True):
        fields, _ = front_matter(f"---{head}---\n")
        # Slidev takes a title for Markdown in its contents.
        assert not re.search(r"[<>{}*_`\[\]$\\]", dict(fields).get("title", ""))
        assert not re.search(r"\{\{|\$\{|::", body)
        yield [name for name, _ in fields], Skeleton(body).parts


#: What LaTeX prints one letter for.
LETTER = re.compile(
    r"\\ensuremath\{[^{}]*(\{[^{}]*\}[^{}]*)*\}|\\text\w+\{\}|\\lectureletter\{.\}"
    r"|\\lectureword\{\d+\}\{(\\unichar\{\"[0-9A-F]+\})+\}|\\dots\{\}|\\[%&#$_{}]|-\{\}|~"
)


def commands(text: str) -> list[str]:
    """Commands, groups and special signs of LaTeX, in their order, without those that print a letter."""
    return re.findall(r"\\[a-zA-Z@]+|\\.|[{}%$#&_^]", LETTER.sub("", text))


def cues(text: str) -> None:
    """A WebVTT file: a head, and blocks of a time and one or two lines."""
    head, *blocks = text.rstrip("\n").split("\n\n")
    assert head == "WEBVTT"
    for block in blocks:
        time, *lines = re.split("\r\n|\n|\r", block)
        assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3} --> \d\d:\d\d:\d\d\.\d{3}", time)
        assert 1 <= len(lines) <= 2
        assert not any("-->" in line or "<" in line or not line for line in lines)


def slides(path: Path) -> list[Any]:
    """The elements of every slide, of its notes and of the presentation, runs of text made one."""
    presentation = Presentation(str(path))

    def elements(root: Any) -> list[str]:
        for paragraph in root.iter("{*}p"):
            for part in list(paragraph):
                if etree.QName(part).localname in ("r", "br"):
                    paragraph.remove(part)
        tags = [etree.QName(element).localname for element in root.iter(etree.Element)]
        return [tag for k, tag in enumerate(tags) if tag != "p" or tags[k - 1] != "p"]

    parts = [presentation.part._element]
    for slide in presentation.slides:
        parts += [slide._element, slide.notes_slide._element]
    return [elements(part) for part in parts]


@pytest.mark.parametrize("target", TARGETS)
def test_words_change_no_structure(
    target: str,
    made: dict[str, tuple[dict[str, Any], Path]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    check(target, made, tmp_path, monkeypatch)


def unescaped_page(**options: Any) -> Any:
    return Environment(**(options | {"autoescape": False}))


def unescaped_cues(captions: Iterable[Caption]) -> str:
    return "\n\n".join(
        ["WEBVTT", *("00:00:00.000 --> 00:00:01.000\n" + "\n".join(c.lines) for c in captions)]
    )


@pytest.mark.parametrize(
    ("target", "escape", "instead"),
    [
        ("page", "common.jinja2.Environment", unescaped_page),
        ("page", "web.webvtt", unescaped_cues),
        ("jekyll", "jekyll._inert", Markup),
        ("jekyll", "jekyll.fragment", lambda html, address: html),
        ("reveal", "common.jinja2.Environment", unescaped_page),
        ("slidev", "slidev._title", str),
        ("slidev", "slidev._note", str),
        ("slidev", "slidev._script", json.dumps),
        ("beamer", "beamer._latex", str),
        ("pptx", "pptx._clean", str),
        ("clips", "clips._text", str),
    ],
)
def test_a_target_that_forgets_to_escape_is_caught(
    target: str,
    escape: str,
    instead: Any,
    made: dict[str, tuple[dict[str, Any], Path]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(f"lecture.targets.{escape}", instead)
    with pytest.raises((AssertionError, ValueError)):
        check(target, made, tmp_path, monkeypatch)
