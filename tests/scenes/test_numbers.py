"""Every number on screen is what other software computes from the same inputs, to its last digit shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from lecture.audit import StepAudit, audit_scene
from lecture.stage import LectureScene, Number, step
from scenes import LECTURE
from scenes.parts.scene import WeightDecayScene
from scenes.problem import Problem
from tests.scenes.independent import NAMES, twin
from tests.scenes.played import EVERY_SCENE, played


def value_of(text: str) -> tuple[float, float]:
    """What a number's text says, and half a unit of its last digit."""
    if text.endswith(" percent"):
        value, half = value_of(text.removesuffix(" percent"))
        return value / 100, half / 100
    mantissa, _, power = text.replace(" ", "").partition("dot10^")
    scale = 10.0 ** float(power.strip("()")) if power else 1.0
    decimals = len(mantissa.partition(".")[2])
    # A whole number such as 1230 is rounded to significant digits; its zeros may stand for that.
    zeros = len(mantissa) - len(mantissa.rstrip("0")) if "." not in mantissa and mantissa != "0" else 0
    return float(mantissa) * scale, 0.5 * 10.0 ** (zeros - decimals) * scale


def risk_of(problem: Problem) -> Any:
    """The independent risk: from the data by the normal equations where there are any."""
    X, y = problem.X, problem.y
    if X is None or y is None:
        return twin(problem.risk)
    risk = NAMES["QuadraticRisk"](2 * X.T @ X, np.linalg.lstsq(X, y, rcond=None)[0])
    risk.constant = float(((y - X @ risk.minimizer) ** 2).sum())
    return risk


def check(number: Number, problem: Problem | None = None) -> None:
    check_against(risk_of(problem or Problem.i2ml()), number)


def check_against(risk: Any, number: Number) -> None:
    """Evaluate a number's expression over an independent risk."""
    inputs = {name: twin(value) for name, value in number.inputs.items()}
    needed = set(re.findall(r"[A-Za-z_]\w*", number.expression))
    scope = {**{k: v for k, v in NAMES.items() if k in needed}, "np": np, "risk": risk, **inputs}
    expected = float(eval(number.expression, {"__builtins__": {}}, scope))
    assert number.value == pytest.approx(expected, rel=1e-6, abs=1e-9), number.expression
    if number.text in ("all", "nothing"):
        assert expected == (number.text == "all"), f"{number.text} is shown for {expected}"
        return
    bound = re.fullmatch(r"(more|less) than (.*)", number.text)
    shown, half = value_of(bound[2] if bound else number.text)
    if bound:
        assert (expected > shown) == (bound[1] == "more"), f"{number.text} is shown for {expected}"
        return
    assert abs(shown - expected) <= half * (1 + 1e-3) + 1e-12, f"{number.text} is shown for {expected}"


@pytest.mark.parametrize("name", EVERY_SCENE)
def test_numbers_agree_with_other_software(name: str) -> None:
    in_words = {step.name: step.numbers for step in LECTURE.load_scene(name).storyboard()}
    for step_end in played(name):
        for number in (*step_end.record.numbers, *in_words[step_end.step]):
            try:
                check(number)
            except AssertionError as error:
                raise AssertionError(f"{name}.{step_end.step}: {error}") from None


DECIMAL = re.compile(r"(more than )?(?<![\w.])(\d+\.\d+)(?![\d.]*\d)( percent)?")


def untied(scene: type[LectureScene], ends: Iterable[StepAudit]) -> list[str]:
    """Decimals that a step says or tells, behind which no number of this step or an earlier one stands."""
    known: list[float] = []
    found = []
    for end, told in zip(ends, scene.storyboard(), strict=True):
        for number in (*end.record.numbers, *told.numbers):
            inputs = np.concatenate([np.ravel(v) for v in number.inputs.values() if np.size(v) < 100] or [[]])
            known += [abs(float(v)) for v in (number.value, *inputs) if isinstance(v, (int, float))]
        for bound, decimal, percent in DECIMAL.findall(f"{told.say} {told.shows}"):
            value, half = value_of(decimal)
            values = np.array(known) * (100 if percent else 1)
            near = values - value
            behind = (near > 0) & (near <= 2 * half) if bound else np.abs(near) <= half * (1 + 1e-3) + 1e-12
            if not behind.any():
                found.append(f"{end.step}: {decimal}")
    return found


@pytest.mark.parametrize("name", EVERY_SCENE)
def test_every_decimal_in_words_has_a_number_behind_it(name: str) -> None:
    assert untied(LECTURE.load_scene(name), played(name)) == []


class Wrong(WeightDecayScene):
    """A scene whose number is not what its expression says."""

    @step(say="This number is wrong.", shows="A number that is wrong by one digit.")
    def show_a_wrong_number(self) -> None:
        shown = self.number("ridge_minimizer(risk, lam)[0]", lam=50.0)
        right = shown.number
        shown.number = Number("0.895", right.value + 1e-3, right.expression, right.inputs)
        self.add(shown)


class WrongText(WeightDecayScene):
    """A scene that shows another number than it computed."""

    @step(say="This text is wrong.", shows="A number whose text is wrong by one digit.")
    def show_a_wrong_text(self) -> None:
        shown = self.number("ridge_minimizer(risk, lam)[0]", lam=50.0)
        right = shown.number
        shown.number = Number("0.895", right.value, right.expression, right.inputs)
        self.add(shown)


class Untied(WeightDecayScene):
    """A scene that says a number which it did not compute."""

    @step(say="It shrinks to 0.894.", shows="A number; it was 2.5 before.")
    def show_a_number(self) -> None:
        self.add(self.number("ridge_minimizer(risk, lam)[0]", lam=50.0))


def test_a_decimal_without_a_number_is_caught() -> None:
    assert untied(Untied, audit_scene(Untied, LECTURE.settings(), height=36)) == ["show_a_number: 2.5"]


@pytest.mark.parametrize("scene", [Wrong, WrongText])
def test_a_wrong_number_is_caught(scene: type[WeightDecayScene]) -> None:
    (step_end,) = audit_scene(scene, LECTURE.settings(), height=36)
    (number,) = step_end.record.numbers
    with pytest.raises(AssertionError):
        check(number)
