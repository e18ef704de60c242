"""lambda on a line with the eigenvalues, and the two components before and after they are rescaled."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Line, Rectangle, Triangle, VGroup

from lecture.stage.region import RIGHT_HALF, Region
from lecture.stage.theme import BODY, SMALL

from .penalty_scale import PenaltyTracker, decimals_for
from .scene import WeightDecayScene

__all__ = ["FactorPanel", "PenaltyLine"]

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


class FactorPanel(VGroup):
    """The right-hand side of the rescaling scenes, driven by one tracker of lambda.

    Attributes
    ----------
    line : PenaltyLine
    rows : VGroup
        For each direction: the factor with its running number, a pale bar as long as the component was, and the
        solid bar that is left of it.
    """

    def __init__(self, scene: WeightDecayScene, lam: PenaltyTracker, region: Region = RIGHT_HALF):
        super().__init__()
        problem, style = scene.problem, scene.style
        left, right = region.left + 0.75, region.right
        self.line = PenaltyLine(scene, lam, left, right - 0.45, 1.25)
        self.value = self._value(scene, lam)
        longest = float(np.abs(problem.components).max()) or 1.0
        self.rows, self.solid, self.pale = VGroup(), VGroup(), VGroup()
        for k, (role, y) in enumerate((("eig1", -0.1), ("eig2", -1.8))):
            factor = scene.formula(f"@s{k + 1} / (@s{k + 1} + @lam) {{{{ = : {role}-equals }}}}", size=BODY)
            factor.move_to([left, y, 0], aligned_edge=[-1, 0, 0])
            number = scene.live_number(
                f"shrinkage_factors(risk.eigenvalues, lam)[{k}]", lam, decimals=2, role=role, size=BODY + 6
            )
            number.next_to(factor, [1, 0, 0], buff=0.2).match_y(factor.select(f"{role}-equals"))
            full = (right - left - 0.1) * abs(problem.components[k]) / longest
            corner = np.array([left, y - 0.78, 0.0])
            pale = Rectangle(
                width=max(full, 0.02),
                height=0.34,
                stroke_width=0,
                fill_color=style.faded(role, 0.28),
                fill_opacity=1,
            ).move_to(corner, aligned_edge=[-1, 0, 0])
            solid = Rectangle(
                width=max(full, 0.02),
                height=0.34,
                stroke_width=0,
                fill_color=style.color(role),
                fill_opacity=1,
            )
            self._follow_bar(scene, solid, lam, k, full, corner)
            self.pale.add(pale)
            self.solid.add(solid)
            self.rows.add(VGroup(factor, number, pale, solid))
        self.add(self.line, self.value, self.rows)

    @staticmethod
    def _follow_bar(
        scene: WeightDecayScene, bar: Rectangle, lam: PenaltyTracker, k: int, full: float, corner: np.ndarray
    ) -> None:
        def update(m: Rectangle) -> None:
            factor = scene.compute(f"shrinkage_factors(risk.eigenvalues, lam)[{k}]", lam=lam.get_value())
            m.stretch_to_fit_width(max(float(factor) * full, 1e-3))
            m.move_to(corner, aligned_edge=np.array([-1, 0, 0]))

        scene.follow(bar, update, lam)

    def _value(self, scene: WeightDecayScene, lam: PenaltyTracker) -> VGroup:
        """lambda = its running value, above the marker."""
        chosen = scene.problem.lam
        decimals = decimals_for(max(chosen, float(scene.problem.risk.eigenvalues[0])))
        if chosen > 0:  # however small it is beside the eigenvalues, it is not shown as zero
            decimals = max(decimals, decimals_for(chosen, digits=2))
        symbol = scene.formula("@lam {{ = : penalty-equals }}", size=BODY + 6)
        number = scene.live_number("lam", lam, decimals=decimals, role="penalty", size=BODY + 6)
        group = VGroup(symbol, number)

        def update(m: Any) -> None:
            number.set_value(lam.get_value())  # its own update comes later, and may widen it
            number.next_to(symbol, [1, 0, 0], buff=0.18).align_to(symbol, [0, -1, 0])
            at = self.line.at(lam.get_value())
            half = m.width / 2
            x = np.clip(at[0], RIGHT_HALF.left + 0.6 + half, RIGHT_HALF.right - half)
            m.move_to([x, at[1] + 0.72, 0])

        return scene.follow(group, update, lam)
