"""What 1, 2, 4 and 8 copies of the lecture cost, built as one: work per copy should stay what it is.

    python -m tests.benchmarks.bench_copies [--scenes A,B | all] [--copies 1,2,4,8] [--cluster tcp://host:8786]

Every copy is scenes of its own to the builder (a class of another name, so that nothing is reused), in small frames, so
that it is the builder's own work that shows: planning, handing out jobs, putting films together.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.timing import Row

SCENES = ("Opening", "PulledBackEveryStep", "RotateIntoEigenbasis", "Credits")


def run() -> list[Row]:
    """Four scenes; eight copies may cost a tenth more than eight times one."""
    costs = measure(SCENES, (1, 2, 4, 8))
    return [
        Row(f"{n} copies of a lecture, each", "one copy", costs[1] / (cost / n), 0.9, cost / n)
        for n, cost in costs.items()
        if n > 1
    ]


def measure(scenes: Sequence[str], copies: Sequence[int], cluster: str = "") -> dict[int, float]:
    """Build that many copies, print what it took, and return processor seconds."""
    from lecture.build.builder import Builder, Options
    from lecture.build.progress import Progress
    from lecture.definition import Chapter
    from lecture.edition import Edition
    from lecture.frames.encode import Video
    from scenes import LECTURE

    print(f"{'copies':>8}{'steps':>8}{'wall':>10}{'CPU':>10}{'per copy':>10}{'unchanged':>11}{'memory':>10}")
    costs = {}
    for count in copies:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "copies").mkdir()
            (root / "copies" / "__init__.py").touch()
            names = []
            for k in range(count):
                for scene in scenes:
                    names.append(f"{scene}{k}")
                    source = f"from {LECTURE.module_of(scene)} import {scene}\n\n\n"
                    source += f"class {names[-1]}({scene}):\n    pass\n"
                    (root / "copies" / f"{names[-1].lower()}.py").write_text(source)
            lecture = replace(
                LECTURE,
                package="copies",
                chapters=(Chapter("Copies", tuple(names)),),
                libraries=("scenes", "wdmath"),
                modules={name: f"copies.{name.lower()}" for name in names},
                root=root,
            )
            edition = Edition.about(LECTURE.subject.default(), lecture)
            options = Options(
                video=Video(160, 90, 15),
                quality="l",
                media=root / "media",
                cache=root / "media" / ".cache",
                cluster=cluster,
            )
            report = Builder(edition, edition.settings(), names, options, Progress("quiet")).run()
            if report.failures:
                raise RuntimeError("; ".join(report.failures))
            began = time.process_time()
            Builder(edition, edition.settings(), names, options, Progress("quiet")).run()
            unchanged = time.process_time() - began
        costs[count] = report.cpu
        print(
            f"{count:>8}{report.rendered:>8}{report.wall:>8.1f} s{report.cpu:>8.1f} s"
            f"{report.cpu / count:>8.1f} s{unchanged:>9.2f} s{report.peak_memory / 1e6:>7.0f} MB",
            flush=True,
        )
    return costs


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scenes", default=",".join(SCENES), help="names with commas between, or all")
    parser.add_argument("--copies", default="1,2,4,8")
    parser.add_argument("--cluster", default="", metavar="ADDRESS")
    options = parser.parse_args()
    from scenes import LECTURE

    os.environ["PYTHONHASHSEED"] = "0"
    scenes = LECTURE.scenes if options.scenes == "all" else options.scenes.split(",")
    measure(scenes, tuple(map(int, options.copies.split(","))), options.cluster)
    return 0


if __name__ == "__main__":
    sys.exit(main())
