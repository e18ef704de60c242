"""Transforms of whole families at once: Manim interpolates a text letter by letter, each in a dozen operations.

What comes out is what Manim computes, to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import chain, pairwise
from operator import attrgetter
from typing import Any

import manim
import numpy as np
from manim.utils.bezier import interpolate

__all__ = ["hasten"]

# What Manim interpolates of a curve, as rows of arrays.
_NUMBERS = attrgetter("stroke_width", "background_stroke_width", "sheen_factor")
_PROPERTIES: tuple[Callable[[Any], np.ndarray], ...] = (
    attrgetter("points"),
    attrgetter("fill_rgbas"),
    attrgetter("stroke_rgbas"),
    attrgetter("background_stroke_rgbas"),
    lambda curve: np.array([curve.sheen_direction]),
    lambda curve: np.array([_NUMBERS(curve)], float),
)


def hasten(animations: Iterable[Any]) -> None:
    """Have the transforms among these, and inside them, interpolate their families at once."""
    for animation in animations:
        if isinstance(animation, manim.AnimationGroup):
            hasten(animation.animations)
        elif isinstance(animation, manim.Transform) and _goes_member_by_member(animation):
            family = _Family(animation)
            animation.interpolate_mobject, animation.update_mobjects = family.interpolate, family.update


def _goes_member_by_member(animation: Any) -> bool:
    cls = type(animation)
    return (
        cls.interpolate_mobject is manim.Animation.interpolate_mobject
        and cls.interpolate_submobject is manim.Transform.interpolate_submobject
        and cls.get_all_families_zipped is manim.Transform.get_all_families_zipped
        and cls.get_sub_alpha is manim.Animation.get_sub_alpha
        and cls.update_mobjects is manim.Animation.update_mobjects
    )


def _is_curve(mobject: Any) -> bool:
    cls = type(mobject)
    return (
        isinstance(mobject, manim.VMobject)
        and cls.interpolate is manim.Mobject.interpolate
        and cls.interpolate_color is manim.VMobject.interpolate_color
    )


class _Joined:
    """Arrays of many mobjects at the start and at the end, one below the other."""

    def __init__(self, starts: list[np.ndarray], ends: list[np.ndarray]):
        if any(start.shape != end.shape for start, end in zip(starts, ends, strict=True)):
            raise ValueError("arrays of different shapes are not interpolated row by row")
        self._start, self._end = np.concatenate(starts), np.concatenate(ends)
        counts = [len(start) for start in starts]
        self._owner = np.repeat(np.arange(len(counts)), counts)
        self._rows = [slice(*rows) for rows in pairwise(np.cumsum([0, *counts]).tolist())]

    def at(self, alphas: list[float]) -> list[np.ndarray]:
        """What each mobject has at its alpha."""
        together = alphas.count(alphas[0]) == len(alphas)
        alpha: Any = alphas[0] if together else np.array(alphas)[self._owner, None]
        between: Any = interpolate(self._start, self._end, alpha)
        return [between[rows] for rows in self._rows]


class _Family:
    """What a transform interpolates, joined anew whenever it begins."""

    def __init__(self, animation: Any):
        self._animation = animation
        self._begun: Any = None
        self._joined: list[_Joined] = []
        self._has_updaters = True

    def _join(self) -> None:
        animation = self._animation
        if animation.starting_mobject is self._begun:
            return
        self._begun, self._joined = animation.starting_mobject, []
        updated = animation.get_all_mobjects_to_update()
        self._has_updaters = any(part.updaters for mobject in updated for part in mobject.get_family())
        together = list(animation.get_all_families_zipped())
        if together and not self._has_updaters and all(map(_is_curve, chain(*together))):
            self._members, *ends = zip(*together, strict=True)
            self._points = [(start.points, end.points) for start, end in zip(*ends, strict=True)]
            with suppress(ValueError):
                self._joined = [_Joined(*([read(m) for m in end] for end in ends)) for read in _PROPERTIES]

    def update(self, dt: float) -> None:
        """In the place of `Animation.update_mobjects`, which asks every letter at both ends."""
        self._join()
        if self._has_updaters:
            manim.Animation.update_mobjects(self._animation, dt)

    def interpolate(self, alpha: float) -> None:
        """In the place of `Animation.interpolate_mobject`."""
        self._join()
        animation = self._animation
        if not self._joined:
            return manim.Animation.interpolate_mobject(animation, alpha)
        count = len(self._members)
        asked = count if animation.lag_ratio else 1
        alphas = [float(animation.get_sub_alpha(alpha, k, count)) for k in range(asked)] * (count // asked)
        if min(alphas) == 1:
            return manim.Animation.interpolate_mobject(animation, alpha)  # to the very ends
        all_points, *others = self._joined
        path = animation.path_func
        if path is interpolate:
            placed = all_points.at(alphas)
        else:
            placed = [path(*ends, alpha) for ends, alpha in zip(self._points, alphas, strict=True)]
        for curve, points, fill, stroke, background, direction, numbers in zip(
            self._members, placed, *(joined.at(alphas) for joined in others), strict=True
        ):
            curve.points, curve.fill_rgbas, curve.stroke_rgbas = points, fill, stroke
            curve.background_stroke_rgbas, curve.sheen_direction = background, direction[0]
            curve.stroke_width, curve.background_stroke_width, curve.sheen_factor = numbers[0].tolist()
