"""`make page`: one folder that opens from a disk and from any server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from lecture.definition import Formula, Lecture
from lecture.formulas import mathml, one_line
from lecture.stage.style import Style
from lecture.words import fill

from . import PAPER_FOLDER
from .common import Options, folder, style_of, templates
from .downloads import citation, load_paper, write_downloads
from .live import frame, write_live
from .web import (
    Themes,
    embed_page,
    icon,
    page_style,
    player_style,
    static,
    themes_of,
    view_scene,
    write_fonts,
    write_preview,
    write_scene,
    write_stills,
)

__all__ = ["emit", "snippet"]


def emit(manifest: dict[str, Any], media: Path, out: Path, options: Options) -> Path:
    """Write the page; every scene in it has a folder, every live figure a file, that can be taken elsewhere."""
    lecture, video = options.lecture, manifest["video"]
    themes, style = themes_of(manifest, lecture), style_of(manifest, lecture)
    environment = templates(style)
    paper = load_paper(manifest, media, options)
    with folder(out) as root:
        views = {}
        for scene in manifest["scenes"]:
            view = view_scene(scene, video["frame_rate"])
            home = root / "scenes" / view["slug"]
            size = write_scene(media, scene, home)
            size += embed_page(environment, view["plain_title"], video, themes.own, home, scene=view)
            views[scene["name"]] = view | {
                "base": f"scenes/{view['slug']}/",
                "megabytes": f"{size / 1e6:.1f}",
                "snippet": snippet(view["slug"], view["plain_title"]),
                "live": [],
                "paper": f"paper/{view['slug']}/" if paper else "",
            }
        for scene in paper["scenes"] if paper else ():
            write_stills(media / PAPER_FOLDER, scene, root / "paper" / scene["slug"])
        first = _write_live(manifest, lecture, style, root, views)
        (root / "player.css").write_text(player_style(themes.own), encoding="utf-8")
        for name in ("player.js", "page.js"):
            (root / name).write_text(static(name), encoding="utf-8")
        (root / "icon.svg").write_text(icon(themes.own), encoding="utf-8")
        stations = max(3, min(5, sum(chapter["numbered"] for chapter in manifest["chapters"])))
        (root / "page.css").write_text(page_style(themes, stations), encoding="utf-8")
        write_preview(media, manifest["scenes"][0], themes.own["background"], root / "preview.jpg")
        files = write_downloads(manifest, paper, media, root, options, style)
        index = _index(manifest, options, environment, style, themes, views, first, files)
        (root / "index.html").write_text(index, encoding="utf-8")
        write_fonts(root)
    return out / "index.html"


def _write_live(
    manifest: dict[str, Any], lecture: Lecture, style: Style, root: Path, views: dict[str, Any]
) -> list[dict[str, Any]]:
    """The live figures, each also as one file; the first opens the page, each of the others follows its scene."""
    items, css, script = write_live(manifest, lecture, style, root / "live")
    if not items:
        return []
    (root / "live.css").write_text(css, encoding="utf-8")
    (root / "live.js").write_text(script, encoding="utf-8")
    for item in items:
        item["snippet"] = frame(f"{item['slug']}.html", item["title"])
    for item in items[1:]:
        views[item["belongs_to"]]["live"].append(item)
    return items[:1]


def snippet(address: str, title: str) -> str:
    """What to write into a page to show a scene whose folder lies beside it."""
    return (
        '<div style="container-type: inline-size">\n'
        f'  <iframe src="{escape(address)}/index.html" title="{escape(title)}" loading="lazy" allow="fullscreen"\n'
        '    style="width: 100%; height: calc(56.25cqw + 9.5rem); border: 0"></iframe>\n'
        "</div>"
    )


def _index(
    manifest: dict[str, Any],
    options: Options,
    environment: jinja2.Environment,
    style: Style,
    themes: Themes,
    views: dict[str, Any],
    first: list[dict[str, Any]],
    files: list[dict[str, str]],
) -> str:
    lecture = options.lecture
    chapters = [
        chapter | {"scenes": [views[name] for name in chapter["scenes"]]} for chapter in manifest["chapters"]
    ]
    return environment.get_template("page.html").render(
        title=manifest["title"],
        whole=manifest["whole"],
        lead=style.text(lecture.lead),
        formula=_formula(lecture, style),
        problem=_problem(manifest, lecture, style),
        chapters=chapters,
        claim=next(iter(views.values()))["claim"],
        first=first,
        files=files,
        license=lecture.license,
        citation=citation(manifest, options),
        address=options.address.rstrip("/"),
        has_live=bool(first),
        video=manifest["video"],
        theme=themes.own,
        dark=themes.dark,
        light=themes.light,
    )


def _formula(lecture: Lecture, style: Style) -> dict[str, Any]:
    """The lecture's formula, factor by factor, and how it is read aloud."""
    sources = mathml([factor.source for factor in lecture.formula], style.symbol)
    spoken = fill(lecture.formula_spoken, style.language, lambda role: style.symbol(role).say)
    factors = [
        {"math": Markup(math), "name": style.text(factor.name)}
        for math, factor in zip(sources, lecture.formula, strict=True)
    ]
    return {"factors": factors, "spoken": spoken}


def _problem(manifest: dict[str, Any], lecture: Lecture, style: Style) -> list[dict[str, Any]]:
    """What the lecture tells of its problem: names, and formulas or words."""
    rows = lecture.summary(manifest["problem"])
    formulas = iter(
        mathml([row.source for row in rows if isinstance(row, Formula)], style.symbol) if rows else []
    )
    return [
        {
            "name": style.text(row.name),
            "told": Markup(next(formulas)) if isinstance(row, Formula) else one_line(style.text(row.text)),
        }
        for row in rows
    ]
