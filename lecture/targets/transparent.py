"""Steps with nothing behind them: rendered once more with alpha, as WebM and as MOV.

A scene's transparent clips are made again when its own clips have changed, and only then.
"""

from __future__ import annotations

import functools
import importlib
import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from lecture.build.cache import digest_of
from lecture.definition import Lecture
from lecture.files import write_atomically
from lecture.frames.encode import Video

from .common import TargetError

__all__ = ["SUFFIXES", "AlphaEncoder", "files_of", "is_current", "render_transparent", "straight"]

#: What a step's transparent files end with.
SUFFIXES = ("webm", "mov", "png")

# Bit rates follow the picture: mostly flat ones cost little in either format.
_VP9 = {"crf": "24", "b": "0", "deadline": "good", "cpu-used": "5", "auto-alt-ref": "0", "lag-in-frames": "0"}
# QuickTime Animation keeps every pixel, and of a frame only what changed: a tenth of ProRes for flat pictures.
_ANIMATION = {"g": "300"}
_MADE_BY = f"2 {_VP9} {_ANIMATION}"


class Alpha(NamedTuple):
    """A step's files with alpha."""

    webm: bytes
    mov: bytes
    png: bytes


def straight(pixels: np.ndarray, behind: tuple[int, int, int] = (0, 0, 0)) -> np.ndarray:
    """Colors as they are, not multiplied by alpha as the renderer leaves them.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 4)
    behind : tuple of int
        The color of pixels that nobody sees; it reaches those at the edges when a codec halves the colors' resolution.

    Examples
    --------
    >>> straight(np.array([[[50, 100, 25, 128], [0, 0, 0, 0]]], np.uint8), (1, 2, 3)).tolist()
    [[[100, 199, 50, 128], [1, 2, 3, 0]]]
    """
    result = pixels.copy()
    alpha = pixels[..., 3]
    result[alpha == 0, :3] = behind
    edge = (alpha > 0) & (alpha < 255)
    shares = alpha[edge, None].astype(np.uint32)
    colors = (pixels[edge, :3].astype(np.uint32) * 255 + shares // 2) // shares
    result[edge, :3] = np.minimum(colors, 255)
    return result


class AlphaEncoder:
    """Frames with alpha to VP9 and QuickTime Animation; the interface of :class:`lecture.frames.encode.StepEncoder`.

    The last frame of a step is there once: whatever plays these clips stays on it.

    Parameters
    ----------
    cues : sequence of sequences of int
        For each step, at which frames the motions begin that wait for a word.
    """

    def __init__(
        self, video: Video, behind: tuple[int, int, int] = (0, 0, 0), cues: Sequence[Sequence[int]] = ()
    ):
        self._video, self._behind = video, behind
        self._cues = iter(cues)
        self._reset()

    def _reset(self) -> None:
        self._last: np.ndarray | None = None
        self._repeat, self._pts = 0, 0
        self._outputs: list[Any] = []
        self._waits = iter(next(self._cues, ()))

    def write(self, pixels: np.ndarray, repeat: int = 1, changed: np.ndarray | None = None) -> None:
        """Show `pixels`, RGBA multiplied by alpha, for `repeat` frames."""
        if self._last is not None and np.array_equal(self._last, pixels):
            self._repeat += repeat
            return
        self._flush()
        self._last, self._repeat = pixels.copy(), repeat

    def hold_here(self) -> None:
        """Hold what was written last until its word is said in the step's own clip."""
        begin = next(self._waits, 0)
        self._repeat = max(self._repeat, begin - self._pts)

    def finish(self) -> Alpha:
        """End the step."""
        self._repeat = 1
        self._flush()
        assert self._last is not None
        from PIL import Image

        still = io.BytesIO()
        Image.fromarray(straight(self._last)).save(still, "PNG")
        webm, mov = (output.close() for output in self._outputs)
        self._reset()
        return Alpha(webm, mov, still.getvalue())

    def _flush(self) -> None:
        if self._last is None:
            return
        if not self._outputs:
            self._outputs = [
                _Output(self._video, "webm", "libvpx-vp9", "yuva420p", _VP9),
                _Output(self._video, "mov", "qtrle", "argb", _ANIMATION),
            ]
        frame = av.VideoFrame.from_ndarray(straight(self._last, self._behind), format="rgba")
        for output in self._outputs:
            output.write(frame, self._pts, self._repeat)
        self._pts += self._repeat


class _Output:
    """A file in memory with one video."""

    def __init__(self, video: Video, container: str, codec: str, pixels: str, options: dict[str, str]):
        self._buffer = io.BytesIO()
        self._container = av.open(self._buffer, "w", format=container)
        stream: Any = self._container.add_stream(codec, rate=video.frame_rate, options=options)
        stream.width, stream.height, stream.pix_fmt = video.width, video.height, pixels
        # The muxer may choose another time base for the stream once it has begun.
        stream.time_base = self._time_base = Fraction(1, video.frame_rate)
        context = stream.codec_context
        context.thread_count = 1
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries = context.color_trc = 1
        self._stream, self._pixels = stream, pixels
        self._reformatter = VideoReformatter()

    def write(self, frame: av.VideoFrame, pts: int, repeat: int) -> None:
        converted = self._reformatter.reformat(
            frame, format=self._pixels, dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
        )
        converted.time_base = self._time_base
        for k in range(repeat):
            converted.pts = pts + k
            self._container.mux(self._stream.encode(converted))

    def close(self) -> bytes:
        self._container.mux(self._stream.encode())
        self._container.close()
        return self._buffer.getvalue()


def render_transparent(
    manifest: dict[str, Any],
    media: Path,
    settings: Any,
    lecture: Lecture,
    to: Path,
    jobs: int | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> None:
    """Render the scenes of a manifest with alpha into ``to/SCENE/NN_step.{webm,mov,png}``, where that is missing.

    Parameters
    ----------
    settings : Settings
        What the scenes were rendered with.
    lecture : Lecture
        Whose scenes they are.
    jobs : int, optional
        Scenes at once.
    say : callable
        Called with a line for every scene that is rendered.
    """
    from lecture.build.executors import ProcessExecutor, worker_count

    missing = [scene for scene in manifest["scenes"] if not is_current(scene, media, to)]
    if not missing:
        return
    video = Video(*(manifest["video"][name] for name in ("width", "height", "frame_rate")))
    executor = ProcessExecutor(jobs or worker_count(video.width * video.height), ["lecture.build.preload"])
    try:
        futures = {
            executor.submit(_render, lecture.module_of(scene["name"]), scene, settings, video, to): scene
            for scene in missing
        }
        for future in as_completed(futures):
            scene = futures[future]
            try:
                future.result()
            except Exception as error:
                raise TargetError(f"{scene['name']} could not be rendered with alpha: {error}") from error
            write_atomically(to / scene["name"] / "made-of", _made_of(scene, media).encode())
            say(f"with alpha: {scene['name']}")
    except BaseException:
        executor.shutdown(cancel_futures=True)
        raise
    executor.shutdown()


def files_of(scene: dict[str, Any], to: Path) -> Iterator[tuple[dict[str, Any], dict[str, Path]]]:
    """A scene's steps with their transparent files by suffix."""
    for step in scene["steps"]:
        stem = to / scene["name"] / f"{step['number']:02}_{step['name']}"
        yield step, {suffix: stem.with_suffix(f".{suffix}") for suffix in SUFFIXES}


def is_current(scene: dict[str, Any], media: Path, to: Path) -> bool:
    """Whether a scene's transparent files are there and belong to its clips."""
    made_of = to / scene["name"] / "made-of"
    if not made_of.is_file() or made_of.read_text() != _made_of(scene, media):
        return False
    return all(path.is_file() for _, paths in files_of(scene, to) for path in paths.values())


def _made_of(scene: dict[str, Any], media: Path) -> str:
    """Digest of the scene's own clips: another scene, problem, look or size gives other clips."""
    clips = [[step["name"], (media / step["clip"]["path"]).read_bytes()] for step in scene["steps"]]
    return digest_of([_MADE_BY, clips])


def _render(
    module: str, scene: dict[str, Any], settings: Any, video: Video, to: Path, tell: Callable[[Any], None]
) -> None:
    """Render one scene of the manifest; runs in a worker."""
    from lecture.frames.render import SceneJob, render_scene

    background = settings.style.color("background")
    red, green, blue = (int(background[k : k + 2], 16) for k in (1, 3, 5))
    behind = (red, green, blue)
    name = scene["name"]
    cues = [[round(c["motion"] * video.frame_rate) for c in s.get("cues", ())] for s in scene["steps"]]
    names = [step.name for step in getattr(importlib.import_module(module), name).storyboard(settings)]
    numbers = {step: k for k, step in enumerate(names, start=1)}

    def keep(step: Any) -> None:
        stem = to / name / f"{numbers[step.name]:02}_{step.name}"
        for suffix, content in zip(SUFFIXES, step.motion, strict=True):
            write_atomically(stem.with_suffix(f".{suffix}"), content)

    with tempfile.TemporaryDirectory(prefix="lecture-") as scratch:
        encoder = functools.partial(AlphaEncoder, behind=behind, cues=cues)
        job = SceneJob(
            module, name, settings, video, tuple(names), {}, False, scratch, encoder, transparent=True
        )
        render_scene(job, keep)
