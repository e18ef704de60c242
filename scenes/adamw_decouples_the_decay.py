"""Adam divides gradient and penalty alike and rests at ridge; AdamW divides only the gradient and rests elsewhere."""

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
    Line,
    Square,
    Transform,
    ValueTracker,
    VGroup,
    Write,
    linear,
    rush_from,
)

from lecture.stage import (
    LEFT_HALF,
    RIGHT_HALF,
    SAFE,
    SMALL,
    Arrow,
    Chart,
    Plane,
    Region,
    dashed,
    place,
    polyline,
    question,
    step,
)
from lecture.stage.backing import backed, place_backed
from lecture.stage.derivation import Birth
from lecture.stage.drawing import swell
from lecture.stage.trace import Trace
from lecture.words import _, computed
from scenes.experiments.adam import (
    ADAM,
    BATCHES,
    SCHEDULE,
    adam_runs,
    divisor,
    rescaled_loss,
    rests,
    scheduled,
    slide,
)
from scenes.experiments.rotation import cosine
from scenes.parts.contours import risk_contours
from scenes.parts.scene import WeightDecayScene
from wdmath import ridge_minimizer

# Adam's divisor and AdamW's extra term; chevrons around a term stand for its running mean.
ADAM_RULE = (
    "{{ @change = -@rate : step }} ({{ chevron.l : open }} {{ @gradient : gradient }} + "
    "{{ @lam @theta : penalty }} {{ chevron.r : close }}) / {{ sqrt(@square) : divisor }}"
)
# Without divisor and running mean it is gradient descent.
PLAIN = (
    "{{ @change = -@rate : step }} {{ paren.l : open }} {{ @gradient : gradient }} + "
    "{{ @lam @theta : penalty }} {{ paren.r : close }}"
)
ADAMW_RULE = (
    "{{ @change = -@rate : step }} ({{ chevron.l : open }} {{ @gradient : gradient }} {{ chevron.r : close }}) / "
    "{{ sqrt(@square) : divisor }} - @rate {{ @lam @theta : penalty }}"
)
PARTS = ("step", "open", "gradient", "close", "divisor", "penalty")
# Of the coordinates' unit: how long forces of 1 are drawn.
FORCE = 0.6


def _kept(k: int, coordinate: int) -> Any:
    """Share of a weight that AdamW keeps with the k-th batch size, for words."""
    return computed(
        f"rests[{k}][{coordinate}] / quadratic.minimizer[{coordinate}]",
        lambda v: f"{v:.2f}",
        rests=lambda problem: rests()[1],
        quadratic=lambda problem: adam_runs().risk,
    )


def _ridge_kept(coordinate: int) -> Any:
    """Share of a weight that ridge keeps, for words."""
    return computed(
        f"shrinkage_factors(quadratic.eigenvalues, 1.0)[{coordinate}]",
        lambda v: f"{v:.2f}",
        quadratic=lambda problem: adam_runs().risk,
    )


class AdamWDecouplesTheDecay(WeightDecayScene):
    """Adam with L2 rests where gradient descent does; AdamW rests elsewhere, and where depends on the batches."""

    title = _("*AdamW* divides the gradient, not the decay")
    question_region = Region(RIGHT_HALF.left + 0.3, SAFE.right, -3.3, -1.3)

    @step(
        say=_(
            "Two weights, one of a feature left in a finer unit. <narrow>Along {theta1} the risk curves "
            "<sixteen>sixteen times as much. <descent>Gradient descent with L2 adds the <rule>penalty's pull to the "
            "gradient."
        ),
        shows=_(
            "Narrow upright contours around the minimizer in the plane of two weights, with curvatures 16 and 1. At "
            "the right the step of gradient descent with L2."
        ),
        covers=("C9",),
    )
    def scale_one_feature_up(self) -> None:
        self.runs = adam_runs()
        style, risk = self.style, self.runs.risk
        labels = "{{ @theta1 : eig1 }}", "{{ @theta2 : eig2 }}"
        self.plane = Plane(LEFT_HALF, [[-0.1, -0.05], [1.85, 1.95]], style, labels=labels)
        levels = 0.5 * (0.2 * np.arange(1, 5)) ** 2
        self.contours = risk_contours(self.plane, risk, levels, style.line)
        self.tip = self.plane.c2p(risk.minimizer)
        self.minimizer = Dot(self.tip, radius=0.1, color=style.minimizer).set_z_index(2)
        self.name = self.formula("@min")
        place(self.name, self.tip, avoid=[self.contours], prefer=(1, 0.1), gap=0.3)
        self.curvatures = VGroup(
            *(
                self.number(
                    f"risk.eigenvalues[{k}]",
                    digits=2 - k,
                    role=f"eig{k + 1}",
                    template=f"@s{k + 1} = {{}}",
                    risk=risk,
                )
                for k in (0, 1)
            )
        )
        # Each beside the end of its axis.
        level, upright = self.plane.axes[0], self.plane.axis_labels[1]
        self.curvatures[0].move_to(level.get_right() + np.array([0, -0.1, 0]), aligned_edge=[1, 1, 0])
        self.curvatures[1].next_to(upright, [1, 0, 0], buff=0.4)
        self.plain = self._block(_("*Gradient descent* with L2"), PLAIN)
        self.play(Write(self.make_title()), FadeIn(self.plane, self.minimizer, self.name), run_time=1.8)
        self.wait_for("narrow")
        self.play(
            LaggedStart(*(Create(c) for c in self.contours), lag_ratio=0.25),
            run_time=1.8,
        )
        self.wait_for("sixteen")
        self.play(FadeIn(self.curvatures), run_time=1.2)
        self.wait_for("descent")
        self.play(FadeIn(self.plain[0], shift=0.2 * UP), run_time=1.2)
        self.wait_for("rule")
        self.play(FadeIn(self.plain[1], shift=0.2 * UP), run_time=0.8)

    def _block(self, head: Any, rule: str) -> VGroup:
        """The name of a method and its step."""
        block = VGroup(self.words(head), self.formula(rule)).arrange(DOWN, buff=0.3, aligned_edge=LEFT)
        return block.move_to([RIGHT_HALF.left + 0.3, RIGHT_HALF.top, 0], aligned_edge=UP + LEFT)

    @step(
        say=_(
            "At the ridge minimizer <two>two forces are equal and opposite: <forces>minus the gradient, and the "
            "<pull>pull of the penalty. Adam <divide>divides each coordinate by the <size>size of its gradients. It "
            "divides <both>both forces: they <deform>bend together, and still cancel. So Adam with L2 <rests>rests at "
            "ridge, too."
        ),
        shows=_(
            "At the ridge minimizer two arrows, equal and opposite, beside pale ghosts of how they were before both "
            "were divided. Below the formula of gradient descent that of Adam, with its divisor."
        ),
        covers=("C9",),
        experiments=(ADAM,),
    )
    def divide_both_forces(self) -> None:
        style, plane, risk = self.style, self.plane, self.runs.risk
        self.rest = ridge_minimizer(risk, self.runs.lam)
        at = plane.c2p(self.rest)
        self.rest_dot = Dot(at, radius=0.1, color=style.ridge).set_z_index(3)
        self.rest_name = self.formula("@ridge", size=38)
        place(self.rest_name, at, avoid=[self.contours, plane], prefer=(1, -0.6), gap=0.35)
        push, pull = -risk.gradient(self.rest), -self.runs.lam * self.rest
        self.play(FadeIn(self.rest_dot, self.rest_name), run_time=0.6)
        self.push, self.pull = self._force(push, "minimizer"), self._force(pull, "penalty")
        self.wait_for("two")
        forces = (GrowFromPoint(force, at, rate_func=rush_from) for force in (self.push, self.pull))
        self.play(*forces, run_time=1.2)
        names = VGroup(self.formula("-@gradient", role="minimizer"), self.formula("-@lam @theta"))
        for name, arrow, side in zip(names, (self.push, self.pull), (1, -1), strict=True):
            place(
                name,
                arrow.end_point,
                avoid=[self.contours, plane, self.push, self.pull, self.rest_name, self.name],
                prefer=(side, 0.3 * side),
            )
        self.wait_for("forces")
        self.play(FadeIn(names[0], target_position=self.push), run_time=1)
        self.wait_for("pull")
        self.play(FadeIn(names[1], target_position=self.pull), run_time=1)
        self.adam_block = self._block(_("*Adam* with L2"), ADAM_RULE)
        self.adam_block.next_to(self.plain, DOWN, buff=0.5, aligned_edge=LEFT)
        self.note = self.words(
            _("{open} {close}: running means;\\ {square}: of the squared gradient").format(
                open="$chevron.l$", close="$chevron.r$"
            ),
            role="dim",
            size=SMALL,
            width=RIGHT_HALF.width - 0.4,
        )
        self.note.next_to(self.adam_block, DOWN, buff=0.35, aligned_edge=LEFT)
        self.wait_for("divide")
        head, rule = self.adam_block
        born = Birth(rule, {part: self.plain[1].select(part) for part in PARTS if part != "divisor"})
        self.play(born, FadeIn(head), run_time=1.4)
        mark = self._underline(rule.select("divisor"), "ink")
        self.wait_for("size")
        self.play(Create(mark), run_time=1)
        self.wait_for("both")
        self.play(FadeIn(self.note), run_time=1)
        self.wait_for("deform")
        by = divisor(self.rest, self.runs.lam)
        ghosts = VGroup(
            self._force(push, "minimizer").set_color(style.faded("minimizer", 0.4)),
            self._force(pull, "penalty").set_color(style.faded("penalty", 0.4)),
        )
        self.add(ghosts, self.push, self.pull, self.rest_dot)
        self.divided = push / by, pull / by
        self.play(
            Transform(self.push, self._force(push / by, "minimizer")),
            Transform(self.pull, self._force(pull / by, "penalty")),
            FadeOut(names),
            run_time=2.2,
        )
        self.play(FadeOut(mark), run_time=0.4)
        self.wait_for("rests")
        self.play(Indicate(self.rest_dot, color=style.ridge, scale_factor=1.8), run_time=1.2)
        self.ghosts = ghosts

    def _force(self, force: np.ndarray, role: str, at: np.ndarray | None = None) -> Arrow:
        """A force at a point, by default the ridge minimizer; all on one scale."""
        start = self.rest if at is None else at
        return Arrow(
            self.plane.c2p(start),
            self.plane.c2p(start + FORCE * force),
            self.style.color(role),
            width=5,
            tip=0.2,
        )

    def _underline(self, part: Any, role: str) -> Line:
        left, right = part.get_corner([-1, -1, 0]), part.get_corner([1, -1, 0])
        drop = np.array([0, -0.1, 0])
        return Line(left + drop, right + drop, color=self.style.color(role), stroke_width=4)

    @question(
        ask=_("AdamW takes the decay out of the division: only the gradient is divided. Where does it rest?"),
        shows=_(
            "Below the formula of Adam that of AdamW, in which the decay stands apart from the division."
        ),
        choices=(
            _("at ridge, too"),
            _("nearer to {min}"),
            _("more shrunk"),
        ),
        answer=2,
        covers=("C9",),
    )
    def decouple_the_decay(self) -> None:
        head, rule = self.words(_("*AdamW*")), self.formula(ADAMW_RULE)
        block = VGroup(head, rule).arrange(DOWN, buff=0.3, aligned_edge=LEFT)
        old = VGroup(self.plain, self.note)
        self.play(
            FadeOut(old),
            self.adam_block.animate.move_to(self.plain, aligned_edge=UP + LEFT),
            run_time=0.8,
        )
        block.next_to(self.adam_block, DOWN, buff=0.35, aligned_edge=LEFT)
        self.adamw_block = block
        self.play(Birth(rule, {part: self.adam_block[1].select(part) for part in PARTS}), run_time=1.3)
        mark = self._underline(rule.select("penalty"), "penalty")
        self.play(FadeIn(head), Create(mark), run_time=0.6)
        self.mark = mark

    @step(
        say=_(
            "Divide only the gradient: the <whole>pull of the decay is whole again, and wins. The weights "
            "<slide>slide, until what is left of the gradient balances the decay. AdamW keeps <kept>{one} of the steep "
            "weight and <other>{other} of the flat one; ridge <ridge>kept {ridge1} and <last>{ridge2}."
        ).format(one=_kept(0, 0), other=_kept(0, 1), ridge1=_ridge_kept(0), ridge2=_ridge_kept(1)),
        shows=_(
            "From the ridge minimizer a path leads left and down to a square, where AdamW rests and two forces cancel "
            "again. Below the formulas the shares of each weight that are kept: {one} and {other} by AdamW."
        ).format(one=_kept(0, 0), other=_kept(0, 1)),
        covers=("C9",),
        experiments=(ADAM,),
    )
    def divide_one_force(self) -> None:
        style, plane, runs = self.style, self.plane, self.runs
        # Room for what each keeps, where the choices stood.
        self.play(FadeOut(self.mark, self.ghosts), self.adamw_block.animate.shift(0.55 * DOWN), run_time=0.5)
        self.wait_for("whole")
        self.play(
            Transform(self.pull, self._force(-runs.lam * self.rest, "penalty")),
            Transform(
                self.push, self._force(-runs.risk.gradient(self.rest) / divisor(self.rest), "minimizer")
            ),
            run_time=2.2,
        )
        way = slide()[::10]
        along, now = plane.c2p(way), ValueTracker(0.0)
        trace = Trace(along, style.ink, width=4)
        square = Square(0.2, color=style.ink, fill_opacity=1).set_z_index(3)

        def advance(group: VGroup) -> None:
            share = now.get_value()
            theta = way[min(int(share * (len(way) - 1)), len(way) - 1)]
            trace.show(share)
            square.move_to(plane.c2p(theta))
            push = -runs.risk.gradient(theta) / divisor(theta)
            for arrow, force in ((self.push, push), (self.pull, -runs.lam * theta)):
                arrow.put(plane.c2p(theta), plane.c2p(theta + FORCE * force))

        self.wait_for("slide")
        group = self.follow(VGroup(trace, self.push, self.pull, square), advance, now)
        self.add(group)
        self.play(now.animate(rate_func=lambda t: t**1.3).set_value(1.0), run_time=4)
        group.clear_updaters()
        self.wait_for("kept")
        lines = VGroup(self._kept_line(rests()[0][0]), self._kept_line(rests()[1][0]))
        for block, line in zip((self.adam_block, self.adamw_block), lines, strict=True):
            line.next_to(block, DOWN, buff=0.2, aligned_edge=LEFT)
        self.play(FadeIn(lines[1]), run_time=1)
        self.wait_for("other")
        self.play(Indicate(square, color=style.ink, scale_factor=1.8), run_time=1.4)
        self.wait_for("ridge")
        self.play(FadeIn(lines[0]), run_time=1)
        self.wait_for("last")
        self.play(Indicate(self.rest_dot, color=style.ridge, scale_factor=1.8), run_time=1.4)
        self.lines, self.moving = lines, VGroup(trace, self.push, self.pull, square)

    def _kept_line(self, rest: np.ndarray) -> Any:
        """How much of each weight is left, in the colors of the weights."""
        inputs: dict[str, Any] = {"rest": rest, "minimizer": self.runs.risk.minimizer}
        one, other = (self.number_text(f"rest[{k}] / minimizer[{k}]", digits=2, **inputs) for k in (0, 1))
        line = self.words(
            _("keeps [[{one}|eig1]] of {theta1}, [[{other}|eig2]] of {theta2}").format(
                one=f"${one[0]}$", other=f"${other[0]}$"
            ),
            size=SMALL,
        )
        return self.remember(line, one[1], other[1])

    @step(
        say=_(
            "And what the gradient is divided by is mostly <noise>noise. With larger <batch>batches there is less of "
            "it, the gradient counts more, and AdamW rests <out>further out. Adam with L2 <stays>stays at ridge for "
            "every batch size."
        ),
        shows=_(
            "Four squares, where AdamW rests with batches of 1, 4, 20, and all 200 rows: the larger the batch, the "
            "nearer to the minimizer. Adam with L2 rests at the ridge minimizer with all of them."
        ),
        covers=("C9",),
        experiments=(ADAM,),
    )
    def turn_the_batch_dial(self) -> None:
        style, plane = self.style, self.plane
        _adam, adamw = rests()
        places = plane.c2p(adamw)
        self.play(FadeOut(self.push, self.pull, self.moving[0]), run_time=0.6)
        self.wait_for("noise")
        mark = self._underline(self.adamw_block[1].select("divisor"), "ink")
        self.play(Create(mark), run_time=0.5)
        square = self.moving[3]
        labels = VGroup()
        self.wait_for("batch")
        links = VGroup()
        for k, size in enumerate(BATCHES):
            if k:
                link = Line(places[k - 1], places[k], color=style.dim, stroke_width=3)
                self.add(square.copy())
                self.play(square.animate.move_to(places[k]), Create(link), run_time=0.8)
                links.add(link)
            label = self._batch_label(size)
            place_backed(
                label,
                style,
                places[k],
                avoid=[self.rest_dot, self.rest_name, self.name, *labels],
                over=[self.contours, links, plane],
                prefer=(-1, -0.3),
            )
            labels.add(label)
            self.play(FadeIn(backed(label, style)), run_time=0.35)
        self.wait_for("out")
        self.play(Indicate(square, color=style.ink, scale_factor=1.8), run_time=1.4)
        self.wait_for("stays")
        ring = Dot(self.rest_dot.get_center(), radius=0.2, color=style.ridge, fill_opacity=0, stroke_width=4)
        self.play(FadeIn(ring, scale=2), run_time=1.2)
        self.play(FadeOut(mark, ring), run_time=1.4)

    def _batch_label(self, rows: int) -> Any:
        """A batch size, on a small label."""
        return self.number("rows", digits=len(str(rows)), size=SMALL, rows=rows)

    @step(
        say=_(
            "Training often ends with a <fall>falling step size. AdamW's decay falls with it, and the weights come to "
            "<rest>rest at the same place, without noise. Let the decay <alone>keep its strength, and it wins: the "
            "weights vanish."
        ),
        shows=_(
            "Share of the length that is kept over the steps, while the step size falls along a cosine. Where the "
            "decay falls with it, the curve becomes level where that of a constant step size is; where it does not, "
            "it sinks to zero. In the plane the one path ends at the square of one row a step, the other at zero."
        ),
        covers=("C8", "C9"),
        experiments=(SCHEDULE,),
    )
    def lower_the_step_size(self) -> None:
        style, risk = self.style, self.runs.risk
        constant, falling, apart = (path[::20] for path in scheduled())
        steps = 20 * np.arange(len(constant))
        chart = Chart(
            RIGHT_HALF,
            (0, steps[-1]),
            (0.0, 1.95),
            style,
            labels=(_("step"), _("share of the length kept")),
            x_ticks={0: "0", 2000: "2000", 4000: "4000"},
            y_ticks={0: "0", 0.5: "0.5", 1: "1"},
        )
        full = np.linalg.norm(risk.minimizer)

        def share(path: np.ndarray) -> np.ndarray:
            return np.asarray(chart.c2p(steps, np.linalg.norm(path, axis=1) / full))

        schedule = chart.curve(steps, cosine(len(steps)), style.dim, width=3, dash=True)
        names = VGroup(
            self.words(_("step size"), role="dim", size=SMALL),
            self.words(_("decay falls, too"), size=SMALL),
            self.words(_("decay stays"), role="penalty", size=SMALL),
        )
        names.arrange(DOWN, buff=0.2, aligned_edge=LEFT)
        names.move_to([chart.box.right, chart.box.top, 0], aligned_edge=UP + RIGHT)
        self.play(FadeOut(self.adam_block, self.adamw_block, self.lines), FadeIn(chart), run_time=0.8)
        self.wait_for("fall")
        self.play(Create(schedule, rate_func=linear), FadeIn(names[0]), run_time=3.6)
        self.wait_for("rest")
        still = Trace(share(constant), style.faded("ink", 0.35), width=9)
        both = [still, Trace(share(falling), style.ink, width=4)]
        first = self._trace(both, falling, style.ink)
        self.play(FadeIn(names[1]), run_time=0.4)
        self.wait_for("alone")
        second = self._trace([Trace(share(apart), style.penalty, width=4)], apart, style.penalty)
        self.play(FadeIn(names[2]), run_time=0.4)
        self.shown = VGroup(chart, schedule, names, first, second)

    def _trace(self, curves: list[Trace], path: np.ndarray, color: str) -> VGroup:
        """Draw curves and a path of the weights in the plane over one clock."""
        way = Trace(self.plane.c2p(path), color, width=3)
        now = ValueTracker(0.0)

        def show(group: VGroup) -> None:
            for curve in group:
                curve.show(now.get_value())

        drawn = self.follow(VGroup(way, *curves), show, now)
        self.add(drawn)
        self.play(now.animate(rate_func=linear).set_value(1.0), run_time=4)
        drawn.clear_updaters()
        return drawn

    @step(
        say=_(
            "Multiply the <loss>loss by a constant. Adam with L2 <moves>moves: its penalty counts less. AdamW "
            "<level>rests where it did. So one can be <tuned>tuned without the other, and that helps. <whole>Whether "
            "it is the whole gain is an open question."
        ),
        shows=_(
            "Length of the resting weights over the factor on the loss: for Adam with L2 it climbs from near 0 to "
            "near all, on the ridge curve; for AdamW it is level."
        ),
        covers=("C9",),
        experiments=(ADAM,),
    )
    def rescale_the_loss(self) -> None:
        c, adam, adamw = rescaled_loss()
        risk, style = self.runs.risk, self.style
        chart = Chart(
            RIGHT_HALF,
            (0.008, 125.0),
            (0.0, 1.05),
            style,
            labels=(_("factor on the loss"), _("share of the length kept")),
            x_ticks={0.01: "0.01", 0.1: "0.1", 1: "", 10: "", 100: ""},
            y_ticks={0: "0", 0.5: "0.5", 1: "1"},
            x_log=True,
        )
        self.play(FadeOut(self.shown), run_time=0.6)
        self.play(FadeIn(chart), run_time=0.6)
        full = np.linalg.norm(risk.minimizer)
        fine = np.geomspace(0.008, 125, 200)
        # A loss c R with the penalty lam has the ridge minimizer of R with lam / c.
        ridge = np.linalg.norm(ridge_minimizer(risk, self.runs.lam / fine), axis=-1) / full
        curve = chart.curve(fine, ridge, style.ridge)
        circles, squares = (
            VGroup(*(mark.copy().move_to(at) for at in chart.c2p(c, np.linalg.norm(rest, axis=-1) / full)))
            for mark, rest in (
                (Dot(radius=0.1, color=style.ridge), adam),
                (Square(0.18, color=style.ink, fill_opacity=1), adamw),
            )
        )
        level = dashed(polyline(np.array([m.get_center() for m in squares]), style.ink, 4))
        names = VGroup(
            self.words(_("Adam with L2"), role="ridge", size=SMALL), self.words(_("AdamW"), size=SMALL)
        )
        names[0].move_to(chart.c2p(1.0, 0.9), aligned_edge=RIGHT)
        names[1].move_to(chart.c2p(125.0, 0.36), aligned_edge=RIGHT)
        self.wait_for("loss")
        self.play(Create(curve), run_time=1.6)
        self.wait_for("moves")
        self.play(LaggedStart(*(FadeIn(m, scale=0.5) for m in circles)), FadeIn(names[0]), run_time=1.8)
        self.wait_for("level")
        self.play(Create(level), LaggedStart(*(FadeIn(m, scale=0.5) for m in squares)), run_time=2)
        self.play(FadeIn(names[1]), run_time=0.5)
        self.wait_for("tuned")
        self.play(swell(level, 9), run_time=1.6)
        self.wait_for("whole")
        self.play(swell(curve, 9), run_time=1.8)
