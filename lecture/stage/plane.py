"""Planes, arrows and contours: the maps from coordinates to the frame, and what is drawn through them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import (
    DashedVMobject,
    FadeIn,
    FadeOut,
    FadeTransform,
    Line,
    Polygon,
    ReplacementTransform,
    Transform,
    VGroup,
    VMobject,
)

from lecture.words import Message

from .backing import backed
from .glyphs import drawable
from .region import Region, clip
from .style import Style
from .text import formula, literal_words
from .theme import SMALL

__all__ = ["Arrow", "Plane", "dashed", "polyline"]

Name = str | Message


# Of an arrow's dashes: length with gap, about, and the share of the gap.
_ARROW_DASH, _GAP = 0.24, 0.38


def _round_step(span: float, wanted: int = 4) -> float:
    """A step of 1, 2 or 5 times a power of ten that divides `span` into about `wanted` parts."""
    raw = span / wanted
    power = 10.0 ** np.floor(np.log10(raw))
    return float(power * min((1, 2, 5, 10), key=lambda m: abs(np.log(m * power / raw))))


def _drawable_names(names: Name | Sequence[Name], style: Style) -> list[str]:
    """What an axis can be called, as plain text."""
    listed = [names] if isinstance(names, str | Message) else names
    return [text for name in listed if (text := drawable(style.text(name)))]


def _tick_text(value: float) -> str:
    """A tick's number in Typst mathematics."""
    mantissa, e, power = f"{value:.4g}".partition("e")
    return f"{mantissa} dot 10^({int(power)})" if e else mantissa


def _overlap(one: Region, other: Region) -> bool:
    apart = (
        one.right < other.left or other.right < one.left or one.top < other.bottom or other.top < one.bottom
    )
    return not apart


class Plane(VGroup):
    """A pair of axes through the origin that frames what it must show.

    Both axes have the same unit, so that circles are round and rotations rigid.

    Parameters
    ----------
    region : Region
        The part of the frame it fills; its axes end there.
    points : array_like of shape (n, 2)
        Coordinates that must be seen. The origin always is.
    labels : (str, str)
        Typst mathematics.
    names : (str, str)
        Plain text, or a message, that takes the place of a label where it is not empty and there are fonts for it;
        of a sequence of such texts the first for which there is room, the last one shortened where there is none.
    numbers : bool
        Whether a tick of each axis says which number it stands for.
    margin : float
        Clear space around the points, in frame units.

    Attributes
    ----------
    unit : float
        Frame units per unit of the coordinates.
    origin : ndarray of shape (3,)
        Where (0, 0) lies in the frame.
    """

    def __init__(
        self,
        region: Region,
        points: Any,
        style: Style,
        *,
        labels: tuple[str, str] = ("x", "y"),
        names: Sequence[Name | Sequence[Name]] = ("", ""),
        margin: float = 0.55,
        numbers: bool = False,
        name: str = "plane",
    ):
        super().__init__()
        self.region, self.plane_name = region, name
        called = [_drawable_names(name, style) for name in names]
        shown = np.vstack([np.zeros((1, 2)), np.asarray(points, dtype=float).reshape(-1, 2)])
        low, high = shown.min(axis=0), shown.max(axis=0)
        extent = max(float((high - low).max()), 1e-300)
        inner = region.grown(-margin / 2)
        below, above = (
            0.25 * bool(called[0]),
            0.15 * bool(called[1]),
        )  # for names, which are longer than symbols
        inner = Region(
            inner.left, inner.right - margin / 2, inner.bottom + below, inner.top - margin / 2 - above
        )
        spans = np.maximum(high - low, 1e-9 * extent)
        self.unit = float(min(inner.width / spans[0], inner.height / spans[1]))
        middle = (low + high) / 2
        self.origin = inner.center - self.unit * np.array([*middle, 0.0])

        self.axes = VGroup()
        self.axis_labels = VGroup()
        self.tick_labels = VGroup()
        ticks: list[tuple[int, float, np.ndarray]] = []
        for axis, label in enumerate(labels):
            direction = np.eye(3)[axis]
            ends = ((region.left, region.right), (region.bottom, region.top))[axis]
            room = 0.45  # for the label at the positive end
            start = self.origin + direction * (ends[0] - self.origin[axis])
            end = self.origin + direction * (ends[1] - room - self.origin[axis])
            self.axes.add(Line(start, end, color=style.line, stroke_width=2.5))
            step = _round_step(extent * 1.2)
            first, last = (np.array([start[axis], end[axis]]) - self.origin[axis]) / self.unit / step
            for k in range(int(np.ceil(first + 0.2)), int(np.floor(last - 0.2)) + 1):
                if k:
                    at = self.origin + direction * k * step * self.unit
                    across = 0.07 * np.eye(3)[1 - axis]
                    self.axes.add(Line(at - across, at + across, color=style.line, stroke_width=2.5))
                    ticks.append((axis, k * step, at))
            if called[axis]:
                text = self._named(called[axis], called[1 - axis], axis, end, style)
            else:
                text = formula(label, style, role="dim", size=SMALL + 3)
                beside = end + direction * 0.12
                if axis == 0:
                    text.move_to(beside, aligned_edge=[-1, 0, 0])
                    overhang = text.get_right()[0] - region.right
                    if overhang > 0:
                        text.next_to([region.right, end[1], 0], [-1, -1, 0], buff=0).shift([0, -0.15, 0])
                else:
                    text.move_to(beside, aligned_edge=[0, -1, 0])
                    text.shift([max(0.0, region.left - text.get_left()[0]), 0, 0])
            self.axis_labels.add(text)
        self.add(self.axes, self.axis_labels)
        if numbers:
            self._number_ticks(ticks, low, high, style)
            self.add(self.tick_labels)
        # A scene may take the labels away and with them, in Manim's books, the group: its lines still know it.
        for part in (*self.axes, *self.axis_labels, *self.tick_labels):
            part.plane = self

    def _number_ticks(
        self, ticks: list[tuple[int, float, np.ndarray]], low: np.ndarray, high: np.ndarray, style: Style
    ) -> None:
        """The number at one tick of each axis: the farthest that has room beside it, where less is drawn."""
        for axis in (0, 1):
            across = np.eye(3)[1 - axis]
            side = -1.0 if -low[1 - axis] <= high[1 - axis] else 1.0
            taken = [Region.around(label).grown(0.05) for label in (*self.axis_labels, *self.tick_labels)]
            for _axis, value, at in sorted((t for t in ticks if t[0] == axis), key=lambda t: -abs(t[1])):
                label = formula(_tick_text(value), style, role="dim", size=SMALL)
                half = (label.height if axis == 0 else label.width) / 2
                label.move_to(at + side * (0.2 + half) * across)
                box = Region.around(label)
                corners = np.array([[box.left, box.bottom], [box.right, box.top]])
                inside = self.region.grown(1e-6).contains(corners).all()
                if inside and not any(_overlap(box, other) for other in taken):
                    self.tick_labels.add(label)
                    break

    def _named(self, names: list[str], others: list[str], axis: int, end: np.ndarray, style: Style) -> VGroup:
        """A name near the end of its axis, on a patch, inside the region."""
        region = self.region
        # Along the first axis not across the second: at its positive end, or where only the other one has room, there;
        # if none has, at the positive end, with enough to read. Over the second axis all is free.
        left, right = self.origin[0] - region.left - 0.2, region.right - self.origin[0] - 0.2
        widest = max(0.45 * region.width, min(max(left, right), 0.7 * region.width))
        if axis == 1:
            widest = 0.9 * region.width
        unlike = others[-1] if others else ""

        def fitted(width: float) -> Any:
            for name in names[:-1]:
                whole = literal_words(name, style, role="dim", size=SMALL, width=100.0)
                if whole.width <= width:
                    return whole
            return literal_words(names[-1], style, role="dim", size=SMALL, width=width, unlike=unlike)

        text = fitted(widest)
        if axis == 0:
            side = -1 if right < text.width <= left else 1
            if side > 0 and text.width > right:
                text = fitted(float(np.clip(right, 0.25 * region.width, widest)))
            edge = region.right if side > 0 else region.left
            text.move_to([edge, end[1] - 0.16, 0], aligned_edge=[side, 1, 0])
            if text.get_bottom()[1] < region.bottom:
                text.move_to([edge, end[1] + 0.16, 0], aligned_edge=[side, -1, 0])
        else:
            text.move_to(end + np.array([0, 0.08, 0]), aligned_edge=[0, -1, 0])
            text.shift([max(0.0, region.left - text.get_left()[0]), 0, 0])
            text.shift([min(0.0, region.right - text.get_right()[0]), 0, 0])
        return backed(text, style)

    def c2p(self, coordinates: Any) -> np.ndarray:
        """Coordinates of shape (..., 2) as points of the frame, shape (..., 3)."""
        coordinates = np.asarray(coordinates, dtype=float)
        flat = self.origin[:2] + self.unit * coordinates
        return np.concatenate([flat, np.zeros((*coordinates.shape[:-1], 1))], axis=-1)

    def p2c(self, points: Any) -> np.ndarray:
        """Points of the frame as coordinates: the inverse of :meth:`c2p`."""
        return (np.asarray(points, dtype=float)[..., :2] - self.origin[:2]) / self.unit

    @property
    def spines(self) -> VGroup:
        """The two axes without their ticks."""
        return VGroup(*(max(self.axes, key=lambda line: abs(line.get_vector()[axis])) for axis in (0, 1)))

    @property
    def ticks(self) -> VGroup:
        """The ticks of both axes."""
        spines = [id(line) for line in self.spines]
        return VGroup(*(line for line in self.axes if id(line) not in spines))

    def carry_to(self, other: Plane) -> list[Any]:
        """Animations that move these axes to where another plane has its own; that one is then to be added."""

        def ride(marks: VGroup, start: Plane, end: Plane) -> VGroup:
            marks = marks.copy().scale(end.unit / start.unit, about_point=start.origin)
            return marks.shift(end.origin - start.origin).set_stroke(opacity=0)

        here, there = self.ticks, other.ticks
        return [
            *(ReplacementTransform(*pair) for pair in zip(self.spines, other.spines, strict=True)),
            Transform(here, ride(here, self, other)),
            ReplacementTransform(ride(there, other, self), there),
            *(FadeTransform(*pair) for pair in zip(self.axis_labels, other.axis_labels, strict=True)),
            *(FadeOut(label) for label in self.tick_labels),
            *(FadeIn(label) for label in other.tick_labels),
        ]

    @property
    def drawing_region(self) -> Region:
        """The region without the room of the axis labels: where curves may go."""
        return Region(self.region.left, self.region.right - 0.5, self.region.bottom, self.region.top - 0.5)

    @property
    def window(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest coordinates inside the region, each of shape (2,)."""
        corners = self.p2c(
            [[self.region.left, self.region.bottom, 0], [self.region.right, self.region.top, 0]]
        )
        return corners[0], corners[1]


def polyline(
    points: np.ndarray, color: str, width: float = 3.0, *, within: Region | None = None, closed: bool = False
) -> VMobject:
    """Straight pieces through points of the frame, cut at a region's border."""
    points = np.asarray(points, dtype=float)[:, :2]
    if closed:
        points = np.vstack([points, points[:1]])
    curve = VMobject(color=color, stroke_width=width, fill_opacity=0)
    for piece in clip(points, within) if within else [points]:
        corners = np.column_stack([piece, np.zeros(len(piece))])
        curve.start_new_path(corners[0])
        curve.add_points_as_corners(corners[1:])
    return curve


def dashed(curve: VMobject, dash: float = 0.13) -> VMobject:
    """The curve in dashes of about `dash` frame units; a dash is never stretched across a gap of the curve."""
    pieces = VGroup()
    for points in curve.get_subpaths():
        piece = VMobject(color=curve.get_stroke_color(), stroke_width=curve.get_stroke_width()).set_points(
            points
        )
        count = max(2, round(piece.get_arc_length() / (2 * dash)))
        pieces.add(DashedVMobject(piece, num_dashes=count, dashed_ratio=0.55))
    return pieces


class Arrow(VGroup):
    """An arrow whose tip ends exactly where it points.

    Manim's own arrow shortens itself by a buffer and stretches its tip when it is transformed; this one is a shaft
    and a triangle. An arrow shorter than its tip has a smaller tip; one of no length is a dot.

    Parameters
    ----------
    dash : bool
        Draw the shaft in dashes: two arrows that color tells apart differ in shape as well.
    """

    def __init__(
        self, start: Any, end: Any, color: str, *, width: float = 6.0, tip: float = 0.26, dash: bool = False
    ):
        self._tip_length, self._full_width, self._dash = tip, width, dash
        self.shaft = Line([0, 0, 0], [1, 0, 0], color=color, stroke_width=width)
        self.tip = Polygon([0, 0, 0], [1, 0, 0], [0, 1, 0], color=color, fill_opacity=1, stroke_width=0)
        super().__init__(self.shaft, self.tip)
        self.put(start, end)

    def put(self, start: Any, end: Any) -> Arrow:
        """Point from `start` to `end`, both of shape (3,) in frame units."""
        start, end = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
        along = end - start
        length = float(np.hypot(along[0], along[1]))
        if length < 1e-9:
            along, length = np.array([1e-3, 0.0, 0.0]), 1e-3
        along = along / length
        across = np.array([-along[1], along[0], 0.0])
        tip = min(self._tip_length, 0.75 * length)
        base = end - tip * along
        self.tip.set_points_as_corners([end, base + 0.42 * tip * across, base - 0.42 * tip * across, end])
        if self._dash:
            # The last dash ends in the tip.
            count = max(2, round((length - tip) / _ARROW_DASH))
            starts = np.arange(count)[:, None, None] / (count - _GAP)
            thirds = np.linspace(0, (1 - _GAP) / (count - _GAP), 4)[None, :, None]
            pieces = start + (starts + thirds) * (base + 0.1 * tip * along - start)
            self.shaft.set_points(pieces.reshape(-1, 3))
        else:
            self.shaft.put_start_and_end_on(start, base + 0.1 * tip * along)
        self.shaft.set_stroke(width=self._full_width * min(1.0, 1.5 * tip / self._tip_length))
        return self

    @property
    def end_point(self) -> np.ndarray:
        return self.tip.points[0]
