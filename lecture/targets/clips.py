"""`make clips`: loose files that sort in the order of the lecture, and a list of what plays where."""

from __future__ import annotations

import io
import os
import shutil
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, ImageColor

from . import TRANSPARENT_FOLDER
from .common import HERE, Options, copy_media, folder
from .transparent import files_of, is_current
from .web import captions

__all__ = ["emit", "moving_pictures", "rest_on_last", "small_frames"]

# Of GIF and WebP: seconds between frames (GIF counts hundredths), seconds on the last one, and the widest.
_PERIOD, _REST, _WIDEST = 0.08, 2.0, 640

# Levels of a channel by which a video's background may be off, after coding and conversion.
_NEAR = 4


def emit(manifest: dict[str, Any], media: Path, out: Path, options: Options) -> Path:
    """Write a folder for each kind of file; the same step has the same name in each."""
    lines = []
    digits = len(str(len(manifest["scenes"])))
    # Drawing GIF and WebP takes a second or two a step.
    with folder(out) as root, ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        drawn = {}
        for number, scene in enumerate(manifest["scenes"], start=1):
            stem = f"{number:0{max(2, digits)}}-{scene['slug']}"
            copy_media(media, scene["film"], root / "films" / f"{stem}.mp4", sound=options.voice)
            (root / "films" / f"{stem}.vtt").write_text(captions(scene), encoding="utf-8")
            lines.append(f"\n## {_text(scene['plain_title'])}\n\n`{stem}`: {_text(scene['claim'])}\n")
            for step in scene["steps"]:
                name = f"{stem}-{step['number']:02}-{step['slug']}"
                to = root / "clips" / f"{name}.mp4"
                clip = copy_media(media, step["clip"], to, sound=options.voice)
                copy_media(media, step["still"], root / "stills" / f"{name}.png")
                background = manifest["theme"]["background"]
                job = pool.submit(_write_moving_pictures, clip, step["motion"], background, root, name)
                drawn[job] = scene["name"], step["name"], step["motion"]
                lines.append(f"- `{name}` ({step['duration']:.1f} s): {_text(step['alt'])}")
            if not is_current(scene, media, media / TRANSPARENT_FOLDER):
                continue
            for step, paths in files_of(scene, media / TRANSPARENT_FOLDER):
                name = f"{stem}-{step['number']:02}-{step['slug']}"
                for suffix, path in paths.items():
                    to = root / "transparent" / suffix / f"{name}.{suffix}"
                    to.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, to)
        work = {(scene, step): seconds for scene, step, seconds in drawn.values()}
        options.progress.begin(work, os.cpu_count() or 1)
        for done in as_completed(drawn):
            done.result()
            options.progress.advance(*drawn[done][:2])
        options.progress.end()
        about = (HERE / "templates" / "clips.md").read_text(encoding="utf-8")
        about = about.replace("SCENE", manifest["scenes"][0]["name"])
        title = _text(manifest["title"])
        (root / "README.md").write_text(f"# {title}\n\n{about}" + "\n".join(lines) + "\n", encoding="utf-8")
    return out / "README.md"


def _text(text: str) -> str:
    """A text that Markdown takes as it is, on one line."""
    line = " ".join(text.split())
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]<>()#+!|$&~" else letter for letter in line)


def _write_moving_pictures(clip: Path, motion: float, background: str, root: Path, name: str) -> None:
    for kind, content in moving_pictures(clip, motion, background).items():
        (root / kind).mkdir(exist_ok=True)
        (root / kind / f"{name}.{kind}").write_bytes(content)


def moving_pictures(clip: Path, motion: float, background: str) -> dict[str, bytes]:
    """A clip as GIF and animated WebP, which rest on the last frame before they begin again.

    Parameters
    ----------
    clip : Path
    motion : float
        Seconds until the last frame is reached.
    background : str
        The theme's, as ``"#rrggbb"``.
    """
    return rest_on_last(small_frames(clip, motion, background), background)


def small_frames(clip: Path, motion: float, background: str) -> list[Image.Image]:
    """Frames of a clip at the pace of moving pictures, up to the one that it ends on."""
    frames: list[Image.Image] = []
    with av.open(str(clip)) as container:
        for frame in container.decode(video=0):
            if float(frame.time or 0) >= motion - 1e-6:
                frames.append(_small(frame, background))
                break
            if float(frame.time or 0) >= len(frames) * _PERIOD - 1e-6:
                frames.append(_small(frame, background))
    return frames


def rest_on_last(frames: list[Image.Image], background: str) -> dict[str, bytes]:
    """Frames as GIF and animated WebP, the last one shown for longer."""
    durations = [round(1000 * _PERIOD)] * (len(frames) - 1) + [round(1000 * _REST)]
    return {"gif": _gif(frames, durations, background), "webp": _webp(frames, durations)}


def _small(frame: av.VideoFrame, background: str) -> Image.Image:
    """A frame, not too large; what a video's coding left near the background is the background again."""
    image = frame.to_image()
    if image.width > _WIDEST:
        image = image.resize((_WIDEST, round(image.height * _WIDEST / image.width)), Image.Resampling.LANCZOS)
    pixels = np.array(image)
    behind = ImageColor.getrgb(background)
    pixels[np.abs(pixels.astype(np.int16) - behind).max(axis=2) <= _NEAR] = behind
    return Image.fromarray(pixels)


def _webp(frames: list[Image.Image], durations: list[int]) -> bytes:
    buffer = io.BytesIO()
    options = {"duration": durations, "loop": 0, "quality": 85, "method": 2}
    frames[0].save(buffer, "WEBP", save_all=True, append_images=frames[1:], **options)
    return buffer.getvalue()


def _gif(frames: list[Image.Image], durations: list[int], background: str) -> bytes:
    # One palette for all frames, or what stands still would flicker; made of a few of them.
    width, height = frames[0].size
    few = [frames[k * (len(frames) - 1) // 3] for k in range(4)]
    sheet = Image.new("RGB", (width, 4 * height))
    for k, frame in enumerate(few):
        sheet.paste(frame, (0, k * height))
    palette = sheet.quantize(255, Image.Quantize.MAXCOVERAGE)
    # The last color is the background, exactly: a GIF has to melt into a slide, too.
    behind = ImageColor.getrgb(background)
    colors = [*(palette.getpalette() or [])[: 3 * 255], *behind]
    flat = []
    for frame in frames:
        indices = np.array(frame.quantize(palette=palette, dither=Image.Dither.NONE))
        indices[(np.asarray(frame) == behind).all(axis=2)] = len(colors) // 3 - 1
        flat.append(Image.fromarray(indices))
        flat[-1].putpalette(colors)
    buffer = io.BytesIO()
    flat[0].save(buffer, "GIF", save_all=True, append_images=flat[1:], duration=durations, loop=0)
    return buffer.getvalue()
