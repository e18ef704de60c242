"""Three things that weight decay does in deep networks, each in a small experiment."""

from __future__ import annotations

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Create,
    DashedLine,
    Dot,
    Elbow,
    FadeIn,
    FadeOut,
    GrowFromPoint,
    Line,
    ReplacementTransform,
    Transform,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
)

from lecture.stage import LEFT_HALF, RIGHT_HALF, SAFE, SMALL, Arrow, Chart, Plane, Region, polyline, step
from lecture.stage.scatter import Scatter
from scenes.adamw_decouples_the_decay import decoupled_rest, two_weights
from scenes.parts.experiments import VALLEYS, normalized_runs, valley_gradient, valley_risk, valley_runs
from scenes.parts.scene import WeightDecayScene
from wdmath import round_to, sgd_path

LOSSES = {0: "0", 0.05: "0.05", 0.1: "0.1"}
# A step that can be seen: long, but not as long as the weights.
STRIDE = 3.0
# Of a weight, in one step.
UPDATE = 0.0015


class ThreeRolesInDeepLearning(WeightDecayScene):
    """In deep networks decay steers the noise, speeds up training, and keeps low precision at work."""

    title = "Three roles in *deep learning*"

    @step(
        say="With normalization only the direction of the weights counts. Steps lengthen them; decay brings "
        "them back.",
        shows="A weight vector in a circle; a step at a right angle leads out of the circle; an arrow, the decay, "
        "leads back to it, and the vector ends there, turned. The formulas: the squared lengths add; decay multiplies "
        "by 1 minus alpha lambda.",
        covers=("C9",),
    )
    def step_at_a_right_angle(self) -> None:
        style = self.style
        plane = Plane(LEFT_HALF, [[-0.6, -0.1], [1.05, 1.45]], style, labels=("w_1", "w_2"))
        w, longer = sgd_path(valley_gradient, [np.cos(0.3 * np.pi), np.sin(0.3 * np.pi)], STRIDE, 1)
        # With the decay at which both balance, and the length stays.
        kept = np.sqrt(1 - np.sum((longer - w) ** 2))
        pulled = longer - (1 - kept) * w
        self.balance = w, longer, pulled
        turn = np.linspace(0, 0.72, 80) * np.pi
        circle = polyline(plane.c2p(np.column_stack([np.cos(turn), np.sin(turn)])), style.line, 2.5)
        start, tip, out = plane.c2p([[0.0, 0.0], w, longer])
        weights, grown, back = (Arrow(start, end, style.minimizer) for end in (tip, out, plane.c2p(pulled)))
        stride, pull = Arrow(tip, out, style.ink), Arrow(out, plane.c2p(pulled), style.penalty)
        corner = Elbow(0.25, angle=0.8 * np.pi, color=style.ink, stroke_width=3).shift(tip)
        names = VGroup(
            self.formula("w", role="minimizer").next_to(plane.c2p(0.55 * w), DOWN + RIGHT, buff=0.1),
            self.formula("-alpha g").next_to((tip + out) / 2, UP + 0.5 * RIGHT, buff=0.15),
            self.formula("-alpha @lam w").next_to(plane.c2p((longer + pulled) / 2), UP + LEFT, buff=0.1),
        )
        lines = VGroup(
            self.formula("g dot.op w = 0"),
            self.formula("norm(w - alpha g)^2 = norm(w)^2 + alpha^2 norm(g)^2"),
            self.formula("w arrow.l (1 - alpha @lam) w - alpha g"),
        ).arrange(DOWN, buff=0.6, aligned_edge=LEFT)
        lines.move_to([RIGHT_HALF.left + 0.3, 0.2, 0], aligned_edge=LEFT)
        self.heading = self.make_title()
        self._take_the_weights_of_adamw(plane, weights)
        self.play(Create(circle), FadeIn(names[0]), run_time=1)
        self.play(GrowFromPoint(stride, tip), Create(corner), FadeIn(names[1], lines[0]), run_time=1.5)
        self.add(weights.copy().set_color(style.faded("minimizer", 0.5)), weights, stride)
        self.play(Transform(weights, grown), FadeIn(lines[1]), run_time=1.8)
        self.play(GrowFromPoint(pull, out), FadeIn(names[2], lines[2]), run_time=1.2)
        self.play(Transform(weights, back), run_time=0.8)

    def _take_the_weights_of_adamw(self, plane: Plane, weights: Arrow) -> None:
        """Draw the arrow to where AdamW came to rest, and let it become a network's weights."""
        near = two_weights(self.style)
        rest = decoupled_rest(near, self.style)
        arrow = Arrow(near.origin, rest.get_center(), self.style.minimizer)
        self.add(near, rest)
        self.play(Write(self.heading), GrowFromPoint(arrow, near.origin), run_time=1)
        self.play(
            *near.carry_to(plane),
            ReplacementTransform(arrow, weights),
            FadeOut(rest, target_position=weights.end_point),
            run_time=1.2,
        )
        self.remove(near, *near.get_family(), *plane.get_family())
        self.add(plane, weights)

    @step(
        say="First role: with SGD's noise, decay regularizes. Held on a small circle, most runs find the "
        "wide valley.",
        shows="A hundred noisy runs without decay have drifted outward along the narrow valley; none left it. Of a "
        "hundred with decay, on a small circle, 83 left it, most of them for the wide valley.",
        covers=("C9",),
    )
    def search_with_noise(self) -> None:
        style, runs = self.style, valley_runs()
        self.clear_stage()
        plane = Plane(LEFT_HALF, [[-1.7, -1.6], [4.1, 2.0]], style, labels=("w_1", "w_2"), margin=0.3)
        chart = Chart(
            Region(RIGHT_HALF.left, RIGHT_HALF.right, -1.2, RIGHT_HALF.top),
            (-0.65, 1.45),
            (-1.6, 0.1),
            style,
            labels=("direction of $w$", "risk"),
        )
        turn = np.linspace(-0.65, 1.45, 211)
        risk = chart.curve(turn, valley_risk(turn * np.pi), style.line, width=4)
        rays, names = VGroup(), VGroup()
        for name, (center, _), length in zip(("narrow", "wide"), VALLEYS, (4.3, 1.5), strict=True):
            end = plane.c2p([length * np.cos(center), length * np.sin(center)])
            rays.add(DashedLine(plane.origin, end, color=style.dim, stroke_width=2.5, dash_length=0.1))
            side = self.words(name, role="dim", size=SMALL).next_to(end, UP, buff=0.12)
            below = self.words(name, role="dim", size=SMALL).next_to(
                chart.c2p(center / np.pi, -1.2), DOWN, buff=0.12
            )
            names.add(side, below)
        time = ValueTracker(0.0)
        swarms = VGroup(
            Swarm(plane, chart, runs.paths[0], style.minimizer, -0.1),
            Swarm(plane, chart, runs.paths[1], style.ridge, 0.1),
        )
        self.play(FadeIn(plane, chart), run_time=0.8)
        self.play(Create(risk), Create(rays), FadeIn(names), run_time=1.2)
        for swarm in swarms:
            self.follow(swarm, lambda m: m.show(time.get_value()), time)
        self.play(FadeIn(swarms), run_time=0.6)
        self.play(time.animate.set_value(1.0), run_time=5)
        counts = VGroup()
        for k, (text, role) in enumerate((("without decay", "minimizer"), ("with decay", "ridge"))):
            left, number = self.number_text("left[k]", digits=k + 1, left=runs.left_narrow, k=k)
            counts.add(self.remember(self.words(f"{text} *{left}*", role=role), number))
        counts.arrange(RIGHT, buff=0.8)
        counts = VGroup(self.words("of 100 runs leave the narrow valley:"), counts)
        counts.arrange(DOWN, buff=0.3).move_to([RIGHT_HALF.center[0], -2.3, 0])
        self.play(FadeIn(counts), run_time=0.8)

    @step(
        say="Second role: it speeds up training. The same step turns short weights further than long ones.",
        shows="Over 3500 steps the length of the weights, level at 4 without decay and falling to 0.5 with it; and "
        "the training loss, which ends at 0.040 without decay and at 0.035 with it.",
        covers=("C9",),
    )
    def turn_faster(self) -> None:
        runs = normalized_runs()
        self.clear_stage()
        length = self._over_steps(LEFT_HALF, "length of the weights", (0.0, 4.5), {0: "0", 2: "2", 4: "4"})
        loss = self._over_steps(RIGHT_HALF, "training loss", (0.0, 0.15), LOSSES)
        self.note = self.make_note("50 weights, 200 examples")
        later = self._smaller_steps(length, 2.2)
        self.play(FadeIn(length, loss, self.note, later), run_time=0.8)
        self._compare(length, runs.steps, runs.norms, (3.6, 1.1))
        self._compare(loss, runs.steps, runs.losses)
        self.play(FadeIn(self._ends(loss, runs.steps, runs.losses, 2)), run_time=0.6)

    def _over_steps(
        self, region: Region, name: str, ends: tuple[float, float], ticks: dict[float, str]
    ) -> Chart:
        return Chart(
            region,
            (0, 3600),
            ends,
            self.style,
            labels=("step", name),
            x_ticks={0: "0", 1000: "1000", 2000: "2000"},
            y_ticks=ticks,
        )

    def _smaller_steps(self, chart: Chart, y: float) -> VGroup:
        """Where the step size falls to a tenth, so that the noise settles."""
        line = DashedLine(
            chart.c2p(3000, 0),
            [chart.c2p(3000, 0)[0], chart.box.top, 0],
            color=self.style.line,
            stroke_width=2,
        )
        text = self.words("from here $alpha \\/ 10$", role="dim", size=SMALL)
        return VGroup(line, text.next_to(chart.c2p(3000, y), LEFT, buff=0.15))

    def _compare(
        self, chart: Chart, steps: np.ndarray, values: np.ndarray, names: tuple[float, float] | None = None
    ) -> None:
        """Draw a quantity without decay, dashed, and with it."""
        curves = [
            chart.curve(steps, values[0], self.style.minimizer, dash=True),
            chart.curve(steps, values[1], self.style.ridge),
        ]
        texts = (("without decay", "minimizer"), ("with decay", "ridge"))
        for k, curve in enumerate(curves):
            shown = [Create(curve)]
            if names is not None:
                text = self.words(texts[k][0], role=texts[k][1])
                shown.append(FadeIn(text.move_to(chart.c2p(2000, names[k]))))
            self.play(*shown, run_time=1.4)

    def _ends(self, chart: Chart, steps: np.ndarray, values: np.ndarray, digits: int) -> VGroup:
        """The last values, beside the ends of the curves."""
        numbers = VGroup()
        for k, (role, side) in enumerate((("minimizer", UP), ("ridge", DOWN))):
            number = self.number("values[k][-1]", digits=digits, role=role, values=values, k=k)
            at = chart.c2p(steps[-1], values[k][-1])
            numbers.add(number.next_to(at, side, buff=0.25).shift(0.3 * LEFT))
        return numbers

    @step(
        say="Third role: low precision. In bfloat16, an update that moves a short weight is lost on a long "
        "one.",
        shows="Two number lines of the same scale. Around 0.071 the numbers of bfloat16 are dense, and an update of "
        "0.0015 arrives. Around 0.57 they are sparse, and the update falls back to where it began.",
        covers=("C9",),
    )
    def round_small_updates_away(self) -> None:
        self.clear_stage()
        lines = [Grid(self, 0.9, 0.5 / np.sqrt(50), "ridge"), Grid(self, -1.9, 4 / np.sqrt(50), "minimizer")]
        self.note = self.make_note("strokes: the numbers of bfloat16")
        fates = [
            self.words(text, role=line.role).move_to([SAFE.right, line.y + 0.85, 0], aligned_edge=RIGHT)
            for text, line in zip(("arrives", "rounded away"), lines, strict=True)
        ]
        text, number = self.number_text("update", digits=2, update=UPDATE)
        update = self.remember(self.words(f"update ${text}$"), number)
        update.next_to(lines[0].update, UP, buff=0.2)
        self.play(*(FadeIn(line.axis, line.caption) for line in lines), FadeIn(self.note), run_time=0.8)
        self.play(*(Create(line.ticks) for line in lines), run_time=1)
        self.play(*(FadeIn(line.weight, scale=0.5) for line in lines), run_time=0.5)
        self.play(
            *(GrowFromPoint(line.update, line.update.shaft.get_start()) for line in lines),
            FadeIn(update),
            run_time=1,
        )
        self.add(
            *(
                line.weight.copy().set_color(self.style.faded(line.role, 0.45)).set_z_index(0)
                for line in lines
            )
        )
        self.play(*(line.weight.animate.move_to(line.at(line.value + UPDATE)) for line in lines), run_time=1)
        self.play(
            *(line.weight.animate.move_to(line.at(line.rounded)) for line in lines),
            *(FadeIn(fate) for fate in fates),
            run_time=1.2,
        )

    @step(
        say="In bfloat16, long weights lose most of their updates. Weights that decay hardly notice.",
        shows="Over 3500 steps in bfloat16: the share of updates rounded away, rising to 0.99 without decay and low "
        "with it; the training loss, stalled at 0.058 without decay and at 0.035 with it.",
        covers=("C9",),
    )
    def keep_learning(self) -> None:
        runs = normalized_runs("bfloat16")
        self.clear_stage()
        lost = self._over_steps(
            LEFT_HALF, "share of updates rounded away", (0.0, 1.05), {0: "0", 0.5: "0.5", 1: "1"}
        )
        loss = self._over_steps(RIGHT_HALF, "training loss in bfloat16", (0.0, 0.15), LOSSES)
        self.note = self.make_note("50 weights, 200 examples")
        later = self._smaller_steps(lost, 0.56)
        self.play(FadeIn(lost, loss, self.note, later), run_time=0.8)
        self._compare(lost, runs.steps, runs.lost, (0.72, 0.16))
        self._compare(loss, runs.steps, runs.losses)
        self.play(FadeIn(self._ends(loss, runs.steps, runs.losses, 2)), run_time=0.6)

    @step(
        say="Three roles: in modern networks decay is rarely an explicit regularizer. It shapes the "
        "training.",
        shows="The three small pictures side by side: the swarms on the valleys' risk, the two training losses, and "
        "the shares of updates lost, each with its role written below; and the source, Andriushchenko and "
        "others.",
        covers=("C9",),
    )
    def shape_the_dynamics(self) -> None:
        self.clear_stage()
        gap = 0.5
        width = (SAFE.width - 2 * gap) / 3
        regions = [Region(left, left + width, -0.6, 2.5) for left in SAFE.left + np.arange(3) * (width + gap)]
        legend = self.make_note("[[without|minimizer]] and [[with decay|ridge]]")
        self.play(FadeIn(legend), run_time=0.4)
        captions = (
            "*steers* the noise\\ to wide valleys",
            "*speeds up*\\ training",
            "*keeps* low precision\\ at work",
        )
        for region, picture, caption in zip(regions, self._pictures(regions), captions, strict=True):
            text = self.words(f"#align(center)[{caption}]", width=width)
            text.next_to([region.center[0], region.bottom, 0], DOWN, buff=0.35)
            self.play(FadeIn(picture), FadeIn(text, shift=0.2 * UP), run_time=1)
        source = self.words(
            "after Andriushchenko et al., Why Do We Need Weight Decay in Modern Deep Learning?",
            role="dim",
            size=SMALL,
        )
        source.move_to([0, -2.6, 0])
        self.play(FadeIn(source), run_time=0.8)

    def _pictures(self, regions: list[Region]) -> list[VGroup]:
        style, swarm, exact, coarse = (
            self.style,
            valley_runs(),
            normalized_runs(),
            normalized_runs("bfloat16"),
        )
        valley = Chart(regions[0], (-0.65, 1.45), (-1.25, 0.15), style, labels=("", "risk"))
        turn = np.linspace(-0.65, 1.45, 211)
        pictures = [VGroup(valley, valley.curve(turn, valley_risk(turn * np.pi), style.line, width=4))]
        for path, role, lift in zip(swarm.paths, ("minimizer", "ridge"), (-0.1, 0.1), strict=True):
            pictures[0].add(Swarm(None, valley, path, style.color(role), lift).show(1.0))
        for region, runs, values, ends, name in (
            (regions[1], exact, exact.losses, (0.0, 0.15), "training loss"),
            (regions[2], coarse, coarse.lost, (0.0, 1.05), "updates rounded away"),
        ):
            chart = Chart(region, (0, 3600), ends, style, labels=("", name))
            without = chart.curve(runs.steps, values[0], style.minimizer, dash=True)
            pictures.append(VGroup(chart, without, chart.curve(runs.steps, values[1], style.ridge)))
        return pictures


class Grid:
    """The numbers of bfloat16 about a weight, on a line, and an update of that weight."""

    def __init__(self, scene: WeightDecayScene, y: float, weight: float, role: str):
        style, self.y, self.role = scene.style, y, role
        self.value = float(round_to(weight, "bfloat16"))
        self.rounded = float(round_to(self.value + UPDATE, "bfloat16"))
        half = 0.007
        self._unit = (SAFE.width / 2 - 0.3) / half
        numbers = np.unique(round_to(self.value + np.linspace(-half, half, 4001), "bfloat16"))
        numbers = numbers[np.abs(numbers - self.value) <= half]
        self.axis = Line(
            self.at(self.value - half), self.at(self.value + half), color=style.line, stroke_width=2.5
        )
        self.ticks = VMobject(color=style.ink, stroke_width=4)
        for number in numbers:
            self.ticks.start_new_path(self.at(number) + 0.2 * DOWN)
            self.ticks.add_line_to(self.at(number) + 0.2 * UP)
        self.weight = Dot(self.at(self.value), radius=0.13, color=style.color(role)).set_z_index(1)
        start, end = (self.at(v) + 0.5 * UP for v in (self.value, self.value + UPDATE))
        self.update = Arrow(start, end, style.ink)
        value, shown = scene.number_text('round_to(w, "bfloat16")', digits=2, w=weight)
        exponent = "np.log2(np.min(np.diff(numbers)))"
        power, gap = scene.number_text(exponent, digits=2 if role == "ridge" else 1, numbers=numbers[:3])
        self.caption = VGroup(
            scene.remember(scene.words(f"weight ${value}$", role=role), shown),
            scene.remember(scene.words(f"gaps of $2^({power})$"), gap),
        )
        for part, left in zip(self.caption, (0.0, 2.9), strict=True):
            part.move_to([SAFE.left + left, y + 0.85, 0], aligned_edge=LEFT)

    def at(self, number: float) -> np.ndarray:
        return np.array([(number - self.value) * self._unit, self.y, 0.0])


class Swarm(VGroup):
    """Many runs at one moment: each a dot in the plane and a dot on the risk over its direction."""

    def __init__(self, plane: Plane | None, chart: Chart, paths: np.ndarray, color: str, lift: float):
        angle = np.arctan2(paths[..., 1], paths[..., 0])
        # Directions from -0.65 pi to 1.35 pi, where the risk is highest.
        angle = (angle + 0.65 * np.pi) % (2 * np.pi) - 0.65 * np.pi
        self._tracks = [chart.c2p(angle / np.pi, valley_risk(angle)) + lift * UP]
        if plane is not None:
            self._tracks.append(plane.c2p(paths))
        super().__init__(*(Scatter(np.empty((0, 3)), color, radius=0.05) for _ in self._tracks))
        self.show(0.0)

    def show(self, share: float) -> Swarm:
        """Show all runs after that share of their steps."""
        for dots, track in zip(self, self._tracks, strict=True):
            dots.move_dots(track[:, round(share * (track.shape[1] - 1))])
        return self
