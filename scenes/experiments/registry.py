"""Every experiment of the lecture."""

from __future__ import annotations

from lecture.experiments import Experiment

from . import (
    adam,
    bounded,
    classes,
    confidence,
    double_descent,
    few_examples,
    few_features,
    leave_one_out,
    network,
    rare_class,
    rotation,
    small_experiment,
    units,
    valleys,
    widest_margin,
)

__all__ = ["EXPERIMENTS"]

EXPERIMENTS: tuple[Experiment, ...] = (
    classes.OVERLAPPING,
    confidence.CALIBRATION,
    few_examples.IMAGES,
    few_examples.DOCUMENTS,
    units.UNITS,
    rare_class.RARE,
    few_features.MATTER,
    few_features.NOISY,
    adam.ADAM,
    adam.SCHEDULE,
    bounded.BOX,
    bounded.MATRIX,
    rotation.ROTATION,
    valleys.RACE,
    network.DECAY,
    network.REPLAY,
    network.ONE_PASS,
    small_experiment.TRADE,
    leave_one_out.CHOICE,
    double_descent.DOUBLE_DESCENT,
    widest_margin.MARGIN,
    network.LOW_PRECISION,
)
