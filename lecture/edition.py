"""An edition: a lecture as one `lecture.toml` wants it, about one problem, in one look.

Input is data: a field is never evaluated, and only files that the lecture names inside its own folder are read.
Every mistake is one sentence: file, field, what came, what to do. The fields stand in :mod:`lecture.fields`. Where the
user names a Python file instead, it is run; its `problem` is the problem, and names such as `title` are the fields.
"""

from __future__ import annotations

import importlib
import pickle
import time
import tomllib
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .definition import Lecture
from .errors import LectureError, command, option
from .fields import Values, shown, top_fields
from .files import Input, inputs_read
from .notation import Notation
from .voice import FILE_ENGINES, OFF, Voice
from .words import ENGLISH, Language, LanguageError, fill

if TYPE_CHECKING:
    from .stage.settings import Settings

__all__ = ["Edition", "Reading", "load_edition"]

# Where recordings of steps are looked for, beside a lecture's file.
RECORDINGS = "recordings"

LARGEST_FILE = 1_000_000  # bytes


class Reading(NamedTuple):
    """What a lecture makes of the fields of `[problem]`.

    Attributes
    ----------
    problem : frozen dataclass
    inputs : tuple of Path
        Files that were read for it.
    remarks : tuple of str
        What its user should know: rows that were left out, names that cannot be drawn.
    """

    problem: Any
    inputs: tuple[Path, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edition:
    """A lecture as its file describes it, or as code puts it together from a problem.

    Attributes
    ----------
    lecture : Lecture
    path : Path
        The file it came from.
    title, theme : str
    scenes : tuple of str
        In the order in which they are shown.
    problem : frozen dataclass
    inputs : tuple of Input
        Files that were read, the edition's own first.
    remarks : tuple of str
    voice : Voice
        Who speaks in its film.
    notation : Notation
    language : Language
    """

    lecture: Lecture
    path: Path
    title: str
    theme: str
    scenes: tuple[str, ...]
    problem: Any
    inputs: tuple[Input, ...] = ()
    remarks: tuple[str, ...] = ()
    voice: Voice = OFF
    notation: Notation | None = None
    language: Language = ENGLISH

    @classmethod
    def about(
        cls,
        problem: Any,
        lecture: Lecture,
        *,
        title: str = "",
        theme: str = "dark",
        scenes: tuple[str, ...] = (),
    ) -> Edition:
        """A lecture about a problem that was made by code."""
        title = title or str(lecture.title)
        return cls(lecture, Path("lecture.toml"), title, theme, scenes or lecture.scenes, problem)

    def chapter_of(self, scene: str) -> int:
        """Number of the chapter in which a scene is shown: one of the user's own, in that of the scene before it."""
        before = self.scenes[: self.scenes.index(scene) + 1] if scene in self.scenes else (scene,)
        known = [name for name in reversed(before) if name not in self.lecture.own]
        return self.lecture.chapter_of(known[0] if known else scene)

    def all_remarks(self, theme: str | None = None) -> tuple[str, ...]:
        """What its user should know of the problem, and of the theme; `theme` overrides the file's."""
        of_theme = self.lecture.palette.remark(theme or self.theme)
        return self.remarks if of_theme is None else (*self.remarks, fill(of_theme, self.language))

    def settings(self, theme: str | None = None) -> Settings:
        """What the scenes are given; `theme` overrides the file's.

        Raises
        ------
        ValueError
            If the theme is no color that anything can be read on.
        """
        return self.lecture.settings(
            self.problem, theme=theme or self.theme, notation=self.notation, language=self.language
        )


def load_edition(path: str | Path | None, lecture: Lecture) -> Edition:
    """Read a lecture file; without one, the lecture about its own example.

    Raises
    ------
    LectureError
        In one sentence that names the file, the field, what came and what to do.
    """
    began = time.time_ns()
    is_code = path is not None and Path(path).suffix == ".py"
    values = {} if path is None else _run(Path(path), lecture) if is_code else _read_toml(Path(path))
    own = f"no lecture file: the problem is the lecture's own example; {option('lecture', 'FILE')} names one"
    if hasattr(lecture.subject, "new"):
        own += f"; `{command('new NAME')}` makes one about your data"
    remarks = () if path else (own,)
    files = [] if path is None else [Path(path)]
    path = Path(path or "lecture.toml")
    table = values.pop("problem", {})
    top = Values(path, values, top_fields(lecture))
    if not is_code and not isinstance(table, dict):
        raise top.fail("problem", f"expected a table [problem], got {shown(table)}")
    theme = top.get("theme", "dark")
    try:
        lecture.palette.named(theme)
    except ValueError as error:
        raise top.fail("theme", error) from None
    try:
        language = lecture.language(top.get("language", "en"))
    except LanguageError as error:
        raise top.fail("language", error) from None
    try:
        notation = lecture.notations[top.get("notation", next(iter(lecture.notations)))]
        notation = notation.with_symbols(top.get("symbols", {}))
    except ValueError as error:
        raise top.fail("symbols", error) from None
    scenes = top.get("scenes", "all")
    if is_code:
        reading = Reading(table)
    else:
        reading = lecture.subject.read(Values(path, table, lecture.subject.FIELDS, "problem."))
    voice = voice_of(path, top)
    read = (*files, *reading.inputs, path.parent / top.get("recordings", RECORDINGS))
    return Edition(
        lecture,
        path,
        top.get("title") or fill(lecture.title, language),
        theme,
        lecture.scenes if scenes == "all" else scenes,
        reading.problem,
        inputs_read([*read, *([voice.file] if voice.file else [])], began),
        (*remarks, *reading.remarks),
        voice,
        notation,
        language,
    )


def voice_of(path: Path, fields: Values) -> Voice:
    """The voice that a lecture file describes."""
    engine, _, variant = fields.get("voice", "hibari").partition(" ")
    if engine not in ("off", *FILE_ENGINES):
        raise fields.fail(
            "voice",
            f'expected "off" or an engine, got {shown(engine)} (engines: {", ".join(FILE_ENGINES)})',
        )
    file, recordings = fields.get("voice_file"), fields.get("recordings")
    if file is not None and engine != "piper":
        raise fields.fail("voice_file", f'only voice = "piper" reads a file, but voice is {shown(engine)}')
    folder = path.parent / (recordings or RECORDINGS)
    return Voice(
        engine="" if engine == "off" else engine,
        variant=variant.strip(),
        file=path.parent / file if file else None,
        # One that is named has to be there when it is used; the booth makes it.
        recordings=folder if recordings or folder.is_dir() else None,
        say=fields.get("say", {}),
        pace=fields.get("pace", 1.0),
    )


def _run(path: Path, lecture: Lecture) -> dict[str, Any]:
    """The problem and the fields that a Python file defines."""
    lecture.with_problem(path)
    try:
        module = importlib.import_module(path.stem)
    except LectureError:
        raise
    except Exception as error:  # whatever the user's own code does
        where = [
            frame
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename == str(path.resolve())
        ]
        line = where[-1].lineno if where else getattr(error, "lineno", None)
        told = " ".join(str(error).split())[:300]
        raise LectureError(
            f"{path.name}{f':{line}' if line else ''}: {type(error).__name__}: {told}"
        ) from None
    problem = getattr(module, "problem", None)
    kind = type(lecture.subject.default())
    if not isinstance(problem, kind):
        raise LectureError(
            f"{path.name}: expected a {kind.__name__} named problem, got {type(problem).__name__}; write problem = ..."
        )
    try:
        pickle.dumps(problem)
    except Exception:
        raise LectureError(
            f"{path.name}: problem holds what other processes cannot import; define functions and classes with names, "
            "at the top of the file"
        ) from None
    fields = {
        field.name: getattr(module, field.name)
        for field in top_fields(lecture)
        if hasattr(module, field.name)
    }
    return {**fields, "problem": problem}


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        if path.is_file() and path.stat().st_size > LARGEST_FILE:
            raise LectureError(
                f"{path.name}: expected a file of at most {LARGEST_FILE} bytes, got a larger one"
            )
        # Not a device or a pipe, which may never end.
        content = path.read_bytes() if path.is_file() or not path.exists() else None
        if content is None:
            raise LectureError(
                f"{path}: expected a file; name one with {option('lecture', 'path/to/lecture.toml')}"
            )
        return tomllib.loads(content.decode("utf-8-sig"))
    except FileNotFoundError:
        raise LectureError(
            f"{path}: there is no such file; name one with {option('lecture', 'path/to/lecture.toml')}"
        ) from None
    except UnicodeDecodeError:
        raise LectureError(f"{path.name}: not in UTF-8; save it as UTF-8 text") from None
    except RecursionError:
        raise LectureError(f"{path.name}: not valid TOML: nested too deeply") from None
    except OSError as error:
        raise LectureError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError as error:  # also an integer or a path that Python cannot hold
        raise LectureError(f"{path.name}: not valid TOML: {' '.join(str(error).split())[:200]}") from None
