"""With λ = 0 every factor is 1, and turning back arrives where we started."""

from __future__ import annotations

from manim import DOWN, LEFT, UP, FadeIn, FadeOut, Indicate, Rotate, Transform, TransformFromCopy, VGroup

from lecture.stage import BODY, LEFT_HALF, RIGHT_HALF, SMALL, Arrow, step, unless
from lecture.stage.backing import place_backed
from scenes.parts.eigen_picture import EigenPicture, HeartScene, heart_plane
from scenes.parts.heart_formula import HeartFormula


class NothingHappensWithoutPenalty(HeartScene):
    """Without a penalty the three stages undo each other: the ridge minimizer is the minimizer."""

    title = "Without a penalty"

    @step(
        say=unless(
            "In eigen-coordinates, with λ zero, Σ inverse times Σ is the identity: both factors are exactly one.",
            is_singular="We stand in eigen-coordinates, and λ goes to zero. The factor of the steep direction becomes "
            "one; that of the direction without curvature is zero all the way.",
        ),
        shows="On the left the parameter plane, on the right its turned copy; each component on the right "
        "is written with the factor that multiplies it.",
        covers=("B8",),
    )
    def set_penalty_to_zero(self) -> None:
        problem, style = self.problem, self.style
        self.left = heart_plane(problem, LEFT_HALF, style)
        self.right = heart_plane(problem, RIGHT_HALF, style, eigen=True)
        self.picture = EigenPicture(self.left, problem, style)
        self.turned = EigenPicture(self.left, problem, style).shift(self.right.origin - self.left.origin)
        self.turned.rotate(-problem.angle, about_point=self.right.origin)
        self.turned.remove(self.turned.directions)
        self.heart = HeartFormula(style).lit("rescale")
        self.name = self.name_minimizer(self.picture, LEFT_HALF)
        self.q_names = self.name_directions(self.picture, LEFT_HALF, avoid=[self.name])
        self.add(self.make_title(), self.heart, self.left, self.picture, self.name, self.q_names)
        self.add(self.right, self.turned)
        self.play(FadeIn(self.heart.mark("rescale")), run_time=0.8)
        self.factors, self.products = VGroup(), []
        for k, bar in enumerate(self.turned.bars):
            product = self._times_factor(k)
            self.products.append(product)
            factor = place_backed(
                product,
                self.style,
                bar.get_center(),
                avoid=[self.turned, self.right, *self.factors],
                within=RIGHT_HALF,
                prefer=-self.turned.bars[1 - k].get_vector(),
            )
            self.factors.add(factor)
        self.play(FadeIn(self.factors), run_time=1)
        if self.problem.risk.eigenvalues[1] > 0:
            underline, name = self.heart.mark("rescale")
            identity = self.formula("lambda = 0: quad Sigma^(-1) Sigma = I", role="penalty", size=SMALL + 3)
            identity.move_to(name, aligned_edge=UP)
            self.play(FadeOut(name, shift=0.2 * DOWN), FadeIn(identity, shift=0.2 * DOWN), run_time=0.8)
            self.heart.mark("rescale").submobjects = [underline, identity]

    def _times_factor(self, k: int) -> VGroup:
        length, one = self.number_text(f"risk.to_eigenbasis(risk.minimizer)[{k}]")
        factor, two = self.number_text(f"shrinkage_factors(risk.eigenvalues, 0.0)[{k}]", digits=1)
        role = f"eig{k + 1}"
        shown = self.formula(f"{{{{ {length} : {role} }}}} {{{{ times {factor} : penalty }}}}", size=BODY)
        return self.remember(shown, one, two)

    @step(
        say=unless(
            "Multiplied by one, each component stays as long as it was.",
            is_zero="Both components are zero already, and stay so.",
            is_adrift="The steep component stays as long as it was. The other is gone: along the level floor every "
            "value is as good, and the smallest penalty takes it to zero.",
            is_singular="The steep component stays as long as it was, and along the level floor there is none to lose.",
        ),
        shows=unless(
            "The two components on the right, as long as before; of each product only the length is left.",
            is_adrift="On the right the steep component, unchanged; the one along the flat direction has shrunk to "
            "zero, a pale bar and a pale arrow show how long they were.",
        ),
        covers=("B8",),
    )
    def keep_every_component(self) -> None:
        for k, bar in enumerate(self.turned.bars):
            color = self.style.color(f"eig{k + 1}")
            if k == 1 and self.problem.is_adrift:
                self._lose_the_flat_component()
                continue
            self.play(
                Indicate(self.factors[k], color=color, scale_factor=1.08),
                Indicate(bar, color=color),
                run_time=1,
            )
            times_one = self.products[k].select("penalty")
            self.play(FadeOut(times_one, shift=0.2 * LEFT), run_time=0.5)
            self.products[k].remove(*times_one)

    def _lose_the_flat_component(self) -> None:
        """What lies along a direction without curvature goes, whatever the penalty."""
        style, turned, origin = self.style, self.turned, self.right.origin
        self.before = VGroup(
            turned.bars[1].copy().set_color(style.faded("eig2", 0.35)).set_z_index(1),
            turned.arrow.copy().set_color(style.faded("minimizer", 0.5)).set_z_index(3),
        )
        self.add(self.before)
        tip = self.right.c2p([self.problem.components[0], 0.0])
        bar = turned.bars[1]
        self.play(
            Indicate(self.factors[1], color=style.eig2, scale_factor=1.08),
            bar.animate.put_start_and_end_on(origin, origin + 1e-3 * (bar.get_end() - origin)),
            FadeOut(turned.drops),
            Transform(turned.arrow, Arrow(origin, tip, style.ridge)),
            run_time=1.5,
        )
        turned.remove(turned.drops)
        turned.drops = VGroup()

    @step(
        say=unless(
            "Turning back by Q, we arrive at θ̂ again. Whatever the penalty does, it does in between.",
            is_adrift="Turning back by Q, we arrive at the shortest of all minimizers. It is as good as θ̂, which was "
            "just one of them.",
        ),
        shows=unless(
            "The picture has been turned back onto the left-hand plane and lies exactly on θ̂.",
            is_adrift="The picture has been turned back onto the left-hand plane: the limit of θ̂ ridge is the point of "
            "the level floor that is nearest to the origin; a pale arrow marks θ̂.",
        ),
        covers=("B8",),
    )
    def turn_back(self) -> None:
        self.play(
            self.heart.light("back"),
            FadeOut(self.heart.mark("rescale"), self.factors),
            FadeIn(self.heart.mark("back")),
            run_time=0.8,
        )
        moving = self.turned.copy()
        for role, part in (
            ("line", self.turned.contours),
            ("minimizer", self.turned.arrow),
            ("dim", self.turned.drops),
        ):
            part.set_color(self.style.faded(role, 0.35))
        for k, bar in enumerate(self.turned.bars):
            bar.set_color(self.style.faded(f"eig{k + 1}", 0.35))
        ghost = self.picture.arrow.copy().set_color(self.style.faded("minimizer", 0.5))
        adrift = self.problem.is_adrift
        self.remove(self.picture, *(() if adrift else (self.name,)))
        self.add(self.picture.directions, ghost, moving)
        self.play(moving.animate.shift(self.left.origin - self.right.origin), run_time=1.4)
        self.play(Rotate(moving, self.problem.angle, about_point=self.left.origin), run_time=2.4)
        tip = self.left.c2p(self.problem.risk.from_eigenbasis(self.problem.components * [1, not adrift]))
        if adrift:
            self.ghost = ghost
            result = self.formula("lim_(@lam -> 0) @ridge != @min")
        else:
            self.remove(ghost)
            result = self.formula("@ridge {{ = : equals }} @min")
        placed = place_backed(
            result,
            self.style,
            tip,
            avoid=[self.picture, self.left, self.q_names, *([self.name] if adrift else [])],
            within=LEFT_HALF,
            prefer=tip - self.left.origin,
        )
        if placed is not result:
            self.patch = placed[0]
            self.add(self.patch)
            result.set_z_index(placed.z_index)
        if adrift:
            self.play(FadeIn(result), run_time=0.8)
        else:
            self.play(TransformFromCopy(self.name, result.select("minimizer")), run_time=0.6)
            self.play(FadeIn(result.select("ridge"), result.select("equals")), run_time=0.8)
        self.play(self.heart.light("all"), FadeOut(self.heart.mark("back")), run_time=0.6)
