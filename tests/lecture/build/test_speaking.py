"""The film speaks: motion on the word as it is heard, sound in step, nothing rendered for another voice."""

from __future__ import annotations

import json
import re
from pathlib import Path

import av
import numpy as np
import pytest

from lecture.frames.encode import Video
from lecture.voice import OFF, Voice
from lecture.voice.align import aligned
from lecture.voice.engines import load_engine
from lecture.voice.sound import RATE, loudness, read, to_flac, true_peak
from tests.lecture.demo import Demo

from .test_cues import CUED, moments, scene_of

# At the ten frames a second of other tests nothing begins within 100 ms of anything.
FINE = Video(160, 90, 30)


@pytest.fixture(scope="module")
def cued(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    demo = Demo(tmp_path_factory.mktemp("speaking"))
    demo.add("Cued", CUED)
    demo.scenes = ["Cued", "Walk"]
    assert not demo.build(voice=Voice(), video=FINE).failures
    return demo


def heard(path: Path, words: str) -> tuple[float, ...]:
    """When a recognizer hears the words begin in a film."""
    samples, rate = read(path)
    return aligned(samples, rate, words.split(), "en", load_engine(Voice(), "en").phonemes)


def late(begun: list[float], said: tuple[float, ...], words: str, cues: list[str]) -> list[float]:
    """By how many seconds motions begin after the words that they belong to."""
    return [b - said[len(words[: words.index(cue)].split())] for b, cue in zip(begun, cues, strict=True)]


def test_motion_begins_on_the_word_that_is_heard(cued: Demo) -> None:
    move = scene_of(cued)["steps"][0]
    clip = cued.media / move["clip"]["path"]
    apart = late(
        moments(clip, FINE.frame_rate),
        heard(clip, move["narration"]),
        move["narration"],
        ["it moves", "back it"],
    )
    assert np.abs(apart).max() < 0.1
    # A track that is shifted by a fifth of a second is noticed.
    samples, rate = read(clip)
    moved = cued.root / "moved.flac"
    moved.write_bytes(to_flac(np.concatenate([np.zeros(rate // 5, np.float32), samples])))
    apart = late(
        moments(clip, FINE.frame_rate),
        heard(moved, move["narration"]),
        move["narration"],
        ["it moves", "back it"],
    )
    assert np.abs(apart).max() > 0.1


def test_films_and_clips_are_in_step_to_a_frame(cued: Demo) -> None:
    manifest = json.loads((cued.media / "manifest.json").read_text())
    whole, _ = read(cued.media / manifest["lecture"]["film"]["path"])
    assert len(whole) / RATE == pytest.approx(manifest["lecture"]["film"]["duration"], abs=0.02)
    for scene in manifest["scenes"]:
        own, _ = read(cued.media / scene["film"]["path"])
        for step in scene["steps"]:
            clip, _ = read(cued.media / step["clip"]["path"])
            assert np.flatnonzero(np.abs(clip) > 0.01)[0] / RATE < 0.25  # it starts at once
            for film, start in ((own, step["start"]), (whole, scene["start"] + step["start"])):
                assert shift(film, clip, round(start * RATE)) < RATE / FINE.frame_rate / 2
    assert shift(whole, np.roll(clip, RATE // 4), round((scene["start"] + step["start"]) * RATE)) > 2000


def shift(film: np.ndarray, clip: np.ndarray, at: int) -> int:
    """By how many samples a clip's sound is elsewhere in a film than at `at`."""
    most = RATE // 2
    part = np.pad(film, (most, most + len(clip)))[at : at + len(clip) + 2 * most]
    size = len(part) + len(clip)
    product = np.fft.irfft(np.fft.rfft(part, size) * np.conj(np.fft.rfft(clip, size)), size)
    return abs(int(product[: 2 * most].argmax()) - most)


def test_one_loudness_in_the_finished_film(cued: Demo) -> None:
    samples, rate = read(cued.media / "demo.mp4")
    assert rate == RATE
    assert loudness(samples) == pytest.approx(-16, abs=1)
    assert true_peak(samples) <= -1.5
    # A clipped film is noticed.
    assert true_peak(np.clip(4 * samples, -1, 1)) > -1.5


def test_captions_come_with_their_words(cued: Demo) -> None:
    for step in scene_of(cued)["steps"]:
        at = 0
        for caption in step["captions"]:
            words = " ".join(caption["lines"])
            at = step["narration"].index(words, at)
            assert caption["start"] == pytest.approx(next(t for k, t in step["words"] if k >= at), abs=1e-3)
            assert caption["end"] <= step["duration"]
            assert len(caption["lines"]) <= 2
    described = (cued.media / "scenes/Cued.descriptions.vtt").read_text()
    assert [step["alt"] for step in scene_of(cued)["steps"]] == re.findall(r"--> .*\n(.*)", described)


def test_another_voice_renders_nothing_and_a_changed_sentence_speaks_one_step(cued: Demo) -> None:
    folder = cued.media / ".cache" / "speech"
    spoken = {path.name for path in folder.glob("??/*")}
    report = cued.build(voice=Voice(pace=1.2), video=FINE)
    assert (report.rendered, report.failures) == (0, [])
    assert cued.build(voice=Voice(), video=FINE).rendered == 0
    cued.edit("walk", "A dot appears.", "A dot is here.")
    before = {path.name for path in folder.glob("??/*")}
    assert spoken < before
    assert not cued.build(voice=Voice(), video=FINE).failures
    assert len({path.name for path in folder.glob("??/*")} - before) == 1


def test_a_silent_film_has_no_sound(cued: Demo) -> None:
    assert cued.build(voice=OFF, video=FINE).rendered == 0
    with av.open(str(cued.media / "demo.mp4")) as film:
        assert not film.streams.audio
    assert not cued.build(voice=Voice(), video=FINE).failures


def test_a_recording_that_cannot_be_used_is_told_in_one_sentence(cued: Demo, tmp_path: Path) -> None:
    path = tmp_path / "Walk" / "walk.flac"
    path.parent.mkdir()
    path.write_bytes(to_flac(np.zeros(RATE, np.float32)))
    report = cued.build(voice=Voice(recordings=tmp_path), video=FINE)
    (failure,) = report.failures
    assert failure.endswith(
        "Walk/walk.flac: the recording is silent; record it again (`python -m lecture booth`), or remove it"
    )


def test_a_missing_recording_is_named_where_no_engine_can_speak_for_it(
    cued: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lecture.voice import VoiceError

    def missing(*_: object) -> None:
        raise VoiceError("voice: hibari speaks English, not 'de'")

    monkeypatch.setattr("lecture.voice.speech.load_engine", missing)
    folder = tmp_path / "mine"
    folder.mkdir()
    (failure,) = cued.build(voice=Voice(recordings=folder), video=FINE).failures
    assert "mine/Cued: no recording of move" in failure


def test_sound_is_taken_out_and_kept_with_what_else_there_is(cued: Demo, tmp_path: Path) -> None:
    import shutil

    from lecture.targets.recode import lighten, silence

    film = tmp_path / "film.mp4"
    shutil.copy(cued.media / "demo.mp4", film)
    lighten(film, 1)
    with av.open(str(film)) as reading:
        assert {"video", "audio", "subtitle"} <= {stream.type for stream in reading.streams}
        assert len(reading.chapters()) == 2
    silence(film)
    with av.open(str(film)) as reading:
        assert not reading.streams.audio
        assert reading.streams.subtitles
        assert len(reading.chapters()) == 2
