"""`lecture.toml`: read, checked field by field, and turned into what the scenes are given.

Input is data: a field is never evaluated, and only files that the lecture names inside its own folder are read.
Every mistake is one sentence: file, field, what came, what to do. The fields stand in :mod:`lecture.fields`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scenes import scene_names
from scenes.kit.problem import Problem, Settings
from scenes.kit.theme import Theme

from .fields import PROBLEM, TOP, Field, Mistake, shown

__all__ = ["Fields", "Lecture", "LectureError", "load_lecture"]

LARGEST_FILE = 1_000_000  # bytes


class LectureError(Exception):
    """A mistake in the user's input, told in one sentence."""


@dataclass(frozen=True)
class Lecture:
    """A lecture: as its file describes it, or as code puts it together from a problem.

    Attributes
    ----------
    path : Path
        The file it came from.
    title, theme : str
    scenes : tuple of str
        In the order in which they are shown.
    problem : Problem
    inputs : tuple of Path
        Files that were read, the lecture's own first.
    remarks : tuple of str
        What its user should know: rows that were left out, names that cannot be drawn.
    """

    path: Path
    title: str
    theme: str
    scenes: tuple[str, ...]
    problem: Problem
    inputs: tuple[Path, ...] = ()
    remarks: tuple[str, ...] = ()

    @classmethod
    def about(
        cls,
        problem: Problem,
        *,
        title: str = "The geometry of weight decay",
        theme: str = "dark",
        scenes: tuple[str, ...] = (),
    ) -> Lecture:
        """A lecture about a problem that was made by code; see :meth:`scenes.kit.problem.Problem.from_loss`.

        Examples
        --------
        >>> from wdmath import QuadraticRisk
        >>> problem = Problem.from_risk(QuadraticRisk([[4, 1], [1, 3]], [1, 2]))
        >>> Lecture.about(problem, scenes=("RotateIntoEigenbasis",)).settings("light").theme.background
        '#FFFFFF'
        """
        return cls(Path("lecture.toml"), title, theme, scenes or scene_names(), problem)

    def settings(self, theme: str | None = None) -> Settings:
        """What the scenes are given; `theme` overrides the file's.

        Raises
        ------
        ValueError
            If the theme is no color that anything can be read on.
        """
        name = theme or self.theme
        chosen = {"dark": Theme.dark, "light": Theme.light}.get(name)
        return Settings(self.problem, chosen() if chosen else Theme.on(name))


class Fields:
    """The fields of a table that the file gives, checked; complaints name file and field."""

    def __init__(self, path: Path, values: Mapping[str, Any], known: tuple[Field, ...], prefix: str = ""):
        self.path, self._prefix = path, prefix
        names = [field.name for field in known]
        for name in values:
            if name not in names:
                raise self.fail(shown(name)[1:-1], f"there is no such field (fields: {', '.join(names)})")
        self._values: dict[str, Any] = {}
        for field in known:
            if field.name in values:
                try:
                    self._values[field.name] = field.kind.check(values[field.name])
                except Mistake as mistake:
                    raise self.fail(field.name, str(mistake)) from None

    def fail(self, name: str, sentence: object) -> LectureError:
        """The mistake in a field, as an exception to raise."""
        text = " ".join(str(sentence).split())
        return LectureError(f"{self.path.name}: {self._prefix}{name}: {text}")

    def get(self, name: str, default: Any = None) -> Any:
        return self._values.get(name, default)

    def given(self, *names: str) -> list[str]:
        """Which of these fields the file has."""
        return [name for name in names if name in self._values]


def load_lecture(path: str | Path = "lecture.toml") -> Lecture:
    """Read a lecture.

    Raises
    ------
    LectureError
        In one sentence that names the file, the field, what came and what to do.
    """
    from .problems import build_problem

    path = Path(path)
    values = _read_toml(path)
    table = values.pop("problem", {})
    top = Fields(path, values, TOP)
    if not isinstance(table, dict):
        raise top.fail("problem", f"a table [problem] is wanted, but {shown(table)} came")
    theme = top.get("theme", "dark")
    if theme not in ("dark", "light"):
        try:
            Theme.on(theme)
        except ValueError as error:
            raise top.fail("theme", error) from None
    scenes = top.get("scenes", "all")
    problem, inputs, remarks = build_problem(Fields(path, table, PROBLEM, "problem."))
    return Lecture(
        path,
        top.get("title", "The geometry of weight decay"),
        theme,
        scene_names() if scenes == "all" else scenes,
        problem,
        (path, *inputs),
        remarks,
    )


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        if path.is_file() and path.stat().st_size > LARGEST_FILE:
            raise LectureError(f"{path.name}: a file of at most {LARGEST_FILE} bytes is wanted")
        # Not a device or a pipe, which may never end.
        content = path.read_bytes() if path.is_file() or not path.exists() else None
        if content is None:
            raise LectureError(f"{path}: a file is wanted; name one with LECTURE=path/to/lecture.toml")
        return tomllib.loads(content.decode("utf-8-sig"))
    except FileNotFoundError:
        raise LectureError(
            f"{path}: there is no such file; name one with LECTURE=path/to/lecture.toml"
        ) from None
    except UnicodeDecodeError:
        raise LectureError(f"{path.name}: not in UTF-8; save it as UTF-8 text") from None
    except RecursionError:
        raise LectureError(f"{path.name}: not valid TOML: nested too deeply") from None
    except OSError as error:
        raise LectureError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError as error:  # also an integer or a path that Python cannot hold
        raise LectureError(f"{path.name}: not valid TOML: {' '.join(str(error).split())[:200]}") from None
