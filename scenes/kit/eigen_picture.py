"""The picture at the heart of the lecture: a minimizer, its risk, and its components along the eigenvectors."""

from __future__ import annotations

import numpy as np
from manim import DashedLine, Line, VGroup

from .plane import Arrow, Plane, contour_levels, risk_contours
from .problem import Problem
from .region import Region, clip
from .theme import Theme

__all__ = ["EigenPicture", "heart_plane", "reach"]


def reach(problem: Problem) -> float:
    """Length that pictures of a problem are scaled by: that of the minimizer, or 1 if it is zero."""
    length = float(np.linalg.norm(problem.risk.minimizer))
    return length if length > 0 else 1.0


def heart_plane(problem: Problem, region: Region, theme: Theme, *, eigen: bool = False) -> Plane:
    """The plane that a problem's minimizer can be turned in by Q^T without leaving it.

    It frames the way of the minimizer from its place to its eigen-coordinates and the feet of its projections, so
    the parameter plane and the eigen-coordinates, drawn in regions of the same size, have the same unit.

    Parameters
    ----------
    eigen : bool
        Label the axes as eigen-coordinates z_1, z_2 in the colors of the eigendirections.
    """
    theta, Q = problem.risk.minimizer, problem.risk.eigenvectors
    size = reach(problem)
    turn = np.linspace(0, -problem.angle, 13)
    way = np.column_stack(
        [
            theta[0] * np.cos(turn) - theta[1] * np.sin(turn),
            theta[0] * np.sin(turn) + theta[1] * np.cos(turn),
        ]
    )
    feet = (Q * problem.components).T
    upright = np.diag(problem.components)
    around = 0.22 * size * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    points = np.vstack([way, feet, upright, theta + around, problem.components + around])
    labels = ("{{ z_1 : eig1 }}", "{{ z_2 : eig2 }}") if eigen else ("theta_1", "theta_2")
    return Plane(region, points, theme, labels=labels, name="eigenbasis" if eigen else "parameters")


class EigenPicture(VGroup):
    """Contours, minimizer and components of a problem, drawn in a plane; it turns as one rigid body.

    Attributes
    ----------
    contours, arrow, directions, drops, bars : Mobject
        Level sets of the risk; the minimizer; the two principal directions through the origin (dashed); the dashed
        perpendiculars from the minimizer to them; the components along them.
    """

    def __init__(self, plane: Plane, problem: Problem, theme: Theme, *, room: Region | None = None):
        super().__init__()
        self.plane, self.problem = plane, problem
        risk = problem.risk
        theta, Q, z = risk.minimizer, risk.eigenvectors, problem.components
        levels = contour_levels(risk, 0.42 * reach(problem))
        self.contours = risk_contours(plane, risk, levels, theme.line, within=room or plane.region)
        for k, contour in enumerate(self.contours):
            contour.set_stroke(opacity=1 - 0.17 * k)
        origin, tip = plane.c2p([0.0, 0.0]), plane.c2p(theta)
        self.arrow = Arrow(origin, tip, theme.minimizer)
        self.directions, self.drops, self.bars = VGroup(), VGroup(), VGroup()
        for k, color in enumerate((theme.eig1, theme.eig2)):
            foot = plane.c2p(Q[:, k] * z[k])
            side = 1.0 if z[k] >= 0 else -1.0
            ahead, behind = (
                plane.unit * reach(problem) * length * np.array([*Q[:, k], 0.0]) for length in (1.05, 0.35)
            )
            # Cut so that the line and its name stay inside, also where the region is narrow.
            frame = (room or plane.region).grown(-0.25)
            ends = clip(np.array([origin - side * behind, origin + side * ahead])[:, :2], frame)[0]
            start, end = np.column_stack([ends, np.zeros(2)])
            self.directions.add(DashedLine(start, end, color=color, stroke_width=2.5, dash_length=0.12))
            self.drops.add(
                DashedLine(tip, foot, color=theme.dim, stroke_width=2.5, dash_length=0.09)
                if np.hypot(*(tip - foot)[:2]) > 0.02
                else Line(tip, tip, color=theme.dim, stroke_width=0)
            )
            self.bars.add(Line(origin, foot, color=color, stroke_width=11))
        self.add(self.contours, self.directions, self.drops, self.bars, self.arrow)
