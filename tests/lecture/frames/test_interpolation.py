"""Families interpolated at once: what comes out is what Manim computes, to the last bit."""

from __future__ import annotations

from typing import Any

import manim
import numpy as np
import pytest
from manim.utils.space_ops import rotation_matrix

from lecture.frames import patches
from lecture.frames.interpolation import hasten
from lecture.frames.patches import apply_patches

PROPERTIES = (
    "points",
    "fill_rgbas",
    "stroke_rgbas",
    "background_stroke_rgbas",
    "stroke_width",
    "background_stroke_width",
    "sheen_direction",
    "sheen_factor",
)


def state(mobject: Any) -> list[Any]:
    """Everything that is interpolated, of a whole family, in copies."""
    return [
        [np.array(getattr(m, name)).tolist() for name in PROPERTIES if name in vars(m)]
        for m in mobject.family_members_with_points()
    ]


def shapes() -> manim.VGroup:
    family = manim.VGroup(
        manim.Circle(color=manim.RED, fill_opacity=0.3),
        manim.VGroup(manim.Square(stroke_width=7), manim.Dot().set_color_by_gradient(manim.RED, manim.BLUE)),
        manim.Star(fill_color=[manim.GREEN, manim.YELLOW]).set_stroke(manim.WHITE, 3, background=True),
    )
    return family.arrange(manim.RIGHT)


def other(family: manim.VGroup) -> manim.VGroup:
    target = family.copy().scale(0.7).shift([1.0, 2.0, 0.0]).set_opacity(0.1).set_stroke(width=1.5)
    target[0].set_sheen(0.4, manim.UP)
    return target


def drifting(family: manim.VGroup) -> manim.VGroup:
    family[1].add_updater(lambda m, dt: m.shift(dt * manim.UP))
    return family


MAKERS = {
    "fade in": lambda m: manim.FadeIn(m),
    "fade in, moving": lambda m: manim.FadeIn(m, shift=manim.UP, scale=1.3),
    "fade out": lambda m: manim.FadeOut(m),
    "one after the other": lambda m: manim.FadeIn(m, lag_ratio=0.3),
    "transform": lambda m: manim.Transform(m, other(m)),
    "backwards": lambda m: manim.Transform(m, other(m), rate_func=manim.there_and_back),
    "reversed": lambda m: manim.FadeIn(m, reverse_rate_function=True),
    "from a copy": lambda m: manim.TransformFromCopy(m, other(m)),
    "to another": lambda m: manim.ReplacementTransform(m, manim.Square()),
    "by a method": lambda m: m.animate.shift(manim.UP).set_color(manim.PINK).build(),
    "rotated": lambda m: manim.Rotate(m, 1.0, about_point=[1.0, 0.0, 0.0]),
    "across other ones": lambda m: manim.FadeTransform(m, manim.Square()),
    "rotated, one after the other": lambda m: manim.Rotate(m, 1.0, lag_ratio=0.2),
    "along an arc": lambda m: manim.Transform(m, other(m), path_arc=1.0),
    "to what drifts": lambda m: manim.Transform(m, drifting(other(m))),
    "in a group": lambda m: manim.AnimationGroup(
        manim.FadeOut(m[0]), manim.Transform(m[1], other(m)[1]), lag_ratio=0.4
    ),
    "in a row": lambda m: manim.Succession(manim.FadeIn(m[0]), manim.Transform(m[1], other(m)[1])),
    "points that are values": lambda m: manim.Transform(
        manim.Group(manim.ValueTracker(1.0), m), manim.Group(manim.ValueTracker(3.0), other(m))
    ),
}


@pytest.mark.parametrize("maker", MAKERS)
def test_every_transform_goes_as_in_manim(maker: str) -> None:
    with manim.tempconfig({"dry_run": True}):
        scene = manim.Scene()
    played = []
    for hastened in (False, True):
        animation = MAKERS[maker](shapes())
        states = []
        for _ in range(2):  # an animation can be played again
            animation._setup_scene(scene)
            animation.begin()
            if hastened:
                hasten([animation])
            for alpha in (0.0, 0.001, 0.1, 0.37, 0.5, 0.77, 0.999, 1):
                animation.update_mobjects(0.1)
                animation.interpolate(alpha)
                states.append(state(animation.mobject))
            animation.finish()
            states.append(state(animation.mobject))
        played.append(states)
    assert played[0] == played[1]
    assert len({str(s) for s in played[0]}) > 3


def test_a_family_without_points_is_nothing_to_do() -> None:
    animation = manim.FadeIn(manim.VGroup())
    animation.begin()
    hasten([animation])
    animation.interpolate(0.5)


def test_members_do_not_share_what_is_changed_in_place() -> None:
    family = shapes()
    animation = manim.FadeIn(family)
    animation.begin()
    hasten([animation])
    animation.interpolate(0.5)
    before = state(family[1])
    family[0].shift(manim.UP).set_opacity(1)
    assert state(family[1]) == before


def test_a_word_costs_few_operations(monkeypatch: pytest.MonkeyPatch) -> None:
    family = manim.VGroup(manim.Square() for _ in range(100))
    animation = manim.FadeIn(family)
    animation.begin()
    hasten([animation])
    animation.interpolate(0.1)

    def refuse(*arguments: Any) -> None:
        raise AssertionError("members were interpolated one by one")

    monkeypatch.setattr(manim.VMobject, "interpolate_color", refuse)
    with pytest.raises(AssertionError):
        manim.Animation.interpolate_mobject(animation, 0.5)
    animation.interpolate(0.5)


def test_turning_asks_for_its_matrix_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def counted(angle: float, axis: Any) -> Any:
        asked.append(angle)
        return rotation_matrix(angle, axis)

    apply_patches()
    monkeypatch.setattr(patches, "rotation_matrix", counted)
    animation = manim.Rotate(manim.VGroup(manim.Square() for _ in range(100)), 0.123456)
    animation.begin()
    hasten([animation])
    animation.interpolate(0.5)
    assert 0 < len(asked) <= 4
