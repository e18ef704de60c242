"""The lecture for the places where people teach: one thin emitter a format, over one manifest.

Every emitter is a module of this package with one public function::

    emit(manifest, media, out, options) -> Path

    manifest : dict      of `lecture.manifest.load`, already narrowed to the wanted scenes
    media : Path         the folder of the manifest, which the paths in it are relative to
    out : Path           the folder to write; it is replaced as a whole (`common.folder`)
    options : Options    what the user chose beside the lecture itself

and returns the file to open. :func:`emit` here is what the command line calls.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["PAPER_FOLDER", "SLIDERS_FOLDER", "TARGETS", "TRANSPARENT_FOLDER", "Target", "emit"]

#: Where the scenes of the λ sliders are rendered to, inside the media folder.
SLIDERS_FOLDER = ".sliders"

#: Where stills for paper are, inside the media folder.
PAPER_FOLDER = ".paper"

#: Where steps with nothing behind them are, inside the media folder.
TRANSPARENT_FOLDER = ".transparent"


class Target(NamedTuple):
    """A format: its module here, what it is in a few words, and what it needs beside the lecture's films."""

    module: str
    about: str
    sliders: bool = False
    transparent: bool = False
    paper: bool = False


TARGETS = {
    "page": Target("page", "a web page: accessible videos, transcript and λ sliders", sliders=True),
    "jekyll": Target("jekyll", "an include and a page for a Jekyll blog", sliders=True),
    "reveal": Target("reveal", "a reveal.js deck, one click a step"),
    "pptx": Target("pptx", "PowerPoint slides, one a step"),
    "slidev": Target("slidev", "a Slidev deck, and components for one's own"),
    "beamer": Target("beamer", "a Beamer lecture with overlays, and macros for one's own"),
    "handout": Target("handout", "a PDF on white paper: stills, formulas, transcript", paper=True),
    "clips": Target("clips", "loose clips, stills and animations that sort by name", transparent=True),
}


def emit(
    name: str, manifest: dict[str, Any], media: str | Path, out: str | Path | None = None, options: Any = None
) -> Path:
    """Make a target from a manifest; returns the file to open.

    Parameters
    ----------
    name : str
        One of :data:`TARGETS`.
    manifest : dict
        Of everything that was rendered; `options.only` narrows it.
    media : path
        The manifest's folder.
    out : path, optional
        Where to write; by default the target's name inside `media`.
    options : Options, optional
        See :class:`lecture.targets.common.Options`.

    Raises
    ------
    common.TargetError
        In one sentence, if something is missing.
    """
    from .common import Options, TargetError, select

    options = options or Options()
    if name not in TARGETS:
        raise TargetError(f"there is no target {name!r} (targets: {', '.join(TARGETS)})")
    module = importlib.import_module(f"{__name__}.{TARGETS[name].module}")
    media = Path(media)
    return module.emit(select(manifest, options.only), media, Path(out or media / name), options)
