"""Nothing twice, nothing stale, on scenes of the lecture itself: what is rendered again is what changed.

A copy of the project is edited as its users would, and built as they would, through the command line. That nothing
stale is kept is seen in pictures: those that a build from nothing makes of the edited project.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCENES = (
    "Opening",
    "PulledBackEveryStep",
    "RotateIntoEigenbasis",
    "ShrinkageFactors",
    "AdamWDecouplesTheDecay",
    "Credits",
)

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("copy of the lecture")]


class Copy:
    """The project in another folder, whose stills were all made once."""

    def __init__(self, root: Path):
        self.root = root
        for name in ("lecture", "scenes", "wdmath"):
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("lecture.toml", "manim.cfg"):
            shutil.copy(ROOT / name, root / name)
        self.pictures = self.stills("media")

    def run(self, *arguments: str) -> list[dict]:
        """The events of a build."""
        command = [
            sys.executable,
            "-m",
            "lecture",
            arguments[0],
            *SCENES,
            "--quality",
            "l",
            "--json",
            *arguments[1:],
        ]
        done = subprocess.run(
            command, cwd=self.root, env=environment(self.root), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def stills(self, media: str) -> dict[str, bytes]:
        """The last frame of every step, by ``Scene.step``."""
        self.run("stills", "--media", media)
        return {
            f"{path.parent.name}.{path.stem.partition('_')[2]}": path.read_bytes()
            for path in sorted((self.root / media / "stills" / "scenes").glob("*/*.png"))
        }

    def would_render(self) -> set[str]:
        events = self.run("stills", "--media", "media", "--dry-run")
        return {f"{e['scene']}.{e['step']}" for e in events if e["event"] == "would render"}

    @contextmanager
    def edited(self, file: str, old: str, new: str) -> Iterator[None]:
        """With a piece of a file replaced that stands there once."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file}: {old!r} stands there {text.count(old)} times"
        path.write_text(text.replace(old, new), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(text, encoding="utf-8")


def environment(root: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": "0"}


def scenes_of(steps: set[str]) -> set[str]:
    return {step.partition(".")[0] for step in steps}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("copy"))


def test_nothing_changed(copy: Copy) -> None:
    assert scenes_of(set(copy.pictures)) == set(SCENES)
    assert copy.would_render() == set()


@pytest.mark.parametrize(
    ("file", "old", "new", "scenes"),
    [
        # A color of the theme, and a penalty.
        (
            "scenes/kit/theme.py",
            'eig2="#397AF8"',
            'eig2="#F8397A"',
            {"RotateIntoEigenbasis", "ShrinkageFactors", "AdamWDecouplesTheDecay"},
        ),
        ("lecture.toml", "lam = 50.0 ", "lam = 20.0 ", {"Opening", "ShrinkageFactors"}),
    ],
)
def test_a_value_changes_the_scenes_that_show_it(
    copy: Copy, file: str, old: str, new: str, scenes: set[str], tmp_path: Path
) -> None:
    with copy.edited(file, old, new):
        stale = copy.would_render()
        pictures = copy.stills(str(tmp_path / "fresh"))
    changed = {step for step, picture in pictures.items() if picture != copy.pictures[step]}
    assert changed <= stale, "these would have been kept, but look different"
    assert scenes_of(changed) == scenes_of(stale) == scenes


def test_an_edited_step_is_rendered_with_those_after_it(copy: Copy) -> None:
    with copy.edited(
        "scenes/rotate_into_eigenbasis.py",
        "for drop in self.picture.drops), run_time=1.4",
        "for drop in self.picture.drops), run_time=1.6",
    ):
        stale = copy.would_render()
    steps = [step for step in copy.pictures if step.startswith("RotateIntoEigenbasis.")]
    at = steps.index("RotateIntoEigenbasis.drop_components")
    assert 0 < at < len(steps) - 1
    assert stale == set(steps[at:])


@pytest.mark.parametrize(
    ("file", "old", "new", "scenes"),
    [
        # Another penalty, and a color of another theme than the one in use.
        ("lecture.toml", "lam_zigzag = 10.0", "lam_zigzag = 20.0", {"PulledBackEveryStep"}),
        ("scenes/kit/theme.py", 'eig2="#216CF7"', 'eig2="#F7216C"', set()),
        # Mathematics.
        (
            "wdmath/optimizers.py",
            "betas=betas, eps=eps, decoupled=True)",
            "eps=eps, betas=betas, decoupled=True)",
            {"AdamWDecouplesTheDecay"},
        ),
        (
            "wdmath/trajectories.py",
            "(1 - alpha * lam) * points[k]",
            "points[k] * (1 - alpha * lam)",
            {"PulledBackEveryStep"},
        ),
    ],
)
def test_an_edit_changes_the_scenes_that_use_it(
    copy: Copy, file: str, old: str, new: str, scenes: set[str]
) -> None:
    with copy.edited(file, old, new):
        assert scenes_of(copy.would_render()) == scenes


def test_words_and_comments_change_no_picture(copy: Copy) -> None:
    spoken = "the Hessian's eigenvectors: q₁ up the steep slope"
    with (
        copy.edited(
            "scenes/rotate_into_eigenbasis.py", spoken, "the eigenvectors of H: q₁ up the steep slope"
        ),
        copy.edited("wdmath/ridge.py", "from __future__", "# A remark.\nfrom __future__"),
    ):
        assert copy.would_render() == set()
        (end,) = [e for e in copy.run("stills", "--media", "media") if e["event"] == "end"]
        assert end["rendered"] == 0
        manifest = (copy.root / "media/stills/manifest.json").read_text(encoding="utf-8")
        assert "the eigenvectors of H" in manifest
    copy.run("stills", "--media", "media")


def test_unchanged_costs_next_to_nothing_and_imports_nothing_heavy(copy: Copy) -> None:
    arguments = ["build", "Opening", "--media", "films"]
    cold = subprocess.run(
        [sys.executable, "-m", "scenes", *arguments, "--json"],
        cwd=copy.root,
        env=environment(copy.root),
        capture_output=True,
        text=True,
        check=True,
    )
    end = json.loads(cold.stdout.splitlines()[-1])
    assert end["rendered"] == 2

    def unchanged(**more: str) -> tuple[float, str]:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-m", "scenes", *arguments],
            cwd=copy.root,
            env=environment(copy.root) | more,
            capture_output=True,
            text=True,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stderr

    _, told = unchanged(PYTHONPROFILEIMPORTTIME="1")
    assert "nothing has changed" in told
    imported = set(re.findall(r"\| +(\w+)", told))
    assert "lecture" in imported
    assert not imported & {"manim", "numpy", "scipy", "av", "PIL"}
    # The promise is 2 % of the whole lecture, which takes more than ten times as long as this scene.
    assert min(unchanged()[0] for _ in range(3)) <= 0.02 * 10 * end["cpu"]
