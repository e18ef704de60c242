"""The palette can be told apart by everyone, and read from the last row."""

from __future__ import annotations

from itertools import combinations

import pytest
from coloraide import Color

from lecture.stage import Style, Theme
from scenes.palette import PALETTE
from tests.scenes.styles import DARK, LIGHT

MEANINGS = ("minimizer", "ridge", "eig1", "eig2", "penalty", "ink")
# Two models of each deficiency, at full severity: Brettel, Viénot, Mollon (1997); Machado, Oliveira, Fernandes (2009).
VISIONS = [
    None,
    *((kind, model) for kind in ("protan", "deutan", "tritan") for model in ("brettel", "machado")),
]


def seen(color: str, vision: tuple[str, str] | None) -> Color:
    return Color(color) if vision is None else Color(color).filter(vision[0], method=vision[1])


def closest(theme: Style, vision: tuple[str, str] | None) -> tuple[float, tuple[str, str]]:
    """The CIEDE2000 difference of the two meanings that are hardest to tell apart."""
    colors = {role: seen(theme.color(role), vision) for role in MEANINGS}
    return min((colors[a].delta_e(colors[b], method="2000"), (a, b)) for a, b in combinations(MEANINGS, 2))


@pytest.mark.parametrize("vision", VISIONS, ids=str)
@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda style: style.theme.name)
def test_meanings_differ_in_every_vision(theme: Style, vision: tuple[str, str] | None) -> None:
    difference, pair = closest(theme, vision)
    assert difference > 13, pair


def test_a_palette_of_red_and_green_is_caught() -> None:
    careless = Style(Theme("careless", {**DARK.theme, "eig1": "#3FB950", "minimizer": "#E5634F"}))
    assert min(closest(careless, vision)[0] for vision in VISIONS) < 13


@pytest.mark.parametrize(
    "theme",
    [
        DARK,
        LIGHT,
        *(
            Style(PALETTE.on(b))
            for b in ("#FDF6E3", "#002B36", "#0B3D91", "#E8E8E8", "#000000", "#C8E6C9", "#FFF3CD")
        ),
    ],
    ids=lambda style: style.theme.name,
)
def test_contrast_on_any_background(theme: Style) -> None:
    for role in (*MEANINGS, "dim"):
        assert Color(theme.color(role)).contrast(theme.background, method="wcag21") >= 4.5, role
    assert Color(theme.line).contrast(theme.background, method="wcag21") >= 3
