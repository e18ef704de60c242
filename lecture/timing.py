"""When the words of a narration are said: by a voice, or at reading speed where there is none."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass

__all__ = ["READING_SPEED", "Timeline", "at_reading_speed"]

# Captions are read at so many characters a second.
READING_SPEED = 15.0


@dataclass(frozen=True)
class Timeline:
    """When each word of a text begins.

    Attributes
    ----------
    words : tuple of (int, float)
        Position of a word's first character in the text, and the second at which it begins, in order.
    seconds : float
        When the last word has ended.

    Examples
    --------
    >>> timeline = Timeline(((0, 0.0), (5, 0.4)), 1.0)
    >>> timeline.at(5), timeline.at(3), timeline.at(99)
    (0.4, 0.4, 1.0)
    """

    words: tuple[tuple[int, float], ...]
    seconds: float

    def at(self, position: int) -> float:
        """When the first word at or behind a position begins; the end where there is none."""
        k = bisect.bisect_left(self.words, (position, float("-inf")))
        return self.words[k][1] if k < len(self.words) else self.seconds


def at_reading_speed(text: str) -> Timeline:
    """The timeline of a text that is read, not heard.

    Examples
    --------
    >>> at_reading_speed("Turn the whole picture.")
    Timeline(words=((0, 0.0), (5, 0.333...), (9, 0.6), (15, 1.0)), seconds=1.6)
    """
    words = tuple((match.start(), match.start() / READING_SPEED) for match in re.finditer(r"\S+", text))
    # One character more, since Manim cuts waits to whole frames.
    return Timeline(words, (len(text) + 1) / READING_SPEED)
