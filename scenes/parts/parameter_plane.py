"""The plane of two parameters."""

from __future__ import annotations

from typing import Any

from lecture.stage import Plane, Region, Style

__all__ = ["parameter_plane"]


def parameter_plane(
    region: Region, points: Any, style: Style, name: str = "parameters", **options: Any
) -> Plane:
    """A plane whose axes are the two parameters; `options` as in :class:`lecture.stage.Plane`."""
    return Plane(region, points, style, labels=("@theta1", "@theta2"), name=name, **options)
