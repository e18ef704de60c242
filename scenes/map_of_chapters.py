"""The map of the lecture: five chapters on a road, the one that begins lit."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from manim import (
    DOWN,
    UP,
    AnimationGroup,
    Circle,
    Create,
    Dot,
    FadeIn,
    FadeOut,
    Line,
    ReplacementTransform,
    Restore,
    VGroup,
    VMobject,
    Write,
)

import wdmath
from lecture.stage import SAFE, SMALL, TITLE, Arrow, Chart, Region, Style, step, words
from lecture.stage.scatter import Scatter
from scenes.opening import Emblem, heading
from scenes.parts.contours import risk_contours
from scenes.parts.experiments import separable_line
from scenes.parts.parameter_plane import parameter_plane
from scenes.parts.scene import WeightDecayScene
from scenes.problem import Problem

from . import CHAPTERS

TITLES = tuple(chapter.title for chapter in CHAPTERS if chapter.numbered)
GAP = 0.4
EMBLEM = (-0.55, 1.95)  # bottom and top
ROAD = -1.2

Parts = list[tuple[VMobject, str]]


@cache
def _i2ml() -> Problem:
    return Problem.i2ml()


def _fits(region: Region, style: Style) -> Parts:
    """Eight noisy points, the polynomial of degree 7 through them, and its ridge fit."""
    rng = np.random.default_rng(8)
    x = np.linspace(-0.95, 0.95, 8)
    y = np.sin(2.2 * x) + rng.normal(0, 0.35, 8)
    features = wdmath.polynomial_features(x, 7)
    risk = wdmath.QuadraticRisk.from_least_squares(features, y, scale="mean")
    chart = Chart(region, (-1.05, 1.05), (-1.9, 1.9), style)
    fine = np.linspace(-1.05, 1.05, 160)
    columns = wdmath.polynomial_features(fine, 7)
    dots = Scatter(chart.c2p(x, y), style.line, radius=0.06)
    return [
        (chart.axes, "line"),
        (chart.curve(fine, columns @ risk.minimizer, style.line, width=3.5), "minimizer"),
        (chart.curve(fine, columns @ wdmath.ridge_minimizer(risk, 0.05), style.line, width=4.5), "ridge"),
        (dots, "ink"),
    ]


def _zigzag(region: Region, style: Style) -> Parts:
    """Gradient steps on the lecture's own risk, each preceded by a pull towards the origin."""
    risk = _i2ml().risk
    run = wdmath.weight_decay_steps(risk, [-2.0, 3.4], step_size=0.006, steps=6, lam=40.0)
    plane = parameter_plane(
        region, np.vstack([run.points, risk.minimizer + np.array([0.6, 0.6])]), style, margin=0.1
    )
    contours = risk_contours(plane, risk, np.array([2.0, 8.0]), style.line, within=region)
    pulls, steps = VMobject(stroke_width=4), VMobject(stroke_width=4)
    for here, shrunk, there in zip(run.points[:-1], run.shrunk, run.points[1:], strict=True):
        for path, ends in ((pulls, [here, shrunk]), (steps, [shrunk, there])):
            start, end = plane.c2p(ends)
            path.start_new_path(start)
            path.add_line_to(end)
    return [(contours, "line"), (steps, "ink"), (pulls, "penalty"), (Dot(plane.origin, radius=0.07), "ink")]


def _arrows(region: Region, style: Style) -> Parts:
    """The lecture's own minimizer and its ridge minimizer."""
    problem = _i2ml()
    around = problem.risk.minimizer + 0.8 * np.array([[1, 1], [-1, 1], [1, -1]])
    plane = parameter_plane(region, np.vstack([around, problem.ridge]), style, margin=0.1)
    contours = risk_contours(
        plane, problem.risk, np.array([0.5, 2.0, 4.5, 8.0]) * 1.3, style.line, within=region
    )
    return [
        (contours, "line"),
        (Arrow(plane.origin, plane.c2p(problem.risk.minimizer), style.line, tip=0.2), "minimizer"),
        (Arrow(plane.origin, plane.c2p(problem.ridge), style.line, tip=0.2), "ridge"),
    ]


def _cliff(region: Region, style: Style) -> Parts:
    """Logistic regression of two separated classes, after 2000 steps without decay and at rest with it."""
    data = separable_line()
    chart = Chart(region, (-3.2, 3.2), (-0.15, 1.15), style)
    fine = np.linspace(-3.2, 3.2, 160)
    far = wdmath.sgd_path(data.risk, [0.0], 2.0, [2000])[0]
    dots = Scatter(chart.c2p(data.X[:, 0], data.y), style.line, radius=0.06)
    return [
        (chart.axes, "line"),
        (chart.curve(fine, data.risk.probabilities(far, fine[:, None]), style.line), "minimizer"),
        (
            chart.curve(fine, data.risk.probabilities(data.risk.ridge_path(0.05), fine[:, None]), style.line),
            "ridge",
        ),
        (dots, "ink"),
    ]


def _clouds(region: Region, style: Style) -> Parts:
    """Minimizers of forty noisy data sets on the lecture's own features, and their ridge minimizers."""
    problem = _i2ml()
    rng = np.random.default_rng(2)
    spread = problem.risk.from_eigenbasis(rng.normal(size=(40, 2)) * 3.2 / np.sqrt(problem.risk.eigenvalues))
    found = problem.risk.minimizer + spread
    ridge = np.array(
        [
            wdmath.ridge_minimizer(wdmath.QuadraticRisk(problem.risk.hessian, theta), problem.lam)
            for theta in found
        ]
    )
    plane = parameter_plane(region, np.vstack([found, ridge]), style, margin=0.1)
    loose, tight = (Scatter(plane.c2p(points), style.line, radius=0.05) for points in (found, ridge))
    return [(Dot(plane.origin, radius=0.07), "ink"), (loose, "minimizer"), (tight, "ridge")]


EMBLEMS: tuple[Callable[[Region, Style], Parts], ...] = (_fits, _zigzag, _arrows, _cliff, _clouds)


class Card(VGroup):
    """A chapter on the map: emblem, number on the road, title. It has colors only while it is lit."""

    def __init__(self, number: int, style: Style):
        super().__init__()
        self.style = style
        width = (SAFE.width - 4 * GAP) / 5
        left = SAFE.left + (number - 1) * (width + GAP)
        region = Region(left, left + width, *EMBLEM)
        parts = EMBLEMS[number - 1](region, style)
        self.emblem, self.roles = VGroup(*(part for part, _ in parts)), [role for _, role in parts]
        at = [region.center[0], ROAD, 0]
        self.sign = Circle(0.3, color=style.line, stroke_width=3, fill_color=style.background, fill_opacity=1)
        self.sign.move_to(at)
        self.figure = words(str(number), style, size=SMALL).move_to(at)
        self.title = words(f"#align(center)[{TITLES[number - 1]}]", style, size=SMALL, width=width)
        self.title.next_to(self.sign, DOWN, buff=0.3)
        self.add(self.emblem, self.sign, self.figure, self.title)
        self.light(False)

    def light(self, on: bool) -> Card:
        """Give the card its colors, or take them away."""
        for part, role in zip(self.emblem, self.roles, strict=True):
            part.set_color(self.style.color(role) if on else self.style.line)
        self.sign.set_stroke(self.style.ink if on else self.style.line)
        self.sign.set_fill(self.style.ink if on else self.style.background)
        self.figure.set_color(self.style.background if on else self.style.dim)
        self.title.set_color(self.style.ink if on else self.style.dim)
        return self


class ChapterMap(WeightDecayScene):
    """Five chapters, of which one begins."""

    def light_chapter(self, number: int, question: str) -> None:
        """Draw the map as the previous chapter left it, light the next card and ask its question."""
        cards = [Card(k, self.style) for k in range(1, 6)]
        stops = [card.sign.get_center() for card in cards]
        road = Line([SAFE.left, ROAD, 0], [SAFE.right, ROAD, 0], color=self.style.line, stroke_width=3)
        edge = np.array([cards[0].sign.radius, 0, 0])
        behind = road.get_start() if number == 1 else stops[number - 2] + edge
        stretch = Line(behind, stops[number - 1] - edge, color=self.style.ink, stroke_width=6)
        if number == 1:
            self.shrink_emblem(cards, road)
            self.add(road, *cards)
        else:
            reached = Line(road.get_start(), stops[number - 2], color=self.style.ink, stroke_width=6)
            self.step_back(cards[number - 2].light(True), cards, road, reached)
        self.play(Create(stretch), run_time=1)
        # What changes lies on top, so that nothing else is drawn again in every frame.
        changes = [cards[number - 1].animate.light(True)]
        if number > 1:
            changes.append(cards[number - 2].animate.light(False))
            self.add(cards[number - 2])
        self.add(cards[number - 1])
        self.play(AnimationGroup(*changes), run_time=0.7)
        headline = self.words(question, size=TITLE)
        headline.move_to([SAFE.left, SAFE.top, 0], aligned_edge=[-1, 1, 0])
        self.play(Write(headline), run_time=1.2)

    def shrink_emblem(self, cards: list[Card], road: Line) -> None:
        """Let the picture of the title become that of chapter 3, and put the other chapters around it."""
        title, emblem, heart = heading(self.style), Emblem(self.problem, self.style), cards[2]
        self.add(title, *emblem)
        parts = zip((emblem.contours, emblem.arrow, emblem.pulled), heart.emblem, strict=True)
        self.play(
            FadeOut(title, emblem.axes, emblem.curve),
            *(ReplacementTransform(part, small) for part, small in parts),
            Create(road),
            run_time=1,
        )
        self.add(heart.emblem)
        for card in cards:
            self.play(FadeIn(VGroup(*heart[1:]) if card is heart else card, shift=0.2 * UP), run_time=0.3)

    def step_back(self, last: Card, cards: list[Card], road: Line, reached: Line) -> None:
        """Begin close to the chapter that ends, and see the map around it."""
        frame = self.camera.frame.save_state()
        frame.set(height=5.2).move_to([last.sign.get_x(), 0.0, 0])
        self.add(road, reached, *cards)
        self.wait(0.3)
        self.play(Restore(frame), run_time=0.8)


class MapOfChapter1(ChapterMap):
    """Chapter 1 asks why a penalty is paid at all."""

    @step(
        say="Five chapters lie ahead. The first one asks why anyone would make a good fit worse on purpose.",
        shows="A map of five chapters on a road, each with a small picture. The first, Why penalize, is lit.",
    )
    def ask_why(self) -> None:
        self.light_chapter(1, "Why make a good fit *worse*?")


class MapOfChapter2(ChapterMap):
    """Chapter 2 finds the penalty in every step of gradient descent."""

    @step(
        say="We know what a penalty is for. Now we watch what it does to a single step of gradient descent.",
        shows="The same map; the second chapter, Decay in disguise, is lit.",
    )
    def look_at_a_step(self) -> None:
        self.light_chapter(2, "What does a penalty do to *each step*?")


class MapOfChapter3(ChapterMap):
    """Chapter 3 finds where the steps end."""

    @step(
        say="Every step is pulled back. Where do they end? Rotate, rescale, rotate back: the heart of this "
        "lecture.",
        shows="The same map; the third chapter, Rotate, rescale, rotate back, is lit.",
    )
    def ask_where_it_ends(self) -> None:
        self.light_chapter(3, "*Where* do the steps end?")


class MapOfChapter4(ChapterMap):
    """Chapter 4 leaves least squares."""

    @step(
        say="So far we fitted lines. Real models classify, and train by Adam, in sixteen bits. What is left?",
        shows="The same map; the fourth chapter, Beyond least squares, is lit.",
    )
    def leave_least_squares(self) -> None:
        self.light_chapter(4, "What is left *beyond* least squares?")


class MapOfChapter5(ChapterMap):
    """Chapter 5 meets old friends with the same geometry."""

    @step(
        say="One stretch remains: early stopping, prior beliefs, and the choice of λ, seen in the same picture.",
        shows="The same map; the fifth chapter, Further than the sources, is lit.",
    )
    def go_further(self) -> None:
        self.light_chapter(5, "What *else* has this shape?")
