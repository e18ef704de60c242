"""Gradient descent stopped early keeps nearly the same share of every eigencomponent as a penalty would."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    Create,
    Dot,
    FadeIn,
    FadeOut,
    Line,
    UpdateFromAlphaFunc,
    ValueTracker,
    VGroup,
    Write,
)

from lecture.stage import (
    BODY,
    FORMULA,
    LEFT_HALF,
    RIGHT_HALF,
    Chart,
    Region,
    dashed,
    place,
    polyline,
    step,
    unless,
)
from lecture.stage.backing import place_backed
from lecture.stage.scatter import Scatter
from scenes.map_of_chapters import Card
from scenes.parts.contours import contour_levels, risk_contours
from scenes.parts.descent import Walk, fewest_digits
from scenes.parts.eigen_picture import reach
from scenes.parts.parameter_plane import parameter_plane
from scenes.parts.scene import WeightDecayScene
from scenes.problem import Problem
from wdmath import early_stopping_curves, gradient_descent, level_set_ellipse, ridge_minimizer

# The number of steps at which the two are compared in detail.
_SHOWN = 20
_STEP = " At the right the step: theta minus alpha times the gradient of R."


def calm_step(problem: Problem) -> float:
    """The problem's step size, where its descent from the origin neither overshoots nor crawls."""
    steep = float(problem.risk.eigenvalues[0])
    if steep == 0 or 0.02 <= problem.step_size * steep <= 0.7:
        return problem.step_size
    return 0.5 / steep


def run_length(problem: Problem) -> int:
    """Steps after which also the flat direction has nearly arrived, within what can be watched."""
    slow = calm_step(problem) * min(s for s in (*problem.risk.eigenvalues, np.inf) if s > 0)
    return int(np.clip(np.ceil(4 / slow), 2 * _SHOWN, 400))


class EarlyStoppingIsDecay(WeightDecayScene):
    """Stopping gradient descent after τ steps acts like a penalty with λ = 1/(ατ)."""

    title = "Early stopping *is decay*, nearly"

    @step(
        say=unless(
            "Gradient descent from zero, without a penalty. Stopped early, it has come only part of the way "
            "to θ̂.",
            is_zero="Gradient descent from zero, without a penalty. Here θ̂ is zero, and it stays where it starts.",
            is_lost="Gradient descent from zero, without a penalty. Zero lies on the level floor, and there it stays.",
            is_adrift="Gradient descent from zero, without a penalty. Stopped early, it has come only part of the way "
            "down to the level floor.",
        ),
        shows=unless(
            "Contours of the risk and the path of gradient descent from the origin to the minimizer; a ring marks "
            "where it stands after a few steps." + _STEP,
            is_zero="Contours of the risk around the minimizer at the origin; a ring marks where the descent stays."
            + _STEP,
            is_lost="Contours of the risk on both sides of the origin; a ring marks where the descent stays."
            + _STEP,
            is_adrift="Contours of the risk and the path of gradient descent from the origin to the level floor; a "
            "ring marks where it stands after a few steps." + _STEP,
        ),
    )
    def stop_on_the_way(self) -> None:
        problem, style, risk = self.problem, self.style, self.problem.risk
        self.alpha, self.steps = calm_step(problem), run_length(problem)
        self.path = gradient_descent(risk, [0.0, 0.0], self.alpha, self.steps)
        # Room for the contours too, where they are not much longer than the minimizer is away.
        levels = contour_levels(risk, 0.3 * reach(problem), 3)
        outermost = np.minimum(level_set_ellipse(risk, levels[-1]).semi_axes, 0.3 * reach(problem))
        spread = np.hypot(*(risk.eigenvectors * outermost).T)
        around = risk.minimizer + spread * np.array([[1, 1], [-1, -1]])
        self.plane = plane = parameter_plane(
            LEFT_HALF, [*self.path, *around], style, names=self.problem.parameters
        )
        self.room = Region(LEFT_HALF.left, LEFT_HALF.right - 0.5, LEFT_HALF.bottom, LEFT_HALF.top - 0.5)
        self.contours = risk_contours(plane, risk, levels, style.line, within=self.room)
        self.goal = goal = Dot(plane.c2p(risk.minimizer), radius=0.09, color=style.minimizer)
        self.walk = Walk(plane, self.path, style.minimizer, width=2.0, within=self.room).show(0)
        self.crowd = [plane, self.contours, plane.c2p(self.path), plane.c2p(self.ridge_path())]
        name = place_backed(
            self.formula("@min"),
            style,
            goal.get_center(),
            avoid=self.crowd,
            within=LEFT_HALF,
            prefer=[1, 1],
            gap=0.25,  # clear of the ring that will arrive there
        )
        self.crowd.append(name)
        text, number = self.number_text("alpha", digits=fewest_digits(self.alpha), alpha=self.alpha)
        note = self.remember(self.make_note(f"step size $alpha = {text}$"), number)
        self.rule = self.formula("theta arrow.l theta {{ - alpha nabla R(theta) : minimizer }}")
        self.rule.move_to([RIGHT_HALF.left, 0.3, 0], aligned_edge=[-1, 0, 0])
        gone = self.gather_the_cloud()
        self.play(gone, FadeIn(self.contours, name, note, self.rule), run_time=0.8)
        self.add(self.walk)
        stop = 4
        self.play(self.walk.walk(0, stop), rate_func=lambda t: t, run_time=2.5)
        self.tau = ValueTracker(stop)
        self.stopped = Scatter(plane.c2p(self.path[stop])[None], style.ink, radius=0.16, hollow=True)
        self.play(FadeIn(self.stopped, scale=1.6), run_time=0.7)

    def gather_the_cloud(self) -> FadeOut:
        """Let the minimizers of many data sets, lit on the map, become the one of these data.

        Returns what takes the map's mark of the origin away.
        """
        origin, many, ridge = Card(5, self.style).light(True).emblem
        start, end = many.centers, self.goal.get_center()
        self.add(origin, many, ridge)

        def gather(cloud: Scatter, alpha: float) -> None:
            cloud.move_dots((1 - alpha) * start + alpha * end)

        self.play(Write(self.make_title()), FadeOut(ridge), run_time=0.8)
        self.play(
            UpdateFromAlphaFunc(many, gather),
            origin.animate.move_to(self.plane.origin),
            FadeIn(self.plane),
            run_time=1,
        )
        self.remove(many)
        self.add(self.plane, origin, self.goal)
        return FadeOut(origin)

    def ridge_path(self) -> np.ndarray:
        """The ridge minimizers for all penalties, from a huge one to none."""
        scale = float(self.problem.risk.eigenvalues[0]) or 1.0
        return ridge_minimizer(self.problem.risk, scale * np.geomspace(1e5, 1e-7, 300))

    def on_the_way(self) -> np.ndarray:
        """A point of the ridge path that is neither at the minimizer nor at the origin."""
        path = self.ridge_path()
        lengths = np.linalg.norm(path, axis=1)
        return path[int(np.abs(lengths - 0.75 * lengths[-1]).argmin())]

    @step(
        say="Pair τ steps with the λ that is one over ατ: ridge and the stopped descent travel side by side.",
        shows="A dashed curve, the ridge path, beside the path of gradient descent. A ring on one and a dot on the "
        "other stand close together; above, the number of steps and the penalty paired with it.",
    )
    def pair_steps_with_a_penalty(self) -> None:
        style, plane = self.style, self.plane
        curve = polyline(plane.c2p(self.ridge_path()), style.ridge, 3.0, within=self.room)
        self.curve = dashed(curve, 0.1)
        paired = "ridge_minimizer(risk, global_early_stopping_lam(alpha, np.int64(tau)))"

        def rest() -> np.ndarray:
            return plane.c2p(self.compute(paired, alpha=self.alpha, tau=self.tau.get_value()))

        self.dot = Dot(rest(), radius=0.11, color=style.ridge)
        self.ridge_name = name = place_backed(
            self.formula("@ridge"),
            style,
            plane.c2p(self.on_the_way()),
            avoid=[*self.crowd, self.stopped],
            within=LEFT_HALF,
            prefer=[-1, 0],
        )
        self.pairing = self.make_pairing()
        self.play(Create(self.curve), run_time=2)
        self.play(FadeIn(self.dot, scale=2), FadeIn(name), FadeIn(self.pairing), run_time=0.8)
        self.wait(0.8)
        self.follow(
            self.stopped,
            lambda m: m.move_dots(plane.c2p(self.path[round(self.tau.get_value())])[None]),
            self.tau,
        )
        self.follow(self.walk, lambda m: m.show(self.tau.get_value()), self.tau)
        self.follow(self.dot, lambda m: m.move_to(rest()), self.tau)
        self.take_steps(self.steps, run_time=6)

    def make_pairing(self) -> VGroup:
        """The number of steps and the penalty paired with it, running."""
        typical = 1 / (self.alpha * _SHOWN)
        decimals = max(0, 2 - int(np.floor(np.log10(typical))))
        row = VGroup()
        for source, expression, places, role in (
            ("tau =", "tau", 0, "ink"),
            (
                "@lam = 1 / (alpha tau) =",
                "global_early_stopping_lam(alpha, np.int64(tau))",
                decimals,
                "penalty",
            ),
        ):
            number = self.live_number(
                expression,
                self.tau,
                decimals=places,
                role=role,
                size=FORMULA,
                variable="tau",
                alpha=self.alpha,
            )
            name = self.formula(source)
            row.add(VGroup(name, number.follow_equals(name)))
        row.arrange([1, 0, 0], buff=1.0)
        return row.move_to([RIGHT_HALF.left, RIGHT_HALF.top - 0.1, 0], aligned_edge=[-1, 0, 0])

    def take_steps(self, to: int, *, run_time: float) -> None:
        """Move to another number of steps, through whole numbers, evenly on a logarithmic scale."""
        start = self.tau.get_value()

        def move(tracker: ValueTracker, alpha: float) -> None:
            tracker.set_value(float(round(start * (to / start) ** alpha)))

        self.play(UpdateFromAlphaFunc(self.tau, move), run_time=run_time)

    @step(
        say="Compare what each keeps of a direction: both keep the steep ones and drop the flat ones.",
        shows="Two rising curves over the eigenvalue on a logarithmic axis: the share kept after tau steps, solid, and "
        "the ridge factor, dashed, a little below it. Dots mark the problem's eigenvalues on both.",
    )
    def compare_the_shares(self) -> None:
        style, sigma = self.style, self.problem.risk.eigenvalues
        self.take_steps(_SHOWN, run_time=1.5)
        self.lam = lam = 1 / (self.alpha * _SHOWN)
        x = (lam * 0.02, 0.98 / self.alpha)
        self.grid = np.geomspace(*x, 241)
        curves = early_stopping_curves(self.grid, self.alpha, _SHOWN)
        region = Region(RIGHT_HALF.left, RIGHT_HALF.right, RIGHT_HALF.bottom, RIGHT_HALF.top - 0.8)
        marks = {lam: "@lam"}
        for k, value in enumerate(sigma):
            if x[0] < value < x[1] and all(abs(np.log(value / other)) > 0.35 for other in marks):
                marks[float(value)] = f"@s{k + 1}"
        self.chart = chart = Chart(
            region, x, (0, 1.06), style, labels=("", "share kept, over $sigma$"), x_ticks=marks,
            y_ticks={0.5: "1/2", 1.0: "1"}, x_log=True,
        )  # fmt: skip
        stopped = chart.curve(self.grid, curves.early_stopping, style.minimizer)
        ridge = chart.curve(self.grid, curves.ridge, style.ridge, dash=True)
        dots = VGroup()
        for k, color in enumerate((style.eig1, style.eig2)):
            if x[0] < sigma[k] < x[1]:
                both = early_stopping_curves(sigma[k : k + 1], self.alpha, _SHOWN)
                at = chart.c2p([sigma[k]] * 2, [both.early_stopping[0], both.ridge[0]])
                dots.add(Line(chart.c2p(sigma[k], 0), at[0], color=color, stroke_width=3), Scatter(at, color))
        self.names = VGroup(
            self.formula("1 - (1 - alpha sigma)^tau", role="minimizer", size=BODY),
            self.formula("sigma / (sigma + lambda)", role="ridge", size=BODY),
        )
        for label, values, share, prefer in zip(
            self.names, (curves.early_stopping, curves.ridge), (0.6, 0.7), ([-1, 1], [1, -1]), strict=True
        ):
            k = int(np.argmin(np.abs(values - share)))
            at = chart.c2p(self.grid[k], values[k])
            place(label, at, avoid=[stopped, ridge, dots, chart.axes], within=region, prefer=prefer)
        self.drawn = VGroup(stopped, ridge, self.names, dots)
        self.play(FadeOut(self.rule), FadeIn(chart), run_time=0.8)
        self.play(Create(stopped), FadeIn(self.names[0]), run_time=1.5)
        self.play(Create(ridge), FadeIn(self.names[1]), run_time=1.5)
        self.play(FadeIn(dots), run_time=0.8)

    @step(
        say="Nearly, not exactly: the stopped descent keeps a little more, at worst about a third.",
        shows="A bracket between the two curves where their ratio is largest, with that ratio.",
    )
    def measure_the_gap(self) -> None:
        ratio = "early_stopping_factors(grid, alpha, tau) * (grid + lam) / grid"
        inputs: dict[str, Any] = {"grid": self.grid, "alpha": self.alpha, "tau": _SHOWN, "lam": self.lam}
        worst = int(np.argmax(self.compute(ratio, **inputs)))
        curves = early_stopping_curves(self.grid[worst : worst + 1], self.alpha, _SHOWN)
        low, high = (
            self.chart.c2p(self.grid[worst], float(v[0])) for v in (curves.ridge, curves.early_stopping)
        )
        across = np.array([0.12, 0, 0])
        gap = VGroup(
            Line(low, high, color=self.style.ink, stroke_width=5),
            *(Line(end - across, end + across, color=self.style.ink, stroke_width=5) for end in (low, high)),
        )
        label = self.number(f"np.max({ratio})", template="times {}", **inputs)
        place(
            label,
            (low + high) / 2,
            avoid=[self.drawn[:3], gap],
            within=self.chart.box.grown(0.3),
            prefer=[1, 0],
        )
        self.play(FadeOut(self.drawn[3]), Create(gap), run_time=1)
        self.play(FadeIn(label), run_time=0.8)
