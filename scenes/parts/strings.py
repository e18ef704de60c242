"""Weights as beads on strings: each can be lifted or lowered, and a penalty pulls all of them to zero."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Line, Polygon, VGroup, VMobject

from lecture.stage import SMALL, Region, Style, formula
from lecture.stage.drawing import set_segments
from lecture.stage.scatter import Scatter

__all__ = ["Strings", "Tank"]


class Strings(VGroup):
    """A string for each weight, with a bead at its value and a bar from zero to the bead.

    Parameters
    ----------
    region : Region
        What it fills, the numbers of the strings included.
    count : int
        How many there are.
    reach : (float, float)
        Lowest and highest value.
    every : int
        Which strings have their number below them: every second one by default.

    Attributes
    ----------
    strings, zero, names : Mobject
        What does not move.
    bars, beads : VMobject, Scatter
    weights : ndarray of shape (count,)
    unit : float
        Frame units per unit of a weight.
    """

    def __init__(
        self,
        region: Region,
        count: int,
        reach: tuple[float, float],
        style: Style,
        *,
        role: str = "minimizer",
        radius: float = 0.13,
        every: int = 2,
    ):
        numbers = range(1, count + 1, every)
        self.names = VGroup(*(formula(str(k), style, role="dim", size=SMALL) for k in numbers))
        below = self.names.height + 0.15
        self._bottom, self._top = region.bottom + below, region.top
        self._low, self.unit = reach[0], (self._top - self._bottom) / (reach[1] - reach[0])
        self._x = np.linspace(region.left + 0.35, region.right - 0.2, count)
        for x, name in zip(self._x[::every], self.names, strict=True):
            name.move_to([x, region.bottom, 0], aligned_edge=[0, -1, 0])
        self.strings = VMobject(color=style.faded("line", 0.55), stroke_width=2)
        set_segments(
            self.strings,
            np.column_stack([self._x, np.full(count, self._bottom), np.zeros(count)]),
            np.column_stack([self._x, np.full(count, self._top), np.zeros(count)]),
        )
        y = self.at(0, 0.0)[1]
        self.zero = Line([region.left, y, 0], [region.right, y, 0], color=style.line, stroke_width=2.5)
        zero_name = formula("0", style, role="dim", size=SMALL)
        self.zero.add(zero_name.next_to(self.zero, [-1, 0, 0], buff=0.1))
        color = style.color(role)
        self.bars = VMobject(color=color, stroke_width=11, fill_opacity=0)
        self.beads = Scatter(np.zeros((count, 3)), color, radius=radius)
        super().__init__(self.strings, self.zero, self.names, self.bars, self.beads)
        self.put(np.zeros(count))

    def at(self, k: Any, weight: Any) -> np.ndarray:
        """Where the bead of string `k`, counted from 0, is at a weight: points of shape (..., 3)."""
        x, y = np.broadcast_arrays(
            self._x[np.asarray(k)], self._bottom + (np.asarray(weight, dtype=float) - self._low) * self.unit
        )
        return np.stack([x, y, np.zeros(x.shape)], axis=-1)

    def put(self, weights: Any) -> Strings:
        """Move the beads."""
        self.weights = np.asarray(weights, dtype=float)
        order = np.arange(len(self._x))
        at = self.at(order, self.weights)
        set_segments(self.bars, self.at(order, 0.0), at)
        self.beads.move_dots(at)
        return self


class Tank(VGroup):
    """A vessel whose level is a sum of squares: what is poured into it keeps its area.

    Parameters
    ----------
    region : Region
    unit : float
        Frame units per unit of what is squared.

    Attributes
    ----------
    vessel, level : Mobject
    """

    def __init__(self, region: Region, unit: float, style: Style):
        self.inside = Region(region.left + 0.04, region.right - 0.04, region.bottom + 0.04, region.top)
        self._unit = unit
        self.vessel = VMobject(color=style.line, stroke_width=3, fill_opacity=0)
        sides = [(region.left, region.top), (region.left, region.bottom), (region.right, region.bottom)]
        self.vessel.set_points_as_corners([[*at, 0] for at in (*sides, (region.right, region.top))])
        self.level = self.layer(0.0, 1.0, style)
        super().__init__(self.level, self.vessel)
        self.put(0.0)

    def at(self, amount: float) -> float:
        """The height in the frame at which it stands when it holds an amount."""
        return self.inside.bottom + amount * self._unit**2 / self.inside.width

    def layer(self, low: float, high: float, style: Style) -> Polygon:
        """What it holds between two amounts."""
        return Polygon(*self._corners(low, high), color=style.penalty, fill_opacity=0.85, stroke_width=0)

    def put(self, amount: float) -> Tank:
        """Fill it up to an amount."""
        corners = self._corners(0.0, max(amount, 1e-6))
        self.level.set_points_as_corners([*corners, corners[0]])
        return self

    def _corners(self, low: float, high: float) -> list[list[float]]:
        left, right, bottom, top = self.inside.left, self.inside.right, self.at(low), self.at(high)
        return [[left, bottom, 0], [right, bottom, 0], [right, top, 0], [left, top, 0]]
