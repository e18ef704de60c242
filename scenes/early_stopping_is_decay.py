"""Gradient descent stopped early keeps nearly the same share of every eigencomponent as a penalty would."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
from manim import (
    Create,
    Dot,
    FadeIn,
    FadeOut,
    Line,
    ReplacementTransform,
    UpdateFromAlphaFunc,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
    linear,
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
    question,
    step,
    unless,
)
from lecture.stage.backing import place_backed
from lecture.stage.drawing import set_dashed_polyline, set_polyline
from lecture.stage.numbers import percent
from lecture.stage.scatter import Scatter
from lecture.words import Computed, _, computed
from scenes.map_of_chapters import lit_card
from scenes.parts.contours import contour_levels, risk_contours
from scenes.parts.descent import Walk, fewest_digits
from scenes.parts.eigen_picture import reach
from scenes.parts.parameter_plane import parameter_plane
from scenes.parts.scene import WeightDecayScene
from scenes.problem import Problem
from wdmath import (
    early_stopping_factors,
    gradient_descent,
    level_set_ellipse,
    ridge_minimizer,
    shrinkage_factors,
)

# The number of steps after which the descent is stopped first, at which shares are compared, and the most of all.
_STOP, _SHOWN, _MOST = 4, 20, 400
# Curvatures as multiples of the paired penalty, and by how much more the descent keeps than ridge: at most that of
# directions that it does not overshoot.
_MULTIPLES = np.geomspace(0.02, 100, 241)
_UP_TO = "np.minimum(x, tau)"
_GAP = f"np.max(early_stopping_factors({_UP_TO}, 1 / tau, np.int64(tau)) * (1 + {_UP_TO}) / {_UP_TO})"


def calm_step(problem: Problem) -> float:
    """The problem's step size, where its descent from the origin neither overshoots nor crawls."""
    steep = float(problem.risk.eigenvalues[0])
    if steep == 0 or 0.2 <= problem.step_size * steep <= 0.7:
        return problem.step_size
    return 0.5 / steep


def run_length(problem: Problem) -> int:
    """Steps after which also the flat direction has nearly arrived, within what can be watched."""
    slow = calm_step(problem) * min(s for s in (*problem.risk.eigenvalues, np.inf) if s > 0)
    return int(np.clip(np.ceil(4 / slow), 2 * _SHOWN, _MOST))


def _kept(k: int) -> Computed:
    """What the stopped descent keeps of a direction."""
    expression = f"early_stopping_factors(risk.eigenvalues, alpha, np.int64(tau))[{k}]"
    return computed(expression, percent, alpha=calm_step, tau=_SHOWN)


def _kept_by_ridge(k: int) -> Computed:
    """What the paired penalty keeps of it."""
    expression = f"shrinkage_factors(risk.eigenvalues, global_early_stopping_lam(alpha, np.int64(tau)))[{k}]"
    return computed(expression, percent, alpha=calm_step, tau=_SHOWN)


def _ratio(tau: int) -> Computed:
    return computed(_GAP, lambda value: f"{value:.2f}".rstrip("0").rstrip("."), x=_MULTIPLES, tau=tau)


class EarlyStoppingIsDecay(WeightDecayScene):
    """Stopping gradient descent after {steps} steps acts like a penalty with {lam} = 1/({rate}{steps})."""

    title = _("Early stopping *is decay*, nearly")
    question_region = Region(RIGHT_HALF.left, RIGHT_HALF.right, RIGHT_HALF.bottom, -0.4)

    @step(
        say=unless(
            _(
                "Gradient descent from zero, without a penalty. <walk>Step by step it heads for {min}. <stop>Stopped "
                "early, it has come only part of the way."
            ),
            is_zero=_(
                "Gradient descent from zero, without a penalty. <walk>Here {min} is zero, <stop>and it stays where "
                "it starts."
            ),
            lies_along_floor=_(
                "Gradient descent from zero, without a penalty. <walk>Zero lies on the level floor, <stop>and there "
                "it stays."
            ),
            has_floor_component=_(
                "Gradient descent from zero, without a penalty. <walk>It heads for the level floor. <stop>Stopped "
                "early, it has come only part of the way."
            ),
        ),
        shows=unless(
            _(
                "Contours of the risk and the path of gradient descent from the origin to the minimizer; a ring "
                "marks where it stands after a few steps. At the right the step: {theta} minus {rate} times the "
                "gradient of {risk}."
            ),
            is_zero=_(
                "Contours of the risk around the minimizer at the origin; a ring marks where the descent stays. At "
                "the right the step: {theta} minus {rate} times the gradient of {risk}."
            ),
            lies_along_floor=_(
                "Contours of the risk on both sides of the origin; a ring marks where the descent stays. At the right "
                "the step: {theta} minus {rate} times the gradient of {risk}."
            ),
            has_floor_component=_(
                "Contours of the risk and the path of gradient descent from the origin to the level floor; a "
                "ring marks where it stands after a few steps. At the right the step: {theta} minus {rate} times the "
                "gradient of {risk}."
            ),
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
        self.goal_name = name
        text, number = self.number_text("alpha", digits=fewest_digits(self.alpha), alpha=self.alpha)
        self.note = self.remember(
            self.make_note(_("step size {rate} = {value}").format(value=f"${text}$")), number
        )
        self.rule = self.formula("@theta arrow.l @theta {{ - @rate @gradient (@theta) : minimizer }}")
        self.rule.move_to([RIGHT_HALF.left, 0.3, 0], aligned_edge=[-1, 0, 0])
        gone = self.gather_the_cloud()
        self.play(gone, FadeIn(self.contours, name, self.note, self.rule), run_time=0.8)
        self.add(self.walk)
        self.wait_for("walk")
        self.play(self.walk.walk(0, _STOP), rate_func=lambda t: t, run_time=4)
        self.tau = ValueTracker(_STOP)
        self.stopped = Scatter(plane.c2p(self.path[_STOP])[None], style.ink, radius=0.16, hollow=True)
        self.wait_for("stop")
        self.play(FadeIn(self.stopped, scale=1.6), run_time=1.6)

    def gather_the_cloud(self) -> FadeOut:
        """Let the minimizers of many data sets, lit on the map, become the one of these data.

        Returns what takes the map's mark of the origin away.
        """
        origin, ridge, many = lit_card("EarlyStoppingIsDecay", self.style).icon
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

    @question(
        ask=_("Suppose stopping acts like a penalty. Is stopping sooner a weaker one, or a stronger one?"),
        choices=(_("weaker"), _("the same"), _("stronger")),
        answer=2,
        shows=_("The stopped descent, and three answers: weaker, the same, stronger."),
    )
    def predict_the_penalty(self) -> None:
        self.wait(0.3)

    @step(
        say=_(
            "How much is kept of a direction? <descent>Where {sigma} is small, {steps} steps keep {rate} {steps} "
            "{sigma}; <ridge>ridge, {sigma} over {lam}. <match>Lower {lam} until the slopes agree."
        ),
        shows=_(
            "At the right a chart: the share kept over {sigma}. Two curves begin with the same straight line, "
            "the stopped descent's solid, ridge's dashed, a little below it. Above, {lam} is one over {rate} {steps}."
        ),
    )
    def match_the_slopes(self) -> None:
        style, alpha = self.style, self.alpha
        sigma, top = self.problem.risk.eigenvalues, 1 / alpha
        self.grid = np.linspace(0, top, 201)
        region = Region(RIGHT_HALF.left, RIGHT_HALF.right, RIGHT_HALF.bottom, RIGHT_HALF.top - 0.75)
        marks: dict[float, str] = {}
        for k, value in enumerate(sigma):
            if 0 < value < 0.85 * top and all(abs(value - other) > 0.08 * top for other in marks):
                marks[float(value)] = f"@s{k + 1}"
        self.chart = chart = Chart(
            region,
            (0, top),
            (0, 1.06),
            style,
            labels=(_("{sigma}"), _("share kept of a direction")),
            x_ticks=marks,
            y_ticks={0.5: "1/2", 1.0: "1"},
        )
        self.lam = ValueTracker(4 / (alpha * _STOP))
        self.by_descent = VMobject(color=style.minimizer, stroke_width=5, fill_opacity=0)
        self.by_ridge = VMobject(color=style.ridge, stroke_width=5, fill_opacity=0)
        self.follow(self.by_descent, self.bend_descent, self.tau)
        self.follow(self.by_ridge, self.bend_ridge, self.tau, self.lam)
        self.first = polyline(
            chart.c2p([0, 1 / (alpha * _STOP)], [0, 1]), style.minimizer, 3
        )  # how the curve begins
        self.second = VMobject(color=style.ridge, stroke_width=3, fill_opacity=0)

        def begin(line: VMobject) -> None:
            lam = self.lam.get_value()
            set_polyline(line, chart.c2p([0, min(lam, top)], [0, min(lam, top) / lam]))

        self.follow(self.second, begin, self.lam)
        self.slopes = VGroup(
            self.formula("@rate @steps @sigma", role="minimizer", size=BODY),
            self.formula("@sigma / @lam", role="ridge", size=BODY),
        )
        self.slopes[0] = place_backed(
            self.slopes[0],
            style,
            self.first.point_from_proportion(0.8),
            avoid=[self.by_descent, self.first, chart.axes],
            within=chart.box,
        )
        self.slopes[1].move_to(chart.c2p(0.6 * top, 0.8))
        self.pairing = self.make_pairing()
        self.play(FadeOut(self.rule), FadeIn(chart), run_time=0.8)
        self.wait_for("descent")
        self.play(Create(self.by_descent), run_time=1)
        self.play(Create(self.first), FadeIn(self.slopes[0]), run_time=0.8)
        self.wait_for("ridge")
        self.play(Create(self.by_ridge), run_time=0.8)
        self.play(Create(self.second), FadeIn(self.slopes[1]), run_time=0.6)
        self.wait_for("match")
        self.add(self.by_ridge, self.second)
        self.play(self.lam.animate.set_value(1 / (alpha * _STOP)), FadeOut(self.slopes[1]), run_time=2.2)
        self.play(FadeIn(self.pairing), FadeOut(self.slopes[0]), run_time=0.8)

    def bend_descent(self, curve: VMobject) -> None:
        """What the descent keeps after as many steps as now."""
        kept = early_stopping_factors(self.grid, self.alpha, np.int64(self.tau.get_value()))
        set_polyline(curve, self.chart.c2p(self.grid, kept))

    def bend_ridge(self, curve: VMobject) -> None:
        """What ridge keeps at the penalty now, dashed."""
        kept = shrinkage_factors(self.grid, self.lam.get_value())
        set_dashed_polyline(curve, self.chart.c2p(self.grid, kept)[::5])

    def make_pairing(self) -> VGroup:
        """The number of steps and the penalty paired with it, running."""
        typical = 1 / (self.alpha * _SHOWN)
        decimals = max(0, 2 - int(np.floor(np.log10(typical))))
        row = VGroup()
        for source, expression, places, role in (
            ("@steps =", "tau", 0, "ink"),
            (
                "@lam = 1 / (@rate @steps) =",
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

    def take_steps(self, to: int, *others: Any, run_time: float) -> None:
        """Move to another number of steps, through whole numbers, evenly on a logarithmic scale."""
        begin = self.tau.get_value()

        def move(tracker: ValueTracker, alpha: float) -> None:
            # At once from a whole number to the next.
            whole = math.ceil if to > begin else math.floor
            tau = float(whole(begin * (to / begin) ** alpha)) if alpha < 1 else float(to)
            tracker.set_value(tau)
            self.lam.set_value(1 / (self.alpha * tau))

        self.play(UpdateFromAlphaFunc(self.tau, move, rate_func=linear), *others, run_time=run_time)

    @step(
        say=_(
            "Pair {steps} steps with this {lam}. <path>Ridge has a path of its own, and as {steps} grows, "
            "<travel>the two travel side by side."
        ),
        shows=_(
            "A dashed curve, the ridge path, beside the path of gradient descent. A ring on one and a dot on the "
            "other stand close together; in the chart both curves have risen. Above, the number of steps and the "
            "penalty paired with it."
        ),
    )
    def travel_side_by_side(self) -> None:
        style, plane = self.style, self.plane
        curve = polyline(plane.c2p(self.ridge_path()), style.ridge, 3.0, within=self.room)
        self.curve = dashed(curve, 0.1)
        paired = "ridge_minimizer(risk, global_early_stopping_lam(alpha, np.int64(tau)))"

        def rest() -> np.ndarray:
            return plane.c2p(self.compute(paired, alpha=self.alpha, tau=self.tau.get_value()))

        self.dot = Dot(rest(), radius=0.11, color=style.ridge)
        self.ridge_name = place_backed(
            self.formula("@ridge"),
            style,
            plane.c2p(self.on_the_way()),
            avoid=[*self.crowd, self.stopped],
            within=LEFT_HALF,
            prefer=[-1, 0],
        )
        self.play(FadeOut(self.first, self.second), run_time=1.4)
        self.wait_for("path")
        self.play(Create(self.curve), run_time=1.6)
        self.play(FadeIn(self.dot, scale=2), FadeIn(self.ridge_name), run_time=0.6)
        self.follow(
            self.stopped,
            lambda m: m.move_dots(plane.c2p(self.path[round(self.tau.get_value())])[None]),
            self.tau,
        )
        self.follow(self.walk, lambda m: m.show(self.tau.get_value()), self.tau)
        self.follow(self.dot, lambda m: m.move_to(rest()), self.tau)
        self.add(self.by_descent, self.by_ridge, self.walk, self.stopped, self.dot, self.pairing)
        self.wait_for("travel")
        self.take_steps(self.steps, run_time=5)

    @step(
        say=_(
            "<back>After twenty steps, of the <steep>steep direction the descent keeps {steep}, <less>ridge "
            "{steep_ridge}; <flat>of the flat one, {flat} <lesser>and {flat_ridge}."
        ).format(steep=_kept(0), steep_ridge=_kept_by_ridge(0), flat=_kept(1), flat_ridge=_kept_by_ridge(1)),
        shows=_(
            "The chart after twenty steps; at both eigenvalues a line up to both curves, and the four shares in a "
            "small table."
        ),
    )
    def compare_the_shares(self) -> None:
        style, chart, sigma = self.style, self.chart, self.problem.risk.eigenvalues
        lam = 1 / (self.alpha * _SHOWN)
        shares = np.array([early_stopping_factors(sigma, self.alpha, _SHOWN), shrinkage_factors(sigma, lam)])
        table, marks = VGroup(), VGroup()
        for k, role in enumerate(("eig1", "eig2")):
            kept = (
                self.number(
                    f"early_stopping_factors(risk.eigenvalues, alpha, np.int64(tau))[{k}]",
                    digits=2,
                    role="minimizer",
                    alpha=self.alpha,
                    tau=_SHOWN,
                ),
                self.number(
                    f"shrinkage_factors(risk.eigenvalues, global_early_stopping_lam(alpha, np.int64(tau)))[{k}]",
                    digits=2,
                    role="ridge",
                    alpha=self.alpha,
                    tau=_SHOWN,
                ),
            )
            table.add(VGroup(self.formula(f"@s{k + 1} :", size=BODY), *kept).arrange([1, 0, 0], buff=0.3))
            at = chart.c2p([sigma[k]] * 2, shares[:, k])
            foot = chart.c2p(sigma[k], 0)
            marks.add(
                VGroup(
                    Line(foot, at[0] + 1e-6, color=style.color(role), stroke_width=3),
                    Scatter(at, style.color(role), radius=0.1),
                )
            )
        table.arrange([0, -1, 0], buff=0.35, aligned_edge=[-1, 0, 0])
        columns = [*zip(*table, strict=True)]
        for before, column in pairwise(columns):
            edge = max(part.get_right()[0] for part in before) + 0.25
            for part in column:
                part.set_x(edge + part.width / 2)
        self.marks, self.table = marks, table
        self.wait_for("back")
        self.take_steps(_SHOWN, run_time=1.2)
        # Where there is most room between the two lines, or beyond them.
        edges = np.append(np.sort(chart.c2p(sigma, [0.3, 0.3])[:, 0]), chart.box.right)
        widest = int(np.argmax(np.diff(edges)))
        place(
            table,
            np.array([edges[widest], chart.c2p(0, 0.3)[1], 0]),
            avoid=[marks, self.by_descent, self.by_ridge, chart.axes],
            within=chart.box,
            prefer=[1, 0],
        )
        self.wait_for("steep")
        self.play(Create(marks[0]), FadeIn(table[0][:2]), run_time=2.4)
        self.wait_for("less")
        self.play(FadeIn(table[0][2]), run_time=1)
        self.wait_for("flat")
        self.play(Create(marks[1]), FadeIn(table[1][:2]), run_time=1.2)
        self.wait_for("lesser")
        self.play(FadeIn(table[1][2]), run_time=0.8)

    @step(
        say=_(
            "Nearly, not exactly. <once>One step can keep twice what ridge keeps. <gap>With more steps the gap closes, "
            "but never below {limit}: <limit>stopping is another kind of shrinking."
        ).format(limit=_ratio(_MOST)),
        shows=_(
            "At the right the shares kept over {sigma} divided by {lam}, on a logarithmic axis, with a bracket where "
            "their ratio is largest. At the left that largest ratio over the number of steps: it falls from 2 towards "
            "a dashed level."
        ),
    )
    def measure_the_gap(self) -> None:
        style = self.style
        gaps = Region(LEFT_HALF.left, LEFT_HALF.right, LEFT_HALF.bottom, LEFT_HALF.top - 0.3)
        self.gaps = gap_chart = Chart(
            gaps,
            (1, _MOST),
            (1.0, 2.1),
            style,
            labels=(_("{steps}"), _("descent's share over ridge's, at most")),
            x_ticks={1: "1", 10: "10", 100: "100"},
            y_ticks={1.0: "1", 1.5: "1.5", 2.0: "2"},
            x_log=True,
        )
        shares = Chart(
            Region(RIGHT_HALF.left, RIGHT_HALF.right, RIGHT_HALF.bottom, RIGHT_HALF.top - 0.75),
            (_MULTIPLES[0], _MULTIPLES[-1]),
            (0, 1.06),
            style,
            labels=(_("{sigma} / {lam}"), _("share kept of a direction")),
            x_ticks={0.1: "0.1", 1.0: "1"},
            y_ticks={0.5: "1/2", 1.0: "1"},
            x_log=True,
        )
        gone = (self.plane, self.contours, self.walk, self.curve, self.stopped, self.dot, self.goal)
        # By the same numbers of the chart before, on an axis that all problems share.
        for curve in (self.by_descent, self.by_ridge):
            curve.clear_updaters()
        self._followers = [f for f in self._followers if f[0] not in (self.by_descent, self.by_ridge)]
        ridge = polyline(shares.c2p(_MULTIPLES, shrinkage_factors(_MULTIPLES, 1.0)), style.ridge, 5)
        ridge = dashed(ridge, 0.1)
        descent = VMobject(color=style.minimizer, stroke_width=5, fill_opacity=0)

        def bend(curve: VMobject) -> None:
            tau = np.int64(self.tau.get_value())
            x = np.minimum(_MULTIPLES, tau)
            set_polyline(curve, shares.c2p(x, early_stopping_factors(x, 1 / float(tau), tau)))

        bracket = VMobject(color=style.ink, stroke_width=5, fill_opacity=0)

        def measure(line: VMobject) -> None:
            tau = np.int64(self.tau.get_value())
            x = np.minimum(_MULTIPLES, tau)
            both = early_stopping_factors(x, 1 / float(tau), tau), shrinkage_factors(x, 1.0)
            k = int(np.argmax(both[0] / both[1]))
            low, high = shares.c2p(x[k], both[1][k]), shares.c2p(x[k], both[0][k])
            across = np.array([0.12, 0, 0])
            starts = np.array([low, low - across, high - across])
            ends = np.array([high, low + across, high + across])
            line.set_points(
                np.stack([starts, (2 * starts + ends) / 3, (starts + 2 * ends) / 3, ends], axis=1).reshape(
                    -1, 3
                )
            )

        taus = np.unique(np.round(np.geomspace(1, _MOST, 90))).astype(int)
        values = np.array([self.compute(_GAP, x=_MULTIPLES, tau=int(tau)) for tau in taus])
        self.gap_values = taus, values
        rider = Dot(radius=0.11, color=style.ink).set_z_index(2)
        trace = VMobject(color=style.ink, stroke_width=5, fill_opacity=0)

        def ride(dot: Dot) -> None:
            tau = self.tau.get_value()
            dot.move_to(gap_chart.c2p(tau, np.interp(tau, taus, values)))

        def draw(line: VMobject) -> None:
            count = max(2, int(np.searchsorted(taus, self.tau.get_value(), side="right")))
            set_polyline(line, gap_chart.c2p(taus[:count], values[:count]))

        def beside(m: Any) -> None:
            m.next_to(rider, [0, 1, 0], buff=0.14)
            m.set_x(float(np.clip(m.get_x(), gap_chart.box.left + 0.5, gap_chart.box.right - 0.4)))

        self.take_steps(
            1,
            FadeOut(
                *gone, self.goal_name, self.ridge_name, self.marks, self.table, self.chart.axes[2:], self.note
            ),
            FadeOut(self.chart.tick_labels, self.chart.axis_labels),
            ReplacementTransform(self.chart.axes[:2], shares.axes[:2]),
            FadeIn(shares.axes[2:], shares.tick_labels, shares.axis_labels, gap_chart),
            FadeOut(self.by_descent),
            FadeOut(self.by_ridge),
            FadeIn(ridge),
            run_time=1,
        )
        self.remove(*self.chart.get_family(), *shares.get_family())
        self.add(shares, ridge)
        number = self.live_number(_GAP, self.tau, decimals=2, size=FORMULA, variable="tau", x=_MULTIPLES)
        for mobject, update in (
            (descent, bend),
            (bracket, measure),
            (trace, draw),
            (rider, ride),
            (number, beside),
        ):
            self.follow(mobject, update, self.tau)
        self.names = VGroup(
            self.formula("1 - (1 - @rate @sigma)^@steps", role="minimizer", size=BODY),
            self.formula("@sigma / (@sigma + @lam)", role="ridge", size=BODY),
        )
        late = early_stopping_factors(_MULTIPLES, 1 / _MOST, np.int64(_MOST))
        for label, curve_values, share, prefer in zip(
            self.names,
            (late, shrinkage_factors(_MULTIPLES, 1.0)),
            (0.5, 0.75),
            ([-1, 1], [1, -1]),
            strict=True,
        ):
            k = int(np.argmin(np.abs(curve_values - share)))
            others = [other for other in self.names if other is not label]
            avoid = [ridge, shares.c2p(_MULTIPLES, late), shares.axes, *others]
            place(
                label,
                shares.c2p(_MULTIPLES[k], curve_values[k]),
                avoid=avoid,
                within=shares.box,
                prefer=prefer,
                gap=0.5,
            )
        self.wait_for("once")
        self.play(Create(descent), FadeIn(self.names), run_time=2.4)
        self.play(Create(bracket), FadeIn(rider, number), run_time=0.6)
        self.add(trace, rider, number)
        self.wait_for("gap")
        self.take_steps(_MOST, run_time=5)
        level = VMobject(color=style.dim, stroke_width=4)
        set_dashed_polyline(level, gap_chart.c2p([1, _MOST], [values[-1]] * 2))
        self.wait_for("limit")
        self.play(Create(level), run_time=1)
