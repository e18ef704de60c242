"""Charts: curves over an axis, where the two axes have units of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from manim import Line, VGroup, VMobject

from lecture.words import Message

from .plane import dashed, polyline
from .region import Region
from .style import Style
from .text import formula, words
from .theme import SMALL

__all__ = ["Chart"]

Ticks = Sequence[float] | Mapping[float, str]


class Chart(VGroup):
    """Two axes with ticks and names, and the map from values to the frame.

    Parameters
    ----------
    region : Region
        What it fills, words included.
    x, y : (float, float)
        Lowest and highest value of each axis.
    style : Style
    labels : (message, message)
        The name below the right end of the x axis (leave the ticks there without words), and the one above the y axis;
        or a symbol of the notation, such as ``"@speed"``.
    x_ticks, y_ticks : sequence of float, or mapping from value to Typst mathematics
        Where ticks are, and what is written at them, if anything.
    x_log, y_log : bool
        Logarithmic axes.

    Attributes
    ----------
    box : Region
        Where curves are drawn.
    """

    def __init__(
        self,
        region: Region,
        x: tuple[float, float],
        y: tuple[float, float],
        style: Style,
        *,
        labels: tuple[str | Message, str | Message] = ("", ""),
        x_ticks: Ticks = (),
        y_ticks: Ticks = (),
        x_log: bool = False,
        y_log: bool = False,
    ):
        super().__init__()
        self._scales = (np.log if x_log else np.asarray, np.log if y_log else np.asarray)
        self._ends = tuple(scale(np.array(ends)) for scale, ends in zip(self._scales, (x, y), strict=True))
        x_marks, y_marks = (_written(ticks, style) for ticks in (x_ticks, y_ticks))
        x_name, y_name = (_named(name, style) for name in labels)
        below = max([m.height for _, m in x_marks if len(m)], default=0)
        beside = max([m.width for _, m in y_marks if len(m)], default=0)
        self.box = Region(
            region.left + (beside + 0.2 if beside else 0.05),
            region.right - 0.05,
            region.bottom + max(below + 0.2 if below else 0.05, x_name.height + 0.2 if len(x_name) else 0.05),
            region.top - (y_name.height + 0.3 if len(y_name) else 0.05),
        )
        corner, right, top = (
            np.array([*at, 0.0])
            for at in (
                (self.box.left, self.box.bottom),
                (self.box.right, self.box.bottom),
                (self.box.left, self.box.top),
            )
        )
        self.axes = VGroup(*(Line(corner, end, color=style.line, stroke_width=2.5) for end in (right, top)))
        self.tick_labels = VGroup()
        for axis, marks in enumerate((x_marks, y_marks)):
            for value, mark in marks:
                at = corner.copy()
                at[axis] = self._along(axis, value)
                out = -0.08 * np.eye(3)[1 - axis]
                self.axes.add(Line(at, at + out, color=style.line, stroke_width=2.5))
                if len(mark):
                    mark.next_to(at + out, [-1, 0, 0], buff=0.1)
                    if axis == 0:  # on one line, also where some have exponents
                        mark.move_to([at[0], corner[1] - 0.18 - below, 0], aligned_edge=[0, -1, 0])
                    self.tick_labels.add(mark)
        self.axis_labels = VGroup()
        if len(x_name):
            x_name.next_to(right, [0, -1, 0], buff=0.18).set_x(region.right - x_name.width / 2)
            self.axis_labels.add(x_name)
        if len(y_name):
            y_name.next_to(top, [0, 1, 0], buff=0.22)
            y_name.set_x(max(region.left, self.box.left - 0.3) + y_name.width / 2)
            self.axis_labels.add(y_name)
        self.add(self.axes, self.tick_labels, self.axis_labels)

    def _along(self, axis: int, values: Any) -> np.ndarray:
        low, high = self._ends[axis]
        share = (self._scales[axis](np.asarray(values, dtype=float)) - low) / (high - low)
        start, length = (self.box.left, self.box.width) if axis == 0 else (self.box.bottom, self.box.height)
        return start + share * length

    def c2p(self, x: Any, y: Any) -> np.ndarray:
        """Values, broadcast to one shape (...), as points of the frame, shape (..., 3)."""
        across, up = np.broadcast_arrays(self._along(0, x), self._along(1, y))
        return np.stack([across, up, np.zeros(across.shape)], axis=-1)

    def curve(self, x: Any, y: Any, color: str, *, width: float = 4.0, dash: bool = False) -> VMobject:
        """A curve through many values, cut at the chart's border."""
        line = polyline(self.c2p(x, y), color, width, within=self.box.grown(1e-6))
        return dashed(line) if dash else line


def _named(name: str | Message, style: Style) -> Any:
    if isinstance(name, str) and name.startswith("@"):
        return formula(name, style, role="dim", size=SMALL + 3)
    return words(name, style, role="dim", size=SMALL) if name else VGroup()


def _written(ticks: Ticks, style: Style) -> list[tuple[float, Any]]:
    texts = ticks if isinstance(ticks, Mapping) else dict.fromkeys(ticks, "")
    return [
        (value, formula(text, style, role="dim", size=SMALL) if text else VGroup())
        for value, text in texts.items()
    ]
