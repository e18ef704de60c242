"""The lecture on the geometry of weight decay. Reading this costs nothing: Manim is imported with the first scene.

A scene `RotateIntoEigenbasis` lives in `scenes/rotate_into_eigenbasis.py`; pictures that scenes share are in
`scenes/parts/`, what makes data into a problem in `scenes/problem/`.
"""

from __future__ import annotations

from itertools import count

from lecture.definition import Chapter, Factor, Formula, Lecture
from lecture.words import _

from .notation import NOTATIONS, SAY
from .palette import PALETTE

__all__ = ["CHAPTERS", "LECTURE"]


def _with_maps(*chapters: Chapter) -> tuple[Chapter, ...]:
    """The chapters, each that counts beginning with its map (:mod:`scenes.map_of_chapters`)."""
    numbers = count(1)
    return tuple(
        chapter._replace(scenes=(f"MapOfChapter{next(numbers)}", *chapter.scenes))
        if chapter.numbered
        else chapter
        for chapter in chapters
    )


CHAPTERS = _with_maps(
    Chapter(_("Opening"), ("Opening",), numbered=False),
    Chapter(
        _("Why penalize"),
        (
            "PenaltiesTameOverfitting",
            "NormMeasuresComplexity",
            "LossPlusPenalty",
            "PenalizeWeightsNotBiases",
            "DecayTowardsAnyPoint",
            "SquareSpreadsAbsoluteSelects",
        ),
        question=_("Why make a good fit *worse*?"),
        lead=_("This is our road. Its first question: why would anyone make a good fit worse, on purpose?"),
        icon="fits",
    ),
    Chapter(
        _("Decay in disguise"),
        (
            "L2IsWeightDecay",
            "PulledBackEveryStep",
            "PullDependsOnlyOnLambda",
            "DecayInMinibatches",
        ),
        question=_("What does a penalty do to *each step*?"),
        lead=_("We know what a penalty is for. Now watch what it does to a single step of gradient descent."),
        icon="zigzag",
    ),
    Chapter(
        _("Rotate, rescale, rotate back"),
        (
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
        question=_("*Where* do the steps end?"),
        lead=_("Every step is pulled back. Where do they end? We are at the heart of the lecture."),
        icon="arrows",
    ),
    Chapter(
        _("Beyond least squares"),
        (
            "DecayForAnyDifferentiableModel",
            "CalibrateConfidence",
            "ScaleTheFeatures",
            "MindTheRareClass",
            "FewFeaturesOrMany",
            "WhenDecayHelpsAndHurts",
            "AdamWDecouplesTheDecay",
            "BoundedUpdates",
            "RotationalEquilibrium",
            "FairRace",
            "DecayIsMemory",
            "ThreeRolesInDeepLearning",
        ),
        question=_("What is left *beyond* least squares?"),
        lead=_(
            "So far we fitted lines. Real models classify, and train by Adam, in sixteen bits. What is left?"
        ),
        icon="cliff",
    ),
    Chapter(
        _("Shrinkage everywhere"),
        (
            "EarlyStoppingIsDecay",
            "PriorBelief",
            "BiasForVariance",
            "ChoosingLambda",
            "DoubleDescent",
            "WidestMargin",
        ),
        question=_("Where *else* does it happen?"),
        lead=_("The same shrinkage hides in early stopping, in prior beliefs, and in every choice of {lam}."),
        icon="clouds",
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
    authors="The weight-decay lecture authors",
    year="2026",
    license="MIT",
    accent="penalty",
    live="scenes.live",
    experiments="scenes.experiments.registry",
    acronyms=("L2", "AdamW"),
    modules={chapter.scenes[0]: "scenes.map_of_chapters" for chapter in CHAPTERS if chapter.numbered},
)
