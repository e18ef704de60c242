"""More features than examples: the error peaks where both are as many and falls again, unless there is a penalty."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    Create,
    Dot,
    FadeIn,
    FadeOut,
    LaggedStart,
    Line,
    Rectangle,
    UpdateFromAlphaFunc,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
    linear,
    there_and_back,
)

from lecture.stage import BODY, FORMULA, LEFT_HALF, RIGHT_HALF, SMALL, Chart, Region, question, step
from lecture.stage.backing import place_backed
from lecture.stage.drawing import set_polyline
from lecture.stage.numbers import spoken_number
from lecture.stage.scatter import Scatter
from lecture.words import Computed, _, computed
from scenes.experiments.double_descent import DOUBLE_DESCENT, WIDTHS, wide_fits
from scenes.parts.scene import WeightDecayScene

_SHOWN = 300  # new points
_PEAK, _MANY = (int(np.flatnonzero(p == WIDTHS)[0]) for p in (60, 600))
_ERROR = (
    "np.mean((ridge_path(data.features(p), data.y, lam, scale='half_mean', intercept=True)"
    ".predict(data.fresh(p)) - data.truth) ** 2)"
)
_LENGTH = (
    "np.sqrt(np.sum(ridge_path(data.features(p), data.y, 0.0, scale='half_mean', intercept=True)"
    ".coefficients ** 2))"
)
# The axis of eigenvalues and of lambda; its left end stands for 0.
_LEAST, _GREATEST = 2e-7, 1.0
_REACH = 6.0  # of the predictions shown


def _told(p: int) -> Computed:
    """The error with the chosen penalty, for the narration."""
    return computed(
        _ERROR,
        lambda value: spoken_number(value, 2),
        p=p,
        lam=lambda _p: wide_fits().chosen(p),
        data=lambda _p: wide_fits(),
    )


class DoubleDescent(WeightDecayScene):
    """Where features are as many as examples the error explodes; a penalty takes the peak away."""

    title = _("Many features: a *double descent*")
    question_region = Region(RIGHT_HALF.left, RIGHT_HALF.right, RIGHT_HALF.bottom, -1.4)

    def prepare(self) -> None:
        """Fit every width without a penalty and with the chosen one, and the peak with penalties between."""
        self.data, self.widths = wide_fits(), WIDTHS
        data = self.data
        self.none = np.array([data.predictions(int(p), 0.0) for p in WIDTHS])
        lams = [data.chosen(int(p)) for p in WIDTHS]
        self.tuned = np.array([data.predictions(int(p), lam) for p, lam in zip(WIDTHS, lams, strict=True)])
        self.chosen = data.chosen(60)
        self.rising = np.geomspace(_LEAST, self.chosen, 61)
        self.tide = data.predictions(60, self.rising)
        self.errors, self.errors_tuned = (
            np.mean((table - data.truth) ** 2, axis=1) for table in (self.none, self.tuned)
        )
        self.beads = [data.eigenvalues(int(p)) for p in WIDTHS]
        self.table = self.none
        self.at = ValueTracker(0.0)  # a row of the table, or between two
        self.level = ValueTracker(0.0)  # how far lambda has risen, from 0 to 1

    def predictions(self) -> np.ndarray:
        """Those shown now; between two widths, between their fits."""
        rising = self.level.get_value() * (len(self.rising) - 1)
        position, table = (rising, self.tide) if rising else (self.at.get_value(), self.table)
        k = min(int(position), len(table) - 2)
        return (1 - position + k) * table[k] + (position - k) * table[k + 1]

    def show_points(self, points: Scatter) -> None:
        """The new points at their predictions, as far as these are in the picture."""
        points.move_dots(self.inside(self.data.truth[:_SHOWN], self.predictions()[:_SHOWN]))

    def inside(self, truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        """Points of the frame, without those outside the picture."""
        at = self.picture.c2p(truth, predicted)
        return at[self.picture.box.contains(at)]

    def follow_curve(self, errors: np.ndarray, color: str) -> VMobject:
        """The curve of the error, drawn as far as the width has come."""
        curve = VMobject(color=color, stroke_width=5, fill_opacity=0)

        def draw(line: VMobject) -> None:
            position = self.at.get_value()
            count = int(position) + 1
            tip = [np.interp(position, range(len(WIDTHS)), v) for v in (np.log(WIDTHS), np.log(errors))]
            corners = [*zip(np.log(WIDTHS[:count]), np.log(errors[:count]), strict=True), tip]
            x, y = np.exp(np.array(corners)).T
            set_polyline(line, self.chart.c2p(x, y) if len(x) > 1 else self.chart.c2p(x[[0, 0]], y[[0, 0]]))

        return self.follow(curve, draw, self.at)

    @step(
        say=_(
            "Sixty noisy rows, and a <model>model of random features. New points should lie on the <diagonal>diagonal. "
            "<widen>More features help at first; <explode>near sixty, predictions explode."
        ),
        shows=_(
            "Left, predictions of new points over the truth: dots scattered far above and below the diagonal. "
            "Right, the error over the number of features, both axes logarithmic: it falls a little and then rises to "
            "a peak at sixty features."
        ),
        experiments=(DOUBLE_DESCENT,),
    )
    def widen_to_the_rows(self) -> None:
        self.prepare()
        style = self.style
        self.picture = Chart(
            LEFT_HALF,
            (-3, 3),
            (-_REACH, _REACH),
            style,
            labels=(_("truth"), _("prediction")),
            x_ticks={-2: "-2", 0: "0"},
            y_ticks={-4: "-4", 0: "0", 4: "4"},
        )
        self.chart = Chart(
            Region(RIGHT_HALF.left, RIGHT_HALF.right, -1.3, RIGHT_HALF.top - 0.5),
            (5, 600),
            (0.004, 30),
            style,
            labels=(_("features"), _("squared error on new points")),
            x_ticks={10: "10", 30: "30", 60: "60"},
            y_ticks={0.1: "0.1", 1: "1", 10: "10"},
            x_log=True,
            y_log=True,
        )
        self.diagonal = Line(
            self.picture.c2p(-3, -3), self.picture.c2p(3, 3), color=style.line, stroke_width=3
        )
        self.points = Scatter(np.empty((0, 3)), style.minimizer, radius=0.045)
        self.follow(self.points, self.show_points, self.at, self.level)
        word = self.words(_("features:"), size=FORMULA)
        count = self.live_number(
            "np.exp(np.interp(at, np.arange(widths.size), np.log(widths)))",
            self.at,
            decimals=0,
            size=FORMULA,
            variable="at",
            widths=WIDTHS.astype(float),
        )
        word.move_to([RIGHT_HALF.left, RIGHT_HALF.top, 0], aligned_edge=[-1, 0, 0])
        count.next_to(word, [1, 0, 0], buff=0.25).align_to(word, [0, -1, 0])
        self.count = VGroup(word, count)
        self.curve = self.follow_curve(self.errors, style.minimizer)
        self.play(Write(self.make_title()), FadeIn(self.picture, self.chart), run_time=1)
        self.wait_for("model")
        self.play(FadeIn(self.points, self.count, self.curve), run_time=1.2)
        self.wait_for("diagonal")
        self.play(Create(self.diagonal), run_time=1)
        self.add(self.points, self.curve, self.count)
        self.wait_for("widen")
        self.go_to(int(np.flatnonzero(WIDTHS == 24)[0]), run_time=2)
        self.wait_for("explode")
        self.go_to(_PEAK, run_time=3)
        self.peak = self.mark_error(60, 0.0, "minimizer", [-1, 0])
        self.play(FadeIn(self.peak), run_time=0.4)

    def go_to(self, row: float, *, run_time: float) -> None:
        """Move to another width, evenly on a logarithmic scale."""
        ends = np.log(np.interp([self.at.get_value(), row], range(len(WIDTHS)), WIDTHS))

        def move(tracker: ValueTracker, alpha: float) -> None:
            log_width = ends[0] + alpha * (ends[1] - ends[0])
            tracker.set_value(float(np.interp(log_width, np.log(WIDTHS), range(len(WIDTHS)))))

        self.play(UpdateFromAlphaFunc(self.at, move, rate_func=linear), run_time=run_time)

    def mark_error(self, p: int, lam: float, role: str, beside: list[float]) -> VGroup:
        """A dot on a curve with the error there."""
        error = self.compute(_ERROR, p=p, lam=lam, data=self.data)
        dot = Dot(self.chart.c2p(p, error), radius=0.1, color=self.style.color(role)).set_z_index(2)
        value = self.number(_ERROR, digits=2, role=role, size=SMALL, p=p, lam=lam, data=self.data)
        value.next_to(dot, [*beside, 0.0], buff=0.12)
        return VGroup(dot, value)

    @question(
        ask=_(
            "Sixty features can fit sixty rows exactly. Keep adding, up to six hundred. What does the error do now?"
        ),
        choices=(_("grow further"), _("stay high"), _("fall again")),
        answer=2,
        shows=_(
            "The peak of the error at sixty features, and three answers: grow further, stay high, fall again."
        ),
    )
    def predict_the_error(self) -> None:
        self.wait(0.3)

    @step(
        say=_(
            "<fall>It falls again, <below>below where it was before: a <double>double descent. Many fits are without "
            "error now, <short>and least squares takes the shortest weights of all."
        ),
        shows=_(
            "The error has fallen again beyond the peak, and at six hundred features it is lower than anywhere "
            "before. Below, the length of the weights: far shorter at six hundred features than at sixty. The dots lie "
            "along the diagonal, with some scatter."
        ),
        experiments=(DOUBLE_DESCENT,),
    )
    def widen_beyond(self) -> None:
        self.wait_for("fall")
        self.go_to(_MANY, run_time=4)
        self.many = self.mark_error(600, 0.0, "minimizer", [-0.4, 1])
        self.wait_for("below")
        self.play(FadeIn(self.many), run_time=0.6)
        self.wait_for("double")
        self.play(self.many.animate(rate_func=there_and_back).scale(1.2), run_time=1.6)
        lengths = VGroup(self.words(_("length of the weights:"), role="dim", size=SMALL))
        for p in (60, 600):
            length = self.number(_LENGTH, digits=2, role="minimizer", size=BODY, p=p, data=self.data)
            count = self.words(_("{p} features").format(p=p), size=SMALL)
            lengths.add(VGroup(count, length).arrange([1, 0, 0], buff=0.4))
        lengths.arrange([0, -1, 0], buff=0.25, aligned_edge=[-1, 0, 0])
        lengths.move_to([RIGHT_HALF.left, -1.5, 0], aligned_edge=[-1, 1, 0])
        self.lengths = lengths
        self.wait_for("short")
        for row in lengths:
            self.play(FadeIn(row), run_time=0.7)

    @step(
        say=_(
            "Why the peak? <beads>Each eigenvalue of the risk is a bead. <back>Back at sixty features, the least one "
            "is almost zero, and the <noise>noise in its direction is divided by it."
        ),
        shows=_(
            "Below the error, an axis with a bead for every eigenvalue, logarithmic. At sixty features the least bead "
            "lies far to the left of all others, ringed. The dots are scattered again."
        ),
    )
    def look_at_the_eigenvalues(self) -> None:
        style = self.style
        strip = Region(RIGHT_HALF.left, RIGHT_HALF.right, RIGHT_HALF.bottom, -1.55)
        self.axis = Chart(
            strip,
            (_LEAST, _GREATEST),
            (0, 1),
            style,
            labels=(_("{sigma}"), ""),
            x_ticks={1e-6: "10^(-6)", 1e-4: "10^(-4)", 1e-2: "10^(-2)"},
            x_log=True,
        )
        self.axis.axes.remove(self.axis.axes[1])
        self.on_axis = Scatter(np.empty((0, 3)), style.ink, radius=0.055)
        self.least = Scatter([[0, 0, 0]], style.eig2, radius=0.1)

        def lay(beads: Scatter) -> None:
            beads.move_dots(self.axis.c2p(self.now(), 0.22)[:-1])

        self.follow(self.on_axis, lay, self.at)
        self.follow(self.least, lambda m: m.move_dots(self.axis.c2p(self.now()[-1:], 0.22)), self.at)
        self.play(FadeOut(self.lengths), run_time=0.5)
        self.wait_for("beads")
        self.play(FadeIn(self.axis, self.on_axis, self.least), run_time=1)
        self.curve.clear_updaters()
        self.add(self.points, self.count, self.on_axis, self.least)
        self.wait_for("back")
        self.go_to(_PEAK, run_time=3)
        self.ring = Scatter(self.least.centers, style.ink, radius=0.2, hollow=True)
        self.wait_for("noise")
        self.play(FadeIn(self.ring, scale=2), run_time=0.8)

    def now(self) -> np.ndarray:
        """The eigenvalues at the width nearest to the one shown."""
        return np.maximum(self.beads[round(self.at.get_value())], _LEAST)

    @step(
        say=_(
            "<tide>Let {lam} rise. Now the division is by {sigma} plus {lam}: <drown>the bead drowns, and the "
            "predictions come back to the diagonal."
        ),
        shows=_(
            "{lam} has risen like a tide over the small beads, the least one among them. The dots lie along the "
            "diagonal again, and a dot far below the peak marks the error."
        ),
    )
    def let_the_penalty_rise(self) -> None:
        style, axis = self.style, self.axis
        low = axis.c2p(_LEAST, 0)
        water = Rectangle(
            height=0.7, width=0.01, stroke_width=0, fill_opacity=1, color=style.faded("penalty", 0.35)
        )
        edge = Line([0, 0, 0], [0, 1, 0], color=style.penalty, stroke_width=5)

        def lam() -> float:
            return float(np.interp(self.level.get_value() * 60, range(61), self.rising))

        def flood(m: Any) -> None:
            at = axis.c2p(lam(), 0)
            water.stretch_to_fit_width(max(at[0] - low[0], 0.01)).move_to(
                low, aligned_edge=np.array([-1, -1, 0])
            )
            edge.put_start_and_end_on(at, at + np.array([0, 0.7, 0]))

        self.water = VGroup(water, edge)
        self.follow(self.water, flood, self.level)
        value = self.live_number(
            "np.where(level > 0, np.exp(np.interp(60 * level, np.arange(61), np.log(rising))), 0)",
            self.level,
            decimals=9,  # powers of ten, as the axis has
            role="penalty",
            size=BODY,
            variable="level",
            rising=self.rising,
        )
        name = self.formula("@lam =", size=BODY)
        self.reading = VGroup(name, value.follow_equals(name))
        # Room for a power of ten.
        self.reading.move_to([RIGHT_HALF.right - 2.3, self.count.get_y(), 0], aligned_edge=[-1, 0, 0])
        self.play(FadeIn(self.water, self.reading), FadeOut(self.ring), run_time=0.5)
        self.remove(self.water, self.on_axis, self.least)
        self.add(self.water, self.on_axis, self.least, self.points, self.reading)
        self.wait_for("tide")
        self.play(self.level.animate(rate_func=linear).set_value(0.6), run_time=2.5)
        self.wait_for("drown")
        self.play(self.level.animate(rate_func=linear).set_value(1.0), run_time=2)
        self.points.set_color(style.ridge)
        self.calm = self.mark_error(60, self.chosen, "ridge", [-1, 0])
        self.play(FadeIn(self.calm), run_time=0.5)

    @step(
        say=_(
            "Choose {lam} at every width, by leaving rows out. <sweep>No peak is left: {few} at thirty features, "
            "{peak} at sixty, {many} at six hundred."
        ).format(few=_told(30), peak=_told(60), many=_told(600)),
        shows=_(
            "A second curve below the first, with the penalty chosen at every width: it falls all the way, without a "
            "peak, and ends lower. The dots lie close to the diagonal."
        ),
        experiments=(DOUBLE_DESCENT,),
    )
    def choose_at_every_width(self) -> None:
        style = self.style
        self.play(
            FadeOut(self.water, self.reading, self.calm, self.axis, self.on_axis, self.least), run_time=0.6
        )
        self.level.set_value(0.0)
        self.table = self.tuned
        self.go_to(0, run_time=2)
        self.second = self.follow_curve(self.errors_tuned, style.ridge)
        names = VGroup(
            self.words(_("no penalty"), role="minimizer", size=SMALL),
            self.words(_("chosen {lam}"), role="ridge", size=SMALL),
        )
        names[0].next_to(self.peak, [1, 0, 0], buff=0.3)
        self.add(self.second, self.points, self.count)
        self.wait_for("sweep")
        self.go_to(_MANY, run_time=5)
        ends = VGroup(*(self.mark_error(p, self.data.chosen(p), "ridge", [-0.3, -1]) for p in (30, 60, 600)))
        names[1] = place_backed(
            names[1],
            style,
            self.chart.c2p(9, 0.1),
            avoid=[ends, names[0], self.peak, self.many, self.second, self.curve, self.chart.axes],
            within=self.chart.box,
            prefer=[0, -1],
        )
        self.play(FadeIn(names), LaggedStart(*(FadeIn(end) for end in ends), lag_ratio=0.9), run_time=3)
