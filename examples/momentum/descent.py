"""The mathematics: descent with momentum on a quadratic valley."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Valley", "best_momentum", "distance", "path"]


@dataclass(frozen=True)
class Valley:
    """f(x) = (flat x1^2 + steep x2^2) / 2.

    Examples
    --------
    >>> Valley(10.0, 1.0).gradient(np.array([1.0, 2.0])).tolist()
    [1.0, 20.0]
    """

    steep: float
    flat: float

    def value(self, x: np.ndarray) -> np.ndarray:
        """Height at points of shape (..., 2)."""
        return (np.asarray(x) ** 2 @ [self.flat, self.steep]) / 2

    def gradient(self, x: np.ndarray) -> np.ndarray:
        """Gradient at points of shape (..., 2)."""
        return np.asarray(x) * [self.flat, self.steep]


def path(valley: Valley, start: np.ndarray, rate: float, momentum: float, steps: int) -> np.ndarray:
    """The iterates of the heavy ball (Polyak 1964), shape (steps + 1, 2).

    Examples
    --------
    >>> path(Valley(1.0, 1.0), np.array([1.0, 1.0]), 0.5, 0.0, 2)[:, 0].tolist()
    [1.0, 0.5, 0.25]
    """
    points, velocity = [np.asarray(start, dtype=float)], np.zeros(2)
    for _ in range(steps):
        velocity = momentum * velocity - rate * valley.gradient(points[-1])
        points.append(points[-1] + velocity)
    return np.array(points)


def distance(valley: Valley, start: np.ndarray, rate: float, momentum: float, steps: int) -> float:
    """How far the last iterate is from the minimum, as a share of the start's distance."""
    points = path(valley, start, rate, momentum, steps)
    return float(np.linalg.norm(points[-1]) / np.linalg.norm(points[0]))


def best_momentum(valley: Valley, rate: float) -> float:
    """The momentum with which the flat direction settles fastest: its two modes coincide.

    Examples
    --------
    >>> round(best_momentum(Valley(10.0, 1.0), 0.1), 3)
    0.468
    """
    return float((1 - np.sqrt(rate * valley.flat)) ** 2)
