"""Sliders: a clip in which every frame belongs to one value that a reader sets by hand, and what is true of each.

The lecture names a module of its own for them (:attr:`lecture.definition.Lecture.sliders`), with

``BELONGS_TO``
    the scenes that are swept, in their order, and the scene of the film that each of them lets the reader try;
``sweep(name, problem, frames, style)``
    from the problem as the manifest has it to a :class:`Sweep` of so many frames, in the words and symbols of a style.
"""

from __future__ import annotations

import base64
import importlib
import io
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import av
from markupsafe import Markup
from PIL import Image

from lecture.definition import Lecture
from lecture.stage.style import Style

from . import SLIDERS_FOLDER
from .common import TargetError, slug
from .recode import encode_h264

__all__ = ["Mark", "Slider", "Sweep", "load_sliders", "scenes_of_sliders"]

# A key frame every fifth of a second: any frame is shown within a few milliseconds, at a quarter more bytes.
_KEYS_PER_SECOND = 5


class Mark(NamedTuple):
    """A place along the track, as a share of it; what stands there, and the role of its color."""

    at: float
    shows: Markup
    role: str = "dim"


@dataclass(frozen=True)
class Sweep:
    """What is true at every frame of a sweep.

    Attributes
    ----------
    start : int
        The frame that the slider begins with.
    label : str
        What is moved.
    spoken : sequence of str
        The value at each frame, for those who hear it.
    readout, body : Markup
        Beside the track, and below. An element with ``data-lec-text="name"`` follows `series`; one with
        ``data-lec-level="name"`` has its custom property ``--level`` follow `levels`.
    marks : sequence of Mark
    series : dict of str to sequence of str
        Texts by name, one for each frame.
    levels : dict of str to sequence of float
    """

    start: int
    label: str
    spoken: Sequence[str]
    readout: Markup
    body: Markup
    marks: Sequence[Mark] = ()
    series: Mapping[str, Sequence[str]] = field(default_factory=dict)
    levels: Mapping[str, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Slider:
    """One slider, ready to be written.

    Attributes
    ----------
    name, slug, belongs_to : str
    title, instruction, alt : str
        What it is called, what to do, and what is seen.
    clip, poster : bytes
        MP4 with a key frame every fifth of a second; the frame that it begins with, as WebP.
    """

    name: str
    slug: str
    belongs_to: str
    title: str
    instruction: str
    alt: str
    width: int
    height: int
    rate: int
    clip: bytes
    poster: bytes
    sweep: Sweep

    @property
    def clip_script(self) -> str:
        """The clip as a script: pages opened from a disk may load scripts, but not read files."""
        text = base64.b64encode(self.clip).decode()
        return f"(self.lecClips = self.lecClips || {{}})[{json.dumps(self.name)}] = {json.dumps(text)};\n"


def scenes_of_sliders(lecture: Lecture) -> dict[str, str]:
    """The scenes of a lecture's sliders, and the scene of the film that each belongs to."""
    return dict(importlib.import_module(lecture.sliders).BELONGS_TO) if lecture.sliders else {}


def load_sliders(media: Path, manifest: dict[str, Any], lecture: Lecture, style: Style) -> list[Slider]:
    """The sliders of a media folder whose scenes are in the manifest.

    Parameters
    ----------
    media : Path
        Its folder `.sliders` has a manifest of what sliders show.
    manifest : dict
        Of the lecture.

    Raises
    ------
    TargetError
        If they were not rendered, or for another problem or look than the lecture.
    """
    from lecture.manifest import ManifestError, load

    shown = {scene["name"] for scene in manifest["scenes"]}
    belongs_to = {name: to for name, to in scenes_of_sliders(lecture).items() if to in shown}
    if not belongs_to:
        return []
    home = media / SLIDERS_FOLDER
    try:
        own = load(home / "manifest.json")
    except ManifestError as error:
        raise TargetError(f"sliders: {error}") from None
    for part in ("problem", "theme", "video"):
        if own[part] != manifest[part]:
            raise TargetError(f"the sliders in {home} are of another {part} than the lecture; make it again")
    sweep = importlib.import_module(lecture.sliders).sweep
    sliders = []
    for scene in own["scenes"]:
        if scene["name"] not in belongs_to:
            continue
        (step, *_), rate, name = scene["steps"], own["video"]["frame_rate"], scene["name"]
        if step["clip"] is None:
            raise TargetError(f"{name} was never rendered, only stills were; run make first")
        frames = round(step["motion"] * rate) + 1
        swept = sweep(name, own["problem"], frames, style)
        clip, poster = _scrubbed(home / step["clip"]["path"], frames, rate, swept.start)
        sliders.append(
            Slider(
                name=name,
                slug=slug(name, lecture.acronyms),
                belongs_to=belongs_to[name],
                title=scene["plain_title"],
                instruction=step["narration"],
                alt=step["alt"],
                width=own["video"]["width"],
                height=own["video"]["height"],
                rate=rate,
                clip=clip,
                poster=poster,
                sweep=swept,
            )
        )
    return sliders


def _scrubbed(source: Path, count: int, rate: int, start: int) -> tuple[bytes, bytes]:
    """The first `count` frames of a clip with many key frames, and frame `start` as WebP."""
    target, poster = io.BytesIO(), b""

    def frames(reading: Any) -> Iterator[av.VideoFrame]:
        nonlocal poster
        for number, frame in enumerate(itertools.islice(reading.decode(video=0), count)):
            if number == start:
                poster = _webp(frame.to_image())
            yield frame

    try:
        reading = av.open(str(source))
    except (OSError, av.FFmpegError):
        raise TargetError(f"{source} is gone although the manifest lists it; make it again") from None
    with reading:
        before, gop = reading.streams.video[0], max(1, round(rate / _KEYS_PER_SECOND))
        encode_h264(frames(reading), target, (before.width, before.height), rate, gop)
    return target.getvalue(), poster


def _webp(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "WEBP", quality=88, method=4)
    return buffer.getvalue()
