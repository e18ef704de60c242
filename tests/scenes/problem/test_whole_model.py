"""What is on screen is true of the whole model, whatever its number of parameters: against scikit-learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from manim import tempconfig
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, RidgeCV
from sklearn.preprocessing import StandardScaler

from lecture.audit import audit_scene
from lecture.edition import load_edition
from scenes import LECTURE
from scenes.parts.scene import IN_THE_PLANE
from scenes.problem import Problem
from tests.scenes.independent import NAMES
from tests.scenes.scratch import MEDIA
from tests.scenes.test_numbers import check_against

Arrays = tuple[np.ndarray, np.ndarray]


def columns(p: int, seed: int = 0) -> Arrays:
    """Columns of unlike units, some of which say almost the same, and a target."""
    rng = np.random.default_rng([p, seed])
    X = rng.normal(size=(4 * p + 20, p)) @ rng.normal(size=(p, p)) + rng.normal(scale=5, size=p)
    y = StandardScaler().fit_transform(X) @ rng.normal(size=p) + rng.normal(size=len(X)) + 3
    return X * 10.0 ** rng.uniform(-1, 1, size=p), y


def problem_of(folder: Path, data: Arrays, more: str = "", target: list[str] | None = None) -> Problem:
    X, y = data
    names = [f"c{k}" for k in range(X.shape[1])]
    target = target or [repr(float(value)) for value in y]
    lines = [",".join([*names, "y"])]
    lines += [",".join([*map(repr, row.tolist()), t]) for row, t in zip(X, target, strict=True)]
    (folder / "d.csv").write_text("\n".join(lines), encoding="utf-8")
    path = folder / "lecture.toml"
    path.write_text(
        f'[problem]\ndata = "d.csv"\ntarget = "y"\nfeatures = {names}\n{more}'.replace("'", '"'),
        encoding="utf-8",
    )
    return load_edition(path, LECTURE).problem


@pytest.mark.parametrize("p", [3, 4, 6, 10, 17, 30])
@pytest.mark.parametrize("standardize", [False, True])
def test_the_plane_shows_the_whole_ridge_minimizer(tmp_path: Path, p: int, standardize: bool) -> None:
    X, y = columns(p)
    problem = problem_of(tmp_path, (X, y), f"standardize = {str(standardize).lower()}\n")
    Z = StandardScaler().fit_transform(X) if standardize else X
    assert problem.is_eigenplane
    B = problem.basis
    assert pytest.approx(np.eye(2), abs=1e-12) == B.T @ B
    size = np.abs(LinearRegression().fit(Z, y).coef_).max()
    for lam in (problem.lam, *problem.lams_compared, problem.lam_zigzag):
        fitted = (
            Ridge(alpha=lam / 2, solver="svd").fit(Z, y).coef_
        )  # scikit-learn's alpha, for the sum of squares
        shown = NAMES["ridge_minimizer"](problem.risk, lam)
        assert shown == pytest.approx(B.T @ fitted, rel=1e-6, abs=1e-8 * size)
        # What the penalty does along the plane's two directions does not depend on the others: all of it is seen.
        moved = LinearRegression().fit(Z, y).coef_ - fitted
        i, j = problem.plane
        eigenvectors = np.linalg.eigh(2 * (Z - Z.mean(axis=0)).T @ (Z - Z.mean(axis=0)))[1][:, ::-1]
        along = eigenvectors[:, [i - 1, j - 1]]
        assert np.linalg.norm(along.T @ moved) == pytest.approx(np.linalg.norm(B.T @ moved), rel=1e-6)
    assert problem.whole_ridge == pytest.approx(
        Ridge(alpha=problem.lam / 2, solver="svd").fit(Z, y).coef_, rel=1e-6, abs=1e-8 * size
    )


@pytest.mark.parametrize("p", [3, 8, 30])
def test_leave_one_out_is_about_the_whole_model(tmp_path: Path, p: int) -> None:
    X, y = columns(p)
    problem = problem_of(tmp_path, (X, y), 'standardize = true\nlam = "leave_one_out"\n')
    Z = StandardScaler().fit_transform(X)

    def left_out(lam: float) -> float:
        fitted = RidgeCV(alphas=[max(lam, 1e-9) / 2], scoring="neg_mean_squared_error").fit(Z, y)
        return -fitted.best_score_

    lams = [lam for lam in (problem.lam / 2.5, problem.lam, problem.lam * 2.5) if lam > 0]
    assert min(map(left_out, lams)) == pytest.approx(left_out(problem.lam))


@pytest.mark.parametrize("p", [3, 10])
def test_a_logistic_model_is_expanded_at_the_whole_minimizer(tmp_path: Path, p: int) -> None:
    X, y = columns(p)
    Z = StandardScaler().fit_transform(X)
    chance = np.random.default_rng(1).random(len(y))
    classes = np.where(chance < 1 / (1 + np.exp(-(y - y.mean()) / y.std())), "yes", "no")
    problem = problem_of(tmp_path, (X, y), 'standardize = true\nmodel = "logistic"\n', list(classes))
    fitted = LogisticRegression(C=np.inf, tol=1e-12, max_iter=100_000).fit(Z, classes)
    assert problem.full.minimizer == pytest.approx(fitted.coef_[0], rel=1e-4)
    assert problem.risk.minimizer == pytest.approx(problem.basis.T @ fitted.coef_[0], rel=1e-4, abs=1e-6)


def shown_numbers(problem: Problem, scene: str) -> list[object]:
    ends = audit_scene(LECTURE.load_scene(scene), LECTURE.settings(problem), height=36, media=MEDIA)
    return [number for end in ends for number in end.record.numbers]


@pytest.mark.parametrize("p", [3, 30])
def test_numbers_on_screen_are_those_of_the_whole_model(tmp_path: Path, p: int) -> None:
    X, y = columns(p, seed=1)
    problem = problem_of(tmp_path, (X, y), "standardize = true\n")
    Z = StandardScaler().fit_transform(X)
    # The plane's own risk, from scikit-learn's fit of all columns and the normal equations.
    B = problem.basis
    independent = NAMES["QuadraticRisk"](2 * B.T @ Z.T @ Z @ B, B.T @ LinearRegression().fit(Z, y).coef_)
    independent.constant = float(((y - LinearRegression().fit(Z, y).predict(Z)) ** 2).sum())
    numbers = shown_numbers(problem, "RescaleThenRotateBack")
    assert len(numbers) > 4
    for number in numbers:
        check_against(independent, number)


def test_a_slice_is_not_the_whole_model(tmp_path: Path) -> None:
    """Known to be bad: what a slice shows, checked as if it were the whole."""
    X, y = columns(6, seed=1)
    problem = problem_of(tmp_path, (X, y), 'standardize = true\nplane = ["c0", "c1"]\n')
    fitted = Ridge(alpha=problem.lam / 2).fit(StandardScaler().fit_transform(X), y).coef_
    assert problem.is_slice
    assert problem.ridge != pytest.approx(fitted[:2], rel=1e-2)
    assert "slice: 4 other weights fixed" in str(problem.plane_note)


@pytest.mark.parametrize("name", sorted(IN_THE_PLANE))
def test_the_picture_says_which_part_of_the_model_it_is(tmp_path: Path, name: str) -> None:
    data = columns(6, seed=1)
    told = {}
    for plane in ("", 'plane = ["c0", "c1"]\n'):
        problem = problem_of(tmp_path, data, plane)
        with tempconfig({"media_dir": MEDIA}):
            scene = LECTURE.load_scene(name)(LECTURE.settings(problem))
            scene.make_title()
            assert scene.plane_line in scene.mobjects
            told[plane] = scene.plane_line
            scene.make_title()
            assert scene.plane_line is told[plane]  # once
    assert not np.allclose(*(line.width for line in told.values()))
    with tempconfig({"media_dir": MEDIA}):
        whole = LECTURE.load_scene(name)(LECTURE.settings(Problem.i2ml()))
        whole.make_title()
        assert whole.plane_line is None
