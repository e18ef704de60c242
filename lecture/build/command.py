"""`build`, `preview` and `stills`: plan, render, say what came of it."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from lecture.definition import Lecture

__all__ = ["build_command"]


def build_command(options: argparse.Namespace) -> int:
    """Build what the options say; returns the exit status."""
    from lecture.voice import versions

    from .freshness import Stamp, environment, sources_of

    lecture: Lecture = options.of
    quality = options.quality or ("l" if options.preview else "m")
    media = (
        options.media / "stills"
        if options.stills
        else options.media / "preview"
        if options.preview
        else options.media
    )
    files = [options.lecture.resolve()] if options.lecture else []
    asked = {
        "package": str(lecture.folder),
        "lecture": [str(path) for path in files],
        "scenes": options.names,
        "quality": quality,
        "theme": options.theme,
        "media": str(media.resolve()),
        "stills": options.stills,
        "voice": [options.voice, options.voice_program],
    }
    sources = [*sources_of(lecture.roots), *files]
    stamp = Stamp(options.cache, asked, sources, f"{environment()}, {versions()}")
    known = stamp.unchanged()
    if known is not None:
        _tell_unchanged(options, known, media)
        return 0

    from lecture.edition import load_edition
    from lecture.errors import LectureError
    from lecture.frames.encode import Video
    from lecture.voice import VoiceError, chosen

    from .builder import Builder, Options, told_os_error
    from .progress import Progress

    progress = Progress("json" if options.json else "auto")
    try:
        edition = load_edition(options.lecture, lecture)
        settings = edition.settings(options.theme)
        wanted = lecture.require(options.names) or list(edition.scenes)
        voice = chosen(edition.voice, options.voice, options.voice_program)
    except (LectureError, ValueError, VoiceError) as error:
        print(f"{error}", file=sys.stderr)
        return 2
    for remark in edition.all_remarks(options.theme):
        progress.say(remark)
    build = Options(
        video=Video.of_quality(quality),
        quality=quality,
        media=media,
        cache=options.cache,
        stills_only=options.stills,
        whole=not options.names,
        jobs=options.jobs,
        cluster=options.cluster,
        voice=voice,
    )
    builder = Builder(edition, settings, wanted, build, progress)
    try:
        if options.dry_run:
            return _dry_run(builder, options)
        report = builder.run(why=options.why)
    except OSError as error:
        print(f"error: {told_os_error(error, media)}", file=sys.stderr)
        return 1
    finally:
        progress.end()
    progress.event("end", **report.as_dict())
    if options.stills and report.outputs:
        from .contact_sheet import write_sheet

        write_sheet(media)
    if report.failures:
        progress.say(f"{report.summary()}; {len(report.failures)} failed:")
        for failure in report.failures:
            progress.say(f"  {failure}")
        return 1
    if not report.rendered and progress.mode != "json":
        progress.say("nothing had to be rendered")
    progress.say(report.summary())
    name = _main_output(media, report.as_dict(), options)
    progress.say(name)
    if not report.failures:
        stamp.keep(edition.inputs, [media / path for path in report.outputs], report.as_dict())
    return 0


def _dry_run(builder: Any, options: argparse.Namespace) -> int:
    plan = builder.plan_only()
    for scene in plan:
        for step in scene.missing:
            if options.json:
                print(
                    json.dumps(
                        {"event": "would render", "scene": scene.name, "step": step.name, "why": step.why}
                    )
                )
            else:
                print(f"{scene.name}: {step.name.replace('_', ' ')}: {step.why}")
    missing = sum(len(scene.missing) for scene in plan)
    if not options.json:
        total = sum(len(scene.steps) for scene in plan)
        print(f"{missing} of {total} steps would be rendered")
    return 1 if builder.report.failures else 0


def _tell_unchanged(options: argparse.Namespace, report: dict[str, Any], media: Path) -> None:
    if options.json:
        print(json.dumps({"event": "end", **report, "rendered": 0, "unchanged": True}))
    elif options.dry_run:
        print("nothing has changed; nothing would be rendered")
    else:
        print("nothing has changed", file=sys.stderr)
        print(_main_output(media, report, options), file=sys.stderr)


def _main_output(media: Path, report: dict[str, Any], options: argparse.Namespace) -> str:
    """What to open."""
    if options.stills:
        return str(media / "index.html")
    films = [path for path in report["outputs"] if path.endswith(".mp4")]
    top = [path for path in films if "/" not in path]
    return "\n".join(str(media / path) for path in top or [p for p in films if p.count("/") == 1])
