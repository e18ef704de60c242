"""Recordings of steps: found in a folder, and checked before they are used."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from lecture.errors import command

from . import VoiceError
from .sound import loudness, read

__all__ = ["KINDS", "LONGEST", "check", "faults", "find_recordings"]

#: Files that are recordings; the booth leaves the last two.
KINDS = (".wav", ".flac", ".mp3", ".m4a", ".ogg", ".webm", ".mp4")

#: Seconds of a step at most.
LONGEST = 120.0

_QUIET = -45.0  # LUFS
_SILENT = -65.0


def find_recordings(
    folder: Path, scenes: Sequence[str], steps: Mapping[str, Sequence[str]]
) -> dict[tuple[str, str], Path]:
    """The recording of each step that has one: ``TurnTheWheel/appear.wav``, or ``TurnTheWheel/01_appear.wav``.

    Parameters
    ----------
    scenes : sequence of str
        All that the lecture has.
    steps : dict
        Names of the steps of those scenes that are built.

    Raises
    ------
    VoiceError
        If a file is of an unknown kind, belongs to no step, or two belong to the same.
    """
    if not folder.is_dir():
        raise VoiceError(
            f"recordings: there is no folder {folder.name!r} in {folder.parent}; `{command('booth')}` fills one"
        )
    found: dict[tuple[str, str], Path] = {}
    for home in sorted(folder.iterdir()):
        if home.name.startswith("."):
            continue
        if not home.is_dir() or home.name not in scenes:
            raise VoiceError(
                f"{folder.name}/{home.name}: there is no such scene; expected a folder a scene, such as {scenes[0]}"
            )
        for path in sorted(home.iterdir()) if home.name in steps else ():
            if path.name.startswith("."):
                continue
            shown = f"{folder.name}/{home.name}/{path.name}"
            if path.suffix.lower() not in KINDS:
                raise VoiceError(
                    f"{shown}: expected a sound file ({', '.join(KINDS)}), got {path.suffix or 'no suffix'}"
                )
            name = re.sub(r"^\d+_", "", path.stem)
            if name not in steps[home.name]:
                raise VoiceError(f"{shown}: there is no such step (steps: {', '.join(steps[home.name])})")
            if (home.name, name) in found:
                raise VoiceError(
                    f"{shown}: {found[home.name, name].name} is of the same step; remove one of them"
                )
            found[home.name, name] = path
    return found


def faults(samples: np.ndarray, rate: int) -> list[str]:
    """What is wrong with a recording, in words: the first is the worst.

    Examples
    --------
    >>> faults(np.zeros(48000, np.float32), 48000)
    ['silent']
    """
    found = []
    if len(samples) > LONGEST * rate:
        found.append("longer than two minutes")
    level = loudness(samples, rate) if len(samples) else float("-inf")
    if level < _SILENT:
        return [*found, "silent"]
    # Several samples in a row at the rim: one alone may be there by chance.
    rim = np.abs(samples) >= 0.985 * np.abs(samples).max()
    if np.abs(samples).max() > 0.98 and (rim[:-2] & rim[1:-1] & rim[2:]).sum() > 5:
        found.append("clipped")
    if level < _QUIET:
        found.append("too quiet")
    edge, loud = int(0.03 * rate), float(np.sqrt(np.mean(samples.astype(float) ** 2)))
    for part, name in ((samples[:edge], "begin"), (samples[-edge:], "end")):
        if np.sqrt(np.mean(part.astype(float) ** 2)) > 0.5 * loud:
            found.append(f"cut off at its {name}")
    return found


def check(path: Path) -> tuple[np.ndarray, int]:
    """The sound of a recording.

    Raises
    ------
    VoiceError
        If it cannot be used.
    """
    shown = f"{path.parent.parent.name}/{path.parent.name}/{path.name}"
    try:
        samples, rate = read(path)
    except VoiceError as error:
        raise VoiceError(f"{path.parent.parent.name}/{path.parent.name}/{error}") from None
    wrong = [
        fault for fault in faults(samples, rate) if fault in ("longer than two minutes", "silent", "clipped")
    ]
    if wrong:
        remedy = (
            "record it again, further from the microphone" if wrong[0] == "clipped" else "record it again"
        )
        raise VoiceError(
            f"{shown}: the recording is {wrong[0]}; {remedy} (`{command('booth')}`), or remove it"
        )
    return samples, rate
