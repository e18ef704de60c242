"""One gradient step on the penalized risk is a shrink followed by the ordinary step."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    Circle,
    Create,
    Dot,
    FadeIn,
    FadeOut,
    FadeTransform,
    GrowFromPoint,
    Line,
    ReplacementTransform,
    Transform,
    TransformFromCopy,
    VGroup,
    Write,
)

from lecture.stage import (
    BODY,
    LEFT_HALF,
    RIGHT_HALF,
    SMALL,
    STAGE,
    Arrow,
    Region,
    dashed,
    place,
    polyline,
    step,
)
from lecture.stage.backing import backed, place_backed
from scenes.parts.contours import risk_contours
from scenes.parts.descent import contour_box, fewest_digits
from scenes.parts.eigen_picture import reach
from scenes.parts.parameter_plane import parameter_plane
from scenes.parts.scene import WeightDecayScene
from scenes.problem import Problem
from wdmath import weight_decay_steps

# How much longer than the step the bare gradients are drawn; gradients have units of their own.
_BARE = 1.4

_LEVEL_SET = {"ellipses": "ellipse", "circles": "circle", "lines": "pair of lines"}


def drawn_step(problem: Problem) -> tuple[float, float]:
    """Step size and penalty strength of the one step that is drawn: the problem's own, where they can be seen."""
    alpha, lam, steep = problem.step_size, problem.lam, float(problem.risk.eigenvalues[0])
    if 0.1 <= alpha * lam <= 0.6 and 0.1 <= alpha * steep <= 0.9:
        return alpha, lam
    alpha = 0.5 / steep if steep > 0 else 1.0
    return alpha, 0.3 / alpha


def telling_point(problem: Problem) -> np.ndarray:
    """A point around the minimizer where shrinking and descending go the most different ways."""
    alpha, lam = drawn_step(problem)
    turn = np.arange(24) * np.pi / 12
    points = problem.risk.minimizer + 0.75 * reach(problem) * np.column_stack([np.cos(turn), np.sin(turn)])
    slopes = problem.risk.gradient(points)
    areas = alpha**2 * lam * np.abs(points[:, 0] * slopes[:, 1] - points[:, 1] * slopes[:, 0])
    return points[int(np.argmax(areas.round(9)))]


class L2IsWeightDecay(WeightDecayScene):
    """L2 regularization is weight decay in disguise: its gradient step multiplies the weights by 1 − αλ."""

    title = "L2 regularization is *weight decay*"

    def name(self, source: str, at: np.ndarray, prefer: Any = None) -> Any:
        """A label beside a point, clear of everything that the scene draws."""
        label = place_backed(
            self.formula(source),
            self.style,
            at,
            avoid=self.crowd,
            within=Region(LEFT_HALF.left, LEFT_HALF.right, LEFT_HALF.bottom, STAGE.top),
            prefer=prefer,
        )
        self.crowd.append(label)
        return label

    def line(self, row: int, source: str) -> Any:
        """A line of the derivation in its place at the right."""
        line = self.formula(source)
        line.move_to([RIGHT_HALF.left, RIGHT_HALF.top - 0.4 - 1.2 * row, 0], aligned_edge=[-1, 0, 0])
        return line

    @step(
        say="Risk plus penalty. Through θ runs a level set of each: one around θ̂, one around the origin.",
        shows=lambda problem: (
            "The objective R plus half lambda times the squared norm. In the parameter plane a point theta, the "
            f"{_LEVEL_SET[problem.contours]} of equal risk and the dashed circle of equal penalty that pass through it."
        ),
        covers=("B1",),
    )
    def meet_both_terms(self) -> None:
        risk, style = self.problem.risk, self.style
        alpha, lam = drawn_step(self.problem)
        self.at = telling_point(self.problem)
        run = weight_decay_steps(risk, self.at, alpha, 1, lam)
        self.pull, self.slope = run.shrunk[0] - self.at, run.points[1] - run.shrunk[0]
        tips = self.at + np.array(
            [_BARE * self.pull, _BARE * self.slope, self.pull, self.slope, self.pull + self.slope]
        )
        level = float(risk.value(self.at)) - risk.constant
        boxes = [contour_box(risk, 0.02 * level, 0.4 * reach(self.problem))] if level > 0 else []
        self.plane = plane = parameter_plane(
            LEFT_HALF,
            np.vstack([self.at, risk.minimizer, tips, *boxes]),
            style,
            names=self.problem.parameters,
        )
        here = plane.c2p(self.at)
        self.ellipse = risk_contours(plane, risk, [level], style.line, width=3.5, within=plane.drawing_region)
        # Two more, so that it is seen what the contour goes around, though it be cut.
        nested = risk_contours(
            plane, risk, [0.02 * level, 0.15 * level], style.faded("line", 0.7), within=plane.drawing_region
        )
        turn = np.linspace(0, 2 * np.pi, 181)[:, None]
        circle = np.linalg.norm(self.at) * np.hstack([np.cos(turn), np.sin(turn)])
        self.circle = dashed(polyline(plane.c2p(circle), style.penalty, 3.0, within=plane.drawing_region))
        dot = Dot(here, radius=0.09, color=style.ink).set_z_index(2)
        goal = Dot(plane.c2p(risk.minimizer), radius=0.09, color=style.minimizer)
        ways = [np.array([here, plane.c2p(tip)]) for tip in tips]
        self.level_sets = [self.ellipse, self.circle, nested]
        ray = Line(plane.origin, here)  # drawn later
        self.crowd = [*self.level_sets, plane, dot, goal, ray, *ways, plane.c2p(tips[[2, 4, 3]])]
        # Near its point, over the contours.
        goal_name = place(
            self.formula("@min"), goal.get_center(), avoid=self.crowd[1:2] + self.crowd[3:], within=LEFT_HALF
        )
        self.crowd.append(goal_name)
        names = VGroup(self.name("theta", here, -self.pull - self.slope), backed(goal_name, style))
        self.marks = VGroup(dot, goal, names)
        self.objective = self.line(
            0,
            '{{ R_"reg" (theta) = : left }} {{ R(theta) : risk }} + {{ lambda/2 norm(theta)^2 : penalty }}',
        )
        penalty = VGroup(*self.objective[-len(self.objective.select("penalty")) - 1 :])
        self.add(plane)
        self.play(Write(self.make_title()), FadeIn(goal, dot, names), run_time=1.2)
        self.play(
            FadeIn(nested),
            Create(self.ellipse),
            FadeIn(self.objective.select("left"), self.objective.select("risk")),
            run_time=1.6,
        )
        self.play(Create(self.circle), FadeIn(penalty), run_time=1.6)
        self.add(names)  # over the contours

    @step(
        say="Each pulls downhill across its own level set: the risk into its valley, the penalty by λθ to "
        "the origin.",
        shows="Two arrows at theta: minus the gradient of R, and minus lambda theta, which points at the origin. "
        "Beside them the gradient of the objective: gradient of R plus lambda theta.",
        covers=("A4", "B1"),
    )
    def take_the_gradient(self) -> None:
        here, style = self.plane.c2p(self.at), self.style
        self.arrows = VGroup(
            Arrow(here, self.plane.c2p(self.at + _BARE * self.slope), style.minimizer),
            Arrow(here, self.plane.c2p(self.at + _BARE * self.pull), style.penalty),
        )
        away = self.slope - self.pull
        self.names = VGroup(
            self.name("{{ -nabla R(theta) : minimizer }}", self.arrows[0].end_point, self.slope),
            self.name("{{ -lambda theta : penalty }}", self.arrows[1].end_point, -away),
        )
        self.gradient = self.line(
            1,
            '{{ nabla R_"reg" (theta) = : left }} {{ nabla R(theta) : minimizer-slope }} {{ + : plus }}'
            " {{ lambda theta : penalty-pull }}",
        )
        left = VGroup(self.gradient.select("left"), self.gradient.select("plus"))
        for arrow, name, old, new in zip(
            self.arrows, self.names, ("risk", "penalty"), ("minimizer-slope", "penalty-pull"), strict=True
        ):
            self.play(GrowFromPoint(arrow, here), FadeIn(name), run_time=1.2)
            born = TransformFromCopy(self.objective.select(old), self.gradient.select(new))
            self.play(born, *([FadeIn(left)] if old == "risk" else []), run_time=1.2)

    @step(
        say="A step of gradient descent takes α times both arrows together.",
        shows="Both arrows shortened to alpha times the gradients; their sum leads from theta to theta new. "
        "The update: theta new is theta minus alpha times the sum of both gradients.",
        covers=("A4", "B1"),
    )
    def step_downhill(self) -> None:
        plane, style, here = self.plane, self.style, self.plane.c2p(self.at)
        tips = [plane.c2p(self.at + v) for v in (self.slope, self.pull)]
        there = plane.c2p(self.at + self.slope + self.pull)
        short = VGroup(
            *(Arrow(here, t, c) for t, c in zip(tips, (style.minimizer, style.penalty), strict=True))
        )
        # The names of the bare gradients make room, and so do the level sets.
        self.crowd = self.crowd[3:-2]
        away = self.slope - self.pull
        names = VGroup(
            self.name("{{ -alpha nabla R(theta) : minimizer }}", (here + tips[0]) / 2, away),
            self.name("{{ -alpha lambda theta : penalty }}", (here + tips[1]) / 2, -away),
        )
        self.play(
            Transform(self.arrows, short),
            *(FadeTransform(a, b) for a, b in zip(self.names, names, strict=True)),
            FadeOut(*self.level_sets),
            run_time=1.6,
        )
        self.names = names
        self.sides = VGroup(*(dashed(polyline(np.array([t, there]), style.dim, 2.5)) for t in tips))
        self.sum = Arrow(here, there, style.ink, width=4)
        landing = Dot(there, radius=0.09, color=style.ink).set_z_index(2)
        # Not so near to another point that it seems to be its name.
        others = (here, plane.c2p(self.problem.risk.minimizer))
        self.crowd += [Circle(radius).move_to(at) for at in others for radius in (0.2, 0.4, 0.6)]
        landing_name = self.name('theta_"new"', there, there - here)
        self.marks.add(landing, landing_name)
        self.play(Create(self.sides), run_time=0.8)
        self.play(GrowFromPoint(self.sum, here), FadeIn(landing, landing_name), run_time=1.2)
        self.rule = self.line(
            2,
            '{{ theta_"new" : left }} {{ = : equal }} {{ theta : theta }} {{ - alpha : rate }}'
            "{{ paren.l : open }} {{ nabla R(theta) : minimizer-slope }} {{ + : plus }}"
            " {{ lambda theta : penalty-pull }} {{ paren.r : close }}",
        )
        born = ("minimizer-slope", "penalty-pull")
        rest = VGroup(
            *(self.rule.select(p) for p in ("left", "equal", "theta", "rate", "open", "plus", "close"))
        )
        self.play(
            FadeIn(rest),
            *(TransformFromCopy(self.gradient.select(p), self.rule.select(p)) for p in born),
            run_time=1.4,
        )

    @step(
        say="Collect what multiplies θ: a factor, one minus αλ, and then the ordinary step.",
        shows="The update rewritten: theta new is one minus alpha lambda, times theta, minus alpha times the gradient "
        "of R. The factor is in the color of the penalty.",
        covers=("A4", "B1"),
    )
    def collect_the_factor(self) -> None:
        # Every glyph comes from one in the line before, so each can be followed.
        spread = self.line(
            3,
            "{{ = : equal }} {{ theta : theta }} {{ - alpha : penalty-rate }} {{ lambda theta : penalty-pull }}"
            " {{ - alpha : minimizer-rate }} {{ nabla R(theta) : minimizer-slope }}",
        )
        self.factored = factored = self.line(
            3,
            "{{ = : equal }} {{ ({{ 1 : one }} {{ - alpha : rate }} {{ lambda : lam }}) : penalty-factor }}"
            " {{ theta : theta }} {{ {{ - alpha : step-rate }} {{ nabla R(theta) : slope }} : minimizer-step }}",
        )
        column = self.rule.select("equal").get_left()[0]
        for line in (spread, factored):
            line.shift([column - line.get_left()[0], 0, 0])
        old = self.rule
        self.play(
            TransformFromCopy(old.select("equal"), spread.select("equal")),
            TransformFromCopy(old.select("theta"), spread.select("theta")),
            TransformFromCopy(old.select("rate"), spread.select("penalty-rate")),
            TransformFromCopy(old.select("penalty-pull"), spread.select("penalty-pull")),
            TransformFromCopy(old.select("rate"), spread.select("minimizer-rate")),
            TransformFromCopy(old.select("minimizer-slope"), spread.select("minimizer-slope")),
            run_time=1.6,
        )
        self.wait(0.4)
        theta, factor = factored.select("theta"), factored.select("penalty-factor")
        lam, again = (VGroup(g) for g in spread.select("penalty-pull"))
        kept = [*factored.select("rate"), *factored.select("lam")]
        brackets = VGroup(*(g for g in factor if not any(g is k for k in kept)))
        self.play(
            ReplacementTransform(spread.select("equal"), factored.select("equal")),
            ReplacementTransform(spread.select("penalty-rate"), factored.select("rate")),
            ReplacementTransform(lam, factored.select("lam")),
            # Both thetas become the one behind the factor.
            ReplacementTransform(spread.select("theta"), theta),
            FadeOut(again, target_position=theta),
            ReplacementTransform(spread.select("minimizer-rate"), factored.select("step-rate")),
            ReplacementTransform(spread.select("minimizer-slope"), factored.select("slope")),
            FadeIn(brackets),
            run_time=1.8,
        )

    @step(
        say="First θ shrinks along its ray, then comes the gradient step. That shrinking is weight decay.",
        shows="The penalty's arrow takes theta along its ray to one minus alpha lambda times theta; from there the "
        "gradient arrow reaches theta new. Under the formula the factor's value, marked as decay, and the step.",
        covers=("A4", "B1"),
    )
    def shrink_then_step(self) -> None:
        alpha, lam = drawn_step(self.problem)
        shift = self.plane.c2p(self.pull) - self.plane.origin
        factor, slope = (self.factored.select(part) for part in ("penalty-factor", "minimizer-step"))
        marks = VGroup()
        for part, word, role in ((factor, "decay", "penalty"), (slope, "ordinary step", "minimizer")):
            under = polyline(
                np.array([part.get_corner([-1, -1, 0]), part.get_corner([1, -1, 0])]) - [0, 0.12, 0],
                self.style.color(role),
                3.5,
            )
            marks.add(
                VGroup(under, self.words(word, role=role, size=SMALL).next_to(under, [0, -1, 0], buff=0.16))
            )
        texts, records = zip(
            *(
                self.number_text(expression, digits=fewest_digits(value), alpha=alpha, lam=lam)
                for expression, value in (
                    ("alpha", alpha),
                    ("lam", lam),
                    ("1 - alpha * lam", 1 - alpha * lam),
                )
            ),
            strict=True,
        )
        numbers = self.formula("{{{{ 1 - {} dot {} = {} : penalty }}}}".format(*texts), size=BODY)
        self.remember(numbers, *records).next_to(marks, [0, -1, 0], buff=0.4).align_to(factor, [-1, 0, 0])
        ray = Line(self.plane.origin, self.plane.c2p(self.at), color=self.style.faded("penalty", 0.55))
        ray = dashed(ray.set_stroke(width=2.5)).set_z_index(-1)
        self.play(*(Create(m[0]) for m in marks), *(FadeIn(m[1]) for m in marks), Create(ray), run_time=1.2)
        # A new place for the name of the moved arrow: the old one would come to lie on theta.
        moved = (self.plane.c2p(self.at + self.pull) + self.plane.c2p(self.at + self.pull + self.slope)) / 2
        self.crowd = [
            self.plane,
            self.arrows[0].copy().shift(shift),
            self.arrows[1],
            self.marks,
            self.names[1],
            ray,
        ]
        name = self.name("{{ -alpha nabla R(theta) : minimizer }}", moved, [0, 1])
        self.play(
            self.arrows[0].animate.shift(shift),
            self.names[0].animate.move_to(name),
            FadeOut(self.sum, self.sides),
            run_time=2.2,
        )
        self.play(FadeIn(numbers), run_time=1)
