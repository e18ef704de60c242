"""What the three scenes share: the valley from above, and a descent in it."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from manim import Create, Dot, VGroup, VMobject

from lecture.definition import Lecture
from lecture.stage import SAFE, STAGE, LectureScene, Plane, Region, polyline
from momentum import LECTURE, descent
from momentum.problem import Problem

__all__ = ["BELOW", "ValleyScene"]

#: The valley lies in the middle, rules and numbers below it.
VALLEY = Region(SAFE.left, SAFE.right, -1.3, STAGE.top)
BELOW = Region(SAFE.left, SAFE.right, SAFE.bottom, -1.5)


class ValleyScene(LectureScene):
    """A scene in the valley.

    Attributes
    ----------
    problem : Problem
    """

    lecture: ClassVar[Lecture] = LECTURE
    question_region = BELOW
    problem: Problem

    @classmethod
    def scope(cls, problem: Problem, names: set[str]) -> dict[str, Any]:
        """The functions of `momentum.descent`, the valley and the start."""
        known = {name: getattr(descent, name) for name in descent.__all__ if name in names}
        return {
            **super().scope(problem, names),
            **known,
            "valley": problem.valley,
            "start": np.array(problem.start),
        }

    def show_valley(self) -> None:
        """Title, axes and contours, and the ball at its start."""
        problem = self.problem
        reach = 1.15 * np.abs(problem.start)
        self.plane = Plane(VALLEY, [-reach, reach], self.style, labels=("@place _1", "@place _2"))
        self.contours = VGroup(*(self.contour(share) for share in (0.1, 0.3, 0.6, 1.0)))
        self.ball = Dot(self.plane.c2p(problem.start), radius=0.11, color=self.style.ink).set_z_index(5)
        self.add(self.make_title(), self.plane, self.contours, self.ball)

    def contour(self, share: float) -> VMobject:
        """The contour at a share of the start's height."""
        valley, turn = self.problem.valley, np.linspace(0, 2 * np.pi, 181)
        height = share * float(valley.value(np.array(self.problem.start)))
        axes = np.sqrt(2 * height / np.array([valley.flat, valley.steep]))
        points = self.plane.c2p(axes * np.column_stack([np.cos(turn), np.sin(turn)]))
        return polyline(points, self.style.line, 2.5, within=self.plane.drawing_region)

    def points(self, momentum: float) -> np.ndarray:
        """The iterates in the frame, shape (steps + 1, 3)."""
        p = self.problem
        return self.plane.c2p(descent.path(p.valley, np.array(p.start), p.rate, momentum, p.steps))

    def trail(self, momentum: float, role: str) -> VMobject:
        """The way of a descent, cut where it leaves the picture."""
        return polyline(self.points(momentum), self.style.color(role), 3.5, within=self.plane.drawing_region)

    def run(self, trail: VMobject, seconds: float) -> None:
        """Let a descent run."""
        self.play(Create(trail, rate_func=lambda t: t), run_time=seconds)
