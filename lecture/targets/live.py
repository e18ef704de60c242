"""Live figures: pictures that are computed while a reader's hand moves them, whole in any page.

The lecture names a module of its own for them (:attr:`lecture.definition.Lecture.live`), with

``BELONGS_TO``
    the figures by name, and the scene of the film that each of them lets the reader try;
``SCRIPTS``
    ECMAScript modules, each after those that it imports; a figure is exported under its name;
``figures(problem, style)``
    from the problem as the manifest has it to a :class:`LiveFigure` for each, in the words and symbols of a style.

A script imports what is general from ``lecture/live.js`` (`templates/live.js` here). The object that it exports has

``dials``
    by name, each with ``position(state, data)`` in [0, 1], ``set(state, position, data)`` and ``told(state, data)``;
``actions``
    by name, ``(state, data) => state``, for buttons;
``checked(state, data)``
    the state as it may be;
``draw(state, width, data)``
    ``width``, ``height``, ``children`` (a tree of :func:`h`), ``handles`` by name with ``at`` and
    ``move(state, place)``, ``texts`` and ``bars`` by name, and what it ``says``;
``lines(state, data)``
    the code that gives its numbers.

State and ``data`` are plain data; nothing in them is a function, so that an address can carry the first.
"""

from __future__ import annotations

import html
import importlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from lecture.definition import Lecture
from lecture.formulas import mathml, role_class
from lecture.stage.style import Style
from lecture.words import PLACEHOLDER, Message, _

from .common import HERE, Options, TargetError, folder, slug, style_of, templates
from .web import Themes, color_variables, defended, embedded_fonts, static, themes_of

__all__ = [
    "Button",
    "Dial",
    "LiveFigure",
    "Mark",
    "Row",
    "Switch",
    "bundle",
    "emit",
    "frame",
    "held_open",
    "live_page",
    "live_style",
    "load_live",
    "write_live",
    "written_symbol",
]

# The width for which the still is drawn, in CSS pixels.
_STILL = 900


class Mark(NamedTuple):
    """A place along a dial, as a share of it; the role of the symbol there, and of its color."""

    at: float
    symbol: str
    role: str = "dim"


class Dial(NamedTuple):
    """A slider below the picture.

    Attributes
    ----------
    name : str
        Of the figure's dial.
    label : str
        What it changes.
    readout : str
        Typst mathematics beside it, with ``#live("name")`` for what follows the state.
    role : str
        Of its color.
    marks : sequence of Mark
    only : str
        The switch that shows it, ``!name`` for the one that hides it; empty for always.
    positions : int
        How many places it has.
    """

    name: str
    label: str
    readout: str
    role: str = "accent"
    marks: Sequence[Mark] = ()
    only: str = ""
    positions: int = 400


class Switch(NamedTuple):
    """A number of the state that is 0 or 1."""

    name: str
    label: str


class Button(NamedTuple):
    """An action of the figure's own; `only` as of dials."""

    name: str
    label: str
    only: str = ""


class Row(NamedTuple):
    """A line of values below: Typst mathematics or words, and a bar that is filled to a share."""

    cells: tuple[str, ...]
    bar: str = ""
    role: str = "ink"
    only: str = ""


@dataclass(frozen=True)
class LiveFigure:
    """One figure.

    Attributes
    ----------
    name : str
        As its script exports it.
    title, instruction : str
        What it is called, and what to do.
    start : dict
        The state that it begins with: numbers, lists of numbers, lists of such lists.
    fixed : dict
        What else its script needs.
    words : dict of str to str
        Texts by name, with ``{placeholders}`` for the script.
    symbols : dict of str to (str, str)
        Letter and index by role.
    """

    name: str
    title: str
    instruction: str
    start: Mapping[str, Any]
    fixed: Mapping[str, Any]
    words: Mapping[str, str]
    symbols: Mapping[str, tuple[str, str]]
    dials: Sequence[Dial] = ()
    switches: Sequence[Switch] = ()
    buttons: Sequence[Button] = ()
    rows: Sequence[Row] = field(default=())


def held_open(message: Message, style: Style) -> str:
    """A message's text, its symbols written, every other placeholder left for a script.

    Examples
    --------
    >>> from lecture.stage import Palette
    >>> held_open(_("{count} turns"), Style(Palette().dark()))
    '{count} turns'
    """
    open_ = [name for name in PLACEHOLDER.findall(message.text) if name not in style.notation]
    return style.text(message.format(**{name: f"{{{name}}}" for name in open_}))


def written_symbol(text: str) -> tuple[str, str]:
    """The letter and the index of a symbol's plain text.

    Examples
    --------
    >>> written_symbol("v_far"), written_symbol("v₁")
    (('v', 'far'), ('v₁', ''))
    """
    letter, __, index = text.partition("_")
    return letter, index


def bundle(lecture: Lecture) -> str:
    """All scripts of a lecture's live figures as one, for pages from a disk too, where modules cannot be loaded.

    Modules are put one after the other: no two of them may use a name at their top level for different things.
    """
    module = _module(lecture)
    names = ", ".join(module.BELONGS_TO)
    return (
        f'(() => {{\n"use strict";\n{_joined(module)}\n'
        f"const figures = {{ {names} }};\n"
        "globalThis.lecLive = { figures, mount, still, addressOf, stateOf };\n"
        "if (globalThis.document) {\n"
        '  if (document.readyState === "loading") addEventListener("DOMContentLoaded", () => mountAll(figures));\n'
        "  else mountAll(figures);\n"
        "}\n})();\n"
    )


def _module(lecture: Lecture) -> ModuleType:
    return importlib.import_module(lecture.live)


def _joined(module: ModuleType) -> str:
    """The modules as one: imports are dropped, comments and indents too, exports are plain declarations."""
    parts = []
    for path in (HERE / "templates" / "live.js", *map(Path, module.SCRIPTS)):
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"^import .*;\n", "", text, flags=re.MULTILINE)
        text = re.sub(r"^export ", "", text, flags=re.MULTILINE)
        text = re.sub(r"^\s*// .*\n|^\s+", "", text, flags=re.MULTILINE)
        parts.append(text)
    return "".join(parts)


def load_live(manifest: dict[str, Any], lecture: Lecture, style: Style) -> list[dict[str, Any]]:
    """What the template needs of each live figure whose scene is in the manifest, with its scene as `belongs_to`."""
    if not lecture.live:
        return []
    module, shown = _module(lecture), {scene["name"] for scene in manifest["scenes"]}
    script = bundle(lecture)
    return [
        _view(figure, script, style) | {"belongs_to": module.BELONGS_TO[figure.name]}
        for figure in module.figures(manifest["problem"], style)
        if module.BELONGS_TO[figure.name] in shown
    ]


def _view(figure: LiveFigure, script: str, style: Style) -> dict[str, Any]:
    own = {
        "figure": figure.name,
        "slug": f"live-{slug(figure.name)}",
        "start": figure.start,
        "fixed": figure.fixed,
        "words": {
            "copied": style.text(_("Copied.")),
            "copy_by_hand": style.text(
                _("Copying is forbidden here; the text is marked, to be copied by hand.")
            ),
            **figure.words,
        },
        "symbols": figure.symbols,
    }
    drawn = _still(script, figure.name, json.dumps(own))
    sources = [dial.readout for dial in figure.dials]
    sources += [cell[1:] for row in figure.rows for cell in row.cells if cell.startswith("$")]
    formulas = iter(map(Markup, mathml(sources, style.symbol, drawn["texts"])))
    dials = [
        dial._asdict()
        | {
            "readout": next(formulas),
            "marks": [m._asdict() | {"shows": style.symbol(m.symbol).text} for m in dial.marks],
        }
        for dial in figure.dials
    ]
    rows = [
        row._asdict()
        | {
            "cells": [
                next(formulas) if cell.startswith("$") else _counted(cell, drawn["texts"])
                for cell in row.cells
            ],
            "share": min(1.0, max(0.0, drawn["bars"].get(row.bar) or 0.0)),
            "shown": _is_on(row.only, figure.start),
        }
        for row in figure.rows
    ]
    common = [
        Button("reset", style.text(_("Begin again"))),
        Button("link", style.text(_("Copy the link"))),
        Button("svg", style.text(_("Copy as SVG"))),
        Button("lines", style.text(_("Copy as Python"))),
    ]
    return {
        "name": figure.name,
        "slug": own["slug"],
        "title": figure.title,
        "instruction": figure.instruction,
        "start": own["start"],
        "json": json.dumps(own, ensure_ascii=False, separators=(",", ":")),
        "svg": Markup(drawn["svg"]),
        "lines": drawn["lines"],
        "dials": dials,
        "switches": [switch._asdict() for switch in figure.switches],
        "buttons": [button._asdict() for button in (*figure.buttons, *common)],
        "rows": rows,
    }


def _is_on(only: str, start: Mapping[str, Any]) -> bool:
    return not start[only[1:]] if only.startswith("!") else not only or bool(start[only])


def write_live(
    manifest: dict[str, Any], lecture: Lecture, style: Style, to: Path
) -> tuple[list[dict[str, Any]], str, str]:
    """Write each figure as one HTML file into a folder; returns the figures, their style sheet and their script."""
    items = load_live(manifest, lecture, style)
    if not items:
        return [], "", ""
    css, script = live_style(themes_of(manifest, lecture)), bundle(lecture)
    to.mkdir(parents=True, exist_ok=True)
    for item in items:
        (to / f"{item['slug']}.html").write_text(live_page(item, style, css, script), encoding="utf-8")
    return items, css, script


def emit(manifest: dict[str, Any], media: Path, out: Path, options: Options) -> Path:
    """Write the figures, each as one HTML file, and a page that lists them."""
    style = style_of(manifest, options.lecture)
    with folder(out) as root:
        items, css, __ = write_live(manifest, options.lecture, style, root)
        if not items:
            raise TargetError("this lecture, or what was chosen of it, has no live figures")
        page = templates(style).get_template("live_list.html")
        text = page.render(title=manifest["title"], items=items, style=Markup(css))
        (root / "index.html").write_text(text, encoding="utf-8")
    return out / "index.html"


def frame(address: str, title: str) -> str:
    """What to write into a page or a slide to show a figure whose file lies beside it."""
    return (
        f'<iframe src="{escape(address)}" title="{escape(title)}" loading="lazy" '
        'style="width: 100%; height: 640px; border: 0"></iframe>'
    )


def _counted(text: str, now: Mapping[str, str]) -> Markup:
    """Words with numbers that follow the state, each as ``{name}``."""
    parts = PLACEHOLDER.split(text)
    return Markup("").join(
        Markup('<b data-lec-text="{0}">{1}</b>').format(part, now[part]) if k % 2 else part
        for k, part in enumerate(parts)
    )


@cache
def _still(script: str, name: str, data: str) -> dict[str, Any]:
    """The figure at its start, drawn by its own script."""
    import quickjs

    context = quickjs.Context()
    context.eval(script)
    context.set("given", data)
    call = f"JSON.stringify(lecLive.still(lecLive.figures[{json.dumps(name)}], JSON.parse(given), {_STILL}))"
    return json.loads(context.eval(call))


def live_style(themes: Themes) -> str:
    """The style sheet of live figures: in the brightness that the reader prefers, and bright on paper.

    Where a host has a brightness of its own, ``data-lec-scheme="dark"`` or ``"light"`` around a figure keeps to that.
    """
    dark, light = (color_variables(theme) for theme in (themes.dark, themes.light))
    colors = (
        f".lec-live, .lec-live-page {{ {light}; color-scheme: light; }}\n"
        "@media screen and (prefers-color-scheme: dark) {\n"
        f".lec-live, .lec-live-page {{ {dark}; color-scheme: dark; }}\n}}\n"
        f'@media screen {{\n[data-lec-scheme="dark"] :is(.lec-live, .lec-live-page) {{ {dark}; color-scheme: dark; }}\n'
        f'[data-lec-scheme="light"] :is(.lec-live, .lec-live-page) {{ {light}; color-scheme: light; }}\n}}\n'
        "@media print {\n.lec-live, .lec-live-page { --lec-background: #FFFFFF; }\n}\n"
    )
    roles = (
        f".lec-live .{role_class(role)} {{ color: var(--lec-{role}); }}\n"
        for role in themes.own
        if role != "name"
    )
    return defended(colors + static("live.css") + "".join(roles))


def live_page(item: Mapping[str, Any], style: Style, css: str, script: str) -> str:
    """A figure as one HTML file that needs nothing else."""
    page = templates(style).get_template("live_page.html")
    # An element's text ends at the first sign of its end tag.
    inside = script.replace("</", "<\\/")
    letters = html.unescape(page.render(item=item, style="", script=Markup(inside)))
    return page.render(item=item, style=Markup(embedded_fonts(letters) + css), script=Markup(inside))
