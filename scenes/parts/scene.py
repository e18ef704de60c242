"""The lecture's own kind of scene: about a problem, with wdmath in its expressions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from manim import ValueTracker

import wdmath
from lecture.stage import SAFE, SMALL, LectureScene, LiveNumber, Step
from lecture.words import Message
from scenes import LECTURE
from scenes.problem import Problem

__all__ = ["WeightDecayScene"]

#: Scenes whose pictures are drawn in the problem's plane, from first to last at one scale: where that is a part of a
#: larger model, a note under the title says which.
IN_THE_PLANE = frozenset(
    [
        "L2IsWeightDecay",
        "PulledBackEveryStep",
        "PullDependsOnlyOnLambda",
        "DecayInMinibatches",
        "RotateIntoEigenbasis",
        "NothingHappensWithoutPenalty",
        "RescaleThenRotateBack",
        "WhereForcesBalance",
        "EarlyStoppingIsDecay",
    ]
)


class WeightDecayScene(LectureScene):
    """A scene of the lecture on weight decay.

    Attributes
    ----------
    problem : Problem
    """

    lecture = LECTURE
    exact_entries = ("eigenvalues", "factors")
    problem: Problem
    plane_line: Any = None
    _line_gave_way = False

    def make_title(self, text: str | Message | None = None) -> Any:
        """The scene's title; what plane of a larger model is drawn stands under it."""
        title = super().make_title(text)
        note = self.problem.plane_note if type(self).__name__ in IN_THE_PLANE else None
        if note is not None and self.plane_line is None:
            self.plane_line = self.words(note, role="dim", size=SMALL)
            self.plane_line.move_to([SAFE.left, title.get_bottom()[1] - 0.12, 0], aligned_edge=[-1, 1, 0])
            self.add(self.plane_line)
        return title

    def play_step(self, step: Step) -> None:
        """As always; what stood where a question was asked is there again."""
        if self.plane_line is not None and self._line_gave_way:
            self.add(self.plane_line)
            self._line_gave_way = False
        super().play_step(step)

    def _count_down(self, choices: Sequence[Message]) -> None:
        line = self.plane_line
        region = self.question_region
        if line in self.mobjects and region.bottom < line.get_top()[1] and line.get_bottom()[1] < region.top:
            self.remove(line)
            self._line_gave_way = True
        super()._count_down(choices)

    def clear_stage(self, *keep: Any, run_time: float = 0.6) -> None:
        """Fade out everything but the title, what stands under it, and `keep`."""
        super().clear_stage(*keep, *([self.plane_line] if self.plane_line else []), run_time=run_time)

    def live_number(
        self, expression: str, tracker: ValueTracker, *, variable: str = "lam", **options: Any
    ) -> LiveNumber:
        """A number that follows a tracker, by default the penalty strength."""
        return super().live_number(expression, tracker, variable=variable, **options)

    @classmethod
    def scope(cls, problem: Problem, names: set[str]) -> dict[str, Any]:
        """wdmath's public names and the problem's risk.

        Examples
        --------
        ``self.compute("shrinkage_factors(risk.eigenvalues, lam)[0]", lam=50.0)``
        """
        known = {name: getattr(wdmath, name) for name in wdmath.__all__ if name in names}
        return {**super().scope(problem, names), **known, "risk": problem.risk}
