"""The lecture on the geometry of weight decay. Reading this costs nothing: Manim is imported with the first scene.

A scene `RotateIntoEigenbasis` lives in `scenes/rotate_into_eigenbasis.py`; pictures that scenes share are in
`scenes/parts/`, what makes data into a problem in `scenes/problem/`.
"""

from __future__ import annotations

from lecture.definition import Chapter, Factor, Formula, Lecture
from lecture.words import _

from .notation import NOTATIONS, SAY
from .palette import PALETTE

__all__ = ["CHAPTERS", "LECTURE"]

CHAPTERS = (
    Chapter(_("Opening"), ("Opening",), numbered=False),
    Chapter(
        _("Why penalize"),
        (
            "MapOfChapter1",
            "PenaltiesTameOverfitting",
            "NormMeasuresComplexity",
            "LossPlusPenalty",
            "PenalizeWeightsNotBiases",
            "DecayTowardsAnyPoint",
            "SquareSpreadsAbsoluteSelects",
        ),
    ),
    Chapter(
        _("Decay in disguise"),
        (
            "MapOfChapter2",
            "L2IsWeightDecay",
            "PulledBackEveryStep",
            "PullDependsOnlyOnLambda",
            "DecayInMinibatches",
        ),
    ),
    Chapter(
        _("Rotate, rescale, rotate back"),
        (
            "MapOfChapter3",
            "QuadraticApproximation",
            "RidgeMinimizerFormula",
            "EigenvectorsUntangleTheFormula",
            "RotateIntoEigenbasis",
            "NothingHappensWithoutPenalty",
            "RescaleThenRotateBack",
            "ShrinkageFactors",
            "WhereForcesBalance",
            "TheTextbookFigure",
            "FlatDirectionsYield",
        ),
    ),
    Chapter(
        _("Beyond least squares"),
        (
            "MapOfChapter4",
            "DecayForAnyDifferentiableModel",
            "WhenDecayHelpsAndHurts",
            "AdamWDecouplesTheDecay",
            "ThreeRolesInDeepLearning",
        ),
    ),
    Chapter(
        _("Further than the sources"),
        (
            "MapOfChapter5",
            "EarlyStoppingIsDecay",
            "PriorBelief",
            "BiasForVariance",
            "ChoosingLambda",
            "DoubleDescent",
            "WidestMargin",
        ),
    ),
    Chapter(_("To take home"), ("Summary", "Credits"), numbered=False),
)

LECTURE = Lecture(
    package="scenes",
    title=_("The geometry of weight decay"),
    chapters=CHAPTERS,
    palette=PALETTE,
    notations=NOTATIONS,
    say=SAY,
    problem="scenes.problem",
    libraries=("wdmath",),
    lead=_(
        "Animated, step by step: the penalty acts on each eigenvector of the Hessian by itself. Rotate into their "
        "basis, rescale each component, rotate back."
    ),
    formula=(
        Factor("@ridge ="),
        Factor("@Q", _("rotate back")),
        Factor("(@Sigma + @lam @identity)^(-1) @Sigma", _("rescale")),
        Factor("@QT", _("rotate")),
        Factor("@min"),
    ),
    formula_spoken=_(
        "{ridge} equals {Q} times the inverse of {Sigma} plus {lam} {identity} times {Sigma} times {QT} times {min}: "
        "rotate, rescale, rotate back"
    ),
    formulas=(
        Formula(_("Regularized risk"), "@regrisk (@theta) = @risk (@theta) + @lam / 2 norm(@theta)_2^2"),
        Formula(_("Weight decay"), "@theta <- (1 - @rate @lam) @theta - @rate @gradient (@theta)"),
        Formula(
            _("Near the minimizer"),
            "@risk (@theta) approx @risk (@min) + 1/2 (@theta - @min)^top @hessian (@theta - @min)",
        ),
        Formula(_("Eigenbasis"), "@hessian = @Q @Sigma @QT, quad @Sigma = @diag (@s1, @s2, dots)"),
        Formula(_("Ridge minimizer"), "@ridge = (@hessian + @lam @identity)^(-1) @hessian @min"),
        Formula(_("Shrinkage factors"), "@sj / (@sj + @lam)"),
        Formula(_("Degrees of freedom"), "sum_@j @sj / (@sj + @lam)"),
        Formula(_("Balance of forces"), "-@gradient (@ridge) = @lam @ridge"),
    ),
    expressions=_("Functions of the Python package `wdmath`; `risk` is the lecture's risk."),
    accent="penalty",
    sliders="scenes.sliders",
    experiments="scenes.experiments.registry",
    acronyms=("L2", "AdamW"),
    modules={f"MapOfChapter{number}": "scenes.map_of_chapters" for number in range(1, 6)},
)
