"""Formulas for scenes, pages and paper from one source: Typst mathematics, every symbol in the color of its meaning.

A source is written as in scenes, with ``@name`` for a symbol of the notation. Manim gets it from
:mod:`lecture.stage.text`; a page gets MathML, which Typst itself exports; a handout sets it with a function `role`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .notation import Symbol

__all__ = ["expand", "literal", "mathml", "one_line", "role_class", "with_roles"]

# Names have letters and digits: an index may follow.
_SYMBOL = re.compile(r"@([A-Za-z][A-Za-z0-9]*)")


def expand(source: str, symbol: Callable[[str], Symbol], tint: Callable[[str, str], str]) -> str:
    """A source with every ``@name`` written out.

    Parameters
    ----------
    source : str
        Typst mathematics.
    symbol : callable
        Name to symbol, such as :meth:`lecture.stage.Style.symbol`.
    tint : callable
        What is written for a symbol that has a color, from its Typst mathematics and the color's role.

    Examples
    --------
    >>> symbols = {"speed": Symbol("v", color="ball"), "time": Symbol("t")}
    >>> expand("@speed = x / @time", symbols.__getitem__, "{{{{ {} : {} }}}}".format)
    '{{ v : ball }} = x / t'
    """

    def written(match: re.Match[str]) -> str:
        found = symbol(match[1])
        return tint(found.typst, found.color) if found.color else found.typst

    return _SYMBOL.sub(written, source)


def with_roles(source: str, symbol: Callable[[str], Symbol]) -> str:
    """A source as Typst mathematics for a document that defines a function ``role(name, body)``.

    Examples
    --------
    >>> symbols = {"speed": Symbol("v", color="ball")}
    >>> with_roles("@speed (0) = 1", symbols.__getitem__)
    '#role("ball", $v$); (0) = 1'
    """
    # The semicolon ends the code: a parenthesis after it is no argument.
    return expand(source, symbol, lambda typst, color: f"#role({json.dumps(color)}, ${typst}$);")


def literal(text: str) -> str:
    """Typst code that shows `text` as it is, whatever it contains: neither Typst's markup nor a lecture's own.

    Examples
    --------
    >>> literal('price #1 ("€")')
    '#"price \\\\u{23}1 (\\\\u{22}€\\\\u{22})"'
    """
    kept = (c if not c.isascii() or c.isalnum() or c in " ,.()-+" else f"\\u{{{ord(c):x}}}" for c in text)
    return f'#"{"".join(kept)}"'


def one_line(text: str) -> str:
    """A user's text on one line, without the characters that a page has no way to write.

    Examples
    --------
    >>> one_line("body \\t mass\\uffff")
    'body mass'
    """
    kept = (c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cn", "Cs"))
    return " ".join("".join(kept).split())


def role_class(role: str) -> str:
    """The CSS class of what has the color of a role."""
    return f"lec-role-{role}"


# Elements of MathML in a formula: a part in the color of a role, and a number that a script changes.
_PREAMBLE = """
#let role(name, body) = html.elem("mrow", attrs: (class: "lec-role-" + name), body)
#let now = json(bytes(sys.inputs.now))
#let live(name) = html.elem("mn", attrs: ("data-lec-text": name), text(now.at(name)))
"""


def mathml(
    sources: Sequence[str], symbol: Callable[[str], Symbol], now: Mapping[str, str] | None = None
) -> list[str]:
    """Formulas as inline MathML; colored parts have the class :func:`role_class`.

    Parameters
    ----------
    sources : sequence of str
        Typst mathematics with ``@name`` for symbols. ``#live("name")`` is a number that a page's script changes.
    symbol : callable
        Name to symbol.
    now : dict of str, optional
        What live numbers show first.

    Returns
    -------
    list of str
        One ``<math>`` for each source.

    Raises
    ------
    ValueError
        If a source is no Typst mathematics.

    Examples
    --------
    >>> print(*mathml(["@v = 2"], {"v": Symbol("v", color="ball")}.__getitem__))
    <math class="lec-math"><mrow class="lec-role-ball"><mi mathvariant="normal">v</mi></mrow><mo>=</mo><mn>2</mn></math>
    """
    if not sources:
        return []
    written = [with_roles(source, symbol) for source in sources]
    try:
        found = _export(written, now or {})
    except RuntimeError:
        # Which one is it?
        for source, code in zip(sources, written, strict=True):
            try:
                _export([code], now or {})
            except RuntimeError as error:
                raise ValueError(f"the formula {source!r} is no Typst mathematics: {error}") from None
        raise
    return [_adapted(formula) for formula in found]


def _export(formulas: Sequence[str], now: Mapping[str, str]) -> list[str]:
    import typst

    document = _PREAMBLE + "\n\n".join(f"${formula}$" for formula in formulas)
    inputs = {"now": json.dumps(dict(now))}
    html = typst.compile(document.encode(), format="html", ignore_system_fonts=True, sys_inputs=inputs)
    found = re.findall(r"<math.*?</math>", html.decode(), re.DOTALL)
    if len(found) != len(formulas):
        raise RuntimeError("expected one formula")
    return found


# What stands over a letter: the sign, and how far below its place in a line of text it has to be drawn. Browsers differ
# in where they put an accent of a face without tables for mathematics; a box of a given height they put alike.
_ACCENTS = {
    "\N{COMBINING CIRCUMFLEX ACCENT}": ("ˆ", 0.5),
    "\N{COMBINING TILDE}": ("˜", 0.5),
    "\N{COMBINING MACRON}": ("¯", 0.5),
    "\N{COMBINING DOT ABOVE}": ("˙", 0.5),
    "\N{COMBINING DIAERESIS}": ("¨", 0.5),
    "\N{COMBINING RIGHT ARROW ABOVE}": ("→", 0.15),
}
_FENCES = frozenset("()[]|‖")


def _adapted(formula: str) -> str:
    """Typst's MathML for a page that sets it in its own face, which has no letters and brackets for mathematics."""
    from lxml import etree, html

    root = html.fragment_fromstring(formula)
    root.set("class", "lec-math")
    for element in list(root.iter(etree.Element)):
        if element.tag == "mi":
            _set_letter(element)
        elif element.tag == "mo" and element.text in _ACCENTS:
            element.text, down = _ACCENTS[element.text]
            element.set("stretchy", "false")
            _put_into(etree.Element("mpadded", height="0.2em", depth="0", voffset=f"-{down}em"), element)
        elif element.tag == "mo" and element.text in _FENCES and not _is_tall(element.getparent()):
            element.set("stretchy", "false")
        elif element.tag == "msup" and _is_fenced(element[0]) and not _is_tall(element[0]):
            # Firefox would put the exponent above the brackets.
            _put_into(etree.Element("mpadded", height="0.5em"), element[0])
        elif element.tag == "mn" and "data-lec-text" in element.attrib:
            text = "".join(element.itertext())
            for inner in list(element):
                element.remove(inner)
            element.text = text
    for table in list(root.iter("mtable")):
        before, after = table.getprevious(), table.getnext()
        if None not in (before, after) and (before.text, after.text) == ("(", ")"):
            # The style sheet draws them: the face has none of this height.
            table.set("class", "lec-matrix")
            table.getparent().remove(before)
            table.getparent().remove(after)
    return etree.tostring(root, encoding="unicode", method="html")


def _put_into(box: Any, element: Any) -> None:
    """Put an element into a box that takes its place."""
    element.getparent().replace(element, box)
    box.append(element)


def _is_fenced(element: Any) -> bool:
    return (
        element.tag == "mrow" and len(element) > 0 and element[0].tag == "mo" and element[0].text in _FENCES
    )


def _is_tall(element: Any) -> bool:
    return next(element.iter("mfrac", "mtable", "munderover", "munder"), None) is not None


def _set_letter(element: Any) -> None:
    """A letter as itself, set upright or bold by a class of the style sheet: its face has no others."""
    text = element.text or ""
    if len(text) != 1:
        return
    style = re.match(
        r"MATHEMATICAL (BOLD ITALIC |BOLD |ITALIC )(?!SCRIPT|FRAKTUR)", unicodedata.name(text, "")
    )
    italic = "ITALIC" in style[1] if style else text == "\N{PLANCK CONSTANT}"
    bold = "BOLD" in style[1] if style else False
    if italic or bold:
        element.text = chr(int(unicodedata.decomposition(text).split()[1], 16))
    elif element.get("mathvariant") != "normal" and text.isalpha():
        return  # of another alphabet, such as that of blackboards
    element.set("mathvariant", "normal")
    if classes := ["lec-bold"] * bold + ["lec-upright"] * (not italic):
        element.set("class", " ".join(classes))
