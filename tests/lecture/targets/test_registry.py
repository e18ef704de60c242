"""A target is its file and one line: commands, lists and tables follow."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from lecture.cli import main
from lecture.targets import TARGETS, Target, command, emit, targets_table, with_table
from lecture.targets.common import Options, TargetError
from scenes import LECTURE

README = Path(command.__file__).parent / "README.md"


def test_every_target_has_a_file_of_its_name() -> None:
    files = {path.stem for path in README.parent.glob("*.py")}
    for name, target in TARGETS.items():
        assert target.name == name
        assert name in files
        assert callable(importlib.import_module(f"lecture.targets.{name}").emit)


def test_the_readme_has_the_table_and_a_section_of_each() -> None:
    text = README.read_text(encoding="utf-8")
    assert targets_table() in text
    for name in TARGETS:
        assert f": `make {name}`\n" in text


def test_scripts_are_told_the_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["targets", "--names"]) == 0
    assert capsys.readouterr().out.split() == list(TARGETS)


def test_one_line_makes_a_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(TARGETS, "poster", Target("poster", "a poster for the wall"))
    assert "| `make poster` | a poster for the wall |  |" in targets_table()
    text = README.read_text(encoding="utf-8")
    assert targets_table() not in text
    # Its table is made anew, and nothing else.
    renewed = with_table(text)
    assert targets_table() in renewed
    assert len(renewed.splitlines()) == len(text.splitlines()) + 1
    with pytest.raises(ValueError, match="expected a table"):
        with_table("# None\n")
    with pytest.raises(SystemExit):
        main(["--help"], LECTURE)
    assert "a poster for the wall" in capsys.readouterr().out


def test_what_there_is_not_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="there is no target 'fax' \\(targets: page, "):
        emit("fax", {}, tmp_path, options=Options(LECTURE))
    with pytest.raises(TargetError, match='expected "16:9" or "4:3", got \'1:1\''):
        Options(LECTURE, aspect="1:1")
