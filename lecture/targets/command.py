"""`python -m lecture page` and its like: build what is missing, then hand the manifest to the emitter."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from . import PAPER_FOLDER, SLIDERS_FOLDER, TARGETS, TRANSPARENT_FOLDER, emit

__all__ = ["add_commands"]


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add a command for every target; `common` has the options of a build."""
    for name, target in TARGETS.items():
        command = commands.add_parser(name, parents=[common], help=target.about)
        command.add_argument(
            "--only",
            default="",
            metavar="WHICH",
            help="scenes and chapters, such as '3 WhereForcesBalance' [all]",
        )
        command.add_argument("--aspect", choices=("16:9", "4:3"), default="16:9", help="of slides [16:9]")
        command.add_argument(
            "--address", default="", metavar="URL", help="where the film can be watched, for a QR code"
        )
        command.set_defaults(run=_run, target=name, stills=False, preview=False)


def _run(options: argparse.Namespace) -> int:
    from lecture.cli import build_command
    from lecture.config import LectureError, load_lecture
    from lecture.manifest import ManifestError, load

    from .common import Options, TargetError
    from .sliders import BELONGS_TO

    only = tuple(options.only.replace(",", " ").split())
    try:
        lecture = load_lecture(options.lecture)
        options.scenes = scenes_of(only, lecture.scenes)
    except (LectureError, TargetError) as error:
        print(error, file=sys.stderr)
        return 2
    target, media = TARGETS[options.target], options.media
    if target.paper and not options.dry_run:
        status, media = _build_stills(options, lecture), media / PAPER_FOLDER
    else:
        status = build_command(options)
    if status or options.dry_run:
        return status
    if target.sliders and {*(options.scenes or lecture.scenes)} & {*BELONGS_TO.values()}:
        status = _build_sliders(options, lecture)
        if status:
            return status
    try:
        manifest = load(media / "manifest.json")
        # With alpha they are large and take as long again: for the scenes that are asked for by name.
        if target.transparent and only:
            _build_transparent(options, lecture, manifest)
        chosen = Options(only, options.aspect, options.address)
        made = emit(options.target, manifest, media, options.media / options.target, chosen)
    except (ManifestError, TargetError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(made)
    return 0


def scenes_of(only: tuple[str, ...], scenes: tuple[str, ...]) -> list[str]:
    """The lecture's scenes that are meant by names and chapter numbers; empty for all of them.

    Examples
    --------
    >>> scenes_of(("2", "Opening"), ("Opening", "L2IsWeightDecay", "PulledBackEveryStep", "PriorBelief"))
    ['Opening', 'L2IsWeightDecay', 'PulledBackEveryStep']
    """
    from scenes import chapter_of

    from .common import select

    if not only:
        return []
    chapters: dict[int, list[str]] = {}
    for name in scenes:
        chapters.setdefault(chapter_of(name).number, []).append(name)
    outline = {
        "chapters": [{"number": number, "scenes": names} for number, names in chapters.items()],
        "scenes": [{"name": name} for name in scenes],
    }
    return [scene["name"] for scene in select(outline, only)["scenes"]]


def _build_sliders(options: argparse.Namespace, lecture: Any) -> int:
    """Render the scenes of the sliders, in a folder of their own beside the lecture's."""
    from lecture.build import Project
    from scenes import SLIDERS, Chapter

    here = Project.here()
    project = Project(here.root, here.packages, (Chapter(0, "Sliders", SLIDERS),), here.module_of)
    return _build_aside(
        options, lecture, project, SLIDERS, SLIDERS_FOLDER, options.theme, options.quality or "m"
    )


def _build_stills(options: argparse.Namespace, lecture: Any) -> int:
    """Draw the last frames for paper: bright and sharp, unless something else was asked for."""
    from lecture.build import Project

    scenes, theme, quality = (
        options.scenes or lecture.scenes,
        options.theme or "light",
        options.quality or "h",
    )
    return _build_aside(options, lecture, Project.here(), scenes, PAPER_FOLDER, theme, quality, stills=True)


def _build_aside(
    options: argparse.Namespace,
    lecture: Any,
    project: Any,
    scenes: Any,
    to: str,
    theme: str | None,
    quality: str,
    stills: bool = False,
) -> int:
    """Build scenes in a folder inside the media folder."""
    from lecture.build import Builder, Options
    from lecture.encode import Video
    from lecture.progress import Progress

    build = Options(
        video=Video.of_quality(quality),
        quality=quality,
        media=Path(options.media) / to,
        cache=Path(options.media) / ".cache",
        stills_only=stills,
        whole=False,
        jobs=options.jobs,
        cluster=options.cluster,
    )
    progress = Progress("json" if options.json else "auto")
    try:
        report = Builder(project, lecture, lecture.settings(theme), scenes, build, progress).run()
    finally:
        progress.end()
    for failure in report.failures:
        progress.say(failure)
    return 1 if report.failures else 0


def _build_transparent(options: argparse.Namespace, lecture: Any, manifest: dict[str, Any]) -> None:
    """Render the scenes once more, with alpha."""
    from lecture.progress import Progress
    from scenes import module_of

    from .transparent import render_transparent

    progress = Progress("json" if options.json else "auto")
    try:
        settings, to = lecture.settings(options.theme), options.media / TRANSPARENT_FOLDER
        render_transparent(manifest, options.media, settings, module_of, to, options.jobs, progress.say)
    finally:
        progress.end()
