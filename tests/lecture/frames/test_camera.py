"""What is drawn is what Manim would draw, frame by frame, though only what changed is drawn again.

The transforms before it, of whole families at once, are compared with Manim's in every frame too.
"""

from __future__ import annotations

import tempfile
from typing import Any

import manim
import numpy as np
import pytest

import lecture.frames.interpolation
import lecture.frames.render
from lecture.frames.camera import StepCamera, _look
from lecture.frames.encode import Video
from lecture.frames.render import SceneJob, describe_scene, render_scene
from lecture.frames.tiles import rectangles
from scenes import LECTURE

# A scene with zooms, one with a change of scale and fades, one with a live number and rotations.
QUICK = ("FlatDirectionsYield", "MapOfChapter1", "RescaleThenRotateBack")


class Compared(StepCamera):
    """Draws every frame with Manim's camera too."""

    frames = 0

    def draw(self, mobjects: Any, under: np.ndarray) -> None:
        mobjects = list(mobjects)
        before = self.pixel_array.copy()
        super().draw(mobjects, under)
        plain = manim.MovingCamera()
        plain.frame = self.frame
        plain.set_pixel_array(under)
        plain.capture_mobjects(mobjects)
        assert np.array_equal(self.pixel_array, plain.pixel_array)
        differs = (self.pixel_array != before).any(axis=-1)
        for top, bottom, left, right in rectangles(self._changed, *differs.shape):
            differs[top:bottom, left:right] = False
        assert not differs.any(), "a change went untold"
        Compared.frames += 1


def _compared(
    family: Any, alpha: float, interpolate: Any = lecture.frames.interpolation._Family.interpolate
) -> None:
    """Interpolate with Manim too."""
    mobject = family._animation.mobject
    manim.Animation.interpolate_mobject(family._animation, alpha)
    expected = _look_of(mobject)
    interpolate(family, alpha)
    assert _look_of(mobject) == expected


def _look_of(mobject: Any) -> list[Any]:
    return [_look(m) for m in mobject.family_members_with_points() if isinstance(m, manim.VMobject)]


class _Nothing:
    def __init__(self, video: Video):
        pass

    def write(self, pixels: Any, repeat: int = 1, changed: Any = None) -> None:
        pass

    def hold_here(self) -> None:
        pass

    def finish(self) -> None:
        pass


def check(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lecture.frames.render, "StepCamera", Compared)
    monkeypatch.setattr(lecture.frames.interpolation._Family, "interpolate", _compared)
    Compared.frames = 0
    steps = tuple(
        step["name"] for step in describe_scene(LECTURE.module_of(name), name, LECTURE.settings())["steps"]
    )
    with tempfile.TemporaryDirectory() as scratch:
        render_scene(
            SceneJob(
                LECTURE.module_of(name),
                name,
                LECTURE.settings(),
                Video.of_quality("l"),
                wanted=steps,
                pictures={},
                stills_only=False,
                scratch=scratch,
                encoder=_Nothing,
            ),
            lambda step: None,
        )
    assert Compared.frames > 10


@pytest.mark.parametrize("name", QUICK)
def test_frames_are_those_of_manims_camera(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check(name, monkeypatch)


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in LECTURE.scenes if name not in QUICK])
def test_frames_of_every_scene_are_those_of_manims_camera(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check(name, monkeypatch)


class TestChanges:
    """One picture after the other, each compared; what is drawn again is little."""

    @pytest.fixture
    def camera(self) -> Any:
        with manim.tempconfig({"pixel_width": 854, "pixel_height": 480, "verbosity": "ERROR"}):
            camera = Compared()
            self.under = camera.background.copy()
            self.dots = [
                manim.Dot(2 * manim.RIGHT * k, radius=0.3, color=manim.ManimColor.from_hsv((k / 7, 1, 1)))
                for k in range(-3, 4)
            ]
            camera.draw(self.dots, self.under)
            camera.take_changed()
            yield camera

    def changed(self, camera: Compared) -> int:
        camera.draw(self.dots, self.under)
        return camera.take_changed().bit_count()

    def test_nothing(self, camera: Compared) -> None:
        assert self.changed(camera) == 0

    def test_a_place_a_color_a_width(self, camera: Compared) -> None:
        self.dots[0].shift(0.1 * manim.UP)
        assert 0 < self.changed(camera) <= 4
        self.dots[1].set_fill(manim.WHITE, opacity=0.3)
        assert 0 < self.changed(camera) <= 4
        self.dots[2].set_stroke(manim.WHITE, width=12)
        assert 0 < self.changed(camera) <= 9
        self.dots[2].set_color_by_gradient(manim.RED, manim.BLUE)
        assert 0 < self.changed(camera) <= 9
        self.dots[2].set_sheen_direction(manim.UP)
        assert 0 < self.changed(camera) <= 9

    def test_overlapping_ones_keep_their_order(self, camera: Compared) -> None:
        self.dots[3].scale(8)
        assert self.changed(camera) > 0
        self.dots[4].shift(0.1 * manim.UP)
        assert 0 < self.changed(camera) <= 4
        self.dots[4].set_z_index(-1)
        assert self.changed(camera) > 0
        self.dots.reverse()
        assert self.changed(camera) > 0

    def test_comers_and_goers(self, camera: Compared) -> None:
        gone = self.dots.pop(2)
        assert 0 < self.changed(camera) <= 4
        self.dots.append(gone)
        assert self.changed(camera) > 0

    def test_the_frame_moves(self, camera: Compared) -> None:
        camera.frame.shift(0.2 * manim.UP)
        assert self.changed(camera) == camera._everywhere.bit_count()

    def test_off_the_frame_and_not_finite(self, camera: Compared) -> None:
        self.dots[0].shift(20 * manim.LEFT)
        assert self.changed(camera) > 0
        self.dots[0].shift(20 * manim.UP)
        assert self.changed(camera) == 0
        self.dots[1].points[3] = np.nan
        assert self.changed(camera) > 0

    def test_what_is_not_a_curve(self, camera: Compared) -> None:
        self.dots.append(manim.ImageMobject(np.full((8, 8, 3), 200, np.uint8)))
        assert self.changed(camera) == camera._everywhere.bit_count()
        self.dots.pop()
        assert self.changed(camera) == camera._everywhere.bit_count()

    def test_another_picture_under_it(self, camera: Compared) -> None:
        self.under = self.under.copy()
        self.under[:40] = 90
        assert self.changed(camera) == camera._everywhere.bit_count()
