"""Close-ups of the risk along its flat and its steep direction, and what the penalty makes of each."""

from __future__ import annotations

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
    ReplacementTransform,
    SurroundingRectangle,
    TransformFromCopy,
    UpdateFromAlphaFunc,
    ValueTracker,
    VGroup,
    VMobject,
    there_and_back,
)

from lecture.stage import (
    LEFT_HALF,
    RIGHT_HALF,
    SAFE,
    SMALL,
    Arrow,
    Chart,
    Region,
    place,
    step,
    unless,
)
from lecture.stage.backing import backed
from lecture.stage.region import touches
from lecture.stage.space import OVERHEAD, SpaceCurve
from lecture.stage.surface import INSIDE
from lecture.stage.text import percent
from lecture.words import Message, _, computed
from scenes.parts.bowl import bowl_over
from scenes.parts.contours import risk_contours
from scenes.parts.eigen_picture import EigenPicture, HeartScene, heart_plane, reach
from scenes.parts.parameter_plane import parameter_plane
from scenes.problem import Problem
from wdmath import QuadraticRisk

# Where the bowl stands.
_BOWL = Region(LEFT_HALF.left, LEFT_HALF.right + 0.4, LEFT_HALF.bottom, LEFT_HALF.top)

STEP = 0.28  # length of the two steps, as a share of the minimizer's length
CROSSED = 8  # contours that the steep step crosses
WIDEST = 1.3  # how far the bowl reaches along the eigenvectors, in steps
HEIGHT, ELEVATION = 2.3, 0.82  # of the bowl in frame units, of the viewer in radians: deep, and seen into
ROLES = ("eig1", "eig2")


_COUNTED = (
    _("One <step>step along {q2}, the smaller eigenvalue: <cost>no contour is crossed."),
    _("One <step>step along {q2}, the smaller eigenvalue: <cost>one contour is crossed."),
    _("One <step>step along {q2}, the smaller eigenvalue: <cost>two contours are crossed."),
    _("One <step>step along {q2}, the smaller eigenvalue: <cost>three contours are crossed."),
    _("One <step>step along {q2}, the smaller eigenvalue: <cost>four contours are crossed."),
    _("One <step>step along {q2}, the smaller eigenvalue: <cost>five contours are crossed."),
    _("One <step>step along {q2}, the smaller eigenvalue: <cost>six contours are crossed."),
    _("One <step>step along {q2}, the smaller eigenvalue: <cost>seven contours are crossed."),
    _("One <step>step along {q2}, the smaller eigenvalue: <cost>eight contours are crossed."),
)


def _view(problem: Problem) -> float:
    """From where both steps are seen: turned from the plane so that neither leads straight towards the viewer."""
    turns = np.linspace(-0.6, 0.6, 25)
    ways = problem.angle + turns
    return float(
        turns[np.argmax(np.minimum(np.abs(np.cos(ways)), np.abs(np.sin(ways))) - 0.1 * np.abs(turns))]
    )


def _flat_step(problem: Problem) -> Message:
    if problem.is_round:
        return _(
            "One <step>step along {q2}: eight contours are crossed. <cost>That is how much the risk rises."
        )
    steep, flat = problem.risk.eigenvalues
    if flat <= 0.25 * steep:
        return _(
            "One <step>step along {q2}, the small eigenvalue: hardly a contour is crossed. <cost>Risk and "
            "slope stay "
            "small: moving costs little."
        )
    return _COUNTED[int(CROSSED * flat / steep * (1 + 1e-9))]


def _steep_step(problem: Problem) -> Message:
    if problem.is_round:
        return _("The same <step>step along {q1} crosses just as many. <cost>Moving costs the same.")
    steep, flat = problem.risk.eigenvalues
    if flat <= 0.25 * steep:
        return _(
            "The same <step>step along {q1}, the large eigenvalue: contour after contour, up the wall. "
            "<cost>Moving "
            "costs much."
        )
    return _(
        "The same <step>step along {q1}, the larger eigenvalue: eight contours. <cost>Moving costs more."
    )


def _flat_weight(problem: Problem) -> Message:
    steep, flat = problem.risk.eigenvalues
    if problem.factors[1] <= 0.6 and flat <= 0.5 * steep:
        return _(
            "Back to the plane: <along>along {q2} the risk is a shallow bowl. <add>Add the penalty, and the "
            "weight "
            "<roll>moves far towards zero."
        )
    return _(
        "Back to the plane, and <along>along {q2}. <add>Add the penalty, and the weight <roll>moves towards "
        "zero and "
        "keeps {share}."
    ).format(share=computed("shrinkage_factors(risk.eigenvalues, lam)[1]", percent, lam=lambda p: p.lam))


def _steep_weight(problem: Problem) -> Message:
    moved = (1 - problem.factors) * np.abs(problem.components)
    if moved[0] < moved[1]:
        return _("<along>Along {q1} the bowl is steep. <roll>The same penalty moves the weight less far.")
    return _(
        "<along>Along {q1} the bowl is steeper, and <roll>the same penalty takes a smaller share of the weight."
    )


def _together(problem: Problem) -> Message:
    if problem.factors[1] <= 0.5 <= problem.factors[0]:
        return _(
            "What the risk hardly cares about <ridge>is decayed away; what it cares about <kept>is kept."
        )
    return _(
        "What the risk cares about less <ridge>gives way first; what it cares about more <kept>is kept longer."
    )


class FlatDirectionsYield(HeartScene):
    """Where the risk is flat, moving costs little and the weight gives way; where it is steep, the weight stays."""

    title = _("Flat directions *yield*")

    @step(
        say=unless(
            _(
                "Why does <ask>one component give way and the other stay? <close>Look closely: the risk is a "
                "<bowl>bowl."
            ),
            is_round=_(
                "Why does <ask>neither component give way before the other? <close>Look closely: the risk is a "
                "<bowl>bowl."
            ),
            is_zero=_(
                "Why would a <ask>flat direction give way before a steep one? <close>Look closely: the risk is a "
                "<bowl>bowl."
            ),
            is_alone=_(
                "Why does a <ask>flat direction give way before a steep one? <close>Look closely: the risk is a "
                "<bowl>bowl."
            ),
        ),
        shows=_(
            "The risk around {min} as a bowl in space, with contours at equal differences of height and its "
            "lowest "
            "point marked."
        ),
        covers=("A9", "B11"),
    )
    def look_closely(self) -> None:
        problem, style, risk = self.problem, self.style, self.problem.risk
        self.plane = heart_plane(problem, LEFT_HALF, style)
        self.picture = picture = EigenPicture(self.plane, problem, style)
        self.name = self.name_minimizer(picture, LEFT_HALF)
        self.q_names = self.name_directions(picture, LEFT_HALF, avoid=[self.name])
        self.wide = VGroup(
            self.plane, picture.contours, picture.directions, picture.arrow, self.name, self.q_names
        )
        self.add(self.make_title(), self.wide)
        self.length = STEP * reach(problem)
        far = WIDEST * self.length
        # The same plane seen from nearer: its origin is the minimizer.
        self.close = close = parameter_plane(
            _BOWL, far * np.array([[1, 1], [-1, -1]]), style, name="close-up", margin=1.0
        )
        self.around = QuadraticRisk(risk.hessian, [0.0, 0.0])
        steep = float(risk.eigenvalues[0]) or 1.0
        self.levels = steep * self.length**2 / 2 / CROSSED * np.arange(1, round(CROSSED * WIDEST**2) + 1)
        self.fine = risk_contours(close, self.around, self.levels, style.line, width=2, reach=far)
        tip = self.plane.c2p(risk.minimizer)
        small = self.plane.unit / close.unit
        self.lens = Circle(radius=far * self.plane.unit, color=style.dim, stroke_width=4).move_to(tip)
        self.dot = Dot(close.origin, radius=0.1, color=style.minimizer).set_z_index(INSIDE)
        self.space, self.bowl = bowl_over(
            close,
            self.around,
            style,
            levels=self.levels,
            height=HEIGHT,
            reach=far,
            widths=[2.0] * len(self.levels),
        )
        self.wait_for("ask")
        names = zip(self.q_names, ROLES, strict=True)
        self.play(
            *(Indicate(name, scale_factor=1.5, color=style.color(role)) for name, role in names), run_time=1.6
        )
        self.wait_for("close")
        self.play(Create(self.lens), run_time=0.6)
        start = VGroup(self.fine.copy(), self.dot.copy()).scale(small, about_point=close.origin)
        start.shift(tip - close.origin)
        # The whole plane grows about the minimizer as the close-up does, and leaves the frame.
        seen = VGroup(picture.contours, picture.directions, self.plane.spines).copy()
        gone = seen.copy().scale(1 / small, about_point=tip).shift(close.origin - tip).set_stroke(opacity=0)
        around = self.lens.copy().scale(1 / small).move_to(close.origin).set_stroke(opacity=0)
        self.add(seen)
        self.play(FadeOut(self.wide), run_time=0.4)
        self.play(
            ReplacementTransform(seen, gone),
            ReplacementTransform(self.lens, around),
            ReplacementTransform(start[0], self.fine),
            ReplacementTransform(start[1], self.dot),
            run_time=1.6,
        )
        self.remove(gone, around)
        self.follow(self.bowl, lambda m: m.look(), *self.space.trackers)
        self.follow(self.dot, lambda m: m.move_to(self.bowl.on((0.0, 0.0))), *self.space.trackers)
        self.remove(self.fine)
        self.add(self.bowl, self.dot)
        self.wait_for("bowl")
        self.play(
            self.space.elevation.animate.set_value(ELEVATION),
            self.space.azimuth.animate.set_value(_view(problem)),
            run_time=2.4,
        )

    @step(
        say=unless(
            _flat_step,
            is_singular=_(
                "One <step>step along {q2}, where the risk has no curvature: no contour is crossed. "
                "<cost>Moving "
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
        self._prepare_step(1)
        self.wait_for("step")
        self._climb(1)
        self.wait_for("cost")
        self._show_cost(1)

    @step(
        say=_steep_step,
        shows=unless(
            _(
                "In the bowl a second step of the same length along {q1}, which crosses more "
                "contours; beside it its cost: half of {s1} times the same squared length."
            ),
            is_round=_(
                "In the bowl a second step of the same length along {q1}, which crosses as many "
                "contours; beside it its cost: half of {s1} times the same squared length."
            ),
        ),
        covers=("A9", "B11"),
    )
    def step_along_the_steep_direction(self) -> None:
        self._prepare_step(0)
        self.wait_for("step")
        self._climb(0)
        self.wait_for("cost")
        self._show_cost(0)

    @step(
        say=unless(
            _flat_weight,
            is_zero=_(
                "Now <along>along {q2}. <add>Add the penalty: both are least at zero, and there the weight <roll>stays."
            ),
            has_floor_component=_(
                "Now <along>along {q2}, where the risk is level. <add>Add the penalty: nothing holds the "
                "weight, and it "
                "<roll>goes to zero."
            ),
            is_singular=_(
                "Now <along>along {q2}, where the risk is level. <add>Add the penalty; but {min} <roll>has no"
                " component "
                "there."
            ),
            is_alone=lambda p: (
                _("Now <along>along {q2}. <add>Add the penalty: {min} <roll>has no component there.")
                if p.lone_direction == 1
                else _flat_weight(p)
            ),
            is_unpenalized=_(
                "With {lam} = 0 there is no penalty to add: <along>along {q2} <add>the weight <roll>stays "
                "where the "
                "risk is least."
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
        self.play(FadeOut(self.close_ups, self.bars), run_time=0.5)
        self.play(
            self.space.elevation.animate.set_value(OVERHEAD),
            self.space.azimuth.animate.set_value(0.0),
            run_time=1.6,
        )
        self.play(FadeOut(self.bowl, self.dot), FadeIn(self.wide), run_time=1)
        self.play(*map(Create, picture.drops), *map(Create, picture.bars), run_time=1)
        self.wait_for("along")
        self._draw_along(1, Region(RIGHT_HALF.left, RIGHT_HALF.center[0] - 0.15, -2.95, 0.75))
        self.wait_for("add")
        self._add_penalty()
        self.wait_for("roll")
        self._roll(1)

    @step(
        say=unless(
            _steep_weight,
            is_zero=_("<along>Along {q1} it is the same: <roll>both are least at zero."),
            lies_along_floor=_(
                "<along>Along {q1} the bowl is steep, but {min} <roll>has no component there."
            ),
            is_unpenalized=_("<along>Along {q1} it is the same: <roll>without a penalty the weight stays."),
            is_round=_(
                "<along>Along {q1} the bowl is the same, and <roll>so is the share of the weight that is kept."
            ),
            is_alone=lambda p: (
                _("<along>Along {q1} the bowl is steep, but {min} <roll>has no component there.")
                if p.lone_direction == 2
                else _("<along>Along {q1} the bowl is steeper: <roll>the weight keeps {share}.").format(
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
        self.wait_for("along")
        self._draw_along(0, Region(RIGHT_HALF.center[0] + 0.15, RIGHT_HALF.right, -2.95, 0.75))
        self._add_penalty()
        self.wait_for("roll")
        self._roll(0)

    @step(
        say=unless(
            _together,
            is_zero=_("Together: <ridge>at zero there is <kept>nothing left to decay."),
            is_round=_(
                "Together: <ridge>where the risk cares equally about all directions, {ridge} is {min} <kept>made "
                "shorter."
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
        self.wait_for("ridge")
        self.play(GrowFromPoint(ridge, self.plane.origin), FadeIn(name), run_time=1.4)
        self.wait_for("kept")
        thick = self.picture.bars[0].animate(rate_func=there_and_back).set_stroke(width=18)
        self.play(thick, run_time=1.2)

    def _prepare_step(self, which: int) -> None:
        """What a step from the minimizer along one eigenvector, up the bowl, is drawn with, and what it costs."""
        problem, style, space, bowl = self.problem, self.style, self.space, self.bowl
        color = style.color(ROLES[which])
        end = self.length * problem.risk.eigenvectors[:, which]
        way = np.linspace(0, 1, 41)[:, None] * end
        cost = float(self.around.value(end))
        tail, head, top = space.at([0.0, 0.0, 0.0]), space.at([*end, 0.0]), bowl.on(end)
        arrow = Arrow(tail, head, color, width=6, tip=0.24).set_z_index(INSIDE + 1)
        climb = SpaceCurve(space, bowl.lifted(way), color, width=4).set_z_index(INSIDE + 1)
        rise = Line(head, top + 1e-6, color=color, stroke_width=4).set_z_index(INSIDE + 1)
        rider = Dot(tail, radius=0.09, color=color).set_z_index(INSIDE + 2)
        away = head - tail
        length = self.formula("@length")
        length.move_to(
            (tail + head) / 2 + 0.32 * np.array([away[1], -away[0], 0]) / max(np.hypot(*away[:2]), 1e-9)
        )
        length = backed(length, style).set_z_index(INSIDE + 3)
        text, number = self.number_text(f"risk.eigenvalues[{which}] * length**2 / 2", length=self.length)
        formula = self.formula(
            f"@q{which + 1} : quad 1/2 @s{which + 1} @length^2 = {text}",
            size=48,
        )
        formula.move_to([RIGHT_HALF.left + 0.3, 1.6 - 1.2 * (1 - which), 0], aligned_edge=[-1, 0, 0])
        self.remember(formula, number)
        highest = float(self.around.eigenvalues[0]) * self.length**2 / 2 or 1.0
        bar = Rectangle(
            width=0.5,
            height=max(2.4 * cost / highest, 1e-3),
            stroke_width=0,
            fill_color=color,
            fill_opacity=1,
        )
        bar.move_to(
            [RIGHT_HALF.left + 1.6 + 1.5 * (1 - which), SAFE.bottom + 0.1, 0], aligned_edge=[0, -1, 0]
        )
        if which == 1:
            self.close_ups, self.bars = VGroup(), VGroup()
            heading = self.words(_("A step raises the risk by"), size=36)
            heading.move_to([RIGHT_HALF.left, 2.45, 0], aligned_edge=[-1, 0, 0])
            self.close_ups.add(heading)
            foot = bar.get_bottom() + np.array([0.75, 0, 0])
            ground = Line(foot - np.array([1.5, 0, 0]), foot + np.array([1.5, 0, 0]))
            self.play(FadeIn(heading), Create(ground.set_stroke(style.line, 2.5)), run_time=0.5)
            self.close_ups.add(ground)
        self._drawn = arrow, climb, rise, rider, length, formula, bar, end
        self.close_ups.add(arrow, climb, rise, rider, length, formula)
        self.bars.add(bar)

    def _climb(self, which: int) -> None:
        """Take the step on the ground, and up the bowl above it."""
        arrow, climb, rise, rider, length, _formula, _bar, end = self._drawn
        self.play(GrowFromPoint(arrow, arrow.shaft.get_start()), FadeIn(length), run_time=1)
        self.add(rider)
        self.play(
            UpdateFromAlphaFunc(rider, lambda m, alpha: m.move_to(self.bowl.on(alpha * end))),
            FadeIn(climb),
            run_time=2.8,
        )
        self.play(Create(rise), run_time=0.5)

    def _show_cost(self, which: int) -> None:
        """The height above the end of the step becomes a bar beside its formula."""
        _arrow, _climb, rise, _rider, _length, formula, bar, _end = self._drawn
        self.play(FadeIn(formula), TransformFromCopy(rise, bar), run_time=1.8)

    def _draw_along(self, which: int, region: Region) -> None:
        """The chart along one eigenvector, with the risk; penalty and sum are added later."""
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
        self.play(Create(risk), *map(FadeIn, names[:1]), run_time=1)
        self._chart_parts = penalty, total, plumb, dot, names, at, factor
        self._kept = float(problem.factors[which] * sizes[which])

    def _add_penalty(self) -> None:
        penalty, total, plumb, dot, names, _at, _factor = self._chart_parts
        self.play(FadeIn(penalty, *names[1:2]), run_time=0.7)
        self.play(Create(total), FadeIn(plumb, dot, *names[2:]), run_time=0.9)

    def _roll(self, which: int) -> None:
        """The weight rolls to the lowest point of the sum."""
        *_, at, factor = self._chart_parts
        self.play(at.animate.set_value(self._kept), run_time=2)
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
