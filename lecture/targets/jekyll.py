"""`make jekyll`: folders to copy into a Jekyll site, with an include for single scenes and a page with all."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from .common import Options, folder, slug, style_of, templates
from .live import bundle, live_style, load_live
from .web import player_style, static, themes_of, view_scene, write_scene

__all__ = ["emit", "fragment"]

# Stands for the site's address while a fragment is escaped; no text may contain this character.
_BASE = "\x00"


def emit(manifest: dict[str, Any], media: Path, out: Path, options: Options) -> Path:
    """Write what goes into a site, called as the lecture's file: includes, assets, and a page with everything."""
    style = style_of(manifest, options.lecture)
    themes, video, environment = themes_of(manifest, options.lecture), manifest["video"], templates(style)
    player = environment.get_template("player.html").module
    name = slug(manifest["lecture"]["name"]) or "lecture"
    address = f"assets/{name}"
    with folder(out) as root:
        includes, assets = root / "_includes" / name, root / address
        includes.mkdir(parents=True)
        scenes = {}
        for scene in manifest["scenes"]:
            view, home = view_scene(scene, video["frame_rate"]), f"scenes/{scene['slug']}"
            write_scene(media, scene, assets / home)
            html = player.player(view, f"{_BASE}/{home}/", video, themes.own)  # type: ignore[attr-defined]
            (includes / f"{scene['slug']}.html").write_text(fragment(str(html), address), encoding="utf-8")
            texts = {"title": scene["plain_title"], "claim": scene["claim"]}
            scenes[scene["name"]] = {"slug": scene["slug"]} | {k: _inert(text) for k, text in texts.items()}
        figures = load_live(manifest, options.lecture, style)
        for item in figures:
            html = environment.get_template("live.html").module.live(item)  # type: ignore[attr-defined]
            (includes / f"{item['slug']}.html").write_text(fragment(str(html), address), encoding="utf-8")
        if figures:
            (assets / "live.css").write_text(live_style(themes), encoding="utf-8")
            (assets / "live.js").write_text(bundle(options.lecture), encoding="utf-8")
        (assets / "player.css").write_text(player_style(themes.own), encoding="utf-8")
        (assets / "player.js").write_text(static("player.js"), encoding="utf-8")
        example = manifest["scenes"][0]["slug"]
        include = environment.get_template("jekyll_include.html").render(name=name, example=example)
        (root / "_includes" / f"{name}.html").write_text(include, encoding="utf-8")
        page = environment.get_template("jekyll_page.html").render(
            name=name,
            layout="default",
            title_yaml=_yaml(manifest["title"]),
            figures=[item["slug"] for item in figures],
            chapters=[
                {"title": _inert(chapter["title"]), "scenes": [scenes[scene] for scene in chapter["scenes"]]}
                for chapter in manifest["chapters"]
            ],
        )
        (root / f"{name}.html").write_text(page, encoding="utf-8")
    return out / f"{name}.html"


def fragment(html: str, address: str = "assets/lecture") -> str:
    """A fragment on one line in which only the addresses are left to Liquid.

    Braces are written as references, so that no text can be taken for Liquid; Markdown leaves a block without blank
    lines and indents alone.

    Parameters
    ----------
    address : str
        The folder of the files that the fragment shows, inside the site.

    Examples
    --------
    >>> fragment("<p>\\n  <b>{{ site }}</b>\\n</p>")
    '<span data-lec-block><b>&#123;&#123; site &#125;&#125;</b></span>'
    """
    line = re.sub(r"\s*\n\s*", " ", html).replace("> <", "><").strip()
    line = re.sub(r"<(/?)(figure|figcaption|div|ol|li|p)\b([^>]*)>", _phrasing, line)
    line = line.replace("{", "&#123;").replace("}", "&#125;")
    return re.sub(
        rf'{_BASE}(/[^"]*)',
        lambda m: "{{ '/" + address + m[1] + "' | relative_url }}",
        line,
    )


# What elements of a player are for those who hear it, when they are spans.
_ROLES = {"figure": "figure", "ol": "list", "li": "listitem"}


def _phrasing(tag: re.Match[str]) -> str:
    """The same as a span: in a paragraph, Markdown takes the tags of blocks for text."""
    end, name, attributes = tag.groups()
    if end:
        return "</span>"
    role = f' role="{_ROLES[name]}"' if name in _ROLES and " role=" not in attributes else ""
    return f"<span data-lec-block{role}{attributes}>"


def _inert(text: str) -> Markup:
    """A text that is neither markup nor Liquid."""
    return Markup(str(escape(text)).replace("{", "&#123;").replace("}", "&#125;"))


def _yaml(text: str) -> Markup:
    """A text as YAML, which takes JSON's strings; layouts put it into markup."""
    return Markup(json.dumps(str(_inert(text)), ensure_ascii=False))
