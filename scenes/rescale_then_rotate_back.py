"""The heart: rotate by Qᵀ, multiply each component by its factor, rotate back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from manim import (
    DOWN,
    FadeIn,
    FadeOut,
    LaggedStart,
    Line,
    MathTypst,
    Rotate,
    Transform,
    Typst,
    VGroup,
    VMobject,
)

from lecture.stage import BODY, LEFT_HALF, RIGHT_HALF, Arrow, polyline, step, unless
from lecture.stage.backing import place_backed
from lecture.stage.glyphs import drawable
from lecture.stage.text import literal_words, shortened, spoken_number
from scenes.parts.eigen_picture import EigenPicture, HeartScene, heart_plane
from scenes.parts.factor_panel import FactorPanel
from scenes.parts.heart_formula import HeartFormula
from scenes.parts.penalty_scale import PenaltyScale, PenaltyTracker
from scenes.problem import Problem


def _coordinates_that_grow(problem: Problem) -> list[int]:
    """Coordinates that are visibly larger under the penalty than without it."""
    before, after = np.abs(problem.risk.minimizer), np.abs(problem.ridge)
    return [k for k in range(2) if after[k] > before[k] * 1.005 + 0.001 * before.max()]


class RescaleThenRotateBack(HeartScene):
    """The penalty multiplies the component along eigenvector i by σᵢ/(σᵢ + λ), and nothing else."""

    title = "*Rescale*, then rotate back"

    @step(
        say=unless(
            "First, rotate: Q transposed turns the picture until the eigenvectors lie on the axes.",
            is_upright="First, rotate. Here Q is the identity: the eigenvectors lie on the axes already.",
        ),
        shows=unless(
            "The picture turned upright in eigen-coordinates; a ghost marks where θ̂ was before.",
            is_upright="The picture in eigen-coordinates, which here are the parameters themselves.",
            is_zero="The picture turned upright in eigen-coordinates.",
        ),
        covers=("B9",),
    )
    def rotate_first(self) -> None:
        problem, style = self.problem, self.style
        self.plane = heart_plane(problem, LEFT_HALF, style)
        self.eigen_plane = heart_plane(problem, LEFT_HALF, style, eigen=True)
        self.picture = EigenPicture(self.plane, problem, style)
        self.heart = HeartFormula(style).lit("rotate")
        self.name = self.name_minimizer(self.picture, LEFT_HALF)
        self.ghost = self.picture.arrow.copy().set_color(style.faded("minimizer"))
        self.add(self.make_title(), self.heart, self.plane, self.ghost, self.picture, self.name)
        self.play(FadeIn(self.heart.mark("rotate")), FadeOut(self.name, self.plane.axis_labels), run_time=0.8)
        self.play(Rotate(self.picture, -problem.angle, about_point=self.plane.origin), run_time=2.2)
        # On the axes the directions are no longer needed, and there may be no room for them.
        self.play(
            FadeIn(self.eigen_plane.axis_labels),
            self.picture.directions.animate.set_stroke(opacity=0),
            run_time=0.6,
        )

    @step(
        say=unless(
            "Now the penalty. As λ grows, each factor σ over σ plus λ falls, fastest where σ is small.",
            is_singular="Now the penalty. The factor σ over σ plus λ: where there is no curvature it is zero, however "
            "small λ is.",
            is_unpenalized="Now the penalty. Here λ is zero, and each factor σ over σ plus λ is one.",
            is_round="Now the penalty. As λ grows, the factor σ over σ plus λ falls, for both directions alike.",
        ),
        shows=lambda p: (
            "On the right, λ on a line with both eigenvalues, and for each direction the factor "
            f"σ/(σ + λ): {_factor(p, 0)} and {_factor(p, 1)}."
        ),
        covers=("B9",),
    )
    def set_the_penalty(self) -> None:
        self.lam = PenaltyTracker(PenaltyScale(self.problem.risk.eigenvalues), 0.0)
        self.panel = FactorPanel(self, self.lam)
        self.play(
            self.heart.light("rescale"),
            Transform(self.heart.mark("rotate"), self.heart.mark("rescale")),
            FadeIn(self.panel),
            run_time=1,
        )
        self.play(self.lam.animate.set_value(self.problem.lam), run_time=3)

    @step(
        say=unless(
            "Each component is multiplied by its own factor. That is all the penalty does.",
            is_zero="Each component is multiplied by its own factor. Zero stays zero.",
            is_kept="Each component is multiplied by its own factor. So near to one, nothing can be seen to change.",
        ),
        shows=unless(
            "In the plane the two components are shortened by their factors; pale bars and a pale arrow "
            "show how long they were.",
            is_zero="The plane as before: both components are zero.",
            is_kept="The plane as before: the two components are as long as they were.",
            is_alone="In the plane the one component is shortened by its factor; a pale bar and a pale arrow "
            "show how long it was.",
        ),
        covers=("B9",),
    )
    def shrink_each_component(self) -> None:
        picture, plane, style = self.picture, self.plane, self.style
        z, f = self.problem.components, self.problem.factors
        tip = plane.c2p(f * z)
        pale = VGroup(
            *(b.copy().set_color(style.faded(f"eig{k + 1}", 0.35)) for k, b in enumerate(picture.bars))
        )
        before = picture.arrow.copy().set_color(style.faded("minimizer", 0.5))
        self.add(pale.set_z_index(1), before.set_z_index(3))
        self.pale, self.before = pale, before
        moves = []
        for k in range(2):
            foot = plane.c2p(np.eye(2)[k] * f[k] * z[k])
            moves.append(picture.bars[k].animate.put_start_and_end_on(plane.origin, foot + 1e-9))
            moves.append(picture.drops[k].animate.become(picture.drop(tip, foot, style)))
        after = Arrow(plane.origin, tip, style.ridge)
        self.play(*moves, Transform(picture.arrow, after), run_time=2)

    @step(
        say="And rotate back by Q. What arrives is the ridge minimizer.",
        shows=unless(
            "Back in the parameter plane: θ̂ and the shorter arrow of the ridge minimizer, "
            "with their components along q₁ and q₂.",
            is_zero="Back in the parameter plane: θ̂ and the ridge minimizer, both at the origin.",
            is_kept="Back in the parameter plane: the arrow of the ridge minimizer lies over θ̂, with its components "
            "along q₁ and q₂.",
        ),
        covers=("B9",),
    )
    def rotate_back(self) -> None:
        self.play(
            self.heart.light("back"),
            Transform(self.heart.mark("rotate"), self.heart.mark("back")),
            FadeOut(self.eigen_plane.axis_labels, self.ghost),
            run_time=0.8,
        )
        turning = VGroup(self.pale, self.before, self.picture)
        self.play(Rotate(turning, self.problem.angle, about_point=self.plane.origin), run_time=2.2)
        self.ridge_name = place_backed(
            self.formula("@ridge"),
            self.style,
            self.plane.c2p(self.problem.ridge),
            avoid=[self.picture, self.pale, self.before, self.plane],
            within=LEFT_HALF,
        )
        self.name = self.name_minimizer(self.picture, LEFT_HALF, avoid=[self.ridge_name, self.before])
        self.name = place_backed(
            self.name,
            self.style,
            self.plane.c2p(self.problem.risk.minimizer),
            avoid=[self.picture, self.before, self.plane, self.ridge_name],
            within=LEFT_HALF,
            prefer=self.plane.c2p(self.problem.risk.minimizer) - self.plane.origin,
        )
        self.play(
            FadeIn(self.plane.axis_labels, self.name, self.ridge_name),
            self.picture.directions.animate.set_stroke(opacity=1),
            self.before.animate.set_color(self.style.minimizer),
            run_time=0.8,
        )

    @step(
        say="Once more, in one take: rotate, rescale, rotate back.",
        shows="The same picture as before, after the three motions were played in one take; "
        "the whole formula is lit.",
        covers=("B9",),
    )
    def replay_in_one_take(self) -> None:
        problem, origin = self.problem, self.plane.origin
        result = VGroup(self.picture.arrow, self.picture.bars, self.picture.drops, self.pale, self.ridge_name)
        self.play(FadeOut(self.heart.mark("rotate"), result), run_time=0.6)
        traveller = Arrow(origin, self.plane.c2p(problem.risk.minimizer), self.style.minimizer)
        self.add(traveller.set_z_index(5))
        self.play(
            self.heart.light("rotate"), Rotate(traveller, -problem.angle, about_point=origin), run_time=1.4
        )
        rescaled = Arrow(origin, self.plane.c2p(problem.factors * problem.components), self.style.ridge)
        self.play(self.heart.light("rescale"), Transform(traveller, rescaled), run_time=1.4)
        self.play(
            self.heart.light("back"), Rotate(traveller, problem.angle, about_point=origin), run_time=1.4
        )
        self.play(self.heart.light("all"), FadeIn(result), run_time=0.6)
        self.remove(traveller)

    @step(
        say=unless(
            "Let λ sweep: at σ₂ the flat component is halved, at σ₁ the steep one; then both go to zero.",
            is_zero="Let λ sweep: the factors fall, but there is nothing for them to shrink.",
            is_lost="Let λ sweep: nothing moves. θ̂ lay along the direction without curvature, and all of it is gone.",
            is_alone=lambda p: (
                f"Let λ sweep: at σ{'₁' if p.lone_direction == 1 else '₂'} the one component is halved; then it goes "
                f"to zero."
            ),
            is_round="Let λ sweep: where it equals both eigenvalues, both components are halved; then they go to zero.",
            is_singular="Let λ sweep: at σ₁ the steep component is halved; then it goes to zero.",
        ),
        shows=unless(
            "The ridge path as a curve from θ̂ towards the origin, walked up to a penalty above both eigenvalues.",
            is_zero="The same picture; the penalty has grown far above both eigenvalues.",
            is_lost="The same picture; the penalty has grown far above both eigenvalues, and the ridge minimizer is "
            "zero.",
            is_adrift="The ridge path as a straight line along q₁ towards the origin, walked up to a penalty above "
            "both eigenvalues.",
            is_alone="The ridge path as a straight line from θ̂ towards the origin, walked up to a penalty above both "
            "eigenvalues.",
            is_round="The ridge path as a straight line from θ̂ towards the origin, walked up to a penalty above both "
            "eigenvalues.",
        ),
        covers=("B9",),
    )
    def sweep_the_penalty(self) -> None:
        problem, plane, picture = self.problem, self.plane, self.picture
        sigma, scale = problem.risk.eigenvalues, self.lam.scale_
        largest = 10 * float(max(sigma[0], problem.lam))
        end = scale.position(largest)
        lams = np.array([scale.lam(s) for s in np.linspace(0, end, 160)])
        path = polyline(
            plane.c2p(self.compute("ridge_minimizer(risk, lams)", lams=lams)), self.style.ridge, 4
        )
        trace = VMobject(color=self.style.ridge, stroke_width=4).set_z_index(3)

        def ridge() -> np.ndarray:
            return self.compute("ridge_minimizer(risk, lam)", lam=self.lam.get_value())

        def stretch(k: int) -> Callable[[Line], Line]:
            axis = problem.risk.eigenvectors[:, k]
            return lambda bar: bar.put_start_and_end_on(
                plane.origin, plane.c2p(axis * problem.risk.to_eigenbasis(ridge())[k]) + 1e-9
            )

        self.play(FadeOut(picture.drops, self.ridge_name), run_time=0.4)
        self.follow(picture.arrow, lambda arrow: arrow.put(plane.origin, plane.c2p(ridge())), self.lam)
        for k, bar in enumerate(picture.bars):
            self.follow(bar, stretch(k), self.lam)
        self.play(self.lam.animate.set_value(0.0), run_time=1.2)
        self.trace = path
        self.add(trace)
        self.follow(
            trace,
            lambda m: m.pointwise_become_partial(path, 0, max(self.lam.position / end, 1e-6)),
            self.lam,
        )
        for stop in sorted({float(s) for s in sigma if s > 0}):
            self.play(self.lam.animate.set_value(stop), run_time=1.7)
            self.wait(0.8, frozen_frame=True)
        self.play(self.lam.animate.set_value(largest), run_time=2)

    @step(
        say=unless(
            lambda p: _what_grows(p),
            is_zero="Both coordinates are zero and stay so: the penalty can only shrink.",
            is_kept="So weak a penalty changes neither coordinate visibly.",
            is_round="Here both coordinates shrink by one factor, as the risk is equally steep in all directions.",
            is_upright="Here the eigenvectors are the axes, so no coordinate can grow. Shrinkage is a promise about "
            "eigencomponents and length.",
        ),
        shows=lambda p: (
            "θ̂ and the ridge minimizer with their coordinates written beside them."
            + (" One coordinate is marked as grown." if _coordinates_that_grow(p) else "")
        ),
        covers=("B9",),
    )
    def compare_coordinates(self) -> None:
        self.play(self.lam.animate.set_value(self.problem.lam), run_time=1.5)
        ridge, z = "ridge_minimizer(risk, lam)", "risk.to_eigenbasis(risk.minimizer)"
        rows = [
            ("risk.minimizer[0]", f"{ridge}[0]"),
            ("risk.minimizer[1]", f"{ridge}[1]"),
            (f"{z}[0]", f"shrinkage_factors(risk.eigenvalues, lam)[0] * {z}[0]"),
            (f"{z}[1]", f"shrinkage_factors(risk.eigenvalues, lam)[1] * {z}[1]"),
        ]
        grown = _coordinates_that_grow(self.problem)
        numbers = [
            (
                self.number(before, role="minimizer"),
                self.formula("->", role="dim", size=BODY),
                self.number(after, lam=self.problem.lam, role="ridge"),
            )
            for before, after in rows
        ]
        words = {k: self.words("grows") for k in grown}
        widths = [max(part.width for part in column) + 0.25 for column in zip(*numbers, strict=True)]
        x = self.panel.line.line.get_left()[0]
        room = (
            RIGHT_HALF.right - x - sum(widths) - max([0.0, *(word.width + 0.05 for word in words.values())])
        )
        names = [
            *(self._coordinate(k, room) for k in range(2)),
            *(self.formula(f"@z{k}", size=BODY) for k in (1, 2)),
        ]
        table = VGroup(*(VGroup(name, *parts) for name, parts in zip(names, numbers, strict=True)))
        widths = [max(0.9, max(name.width for name in names) + 0.3), *widths]
        for column, width in zip(zip(*table, strict=True), widths, strict=True):
            for k, part in enumerate(column):
                part.move_to([x, 0.1 - 0.8 * k, 0], aligned_edge=[-1, 0, 0])
            x += width
        for k, word in words.items():
            word.next_to(table[k], [1, 0, 0], buff=0.3)
            table[k].add(word)
        for row in table:  # words stand on one baseline with the numbers
            for word in row:
                if isinstance(word, Typst) and not isinstance(word, MathTypst):
                    word.shift([0, row[3].get_bottom()[1] - _baseline(word), 0])
        table.shift([min(0.0, RIGHT_HALF.right - table.get_right()[0]), 0, 0])  # powers of ten are wide
        self.ridge_name = place_backed(
            self.ridge_name,
            self.style,
            self.plane.c2p(self.problem.ridge),
            avoid=[self.picture, self.pale, self.trace, self.before, self.plane, self.name],
            within=LEFT_HALF,
        )
        self.play(FadeOut(self.panel.rows), FadeIn(self.ridge_name), run_time=0.6)
        self.play(LaggedStart(*(FadeIn(row, shift=0.1 * DOWN) for row in table), lag_ratio=0.4), run_time=2.4)

    def _coordinate(self, k: int, room: float) -> Any:
        """What a coordinate is called beside its numbers: as on its axis, as far as there is room."""
        name = drawable(self.problem.parameters[k])
        if name:
            return literal_words(name, self.style, size=BODY, width=max(1.0, room - 0.3))
        return self.formula(f"theta_{k + 1}", size=BODY)


def _baseline(text: Typst) -> float:
    """Where the letters of a line stand: the highest foot of those that are not small."""
    tallest = max(letter.height for letter in text)
    return max(float(letter.get_bottom()[1]) for letter in text if letter.height >= tallest / 2)


def _factor(problem: Problem, k: int) -> str:
    return spoken_number(float(problem.factors[k]), 2)


def _what_grows(problem: Problem) -> str:
    grown = _coordinates_that_grow(problem)
    if grown:
        k = grown[0]
        called = drawable(problem.parameters[k])
        name = f"the coordinate “{shortened(called, 40)}”" if called else ("θ₁", "θ₂")[k]
        return (
            f"But {name} has grown. Shrinkage is a promise about eigencomponents and length, "
            "not about every coordinate."
        )
    return (
        "Here neither coordinate ends up visibly larger. That is not a rule: shrinkage is a promise "
        "about eigencomponents and length."
    )
