"""The command of a target, such as `page`: build what is missing, then hand the manifest to the emitter."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lecture.definition import Lecture
from lecture.errors import LectureError

from . import PAPER_FOLDER, TARGETS, TRANSPARENT_FOLDER, emit, folder_of, with_table

if TYPE_CHECKING:
    from lecture.edition import Edition

__all__ = ["add_commands", "scenes_of"]


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add a command for every target, and one that lists them; `common` has the options of a build."""
    for target in TARGETS.values():
        command = commands.add_parser(target.name, parents=[common], help=target.about)
        command.add_argument(
            "--only",
            nargs="+",
            default=[],
            metavar="WHICH",
            help="scenes by name and chapters by number [all]",
        )
        command.add_argument("--aspect", choices=("16:9", "4:3"), default="16:9", help="of slides [16:9]")
        command.add_argument(
            "--address", default="", metavar="URL", help="where the film can be watched, for a QR code"
        )
        command.set_defaults(run=_run, target=target.name, stills=False, preview=False)
    listing = commands.add_parser("targets", help="list these formats")
    listing.add_argument("--names", action="store_true", help="only their names, for scripts")
    listing.add_argument(
        "--write", action="store_true", help="renew their table in lecture/targets/README.md"
    )
    listing.set_defaults(run=_list, needs_lecture=False)


def _list(options: argparse.Namespace) -> int:
    if options.write:
        readme = Path(__file__).with_name("README.md")
        readme.write_text(with_table(readme.read_text(encoding="utf-8")), encoding="utf-8")
        print(f"wrote {readme}")
        return 0
    for target in TARGETS.values():
        print(target.name if options.names else f"  {target.name:<12} {target.about}")
    return 0


def _run(options: argparse.Namespace) -> int:
    from lecture.build.command import build_command
    from lecture.build.progress import Progress
    from lecture.edition import load_edition
    from lecture.manifest import ManifestError, load
    from lecture.words import LanguageError

    from .common import Options, TargetError

    lecture: Lecture = options.of
    only = tuple(" ".join(options.only).replace(",", " ").split())
    try:
        edition = load_edition(options.lecture, lecture)
        edition.settings(options.theme)
        options.names = scenes_of(only, edition)
    except (LectureError, TargetError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    target, media = TARGETS[options.target], options.media
    if not target.films:
        status = 0
    elif target.paper and not options.dry_run:
        # Bright and sharp, unless something else is given.
        status = _build_aside(
            options, edition, options.names or edition.scenes, PAPER_FOLDER, "light", "h", stills=True
        )
        media = media / PAPER_FOLDER
    else:
        status = build_command(options)
        if target.printed and not status and not options.dry_run:
            names = options.names or edition.scenes
            look = argparse.Namespace(**vars(options) | {"theme": "light", "quality": "h"})
            status = _build_aside(look, edition, names, PAPER_FOLDER, "light", "h", stills=True)
    if status or options.dry_run:
        return status
    try:
        manifest = load(media / "manifest.json") if target.films else _outline(options, edition)
        # With alpha they are large and take as long again: for scenes chosen by name alone.
        if target.transparent and only:
            _build_transparent(options, edition, manifest)
        speaks = bool(options.voice_program) or options.voice not in (None, "off")
        progress = Progress("json" if options.json else "auto")
        chosen = Options(lecture, only, options.aspect, options.address, speaks, progress)
        made = emit(
            target.name, manifest, media, options.media / folder_of(target.name, only), options=chosen
        )
    except (LanguageError, ManifestError, TargetError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(made)
    return 0


def scenes_of(only: tuple[str, ...], edition: Edition) -> list[str]:
    """The scenes of an edition that are meant by names and chapter numbers; empty for all of them."""
    from .common import select

    if not only:
        return []
    outline = {
        "chapters": [{"number": edition.chapter_of(name), "scenes": [name]} for name in edition.scenes],
        "scenes": [{"name": name} for name in edition.scenes],
    }
    return [scene["name"] for scene in select(outline, only)["scenes"]]


def _outline(options: argparse.Namespace, edition: Edition) -> dict[str, Any]:
    """A manifest without anything rendered: what the lecture is about, its words, symbols and colors."""
    from lecture.manifest import describe_symbols, describe_theme

    settings = edition.settings(options.theme)
    names = options.names or edition.scenes
    return {
        "lecture": {
            "name": Path(edition.path).stem,
            "title": edition.title,
            "language": settings.style.language.code,
        },
        "symbols": describe_symbols(settings.style.notation),
        "theme": describe_theme(settings.style.theme, edition.lecture.accent),
        "problem": edition.lecture.subject.describe(settings.problem),
        "chapters": [],
        "scenes": [{"name": name, "plain_title": name, "steps": []} for name in names],
    }


def _build_aside(
    options: argparse.Namespace,
    edition: Edition,
    scenes: Sequence[str],
    to: str,
    theme: str,
    quality: str,
    *,
    stills: bool = False,
) -> int:
    """Build scenes in a folder inside the media folder; `theme` and `quality` are what the options leave open."""
    from lecture.build.builder import Builder, Options
    from lecture.build.progress import Progress
    from lecture.frames.encode import Video

    quality = options.quality or quality
    build = Options(
        video=Video.of_quality(quality),
        quality=quality,
        media=options.media / to,
        cache=options.cache,
        stills_only=stills,
        whole=False,
        jobs=options.jobs,
        cluster=options.cluster,
    )
    progress = Progress("json" if options.json else "auto")
    try:
        report = Builder(edition, edition.settings(options.theme or theme), scenes, build, progress).run()
    finally:
        progress.end()
    for failure in report.failures:
        progress.say(failure)
    return 1 if report.failures else 0


def _build_transparent(options: argparse.Namespace, edition: Edition, manifest: dict[str, Any]) -> None:
    """Render the scenes once more, with alpha."""
    from lecture.build.progress import Progress

    from .transparent import render_transparent

    progress = Progress("json" if options.json else "auto")
    try:
        settings, to = edition.settings(options.theme), options.media / TRANSPARENT_FOLDER
        render_transparent(manifest, options.media, settings, edition.lecture, to, options.jobs, progress.say)
    finally:
        progress.end()
