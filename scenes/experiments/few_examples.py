"""Where examples are few and features many: images of digits, and short documents."""

from __future__ import annotations

from functools import cache

import numpy as np

import wdmath
from lecture.experiments import Experiment
from lecture.words import _

from . import RESULTS
from .classes import LABELS, Classes, Sweep, both, log_losses, measures
from .digits import load_digits

__all__ = ["DOCUMENTS", "EACH", "IMAGES", "documents", "images"]

#: images of each digit to fit
EACH = (3, 10, 50)


@cache
def images(each: int, seed: int = 0) -> Sweep:
    """Softmax regression on the pixels of `each` images of every digit.

    Five more of each digit choose the penalty; all others are new.
    """
    X, y = load_digits()
    rng = np.random.default_rng([seed, each])
    drawn = np.array([rng.choice(np.flatnonzero(y == digit), each + 5, replace=False) for digit in range(10)])
    fitted, held_out = drawn[:, :each].ravel(), drawn[:, each:].ravel()
    new = np.setdiff1d(np.arange(len(y)), drawn)
    risk = wdmath.SoftmaxRisk(X[fitted], y[fitted], scale="mean", intercept=True)
    lams = np.geomspace(1e-6, 1.0, 25)
    theta = risk.ridge_path(lams)
    validation = log_losses(risk.probabilities(theta, X[held_out]), y[held_out])
    return Sweep(
        Classes(X[fitted], y[fitted], risk),
        lams,
        theta,
        validation,
        risk.probabilities(theta, X[new]),
        y[new],
    )


def _images(seed: int) -> dict[str, float]:
    found = {}
    for each in EACH:
        sweep = images(each, seed)
        found[f"none_{each}"], found[f"chosen_{each}"] = sweep.losses[[0, sweep.chosen]].tolist()
        found[f"right_none_{each}"], found[f"right_chosen_{each}"] = sweep.accuracy[
            [0, sweep.chosen]
        ].tolist()
    return found


IMAGES = Experiment(
    file=RESULTS / "few_images.json",
    claim=_(
        "With 3 or 10 images of each digit the chosen penalty lowers the loss on new ones, with 3 by more than with 50."
    ),
    control=_("The control has the penalty 0.000001; with none at all there are no best weights."),
    settings={"images_of_each_digit": list(EACH), "validation": 50, "pixels": 64},
    measures={
        name: label
        for each, labels in {
            3: (
                _("loss, 3 of each digit, almost no penalty"),
                _("loss, 3 of each digit, chosen penalty"),
                _("share right, 3 of each digit, almost no penalty"),
                _("share right, 3 of each digit, chosen penalty"),
            ),
            10: (
                _("loss, 10 of each digit, almost no penalty"),
                _("loss, 10 of each digit, chosen penalty"),
                _("share right, 10 of each digit, almost no penalty"),
                _("share right, 10 of each digit, chosen penalty"),
            ),
            50: (
                _("loss, 50 of each digit, almost no penalty"),
                _("loss, 50 of each digit, chosen penalty"),
                _("share right, 50 of each digit, almost no penalty"),
                _("share right, 50 of each digit, chosen penalty"),
            ),
        }.items()
        for name, label in zip(
            (f"none_{each}", f"chosen_{each}", f"right_none_{each}", f"right_chosen_{each}"),
            labels,
            strict=True,
        )
    },
    run=_images,
    holds="chosen_3 < none_3 and chosen_10 < none_10 and none_3 - chosen_3 > none_50 - chosen_50",
)


@cache
def documents(seed: int = 2) -> Sweep:
    """Which of 300 words occur in short documents, ten of each of two classes; 50 of each choose the penalty, and there
    are 1000 new ones of each.

    Documents are 20 words drawn from a class's frequencies, which fall as rank to the power -0.7 and differ between the
    classes by log-normal factors of deviation 0.6.
    """
    rng = np.random.default_rng(seed)
    frequencies = np.arange(1, 301) ** -0.7
    frequencies = frequencies / frequencies.sum() * np.exp(rng.normal(0, 0.6, (2, 300)))
    frequencies /= frequencies.sum(axis=1, keepdims=True)

    def draw(each: int) -> tuple[np.ndarray, np.ndarray]:
        counts = np.vstack([rng.multinomial(20, f, each) for f in frequencies])
        return (counts > 0).astype(float), np.repeat([0, 1], each)

    (X, y), (held_out, told), (new, labels) = draw(10), draw(50), draw(1000)
    lams = np.geomspace(1e-5, 100.0, 71)
    risk = wdmath.LogisticRisk(X, y, scale="sum", intercept=True)
    theta = risk.ridge_path(lams)
    validation = log_losses(both(risk.probabilities(theta, held_out)), told)
    return Sweep(Classes(X, y, risk), lams, theta, validation, both(risk.probabilities(theta, new)), labels)


def _documents(seed: int) -> dict[str, float]:
    return measures(documents(seed))


DOCUMENTS = Experiment(
    file=RESULTS / "few_documents.json",
    claim=_("Of short documents, with far more words than documents, the chosen penalty predicts better."),
    control=_("The control has the penalty 0.00001; 100 other documents choose the penalty."),
    settings={"documents": 20, "words": 300, "validation": 100, "new": 2000},
    measures=LABELS,
    run=_documents,
    holds="loss_at < loss_before and sure_before > right_before",
)
