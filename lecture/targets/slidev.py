"""`make slidev`: a Slidev deck, and a component for every scene to be used in one's own."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from markupsafe import escape
from PIL import Image

from .common import HERE, KEYS, Options, copy_media, folder, is_dark, language_tag, rest_of, style_of
from .live import write_live
from .recode import HEAVY, lighten
from .web import webp

__all__ = ["BEFORE", "VERSION", "emit"]

#: Of @slidev/cli, and the day of the packages that it is known to work with.
VERSION, BEFORE = "52.14.2", "2026-05-01"


def emit(manifest: dict[str, Any], media: Path, out: Path, options: Options) -> Path:
    """Write the project: `npm install` and `npx slidev` show it."""
    with folder(out) as root:
        (root / "components").mkdir()
        player = (HERE / "templates" / "LectureScene.vue").read_text(encoding="utf-8")
        (root / "components" / "LectureScene.vue").write_text(player, encoding="utf-8")
        for scene in manifest["scenes"]:
            _write_scene(manifest, media, scene, root, options.voice)
        style = style_of(manifest, options.lecture)
        for item in write_live(manifest, options.lecture, style, root / "public" / "lecture" / "live")[0]:
            (root / "components" / f"{component_name(item['slug'])}.vue").write_text(
                _live_component(item), encoding="utf-8"
            )
        (root / "slides.md").write_text(_slides(manifest, options), encoding="utf-8")
        # Around slides on a screen of another shape, and where the two differ by a rounded pixel.
        around = f":root {{ --slidev-slide-container-background: {manifest['theme']['background']}; }}\n"
        (root / "styles").mkdir()
        (root / "styles" / "index.css").write_text(around, encoding="utf-8")
        package = {
            "name": "lecture",
            "private": True,
            "type": "module",
            "scripts": {
                "dev": "slidev --open",
                "build": "slidev build",
                "export": "slidev export --with-clicks --wait 2000",
            },
            "dependencies": {"@slidev/cli": VERSION},
        }
        (root / "package.json").write_text(json.dumps(package, indent=2) + "\n", encoding="utf-8")
        (root / ".npmrc").write_text(f"before={BEFORE}\n", encoding="utf-8")
    return out / "slides.md"


def _write_scene(
    manifest: dict[str, Any], media: Path, scene: dict[str, Any], root: Path, voice: bool
) -> None:
    """Film, stills, and the component that knows when each step begins and ends."""
    home, video = f"lecture/{scene['slug']}", manifest["video"]
    lighten(copy_media(media, scene["film"], root / "public" / home / "film.mp4", sound=voice), HEAVY)
    steps = []
    for step in scene["steps"]:
        still = f"{step['number']:02}.webp"
        png = copy_media(media, step["still"], root / "public" / home / "still.png")
        with Image.open(png) as image:
            (png.parent / still).write_bytes(webp(image))
        png.unlink()
        times = {"start": 0.0, "rest": rest_of(step), "end": step["duration"]}
        steps.append(
            {name: round(step["start"] + time, 4) for name, time in times.items()}
            | {"still": still, "alt": step["alt"]}
        )
    properties = {
        "folder": home,
        "rate": video["frame_rate"],
        "width": video["width"],
        "height": video["height"],
        "steps": steps,
    }
    component = (
        '<script setup lang="ts">\n'
        "import LectureScene from './LectureScene.vue'\n\n"
        f"const scene = {_script(properties)}\n"
        "</script>\n\n"
        '<template>\n  <LectureScene v-bind="scene" />\n</template>\n'
    )
    (root / "components" / f"{scene['name']}.vue").write_text(component, encoding="utf-8")


def component_name(name: str) -> str:
    """What a figure's component is called.

    Examples
    --------
    >>> component_name("live-wheel")
    'LiveWheel'
    """
    return "".join(part.capitalize() for part in name.split("-"))


def _live_component(item: dict[str, Any]) -> str:
    """A live figure in a frame, in the brightness that the deck has: its keys are its own there."""
    address = f"lecture/live/{item['slug']}.html"
    return (
        '<script setup lang="ts">\n'
        "import { useDarkMode } from '@slidev/client'\n\n"
        "const { isDark } = useDarkMode()\n"
        f"const address = `${{import.meta.env.BASE_URL}}{address}`\n"
        "</script>\n\n"
        "<template>\n"
        "  <iframe :src=\"`${address}?scheme=${isDark ? 'dark' : 'light'}`\" "
        f':title="{_attribute(item["title"])}" style="width: 100%; height: 100%; min-height: 400px; border: 0" />\n'
        "</template>\n"
    )


def _attribute(text: str) -> str:
    """A text as a JavaScript string inside an attribute of a template."""
    return str(escape(_script(text)))


def _script(value: Any) -> str:
    """JSON that can stand in a script element."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    return re.sub("[<>&\u2028\u2029]", lambda m: f"\\u{ord(m[0]):04x}", text)


def _slides(manifest: dict[str, Any], options: Options) -> str:
    scenes, theme = manifest["scenes"], manifest["theme"]
    style = style_of(manifest, options.lecture)
    language = style.language.code
    head = {
        "theme": "none",
        "title": _title(manifest["title"]),
        "htmlAttrs": {"lang": language_tag(language)},
        "favicon": "data:,",  # the default one is fetched from another machine
        "fonts": {"provider": "none"},
        "colorSchema": "dark" if is_dark(theme["background"]) else "light",
        "aspectRatio": options.aspect.replace(":", "/"),
        "canvasWidth": {"16:9": 980, "4:3": 735}[options.aspect],
        "routerMode": "hash",
        "transition": None,
        "wakeLock": False,
    }
    slides = []
    for k, scene in enumerate(scenes):
        front = (head if k == 0 else {}) | {"layout": "none", "routeAlias": scene["slug"]}
        if k:
            front["title"] = _title(scene["plain_title"])
        lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in front.items()]
        notes = "\n\n[click] ".join(_note(step["narration"]) for step in scene["steps"])
        if k == 0:
            notes = f"{_note(style.text(KEYS))}\n\n{notes}"
        slides.append(
            "---\n" + "\n".join(lines) + "\n---\n\n"
            f'<div style="position: absolute; inset: 0; display: grid; align-items: center; '
            f'background: {theme["background"]}">\n  <{scene["name"]} />\n</div>\n\n'
            f"<!--\n{notes}\n-->\n"
        )
    return "\n".join(slides)


def _plain(text: str) -> str:
    """A text for YAML, which knows fewer letters than JSON."""
    return " ".join(re.sub("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", " ", text).split())


def _title(text: str) -> str:
    """A title, which Slidev takes for Markdown in its contents, and for plain text in the browser's tab.

    Examples
    --------
    >>> _title("Why: a < b & c")
    'Why: a &#60; b & c'
    """
    return re.sub(r"[<>{}*_`\[\]$\\]|&(?=#?\w+;)|-(?=-)", lambda m: f"&#{ord(m[0])};", _plain(text))


def _note(text: str) -> str:
    """A text for a comment that is read as Markdown.

    Examples
    --------
    >>> _note("a --> b")
    'a &#45;&#45;&#62; b'
    """
    return re.sub(r"[^\w\s.,;?%/’'\"]", lambda m: f"&#{ord(m[0])};" if m[0] < "\x7f" else m[0], _plain(text))
