"""The lecture for the places where people teach: one thin emitter a format, over one manifest.

Every target is a module of this package, called as the target, and a line in the table below; commands, `make`, help
and the README's table follow. The module has one public function::

    emit(manifest, media, out, options) -> Path

    manifest : dict      of `lecture.manifest.load`, made ready by `common.prepared`
    media : Path         the folder of the manifest, which the paths in it are relative to
    out : Path           the folder to write; it is replaced as a whole (`common.folder`)
    options : Options    the lecture, and what the user chose beside it

and returns the file to open. :func:`emit` here is what the command line calls.
"""

from __future__ import annotations

import hashlib
import importlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .common import Options

__all__ = [
    "PAPER_FOLDER",
    "TARGETS",
    "TRANSPARENT_FOLDER",
    "Target",
    "emit",
    "folder_of",
    "targets_table",
    "with_table",
]

#: Where stills for paper are, inside the media folder.
PAPER_FOLDER = ".paper"

#: Where steps with nothing behind them are, inside the media folder.
TRANSPARENT_FOLDER = ".transparent"


class Target(NamedTuple):
    """A format.

    Attributes
    ----------
    name : str
        Of its command, its folder, and its module here.
    about : str
        What it is, in a few words.
    needs : str
        A program that has to be there, and what for; empty for none.
    films, transparent, paper, printed : bool
        Whether it needs the lecture's films at all; steps with nothing behind them, too (of scenes chosen by name);
        stills for paper instead.
    """

    name: str
    about: str
    needs: str = ""
    films: bool = True
    transparent: bool = False
    paper: bool = False
    printed: bool = False


TARGETS = {
    target.name: target
    for target in (
        Target("page", "a web page: accessible videos, transcript, live figures", printed=True),
        Target("jekyll", "an include and a page for a Jekyll blog"),
        Target("live", "the live figures alone, one HTML file each", films=False),
        Target("reveal", "a reveal.js deck, one click a step, with speaker notes", "npm"),
        Target("slidev", "a Slidev deck, and a component for every scene", "npm, to show it"),
        Target("pptx", "PowerPoint slides with the videos inside, notes and alt texts"),
        Target("beamer", "Beamer with overlays, and macros for your own lecture", "LaTeX, for the PDF"),
        Target("handout", "a PDF for paper: stills, formulas, transcript", paper=True),
        Target("clips", "loose clips, stills, GIF and WebP; chosen scenes with alpha", transparent=True),
    )
}


def folder_of(target: str, only: tuple[str, ...] = ()) -> str:
    """Name of a target's folder: chosen scenes have one of their own, beside that of the whole lecture.

    Examples
    --------
    >>> folder_of("page"), folder_of("page", ("3", "TurnTheWheel"))
    ('page', 'page-3-TurnTheWheel')
    """
    name = "-".join([target, *only])
    if len(name) > 100:  # file systems take 255 bytes
        name = f"{name[:90]}-{hashlib.blake2b(name.encode(), digest_size=4).hexdigest()}"
    return name


def targets_table() -> str:
    """All targets as a table in Markdown, as the READMEs have it."""
    rows = [("", "", "needs"), ("---", "---", "---")]
    rows += [(f"`make {target.name}`", target.about, target.needs) for target in TARGETS.values()]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def with_table(readme: str) -> str:
    """A README, its table of all targets (the first with this head) made anew."""
    table = targets_table()
    head = re.escape(table.partition("\n")[0])
    renewed, found = re.subn(rf"^{head}(?:\n\|.*)*", lambda _: table, readme, count=1, flags=re.MULTILINE)
    if not found:
        raise ValueError(f"expected a table that begins with {table.partition(chr(10))[0]!r}, found none")
    return renewed


def emit(
    name: str, manifest: dict[str, Any], media: str | Path, out: str | Path | None = None, *, options: Options
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
    options : Options
        See :class:`lecture.targets.common.Options`.

    Raises
    ------
    common.TargetError
        In one sentence, if something is missing.
    """
    from .common import TargetError, prepared

    if name not in TARGETS:
        raise TargetError(f"there is no target {name!r} (targets: {', '.join(TARGETS)})")
    module = importlib.import_module(f"{__name__}.{name}")
    media = Path(media)
    return module.emit(prepared(manifest, options), media, Path(out or media / name), options)
