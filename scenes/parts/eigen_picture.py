"""The picture at the heart of the lecture: a minimizer, its risk, and its components along the eigenvectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import DashedLine, Line, VGroup, VMobject

from lecture.stage.backing import backed, place_backed
from lecture.stage.plane import Arrow, Plane
from lecture.stage.region import Region, clip, place
from lecture.stage.style import Style
from scenes.problem.problem import Problem
from wdmath import level_set_ellipse

from .contours import contour_levels, risk_contours
from .scene import WeightDecayScene

__all__ = ["EigenPicture", "HeartScene", "heart_plane", "reach"]

# How far the outermost contour reaches along its long axis, as a share of the minimizer's length.
EXTENT = 0.36


def reach(problem: Problem) -> float:
    """Length that pictures of a problem are scaled by: that of the minimizer, or 1 if it is zero."""
    length = float(np.linalg.norm(problem.risk.minimizer))
    return length if length > 0 else 1.0


def heart_plane(problem: Problem, region: Region, style: Style, *, eigen: bool = False) -> Plane:
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
    # The contours fit too, as far as they are not much longer than the minimizer is away.
    outermost = level_set_ellipse(problem.risk, contour_levels(problem.risk, EXTENT * size)[-1])
    a, b = np.minimum(outermost.semi_axes, EXTENT * size)
    cut = outermost.semi_axes[1] > 1.001 * EXTENT * size  # what is left of it has corners
    spread = np.abs(Q) @ [a, b] if cut else np.hypot(a * Q[:, 0], b * Q[:, 1])
    corners = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    points = np.vstack(
        [way, feet, upright, theta + corners * spread, problem.components + corners * np.array([a, b])]
    )
    labels = ("@z1", "@z2") if eigen else ("@theta1", "@theta2")
    names = ((), ()) if eigen else problem.axis_names
    return Plane(
        region, points, style, labels=labels, names=names, name="eigenbasis" if eigen else "parameters"
    )


class EigenPicture(VGroup):
    """Contours, minimizer and components of a problem, drawn in a plane; it turns as one rigid body.

    Attributes
    ----------
    contours, arrow, directions, drops, bars : Mobject
        Level sets of the risk; the minimizer; the two principal directions through the origin (dashed); the dashed
        perpendiculars from the minimizer to them; the components along them.
    """

    #: Stroke widths of the contours, from the innermost.
    WIDTHS = (2.8, 2.4, 2.0, 1.6)

    def __init__(self, plane: Plane, problem: Problem, style: Style, *, room: Region | None = None):
        super().__init__()
        self.plane, self.problem = plane, problem
        risk = problem.risk
        theta, Q, z = risk.minimizer, risk.eigenvectors, problem.components
        levels = contour_levels(risk, EXTENT * reach(problem))
        region = room or plane.drawing_region
        self.contours = risk_contours(plane, risk, levels, style.line, reach=EXTENT * reach(problem))
        for contour, width in zip(self.contours, self.WIDTHS, strict=False):
            contour.set_stroke(width=width)
        origin, tip = plane.c2p([0.0, 0.0]), plane.c2p(theta)
        self.arrow = Arrow(origin, tip, style.minimizer)
        self.directions, self.drops, self.bars = VGroup(), VGroup(), VGroup()
        # Around a minimizer at zero: as long as can be turned without leaving the region.
        edges = (
            origin[0] - region.left,
            region.right - origin[0],
            origin[1] - region.bottom,
            region.top - origin[1],
        )
        fitting = (min(edges) - 0.25) / plane.unit
        for k, color in enumerate((style.eig1, style.eig2)):
            foot = plane.c2p(Q[:, k] * z[k])
            side = 1.0 if z[k] >= 0 else -1.0
            lengths = (1.05, 0.35) if theta.any() else (fitting, fitting)
            ahead, behind = (
                plane.unit * reach(problem) * length * np.array([*Q[:, k], 0.0]) for length in lengths
            )
            # Cut so that the line and its name stay inside, also where the region is narrow.
            frame = region.grown(-0.25).with_point(origin)
            ends = clip(np.array([origin - side * behind, origin + side * ahead])[:, :2], frame)[0]
            start, end = np.column_stack([ends, np.zeros(2)])
            self.directions.add(DashedLine(start, end, color=color, stroke_width=2.5, dash_length=0.12))
            self.drops.add(self.drop(tip, foot, style))
            self.bars.add(Line(origin, foot, color=color, stroke_width=11))
        # Bars lie over the directions, arrows over both, in whatever order a scene adds them.
        self.bars.set_z_index(2)
        self.drops.set_z_index(3)
        self.arrow.set_z_index(4)
        self.add(self.contours, self.directions, self.drops, self.bars, self.arrow)

    @staticmethod
    def drop(tip: np.ndarray, foot: np.ndarray, style: Style) -> VMobject:
        """The dashed perpendicular from a tip to a foot on an eigendirection; nothing where they meet."""
        if np.hypot(*(tip - foot)[:2]) <= 0.02:
            return VMobject(stroke_width=0)
        return DashedLine(tip, foot, color=style.dim, stroke_width=2.5, dash_length=0.09)


class HeartScene(WeightDecayScene):
    """A scene about this picture; it names its parts in the same way everywhere."""

    def name_minimizer(self, picture: EigenPicture, within: Region, *, avoid: Sequence[Any] = ()) -> Any:
        """The label of the minimizer, beside its tip."""
        tip = picture.arrow.end_point
        return place_backed(
            self.formula("@min"),
            self.style,
            tip,
            avoid=[picture, picture.plane, *avoid],
            within=within,
            prefer=tip - picture.plane.origin,
        )

    def name_all(self, picture: EigenPicture, ridge: Arrow, within: Region) -> tuple[Any, VGroup, Any]:
        """The labels of the minimizer, the principal directions and the ridge minimizer, each clear of the others."""
        name = self.name_minimizer(picture, within)
        names = self.name_directions(picture, within, avoid=[name, ridge])
        label = place(
            self.formula("@ridge"),
            ridge.end_point,
            avoid=[picture, ridge, picture.plane, name, *names],
            within=within,
            prefer=(1, 0),
        )
        return name, names, backed(label, self.style)

    def name_directions(self, picture: EigenPicture, within: Region, *, avoid: Sequence[Any] = ()) -> VGroup:
        """The labels of the principal directions, at their far ends."""
        names = VGroup()
        for k, line in enumerate(picture.directions):
            end = line.get_end()
            names.add(
                place_backed(
                    self.formula(f"@q{k + 1}"),
                    self.style,
                    end,
                    avoid=[picture, picture.plane, *names, *avoid],
                    within=within,
                    prefer=end - picture.plane.origin,
                )
            )
        return names
