"""`make new NAME=...`: a commented lecture file about somebody's data, with the columns that were found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from lecture.errors import LectureError

from .fields import MOST_PARAMETERS
from .fitting import MOST_CLASSES
from .table import DataError, as_number, inside, is_missing, preview

__all__ = ["new"]

_DATA_FILES = (".csv", ".tsv", ".txt", ".parquet", ".pq")
MOST_FEATURES = 30


class _Column(NamedTuple):
    """What the first values of a column look like."""

    name: str
    numbers: bool
    commas: bool
    holes: bool
    different: int


def new(name: str) -> Path:
    """Write a lecture file.

    Parameters
    ----------
    name : str
        A data file: the lecture is written beside it, under its name. A folder with one data file: written into it. A
        new name: a folder is made, with a lecture about a Hessian.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    LectureError
        If there is no name, nothing can be read, or something would be overwritten.
    """
    if not name.strip() or "\0" in name:
        raise LectureError("new: name a data file, such as NAME=mine.csv")
    given = Path(name)
    try:
        if given.is_file():
            return _about_data(given, given.with_suffix(".toml"))
        if given.is_dir():
            files = sorted(p for p in given.iterdir() if p.suffix.lower() in _DATA_FILES and p.is_file())
            if len(files) != 1:
                raise LectureError(
                    f"new: one data file is wanted in {given}, but there are {len(files)}; name one"
                )
            return _about_data(files[0], given / "lecture.toml")
        if given.suffix.lower() in _DATA_FILES:
            raise LectureError(f"new: there is no file {name}")
        path = given / "lecture.toml"
        given.mkdir(parents=True)
        return _written(path, _HEAD.format(title=_quoted(given.name[:200])) + _HESSIAN)
    except OSError as error:
        raise LectureError(f"new: {name}: {error.strerror or 'cannot be used'}") from None


def _about_data(data: Path, path: Path) -> Path:
    if path.exists():
        raise LectureError(f"new: {path} is there already; remove it or rename it first")
    try:
        values = preview(inside(data.parent, data.name))
    except DataError as error:
        raise LectureError(f"new: {error}") from None
    columns = [_look(name, cells) for name, cells in values.items()]
    if any(c == "\x7f" or ord(c) < 32 for c in data.name):
        raise LectureError(f"new: {data.name!r} has a control character in its name; rename it")
    usable = [
        c
        for c in columns
        if c.name and len(c.name) <= 200 and all(ord(x) >= 32 and x != "\x7f" for x in c.name)
    ]
    target = next((c for c in reversed(usable) if c.numbers or 2 <= c.different <= MOST_CLASSES), None)
    if target is None:
        raise LectureError(
            f"new: {data.name} has no column to predict: of numbers, or of up to {MOST_CLASSES} classes"
        )
    features = [c for c in usable if c is not target and c.numbers and c.different > 1][:MOST_FEATURES]
    if not features:
        raise LectureError(f"new: {data.name} has no column of numbers to learn from beside {target.name!r}")
    model = "least_squares" if target.numbers else "logistic" if target.different == 2 else "softmax"
    left_out = [c for c in columns if c is not target and c not in features]
    text = _HEAD.format(title=_quoted(f"Weight decay on {data.stem}"[:200])) + _problem(
        data.name, columns, features, target, model, left_out
    )
    return _written(path, text)


def _look(name: str, cells: list[Any]) -> _Column:
    there = [cell for cell in cells if not is_missing(cell)]
    plain = all(as_number(cell) == as_number(cell) for cell in there)
    commas = not plain and all(as_number(cell, ",") == as_number(cell, ",") for cell in there)
    return _Column(
        name, bool(there) and (plain or commas), commas, len(there) < len(cells), len(set(map(str, there)))
    )


def _problem(
    name: str,
    columns: list[_Column],
    features: list[_Column],
    target: _Column,
    model: str,
    left_out: list[_Column],
) -> str:
    used = [*features, target]
    kinds = {"least_squares": "numbers", "logistic": "two classes", "softmax": "several classes"}[model]
    pieces = [
        "[problem]",
        f"data = {_quoted(name)}",
        f"target = {_quoted(target.name)}  # {kinds}; the column to predict",
        "features = [",
        *(f"  {_quoted(c.name)}," for c in features),
        "]",
    ]
    if left_out:
        pieces.append("# not used: " + ", ".join(_comment(c.name) for c in left_out[:20]))
    pieces.append(f'model = "{model}"  # or "least_squares", "logistic", "softmax"')
    if len(features) == 1 and model == "least_squares":
        pieces.append("degree = 3  # the powers of the one feature")
    pieces.append("standardize = true  # units no longer decide how much a feature is penalized")
    if any(c.holes for c in used):
        pieces.append('missing = "drop"  # rows with missing values are left out')
    if any(c.commas for c in used):
        pieces.append('decimal = ","')
    pieces.append('scale = "sum"  # of the losses of the rows, or "half_sum", "mean", "half_mean"')
    pieces.append("")
    pieces.append(
        'lam = "visible"  # a round number whose effect can be seen; or a number, or "leave_one_out"'
    )
    if len(features) > 2:
        pair = ", ".join(_quoted(c.name) for c in features[:2])
        pieces.append(
            "# With more than two parameters, the plane that is drawn: two of them, or two eigendirections."
        )
        pieces.append("# By default the two that the Hessian entangles most.")
        pieces.append(f"# plane = [{pair}]")
        pieces.append(f"# plane = [1, {min(len(features), MOST_PARAMETERS)}]")
    return "\n".join([*pieces, ""])


def _written(path: Path, text: str) -> Path:
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return path


def _quoted(text: str) -> str:
    """A TOML string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:60]


_HEAD = """\
# A lecture about your own problem. Build it with  make LECTURE=path/to/this-file
# What can stand here is listed in scenes/FIELDS.md; what is left out has a sensible default.

title = {title}
theme = "dark"  # or "light", or the background color of your slides, such as "#FDF6E3"
scenes = "all"  # or a list, in the order in which they are shown

"""

_HESSIAN = """\
[problem]
hessian = [[40.0, 10.0], [10.0, 8.0]]  # of the risk: symmetric, no eigenvalue negative
minimizer = [1.0, 2.0]
# parameters = ["slope", "offset"]
# Instead of both, data from a file in this folder:
# data = "mine.csv"
# features = ["age", "bmi"]
# target = "progression"

lam = "visible"  # a round number whose effect can be seen, or a number
"""
