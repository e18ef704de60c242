"""`lecture.toml`: read, checked field by field, and turned into what the scenes are given.

Input is data: a field is never evaluated, and only files that the lecture names inside its own folder are read.
Every mistake is one sentence: file, field, what came, what to do.
"""

from __future__ import annotations

import csv
import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import wdmath
from scenes import scene_names
from scenes.kit.color import parse_color
from scenes.kit.problem import Problem, Settings
from scenes.kit.theme import Theme
from wdmath import QuadraticRisk

__all__ = ["Lecture", "LectureError", "load_lecture"]

SCALES = ("sum", "half_sum", "mean", "half_mean")


class LectureError(Exception):
    """A mistake in the user's input, told in one sentence."""


@dataclass(frozen=True)
class Lecture:
    """A lecture as its file describes it.

    Attributes
    ----------
    path : Path
        The file it came from.
    scenes : tuple of str
        In the order in which they are shown.
    inputs : tuple of Path
        Files that were read, the lecture's own first.
    """

    path: Path
    title: str
    theme: str
    scenes: tuple[str, ...]
    problem: Problem
    inputs: tuple[Path, ...] = ()

    def settings(self, theme: str | None = None) -> Settings:
        """What the scenes are given; `theme` overrides the file's."""
        name = theme or self.theme
        chosen = {"dark": Theme.dark, "light": Theme.light}.get(name)
        return Settings(self.problem, chosen() if chosen else Theme.on(name))


class _Table:
    """A TOML table that hands out checked fields and names them in its complaints."""

    def __init__(self, path: Path, values: dict[str, Any], prefix: str = ""):
        self.path, self.values, self.prefix = path, values, prefix
        self.used: set[str] = set()

    def fail(self, name: str, problem: str) -> LectureError:
        return LectureError(f"{self.path.name}: {self.prefix}{name}: {problem}")

    def _take(self, name: str, default: Any) -> Any:
        self.used.add(name)
        return self.values.get(name, default)

    def text(self, name: str, default: str, limit: int = 200) -> str:
        value = self._take(name, default)
        if not isinstance(value, str):
            raise self.fail(
                name, f'a text in quotes is wanted, such as {name} = "{default}", but {value!r} came'
            )
        if len(value) > limit or any(ord(c) < 32 for c in value):
            raise self.fail(name, f"at most {limit} characters on one line are wanted, but {len(value)} came")
        return value

    def number(self, name: str, default: float, *, positive: bool = False) -> float:
        return self._number(name, self._take(name, default), positive=positive)

    def _number(self, name: str, value: Any, *, positive: bool = False, sign: bool = False) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.fail(name, f"a finite number is wanted, but {value!r} came")
        if positive and value <= 0:
            raise self.fail(name, f"a number greater than 0 is wanted, but {value!r} came")
        if value < 0 and not sign:
            raise self.fail(name, f"a number that is not negative is wanted, but {value!r} came")
        if abs(value) > 1e12:
            raise self.fail(name, f"a number up to 1e12 is wanted, but {value!r} came")
        return float(value)

    def count(self, name: str, default: int, largest: int) -> int:
        value = self._take(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= largest:
            raise self.fail(name, f"a whole number from 1 to {largest} is wanted, but {value!r} came")
        return value

    def pair(self, name: str, default: Any, *, sign: bool = True) -> tuple[float, float]:
        value = self._take(name, default)
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise self.fail(name, f"two numbers are wanted, such as {name} = [1.0, 2.0], but {value!r} came")
        first, second = (self._number(name, v, sign=sign) for v in value)
        return first, second

    def done(self) -> None:
        unknown = sorted(set(self.values) - self.used)
        if unknown:
            raise self.fail(unknown[0], f"there is no such field (fields: {', '.join(sorted(self.used))})")


def load_lecture(path: str | Path = "lecture.toml") -> Lecture:
    """Read a lecture.

    Raises
    ------
    LectureError
        In one sentence that names the file, the field, what came and what to do.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise LectureError(
            f"{path}: there is no such file; name one with LECTURE=path/to/lecture.toml"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise LectureError(f"{path}: cannot be read as UTF-8 text ({error})") from None
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LectureError(f"{path.name}: not valid TOML: {error}") from None

    top = _Table(path, values)
    title = top.text("title", "The geometry of weight decay")
    theme = _theme(top)
    scenes = _scenes(top)
    table = top._take("problem", {})
    if not isinstance(table, dict):
        raise top.fail("problem", f"a table [problem] is wanted, but {table!r} came")
    top.done()
    problem = _Table(path, table, "problem.")
    built, inputs = _problem(problem)
    problem.done()
    return Lecture(path, title, theme, scenes, built, (path, *inputs))


def _theme(top: _Table) -> str:
    theme = top.text("theme", "dark")
    if theme not in ("dark", "light"):
        try:
            parse_color(theme)
        except ValueError:
            raise top.fail(
                "theme", f'"dark", "light" or a color like "#FDF6E3" is wanted, but {theme!r} came'
            ) from None
    return theme


def _scenes(top: _Table) -> tuple[str, ...]:
    value, known = top._take("scenes", "all"), scene_names()
    if value == "all":
        return known
    if not isinstance(value, list) or not value:
        raise top.fail("scenes", f'"all" or a list of scenes is wanted, but {value!r} came')
    for name in value:
        if name not in known:
            raise top.fail("scenes", f"there is no scene {name!r} (scenes: {', '.join(known)})")
        if value.count(name) > 1:
            raise top.fail("scenes", f"{name!r} came twice; a scene is shown once")
    return tuple(value)


def _problem(table: _Table) -> tuple[Problem, tuple[Path, ...]]:
    inputs: tuple[Path, ...] = ()
    X = y = None
    if "hessian" in table.values or "minimizer" in table.values:
        risk = _given_risk(table)
        names = ("", "")
    else:
        X, y, names, inputs = _data(table)
        scale = table.text("scale", "sum")
        if scale not in SCALES:
            raise table.fail("scale", f"one of {', '.join(SCALES)} is wanted, but {scale!r} came")
        risk = QuadraticRisk.from_least_squares(X, y, scale=scale)
    largest = float(risk.eigenvalues[0])
    start = table.pair("start", (0.0, 0.0))
    fields: dict[str, Any] = {
        "name": table.text("name", "I2ML"),
        "risk": risk,
        "lam": table.number("lam", 50.0),
        "lam_zigzag": table.number("lam_zigzag", 10.0),
        "lams_compared": table.pair("lams_compared", (5.0, 50.0), sign=False),
        "step_size": table.number("step_size", 0.005, positive=True),
        "steps": table.count("steps", 100, largest=100_000),
        "start": start,
        "parameters": names,
        "X": X,
        "y": y,
    }
    weak, strong = fields["lams_compared"]
    if weak >= strong:
        raise table.fail("lams_compared", f"the weaker penalty is wanted first, but {[weak, strong]} came")
    if largest == 0:
        raise table.fail(
            "hessian", "the risk is flat in every direction; at least one eigenvalue must be greater than 0"
        )
    return Problem(**fields), inputs


def _given_risk(table: _Table) -> QuadraticRisk:
    rows = table._take("hessian", None)
    if not (
        isinstance(rows, list) and len(rows) == 2 and all(isinstance(r, list) and len(r) == 2 for r in rows)
    ):
        raise table.fail("hessian", f"two rows of two numbers are wanted, but {rows!r} came")
    hessian = [[table._number("hessian", v, sign=True) for v in row] for row in rows]
    minimizer = table.pair("minimizer", None)
    for name in ("data", "features", "target", "scale"):
        if name in table.values:
            raise table.fail(name, "give either data or a hessian and a minimizer, not both")
    try:
        return QuadraticRisk(np.array(hessian), np.array(minimizer))
    except ValueError as error:
        raise table.fail("hessian", str(error)) from None


def _data(table: _Table) -> tuple[np.ndarray, np.ndarray, tuple[str, str], tuple[Path, ...]]:
    name = table.text("data", "i2ml")
    inputs: tuple[Path, ...] = ()
    features = table._take("features", ["x1", "x2"])
    if not isinstance(features, list) or len(features) != 2 or not all(isinstance(f, str) for f in features):
        raise table.fail("features", f"the names of two columns are wanted, but {features!r} came")
    target = table.text("target", "y")
    if features[0] == features[1] or target in features:
        raise table.fail("features", f"three different columns are wanted, but {[*features, target]} came")
    if name == "i2ml":
        X, y = wdmath.load_i2ml()
        columns = {"x1": X[:, 0], "x2": X[:, 1], "y": y}
        source, names = "i2ml.csv", ("", "")
    else:
        path = _inside(table, name)
        columns, source, inputs, names = (
            _read_csv(table, path),
            path.name,
            (path,),
            (features[0], features[1]),
        )
    for label, column in (("features", features[0]), ("features", features[1]), ("target", target)):
        if column not in columns:
            raise table.fail(label, f"no column {column!r} in {source} (columns: {', '.join(columns)})")
    X = np.column_stack([columns[features[0]], columns[features[1]]])
    return X, columns[target], names, inputs


def _inside(table: _Table, name: str) -> Path:
    folder = table.path.parent.resolve()
    path = (folder / name).resolve()
    if not path.is_relative_to(folder):
        raise table.fail("data", f"a file in the lecture's own folder is wanted, but {name!r} lies outside")
    if not path.is_file():
        raise table.fail("data", f"there is no file {name!r} beside {table.path.name}")
    return path


def _read_csv(table: _Table, path: Path) -> dict[str, np.ndarray]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.reader(file)
            header = next(rows, [])
            values = [row for row in rows if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise table.fail("data", f"{path.name} cannot be read as CSV in UTF-8 ({error})") from None
    if not values:
        raise table.fail("data", f"{path.name} has no rows below its header")
    columns: dict[str, np.ndarray] = {}
    for k, column in enumerate(header):
        numbers = []
        for n, row in enumerate(values, start=2):
            try:
                number = float(row[k])
            except (ValueError, IndexError):
                number = math.nan
            if not math.isfinite(number):
                came = row[k] if k < len(row) else "nothing"
                raise table.fail(
                    "data", f"{path.name}, line {n}, column {column!r}: a number is wanted, but {came!r} came"
                )
            numbers.append(number)
        columns[column.strip()] = np.array(numbers)
    return columns
