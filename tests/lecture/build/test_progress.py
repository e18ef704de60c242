"""What a build says on its way: the time left comes true, and no more is said than is asked for."""

from __future__ import annotations

import io
import json
import random
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lecture.build.executors import ProcessExecutor
from lecture.build.progress import Progress

ROOT = Path(__file__).parents[3]


class Schedule:
    """Scenes on workers, each step as long as it really takes, seen by a clock that jumps from step to step."""

    def __init__(self, real: dict[str, list[float]], workers: int):
        free = [0.0] * workers
        self.events = []
        for scene, steps in real.items():
            worker = free.index(min(free))
            for k, seconds in enumerate(steps):
                free[worker] += seconds
                self.events.append((free[worker], scene, str(k)))
        self.events.sort()
        self.end = max(free)

    def told(self, expected: dict[tuple[str, str], float], workers: int) -> list[tuple[float, float]]:
        """When something was told, and how much time was said to be left."""
        now = [0.0]
        progress = Progress("quiet", clock=lambda: now[0])
        progress.begin(expected, workers)
        told = []
        for at, scene, step in self.events:
            now[0] = at
            progress.advance(scene, step)
            told.append((at, progress.left or 0.0))
        return told


@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize("spread", [1.05, 1.6])
def test_time_left_comes_true_within_a_factor_of_one_and_a_half(workers: int, spread: float) -> None:
    """Steps take up to `spread` times more or less than expected, on a machine twice as slow as thought."""
    chance = random.Random(workers)
    expected, real = {}, {}
    for scene in sorted((f"Scene{k}" for k in range(34)), key=lambda _: chance.random()):
        steps = [chance.uniform(0.5, 2) for _ in range(chance.randint(2, 7))]
        expected |= {(scene, str(k)): seconds for k, seconds in enumerate(steps)}
        real[scene] = [2 * seconds * chance.uniform(1 / spread, spread) for seconds in steps]
    order = sorted(real, key=lambda scene: -sum(real[scene]))
    schedule = Schedule({scene: real[scene] for scene in order}, workers)
    expected = {key: expected[key] for scene in order for key in expected if key[0] == scene}
    told = schedule.told(expected, workers)
    # Of the last steps only few seconds are left, and a factor says nothing.
    looked_at = [(at, left) for at, left in told if 0.1 <= at / schedule.end <= 0.95]
    assert len(looked_at) > 50
    for at, left in looked_at:
        assert 1 / 1.5 <= left / (schedule.end - at) <= 1.5, f"at {at / schedule.end:.0%}"
    assert told[-1][1] == 0


def test_a_long_scene_at_the_end_is_foreseen() -> None:
    schedule = Schedule({"Long": [1.0] * 20, "Short": [1.0] * 2}, 2)
    told = schedule.told(
        {("Long", str(k)): 1.0 for k in range(20)} | {("Short", str(k)): 1.0 for k in range(2)}, 2
    )
    assert [round(left) for _, left in told if left] == [19, 19, 18, 18, *range(17, 0, -1)]


def test_plain_output_is_short_and_has_no_control_characters() -> None:
    out = io.StringIO()
    progress = Progress("auto", out=out, clock=lambda: 0.0)
    progress.begin({("Scene", str(k)): 1.0 for k in range(100)}, 1)
    for k in range(100):
        progress.advance("Scene", str(k))
    lines = out.getvalue().splitlines()
    assert 9 <= len(lines) <= 11
    assert all(line.isprintable() for line in lines)


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress("json")
    progress.begin({("Scene", "turn"): 1.0, ("Scene", "rest"): 3.0}, 1)
    progress.advance("Scene", "turn")
    progress.say("for people only")
    output = capsys.readouterr()
    begin, step = map(json.loads, output.out.splitlines())
    assert begin == {"event": "begin", "steps": 2, "workers": 1}
    assert (step["scene"], step["step"], step["share"]) == ("Scene", "turn", 0.25)
    assert output.err == ""


def test_a_listener_that_leaves_does_not_stop_the_build(tmp_path: Path) -> None:
    program = """
import sys
from lecture.build.progress import Progress
progress = Progress("json" if sys.argv[1] == "json" else "plain")
progress.begin({("Scene", str(k)): 1.0 for k in range(20000)}, 1)
for k in range(20000):
    progress.advance("Scene", str(k)) if k % 1000 == 0 else progress.event("step", step=str(k) * 50)
    progress.say("x" * 1000)
open(sys.argv[2], "w").write("done")
"""
    for mode, stream in (("json", ""), ("plain", "2>&1")):
        done = tmp_path / mode
        command = f"{shlex.quote(sys.executable)} -c {shlex.quote(program)} {mode} {done} {stream} | head -1"
        told = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, check=True)
        assert done.read_text() == "done"
        assert told.stderr == ""


def test_a_message_that_cannot_be_heard_fails_its_job_alone() -> None:
    def hear(future: object, message: str) -> None:
        if message == "bad":
            raise ValueError("not understood")

    executor = ProcessExecutor(1, [], hear)
    bad, good = executor.submit(speak, "bad"), executor.submit(speak, "good")
    with pytest.raises(ValueError, match="not understood"):
        bad.result(60)
    assert good.result(60) == "good"
    executor.shutdown()


def speak(word: str, tell: Callable[[str], None]) -> str:
    """A job."""
    tell(word)
    return word
