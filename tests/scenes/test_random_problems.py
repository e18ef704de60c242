"""Random problems over the whole range: the audit finds nothing, pictures and numbers are true.

Each problem is played in the two scenes that turn and rescale, where tips and components are measured, and in one of
the other scenes that follow the problem, by turns.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lecture.audit import WAIVERS, StepAudit, apply_waivers, audit_scene, read_waivers
from lecture.stage import Settings, Style
from scenes import LECTURE
from scenes.problem import Problem
from tests.scenes.frames import Frame, distance_to
from tests.scenes.independent import twin
from tests.scenes.random_problems import random_problem
from tests.scenes.scratch import MEDIA
from tests.scenes.styles import DARK, LIGHT
from tests.scenes.test_numbers import check as check_number
from tests.scenes.test_truth import TOLERANCE, bar_length, check_tip
from tests.scenes.test_words import FOLLOWING

HEIGHT = 480  # what the tolerances of the measurements are meant for
SHORTEST = 20.0  # pixels: an arrow that is all tip cannot be measured
MEASURED = ("RotateIntoEigenbasis", "RescaleThenRotateBack")
OTHERS = [name for name in FOLLOWING if name not in MEASURED]


def ridge(problem: Problem) -> np.ndarray:
    """By the normal equations; without a penalty, the limit."""
    risk, lam = problem.risk, problem.lam or 1e-12 * np.trace(problem.risk.hessian)
    return np.linalg.solve(risk.hessian + lam * np.eye(2), risk.hessian @ risk.minimizer)


def check_origin(frame: Frame, theme: Style) -> None:
    """Long lines cross where the recorded origin is; contours may be as long, so there can be others.

    Where the arrow or a principal direction lies along an axis, it is what is seen there.
    """
    column, row = np.rint(frame.coordinates_to_pixels("parameters", [0.0, 0.0])).astype(int)
    roles = (theme.line, theme.minimizer, theme.eig1, theme.eig2)
    line = np.any([distance_to(frame.pixels, color) < 60 for color in roles], axis=0)
    half = frame.pixels.shape[1] // 2
    along = line[row - 2 : row + 3, :half].any(axis=0).sum()
    up = line[:, column - 2 : column + 3].any(axis=1).sum()
    assert along > 0.5 * half, f"no axis in row {row}"
    height = frame.scale * 4.2  # of the stage's planes
    assert up > 0.5 * height, f"no axis in column {column}"


def measure(problem: Problem, theme: Style, plays: dict[str, dict[str, Frame]]) -> int:
    """Check tips, axes and components against algebra; returns how many were long enough for that."""
    count = 0
    for scene, step, role, tip in (
        ("RotateIntoEigenbasis", "meet_the_minimizer", "minimizer", problem.risk.minimizer),
        ("RescaleThenRotateBack", "rotate_back", "ridge", ridge(problem)),
    ):
        frame = plays[scene][step]
        if step == "meet_the_minimizer":
            check_origin(frame, theme)
        if np.hypot(*tip) * frame.plane("parameters")["unit"] * frame.scale > SHORTEST:
            check_tip(frame, theme, role, tip)
            count += 1
    frame = plays["RotateIntoEigenbasis"]["drop_components"]
    unit = frame.plane("parameters")["unit"] * frame.scale
    Q = twin(problem.risk).eigenvectors
    components = Q.T @ problem.risk.minimizer
    if np.abs(components).min() * unit > SHORTEST:  # or the arrow lies over the one bar there is
        for component, axis, role in zip(components, Q.T, ("eig1", "eig2"), strict=True):
            length = bar_length(frame, theme.color(role), axis * np.sign(component))
            assert abs(length - unit * abs(component)) <= TOLERANCE, (role, length, unit * component)
            count += 1
    return count


def wrong_with(seed: int, scenes: tuple[str, ...]) -> tuple[list[str], list[str], int]:
    """What is untrue of a random problem, what the audit finds in each scene, and how many tips and bars were "
    "measured."""
    problem = random_problem(seed)
    theme = (DARK, LIGHT)[seed % 2]
    wrong: list[str] = []
    untidy: list[str] = []
    plays: dict[str, dict[str, Frame]] = {}
    for scene in scenes:
        ends: list[StepAudit] = audit_scene(
            LECTURE.load_scene(scene), Settings(problem, theme), height=HEIGHT, media=MEDIA
        )
        plays[scene] = {end.step: Frame(end.picture, end.record) for end in ends}
        findings, _ = apply_waivers(
            [f for end in ends for f in end.findings], read_waivers(LECTURE.folder / WAIVERS), []
        )
        if findings:
            lines = [f"{scene}.{f.step}: {f.check}: {f.object} {f.detail}" for f in findings]
            untidy.append(f"{problem.name}: " + "; ".join(lines))
        for end in ends:
            for number in end.record.numbers:
                wrong += told(f"{scene}.{end.step}", check_number, number, problem)
    count: list[int] = []
    if set(MEASURED) <= set(scenes):
        wrong += told("measured", lambda: count.append(measure(problem, theme, plays)))
    return [f"{problem.name}: {line}" for line in wrong], untidy, sum(count)


def told(where: str, check: Any, *arguments: Any) -> list[str]:
    try:
        check(*arguments)
    except AssertionError as error:
        return [f"{where}: {error}"]
    return []


def check_block(seeds: range) -> None:
    wrong, untidy, measured = [], [], 0
    for seed in seeds:
        here, found, count = wrong_with(seed, (*MEASURED, OTHERS[seed % len(OTHERS)]))
        wrong += here
        untidy += found
        measured += count
    assert not wrong, "\n".join(wrong)
    assert not untidy, "\n".join(untidy)
    assert measured >= len(seeds)  # of up to four for each problem


@pytest.mark.parametrize("first", [0, *(pytest.param(k, marks=pytest.mark.long) for k in (3, 6, 9))])
def test_a_dozen_problems(first: int) -> None:
    check_block(range(first, first + 3))


@pytest.mark.long
@pytest.mark.parametrize("first", range(1000, 1240, 12))
def test_a_few_hundred_problems(first: int) -> None:
    check_block(range(first, first + 12))


class TestAWrongPictureIsCaught:
    def test_a_wrong_tip(self) -> None:
        seed = 2
        problem, theme = random_problem(seed), DARK
        moved = Problem.from_risk(
            type(problem.risk)(problem.risk.hessian, 1.1 * problem.risk.minimizer), lam=problem.lam
        )
        plays = {
            scene: {
                end.step: Frame(end.picture, end.record)
                for end in audit_scene(
                    LECTURE.load_scene(scene), Settings(problem, theme), height=HEIGHT, media=MEDIA
                )
            }
            for scene in MEASURED
        }
        assert measure(problem, theme, plays) > 0
        with pytest.raises(AssertionError, match="tip at"):
            measure(moved, theme, plays)
