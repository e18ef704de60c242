"""The norm of its weights measures how complex a linear function is: how far it is from the function zero."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    Circle,
    Create,
    Dot,
    FadeIn,
    FadeOut,
    Line,
    Polygon,
    TransformFromCopy,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
)

from lecture.stage import LEFT_HALF, RIGHT_HALF, SMALL, Arrow, Plane, Style, place, step
from lecture.stage.drawing import Dashes, set_segments
from scenes.parts.scene import WeightDecayScene

# The function's weights: a 3-4-5 triangle, so that their length can be checked in the head.
WEIGHTS = np.array([0.72, 0.96])
SHORTENED = 0.25


class Sheet(VGroup):
    """The graph of f(x) = w^T x + b over the unit disc, seen obliquely from above.

    A unit of f is as long as a unit of the weights in their plane, so lengths can be compared by eye. A disc, because
    it looks the same from all sides: what changes when w turns is only where the slope faces.
    """

    # Where a unit step along x_1 and along x_2 leads in the frame. With the weights of this scene the sheet is never
    # so steep that it is seen from below.
    ACROSS, AWAY = np.array([2.45, -0.8, 0.0]), np.array([1.2, 1.45, 0.0])

    def __init__(self, center: np.ndarray, unit: float, style: Style):
        super().__init__()
        self.center_point, self.unit = center, unit
        ticks = np.linspace(-0.75, 0.75, 7)
        half = np.sqrt(1 - ticks**2)
        starts = np.concatenate([np.column_stack([ticks, -half]), np.column_stack([-half, ticks])])
        ends = np.concatenate([np.column_stack([ticks, half]), np.column_stack([half, ticks])])
        turn = np.linspace(0, 2 * np.pi, 73)
        self.rim = np.column_stack([np.cos(turn), np.sin(turn)])
        self._starts, self._ends = starts, ends
        self.face = Polygon(*np.eye(3), color=style.ink, stroke_width=3, fill_opacity=0.13)
        self.mesh = VMobject(color=style.line, stroke_width=2.2, fill_opacity=0)
        self.add(self.mesh, self.face)
        self.put(np.zeros(2))

    def at(self, x: Any, height: Any = 0.0) -> np.ndarray:
        """The point of the frame above x, of shape (..., 2), at a height."""
        x = np.asarray(x, dtype=float)
        up = np.asarray(height, dtype=float)[..., None] * [0.0, self.unit, 0.0]
        return self.center_point + x[..., :1] * self.ACROSS + x[..., 1:] * self.AWAY + up

    def put(self, w: np.ndarray, b: float = 0.0) -> Sheet:
        """Show the function with these weights and this bias."""
        start, end = (self.at(x, x @ w + b) for x in (self._starts, self._ends))
        set_segments(self.mesh, start, end)
        self.face.set_points_as_corners(self.at(self.rim, self.rim @ w + b))
        return self


class NormMeasuresComplexity(WeightDecayScene):
    """How complex a linear function is, is how far its weights are from zero."""

    title = "Complexity is *distance from zero*"

    def weights(self) -> np.ndarray:
        """The weights that the arrow and the sheet show now."""
        turn = self.turn.get_value()
        rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        return self.length.get_value() * rotation @ WEIGHTS

    @step(
        say="The simplest function is zero everywhere. In weight space it is the origin.",
        shows="Left, the plane of the weights w1 and w2 with a dot at the origin. Right, seen obliquely, a flat sheet: "
        "the function f0 = 0.",
        covers=("C2",),
    )
    def start_from_zero(self) -> None:
        self.length, self.turn, self.bias = ValueTracker(0), ValueTracker(0), ValueTracker(0)
        around = 2.15 * np.array([[-1, -1], [1, 1]])
        self.plane = Plane(LEFT_HALF, around, self.style, labels=("w_1", "w_2"), name="weights")
        self.sheet = Sheet(RIGHT_HALF.center - np.array([0.35, 0, 0]), self.plane.unit, self.style)
        self.origin = Dot(self.plane.origin, radius=0.11, color=self.style.ink)
        self.simplest = self.formula("f_0 (bold(x)) = 0")
        self.simplest.next_to(self.sheet, [0, 1, 0], buff=0.3)
        self.x_names = VGroup(
            *(
                self.formula(name, role="dim", size=SMALL + 3).move_to(self.sheet.at(1.17 * x))
                for name, x in (("x_1", np.array([0.97, -0.26])), ("x_2", np.array([0.26, 0.97])))
            )
        )
        self.heading = self.make_title()
        self.play(Write(self.heading), FadeIn(self.sheet, self.x_names), run_time=1.2)
        self.play(FadeIn(self.simplest, shift=0.2 * np.array([0, -1, 0])), run_time=0.8)
        self.play(FadeIn(self.plane), TransformFromCopy(self.sheet.face, self.origin), run_time=1.8)
        self.add(self.origin)  # above the axes

    @step(
        say="Give it weights, and the sheet tilts. Every arrow is one linear function, climbing the arrow's "
        "way.",
        shows="Left, the arrow w. Right, the sheet tilted: it climbs in the direction of w.",
        covers=("C2",),
    )
    def give_it_weights(self) -> None:
        plane = self.plane
        self.arrow = Arrow(plane.origin, plane.origin, self.style.ink)
        self.follow(
            self.arrow, lambda m: m.put(plane.origin, plane.c2p(self.weights())), self.length, self.turn
        )
        # Where it started stays, as a ghost.
        self.floor = VGroup(self.sheet.mesh, self.sheet.face).copy()
        self.floor.set_fill(opacity=0).set_stroke(self.style.faded("line", 0.6), width=1.8)
        self.follow(
            self.sheet,
            lambda m: m.put(self.weights(), self.bias.get_value()),
            self.length,
            self.turn,
            self.bias,
        )
        self.law = self.formula("f(bold(x)) = bold(w)^top bold(x) + {{ b : bias }}")
        self.law.move_to([RIGHT_HALF.right, self.heading.get_y(), 0], aligned_edge=[1, 0, 0])
        self.w_name = self.formula("bold(w)")
        place(self.w_name, plane.c2p(WEIGHTS), avoid=[plane], prefer=WEIGHTS, within=LEFT_HALF)
        self.play(FadeOut(self.simplest, self.x_names), FadeIn(self.law), run_time=0.8)
        self.add(self.floor, self.sheet, self.arrow)
        self.remove(self.origin)
        self.play(self.length.animate.set_value(1), run_time=2.4)
        self.play(FadeIn(self.w_name), run_time=0.5)

    @step(
        say="One step uphill raises f by the length of the arrow: the norm says how far f is from zero.",
        shows="The length of w is marked in pink as its norm, 1.2; the same length is the rise of the sheet over one "
        "unit step uphill.",
        covers=("C2",),
    )
    def measure_the_length(self) -> None:
        plane, sheet = self.plane, self.sheet
        run = Line(color=self.style.ink, stroke_width=4)
        rise = Line(color=self.style.penalty, stroke_width=8)

        def uphill() -> tuple[np.ndarray, float]:
            w = self.weights()
            size = float(np.linalg.norm(w))
            return w / size, size

        self.run = self.follow(
            run,
            lambda m: m.put_start_and_end_on(sheet.at([0, 0]), sheet.at(uphill()[0])),
            self.length,
            self.turn,
        )
        self.rise = self.follow(
            rise,
            lambda m: m.put_start_and_end_on(sheet.at(uphill()[0]), sheet.at(*uphill())),
            self.length,
            self.turn,
        )
        bar = Line(plane.origin, plane.c2p(WEIGHTS), color=self.style.penalty, stroke_width=8)
        self.size = self.number(
            "np.linalg.norm(w)", w=WEIGHTS, digits=2, role="penalty", template="norm(bold(w)) = {}"
        )
        self.size.next_to(self.w_name, [1, 0, 0], buff=0.35)
        climb = self.formula("norm(bold(w))", role="penalty").next_to(rise, [1, 0, 0])
        climb.set_x(sheet.get_right()[0] + 0.12 + climb.width / 2)  # clear of the rim
        self.climb = climb
        self.play(Create(bar), FadeIn(self.size), run_time=1)
        self.play(Create(run), run_time=0.8)
        self.play(TransformFromCopy(bar, rise), run_time=1.6)
        self.play(FadeOut(bar), FadeIn(climb), run_time=0.5)

    @step(
        say="Turn the arrow: the sheet faces another way, just as steep. This whole circle is equally "
        "complex.",
        shows="The arrow has gone once around a dashed pink circle; the sheet is as steep as before.",
        covers=("C2",),
    )
    def turn_the_arrow(self) -> None:
        radius = self.plane.unit * float(np.linalg.norm(WEIGHTS))
        circle = Circle(radius, color=self.style.penalty, stroke_width=3).move_to(self.plane.origin)
        dashes = Dashes(circle.rotate(np.arctan2(*WEIGHTS[::-1])), 0.16)
        self.play(FadeOut(self.size, self.w_name, self.climb), run_time=0.5)
        self.add(
            self.follow(dashes, lambda m: m.reveal(self.turn.get_value() / (2 * np.pi)), self.turn),
            self.arrow,
        )
        self.play(self.turn.animate(run_time=5).set_value(2 * np.pi))

    @step(
        say="Shorten it, and the function flattens towards zero. That is all the penalty asks for.",
        shows="The arrow has shrunk to a quarter, its start a ghost; the sheet is almost flat. "
        "The squared norm has fallen from 1.44 to 0.09.",
        covers=("C2",),
    )
    def shorten_the_arrow(self) -> None:
        plane = self.plane
        self.ghost = Arrow(plane.origin, plane.c2p(WEIGHTS), self.style.faded("ink", 0.35))
        value = self.live_number(
            "np.sum((length * w) ** 2)", self.length, variable="length", w=WEIGHTS, role="penalty", size=44
        )
        name = self.formula("norm(bold(w))^2 =", role="penalty")
        squared = VGroup(name, value).arrange(buff=0.22, aligned_edge=[0, 0, 0])
        squared.move_to([LEFT_HALF.left + 0.1, LEFT_HALF.bottom + 0.15, 0], aligned_edge=[-1, -1, 0])
        self.play(FadeIn(squared), run_time=0.6)
        self.add(self.ghost, self.arrow)
        self.play(self.length.animate.set_value(SHORTENED), run_time=3)

    @step(
        say="The bias only lifts the sheet. It adds no slope, so the norm leaves it out.",
        shows="The sheet is lifted above the ghost of f0 with its slope unchanged; "
        "in the formula the bias b is marked.",
        covers=("C2",),
    )
    def lift_by_the_bias(self) -> None:
        mark = self.law.select("bias")
        under = Line(mark.get_left(), mark.get_right(), color=self.style.ink, stroke_width=4)
        under.next_to(mark, [0, -1, 0], buff=0.08)
        self.play(Create(under), FadeOut(self.run, self.rise), run_time=0.6)
        self.play(self.bias.animate.set_value(1.15), run_time=1.8)
