"""Problems that are as unlike as a lecture may meet them, picked by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from lecture.edition import load_edition
from scenes import LECTURE
from scenes.problem import Problem
from wdmath import QuadraticRisk

__all__ = ["UNLIKE"]

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
#: Editions of this lecture; a folder with code is another lecture.
LECTURE_FILES = [
    path for path in sorted(EXAMPLES.glob("*/lecture.toml")) if not path.with_name("__init__.py").exists()
]


def rotation(turn: float) -> np.ndarray:
    return np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])


def turned(steep: float, flat: float, turn: float) -> np.ndarray:
    """A Hessian with these eigenvalues, the steep one in the direction of an angle."""
    hessian = (rotation(turn) * [steep, flat]) @ rotation(turn).T
    return (hessian + hessian.T) / 2


def given(hessian: object, minimizer: object, lam: float | None = None, **choices: Any) -> Problem:
    risk = QuadraticRisk(np.array(hessian, float), np.array(minimizer, float))
    return Problem.from_risk(risk, lam=lam, **choices)


TURN = 0.5
GENERAL = turned(4, 1, TURN)
UNLIKE = {
    "i2ml": Problem.i2ml(),
    "singular": given(turned(4, 0, TURN), [1, 2]),
    "singular, the shortest minimizer": given(turned(4, 0, TURN), 2 * rotation(TURN)[:, 0]),
    "singular, along the floor": given(turned(4, 0, TURN), 2 * rotation(TURN)[:, 1]),
    "singular and upright": given([[4, 0], [0, 0]], [1, 2]),
    "round": given([[2, 0], [0, 2]], [1, -2]),
    "nearly round": given(turned(1.05, 1, 2.0), [-1, 2]),
    "tiny": given(1e-3 * GENERAL, [1e-3, -2e-3]),
    "huge": given(1e6 * turned(4, 1, 1.0), [-1e3, -2e3]),
    "zero": given(GENERAL, [0, 0]),
    "on an axis": given(GENERAL, [0, 2]),
    "along q1": given(GENERAL, 2 * rotation(TURN)[:, 0]),
    "along q2": given(GENERAL, -2 * rotation(TURN)[:, 1]),
    "upright": given([[4, 0], [0, 1]], [1, 2]),
    "upright, axes swapped": given([[1, 0], [0, 4]], [1, 2]),
    "condition 1e4": given(turned(1e4, 1, 2.0), [-1, 2]),
    "a coordinate grows": given(turned(100, 1, 0.3), [-0.02, 1], parameters=("age (years)", "מחיר הבית")),
    "no penalty": given(GENERAL, [1, 2], 0.0),
    "a penalty too weak to be seen": given(GENERAL, [1, 2], 1e-4),
    "a step too large": given(GENERAL, [1, 2], step_size=0.51),
    "a huge penalty": given(GENERAL, [1, 2], 4000.0),
    **{path.parent.name: load_edition(path, LECTURE).problem for path in LECTURE_FILES},
}
