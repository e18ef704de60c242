"""Space and surfaces: where points are seen, what hides what, and that from above all is as in the plane."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from manim import ValueTracker
from scipy.spatial.transform import Rotation

from lecture.stage import Palette, Plane, Region, Style
from lecture.stage.level_curves import level_curves
from lecture.stage.space import OVERHEAD, Space, SpaceAxes, SpaceCurve
from lecture.stage.surface import Cut, Surface

STYLE = Style(Palette().dark())
PLANE = Plane(Region(-5, 3, -3, 3), [[-2.0, -1.5], [2.0, 1.5]], STYLE)
PIXEL = 8 / 720
VIEWS = [(0.0, 0.5), (0.7, 0.3), (-2.0, 0.9), (2.5, 1.2)]


def paraboloid(p: np.ndarray) -> np.ndarray:
    return 0.8 * p[..., 0] ** 2 + 0.3 * p[..., 1] ** 2


def valleys(p: np.ndarray) -> np.ndarray:
    x, y = p[..., 0], p[..., 1]
    return (x**2 - 1) ** 2 + 0.7 * y**2 - 0.25 * x


def hills(p: np.ndarray) -> np.ndarray:
    x, y = p[..., 0], p[..., 1]
    return np.exp(-3 * ((x - 0.8) ** 2 + y**2)) + 0.8 * np.exp(-4 * ((x + 0.6) ** 2 + (y - 0.5) ** 2))


SURFACES: dict[str, tuple[Callable[[np.ndarray], np.ndarray], tuple[float, float], float]] = {
    "bowl": (paraboloid, (1.15, 1.85), 1.0),
    "bowl cut by its box": (paraboloid, (0.9, 1.2), 1.0),
    "trough": (lambda p: 0.7 * p[..., 0] ** 2, (1.3, 1.5), 1.0),
    "two valleys": (valleys, (1.63, 1.33), 1.2),
    "hills": (hills, (1.6, 1.3), 1.5),
}


def space_of(view: tuple[float, float], rise: float = 1.7) -> Space:
    return Space(PLANE, pivot=(0.2, -0.1, 0.4), rise=rise, azimuth=view[0], elevation=view[1])


def surface_of(name: str, view: tuple[float, float], **options: Any) -> Surface:
    f, half, top = SURFACES[name]
    return Surface(space_of(view), f, STYLE, half=half, top=top, **options)


def sight(space: Space) -> np.ndarray:
    """The direction from things towards the viewer, in coordinates and heights, by inverting the projection."""
    azimuth, elevation = space.azimuth.get_value(), space.elevation.get_value()
    turn = Rotation.from_euler("zx", [azimuth, -(np.pi / 2 - elevation)])
    return turn.inv().apply([0, 0, 1]) / [PLANE.unit, PLANE.unit, space.rise]


class TestSpace:
    @pytest.mark.parametrize("view", VIEWS)
    def test_points_are_where_rotations_of_space_put_them(self, view: tuple[float, float]) -> None:
        space = space_of(view)
        points = np.random.default_rng(0).normal(size=(30, 3))
        lengths = (points - space.pivot) * [PLANE.unit, PLANE.unit, space.rise]
        # Turn about the vertical, then lean away from the viewer, who looks along the third axis.
        seen = Rotation.from_euler("zx", [view[0], -(np.pi / 2 - view[1])]).apply(lengths)
        assert space.at(points)[:, :2] == pytest.approx((PLANE.c2p(space.pivot[:2]) + seen)[:, :2], abs=1e-12)

    def test_from_straight_above_it_is_the_plane(self) -> None:
        points = np.random.default_rng(1).normal(size=(30, 3))
        assert space_of((0.0, OVERHEAD)).at(points) == pytest.approx(PLANE.c2p(points[:, :2]), abs=1e-12)

    def test_its_axes_are_then_those_of_the_plane(self) -> None:
        axes = SpaceAxes(space_of((0.0, OVERHEAD)), STYLE.line)
        drawn = axes.lines.seen.points[:, :2]
        for line in PLANE.axes:
            for end in (line.get_start(), line.get_end()):
                assert np.hypot(*(drawn - end[:2]).T).min() < 0.01 * PIXEL
        for label, wanted in zip(axes.labels, PLANE.axis_labels, strict=True):
            assert label.get_center() == pytest.approx(wanted.get_center(), abs=1e-9)


class TestLevelCurves:
    def test_a_circle_is_one_closed_curve(self) -> None:
        x = np.linspace(-2, 2, 41)
        (curve,) = level_curves(x[:, None] ** 2 + x**2, 1.0)
        assert curve[0] == pytest.approx(curve[-1])
        assert np.hypot(*(curve / 10 - 2).T) == pytest.approx(1, abs=2e-3)

    def test_a_saddle_has_two_branches(self) -> None:
        x = np.linspace(-1, 1, 20)
        for level in (-0.1, 0.1):
            curves = level_curves(x[:, None] * x, level)
            assert len(curves) == 2
            for curve in curves:
                u, v = (curve / 9.5 - 1).T
                assert u * v == pytest.approx(level, abs=0.01)

    def test_two_corners_of_one_cell_are_told_apart(self) -> None:
        assert len(level_curves(np.array([[1.0, 0.0], [0.0, 1.0]]), 0.4)) == 2


def first_hit(surface: Surface, point: np.ndarray) -> int:
    """Which side of the surface is met first by the line of sight that ends at a point of the frame, by trying.

    Returns 1 for the upper side, -1 for the under side, 0 for none. Nothing of the surface's own is used but its
    function, box and top.
    """
    space, f, half = surface.space, surface.f, np.abs(np.diag(surface._half))
    up = sight(space)
    origin = np.array([*PLANE.p2c(point), 0.0])
    # A point of the line: where it has the height 0, by solving the projection's two equations.
    base = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 0]], dtype=float)
    columns = space.at(base)[:, :2]
    matrix = np.column_stack([columns[0] - columns[2], columns[1] - columns[2]])
    origin[:2] = np.linalg.solve(matrix, point[:2] - columns[2])
    heights = np.linspace(surface.top, -0.6, 6000)
    line = origin + (heights / up[2])[:, None] * up
    inside = (np.abs(line[:, :2]) <= half).all(axis=1)
    gap = line[:, 2] - f(line[:, :2])
    crossing = np.flatnonzero((np.sign(gap[1:]) != np.sign(gap[:-1])) & inside[1:] & inside[:-1])
    return int(np.sign(gap[crossing[0]])) if len(crossing) else 0


def last_drawn(surface: Surface, point: np.ndarray) -> int:
    """Which side is drawn last at a point of the frame: by the winding of every face's path around it."""
    found = 0
    for faces, glass in surface._sheets:
        for side, paths in ((1, faces), (-1, [glass])):
            for path in paths:
                if len(path.points) and winding(path, point):
                    found = side
    return found


def winding(path: Any, point: np.ndarray) -> int:
    """How often closed paths go around a point: crossings of a ray to the right, upwards ones counted."""
    start, end = path.points[::4, :2] - point[:2], path.points[3::4, :2] - point[:2]
    rises = (start[:, 1] <= 0) & (end[:, 1] > 0)
    falls = (end[:, 1] <= 0) & (start[:, 1] > 0)
    left = start[:, 0] * end[:, 1] - start[:, 1] * end[:, 0]
    return int((rises & (left > 0)).sum() - (falls & (left < 0)).sum())


def check_sides(surface: Surface, allowed: int) -> None:
    """At random points of the frame the side that is drawn last is the one that is met first."""
    rng = np.random.default_rng(3)
    frame = surface.border.seen.points
    low, high = frame.min(axis=0), frame.max(axis=0)
    wrong, seen = 0, set()
    for point in rng.uniform(low, high, size=(80, 3)):
        wanted = first_hit(surface, point)
        seen.add(wanted)
        wrong += wanted != last_drawn(surface, point)
    assert 1 in seen, "the upper side was never met"
    assert wrong <= allowed, f"{wrong} of 80 points show the wrong side"


@pytest.mark.parametrize("name", SURFACES)
@pytest.mark.parametrize("view", VIEWS)
def test_the_side_that_is_nearest_is_drawn_last(name: str, view: tuple[float, float]) -> None:
    # Along outlines, faces are straight where the surface is not.
    check_sides(surface_of(name, view), allowed=2)


def test_faces_of_another_view_are_noticed() -> None:
    surface = surface_of("two valleys", VIEWS[1])
    surface.space.azimuth.set_value(2.2)  # and not looked at again
    with pytest.raises(AssertionError, match="wrong side"):
        check_sides(surface, allowed=2)


def test_sheets_drawn_in_the_wrong_order_are_noticed() -> None:
    surface = surface_of("two valleys", (0.4, 0.4))
    check_sides(surface, allowed=2)
    surface._sheets.submobjects = surface._sheets.submobjects[::-1]
    with pytest.raises(AssertionError, match="wrong side"):
        check_sides(surface, allowed=2)


def is_hidden(surface: Surface, point: np.ndarray) -> bool:
    """By many small steps along the line of sight, each with the surface's own function."""
    up = sight(surface.space)
    far = (surface.top - point[2]) / up[2]
    line = point + np.linspace(1e-4, 1, 8000)[:, None] * far * up
    inside = (np.abs(line[:, :2]) <= np.abs(np.diag(surface._half))).all(axis=1)
    gap = (line[:, 2] - surface.f(line[:, :2]))[inside]
    return bool(len(gap) and (gap > 0).any() and (gap < 0).any())


def check_hidden(curve: SpaceCurve, surface: Surface) -> None:
    """A curve's pieces are drawn as hidden where something stands before them."""
    wrong, hidden = 0, 0
    for points, kind in ((curve.seen.points, False), (curve.hidden.points, True)):
        middles = (points[::4] + points[3::4]) / 2
        place = (curve.places[:-1] + curve.places[1:]) / 2
        frame = surface.space.at(place)
        for middle in middles[::5]:
            nearest = place[np.nanargmin(np.hypot(*(frame - middle)[:, :2].T))]
            # The middle of a straight piece lies a little off the surface.
            truth = is_hidden(surface, np.array([*nearest[:2], surface.f(nearest[:2])]))
            hidden += truth
            wrong += truth != kind
    assert hidden > 3, "nothing was hidden"
    assert wrong <= 4, f"{wrong} pieces are drawn wrong"


@pytest.mark.parametrize("name", ["bowl", "trough", "two valleys", "hills"])
def test_lines_behind_the_surface_are_hidden(name: str) -> None:
    f, _, top = SURFACES[name]
    low = float(f(np.zeros(2)))
    surface = surface_of(name, (1.3, 0.3), levels=[low + 0.4 * (min(top, 0.9) - low)])
    check_hidden(surface.contours[0], surface)


def test_a_line_that_nothing_hides_is_noticed() -> None:
    surface = surface_of("bowl", (0.6, 0.45), levels=[0.4])
    naive = SpaceCurve(surface.space, surface.contours[0].places, STYLE.line)
    with pytest.raises(AssertionError, match="drawn wrong"):
        check_hidden(naive, surface)


def test_what_lies_below_the_bowl_is_hidden_by_it() -> None:
    surface = surface_of("bowl", (0.3, 0.6))
    below = np.array([[0.3, 1.6, -0.2], [0.3, -2.6, 0.0]])
    assert surface.hides(below).tolist() == [is_hidden(surface, p) for p in below] == [True, False]


class TestFromAbove:
    def check(self, surface: Surface, shift: float = 0.0) -> None:
        turn = np.linspace(0, 2 * np.pi, 7201)
        for curve, level in zip(surface.contours, surface.levels, strict=True):
            ellipse = np.sqrt(level) * np.column_stack(
                [np.cos(turn) / np.sqrt(0.8), np.sin(turn) / np.sqrt(0.3)]
            )
            wanted = PLANE.c2p(ellipse) + np.array([shift, 0, 0])
            drawn = np.vstack([curve.seen.points, curve.hidden.points])
            away = np.hypot(*(drawn[:, None] - wanted[None]).transpose(2, 0, 1)[:2]).min(axis=1)
            assert away.max() < 0.25 * PIXEL, f"{away.max() / PIXEL:.1f} pixels off"

    def test_contours_are_those_of_the_plane(self) -> None:
        surface = surface_of("bowl", (0.0, OVERHEAD), levels=[0.1, 0.5, 1.0])
        self.check(surface)
        with pytest.raises(AssertionError, match="pixels off"):
            self.check(surface, shift=PIXEL)

    def test_faces_are_gone_and_nothing_is_faint(self) -> None:
        surface = surface_of("bowl", (0.5, 0.5), levels=[0.5])
        assert sum(len(f.points) for f in surface._sheets.get_family()) > 0
        surface.space.elevation.set_value(OVERHEAD)
        surface.look()
        assert sum(len(f.points) for f in surface._sheets.get_family()) == 0
        assert surface.contours[0].hidden.get_stroke_opacity() == pytest.approx(1)


class TestCut:
    def test_its_curve_is_the_section(self) -> None:
        surface = surface_of("bowl", (0.5, 0.5))
        direction = ValueTracker(0.0)
        cut = Cut(surface, (0.2, -0.3), direction)
        for angle in (0.0, 1.0, 2.5):
            direction.set_value(angle)
            cut.look()
            along = np.array([np.cos(angle), np.sin(angle)])
            assert cut.places[:, :2] == pytest.approx(np.array([0.2, -0.3]) + cut.ways[:, None] * along)
            assert cut.places[:, 2] == pytest.approx(paraboloid(cut.places[:, :2]))
            assert cut.places[[0, -1], 2] == pytest.approx([1.0, 1.0])

    def test_it_ends_at_the_box_where_the_surface_does(self) -> None:
        ways, places = surface_of("trough", (0.5, 0.5)).section((0.0, 0.0), np.pi / 2)
        assert ways[[0, -1]] == pytest.approx([-1.5, 1.5])
        assert places[:, 2] == pytest.approx(0, abs=1e-12)


def test_it_becomes_another_graph_but_stays_convex() -> None:
    surface = surface_of("bowl", (0.5, 0.5), levels=[0.5])
    surface.become_graph(lambda p: (p**2).sum(axis=-1))
    assert np.hypot(*surface.contours[0].places[:, :2].T) == pytest.approx(np.sqrt(0.5), abs=1e-6)
    with pytest.raises(ValueError, match="convex"):
        surface.become_graph(valleys)


def test_dashes_of_a_closed_curve_have_no_seam() -> None:
    surface = surface_of("bowl", (0.0, OVERHEAD), levels=[0.5])
    curve = SpaceCurve(surface.space, surface.contours[0].places, STYLE.line, dash=True)
    drawn = curve.seen.points.reshape(-1, 4, 3)
    assert 0.4 < len(drawn) / (len(curve.places) - 1) < 0.65
