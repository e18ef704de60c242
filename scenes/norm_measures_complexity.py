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
    Indicate,
    Line,
    Polygon,
    TransformFromCopy,
    UpdateFromAlphaFunc,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
    smooth,
)

from lecture.stage import (
    BODY,
    SAFE,
    SMALL,
    Arrow,
    Plane,
    Region,
    Style,
    place,
    question,
    step,
)
from lecture.stage.drawing import Dashes, set_segments
from lecture.stage.numbers import spoken_number
from lecture.stage.space import Space, SpaceCurve
from lecture.words import _, computed
from scenes.parts.noisy_sine import RIDGE, noisy_sine
from scenes.parts.scene import WeightDecayScene

# The function's weights: a 3-4-5 triangle, so that their length can be checked in the head.
WEIGHTS = np.array([0.72, 0.96])
SHORTENED = 0.25
LIFT = 0.8

# The plane of the weights and the space of the function have one unit for weights and for values of the function. The
# viewer stands so high that the sheet is seen from above wherever it faces.
UNIT, INPUT_UNIT = 1.05, 1.9
AZIMUTH, ELEVATION = -0.42, np.radians(54)
LEFT, RIGHT = Region(SAFE.left, -0.35, -1.45, 2.5), Region(0.35, SAFE.right, SAFE.bottom, 2.35)
LENGTH = f"np.linalg.norm({RIDGE}.coefficients)"


def _fit(lam: float | None) -> dict[str, Any]:
    """Inputs of the polynomial's norm at a penalty, by default the best, made when they are needed."""
    return {
        "lam": lambda _: noisy_sine().best if lam is None else lam,
        "x": lambda _: noisy_sine().x,
        "y": lambda _: noisy_sine().y,
    }


class Sheet(VGroup):
    """The graph of f(x) = w^T x + b over the unit disc: round, so that turning it changes only where the slope faces.

    Attributes
    ----------
    face, mesh : VMobject
    """

    def __init__(self, space: Space, style: Style):
        self.space, self.w, self.b = space, np.zeros(2), 0.0
        ticks = np.array([-0.8, -0.4, 0.0, 0.4, 0.8])
        half = np.sqrt(1 - ticks**2)
        self._starts = np.concatenate([np.column_stack([ticks, -half]), np.column_stack([-half, ticks])])
        self._ends = np.concatenate([np.column_stack([ticks, half]), np.column_stack([half, ticks])])
        turn = np.linspace(0, 2 * np.pi, 73)
        self.rim = np.column_stack([np.cos(turn), np.sin(turn)])
        self.face = Polygon(*np.eye(3), color=style.ink, stroke_width=3, fill_opacity=0.16)
        self.mesh = VMobject(color=style.line, stroke_width=1.8, fill_opacity=0)
        super().__init__(self.mesh, self.face)
        self.put(self.w)

    def on(self, x: Any) -> np.ndarray:
        """The points of the sheet above x, shape (..., 3)."""
        x = np.asarray(x, dtype=float)
        return self.space.at(np.concatenate([x, (x @ self.w + self.b)[..., None]], axis=-1))

    def put(self, w: np.ndarray, b: float = 0.0) -> Sheet:
        """Show the function with these weights and this bias."""
        self.w, self.b = np.asarray(w, dtype=float), float(b)
        set_segments(self.mesh, self.on(self._starts), self.on(self._ends))
        self.face.set_points_as_corners(self.on(self.rim))
        return self

    def hides(self, points: np.ndarray) -> np.ndarray:
        """Which points (x, y, height) the sheet stands before: their line of sight meets the disc."""
        ground, height = points[:, :2], points[:, 2]
        away, steep = self.space.away, self.space.steepness
        rise = (ground @ self.w + self.b - height) / (1 + self.w @ away / steep)
        there = ground - rise[:, None] / steep * away
        return (rise > 1e-9) & (np.hypot(*there.T) <= 1)


class NormMeasuresComplexity(WeightDecayScene):
    """How complex a linear function is, is how far its weights are from zero."""

    title = _("Complex is *far from zero*")
    question_region = Region(SAFE.left, 0.2, SAFE.bottom, -1.5)

    def weights(self) -> np.ndarray:
        """The weights that the arrow and the sheet show now."""
        turn = self.turn.get_value()
        rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        return self.length.get_value() * rotation @ WEIGHTS

    @step(
        say=_(
            "A function of two inputs has two weights. <lay>Lay their strings across, and every <point>point of the "
            "plane is a function. <zero>The simplest is the origin: zero everywhere."
        ),
        shows=_(
            "Left, the plane of the two weights with a dot at the origin. Right, a disc seen obliquely from above, "
            "with axes for both inputs and for the height: the function zero, a flat sheet."
        ),
        covers=("C2",),
    )
    def start_from_zero(self) -> None:
        style = self.style
        self.length, self.turn, self.bias = ValueTracker(0), ValueTracker(0), ValueTracker(0)
        # A margin of 0.55 and as much again above, halved, are left clear: one unit is UNIT.
        around = (LEFT.height - 0.825) / UNIT / 2 * np.array([[-1, -1], [1, 1]])
        self.plane = plane = Plane(LEFT, around, style, labels=("@w1", "@w2"), name="weights")
        self.make_space()
        self.origin = Dot(plane.origin, radius=0.13, color=style.ink)
        self.play(Write(self.make_title()), FadeIn(self.sheet, self.frame), run_time=1.2)
        self.lay_the_strings()
        self.wait_for("point")
        self.visit_some_functions()
        self.simplest = self.formula("@f0 (@inputs) = 0", size=BODY)
        self.at_top_right(self.simplest)
        self.wait_for("zero")
        self.play(TransformFromCopy(self.sheet.face, self.origin), FadeIn(self.simplest), run_time=1.5)
        self.add(self.origin)  # above the axes

    def make_space(self) -> None:
        """The space in which the function is a sheet: two axes for its inputs, one for its values."""
        style = self.style
        ground = Plane(
            RIGHT,
            1.3 * np.array([[-1, -1], [1, 1]]),
            style,
            labels=("@x1", "@x2"),
            name="inputs",
        )
        ground.unit = INPUT_UNIT
        rise = self.plane.unit / np.cos(ELEVATION)
        self.space = space = Space(ground, rise=rise, azimuth=AZIMUTH, elevation=ELEVATION)
        self.sheet = Sheet(space, style)
        # So long that their names stand clear of the sheet, however it is tilted.
        ends = ((-1.25, 1.25, "@x1"), (-1.25, 1.95, "@x2"), (-1.5, 2.45, "@f"))
        lines, names = VGroup(), VGroup()
        for axis, (low, high, name) in enumerate(ends):
            along = np.linspace(low, high, 160)[:, None] * np.eye(3)[axis]
            lines.add(SpaceCurve(space, along, style.line, width=2.5, behind=[self.sheet], ghost=0.35))
            label = self.formula(name, role="dim", size=SMALL + 3)
            names.add(label.move_to(space.at((high + 0.2) * np.eye(3)[axis])))
        for height in (-1.0, 1.0):
            tick = space.at([0, 0, height])
            across = np.array([0.08, 0, 0])
            names.add(Line(tick - across, tick + across, color=style.line, stroke_width=2.5))
        self.frame = VGroup(*lines, names)
        trackers = (self.length, self.turn, self.bias)
        self.follow(self.sheet, lambda m: m.put(self.weights(), self.bias.get_value()), *trackers)
        for line in lines:
            self.follow(line, lambda m: m.look(), *trackers)
        turn = np.linspace(0, 2 * np.pi, 145)
        rim = np.column_stack([np.cos(turn), np.sin(turn), 0 * turn])
        self.floor = SpaceCurve(space, rim, style.faded("line", 0.6), width=2, dash=True)

    def lay_the_strings(self) -> None:
        """Two strings with their beads, as in the scene before, become the axes of the plane."""
        plane, style = self.plane, self.style
        spines = plane.spines
        center, apart = plane.origin, np.array([0.7, 0, 0])
        # How far each axis reaches, down or left and up or right.
        across, up = (
            np.array([(end - center)[axis] for end in (spine.get_start(), spine.get_end())])
            for axis, spine in enumerate(spines)
        )
        strings = VGroup(
            *(VGroup(spine.copy(), Dot(center, radius=0.13, color=style.ink)) for spine in spines)
        )

        def lay(m: VGroup, alpha: float) -> None:
            """The second string stays upright; the first is turned down and drawn out to the length of its axis."""
            share = smooth(alpha)
            turns, reaches = ((1 - share) * np.pi / 2, np.pi / 2), (up + share * (across - up), up)
            for (string, bead), turn, (low, high), side in zip(m, turns, reaches, (-1, 1), strict=True):
                at = center + side * (1 - share) * apart
                along = np.array([np.cos(turn), np.sin(turn), 0])
                string.put_start_and_end_on(at + low * along, at + high * along)
                bead.move_to(at)

        lay(strings, 0.0)
        names = VGroup(
            *(
                self.formula(name, role="dim", size=SMALL + 3).next_to(s[0], [0, 1, 0], buff=0.12)
                for name, s in zip(("@w1", "@w2"), strings, strict=True)
            )
        )
        self.play(FadeIn(strings, names), run_time=0.8)
        self.wait_for("lay")

        targets = [label.get_center() for label in plane.axis_labels]
        self.play(
            UpdateFromAlphaFunc(strings, lay),
            *(name.animate.move_to(at) for name, at in zip(names, targets, strict=True)),
            run_time=1.8,
        )
        self.remove(*strings.get_family(), *names)
        self.add(plane.spines, plane.axis_labels)
        self.play(FadeIn(plane.ticks), run_time=0.4)
        self.remove(*plane.get_family())
        self.add(plane)

    def visit_some_functions(self) -> None:
        """A point on its way through the plane, and the sheet that it stands for."""
        self.follow(self.origin, lambda m: m.move_to(self.plane.c2p(self.weights())), self.length, self.turn)
        self.turn.set_value(1.2)
        self.add(self.origin)
        self.play(self.length.animate.set_value(0.9), self.turn.animate.set_value(2.4), run_time=1.3)
        self.play(self.length.animate.set_value(0.0), self.turn.animate.set_value(3.4), run_time=0.9)
        self.remove(self.origin)
        self.turn.set_value(0.0)

    @step(
        say=_(
            "<move>Move the beads, and the sheet tilts. The weights are an arrow: the sheet <climb>climbs its way."
        ),
        shows=_(
            "Left, the arrow {weights} from the origin to the point of both weights. Right, the sheet tilted: it "
            "climbs in the direction of {weights}, which is drawn on the ground."
        ),
        covers=("C2",),
    )
    def give_it_weights(self) -> None:
        plane, style = self.plane, self.style
        self.arrow = Arrow(plane.origin, plane.origin, style.ink)
        self.beads = VGroup(*(Dot(plane.origin, radius=0.13, color=style.ink) for _k in range(2)))
        self.drops = VGroup(*(Line(color=style.line, stroke_width=2.5) for _k in range(2)))

        def follow_weights(m: VGroup) -> None:
            tip = plane.c2p(self.weights())
            self.arrow.put(plane.origin, tip)
            for k in range(2):
                foot = plane.c2p(np.eye(2)[k] * self.weights()[k])
                self.beads[k].move_to(foot)
                self.drops[k].put_start_and_end_on(foot, tip + 1e-6)

        self.picture = VGroup(self.drops, self.beads, self.arrow)
        self.follow(self.picture, follow_weights, self.length, self.turn)
        self.law = self.formula("@f (@inputs) = @weights^top @inputs + {{ @bias : bias }}", size=BODY)
        self.at_top_right(self.law)
        self.w_name = self.formula("@weights")
        self.add(self.floor, self.frame, self.sheet, self.picture)
        self.remove(self.origin)
        self.wait_for("move")
        self.play(self.length.animate.set_value(1), FadeOut(self.simplest), FadeIn(self.law), run_time=4)
        place(self.w_name, plane.c2p(WEIGHTS), avoid=[plane, self.drops], prefer=(1, 0.6), within=LEFT)
        self.make_steps()
        self.wait_for("climb")
        self.play(FadeIn(self.w_name), Create(self.run), run_time=1.2)

    def make_steps(self) -> None:
        """One unit step uphill on the ground, and how far the sheet rises over it."""
        space, style = self.space, self.style
        self.run = Line(color=style.ink, stroke_width=4)
        self.rise = Line(color=style.penalty, stroke_width=8)

        def uphill(height: float) -> np.ndarray:
            w = self.weights()
            size = float(np.linalg.norm(w))
            return space.at([*(w / size), height * size])

        self.follow(
            self.run,
            lambda m: m.put_start_and_end_on(space.at([0, 0, 0]), uphill(0)),
            self.length,
            self.turn,
        )
        self.follow(self.rise, lambda m: m.put_start_and_end_on(uphill(0), uphill(1)), self.length, self.turn)

    @step(
        say=_(
            "Take one step uphill: the sheet <rise>rises by exactly the arrow's length. So the <norm>norm says how "
            "<far>far the function is from zero."
        ),
        shows=_(
            "The length of the arrow is marked as its norm, 1.2; a bar of the same length is the rise of the sheet "
            "over one unit step uphill."
        ),
        covers=("C2",),
    )
    def measure_the_length(self) -> None:
        plane = self.plane
        self.bar = Line(plane.origin, plane.c2p(WEIGHTS), color=self.style.penalty, stroke_width=8)
        self.size = self.number(
            "np.linalg.norm(w)", w=WEIGHTS, digits=2, role="penalty", template="@norm = {}"
        )
        self.size.next_to(self.w_name, [1, 0, 0], buff=0.35)
        self.climb = self.formula("@norm").next_to(self.rise, [1, 0, 0])
        self.climb.set_x(self.sheet.get_right()[0] + 0.12 + self.climb.width / 2)  # clear of the rim
        self.play(Create(self.bar), run_time=1.2)
        self.wait_for("rise")
        self.play(TransformFromCopy(self.bar, self.rise), run_time=2.4)
        self.wait_for("norm")
        self.play(FadeIn(self.size, self.climb), run_time=0.8)
        self.wait_for("far")
        self.play(
            FadeOut(self.bar), Indicate(self.size, scale_factor=1.1, color=self.style.penalty), run_time=1
        )

    @question(
        ask=_("Now turn the arrow and keep its length. How steep will the sheet be?"),
        choices=(_("steeper"), _("the same"), _("flatter")),
        answer=1,
        shows=_("The arrow and the tilted sheet, with the norm of the arrow as its rise."),
        covers=("C2",),
    )
    def guess_the_slope(self) -> None:
        self.play(FadeOut(self.size, self.climb), run_time=0.5)

    @step(
        say=_(
            "<turn>Just as steep: the sheet only faces another way. All functions on this circle are equally complex."
        ),
        shows=_(
            "The arrow has gone once around a dashed circle, the weights of norm 1.2; the sheet is as steep as before."
        ),
        covers=("C2",),
    )
    def turn_the_arrow(self) -> None:
        radius = self.plane.unit * float(np.linalg.norm(WEIGHTS))
        circle = Circle(radius, color=self.style.penalty, stroke_width=3).move_to(self.plane.origin)
        self.circle = Dashes(circle.rotate(np.arctan2(*WEIGHTS[::-1])), 0.16)
        self.follow(self.circle, lambda m: m.reveal(self.turn.get_value() / (2 * np.pi)), self.turn)
        self.play(FadeOut(self.w_name), run_time=0.3)
        self.add(self.circle, self.picture)
        self.play(self.turn.animate.set_value(2 * np.pi), run_time=6)

    @step(
        say=_(
            "<short>Shorten it, and the function sinks towards zero. In eleven dimensions it is the same: <ridge>ridge "
            "brought our polynomial from norm {free} to {calm}."
        ).format(
            free=computed(LENGTH, lambda v: spoken_number(v, 2), **_fit(0.0)),
            calm=computed(LENGTH, lambda v: spoken_number(v, 2), **_fit(None)),
        ),
        shows=_(
            "The arrow has shrunk to a quarter and the sheet is almost flat. Below it two bars, the norms of the "
            "polynomial's weights: 3.1 when it was fitted freely, 1.5 with ridge."
        ),
        covers=("C2",),
    )
    def shorten_the_arrow(self) -> None:
        plane, style = self.plane, self.style
        self.ghost = Arrow(plane.origin, plane.c2p(WEIGHTS), style.faded("ink", 0.35))
        self.add(self.ghost, self.picture)
        self.wait_for("short")
        self.play(self.length.animate.set_value(SHORTENED), run_time=4.4)
        data = noisy_sine()
        self.norms = VGroup()
        names = (_("our polynomial, fitted freely"), _("with ridge regression"))
        rows = VGroup(*(self.words(name, size=SMALL) for name in names))
        rows.arrange([0, -1, 0], buff=0.18, aligned_edge=[1, 0, 0])
        rows.move_to([SAFE.left, SAFE.bottom, 0], aligned_edge=[-1, -1, 0])
        start = rows.get_right()[0] + 0.25
        for row, lam, role in zip(rows, (0.0, data.best), ("minimizer", "ridge"), strict=True):
            value = self.number(LENGTH, digits=2, role=role, size=SMALL, lam=lam, x=data.x, y=data.y)
            y = row.submobjects[0].get_bottom()[1] + 0.1
            end = start + plane.unit * value.number.value
            bar = Line([start, y, 0], [end, y, 0], color=style.color(role), stroke_width=16)
            self.norms.add(VGroup(row, bar, value.next_to(bar, [1, 0, 0], buff=0.2)))
        self.measured = self.formula("@norm", size=SMALL)
        self.measured.next_to(self.norms[0][1], [0, 1, 0], buff=0.15, aligned_edge=[-1, 0, 0])
        self.wait_for("ridge")
        self.play(FadeIn(self.measured), run_time=0.3)
        for row, bar, value in self.norms:
            self.play(FadeIn(row), Create(bar), run_time=0.8)
            self.play(FadeIn(value), run_time=0.3)

    @step(
        say=_("The <lift>bias only lifts the sheet. It adds no slope, so the norm leaves it out."),
        shows=_(
            "The sheet is lifted above its dashed place on the ground, its slope unchanged and the arrow too; in the "
            "formula the bias is underlined."
        ),
        covers=("C2",),
    )
    def lift_by_the_bias(self) -> None:
        mark = self.law.select("bias")
        self.under = Line(mark.get_left(), mark.get_right(), color=self.style.ink, stroke_width=4)
        self.under.next_to(mark, [0, -1, 0], buff=0.08)
        self.wait_for("lift")
        self.play(Create(self.under), FadeOut(self.run, self.rise, self.norms, self.measured), run_time=0.6)
        self.play(self.bias.animate.set_value(LIFT), run_time=3)
