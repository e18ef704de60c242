"""What a scene depends on: data of a package count where a string names them."""

from __future__ import annotations

from pathlib import Path

from lecture.build.dependencies import SceneSources, Sources

SCENE = """
from own.results import RESULTS

class Turn:
    @step(say="Turn.", experiments=(RESULTS,))
    def turn(self):
        self.wait()
"""


def sources(root: Path) -> SceneSources:
    return Sources({"own": root}).scene("own.turn", "Turn")


def test_words_are_read_anew_when_named_data_change(tmp_path: Path) -> None:
    package = tmp_path / "own"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "turn.py").write_text(SCENE)
    (package / "results.py").write_text("RESULTS = 'turns.json'\nOTHER = 'no file'\n")
    for name in ("turns.json", "unnamed.json"):
        (package / name).write_text("1")
    before = sources(tmp_path)
    assert before.files == ["own/results.py", "own/turn.py", "own/turns.json"]
    (package / "unnamed.json").write_text("2")
    assert sources(tmp_path) == before
    (package / "turns.json").write_text("2")
    after = sources(tmp_path)
    assert after.texts != before.texts
    assert after.steps == before.steps  # no picture shows them
