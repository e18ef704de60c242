"""The seam for words: every text that a viewer can see or hear is a whole message that can be translated.

A message is written in English where it is used, as ``_("Turn the picture by {QT}, rigidly.")``, and becomes text when
language and notation are known. Placeholders in braces stand for symbols of the notation by role, or for values given
with :meth:`Message.format`. In narration, ``<name>`` marks the moment at which the next word begins; it is neither
shown nor spoken (:meth:`lecture.stage.LectureScene.wait_for`).

Catalogs are gettext's: ``words/<language>.po`` beside the package whose messages they translate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from gettext import c2py  # type: ignore[attr-defined]
from pathlib import Path
from typing import Any, NamedTuple

__all__ = [
    "ENGLISH",
    "Computed",
    "Language",
    "LanguageError",
    "Marked",
    "Message",
    "Plural",
    "Symbols",
    "_",
    "computed",
    "fill",
    "load_language",
    "packed",
    "read",
    "tagged",
    "unpacked",
    "untagged",
]

PLACEHOLDER = re.compile(r"\{(\w+)\}")
MARK = re.compile(r"<(\w+)>")


class LanguageError(Exception):
    """A language that is not there, or a catalog that cannot be used; told in one sentence."""


@dataclass(frozen=True)
class Computed:
    """A number in a sentence: the expression that it is the value of, so that words say what was computed.

    Attributes
    ----------
    expression : str
        Over the names that the scene's expressions know (:meth:`lecture.stage.LectureScene.scope`).
    inputs : dict
        Values of further names, or callables of the problem that return them.
    write : callable
        Value to text; three significant digits by default.
    """

    expression: str
    inputs: Mapping[str, Any]
    write: Callable[[float], str] | None = None


def computed(expression: str, write: Callable[[float], str] | None = None, **inputs: Any) -> Computed:
    """A computed number for a placeholder of a message; see :class:`Computed`."""
    return Computed(expression, inputs, write)


class Message:
    """A text with placeholders, translated as a whole.

    Parameters
    ----------
    text : str
        In English.
    **values
        For placeholders that are no symbols: a text, a number, another message, a computed number, or a callable of
        the problem that returns one of these.

    Examples
    --------
    >>> str(_("{n} steps").format(n=3))
    '3 steps'
    """

    __slots__ = ("text", "values")

    def __init__(self, text: str, values: Mapping[str, Any] | None = None):
        self.text, self.values = text, dict(values or {})

    def format(self, **values: Any) -> Message:
        """The message with values for its placeholders.

        Raises
        ------
        ValueError
            If it has no such placeholder.
        """
        for name in values:
            if f"{{{name}}}" not in self.text:
                raise ValueError(f"the message {self.text!r} has no placeholder {{{name}}}")
        return Message(self.text, {**self.values, **values})

    def translated(self, language: Language, problem: Any = None) -> str:
        """The text in a language, placeholders still in it."""
        return language.translate(self.text)

    def __str__(self) -> str:
        return fill(self, ENGLISH)

    def __repr__(self) -> str:
        return f"_({self.text!r})" + (f".format({', '.join(self.values)}=...)" if self.values else "")


class Plural(Message):
    """A message that depends on a count, given as the value `n`.

    Examples
    --------
    >>> rows = Plural("{n} row was left out", "{n} rows were left out")
    >>> str(rows.format(n=1)), str(rows.format(n=2))
    ('1 row was left out', '2 rows were left out')
    """

    __slots__ = ("many",)

    def __init__(self, text: str, many: str, values: Mapping[str, Any] | None = None):
        super().__init__(text, values)
        self.many = many

    def format(self, **values: Any) -> Plural:
        return Plural(self.text, self.many, {**self.values, **values})

    def translated(self, language: Language, problem: Any = None) -> str:
        count = self.values["n"]
        return language.translate_plural(self.text, self.many, count(problem) if callable(count) else count)


def _(text: str) -> Message:
    """A message, for gettext's tools to find."""
    return Message(text)


def packed(message: Message | str) -> Any:
    """A message as plain data, for a manifest: it can be told in any language later.

    Examples
    --------
    >>> packed(Plural("{n} row", "{n} rows").format(n=3))
    {'text': '{n} row', 'many': '{n} rows', 'values': {'n': 3}}
    """
    if not isinstance(message, Message):
        return message
    many = {"many": message.many} if isinstance(message, Plural) else {}
    return {
        "text": message.text,
        **many,
        "values": {name: packed(value) for name, value in message.values.items()},
    }


def unpacked(data: Any) -> Message | Any:
    """The message that :func:`packed` made plain data of; what was none is left as it is.

    Examples
    --------
    >>> str(unpacked({"text": "{n} row", "many": "{n} rows", "values": {"n": 1}}))
    '1 row'
    """
    if not isinstance(data, dict):
        return data
    values = {name: unpacked(value) for name, value in data["values"].items()}
    return Plural(data["text"], data["many"], values) if "many" in data else Message(data["text"], values)


@dataclass(frozen=True)
class Language:
    """A language and what is known of it.

    Attributes
    ----------
    code : str
        Such as ``en`` or ``pt_BR``.
    messages : dict
        Translations by English text; of plurals, a tuple of forms.
    plural : str
        Gettext's rule for the index of the plural form of `n` things.
    """

    code: str
    messages: Mapping[str, str | tuple[str, ...]]
    plural: str = "n != 1"

    def translate(self, text: str) -> str:
        """The translation of a text; itself where there is none."""
        found = self.messages.get(text)
        return found if isinstance(found, str) and found else text

    def translate_plural(self, one: str, many: str, count: int) -> str:
        """The form for `count` things."""
        forms = self.messages.get(one)
        if isinstance(forms, tuple) and all(forms):
            return forms[int(c2py(self.plural)(count))]
        return one if count == 1 else many


ENGLISH = Language("en", {})


def load_language(code: str, folders: Iterable[Path]) -> Language:
    """Read the catalogs of a language.

    Parameters
    ----------
    code : str
    folders : iterable of Path
        Each may hold a catalog ``<code>.po``; later ones win.

    Raises
    ------
    LanguageError
        If there is no catalog, or a translation has lost a placeholder or a mark.
    """
    if code == "en":
        return ENGLISH
    from babel.messages.pofile import read_po

    messages: dict[str, str | tuple[str, ...]] = {}
    plural = ENGLISH.plural
    folders = list(folders)
    paths = [path for folder in folders if (path := folder / f"{code}.po").is_file()]
    if not paths:
        known = sorted({path.stem for folder in folders for path in folder.glob("*.po")} | {"en"})
        raise LanguageError(f"there is no catalog for the language {code!r} (languages: {', '.join(known)})")
    for path in paths:
        with path.open("rb") as file:
            catalog = read_po(file, locale=code)
        plural = catalog.plural_expr or plural
        for message in catalog:
            if not message.id or message.fuzzy:
                continue
            original = message.id[0] if isinstance(message.id, tuple | list) else message.id
            forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
            for form in filter(None, forms):
                lost = _holes(original) ^ _holes(form)
                if lost - {"{n}"}:
                    raise LanguageError(
                        f"{path.name}: the translation of {original[:60]!r} and the original differ in "
                        f"{', '.join(sorted(lost))}; every placeholder and mark must be in both"
                    )
            messages[original] = forms[0] if isinstance(message.string, str) else forms
    return Language(code, messages, plural)


def _holes(text: str) -> set[str]:
    """Placeholders and marks of a text."""
    return {m[0] for m in PLACEHOLDER.finditer(text)} | {m[0] for m in MARK.finditer(text)}


@dataclass(frozen=True)
class Marked:
    """A text and where its marks stood.

    Attributes
    ----------
    marks : dict
        Position in `text` of the character that follows each mark.
    """

    text: str
    marks: Mapping[str, int]


def read(
    text: Any,
    language: Language = ENGLISH,
    symbol: Callable[[str], str | None] = lambda role: None,
    problem: Any = None,
    number: Callable[[Computed], str] | None = None,
) -> Marked:
    """A text in a language, its placeholders filled and its marks taken out.

    Parameters
    ----------
    text : str, Message, or callable of the problem that returns one
    symbol : callable
        Role of a symbol to how it is written here; None for what is no symbol.
    number : callable, optional
        A computed number to how it is written.

    Raises
    ------
    ValueError
        If nothing fills a placeholder.

    Examples
    --------
    >>> read(_("Turn it by {angle}, <upright>and it  stands.").format(angle="<b>"))
    Marked(text='Turn it by <b>, and it stands.', marks={'upright': 16})
    """
    while callable(text):
        text = text(problem)
    if not isinstance(text, Message):
        return Marked(" ".join(str(text).split()), {})
    message = text

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name in message.values:
            return fill(message.values[name], language, symbol, problem, number)
        found = symbol(name)
        if found is None:
            raise ValueError(f"nothing fills the placeholder {{{name}}} of {message.text!r}")
        return found

    plain, marks = "", {}
    # Values are filled in piece by piece: whatever they contain is no mark.
    for k, piece in enumerate(MARK.split(" ".join(message.translated(language, problem).split()))):
        if k % 2:
            marks[piece] = len(plain)
        else:
            plain += PLACEHOLDER.sub(value, piece)
    return Marked(plain, marks)


class Symbols(NamedTuple):
    """A text without the tags of :func:`tagged`, and what they said.

    Attributes
    ----------
    symbols : tuple of (int, int, str)
        Where each symbol begins and ends in `text`, and how it is spoken.
    """

    text: str
    marks: dict[str, int]
    symbols: tuple[tuple[int, int, str], ...]


# Of Unicode's private use: no text has them.
_BEGIN, _SAY, _END = "\ue000", "\ue001", "\ue002"


def tagged(written: str, spoken: str) -> str:
    """A symbol as it is written, which carries along how it is spoken until :func:`untagged`."""
    return f"{_BEGIN}{written}{_SAY}{spoken}{_END}"


def untagged(marked: Marked) -> Symbols:
    """What :func:`read` returned where symbols were :func:`tagged`.

    Examples
    --------
    >>> untagged(Marked("At " + tagged("φ₁", "phi one") + ", turn.", {"turn": 17}))
    Symbols(text='At φ₁, turn.', marks={'turn': 7}, symbols=((3, 5, 'phi one'),))
    """
    text, symbols, shifts = "", [], [(0, 0)]
    at = 0
    for match in re.finditer(f"{_BEGIN}(.*?){_SAY}(.*?){_END}", marked.text):
        text += marked.text[at : match.start()]
        symbols.append((len(text), len(text) + len(match[1]), match[2]))
        text += match[1]
        at = match.end()
        shifts.append((at, len(text) - at))
    text += marked.text[at:]
    marks = {
        name: position + max(shift for shift in shifts if shift[0] <= position)[1]
        for name, position in marked.marks.items()
    }
    return Symbols(text, marks, tuple(symbols))


def fill(
    text: Any,
    language: Language = ENGLISH,
    symbol: Callable[[str], str | None] = lambda role: None,
    problem: Any = None,
    number: Callable[[Computed], str] | None = None,
) -> str:
    """The text alone of what :func:`read` returns; what is no message is left as it is."""
    while callable(text):
        text = text(problem)
    if isinstance(text, Computed):
        if number is None:
            raise ValueError(f"the number {text.expression!r} can only be computed in a scene's own words")
        return number(text)
    return read(text, language, symbol, problem, number).text if isinstance(text, Message) else str(text)
