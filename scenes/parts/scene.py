"""The lecture's own kind of scene: about a problem, with wdmath in its expressions."""

from __future__ import annotations

from typing import Any

from manim import ValueTracker

import wdmath
from lecture.stage import LectureScene, LiveNumber
from scenes import LECTURE
from scenes.problem import Problem

__all__ = ["WeightDecayScene"]


class WeightDecayScene(LectureScene):
    """A scene of the lecture on weight decay.

    Attributes
    ----------
    problem : Problem
    """

    lecture = LECTURE
    exact_entries = ("eigenvalues", "factors")
    problem: Problem

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
