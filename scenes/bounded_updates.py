"""Lion and Muon make steps of bounded size: with decoupled decay their weights never pass one over the penalty."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Create,
    Dot,
    FadeIn,
    FadeOut,
    GrowFromPoint,
    Indicate,
    LaggedStart,
    Square,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
    linear,
)

from lecture.stage import (
    BODY,
    LEFT_HALF,
    RIGHT_HALF,
    SMALL,
    Arrow,
    Plane,
    Region,
    dashed,
    polyline,
    question,
    step,
)
from lecture.stage.backing import place_backed
from lecture.stage.drawing import set_dashed_polyline, set_polyline, set_segments, swell
from lecture.stage.numbers import percent
from lecture.stage.trace import Trace
from lecture.words import _, computed
from scenes.experiments.bounded import BOX, LAM, LAMS, MATRIX, MUON_LAM, box, matrices
from scenes.parts.contours import risk_contours
from scenes.parts.scene import WeightDecayScene
from wdmath import ridge_minimizer

# Frame units for a push of one step.
_PUSH = 0.9
# The strongest penalty that is shown.
_LAST = 2.0
_CORNERS = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [1.0, 1.0]])


def _kept() -> Any:
    """Share of the length that Lion keeps inside the walls by one row a step, for words."""
    return computed(
        "np.linalg.norm(noisy) / np.linalg.norm(quadratic.minimizer)",
        percent,
        noisy=lambda problem: box().noisy[0],
        quadratic=lambda problem: box().risk,
    )


def _half_axis(kind: str, k: int) -> Any:
    """A singular value at the end of a path of Muon, for words."""
    return computed(
        f"np.linalg.svd(weights, compute_uv=False)[{k}]",
        lambda v: f"{v:.1f}",
        weights=lambda problem: getattr(matrices(), kind)[-100:].mean(axis=0),
    )


class BoundedUpdates(WeightDecayScene):
    """Where steps have one size, decay is a wall: nothing changes inside, and nothing gets beyond."""

    title = _("Where steps are bounded, decay is a *wall*")
    question_region = Region(RIGHT_HALF.left + 0.3, RIGHT_HALF.right, -2.9, -0.9)

    @step(
        say=_(
            "Lion looks only at the <sign>sign of the gradient: every weight <moves>moves by {rate}, up or down. The "
            "decay pulls it <pull>back by {rate} {lam} times the weight. At one over {lam} both are <equal>equal: a "
            "<wall>wall that no weight can pass."
        ),
        shows=_(
            "On the first axis of the plane of two weights a dot at one over {lam}. A push outward and a pull back are "
            "equally long there. Walls at one over {lam}, up and down, left and right, make a square around zero."
        ),
        covers=("C9",),
    )
    def find_the_wall(self) -> None:
        style = self.style
        self.plane = plane = Plane(
            LEFT_HALF, [[-0.9, -0.7], [2.3, 2.1]], style, labels=("@theta1", "@theta2"), margin=0.3
        )
        rule = self.formula(
            "@theta <- (1 - @rate @lam) @theta - @rate @sign chevron.l @gradient chevron.r",
            size=40,
        )
        rule.move_to([RIGHT_HALF.left + 0.3, RIGHT_HALF.top - 0.1, 0], aligned_edge=UP + LEFT)
        note = self.words(
            _("{open} {close}: a running mean").format(open="$chevron.l$", close="$chevron.r$"),
            role="dim",
            size=SMALL,
        )
        note.next_to(rule, DOWN, buff=0.3, aligned_edge=LEFT)
        out = ValueTracker(0.4)
        dot = Dot(radius=0.1, color=style.ink).set_z_index(4)
        push, pull = Arrow([0, 0, 0], [1, 0, 0], style.ink), Arrow([0, 0, 0], [1, 0, 0], style.penalty)
        forces = VGroup(push, pull, dot)

        def act(group: VGroup) -> None:
            at = plane.c2p([out.get_value(), 0.0])
            dot.move_to(at)
            push.put(at + 0.28 * UP, at + 0.28 * UP + _PUSH * RIGHT)
            pull.put(at - 0.28 * UP, at - 0.28 * UP + _PUSH * LAM * out.get_value() * LEFT)

        self.play(Write(self.make_title()), FadeIn(plane), run_time=1)
        self.wait_for("sign")
        act(forces)
        self.play(FadeIn(rule, note), FadeIn(dot), GrowFromPoint(push, push.get_left()), run_time=1.2)
        self.wait_for("moves")
        self.play(swell(push.shaft, 11), run_time=2.2)
        self.wait_for("pull")
        self.play(GrowFromPoint(pull, pull.get_right()), run_time=0.8)
        self.follow(forces, act, out)
        self.add(forces)
        self.play(out.animate.set_value(1 / LAM), run_time=3.2)
        self.wait_for("equal")
        self.rate = self.number("lam", digits=1, template="@lam = {}", role="penalty", lam=LAM)
        self.bound = self.formula("abs(@thetaj) <= 1 / @lam")
        self.reading = VGroup(self.bound, self.rate).arrange(RIGHT, buff=0.7)
        self.reading.next_to(note, DOWN, buff=0.45, aligned_edge=LEFT)
        self.play(FadeIn(self.reading), run_time=0.7)
        self.wait_for("wall")
        self.lam = ValueTracker(LAM)
        self.walls = VMobject(color=style.penalty, stroke_width=5, fill_opacity=0)
        self.stand(self.walls)
        self.play(Create(self.walls), run_time=1.8)
        forces.clear_updaters()
        self.forces = forces

    def stand(self, walls: VMobject) -> None:
        """Put the walls where the penalty has them now."""
        set_dashed_polyline(
            walls, self.plane.c2p(_CORNERS / self.lam.get_value()), within=self.plane.region.grown(-0.05)
        )

    @question(
        ask=_("Here is a risk whose minimizer lies inside the walls. Where will Lion rest?"),
        shows=_("Slanted contours around a minimizer inside the square of walls."),
        choices=(_("at {ridge}"), _("at {min}"), _("at a wall")),
        answer=1,
        covers=("C9",),
    )
    def where_will_it_rest(self) -> None:
        style, risk, plane = self.style, box().risk, self.plane
        levels = 0.5 * (0.33 * np.arange(1, 6)) ** 2
        self.contours = risk_contours(plane, risk, levels, style.line, within=plane.drawing_region)
        tip = plane.c2p(risk.minimizer)
        self.minimizer = Dot(tip, radius=0.1, color=style.minimizer).set_z_index(2)
        self.name = self.formula("@min")
        self.name = place_backed(
            self.name, style, tip, avoid=[self.walls], over=[self.contours], prefer=(0.6, 1), gap=0.25
        )
        self.play(FadeOut(self.forces), run_time=0.4)
        self.play(
            LaggedStart(*(Create(c) for c in self.contours), lag_ratio=0.2),
            FadeIn(self.minimizer, self.name),
            run_time=1.4,
        )

    @step(
        say=_(
            "Lion goes <lion>all the way. Around the minimizer its signs <flip>flip, and flip a little <often>more "
            "often against the decay. Gradient <control>descent with L2 and the same {lam} stops at ridge."
        ),
        shows=_(
            "From one start two paths: a square, Lion, has come to the minimizer, and a dot, gradient descent with the "
            "same penalty, to the ridge minimizer, much nearer to zero."
        ),
        covers=("C9",),
        experiments=(BOX,),
    )
    def race_to_the_minimizer(self) -> None:
        style, plane, runs = self.style, self.plane, box()
        ways = [plane.c2p(path[:2400:8]) for path in (runs.lion, runs.descent)]
        self.square = Square(0.2, color=style.ink, fill_opacity=1).set_z_index(4)
        self.rest = Dot(radius=0.1, color=style.ridge).set_z_index(3)
        names = VGroup(
            self.words(_("Lion"), size=SMALL),
            self.words(_("gradient descent with L2"), role="ridge", size=SMALL),
        ).arrange(DOWN, buff=0.25, aligned_edge=LEFT)
        keys = VGroup(self.square.copy(), self.rest.copy())
        for key, name in zip(keys, names, strict=True):
            key.next_to(name, LEFT, buff=0.25)
        self.legend = VGroup(keys, names).next_to(self.reading, DOWN, buff=0.6, aligned_edge=LEFT)
        traces = VGroup(Trace(ways[0], style.ink, width=4), Trace(ways[1], style.ridge, width=4))
        self.wait_for("lion")
        self._walk(self.square, traces[0], ways[0], VGroup(keys[0], names[0]), run_time=4)
        self.wait_for("flip")
        self.play(Indicate(self.square, color=style.ink, scale_factor=1.8), run_time=1.2)
        self.wait_for("often")
        self.play(Indicate(self.square, color=style.ink, scale_factor=1.8), run_time=1.2)
        self.wait_for("control")
        self._walk(self.rest, traces[1], ways[1], VGroup(keys[1], names[1]), run_time=3)
        self.ridge_name = self.formula("@ridge", size=38)
        self.ridge_name = place_backed(
            self.ridge_name,
            style,
            self.rest.get_center(),
            avoid=[traces, self.walls, self.name, self.square],
            over=[self.contours, plane],
            prefer=(-0.3, -1),
            gap=0.25,
        )
        self.play(FadeIn(self.ridge_name), run_time=0.4)
        self.traces = traces
        self.lion_end, self.descent_end = plane.p2c([self.square.get_center(), self.rest.get_center()])

    def _walk(self, mark: Any, trace: Trace, way: np.ndarray, key: VGroup, run_time: float) -> None:
        """Let a mark go its way, with its name."""
        now, moving = ValueTracker(0.0), VGroup(trace, mark.move_to(way[0]))

        def go(group: VGroup) -> None:
            share = now.get_value()
            group[0].show(share)
            group[1].move_to(way[min(int(share * len(way)), len(way) - 1)])

        self.play(FadeIn(key, mark), run_time=0.4)
        self.add(self.follow(moving, go, now))
        self.play(now.animate(rate_func=linear).set_value(1.0), run_time=run_time)
        moving.clear_updaters()

    @step(
        say=_(
            "Now let {lam} rise. Ridge gives way at <once>once. Lion waits for the wall. It <push>pushes one weight "
            "back, and the other grows to make up for it, until it <corner>meets its own wall. With <noise>one row a "
            "step, signs are noisy, and Lion <inside>shrinks inside the walls, too: at <first>first it keeps {kept}."
        ).format(kept=_kept()),
        shows=_(
            "The walls have closed in around zero. Lion's path over all penalties runs from the minimizer along the "
            "wall, up to the corner, and with it towards zero; pale dots beside it by one row a step. The ridge path "
            "bends from the minimizer towards zero."
        ),
        covers=("C9",),
        experiments=(BOX,),
    )
    def move_the_walls(self) -> None:
        style, plane, runs = self.style, self.plane, box()
        way, ridges = plane.c2p(runs.rests), plane.c2p(ridge_minimizer(runs.risk, LAMS))
        lion, ridge = (VMobject(color=c, stroke_width=4, fill_opacity=0) for c in (style.ink, style.ridge))
        live = self.live_number("lam", self.lam, decimals=2, role="penalty", size=BODY, variable="lam")
        sign = self.formula("@lam =", role="penalty", size=BODY)
        live_line = VGroup(sign, live).arrange(RIGHT, buff=0.2)
        live_line.move_to(self.rate, aligned_edge=LEFT)
        live.follow_equals(sign)

        def show(group: VGroup) -> None:
            at = float(np.interp(self.lam.get_value(), LAMS, np.arange(len(LAMS))))
            k = int(at)
            self.stand(self.walls)
            for curve, points, mark in ((lion, way, self.square), (ridge, ridges, self.rest)):
                tip = points[k] + (at - k) * (points[min(k + 1, len(points) - 1)] - points[k])
                set_polyline(curve, np.vstack([points[: k + 1], tip]))
                mark.move_to(tip)

        self.play(FadeOut(self.traces, self.ridge_name, self.rate), FadeIn(live_line), run_time=1)
        moving = self.follow(VGroup(self.walls, lion, ridge, self.square, self.rest), show, self.lam)
        self.add(moving)
        right = float(runs.risk.minimizer[0])
        both = float(LAMS[np.argmax(np.ptp(np.abs(runs.nearest), axis=1) < 1e-9)])
        self.wait_for("once")
        self.play(self.lam.animate(rate_func=linear).set_value(1 / right), run_time=2.6)
        self.wait_for("push")
        self.play(self.lam.animate(rate_func=linear).set_value(both), run_time=3.6)
        self.wait_for("corner")
        self.play(self.lam.animate(rate_func=linear).set_value(_LAST), run_time=2.6)
        moving.clear_updaters()
        self.wait_for("noise")
        dots = VGroup(
            *(
                Square(0.12, color=style.faded("ink", 0.6), fill_opacity=1, stroke_width=0).move_to(at)
                for at in plane.c2p(runs.noisy[LAMS <= _LAST][::6])
            )
        )
        noisy = self.words(_("Lion, one row a step"), role="dim", size=SMALL)
        key = dots[0].copy()
        noisy.next_to(self.legend[1], DOWN, buff=0.25, aligned_edge=LEFT)
        key.next_to(noisy, LEFT, buff=0.25).align_to(self.legend[0][0].get_center(), LEFT)
        self.play(FadeIn(noisy, key), run_time=1)
        self.wait_for("inside")
        self.play(LaggedStart(*(FadeIn(d, scale=0.5) for d in dots), lag_ratio=0.2), run_time=2)
        self.wait_for("first")
        self.play(Indicate(dots[0], color=style.ink, scale_factor=2), run_time=1.4)

    @step(
        say=_(
            "Muon bounds <matrix>matrices. See what one makes of a circle: an <ellipse>ellipse. Every step lengthens "
            "both half axes alike; <free>without decay they <grow>grow to {one} and {other}. With <bound>decay none "
            "gets past one over {lam}, and the shorter one is left alone. <ridge>Ridge shrinks both."
        ).format(one=_half_axis("free", 0), other=_half_axis("free", 1)),
        shows=_(
            "A circle of walls with radius one over {lam}. A pale ellipse reaches far out of it; one that touches it "
            "has the same short axis; a third, of ridge, is smaller along both axes. At the right their half axes."
        ),
        covers=("C9",),
        experiments=(MATRIX,),
    )
    def bound_a_matrix(self) -> None:
        style, runs = self.style, matrices()
        self.clear_stage()
        self.plane = plane = Plane(LEFT_HALF, [[-1.9, -1.9], [1.9, 1.9]], style, labels=("", ""), margin=0.15)
        rule = self.formula("@matrix <- (1 - @rate @lam) @matrix - @rate @orthogonal", size=40)
        note = self.words(_("{orthogonal}: a turn, or a mirror"), role="dim", size=SMALL)
        head = VGroup(rule, note).arrange(DOWN, buff=0.3, aligned_edge=LEFT)
        head.move_to([RIGHT_HALF.left + 0.3, RIGHT_HALF.top - 0.1, 0], aligned_edge=UP + LEFT)
        strength = self.number("lam", digits=1, template="@lam = {}", role="penalty", lam=MUON_LAM)
        lines = [
            [self.words(name, role=role), *self._half_axes(weights, role)]
            for name, role, weights in (
                (_("no decay"), "minimizer", runs.free[-100:].mean(axis=0)),
                (_("decay"), "ink", runs.bound[-100:].mean(axis=0)),
                (_("ridge"), "ridge", runs.descent),
            )
        ]
        table = VGroup(*(VGroup(*line) for line in lines))
        VGroup(*(m for line in lines for m in line)).arrange_in_grid(
            3, 3, buff=(0.5, 0.35), cell_alignment=LEFT
        )
        table.next_to(head, DOWN, buff=0.9, aligned_edge=LEFT)
        caption = self.words(_("half axes"), role="dim", size=SMALL)
        caption.next_to(lines[0][1], UP, buff=0.25, aligned_edge=LEFT)
        turn = np.linspace(0, 2 * np.pi, 181)
        unit = np.column_stack([np.cos(turn), np.sin(turn)])
        circle = polyline(plane.c2p(unit), style.line, 3)
        self.play(FadeIn(plane.axes), run_time=0.5)
        self.wait_for("matrix")
        self.play(FadeIn(head), Create(circle), run_time=1.2)
        self.wait_for("ellipse")
        self.play(FadeOut(circle), run_time=0.4)
        self._grow(runs.free, style.faded("minimizer", 0.8))
        self.wait_for("free")
        self.play(FadeIn(table[0][0], caption), run_time=1)
        self.wait_for("grow")
        self.play(FadeIn(table[0][1:]), run_time=1.4)
        self.wait_for("bound")
        wall = dashed(polyline(plane.c2p(unit / MUON_LAM), style.penalty, 5))
        strength.next_to(plane.c2p([0.85 / MUON_LAM, 0.85 / MUON_LAM]), RIGHT + UP, buff=0.15)
        self.play(Create(wall), FadeIn(strength), run_time=1)
        self._grow(runs.bound, style.ink)
        self.play(FadeIn(table[1]), run_time=0.5)
        self.wait_for("ridge")
        ridge = self._ellipse(style.ridge)
        self._shape(ridge, runs.descent)
        self.play(Create(ridge), FadeIn(table[2]), run_time=1.2)

    def _half_axes(self, weights: np.ndarray, role: str) -> list[Any]:
        """Both singular values, on screen."""
        return [
            self.number(
                f"np.linalg.svd(weights, compute_uv=False)[{k}]", digits=2, role=role, weights=weights
            )
            for k in (0, 1)
        ]

    def _ellipse(self, color: str) -> VMobject:
        return VMobject(color=color, stroke_width=4, fill_opacity=0)

    def _shape(self, curve: VMobject, weights: np.ndarray) -> None:
        """Draw what a matrix makes of the unit circle, and its half axes."""
        turn = np.linspace(0, 2 * np.pi, 181)
        _left, lengths, directions = np.linalg.svd(weights + 1e-9 * np.eye(2))
        points = self.plane.c2p((np.column_stack([np.cos(turn), np.sin(turn)]) * lengths) @ directions)
        middle = np.tile(self.plane.origin, (2, 1))
        starts = np.concatenate([points[:-1], middle])
        set_segments(curve, starts, np.concatenate([points[1:], points[[0, 45]]]))

    def _grow(self, path: np.ndarray, color: str) -> None:
        """Let the ellipse of a matrix grow along a path of matrices."""
        curve, now = self._ellipse(color), ValueTracker(0.0)
        self.follow(curve, lambda m: self._shape(m, path[min(int(now.get_value()), len(path) - 1)]), now)
        self.add(curve)
        self.play(now.animate(rate_func=linear).set_value(len(path) - 1.0), run_time=3.5)
        curve.clear_updaters()
