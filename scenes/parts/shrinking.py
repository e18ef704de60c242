"""The minimizer, its two components, and what a penalty leaves of them, in either basis."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Line, VGroup, VMobject

from lecture.stage.drawing import set_segments
from lecture.stage.plane import Arrow, Plane
from lecture.stage.style import Style
from lecture.stage.trace import Trace
from scenes.problem.problem import Problem
from wdmath import shrinkage_factors

__all__ = ["Shrinking"]

_NOTHING = 1e-9  # a line needs two points


class Shrinking(VGroup):
    """Two bars along the eigenvectors, shortened by their factors, and the arrow that they add up to.

    Parameters
    ----------
    plane : Plane
        Of the parameters, or of the eigen-coordinates.
    upright : bool
        Whether it is that of the eigen-coordinates: the eigenvectors are its axes.
    lams : ndarray, optional
        Penalty strengths of which the path is drawn, as far as :meth:`walk` says.

    Attributes
    ----------
    pale, before : Mobject
        Pale bars and the arrow of the minimizer, as they are without a penalty.
    bars, drops, arrow : Mobject
        What is left of the components, the perpendiculars from the tip to their ends, and the arrow.
    path : Trace
        Where the tip has been.
    """

    def __init__(
        self, plane: Plane, problem: Problem, style: Style, *, upright: bool, lams: np.ndarray | None = None
    ):
        self.plane, self._sigma = plane, problem.risk.eigenvalues
        self._ways = (np.eye(2) if upright else problem.risk.eigenvectors) * problem.components
        feet = plane.c2p(self._ways.T)
        roles = ("eig1", "eig2")
        self.pale, self.bars = (
            VGroup(
                *(
                    Line(plane.origin, foot + _NOTHING, color=color(role), stroke_width=11)
                    for foot, role in zip(feet, roles, strict=True)
                )
            )
            for color in (lambda role: style.faded(role, 0.35), style.color)
        )
        tip = plane.c2p(self._ways.sum(axis=1))
        self.before = Arrow(plane.origin, tip, style.minimizer)
        self.arrow = Arrow(plane.origin, tip, style.ridge)
        self.drops = VMobject(color=style.dim, stroke_width=2.5, fill_opacity=0)
        lams = np.zeros(2) if lams is None else lams
        kept = shrinkage_factors(self._sigma, lams)
        self.path = Trace(plane.c2p(kept @ self._ways.T), style.ridge, width=4)
        super().__init__(self.pale, self.bars, self.drops, self.path, self.before, self.arrow)
        for height, part in enumerate(self.submobjects, start=1):
            part.set_z_index(height)
        self.put(np.ones(2))

    def put(self, factors: Any) -> Shrinking:
        """Multiply each component by its factor."""
        origin = self.plane.origin
        kept = self._ways * np.asarray(factors, dtype=float)
        feet, tip = self.plane.c2p(kept.T), self.plane.c2p(kept.sum(axis=1))
        for bar, foot in zip(self.bars, feet, strict=True):
            bar.put_start_and_end_on(origin, foot + _NOTHING)
        self.arrow.put(origin, tip)
        # Dashes of a steady length from the tip to both feet.
        starts, ends = [np.zeros((0, 3))], [np.zeros((0, 3))]
        for foot in feet:
            length = float(np.hypot(*(foot - tip)[:2]))
            if length > 0.05 and np.hypot(*(foot - origin)[:2]) > 0.02:
                at = np.arange(0, length, 0.16)
                way = (foot - tip) / length
                starts.append(tip + at[:, None] * way)
                ends.append(tip + np.minimum(at + 0.09, length)[:, None] * way)
        set_segments(self.drops, np.vstack(starts), np.vstack(ends))
        return self

    def set_lam(self, lam: float) -> Shrinking:
        """As it is at a penalty strength."""
        return self.put(shrinkage_factors(self._sigma, lam))

    def walk(self, share: float) -> Shrinking:
        """Draw the first share of the path."""
        self.path.show(share)
        return self
