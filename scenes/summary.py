"""The argument once more, in one take, and the sentences to take home."""

from __future__ import annotations

import numpy as np
from manim import DOWN, LEFT, RIGHT, FadeIn, FadeOut, Rotate, Transform, VGroup, Write

from lecture.stage import LEFT_HALF, RIGHT_HALF, Arrow, place, step
from lecture.stage.backing import place_backed
from scenes.parts.eigen_picture import EigenPicture, HeartScene, heart_plane
from scenes.parts.heart_formula import HeartFormula

STAGES = (
    "*Rotate*: an axis for\\ each eigenvector",
    "*Rescale*: times\\ $sigma_i \\/ (sigma_i + [[$lambda$|penalty]])$",
    "*Rotate back*",
)
SENTENCES = (
    "Decay pulls *every step*\\ towards zero.",
    "*Steep* directions stay,\\ *flat* ones give way.",
    "*Any* model can decay: features\\ on one scale, bias left alone.",
    "In deep networks it steers\\ the *training* itself.",
)


class Summary(HeartScene):
    """Weight decay rotates, rescales and rotates back."""

    title = "To take *home*"

    @step(
        say="The picture to take home. Rotate: every eigenvector of the Hessian gets an axis of its own.",
        shows="The minimizer with its contours, turned upright, and a ghost of where it was. In the formula "
        "Q transposed is lit.",
    )
    def rotate(self) -> None:
        problem, style = self.problem, self.style
        self.plane = heart_plane(problem, LEFT_HALF, style)
        self.picture = EigenPicture(self.plane, problem, style)
        self.picture.remove(self.picture.directions)
        self.heart = HeartFormula(style).lit("all")
        self.name = self.name_minimizer(self.picture, LEFT_HALF)
        self.ghost = self.picture.arrow.copy().set_color(style.faded("minimizer"))
        self.stages = VGroup(*(self.words(text) for text in STAGES)).arrange(
            DOWN, buff=0.7, aligned_edge=LEFT
        )
        self.stages.move_to([RIGHT_HALF.left + 0.9, -0.8, 0], aligned_edge=LEFT)
        self.play(Write(self.make_title()), FadeIn(self.plane, self.picture, self.name), run_time=1.2)
        self.play(FadeIn(self.heart), run_time=0.8)
        self.add(self.ghost, self.picture)
        self.play(self.heart.light("rotate"), FadeIn(self.stages[0]), FadeOut(self.name), run_time=0.8)
        self.play(
            Rotate(self.picture, -problem.angle, about_point=self.plane.origin),
            FadeOut(self.plane.axis_labels),
            run_time=2.2,
        )

    @step(
        say="Rescale each component by σ over σ plus λ. What the risk insists on stays, the rest goes.",
        shows="Both components shortened by their factors, the old ones pale behind them; the arrow is now the ridge "
        "minimizer's. In the formula the middle factors are lit.",
    )
    def rescale(self) -> None:
        picture, plane, style = self.picture, self.plane, self.style
        rescaled = self.problem.factors * self.problem.components
        tip = plane.c2p(rescaled)
        pale = VGroup(
            *(b.copy().set_color(style.faded(f"eig{k + 1}", 0.35)) for k, b in enumerate(picture.bars))
        )
        before = picture.arrow.copy().set_color(style.faded("minimizer", 0.5))
        self.behind = VGroup(pale.set_z_index(1), before.set_z_index(3))
        self.play(self.heart.light("rescale"), FadeIn(self.stages[1]), run_time=0.8)
        self.add(self.behind)
        moves = [Transform(picture.arrow, Arrow(plane.origin, tip, style.ridge))]
        for k in range(2):
            foot = plane.c2p(np.eye(2)[k] * rescaled[k])
            moves.append(picture.bars[k].animate.put_start_and_end_on(plane.origin, foot + 1e-9))
            moves.append(picture.drops[k].animate.become(picture.drop(tip, foot, style)))
        self.play(*moves, run_time=2)

    @step(
        say="And rotate back. There every step of weight decay comes to rest.",
        shows="Back in the parameter plane: the minimizer and the ridge minimizer with its components. "
        "The whole formula is lit.",
    )
    def rotate_back(self) -> None:
        problem, plane = self.problem, self.plane
        self.play(self.heart.light("back"), FadeIn(self.stages[2]), FadeOut(self.ghost), run_time=0.8)
        self.play(
            Rotate(VGroup(self.behind, self.picture), problem.angle, about_point=plane.origin), run_time=2.2
        )
        everything = [self.picture, self.behind, plane]
        ridge = place_backed(
            self.formula("@ridge"), self.style, plane.c2p(problem.ridge), avoid=everything, within=LEFT_HALF
        )
        tip = plane.c2p(problem.risk.minimizer)
        place(self.name, tip, avoid=[*everything, ridge], within=LEFT_HALF, prefer=tip - plane.origin)
        self.play(
            FadeIn(plane.axis_labels, self.name, ridge),
            self.behind[1].animate.set_color(self.style.minimizer),
            self.heart.light("all"),
            run_time=0.8,
        )

    @step(
        say="Steep directions stay, flat ones give way. Any model can decay, on scaled features and without "
        "its bias; in deep networks, decay steers the training itself.",
        shows="Beside the picture four sentences: decay pulls every step towards zero; steep directions stay, flat "
        "ones give way; any model can decay, with features on one scale and the bias left alone; in deep networks "
        "it steers the training itself.",
    )
    def take_home(self) -> None:
        sentences = VGroup(*(self.words(text) for text in SENTENCES)).arrange(
            DOWN, buff=0.45, aligned_edge=LEFT
        )
        sentences.move_to([RIGHT_HALF.left + 0.9, -0.55, 0], aligned_edge=LEFT)
        self.play(FadeOut(self.stages), run_time=0.6)
        for sentence in sentences:
            self.play(FadeIn(sentence, shift=0.2 * RIGHT), run_time=1.5)
