"""A sweep of the penalty strength that a reader drives by hand: every frame belongs to one lambda."""

from __future__ import annotations

import numpy as np

from lecture.stage.region import Region
from lecture.stage.theme import FRAME_HEIGHT, FRAME_WIDTH

from .penalty_scale import PenaltyScale

__all__ = ["FARTHEST", "LEFT_PICTURE", "RIGHT_PICTURE", "SECONDS", "sweep"]

# The sweep goes from 0 to this position of the penalty scale, evenly in time.
FARTHEST = 0.975
SECONDS = 4.5

# No title and no captions: the page around it has them, so the pictures may fill the frame.
_MARGIN = 0.35
_TOP, _RIGHT = FRAME_HEIGHT / 2 - _MARGIN, FRAME_WIDTH / 2 - _MARGIN
LEFT_PICTURE = Region(-_RIGHT, -0.3, -_TOP, _TOP)
RIGHT_PICTURE = Region(0.3, _RIGHT, -_TOP, _TOP)


def sweep(eigenvalues: np.ndarray, frames: int) -> np.ndarray:
    """The penalty strengths of a sweep's frames, shape (frames,), from 0 upwards.

    Examples
    --------
    >>> sweep(np.array([9.0, 1.0]), 3).round(6).tolist()
    [0.0, 2.853659, 117.0]
    """
    scale = PenaltyScale(eigenvalues)
    return np.array([scale.lam(position) for position in np.linspace(0, FARTHEST, frames)])
