"""A media folder like a rendered one, made in a second: every frame shows its own number in black and white."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lecture import targets
from lecture.definition import Lecture
from lecture.frames.captions import captions_of
from lecture.frames.encode import StepEncoder, Video
from lecture.frames.film import Held, write_film
from lecture.manifest import VERSION, describe_symbols, describe_theme
from lecture.notation import Notation
from lecture.stage.theme import Theme
from lecture.targets.common import Options
from lecture.voice.sound import aac
from scenes import LECTURE

RATE = 30
VIDEO = Video(320, 180, RATE)
HOLD = 30
_BITS = 8

#: What an author of a lecture might write, by accident or not.
HOSTILE = "<script>alert(1)</script> & \"quoted\" {{ site.time }} {% raw %} 'single' ${x} </figure>"


def picture(number: int) -> np.ndarray:
    """A frame that shows a number below 256, RGBA."""
    frame = np.full((VIDEO.height, VIDEO.width, 4), 255, np.uint8)
    for bit in range(_BITS):
        left, right = (VIDEO.width * b // _BITS for b in (bit, bit + 1))
        frame[:, left:right, :3] = 235 if number >> bit & 1 else 20
    return frame


def number_in(image: Image.Image) -> int:
    """The number that a frame shows, in a picture of it of any size."""
    gray = np.asarray(image.convert("L"), dtype=float)
    row = gray[gray.shape[0] // 3]
    middles = [(2 * bit + 1) * len(row) // (2 * _BITS) for bit in range(_BITS)]
    return sum(int(row[x] > 128) << bit for bit, x in enumerate(middles))


#: Scene, chapter, title, and the numbers of the frames of its steps.
SCENES = (
    ("RotateIntoEigenbasis", 3, "Rotate into the eigenbasis", [range(0, 20), range(20, 50), range(50, 65)]),
    ("RescaleThenRotateBack", 3, "Rescale", [range(65, 80), [*range(80, 90), *range(89, 78, -1)]]),
    ("WhereForcesBalance", 3, "Balance", [range(90, 110), range(110, 130)]),
    ("ChoosingLambda", 5, "", [range(130, 140)]),
)


def last_frames(scene: str) -> list[int]:
    """The number on the last frame of each step."""
    return next([list(step)[-1] for step in steps] for name, _, _, steps in SCENES if name == scene)


def emit(
    target: str,
    manifest: dict[str, Any],
    media: Path,
    out: Path | None = None,
    only: tuple[str, ...] = (),
    lecture: Lecture = LECTURE,
    **choices: Any,
) -> Path:
    """A target of the folder; `choices` are other fields of `Options`."""
    return targets.emit(target, manifest, media, out, options=Options(lecture, only, **choices))


def make_media(
    media: Path,
    *,
    words: str = "",
    title: str = "A lecture",
    language: str = "en",
    theme: Theme | None = None,
    lecture: Lecture = LECTURE,
    scenes: Sequence[Any] = SCENES,
    speaks: bool = False,
    notation: Notation | None = None,
) -> dict[str, Any]:
    """Write the folder; `words` stands in every text, and a tone in every clip if it `speaks`. Returns the manifest."""
    problem = lecture.subject.describe(lecture.subject.default())
    head = {
        "version": VERSION,
        "lecture": {
            "name": "lecture",
            "title": f"{title} {words}".strip(),
            "language": language,
            "source": "lecture.toml",
            "film": None,
            "vtt": None,
            "srt": None,
        },
        "video": {
            "width": VIDEO.width,
            "height": VIDEO.height,
            "frame_rate": RATE,
            "quality": "l",
            "codec": "h264",
        },
        "symbols": describe_symbols(notation or lecture.notation),
        "theme": describe_theme(theme or lecture.palette.dark(), lecture.accent),
        "problem": problem | {"name": f"{problem.get('name', '')} {words}".strip()},
    }
    described = [_scene(media, *scene, words, speaks) for scene in scenes]
    chapters = [
        {
            "number": number,
            "title": f"Chapter {number} {words}".strip(),
            "numbered": True,
            "start": 0.0,
            "duration": 1.0,
            "scenes": [scene["name"] for scene in group],
        }
        for number, group in itertools.groupby(described, key=lambda scene: scene["chapter"])
    ]
    manifest = head | {"chapters": chapters, "scenes": described}
    _write(media, manifest)
    return manifest


def _write(media: Path, manifest: dict[str, Any]) -> None:
    (media / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def experiment(words: str) -> dict[str, Any]:
    """What a manifest tells of an experiment."""
    return {
        "name": "stop_sooner",
        "claim": f"It stops sooner. {words}".strip(),
        "control": f"Beside it, the same without a brake. {words}".strip(),
        "settings": {"rows": 100, "noise": 0.5},
        "holds": "with_brake < without",
        "seeds": [0, 1, 2],
        "held": 2,
        "measures": [
            {
                "name": name,
                "label": f"seconds {name} {words}".strip(),
                "values": values,
                "median": sorted(values)[1],
                "low": min(values),
                "high": max(values),
            }
            for name, values in (("with_brake", [1.0, 2.0, 4.0]), ("without", [3.0, 3.5, 3.25]))
        ],
    }


def _scene(
    media: Path, name: str, chapter: int, title: str, numbers: list[Any], words: str, speaks: bool = False
) -> dict[str, Any]:
    steps, parts, at = [], [], 0
    for k, frames in enumerate(map(list, numbers), start=1):
        encoder = StepEncoder(VIDEO)
        for number in frames:
            encoder.write(picture(number))
        part = Held(encoder.finish(), HOLD)
        parts.append(part)
        stem = f"scenes/{name}/{k:02}_do_step_{k}"
        tone = 0.1 * np.sin(np.arange(round(48_000 * part.frames / RATE)) * 0.05).astype(np.float32)
        sound = aac(tone) if speaks else []
        size = write_film(media / f"{stem}.mp4", VIDEO, [part], title=name, sound=sound)
        png = io.BytesIO()
        Image.fromarray(picture(frames[-1])).convert("RGB").save(png, "PNG")
        (media / f"{stem}.png").write_bytes(png.getvalue())
        narration = f"Step {k} of {name}. {words}".strip()
        duration = part.frames / RATE
        steps.append(
            {
                "name": f"do_step_{k}",
                "number": k,
                "start": at / RATE,
                "duration": duration,
                "motion": (len(frames) - 1) / RATE,
                "clip": {"path": f"{stem}.mp4", "bytes": size},
                "still": {"path": f"{stem}.png", "bytes": len(png.getvalue())},
                "narration": narration,
                "captions": [
                    {"start": c.start, "end": c.end, "lines": list(c.lines)}
                    for c in captions_of(narration, duration)
                ],
                "alt": f"The number {frames[-1]}. {words}".strip(),
                "question": None,
                "covers": [],
                "numbers": [],
                "planes": [],
                "experiments": [experiment(words)] if k == 1 else [],
            }
        )
        at += part.frames
    size = write_film(media / f"scenes/{name}.mp4", VIDEO, parts, title=name)
    return {
        "name": name,
        "title": title,
        "plain_title": f"{title or name} {words}".strip(),
        "claim": f"What {name} claims. {words}".strip(),
        "chapter": chapter,
        "start": 0.0,
        "duration": at / RATE,
        "film": {"path": f"scenes/{name}.mp4", "bytes": size},
        "vtt": None,
        "steps": steps,
    }
