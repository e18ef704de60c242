"""Rotating and rescaling under the reader's hand: both planes at once, for every penalty strength."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Line, VGroup, linear

from scenes.kit import Arrow, Plane, step
from scenes.kit.eigen_picture import EigenPicture, HeartScene, heart_plane
from scenes.kit.penalty_scale import PenaltyScale, PenaltyTracker
from scenes.kit.sweep import FARTHEST, LEFT_PICTURE, RIGHT_PICTURE, SECONDS, sweep
from scenes.kit.trace import Trace


class SliderRescaling(HeartScene):
    """The penalty multiplies each component by its own factor: seen in the parameters and in the eigenbasis."""

    title = "Rotate, *rescale*, rotate back"

    @step(
        say="Drag λ: each component along an eigenvector is multiplied by its own factor.",
        shows="On the left the parameter plane, on the right the same turned until the eigenvectors lie on the axes. "
        "In both a long arrow shows the minimiser, a shorter one the ridge minimiser, and two bars its components; "
        "the path that it takes as λ grows leads from the minimiser to zero.",
    )
    def sweep_lambda(self) -> None:
        problem, theme = self.problem, self.theme
        self.lam = PenaltyTracker(PenaltyScale(problem.risk.eigenvalues), 0.0)
        lams = sweep(problem.risk.eigenvalues, 240)
        ridges = self.compute("ridge_minimizer(risk, lams)", lams=lams)
        self.stages = [
            self._stage(heart_plane(problem, LEFT_PICTURE, theme), problem.risk.eigenvectors, ridges),
            self._stage(
                heart_plane(problem, RIGHT_PICTURE, theme, eigen=True),
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
        problem, theme = self.problem, self.theme
        picture = EigenPicture(plane, problem, theme)
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
                    color=theme.faded(role, 0.35),
                    stroke_width=11,
                )
                for k, (role, z) in enumerate(zip(("eig1", "eig2"), problem.components, strict=True))
            )
        )
        before = Arrow(plane.origin, best, theme.minimizer)
        ahead = Trace(plane.c2p(ridges), theme.faded("ridge", 0.5), width=3).show(1.0)
        walked = Trace(plane.c2p(ridges), theme.ridge, width=4)
        arrow = Arrow(plane.origin, best, theme.ridge)
        bars = VGroup(*(line.copy() for line in pale))
        drops = VGroup(Line(), Line()).set_stroke(theme.dim, 2.5)
        for bar, color in zip(bars, (theme.eig1, theme.eig2), strict=True):
            bar.set_color(color)

        def feet() -> np.ndarray:
            factors = self.compute("shrinkage_factors(risk.eigenvalues, lam)", lam=self.lam.get_value())
            return plane.c2p((axes * (factors * problem.components)).T)

        def move(_: Any) -> None:
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
