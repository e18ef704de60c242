"""Minibatch SGD with weight decay: noisy steps about the same rest point, and a plain decay where data fall silent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import (
    Circle,
    Create,
    Dot,
    FadeIn,
    FadeOut,
    GrowFromPoint,
    Indicate,
    Line,
    Rectangle,
    UpdateFromAlphaFunc,
    ValueTracker,
    VGroup,
    Write,
    linear,
)

from lecture.stage import (
    BODY,
    FORMULA,
    LEFT_HALF,
    RIGHT_HALF,
    SAFE,
    SMALL,
    Arrow,
    Chart,
    Region,
    dashed,
    place,
    polyline,
    step,
    unless,
)
from lecture.stage.backing import backed
from lecture.stage.numbers import spoken_number
from lecture.stage.scatter import Scatter
from lecture.words import Message, _, computed
from scenes.parts.contours import risk_contours
from scenes.parts.descent import Walk, descent_levels, descent_plane, factor_digits, name_minimizer
from scenes.parts.eigen_picture import reach
from scenes.parts.scene import WeightDecayScene
from scenes.problem import Problem
from wdmath import MinibatchGradient, ridge_minimizer, sgd_path

_BATCH = 10
_STEPS = 400
_SETTLED = 100  # the steps before are not counted into the mean
_SEED = 5
_MOST_ROWS = 400
# Of the minimizer's length; 0 where the minimizer is the origin.
_SHARE = "np.sqrt(np.sum(ridge_minimizer(risk, lam) ** 2) / np.maximum(np.sum(risk.minimizer**2), 1e-300))"


def rows_behind(problem: Problem) -> tuple[np.ndarray, np.ndarray, float]:
    """Rows X, y and the scale c for which the problem's risk is c ||y - X theta||^2, up to a constant.

    The problem's own rows where they are so; otherwise 100 made ones (seed 5) with the same Hessian and minimizer.
    """
    H, rows = problem.risk.hessian, problem.rows
    if rows is not None and len(rows[0]) <= _MOST_ROWS:
        X, y = rows
        gram = X.T @ X
        c = float(np.trace(H) / np.trace(gram) / 2) if np.trace(gram) > 0 else 0.0
        if c > 0 and np.allclose(2 * c * gram, H, rtol=1e-8, atol=1e-10 * np.trace(H)):
            return X, y, c
    rng = np.random.default_rng(_SEED)
    n = 100
    basis = np.linalg.qr(rng.normal(size=(n, 3)))[0]
    Q, sigma = problem.risk.eigenvectors, problem.risk.eigenvalues
    X = np.sqrt(n) * basis[:, :2] @ (np.sqrt(sigma)[:, None] * Q.T)
    noise = 0.2 * np.sqrt(n * sigma[0]) * reach(problem) * basis[:, 2]
    return X, X @ problem.risk.minimizer + noise, 1 / (2 * n)


def _own_rows(problem: Problem) -> bool:
    """Whether the rows are the problem's own."""
    return problem.rows is not None and rows_behind(problem)[0] is problem.rows[0]


def run_settings(problem: Problem) -> tuple[float, float]:
    """Step size and penalty strength of the runs: the problem's own, where noisy steps stay calm with them."""
    steep = float(problem.risk.eigenvalues[0])
    alpha, lam = problem.step_size, problem.lam_zigzag
    if steep > 0 and not 0.02 <= alpha * steep <= 0.7:
        alpha = 0.5 / steep
    return alpha, lam if 0.01 <= alpha * lam <= 0.3 else 0.05 / alpha


def batches_of(problem: Problem) -> MinibatchGradient:
    """Batches of the rows behind a problem's risk; their mean gradient is the risk's."""
    X, y, scale = rows_behind(problem)
    return MinibatchGradient(X, y, min(_BATCH, len(y)), scale=scale, seed=_SEED)


def _strongest(problem: Problem) -> float:
    """The penalty at which a step overshoots by 0.4 along the steep direction: the dial goes no further."""
    return 1.4 / run_settings(problem)[0] - float(problem.risk.eigenvalues[0])


def cloud_widths(problem: Problem) -> tuple[float, float]:
    """Root mean square distance of the iterates from their mean, without a penalty and with the strongest."""
    lams = np.array([0.0, _strongest(problem)])
    paths = sgd_path(batches_of(problem), problem.start, run_settings(problem)[0], _STEPS, lams)[:, _SETTLED:]
    spread = np.sqrt(np.sum((paths - paths.mean(axis=1, keepdims=True)) ** 2, axis=-1).mean(axis=-1))
    return float(spread[0]), float(spread[1])


def _dial_words(problem: Problem) -> Message:
    """Where the cloud goes, and whether it widens."""
    before, after = cloud_widths(problem)
    wider = after > 1.3 * before
    if problem.is_zero:
        if wider:
            return _(
                "So {lam} is a dial. <dial>Turn it up: the cloud stays around the origin, and its noise grows with it."
            )
        return _("So {lam} is a dial. <dial>Turn it up, and the cloud stays around the origin.")
    if problem.has_floor_component:
        if wider:
            return _(
                "So {lam} is a dial for complexity. <dial>Turn it up: the cloud moves towards the origin. It also "
                "widens: far from the best fit, batches disagree more."
            )
        return _(
            "So {lam} is a dial for complexity. <dial>Turn it up, and the cloud moves towards the origin."
        )
    if wider:
        return _(
            "So {lam} is a dial for complexity. <dial>Turn it up: the cloud moves from {min} towards the origin. It "
            "also widens: far from the best fit, batches disagree more."
        )
    return _(
        "So {lam} is a dial for complexity. <dial>Turn it up, and the cloud moves from {min} towards the origin."
    )


class DecayInMinibatches(WeightDecayScene):
    """In minibatch SGD the same factor shrinks the weights; the noise averages out, the decay stays."""

    title = _("Decay in *minibatches*")

    @step(
        say=_(
            "In practice a step sees only a <batch>batch of the data. Its gradient points roughly the right way. "
            "Only on average do the batches point where <all>all rows do."
        ),
        shows=lambda problem: (
            _(
                "On the right the rows of the data as dots, ten of them lit as a batch. On the left, at one point of "
                "the parameter plane, the gradient steps of several batches fan out around that of all rows."
            )
            if _own_rows(problem)
            else _(
                "On the right a hundred made rows with the same Hessian and minimizer as dots, ten of them lit as a "
                "batch. On the left, at one point of the parameter plane, the gradient steps of several batches fan "
                "out around that of all rows."
            )
        ),
        covers=("C6",),
    )
    def draw_batches(self) -> None:
        problem, style, risk = self.problem, self.style, self.problem.risk
        self.X, self.y, self.scale = rows_behind(problem)
        self.alpha, self.lam = run_settings(problem)
        self.batches = batches_of(problem)
        self.rest = ridge_minimizer(risk, self.lam)
        self.at = np.array(problem.start, dtype=float)
        self.run = sgd_path(self.batches, self.at, self.alpha, _STEPS, self.lam)
        levels = descent_levels(problem)
        self.plane = plane = descent_plane(problem, LEFT_HALF, style)
        self.room = Region(LEFT_HALF.left, LEFT_HALF.right - 0.5, LEFT_HALF.bottom, LEFT_HALF.top - 0.5)
        self.contours = risk_contours(plane, risk, levels, style.line, within=self.room)
        goal = Dot(plane.c2p(risk.minimizer), radius=0.09, color=style.minimizer).set_z_index(2)
        here = plane.c2p(self.at)
        self.start = dot = Dot(here, radius=0.08, color=style.ink).set_z_index(2)
        self.walk = Walk(plane, self.run, style.ink, width=1.6, radius=0.04, within=self.room)
        # Names may lie over contours: near their points, on patches.
        self.crowd = [plane, self.walk, goal]
        self.goal_name = name_minimizer(plane, LEFT_HALF, problem, style)
        self.crowd.append(self.goal_name)
        name = backed(self.goal_name, style)
        self.make_grid()
        self.add(self.contours, plane, goal, name)  # as the scene before left them
        self.play(Write(self.make_title()), FadeIn(dot, self.grid), run_time=1.4)
        full = Arrow(here, plane.c2p(self.at - self.alpha * risk.gradient(self.at)), style.minimizer)
        self.arrows = VGroup()
        self.lit = Scatter(np.empty((0, 3)), style.ink, radius=0.12)
        self.add(self.lit)
        self.wait_for("batch")
        for k in range(6):
            slope = self.alpha * self.batches.at_step(self.at, k)
            arrow = Arrow(here, plane.c2p(self.at - slope), style.ink, width=3, tip=0.2)
            self.light(k)
            self.play(GrowFromPoint(arrow, here), run_time=1)
            self.arrows.add(arrow)
        self.wait_for("all")
        self.play(GrowFromPoint(full, here), self.arrows.animate.set_color(style.dim), run_time=1)
        self.arrows.add(full)
        self.play(FadeIn(self.key()), run_time=0.6)

    def name(self, source: str, at: np.ndarray, prefer: list[float], avoid: Sequence[Any] = ()) -> VGroup:
        """The name of a point of the plane, on a patch beside it."""
        label = self.formula(source, size=BODY)
        place(label, at, avoid=[*self.crowd, *avoid], within=LEFT_HALF, prefer=prefer, gap=0.14)
        self.crowd.append(label)
        return backed(label, self.style)

    def key(self) -> VGroup:
        """What the lit dots and the two kinds of arrows are."""
        style = self.style
        lit = Scatter(np.array([[0, 0, 0], [0.45, 0, 0], [0.9, 0, 0]]), style.ink, radius=0.12)
        batch, rows = self.batches.batch_size, len(self.y)
        self.key_lines = VGroup()
        for sample, text in (
            (lit, _("a batch, {batch} of {rows} rows").format(batch=str(batch), rows=str(rows))),
            (Arrow([0, 0, 0], [0.9, 0, 0], style.dim, width=3, tip=0.2), _("step of one batch")),
            (Arrow([0, 0, 0], [0.9, 0, 0], style.minimizer, tip=0.2), _("step of all rows")),
        ):
            name = self.words(text, role="dim", size=SMALL, width=min(5.0, RIGHT_HALF.width - 1.3))
            name.move_to([1.2, 0, 0], aligned_edge=[-1, 0, 0])
            self.key_lines.add(VGroup(sample, name))
        self.key_lines.arrange([0, -1, 0], buff=0.3, aligned_edge=[-1, 0, 0])
        return self.key_lines.next_to(self.grid, [0, -1, 0], buff=0.6).align_to(self.grid, [-1, 0, 0])

    def make_grid(self) -> None:
        """The rows of the data as dots, in reading order."""
        n = len(self.y)
        columns = int(np.ceil(np.sqrt(2.2 * n)))
        gap = min(0.4, RIGHT_HALF.width / columns)
        k = np.arange(n)
        corner = np.array([RIGHT_HALF.left + gap / 2, RIGHT_HALF.top - gap / 2, 0])
        self.cells = corner + gap * np.column_stack([k % columns, -(k // columns), 0 * k])
        dots = Scatter(self.cells, self.style.faded("dim", 0.5), radius=min(0.09, 0.3 * gap))
        self.grid = dots

    def light(self, k: int) -> None:
        """Light the rows of a step's batch."""
        self.lit.move_dots(self.cells[np.sort(self.batches.rows(k))])

    @step(
        say=_(
            "The update keeps its form: it <shrink>shrinks the weights, then <descend>steps along the gradient "
            "of the batch, <scaled>scaled up to stand for all rows. <free>A bias is not shrunk."
        ),
        shows=_(
            "The update of minibatch SGD: theta becomes one minus alpha lambda, times theta, minus alpha times the "
            "number of rows over the batch size, times the sum of the gradients of the batch's rows. Below it the "
            "risk of a row, a squared error, and the update of a bias, without a factor."
        ),
        covers=("C6",),
    )
    def write_the_update(self) -> None:
        self.rule = self.formula(
            "@theta arrow.l {{ (1 - @rate @lam) @theta : penalty }}"
            " {{ - @rate {{ @n / abs(@batch) : scale }} sum_(@i in @batch) @rowgradient (@theta) : minimizer }}"
        )
        factor = self.number_text("scale", digits=2, scale=self.scale)
        error = "(@xi^top @theta - @yi)^2"
        self.row = self.formula(
            f"@rowrisk (@theta) = {error}" if self.scale == 1 else f"@rowrisk (@theta) = {factor[0]} {error}",
            role="dim",
            size=BODY,
        )
        if self.scale != 1:
            self.remember(self.row, factor[1])
        if self.rule.width > RIGHT_HALF.width:
            self.rule.scale(RIGHT_HALF.width / self.rule.width)
        self.rule.move_to([RIGHT_HALF.left, self.grid.get_bottom()[1] - 0.75, 0], aligned_edge=[-1, 0, 0])
        self.row.next_to(self.rule, [0, -1, 0], buff=0.25).align_to(self.rule, [-1, 0, 0])
        pull, slope = self.rule.select("penalty"), self.rule.select("minimizer")
        rest = VGroup(*(g for g in self.rule if g not in [*pull, *slope]))
        self.play(FadeOut(*self.arrows, self.key_lines), run_time=0.6)
        self.wait_for("shrink")
        self.play(FadeIn(rest, pull), run_time=1)
        self.wait_for("descend")
        self.play(FadeIn(slope), run_time=1.2)
        self.play(FadeIn(self.row), run_time=0.8)
        self.wait_for("scaled")
        scale = self.rule.select("scale")
        self.play(Indicate(scale, scale_factor=1.3, color=self.style.minimizer), run_time=1.2)
        free = self.formula(
            "@bias arrow.l @bias - @rate (partial @risk)/(partial @bias)", role="dim", size=BODY
        )
        free.next_to(self.row, [1, 0, 0], buff=0.6)
        if free.get_right()[0] > SAFE.right:
            free.next_to(self.row, [0, -1, 0], buff=0.1).align_to(self.row, [-1, 0, 0])
        self.free = free
        self.wait_for("free")
        self.play(FadeIn(free), run_time=0.8)

    @step(
        say=_(
            "Batch after batch, the path <stumble>stumbles towards the same rest point, and around it for ever. The "
            "noise <mean>averages out. The decay does not: it <pulls>pulls the same way in every step."
        ),
        shows=_(
            "A noisy path from the start to the ridge minimizer and around it; a diamond marks the mean of its "
            "later points, next to the ridge minimizer. Beside it the factor one minus alpha lambda."
        ),
        covers=("C6",),
    )
    def stumble_about_the_rest_point(self) -> None:
        style, plane = self.style, self.plane
        factor = 1 - self.alpha * self.lam
        number = self.number(
            "1 - alpha * lam",
            digits=factor_digits(factor),
            template="1 - @rate @lam = {}",
            role="penalty",
            alpha=self.alpha,
            lam=self.lam,
        )
        number.next_to(self.row, [1, 0, 0], buff=0.4)
        above_key = self.row
        if number.get_right()[0] > SAFE.right:  # many digits
            number.next_to(self.row, [0, -1, 0], buff=0.2).align_to(self.row, [-1, 0, 0])
            above_key = number
        self.walk.show(0)
        self.add(self.lit, self.walk)  # on top, so that little else is drawn anew
        self.play(FadeOut(self.free), FadeIn(number), run_time=0.6)
        self.wait_for("stumble")

        def stroll(mobject: Walk, alpha: float) -> None:
            mobject.show(12 * alpha)
            self.light(min(int(12 * alpha), 11))

        self.play(
            UpdateFromAlphaFunc(self.walk, stroll), self.still(self.lit), run_time=3.5, rate_func=linear
        )
        self.play(self.walk.walk(12, _STEPS), FadeOut(self.lit), run_time=3, rate_func=lambda t: t**1.5)
        self.wait_for("mean")
        rest = Dot(plane.c2p(self.rest), radius=0.1, color=style.ridge).set_z_index(3)
        mean = Scatter(
            plane.c2p(self.run[_SETTLED:].mean(axis=0))[None], style.ink, radius=0.15, diamond=True
        )
        self.mean = mean.set_z_index(2)
        fall = Line(plane.origin, rest.get_center())  # the way of the decay without data
        name = self.name("@ridge", rest.get_center(), [1, 0], avoid=[fall])
        pale = style.faded("ink", 0.45)
        self.play(self.walk.animate.set_color(pale), FadeIn(self.mean, scale=2), run_time=1)
        self.play(FadeIn(rest, scale=2), FadeIn(name), run_time=0.8)
        key = VGroup(
            Scatter(np.zeros((1, 3)), style.ink, radius=0.15, diamond=True),
            self.words(_("mean of the later steps"), role="dim", size=SMALL),
        ).arrange([1, 0, 0], buff=0.25)
        key.next_to(above_key, [0, -1, 0], buff=0.2).align_to(self.row, [-1, 0, 0])
        self.play(FadeIn(key), run_time=0.6)
        self.wait_for("pulls")
        self.play(Indicate(number, scale_factor=1.3, color=style.penalty), run_time=1.4)
        self.rest_dot, self.notes = VGroup(rest, name), VGroup(number, key, self.row)

    @staticmethod
    def still(mobject: Scatter) -> UpdateFromAlphaFunc:
        """An animation that only keeps a mobject among those drawn anew in every frame."""
        return UpdateFromAlphaFunc(mobject, lambda m, alpha: m)

    @step(
        say=unless(
            _(
                "Without data only the <silent>penalty is left. The weights decay <decay>geometrically, straight to "
                "the origin: every so many steps, <half>half of them is gone."
            ),
            is_zero=_(
                "Without data only the <silent>penalty is left. Weights would decay <decay>geometrically: every so "
                "many steps, <half>half of them would be gone."
            ),
        ),
        shows=unless(
            _(
                "A straight row of ever closer dots from the rest point to the origin. On the right the length of "
                "theta over the steps falls like a geometric sequence, with its half-life. Of the update only one "
                "minus alpha lambda, times theta, is left."
            ),
            is_zero=_(
                "The rest point at the origin. On the right a chart for the length of theta over the steps, with "
                "its half-life."
            ),
            lies_along_floor=_(
                "The rest point at the origin. On the right a chart for the length of theta over the steps, with "
                "its half-life."
            ),
        ),
        covers=("C6",),
    )
    def decay_without_data(self) -> None:
        style, plane = self.style, self.plane
        half_life = float(np.log(2) / -np.log1p(-self.alpha * self.lam))
        steps = int(np.ceil(4.5 * half_life))
        silent = sgd_path(lambda theta: 0 * theta, self.rest, self.alpha, steps, self.lam)
        fall = Walk(plane, silent, style.penalty, width=2.5, radius=0.06, within=self.room).show(0)
        lengths = np.linalg.norm(silent, axis=1)
        shares = lengths / (float(lengths[0]) or 1.0)
        region = Region(RIGHT_HALF.left, RIGHT_HALF.right, RIGHT_HALF.bottom, RIGHT_HALF.top)
        text, record = self.number_text("np.log(2) / -np.log1p(-alpha * lam)", alpha=self.alpha, lam=self.lam)
        chart = Chart(
            region,
            (0, steps),
            (0, 1.08),
            style,
            labels=(_("steps"), _("share of the length left")),
            x_ticks={half_life: text},
            y_ticks={0.5: "1/2", 1.0: "1"},
        )
        self.remember(chart, record)
        heights = chart.c2p(np.arange(steps + 1), shares)
        marks = Scatter(heights[:1], style.penalty, radius=0.07)
        guide = dashed(
            polyline(
                np.array([chart.c2p(0, 0.5), chart.c2p(half_life, 0.5), chart.c2p(half_life, 0)]),
                style.dim,
                2.5,
            )
        )
        # What is left of the update goes into the corner that the curve leaves free.
        slope = self.rule.select("minimizer")
        left = VGroup(*(g for g in self.rule if not any(g is part for part in slope)))
        self.wait_for("silent")
        self.play(FadeOut(slope, self.grid, self.mean, self.walk), run_time=1)
        corner = np.array([chart.box.right, chart.box.top, 0])
        self.play(
            left.animate.move_to(corner, aligned_edge=[1, 1, 0]),
            FadeOut(self.notes),
            FadeIn(chart, marks),
            run_time=1,
        )
        self.add(fall)
        self.wait_for("decay")

        def reveal(mobject: Scatter, alpha: float) -> None:
            mobject.move_dots(heights, 1 + int(alpha * steps + 1e-9))

        self.play(UpdateFromAlphaFunc(marks, reveal), fall.walk(0, steps), run_time=3.2, rate_func=linear)
        self.wait_for("half")
        name = self.words(_("half-life"), role="dim", size=SMALL)
        name.next_to(chart.c2p(half_life, 0.5), [1, 1, 0], buff=0.15)
        self.play(Create(guide), FadeIn(name), run_time=1)
        self.old = VGroup(fall, chart, marks, guide, name, left)

    @step(
        say=_dial_words,
        shows=_(
            "A slider for lambda, turned up; under it the length of the ridge minimizer, relative to that of the "
            "minimizer, as a number and as a bar that has shrunk. In the plane the cloud of iterates has moved along "
            "the ridge path. Below, the width of the cloud: {before} at first, {after} now."
        ).format(
            before=computed("widths[0]", lambda v: spoken_number(v, 2), widths=cloud_widths),
            after=computed("widths[1]", lambda v: spoken_number(v, 2), widths=cloud_widths),
        ),
        covers=("C6",),
    )
    def dial_the_complexity(self) -> None:
        style, plane, risk = self.style, self.plane, self.problem.risk
        most = _strongest(self.problem)
        lams = most * np.linspace(0, 1, 81) ** 2
        clouds = plane.c2p(sgd_path(self.batches, self.at, self.alpha, _STEPS, lams)[:, _SETTLED:])
        lam = ValueTracker(0.0)

        def frame() -> tuple[int, float]:
            at = 80 * np.sqrt(lam.get_value() / most)
            k = min(int(at), 79)
            return k, at - k

        def drift(cloud: Scatter) -> None:
            k, share = frame()
            points = (1 - share) * clouds[k] + share * clouds[k + 1]
            cloud.move_dots(points[self.room.contains(points)])

        cloud = Scatter(clouds[0][:1], style.faded("ink", 0.55), radius=0.035)
        path = plane.c2p(ridge_minimizer(risk, np.concatenate([lams, most * np.geomspace(1, 1e4, 60)])))
        curve = dashed(polyline(path, style.ridge, 2.5, within=self.room), 0.09)
        rest = Dot(radius=0.1, color=style.ridge).set_z_index(3)
        self.moving = rest, cloud
        left, right, y = RIGHT_HALF.left + 0.2, RIGHT_HALF.right - 0.3, RIGHT_HALF.top - 0.9
        self.rail = rail = Line([left, y, 0], [right, y, 0], color=style.line, stroke_width=4)
        knob = Circle(0.15, color=style.penalty, fill_opacity=1, stroke_width=0)
        sign = self.formula("@lam =", role="penalty").next_to(rail, [0, 1, 0], buff=0.3)
        sign.align_to(rail, [-1, 0, 0])
        decimals = max(0, 2 - int(np.floor(np.log10(most))))
        strength = self.live_number("lam", lam, decimals=decimals, role="penalty", size=FORMULA)
        strength.follow_equals(sign)
        # Complexity: the length of the minimizer, as a bar in a frame as long as without a penalty.
        name = self.formula("norm(@ridge) slash norm(@min)")
        name.move_to([left, y - 1.5, 0], aligned_edge=[-1, 0, 0])
        share = self.live_number(_SHARE, lam, decimals=2, role="ridge", size=FORMULA)
        share.move_to([right - 1.2, name.get_center()[1], 0], aligned_edge=[-1, 0, 0])
        low = name.get_bottom()[1] - 0.6
        outline = Rectangle(width=right - left, height=0.36, color=style.line, stroke_width=2.5)
        outline.move_to([left, low, 0], aligned_edge=[-1, 0, 0])
        self.bar = bar = Line(color=style.ridge, stroke_width=30)

        def fill(mobject: Line) -> None:
            length = max(self.compute(_SHARE, lam=lam.get_value()), 1e-3) * (right - left)
            mobject.put_start_and_end_on([left, low, 0], [left + length, low, 0])

        self.follow(bar, fill, lam)
        self.follow(cloud, drift, lam)
        self.follow(rest, lambda m: m.move_to(plane.c2p(ridge_minimizer(risk, lam.get_value()))), lam)
        self.follow(
            knob, lambda m: m.move_to([left + (right - left) * np.sqrt(lam.get_value() / most), y, 0]), lam
        )
        self.play(FadeOut(self.old, self.rest_dot), run_time=0.8)
        # What moves comes last: Manim draws anew all that lies above the first moving thing.
        self.play(FadeIn(rail, sign, name, outline), Create(curve), run_time=1)
        self.play(FadeIn(cloud, rest, knob, strength, bar, share), run_time=1)
        self.wait_for("dial")
        self.play(UpdateFromAlphaFunc(lam, lambda m, alpha: m.set_value(most * alpha**2)), run_time=7.5)
        self.play(FadeIn(self._widths(clouds, low)), run_time=0.8)

    def _widths(self, clouds: np.ndarray, low: float) -> VGroup:
        """How wide the cloud was and is, as bars of one scale."""
        style = self.style
        points = self.plane.p2c(clouds[[0, -1]])
        left, bars = RIGHT_HALF.left + 0.2, VGroup()
        expression = "np.sqrt(np.mean(np.sum((cloud - np.mean(cloud, axis=0)) ** 2, axis=1)))"
        numbers = [self.number(expression, digits=2, size=SMALL, cloud=cloud) for cloud in points]
        times = [self.words(text, role="dim", size=SMALL) for text in (_("at {lam} = 0"), _("now"))]
        longest = max(n.number.value for n in numbers) or 1.0
        bars.add(self.words(_("width of the cloud"), role="dim", size=SMALL))
        bars[0].move_to([left, low - 0.75, 0], aligned_edge=[-1, 0, 0])
        for k, (number, share) in enumerate(zip(numbers, (0.0, 1.0), strict=True)):
            y = low - 1.3 - 0.55 * k
            bar = Line(
                [left, y, 0],
                [left + max(3.2 * number.number.value / longest, 1e-3), y, 0],
                color=style.ink if share else style.faded("ink", 0.55),
                stroke_width=18,
            )
            bars.add(bar, number.next_to(bar, [1, 0, 0], buff=0.2))
            bars.add(times[k].next_to(number, [1, 0, 0], buff=0.25))
        return bars
