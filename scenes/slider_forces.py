"""The balance of forces under the reader's hand: where ellipse and circle touch, for every penalty strength."""

from __future__ import annotations

from manim import Dot, linear

from lecture.stage import Region, step
from lecture.stage.backing import backed
from lecture.words import _
from scenes.parts.balance import Balance
from scenes.parts.eigen_picture import EigenPicture, HeartScene, heart_plane
from scenes.parts.penalty_scale import PenaltyScale, PenaltyTracker
from scenes.parts.sweep import FARTHEST, LEFT_PICTURE, RIGHT_PICTURE, SECONDS


class SliderForces(HeartScene):
    """At the ridge minimizer the pull of the risk and the pull of the penalty are equal and opposite."""

    title = _("Where the forces *balance*")

    @step(
        say=_(
            "Drag {lam}: the ellipse of the risk and the circle of the penalty always touch at the ridge minimizer."
        ),
        shows=_(
            "On the left the parameter plane: an ellipse of the risk touches a dashed circle around zero, and from "
            "the point where they touch two equal arrows, one solid and one dashed, pull in opposite directions. On "
            "the right, over {lam}, the risk, and dashed the penalty, in one unit."
        ),
    )
    def sweep_lambda(self) -> None:
        problem, style = self.problem, self.style
        self.lam = PenaltyTracker(PenaltyScale(problem.risk.eigenvalues), 0.0)
        self.plane = heart_plane(problem, LEFT_PICTURE, style)
        self.picture = EigenPicture(self.plane, problem, style)
        name = backed(self.name_minimizer(self.picture, LEFT_PICTURE), style)
        minimizer = Dot(
            self.plane.c2p(problem.risk.minimizer), radius=0.1, color=style.minimizer
        ).set_z_index(2)
        self.contours = self.picture.contours.set_stroke(opacity=0.4)
        region = RIGHT_PICTURE
        self.balance = Balance(
            self,
            self.plane,
            Region(region.left + 0.2, region.right, region.bottom, region.top - 0.95),
            self.lam,
            farthest=FARTHEST,
            end=FARTHEST,
        )
        followers = self.balance.follow(ahead=True)
        self.add(
            self.plane, self.contours, minimizer, self.balance.chart, *self.balance.names, *followers, name
        )
        end = self.lam.scale_.lam(FARTHEST)
        self.play(self.lam.animate.set_value(end), run_time=SECONDS, rate_func=linear)
