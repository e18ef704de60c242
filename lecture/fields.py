"""Every field of `lecture.toml`: what it may hold, its default, what it is for. One table.

The reader checks against it (:mod:`lecture.config`); `lecture/lecture.schema.json`, which gives editors completion,
and `lecture/FIELDS.md` are made from it by ``python -m lecture.fields``.
"""

from __future__ import annotations

import difflib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scenes import scene_names
from scenes.kit.color import parse_color

__all__ = ["PROBLEM", "TOP", "Field", "Mistake", "fields_table", "json_schema", "shown"]

MOST_PARAMETERS = 300
SCALES = ("sum", "half_sum", "mean", "half_mean")
MODELS = ("least_squares", "logistic", "softmax")


class Mistake(ValueError):
    """What is wrong with a value: what is wanted and what came."""


def shown(value: Any) -> str:
    """A value from a file, short enough for a sentence."""
    try:
        text = repr(value)
    except ValueError:  # an integer of thousands of digits
        text = "a huge number"
    return text if len(text) <= 60 else text[:57] + "..."


class Kind:
    """What a field may hold.

    Attributes
    ----------
    wanted : str
        Its description in a sentence: "a finite number".
    """

    wanted: str

    def check(self, value: Any) -> Any:
        """The value as Python needs it, or a :class:`Mistake`."""
        raise self.mistake(value)

    def mistake(self, value: Any, wanted: str = "") -> Mistake:
        return Mistake(f"{wanted or self.wanted} is wanted, but {shown(value)} came")

    def schema(self) -> dict[str, Any]:
        """As JSON schema."""
        return {}


class Text(Kind):
    """One line of text."""

    def __init__(self, wanted: str = "a text in quotes", most: int = 200):
        self.wanted, self.most = wanted, most

    def check(self, value: Any) -> str:
        if not isinstance(value, str):
            raise self.mistake(value)
        if len(value) > self.most or any(ord(c) < 32 or ord(c) == 127 for c in value):
            raise self.mistake(value, f"{self.wanted} of at most {self.most} characters on one line")
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.most}


class Choice(Kind):
    """One of a few words."""

    def __init__(self, *options: str):
        self.options = options
        self.wanted = " or ".join(f'"{option}"' for option in options)

    def check(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.options:
            raise self.mistake(value)
        return value

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.options)}


class SceneName(Choice):
    """The name of a scene."""

    def mistake(self, value: Any, wanted: str = "") -> Mistake:
        near = difflib.get_close_matches(value, self.options, 1, 0.5) if isinstance(value, str) else []
        remark = f"; did you mean {near[0]!r}?" if near else "; scenes/__init__.py lists them"
        return Mistake(f"there is no scene {shown(value)}{remark}")


class Color(Kind):
    """A theme: one of two names, or a background color."""

    wanted = '"dark", "light" or a background color such as "#FDF6E3"'

    def check(self, value: Any) -> str:
        if not isinstance(value, str):
            raise self.mistake(value)
        if value not in ("dark", "light"):
            try:
                parse_color(value)
            except ValueError:
                raise self.mistake(value) from None
        return value

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [{"enum": ["dark", "light"]}, {"type": "string", "pattern": "^#[0-9A-Fa-f]{6}$"}]}


class Flag(Kind):
    """Yes or no."""

    wanted = "true or false"

    def check(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self.mistake(value)
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Number(Kind):
    """A finite number in a range."""

    def __init__(self, least: float = -1e12, *, positive: bool = False, most: float = 1e12):
        self.least, self.positive, self.most = least, positive, most
        self.wanted = (
            f"a number greater than 0 and up to {most:g}"
            if positive
            else f"a number from {least:g} to {most:g}"
        )

    def check(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.mistake(value)
        fits = self.least <= value <= self.most and (value > 0 or not self.positive)
        if not fits or not math.isfinite(value):
            raise self.mistake(value)
        return float(value)

    def schema(self) -> dict[str, Any]:
        low = {"exclusiveMinimum": 0} if self.positive else {"minimum": self.least}
        return {"type": "number", **low, "maximum": self.most}


class Whole(Kind):
    """A whole number in a range."""

    def __init__(self, least: int, most: int):
        self.least, self.most = least, most
        self.wanted = f"a whole number from {least} to {most}"

    def check(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            raise self.mistake(value)
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class ListOf(Kind):
    """A list with entries of one kind."""

    def __init__(self, kind: Kind, least: int, most: int, wanted: str, *, unlike: bool = False):
        self.kind, self.least, self.most, self.wanted, self.unlike = kind, least, most, wanted, unlike

    def check(self, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list) or not self.least <= len(value) <= self.most:
            raise self.mistake(value)
        entries = []
        for entry in value:
            try:
                entries.append(self.kind.check(entry))
            except Mistake as mistake:
                raise Mistake(f"{self.wanted} is wanted: {mistake}") from None
        if self.unlike:
            for k, entry in enumerate(entries):
                if entry in entries[:k]:
                    raise Mistake(f"{self.wanted} is wanted, but {shown(entry)} came twice")
        return tuple(entries)

    def schema(self) -> dict[str, Any]:
        unlike = {"uniqueItems": True} if self.unlike else {}
        return {
            "type": "array",
            "items": self.kind.schema(),
            "minItems": self.least,
            "maxItems": self.most,
            **unlike,
        }


class Either(Kind):
    """One of several kinds."""

    def __init__(self, *kinds: Kind):
        self.kinds = kinds
        self.wanted = " or ".join(kind.wanted for kind in kinds)

    def check(self, value: Any) -> Any:
        lists = [kind for kind in self.kinds if isinstance(kind, ListOf)]
        if len(lists) == 1 and isinstance(value, list) and value:  # so it is clear what was meant
            return lists[0].check(value)
        for kind in self.kinds:
            try:
                return kind.check(value)
            except Mistake:
                continue
        raise self.mistake(value)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [kind.schema() for kind in self.kinds]}


@dataclass(frozen=True)
class Field:
    """A field: its name, what it may hold, what stands for it if it is missing, what it is for, and an example."""

    name: str
    kind: Kind
    default: str
    about: str
    example: Any


_NUMBERS = ListOf(Number(), 2, MOST_PARAMETERS, f"a list of 2 to {MOST_PARAMETERS} numbers")

TOP = (
    Field(
        "title",
        Text(),
        "The geometry of weight decay",
        "Title of the film, the page and the decks.",
        "My lecture",
    ),
    Field(
        "theme", Color(), "dark", "The look: on near-black, on white, or on any background color.", "light"
    ),
    Field(
        "scenes",
        Either(
            Choice("all"),
            ListOf(
                SceneName(*scene_names()),
                1,
                len(scene_names()),
                "a list of different scenes",
                unlike=True,
            ),
        ),
        "all",
        "Which scenes, in which order.",
        ["RotateIntoEigenbasis", "RescaleThenRotateBack"],
    ),
)

PROBLEM = (
    Field("name", Text(most=80), "the data file's name", "What the problem is called.", "Diabetes"),
    Field(
        "data",
        Text("the name of a file beside this one"),
        "i2ml",
        "A CSV or Parquet file in the lecture's own folder, or the lecture's own data, `i2ml`.",
        "mine.csv",
    ),
    Field(
        "model",
        Choice(*MODELS),
        "least_squares",
        "What is fitted. Logistic and softmax regression become their Taylor model at the minimizer.",
        "logistic",
    ),
    Field(
        "features",
        ListOf(
            Text("the name of a column"),
            1,
            MOST_PARAMETERS,
            f"a list of 1 to {MOST_PARAMETERS} different columns",
            unlike=True,
        ),
        "needed with a file",
        "The columns to learn from, by name.",
        ["age", "bmi"],
    ),
    Field(
        "target",
        Text("the name of a column"),
        "needed with a file",
        "The column to predict: numbers, or classes for logistic and softmax regression.",
        "progression",
    ),
    Field(
        "positive",
        Text("a class of the target"),
        "the last class",
        "For logistic regression: the class that counts as 1.",
        "malignant",
    ),
    Field(
        "degree",
        Whole(2, 20),
        "no powers",
        "Fit a polynomial: the powers 1 to `degree` of the one feature.",
        6,
    ),
    Field(
        "missing",
        Choice("refuse", "drop"),
        "refuse",
        "What to do with rows in which a value is missing (empty, `NA`, `NaN`, `null`, `None`, `?`).",
        "drop",
    ),
    Field(
        "decimal",
        Choice(".", ","),
        ".",
        "What stands before the decimals in a CSV file.",
        ",",
    ),
    Field(
        "standardize",
        Flag(),
        "false",
        "Whether every feature is brought to mean 0 and standard deviation 1: its unit no longer decides how much "
        "it is penalized.",
        True,
    ),
    Field(
        "intercept",
        Flag(),
        "true with a file, false for `i2ml`",
        "Whether the model has a constant that the penalty leaves alone.",
        False,
    ),
    Field(
        "scale",
        Choice(*SCALES),
        "sum",
        "How the losses of the rows are added up; λ is measured against it. The sum of squared errors has the "
        "Hessian 2XᵀX, half their mean XᵀX/n.",
        "half_mean",
    ),
    Field(
        "hessian",
        ListOf(_NUMBERS, 2, MOST_PARAMETERS, f"a list of 2 to {MOST_PARAMETERS} rows of numbers"),
        "made from data",
        "Instead of data: the Hessian of the risk, symmetric, no eigenvalue negative.",
        [[40.0, 10.0], [10.0, 8.0]],
    ),
    Field(
        "minimizer",
        _NUMBERS,
        "made from data",
        "Instead of data: the minimizer of the risk.",
        [1.0, 2.0],
    ),
    Field(
        "parameters",
        ListOf(Text("a name"), 2, MOST_PARAMETERS, f"a list of 2 to {MOST_PARAMETERS} names", unlike=True),
        "θ₁, θ₂, …",
        "With a Hessian: what its parameters are called.",
        ["slope", "offset"],
    ),
    Field(
        "plane",
        Either(
            ListOf(Text("a parameter"), 2, 2, "a pair of different parameters", unlike=True),
            ListOf(Whole(1, MOST_PARAMETERS), 2, 2, "a pair of different eigendirections", unlike=True),
        ),
        "the two most entangled parameters",
        "With more than two parameters: the two in whose plane the pictures are drawn (the others stay at the "
        "minimizer), or two eigendirections, counted from the steepest, 1.",
        [1, 10],
    ),
    Field(
        "lam",
        Either(Number(0.0), Choice("visible", "leave_one_out")),
        "visible (50 for `i2ml`)",
        "Penalty strength of rotating and rescaling: a number, a round one whose effect can be seen, or the one with "
        "the smallest leave-one-out error (least squares).",
        50.0,
    ),
    Field(
        "lam_zigzag",
        Number(0.0),
        "a fifth of lam (10 for `i2ml`)",
        "Penalty strength under which each step of gradient descent is drawn in two halves.",
        10.0,
    ),
    Field(
        "lams_compared",
        ListOf(Number(0.0), 2, 2, "a weak and a strong penalty", unlike=True),
        "a tenth of lam, and lam (5 and 50 for `i2ml`)",
        "The two penalties shown side by side.",
        [5.0, 50.0],
    ),
    Field(
        "step_size",
        Number(positive=True),
        "below 1/(largest eigenvalue + λ) (0.005 for `i2ml`)",
        "Step size of gradient descent.",
        0.005,
    ),
    Field(
        "steps",
        Whole(1, 100_000),
        "until the flat direction has settled (100 for `i2ml`)",
        "How many steps gradient descent takes.",
        100,
    ),
    Field(
        "start",
        ListOf(Number(), 2, 2, "a pair of numbers"),
        "0, 0",
        "Where gradient descent starts, in the plane that is drawn.",
        [0.0, 0.0],
    ),
)


def json_schema() -> dict[str, Any]:
    """The schema of `lecture.toml`."""

    def table(fields: tuple[Field, ...]) -> dict[str, Any]:
        return {
            field.name: {
                **field.kind.schema(),
                "description": f"{field.about} Default: {field.default}.",
                "examples": [field.example],
            }
            for field in fields
        }

    problem = {"type": "object", "additionalProperties": False, "properties": table(PROBLEM)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "lecture.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **table(TOP),
            "problem": {**problem, "description": "What the lecture is about."},
        },
    }


def fields_table() -> str:
    """The fields as tables in Markdown."""

    def rows(fields: tuple[Field, ...]) -> list[str]:
        lines = ["| field | may hold | default | what it is for | example |", "|---|---|---|---|---|"]
        for field in fields:
            wanted = "a list of different scenes or `all`" if field.name == "scenes" else field.kind.wanted
            example = f"`{field.name} = {_toml(field.example)}`"
            lines.append(f"| `{field.name}` | {wanted} | {field.default} | {field.about} | {example} |")
        return lines

    return "\n".join(
        [
            "# The fields of lecture.toml",
            "",
            "Made from `lecture/fields.py` by `python -m lecture.fields`. Every field has a default; a lecture about a "
            "file needs only `data`, `features` and `target`. A mistake is told in one sentence.",
            "",
            "## At the top",
            "",
            *rows(TOP),
            "",
            "## In `[problem]`",
            "",
            *rows(PROBLEM),
            "",
        ]
    )


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _write() -> None:
    here = Path(__file__).parent
    schema = json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"
    (here / "lecture.schema.json").write_text(schema, encoding="utf-8")
    (here / "FIELDS.md").write_text(fields_table(), encoding="utf-8")


if __name__ == "__main__":
    _write()
