"""Paired timing: ours and a peer's take turns in one process, and the ratio of processor times is what counts."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

# Each sample of a short task is repeated until it lasts about this long.
SAMPLE_SECONDS = 0.02
# A call longer than this is timed once.
LONG_SECONDS = 2.0


class Row(NamedTuple):
    """One line of the table.

    `ratio` says how many times longer the peer takes; `bound` is what it should be at least. A budget in
    seconds is a peer that takes exactly that long.
    """

    task: str
    peer: str
    ratio: float
    bound: float
    ours: float


def compare(
    task: str,
    ours: Callable[[], Any],
    peers: dict[str, tuple[Callable[[], Any], float] | tuple[Callable[[], Any], float, float]],
    *,
    rounds: int = 7,
) -> list[Row]:
    """Time ours and each peer in turn, `rounds` times, and take the median ratio.

    Parameters
    ----------
    peers : dict
        Name to (call, bound), or to (call, bound, share) for a call that does only that share of the task's
        work; its time is divided by the share.
    """
    ours()
    count = repetitions(ours)
    rows = []
    for name, (call, bound, *rest) in peers.items():
        share = rest[0] if rest else 1.0
        first = seconds(call, 1)
        if first > LONG_SECONDS:
            # A first call's overhead does not matter here, and once is enough.
            pairs = [(seconds(ours, count), first / share)]
        else:
            peer_count = repetitions(call)
            pairs = [(seconds(ours, count), seconds(call, peer_count) / share) for _ in range(rounds)]
        ratio = statistics.median(theirs / mine for mine, theirs in pairs)
        rows.append(Row(task, name, ratio, bound, statistics.median(mine for mine, _ in pairs)))
    return rows


def within(task: str, ours: Callable[[], Any], budget: float, *, rounds: int = 7) -> Row:
    """A task with a budget in seconds."""
    ours()
    count = repetitions(ours)
    mine = statistics.median(seconds(ours, count) for _ in range(rounds))
    return Row(task, f"budget of {budget * 1e6:.0f} us", budget / mine, 1.0, mine)


def repetitions(call: Callable[[], Any]) -> int:
    """How often to repeat a call so that the clock's resolution does not matter."""
    return max(1, int(SAMPLE_SECONDS / max(seconds(call, 1), 1e-7)))


def seconds(call: Callable[[], Any], count: int) -> float:
    """Processor time of one call, the mean of `count`."""
    start = time.process_time()
    for _ in range(count):
        call()
    return (time.process_time() - start) / count


def over_floor(
    task: str, ours: Callable[[], Any], floor: Callable[[], Any], budget: float, *, rounds: int = 15
) -> Row:
    """A task that may take so many seconds more than another that nobody can do without."""
    ours(), floor()
    counts = repetitions(ours), repetitions(floor)
    pairs = [(seconds(ours, counts[0]), seconds(floor, counts[1])) for _ in range(rounds)]
    more = statistics.median(mine - least for mine, least in pairs)
    least = statistics.median(least for _, least in pairs)
    peer = f"floor {least * 1e6:.0f} us + {budget * 1e6:.0f} us, used {more * 1e6:.0f}"
    return Row(task, peer, budget / max(more, 1e-9), 1.0, statistics.median(mine for mine, _ in pairs))
