"""Every number can be shown: significant digits, powers of ten, no rows of zeros, rounding noise as 0."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manim import ValueTracker, tempconfig

from lecture.stage import LectureScene, step
from lecture.stage.numbers import format_number, running_number
from lecture.stage.text import LiveNumber
from scenes import LECTURE


def value_of(text: str) -> float:
    mantissa, _, power = text.replace(" ", "").partition("dot10^")
    return float(mantissa) * 10.0 ** float(power.strip("()") or 0)


@settings(deadline=None)
@given(st.floats(-1e300, 1e300), st.integers(0, 12))
def test_a_running_number_is_short_and_right(value: float, decimals: int) -> None:
    text = running_number(value, decimals)
    assert len(text) <= 20
    assert text not in ("-0", "-0.00")
    half = 0.5 * 10.0**-decimals
    assert math.isclose(value_of(text), value, rel_tol=5.1e-3, abs_tol=half * 1.001)
    if decimals > 5 and value:
        assert float(text.split()[0]) != 0, "a row of zeros"


@settings(deadline=None)
@given(st.floats(-1e300, 1e300, allow_subnormal=False), st.integers(1, 6))
def test_significant_digits(value: float, digits: int) -> None:
    text = format_number(value, digits)
    assert len(text) <= 25
    assert math.isclose(value_of(text), value, rel_tol=0.51 * 10.0 ** (1 - digits), abs_tol=0)


@pytest.mark.parametrize(
    "value", [0.0, -0.0, 1e-12, 1e12, -3.39e-21, 388163692.97440267, math.inf, -math.inf, math.nan]
)
@pytest.mark.parametrize("decimals", [0, 2, 8, 12])
def test_a_live_number_never_fails(value: float, decimals: int) -> None:
    shown = LiveNumber(1.0, LECTURE.settings().style, decimals=decimals)
    shown.set_value(value)
    drawn = [slot for slot in shown if len(slot.points) > 4]
    assert len(drawn) == len(shown._written().replace("?", ""))


def test_a_power_of_ten_stands_higher_and_smaller() -> None:
    shown = LiveNumber(1.23e-7, LECTURE.settings().style, decimals=9)
    glyphs = [slot for slot in shown if len(slot.points) > 4]
    assert shown.text == "1.23 dot 10^(-7)"
    assert len(glyphs) == len("1.23·10⁻⁷")
    assert glyphs[-1].get_bottom()[1] > glyphs[0].get_bottom()[1]
    assert glyphs[-1].height < glyphs[0].height
    assert np.all(np.diff([glyph.get_center()[0] for glyph in glyphs]) > 0)


class Noisy(LectureScene):
    """Numbers beside noise."""

    lecture = LECTURE

    @step(say="Noise.", shows="Noise.")
    def show(self) -> None:
        self.add(self.number("np.array([1.0, 3.39e-21])[1]"))
        self.add(self.number("np.array([1.0, 3.39e-7])[1]"))
        self.add(self.live_number("np.array([1.0, -1e-17])[1] + value * 0", ValueTracker(1.0)))


def test_noise_is_zero() -> None:
    with tempconfig({"dry_run": True, "quality": "low_quality"}):
        scene = Noisy()
        scene.construct()
    texts = [number.text for number in scene.records[0].numbers]
    assert texts == ["0", "3.39 dot 10^(-7)", "0.00"]
