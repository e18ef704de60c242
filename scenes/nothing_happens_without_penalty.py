"""With λ = 0 every factor is 1, and turning back arrives where we started."""

from __future__ import annotations

import numpy as np
from manim import (
    FadeIn,
    FadeOut,
    Indicate,
    Rotate,
    ValueTracker,
    VGroup,
    Write,
    linear,
    rush_from,
    there_and_back,
)

from lecture.stage import SMALL, question, step, unless
from lecture.words import _
from scenes.parts.eigen_picture import HeartScene
from scenes.parts.heart_stage import QUESTION, HeartStage
from scenes.parts.shrinking import Shrinking


class NothingHappensWithoutPenalty(HeartScene):
    """Without a penalty the three stages undo each other: the ridge minimizer is the minimizer."""

    title = _("Without a *penalty*")
    question_region = QUESTION

    @step(
        say=unless(
            _(
                "<dial>The middle factor has a dial, {lam}. Leave it at zero. <identity>Then {Sigma} inverse times "
                "{Sigma} is the identity: <ones>both factors are one."
            ),
            is_singular=_(
                "<dial>The middle factor has a dial, {lam}. <identity>At zero {Sigma} has no inverse here, so let "
                "{lam} go to zero: <ones>one factor becomes one, without curvature it is zero."
            ),
        ),
        shows=unless(
            _(
                "The parameter plane, its turned copy, and below them the dial of {lam} at zero with both factors, "
                "1.00 and 1.00. The middle factor of the formula is lit; below it, {Sigma} inverse times {Sigma} is "
                "the identity."
            ),
            is_singular=_(
                "The parameter plane, its turned copy, and below them the dial of {lam} at zero with both factors, "
                "1.00 and 0.00. The middle factor of the formula is lit."
            ),
        ),
        covers=("B8",),
    )
    def set_penalty_to_zero(self) -> None:
        self.stage = stage = HeartStage(self)
        stage.heart.lit("rotate")
        self.mark = stage.heart.mark("rotate")
        self.add(self.make_title(), *stage.open_left(), *stage.open_right(), self.mark)
        dial = stage.make_dial()
        self.wait_for("dial")
        self.play(
            FadeOut(self.mark),
            stage.heart.light("rescale"),
            FadeIn(stage.heart.mark("rescale")),
            FadeIn(dial.value, dial.line),
            run_time=2.4,
        )
        self.wait_for("identity")
        underline, name = stage.heart.mark("rescale")
        self.identity = VGroup()
        if not self.problem.is_singular:
            identity = self.formula("@lam = 0: quad @Sigma^(-1) @Sigma = @identity", size=SMALL + 3)
            self.identity = identity.move_to(name, aligned_edge=np.array([0, 1, 0]))
            self.play(FadeOut(name), run_time=0.4)
            self.play(Write(self.identity, rate_func=linear), run_time=2.6)
        self.wait_for("ones")
        self.play(FadeIn(dial.factors), run_time=0.8)
        self.mark = VGroup(underline, *([name] if self.problem.is_singular else []))

    @question(
        ask=unless(
            _("Multiply both components by one, and turn back by {Q}. Where does the arrow land?"),
            is_zero=_(
                "Multiply both components, which are zero, and turn back by {Q}. Where does the arrow land?"
            ),
            has_floor_component=_(
                "Multiply one component by one, the other by zero, and turn back by {Q}. Where does the arrow land?"
            ),
            is_singular=_(
                "Multiply one component by one; the other is zero. Turn back by {Q}: where does the arrow land?"
            ),
        ),
        choices=(_("on {min}"), _("somewhere else")),
        answer=lambda p: int(p.has_floor_component),
        shows=_("The same picture, with the question where the arrow will land after turning back."),
        covers=("B8",),
    )
    def predict_the_landing(self) -> None:
        self.play(
            *(factor.animate(rate_func=there_and_back).scale(1.08) for factor in self.stage.dial.factors),
            run_time=1,
        )

    @step(
        say=unless(
            _("<times>Times one: each component stays exactly as long as it was. <same>So does their arrow."),
            is_zero=_("<times>Both components are zero already, <same>and stay so."),
            has_floor_component=_(
                "<times>The steep component stays as long as it was. <same>The other is gone: along the level floor "
                "every value is as good, and the smallest penalty takes it to zero."
            ),
            is_singular=_(
                "<times>The steep component stays as long as it was, <same>and along the level floor there is none "
                "to lose."
            ),
        ),
        shows=unless(
            _(
                "The two components on the right, as long as before; their arrow has the color of the ridge "
                "minimizer now."
            ),
            has_floor_component=_(
                "On the right the steep component, unchanged; the one along the flat direction has shrunk to zero, a "
                "pale bar shows how long it was."
            ),
        ),
        covers=("B8",),
    )
    def keep_every_component(self) -> None:
        stage = self.stage
        self.small = Shrinking(stage.right, self.problem, self.style, upright=True)
        self.wait_for("times")
        self.play(
            *(bar.animate(rate_func=there_and_back).set_stroke(width=18) for bar in stage.turned.bars),
            run_time=3.2,
        )
        self.remove(stage.turned)
        self.add(stage.turned.contours, self.small.pale, self.small.bars, self.small.drops, self.small.before)
        self.wait_for("same")
        share = ValueTracker(0.0)
        limit = self.compute("shrinkage_factors(risk.eigenvalues, 0.0)")
        self.follow(self.small, lambda m: m.put(1 + share.get_value() * (limit - 1)), share)
        self.play(share.animate.set_value(1.0), FadeIn(self.small.arrow), run_time=1.3, rate_func=rush_from)
        self.add(self.small)

    @step(
        say=unless(
            _(
                "<back>Turn back by {Q}: a copy goes left, and turns as a whole. <land>We "
                "arrive at {min} again: what the penalty does, it does in between. <limit>Were {s2} zero, there "
                "would be no inverse; its factor would go <short>to zero, and of all minimizers the "
                "smallest would be left."
            ),
            has_floor_component=_(
                "<back>Turn back by {Q}: a copy goes left, and turns as a whole. <land>We "
                "arrive at the <limit>shortest of all minimizers, <short>as good as {min}."
            ),
            is_singular=_(
                "<back>Turn back by {Q}: a copy goes left, and turns as a whole. <land>We "
                "arrive at {min} again: <limit>what the penalty does, <short>it does in between."
            ),
        ),
        shows=unless(
            _(
                "A copy of the right-hand picture has been turned back onto the left-hand plane and lies exactly on "
                "{min}: {ridge} equals {min}."
            ),
            has_floor_component=_(
                "A copy of the right-hand picture has been turned back onto the left-hand plane: the limit of "
                "{ridge} is the point of the level floor that is nearest to the origin."
            ),
        ),
        covers=("B8",),
    )
    def turn_back(self) -> None:
        stage, problem = self.stage, self.problem
        self.wait_for("back")
        self.play(
            FadeOut(self.mark, self.identity),
            stage.heart.light("back"),
            FadeIn(stage.heart.mark("back")),
            run_time=0.8,
        )
        moving = VGroup(stage.turned.contours.copy(), self.small.bars.copy(), self.small.arrow.copy())
        moving[2].set_z_index(5)
        self.play(moving.animate.shift(-stage.across), run_time=1.2)
        self.play(Rotate(moving, problem.angle, about_point=stage.left.origin), run_time=2.2)
        self.big = Shrinking(stage.left, problem, self.style, upright=False).set_lam(0.0)
        self.remove(moving, stage.picture.bars, stage.picture.drops, stage.picture.arrow)
        self.add(self.big)
        self.wait_for("land")
        stage.label_limit()
        self.play(FadeOut(stage.name), FadeIn(stage.limit_name), run_time=1.8)
        self.play(stage.heart.light("all"), FadeOut(stage.heart.mark("back")), run_time=2)
        if problem.is_singular:
            self.wait_for("limit")
            self.wait_for("short")
            return
        self.wait_for("limit")
        self.play(Indicate(stage.dial.factors[1], scale_factor=1.25, color=self.style.eig2), run_time=2.2)
        self.wait_for("short")
        self.play(self.big.bars[0].animate(rate_func=there_and_back).set_stroke(width=18), run_time=2.2)
