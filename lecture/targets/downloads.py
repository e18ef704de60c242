"""What a page offers beside itself: film, captions, handout, slides, and how to cite it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from lecture.stage.style import Style
from lecture.words import _

from . import PAPER_FOLDER, handout, pptx
from .common import Options, copy_media, prepared

__all__ = ["HOME", "citation", "load_paper", "write_downloads"]

#: Their folder inside that of the page.
HOME = "downloads"


def load_paper(manifest: dict[str, Any], media: Path, options: Options) -> dict[str, Any] | None:
    """The manifest of the stills for paper, if there are some of every step of the lecture's."""
    from lecture.manifest import ManifestError, load

    if not (media / PAPER_FOLDER / "manifest.json").is_file():
        return None
    try:
        paper = prepared(load(media / PAPER_FOLDER / "manifest.json"), options)
    except (ManifestError, ValueError):
        return None

    def told(of: dict[str, Any]) -> list[Any]:
        return [[(step["name"], step["narration"]) for step in scene["steps"]] for scene in of["scenes"]]

    return paper if told(paper) == told(manifest) and paper["problem"] == manifest["problem"] else None


def write_downloads(
    manifest: dict[str, Any],
    paper: dict[str, Any] | None,
    media: Path,
    root: Path,
    options: Options,
    style: Style,
) -> list[dict[str, str]]:
    """Write what there is to be taken along into the page's folder; returns names, addresses and sizes.

    Handout and slides are made here and now, so that they say what the page says.
    """
    home = root / HOME
    home.mkdir()
    films = {} if options.only else manifest["lecture"]
    for kind in ("film", "vtt", "srt"):
        if entry := films.get(kind):
            entry = {"path": entry} if isinstance(entry, str) else entry
            copy_media(media, entry, home / Path(entry["path"]).name)
    if paper:
        _keep(handout.emit(paper, media / PAPER_FOLDER, root / ".made", options), home)
    _keep(pptx.emit(manifest, media, root / ".made", options), home)
    names = {
        ".mp4": style.text(_("Film")),
        ".pdf": style.text(_("Handout")),
        ".pptx": style.text(_("Slides")),
        ".vtt": style.text(_("Captions")),
        ".srt": style.text(_("Captions")),
    }
    order = list(names)
    files = sorted(home.iterdir(), key=lambda path: order.index(path.suffix))
    return [
        {
            "name": names[path.suffix],
            "kind": path.suffix[1:].upper(),
            "href": f"{HOME}/{path.name}",
            "size": f"{max(path.stat().st_size / 1e6, 0.1):.1f}",
        }
        for path in files
    ]


def _keep(made: Path, home: Path) -> None:
    """Move the one file of a target, and remove what it was made of."""
    made.replace(home / made.name)
    shutil.rmtree(made.parent)


def citation(manifest: dict[str, Any], options: Options) -> str:
    """How to cite the lecture, in BibTeX.

    Examples
    --------
    >>> from types import SimpleNamespace as N
    >>> lecture = N(authors="A. Author", year="2026")
    >>> print(citation({"lecture": {"title": "On {x}"}}, N(lecture=lecture, address="https://example.org")))
    @misc{author2026onx,
      title = {{On \\{x\\}}},
      author = {{A. Author}},
      year = {2026},
      url = {https://example.org},
    }
    """
    lecture, title = options.lecture, manifest["lecture"]["title"]
    last, first = lecture.authors.split()[-1:], re.findall(r"\w+", title)[:2]
    key = re.sub(r"\W", "", "".join([*last, lecture.year, *first])).lower()
    fields = {
        "title": f"{{{_bibtex(title)}}}",
        "author": f"{{{_bibtex(lecture.authors)}}}" if lecture.authors else "",
        "year": lecture.year,
        "url": json.dumps(options.address)[1:-1] if options.address else "",
    }
    rows = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@misc{{{key or 'lecture'},\n{rows}}}"


def _bibtex(text: str) -> str:
    """A text in a field, on one line."""
    return " ".join(re.sub(r"[{}%&#$_\\]", lambda m: "" if m[0] == "\\" else f"\\{m[0]}", text).split())
