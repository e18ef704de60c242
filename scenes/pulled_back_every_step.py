"""Weight decay follows the risk downhill, and is pulled back towards the origin in every step."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    AnimationGroup,
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
    smooth,
)

from lecture.stage import (
    BODY,
    LEFT_HALF,
    RIGHT_HALF,
    SAFE,
    SMALL,
    Arrow,
    Region,
    place,
    question,
    step,
)
from lecture.stage.backing import backed, place_backed
from lecture.stage.drawing import set_dashed_polyline, set_polyline, set_segments
from lecture.stage.region import clip
from lecture.stage.scatter import Scatter
from lecture.words import Message, _
from scenes.parts.contours import risk_contours
from scenes.parts.descent import (
    MOST_STEPS,
    CloseUp,
    Walk,
    Zigzag,
    converges,
    descent_levels,
    descent_plane,
    descent_run,
    factor_digits,
    far_enough,
    fewest_digits,
    name_minimizer,
)
from scenes.parts.eigen_picture import reach
from scenes.parts.scene import WeightDecayScene
from scenes.problem import Problem
from wdmath import QuadraticRisk, WeightDecaySteps, gradient_descent, ridge_minimizer

# How many of the early steps the close-up walks through, arrow by arrow.
_ENLARGED = 4

# The longest arrow in the close-up, in frame units; and how much longer than the pull at rest it may be.
_LONGEST, _RATIO = 1.9, 3.5

_NOTHING = np.zeros((4, 3))


def first_enlarged(problem: Problem, run: WeightDecaySteps) -> int:
    """Where the close-up begins: where both arrows, and those at rest, can be seen in one magnification.

    A step from the origin has nothing to shrink, and the next goes straight on.
    """
    start = 0 if np.any(np.array(problem.start) != 0) else 2
    rest = problem.step_size * problem.lam_zigzag * ridge_minimizer(problem.risk, problem.lam_zigzag)
    pushes = np.linalg.norm(run.points[1:] - run.shrunk, axis=1)
    fitting = np.flatnonzero(pushes[start : start + 8] <= _RATIO * np.linalg.norm(rest))
    return min(start + (int(fitting[0]) if len(fitting) else 0), len(run.shrunk) - 1)


def _plain_descent(problem: Problem) -> Message:
    if not converges(problem):
        return _(
            "Plain gradient descent: <run>every step follows the steepest slope of the risk, but this step "
            "size is "
            "too large for it, and the path runs away."
        )
    if not problem.is_singular:
        return _("Plain gradient descent <run>follows the steepest slope of the risk, and heads for {min}.")
    slope = float(np.linalg.norm(problem.risk.gradient(problem.start)))
    if slope <= 1e-9 * problem.risk.eigenvalues[0] * reach(problem):
        return _(
            "Plain gradient descent <run>follows the slope of the risk. Here it starts on the level floor, "
            "and stays."
        )
    return _(
        "Plain gradient descent <run>follows the steepest slope of the risk, down to the level floor of the "
        "valley."
    )


def _split(problem: Problem) -> Message:
    share = problem.step_size * problem.lam_zigzag
    if share == 0:
        return _(
            "One step, enlarged. <push>At {theta} the risk pushes downhill, straight across its contour; "
            "<pull>with "
            "{lam} = 0 nothing pulls back. <both>{theta} takes the one step."
        )
    if share < 1:
        return _(
            "One step, enlarged. <push>At {theta} the risk pushes downhill, straight across its contour; "
            "<pull>the "
            "penalty pulls back, towards the origin. <both>{theta} takes both."
        )
    return _(
        "One step, enlarged. <push>At {theta} the risk pushes downhill, straight across its contour; "
        "<pull>the penalty "
        "throws it through the origin and beyond. <both>{theta} takes both."
    )


def _again(problem: Problem) -> Message:
    if not converges(problem, problem.lam_zigzag):
        return _("<again>Again and again: pushed forward, pulled back, and every time <weaker>farther.")
    if problem.lam_zigzag == 0:
        return _("<again>Again and again: pushed forward, and with {lam} = 0 <weaker>never pulled back.")
    return _(
        "<again>Again and again: pulled back, pushed forward. The push is <weaker>weaker where the risk is less "
        "steep."
    )


def _rest_choice(problem: Problem) -> int:
    if not converges(problem, problem.lam_zigzag):
        return 2
    size = np.linalg.norm(problem.risk.minimizer)
    away = np.linalg.norm(ridge_minimizer(problem.risk, problem.lam_zigzag) - problem.risk.minimizer)
    return int(away > 1e-9 * size)


def _to_rest(problem: Problem) -> Message:
    if not converges(problem, problem.lam_zigzag):
        return _(
            "<on>Nowhere: with this step size the path runs away, <equal>though at {ridge} push and pull "
            "would cancel."
        )
    if problem.lam_zigzag == 0:
        return _(
            "<on>At {min}: with {lam} = 0 nothing pulls back, <equal>and the push ends only where the risk is"
            " least."
        )
    if problem.is_zero:
        return _("<on>At {min}, which is zero: <equal>there is nothing to push and nothing to pull.")
    if _rest_choice(problem) == 0:
        return _("<on>At {min}: there the risk is level, <equal>and so small a pull moves nothing.")
    return _(
        "<on>Short of {min}, at {ridge}, where push and pull are equal. <equal>It has not stopped moving: in "
        "every "
        "step it goes back and forward, and lands on itself."
    )


def _rest_shown(problem: Problem) -> Message:
    if not converges(problem, problem.lam_zigzag):
        return _("The path has left the plane, in which {ridge} is marked.")
    if _rest_choice(problem) == 0:
        return _("The whole path in the plane, {ridge} marked at its end, on {min}.")
    return _(
        "The whole path in the plane, {ridge} marked at its end. In the close-up around it push and pull "
        "leave the "
        "point in opposite directions, equally long."
    )


class PulledBackEveryStep(WeightDecayScene):
    """Each step of weight decay shrinks towards the origin and follows the risk: gradient descent in disguise."""

    title = _("Pulled back *every step*")
    question_region = Region(RIGHT_HALF.left - 0.9, RIGHT_HALF.right + 0.3, SAFE.bottom, SAFE.bottom + 0.55)

    @step(
        say=_plain_descent,
        shows=_(
            "The parameter plane with contours of the risk and the path of gradient descent from its start, "
            "a dot for every step. At the right the update: {theta} minus {rate} times the gradient of {risk}."
        ),
        covers=("B2",),
    )
    def descend_without_penalty(self) -> None:
        problem, style, risk = self.problem, self.style, self.problem.risk
        self.run, self.rest = (
            descent_run(problem, problem.lam_zigzag),
            ridge_minimizer(risk, problem.lam_zigzag),
        )
        self.levels = descent_levels(problem)
        self.plane = plane = descent_plane(problem, LEFT_HALF, style)
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
        self.goal_name = name_minimizer(plane, LEFT_HALF, problem, style)
        self.crowd.append(self.goal_name)
        name = backed(self.goal_name, style)
        self.add(plane, goal, name)  # as the scene before left them
        self.play(Write(self.make_title()), FadeIn(self.contours), run_time=1.4)
        self.add(plane, name)  # on their patches, over the contours
        plain = self.formula("{{ @theta : start }} {{ - @rate nabla @risk (@theta) : minimizer-step }}")
        plain.move_to([SAFE.right, SAFE.top - 0.05, 0], aligned_edge=[1, 1, 0])
        self.rule = VGroup(plain.select("start"), plain.select("minimizer-step"))
        self.wait_for("run")
        self.play(
            AnimationGroup(
                self.plain.walk(0, steps, rate_func=lambda t: t**2.5, run_time=3.6),
                *(FadeIn(part, run_time=0.8) for part in self.rule),
            )
        )

    def name(self, source: str, at: np.ndarray, prefer: list[float]) -> VGroup:
        """The name of a point of the plane, on a patch beside it."""
        label = self.formula(source, size=BODY)
        place(label, at, avoid=self.crowd, within=LEFT_HALF, prefer=prefer, gap=0.12, clear=0.05)
        self.crowd.append(label)
        return backed(label, self.style)

    @step(
        say=_split,
        shows=_(
            "A piece of the plane around a point of the path, enlarged. From {theta} a solid arrow, the push "
            "of the "
            "risk, leaves at a right angle to the contour through {theta}; a dashed one, the pull of the "
            "penalty, "
            "points along the ray to the origin. One after the other they lead to the next point."
        ),
        covers=("B2",),
    )
    def split_a_step(self) -> None:
        problem, style, run = self.problem, self.style, self.run
        self.first = first = first_enlarged(problem, run)
        self.last = min(first + _ENLARGED, len(run.shrunk) - 1)
        self.region = region = Region(
            RIGHT_HALF.left, RIGHT_HALF.right, SAFE.bottom + 0.65, RIGHT_HALF.top + 0.2
        )
        self.lens = lens = Lens(region, problem, run, (first, self.last), style)
        self.window = VMobject(color=style.dim, stroke_width=2.5, fill_opacity=0)
        self.rider = Dot(radius=0.075, color=style.ink).set_z_index(3)
        frame = set_outline(VMobject(color=style.dim, stroke_width=2.5, fill_opacity=0), region)
        rule = self.formula(
            "{{ (1 - @rate @lam) @theta : penalty-decayed }} {{ - @rate nabla @risk (@theta) : minimizer-step"
            " }}"
        )
        rule.move_to(self.rule, aligned_edge=[1, 0, 0])
        decayed = rule.select("penalty-decayed")
        self.small = Zigzag(self.plane, run, style, within=self.room).show(0)
        lens.carried = 0.0
        self.show_at(2 * first)
        self.caption = self.make_caption(region)
        self.play(self.plain.animate.set_color(style.faded("minimizer", 0.35)), run_time=0.6)
        self.add(self.small)
        self.play(self.small.walk(0, 2 * first), FadeIn(self.window, self.rider), run_time=0.6)
        self.play(TransformFromCopy(self.window, frame), FadeIn(self.caption), run_time=1)
        self.frame_line = frame
        self.play(FadeIn(lens.hills, lens.hill, lens.dot), run_time=0.5)
        names = self.name_arrows((_("push"), _("pull")))
        here = lens.view.c2p(run.points[first])
        self.wait_for("push")
        self.play(GrowFromPoint(lens.push, here), FadeIn(names[0]), run_time=2.2)
        self.wait_for("pull")
        self.play(
            FadeIn(lens.ray),
            GrowFromPoint(lens.pull, here),
            FadeIn(names[1], decayed),
            FadeOut(self.rule[0]),
            run_time=1.2,
        )
        self.rule = VGroup(decayed, self.rule[1])
        self.add(lens)
        self.wait_for("both")
        self.play(FadeOut(names), self.carry(), run_time=0.9)
        self.play(self.walk_lens(2 * first, 2 * first + 2), run_time=1.4)

    def name_arrows(self, texts: tuple[Message, Message]) -> VGroup:
        """What the two arrows of the close-up are called, beside their tips; one of no length has no name."""
        lens, style = self.lens, self.style
        names = VGroup()
        for arrow, role, text in zip((lens.push, lens.pull), ("minimizer", "penalty"), texts, strict=True):
            label = self.words(text, role=role, size=SMALL)
            if not arrow.is_seen:
                names.add(VGroup())
                continue
            label = place_backed(
                label,
                style,
                arrow.end_point,
                avoid=[lens.push, lens.pull, lens.dot, lens.ray, *names],
                over=[lens.hill],
                within=self.region.grown(-0.15),
                prefer=arrow.end_point - lens.dot.get_center(),
            )
            names.add(backed(label, style) if not isinstance(label, VGroup) else label)
        return names

    def make_caption(self, region: Region) -> VGroup:
        """The numbers of the run, under the close-up."""
        alpha, lam = self.problem.step_size, self.problem.lam_zigzag
        strength = self.number(
            "lam", digits=fewest_digits(lam), template="@lam = {}", lam=lam, role="penalty"
        )
        factor = self.number(
            "1 - alpha * lam",
            digits=factor_digits(1 - alpha * lam),
            template="1 - @rate @lam = {}",
            role="penalty",
            alpha=alpha,
            lam=lam,
        )
        numbers = VGroup(strength, factor).arrange([1, 0, 0], buff=0.6)
        numbers.move_to([region.left, SAFE.bottom + 0.3, 0], aligned_edge=[-1, 0, 0])
        note = self.words(_("enlarged"), role="dim", size=SMALL)
        note.move_to([region.right, SAFE.bottom + 0.3, 0], aligned_edge=[1, 0, 0])
        # A factor with many digits takes its place.
        return VGroup(numbers, note) if numbers.get_right()[0] + 0.2 < note.get_left()[0] else VGroup(numbers)

    def show_at(self, half: float, *, gliding: bool = False) -> None:
        """Put close-up, window and dot where the path is after `half` half steps.

        Gliding, the arrows leave a point between two points of the path, where many steps go by; else they stay where
        the step began, and the dot goes along one after the other.
        """
        run = self.run
        k = min(int(half / 2), len(run.shrunk) - 1)
        share = half / 2 - k
        start, corner, end = run.points[k], run.shrunk[k], run.points[k + 1]
        middle = start + (share if gliding else smooth(share)) * (end - start)
        if gliding:
            base = dot = middle
        else:
            base = start
            dot = (
                start + 2 * share * (corner - start)
                if share < 0.5
                else corner + (2 * share - 1) * (end - corner)
            )
        self.lens.put(base, dot, middle, 2 * k + 2 * share if not gliding else half)
        self.window_at(dot)

    def window_at(self, point: np.ndarray) -> None:
        """Put the moving dot of the plane at a point, and around it the outline of what is enlarged."""
        at = self.plane.c2p(point)
        self.rider.move_to(at).set_opacity(float(self.room.contains(at)))
        low, high = (self.plane.c2p(point) for point in self.lens.view.window)
        room = self.room
        set_outline(
            self.window,
            Region(
                float(np.clip(low[0], room.left, room.right)),
                float(np.clip(high[0], room.left, room.right)),
                float(np.clip(low[1], room.bottom, room.top)),
                float(np.clip(high[1], room.bottom, room.top)),
            ),
        )

    def walk_lens(
        self, start: float, end: float, *, gliding: bool = False, rate_func: Any = linear
    ) -> AnimationGroup:
        """The animation that goes on from one number of half steps to another, in the close-up and in the plane."""
        moving = VGroup(self.lens, self.window, self.rider)

        def move(_: Any, alpha: float) -> None:
            self.show_at(start + alpha * (end - start), gliding=gliding)

        return AnimationGroup(
            UpdateFromAlphaFunc(moving, move, rate_func=rate_func),
            self.small.walk(start, end, rate_func=rate_func),
        )

    def carry(self) -> UpdateFromAlphaFunc:
        """The animation that moves the push to where the pull ends, as long as it is and as steep."""
        lens = self.lens
        start, end = lens.carried, 1.0 - lens.carried

        def move(_: Any, alpha: float) -> None:
            lens.carried = start + alpha * (end - start)
            lens.again()

        return UpdateFromAlphaFunc(lens, move)

    @step(
        say=_again,
        shows=_(
            "In the close-up the zigzag of the last steps, each a dashed arrow back and a solid one forward; "
            "in the "
            "plane the same piece of the path, small."
        ),
        covers=("B2",),
    )
    def pull_back_again_and_again(self) -> None:
        self.wait_for("again")
        for k in range(self.first + 1, self.last):
            if k == self.last - 1:
                self.wait_for("weaker")
            self.play(self.walk_lens(2 * k, 2 * k + 2), run_time=1.5)

    @question(
        ask=_("Pulled back and pushed forward in every step: where will it come to rest?"),
        choices=(_("at {min}"), _("short of {min}"), _("nowhere")),
        answer=_rest_choice,
        shows=_("The close-up in the middle of the path; below it three choices."),
        covers=("B2",),
    )
    def guess_the_rest(self) -> None:
        moves = [self.carry()] if self.lens.carried else []
        self.play(FadeOut(self.caption), *moves, run_time=0.6)  # the choices stand in its place

    @step(
        say=_to_rest,
        shows=_rest_shown,
        covers=("B2",),
    )
    def stand_still(self) -> None:
        self.goal = Dot(self.plane.c2p(self.rest), radius=0.09, color=self.style.ridge).set_z_index(7)
        calm = converges(self.problem, self.problem.lam_zigzag)
        if calm:  # the outline of what is enlarged comes to rest around it
            self.crowd.append(self.window.copy().scale(0.9).move_to(self.goal))
        name = self.name("@ridge", self.goal.get_center(), [-1, -0.3])
        away = name.get_center() - self.goal.get_center()
        corners = name.get_corner([-1, -1, 0]), name.get_corner([1, 1, 0])
        gap = np.linalg.norm(np.clip(self.goal.get_center(), *corners) - self.goal.get_center())
        # Nearer, as the outline has a width only, but clear of the point.
        name.shift(-np.clip(gap - 0.17, 0, 0.1) * away / np.linalg.norm(away))
        start, end = 2 * self.last, self.small.steps
        self.wait_for("on")
        self.add(self.caption)
        self.play(self.walk_lens(start, end, gliding=True, rate_func=lambda t: t**2), run_time=3)
        if calm:
            self.lens.put(self.rest, self.rest, self.rest, end)
        here = [self.lens.dot.animate.set_color(self.style.ridge)] if calm else []
        self.play(FadeIn(self.goal, scale=2), FadeIn(name), *here, run_time=0.6)
        self.wait_for("equal")
        names = self.name_arrows((_("push"), _("pull")))
        self.play(FadeIn(names), run_time=0.5)
        if calm and self.lens.pull.is_seen:
            for _k in range(3):
                self.play(UpdateFromAlphaFunc(self.lens, self.bounce, rate_func=linear), run_time=1.5)
        self.arrow_names = names

    def bounce(self, lens: Lens, alpha: float) -> None:
        """One step at rest: back by the pull, forward by the push."""
        back = self.rest * (1 - self.problem.step_size * self.problem.lam_zigzag)
        share = smooth(2 * alpha) if alpha < 0.5 else 1 - smooth(2 * alpha - 1)
        lens.put(self.rest, self.rest + share * (back - self.rest), self.rest, lens.walked)

    @step(
        say=_(
            "Plain descent on the <penalized>penalized risk lands on the <same>same points: the decay was the"
            " penalty "
            "all along."
        ),
        shows=_(
            "The contours are now those of the penalized risk, around its minimizer. In the close-up one "
            "arrow, the "
            "gradient step on the penalized risk, leaves at a right angle to its contour. In the plane rings "
            "mark the "
            "points of plain gradient descent on it; they lie on the corners of the zigzag."
        ),
        covers=("B1", "B2"),
    )
    def land_on_the_same_points(self) -> None:
        problem, style, lens = self.problem, self.style, self.lens
        penalized, contours = self.penalized
        steps = len(self.run.shrunk)
        path = gradient_descent(penalized, problem.start, problem.step_size, steps)
        rule = self.formula("{{ @theta - @rate nabla @regrisk (@theta) : ridge-step }}")
        rule.move_to(self.rule, aligned_edge=[1, 0, 0])
        self.play(
            FadeOut(self.arrow_names, lens.push, lens.pull, lens.ghost, lens.ray, lens.trail, run_time=0.5),
            FadeOut(self.plain, run_time=0.5),
        )
        self.remove(lens)
        lens.risk, lens.is_bare = penalized, True
        lens.remove(lens.push, lens.pull, lens.ghost, lens.ray, lens.trail)
        lens.dot.set_color(style.ink)
        self.add(lens)
        self.wait_for("penalized")
        home = lens.base

        def back(_: Any, alpha: float) -> None:
            base = home + alpha * (self.run.points[self.first] - home)
            lens.put(base, base, base, 0.0)
            self.window_at(base)

        self.play(
            ReplacementTransform(self.contours, contours),
            FadeOut(*self.rule),
            FadeIn(rule),
            UpdateFromAlphaFunc(VGroup(lens, self.window, self.rider), back),
            run_time=2,
        )
        # One arrow, across the contour of the penalized risk, to the next point of the zigzag.
        ends = lens.view.c2p(self.run.points[self.first : self.first + 2])
        self.whole = Arrow(ends[0], ends[1], style.ridge)
        self.rings = (
            Scatter([], style.ink, radius=0.11, hollow=True),
            apart(self.plane.c2p(path), self.room, 0.2),
        )
        self.wait_for("same")
        self.play(
            GrowFromPoint(self.whole, ends[0]),
            appear(*self.rings),
            run_time=2.4,
            rate_func=linear,
        )


class Lens(VGroup):
    """What is around a point that moves, enlarged: contours of the risk, and the two arrows that move it.

    Attributes
    ----------
    push, pull : Arrow
        Minus alpha times the gradient of the risk, and minus alpha lambda theta, both taken at `base`.
    risk : QuadraticRisk
        Whose contours are drawn.
    is_bare : bool
        Whether only contours and point are left.
    carried : float
        How far the push is moved along the pull, so that one follows the other: 0 or 1, or on the way.
    """

    def __init__(
        self,
        region: Region,
        problem: Problem,
        run: WeightDecaySteps,
        seen: tuple[int, int],
        style: Any,
    ):
        self.region, self.problem, self.run, self.risk = region, problem, run, problem.risk
        first, last = seen
        pulls, pushes = run.shrunk - run.points[:-1], run.points[1:] - run.shrunk
        longest = np.linalg.norm(np.vstack([pulls[first : last + 1], pushes[first : last + 1]]), axis=1).max()
        half = max(float(longest), reach(problem) / 200) * 2.05 / _LONGEST
        self.view = CloseUp(region, np.array([[-half, -half], [half, half]]), smallest=0.0)
        self.hills = VMobject(color=style.faded("line", 0.55), stroke_width=2, fill_opacity=0)
        self.hill = VMobject(color=style.line, stroke_width=4, fill_opacity=0)
        self.ray = VMobject(color=style.faded("penalty", 0.6), stroke_width=2.5, fill_opacity=0)
        self.trail = VGroup(
            VMobject(color=style.faded("penalty", 0.6), stroke_width=6, fill_opacity=0),
            VMobject(color=style.faded("minimizer", 0.6), stroke_width=3, fill_opacity=0),
        )
        self.push = _Arrow(region, style.minimizer)
        self.pull = _Arrow(region, style.penalty, dash=True)
        self.ghost = _Arrow(region, style.faded("minimizer", 0.35))
        self.dot = Dot(radius=0.09, color=style.ink).set_z_index(3)
        self.carried, self.walked, self.is_bare = 0.0, 0.0, False
        self._told_apart = far_enough(self.view.c2p(run.points[:-1]), 0.3)
        super().__init__(
            self.hills, self.hill, self.ray, self.trail, self.ghost, self.pull, self.push, self.dot
        )

    def put(self, base: np.ndarray, dot: np.ndarray, middle: np.ndarray, walked: float) -> None:
        """Show what is there: the arrows of the point `base`, the moving dot, the middle of the view.

        Parameters
        ----------
        walked : float
            Half steps of the path that are drawn.
        """
        self.base, self._dot, self.middle, self.walked = base, dot, middle, walked
        self.again()

    def again(self) -> None:
        """Draw it anew."""
        problem, view, base = self.problem, self.view, self.base
        view.center_on(self.middle)
        self._draw_hills()
        self.dot.move_to(view.c2p(self._dot)).set_opacity(float(self.region.contains(view.c2p(self._dot))))
        if self.is_bare:
            return
        ray = clip(view.c2p([base, [0.0, 0.0]])[:, :2], self.region)
        if ray:
            set_dashed_polyline(self.ray, np.column_stack([ray[0], np.zeros(len(ray[0]))]))
        else:
            self.ray.set_points(_NOTHING)
        pull = -problem.step_size * problem.lam_zigzag * base
        push = -problem.step_size * problem.risk.gradient(base)
        self.pull.point(view.c2p(base), view.c2p(base + pull))
        start = base + self.carried * pull
        self.push.point(view.c2p(start), view.c2p(start + push))
        self.ghost.point(view.c2p(base), view.c2p(base + push), seen=self.carried > 0)
        whole = int(self.walked / 2)
        for trail, starts, ends in zip(
            self.trail,
            (self.run.points, self.run.shrunk),
            (self.run.shrunk, self.run.points[1:]),
            strict=True,
        ):
            one, other = view.c2p(starts[:whole]), view.c2p(ends[:whole])
            inside = self.region.contains(one) & self.region.contains(other) & self._told_apart[:whole]
            set_segments(trail, one[inside], other[inside])

    def _draw_hills(self) -> None:
        """The contour through the point, and others at even distances along the steep direction."""
        view, risk = self.view, self.risk
        level = float(risk.value(self.base)) - risk.constant
        steep = float(risk.eigenvalues[0])
        spacing = 1.1 / view.unit
        low, high = view.window
        grid = np.stack(np.meshgrid(*np.linspace(low, high, 9).T), axis=-1)
        with np.errstate(over="ignore"):
            radii = np.sqrt(np.maximum(risk.value(grid) - risk.constant, 0.0) * 2 / steep) / spacing
        first, last = int(max(1, np.floor(radii.min()))), int(min(np.ceil(radii.max()), radii.min() + 25))
        levels = steep / 2 * (spacing * np.arange(first, last + 1)) ** 2
        self.hills.set_points(_points(risk_contours(view, risk, levels, "#000000", within=self.region)))
        here = [level] if level > 1e-12 * steep * spacing**2 else []
        self.hill.set_points(_points(risk_contours(view, risk, here, "#000000", within=self.region)))


class _Arrow(Arrow):
    """An arrow that is seen only where both its ends are inside a region and apart."""

    def __init__(self, region: Region, color: str, **options: Any):
        super().__init__([0, 0, 0], [1, 0, 0], color, **options)
        self._region, self.is_seen = region, True

    def point(self, start: np.ndarray, end: np.ndarray, *, seen: bool = True) -> None:
        ends = np.array([start, end])
        self.is_seen = bool(
            seen and self._region.contains(ends).all() and np.hypot(*(end - start)[:2]) > 0.02
        )
        if self.is_seen:
            self.put(start, end)
        self.shaft.set_stroke(opacity=float(self.is_seen))
        self.tip.set_fill(opacity=float(self.is_seen))


def _points(curves: VGroup) -> np.ndarray:
    """The points of all curves in one array."""
    found = [curve.points for curve in curves if len(curve.points)]
    return np.concatenate(found) if found else _NOTHING


def set_outline(line: VMobject, region: Region) -> VMobject:
    """Make `line` the border of a region."""
    x = np.array([region.left, region.right, region.right, region.left, region.left])
    y = np.array([region.bottom, region.bottom, region.top, region.top, region.bottom])
    return set_polyline(line, np.column_stack([x, y, 0 * x]))


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
