"""Weight decay follows the risk downhill, and is pulled back towards the origin in every step."""

from __future__ import annotations

import numpy as np
from manim import (
    Create,
    Dot,
    FadeIn,
    FadeOut,
    GrowFromPoint,
    ReplacementTransform,
    TransformFromCopy,
    UpdateFromAlphaFunc,
    VGroup,
    VMobject,
    Write,
    linear,
)

from lecture.stage import (
    BODY,
    LEFT_HALF,
    RIGHT_HALF,
    SAFE,
    SMALL,
    Arrow,
    Region,
    dashed,
    place,
    polyline,
    step,
)
from lecture.stage.backing import backed, place_backed
from lecture.stage.scatter import Scatter
from scenes.parts.contours import contour_levels, risk_contours
from scenes.parts.descent import (
    MOST_STEPS,
    CloseUp,
    Walk,
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
from wdmath import QuadraticRisk, gradient_descent, ridge_minimizer

# How many of the early steps the close-up walks through, arrow by arrow.
_ENLARGED = 5


def _first(problem: Problem) -> int:
    """Where the close-up begins: a step from the origin has nothing to shrink, and the next goes straight on."""
    return 0 if np.any(np.array(problem.start) != 0) else 2


def _pull(problem: Problem) -> str:
    share = problem.step_size * problem.lam_zigzag
    if share == 0:
        return "With λ = 0 the shrink leaves θ where it is; only the gradient step moves it."
    if share < 1:
        return (
            "First θ shrinks towards the origin, then it follows the gradient step of the unpenalized risk."
        )
    return (
        "So strong a decay throws θ through the origin and beyond; then it follows the gradient step "
        "of the unpenalized risk."
    )


def _plain_descent(problem: Problem) -> str:
    if not converges(problem):
        return (
            "Plain gradient descent: every step follows the steepest slope of the risk, but this step size is "
            "too large for it, and the path runs away."
        )
    if not problem.is_singular:
        return "Plain gradient descent follows the steepest slope of the risk, and heads for θ̂."
    slope = float(np.linalg.norm(problem.risk.gradient(problem.start)))
    if slope <= 1e-9 * problem.risk.eigenvalues[0] * reach(problem):
        return "Plain gradient descent follows the slope of the risk. Here it starts on the level floor, and stays."
    return "Plain gradient descent follows the steepest slope of the risk, down to the level floor of the valley."


def _to_rest(problem: Problem) -> str:
    if not converges(problem, problem.lam_zigzag):
        return (
            "And again: back towards the origin, then downhill. With this step size the path runs away, "
            "though θ̂ ridge lies where both pulls would cancel."
        )
    if problem.lam_zigzag == 0:
        return "And again. With λ = 0 nothing pulls back, and the path is that of plain descent."
    if problem.is_zero:
        return "And again: back, then downhill. Both lead to zero, where θ̂ ridge and θ̂ lie."
    return "And again: back, then downhill, until both pulls cancel, at θ̂ ridge instead of θ̂."


class PulledBackEveryStep(WeightDecayScene):
    """Each step of weight decay shrinks towards the origin and follows the risk: gradient descent in disguise."""

    title = "Pulled back *every step*"

    @step(
        say=_plain_descent,
        shows="The parameter plane with contours of the risk and the path of gradient descent from its start, "
        "a dot for every step. At the right the update: theta minus alpha times the gradient of R.",
        covers=("B2",),
    )
    def descend_without_penalty(self) -> None:
        problem, style, risk = self.problem, self.style, self.problem.risk
        self.run, self.rest = (
            descent_run(problem, problem.lam_zigzag),
            ridge_minimizer(risk, problem.lam_zigzag),
        )
        self.levels = contour_levels(risk, 0.3 * reach(problem), 3)
        self.plane = plane = descent_plane(problem, LEFT_HALF, style, (problem.lam_zigzag,), self.levels)
        self.room = Region(LEFT_HALF.left, LEFT_HALF.right - 0.5, LEFT_HALF.bottom, LEFT_HALF.top - 0.5)
        self.contours = risk_contours(plane, risk, self.levels, style.line, within=self.room)
        steps = min(problem.steps, MOST_STEPS)
        path = gradient_descent(risk, problem.start, problem.step_size, steps)
        self.plain = Walk(plane, path, style.minimizer, within=self.room)
        goal = Dot(plane.c2p(risk.minimizer), radius=0.09, color=style.minimizer).set_z_index(2)
        penalized = QuadraticRisk(risk.hessian + problem.lam_zigzag * np.eye(2), self.rest)
        self.penalized = (
            penalized,
            risk_contours(plane, penalized, self.levels, style.line, within=self.room),
        )
        zigzag = Zigzag(plane, self.run, style, within=self.room)
        # Names may lie over contours: near their points, on patches.
        self.crowd = [plane, self.plain, zigzag, goal, plane.c2p(self.rest)[None]]
        name = self.name("@min", goal.get_center(), [1, 1])
        self.add(plane)
        self.play(Write(self.make_title()), FadeIn(self.contours, goal, name), run_time=1.4)
        self.play(self.plain.walk(0, steps), rate_func=lambda t: t**2.5, run_time=3.6)
        plain = self.formula("{{ theta : start }} {{ - alpha nabla R(theta) : minimizer }}")
        plain.move_to([SAFE.right, SAFE.top - 0.05, 0], aligned_edge=[1, 1, 0])
        self.rule = VGroup(plain.select("start"), plain.select("minimizer"))
        self.play(*(FadeIn(part) for part in self.rule), run_time=0.6)

    def name(self, source: str, at: np.ndarray, prefer: list[float]) -> VGroup:
        """The name of a point of the plane, on a patch beside it."""
        label = self.formula(source, size=BODY)
        place(label, at, avoid=self.crowd, within=LEFT_HALF, prefer=prefer, gap=0.12, clear=0.05)
        self.crowd.append(label)
        return backed(label, self.style)

    @step(
        say=lambda problem: "Split each step in two. " + _pull(problem),
        shows="A piece of the early path enlarged: an arrow of the penalty's color shrinks theta along its ray to "
        "the origin, from its tip an arrow in the color of the minimizer takes the gradient step, at a right angle "
        "to the contour there.",
        covers=("B2",),
    )
    def split_a_step(self) -> None:
        problem, style, run = self.problem, self.style, self.run
        k = self.first = min(_first(problem), len(run.shrunk) - 1)
        last = self.last = min(k + _ENLARGED, len(run.shrunk))
        region = Region(RIGHT_HALF.left, RIGHT_HALF.right, SAFE.bottom + 0.65, RIGHT_HALF.top + 0.2)
        near = np.vstack([run.points[k : last + 1], run.shrunk[k:last]])
        near = near[self.room.contains(self.plane.c2p(near))]
        self.lens = lens = CloseUp(
            region, near if len(near) else problem.risk.minimizer[None], smallest=reach(problem) / 50
        )
        low, high = (self.plane.c2p(corner) for corner in lens.window)
        window = Region(
            max(low[0], self.room.left),
            min(high[0], self.room.right),
            max(low[1], self.room.bottom),
            min(high[1], self.room.top),
        )
        self.marks = marks = VGroup(*(outline(r, style.dim) for r in (window, region)))
        self.crowd.append(marks[0])
        rule = self.formula(
            "{{ (1 - alpha lambda) theta : penalty }} {{ - alpha nabla R(theta) : minimizer }}"
        )
        rule.move_to(self.rule, aligned_edge=[1, 0, 0])
        decayed = rule.select("penalty")
        self.small = Zigzag(self.plane, run, style, within=self.room).show(0)
        self.full = Zigzag(lens, run, style)  # what the labels keep away from
        self.play(self.plain.animate.set_color(style.faded("minimizer", 0.35)), run_time=0.8)
        self.add(self.small)
        self.play(self.small.walk(0, 2 * k), Create(marks[0]), run_time=1)
        levels = np.asarray(problem.risk.value(run.shrunk[k:last])) - problem.risk.constant
        pale = style.faded("line", 0.6)
        self.hills = hills = risk_contours(lens, problem.risk, levels, pale, within=region)
        self.play(TransformFromCopy(marks[0], marks[1]), FadeIn(self.caption(region)), run_time=1.2)
        ray = polyline(lens.c2p([run.points[k], [0, 0]]), style.faded("penalty", 0.6), 2.5, within=region)
        self.play(FadeIn(hills, dashed(ray)), run_time=0.6)
        dot = Scatter(lens.c2p(run.points[k : k + 1]), style.ink, radius=0.08).set_z_index(2)
        self.play(FadeIn(dot), run_time=0.4)
        self.dots = VGroup(dot)
        self.arrows = VGroup()
        self.half_names = names = VGroup()
        rings = Scatter(lens.c2p(run.points[k : last + 1]), style.ink, radius=0.24)  # drawn later
        for half, role, word in ((0, "penalty", "shrink"), (1, "minimizer", "step")):
            ends = (run.points[k], run.shrunk[k], run.points[k + 1])[half : half + 2]
            name = self.words(word, role=role, size=SMALL)
            name = place_backed(
                name,
                style,
                lens.c2p(np.mean(ends, axis=0)),
                avoid=[self.full, rings, *names],
                within=region.grown(-0.15),
                gap=0.3,
            )
            name = backed(name, style)
            names.add(name)
            shown = [FadeOut(self.rule[0]), FadeIn(decayed)] if half == 0 else []
            if region.contains(np.array([lens.c2p(end) for end in ends])).all():
                shown.append(FadeIn(name))
            self.half_step(k, half, run_time=1.3, also=shown)
        self.rule = VGroup(decayed, self.rule[1])

    def caption(self, region: Region) -> VGroup:
        """The numbers of the run, under the close-up."""
        alpha, lam = self.problem.step_size, self.problem.lam_zigzag
        strength = self.number(
            "lam", digits=fewest_digits(lam), template="@lam = {}", lam=lam, role="penalty"
        )
        factor = self.number(
            "1 - alpha * lam",
            digits=factor_digits(1 - alpha * lam),
            template="1 - alpha lambda = {}",
            role="penalty",
            alpha=alpha,
            lam=lam,
        )
        numbers = VGroup(strength, factor).arrange([1, 0, 0], buff=0.6)
        numbers.move_to([region.left, SAFE.bottom + 0.3, 0], aligned_edge=[-1, 0, 0])
        note = self.words("enlarged", role="dim", size=SMALL)
        return VGroup(numbers, note.move_to([region.right, SAFE.bottom + 0.3, 0], aligned_edge=[1, 0, 0]))

    def half_step(self, k: int, half: int, *, run_time: float, also: list | None = None) -> None:
        """One arrow in the close-up, and the same piece of the path in the plane."""
        style, lens, run = self.style, self.lens, self.run
        ends = (run.points[k], run.shrunk[k], run.points[k + 1])
        start, end = (lens.c2p(p) for p in ends[half : half + 2])
        done = 2 * k + half
        moves = [self.small.walk(done, done + 1), *(also or [])]
        if lens.region.contains(np.array([start, end])).all():
            arrow = Arrow(start, end, (style.penalty, style.minimizer)[half]).set_z_index(1 - half)
            self.arrows.add(arrow)
            moves.append(GrowFromPoint(arrow, start))
        self.play(*moves, run_time=run_time)
        if half == 1 and lens.region.contains(end):
            self.dots.add(Scatter([end], style.ink, radius=0.08).set_z_index(2))
            self.add(self.dots)

    @step(
        say=_to_rest,
        shows="The zigzag of shrinks and gradient steps in the close-up, and small in the plane, where the whole path "
        "is drawn and the ridge minimizer is marked.",
        covers=("B2",),
    )
    def pull_back_again_and_again(self) -> None:
        for k in range(self.first + 1, self.last):
            for half in range(2):
                self.half_step(k, half, run_time=max(0.35, 0.8 - 0.15 * (k - self.first)))
        self.goal = Dot(self.plane.c2p(self.rest), radius=0.09, color=self.style.ridge).set_z_index(2)
        name = self.name("@ridge", self.goal.get_center(), [-1, -0.3])
        done, total = 2 * self.last, self.small.steps
        self.play(self.small.walk(done, total), rate_func=lambda t: t**2, run_time=3)
        self.play(FadeIn(self.goal, scale=2), FadeIn(name), run_time=0.8)

    @step(
        say="Plain descent on the penalized risk lands on the same points: the decay was the penalty all "
        "along.",
        shows="The contours are now those of the penalized risk, around its minimizer. Rings mark the points of plain "
        "gradient descent on it; they lie on the corners of the zigzag, in the plane and in the close-up.",
        covers=("B1", "B2"),
    )
    def land_on_the_same_points(self) -> None:
        problem, style, lens = self.problem, self.style, self.lens
        penalized, contours = self.penalized
        steps = len(self.run.shrunk)
        path = gradient_descent(penalized, problem.start, problem.step_size, steps)
        rule = self.formula('{{ theta - alpha nabla R_"reg" (theta) : ridge }}')
        rule.move_to(self.rule, aligned_edge=[1, 0, 0])
        self.play(
            ReplacementTransform(self.contours, contours),
            FadeOut(*self.rule),
            FadeIn(rule),
            FadeOut(self.plain),
            run_time=2,
        )
        self.rings = rings = [
            (Scatter([], style.ink, radius=radius, hollow=True), apart(view.c2p(points), room, gap))
            for view, points, room, radius, gap in (
                (self.plane, path, self.room, 0.11, 0.2),
                (lens, path[self.first : self.last + 1], lens.region.grown(-0.1), 0.19, 0.0),
            )
        ]
        self.play(*(appear(ring, at) for ring, at in rings), run_time=3, rate_func=linear)


def outline(region: Region, color: str) -> VMobject:
    """The border of a region."""
    x, y = (
        (region.left, region.right, region.right, region.left),
        (region.bottom, region.bottom, region.top, region.top),
    )
    return polyline(np.column_stack([x, y]), color, 2.5, closed=True)


def apart(points: np.ndarray, room: Region, gap: float) -> np.ndarray:
    """The points inside a region, without those too near to one already taken to be told from it."""
    taken: list[np.ndarray] = []
    for point in points[room.contains(points)]:
        if all(np.hypot(*(point - other)[:2]) >= gap for other in taken):
            taken.append(point)
    return np.array(taken).reshape(-1, 3)


def appear(dots: Scatter, points: np.ndarray) -> UpdateFromAlphaFunc:
    """The animation in which dots appear one after the other."""
    return UpdateFromAlphaFunc(dots, lambda m, alpha: m.move_dots(points, round(alpha * len(points))))
