"""One meaning, one color; and the sizes that every scene shares."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

from lecture.words import Message, _

__all__ = [
    "BODY",
    "FORMULA",
    "FRAME_HEIGHT",
    "FRAME_WIDTH",
    "MINIMUM_HOLD",
    "SMALL",
    "TITLE",
    "Palette",
    "Role",
    "Theme",
]

# Manim's frame, in its units. Slides of 4:3 get the same picture with room above and below.
FRAME_HEIGHT = 8.0
FRAME_WIDTH = 8.0 * 16 / 9

# Font sizes in Manim's units. At SMALL a capital letter is 1/36 of the frame height: nothing is smaller.
TITLE = 46
FORMULA = 44
BODY = 36
SMALL = 33

# Difference of two colors (:func:`lecture.stage.color.difference`) from which they are told apart at a glance; the
# nearest two of the themes that ship differ by 0.15.
_TOLD_APART = 0.1

# Seconds that a finished picture stays at least.
MINIMUM_HOLD = 1.0


@dataclass(frozen=True)
class Role:
    """A meaning: its color on a dark and on a light background, and the contrast that it keeps on any other.

    Attributes
    ----------
    about : str
        What has this color.
    dark, light : str
        ``#rrggbb``.
    contrast : float
        WCAG ratio: 4.5 for words and everything that carries a meaning, 3 for lines.
    """

    about: str
    dark: str
    light: str
    contrast: float = 4.5


# What every lecture has.
_BASE = {
    "background": Role("what everything stands on", dark="#11151C", light="#FFFFFF", contrast=1.0),
    "ink": Role("words and formulas", dark="#ECEFF4", light="#1C2128"),
    "dim": Role("words that stand back", dark="#8D9AAE", light="#5E697B"),
    "line": Role("axes and contours", dark="#7B8AA0", light="#7A869A", contrast=3.0),
}


class Theme(Mapping[str, str]):
    """The colors of a lecture by role: ``theme["ink"]``.

    Attributes
    ----------
    name : str
        ``dark``, ``light``, or the background color.
    """

    def __init__(self, name: str, colors: Mapping[str, str]):
        self.name = name
        self._colors = dict(colors)

    def __getitem__(self, role: str) -> str:
        return self._colors[role]

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._colors)

    def __len__(self) -> int:
        return len(self._colors)

    @property
    def is_dark(self) -> bool:
        """Whether light ink stands on the background.

        Examples
        --------
        >>> Palette().dark().is_dark
        True
        """
        from .color import contrast

        background = self["background"]
        return contrast(background, "#FFFFFF") >= contrast(background, "#000000")

    def faded(self, role: str, share: float = 0.3) -> str:
        """The color of `role` as a pale ghost: `share` of it over the background.

        Examples
        --------
        >>> Palette().light().faded("ink", 0.0)
        '#FFFFFF'
        """
        from .color import mix

        return mix(self[role], self["background"], share)


class Palette:
    """The roles of a lecture: those that every lecture has, and its own.

    Parameters
    ----------
    **roles : Role
        The meanings that the lecture gives a color of its own.

    Examples
    --------
    >>> palette = Palette(ball=Role("the ball", dark="#E35914", light="#721400"))
    >>> palette.light()["ball"], palette.on("#FDF6E3")["background"]
    ('#721400', '#FDF6E3')
    """

    def __init__(self, **roles: Role):
        for name in ("name", "accent"):  # what a manifest says of a theme beside its colors
            if name in roles:
                raise ValueError(f"a role cannot be called {name!r}")
        self.roles = _BASE | roles

    def dark(self) -> Theme:
        """Light on near-black, for a darkened room."""
        return Theme("dark", {name: role.dark for name, role in self.roles.items()})

    def light(self) -> Theme:
        """Dark on white, for paper and bright rooms."""
        return Theme("light", {name: role.light for name, role in self.roles.items()})

    def on(self, background: str) -> Theme:
        """The theme that melts into a slide of any background color.

        The nearer of the two themes is taken; a color short of its contrast is made lighter or darker, its hue kept.

        Parameters
        ----------
        background : str
            ``#rrggbb``.

        Raises
        ------
        ValueError
            If `background` is no color, or so middling that no text reaches its contrast on it.
        """
        from .color import with_contrast

        base = self.dark() if Theme("", {"background": background}).is_dark else self.light()
        return Theme(
            background,
            {
                name: background.upper()
                if name == "background"
                else with_contrast(base[name], background, role.contrast)
                for name, role in self.roles.items()
            },
        )

    def confused(self, theme: Theme) -> tuple[str, str] | None:
        """The two meanings of the lecture's own whose colors are most alike, if they can hardly be told apart.

        Examples
        --------
        >>> palette = Palette(one=Role("", "#E35914", "#721400"), other=Role("", "#1EC899", "#106841"))
        >>> palette.confused(palette.dark()), palette.confused(palette.on("#777777"))
        (None, ('one', 'other'))
        """
        from .color import difference

        meanings = [name for name in self.roles if name not in _BASE or name == "ink"]
        pairs = [(difference(theme[a], theme[b]), a, b) for a, b in itertools.combinations(meanings, 2)]
        least, one, other = min(pairs, default=(1.0, "", ""))
        return (one, other) if least < _TOLD_APART else None

    def remark(self, name: str) -> Message | None:
        """What to say of a background on which meanings can hardly be told apart, with the nearest that works."""
        if name in ("dark", "light"):
            return None
        alike = self.confused(self.on(name))
        if alike is None:
            return None
        from .color import lighter_and_darker

        nearest = next((c for c in lighter_and_darker(name) if self.confused(self.on(c)) is None), "#FFFFFF")
        one, other = (self.roles[role].about or role for role in alike)
        return _(
            "on {background} the colors of {one} and of {other} can hardly be told apart; the nearest background on "
            "which all meanings can is {nearest}"
        ).format(background=name, one=one, other=other, nearest=nearest)

    def named(self, name: str) -> Theme:
        """``dark``, ``light``, or what :meth:`on` makes of a background color."""
        return self.dark() if name == "dark" else self.light() if name == "light" else self.on(name)
