"""Chapter 3: the algebra's referent, tangency, balance and close-ups are what independent algebra says they are."""

from __future__ import annotations

from functools import cache
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from manim import Scene, ValueTracker, tempconfig

from lecture.stage import LEFT_HALF, SAFE, STAGE, Region
from lecture.stage.derivation import Birth, Derivation
from lecture.stage.trace import Trace, segments
from scenes import LECTURE
from scenes.parts.eigen_picture import heart_plane
from scenes.parts.penalty_scale import PenaltyScale, PenaltyTracker, decimals_for
from scenes.parts.touching import TouchingPair, dashed_circle
from scenes.problem import Problem
from scenes.the_textbook_figure import HESSIAN, LAM, MINIMIZER, TURN
from scenes.where_forces_balance import Circle
from tests.scenes.scratch import MEDIA
from tests.scenes.styles import DARK
from wdmath import QuadraticRisk

QUIET = {
    "format": "none",
    "verbosity": "ERROR",
    "progress_bar": "none",
    "disable_caching": True,
    "pixel_height": 36,
    "pixel_width": 64,
    "frame_rate": 10,
    "media_dir": MEDIA,
}


def problem(
    eigenvalues: tuple[float, float], degrees: float, minimizer: tuple[float, float], lam: float
) -> Problem:
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    Q = np.array([[cos, -sin], [sin, cos]])
    hessian = Q @ np.diag(eigenvalues) @ Q.T
    risk = QuadraticRisk((hessian + hessian.T) / 2, minimizer)
    return Problem("test", risk, lam, lam, (lam, 2 * lam), 0.5 / max(eigenvalues[0], 1e-9), 20)


PROBLEMS = {
    "i2ml": Problem.i2ml(),
    "second quadrant": problem((8, 2), -30, (-1.5, 2), 3),
    "third quadrant": problem((4, 0.2), 60, (-2, -1), 0.5),
    "fourth quadrant": problem((9, 3), 100, (1, -2), 4),
    "on an axis": problem((3, 1), 30, (0, -2), 2),
    "on an eigenvector": problem((6, 1), 90, (-2, 0), 1),
    "tiny": problem((5e-3, 1e-3), 40, (1e-3, 2e-3), 1e-3),
    "large": problem((5e3, 1e3), -50, (-800, 300), 2e3),
    "round": problem((2, 2), 0, (1, 2), 2),
    "condition 1e4": problem((1e4, 1), 35, (1, 1.5), 50),
    "singular": problem((3, 0), 25, (1, 2), 1),
    "no penalty": problem((5, 1), 20, (2, 1), 0),
    "huge penalty": problem((5, 1), 20, (2, -1), 5e3),
    "zero minimizer": problem((5, 1), 20, (0, 0), 1),
    "flat everywhere": problem((0, 0), 0, (1, 1), 1),
}
STAGE_LEFT = Region(LEFT_HALF.left, LEFT_HALF.right, SAFE.bottom, STAGE.top)
UNLIKE = ["i2ml", "third quadrant", "tiny", "condition 1e4"]


def ridge(given: Problem, lam: float) -> np.ndarray:
    """By solving the normal equations; never through wdmath."""
    hessian = np.array(given.risk.hessian)
    return np.linalg.solve(hessian + lam * np.eye(2), hessian @ given.risk.minimizer)


def played(name: str, given: Problem, until: str | None = None) -> Any:
    """A scene after its steps, or after the step `until`."""
    cls = LECTURE.load_scene(name)

    class Enough(Exception):
        pass

    class Stopped(cls):  # type: ignore[misc, valid-type]
        def play_step(self, step: Any) -> None:
            super().play_step(step)
            if step.name == until:
                raise Enough

    with tempconfig(QUIET):
        scene = Stopped(LECTURE.settings(given), skip_animations=True, holds=False)
        try:
            scene.render()
        except Enough:
            return scene
    assert until is None, f"{name} has no step {until}"
    return scene


def vector(arrow: Any) -> np.ndarray:
    return (arrow.end_point - arrow.shaft.get_start())[:2]


def distance_to_curve(point: np.ndarray, curve: np.ndarray) -> float:
    """From a point to the nearest straight piece of a polyline in Bézier points."""
    start, end = curve[::4, :2], curve[3::4, :2]
    way, offset = end - start, point[:2] - start
    share = np.clip((way * offset).sum(axis=1) / (way * way).sum(axis=1), 0, 1)
    return float(np.hypot(*(offset - share[:, None] * way).T).min())


def check_touch(plane: Any, pair: TouchingPair, theta: np.ndarray) -> None:
    """The circle meets the ellipse at theta, and nowhere does the ellipse enter it."""
    point = plane.c2p(theta)
    radius = np.hypot(*(point - plane.origin)[:2])
    assert pair.point.get_center() == pytest.approx(point, abs=1e-9)
    assert np.hypot(*(pair.circle.points[::4] - plane.origin)[:, :2].T) == pytest.approx(radius, abs=1e-9)
    assert np.hypot(*(pair.ellipse.points - plane.origin)[:, :2].T).min() >= radius - 2e-3
    assert distance_to_curve(point, pair.ellipse.points) < 0.005


@cache
def pair_of(name: str) -> tuple[Any, TouchingPair]:
    given = PROBLEMS[name]
    plane = heart_plane(given, LEFT_HALF, DARK)
    return plane, TouchingPair(plane, given, DARK, given.lam)


class TestTouchingPair:
    @pytest.mark.parametrize("name", UNLIKE)
    @pytest.mark.parametrize("share", [0.2, 1.0, 3.0])
    def test_ellipse_and_circle_touch_at_the_ridge_minimizer(self, name: str, share: float) -> None:
        given = PROBLEMS[name]
        plane, pair = pair_of(name)
        lam = share * float(given.risk.eigenvalues.mean())
        pair.set_lam(lam)
        check_touch(plane, pair, ridge(given, lam))

    def test_a_circle_a_little_too_large_is_noticed(self) -> None:
        given = PROBLEMS["i2ml"]
        plane, pair = pair_of("i2ml")
        pair.set_lam(given.lam)
        pair.set_radius(1.02 * float(np.hypot(*ridge(given, given.lam))), 0.0)
        with pytest.raises(AssertionError):
            check_touch(plane, pair, ridge(given, given.lam))

    @pytest.mark.parametrize("name", UNLIKE)
    def test_pulls_are_equal_and_opposite_along_the_radius(self, name: str) -> None:
        given = PROBLEMS[name]
        _, pair = pair_of(name)
        lam = 0.7 * float(given.risk.eigenvalues[0])
        pair.set_lam(lam)
        theta = ridge(given, lam)
        up, down = vector(pair.risk_pull), vector(pair.penalty_pull)
        assert up == pytest.approx(-down, abs=1e-6)
        scale = pair.pull_scale
        assert up == pytest.approx(
            scale * np.array(given.risk.hessian) @ (given.risk.minimizer - theta), abs=1e-6
        )
        assert down == pytest.approx(-scale * lam * theta, abs=1e-6)

    @pytest.mark.parametrize("name", UNLIKE)
    def test_pulls_grow_with_lambda_in_one_scale(self, name: str) -> None:
        given = PROBLEMS[name]
        _, pair = pair_of(name)
        lams = float(given.risk.eigenvalues[0]) * np.array([0.01, 0.1, 1.0, 10.0, 1e3])
        pulls = [lam * np.hypot(*ridge(given, lam)) for lam in lams]
        drawn = [np.hypot(*vector(pair.set_lam(lam).penalty_pull)) for lam in lams]
        ratios = np.array(drawn) / np.array(pulls)
        assert np.ptp(ratios) < 1e-6 * ratios.max()
        assert (np.diff(drawn) > 0).all()
        # A scale that follows lambda, as the film once had, makes them shrink while the pulls grow.
        assert np.ptp(ratios / (given.risk.eigenvalues[0] + lams)) > 0.5 * max(
            ratios / given.risk.eigenvalues[0]
        )

    @pytest.mark.parametrize("name", PROBLEMS)
    def test_nothing_leaves_the_picture(self, name: str) -> None:
        given = PROBLEMS[name]
        _, pair = pair_of(name)
        for factor in (0.0, 1e-3, 0.1, 1.0, 10.0, 1e3):
            pair.set_lam(factor * float(given.risk.eigenvalues[0]))
            ends = np.array([pair.risk_pull.end_point, pair.penalty_pull.end_point])
            assert STAGE_LEFT.grown(0.05).contains(ends).all()
            assert np.isfinite(pair.get_all_points()).all()


class TestTheWalkAlongTheCircle:
    @pytest.mark.parametrize("name", UNLIKE)
    def test_it_ends_where_the_risk_is_least_on_the_circle(self, name: str) -> None:
        given = PROBLEMS[name]
        circle = Circle(given, heart_plane(given, LEFT_HALF, DARK), given.lam)
        turn = np.linspace(0, 2 * np.pi, 7201)
        points = circle.radius * np.column_stack([np.cos(turn), np.sin(turn)]) - given.risk.minimizer
        least = turn[np.argmin(np.einsum("ni,ij,nj->n", points, np.array(given.risk.hessian), points))]
        assert np.cos(least - circle.end) == pytest.approx(1, abs=1e-6)
        gains = [circle.gain(a) for a in np.linspace(circle.start, circle.end, 60)]
        assert (np.diff(gains) < 0).all(), "every step of the walk is downhill"
        gains = [
            circle.gain(a)
            for a in np.linspace(circle.start, circle.end + 0.3 * (circle.end - circle.start), 60)
        ]
        assert not (np.diff(gains) < 0).all(), "and none beyond"

    @pytest.mark.parametrize("name", UNLIKE)
    def test_nothing_is_left_along_it_at_its_end(self, name: str) -> None:
        given = PROBLEMS[name]
        circle = Circle(given, heart_plane(given, LEFT_HALF, DARK), given.lam)
        for angle in (circle.start, circle.end):
            along, across = circle.split(angle)
            pull = np.array(given.risk.hessian) @ (given.risk.minimizer - circle.at(angle))
            assert along + across == pytest.approx(pull, rel=1e-9)
            assert abs(along @ circle.at(angle)) < 1e-9 * np.hypot(*pull) * circle.radius
        assert np.hypot(*along) < 1e-9 * np.hypot(*across)
        # The stretch of the point that balances it is lambda.
        assert across == pytest.approx(given.lam * circle.at(circle.end), rel=1e-9)


class TestTheTextbookFigure:
    def test_one_direction_is_gone_and_the_other_kept(self) -> None:
        scene = played(
            "TheTextbookFigure", PROBLEMS["singular"], "keep_the_second_weight"
        )  # whatever the problem
        hessian, minimizer = np.array(HESSIAN), np.array(MINIMIZER)
        theta = np.linalg.solve(hessian + LAM * np.eye(2), hessian @ minimizer)
        first, second = theta / minimizer
        assert first < 0.1 < 0.9 < second
        assert scene.plane.p2c(scene.pair.point.get_center()) == pytest.approx(theta, rel=1e-6)
        ends = [scene.plane.p2c(bar.get_end()) for bar in scene.bars]
        assert ends[1] == pytest.approx([theta[0], 0], abs=1e-6)
        assert ends[3] == pytest.approx([0, theta[1]], abs=1e-6)
        assert ends[0] == pytest.approx([minimizer[0], 0], abs=1e-6) != pytest.approx(ends[1], abs=0.1)
        assert vector(scene.pair.risk_pull) == pytest.approx(-vector(scene.pair.penalty_pull), abs=1e-6)

    def test_the_turned_figure_is_that_of_a_turned_hessian(self) -> None:
        scene = played("TheTextbookFigure", PROBLEMS["i2ml"])
        cos, sin = np.cos(TURN), np.sin(TURN)
        Q = np.array([[cos, -sin], [sin, cos]])
        hessian, minimizer = Q @ np.array(HESSIAN) @ Q.T, Q @ np.array(MINIMIZER)
        theta = np.linalg.solve(hessian + LAM * np.eye(2), hessian @ minimizer)
        assert scene.plane.p2c(scene.min_dot.get_center()) == pytest.approx(minimizer, rel=1e-6)
        assert scene.plane.p2c(scene.pair.point.get_center()) == pytest.approx(theta, rel=1e-6)
        offsets = scene.plane.p2c(scene.contours[0].points[::4]) - minimizer
        levels = np.einsum("ni,ij,nj->n", offsets, hessian, offsets)
        assert np.ptp(levels) < 0.02 * levels.max()
        unturned = np.einsum("ni,ij,nj->n", offsets, np.array(HESSIAN), offsets)
        assert np.ptp(unturned) > 0.5 * unturned.max()


def test_dashes_lie_on_the_circle_and_inside_the_region() -> None:
    region = Region(-1, 3, -2, 2)
    points = dashed_circle(np.zeros(3), 1.7, 0.4, region)
    assert np.hypot(*points[:, :2].T).max() < 1.7 * (1 + 1e-3)
    assert np.hypot(*points[::4, :2].T) == pytest.approx(1.7, abs=1e-12)
    assert region.contains(points).all()


def test_dashes_stay_at_the_start_while_the_circle_shrinks() -> None:
    everywhere = Region(-9, 9, -9, 9)
    first = [dashed_circle(np.zeros(3), radius, 0.4, everywhere)[:4] for radius in (2.0, 1.9)]
    angles = [np.arctan2(p[[0, 3], 1], p[[0, 3], 0]).mean() for p in first]
    assert angles == pytest.approx([0.4, 0.4])


class TestPenaltyScale:
    @hypothesis.given(
        st.floats(1e-6, 1e6),
        st.floats(1, 1e4),
        st.lists(st.floats(1e-3, 1e3), min_size=2, max_size=2, unique=True),
    )
    @hypothesis.settings(max_examples=60, deadline=None)
    def test_rises_and_has_an_inverse(self, size: float, condition: float, pair: list[float]) -> None:
        scale = PenaltyScale([size, size / condition])
        low, high = sorted(size * p for p in pair)
        assert scale.position(low) <= scale.position(high)
        assert scale.lam(scale.position(low)) == pytest.approx(low, rel=1e-6)

    @pytest.mark.parametrize("condition", [1.5, 7.1, 1e4])
    def test_eigenvalues_lie_apart_and_off_the_ends(self, condition: float) -> None:
        scale = PenaltyScale([condition, 1.0])
        steep, flat = scale.position(condition), scale.position(1.0)
        assert flat == pytest.approx(1 - steep)
        assert 0.15 < flat < 0.5 < steep < 0.85

    def test_tracker_moves_evenly_on_the_scale(self) -> None:
        tracker = PenaltyTracker(PenaltyScale([9.0, 1.0]), 9.0)
        assert tracker.position == pytest.approx(0.75)
        assert tracker.set_value(1.0).get_value() == pytest.approx(1.0)
        assert tracker.position == pytest.approx(0.25)

    def test_decimals_keep_three_digits(self) -> None:
        assert f"{0.0123456:.{decimals_for(0.0123456)}f}" == "0.0123"


class TestTrace:
    def test_half_of_it_is_half_of_the_points(self) -> None:
        points = np.column_stack([np.linspace(0, 1, 11), np.zeros(11), np.zeros(11)])
        trace = Trace(points, "#FFFFFF").show(0.5)
        assert trace.points[-1] == pytest.approx([0.5, 0, 0])
        assert Trace(points, "#FFFFFF").show(1.0).points[-1] == pytest.approx([1, 0, 0])

    def test_about_half_of_a_dashed_curve_is_drawn(self) -> None:
        points = np.column_stack([np.linspace(0, 9, 2000), np.zeros(2000), np.zeros(2000)])
        _, drawn = segments(points, dash=True, anchor=1000)
        assert 0.5 < drawn.mean() < 0.6
        assert drawn[1000]


class TestDerivation:
    def test_equals_signs_stand_below_one_another(self) -> None:
        with tempconfig(QUIET):
            lines = Derivation(["a {{ = : eq }} b", "a + c {{ = : eq }} b^2"], DARK, x=1.5, top=2).lines
        centers = [line.select("eq").get_center() for line in lines]
        assert centers[0] == pytest.approx([1.5, 2.0, 0])
        assert centers[1] == pytest.approx([1.5, 1.1, 0])

    def test_a_born_line_is_all_that_is_added(self) -> None:
        with tempconfig(QUIET):
            scene = Scene(skip_animations=True)
            before, after = Derivation(
                ["{{ a : left }} {{ = : eq }} b", "{{ a + a : left }} {{ = : eq }} 2 b"],
                DARK,
                x=0,
                top=1,
            ).lines
            scene.add(before)
            scene.play(Birth(after, {"left": before.select("left"), "eq": before.select("eq")}))
        assert scene.mobjects == [before, after]
        assert min(glyph.get_fill_opacity() for glyph in after) == 1


@pytest.mark.parametrize("name", UNLIKE)
def test_the_point_slides_to_where_the_pulls_cancel(name: str) -> None:
    given = PROBLEMS[name]
    scene = played("RidgeMinimizerFormula", given, "let_the_point_slide")
    assert scene.point.get_center() == pytest.approx(scene.plane.c2p(ridge(given, given.lam)), abs=1e-6)
    risk, penalty = map(vector, scene.pulls)
    assert risk == pytest.approx(-penalty, abs=1e-3)
    assert np.hypot(*risk) > 0.2


def check_map(scene: Any, given: Problem, lam: float) -> None:
    """Every point of the ring, the grid and the ends of all paths are where the matrix takes them."""
    hessian = np.array(given.risk.hessian)
    matrix = np.linalg.solve(hessian + lam * np.eye(2), hessian)
    wanted = scene.wide.c2p(scene.ring @ matrix.T)
    unit = scene.wide.unit * np.hypot(*scene.ring[0])
    assert scene.dots.centers == pytest.approx(wanted, abs=1e-6 * unit)
    ends = scene.wide.p2c(scene.grid.points[[0, 3]]) @ np.linalg.inv(matrix).T
    assert np.hypot(*ends.T) == pytest.approx(np.hypot(*scene.ring[0]), rel=1e-6)
    assert scene.wide.p2c(scene.hull.points[::4]) == pytest.approx(
        np.hypot(*scene.ring[0]) * circle(len(scene.hull.points) // 4) @ matrix.T, abs=1e-6 * unit
    )
    for path, end in zip(scene.paths, wanted, strict=True):
        assert distance_to_curve(end, path.points) < 0.01


def circle(count: int) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, count + 1)[:-1]
    return np.column_stack([np.cos(turn), np.sin(turn)])


@pytest.mark.parametrize("name", [*UNLIKE, "round"])
def test_the_map_takes_every_possible_minimizer_where_it_belongs(name: str) -> None:
    given = PROBLEMS[name]
    scene = played("RidgeMinimizerFormula", given, "find_two_directions")
    check_map(scene, given, given.lam)
    with pytest.raises(AssertionError):
        check_map(scene, given, 1.02 * given.lam)
    for k, line in enumerate(scene.directions):
        along = (line.get_end() - line.get_start())[:2]
        moved = given.risk.hessian @ along
        assert moved == pytest.approx(given.risk.eigenvalues[k] * along, abs=1e-6 * given.risk.eigenvalues[0])


class TestOneStage:
    """The two planes show the same at every penalty strength, as the normal equations have it."""

    def check_stage(self, scene: Any, given: Problem, lam: float) -> None:
        hessian, theta = np.array(given.risk.hessian), given.risk.minimizer
        _values, vectors = np.linalg.eigh(hessian)
        here = np.linalg.solve(hessian + lam * np.eye(2), hessian @ theta)
        size = np.hypot(*theta)
        left, right = scene.stage.left, scene.stage.right
        assert left.unit == pytest.approx(right.unit)
        assert left.p2c(scene.big.arrow.end_point) == pytest.approx(here, abs=1e-6 * size)
        # Up to the signs of eigenvectors.
        coordinates = np.abs(vectors.T @ here)[::-1]
        assert np.abs(right.p2c(scene.small.arrow.end_point)) == pytest.approx(coordinates, abs=1e-6 * size)
        for shrinking, plane in ((scene.big, left), (scene.small, right)):
            lengths = [bar.get_length() / plane.unit for bar in shrinking.bars]
            assert lengths == pytest.approx(coordinates, abs=1e-6 * size)

    @pytest.mark.parametrize("name", [*UNLIKE, "singular", "fourth quadrant"])
    def test_both_planes_follow_the_dial(self, name: str) -> None:
        given = PROBLEMS[name]
        steep = float(np.linalg.eigvalsh(given.risk.hessian)[-1])
        self.check_stage(played("RescaleThenRotateBack", given, "stop_at_the_eigenvalues"), given, steep)
        ended = played("RescaleThenRotateBack", given, "rotate_back")
        self.check_stage(ended, given, given.lam)
        with pytest.raises(AssertionError):
            self.check_stage(ended, given, 1.05 * given.lam)

    def test_a_half_is_marked_half_way(self) -> None:
        scene = played("RescaleThenRotateBack", PROBLEMS["i2ml"], "stop_at_the_eigenvalues")
        for mark, bar in zip(scene.halves, scene.small.pale, strict=True):
            assert mark.get_center() == pytest.approx((bar.get_start() + bar.get_end()) / 2, abs=1e-6)
        # At the steep eigenvalue the steep bar ends there.
        assert scene.small.bars[0].get_end() == pytest.approx(scene.halves[0].get_center(), abs=1e-6)

    @pytest.mark.parametrize("name", ["i2ml", "singular", "on an eigenvector"])
    def test_without_a_penalty_the_arrow_lands_on_the_shortest_minimizer(self, name: str) -> None:
        given = PROBLEMS[name]
        scene = played("NothingHappensWithoutPenalty", given)
        hessian = np.array(given.risk.hessian)
        wanted = np.linalg.lstsq(hessian, hessian @ given.risk.minimizer, rcond=1e-10)[0]
        assert scene.stage.left.p2c(scene.big.arrow.end_point) == pytest.approx(wanted, abs=1e-6)

    def test_scenes_meet_in_one_picture(self) -> None:
        """Where one scene ends the next begins: planes, arrows and labels do not move at a cut."""
        given = PROBLEMS["i2ml"]
        ends = [
            played(name, given)
            for name in (
                "EigenvectorsUntangleTheFormula",
                "RotateIntoEigenbasis",
                "NothingHappensWithoutPenalty",
            )
        ]
        begins = [
            played(name, given, first)
            for name, first in (
                ("RotateIntoEigenbasis", "meet_the_minimizer"),
                ("NothingHappensWithoutPenalty", "set_penalty_to_zero"),
                ("RescaleThenRotateBack", "turn_the_dial"),
            )
        ]
        first = ends[0]
        for scene in (*ends[1:], *begins):
            stage = scene.stage
            assert first.plane.origin == pytest.approx(stage.left.origin)
            assert first.plane.unit == pytest.approx(stage.left.unit)
            assert first.q_names[0].get_center() == pytest.approx(stage.q_names[0].get_center())
        for end, begin in zip(ends[1:], begins[1:], strict=True):
            assert end.stage.turned_name.get_center() == pytest.approx(begin.stage.turned_name.get_center())
        assert ends[2].stage.limit_name.get_center() == pytest.approx(begins[2].stage.limit_name.get_center())


class TestBeads:
    def check_beads(self, scene: Any, lam: float) -> None:
        """Every bead is at its eigenvalue and as high as its factor; hollow where that is below one half."""
        sigma, box = scene.beads, scene.chart.box
        kept = sigma / (sigma + lam)
        across = (np.log(sigma) - np.log(scene.low)) / np.log(scene.high / scene.low)
        wanted = np.column_stack([box.left + across * box.width, box.bottom + kept / 1.08 * box.height])
        for beads, which in ((scene.above, kept >= 0.5), (scene.under, kept < 0.5)):
            assert beads.centers[:, :2] == pytest.approx(wanted[which], abs=1e-6)
        edge = box.left + np.log(lam / scene.low) / np.log(scene.high / scene.low) * box.width
        assert scene.tide.get_right()[0] == pytest.approx(edge, abs=1e-6)

    def test_beads_ride_on_the_curve_and_the_count_is_their_sum(self) -> None:
        scene = played("ShrinkageFactors", PROBLEMS["i2ml"])
        lam = float(np.sqrt(scene.beads[0] * scene.beads[-1]))
        self.check_beads(scene, lam)
        with pytest.raises(AssertionError):
            self.check_beads(scene, 1.1 * lam)
        assert len(scene.beads) == 20
        assert scene.count[1].value == pytest.approx((scene.beads / (scene.beads + lam)).sum())
        assert scene.stack.width / scene.frame.width == pytest.approx(0.5, abs=0.01)

    def test_the_tide_starts_with_all_and_ends_with_hardly_any(self) -> None:
        for step, low, high in (("count_degrees_of_freedom", 19.5, 20), ("let_the_tide_rise", 0, 2.5)):
            scene = played("ShrinkageFactors", PROBLEMS["i2ml"], step)
            assert low <= scene.count[1].value <= high
            assert not len((scene.under if step.startswith("count") else scene.above).centers)


def test_turning_there_and_back_leaves_the_picture_where_it_was() -> None:
    given = PROBLEMS["i2ml"]
    scene = played("EigenvectorsUntangleTheFormula", given, "cancel_in_the_middle")
    assert scene.plane.p2c(scene.picture.arrow.end_point) == pytest.approx(given.risk.minimizer, rel=1e-6)


def test_the_sweep_pauses_where_a_component_is_exactly_halved() -> None:
    given = PROBLEMS["i2ml"]
    _, vectors = np.linalg.eigh(given.risk.hessian)
    for step, k in (("start_without_penalty", 0), ("pass_the_steep_eigenvalue", 1)):
        scene = played("WhereForcesBalance", given, step)
        point = scene.plane.p2c(scene.pair.point.get_center())
        assert vectors[:, k] @ point == pytest.approx(vectors[:, k] @ given.risk.minimizer / 2, rel=1e-6)


def test_steps_up_the_bowl_are_equally_long_and_cost_in_proportion() -> None:
    given = PROBLEMS["i2ml"]
    scene = played("FlatDirectionsYield", given, "step_along_the_steep_direction")
    values, vectors = np.linalg.eigh(given.risk.hessian)
    low, high = (bar.height for bar in scene.bars)
    assert high / low == pytest.approx(values[1] / values[0], rel=1e-6) != pytest.approx(1, abs=0.5)
    space = scene.space
    ends = []
    for k, arrow in enumerate(m for m in scene.close_ups if hasattr(m, "end_point")):
        tips = [space.at([*(side * scene.length * vectors[:, k]), 0.0]) for side in (1, -1)]
        assert min(np.hypot(*(arrow.end_point - tip)[:2]) for tip in tips) < 1e-6
        ends.append(scene.length * vectors[:, k])
    # The surface rises by what the step costs.
    for end, value in zip(ends, values, strict=True):
        height = scene.bowl.lifted(end[None])[0, 2]
        assert height == pytest.approx(value * scene.length**2 / 2, rel=1e-3)
    crossed = [int(sum(scene.levels <= value * scene.length**2 / 2 * (1 + 1e-9))) for value in values]
    assert crossed == [int(8 * values[0] / values[1]), 8]


def test_the_weight_rolls_to_the_lowest_point_of_the_sum() -> None:
    given = PROBLEMS["i2ml"]
    scene = played("FlatDirectionsYield", given)
    _, vectors = np.linalg.eigh(given.risk.hessian)
    wanted = np.abs(vectors.T @ ridge(given, given.lam))[::-1]
    lengths = [bar.get_length() / scene.plane.unit for bar in scene.picture.bars]
    assert lengths == pytest.approx(wanted, rel=1e-6)


@pytest.fixture(scope="module")
def scene() -> Any:
    return played("QuadraticApproximation", PROBLEMS["i2ml"], "hug_the_bowl")


class TestQuadraticApproximation:
    def loss(self, scene: Any, theta: np.ndarray) -> np.ndarray:
        X, labels = scene.data
        margins = (2 * labels - 1) * (theta @ X.T)
        return np.log1p(np.exp(-margins)).mean(axis=-1)

    def check_contours(self, scene: Any, share: float = 1.0) -> None:
        """The rings of the bowl, their places stretched by a share, lie where the loss is as high as they are."""
        low = self.loss(scene, scene.model.minimizer)
        height = self.loss(scene, np.zeros(2)) - low
        for k, contour in enumerate(scene.bowl.contours, start=1):
            places = contour.places[np.isfinite(contour.places).all(axis=1)]
            theta = scene.model.minimizer + share * places[:, :2] / scene.plane.unit
            assert len(places) > 30
            assert self.loss(scene, theta) == pytest.approx(low + height * (k / 4) ** 2, rel=2e-3)

    def test_contours_are_where_the_risk_is_equal(self, scene: Any) -> None:
        self.check_contours(scene)

    def test_contours_two_percent_too_wide_are_noticed(self, scene: Any) -> None:
        with pytest.raises(AssertionError):
            self.check_contours(scene, 1.02)

    def test_the_chart_shows_the_cut(self, scene: Any) -> None:
        """Each point of both curves is as high as loss or parabola on the line through zero."""
        theta, unit = scene.model.minimizer, scene.plane.unit
        along = theta / np.hypot(*theta)
        low = self.loss(scene, theta)
        height = self.loss(scene, np.zeros(2)) - low
        box, low_way, high_way = scene.chart.box, 1.45 * scene.zero_way, -2.6 * scene.zero_way
        for curve, value in (
            (scene.section, lambda way: self.loss(scene, theta + way[:, None] / unit * along) - low),
            (scene.parabola, lambda way: (way / unit) ** 2 / 2 * (along @ scene.model.hessian @ along)),
        ):
            points = curve.points[::4]
            way = low_way + (points[:, 0] - box.left) / box.width * (high_way - low_way)
            shown = -0.1 + (points[:, 1] - box.bottom) / box.height * 1.12
            assert len(points) > 50
            assert shown == pytest.approx(value(way) / height, abs=5e-3)
            with pytest.raises(AssertionError):
                assert shown + 0.02 == pytest.approx(value(way) / height, abs=5e-3)

    def test_parabolas_of_both_eigenvectors_stay(self) -> None:
        before = played("QuadraticApproximation", PROBLEMS["i2ml"], "turn_the_plane")
        flat, steep = (before.extremes[k] for k in (2, 6))
        assert flat.width > 1.5 * steep.width

    @pytest.mark.parametrize("name", ["i2ml", "second quadrant", "condition 1e4", "singular", "round"])
    def test_the_second_bowl_becomes_the_picture_of_the_scenes_to_come(self, name: str) -> None:
        """The surface is the given risk; from above its rings are the contours that are put in their place."""
        given = PROBLEMS[name]
        ended = played("QuadraticApproximation", given)
        half = np.array([[0.3, 0.1], [-0.2, 0.4]])
        height = np.einsum("ij,jk,ik->i", half, given.risk.hessian, half) / 2
        shown = ended.bowl.f(half * ended.heart.unit)
        assert shown / shown[0] == pytest.approx(height / height[0], rel=1e-9)
        for ring, contour in zip(ended.bowl.contours, ended.picture.contours, strict=True):
            drawn = np.vstack([ring.seen.points, ring.hidden.points])
            assert max(distance_to_curve(p, contour.points) for p in drawn[::40]) < 0.03

    def test_the_model_has_the_slope_and_curvature_of_the_risk(self, scene: Any) -> None:
        at, h = scene.model.minimizer, 1e-3
        for angle in np.linspace(0, np.pi, 5):
            u = np.array([np.cos(angle), np.sin(angle)])
            ahead, here, behind = (float(self.loss(scene, at + s * h * u)) for s in (1, 0, -1))
            assert (ahead - behind) / (2 * h) == pytest.approx(0, abs=1e-7)
            assert (ahead - 2 * here + behind) / h**2 == pytest.approx(u @ scene.model.hessian @ u, rel=1e-4)

    def test_rings_of_model_and_risk_part_far_from_the_minimizer_only(self, scene: Any) -> None:
        def gap(k: int) -> float:
            one, other = (m.contours[k].places[:, :2] for m in (scene.bowl, scene.hull))
            one, other = (places[np.isfinite(places).all(axis=1)] for places in (one, other))
            return float(np.hypot(*(one[:, None] - other[None]).transpose(2, 0, 1)).min(axis=1).max())

        assert gap(0) < 0.25
        assert gap(3) > 1.0


SCENES = [
    "RidgeMinimizerFormula",
    "EigenvectorsUntangleTheFormula",
    "NothingHappensWithoutPenalty",
    "RescaleThenRotateBack",
    "WhereForcesBalance",
    "FlatDirectionsYield",
]


@pytest.mark.long
@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_plays_for_any_problem_and_stays_in_the_frame(scene: str, name: str) -> None:
    ended = played(scene, PROBLEMS[name])
    for mobject in ended.mobjects:
        points = mobject.get_all_points()
        if len(points) and mobject is not ended.camera.frame and not isinstance(mobject, ValueTracker):
            assert np.abs(points[:, 0]).max() < 7.11
            assert np.abs(points[:, 1]).max() < 4.0
