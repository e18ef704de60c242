"""Rotating and rescaling under the reader's hand: both planes at once, for every penalty strength."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Line, VGroup, linear

from lecture.stage import Arrow, Plane, step
from lecture.stage.trace import Trace
from lecture.words import _
from scenes.parts.eigen_picture import EigenPicture, HeartScene, heart_plane
from scenes.parts.penalty_scale import PenaltyScale, PenaltyTracker
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
            self._stage(heart_plane(problem, LEFT_PICTURE, style), problem.risk.eigenvectors, ridges),
            self._stage(
                heart_plane(problem, RIGHT_PICTURE, style, eigen=True),
                np.eye(2),
                ridges @ problem.risk.eigenvectors,
                turned=True,
            ),
        ]
        left = self.stages[0]
        self.names = self.name_directions(left.picture, LEFT_PICTURE, avoid=[left.path])
        self.add(left.name, self.names)
        end = self.lam.scale_.lam(FARTHEST)
        self.play(self.lam.animate.set_value(end), run_time=SECONDS, rate_func=linear)

    def _stage(self, plane: Plane, axes: np.ndarray, ridges: np.ndarray, *, turned: bool = False) -> Any:
        """One plane with what stands still and what follows lambda; the columns of `axes` are the eigenvectors."""
        problem, style = self.problem, self.style
        picture = EigenPicture(plane, problem, style)
        name = self.name_minimizer(picture, plane.region)
        # Turned upright, the axes are the directions.
        still = picture.contours if turned else VGroup(picture.contours, picture.directions)
        if turned:
            still.rotate(-problem.angle, about_point=plane.origin)
        best = plane.c2p(axes @ problem.components)
        pale = VGroup(
            *(
                Line(
                    plane.origin,
                    plane.c2p(axes[:, k] * z) + 1e-9,
                    color=style.faded(role, 0.35),
                    stroke_width=11,
                )
                for k, (role, z) in enumerate(zip(("eig1", "eig2"), problem.components, strict=True))
            )
        )
        before = Arrow(plane.origin, best, style.minimizer)
        ahead = Trace(plane.c2p(ridges), style.faded("ridge", 0.5), width=3).show(1.0)
        walked = Trace(plane.c2p(ridges), style.ridge, width=4)
        arrow = Arrow(plane.origin, best, style.ridge)
        bars = VGroup(*(line.copy() for line in pale))
        drops = VGroup(Line(), Line()).set_stroke(style.dim, 2.5)
        for bar, color in zip(bars, (style.eig1, style.eig2), strict=True):
            bar.set_color(color)

        def feet() -> np.ndarray:
            factors = self.compute("shrinkage_factors(risk.eigenvalues, lam)", lam=self.lam.get_value())
            return plane.c2p((axes * (factors * problem.components)).T)

        def move(moving: Any) -> None:
            ends = feet()
            tip = plane.origin + (ends - plane.origin).sum(axis=0)
            arrow.put(plane.origin, tip)
            for bar, drop, end in zip(bars, drops, ends, strict=True):
                bar.set_points_as_corners([plane.origin, end + 1e-9])
                drop.set_points_as_corners([tip, end + 1e-9])

        self.follow(walked, lambda m: m.show(self.lam.position / FARTHEST), self.lam)
        moving = VGroup(bars, drops, arrow)
        self.follow(moving, move, self.lam)
        self.add(plane, still, pale, before, ahead, bars, drops, walked, moving)
        return _Stage(picture, name, walked)


class _Stage:
    """What the labels of a stage must not cover, and its label."""

    def __init__(self, picture: EigenPicture, name: Any, path: Trace):
        self.picture, self.name, self.path = picture, name, path
