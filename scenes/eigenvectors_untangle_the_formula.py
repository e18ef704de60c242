"""H = QΣQᵀ put into the formula, until it reads rotate, rescale, rotate back."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Create, FadeIn, FadeOut, Rotate, Transform, VGroup

from lecture.stage import BODY, FORMULA, LEFT_HALF, RIGHT_HALF, SAFE, Arrow, place, step
from lecture.stage.backing import backed
from lecture.stage.derivation import Birth, Derivation
from lecture.stage.text import format_number
from scenes.parts.eigen_picture import EigenPicture, HeartScene, heart_plane, reach
from scenes.parts.heart_formula import HeartFormula

RESCALED = "(Sigma + @lam I)^(-1) Sigma Q^top @min"
ROW_EQUALS = 4.45  # where the equals signs of the numbers stand
SPLIT = "{{ Q Sigma Q^top : split }} @min"
LINES = (
    "{{ = : eq }} {{ ( {{ Q Sigma Q^top : first }} + @lam {{ I : one }} )^(-1) : inverse }} " + SPLIT,
    "{{ = : eq }} {{ ( {{ Q Sigma Q^top : first }} + @lam {{ Q Q^top : one }} )^(-1) : inverse }} " + SPLIT,
    "{{ = : eq }} {{ ( {{ Q : q }} {{ (Sigma + @lam I) : middle }} {{ Q^top : qt }} )^(-1) : inverse }} "
    + SPLIT,
    "{{ = : eq }} {{ Q : q }} {{ (Sigma + @lam I)^(-1) : middle }} {{ Q^top : qt }} "
    "{{ {{ Q : q2 }} {{ Sigma : sigma }} {{ Q^top : last }} : split }} @min",
    "{{ = : eq }} {{ Q : q }} {{ (Sigma + @lam I)^(-1) : middle }} {{ Sigma : sigma }} "
    "{{ Q^top : last }} @min",
)


class EigenvectorsUntangleTheFormula(HeartScene):
    """In the eigenbasis the formula falls apart into three plain moves: rotate, rescale, rotate back."""

    title = "*Untangling* the formula"

    @step(
        say="H is symmetric. Q holds its perpendicular eigenvectors as columns, Σ their eigenvalues.",
        shows="On the left θ̂, its contours, the eigenvectors q₁ and q₂ as dashed lines, and θ̂ ridge. On the right "
        "H equals Q Σ Q transposed, with the columns of Q and the eigenvalues on the diagonal of Σ.",
        covers=("A7", "B6"),
    )
    def find_the_eigenvectors(self) -> None:
        problem, style = self.problem, self.style
        self.plane = heart_plane(problem, LEFT_HALF, style)
        self.picture = EigenPicture(self.plane, problem, style)
        self.ridge = Arrow(self.plane.origin, self.plane.c2p(problem.ridge), style.ridge).set_z_index(4)
        self.name = self.name_minimizer(self.picture, LEFT_HALF)
        self.q_names = self.name_directions(self.picture, LEFT_HALF, avoid=[self.name, self.ridge])
        name = place(
            self.formula("@ridge"),
            self.ridge.end_point,
            avoid=[self.picture, self.ridge, self.plane, self.name, *self.q_names],
            within=LEFT_HALF,
            prefer=(1, 0),
        )
        self.ridge_name = backed(name, style)
        self.top = self.formula("@ridge = {{ (H + @lam I)^(-1) : inverse }} {{ H : hessian }} @min")
        self.top.move_to([SAFE.right, SAFE.top + 0.05, 0], aligned_edge=[1, 1, 0])
        self.add(self.make_title(), self.plane, self.picture.contours, self.picture.arrow, self.name)
        self.add(self.ridge, self.ridge_name, self.top)

        split = self.formula("{{ H : hessian }} = {{ Q : q }} {{ Sigma : sigma }} {{ Q^top : qt }}")
        split.move_to([RIGHT_HALF.center[0], 1.6, 0])
        first, one = self.number_text("risk.eigenvalues[0]")
        second, two = self.number_text("risk.eigenvalues[1]")
        self.columns = self.formula("Q = mat({{ q_1 : eig1 }}, {{ q_2 : eig2 }})")
        self.diagonal = self.formula(
            f"Sigma = mat({{{{ {first} : eig1 }}}}, 0; 0, {{{{ {second} : eig2 }}}})"
        )
        self.remember(self.diagonal, one, two)
        parts = VGroup(self.columns, self.diagonal).arrange([1, 0, 0], buff=0.8)
        if parts.width > RIGHT_HALF.width:
            parts.arrange([0, -1, 0], buff=0.5)
        parts.move_to([RIGHT_HALF.center[0], 0.1, 0]).align_to([0, 0.75, 0], [0, 1, 0])

        directions = self.picture.directions
        self.play(*map(Create, directions), FadeIn(self.q_names), run_time=1.6)
        self.add(self.ridge_name)  # above the directions
        self.play(Birth(split, {"hessian": self.top.select("hessian")}), run_time=1.4)
        self.play(
            Birth(self.columns, {"eig1": self.q_names[0], "eig2": self.q_names[1]}),
            Birth(self.diagonal, {}),
            run_time=1.6,
        )
        self.split = split

    @step(
        say="Put this in for H; and λ I becomes λ Q Q transposed, as Q is a rotation.",
        shows="Two lines: the formula with Q Σ Q transposed in place of H, then with λ Q Q transposed in place of λ I.",
        covers=("A7", "B6"),
    )
    def put_it_in(self) -> None:
        self.algebra = Derivation(LINES, self.style, x=RIGHT_HALF.left + 0.35, top=1.35, spacing=0.95)
        for line in self.algebra.lines[1:]:
            line.shift([self.algebra.lines[0].get_left()[0] - line.get_left()[0], 0, 0])
        self.play(
            FadeOut(self.columns, self.diagonal),
            self.split.animate.move_to([RIGHT_HALF.right, 2.35, 0], aligned_edge=[1, 0, 0]).set_color(
                self.style.dim
            ),
            run_time=0.8,
        )
        first = self.algebra.lines[0]
        inverse, hessian = self.top.select("inverse"), self.top.select("hessian")
        self.play(
            Birth(first, {"inverse": inverse, "split": hessian, "minimizer": self.top.select("minimizer")}),
            run_time=1.6,
        )
        self._advance(1, ("one",), "eq first one inverse split minimizer")

    @step(
        say="Take Q out of the bracket. Inverting reverses the product, and a rotation's inverse is its "
        "transpose.",
        shows="Two more lines: Q times (Σ plus λ I) times Q transposed inside the inverse; then Q, the inverse of "
        "(Σ plus λ I), Q transposed, Q Σ Q transposed, θ̂.",
        covers=("A7", "B6"),
    )
    def take_q_out(self) -> None:
        self._advance(2, ("inverse",), "q:first middle:inverse qt:first inverse split eq minimizer")
        self._advance(3, ("inverse",), "eq middle q qt split minimizer")

    @step(
        say="In the middle, Q transposed meets Q: turn there, turn back. They cancel.",
        shows="The last line: Q, the inverse of (Σ plus λ I), Σ, Q transposed, θ̂.",
        covers=("A7", "B6"),
    )
    def cancel_in_the_middle(self) -> None:
        self._advance(4, ("qt", "q2"), "eq q middle sigma last minimizer")

    @step(
        say="Read it from right to left. First, Q transposed rotates θ̂ into the eigenbasis.",
        shows="The formula at the top right, Q transposed lit and named rotate. On the left a copy of θ̂ has turned "
        "until its components lie on the axes; on the right Q transposed times θ̂ in numbers.",
        covers=("A7", "B6"),
    )
    def rotate(self) -> None:
        problem, style = self.problem, self.style
        drops, bars = self.picture.drops, self.picture.bars
        self._lift_result()
        self.play(
            self.heart.light("rotate"),
            FadeIn(self.heart.mark("rotate")),
            self.ridge.animate.set_color(style.faded("ridge")),
            FadeOut(self.ridge_name),
            run_time=0.8,
        )
        self.play(*map(Create, drops), *map(Create, bars), run_time=1.2)
        self.moving = VGroup(drops, bars, self.picture.arrow)
        self.ghost = Arrow(
            self.plane.origin, self.plane.c2p(problem.risk.minimizer), style.faded("minimizer")
        )
        self.add(self.ghost, self.moving)
        self.play(Rotate(self.moving, -problem.angle, about_point=self.plane.origin), run_time=2.4)
        self.rows = [self._row("Q^top @min", "risk.to_eigenbasis(risk.minimizer)", top=1.15)]
        self.play(Birth(self.rows[0], {"eig1": bars[0], "eig2": bars[1]}), run_time=1.2)

    @step(
        say="There the middle factor is diagonal: it multiplies each component by its own σ over σ plus λ.",
        shows="The middle factor lit and named rescale. On the left the two components have shrunk on the axes, "
        "and with them the arrow; on the right the rescaled components in numbers.",
        covers=("A7", "B6"),
    )
    def rescale(self) -> None:
        problem, style = self.problem, self.style
        self.play(
            self.heart.light("rescale"),
            FadeOut(self.heart.mark("rotate")),
            FadeIn(self.heart.mark("rescale")),
            run_time=0.8,
        )
        shrunk = problem.factors * problem.components
        drops, bars, arrow = self.moving
        corner = self.plane.c2p(shrunk)
        feet = self.plane.c2p(np.diag(shrunk))
        self.pale = VGroup(
            *(
                bar.copy().set_color(style.faded(role))
                for bar, role in zip(bars, ("eig1", "eig2"), strict=True)
            )
        )
        self.add(self.pale, self.moving)
        self.play(
            *(
                Transform(
                    bar, bar.copy().put_start_and_end_on(self.plane.origin, _apart(foot, self.plane.origin))
                )
                for bar, foot in zip(bars, feet, strict=True)
            ),
            Transform(arrow, Arrow(self.plane.origin, corner, style.ridge)),
            *(
                Transform(drop, EigenPicture.drop(corner, foot, style))
                for drop, foot in zip(drops, feet, strict=True)
            ),
            run_time=2.4,
        )
        self.rows.append(
            self._row(
                RESCALED,
                "shrinkage_factors(risk.eigenvalues, lam) * risk.to_eigenbasis(risk.minimizer)",
                top=-0.3,
            )
        )
        self.play(Birth(self.rows[1], {"eig1": bars[0], "eig2": bars[1]}), run_time=1.2)

    @step(
        say="Last, Q rotates back, and the arrow lands exactly on θ̂ ridge.",
        shows="The whole formula with its three factors named rotate, rescale, rotate back. On the left the shortened "
        "arrow has turned back onto θ̂ ridge; on the right its coordinates.",
        covers=("A7", "B6"),
    )
    def rotate_back(self) -> None:
        self.play(
            self.heart.light("back"),
            FadeOut(self.heart.mark("rescale")),
            FadeIn(self.heart.mark("back")),
            run_time=0.8,
        )
        self.play(
            Rotate(VGroup(self.pale, self.moving), self.problem.angle, about_point=self.plane.origin),
            run_time=2.4,
        )
        self.rows.append(
            self._row("@ridge", "ridge_minimizer(risk, lam)", top=-1.75, roles=("ridge-1", "ridge-2"))
        )
        self.play(
            FadeIn(self.ridge_name),
            Birth(self.rows[2], {"ridge-1": self.moving[2], "ridge-2": self.moving[2]}),
            run_time=1.2,
        )
        self.play(
            self.heart.light("all"),
            self.ghost.animate.set_color(self.style.minimizer),
            FadeIn(self.heart.mark("rescale"), self.heart.mark("rotate")),
            run_time=1,
        )

    def _lift_result(self) -> None:
        """The last line takes the formula's place at the top right; the way there is cleared."""
        last = self.algebra.lines[4]
        self.heart = HeartFormula(self.style)
        top = self.top
        self.play(
            FadeOut(*self.algebra.lines[:4], self.split, top.select("inverse"), top.select("hessian")),
            run_time=0.7,
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

    def _advance(self, line: int, changing: tuple[str, ...], parents: str) -> None:
        """See :meth:`Derivation.advance`; ``"a b:c"`` says that a comes from a, and b from c."""
        pairs = (pair.partition(":") for pair in parents.split())
        self.algebra.advance(self, line, changing, {name: source or name for name, _, source in pairs})

    def row_size(self) -> float:
        """The font size of the numbers: smaller where powers of ten would make the longest row too wide."""
        longest = max((format_number(x) for x in self.problem.factors * self.problem.components), key=len)
        row = self.formula(f"{RESCALED} = vec({longest}, {longest})")
        return FORMULA if row.width <= RIGHT_HALF.width else BODY

    def _row(
        self, left: str, expression: str, *, top: float, roles: tuple[str, str] = ("eig1", "eig2")
    ) -> Any:
        """A vector with its two computed numbers, its equals sign in line with the other rows."""
        inputs: dict[str, Any] = {"lam": self.problem.lam} if "lam" in expression else {}
        places = 12 - int(
            np.floor(np.log10(reach(self.problem)))
        )  # what is zero but for rounding shows as zero
        (first, one), (second, two) = (
            self.number_text(f"np.round({expression}, {places})[{k}]", **inputs) for k in range(2)
        )
        vector = f"vec({{{{ {first} : {roles[0]} }}}}, {{{{ {second} : {roles[1]} }}}})"
        row = self.formula(f"{left} {{{{ = : eq }}}} {vector}", size=self.row_size())
        row.shift(np.array([ROW_EQUALS, top, 0]) - row.select("eq").get_center())
        row.shift([min(0.0, RIGHT_HALF.right - row.get_right()[0]), 0, 0])
        return self.remember(row, one, two)


def _apart(point: np.ndarray, origin: np.ndarray) -> np.ndarray:
    """`point`, moved off `origin` by what no one sees: a line needs a direction."""
    return point if np.hypot(*(point - origin)[:2]) > 1e-4 else origin + np.array([1e-4, 0, 0])
