"""Builds that are killed, starved of disk, or spread over a cluster: the film is the same in the end."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.lecture.demo import Demo

ROOT = Path(__file__).parents[3]
KILLS = 100

pytestmark = pytest.mark.long


def digests(media: Path) -> dict[str, str]:
    """Digest of everything that was made."""
    return {
        path.relative_to(media).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(media.rglob("*"))
        if path.is_file() and ".cache" not in path.parts
    }


def start(demo: Demo) -> subprocess.Popen[str]:
    """A build in a session of its own, so that everything it starts can be found."""
    command = [sys.executable, "-m", "tests.lecture.demo", str(demo.root), str(demo.media)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def left_behind(session: int) -> list[int]:
    """Processes of a session that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def test_killed_at_random_moments_it_continues_and_ends_the_same(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    began = time.monotonic()
    build = start(demo)
    assert build.wait(300) == 0, build.stderr.read() if build.stderr else ""
    takes = time.monotonic() - began
    expected = digests(demo.media)
    shutil.rmtree(demo.media)

    chance = random.Random(5)
    kills = ends = 0
    while kills < KILLS:
        build = start(demo)
        time.sleep(chance.uniform(0, 1.1 * takes))
        asked = chance.choice((signal.SIGTERM, signal.SIGINT, signal.SIGKILL))
        if build.poll() is None:
            kills += 1
            # A terminal sends Ctrl-C to everything that runs in it.
            if chance.random() < 0.3:
                os.killpg(build.pid, asked)
            else:
                build.send_signal(asked)
        status = build.wait(60)
        deadline = time.monotonic() + 30
        while left_behind(build.pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert left_behind(build.pid) == [], f"{asked.name} left processes behind"
        if status == 0:
            ends += 1
            assert digests(demo.media) == expected
            shutil.rmtree(demo.media)
        else:
            # Whatever is there is complete.
            for path, digest in digests(demo.media).items() if demo.media.exists() else ():
                if not Path(path).name.startswith("."):
                    assert expected[path] == digest, path
    build = start(demo)
    _, error = build.communicate(timeout=300)
    assert build.returncode == 0, error
    assert digests(demo.media) == expected
    assert ends > 0


def test_full_disk_is_told_once_and_nothing_finished_is_lost(tmp_path: Path) -> None:
    if os.geteuid() != 0:  # only root may mount a small disk: be root, in a namespace of one's own
        test = f"{__file__}::test_full_disk_is_told_once_and_nothing_finished_is_lost"
        command = ["unshare", "--map-root-user", "--mount", sys.executable, "-m", "pytest", "-q", "-n0"]
        subprocess.run([*command, f"--basetemp={tmp_path / 'root'}", test], cwd=ROOT, check=True)
        return
    demo = Demo(tmp_path)

    def build(color: str = demo.settings.theme.ridge) -> tuple[int, int, list[str]]:
        command = [sys.executable, "-m", "tests.lecture.demo", str(demo.root), str(demo.media), color]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        rendered, reused = map(int, done.stdout.split())
        failures = done.stderr.split("\n")[:-1]
        assert done.returncode == (1 if any(failures) else 0)
        return rendered, reused, [f for f in failures if f]

    def remount(option: str) -> None:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"remount,{option}", "tmpfs", str(demo.media)], check=True
        )

    assert build() == (5, 0, [])
    expected = digests(demo.media)
    shutil.rmtree(demo.media)
    demo.media.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", str(demo.media)], check=True)
    try:
        rendered, _, failures = build()
        assert failures == [
            f"{demo.media}: the disk is full; make room and run again, what is finished is kept"
        ]
        remount("size=20m")
        assert build() == (5 - rendered, rendered, [])
        assert digests(demo.media) == expected
        remount("ro")
        failures = build("#123456")[2]
        assert len(failures) == 1
        assert "cannot be written" in failures[0]
    finally:
        subprocess.run(["umount", str(demo.media)], check=True)
