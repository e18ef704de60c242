"""Labels on a patch of background, for places where lines cannot be avoided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from manim import BackgroundRectangle, VGroup

from .region import place, touches
from .style import Style

__all__ = ["backed", "place_backed"]


def backed(label: Any, style: Style, *, buff: float = 0.06) -> VGroup:
    """`label` on a patch of background, which every line under it is hidden by; above the lines added before it.

    Returns
    -------
    VGroup of the patch and the label
    """
    patch = BackgroundRectangle(label, color=style.background, fill_opacity=0.85, buff=buff)
    return VGroup(patch, label).set_z_index(6)


def place_backed(
    label: Any, style: Style, at: Any, *, avoid: Sequence[Any] = (), over: Sequence[Any] = (), **options: Any
) -> Any:
    """:func:`~lecture.stage.region.place`, and a patch under the label where it could not keep clear of everything.

    Returns
    -------
    Mobject
        The label, or the label on its patch.
    """
    place(label, at, avoid=avoid, over=over, **options)
    on_patch = isinstance(label, VGroup) and any(isinstance(m, BackgroundRectangle) for m in label)
    return backed(label, style) if not on_patch and touches(label, [*avoid, *over]) else label
