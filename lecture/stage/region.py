"""Rectangles of the frame: where things go, and where they must not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from manim import BackgroundRectangle, Mobject, SVGMobject

from .theme import FRAME_HEIGHT, FRAME_WIDTH

__all__ = [
    "BOTTOM_FREE",
    "LEFT_HALF",
    "RIGHT_HALF",
    "SAFE",
    "STAGE",
    "Region",
    "clip",
    "clip_polygon",
    "place",
    "touches",
]


@dataclass(frozen=True)
class Region:
    """A rectangle in frame units."""

    left: float
    right: float
    bottom: float
    top: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.top - self.bottom

    @property
    def center(self) -> np.ndarray:
        return np.array([(self.left + self.right) / 2, (self.bottom + self.top) / 2, 0.0])

    def grown(self, by: float) -> Region:
        """The region with `by` added on every side (or taken away, if negative)."""
        return Region(self.left - by, self.right + by, self.bottom - by, self.top + by)

    def with_point(self, point: np.ndarray) -> Region:
        """The smallest region that has the point as well, a little inside."""
        x, y = float(point[0]), float(point[1])
        return Region(
            min(self.left, x - 0.01),
            max(self.right, x + 0.01),
            min(self.bottom, y - 0.01),
            max(self.top, y + 0.01),
        )

    def contains(self, points: np.ndarray) -> np.ndarray:
        """Which points, shape (..., 2 or 3), lie inside."""
        x, y = points[..., 0], points[..., 1]
        return (self.left <= x) & (x <= self.right) & (self.bottom <= y) & (y <= self.top)

    @classmethod
    def around(cls, mobject: Mobject) -> Region:
        """The bounding box of a mobject."""
        (left, bottom, _), (right, top, _) = mobject.get_corner([-1, -1, 0]), mobject.get_corner([1, 1, 0])
        return cls(left, right, bottom, top)


# The lower eighth stays free for captions; the title has the top line; half a unit of margin all around.
BOTTOM_FREE = -FRAME_HEIGHT / 2 + FRAME_HEIGHT / 8
SAFE = Region(-FRAME_WIDTH / 2 + 0.5, FRAME_WIDTH / 2 - 0.5, BOTTOM_FREE, FRAME_HEIGHT / 2 - 0.35)
STAGE = Region(SAFE.left, SAFE.right, SAFE.bottom, 2.85)
LEFT_HALF = Region(SAFE.left, -0.35, SAFE.bottom, 2.5)
RIGHT_HALF = Region(0.35, SAFE.right, SAFE.bottom, 2.5)


def clip(points: np.ndarray, region: Region) -> list[np.ndarray]:
    """The pieces of a polyline that lie inside a region, each cut exactly at the border.

    Liang and Barsky (1984), all segments at once.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        In frame units.

    Returns
    -------
    list of ndarray of shape (m, 2)

    Examples
    --------
    >>> [piece.tolist() for piece in clip(np.array([[-2.0, 0.0], [2.0, 0.0]]), Region(-1, 1, -1, 1))]
    [[[-1.0, 0.0], [1.0, 0.0]]]
    """
    start, step = points[:-1], np.diff(points, axis=0)
    enter, leave = np.zeros(len(step)), np.ones(len(step))
    for axis, (low, high) in enumerate(((region.left, region.right), (region.bottom, region.top))):
        with np.errstate(divide="ignore", invalid="ignore"):
            one, other = (low - start[:, axis]) / step[:, axis], (high - start[:, axis]) / step[:, axis]
        flat = step[:, axis] == 0
        inside = (low <= start[:, axis]) & (start[:, axis] <= high)
        near = np.where(flat, np.where(inside, -np.inf, np.inf), np.fmin(one, other))
        far = np.where(flat, np.where(inside, np.inf, -np.inf), np.fmax(one, other))
        enter, leave = np.maximum(enter, near), np.minimum(leave, far)
    seen = np.flatnonzero(enter < leave)
    enter, leave, first, last = enter[seen], leave[seen], start[seen], points[seen + 1]
    entries = first + enter[:, None] * step[seen]
    exits = np.where(leave[:, None] == 1, last, first + leave[:, None] * step[seen])
    goes_on = (np.diff(seen) == 1) & (enter[1:] == 0) & (leave[:-1] == 1)
    runs = np.split(np.arange(len(seen)), np.flatnonzero(~goes_on) + 1)
    return [np.vstack([entries[run[:1]], exits[run]]) for run in runs if len(run)]


def clip_polygon(corners: np.ndarray, region: Region) -> np.ndarray:
    """The part of a convex polygon that lies inside a region.

    Sutherland and Hodgman (1974).

    Parameters
    ----------
    corners : ndarray of shape (n, 2)
        In frame units.

    Returns
    -------
    ndarray of shape (m, 2)
        The first corner is repeated at the end; empty if nothing lies inside.

    Examples
    --------
    >>> clip_polygon(np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 1.0], [0.0, 1.0]]), Region(-1, 2, -1, 2)).tolist()
    [[0.0, 0.0], [2.0, 0.0], [2.0, 1.0], [0.0, 1.0], [0.0, 0.0]]
    """
    for axis, bound, side in (
        (0, region.left, 1),
        (0, region.right, -1),
        (1, region.bottom, 1),
        (1, region.top, -1),
    ):
        inward = side * (corners[:, axis] - bound)
        kept = []
        for k, (before, here) in enumerate(zip(np.roll(inward, 1), inward, strict=True)):
            if before * here < 0:
                start, end = corners[k - 1], corners[k]
                kept.append(start + before / (before - here) * (end - start))
            if here >= 0:
                kept.append(corners[k])
        corners = np.array(kept).reshape(-1, 2)
    return np.vstack([corners, corners[:1]])


def _is_patched(obstacle: Mobject) -> bool:
    """Whether it is a text on a patch of background."""
    return bool(obstacle.submobjects) and isinstance(obstacle.submobjects[0], BackgroundRectangle)


def _obstacle_points(obstacle: Mobject | np.ndarray) -> np.ndarray:
    if isinstance(obstacle, np.ndarray):
        corners = obstacle[:, :2]
    elif isinstance(obstacle, SVGMobject) or _is_patched(obstacle):
        # Text is avoided as a whole, with a word's space around it, or two labels would read as one; and more than any
        # line, which a patch can hide.
        box = Region.around(obstacle).grown(0.12)
        x, y = np.meshgrid(np.linspace(box.left, box.right, 12), np.linspace(box.bottom, box.top, 6))
        return np.repeat(np.column_stack([x.ravel(), y.ravel()]), 4, axis=0)
    else:
        family = [m.points[:, :2] for m in obstacle.family_members_with_points()]
        return np.vstack([_densified(p) for p in family]) if family else np.empty((0, 2))
    return _densified(corners)


def _densified(points: np.ndarray, spacing: float = 0.08) -> np.ndarray:
    if len(points) < 2:
        return points
    pieces = []
    for a, b in zip(points[:-1], points[1:], strict=True):
        count = min(int(np.hypot(*(b - a)) / spacing), 400) + 1
        pieces.append(a + np.linspace(0, 1, count, endpoint=False)[:, None] * (b - a))
    return np.vstack([*pieces, points[-1:]])


def touches(label: Mobject, avoid: Iterable[Mobject | np.ndarray], gap: float = 0.04) -> bool:
    """Whether any of the mobjects or polylines comes nearer to the label's box than `gap`."""
    box = Region.around(label).grown(gap)
    return any(box.contains(points).any() for points in map(_obstacle_points, avoid) if len(points))


def place(
    label: Mobject,
    at: np.ndarray,
    *,
    avoid: Iterable[Mobject | np.ndarray] = (),
    over: Iterable[Mobject | np.ndarray] = (),
    within: Region = STAGE,
    prefer: Sequence[float] | np.ndarray | None = None,
    gap: float = 0.16,
    clear: float = 0.13,
) -> Mobject:
    """Move `label` beside the point `at`, where it covers least of what it must avoid.

    Sixteen directions and five distances are tried; the label stays `within` the region.

    Parameters
    ----------
    avoid : mobjects or polylines of shape (n, 2 or 3)
        What the label must not touch.
    over : mobjects or polylines of shape (n, 2 or 3)
        What the label may lie on where it would otherwise be far from its point: level sets, under a patch.
    prefer : (x, y), optional
        The direction in which the label would best lie, seen from the point.
    gap : float
        Space between point and label.
    clear : float
        Space between the label and what it must not touch.

    Returns
    -------
    Mobject
        `label`, moved.
    """
    obstacles = [
        (p, weight) for group, weight in ((avoid, 1.0), (over, 0.02)) for p in map(_obstacle_points, group)
    ]
    points = np.vstack([np.empty((0, 2)), *(p for p, _ in obstacles)])
    weights = np.concatenate([np.empty(0), *(np.full(len(p), weight) for p, weight in obstacles)])
    half = np.array([label.width / 2, label.height / 2])
    wanted = np.asarray(prefer if prefer is not None else (0.0, 0.0), dtype=float)[:2]
    wanted = wanted / max(np.hypot(*wanted), 1e-9)
    best: tuple[float, np.ndarray] | None = None
    for ring, distance in enumerate((gap, gap + 0.2, gap + 0.45, gap + 0.8, gap + 1.2)):
        for angle in np.arange(16) * np.pi / 8:
            direction = np.array([np.cos(angle), np.sin(angle)])
            # The center for which the box's nearest edge or corner is `distance` from the point.
            center = (
                at[:2]
                + direction * distance
                + np.sign(np.round(direction, 9)) * half * np.minimum(1, np.abs(direction) * 1.6)
            )
            box = np.abs(points - center) - half
            covered = weights[(box < clear).all(axis=1)].sum()
            outside = sum(
                max(0.0, amount)
                for amount in (
                    within.left - (center[0] - half[0]),
                    center[0] + half[0] - within.right,
                    within.bottom - (center[1] - half[1]),
                    center[1] + half[1] - within.top,
                )
            )
            cost = covered + 1000 * outside + 0.8 * ring - 1.5 * float(wanted @ direction)
            if best is None or cost < best[0]:
                best = (cost, center)
    assert best is not None
    return label.move_to([*best[1], 0])
