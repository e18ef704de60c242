"""hibari: a small English voice inside its package, which knows how long each of its phonemes lasts."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Any

import numpy as np

from lecture.voice import Voice, VoiceError

from . import Utterance

__all__ = ["Engine"]

# The model's own durations, in steps of two frames of its sound; no output of it by itself.
_DURATIONS = "/Clip_output_0"

# A word is heard so many seconds before the model counts its first phoneme (by energy 0.04, by a recognizer 0.08).
_EARLY = 0.07


class Engine:
    """The voice of hibari-tts; see :mod:`lecture.voice.engines`."""

    def __init__(self, voice: Voice, language: str):
        try:
            from hibari.voices import VOICES, voice_path
        except ImportError:
            raise VoiceError(
                'voice: hibari is not installed; get it with: pip install hibari-tts, or use voice = "off"'
            ) from None
        if language.partition("_")[0] != "en":
            raise VoiceError(
                f'voice: hibari speaks English, not {language!r}; use voice = "piper" with a voice_file of that '
                'language, recordings, or voice = "off"'
            )
        name = voice.variant or next(iter(VOICES))
        if name not in VOICES:
            raise VoiceError(f"voice: hibari has no voice {name!r} (voices: {', '.join(VOICES)})")
        try:
            self._path = Path(voice_path(name, download_missing=False))
        except FileNotFoundError:
            raise VoiceError(
                f"voice: hibari's voice {name!r} is not on this machine; fetch it once with: "
                f"hibari --voice {name} Hello -o hello.wav, or use one that is (hibari --list-voices)"
            ) from None
        self._name, self._pace, self._seed = name, voice.pace, voice.seed
        version = importlib.metadata.version("hibari-tts")
        self.identity = f"hibari {version} {name} {voice.pace} {voice.seed}"
        self._loaded: Any = None
        self._guessed: list[str] = []

    def _load(self) -> Any:
        if self._loaded is None:
            import onnxruntime
            from hibari import Hibari
            from hibari.g2p import G2P
            from hibari.voices import VOICES

            g2p = G2P(british=VOICES[self._name]["british"])
            guess = g2p.oov

            def guessed(word: str) -> Any:
                self._guessed.append(word)
                return guess(word)

            g2p._oov = guessed
            hibari = Hibari(self._name, model=str(self._path), g2p=g2p)
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            options.log_severity_level = 3
            model = _with_output(self._path.read_bytes(), _DURATIONS)
            try:
                hibari.sess = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
            except Exception as error:
                raise VoiceError(f"voice: {self._path.name} cannot be read ({str(error)[:100]})") from None
            self._loaded = hibari
        return self._loaded

    def unknown(self, sentence: str) -> list[str]:
        """Words that are in no dictionary."""
        self._guessed.clear()
        self._phonemes(sentence)
        return list(self._guessed)

    def _phonemes(self, sentence: str) -> list[str]:
        """The phonemes of each word, words being what white space separates."""
        g2p = self._load().g2p
        words = [""]
        for token in g2p.phonemize_tokens(g2p.tokenize(sentence)):
            words[-1] += token.phonemes or ""
            if token.whitespace:
                words.append("")
        return words

    def phonemes(self, word: str) -> str:
        """How a word is pronounced."""
        return "".join(self._phonemes(word))

    def speak(self, sentence: str) -> Utterance:
        """A sentence as sound."""
        hibari = self._load()
        words = self._phonemes(sentence)
        if len(words) != len(sentence.split()):
            raise VoiceError(f"voice: hibari counts other words in {sentence!r} than there are")
        known = [[hibari.vocab[c] for c in word if c in hibari.vocab] for word in words]
        ids, begins = [0], []
        for k, word in enumerate(known):
            ids += [hibari.vocab[" "]] if k else []
            begins.append(len(ids))
            ids += word
        ids.append(0)
        from hibari import dsp

        feed = {"ids": np.asarray([ids], np.int64), "speed": np.asarray([self._pace], np.float32)}
        *parts, durations = hibari.sess.run(None, feed)
        samples = dsp.synth(*(part[0] for part in parts), np.random.default_rng(self._seed))
        durations = np.asarray(durations, float).ravel()
        step = len(samples) / durations.sum() / dsp.SR
        if len(durations) != len(ids) or abs(step - 2 * dsp.HOP / dsp.SR) > 1e-9:
            raise VoiceError(
                "voice: this version of hibari has other durations; use the one in requirements/"
            )
        ends = np.cumsum(durations) * step
        starts = ends - durations * step
        pauses = {hibari.vocab[c] for c in ",;:—" if c in hibari.vocab}
        rests = [(starts[k] + ends[k]) / 2 for k, i in enumerate(ids) if i in pauses]
        return Utterance(
            samples.astype(np.float32),
            dsp.SR,
            tuple(max(0.0, float(starts[k]) - _EARLY) for k in begins),
            tuple(map(float, rests)),
        )


def _with_output(model: bytes, name: str) -> bytes:
    """An ONNX model that also returns one of its inner values.

    Messages in protobuf's format are merged by writing one behind the other: behind the model comes a graph (field 7)
    with nothing but one more output (field 12) of that name (field 1).
    """

    def field(number: int, content: bytes) -> bytes:
        return bytes([number << 3 | 2, len(content)]) + content

    return model + field(7, field(12, field(1, name.encode())))
