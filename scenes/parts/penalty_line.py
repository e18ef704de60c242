"""lambda on a line with the eigenvalues."""

from __future__ import annotations

import numpy as np
from manim import Line, Triangle, VGroup

from lecture.stage.theme import BODY, SMALL

from .penalty_scale import PenaltyTracker
from .scene import WeightDecayScene

__all__ = ["PenaltyLine"]

_UP = np.array([0.0, 1.0, 0.0])


class PenaltyLine(VGroup):
    """The half-line of penalty strengths, on which lambda is seen to be large or small against the eigenvalues."""

    def __init__(self, scene: WeightDecayScene, lam: PenaltyTracker, left: float, right: float, y: float):
        super().__init__()
        style, sigma = scene.style, scene.problem.risk.eigenvalues
        self._scale, self._left, self._right, self._y = lam.scale_, left, right, y
        self.line = Line([left, y, 0], [right, y, 0], color=style.line, stroke_width=3)
        zero = Line([left, y - 0.09, 0], [left, y + 0.09, 0], color=style.line, stroke_width=3)
        zero_name = scene.formula("0", role="dim", size=SMALL).next_to(zero, [0, -1, 0], buff=0.14)
        infinity = scene.formula("infinity", role="dim", size=SMALL).next_to(self.line, [1, 0, 0], buff=0.14)
        self.marks, names = VGroup(), []
        for k, color in enumerate((style.eig1, style.eig2)):
            at = self.at(sigma[k])
            self.marks.add(Line(at - _UP * 0.17, at + _UP * 0.17, color=color, stroke_width=6))
            names.append(scene.formula(f"@s{k + 1}", size=BODY).next_to(at, [0, -1, 0], buff=0.26))
        # Equal or nearly equal eigenvalues, or one that is zero, would write over each other.
        apart = names[0].get_left()[0] - names[1].get_right()[0] - 0.1
        if apart < 0:
            names[0].shift([-apart / 2, 0, 0])
            names[1].shift([apart / 2, 0, 0])
        if names[1].get_left()[0] < zero_name.get_right()[0] + 0.1:
            zero_name.set_opacity(0)
        self.names = VGroup(*names)
        self.marker = Triangle(color=style.penalty, fill_opacity=1, stroke_width=0).rotate(np.pi).scale(0.16)
        scene.follow(self.marker, lambda m: m.move_to(self.at(lam.get_value()) + 0.22 * _UP), lam)
        self.add(self.line, zero, zero_name, infinity, self.marks, self.names, self.marker)

    def at(self, lam: float) -> np.ndarray:
        """The place of a penalty strength on the line."""
        return np.array([self._left + self._scale.position(lam) * (self._right - self._left), self._y, 0.0])
