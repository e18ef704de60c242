"""Background over lines: patches under labels, where lines cannot be avoided, and soft edges, where lines are cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from manim import DOWN, LEFT, RIGHT, UP, BackgroundRectangle, Rectangle, VGroup

from .region import Region, place, touches
from .style import Style

__all__ = ["BENEATH", "backed", "place_backed", "soft_edges"]

#: The z-index of what fades at soft edges.
BENEATH = -2


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


def soft_edges(region: Region, style: Style, *, width: float = 0.7) -> VGroup:
    """Strips along a region's borders that grow opaque outwards: a curve cut there fades, and is seen to go on.

    They lie over what has the z-index :data:`BENEATH`, and under everything else.

    Parameters
    ----------
    width : float
        How far from its border a curve begins to fade, in frame units.
    """
    strips = VGroup()
    for way in (LEFT, RIGHT, DOWN, UP):
        sides = (region.width, width) if way[0] == 0 else (width, region.height)
        strip = Rectangle(width=sides[0], height=sides[1], stroke_width=0)
        strip.set_fill([style.background, style.background], opacity=[0.0, 1.0]).set_sheen_direction(way)
        strip.is_shading = True  # for the audit: nothing that must be seen
        edge = region.center + way * [region.width / 2, region.height / 2, 0]
        strips.add(strip.move_to(edge, aligned_edge=way))
    # Manim draws what moves over what does not, whatever their z-indices: so they count as moving.
    return strips.set_z_index(BENEATH + 1).add_updater(lambda m: None)
