"""σ/(σ + λ) as one curve that λ slides along the eigenvalues."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    DOWN,
    RIGHT,
    UP,
    Create,
    FadeIn,
    FadeOut,
    GrowFromEdge,
    Line,
    Rectangle,
    Triangle,
    VGroup,
    VMobject,
)

from lecture.stage import BODY, SAFE, SMALL, Chart, Region, step
from lecture.stage.text import percent
from scenes.parts.penalty_scale import PenaltyScale, PenaltyTracker, decimals_for
from scenes.parts.scene import WeightDecayScene
from scenes.problem import Problem

_CHART = Region(SAFE.left, 2.1, -2.15, 2.55)
_COLUMN = Region(2.7, SAFE.right, SAFE.bottom, 2.55)


class ShrinkageFactors(WeightDecayScene):
    """A direction is kept where its eigenvalue is large against the penalty, and lost where it is small."""

    title = "Which directions survive"

    @step(
        say="σ over σ plus λ, drawn over σ on a logarithmic axis: one S-shaped curve for all directions at "
        "once.",
        shows="A curve rising from 0 to 1 over a logarithmic axis of eigenvalues; it passes one half at λ.",
        covers=("A8", "B10"),
    )
    def draw_factor_curve(self) -> None:
        problem, style = self.problem, self.style
        sigma = problem.risk.eigenvalues
        # The whole model's directions too, as far down as can be told apart.
        others = problem.spectrum[problem.spectrum >= _lowest(problem)]
        seen = [v for v in (*sigma, *others, problem.lam) if v > 0]
        self.inner = (min(seen), max(seen))
        # Two decades on either side: room for words, and for the curve to level off.
        self.low, self.high = min(seen) / 100, max(seen) * 100
        self.chart = Chart(
            _CHART,
            (self.low, self.high),
            (0.0, 1.08),
            style,
            labels=("", "factor $sigma \\/ (sigma + lambda)$"),
            y_ticks={0.0: "0", 0.5: "1/2", 1.0: "1"},
            x_log=True,
        )
        self.start = problem.lam if problem.lam > 0 else float(sigma[0]) / 10
        x_name = self.words("eigenvalue $sigma$", role="dim", size=SMALL)
        x_name.move_to([_CHART.right, SAFE.bottom, 0], aligned_edge=DOWN + RIGHT)
        self.chart.add(x_name)
        self.lam = PenaltyTracker(PenaltyScale(sigma), self.start)
        self.sigmas = np.geomspace(self.low, self.high, 120)
        self.curve = self.follow(VMobject(color=style.ink, stroke_width=5), self._draw_curve, self.lam)
        self.marker = self.follow(
            Triangle(color=style.penalty, fill_opacity=1, stroke_width=0).scale(0.16),
            self._move_marker,
            self.lam,
        )
        self.half = self.follow(VMobject(color=style.penalty, stroke_width=3), self._draw_half, self.lam)
        self.value = self._lam_label()
        self.add(self.make_title())
        self.play(FadeIn(self.chart), run_time=0.8)
        self.play(Create(self.curve), run_time=2)
        self.play(Create(self.half), FadeIn(self.marker, self.value), run_time=1)

    def _draw_curve(self, curve: VMobject) -> None:
        factors = self.compute("shrinkage_factors(sigmas, lam)", sigmas=self.sigmas, lam=self.lam.get_value())
        curve.set_points_as_corners(self.chart.c2p(self.sigmas, factors))

    def _within(self, value: float) -> float:
        return float(np.clip(value, self.low, self.high))

    def _move_marker(self, marker: VMobject) -> None:
        at = self.chart.c2p(self._within(self.lam.get_value()), 0.0)
        marker.next_to(at, DOWN, buff=0.04)

    def _draw_half(self, lines: VMobject) -> None:
        lam = self._within(self.lam.get_value())
        corners = self.chart.c2p([lam, lam, self.low], [0.0, 0.5, 0.5])
        lines.set_points_as_corners(corners)

    def _lam_label(self) -> VGroup:
        symbol = self.formula("@lam {{ = : penalty-equals }}", size=BODY + 4)
        number = self.live_number(
            "lam", self.lam, decimals=decimals_for(self.start), role="penalty", size=BODY + 4
        )
        number.next_to(symbol, RIGHT, buff=0.18).match_y(symbol.select("penalty-equals"))
        return VGroup(symbol, number).move_to([_COLUMN.left, 1.95, 0], aligned_edge=[-1, 0, 0])

    @step(
        say=lambda p: _what_is_kept(p) + _others(p),
        shows=lambda p: (
            f"Bars stand at both eigenvalues and reach up to the curve. {_what_is_kept(p)}{_others(p)}"
        ),
        covers=("B10",),
    )
    def read_off_both_directions(self) -> None:
        self.bars, self.names, self.numbers = VGroup(), VGroup(), VGroup()
        for k, (role, y) in enumerate((("eig1", 0.85), ("eig2", -0.25))):
            bar = Rectangle(
                width=0.22,
                height=1.0,
                stroke_width=0,
                fill_color=self.style.color(role),
                fill_opacity=1,
            ).set_z_index(-1)
            self.follow(bar, lambda m, k=k: self._stretch_bar(m, k), self.lam)
            factor = self.formula(f"@s{k + 1} / (@s{k + 1} + @lam) {{{{ = : {role}-equals }}}}", size=BODY)
            factor.move_to([_COLUMN.left, y, 0], aligned_edge=[-1, 0, 0])
            number = self.live_number(
                f"shrinkage_factors(risk.eigenvalues, lam)[{k}]",
                self.lam,
                decimals=2,
                role=role,
                size=BODY + 4,
            )
            number.next_to(factor, RIGHT, buff=0.2).match_y(factor.select(f"{role}-equals"))
            self.bars.add(bar)
            self.names.add(self._name_bar(k))
            self.numbers.add(VGroup(factor, number))
        self.whole = self.follow(VMobject(color=self.style.line, stroke_width=3), self._draw_whole, self.lam)
        if self.problem.full is not None:
            self.play(Create(self.whole.set_z_index(-2)), run_time=1)
        for bar, name, number in zip(self.bars, self.names, self.numbers, strict=True):
            self.play(GrowFromEdge(bar, DOWN), FadeIn(name), run_time=0.8)
            self.play(FadeIn(number, shift=0.2 * RIGHT), run_time=0.7)

    def _draw_whole(self, lines: VMobject) -> None:
        """A thin line up to the curve for every direction of the whole model, in one mobject."""
        sigma = self.problem.spectrum
        factors = self.compute("shrinkage_factors(sigma, lam)", sigma=sigma, lam=self.lam.get_value())
        shown = (self.low <= sigma) & (sigma <= self.high)
        feet = self.chart.c2p(sigma[shown], np.zeros(shown.sum()))
        tops = self.chart.c2p(sigma[shown], factors[shown])
        share = np.linspace(0, 1, 4)[:, None]
        lines.points = (feet[:, None] * (1 - share) + tops[:, None] * share).reshape(-1, 3)

    def _stretch_bar(self, bar: Rectangle, k: int) -> None:
        factor = self.compute(f"shrinkage_factors(risk.eigenvalues, lam)[{k}]", lam=self.lam.get_value())
        foot = self.chart.c2p(self._within(self.problem.risk.eigenvalues[k]), 0.0)
        top = self.chart.c2p(self.low, factor)[1]
        bar.stretch_to_fit_height(max(top - foot[1], 0.01)).move_to(foot, aligned_edge=DOWN)

    def _name_bar(self, k: int) -> Any:
        sigma = self.problem.risk.eigenvalues
        name = self.formula(f"@s{k + 1}" if sigma[k] > 0 else f"@s{k + 1} = 0", size=BODY)
        at = self.chart.c2p(self._within(sigma[k]), 0.0)
        near = abs(float(at[0] - self.chart.c2p(self._within(sigma[1 - k]), 0.0)[0])) < 0.7
        aside = (0.3 if k == 0 else -0.3) if near else 0.0
        name.next_to(at, DOWN, buff=0.4).shift(aside * RIGHT)
        return name.shift(max(0.0, SAFE.left - name.get_left()[0]) * RIGHT)

    @step(
        say=lambda p: _halves(p),
        shows="The curve has moved so that λ lies on the larger eigenvalue, whose factor reads 0.50.",
        covers=("A8",),
    )
    def slide_to_one_half(self) -> None:
        for stop in sorted({float(s) for s in self.problem.risk.eigenvalues if s > 0}):
            self.play(self.lam.animate.set_value(stop), run_time=2)
            self.wait(1, frozen_frame=True)

    @step(
        say="Right of λ, directions are kept. Left of it they matter little to the risk, and decay away.",
        shows="The same chart; the part right of λ is labeled kept, the part left of it decayed.",
        covers=("A8", "B10"),
    )
    def keep_the_large_lose_the_small(self) -> None:
        self.play(self.lam.animate.set_value(self.start), run_time=1.5)
        box = self.chart.box
        edges = [self.chart.c2p(value, 0.0)[0] for value in self.inner]
        words = VGroup()
        for text, condition, left, right, height in (
            ("kept", "sigma >> @lam", edges[1], box.right, 0.3),
            ("decayed", "sigma << @lam", box.left, edges[0], 0.75),
        ):
            label = VGroup(self.words(text), self.formula(condition, size=SMALL)).arrange(DOWN, buff=0.12)
            words.add(label.move_to([(left + right) / 2, self.chart.c2p(self.low, height)[1], 0]))
        self.play(FadeIn(words[0], shift=0.2 * UP), run_time=0.9)
        self.play(FadeIn(words[1], shift=0.2 * DOWN), run_time=0.9)
        self.kept_and_gone = words

    @step(
        say="Add up the factors: the effective degrees of freedom, how many parameters the model still uses.",
        shows=lambda p: (
            f"The sum of {'both' if p.full is None else 'all'} factors as a stacked bar with its number; "
            "λ has grown far beyond the eigenvalues and little is left."
        ),
        covers=("B10",),
    )
    def count_degrees_of_freedom(self) -> None:
        rule = Line(
            [_COLUMN.left, -0.95, 0], [_COLUMN.right - 0.4, -0.95, 0], color=self.style.line, stroke_width=3
        )
        label = self.formula('"df"(@lam) {{ = : df-equals }}', size=BODY + 4)
        label.move_to([_COLUMN.left, -1.4, 0], aligned_edge=[-1, 0, 0])
        number = self.live_number(
            "effective_degrees_of_freedom(sigma, lam)",
            self.lam,
            decimals=2,
            size=BODY + 4,
            sigma=self.problem.spectrum,
        )
        number.next_to(label, RIGHT, buff=0.2).match_y(label.select("df-equals"))
        name = self.words("effective degrees of freedom", role="dim", size=SMALL)
        name.move_to([_COLUMN.left, -2.0, 0], aligned_edge=[-1, 0, 0])
        stack = VGroup()
        # With more than two directions, their sum as one bar.
        roles = ("eig1", "eig2") if self.problem.full is None else ("ink",)
        unit = _COLUMN.width / len(self.problem.spectrum)
        for k, role in enumerate(roles):
            bar = Rectangle(
                width=1, height=0.34, stroke_width=0, fill_color=self.style.color(role), fill_opacity=1
            )
            stack.add(self.follow(bar, lambda m, k=k: self._stack_bar(m, k, unit), self.lam))
        frame = Line(
            [_COLUMN.left, -2.8, 0], [_COLUMN.right, -2.8, 0], color=self.style.line, stroke_width=2.5
        )
        self.play(FadeOut(self.kept_and_gone), Create(rule), FadeIn(label, number), run_time=0.8)
        self.play(FadeIn(name, frame, stack), run_time=0.6)
        self.play(self.lam.animate.set_value(self.inner[0] / 10), run_time=1.8)
        self.wait(0.5, frozen_frame=True)
        self.play(self.lam.animate.set_value(10 * self.inner[1]), run_time=4)

    def _stack_bar(self, bar: Rectangle, k: int, unit: float) -> None:
        factors = self.compute(
            "shrinkage_factors(sigma, lam)", sigma=self.problem.spectrum, lam=self.lam.get_value()
        )
        ends = np.cumsum([0.0, *factors]) if self.problem.full is None else np.array([0.0, factors.sum()])
        bar.stretch_to_fit_width(max(unit * float(ends[k + 1] - ends[k]), 1e-3))
        bar.move_to([_COLUMN.left + unit * float(ends[k]), -2.6, 0], aligned_edge=np.array([-1, 0, 0]))


def _percent(problem: Problem, k: int) -> str:
    lam = problem.lam if problem.lam > 0 else float(problem.risk.eigenvalues[0]) / 10
    sigma = float(problem.risk.eigenvalues[k])
    return percent(sigma / (sigma + lam))


def _others(problem: Problem) -> str:
    """What the pale bars are, where the whole model has more directions than the plane."""
    if problem.full is None:
        return ""
    p, drawn = problem.full.dimension, int((problem.spectrum >= _lowest(problem)).sum())
    if drawn == p:
        return f" The pale bars are all {p} directions of the whole model."
    return f" The pale bars are the {drawn} of all {p} directions that have noticeable curvature."


def _lowest(problem: Problem) -> float:
    """The least eigenvalue of the whole model that is told apart from zero."""
    return 1e-6 * float(problem.risk.eigenvalues[0])


def _what_is_kept(problem: Problem) -> str:
    if problem.is_round:
        return f"Both directions are equally steep: at this λ each keeps {_percent(problem, 0)} of its component."
    if _percent(problem, 0) == _percent(problem, 1):
        return f"At this λ both directions keep {_percent(problem, 0)} of their components."
    return (
        f"At this λ the steep direction keeps {_percent(problem, 0)} of its component, "
        f"the flat one {_percent(problem, 1)}."
    )


def _halves(problem: Problem) -> str:
    begin = "Where λ equals an eigenvalue, its factor is exactly one half: "
    if problem.is_singular:
        return begin[:-2] + ". A direction without curvature has no such point: it is gone at every λ."
    if problem.is_round:
        return begin + "here both directions at once."
    return begin + "the flat direction first, then the steep one."
