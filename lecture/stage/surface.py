"""A surface z = f(x, y) over a plane, shaded, cut off at a height, with what it hides behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from manim import VGroup, VMobject

from .color import mix
from .level_curves import level_curves
from .space import InSpace, Space, SpaceCurve
from .style import Style

__all__ = ["INSIDE", "Cut", "Surface"]

#: The z-index of what lies in a hollow: over the upper side of a surface, behind the glass of its under side.
INSIDE = 0.5

#: Heights of points: from shape (..., 2) to shape (...).
Height = Callable[[np.ndarray], Any]

_TABLE = 160  # cells of the table of heights, along each side of the box
_SECTORS, _RINGS = 72, 12  # faces of a convex surface, around its lowest point and outwards
_CELLS = 48  # faces of any other, along each side of the box
_SHEETS = 6  # that any other can have, one behind the other
# Of points on curves: in frame units, and how many at least for each width of a curve.
_SPACING, _TURNS = 0.08, 40
_RAY = np.linspace(0, 1, 41)[1:] ** 2  # where lines of sight are looked at, closer together near their start
# Of the role's color over the background, where it is darkest and where it is brightest, by whether the theme is dark.
_SHARES = {True: (0.1, 0.5), False: (0.38, 0.1)}
_GLASS, _GLASS_OPACITY = 0.36, 0.5
_LINES = (
    0.35  # share of ink in lines on the surface: they must be seen on the brightest face, and on the darkest
)


class Surface(InSpace):
    """The graph of a function over a box, cut off at a height.

    Its upper side is shaded and opaque, its under side is like glass: what lies behind shines through faintly. Faces
    are drawn sheet by sheet, the farthest first (a sheet is what a line of sight meets only once); in a sheet, all that
    is at least as bright as a shade is one mobject. From straight above (:attr:`Space.solid` is 0) the faces are gone
    and only lines are left, where they are in the plane.

    Parameters
    ----------
    f : callable
        Heights of points: from shape (..., 2) to shape (...).
    center : (x, y)
        Of the box.
    half : (float, float) or array_like of shape (2, 2)
        Half its sides, along the axes or as two perpendicular vectors, the rows. It is best hardly larger than where f
        is below `top`; where it is smaller, the surface ends at its sides.
    top : float
        Height at which it is cut off.
    levels : sequence of float
        Heights of contours.
    widths : sequence of float, optional
        Their stroke widths.
    role, line_role : str
        Whose color faces and lines have.
    shades : int
        How many tones the upper side has.

    Attributes
    ----------
    contours : VGroup of SpaceCurve
        One for each level.
    border : SpaceCurve
        Where it is cut off.
    is_convex : bool
        Then a line of sight meets it twice at most.

    Examples
    --------
    In a scene, where ``plane`` is a :class:`~lecture.stage.Plane`. A ball at rest in the bowl has the z-index
    ``INSIDE``: it is dimmed where the near wall stands before it::

        space = Space(plane, pivot=(1, 2, 0.5), rise=2.0, azimuth=0.5, elevation=0.7)
        bowl = Surface(space, lambda p: (p**2).sum(axis=-1), self.style, top=1.0, levels=[0.25, 1.0])
        self.add(self.follow(bowl, lambda m: m.look(), *space.trackers))
        ball = Dot(color=self.style.ink).set_z_index(INSIDE)
        self.add(self.follow(ball, lambda m: m.move_to(bowl.on((0, 0))), *space.trackers))
        self.play(space.elevation.animate.set_value(OVERHEAD), space.azimuth.animate.set_value(0))
    """

    def __init__(
        self,
        space: Space,
        f: Height,
        style: Style,
        *,
        center: Sequence[float] | np.ndarray = (0.0, 0.0),
        half: Any = (1.0, 1.0),
        top: float,
        levels: Sequence[float] | np.ndarray = (),
        widths: Sequence[float] | None = None,
        role: str = "line",
        line_role: str = "",
        shades: int = 9,
    ):
        self.space, self.style, self.role = space, style, role
        self.top, self.levels = float(top), [float(level) for level in levels]
        self._put_box(center, half)
        self._shades, self._light = shades, _light(space)
        self._loops: dict[bytes, list[list[int]]] = {}  # of sets of cells: most stay as they were
        self._measure(f)
        self._sheets = VGroup()
        for _ in range(2 if self.is_convex else _SHEETS):
            faces = VGroup(*(VMobject(stroke_width=0, fill_opacity=0) for _ in range(shades)))
            self._sheets.add(VGroup(faces, VMobject(stroke_width=0, fill_opacity=0)))
            for shade in self._sheets[-1].get_family():
                shade.is_shading = True  # for the audit: outline and contours are what must be seen
        self._line = color = style.color(line_role or role)
        widths = widths if widths is not None else [2.5] * len(self.levels)
        self.contours = VGroup(
            *(
                SpaceCurve(space, ring, color, width=width, behind=[self])
                for ring, width in zip(self._rings, widths, strict=True)
            )
        )
        self.border = SpaceCurve(space, self._edge, color, width=2.5, behind=[self])
        self.fold = VMobject(color=color, stroke_width=2.0, fill_opacity=0).set_z_index(2)
        for sheet in self._sheets[1:]:
            sheet.set_z_index(1)
        super().__init__(*self._sheets, self.fold, self.border, self.contours)
        self._solid = -1.0
        self.look()

    def shared(self) -> Iterable[Any]:
        return (self.space, self.style, self.f)

    # What does not depend on the view.

    def _put_box(self, center: Any, half: Any) -> None:
        self._center, half = np.asarray(center, dtype=float), np.asarray(half, dtype=float)
        self._half = np.diag(half) if half.ndim == 1 else half
        self._to_box = np.linalg.inv(self._half)

    def become_graph(self, f: Height, *, center: Any = None, half: Any = None) -> Surface:
        """Make it the graph of another function, with contours at the same levels, over the same box or another.

        Raises
        ------
        ValueError
            If the surface was made for a convex function and this one is not.
        """
        convex = self.is_convex
        self._put_box(self._center if center is None else center, self._half if half is None else half)
        self._measure(f)
        if convex and not self.is_convex:
            raise ValueError("a surface made for a convex function was given one that is not: make another")
        for curve, points in zip(self.contours, self._rings, strict=True):
            curve.places = points
        self.border.places = self._edge
        return self.look()

    def _measure(self, f: Height) -> None:
        self.f = f
        along = np.linspace(-1, 1, _TABLE + 1)
        self._table = np.asarray(
            f(self._center + along[:, None, None] * self._half[0] + along[:, None] * self._half[1])
        )
        self.is_convex = self._curves_upwards()
        self._corners = self._mesh()
        z, slope = self._corners[..., 2], self._corners[..., 3:5]
        # The tone of the upper side: how much it faces the light.
        rise = self.space.rise / self.space.plane.unit
        normal = np.concatenate([-rise * slope, np.ones((*z.shape, 1))], axis=-1)
        tone = normal @ self._light / np.linalg.norm(normal, axis=-1)
        there = z <= self.top * (1 + 1e-9)
        low, high = (float(tone[there].min()), float(tone[there].max())) if there.any() else (0.0, 1.0)
        tone = (tone - low) / max(high - low, 1e-9) * self._shades
        self._corners = corners = np.concatenate([self._corners, tone[..., None]], axis=-1)
        # For each shade, the cells that are at least as bright, and polygons where they are so in part or meet the top.
        count = _around(there).sum(axis=0)
        self._whole = count == 4
        cut, cut_cells = _quads(corners, (count > 0) & (count < 4))
        cut, cut_cells = _clip(cut, cut_cells, self.top - cut[..., 2])
        self._bright, parts, cells = [], [], []
        for shade in range(self._shades):
            bright = _around(tone >= shade).sum(axis=0)
            self._bright.append(self._whole & (bright == 4))
            mixed, mixed_cells = _quads(corners, self._whole & (bright > 0) & (bright < 4))
            polygons, index = _joined(mixed, cut), np.concatenate([mixed_cells, cut_cells])
            polygons, index = _clip(polygons, index, polygons[..., 5] - shade)
            parts.append(polygons)
            cells.append(np.column_stack([index, np.full(len(index), shade)]))
        self._parts, self._part_cells = _joined(*parts), np.concatenate(cells)
        self._rings = [self._ring(level) for level in self.levels]
        self._edge = self._border()

    def _mesh(self) -> np.ndarray:
        """Corners of faces: x, y, height and slopes along x and y, shape (m, n, 5)."""
        if self.is_convex:
            lowest = np.unravel_index(int(self._table.argmin()), self._table.shape)
            middle = np.array(lowest) / _TABLE * 2 - 1
            turn = np.linspace(0, 2 * np.pi, _SECTORS, endpoint=False)
            # Where the border has corners: those of the box, and where its sides meet the cut.
            corners = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) - middle
            turn = np.sort(np.concatenate([turn, np.arctan2(*corners.T[::-1]) % (2 * np.pi)]))
            turn = np.sort(np.concatenate([turn, self._meetings(middle, turn)]))
            turn = np.append(turn, turn[0] + 2 * np.pi)
            start, ways, reach, _ = self._reach(middle, turn)
            shares = np.linspace(0, 1, _RINGS + 1)[:, None, None]
            places = start + shares * (reach[:, None] * ways)
        else:
            along = np.linspace(-1, 1, _CELLS + 1)
            places = self._center + along[:, None, None] * self._half[0] + along[:, None] * self._half[1]
        slope = self._slope(places)
        return np.concatenate([places, np.asarray(self.f(places))[..., None], slope], axis=-1)

    def _reach(self, middle: np.ndarray, turn: np.ndarray) -> tuple[np.ndarray, ...]:
        """How far a convex surface goes from a point of its box in some directions, and whether up to the box's side.

        Returns
        -------
        start : ndarray of shape (2,)
            The point's coordinates.
        ways : ndarray of shape (n, 2)
            The directions in coordinates.
        reach : ndarray of shape (n,)
            In lengths of the ways.
        to_side : ndarray of shape (n,), of bool
        """
        ways = np.column_stack([np.cos(turn), np.sin(turn)])
        with np.errstate(divide="ignore", invalid="ignore"):
            side = np.fmin.reduce((np.where(ways >= 0, 1, -1) - middle) / ways, axis=1)
        start, ways = self._center + middle @ self._half, ways @ self._half
        to_side = np.asarray(self.f(start + side[:, None] * ways)) <= self.top
        low, high = np.zeros(len(turn)), side
        for _ in range(50):
            halfway = (low + high) / 2
            below = np.asarray(self.f(start + halfway[:, None] * ways)) <= self.top
            low, high = np.where(below, halfway, low), np.where(below, high, halfway)
        return start, ways, np.where(to_side, side, low), to_side

    def _meetings(self, middle: np.ndarray, turn: np.ndarray) -> np.ndarray:
        """The directions, between those given, in which the box's sides meet the cut."""
        to_side = self._reach(middle, turn)[-1]
        low, high = turn, np.append(turn[1:], turn[0] + 2 * np.pi)
        changes = to_side != np.roll(to_side, -1)
        low, high, kind = low[changes], high[changes], to_side[changes]
        for _ in range(40 if len(low) else 0):
            halfway = (low + high) / 2
            same = self._reach(middle, halfway)[-1] == kind
            low, high = np.where(same, halfway, low), np.where(same, high, halfway)
        return low

    def _slope(self, places: np.ndarray) -> np.ndarray:
        """Derivatives along x and y, by differences over a table's cell, shape (..., 2)."""
        steps = self._half / _TABLE
        rises = np.stack(
            [np.asarray(self.f(places + s)) - np.asarray(self.f(places - s)) for s in steps], axis=-1
        )
        return rises / (2 * (steps**2).sum(axis=1)) @ steps

    def _curves_upwards(self) -> bool:
        z = self._table[::4, ::4]
        scale = 1e-9 * max(float(np.ptp(z)), 1e-300)
        along = z[2:, 1:-1] - 2 * z[1:-1, 1:-1] + z[:-2, 1:-1]
        across = z[1:-1, 2:] - 2 * z[1:-1, 1:-1] + z[1:-1, :-2]
        twist = (z[2:, 2:] - z[2:, :-2] - z[:-2, 2:] + z[:-2, :-2]) / 4
        bent = (along >= -scale) & (across >= -scale)
        bent &= along * across - twist**2 >= -scale * (np.abs(along) + np.abs(across) + scale)
        return bool(bent[z[1:-1, 1:-1] <= self.top].all())

    def _ring(self, level: float) -> np.ndarray:
        """The contour at a level, as far as it lies in the box; rows of NaN part its pieces."""
        if level > self.top * (1 + 1e-12):
            return np.empty((0, 3))
        rows = []
        for curve in level_curves(self._table, level):
            points = self._on_level(self._center + (self._evenly(curve) / _TABLE * 2 - 1) @ self._half, level)
            rows += [np.column_stack([points, np.full(len(points), level)]), np.full((1, 3), np.nan)]
        return np.vstack(rows[:-1]) if rows else np.empty((0, 3))

    def _evenly(self, curve: np.ndarray) -> np.ndarray:
        """A curve on the table, drawn again with corners as close as straight pieces between them cannot be told."""
        way = np.diff(curve, axis=0)
        frame = np.hypot(*(way * 2 / _TABLE @ self._half).T) * self.space.plane.unit / _SPACING
        # A long ellipse is bent most at its ends, where it is short: on the table it is about round.
        turn = _TURNS * np.hypot(*way.T) / max(float(np.ptp(curve, axis=0).max()), 1e-300)
        length = np.concatenate([[0.0], np.cumsum(frame + turn)])
        at = np.linspace(0, length[-1], int(length[-1]) + 9)
        return np.column_stack([np.interp(at, length, axis) for axis in curve.T])

    def _on_level(self, points: np.ndarray, level: float) -> np.ndarray:
        """Points near a contour, moved onto it along the slope: Newton's method, a few times."""
        longest = 2 * np.linalg.norm(self._half, axis=1).min() / _TABLE
        for _ in range(4):
            slope = self._slope(points)
            size = (slope**2).sum(axis=-1)
            wanted = np.where(size > 0, (level - np.asarray(self.f(points))) / np.where(size > 0, size, 1), 0)
            move = wanted[:, None] * slope
            length = np.linalg.norm(move, axis=1)
            points = points + move * np.minimum(1, longest / np.maximum(length, 1e-300))[:, None]
        return points

    def _border(self) -> np.ndarray:
        """Where the surface ends: the contour at the top, and the sides of the box where it is below."""
        rows = [self._ring(self.top)]
        along = np.linspace(-1, 1, _TABLE + 1)
        for axis in (0, 1):
            for side in (-1, 1):
                way = np.full((len(along), 2), float(side))
                way[:, axis] = along
                points = self._center + way @ self._half
                z = np.asarray(self.f(points))
                if (z <= self.top).any():
                    rows.append(np.column_stack([points, np.where(z <= self.top, z, np.nan)]))
        gap = np.full((1, 3), np.nan)
        return np.vstack([part for row in rows if len(row) for part in (row, gap)] or [gap])

    # How it is seen.

    def look(self) -> Surface:
        """Draw it as it is seen now."""
        solid = self.space.solid
        if solid != self._solid:
            self._paint(solid)
            self._solid = solid
        for curve in (self.border, *self.contours):
            curve.look()
        if solid == 0:
            for part in (*self._sheets.family_members_with_points(), self.fold):
                part.points = np.zeros((0, 3))
            return self
        facing = self._facing(self._corners)
        up = _around(facing >= 0).sum(axis=0)
        frame = self.space.at(self._corners[..., :3]).reshape(-1, 3)
        orders = self._orders(facing)
        mixed, mixed_cells = _quads(self._corners, self._whole & (up > 0) & (up < 4))
        mixed_cells = np.column_stack([mixed_cells, np.full(len(mixed_cells), -1)])
        for side, full in ((1, up == 4), (-1, up == 0)):
            parts, cells = (self._parts, self._part_cells)
            if side < 0:  # which has no shades
                parts, cells = parts[cells[:, 2] == 0], cells[cells[:, 2] == 0]
            pieces, cells = _joined(parts, mixed), np.concatenate([cells, mixed_cells])
            pieces, cells = _clip(pieces, cells, side * self._facing(pieces))
            edges, drawn = _edges(self.space.at(pieces[..., :3]))
            row, column, shade = cells.T
            for number, (faces, glass) in enumerate(self._sheets):
                here = orders[side] == number
                for k, face in enumerate(faces if side > 0 else [glass]):
                    bright = self._bright[k] & here
                    chosen = here[row, column] & ((shade == k) | (shade < 0) & bright[row, column])
                    loops = [
                        _edges(frame[loop][None])[0].reshape(-1, 3) for loop in self._outline(bright & full)
                    ]
                    face.points = np.concatenate([*loops, edges[chosen][drawn[chosen]].reshape(-1, 3)])
        self.fold.points = self._folds(mixed)
        return self

    def _paint(self, solid: float) -> None:
        background, color = self.style.background, self.style.color(self.role)
        dark, bright = _SHARES[self.style.theme.is_dark]
        for faces, glass in self._sheets:
            for k, face in enumerate(faces):
                share = dark + (bright - dark) * k / max(1, self._shades - 1)
                face.set_fill(mix(color, background, share * solid), float(solid > 0))
            glass.set_fill(mix(color, background, _GLASS), _GLASS_OPACITY * solid)
        line = mix(self.style.ink, self._line, _LINES * solid)
        for curve in (self.border, *self.contours):
            curve.seen.set_stroke(line)
        self.fold.set_stroke(line, opacity=solid)

    def _facing(self, corners: np.ndarray) -> np.ndarray:
        """Positive where the upper side is seen, negative where the under side is."""
        up = self.space.elevation.get_value()
        slope = corners[..., 3:5] @ self.space.away
        return self.space.plane.unit * np.sin(up) + self.space.rise * np.cos(up) * slope

    def _outline(self, cells: np.ndarray) -> list[list[int]]:
        """See :func:`_loops`; most sets of cells stay as they were from frame to frame."""
        key = cells.tobytes()
        if key not in self._loops:
            if len(self._loops) > 400:
                self._loops.clear()
            self._loops[key] = _loops(cells)
        return self._loops[key]

    def _orders(self, facing: np.ndarray) -> dict[int, np.ndarray]:
        """How many sheets lie behind each cell on its line of sight, if its upper (1) or under side (-1) is seen."""
        if self.is_convex:
            return {1: np.zeros(self._whole.shape, int), -1: np.ones(self._whole.shape, int)}
        exists = _around(self._corners[..., 2] <= self.top).any(axis=0)
        state = np.where(exists, np.where(_around(facing).mean(axis=0) >= 0, 1, -1), 0)
        way = self.space.away @ self._to_box
        way = way / np.abs(way).max()
        cells = np.stack(np.meshgrid(np.arange(_CELLS), np.arange(_CELLS), indexing="ij"), axis=-1)
        orders = {}
        for side in (1, -1):
            last, count = np.full(state.shape, side), np.zeros(state.shape, int)
            for step in range(1, _CELLS):
                at = np.rint(cells + step * way).astype(int)
                inside = ((at >= 0) & (at < _CELLS)).all(axis=-1)
                at = np.clip(at, 0, _CELLS - 1)
                now = np.where(inside, state[at[..., 0], at[..., 1]], last)
                count += now != last
                last = now
            orders[side] = np.minimum(count, len(self._sheets) - 1)
        return orders

    def _folds(self, mixed: np.ndarray) -> np.ndarray:
        """Where the upper side turns into the under side: the outline of a hollow that is seen from outside."""
        ends = _zeros(mixed, self._facing(mixed))
        if not self.is_convex:
            # There the line of sight touches the surface: a little farther on it tells whether anything else is there.
            step = 0.05 * float(np.linalg.norm(self._half, axis=1).min())
            nearer = ends.mean(axis=1) + step * np.array([*-self.space.away, self.space.steepness])
            ends = ends[~self.hides(nearer)]
        frame = self.space.at(ends)
        along = np.linspace(0, 1, 4)[:, None]
        return (frame[:, :1] + along * (frame[:, 1:] - frame[:, :1])).reshape(-1, 3)

    def hides(self, points: np.ndarray) -> np.ndarray:
        """Which points of space, shape (n, 3), have the surface between them and the viewer."""
        points = np.asarray(points, dtype=float).reshape(-1, 3)
        steep = self.space.steepness
        # The line of sight, from where it enters the box to where it leaves it or rises above the top.
        start, step = (points[:, :2] - self._center) @ self._to_box, -self.space.away @ self._to_box
        with np.errstate(divide="ignore", invalid="ignore"):
            walls = np.sort(np.stack([(-1 - start) / step, (1 - start) / step]), axis=0)
        enter = np.fmax.reduce(walls[0], axis=1).clip(min=0)
        leave = np.fmin.reduce(walls[1], axis=1) * (1 - 1e-9)
        leave = np.minimum(leave, (self.top - points[:, 2]) / max(steep, 1e-12))
        meets = leave > enter
        enter, leave = np.where(meets, enter, 0.0), np.where(meets, leave, 0.0)
        first = self._gap(points, enter[:, None], steep)[:, 0]
        tolerance = 2e-3 * (self.top - float(self._table.min()))
        lying = (np.abs(first) < tolerance) & (enter == 0)
        # On the surface, the first steps tell to which side the line of sight leaves it.
        near = self._gap(points, (enter + 0.01 * (leave - enter))[:, None], steep)[:, 0]
        side = np.sign(np.where(lying, near - first, first))
        offset = np.where(lying, first, 0.0)
        if self.is_convex:
            # A line that begins above it is below at its end, if it ever is; one that begins on its under side
            # never meets it again.
            shares, sampled = np.array([1.0]), meets & (side > 0)
            below = meets & (side < 0) & ~lying
        else:
            shares, sampled = _RAY, meets
            below = np.zeros_like(meets)
        hidden = np.zeros(len(points), bool)
        for chosen, along in ((sampled, shares), (below, _RAY)):
            if chosen.any():
                ways = enter[chosen, None] + (leave - enter)[chosen, None] * along
                gap = self._gap(points[chosen], ways, steep) - offset[chosen, None]
                hidden[chosen] = (side[chosen, None] * gap < -tolerance).any(axis=1)
        return hidden

    def _gap(self, points: np.ndarray, ways: np.ndarray, steep: float) -> np.ndarray:
        """How high lines of sight from points lie over the surface, `ways` (n, m) towards the viewer."""
        ground = points[:, None, :2] - ways[..., None] * self.space.away
        return points[:, 2, None] + steep * ways - self._heights(ground)

    def _heights(self, ground: np.ndarray) -> np.ndarray:
        """Heights from the table, shape (..., 2) to (...); at the box's side for what lies outside."""
        at = np.clip(((ground - self._center) @ self._to_box + 1) / 2 * _TABLE, 0, _TABLE)
        low = np.minimum(at.astype(int), _TABLE - 1)
        t, s = np.moveaxis(at - low, -1, 0)
        i, j = np.moveaxis(low, -1, 0)
        table = self._table
        return (1 - t) * ((1 - s) * table[i, j] + s * table[i, j + 1]) + t * (
            (1 - s) * table[i + 1, j] + s * table[i + 1, j + 1]
        )

    # What is done with it.

    def on(self, places: Any) -> np.ndarray:
        """Points of the surface over coordinates of shape (..., 2), in the frame, shape (..., 3)."""
        return self.space.at(self.lifted(places))

    def lifted(self, places: Any) -> np.ndarray:
        """Points of the surface over coordinates of shape (..., 2), in space, shape (..., 3)."""
        places = np.asarray(places, dtype=float)
        return np.concatenate([places, np.asarray(self.f(places))[..., None]], axis=-1)

    def section(self, at: Any, direction: float, count: int = 161) -> tuple[np.ndarray, np.ndarray]:
        """Where a vertical plane cuts the surface.

        Parameters
        ----------
        at : (x, y)
            A point of the plane, from which ways are counted.
        direction : float
            Of the plane on the ground, in radians.

        Returns
        -------
        ways : ndarray of shape (count,)
            From the first to the last end of the surface, at even distances.
        points : ndarray of shape (count, 3)
            Points of space; those where there is no surface are NaN.
        """
        at, along = np.asarray(at, dtype=float), np.array([np.cos(direction), np.sin(direction)])
        start, step = (at - self._center) @ self._to_box, along @ self._to_box
        with np.errstate(divide="ignore", invalid="ignore"):
            walls = np.sort(np.stack([(-1 - start) / step, (1 - start) / step]), axis=0)
        tries = np.linspace(float(np.fmax.reduce(walls[0])), float(np.fmin.reduce(walls[1])), 4 * count)
        below = np.flatnonzero(np.asarray(self.f(at + tries[:, None] * along)) <= self.top)
        if not len(below):
            return np.zeros(count), np.full((count, 3), np.nan)
        ends = []
        for inner, outer in ((below[0], below[0] - 1), (below[-1], below[-1] + 1)):
            good = bad = tries[inner]
            if 0 <= outer < len(tries):
                bad = tries[outer]
            for _ in range(50):
                middle = (good + bad) / 2
                good, bad = (middle, bad) if self.f(at + middle * along) <= self.top else (good, middle)
            ends.append(good)
        ways = np.linspace(ends[0], ends[1], count)
        points = self.lifted(at + ways[:, None] * along)
        points[points[:, 2] > self.top + 1e-9 * abs(self.top)] = np.nan
        return ways, points


class Cut(InSpace):
    """A vertical plane through a point, as far as it lies in a hollow, and the curve in which it cuts the surface.

    Parameters
    ----------
    at : (x, y)
    direction : ValueTracker
        Of the plane on the ground, in radians: follow it, and the trackers of the space, with :meth:`look`.
    opacity : float
        Of the plane.

    Attributes
    ----------
    curve : SpaceCurve
    sheet : VMobject
    ways, places : ndarray
        Of the curve, as :meth:`Surface.section` gives them: for its picture in a chart.
    """

    def __init__(
        self,
        surface: Surface,
        at: Any,
        direction: Any,
        *,
        role: str = "ink",
        width: float = 5.0,
        opacity: float = 0.2,
        dash: bool = False,
    ):
        self.surface, self._at, self._direction = surface, at, direction
        color = surface.style.color(role)
        self._opacity = opacity
        self.sheet = VMobject(stroke_width=0, fill_color=color, fill_opacity=opacity).set_z_index(INSIDE)
        self.curve = SpaceCurve(
            surface.space, np.empty((0, 3)), color, width=width, behind=[surface], dash=dash
        )
        super().__init__(self.sheet, self.curve.set_z_index(3))
        self.look()

    def shared(self) -> Iterable[Any]:
        return (self.surface, self._direction)

    def look(self) -> Cut:
        """Put it where it is now, and draw it as it is seen."""
        surface = self.surface
        self.ways, self.places = surface.section(self._at, self._direction.get_value())
        self.curve.put(self.places)
        self.sheet.set_fill(opacity=self._opacity * surface.space.solid)
        there = np.isfinite(self.places).all(axis=1)
        ends = self.places[there][[0, -1]] if there.any() else np.zeros((2, 3))
        ends[:, 2] = surface.top
        # In what is no hollow, the plane would stand before and behind it at once.
        if not surface.is_convex:
            return self
        loop = np.vstack([self.places[there], ends[::-1]])
        self.sheet.points = _edges(surface.space.at(loop)[None])[0].reshape(-1, 3)
        return self


def _light(space: Space) -> np.ndarray:
    """Where the light comes from: over the viewer's left shoulder, as the surface is first seen."""
    right, back, up = -0.62, -0.28, 0.73
    turn = space.azimuth.get_value()
    cos, sin = np.cos(turn), np.sin(turn)
    return np.array([cos * right + sin * back, cos * back - sin * right, up])


def _around(corners: np.ndarray) -> np.ndarray:
    """Values at the four corners of each cell, shape (4, m, n), counterclockwise."""
    return np.stack([corners[:-1, :-1], corners[1:, :-1], corners[1:, 1:], corners[:-1, 1:]])


def _quads(corners: np.ndarray, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The marked cells as polygons, shape (k, 4, d), and their rows and columns, shape (k, 2)."""
    i, j = np.nonzero(cells)
    quads = np.stack([corners[i, j], corners[i + 1, j], corners[i + 1, j + 1], corners[i, j + 1]], axis=1)
    return quads, np.column_stack([i, j])


def _joined(*polygons: np.ndarray) -> np.ndarray:
    """Polygons of shapes (k, m, d) with different m together; the shorter ones repeat their last corner."""
    size = max(p.shape[1] for p in polygons)
    return np.concatenate(
        [np.concatenate([p, np.repeat(p[:, -1:], size - p.shape[1], axis=1)], axis=1) for p in polygons]
    )


def _clip(polygons: np.ndarray, names: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The parts of polygons, shape (k, m, d), where a value is not negative, and the names of those that are left.

    Sutherland and Hodgman (1974), all polygons at once. The value, shape (k, m), is given at corners and taken as
    linear along every edge. Parts may have more corners.
    """
    inside, outside = (v >= 0).all(axis=1), (v < 0).all(axis=1)
    if (inside | outside).all():
        return polygons[inside], names[inside]
    mixed = ~(inside | outside)
    whole, whole_names = polygons[inside], names[inside]
    polygons, names, v = polygons[mixed], names[mixed], v[mixed]
    following, w = np.roll(polygons, -1, axis=1), np.roll(v, -1, axis=1)
    crossed = (v < 0) != (w < 0)
    share = np.divide(v, v - w, out=np.zeros_like(v), where=crossed)
    crossing = polygons + share[..., None] * (following - polygons)
    # Each edge gives its first corner, if that is kept, and the point where it crosses, if it does.
    most = 2 * polygons.shape[1]
    made = np.stack([polygons, crossing], axis=2).reshape(len(polygons), most, polygons.shape[-1])
    kept = np.stack([v >= 0, crossed], axis=2).reshape(len(polygons), most)
    count = kept.sum(axis=1)
    some = count >= 3
    made, kept, count = made[some], kept[some], count[some]
    size = int(count.max(initial=3))
    order = np.argsort(~kept, axis=1, kind="stable")[:, :size]
    chosen = np.take_along_axis(order, np.minimum(np.arange(size), count[:, None] - 1), axis=1)
    parts = np.take_along_axis(made, chosen[..., None], axis=1)
    return _joined(whole, parts), np.concatenate([whole_names, names[some]])


def _zeros(polygons: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Where a value is zero on the borders of polygons that have two such points, in space, shape (j, 2, 3)."""
    following, w = np.roll(polygons, -1, axis=1), np.roll(v, -1, axis=1)
    crossed = (v < 0) != (w < 0)
    twice = crossed.sum(axis=1) == 2
    share = np.divide(v, v - w, out=np.zeros_like(v), where=crossed)
    points = polygons + share[..., None] * (following - polygons)
    return points[twice][crossed[twice]][..., :3].reshape(-1, 2, 3)


def _edges(loops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The edges of closed polygons of shape (k, m, 3) as Bézier curves, shape (k, m, 4, 3), and which have a length."""
    way = np.roll(loops, -1, axis=1) - loops
    return loops[:, :, None] + np.linspace(0, 1, 4)[:, None] * way[:, :, None], way.any(axis=-1)


def _loops(cells: np.ndarray) -> list[list[int]]:
    """The outlines of a set of cells, shape (m, n), as numbers of corners, counted row by row."""
    m, n = cells.shape
    padded = np.pad(cells, 1)
    row, column = np.indices((m, n))
    starts, ends = [], []
    # Counterclockwise around each cell, where its neighbor on that side is not in the set.
    for (a, b), (c, d), neighbor in (
        ((0, 0), (1, 0), padded[1:-1, :-2]),
        ((1, 0), (1, 1), padded[2:, 1:-1]),
        ((1, 1), (0, 1), padded[1:-1, 2:]),
        ((0, 1), (0, 0), padded[:-2, 1:-1]),
    ):
        side = cells & ~neighbor
        starts += ((row + a) * (n + 1) + column + b)[side].tolist()
        ends += ((row + c) * (n + 1) + column + d)[side].tolist()
    ahead: dict[int, list[int]] = {}
    for start, end in zip(starts, ends, strict=True):
        ahead.setdefault(start, []).append(end)
    found = []
    while ahead:
        here = next(iter(ahead))
        loop = []
        while here in ahead:
            loop.append(here)
            nexts = ahead[here]
            there = nexts.pop()
            if not nexts:
                del ahead[here]
            here = there
        found.append(loop)
    return found
