"""`timing`: what is said when, what moves on which word, and where the picture rests although words go on."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from lecture.manifest import load

__all__ = ["report", "timing_command"]

# A packet of so many bytes repeats the frame before it.
_REPEATS = 40
# Longest time for which a picture may rest while words go on, in seconds.
_LONG = 2.0


def timing_command(options: argparse.Namespace) -> int:
    """Build the scenes, then tell; returns the exit status."""
    from .command import build_command

    status = build_command(options)
    if status == 0 and not options.dry_run:
        print("\n".join(report(options.media, options.names)))
    return status


def report(media: Path, names: list[str]) -> list[str]:
    """The lines for scenes of a media folder; all of them where none is named."""
    lines = []
    words = seconds = 0.0
    for scene in load(media / "manifest.json")["scenes"]:
        if names and scene["name"] not in names:
            continue
        lines.append(f"{scene['name']}: {scene['duration']:.1f} s")
        for step in scene["steps"]:
            count = len(step["narration"].split())
            words, seconds = words + count, seconds + step["duration"]
            pace = 60 * count / step["duration"]
            lines.append(
                f"  {step['number']} {step['name']}: {step['duration']:.1f} s, {pace:.0f} words a minute"
            )
            lines.append(f"    {step['narration']}")
            for cue in step["cues"]:
                word = step["narration"][cue["position"] :].split(" ")[0]
                lines.append(
                    f"    {cue['word']:6.2f} s  <{cue['mark']}> {word}: motion at {cue['motion']:.2f} s"
                )
            for begin, end in resting(media / step["clip"]["path"], step):
                lines.append(f"    {begin:6.2f} s  rests until {end:.2f} s although words go on")
    if seconds:
        lines.append(f"{60 * words / seconds:.0f} words a minute")
    return lines


def resting(clip: Path, step: dict[str, Any]) -> list[tuple[float, float]]:
    """Where the picture of a clip stands still for long, between the step's first word and its last."""
    import av

    with av.open(str(clip)) as film:
        stream = film.streams.video[0]
        rate = float(stream.average_rate or 1)
        still = [packet.size <= _REPEATS for packet in film.demux(stream) if packet.size]
    if not step["words"]:
        return []
    last = step["words"][-1][1]
    found, begin = [], None
    for frame, quiet in enumerate([*still, False]):
        if quiet and begin is None:
            begin = frame - 1
        if not quiet and begin is not None:
            end = min(frame / rate, last)
            if end - begin / rate >= _LONG:
                found.append((max(begin, 0) / rate, end))
            begin = None
    return found
