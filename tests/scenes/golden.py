"""Golden frames of the heart of the lecture, and the comparator that holds pictures to them.

``python -m tests.scenes.golden`` makes them anew after a change that was looked at.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import scipy.ndimage
from PIL import Image

from scenes import CHAPTERS
from tests.scenes.played import played

__all__ = ["GOLDEN", "SCENES", "compare"]

GOLDEN = Path(__file__).with_name("golden")
SCENES = list(CHAPTERS[3].scenes)
# Levels that a patch of about 5 pixels may differ by. Versions of cairo draw edges a little differently; a stroke that
# is moved by a pixel, recolored or missing differs by more.
TOLERANCE = 26.0


def compare(picture: np.ndarray, golden: Path, diff: Path) -> None:
    """Fail unless a picture is its golden one; write golden, picture and difference side by side where it is not.

    A missing golden frame is a failure, never a skip.
    """
    if not golden.exists():
        raise AssertionError(f"there is no golden frame {golden.name}; look at the scene, then: {_REMEDY}")
    wanted = np.asarray(Image.open(golden).convert("RGB"), dtype=float)
    if wanted.shape != picture.shape:
        raise AssertionError(f"{golden.name}: size {picture.shape[:2]}, golden {wanted.shape[:2]}")
    smooth = scipy.ndimage.gaussian_filter(picture - wanted, sigma=(1.2, 1.2, 0))
    worst = float(np.abs(smooth).max())
    if worst > TOLERANCE:
        amplified = np.clip(128 + 2 * (picture - wanted), 0, 255)
        diff.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.hstack([wanted, picture, amplified]).astype(np.uint8)).save(diff)
        raise AssertionError(
            f"{golden.name} differs by {worst:.0f} levels; see {diff}; if that is right: {_REMEDY}"
        )


_REMEDY = "python -m tests.scenes.golden"


def main(names: list[str]) -> None:
    for name in names or SCENES:
        for old in (GOLDEN / name).glob("*.png"):
            old.unlink()
        for end in played(name):
            path = GOLDEN / name / f"{end.step}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(end.picture).save(path, optimize=True)
        print(f"made {name}")


if __name__ == "__main__":
    main(sys.argv[1:])
