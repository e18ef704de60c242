"""From two forces in balance to the formula of the ridge minimizer."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    Circle,
    Create,
    DashedLine,
    Dot,
    FadeIn,
    FadeOut,
    GrowFromPoint,
    Indicate,
    ValueTracker,
    VGroup,
    VMobject,
    there_and_back,
)

import wdmath
from lecture.stage import BODY, LEFT_HALF, SAFE, Arrow, Region, clip, place, question, step, unless
from lecture.stage.backing import backed, place_backed
from lecture.stage.derivation import Birth, Derivation
from lecture.stage.drawing import set_polyline, set_segments
from lecture.stage.scatter import Scatter
from lecture.stage.trace import Trace
from lecture.words import _
from scenes.parts.eigen_picture import EigenPicture, HeartScene, heart_plane, reach
from scenes.parts.heart_stage import LEFT
from scenes.parts.parameter_plane import parameter_plane
from scenes.parts.penalty_line import PenaltyLine
from scenes.parts.penalty_scale import PenaltyScale, PenaltyTracker, decimals_for

EQUALS = 3.4  # where the equals signs stand
AT_REST, LONGEST = 1.3, 2.3  # lengths of a force arrow, in frame units
WIDE = Region(SAFE.left, 1.3, SAFE.bottom, 2.85)  # where the map is seen
BESIDE = Region(2.0, SAFE.right, SAFE.bottom, 2.5)
RING, CHORDS = 24, 9  # points on the ring, and grid lines in it each way


class RidgeMinimizerFormula(HeartScene):
    """Where the pull of the risk and the pull of the penalty cancel, one line of algebra finds the ridge minimizer."""

    title = _("The *ridge minimizer*")
    question_region = Region(BESIDE.left - 0.3, BESIDE.right, -2.4, -1.2)

    @step(
        say=unless(
            _(
                "Add the penalty, and let a point go at {min}. <slide>The penalty pulls it towards zero, until the "
                "risk pulls back just as hard. <rest>There it rests."
            ),
            is_zero=_(
                "Add the penalty, and let a point go at {min}. <slide>The penalty pulls towards zero; but the point "
                "lies there already, <rest>and rests."
            ),
            is_unpenalized=_(
                "Add the penalty, and let a point go at {min}. <slide>With {lam} = 0 nothing pulls yet: <rest>the "
                "point rests where the risk is least."
            ),
            lies_along_floor=_(
                "Add the penalty, and let a point go at {min}. <slide>The penalty pulls it towards zero, and along "
                "the level floor the risk does not hold it. <rest>There it rests."
            ),
        ),
        shows=unless(
            _(
                "The parameter plane with the arrow {min} and contours of the risk around its tip. A point has slid "
                "from the tip to where two arrows on it, minus the gradient of the risk and minus {lam} times "
                "{theta}, are equal and opposite."
            ),
            is_zero=_(
                "The parameter plane with contours of the risk around its minimizer {min} at the origin, and a point "
                "at rest there."
            ),
            is_unpenalized=_(
                "The parameter plane with the arrow {min} and contours of the risk around its tip, and a point at "
                "rest there."
            ),
            lies_along_floor=_(
                "The parameter plane with the arrow {min} and contours of the risk, parallel to it. A point has slid "
                "from the tip along the level floor to the origin."
            ),
        ),
        covers=("A6", "B5"),
    )
    def let_the_point_slide(self) -> None:
        problem, style = self.problem, self.style
        self.plane = heart_plane(problem, LEFT_HALF, style)
        self.picture = EigenPicture(self.plane, problem, style)
        contours, arrow = self.picture.contours, self.picture.arrow
        self.name = self.name_minimizer(self.picture, LEFT_HALF, avoid=self._room_of_pulls())
        # As the scene before leaves it.
        dot = Dot(self.plane.c2p(problem.risk.minimizer), radius=0.1, color=style.minimizer).set_z_index(4)
        self.objective = self.at_top_right(
            self.formula(
                "@regmodel (@theta) = @model (@theta) + {{ @lam / 2 norm(@theta)^2 : penalty-added }}"
            )
        )
        added = self.objective.select("penalty-added")
        self.add(self.make_title(), self.plane, contours, dot, self.name)
        left = VGroup(*(glyph for glyph in self.objective if glyph not in added.submobjects))
        self.play(FadeIn(left), GrowFromPoint(arrow, self.plane.origin), run_time=0.9)
        self.play(FadeIn(added, shift=np.array([-0.3, 0, 0])), run_time=0.7)
        self.remove(dot, left, added)
        self.add(self.objective)

        way = self._way_to_rest()
        along = ValueTracker(0.0)

        def here() -> np.ndarray:
            at = along.get_value() * (len(way) - 1)
            k = min(int(at), len(way) - 2)
            return way[k] + (at - k) * (way[k + 1] - way[k])

        self.pulls = [
            Arrow([0, 0, 0], [1, 0, 0], color, width=5, tip=0.22, dash=dash).set_z_index(5)
            for color, dash in ((style.minimizer, False), (style.penalty, True))
        ]
        self.point = Dot(radius=0.09, color=style.ridge).set_z_index(6)
        self.follow(self.point, lambda m: m.move_to(self.plane.c2p(here())))
        for k, pull in enumerate(self.pulls):
            self.follow(pull, lambda m, k=k: self._pull(m, k, here()))
        self.play(FadeIn(self.point, scale=2), FadeIn(*self.pulls), run_time=0.8)
        self.wait_for("slide")
        self.play(along.animate.set_value(1.0), run_time=3.5)
        for moving in (self.point, *self.pulls):
            moving.clear_updaters()
        self.pull_names: list[Any] = []
        sources = ("{{ -@modelgradient (@theta) : minimizer }}", "{{ -@lam @theta : penalty }}")
        for source, pull in zip(sources, self.pulls, strict=True):
            label = self.formula(source, size=38)
            seen = [contours, arrow, self.plane, *self.pulls, self.name, *self.pull_names]
            place(label, pull.end_point, avoid=seen, within=LEFT_HALF, prefer=(1, 0))
            self.pull_names.append(backed(label, self.style))
        self.point_name = place_backed(
            self.formula("@theta", size=38),
            self.style,
            self.point.get_center(),
            avoid=[contours, arrow, self.plane, *self.pulls, self.name, *self.pull_names],
            within=LEFT_HALF,
        )
        self.wait_for("rest")
        self.play(*map(FadeIn, (self.point_name, *self.pull_names)), run_time=0.6)

    @step(
        say=_("At rest, the <add>gradients of risk and penalty add up to <zero>zero."),
        shows=_(
            "To the right the first line: the gradient of {model} at {theta} plus {lam} times {theta} equals zero; "
            "each term has the color of its arrow."
        ),
        covers=("A6", "B5"),
    )
    def write_the_balance(self) -> None:
        self.algebra = Derivation(
            [
                "{{ {{ @modelgradient (@theta) : minimizer }} : risk }} {{ + : plus }} "
                "{{ {{ @lam @theta : penalty }} : pull }} {{ = : eq }} {{ 0 : zero }}",
                "{{ @hessian ( @theta - @min ) : risk }} {{ + : plus }} {{ {{ @lam @theta : penalty }} : pull }} "
                "{{ = : eq }} {{ 0 : zero }}",
                "{{ @hessian @theta : left }} {{ + : plus }} {{ {{ @lam @theta : penalty }} : pull }} {{ = : eq }} "
                "{{ @hessian @min : right }}",
                "{{ (@hessian + @lam @identity) : sum }} {{ @theta : theta }} {{ = : eq }} {{ @hessian @min : right }}",
                "@ridge {{ = : eq }} {{ (@hessian + @lam @identity)^(-1) : sum }} {{ @hessian @min : right }}",
            ],
            self.style,
            x=EQUALS,
            top=1.85,
            spacing=1.0,
        )
        first = self.algebra.lines[0]
        self.wait_for("add")
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
        self.wait_for("zero")
        self.play(Indicate(first.select("zero"), scale_factor=1.6, color=self.style.ink), run_time=0.9)

    @step(
        say=_(
            "The first one we know from the model. <constant>A constant has no slope, <times>and half a square gives "
            "{hessian} times the way from {min}."
        ),
        shows=_(
            "A second line: {hessian} times ({theta} minus {min}), plus {lam} times {theta}, equals zero."
        ),
        covers=("A5", "A6", "B5"),
    )
    def insert_the_gradient(self) -> None:
        model = self.formula(
            "@model (@theta) = {{ @risk (@min) : constant }} + {{ 1/2 (@theta - @min)^top @hessian (@theta - @min) : "
            "second }}",
            size=BODY + 4,
        ).move_to([SAFE.right, -0.45, 0], aligned_edge=[1, 1, 0])  # below the line that it leads to
        mark = self.algebra.mark(0, "risk")
        self.play(Create(mark), FadeIn(model), run_time=0.8)
        self.wait_for("constant")
        self.play(model.select("constant").animate.set_color(self.style.dim), run_time=0.6)
        self.wait_for("times")
        parents = {part: self.algebra.part(0, part) for part in ("plus", "pull", "eq", "zero")}
        self.play(Birth(self.algebra.lines[1], {"risk": model.select("second"), **parents}), run_time=1.5)
        self.play(FadeOut(mark, model), self.algebra.rest(0), run_time=0.6)

    @step(
        say=_(
            "<bring>Bring {hessian} {min} to the other side, <collect>and collect what multiplies {theta}."
        ),
        shows=_(
            "Two more lines: {hessian} {theta} plus {lam} {theta} equals {hessian} {min}; then ({hessian} plus {lam} "
            "{identity}) {theta} equals {hessian} {min}."
        ),
        covers=("A6", "B5"),
    )
    def collect_theta(self) -> None:
        self.wait_for("bring")
        self.algebra.advance(
            self, 2, ("risk",), {"left": "risk", "right": "risk", "plus": "plus", "pull": "pull", "eq": "eq"}
        )
        self.wait_for("collect")
        self.algebra.advance(
            self,
            3,
            ("left", "pull"),
            {"sum": ("left", "pull"), "theta": ("left", "pull"), "eq": "eq", "right": "right"},
        )

    @step(
        say=_("<arrow>Invert, and the resting point has a formula: <line>a linear transformation of {min}."),
        shows=_(
            "The last line: {ridge} equals the inverse of ({hessian} plus {lam} {identity}), times {hessian}, times "
            "{min}. In the plane the arrow {ridge} ends at the resting point."
        ),
        covers=("A6", "B5"),
    )
    def invert(self) -> None:
        self.ridge = Arrow(
            self.plane.origin, self.plane.c2p(self.problem.ridge), self.style.ridge
        ).set_z_index(5)
        self.wait_for("arrow")
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
        self.wait_for("line")
        self.algebra.advance(
            self, 4, ("sum",), {"sum": "sum", "ridge": "theta", "eq": "eq", "right": "right"}
        )

    @step(
        say=unless(
            _(
                "Where it rests depends on {lam}, so turn it down. <zero>As {lam} goes to zero, it returns to {min}. "
                "<back>But {hessian} mixes the coordinates: which way did it take?"
            ),
            has_floor_component=_(
                "Where it rests depends on {lam}, so turn it down. <zero>As {lam} goes to zero, it goes to the "
                "shortest minimizer. <back>But {hessian} mixes the coordinates: which way did it take?"
            ),
            is_upright=_(
                "Where it rests depends on {lam}, so turn it down. <zero>As {lam} goes to zero, it returns to {min}. "
                "<back>Here {hessian} is diagonal; in general it mixes the coordinates."
            ),
        ),
        shows=unless(
            _(
                "The formula stands at the top right, below it the running {lam}, and: as {lam} goes to 0, {ridge} "
                "goes to {min}."
            ),
            has_floor_component=_(
                "The formula stands at the top right, below it the running {lam}, and: as {lam} goes to 0, {ridge} "
                "goes to the pseudoinverse of {hessian} times {hessian} {min}."
            ),
        ),
        covers=("A6", "B5"),
    )
    def let_lam_go_to_zero(self) -> None:
        self.play(FadeOut(*self.algebra.lines[:4], self.ridge_name, self.objective), run_time=0.6)
        self.heart = last = self.algebra.lines[4]
        self.play(
            last.animate.move_to([SAFE.right, SAFE.top + 0.05, 0], aligned_edge=[1, 1, 0]), run_time=1.0
        )
        risk, origin = self.problem.risk, self.plane.origin
        self.lam = PenaltyTracker(PenaltyScale(risk.eigenvalues), self.problem.lam)
        name = self.formula("@lam {{ = : equals }}").move_to([BESIDE.left, 1.35, 0], aligned_edge=[-1, 0, 0])
        shown = self.live_number(
            "lam", self.lam, decimals=decimals_for(self.problem.lam), role="penalty", size=44
        ).follow_equals(name)
        self.value = VGroup(name, shown)
        # Along a direction without curvature the limit is the shortest minimizer, not the given one.
        goal = "@hessian^+ @hessian @min" if self.problem.has_floor_component else "@min"
        limit = self.formula(f"@lam -> 0 : quad @ridge -> {goal}").move_to(
            [BESIDE.left, 0.2, 0], aligned_edge=[-1, 0, 0]
        )
        self.limit = limit.shift([min(0.0, BESIDE.right - limit.get_right()[0]), 0, 0])
        self.follow(
            self.ridge,
            lambda m: m.put(origin, self.plane.c2p(wdmath.ridge_minimizer(risk, self.lam.get_value()))),
            self.lam,
        )
        self.play(FadeIn(self.value), run_time=0.5)
        self.wait_for("zero")
        self.play(self.lam.animate.set_value(0.0), run_time=2)
        self.play(Birth(limit, {"ridge": last.select("ridge"), "minimizer": self.name}), run_time=0.8)
        self.wait_for("back")
        self.play(self.lam.animate.set_value(self.problem.lam), run_time=2)
        self.play(FadeIn(self.ridge_name), run_time=0.5)

    @step(
        say=unless(
            _(
                "<map>Do not watch one arrow: see the whole map. <ring>A ring of possible minimizers, <ours>ours "
                "among them."
            ),
            is_zero=_(
                "<map>Do not watch one arrow: see the whole map. <ring>A ring of other minimizers, <ours>as ours is "
                "zero and stays there."
            ),
        ),
        shows=unless(
            _(
                "The plane around the origin; on a circle with a grid in it twenty-four points, {min} is one of them."
            ),
            is_zero=_(
                "The plane around the origin; on a circle with a grid in it twenty-four points, {min} in its middle."
            ),
        ),
        covers=("A6", "B5"),
    )
    def see_the_map(self) -> None:
        style, problem = self.style, self.problem
        size = reach(problem)
        self.wide = parameter_plane(WIDE, size * np.array([[1.08, 1.08], [-1.08, -1.08]]), style, name="map")
        self.wait_for("map")
        self.ridge.clear_updaters()
        arrows = (self.ridge, self.ridge_name, self.picture.arrow)
        ours = problem.risk.minimizer
        self.ours = Dot(self.plane.c2p(ours), radius=0.12, color=style.minimizer).set_z_index(5)
        self.play(
            FadeOut(self.picture.contours, self.limit, self.name, *arrows),
            FadeIn(self.ours),
            self.lam.animate.set_value(0.0),
            run_time=0.6,
        )
        self.play(
            self.ours.animate.move_to(self.wide.c2p(ours)), *self.plane.carry_to(self.wide), run_time=1.4
        )
        self._leave_on_stage(self.wide)
        self.dial = PenaltyLine(self, self.lam, BESIDE.left, BESIDE.right - 0.5, 0.1)
        angle = float(np.arctan2(*problem.risk.minimizer[::-1]))
        turns = angle + 2 * np.pi * np.arange(RING) / RING
        self.ring = size * np.column_stack([np.cos(turns), np.sin(turns)])
        self.mix = ValueTracker(0.0)
        self.ghost = Circle(
            radius=size * self.wide.unit, color=style.faded("minimizer", 0.6), stroke_width=2.5
        )
        self.ghost.move_to(self.wide.origin)
        self.grid = self.follow(
            VMobject(color=style.faded("ink", 0.45), stroke_width=1.8, fill_opacity=0),
            self._put_grid,
            self.lam,
            self.mix,
        )
        self.hull = self.follow(
            VMobject(color=style.ridge, stroke_width=3, fill_opacity=0), self._put_hull, self.lam, self.mix
        )
        self.dots = self.follow(
            Scatter(self.wide.c2p(self.ring), style.ridge, radius=0.075).set_z_index(4),
            lambda m: m.move_dots(self._moved(self.ring)),
            self.lam,
            self.mix,
        )
        self.wait_for("ring")
        self.play(Create(self.ghost), FadeIn(self.grid), run_time=1)
        self.play(FadeIn(self.dots, scale=1.1), FadeIn(self.dial), run_time=0.7)
        name = place(
            self.formula("@min"), self.wide.c2p(ours), avoid=[self.wide, self.dots], prefer=ours, within=WIDE
        )
        self.ours_name = backed(name, style)
        self.wait_for("ours")
        self.play(
            self.ours.animate(rate_func=there_and_back).scale(1.6), FadeIn(self.ours_name), run_time=0.8
        )

    @question(
        ask=_("When {lam} grows, do all points head straight for the middle?"),
        choices=(_("yes, all"), _("only a few")),
        answer=lambda p: int(not p.is_round),
        shows=_(
            "The ring of points around the origin, and the question whether all of them move straight to the middle "
            "as {lam} grows."
        ),
        covers=("A6", "B5"),
    )
    def predict_the_paths(self) -> None:
        self.play(self.dots.animate.scale(1.06), rate_func=there_and_back, run_time=1.0)

    @step(
        say=unless(
            _(
                "<flatten>The ring flattens onto one line, and nearly every point bends towards it first. "
                "<shrink>Only then the line shrinks."
            ),
            is_round=_(
                "<flatten>Here the matrix is one number times the identity: the ring stays round, every path is "
                "straight, <shrink>and all shrink by one factor."
            ),
            is_singular=_(
                "<flatten>The smallest penalty flattens the ring onto one line: nothing holds the points along the "
                "level floor. <shrink>Then the line shrinks."
            ),
        ),
        shows=unless(
            _(
                "The ring has been flattened along one direction to a thin ellipse near the origin; every point has "
                "left a path, bent for most of them."
            ),
            is_round=_("The ring has shrunk to a small circle; every point has left a straight path."),
            is_singular=_("The ring has been flattened to a line, which has shrunk towards the origin."),
        ),
        covers=("A6", "B5"),
    )
    def flatten_the_ring(self) -> None:
        style, problem = self.style, self.problem
        sigma, scale = problem.risk.eigenvalues, self.lam.scale_
        middle = float(np.sqrt(sigma[0] * sigma[1])) if sigma[1] > 0 else float(sigma[0]) / 20
        end = 3 * float(sigma[0])
        lams = np.array([scale.lam(s) for s in np.linspace(0, scale.position(end), 80)])
        self.paths = []
        for point in self.ring:
            way = self._moved(np.broadcast_to(point, (len(lams), 2)), lams)
            way[0] = self.wide.c2p(point)  # also where the smallest penalty moves it far
            self.paths.append(Trace(way, style.faded("ridge", 0.55), width=2.2))
        top = scale.position(end)
        for path in self.paths:
            self.follow(path, lambda m: m.show(self.lam.position / top), self.lam)
        self.add(self.hull, *self.paths)
        self.wait_for("flatten")
        self.play(self.mix.animate.set_value(1.0), run_time=1.5 if problem.is_singular else 0.1)
        self.play(self.lam.animate.set_value(middle), run_time=3)
        self.wait_for("shrink")
        self.play(self.lam.animate.set_value(end), run_time=2.5)

    @step(
        say=unless(
            _(
                "One matrix, and two directions in which it only shrinks. <steep>Along {q1} it shrinks late, "
                "<flat>along {q2} early. <hid>The coordinates hid them."
            ),
            is_round=_(
                "One matrix, and it only shrinks, in every direction. <steep>We may call any two {q1} <flat>and "
                "{q2}; <hid>take the coordinates."
            ),
            is_singular=_(
                "One matrix, and two directions in which it only shrinks. <steep>Along {q1} it shrinks late, "
                "<flat>along {q2} at once. <hid>The coordinates hid them."
            ),
            is_upright=_(
                "One matrix, and two directions in which it only shrinks. <steep>Along {q1} it shrinks late, "
                "<flat>along {q2} early. <hid>Here they are the axes."
            ),
        ),
        shows=_(
            "The ring, partly flattened, with the paths of all points, and two lines through the origin, {q1} and "
            "{q2}, on which points move straight."
        ),
        covers=("A6", "B5"),
    )
    def find_two_directions(self) -> None:
        problem, style = self.problem, self.style
        lines, names = VGroup(), VGroup()
        for k, role in enumerate(("eig1", "eig2")):
            axis = self.compute("risk.eigenvectors")[:, k]
            way = 1.16 * reach(problem) * axis
            line = DashedLine(
                self.wide.c2p(-way), self.wide.c2p(way), color=style.color(role), stroke_width=4
            )
            lines.add(line.set_z_index(3))
            names.add(
                place_backed(
                    self.formula(f"@q{k + 1}"),
                    style,
                    self.wide.c2p(way),
                    avoid=[self.wide, self.ours_name, *lines, *names],
                    prefer=axis,
                    within=WIDE,
                )
            )
        self.play(self.lam.animate.set_value(problem.lam), run_time=2.4)
        self.wait_for("steep")
        self.play(Create(lines[0]), FadeIn(names[0]), run_time=1.2)
        self.wait_for("flat")
        self.play(Create(lines[1]), FadeIn(names[1]), run_time=1.2)
        self.wait_for("hid")
        self.play(lines.animate(rate_func=there_and_back).set_stroke(width=8), run_time=1.4)
        self.directions, self.direction_names = lines, names

    @step(
        say=_("<back>Back to our one point. <next>Now for the algebra behind it."),
        shows=_(
            "The parameter plane with the arrows {min} and {ridge} and contours; the formula at the top right."
        ),
        covers=("A6", "B5"),
    )
    def come_back(self) -> None:
        self.wait_for("back")
        self.play(
            FadeOut(
                *(self.dots, self.grid, self.hull, self.ghost, self.ours_name),
                *(self.directions, self.direction_names, *self.paths),
            ),
            run_time=0.8,
        )
        self.plane = heart_plane(self.problem, LEFT, self.style)
        tip = self.plane.c2p(self.problem.risk.minimizer)
        self.play(
            *self.wide.carry_to(self.plane),
            self.ours.animate.move_to(tip),
            FadeOut(self.value, self.dial),
            run_time=1.6,
        )
        self._leave_on_stage(self.plane)
        self.wait_for("next")
        self.picture = EigenPicture(self.plane, self.problem, self.style)
        self.ridge = Arrow(self.plane.origin, self.plane.c2p(self.problem.ridge), self.style.ridge)
        # As the next scene begins.
        self.name, _names, self.ridge_name = self.name_all(self.picture, self.ridge.set_z_index(4), LEFT)
        self.play(
            FadeIn(self.picture.contours, self.picture.arrow, self.name, self.ridge, self.ridge_name),
            run_time=1,
        )
        self.remove(self.ours)

    def _leave_on_stage(self, plane: Any) -> None:
        """After axes were carried somewhere: the ones that are there, and nothing of those that came."""
        kept = [self.title_line, self.heart, self.value, self.ours]
        self.remove(*(m for m in self.mobjects if m not in kept))
        self.add(plane)

    def _moved(self, theta: np.ndarray, lams: Any = None) -> np.ndarray:
        """Where the matrix takes minimizers `theta`, shape (n, 2), as points of the frame."""
        lam = self.lam.get_value() if lams is None else lams
        moved = self.compute(
            "risk.from_eigenbasis(shrinkage_factors(risk.eigenvalues, lam) * risk.to_eigenbasis(theta))",
            lam=lam,
            theta=theta,
        )
        # Without curvature somewhere the map is not the identity at zero: `mix` leads from one to the other.
        share = self.mix.get_value() if lams is None else 1.0
        return self.wide.c2p((1 - share) * theta + share * moved)

    def _put_grid(self, grid: VMobject) -> None:
        """The grid inside the ring, each line where the map takes it."""
        size = reach(self.problem)
        at = size * np.linspace(-1, 1, CHORDS + 2)[1:-1]
        half = np.sqrt(size**2 - at**2)
        ends = np.vstack(
            [
                *(np.column_stack([sign * half, at]) for sign in (-1, 1)),
                *(np.column_stack([at, sign * half]) for sign in (-1, 1)),
            ]
        )
        low_x, high_x, low_y, high_y = np.split(self._moved(ends), 4)
        set_segments(grid, np.vstack([low_x, low_y]), np.vstack([high_x, high_y]))

    def _put_hull(self, hull: VMobject) -> None:
        """The ring itself, where the map takes it."""
        turn = np.linspace(0, 2 * np.pi, 181)
        set_polyline(hull, self._moved(reach(self.problem) * np.column_stack([np.cos(turn), np.sin(turn)])))

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
