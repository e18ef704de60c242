"""What the web page and the blog share: folders of scenes that work by themselves, fonts, snippets."""

from __future__ import annotations

import base64
import hashlib
import html
import importlib.resources
import io
import json
import logging
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from PIL import Image, ImageOps

from lecture.definition import Lecture
from lecture.formulas import role_class
from lecture.frames.captions import Caption, webvtt
from lecture.manifest import describe_theme

from .common import HERE, PROJECT, copy_media, folder, is_dark, rest_of, theme_class
from .recode import HEAVY, lighten

__all__ = [
    "Themes",
    "captions",
    "color_variables",
    "defended",
    "descriptions",
    "embed_page",
    "embedded_fonts",
    "icon",
    "page_style",
    "player_style",
    "static",
    "themes_of",
    "view_experiment",
    "view_scene",
    "webp",
    "write_fonts",
    "write_preview",
    "write_scene",
    "write_stills",
]

_FEATURES = ["kern", "liga", "ccmp", "locl", "mark", "mkmk", "tnum", "lnum", "rvrn"]

_FONTS = {
    "serif": ("fontpkg_source_serif_4", "SourceSerif4[opsz,wght].ttf", "Lecture Serif"),
    "serif-italic": ("fontpkg_source_serif_4", "SourceSerif4-Italic[opsz,wght].ttf", "Lecture Serif"),
    "sans": ("fontpkg_source_sans_3", "SourceSans3[wght].ttf", "Lecture Sans"),
}
_MADE_OF = "/* Made of Source Serif and Source Sans, © Adobe, under the SIL Open Font License 1.1. */\n"
_WEIGHTS = (400, 700)  # what the style sheets set
# Letters that the faces have for every page, so that most pages share one cut, which takes seconds: ASCII, Greek,
# and what formulas in text are made of.
_ALWAYS = {
    *map(chr, range(0x20, 0x7F)),
    *map(chr, range(0x391, 0x3CA)),
    *"·×±−≈≤≥≠√∞∂∇∑∏⊤‖←→↑↓°²³¹⁰⁴⁵⁶⁷⁸⁹⁺⁻₀₁₂₃₄₅₆₇₈₉₊₋ᵀⱼₜ\u0302\u0303\u0304\u00a0–—‘’“”…«»©",
}


@dataclass(frozen=True)
class Themes:
    """The lecture's colors, and those of a page around it when it is dark and when it is bright."""

    own: dict[str, str]
    dark: dict[str, str]
    light: dict[str, str]


def themes_of(manifest: dict[str, Any], lecture: Lecture) -> Themes:
    """The brightness that the lecture has is taken from it, so that its pictures melt into the page."""
    own, palette, accent = manifest["theme"], lecture.palette, lecture.accent
    if is_dark(own["background"]):
        return Themes(own, own, describe_theme(palette.light(), accent))
    return Themes(own, describe_theme(palette.dark(), accent), own)


def view_scene(scene: dict[str, Any], rate: int) -> dict[str, Any]:
    """A scene of the manifest with what its player needs."""
    steps = [step | {"still_name": f"{step['number']:02}.webp"} for step in scene["steps"]]
    experiments = {e["name"]: e for step in scene["steps"] for e in step["experiments"]}
    return scene | {
        "steps": steps,
        "experiments": [view_experiment(e) for e in experiments.values()],
        "player": {
            "slug": scene["slug"],
            "rate": rate,
            "starts": [round(step["start"], 4) for step in steps],
            "rests": [round(step["start"] + rest_of(step), 4) for step in steps],
            "ends": [round(step["start"] + step["duration"], 4) for step in steps],
            "said": [step["narration"] for step in steps],
            "captions": captions(scene),
            "described": descriptions(scene),
        },
    }


def view_experiment(experiment: dict[str, Any]) -> dict[str, Any]:
    """An experiment of the manifest as a page shows it: numbers as they are written."""
    return experiment | {
        "settings": ", ".join(f"{name} {_written(value)}" for name, value in experiment["settings"].items()),
        "first": experiment["seeds"][0],
        "last": experiment["seeds"][-1],
        "count": len(experiment["seeds"]),
        "measures": [
            measure | {name: _written(float(f"{measure[name]:.3g}")) for name in ("median", "low", "high")}
            for measure in experiment["measures"]
        ],
    }


def _written(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(_written, value))
    return f"{value:g}".replace("-", "−") if isinstance(value, float) else str(value)


def captions(scene: dict[str, Any]) -> str:
    """The captions of a scene as WebVTT."""
    return webvtt(
        Caption(step["start"] + c["start"], step["start"] + c["end"], tuple(c["lines"]))
        for step in scene["steps"]
        for c in step["captions"]
    )


def descriptions(scene: dict[str, Any]) -> str:
    """What each step shows, as WebVTT for those who hear it instead."""
    return webvtt(
        Caption(step["start"], step["start"] + step["duration"], (" ".join(step["alt"].split()),))
        for step in scene["steps"]
    )


def write_scene(media: Path, scene: dict[str, Any], to: Path) -> int:
    """Film, captions, poster and stills of a scene in a folder; returns their size in bytes."""
    lighten(copy_media(media, scene["film"], to / "film.mp4"), HEAVY)
    (to / "captions.vtt").write_text(captions(scene), encoding="utf-8")
    (to / "descriptions.vtt").write_text(descriptions(scene), encoding="utf-8")
    for step in scene["steps"]:
        with Image.open(copy_media(media, step["still"], to / "still.png")) as still:
            (to / f"{step['number']:02}.webp").write_bytes(webp(still))
        (to / "still.png").unlink()
    with Image.open(copy_media(media, _inviting(scene["steps"])["still"], to / "still.png")) as still:
        (to / "poster.webp").write_bytes(webp(still, lossless=False))
    (to / "still.png").unlink()
    return sum(path.stat().st_size for path in to.iterdir())


def write_stills(media: Path, scene: dict[str, Any], to: Path) -> None:
    """A scene's stills for paper in a folder."""
    for step in scene["steps"]:
        with Image.open(copy_media(media, step["still"], to / "still.png")) as still:
            (to / f"{step['number']:02}.webp").write_bytes(webp(still, lossless=False))
        (to / "still.png").unlink()


#: What pages that link to this one show of it, in pixels.
_PREVIEW = (1200, 630)


def write_preview(media: Path, scene: dict[str, Any], background: str, to: Path) -> None:
    """The picture that other sites show with a link to the page: how a scene ends, on the lecture's background."""
    with Image.open(copy_media(media, scene["steps"][-1]["still"], to.with_suffix(".png"))) as still:
        picture = ImageOps.pad(still.convert("RGB"), _PREVIEW, Image.Resampling.LANCZOS, color=background)
        picture.save(to, "JPEG", quality=88)
    to.with_suffix(".png").unlink()


def _inviting(steps: list[dict[str, Any]]) -> dict[str, Any]:
    """The step whose last frame invites to watch: the first question, or how the scene begins; never how it ends."""
    asking = (step for step in steps[:-1] if step["question"])
    return next(asking, steps[0])


def webp(image: Image.Image, *, lossless: bool = True) -> bytes:
    """A still for a web page: without loss less than half of the PNG, in its exact colors; else less than a fifth."""
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "WEBP", lossless=lossless, quality=80, method=4)
    return buffer.getvalue()


def static(name: str) -> str:
    """A style sheet or script of this package."""
    return (HERE / "templates" / name).read_text(encoding="utf-8")


def player_style(theme: dict[str, str]) -> str:
    """The style sheet of players, with a class for the theme and for every role of its palette."""
    roles = (name for name in theme if name not in ("name", "accent"))
    classes = [f".{role_class(role)} {{ color: var(--lec-{role}); }}\n" for role in roles]
    scheme = "dark" if is_dark(theme["background"]) else "light"
    own = f".{theme_class(theme)} {{ color-scheme: {scheme}; {color_variables(theme)} }}\n"
    return defended(static("player.css") + own + "".join(classes))


def page_style(themes: Themes, stations: int) -> str:
    """The style sheet of the page, in the brightness that its reader prefers.

    Parameters
    ----------
    stations : int
        Chapters beside each other in the contents.
    """
    colors = f":root {{ {color_variables(themes.light)} }}\n"
    colors += (
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {color_variables(themes.dark)} }} }}\n"
    )
    return colors + f"nav > ol {{ --stations: {stations}; }}\n" + defended(static("page.css"))


def icon(theme: dict[str, str]) -> str:
    """A picture for the browser's tab: without one browsers look for it elsewhere."""
    dot = f'<circle cx="8" cy="8" r="6" fill="{theme["accent"]}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">{dot}</svg>\n'


def color_variables(theme: dict[str, str]) -> str:
    """A custom property for every role of the lecture's palette."""
    return "; ".join(f"--lec-{role}: {color}" for role, color in theme.items() if role != "name")


def defended(css: str) -> str:
    """Rules of players and figures with the weight of one id more, so that hardly a rule of a host's outweighs them.

    Examples
    --------
    >>> defended(".lec-steps li, nav a { color: red; }")
    '.lec-steps:not(#_) li, nav a { color: red; }'
    """

    def heavier(rule: re.Match[str]) -> str:
        selectors = re.split(r",(?![^(]*\))", rule[1])
        return ",".join(re.sub(r"\.lec-[\w-]+", r"\g<0>:not(#_)", one, count=1) for one in selectors) + "{"

    comments = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.sub(r"([^{}@;]+)\{", heavier, comments)


# In a frame of a fixed height the picture leaves room for the steps.
_LOW_FRAME = ".lec-frame { max-width: calc((100svh - 3.6rem) * 16 / 9); margin-inline: auto; }\n"


def embed_page(
    environment: jinja2.Environment,
    title: str,
    video: dict[str, Any],
    theme: dict[str, str],
    to: Path,
    scene: dict[str, Any],
) -> int:
    """One scene as a page of its own in its folder, to be shown inside another; returns its size in bytes.

    All that it needs lies beside it: a host's policy may forbid styles and scripts inside a page.
    """
    page = environment.get_template("embed.html").render(title=title, video=video, theme=theme, scene=scene)
    files = {
        "index.html": page,
        "player.css": player_style(theme),
        "player.js": static("player.js"),
        "icon.svg": icon(theme),
        "embed.css": f"body {{ margin: 0; background: {theme['background']}; }}\n"
        + defended(".lec-player { border-radius: 0; }\n" + _LOW_FRAME),
    }
    for name, text in files.items():
        (to / name).write_text(text, encoding="utf-8")
    return sum(len(text.encode()) for text in files.values())


def write_fonts(root: Path) -> None:
    """A page's faces in its folder `fonts`, cut down to its letters and the usual ones, with their license.

    Embedded scenes carry theirs, and once more inside a style sheet, for sandboxed frames: those may load no file.
    """
    home = _fonts_with(_letters(root))
    shutil.copytree(home, root / "fonts")
    for sheet in root.glob("scenes/*/embed.css"):
        family = ':root { --lecture-sans: "Lecture Sans", system-ui, sans-serif; }\n'
        style = _face("sans", "sans.woff2") + family + sheet.read_text(encoding="utf-8")
        sheet.write_text(_MADE_OF + style, encoding="utf-8")
        sheet.with_name("font.css").write_text(
            _MADE_OF + _face("sans", _inside(home, "sans")), encoding="utf-8"
        )
        shutil.copy(home / "sans.woff2", sheet.parent)


def embedded_fonts(text: str) -> str:
    """A style sheet with the faces inside it, cut down to the letters of a text and the usual ones."""
    home = _fonts_with({*text})
    return _MADE_OF + "".join(_face(name, _inside(home, name)) for name in _FONTS)


def _inside(home: Path, name: str) -> str:
    """A face as an address that holds all of it."""
    return f"data:font/woff2;base64,{base64.b64encode((home / f'{name}.woff2').read_bytes()).decode()}"


def _face(name: str, address: str) -> str:
    return (
        f'@font-face {{ font-family: "{_FONTS[name][2]}"; font-weight: 200 900; '
        f"font-style: {'italic' if 'italic' in name else 'normal'}; "
        f'src: url({address}) format("woff2"); }}\n'
    )


def _fonts_with(letters: set[str]) -> Path:
    """A folder with the faces, which is kept."""
    known = sorted(letters | _ALWAYS)
    made_of = json.dumps([_FONTS, _WEIGHTS, _FEATURES, known])
    home = PROJECT / "build" / "fonts" / hashlib.blake2b(made_of.encode(), digest_size=8).hexdigest()
    if not home.is_dir():
        with folder(home) as temporary:
            _cut_fonts(temporary, known)
    return home


def _letters(root: Path) -> set[str]:
    """The letters in the pages and scripts of a folder; data in attributes and scripts has them as ``\\u03b8``."""
    found: set[str] = set()
    for path in root.rglob("*"):
        if path.suffix in (".html", ".js"):
            text = html.unescape(path.read_text(encoding="utf-8"))
            found |= {*text, *(chr(int(code, 16)) for code in re.findall(r"\\u([0-9a-fA-F]{4})", text))}
    return found


def _cut_fonts(to: Path, letters: list[str]) -> None:
    from fontTools import subset
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    logging.getLogger("fontTools").setLevel(logging.WARNING)
    for name, (package, file, family) in _FONTS.items():
        home = importlib.resources.files(package)
        with importlib.resources.as_file(home / "files" / file) as path:
            font = TTFont(path)
        options = subset.Options(layout_features=_FEATURES, notdef_outline=True, hinting=False)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=map(ord, letters))
        cutter.subset(font)
        axes = {axis.axisTag for axis in font["fvar"].axes}
        # One optical size, that of running text: with all of them a face is half as large again.
        font = instancer.instantiateVariableFont(
            font, {"wght": _WEIGHTS} | ({"opsz": 14} if "opsz" in axes else {})
        )
        # The license keeps the names of the originals for the originals.
        for record in font["name"].names:
            if record.nameID in (1, 3, 4, 6, 16):
                record.string = family.replace(" ", "") if record.nameID == 6 else family
        font.flavor = "woff2"
        font.save(to / f"{name}.woff2")
        (to / "OFL.txt").write_text((home / "LICENSE").read_text(encoding="utf-8"), encoding="utf-8")
