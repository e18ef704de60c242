"""Real data: 1797 handwritten digits as images of 8 x 8 pixels."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

__all__ = ["Split", "load_digits", "split_digits"]


@cache
def load_digits() -> tuple[np.ndarray, np.ndarray]:
    """Images of handwritten digits; license and source are in ``digits.md``.

    Returns
    -------
    X : ndarray of shape (1797, 64)
        Pixels from 0 to 1, row by row.
    y : ndarray of shape (1797,)
        The digits, 0 to 9.

    References
    ----------
    Alpaydin, Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning Repository.
    """
    table = np.loadtxt(Path(__file__).with_name("digits.csv.gz"), delimiter=",")
    return table[:, :64] / 16, table[:, 64].astype(int)


class Split(NamedTuple):
    """Rows of a data set by what they are for."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split_digits(rng: np.random.Generator, train: int, validation: int, test: int | None = None) -> Split:
    """Draw rows of the digits for training, validation and test (by default all others)."""
    order = rng.permutation(len(load_digits()[1]))
    ends = np.cumsum([train, validation])
    last = len(order) if test is None else ends[1] + test
    return Split(order[: ends[0]], order[ends[0] : ends[1]], order[ends[1] : last])
