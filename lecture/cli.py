"""The command line: `python -m scenes build` for one lecture, `python -m lecture --scenes FOLDER build` for any."""

from __future__ import annotations

import argparse
import contextlib
import json
import shlex
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .build.command import build_command
from .build.timing_report import timing_command
from .definition import Lecture, load_lecture
from .errors import LectureError, called, command
from .files import folder_key
from .targets import PAPER_FOLDER, TARGETS, TRANSPARENT_FOLDER
from .targets.command import add_commands

__all__ = ["command_line", "main", "stoppable"]

_QUALITIES = "lmhpk"


def main(
    arguments: list[str] | None = None,
    lecture: Lecture | None = None,
    *,
    program: str = "",
    cache: Path | None = None,
) -> int:
    """Run a command.

    Parameters
    ----------
    lecture : Lecture, optional
        Whose command this is, unless the arguments name another with ``--scenes``.
    program : str
        What the command is called.
    cache : Path, optional
        Where rendered steps are kept; by default inside the folder of what is made.

    Returns
    -------
    int
        The exit status: 0 done, 1 something failed, 2 a mistake in the input, 130 interrupted.
    """
    program = program or f"python -m {lecture.package if lecture else 'lecture'}"
    called(program)
    with stoppable():
        options = command_line(lecture, program).parse_args(arguments)
        _complete(options, cache)
        try:
            options.of = load_lecture(options.scenes, lecture) if options.needs_lecture else None
            named = getattr(options, "lecture", None)
            if options.of is not None and named is not None and named.suffix == ".py":
                options.of = options.of.with_problem(named)
        except LectureError as error:
            print(error, file=sys.stderr)
            return 2
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


def _complete(options: argparse.Namespace, cache: Path | None) -> None:
    """Fill in what depends on other options: another lecture brings its own file, and is kept in its own folder."""
    other = next((path for path in options.scenes if path.is_dir()), None)
    if getattr(options, "media", Path()) is None:
        options.media = Path("media") / other.resolve().name if other else Path("media")
    if getattr(options, "lecture", Path()) is None:
        brought = (other or Path()) / "lecture.toml"
        options.lecture = brought if brought.exists() else None
    if "media" in options:
        options.cache = options.cache or cache or options.media / ".cache"


def command_line(lecture: Lecture | None, program: str) -> argparse.ArgumentParser:
    """All commands with their options and help."""
    parser = argparse.ArgumentParser(
        prog=program,
        description="Render a lecture, and make slides of it.",
        epilog=f"to begin: {program} new mine.csv, then {program} build --lecture mine.toml, then {program} pptx "
        "--lecture mine.toml; COMMAND --help says more",
    )
    parser.add_argument(
        "--scenes",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="a lecture's folder (with LECTURE in its __init__.py), or a file with scenes of your own; code that "
        "you trust",
    )
    parser.set_defaults(needs_lecture=True)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    places = argparse.ArgumentParser(add_help=False)
    places.add_argument("--media", type=Path, metavar="FOLDER", help="what is made [media]")
    places.add_argument("--cache", type=Path, metavar="FOLDER", help="rendered steps, kept for the next time")
    common = argparse.ArgumentParser(add_help=False, parents=[places])
    common.add_argument(
        "--lecture",
        type=Path,
        metavar="FILE",
        help="what it is about, and how it looks [lecture.toml, if there]; a Python file with a problem of your own is "
        "run: code that you trust",
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
    common.add_argument(
        "--voice",
        metavar="VOICE",
        help="on, off, hibari or piper [as the lecture says; decks and clips: off]",
    )
    common.add_argument(
        "--voice-program",
        default="",
        metavar="COMMAND",
        help="a program that speaks: text comes on its standard input, {wav} is the file to write",
    )
    common.add_argument("--why", action="store_true", help="say of every step why it is rendered")
    common.add_argument(
        "--dry-run", action="store_true", help="say what would be rendered, and why; render nothing"
    )
    common.add_argument("--json", action="store_true", help="one JSON object per line, for machines")

    build = commands.add_parser(
        "build", parents=[common], help="the film of the lecture, or of single scenes"
    )
    build.add_argument("names", nargs="*", metavar="SCENE", help="only these scenes [all of the lecture]")
    build.set_defaults(run=build_command, stills=False, preview=False)
    preview = commands.add_parser(
        "preview", parents=[common], help="a fast draft at 480p15, in FOLDER/preview"
    )
    preview.add_argument("names", nargs="*", metavar="SCENE")
    preview.set_defaults(run=build_command, stills=False, preview=True)
    stills = commands.add_parser(
        "stills",
        parents=[common],
        help="the last frame of every step and a page with all of them, in FOLDER/stills",
    )
    stills.add_argument("names", nargs="*", metavar="SCENE")
    stills.set_defaults(run=build_command, stills=True, preview=False)
    booth = commands.add_parser(
        "booth", parents=[common], help="a page on this machine on which the lecture is recorded step by step"
    )
    booth.add_argument("names", nargs="*", metavar="SCENE", help="only these scenes [all of the lecture]")
    booth.add_argument("--port", type=int, default=8337, metavar="PORT", help="where it listens [8337]")
    booth.set_defaults(run=_booth, stills=False, preview=True)
    timing = commands.add_parser(
        "timing",
        parents=[common],
        help="what is said when, what moves on which word, where the picture rests although words go on",
    )
    timing.add_argument("names", nargs="*", metavar="SCENE", help="only these scenes [all of the lecture]")
    timing.set_defaults(run=timing_command, stills=False, preview=False)
    audit = commands.add_parser(
        "audit",
        parents=[common],
        help="look for text that overlaps, is too small or too pale; results in FOLDER/audit",
    )
    audit.add_argument("names", nargs="*", metavar="SCENE", help="only these scenes [all of the lecture]")
    audit.set_defaults(run=_audit)
    add_commands(commands, common)
    experiments = commands.add_parser(
        "experiments", help="run the experiments behind the scenes again, with all their seeds"
    )
    experiments.add_argument("names", nargs="*", metavar="NAME", help="only these [all of the lecture]")
    experiments.add_argument("--jobs", type=_count, metavar="N", help="seeds at once [as many as cores]")
    experiments.set_defaults(run=_experiments)
    new = commands.add_parser("new", help="write a commented lecture file about your own data")
    new.add_argument("name", metavar="NAME", help="a data file (CSV, Parquet), or a name for the lecture")
    for option, told in _new_options(lecture).items():
        new.add_argument(f"--{option}", default="", metavar="NAME", help=told)
    new.set_defaults(run=_new)
    fields = commands.add_parser("fields", help="write the page and the schema of a lecture file's fields")
    fields.set_defaults(run=_fields)
    clean = commands.add_parser("clean", parents=[places], help="remove what was made")
    clean.set_defaults(run=_clean, needs_lecture=False)
    return parser


def _count(text: str) -> int:
    try:
        count = int(text)
    except ValueError:
        count = 0
    if count < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got {text!r}")
    return count


def _booth(options: argparse.Namespace) -> int:
    from .booth import booth_command

    return booth_command(options)


def _audit(options: argparse.Namespace) -> int:
    from .audit import command

    return command(options)


def _experiments(options: argparse.Namespace) -> int:
    from .experiments import command

    return command(options)


def _new_options(lecture: Lecture | None) -> dict[str, str]:
    return getattr(lecture.subject, "new_options", dict)() if lecture is not None else {}


def _new(options: argparse.Namespace) -> int:
    from .edition import load_edition

    given = {name: getattr(options, name) for name in _new_options(options.of) if getattr(options, name, "")}
    try:
        path, report = options.of.subject.new(options.name, **given)
    except (LectureError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    if report:
        from rich.console import Console

        console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
        for told in report:
            console.print(told)
    try:
        for remark in load_edition(path, options.of).all_remarks():
            if remark not in report:
                print(remark)
    except LectureError as error:
        print(error)
    print(f"wrote {path}; look through it, then: {command('build', lecture=shlex.quote(str(path)))}")
    return 0


def _fields(options: argparse.Namespace) -> int:
    from .fields import write_fields

    for path in write_fields(options.of):
        print(f"wrote {path}")
    return 0


# What Manim itself leaves in its media folder.
_OF_MANIM = ("Tex", "images", "texts", "videos")


def _clean(options: argparse.Namespace) -> int:
    kept = _remove_made(options.media, options.cache) if options.media.is_dir() else []
    if kept:
        print(f"kept, as it was not made here: {', '.join(kept)}")
    return 0


def _remove_made(media: Path, cache: Path) -> list[str]:
    """Remove what builds and formats put into a folder; returns what else is there, without the README's pictures."""
    made = {".cache", "audit", "manifest.json", "preview", "scenes", "stills"}
    made |= {PAPER_FOLDER, TRANSPARENT_FOLDER, *TARGETS, *_OF_MANIM}
    with contextlib.suppress(OSError, ValueError):
        known = json.loads((cache / "published" / f"{folder_key(media)}.json").read_text())
        made |= {name for name in known if "/" not in name}
    kept = []
    for path in sorted(media.iterdir()):
        if path.is_dir() and not path.is_symlink():
            if path.name in made or path.name.split("-")[0] in TARGETS:
                shutil.rmtree(path)
            elif (path / ".cache").is_dir():  # another lecture's folder inside this one
                kept += [f"{path.name}/{name}" for name in _remove_made(path, path / ".cache")]
                with contextlib.suppress(OSError):
                    path.rmdir()
            elif path.name != "readme":
                kept.append(path.name)
        elif path.name in made:
            path.unlink()
        else:
            kept.append(path.name)
    return kept
