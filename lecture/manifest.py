"""The manifest: everything that was rendered, described once, for every format that is made of it.

Its shape is documented in ``manifest.schema.json`` beside this module.
"""

from __future__ import annotations

import dataclasses
import json
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .notation import Symbol

__all__ = ["VERSION", "ManifestError", "describe_symbols", "describe_theme", "load", "plain_title", "schema"]

VERSION = 3


class ManifestError(Exception):
    """A manifest that is missing or not understood, in one sentence."""


def load(path: str | Path) -> dict[str, Any]:
    """Read a manifest.

    Raises
    ------
    ManifestError
        If it is missing, is not JSON, or has a version that this program does not know.
    """
    path = Path(path)
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ManifestError(f"{path}: there is no such file; run make first") from None
    except (OSError, ValueError) as error:
        raise ManifestError(f"{path}: cannot be read as JSON ({error}); run make again") from None
    version = manifest.get("version") if isinstance(manifest, dict) else None
    if version != VERSION:
        raise ManifestError(f"{path}: expected version {VERSION}, got {version!r}; run make again")
    return manifest


def schema() -> dict[str, Any]:
    """The JSON schema of a manifest."""
    return json.loads(Path(__file__).with_name("manifest.schema.json").read_text(encoding="utf-8"))


def describe_theme(theme: Any, accent: str = "ink") -> dict[str, str]:
    """The colors of a lecture by role; ``accent`` is one of them, for what pages and decks draw themselves.

    Parameters
    ----------
    theme : Theme
    accent : str
        A role (:attr:`lecture.definition.Lecture.accent`).
    """
    return {"name": theme.name, **theme, "accent": theme[accent]}


def describe_symbols(notation: Mapping[str, Symbol]) -> dict[str, dict[str, str]]:
    """The symbols of a lecture by role, each with Typst mathematics, text, how it is spoken, and its color's role."""
    return {role: dataclasses.asdict(symbol) for role, symbol in notation.items()}


def plain_title(markup: str) -> str:
    """A title without its Typst markup.

    Examples
    --------
    >>> plain_title("*Turn* the _wheel_ by $hat(phi)_1$ [[slowly|ink]]")
    'Turn the wheel by φ̂₁ slowly'
    """
    text = re.sub(r"\[\[(.+?)\|\w+\]\]", r"\1", markup)
    text = re.sub(r"\$(.+?)\$", lambda m: _plain_formula(m[1]), text)
    return " ".join(re.sub(r"(?<!\w)[*_]|[*_](?!\w)", "", text).split())


_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _plain_formula(formula: str) -> str:
    """Letters by their names, hats and numbers below them; the rest as it is written."""
    text = re.sub(r"[a-z]{2,}", lambda m: _greek(m[0]), formula)
    text = re.sub(r"hat\((\w+)\)", "\\1\N{COMBINING CIRCUMFLEX ACCENT}", text)
    text = re.sub(r"_(\d+)", lambda m: m[1].translate(_SUBSCRIPTS), text)
    return " ".join(text.split())


def _greek(name: str) -> str:
    # Unicode spells it "lamda".
    spelled = "LAMDA" if name == "lambda" else name.upper()
    try:
        return unicodedata.lookup(f"GREEK SMALL LETTER {spelled}")
    except KeyError:
        return name
