"""Films encoded once more, where the renderer's quick encoder leaves too many bytes or too few key frames."""

from __future__ import annotations

import io
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

__all__ = ["HEAVY", "encode_h264", "lighten", "silence"]

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
    _copy_streams(lighter, film, "video")
    lighter.unlink()


def silence(film: Path) -> None:
    """Take the sound out of a film."""
    with av.open(str(film)) as reading:
        if not reading.streams.audio:
            return
    _copy_streams(film, film, "audio")


def _copy_streams(source: Path, film: Path, instead: str) -> None:
    """Write `film` anew: with the video of `source`, and what else `film` has but for streams of the kind `instead`."""
    joined = film.with_suffix(".joined.mp4")
    with (
        av.open(str(source)) as pictures,
        av.open(str(film)) as rest,
        av.open(str(joined), "w", format="mp4", container_options={"movflags": "+faststart"}) as writing,
    ):
        writing.metadata.update(rest.metadata)
        streams: Any = {("v", 0): writing.add_stream_from_template(pictures.streams.video[0])}
        for stream in rest.streams:
            if stream.type in ("audio", "subtitle") and stream.type != instead:
                streams["r", stream.index] = writing.add_stream_from_template(stream)
        if rest.chapters():
            writing.set_chapters(rest.chapters())
        packets: list[tuple[str, int, Any]] = [
            ("v", 0, packet) for packet in pictures.demux(video=0) if packet.dts is not None
        ]
        kept = [s for s in rest.streams if ("r", s.index) in streams]
        if kept:
            packets += [("r", p.stream_index, p) for p in rest.demux(kept) if p.dts is not None]
        for kind, index, packet in sorted(packets, key=lambda p: (p[2].dts or 0) * p[2].time_base):
            packet.stream = streams[kind, index]
            writing.mux_one(packet)
    joined.replace(film)
