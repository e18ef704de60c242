"""Encoded frames are the frames that were written, however they were cut, converted and held."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter

from lecture.frames import macroblock_hints as hint
from lecture.frames.encode import StepEncoder, Video, _Converter, _planes
from lecture.frames.film import Chapter, Held, write_film
from lecture.frames.h264 import Stream

VIDEO = Video(320, 180, 10)


def picture(shift: int, video: Video = VIDEO) -> np.ndarray:
    """A bright square on a dark ground."""
    pixels = np.full((video.height, video.width, 4), (17, 21, 28, 255), np.uint8)
    pixels[40:100, 20 + shift : 80 + shift, :3] = (227, 89, 20)
    return pixels


def luma(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as film:
        return [_planes(frame)[0].copy() for frame in film.decode(video=0)]


def wanted(pixels: np.ndarray) -> np.ndarray:
    frame = av.VideoFrame.from_ndarray(pixels, format="rgba")
    return _planes(VideoReformatter().reformat(frame, format="yuv420p", dst_colorspace=Colorspace.ITU709))[
        0
    ].copy()


@pytest.mark.parametrize("size", [(1920, 1080), (854, 480), (1280, 720)])
def test_tiles_come_out_as_in_the_whole_picture(size: tuple[int, int]) -> None:
    width, height = size
    chance = np.random.default_rng(0)
    pixels = chance.integers(0, 255, (height, width, 4)).astype(np.uint8)
    converter = _Converter(width, height)
    converter.compare(pixels)
    converter.convert(pixels)
    for _ in range(20):
        top, left = chance.integers(0, height - 50), chance.integers(0, width - 50)
        pixels[top : top + chance.integers(1, 50), left : left + chance.integers(1, 50), :3] = (
            chance.integers(0, 255, 3)
        )
        assert not converter.compare(pixels)
        converter.convert(pixels)
        assert converter.compare(pixels)
        whole = VideoReformatter().reformat(
            av.VideoFrame.from_ndarray(pixels, format="rgba"),
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            interpolation=Interpolation.BILINEAR,
        )
        for ours, theirs in zip(_planes(converter.frame), _planes(whole), strict=True):
            assert np.array_equal(ours, theirs)


def test_every_frame_is_there_and_close(tmp_path: Path) -> None:
    encoder = StepEncoder(VIDEO)
    shown: list[np.ndarray] = []
    for shift, repeat in [(0, 1), (3, 1), (6, 2), (9, 20), (12, 1), (12, 1), (15, 9), (18, 1), (21, 30)]:
        encoder.write(picture(shift), repeat)
        shown += [picture(shift)] * repeat
    motion = encoder.finish()
    write_film(tmp_path / "film.mp4", VIDEO, [Held(motion, 30)], title="Test")
    frames = luma(tmp_path / "film.mp4")
    assert len(frames) == len(shown)
    for frame, pixels in zip(frames, shown, strict=True):
        error = ((frame.astype(float) - wanted(pixels)) ** 2).mean()
        assert 10 * np.log10(255**2 / error) > 42


def test_what_has_faded_leaves_hardly_anything_behind(tmp_path: Path) -> None:
    """Thin strokes fade out while something else moves on; a coarse quantizer would skip their last traces."""
    chance = np.random.default_rng(0)
    strokes = chance.random((24, 100)) < 0.15
    encoder = StepEncoder(VIDEO)
    for k in range(40):
        pixels = picture(3 * k)
        pixels[130:154, 200:300, :3][strokes] = (
            np.array([17, 21, 28]) + max(0.0, 1 - k / 15) * np.array([234, 156, 206])
        ).astype(np.uint8)
        encoder.write(pixels)
    write_film(tmp_path / "film.mp4", VIDEO, [Held(encoder.finish(), 0)], title="Test")
    ground = wanted(picture(0))[140, 250].astype(int)
    for frame in luma(tmp_path / "film.mp4")[20:]:
        left = np.abs(frame[126:158, 196:304] - ground)
        assert left.max() <= 1
        assert np.sqrt((left**2.0).mean()) <= 0.1


def test_held_frames_are_exactly_the_one_before_them(tmp_path: Path) -> None:
    encoder = StepEncoder(VIDEO)
    encoder.write(picture(0))
    encoder.write(picture(40), 10)
    motion = encoder.finish()
    assert len(motion.packets) == 2
    write_film(tmp_path / "film.mp4", VIDEO, [Held(motion, 500), Held(motion, 3)], title="Test")
    frames = luma(tmp_path / "film.mp4")
    assert len(frames) == 1 + 500 + 1 + 3
    assert all(np.array_equal(frame, frames[1]) for frame in frames[1:501])
    assert all(np.array_equal(frame, frames[1]) for frame in frames[-3:])


def test_key_frames_side_by_side_are_refused(tmp_path: Path) -> None:
    encoder = StepEncoder(VIDEO)
    encoder.write(picture(0), 10)
    motion = encoder.finish()
    with pytest.raises(ValueError, match="shown twice"):
        write_film(tmp_path / "film.mp4", VIDEO, [Held(motion, 1), Held(motion, 3)], title="Test")


def test_film_can_be_entered_anywhere(tmp_path: Path) -> None:
    """Decoding from the key frame before any frame gives the same picture as decoding from the begin."""
    encoder = StepEncoder(VIDEO)
    for shift in range(0, 60, 2):
        encoder.write(picture(shift))
    encoder.write(picture(60), 10)
    first = encoder.finish()
    write_film(tmp_path / "film.mp4", VIDEO, [Held(first, 120), Held(first, 10)], title="Test")
    frames = luma(tmp_path / "film.mp4")
    with av.open(str(tmp_path / "film.mp4")) as film:
        stream = film.streams.video[0]
        for wanted_frame in range(0, len(frames), 7):
            film.seek(int(wanted_frame / VIDEO.frame_rate / stream.time_base), stream=stream)
            for frame in film.decode(stream):
                number = round(frame.pts * stream.time_base * VIDEO.frame_rate)
                if number == wanted_frame:
                    assert np.array_equal(_planes(frame)[0], frames[wanted_frame])
                    break
            else:
                pytest.fail(f"frame {wanted_frame} cannot be reached")


def test_frames_between_key_frames_are_few(tmp_path: Path) -> None:
    encoder = StepEncoder(VIDEO)
    encoder.write(picture(0), 10)
    write_film(tmp_path / "film.mp4", VIDEO, [Held(encoder.finish(), 600)], title="Test")
    with av.open(str(tmp_path / "film.mp4")) as film:
        keys = [k for k, packet in enumerate(p for p in film.demux(video=0) if p.size) if packet.is_keyframe]
    assert max(np.diff([*keys, 600])) <= 4 * VIDEO.frame_rate


def test_chapters_reach_from_one_to_the_next(tmp_path: Path) -> None:
    encoder = StepEncoder(VIDEO)
    encoder.write(picture(0), 10)
    marks = [Chapter(0, "One"), Chapter(1, "Two: θ̂"), Chapter(7, "Three")]
    write_film(tmp_path / "film.mp4", VIDEO, [Held(encoder.finish(), 20)], title="Test", chapters=marks)
    with av.open(str(tmp_path / "film.mp4")) as film:
        found = [
            (c["start"] * c["time_base"], c["end"] * c["time_base"], c["metadata"]["title"])
            for c in film.chapters()
        ]
    assert [title for *_, title in found] == ["One", "Two: θ̂", "Three"]
    assert [float(start) for start, *_ in found] == pytest.approx([0, 0.1, 0.7], abs=1e-3)
    assert [float(end) for _, end, _ in found] == pytest.approx([0.1, 0.7, 2.0], abs=1e-3)


def test_stream_that_cannot_be_held_is_refused() -> None:
    codec = av.CodecContext.create("libx264", "w")
    codec.width, codec.height, codec.pix_fmt = 64, 64, "yuv420p"
    codec.time_base, codec.flags = Fraction(1, 10), codec.flags | 1 << 22
    codec.options = {"bf": "3"}
    codec.open()
    with pytest.raises(ValueError, match="no B-frames"):
        Stream.from_extradata(codec.extradata)


def test_encoder_believes_what_it_is_told_not_to_have_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails where hints do not reach x264, as with another PyAV: films come out right then, but slowly."""
    monkeypatch.setattr(
        "lecture.frames.macroblock_hints.changed",
        lambda frame, macroblocks, told=hint.changed: told(frame, macroblocks & False),
    )
    encoder = StepEncoder(VIDEO)
    for shift in (0, 30, 60):
        encoder.write(picture(shift))
    motion = encoder.finish()
    write_film(tmp_path / "film.mp4", VIDEO, [Held(motion, 0)], title="Test")
    first, second, last = luma(tmp_path / "film.mp4")
    assert np.array_equal(first, second)
    assert not np.array_equal(second, last)  # a key frame, of which everything is encoded


def test_without_hints_the_film_is_there_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lecture.frames.macroblock_hints.TESTED_PYAV", ("0.",))
    monkeypatch.setattr("lecture.frames.macroblock_hints.changed", lambda *told: pytest.fail("told"))
    test_every_frame_is_there_and_close(tmp_path)
