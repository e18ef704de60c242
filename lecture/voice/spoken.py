"""Written words to words that can be said.

The written text stays what captions show; each of its words knows which spoken ones stand for it, so that the moments
of the spoken words are those of the written ones.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Spoken", "sentences", "spoken"]

# One table a language.
_TABLES = {"en": "lecture.voice.english"}

_FIRST = 0xE000
# Words, with what joins them; whatever else is there is a sign.
_LETTERS = "[^\\W\\d_²³¹⁰-ₜᵀᵏᵗ]+"
_WORD = re.compile(rf"{_LETTERS}(?:['’]{_LETTERS})*|[_\s]+|.", re.DOTALL)
_PAUSES = {"—": ",", "–": ",", ";": ";", ":": ":", ",": ",", ".": ".", "!": "!", "?": "?", "…": "."}


@dataclass(frozen=True)
class Spoken:
    """A narration as it is spoken.

    Attributes
    ----------
    units : tuple of (int, str)
        Position in the written text, and what is said for what stands there: words with the punctuation behind them.
    """

    units: tuple[tuple[int, str], ...]

    @property
    def text(self) -> str:
        """All of it."""
        return " ".join(said for _, said in self.units)

    @property
    def positions(self) -> tuple[int, ...]:
        """For each word of :attr:`text`, where it stands in the written one."""
        return tuple(position for position, said in self.units for _ in said.split())


def spoken(
    text: str,
    symbols: Sequence[tuple[int, int, str]] = (),
    language: str = "en",
    say: Mapping[str, str] | None = None,
) -> Spoken:
    """What is said for a written text.

    Parameters
    ----------
    symbols : sequence of (int, int, str)
        Where symbols of the notation begin and end, and how each is spoken.
    language : str
        Whose table is used; where there is none, words are spoken as they are written.
    say : dict, optional
        Words as they are written and as they are to be spoken; these come first.

    Examples
    --------
    >>> spoken("At φ = 0.5, ‖w‖² is 3.", [(3, 4, "phi")]).text
    'At phi equals zero point five, the squared norm of w is three.'
    >>> spoken("Ask Tikhonov.", say={"Tikhonov": "Tee-kho-noff"}).units
    ((0, 'Ask'), (4, 'Tee-kho-noff.'))
    """
    short = ""
    places: list[int] = []
    said: list[str] = []
    at = 0
    for begin, end, words in symbols:
        places += range(at, begin)
        short += text[at:begin]
        places.append(begin)
        short += chr(_FIRST + len(said))
        said.append(words)
        at = end
    short += text[at:]
    places += range(at, len(text))
    reader = _Reader(said, language, say or {})
    units: list[list] = []
    for position, words, glued in reader.read(short):
        if glued and units:
            units[-1][1] += words
        else:
            units.append([places[position], words])
    # A pause alone is said with the word before it.
    return Spoken(tuple((position, words) for position, words in units if re.search(r"\w", words)))


class _Reader:
    def __init__(self, symbols: Sequence[str], language: str, say: Mapping[str, str]):
        table = _TABLES.get(language.partition("_")[0])
        module = importlib.import_module(table) if table else None
        self._symbols = symbols
        self._rules = [(re.compile(pattern), rule) for pattern, rule in module.RULES] if module else []
        self._words = module.WORDS if module else {}
        own = sorted(say, key=len, reverse=True)
        self._own = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in own)) if own else None
        self._say = say

    def say(self, text: str) -> str:
        """A part of the text, as a rule asks for it."""
        parts = ""
        for _, words, glued in self.read(text):
            parts += words if glued or not parts else f" {words}"
        return parts

    def read(self, text: str) -> list[tuple[int, str, bool]]:
        """Position, words, and whether they belong to the word before without a space."""
        found: list[tuple[int, str, bool]] = []
        at, spaced = 0, True
        while at < len(text):
            length, words, glued = self._next(text, at)
            if words:
                # After a hyphen or an apostrophe a word goes on.
                found.append((at, words, glued and not (spaced and words[0].isalpha())))
            spaced = text[at : at + length].isspace() or not words
            at += length
        return found

    def _next(self, text: str, at: int) -> tuple[int, str, bool]:
        if self._own and (match := self._own.match(text, at)):
            return len(match[0]), self._say[match[0]], False
        character = text[at]
        if _FIRST <= ord(character) < _FIRST + len(self._symbols) and not self._applied(text, at):
            return 1, self._symbols[ord(character) - _FIRST], False
        for sign in (w for w in self._words if len(w) > 1):
            if text.startswith(sign, at) and not (at and text[at - 1].isalpha()):
                behind = text[at + len(sign) : at + len(sign) + 1]
                if not behind.isalpha():
                    return len(sign), self._words[sign], False
        if (applied := self._applied(text, at)) is not None:
            return applied[0], applied[1], False
        match = _WORD.match(text, at)
        assert match is not None
        word = match[0]
        if word.isspace() or set(word) <= set("_ "):
            return len(word), "", False
        if word[0].isalpha():
            return len(word), word, False
        if word in "'’" and re.match(r"['’]s\b", text[at:]):
            return 2, "'s", True
        if word == "-" and 0 < at < len(text) - 1 and text[at - 1].isalpha() and text[at + 1].isalpha():
            return 1, "", False
        if word in _PAUSES:
            return 1, _PAUSES[word], True
        return 1, self._words.get(word, ""), False

    def _applied(self, text: str, at: int) -> tuple[int, str] | None:
        for pattern, rule in self._rules:
            match = pattern.match(text, at)
            if match and match[0]:
                return len(match[0]), rule(match, self.say)
        return None


def sentences(text: str) -> list[str]:
    """A spoken text in sentences.

    Examples
    --------
    >>> sentences("Turn it. Then, if you can, turn it back!")
    ['Turn it.', 'Then, if you can, turn it back!']
    """
    return re.split(r"(?<=[.!?])\s+", text.strip())
