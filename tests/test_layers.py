"""wdmath <- scenes <- lecture, never the other way: no Manim in wdmath, no files and processes in scenes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# What each layer must not import. A scene's pages and files are the builder's business.
FORBIDDEN = {
    "wdmath": {"manim", "scenes", "lecture", "tests", "av", "typst", "PIL"},
    "scenes": {"lecture", "tests", "av", "subprocess", "multiprocessing", "concurrent", "shutil"},
    "lecture": {"tests"},
}


def imported(source: str, package: str) -> set[str]:
    """Top-level packages that a module imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(package if node.level else (node.module or "").split(".")[0])
    return found


@pytest.mark.parametrize("package", FORBIDDEN)
def test_layers_point_one_way(package: str) -> None:
    modules = sorted((ROOT / package).rglob("*.py"))
    assert modules
    for path in modules:
        wrong = imported(path.read_text(encoding="utf-8"), package) & FORBIDDEN[package]
        assert not wrong, f"{path.relative_to(ROOT)} imports {', '.join(sorted(wrong))}"


def test_an_import_against_the_layers_is_seen() -> None:
    assert "lecture" in imported("def f():\n    from lecture.config import load_lecture\n", "scenes")
    assert "manim" in imported("import manim.utils as u\n", "wdmath")
