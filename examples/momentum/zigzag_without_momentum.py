"""Without momentum, steps go across the valley more than along it."""

from __future__ import annotations

from manim import FadeIn

from lecture.stage import question, step
from lecture.words import _, computed
from momentum.parts import ValleyScene


class ZigzagWithoutMomentum(ValleyScene):
    """Gradient descent crosses the valley again and again and creeps along its floor."""

    title = _("Descent without *momentum*")

    @step(
        say=_(
            "A long valley, seen from above: steep across, flat along its floor. A ball starts high on one side."
        ),
        shows=_("Narrow ellipses around the origin, and a ball at the upper right."),
    )
    def see_the_valley(self) -> None:
        self.show_valley()
        self.play(FadeIn(self.contours), run_time=1.5)

    @question(
        ask=_("Every step goes straight down the slope. Which way will the ball take to the bottom?"),
        choices=(_("the straight one"), _("across, and back, and across"), _("first down, then along")),
        answer=1,
        shows=_("The same picture, with three answers to choose from."),
    )
    def predict_the_way(self) -> None:
        pass

    @step(
        say=_(
            "Straight down the slope is <across>across the valley: over the floor and back, again and again, while the "
            "way along it hardly shrinks. After {n} steps, {left} of the distance is left."
        ).format(
            n=lambda p: p.steps,
            left=computed(
                "distance(valley, start, rate, 0.0, n)",
                "{:.0%}".format,
                rate=lambda p: p.rate,
                n=lambda p: p.steps,
            ),
        ),
        shows=_("A zigzag from the ball towards the floor of the valley, then slowly along it."),
    )
    def run_without_momentum(self) -> None:
        self.wait_for("across")
        self.run(self.trail(0.0, "plain"), 6)
