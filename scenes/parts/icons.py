"""The moving pictures of the lecture's map, one for each chapter: small, without words, from the chapter's own numbers.

A chapter names its picture (:attr:`lecture.definition.Chapter.icon`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from manim import Dot, VGroup, VMobject

import wdmath
from lecture.stage import Arrow, Chart, Region, Style
from lecture.stage.color import mix
from lecture.stage.drawing import set_polyline
from lecture.stage.scatter import Scatter
from scenes.experiments.classes import separable_line
from scenes.parts.contours import risk_contours
from scenes.parts.noisy_sine import GRID, noisy_sine
from scenes.parts.parameter_plane import parameter_plane
from scenes.problem import Problem

__all__ = ["ICONS", "Icon"]


@cache
def _i2ml() -> Problem:
    return Problem.i2ml()


class Icon(VGroup):
    """A small moving picture.

    What it starts from lies over what moves: there the one covers the other.

    Attributes
    ----------
    roles : list of str
        Whose color each of its parts has while it is lit.
    """

    def __init__(self, style: Style, parts: list[tuple[VMobject | VGroup, str]]):
        self.style, self.roles = style, [role for _, role in parts]
        super().__init__(*(part for part, _ in parts))
        self.put(1.0)
        self.light(0.0)

    def put(self, share: float) -> None:
        """Show its motion as far as a share of it, from 0 to 1."""

    def light(self, share: float) -> None:
        """Give its parts their colors, or a share of them: 0 is the color of lines."""
        for part, role in zip(self, self.roles, strict=True):
            part.set_color(mix(self.style.color(role), self.style.line, share))


class Fits(Icon):
    """A polynomial through noisy points calms down as its penalty grows; its start stays."""

    def __init__(self, region: Region, style: Style):
        data = noisy_sine()
        self.chart = chart = Chart(region, (-1.05, 1.05), (-2.4, 2.4), style)
        self._lams = [data.scale.lam(s) for s in np.linspace(0, data.scale.position(data.best), 41)]
        self._curves = [chart.c2p(GRID[::2], data.curve(data.ridge(lam))[::2]) for lam in self._lams]
        self.wild, self.calm = (VMobject(stroke_width=4, fill_opacity=0) for _ in range(2))
        set_polyline(self.wild, self._curves[0])
        dots = Scatter(chart.c2p(data.x, data.y), style.line, radius=0.06)
        super().__init__(
            style, [(chart.axes, "line"), (self.calm, "ridge"), (self.wild, "minimizer"), (dots, "ink")]
        )

    def put(self, share: float) -> None:
        set_polyline(self.calm, self._curves[round(share * (len(self._curves) - 1))])


class Zigzag(Icon):
    """Gradient steps on the lecture's own risk, each preceded by a pull towards the origin."""

    def __init__(self, region: Region, style: Style):
        risk = _i2ml().risk
        run = wdmath.weight_decay_steps(risk, [-2.0, 3.4], step_size=0.006, steps=6, lam=40.0)
        around = np.vstack([run.points, risk.minimizer + np.array([0.6, 0.6])])
        plane = parameter_plane(region, around, style, margin=0.1)
        contours = risk_contours(plane, risk, np.array([2.0, 8.0]), style.line, within=region)
        corners = [run.points[0]]
        for shrunk, there in zip(run.shrunk, run.points[1:], strict=True):
            corners += [shrunk, there]
        self._corners = plane.c2p(np.array(corners))
        self.pulls, self.steps = VMobject(stroke_width=4), VMobject(stroke_width=4)
        self.walker = Dot(radius=0.08)
        super().__init__(
            style,
            [
                (contours, "line"),
                (self.steps, "ink"),
                (self.pulls, "penalty"),
                (Dot(plane.origin, radius=0.07), "ink"),
                (self.walker, "ridge"),
            ],
        )

    def put(self, share: float) -> None:
        walked = share * (len(self._corners) - 1)
        for k, path in enumerate((self.pulls, self.steps)):
            path.clear_points()
            for start in range(k, len(self._corners) - 1, 2):
                part = np.clip(walked - start, 0, 1)
                if part > 0:
                    a, b = self._corners[start : start + 2]
                    path.start_new_path(a)
                    path.add_line_to(a + part * (b - a))
        at = min(int(walked), len(self._corners) - 2)
        a, b = self._corners[at : at + 2]
        self.walker.move_to(a + (walked - at) * (b - a))


class Arrows(Icon):
    """The lecture's own minimizer, and the ridge minimizer that leaves it as the penalty grows."""

    def __init__(self, region: Region, style: Style):
        problem = _i2ml()
        around = problem.risk.minimizer + 0.8 * np.array([[1, 1], [-1, 1], [1, -1]])
        self.plane = plane = parameter_plane(region, np.vstack([around, problem.ridge]), style, margin=0.1)
        levels = np.array([0.5, 2.0, 4.5, 8.0]) * 1.3
        contours = risk_contours(plane, problem.risk, levels, style.line, within=region)
        way = wdmath.ridge_minimizer(problem.risk, 2 * problem.lam * np.linspace(0, 1, 81) ** 2)
        self._way = plane.c2p(way)
        self.pulled = Arrow(plane.origin, self._way[-1], style.line, tip=0.2)
        whole = Arrow(plane.origin, plane.c2p(problem.risk.minimizer), style.line, tip=0.2)
        super().__init__(style, [(contours, "line"), (self.pulled, "ridge"), (whole, "minimizer")])

    def put(self, share: float) -> None:
        self.pulled.put(self.plane.origin, self._way[round(share * (len(self._way) - 1))])


class Cliff(Icon):
    """Logistic regression of two separated classes: decay makes a slope of the cliff after 2000 steps without."""

    def __init__(self, region: Region, style: Style):
        data = separable_line()
        chart = Chart(region, (-3.2, 3.2), (-0.15, 1.15), style)
        fine = np.linspace(-3.2, 3.2, 160)
        far = wdmath.sgd_path(data.risk, [0.0], 2.0, [2000])[0]
        calm = data.risk.ridge_path(0.05)
        self._curves = [
            chart.c2p(fine, data.risk.probabilities(far * (calm / far) ** share, fine[:, None]))
            for share in np.linspace(0, 1, 41)
        ]
        self.steep, self.soft = (VMobject(stroke_width=4, fill_opacity=0) for _ in range(2))
        set_polyline(self.steep, self._curves[0])
        dots = Scatter(chart.c2p(data.X[:, 0], data.y), style.line, radius=0.06)
        super().__init__(
            style, [(chart.axes, "line"), (self.soft, "ridge"), (self.steep, "minimizer"), (dots, "ink")]
        )

    def put(self, share: float) -> None:
        set_polyline(self.soft, self._curves[round(share * (len(self._curves) - 1))])


class Clouds(Icon):
    """Minimizers of forty noisy data sets on the lecture's own features, and what a penalty makes of them."""

    def __init__(self, region: Region, style: Style):
        problem = _i2ml()
        rng = np.random.default_rng(2)
        sizes = 3.2 / np.sqrt(problem.risk.eigenvalues)
        self._found = problem.risk.minimizer + problem.risk.from_eigenbasis(rng.normal(size=(40, 2)) * sizes)
        self._hessian, self._lam = problem.risk.hessian, problem.lam
        self.plane = parameter_plane(region, np.vstack([self._found, self._ridge(1.0)]), style, margin=0.1)
        loose, self.tight = (Scatter(self.plane.c2p(self._found), style.line, radius=0.05) for _ in range(2))
        origin = Dot(self.plane.origin, radius=0.07)
        super().__init__(style, [(origin, "ink"), (self.tight, "ridge"), (loose, "minimizer")])

    def _ridge(self, share: float) -> np.ndarray:
        return np.array(
            [
                wdmath.ridge_minimizer(wdmath.QuadraticRisk(self._hessian, theta), self._lam * share**2)
                for theta in self._found
            ]
        )

    def put(self, share: float) -> None:
        self.tight.move_dots(self.plane.c2p(self._ridge(share)))


ICONS: dict[str, Callable[[Region, Style], Icon]] = {
    "fits": Fits,
    "zigzag": Zigzag,
    "arrows": Arrows,
    "cliff": Cliff,
    "clouds": Clouds,
}
