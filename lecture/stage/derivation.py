"""Algebra in which every line is born from the one before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from manim import AnimationGroup, Create, FadeIn, FadeOut, Line, TransformFromCopy, VGroup

from .style import Style
from .text import formula
from .theme import FORMULA

__all__ = ["Birth", "Derivation"]


class Birth(AnimationGroup):
    """Let the named parts of a formula grow out of what they come from; the rest of it fades in.

    A part with as many glyphs as its parent is a moving copy of it, glyph by glyph. Any other part appears on the way
    from its parent to its place while a copy of the parent goes there and disappears.

    Parameters
    ----------
    line : MathTypst
        A formula with selectable parts (see :func:`~lecture.stage.text.formula`), not yet on screen.
    parents : mapping from a part's name to a mobject
        What each part comes from. A glyph in several parts belongs to the first that is named.
    """

    def __init__(self, line: Any, parents: Mapping[str, Any], **kwargs: Any):
        self._line = line
        self._helpers: list[VGroup] = []
        taken: set[int] = set()
        births: list[Any] = []
        for name, parent in parents.items():
            part = self._group(g for g in line.select(name) if id(g) not in taken)
            taken |= {id(g) for g in part}
            source = parent.family_members_with_points()
            if len(part) == len(source) and all(g.get_fill_opacity() > 0 for g in source):
                births.append(TransformFromCopy(VGroup(*source), part))
            else:
                ghost = self._group(g.copy() for g in source)
                small = min(1.0, 1.5 * part.height / max(ghost.height, ghost.width, 1e-6))
                births.append(FadeOut(ghost, target_position=part.get_center(), scale=small))
                births.append(FadeIn(part, target_position=ghost.get_center()))
        births.append(FadeIn(self._group(g for g in line.submobjects if id(g) not in taken)))
        super().__init__(*births, **kwargs)

    def _group(self, glyphs: Iterable[Any]) -> VGroup:
        group = VGroup(*glyphs)
        self._helpers.append(group)
        return group

    def clean_up_from_scene(self, scene: Any) -> None:
        super().clean_up_from_scene(scene)
        scene.remove(*self._helpers)
        scene.add(self._line)


class Derivation(VGroup):
    """Lines of algebra with their equals signs below one another.

    Parameters
    ----------
    sources : sequence of str
        Typst mathematics, each with its equals sign as ``{{ = : eq }}``.
    x, top : float
        Where the equals signs stand, and the height of the first.
    spacing : float
        From one equals sign to the next.
    """

    def __init__(
        self,
        sources: Sequence[str],
        style: Style,
        *,
        x: float,
        top: float,
        spacing: float = 0.9,
        size: float = FORMULA,
    ):
        self.style = style
        self.lines = [formula(source, style, size=size) for source in sources]
        for k, line in enumerate(self.lines):
            line.shift(np.array([x, top - k * spacing, 0]) - line.select("eq").get_center())
        super().__init__(*self.lines)

    def mark(self, line: int, *names: str, role: str = "ink") -> VGroup:
        """Underlines of parts of a line, to point at what is about to change."""
        color = self.style.color(role)
        marks = VGroup()
        for name in names:
            part = self.lines[line].select(name)
            left, right, y = part.get_left()[0], part.get_right()[0], part.get_bottom()[1] - 0.09
            marks.add(Line([left, y, 0], [right, y, 0], color=color, stroke_width=4))
        return marks

    def part(self, line: int, names: str | Sequence[str]) -> VGroup:
        """One or several parts of a line."""
        wanted = [names] if isinstance(names, str) else names
        return VGroup(*(self.lines[line].select(name) for name in wanted))

    def rest(self, line: int) -> Any:
        """The animation that lets a line stand back once it has served."""
        return self.lines[line].animate.set_color(self.style.dim)

    def advance(
        self, scene: Any, line: int, changing: Sequence[str], parents: Mapping[str, str | Sequence[str]]
    ) -> None:
        """Play one step: mark what changes in the line before, let `line` grow out of it, put that one back.

        Parameters
        ----------
        changing : sequence of str
            Parts of the line before that are underlined.
        parents : mapping
            For parts of `line`, the parts of the line before that they come from.
        """
        marks = self.mark(line - 1, *changing)
        scene.play(*(Create(mark) for mark in marks), run_time=0.5)
        sources = {name: self.part(line - 1, source) for name, source in parents.items()}
        scene.play(Birth(self.lines[line], sources), run_time=1.3)
        scene.play(FadeOut(marks), self.rest(line - 1), run_time=0.4)
