"""Frames to H.264, spending time only on what moves.

What differs from Manim's own segment encoder, and what each difference is for:

- a frame is compared with the one before it, only what changed is converted to YUV, and x264 is told to look at
  nothing else (:mod:`lecture.frames.macroblock_hints`);
- a frame that stays is encoded once, as a key frame of high quality; its repetitions are packets of a dozen bytes
  (:mod:`lecture.frames.h264`), as many as are wanted when a film is put together, and what moves next stands on them;
- x264 runs with a cheap preset on one thread (scenes run beside one another instead), with a fixed quantizer, and
  without B-frames, so that segments join without an edit list and clips can be scrubbed;
- colors are converted with the BT.709 matrix and say so.

With key frames of high quality, everything that stands still during a motion is nearly lossless too: P-frames skip it.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.video.frame import PictureType
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from . import macroblock_hints as hint
from .h264 import Stream, nal_units
from .tiles import MACROBLOCK, TILE, grid, rectangles

__all__ = ["ENCODER", "Motion", "StepEncoder", "Video"]

# A frame shown for at least as many seconds, or at the end of a step, is encoded as a key frame, which has a better
# quality (by ipratio).
_STAYS = 0.5
# A macroblock is looked at in so many frames from when it changed last: what it was coded to at first is mended.
_SETTLES = 4
_X264 = (
    "threads=1:sliced-threads=0:stitchable=1:aq-mode=0:psy=0:scenecut=0:keyint=250:ipratio=1.12"
    # No coefficient is thrown away for being small, and no macroblock that changed for nearly being as before: what
    # fades would leave traces.
    ":trellis=1:deadzone-inter=0:no-dct-decimate=1:no-fast-pskip=1"
    # Without these two a frame in which little moves costs half as much.
    ":subme=0:weightp=0"
    ":cabac=1:8x8dct=0:me=umh:me-range=24:partitions=p8x8,p4x4,i4x4:no-deblock=1"
    ":colorprim=bt709:transfer=bt709:colormatrix=bt709:range=tv"
)
_OPTIONS = {
    "preset": "superfast",
    "tune": "zerolatency",
    "qp": "25",
    "bf": "0",
    "forced-idr": "1",
    "mb_info": "1",
    "x264-params": _X264,
}

#: Everything about the encoder that changes its output; part of every cache key.
ENCODER = f"{_OPTIONS} {_STAYS} {_SETTLES}"

_GLOBAL_HEADER = 1 << 22


@dataclass(frozen=True)
class Video:
    """Size and rate of a film.

    Examples
    --------
    >>> Video.of_quality("h")
    Video(width=1920, height=1080, frame_rate=60)
    """

    width: int
    height: int
    frame_rate: int

    @classmethod
    def of_quality(cls, letter: str) -> Video:
        """Manim's qualities: l, m, h, p, k."""
        return cls(*QUALITIES[letter])


QUALITIES = {
    "l": (854, 480, 15),
    "m": (1280, 720, 30),
    "h": (1920, 1080, 60),
    "p": (2560, 1440, 60),
    "k": (3840, 2160, 60),
}


@dataclass
class Motion:
    """A step's encoded frames; the last one, and those at cues, stay as long as is wanted.

    Attributes
    ----------
    headers : bytes
        Parameter sets, the same for every motion of a video.
    packets : list of bytes
        One per frame.
    keys : list of int
        Which packets are key frames.
    stays : int
        Frames of the motion that already equal its last one, beyond the packet for it; a hold comes after them.
    cues : list of int
        How many packets come before each hold inside the motion, whose length is decided when films are put together.
    """

    headers: bytes = b""
    packets: list[bytes] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    stays: int = 0
    cues: list[int] = field(default_factory=list)

    @property
    def since_key(self) -> int:
        """Frames from the last key frame to the end."""
        return len(self.packets) - self.keys[-1]


class StepEncoder:
    """Encodes the frames of one step after the other.

    Examples
    --------
    >>> encoder = StepEncoder(Video(64, 64, 15))
    >>> frame = np.full((64, 64, 4), 255, np.uint8)
    >>> encoder.write(frame, repeat=20)
    >>> motion = encoder.finish()
    >>> len(motion.packets), motion.keys
    (1, [0])
    """

    def __init__(self, video: Video):
        self.video = video
        self._converter = _Converter(video.width, video.height)
        self._begin_step()

    def _begin_step(self) -> None:
        self._motion = Motion()
        self._waiting = self._hold = self._encoded = 0
        # The macroblocks that changed in the last frames.
        self._changed: deque[np.ndarray] = deque(maxlen=_SETTLES)
        # One for each step, so that its packets do not depend on the steps before it.
        self._codec: Any = None

    def write(self, pixels: np.ndarray, repeat: int = 1, changed: int | None = None) -> None:
        """Show `pixels`, RGBA of shape (height, width, 4), for `repeat` frames; they may change afterwards.

        `changed` may tell the tiles (:mod:`lecture.frames.tiles`) in which they can differ from what was written last.
        """
        self._hold = repeat
        if self._converter.compare(pixels, changed) and self._waiting:
            self._waiting += repeat
            return
        self._flush()
        self._converter.convert(pixels)
        self._waiting = repeat

    def hold_here(self) -> None:
        """What was written last may stay for longer: how much longer is decided later."""
        self._flush(held=True)
        self._hold = 0
        motion = self._motion
        if motion.since_key == 1:  # another key frame may follow, and two of them would count as one picture
            motion.packets.append(self._stream.hold(1))
        motion.cues.append(len(motion.packets))

    def finish(self) -> Motion:
        """End the step: its packets. What was written last counts once: how long it is held is decided later."""
        self._motion.stays = self._waiting - self._hold
        self._flush(last=True)
        if self._codec is not None and self._codec.encode(None):
            raise RuntimeError("x264 kept frames back; segments would lose their ends")
        motion = self._motion
        self._begin_step()
        return motion

    def _flush(self, last: bool = False, held: bool = False) -> None:
        """Encode the frame that waits: the last of its step, or one that is held, or neither."""
        repeat, self._waiting = self._waiting, 0
        if not repeat:
            return
        self._encode(stays=last or held or repeat >= _STAYS * self.video.frame_rate)
        for _ in range(0 if last else repeat - 1):
            self._motion.packets.append(self._stream.hold(self._motion.since_key))

    def _encode(self, stays: bool) -> None:
        if self._codec is None:
            self._codec = self._open()
        frame, motion = self._converter.frame, self._motion
        self._changed.append(self._converter.changed)
        if self._hints:
            hint.changed(frame, np.logical_or.reduce(self._changed))
        frame.pts, self._encoded = self._encoded, self._encoded + 1
        frame.pict_type = PictureType.I if stays else PictureType.NONE
        (packet,) = self._codec.encode(frame)
        data = bytes(packet)
        if packet.is_keyframe:
            motion.keys.append(len(motion.packets))
            self._changed.clear()  # encoded whole, whatever was before
            data = _without_messages(data)
        motion.packets.append(self._stream.renumber(data, motion.since_key))

    def _open(self) -> Any:
        codec: Any = av.CodecContext.create("libx264", "w")
        codec.width, codec.height, codec.pix_fmt = self.video.width, self.video.height, "yuv420p"
        codec.time_base, codec.framerate = Fraction(1, self.video.frame_rate), Fraction(self.video.frame_rate)
        codec.thread_count = 1
        codec.flags |= _GLOBAL_HEADER
        codec.options = _OPTIONS
        try:
            codec.open()
        except av.error.ExternalError as error:
            raise MemoryError("x264 found no room for its frames") from error
        self._hints = hint.available(self._converter.frame)
        self._stream = Stream.from_extradata(codec.extradata)
        self._motion.headers = self._stream.headers
        return codec


def _without_messages(packet: bytes) -> bytes:
    """A packet without x264's note of its version and options, which changes between builds of x264."""
    return b"".join(b"\x00\x00\x00\x01" + unit for unit in nal_units(packet) if unit[0] & 31 != 6)


class _Converter:
    """RGBA to YUV 4:2:0, only where something changed."""

    # Rows above and below that the chroma filter reads, so that a part comes out as in the whole picture.
    _MARGIN = 4
    # What is converted begins and ends at multiples of so many pixels.
    _STEP = 32
    # For so many sizes of a part swscale's tables are kept.
    _SIZES = 100

    def __init__(self, width: int, height: int):
        self.frame = av.VideoFrame(width, height, "yuv420p")
        self.frame.colorspace, self.frame.color_range = Colorspace.ITU709, ColorRange.MPEG
        self._planes = _planes(self.frame)
        self._before = np.zeros((height, width, 4), np.uint8)
        self._down, self._across = grid(height, width, MACROBLOCK)
        # A byte for every two pixels, of whole macroblocks.
        self._differs = np.zeros((self._down * MACROBLOCK[0], self._across * MACROBLOCK[1] // 2), bool)
        # A row above and one below are there to be marked too.
        self._marked = np.ones((self._down + 2, self._across), bool)
        #: which macroblocks the last conversion changed
        self.changed = self._marked[1:-1]
        self._reformatters: dict[tuple[int, int], VideoReformatter] = {}
        self._empty = True

    def compare(self, pixels: np.ndarray, tiles: int | None = None) -> bool:
        """Whether `pixels` are those converted last; the macroblocks that differ are noted for :meth:`convert`."""
        if self._empty:
            return False
        height, width = pixels.shape[:2]
        if tiles is None:
            tiles = (1 << math.prod(grid(height, width))) - 1
        (rows, columns), margin, marked = MACROBLOCK, self._MARGIN, self._marked
        marked[:] = False
        now, before = _words(pixels), _words(self._before)
        for top, bottom, left, right in rectangles(tiles, height, width):
            part = slice(top, bottom), slice(left // 2, right // 2)
            np.not_equal(now[part], before[part], out=self._differs[part])
            first, end = top // rows, -(-bottom // rows)
            across = slice(left // columns, -(-right // columns))
            blocks = self._differs[first * rows : end * rows].view(np.uint64)[:, across]
            blocks = blocks.reshape(end - first, rows, -1)
            for lines, shift in ((blocks, 1), (blocks[:, :margin], 0), (blocks[:, -margin:], 2)):
                marked[first + shift : end + shift, across] |= np.bitwise_or.reduce(lines, axis=1) != 0
        return not marked.any()

    def convert(self, pixels: np.ndarray) -> None:
        """Bring :attr:`frame` up to date with `pixels`, which were compared before."""
        self._empty = False
        self.changed = self._marked[1:-1].copy()
        tiles = self.changed
        for axis in (0, 1):
            starts = range(0, tiles.shape[axis], TILE[axis] // MACROBLOCK[axis])
            tiles = np.logical_or.reduceat(tiles, starts, axis=axis)
        bits = int.from_bytes(np.packbits(tiles, bitorder="little").tobytes(), "little")
        for rectangle in rectangles(bits, *pixels.shape[:2]):
            top, bottom, left, right = self._trimmed(*rectangle)
            self._before[top:bottom, left:right] = pixels[top:bottom, left:right]
            self._convert_part(pixels, top, bottom, left, right)

    def _trimmed(self, top: int, bottom: int, left: int, right: int) -> tuple[int, int, int, int]:
        """The part of a rectangle in which something changed, in steps so large that few sizes occur."""
        (rows, columns), step = MACROBLOCK, self._STEP
        part = self.changed[top // rows : -(-bottom // rows), left // columns : -(-right // columns)]
        down, across = (np.flatnonzero(part.any(axis=axis)).tolist() for axis in (1, 0))
        return (
            top + down[0] * rows // step * step,
            min(top - (-(down[-1] + 1) * rows // step) * step, bottom),
            left + across[0] * columns // step * step,
            min(left - (-(across[-1] + 1) * columns // step) * step, right),
        )

    def _convert_part(self, pixels: np.ndarray, top: int, bottom: int, left: int, right: int) -> None:
        above, below = max(top - self._MARGIN, 0), min(bottom + self._MARGIN, pixels.shape[0])
        source = av.VideoFrame.from_numpy_buffer(pixels[above:below, left:right], format="rgba")
        size = (right - left, below - above)
        if size not in self._reformatters:
            if len(self._reformatters) == self._SIZES:
                self._reformatters.clear()
            self._reformatters[size] = VideoReformatter()
        reformatter = self._reformatters[size]
        converted = reformatter.reformat(
            source,
            *size,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.BILINEAR,
            threads=1,
        )
        for plane, part, half in zip(self._planes, _planes(converted), (1, 2, 2), strict=True):
            rows = slice((top - above) // half, (top - above) // half + (bottom - top) // half)
            plane[top // half : bottom // half, left // half : right // half] = part[rows]


def _planes(frame: av.VideoFrame) -> list[np.ndarray]:
    return [
        np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]  # type: ignore[call-overload]
        for plane in frame.planes
    ]


def _words(pixels: np.ndarray) -> np.ndarray:
    """RGBA pixels as rows of integers of two pixels, which compare faster."""
    return pixels.reshape(pixels.shape[0], -1).view(np.uint64)
