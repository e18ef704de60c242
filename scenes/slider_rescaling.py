"""Rotating and rescaling under the reader's hand: both planes at once, for every penalty strength."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import VGroup, linear

from lecture.stage import Plane, step
from lecture.stage.trace import Trace
from lecture.words import _
from scenes.parts.eigen_picture import EigenPicture, HeartScene, heart_plane
from scenes.parts.penalty_scale import PenaltyScale, PenaltyTracker
from scenes.parts.shrinking import Shrinking
from scenes.parts.sweep import FARTHEST, LEFT_PICTURE, RIGHT_PICTURE, SECONDS, sweep


class SliderRescaling(HeartScene):
    """The penalty multiplies each component by its own factor: seen in the parameters and in the eigenbasis."""

    title = _("Rotate, *rescale*, rotate back")

    @step(
        say=_("Drag {lam}: each component along an eigenvector is multiplied by its own factor."),
        shows=_(
            "On the left the parameter plane, on the right the same turned until the eigenvectors lie on the axes. "
            "In both a long arrow shows the minimizer, a shorter one the ridge minimizer, and two bars its "
            "components; the path that it takes as {lam} grows leads from the minimizer to zero."
        ),
    )
    def sweep_lambda(self) -> None:
        problem, style = self.problem, self.style
        self.lam = PenaltyTracker(PenaltyScale(problem.risk.eigenvalues), 0.0)
        lams = sweep(problem.risk.eigenvalues, 240)
        ridges = self.compute("ridge_minimizer(risk, lams)", lams=lams)
        self.stages = [
            self._stage(heart_plane(problem, LEFT_PICTURE, style), ridges, lams),
            self._stage(
                heart_plane(problem, RIGHT_PICTURE, style, eigen=True),
                ridges @ problem.risk.eigenvectors,
                lams,
                turned=True,
            ),
        ]
        left = self.stages[0]
        self.names = self.name_directions(left.picture, LEFT_PICTURE, avoid=[left.path])
        self.add(left.name, self.names)
        end = self.lam.scale_.lam(FARTHEST)
        self.play(self.lam.animate.set_value(end), run_time=SECONDS, rate_func=linear)

    def _stage(self, plane: Plane, ridges: np.ndarray, lams: np.ndarray, *, turned: bool = False) -> Any:
        """One plane with what stands still and what follows lambda."""
        problem, style = self.problem, self.style
        picture = EigenPicture(plane, problem, style)
        name = self.name_minimizer(picture, plane.region)
        # Turned upright, the axes are the directions.
        still = picture.contours if turned else VGroup(picture.contours, picture.directions)
        if turned:
            still.rotate(-problem.angle, about_point=plane.origin)
        ahead = Trace(plane.c2p(ridges), style.faded("ridge", 0.5), width=3).show(1.0)
        shrinking = Shrinking(plane, problem, style, upright=turned, lams=lams)
        self.follow(
            shrinking,
            lambda m: m.set_lam(self.lam.get_value()).walk(self.lam.position / FARTHEST),
            self.lam,
        )
        self.add(plane, still, ahead, shrinking)
        return _Stage(picture, name, shrinking.path)


class _Stage:
    """What the labels of a stage must not cover, and its label."""

    def __init__(self, picture: EigenPicture, name: Any, path: Trace):
        self.picture, self.name, self.path = picture, name, path
