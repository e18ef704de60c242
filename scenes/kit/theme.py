"""One meaning, one color; and the sizes and durations that every scene shares."""

from __future__ import annotations

from dataclasses import dataclass

from .color import contrast, mix, with_contrast

__all__ = [
    "BODY",
    "CAPTION_SPEED",
    "FORMULA",
    "FRAME_HEIGHT",
    "FRAME_WIDTH",
    "MINIMUM_HOLD",
    "SMALL",
    "TITLE",
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

# Seconds. Captions are read at 15 characters a second; a finished picture stays at least a second.
CAPTION_SPEED = 15.0
MINIMUM_HOLD = 1.0


@dataclass(frozen=True)
class Theme:
    """The colors of a lecture, by meaning.

    Scenes read them one by one, so that the builder knows which scene depends on which color.

    Attributes
    ----------
    background, ink, dim, line : str
        What everything stands on; words and formulas; words that stand back; axes and contours of the risk.
    minimizer, ridge : str
        The minimizer of the risk, and the ridge minimizer.
    eig1, eig2 : str
        The steep and the flat eigendirection.
    penalty : str
        lambda, the penalty, and what it does.
    """

    name: str
    background: str
    ink: str
    dim: str
    line: str
    minimizer: str
    ridge: str
    eig1: str
    eig2: str
    penalty: str

    @classmethod
    def dark(cls) -> Theme:
        """Light on near-black, for a darkened room.

        Examples
        --------
        >>> Theme.dark().background
        '#11151C'
        """
        return cls(
            name="dark",
            background="#11151C",
            ink="#ECEFF4",
            dim="#8D9AAE",
            line="#7B8AA0",
            minimizer="#E35914",
            ridge="#FDEC1C",
            eig1="#1EC899",
            eig2="#397AF8",
            penalty="#D991C4",
        )

    @classmethod
    def light(cls) -> Theme:
        """Dark on white, for paper and bright rooms."""
        return cls(
            name="light",
            background="#FFFFFF",
            ink="#1C2128",
            dim="#5E697B",
            line="#7A869A",
            minimizer="#721400",
            ridge="#906D04",
            eig1="#106841",
            eig2="#216CF7",
            penalty="#5D2584",
        )

    @classmethod
    def on(cls, background: str) -> Theme:
        """The theme that melts into a slide of any background color.

        The palette nearer to the background is taken; a color short of its contrast (4.5 : 1 for words and
        everything that carries a meaning, 3 : 1 for lines) is made lighter or darker, its hue kept.

        Parameters
        ----------
        background : str
            ``#rrggbb``.

        Raises
        ------
        ValueError
            If `background` is no color, or so middling that no text reaches 4.5 : 1 on it.

        Examples
        --------
        >>> Theme.on("#FDF6E3").eig1
        '#106841'
        """
        base = (
            cls.dark() if contrast(background, "#FFFFFF") >= contrast(background, "#000000") else cls.light()
        )

        def seen(color: str, ratio: float) -> str:
            return with_contrast(color, background, ratio)

        return cls(
            name=background,
            background=background.upper(),
            ink=seen(base.ink, 4.5),
            dim=seen(base.dim, 4.5),
            line=seen(base.line, 3),
            minimizer=seen(base.minimizer, 4.5),
            ridge=seen(base.ridge, 4.5),
            eig1=seen(base.eig1, 4.5),
            eig2=seen(base.eig2, 4.5),
            penalty=seen(base.penalty, 4.5),
        )

    def faded(self, role: str, share: float = 0.3) -> str:
        """The color of `role` as a pale ghost: `share` of it over the background.

        Examples
        --------
        >>> Theme.light().faded("eig1", 0.0)
        '#FFFFFF'
        """
        return mix(getattr(self, role), self.background, share)
