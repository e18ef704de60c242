"""wdmath and lecture know neither each other nor scenes, which stands on both; nothing imports in a circle."""

from __future__ import annotations

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# What each layer must not import. A scene's pages and files are the generator's business.
FORBIDDEN = {
    "wdmath": {"manim", "scenes", "lecture", "tests", "av", "typst", "PIL"},
    "scenes": {"tests", "av", "subprocess", "multiprocessing", "concurrent", "shutil"},
    "lecture": {"scenes", "wdmath", "tests"},
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
    assert "scenes" in imported("def f():\n    from scenes.problem import Problem\n", "lecture")
    assert "manim" in imported("import manim.utils as u\n", "wdmath")


def module_imports(root: Path, packages: tuple[str, ...]) -> dict[str, set[str]]:
    """For each module of some packages, the modules of theirs that it imports when it is itself imported."""
    files = {path: _name(path.relative_to(root)) for p in packages for path in (root / p).rglob("*.py")}
    names = set(files.values())
    graph: dict[str, set[str]] = {}
    for path, name in files.items():
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        graph[name] = set()
        for node in _run_on_import(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found = [alias.name for alias in node.names]
            else:
                base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
                source = ".".join([*base, *([node.module] if node.module else [])])
                submodules = [f"{source}.{alias.name}" for alias in node.names]
                found = [s if s in names else source for s in submodules]
            graph[name] |= {f for f in found if f in names} - {name}
    return graph


def _name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _run_on_import(tree: ast.Module) -> list[ast.Import | ast.ImportFrom]:
    """The imports of a module outside of functions."""
    found, queue = [], list(tree.body)
    while queue:
        node = queue.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.append(node)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            queue += list(ast.iter_child_nodes(node))
    return found


def test_nothing_imports_in_a_circle() -> None:
    TopologicalSorter(module_imports(ROOT, ("wdmath", "lecture", "scenes"))).prepare()


def test_a_circle_is_seen(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "a.py").write_text("from . import b\n")
    (tmp_path / "p" / "b.py").write_text("if True:\n    import p.a\n")
    with pytest.raises(CycleError):
        TopologicalSorter(module_imports(tmp_path, ("p",))).prepare()


# Words of the lecture's subject, which the generator must not know.
SUBJECT = re.compile(
    r"weight[ _-]?decay|ridge|\bpenalt|regulari[sz]|minimi[sz]er|eigen|lambda_|\blam\b|shrink|wdmath|"
    r"(?<![.\w])scenes\.[a-z]|hessian|\brisk\b|[θλσ]|\btheta\b|\bsigma\b|i2ml",
    re.IGNORECASE,
)


def mentions(text: str) -> list[str]:
    """Words of the subject in a file of the generator."""
    return sorted({match[0] for match in SUBJECT.finditer(text)})


def test_the_generator_knows_no_subject() -> None:
    wrong = {}
    for path in sorted((ROOT / "lecture").rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            found = mentions(path.read_text(encoding="utf-8"))
            if found:
                wrong[str(path.relative_to(ROOT))] = found
    assert not wrong


def test_a_mention_of_the_subject_is_seen() -> None:
    assert mentions("from scenes.problem import Problem  # λ, ridge") == ["ridge", "scenes.p", "λ"]
