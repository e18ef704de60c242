"""Speech: the same each time, one loudness, words where they are said, cuts that are not heard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lecture.timing import Timeline, fit
from lecture.voice import OFF, Voice, VoiceError, chosen
from lecture.voice.align import aligned, by_length
from lecture.voice.engines import ENGINES, Utterance, load_engine
from lecture.voice.sound import (
    PEAK,
    RATE,
    SIZE,
    aac,
    from_flac,
    level,
    limited,
    loudness,
    silence,
    to_flac,
    true_peak,
)
from lecture.voice.speech import Speaker, joined
from lecture.voice.spoken import spoken

TEXT = "Turn the whole picture, rigidly, and it comes to rest. Nothing is stretched here."


@pytest.fixture(scope="module")
def speaker(tmp_path_factory: pytest.TempPathFactory) -> Speaker:
    return Speaker(Voice(), "en", tmp_path_factory.mktemp("cache"))


def test_the_same_words_are_the_same_bytes(speaker: Speaker, tmp_path: Path) -> None:
    first = speaker.speak(spoken(TEXT))
    again = Speaker(Voice(), "en", tmp_path).speak(spoken(TEXT))
    assert first == again
    other = Speaker(Voice(seed=1), "en", tmp_path).speak(spoken(TEXT))
    assert other.flac != first.flac


def test_what_was_said_is_found_again_and_not_said_anew(
    speaker: Speaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = speaker.speak(spoken(TEXT))
    monkeypatch.setattr(speaker._engine, "speak", None)
    assert speaker.speak(spoken(TEXT)) == said
    path = speaker.folder / said.key[:2] / said.key
    path.write_bytes(path.read_bytes()[:-9])  # as a kill in the middle of writing would never leave it
    assert speaker.find(said.key) is None
    path.unlink()


def test_words_begin_where_a_recognizer_hears_them(speaker: Speaker) -> None:
    said = speaker.speak(spoken(TEXT))
    words = TEXT.split()
    heard = aligned(said.track(), RATE, words, "en", speaker.engine.phonemes)
    assert heard != by_length(said.track(), RATE, words)
    late = np.array([second for _, second in said.timeline.words]) - heard
    assert np.abs(np.median(late)) < 0.05
    assert np.quantile(np.abs(late), 0.9) < 0.1


def test_one_loudness_and_no_peak_above_the_bound(speaker: Speaker) -> None:
    samples = speaker.speak(spoken(TEXT)).track()
    assert loudness(samples) == pytest.approx(-16, abs=0.3)
    assert true_peak(samples) < PEAK
    loud = np.random.default_rng(0).standard_normal(RATE).astype(np.float32) * np.linspace(
        0.01, 3, RATE, dtype=np.float32
    )
    assert true_peak(level(loud)) < PEAK < true_peak(loud)


def test_limiting_leaves_what_is_soft() -> None:
    samples = np.sin(np.arange(RATE) / 20).astype(np.float32) * np.float32(0.3)
    samples[1000:1100] *= 3
    out = limited(samples, 0.5)
    assert np.abs(out).max() <= 0.51
    np.testing.assert_array_equal(out[5000:], samples[5000:])


def test_flac_keeps_what_it_is_given() -> None:
    samples = np.sin(np.arange(5000) / 30).astype(np.float32) * np.float32(0.5)
    assert np.abs(from_flac(to_flac(samples)) - samples).max() < 2**-15


def test_sentences_are_joined_without_clicks_and_with_breaths() -> None:
    tone = np.sin(np.arange(24_000) * 0.1).astype(np.float32)
    said = [Utterance(tone, 24_000, (0.0, 0.5)), Utterance(tone, 24_000, (0.0,))]
    samples, timeline = joined(said, (0, 4, 9))
    assert [position for position, _ in timeline.words] == [0, 4, 9]
    gap = timeline.words[2][1] - timeline.words[0][1]
    assert gap == pytest.approx(1.5, abs=0.01)
    assert np.abs(np.diff(samples)).max() < 0.1 * 1.1  # no step larger than those of the tone
    assert timeline.end == pytest.approx(len(samples) / RATE, abs=1e-4)


def test_a_pause_moves_what_is_said_later(speaker: Speaker) -> None:
    said = speaker.speak(spoken(TEXT))
    at = said.timeline.words[6][1]
    plain, paused = said.track(), said.track([(at, 1.5)])
    assert len(paused) == len(plain) + 1.5 * RATE
    np.testing.assert_array_equal(paused[-RATE:], plain[-RATE:])
    assert said.timeline.paused([(at, 1.5)]).words[6][1] == pytest.approx(at + 1.5)
    assert np.abs(paused[round((at + 0.02) * RATE) : round((at + 1.4) * RATE)]).max() == 0
    assert np.abs(np.diff(paused)).max() <= 1.05 * np.abs(np.diff(plain)).max()


def test_words_wait_for_the_motion_before_them() -> None:
    timeline = Timeline(((0, 0.1), (5, 1.0), (9, 2.0)), 3.0, rests=(1.5,))
    assert fit(timeline, [(5, 2), (9, 12)], 10) == ([8, 0], [])
    waits, pauses = fit(timeline, [(5, 0), (9, 30)], 10)
    assert (waits, pauses) == ([10, 0], [(1.5, 2.05)])
    # A motion sets off a moment before its word, since it begins slowly.
    assert timeline.paused(pauses).at(9) == 4.05
    assert (30 + sum(waits)) / 10 == 4.0
    # Without a rest since the cue before, at the word itself.
    assert fit(Timeline(timeline.words, 3.0), [(5, 0), (9, 30)], 10)[1] == [(2.0, 2.05)]


def test_packets_hold_what_is_heard_while_they_play() -> None:
    import io

    import av

    from lecture.frames.film import _mux_sound
    from lecture.voice.sound import add_stream

    samples = np.zeros(RATE, np.float32)
    samples[RATE // 2 :] = 0.5 * np.sin(np.arange(RATE // 2) * 0.1)
    packets = aac(samples)
    assert len(packets) == -(-RATE // SIZE)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = add_stream(container)
        for number, data in enumerate([silence()] * 10 + packets):
            _mux_sound(container, stream, number, data)
    buffer.seek(0)
    with av.open(buffer, "r") as container:
        heard = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    begin = np.flatnonzero(np.abs(heard) > 0.1)[0] / RATE
    assert begin == pytest.approx(0.5 + 10 * SIZE / RATE, abs=0.005)


def test_every_engine_is_a_class_in_a_file() -> None:
    assert {"hibari", "piper", "program"} <= set(ENGINES)


@pytest.mark.parametrize(
    ("voice", "language", "sentence"),
    [
        (Voice("parrot"), "en", r"there is no engine 'parrot' \(engines: hibari, piper, program\)"),
        (Voice(variant="nobody"), "en", "hibari has no voice 'nobody'"),
        (Voice(), "de", "hibari speaks English, not 'de'"),
        (Voice("piper"), "en", "piper needs a voice file"),
        (Voice("piper", file=Path("gone.onnx")), "en", "gone.onnx cannot be read"),
        (Voice("program", program="'"), "en", "is no command"),
    ],
)
def test_voices_that_cannot_speak_say_why(voice: Voice, language: str, sentence: str) -> None:
    with pytest.raises(VoiceError, match=sentence) as error:
        load_engine(voice, language)
    assert "\n" not in str(error.value)


def test_a_voice_that_is_not_on_this_machine_is_not_fetched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HIBARI_HOME", str(tmp_path))
    with pytest.raises(VoiceError, match="fetch it once with: hibari --voice emma"):
        load_engine(Voice(variant="emma"), "en")


def test_an_engine_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "piper", None)
    with pytest.raises(
        VoiceError, match=r"piper is not installed; get it with: pip install -r requirements/piper.txt"
    ):
        load_engine(Voice("piper", file=Path("x.onnx")), "en")


def test_a_file_that_is_no_voice(tmp_path: Path) -> None:
    (tmp_path / "x.onnx").write_bytes(b"no model")
    with pytest.raises(VoiceError, match=r"x.onnx needs the file x.onnx.json"):
        load_engine(Voice("piper", file=tmp_path / "x.onnx"), "en")
    (tmp_path / "x.onnx.json").write_text("{}")
    with pytest.raises(VoiceError, match=r"x.onnx cannot be read as a voice of piper"):
        load_engine(Voice("piper", file=tmp_path / "x.onnx"), "en")


def test_a_program_speaks(tmp_path: Path) -> None:
    script = tmp_path / "say.py"
    script.write_text(
        "import sys, wave\nassert sys.stdin.read()\nw = wave.open(sys.argv[1], 'wb')\nw.setnchannels(1)\n"
        "w.setsampwidth(2)\nw.setframerate(8000)\nw.writeframes(bytes([0, 40] * 8000))\nw.close()\n"
    )
    import sys

    said = load_engine(Voice("program", program=f"{sys.executable} {script} {{wav}}"), "en").speak("One two.")
    assert len(said.samples) == said.rate == 8000
    assert len(said.onsets) == 2
    with pytest.raises(VoiceError, match="ended with status 1"):
        load_engine(Voice("program", program=f"{sys.executable} {script}"), "en").speak("One two.")
    with pytest.raises(VoiceError, match="does not run"):
        load_engine(Voice("program", program="/nowhere/espeak"), "en").speak("One two.")


def test_the_command_line_wins() -> None:
    assert chosen(Voice(), "off") == OFF == chosen(OFF, None)
    assert chosen(OFF, "on").engine == "hibari"
    assert chosen(Voice("piper"), "on").engine == "piper"
    assert chosen(Voice(), None, "say").engine == "program"
    with pytest.raises(VoiceError, match="got 'program'"):
        chosen(Voice(), "program")
