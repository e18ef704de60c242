"""A step's narration as sound: its sentences spoken, joined with breaths, brought to one loudness, and kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lecture.build.cache import Damaged, digest_of, pack, unpack
from lecture.files import write_atomically
from lecture.timing import Timeline

from . import Voice, VoiceError
from .align import aligned
from .engines import Utterance, load_engine
from .recordings import check
from .sound import LOUDNESS, PEAK, RATE, SIZE, aac, from_flac, level, resampled, to_flac
from .spoken import Spoken, sentences

__all__ = ["SCENE_PAUSE", "Speaker", "Speech", "encoded", "joined", "speak_steps"]

# Seconds of silence: before the first word (an encoder needs 21 ms), between sentences, behind the last word, and, as
# much longer, between scenes.
_LEAD, _BREATH, _PAUSE = 0.1, 0.5, 0.6
SCENE_PAUSE = 0.9

# What is so much below the loudest, in amplitude, is silence at the begin and at the end of a sentence; what is kept of
# it; and how long a sound takes to come and go where it is cut. Seconds.
_QUIET, _MARGIN, _FADE = 0.01, 0.03, 0.008

# Half the width, in samples, of what is taken for quiet when a cut is chosen.
_HALF = 120

# Speech made otherwise by another version of these modules is made again.
_FORMAT = f"2 {RATE} {SIZE} {LOUDNESS} {PEAK} {_LEAD} {_BREATH} {_PAUSE} {_QUIET} {_MARGIN} {_FADE}"


@dataclass(frozen=True)
class Speech:
    """A step's narration as sound.

    Attributes
    ----------
    key : str
        Of what it was made of.
    timeline : Timeline
        When the words begin, by their positions in the written text.
    """

    key: str
    timeline: Timeline
    flac: bytes

    def track(self, pauses: Sequence[tuple[float, float]] = ()) -> np.ndarray:
        """The sound, with pauses as :meth:`lecture.timing.Timeline.paused` takes them."""
        samples = from_flac(self.flac)
        parts, begin = [], 0
        for at, length in pauses:
            # Where it is quietest shortly before: a word's first sound may begin a little early.
            first, last = max(begin, round((at - 0.06) * RATE)), round((at + 0.005) * RATE)
            energy = np.convolve(samples[first:last] ** 2, np.ones(2 * _HALF), "valid")
            cut = first + _HALF + int(energy.argmin()) if last - first >= 2 * _HALF else last
            # What is said later is late by exactly `length`, wherever the cut is.
            parts += [_faded(samples[begin:cut], begin > 0, True), np.zeros(round(length * RATE), np.float32)]
            begin = cut
        parts.append(_faded(samples[begin:], begin > 0, False))
        return np.concatenate(parts)


class Speaker:
    """Says the narration of steps, each once.

    Parameters
    ----------
    folder : Path
        The cache.
    """

    def __init__(self, voice: Voice, language: str, folder: Path):
        self.voice, self.folder = voice, folder / "speech"
        self.language = language
        self._missing: VoiceError | None = None
        try:
            self._engine = load_engine(voice, language)
        except VoiceError as error:
            if voice.recordings is None:
                raise
            self._missing = error  # not needed where every step is recorded

    @property
    def engine(self) -> Any:
        """What speaks where there is no recording."""
        if self._missing is not None:
            raise self._missing
        return self._engine

    def key(self, spoken: Spoken, recording: Path | None = None) -> str:
        """Of everything that the sound depends on."""
        by = self.engine.identity if recording is None else f"{self.language} {recording.read_bytes()!r}"
        return digest_of([_FORMAT, by, [list(unit) for unit in spoken.units]])

    def find(self, key: str) -> Speech | None:
        """What was said before, if it is whole."""
        path = self.folder / key[:2] / key
        try:
            header, (flac,) = unpack(path.read_bytes())
            os.utime(path)  # as with rendered steps
        except (OSError, Damaged):
            return None
        words = tuple((position, second) for position, second in header["words"])
        return Speech(key, Timeline(words, header["seconds"], tuple(header["rests"]), header["said"]), flac)

    def speak(self, spoken: Spoken, recording: Path | None = None) -> Speech:
        """Say it, or take it from a recording, and keep it.

        Raises
        ------
        VoiceError
            If the engine fails, or the recording cannot be used.
        """
        key = self.key(spoken, recording)
        known = self.find(key)
        if known is not None:
            return known
        said = [self.engine.speak(s) for s in sentences(spoken.text)] if recording is None else []
        if recording is not None:
            said = [self._recorded(recording, spoken.text.split())]
        samples, timeline = joined(said, spoken.positions)
        speech = Speech(key, timeline, to_flac(level(samples)))
        header = {
            "words": [list(word) for word in timeline.words],
            "seconds": timeline.seconds,
            "rests": list(timeline.rests),
            "said": timeline.end,
        }
        write_atomically(self.folder / key[:2] / key, pack(header, [speech.flac]))
        return speech

    def _recorded(self, path: Path, words: list[str]) -> Utterance:
        samples, rate = check(path)
        phonemes = None if self._missing else getattr(self._engine, "phonemes", None)
        return Utterance(samples, rate, aligned(samples, rate, words, self.language, phonemes))


def speak_steps(
    voice: Voice,
    language: str,
    folder: Path,
    narrations: Sequence[tuple[Spoken, Path | None]],
    tell: Callable[[Any], None],
) -> None:
    """Say several narrations in a process of its own."""
    speaker = Speaker(voice, language, folder)
    for spoken, recording in narrations:
        speaker.speak(spoken, recording)


def joined(utterances: Sequence[Utterance], positions: Sequence[int]) -> tuple[np.ndarray, Timeline]:
    """Sentences with breaths between them, and the timeline of their words.

    Parameters
    ----------
    positions : sequence of int
        For each word where it stands in the written text. Of words for the same place the first one counts.
    """
    parts = [np.zeros(round(_LEAD * RATE), np.float32)]
    words: list[tuple[int, float]] = []
    rests: list[float] = []
    seconds, k = _LEAD, 0
    for number, utterance in enumerate(utterances):
        if number:
            rests.append(seconds + _BREATH / 2)
            parts.append(np.zeros(round(_BREATH * RATE), np.float32))
            seconds = sum(map(len, parts)) / RATE
        begin, end = _sounding(utterance)
        samples = resampled(utterance.samples[begin:end], utterance.rate)
        shift = seconds - begin / utterance.rate
        for onset in utterance.onsets:
            if not words or positions[k] > words[-1][0]:
                words.append((positions[k], onset + shift))
            k += 1
        rests += [rest + shift for rest in utterance.rests]
        parts.append(_faded(samples))
        seconds = sum(map(len, parts)) / RATE
    return np.concatenate(parts), Timeline(tuple(words), seconds + _PAUSE, tuple(rests), seconds)


def _sounding(utterance: Utterance) -> tuple[int, int]:
    """The samples between which something is heard."""
    loud = np.abs(utterance.samples)
    heard = np.flatnonzero(loud > _QUIET * loud.max(initial=1e-6))
    if not len(heard):
        return 0, len(loud)
    margin = round(_MARGIN * utterance.rate)
    first = min([heard[0], *(round(onset * utterance.rate) for onset in utterance.onsets[:1])])
    return max(0, first - margin), min(len(loud), heard[-1] + margin)


def _faded(samples: np.ndarray, begin: bool = True, end: bool = True) -> np.ndarray:
    """Sound that comes and goes without a click."""
    width = min(round(_FADE * RATE), len(samples) // 2)
    if not width:
        return samples
    ramp = np.sin(np.linspace(0, np.pi / 2, width, dtype=np.float32)) ** 2
    samples = samples.copy()
    if begin:
        samples[:width] *= ramp
    if end:
        samples[-width:] *= ramp[::-1]
    return samples


def encoded(speech: Speech, pauses: Sequence[tuple[float, float]], folder: Path) -> list[bytes]:
    """A step's sound in AAC, kept as well."""
    path = folder / "speech" / "aac" / digest_of([_FORMAT, speech.key, [list(pause) for pause in pauses]])
    try:
        return unpack(path.read_bytes())[1]
    except (OSError, Damaged):
        packets = aac(speech.track(pauses))
        write_atomically(path, pack({}, packets))
        return packets
