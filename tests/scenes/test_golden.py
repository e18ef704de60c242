"""The pictures of chapter 3 are the ones that were looked at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scenes import LECTURE
from scenes.parts.eigen_picture import EigenPicture
from tests.scenes.frames import step_ends
from tests.scenes.golden import GOLDEN, SCENES, compare
from tests.scenes.played import EVERY_SCENE, HEIGHT, played

DIFFS = Path("media/.test/golden")


@pytest.mark.parametrize("name", [p for p in EVERY_SCENE if p.values[0] in SCENES])
def test_every_step_ends_with_its_golden_frame(name: str) -> None:
    ends = played(name)
    assert sorted(p.stem for p in (GOLDEN / name).glob("*.png")) == sorted(end.step for end in ends)
    for end in ends:
        compare(end.picture, GOLDEN / name / f"{end.step}.png", DIFFS / f"{name}_{end.step}.png")


def test_a_wrong_scene_is_caught_and_the_difference_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    build = EigenPicture.__init__

    def spoiled(self: EigenPicture, *args: object, **kwargs: object) -> None:
        build(self, *args, **kwargs)  # type: ignore[arg-type]
        self.contours.shift([0.06, 0, 0])

    monkeypatch.setattr(EigenPicture, "__init__", spoiled)
    step = "drop_components"
    frame = step_ends("RotateIntoEigenbasis", LECTURE.settings(), height=HEIGHT, only=step)[step]
    diff = tmp_path / "diff.png"
    with pytest.raises(AssertionError, match="differs by"):
        compare(frame.pixels, GOLDEN / "RotateIntoEigenbasis" / f"{step}.png", diff)
    assert Image.open(diff).width == 3 * frame.pixels.shape[1]


def test_a_missing_golden_frame_fails(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no golden frame"):
        compare(np.zeros((4, 4, 3), np.uint8), tmp_path / "none.png", tmp_path / "diff.png")
