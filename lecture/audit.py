"""`make audit`: every step's last frame, looked at by machine.

At the end of each step the mobjects on stage are measured against the active camera frame: text over text, text
crossed by a curve without a backing, anything outside the safe area, text too small, too little contrast, crowding,
and mobjects that are still on stage although nothing in the scene can reach them any more.

A waiver in the lecture's ``audit_waivers.toml`` names scene, step, check, object and reason; one that no longer applies
is itself a finding.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import shutil
import sys
import tomllib
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from manim import ImageMobject, Mobject, MovingCamera, ValueTracker, VMobject, tempconfig
from manim.mobject.svg.svg_mobject import SVGMobject, VMobjectFromSVGPath
from manim.renderer.cairo_renderer import CairoRenderer
from PIL import Image, ImageDraw

from .definition import Lecture
from .edition import load_edition
from .errors import LectureError
from .frames.patches import apply_patches
from .stage import SAFE, SMALL, LectureScene, LiveNumber, Region, Settings, Step, StepRecord, Theme
from .stage.color import contrast
from .stage.theme import FRAME_HEIGHT

__all__ = [
    "CHECKS",
    "WAIVERS",
    "Finding",
    "StepAudit",
    "apply_waivers",
    "audit_scene",
    "command",
    "read_waivers",
]

CHECKS = {
    "overlap": "text lies over text",
    "crossed": "a curve runs through text that nothing backs",
    "outside": "reaches out of the safe area",
    "small": "text is smaller than 1/36 of the frame height",
    "contrast": "contrast is below 4.5 : 1 for text or 3 : 1 for lines",
    "crowded": "texts nearly touch, or there are too many of them",
    "alive": "on stage, but nothing in the scene can reach it any more, or it cannot be seen",
}

TEXT_CONTRAST, LINE_CONTRAST = 4.5, 3.0
CLOSEST = 0.05  # frame units between two texts
MOST_TEXTS = 32
_GLYPH = VMobjectFromSVGPath


@dataclass(frozen=True)
class Finding:
    """One thing wrong at one step's end; `box` is (left, right, bottom, top) in frame units."""

    scene: str
    step: str
    check: str
    object: str
    detail: str
    box: tuple[float, float, float, float] = field(compare=False)


@dataclass
class _Item:
    """Something on stage: a text with its glyphs, or a stroked or filled shape."""

    name: str
    leaves: list[VMobject]
    text: bool
    order: int
    source: Mobject

    def box(self) -> Region:
        points = np.vstack([leaf.points for leaf in self.leaves])
        (left, bottom), (right, top) = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
        return Region(float(left), float(right), float(bottom), float(top))

    def boxes(self) -> np.ndarray:
        """Boxes of the leaves, shape (n, 4): left, right, bottom, top."""
        return np.array(
            [
                [*p.min(axis=0)[[0]], *p.max(axis=0)[[0]], *p.min(axis=0)[[1]], *p.max(axis=0)[[1]]]
                for p in self._flat()
            ]
        )

    def _flat(self) -> Iterator[np.ndarray]:
        return (leaf.points[:, :2] for leaf in self.leaves)


def _seen(mobject: Mobject) -> bool:
    if not isinstance(mobject, VMobject) or len(mobject.points) == 0:
        return False
    filled = mobject.get_fill_opacity() > 0.02
    stroked = mobject.get_stroke_opacity() > 0.02 and mobject.get_stroke_width() > 0.05
    return bool(filled or stroked)


def _is_text(mobject: Mobject) -> bool:
    return isinstance(mobject, SVGMobject | LiveNumber)


def _items(scene: LectureScene) -> list[_Item]:
    """What is on stage, in the order in which it is drawn."""
    names: dict[int, str] = {}
    owners: dict[int, Mobject] = {}
    for name, mobject in _reachable(scene):
        names[id(mobject)] = name
        if _is_text(mobject):
            owners.update((id(glyph), mobject) for glyph in mobject.get_family()[1:])
    found: list[_Item] = []
    taken: set[int] = set()
    by_owner: dict[int, _Item] = {}

    def add_glyphs(glyphs: list[Mobject], name: str, holder: Mobject) -> None:
        """Glyphs that a scene shows by themselves: parts of one formula make one text."""
        for glyph in glyphs:
            if not _seen(glyph) or id(glyph) in taken:
                continue
            taken.add(id(glyph))
            owner = owners.get(id(glyph), holder)
            if id(owner) not in by_owner:
                by_owner[id(owner)] = _Item(_text_name(owner, name), [], True, len(found), owner)
                found.append(by_owner[id(owner)])
            by_owner[id(owner)].leaves.append(glyph)

    def walk(mobject: Mobject, name: str) -> None:
        name = names.get(id(mobject), name)
        if id(mobject) in taken:
            return
        if _is_text(mobject):
            leaves = [m for m in mobject.get_family() if _seen(m) and id(m) not in taken]
            if leaves:
                found.append(_Item(_text_name(mobject, name), leaves, True, len(found), mobject))
                taken.update(id(m) for m in mobject.get_family())
            return
        if isinstance(mobject, _GLYPH):
            add_glyphs([mobject], name, mobject)
            return
        add_glyphs([m for m in mobject.submobjects if isinstance(m, _GLYPH)], name, mobject)
        if _seen(mobject):
            taken.add(id(mobject))
            found.append(_Item(name, [mobject], False, len(found), mobject))
        for part in mobject.submobjects:
            walk(part, name)

    for mobject in scene.renderer.camera.get_mobjects_to_display(scene.mobjects, include_submobjects=False):
        walk(mobject, type(mobject).__name__)
    found.sort(key=lambda item: item.leaves[0].z_index)  # as Manim draws, whatever was added first
    for order, item in enumerate(found):
        item.order = order
    return found


def _text_name(mobject: Mobject, name: str) -> str:
    code = getattr(mobject, "typst_code", None)
    if isinstance(mobject, LiveNumber):
        return f"{name}: live number"
    return " ".join(str(code or name).split())[:60]


def _reachable(scene: LectureScene) -> Iterator[tuple[str, Mobject]]:
    """Every mobject that the scene's attributes lead to, with the name of the attribute."""

    def inside(value: Any, depth: int = 0) -> Iterator[Mobject]:
        if isinstance(value, Mobject):
            yield from value.get_family()
            if depth < 3:
                for inner in vars(value).values():
                    if isinstance(inner, Mobject | list | tuple | dict) and inner is not value:
                        yield from inside(inner, depth + 1)
        elif isinstance(value, dict) and depth < 3:
            for inner in value.values():
                yield from inside(inner, depth + 1)
        elif isinstance(value, list | tuple) and depth < 3:
            for inner in value:
                yield from inside(inner, depth + 1)

    skip = {"mobjects", "foreground_mobjects", "moving_mobjects", "static_mobjects", "animations"}
    for name, value in list(vars(scene).items()):
        if name not in skip:
            for mobject in inside(value):
                yield name.strip("_"), mobject


def _hex(color: Any, opacity: float, background: str) -> str:
    rgb = np.array([int(str(color.to_hex())[i : i + 2], 16) for i in (1, 3, 5)])
    under = np.array([int(background[i : i + 2], 16) for i in (1, 3, 5)])
    mixed = np.floor(opacity * rgb + (1 - opacity) * under + 0.5).astype(int)
    return "#" + "".join(f"{c:02X}" for c in mixed)


def _paint(shape: VMobject, ground: str) -> str:
    """The color in which a shape is seen: of its fill, or of its stroke where it is hollow."""
    # The bar of a fraction is a line with a fill that has no area.
    area = np.ptp(shape.points[:, :2], axis=0).min() > 1e-3
    if area and shape.get_fill_opacity() > 0.02:
        return _hex(shape.get_fill_color(), shape.get_fill_opacity(), ground)
    return _hex(shape.get_stroke_color(), shape.get_stroke_opacity(), ground)


def _is_ghost(color: str, theme: Theme) -> bool:
    """Whether a color is some role's, made paler with `Style.faded` or by opacity: meant to stand back."""
    value = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)], dtype=float)
    ground = np.array([int(theme["background"][i : i + 2], 16) for i in (1, 3, 5)], dtype=float)
    for role, hue in theme.items():
        if role == "background":
            continue
        full = np.array([int(hue[i : i + 2], 16) for i in (1, 3, 5)], dtype=float)
        step = full - ground
        share = float((value - ground) @ step / (step @ step))
        if 0.1 <= share <= 0.9 and np.abs(ground + share * step - value).max() <= 1.0:
            return True
    return False


def _samples(curve: VMobject) -> np.ndarray:
    """Points along the stroke of a curve, about a hundredth of the frame apart."""
    return _bezier_points(curve.points[:, :2])


def _bezier_points(points: np.ndarray) -> np.ndarray:
    if len(points) < 4:
        return points
    quads = points[: len(points) // 4 * 4].reshape(-1, 4, 2)
    length = np.hypot(*(quads[:, 3] - quads[:, 0]).T).max()
    t = np.linspace(0, 1, int(np.clip(length / 0.03, 3, 200)))[:, None]
    weights = np.hstack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3])
    return (weights @ quads).reshape(-1, 2)


def _text_size(item: _Item) -> float | None:
    source = item.source
    if hasattr(source, "font_size"):
        try:
            return float(source.font_size)
        except (ValueError, ZeroDivisionError):
            return None
    return None


class _Stage:
    """One step's end: the items, the frame and its picture, and the checks that look at them."""

    def __init__(self, scene: LectureScene, step: str, before: set[int]):
        self.scene, self.step, self.before = scene, step, before
        self.theme = scene.style.theme
        self.items = _items(scene)
        self.texts = [i for i in self.items if i.text]
        frame = scene.camera.frame
        self.zoom = FRAME_HEIGHT / frame.height
        self.center = frame.get_center()[:2]

    @cached_property
    def picture(self) -> np.ndarray:
        """The frame, shape (height, width, 3)."""
        renderer = self.scene.renderer
        renderer.static_image = None
        renderer.update_frame(self.scene, ignore_skipping=True)
        return renderer.get_frame()[..., :3].copy()

    def find(self, check: str, item: _Item, detail: str) -> Finding:
        box = item.box()
        corners = (round(box.left, 3), round(box.right, 3), round(box.bottom, 3), round(box.top, 3))
        return Finding(type(self.scene).__name__, self.step, check, item.name, detail, corners)

    def findings(self) -> list[Finding]:
        found: list[Finding] = []
        for check in (
            self.overlap,
            self.crossed,
            self.outside,
            self.small,
            self.contrast,
            self.crowded,
            self.alive,
        ):
            found += check()
        return list(dict.fromkeys(found))

    def overlap(self) -> Iterator[Finding]:
        for i, one in enumerate(self.texts):
            a = one.boxes()
            for other in self.texts[i + 1 :]:
                if one.source is other.source:
                    continue
                b = other.boxes()
                across = np.minimum(a[:, None, 1], b[None, :, 1]) - np.maximum(a[:, None, 0], b[None, :, 0])
                up = np.minimum(a[:, None, 3], b[None, :, 3]) - np.maximum(a[:, None, 2], b[None, :, 2])
                if ((across > 0.02) & (up > 0.02)).any():
                    yield self.find("overlap", one, f"lies over {other.name!r}")

    def crossed(self) -> Iterator[Finding]:
        for text in self.texts:
            boxes = text.boxes()
            size = np.minimum(boxes[:, 1] - boxes[:, 0], boxes[:, 3] - boxes[:, 2])
            inner = boxes + np.outer(np.minimum(0.02, 0.2 * size), [1, -1, 1, -1])
            whole = text.box().grown(0.3)
            for other in self.items:
                shape = other.leaves[0]
                if other.text or not _meets(whole, shape):
                    continue
                if other.order > text.order and shape.get_fill_opacity() > 0.1 and _covers(shape, boxes):
                    yield self.find("crossed", text, f"covered by {other.name!r}")
                    continue
                if shape.get_stroke_width() < 0.05 or shape.get_stroke_opacity() < 0.05:
                    continue
                if _is_ghost(
                    _hex(shape.get_stroke_color(), shape.get_stroke_opacity(), self.theme["background"]),
                    self.theme,
                ):
                    limit = 0.0  # a ghost may pass behind, but not through the middle of a glyph
                else:
                    limit = 0.5 * shape.get_stroke_width() / 100
                points = _samples(shape)
                hit = (
                    (points[:, None, 0] > inner[None, :, 0] - limit)
                    & (points[:, None, 0] < inner[None, :, 1] + limit)
                    & (points[:, None, 1] > inner[None, :, 2] - limit)
                    & (points[:, None, 1] < inner[None, :, 3] + limit)
                )
                if hit.any() and not self._backed(text, other):
                    yield self.find("crossed", text, f"crossed by {other.name!r}")

    def _backed(self, text: _Item, curve: _Item) -> bool:
        box = text.box()
        for item in self.items:
            shape = item.leaves[0]
            if item.text or shape.get_fill_opacity() < 0.8 or not curve.order < item.order < text.order:
                continue
            around = item.box()
            if (
                around.left <= box.left
                and around.right >= box.right
                and around.bottom <= box.bottom
                and around.top >= box.top
            ):
                return True
        return False

    def _backs_text(self, item: _Item) -> bool:
        around = item.box()
        return any(
            around.contains(np.array([[box.left, box.bottom], [box.right, box.top]])).all()
            for box in (text.box() for text in self.texts if text.order > item.order)
        )

    def outside(self) -> Iterator[Finding]:
        safe = SAFE.grown(0.12)
        half = np.array([safe.width, safe.height]) / 2 / self.zoom
        middle = self.center + np.array([safe.center[0], safe.center[1]]) / self.zoom
        area = Region(middle[0] - half[0], middle[0] + half[0], middle[1] - half[1], middle[1] + half[1])
        for item in self.items:
            box = item.box()
            over = max(
                area.left - box.left, box.right - area.right, area.bottom - box.bottom, box.top - area.top
            )
            if over > 0.01:
                yield self.find("outside", item, f"{over:.2f} units beyond the safe area")

    def small(self) -> Iterator[Finding]:
        for text in self.texts:
            size = _text_size(text)
            if size is not None and size * self.zoom < 0.97 * SMALL:
                yield self.find(
                    "small", text, f"expected font size {SMALL} or more, got {size * self.zoom:.1f}"
                )
            elif size is None and isinstance(text.source, LiveNumber):
                height = text.box().height * self.zoom
                if height < 0.19:
                    yield self.find("small", text, f"digits {height:.2f} units high")

    def contrast(self) -> Iterator[Finding]:
        for item in self.items:
            if item.text:
                ground = self._ground(item)
                worst = min(contrast(_paint(leaf, ground), ground) for leaf in item.leaves)
                for patch in self._patches(item):
                    worst, ground = min(
                        (worst, ground),
                        *((contrast(_paint(leaf, patch), patch), patch) for leaf in item.leaves),
                    )
                if worst < TEXT_CONTRAST - 0.05:
                    yield self.find("contrast", item, f"text has {worst:.1f} : 1 on {ground}")
                continue
            shape, ground = item.leaves[0], self.theme["background"]
            if getattr(shape, "is_shading", False):
                continue  # of a surface, whose outline is what must be seen
            if shape.get_stroke_width() < 0.05 and np.ptp(shape.points[:, :2], axis=0).min() < 2e-3:
                continue  # a bar or a tip that has shrunk to nothing
            color = _paint(shape, ground)
            if color == ground and self._backs_text(item):
                continue
            # A hollow marker is filled with the background: its outline is what is seen.
            colors = [color]
            if shape.get_stroke_width() > 0.05:
                colors.append(_hex(shape.get_stroke_color(), shape.get_stroke_opacity(), ground))
            best = max(contrast(c, ground) for c in colors)
            if best < LINE_CONTRAST - 0.05 and not any(_is_ghost(c, self.theme) for c in colors):
                yield self.find("contrast", item, f"line has {best:.1f} : 1 on {ground}")

    def _patches(self, text: _Item) -> Iterator[str]:
        """Colors of the filled shapes that a part of a text stands on."""
        boxes, whole = text.boxes(), text.box()
        for other in self.items:
            shape = other.leaves[0]
            if other.text or other.order > text.order or not _meets(whole, shape):
                continue
            if shape.get_fill_opacity() > 0.02 and _covers(shape, boxes) and not self._backed(text, other):
                yield _paint(shape, self.theme["background"])

    def _ground(self, item: _Item) -> str:
        """The commonest color just around a text, as it was rendered."""
        height, width = self.picture.shape[:2]
        scale = height / FRAME_HEIGHT * self.zoom
        box = item.box().grown(0.06 / self.zoom)
        left, right = ((np.array([box.left, box.right]) - self.center[0]) * scale + width / 2).astype(int)
        top, bottom = (height / 2 - (np.array([box.top, box.bottom]) - self.center[1]) * scale).astype(int)
        left, right = np.clip([left, right], 0, width - 1)
        top, bottom = np.clip([top, bottom], 0, height - 1)
        ring = np.vstack(
            [
                self.picture[top, left : right + 1],
                self.picture[bottom, left : right + 1],
                self.picture[top : bottom + 1, left],
                self.picture[top : bottom + 1, right],
            ]
        )
        colors, counts = np.unique(ring.reshape(-1, 3), axis=0, return_counts=True)
        return "#" + "".join(f"{c:02X}" for c in colors[counts.argmax()])

    def crowded(self) -> Iterator[Finding]:
        if len(self.texts) > MOST_TEXTS:
            yield self.find(
                "crowded", self.texts[-1], f"{len(self.texts)} texts, at most {MOST_TEXTS} are read"
            )
        for i, one in enumerate(self.texts):
            a = one.box()
            for other in self.texts[i + 1 :]:
                if one.source is other.source or _same_formula(one, other):
                    continue
                b = other.box()
                across = max(a.left, b.left) - min(a.right, b.right)
                up = max(a.bottom, b.bottom) - min(a.top, b.top)
                gap = max(across, up)
                if 0 <= gap < CLOSEST / self.zoom:
                    yield self.find("crowded", one, f"{gap:.2f} units from {other.name!r}")

    def alive(self) -> Iterator[Finding]:
        known = {id(m) for _, m in _reachable(self.scene)}
        for mobject in self.scene.mobjects:
            family = mobject.get_family()
            if isinstance(mobject, ValueTracker | ImageMobject) or mobject is self.scene.camera.frame:
                continue
            pointed = [m for m in family if isinstance(m, VMobject) and len(m.points)]
            if not pointed or any(hasattr(m, "number") for m in family):
                continue
            if all(getattr(m, "is_shading", False) for m in pointed):
                continue  # soft edges, which belong to the place
            name = _text_name(mobject, type(mobject).__name__)
            item = _Item(name, pointed, False, 0, mobject)
            if not any(_seen(m) for m in family):
                yield self.find("alive", item, "cannot be seen, but is on stage")
            elif id(mobject) in self.before and not any(id(m) in known for m in family):
                yield self.find(
                    "alive", item, "left by an earlier step; no attribute of the scene leads to it"
                )


def _meets(region: Region, shape: VMobject) -> bool:
    """Whether a shape's bounding box meets a region."""
    low, high = shape.points[:, :2].min(axis=0), shape.points[:, :2].max(axis=0)
    return bool(
        low[0] <= region.right
        and high[0] >= region.left
        and low[1] <= region.top
        and high[1] >= region.bottom
    )


def _covers(shape: VMobject, boxes: np.ndarray) -> bool:
    """Whether the middle of any of the boxes, or a point near a corner of one, lies inside a filled shape."""
    share = np.array([0.15, 0.5, 0.85])
    x = (boxes[:, :1] + share * (boxes[:, 1:2] - boxes[:, :1]))[:, :, None]
    y = (boxes[:, 2:3] + share * (boxes[:, 3:] - boxes[:, 2:3]))[:, None, :]
    x, y = (np.broadcast_to(v, (len(boxes), 3, 3)).reshape(-1, 1) for v in (x, y))
    inside = np.zeros(len(x), bool)
    for path in shape.get_subpaths():
        start = path[::4, :2]
        if (start.max(axis=0) < [x.min(), y.min()]).any() or (start.min(axis=0) > [x.max(), y.max()]).any():
            continue
        start = _bezier_points(path[:, :2])
        end = np.roll(start, -1, axis=0)
        between = (start[:, 1] > y) != (end[:, 1] > y)
        rise = np.where(between, end[:, 1] - start[:, 1], 1.0)
        crossing = start[:, 0] + (y - start[:, 1]) / rise * (end[:, 0] - start[:, 0])
        inside ^= (between & (x < crossing)).sum(axis=1) % 2 == 1
    return bool(inside.any())


def _same_formula(one: _Item, other: _Item) -> bool:
    """Parts of one formula, or a number beside its equals sign, belong together."""
    a, b = one.box(), other.box()
    return min(a.top, b.top) - max(a.bottom, b.bottom) > 0.4 * min(a.height, b.height)


@dataclass(frozen=True)
class StepAudit:
    """What was seen and found at one step's end; `picture` has shape (height, width, 3), uint8."""

    step: str
    picture: np.ndarray
    record: StepRecord
    findings: tuple[Finding, ...]


def audit_scene(
    scene: type[LectureScene],
    settings: Settings,
    *,
    height: int = 360,
    media: str | Path | None = None,
    pictures: Path | None = None,
) -> list[StepAudit]:
    """Play a scene without its motions and audit every step's end.

    Texts that lie over each other are looked for also where a step rests for its words.

    Parameters
    ----------
    media : path, optional
        Where Manim keeps what it compiles; a folder of its own by default, as two processes cannot share one.
    pictures : Path, optional
        A folder for the annotated frames of steps with findings.
    """
    if media is None:
        with TemporaryDirectory() as folder:
            return audit_scene(scene, settings, height=height, media=folder, pictures=pictures)
    audits: list[StepAudit] = []

    class Audited(scene):  # type: ignore[misc, valid-type]
        def play_step(self, step: Step) -> None:
            before = list(self.mobjects)
            self._at_cues: list[Finding] = []
            super().play_step(step)
            stage = _Stage(self, step.name, {id(m) for m in before})
            here = list(dict.fromkeys([*self._at_cues, *stage.findings()]))
            audits.append(StepAudit(step.name, stage.picture, self.records[-1], tuple(here)))
            if pictures and here:
                name = f"{scene.__name__}_{step.name}_{settings.style.theme.name.strip('#')}.png"
                annotate(stage.picture, here, pictures / name, stage)

        def wait_for(self, mark: str) -> None:
            self._at_cues += _Stage(self, self._step.name, set()).overlap()
            super().wait_for(mark)

    Audited.__name__ = scene.__name__
    quiet = {"format": "none", "verbosity": "ERROR", "progress_bar": "none", "disable_caching": True}
    size = {"pixel_height": height, "pixel_width": round(height * 16 / 9), "frame_rate": 10}
    ground = {"background_color": settings.style.background}
    apply_patches()
    with tempconfig({**quiet, **size, **ground, "media_dir": str(media)}):
        Audited(
            settings, renderer=_StepEndsRenderer(camera_class=MovingCamera, skip_animations=True), holds=False
        ).render()
    return audits


class _StepEndsRenderer(CairoRenderer):  # type: ignore[misc]
    """Draws what is asked for: Manim draws the first frame of every motion even where it skips it."""

    def update_frame(self, *args: Any, ignore_skipping: bool = False, **kwargs: Any) -> None:
        if ignore_skipping:
            super().update_frame(*args, ignore_skipping=True, **kwargs)

    def save_static_frame_data(self, *args: Any) -> None:
        self.static_image = None


def annotate(picture: np.ndarray, findings: list[Finding], path: Path, stage: Any = None) -> None:
    """Save a frame with a numbered box around every finding."""
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    zoom, center = (stage.zoom, stage.center) if stage else (1.0, np.zeros(2))
    scale = picture.shape[0] / FRAME_HEIGHT * zoom
    for number, finding in enumerate(findings, start=1):
        left, right, bottom, top = finding.box
        x0, x1 = ((np.array([left, right]) - center[0]) * scale + image.width / 2).tolist()
        y0, y1 = (image.height / 2 - (np.array([top, bottom]) - center[1]) * scale).tolist()
        draw.rectangle(
            [min(x0, x1) - 2, min(y0, y1) - 2, max(x0, x1) + 2, max(y0, y1) + 2], outline="#FF00FF", width=2
        )
        draw.text((x0, max(0, y0 - 14)), f"{number} {finding.check}", fill="#FF00FF")
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


WAIVERS = "audit_waivers.toml"


def read_waivers(path: Path) -> list[dict[str, str]]:
    """The waivers of a file: scene, step, check, object (a part of its name) and reason, all of them texts."""
    if not path.exists():
        return []
    waivers = tomllib.loads(path.read_text(encoding="utf-8")).get("waiver", [])
    for waiver in waivers:
        missing = {"scene", "step", "check", "object", "reason"} - set(waiver)
        if missing or not waiver["reason"].strip() or waiver["check"] not in CHECKS:
            raise ValueError(
                f"{path.name}: a waiver names scene, step, check, object and reason, got {waiver}"
            )
    return waivers


def apply_waivers(
    findings: list[Finding], waivers: list[dict[str, str]], audited: Iterable[str]
) -> tuple[list[Finding], list[dict[str, str]]]:
    """Findings that no waiver covers, and the waivers of audited scenes that cover nothing."""

    def covers(waiver: dict[str, str], finding: Finding) -> bool:
        same = all(waiver[key] == getattr(finding, key) for key in ("scene", "step", "check"))
        return same and waiver["object"] in finding.object

    left = [f for f in findings if not any(covers(w, f) for w in waivers)]
    names = set(audited)
    unused = [w for w in waivers if w["scene"] in names and not any(covers(w, f) for f in findings)]
    return left, unused


def command(options: argparse.Namespace) -> int:
    """`python -m lecture audit`: all scenes of a lecture in both themes (or in the one asked for).

    Writes ``findings.json`` and the annotated frames to ``audit/`` in the media folder; the status is 1 if anything
    is found that no waiver covers.
    """
    lecture: Lecture = options.of
    folder = options.media / "audit"
    try:
        edition = load_edition(options.lecture, lecture)
        names = lecture.require(options.names) or list(edition.scenes)
        settings = [
            edition.settings(theme) for theme in ([options.theme] if options.theme else ["dark", "light"])
        ]
    except (LectureError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    shutil.rmtree(folder, ignore_errors=True)
    findings: list[Finding] = []
    with ProcessPoolExecutor(options.jobs or os.cpu_count(), mp_context=get_context("spawn")) as pool:
        jobs = {
            pool.submit(_findings, lecture.module_of(name), name, chosen, folder): (
                name,
                chosen.style.theme.name,
            )
            for name in names
            for chosen in settings
        }
        for done, job in enumerate(as_completed(jobs), start=1):
            name, theme = jobs[job]
            findings += job.result()
            print(f"{done:3d}/{len(jobs)}  {name}, {theme}: {len(job.result())} found", file=sys.stderr)
    left, unused = apply_waivers(findings, read_waivers(lecture.folder / WAIVERS), names)
    folder.mkdir(parents=True, exist_ok=True)
    report = json.dumps([asdict(finding) for finding in left], indent=1, ensure_ascii=False)
    (folder / "findings.json").write_text(report, encoding="utf-8")
    for finding in left:
        print(f"{finding.scene}.{finding.step}: {finding.object}: {CHECKS[finding.check]} ({finding.detail})")
    for waiver in unused:
        print(
            f"{WAIVERS}: the waiver for {waiver['scene']}.{waiver['step']} covers nothing any more; remove it"
        )
    print(
        f"{len(left)} findings in {len(jobs)} plays, {len(findings) - len(left)} waived; {folder / 'findings.json'}"
    )
    return 1 if left or unused else 0


def _findings(module: str, name: str, settings: Settings, folder: Path) -> list[Finding]:
    scene = getattr(importlib.import_module(module), name)
    return [f for audit in audit_scene(scene, settings, pictures=folder) for f in audit.findings]
