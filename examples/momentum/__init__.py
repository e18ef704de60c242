"""A second lecture, about momentum: what the generator needs to know of a lecture, and nothing more.

make SCENES=examples/momentum
make page SCENES=examples/momentum
"""

from __future__ import annotations

from lecture.definition import Chapter, Factor, Formula, Lecture
from lecture.notation import Notation, Symbol
from lecture.stage.theme import Palette, Role
from lecture.words import _

__all__ = ["LECTURE"]

LECTURE = Lecture(
    package="momentum",
    title=_("Why momentum helps"),
    chapters=(
        Chapter(_("The valley"), ("ZigzagWithoutMomentum", "MomentumRemembers"), _("Why is descent slow?")),
        Chapter(_("How much"), ("TooMuchOvershoots",), _("How much momentum is too much?")),
    ),
    palette=Palette(
        plain=Role("descent without momentum", dark="#E35914", light="#721400"),
        momentum=Role("descent with momentum", dark="#1EC899", light="#106841"),
        velocity=Role("what is left of the last step", dark="#D991C4", light="#5D2584"),
    ),
    notations={
        "x": Notation(
            place=Symbol("x", "x", "x"),
            velocity=Symbol("v", "v", "v", "velocity"),
            rate=Symbol("alpha", "α", "alpha"),
            momentum=Symbol("beta", "β", "beta", "velocity"),
            loss=Symbol("f", "f", "f"),
        ),
    },
    problem="momentum.problem",
    lead=_(
        "A ball that remembers its last step crosses a long valley in a few dozen steps instead of hundreds."
    ),
    formula=(
        Factor("@velocity <-"),
        Factor("@momentum @velocity", _("remember")),
        Factor("- @rate nabla @loss (@place)", _("descend")),
    ),
    formula_spoken=_("v becomes beta v minus alpha times the gradient of f: remember, then descend"),
    formulas=(
        Formula(
            _("Heavy ball"),
            "@velocity <- @momentum @velocity - @rate nabla @loss (@place), quad @place <- @place + @velocity",
        ),
        Formula(_("Without momentum"), "@place <- @place - @rate nabla @loss (@place)"),
    ),
    expressions=_("Functions of the module `momentum.descent`; `valley` is the lecture's loss."),
    accent="momentum",
)
