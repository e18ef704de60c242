"""Labels on a patch of background, for places where lines cannot be avoided."""

from __future__ import annotations

from typing import Any

from manim import BackgroundRectangle, VGroup

from .theme import Theme

__all__ = ["backed"]


def backed(label: Any, theme: Theme, *, buff: float = 0.06) -> VGroup:
    """`label` on a patch of background, which every line under it is hidden by; above the lines added before it.

    Returns
    -------
    VGroup of the patch and the label
    """
    patch = BackgroundRectangle(label, color=theme.background, fill_opacity=0.85, buff=buff)
    return VGroup(patch, label).set_z_index(6)
