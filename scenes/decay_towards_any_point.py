"""The pull of a penalty can aim at any point, and every group of weights can have its own strength."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    Create,
    Dot,
    FadeIn,
    FadeOut,
    FadeTransform,
    Line,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
)

from lecture.stage import BODY, SAFE, STAGE, TITLE, Region, polyline, step
from lecture.stage.drawing import set_dashed_ellipse, set_dashed_polyline, set_polyline
from scenes.parts.contours import risk_contours
from scenes.parts.parameter_plane import parameter_plane
from scenes.parts.scene import WeightDecayScene
from wdmath import QuadraticRisk, level_set_ellipse, ridge_path

# A risk with H = X^T X and its minimizer in the first quadrant, as least squares with the scale "half_sum".
RISK = QuadraticRisk([[1.2, 0.7], [0.7, 2.2]], [2.0, 1.15])
X = np.linalg.cholesky(RISK.hessian).T
Y = X @ RISK.minimizer
LAMS = np.concatenate([[0.0], np.geomspace(1e-2, 1e3, 80)])
# The contour that the circle of the penalty touches at lambda 1.
TOUCHED = float(RISK.value(ridge_path(X, Y, 1.0, scale="half_sum").coefficients))
AIM = np.array([-0.6, 0.15])
# For the sheet of all pairs of penalties.
STRENGTHS = np.concatenate([[0.0], np.geomspace(0.15, 60, 8)])


# What is minimized, and the left edge of the formulas.
OBJECTIVE = "{{{{ R(theta) + : risk }}}} {{{{ {} : penalty }}}}"
COLUMN = 2.5


def minimizer(lam: Any, target: Any = (0.0, 0.0), weights: Any = (1.0, 1.0)) -> np.ndarray:
    """Minimizer of the risk + lam/2 sum_j weights[j] (theta_j - target[j])^2, for one lam or many."""
    return ridge_path(X, Y, lam, scale="half_sum", target=target, penalty_weights=weights).coefficients


class DecayTowardsAnyPoint(WeightDecayScene):
    """Weights can decay towards any point and with any strength per group; zero and one λ are the usual choice."""

    title = "Decay towards *any point*"

    def target(self) -> np.ndarray:
        return np.array([t.get_value() for t in self.aim])

    def strengths(self) -> np.ndarray:
        return np.array([t.get_value() for t in self.lams])

    def now(self) -> np.ndarray:
        """The minimizer at this moment."""
        return minimizer(1.0, self.target(), self.strengths())

    @step(
        say="So far the penalty pulls towards zero. As λ grows, the minimizer walks from θ̂ to the origin.",
        shows="Contours of a risk around its minimizer, in orange. A yellow path leads from it to the origin; on it "
        "the minimizer at lambda 1, where a dashed pink circle around the origin touches a contour.",
        covers=("A3",),
    )
    def aim_at_zero(self) -> None:
        style = self.style
        self.aim = (ValueTracker(0.0), ValueTracker(0.0))
        self.lams = (ValueTracker(0.0), ValueTracker(0.0))
        around = np.array([[-2.32, -2.32], [2.32, 2.32]])
        self.plane = plane = parameter_plane(Region(SAFE.left, 1.3, STAGE.bottom, STAGE.top), around, style)
        # Below its axis, so that contours may pass above it.
        plane.axis_labels[0].next_to(plane.axes[0].get_end(), [0, -1, 0], buff=0.15)
        self.contours = risk_contours(plane, RISK, [0.4 * TOUCHED], style.line)
        touching = VMobject(color=style.line, stroke_width=2.5)
        self.follow(touching, lambda m: self.put_contour(m), *self.aim, *self.lams)
        self.contours.add(touching)
        self.best = Dot(plane.c2p(RISK.minimizer), radius=0.12, color=style.minimizer)
        self.best_name = self.formula("@min")
        self.path = VMobject(color=style.ridge, stroke_width=5)
        self.follow(
            self.path, lambda m: set_polyline(m, plane.c2p(minimizer(LAMS, self.target()))), *self.aim
        )
        self.point = Dot(radius=0.12, color=style.ridge)
        self.follow(self.point, lambda m: m.move_to(plane.c2p(self.now())), *self.aim, *self.lams)
        self.circle = VMobject(color=style.penalty, stroke_width=4)
        self.follow(self.circle, lambda m: self.put_circle(m), *self.aim, *self.lams)
        self.best_name.next_to(self.best, [1, 0, 0], buff=0.1)
        law = self.formula(OBJECTIVE.format("lambda/2 norm(theta)^2"))
        law.move_to([COLUMN, STAGE.top - 0.2, 0], aligned_edge=[-1, 1, 0])
        self.risk, self.cost = law.select("risk"), law.select("penalty")
        value = self.live_number("lam", self.lams[0], decimals=1, role="penalty")
        self.lam_row = VGroup(self.formula("lambda =", role="penalty", size=BODY), value).arrange(buff=0.2)
        self.lam_row.next_to(law, [0, -1, 0], buff=0.6, aligned_edge=[-1, 0, 0])
        self.play(Write(self.make_title()), FadeIn(plane), run_time=1)
        self.play(FadeIn(self.best, scale=2), FadeIn(self.best_name, self.contours), run_time=0.8)
        self.play(FadeIn(self.risk, self.cost, self.lam_row), run_time=0.6)
        self.play(Create(self.path, suspend_mobject_updating=True), run_time=1.2)
        self.add(self.circle, self.best, self.point)
        self.play(*(t.animate.set_value(1.0) for t in self.lams), run_time=2.4)

    def charge(self, penalty: str) -> tuple[Any, Any]:
        """The animations in which another penalty takes the place of the one behind the risk."""
        law = self.formula(OBJECTIVE.format(penalty))
        law.shift(self.risk.get_center() - law.select("risk").get_center())
        old, self.cost = self.cost, law.select("penalty")
        return FadeOut(old), FadeIn(self.cost)

    def put_contour(self, curve: VMobject) -> None:
        """The contour of the risk through the minimizer now."""
        level = max(float(RISK.value(self.now())) - RISK.constant, 1e-9)
        ring = level_set_ellipse(RISK, level).points(72)
        set_polyline(curve, self.plane.c2p(np.vstack([ring, ring[:1]])))

    def put_circle(self, curve: VMobject) -> None:
        """The level set of the penalty through the minimizer now; it touches a contour of the risk there."""
        away, strengths = self.now() - self.target(), np.maximum(self.strengths(), 1e-6)
        cost = strengths @ away**2
        across, up = self.plane.unit * np.sqrt(cost / strengths)
        set_dashed_ellipse(curve, self.plane.c2p(self.target()), across, up, within=self.plane.region)

    @step(
        say="But nothing forces it to aim there. Put the target anywhere: the path leads to that point.",
        shows="The pull now aims at a pink cross, the target t, left of the axis: the path leads there, and "
        "the dashed circle is centered on it. The penalty reads lambda over 2 times the squared distance to t.",
        covers=("A3",),
    )
    def aim_elsewhere(self) -> None:
        plane, style = self.plane, self.style
        arms = 0.16 * np.array([[[-1, -1, 0], [1, 1, 0]], [[-1, 1, 0], [1, -1, 0]]])
        self.cross = VGroup(*(Line(a, b, color=style.penalty, stroke_width=6) for a, b in arms))
        self.follow(self.cross, lambda m: m.move_to(plane.c2p(self.target())), *self.aim)
        self.name = self.formula("{{ t : penalty }}")
        self.follow(
            self.name, lambda m: m.move_to(plane.c2p(self.target()) + np.array([-0.22, -0.5, 0])), *self.aim
        )
        self.play(FadeIn(self.cross, scale=2), run_time=0.6)
        self.play(*self.charge("lambda/2 norm(theta - t)^2"), FadeIn(self.name), run_time=1)
        self.ghost = self.path.copy().clear_updaters().set_stroke(style.faded("ridge", 0.35))
        self.add(self.ghost, self.path, self.best, self.point)
        self.play(*(t.animate.set_value(v) for t, v in zip(self.aim, AIM, strict=True)), run_time=3)

    @step(
        say="Then why zero? We do not know whether the right weights are positive or negative. Zero takes no"
        " side.",
        shows="Orange points with question marks, the mirror images of the minimizer in the four quadrants. The target "
        "is back at zero, in the middle, with four equal dashed lines to them, and the penalty is lambda over 2 "
        "times the squared norm again.",
        covers=("A3",),
    )
    def take_no_side(self) -> None:
        plane, style = self.plane, self.style
        images = plane.c2p(RISK.minimizer * np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]))
        dots = VGroup(*(Dot(p, radius=0.12, color=style.minimizer) for p in images[1:]))
        marks = VGroup(
            *(
                self.words("*?*", role="minimizer", size=TITLE).next_to(
                    p, np.sign(p - plane.origin) * [1, 0, 0], buff=0.15
                )
                for p in images[1:]
            )
        )
        rays = VGroup(*(VMobject(color=style.penalty, stroke_width=3.5) for _ in images))
        for ray, image in zip(rays, images, strict=True):
            self.follow(
                ray,
                lambda m, p=image: set_dashed_polyline(m, np.array([plane.c2p(self.target()), p])),
                *self.aim,
            )
        gone = (self.path, self.ghost, self.circle, self.point, self.contours, self.lam_row)
        self.play(FadeOut(*gone), run_time=0.6)
        self.play(FadeIn(dots, marks, lag_ratio=0.2), run_time=1)
        self.play(FadeIn(rays), run_time=0.6)
        self.add(self.cross)
        self.play(*(t.animate.set_value(0.0) for t in self.aim), run_time=2.2)
        zero = self.formula("{{ 0 : penalty }}").move_to(self.name)
        self.name.clear_updaters()
        self.play(*self.charge("lambda/2 norm(theta)^2"), FadeTransform(self.name, zero), run_time=0.8)
        self.name = zero
        self.guesses = VGroup(dots, marks, rays)

    @step(
        say="Give every layer its own λ, and the circle becomes an ellipse: here the first weight is pulled "
        "hardest.",
        shows="The penalty has two coefficients: lambda 1 is 3 for layer 1, lambda 2 is 0.5 for layer 2. Its level set "
        "is a tall dashed ellipse, and the minimizer has moved close to the vertical axis.",
        covers=("A2",),
    )
    def vary_the_strength(self) -> None:
        rows = VGroup()
        for k, tracker in enumerate(self.lams, start=1):
            name = self.formula(f'"layer {k}" quad {{{{ lambda_{k} = : penalty }}}}', size=BODY)
            value = self.live_number("lam", tracker, decimals=1, role="penalty", size=BODY)
            rows.add(VGroup(name, value).arrange(buff=0.2))
            value.align_to(name.submobjects[0], [0, -1, 0])  # the baseline
        rows.arrange([0, -1, 0], buff=0.35, aligned_edge=[-1, 0, 0])
        rows.move_to(self.lam_row, aligned_edge=[-1, 1, 0])
        self.rows = rows
        # They were not on stage while the target moved back.
        for mobject in (self.circle, self.point, *self.contours):
            mobject.update()
        self.play(FadeOut(self.guesses, self.cross, self.name), run_time=0.6)
        self.play(
            FadeIn(self.contours, self.circle, self.point),
            *self.charge("lambda_1/2 theta_1^2 + lambda_2/2 theta_2^2"),
            run_time=1,
        )
        self.play(FadeIn(rows), run_time=0.6)
        self.play(self.lams[0].animate.set_value(3.0), run_time=2)
        self.play(self.lams[1].animate.set_value(0.5), run_time=1.5)

    @step(
        say="But every λ must be searched for: ten values of two take a hundred trainings. Most of us use "
        "one.",
        shows="All minimizers for pairs of penalties form a yellow mesh around the origin and "
        "the minimizer; the thick path of a single lambda runs through "
        "it. Beside it: 1 lambda, 10 trainings; 2, 100; 20, ten to the twentieth.",
        covers=("A2",),
    )
    def search_for_one(self) -> None:
        plane, style = self.plane, self.style
        mesh = VMobject(color=style.faded("ridge", 0.6), stroke_width=2)
        for held in STRENGTHS:
            for order in (1, -1):
                line = np.array(
                    [minimizer(1.0, weights=(held, v)[::order]) for v in np.concatenate([[0], LAMS[1::4]])]
                )
                corners = plane.c2p(line)
                mesh.start_new_path(corners[0])
                mesh.add_points_as_corners(corners[1:])
        table = VGroup()
        for count, trainings in (("1", "10"), ("2", "10^2"), ("20", "10^20")):
            name = self.formula(f"{count} thin {{{{ lambda : penalty }}}}", size=BODY)
            table.add(VGroup(name, self.formula(f'{trainings} "trainings"', size=BODY)))
        names = VGroup(*(name for name, _ in table)).arrange([0, -1, 0], buff=0.4, aligned_edge=[1, 0, 0])
        names.move_to(self.lam_row, aligned_edge=[-1, 1, 0])
        for name, trainings in table:
            trainings.next_to(names, [1, 0, 0], buff=0.4)
            baselines = (row.submobjects[0].get_bottom()[1] for row in (name, trainings))
            trainings.shift([0, next(baselines) - next(baselines), 0])
        path = polyline(plane.c2p(minimizer(LAMS)), style.ridge, 5)
        self.play(FadeOut(self.rows, self.circle, self.point, self.contours), run_time=0.6)
        self.play(self.best_name.animate.shift([0.02, 0.28, 0]), run_time=0.4)
        self.play(Create(path), FadeIn(table[0]), run_time=1.5)
        self.add(mesh, path, self.best)
        self.play(Create(mesh), FadeIn(table[1]), run_time=2.5)
        self.play(FadeIn(table[2]), run_time=0.6)
