"""The heart: multiply each component by its factor, in one plane, and see the ridge minimizer move in the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    DOWN,
    BackgroundRectangle,
    FadeIn,
    FadeOut,
    Indicate,
    LaggedStart,
    Line,
    MathTypst,
    Rotate,
    Transform,
    Typst,
    VGroup,
    there_and_back,
)

from lecture.stage import BODY, Arrow, question, step, unless
from lecture.stage.backing import backed, place_backed
from lecture.stage.glyphs import drawable
from lecture.stage.text import literal_words, shortened
from lecture.words import Message, _
from scenes.parts.eigen_picture import HeartScene
from scenes.parts.heart_stage import LEFT, QUESTION, RIGHT, HeartStage
from scenes.parts.shrinking import Shrinking
from scenes.problem import Problem


def _coordinates_that_grow(problem: Problem) -> list[int]:
    """Coordinates that are visibly larger under the penalty than without it."""
    before, after = np.abs(problem.risk.minimizer), np.abs(problem.ridge)
    return [k for k in range(2) if after[k] > before[k] * 1.005 + 0.001 * before.max()]


def _bar_asked_for(problem: Problem) -> int | None:
    """The direction, 1 or 2, whose bar is halved somewhere and can be asked for; None where there is no such bar."""
    there = [problem.risk.eigenvalues[k] > 0 and problem.lone_direction in (None, k + 1) for k in range(2)]
    return None if problem.is_zero else 2 if there[1] else 1 if there[0] else None


def _ask(problem: Problem) -> Message:
    asked = _bar_asked_for(problem)
    if asked == 2:
        return _("Let {lam} grow to {s2}, and stop. How much of the bar along {q2} is left then?")
    if asked == 1:
        return _("Let {lam} grow to {s1}, and stop. How much of the bar along {q1} is left then?")
    return _("Let {lam} grow to {s1}, and stop. How large is the first factor then?")


def _turned_up(problem: Problem) -> Message:
    if problem.is_zero:
        return _(
            "<grow>Now the dial: turn {lam} up a little, and watch both planes. <right>Right, each component is "
            "multiplied by its own factor, <left>and left {ridge} follows. But zero stays zero."
        )
    if problem.lies_along_floor:
        return _(
            "<grow>Now the dial: turn {lam} up a little, and watch both planes. <right>Right, each component is "
            "multiplied by its own factor, <left>and left {ridge} follows. But all of it was gone before."
        )
    return _(
        "<grow>Now the dial: turn {lam} up a little, and watch both planes. <right>Right, each component is "
        "multiplied by its own factor. <left>Left, at the same time, {ridge} moves."
    )


def _stops(problem: Problem) -> Message:
    if problem.is_zero:
        return (
            _(
                "One half. <flat>{s2} over twice {s2}, {s1} over twice {s1}: <steep>but there is nothing to halve."
            )
            if (not problem.is_singular)
            else _("One half. <flat>{s1} over twice {s1}: <steep>but there is nothing to halve.")
        )
    if problem.is_round:
        return _(
            "Half as long. <flat>Both eigenvalues are equal here, so both bars are halved at once. <steep>Look left."
        )
    if problem.lies_along_floor:
        return _("One half. <flat>But along {q1} there was nothing, <steep>and along {q2} nothing is left.")
    if problem.lone_direction == 2:
        return _(
            "Half as long. <flat>At {s2} the one component is halved. <steep>At {s1} there is none to halve."
        )
    if problem.lone_direction == 1:
        return _(
            "Half as long. <flat>Along {q2} there is nothing to halve. <steep>At {s1} the one component is halved."
        )
    if problem.is_singular:
        return _(
            "Half as long. <flat>Along {q2} nothing is left at all. <steep>At {s1} the steep component is halved."
        )
    return _(
        "Half as long. <flat>At {lam} = {s2} the flat component is halved, {s2} over twice {s2}. <steep>At {s1} the "
        "steep one is halved."
    )


def _what_grows(problem: Problem) -> Message:
    grown = _coordinates_that_grow(problem)
    if grown:
        called = drawable(problem.parameters[grown[0]])
        if called:
            return _(
                "<table>But the coordinate “{name}” has grown. Shrinkage is a <promise>promise about eigencomponents "
                "and length, not about every coordinate."
            ).format(name=shortened(called, 40))
        if grown[0] == 0:
            return _(
                "<table>But {theta1} has grown. Shrinkage is a <promise>promise about eigencomponents and length, not "
                "about every coordinate."
            )
        return _(
            "<table>But {theta2} has grown. Shrinkage is a <promise>promise about eigencomponents and length, not "
            "about every coordinate."
        )
    return _(
        "<table>Here neither coordinate ends up visibly larger. That is not a rule: shrinkage is a <promise>promise "
        "about eigencomponents and length."
    )


class RescaleThenRotateBack(HeartScene):
    """The penalty multiplies the component along {qj} by {sj}/({sj} + {lam}), and nothing else."""

    title = _("*Rescale*, then rotate back")
    question_region = QUESTION

    @step(
        say=_turned_up,
        shows=unless(
            _(
                "Both planes and the dial, a little above zero. Right the two bars are shorter than their pale "
                "copies; left {ridge} has moved away from {min}."
            ),
            is_zero=_("Both planes and the dial, a little above zero; both components are zero."),
            lies_along_floor=_("Both planes and the dial, a little above zero; the ridge minimizer is zero."),
            is_singular=_(
                "Both planes and the dial, a little above zero. Right the bar along {q1} is shorter than its pale "
                "copy, along {q2} none is left; left {ridge} lies on {q1}."
            ),
        ),
        covers=("B9",),
    )
    def turn_the_dial(self) -> None:
        problem, style = self.problem, self.style
        self.stage = stage = HeartStage(self)
        sigma, scale = problem.risk.eigenvalues, stage.lam.scale_
        self.largest = 10 * float(max(sigma[0], problem.lam))
        self.end = scale.position(self.largest)
        lams = np.array([scale.lam(s) for s in np.linspace(0, self.end, 160)])
        self.big, self.small = (
            Shrinking(plane, problem, style, upright=upright, lams=lams).set_lam(0.0)
            for plane, upright in ((stage.left, False), (stage.right, True))
        )
        stage.label_limit()
        dial = stage.make_dial()
        left = stage.picture
        self.add(self.make_title(), stage.heart, stage.left, left.contours, left.directions, stage.q_names)
        self.add(stage.limit_name, stage.right, stage.turned.contours, stage.turned_name, stage.numbers)
        self.add(self.big, self.small, dial)
        for shrinking in (self.big, self.small):
            self.follow(shrinking, self._shrink, stage.lam)
        self._name_arrows()
        positive = [float(s) for s in sigma if s > 0]
        self.wait_for("grow")
        self.play(
            stage.heart.light("rescale"),
            FadeIn(stage.heart.mark("rescale")),
            FadeOut(stage.numbers, stage.limit_name),
            FadeIn(self.name, self.ridge_name),
            run_time=0.8,
        )
        self.play(stage.lam.animate.set_value(0.4 * min(positive)), run_time=2)
        self.wait_for("right")
        for factor in dial.factors:
            self.play(self._pulse(factor), run_time=1.2)
        self.wait_for("left")
        self.play(self._pulse(self.ridge_name), run_time=1)

    def _shrink(self, shrinking: Shrinking) -> None:
        lam = self.stage.lam
        shrinking.set_lam(lam.get_value()).walk(lam.position / self.end)

    @staticmethod
    def _pulse(mobject: Any) -> Any:
        return mobject.animate(rate_func=there_and_back).scale(1.1)

    def _name_arrows(self) -> None:
        """The labels on the left, clear of the whole path, so that they can stay where they are."""
        stage, problem = self.stage, self.problem
        path = self.compute(
            "ridge_minimizer(risk, lams)", lams=np.linspace(0, 1, 9)[1:] * (problem.lam or 1.0)
        )
        seen = [stage.picture, stage.left, *stage.q_names, stage.left.c2p(path)]
        self.ridge_name = place_backed(
            self.formula("@ridge"),
            self.style,
            stage.left.c2p(problem.ridge),
            avoid=seen,
            within=LEFT,
            prefer=(1, -0.3),
        )
        if not any(isinstance(part, BackgroundRectangle) for part in self.ridge_name):
            self.ridge_name = backed(self.ridge_name, self.style)  # the path may run under it
        self.name = place_backed(
            self.formula("@min"),
            self.style,
            stage.left.c2p(problem.risk.minimizer),
            avoid=[*seen, self.ridge_name],
            within=LEFT,
            prefer=stage.left.c2p(problem.risk.minimizer) - stage.left.origin,
        )

    @question(
        ask=_ask,
        choices=(
            unless(_("all"), is_zero=_("one"), lies_along_floor=_("one")),
            unless(_("half"), is_zero=_("one half"), lies_along_floor=_("one half")),
            unless(_("none"), is_zero=_("zero"), lies_along_floor=_("zero")),
        ),
        answer=1,
        shows=_(
            "The same picture, with the question how much of a bar will be left where {lam} equals its eigenvalue."
        ),
        covers=("B9",),
    )
    def predict_a_bar(self) -> None:
        k = (_bar_asked_for(self.problem) or 1) - 1
        bar, mark = self.small.bars[k], self.stage.dial.line.marks[k]
        self.play(
            bar.animate(rate_func=there_and_back).set_stroke(width=18),
            mark.animate(rate_func=there_and_back).scale(1.6),
            run_time=1.2,
        )

    @step(
        say=_stops,
        shows=unless(
            _(
                "{lam} stands on {s1}. Right the bar along {q1} is half as long as its pale copy, the other one "
                "shorter; short lines mark the halves. Left the path of {ridge} from {min}, bent towards the origin."
            ),
            is_zero=_("{lam} stands on {s1}, whose factor is one half; both components are zero."),
            lies_along_floor=_(
                "{lam} stands on {s1}, whose factor is one half; the ridge minimizer is zero."
            ),
            is_alone=_("{lam} stands on {s1}. Left the straight path of {ridge} towards the origin."),
            is_round=_(
                "{lam} stands on both eigenvalues, and both bars are half as long as their pale copies."
            ),
            is_singular=_(
                "{lam} stands on {s1}. Right the bar along {q1} is half as long as its pale copy, and along {q2} "
                "none is left."
            ),
        ),
        covers=("B9", "B10"),
    )
    def stop_at_the_eigenvalues(self) -> None:
        stage, problem = self.stage, self.problem
        sigma = problem.risk.eigenvalues
        self.halves = VGroup(*(self._half(k) for k in range(2) if sigma[k] > 0 and problem.components[k]))
        self.play(FadeIn(self.halves), run_time=0.4)
        self.wait_for("flat")
        first = float(sigma[1]) if sigma[1] > 0 else 0.5 * float(sigma[0])
        self.play(stage.lam.animate.set_value(first), run_time=4.4)
        self.wait_for("steep")
        self.play(stage.lam.animate.set_value(float(sigma[0])), run_time=1.8)

    def _half(self, k: int) -> Line:
        """A short line across a bar, half way along."""
        bar = self.small.pale[k]
        way = bar.get_end() - bar.get_start()
        across = 0.16 * np.array([-way[1], way[0], 0.0]) / max(float(np.hypot(*way[:2])), 1e-9)
        middle = (bar.get_start() + bar.get_end()) / 2
        return Line(middle - across, middle + across, color=self.style.ink, stroke_width=3).set_z_index(8)

    @step(
        say=unless(
            _(
                "<sweep>Beyond both, everything fades towards zero. <back>Now back to the {lam} of the formula, "
                "<arrow>and {ridge} stays there."
            ),
            is_zero=_(
                "<sweep>However far the dial goes, zero stays zero. <back>Now back <arrow>to the {lam} we had."
            ),
            is_unpenalized=_(
                "<sweep>Beyond both, everything fades towards zero. <back>Our {lam} is zero, so back to zero, "
                "<arrow>where {ridge} began."
            ),
            is_barely_shrunk=_(
                "<sweep>Beyond both, everything fades towards zero. <back>Our {lam} is small: <arrow>back there "
                "nothing can be seen to have changed."
            ),
        ),
        shows=unless(
            _(
                "Both planes and the dial at the {lam} of this problem; left the ridge path as a curve from {min} to "
                "the "
                "origin, pale."
            ),
            is_zero=_("Both planes and the dial at the {lam} of this problem; both components are zero."),
            has_floor_component=_(
                "Both planes and the dial at the {lam} of this problem; left the ridge path, pale, along {q1} to the "
                "origin."
            ),
            is_alone=_(
                "Both planes and the dial at the {lam} of this problem; left the ridge path as a straight line from "
                "{min} to the origin, pale."
            ),
            is_round=_(
                "Both planes and the dial at the {lam} of this problem; left the ridge path as a straight line from "
                "{min} to the origin, pale."
            ),
        ),
        covers=("B9", "B10"),
    )
    def sweep_the_penalty(self) -> None:
        lam = self.stage.lam
        self.wait_for("sweep")
        self.play(lam.animate.set_value(self.largest), run_time=2.4)
        for shrinking in (self.big, self.small):
            shrinking.path.set_stroke(color=self.style.faded("ridge", 0.45))
        self.wait_for("back")
        self.play(lam.animate.set_value(self.problem.lam), FadeOut(self.halves), run_time=2)
        for shrinking in (self.big, self.small):
            shrinking.clear_updaters()
            shrinking.walk(1.0)
        self.wait_for("arrow")
        self.play(self._pulse(self.ridge_name), run_time=1)

    @step(
        say=unless(
            _(
                "Once more, in one take. <rotate>Rotate into the eigenbasis, over there on the right, "
                "<rescale>rescale each component, <back>and rotate back. That is the formula."
            ),
            is_upright=_(
                "Once more, in one take. <rotate>Rotate, here by nothing, over there on the right, <rescale>rescale "
                "each component, <back>and rotate back. That is the formula."
            ),
        ),
        shows=_(
            "Both planes as before: a copy of {min} has gone to the right and turned, was shortened, and has come "
            "back and turned onto {ridge}. The whole formula is lit."
        ),
        covers=("B9",),
    )
    def rotate_back(self) -> None:
        stage, problem, style = self.stage, self.problem, self.style
        here, there = stage.left.origin, stage.right.origin
        heart = stage.heart
        traveler = Arrow(here, stage.left.c2p(problem.risk.minimizer), style.minimizer, width=8).set_z_index(
            7
        )
        away = (self.big.arrow, self.small.arrow, self.ridge_name)
        self.play(FadeOut(*away, heart.mark("rescale")), FadeIn(traveler), run_time=0.5)
        self.wait_for("rotate")
        self.play(
            heart.light("rotate"),
            FadeIn(heart.mark("rotate")),
            traveler.animate.shift(stage.across),
            run_time=0.9,
        )
        self.play(Rotate(traveler, -problem.angle, about_point=there), run_time=1.2)
        self.wait_for("rescale")
        short = Arrow(there, stage.right.c2p(problem.factors * problem.components), style.ridge, width=8)
        self.play(
            heart.light("rescale"),
            FadeOut(heart.mark("rotate")),
            FadeIn(heart.mark("rescale")),
            Transform(traveler, short),
            run_time=1.3,
        )
        self.wait_for("back")
        self.play(
            heart.light("back"),
            FadeOut(heart.mark("rescale")),
            FadeIn(heart.mark("back")),
            traveler.animate.shift(-stage.across),
            run_time=0.9,
        )
        self.play(Rotate(traveler, problem.angle, about_point=here), run_time=1.2)
        self.add(self.big, self.small, self.name)  # names over the lines, as before
        back = (self.small.arrow, self.ridge_name)
        self.play(heart.light("all"), FadeOut(traveler, heart.mark("back")), FadeIn(*back), run_time=0.5)

    @step(
        say=unless(
            _what_grows,
            is_zero=_("<table>Both coordinates are zero and stay so: <promise>the penalty can only shrink."),
            is_barely_shrunk=_("<table>So weak a penalty changes neither coordinate <promise>visibly."),
            is_round=_(
                "<table>Here both coordinates shrink by one factor, <promise>as the risk is equally steep in all "
                "directions."
            ),
            is_upright=_(
                "<table>Here the eigenvectors are the axes, so no coordinate can grow. Shrinkage is a <promise>promise "
                "about eigencomponents and length."
            ),
        ),
        shows=lambda p: (
            _(
                "{min} and {ridge} with coordinates and eigencomponents written beside them, before and after. One "
                "coordinate is marked as grown."
            )
            if _coordinates_that_grow(p)
            else _(
                "{min} and {ridge} with coordinates and eigencomponents written beside them, before and after."
            )
        ),
        covers=("B9",),
    )
    def compare_coordinates(self) -> None:
        stage = self.stage
        table = self._table()
        self.wait_for("table")
        self.play(
            FadeOut(stage.right, stage.turned.contours, self.small, stage.turned_name, stage.dial.factors),
            run_time=0.6,
        )
        self.play(LaggedStart(*(FadeIn(row, shift=0.1 * DOWN) for row in table), lag_ratio=0.5), run_time=4)
        self.wait_for("promise")
        for row in table[2:]:
            self.play(Indicate(row, scale_factor=1.08, color=self.style.ink), run_time=1.6)
        self.table = table

    def _table(self) -> VGroup:
        """A row for each coordinate and each component: its name, before, after."""
        ridge, z = "ridge_minimizer(risk, lam)", "risk.to_eigenbasis(risk.minimizer)"
        rows = [
            ("risk.minimizer[0]", f"{ridge}[0]"),
            ("risk.minimizer[1]", f"{ridge}[1]"),
            (f"{z}[0]", f"shrinkage_factors(risk.eigenvalues, lam)[0] * {z}[0]"),
            (f"{z}[1]", f"shrinkage_factors(risk.eigenvalues, lam)[1] * {z}[1]"),
        ]
        numbers = [
            (
                self.number(before, role="minimizer"),
                self.formula("->", role="dim", size=BODY),
                self.number(after, lam=self.problem.lam, role="ridge"),
            )
            for before, after in rows
        ]
        words = {k: self.words(_("grows")) for k in _coordinates_that_grow(self.problem)}
        widths = [max(part.width for part in column) + 0.25 for column in zip(*numbers, strict=True)]
        x = RIGHT.left + 0.4
        room = RIGHT.right - x - sum(widths) - max([0.0, *(word.width + 0.05 for word in words.values())])
        names = [
            *(self._coordinate(k, room) for k in range(2)),
            *(self.formula(f"@z{k}", size=BODY) for k in (1, 2)),
        ]
        table = VGroup(*(VGroup(name, *parts) for name, parts in zip(names, numbers, strict=True)))
        widths = [max(0.9, max(name.width for name in names) + 0.3), *widths]
        for column, width in zip(zip(*table, strict=True), widths, strict=True):
            for k, part in enumerate(column):
                part.move_to([x, 1.3 - 0.8 * k, 0], aligned_edge=[-1, 0, 0])
            x += width
        for k, word in words.items():
            word.next_to(table[k], [1, 0, 0], buff=0.3)
            table[k].add(word)
        for row in table:  # words stand on one baseline with the numbers
            for word in row:
                if isinstance(word, Typst) and not isinstance(word, MathTypst):
                    word.shift([0, row[3].get_bottom()[1] - _baseline(word), 0])
        return table.shift([min(0.0, RIGHT.right - table.get_right()[0]), 0, 0])  # powers of ten are wide

    def _coordinate(self, k: int, room: float) -> Any:
        """What a coordinate is called beside its numbers: as on its axis, as far as there is room."""
        name = drawable(self.problem.parameters[k])
        if name:
            return literal_words(name, self.style, size=BODY, width=max(1.0, room - 0.3))
        return self.formula(f"@theta{k + 1}", size=BODY)


def _baseline(text: Typst) -> float:
    """Where the letters of a line stand: the highest foot of those that are not small."""
    tallest = max(letter.height for letter in text)
    return max(float(letter.get_bottom()[1]) for letter in text if letter.height >= tallest / 2)
