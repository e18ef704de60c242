"""Where weight decay hurts, what helps against it, and where it helps: small experiments, really run."""

from __future__ import annotations

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Create,
    DashedLine,
    Dot,
    FadeIn,
    FadeOut,
    GrowFromPoint,
    LaggedStart,
    Line,
    RegularPolygon,
    ReplacementTransform,
    Transform,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
)

from lecture.stage import (
    LEFT_HALF,
    RIGHT_HALF,
    SAFE,
    SMALL,
    STAGE,
    Arrow,
    Chart,
    Plane,
    Region,
    Style,
    dashed,
    polyline,
    step,
)
from lecture.stage.scatter import Scatter
from lecture.stage.trace import Trace
from scenes.decay_for_any_differentiable_model import STRONG, three_weights_plane
from scenes.parts.experiments import (
    Sweep,
    documents,
    effect_in_units,
    one_feature,
    rare_class,
    three_classes,
)
from scenes.parts.scene import WeightDecayScene
from wdmath import QuadraticRisk, ridge_minimizer

# A chart with a column of words beside it.
WIDE = Region(SAFE.left, 2.9, STAGE.bottom, 2.5)
BESIDE = 3.5
# Where the first rule of good practice and its small curve stand.
RULE = Region(SAFE.left + 1.0, SAFE.left + 3.6, STAGE.top - 0.2 - 0.86, STAGE.top - 0.2)
SCALE_FIRST = "*Scale* the features first."


def scale_curve(region: Region, style: Style) -> VGroup:
    """The effect of a feature over its unit, small: what speaks for scaling first."""
    powers = np.linspace(-3, 3, 80)
    return small_curve(region, style, powers, effect_in_units(10.0**powers)[:, 1])


def small_curve(region: Region, style: Style, x: np.ndarray, y: np.ndarray) -> VGroup:
    """A chart without words, and its curve."""
    edge = 0.1 * float(np.ptp(y))
    chart = Chart(region, (x[0], x[-1]), (float(y.min()) - edge, float(y.max()) + edge), style)
    return VGroup(chart, chart.curve(x, y, style.ridge))


class WhenDecayHelpsAndHurts(WeightDecayScene):
    """Decay treats all weights alike: that hurts where they are not alike, and helps where data are few."""

    title = "When decay *hurts*"

    @step(
        say="A length in kilometers is a tiny number, so it needs a huge weight, and decay takes it. "
        "Normalize first.",
        shows="Effect of two features over the unit of the second. The first one's is level; the second one's is "
        "highest in millimeters and falls to nothing in kilometers; an arrow lifts its dot back: normalize the "
        "features first.",
        covers=("C8",),
    )
    def normalize_first(self) -> None:
        style = self.style
        chart = Chart(
            WIDE,
            (3e-4, 2e3),
            (0.0, 1.08),
            style,
            labels=("", "effect on the prediction"),
            x_ticks={1e-3: '"mm"', 1e-2: '"cm"', 1: '"m"', 1e3: '"km"'},
            y_ticks={0: "0", 0.5: "0.5", 1: "1"},
            x_log=True,
        )
        units = np.geomspace(3e-4, 1e3, 161)
        effects = effect_in_units(units)
        level = chart.curve([3e-4, 2e3], effects[[0, -1], 0], style.ink, dash=True)
        way = chart.c2p(units, effects[:, 1])
        trace, share = Trace(way, style.ridge, width=5), ValueTracker(0.0)
        dot = Dot(way[0], radius=0.11, color=style.ridge)

        def follow(_: VGroup) -> None:
            trace.show(share.get_value())
            along = share.get_value() * (len(way) - 1)
            dot.move_to([np.interp(along, range(len(way)), axis) for axis in way.T])

        unit = self.words("unit of $x_2$", role="dim", size=SMALL)
        unit.move_to([BESIDE, chart.tick_labels[0].get_center()[1], 0], aligned_edge=LEFT)
        chart.add(unit)
        names = VGroup(self.formula("x_1"), self.formula("x_2", role="ridge"))
        names[0].next_to(chart.c2p(100.0, effects[0, 0]), UP, buff=0.15)
        names[1].next_to(chart.c2p(12.0, 0.35), RIGHT, buff=0.2)
        self.heading = self.make_title()
        self.note = self.make_note("100 examples, $x_1$ and $x_2$ equally important")
        self.keep_the_features(chart, names)
        self.play(Create(level), run_time=1)
        self.add(self.follow(VGroup(trace, dot), follow, share))
        self.play(share.animate.set_value(1.0), run_time=4)
        scaled = effect_in_units(np.ones(1))[0, 1]
        lift = Arrow(chart.c2p(1e3, 0.0), chart.c2p(1e3, scaled - 0.03), style.ink)
        lifted = Dot(way[-1], radius=0.11, color=style.ridge).set_z_index(1)
        remedy = self.words("*Normalize*\\ the features\\ first.").move_to(
            [BESIDE, lift.get_y(), 0], aligned_edge=LEFT
        )
        self.play(
            GrowFromPoint(lift, lift.shaft.get_start()),
            lifted.animate.move_to(chart.c2p(1e3, scaled)),
            FadeIn(remedy, shift=0.2 * UP),
            run_time=1.2,
        )

    def keep_the_features(self, chart: Chart, names: VGroup) -> None:
        """From the plane of three classes take its two features; their weights are gone."""
        near = three_weights_plane(self.style)
        ends = near.c2p(three_classes().risk.ridge_path(STRONG).reshape(3, 2))
        weights = VGroup(*(Arrow(near.origin, end, self.style.ridge) for end in ends))
        self.add(near, weights)
        self.play(Write(self.heading), FadeOut(weights, near.ticks), run_time=1)
        self.play(
            *(ReplacementTransform(*pair) for pair in zip(near.spines, chart.axes[:2], strict=True)),
            *(ReplacementTransform(*pair) for pair in zip(near.axis_labels, names, strict=True)),
            run_time=1,
        )
        self.play(FadeIn(chart.axes[2:], *chart.submobjects[1:], self.note), run_time=0.6)
        self.remove(near, *chart.get_family(), *names.get_family())
        self.add(chart, names)

    @step(
        say="The bias votes with the crowd: as the weights shrink, the rare class is lost. Weigh its "
        "examples more.",
        shows="180 discs and 20 triangles with a boundary that has moved past nearly all triangles, and a dashed "
        "one that has not. Over λ, the share of the rare class that is found falls from 0.63 to 0.08; weighted, it "
        "stays at 0.89.",
        covers=("C8",),
    )
    def mind_the_rare_class(self) -> None:
        style, sweep = self.style, rare_class()
        self.clear_stage()
        X, y = sweep.data.X, sweep.data.y
        # Wide enough for the boundary where it ends.
        (a, b, c), low = sweep.theta[-1], X[:, 1].min()
        plane = Plane(LEFT_HALF, [*X, [-(b * low + c) / a, low]], style, labels=("x_1", "x_2"))
        crowd = Scatter(plane.c2p(X[y == 0]), style.line, radius=0.055)
        rare = VGroup(
            *(
                RegularPolygon(3, color=style.ink, fill_opacity=1, stroke_width=0).scale(0.12).move_to(at)
                for at in plane.c2p(X[y == 1])
            )
        )
        chart = Chart(
            RIGHT_HALF,
            (0.1, 36.0),
            (0.0, 1.05),
            style,
            labels=("[[$lambda$|penalty]]", "share of the rare class found"),
            x_ticks={0.1: "0.1", 1: "1", 10: "10"},
            y_ticks={0: "0", 0.5: "0.5", 1: "1"},
            x_log=True,
        )
        trace = Trace(chart.c2p(sweep.lams, sweep.recall(1)), style.ridge, width=5)
        boundary = VMobject(color=style.ridge, stroke_width=5)
        share = ValueTracker(0.0)

        def follow(_: VGroup) -> None:
            trace.show(share.get_value())
            self._draw_boundary(boundary, plane, sweep, share.get_value())

        self.note = self.make_note("180 of one class, 20 of the other")
        self.play(FadeIn(plane, crowd, self.note), run_time=0.8)
        self.play(
            LaggedStart(*(FadeIn(m, scale=0.5) for m in rare), lag_ratio=0.05), FadeIn(chart), run_time=1
        )
        group = self.follow(VGroup(trace, boundary), follow, share)
        self.play(Create(boundary), run_time=0.6)
        self.add(dashed(boundary.copy().clear_updaters().set_color(style.faded("ridge", 0.5))), group)
        self.play(share.animate.set_value(1.0), run_time=4)
        first, last = (
            self.number("recall[k]", digits=digits, role="ridge", recall=sweep.recall(1), k=k)
            for k, digits in ((0, 2), (-1, 1))
        )
        first.next_to(chart.c2p(0.1, sweep.recall(1)[0]), DOWN + RIGHT, buff=0.2)
        last.next_to(chart.c2p(sweep.lams[-1], sweep.recall(1)[-1]), LEFT, buff=0.45)
        ends = VGroup(first, last)
        self.play(FadeIn(ends), run_time=0.6)
        fair = rare_class(weighted=True)
        curve = chart.curve(fair.lams, fair.recall(1), style.ink, dash=True)
        name = self.words("rare ones weighted ninefold").move_to(chart.c2p(1.9, 0.79))
        moved = VMobject(color=style.ink, stroke_width=4)
        self._draw_boundary(moved, plane, fair, 1.0)
        self.play(Create(curve), Create(dashed(moved)), FadeIn(name), run_time=1.2)

    @step(
        say="A weight that truly matters pays most: of three, ridge keeps 1.94. Where few features matter, "
        "try L1.",
        shows="Weights of twenty features of which only the first, with weight 3, matters. Ridge: 1.94 and nineteen "
        "small ones, error 2.5. Lasso: 2.40 and nearly all others zero, error 0.45.",
        covers=("C8",),
    )
    def spare_the_important_feature(self) -> None:
        style, fits = self.style, one_feature()
        self.clear_stage()
        self.note = self.make_note("30 examples, 20 features, one matters")
        rows = VGroup()
        for k, (name, role, weights) in enumerate(
            (("ridge", "ridge", fits.ridge), ("lasso", "ink", fits.lasso))
        ):
            top = 2.5 - 2.85 * k
            region = Region(WIDE.left, WIDE.right, top - 2.45, top)
            chart = Chart(
                region, (0.2, 20.8), (-0.6, 3.2), style, labels=("", "weights"), y_ticks={0: "0", 3: "3"}
            )
            chart.axes[0].move_to(chart.c2p(10.5, 0.0))
            bars = self._bars(chart, weights, role, 14)
            truth = Line(chart.c2p(0.4, 3.0), chart.c2p(1.6, 3.0), color=style.dim, stroke_width=5)
            caption = self._error(name, role, weights, fits.truth)
            caption.move_to([BESIDE, region.center[1], 0], aligned_edge=LEFT)
            rows.add(VGroup(chart, truth, bars, caption))
        true = self.words("truth", role="dim", size=SMALL).next_to(rows[0][1], RIGHT, buff=0.2)
        self.play(*(FadeIn(row[0], row[1]) for row in rows), FadeIn(true, self.note), run_time=0.8)
        for chart, _, bars, caption in rows:
            floor = chart.c2p(0, 0)[1]
            self.play(
                LaggedStart(*(GrowFromPoint(b, [b.get_x(), floor, 0]) for b in bars), lag_ratio=0.05),
                run_time=1.5,
            )
            self.play(FadeIn(caption), run_time=0.7)

    def _error(self, name: str, role: str, weights: np.ndarray, truth: np.ndarray) -> VGroup:
        """A method's name, what it keeps of the large weight, and its error on new data."""
        kept = self.number("weights[0]", role=role, template="w_1 = {}", weights=weights)
        text, number = self.number_text(
            "np.sum((weights - truth) ** 2)", digits=2, weights=weights, truth=truth
        )
        error = self.remember(self.words(f"error on\\ new data ${text}$"), number)
        return VGroup(self.words(f"*{name}*", role=role), kept, error).arrange(
            DOWN, buff=0.25, aligned_edge=LEFT
        )

    @step(
        say="Decay helps where examples are few: ten short documents a class. With next to no decay, we "
        "could as well guess.",
        shows="A wide, sparse table of 20 documents by 300 words. Below it the risk on new documents over λ: 0.68 "
        "at the smallest λ, hardly better than guessing, 0.49 at the best.",
        covers=("C8",),
    )
    def help_where_examples_are_few(self) -> None:
        style, sweep = self.style, documents()
        self.clear_stage()
        title = self.make_title("When decay *helps*")
        self.table = self._table(sweep)
        self.note = self.make_note("20 documents, 300 words")
        self.play(Transform(self.heading, title), FadeIn(self.note), Create(self.table), run_time=2)
        self.charts = [
            Chart(
                Region(half.left, half.right, half.bottom, 0.85),
                (1e-5, 12.0),
                ends,
                style,
                labels=("[[$lambda$|penalty]]", name),
                x_ticks={1e-4: "10^(-4)", 1e-2: "10^(-2)", 1: "1"},
                y_ticks=ticks,
                x_log=True,
            )
            for half, ends, name, ticks in (
                (LEFT_HALF, (0.4, 0.75), "risk on new documents", {0.4: "0.40", 0.5: "0.50"}),
                (RIGHT_HALF, (0.5, 0.95), "on new documents", {0.5: "0.50"}),
            )
        ]
        left = self.charts[0]
        best = int(np.argmin(sweep.risk))
        marks = VGroup()
        for k, side in ((0, LEFT), (best, UP)):
            at = left.c2p(sweep.lams[k], sweep.risk[k])
            number = self.number("risks[k]", digits=2, role="ridge", size=SMALL, risks=sweep.risk, k=k)
            marks.add(Dot(at, radius=0.1, color=style.ridge), number.next_to(at, side, buff=0.2))
        # To call both classes equally likely costs log 2, whatever comes.
        guess = left.curve([1e-5, 12.0], [np.log(2)] * 2, style.dim, width=3, dash=True)
        guess.add(self.words("guessing", role="dim", size=SMALL).next_to(guess, UP, buff=0.12))
        self.play(FadeIn(left, guess))
        self.risk_curve = left.curve(sweep.lams, sweep.risk, style.ridge, width=5)
        self.play(Create(self.risk_curve), run_time=2)
        self.play(FadeIn(marks), run_time=0.7)

    def _table(self, sweep: Sweep) -> VMobject:
        """Documents by words: a stroke where a word occurs; one path for the whole table."""
        table = VMobject(color=self.style.ink, stroke_width=4)
        cell, row = SAFE.width / 300, 1.45 / 21.2
        for i, words_of in enumerate(sweep.data.X):
            y = 2.75 - row * (i + (1.2 if i >= 10 else 0))
            for j in np.flatnonzero(words_of):
                x = SAFE.left + cell * j
                table.start_new_path(np.array([x, y, 0]))
                table.add_line_to(np.array([x + 1.6 * cell, y, 0]))
        return table

    @step(
        say="Accuracy hardly changes, confidence does: 89 percent sure, 75 right, until the two agree.",
        shows="Beside it, over λ: the confidence falls from 0.89, the accuracy stays level at 0.75; they meet near "
        "the best λ, which is marked in both charts.",
        covers=("C8",),
    )
    def calm_the_overconfident(self) -> None:
        style, sweep, chart = self.style, documents(), self.charts[1]
        self.play(FadeIn(chart))
        sure = chart.curve(sweep.lams, sweep.confidence, style.ridge, width=5)
        right = chart.curve(sweep.lams, sweep.accuracy, style.ink, dash=True)
        names = VGroup(self.words("how sure it is", role="ridge"), self.words("how often it is right"))
        names[0].move_to(chart.c2p(0.05, 0.91))
        starts = VGroup(
            *(
                self.number("shares[0]", digits=2, role=role, size=SMALL, shares=shares).next_to(
                    chart.c2p(sweep.lams[0], shares[0]), LEFT, buff=0.2
                )
                for shares, role in ((sweep.confidence, "ridge"), (sweep.accuracy, "ink"))
            )
        )
        best = float(sweep.lams[np.argmin(sweep.risk)])
        link = VGroup(
            *(
                DashedLine(c.c2p(best, low), c.c2p(best, high), color=style.penalty, stroke_width=3)
                for c, low, high in (
                    (self.charts[0], 0.4, float(sweep.risk.min())),
                    (chart, 0.5, float(np.interp(np.log(best), np.log(sweep.lams), sweep.accuracy))),
                )
            )
        )
        names[1].next_to(chart.c2p(sweep.lams[0], sweep.accuracy[0]), DOWN, buff=0.15, aligned_edge=LEFT)
        names[1].shift(0.15 * RIGHT)
        self.play(Create(sure), FadeIn(names[0], starts[0]), run_time=1.5)
        self.play(Create(right), FadeIn(names[1], starts[1]), run_time=1.5)
        self.play(Create(link[0]), Create(link[1]), run_time=0.8)

    @step(
        say="So: scale first; L2 by default, with a learning rate schedule; L1 to select; leave the bias "
        "alone, or nearly.",
        shows="Five rules, each with a small curve from its experiment: scale the features; weight rare classes; L2 "
        "by default, with a learning rate schedule; L1 to select features; no penalty, or a far smaller one, "
        "on the bias.",
        covers=("C8",),
    )
    def keep_to_good_practice(self) -> None:
        self.clear_stage()
        rules = (
            SCALE_FIRST,
            "*Weight* the examples of a rare class.",
            "*L2* by default, with a learning rate schedule.",
            "*L1* where few features should be kept.",
            "*No* penalty on the bias, or a far smaller one.",
        )
        self.play(Transform(self.heading, self.make_title("Good *practice*")), run_time=0.8)
        drops = [1.16 * k for k in range(len(rules))]
        regions = [Region(RULE.left, RULE.right, RULE.bottom - drop, RULE.top - drop) for drop in drops]
        for rule, region, icon in zip(rules, regions, self._icons(regions), strict=True):
            text = self.words(rule).move_to([RULE.right + 0.8, region.center[1], 0], aligned_edge=LEFT)
            self.play(Create(icon), FadeIn(text, shift=0.2 * RIGHT), run_time=0.9)

    def _icons(self, regions: list[Region]) -> list[VGroup]:
        """For each rule a small picture of the experiment that speaks for it."""
        style, rare, text = self.style, rare_class(), documents()
        scale = scale_curve(regions[0], style)
        weight = small_curve(regions[1], style, np.log(rare.lams), rare.recall(1))
        default = small_curve(regions[2], style, np.log(text.lams), text.risk)
        lowest = int(np.argmin(text.risk))
        default.add(
            Dot(default[0].c2p(np.log(text.lams[lowest]), text.risk[lowest]), radius=0.09, color=style.ridge)
        )
        lasso = one_feature().lasso
        chart = Chart(regions[3], (0.2, 20.8), (0.0, 2.6), style)
        select = VGroup(chart, *self._bars(chart, np.maximum(lasso, 0), "ink"))
        return [scale, weight, default, select, self._lifted_line(regions[4])]

    def _lifted_line(self, region: Region) -> VGroup:
        """A fit to nine points far above zero, with the bias free and with it penalized."""
        x = np.linspace(0.0, 1.0, 9)
        y = 2 + 0.8 * x + np.random.default_rng(0).normal(0, 0.08, 9)
        columns = np.column_stack([x - x.mean(), np.ones(9)])
        risk = QuadraticRisk.from_least_squares(columns, y, scale="mean")
        penalized = columns @ ridge_minimizer(risk, 1.0)
        slope = ridge_minimizer(QuadraticRisk(risk.hessian[:1, :1], risk.minimizer[:1]), 0.02)
        free = risk.minimizer[1] + columns[:, :1] @ slope
        chart = Chart(region, (-0.08, 1.08), (0.0, 3.2), self.style)
        dots = VGroup(*(Dot(at, radius=0.05, color=self.style.ink) for at in chart.c2p(x, y)))
        lower = chart.curve(x, penalized, self.style.ink, width=3, dash=True)
        return VGroup(chart, dots, lower, chart.curve(x, free, self.style.ridge))

    def _bars(self, chart: Chart, weights: np.ndarray, role: str, width: float = 8) -> VGroup:
        return VGroup(
            *(
                Line(chart.c2p(j, 0), chart.c2p(j, w), color=self.style.color(role), stroke_width=width)
                for j, w in enumerate(weights, 1)
                if abs(w) > 1e-9
            )
        )

    def _draw_boundary(self, boundary: VMobject, plane: Plane, sweep: Sweep, share: float) -> None:
        """The line at which both classes are equally probable, where it crosses the plane's region."""
        along = share * (len(sweep.lams) - 1)
        a, b, c = (np.interp(along, range(len(sweep.lams)), column) for column in sweep.theta.T)
        normal = np.array([a, b])
        foot = -c * normal / (normal @ normal)
        across = np.array([-b, a]) / np.hypot(a, b)
        line = plane.c2p([foot - 30 * across, foot + 30 * across])
        boundary.set_points(polyline(line, self.style.ridge, within=plane.drawing_region).points)
