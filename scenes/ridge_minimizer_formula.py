"""From two forces in balance to the formula of the ridge minimizer."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Dot, FadeIn, FadeOut, GrowFromPoint, ValueTracker, VGroup

import wdmath
from lecture.stage import LEFT_HALF, SAFE, Arrow, clip, place, step, unless
from lecture.stage.backing import backed, place_backed
from lecture.stage.derivation import Birth, Derivation
from scenes.parts.eigen_picture import EigenPicture, HeartScene, heart_plane
from scenes.parts.penalty_scale import PenaltyScale, PenaltyTracker, decimals_for

EQUALS = 3.4  # where the equals signs stand
AT_REST, LONGEST = 1.3, 2.3  # lengths of a force arrow, in frame units


class RidgeMinimizerFormula(HeartScene):
    """Where the pull of the risk and the pull of the penalty cancel, one line of algebra finds the ridge minimizer."""

    title = "The *ridge minimizer*"

    @step(
        say=unless(
            "Add the penalty. It pulls the point towards zero until the risk pulls back just as hard.",
            is_zero="Add the penalty. It pulls every point towards zero; but θ̂ lies there already, and rests.",
            is_unpenalized="Add the penalty. With λ = 0 it does not pull yet: the point rests where the risk is least.",
            is_lost="Add the penalty. It pulls the point towards zero, and along the level floor nothing pulls back.",
        ),
        shows=unless(
            "The parameter plane with the arrow θ̂ and contours of the risk around its tip. A point has slid from "
            "the tip to where two arrows on it, minus the gradient of the risk and minus λθ, are equal and opposite.",
            is_zero="The parameter plane with contours of the risk around its minimizer θ̂ at the origin, and a point "
            "at rest there.",
            is_unpenalized="The parameter plane with the arrow θ̂ and contours of the risk around its tip, and a "
            "point at rest there.",
            is_lost="The parameter plane with the arrow θ̂ and contours of the risk, parallel to it. A point has slid "
            "from the tip along the level floor to the origin.",
        ),
        covers=("A6", "B5"),
    )
    def let_the_point_slide(self) -> None:
        problem, style = self.problem, self.style
        self.plane = heart_plane(problem, LEFT_HALF, style)
        self.picture = EigenPicture(self.plane, problem, style)
        contours, arrow = self.picture.contours, self.picture.arrow
        self.name = self.name_minimizer(self.picture, LEFT_HALF, avoid=self._room_of_pulls())
        self.add(self.make_title(), self.plane, contours)
        self.play(GrowFromPoint(arrow, self.plane.origin), FadeIn(self.name), run_time=1)

        way = self._way_to_rest()
        along = ValueTracker(0.0)

        def here() -> np.ndarray:
            at = along.get_value() * (len(way) - 1)
            k = min(int(at), len(way) - 2)
            return way[k] + (at - k) * (way[k + 1] - way[k])

        self.pulls = [
            Arrow([0, 0, 0], [1, 0, 0], color, width=5, tip=0.22).set_z_index(5)
            for color in (style.ink, style.penalty)
        ]
        self.point = Dot(radius=0.09, color=style.ridge).set_z_index(6)
        self.follow(self.point, lambda m: m.move_to(self.plane.c2p(here())))
        for k, pull in enumerate(self.pulls):
            self.follow(pull, lambda m, k=k: self._pull(m, k, here()))
        self.play(FadeIn(self.point, scale=2), FadeIn(*self.pulls), run_time=0.8)
        self.play(along.animate.set_value(1.0), run_time=3.5)
        for moving in (self.point, *self.pulls):
            moving.clear_updaters()
        self.pull_names: list[Any] = []
        for source, pull in zip(("-nabla tilde(R)(theta)", "-@lam theta"), self.pulls, strict=True):
            label = self.formula(source, size=38)
            seen = [contours, arrow, self.plane, *self.pulls, self.name, *self.pull_names]
            place(label, pull.end_point, avoid=seen, within=LEFT_HALF, prefer=(1, 0))
            self.pull_names.append(backed(label, self.style))
        self.point_name = place_backed(
            self.formula("theta", size=38),
            self.style,
            self.point.get_center(),
            avoid=[contours, arrow, self.plane, *self.pulls, self.name, *self.pull_names],
            within=LEFT_HALF,
        )
        self.play(*map(FadeIn, (self.point_name, *self.pull_names)), run_time=0.6)

    @step(
        say="At rest, the gradients of risk and penalty add up to zero.",
        shows="To the right the first line: the gradient of R̃ at θ plus λθ equals zero; each term has the color of "
        "its arrow.",
        covers=("A6", "B5"),
    )
    def write_the_balance(self) -> None:
        self.algebra = Derivation(
            [
                "{{ nabla tilde(R)(theta) : risk }} {{ + : plus }} {{ @lam theta : pull }} {{ = : eq }} {{ 0 : zero }}",
                "{{ H ( theta - @min ) : risk }} {{ + : plus }} {{ @lam theta : pull }} {{ = : eq }} {{ 0 : zero }}",
                "{{ H theta : left }} {{ + : plus }} {{ @lam theta : pull }} {{ = : eq }} {{ H @min : right }}",
                "{{ (H + @lam I) : sum }} {{ theta : theta }} {{ = : eq }} {{ H @min : right }}",
                "@ridge {{ = : eq }} {{ (H + @lam I)^(-1) : sum }} {{ H @min : right }}",
            ],
            self.style,
            x=EQUALS,
            top=1.85,
            spacing=1.0,
        )
        first = self.algebra.lines[0]
        self.play(
            Birth(
                first,
                {
                    "risk": VGroup(self.pulls[0], self.pull_names[0][1]),
                    "pull": VGroup(self.pulls[1], self.pull_names[1][1]),
                },
            ),
            run_time=1.8,
        )

    @step(
        say="For a quadratic risk the gradient is the Hessian times the way from the minimizer.",
        shows="A second line: H times (θ minus θ̂), plus λθ, equals zero.",
        covers=("A6", "B5"),
    )
    def insert_the_gradient(self) -> None:
        self.algebra.advance(
            self, 1, ("risk",), {"risk": "risk", "plus": "plus", "pull": "pull", "eq": "eq", "zero": "zero"}
        )

    @step(
        say="Bring H θ̂ to the other side, and collect what multiplies θ.",
        shows="Two more lines: H θ plus λθ equals H θ̂; then (H plus λ I) θ equals H θ̂.",
        covers=("A6", "B5"),
    )
    def collect_theta(self) -> None:
        self.algebra.advance(
            self, 2, ("risk",), {"left": "risk", "right": "risk", "plus": "plus", "pull": "pull", "eq": "eq"}
        )
        self.algebra.advance(
            self,
            3,
            ("left", "pull"),
            {"sum": ("left", "pull"), "theta": ("left", "pull"), "eq": "eq", "right": "right"},
        )

    @step(
        say="Invert, and the resting point has a formula: a linear transformation of θ̂.",
        shows="The last line: θ̂ ridge equals the inverse of (H plus λ I), times H, times θ̂. In the plane the arrow θ̂ "
        "ridge ends at the resting point.",
        covers=("A6", "B5"),
    )
    def invert(self) -> None:
        self.ridge = Arrow(
            self.plane.origin, self.plane.c2p(self.problem.ridge), self.style.ridge
        ).set_z_index(5)
        self.play(FadeOut(*self.pulls, *self.pull_names, self.point_name), run_time=0.6)
        self.ridge_name = place_backed(
            self.formula("@ridge"),
            self.style,
            self.ridge.end_point,
            avoid=[self.picture.contours, self.picture.arrow, self.ridge, self.plane, self.name],
            within=LEFT_HALF,
            prefer=(1, 0),
        )
        self.play(GrowFromPoint(self.ridge, self.plane.origin), FadeIn(self.ridge_name), run_time=1)
        self.remove(self.point)
        self.algebra.advance(
            self, 4, ("sum",), {"sum": "sum", "ridge": "theta", "eq": "eq", "right": "right"}
        )

    @step(
        say=unless(
            "As λ goes to zero, it returns to θ̂. But what happens on the way? H mixes the coordinates.",
            is_adrift="As λ goes to zero, it goes to the shortest minimizer. And on the way? H mixes the coordinates.",
            is_upright="As λ goes to zero, it returns to θ̂. And on the way? Here H is diagonal; in general it mixes "
            "the coordinates.",
        ),
        shows=unless(
            "The formula stands at the top right, below it the running λ and two lines: as λ goes to 0, θ̂ ridge goes "
            "to θ̂; as λ grows, θ̂ ridge goes to a question mark.",
            is_adrift="The formula stands at the top right, below it the running λ and two lines: as λ goes to 0, θ̂ "
            "ridge goes to the pseudoinverse of H times H θ̂; as λ grows, θ̂ ridge goes to a question mark.",
        ),
        covers=("A6", "B5"),
    )
    def let_lam_go_to_zero(self) -> None:
        self.play(FadeOut(*self.algebra.lines[:4]), run_time=0.6)
        last = self.algebra.lines[4]
        self.play(
            last.animate.move_to([SAFE.right, SAFE.top + 0.05, 0], aligned_edge=[1, 1, 0]), run_time=1.2
        )
        risk, origin = self.problem.risk, self.plane.origin
        lam = PenaltyTracker(PenaltyScale(risk.eigenvalues), self.problem.lam)
        label = self.formula("@lam =").next_to([EQUALS, 1.2, 0], [-1, 0, 0], buff=0)
        shown = self.live_number("lam", lam, decimals=decimals_for(self.problem.lam), role="penalty", size=44)
        shown.next_to(label, [1, 0, 0], buff=0.15)
        # Along a direction without curvature the limit is the shortest minimizer, not the given one.
        goal = "H^+ H @min" if self.problem.is_adrift else "@min"
        limit = self.formula(f"@lam -> 0 : quad @ridge -> {goal}").move_to([EQUALS, -0.1, 0])
        question = self.formula('@lam "grows": quad @ridge -> {{ med ? : penalty-question }}').move_to(
            [EQUALS, -1.4, 0]
        )
        self.follow(
            self.ridge,
            lambda m: m.put(origin, self.plane.c2p(wdmath.ridge_minimizer(risk, lam.get_value()))),
            lam,
        )
        self.play(FadeIn(label, shown), FadeOut(self.ridge_name), run_time=0.6)
        self.play(lam.animate.set_value(0.0), run_time=2.5)
        self.play(Birth(limit, {"ridge": last.select("ridge"), "minimizer": self.name}), run_time=1)
        self.play(lam.animate.set_value(self.problem.lam), run_time=2)
        self.ridge.clear_updaters()
        self.play(FadeIn(self.ridge_name, question), run_time=0.6)

    def _way_to_rest(self) -> np.ndarray:
        """Gradient flow on the regularized risk from the minimizer, at points evenly spaced along its way."""
        problem, risk = self.problem, self.problem.risk
        slowest, fastest = (risk.eigenvalues[k] + problem.lam for k in (-1, 0))
        times = np.array([0.0]) if problem.lam == 0 else np.geomspace(1e-3 / fastest, 14 / slowest, 600)
        flow = wdmath.gradient_flow(risk, risk.minimizer, times, lam=problem.lam)
        flow = np.vstack([risk.minimizer, flow, problem.ridge])
        length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(flow, axis=0).T))])
        even = np.linspace(0, length[-1], 200)
        return np.column_stack([np.interp(even, length, flow[:, axis]) for axis in range(2)])

    def _room_of_pulls(self) -> list[np.ndarray]:
        """The line on which both pulls lie at rest, where there are any."""
        size = float(np.hypot(*self.problem.ridge))
        if size == 0 or self.problem.lam == 0:
            return []
        along = self._length_at_rest() * self.problem.ridge / size
        at = self.plane.c2p(self.problem.ridge)[:2]
        return [np.array([at - along, at + along])]

    def _length_at_rest(self) -> float:
        """How long both pulls are at rest: as long as there is room for them on both sides of the point."""
        point = self.plane.c2p(self.problem.ridge)[:2]
        along = self.problem.ridge / np.hypot(*self.problem.ridge)
        ray = np.array([point - AT_REST * along, point + AT_REST * along])
        inside = clip(ray, self.plane.drawing_region)[0]
        return float(min(np.hypot(*(inside - point).T)))

    def _pull(self, arrow: Arrow, which: int, theta: np.ndarray) -> Arrow:
        """The pull of the risk (0) or of the penalty (1) at theta; at rest both are as long as reads well."""
        problem = self.problem
        force = -problem.risk.gradient(theta) if which == 0 else -problem.lam * theta
        at_rest = float(np.hypot(*(problem.lam * problem.ridge)))
        size = float(np.hypot(*force))
        if at_rest == 0 or size <= 1e-12 * at_rest:
            return arrow.put(self.plane.c2p(theta), self.plane.c2p(theta))
        start = self.plane.c2p(theta)
        length = min(self._length_at_rest() * size / at_rest, LONGEST)
        return arrow.put(start, start + length * np.array([*force, 0.0]) / size)
