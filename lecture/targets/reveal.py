"""`make reveal`: a self-contained reveal.js deck, one click a step."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from PIL import Image

from lecture.words import _

from .common import KEYS, Options, copy_media, folder, npm_package, rest_of, style_of, templates
from .live import frame, write_live
from .recode import HEAVY, lighten
from .web import static, webp

__all__ = ["VERSION", "emit", "ends_as_it_began"]

#: Of reveal.js, from npm.
VERSION = "6.0.2"

_PARTS = {
    "LICENSE": "LICENSE",
    "dist/reset.css": "reset.css",
    "dist/reveal.css": "reveal.css",
    "dist/reveal.js": "reveal.js",
    "dist/plugin/notes.js": "notes.js",
}


def emit(manifest: dict[str, Any], media: Path, out: Path, options: Options) -> Path:
    """Write the deck, and for every scene its slides alone, to be put into another deck."""
    package = npm_package("reveal.js", VERSION, "the reveal.js deck")
    style, video = style_of(manifest, options.lecture), manifest["video"]
    environment = templates(style)
    with folder(out) as root:
        (root / "reveal").mkdir()
        for source, name in _PARTS.items():
            shutil.copyfile(package / source, root / "reveal" / name)
        for name in ("deck.css", "deck.js"):
            (root / name).write_text(static(name), encoding="utf-8")
        (root / "slides").mkdir()
        slides: list[Markup] = []
        for scene in manifest["scenes"]:
            name = scene["slug"]
            sections = environment.get_template("reveal_steps.html").render(
                slug=name,
                video=video,
                steps=_steps(media, scene, root, f"clips/{name}", options.voice),
                voice=options.voice,
                keys=style.text(KEYS) if not slides else "",
            )
            (root / "slides" / f"{name}.html").write_text(sections, encoding="utf-8")
            slides.append(Markup(sections))  # made of escaped texts just above
        for item in write_live(manifest, options.lecture, style, root / "live")[0]:
            shown = frame(f"live/{item['slug']}.html", item["title"])
            slide = f"<section>\n  {shown}\n</section>\n"
            (root / "slides" / f"{item['slug']}.html").write_text(slide, encoding="utf-8")
        page = environment.get_template("reveal.html").render(
            title=manifest["title"],
            theme=manifest["theme"],
            slides=slides,
            setup={
                "size": {"width": {"16:9": 1280, "4:3": 960}[options.aspect], "height": 720},
                "captions": style.text(_("Captions")),
                "again": style.text(_("Play the step again")),
                "kiosk": options.voice,
                "pause": style.text(_("Pause, and go on")),
                "loop": style.text(_("Play the step in a loop")),
                "run": style.text(_("Run by itself, a step after the other")),
                "begin": style.text(_("Press space to begin")),
            },
        )
        (root / "index.html").write_text(page, encoding="utf-8")
    return out / "index.html"


def _steps(media: Path, scene: dict[str, Any], root: Path, home: str, voice: bool) -> list[dict[str, Any]]:
    """The steps of a scene with their clips and stills copied."""
    steps, before = [], None
    for step in scene["steps"]:
        stem = f"{home}/{step['number']:02}-{step['slug']}"
        clip = copy_media(media, step["clip"], root / f"{stem}.mp4", sound=voice)
        lighten(clip, HEAVY * step["clip"]["bytes"] / scene["film"]["bytes"])
        png = copy_media(media, step["still"], root / f"{stem}.png")
        with Image.open(png) as still:
            pixels = np.asarray(still.convert("RGB"))
            (root / f"{stem}.webp").write_bytes(webp(still))
        png.unlink()
        # A deck that speaks goes on by itself when a clip has ended.
        loops = not voice and before is not None and step["motion"] > 0 and ends_as_it_began(before, pixels)
        steps.append(
            step
            | {
                "clip_path": f"{stem}.mp4",
                "still_path": f"{stem}.webp",
                "loops": loops,
                "rest": rest_of(step),
            }
        )
        before = pixels
    return steps


def ends_as_it_began(before: np.ndarray, after: np.ndarray) -> bool:
    """Whether a step leads back to the picture before it, so that it may play in a loop.

    The line of title and formula, the upper fifth, may light up differently.

    Parameters
    ----------
    before, after : ndarray of shape (height, width, 3)
        Last frames of the step before and of the step.
    """
    top = len(before) // 5
    differs = np.abs(after[top:].astype(np.int16) - before[top:]).max(axis=2) > 32
    return bool(differs.mean() < 1e-4)
