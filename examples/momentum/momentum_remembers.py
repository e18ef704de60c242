"""With momentum, what goes across cancels and what goes along adds up."""

from __future__ import annotations

from manim import Create, FadeIn, Write

from lecture.stage import step
from lecture.words import _, computed
from momentum.parts import BELOW, ValleyScene


class MomentumRemembers(ValleyScene):
    """A part of the last step is kept: across the valley it cancels, along the valley it adds up."""

    title = _("Momentum *remembers*")

    @step(
        say=_(
            "Now the ball <keeps>keeps a part of its last step, {momentum} of it, and adds the slope to that."
        ),
        shows=_("The valley with the zigzag of before, and the rule of the heavy ball beside it."),
    )
    def keep_a_part(self) -> None:
        self.show_valley()
        self.before = self.trail(0.0, "plain").set_stroke(opacity=0.5)
        self.add(self.before)
        self.rule = self.formula("@velocity <- @momentum @velocity - @rate nabla @loss (@place)")
        self.rule.move_to(BELOW.center)
        self.wait_for("keeps")
        self.play(Write(self.rule), run_time=2)

    @step(
        say=_(
            "<across>Across the valley, left and right cancel. <along>Along it, small pushes add up. After {n} steps, "
            "{left} of the distance is left."
        ).format(
            n=lambda p: p.steps,
            left=computed(
                "distance(valley, start, rate, momentum, n)",
                "{:.1%}".format,
                rate=lambda p: p.rate,
                momentum=lambda p: p.momentum,
                n=lambda p: p.steps,
            ),
        ),
        shows=_("A second way, in another color, that soon runs along the floor and ends near the origin."),
    )
    def run_with_momentum(self) -> None:
        self.wait_for("across")
        trail = self.trail(self.problem.momentum, "momentum")
        early = trail.copy().pointwise_become_partial(trail, 0, 0.3)
        self.play(Create(early, rate_func=lambda t: t), run_time=1.8)
        self.wait_for("along")
        self.add(trail)
        self.remove(early)
        self.play(
            Create(trail.copy().pointwise_become_partial(trail, 0.3, 1), rate_func=lambda t: t), run_time=3
        )
        self.play(FadeIn(self.live()), run_time=0.6)

    def live(self) -> object:
        """What is left, as a number on screen."""
        p = self.problem
        left = self.number(
            "distance(valley, start, rate, momentum, n)",
            digits=2,
            template="norm(@place) / norm(@place _0) = {}",
            rate=p.rate,
            momentum=p.momentum,
            n=p.steps,
        )
        return left.next_to(self.rule, [1, 0, 0], buff=1.2)
