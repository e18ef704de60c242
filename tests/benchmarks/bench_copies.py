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
from collections import namedtuple
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

from tests.benchmarks.timing import Row

ROOT = Path(__file__).parents[2]
SCENES = ("Opening", "PulledBackEveryStep", "RotateIntoEigenbasis", "Credits")
Chapter = namedtuple("Chapter", "number title scenes")


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
    from lecture.build import Builder, Options, Project
    from lecture.encode import Video
    from lecture.progress import Progress
    from scenes import module_of
    from scenes.kit import Settings

    print(f"{'copies':>8}{'steps':>8}{'wall':>10}{'CPU':>10}{'per copy':>10}{'unchanged':>11}{'memory':>10}")
    costs = {}
    for count in copies:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for package in ("scenes", "wdmath"):
                (root / package).symlink_to(ROOT / package)
            (root / "copies").mkdir()
            (root / "copies" / "__init__.py").touch()
            names = []
            for k in range(count):
                for scene in scenes:
                    names.append(f"{scene}{k}")
                    source = (
                        f"from {module_of(scene)} import {scene}\n\n\nclass {names[-1]}({scene}):\n    pass\n"
                    )
                    (root / "copies" / f"{names[-1].lower()}.py").write_text(source)
            project = Project(
                root,
                ("copies", "scenes", "wdmath"),
                [Chapter(1, "Copies", tuple(names))],
                lambda name: f"copies.{name.lower()}",
            )
            lecture = SimpleNamespace(title="Copies", path=Path("copies.toml"), scenes=names, inputs=())
            options = Options(
                video=Video(160, 90, 15),
                quality="l",
                media=root / "media",
                cache=root / "media" / ".cache",
                cluster=cluster,
            )
            report = Builder(project, lecture, Settings(), names, options, Progress("quiet")).run()
            if report.failures:
                raise RuntimeError("; ".join(report.failures))
            began = time.process_time()
            Builder(project, lecture, Settings(), names, options, Progress("quiet")).run()
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
    from scenes import scene_names

    os.environ["PYTHONHASHSEED"] = "0"
    scenes = scene_names() if options.scenes == "all" else options.scenes.split(",")
    measure(scenes, tuple(map(int, options.copies.split(","))), options.cluster)
    return 0


if __name__ == "__main__":
    sys.exit(main())
