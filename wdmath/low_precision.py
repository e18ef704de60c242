"""Rounding to the 16-bit formats that networks are trained in."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from wdmath._validation import Array, choice, real_array

__all__ = ["round_to", "spacing"]

# Significant bits, exponent of the smallest normal number, largest finite number.
_FORMATS = {
    "bfloat16": (8, -126, (2 - 2.0**-7) * 2.0**127),
    "float16": (11, -14, 65504.0),
}


def round_to(x: ArrayLike, precision: str) -> Array | float:
    """Round to the nearest bfloat16 or float16, ties to even.

    The float64 value is rounded once, straight to the 16-bit format, as IEEE 754 prescribes for a conversion:
    subnormals included, signed zero kept, values that round beyond the largest finite number made infinite. (By way of
    float32 it would be rounded twice, which can differ in the last bit.)

    Parameters
    ----------
    x : float or array_like
        Real numbers; nan and infinities stay what they are.
    precision : {"bfloat16", "float16"}
        bfloat16 has 8 significant bits and the range of float32, float16 has 11 and ends at 65504.

    Returns
    -------
    float or ndarray
        The rounded values as float64, in the shape of x.

    Raises
    ------
    ValueError
        If `precision` is not one of the two.
    TypeError
        If x is not real.

    References
    ----------
    IEEE 754-2019, section 4.3.1; Intel (2018), BFLOAT16 - Hardware Numerics Definition.

    Examples
    --------
    A weight of 256 does not move by updates of 0.5 in bfloat16; one of 64 does.

    >>> import wdmath
    >>> wdmath.round_to([256.5, 64.5], "bfloat16").tolist()
    [256.0, 64.5]
    >>> wdmath.round_to(0.1, "float16")
    0.0999755859375
    """
    x = _real(x)
    quantum = _quantum(x, precision)
    largest = _FORMATS[precision][2]
    with np.errstate(over="ignore", invalid="ignore"):
        # Scaling by a power of two is exact, and rint rounds ties to even.
        rounded = np.rint(x / quantum) * quantum
        rounded = np.where(np.isfinite(x), rounded, x)
        rounded = np.where(np.abs(rounded) > largest, np.copysign(np.inf, rounded), rounded)
    return rounded if rounded.ndim else float(rounded)


def spacing(x: ArrayLike, precision: str) -> Array | float:
    """Distance between neighboring numbers of the format around x: an update below half of it is lost.

    Parameters
    ----------
    x : float or array_like
        Real numbers.
    precision : {"bfloat16", "float16"}
        The format.

    Returns
    -------
    float or ndarray
        A power of two, 2^(e - 7) for bfloat16 and 2^(e - 10) for float16 where 2^e <= |x| < 2^(e+1); nan where x is not
        finite.

    Raises
    ------
    ValueError
        If `precision` is not one of the two.
    TypeError
        If x is not real.

    References
    ----------
    IEEE 754-2019, section 3.3; Intel (2018), BFLOAT16 - Hardware Numerics Definition.

    Examples
    --------
    >>> import wdmath
    >>> wdmath.spacing([1.0, 100.0], "bfloat16").tolist()
    [0.0078125, 0.5]
    """
    x = _real(x)
    quantum = np.where(np.isfinite(x), _quantum(x, precision), np.nan)
    return quantum if quantum.ndim else float(quantum)


def _quantum(x: Array, precision: str) -> Array:
    bits, lowest, _ = _FORMATS[choice(precision, "precision", tuple(_FORMATS))]
    exponent = np.where(x == 0, lowest, np.frexp(x)[1] - 1)
    return np.ldexp(1.0, np.maximum(exponent, lowest) - (bits - 1))


def _real(x: Any) -> Array:
    return real_array(x, "x", empty=True, finite=False)
