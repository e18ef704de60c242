"""Qᵀ turns the minimizer into the coordinates in which the risk stands upright."""

from __future__ import annotations

import numpy as np
from manim import (
    Create,
    FadeIn,
    FadeOut,
    GrowFromPoint,
    LaggedStart,
    Rotate,
    TransformFromCopy,
    VGroup,
    Write,
)

from .kit import LEFT_HALF, RIGHT_HALF, LectureScene, place, step
from .kit.eigen_picture import EigenPicture, heart_plane


class RotateIntoEigenbasis(LectureScene):
    """Turning by Qᵀ makes the components along the eigenvectors into coordinates."""

    title = "*Rotate* into the eigenbasis"

    @step(
        say="Here is the risk as a landscape seen from above. Its minimiser θ̂ is an arrow from the origin, "
        "and around its tip lie the contours of equal risk.",
        shows="The parameter plane with the arrow θ̂ and four elliptical contours of the risk around its tip.",
        covers=("B7",),
    )
    def meet_the_minimizer(self) -> None:
        self.left = heart_plane(self.problem, LEFT_HALF, self.theme)
        self.picture = EigenPicture(self.left, self.problem, self.theme)
        contours, arrow = self.picture.contours, self.picture.arrow
        self.name = place(
            self.formula("@min"),
            arrow.end_point,
            avoid=[contours, arrow, self.left, self.picture.directions, self.picture.drops],
            within=LEFT_HALF,
        )
        self.add(self.left)
        self.play(Write(self.make_title()), run_time=1)
        self.play(GrowFromPoint(arrow, self.left.origin), FadeIn(self.name, shift=0.2 * np.array([0, 1, 0])))
        self.play(LaggedStart(*(Create(c) for c in contours), lag_ratio=0.25), run_time=2)

    @step(
        say="The ellipses have two axes of their own. Those are the eigenvectors of the Hessian: "
        "q₁ across the steep slope, q₂ along the flat valley.",
        shows="Two dashed lines through the origin, parallel to the axes of the ellipses, labelled q1 and q2.",
        covers=("B7",),
    )
    def find_principal_directions(self) -> None:
        directions = self.picture.directions
        self.q_names = VGroup()
        for k, line in enumerate(directions):
            end = line.get_end()
            label = self.formula(f"@q{k + 1}")
            place(
                label,
                end,
                avoid=[
                    self.picture.contours,
                    self.picture.arrow,
                    self.left,
                    directions,
                    self.name,
                    *self.q_names,
                ],
                within=LEFT_HALF,
                prefer=end - self.left.origin,
            )
            self.q_names.add(label)
        for line, label in zip(directions, self.q_names, strict=True):
            self.play(Create(line), FadeIn(label), run_time=1.2)

    @step(
        say="Dropped perpendicularly onto these two directions, θ̂ splits into two components, z₁ and z₂.",
        shows="Dashed perpendiculars from the tip of θ̂ to both directions, and the two components as thick bars.",
        covers=("B7",),
    )
    def drop_components(self) -> None:
        bars, drops = self.picture.bars, self.picture.drops
        self.play(*(Create(drop) for drop in drops), run_time=1.4)
        self.play(*(GrowFromPoint(bar, self.left.origin) for bar in bars), run_time=1.2)

    @step(
        say="Now take the whole picture over and turn it, rigidly, by Q transposed. "
        "Nothing is stretched; the ellipses come to stand upright.",
        shows="On the right a copy of the picture, turned until the ellipses stand upright on the axes z1 and z2; "
        "its starting position remains as a ghost. On the left the parameter plane is unchanged.",
        covers=("B7",),
    )
    def turn_by_q_transposed(self) -> None:
        self.right = heart_plane(self.problem, RIGHT_HALF, self.theme, eigen=True)
        shift = self.right.origin - self.left.origin
        moving = EigenPicture(self.left, self.problem, self.theme)
        self.play(moving.animate.shift(shift), FadeIn(self.right.axes), run_time=1.6)
        ghost = self.picture.arrow.copy().shift(shift).set_opacity(0.25)
        self.add(ghost, moving)
        self.play(
            Rotate(moving, -self.problem.angle, about_point=self.right.origin),
            run_time=3,
        )
        self.turned = moving
        self.play(FadeIn(self.right.axis_labels), FadeOut(moving.directions), run_time=0.8)

    @step(
        say="In this position the components are simply coordinates: "
        "Q transposed times θ̂ lists how much of θ̂ lies along each eigenvector.",
        shows="The formula z = Q transposed times θ̂ with its two numbers, beside the upright picture.",
        covers=("B7",),
    )
    def read_off_components(self) -> None:
        first, one = self.number_text("risk.to_eigenbasis(risk.minimizer)[0]")
        second, two = self.number_text("risk.to_eigenbasis(risk.minimizer)[1]")
        result = self.formula(
            f"{{{{ Q^top : q }}}} @min = vec({{{{ {first} : eig1 }}}}, {{{{ {second} : eig2 }}}})"
        )
        self.remember(result, one, two)
        result.move_to([RIGHT_HALF.right, RIGHT_HALF.top, 0], aligned_edge=[1, 1, 0])
        self.play(
            *(
                TransformFromCopy(bar, result.select(role))
                for bar, role in zip(self.turned.bars, ("eig1", "eig2"), strict=True)
            ),
            FadeIn(result),
            run_time=1.5,
        )
