"""Typst's SVG as curves: what Manim makes of it in a fifth of the time, because each glyph is read once.

Manim still reads what is not a glyph (rules, frames), and the whole SVG if there is anything in it that is not known
here.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import numpy as np
import svgelements
from manim import RIGHT, MathTypst, Typst, VGroup

__all__ = ["Formula", "Words"]

_NAMESPACE = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
# What is around everything, unless another style is asked for.
_STYLE = {"stroke-width": "0"}
# What a glyph of one color has.
_USE = {_HREF, "x", "y", "fill", "fill-rule"}

_read: dict[tuple[str, ...], Any] = {}


class _NotKnown(Exception):
    pass


class Words(Typst):
    """What :class:`manim.Typst` is."""

    def generate_mobject(self) -> Any:
        """As in Manim, which reads every glyph wherever it occurs, twice."""
        tree = ElementTree.parse(self.get_file_path())
        symbols = {"#" + symbol.get("id", ""): symbol for symbol in tree.iter(f"{_NAMESPACE}symbol")}
        ((drawn,),) = self.modify_xml_tree(tree).getroot()
        groups = {"root": VGroup()}
        try:
            if drawn.keys() or self.track_baselines or self.generate_config_style_dict() != _STYLE:
                raise _NotKnown
            for element, matrix, labels in _leaves(drawn, np.eye(3), ("root",)):
                curve = self._curve(element, matrix, symbols)
                if curve is not None:
                    for label in labels:
                        groups.setdefault(label, VGroup()).add(curve)
        except _NotKnown:
            return super().generate_mobject()
        self.add(*groups["root"])
        self.id_to_vgroup_dict = groups
        return self.flip(RIGHT)

    def _curve(self, element: Any, matrix: np.ndarray, symbols: dict[str, Any]) -> Any:
        if _tag(element) == "path":
            return self._read(element, matrix)
        symbol = symbols.get(element.get(_HREF), ())
        if [set(part.keys()) for part in symbol] != [{"d"}] or set(element.keys()) != _USE:
            raise _NotKnown
        (outline,) = symbol
        style = {"fill": element.get("fill"), "fill-rule": element.get("fill-rule")}
        key = outline.get("d"), *style.values()
        if key not in _read:
            _read[key] = self._read(ElementTree.Element("path", {"d": outline.get("d"), **style}), np.eye(3))
        place = matrix[:2] @ [float(element.get("x")), float(element.get("y")), 1.0]
        return _moved(_read[key], matrix[:2, :2], place)

    def _read(self, element: Any, matrix: np.ndarray) -> Any:
        """A path as Manim reads it."""
        svg = ElementTree.Element("svg")
        styled = ElementTree.SubElement(svg, "g", self.generate_config_style_dict())
        numbers = " ".join(map(repr, matrix[:2].T.ravel().tolist()))
        ElementTree.SubElement(styled, "g", {"transform": f"matrix({numbers})"}).append(element)
        *_, shape = svgelements.SVG.parse(BytesIO(ElementTree.tostring(svg))).elements()
        return self.get_mob_from_shape_element(shape)


class Formula(Words, MathTypst):
    """What :class:`manim.MathTypst` is."""


def _leaves(
    group: Any, matrix: np.ndarray, labels: tuple[str, ...]
) -> Iterator[tuple[Any, np.ndarray, tuple[str, ...]]]:
    """What is drawn, with the matrix of the groups around it and with their names."""
    for element in group:
        tag = _tag(element)
        if tag in ("use", "path"):
            yield element, matrix, labels
        elif tag == "g" and set(element.keys()) <= {"transform", "id"}:
            local = svgelements.Matrix(element.get("transform", ""))
            inside = np.array([[local.a, local.c, local.e], [local.b, local.d, local.f], [0.0, 0.0, 1.0]])
            label = element.get("id")
            yield from _leaves(element, matrix @ inside, labels if label is None else (*labels, label))
        elif tag != "defs":
            raise _NotKnown


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _moved(curve: Any, matrix: np.ndarray, place: np.ndarray) -> Any:
    """A copy of a curve elsewhere, without going through all the ways in which mobjects can be styled."""
    copy = object.__new__(type(curve))
    for name, value in vars(curve).items():
        vars(copy)[name] = value.copy() if isinstance(value, np.ndarray | list) else value
    copy.points[:, :2] = curve.points[:, :2] @ matrix.T + place
    return copy
