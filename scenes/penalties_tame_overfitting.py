"""A flexible model chases noise; a penalty on its weights calms it, up to a point."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    Circle,
    Create,
    FadeIn,
    FadeOut,
    Line,
    Transform,
    UpdateFromAlphaFunc,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
)

from lecture.stage import BODY, SAFE, SMALL, STAGE, Chart, LiveNumber, Number, Region, step
from lecture.stage.drawing import Dashes, set_polyline, set_segments
from lecture.stage.scatter import Scatter
from scenes.parts.scene import WeightDecayScene
from wdmath import lasso_path, polynomial_features, ridge_path

DEGREE = 11
SEED = 42

# The fits and errors of this scene, as text, so that the manifest lists what was computed. The weights are those of
# Legendre polynomials; the intercept is free. With the scale "half_sum" and the penalty lam/2 ||w||^2 the solution is
# that of the source's sum of squares + lam ||w||^2.
FEATURES = "polynomial_features({}, " + str(DEGREE) + ", basis='legendre', constant=False)"
FIT = f"ridge_path({FEATURES.format('x')}, y, lam, scale='half_sum', intercept=True)"
ERROR = f"np.mean(({FIT}.predict({FEATURES.format('x_seen')}) - y_seen) ** 2)"
LASSO = f"lasso_path({FEATURES.format('x')}, y, scale='half_sum', intercept=True)"

GRID = np.linspace(-1, 1, 401)
LOG_LAMS = np.linspace(-4, 2, 121)


def features(x: np.ndarray) -> np.ndarray:
    return polynomial_features(x, DEGREE, basis="legendre", constant=False)


class Experiment:
    """Thirteen noisy values of a sine, thirty fresh ones, and three hundred more; all from one seed.

    Attributes
    ----------
    x, y, x_test, y_test, x_more, y_more : ndarray
    log_lams, training, test : ndarray of shape (L,)
        Errors of the ridge fits.
    best, best_lasso : float
        The penalties with the least test error.
    lasso_weights, lasso_curve : ndarray
        The lasso fit at the latter: its weights, and its values over the grid.
    """

    def __init__(self) -> None:
        rng = np.random.default_rng(SEED)
        noise = 0.3
        self.x = np.linspace(-1, 1, 13)
        self.y = np.sin(2.6 * self.x) + noise * rng.standard_normal(13)
        self.x_test = rng.uniform(-1, 1, 30)
        self.y_test = np.sin(2.6 * self.x_test) + noise * rng.standard_normal(30)
        x_new = rng.uniform(-1, 1, 300)
        self.x_more = np.concatenate([self.x, x_new])
        self.y_more = np.concatenate([self.y, np.sin(2.6 * x_new) + noise * rng.standard_normal(300)])
        path = ridge_path(features(self.x), self.y, 10**LOG_LAMS, scale="half_sum", intercept=True)
        self.training, self.test = (
            ((path.predict(features(x)) - y) ** 2).mean(axis=1)
            for x, y in ((self.x, self.y), (self.x_test, self.y_test))
        )
        self.best = float(10 ** LOG_LAMS[self.test.argmin()])
        lasso = lasso_path(features(self.x), self.y, scale="half_sum", intercept=True)
        offsets = np.interp(10**LOG_LAMS, lasso.lams[::-1], lasso.intercept[::-1])
        fits = lasso.at(10**LOG_LAMS) @ features(self.x_test).T + offsets[:, None]
        self.best_lasso = float(10 ** LOG_LAMS[((fits - self.y_test) ** 2).mean(axis=1).argmin()])
        weights = lasso.at(self.best_lasso)
        self.lasso_weights = weights
        self.lasso_curve = features(GRID) @ weights + np.interp(
            self.best_lasso, lasso.lams[::-1], lasso.intercept[::-1]
        )

    def weights(self, lam: float) -> np.ndarray:
        """The weights of the ridge fit, without the intercept."""
        return ridge_path(features(self.x), self.y, lam, scale="half_sum", intercept=True).coefficients

    def curve(self, lam: float, *, more: bool = False) -> np.ndarray:
        """The ridge fit over the grid."""
        x, y = (self.x_more, self.y_more) if more else (self.x, self.y)
        return ridge_path(features(x), y, lam, scale="half_sum", intercept=True).predict(features(GRID))


class PenaltiesTameOverfitting(WeightDecayScene):
    """A penalty on the weights calms an overfitted curve; too strong a penalty flattens it."""

    title = "Penalties *tame overfitting*"

    @property
    def lam(self) -> float:
        """The penalty now; the left end of the logarithmic scale stands for 0."""
        exponent = self.exponent.get_value()
        return float(10**exponent) if exponent > LOG_LAMS[0] else 0.0

    def mark(self, point: np.ndarray, *, fresh: bool) -> Circle:
        """A data point: filled if it was fitted, a ring if it is fresh."""
        mark = Circle(0.09, color=self.style.ink, stroke_width=3).move_to(point)
        return mark if fresh else mark.set_fill(self.style.ink, 1)

    def error(self, x: np.ndarray, y: np.ndarray, *, fresh: bool) -> VGroup:
        """Name and running value of the error of the fit on these points."""
        inputs = {"x": self.data.x, "y": self.data.y, "x_seen": x, "y_seen": y}
        value = LiveNumber(0.0, self.style, decimals=3, size=SMALL)
        self.follow(value, lambda m: m.set_value(self.compute(ERROR, lam=self.lam, **inputs)), self.exponent)
        value.number = lambda: Number(f"{value.value:.3f}", value.value, ERROR, {"lam": self.lam, **inputs})
        name = self.words("test error" if fresh else "training error", size=SMALL)
        row = VGroup(self.mark(np.zeros(3), fresh=fresh), name, value).arrange(buff=0.18)
        value.align_to(name.submobjects[-1], [0, -1, 0])  # the baseline: an r has no descender
        return row

    @step(
        say="Thirteen noisy points, and a polynomial of degree eleven. Free as it is, it runs after the "
        "noise.",
        shows="Thirteen dots on a noisy wave; an orange polynomial of degree 11 passes through nearly all of them "
        "and swings wildly between. Training error 0.001.",
        covers=("C1",),
    )
    def chase_the_noise(self) -> None:
        self.data = data = Experiment()
        # How strong the penalty is now, and how far the curves of the errors have been drawn.
        self.exponent, self.reached = ValueTracker(LOG_LAMS[0]), ValueTracker(LOG_LAMS[0])
        room = Region(SAFE.left, -0.15, STAGE.bottom + 0.5, STAGE.top - 0.2)
        self.chart = Chart(room, (-1.05, 1.05), (-2.4, 2.4), self.style, labels=("$x$", "$y$"))
        at = self.chart.c2p(data.x, data.y)
        self.dots = Scatter(at, self.style.ink, radius=0.105)
        self.wild = self.chart.curve(GRID, data.curve(0.0), self.style.minimizer, width=5)
        self.training = self.error(data.x, data.y, fresh=False)
        self.training.move_to([self.chart.box.left, STAGE.bottom, 0], aligned_edge=[-1, -1, 0])
        points, degree = self.words("13 points"), self.words(f"degree {DEGREE}", role="minimizer")
        law = self.formula(f"f(x) = b + sum_(j=1)^{DEGREE} w_j thin P_j (x)", size=38)
        basis = self.words("$P_j$: Legendre polynomials", role="dim", size=SMALL)
        self.facts = VGroup(points, degree, law, basis).arrange(
            [0, -1, 0], buff=0.35, aligned_edge=[-1, 0, 0]
        )
        self.facts.move_to([1.3, STAGE.center[1] + 0.3, 0], aligned_edge=[-1, 0, 0])
        self.play(Write(self.make_title()), FadeIn(self.chart), run_time=1)
        arriving = UpdateFromAlphaFunc(self.dots, lambda m, a: m.move_dots(at, round(a * len(at))))
        self.play(arriving, FadeIn(points), run_time=1.4)
        self.add(self.wild, self.dots)
        self.play(Create(self.wild), FadeIn(degree, law, basis), run_time=2.4)
        self.play(FadeIn(self.training), run_time=0.5)

    @step(
        say="On thirty fresh points it fails: training error says little about the error that counts.",
        shows="Thirty rings, fresh points, some far from the curve. Test error 0.740, training error 0.001.",
        covers=("C1",),
    )
    def meet_fresh_points(self) -> None:
        data, chart = self.data, self.chart
        at = chart.c2p(data.x_test, data.y_test)
        on_curve = chart.c2p(data.x_test, np.interp(data.x_test, GRID, data.curve(0.0)))
        self.rings = Scatter(at, self.style.ink, radius=0.09, hollow=True)
        self.rings.set_fill(self.style.background, 1)
        self.misses = VMobject(color=self.style.dim, stroke_width=3)
        self.testing = self.error(data.x_test, data.y_test, fresh=True)
        self.testing.next_to(self.training, [1, 0, 0], buff=0.55)
        self.testing.shift([0, self.training[2].get_y() - self.testing[2].get_y(), 0])
        arriving = UpdateFromAlphaFunc(self.rings, lambda m, a: m.move_dots(at, round(a * len(at))))
        growing = UpdateFromAlphaFunc(self.misses, lambda m, a: set_segments(m, at, at + a * (on_curve - at)))
        self.add(self.misses, self.rings, self.dots)
        self.play(arriving, run_time=1.2)
        self.play(growing, run_time=1)
        self.play(FadeIn(self.testing), run_time=0.5)

    @step(
        say="Three hundred more points would cure this. But data cost.",
        shows="Three hundred more points, small, and the same polynomial fitted to all of them: a calm wave.",
        covers=("C1",),
    )
    def add_more_data(self) -> None:
        data, chart = self.data, self.chart
        n = len(data.x)
        self.more = Scatter(chart.c2p(data.x_more[n:], data.y_more[n:]), self.style.dim, radius=0.035)
        self.added = self.words("and 300 more", role="dim").next_to(self.facts[0], [1, 0, 0], buff=0.25)
        self.added.align_to(self.facts[0][0], [0, -1, 0])
        self.kept = self.wild.copy()
        calm = chart.curve(GRID, data.curve(0.0, more=True), self.style.minimizer, width=5)
        gone = VGroup(self.rings, self.misses, self.training, self.testing)
        at = self.more.centers
        arriving = UpdateFromAlphaFunc(self.more, lambda m, a: m.move_dots(at, round(a * len(at))))
        self.add(self.more, self.wild, self.dots)
        self.play(FadeOut(gone), arriving, FadeIn(self.added), run_time=1.5)
        self.play(Transform(self.wild, calm), run_time=2)

    @step(
        say="Or let every weight cost something: ridge charges its square, the lasso its absolute value.",
        shows="The wild curve again, and its eleven weights as bars, some of them large. Two objectives: the sum of "
        "squared errors plus lambda times the sum of squared weights, ridge; and plus lambda times the sum of their "
        "absolute values, lasso.",
        covers=("C1",),
    )
    def let_weights_cost(self) -> None:
        errors = "{{ sum_i (y_i - f(x_i))^2 : error }}"
        rows = (("ridge", "ridge", "sum_j w_j^2"), ("lasso", "ink", "sum_j thin abs(w_j)"))
        self.objectives = VGroup()
        for name, role, cost in rows:
            law = self.formula(f"{errors} {{{{ + : plus }}}} {{{{ lambda {cost} : penalty }}}}", size=38)
            self.objectives.add(VGroup(self.words(f"*{name}*", role=role, size=SMALL), law))
        laws = VGroup(*(law for _, law in self.objectives)).arrange(
            [0, -1, 0], buff=0.12, aligned_edge=[-1, 0, 0]
        )
        laws.move_to([SAFE.right, SAFE.top, 0], aligned_edge=[1, 1, 0])
        for label, law in self.objectives:
            label.next_to(law, [-1, 0, 0], buff=0.3)
            # On its baseline, a quarter of the font size below the plus sign.
            baseline = law.select("plus").get_y() - 0.1
            label.shift([0, baseline - label.submobjects[0].get_bottom()[1], 0])
        self.room = Region(0.6, SAFE.right, STAGE.bottom, self.objectives.get_bottom()[1] - 0.25)
        self.weights = self.weight_chart()
        bars = self.grow_bars(self.data.weights(0.0), self.style.minimizer)
        self.play(
            FadeOut(self.more, self.added, self.facts),
            Transform(self.wild, self.kept),
            FadeIn(self.weights),
            run_time=1,
        )
        self.play(bars, run_time=1)
        for label, law in self.objectives:
            cost = law.select("penalty")
            self.play(
                FadeIn(label), FadeIn(VGroup(*[m for m in law if m not in cost.submobjects])), run_time=0.8
            )
            self.play(Write(cost), run_time=1)

    def weight_chart(self) -> Chart:
        """Axes for the eleven weights, the horizontal one at zero."""
        chart = Chart(
            self.room, (0.3, DEGREE + 1.3), (-2.0, 1.8), self.style, labels=("", "$w_j$"), y_ticks={0: "0"}
        )
        chart.axes[0].set_y(chart.c2p(0, 0)[1])
        name = self.words("$j$", role="dim", size=SMALL)
        chart.add(name.next_to(chart.axes[0].get_end(), [-1, -1, 0], buff=0.12))
        return chart

    def grow_bars(self, weights: np.ndarray, color: str) -> UpdateFromAlphaFunc:
        """The animation in which bars grow from zero to these weights."""
        bars = self.weight_bars = VMobject(color=color, stroke_width=24)
        j = np.arange(1, DEGREE + 1)
        feet = self.weights.c2p(j, 0)

        def grow(mobject: VMobject, alpha: float) -> None:
            set_segments(mobject, feet, self.weights.c2p(j, alpha * weights))

        self.add(bars)
        return UpdateFromAlphaFunc(bars, grow)

    @step(
        say="Turn λ up. The curve calms down; training error rises a little, test error falls to its lowest.",
        shows=lambda problem: (
            "The fitted curve, now yellow, is a calm wave; its wild start is a ghost. Below the "
            "objectives, errors over lambda: training error rising, test error, dashed, at its minimum of 0.076."
        ),
        covers=("C1",),
    )
    def calm_the_curve(self) -> None:
        data, chart, style = self.data, self.chart, self.style
        x_ticks = {1e-4: "10^(-4)", 1e-2: "10^(-2)", 1: "1", 100: ""}
        y_ticks = {1e-3: "10^(-3)", 1e-1: "10^(-1)"}
        errors = self.errors = Chart(
            self.room,
            (1e-4, 100),
            (4e-4, 1.2),
            style,
            labels=("$lambda$", "error"),
            x_ticks=x_ticks,
            y_ticks=y_ticks,
            x_log=True,
            y_log=True,
        )
        lams = 10**LOG_LAMS
        solid = errors.curve(lams, data.training, style.ink)
        dashes = self.test_curve = Dashes(errors.curve(lams, data.test, style.ink))

        def share() -> float:
            return (self.reached.get_value() - LOG_LAMS[0]) / (LOG_LAMS[-1] - LOG_LAMS[0])

        drawn = self.training_curve = solid.copy()
        self.follow(drawn, lambda m: m.pointwise_become_partial(solid, 0, share()), self.reached)
        self.follow(dashes, lambda m: m.reveal(share()), self.reached)
        riders = VGroup(self.mark(np.zeros(3), fresh=False), self.mark(np.zeros(3), fresh=True))
        for rider, values in zip(riders, (data.training, data.test), strict=True):
            self.follow(
                rider,
                lambda m, v=values: m.move_to(
                    errors.c2p(
                        10 ** self.exponent.get_value(), np.interp(self.exponent.get_value(), LOG_LAMS, v)
                    )
                ),
                self.exponent,
            )
        riders[1].set_fill(style.background, 1)
        ghost = self.ghost = chart.curve(GRID, data.curve(0.0), style.faded("minimizer", 0.4), width=4)
        self.curve = chart.curve(GRID, data.curve(0.0), style.ridge, width=5)
        self.follow(
            self.curve, lambda m: set_polyline(m, chart.c2p(GRID, data.curve(self.lam))), self.exponent
        )
        value = LiveNumber(0.0, style, decimals=2, role="penalty", size=BODY)
        self.follow(value, lambda m: m.set_value(self.lam), self.exponent)
        self.lam_row = VGroup(self.formula("lambda =", role="penalty", size=BODY), value).arrange(buff=0.2)
        self.lam_row.move_to([errors.box.right - 2.1, errors.box.bottom + 0.4, 0], aligned_edge=[-1, 0, 0])
        self.play(FadeOut(self.weights, self.weight_bars), run_time=0.5)
        self.play(FadeIn(errors, self.lam_row, self.training, self.testing, self.rings), run_time=0.7)
        self.add(drawn, dashes)
        self.riders = riders
        self.play(FadeIn(riders), run_time=0.5)
        self.remove(self.wild)
        self.add(self.curve, self.dots)
        # Behind what moves, and so drawn once for the whole sweep.
        self.bring_to_back(errors, ghost, self.rings, *self.training[:2], *self.testing[:2], self.lam_row[0])
        best = np.log10(data.best)
        self.play(self.exponent.animate.set_value(best), self.reached.animate.set_value(best), run_time=4.5)

    @step(
        say="Push on, and the curve goes flat and both errors climb. A good λ lies between.",
        shows="The curve is almost a flat line, far from dots and rings; both error curves have risen.",
        covers=("C1",),
    )
    def penalize_too_much(self) -> None:
        end = LOG_LAMS[-1]
        self.play(self.exponent.animate.set_value(end), self.reached.animate.set_value(end), run_time=4)

    @step(
        say="The lasso does as well, but differently: it keeps six weights and sets five to exactly zero.",
        shows="At the best penalties the yellow ridge curve and the dashed lasso curve nearly agree. Beside them the "
        "eleven weights: ridge, bars, has none at zero; of the lasso's, white diamonds, only six are left, five are 0. "
        "Ridge uses 11 of 11 weights, the lasso 6 of 11.",
        covers=("C1",),
    )
    def compare_with_the_lasso(self) -> None:
        data, style = self.data, self.style
        self.lasso = Dashes(self.chart.curve(GRID, data.lasso_curve, style.ink, width=4))
        ridge = {"x": data.x, "y": data.y, "lam": data.best}
        lasso = ridge | {"lam": data.best_lasso}
        legend = VGroup(
            self.legend_entry(style.ridge, f"np.count_nonzero({FIT}.coefficients)", ridge, 2, dash=False),
            self.legend_entry(style.ink, f"np.count_nonzero({LASSO}.at(lam))", lasso, 1, dash=True),
        ).arrange(buff=0.6)
        legend.move_to(VGroup(self.training, self.testing).get_left(), aligned_edge=[-1, 0, 0])
        self.play(self.exponent.animate.set_value(np.log10(data.best)), run_time=2)
        errors = (self.errors, self.training_curve, self.test_curve, self.riders, self.lam_row)
        self.play(FadeOut(self.training, self.testing, *errors), run_time=0.5)
        self.play(
            FadeIn(self.weights, legend[0]), self.grow_bars(data.weights(data.best), style.ridge), run_time=1
        )
        j, used = np.arange(1, DEGREE + 1), data.lasso_weights != 0
        feet = self.weights.c2p(j, 0)
        at = self.weights.c2p(j, data.lasso_weights)
        self.kept_weights = Scatter(at[used], style.ink, radius=0.13, diamond=True)
        # A zero on the side that the bar leaves free.
        free = -np.sign(data.weights(data.best))
        zeros = VGroup(
            *(
                self.formula("0", size=SMALL).next_to(feet[k], [0, free[k], 0], buff=0.12)
                for k in j[~used] - 1
            )
        )
        self.add(self.weight_bars, self.kept_weights)
        self.play(Create(self.lasso), FadeIn(legend[1], self.kept_weights), run_time=1.5)
        self.play(FadeIn(zeros, lag_ratio=0.2), run_time=0.6)

    def legend_entry(
        self, color: str, expression: str, inputs: dict[str, Any], digits: int, *, dash: bool
    ) -> VGroup:
        """A piece of a curve and how many of its weights are not zero."""
        sample = Line([0, 0, 0], [0.7, 0, 0], color=color, stroke_width=5)
        count = self.number(
            expression, digits=digits, size=SMALL, template=f'{{}} "of {DEGREE} weights"', **inputs
        )
        return VGroup(Dashes(sample) if dash else sample, count).arrange(buff=0.18)
