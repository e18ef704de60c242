"""Weights of which only the direction counts: steps lengthen, decay shortens, and the two settle on one circle."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Create,
    Elbow,
    FadeIn,
    GrowFromPoint,
    Transform,
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
    Chart,
    Plane,
    Region,
    dashed,
    polyline,
    question,
    step,
)
from lecture.stage.drawing import set_polyline
from lecture.stage.numbers import spoken_number
from lecture.stage.trace import Trace
from lecture.words import _, computed
from scenes.experiments.rotation import (
    ALPHA,
    LAM,
    ROTATION,
    SCHEDULE,
    STARTS,
    changed,
    cosine,
    scheduled,
    spiral,
)
from scenes.experiments.valleys import valley_gradient
from scenes.parts.scene import WeightDecayScene
from wdmath import rotational_equilibrium, sgd_path

# A step that can be seen: long, but not as long as the weights.
STRIDE = 3.0
#: Steps that are shown of a run.
SHOWN = 600
# Steps before a change that are shown beside what comes after, and for how many the tip leaves a tail.
_BEFORE, _TAIL = 150, 45
# The plane, and the two charts beside it.
PLANE = Region(LEFT_HALF.left, LEFT_HALF.right - 0.4, LEFT_HALF.bottom, LEFT_HALF.top)
UPPER = Region(RIGHT_HALF.left, RIGHT_HALF.right, -0.05, RIGHT_HALF.top)
LOWER = Region(RIGHT_HALF.left, RIGHT_HALF.right, RIGHT_HALF.bottom, -0.35)
# Where the drawn arrows begin to turn.
_OFFSETS = 2 * np.pi * np.arange(3) / 3 + 0.4

_ANGLE = computed("rotational_equilibrium(alpha, lam).angle", alpha=ALPHA, lam=LAM)
# To two digits, to which what was measured is the same.
_NORM = computed(
    "rotational_equilibrium(alpha, lam).norm", lambda v: spoken_number(v, 2), alpha=ALPHA, lam=LAM
)


class Spinner(VGroup):
    """Weights as an arrow: as long as they are, turned as far as they have turned so far; its tip has a tail.

    Parameters
    ----------
    norm, turned : ndarray of shape (T,)
    offset : float
        The angle at which it begins.
    """

    def __init__(self, plane: Plane, norm: np.ndarray, turned: np.ndarray, color: str, offset: float):
        angle = offset + turned
        self.points_of_tip = plane.c2p(norm[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]))
        self._origin = plane.origin
        self.tail = VMobject(color=color, stroke_width=2.5, fill_opacity=0)
        self.arrow = Arrow(plane.origin, self.points_of_tip[0], color)
        super().__init__(self.tail, self.arrow)
        self.show(0.0)

    def show(self, at: float) -> Spinner:
        """Show the weights after so many steps."""
        k = min(int(at), len(self.points_of_tip) - 2)
        here, there = self.points_of_tip[k : k + 2]
        tip = here + (at - k) * (there - here)
        self.arrow.put(self._origin, tip)
        behind = self.points_of_tip[max(0, k - _TAIL) : k + 1]
        set_polyline(self.tail, np.vstack([behind, tip]))
        return self


class RotationalEquilibrium(WeightDecayScene):
    """Where only direction counts, decay and gradients balance: decay times step size sets the speed of turning."""

    title = _("Decay sets the speed of *turning*")
    question_region = Region(RIGHT_HALF.left, RIGHT_HALF.right, -1.2, 0.8)
    theory = rotational_equilibrium(ALPHA, LAM)

    @step(
        say=_(
            "Behind a normalization, only the <direction>direction of the weights counts. So a gradient <step>step "
            "stands at a <right>right angle to them: it turns them, and makes them <longer>longer. Decay <back>brings "
            "them back."
        ),
        shows=_(
            "A weight vector in a circle; a step at a right angle leads out of the circle; an arrow, the decay, leads "
            "back to it, and the vector ends there, turned. The formulas: the step times the weights is zero; the "
            "squared lengths add; decay multiplies by 1 minus alpha lambda."
        ),
        covers=("C9",),
    )
    def step_at_a_right_angle(self) -> None:
        style = self.style
        plane = Plane(LEFT_HALF, [[-0.6, -0.1], [1.05, 1.45]], style, labels=("@w1", "@w2"))
        w, longer = sgd_path(valley_gradient, [np.cos(0.3 * np.pi), np.sin(0.3 * np.pi)], STRIDE, 1)
        # With the decay at which both balance, and the length stays.
        kept = np.sqrt(1 - np.sum((longer - w) ** 2))
        pulled = longer - (1 - kept) * w
        self.balance = w, longer, pulled
        turn = np.linspace(0, 0.72, 80) * np.pi
        circle = polyline(plane.c2p(np.column_stack([np.cos(turn), np.sin(turn)])), style.line, 2.5)
        start, tip, out = plane.c2p([[0.0, 0.0], w, longer])
        weights, grown, back = (Arrow(start, end, style.ridge) for end in (tip, out, plane.c2p(pulled)))
        stride, pull = Arrow(tip, out, style.ink), Arrow(out, plane.c2p(pulled), style.penalty)
        corner = Elbow(0.25, angle=0.8 * np.pi, color=style.ink, stroke_width=3).shift(tip)
        names = VGroup(
            self.formula("@weights", role="ridge").next_to(plane.c2p(0.55 * w), DOWN + RIGHT, buff=0.1),
            self.formula("-@rate @slope").next_to((tip + out) / 2, UP + 0.5 * RIGHT, buff=0.15),
            self.formula("-@rate @lam @weights").next_to(
                plane.c2p((longer + pulled) / 2), UP + LEFT, buff=0.1
            ),
        )
        lines = VGroup(
            self.formula("@slope dot.op @weights = 0"),
            self.formula("norm(@weights - @rate @slope)^2 = norm(@weights)^2 + @rate^2 norm(@slope)^2"),
            self.formula("@weights arrow.l (1 - @rate @lam) @weights - @rate @slope"),
        ).arrange(DOWN, buff=0.6, aligned_edge=LEFT)
        lines.move_to([RIGHT_HALF.left + 0.3, 0.2, 0], aligned_edge=LEFT)
        self.play(Write(self.make_title()), FadeIn(plane), run_time=1)
        self.play(GrowFromPoint(weights, start), FadeIn(names[0]), run_time=1.2)
        self.wait_for("direction")
        self.play(Create(circle), run_time=1.8)
        self.wait_for("step")
        self.play(GrowFromPoint(stride, tip), FadeIn(names[1]), run_time=1.2)
        self.wait_for("right")
        self.play(Create(corner), FadeIn(lines[0]), run_time=1.4)
        self.wait_for("longer")
        self.add(weights.copy().set_color(style.faded("ridge", 0.5)), weights, stride)
        self.play(Transform(weights, grown), FadeIn(lines[1]), run_time=1.5)
        self.wait_for("back")
        self.play(GrowFromPoint(pull, out), FadeIn(names[2], lines[2]), run_time=1)
        self.play(Transform(weights, back), run_time=0.8)

    @question(
        ask=_(
            "Three weight vectors: a short one, a longer one, a long one. All have the same step size and the same "
            "decay. Which will be longest after many steps?"
        ),
        shows=_("Three arrows from the origin: one short, one four times, and one ten times as long."),
        choices=(
            _("the longest"),
            _("the shortest"),
            _("none: all alike"),
        ),
        answer=2,
    )
    def which_will_be_longest(self) -> None:
        style, run = self.style, spiral()
        self.clear_stage()
        self.plane = plane = Plane(
            PLANE, 1.02 * STARTS[-1] * np.array([[-1, -1], [1, 1]]), style, labels=("", ""), margin=0.1
        )
        plane.axis_labels.set_opacity(0)
        self.spinners = VGroup(
            *(
                Spinner(plane, norm, turned, style.ridge, offset)
                for norm, turned, offset in zip(run.norm, run.turned, _OFFSETS, strict=True)
            )
        )
        self.settings_line = self._settings(ALPHA, LAM)
        self.play(FadeIn(plane.axes, self.settings_line), run_time=0.8)
        self.play(*(GrowFromPoint(s.arrow, plane.origin) for s in self.spinners), run_time=1.2)

    def _settings(self, alpha: float, lam: float) -> VGroup:
        """Step size and penalty, in the corner beside the title."""
        line = VGroup(
            self.number("alpha", digits=1, template="@rate = {}", alpha=alpha),
            self.number("lam", digits=1, template="@lam = {}", role="penalty", lam=lam),
        ).arrange(RIGHT, buff=0.6)
        return self.at_top_right(line)

    @step(
        say=_(
            "The short one is <spin>thrown outward, the long one sinks in. All three arrive on <circle>one circle. "
            "There they turn by the same angle in every step: the <angle>root of two {rate} {lam}, {angle} radians."
        ).format(angle=_ANGLE),
        shows=_(
            "All three arrows have the same length and circle around the origin. At the right their lengths over the "
            "steps, which meet at {norm}, and the angles of a step, which meet at {angle}: both as in theory."
        ).format(angle=_ANGLE, norm=_NORM),
        covers=("C9",),
        experiments=(ROTATION,),
    )
    def spiral_onto_one_circle(self) -> None:
        style, run, plane = self.style, spiral(), self.plane
        theory = self.theory
        length = self._chart(
            UPPER,
            (0, SHOWN),
            (0.2, 3.0),
            _("length of the weights"),
            {0.25: "0.25", 1: "1", 2.5: "2.5"},
            True,
        )
        angle = self._chart(
            LOWER, (0, SHOWN), (0.005, 1.0), _("angle of a step"), {0.01: "0.01", 0.1: "0.1", 1: "1"}, True
        )
        steps = np.arange(SHOWN + 1)
        traces = VGroup(
            *(Trace(length.c2p(steps, norm[: SHOWN + 1]), style.ridge, width=4) for norm in run.norm),
            *(Trace(angle.c2p(steps[1:], turn[:SHOWN]), style.ridge, width=4) for turn in run.angle),
        )
        now = ValueTracker(0.0)
        self.play(FadeIn(length, angle), run_time=0.6)
        group = VGroup(self.spinners, traces)
        self.follow(group, lambda m: self._advance(m, now.get_value()), now)
        self.add(group)
        self.wait_for("spin")
        self.play(now.animate(rate_func=linear).set_value(0.55 * SHOWN), run_time=4.5)
        turn = np.linspace(0, 2 * np.pi, 181)
        circle = polyline(
            plane.c2p(theory.norm * np.column_stack([np.cos(turn), np.sin(turn)])), style.ink, 2.5
        )
        self.circle = dashed(circle, 0.09)
        self.wait_for("circle")
        self.play(Create(self.circle), now.animate(rate_func=linear).set_value(0.75 * SHOWN), run_time=3.4)
        self.wait_for("angle")
        level, name = self._level(angle, float(theory.angle))
        found = self._found(length, angle, run)
        self.play(
            Create(level),
            FadeIn(name),
            now.animate(rate_func=linear).set_value(SHOWN),
            run_time=2.2,
        )
        self.play(FadeIn(found), run_time=0.6)
        self.charts = VGroup(length, angle, traces, level, name, found)

    def _advance(self, group: VGroup, at: float) -> None:
        spinners, traces = group
        for spinner in spinners:
            spinner.show(at)
        for trace in traces:
            trace.show(at / SHOWN)

    def _level(self, chart: Chart, height: float) -> tuple[VMobject, Any]:
        """Where theory has the angle, with its formula above it."""
        ends = chart.c2p([0.0, SHOWN], [height, height])
        level = dashed(polyline(ends, self.style.ink, 3))
        name = self.formula("sqrt(2 @rate @lam)", size=SMALL)
        name.next_to(chart.c2p(0.66 * SHOWN, height), UP, buff=0.12)
        return level, name

    def _found(self, length: Chart, angle: Chart, run: Any) -> VGroup:
        """Measured values, means over the last 300 steps of all three."""
        shown = VGroup()
        for chart, values in ((length, run.norm), (angle, run.angle)):
            number = self.number(
                "np.mean(values)", digits=3, role="ridge", values=values[:, -300:].mean(axis=1)
            )
            at = np.array([chart.box.right, chart.c2p(0, float(number.number.value))[1], 0])
            shown.add(number.move_to(at + 0.4 * DOWN, aligned_edge=RIGHT))
        return shown

    def _chart(
        self,
        region: Region,
        x: tuple[float, float],
        y: tuple[float, float],
        name: Any,
        ticks: dict[float, str],
        log: bool = False,
    ) -> Chart:
        last = int(100 * np.floor(x[1] / 100))
        return Chart(
            region,
            x,
            y,
            self.style,
            labels=(_("step"), name),
            x_ticks={0: "0", last // 2: str(last // 2)},
            y_ticks=ticks,
            y_log=log,
        )

    @step(
        say=_(
            "Now take <knobs>twice the step size, and half the decay. At first the weights turn faster. Then they "
            "have grown, by the <grown>fourth root of four, and the angle is <same>back where it was. Only the "
            "product {rate} {lam} sets the speed of turning."
        ),
        shows=_(
            "One arrow circles on a larger circle than before. At the right its length has grown from {before} to "
            "{after}; the angle of a step has jumped up and come back to {angle}."
        ).format(
            before=_NORM,
            after=computed(
                "rotational_equilibrium(alpha, lam).norm",
                lambda v: spoken_number(v, 2),
                alpha=2 * ALPHA,
                lam=LAM / 2,
            ),
            angle=_ANGLE,
        ),
        covers=("C9",),
        experiments=(ROTATION,),
    )
    def turn_both_dials(self) -> None:
        before, run = spiral(), changed()
        norm = np.concatenate([before.norm[1, -_BEFORE - 1 : -1], run.norm[0, : SHOWN + 1]])
        angle = np.concatenate([before.angle[1, -_BEFORE:], run.angle[0, :SHOWN]])
        self._begin_again(norm, angle, (0.0, 1.25), (0.0, 0.22), {0: "0", 0.5: "0.5", 1: "1"})
        for k, (alpha, lam) in enumerate(((ALPHA, LAM), (2 * ALPHA, LAM / 2))):
            ring = self._ring(float(rotational_equilibrium(alpha, lam).norm))
            if k == 0:
                self.play(Create(ring), run_time=0.6)
        self.play(self.now.animate(rate_func=linear).set_value(_BEFORE), run_time=1.5)
        self.wait_for("knobs")
        settings = self._settings(2 * ALPHA, LAM / 2)
        self.play(Transform(self.settings_line, settings), run_time=0.6)
        self.play(self.now.animate(rate_func=linear).set_value(_BEFORE + 250), run_time=5)
        self.wait_for("grown")
        self.play(Create(ring), self.now.animate(rate_func=linear).set_value(_BEFORE + 400), run_time=1.8)
        self.wait_for("same")
        level = self._dashes(self.angle_chart, np.array([0, _BEFORE + SHOWN]), np.full(2, self.theory.angle))
        self.play(Create(level), self.now.animate(rate_func=linear).set_value(_BEFORE + SHOWN), run_time=3.4)

    def _ring(self, radius: float) -> VMobject:
        turn = np.linspace(0, 2 * np.pi, 181)
        points = self.plane.c2p(radius * np.column_stack([np.cos(turn), np.sin(turn)]))
        return dashed(polyline(points, self.style.ink, 2.5), 0.09)

    def _dashes(self, chart: Chart, x: np.ndarray, y: np.ndarray) -> VMobject:
        return dashed(polyline(chart.c2p(x, y), self.style.ink, 3))

    def _begin_again(
        self,
        norm: np.ndarray,
        angle: np.ndarray,
        lengths: tuple[float, float],
        angles: tuple[float, float],
        ticks: dict[float, str],
    ) -> None:
        """One arrow in a plane that is twice as large, and charts for what it will do."""
        style, steps = self.style, len(norm) - 1
        self.clear_stage(self.settings_line)
        self.plane = Plane(PLANE, 1.1 * np.array([[-1, -1], [1, 1]]), style, labels=("", ""), margin=0.1)
        self.plane.axis_labels.set_opacity(0)
        turned = np.concatenate([[0.0], np.cumsum(angle)])
        spinner = Spinner(self.plane, norm, turned, style.ridge, 0.4)
        self.length_chart = self._chart(UPPER, (0, steps), lengths, _("length of the weights"), ticks)
        self.angle_chart = self._chart(LOWER, (0, steps), angles, _("angle of a step"), {0: "0", 0.1: "0.1"})
        at = np.arange(steps + 1)
        traces = VGroup(
            Trace(self.length_chart.c2p(at, norm), style.ridge, width=4),
            Trace(self.angle_chart.c2p(at[1:], angle), style.ridge, width=4),
        )
        change = VGroup(
            *(
                dashed(polyline(np.array([c.c2p(_BEFORE, y[0]), c.c2p(_BEFORE, y[1])]), style.dim, 2.5))
                for c, y in ((self.length_chart, lengths), (self.angle_chart, angles))
            )
        )
        self.now = now = ValueTracker(0.0)

        def advance(group: VGroup) -> None:
            spinner.show(now.get_value())
            for trace in traces:
                trace.show(now.get_value() / steps)

        self.play(FadeIn(self.plane.axes, self.length_chart, self.angle_chart, change, spinner), run_time=0.8)
        self.add(self.follow(VGroup(spinner, traces), advance, now))

    @step(
        say=_(
            "Training ends with a <fall>falling step size. The circle of equilibrium shrinks. But smaller steps also "
            "decay less, and the weights <lag>lag behind: they stay long, and so they turn even <less>less than "
            "equilibrium would have it."
        ),
        shows=_(
            "The step size has fallen to almost nothing along a cosine. The arrow is longer than the dashed curve of "
            "equilibrium, and the angle of a step is below its dashed curve."
        ),
        covers=("C8", "C9"),
        experiments=(ROTATION,),
    )
    def lower_the_step_size(self) -> None:
        before, run = spiral(), scheduled()
        end = int(0.95 * SCHEDULE)
        norm = np.concatenate([before.norm[1, -_BEFORE - 1 : -1], run.norm[0, : end + 1]])
        angle = np.concatenate([before.angle[1, -_BEFORE:], run.angle[0, :end]])
        share = np.concatenate([np.ones(_BEFORE), cosine(SCHEDULE)[: end + 1]])
        self._begin_again(norm, angle, (0.0, 0.85), (0.0, 0.125), {0: "0", 0.5: "0.5"})
        steps = len(norm) - 1
        alpha = self.live_number(
            "alpha * np.interp(k, np.arange(np.size(share)), share)",
            self.now,
            decimals=4,
            variable="k",
            alpha=ALPHA,
            share=share,
        )
        name = self.formula("@rate =", size=BODY)
        lam = self.number("lam", digits=1, template="@lam = {}", role="penalty", lam=LAM)
        line = VGroup(name, alpha, lam).arrange(RIGHT, buff=0.2)
        self.at_top_right(line)
        alpha.follow_equals(name)
        VGroup(name, alpha).next_to(lam, LEFT, buff=0.5)
        self.remove(self.settings_line)
        self.add(line)
        at = np.arange(0, steps + 1, 25)
        still = rotational_equilibrium(ALPHA * share[at], LAM)
        curves = [
            self._dashes(self.length_chart, at, np.asarray(still.norm)),
            self._dashes(self.angle_chart, at, np.asarray(still.angle)),
        ]
        self.play(self.now.animate(rate_func=linear).set_value(_BEFORE), run_time=1.2)
        self.wait_for("fall")
        self.play(
            Create(curves[0]),
            self.now.animate(rate_func=linear).set_value(_BEFORE + 0.5 * SCHEDULE),
            run_time=6.3,
        )
        self.wait_for("lag")
        self.play(self.now.animate(rate_func=linear).set_value(_BEFORE + 0.8 * SCHEDULE), run_time=2.2)
        self.wait_for("less")
        name = self.words(_("dashed: equilibrium"), role="dim", size=SMALL)
        name.move_to(self.length_chart.c2p(_BEFORE + 60, 0.12), aligned_edge=LEFT)
        self.play(
            Create(curves[1]),
            FadeIn(name),
            self.now.animate(rate_func=linear).set_value(steps),
            run_time=2.2,
        )
        self.late = norm, angle, still
