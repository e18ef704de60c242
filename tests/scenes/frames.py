"""Frames of a scene as arrays, at the end of every step, without encoding anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from manim import tempconfig

from lecture.stage import Settings
from lecture.stage.color import parse_color
from lecture.stage.steps import StepRecord
from lecture.stage.theme import FRAME_HEIGHT
from scenes import LECTURE
from scenes.parts.scene import WeightDecayScene
from tests.scenes.scratch import MEDIA

__all__ = ["Frame", "distance_to", "rgb", "step_ends"]


@dataclass(frozen=True)
class Frame:
    """The last picture of a step.

    Attributes
    ----------
    pixels : ndarray of shape (height, width, 3), uint8
    record : StepRecord
    """

    pixels: np.ndarray
    record: StepRecord

    @property
    def scale(self) -> float:
        """Pixels per frame unit."""
        return self.pixels.shape[0] / FRAME_HEIGHT

    def to_pixels(self, points: Any) -> np.ndarray:
        """Points of the frame, shape (..., 2), as (column, row), shape (..., 2)."""
        points = np.asarray(points, dtype=float)[..., :2]
        center = np.array([self.pixels.shape[1], self.pixels.shape[0]]) / 2
        return center + self.scale * points * np.array([1, -1]) - 0.5

    def plane(self, name: str) -> dict[str, Any]:
        """The affine map that the manifest records for a plane."""
        return next(p for p in self.record.planes if p["name"] == name)

    def coordinates_to_pixels(self, plane: str, coordinates: Any) -> np.ndarray:
        """Coordinates in a recorded plane as (column, row)."""
        frame = self.plane(plane)
        return self.to_pixels(
            np.array(frame["origin"]) + frame["unit"] * np.asarray(coordinates, dtype=float)
        )


def step_ends(
    scene: str | type[WeightDecayScene],
    settings: Settings,
    *,
    height: int = 480,
    only: str | None = None,
    media: str = MEDIA,
) -> dict[str, Frame]:
    """Play a scene without its motions and keep the last frame of each step (or of `only` one)."""
    cls = LECTURE.load_scene(scene) if isinstance(scene, str) else scene
    frames: dict[str, Frame] = {}

    class Kept(cls):  # type: ignore[misc, valid-type]
        def play_step(self, step: Any) -> None:
            super().play_step(step)
            if only in (None, step.name):
                self.renderer.static_image = None
                self.renderer.update_frame(self, ignore_skipping=True)
                frames[step.name] = Frame(self.renderer.get_frame()[..., :3].copy(), self.records[-1])

    quiet = {"format": "none", "verbosity": "ERROR", "progress_bar": "none", "disable_caching": True}
    size = {"pixel_height": height, "pixel_width": height * 16 // 9, "frame_rate": 10}
    with tempconfig({**quiet, **size, "media_dir": media}):
        Kept(settings, skip_animations=True, holds=False).render()
    return frames


def distance_to(pixels: np.ndarray, color: str) -> np.ndarray:
    """How far each pixel is from a color, in sRGB levels (largest channel)."""
    return np.abs(pixels.astype(int) - rgb(color)).max(axis=-1)


def rgb(color: str) -> np.ndarray:
    """The sRGB levels of a color, shape (3,)."""
    parse_color(color)
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)])
