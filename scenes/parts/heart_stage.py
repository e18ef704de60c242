"""The stage of the lecture's heart: parameters left, eigen-coordinates right, one dial for lambda below."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import VGroup

from lecture.stage.backing import place_backed
from lecture.stage.region import SAFE, Region
from lecture.stage.theme import BODY

from .eigen_picture import EigenPicture, HeartScene, heart_plane
from .heart_formula import HeartFormula
from .penalty_line import PenaltyLine
from .penalty_scale import PenaltyScale, PenaltyTracker, decimals_for

__all__ = ["BAND", "LEFT", "QUESTION", "RIGHT", "Dial", "HeartStage"]

#: The two planes have the same unit; below them the band of the dial.
LEFT = Region(SAFE.left, -0.35, -1.8, 2.4)
RIGHT = Region(0.35, SAFE.right, -1.8, 2.4)
BAND = Region(SAFE.left, SAFE.right, SAFE.bottom, -1.95)
#: Between title and planes: where questions stand.
QUESTION = Region(SAFE.left, 2.0, 2.55, 3.09)


class Dial(VGroup):
    """lambda on its line with the eigenvalues, and beside it the factor of each direction.

    Attributes
    ----------
    line : PenaltyLine
    value : VGroup
        lambda = its running value.
    factors : VGroup
        For each direction its factor with the running number.
    """

    def __init__(self, scene: HeartScene, lam: PenaltyTracker):
        super().__init__()
        chosen, sigma = scene.problem.lam, [float(s) for s in scene.problem.risk.eigenvalues if s > 0]
        decimals = decimals_for(min(sigma))
        if chosen > 0:  # however small it is beside the eigenvalues, it is not shown as zero
            decimals = max(decimals, decimals_for(chosen, digits=2))
        # No more digits than there is room for.
        decimals = min(decimals, max(decimals_for(10 * max(*sigma, chosen), digits=7), 0))
        y = BAND.bottom + 0.62
        symbol = scene.formula("@lam {{ = : equals }}", size=BODY + 6)
        symbol.move_to([BAND.left, y, 0], aligned_edge=[-1, 0, 0])
        number = scene.live_number("lam", lam, decimals=decimals, role="penalty", size=BODY + 6)
        self.value = VGroup(symbol, number.follow_equals(symbol))
        self.line = PenaltyLine(scene, lam, BAND.left + 2.95, -0.85, y + 0.05)
        self.factors = VGroup()
        for k, left in ((0, RIGHT.left + 0.1), (1, RIGHT.center[0] + 0.15)):
            role = f"eig{k + 1}"
            factor = scene.formula(f"@s{k + 1} / (@s{k + 1} + @lam) {{{{ = : equals }}}}", size=BODY)
            factor.move_to([left, y, 0], aligned_edge=[-1, 0, 0])
            shown = scene.live_number(
                f"shrinkage_factors(risk.eigenvalues, lam)[{k}]", lam, decimals=2, role=role, size=BODY + 4
            )
            shown.next_to(factor, [1, 0, 0], buff=0.18).set_y(
                factor.select("equals").get_y() + 0.06 * shown.height
            )
            self.factors.add(VGroup(factor, shown))
        self.add(self.value, self.line, self.factors)


class HeartStage(VGroup):
    """What the scenes of the heart share, in the same place in all of them.

    Attributes
    ----------
    left, right : Plane
        Of the parameters, and of the eigen-coordinates.
    picture, turned : EigenPicture
        In the one, and turned by Q^T in the other, where the axes are the directions.
    name, q_names : Mobject
        Labels of the minimizer and of the principal directions.
    turned_name, numbers : Mobject
        Labels of the turned minimizer, and of its coordinates.
    heart : HeartFormula
    lam : PenaltyTracker
    dial : Dial
    """

    def __init__(self, scene: HeartScene):
        problem, style = scene.problem, scene.style
        self.scene = scene
        super().__init__()  # of no parts: scenes add what they show
        self.left = heart_plane(problem, LEFT, style)
        self.right = heart_plane(problem, RIGHT, style, eigen=True)
        self.picture = EigenPicture(self.left, problem, style)
        self.turned = EigenPicture(self.left, problem, style).shift(self.across)
        self.turned.rotate(-problem.angle, about_point=self.right.origin)
        self.turned.remove(self.turned.directions)
        self.heart = HeartFormula(style)
        self.name = scene.name_minimizer(self.picture, LEFT)
        self.q_names = scene.name_directions(self.picture, LEFT, avoid=[self.name])
        tip = self.turned.arrow.end_point
        self.turned_name = place_backed(
            scene.formula("@QT @min"),
            style,
            tip,
            avoid=[self.turned, self.right],
            within=RIGHT,
            prefer=tip - self.right.origin,
        )
        self.numbers = VGroup()
        for k, bar in enumerate(self.turned.bars):
            number = scene.number(f"risk.to_eigenbasis(risk.minimizer)[{k}]", role=f"eig{k + 1}")
            self.numbers.add(
                place_backed(
                    number,
                    style,
                    bar.get_center(),
                    avoid=[
                        *(self.turned, self.right, *self.right.axis_labels),
                        *(self.turned_name, *self.numbers),
                    ],
                    within=RIGHT,
                    prefer=-self.turned.bars[1 - k].get_vector(),
                )
            )
        self.lam = PenaltyTracker(PenaltyScale(problem.risk.eigenvalues), 0.0)

    @property
    def across(self) -> np.ndarray:
        """From a place in the left plane to the same place in the right one."""
        return self.right.origin - self.left.origin

    def make_dial(self) -> Dial:
        """The dial, not yet on stage."""
        self.dial = Dial(self.scene, self.lam)
        return self.dial

    def label_limit(self) -> None:
        """Make the label of where the ridge minimizer goes as lambda goes to zero."""
        problem = self.scene.problem
        lost = problem.has_floor_component
        tip = self.left.c2p(problem.risk.from_eigenbasis(problem.components * [1, not lost]))
        self.limit_name = place_backed(
            self.scene.formula("@lam -> 0: thin @ridge != @min" if lost else "@ridge = @min"),
            self.scene.style,
            tip,
            avoid=[self.picture, self.left, self.q_names],
            within=LEFT,
            prefer=tip - self.left.origin,
        )

    def open_left(self, *, components: bool = True) -> list[Any]:
        """What stands on the left when a scene opens, in the order in which it is added."""
        picture = self.picture
        parts = [self.left, picture.contours, picture.directions, self.name, self.q_names, picture.arrow]
        return [self.heart, *parts, *((picture.drops, picture.bars) if components else ())]

    def open_right(self) -> list[Any]:
        """What stands on the right when a scene opens."""
        return [self.right, self.turned, self.turned_name, self.numbers]
