"""`make page`: one folder that opens from a disk and from any server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .common import Options, folder, templates
from .sliders import load_sliders
from .web import (
    embed_page,
    static,
    themes_of,
    view_scene,
    view_slider,
    write_fonts,
    write_scene,
    write_slider,
)

__all__ = ["emit"]


def emit(manifest: dict[str, Any], media: Path, out: Path, options: Options) -> Path:
    """Write the page; every scene and slider in it has a folder that can be taken elsewhere."""
    themes, video = themes_of(manifest), manifest["video"]
    sliders = load_sliders(media, manifest)
    with folder(out) as root:
        views = {}
        for scene in manifest["scenes"]:
            view = view_scene(scene, video["frame_rate"])
            home = root / "scenes" / view["slug"]
            size = write_scene(media, scene, home)
            page = embed_page(view["plain_title"], video, themes.own, scene=view)
            (home / "index.html").write_text(page, encoding="utf-8")
            views[scene["name"]] = view | {
                "base": f"scenes/{view['slug']}/",
                "megabytes": f"{(size + len(page)) / 1e6:.1f}",
                "snippet": snippet(view["slug"], view["plain_title"]),
                "sliders": [],
            }
        hero = []
        for k, slider in enumerate(sliders):
            item, home = view_slider(slider), root / "sliders" / slider.slug
            write_slider(slider, home)
            page = embed_page(item["title"], video, themes.own, item=item)
            (home / "index.html").write_text(page, encoding="utf-8")
            if k > 0 and slider.belongs_to in views:
                views[slider.belongs_to]["sliders"].append(item)
            else:
                hero.append(item)
        for name in ("player.css", "player.js", "page.css"):
            (root / name).write_text(static(name), encoding="utf-8")
        write_fonts(root / "fonts")
        (root / "index.html").write_text(_index(manifest, views, hero, themes), encoding="utf-8")
    return out / "index.html"


def snippet(address: str, title: str) -> str:
    """What to write into a page to show a scene whose folder lies beside it."""
    from markupsafe import escape

    return (
        '<div style="container-type: inline-size">\n'
        f'  <iframe src="{escape(address)}/index.html" title="{escape(title)}" loading="lazy" allow="fullscreen"\n'
        '    style="width: 100%; height: calc(56.25cqw + 9.5rem); border: 0"></iframe>\n'
        "</div>"
    )


def _index(manifest: dict[str, Any], views: dict[str, Any], hero: list[dict[str, Any]], themes: Any) -> str:
    from scenes import CHAPTERS

    problem, last = manifest["problem"], CHAPTERS[-1].number
    whole = "RescaleThenRotateBack" in views and len(views) > 1
    first = next(iter(views.values()))
    title = manifest["lecture"]["title"] if len(views) > 1 else first["plain_title"]
    return (
        templates()
        .get_template("page.html")
        .render(
            title=title,
            description=f"{title}: {first['claim']}"
            if not whole
            else f"{title}, animated and explained step by step.",
            whole=whole,
            chapters=[
                chapter
                | {
                    "scenes": [views[name] for name in chapter["scenes"]],
                    # As on the lecture's own map: what opens and what closes it is no station.
                    "numbered": chapter["number"] not in (0, last),
                }
                for chapter in manifest["chapters"]
            ],
            scenes=len(views),
            hero=hero,
            video=manifest["video"],
            theme=themes.own,
            dark=themes.dark,
            light=themes.light,
            problem={
                "name": problem["name"],
                "sigma": " and ".join(f"{s:.3g}" for s in problem["eigenvalues"]),
                "lam": f"{problem['lam']:.3g}",
            },
        )
    )
