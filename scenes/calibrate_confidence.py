"""How sure a classifier is against how often it is right, without a penalty, with the best, and beyond it."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    LEFT,
    RIGHT,
    UP,
    Create,
    FadeIn,
    FadeOut,
    Line,
    RegularPolygon,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
    linear,
    rush_from,
    there_and_back,
)

from lecture.stage import LEFT_HALF, RIGHT_HALF, SMALL, Chart, Plane, Region, dashed, polyline, question, step
from lecture.stage.drawing import swell
from lecture.stage.level_curves import level_curves
from lecture.stage.numbers import percent
from lecture.stage.scatter import Scatter
from lecture.words import _, computed
from scenes.experiments.confidence import CALIBRATION, bins, flexible
from scenes.parts.scene import WeightDecayScene

#: The draw that is shown.
SEED = 7
_GRID = np.linspace(-1, 1, 49)
_SQUARE = np.stack(np.meshgrid(_GRID, _GRID, indexing="ij"), axis=-1).reshape(-1, 2)


def _share(what: str, k: Any) -> Any:
    """A share of new points at a penalty, for words."""
    return computed(
        "shares[k]",
        percent,
        shares=lambda p: getattr(flexible(SEED).sweep, what),
        k=lambda p: k(flexible(SEED).sweep),
    )


class CalibrateConfidence(WeightDecayScene):
    """With the penalty of least validation loss a classifier is about as sure as it is right."""

    title = _("How sure against how often *right*")
    question_region = Region(
        RIGHT_HALF.right - 2.4, RIGHT_HALF.right, RIGHT_HALF.bottom + 1.35, RIGHT_HALF.bottom + 2.95
    )

    @step(
        say=_(
            "Sixty points of two classes that <overlap>overlap, and a <flexible>flexible classifier. Almost "
            "<without>without a penalty its boundary winds about single points. And on either <side>side it is sure."
        ),
        shows=_(
            "A square with sixty points, discs and triangles that overlap. A winding boundary, of a classifier with "
            "twenty products of the two coordinates, separates almost all of them."
        ),
        covers=("C8",),
    )
    def wind_about_single_points(self) -> None:
        style = self.style
        self.fit = flexible(SEED)
        self.sweep = self.fit.sweep
        data = self.sweep.data
        self.plane = Plane(LEFT_HALF, [[-1, -1], [1, 1]], style, labels=("@x1", "@x2"), margin=0.45)
        at = self.plane.c2p(data.X)
        discs = Scatter(at[data.y == 0], style.line, radius=0.08)
        triangles = VGroup(
            *(
                RegularPolygon(3, color=style.ink, fill_opacity=1, stroke_width=0).scale(0.12).move_to(a)
                for a in at[data.y == 1]
            )
        )
        self.place = ValueTracker(0.0)
        self.boundary = VMobject(color=style.ridge, stroke_width=4.5, fill_opacity=0)
        self.play(Write(self.make_title()), FadeIn(self.plane), run_time=1)
        self.wait_for("overlap")
        self.play(FadeIn(discs), run_time=1)
        self.play(FadeIn(triangles), run_time=1)
        self.wait_for("without")
        self._draw(self.boundary)
        self.play(Create(self.boundary), run_time=3)
        self.wait_for("side")
        self.play(swell(self.boundary, 10), run_time=1.2)
        self.follow(self.boundary, self._draw, self.place)

    def _theta(self) -> np.ndarray:
        """Weights at the current penalty."""
        along, theta = self.place.get_value(), self.sweep.theta
        k = min(int(along), len(theta) - 2)
        return theta[k] + (along - k) * (theta[k + 1] - theta[k])

    def _draw(self, curve: VMobject) -> None:
        """The line at which both classes are equally probable."""
        values = self.fit.probability(self._theta(), _SQUARE).reshape(len(_GRID), -1)
        curve.set_points(np.zeros((0, 3)))
        for piece in level_curves(values, 0.5):
            points = self.plane.c2p(-1 + 2 * piece / (len(_GRID) - 1))
            curve.start_new_path(points[0])
            curve.add_points_as_corners(points[1:])

    @question(
        ask=_(
            "Take the new points of which it is ninety to a hundred percent sure: that is most of them. About how "
            "many of these does it get right?"
        ),
        shows=_(
            "At the right empty axes: how sure, from 50 percent to 100, and how often right, with a diagonal."
        ),
        choices=(_("97%"), _("80%"), _("60%")),
        answer=1,
        covers=("C8",),
    )
    def ask_how_many_are_right(self) -> None:
        style = self.style
        region = Region(RIGHT_HALF.left, RIGHT_HALF.right, RIGHT_HALF.bottom + 0.75, RIGHT_HALF.top)
        self.chart = Chart(
            region,
            (0.5, 1.0),
            (0.4, 1.12),
            style,
            labels=(_("how sure"), _("how often right")),
            x_ticks={0.5: "0.5", 0.7: "0.7"},
            y_ticks={0.5: "0.5", 1: "1"},
        )
        ends = self.chart.c2p([0.5, 1.0], [0.5, 1.0])
        self.diagonal = dashed(polyline(ends, style.ink, 3))
        self.play(FadeIn(self.chart), Create(self.diagonal), run_time=1)

    @step(
        say=_(
            "Only eighty. Its bars stand <below>below the diagonal: it is <sure>{sure} sure, and <right>{right} right. "
            "Now let the penalty <grow>grow to the least validation loss. The boundary calms down, and the bars "
            "<rise>rise to the diagonal: as sure as right."
        ).format(sure=_share("confidence", lambda s: 0), right=_share("accuracy", lambda s: 0)),
        shows=_(
            "A smooth boundary. Five bars, one for each range of confidence, end near the diagonal. Over all new "
            "points it is {sure} sure and {right} right."
        ).format(sure=_share("confidence", lambda s: s.chosen), right=_share("accuracy", lambda s: s.chosen)),
        covers=("C8",),
        experiments=(CALIBRATION,),
    )
    def rise_to_the_diagonal(self) -> None:
        self.bars = VGroup(*(Line(stroke_width=34, color=self.style.ridge) for k in range(5)))
        self._stand(self.bars)
        self.readings = self._readings()
        self.play(swell(self.diagonal, 7), run_time=1.4)
        self.wait_for("below")
        self.play(FadeIn(self.bars), run_time=1)
        strength, shares = self.readings
        self.wait_for("sure")
        self.play(FadeIn(shares[:2]), run_time=0.8)
        self.wait_for("right")
        self.play(FadeIn(shares[2:]), run_time=0.8)
        self.follow(self.bars, self._stand, self.place)
        self.wait_for("grow")
        self.add(strength)
        self.play(self.place.animate(rate_func=linear).set_value(0.75 * self.sweep.chosen), run_time=3)
        self.wait_for("rise")
        self.play(self.place.animate(rate_func=linear).set_value(self.sweep.chosen), run_time=2.5)

    def _stand(self, bars: VGroup) -> None:
        """How often right, for each range of confidence; as opaque as there are many new points in it."""
        along = self.place.get_value()
        k = min(int(along), len(self.sweep.lams) - 2)
        one, other = bins(self.sweep, k), bins(self.sweep, k + 1)
        share = along - k
        for j, bar in enumerate(bars):
            right = np.nan_to_num((1 - share) * one.right[j] + share * other.right[j], nan=0.4)
            many = (1 - share) * one.share[j] + share * other.share[j]
            x = 0.55 + 0.1 * j
            bar.put_start_and_end_on(self.chart.c2p(x, 0.4), self.chart.c2p(x, max(float(right), 0.401)))
            bar.set_stroke(width=8 + 46 * np.sqrt(float(many)), opacity=1.0 if many > 0.002 else 0.0)

    def _readings(self) -> VGroup:
        """Penalty at the top right, and shares of all new points below the axes."""
        name = self.formula("@lam =", size=SMALL)
        strength = self.live_number(
            "np.exp(np.interp(k, np.arange(np.size(lams)), np.log(lams)))",
            self.place,
            decimals=9,  # powers of ten
            role="penalty",
            size=SMALL,
            variable="k",
            lams=self.sweep.lams,
        )
        penalty = VGroup(name, strength).arrange(RIGHT, buff=0.2)
        self.at_top_right(penalty)
        strength.follow_equals(name)
        parts = VGroup(
            self.words(_("sure"), role="dim", size=SMALL),
            self._live("confidence"),
            self.words(_("right"), role="dim", size=SMALL),
            self._live("accuracy"),
        ).arrange(RIGHT, buff=0.2)
        parts[2:].shift(0.4 * RIGHT)
        parts.move_to([RIGHT_HALF.center[0], RIGHT_HALF.bottom + 0.2, 0])
        return VGroup(penalty, parts)

    def _live(self, what: str) -> Any:
        return self.live_number(
            "np.interp(k, np.arange(np.size(shares)), shares)",
            self.place,
            role="ridge",
            size=SMALL,
            variable="k",
            shares=getattr(self.sweep, what),
        )

    @step(
        say=_(
            "And <beyond>beyond? With ten times that penalty nearly the same answers are right, but it dares to be "
            "only {sure} sure. The bars stand <above>above the diagonal. A penalty does not make answers "
            "<honest>honest; the <one>right one does."
        ).format(sure=_share("confidence", lambda s: s.beyond)),
        shows=_("Bars above the diagonal: the classifier is {sure} sure and {right} right.").format(
            sure=_share("confidence", lambda s: s.beyond), right=_share("accuracy", lambda s: s.beyond)
        ),
        covers=("C8",),
        experiments=(CALIBRATION,),
    )
    def go_beyond(self) -> None:
        self.wait_for("beyond")
        self.play(self.place.animate(rate_func=linear).set_value(self.sweep.beyond), run_time=7)
        self.wait_for("above")
        note = self.words(_("less sure than right"), role="dim", size=SMALL)
        note.move_to([self.chart.box.left + 0.3, self.chart.c2p(0.5, 1.07)[1], 0], aligned_edge=LEFT)
        self.play(FadeIn(note, shift=0.2 * UP, rate_func=rush_from), run_time=1.6)
        self.wait_for("honest")
        self.play(swell(self.diagonal, 7), run_time=1.2)
        self.wait_for("one")
        self.play(FadeOut(note), run_time=0.4)
        back = self.place.animate(rate_func=there_and_back).set_value(float(self.sweep.chosen))
        self.play(back, run_time=3)
        self.play(FadeIn(note), run_time=0.4)
