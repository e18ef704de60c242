"""What is installed: the mathematics alone works with numpy and scipy; the lecture is one package with one command."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from lecture import errors

ROOT = Path(__file__).parents[1]
INSTALLED = {
    "wdlecture/lecture": ROOT / "lecture",
    "wdlecture/scenes": ROOT / "scenes",
    "wdmath": ROOT / "wdmath",
}


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files of the wheel."""
    to = tmp_path_factory.mktemp("wheel")
    copy = to / "source"
    # Built from a copy: setuptools leaves folders behind.
    files = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    for name in files.stdout.split("\n"):
        if name.startswith(("lecture/", "scenes/", "wdmath/", "pyproject", "setup.py", "README", "LICENSE")):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_file():
                (copy / name).write_bytes((ROOT / name).read_bytes())
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "-q",
        "-w",
        str(to),
        str(copy),
    ]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = to.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_nothing_can_collide(names: set[str]) -> None:
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"wdmath", "wdlecture"}


def test_every_file_is_installed(names: set[str]) -> None:
    """Data, templates and results as well."""
    for inside, folder in INSTALLED.items():
        there = {
            f"{inside}/{path.relative_to(folder).as_posix()}"
            for path in folder.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts and "installed" not in path.parts
        }
        assert there - names == set()
        assert len(there) > 20
    assert "wdlecture/__init__.py" in names
    assert not any("installed" in name for name in names)


def test_the_mathematics_needs_numpy_and_scipy_alone() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert sorted(need.split(">")[0] for need in project["dependencies"]) == ["numpy", "scipy"]
    assert project["scripts"] == {"wdlecture": "wdlecture:main"}


def test_what_is_installed_is_what_is_tested() -> None:
    """The extra names what requirements/ pins first: what is asked for."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    pinned = {"numpy", "scipy"}
    for group in ("render", "formats"):
        asked, _, _ = (ROOT / "requirements" / f"{group}.txt").read_text().partition("\n\n")
        pinned |= {line.split("=")[0] for line in asked.splitlines() if not line.startswith("#")}
    wanted = {need.split("=")[0].split("<")[0] for need in extras["film"]}
    # hibari-tts brings onnxruntime, Manim brings rich.
    assert wanted - {"rich"} == pinned - {"numpy", "scipy", "onnxruntime"}


def test_without_its_packages_the_command_says_what_to_do(tmp_path: Path) -> None:
    program = "import sys, importlib.util; importlib.util.find_spec = lambda name: None\n"
    program += f"sys.path.insert(0, {str(ROOT / 'scenes')!r}); import installed; sys.exit(installed.main())"
    told = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert told.returncode == 2
    assert told.stderr.endswith("get them with: pip install 'wdmath[film]'\n")
    assert told.stderr.count("\n") == 1


def test_remedies_are_in_the_words_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "_PROGRAM", ["wdlecture"])
    monkeypatch.delenv("MAKELEVEL", raising=False)
    assert errors.command("build", lecture="mine.toml") == "wdlecture build --lecture mine.toml"
    monkeypatch.setenv("MAKELEVEL", "1")
    assert errors.command("build", lecture="mine.toml") == "make LECTURE=mine.toml"
    assert errors.command("booth") == "make booth"
