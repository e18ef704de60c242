"""The argument once more, in one take, and where else it was met: all in the one picture."""

from __future__ import annotations

import numpy as np
from manim import (
    LEFT,
    UP,
    Create,
    Dot,
    FadeIn,
    FadeOut,
    Rotate,
    Transform,
    UpdateFromAlphaFunc,
    VGroup,
    VMobject,
    linear,
)

from lecture.stage import LEFT_HALF, RIGHT_HALF, Arrow, place, polyline, step, unless
from lecture.stage.backing import place_backed
from lecture.stage.drawing import set_polyline, swell
from lecture.stage.scatter import Scatter
from lecture.words import Message, _
from scenes.early_stopping_is_decay import calm_step, run_length
from scenes.parts.eigen_picture import EigenPicture, HeartScene, heart_plane, reach
from scenes.parts.heart_formula import HeartFormula
from scenes.parts.penalty_line import PenaltyLine
from scenes.parts.penalty_scale import PenaltyScale, PenaltyTracker
from wdmath import gradient_descent, ridge_minimizer, shrinkage_factors, weight_decay_steps

#: What each step leaves written beside the picture.
ROTATE = _("*Rotate*: an axis for each eigenvector")
RESCALE = _("*Rescale*: steep ones stay, flat ones give way")
BACK = _("*Rotate back*: there every step comes to rest")
EARLY = _("*Stop early*: nearly the same path")
NOISE = _("*Noise*: less variance, paid with bias")
NETWORK = _("*Normalized networks*: decay sets the speed of turning")

_DRAWS = 120
_SPREAD = 0.16  # of the minimizer's length: how far noise moves it along the flat direction in the picture


class Summary(HeartScene):
    """Weight decay rotates, rescales and rotates back; the same picture returns wherever weights shrink."""

    title = _("To take *home*")

    def write(self, *texts: Message) -> VGroup:
        """Words beside the picture, below each other."""
        rows = VGroup(*(self.words(text, width=RIGHT_HALF.width - 0.5) for text in texts)).arrange(
            [0, -1, 0], buff=0.7, aligned_edge=LEFT
        )
        return rows.move_to([RIGHT_HALF.left + 0.4, -0.6, 0], aligned_edge=LEFT)

    @step(
        say=_(
            "The picture to take home. <turn>Rotate: every eigenvector of the Hessian gets an axis of its own."
        ),
        shows=_(
            "The minimizer with its contours, turned until its eigenvectors lie on the axes, and a ghost of where it "
            "was. In the formula {QT} is lit."
        ),
    )
    def rotate(self) -> None:
        problem, style = self.problem, self.style
        self.plane = heart_plane(problem, LEFT_HALF, style)
        self.picture = EigenPicture(self.plane, problem, style)
        self.picture.remove(self.picture.directions)
        self.heart = HeartFormula(style).lit("all")
        self.name = self.name_minimizer(self.picture, LEFT_HALF)
        self.ghost = self.picture.arrow.copy().set_color(style.faded("minimizer"))
        self.stages = self.write(ROTATE, RESCALE, BACK)
        self.play(FadeIn(self.make_title(), self.plane, self.picture, self.name, self.heart), run_time=1)
        self.add(self.ghost, self.picture)
        self.wait_for("turn")
        self.play(
            self.heart.light("rotate"),
            FadeIn(self.stages[0]),
            FadeOut(self.name, self.plane.axis_labels),
            Rotate(self.picture, -problem.angle, about_point=self.plane.origin),
            run_time=3,
        )

    @step(
        say=_(
            "<shrink>Rescale: each component times {sigma} over {sigma} plus {lam}. What the risk <insists>insists on "
            "stays; the rest goes."
        ),
        shows=_(
            "Both components multiplied by their factors, the old ones pale behind them; the arrow is now the ridge "
            "minimizer's. In the formula the middle factors are lit."
        ),
    )
    def rescale(self) -> None:
        picture, plane, style = self.picture, self.plane, self.style
        pale = VGroup(
            *(b.copy().set_color(style.faded(f"eig{k + 1}", 0.35)) for k, b in enumerate(picture.bars))
        )
        before = picture.arrow.copy().set_color(style.faded("minimizer", 0.5))
        self.behind = VGroup(pale.set_z_index(1), before.set_z_index(3))
        rescaled = self.problem.factors * self.problem.components
        tip = plane.c2p(rescaled)
        moves = [Transform(picture.arrow, Arrow(plane.origin, tip, style.ridge))]
        for k in range(2):
            foot = plane.c2p(np.eye(2)[k] * rescaled[k])
            moves.append(picture.bars[k].animate.put_start_and_end_on(plane.origin, foot + 1e-9))
            moves.append(picture.drops[k].animate.become(picture.drop(tip, foot, style)))
        self.add(self.behind)
        self.wait_for("shrink")
        self.play(self.heart.light("rescale"), FadeIn(self.stages[1]), *moves, run_time=4)
        self.wait_for("insists")
        self.play(swell(picture.bars[0], 18), run_time=1.8)

    @step(
        say=_("And <back>rotate back. <rest>There every step of weight decay comes to rest."),
        shows=_(
            "Back in the parameter plane: the minimizer and the ridge minimizer with its components. "
            "The whole formula is lit."
        ),
    )
    def rotate_back(self) -> None:
        problem, plane = self.problem, self.plane
        self.wait_for("back")
        self.play(
            self.heart.light("back"),
            FadeIn(self.stages[2]),
            FadeOut(self.ghost),
            Rotate(VGroup(self.behind, self.picture), problem.angle, about_point=plane.origin),
            run_time=2.2,
        )
        everything = [self.picture, self.behind, plane]
        self.ridge_name = place_backed(
            self.formula("@ridge"), self.style, plane.c2p(problem.ridge), avoid=everything, within=LEFT_HALF
        )
        tip = plane.c2p(problem.risk.minimizer)
        place(
            self.name, tip, avoid=[*everything, self.ridge_name], within=LEFT_HALF, prefer=tip - plane.origin
        )
        self.wait_for("rest")
        self.play(
            FadeIn(plane.axis_labels, self.name, self.ridge_name),
            self.behind[1].animate.set_color(self.style.minimizer),
            self.heart.light("all"),
            run_time=0.8,
        )

    @step(
        say=unless(
            _(
                "The same shrinking is everywhere. <stop>A descent that stops early passes close by. <noise>And where "
                "noise shakes the minimizer, ridge is shaken less."
            ),
            is_zero=_(
                "The same shrinking is everywhere. <stop>A descent from zero has nowhere to go here. <noise>And where "
                "noise shakes the minimizer, ridge is shaken less."
            ),
        ),
        shows=_(
            "In the same plane the path of gradient descent from zero, the ridge path beside it, and two clouds: "
            "a wide one around the minimizer and a narrower one around the ridge minimizer. Beside it two sentences: "
            "stop early, nearly the same path; noise, less variance, paid with bias."
        ),
    )
    def meet_it_elsewhere(self) -> None:
        problem, plane, style, risk = self.problem, self.plane, self.style, self.problem.risk
        found = self.write(EARLY, NOISE)
        region = plane.drawing_region
        steps = plane.c2p(gradient_descent(risk, [0.0, 0.0], calm_step(problem), run_length(problem)))
        scale = float(risk.eigenvalues[0])
        ridges = plane.c2p(ridge_minimizer(risk, scale * np.geomspace(1e4, 1e-6, 200)))
        self.descent = polyline(steps, style.minimizer, 3, within=region)
        self.path = polyline(ridges, style.ridge, 4, within=region)
        walker = Dot(steps[0], radius=0.1, color=style.minimizer).set_z_index(5)
        still = VGroup(self.picture.bars, self.picture.drops, self.behind[0])
        self.play(FadeOut(self.stages, still, self.ridge_name), run_time=0.6)
        self.wait_for("stop")

        def walk(dot: Dot, alpha: float) -> None:
            at = (len(steps) - 1) * alpha**2
            dot.move_to([np.interp(at, range(len(steps)), axis) for axis in steps.T])

        self.play(FadeIn(found[0]), Create(self.path), run_time=1)
        self.play(
            Create(self.descent, rate_func=lambda t: t**2), UpdateFromAlphaFunc(walker, walk, rate_func=linear),
            run_time=3.6,
        )  # fmt: skip
        # As noise in the data moves the minimizer: far along flat directions; the size is chosen for the picture.
        sigma = risk.eigenvalues
        flattest = float(min(s for s in sigma if s > 0))
        deviation = np.array([np.sqrt(flattest / s) if s > 0 else 0.0 for s in sigma])
        shaken = np.random.default_rng(3).normal(size=(_DRAWS, 2)) * _SPREAD * reach(problem) * deviation
        factors = shrinkage_factors(sigma, problem.lam)
        clouds = VGroup()
        for around, noise, role in (
            (risk.minimizer, shaken, "minimizer"),
            (problem.ridge, factors * shaken, "ridge"),
        ):
            points = plane.c2p(around + risk.from_eigenbasis(noise))
            clouds.add(Scatter(points[region.contains(points)], style.faded(role, 0.7), radius=0.045))
        self.clouds = clouds.set_z_index(1)
        self.wait_for("noise")
        self.play(FadeOut(walker), FadeIn(found[1]), FadeIn(clouds), run_time=2.6)
        self.found = found

    @step(
        say=_(
            "In normalized networks nothing comes to rest: <turn>long or short, weights end on one circle, and "
            "<speed>decay sets the speed at which they turn."
        ),
        shows=_(
            "Three paths, from a short, a middle and a long vector, spiral onto one dashed circle around zero and turn "
            "along it. Beside it: normalized networks, decay sets the speed of turning."
        ),
    )
    def turn_without_rest(self) -> None:
        style, plane = self.style, self.plane
        line = self.write(NETWORK)
        # A loss that depends on the direction alone has a gradient across the weights that falls with their length.
        # Its size is chosen so that the circle has two thirds of the room.
        room = plane.drawing_region
        radius = 0.42 * min(room.width, room.height)
        middle = room.center
        rate, lam = 0.05, 1.0
        push = np.sqrt(2 * lam / rate - lam**2)  # the circle then has radius 1

        def gradient(w: np.ndarray) -> np.ndarray:
            across = np.stack([-w[..., 1], w[..., 0]], axis=-1)
            return -push * across / np.sum(w**2, axis=-1, keepdims=True)

        walks = [
            weight_decay_steps(
                gradient, np.array([np.cos(turn), np.sin(turn)]) * length, rate, 110, lam
            ).points
            for length, turn in ((0.3, 0.0), (0.9, 2.2), (1.6, 4.2))
        ]
        circle = VMobject(color=style.line, stroke_width=3)
        turns = np.linspace(0, 2 * np.pi, 121)
        set_polyline(circle, middle + radius * np.column_stack([np.cos(turns), np.sin(turns), 0 * turns]))
        trails, heads = VGroup(), VGroup()
        for walk in walks:
            points = middle + radius * np.column_stack([walk, np.zeros(len(walk))])
            trail = VMobject(color=style.dim, stroke_width=3, fill_opacity=0)
            trail.way = points
            trails.add(trail)
            heads.add(Arrow(middle, points[0], style.ridge))

        def run(group: VGroup, alpha: float) -> None:
            at = 1 + alpha * (len(walks[0]) - 2)
            k = int(at)
            for trail, head in zip(*group, strict=True):
                tip = trail.way[k] + (at - k) * (trail.way[min(k + 1, len(trail.way) - 1)] - trail.way[k])
                set_polyline(trail, np.vstack([trail.way[max(0, k - 30) : k + 1], tip]))
                head.put(middle, tip)

        staying = {id(part) for kept in (self.title_line, self.heart) for part in kept.get_family()}
        gone = [m for m in self.mobjects if staying.isdisjoint(id(part) for part in m.get_family())]
        self.play(*(FadeOut(m) for m in gone), FadeIn(heads, circle), run_time=1.6)
        moving = VGroup(trails, heads)
        self.add(moving)
        self.wait_for("turn")
        self.play(UpdateFromAlphaFunc(moving, run, rate_func=linear), FadeIn(line), run_time=5)
        self.wait_for("speed")
        self.play(line.animate.set_color(style.ink), run_time=1.4)
        self.circles = VGroup(moving, circle, line)

    @step(
        say=unless(
            _(
                "One picture to keep. <sweep>Let {lam} rise, and every direction gives way at its own moment: "
                "<flat>first the flat one, <steep>then the steep."
            ),
            is_zero=_("One picture to keep. <sweep>Let {lam} rise: <flat>zero <steep>stays zero."),
            is_alone=_(
                "One picture to keep. <sweep>Let {lam} rise, and the one component <flat>gives <steep>way."
            ),
            is_round=_(
                "One picture to keep. <sweep>Let {lam} rise, and both directions <flat>give way <steep>alike."
            ),
        ),
        shows=_(
            "The parameter plane again: the minimizer, and the ridge minimizer on its path towards zero. "
            "Beside it {lam} on the half-line of penalties, with the eigenvalues. The whole formula is lit."
        ),
    )
    def keep_the_picture(self) -> None:
        problem, plane, style, picture = self.problem, self.plane, self.style, self.picture
        risk = problem.risk
        self.lam = PenaltyTracker(PenaltyScale(risk.eigenvalues), 0.0)
        arrow = Arrow(plane.origin, plane.c2p(problem.risk.minimizer), style.ridge).set_z_index(5)
        bars = VGroup(*(bar.copy() for bar in picture.bars))
        for k, bar in enumerate(bars):
            bar.set_color(style.color(f"eig{k + 1}"))

        def move(group: VGroup) -> None:
            ridge = self.compute("ridge_minimizer(risk, lam)", lam=self.lam.get_value())
            z = risk.to_eigenbasis(ridge)
            group[0].put(plane.origin, plane.c2p(ridge))
            for k, bar in enumerate(group[1]):
                bar.put_start_and_end_on(plane.origin, plane.c2p(risk.eigenvectors[:, k] * z[k]) + 1e-9)

        moving = VGroup(arrow, bars)
        start = VGroup(self.plane, picture.contours, self.behind[1], self.path, self.name)
        self.play(FadeOut(self.circles), FadeIn(start), run_time=0.8)
        self.follow(moving, move, self.lam)
        line = PenaltyLine(self, self.lam, RIGHT_HALF.left + 0.4, RIGHT_HALF.right - 0.6, -0.4)
        sign = self.formula("@lam")
        self.follow(sign, lambda m: m.next_to(line.marker, UP, buff=0.15), self.lam)
        self.play(FadeIn(moving, line, sign), run_time=0.6)
        self.wait_for("sweep")
        self.rise(0.1, run_time=2.5)
        self.wait_for("flat")
        self.rise(0.5, run_time=2)
        self.wait_for("steep")
        self.rise(0.93, run_time=2)
        self.play(self.lam.animate.set_value(problem.lam), run_time=1.5)
        name = place_backed(
            self.formula("@ridge"),
            style,
            plane.c2p(problem.ridge),
            avoid=[start, moving],
            within=LEFT_HALF,
        )
        self.play(FadeIn(name), run_time=0.5)

    def rise(self, position: float, run_time: float) -> None:
        """Move lambda evenly to a position on the half-line of penalties."""
        self.play(
            self.lam.animate(rate_func=linear).set_value(self.lam.scale_.lam(position)), run_time=run_time
        )
