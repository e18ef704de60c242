"""Too much momentum swings past the bottom."""

from __future__ import annotations

from manim import FadeIn, ValueTracker

from lecture.stage import question, step
from lecture.words import _, computed
from momentum.descent import best_momentum
from momentum.parts import BELOW, ValleyScene

_MOST = 0.97


class TooMuchOvershoots(ValleyScene):
    """There is a best momentum; beyond it the ball swings past the bottom."""

    title = _("Too much *overshoots*")

    @question(
        ask=_("If some momentum is good, is more of it better?"),
        choices=(_("always"), _("up to a point")),
        answer=1,
        shows=_("The valley with the way of before, and two answers to choose from."),
    )
    def ask_for_more(self) -> None:
        self.show_valley()
        self.way = self.trail(self.problem.momentum, "momentum")
        self.play(FadeIn(self.way), run_time=1)

    @step(
        say=_(
            "<turn>Turn {momentum} up: beyond {best} the ball swings past the bottom, farther with every bit of memory."
        ).format(best=computed("best_momentum(valley, rate)", "{:.2f}".format, rate=lambda p: p.rate)),
        shows=_("Long swings along the valley, past the bottom and back, beside the value of the momentum."),
    )
    def turn_it_up(self) -> None:
        best = best_momentum(self.problem.valley, self.problem.rate)
        share = ValueTracker(self.problem.momentum)
        name = self.formula("@momentum =").move_to(BELOW.center)
        value = self.live_number("value", share, role="velocity").follow_equals(name)
        self.play(FadeIn(name, value), run_time=0.6)
        self.follow(self.way, lambda m: m.become(self.trail(share.get_value(), "momentum")), share)
        self.wait_for("turn")
        self.play(share.animate.set_value(min(best, _MOST)), run_time=2)
        self.play(share.animate.set_value(_MOST), run_time=3)
