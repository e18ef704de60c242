"""With the step size fixed, lambda alone sets how strongly every step is pulled back."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    AnimationGroup,
    Create,
    Dot,
    FadeIn,
    FadeOut,
    GrowFromEdge,
    Rectangle,
    UpdateFromAlphaFunc,
    VGroup,
    Write,
    linear,
)

from lecture.stage import BODY, LEFT_HALF, RIGHT_HALF, Region, dashed, place, polyline, step, unless
from lecture.stage.backing import backed
from scenes.parts.contours import contour_levels, risk_contours
from scenes.parts.descent import (
    Zigzag,
    converges,
    descent_plane,
    descent_run,
    factor_digits,
    fewest_digits,
)
from scenes.parts.eigen_picture import reach
from scenes.parts.scene import WeightDecayScene
from scenes.problem import Problem
from wdmath import ridge_minimizer


def _both_converge(problem: Problem) -> bool:
    return all(converges(problem, lam) for lam in problem.lams_compared)


def _far_apart(problem: Problem) -> bool:
    """Whether the weak penalty ends near the minimizer and the strong one far from it."""
    away = np.linalg.norm(
        ridge_minimizer(problem.risk, problem.lams_compared) - problem.risk.minimizer, axis=1
    )
    return bool(away[0] <= 0.25 * reach(problem) and away[1] >= 0.4 * reach(problem))


_RUN_FAR_APART = (
    "Let both run. Left, the pull is hardly felt. Right, every step is thrown back, far short of θ̂."
)
_RUN_APART = (
    "Now let both run. The weaker pull, left, lets the path come nearer to θ̂; "
    "the stronger one, right, holds it nearer to the origin."
)


class Descent(VGroup):
    """One of the two panels: a penalty strength, its plane, its run."""

    def __init__(self, scene: WeightDecayScene, half: Region, lam: float):
        super().__init__()
        problem, style = scene.problem, scene.style
        self.lam, self.half = lam, half
        self.region = Region(half.left, half.right, half.bottom, half.top - 0.85)
        levels = contour_levels(problem.risk, 0.3 * reach(problem), 3)
        self.plane = descent_plane(problem, self.region, style, problem.lams_compared, levels)
        self.room = Region(half.left, half.right - 0.5, half.bottom, self.region.top - 0.5)
        self.run = descent_run(problem, lam)
        self.rest = ridge_minimizer(problem.risk, lam)
        self.zigzag = Zigzag(self.plane, self.run, style, within=self.room).show(0)
        self.contours = risk_contours(self.plane, problem.risk, levels, style.line, within=self.room)
        self.heading = scene.number(
            "lam", digits=fewest_digits(lam), template="@lam = {}", lam=lam, role="penalty"
        )
        self.heading.move_to([half.left, half.top + 0.1, 0], aligned_edge=[-1, 0, 0])
        # The ridge path, drawn last.
        scale = float(problem.risk.eigenvalues[0]) or 1.0
        path = ridge_minimizer(problem.risk, scale * np.concatenate([[0], np.geomspace(1e-6, 1e6, 400)]))
        self.path = polyline(self.plane.c2p(path), style.ridge, 2.5, within=self.room)
        # Names may lie over contours: near their points, on patches.
        self.crowd: list[Any] = [self.plane, self.path, Zigzag(self.plane, self.run, style, within=self.room)]
        self.rider = Dot(self.plane.c2p(problem.start), radius=0.09, color=style.ink).set_z_index(3)

    def label(self, scene: WeightDecayScene, source: str, at: np.ndarray, prefer: tuple[float, float]) -> Any:
        """A name beside a point of this panel, clear of what it shows."""
        label = place(
            scene.formula(source, size=BODY),
            at,
            avoid=self.crowd,
            within=self.region,
            prefer=prefer,
            gap=0.14,
        )
        self.crowd.append(label)
        return backed(label, scene.style)

    def run_to(self, start: int, end: int) -> AnimationGroup:
        """The animation that draws half steps, with a dot at the point that moves; one out of sight is left out."""
        corners = self.zigzag.corners

        def ride(dot: Dot, alpha: float) -> None:
            shown = start + alpha * (end - start)
            k = min(int(shown), len(corners) - 2)
            at = corners[k] + (shown - k) * (corners[k + 1] - corners[k])
            dot.move_to(at).set_opacity(float(self.room.contains(at)))

        return AnimationGroup(
            self.zigzag.walk(start, end, rate_func=linear),
            UpdateFromAlphaFunc(self.rider, ride, rate_func=linear),
        )


class PullDependsOnlyOnLambda(WeightDecayScene):
    """The step size fixed, λ alone decides how strongly each step is pulled back, and where the path rests."""

    title = "The pull depends only on [[$lambda$|penalty]]"

    @step(
        say="The same risk, start and step size, twice. Only λ differs: weak left, strong right.",
        shows="Two equal parameter planes with the contours of the same risk; above them the two values of lambda.",
        covers=("B3",),
    )
    def set_the_stage_twice(self) -> None:
        self.panels = [
            Descent(self, half, lam)
            for half, lam in zip((LEFT_HALF, RIGHT_HALF), self.problem.lams_compared, strict=True)
        ]
        self.goals = self.plane_dot(self.problem.risk.minimizer, "minimizer")
        self.names = [
            p.label(self, "@min", p.plane.c2p(self.problem.risk.minimizer), (1, 1)) for p in self.panels
        ]
        alpha = self.problem.step_size
        self.size = self.number("alpha", digits=fewest_digits(alpha), template="alpha = {}", alpha=alpha)
        self.size.move_to([RIGHT_HALF.right, RIGHT_HALF.top + 1.0, 0], aligned_edge=[1, 0, 0])
        self.add(*(p.plane for p in self.panels))
        self.play(
            Write(self.make_title()),
            *(FadeIn(p.contours) for p in self.panels),
            FadeIn(self.goals, *self.names, self.size),
            run_time=1.5,
        )
        self.play(*(FadeIn(p.heading) for p in self.panels), run_time=1)

    def plane_dot(self, point: np.ndarray, role: str) -> VGroup:
        """The same point in both planes."""
        color = self.style.color(role)
        dots = (Dot(p.plane.c2p(point), radius=0.09, color=color) for p in self.panels)
        return VGroup(*(dot.set_z_index(2) for dot in dots))

    @step(
        say=lambda problem: (
            "Each step takes a fixed share of the weights' length, αλ, whatever the data say."
            if problem.step_size * max(problem.lams_compared) <= 1
            else "In each step the weights are multiplied by one minus αλ, whatever the data say; "
            "where αλ exceeds one, they are thrown across the origin."
        ),
        shows="Beside each lambda a bar for the length of theta before a step, of which the pull takes the share "
        "alpha times lambda; the factor that remains is written beside it.",
        covers=("B3",),
    )
    def take_a_fixed_share(self) -> None:
        for p in self.panels:
            factor = 1 - self.problem.step_size * p.lam
            number = self.number(
                "1 - alpha * lam",
                digits=factor_digits(factor),
                template="theta times {}",
                role="penalty",
                alpha=self.problem.step_size,
                lam=p.lam,
            )
            number.move_to([p.half.right, p.heading.get_center()[1], 0], aligned_edge=[1, 0, 0])
            left = p.heading.get_right()[0] + 0.4
            length = number.get_left()[0] - 0.3 - left
            kept = float(np.clip(factor, 0, 1)) * length
            bars = VGroup(
                self.bar(left, kept, p, self.style.dim),
                self.bar(left + kept, length - kept, p, self.style.penalty),
            )
            p.bars, p.factor = bars, number
        self.play(*(GrowFromEdge(p.bars, [-1, 0, 0]) for p in self.panels), run_time=1.4)
        self.play(
            *(p.bars[1].animate.set_fill(self.style.faded("penalty", 0.3)) for p in self.panels),
            *(FadeIn(p.factor) for p in self.panels),
            run_time=1.2,
        )

    @staticmethod
    def bar(left: float, length: float, panel: Descent, color: str) -> Rectangle:
        """A piece of the bar that stands for the length of theta."""
        bar = Rectangle(width=max(length, 1e-3), height=0.3, stroke_width=0, fill_color=color, fill_opacity=1)
        return bar.move_to([left, panel.heading.get_center()[1], 0], aligned_edge=[-1, 0, 0])

    @step(
        say=lambda problem: (
            "Now let both run. With either pull the path comes to rest at zero, where θ̂ lies."
            if _both_converge(problem) and problem.is_zero
            else _RUN_FAR_APART
            if _both_converge(problem) and _far_apart(problem)
            else _RUN_APART
            if _both_converge(problem)
            else "Now let both run. Where α is too large for the risk and the penalty together, "
            "the path does not come to rest at all."
        ),
        shows="Both zigzag paths of shrinks and gradient steps, from the same start.",
        covers=("B3",),
    )
    def descend_side_by_side(self) -> None:
        self.add(*(p.zigzag for p in self.panels), *(p.rider for p in self.panels))
        early = min(20, self.panels[0].zigzag.steps)
        self.play(*(p.run_to(0, early) for p in self.panels), run_time=6.5)
        riders = (p.rider for p in self.panels)
        self.play(
            *(p.zigzag.walk(early, p.zigzag.steps, rate_func=linear) for p in self.panels),
            *(FadeOut(rider, run_time=0.5) for rider in riders),
            run_time=2,
        )

    @step(
        say=unless(
            "Each λ has its own rest point on one curve, from θ̂ at λ zero towards the origin.",
            is_zero="Here all rest points are one: where θ̂ is zero, no penalty can move it.",
            is_lost="Here all rest points are one: the risk does not hold θ̂, and the smallest penalty takes it to "
            "zero.",
            is_adrift="Each λ has its own rest point on one line towards the origin, which leaves out θ̂.",
        ),
        shows=unless(
            "Both rest points, the ridge minimizers, marked and named; a dashed curve through both leads from "
            "the minimizer to the origin.",
            is_zero="Both rest points, the ridge minimizers, marked and named, at the origin.",
            is_lost="Both rest points, the ridge minimizers, marked and named, at the origin.",
            is_adrift="Both rest points, the ridge minimizers, marked and named; a dashed line through both leads from "
            "the level floor to the origin.",
        ),
        covers=("B3",),
    )
    def rest_apart(self) -> None:
        self.rest_points = dots, names, curves = VGroup(), VGroup(), VGroup()
        for p in self.panels:
            curves.add(dashed(p.path, 0.09))
            at = p.plane.c2p(p.rest)
            dots.add(Dot(at, radius=0.1, color=self.style.ridge).set_z_index(2))
            names.add(p.label(self, "@ridge", at, (1, 0)))
        self.play(*(FadeIn(d, scale=2.5) for d in dots), FadeIn(names), run_time=1)
        self.play(*(Create(c) for c in curves), run_time=2.5)

    @step(
        say=lambda problem: (
            "To converge, α must stay below two over λ plus σ₁, the risk's sharpest bend. "
            + (
                "Here it does."
                if _both_converge(problem)
                else "Here it does not, on both sides; so a stronger decay may need a smaller step."
            )
        ),
        shows="Beside each value of lambda the bound on the step size, two over sigma one plus lambda, with its value.",
        covers=("B3",),
    )
    def stay_below_the_bound(self) -> None:
        self.bounds = bounds = VGroup()
        for p in self.panels:
            value = self.compute("stability_bound(risk.eigenvalues, lam)", lam=p.lam)
            text, record = self.number_text("stability_bound(risk.eigenvalues, lam)", lam=p.lam)
            relation = "<" if self.problem.step_size < value else ">="
            bound = self.formula(f"alpha {relation} frac(2, @s1 + @lam) = {text}", size=BODY)
            self.remember(bound, record)
            bounds.add(bound)
        for p, bound in zip(self.panels, bounds, strict=True):
            bound.move_to([p.half.right, p.heading.get_center()[1], 0], aligned_edge=[1, 0, 0])
        self.play(*(FadeOut(p.bars, p.factor) for p in self.panels), run_time=0.7)
        self.play(FadeIn(bounds), run_time=1)
