"""Inside Adam's gradient the penalty is divided away; AdamW shrinks the weights beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    UP,
    Create,
    Dot,
    FadeIn,
    FadeOut,
    GrowFromPoint,
    LaggedStart,
    Line,
    ReplacementTransform,
    Square,
    Transform,
    VGroup,
    Write,
)

from lecture.stage import (
    LEFT_HALF,
    RIGHT_HALF,
    SMALL,
    Arrow,
    Plane,
    Style,
    dashed,
    place,
    polyline,
    step,
)
from lecture.stage.chart import Chart
from lecture.stage.derivation import Birth
from scenes.parts.contours import risk_contours
from scenes.parts.experiments import adam_runs, rescaled_loss
from scenes.parts.scene import WeightDecayScene
from scenes.when_decay_helps_and_hurts import RULE, SCALE_FIRST, scale_curve
from wdmath import ridge_minimizer

# Adam's divisor and AdamW's extra term; chevrons around a term stand for its running mean.
ADAM = (
    "{{ Delta theta = -alpha : step }} ({{ chevron.l : open }} {{ nabla R : gradient }} + "
    "{{ lambda theta : penalty }} {{ chevron.r : close }}) / {{ sqrt(v) : divisor }}"
)
# Without divisor and running mean it is gradient descent.
PLAIN = (
    "{{ Delta theta = -alpha : step }} {{ paren.l : open }} {{ nabla R : gradient }} + "
    "{{ lambda theta : penalty }} {{ paren.r : close }}"
)
ADAMW = (
    "{{ Delta theta = -alpha : step }} ({{ chevron.l : open }} {{ nabla R : gradient }} {{ chevron.r : close }}) / "
    "{{ sqrt(v) : divisor }} - alpha {{ lambda theta : penalty }}"
)
PARTS = ("step", "open", "gradient", "close", "divisor", "penalty")


def two_weights(style: Style) -> Plane:
    """The plane of the two weights."""
    labels = "{{ theta_1 : eig1 }}", "{{ theta_2 : eig2 }}"
    return Plane(LEFT_HALF, [[-0.1, -0.05], [1.85, 1.95]], style, labels=labels)


def decoupled_rest(plane: Plane, style: Style) -> Square:
    """The mark of where AdamW rests."""
    return Square(0.18, color=style.ink, fill_opacity=1).move_to(plane.c2p(adam_runs().adamw[-1]))


class AdamWDecouplesTheDecay(WeightDecayScene):
    """Adam with L2 and AdamW decay the weights differently and come to rest in different places."""

    title = "Adam divides the decay away, *AdamW* does not"

    @step(
        say="Two weights, one of a feature left in a finer unit: along θ₁ the risk curves sixteen times as much.",
        shows="Narrow upright contours around the minimizer in the plane of two weights, with curvatures 16 and 1. At "
        "the right the step of gradient descent with L2.",
        covers=("C9",),
    )
    def scale_one_feature_up(self) -> None:
        self.runs = adam_runs()
        risk = self.runs.risk
        self.plane = two_weights(self.style)
        levels = 0.5 * (0.2 * np.arange(1, 5)) ** 2
        self.contours = risk_contours(self.plane, risk, levels, self.style.line)
        self.tip = self.plane.c2p(risk.minimizer)
        self.minimizer = Dot(self.tip, radius=0.1, color=self.style.minimizer).set_z_index(2)
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
        self.plain = self._block("*Gradient descent* with L2", PLAIN)
        self.note = self.words("200 examples, one a step", role="dim", size=SMALL)
        self.note.next_to(self.plain, DOWN, buff=0.5, aligned_edge=LEFT)
        self._leave_one_feature_unscaled()
        self.play(LaggedStart(*(Create(c) for c in self.contours), lag_ratio=0.25), run_time=1.8)
        self.play(FadeIn(self.curvatures, self.plain, self.note, shift=0.2 * UP))

    def _leave_one_feature_unscaled(self) -> None:
        """Begin with the first rule of good practice; its small chart grows to the plane of one that breaks it."""
        icon = scale_curve(RULE, self.style)
        small, curve = icon[0].axes, icon[1]
        rule = self.words(SCALE_FIRST).move_to([RULE.right + 0.8, RULE.center[1], 0], aligned_edge=LEFT)
        self.add(icon, rule)
        self.play(Write(self.make_title()), run_time=1)
        self.play(
            *(ReplacementTransform(*pair) for pair in zip(small, self.plane.spines, strict=True)),
            FadeOut(curve, rule),
            run_time=1,
        )
        arrived = FadeIn(self.plane.ticks, self.plane.axis_labels, self.minimizer, self.name)
        self.play(arrived, run_time=0.8)
        self.remove(*self.plane.get_family())
        self.add(self.plane, self.minimizer)

    def _block(self, head: str, rule: str) -> VGroup:
        """The name of a method and its step."""
        block = VGroup(self.words(head), self.formula(rule)).arrange(DOWN, buff=0.3, aligned_edge=LEFT)
        return block.move_to([RIGHT_HALF.left + 0.3, RIGHT_HALF.top, 0], aligned_edge=UP + LEFT)

    @step(
        say="Adam divides each coordinate by its own root mean square gradient: both weights move alike.",
        shows="At the start an arrow, minus the gradient, almost level; it has turned into Adam's step, which goes "
        "equally far down and to the left. The formula of Adam with the divisor root v.",
        covers=("C9",),
    )
    def divide_each_coordinate(self) -> None:
        start = self.runs.adam[0]
        slope = -self.runs.risk.gradient(start)
        at = self.plane.c2p(start)
        self.start = Dot(at, radius=0.09, color=self.style.ink)
        length = 1.6
        downhill = Arrow(at, at + length * np.array([*slope, 0.0]) / np.linalg.norm(slope), self.style.ink)
        first = self.runs.adam[1] - start
        adapted = Arrow(at, at + length * np.array([*first, 0.0]) / np.linalg.norm(first), self.style.ink)
        slope_name = self.formula("-nabla R", role="dim").next_to(downhill, [0, 1, 0], buff=0.12)
        self.adam_block = self._block("*Adam* with L2", ADAM)
        head, rule = self.adam_block
        ghost = VGroup(downhill.copy().set_color(self.style.faded("ink", 0.45)), slope_name)
        plain_head, plain = self.plain
        self.play(
            FadeIn(self.start, scale=0.5),
            GrowFromPoint(downhill, at),
            FadeIn(slope_name),
            FadeOut(self.note, plain_head),
        )
        self.remove(plain)  # of which every part moves on
        born = Birth(rule, {part: plain.select(part) for part in PARTS if part != "divisor"})
        self.play(born, FadeIn(head), run_time=1.5)
        self.note = self.words(
            "$chevron.l thin chevron.r$: running means;\\ $v$: of the squared gradient",
            role="dim",
            size=SMALL,
        ).next_to(self.adam_block, DOWN, buff=0.5, aligned_edge=LEFT)
        mark = self._underline(rule.select("divisor"), "ink")
        self.play(Create(mark), FadeIn(self.note), run_time=0.6)
        self.add(ghost, downhill)
        self.play(Transform(downhill, adapted), run_time=2)
        self.play(FadeOut(mark), run_time=0.5)
        self.step_arrows = VGroup(ghost, downhill)

    @step(
        say="With L2 the pull λθ is divided as well. On the steep weight only a quarter of it is left.",
        shows="At θ̂ a dashed ghost of the pull, aimed at the origin, and the pull after division: "
        "short along θ1, long along θ2.",
        covers=("C9",),
    )
    def put_the_penalty_inside(self) -> None:
        # The pull is drawn at half the length of theta_hat; what Adam makes of it, at the same scale.
        pull = -0.5 * self.runs.lam * self.runs.risk.minimizer
        divided = pull / self.runs.root_mean_square
        self.pull = self._from_minimizer(pull)
        mark = self._underline(self.adam_block[1].select("penalty"), "penalty")
        self.play(FadeOut(self.step_arrows, self.start), Create(mark))
        self.play(GrowFromPoint(self.pull, self.tip))
        ghost = VGroup(dashed(self.pull.shaft.copy().set_color(self.style.faded("penalty", 0.6))))
        ghost.add(self.pull.tip.copy().set_color(self.style.faded("penalty", 0.6)))
        self.play(FadeOut(mark), run_time=0.5)
        self.add(ghost)
        self.divided = self._from_minimizer(divided)
        self.play(Transform(self.pull, self.divided), run_time=2.2)
        name = self.formula("-{{ lambda theta : penalty }} / sqrt(v)", size=38)
        place(
            name,
            self.divided.end_point,
            avoid=[self.divided, ghost, self.plane, self.contours, self.name],
            prefer=(1, 0.4),
        )
        self.play(FadeIn(name))
        self.inside = VGroup(self.pull, name)
        self.ghost = ghost

    @step(
        say="AdamW takes the decay out of the gradient: the pull points to the origin again.",
        shows="Below the formula of AdamW, in which λθ stands apart from the division. "
        "In the plane the pull from θ̂ straight towards the origin.",
        covers=("C9",),
    )
    def decouple_the_decay(self) -> None:
        head = self.words("*AdamW*")
        rule = self.formula(ADAMW)
        block = VGroup(head, rule).arrange([0, -1, 0], buff=0.3, aligned_edge=[-1, 0, 0])
        block.next_to(self.adam_block, [0, -1, 0], buff=0.95, aligned_edge=[-1, 0, 0])
        self.adamw_block = block
        straight = self._from_minimizer(-0.5 * self.runs.lam * self.runs.risk.minimizer)
        self.play(FadeOut(self.note), run_time=0.5)
        self.play(Birth(rule, {part: self.adam_block[1].select(part) for part in PARTS}), run_time=1.4)
        self.play(FadeIn(head), run_time=0.4)
        mark = self._underline(rule.select("penalty"), "penalty")
        self.play(Create(mark), FadeOut(self.inside[1]), run_time=0.8)
        self.play(Transform(self.pull, straight), run_time=1.8)
        self.play(FadeOut(mark, self.ghost), run_time=0.5)

    @step(
        say="Let both run. Adam with L2 rests at the ridge minimizer; AdamW shrinks the steep weight too.",
        shows="Two paths from one start: solid to the ridge minimizer, dashed to AdamW's rest, further left. "
        "Below the formulas the share of each weight that is kept.",
        covers=("C9",),
    )
    def follow_both(self) -> None:
        runs, style = self.runs, self.style
        self.play(FadeOut(self.pull), FadeIn(self.start), run_time=0.8)
        paths = []
        for path in (runs.adam, runs.adamw):
            # Once there, the points only tremble about the place of rest.
            rest, way = runs.rest(path), path[::10]
            there = int(np.argmax(np.linalg.norm(way - rest, axis=1) < 0.04))
            shown = np.vstack([way[:there], rest])
            paths.append(self.plane.c2p(shown))
        ends = [path[-1] for path in paths]
        solid, broken = polyline(paths[0], style.ridge, 4), dashed(polyline(paths[1], style.ink, 4))
        rests = VGroup(Dot(ends[0], radius=0.1, color=style.ridge), decoupled_rest(self.plane, style))
        names = VGroup(self.formula("@ridge", size=38), self.words("AdamW"))
        place(names[0], ends[0], avoid=[solid, self.contours, rests], prefer=(1, -0.3), gap=0.25)
        place(names[1], ends[1], avoid=[broken, solid, self.contours, self.plane], prefer=(-0.3, -1), gap=0.3)
        kept = VGroup(self._kept(runs.adam), self._kept(runs.adamw))
        for block, line in zip((self.adam_block, self.adamw_block), kept, strict=True):
            line.next_to(block, [0, -1, 0], buff=0.18, aligned_edge=[-1, 0, 0])
        self.play(Create(solid), run_time=2)
        self.play(FadeIn(rests[0], names[0], kept[0]))
        self.play(Create(broken), run_time=2)
        self.play(FadeIn(rests[1], names[1], kept[1]))
        self.kept, self.paths = kept, VGroup(solid, broken, rests, names)

    def _kept(self, path: np.ndarray) -> Any:
        """How much of each weight is left, in the colors of the weights."""
        inputs: dict[str, Any] = {"rest": self.runs.rest(path), "minimizer": self.runs.risk.minimizer}
        shares = [self.number_text(f"rest[{k}] / minimizer[{k}]", digits=2, **inputs) for k in (0, 1)]
        parts = (f"[[${text}$|eig{k}]] of [[$theta_{k}$|eig{k}]]" for k, (text, _) in enumerate(shares, 1))
        line = self.words("keeps " + ", ".join(parts))
        return self.remember(line, *(number for _, number in shares))

    def _from_minimizer(self, displacement: np.ndarray) -> Arrow:
        end = self.plane.c2p(self.runs.risk.minimizer + displacement)
        return Arrow(self.tip, end, self.style.penalty)

    def _underline(self, part: Any, role: str) -> Line:
        left, right = part.get_corner([-1, -1, 0]), part.get_corner([1, -1, 0])
        drop = np.array([0, -0.1, 0])
        return Line(left + drop, right + drop, color=self.style.color(role), stroke_width=4)

    @step(
        say="Multiply the loss: Adam with L2 needs a new λ, AdamW rests where it did. Perhaps easier tuning "
        "is the whole gain.",
        shows="Length of the resting weights over the factor on the loss: for Adam with L2 it climbs from near 0 to "
        "near all, on the ridge curve; for AdamW it is level.",
        covers=("C9",),
    )
    def rescale_the_loss(self) -> None:
        c, adam, adamw = rescaled_loss()
        chart = Chart(
            RIGHT_HALF,
            (0.008, 125.0),
            (0.0, 1.05),
            self.style,
            labels=("factor on the loss", "share of the length kept"),
            x_ticks={0.01: "0.01", 0.1: "0.1", 1: "1", 10: "", 100: ""},
            y_ticks={0: "0", 0.5: "0.5", 1: "1"},
            x_log=True,
        )
        self.play(FadeOut(self.adam_block, self.adamw_block, self.kept), run_time=0.7)
        self.play(FadeIn(chart))
        risk, style = self.runs.risk, self.style
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
        names = VGroup(self.words("Adam with L2", role="ridge"), self.words("AdamW"))
        names[0].move_to(chart.c2p(14.0, 0.74))
        names[1].move_to(chart.c2p(14.0, 0.37))
        self.play(Create(curve), LaggedStart(*(FadeIn(m, scale=0.5) for m in circles)), run_time=2)
        self.play(FadeIn(names[0]), run_time=0.6)
        self.play(Create(level), LaggedStart(*(FadeIn(m, scale=0.5) for m in squares)), run_time=2)
        self.play(FadeIn(names[1]), run_time=0.6)
