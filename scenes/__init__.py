"""The scenes of the lecture, in order. Reading this costs nothing: Manim is imported with the first scene.

A scene `RotateIntoEigenbasis` lives in `scenes/rotate_into_eigenbasis.py`; what scenes share is in `scenes/kit/`.
"""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from scenes.kit.lecture_scene import LectureScene

__all__ = ["CHAPTERS", "SLIDERS", "Chapter", "chapter_of", "load_scene", "module_of", "scene_names"]


class Chapter(NamedTuple):
    """A chapter's number, title and scenes, in the order in which they are shown."""

    number: int
    title: str
    scenes: tuple[str, ...]


CHAPTERS = (
    Chapter(0, "Opening", ("Opening",)),
    Chapter(
        1,
        "Why penalise",
        (
            "MapOfChapter1",
            "PenaltiesTameOverfitting",
            "NormMeasuresComplexity",
            "LossPlusPenalty",
            "PenaliseWeightsNotBiases",
            "DecayTowardsAnyPoint",
            "SquareSpreadsAbsoluteSelects",
        ),
    ),
    Chapter(
        2,
        "Decay in disguise",
        (
            "MapOfChapter2",
            "L2IsWeightDecay",
            "PulledBackEveryStep",
            "PullDependsOnlyOnLambda",
            "DecayInMinibatches",
        ),
    ),
    Chapter(
        3,
        "Rotate, rescale, rotate back",
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
            "FlatDirectionsYield",
        ),
    ),
    Chapter(
        4,
        "Beyond least squares",
        (
            "MapOfChapter4",
            "DecayForAnyDifferentiableModel",
            "WhenDecayHelpsAndHurts",
            "AdamWDecouplesTheDecay",
            "ThreeRolesInDeepLearning",
        ),
    ),
    Chapter(
        5,
        "Further than the sources",
        (
            "MapOfChapter5",
            "EarlyStoppingIsDecay",
            "PriorBelief",
            "BiasForVariance",
            "ChoosingLambda",
        ),
    ),
    Chapter(6, "To take home", ("Summary", "Credits")),
)

#: Scenes that a reader drives by hand on a web page; they are no part of the film.
SLIDERS = ("SliderRescaling", "SliderForces")


def scene_names() -> tuple[str, ...]:
    """Every scene, in the order of the lecture."""
    return tuple(name for chapter in CHAPTERS for name in chapter.scenes)


def chapter_of(name: str) -> Chapter:
    """The chapter that a scene belongs to.

    Examples
    --------
    >>> chapter_of("ShrinkageFactors").number
    3
    """
    for chapter in CHAPTERS:
        if name in chapter.scenes:
            return chapter
    raise ValueError(f"there is no scene {name!r}; the scenes are: {', '.join(scene_names())}")


def module_of(name: str) -> str:
    """The module that defines a scene.

    Examples
    --------
    >>> module_of("L2IsWeightDecay"), module_of("AdamWDecouplesTheDecay"), module_of("MapOfChapter3")
    ('scenes.l2_is_weight_decay', 'scenes.adamw_decouples_the_decay', 'scenes.map_of_chapters')
    """
    if name not in SLIDERS:
        chapter_of(name)
    if name.startswith("MapOfChapter"):
        return "scenes.map_of_chapters"
    words = re.findall(r"L2|AdamW|[A-Z][a-z0-9]*", name)
    return "scenes." + "_".join(words).lower()


def load_scene(name: str) -> type[LectureScene]:
    """Import a scene's class; this imports Manim."""
    return getattr(importlib.import_module(module_of(name)), name)
