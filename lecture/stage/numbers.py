"""Numbers as they are written and spoken."""

from __future__ import annotations

import math
import re

__all__ = ["format_number", "percent", "running_number", "spoken_number"]


def format_number(value: float, digits: int = 3) -> str:
    """`value` to `digits` significant digits in Typst mathematics, without exponent where it reads well.

    Examples
    --------
    >>> [format_number(v) for v in (116.217, 0.0, -0.24561, 1234.5, 0.000123, 2.5e7)]
    ['116', '0', '-0.246', '1230', '1.23 dot 10^(-4)', '2.50 dot 10^7']
    """
    if value == 0:
        return "0"
    if not math.isfinite(value):
        return {math.inf: "infinity", -math.inf: "-infinity"}.get(value, "?")
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    power = int(exponent)
    if -4 < power < 6:
        return f"{float(f'{mantissa}e{exponent}'):.{max(digits - 1 - power, 0)}f}"
    return f"{mantissa} dot 10^{power if power >= 0 else f'({power})'}"


#: Decimals up to which a running number is read well, and the size from which it is written with a power of ten.
_MOST_DECIMALS = 5
_LARGE = 1e6


def running_number(value: float, decimals: int) -> str:
    """A number that changes from frame to frame, in Typst mathematics: the same decimals, so that nothing jumps.

    Where that would be a row of zeros or of more digits than can be read, three significant digits and a power of
    ten.

    Examples
    --------
    >>> [running_number(v, 2) for v in (0.5, -1e-9, 123.456, 3.2e8)]
    ['0.50', '0.00', '123.46', '3.20 dot 10^8']
    >>> [running_number(v, 9) for v in (0.0, 3.2e-7)]
    ['0', '3.20 dot 10^(-7)']
    """
    if not math.isfinite(value):
        return {math.inf: "infinity", -math.inf: "-infinity"}.get(value, "?")
    if decimals <= _MOST_DECIMALS and abs(value) < _LARGE:
        text = f"{value:.{decimals}f}"
        return text.lstrip("-") if float(text) == 0 else text
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.2e}".split("e")
    power = int(exponent)
    return f"{mantissa} dot 10^{power if power >= 0 else f'({power})'}"


def spoken_number(value: float, digits: int = 3) -> str:
    """The same number in words and digits that can be spoken, for alt text and narration.

    Examples
    --------
    >>> [spoken_number(v) for v in (116.217, 0.0, 0.000012, 2.5e7)]
    ['116', '0', '1.20 times 10 to the −5', '2.50 times 10 to the 7']
    """
    text = format_number(value, digits)
    return re.sub(r" dot 10\^\(?(-?\d+)\)?", r" times 10 to the \1", text).replace("-", "−")


def percent(share: float) -> str:
    """A share between 0 and 1 in words that can be spoken.

    Examples
    --------
    >>> [percent(v) for v in (0.0, 1e-6, 0.0123, 0.7, 0.9899, 0.99999, 1.0)]
    ['nothing', 'less than 0.1 percent', '1.2 percent', '70 percent', '99 percent', 'more than 99.9 percent', 'all']
    """
    if share in (0.0, 1.0):
        return "all" if share else "nothing"
    if share < 0.001:
        return "less than 0.1 percent"
    if share > 0.999:
        return "more than 99.9 percent"
    value = 100 * share
    return f"{value:.1f} percent" if value < 10 or value > 99.5 else f"{value:.0f} percent"
