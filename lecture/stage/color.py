"""Contrast and lightness of sRGB colors, as far as a theme needs them.

The contrast ratio is WCAG 2.2's; lightness is changed in OKLab (Ottosson 2020), where hue stays put.
"""

from __future__ import annotations

import re

import numpy as np

__all__ = ["contrast", "difference", "lighter_and_darker", "mix", "parse_color", "to_hex", "with_contrast"]

_HEX = re.compile(r"#[0-9a-fA-F]{6}")

# Ottosson (2020), "A perceptual color space for image processing".
_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_LMS, _FROM_LAB = np.linalg.inv(_LMS), np.linalg.inv(_LAB)


def parse_color(color: str) -> np.ndarray:
    """Linear-light RGB of a color written as ``#rrggbb``.

    Returns
    -------
    ndarray of shape (3,), in [0, 1]

    Raises
    ------
    ValueError
        If `color` is not ``#`` and six hexadecimal digits.

    Examples
    --------
    >>> parse_color("#ffffff").round(6).tolist()
    [1.0, 1.0, 1.0]
    """
    if not isinstance(color, str) or not _HEX.fullmatch(color):
        raise ValueError(f"expected a color as #rrggbb, such as '#11151c', got {color!r}")
    return _linear(np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]))


def to_hex(linear: np.ndarray) -> str:
    """``#RRGGBB`` of linear-light RGB, clipped to the gamut.

    Examples
    --------
    >>> to_hex(parse_color("#1EC899"))
    '#1EC899'
    """
    return "#" + "".join(f"{c:02X}" for c in _written(linear))


def _linear(written: np.ndarray) -> np.ndarray:
    """Linear light of sRGB values from 0 to 255."""
    srgb = written / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def _written(linear: np.ndarray) -> np.ndarray:
    """The sRGB values from 0 to 255 of linear light, clipped to the gamut."""
    linear = np.clip(linear, 0, 1)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(255 * srgb).astype(int)


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two colors, from 1 to 21.

    Examples
    --------
    >>> round(contrast("#000000", "#FFFFFF"), 3)
    21.0
    """
    return float(_contrast(parse_color(one), parse_color(other)))


def _contrast(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Of linear light, shape (..., 3)."""
    one, other = (light @ [0.2126, 0.7152, 0.0722] + 0.05 for light in (one, other))
    return np.maximum(one, other) / np.minimum(one, other)


def difference(one: str, other: str) -> float:
    """How unlike two colors look: their distance in OKLab, 1 for black and white.

    Examples
    --------
    >>> round(difference("#000000", "#FFFFFF"), 3), round(difference("#0000FF", "#0000F0"), 3)
    (1.0, 0.021)
    """
    return float(np.linalg.norm(_oklab(one) - _oklab(other)))


def lighter_and_darker(color: str, steps: int = 64) -> list[str]:
    """The color from black to white, its hue kept, the nearest first."""
    lab = _oklab(color)
    found = map(to_hex, _moved(lab, np.linspace(0, 1, steps + 1)))
    return sorted(found, key=lambda candidate: difference(candidate, color))


def _oklab(color: str) -> np.ndarray:
    return _LAB @ np.cbrt(_LMS @ parse_color(color))


def _moved(lab: np.ndarray, lightness: np.ndarray) -> np.ndarray:
    """Linear light of a color with other lightnesses, shape (m, 3)."""
    # Chroma falls towards black and white, or the clip to the gamut would shift the hue.
    here = lab[0] * (1 - lab[0])
    chroma = np.minimum(1.0, lightness * (1 - lightness) / here) if here > 1e-9 else np.zeros_like(lightness)
    moved = np.column_stack([lightness, chroma[:, None] * lab[1:]])
    return (moved @ _FROM_LAB.T) ** 3 @ _FROM_LMS.T


def mix(one: str, other: str, share: float) -> str:
    """The color that is `share` of `one` over `other`, mixed as the screen mixes opacity (in sRGB).

    Examples
    --------
    >>> mix("#FFFFFF", "#000000", 0.5)
    '#808080'
    """
    a, b = (np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)]) for c in (one, other))
    return "#" + "".join(f"{int(c):02X}" for c in np.floor(share * a + (1 - share) * b + 0.5))


def with_contrast(color: str, background: str, ratio: float) -> str:
    """`color` with its lightness moved as little as gives `ratio` on `background`.

    The hue is kept. Where the color cannot reach the ratio by going one way (lighter or darker), it goes the other.

    Raises
    ------
    ValueError
        If no lightness reaches the ratio.

    Examples
    --------
    >>> with_contrast("#1EC899", "#11151C", 4.5)
    '#1EC899'
    >>> contrast(with_contrast("#1EC899", "#FFF8E7", 4.5), "#FFF8E7") >= 4.5
    True
    """
    if contrast(color, background) >= ratio:
        return color
    lab = _oklab(color)
    lightness = np.linspace(0, 1, 201)
    lightness = lightness[np.argsort(np.abs(lightness - lab[0]), kind="stable")]
    moved = _moved(lab, lightness)
    enough = _contrast(_linear(_written(moved)), parse_color(background)) >= ratio
    if not enough.any():
        raise ValueError(
            f"on {background} nothing has the contrast {ratio:g}; take a brighter or a darker background"
        )
    return to_hex(moved[enough.argmax()])
