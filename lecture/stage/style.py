"""How a lecture looks and what it says: colors by meaning, symbols by role, words in a language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lecture.notation import Notation, Symbol
from lecture.words import ENGLISH, Computed, Language, Marked, Symbols, fill, read, tagged, untagged

from .theme import Theme

__all__ = ["Style"]


class Style:
    """Colors, symbols and language, handed to everything that is drawn.

    Colors are attributes by role: ``style.ink``, and those of the lecture's own palette.

    Examples
    --------
    >>> from lecture.stage import Palette
    >>> Style(Palette().light()).background
    '#FFFFFF'
    """

    def __init__(self, theme: Theme, notation: Notation | None = None, language: Language = ENGLISH):
        self.theme, self.notation, self.language = theme, notation or Notation(), language

    def __getattr__(self, role: str) -> str:
        if role.startswith("_") or role in ("theme", "notation", "language"):
            raise AttributeError(role)
        return self.color(role)

    def color(self, role: str) -> str:
        """The color of a role.

        Raises
        ------
        AttributeError
            If the palette has no such role.
        """
        try:
            return self.theme[role]
        except KeyError:
            raise AttributeError(
                f"the palette has no role {role!r} (roles: {', '.join(self.theme)})"
            ) from None

    def faded(self, role: str, share: float = 0.3) -> str:
        """The color of `role` as a pale ghost on the background."""
        self.color(role)
        return self.theme.faded(role, share)

    def symbol(self, role: str) -> Symbol:
        """The symbol of a role.

        Raises
        ------
        ValueError
            If the notation has none.
        """
        if role not in self.notation:
            raise ValueError(f"there is no symbol {role!r} (symbols: {', '.join(self.notation)})")
        return self.notation[role]

    def translate(self, text: str) -> str:
        """A message's text in the lecture's language."""
        return self.language.translate(text)

    def _symbol_text(self, write: Callable[[Symbol], str]) -> Callable[[str], str | None]:
        return lambda role: write(self.symbol(role)) if role in self.notation else None

    def text(self, message: Any, problem: Any = None) -> str:
        """A message as plain text: captions, transcripts, titles."""
        return fill(message, self.language, self._symbol_text(lambda s: s.text), problem)

    def typst(
        self, message: Any, problem: Any = None, number: Callable[[Computed], str] | None = None
    ) -> str:
        """A message as Typst markup, its symbols in their colors; values are taken as markup."""

        def write(symbol: Symbol) -> str:
            return f"[[${symbol.typst}$|{symbol.color}]]" if symbol.color else f"${symbol.typst}$"

        return fill(message, self.language, self._symbol_text(write), problem, number)

    def marked(
        self, message: Any, problem: Any = None, number: Callable[[Computed], str] | None = None
    ) -> Marked:
        """Words as plain text with their marks."""
        return read(message, self.language, self._symbol_text(lambda s: s.text), problem, number)

    def narration(
        self, message: Any, problem: Any = None, number: Callable[[Computed], str] | None = None
    ) -> Symbols:
        """Narration as plain text with its marks and with how its symbols are spoken."""
        symbol = self._symbol_text(lambda s: tagged(s.text, s.say))
        return untagged(read(message, self.language, symbol, problem, number))

    # What the builder needs to know of a style: every value that can be read from it, by name.

    def values(self) -> dict[str, Any]:
        """Every value by the name under which its reading is noted."""
        return {
            **self.theme,
            # How it is spoken changes no picture.
            **{f"symbol {role}": replace(symbol, say="") for role, symbol in self.notation.items()},
            "language": self.language.code,
            **{f"words {text}": told for text, told in self.language.messages.items()},
        }

    def watched(self, note: Callable[[str], None]) -> Style:
        """The same style, which notes the name of everything that is read from it."""
        return _Watched(self, note)


class _Watched(Style):
    def __init__(self, style: Style, note: Callable[[str], None]):
        super().__init__(style.theme, style.notation, _WatchedLanguage(style.language, note))
        self._note = note

    def color(self, role: str) -> str:
        self._note(role)
        return super().color(role)

    def faded(self, role: str, share: float = 0.3) -> str:
        self._note("background")
        return super().faded(role, share)

    def symbol(self, role: str) -> Symbol:
        self._note(f"symbol {role}")
        return super().symbol(role)


class _WatchedLanguage(Language):
    def __init__(self, language: Language, note: Callable[[str], None]):
        super().__init__(language.code, language.messages, language.plural)
        object.__setattr__(self, "_note", note)

    def translate(self, text: str) -> str:
        self._note_message(text)
        return super().translate(text)

    def translate_plural(self, one: str, many: str, count: int) -> str:
        self._note_message(one)
        return super().translate_plural(one, many, count)

    def _note_message(self, text: str) -> None:
        note: Callable[[str], None] = self._note  # type: ignore[attr-defined]
        note("language")
        if self.messages:  # in English the text itself is part of the scene's source
            note(f"words {text}")
