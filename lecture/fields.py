"""The fields of `lecture.toml`: what each may hold, its default, what it is for.

Those at the top are every lecture's; those of `[problem]` are the lecture's own (:class:`lecture.definition.Lecture`).
The reader checks against these tables; the schema that gives editors completion and the page of fields are made from
them by ``python -m lecture fields``.
"""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .definition import Lecture
from .errors import LectureError

__all__ = [
    "Choice",
    "Either",
    "Field",
    "Flag",
    "Kind",
    "ListOf",
    "Mistake",
    "Number",
    "TableOf",
    "Text",
    "Values",
    "Whole",
    "fields_page",
    "json_schema",
    "shown",
    "top_fields",
    "write_fields",
]


class Mistake(ValueError):
    """What is wrong with a value: what was expected and what came."""


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
        return Mistake(f"expected {wanted or self.wanted}, got {shown(value)}")

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
        remark = f"; did you mean {near[0]!r}?" if near else f" (scenes: {', '.join(self.options)})"
        return Mistake(f"expected the name of a scene, got {shown(value)}{remark}")


class Color(Kind):
    """A theme: one of two names, or a background color."""

    wanted = '"dark", "light" or a background color such as "#FDF6E3"'

    def check(self, value: Any) -> str:
        if not isinstance(value, str):
            raise self.mistake(value)
        if value not in ("dark", "light"):
            from .stage.color import parse_color

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
                raise Mistake(f"{mistake} (in {self.wanted})") from None
        if self.unlike:
            for k, entry in enumerate(entries):
                if entry in entries[:k]:
                    raise Mistake(f"expected {self.wanted}, got {shown(entry)} twice")
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


class TableOf(Kind):
    """A table whose entries are of one kind.

    Parameters
    ----------
    kind : Kind
    wanted : str
    names : iterable of str, optional
        What may stand in it; anything by default.
    most : int
        How many entries at most.
    """

    def __init__(self, kind: Kind, wanted: str, most: int = 1000, names: Iterable[str] = ()):
        self.kind, self.wanted, self.names, self.most = kind, wanted, tuple(names), most

    def check(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or len(value) > self.most:
            raise self.mistake(value)
        entries = {}
        for name, entry in value.items():
            if self.names and name not in self.names:
                near = difflib.get_close_matches(name, self.names, 1)
                remark = f"did you mean {near[0]!r}?" if near else f"names: {', '.join(self.names)}"
                raise Mistake(f"expected {self.wanted}, got {shown(name)}, which there is not; {remark}")
            try:
                entries[Text().check(name)] = self.kind.check(entry)
            except Mistake as mistake:
                raise Mistake(f"{shown(name)}: {mistake} (in {self.wanted})") from None
        return entries

    def schema(self) -> dict[str, Any]:
        if self.names:
            properties = {name: self.kind.schema() for name in self.names}
            return {"type": "object", "additionalProperties": False, "properties": properties}
        return {
            "type": "object",
            "propertyNames": Text().schema(),
            "additionalProperties": self.kind.schema(),
            "maxProperties": self.most,
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


class Values:
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


def top_fields(lecture: Lecture) -> tuple[Field, ...]:
    """The fields at the top of a lecture file."""
    return (
        Field(
            "title", Text(), str(lecture.title), "Title of the film, the page and the decks.", "My lecture"
        ),
        Field(
            "theme",
            Color(),
            "dark",
            "The look: on near-black, on white, or on any background color.",
            "light",
        ),
        Field(
            "language",
            Choice(*lecture.languages),
            "en",
            "The language of words, captions and voice.",
            lecture.languages[-1],
        ),
        Field(
            "notation",
            Choice(*lecture.notations),
            next(iter(lecture.notations)),
            "Which symbols formulas, labels and sentences use.",
            list(lecture.notations)[-1],
        ),
        Field(
            "symbols",
            TableOf(Text("Typst mathematics"), "a table of symbols", names=lecture.notation),
            "those of the notation",
            "Other symbols for single roles, as Typst mathematics: a letter or `bold(…)` of one, with at most "
            "an accent (`hat`, `bar`, `tilde`, `arrow`, `dot`), an index, and `^*` or `^top`.",
            dict([next((role, symbol.typst) for role, symbol in lecture.notation.items())]),
        ),
        Field(
            "scenes",
            Either(
                Choice("all"),
                ListOf(
                    SceneName(*lecture.scenes),
                    1,
                    len(lecture.scenes),
                    "a list of different scenes",
                    unlike=True,
                ),
            ),
            "all",
            "Which scenes, in which order.",
            list(lecture.scenes[:2]),
        ),
        Field(
            "voice",
            Text('"off", or an engine such as "hibari" or "piper"'),
            "hibari",
            'Who speaks in the film; "hibari NAME" for another of its voices.',
            "off",
        ),
        Field("voice_file", Text("the name of a file in quotes"), "none", "A voice for piper.", "my.onnx"),
        Field(
            "recordings",
            Text("the name of a folder in quotes"),
            "recordings, if it is there",
            "Your own voice: a file a step, such as `TurnTheWheel/01_appear.wav`; the engine speaks the others.",
            "recordings",
        ),
        Field("pace", Number(0.5, most=2.0), "1", "How fast the engine speaks.", 0.9),
        Field(
            "say",
            TableOf(Text(), "a table of words and how they are spoken", 500),
            "empty",
            "Words as they are written, and as they are to be spoken.",
            {"Tikhonov": "Tee-kho-noff"},
        ),
    )


def json_schema(lecture: Lecture) -> dict[str, Any]:
    """The schema of a lecture's files."""

    def table(fields: tuple[Field, ...]) -> dict[str, Any]:
        return {
            field.name: {
                **field.kind.schema(),
                "description": f"{field.about} Default: {field.default}.",
                "examples": [field.example],
            }
            for field in fields
        }

    problem = {"type": "object", "additionalProperties": False, "properties": table(lecture.subject.FIELDS)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "lecture.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **table(top_fields(lecture)),
            "problem": {**problem, "description": "What the lecture is about."},
        },
    }


def fields_page(lecture: Lecture) -> str:
    """The fields as a page in Markdown."""

    def rows(fields: tuple[Field, ...]) -> list[str]:
        lines = ["| field | may hold | default | what it is for | example |", "|---|---|---|---|---|"]
        for field in fields:
            kind = "a list of different scenes or `all`" if field.name == "scenes" else field.kind.wanted
            example = f"`{field.name} = {_toml(field.example)}`"
            lines.append(f"| `{field.name}` | {kind} | {field.default} | {field.about} | {example} |")
        return lines

    return "\n".join(
        [
            "# The fields of lecture.toml",
            "",
            "Made by `python -m lecture fields`. Every field has a default. A mistake is told in one sentence.",
            "",
            "## At the top",
            "",
            *rows(top_fields(lecture)),
            "",
            "## In `[problem]`",
            "",
            *rows(lecture.subject.FIELDS),
            "",
        ]
    )


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_toml(k)} = {_toml(v)}' for k, v in value.items())} }}"
    return json.dumps(value, ensure_ascii=False)


def write_fields(lecture: Lecture) -> list[Path]:
    """Write both beside the lecture's scenes; returns the files."""
    folder = lecture.folder
    page, schema = folder / "FIELDS.md", folder / "lecture.schema.json"
    page.write_text(fields_page(lecture), encoding="utf-8")
    schema.write_text(json.dumps(json_schema(lecture), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return [page, schema]
