"""The textbook figure made to move: ellipses of the risk, circles of the penalty, and the point where they touch."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    Create,
    Dot,
    FadeIn,
    FadeOut,
    LaggedStart,
    Line,
    UpdateFromAlphaFunc,
    VGroup,
    VMobject,
)

import wdmath
from lecture.stage import (
    LEFT_HALF,
    RIGHT_HALF,
    SAFE,
    Chart,
    Region,
    dashed,
    place,
    polyline,
    step,
    unless,
)
from lecture.stage.backing import backed
from lecture.stage.derivation import Birth
from lecture.stage.trace import Trace
from scenes.parts.eigen_picture import EigenPicture, HeartScene, heart_plane
from scenes.parts.penalty_scale import PenaltyScale, PenaltyTracker, decimals_for
from scenes.parts.touching import TouchingPair, dashed_circle

FARTHEST = 0.985  # of the penalty scale: the sweep ends where nothing more is to be seen


_FLAT_IS_HALVED = unless(
    "Start at λ = 0 and let it grow. At λ = σ₂ the component along q₂ is exactly halved.",
    is_zero="Start at λ = 0 and let it grow. Nothing moves: θ̂ lies at zero already.",
    is_adrift="Along q₂ the risk is flat and has no pull at all: there the smallest penalty takes everything.",
    is_singular="Along q₂ the risk is flat and has no pull at all; but there θ̂ has nothing to lose.",
    is_alone=lambda p: (
        "Start at λ = 0 and let it grow. At λ = σ₂ "
        + (
            "the factor of q₂ is one half, but θ̂ has no component there."
            if p.lone_direction == 1
            else "the component along q₂ is exactly halved, and it is all there is."
        )
    ),
    is_round="Start at λ = 0 and let it grow. At λ = σ₂ the component along q₂ is exactly halved, and so is the other.",
)
_STEEP_IS_HALVED = unless(
    "On to λ = σ₁, where the component along q₁ is halved too. The flat one gave way first.",
    is_zero="On to λ = σ₁. Its factor is one half, of nothing.",
    is_lost="On to λ = σ₁. Its factor is one half, but θ̂ has no component along q₁.",
    is_round="λ = σ₁ is the same λ: with equal eigenvalues neither component gives way first.",
    is_singular="On to λ = σ₁, where the component along q₁ is halved. Along q₂ nothing was left from the start.",
    is_alone=lambda p: (
        "On to λ = σ₁, where the component along q₁ is halved: all that θ̂ has."
        if p.lone_direction == 1
        else "On to λ = σ₁. The factor of q₁ is one half, but θ̂ has no component there."
    ),
)


class WhereForcesBalance(HeartScene):
    """At the ridge minimizer an ellipse of the risk touches a circle of the penalty, and the two pulls cancel."""

    title = "Where the forces *balance*"

    @step(
        say=unless(
            lambda p: (
                f"Solid {p.contours} are contours of the risk. It pulls every point to their center, θ̂."
            ),
            is_singular="Solid lines are contours of the risk. It pulls every point straight down to the level floor "
            "on which θ̂ lies.",
        ),
        shows=unless(
            lambda p: (
                f"The parameter plane with the point θ̂ and contours of the risk around it, solid {p.contours}; to the "
                "right R of θ, underlined solid."
            ),
            is_singular="The parameter plane with the point θ̂ and contours of the risk, solid parallel lines on both "
            "sides of it; to the right R of θ, underlined solid.",
        ),
        covers=("A9", "B11"),
    )
    def draw_the_ellipses(self) -> None:
        problem, style = self.problem, self.style
        self.plane = heart_plane(problem, LEFT_HALF, style)
        self.picture = EigenPicture(self.plane, problem, style)
        self.contours = self.picture.contours
        self.min_dot = Dot(
            self.plane.c2p(problem.risk.minimizer), radius=0.1, color=style.minimizer
        ).set_z_index(3)
        name = self.name_minimizer(self.picture, LEFT_HALF)
        self.name = backed(name, style)
        self.objective = self.formula(
            "{{ R(theta) : risk }} + {{ @lam / 2 norm(theta)^2 : penalty-term }}", size=60
        )
        self.objective.move_to([RIGHT_HALF.center[0], 0.4, 0])
        self.lines = [
            self._under(part, role) for part, role in (("risk", "line"), ("penalty-term", "penalty"))
        ]
        self.lines[1] = dashed(self.lines[1])
        self.add(self.make_title(), self.plane)
        self.play(FadeIn(self.min_dot, scale=2), FadeIn(self.name), run_time=0.8)
        if len(self.contours):  # a risk that is flat everywhere has none
            self.play(LaggedStart(*(Create(c) for c in self.contours), lag_ratio=0.25), run_time=1.8)
        self.play(FadeIn(self.objective.select("risk"), self.lines[0]), run_time=0.8)

    @step(
        say="Dashed circles are contours of the penalty. It pulls every point to their center, zero.",
        shows=unless(
            "Dashed circles around the origin are added, contours of the penalty; to the right plus λ halves times "
            "the squared norm of θ, underlined dashed.",
            is_zero="To the right plus λ halves times the squared norm of θ, underlined dashed.",
        ),
        covers=("A9", "B11"),
    )
    def draw_the_circles(self) -> None:
        size = float(np.hypot(*self.problem.risk.minimizer)) * self.plane.unit
        self.circles = VGroup()
        for share in (1 / 3, 2 / 3, 1.0):
            circle = VMobject(color=self.style.faded("penalty", 0.55), stroke_width=2.5, fill_opacity=0)
            toward = float(np.arctan2(*self.problem.risk.minimizer[::-1]))
            points = dashed_circle(self.plane.origin, share * size, toward, self.plane.drawing_region)
            self.circles.add(circle.set_points(points))
        self.play(LaggedStart(*(FadeIn(c, scale=0.6) for c in self.circles), lag_ratio=0.3), run_time=2)
        shown = self.objective.select("risk").submobjects
        self.play(FadeIn(*(g for g in self.objective if g not in shown), self.lines[1]), run_time=0.8)

    @step(
        say=unless(
            "Let an ellipse grow until it touches a circle: no point of that size has less risk. This is θ̂ "
            "ridge.",
            is_zero="Here both have the same center: risk and penalty are least at zero, and so is θ̂ ridge.",
            is_lost="The circle closes on zero, and zero lies on the floor itself: less risk there is nowhere. This "
            "is θ̂ ridge.",
            is_kept="Let a contour of the risk grow until it touches a circle. With so small a λ it hardly has to: θ̂ "
            "ridge lies on θ̂.",
            is_round="Let a circle of the risk grow until it touches one of the penalty: no point of that size has "
            "less risk. This is θ̂ ridge.",
            is_singular="Let a pair of lines part until one touches a circle: no point of that size has less risk. "
            "This is θ̂ ridge.",
        ),
        shows=unless(
            "One dashed circle is drawn strongly; one ellipse touches it from outside, and the point where they "
            "touch is θ̂ ridge.",
            is_zero="θ̂ ridge lies on θ̂, at the origin.",
            is_lost="θ̂ ridge lies at the origin.",
            is_kept="One dashed circle is drawn strongly; it passes through θ̂ ridge, which lies on θ̂.",
            is_round="One dashed circle is drawn strongly; one solid circle touches it from outside, and the point "
            "where they touch is θ̂ ridge.",
            is_singular="One dashed circle is drawn strongly; a solid line touches it from outside, and the point "
            "where they touch is θ̂ ridge.",
        ),
        covers=("A9", "B11"),
    )
    def grow_until_they_touch(self) -> None:
        problem = self.problem
        self.pair = TouchingPair(self.plane, problem, self.style, problem.lam)
        self.pair.enlarge_pulls(problem.lam, 0.8)  # drawn in the next step, but names leave them room now
        touch = wdmath.tangent_circle(problem.risk, problem.lam)
        pair = self.pair
        self.play(
            FadeIn(pair.circle),
            VGroup(self.contours, self.circles).animate.set_stroke(opacity=0.4),
            run_time=1,
        )
        self.play(
            UpdateFromAlphaFunc(pair.ellipse, lambda _, alpha: pair.set_level(touch.level * alpha**2)),
            run_time=2.2,
        )
        self.ridge_name = self._name_ridge()
        self.add(self.name)  # above the ellipse
        self.play(FadeIn(pair.point, scale=2), FadeIn(self.ridge_name), run_time=0.8)

    @step(
        say=unless(
            "Where two contours touch, the pull of the risk and the pull of the penalty are equal and "
            "opposite.",
            is_zero="At zero the pull of the risk and the pull of the penalty are both zero.",
            is_lost="At zero the pull of the risk and the pull of the penalty are both zero.",
            is_unpenalized="There the pull of the risk is zero, and with λ = 0 so is the pull of the penalty.",
        ),
        shows=unless(
            "Two arrows of equal length leave θ̂ ridge in opposite directions: minus the gradient of the risk, and "
            "minus λθ. At the top right: minus the gradient of R at θ̂ ridge equals λ times θ̂ ridge.",
            is_zero="At the top right: minus the gradient of R at θ̂ ridge equals λ times θ̂ ridge. Both are zero.",
            is_lost="At the top right: minus the gradient of R at θ̂ ridge equals λ times θ̂ ridge. Both are zero.",
            is_unpenalized="At the top right: minus the gradient of R at θ̂ ridge equals λ times θ̂ ridge. Both are "
            "zero.",
        ),
        covers=("A9", "B11"),
    )
    def weigh_the_forces(self) -> None:
        pair = self.pair
        self.law = self.formula("{{ -nabla R(@ridge) : pull }} = {{ @lam @ridge : decay }}")
        self.law.move_to([SAFE.right, SAFE.top + 0.05, 0], aligned_edge=[1, 1, 0])
        self.pull_names: list[Any] = []
        for source, arrow in (("-nabla R", pair.risk_pull), ("-@lam theta", pair.penalty_pull)):
            label = self.formula(source, size=38)
            self.pull_names.append(self._label(label, arrow.end_point, [self.ridge_name, *self.pull_names]))
        for arrow, name in zip((pair.risk_pull, pair.penalty_pull), self.pull_names, strict=True):
            self.play(Create(arrow), FadeIn(name), run_time=0.9)
        self.play(
            Birth(self.law, {"pull": self.pull_names[0][1], "decay": self.pull_names[1][1]}), run_time=1.5
        )

    @step(
        say=_FLAT_IS_HALVED,
        shows=unless(
            "λ has gone from zero to σ₂; the touching point has left θ̂ and draws the ridge path. On the right, over "
            "the scale of λ, the rising curve of the risk and the falling, dashed"
            " curve of the penalty, each as a share of its height.",
            is_zero="λ has gone from zero to σ₂. On the right the scale of λ.",
            is_singular="λ is at zero. On the right, over the scale of λ, the start of the curve of the risk and of "
            "the dashed curve of the penalty, each as a share of its height.",
        ),
        covers=("A9", "B11"),
    )
    def start_without_penalty(self) -> None:
        self._make_panel()
        self.play(
            FadeOut(self.ridge_name, *self.pull_names, *self.objective, *self.lines),
            FadeIn(self.chart, self.lam_name, self.lam_value),
            run_time=0.8,
        )
        self.remove(*self.pair)
        self.add(self.follow(self.pair, lambda m: m.set_lam(self.lam.get_value()), self.lam))
        box = self.chart.box
        self.follow(
            self.marker,
            lambda m: m.set_x(box.left + self.lam.position * box.width).set_y(box.center[1]),
            self.lam,
        )
        self.add(self.marker)
        self.play(self.lam.animate.set_value(0.0), run_time=1.5)
        self.pair.enlarged = 1.0
        self._watch_path()
        self.wait(0.4)
        self._sweep_to_eigenvalue(1)

    @step(
        say=_STEEP_IS_HALVED,
        shows=unless(
            "λ is at σ₁; the touching point has gone on towards zero, the ellipse has grown, the circle has shrunk.",
            is_zero="λ is at σ₁; θ̂ ridge is still at zero.",
            is_lost="λ is at σ₁; θ̂ ridge is still at zero.",
            is_round="λ is at σ₁, which is σ₂ too; the touching point has stayed where it was.",
            is_singular="λ is at σ₁; the touching point has gone on towards zero, the lines have parted, the circle "
            "has shrunk.",
        ),
        covers=("A9", "B11"),
    )
    def pass_the_steep_eigenvalue(self) -> None:
        self._sweep_to_eigenvalue(0)

    @step(
        say=unless(
            "As λ grows without bound, the circle closes on zero: the ridge path runs all the way from θ̂.",
            is_zero="As λ grows without bound, θ̂ ridge stays where it has always been, at zero.",
            is_lost="As λ grows without bound, θ̂ ridge stays at zero, where the smallest penalty has brought it.",
            is_adrift="As λ grows without bound, the circle closes on zero, and the ridge path ends there.",
        ),
        shows=unless(
            "The whole ridge path from θ̂ to zero. On the right the curve of the risk has reached its height and the "
            "dashed curve of the penalty has come down to nothing.",
            is_zero="θ̂ ridge on θ̂, at the origin. On the right λ near the end of its scale.",
            is_lost="θ̂ ridge at the origin. On the right λ near the end of its scale.",
            is_adrift="The whole ridge path, from the point of the level floor that is nearest to the origin, to "
            "zero. On the right the curve of the risk has reached its height and the dashed curve of the penalty has "
            "come down to nothing.",
        ),
        covers=("A9", "B11"),
    )
    def walk_to_zero(self) -> None:
        self.play(FadeOut(*self.remarks), run_time=0.5)
        self.play(self.lam.animate.set_value(self.lam.scale_.lam(FARTHEST)), run_time=3)

    def _under(self, part: str, role: str) -> Any:
        """A line under a term of the objective, drawn as its contours are."""
        term, y = self.objective.select(part), self.objective.get_bottom()[1] - 0.2
        return polyline(
            np.array([[term.get_left()[0], y], [term.get_right()[0], y]]), self.style.color(role), 4.5
        )

    def _label(self, label: Any, at: np.ndarray, avoid: list[Any]) -> VGroup:
        """A label on a patch of background, so that no circle runs through it."""
        pair = self.pair
        lines, marks = [pair.ellipse, pair.circle], [pair.point, pair.risk_pull, pair.penalty_pull]
        place(
            label,
            at,
            avoid=[*marks, self.name, self.min_dot, self.plane, *avoid],
            over=lines,
            within=LEFT_HALF,
        )
        return backed(label, self.style)

    def _name_ridge(self) -> VGroup:
        return self._label(self.formula("@ridge"), self.pair.point.get_center(), [])

    def _make_panel(self) -> None:
        """The scale of lambda on the right, and over it what the risk gains and what the penalty loses."""
        problem, style, risk = self.problem, self.style, self.problem.risk
        scale = PenaltyScale(risk.eigenvalues)
        self.lam = PenaltyTracker(scale, problem.lam)
        self.chart = Chart(
            Region(RIGHT_HALF.left, RIGHT_HALF.right, SAFE.bottom + 0.1, 0.75),
            (0, 1),
            (0, 1.02),
            style,
            x_ticks=_ticks(scale, risk.eigenvalues),
        )
        grid = np.linspace(0, FARTHEST, 400)
        touches = [wdmath.tangent_circle(risk, scale.lam(s)) for s in grid]
        gained = np.array([touch.level for touch in touches])
        held = np.array([touch.radius**2 / 2 for touch in touches])
        most = max(float(risk.value([0.0, 0.0])) - risk.constant, 1e-300), max(float(held[0]), 1e-300)
        self.curves = [
            Trace(self.chart.c2p(grid, gained / most[0]), style.ink),
            Trace(self.chart.c2p(grid, held / most[1]), style.penalty, dash=True),
        ]
        heights = (gained / most[0], held / most[1])
        self.path = Trace(self.plane.c2p([touch.point for touch in touches]), style.ridge)
        self.riders = [Dot(radius=0.08, color=color) for color in (style.ink, style.penalty)]
        self.marker = Line([0, 0, 0], [0, self.chart.box.height, 0], color=style.penalty, stroke_width=2)
        self.curve_names = [
            self.formula("R(theta) - R(@min)", size=38),
            self.formula("inline(1/2) norm(theta)^2", size=38, role="penalty"),
        ]
        box = self.chart.box
        self.curve_names[0].move_to([box.right, box.top + 0.2, 0], aligned_edge=[1, -1, 0])
        self.curve_names[1].move_to([box.left + 0.2, box.top + 0.2, 0], aligned_edge=[-1, -1, 0])
        self.lam_name = self.formula("@lam =").move_to([RIGHT_HALF.left, 2.05, 0], aligned_edge=[-1, 0, 0])
        self.lam_value = self.live_number(
            "lam", self.lam, decimals=decimals_for(problem.lam), role="penalty", size=44
        ).next_to(self.lam_name, [1, 0, 0], buff=0.15)
        self.remarks: list[Any] = []
        self._heights = lambda: [np.interp(self.lam.position, grid, h) for h in heights]

    def _watch_path(self) -> None:
        """From here on the path and the curves are drawn as far as lambda has come."""
        for trace in (self.path, *self.curves):
            self.follow(trace, lambda m: m.show(self.lam.position / FARTHEST), self.lam)
        self.add(self.path, *self.curves, self.pair, self.name)
        for k, rider in enumerate(self.riders):
            self.follow(
                rider,
                lambda m, k=k: m.move_to(self.chart.c2p(self.lam.position, self._heights()[k])),
                self.lam,
            )
        self.play(FadeIn(*self.riders, *self.curve_names), run_time=0.6)

    def _sweep_to_eigenvalue(self, which: int) -> None:
        """Let lambda grow to an eigenvalue and say what has become of that component."""
        sigma = float(self.problem.risk.eigenvalues[which])
        self.play(self.lam.animate.set_value(sigma), *map(FadeOut, self.remarks), run_time=3)
        label = f"@s{which + 1}"
        text, number = self.number_text(f"shrinkage_factors(risk.eigenvalues, lam)[{which}]", lam=sigma)
        factor = self.formula(f"{label} / ({label} + @lam) = {text}", size=40)
        self.remember(factor, number)
        factor.move_to([RIGHT_HALF.right, 2.05, 0], aligned_edge=[1, 0, 0])
        self.remarks = [factor, self._name_ridge()]
        self.play(*map(FadeIn, self.remarks), run_time=0.7)


def _ticks(scale: PenaltyScale, eigenvalues: np.ndarray) -> dict[float, str]:
    """Where 0, the eigenvalues and infinity lie on the scale, and what is written there."""
    steep, flat = (scale.position(sigma) for sigma in eigenvalues)
    ticks = {0.0: "0", 1.0: "infinity"}
    if steep == 0:
        return ticks
    if flat == 0:
        return ticks | {0.0: "0 = @s2", steep: "@s1"}
    if steep == flat:
        return ticks | {steep: "@s2 = @s1"}
    if steep - flat < 0.12:
        return ticks | {flat: "", steep: "@s2 \\, @s1"}
    return ticks | {flat: "@s2", steep: "@s1"}
