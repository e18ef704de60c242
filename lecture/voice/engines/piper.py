"""piper: about fifty languages, with a voice file of the user's; an extra of its own."""

from __future__ import annotations

import hashlib
import importlib.metadata
from typing import Any

import numpy as np

from lecture.voice import Voice, VoiceError
from lecture.voice.align import by_length

from . import Utterance

__all__ = ["Engine"]


class Engine:
    """A voice file of piper's; see :mod:`lecture.voice.engines`."""

    def __init__(self, voice: Voice, language: str):
        try:
            version = importlib.metadata.version("piper-tts")
            import piper  # noqa: F401
        except ImportError:
            raise VoiceError(
                "voice: piper is not installed; get it with: pip install -r requirements/piper.txt"
            ) from None
        if voice.file is None:
            raise VoiceError('voice: piper needs a voice file; name one with voice_file = "NAME.onnx"')
        self._file, self._pace = voice.file, voice.pace
        try:
            content = self._file.read_bytes()
        except OSError as error:
            raise VoiceError(f"voice_file: {self._file} cannot be read ({error.strerror})") from None
        digest = hashlib.blake2b(content, digest_size=8).hexdigest()
        self.identity = f"piper {version} {digest} {voice.pace}"
        self._voice: Any = self._load(language)

    def _load(self, language: str) -> Any:
        from piper import PiperVoice

        try:
            loaded = PiperVoice.load(self._file)
        except FileNotFoundError:
            raise VoiceError(
                f"voice_file: {self._file.name} needs the file {self._file.name}.json, which comes with it, beside it"
            ) from None
        except Exception as error:
            raise VoiceError(
                f"voice_file: {self._file.name} cannot be read as a voice of piper ({str(error)[:80]})"
            ) from None
        speaks = str(loaded.config.espeak_voice).replace("-", "_").partition("_")[0]
        if speaks != language.partition("_")[0]:
            raise VoiceError(
                f"voice_file: {self._file.name} speaks {speaks!r}, but the lecture's language is {language!r}"
            )
        return loaded

    def unknown(self, sentence: str) -> list[str]:
        """None: its pronunciation follows rules."""
        return []

    def speak(self, sentence: str) -> Utterance:
        """A sentence as sound, without noise, so that it is the same each time."""
        from piper import SynthesisConfig

        config = SynthesisConfig(length_scale=1 / self._pace, noise_scale=0.0, noise_w_scale=0.0)
        chunks = list(self._voice.synthesize(sentence, config))
        rate = self._voice.config.sample_rate
        samples = np.concatenate([np.zeros(1, np.float32), *(chunk.audio_float_array for chunk in chunks)])
        return Utterance(samples, rate, by_length(samples, rate, sentence.split()))
