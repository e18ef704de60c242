"""The pull of a penalty can aim at any point, and every group of weights can have its own strength."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from manim import (
    Create,
    Dot,
    FadeIn,
    FadeOut,
    FadeTransform,
    Indicate,
    LaggedStart,
    Line,
    ReplacementTransform,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
    linear,
    rush_from,
)

from lecture.stage import (
    BODY,
    LEFT_HALF,
    RIGHT_HALF,
    SAFE,
    SMALL,
    STAGE,
    TITLE,
    Chart,
    Region,
    clip,
    polyline,
    step,
)
from lecture.stage.backing import BENEATH, backed, soft_edges
from lecture.stage.drawing import Dashes, set_dashed_ellipse, set_dashed_polyline, set_polyline, set_segments
from lecture.stage.numbers import spoken_number
from lecture.stage.scatter import Scatter
from lecture.words import _, computed
from scenes.experiments.sine import DEGREE, FEATURES, features
from scenes.parts.contours import risk_contours
from scenes.parts.noisy_sine import GRID, noisy_sine
from scenes.parts.parameter_plane import parameter_plane
from scenes.parts.penalty_scale import PenaltyScale, PenaltyTracker
from scenes.parts.scene import WeightDecayScene
from wdmath import QuadraticRisk, level_set_ellipse, ridge_path

# A risk with H = X^T X and its minimizer in the first quadrant, as least squares with the scale "half_sum".
RISK = QuadraticRisk([[1.2, 0.7], [0.7, 2.2]], [2.0, 1.15])
X = np.linalg.cholesky(RISK.hessian).T
Y = X @ RISK.minimizer
LAMS = np.concatenate([[0.0], np.geomspace(1e-2, 1e3, 80)])
SCALE = PenaltyScale(RISK.eigenvalues)
# The contour that the circle of the penalty touches at lambda 1.
TOUCHED = float(RISK.value(ridge_path(X, Y, 1.0, scale="half_sum").coefficients))
AIM = np.array([-0.6, 0.15])
# For the sheet of all pairs of penalties.
STRENGTHS = np.concatenate([[0.0], np.geomspace(0.15, 60, 8)])

# What is minimized, and the left edge of the formulas.
OBJECTIVE = "{{{{ @risk (@theta) + : risk }}}} {{{{ {} : penalty }}}}"
NORM = "@lam / 2 norm(@theta)^2"
COLUMN = 2.2

# The polynomial of the first scene, with a penalty for its degrees up to LOW and one for those above; both are tried
# at ten strengths.
LOW = 4
TRIED = np.geomspace(1e-3, 1.0, 10)
PAIR = (
    f"ridge_path({FEATURES.format('x')}, y, 1.0, scale='half_mean', intercept=True, "
    f"penalty_weights=[first] * {LOW} + [second] * {DEGREE - LOW})"
)
ERROR = f"np.mean(({PAIR}.predict({FEATURES.format('x_seen')}) - y_seen) ** 2) / 2"


def minimizer(lam: Any, target: Any = (0.0, 0.0), weights: Any = (1.0, 1.0)) -> np.ndarray:
    """Minimizer of the risk + lam/2 sum_j weights[j] (theta_j - target[j])^2, for one lam or many."""
    return ridge_path(X, Y, lam, scale="half_sum", target=target, penalty_weights=weights).coefficients


def fit_of(first: float, second: float) -> np.ndarray:
    """The polynomial's values over the grid with these two penalties."""
    data = noisy_sine()
    weights = [first] * LOW + [second] * (DEGREE - LOW)
    fit = ridge_path(
        features(data.x), data.y, 1.0, scale="half_mean", intercept=True, penalty_weights=weights
    )
    return fit.predict(features(GRID))


@cache
def validation_errors() -> np.ndarray:
    """The validation error for every pair of penalties, shape (10, 10): rows for the first."""
    data = noisy_sine()
    errors = np.empty((len(TRIED), len(TRIED)))
    for i, first in enumerate(TRIED):
        for j, second in enumerate(TRIED):
            weights = [first] * LOW + [second] * (DEGREE - LOW)
            fit = ridge_path(
                features(data.x), data.y, 1.0, scale="half_mean", intercept=True, penalty_weights=weights
            )
            errors[i, j] = np.mean((fit.predict(features(data.x_valid)) - data.y_valid) ** 2) / 2
    return errors


def best_pair(*, single: bool) -> tuple[float, float]:
    """The penalties with the least validation error; both the same if `single`."""
    errors = validation_errors()
    if single:
        errors = np.where(np.eye(len(TRIED), dtype=bool), errors, np.inf)
    i, j = np.unravel_index(int(errors.argmin()), errors.shape)
    return float(TRIED[i]), float(TRIED[j])


def _inputs(*, single: bool) -> dict[str, Any]:
    """Inputs of the validation error for the words of a step, made when they are needed."""
    return {
        "first": lambda _: best_pair(single=single)[0],
        "second": lambda _: best_pair(single=single)[1],
        **{
            name: (lambda _, name=name: noisy_sine().rows("valid")[name])
            for name in ("x", "y", "x_seen", "y_seen")
        },
    }


class DecayTowardsAnyPoint(WeightDecayScene):
    """Weights can decay towards any point and with any strength per group; zero and one {lam} are the usual choice."""

    title = _("Decay towards *any point*")

    def target(self) -> np.ndarray:
        return np.array([t.get_value() for t in self.aim])

    def strengths(self) -> np.ndarray:
        return np.array([t.get_value() for t in self.lams])

    def now(self) -> np.ndarray:
        """The minimizer at this moment."""
        return minimizer(1.0, self.target(), self.strengths())

    @step(
        say=_(
            "From here on, the <names>parameters are {theta}, and what training minimizes is the <risk>risk {risk}. "
            "Turn up {lam}: the minimizer <walks>walks from {min} all the way to zero."
        ),
        shows=_(
            "Contours of a risk around its minimizer. The path of the minimizer, drawn while lambda grew to 1000, "
            "leads from it to the origin. What is minimized is the risk plus the penalty."
        ),
        covers=("A3",),
    )
    def aim_at_zero(self) -> None:
        style = self.style
        self.aim = (ValueTracker(0.0), ValueTracker(0.0))
        self.lams = (PenaltyTracker(SCALE, 0.0), PenaltyTracker(SCALE, 0.0))
        around = np.array([[-2.32, -2.32], [2.32, 2.32]])
        self.plane = plane = parameter_plane(Region(SAFE.left, 1.3, STAGE.bottom, STAGE.top), around, style)
        # Below its axis, so that contours may pass above it.
        plane.axis_labels[0].next_to(plane.axes[0].get_end(), [0, -1, 0], buff=0.15)
        self.contours = risk_contours(plane, RISK, [0.4 * TOUCHED], style.line)
        touching = VMobject(color=style.line, stroke_width=2.5)
        self.follow(touching, lambda m: self.put_contour(m), *self.aim, *self.lams)
        self.contours.add(touching)
        self.best = Dot(plane.c2p(RISK.minimizer), radius=0.12, color=style.minimizer)
        self.best_name = backed(self.formula("@min"), style)
        self.path = VMobject(color=style.ridge, stroke_width=5)
        self.follow(
            self.path, lambda m: set_polyline(m, plane.c2p(minimizer(LAMS, self.target()))), *self.aim
        )
        self.point = Dot(radius=0.12, color=style.ridge)
        self.follow(self.point, lambda m: m.move_to(plane.c2p(self.now())), *self.aim, *self.lams)
        self.circle = VMobject(color=style.penalty, stroke_width=4).set_z_index(BENEATH)
        self.contours.set_z_index(BENEATH)
        self.add(soft_edges(plane.region, style))
        self.follow(self.circle, lambda m: self.put_circle(m), *self.aim, *self.lams)
        self.best_name.next_to(self.best, [1, 0, 0], buff=0.1)
        # The names of the scenes before, which become those of the lecture.
        before = self.formula("{{ @loss (@weights) + : risk }} {{ @lam / 2 @norm^2 : penalty }}")
        before.move_to([COLUMN, STAGE.top - 0.2, 0], aligned_edge=[-1, 1, 0])
        law = self.formula(OBJECTIVE.format(NORM)).move_to(before, aligned_edge=[-1, 0, 0])
        self.risk, self.cost = law.select("risk"), law.select("penalty")
        value = self.live_number("lam", self.lams[0], decimals=1, role="penalty")
        name = self.formula("@lam =", size=BODY)
        self.lam_row = VGroup(name, value.follow_equals(name))
        self.lam_row.next_to(law, [0, -1, 0], buff=0.6, aligned_edge=[-1, 0, 0])
        self.play(Write(self.make_title()), FadeIn(plane, before), run_time=1)
        self.play(FadeIn(self.best, scale=2), FadeIn(self.best_name, self.contours), run_time=0.8)
        self.wait_for("names")
        self.play(Indicate(plane.axis_labels, scale_factor=1.4, color=style.ink), run_time=1.4)
        self.wait_for("risk")
        self.play(
            *(
                ReplacementTransform(before.select(part), law.select(part), path_arc=-0.5)
                for part in ("risk", "penalty")
            ),
            FadeIn(self.lam_row),
            run_time=1.4,
        )
        self.wait_for("walks")
        self.walk_to_zero()

    def walk_to_zero(self) -> None:
        """Turn lambda up to where its pull is all there is; the path is drawn behind the point."""
        plane = self.plane
        trail = VMobject(color=self.style.ridge, stroke_width=5)
        values = np.concatenate([[0.0], np.geomspace(1e-3, 1e3, 241)])
        way = plane.c2p(minimizer(values))

        def draw(m: VMobject) -> None:
            lam = self.lams[0].get_value()
            set_polyline(m, np.vstack([way[:1], way[1:][values[1:] <= lam], plane.c2p(self.now())[None]]))

        self.follow(trail, draw, *self.lams)
        self.add(trail, self.circle, self.best, self.point)
        self.play(*(t.animate(rate_func=linear).set_value(1e3) for t in self.lams), run_time=4)
        self.remove(trail)
        self.add(self.path, self.circle, self.best, self.point)

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
        frame = self.plane.c2p(np.vstack([ring, ring[:1]]))
        pieces = clip(frame[:, :2], self.plane.region)
        start, end = (
            np.concatenate([piece[part] for piece in pieces]) for part in (slice(-1), slice(1, None))
        )
        set_segments(curve, *(np.column_stack([at, np.zeros(len(at))]) for at in (start, end)))

    def put_circle(self, curve: VMobject) -> None:
        """The level set of the penalty through the minimizer now; it touches a contour of the risk there."""
        away, strengths = self.now() - self.target(), np.maximum(self.strengths(), 1e-6)
        cost = strengths @ away**2
        across, up = self.plane.unit * np.sqrt(cost / strengths)
        set_dashed_ellipse(curve, self.plane.c2p(self.target()), across, up, within=self.plane.region)

    @step(
        say=_(
            "Nothing forces it to aim there. Put the <target>target {target} anywhere, say at the weights of an older "
            "model, and the path <leads>leads there instead."
        ),
        shows=_(
            "The pull now aims at a cross, the target {target}, left of the axis: the path leads there, and the dashed "
            "circle through the minimizer at lambda 1 is centered on it. The penalty is on the distance to {target}."
        ),
        covers=("A3",),
    )
    def aim_elsewhere(self) -> None:
        plane, style = self.plane, self.style
        arms = 0.16 * np.array([[[-1, -1, 0], [1, 1, 0]], [[-1, 1, 0], [1, -1, 0]]])
        self.cross = VGroup(*(Line(a, b, color=style.penalty, stroke_width=6) for a, b in arms))
        self.follow(self.cross, lambda m: m.move_to(plane.c2p(self.target())), *self.aim)
        self.name = self.formula("@target")
        self.follow(
            self.name, lambda m: m.move_to(plane.c2p(self.target()) + np.array([-0.22, -0.5, 0])), *self.aim
        )
        self.play(*(t.animate.set_value(1.0) for t in self.lams), run_time=1.4)
        self.wait_for("target")
        self.play(
            FadeIn(self.cross, scale=2),
            *self.charge("@lam / 2 norm(@theta - @target)^2"),
            FadeIn(self.name),
            run_time=1,
        )
        self.ghost = self.path.copy().clear_updaters().set_stroke(style.faded("ridge", 0.35))
        self.add(self.ghost, self.path, self.best, self.point)
        self.play(*(t.animate.set_value(v) for t, v in zip(self.aim, AIM, strict=True)), run_time=2.6)
        self.wait_for("leads")
        self.play(*(t.animate.set_value(100.0) for t in self.lams), run_time=1.2)
        self.play(*(t.animate.set_value(1.0) for t in self.lams), run_time=1.2)

    @step(
        say=_(
            "Then why zero? We do not <unknown>know whether the right weights are <sign>positive or negative; any of "
            "<any>these may be it. Zero takes <side>no side."
        ),
        shows=_(
            "Points with question marks, the mirror images of the minimizer in the four quadrants. The target is back "
            "at zero, in the middle, with four equal dashed lines to them, and the penalty is on the norm again."
        ),
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
        self.play(FadeOut(*gone), run_time=1.2)
        self.wait_for("unknown")
        self.play(Indicate(self.best, scale_factor=1.8, color=style.minimizer), run_time=1.2)
        self.wait_for("sign")
        self.play(FadeIn(dots, marks, lag_ratio=0.2), run_time=1.4)
        self.wait_for("any")
        self.play(FadeIn(rays), run_time=0.8)
        self.add(self.cross)
        self.wait_for("side")
        self.play(*(t.animate.set_value(0.0) for t in self.aim), run_time=1.6)
        zero = self.formula("{{ 0 : penalty }}").move_to(self.name)
        self.name.clear_updaters()
        self.play(*self.charge(NORM), FadeTransform(self.name, zero), run_time=0.8)
        self.name = zero
        self.guesses = VGroup(dots, marks, rays)

    @step(
        say=_(
            "And each <each>weight, or each layer, may have a {lam} of its <own>own. The <bend>circle becomes an "
            "ellipse, and the minimizer <leave>leaves the path of a single {lam}: all this <sheet>sheet is open to it."
        ),
        shows=_(
            "The penalty has two coefficients, {lam1} for the first weight, 3.0, and {lam2} for the second, 0.5. Its "
            "level set is a tall dashed ellipse. All minimizers for pairs form a mesh between the axes and {min}; the "
            "path of a single lambda runs through it."
        ),
        covers=("A2",),
    )
    def vary_the_strength(self) -> None:
        plane, style = self.plane, self.style
        rows = VGroup()
        for name, tracker in zip(("@lam1 =", "@lam2 ="), self.lams, strict=True):
            name = self.formula(name, size=BODY)
            value = self.live_number("lam", tracker, decimals=1, role="penalty", size=BODY)
            rows.add(VGroup(name, value.follow_equals(name)))
        rows.arrange([0, -1, 0], buff=0.35, aligned_edge=[-1, 0, 0])
        rows.move_to(self.lam_row, aligned_edge=[-1, 1, 0])
        self.rows = rows
        single = polyline(plane.c2p(minimizer(LAMS)), style.ridge, 5)
        mesh = VMobject(color=style.faded("ridge", 0.6), stroke_width=2)
        for held in STRENGTHS:
            for order in (1, -1):
                line = np.array(
                    [minimizer(1.0, weights=(held, v)[::order]) for v in np.concatenate([[0], LAMS[1::4]])]
                )
                corners = plane.c2p(line)
                mesh.start_new_path(corners[0])
                mesh.add_points_as_corners(corners[1:])
        # They were not on stage while the target moved back.
        for mobject in (self.circle, self.point, *self.contours):
            mobject.update()
        self.play(FadeOut(self.guesses, self.cross, self.name), run_time=0.5)
        self.wait_for("each")
        self.play(FadeIn(self.contours, self.circle, single, self.best, self.point), run_time=1.2)
        self.wait_for("own")
        self.play(FadeIn(rows), *self.charge("@lam1 / 2 @theta1^2 + @lam2 / 2 @theta2^2"), run_time=1)
        self.wait_for("bend")
        self.play(
            self.lams[0].animate.set_value(3.0), self.best_name.animate.shift([0.02, 0.28, 0]), run_time=1.8
        )
        self.wait_for("leave")
        self.play(self.lams[1].animate.set_value(0.5), run_time=1.8)
        self.wait_for("sheet")
        self.add(mesh, single, self.contours, self.circle, self.best, self.point)
        self.play(Create(mesh), run_time=2, rate_func=rush_from)

    @step(
        say=_(
            "Is it better? Our <ours>polynomial, with a single {lam}: <ten>ten trainings, validation error {one}. With "
            "<pairs>one for low, one for high degrees: <least>{two}, but a <hundred>hundred trainings."
        ).format(
            one=computed(ERROR, lambda v: spoken_number(v, 2), **_inputs(single=True)),
            two=computed(ERROR, lambda v: spoken_number(v, 2), **_inputs(single=False)),
        ),
        shows=_(
            "Left, the thirteen points of the first scene with two fits. Right, ten times ten dots for pairs of "
            "penalties, the smaller the less validation error: the best on the diagonal, a single lambda, has 0.039; "
            "the best of all, with a stronger penalty on high degrees, 0.028."
        ),
        covers=("A2",),
    )
    def search_for_two(self) -> None:
        style, data, errors = self.style, noisy_sine(), validation_errors()
        region = Region(LEFT_HALF.left, LEFT_HALF.right - 0.4, LEFT_HALF.bottom, LEFT_HALF.top + 0.1)
        picture = Chart(region, (-1.05, 1.05), (-2.0, 2.0), style, labels=("@x", "@y"))
        dots = Scatter(picture.c2p(data.x, data.y), style.ink, radius=0.09)
        rings = Scatter(picture.c2p(data.x_valid, data.y_valid), style.ink, radius=0.09, hollow=True)
        places = {0.001: "10^(-3)", 0.01: "10^(-2)", 0.1: "10^(-1)", 1.0: ""}
        grid = Chart(
            Region(RIGHT_HALF.left, RIGHT_HALF.right, RIGHT_HALF.bottom, RIGHT_HALF.top - 0.5),
            (0.0007, 1.5),
            (0.0007, 1.5),
            style,
            labels=(_("{lam} of degrees 1 to 4"), _("{lam} of degrees 5 to 11")),
            x_ticks={0.001: "10^(-3)", **dict.fromkeys((0.01, 0.1, 1.0), "")},
            y_ticks=places,
            x_log=True,
            y_log=True,
        )
        self.trials = VGroup()
        for (i, j), error in np.ndenumerate(errors):
            radius = 0.2 * np.sqrt(error / errors.max())
            self.trials.add(Dot(grid.c2p(TRIED[i], TRIED[j]), radius=radius, color=style.ink))
        count = len(TRIED)
        singles = VGroup(*(self.trials[k * (count + 1)] for k in range(count)))
        others = VGroup(*(dot for k, dot in enumerate(self.trials) if k % (count + 1)))
        self.chosen = VGroup()
        readings = VGroup()
        for single, name in ((True, _("one {lam}")), (False, _("two"))):
            first, second = best_pair(single=single)
            values = fit_of(first, second)
            curve = picture.curve(GRID, values, style.ridge, width=5)
            at = grid.c2p(first, second)
            ring = Scatter(at[None], style.ridge, radius=0.24, hollow=True).set_stroke(width=5)
            inputs: dict[str, Any] = {"first": first, "second": second, **data.rows("valid")}
            number = self.number(ERROR, digits=2, role="ridge", size=SMALL, **inputs)
            row = VGroup(self.words(name, role="ridge", size=SMALL), number).arrange(buff=0.25)
            readings.add(row)
            self.chosen.add(VGroup(Dashes(curve) if single else curve, ring))
        heading = self.words(_("validation error"), role="dim", size=SMALL)
        readings.arrange([1, 0, 0], buff=0.6)
        heading.next_to(readings, [-1, 0, 0], buff=0.3)
        block = VGroup(heading, readings).move_to([SAFE.right, RIGHT_HALF.top, 0], aligned_edge=[1, 0, 0])
        self.clear_stage()
        self.play(FadeIn(picture, rings, dots), run_time=0.8)
        self.wait_for("ours")
        self.play(FadeIn(grid), run_time=1)
        self.wait_for("ten")
        self.play(LaggedStart(*(FadeIn(d, scale=2) for d in singles), lag_ratio=0.3), run_time=1.6)
        self.play(Create(self.chosen[0][0]), FadeIn(self.chosen[0][1], heading, readings[0]), run_time=1)
        self.wait_for("pairs")
        self.play(LaggedStart(*(FadeIn(d, scale=2) for d in others), lag_ratio=0.02), run_time=2.4)
        self.wait_for("least")
        self.play(Create(self.chosen[1][0]), FadeIn(self.chosen[1][1], readings[1]), run_time=1.2)
        self.wait_for("hundred")
        self.play(Indicate(self.trials, scale_factor=1.06, color=style.ink), run_time=1.4)
        self.readings = block
