"""A question on screen: its choices, and a ring that runs down while the viewer predicts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import Arc, BackgroundRectangle, VGroup

from lecture.words import Message

from .region import SAFE, Region
from .style import Style
from .text import words
from .theme import SMALL

__all__ = ["SECONDS", "Countdown"]

SECONDS = 3.0

#: Where the choices stand unless a scene says otherwise.
STRIP = Region(SAFE.left, SAFE.right, SAFE.bottom, SAFE.bottom + 0.7)


class Countdown(VGroup):
    """Choices in a row, with a letter each, and a ring beside them.

    Parameters
    ----------
    choices : sequence of Message
    region : Region
        Where they stand; in a narrow one they stand below each other.

    Attributes
    ----------
    patch : BackgroundRectangle
        What is behind them all.
    answers : VGroup
        The choices.
    ring : Arc
        Whole at first; :meth:`set_left` lets it run down.
    """

    def __init__(self, choices: Sequence[Message | str], style: Style, region: Region = STRIP):
        answers = VGroup()
        for letter, choice in zip("ABCD", choices, strict=False):
            answers.add(words(f"*{letter}* #h(0.35em) {style.typst(choice)}", style, size=SMALL))
        across = sum(a.width for a in answers) + 0.7 * len(answers) + 0.6 <= region.width
        if across:
            answers.arrange([1, 0, 0], buff=0.7)
            for answer in answers:  # on one line, whatever their letters reach up or down to
                answer.shift([0, answers[0][0].get_bottom()[1] - answer[0].get_bottom()[1], 0])
        else:
            answers.arrange([0, -1, 0], buff=0.22, aligned_edge=[-1, 0, 0])
            # Evenly, whatever their letters reach up or down to.
            first, last = (answers[k][0].get_bottom()[1] for k in (0, -1))
            heights = np.linspace(first, last, len(answers))
            for answer, height in zip(answers, heights, strict=True):
                answer.shift([0, height - answer[0].get_bottom()[1], 0])
        self._radius = 0.2
        self.ring = Arc(self._radius, np.pi / 2, -2 * np.pi, color=style.ink, stroke_width=6)
        row = VGroup(self.ring, answers).arrange([1, 0, 0], buff=0.4).move_to(region.center)
        # What does not fit side by side in other words or symbols may be taller than its region.
        below = SAFE.bottom - row.get_bottom()[1]
        if below > 0:
            row.shift([0, below + 0.05, 0])
        self._center = self.ring.get_center()
        self.patch = BackgroundRectangle(row, color=style.background, fill_opacity=1, buff=0.15)
        self.answers = answers
        super().__init__(self.patch, row)

    def set_left(self, share: float) -> Countdown:
        """Show how much of the time is left, from 1 to 0."""
        arc = Arc(self._radius, np.pi / 2, -2 * np.pi * max(share, 1e-3), arc_center=self._center)
        self.ring.set_points(arc.points).set_stroke(opacity=float(share > 1e-3))  # no speck of it at the end
        return self
