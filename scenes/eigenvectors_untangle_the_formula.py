"""H = QΣQᵀ put into the formula, until three factors are left that act one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    Create,
    FadeIn,
    FadeOut,
    Indicate,
    Line,
    Rotate,
    UpdateFromAlphaFunc,
    VGroup,
    smooth,
)

from lecture.stage import LEFT_HALF, RIGHT_HALF, SAFE, SMALL, Arrow, Region, question, step, unless
from lecture.stage.derivation import Birth, Derivation
from lecture.words import _
from scenes.parts.eigen_picture import EigenPicture, HeartScene, heart_plane
from scenes.parts.heart_formula import HeartFormula
from scenes.parts.heart_stage import LEFT

SPLIT = "{{ @Q @Sigma @QT : split }} @min"
LINES = (
    "@ridge {{ = : eq }} {{ ( {{ @Q @Sigma @QT : first }} + @lam {{ @identity : one }} )^(-1) : inverse }} "
    + SPLIT,
    "{{ = : eq }} {{ ( {{ @Q @Sigma @QT : first }} + @lam {{ @Q @QT : one }} )^(-1) : inverse }} " + SPLIT,
    "{{ = : eq }} {{ ( {{ @Q : q }} {{ (@Sigma + @lam @identity) : middle }} {{ @QT : qt }} )^(-1) : inverse }} "
    + SPLIT,
    "{{ = : eq }} {{ @Q : q }} {{ (@Sigma + @lam @identity)^(-1) : middle }} {{ @QT : qt }} {{ {{ @Q : q2 }} {{ "
    "@Sigma : sigma }} {{ @QT : last }} : split }} @min",
    "{{ = : eq }} {{ @Q : q }} {{ (@Sigma + @lam @identity)^(-1) : middle }} {{ @Sigma : sigma }} {{ @QT : last }} "
    "@min",
)
RIGHT_TOP = 1.75  # of what is written on the right


class EigenvectorsUntangleTheFormula(HeartScene):
    """In the eigenbasis the formula falls apart into three factors."""

    title = _("*Untangling* the formula")
    question_region = Region(LEFT_HALF.left, LEFT_HALF.right, SAFE.bottom, -2.0)

    @step(
        say=_(
            "<first>{hessian} only stretches {q1}, by {s1}, <second>and {q2}, by {s2}. <such>Such directions are its "
            "eigenvectors."
        ),
        shows=_(
            "On the left {min}, its contours, {ridge}, and two dashed lines, the eigenvectors {q1} and {q2}. On the "
            "right {hessian} {q1} equals {s1} {q1}, and {hessian} {q2} equals {s2} {q2}, with both eigenvalues in "
            "numbers. Along each line an arrow, {hessian} times its eigenvector: as long as the eigenvalue is large."
        ),
        covers=("A7", "B6"),
    )
    def find_the_eigenvectors(self) -> None:
        problem, style = self.problem, self.style
        self.plane = heart_plane(problem, LEFT, style)
        self.picture = EigenPicture(self.plane, problem, style)
        self.ridge = Arrow(self.plane.origin, self.plane.c2p(problem.ridge), style.ridge).set_z_index(4)
        self.name, self.q_names, self.ridge_name = self.name_all(self.picture, self.ridge, LEFT)
        self.top = self.at_top_right(
            self.formula(
                "@ridge = {{ (@hessian + @lam @identity)^(-1) : inverse }} {{ @hessian : hessian }} @min"
            )
        )
        self.add(self.make_title(), self.plane, self.picture.contours, self.picture.arrow, self.name)
        self.add(self.ridge, self.ridge_name, self.top)
        self.stretches = VGroup()
        for k in (1, 2):
            number, record = self.number_text(f"risk.eigenvalues[{k - 1}]")
            value = f"{{{{ {{{{ {number} : eig{k} }}}} : stretch }}}}"
            line = self.formula(f"@hessian @q{k} = @s{k} @q{k} quad quad @s{k} {{{{ = : eq }}}} {value}")
            line.move_to([RIGHT_HALF.left + 0.3, RIGHT_TOP - 0.9 * (k - 1), 0], aligned_edge=[-1, 0, 0])
            self.stretches.add(self.remember(line, record))
        if self.stretches.width > SAFE.right - self.stretches.get_left()[0]:  # eigenvalues with many digits
            edge = self.stretches.get_left()
            self.stretches.scale((SAFE.right - edge[0]) / self.stretches.width, about_point=edge)
        self.stretched = VGroup()
        self.wait_for("first")
        self._stretch(0)
        self.wait_for("second")
        self._stretch(1)
        self.add(self.ridge_name)  # above the directions
        self.wait_for("such")
        roles = zip(self.q_names, (style.eig1, style.eig2), strict=True)
        self.play(*(Indicate(name, scale_factor=1.6, color=color) for name, color in roles), run_time=1.4)

    def _stretch(self, k: int) -> None:
        """H times an eigenvector: an arrow that grows along its line, as far as the eigenvalue says."""
        directions, origin = self.picture.directions, self.plane.origin
        self.play(Create(directions[k]), FadeIn(self.q_names[k]), FadeIn(self.stretches[k]), run_time=0.9)
        sigma = self.problem.risk.eigenvalues
        longest = 0.8 * min(float(np.linalg.norm(line.get_end() - origin)) for line in directions)
        way = longest * float(sigma[k] / sigma[0]) * _unit(directions[k])
        if np.linalg.norm(way) < 0.05:  # H takes it to zero
            return
        tip = min(0.3, 0.6 * float(np.linalg.norm(way)))
        arrow = Arrow(origin, origin + way, self.style.color(f"eig{k + 1}"), width=7, tip=tip).set_z_index(3)
        self.stretched.add(arrow)
        self.play(
            UpdateFromAlphaFunc(
                arrow, lambda m, alpha: m.put(origin, origin + (0.1 + 0.9 * smooth(alpha)) * way)
            ),
            run_time=1.4,
        )

    @step(
        say=unless(
            _(
                "Why perpendicular? <read>{hessian} is symmetric: let it <stretch>stretch {q1} or {q2}, the product "
                "is <same>the same. <so>With two different stretches it must be zero."
            ),
            is_round=_(
                "Why perpendicular? <read>{hessian} is symmetric: let it <stretch>stretch {q1} or {q2}, the product "
                "is <same>the same. <so>Here the stretches are equal, so we choose {q1} and {q2} so."
            ),
        ),
        shows=unless(
            _(
                "Below, the product of {q1} and {q2} with {hessian} in it, in two ways: {s1} times or {s2} times the "
                "product of {q1} and {q2}; so that product is zero. A right angle marks the two lines on the left."
            ),
            is_round=_(
                "Below, the product of {q1} and {q2} with {hessian} in it, in two ways: {s1} times or {s2} times the "
                "product of {q1} and {q2}; the product is chosen to be zero. A right angle marks the two lines on "
                "the left."
            ),
        ),
        covers=("A7",),
    )
    def stand_perpendicular(self) -> None:
        self.product = Derivation(
            [
                "@hessian @q1 dot @q2 {{ = : eq }} @q1 dot @hessian @q2",
                "@s1 @q1 dot @q2 {{ = : eq }} @s2 @q1 dot @q2",
                "@q1 dot @q2 {{ = : eq }} 0",
            ],
            self.style,
            x=RIGHT_HALF.center[0],
            top=RIGHT_TOP - 2.1,
            spacing=0.8,
        )
        ways = [0.3 * _unit(line) for line in self.picture.directions]
        corner = self.plane.origin
        self.angle = VGroup(
            Line(corner + ways[0], corner + ways[0] + ways[1], color=self.style.ink, stroke_width=3),
            Line(corner + ways[1], corner + ways[0] + ways[1], color=self.style.ink, stroke_width=3),
        ).set_z_index(5)
        self.wait_for("read")
        self.play(FadeIn(self.product.lines[0]), run_time=1.2)
        self.wait_for("stretch")
        self.play(FadeIn(self.product.lines[1]), run_time=1.2)
        self.wait_for("same")
        equal = [self.product.lines[k].select("eq") for k in (0, 1)]
        self.play(*(Indicate(sign, scale_factor=1.8, color=self.style.ink) for sign in equal), run_time=1)
        self.wait_for("so")
        self.play(FadeIn(self.product.lines[2]), Create(self.angle), run_time=1)

    @step(
        say=_(
            "<columns>Write {q1} and {q2}, each of length one, as the columns of {Q}, <diagonal>their stretches into "
            "{Sigma}: <split>together they are {hessian}."
        ),
        shows=_(
            "On the right {hessian} equals {Q} {Sigma} {QT}, with {q1} and {q2} as the columns of {Q} and the "
            "eigenvalues on the diagonal of {Sigma}."
        ),
        covers=("A7", "B6"),
    )
    def write_the_columns(self) -> None:
        split = self.formula("{{ @hessian : hessian }} = {{ @Q @Sigma @QT : factors }}")
        split.move_to([RIGHT_HALF.center[0], RIGHT_TOP, 0])
        self.columns = self.formula("@Q = mat({{ @q1 : first }}, {{ @q2 : second }})")
        (first, one), (second, two) = (self.number_text(f"risk.eigenvalues[{k}]") for k in range(2))
        self.diagonal = self.formula(
            f"@Sigma = mat({{{{ {first} : eig1 }}}}, 0; 0, {{{{ {second} : eig2 }}}})"
        )
        self.remember(self.diagonal, one, two)
        parts = VGroup(self.columns, self.diagonal).arrange([1, 0, 0], buff=0.8)
        if parts.width > RIGHT_HALF.width:
            parts.arrange([0, -1, 0], buff=0.5)
        parts.move_to([RIGHT_HALF.center[0], 0.1, 0]).align_to([0, 0.3, 0], [0, 1, 0])
        self.wait_for("columns")
        self.play(FadeOut(*self.product.lines, self.angle), run_time=0.4)
        self.play(Birth(self.columns, {"first": self.q_names[0], "second": self.q_names[1]}), run_time=2)
        self.wait_for("diagonal")
        sources = {f"eig{k + 1}": line.select("stretch") for k, line in enumerate(self.stretches)}
        self.play(Birth(self.diagonal, sources), FadeOut(self.stretches, self.stretched), run_time=1.2)
        self.wait_for("split")
        self.play(Birth(split, {"hessian": self.top.select("hessian")}), run_time=1.2)
        self.split = split

    @step(
        say=_(
            "<put>Put this in for {hessian}, in both places. <one>And {lam} {identity} becomes {lam} {Q} {QT}: "
            "<turn>turning back and there again is no turn at all."
        ),
        shows=_(
            "Two lines: the formula with {Q} {Sigma} {QT} in place of {hessian}, then with {lam} {Q} {QT} in place "
            "of {lam} {identity}."
        ),
        covers=("A7", "B6"),
    )
    def put_it_in(self) -> None:
        self.algebra = Derivation(
            LINES, self.style, x=RIGHT_HALF.left + 0.9, top=RIGHT_TOP, spacing=0.92, size=40
        )
        # What stands for H is noted at the foot: above the lines it would read as their left side.
        note = self.split.copy().scale(SMALL / 44).set_color(self.style.dim)
        note.move_to([RIGHT_HALF.right, SAFE.bottom, 0], aligned_edge=[1, -1, 0])
        self.wait_for("put")
        self.play(FadeOut(self.columns, self.diagonal), self.split.animate.become(note), run_time=0.8)
        top = self.top
        sources = {"inverse": top.select("inverse"), "split": top.select("hessian")}
        whole = {"ridge": top.select("ridge"), "minimizer": top.select("minimizer")}
        self.play(Birth(self.algebra.lines[0], {**sources, **whole}), run_time=1.4)
        self.wait_for("one")
        self._advance(1, ("one",), "eq first one inverse split minimizer")
        self.wait_for("turn")
        self.play(Indicate(self.algebra.part(1, "one"), scale_factor=1.3, color=self.style.ink), run_time=1.6)

    @step(
        say=_(
            "<out>Take {Q} and {QT} out of the bracket. <invert>Inverting reverses the product; a "
            "<transpose>rotation's inverse is its transpose."
        ),
        shows=_(
            "Two more lines: {Q} times ({Sigma} plus {lam} {identity}) times {QT} inside the inverse; then {Q}, the "
            "inverse of ({Sigma} plus {lam} {identity}), {QT}, {Q}, {Sigma}, {QT}, {min}."
        ),
        covers=("A7", "B6"),
    )
    def take_q_out(self) -> None:
        self.wait_for("out")
        self._advance(2, ("inverse",), "q:first middle:inverse qt:first inverse split eq minimizer")
        self.wait_for("invert")
        self._advance(3, ("inverse",), "eq middle q qt split minimizer")
        self.wait_for("transpose")
        turns = self.algebra.part(3, ("q", "qt"))
        self.play(*(Indicate(part, scale_factor=1.4, color=self.style.ink) for part in turns), run_time=1.4)

    @question(
        ask=_(
            "In the middle <pair>stand {QT} and {Q}: turn <there>there, then turn <back>back. What do they do to the "
            "picture?"
        ),
        choices=(_("it turns it twice"), _("nothing")),
        answer=1,
        shows=_(
            "In the last line {QT} and {Q} side by side are underlined, with the question what they do to the picture."
        ),
        covers=("A7", "B6"),
    )
    def predict_the_middle(self) -> None:
        self.marks = self.algebra.mark(3, "qt", "q2")
        self.wait_for("pair")
        self.play(*(Create(mark) for mark in self.marks), run_time=1)
        there, back = (
            Indicate(self.algebra.part(3, name), scale_factor=1.4, color=self.style.ink)
            for name in ("qt", "q2")
        )
        self.wait_for("there")
        self.play(there, run_time=0.7)
        self.wait_for("back")
        self.play(back, run_time=0.7)

    @step(
        say=unless(
            _(
                "Nothing at all. <there>{Q} turns the picture there, <back>and {QT} turns it back. <cancel>They "
                "cancel, and three factors are left."
            ),
            is_upright=_(
                "Nothing. <there>Here {Q} does not even turn; <back>in general {QT} turns it back. <cancel>They "
                "cancel, and three factors are left."
            ),
        ),
        shows=_("The last line: {Q}, the inverse of ({Sigma} plus {lam} {identity}), {Sigma}, {QT}, {min}."),
        covers=("A7", "B6"),
    )
    def cancel_in_the_middle(self) -> None:
        style, origin, angle = self.style, self.plane.origin, self.problem.angle
        # The eigenvectors stay: turned, their lines would leave the frame.
        picture = VGroup(self.picture.contours, self.picture.arrow, self.ridge)
        self.ghost = VGroup(
            self.picture.contours.copy().set_stroke(style.faded("line", 0.4)),
            self.picture.arrow.copy().set_color(style.faded("minimizer")),
        ).set_z_index(-1)
        self.play(FadeOut(self.name, self.q_names, self.ridge_name), FadeIn(self.ghost), run_time=0.4)
        self.wait_for("there")
        self.play(Rotate(picture, angle, about_point=origin), run_time=1.2)
        self.wait_for("back")
        self.play(Rotate(picture, -angle, about_point=origin), run_time=1.2)
        self.remove(self.ghost)
        self.wait_for("cancel")
        self.play(FadeIn(self.name, self.q_names, self.ridge_name), FadeOut(self.marks), run_time=0.4)
        self._advance(4, ("qt", "q2"), "eq q middle sigma last minimizer")

    @step(
        say=_("<lift>Three factors, which act from <right>right to left. <see>What does each one do?"),
        shows=_(
            "The formula at the top right: {ridge} equals {Q}, the inverse of ({Sigma} plus {lam} {identity}), "
            "{Sigma}, {QT}, {min}. On the left {min}, its contours and its eigenvectors."
        ),
        covers=("A7", "B6"),
    )
    def lift_the_result(self) -> None:
        last, top = self.algebra.lines[4], self.top
        self.heart = HeartFormula(self.style)
        self.wait_for("lift")
        self.play(
            FadeOut(*self.algebra.lines[:4], self.split, top.select("inverse"), top.select("hessian")),
            run_time=0.6,
        )
        parents = {
            "ridge": top.select("ridge"),
            "back": last.select("q"),
            "rescale": self.algebra.part(4, ("middle", "sigma")),
            "rotate": last.select("last"),
            "minimizer": last.select("minimizer"),
        }
        self.remove(*top, last)
        self.play(Birth(self.heart.line, parents), run_time=1.4)
        self.remove(self.heart.line)
        self.add(self.heart)
        self.wait_for("right")
        for stage in ("rotate", "rescale", "back"):
            part = self.heart.part(stage)
            self.play(Indicate(part, scale_factor=1.25, color=self.style.ink), run_time=0.7)
        self.wait_for("see")
        self.play(FadeOut(self.ridge, self.ridge_name), self.heart.light("rotate"), run_time=0.8)

    def _advance(self, line: int, changing: tuple[str, ...], parents: str) -> None:
        """See :meth:`Derivation.advance`; ``"a b:c"`` says that a comes from a, and b from c."""
        pairs = (pair.partition(":") for pair in parents.split())
        self.algebra.advance(self, line, changing, {name: source or name for name, _colon, source in pairs})


def _unit(line: Line) -> Any:
    """The direction in which a line leads."""
    way = line.get_end() - line.get_start()
    return way / max(float((way**2).sum()) ** 0.5, 1e-9)
