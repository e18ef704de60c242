"""Manim's camera, drawing again only what differs from the frame before.

Manim draws everything that lies over the first thing that moves, whole, in every frame. Here the frame is divided into
tiles; what looks different than before marks those that it covers and covered, and only what touches them is drawn
again.
The pixels are those of Manim's camera.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cairo
import manim
import numpy as np
from manim.mobject.types.image_mobject import AbstractImageMobject

from .tiles import TILE, rectangles

__all__ = ["StepCamera"]

_DRAWN = (manim.VMobject, manim.PMobject, AbstractImageMobject)

# Where two lines meet at a sharp angle, Cairo's strokes reach this many times as far as half their width.
_MITER = 10.0


@dataclass(slots=True, eq=False)
class _Drawn:
    """A mobject as it was drawn: how it looked and where (a bit for each tile); its path, once it is worth keeping."""

    mobject: Any
    look: tuple[Any, ...]
    tiles: int
    keeps_shape: bool = False
    path: Any = None


class StepCamera(manim.MovingCamera):
    """Draws frames for :class:`lecture.render.StepRenderer`."""

    def __init__(self, **options: Any):
        super().__init__(**options)
        shape = self.pixel_array.shape[:2]
        self._changed = np.ones([-(-size // tile) for size, tile in zip(shape, TILE, strict=True)], bool)
        self._under: np.ndarray | None = None
        self._view: tuple[float, ...] = ()
        self._drawn: dict[int, _Drawn] = {}

    def set_pixel_array(self, *arguments: Any, **options: Any) -> None:
        """As in Manim; the next frame is drawn anew."""
        super().set_pixel_array(*arguments, **options)
        self._under = None

    def take_changed(self) -> np.ndarray:
        """Which tiles may have changed since this was asked last."""
        changed, self._changed = self._changed, np.zeros_like(self._changed)
        return changed

    def draw(self, mobjects: Iterable[Any], under: np.ndarray) -> None:
        """Bring the pixels up to date: `mobjects` over the picture `under`, an array that is not written to."""
        mobjects = list(mobjects)
        shown = self._shown(mobjects)
        if not all(isinstance(m, manim.VMobject) and m.get_background_image() is None for m in shown):
            self.set_pixel_array(under)
            self.capture_mobjects(mobjects)
            self._under = None
            self._changed[:] = True
            return
        view = (self.frame_width, self.frame_height, *self.frame_center)
        anew = under is not self._under or view != self._view
        before = {} if anew else self._drawn
        self._under, self._view = under, view
        everywhere = (1 << self._changed.size) - 1
        damage = everywhere if anew else 0
        self._drawn = {}
        for mobject in shown:
            drawn, tiles = self._compare(mobject, before.get(id(mobject)))
            self._drawn[id(mobject)] = drawn
            damage |= tiles
        for gone in before.keys() - self._drawn.keys():
            damage |= before[gone].tiles
        if [k for k in before if k in self._drawn] != [k for k in self._drawn if k in before]:
            damage = everywhere
        if damage:
            self._changed |= self._array(damage)
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
        if before is not None and before.look == look:
            before.keeps_shape = True
            return before, 0
        drawn = _Drawn(mobject, look, self._tiles(mobject))
        if before is None:
            return drawn, drawn.tiles
        if before.look[0] == look[0]:
            drawn.keeps_shape, drawn.path = True, before.path
        return drawn, drawn.tiles | before.tiles

    def _tiles(self, mobject: Any) -> int:
        """The tiles that a mobject may touch, as bits, row by row."""
        points = mobject.points[:, :2]
        low, high = points.min(axis=0), points.max(axis=0)
        if not (np.isfinite(low).all() and np.isfinite(high).all()):
            return 0  # Manim does not draw it
        width, height, x, y = self._view[:4]
        stroke = max(mobject.get_stroke_width(), mobject.get_stroke_width(background=True))
        margin = stroke * self.cairo_line_width_multiple / 2 * _MITER
        scale_x, scale_y = self.pixel_width / width, self.pixel_height / height
        left, right = ((v - x + width / 2) * scale_x for v in (low[0] - margin, high[0] + margin))
        top, bottom = ((y + height / 2 - v) * scale_y for v in (high[1] + margin, low[1] - margin))
        (rows, columns), (down, across) = TILE, self._changed.shape
        first, end = max(math.floor((left - 2) / columns), 0), math.floor((right + 2) / columns) + 1
        row = (1 << min(end, across)) - (1 << first) if first < min(end, across) else 0
        first, end = max(math.floor((top - 2) / rows), 0), math.floor((bottom + 2) / rows) + 1
        return sum(row << across * k for k in range(first, min(end, down)))

    def _array(self, tiles: int) -> np.ndarray:
        bits = [tiles >> k & 1 for k in range(self._changed.size)]
        return np.array(bits, bool).reshape(self._changed.shape)

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
        for top, bottom, left, right in rectangles(self._array(damage), *under.shape[:2]):
            self.pixel_array[top:bottom, left:right] = under[top:bottom, left:right]
        context = self.get_cairo_context(self.pixel_array)
        for drawn in self._drawn.values():
            if damage & drawn.tiles:
                self._draw(drawn, context)

    def set_cairo_context_path(self, ctx: cairo.Context, vmobject: Any) -> StepCamera:
        """As in Manim, in a third of the time: curves go from one to the next unless their ends are apart."""
        points = vmobject.points[:, :2]
        if len(points) % 4 or not np.isfinite(points.sum()):
            super().set_cairo_context_path(ctx, vmobject)
            return self
        ctx.new_path()
        ends, starts = points[3:-1:4], points[4::4]
        apart = np.abs(ends - starts) > vmobject.tolerance_for_point_equality + 1e-5 * np.abs(starts)
        breaks = 4 * (np.flatnonzero(apart[:, 0] | apart[:, 1]) + 1)
        pairs = points.tolist()
        for first, end in pairwise([0, *breaks.tolist(), len(pairs)]):
            ctx.move_to(*pairs[first])
            for k in range(first, end, 4):
                ctx.curve_to(*pairs[k + 1], *pairs[k + 2], *pairs[k + 3])
            if vmobject.consider_points_equals_2d(pairs[first], pairs[end - 1]):
                ctx.close_path()
        return self

    def _draw(self, drawn: _Drawn, context: cairo.Context) -> None:
        mobject = drawn.mobject
        if drawn.path is not None:
            context.new_path()
            context.append_path(drawn.path)
        else:
            self.set_cairo_context_path(context, mobject)
            if drawn.keeps_shape:
                drawn.path = context.copy_path()
        self.apply_stroke(context, mobject, background=True)
        self.apply_fill(context, mobject)
        self.apply_stroke(context, mobject)


def _look(mobject: Any) -> tuple[Any, ...]:
    """Everything about a mobject that its drawing depends on; its points first."""
    return (
        mobject.points.tobytes(),
        mobject.get_fill_rgbas().tobytes(),
        mobject.get_stroke_rgbas().tobytes(),
        mobject.get_stroke_rgbas(background=True).tobytes(),
        mobject.stroke_width,
        mobject.background_stroke_width,
        mobject.joint_type,
        mobject.cap_style,
        mobject.sheen_direction.tobytes(),
    )
