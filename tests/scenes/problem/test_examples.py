"""The examples that ship are lectures: every scene that follows the problem, and a film at draft quality."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from manim import tempconfig

from lecture.audit import WAIVERS, apply_waivers, audit_scene, read_waivers
from lecture.edition import Edition, load_edition
from scenes import LECTURE
from scenes.problem import Problem
from tests.scenes.independent import twin
from tests.scenes.scratch import MEDIA
from tests.scenes.test_numbers import check_against
from tests.scenes.test_words import FOLLOWING
from tests.scenes.unlike_problems import LECTURE_FILES

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = [path.parent.name for path in LECTURE_FILES]


def test_there_are_examples_with_source_and_license() -> None:
    assert len(EXAMPLES) >= 4
    told = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    assert [name for name in EXAMPLES if f"| `{name}` |" not in told] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_small(name: str) -> None:
    assert sum(path.stat().st_size for path in (ROOT / "examples" / name).iterdir()) < 100_000


def check_scene(example: str, scene: str) -> None:
    lecture = load_edition(ROOT / "examples" / example / "lecture.toml", LECTURE)
    ends = audit_scene(LECTURE.load_scene(scene), lecture.settings(), height=270, media=MEDIA)
    findings, _ = apply_waivers(
        [f for end in ends for f in end.findings], read_waivers(LECTURE.folder / WAIVERS), []
    )
    assert findings == []
    risk = twin(lecture.problem.risk)
    for end in ends:
        for number in end.record.numbers:
            check_against(risk, number)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_heart_of_an_example(name: str) -> None:
    check_scene(name, "RescaleThenRotateBack")


@pytest.mark.long
@pytest.mark.parametrize("scene", [name for name in FOLLOWING if name != "RescaleThenRotateBack"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_scene_that_follows_an_example(name: str, scene: str) -> None:
    check_scene(name, scene)


@pytest.mark.long
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_rendered_at_draft_quality(name: str, tmp_path: Path) -> None:
    path = ROOT / "examples" / name / "lecture.toml"
    command = [sys.executable, "-m", "scenes", "build", "--quality", "l", "--lecture", str(path)]
    scenes = ["RotateIntoEigenbasis", "ShrinkageFactors"]
    done = subprocess.run(
        [*command, "--media", str(tmp_path), *scenes], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["problem"]["name"] == load_edition(path, LECTURE).problem.name
    for scene in scenes:
        assert (tmp_path / "scenes" / f"{scene}.mp4").stat().st_size > 10_000


def test_a_function_is_rendered_by_code(tmp_path: Path) -> None:
    """As README.md says."""

    def value(t: np.ndarray) -> float:
        return float(np.cosh(t - [1, 2]).sum() + 0.5 * (t[0] - 1) * (t[1] - 2))

    def gradient(t: np.ndarray) -> np.ndarray:
        return np.sinh(t - [1, 2]) + 0.5 * (t - [1, 2])[::-1]

    def hessian(t: np.ndarray) -> np.ndarray:
        return np.diag(np.cosh(t - [1, 2])) + 0.5 * (1 - np.eye(2))

    problem = Problem.from_loss(
        (value, gradient, hessian), [1.0, 2.0], lam=0.5, parameters=["slope", "offset"]
    )
    small = {
        "pixel_height": 90,
        "pixel_width": 160,
        "frame_rate": 5,
        "verbosity": "ERROR",
        "progress_bar": "none",
    }
    with tempconfig({**small, "media_dir": str(tmp_path)}):
        LECTURE.load_scene("NothingHappensWithoutPenalty")(
            Edition.about(problem, LECTURE).settings(), holds=False
        ).render()
    assert any(tmp_path.rglob("NothingHappensWithoutPenalty*.mp4"))
