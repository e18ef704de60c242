"""The textbook figure made to move: ellipses of the risk, circles of the penalty, and the point where they touch."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    Create,
    Dot,
    FadeIn,
    FadeOut,
    GrowFromPoint,
    Indicate,
    LaggedStart,
    ValueTracker,
    VGroup,
    VMobject,
    rush_from,
    there_and_back,
)

import wdmath
from lecture.stage import (
    LEFT_HALF,
    RIGHT_HALF,
    SAFE,
    SMALL,
    STAGE,
    Arrow,
    Chart,
    Region,
    dashed,
    place,
    polyline,
    question,
    step,
    unless,
)
from lecture.stage.backing import BENEATH, backed, soft_edges
from lecture.stage.derivation import Birth
from lecture.words import _
from scenes.parts.balance import Balance
from scenes.parts.eigen_picture import EigenPicture, HeartScene, heart_plane
from scenes.parts.penalty_scale import PenaltyScale, PenaltyTracker, decimals_for
from scenes.parts.touching import TouchingPair, clear_of_names, dashed_circle, room_for
from scenes.problem import Problem
from scenes.problem.problem import visible_lam

FARTHEST = 0.985  # of the penalty scale: the sweep ends where nothing more is to be seen

# Of the chart of the risk along the circle, and later of the penalty scale.
_CHART = Region(RIGHT_HALF.left, RIGHT_HALF.right, SAFE.bottom + 0.1, 0.55)

# Of the plane: below it there is room for the pull of the penalty, which leads beyond the origin.
_PLANE = Region(LEFT_HALF.left, LEFT_HALF.right, SAFE.bottom + 0.8, STAGE.top)


def shown_lam(problem: Problem) -> float:
    """The penalty strength whose circle is walked: the problem's own, unless its effect could not be seen."""
    size = float(np.linalg.norm(problem.ridge))
    whole = float(np.linalg.norm(problem.risk.minimizer))
    return problem.lam if problem.lam and 0.15 * whole <= size <= 0.97 * whole else visible_lam(problem.risk)


def is_still(problem: Problem) -> bool:
    """Whether every penalty leaves the ridge minimizer at zero, so that there is nothing to walk along."""
    return problem.is_zero or problem.lies_along_floor


class Circle:
    """The walk along the circle through the ridge minimizer, and how steep the risk is there.

    Attributes
    ----------
    start, end : float
        Angles of the first point and of the point where a contour touches.
    """

    def __init__(self, problem: Problem, plane: Any, lam: float):
        self.risk, self.plane = problem.risk, plane
        touch = wdmath.tangent_circle(problem.risk, lam)
        self.radius, self.level = touch.radius, touch.level
        self.end = float(np.arctan2(touch.point[1], touch.point[0]))
        held = lam * touch.radius
        best = None
        for offset in np.radians([70, 60, 50, 40, 30, 20]):
            for side in (1, -1):
                angle = self.end + side * offset
                point = self.at(angle)
                inside = plane.drawing_region.grown(-0.5).contains(plane.c2p(point))
                pull = float(np.linalg.norm(problem.risk.gradient(point)))
                parts = [float(np.hypot(*part)) for part in self.split(angle)]
                # As far away as possible, but where both parts are seen, and the pull is not so long that the one at
                # the end is not.
                near = pull <= 4 * held
                score = (inside, min(parts) > 0.3 * max(parts), near, offset if near else -offset)
                if best is None or score > best[0]:
                    best = (score, angle)
        assert best is not None
        self.start = best[1]

    def at(self, angle: float) -> np.ndarray:
        """The point at an angle, in coordinates."""
        return self.radius * np.array([np.cos(angle), np.sin(angle)])

    def pull(self, angle: float) -> np.ndarray:
        """The pull of the risk at an angle."""
        return np.asarray(-self.risk.gradient(self.at(angle)))

    def split(self, angle: float) -> tuple[np.ndarray, np.ndarray]:
        """The pull of the risk at an angle: its part along the circle, and the part across."""
        out = np.array([np.cos(angle), np.sin(angle)])
        pull = self.pull(angle)
        across = (pull @ out) * out
        return pull - across, across

    def gain(self, angle: float) -> float:
        """The risk at an angle, above its minimum."""
        return float(self.risk.value(self.at(angle))) - self.risk.constant


_FLAT_IS_HALVED = unless(
    _(
        "Start at {lam} = 0, and <grow>let it grow. At {lam} = {s2} the component along {q2} is exactly halved."
    ),
    is_zero=_("Start at {lam} = 0, and <grow>let it grow. Nothing moves: {min} lies at zero already."),
    has_floor_component=_(
        "Along {q2} the risk is flat and has no pull: <grow>there the smallest penalty takes everything."
    ),
    is_singular=_("Along {q2} the risk is flat and has no pull; <grow>but there {min} has nothing to lose."),
    is_alone=lambda p: (
        _(
            "Start at {lam} = 0, and <grow>let it grow. At {lam} = {s2} the factor of {q2} is one half, but "
            "{min} "
            "has no component there."
        )
        if p.lone_direction == 1
        else _(
            "Start at {lam} = 0, and <grow>let it grow. At {lam} = {s2} the component along {q2} is exactly "
            "halved, "
            "and it is all there is."
        )
    ),
    is_round=_(
        "Start at {lam} = 0, and <grow>let it grow. At {lam} = {s2} the component along {q2} is exactly "
        "halved, "
        "and so is the other."
    ),
)
_STEEP_IS_HALVED = unless(
    _("<on>On to {lam} = {s1}, where the component along {q1} is halved, too."),
    is_zero=_("<on>On to {lam} = {s1}. Its factor is one half, of nothing."),
    lies_along_floor=_(
        "<on>On to {lam} = {s1}. Its factor is one half, but {min} has no component along {q1}."
    ),
    is_round=_(
        "<on>{lam} = {s1} is the same {lam}: with equal eigenvalues neither component gives way first."
    ),
    is_singular=_(
        "<on>On to {lam} = {s1}, where the component along {q1} is halved. Along {q2} nothing was left from "
        "the start."
    ),
    is_alone=lambda p: (
        _("<on>On to {lam} = {s1}, where the component along {q1} is halved: all that {min} has.")
        if p.lone_direction == 1
        else _("<on>On to {lam} = {s1}. The factor of {q1} is one half, but {min} has no component there.")
    ),
)


class WhereForcesBalance(HeartScene):
    """At the ridge minimizer an ellipse of the risk touches a circle of the penalty, and the two pulls cancel."""

    title = _("Where the forces *balance*")
    question_region = Region(0.0, 5.6, 1.3, 2.9)

    @step(
        say=unless(
            _(
                "Solid ellipses are <contours>contours of the risk. It pulls <down>downhill, straight across "
                "them."
            ),
            is_round=_(
                "Solid circles are <contours>contours of the risk. It pulls <down>downhill, towards {min}."
            ),
            is_singular=_(
                "Solid lines are <contours>contours of the risk. It pulls <down>straight down to the level "
                "floor on "
                "which {min} lies."
            ),
        ),
        shows=unless(
            _(
                "The parameter plane with the point {min} and contours of the risk around it, solid ellipses;"
                " to the "
                "right {risk} of {theta}, underlined solid."
            ),
            is_round=_(
                "The parameter plane with the point {min} and contours of the risk around it, solid circles; "
                "to the "
                "right {risk} of {theta}, underlined solid."
            ),
            is_singular=_(
                "The parameter plane with the point {min} and contours of the risk, solid parallel lines on "
                "both "
                "sides of it; to the right {risk} of {theta}, underlined solid."
            ),
        ),
        covers=("A9", "B11"),
    )
    def draw_the_ellipses(self) -> None:
        problem, style = self.problem, self.style
        self.plane = heart_plane(problem, _PLANE, style)
        self.picture = EigenPicture(self.plane, problem, style)
        self.contours = self.picture.contours
        self.min_dot = Dot(
            self.plane.c2p(problem.risk.minimizer), radius=0.1, color=style.minimizer
        ).set_z_index(3)
        self.name = backed(self.name_minimizer(self.picture, _PLANE), style)
        self.objective = self.formula(
            "{{ @risk (@theta) : risk }} {{ + : plus }} {{ @lam / 2 norm(@theta)^2 : penalty-term }}", size=60
        )
        self.objective.move_to([RIGHT_HALF.center[0], 0.4, 0])
        self.lines = [
            self._under(part, role) for part, role in (("risk", "line"), ("penalty-term", "penalty"))
        ]
        self.lines[1] = dashed(self.lines[1])
        self.add(self.make_title(), self.plane)
        self.play(FadeIn(self.min_dot, scale=2), FadeIn(self.name), run_time=0.8)
        self.wait_for("contours")
        if len(self.contours):  # a risk that is flat everywhere has none
            self.play(LaggedStart(*(Create(c) for c in self.contours), lag_ratio=0.25), run_time=1.6)
        self.play(FadeIn(self.objective.select("risk"), self.lines[0]), run_time=0.7)
        self.wait_for("down")
        self.downhill = self._downhill()
        if len(self.downhill):
            self.play(*(GrowFromPoint(a, a.shaft.get_start()) for a in self.downhill), run_time=1)

    def _downhill(self) -> VGroup:
        """Short arrows from around the contours, each downhill; all of one length."""
        risk, plane = self.problem.risk, self.plane
        arrows = VGroup()
        if not len(self.contours):
            return arrows
        center = self.min_dot.get_center()
        points = center + 1.6 * (self.contours[-1].points[::4] - center)
        for k in np.linspace(0, len(points), 11).astype(int)[:-1]:
            if k >= len(points) or not plane.drawing_region.contains(points[k]):
                continue
            way = -risk.gradient(plane.p2c(points[k]))
            size = float(np.hypot(*way))
            if size:
                end = points[k] + 0.45 * np.array([*way, 0.0]) / size
                arrows.add(Arrow(points[k], end, self.style.minimizer, width=3.5, tip=0.15))
        return arrows

    @step(
        say=_("Dashed circles are <contours>contours of the penalty. It pulls <down>straight back to zero."),
        shows=unless(
            _(
                "Dashed circles around the origin are added, contours of the penalty; to the right plus {lam}"
                " halves "
                "times the squared norm of {theta}, underlined dashed."
            ),
            is_zero=_("To the right plus {lam} halves times the squared norm of {theta}, underlined dashed."),
        ),
        covers=("A9", "B11"),
    )
    def draw_the_circles(self) -> None:
        size = float(np.hypot(*self.problem.risk.minimizer)) * self.plane.unit
        self.circles = VGroup()
        toward = float(np.arctan2(*self.problem.risk.minimizer[::-1]))
        for share in (1 / 3, 2 / 3, 1.0):
            circle = VMobject(color=self.style.faded("penalty", 0.55), stroke_width=2.5, fill_opacity=0)
            points = dashed_circle(self.plane.origin, share * size, toward, self.plane.drawing_region)
            self.circles.add(circle.set_points(points))
        back = VGroup()
        for turn in np.radians([-50, -25, 0, 25, 50]):
            out = np.array([np.cos(toward + turn), np.sin(toward + turn), 0.0])
            at = self.plane.origin + 2 / 3 * size * out
            if size > 1 and self.plane.drawing_region.contains(at):
                back.add(Arrow(at, at - 0.45 * out, self.style.penalty, width=3.5, tip=0.15, dash=True))
        if len(self.downhill):
            self.play(FadeOut(self.downhill), run_time=0.4)
        self.wait_for("contours")
        arriving = (FadeIn(c, scale=0.6, rate_func=rush_from) for c in self.circles)
        self.play(LaggedStart(*arriving, lag_ratio=0.3), run_time=1.6)
        self.play(
            FadeIn(self.objective.select("plus"), self.objective.select("penalty-term"), self.lines[1]),
            run_time=0.7,
        )
        self.wait_for("down")
        if len(back):  # a minimizer at zero has no circles
            self.play(*(GrowFromPoint(a, a.shaft.get_start()) for a in back), run_time=1)
        self.back = back

    @step(
        say=unless(
            _(
                "Take one circle, and <point>a point on it. The pull of the risk has a part "
                "<along>along the circle, and a part <across>across."
            ),
            is_zero=_("Here both have the same center. <point>At zero <along>neither <across>pulls."),
            lies_along_floor=_(
                "The floor, where the risk is least, passes <point>through zero itself. There <along>neither "
                "<across>pulls."
            ),
        ),
        shows=unless(
            _(
                "One dashed circle is drawn strongly. From a point on it a solid arrow shows the pull of the "
                "risk, "
                "and two thinner ones its parts along the circle and across. On the right the risk along the "
                "circle, "
                "and a dot on it."
            ),
            is_zero=_("A point at the origin."),
            lies_along_floor=_("A point at the origin."),
        ),
        covers=("A9", "B11"),
    )
    def stand_on_a_circle(self) -> None:
        problem, style = self.problem, self.style
        self.shown = shown_lam(problem)
        self.pair = pair = TouchingPair(self.plane, problem, style, self.shown)
        # What is cut at the border of the plane goes on beyond it.
        for level_set in (pair.ellipse, pair.circle):
            level_set.set_z_index(BENEATH)
        self.add(soft_edges(self.plane.drawing_region, style))
        quiet = VGroup(self.contours, self.circles).animate.set_stroke(opacity=0.4)
        gone = [*self.objective, *self.lines, *self.back]
        if is_still(problem):
            self.play(quiet, FadeOut(*gone), run_time=0.8)
            self.wait_for("point")
            self.play(FadeIn(pair.point.set_color(style.ridge), scale=2), run_time=0.8)
            self.wait_for("along")
            self.wait_for("across")
            return
        self.circle = circle = Circle(problem, self.plane, self.shown)
        self.angle = ValueTracker(circle.start)
        self._scale_pulls()
        self.walker = Dot(radius=0.1, color=style.ink).set_z_index(3)
        self.along = Arrow([0, 0, 0], [1, 0, 0], style.ink, width=4, tip=0.18)
        self.across = Arrow([0, 0, 0], [1, 0, 0], style.dim, width=3, tip=0.15)
        self._draw_risk_along()
        self.follow(
            self.walker, lambda m: m.move_to(self.plane.c2p(circle.at(self.angle.get_value()))), self.angle
        )
        self.follow(self.along, lambda m: self._part(m, 0), self.angle)
        self.follow(self.across, lambda m: self._part(m, 1), self.angle)
        self.follow(pair.risk_pull, self._pull, self.angle)
        self.follow(pair.ellipse, lambda _: pair.set_level(circle.gain(self.angle.get_value())), self.angle)
        self.play(FadeIn(pair.circle), quiet, FadeOut(*gone), run_time=1)
        self.wait_for("point")
        self.play(FadeIn(self.walker, scale=2), FadeIn(pair.ellipse, self.meter, self.rider), run_time=0.7)
        here = self.walker.get_center()
        self.play(GrowFromPoint(pair.risk_pull, here), run_time=0.8)
        self.wait_for("along")
        self.play(GrowFromPoint(self.along, here), run_time=0.8, rate_func=rush_from)
        self.wait_for("across")
        self.play(GrowFromPoint(self.across, here), run_time=0.8, rate_func=rush_from)

    def _scale_pulls(self) -> None:
        """One scale for all arrows until the sweep: both the first and the last pull are seen."""
        circle, plane, pair = self.circle, self.plane, self.pair
        ways = [(circle.start, circle.pull(circle.start)), (circle.end, circle.pull(circle.end))]
        longest = max(float(np.hypot(*way)) for _, way in ways)
        rooms = [
            room_for(plane.c2p(circle.at(angle)), way / longest, both=angle == circle.end)
            for angle, way in ways
            if np.hypot(*way) > 0
        ]
        # Whole pulls and their parts, of the first; of the last, what matches it on the other side.
        laid = [(angle, part) for angle, way in ways for part in (way, *circle.split(angle))]
        laid.append((circle.end, -circle.pull(circle.end)))
        here = np.array([plane.c2p(circle.at(angle)) for angle, _ in laid])
        pulls = np.array([way for _, way in laid]) / longest
        pair.pull_scale = clear_of_names(plane, here, pulls, min(2.4, *rooms)) / longest

    def _pull(self, arrow: Any) -> None:
        angle = self.angle.get_value()
        here = self.plane.c2p(self.circle.at(angle))
        whole = self.circle.pull(angle)
        arrow.put(here, here + self.pair.pull_scale * np.array([*whole, 0.0]))

    def _part(self, arrow: Any, which: int) -> None:
        angle = self.angle.get_value()
        here = self.plane.c2p(self.circle.at(angle))
        part = self.pair.pull_scale * np.array([*self.circle.split(angle)[which], 0.0])
        arrow.put(here, here + part)
        arrow.set_opacity(float(np.hypot(*part[:2]) > 0.04))

    def _draw_risk_along(self) -> None:
        """The risk along the circle, over the angle, with a dot where the walk is."""
        circle = self.circle
        reach_ = abs(circle.start - circle.end) + 0.35
        side = np.sign(circle.end - circle.start)
        angles = circle.end + np.linspace(-reach_, reach_, 161)
        values = np.array([circle.gain(a) for a in angles])
        room = float(values.max() - values.min()) or 1.0
        self.chart = Chart(
            _CHART, (-reach_, reach_), (values.min() - 0.15 * room, values.max() + 0.05 * room), self.style
        )

        def at(angle: float) -> np.ndarray:
            return self.chart.c2p(side * (angle - circle.end), circle.gain(angle))

        curve = self.chart.curve(side * (angles - circle.end), values, self.style.line)
        self.rider = Dot(radius=0.1, color=self.style.ink).set_z_index(2)
        self.follow(self.rider, lambda m: m.move_to(at(self.angle.get_value())), self.angle)
        box = self.chart.box
        name = self.words(_("risk along the circle"), size=SMALL)
        name.move_to([box.left, box.top + 0.2, 0], aligned_edge=[-1, -1, 0])
        self.meter = VGroup(self.chart, curve, name)

    @question(
        ask=unless(
            _("It walks along the circle, to less and less risk. Where does it stop?"),
            is_zero=_("Where is the sum of risk and penalty least?"),
            lies_along_floor=_("Where is the sum of risk and penalty least?"),
        ),
        choices=(
            unless(
                _("nearest to {min}"),
                is_zero=_("farther out"),
                lies_along_floor=_("farther out"),
                is_round=_("on the other side"),
                is_alone=_("on the other side"),
            ),
            unless(_("where nothing pulls along"), is_zero=_("at zero"), lies_along_floor=_("at zero")),
            unless(
                _("where it points at zero"),
                is_zero=_("between, by {lam}"),
                lies_along_floor=_("between, by {lam}"),
            ),
        ),
        answer=1,
        shows=_("The same picture, with three choices."),
        covers=("A9", "B11"),
    )
    def guess_where_it_stops(self) -> None:
        self.wait(0.3)

    @step(
        say=unless(
            _(
                "It <walk>walks while something pulls along, and <stop>stops where nothing does. There an "
                "ellipse <touch>touches the circle: no point of this size has <less>less risk. This is {ridge}."
            ),
            is_zero=_("<walk>At zero, <stop>where <touch>both are <less>least. This is {ridge}."),
            lies_along_floor=_("<walk>At zero, <stop>where <touch>both are <less>least. This is {ridge}."),
            is_round=_(
                "It <walk>walks while something pulls along, and <stop>stops where nothing does. There two "
                "circles <touch>touch: no point of this size has <less>less risk. This is {ridge}."
            ),
            is_singular=_(
                "It <walk>walks while something pulls along, and <stop>stops where nothing does. There a line "
                "<touch>touches the circle: no point of this size has <less>less risk. This is {ridge}."
            ),
        ),
        shows=unless(
            _(
                "The point has walked to where an ellipse touches the circle from outside, and is {ridge}; "
                "the pull "
                "of the risk points straight outwards. On the right the dot is at the bottom of the curve."
            ),
            is_zero=_("{ridge} lies on {min}, at the origin."),
            lies_along_floor=_("{ridge} lies at the origin."),
            is_round=_(
                "The point has walked to where a circle of the risk touches the one of the penalty, and is "
                "{ridge}; "
                "the pull of the risk points straight outwards. On the right the dot is at the bottom of the "
                "curve."
            ),
            is_singular=_(
                "The point has walked to where a straight contour touches the circle, and is {ridge}; the "
                "pull of "
                "the risk points straight outwards. On the right the dot is at the bottom of the curve."
            ),
        ),
        covers=("A9", "B11"),
    )
    def walk_until_they_touch(self) -> None:
        pair = self.pair
        self.wait_for("walk")
        if not is_still(self.problem):
            self.play(self.angle.animate.set_value(self.circle.end), run_time=3.2)
            pair.set_pulls(self.circle.at(self.circle.end), self.shown)  # the name leaves room for both
        self.ridge_name = self._name_ridge()
        self.wait_for("stop")
        self.add(self.name)  # above the ellipse
        if is_still(self.problem):
            self.play(FadeIn(self.ridge_name), run_time=0.8)
            self.wait_for("touch")
            self.wait_for("less")
            return
        self.remove(self.along)
        self.play(
            FadeOut(self.across, run_time=0.3),
            self.walker.animate.set_color(self.style.ridge),
            self.rider.animate.set_color(self.style.ridge),
            FadeIn(self.ridge_name),
            run_time=0.8,
        )
        self.remove(self.walker)
        self.add(pair.point)
        self.wait_for("touch")
        touching = (pair.ellipse, pair.circle)
        self.play(*(m.animate(rate_func=there_and_back).set_stroke(width=8) for m in touching), run_time=1.6)
        self.wait_for("less")
        self.play(Indicate(self.rider, scale_factor=1.8, color=self.style.ridge), run_time=1.4)

    @step(
        say=unless(
            _(
                "There minus {theta} points exactly <back>against the pull of the risk. <stretch>Stretch it "
                "until both are "
                "equal: the stretch is <lam>{lam}."
            ),
            is_zero=_(
                "At zero the pull of the risk and the pull of the penalty <back>are both zero, <stretch>for "
                "every "
                "<lam>{lam}."
            ),
            lies_along_floor=_(
                "At zero the pull of the risk and the pull of the penalty <back>are both zero, <stretch>for "
                "every "
                "<lam>{lam}."
            ),
        ),
        shows=unless(
            _(
                "Two arrows of equal length leave {ridge} in opposite directions: solid, minus the gradient "
                "of the "
                "risk, and dashed, minus {lam}{theta}. At the top right: minus the gradient of {risk} at "
                "{ridge} "
                "equals {lam} times {ridge}, and the value of {lam}."
            ),
            is_zero=_(
                "At the top right: minus the gradient of {risk} at {ridge} equals {lam} times {ridge}. Both "
                "are zero."
            ),
            lies_along_floor=_(
                "At the top right: minus the gradient of {risk} at {ridge} equals {lam} times {ridge}. Both "
                "are zero."
            ),
        ),
        covers=("A9", "B11"),
    )
    def stretch_until_it_matches(self) -> None:
        problem, pair = self.problem, self.pair
        self.law = self.formula("{{ -nabla @risk (@ridge) : minimizer-pull }} = {{ @lam @ridge : decay }}")
        self.law.move_to([SAFE.right, SAFE.top + 0.05, 0], aligned_edge=[1, 1, 0])
        self.lam = PenaltyTracker(PenaltyScale(problem.risk.eigenvalues), self.shown)
        self.lam_name = self.formula("@lam =").move_to([RIGHT_HALF.left, 2.05, 0], aligned_edge=[-1, 0, 0])
        if is_still(problem):
            self.wait_for("back")
            self.play(FadeIn(self.law), run_time=1)
            self.wait_for("stretch")
            self.wait_for("lam")
            self.pull_names: list[Any] = []
            return
        theta = self.circle.at(self.circle.end)
        stretch = ValueTracker(0.0)
        self.stretch_value = self.live_number(
            "lam * share",
            stretch,
            variable="share",
            decimals=decimals_for(self.shown),
            role="penalty",
            size=44,
            lam=self.shown,
        ).follow_equals(self.lam_name)
        self.pull_names = []
        pair.set_pulls(theta, self.shown)
        for source, arrow in (
            ("{{ -nabla @risk : minimizer }}", pair.risk_pull),
            ("{{ -@lam @theta : penalty }}", pair.penalty_pull),
        ):
            label = self.formula(source, size=38)
            self.pull_names.append(self._label(label, arrow.end_point, [self.ridge_name, *self.pull_names]))
        here = self.plane.c2p(theta)
        whole = pair.penalty_pull.end_point - here
        self.follow(pair.penalty_pull, lambda m: m.put(here, here + stretch.get_value() * whole), stretch)
        self.play(FadeIn(self.pull_names[0], self.lam_name, self.stretch_value), run_time=0.5)
        self.wait_for("back")
        self.add(pair.penalty_pull, pair.point)
        self.play(stretch.animate.set_value(0.25), run_time=1.2)
        self.wait_for("stretch")
        self.play(stretch.animate.set_value(1.0), run_time=2)
        self.wait_for("lam")
        self.play(FadeIn(self.pull_names[1]), run_time=0.4)
        self.play(
            Birth(self.law, {"minimizer-pull": self.pull_names[0][1], "decay": self.pull_names[1][1]}),
            run_time=1.4,
        )

    @step(
        say=_FLAT_IS_HALVED,
        shows=unless(
            _(
                "{lam} has gone from zero to {s2}; the touching point has left {min} and draws the ridge "
                "path. On the "
                "right, over the scale of {lam}, the curve of the risk and, dashed, that of the penalty, in "
                "one unit."
            ),
            is_zero=_("{lam} has gone from zero to {s2}. On the right the scale of {lam}."),
            is_singular=_(
                "{lam} is at zero. On the right, over the scale of {lam}, the start of the curve of the risk "
                "and of "
                "the dashed curve of the penalty, in one unit."
            ),
        ),
        covers=("A9", "B11"),
    )
    def start_without_penalty(self) -> None:
        old = self.pair
        self.balance = balance = Balance(self, self.plane, _CHART, self.lam, farthest=FARTHEST)
        self.pair = balance.pair
        for level_set in (self.pair.ellipse, self.pair.circle):
            level_set.set_z_index(BENEATH)
        self.lam_value = self.live_number(
            "lam", self.lam, decimals=decimals_for(self.shown), role="penalty", size=44
        ).follow_equals(self.lam_name)
        gone = [self.ridge_name, *self.pull_names, old.risk_pull, old.penalty_pull]
        if not is_still(self.problem):
            gone += [self.meter, self.rider, self.stretch_value]
        self.play(FadeOut(*gone), run_time=0.4)
        self.remove(*old)
        followers = balance.follow()
        shown = [balance.pair.ellipse, balance.pair.circle, balance.pair.point]
        self.add(*shown)
        self.play(FadeIn(balance.chart, balance.marker, self.lam_name, self.lam_value), run_time=0.6)
        self.play(self.lam.animate.set_value(0.0), run_time=1.2)
        self.remove(*shown)
        self.add(*followers, self.name)
        self.play(FadeIn(*balance.names), run_time=0.4)
        self.remarks: list[Any] = []
        self.wait_for("grow")
        self._sweep_to_eigenvalue(1)

    @step(
        say=_STEEP_IS_HALVED,
        shows=unless(
            _(
                "{lam} is at {s1}; the touching point has gone on towards zero, the ellipse has grown, the "
                "circle has "
                "shrunk."
            ),
            is_zero=_("{lam} is at {s1}; {ridge} is still at zero."),
            lies_along_floor=_("{lam} is at {s1}; {ridge} is still at zero."),
            is_round=_("{lam} is at {s1}, which is {s2} too; the touching point has stayed where it was."),
            is_singular=_(
                "{lam} is at {s1}; the touching point has gone on towards zero, the lines have parted, the "
                "circle has "
                "shrunk."
            ),
        ),
        covers=("A9", "B11"),
    )
    def pass_the_steep_eigenvalue(self) -> None:
        self.wait_for("on")
        self._sweep_to_eigenvalue(0)

    @step(
        say=unless(
            _(
                "As {lam} grows <grow>without bound, the stretch grows, the circle closes on zero: the ridge "
                "path runs "
                "all the way from {min}."
            ),
            is_zero=_("As {lam} grows <grow>without bound, {ridge} stays where it has always been, at zero."),
            lies_along_floor=_(
                "As {lam} grows <grow>without bound, {ridge} stays at zero, where the smallest penalty has "
                "brought it."
            ),
            has_floor_component=_(
                "As {lam} grows <grow>without bound, the circle closes on zero, and the ridge path ends there."
            ),
        ),
        shows=unless(
            _(
                "The whole ridge path from {min} to zero. On the right the curve of the risk has reached its "
                "height "
                "and the dashed curve of the penalty has come down to nothing."
            ),
            is_zero=_("{ridge} on {min}, at the origin. On the right {lam} near the end of its scale."),
            lies_along_floor=_("{ridge} at the origin. On the right {lam} near the end of its scale."),
            has_floor_component=_(
                "The whole ridge path, from the point of the level floor that is nearest to the origin, to "
                "zero. On "
                "the right the curve of the risk has reached its height and the dashed curve of the penalty "
                "has come "
                "down to nothing."
            ),
        ),
        covers=("A9", "B11"),
    )
    def walk_to_zero(self) -> None:
        self.play(FadeOut(*self.remarks), run_time=0.4)
        self.wait_for("grow")
        self.play(self.lam.animate.set_value(self.lam.scale_.lam(FARTHEST)), run_time=5)

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
            within=_PLANE,
        )
        return backed(label, self.style)

    def _name_ridge(self) -> VGroup:
        return self._label(self.formula("@ridge"), self.pair.point.get_center(), [])

    def _sweep_to_eigenvalue(self, which: int) -> None:
        """Let lambda grow to an eigenvalue and say what has become of that component."""
        sigma = float(self.problem.risk.eigenvalues[which])
        self.play(self.lam.animate.set_value(sigma), *map(FadeOut, self.remarks), run_time=4)
        label = f"@s{which + 1}"
        text, number = self.number_text(f"shrinkage_factors(risk.eigenvalues, lam)[{which}]", lam=sigma)
        factor = self.formula(f"{label} / ({label} + @lam) = {text}", size=40)
        self.remember(factor, number)
        factor.move_to([RIGHT_HALF.right, 2.05, 0], aligned_edge=[1, 0, 0])
        self.remarks = [factor, self._name_ridge()]
        self.play(*map(FadeIn, self.remarks), run_time=0.7)
