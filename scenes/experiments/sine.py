"""Noisy values of a sine, and the polynomials that are fitted to them: the data of two chapters."""

from __future__ import annotations

import numpy as np

from wdmath import polynomial_features

__all__ = ["DEGREE", "FEATURES", "NOISE", "ROWS", "SEED", "features", "noisy", "sine"]

#: Of the film.
SEED = 42
DEGREE, NOISE = 11, 0.3
#: Inputs of the training rows.
ROWS = np.linspace(-1, 1, 13)
#: Legendre polynomials of one feature, as text for the manifest.
FEATURES = f"polynomial_features({{}}, {DEGREE}, basis='legendre', constant=False)"


def features(x: np.ndarray) -> np.ndarray:
    """Legendre polynomials of degrees 1 to 11, shape (n, 11)."""
    return polynomial_features(x, DEGREE, basis="legendre", constant=False)


def sine(x: np.ndarray) -> np.ndarray:
    """What the rows are noisy values of."""
    return np.sin(2.6 * x)


def noisy(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Its values with Gaussian noise of deviation 0.3."""
    return sine(x) + NOISE * rng.standard_normal(len(x))
