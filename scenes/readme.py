"""The pictures of README.md, made anew from the scenes: `python -m scenes.readme`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image

from lecture.cli import main
from lecture.manifest import load
from lecture.targets.clips import rest_on_last, small_frames

from . import LECTURE

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "media" / "readme"
SIZE = (800, 450)

#: name of the picture: theme, scene, steps
PICTURES = {
    "heart.webp": ("dark", "RescaleThenRotateBack", "sweep_the_penalty rotate_back"),
    "rotate.png": ("dark", "RotateIntoEigenbasis", "read_off_components"),
    "factors.png": ("dark", "ShrinkageFactors", "keep_the_large_lose_the_small"),
    "overfitting.png": ("dark", "PenaltiesTameOverfitting", "turn_lambda_up"),
    "forces-light.png": ("light", "WhereForcesBalance", "pass_the_steep_eigenvalue"),
}


def write_pictures() -> int:
    """Render the scenes that are shown, and write the pictures small; returns the exit status."""
    for theme in sorted({theme for theme, *_ in PICTURES.values()}):
        pictures = {name: rest for name, (other, *rest) in PICTURES.items() if other == theme}
        with tempfile.TemporaryDirectory() as folder:
            media = Path(folder)
            command = ["build", *(scene for scene, _ in pictures.values()), "--theme", theme]
            files = ["--lecture", str(ROOT / "lecture.toml"), "--media", folder]
            status = main([*command, *files], LECTURE)
            if status:
                return status
            manifest = load(media / "manifest.json")
            scenes, background = manifest["scenes"], manifest["theme"]["background"]
            steps = {(scene["name"], step["name"]): step for scene in scenes for step in scene["steps"]}
            for name, (scene, names) in pictures.items():
                shown = [steps[scene, step] for step in names.split()]
                if name.endswith(".webp"):
                    frames = [
                        frame
                        for step in shown
                        for frame in small_frames(media / step["clip"]["path"], step["motion"], background)
                    ]
                    (FOLDER / name).write_bytes(rest_on_last(frames, background)["webp"])
                else:
                    still = Image.open(media / shown[-1]["still"]["path"]).convert("RGB")
                    still.resize(SIZE, Image.Resampling.LANCZOS).save(FOLDER / name, optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(write_pictures())
