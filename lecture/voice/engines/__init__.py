"""What speaks. An engine is a module here with one class, ``Engine``; its name is the module's.

The class is made with a :class:`lecture.voice.Voice` and a language, and has

``identity``
    a text that changes when the same words would sound different;
``speak(sentence)``
    a sentence as an :class:`Utterance`;
``unknown(sentence)``
    the words of it whose pronunciation is guessed.

It raises :class:`lecture.voice.VoiceError` in one sentence when it cannot speak.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any, NamedTuple

import numpy as np

from lecture.voice import Voice, VoiceError

__all__ = ["ENGINES", "Utterance", "load_engine"]

#: Names of all engines.
ENGINES = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


class Utterance(NamedTuple):
    """A sentence as sound.

    Attributes
    ----------
    samples : ndarray of float32
        One channel.
    rate : int
        Samples per second.
    onsets : tuple of float
        The second at which each word begins, words being what white space separates.
    rests : tuple of float
        Moments of silence inside it, between clauses.
    """

    samples: np.ndarray
    rate: int
    onsets: tuple[float, ...]
    rests: tuple[float, ...] = ()


def load_engine(voice: Voice, language: str) -> Any:
    """The engine of a voice.

    Raises
    ------
    VoiceError
        If there is no such engine, it is not installed, or it cannot speak this language.
    """
    if voice.engine not in ENGINES:
        raise VoiceError(f"voice: there is no engine {voice.engine!r} (engines: {', '.join(ENGINES)})")
    return importlib.import_module(f"{__name__}.{voice.engine}").Engine(voice, language)
