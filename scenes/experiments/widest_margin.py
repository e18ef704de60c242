"""Classes that a line can tell apart: logistic regression with ever less of a penalty, and the widest margin."""

from __future__ import annotations

from functools import cache
from itertools import combinations

import numpy as np

from lecture.experiments import Experiment
from lecture.words import _
from wdmath import LogisticRisk

from . import RESULTS

__all__ = ["MARGIN", "TwoClasses", "two_classes"]

ROWS = 20
#: From strong to hardly any, mean log-loss + lam/2 ||w||^2.
LAMS = np.geomspace(10.0, 1e-9, 81)


class TwoClasses:
    """Twice 20 points about (-1.6, -0.3) and (1.6, 0.5), deviation 0.9, drawn again until a line tells them apart.

    Attributes
    ----------
    X : ndarray of shape (40, 2)
    y : ndarray of shape (40,)
        0 and 1.
    risk : LogisticRisk
        A mean over the rows, with an intercept that is not penalized.
    theta : ndarray of shape (81, 3)
        Its minimizers for :data:`LAMS`: weights and intercept.
    margins : ndarray of shape (81,)
        How far the nearest point is from each boundary, negative where one is on the wrong side.
    widest : float
        The largest margin that any line has.
    """

    def __init__(self, seed: int):
        rng = np.random.default_rng(seed)
        while True:
            one, other = rng.normal([-1.6, -0.3], 0.9, (ROWS, 2)), rng.normal([1.6, 0.5], 0.9, (ROWS, 2))
            self.widest = half_distance(one, other)
            if self.widest > 0.1:
                break
        self.X, self.y = np.vstack([one, other]), np.repeat([0, 1], ROWS)
        self.risk = LogisticRisk(self.X, self.y, scale="mean", intercept=True)
        self.theta = self.risk.ridge_path(LAMS)
        self.margins = np.array([self.margin(theta) for theta in self.theta])

    def margin(self, theta: np.ndarray) -> float:
        """How far the nearest point is from the boundary of weights and intercept."""
        signs = 2 * self.y - 1
        return float(np.min(signs * (self.X @ theta[:2] + theta[2])) / np.hypot(*theta[:2]))


def half_distance(one: np.ndarray, other: np.ndarray) -> float:
    """Half the distance of the convex hulls of two sets of points; 0 if they overlap.

    Half the distance is the widest margin: Bennett, Bredensteiner (2000), Duality and Geometry in SVM Classifiers.
    """
    found = []
    for points, hull, sign in ((one, other, 1), (other, one, -1)):
        for a, b in combinations(hull, 2):
            share = np.clip((points - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1)
            away = a + share[:, None] * (b - a) - points
            k = int(np.argmin(np.hypot(*away.T)))
            found.append(sign * away[k])
    way = min(found, key=lambda v: float(np.hypot(*v)))
    # The sets overlap unless the line across the shortest way tells them apart.
    return float(np.hypot(*way)) / 2 if (one @ way).max() < (other @ way).min() else 0.0


@cache
def two_classes(seed: int = 11) -> TwoClasses:
    """The experiment with a seed, run once."""
    return TwoClasses(seed)


def _run(seed: int) -> dict[str, float]:
    data = two_classes(seed)
    return {"strong": data.margins[0], "weak": data.margins[-1], "widest": data.widest}


MARGIN = Experiment(
    file=RESULTS / "widest_margin.json",
    claim=_(
        "With the least penalty the margin is at least 95 percent of the widest that any line has, and wider than with "
        "a strong penalty."
    ),
    control=_(
        "The control is the strong penalty; the widest margin is half the distance of the convex hulls of the classes."
    ),
    settings={"rows_of_each_class": ROWS, "strong": float(LAMS[0]), "least": 1e-9},
    measures={
        "strong": _("margin with a strong penalty"),
        "weak": _("margin with the least penalty"),
        "widest": _("widest margin of all"),
    },
    run=_run,
    holds="weak > 0.95 * widest and weak > strong",
)
