"""Encoded steps put together into films, by copying packets: nothing is encoded twice."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
from av.packet import Packet

from lecture.files import replacing
from lecture.voice.sound import RATE, SIZE, add_stream

from .captions import Caption
from .encode import Motion, Video
from .h264 import Stream

__all__ = ["Chapter", "Held", "write_film"]

# Longest stretch of holding packets before the key frame is shown again, so that players can seek there: seconds.
_SEEKABLE = 4

# What a caption looks like where a player asks; the fields after the name are those of an ASS style.
_CAPTION_STYLE = b"""[Script Info]
ScriptType: v4.00+
PlayResX: 1920
PlayResY: 1080

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Sans,54,&Hffffff,&Hffffff,&H0,&H80000000,0,0,0,0,100,100,0,0,1,1,0,2,60,60,40,0

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


class Chapter(NamedTuple):
    """A mark in a film: first frame and title."""

    frame: int
    title: str


@dataclass(frozen=True)
class Held:
    """A motion, for how many frames its last one is shown, itself included, and how many are added at its cues."""

    motion: Motion
    hold: int
    waits: tuple[int, ...] = ()

    @property
    def frames(self) -> int:
        """Frames in all."""
        return len(self.motion.packets) - 1 + self.motion.stays + self.hold + sum(self.waits)

    @property
    def ends_with_key(self) -> bool:
        """Whether the last packet is a key frame, which another one must not follow directly."""
        return self.motion.since_key == 1 and self.motion.stays + self.hold < 2

    def packets(self, video: Video) -> Iterator[tuple[bytes, bool]]:
        """Packets and whether they are key frames."""
        keys, waits = set(self.motion.keys), dict(zip(self.motion.cues, self.waits, strict=True))
        stream = Stream.from_headers(self.motion.headers)
        count, before = 0, 0  # frames since the last key frame: here, and when the motion was encoded
        for k, packet in enumerate(self.motion.packets):
            if k in keys:
                count = before = 0
            yield packet if count == before else stream.renumber(packet, count), k in keys
            count, before = count + 1, before + 1
            frames = waits.get(k + 1, 0)
            if k + 1 == len(self.motion.packets):
                frames += self.motion.stays + self.hold - 1
            # At a cue one packet that holds the key frame is there already.
            key = k if k in keys else k - 1 if k + 1 in waits and k - 1 in keys else None
            for held in range(1, frames + 1):
                # A key frame may follow, and two of them would count as one picture: so the last one is none.
                if key is not None and held % (_SEEKABLE * video.frame_rate) == 0 and held < frames:
                    yield self.motion.packets[key], True
                    count = 1
                else:
                    yield stream.hold(count), False
                    count += 1


def write_film(
    path: Path,
    video: Video,
    parts: Sequence[Held],
    *,
    title: str,
    chapters: Sequence[Chapter] = (),
    captions: Iterable[Caption] = (),
    sound: Sequence[bytes] = (),
    language: str = "eng",
) -> int:
    """Write an MP4 with its index at the front; returns its size in bytes.

    Parameters
    ----------
    chapters : sequence of Chapter
        In the order of their frames; at most 255, which is what players read.
    captions : iterable of Caption
        Become a text track.
    sound : sequence of bytes
        Packets of AAC (:func:`lecture.voice.sound.aac`); none for a silent film.
    """
    if any(part.ends_with_key for part in parts[:-1]):
        raise ValueError(
            "the last frame of a step must be shown twice: two key frames would count as one picture"
        )
    rate = video.frame_rate
    total = sum(part.frames for part in parts)
    with replacing(path) as temporary:
        with av.open(
            str(temporary), "w", format="mp4", container_options={"movflags": "+faststart"}
        ) as container:
            container.metadata["title"] = title
            stream: Any = container.add_stream_from_template(_template(parts[0].motion))
            stream.time_base = Fraction(1, rate)
            speech: Any = add_stream(container) if sound else None
            heard = 0
            captions = list(captions)
            text: Any = None
            if captions:
                text = container.add_stream("mov_text")
                text.codec_context.subtitle_header = _CAPTION_STYLE
                text.time_base = Fraction(1, 1000)
                text.metadata["language"] = language
            if chapters:
                ends = [*(c.frame for c in chapters[1:]), total]
                container.set_chapters(
                    [
                        {
                            "id": k,
                            "start": c.frame,
                            "end": end,
                            "time_base": Fraction(1, rate),
                            "metadata": {"title": c.title},
                        }
                        for k, (c, end) in enumerate(zip(chapters, ends, strict=True))
                    ]
                )
            cues = iter(_text_packets(captions, total / rate))
            cue = next(cues, None)
            packets = (packet for part in parts for packet in part.packets(video))
            for frame, (data, key) in enumerate(packets):
                packet = Packet(data)
                packet.stream = stream
                packet.time_base = Fraction(1, rate)
                packet.pts = packet.dts = frame
                packet.duration = 1
                packet.is_keyframe = key
                container.mux_one(packet)
                while heard < len(sound) and heard * SIZE * rate < (frame + 1) * RATE:
                    _mux_sound(container, speech, heard, sound[heard])
                    heard += 1
                while cue is not None and cue[0] * rate <= (frame + 1) * 1000:
                    _mux_text(container, text, *cue)
                    cue = next(cues, None)
        size = temporary.stat().st_size
    return size


def _mux_sound(container: Any, stream: Any, number: int, data: bytes) -> None:
    packet = Packet(data)
    packet.stream = stream
    packet.time_base = Fraction(1, RATE)
    packet.pts = packet.dts = number * SIZE
    packet.duration = SIZE
    packet.is_keyframe = True
    container.mux_one(packet)


def _template(motion: Motion) -> Any:
    """A stream with the motion's parameter sets, to copy from."""
    begin = motion.headers + motion.packets[0]
    return av.open(io.BytesIO(begin), format="h264").streams.video[0]


def _text_packets(captions: list[Caption], duration: float) -> Iterator[tuple[int, int, str]]:
    """Start and length in milliseconds, and text; the gaps are filled with empty texts, as the format wants."""
    at = 0
    for caption in captions:
        start, end = round(1000 * caption.start), round(1000 * caption.end)
        if start > at:
            yield at, start - at, ""
        yield start, end - start, "\n".join(caption.lines)
        at = end
    if captions and round(1000 * duration) > at:
        yield at, round(1000 * duration) - at, ""


def _mux_text(container: Any, stream: Any, start: int, length: int, text: str) -> None:
    content = text.encode()
    packet = Packet(len(content).to_bytes(2, "big") + content)
    packet.stream = stream
    packet.time_base = Fraction(1, 1000)
    packet.pts = packet.dts = start
    packet.duration = length
    packet.is_keyframe = True
    container.mux_one(packet)
