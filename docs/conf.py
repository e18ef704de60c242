"""The documentation: `make docs` builds it, offline."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from latex2mathml.converter import convert

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

project = "wdlecture"
author = "the authors of wdlecture"
html_title = "The geometry of weight decay"
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["gallery/*", "made/gallery/*.ipynb"]
html_theme = "furo"
html_math_renderer = "mathml"
html_copy_source = False
html_show_sourcelink = False
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
autosummary_generate = True
autodoc_typehints = "none"
numpydoc_show_class_members = False
nitpicky = False
suppress_warnings = ["config.cache"]
sphinx_gallery_conf = {
    "examples_dirs": "gallery",
    "gallery_dirs": "made/gallery",
    "filename_pattern": "/",
    "doc_module": ("wdmath",),
    "backreferences_dir": "made/backreferences",
    "reference_url": {"wdmath": None},
    "show_memory": False,
    "download_all_examples": False,
    "min_reported_time": 1e9,
    "remove_config_comments": True,
}


def setup(app: Any) -> None:
    """Formulas as MathML, which needs no script and no network; pages that are made from what they describe."""
    app.add_html_math_renderer(
        "mathml",
        inline_renderers=(lambda writer, node: _formula(writer, node, "inline"), None),
        block_renderers=(lambda writer, node: _formula(writer, node, "block"), None),
    )
    app.connect("autodoc-process-docstring", _escape_bars, priority=100)
    app.connect("builder-inited", lambda app: _write_pages(Path(app.srcdir) / "made"))


def _escape_bars(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Absolute values are written with bars, which reStructuredText would take for substitutions."""
    lines[:] = [re.sub(r"\|(?=\S)([^|]*?\S)\|", r"\|\1\|", line) for line in lines]


def _formula(writer: Any, node: Any, display: str) -> None:
    from docutils.nodes import SkipNode

    writer.body.append(convert(node.astext(), display=display))
    raise SkipNode


def _write_pages(to: Path) -> None:
    to.mkdir(exist_ok=True)
    for name, text in (("command.md", _command_page()), ("manifest.md", _manifest_page())):
        if not (to / name).exists() or (to / name).read_text() != text:
            (to / name).write_text(text)


def _command_page() -> str:
    """Every command, as its help says it."""
    from lecture.cli import command_line
    from scenes import LECTURE

    parser = command_line(LECTURE, "wdlecture")
    (commands,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    pages = [f"# The command\n\n```text\n{parser.format_help()}```\n"]
    for name, command in commands.choices.items():
        pages.append(f"## {name}\n\n```text\n{command.format_help()}```\n")
    return "\n".join(pages)


def _manifest_page() -> str:
    """Fields of the manifest, from its schema."""
    schema = json.loads((ROOT / "lecture" / "manifest.schema.json").read_text())
    lines = [
        "# The manifest",
        "",
        "`media/manifest.json` describes everything that was rendered; targets are made of nothing else.",
        "",
    ]

    def table(title: str, node: dict[str, Any]) -> None:
        properties = node.get("properties", {})
        if not properties:
            return
        lines.extend([f"## {title}", "", "| field | is | |", "|---|---|---|"])
        for name, field in properties.items():
            kind = field.get("type", "one of several" if "anyOf" in field or "oneOf" in field else "")
            kind = ", ".join(kind) if isinstance(kind, list) else kind
            lines.append(f"| `{name}` | {kind} | {field.get('description', '').replace('|', ' ')} |")
        lines.append("")

    def resolved(node: dict[str, Any]) -> dict[str, Any]:
        reference = node.get("$ref", "")
        return schema["$defs"][reference.rpartition("/")[2]] if reference else node

    def walk(title: str, node: dict[str, Any]) -> None:
        table(title, node)
        for name, field in node.get("properties", {}).items():
            inner = resolved(field.get("items", field))
            if inner.get("properties"):
                walk(name, inner)

    walk("Top level", schema)
    return "\n".join(lines)
