"""Progress over the whole work: what is rendered now, the share done, the time left."""

from __future__ import annotations

import json
import sys
import time
from typing import Any, TextIO

__all__ = ["Progress", "duration"]


def duration(seconds: float) -> str:
    """Seconds as people say them.

    Examples
    --------
    >>> duration(7.4), duration(95), duration(3725)
    ('7 s', '1 min 35 s', '1 h 02 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


class Progress:
    """Shows how far a build is: one line that is redrawn on a terminal, plain lines otherwise, JSON if asked.

    Work is measured in expected CPU seconds; the time left follows from how fast the work has gone so far, and from
    the longest scene where that is what remains.

    Parameters
    ----------
    mode : {"auto", "plain", "json", "quiet"}
    clock : callable
        Seconds; replaced in tests.
    """

    # Plain output does not scroll: a line whenever this share more is done, or this many seconds have passed.
    _SHARE, _SECONDS = 0.1, 30.0

    def __init__(self, mode: str = "auto", out: TextIO | None = None, clock: Any = time.monotonic):
        self.out = out or sys.stderr
        terminal = hasattr(self.out, "isatty") and self.out.isatty()
        self.mode = ("live" if terminal else "plain") if mode == "auto" else mode
        self._clock = clock
        self._work: dict[tuple[str, str], float] = {}
        self._done: dict[tuple[str, str], float] = {}
        self._began = clock()
        self._last = (-1.0, self._began)
        self._drawn = 0
        self._workers = 1

    def begin(self, work: dict[tuple[str, str], float], workers: int) -> None:
        """What there is to do: (scene, step) -> expected CPU seconds."""
        self._work, self._workers, self._began = dict(work), workers, self._clock()
        self._done = {}
        self._last = (0.0, self._began)
        self.event("begin", steps=len(work), workers=workers)

    @property
    def share(self) -> float:
        """Share of the work that is done."""
        total = sum(self._work.values())
        return sum(self._done.values()) / total if total else 1.0

    @property
    def left(self) -> float | None:
        """Seconds left, or None while nothing is known."""
        passed, share = self._clock() - self._began, self.share
        if share <= 0 or passed <= 0:
            return None
        by_share = passed * (1 - share) / share
        # One scene runs on one worker: it cannot end sooner than its own work takes.
        speed = sum(self._done.values()) / passed / self._workers
        rest: dict[str, float] = {}
        for (scene, step), work in self._work.items():
            rest[scene] = rest.get(scene, 0.0) + work - self._done.get((scene, step), 0.0)
        return max(by_share, max(rest.values(), default=0.0) / speed) if speed > 0 else by_share

    def advance(self, scene: str, step: str, part: float = 1.0) -> None:
        """A step is done, or `part` of it."""
        work = self._work.get((scene, step), 0.0)
        self._done[scene, step] = max(self._done.get((scene, step), 0.0), work * min(part, 1.0))
        left = self.left
        if part >= 1:
            self.event(
                "step", scene=scene, step=step, share=round(self.share, 4), left=left and round(left, 1)
            )
        if self.mode == "live":
            self._draw(scene, step, left)
        elif self.mode == "plain" and part >= 1:
            share, at = self.share, self._clock()
            if share - self._last[0] >= self._SHARE or at - self._last[1] >= self._SECONDS:
                self._last = (share, at)
                told = f", {duration(left)} left" if left is not None else ""
                self._print(f"{share:4.0%}  {scene}: {step.replace('_', ' ')}{told}")

    def say(self, text: str) -> None:
        """A sentence for people."""
        if self.mode not in ("json", "quiet"):
            self._print(text)

    def event(self, kind: str, **content: Any) -> None:
        """A line for machines."""
        if self.mode == "json":
            print(json.dumps({"event": kind, **content}, ensure_ascii=False), file=sys.stdout, flush=True)

    def end(self) -> None:
        """Leave a clean line behind."""
        if self._drawn:
            self.out.write("\r" + " " * self._drawn + "\r")
            self.out.flush()
            self._drawn = 0

    def _print(self, text: str) -> None:
        self.end()
        print(text, file=self.out, flush=True)

    def _draw(self, scene: str, step: str, left: float | None) -> None:
        filled = round(24 * self.share)
        told = f"{duration(left)} left" if left is not None else ""
        text = f"{'━' * filled}{'─' * (24 - filled)} {self.share:4.0%} {told:>14}  {scene}: {step.replace('_', ' ')}"[
            :110
        ]
        self.out.write("\r" + text.ljust(self._drawn))
        self.out.flush()
        self._drawn = len(text)
