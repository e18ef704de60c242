"""A risk that is not quadratic, and the quadratic that it meets at its minimizer."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from manim import (
    Create,
    DashedLine,
    Dot,
    FadeIn,
    FadeOut,
    LaggedStart,
    Line,
    ReplacementTransform,
    UpdateFromAlphaFunc,
    ValueTracker,
    VGroup,
    VMobject,
)

from lecture.stage import (
    LEFT_HALF,
    RIGHT_HALF,
    SAFE,
    SMALL,
    Chart,
    Plane,
    Region,
    clip,
    dashed,
    place,
    step,
)
from lecture.stage.backing import place_backed
from lecture.stage.derivation import Birth
from lecture.stage.scatter import Scatter
from lecture.stage.trace import segments
from scenes.parts.contours import risk_contours
from scenes.parts.parameter_plane import parameter_plane
from scenes.parts.scene import WeightDecayScene
from wdmath import LogisticRisk, QuadraticRisk, level_set_ellipse

ROW = 2.05  # height of the line of numbers on the right
SEED, PER_CLASS, CENTER = 3, 10, np.array([1.0, 0.5])
TAYLOR = (
    "{{ tilde(R)(theta) = : left }} {{ R(@min) : constant }} {{ + : gone }} "
    "{{ nabla R(@min)^top (theta - @min) : first }}",
    "{{ + : plus }} {{ 1/2 (theta - @min)^top H (theta - @min) : second }}",
)
QUADRATIC = (
    "{{ tilde(R)(theta) = : left }} {{ R(@min) : constant }} {{ + : plus }} "
    "{{ 1/2 (theta - @min)^top H (theta - @min) : second }}"
)


class QuadraticApproximation(WeightDecayScene):
    """Near its minimizer a smooth risk is quadratic: no slope, and in each direction the curvature of H."""

    title = "*Quadratic* near the minimum"

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
        say="A risk that is no parabola: logistic regression. Around its minimizer θ̂ the contours are "
        "lopsided.",
        shows="On the right twenty data points in two classes. On the left the parameter plane with the minimizer θ̂ of "
        "their logistic risk and its contours, closer together towards zero than beyond θ̂.",
        covers=("A5", "B4"),
    )
    def meet_a_risk_that_is_no_parabola(self) -> None:
        style, theta = self.style, self.model.minimizer
        height = float(self.risk.value(np.zeros(2))) - self.model.constant
        levels = height * np.array([0.25, 0.5, 0.75, 1.0]) ** 2
        loops = [self._level_curve(level) for level in levels]
        alike = [level_set_ellipse(self.model, level).points(60) for level in levels]
        self.plane = parameter_plane(LEFT_HALF, np.vstack([*loops, *alike]), style, name="logistic")
        self.ellipses = risk_contours(self.plane, self.model, levels, style.ink, width=3)
        self.contours = VGroup()
        for loop in loops:
            frame = self.plane.c2p(np.vstack([loop, loop[:1]]))
            self.contours.add(
                VMobject(color=style.line, stroke_width=3, fill_opacity=0).set_points_smoothly(frame[::6])
            )
        self.dot = Dot(self.plane.c2p(theta), radius=0.1, color=style.minimizer).set_z_index(4)
        # The lines that will turn through the point come to rest on the eigenvectors.
        axes = [self.plane.c2p(theta + np.outer([-1, 1], q)) for q in self.model.eigenvectors.T]
        self.name = place_backed(
            self.formula("@min"),
            style,
            self.dot.get_center(),
            avoid=[self.plane, self.dot, *axes],
            over=[self.contours, self.ellipses],
            within=LEFT_HALF,
            prefer=(1, -0.2),
        )
        X, labels = self.data
        self.samples = Plane(RIGHT_HALF.grown(-0.3), X, style, labels=("x_1", "x_2"), name="data")
        kinds = [
            Scatter(self.samples.c2p(X[labels == k]), style.ink, radius=0.09, hollow=k == 0, diamond=k == 1)
            for k in (0, 1)
        ]
        self.samples_seen = VGroup(self.samples, *kinds)
        self.add(self.make_title())
        self.play(FadeIn(self.samples_seen), run_time=1)
        self.play(FadeIn(self.plane), run_time=0.6)
        self.play(FadeIn(self.dot, scale=2), FadeIn(self.name), run_time=0.8)
        self.play(LaggedStart(*(Create(c) for c in self.contours), lag_ratio=0.2), run_time=2)

    @step(
        say="Cut through it along a line: steep on the side of zero, slack on the other.",
        shows="A line through θ̂ and zero on the left; on the right the risk along that line, a lopsided curve with its "
        "minimum at θ̂.",
        covers=("A5", "B4"),
    )
    def cut_along_a_line(self) -> None:
        style = self.style
        self.half = 1.12 * float(np.hypot(*self.model.minimizer))
        self.direction = ValueTracker(float(np.arctan2(*self.model.minimizer[::-1])))
        top = float(self.risk.value(np.zeros(2))) * 1.02
        bottom = self.model.constant - 0.12 * (top - self.model.constant)
        self.chart = Chart(
            Region(RIGHT_HALF.left, RIGHT_HALF.right, SAFE.bottom + 0.05, 1.0),
            (-self.half, self.half),
            (bottom, top),
            style,
            x_ticks={0.0: "@min"},
            labels=("", "$R$"),
        )
        at_zero = self.chart.c2p(-float(np.hypot(*self.model.minimizer)), bottom)
        tick = Line(at_zero, at_zero + np.array([0, -0.08, 0]), color=style.line, stroke_width=2.5)
        zero = self.formula("0", role="dim", size=SMALL).next_to(tick, [0, -1, 0], buff=0.14)
        self.zero = VGroup(tick, zero)
        self.line = Line(color=style.ink, stroke_width=4).set_z_index(3)
        self.section = VMobject(color=style.ink, stroke_width=5, fill_opacity=0)
        self.follow(self.line, lambda m: self._put_line(m), self.direction)
        self.follow(self.section, lambda m: self._put_section(m, self.risk), self.direction)
        self.bottom_dot = Dot(
            self.chart.c2p(0.0, self.model.constant), radius=0.1, color=style.minimizer
        ).set_z_index(4)
        self.play(FadeOut(self.samples_seen), Create(self.line), run_time=1)
        self.play(FadeIn(self.chart, self.zero, self.bottom_dot), run_time=0.7)
        self.play(Create(self.section), run_time=1.6)

    @step(
        say="Expand it around θ̂: its height there, its slope, and its curvature, which the Hessian H holds.",
        shows="At the top right the Taylor model: R of θ̂, plus gradient times (θ minus θ̂), plus one half (θ minus θ̂) "
        "transposed H (θ minus θ̂). In the chart its tangent at θ̂ is level, and a dashed parabola touches the section.",
        covers=("A5", "B4"),
    )
    def expand_term_by_term(self) -> None:
        style = self.style
        self.taylor = [self.formula(line, size=40) for line in TAYLOR]
        self.taylor[0].move_to([SAFE.right, SAFE.top, 0], aligned_edge=[1, 1, 0])
        self.taylor[1].next_to(self.taylor[0], [0, -1, 0], buff=0.2).align_to(self.taylor[0], [1, 0, 0])
        level = [self.chart.c2p(t, self.model.constant) for t in (-self.half, self.half)]
        self.tangent = Line(*level, color=style.dim, stroke_width=3)
        self.parabola = VMobject(color=style.ink, stroke_width=4, fill_opacity=0)
        self.play(Create(self.tangent), run_time=1)
        self.play(Birth(self.taylor[0], {"constant": self.bottom_dot, "first": self.tangent}), run_time=1.6)
        self.play(
            UpdateFromAlphaFunc(self.parabola, lambda m, alpha: self._put_section(m, self.model, bent=alpha)),
            run_time=1.4,
        )
        self.follow(self.parabola, lambda m: self._put_section(m, self.model), self.direction)
        self.play(Birth(self.taylor[1], {"second": self.parabola}), run_time=1.6)

    @step(
        say="At a minimum the slope is zero. The first-order term is gone.",
        shows="The first-order term has gone; the model is R of θ̂ plus the quadratic term alone.",
        covers=("A5", "B4"),
    )
    def drop_the_first_order_term(self) -> None:
        first = self.taylor[0].select("first")
        left, right, y = first.get_left()[0], first.get_right()[0], first.get_bottom()[1] - 0.08
        mark = Line([left, y, 0], [right, y, 0], color=self.style.ink, stroke_width=4)
        short = self.formula(QUADRATIC, size=40)
        short.move_to([SAFE.right, SAFE.top, 0], aligned_edge=[1, 1, 0])
        self.play(Create(mark), run_time=0.7)
        self.wait(0.5)
        above, below = self.taylor
        self.play(FadeOut(first, above.select("gone"), mark, self.tangent), run_time=0.8)
        moves = [(above, "left"), (above, "constant"), (below, "plus"), (below, "second")]
        self.play(
            *(ReplacementTransform(line.select(part), short.select(part)) for line, part in moves),
            run_time=1.4,
        )
        self.remove(*(short.select(part) for _, part in moves))
        self.short = short
        self.add(short)

    @step(
        say="Turn the line. The curvature is never negative: H is positive semidefinite, with its extremes "
        "along the eigenvectors.",
        shows="On the left the two eigenvectors through θ̂ as dashed lines, labeled q₁ and q₂. "
        "At the right the eigenvalues, the greatest and the least curvature, above the steepest section.",
        covers=("A5", "B4"),
    )
    def turn_the_line(self) -> None:
        start = self.direction.get_value()
        name = self.formula('"curvature" med u^top H u =', size=38)
        name.move_to([RIGHT_HALF.left + 1.0, ROW, 0], aligned_edge=[-1, 0, 0])
        value = self.live_number(
            "2 * QuadraticRisk(hessian, [0, 0]).value([np.cos(phi), np.sin(phi)])",
            self.direction,
            decimals=3,
            variable="phi",
            hessian=self.model.hessian.tolist(),
            size=38,
        ).next_to(name, [1, 0, 0], buff=0.15)
        self.play(FadeIn(name, value), FadeOut(self.zero), run_time=0.6)
        self.axes_of_h = VGroup()
        for k in (1, 0):
            q = self.model.eigenvectors[:, k]
            angle = float(np.arctan2(q[1], q[0]))
            forward = start + (angle - start) % np.pi if k == 0 else start - (start - angle) % np.pi
            self.play(self.direction.animate.set_value(forward), run_time=1.2 if k == 1 else 3)
            self._keep_axis(k)
        self.play(FadeOut(self.line), run_time=0.5)
        self.curvature = VGroup(name, value)

    @step(
        say="Near θ̂ the model is good, far away it is not. For least squares there is no gap: the model is "
        "the risk.",
        shows="Dashed ellipses of the model over the contours of the risk at equal levels: alike near θ̂, not "
        "far away. In the section through zero the values of the risk and of the model at zero differ.",
        covers=("A5", "B4"),
    )
    def see_where_it_holds(self) -> None:
        style = self.style
        self.play(FadeOut(self.axes_of_h, self.curvature), FadeIn(self.line), run_time=0.6)
        back = float(np.arctan2(*self.model.minimizer[::-1]))
        turns = round((self.direction.get_value() - back) / np.pi)
        self.play(self.direction.animate.set_value(back + turns * np.pi), run_time=1.5)
        if turns % 2:  # half a turn has put the side of zero to the right
            self.direction.set_value(back)
        dashes = VGroup(*(dashed(ellipse) for ellipse in self.ellipses))
        self.play(FadeIn(self.zero), LaggedStart(*(FadeIn(d) for d in dashes), lag_ratio=0.3), run_time=2.5)
        X, y = (part.tolist() for part in self.data)
        values = [
            ("R(0) =", "LogisticRisk(X, y, scale='mean').value([0, 0])"),
            (
                "tilde(R)(0) =",
                "QuadraticRisk.from_taylor(LogisticRisk(X, y, scale='mean'), "
                "LogisticRisk(X, y, scale='mean').ridge_path(0.0)).value([0, 0])",
            ),
        ]
        zero = self.chart.c2p(
            -float(np.hypot(*self.model.minimizer)), [self.compute(e, X=X, y=y) for _, e in values]
        )
        gap = Line(*zero, color=style.dim, stroke_width=3)
        ends = [Dot(point, radius=0.08, color=style.ink) for point in zero]
        numbers = [self.number(e, template=f"{name} {{}}", size=40, X=X, y=y) for name, e in values]
        row = VGroup(*numbers).arrange([1, 0, 0], buff=0.9).move_to([RIGHT_HALF.center[0], ROW, 0])
        self.play(Create(gap), *map(FadeIn, ends), run_time=0.8)
        self.play(FadeIn(row), run_time=0.8)

    def _level_curve(self, level: float) -> np.ndarray:
        """Where the risk exceeds its minimum by `level`: along each ray from the minimizer once, as it is convex."""
        turn = np.linspace(0, 2 * np.pi, 240, endpoint=False)
        rays = np.column_stack([np.cos(turn), np.sin(turn)])
        near, far = np.zeros(len(turn)), np.full(len(turn), 1e3)
        for _ in range(60):
            middle = (near + far) / 2
            above = (
                self.risk.value(self.model.minimizer + middle[:, None] * rays) - self.model.constant > level
            )
            near, far = np.where(above, near, middle), np.where(above, middle, far)
        return self.model.minimizer + near[:, None] * rays

    def _along(self, t: np.ndarray) -> np.ndarray:
        phi = self.direction.get_value()
        return self.model.minimizer + t[:, None] * np.array([np.cos(phi), np.sin(phi)])

    def _put_line(self, line: Line) -> None:
        ends = self.plane.c2p(self._along(np.array([-self.half, self.half])))
        start, end = clip(ends[:, :2], self.plane.drawing_region)[0]
        line.put_start_and_end_on([*start, 0], [*end, 0])

    def _put_section(self, curve: VMobject, risk: Any, bent: float = 1.0) -> None:
        """The section of a risk along the line; that of the model in dashes, bent from its tangent by a share."""
        t = np.linspace(-self.half, self.half, 241)
        low = self.model.constant
        points = self.chart.c2p(t, low + bent * (risk.value(self._along(t)) - low))
        inside = points[:, 1] <= self.chart.box.top
        pieces, drawn = segments(points[inside], dash=risk is self.model, anchor=int(inside[:121].sum()) - 1)
        curve.set_points(pieces[drawn].reshape(-1, 3))

    def _keep_axis(self, which: int) -> None:
        """Leave a dashed copy of the line, with its name, and note the eigenvalue."""
        role = f"eig{which + 1}"
        color = self.style.color(role)
        axis = DashedLine(
            self.line.get_start(), self.line.get_end(), color=color, stroke_width=4
        ).set_z_index(3)
        seen = [self.contours, self.plane, self.name, self.line, *self.axes_of_h]
        ends = (axis.get_start(), axis.get_end())
        label = place(self.formula(f"@q{which + 1}"), ends[1], avoid=seen, within=LEFT_HALF)
        number = self.number(
            f"QuadraticRisk(hessian, [0, 0]).eigenvalues[{which}]",
            template=f"@s{which + 1} = {{}}",
            size=38,
            hessian=self.model.hessian.tolist(),
        )
        number.move_to([RIGHT_HALF.center[0] + (1.6 if which == 0 else -1.4), ROW - 0.7, 0])
        self.play(FadeIn(axis, label, number), run_time=0.7)
        self.axes_of_h.add(axis, label, number)
