"""Captions: at most two lines of 42 characters, on screen as long as they take to read, within their step."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from lecture.timing import READING_SPEED, Timeline

__all__ = ["Caption", "captions_of", "srt", "webvtt"]

LINE = 42
LINES = 2
SHORT = 15  # characters: a caption of fewer would be gone within a second


class Caption(NamedTuple):
    """Lines of text and when they are shown, in seconds."""

    start: float
    end: float
    lines: tuple[str, ...]


def captions_of(narration: str, duration: float, timeline: Timeline | None = None) -> list[Caption]:
    """Cut a step's narration into captions.

    Breaks fall behind sentences and commas where that is possible. Where it is known when the words are said, each
    caption comes with its first word and goes with its last one, or when it can have been read; otherwise they share
    the time from the step's begin to its end by their length.

    Examples
    --------
    >>> for c in captions_of("Turn the picture by Q transposed. Nothing is stretched; the ellipses stand upright.", 6):
    ...     print(f"{c.start:.2f}-{c.end:.2f} {' / '.join(c.lines)}")
    0.00-2.41 Turn the picture by Q transposed.
    2.41-6.00 Nothing is stretched; / the ellipses stand upright.
    """
    texts = [text for sentence in _sentences(narration) for text in _pieces(sentence)]
    if timeline is not None:
        return _timed(texts, " ".join(narration.split()), duration, timeline)
    total = sum(map(len, texts))
    captions, spoken = [], 0
    for text in texts:
        start = duration * spoken / total
        spoken += len(text)
        captions.append(Caption(start, duration * spoken / total, tuple(_balanced(text))))
    return captions


def _timed(texts: list[str], narration: str, duration: float, timeline: Timeline) -> list[Caption]:
    starts, at = [], 0
    for text in texts:
        # Words of more than a line were cut: white space may differ.
        while narration[at] == " ":
            at += 1
        starts.append(timeline.at(at))
        for letter in text.replace(" ", ""):
            at = narration.index(letter, at) + 1
    captions = []
    for k, text in enumerate(texts):
        following = starts[k + 1] if k + 1 < len(texts) else duration
        said = following if k + 1 < len(texts) else timeline.end
        end = min(max(said, starts[k] + len(text) / READING_SPEED), following, duration)
        if end > starts[k]:
            captions.append(Caption(starts[k], end, tuple(_balanced(text))))
    return captions


def _sentences(text: str) -> list[str]:
    """Sentences, short ones together where they fit into one caption, and very short ones in any case."""
    sentences: list[str] = []
    for sentence in re.split(r"(?<=[.!?…])\s+", " ".join(text.split())):
        if sentences and (
            len(sentences[-1]) < SHORT
            or (len(sentences[-1]) < LINE // 2 and len(_wrap(f"{sentences[-1]} {sentence}")) <= LINES)
        ):
            sentences[-1] += f" {sentence}"
        elif sentence:
            sentences.append(sentence)
    if len(sentences) > 1 and len(sentences[-1]) < SHORT:
        sentences[-2:] = [" ".join(sentences[-2:])]
    return sentences


def _pieces(sentence: str) -> list[str]:
    """A sentence in parts that each fill one caption, about equally long, broken at punctuation if possible."""
    if len(_wrap(sentence)) <= LINES:
        return [sentence]
    # A word longer than a line fills lines of its own.
    words = [word[k : k + LINE] for word in sentence.split(" ") for k in range(0, len(word), LINE)]
    left, right = _halves(words, 30)
    return [*_pieces(left), *_pieces(right)]


# Words that lean on what follows them: no line ends with one.
_LEANING = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be but by for from has have if in into is it its no nor not of on one or so than "
        "that the then they this to two was we were when where which while who with you your",
    )
)


def _halves(words: list[str], bonus: int) -> tuple[str, str]:
    """A text in two parts of about equal length, cut behind punctuation if possible and never behind a leaning word.

    A cut behind punctuation may make the parts' lengths differ by `bonus` more.
    """

    def cost(k: int) -> float:
        left, right = " ".join(words[:k]), " ".join(words[k:])
        cost = abs(len(left) - len(right))
        if re.search(r"[.,;:!?–—]$", left):
            cost -= bonus
        return cost + (18 if words[k - 1].lower() in _LEANING else 0)

    at = min(range(1, len(words)), key=cost)
    return " ".join(words[:at]), " ".join(words[at:])


def _balanced(text: str) -> list[str]:
    """The lines of one caption: one if it fits, else two of about equal length."""
    greedy, words = _wrap(text), text.split(" ")
    if len(greedy) != LINES or len(words) < 2:
        return greedy
    halves = list(_halves(words, 18))
    return halves if max(map(len, halves)) <= LINE else greedy


def _wrap(text: str) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        while len(word) > LINE:
            lines += [word[:LINE]]
            word = word[LINE:]
        if lines[-1] and len(lines[-1]) + 1 + len(word) > LINE:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return [line for line in lines if line]


def webvtt(captions: Iterable[Caption]) -> str:
    """Captions as a WebVTT file."""
    cues = [
        f"{_clock(c.start, '.')} --> {_clock(c.end, '.')}\n"
        + "\n".join(line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for line in c.lines)
        for c in captions
    ]
    return "\n\n".join(["WEBVTT", *cues]) + "\n"


def srt(captions: Iterable[Caption]) -> str:
    """Captions as a SubRip file."""
    return "\n".join(
        f"{k}\n{_clock(c.start, ',')} --> {_clock(c.end, ',')}\n" + "\n".join(c.lines) + "\n"
        for k, c in enumerate(captions, start=1)
    )


def _clock(seconds: float, point: str) -> str:
    """Hours, minutes, seconds and milliseconds.

    Examples
    --------
    >>> _clock(3661.5, ".")
    '01:01:01.500'
    """
    milliseconds = round(1000 * seconds)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}{point}{rest % 1000:03}"
