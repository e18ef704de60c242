"""The formula of the lecture, at the top right of every scene that works on it."""

from __future__ import annotations

from typing import Literal

from manim import AnimationGroup, Line, VGroup

from lecture.stage.region import SAFE
from lecture.stage.style import Style
from lecture.stage.text import formula, words
from lecture.stage.theme import SMALL
from scenes import LECTURE

__all__ = ["HeartFormula"]

Stage = Literal["rotate", "rescale", "back", "all"]

# The factors that have a name, from left to right.
_STAGES: tuple[Stage, ...] = ("back", "rescale", "rotate")
_NAMES = dict(zip(_STAGES, (factor.name for factor in LECTURE.formula if factor.name), strict=True))


def _source() -> str:
    """The formula, each named factor a part that can be selected."""
    stages = iter(_STAGES)
    return " ".join(
        f"{{{{ {factor.source} : {next(stages)} }}}}" if factor.name else factor.source
        for factor in LECTURE.formula
    )


class HeartFormula(VGroup):
    """The lecture's formula (:attr:`lecture.definition.Lecture.formula`), of which one factor is at work.

    Attributes
    ----------
    marks : dict
        For each stage the underline and the word below it.
    """

    def __init__(self, style: Style):
        self.style = style
        self.line = formula(_source(), style)
        self.line.move_to([SAFE.right, SAFE.top + 0.05, 0], aligned_edge=[1, 1, 0])
        self.marks = VGroup()
        self._mark_of: dict[str, VGroup] = {}
        baseline: float | None = None
        for part in _NAMES:
            left, right = self.line.select(part).get_left()[0], self.line.select(part).get_right()[0]
            y = self.line.get_bottom()[1] - 0.08
            underline = Line([left, y, 0], [right, y, 0], color=style.ink, stroke_width=4)
            name = words(_NAMES[part], style, size=SMALL)
            name.next_to(underline, [0, -1, 0], buff=0.12)
            name.shift([min(0.0, SAFE.right - name.get_right()[0]), 0, 0])
            baseline = baseline or name.get_bottom()[1]
            name.shift([0, baseline - name.get_bottom()[1], 0])
            self._mark_of[part] = VGroup(underline, name)
        super().__init__(self.line)

    def part(self, stage: Stage) -> VGroup:
        """The glyphs of a factor."""
        return self.line.select(stage)

    def mark(self, stage: Stage) -> VGroup:
        """Underline and name of a factor, not shown until it is played."""
        return self._mark_of[stage]

    def light(self, stage: Stage) -> AnimationGroup:
        """Put one factor at full contrast and the others back; ``"all"`` lights the whole formula."""
        moves = []
        for part in _NAMES:
            on = stage in (part, "all")
            glyphs = self.part(part)
            moves.append(glyphs.animate.set_color(self.style.ink if on else self.style.dim))
        lam_on = stage in ("rescale", "all")
        moves.append(
            self.line.select("penalty").animate.set_color(self.style.penalty if lam_on else self.style.dim)
        )
        return AnimationGroup(*moves)

    def lit(self, stage: Stage) -> HeartFormula:
        """The same at once, for the opening picture of a scene."""
        for part in _NAMES:
            on = stage in (part, "all")
            self.part(part).set_color(self.style.ink if on else self.style.dim)
        lam_on = stage in ("rescale", "all")
        self.line.select("penalty").set_color(self.style.penalty if lam_on else self.style.dim)
        return self
