"""Manim's camera, drawing again only what differs from the frame before.

Manim draws everything that lies over the first thing that moves, whole, in every frame. Here the frame is divided into
tiles; what looks different than before marks those that it covers and covered, and only what touches them is drawn
again.
The pixels are those of Manim's camera.
"""

from __future__ import annotations

import math
import struct
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise, starmap
from typing import Any

import cairo
import manim
import numpy as np
from manim.mobject.types.image_mobject import AbstractImageMobject

from .tiles import TILE, grid, rectangles

__all__ = ["StepCamera"]

_DRAWN = (manim.VMobject, manim.PMobject, AbstractImageMobject)

# Where two lines meet at a sharp angle, Cairo's strokes reach this many times as far as half their width.
_MITER = 10.0

_POINT = struct.Struct("3d")


@dataclass(slots=True, eq=False)
class _Drawn:
    """A mobject as it was drawn: how it looked and where (a bit for each tile); its path, once it is worth keeping."""

    mobject: Any
    look: tuple[Any, ...]
    tiles: int
    keeps_shape: bool = False
    path: Any = None
    rounds_safely: bool | None = None


class StepCamera(manim.MovingCamera):
    """Draws frames for :class:`lecture.frames.render.StepRenderer`."""

    def __init__(self, **options: Any):
        self._measured_points = b""
        super().__init__(**options)
        self._down, self._across = grid(*self.pixel_array.shape[:2])
        self._everywhere = (1 << self._down * self._across) - 1
        self._changed = self._everywhere
        self._under: np.ndarray | None = None
        self._view: tuple[float, ...] = ()
        self._drawn: dict[int, _Drawn] = {}

    def set_pixel_array(self, *arguments: Any, **options: Any) -> None:
        """As in Manim; the next frame is drawn anew."""
        super().set_pixel_array(*arguments, **options)
        self._under = None

    def _measured(self) -> tuple[float, float, Any]:
        """Width, height and center of Manim's frame, which is asked for them for every stroke."""
        points = self.frame.points.tobytes()
        if self.frame.submobjects or points != self._measured_points:
            self._measured_points = points
            self._measures = self.frame.width, self.frame.height, self.frame.get_center()
        return self._measures

    frame_width = manim.MovingCamera.frame_width.getter(lambda self: self._measured()[0])
    frame_height = manim.MovingCamera.frame_height.getter(lambda self: self._measured()[1])
    frame_center = manim.MovingCamera.frame_center.getter(lambda self: self._measured()[2])

    def take_changed(self) -> int:
        """Which tiles may have changed since this was asked last, as :func:`~lecture.frames.tiles.rectangles` takes."""
        changed, self._changed = self._changed, 0
        return changed

    def draw(self, mobjects: Iterable[Any], under: np.ndarray) -> None:
        """Bring the pixels up to date: `mobjects` over the picture `under`, an array that is not written to."""
        mobjects = list(mobjects)
        shown = self._shown(mobjects)
        if not all(isinstance(m, manim.VMobject) and m.get_background_image() is None for m in shown):
            self.set_pixel_array(under)
            self.capture_mobjects(mobjects)
            self._under = None
            self._changed = self._everywhere
            return
        view = (self.frame_width, self.frame_height, *self.frame_center)
        anew = under is not self._under or view != self._view
        before = {} if anew else self._drawn
        self._under, self._view = under, view
        damage = self._everywhere if anew else 0
        self._drawn = {}
        for mobject in shown:
            drawn, tiles = self._compare(mobject, before.get(id(mobject)))
            self._drawn[id(mobject)] = drawn
            damage |= tiles
        for gone in before.keys() - self._drawn.keys():
            damage |= before[gone].tiles
        if [k for k in before if k in self._drawn] != [k for k in self._drawn if k in before]:
            damage = self._everywhere
        if damage:
            self._changed |= damage
            self._redraw(damage, under)

    def _shown(self, mobjects: list[Any]) -> list[Any]:
        """What Manim draws of these and their families, in its order, without going through a family twice."""
        seen, backwards = set(), []

        def visit(mobject: Any) -> None:
            if mobject in seen:
                return
            seen.add(mobject)
            for part in reversed(mobject.submobjects):
                visit(part)
            # A value that others follow, while it is animated, is a mobject with a point, which nothing is drawn of.
            if len(mobject.points) and isinstance(mobject, _DRAWN):
                backwards.append(mobject)

        for mobject in reversed(mobjects):
            visit(mobject)
        shown = backwards[::-1]
        return sorted(shown, key=lambda m: m.z_index) if self.use_z_index else shown

    def _compare(self, mobject: Any, before: _Drawn | None) -> tuple[_Drawn, int]:
        """How a mobject looks now; if not as before, the tiles that it covers and covered are damaged."""
        look = _look(mobject)
        if before is None:
            drawn = _Drawn(mobject, look, self._tiles(mobject))
            return drawn, drawn.tiles
        if self._same_path(before, look[0]):
            look = (before.look[0], *look[1:])
        if before.look == look:
            before.keeps_shape = True
            return before, 0
        if before.look[:3] == look[:3]:
            drawn = _Drawn(mobject, look, before.tiles, True, before.path, before.rounds_safely)
            return drawn, drawn.tiles
        drawn = _Drawn(mobject, look, self._tiles(mobject))
        return drawn, drawn.tiles | before.tiles

    def _same_path(self, before: _Drawn, now: bytes) -> bool:
        """Whether points give Cairo the same path: while something fades, they differ by rounding alone.

        Cairo rounds to 1/256 of a pixel; points so near to where it rounds the other way are not taken for the same.
        """
        then = before.look[0]
        if then == now or len(then) != len(now):
            return then == now
        # Of what moves, the first point tells.
        if not all(
            abs(a - b) < 1e-12 for a, b in zip(_POINT.unpack_from(then), _POINT.unpack_from(now), strict=True)
        ):
            return False
        points = np.frombuffer(then).reshape(-1, 3)
        if not np.abs(points - np.frombuffer(now).reshape(-1, 3)).max() < 1e-12:
            return False
        if before.rounds_safely is None:
            width, height, x, y = self._view[:4]
            steps = 256 * np.array([self.pixel_width / width, self.pixel_height / height])
            placed = (points[:, :2] - [x - width / 2, y + height / 2]) * steps
            before.rounds_safely = bool(np.abs(placed % 1 - 0.5).min() > 1e-5)
        return before.rounds_safely

    def _tiles(self, mobject: Any) -> int:
        """The tiles that a mobject may touch."""
        low, high = np.minimum.reduce(mobject.points).tolist(), np.maximum.reduce(mobject.points).tolist()
        if not math.isfinite(sum(low) - sum(high)):
            return 0  # Manim does not draw it
        width, height, x, y = self._view[:4]
        stroke = max(mobject.get_stroke_width(), mobject.get_stroke_width(background=True))
        margin = stroke * self.cairo_line_width_multiple / 2 * _MITER
        scale_x, scale_y = self.pixel_width / width, self.pixel_height / height
        left, right = ((v - x + width / 2) * scale_x for v in (low[0] - margin, high[0] + margin))
        top, bottom = ((y + height / 2 - v) * scale_y for v in (high[1] + margin, low[1] - margin))
        (rows, columns), down, across = TILE, self._down, self._across
        first, end = max(math.floor((left - 2) / columns), 0), math.floor((right + 2) / columns) + 1
        row = (1 << min(end, across)) - (1 << first) if first < min(end, across) else 0
        first, end = max(math.floor((top - 2) / rows), 0), math.floor((bottom + 2) / rows) + 1
        return sum(row << across * k for k in range(first, min(end, down)))

    def _redraw(self, damage: int, under: np.ndarray) -> None:
        """Draw what touches a damaged tile, on what was under it in all the tiles that it covers.

        Not clipped to the damage: Cairo would round differently where a line crosses the clip, and a picture would
        depend on those before it.
        """
        marked = 0
        while damage != marked:
            marked = damage
            for drawn in self._drawn.values():
                if damage & drawn.tiles:
                    damage |= drawn.tiles
        for top, bottom, left, right in rectangles(damage, *under.shape[:2]):
            self.pixel_array[top:bottom, left:right] = under[top:bottom, left:right]
        context = self.get_cairo_context(self.pixel_array)
        for drawn in self._drawn.values():
            if damage & drawn.tiles:
                self._draw(drawn, context)

    def _draw(self, drawn: _Drawn, context: cairo.Context) -> None:
        mobject = drawn.mobject
        if drawn.path is not None:
            context.new_path()
            context.append_path(drawn.path)
        else:
            if len(mobject.points) % 4:
                self.set_cairo_context_path(context, mobject)
            else:
                _trace(context, mobject)
            if drawn.keeps_shape:
                drawn.path = context.copy_path()
        if mobject.background_stroke_width:
            self.apply_stroke(context, mobject, background=True)
        fill = mobject.get_fill_rgbas()
        if len(fill) > 1:
            self.apply_fill(context, mobject)
        else:
            red, green, blue, opacity = fill[0].tolist()
            if opacity:
                context.set_source_rgba(blue, green, red, opacity)
                context.fill_preserve()
        if mobject.stroke_width:
            self.apply_stroke(context, mobject)


def _look(mobject: Any) -> tuple[Any, ...]:
    """Everything about a mobject that its drawing depends on; first what its tiles depend on."""
    return (
        mobject.points.tobytes(),
        mobject.stroke_width,
        mobject.background_stroke_width,
        mobject.get_fill_rgbas().tobytes(),
        mobject.get_stroke_rgbas().tobytes(),
        mobject.get_stroke_rgbas(background=True).tobytes(),
        mobject.joint_type,
        mobject.cap_style,
        mobject.sheen_direction.tobytes(),
    )


def _trace(context: cairo.Context, mobject: Any) -> None:
    """What Manim's `set_cairo_context_path` does, in a fraction of the time, for whole curves of finite points.

    Curves go from one to the next unless their ends are apart.
    """
    curves, same = mobject.points[:, :2].reshape(-1, 8), mobject.consider_points_equals_2d
    starts, others = curves[:, :2].tolist(), curves[:, 2:].tolist()
    unequal = np.flatnonzero((curves[1:, :2] != curves[:-1, 6:]).any(axis=1)).tolist()
    breaks = [k + 1 for k in unequal if not same(others[k][4:], starts[k + 1])]
    context.new_path()
    for first, end in pairwise([0, *breaks, len(curves)]):
        context.move_to(*starts[first])
        deque(starmap(context.curve_to, others[first:end]), maxlen=0)
        if same(starts[first], others[end - 1][4:]):
            context.close_path()
