"""The package as a whole: exports, import cost, help, what it depends on, its README."""

import ast
import doctest
import importlib
import inspect
import pydoc
import re
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest

import wdmath

ROOT = Path(wdmath.__file__).parent
MODULES = sorted(path.stem for path in ROOT.glob("*.py") if path.stem != "__init__")
PUBLIC = [name for name in MODULES if not name.startswith("_")]


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("name", wdmath.__all__)
def test_every_export_exists_and_is_documented(name):
    value = getattr(wdmath, name)
    assert value.__doc__
    assert value.__module__.startswith("wdmath.")
    assert name in dir(wdmath)


@pytest.mark.parametrize("name", [name for name in wdmath.__all__ if name[0].islower()])
def test_every_function_documents_itself_in_numpydoc_with_an_example(name):
    function = getattr(wdmath, name)
    documentation = inspect.getdoc(function)  # without indentation, which Python 3.13 removes by itself
    signature = inspect.signature(function)
    sections = ["Returns", "References", "Examples"]
    if signature.parameters:
        sections += ["Parameters", "Raises"]
    for section in sections:
        assert f"\n{section}\n{'-' * len(section)}\n" in documentation, section
    assert re.search(rf">>> .*wdmath\.{name}\(", documentation)
    assert signature.return_annotation is not inspect.Signature.empty
    for parameter in signature.parameters.values():
        assert parameter.annotation is not inspect.Parameter.empty, parameter.name
        assert re.search(rf"\b{parameter.name}\b", documentation.split("Returns\n")[0]), parameter.name


def test_the_table_of_contents_names_every_function_and_risk():
    listed = wdmath.__doc__
    results = (
        "Path",
        "Steps",
        "Curves",
        "Pairs",
        "Eigenspace",
        "Ellipse",
        "Circle",
        "Selection",
        "Posterior",
    )
    results += (
        "KernelRidge",
        "StandardErrors",
        "Trajectory",
        "Eigenpairs",
        "Gradient",
        "Equilibrium",
        "Memory",
    )
    for name in wdmath.__all__:
        if not name.endswith(results):
            assert name in listed, name


def test_help_is_one_page():
    text = pydoc.plain(pydoc.render_doc(wdmath))
    assert text.index("Ridge") < text.index("Choosing lam") < text.index("Small tools")
    assert text.count("\n") < 150
    command = subprocess.run(
        [sys.executable, "-m", "pydoc", "wdmath"], capture_output=True, text=True, check=True
    )
    assert command.stdout.count("\n") < 150
    assert "minimizes" in pydoc.plain(pydoc.render_doc(wdmath.ridge_path)).lower()


def test_nothing_leaks():
    assert dir(wdmath) == wdmath.__all__ == sorted(set(wdmath.__all__))
    public = run("import wdmath; wdmath.ridge_path; print(*vars(wdmath))").split()
    modules = {path.stem for path in ROOT.glob("*.py")}
    assert {name for name in public if name[0] != "_"} <= {"annotations", *wdmath.__all__, *modules}
    found = run("before = set(dir()); from wdmath import *; print(*set(dir()) - before)").split()
    assert {*found} - {"before"} == {*wdmath.__all__}


def test_imports_for_type_checkers_are_those_of_the_export_table():
    tree = ast.parse((ROOT / "__init__.py").read_text())
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {(node.module, alias.name) for node in block.body for alias in node.names}
    assert seen == {(module, name) for module, names in wdmath._MODULES.items() for name in names}


#: One rule for the package: an argument is `lam`, one penalty or several; results list theirs in `lams`.
def test_penalties_go_by_one_name():
    for name in wdmath.__all__:
        value = getattr(wdmath, name)
        functions = [value]
        if inspect.isclass(value):
            # Methods of NumPy's arrays, which a trajectory has, too, are not ours, and may have no signature.
            functions = [f for m, f in inspect.getmembers(value, inspect.isroutine) if m[0] != "_"]
            functions = [f for f in functions if inspect.isfunction(getattr(f, "__func__", f))]
        for function in functions:
            parameters = inspect.signature(function).parameters
            assert not {"lams", "lmbda", "alpha", "alphas"} & set(parameters), name


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="no attribute 'rigde_path'"):
        _ = wdmath.rigde_path


@pytest.mark.parametrize("name", MODULES)
def test_only_numpy_and_scipy_are_imported(name):
    allowed = set(sys.stdlib_module_names) | {"numpy", "scipy", "wdmath"}
    for node in ast.walk(ast.parse((ROOT / f"{name}.py").read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module]
        assert {n.split(".")[0] for n in names} <= allowed


def test_import_is_lazy():
    loaded = run("import sys, wdmath; wdmath.QuadraticRisk([[1.0]], [1.0]); print(*sys.modules)").split()
    assert not [name for name in loaded if name.split(".")[0] in ("scipy", "manim", "matplotlib", "sklearn")]


def test_import_costs_less_than_twice_numpy():
    # Best of five processor times; the interpreter's own start is taken off.
    code = (
        "import resource as r, subprocess as s, sys\n"
        "def cost(c):\n"
        "    def one():\n"
        "        a = r.getrusage(r.RUSAGE_CHILDREN); s.run([sys.executable, '-c', c], check=True)\n"
        "        b = r.getrusage(r.RUSAGE_CHILDREN)\n"
        "        return b.ru_utime + b.ru_stime - a.ru_utime - a.ru_stime\n"
        "    return min(one() for _ in range(5))\n"
        "start, numpy, here = map(cost, ('pass', 'import numpy', 'import wdmath; wdmath.ridge_path'))\n"
        "print((here - start) / (numpy - start))"
    )
    assert float(run(code)) < 2


@pytest.mark.parametrize("name", PUBLIC)
def test_examples_in_docstrings(name):
    module = importlib.import_module(f"wdmath.{name}")
    result = doctest.testmod(module)
    assert result.attempted
    assert not result.failed


def test_the_figure_of_the_readme_in_ten_lines(tmp_path, monkeypatch):
    text = (ROOT / "README.md").read_text()
    (code,) = (
        block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "matplotlib" in block
    )
    assert len(list(filter(None, code.splitlines()))) <= 10
    X, y = wdmath.load_i2ml()
    np.savetxt(tmp_path / "data.csv", np.column_stack([X, y]), delimiter=",", header="a,b,y", comments="")
    drawn = {}
    pyplot = types.ModuleType("matplotlib.pyplot")
    pyplot.semilogx = lambda x, y: drawn.update(x=x, y=y) or ["one line", "another"]
    pyplot.legend = lambda lines, labels: drawn.update(lines=lines, labels=labels)
    pyplot.savefig = lambda name: drawn.update(name=name)
    package = types.ModuleType("matplotlib")
    package.pyplot = pyplot
    monkeypatch.setitem(sys.modules, "matplotlib", package)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", pyplot)
    monkeypatch.chdir(tmp_path)
    exec(code, {})
    assert drawn["x"].shape == (200,)
    assert drawn["y"].shape == (200, 2)
    scaled = X / X.std(axis=0)
    mu = len(y) * drawn["x"][-1] / 2
    centered = scaled - scaled.mean(axis=0)
    expected = np.linalg.solve(centered.T @ centered + mu * np.eye(2), centered.T @ y)
    np.testing.assert_allclose(drawn["y"][-1], expected, rtol=1e-12)
    assert drawn["labels"] == ["a", "b"]
    assert drawn["name"] == "ridge_path.png"


def test_examples_in_the_readme():
    result = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert result.attempted > 10
    assert not result.failed
