"""Ratios of CPU time, measured in pairs so that a busy machine slows both sides alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import NamedTuple


class Row(NamedTuple):
    """One line of the table: `ratio` must be at least `bound`, or, where `unit` is set, at most."""

    task: str
    ratio: float
    bound: float
    peer: str
    unit: str = ""


def cpu_seconds(call: Callable[[], object], repeats: int = 1) -> float:
    """CPU seconds of this process for one call, averaged over some."""
    start = time.process_time()
    for _ in range(repeats):
        call()
    return (time.process_time() - start) / repeats


def cpu_ratio(
    ours: Callable[[], object],
    theirs: Callable[[], object],
    *,
    pairs: int = 7,
    repeats: tuple[int, int] = (1, 1),
) -> float:
    """Median over pairs, A B A B, of the CPU time of the peer over ours; `repeats` of ours and of theirs per pair."""
    ours()
    theirs()
    return statistics.median(
        cpu_seconds(theirs, repeats[1]) / cpu_seconds(ours, repeats[0]) for _ in range(pairs)
    )
