"""Films encoded once more, where the renderer's quick encoder leaves too many bytes or too few key frames."""

from __future__ import annotations

import io
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

__all__ = ["HEAVY", "encode_h264", "lighten"]

#: Bytes of a film above which it is encoded once more: a scene should not weigh more than 3 MB in anybody's page.
HEAVY = 2.5e6


def encode_h264(
    frames: Iterable[av.VideoFrame],
    target: Path | io.BytesIO,
    size: tuple[int, int],
    rate: int,
    gop: int,
    crf: int = 23,
) -> None:
    """Write frames as MP4, with a key frame every `gop` frames; a file has its index at the front.

    Parameters
    ----------
    frames : iterable of av.VideoFrame
        In the BT.709 matrix and limited range, as the renderer leaves them.
    """
    whole = {"movflags": "+faststart"} if isinstance(target, Path) else {}
    to: Any = str(target) if isinstance(target, Path) else target
    with av.open(to, "w", format="mp4", options=whole) as writing:
        stream: Any = writing.add_stream("libx264", rate=rate)
        (stream.width, stream.height), stream.pix_fmt = size, "yuv420p"
        color = "colorprim=bt709:transfer=bt709:colormatrix=bt709:range=tv"
        options = {"crf": str(crf), "preset": "medium", "bf": "0", "g": str(gop)}
        stream.options = {**options, "x264-params": f"scenecut=0:{color}"}
        for number, frame in enumerate(frames):
            frame.pict_type = av.video.frame.PictureType.NONE
            frame.pts, frame.time_base = number, Fraction(1, rate)
            writing.mux(stream.encode(frame))
        writing.mux(stream.encode(None))


def lighten(film: Path, limit: float) -> None:
    """Encode a film of more than `limit` bytes again in its place, slowly, and no better than the limit allows."""
    if film.stat().st_size <= limit:
        return
    lighter = film.with_suffix(".lighter.mp4")
    for crf in (23, 26, 29, 32):
        with av.open(str(film)) as reading:
            stream = reading.streams.video[0]
            rate = round(float(stream.average_rate or 30))
            encode_h264(reading.decode(stream), lighter, (stream.width, stream.height), rate, 4 * rate, crf)
        if lighter.stat().st_size <= limit:
            break
    lighter.replace(film)
