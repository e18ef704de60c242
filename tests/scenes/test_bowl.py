"""The bowl of any risk: from above its contours are those of the plane, and its rim is as high as was asked."""

from __future__ import annotations

import numpy as np
import pytest

from lecture.stage import LEFT_HALF
from lecture.stage.plane import Plane
from lecture.stage.space import OVERHEAD
from scenes.parts.bowl import Bowl, bowl_over
from scenes.parts.contours import contour_levels, risk_contours
from scenes.parts.eigen_picture import EXTENT, heart_plane, reach
from scenes.problem import Problem
from tests.scenes.styles import DARK
from tests.scenes.unlike_problems import UNLIKE
from wdmath import QuadraticRisk

PIXEL = 8 / 720
HEIGHT = 2.0


def bowl_of(problem: Problem, elevation: float) -> tuple[Plane, Bowl, np.ndarray, float]:
    plane, extent = heart_plane(problem, LEFT_HALF, DARK), EXTENT * reach(problem)
    levels = contour_levels(problem.risk, extent)
    _, bowl = bowl_over(
        plane,
        problem.risk,
        DARK,
        levels=levels,
        height=HEIGHT,
        azimuth=0.6 if elevation < OVERHEAD else 0.0,
        elevation=elevation,
        reach=extent,
    )
    return plane, bowl, levels, extent


def sampled(points: np.ndarray) -> np.ndarray:
    """Straight pieces, shape (n, 2, 2), along a curve in Bézier points."""
    t = np.linspace(0, 1, 21)[:, None]
    weights = np.hstack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3])
    along = weights @ points.reshape(-1, 4, 3)[..., :2]
    return np.stack([along[:, :-1], along[:, 1:]], axis=2).reshape(-1, 2, 2)


def farthest(one: np.ndarray, other: np.ndarray) -> float:
    """The largest distance from points of a curve to another, in Bézier points."""
    start, end = sampled(other).transpose(1, 0, 2)
    way, offset = end - start, one[:, None, :2] - start
    share = np.clip((offset * way).sum(axis=2) / np.maximum((way**2).sum(axis=1), 1e-300), 0, 1)
    return float(np.hypot(*(offset - share[..., None] * way).transpose(2, 0, 1)).min(axis=1).max())


@pytest.mark.parametrize("name", UNLIKE)
def test_from_above_its_contours_are_those_of_the_plane(name: str) -> None:
    problem = UNLIKE[name]
    plane, bowl, levels, extent = bowl_of(problem, OVERHEAD)
    wanted = risk_contours(plane, problem.risk, levels, DARK.line, reach=extent)
    for curve, contour in zip(bowl.contours, wanted, strict=True):
        drawn = np.vstack([curve.seen.points, curve.hidden.points])
        assert farthest(drawn, contour.points) < 0.3 * PIXEL
        assert farthest(contour.points[::4], drawn) < 0.3 * PIXEL
        with pytest.raises(AssertionError):
            assert farthest(drawn + PIXEL * np.array([1, 1, 0]), contour.points) < 0.3 * PIXEL


@pytest.mark.parametrize("name", UNLIKE)
def test_it_stands_in_the_frame_as_high_as_asked(name: str) -> None:
    _, bowl, levels, _ = bowl_of(UNLIKE[name], 0.5)
    assert bowl.is_convex
    heights = bowl.border.places[:, 2]
    assert np.nanmax(heights) == pytest.approx(levels[-1], rel=1e-6)
    frame = bowl.get_all_points()
    assert np.isfinite(frame).all()
    low = bowl.on(UNLIKE[name].risk.minimizer)[1]
    assert HEIGHT * np.cos(0.5) * 0.99 < frame[:, 1].max() - low < 6


def test_a_trough_without_an_end_is_refused() -> None:
    plane = heart_plane(UNLIKE["singular"], LEFT_HALF, DARK)
    with pytest.raises(ValueError, match="reach"):
        bowl_over(plane, QuadraticRisk([[1.0, 0.0], [0.0, 0.0]], [0.0, 0.0]), DARK, levels=[1.0], height=1.0)
