"""Typst, and which characters it can draw with the fonts at hand: those inside it, and those of the system."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from typing import Literal

import typst

__all__ = ["drawable", "missing_glyphs", "missing_letters", "typeset"]

_PAGE = "#set page(width: auto, height: auto, margin: 0pt, fill: none)\n#text({})"
_IN_NO_FONT = "\U0010ffff"  # no character, by definition


@cache
def _compiler(system: bool = True) -> typst.Compiler:
    # One for all: searching the system's fonts takes twenty times as long as a formula.
    return typst.Compiler(ignore_system_fonts=not system)


def typeset(source: str, kind: Literal["svg", "pdf"] = "svg", *, system: bool = True) -> bytes:
    """A Typst source of one page as SVG or PDF.

    Parameters
    ----------
    system : bool
        Whether the fonts of the system may be used beside those that come with Typst.
    """
    made = _compiler(system).compile(input=source.encode(), format=kind)
    assert isinstance(made, bytes)
    return made


@cache
def _outlines(character: str, system: bool) -> tuple[bytes, ...]:
    source = _PAGE.format(json.dumps(character, ensure_ascii=False))
    return tuple(re.findall(rb' d="([^"]+)"', typeset(source, system=system)))


def missing_glyphs(text: str, *, system: bool = True) -> str:
    """The characters of a text that would be drawn as empty boxes, each once.

    Latin, Greek, Cyrillic, Hebrew and Arabic are in the fonts that come with Typst; other writing needs a font of the
    system.

    Parameters
    ----------
    system : bool
        Whether the fonts of the system may be used.

    Examples
    --------
    >>> missing_glyphs("Größe (cm), מחיר, m²"), len(missing_glyphs("\\U000f0000 \\U000f0000"))
    ('', 1)
    """
    return "".join(
        c
        for c in dict.fromkeys(text)
        if not c.isascii() and _outlines(c, system) == _outlines(_IN_NO_FONT, system)
    )


def missing_letters(text: str) -> str:
    """The letters among :func:`missing_glyphs`: what a text cannot be read without."""
    return missing_glyphs("".join(c for c in text if unicodedata.category(c)[0] in "LMN"))


def drawable(name: str) -> str:
    """`name`, or nothing where a character of it would be an empty box."""
    return "" if missing_glyphs(name) else name
