"""Transforms of whole families at once: Manim interpolates a text letter by letter, each in a dozen operations.

What comes out is what Manim computes, to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
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
            animation.interpolate_mobject = _Family(animation).interpolate


def _goes_member_by_member(animation: Any) -> bool:
    cls = type(animation)
    return (
        animation.path_func is interpolate
        and cls.interpolate_mobject is manim.Animation.interpolate_mobject
        and cls.interpolate_submobject is manim.Transform.interpolate_submobject
        and cls.get_all_families_zipped is manim.Transform.get_all_families_zipped
        and cls.get_sub_alpha is manim.Animation.get_sub_alpha
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

    def at(self, alpha: float | np.ndarray) -> list[np.ndarray]:
        """What each mobject has in between; of an array, each takes its own alpha."""
        alphas: Any = alpha if isinstance(alpha, float) else alpha[self._owner, None]
        between: Any = interpolate(self._start, self._end, alphas)
        return [between[rows] for rows in self._rows]


class _Family:
    """What a transform interpolates, joined anew whenever it begins."""

    def __init__(self, animation: Any):
        self._animation = animation
        self._begun: Any = None
        self._joined: list[_Joined] = []

    def _join(self) -> None:
        self._begun, self._joined = self._animation.starting_mobject, []
        families = list(zip(*self._animation.get_all_families_zipped(), strict=True))
        if not families or not all(_is_curve(mobject) for family in families for mobject in family):
            return
        self._members, starts, ends = families
        try:
            self._joined = [
                _Joined([read(m) for m in starts], [read(m) for m in ends]) for read in _PROPERTIES
            ]
        except ValueError:
            self._joined = []

    def interpolate(self, alpha: float) -> None:
        """In the place of `Animation.interpolate_mobject`."""
        animation = self._animation
        if animation.starting_mobject is not self._begun:
            self._join()
        if not self._joined:
            return manim.Animation.interpolate_mobject(animation, alpha)
        count = len(self._members)
        between: Any
        if animation.lag_ratio:
            between = np.array([animation.get_sub_alpha(alpha, k, count) for k in range(count)], float)
        else:
            between = float(animation.get_sub_alpha(alpha, 0, count))
            if between == 1:
                return manim.Animation.interpolate_mobject(animation, alpha)  # to the very ends
        parts = (joined.at(between) for joined in self._joined)
        for curve, points, fill, stroke, background, direction, numbers in zip(
            self._members, *parts, strict=True
        ):
            curve.points, curve.fill_rgbas, curve.stroke_rgbas = points, fill, stroke
            curve.background_stroke_rgbas, curve.sheen_direction = background, direction[0]
            curve.stroke_width, curve.background_stroke_width, curve.sheen_factor = numbers[0].tolist()
