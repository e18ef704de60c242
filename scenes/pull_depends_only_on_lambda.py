"""With the step size fixed, lambda alone sets how strongly every step is pulled back, and where the path rests."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    Create,
    Dot,
    FadeIn,
    FadeOut,
    GrowFromEdge,
    Indicate,
    Line,
    Rectangle,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
    linear,
    rush_from,
)

from lecture.stage import (
    BODY,
    LEFT_HALF,
    RIGHT_HALF,
    Region,
    dashed,
    place,
    polyline,
    question,
    step,
    unless,
)
from lecture.stage.backing import backed
from lecture.stage.drawing import set_segments
from lecture.stage.region import clip
from lecture.stage.scatter import Scatter
from lecture.words import Message, _, computed
from scenes.parts.contours import risk_contours
from scenes.parts.descent import (
    MOST_STEPS,
    descent_levels,
    descent_plane,
    factor_digits,
    far_enough,
    fewest_digits,
    name_minimizer,
)
from scenes.parts.eigen_picture import reach
from scenes.parts.penalty_scale import decimals_for
from scenes.parts.scene import WeightDecayScene
from scenes.problem import Problem
from wdmath import gradient_descent, ridge_minimizer, stability_bound

# How far beyond the bound of the strong penalty the step size goes.
_BEYOND = 1.12

_NOTHING = np.zeros((4, 3))


def _bounds(problem: Problem) -> tuple[float, float]:
    """Largest step sizes of the weak and of the strong penalty."""
    weak, strong = (float(stability_bound(problem.risk.eigenvalues, lam)) for lam in problem.lams_compared)
    return weak, strong


def calm_step(problem: Problem) -> float:
    """The step size that both start with: the problem's own, unless a path would run away with it."""
    _, strong = _bounds(problem)
    return problem.step_size if problem.step_size < 0.95 * strong else 0.45 * strong


def wild_step(problem: Problem) -> float:
    """A step size beyond the bound of the strong penalty, and below that of the weak one if there is room."""
    weak, strong = _bounds(problem)
    return float(min(_BEYOND * strong, np.sqrt(weak * strong))) if weak > 1.1 * strong else 1.06 * strong


def _only_one_flies_off(problem: Problem) -> bool:
    return wild_step(problem) < 0.98 * _bounds(problem)[0]


def _far_apart(problem: Problem) -> bool:
    """Whether the weak penalty ends near the minimizer and the strong one far from it."""
    away = np.linalg.norm(
        ridge_minimizer(problem.risk, problem.lams_compared) - problem.risk.minimizer, axis=1
    )
    return bool(away[0] <= 0.25 * reach(problem) and away[1] >= 0.4 * reach(problem))


def _run(problem: Problem) -> Message:
    if problem.is_zero:
        return _(
            "Let both <run>run. With either pull the path comes to <rest>rest at zero, where {min} lies."
        )
    if _far_apart(problem):
        return _(
            "Let both <run>run. The weakly pulled path comes near to {min}; the strongly pulled one "
            "<rest>rests far short of it."
        )
    return _(
        "Let both <run>run. With the weaker pull the path comes nearer to {min}; the stronger one holds it nearer to "
        "the origin, at <rest>rest."
    )


def _share(problem: Problem) -> Message:
    if calm_step(problem) * max(problem.lams_compared) <= 1:
        return _(
            "Every step takes a share {rate}{lam} of the weights. <weak>Weak: little is taken. <strong>Strong: much. "
            "With {rate} fixed, <only>only {lam} decides."
        )
    return _(
        "Every step multiplies the weights by one minus {rate}{lam}. <weak>Weak: little is taken. <strong>Strong: they "
        "are thrown across the origin. With {rate} fixed, <only>only {lam} decides."
    )


def _climb(problem: Problem) -> Message:
    if _only_one_flies_off(problem):
        return _(
            "At the same point, while {rate} <climb>grows. At its bound the strong one <bounce>bounces and never "
            "settles; <fly>beyond, it flies off. The weak one still rests."
        )
    return _(
        "At the same point, while {rate} <climb>grows. At the bound the strong one <bounce>bounces and never settles; "
        "<fly>beyond it flies off."
    )


def _bound(problem: Problem) -> Message:
    if problem.step_size < 0.95 * _bounds(problem)[1]:
        return _(
            "The bound is <bound>two over {s1} plus {lam}, where {s1} is the risk's sharpest bend. <room>A stronger "
            "decay leaves less room for large steps."
        )
    return _(
        "The bound is <bound>two over {s1} plus {lam}. <room>The lecture's own step size, {alpha}, is above it: with "
        "it a path does not come to rest."
    ).format(alpha=computed("alpha", alpha=lambda p: p.step_size))


class Path(VGroup):
    """The path of one penalty strength, drawn anew for any step size: a line with a mark at every point.

    Attributes
    ----------
    corners : ndarray of shape (n, 2)
        The points of the descent, in coordinates.
    """

    def __init__(self, plane: Any, room: Region, problem: Problem, color: str, *, hollow: bool):
        self.plane, self.room, self.problem = plane, room, problem
        self.line = VMobject(color=color, stroke_width=3, fill_opacity=0)
        self.marks = Scatter([], color, radius=0.075 if hollow else 0.06, hollow=hollow)
        super().__init__(self.line, self.marks)
        self._steps = min(problem.steps, MOST_STEPS)

    def put(self, lam: float, alpha: float, shown: float = np.inf) -> Path:
        """Draw the first `shown` steps of the descent with penalty `lam` and step size `alpha`."""
        with np.errstate(over="ignore", invalid="ignore"):
            path = gradient_descent(self.problem.risk, self.problem.start, alpha, self._steps, lam)
        self.corners = np.nan_to_num(path, nan=1e9, posinf=1e9, neginf=-1e9).clip(-1e9, 1e9)
        corners = self.plane.c2p(self.corners)
        whole = int(min(shown, self._steps))
        if whole < self._steps:
            part = corners[whole] + (shown - whole) * (corners[whole + 1] - corners[whole])
            corners = np.vstack([corners[: whole + 1], part])
        pieces = clip(corners[:, :2], self.room)
        starts = [np.column_stack([p[:-1], np.zeros(len(p) - 1)]) for p in pieces]
        ends = [np.column_stack([p[1:], np.zeros(len(p) - 1)]) for p in pieces]
        if pieces:
            set_segments(self.line, np.vstack(starts), np.vstack(ends))
        else:
            self.line.set_points(_NOTHING)
        seen = corners[: whole + 1][self.room.contains(corners[: whole + 1])]
        self.marks.move_dots(seen[far_enough(seen, 0.16)] if len(seen) else seen)
        return self


class Dial(VGroup):
    """A scale with a knob that a tracker moves.

    Parameters
    ----------
    top : float
        Value at the right end; 0 is at the left one.
    """

    def __init__(self, scene: WeightDecayScene, region: Region, top: float, name: Any, role: str):
        style = scene.style
        self.top, self.region = top, region
        y = region.bottom + 0.1
        self.rail = Line([region.left, y, 0], [region.right, y, 0], color=style.line, stroke_width=4)
        self.knob = Dot(radius=0.13, color=style.color(role)).set_z_index(3)
        name.move_to([region.left, region.top, 0], aligned_edge=[-1, 1, 0])
        super().__init__(self.rail, self.knob, name)

    def at(self, value: float) -> np.ndarray:
        """Where a value lies on the scale, at most at its end."""
        share = min(value / self.top, 1.0)
        return np.array([self.region.left + share * self.region.width, self.rail.get_y(), 0.0])


class PullDependsOnlyOnLambda(WeightDecayScene):
    """The step size fixed, {lam} alone decides how strongly each step is pulled back, and where the path rests."""

    title = _("With {rate} fixed, the pull depends only on {lam}")
    question_region = Region(RIGHT_HALF.left, RIGHT_HALF.right, -1.25, 0.25)

    @step(
        say=_(
            "The same risk, start and <rate>step size {rate}, and two penalties: <weak>a weak one, <strong>and a "
            "strong one."
        ),
        shows=_(
            "The parameter plane with contours of the risk around {min}. On the right the step size and two values of "
            "{lam}."
        ),
        covers=("B3",),
    )
    def set_the_stage(self) -> None:
        problem, style = self.problem, self.style
        self.alpha = ValueTracker(calm_step(problem))
        levels = descent_levels(problem)
        self.plane = descent_plane(problem, LEFT_HALF, style)
        self.room = Region(LEFT_HALF.left, LEFT_HALF.right - 0.5, LEFT_HALF.bottom, LEFT_HALF.top - 0.5)
        self.contours = risk_contours(self.plane, problem.risk, levels, style.line, within=self.room)
        self.goal = Dot(self.plane.c2p(problem.risk.minimizer), radius=0.09, color=style.minimizer)
        self.goal.set_z_index(2)
        self.paths = [
            Path(self.plane, self.room, problem, color, hollow=hollow)
            for color, hollow in ((style.dim, False), (style.ink, True))
        ]
        self.rests = [ridge_minimizer(problem.risk, lam) for lam in problem.lams_compared]
        scale = float(problem.risk.eigenvalues[0])
        curve = ridge_minimizer(problem.risk, scale * np.concatenate([[0], np.geomspace(1e-6, 1e6, 400)]))
        self.curve = polyline(self.plane.c2p(curve), style.ridge, 2.5, within=self.room)
        for path, lam in zip(self.paths, problem.lams_compared, strict=True):
            path.put(lam, calm_step(problem))
        self.crowd: list[Any] = [self.plane, self.curve, *(p.line.copy() for p in self.paths)]
        self.goal_name = name_minimizer(self.plane, LEFT_HALF, problem, style)
        self.crowd.append(self.goal_name)
        name = backed(self.goal_name, style).set_z_index(4)  # over the paths, wherever they fly
        self.rows = [self._row(k) for k in (0, 1)]
        self.rate = self.formula("@rate =", size=BODY).move_to(
            [RIGHT_HALF.left, 2.25, 0], aligned_edge=[-1, 0, 0]
        )
        self.rate_value = super().live_number(
            "alpha",
            self.alpha,
            variable="alpha",
            decimals=decimals_for(calm_step(problem), 2),
        )
        self.rate_value.follow_equals(self.rate)
        self.add(self.plane, self.goal, name)  # as the scene before left them
        self.play(
            Write(self.make_title()),
            FadeIn(self.contours),
            run_time=1.2,
        )
        self.add(self.plane, name)  # on their patches, over the contours
        self.wait_for("rate")
        self.play(FadeIn(self.rate, self.rate_value), run_time=0.8)
        self.wait_for("weak")
        self.play(FadeIn(self.rows[0]), run_time=0.8)
        self.wait_for("strong")
        self.play(FadeIn(self.rows[1]), run_time=0.8)

    def _row(self, which: int) -> VGroup:
        """The mark of a path and its penalty strength."""
        lam = self.problem.lams_compared[which]
        y = 1.45 - 0.75 * which
        color = (self.style.dim, self.style.ink)[which]
        mark = Scatter([[RIGHT_HALF.left + 0.1, y, 0]], color, radius=0.1, hollow=bool(which))
        value = self.number("lam", digits=fewest_digits(lam), template="@lam = {}", lam=lam, role="penalty")
        return VGroup(mark, value.move_to([RIGHT_HALF.left + 0.4, y, 0], aligned_edge=[-1, 0, 0]))

    def label(self, source: str, at: np.ndarray, prefer: tuple[float, float]) -> Any:
        """A name beside a point, clear of what the scene shows."""
        label = place(
            self.formula(source, size=BODY), at, avoid=self.crowd, within=LEFT_HALF, prefer=prefer, gap=0.14
        )
        self.crowd.append(label)
        return backed(label, self.style)

    @step(
        say=_share,
        shows=_(
            "Beside each {lam} a bar for the length of {theta}, of which a step takes the share {rate}{lam}; "
            "the factor that remains is written beside it."
        ),
        covers=("B3",),
    )
    def take_a_fixed_share(self) -> None:
        self.bars, self.factors = [], VGroup()
        left = max(row.get_right()[0] for row in self.rows) + 0.35
        numbers = []
        for lam in self.problem.lams_compared:
            factor = 1 - calm_step(self.problem) * lam
            numbers.append(
                self.number(
                    "1 - alpha * lam",
                    digits=factor_digits(factor),
                    template="@theta times {}",
                    role="penalty",
                    alpha=calm_step(self.problem),
                    lam=lam,
                )
            )
        length = RIGHT_HALF.right - max(n.width for n in numbers) - 0.3 - left
        for row, number, lam in zip(self.rows, numbers, self.problem.lams_compared, strict=True):
            kept = float(np.clip(1 - calm_step(self.problem) * lam, 0, 1)) * length
            y = row[1].get_center()[1]
            number.move_to([RIGHT_HALF.right, y, 0], aligned_edge=[1, 0, 0])
            self.bars.append(
                VGroup(
                    self.bar(left, kept, y, self.style.dim),
                    self.bar(left + kept, length - kept, y, self.style.penalty),
                )
            )
            self.factors.add(number)
        self.play(*(GrowFromEdge(bars, [-1, 0, 0]) for bars in self.bars), run_time=1.4)
        self.wait_for("weak")
        self._take(0)
        self.wait_for("strong")
        self._take(1)
        self.wait_for("only")
        color = self.style.penalty
        self.play(*(Indicate(row[1], scale_factor=1.3, color=color) for row in self.rows), run_time=1.2)

    def _take(self, which: int) -> None:
        self.play(
            self.bars[which][1].animate.set_fill(self.style.faded("penalty", 0.3)),
            FadeIn(self.factors[which]),
            run_time=1,
        )

    @staticmethod
    def bar(left: float, length: float, y: float, color: str) -> Rectangle:
        """A piece of the bar that stands for the length of theta."""
        bar = Rectangle(width=max(length, 1e-3), height=0.3, stroke_width=0, fill_color=color, fill_opacity=1)
        return bar.move_to([left, y, 0], aligned_edge=[-1, 0, 0])

    @step(
        say=_run,
        shows=_(
            "Both paths in the plane from the same start, with dots for the weak penalty and rings for the "
            "strong one; where they rest, {ridge} of each is marked."
        ),
        covers=("B3",),
    )
    def descend_side_by_side(self) -> None:
        shown = ValueTracker(0.0)
        for path, lam in zip(self.paths, self.problem.lams_compared, strict=True):
            self.follow(
                path, lambda m, lam=lam: m.put(lam, calm_step(self.problem), shown.get_value()), shown
            )
        self.rest_dots = VGroup(
            *(Dot(self.plane.c2p(r), radius=0.1, color=self.style.ridge).set_z_index(3) for r in self.rests)
        )
        self.rest_names = VGroup(self.label("@ridge", self.rest_dots[0].get_center(), (1, 0)))
        if np.hypot(*(self.rests[1] - self.rests[0])) * self.plane.unit > 0.5:
            self.rest_names.add(self.label("@ridge", self.rest_dots[1].get_center(), (1, 0)))
        steps = self.paths[0]._steps
        self.wait_for("run")
        self.add(*self.paths)
        self.play(shown.animate(rate_func=linear).set_value(min(8.0, steps)), run_time=3)
        self.play(shown.animate(rate_func=linear).set_value(float(steps)), run_time=1.2)
        self.wait_for("rest")
        self.play(*(FadeIn(d, scale=2.5) for d in self.rest_dots), FadeIn(self.rest_names), run_time=1)

    @step(
        say=unless(
            _(
                "Turn {lam} from the weak to the strong one, and the rest point <slide>slides along one curve, from "
                "{min} at {lam} zero <curve>towards the origin."
            ),
            is_zero=_(
                "Turn {lam} from the weak to the strong one, and the rest point <slide>stays: where {min} is zero, "
                "<curve>no penalty can move it."
            ),
            lies_along_floor=_(
                "Turn {lam} from the weak to the strong one, and the rest point <slide>stays at zero: the smallest "
                "penalty <curve>takes it to zero."
            ),
            has_floor_component=_(
                "Turn {lam} from the weak to the strong one, and the rest point <slide>slides along a line "
                "<curve>towards the origin, which leaves out {min}."
            ),
        ),
        shows=unless(
            _(
                "A dial for {lam} at the strong value; the weak path has been carried onto the strong one. A dashed "
                "curve through both rest points leads from {min} to the origin."
            ),
            is_zero=_("A dial for {lam} at the strong value; both paths rest at the origin."),
            lies_along_floor=_("A dial for {lam} at the strong value; both paths rest at the origin."),
            has_floor_component=_(
                "A dial for {lam} at the strong value. A dashed line through both rest points leads from the level "
                "floor to the origin."
            ),
        ),
        covers=("B3",),
    )
    def slide_along_the_curve(self) -> None:
        problem, style = self.problem, self.style
        weak, strong = problem.lams_compared
        self.lam = ValueTracker(weak)
        name = self.formula("@lam =", size=BODY)
        self.lam_dial = Dial(self, _DIAL, 1.15 * max(strong, 1e-300), name, "penalty")
        value = self.live_number("lam", self.lam, decimals=decimals_for(strong), role="penalty")
        value.follow_equals(name)
        self.follow(self.lam_dial.knob, lambda m: m.move_to(self.lam_dial.at(self.lam.get_value())), self.lam)
        moving = Path(self.plane, self.room, problem, style.ink, hollow=False)
        self.follow(moving, lambda m: m.put(self.lam.get_value(), calm_step(problem)), self.lam)
        rest = self.rest_dots[0].copy().set_z_index(4)
        self.follow(
            rest,
            lambda m: m.move_to(self.plane.c2p(ridge_minimizer(problem.risk, self.lam.get_value()))),
            self.lam,
        )
        self.play(FadeIn(self.lam_dial, value), run_time=1.2)
        self.play(self.paths[0].animate.set_stroke(opacity=0.25), FadeIn(moving, rest), run_time=1)
        self.wait_for("slide")
        self.play(self.lam.animate.set_value(strong), run_time=3)
        self.wait_for("curve")
        self.dashes = dashed(self.curve, 0.09)
        self.play(Create(self.dashes), run_time=1.6)
        self.play(FadeOut(moving, rest), self.paths[0].animate.set_stroke(opacity=1), run_time=0.5)
        self.dial_parts = VGroup(self.lam_dial, value)

    @question(
        ask=_("Now the step size {rate} grows instead. Where does the strong path rest then?"),
        choices=(_("nearer to {min}"), _("at the same point"), _("nearer to zero")),
        answer=1,
        shows=_("A dial for {rate} has taken the place of the one for {lam}; three choices."),
        covers=("B3",),
    )
    def guess_the_rest(self) -> None:
        problem = self.problem
        weak, _strong = _bounds(problem)
        name = self.formula("@rate", size=BODY)
        self.dial = Dial(
            self,
            _DIAL,
            1.1 * max(weak if _only_one_flies_off(problem) else 0.0, wild_step(problem)),
            name,
            "ink",
        )
        self.follow(self.dial.knob, lambda m: m.move_to(self.dial.at(self.alpha.get_value())), self.alpha)
        self.play(FadeOut(self.dial_parts, self.bars[0], self.bars[1], self.factors), run_time=0.5)
        self.play(FadeIn(self.dial), self.rest_names.animate.set_opacity(1), run_time=0.6)

    @step(
        say=_climb,
        shows=_(
            "The step size has passed the bound of the strong penalty, marked on its dial: that path has left the "
            "plane in ever longer zigzags, far from the point where smaller steps come to rest."
        ),
        covers=("B3",),
    )
    def climb_past_the_bound(self) -> None:
        problem = self.problem
        weak, strong = _bounds(problem)
        for path, lam in zip(self.paths, problem.lams_compared, strict=True):
            self.follow(path, lambda m, lam=lam: m.put(lam, self.alpha.get_value()), self.alpha)
        self.marks = VGroup(self._bound_mark(1))
        if weak <= self.dial.top:
            self.marks.add(self._bound_mark(0))
        self.wait_for("climb")
        self.play(FadeIn(self.marks), run_time=0.4)
        self.play(self.alpha.animate(rate_func=linear).set_value(0.95 * strong), run_time=3.2)
        self.wait_for("bounce")
        self.play(self.alpha.animate.set_value(strong), run_time=1.2)
        self.wait_for("fly")
        self.play(self.alpha.animate.set_value(wild_step(problem)), run_time=2.2)

    def _bound_mark(self, which: int) -> VGroup:
        """The largest step size of a penalty, on the dial: its path's mark over a tick."""
        at = self.dial.at(_bounds(self.problem)[which])
        color = (self.style.dim, self.style.ink)[which]
        up = np.array([0, 0.16, 0])
        tick = Line(at - up, at + up, color=color, stroke_width=4)
        mark = Scatter([at + 2.2 * up], color, radius=0.1, hollow=bool(which))
        return VGroup(tick, mark)

    @step(
        say=_bound,
        shows=_(
            "Beside each value of {lam} the bound on the step size, two over {s1} plus {lam}, with its value."
        ),
        covers=("B3",),
    )
    def stay_below_the_bound(self) -> None:
        self.bounds = bounds = VGroup()
        for row, lam in zip(self.rows, self.problem.lams_compared, strict=True):
            text, record = self.number_text("stability_bound(risk.eigenvalues, lam)", lam=lam)
            bound = self.formula(f"@rate < 2 \\/ (@s1 + @lam) = {text}", size=BODY)
            self.remember(bound, record)
            bound.move_to([RIGHT_HALF.right, row[1].get_center()[1], 0], aligned_edge=[1, 0, 0])
            if bound.get_left()[0] < row.get_right()[0] + 0.25:  # long numbers: below, in the same order
                bound.shift([0, -1.5, 0])
            bounds.add(bound)
        self.wait_for("bound")
        self.play(FadeIn(bounds[1]), run_time=1.6, rate_func=rush_from)
        self.play(FadeIn(bounds[0]), run_time=1.6)
        self.wait_for("room")
        self.play(self.alpha.animate.set_value(calm_step(self.problem)), run_time=2)


# Where the dial of lambda stands, and later that of alpha.
_DIAL = Region(RIGHT_HALF.left + 0.1, RIGHT_HALF.right - 0.3, -2.4, -1.5)
