"""Three dimensions over a plane, seen from any side, for Manim's flat renderer.

The view is orthographic: from straight above, heights disappear and space is the plane itself, to the pixel.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, cast

import numpy as np
from manim import ValueTracker, VGroup, VMobject

from .plane import Plane

__all__ = ["OVERHEAD", "Ground", "InSpace", "Occluder", "Space", "SpaceAxes", "SpaceCurve"]

#: The elevation from which space is seen as the plane.
OVERHEAD = np.pi / 2

# Between these elevations, in radians, what is solid dissolves into the flat map.
_SOLID, _FLAT = np.radians(62), np.radians(86)

_DASH, _PERIOD = 0.13, 0.24  # in frame units
_NOTHING = np.zeros((0, 3))


class Occluder(Protocol):
    """What can stand between a point and the viewer."""

    def hides(self, points: np.ndarray) -> np.ndarray: ...


class Ground:
    """What a space can stand on instead of a plane: an origin in the frame and a unit, both of which may change.

    Attributes
    ----------
    origin : ndarray of shape (3,)
        Where (0, 0) lies in the frame.
    unit : float
        Frame units per unit of the coordinates.
    """

    def __init__(self, origin: Any, unit: float = 1.0):
        self.origin, self.unit = np.asarray(origin, dtype=float), float(unit)

    def c2p(self, coordinates: Any) -> np.ndarray:
        """Coordinates of shape (..., 2) as points of the frame, shape (..., 3)."""
        flat = self.origin[:2] + self.unit * np.asarray(coordinates, dtype=float)
        return np.concatenate([flat, np.zeros((*flat.shape[:-1], 1))], axis=-1)

    def p2c(self, points: Any) -> np.ndarray:
        """Points of the frame as coordinates: the inverse of :meth:`c2p`."""
        return (np.asarray(points, dtype=float)[..., :2] - self.origin[:2]) / self.unit


class Space:
    """The map from coordinates (x, y) of a plane and a height to points of the frame.

    Parameters
    ----------
    plane : Plane or Ground
        What is seen from straight above.
    pivot : (x, y, height)
        What stays in its place, whatever the view.
    rise : float
        Frame units per unit of height, seen from the side.
    azimuth : float
        How far the plane is turned about the vertical, counterclockwise, in radians; 0 as it is seen from above.
    elevation : float
        How high the viewer stands, in radians: 0 level with the ground, ``OVERHEAD`` straight above.

    Attributes
    ----------
    azimuth, elevation : ValueTracker
        Animate these to move the viewer; `trackers` are both.
    """

    def __init__(
        self,
        plane: Plane | Ground,
        *,
        pivot: Sequence[float] | np.ndarray = (0.0, 0.0, 0.0),
        rise: float = 1.0,
        azimuth: float = 0.0,
        elevation: float = OVERHEAD,
    ):
        self.plane, self.rise = plane, float(rise)
        self.pivot = np.asarray(pivot, dtype=float)
        self.azimuth, self.elevation = ValueTracker(azimuth), ValueTracker(elevation)

    @property
    def trackers(self) -> tuple[ValueTracker, ValueTracker]:
        return self.azimuth, self.elevation

    @property
    def away(self) -> np.ndarray:
        """The direction on the ground that leads away from the viewer, shape (2,)."""
        turn = self.azimuth.get_value()
        return np.array([np.sin(turn), np.cos(turn)])

    @property
    def solid(self) -> float:
        """How solid things look: 1 from the side, 0 from straight above, where they are a map."""
        share = np.clip((_FLAT - self.elevation.get_value()) / (_FLAT - _SOLID), 0, 1)
        return float(share * share * (3 - 2 * share))

    @property
    def steepness(self) -> float:
        """How much a way of one unit towards the viewer rises on the line of sight, in units of height."""
        return self.plane.unit * float(np.tan(min(self.elevation.get_value(), OVERHEAD - 1e-9))) / self.rise

    def at(self, points: Any) -> np.ndarray:
        """Points (x, y, height) of shape (..., 3) as points of the frame, shape (..., 3)."""
        points = np.asarray(points, dtype=float) - self.pivot
        turn, up = self.azimuth.get_value(), self.elevation.get_value()
        cos, sin = np.cos(turn), np.sin(turn)
        right = cos * points[..., 0] - sin * points[..., 1]
        back = sin * points[..., 0] + cos * points[..., 1]
        height = self.rise * points[..., 2]
        unit = self.plane.unit
        flat = np.stack(
            [unit * right, unit * np.sin(up) * back + np.cos(up) * height, np.zeros(right.shape)], axis=-1
        )
        return self.plane.c2p(self.pivot[:2]) + flat


class InSpace(VGroup):
    """What is drawn in a space. Manim copies what it fades; copies stand in the same space, before the same things."""

    def shared(self) -> Iterable[Any]:
        """What copies share."""
        return ()

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        memo.update((id(part), part) for part in self.shared())
        return super().__deepcopy__(memo)


class SpaceCurve(InSpace):
    """A curve in space; what stands before it, it shines through faintly.

    Parameters
    ----------
    points : array_like of shape (n, 3)
        (x, y, height); a row of NaN parts it.
    behind : sequence of Occluder
        What may hide parts of it.
    ghost : float
        Opacity of hidden parts.
    dash : bool
        Draw it in dashes that keep their place on it.

    Attributes
    ----------
    seen, hidden : VMobject
    """

    def __init__(
        self,
        space: Space,
        points: Any,
        color: str,
        *,
        width: float = 3.0,
        behind: Sequence[Occluder] = (),
        ghost: float = 0.3,
        dash: bool = False,
    ):
        self.space, self.behind, self.ghost, self.dash = space, tuple(behind), ghost, dash
        self.seen = VMobject(color=color, stroke_width=width, fill_opacity=0)
        self.hidden = VMobject(color=color, stroke_width=width, fill_opacity=0)
        super().__init__(self.hidden, self.seen)
        self.set_z_index(2)
        self.put(points)

    def shared(self) -> Iterable[Any]:
        return (self.space, *self.behind)

    def put(self, points: Any) -> SpaceCurve:
        """Lead the curve through other points."""
        self.places = np.asarray(points, dtype=float).reshape(-1, 3)
        return self.look()

    def look(self) -> SpaceCurve:
        """Draw it as it is seen now."""
        frame = self.space.at(self.places)
        drawn = np.isfinite(frame).all(axis=1)
        drawn = drawn[:-1] & drawn[1:]
        if self.dash:
            drawn &= self._dashes()
        solid = self.space.solid
        hidden = np.zeros(len(drawn), bool)
        if solid > 0 and self.behind:
            middle = (self.places[:-1] + self.places[1:]) / 2
            for occluder in self.behind:
                hidden[drawn] |= occluder.hides(middle[drawn])
        pieces = frame[:-1, None] + np.linspace(0, 1, 4)[None, :, None] * (frame[1:] - frame[:-1])[:, None]
        self.seen.points = pieces[drawn & ~hidden].reshape(-1, 3)
        self.hidden.points = pieces[drawn & hidden].reshape(-1, 3)
        self.hidden.set_stroke(opacity=(1 - solid + self.ghost * solid) * self.seen.get_stroke_opacity())
        return self

    def _dashes(self) -> np.ndarray:
        """Which pieces lie in a dash: laid out along the curve in space, so that they do not crawl as it turns."""
        scaled = self.places * [self.space.plane.unit, self.space.plane.unit, self.space.rise]
        length = np.nan_to_num(np.linalg.norm(np.diff(scaled, axis=0), axis=1))
        middle = np.cumsum(length) - length / 2
        # A whole number of dashes, so that a closed curve has no seam.
        period = length.sum() / max(1, round(float(length.sum()) / _PERIOD))
        return middle % max(period, 1e-9) < period * _DASH / _PERIOD


class SpaceAxes(InSpace):
    """The axes of a plane, ticks and all, lying on the ground of a space, their labels upright at their ends.

    Seen from straight above they are the plane's own.

    Parameters
    ----------
    height : float
        Of the ground.
    plane : Plane, optional
        Where the space stands on no plane: the one that has the axes, lying as it is in the frame now.
    """

    def __init__(
        self,
        space: Space,
        color: str,
        *,
        height: float = 0.0,
        plane: Plane | None = None,
        behind: Sequence[Occluder] = (),
    ):
        plane = plane or cast(Plane, space.plane)
        self.space = space
        unit, rows = space.plane.unit, []
        for line in plane.axes:
            ends = space.plane.p2c(np.array([line.get_start(), line.get_end()]))
            count = max(2, int(np.hypot(*(ends[1] - ends[0])) * unit / 0.06))
            way = ends[0] + np.linspace(0, 1, count)[:, None] * (ends[1] - ends[0])
            rows += [np.column_stack([way, np.full(count, height)]), np.full((1, 3), np.nan)]
        self.lines = SpaceCurve(space, np.vstack(rows), color, width=2.5, behind=behind, ghost=0.45)
        self._origin = np.array([*space.plane.p2c(plane.origin), height])
        self._ends = [np.array([*space.plane.p2c(spine.get_end()), height]) for spine in plane.spines]
        self.labels = VGroup(*(label.copy() for label in plane.axis_labels))
        self._offsets = [
            label.get_center() - spine.get_end()
            for label, spine in zip(self.labels, plane.spines, strict=True)
        ]
        super().__init__(self.lines, self.labels.set_z_index(3))
        self.look()

    def shared(self) -> Iterable[Any]:
        return (self.space,)

    def look(self) -> SpaceAxes:
        """Draw them as they are seen now."""
        self.lines.look()
        start, solid = self.space.at(self._origin), self.space.solid
        for label, end, offset in zip(self.labels, self._ends, self._offsets, strict=True):
            tip = self.space.at(end)
            # As far beyond the end as from above, in the direction in which the axis is seen.
            along = (tip - start) / max(float(np.linalg.norm(tip - start)), 1e-9)
            label.move_to(tip + (1 - solid) * offset + solid * np.linalg.norm(offset) * along)
        return self
