"""What the frames of each scene cost without any encoder: processor seconds per second of film at 1080p60, worst first.

    python -m tests.benchmarks.bench_frames [--quality h] [--scenes A,B]

The builder's renderer draws each scene, from its construction to its last frame, for an encoder that only counts.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tests.benchmarks.timing import Row

BUDGET = 0.35


class Cost(NamedTuple):
    """Processor seconds that a scene's frames took, seconds of film, and how many frames were not the one before."""

    scene: str
    cpu: float
    film: float
    moving: int

    @property
    def per_second(self) -> float:
        return self.cpu / self.film


def run() -> list[Row]:
    """Every scene of the lecture."""
    from scenes import LECTURE

    return [
        Row(
            f"frames of {cost.scene}", f"{BUDGET} CPU-s per s", BUDGET / cost.per_second, 1.0, cost.per_second
        )
        for cost in sorted(measure(LECTURE.scenes, "h"), key=lambda cost: -cost.per_second)
    ]


def measure(
    scenes: Sequence[str], quality: str, told: Callable[[Cost], Any] = lambda cost: None
) -> list[Cost]:
    """Draw scenes one after the other, each in a process of its own."""
    from lecture.build.executors import ProcessExecutor

    costs = []
    executor = ProcessExecutor(1, ["lecture.build.preload"])
    try:
        for name in scenes:
            costs.append(executor.submit(_draw, name, quality).result())
            told(costs[-1])
    finally:
        executor.shutdown(cancel_futures=True)
    return costs


class _Counter:
    """In the encoder's place: only counts."""

    def __init__(self, video: Any):
        self.moving = 0

    def write(self, pixels: Any, repeat: int = 1, changed: Any = None) -> None:
        self.moving += 1

    def finish(self) -> None:
        return None


def _draw(name: str, quality: str, tell: Callable[[Any], None]) -> Cost:
    from lecture.frames.encode import Video
    from lecture.frames.render import SceneJob, describe_scene, render_scene
    from lecture.timing import at_reading_speed
    from scenes import LECTURE

    settings, counter = LECTURE.settings(), _Counter(None)
    described = describe_scene(LECTURE.module_of(name), name, settings)
    speaking = {step["name"]: at_reading_speed(step["say"]).seconds for step in described["steps"]}
    film = 0.0

    def finished(step: Any) -> None:
        nonlocal film
        film += step.seconds + max(described["minimum_hold"], speaking[step.name] - step.seconds)

    with tempfile.TemporaryDirectory() as scratch:
        job = SceneJob(
            LECTURE.module_of(name),
            name,
            settings,
            Video.of_quality(quality),
            wanted=tuple(speaking),
            pictures={},
            stills_only=False,
            scratch=scratch,
            encoder=lambda video: counter,
        )
        began = time.process_time()
        render_scene(job, finished)
        cpu = time.process_time() - began
    return Cost(name, cpu, film, counter.moving)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quality", default="h", choices="lmhpk")
    parser.add_argument("--scenes", default="all", help="names with commas between, or all")
    options = parser.parse_args()
    from scenes import LECTURE

    names = LECTURE.scenes if options.scenes == "all" else options.scenes.split(",")

    def show(cost: Cost) -> None:
        print(
            f"{cost.per_second:6.3f}  {cost.scene:<36}{cost.cpu:7.1f} CPU-s  {cost.film:6.1f} s of film, "
            f"{cost.moving / cost.film / 60:4.0%} moving",
            flush=True,
        )

    costs = measure(names, options.quality, show)
    print("\nworst first")
    for cost in sorted(costs, key=lambda cost: -cost.per_second):
        show(cost)
    return int(any(cost.per_second > BUDGET for cost in costs))


if __name__ == "__main__":
    sys.exit(main())
