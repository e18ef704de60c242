"""Words, formulas and numbers, all set by Typst: no LaTeX, the same glyphs on every machine."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from manim import MathTypst, Typst, VGroup, VMobject

from lecture.formulas import expand, literal

from .numbers import format_number, percent, running_number, spoken_number
from .outlines import Formula, Words
from .theme import BODY, FORMULA, SMALL

if TYPE_CHECKING:
    from lecture.words import Message

    from .style import Style

__all__ = [
    "LiveNumber",
    "format_number",
    "formula",
    "literal",
    "literal_words",
    "percent",
    "shortened",
    "shortened_apart",
    "spoken_number",
    "words",
]

# Typst sets at 10 pt; at Manim's font size 48 one of its points is this many frame units.
_UNITS_PER_POINT = 0.0503 / 48

# Every text is made once; Manim would keep a copy of each, for the next one that is the same.
_ONCE = {"use_svg_cache": False}
# No points, in the shape that Manim expects of points.
_NOTHING = np.zeros((0, 3))


def shortened(text: str, length: int) -> str:
    """`text`, cut to at most `length` characters with an ellipsis, never between a letter and its accent.

    Examples
    --------
    >>> shortened("mean concave points", 8), shortened("bmi", 8)
    ('mean co…', 'bmi')
    """
    if len(text) <= length:
        return text
    cut = max(1, length - 1)
    while cut > 1 and (unicodedata.combining(text[cut]) or text[cut] in "\u200c\u200d\ufe0f"):
        cut -= 1
    return text[:cut].rstrip() + "…"


def shortened_apart(text: str, other: str, length: int) -> str:
    """`text`, cut to at most `length` characters so that it is not taken for `other`, cut in the same way.

    Examples
    --------
    >>> shortened_apart("penguin bill length", "penguin bill depth", 10)
    '…length'
    >>> shortened_apart("mean concave points", "age", 8)
    'mean co…'
    """
    cut = shortened(text, length)
    if text == other or cut != shortened(other, length):
        return cut
    alike = next(
        (k for k, pair in enumerate(zip(text, other, strict=False)) if pair[0] != pair[1]), len(other)
    )
    start = text.rfind(" ", 0, alike + 1) + 1
    if alike - start > max(1, length - 4):  # a long word: from where it differs
        start = alike
    return "…" + shortened(text[start:], max(2, length - 1))


def literal_words(
    text: str, style: Style, *, role: str = "ink", size: float = SMALL, width: float, unlike: str = ""
) -> Typst:
    """Plain text from a user on one line, in the direction in which it is written, cut where it is too wide.

    Parameters
    ----------
    unlike : str
        What it must not be taken for when both are cut.
    """
    first = next((d for d in map(unicodedata.bidirectional, text) if d in ("L", "R", "AL")), "L")
    direction = "ltr" if first == "L" else "rtl"
    length = len(text)
    while True:
        shown = words(
            f"#text(dir: {direction}, {literal(shortened_apart(text, unlike, length))[1:]})",
            style,
            role=role,
            size=size,
        )
        if shown.width <= width or length <= 2:
            return shown
        # A little less than what fits by the average letter, so that two or three tries are enough.
        length = max(2, min(length - 1, int(length * width / shown.width)))


def _light(text: Any) -> Any:
    """Without the parsed outlines of its glyphs, which only their making needs: Manim copies what it animates."""
    for glyph in text.get_family():
        if hasattr(glyph, "path_obj"):
            glyph.path_obj = None
    return text


def words(
    text: str | Message, style: Style, *, role: str = "ink", size: float = BODY, width: float | None = None
) -> Typst:
    """A line or a paragraph of Typst markup in the color of `role`.

    Parameters
    ----------
    text : Message
        Typst markup: ``*bold*``, ``_italic_``, ``$x$``; ``[[flat|eig2]]`` puts a word into the color of a role.
    width : float, optional
        Where to break lines, in frame units.
    """
    if size < SMALL:
        raise ValueError(
            f"words: size must be at least SMALL ({SMALL}) to be read from the last row, got {size}"
        )
    tinted = re.sub(
        r"\[\[(.+?)\|(\w+)\]\]",
        lambda m: f'#text(fill: rgb("{style.color(m[2])}"))[{m[1]}]',
        style.typst(text),
    )
    if width is not None:
        tinted = (
            f"#block(width: {width / (_UNITS_PER_POINT * size):.2f}pt)[#set par(leading: 0.55em)\n{tinted}]"
        )
    return _light(Words(tinted, font_size=size, color=style.color(role), **_ONCE))


def formula(source: str, style: Style, *, role: str = "ink", size: float = FORMULA) -> MathTypst:
    """A formula in which every symbol has the color of its meaning.

    Parameters
    ----------
    source : str
        Typst mathematics. ``@name`` is a symbol of the lecture's notation in its color;
        ``{{ x : eig1 }}`` colors a part by role and makes it selectable; ``{{ x : any-name }}`` makes it
        selectable (``formula.select("any-name")``); ``{{ x : eig1-first }}`` does both.
    """
    if size < SMALL:
        raise ValueError(f"formula: size must be at least SMALL ({SMALL}), got {size}")

    written = expand(source, style.symbol, "{{{{ {} : {} }}}}".format)
    mobject = _light(Formula(written, font_size=size, color=style.color(role), **_ONCE))
    # Outer groups come before inner ones, so the inner color wins.
    for label in dict.fromkeys(mobject._group_labels):
        if (meaning := label.split("-")[0]) in style.theme:
            mobject.select(label).set_color(style.color(meaning))
    return mobject


class LiveNumber(VGroup):
    """A number that changes from frame to frame, its digits copied from glyphs set once.

    Digits are tabular and the first one stays put, so that nothing jitters while it runs.
    """

    _GLYPHS = "0123456789.-∞·"
    _RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
    _CAPACITY = 16  # -999999.00000, -1.23·10⁻¹²³

    def __init__(
        self, value: float, style: Style, *, decimals: int = 2, role: str = "ink", size: float = BODY
    ):
        super().__init__()
        source = '"0123456789" . - infinity dot.op'
        atlas = _light(Formula(source, font_size=size, color=style.color(role), **_ONCE))
        zero, one = atlas.submobjects[0], atlas.submobjects[1]
        self._advance = one.get_center()[0] - zero.get_center()[0]
        # Their points from the middle of the glyph on the baseline.
        baseline = zero.get_bottom()[1]
        self._glyphs = {
            char: glyph.points - [glyph.get_center()[0], baseline, 0]
            for char, glyph in zip(self._GLYPHS, atlas.submobjects, strict=True)
        }
        raise_by = np.array([0, 0.5 * zero.height, 0])
        self._glyphs |= {
            char.translate(self._RAISED): 0.65 * self._glyphs[char] + raise_by for char in "0123456789-"
        }
        self._anchor = VMobject(stroke_width=0).set_points(
            [np.zeros(3)] * 4
        )  # invisible; carries position through moves
        # Manim lists what moves at the start of an animation: the same mobjects must show every value.
        self._slots = [zero.copy().set_points(_NOTHING) for _ in range(self._CAPACITY)]
        self.add(self._anchor, *self._slots)
        self.decimals = decimals
        self.set_value(value)

    @property
    def text(self) -> str:
        """What is shown, in Typst mathematics."""
        return running_number(self.value, self.decimals)

    def follow_equals(self, name: VMobject, buff: float = 0.2) -> LiveNumber:
        """Stand to the right of a formula that ends in an equals sign, on its baseline."""
        self.next_to(name, np.array([1.0, 0.0, 0.0]), buff=buff)
        # The middle of a digit is an eighth of its height above that of the equals sign.
        return self.set_y(name.submobjects[-1].get_y() + 0.125 * self.height)

    def set_value(self, value: float) -> LiveNumber:
        """Show `value` with the number's decimals, left edge and baseline unmoved."""
        self.value = float(value)
        start = self._anchor.points[0]
        pen = 0.0
        for char, slot in zip(self._written().ljust(self._CAPACITY), self._slots, strict=True):
            if char not in self._glyphs:
                slot.set_points(_NOTHING)
                continue
            advance = self._advance * self._WIDTHS.get(char, 0.65 if char in "⁰¹²³⁴⁵⁶⁷⁸⁹" else 1.0)
            slot.set_points(self._glyphs[char] + (start + [pen + advance / 2, 0, 0]))
            pen += advance
        return self

    _WIDTHS: ClassVar[dict[str, float]] = {".": 0.55, "-": 1.3, "·": 0.8, "∞": 1.6, "⁻": 0.85}

    def _written(self) -> str:
        """The text in single characters."""
        number, times, power = self.text.partition(" dot 10^")
        if times:
            return f"{number}·10{power.strip('()').translate(self._RAISED)}"
        return number.replace("infinity", "∞")
