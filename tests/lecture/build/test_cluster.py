"""A build over a Dask cluster: two worker processes in folders of their own, and nothing on a disk between them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import Client

import lecture.build.cluster
from lecture.build.builder import Report
from tests.lecture.demo import Demo

ROOT = Path(__file__).parents[3]

# A scene that takes some seconds, so that its worker can be killed meanwhile.
SLOW = """
from manim import Rotate, Square

from lecture.stage import LectureScene, step


class {name}(LectureScene):
    title = "{name}"

    @step(say="It turns.", shows="A turned square.")
    def turn(self):
        self.add(square := Square(color=self.style.eig1, fill_opacity=0.5))
        self.play(Rotate(square, {angle}), run_time=40)
"""


class Cluster:
    """A scheduler and its workers, each a process that runs in a folder of its own."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        address = folder / "scheduler.json"
        self._start(
            "scheduler", "scheduler", "--port", "0", "--scheduler-file", str(address), "--no-dashboard"
        )
        _until(address.exists, "the scheduler")
        self.client = Client(scheduler_file=str(address), set_as_default=False)
        self.address = self.client.scheduler.address

    def _start(self, name: str, *command: str) -> None:
        here = self.folder / name
        here.mkdir()
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        environment["DASK_TEMPORARY_DIRECTORY"] = str(here)
        log = (here / "log").open("wb")
        self.processes.append(
            subprocess.Popen(
                [sys.executable, "-m", "dask", *command], cwd=here, env=environment, stdout=log, stderr=log
            )
        )

    def add_worker(self) -> None:
        name = f"worker{len(self.processes)}"
        self._start(name, "worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        count = len(self.processes) - 1
        _until(lambda: len(self.client.nthreads()) == count, name)

    def busy(self) -> list[int]:
        """Processes of the workers that run a job."""
        workers = self.client.scheduler_info(n_workers=-1)["workers"]
        running = self.client.run_on_scheduler(
            lambda dask_scheduler: {a: len(w.processing) for a, w in dask_scheduler.workers.items()}
        )
        pids = self.client.run(os.getpid)
        return [pids[address] for address in workers if running[address]]

    def close(self) -> None:
        self.client.close()
        for process in self.processes:
            process.kill()
            process.wait()


def _until(happened: Any, what: str, seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, f"{what} did not come within {seconds} s"
        time.sleep(0.1)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    folder = tmp_path / "cluster"
    folder.mkdir()
    cluster = Cluster(folder)
    try:
        cluster.add_worker()
        cluster.add_worker()
        yield cluster
    finally:
        cluster.close()


def films(demo: Demo) -> dict[str, bytes]:
    return {
        path.relative_to(demo.media).as_posix(): path.read_bytes()
        for path in sorted(demo.media.rglob("*"))
        if path.suffix in (".mp4", ".png")
    }


@pytest.mark.long
@pytest.mark.xdist_group("cluster")
def test_lost_worker_is_replaced_and_the_frames_are_the_same(cluster: Cluster, tmp_path: Path) -> None:
    demo = Demo(tmp_path / "project")
    demo.scenes = []
    for k in range(4):
        demo.add(f"Slow{k}", SLOW.format(name=f"Slow{k}", angle=1 + k))
    reports: list[Report] = []
    build = threading.Thread(target=lambda: reports.append(demo.build(cluster=cluster.address)))
    build.start()
    _until(lambda: len(cluster.busy()) == 2, "a job on each worker")
    time.sleep(2)
    lost = cluster.busy()[0]
    os.kill(lost, signal.SIGKILL)
    build.join(300)
    (report,) = reports
    assert report.failures == []
    assert report.rendered == 4
    assert len(cluster.client.nthreads()) == 1

    here = Demo(demo.root, tmp_path / "here")
    here.scenes = demo.scenes
    assert here.build().failures == []
    assert len(films(here)) == 1 + 4 + 2 * 4
    assert films(demo) == films(here)
    # What is here already is not asked of the cluster.
    assert demo.build(cluster="tcp://127.0.0.1:1").rendered == 0


@pytest.mark.long
@pytest.mark.xdist_group("cluster")
def test_what_fails_there_is_told_here(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = Demo(tmp_path / "project")
    demo.edit("turn", "self.wait(0.8)", "raise RuntimeError(__file__ + ' ' + __import__('lecture').__file__)")
    demo.edit("walk", "[way_of(10.0), 0, 0]", "[__import__('os').kill(__import__('os').getpid(), 9), 0, 0]")
    demo.add("Slow", SLOW.format(name="Slow", angle=1).replace("run_time=40", "run_time=1"))
    report = demo.build(cluster=cluster.address)
    assert report.rendered == 1
    raised, died = sorted(report.failures)
    # The sources are those that were sent, and lie in the worker's own folder.
    assert raised.startswith(f"Turn, step turn: RuntimeError: {cluster.folder}/worker")
    assert raised.count(f"{cluster.folder}/worker") == 2
    assert died.startswith("Walk: its worker of the cluster failed: its process ended by SIGKILL")

    monkeypatch.setattr(
        lecture.build.cluster, "environment", lambda root: "python 3.11, manim 0.99.0, 00000000000000000000"
    )
    demo = Demo(tmp_path / "other")
    report = demo.build(cluster=cluster.address)
    assert report.rendered == 0
    assert [failure.partition(" lacks ")[2][:12] for failure in report.failures] == ["manim 0.99.0"]


@pytest.mark.long
@pytest.mark.xdist_group("cluster")
def test_lost_scheduler_is_told_in_one_sentence(cluster: Cluster, tmp_path: Path) -> None:
    demo = Demo(tmp_path / "project")
    demo.scenes = []
    for k in range(4):
        demo.add(f"Slow{k}", SLOW.format(name=f"Slow{k}", angle=1 + k))
    reports: list[Report] = []
    build = threading.Thread(target=lambda: reports.append(demo.build(cluster=cluster.address)))
    build.start()
    _until(lambda: len(cluster.busy()) == 2, "a job on each worker")
    cluster.processes[0].kill()
    build.join(300)
    (report,) = reports
    assert report.failures == [
        f"--cluster {cluster.address}: the Dask scheduler is gone; what came back is kept, run again to continue"
    ]


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere", "pigeon://loft:1"])
def test_cluster_that_is_not_there_is_told_in_one_sentence(address: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scenes", "build", "Opening", "--quality", "l", "--cluster", address]
    done = subprocess.run(
        [*command, "--media", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    first, *rest = done.stderr.splitlines()
    assert first.startswith(f"error: --cluster {address}: no Dask scheduler answers there (")
    assert first.endswith("; start one with `dask scheduler`, or leave it out")
    assert len(rest) == 2, done.stderr
