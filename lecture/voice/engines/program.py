"""A program of the user's: named on the command line alone, since a lecture's file is data and runs nothing."""

from __future__ import annotations

import shlex
import subprocess
import tempfile
from pathlib import Path

from lecture.voice import Voice, VoiceError
from lecture.voice.align import by_length
from lecture.voice.sound import read

from . import Utterance

__all__ = ["Engine"]

_LONGEST = 120  # seconds for a sentence


class Engine:
    """A command that takes text on its standard input and writes the sound file ``{wav}``, or its output."""

    def __init__(self, voice: Voice, language: str):
        try:
            self._command = shlex.split(voice.program)
        except ValueError as error:
            raise VoiceError(f"voice-program: {voice.program!r} is no command ({error})") from None
        if not self._command:
            raise VoiceError("voice-program: expected a command, such as: 'espeak-ng -w {wav}'")
        self.identity = f"program {voice.program} {language}"

    def unknown(self, sentence: str) -> list[str]:
        """None that could be known."""
        return []

    def speak(self, sentence: str) -> Utterance:
        """A sentence as sound."""
        with tempfile.TemporaryDirectory(prefix="lecture-") as folder:
            wav = Path(folder) / "speech.wav"
            command = [part.replace("{wav}", str(wav)) for part in self._command]
            try:
                done = subprocess.run(
                    command, input=sentence.encode(), capture_output=True, timeout=_LONGEST, check=False
                )
            except (OSError, subprocess.TimeoutExpired) as error:
                raise VoiceError(f"voice-program: {command[0]} does not run ({error})") from None
            if done.returncode:
                last = (done.stderr.decode(errors="replace").strip().splitlines() or ["no message"])[-1]
                raise VoiceError(
                    f"voice-program: {command[0]} ended with status {done.returncode}: {last[:200]}"
                )
            if command == self._command:
                wav.write_bytes(done.stdout)
            if not wav.is_file() or not wav.stat().st_size:
                raise VoiceError(f"voice-program: {command[0]} wrote no sound; name its file with {{wav}}")
            samples, rate = read(wav)
        return Utterance(samples, rate, by_length(samples, rate, sentence.split()))
