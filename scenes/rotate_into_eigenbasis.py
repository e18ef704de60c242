"""Qᵀ turns the minimizer into the coordinates in which the risk stands upright."""

from __future__ import annotations

from manim import Create, FadeIn, FadeOut, GrowFromPoint, Indicate, Rotate, VGroup, rush_from, there_and_back

from lecture.stage import question, step, unless
from lecture.words import Message, _
from scenes.parts.eigen_picture import EigenPicture, HeartScene
from scenes.parts.heart_stage import QUESTION, HeartStage
from scenes.problem import Problem


def _one_component(problem: Problem) -> Message:
    if problem.lone_direction == 1:
        return _(
            "<drop>{min} lies along {q1} alone: <bar>that is its one component, and along {q2} it has none."
        )
    return _("<drop>{min} lies along {q2} alone: <bar>that is its one component, and along {q1} it has none.")


def _one_bar(problem: Problem) -> Message:
    if problem.lone_direction == 1:
        return _("The arrow {min} lies over its one component, a thick bar along {q1}.")
    return _("The arrow {min} lies over its one component, a thick bar along {q2}.")


class RotateIntoEigenbasis(HeartScene):
    """Turning by {QT} makes the components along the eigenvectors into coordinates."""

    title = _("*Rotate* into the eigenbasis")
    question_region = QUESTION

    @step(
        say=unless(
            _(
                "<slide>The ellipses have axes of their own, and they are {q1} and {q2}. <steep>Up the steep slope "
                "leads {q1}, <flat>and along the flat valley {q2}."
            ),
            is_round=_(
                "<slide>The contours are circles: every direction is an eigenvector. <steep>Take the axes as {q1} "
                "<flat>and {q2}."
            ),
            is_singular=_(
                "<slide>The valley has directions of its own, and they are {q1} and {q2}. <steep>Up the steep slope "
                "leads {q1}, <flat>and along the level floor {q2}."
            ),
        ),
        shows=unless(
            _(
                "The parameter plane with the arrow {min}, contours of the risk around its tip, and two dashed lines "
                "through the origin, {q1} and {q2}, parallel to the axes of the ellipses."
            ),
            is_zero=_(
                "The parameter plane with the minimizer {min} at the origin, contours of the risk, and two dashed "
                "lines through the origin, {q1} and {q2}."
            ),
            is_round=_(
                "The parameter plane with the arrow {min}, contours of the risk around its tip, and two dashed lines "
                "through the origin, {q1} and {q2}, along the axes."
            ),
            is_singular=_(
                "The parameter plane with the arrow {min}, contours of the risk, parallel lines on both sides of its "
                "tip, and two dashed lines through the origin, {q1} and {q2}, across the contours and along them."
            ),
        ),
        covers=("B7",),
    )
    def meet_the_minimizer(self) -> None:
        self.stage = stage = HeartStage(self)
        self.picture = stage.picture
        stage.heart.lit("rotate")
        self.add(self.make_title(), *stage.open_left(components=False))
        own = VGroup(*(line.copy() for line in self.picture.directions)).set_z_index(3)
        to_tip = self.picture.arrow.end_point - stage.left.origin
        self.wait_for("slide")
        self.play(own.animate.shift(to_tip), run_time=2.6)
        self.wait_for("steep")
        self.play(own[0].animate.set_stroke(width=6), run_time=0.5)
        self.wait_for("flat")
        self.play(own[1].animate.set_stroke(width=6), run_time=0.5)
        self.play(own.animate.shift(-to_tip).set_stroke(width=2.5), run_time=0.9)
        self.remove(own)

    @step(
        say=unless(
            _(
                "<drop>Dropped perpendicularly onto these two directions, <bar>{min} splits into two components."
            ),
            is_zero=_(
                "<drop>Dropped onto these two directions, {min} splits into two components. <bar>Both are zero."
            ),
            is_alone=_one_component,
        ),
        shows=unless(
            _(
                "Dashed perpendiculars from the tip of {min} to both directions; the two components are thick bars."
            ),
            is_zero=_("The two directions; both components of {min} are zero."),
            is_alone=_one_bar,
        ),
        covers=("B7",),
    )
    def drop_components(self) -> None:
        picture, origin = self.picture, self.stage.left.origin
        self.wait_for("drop")
        self.play(*(Create(drop) for drop in picture.drops), run_time=2.2)
        self.wait_for("bar")
        self.play(*(GrowFromPoint(bar, origin) for bar in picture.bars), run_time=1.2)

    @question(
        ask=unless(
            _(
                "{QT} turns the picture until <first>{q1} lies on the first axis. Along which axis will the valley run?"
            ),
            is_round=_(
                "{QT} turns the picture until <first>{q1} lies on the first axis. What becomes of the circles?"
            ),
        ),
        choices=(
            unless(_("the first"), is_round=_("ellipses")),
            unless(_("the second"), is_round=_("circles again")),
        ),
        answer=1,
        shows=unless(
            _(
                "The picture of before, {QT} lit in the formula, and the question along which axis the valley will run."
            ),
            is_round=_(
                "The picture of before, {QT} lit in the formula, and the question what becomes of the circles."
            ),
        ),
        covers=("B7",),
    )
    def predict_the_turn(self) -> None:
        self.play(FadeIn(self.stage.heart.mark("rotate")), run_time=0.8)
        self.wait_for("first")
        name, way = self.stage.q_names[0], self.stage.picture.directions[0]
        self.play(
            Indicate(name, scale_factor=1.5, color=self.style.eig1),
            way.animate(rate_func=there_and_back).set_stroke(width=7),
            run_time=1.2,
        )

    @step(
        say=unless(
            _(
                "<copy>Take a copy of the whole picture, <turn>and turn it rigidly. The valley runs along the second "
                "axis: the ellipses stand upright."
            ),
            is_round=_(
                "<copy>Take a copy of the whole picture. Circles look the same from every side: <turn>here {Q} is "
                "the identity, and turning changes nothing."
            ),
            is_upright=_(
                "<copy>Take a copy of the whole picture. It stands upright already: <turn>here {Q} is the identity, "
                "and turning changes nothing."
            ),
            is_singular=_(
                "<copy>Take a copy of the whole picture, <turn>and turn it rigidly. The valley with its level floor "
                "runs along the second axis."
            ),
        ),
        shows=unless(
            _(
                "On the right a copy of the picture, turned until the contours stand upright on axes {z1} and {z2}; "
                "a ghost marks where {min} was. On the left the parameter plane is unchanged."
            ),
            is_upright=_(
                "On the right a copy of the picture on axes {z1} and {z2}, without any turn. On the left the "
                "parameter plane is unchanged."
            ),
        ),
        covers=("B7",),
    )
    def turn_by_q_transposed(self) -> None:
        stage = self.stage
        self.moving = moving = EigenPicture(stage.left, self.problem, self.style)
        self.wait_for("copy")
        self.play(moving.animate.shift(stage.across), FadeIn(stage.right.axes), run_time=1.4)
        self.ghost = moving.arrow.copy().set_color(self.style.faded("minimizer")).set_z_index(1)
        self.add(self.ghost)
        self.wait_for("turn")
        self.play(Rotate(moving, -self.problem.angle, about_point=stage.right.origin), run_time=4)
        self.play(FadeIn(stage.right.axis_labels), FadeOut(moving.directions), run_time=0.7)

    @step(
        say=_(
            "<name>Here the components are coordinates, and {QT} {min} lists them: <first>so much along {q1}, "
            "<second>so much along {q2}."
        ),
        shows=_(
            "Beside the upright picture the two components are written as numbers at their bars, and the turned "
            "arrow is named {QT} {min}."
        ),
        covers=("B7",),
    )
    def read_off_components(self) -> None:
        stage = self.stage
        self.wait_for("name")
        self.play(FadeIn(stage.turned_name), FadeOut(self.ghost), run_time=1.4)
        self.play(
            *(bar.animate(rate_func=there_and_back).set_stroke(width=18) for bar in self.moving.bars),
            run_time=2.4,
        )
        self.wait_for("first")
        self._read_off(0)
        self.wait_for("second")
        self._read_off(1)
        # As the next scene begins.
        self.remove(self.moving)
        self.add(stage.turned, stage.turned_name, stage.numbers)

    def _read_off(self, k: int) -> None:
        """The number of a component comes from its bar."""
        number, bar = self.stage.numbers[k], self.moving.bars[k]
        self.play(FadeIn(number, target_position=bar), run_time=0.8, rate_func=rush_from)
