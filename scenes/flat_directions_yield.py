"""Close-ups of the risk along its flat and its steep direction, and what the penalty makes of each."""

from __future__ import annotations

import numpy as np
from manim import (
    BackgroundRectangle,
    Circle,
    Create,
    Dot,
    FadeIn,
    FadeOut,
    GrowFromPoint,
    Line,
    Restore,
    SurroundingRectangle,
    ValueTracker,
    VGroup,
    VMobject,
)

from lecture.stage import LEFT_HALF, RIGHT_HALF, SMALL, Arrow, Chart, Region, place, step, unless
from lecture.stage.backing import backed
from lecture.stage.derivation import Birth
from lecture.stage.region import touches
from lecture.stage.text import percent
from lecture.stage.theme import FRAME_WIDTH
from lecture.words import Message, _, computed
from scenes.parts.eigen_picture import EigenPicture, HeartScene, heart_plane, reach
from scenes.problem import Problem
from wdmath import level_set_ellipse

STEP = 0.28  # length of the two steps, as a share of the minimizer's length
CLOSE_UP = 2.5  # their length in the close-up, in units of its frame
LENS = 3.05  # its radius, in the same units
CROSSED = 8  # contours that the steep step crosses
ROLES = ("eig1", "eig2")


_COUNTED = (
    _("One step along {q2}, the smaller eigenvalue: no contour is crossed."),
    _("One step along {q2}, the smaller eigenvalue: one contour is crossed."),
    _("One step along {q2}, the smaller eigenvalue: two contours are crossed."),
    _("One step along {q2}, the smaller eigenvalue: three contours are crossed."),
    _("One step along {q2}, the smaller eigenvalue: four contours are crossed."),
    _("One step along {q2}, the smaller eigenvalue: five contours are crossed."),
    _("One step along {q2}, the smaller eigenvalue: six contours are crossed."),
    _("One step along {q2}, the smaller eigenvalue: seven contours are crossed."),
    _("One step along {q2}, the smaller eigenvalue: eight contours are crossed."),
)


def _flat_step(problem: Problem) -> Message:
    if problem.is_round:
        return _("One step along {q2}: eight contours are crossed. That is what moving costs.")
    steep, flat = problem.risk.eigenvalues
    if flat <= 0.25 * steep:
        return _(
            "One step along {q2}, the small eigenvalue: hardly a contour is crossed. Moving costs little."
        )
    return _COUNTED[int(CROSSED * flat / steep * (1 + 1e-9))]


def _steep_step(problem: Problem) -> Message:
    if problem.is_round:
        return _("The same step along {q1} crosses just as many. Moving costs the same.")
    steep, flat = problem.risk.eigenvalues
    if flat <= 0.25 * steep:
        return _("The same step along {q1}, the large eigenvalue: contour after contour. Moving costs much.")
    return _("The same step along {q1}, the larger eigenvalue: eight contours. Moving costs more.")


def _flat_weight(problem: Problem) -> Message:
    steep, flat = problem.risk.eigenvalues
    if problem.factors[1] <= 0.6 and flat <= 0.5 * steep:
        return _("Add the penalty. Along {q2} the risk is a shallow bowl: the weight moves far towards zero.")
    return _("Add the penalty. Along {q2} the weight moves towards zero and keeps {share}.").format(
        share=computed("shrinkage_factors(risk.eigenvalues, lam)[1]", percent, lam=lambda p: p.lam)
    )


def _steep_weight(problem: Problem) -> Message:
    moved = (1 - problem.factors) * np.abs(problem.components)
    if moved[0] < moved[1]:
        return _("Along {q1} the bowl is steep. The same penalty moves the weight less far.")
    return _("Along {q1} the bowl is steeper, and the same penalty takes a smaller share of the weight.")


def _together(problem: Problem) -> Message:
    if problem.factors[1] <= 0.5 <= problem.factors[0]:
        return _("What the risk hardly cares about is decayed away; what it cares about is kept.")
    return _("What the risk cares about less gives way first; what it cares about more is kept longer.")


class FlatDirectionsYield(HeartScene):
    """Where the risk is flat, moving costs little and the weight gives way; where it is steep, the weight stays."""

    title = _("Flat directions *yield*")

    @step(
        say=unless(
            _("Why does one component give way and the other stay? Look closely, at equal steps of risk."),
            is_round=_(
                "Why does neither component give way before the other? Look closely, at equal steps of risk."
            ),
            is_zero=_(
                "Why would a flat direction give way before a steep one? Look closely, at equal steps of "
                "risk."
            ),
            is_alone=_(
                "Why does a flat direction give way before a steep one? Look closely, at equal steps of risk."
            ),
        ),
        shows=_("A close-up of the point {min} with contours of the risk at equal differences of level."),
        covers=("A9", "B11"),
    )
    def look_closely(self) -> None:
        problem, style = self.problem, self.style
        self.plane = heart_plane(problem, LEFT_HALF, style)
        self.picture = EigenPicture(self.plane, problem, style)
        self.name = self.name_minimizer(self.picture, LEFT_HALF)
        self.q_names = self.name_directions(self.picture, LEFT_HALF, avoid=[self.name])
        self.heading = self.make_title()
        picture = self.picture
        self.wide = VGroup(
            self.plane, picture.contours, picture.directions, picture.arrow, self.name, self.q_names
        )
        self.add(self.heading, self.wide)

        tip = self.plane.c2p(problem.risk.minimizer)
        self.length = STEP * reach(problem)
        self.zoom = CLOSE_UP / (self.length * self.plane.unit)
        self.center = tip + np.array([3.4, -0.3, 0]) / self.zoom
        self.lens = Circle(radius=LENS / self.zoom, color=style.dim, stroke_width=4 / self.zoom).move_to(tip)
        self.fine = self._fine_contours()
        self.dot = Dot(tip, radius=0.11 / self.zoom, color=style.minimizer)
        self.play(Create(self.lens), run_time=1)
        self.camera.frame.save_state()
        self.play(FadeOut(self.wide, self.heading), FadeIn(self.dot), run_time=0.8)
        self.play(
            self.camera.frame.animate.set(width=FRAME_WIDTH / self.zoom).move_to(self.center),
            FadeIn(self.fine),
            run_time=2.2,
        )

    @step(
        say=unless(
            _flat_step,
            is_singular=_(
                "One step along {q2}, where the risk has no curvature: no contour is crossed. Moving "
                "costs nothing."
            ),
        ),
        shows=_(
            "In the close-up a step from {min} along {q2}; beside it what it costs: half of {s2} times "
            "its squared length."
        ),
        covers=("A9", "B11"),
    )
    def step_along_the_flat_direction(self) -> None:
        self._step_along(1, at=0.6)

    @step(
        say=_steep_step,
        shows=unless(
            _(
                "In the close-up a second step of the same length along {q1}, which crosses more "
                "contours; beside it its cost: half of {s1} times the same squared length."
            ),
            is_round=_(
                "In the close-up a second step of the same length along {q1}, which crosses as many "
                "contours; beside it its cost: half of {s1} times the same squared length."
            ),
        ),
        covers=("A9", "B11"),
    )
    def step_along_the_steep_direction(self) -> None:
        self._step_along(0, at=-0.9)

    @step(
        say=unless(
            _flat_weight,
            is_zero=_("Add the penalty. Along {q2} both are least at zero, and there the weight stays."),
            has_floor_component=_(
                "Add the penalty. Along {q2} the risk is level: nothing holds the weight, and it goes to "
                "zero."
            ),
            is_singular=_("Add the penalty. Along {q2} the risk is level, but {min} has no component there."),
            is_alone=lambda p: (
                _("Add the penalty. Along {q2} both are least at zero: {min} has no component there.")
                if p.lone_direction == 1
                else _flat_weight(p)
            ),
            is_unpenalized=_(
                "With {lam} = 0 there is no penalty to add: along {q2} the weight stays where the risk is"
                " least."
            ),
        ),
        shows=unless(
            _(
                "Back in the whole picture. On the right a chart along {q2}: the risk, the dashed penalty"
                " and their sum, whose lowest point lies at the share of the component that is kept; on "
                "the left that component has shrunk."
            ),
            is_zero=_(
                "Back in the whole picture. On the right a chart along {q2}: the risk, the dashed penalty"
                " and their sum, all least at zero."
            ),
            is_barely_shrunk=_(
                "Back in the whole picture. On the right a chart along {q2}: the risk, the dashed penalty"
                " and their sum, whose lowest point lies at the share of the component that is kept; on "
                "the left nothing has moved visibly."
            ),
        ),
        covers=("A9", "B11"),
    )
    def let_the_flat_weight_go(self) -> None:
        picture = self.picture
        self.charts: list[VGroup] = []
        self.pale = VGroup()
        self.play(FadeOut(self.close_ups, self.fine, self.lens), run_time=0.6)
        self.play(Restore(self.camera.frame), FadeOut(self.dot), FadeIn(self.wide, self.heading), run_time=2)
        self.play(*map(Create, picture.drops), *map(Create, picture.bars), run_time=1)
        self._yield_along(1, Region(RIGHT_HALF.left, RIGHT_HALF.center[0] - 0.15, -2.95, 0.75))

    @step(
        say=unless(
            _steep_weight,
            is_zero=_("Along {q1} it is the same: both are least at zero."),
            lies_along_floor=_("Along {q1} the bowl is steep, but {min} has no component there."),
            is_unpenalized=_("Along {q1} it is the same: without a penalty the weight stays."),
            is_round=_("Along {q1} the bowl is the same, and so is the share of the weight that is kept."),
            is_alone=lambda p: (
                _("Along {q1} the bowl is steep, but {min} has no component there.")
                if p.lone_direction == 2
                else _("Along {q1} the bowl is steeper: the weight keeps {share}.").format(
                    share=computed(
                        "shrinkage_factors(risk.eigenvalues, lam)[0]", percent, lam=lambda p: p.lam
                    )
                )
            ),
        ),
        shows=unless(
            _(
                "Beside it the chart along {q1} at the same scale: the risk is steeper and the sum has "
                "its lowest point at the larger share that is kept."
            ),
            is_zero=_("Beside it the chart along {q1} at the same scale; all is least at zero."),
            is_unpenalized=_("Beside it the chart along {q1} at the same scale: the risk is steeper."),
            is_round=_("Beside it the chart along {q1} at the same scale, with a risk just as steep."),
        ),
        covers=("A9", "B11"),
    )
    def keep_the_steep_weight(self) -> None:
        self._yield_along(0, Region(RIGHT_HALF.center[0] + 0.15, RIGHT_HALF.right, -2.95, 0.75))

    @step(
        say=unless(
            _together,
            is_zero=_("Together: at zero there is nothing left to decay."),
            is_round=_(
                "Together: where the risk cares equally about all directions, {ridge} is {min} made shorter."
            ),
        ),
        shows=unless(
            _("On the left the arrow {ridge}, made of the two shortened components, beside {min}."),
            is_zero=_("On the left {ridge} on {min}, at the origin."),
            lies_along_floor=_("On the left {ridge}, at the origin."),
            is_barely_shrunk=_("On the left the arrow {ridge}, on {min}."),
            is_alone=_("On the left the arrow {ridge}, made of the one shortened component, on {min}."),
            is_round=_("On the left the arrow {ridge}, made of the two shortened components, on {min}."),
        ),
        covers=("A9", "B11"),
    )
    def put_them_together(self) -> None:
        ridge = Arrow(self.plane.origin, self.plane.c2p(self.problem.ridge), self.style.ridge).set_z_index(5)
        seen = [self.picture, ridge, self.plane, self.name, *self.q_names]
        name = backed(
            place(self.formula("@ridge"), ridge.end_point, avoid=seen, within=LEFT_HALF), self.style
        )
        feet = [bar.get_end() for bar in self.picture.bars]
        drops = [EigenPicture.drop(ridge.end_point, foot, self.style) for foot in feet]
        self.play(FadeOut(self.picture.drops), *map(Create, drops), run_time=0.8)
        self.play(GrowFromPoint(ridge, self.plane.origin), FadeIn(name), run_time=1.4)

    def _fine_contours(self) -> VGroup:
        """Contours at equal differences of level, as seen through the lens."""
        risk, plane, zoom = self.problem.risk, self.plane, self.zoom
        spacing = float(risk.eigenvalues[0]) * self.length**2 / 2 / CROSSED
        # Far outside the lens an ellipse and a pair of lines cannot be told apart.
        longest = 30 * LENS / zoom / plane.unit
        turn = np.linspace(0, 2 * np.pi, 2881)
        curves = VGroup()
        for k in range(1, int(CROSSED * (LENS / CLOSE_UP) ** 2) + 1 if spacing > 0 else 1):
            ellipse = level_set_ellipse(risk, k * spacing)
            local = np.minimum(ellipse.semi_axes, longest) * np.column_stack([np.cos(turn), np.sin(turn)])
            seen = np.hypot(*local.T) <= LENS / zoom / plane.unit
            points = plane.c2p(ellipse.center + local @ ellipse.directions.T)
            curve = VMobject(color=self.style.line, stroke_width=2.5 / zoom, fill_opacity=0)
            for run in np.split(np.arange(len(turn)), np.flatnonzero(np.diff(seen)) + 1):
                if seen[run[0]] and len(run) > 1:
                    curve.start_new_path(points[run[0]])
                    curve.add_points_as_corners(points[run[1:]])
            curves.add(curve)
        return curves

    def _step_along(self, which: int, at: float) -> None:
        """A step from the minimizer towards zero along one eigenvector, and what it costs."""
        problem, style, zoom = self.problem, self.style, self.zoom
        toward = -1.0 if problem.components[which] >= 0 else 1.0
        start = problem.risk.minimizer
        end = start + toward * self.length * problem.risk.eigenvectors[:, which]
        tail, head = self.plane.c2p(start), self.plane.c2p(end)
        arrow = Arrow(tail, head, style.color(ROLES[which]), width=7 / zoom, tip=0.3 / zoom)
        across = np.array([tail[1] - head[1], head[0] - tail[0], 0.0])
        length = self.formula("@length", role=ROLES[which]).scale(1 / zoom)
        length.move_to((tail + head) / 2 + 0.34 / zoom * across / np.hypot(*across[:2]))
        patch = BackgroundRectangle(length, color=style.background, fill_opacity=0.85, buff=0.06 / zoom)
        text, number = self.number_text(
            f"risk.eigenvalues[{which}] * length**2 / 2",
            length=self.length,
        )
        sigma = f"@s{which + 1}"
        cost = self.formula(
            f"@q{which + 1} : quad 1/2 {sigma} {{{{ @length : {ROLES[which]}-length }}}}^2 = {text}", size=50
        ).scale(1 / zoom)
        cost.move_to(self.center + np.array([3.4, at, 0]) / zoom)
        self.remember(cost, number)
        if which == 1:
            self.close_ups = VGroup()
            heading = self.words(_("A step costs"), size=40).scale(1 / zoom)
            heading.move_to(self.center + np.array([3.4, 2.0, 0]) / zoom)
            self.play(FadeIn(heading), run_time=0.4)
            self.close_ups.add(heading)
        self.play(GrowFromPoint(arrow, tail), run_time=1.6)
        self.play(FadeIn(patch, length), run_time=0.4)
        self.play(Birth(cost, {f"{ROLES[which]}-length": length}), run_time=1)
        self.close_ups.add(arrow, patch, length, cost)

    def _yield_along(self, which: int, region: Region) -> None:
        """The chart along one eigenvector; the weight rolls to the lowest point of the sum."""
        problem, style = self.problem, self.style
        sigma, lam = problem.risk.eigenvalues, problem.lam
        sizes = np.abs(problem.components)
        longest = max(float(sizes.max()), 1e-300)
        top = 0.55 * max(float((lam * sizes**2).max()), 0.3 * float((sigma * sizes**2).max()))
        top = top if top > 0 else 1.0
        ticks = {0.0: "0"}
        if sizes[which] > 0.15 * longest:
            ticks[float(sizes[which])] = f"@z{which + 1}"
        chart = Chart(region, (-0.12 * longest, 1.15 * longest), (0, top), style, x_ticks=ticks)

        def risk_at(z: np.ndarray) -> np.ndarray:
            return sigma[which] * (z - sizes[which]) ** 2 / 2

        def total_at(z: np.ndarray) -> np.ndarray:
            return risk_at(z) + lam * z**2 / 2

        z = np.linspace(-0.12, 1.15, 241) * longest
        risk = chart.curve(z, risk_at(z), style.ink)
        penalty = chart.curve(z, lam * z**2 / 2, style.penalty, dash=True)
        total = chart.curve(z, total_at(z), style.faded("ridge", 0.7), width=3)
        heading = self.words((_("along {q1}"), _("along {q2}"))[which])
        heading.move_to([region.center[0], 2.2, 0])
        sign = f"@s{which + 1}"
        factor = self.number(
            f"shrinkage_factors(risk.eigenvalues, lam)[{which}]",
            template=f"{sign} / ({sign} + @lam) = {{}}",
            size=36,
            digits=2,
            lam=lam,
        ).move_to([region.center[0], 1.35, 0])
        names = self._curve_names(chart, [risk, penalty, total]) if which == 1 else VGroup()

        at = ValueTracker(float(sizes[which]))
        dot = Dot(radius=0.1, color=style.ridge)

        def rolled() -> np.ndarray:
            return chart.c2p(at.get_value(), min(float(total_at(at.get_value())), top))

        self.follow(dot, lambda m: m.move_to(rolled()), at)
        plumb = Line(color=style.dim, stroke_width=2.5)
        self.follow(
            plumb,
            lambda m: m.put_start_and_end_on(chart.c2p(at.get_value(), -0.02 * top), rolled()),
            at,
        )
        self._shrink_bar(which, at)
        self.charts.append(VGroup(chart, heading, factor, risk, penalty, total, plumb, dot, names))
        self.play(FadeIn(chart, heading), run_time=0.7)
        self.play(Create(risk), *map(FadeIn, names[:1]), run_time=1.2)
        self.play(FadeIn(penalty, *names[1:2]), run_time=0.8)
        self.play(Create(total), FadeIn(plumb, dot, *names[2:]), run_time=1)
        self.play(at.animate.set_value(float(problem.factors[which] * sizes[which])), run_time=2)
        self.play(FadeIn(factor), run_time=0.6)

    def _curve_names(self, chart: Chart, curves: list[VMobject]) -> VGroup:
        """What the curves of a chart are called, each near the highest of its points where there is room."""
        names = VGroup()
        for text, role, curve in zip(
            (_("risk"), _("penalty"), _("sum")), ("ink", "penalty", "ridge"), curves, strict=True
        ):
            name = self.words(text, role=role, size=SMALL)
            around = [SurroundingRectangle(other, buff=0.1) for other in names]
            avoid = [*curves, chart, *names, *around]
            points = _from_above(curve)
            free = (at for at in points if not touches(place(name, at, avoid=avoid, within=chart.box), avoid))
            names.add(place(name, next(free, points[0]), avoid=avoid, within=chart.box))
        return names

    def _shrink_bar(self, which: int, at: ValueTracker) -> None:
        """Let the bar of a component on the left be as long as `at` says; a pale one keeps its old length."""
        bar = self.picture.bars[which]
        pale = bar.copy().set_color(self.style.faded(ROLES[which]))
        origin, foot = self.plane.origin, bar.get_end()
        size = at.get_value()
        self.pale.add(pale)
        self.add(pale, bar)
        if size > 0:
            self.follow(
                bar,
                lambda m: m.put_start_and_end_on(
                    origin, origin + max(at.get_value() / size, 1e-4) * (foot - origin)
                ),
                at,
            )


def _from_above(curve: VMobject) -> list[np.ndarray]:
    """A few points of a curve, the highest first; the origin where there are none."""
    points = curve.get_all_points()
    if not len(points):
        return [np.zeros(3)]
    falling = points[np.argsort(-points[:, 1], kind="stable")]
    return list(falling[:: max(1, len(falling) // 8)])
