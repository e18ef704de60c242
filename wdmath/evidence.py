"""Estimates of lam from the data alone: marginal likelihood, and the formulas of Hoerl and Kennard's school."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._spectral_fit import SpectralFit, common_factor, factors_lost, spectral_fit
from ._validation import Array, choice, penalty_strength, real_number
from .selection import checked_problem, first_of_one

__all__ = ["estimate_lam", "log_marginal_likelihood"]

RULES = ("marginal_likelihood", "hoerl_kennard_baldwin", "lawless_wang")
# Maxima are looked for among so many penalties to a decade, this many decades beyond the eigenvalues.
TO_A_DECADE, BEYOND = 12, 16


def log_marginal_likelihood(
    X: ArrayLike,
    y: ArrayLike,
    lam: ArrayLike,
    *,
    scale: str | float,
    variance: float | None = None,
    **options: Any,
) -> float | Array:
    """Log evidence for lam: the density of y when theta is integrated out.

    The penalty is read as a prior: y_i ~ N(b + x_i . theta, variance / w_i) and theta ~ N(target, tau^2 P^-1), with
    tau^2 = 2 c variance / lam for the scale c, so that the most probable theta is that of `ridge_path`. With Z Z^T =
    X P^-1 X^T and mu = lam / (2 c), this is

    -m/2 log(2 pi variance) - 1/2 log det(I + Z Z^T / mu) - r^T (I + Z Z^T / mu)^-1 r / (2 variance).

    An intercept and coefficients without a penalty have a flat prior: r and Z are what they leave unexplained, and m,
    the sum of the weights less their number, takes the place of n (restricted likelihood, REML).

    Parameters
    ----------
    X, y, lam, scale, **options
        As in `ridge_selection`: intercept, sample_weight, penalty_weights, groups, tikhonov, target.
    variance : float, optional
        Of the noise. Default: for each lam the one that makes y most probable.

    Returns
    -------
    float or ndarray of shape (L,); with t targets of shape (t,) or (L, t)
        -inf at lam = 0, where the prior spreads over everything, unless the model can fit any y: then the limit
        lam -> 0, if the variance is not given.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described; the message names it and its value.

    References
    ----------
    MacKay (1992), Bayesian interpolation, Neural Computation 4; Bishop (2006), section 3.5; Patterson, Thompson (1971),
    Biometrika 58, for the restricted likelihood.

    Examples
    --------
    >>> import wdmath
    >>> X, y = wdmath.load_i2ml()
    >>> wdmath.log_marginal_likelihood(X, y, [0.01, 1.0, 100.0], scale="sum").round(2)
    array([ -77.27,  -81.06, -177.22])
    """
    lams = penalty_strength(lam).flatten()
    noise = None if variance is None else real_number(variance, "variance", positive=True)
    problem = checked_problem(X, y, lams, scale=scale, **options)
    fit = spectral_fit(problem.form, float(problem.mu.min()), rows=False)
    evidence = _Evidence(fit, None if noise is None else math.ldexp(noise, -2 * problem.unit))
    found = evidence.log(problem.mu) - evidence.numbers * problem.unit * math.log(2)
    return first_of_one(found[:, 0] if problem.axes == 1 else found, lam)


def estimate_lam(
    X: ArrayLike,
    y: ArrayLike,
    *,
    scale: str | float,
    rule: str = "marginal_likelihood",
    variance: float | None = None,
    **options: Any,
) -> float | Array:
    """The lam that the data ask for, without a grid.

    With the least-squares solution theta_0, of k coefficients with a penalty P, and the noise variance s^2, which by
    default is its sum of squared residuals divided by n less the number of all coefficients:

    - "hoerl_kennard_baldwin": mu = k s^2 / P(theta_0 - target)
    - "lawless_wang": mu = k s^2 / (sum of squared fitted values). It suits columns of length 1, as in a correlation
      matrix, since mu has the unit of X^T X and this formula has none.
    - "marginal_likelihood": the largest `log_marginal_likelihood`

    and lam = 2 c mu for the scale c.

    Parameters
    ----------
    X, y, scale, **options
        As in `ridge_selection`: intercept, sample_weight, penalty_weights, groups, tikhonov, target.
    rule : {"marginal_likelihood", "hoerl_kennard_baldwin", "lawless_wang"}
    variance : float, optional
        Of the noise; s^2 in the formulas.

    Returns
    -------
    float, or ndarray of shape (t,) for t targets
        0 where y is fitted without an error; infinite where nothing of y can be fitted, or where the likelihood only
        grows with lam.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described; if a formula needs an estimate of the variance, and there are no more rows
        than coefficients.

    Notes
    -----
    lm.ridge of R's MASS divides the centered columns by their standard deviations (divisor n), has k - 2 in place of k,
    and in its formula of Lawless and Wang a factor n, so that it does not depend on that unit: there
    HKB = (k - 2) / k mu for the first rule, and L-W = n (k - 2) / k mu for the second.

    References
    ----------
    Hoerl, Kennard, Baldwin (1975), Ridge regression: some simulations, Communications in Statistics 4; Lawless, Wang
    (1976), A simulation study of ridge and other regression estimators, Communications in Statistics A5; MacKay (1992),
    Bayesian interpolation, Neural Computation 4.

    Examples
    --------
    >>> import wdmath
    >>> X, y = wdmath.load_i2ml()
    >>> round(wdmath.estimate_lam(X, y, scale="sum"), 4)
    0.1082
    >>> round(wdmath.estimate_lam(X, y, scale="sum", rule="hoerl_kennard_baldwin"), 4)
    0.108
    """
    choice(rule, "rule", RULES)
    noise = None if variance is None else real_number(variance, "variance", positive=True)
    problem = checked_problem(X, y, np.zeros(1), scale=scale, **options)
    fit = spectral_fit(problem.form, 0.0, rows=False)
    noise = None if noise is None else math.ldexp(noise, -2 * problem.unit)
    mu = _most_likely(fit, noise) if rule == "marginal_likelihood" else _by_formula(fit, rule, noise)
    with np.errstate(over="ignore"):
        found = np.ldexp(2 * problem.form.c * mu, 2 * problem.unit_of_x)
    return float(found[0]) if problem.axes == 1 else found


def _by_formula(fit: SpectralFit, rule: str, noise: float | None) -> Array:
    """mu for each target."""
    k = fit.sigma.size
    if noise is None:
        left = fit.total_weight - fit.free - k
        if left <= 0:
            raise ValueError(
                f"variance must be given where X has no more rows than coefficients, got {fit.total_weight:g} rows and "
                f"{fit.free + k} coefficients that they determine"
            )
        squares = fit.outside / left
    else:
        squares = np.full(fit.outside.shape, noise)
    size = (fit.z**2 if rule == "lawless_wang" else fit.z**2 / fit.sigma[:, None]).sum(axis=0)
    return np.where(
        squares > 0, k * np.divide(squares, size, out=np.full(size.shape, np.inf), where=size > 0), 0.0
    )


@dataclass(eq=False)
class _Evidence:
    """The log of the marginal likelihood, and its slope."""

    fit: SpectralFit
    noise: float | None

    @property
    def numbers(self) -> float:
        """How many numbers the likelihood is the density of."""
        left = self.fit.total_weight - self.fit.free
        if left <= 0:
            raise ValueError(
                "y must have more rows (the sum of sample_weight) than there are coefficients without a penalty, the "
                f"intercept included, got {self.fit.total_weight:g} for {self.fit.free}; there is nothing left whose "
                "likelihood depends on lam"
            )
        return left

    @property
    def fits_anything(self) -> bool:
        """Whether the model can fit any y without an error."""
        return self.fit.interpolates and self.numbers == self.fit.sigma.size > 0

    def log(self, mu: Array) -> Array:
        """Of shape (L, t)."""
        fit, m = self.fit, self.numbers
        lost = factors_lost(fit.sigma, mu)
        with np.errstate(divide="ignore", invalid="ignore"):
            squares = lost @ fit.z**2 + fit.outside
            spread = np.log(lost).sum(axis=1)[:, None]
            if self.noise is not None:
                return -m / 2 * math.log(2 * math.pi * self.noise) + spread / 2 - squares / (2 * self.noise)
            if self.fits_anything:
                # Both terms grow beyond bounds for mu -> 0, and a common factor cancels.
                lost = common_factor(fit.sigma, mu)
                squares, spread = lost @ fit.z**2, np.log(lost).sum(axis=1)[:, None]
            found = -m / 2 * (np.log(2 * math.pi / m * squares) + 1) + spread / 2
        # y is fitted without an error.
        return np.where(squares > 0, found, np.where(np.isfinite(spread), np.inf, np.nan))

    def slope(self, log_mu: float, target: int) -> float:
        """Its derivative by log(mu)."""
        fit, m = self.fit, self.numbers
        lost = factors_lost(fit.sigma, np.exp([log_mu]))[0]
        squares = fit.z[:, target] ** 2 * lost
        if self.noise is None and self.fits_anything:
            # sum_i lost_i (m share_i - 1), less a common part: these factors add up to 0.
            mu, middle = math.exp(log_mu), float(np.median(fit.sigma))
            apart = mu / (middle + mu) * (middle - fit.sigma) / (fit.sigma + mu)
            return float(apart @ (m * squares / squares.sum() - 1)) / 2
        kept = 1 / (1 + math.exp(log_mu) / fit.sigma)
        moved = float(squares @ kept)
        share = (
            moved / self.noise
            if self.noise is not None
            else m * moved / float(squares.sum() + fit.outside[target])
        )
        return (float(kept.sum()) - share) / 2


def _most_likely(fit: SpectralFit, noise: float | None) -> Array:
    """mu of the largest marginal likelihood for each target."""
    from scipy.optimize import brentq

    evidence, found = _Evidence(fit, noise), np.full(fit.outside.shape, np.inf)
    if not fit.sigma.size:
        return found
    least, most = math.log10(fit.sigma.min()) - BEYOND, math.log10(fit.sigma.max()) + BEYOND
    grid = np.linspace(least, most, math.ceil(TO_A_DECADE * (most - least))) * math.log(10)
    for target in range(found.size):
        if not fit.z[:, target].any():
            continue
        slopes = np.array([evidence.slope(x, target) for x in grid])
        tops = np.nonzero((slopes[:-1] > 0) & (slopes[1:] <= 0))[0]
        peaks = [brentq(evidence.slope, grid[i], grid[i + 1], args=(target,), xtol=1e-14) for i in tops]
        places = np.exp([*peaks, grid[0], grid[-1]])
        heights = evidence.log(places)[:, target]
        # Where it falls from the start, or grows to the end, the best is beyond.
        heights[-2] = heights[-2] if slopes[0] < 0 else -np.inf
        heights[-1] = heights[-1] if slopes[-1] > 0 else -np.inf
        places[-2:] = 0.0, np.inf
        found[target] = places[np.nanargmax(heights)]
    return found
