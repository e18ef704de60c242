"""`make new NAME=...`: a commented lecture file about somebody's data, and what was understood of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from lecture.errors import LectureError, command, option
from lecture.words import Message, Plural, _, fill

from .fields import MOST_PARAMETERS
from .models import MODELS
from .source import DATA_FILES, DataError, Format, inside
from .survey import ColumnSurvey, Survey, survey
from .text_source import DELIMITERS

__all__ = ["OPTIONS", "NewFile", "new"]

MOST_FEATURES = 30
MOST_SHOWN = 60  # columns in the report

#: What `new` can be told beside a name: for the command line.
OPTIONS = {
    "target": "the column to predict [the one called so, or the last that can be]",
    "features": "the columns to learn from, separated by commas [all that are numbers, or texts of few levels]",
    "columns": "names for the columns of a file that has none in its first line, separated by commas",
    "missing": "what else stands for a missing value, separated by commas, such as -999",
    "decimal": "what stands before the decimals, . or , [what all rows of a column agree on]",
    "delimiter": "what stands between the cells [judged from the file]",
    "encoding": "how the characters are coded, such as cp1251 [judged from the file]",
    "sheet": "which sheet of a workbook is read [the first with anything in it]",
}


class NewFile(NamedTuple):
    """A lecture file that was written.

    Attributes
    ----------
    path : Path
    report : list
        What was understood, for a terminal: rich's renderables.
    """

    path: Path
    report: list[Any]


class _Choice(NamedTuple):
    """What is made of a file's columns."""

    target: ColumnSurvey
    features: list[ColumnSurvey]
    others: list[tuple[ColumnSurvey, Message]]
    model: str


def new(name: str, target: str = "", features: str = "", **how: str) -> NewFile:
    """Write a lecture file.

    Parameters
    ----------
    name : str
        A data file: the lecture is written beside it, under its name. A folder with one data file: written into it. A
        new name: a folder is made, with a lecture about a Hessian.
    target : str
        The column to predict, where the choice is not left to the file.
    features : str
        The columns to learn from, separated by commas.
    **how
        How the file is read: `columns`, `missing`, `decimal`, `delimiter`, `encoding`, `sheet`; see :data:`OPTIONS`.

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
            stem = given.name.removesuffix(".gz")
            return _about_data(given, given.with_name(stem).with_suffix(".toml"), target, features, how)
        if given.is_dir():
            files = sorted(p for p in given.iterdir() if p.name.lower().endswith(DATA_FILES) and p.is_file())
            if len(files) != 1:
                raise LectureError(
                    f"new: expected one data file in {given}, but there are {len(files)}; name one"
                )
            return _about_data(files[0], given / "lecture.toml", target, features, how)
        if given.name.lower().endswith(DATA_FILES):
            raise LectureError(f"new: there is no file {name}")
        path = given / "lecture.toml"
        given.mkdir(parents=True)
        return NewFile(_written(path, _HEAD.format(title=_quoted(given.name[:200])) + _HESSIAN), [])
    except OSError as error:
        raise LectureError(f"new: {name}: {error.strerror or 'cannot be used'}") from None


def _about_data(data: Path, path: Path, target: str, features: str, how: dict[str, str]) -> NewFile:
    if path.exists():
        raise LectureError(f"new: {path} is there already; remove it or rename it first")
    if any(c == "\x7f" or ord(c) < 32 for c in data.name):
        raise LectureError(f"new: {data.name!r} has a control character in its name; rename it")
    try:
        said = _said(how)
        given = Format(**{name: value for name, value in said.items() if name in Format._fields})
        decimal = said.get("decimal", "auto")
        found = survey(inside(data.parent, data.name), given, said.get("missing", ()), decimal)
        found = found.with_columns([c for c in found.columns if _is_writable(c.name)])
        choice = _choose(found, target, features)
    except DataError as error:
        raise LectureError(f"new: {error}{_how_to_say(str(error))}") from None
    title = _quoted(f"Weight decay on {path.stem if path.stem != 'lecture' else data.stem}"[:200])
    text = _HEAD.format(title=title) + _problem(data.name, choice, said)
    return NewFile(_written(path, text), _report(found, choice))


def _said(how: dict[str, str]) -> dict[str, Any]:
    """What the user says of the file, as lecture files have it."""
    said: dict[str, Any] = {name: value for name, value in how.items() if value}
    for name in ("columns", "missing"):
        if name in said:
            parts = tuple(part.strip() for part in said[name].split(","))
            if "" in parts or len(set(parts)) < len(parts):
                raise DataError(f"{name}: expected different texts between commas, got {said[name]!r}")
            said[name] = parts
    if said.get("decimal", ".") not in (".", ","):
        raise DataError(f"decimal: expected . or , but got {said['decimal']!r}")
    if "delimiter" in said:
        said["delimiter"] = {"tab": "\t", "\\t": "\t", "space": " "}.get(said["delimiter"], said["delimiter"])
        if said["delimiter"] not in DELIMITERS:
            raise DataError(f"delimiter: expected one of , ; tab | space : but got {said['delimiter']!r}")
    return said


def _how_to_say(error: str) -> str:
    """How `new` is told what a lecture file would say, where a sentence names its fields."""
    named = [name for name in OPTIONS if f"{name} = " in error and name not in ("target", "features")]
    return f" ({command('new')} takes {' and '.join(option(name, '...') for name in named)})" if named else ""


def _is_writable(name: str) -> bool:
    """Whether a lecture file can hold a name."""
    return bool(name) and len(name) <= 200 and all(ord(x) >= 32 and x != "\x7f" for x in name)


def _choose(found: Survey, target: str, features: str) -> _Choice:
    if target:
        goal = found.column(target)
        if not goal.can_be_target:
            raise DataError(f"the column {target!r} cannot be predicted: {_why(goal)}")
    elif features:
        named = {found.column(name).name for name in _split(found, features)}
        rest = [column for column in found.columns if column.name not in named]
        goal = found.with_columns(rest).target()
    else:
        goal = found.target()
    if not features:
        chosen, others = found.features(goal, MOST_FEATURES)
        return _Choice(goal, chosen, others, goal.model)
    chosen = [found.column(name) for name in _split(found, features)]
    for column in chosen:
        if column is goal:
            raise DataError(f"the column {goal.name!r} cannot be target and feature")
        if column.values is None and column.kind != "texts":
            raise DataError(f"the column {column.name!r} cannot be a feature: {_why(column)}")
    others = [
        (c, c.why_not or _("not asked for")) for c in found.columns if c is not goal and c not in chosen
    ]
    return _Choice(goal, chosen, others, goal.model)


def _split(found: Survey, features: str) -> list[str]:
    """Names separated by commas, also where names have commas themselves."""
    parts = features.split(",")
    names: list[str] = []
    known = {column.name for column in found.columns}
    while parts:
        fits = [n for n in range(len(parts), 0, -1) if " ".join(",".join(parts[:n]).split()) in known]
        take = fits[0] if fits else 1
        names.append(",".join(parts[:take]).strip())
        parts = parts[take:]
    return list(dict.fromkeys(names))


def _why(column: ColumnSurvey) -> str:
    return fill(column.why_not) if column.why_not is not None else f"it holds {_kind(column)}"


def _problem(name: str, choice: _Choice, said: dict[str, Any]) -> str:
    target, features, others, model = choice
    used = [*features, target]
    kinds = {"numbers": "numbers", "two classes": "two classes", "classes": "classes", "counts": "counts"}
    pieces = [
        "[problem]",
        f"data = {_quoted(name)}",
        *(
            f"{field} = {_quoted(said[field])}"
            for field in ("delimiter", "encoding", "sheet")
            if field in said
        ),
        *([f"columns = [{', '.join(map(_quoted, said['columns']))}]"] if "columns" in said else []),
        f"target = {_quoted(target.name)}  # {kinds[MODELS[model].target]}; the column to predict",
        "features = [",
        *(
            f"  {_quoted(c.name)}," + ("  # a column for each level" if c.values is None else "")
            for c in features
        ),
        "]",
    ]
    pieces += [f"# not used: {_comment(c.name)}: {_comment(fill(why))}" for c, why in others[:MOST_SHOWN]]
    models = ", ".join(f'"{other}"' for other in MODELS)
    pieces.append(f'model = "{model}"  # one of {models}')
    if len(features) == 1 and features[0].values is not None and model == "least_squares":
        pieces.append("degree = 3  # the powers of the one feature")
    pieces.append("standardize = true  # units no longer decide how much a feature is penalized")
    if "missing" in said:
        values = ", ".join(map(_quoted, said["missing"]))
        pieces.append(f"missing = [{values}]  # such rows, and those with other missing values, are left out")
    elif any(c.missing for c in used):
        pieces.append('missing = "drop"  # rows with missing values are left out')
    marks = {c.decimal for c in used if c.decimal}
    if "decimal" in said:
        pieces.append(f"decimal = {_quoted(said['decimal'])}  # what stands before the decimals")
    elif "," in marks:
        pieces.append(
            'decimal = ","  # what stands before the decimals'
            if marks == {","}
            else 'decimal = "auto"  # points in some columns, commas in others'
        )
    pieces.append('scale = "sum"  # of the losses of the rows, or "half_sum", "mean", "half_mean"')
    pieces.append("")
    loo = ', or "leave_one_out"' if model == "least_squares" else ""
    pieces.append(f'lam = "visible"  # a round number whose effect can be seen; or a number{loo}')
    if len(features) > 2 or MODELS[model].weights_per_class:
        pieces.append(
            "# The plane that is drawn: by default that of the two eigendirections along which the minimizer is"
        )
        pieces.append("# longest. Others, counted from the steepest, or a slice along two parameters:")
        pieces.append(f"# plane = [1, {min(len(features), MOST_PARAMETERS)}]")
        if (
            all(c.values is not None for c in features[:2])
            and len(features) > 2
            and not MODELS[model].weights_per_class
        ):
            pieces.append(f"# plane = [{', '.join(_quoted(c.name) for c in features[:2])}]")
    return "\n".join([*pieces, ""])


# What is told.


_KINDS = {
    "numbers": _("numbers"),
    "whole numbers": _("whole numbers"),
    "0 and 1": _("0 and 1"),
    "dates": _("dates or times"),
    "identifier": _("identifiers"),
    "constant": _("one value"),
    "empty": _("nothing"),
    "unclear": _("unclear"),
}


def _kind(column: ColumnSurvey) -> str:
    if column.kind == "texts":
        return fill(Plural("{n} text", "{n} texts").format(n=column.levels))
    kind = fill(_KINDS[column.kind])
    return fill(_("{kind}, decimal comma").format(kind=kind)) if column.decimal == "," else kind


def _report(found: Survey, choice: _Choice) -> list[Any]:
    """What was understood of a file, and what was chosen."""
    from rich.markup import escape
    from rich.table import Table

    def plain(text: str) -> str:
        return escape("".join(c if c.isprintable() else " " for c in text))

    table = Table(
        title=plain(f"{found.path.name}: {found.rows} rows"), title_justify="left", box=None, pad_edge=False
    )
    for heading in (_("column"), _("holds"), _("first values"), _("missing"), _("use")):
        table.add_column(fill(heading), overflow="fold")
    why = {column.name: reason for column, reason in choice.others}
    chosen = {column.name for column in choice.features}
    for column in found.columns[:MOST_SHOWN]:
        if column.name == choice.target.name:
            use = fill(_("target"))
        elif column.name in chosen:
            use = fill(_("feature"))
        else:
            use = fill(_("not used: {why}").format(why=why.get(column.name, "")))
        first = ", ".join(text if len(text) <= 24 else text[:23] + "…" for text in column.first)
        table.add_row(*map(plain, (column.name, _kind(column), first, str(column.missing or ""), use)))
    more = len(found.columns) - MOST_SHOWN
    told = [table, *(plain(fill(remark)) for remark in found.remarks)]
    if more > 0:
        told.insert(1, fill(Plural("and {n} more column", "and {n} more columns").format(n=more)))
    suggested = {
        "logistic": _("two classes, so logistic regression is suggested"),
        "softmax": _("several classes, so softmax regression is suggested"),
    }
    if choice.model in suggested:
        told.append(plain(f"{choice.target.name}: {fill(suggested[choice.model])}"))
    elif choice.target.kind == "whole numbers" and choice.target.levels <= 10:
        told.append(
            plain(
                f"{choice.target.name}: "
                + fill(_("few whole numbers; if they are classes, change model to logistic or softmax"))
            )
        )
    return told


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
