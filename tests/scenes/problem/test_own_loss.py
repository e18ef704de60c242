"""A loss by code goes to film, page and deck: the page that teaches it, carried out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize

from lecture.cli import main
from lecture.edition import load_edition
from lecture.errors import LectureError
from scenes import LECTURE

ROOT = Path(__file__).resolve().parents[3]
(CODE,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "own-loss.md").read_text("utf-8"), re.DOTALL)
SCENE = "NothingHappensWithoutPenalty"


@pytest.fixture
def file(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The page's file under a name of its own: modules are imported once a process."""
    path = tmp_path / f"loss_{abs(hash(request.node.nodeid))}.py"
    path.write_text(CODE, encoding="utf-8")
    return path


def command(path: Path, name: str, *more: str) -> int:
    where = ["--lecture", str(path), "--media", str(path.parent / "media"), "--quality", "l"]
    return main([name, *more, *where], LECTURE)


def test_the_problem_is_the_model_of_the_loss(file: Path) -> None:
    edition = load_edition(file, LECTURE)
    assert edition.title == "Weight decay on leaves"
    length, width = np.arange(1.0, 7.0), np.array([1.1, 1.9, 3.2, 3.8, 9.0, 6.1])
    found = minimize(lambda t: np.log(np.cosh(t[0] * length + t[1] - width)).sum(), [1, 0], tol=1e-12)
    assert edition.problem.risk.minimizer == pytest.approx(found.x, abs=1e-5)
    loss = edition.problem.plane_loss
    assert loss.value(loss.center) == pytest.approx(found.fun + 6 * np.log(2))


def test_film_page_and_deck(file: Path) -> None:
    media = file.parent / "media"
    assert command(file, "build", SCENE) == 0
    assert (media / "scenes" / f"{SCENE}.mp4").stat().st_size > 10_000
    manifest = json.loads((media / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["problem"]["parameters"] == ["slope", "offset"]
    assert command(file, "page", "--only", SCENE) == 0
    (page,) = media.glob("page*/index.html")
    assert "scenes/nothing-happens-without-penalty/" in page.read_text(encoding="utf-8")
    assert command(file, "pptx", "--only", SCENE, SCENE) == 0
    assert list(media.glob("pptx*/*.pptx"))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("problem = Problem", "other = Problem", "expected a Problem named problem, got NoneType"),
        (
            "(value, gradient, hessian), theta",
            "(lambda t: value(t), gradient, hessian), theta",
            "cannot import",
        ),
        (
            "np.array([1.0, 0.0])",
            "np.array([1.0, nothing])",
            r"\.py:24: NameError: name 'nothing' is not defined",
        ),
        ("problem = Problem", "problem == Problem", r"\.py:28: NameError"),
        ("title = ", "theme = ", "theme: "),
        ("def value(theta):", "def value(theta)", r"\.py:10: SyntaxError"),
    ],
)
def test_a_mistake_in_it_is_one_sentence(file: Path, old: str, new: str, told: str) -> None:
    assert old in CODE
    file.write_text(CODE.replace(old, new), encoding="utf-8")
    with pytest.raises(LectureError, match=told) as caught:
        load_edition(file, LECTURE)
    assert "\n" not in str(caught.value)


def test_its_name_must_be_free(tmp_path: Path) -> None:
    for name in ("json.py", "2nd-loss.py"):
        (tmp_path / name).write_text(CODE, encoding="utf-8")
        with pytest.raises(LectureError, match="rename the file"):
            load_edition(tmp_path / name, LECTURE)
    with pytest.raises(LectureError, match="there is no such file"):
        load_edition(tmp_path / "nothing.py", LECTURE)


def test_a_change_in_it_is_seen_by_the_cache(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lecture.build.cache import digest_of

    loss = load_edition(file, LECTURE).problem.loss
    before = digest_of(loss)
    assert digest_of(loss) == before
    file.write_text(CODE + "\n# another loss\n", encoding="utf-8")
    assert digest_of(loss) != before
