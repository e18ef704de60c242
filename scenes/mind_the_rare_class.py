"""A rare class: a large penalty loses it; weights bring it back, at the price that a moved threshold has, too."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    Create,
    Dot,
    FadeIn,
    FadeOut,
    GrowFromPoint,
    Indicate,
    RegularPolygon,
    ReplacementTransform,
    Square,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
    there_and_back,
)

from lecture.stage import (
    LEFT_HALF,
    RIGHT_HALF,
    SMALL,
    Arrow,
    Chart,
    Plane,
    Region,
    dashed,
    polyline,
    question,
    step,
)
from lecture.stage.drawing import swell
from lecture.stage.numbers import percent
from lecture.stage.scatter import Scatter
from lecture.stage.trace import Trace
from lecture.words import _, computed
from scenes.experiments.rare_class import RARE, RareClass, rare_class
from scenes.parts.scene import WeightDecayScene


def _found(weighted: bool, label: int) -> Any:
    """Share of a class that is found with the chosen penalty, for words."""
    return computed(
        "found[k]",
        percent,
        found=lambda p: rare_class(weighted).found(label),
        k=lambda p: rare_class(weighted).chosen,
    )


class MindTheRareClass(WeightDecayScene):
    """Decay loses a rare class; weighting finds it again, and costs as much of the common one as a threshold would."""

    title = _("The *rare* class, and its price")
    question_region = Region(RIGHT_HALF.left, RIGHT_HALF.right, -1.0, 1.0)

    @step(
        say=_(
            "A common class, and a <rare>rare one: one in <ten>ten. As the penalty <grows>grows, the weights shrink, "
            "but the bias does not. It votes with the crowd, the boundary <moves>moves away, and the rare class is "
            "lost."
        ),
        shows=_(
            "180 discs and 20 triangles, and a boundary that has moved past all triangles, beside a dashed ghost of "
            "where it was. Over the penalty, the share of the rare class that is found falls to zero; a mark shows the "
            "penalty of least validation loss, before the fall."
        ),
        covers=("C8",),
    )
    def lose_the_rare_class(self) -> None:
        style = self.style
        self.plain, self.fair = rare_class(), rare_class(True)
        fit = self.plain
        X, y = fit.data.X, fit.data.y
        self.plane = plane = Plane(LEFT_HALF, X, style, labels=("@x1", "@x2"))
        crowd = Scatter(plane.c2p(X[y == 0]), style.line, radius=0.055)
        rare = VGroup(
            *(
                RegularPolygon(3, color=style.ink, fill_opacity=1, stroke_width=0).scale(0.12).move_to(at)
                for at in plane.c2p(X[y == 1])
            )
        )
        chart = Chart(
            RIGHT_HALF,
            (1e-4, 1.0),
            (0.0, 1.05),
            style,
            labels=("@lam", _("share of the rare class found")),
            x_ticks={1e-3: "10^(-3)", 1e-2: "10^(-2)", 0.1: "0.1"},
            y_ticks={0: "0", 0.5: "0.5", 1: "1"},
            x_log=True,
        )
        recall = fit.found(1)
        trace = Trace(chart.c2p(fit.lams, recall), style.ridge, width=5)
        self.boundary = VMobject(color=style.ridge, stroke_width=5)
        place = ValueTracker(float(fit.chosen))
        self._draw(self.boundary, fit, float(fit.chosen))
        self.play(Write(self.make_title()), FadeIn(plane, crowd), run_time=1)
        self.wait_for("rare")
        self.play(FadeIn(rare), run_time=0.8)
        mark = polyline(chart.c2p([fit.lams[fit.chosen]] * 2, [0, recall[fit.chosen]]), style.penalty, 3.5)
        dashes = dashed(mark)
        at = Dot(chart.c2p(fit.lams[fit.chosen], recall[fit.chosen]), radius=0.1, color=style.ridge)
        least = self.words(_("least validation loss"), role="penalty", size=SMALL, width=4.4)
        least.move_to(chart.c2p(0.01, 0.9))
        self.wait_for("ten")
        self.play(FadeIn(chart, at, least), Create(dashes), Create(self.boundary), run_time=1)
        ghost = dashed(self.boundary.copy().set_color(style.faded("ridge", 0.5)))

        def follow(group: VGroup) -> None:
            trace.show(place.get_value() / (len(fit.lams) - 1))
            self._draw(self.boundary, fit, place.get_value())

        self.wait_for("grows")
        self.add(ghost)
        group = self.follow(VGroup(trace, self.boundary), follow, place)
        self.add(group)
        self.play(place.animate.set_value(0.6 * (fit.chosen + len(fit.lams) - 1)), run_time=4)
        self.wait_for("moves")
        self.play(place.animate.set_value(float(len(fit.lams) - 1)), run_time=2.2)
        group.clear_updaters()
        self.ghost, self.picture, self.old = (
            ghost,
            VGroup(plane, crowd, rare),
            (chart, trace, at, least, dashes),
        )

    def _draw(self, boundary: VMobject, fit: RareClass, along: float) -> None:
        """The line at which both classes are equally probable, where it crosses the plane's region."""
        a, b, c = (np.interp(along, range(len(fit.lams)), column) for column in fit.theta.T)
        normal = np.array([a, b])
        foot = -c * normal / (normal @ normal)
        across = np.array([-b, a]) / np.hypot(a, b)
        line = self.plane.c2p([foot - 30 * across, foot + 30 * across])
        boundary.set_points(polyline(line, self.style.ridge, within=self.plane.drawing_region).points)

    @question(
        ask=_(
            "So choose the penalty by validation, and let every rare example count nine times. More of the rare class "
            "will be found. What about the common one?"
        ),
        shows=_("The boundary of the fit with the chosen penalty, between discs and triangles."),
        choices=(_("nothing changes there"), _("less of it is found"), _("more of it is found")),
        answer=1,
        covers=("C8",),
    )
    def ask_for_the_price(self) -> None:
        self._draw(self.boundary, self.plain, float(self.plain.chosen))
        self.play(FadeOut(self.ghost, *self.old), FadeIn(self.boundary), run_time=0.6)

    @step(
        say=_(
            "The boundary <shift>shifts towards the common class. Of the rare one, <found>{more} are found instead of "
            "{few}. The <price>price: of the common one, <less>{less} instead of {all}. Another <threshold>threshold "
            "for the unweighted fit does the same."
        ).format(more=_found(True, 1), few=_found(False, 1), less=_found(True, 0), all=_found(False, 0)),
        shows=_(
            "The shares of both classes that are found, against each other: a dot for the fit without weights, a "
            "square for that with them, further right and lower; a curve of all thresholds runs through both."
        ),
        covers=("C8",),
        experiments=(RARE,),
    )
    def pay_the_price(self) -> None:
        style = self.style
        chart = Chart(
            RIGHT_HALF,
            (0.4, 1.0),
            (0.6, 1.02),
            style,
            labels=(_("rare ones found"), _("common ones found")),
            x_ticks={0.5: "0.5"},
            y_ticks={0.6: "0.6", 0.8: "0.8", 1: "1"},
        )
        ends = [
            (float(fit.found(1)[fit.chosen]), float(fit.found(0)[fit.chosen]))
            for fit in (self.plain, self.fair)
        ]
        self.add(*self.picture, self.boundary)  # each by itself: together with others they would be cleared
        self.clear_stage(self.picture, self.boundary)
        moved = VMobject(color=style.ridge, stroke_width=5)
        self._draw(moved, self.fair, float(self.fair.chosen))
        dot = Dot(chart.c2p(*ends[0]), radius=0.12, color=style.ridge)
        square = Square(0.22, color=style.ink, fill_opacity=1).move_to(chart.c2p(*ends[1]))
        self.play(FadeIn(chart, dot), run_time=0.6)
        self.wait_for("shift")
        ghost = dashed(self.boundary.copy().set_color(style.faded("ridge", 0.5)))
        self.add(ghost)
        self.play(ReplacementTransform(self.boundary, moved), run_time=1.5)
        name = self.words(_("weighted"), size=SMALL)
        name.next_to(square, DOWN + LEFT, buff=0.12)
        # To the right, and then down: what is gained, and what it costs.
        corner, end = chart.c2p(ends[1][0], ends[0][1]), square.get_center()
        gain, loss = (
            Arrow(at, to, style.color(role), width=4, tip=0.18)
            for at, to, role in ((dot.get_center(), corner, "ink"), (corner, end, "dim"))
        )
        square.move_to(dot)
        self.wait_for("found")
        self.play(square.animate.move_to(corner), GrowFromPoint(gain, dot.get_center()), run_time=1.6)
        self.wait_for("price")
        self.play(square.animate.move_to(end), GrowFromPoint(loss, corner), FadeIn(name), run_time=1.6)
        self.wait_for("less")
        self.play(Indicate(square, color=style.ink, scale_factor=1.8), run_time=2.2)
        trade = self.plain.trade(self.plain.chosen)
        inside = (trade[:, 0] > 0.4) & (trade[:, 1] > 0.6)
        curve = chart.curve(trade[inside, 0], trade[inside, 1], style.dim, dash=True)
        self.wait_for("threshold")
        text = self.words(_("all thresholds"), role="dim", size=SMALL)
        text.move_to(chart.c2p(0.42, 0.7), aligned_edge=LEFT)
        self.play(Create(curve), FadeIn(text), FadeOut(gain, loss), run_time=1.6)
        self.ends, self.axes, self.curve_name = ends, chart, text

    @step(
        say=_(
            "Weights or a threshold: both <choose>choose a point of one curve, and <which>which is right depends on "
            "what an error <cost>costs. A penalty cannot <tell>tell. Only do not let it <grow>grow until nothing is "
            "found."
        ),
        shows=_(
            "The same curve of thresholds, with its two points, and beside the axes what each of them costs."
        ),
        covers=("C8",),
        experiments=(RARE,),
    )
    def choose_a_point(self) -> None:
        style = self.style
        self.play(self.curve_name.animate(rate_func=there_and_back).scale(1.15), run_time=1.6)
        self.wait_for("choose")
        numbers, chart = VGroup(), self.axes
        for (rare, common), role in zip(self.ends, ("ridge", "ink"), strict=True):
            at = chart.c2p(rare, common)
            across = polyline(
                np.array([chart.c2p(0.4, common), at, chart.c2p(rare, 0.6)]), style.color(role), 2.5
            )
            numbers.add(dashed(across, 0.09))
        self.play(FadeOut(self.curve_name), Create(numbers[0]), run_time=1.2)
        self.wait_for("which")
        self.play(Create(numbers[1]), run_time=1.4)
        self.wait_for("cost")
        self.play(swell(numbers, 6), run_time=1.6)
        self.wait_for("tell")
        self.play(swell(numbers[1], 6), run_time=1)
        self.wait_for("grow")
        self.play(swell(numbers[0], 6), run_time=1.8)
