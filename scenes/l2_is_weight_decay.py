"""One gradient step on the penalized risk is a shrink of the whole plane followed by the ordinary step."""

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
    Indicate,
    ReplacementTransform,
    Transform,
    TransformFromCopy,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
    there_and_back,
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
    question,
    step,
    unless,
)
from lecture.stage.backing import BENEATH, backed, soft_edges
from lecture.stage.drawing import set_segments
from lecture.stage.text import spoken_number
from lecture.words import Message, _, computed
from scenes.parts.contours import risk_contours
from scenes.parts.descent import BARE, descent_plane, drawn_step, fewest_digits, name_minimizer, telling_point
from scenes.parts.scene import WeightDecayScene
from scenes.problem import Problem
from wdmath import weight_decay_steps

# Lines of the grid that shrinks, on each side of the origin and across the region of the plane.
_GRID = 9


def _alpha(problem: Problem) -> float:
    return drawn_step(problem)[0]


def _lam(problem: Problem) -> float:
    return drawn_step(problem)[1]


def _choice(expression: str) -> Message:
    def write(value: float) -> str:
        return spoken_number(value, fewest_digits(value))

    return _("{value}").format(value=computed(expression, write, alpha=_alpha, lam=_lam))


class L2IsWeightDecay(WeightDecayScene):
    """L2 regularization is weight decay in disguise: its gradient step multiplies the weights by 1 − {rate}{lam}."""

    title = _("L2 regularization is *weight decay*")
    question_region = Region(-0.4, RIGHT_HALF.right, RIGHT_HALF.bottom, RIGHT_HALF.bottom + 0.7)

    def name(self, source: str, at: np.ndarray, prefer: Any = None) -> Any:
        """A label beside a point, clear of everything that the scene draws."""
        label = place(
            self.formula(source),
            at,
            avoid=self.crowd,
            over=self.level_sets,
            within=Region(LEFT_HALF.left, LEFT_HALF.right, LEFT_HALF.bottom, STAGE.top),
            prefer=prefer,
        )
        self.crowd.append(label)
        return backed(label, self.style)  # over contours and the grid

    def line(self, row: int, source: str) -> Any:
        """A line of the derivation in its place at the right."""
        line = self.formula(source)
        line.move_to([RIGHT_HALF.left, RIGHT_HALF.top - 0.4 - 1.2 * row, 0], aligned_edge=[-1, 0, 0])
        return line

    @step(
        say=_(
            "The weights {theta} are an arrow. <risk>Through its tip runs a contour of the risk, "
            "around {min}, <penalty>and one of the penalty, around zero."
        ),
        shows=unless(
            _(
                "The objective: {risk} plus half {lam} times the squared norm. In the parameter plane an arrow from "
                "the origin to a point {theta}; the ellipse of equal risk and the dashed circle of equal penalty pass "
                "through it."
            ),
            is_round=_(
                "The objective: {risk} plus half {lam} times the squared norm. In the parameter plane an arrow from "
                "the origin to a point {theta}; the circle of equal risk and the dashed circle of equal penalty pass "
                "through it."
            ),
            is_singular=_(
                "The objective: {risk} plus half {lam} times the squared norm. In the parameter plane an arrow from "
                "the origin to a point {theta}; the pair of lines of equal risk and the dashed circle of equal "
                "penalty pass through it."
            ),
        ),
        covers=("B1",),
    )
    def meet_both_terms(self) -> None:
        risk, style = self.problem.risk, self.style
        alpha, lam = drawn_step(self.problem)
        self.at = telling_point(self.problem)
        run = weight_decay_steps(risk, self.at, alpha, 1, lam)
        # Both parts of the step start at theta: the gradient is taken there.
        self.pull, self.slope = run.shrunk[0] - self.at, run.points[1] - run.shrunk[0]
        tips = self.at + np.array(
            [BARE * self.pull, BARE * self.slope, self.pull, self.slope, self.pull + self.slope]
        )
        level = float(risk.value(self.at)) - risk.constant
        self.plane = plane = descent_plane(self.problem, LEFT_HALF, style)
        here = plane.c2p(self.at)
        self.ellipse = risk_contours(plane, risk, [level], style.line, width=3.5, within=plane.drawing_region)
        # Two more, so that it is seen what the contour goes around, though it be cut.
        nested = risk_contours(
            plane, risk, [0.02 * level, 0.15 * level], style.faded("line", 0.7), within=plane.drawing_region
        )
        turn = np.linspace(0, 2 * np.pi, 181)[:, None]
        circle = np.linalg.norm(self.at) * np.hstack([np.cos(turn), np.sin(turn)])
        self.circle = dashed(polyline(plane.c2p(circle), style.penalty, 3.0, within=plane.drawing_region))
        self.weights = Arrow(plane.origin, here, style.ink, width=5)
        dot = Dot(here, radius=0.09, color=style.ink).set_z_index(2)
        goal = Dot(plane.c2p(risk.minimizer), radius=0.09, color=style.minimizer)
        ways = [np.array([here, plane.c2p(tip)]) for tip in tips]
        self.level_sets = [self.ellipse, self.circle, nested]
        for level_set in self.level_sets:
            level_set.set_z_index(BENEATH)
        self.add(soft_edges(plane.drawing_region, style))
        title = self.make_title()
        self.note = [] if self.plane_line is None else [self.plane_line]
        self.crowd = [*self.note, plane, dot, goal, self.weights, *ways, plane.c2p(tips[[2, 4, 3]])]
        away = -self.pull - self.slope
        self.goal_name = name_minimizer(plane, LEFT_HALF, self.problem, style)
        self.crowd.append(self.goal_name)
        self.names = VGroup(self.name("@theta", here, away), backed(self.goal_name, style))
        self.marks = VGroup(dot, goal, self.names)
        self.objective = self.line(
            0,
            "{{ @regrisk (@theta) = : left }} {{ @risk (@theta) : risk }} {{ + : plus }}"
            " {{ @lam / 2 norm(@theta)^2 : penalty-term }}",
        )
        self.add(plane)
        self.play(Write(title), FadeIn(goal, self.names[1]), run_time=1)
        self.play(GrowFromPoint(self.weights, plane.origin), FadeIn(dot, self.names[0]), run_time=1)
        self.wait_for("risk")
        self.play(
            FadeIn(nested),
            Create(self.ellipse),
            FadeIn(self.objective.select("left"), self.objective.select("risk")),
            run_time=2.4,
        )
        self.wait_for("penalty")
        self.play(
            Create(self.circle),
            FadeIn(self.objective.select("plus"), self.objective.select("penalty-term")),
            run_time=1.6,
        )
        self.add(self.names)  # over the contours

    @step(
        say=_(
            "Each pulls downhill across its <own>own contour: <down>the risk into its valley, <back>the penalty "
            "straight back to the origin, by {lam}{theta}."
        ),
        shows=_(
            "Two arrows at {theta}: a solid one, minus the gradient of {risk}, and a dashed one, minus {lam}{theta}, "
            "which points at the origin. Beside them the gradient of the objective: the gradient of {risk} plus "
            "{lam}{theta}."
        ),
        covers=("A4", "B1"),
    )
    def take_the_gradient(self) -> None:
        here, style = self.plane.c2p(self.at), self.style
        self.arrows = VGroup(
            Arrow(here, self.plane.c2p(self.at + BARE * self.slope), style.minimizer),
            Arrow(here, self.plane.c2p(self.at + BARE * self.pull), style.penalty, dash=True),
        ).set_z_index(1)
        away = self.slope - self.pull
        self.pull_names = VGroup(
            self.name("{{ -nabla @risk (@theta) : minimizer }}", self.arrows[0].end_point, self.slope),
            self.name("{{ -@lam @theta : penalty }}", self.arrows[1].end_point, -away),
        )
        self.gradient = self.line(
            1,
            "{{ nabla @regrisk (@theta) = : left }} {{ nabla @risk (@theta) : minimizer-slope }} {{ + : plus }}"
            " {{ @lam @theta : penalty-pull }}",
        )
        self.wait_for("own")
        self.play(
            *(m.animate(rate_func=there_and_back).set_stroke(width=6) for m in self.level_sets[:2]),
            run_time=1.4,
        )
        self.wait_for("down")
        self._pull(0, "risk", "minimizer-slope", "left")
        self.wait_for("back")
        self._pull(1, "penalty-term", "penalty-pull", "plus")

    def _pull(self, which: int, old: str, new: str, also: str) -> None:
        """One of the two arrows, and its term, born from the term of the objective."""
        here = self.plane.c2p(self.at)
        self.play(GrowFromPoint(self.arrows[which], here), FadeIn(self.pull_names[which]), run_time=1)
        born = TransformFromCopy(self.objective.select(old), self.gradient.select(new))
        self.play(born, FadeIn(self.gradient.select(also)), run_time=1)

    @step(
        say=_(
            "A step of gradient descent takes <both>{rate} times both arrows; <sum>their sum leads to the new {theta}."
        ),
        shows=_(
            "Both arrows shortened to {rate} times the gradients; their sum leads from {theta} to {new}. "
            "The update: {new} is {theta} minus {rate} times the sum of both gradients."
        ),
        covers=("A4", "B1"),
    )
    def step_downhill(self) -> None:
        plane, style, here = self.plane, self.style, self.plane.c2p(self.at)
        tips = [plane.c2p(self.at + v) for v in (self.slope, self.pull)]
        there = plane.c2p(self.at + self.slope + self.pull)
        short = VGroup(Arrow(here, tips[0], style.minimizer), Arrow(here, tips[1], style.penalty, dash=True))
        self.crowd = self.crowd[:-2]  # the names of the bare gradients make room
        away = self.slope - self.pull
        names = VGroup(
            self.name("{{ -@rate nabla @risk (@theta) : minimizer }}", (here + tips[0]) / 2, away),
            self.name("{{ -@rate @lam @theta : penalty }}", (here + tips[1]) / 2, -away),
        )
        self.rule = self.line(
            2,
            "{{ @new : left }} {{ = : equal }} {{ @theta : theta }} {{ - @rate : rate }}"
            "{{ paren.l : open }} {{ nabla @risk (@theta) : minimizer-slope }} {{ + : plus }}"
            " {{ {{ @lam : lam }} {{ @theta : again }} : penalty-pull }} {{ paren.r : close }}",
        )
        rest = VGroup(*(self.rule.select(p) for p in ("equal", "theta", "rate", "open", "plus", "close")))
        self.wait_for("both")
        self.play(
            Transform(self.arrows, short),
            *(FadeTransform(a, b) for a, b in zip(self.pull_names, names, strict=True)),
            *(m.animate.set_stroke(opacity=0.25) for m in self.level_sets),
            FadeIn(rest),
            *(
                TransformFromCopy(self.gradient.select(p), self.rule.select(p))
                for p in ("minimizer-slope", "penalty-pull")
            ),
            run_time=1.8,
        )
        self.pull_names = names
        self.sides = VGroup(*(dashed(polyline(np.array([t, there]), style.dim, 2.5)) for t in tips))
        self.sum = Arrow(here, there, style.dim, width=4).set_z_index(1)
        landing = Dot(there, radius=0.09, color=style.ink).set_z_index(2)
        # Not so near to another point that it seems to be its name.
        others = (here, plane.c2p(self.problem.risk.minimizer))
        self.crowd += [Circle(radius).move_to(at) for at in others for radius in (0.2, 0.4)]
        landing_name = self.name("@new", there, there - here)
        self.landing = VGroup(landing, landing_name)
        self.marks.add(self.landing)
        self.wait_for("sum")
        self.play(Create(self.sides), run_time=0.7)
        self.play(GrowFromPoint(self.sum, here), FadeIn(self.landing, self.rule.select("left")), run_time=1.2)

    @step(
        say=_(
            "Now collect <what>what multiplies {theta}. <spread>Write out both terms; <collect>{theta} itself and its "
            "decay share one factor, <factor>one minus {rate}{lam}."
        ),
        shows=_(
            "The update rewritten: {new} is one minus {rate}{lam}, times {theta}, minus {rate} times the gradient "
            "of {risk}."
        ),
        covers=("A4", "B1"),
    )
    def collect_the_factor(self) -> None:
        # Every glyph comes from one in the line before, so each can be followed.
        spread = self.line(
            3,
            "{{ = : equal }} {{ @theta : theta }} {{ - @rate : penalty-rate }} {{ {{ @lam : lam }} {{ @theta : again }}"
            " : penalty-pull }} {{ - @rate : minimizer-rate }} {{ nabla @risk (@theta) : minimizer-slope }}",
        )
        self.factored = factored = self.line(
            3,
            "{{ = : equal }} {{ {{ paren.l : open }} {{ 1 : one }} {{ - @rate : rate }} {{ @lam : lam }}"
            " {{ paren.r : close }} : penalty-factor }} {{ @theta : theta }}"
            " {{ {{ - @rate : step-rate }} {{ nabla @risk (@theta) : slope }} : minimizer-step }}",
        )
        column = self.rule.select("equal").get_left()[0]
        for line in (spread, factored):
            line.shift([column - line.get_left()[0], 0, 0])
        old = self.rule
        self.wait_for("what")
        twice = VGroup(old.select("theta"), old.select("again"))
        self.play(*(Indicate(part, scale_factor=1.4, color=self.style.ink) for part in twice), run_time=1.2)
        self.wait_for("spread")
        self.play(
            *(TransformFromCopy(old.select(p), spread.select(p)) for p in ("equal", "theta", "lam", "again")),
            *(
                TransformFromCopy(old.select("rate"), spread.select(p))
                for p in ("penalty-rate", "minimizer-rate")
            ),
            TransformFromCopy(old.select("minimizer-slope"), spread.select("minimizer-slope")),
            run_time=1.6,
        )
        under = VGroup(*(self._under(spread.select(p), "ink") for p in ("theta", "again")))
        self.wait_for("collect")
        self.play(Create(under), run_time=1.8)
        theta = factored.select("theta")
        self.wait_for("factor")
        # The first theta flies over what it is taken out of, and leaves a one behind.
        self.play(
            FadeOut(under),
            Transform(spread.select("theta"), theta.copy(), path_arc=-1.6, remover=True),
            FadeIn(*(factored.select(p) for p in ("open", "one", "close"))),
            ReplacementTransform(spread.select("equal"), factored.select("equal")),
            ReplacementTransform(spread.select("penalty-rate"), factored.select("rate")),
            ReplacementTransform(spread.select("lam"), factored.select("lam")),
            ReplacementTransform(spread.select("again"), theta),
            ReplacementTransform(spread.select("minimizer-rate"), factored.select("step-rate")),
            ReplacementTransform(spread.select("minimizer-slope"), factored.select("slope")),
            run_time=1.8,
        )

    def _under(self, part: Any, role: str) -> VMobject:
        ends = np.array([part.get_corner([-1, -1, 0]), part.get_corner([1, -1, 0])]) - [0, 0.12, 0]
        return polyline(ends, self.style.color(role), 3.5)

    @question(
        ask=_(
            "With {rate} = {alpha} and <strong>{lam} = {strength}: by what does this step multiply {theta}?"
        ).format(alpha=_choice("alpha"), strength=_choice("lam")),
        choices=(
            _choice("1 - alpha * lam / 2"),
            _choice("1 - alpha * lam"),
            _choice("1 + alpha * lam"),
        ),
        answer=1,
        shows=_("The factor is underlined; below it the question and three choices."),
        covers=("A4", "B1"),
    )
    def guess_the_factor(self) -> None:
        self.factor_mark = self._under(self.factored.select("penalty-factor"), "penalty")
        self.play(
            FadeOut(self.sum, self.sides, *self.level_sets, self.pull_names[1]),
            self.arrows[1].animate.set_opacity(0),
            Create(self.factor_mark),
            run_time=1.6,
        )
        self.remove(self.arrows[1])
        self.wait_for("strong")
        lam = self.factored.select("lam")
        self.play(Indicate(lam, scale_factor=1.5, color=self.style.penalty), run_time=0.8)

    @step(
        say=_(
            "By {factor}. <shrink>The whole plane shrinks towards the origin and takes {theta} along its own ray. "
            "<decay>That is the decay."
        ).format(factor=_choice("1 - alpha * lam")),
        shows=_(
            "A grid over the plane has shrunk towards the origin, and with it the arrow of {theta}; a pale one shows "
            "where it was. Under the formula the factor's value, marked as decay."
        ),
        covers=("A4", "B1"),
    )
    def shrink_the_plane(self) -> None:
        plane, style = self.plane, self.style
        alpha, lam = drawn_step(self.problem)
        self.share = ValueTracker(1.0)
        self.grid = VMobject(color=style.faded("penalty", 0.45), stroke_width=1.8).set_z_index(-1)
        self.follow(self.grid, self._lay_grid, self.share)
        self.ghost = self.weights.copy().set_color(style.faded("ink", 0.3)).set_z_index(-1)
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
        self.numbers = self.remember(numbers, *records)
        word = self.words(_("decay"), role="penalty", size=SMALL)
        word.next_to(self.factor_mark, [0, -1, 0], buff=0.16)
        self.decay = word
        numbers.move_to([RIGHT_HALF.left + 0.1, word.get_bottom()[1] - 0.55, 0], aligned_edge=[-1, 0, 0])
        numbers.align_to(self.factored.select("penalty-factor"), [-1, 0, 0])
        numbers.shift([min(0.0, RIGHT_HALF.right - numbers.get_right()[0]), 0, 0])
        self.play(FadeIn(numbers, self.grid), run_time=0.8)
        self.add(self.ghost)
        dot, ray = self.marks[0], plane.c2p(self.at) - plane.origin
        self.follow(
            self.weights,
            lambda m: m.put(plane.origin, plane.origin + self.share.get_value() * ray),
            self.share,
        )
        self.shrunk = Dot(dot.get_center(), radius=0.09, color=style.penalty).set_z_index(3)
        self.follow(self.shrunk, lambda m: m.move_to(plane.origin + self.share.get_value() * ray), self.share)
        self.add(self.shrunk)
        self.wait_for("shrink")
        self.play(self.share.animate.set_value(1 - alpha * lam), run_time=3)
        # Where it is now, in the place of the name of the arrow that pulled it there.
        self.crowd = [
            *self.note,
            plane,
            self.weights,
            self.ghost,
            self.marks,
            self.arrows[0],
            self.pull_names[0],
        ]
        self.shrunk_name = self.name(
            f"{{{{ {texts[2]} : penalty }}}} @theta", self.shrunk.get_center(), -self.slope
        )
        self.wait_for("decay")
        self.play(FadeIn(word, self.shrunk_name), run_time=0.8)

    def _lay_grid(self, grid: VMobject) -> None:
        """The grid's lines where they are after everything has shrunk, cut at the border of the plane."""
        region, origin = self.plane.drawing_region, self.plane.origin
        spacing = self.share.get_value() * max(region.width, region.height) / _GRID
        starts, ends = [], []
        for axis, low, high in ((0, region.left, region.right), (1, region.bottom, region.top)):
            first, last = (np.array([low, high]) - origin[axis]) / spacing
            for k in range(int(np.ceil(first)), int(np.floor(last)) + 1):
                at = origin[axis] + k * spacing
                other = (region.bottom, region.top) if axis == 0 else (region.left, region.right)
                line = [(at, o, 0.0) if axis == 0 else (o, at, 0.0) for o in other]
                starts.append(line[0])
                ends.append(line[1])
        set_segments(grid, np.array(starts), np.array(ends))

    @step(
        say=_(
            "Then comes the <step>ordinary step: the gradient <taken>taken at {theta} is <carry>carried over. It ends "
            "where the penalized step ended. <same>Weight decay is <source>L2 regularization in disguise."
        ),
        shows=_(
            "From the shrunk {theta} the gradient arrow, unchanged since it was taken at {theta}, reaches {new}. "
            "Under the "
            "formula its two parts are marked as decay and ordinary step."
        ),
        covers=("A4", "B1"),
    )
    def carry_the_step_over(self) -> None:
        style, plane = self.style, self.plane
        shift = plane.c2p(self.pull) - plane.origin
        slope = self.factored.select("minimizer-step")
        under = self._under(slope, "minimizer")
        word = self.words(_("ordinary step"), role="minimizer", size=SMALL)
        word.next_to(under, [0, -1, 0], buff=0.16)
        word.shift([max(0.0, self.decay.get_right()[0] + 0.25 - word.get_left()[0]), 0, 0])
        ghost = self.arrows[0].copy().set_color(style.faded("minimizer", 0.35)).set_z_index(0)
        self.wait_for("step")
        self.play(Create(under), FadeIn(word), run_time=1.2)
        self.wait_for("taken")
        self.play(Indicate(self.marks[0], scale_factor=1.8, color=style.ink), run_time=1)
        self.wait_for("carry")
        self.add(ghost)
        self.play(self.arrows[0].animate.shift(shift), FadeOut(self.grid), run_time=2)
        self.wait_for("same")
        self.play(FadeIn(self.sum), self.landing[0].animate.scale(1.5), run_time=1)
        self.wait_for("source")
        term = self.objective.select("penalty-term")
        self.play(Indicate(term, scale_factor=1.3, color=style.penalty), run_time=1.6)
