"""What a sweep of lambda shows of the balance of forces: as its scene shows it."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Dot, Line

from lecture.stage.chart import Chart
from lecture.stage.plane import Plane
from lecture.stage.region import Region
from lecture.stage.trace import Trace
from wdmath import tangent_circle

from .penalty_scale import PenaltyScale, PenaltyTracker
from .scene import WeightDecayScene
from .touching import TouchingPair

__all__ = ["Balance", "ticks_of"]


class Balance:
    """Ellipse, circle and pulls in the plane, and over the scale of lambda what each term of the sum is there.

    Both terms are drawn in one unit: the risk above its minimum, and half lambda times the squared norm.

    Parameters
    ----------
    region : Region
        Of the chart; the names of its curves stand above it.
    farthest : float
        Position of the penalty scale at which the sweep ends.
    end : float
        Position at which the chart ends.

    Attributes
    ----------
    pair : TouchingPair
    path : Trace
        Of the ridge minimizer.
    chart : Chart
    curves, riders, names : list
        Of the risk and of the penalty.
    """

    def __init__(
        self,
        scene: WeightDecayScene,
        plane: Plane,
        region: Region,
        lam: PenaltyTracker,
        *,
        farthest: float,
        end: float = 1.0,
    ):
        problem, style, risk = scene.problem, scene.style, scene.problem.risk
        self.scene, self.lam, self._farthest = scene, lam, farthest
        self.pair = TouchingPair(plane, problem, style, lam.get_value())
        positions = np.linspace(0, farthest, 400)
        lams = np.array([lam.scale_.lam(s) for s in positions])
        touches = [tangent_circle(risk, strength) for strength in lams]
        self.path = Trace(plane.c2p([touch.point for touch in touches]), style.ridge)
        gained = np.array([touch.level for touch in touches])
        held = lams / 2 * np.array([touch.radius**2 for touch in touches])
        # Neither can be more than what the origin would cost.
        top = float(risk.value([0.0, 0.0])) - risk.constant or 1.0
        self.chart = Chart(
            region, (0, end), (0, 1.04 * top), style, x_ticks=ticks_of(lam.scale_, risk.eigenvalues, end)
        )
        colors = style.ink, style.penalty
        self.curves = [
            Trace(self.chart.c2p(positions, values), color, dash=dash)
            for values, color, dash in zip((gained, held), colors, (False, True), strict=True)
        ]
        self.riders = [Dot(radius=0.09, color=color) for color in colors]
        self._heights = lambda: [np.interp(lam.position, positions, values) for values in (gained, held)]
        box = self.chart.box
        self.names = [
            scene.formula("@risk (@theta) - @risk (@min)", size=38).move_to(
                [box.right, box.top + 0.2, 0], aligned_edge=[1, -1, 0]
            ),
            scene.formula("{{ @lam / 2 norm(@theta)^2 : penalty-term }}", size=38).move_to(
                [box.left + 0.2, box.top + 0.2, 0], aligned_edge=[-1, -1, 0]
            ),
        ]
        self.marker = Line([0, 0, 0], [0, box.height, 0], color=style.penalty, stroke_width=2)

    def follow(self) -> list[Any]:
        """Let everything follow lambda; returns what is to be added, the lowest first."""
        scene, lam, box = self.scene, self.lam, self.chart.box
        for line in (self.path, *self.curves):
            scene.follow(line, lambda m: m.show(lam.position / self._farthest), lam)
        for k, rider in enumerate(self.riders):
            scene.follow(
                rider, lambda m, k=k: m.move_to(self.chart.c2p(lam.position, self._heights()[k])), lam
            )
        scene.follow(
            self.marker, lambda m: m.set_x(self.chart.c2p(lam.position, 0)[0]).set_y(box.center[1]), lam
        )
        scene.follow(self.pair, lambda m: m.set_lam(lam.get_value()), lam)
        return [self.path, *self.curves, *self.riders, self.pair]


def ticks_of(scale: PenaltyScale, eigenvalues: np.ndarray, end: float = 1.0) -> dict[float, str]:
    """Where 0, the eigenvalues and infinity lie on the scale, and what is written there."""
    steep, flat = (scale.position(sigma) for sigma in eigenvalues)
    ticks = {0.0: "0"} | ({1.0: "infinity"} if end >= 1 else {})
    if steep == 0:
        return ticks
    if flat == 0:
        return ticks | {0.0: "0 = @s2", steep: "@s1"}
    if steep == flat:
        return ticks | {steep: "@s2 = @s1"}
    if steep - flat < 0.12:
        return ticks | {flat: "", steep: "@s2 \\, @s1"}
    return ticks | {flat: "@s2", steep: "@s1"}
