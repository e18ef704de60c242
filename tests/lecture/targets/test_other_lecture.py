"""Targets of a lecture about something else, with roles and symbols of its own, and nothing of what is optional."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lecture.definition import Lecture, load_lecture
from lecture.targets import TARGETS, beamer, reveal
from lecture.targets.common import TargetError
from tests.lecture.targets.browser import chromium
from tests.lecture.targets.synthetic import emit, make_media
from tests.test_layers import mentions

LECTURE = '''
"""A lecture about wheels."""

from lecture.definition import Chapter, Factor, Lecture
from lecture.notation import Notation, Symbol
from lecture.stage.theme import Palette, Role

LECTURE = Lecture(
    package="wheels_of_a_test",
    title="Wheels",
    chapters=(Chapter("Opening", ("OpenIt",), numbered=False), Chapter("Turning", ("TurnTheWheel", "StopIt"))),
    palette=Palette(hub=Role("what stays", dark="#E35914", light="#721400")),
    notations={"own": Notation(speed=Symbol("omega", "ω", "omega", "hub"))},
    problem="wheels_of_a_test.problem",
    live="wheels_of_a_test.live",
    formula=(Factor("v ="), Factor("@speed", "turns"), Factor("r")),
)
'''
PROBLEM = """
def default():
    return 2.5


def describe(problem):
    return {"radius": problem}
"""
LIVE = """
from pathlib import Path

from lecture.targets.live import Dial, LiveFigure, Row, held_open
from lecture.words import _

BELONGS_TO = {"wheel": "TurnTheWheel"}
SCRIPTS = (Path(__file__).parent / "wheel.js",)

def figures(problem, style):
    words = {"turned": held_open(_("turned by {degrees} degrees"), style)}
    yield LiveFigure(
        "wheel", "A wheel", "Turn it.", {"turn": 30.0}, {"radius": problem["radius"]}, words, {},
        dials=[Dial("turn", "Turn", 'phi = #live("turn")', "hub")], rows=[Row(("{turn} degrees",))],
    )
"""
WHEEL = """
import { h, told, written } from "lecture/live.js";
export const wheel = {
  dials: {
    turn: {
      position: (s) => s.turn / 360, set: (s, at) => ({ ...s, turn: Math.round(360 * at) }),
      told: (s) => written(s.turn),
    },
  },
  actions: {},
  checked: (s) => s,
  draw: (s, width, { fixed, words }) => ({
    width, height: 100, attributes: {}, handles: {}, bars: {}, texts: { turn: String(s.turn) },
    children: [h("circle", { cx: 50, cy: 50, r: fixed.radius, transform: `rotate(${s.turn})` }), null],
    says: told(words.turned, { degrees: s.turn }),
  }),
  lines: (s) => `turn = ${s.turn}`,
};
"""
SCENES = (
    ("OpenIt", 0, "Open", [range(3)]),
    ("TurnTheWheel", 1, "Turn", [range(3, 6), range(6, 9)]),
    ("StopIt", 1, "", [range(9, 12)]),
)


@pytest.fixture(scope="module")
def lecture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lecture]:
    folder = tmp_path_factory.mktemp("lecture") / "wheels_of_a_test"
    folder.mkdir()
    (folder / "__init__.py").write_text(LECTURE, encoding="utf-8")
    (folder / "problem.py").write_text(PROBLEM, encoding="utf-8")
    (folder / "live.py").write_text(LIVE, encoding="utf-8")
    (folder / "wheel.js").write_text(WHEEL, encoding="utf-8")
    before = [*sys.path]
    yield load_lecture([folder])
    sys.path[:] = before
    for name in ("wheels_of_a_test", "wheels_of_a_test.problem", "wheels_of_a_test.live"):
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def made(lecture: Lecture, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    media = tmp_path_factory.mktemp("media")
    return make_media(media, lecture=lecture, scenes=SCENES, title="Wheels"), media


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_of_another_subject_is_in_it(
    target: str,
    lecture: Lecture,
    made: tuple[dict[str, Any], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in reveal._PARTS:
        (tmp_path / "npm" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "npm" / name).touch()
    monkeypatch.setattr(reveal, "npm_package", lambda *_: tmp_path / "npm")
    monkeypatch.setattr(beamer.shutil, "which", lambda _: None)
    out = emit(target, *made, tmp_path / "out", lecture=lecture).parent
    texts = [
        path
        for path in out.rglob("*")
        if path.suffix in (".html", ".css", ".js", ".md", ".tex", ".typ", ".json")
    ]
    assert texts or target == "pptx"
    for path in texts:
        assert mentions(path.read_text(encoding="utf-8")) == [], path


def test_its_own_roles_and_formula(
    lecture: Lecture, made: tuple[dict[str, Any], Path], tmp_path: Path
) -> None:
    page = emit("page", *made, tmp_path / "out", lecture=replace(lecture, live=""))
    text = page.read_text(encoding="utf-8")
    colors = (page.parent / "page.css").read_text(encoding="utf-8")
    style = (page.parent / "player.css").read_text(encoding="utf-8")
    assert "--lec-hub: #E35914" in colors
    assert "--lec-hub: #721400" in colors
    assert ".lec-role-hub:not(#_) { color: var(--lec-hub); }" in style
    assert '<span class="lec-factor"><math class="lec-math"><mrow class="lec-role-hub">' in text
    assert "<small>turns</small>" in text
    # What a lecture leaves out is not there.
    assert 'class="lead"' not in text
    assert 'id="problem"' not in text
    assert 'class="lec-live"' not in text


def test_its_own_live_figure(lecture: Lecture, made: tuple[dict[str, Any], Path], tmp_path: Path) -> None:
    index = emit("live", *made, tmp_path / "out", lecture=lecture)
    assert 'href="live-wheel.html"' in index.read_text(encoding="utf-8")
    text = (index.parent / "live-wheel.html").read_text(encoding="utf-8")
    assert (
        '<circle cx="50" cy="50" r="2.5" transform="rotate(30)">' in text
    )  # the still, drawn by its own script
    assert 'aria-label="turned by 30 degrees"' in text
    assert '<b data-lec-text="turn">30</b> degrees' in text
    with pytest.raises(TargetError, match="no live figures"):
        emit("live", *made, tmp_path / "none", lecture=replace(lecture, live=""))
    with chromium() as browser:
        browser.open(index.parent / "live-wheel.html")
        browser.run(
            "const dial = document.querySelector('input'); dial.value = 200; dial.dispatchEvent(new Event('input'))"
        )
        browser.until(
            "return document.querySelector('.lec-live-svg circle').getAttribute('transform') === 'rotate(180)'",
            "it",
        )
        browser.stays_here()
