"""Chapter 2, 'Decay in disguise': what is drawn and shown against plain loops over the data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from manim import MathTypst, VMobject

from scenes import LECTURE
from scenes.decay_in_minibatches import rows_behind
from scenes.problem import Problem
from scenes.pull_depends_only_on_lambda import wild_step
from tests.scenes.curtain import close, number, numbers_at, played
from wdmath import QuadraticRisk

SCENES = ("L2IsWeightDecay", "PulledBackEveryStep", "PullDependsOnlyOnLambda", "DecayInMinibatches")
I2ML = Problem.i2ml()
X, Y = I2ML.X, I2ML.y
ALPHA = 0.005


def slope(theta: np.ndarray) -> np.ndarray:
    """The gradient of the sum of squared errors, from the data."""
    return 2 * X.T @ (X @ theta - Y)


def descent(lam: float, steps: int) -> np.ndarray:
    """Gradient descent on the penalized sum of squares, as one would write it without knowing about decay."""
    theta, path = np.zeros(2), [np.zeros(2)]
    for _ in range(steps):
        theta = theta - ALPHA * (slope(theta) + lam * theta)
        path.append(theta)
    return np.array(path)


def ridge(lam: float) -> np.ndarray:
    return np.linalg.solve(2 * X.T @ X + lam * np.eye(2), 2 * X.T @ Y)


def given(
    name: str, sigma: tuple[float, float], angle: float, theta: tuple[float, float], **kwargs
) -> Problem:
    Q = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return Problem(name=name, risk=QuadraticRisk(Q @ np.diag(sigma) @ Q.T, theta), steps=60, **kwargs)


OTHERS = {
    "singular": given(
        "singular", (3.0, 0.0), 0.7, (2.0, 1.0), lam=1.0, lam_zigzag=0.5, lams_compared=(0.1, 5.0), step_size=0.2
    ),
    "diverging": given(
        "diverging", (10.0, 1.0), -0.5, (-1.0, 2.0), lam=5.0, lam_zigzag=3.0, lams_compared=(1.0, 30.0),
        step_size=0.3, start=(1.0, -1.0),
    ),
    "large, no penalty": given(
        "large", (1e4, 1.0), 2.0, (-300.0, 500.0), lam=0.0, lam_zigzag=0.0, lams_compared=(0.0, 1e7), step_size=1e-5
    ),
    "zero": given(
        "zero", (4.0, 1.0), 0.5, (0.0, 0.0), lam=1.0, lam_zigzag=1.0, lams_compared=(0.5, 2.0), step_size=0.1
    ),
}  # fmt: skip


def test_one_step_of_decay_is_one_step_on_the_penalized_risk() -> None:
    scene = played("L2IsWeightDecay")
    new = scene.at + scene.pull + scene.slope
    assert close(new, scene.at - ALPHA * (slope(scene.at) + 50 * scene.at))
    assert close(scene.at + scene.pull, 0.75 * scene.at)
    assert number(scene, "shrink_the_plane", "0.75").value == pytest.approx(1 - 0.005 * 50)
    # Theta and the grid have shrunk with the plane.
    assert close(scene.weights.end_point, scene.plane.c2p(0.75 * scene.at))
    assert not close(scene.weights.end_point, scene.plane.c2p(0.8 * scene.at))
    # The gradient arrow is attached where the shrink has led to, and ends at theta new.
    assert close(scene.arrows[0].end_point, scene.plane.c2p(new))
    assert close(scene.arrows[1].end_point, scene.plane.c2p(0.75 * scene.at))


def columns(grid: np.ndarray) -> np.ndarray:
    """Where the upright lines of a grid of Bezier pieces cross the first axis, ascending."""
    pieces = grid.reshape(-1, 4, 3)
    upright = np.abs(pieces[:, 0, 0] - pieces[:, 3, 0]) < 1e-9
    return np.sort(pieces[upright, 0, 0])


def test_the_grid_shrinks_towards_the_origin_by_the_factor() -> None:
    scene = played("L2IsWeightDecay")
    grid, origin = VMobject(), scene.plane.origin[0]
    shrunk = columns(scene.grid.points) - origin
    scene.share.set_value(1.0)
    scene._lay_grid(grid)
    before = columns(grid.points) - origin
    scene.share.set_value(0.75)
    assert len(before) > 5
    assert all(np.abs(0.75 * at - shrunk).min() < 1e-9 for at in before)
    assert not all(np.abs(0.8 * at - shrunk).min() < 1e-9 for at in before)


def test_level_sets_pass_through_the_point() -> None:
    scene = played("L2IsWeightDecay")
    points = scene.plane.p2c(scene.ellipse[0].points)
    errors = ((Y[:, None] - X @ points.T) ** 2).sum(axis=0)
    assert errors == pytest.approx(((Y - X @ scene.at) ** 2).sum(), rel=1e-3)


def test_zigzag_has_the_corners_of_a_plain_loop() -> None:
    scene = played("PulledBackEveryStep")
    corners = scene.plane.p2c(scene.small.corners)
    path = descent(10.0, 100)
    assert close(corners[::2], path)
    assert close(corners[1::2], 0.95 * path[:-1])
    assert close(scene.plane.p2c(scene.goal.get_center()), ridge(10.0))


def looked_through(scene: Any, k: int) -> Any:
    """The close-up of the finished scene, back at a point of the path and at what pulls there."""
    lens = scene.lens
    lens.is_bare, lens.risk, lens.carried = False, scene.problem.risk, 0.0
    scene.show_at(2 * k)
    return lens


def test_both_arrows_of_the_close_up_start_at_the_point() -> None:
    scene = played("PulledBackEveryStep")
    path = descent(10.0, 12)
    for k in range(scene.first, scene.first + 5):
        lens = looked_through(scene, k)
        here = lens.view.region.center
        for arrow, way in ((lens.push, -ALPHA * slope(path[k])), (lens.pull, -ALPHA * 10.0 * path[k])):
            assert close(arrow.shaft.get_start()[:2], here[:2], 1e-6)
            assert close(arrow.end_point[:2] - here[:2], lens.view.unit * way, 1e-6)
            assert np.hypot(*way) * lens.view.unit > 0.3, "each must be seen from the last row"


def lean(lens: Any) -> float:
    """By how many degrees the push is not at a right angle to the contour drawn through the point."""
    pieces = lens.hill.points.reshape(-1, 4, 3)
    middles, ways = pieces.mean(axis=1), pieces[:, 3] - pieces[:, 0]
    along = ways[np.argmin(np.linalg.norm(middles - lens.view.region.center, axis=1))]
    push = lens.push.end_point - lens.push.shaft.get_start()
    cosine = along @ push / np.linalg.norm(along) / np.linalg.norm(push)
    return float(abs(np.degrees(np.arcsin(cosine))))


def test_the_push_leaves_the_contour_through_the_point_at_a_right_angle() -> None:
    scene = played("PulledBackEveryStep")
    path = descent(10.0, 12)
    for k in range(scene.first, scene.first + 5):
        lens = looked_through(scene, k)
        low, _ = lens.view.window
        ends = lens.hill.points.reshape(-1, 4, 3)[:, [0, 3]].reshape(-1, 3)
        theta = low + (ends[:, :2] - [lens.region.left, lens.region.bottom]) / lens.view.unit
        error = ((Y - X @ path[k]) ** 2).sum()
        assert ((Y[:, None] - X @ theta.T) ** 2).sum(axis=0) == pytest.approx(error, rel=1e-3)
        assert lean(lens) < 1.5
        # The contour through the shrunk point, which the film once drew, is not met at a right angle.
        lens.base = 0.95 * path[k]
        lens._draw_hills()
        assert lean(lens) > 2.0


def test_at_rest_push_and_pull_are_equal_and_opposite() -> None:
    scene = played("PulledBackEveryStep")
    lens = looked_through(scene, scene.first)
    lens.put(ridge(10.0), ridge(10.0), ridge(10.0), 0.0)
    ways = [arrow.end_point - arrow.shaft.get_start() for arrow in (lens.push, lens.pull)]
    assert np.linalg.norm(ways[0] + ways[1]) < 1e-6 < 0.3 < np.linalg.norm(ways[0])
    lens.put(*[0.9 * ridge(10.0)] * 3, 0.0)
    ways = [arrow.end_point - arrow.shaft.get_start() for arrow in (lens.push, lens.pull)]
    assert np.linalg.norm(ways[0] + ways[1]) > 0.1


def test_rest_points_and_bounds_of_the_two_penalties() -> None:
    scene = played("PullDependsOnlyOnLambda")
    steepest = np.linalg.eigvalsh(2 * X.T @ X)[-1]
    for k, (lam, factor, bound) in enumerate(((5.0, "0.975", "0.0165"), (50.0, "0.75", "0.0120"))):
        assert close(scene.rests[k], ridge(lam))
        assert close(scene.plane.p2c(scene.rest_dots[k].get_center()), ridge(lam))
        assert close(scene.paths[k].put(lam, ALPHA).corners, descent(lam, 100))
        assert number(scene, "take_a_fixed_share", factor).value == pytest.approx(1 - ALPHA * lam)
        assert number(scene, "stay_below_the_bound", bound).value == pytest.approx(2 / (steepest + lam))
        kept, lost = (bar.width for bar in scene.bars[k])
        assert lost / (kept + lost) == pytest.approx(ALPHA * lam)


def test_at_the_bound_the_strong_path_bounces_and_beyond_it_flies_off() -> None:
    scene = played("PullDependsOnlyOnLambda")
    values, vectors = np.linalg.eigh(2 * X.T @ X)
    weak, strong = (scene.paths[k] for k in (0, 1))

    def away(path: Any, lam: float, alpha: float) -> np.ndarray:
        """How far along the steep direction each point of the path is from where it would rest."""
        return np.abs((path.put(lam, alpha).corners - ridge(lam)) @ vectors[:, 1])

    bound = 2 / (values[1] + 50.0)
    assert away(strong, 50.0, bound) == pytest.approx(away(strong, 50.0, bound)[0], rel=1e-6)
    wild = wild_step(scene.problem)
    assert bound < wild < 2 / (values[1] + 5.0)
    assert (np.diff(away(strong, 50.0, wild)[:40]) > 0).all()
    assert away(weak, 5.0, wild)[-1] < 1e-3 * away(weak, 5.0, wild)[0]
    assert away(strong, 50.0, 0.9 * bound)[-1] < 1e-3  # the check knows a path that settles


def test_minibatch_run_is_the_source_s_update() -> None:
    """(1 - eta lam') w - eta/|B| sum of x (x w - y), in the source's scaling: eta = 200 alpha, lam' = lam / 200."""
    scene = played("DecayInMinibatches")
    eta, lam = 200 * scene.alpha, scene.lam / 200
    theta, path = np.zeros(2), [np.zeros(2)]
    for k in range(len(scene.run) - 1):
        rows = scene.batches.rows(k)
        errors = X[rows] @ theta - Y[rows]
        theta = (1 - eta * lam) * theta - eta / len(rows) * X[rows].T @ errors
        path.append(theta)
    assert (scene.alpha, scene.lam) == (0.005, 10.0)
    assert close(scene.run, np.array(path))
    away = np.linalg.norm(np.mean(path[100:], axis=0) - ridge(10.0))
    assert away < 0.02 * np.linalg.norm(ridge(10.0)), "the noise must average out"


def test_decay_without_data_halves_in_half_a_life() -> None:
    scene = played("DecayInMinibatches")
    shown = number(scene, "decay_without_data", "13.5").value
    assert 0.95**shown == pytest.approx(0.5)


def test_dial_shows_how_much_of_the_length_is_left() -> None:
    scene = played("DecayInMinibatches")
    lam, share, before, after = numbers_at(scene, "dial_the_complexity")
    assert (lam.text, share.text) == ("164", "0.34")
    assert share.inputs["lam"] == lam.value
    assert share.value == pytest.approx(np.linalg.norm(ridge(lam.value)) / np.linalg.norm(ridge(0.0)))
    assert scene.bar.get_length() / scene.rail.get_length() == pytest.approx(share.value)
    # The cloud widens: a loop of the update, its later points about their mean.
    assert (before.text, after.text) == ("0.13", "0.27")
    for strength, shown in ((0.0, before), (lam.value, after)):
        theta, path = np.zeros(2), []
        for k in range(400):
            rows = scene.batches.rows(k)
            errors = X[rows] @ theta - Y[rows]
            theta = (1 - ALPHA * strength) * theta - ALPHA * 100 / len(rows) * 2 * X[rows].T @ errors
            path.append(theta)
        away = np.array(path[99:]) - np.mean(path[99:], axis=0)
        assert shown.value == pytest.approx(np.sqrt((away**2).sum(axis=1).mean()), rel=1e-6)


@pytest.mark.parametrize("name", ["PulledBackEveryStep", "PullDependsOnlyOnLambda", "DecayInMinibatches"])
def test_names_stand_beside_their_points(name: str) -> None:
    scene = played(name)
    rests = scene.rests if name == "PullDependsOnlyOnLambda" else [scene.rest]
    at = [scene.plane.c2p(point) for point in (scene.problem.risk.minimizer, *rests)]
    labels = [m for m in scene.crowd if isinstance(m, MathTypst)]
    assert len(labels) == len(at)
    for label, point in zip(labels, at, strict=True):
        inside = np.clip(point, label.get_corner([-1, -1, 0]), label.get_corner([1, 1, 0]))
        assert np.linalg.norm(inside - point) < 0.8, "a student must see what the name belongs to"


@pytest.mark.parametrize("problem", [None, OTHERS["singular"]], ids=["i2ml", "singular"])
def test_nothing_moves_from_one_scene_to_the_next(problem: Problem | None) -> None:
    one, *others = (played(name, problem) for name in SCENES)
    for other in others:
        for point in ([0, 0], [1, 0], [0, 1]):
            assert np.allclose(one.plane.c2p(point), other.plane.c2p(point))
        assert np.allclose(one.goal_name.get_center(), other.goal_name.get_center())


def test_rows_are_made_where_the_problem_has_none() -> None:
    problem = OTHERS["singular"]
    made, y, c = rows_behind(problem)
    assert np.allclose(2 * c * made.T @ made, problem.risk.hessian, atol=1e-12)
    assert np.allclose(made.T @ (y - made @ problem.risk.minimizer), 0, atol=1e-12)


def test_every_part_of_the_sources_has_a_step() -> None:
    covered = {
        part for name in SCENES for step in LECTURE.load_scene(name).storyboard() for part in step.covers
    }
    assert covered >= {"A4", "B1", "B2", "B3", "C6"}


@pytest.mark.parametrize("problem", OTHERS.values(), ids=OTHERS.keys())
@pytest.mark.parametrize("name", SCENES)
def test_any_problem_is_played(name: str, problem: Problem) -> None:
    scene = played(name, problem)
    assert len(scene.records) == len(LECTURE.load_scene(name).storyboard(LECTURE.settings(problem)))
    for record in scene.records:
        assert all(np.isfinite(n.value) for n in record.numbers), record


def test_a_diverging_descent_is_said_to_diverge() -> None:
    diverging = LECTURE.settings(OTHERS["diverging"])
    for name, word in (("PulledBackEveryStep", "runs away"), ("PullDependsOnlyOnLambda", "not come to rest")):
        said = " ".join(step.say for step in LECTURE.load_scene(name).storyboard(diverging))
        assert word in said
        assert word not in " ".join(step.say for step in LECTURE.load_scene(name).storyboard())
