"""The lecture's voice: from written words to sound, and to the moments at which the words begin.

===================  ===========================================================================================
:mod:`spoken`        written words to words that can be said, by one table a language (:mod:`english`)
:mod:`engines`       what speaks: one class, one file each
:mod:`speech`        a step's narration as sound: sentences joined, pauses, one loudness
:mod:`sound`         files read, rates changed, AAC
===================  ===========================================================================================
"""

from __future__ import annotations

import importlib.metadata
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

__all__ = ["FILE_ENGINES", "OFF", "Voice", "VoiceError", "chosen", "versions"]


class VoiceError(Exception):
    """A voice that cannot speak, or a recording that cannot be used; told in one sentence."""


@dataclass(frozen=True)
class Voice:
    """Who speaks, and how.

    Attributes
    ----------
    engine : str
        The module in :mod:`lecture.voice.engines`; empty for silence.
    variant : str
        One of the engine's own voices; empty for its first.
    file : Path, optional
        A voice file, for engines that read one.
    program : str
        A command, for the engine that runs one. Never from a lecture's file, which is data.
    recordings : Path, optional
        A folder with recordings of steps; the engine speaks where there is none.
    say : dict
        Words as they are written, and as they are to be spoken.
    pace : float
        1 is the engine's own.
    seed : int
        Of whatever is random in an engine.
    """

    engine: str = "hibari"
    variant: str = ""
    file: Path | None = None
    program: str = ""
    recordings: Path | None = None
    say: Mapping[str, str] = field(default_factory=dict)
    pace: float = 1.0
    seed: int = 0

    def __bool__(self) -> bool:
        return bool(self.engine)


OFF = Voice(engine="")

#: Engines that a lecture file may name: it is data, and runs no program.
FILE_ENGINES = tuple(
    name
    for _, name, _ in sorted(pkgutil.iter_modules([str(Path(__file__).parent / "engines")]))
    if name != "program"
)


def chosen(said: Voice, choice: str | None, program: str = "") -> Voice:
    """The voice for a build: what the lecture says, unless the command line says otherwise.

    Parameters
    ----------
    choice : {"on", "off"} or an engine, optional
    program : str
        A command that speaks.

    Raises
    ------
    VoiceError
        If there is no such engine.

    Examples
    --------
    >>> chosen(OFF, "on").engine, chosen(Voice(), "off").engine
    ('hibari', '')
    """
    if program:
        return replace(said, engine="program", program=program, variant="", file=None)
    if choice is None:
        return said
    engine, _, variant = choice.partition(" ")
    if engine == "off":
        return OFF
    if engine == "on":
        return said or replace(said, engine="hibari")
    if engine not in FILE_ENGINES:
        raise VoiceError(
            f'voice: expected "on", "off" or an engine, got {choice!r} (engines: {", ".join(FILE_ENGINES)})'
        )
    return replace(said, engine=engine, variant=variant.strip())


def versions() -> str:
    """Versions of the packages that speak, as text."""
    found = []
    for name in ("hibari-tts", "piper-tts", "onnxruntime", "av"):
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return ", ".join(found)
