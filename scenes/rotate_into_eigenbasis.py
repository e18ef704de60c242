"""Qᵀ turns the minimizer into the coordinates in which the risk stands upright."""

from __future__ import annotations

from manim import Create, FadeIn, FadeOut, GrowFromPoint, LaggedStart, Rotate

from lecture.stage import LEFT_HALF, RIGHT_HALF, step, unless
from lecture.stage.backing import place_backed
from scenes.parts.eigen_picture import EigenPicture, HeartScene, heart_plane
from scenes.parts.heart_formula import HeartFormula


def _q(direction: int | None) -> str:
    return "q₁" if direction == 1 else "q₂"


class RotateIntoEigenbasis(HeartScene):
    """Turning by Qᵀ makes the components along the eigenvectors into coordinates."""

    title = "*Rotate* into the eigenbasis"

    @step(
        say=unless(
            "The risk from above. Its minimizer θ̂ is an arrow from the origin; contours lie around its tip.",
            is_zero="The risk from above. Its minimizer θ̂ is the origin itself: there is nothing to shrink.",
            is_singular="The risk from above: a valley with a level floor. The arrow θ̂ ends at one of its minimizers; "
            "contours run along the valley on both sides.",
        ),
        shows=unless(
            "The parameter plane with the arrow θ̂ and contours of the risk around its tip.",
            is_zero="The parameter plane with the minimizer θ̂ at the origin, and contours of the risk.",
            is_singular="The parameter plane with the arrow θ̂ and contours of the risk, parallel lines on both sides "
            "of its tip.",
        ),
        covers=("B7",),
    )
    def meet_the_minimizer(self) -> None:
        self.left = heart_plane(self.problem, LEFT_HALF, self.style)
        self.picture = EigenPicture(self.left, self.problem, self.style)
        contours, arrow = self.picture.contours, self.picture.arrow
        self.name = self.name_minimizer(self.picture, LEFT_HALF)
        self.heart = HeartFormula(self.style)
        self.add(self.make_title(), self.heart, self.left)
        self.play(GrowFromPoint(arrow, self.left.origin), FadeIn(self.name), run_time=1.2)
        self.play(LaggedStart(*(Create(c) for c in contours), lag_ratio=0.25), run_time=1.8)

    @step(
        say=unless(
            "The ellipses' own axes are the Hessian's eigenvectors: q₁ up the steep slope, q₂ along the flat"
            " valley.",
            is_round="The contours are circles: every direction is an eigenvector. Take the axes as q₁ and q₂.",
            is_singular="The Hessian's eigenvectors: q₁ points up the steep slope, q₂ along the level floor.",
        ),
        shows=unless(
            "Two dashed lines through the origin, parallel to the axes of the ellipses, labeled q₁ and q₂.",
            is_round="Two dashed lines through the origin, along the axes, labeled q₁ and q₂.",
            is_singular="Two dashed lines through the origin, across the contours and along them, labeled q₁ and q₂.",
        ),
        covers=("B7",),
    )
    def find_principal_directions(self) -> None:
        self.q_names = self.name_directions(self.picture, LEFT_HALF, avoid=[self.name])
        for line, label in zip(self.picture.directions, self.q_names, strict=True):
            self.play(Create(line), FadeIn(label), run_time=1.2)

    @step(
        say=unless(
            "Dropped perpendicularly onto these two directions, θ̂ splits into two components.",
            is_zero="Dropped onto these two directions, θ̂ splits into two components. Both are zero.",
            is_alone=lambda p: (
                f"θ̂ lies along {_q(p.lone_direction)} alone: that is its one component, and along "
                f"{_q(3 - (p.lone_direction or 0))} it has none."
            ),
        ),
        shows=unless(
            "Dashed perpendiculars from the tip of θ̂ to both directions; the two components are thick bars.",
            is_zero="The two directions; both components of θ̂ are zero.",
            is_alone=lambda p: (
                f"The arrow θ̂ lies over its one component, a thick bar along {_q(p.lone_direction)}."
            ),
        ),
        covers=("B7",),
    )
    def drop_components(self) -> None:
        self.play(*(Create(drop) for drop in self.picture.drops), run_time=1.4)
        self.play(*(GrowFromPoint(bar, self.left.origin) for bar in self.picture.bars), run_time=1.2)

    @step(
        say=unless(
            lambda p: (
                f"Turn the whole picture by Q transposed, rigidly, and the {p.contours} come to stand upright."
            ),
            is_round="Circles look the same from every side: here Q is the identity, and turning changes nothing.",
            is_upright=lambda p: (
                f"The {p.contours} stand upright already: here Q is the identity, and turning by Q transposed changes "
                "nothing."
            ),
        ),
        shows=unless(
            lambda p: (
                f"On the right a copy of the picture, turned until the {p.contours} stand upright on axes z₁ and z₂; "
                "a ghost marks where θ̂ was. On the left the parameter plane is unchanged."
            ),
            is_upright="On the right a copy of the picture on axes z₁ and z₂, without any turn. On the left the "
            "parameter plane is unchanged.",
        ),
        covers=("B7",),
    )
    def turn_by_q_transposed(self) -> None:
        self.right = heart_plane(self.problem, RIGHT_HALF, self.style, eigen=True)
        shift = self.right.origin - self.left.origin
        self.play(self.heart.light("rotate"), FadeIn(self.heart.mark("rotate")), run_time=0.8)
        moving = EigenPicture(self.left, self.problem, self.style)
        self.play(moving.animate.shift(shift), FadeIn(self.right.axes), run_time=1.4)
        ghost = moving.arrow.copy().set_color(self.style.faded("minimizer"))
        self.add(ghost, moving)
        self.play(Rotate(moving, -self.problem.angle, about_point=self.right.origin), run_time=3)
        self.play(FadeIn(self.right.axis_labels), FadeOut(moving.directions), run_time=0.8)
        self.turned, self.ghost = moving, ghost

    @step(
        say="Here the components are coordinates: Q transposed θ̂ lists how much lies along each eigenvector.",
        shows="Beside the upright picture the two components are written as numbers on their axes, "
        "and the turned arrow is named Q transposed θ̂.",
        covers=("B7",),
    )
    def read_off_components(self) -> None:
        name = place_backed(
            self.formula("Q^top @min"),
            self.style,
            self.turned.arrow.end_point,
            avoid=[self.turned, self.ghost, self.right],
            within=RIGHT_HALF,
            prefer=self.turned.arrow.end_point - self.right.origin,
        )
        shown = [name]
        self.play(FadeIn(name, shift=0.15 * (name.get_center() - self.turned.arrow.end_point)), run_time=0.8)
        for k, bar in enumerate(self.turned.bars):
            number = self.number(f"risk.to_eigenbasis(risk.minimizer)[{k}]", role=f"eig{k + 1}")
            number = place_backed(
                number,
                self.style,
                bar.get_center(),
                avoid=[self.turned, self.ghost, self.right, *self.right.axis_labels, *shown],
                within=RIGHT_HALF,
                prefer=-self.turned.bars[1 - k].get_vector(),
            )
            shown.append(number)
            self.play(FadeIn(number, target_position=bar), run_time=0.8)
