"""The command line: `python -m lecture build`, which `make` calls."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import json
import shlex
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .targets import PAPER_FOLDER, SLIDERS_FOLDER, TARGETS, TRANSPARENT_FOLDER
from .targets.command import add_commands

__all__ = ["build_command", "main", "stoppable"]

_QUALITIES = "lmhpk"


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit status: 0 done, 1 something failed, 2 a mistake in the input, 130 interrupted."""
    options = _parser().parse_args(arguments)
    with stoppable():
        return options.run(options)


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """End in good order when asked to: workers are stopped, and one line says what is left."""

    def stop(number: int, frame: Any) -> None:
        # Once is enough: being asked again must not disturb the end.
        for asked in (signal.SIGINT, signal.SIGTERM):
            signal.signal(asked, signal.SIG_IGN)
        raise KeyboardInterrupt

    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, stop)
    try:
        yield
    except KeyboardInterrupt:
        print("\ninterrupted; what is finished is kept, run again to continue", file=sys.stderr)
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lecture", description="Render a lecture, and make slides of it."
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--lecture", type=Path, default=Path("lecture.toml"), metavar="FILE", help="[lecture.toml]"
    )
    common.add_argument(
        "--media", type=Path, default=Path("media"), metavar="FOLDER", help="what is made [media]"
    )
    common.add_argument("--theme", metavar="THEME", help="dark, light or #rrggbb [as the lecture says]")
    common.add_argument(
        "--quality",
        choices=_QUALITIES,
        help="l 480p15, m 720p30, h 1080p60, p 1440p60, k 2160p60 [m]",
    )
    common.add_argument("--jobs", type=_count, metavar="N", help="scenes at once [as cores and memory allow]")
    common.add_argument(
        "--cluster", default="", metavar="ADDRESS", help="a Dask scheduler, such as tcp://host:8786"
    )
    common.add_argument("--why", action="store_true", help="say of every step why it is rendered")
    common.add_argument(
        "--dry-run", action="store_true", help="say what would be rendered, and why; render nothing"
    )
    common.add_argument("--json", action="store_true", help="one JSON object per line, for machines")

    build = commands.add_parser(
        "build", parents=[common], help="the film of the lecture, or of single scenes"
    )
    build.add_argument("scenes", nargs="*", metavar="SCENE", help="only these scenes [all of the lecture]")
    build.set_defaults(run=build_command, stills=False, preview=False)
    preview = commands.add_parser(
        "preview", parents=[common], help="a fast draft at 480p15, in FOLDER/preview"
    )
    preview.add_argument("scenes", nargs="*", metavar="SCENE")
    preview.set_defaults(run=build_command, stills=False, preview=True)
    stills = commands.add_parser(
        "stills",
        parents=[common],
        help="the last frame of every step and a page with all of them, in FOLDER/stills",
    )
    stills.add_argument("scenes", nargs="*", metavar="SCENE")
    stills.set_defaults(run=build_command, stills=True, preview=False)
    audit = commands.add_parser(
        "audit",
        parents=[common],
        help="look for text that overlaps, is too small or too pale; results in FOLDER/audit",
    )
    audit.add_argument("scenes", nargs="*", metavar="SCENE", help="only these scenes [all of the lecture]")
    audit.set_defaults(run=_audit)
    add_commands(commands, common)
    new = commands.add_parser("new", help="write a commented lecture file about your own data")
    new.add_argument("name", metavar="NAME", help="a data file (CSV, Parquet), or a name for the lecture")
    new.set_defaults(run=_new)
    clean = commands.add_parser("clean", help="remove what was made")
    clean.add_argument("--media", type=Path, default=Path("media"), metavar="FOLDER")
    clean.set_defaults(run=_clean)
    return parser


def _count(text: str) -> int:
    try:
        count = int(text)
    except ValueError:
        count = 0
    if count < 1:
        raise argparse.ArgumentTypeError(f"a whole number from 1 is wanted, but {text!r} came")
    return count


def build_command(options: argparse.Namespace) -> int:
    """Build what the options say; returns the exit status."""
    from .fresh import Stamp, environment, sources_of

    root = Path(__file__).resolve().parent.parent
    quality = options.quality or ("l" if options.preview else "m")
    media = (
        options.media / "stills"
        if options.stills
        else options.media / "preview"
        if options.preview
        else options.media
    )
    asked = {
        "lecture": str(options.lecture.resolve()),
        "scenes": options.scenes,
        "quality": quality,
        "theme": options.theme,
        "media": str(media.resolve()),
        "stills": options.stills,
    }
    sources = [*sources_of(root, ("scenes", "wdmath")), options.lecture.resolve()]
    here = environment(root)
    stamp = Stamp(options.media / ".cache", asked)
    known = stamp.unchanged(sources, here)
    if known is not None:
        _tell_unchanged(options, known, media)
        return 0

    from .build import Builder, Options, Project, told_os_error
    from .config import LectureError, load_lecture
    from .encode import Video
    from .progress import Progress

    progress = Progress("json" if options.json else "auto")
    project = Project.here()
    try:
        lecture = load_lecture(options.lecture)
        settings = lecture.settings(options.theme)
        wanted = _wanted(options, lecture, project)
    except (LectureError, ValueError) as error:
        print(f"{error}", file=sys.stderr)
        return 2
    for remark in lecture.remarks:
        progress.say(remark)
    build = Options(
        video=Video.of_quality(quality),
        quality=quality,
        media=media,
        cache=options.media / ".cache",
        stills_only=options.stills,
        whole=not options.scenes,
        jobs=options.jobs,
        cluster=options.cluster,
    )
    builder = Builder(project, lecture, settings, wanted, build, progress)
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
        from .sheet import write_sheet

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
        stamp.keep(sources, here, lecture.inputs, [media / path for path in report.outputs], report.as_dict())
    return 0


def _audit(options: argparse.Namespace) -> int:
    from .audit import command

    return command(options)


def _wanted(options: argparse.Namespace, lecture: Any, project: Any) -> list[str]:
    known = [name for chapter in project.chapters for name in chapter.scenes]
    for name in options.scenes:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            remark = f"did you mean {near[0]!r}?" if near else f"the scenes are: {', '.join(known)}"
            raise ValueError(f"there is no scene {name!r}; {remark}")
    return options.scenes or list(lecture.scenes)


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


def _new(options: argparse.Namespace) -> int:
    from .config import LectureError
    from .new import new_lecture

    try:
        path, remark = new_lecture(options.name)
    except (LectureError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"wrote {path}; look through it, then: make LECTURE={shlex.quote(str(path))}")
    if remark:
        print(remark)
    return 0


# What Manim itself leaves in its media folder.
_OF_MANIM = ("Tex", "images", "texts", "videos")


def _clean(options: argparse.Namespace) -> int:
    kept = _remove_made(options.media) if options.media.is_dir() else []
    if kept:
        print(f"kept, as it was not made here: {', '.join(kept)}")
    return 0


def _remove_made(media: Path) -> list[str]:
    """Remove what builds and formats put into a folder; returns what else is there, without the README's pictures."""
    made = {".cache", "audit", "manifest.json", "preview", "scenes", "stills"}
    made |= {PAPER_FOLDER, SLIDERS_FOLDER, TRANSPARENT_FOLDER, *TARGETS, *_OF_MANIM}
    for known in media.glob(".cache/published/*.json"):
        with contextlib.suppress(OSError, ValueError):
            made |= {name for name in json.loads(known.read_text()) if "/" not in name}
    kept = []
    for path in sorted(media.iterdir()):
        if path.is_dir() and not path.is_symlink():
            if path.name in made:
                shutil.rmtree(path)
            elif (path / ".cache").is_dir():  # another lecture's folder inside this one
                kept += [f"{path.name}/{name}" for name in _remove_made(path)]
                with contextlib.suppress(OSError):
                    path.rmdir()
            elif path.name != "readme":
                kept.append(path.name)
        elif path.name in made:
            path.unlink()
        else:
            kept.append(path.name)
    return kept
