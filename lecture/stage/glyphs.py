"""Typst, and which characters it can draw with the fonts at hand: those inside it, and those of the system."""

from __future__ import annotations

import json
import re
from functools import cache

import typst

__all__ = ["drawable", "missing_glyphs", "typeset"]

_PAGE = "#set page(width: auto, height: auto, margin: 0pt, fill: none)\n#text({})"
_IN_NO_FONT = "\U0010ffff"  # no character, by definition


@cache
def _compiler() -> typst.Compiler:
    # One for all: searching the system's fonts takes twenty times as long as a formula.
    return typst.Compiler()


def typeset(source: str) -> bytes:
    """A Typst source of one page as SVG."""
    svg = _compiler().compile(input=source.encode(), format="svg")
    assert isinstance(svg, bytes)
    return svg


@cache
def _outlines(character: str) -> tuple[bytes, ...]:
    source = _PAGE.format(json.dumps(character, ensure_ascii=False))
    return tuple(re.findall(rb' d="([^"]+)"', typeset(source)))


def missing_glyphs(text: str) -> str:
    """The characters of a text that would be drawn as empty boxes, each once.

    Latin, Greek, Cyrillic, Hebrew and Arabic are in the fonts that come with Typst; other writing needs a font of the
    system.

    Examples
    --------
    >>> missing_glyphs("Größe (cm), מחיר, m²"), len(missing_glyphs("\\U000f0000 \\U000f0000"))
    ('', 1)
    """
    return "".join(
        c for c in dict.fromkeys(text) if not c.isascii() and _outlines(c) == _outlines(_IN_NO_FONT)
    )


def drawable(name: str) -> str:
    """`name`, or nothing where a character of it would be an empty box."""
    return "" if missing_glyphs(name) else name
