"""A second lecture, about something else, through the same commands: the generator knows no subject."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from lecture.cli import main

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples" / "momentum"


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its film, made once."""
    media = tmp_path_factory.mktemp("momentum")
    run = subprocess.run(
        [sys.executable, "-m", "lecture", "--scenes", str(FOLDER), "build", *options(media)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    return media


def options(media: Path) -> list[str]:
    return ["--lecture", str(FOLDER / "lecture.toml"), "--media", str(media), "--quality", "l"]


def test_it_stands_on_the_generator_alone() -> None:
    for path in FOLDER.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "import wdmath" not in text
        assert "from scenes" not in text


def test_film_and_numbers(media: Path) -> None:
    manifest = json.loads((media / "manifest.json").read_text())
    assert [c["title"] for c in manifest["chapters"]] == ["The valley", "How much"]
    assert manifest["problem"]["momentum"] == 0.8
    assert manifest["theme"]["accent"] == manifest["theme"]["momentum"]
    with av.open(str(media / "lecture.mp4")) as film:
        assert float(film.duration / av.time_base) == pytest.approx(
            manifest["lecture"]["film"]["duration"], abs=0.1
        )
    step = manifest["scenes"][1]["steps"][1]
    on_screen = next(n for n in step["numbers"] if n["expression"].startswith("distance"))
    # Each coordinate by itself is a linear recursion of two terms; its matrix to the power of the steps.
    left = []
    for curvature, start in ((0.5, 5.0), (20.0, 1.0)):
        once = np.array([[1 + 0.8 - 0.09 * curvature, -0.8], [1.0, 0.0]])
        left.append((np.linalg.matrix_power(once, 60) @ [start, start])[0])
    assert on_screen["value"] == pytest.approx(np.hypot(*left) / np.hypot(5, 1), rel=1e-9)
    assert manifest["scenes"][0]["steps"][1]["question"]["answer"] == 1


@pytest.mark.parametrize("target", ["page", "pptx", "handout"])
def test_formats(media: Path, target: str) -> None:
    assert main(["--scenes", str(FOLDER), target, *options(media)]) == 0
    made = [path for path in (media / target).rglob("*") if path.is_file()]
    assert made
    if target == "page":
        page = (media / "page" / "index.html").read_text(encoding="utf-8")
        assert "Why momentum helps" in page
        assert "<math" in page
        assert "ridge" not in page


@pytest.mark.long
def test_reveal(media: Path) -> None:
    assert main(["--scenes", str(FOLDER), "reveal", *options(media)]) == 0
    assert "Momentum" in (media / "reveal" / "index.html").read_text(encoding="utf-8")


def test_a_mistake_in_its_fields_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "lecture.toml").write_text("[problem]\nrate = 0.5\n")
    command = [
        "--scenes",
        str(FOLDER),
        "build",
        "--lecture",
        str(tmp_path / "lecture.toml"),
        "--media",
        str(tmp_path),
    ]
    assert main(command) == 2
    assert capsys.readouterr().err.startswith(
        "lecture.toml: problem.rate: expected less than 2 / steep = 0.1"
    )
