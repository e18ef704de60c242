"""The builder against plain Manim: wall and processor time, sizes, and luma PSNR against the frames themselves.

    python -m tests.benchmarks.bench_build [--quality h] [--scenes A,B | all] [--rounds 1] [--keep FOLDER]

For every scene, one after the other: `manim render`, then, for all scenes at once, `python -m lecture build`, each cold
and into a folder of its own. A third pass plays each scene once more and, frame by frame, encodes at Manim's settings
(the encode limit) and compares both films with what was drawn. Processor time counts all processes.

A second of film takes about five seconds on two cores, so the whole lecture takes one and a half hours. With --keep,
a run that was stopped goes on where it was: measurements are kept in FOLDER; remove it to begin afresh.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lecture.files import write_atomically
from tests.benchmarks.timing import Row

ROOT = Path(__file__).parents[2]
SCENES = "RotateIntoEigenbasis,PulledBackEveryStep,RidgeMinimizerFormula"


def run() -> list[Row]:
    """The scenes in the variable ONLY, or three unlike ones, at 1080p60; what is promised are the bounds."""
    keep = ROOT / "media" / ".bench"
    totals = compare(_scenes(os.environ.get("ONLY") or SCENES), "h", keep)
    shutil.rmtree(keep)
    ours = totals["cpu"]
    return [
        Row("building a film", "manim render -qh, wall", totals["speed"], 5.0, ours),
        Row("building a film", "encoding alone as Manim", totals["limit"], 1 / 0.35, ours),
        Row("bytes of the film, 1.5 allowed", "manim render -qh", totals["size"], 1.0, ours),
        Row("PSNR, in the scene that gains least", "manim render -qh", totals["quality"], 1.0, ours),
    ]


def _scenes(names: str) -> tuple[str, ...]:
    from scenes import LECTURE

    return LECTURE.scenes if names == "all" else tuple(names.split(","))


class _Measured:
    """Measurements by name, kept in a file as they come."""

    def __init__(self, path: Path):
        self._path = path
        self._known: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}

    def __call__(self, name: str, measure: Callable[[], Any]) -> Any:
        if name not in self._known:
            self._known[name] = measure()
            write_atomically(self._path, json.dumps(self._known).encode())
        return self._known[name]


def compare(scenes: Sequence[str], quality: str, keep: Path | None = None) -> dict[str, float]:
    """Measure and print everything; the totals as ratios that should be large."""
    from lecture.frames.encode import Video

    video = Video.of_quality(quality)
    with contextlib.ExitStack() as stack:
        folder = (keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))).resolve()
        measured = _Measured(folder / f"measured-{quality}.json")
        plain, ours = folder / f"plain-{quality}", folder / f"ours-{quality}"
        build = [
            sys.executable,
            "-m",
            "lecture",
            "build",
            *scenes,
            "--quality",
            quality,
            "--media",
            str(ours),
            "--json",
        ]
        plain_runs: dict[str, tuple[float, float]] = {}
        for name in scenes:
            command = _plain_command(name, quality, plain)
            plain_runs[name] = measured(f"plain {name}", lambda command=command: _timed(command))
        wall, cpu = measured(f"build {' '.join(scenes)}", lambda: _cold(build, ours))
        manifest = json.loads((ours / "manifest.json").read_text())
        print(
            f"\nto repeat it:\n{_shown(build)}\n{_shown(_plain_command(scenes[0], quality, plain))}"
            f"\n{_shown([sys.executable, '-m', 'tests.benchmarks.bench_build', '--scenes', ','.join(scenes)])}\n"
        )
        print(
            f"{'scene':<34}{'film':>7}{'plain wall':>12}{'cpu':>8}{'encode':>8}"
            f"{'bytes':>10}{'ours':>10}{'PSNR median':>16}{'minimum':>16}"
        )
        encode = films = our_bytes = plain_bytes = 0.0
        quality_gain, worse = float("inf"), []
        for scene in manifest["scenes"]:
            name = scene["name"]
            (film,) = (plain / name).rglob(f"{name}.mp4")
            seen = measured(
                f"seen {name} {scene['film']['bytes']}",
                lambda name=name, film=film, own=ours / scene["film"]["path"]: _measure(
                    name, video, film, own
                ),
            )
            encode += seen["encode"]
            films += scene["duration"]
            our_bytes += scene["film"]["bytes"]
            plain_bytes += film.stat().st_size
            gain = min(seen[kind][1] / seen[kind][0] for kind in ("median", "minimum"))
            quality_gain = min(quality_gain, gain)
            if gain < 1:
                worse.append(name)
            print(
                f"{name:<34}{scene['duration']:>6.1f}s{plain_runs[name][0]:>11.1f}s{plain_runs[name][1]:>7.1f}s"
                f"{seen['encode']:>7.1f}s{film.stat().st_size:>10}{scene['film']['bytes']:>10}"
                f"{seen['median'][0]:>8.2f}{seen['median'][1]:>8.2f}{seen['minimum'][0]:>8.2f}{seen['minimum'][1]:>8.2f}"
                f"{'  below' if gain < 1 else ''}",
                flush=True,
            )
        plain_wall = sum(w for w, _ in plain_runs.values())
        plain_cpu = sum(c for _, c in plain_runs.values())
        print(f"\n{'total':<34}{films:>6.1f}s{plain_wall:>11.1f}s{plain_cpu:>7.1f}s{encode:>7.1f}s")
        print(f"{'builder':<34}{'':>7}{wall:>11.1f}s{cpu:>7.1f}s")
        print(
            f"wall {plain_wall / wall:.2f} times faster; processor time {cpu / plain_cpu:.3f} of plain, "
            f"{cpu / encode:.3f} of encoding alone; bytes {our_bytes / plain_bytes:.2f} of plain"
            + (f"; PSNR below plain in {', '.join(worse)}" if worse else "; PSNR nowhere below plain")
        )
        return {
            "wall": wall,
            "cpu": cpu,
            "speed": plain_wall / wall,
            "limit": encode / cpu,
            "size": 1.5 * plain_bytes / our_bytes,
            "quality": quality_gain,
        }


def _shown(command: list[str]) -> str:
    return shlex.join([Path(command[0]).name, *command[1:]])


def _plain_command(name: str, quality: str, folder: Path) -> list[str]:
    from scenes import LECTURE

    file = LECTURE.module_of(name).replace(".", "/") + ".py"
    command = [sys.executable, "-m", "manim", "render", f"-q{quality}", "--media_dir", str(folder / name)]
    return [*command, "--progress_bar", "none", "-v", "ERROR", file, name]


def _cold(command: list[str], folder: Path) -> tuple[float, float]:
    shutil.rmtree(folder, ignore_errors=True)
    return _timed(command)


def _timed(command: list[str]) -> tuple[float, float]:
    """Wall and processor seconds of a command and everything it starts, orphans included."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: orphans become ours to count
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    wall = time.monotonic() - began
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            break
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _measure(name: str, video: Any, plain: Path, ours: Path) -> dict[str, Any]:
    """Play a scene, encode its frames as Manim does, compare both films with them; in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.bench_build", "--measure", name, str(plain), str(ours)]
    command += ["--size", f"{video.width},{video.height},{video.frame_rate}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout.splitlines()[-1])


def _measure_here(name: str, plain: Path, ours: Path, size: tuple[int, int, int]) -> dict[str, Any]:
    import av
    import manim
    import numpy as np
    from av.video.reformatter import Colorspace, VideoReformatter
    from manim.renderer.cairo_renderer import CairoRenderer
    from manim.scene.scene_file_writer import SceneFileWriter
    from manim.scene.video_segment_encoder import VideoSegmentEncoder

    from scenes import LECTURE

    width, height, rate = size
    films = [av.open(str(path)) for path in (plain, ours)]
    decoded = [film.decode(video=0) for film in films]
    reformatter = VideoReformatter()
    psnr: tuple[list[float], list[float]] = ([], [])
    difference = np.empty((height, width), np.float32)
    spent = 0.0

    def luma(frame: Any) -> Any:
        plane = frame.planes[0]
        return np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]

    class Writer(SceneFileWriter):
        """Compares every frame, and times the encoding of every play."""

        def begin_animation(self, allow_write: bool = False, **ignored: Any) -> None:
            self.frames: list[tuple[Any, int]] = []

        def end_animation(self, allow_write: bool = False) -> None:
            nonlocal spent
            target = Path(folder, "segment.mp4")
            began = time.process_time()
            encoder = VideoSegmentEncoder(target=target, spec=self.video_encoder)
            for pixels, repeat in self.frames:
                encoder.write_frame(pixels, repeat=repeat)
            encoder.finish()
            spent += time.process_time() - began
            self.frames = []

        def is_already_cached(self, hash_invocation: str) -> bool:
            return False

        def write_frame(self, pixels: Any, *, repeat: int = 1) -> None:
            self.frames.append((pixels, repeat))
            source = av.VideoFrame.from_ndarray(pixels, format="rgba")
            wanted = [
                luma(reformatter.reformat(source, format="yuv420p", dst_colorspace=space)).copy()
                for space in (Colorspace.DEFAULT, Colorspace.ITU709)
            ]
            for _ in range(repeat):
                for k in (0, 1):
                    np.subtract(luma(next(decoded[k])), wanted[k], out=difference, dtype=np.float32)
                    error = float(np.vdot(difference, difference)) / difference.size
                    psnr[k].append(10 * np.log10(255**2 / error) if error else 99.0)

        def finish(self) -> None:
            for frames in decoded:
                if next(frames, None) is not None:
                    raise RuntimeError(f"{name}: a film has more frames than were drawn")

    options = {"pixel_width": width, "pixel_height": height, "frame_rate": rate, "verbosity": "ERROR"}
    with tempfile.TemporaryDirectory() as folder:
        options |= {"media_dir": folder, "progress_bar": "none", "disable_caching": True, "seed": 0}
        with manim.tempconfig(options):
            manim.config.background_color = LECTURE.settings().style.background
            renderer = CairoRenderer(file_writer_class=Writer, camera_class=manim.MovingCamera)
            LECTURE.load_scene(name)(renderer=renderer).render()
    return {
        "encode": spent,
        "median": [statistics.median(p) for p in psnr],
        "minimum": [min(p) for p in psnr],
        "frames": [len(p) for p in psnr],
    }


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quality", default="h", choices="lmhpk")
    parser.add_argument("--scenes", default=SCENES, help="names with commas between, or all")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where measurements and films stay")
    parser.add_argument("--rounds", type=int, default=1, help="repeat everything this often")
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--size", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        name, plain, ours = options.measure
        width, height, rate = map(int, options.size.split(","))
        print(json.dumps(_measure_here(name, Path(plain), Path(ours), (width, height, rate))))
        return 0
    rounds = [
        compare(_scenes(options.scenes), options.quality, options.keep and options.keep / f"round{k}")
        for k in range(1, options.rounds + 1)
    ]
    if len(rounds) > 1:
        for kind in ("speed", "limit", "size", "quality"):
            print(f"median {kind}: {statistics.median(r[kind] for r in rounds):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
