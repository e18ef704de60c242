"""Progress over the whole work: what is rendered now, the share done, the time left."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    import rich.progress

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
    """Shows how far a build is: a bar by rich on a terminal, plain lines otherwise, JSON if asked.

    Work is measured in expected CPU seconds. How long they take is learned from the steps that are done; the time left
    is then that of the scenes' schedule: each is one worker's, and they are begun in the given order.

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
        self._running: dict[str, float] = {}  # scene -> when its last step was done, or itself begun
        self._waiting: list[str] = []
        self._timed, self._spent = 0.0, 0.0  # work of which it was seen how long it took, and how long
        self._began = clock()
        self._last = (-1.0, self._began)
        self._bar: rich.progress.Progress | None = None
        self._workers = 1

    def begin(self, work: dict[tuple[str, str], float], workers: int) -> None:
        """What there is to do, in the order in which scenes are begun: (scene, step) -> expected CPU seconds."""
        self._work, self._workers, self._began = dict(work), workers, self._clock()
        self._done, self._running = {}, {}
        self._timed, self._spent = 0.0, 0.0
        self._waiting = list(dict.fromkeys(scene for scene, _ in work))
        self._begin_waiting()
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
        if not self._timed or self._spent <= 0:
            return None
        pace = self._spent / self._timed  # seconds for an expected CPU second
        rest: dict[str, list[float]] = {}
        for (scene, step), work in self._work.items():
            if (scene, step) not in self._done:
                rest.setdefault(scene, []).append(pace * work)
        # A step in the making has come as far as it was expected to by now, at most to its end.
        now = self._clock()
        busy = [
            sum(steps) - min(now - since, steps[0])
            for scene, since in self._running.items()
            if (steps := rest.pop(scene, None))
        ]
        busy += [0.0] * (self._workers - len(busy))
        for scene in self._waiting:
            first = busy.index(min(busy))
            busy[first] += sum(rest.get(scene, ()))
        return max(busy)

    def _begin_waiting(self) -> None:
        while self._waiting and len(self._running) < self._workers:
            self._running[self._waiting.pop(0)] = self._clock()

    def _finish(self, scene: str, step: str) -> None:
        """Note how long a step took, and whether its worker goes on with another scene."""
        if (scene, step) not in self._work or (scene, step) in self._done:
            return
        self._done[scene, step] = self._work[scene, step]
        if scene in self._waiting:  # begun out of order: another build had the one before it
            self._waiting.remove(scene)
        if scene in self._running:
            self._timed += self._work[scene, step]
            self._spent += self._clock() - self._running[scene]
        self._running[scene] = self._clock()
        if all(key in self._done for key in self._work if key[0] == scene):
            self._running.pop(scene, None)
            self._begin_waiting()

    def advance(self, scene: str, step: str) -> None:
        """A step is done."""
        self._finish(scene, step)
        left = self.left
        self.event("step", scene=scene, step=step, share=round(self.share, 4), left=left and round(left, 1))
        if self.mode == "live":
            self._draw(scene, step, left)
        elif self.mode == "plain":
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
            self._write(json.dumps({"event": kind, **content}, ensure_ascii=False) + "\n", sys.stdout)

    def end(self) -> None:
        """Leave a clean line behind."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _print(self, text: str) -> None:
        self.end()
        self._write(text + "\n", self.out)

    def _draw(self, scene: str, step: str, left: float | None) -> None:
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

            columns = (
                BarColumn(24),
                TaskProgressColumn(),
                TextColumn("{task.fields[left]:>14}  {task.description}"),
            )
            self._bar = Progress(*columns, console=Console(file=self.out), transient=True, auto_refresh=False)
            self._bar.add_task("", left="", total=1.0)
            self._bar.start()
        told = f"{duration(left)} left" if left is not None else ""
        self._bar.update(
            self._bar.task_ids[0],
            completed=self.share,
            left=told,
            description=f"{scene}: {step.replace('_', ' ')}",
            refresh=True,
        )

    def _write(self, text: str, out: TextIO) -> None:
        try:
            out.write(text)
            out.flush()
        except BrokenPipeError:
            # Nobody listens any more (`| head`); that is no reason to stop. Python would complain at its end.
            self.mode = "quiet"
            os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
