"""Recordings are found, checked, and followed word by word."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from lecture.voice import Voice, VoiceError
from lecture.voice.recordings import check, faults, find_recordings
from lecture.voice.sound import RATE, to_flac
from lecture.voice.speech import Speaker
from lecture.voice.spoken import spoken

TEXT = "Turn the whole picture, and it comes to rest."
STEPS = {"Turn": ["appear", "turn_back"]}


def voiced(seconds: float = 1.0, height: float = 0.3) -> np.ndarray:
    """Noise that comes and goes."""
    noise = np.random.default_rng(0).standard_normal(round(seconds * RATE)) * 0.3
    return (np.clip(noise, -1, 1) * np.sin(np.linspace(0, np.pi, len(noise))) * height).astype(np.float32)


def write(path: Path, samples: np.ndarray, codec: str | None = None, rate: int = RATE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec or container.default_audio_codec, rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None].astype(np.float32), "fltp", "mono")
        frame.sample_rate = rate
        frame.pts = 0
        resampler = av.AudioResampler(
            stream.codec_context.format, "mono", rate, frame_size=stream.codec_context.frame_size or None
        )
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "m4a", "ogg"])
def test_every_kind_is_read(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path / "r" / "Turn" / f"01_appear.{kind}", voiced())
    assert find_recordings(tmp_path / "r", ["Turn"], STEPS) == {("Turn", "appear"): path}
    samples, rate = check(path)
    assert len(samples) / rate == pytest.approx(1.0, abs=0.1)
    assert np.corrcoef(
        samples[:RATE][4800:-4800] ** 2, voiced()[4800 : 4800 + len(samples[:RATE][4800:-4800])] ** 2
    ).shape == (2, 2)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Turn/appear.txt", r"expected a sound file \(.wav.*\), got .txt"),
        ("Turn/vanish.wav", r"there is no such step \(steps: appear, turn_back\)"),
        ("Wheel/appear.wav", "there is no such scene"),
        ("appear.wav", "expected a folder a scene"),
    ],
)
def test_what_belongs_to_no_step_is_named(tmp_path: Path, name: str, sentence: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x")
    with pytest.raises(VoiceError, match=sentence):
        find_recordings(tmp_path, ["Turn"], STEPS)


def test_two_recordings_of_a_step(tmp_path: Path) -> None:
    write(tmp_path / "Turn" / "appear.wav", voiced())
    write(tmp_path / "Turn" / "01_appear.flac", voiced())
    with pytest.raises(VoiceError, match="of the same step; remove one"):
        find_recordings(tmp_path, ["Turn"], STEPS)


@pytest.mark.parametrize(
    ("samples", "fault"),
    [
        (np.zeros(RATE, np.float32), "silent"),
        (np.clip(voiced(height=40.0), -1, 1), "clipped"),
        (voiced(121.0), "longer than two minutes"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, samples: np.ndarray, fault: str) -> None:
    path = write(tmp_path / "r" / "Turn" / "appear.wav", samples)
    with pytest.raises(VoiceError, match=rf"r/Turn/appear.wav: the recording is {fault}"):
        check(path)
    assert fault in faults(samples, RATE)


def test_what_should_be_recorded_again_is_told() -> None:
    assert faults(voiced(), RATE) == []
    assert faults(voiced() * 0.01, RATE) == ["too quiet"]
    assert faults(voiced()[: RATE // 2], RATE) == ["cut off at its end"]
    assert faults(voiced()[RATE // 2 :], RATE) == ["cut off at its begin"]


def test_no_sound_at_all(tmp_path: Path) -> None:
    (tmp_path / "r" / "Turn").mkdir(parents=True)
    path = tmp_path / "r" / "Turn" / "appear.wav"
    path.write_bytes(b"RIFF but not really")
    with pytest.raises(VoiceError, match=r"r/Turn/appear.wav: cannot be read as sound"):
        check(path)


def test_a_recording_takes_the_engines_place_and_its_words_are_followed(tmp_path: Path) -> None:
    speaker = Speaker(Voice(recordings=tmp_path), "en", tmp_path / "cache")
    said = speaker.speak(spoken(TEXT))
    path = tmp_path / "Turn" / "appear.flac"
    path.parent.mkdir()
    path.write_bytes(to_flac(said.track() * 0.2))
    recorded = speaker.speak(spoken(TEXT), path)
    assert recorded.key != said.key
    shift = recorded.timeline.words[0][1] - said.timeline.words[0][1]
    late = [a[1] - b[1] - shift for a, b in zip(recorded.timeline.words, said.timeline.words, strict=True)]
    assert np.quantile(np.abs(late), 0.9) < 0.1


def test_recordings_alone_need_no_engine(tmp_path: Path) -> None:
    path = write(tmp_path / "Turn" / "appear.wav", voiced(3.0))
    speaker = Speaker(Voice(recordings=tmp_path), "de", tmp_path / "cache")
    assert len(speaker.speak(spoken("Dreh es um.", language="de"), path).timeline.words) == 3
    with pytest.raises(VoiceError, match="hibari speaks English, not 'de'"):
        speaker.speak(spoken("Dreh es um.", language="de"))


def test_a_folder_that_is_named_and_missing(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match=r"recordings: there is no folder 'mine' in .*booth.* fills one"):
        find_recordings(tmp_path / "mine", ["Turn"], STEPS)
