"""When the words of a narration are said: by a voice, or at reading speed where there is none."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["READING_SPEED", "Timeline", "at_reading_speed", "fit"]

# Captions are read at so many characters a second.
READING_SPEED = 15.0

# A motion sets off gently, so that its first change is seen some frames later: it begins so much before its word, in
# seconds, and may be so much later than that, which nobody notices, before speech is cut for it.
_EARLY, _LATE = 0.05, 0.08


@dataclass(frozen=True)
class Timeline:
    """When each word of a text begins.

    Attributes
    ----------
    words : tuple of (int, float)
        Position of a word's first character in the text, and the second at which it begins, in order.
    seconds : float
        When the last word has ended, and the pause behind it.
    rests : tuple of float
        Moments of silence between sentences and clauses: what is said later can wait there.
    said : float, optional
        When the last word has ended; by default `seconds`.

    Examples
    --------
    >>> timeline = Timeline(((0, 0.0), (5, 0.4)), 1.0)
    >>> timeline.at(5), timeline.at(3), timeline.at(99)
    (0.4, 0.4, 1.0)
    """

    words: tuple[tuple[int, float], ...]
    seconds: float
    rests: tuple[float, ...] = ()
    said: float | None = None

    @property
    def end(self) -> float:
        """When the last word has ended."""
        return self.seconds if self.said is None else self.said

    def at(self, position: int) -> float:
        """When the first word at or behind a position begins; the end where there is none."""
        k = bisect.bisect_left(self.words, (position, float("-inf")))
        return self.words[k][1] if k < len(self.words) else self.end

    def paused(self, pauses: Sequence[tuple[float, float]]) -> Timeline:
        """The same words with pauses, each a moment and how long everything from there on waits.

        Examples
        --------
        >>> Timeline(((0, 0.0), (5, 0.4)), 1.0).paused([(0.3, 2.0)])
        Timeline(words=((0, 0.0), (5, 2.4)), seconds=3.0, rests=(), said=3.0)
        """

        def later(second: float) -> float:
            return second + sum(length for at, length in pauses if at <= second)

        words = tuple((position, later(second)) for position, second in self.words)
        return Timeline(words, later(self.seconds), tuple(map(later, self.rests)), later(self.end))


def at_reading_speed(text: str) -> Timeline:
    """The timeline of a text that is read, not heard.

    Examples
    --------
    >>> at_reading_speed("Turn the whole picture.")
    Timeline(words=((0, 0.0), (5, 0.333...), (9, 0.6), (15, 1.0)), seconds=1.6, rests=(), said=None)
    """
    words = tuple((match.start(), match.start() / READING_SPEED) for match in re.finditer(r"\S+", text))
    # One character more, since Manim cuts waits to whole frames.
    return Timeline(words, (len(text) + 1) / READING_SPEED)


def fit(
    timeline: Timeline, cues: Sequence[tuple[int, int]], rate: int
) -> tuple[list[int], list[tuple[float, float]]]:
    """Bring words and motion together: motion waits for its word, and a word for the motion before it.

    Parameters
    ----------
    cues : sequence of (int, int)
        For each cue the position of its word in the text, and how many frames of the motion come before it.
    rate : int
        Frames per second.

    Returns
    -------
    waits : list of int
        For how many frames each cue waits for its word.
    pauses : list of (float, float)
        As :meth:`Timeline.paused` takes them: in the last rest before a word whose motion cannot begin yet, or, where
        there is none since the cue before, at the word itself.

    Examples
    --------
    >>> timeline = Timeline(((0, 0.0), (5, 1.0), (9, 2.0)), 3.0, rests=(1.5,))
    >>> fit(timeline, [(5, 0), (9, 20)], 10)  # a second of waiting; two seconds of motion, then the last word
    ([10, 0], [(1.5, 1.05)])
    """
    waits: list[int] = []
    pauses: list[tuple[float, float]] = []
    delay, before = 0.0, 0.0
    for position, frames in cues:
        word = timeline.at(position)
        late = (frames + sum(waits)) / rate - (word - _EARLY + delay)
        if late > _LATE:
            pauses.append((max((r for r in timeline.rests if before < r <= word), default=word), late))
            delay += late
            late = 0.0
        waits.append(max(0, round(-late * rate)))
        before = word
    return waits, pauses
