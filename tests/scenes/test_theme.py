"""The palette can be told apart by everyone, and read from the last row."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from coloraide import Color

from lecture.edition import load_edition
from lecture.stage import Style, Theme
from scenes import LECTURE
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


def differ(theme: Style) -> float:
    """The CIEDE2000 difference of the two meanings that are hardest to tell apart, in plain sight."""
    return closest(theme, None)[0]


@pytest.mark.parametrize("background", ["#777777", "#888888", "#FF0000", "#7F7F00", "#AAAAAA"])
def test_a_background_on_which_meanings_are_lost_gets_a_remark_with_the_nearest_that_works(
    background: str,
) -> None:
    remark = str(PALETTE.remark(background))
    nearest = remark.split()[-1]
    assert nearest != background
    assert PALETTE.remark(nearest) is None
    # By another measure of difference than the one that the remark goes by.
    assert differ(Style(PALETTE.on(background))) < 13 < differ(Style(PALETTE.on(nearest)))


@pytest.mark.parametrize(
    "background", ["dark", "light", "#FDF6E3", "#002B36", "#0B3D91", "#C8E6C9", "#000000"]
)
def test_a_background_that_works_gets_none(background: str) -> None:
    assert PALETTE.remark(background) is None


def test_the_remark_is_about_the_theme_that_is_built(tmp_path: Path) -> None:
    path = tmp_path / "lecture.toml"
    path.write_text('theme = "#777777"', encoding="utf-8")
    edition = load_edition(path, LECTURE)
    assert len(edition.all_remarks()) == 1
    assert edition.all_remarks("dark") == ()
