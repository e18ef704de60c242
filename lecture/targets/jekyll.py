"""`make jekyll`: folders to copy into a Jekyll site, with an include for single scenes and a page with all."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from .common import Options, folder, templates
from .sliders import load_sliders
from .web import static, themes_of, view_scene, view_slider, write_scene, write_slider

__all__ = ["emit"]

_ASSETS = "assets/weight-decay"
# Stands for the site's address while a fragment is escaped; no text may contain this character.
_BASE = "\x00"


def emit(manifest: dict[str, Any], media: Path, out: Path, options: Options) -> Path:
    """Write what goes into a site: `_includes`, `assets` and the page `weight-decay.html`."""
    themes, video, environment = themes_of(manifest), manifest["video"], templates()
    player = environment.get_template("player.html").module
    sliders = load_sliders(media, manifest)
    with folder(out) as root:
        includes, assets = root / "_includes" / "weight-decay", root / _ASSETS
        includes.mkdir(parents=True)
        views = {}
        for scene in manifest["scenes"]:
            view = view_scene(scene, video["frame_rate"])
            home = f"scenes/{view['slug']}"
            write_scene(media, scene, assets / home)
            html = player.player(view, f"{_BASE}/{home}/", video, themes.own)  # type: ignore[attr-defined]
            (includes / f"{view['slug']}.html").write_text(fragment(str(html)), encoding="utf-8")
            views[scene["name"]] = {
                "slug": view["slug"],
                "title": view["plain_title"],
                "claim": view["claim"],
            }
        for slider in sliders:
            item, home = view_slider(slider), f"sliders/{slider.slug}"
            write_slider(slider, assets / home)
            html = player.slider(item, f"{_BASE}/{home}/", themes.own)  # type: ignore[attr-defined]
            (includes / f"{slider.slug}.html").write_text(fragment(str(html)), encoding="utf-8")
        for name in ("player.css", "player.js"):
            (assets / name).write_text(static(name), encoding="utf-8")
        (root / "_includes" / "weight-decay.html").write_text(static("jekyll_include.html"), encoding="utf-8")
        page = environment.get_template("jekyll_page.html").render(
            layout="default",
            title_yaml=_yaml(manifest["lecture"]["title"]),
            hero=[slider.slug for slider in sliders],
            chapters=[
                {
                    "title": _inert(chapter["title"]),
                    "scenes": [
                        views[name] | {key: _inert(views[name][key]) for key in ("title", "claim")}
                        for name in chapter["scenes"]
                    ],
                }
                for chapter in manifest["chapters"]
            ],
        )
        (root / "weight-decay.html").write_text(page, encoding="utf-8")
    return out / "weight-decay.html"


def fragment(html: str) -> str:
    """A fragment on one line in which only the addresses are left to Liquid.

    Braces are written as references, so that no text can be taken for Liquid; Markdown leaves a block without blank
    lines and indents alone.

    Examples
    --------
    >>> fragment("<p>\\n  <b>{{ site }}</b>\\n</p>")
    '<p><b>&#123;&#123; site &#125;&#125;</b></p>'
    """
    line = re.sub(r"\s*\n\s*", " ", html).replace("> <", "><").strip()
    line = line.replace("{", "&#123;").replace("}", "&#125;")
    return re.sub(
        rf'{_BASE}(/[^"]*)',
        lambda m: "{{ '/" + _ASSETS + m[1] + "' | relative_url }}",
        line,
    )


def _inert(text: str) -> Any:
    """A text that is neither markup nor Liquid."""
    from markupsafe import Markup, escape

    return Markup(str(escape(text)).replace("{", "&#123;").replace("}", "&#125;"))


def _yaml(text: str) -> Any:
    """A text as YAML, which takes JSON's strings; layouts put it into markup."""
    from markupsafe import Markup

    return Markup(json.dumps(str(_inert(text)), ensure_ascii=False))
