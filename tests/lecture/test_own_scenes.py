"""Scenes of the user's own, in a file beside lecture.toml: the page that teaches it, carried out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lecture.cli import main
from lecture.definition import load_lecture
from lecture.edition import load_edition
from lecture.errors import LectureError
from scenes import LECTURE

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "own-scene.md").read_text(encoding="utf-8")
(SCENE,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(LIST,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A folder with the page's files, its scene under a name of its own: modules are imported once a process."""
    name = f"mine_{abs(hash(request.node.name))}"
    (tmp_path / f"{name}.py").write_text(SCENE, encoding="utf-8")
    (tmp_path / "lecture.toml").write_text(LIST, encoding="utf-8")
    return tmp_path


def command(folder: Path, *arguments: str) -> list[str]:
    (own,) = folder.rglob("*.py")
    common = ["--lecture", str(folder / "lecture.toml"), "--media", str(folder / "media"), "--quality", "l"]
    return ["--scenes", str(own), *arguments, *common]


def test_the_page_is_true(folder: Path) -> None:
    assert main(command(folder, "stills", "PenaltyShortens"), LECTURE) == 0
    manifest = json.loads((folder / "media" / "stills" / "manifest.json").read_text())
    (scene,) = manifest["scenes"]
    assert scene["plain_title"] == "The penalty shortens"
    assert scene["chapter"] == LECTURE.chapter_of("RotateIntoEigenbasis")
    assert [step["name"] for step in scene["steps"]] == ["show_the_minimizer", "ask", "shorten"]
    last = scene["steps"][-1]
    # By hand: (H + 50 I) theta = H theta_hat for the lecture's own data.
    assert last["narration"] == "Shorter: θ̂_ridge has the length 1.74."
    assert any(n["expression"].startswith("np.linalg.norm") for n in last["numbers"])


def test_it_takes_its_place(folder: Path) -> None:
    lecture = load_lecture([next(iter(folder.glob("*.py")))], LECTURE)
    edition = load_edition(folder / "lecture.toml", lecture)
    assert edition.scenes == ("RotateIntoEigenbasis", "PenaltyShortens", "RescaleThenRotateBack")
    assert {edition.chapter_of(name) for name in edition.scenes} == {3}
    # Listed nowhere, it comes at the end of the last chapter that counts.
    assert lecture.scenes[-3:] == ("PenaltyShortens", *LECTURE.chapters[-1].scenes)


def test_a_mistake_is_told_at_the_authors_own_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (own,) = folder.glob("*.py")
    wrong = SCENE.replace("self.play(Create(self.arrow)", "self.play(self.arow")
    assert wrong != SCENE
    line = next(k for k, text in enumerate(wrong.splitlines(), start=1) if "self.arow" in text)
    own.write_text(wrong)
    assert main(command(folder, "stills", "PenaltyShortens"), LECTURE) == 1
    told = capsys.readouterr().err
    assert f"({own.name}:{line})" in told
    assert "step show_the_minimizer: AttributeError" in told


def test_a_play_of_nothing_is_told_at_the_authors_own_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The mistake is only noticed inside Manim, and the generator's own play is between."""
    (own,) = folder.glob("*.py")
    own.write_text(SCENE.replace("self.play(Create(self.arrow), run_time=1.2)", "self.play()"))
    line = next(k for k, text in enumerate(own.read_text().splitlines(), start=1) if "self.play()" in text)
    assert main(command(folder, "stills", "PenaltyShortens"), LECTURE) == 1
    assert f"({own.name}:{line})" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("right", "wrong", "at", "told"),
    [
        # Words are read before anything is played: a step's begin with its decorator.
        ("This is {min},", "This is {mini},", "@step", "nothing fills the placeholder {mini}"),
        ("arrow of the minimizer.", "arrow of {mini}.", "@step", "nothing fills the placeholder {mini}"),
        ('computed("np.linalg', 'computed("np.linag', "@step", "has no attribute 'linag'"),
        ('wait_for("arrow")', 'wait_for("arow")', 'wait_for("arow")', "there is no <arow> in its narration"),
        ('wait_for("arrow")', "wait_for(arrow)", "wait_for(arrow)", "expects the name of a mark"),
    ],
)
@pytest.mark.parametrize("inside", [".", "lecture", "scenes"])
def test_wrong_words_are_told_at_the_authors_own_line(
    folder: Path, capsys: pytest.CaptureFixture[str], inside: str, right: str, wrong: str, at: str, told: str
) -> None:
    """Also in folders that are called as packages here are."""
    (old,) = folder.glob("*.py")
    own = folder / inside / old.name
    own.parent.mkdir(exist_ok=True)
    old.unlink()
    assert SCENE.count(right) == 1
    own.write_text(SCENE.replace(right, wrong))
    lines = own.read_text().splitlines()
    wrong_line = next(k for k, text in enumerate(lines) if wrong in text)
    line = 1 + max(k for k in range(wrong_line + 1) if at in lines[k])
    assert main(command(folder, "stills", "PenaltyShortens"), LECTURE) == 1
    error = capsys.readouterr().err
    assert told in error
    assert f"({own.name}:{line})" in error


def test_without_a_lecture_file_its_user_is_told_how_to_name_one() -> None:
    (remark, *_others) = load_edition(None, LECTURE).remarks
    assert remark.startswith(
        "no lecture file: the problem is the lecture's own example; --lecture FILE names one"
    )


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("random.py", SCENE, "another module is called 'random'"),
        ("no_steps.py", "x = 1\n", "expected a class with methods marked with @step"),
        ("broken.py", "def f(:\n", "broken.py:1: "),
        ("taken.py", SCENE.replace("PenaltyShortens", "Opening"), "there is a scene 'Opening' already"),
        ("gone.py", None, "expected a Python file or a lecture's folder"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(tmp_path: Path, name: str, text: str | None, told: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(LectureError, match=re.escape(told)):
        load_lecture([tmp_path / name], LECTURE)


def test_a_folder_without_a_lecture_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    with pytest.raises(LectureError, match=r"has an __init__\.py with LECTURE in it"):
        load_lecture([tmp_path / "notes"])
    with pytest.raises(LectureError, match="no lecture is named"):
        load_lecture([])
