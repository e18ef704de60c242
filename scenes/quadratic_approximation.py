"""A risk that is not quadratic, the quadratic that hugs it at its minimizer, and the risk that is its own quadratic."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from manim import (
    Create,
    Dot,
    FadeIn,
    FadeOut,
    Indicate,
    LaggedStart,
    Line,
    ReplacementTransform,
    Transform,
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
    Chart,
    Plane,
    Region,
    question,
    step,
    unless,
)
from lecture.stage.backing import place_backed
from lecture.stage.derivation import Birth
from lecture.stage.drawing import set_polyline
from lecture.stage.scatter import Scatter
from lecture.stage.space import OVERHEAD, Ground, Space, SpaceAxes, SpaceCurve
from lecture.stage.surface import INSIDE, Cut, Surface
from lecture.stage.trace import segments
from lecture.words import Message, _
from scenes.parts.contours import contour_levels
from scenes.parts.eigen_picture import EXTENT, EigenPicture, HeartScene, heart_plane, reach
from scenes.parts.parameter_plane import parameter_plane
from scenes.problem import Problem
from wdmath import LogisticRisk, QuadraticRisk

SEED, PER_CLASS, CENTER = 3, 10, np.array([1.0, 0.5])

BOWL = Region(SAFE.left, 0.2, SAFE.bottom + 0.78, 2.4)
CHART = Region(0.9, SAFE.right, SAFE.bottom + 0.05, 1.0)
LAW = SAFE.top - 0.42  # top of the model's formula, below a long title
ROW = 1.75  # height of the line of numbers on the right
AZIMUTH, ELEVATION = 0.15, np.radians(57)
HEIGHT = 1.7  # of the rim, in frame units: deep, and its bottom is seen
WIDEST = 2.7  # half width of the second bowl while it stands in space
TAYLOR = (
    "{{ @model (@theta) = : left }} {{ @risk (@min) : constant }} {{ + : gone }} "
    "{{ @gradient (@min)^top (@theta - @min) : first }}",
    "{{ + : plus }} {{ 1/2 (@theta - @min)^top @hessian (@theta - @min) : second }}",
)
QUADRATIC = (
    "{{ @model (@theta) = : left }} {{ @risk (@min) : constant }} {{ + : plus }} "
    "{{ 1/2 (@theta - @min)^top @hessian (@theta - @min) : second }}"
)
GAP = (
    "LogisticRisk(X, y, scale='mean').value([0, 0])"
    " - QuadraticRisk.from_taylor(LogisticRisk(X, y, scale='mean'), "
    "LogisticRisk(X, y, scale='mean').ridge_path(0.0)).value([0, 0])"
)


def _swap(problem: Problem) -> Message:
    """What risk the lecture goes on with."""
    if problem.loss is not None:
        return _(
            "<swap>From here on the risk is that of your data. It is no parabola, so we keep its model alone. "
            "<sink>Then nothing is left to miss: <same>the model is the risk, and we write {risk} for it."
        )
    if problem.X is not None:
        return _(
            "<swap>From here on: least squares, <sink>with a minimizer of its own. The model sinks in, and the gap "
            "closes to zero. <same>Here the model is the risk, and we write {risk} for both."
        )
    return _(
        "<swap>From here on: another risk, <sink>quadratic itself. The model sinks in, and the gap closes to zero. "
        "<same>Here the model is the risk, and we write {risk} for both."
    )


class QuadraticApproximation(HeartScene):
    """Near its minimizer a smooth risk is quadratic: no slope, and in each direction the curvature of {hessian}."""

    title = _("*Quadratic* near the minimum")
    question_region = Region(CHART.left, CHART.right, 1.2, 1.95)

    @cached_property
    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Twenty points in two classes: normal with unit variance around (1, 0.5) and (-1, -0.5)."""
        labels = np.repeat([0, 1], PER_CLASS)
        noise = np.random.default_rng(SEED).normal(size=(2 * PER_CLASS, 2))
        return noise + np.where(labels[:, None] == 1, 1, -1) * CENTER, labels

    @cached_property
    def risk(self) -> LogisticRisk:
        """The mean logistic loss on the data; no intercept."""
        return LogisticRisk(*self.data, scale="mean")

    @cached_property
    def model(self) -> QuadraticRisk:
        """The Taylor model at the minimizer."""
        return QuadraticRisk.from_taylor(self.risk, self.risk.ridge_path(0.0))

    @step(
        say=_(
            "Twenty points in two classes, and logistic regression. <risk>Its risk from above: contours, <close>closer "
            "together on the side of zero. <tilt>From the side they are a bowl, and it is lopsided."
        ),
        shows=_(
            "On the right twenty data points in two classes. On the left the logistic risk over its two parameters "
            "as a bowl in space, steep towards zero and slack beyond its lowest point, the minimizer {min}."
        ),
        covers=("A5", "B4"),
    )
    def raise_the_bowl(self) -> None:
        style = self.style
        self._build_bowl()
        X, labels = self.data
        self.samples = Plane(RIGHT_HALF.grown(-0.4), X, style, labels=("@x1", "@x2"), name="data")
        kinds = [
            Scatter(self.samples.c2p(X[labels == k]), style.ink, radius=0.09, hollow=k == 0, diamond=k == 1)
            for k in (0, 1)
        ]
        self.samples_seen = VGroup(self.samples, *kinds)
        self.note = self._note(_("risk of logistic regression"))
        self.add(self.make_title())
        self.play(FadeIn(self.samples), run_time=0.8)
        self.play(LaggedStart(*(FadeIn(kind, scale=1.1) for kind in kinds), lag_ratio=0.6), run_time=1.6)
        self.wait_for("risk")
        self.play(FadeIn(self.axes, self.note), run_time=0.6)
        self.add(self.bowl)
        self.play(
            LaggedStart(*(Create(c.seen) for c in self.bowl.contours), lag_ratio=0.2),
            FadeIn(self.dot, scale=2),
            FadeIn(self.name),
            run_time=2,
        )
        self.wait_for("close")
        self.play(
            *(c.seen.animate(rate_func=there_and_back).set_stroke(width=6) for c in self.bowl.contours),
            run_time=1.4,
        )
        self.wait_for("tilt")
        self.play(
            self.space.elevation.animate.set_value(ELEVATION),
            self.space.azimuth.animate.set_value(AZIMUTH),
            run_time=3.2,
        )

    def _build_bowl(self) -> None:
        """The logistic risk in space, in frame units around its minimizer, seen from above at first."""
        style, theta = self.style, self.model.minimizer
        self.top = float(self.risk.value(np.zeros(2))) - self.model.constant
        loop = self._level_curve(self.top)
        low, high = loop.min(axis=0), loop.max(axis=0)
        self.plane = parameter_plane(BOWL, loop, style, name="logistic")
        self.plane.remove(self.plane.axes)
        self.plane.axes = self.plane.spines  # without ticks: nothing is measured here
        unit = self.plane.unit
        self.ground = Ground(self.plane.c2p(theta))
        self.middle = ((low + high) / 2 - theta) * unit
        self.half = (high - low) / 2 * unit * 1.02
        self.space = Space(self.ground, pivot=(*self.middle, HEIGHT / 2))
        self.change, self.home = ValueTracker(0.0), ValueTracker(0.0)
        levels = HEIGHT * (np.arange(1, 5) / 4) ** 2
        self.bowl = Surface(
            self.space,
            self._first,
            style,
            center=self.middle,
            half=self.half,
            top=HEIGHT,
            levels=levels,
            widths=EigenPicture.WIDTHS,
        )
        steep, flat = self.model.eigenvalues
        reach_of_model = np.sqrt(2 * self.top / np.array([steep, flat])) * unit * 1.01
        self.model_box = (reach_of_model, _angle(self.model))
        self.hull = Surface(
            self.space,
            self._first_model,
            style,
            half=_turned(*self.model_box),
            top=HEIGHT,
            levels=levels,
        )
        # A little below the bowl, so that the minimizer's name has room.
        self.axes = SpaceAxes(
            self.space, style.line, plane=self.plane, height=-0.48 * HEIGHT, behind=[self.bowl]
        )
        self.dot = Dot(radius=0.1, color=style.minimizer).set_z_index(INSIDE)
        self.name = self.formula("@min")
        moving = (*self.space.trackers, self.change, self.home)
        self.follow(self.axes, lambda m: m.look(), *moving)
        self.follow(self.bowl, lambda m: m.look(), *moving)
        self.follow(self.dot, lambda m: m.move_to(self.bowl.on((0, 0))), *moving)
        self.follow(self.name, lambda m: m.next_to(self.dot, [0, -1, 0], buff=0.3).set_z_index(4), *moving)

    def _note(self, text: Message) -> Any:
        """What risk is shown, above it."""
        note = self.words(text, role="dim", size=SMALL)
        return note.move_to([BOWL.left, BOWL.top + 0.35, 0], aligned_edge=[-1, 0, 0])

    def _first(self, places: np.ndarray) -> np.ndarray:
        """The logistic risk above its minimum: places and heights in frame units, places from the minimizer."""
        theta = self.model.minimizer + np.asarray(places) / self.plane.unit
        return (np.asarray(self.risk.value(theta)) - self.model.constant) * HEIGHT / self.top

    def _first_model(self, places: np.ndarray) -> np.ndarray:
        theta = self.model.minimizer + np.asarray(places) / self.plane.unit
        return (np.asarray(self.model.value(theta)) - self.model.constant) * HEIGHT / self.top

    @step(
        say=_(
            "<cut>A vertical plane through the minimizer {min} cuts the bowl. <flat>Laid flat, its section is steep "
            "on the side of zero, slack beyond."
        ),
        shows=_(
            "A vertical plane through {min} and zero cuts the bowl; on the right the section as a curve, with its "
            "minimum at {min}, steep towards zero and slack beyond."
        ),
        covers=("A5", "B4"),
    )
    def cut_through_the_minimum(self) -> None:
        style, theta = self.style, self.model.minimizer
        self.direction = ValueTracker(float(np.arctan2(theta[1], theta[0])))
        self.cut = Cut(self.bowl, (0, 0), self.direction)
        moving = (*self.space.trackers, self.change, self.home, self.direction)
        zero = -float(np.hypot(*theta)) * self.plane.unit
        self.zero_way = zero
        self.chart = Chart(
            CHART,
            (1.45 * zero, -2.6 * zero),
            (-0.1 * HEIGHT, 1.02 * HEIGHT),
            style,
            x_ticks={0.0: "@min"},
            labels=("", _("{risk}")),  # type: ignore[arg-type]
        )
        foot = self.chart.c2p(zero, -0.1 * HEIGHT)
        tick = Line(foot, foot + np.array([0, -0.08, 0]), color=style.line, stroke_width=2.5)
        self.zero = VGroup(
            tick, self.formula("0", role="dim", size=SMALL).next_to(tick, [0, -1, 0], buff=0.14)
        )
        self.section = VMobject(color=style.ink, stroke_width=5, fill_opacity=0)
        self.bottom_dot = Dot(self.chart.c2p(0.0, 0.0), radius=0.1, color=style.minimizer).set_z_index(4)
        self.wait_for("cut")
        self.play(
            FadeIn(self.cut.sheet), Create(self.cut.curve.seen), FadeIn(self.cut.curve.hidden), run_time=2.6
        )
        self.add(self.cut)
        self.follow(self.cut, lambda m: m.look(), *moving)
        self.wait_for("flat")
        self.play(FadeOut(self.samples_seen), FadeIn(self.chart, self.zero), run_time=0.8)
        ways, heights, shown = self._in_chart(self.cut.ways, self.cut.places[:, 2])
        copy = set_polyline(self.section.copy(), self.space.at(self.cut.places[shown]))
        set_polyline(self.section, self.chart.c2p(ways, heights))
        self.play(Transform(copy, self.section), run_time=1.8)
        self.remove(copy)
        self.add(self.section)
        self.play(FadeIn(self.bottom_dot, scale=2), run_time=0.4)
        self.follow(self.section, lambda m: self._put_section(m), self.direction, self.change)

    def _in_chart(self, ways: np.ndarray, heights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The part of a section that the chart has room for, and which of its points that is."""
        low, high = 1.45 * self.zero_way, -2.6 * self.zero_way
        shown = (low <= ways) & (ways <= high) & (heights <= 1.001 * HEIGHT)
        return ways[shown], heights[shown], shown

    def _put_section(self, curve: VMobject) -> None:
        ways, heights, _shown = self._in_chart(self.cut.ways, self.cut.places[:, 2])
        set_polyline(curve, self.chart.c2p(ways, heights))

    def _put_parabola(self, curve: VMobject, bent: float = 1.0) -> None:
        """The section of the model in dashes, bent from its tangent by a share."""
        along = np.array([np.cos(self.direction.get_value()), np.sin(self.direction.get_value())])
        ways = np.linspace(1.45 * self.zero_way, -2.6 * self.zero_way, 301)
        heights = bent * self.hull.f(ways[:, None] * along)
        inside = (heights <= HEIGHT) & (heights >= -0.1 * HEIGHT)
        points = self.chart.c2p(ways[inside], heights[inside])
        pieces, drawn = segments(points, dash=True, anchor=int(np.abs(ways[inside]).argmin()))
        curve.set_points(pieces[drawn].reshape(-1, 3))

    @step(
        say=_(
            "Taylor's formula <around>around {min}. <height>First the height there, <slope>then the slope times the "
            "way, <bend>then the curvature, which the Hessian {hessian} holds."
        ),
        shows=_(
            "At the top right the Taylor model: {risk} of {min}, plus gradient times ({theta} minus {min}), plus one "
            "half ({theta} minus {min}) transposed {hessian} ({theta} minus {min}). In the chart its tangent at "
            "{min} is level, and a dashed parabola touches the section."
        ),
        covers=("A5", "B4"),
    )
    def expand_term_by_term(self) -> None:
        style = self.style
        self.taylor = [self.formula(line, size=40) for line in TAYLOR]
        self.taylor[0].move_to([SAFE.right, LAW, 0], aligned_edge=[1, 1, 0])
        self.taylor[1].next_to(self.taylor[0], [0, -1, 0], buff=0.2).align_to(self.taylor[0], [1, 0, 0])
        ends = [self.chart.c2p(way * self.zero_way, 0.0) for way in (1.45, -2.6)]
        self.tangent = Line(*ends, color=style.dim, stroke_width=3)
        self.parabola = VMobject(color=style.ink, stroke_width=4, fill_opacity=0)
        left, constant = (self.taylor[0].select(part) for part in ("left", "constant"))
        gone, first = (self.taylor[0].select(part) for part in ("gone", "first"))
        self.wait_for("around")
        self.play(Indicate(self.bottom_dot, scale_factor=1.8, color=style.minimizer), run_time=1.2)
        self.wait_for("height")
        self.play(FadeIn(left), FadeIn(constant, target_position=self.bottom_dot), run_time=1)
        self.wait_for("slope")
        self.play(Create(self.tangent), run_time=0.7)
        self.play(FadeIn(gone), FadeIn(first, target_position=self.tangent), run_time=0.9)
        self.wait_for("bend")
        self.play(
            UpdateFromAlphaFunc(self.parabola, lambda m, alpha: self._put_parabola(m, alpha)), run_time=1.3
        )
        self.play(Birth(self.taylor[1], {"second": self.parabola}), run_time=1.2)
        self.follow(self.parabola, lambda m: self._put_parabola(m), self.direction, self.change)

    @step(
        say=_(
            "At a minimum the ground is level: the gradient is zero. <gone>So the first-order term is gone, and two "
            "are left."
        ),
        shows=_("The first-order term has gone; the model is {risk} of {min} plus the quadratic term alone."),
        covers=("A5", "B4"),
    )
    def lose_the_slope(self) -> None:
        first = self.taylor[0].select("first")
        left, right, y = first.get_left()[0], first.get_right()[0], first.get_bottom()[1] - 0.08
        mark = Line([left, y, 0], [right, y, 0], color=self.style.ink, stroke_width=4)
        short = self.formula(QUADRATIC, size=40)
        short.move_to([SAFE.right, LAW, 0], aligned_edge=[1, 1, 0])
        self.play(Create(mark), run_time=0.9)
        self.play(self.tangent.animate.set_stroke(width=8), rate_func=_pulse, run_time=1.2)
        self.wait_for("gone")
        above, below = self.taylor
        self.play(FadeOut(first, above.select("gone"), mark, self.tangent), run_time=0.8)
        moves = [(above, "left"), (above, "constant"), (below, "plus"), (below, "second")]
        self.play(
            *(ReplacementTransform(line.select(part), short.select(part)) for line, part in moves),
            run_time=1.4,
        )
        self.remove(*(short.select(part) for _line, part in moves))
        self.short = short
        self.add(short)

    @question(
        ask=_("Can the dashed parabola bend downwards, in some direction?"),
        choices=(_("yes, in some"), _("no, in none")),
        answer=1,
        shows=_(
            "The section of the bowl and the dashed parabola that touches it, with the question whether a parabola "
            "of the model can bend downwards in some direction."
        ),
        covers=("A5", "B4"),
    )
    def predict_the_sign(self) -> None:
        self.play(self.parabola.animate.set_stroke(width=7), rate_func=_pulse, run_time=1)

    @step(
        say=_(
            "No. <down>Bent downwards it is level at {min} as well, but a small step would lead below the lowest "
            "point. <up>So no direction curves down, and {hessian} is <called>called positive semidefinite."
        ),
        shows=_(
            "The dashed parabola bends upwards again; below it, pale, one that bends downwards from {min}, where the "
            "risk would be lower than its minimum."
        ),
        covers=("A5", "B4"),
    )
    def never_bend_downwards(self) -> None:
        self.wait_for("down")
        self.fallen = self.parabola.copy().clear_updaters().set_color(self.style.dim)
        self.add(self.fallen)
        self.play(
            UpdateFromAlphaFunc(self.fallen, lambda m, alpha: self._put_parabola(m, 1 - 1.8 * alpha)),
            run_time=5,
        )
        self.wait_for("up")
        self.play(self.parabola.animate.set_stroke(width=7), rate_func=_pulse, run_time=1.2)
        semidefinite = self.formula("@way^top @hessian @way >= 0", size=40)
        self.semidefinite = semidefinite.move_to([CHART.left + 0.3, ROW, 0], aligned_edge=[-1, 0, 0])
        self.wait_for("called")
        self.play(FadeIn(self.semidefinite, target_position=self.parabola), run_time=1.2)

    @step(
        say=_(
            "<turn>Turn the plane: every direction has a curvature of its own. <flat>It is least along the "
            "eigenvector {q2}, <steep>and greatest along {q1}."
        ),
        shows=_(
            "Two parabolas of the model lie in the bowl, along the eigenvectors {q1} and {q2}; on the right the same "
            "two, with the eigenvalues, the greatest and the least curvature, above them."
        ),
        covers=("A5", "B4"),
    )
    def turn_the_plane(self) -> None:
        name = self.formula("@way^top @hessian @way =", size=38)
        name.move_to([CHART.left + 0.3, ROW, 0], aligned_edge=[-1, 0, 0])
        value = self.live_number(
            "2 * QuadraticRisk(hessian, [0, 0]).value([np.cos(phi), np.sin(phi)])",
            self.direction,
            decimals=3,
            variable="phi",
            hessian=self.model.hessian.tolist(),
            size=38,
        ).next_to(name, [1, 0, 0], buff=0.15)
        self.curvature = VGroup(name, value)
        self.wait_for("turn")
        self.play(FadeOut(self.fallen, self.zero, self.semidefinite), FadeIn(self.curvature), run_time=0.6)
        self.extremes: list[VMobject] = []
        start = self.direction.get_value()
        flat, steep = _angle(self.model, 1), _angle(self.model, 0)
        self.play(self.direction.animate.set_value(start + 0.9), run_time=1.4)
        self.wait_for("flat")
        self.play(self.direction.animate.set_value(start + (flat - start + 1) % np.pi - 1), run_time=1.5)
        self._keep_extreme(1)
        self.wait_for("steep")
        here = self.direction.get_value()
        self.play(self.direction.animate.set_value(here + (steep - here) % np.pi), run_time=2)
        self._keep_extreme(0)
        self.play(FadeOut(self.cut, self.section, self.parabola, self.curvature), run_time=0.5)

    def _keep_extreme(self, which: int) -> None:
        """Leave the model's parabola along an eigenvector in the bowl and in the chart, and note its curvature."""
        role = f"eig{which + 1}"
        _ways, places = self.hull.section((0, 0), self.direction.get_value())
        arc = SpaceCurve(self.space, places, self.style.color(role), width=5, behind=[self.bowl])
        self.follow(arc, lambda m: m.look(), *self.space.trackers)
        copy = self.parabola.copy().clear_updaters().set_color(self.style.color(role))
        end = min(self.space.at(places)[[0, -1]], key=lambda point: float(point[0]))
        label = place_backed(
            self.formula(f"@q{which + 1}"),
            self.style,
            end,
            avoid=[self.name, self.axes, arc, self.bowl.border, *self.extremes],
            within=BOWL.grown(0.1),
            prefer=(-0.3, 1),
        )
        number = self.number(
            f"QuadraticRisk(hessian, [0, 0]).eigenvalues[{which}]",
            template=f"@s{which + 1} = {{}}",
            size=38,
            hessian=self.model.hessian.tolist(),
        )
        number.move_to([CHART.center[0] + (1.5 if which == 0 else -1.4), ROW - 0.62, 0])
        self.play(FadeIn(arc, label, copy, number), run_time=0.6)
        self.extremes += [arc, label, copy, number]

    @step(
        say=_(
            "<model>All parabolas together are one surface, the model {model}. <near>Near {min} it hugs the bowl; "
            "<far>far away, at zero, it misses by this much."
        ),
        shows=_(
            "Dashed rings of the model at the heights of the bowl's contours: alike near {min}, not far away. In the "
            "section through zero, solid and dashed curve part; the gap at zero is written above."
        ),
        covers=("A5", "B4"),
    )
    def hug_the_bowl(self) -> None:
        style = self.style
        back = float(np.arctan2(*self.model.minimizer[::-1]))
        self.direction.set_value(back)
        self.cut.look()
        self._put_section(self.section)
        self._put_parabola(self.parabola)
        self.rings = [
            SpaceCurve(self.space, ring.places, style.ink, width=3.5, dash=True, behind=[self.bowl])
            for ring in self.hull.contours
        ]
        moving = (*self.space.trackers, self.change, self.home)
        for k, ring in enumerate(self.rings):
            self.follow(ring, lambda m, k=k: m.put(self.hull.contours[k].places), *moving)
        self.wait_for("model")
        self.play(FadeOut(*self.extremes), run_time=0.5)
        self.play(
            LaggedStart(*(FadeIn(ring) for ring in self.rings[:2]), lag_ratio=0.4),
            FadeIn(self.section, self.parabola),
            run_time=2.4,
        )
        self.wait_for("near")
        self.play(self.dot.animate.scale(1.3), rate_func=_pulse, run_time=1)
        self.wait_for("far")
        self.play(LaggedStart(*(FadeIn(ring) for ring in self.rings[2:]), lag_ratio=0.4), run_time=1)
        X, y = (part.tolist() for part in self.data)
        self.gap_value = self.live_number(
            f"(1 - t) * ({GAP})", self.change, variable="t", decimals=3, size=40, X=X, y=y
        )
        self.gap_name = self.formula("@risk (0) - @model (0) =", size=40)
        self.gap_name.move_to([CHART.left + 0.3, ROW, 0], aligned_edge=[-1, 0, 0])
        self.gap_value.follow_equals(self.gap_name)
        along = np.array([np.cos(back), np.sin(back)])
        ends = self.chart.c2p(self.zero_way, [f(self.zero_way * along) for f in (self.bowl.f, self.hull.f)])
        self.gap = Line(*ends, color=style.dim, stroke_width=3)
        self.gap_ends = VGroup(*(Dot(point, radius=0.08, color=style.ink) for point in ends))
        self.play(FadeIn(self.zero), Create(self.gap), FadeIn(self.gap_ends), run_time=0.8)
        self.play(FadeIn(self.gap_name, self.gap_value, target_position=self.gap), run_time=0.8)

    @step(
        say=_swap,
        shows=_(
            "Another bowl, even on both sides of its minimizer: the dashed rings of the model have sunk onto its "
            "contours and are gone. In the chart one curve is left, and above it: {model} = {risk}."
        ),
        covers=("A5", "B4"),
    )
    def sink_into_least_squares(self) -> None:
        problem = self.problem
        self._build_second()
        self.wait_for("swap")
        note = self._note(_second_note(problem))
        self.play(
            FadeOut(self.axes, self.zero, self.gap, self.gap_ends, self.note),
            FadeIn(note),
            run_time=0.8,
        )
        self.axes.clear_updaters()
        self.note = note
        self.wait_for("sink")
        self.follow(self.bowl, lambda m: self._blend(m), self.change)
        self.play(self.change.animate.set_value(1.0), run_time=4)
        self.wait_for("same")
        line = self.formula("@model = @risk", size=40).move_to(self.gap_name, aligned_edge=[-1, 0, 0])
        self.play(FadeOut(self.gap_name, self.gap_value), FadeIn(line), run_time=0.8)
        self.same = line
        # Where the bowl comes to rest, its name goes below it: on a face it could not be read.
        at = self.dot.get_center()
        curves = [self.bowl.border, self.bowl.fold, *self.bowl.contours]
        drawn = np.vstack([at, *(curve.get_all_points() for curve in curves)])
        low = float(drawn[np.abs(drawn[:, 0] - at[0]) < 0.4, 1].min())
        beside = self.name.copy().next_to([at[0], low, 0.0], [0, -1, 0], buff=0.14)
        self.name.clear_updaters()
        self.play(
            *(FadeOut(ring) for ring in self.rings),
            FadeOut(self.parabola),
            self.name.animate.move_to(beside),
            run_time=0.8,
        )

    def _build_second(self) -> None:
        """The problem's own risk, as it will be in the plane of the scenes to come."""
        problem = self.problem
        risk = problem.risk
        self.heart = heart_plane(problem, LEFT_HALF, self.style)
        self.picture = EigenPicture(self.heart, problem, self.style)
        extent = EXTENT * reach(problem)
        levels = contour_levels(risk, extent)
        with np.errstate(divide="ignore"):
            axes = np.minimum(np.sqrt(2 * levels[-1] / risk.eigenvalues), extent)
        lengths = np.where(axes < extent * (1 - 1e-9), 1.01 * axes, axes) * self.heart.unit
        self.second_box = (lengths, problem.angle)
        self.zoom = WIDEST / float(lengths.max())

        def second(places: np.ndarray) -> np.ndarray:
            theta = risk.minimizer + np.asarray(places) / self.heart.unit
            return (np.asarray(risk.value(theta)) - risk.constant) * HEIGHT / levels[-1]

        self._second = second

    def _blend(self, bowl: Surface) -> None:
        """Both surfaces a share of the way from the first risk to the second."""
        t = self.change.get_value()

        def blend(one: Any, other: Any) -> Any:
            return lambda places: (1 - t) * one(places) + t * other(places)

        # Half way the surface is wider than both boxes let it be.
        room = 1 + 0.3 * float(np.sin(np.pi * t))
        lengths, angle = self.second_box
        self.ground.unit = 1 + (self.zoom - 1) * t
        self.ground.origin = (1 - t) * self.plane.c2p(self.model.minimizer) + t * (BOWL.center - [0, 0.3, 0])
        self.space.pivot = np.array([*((1 - t) * self.middle), HEIGHT / 2])
        self.space.rise = 1.0
        center = (1 - t) * self.middle
        half = _turned((1 - t) * self.half + t * lengths, t * angle) * room
        bowl.become_graph(blend(self._first, self._second), center=center, half=half)
        lengths_of_model, angle_of_model = self.model_box
        turn = (angle - angle_of_model + np.pi / 2) % np.pi - np.pi / 2  # the shorter way round
        half = _turned((1 - t) * lengths_of_model + t * lengths, angle_of_model + t * turn) * room
        self.hull.become_graph(blend(self._first_model, self._second), half=half)
        self.cut.look()

    @step(
        say=unless(
            _(
                "<tilt>From straight above, height becomes contours again: ellipses around {min}, <next>the picture "
                "of the scenes to come."
            ),
            is_round=_(
                "<tilt>From straight above, height becomes contours again: circles around {min}, <next>the picture "
                "of the scenes to come."
            ),
            is_singular=_(
                "<tilt>From straight above, height becomes contours again: parallel lines around {min}, <next>the "
                "picture of the scenes to come."
            ),
        ),
        shows=_("The parameter plane with the contours of the risk around its minimizer {min}."),
        covers=("A5", "B4"),
    )
    def tilt_overhead(self) -> None:
        start, unit = self.ground.origin, self.ground.unit
        end = self.heart.c2p(self.problem.risk.minimizer)

        def go_home(ground: Any) -> None:
            s = self.home.get_value()
            self.ground.origin, self.ground.unit = (1 - s) * start + s * end, (1 - s) * unit + s

        carrier = VMobject()
        self.wait_for("tilt")
        self.play(
            FadeOut(self.chart, self.section, self.bottom_dot, self.cut, self.short, self.same, self.note),
            run_time=0.8,
        )
        self.add(self.follow(carrier, go_home, self.home))
        self.bring_to_back(carrier)
        label = self.name_minimizer(self.picture, LEFT_HALF)
        self.play(
            self.home.animate.set_value(1.0),
            self.space.elevation.animate.set_value(OVERHEAD),
            self.space.azimuth.animate.set_value(0.0),
            Transform(self.name, label),
            run_time=3.5,
        )
        self.remove(self.bowl, self.name, carrier)
        self.add(self.picture.contours, label)
        self.name = label
        self.wait_for("next")
        self.play(FadeIn(self.heart), run_time=1)

    def _level_curve(self, level: float) -> np.ndarray:
        """Where the risk exceeds its minimum by `level`: along each ray from the minimizer once, as it is convex."""
        turn = np.linspace(0, 2 * np.pi, 240, endpoint=False)
        rays = np.column_stack([np.cos(turn), np.sin(turn)])
        near, far = np.zeros(len(turn)), np.full(len(turn), 1e3)
        for _round in range(60):
            middle = (near + far) / 2
            height = np.asarray(self.risk.value(self.model.minimizer + middle[:, None] * rays))
            above = height - self.model.constant > level
            near, far = np.where(above, near, middle), np.where(above, middle, far)
        return self.model.minimizer + near[:, None] * rays


def _second_note(problem: Problem) -> Message:
    if problem.loss is not None:
        return _("model of the risk of your data")
    return _("risk of least squares") if problem.X is not None else _("a quadratic risk")


def _angle(risk: QuadraticRisk, which: int = 0) -> float:
    """The direction of an eigenvector."""
    q = risk.eigenvectors[:, which]
    return float(np.arctan2(q[1], q[0]))


def _turned(lengths: Any, angle: float) -> np.ndarray:
    """Half sides of a box whose first side has a direction."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, sin], [-sin, cos]]) * np.asarray(lengths)[:, None]


def _pulse(t: float) -> float:
    """There and back."""
    return float(np.sin(np.pi * t))
