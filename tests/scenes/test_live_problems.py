"""What the live figures draw of any problem, in any words and symbols: by their own scripts, without a browser."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
import quickjs
from lxml import html

import wdmath
from lecture.stage.style import Style
from lecture.targets.live import bundle
from scenes import LECTURE
from scenes.live import figures
from tests.scenes.pseudo import BEGIN, PSEUDO, pseudo_notation
from tests.scenes.unlike_problems import UNLIKE

PLAIN = LECTURE.settings().style

#: States that the hand can reach from the start.
STATES: dict[str, dict[str, Any]] = {
    "start": {},
    "no penalty": {"lam": 0.0},
    "a huge penalty": {"lam": 1e9},
    "everything shown": {"data": 1, "lasso": 1, "free": 1, "early": 1},
    "minimizer at zero": {"minimizer": [0.0, 0.0]},
    "no steps": {"steps": 0, "early": 1},
    "diverging": {"steps": 200, "alpha": 1e9, "early": 1, "beta": 0.95},
}


class Engine:
    """The scripts in a JavaScript engine."""

    def __init__(self) -> None:
        self.context = quickjs.Context()
        self.context.eval(bundle(LECTURE))

    def drawn(self, figure: Any, state: dict[str, Any], width: int = 900) -> dict[str, Any]:
        known = {name: value for name, value in state.items() if name in figure.start}
        data = {
            "slug": f"live-{figure.name}",
            "start": {**figure.start, **known},
            "fixed": figure.fixed,
            "words": figure.words,
            "symbols": figure.symbols,
        }
        self.context.set("given", json.dumps(data))
        return json.loads(
            self.context.eval(
                f"JSON.stringify(lecLive.still(lecLive.figures.{figure.name}, JSON.parse(given), {width}))"
            )
        )


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


def faults(drawn: dict[str, Any]) -> list[str]:
    """What is no number, and what a placeholder has left."""
    words = [drawn["svg"], *drawn["texts"].values(), drawn["says"], drawn["lines"]]
    found = [match for text in words for match in re.findall(r"NaN|undefined|null|\{\w+\}", text)]
    found += [
        str(share) for share in drawn["bars"].values() if share is None or not -1e-9 <= share <= 1 + 1e-9
    ]
    return found + re.findall(r'="[^"]*Infinity', drawn["svg"])


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", UNLIKE)
def test_every_problem_is_drawn(engine: Engine, name: str, state: str) -> None:
    problem = LECTURE.subject.describe(UNLIKE[name])
    for figure in figures(problem, PLAIN):
        for width in (900, 330):
            drawn = engine.drawn(figure, STATES[state], width)
            assert faults(drawn) == [], figure.name
        names: dict[str, Any] = {}
        exec(drawn["lines"].replace("print(", "shown = ("), names)
        risk, lam = names["risk"], names["lam"]
        expected = wdmath.ridge_minimizer(risk, lam)
        if figure.name == "rotate":
            np.testing.assert_allclose(
                names["ridge"], expected, rtol=1e-9, atol=1e-9 * np.abs(risk.minimizer).max()
            )
        if state == "start":
            # To half a unit of the last digit that is shown.
            for text, value in zip((drawn["texts"]["t1"], drawn["texts"]["t2"]), expected, strict=True):
                size = float(np.abs(expected).max())
                assert parsed(text) == pytest.approx(value, abs=0.006 * max(size, figure.fixed["half"])), (
                    figure.name
                )


def parsed(text: str) -> float:
    digits = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    text = re.sub(r" · 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda m: "e" + m[1].translate(digits), text)
    return float(text.replace("−", "-"))


def test_what_is_no_number_is_seen() -> None:
    drawn = {
        "svg": '<line x1="NaN"></line>',
        "texts": {},
        "says": "{place}",
        "lines": "",
        "bars": {"f1": None},
    }
    assert faults(drawn) == ["NaN", "{place}", "None"]


def leaks(svg: str, notation: Any) -> list[str]:
    """Texts that did not pass the seam: neither a number, nor a message, nor a symbol of the notation."""
    signs = {letter for symbol in notation.values() for letter in symbol.text} | set("ˆ˜¯˙¨→")
    found = []
    for node in html.fragment_fromstring(svg).iter("text"):
        text = node.text_content()
        known = set(text) <= signs if "lec-live-label" in node.get("class") else text.startswith(BEGIN)
        if not known and re.search(r"[^\W\d_]", text):
            found.append(text)
    return found


def test_words_and_symbols_pass_the_seam(engine: Engine) -> None:
    notation = pseudo_notation(LECTURE.notation)
    style = Style(PLAIN.theme, notation, PSEUDO)
    problem = LECTURE.subject.describe(LECTURE.subject.default())
    for figure in figures(problem, style):
        texts = [figure.title, figure.instruction, *figure.words.values()]
        texts += [part.label for parts in (figure.dials, figure.switches, figure.buttons) for part in parts]
        texts += [cell for row in figure.rows for cell in row.cells if not cell.startswith("$")]
        assert [text for text in texts if BEGIN not in text and not re.fullmatch(r"\{\w+\}", text)] == []
        for state in ("start", "everything shown"):
            drawn = engine.drawn(figure, STATES[state])
            assert leaks(drawn["svg"], notation) == []
            assert drawn["says"].startswith(BEGIN)
    plain = engine.drawn(next(iter(figures(problem, PLAIN))), STATES["everything shown"])
    assert leaks(plain["svg"], notation)  # a check that cannot fail is none
