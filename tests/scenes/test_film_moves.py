"""The finished film moves on the words that name its motions, and never stands still for long while words go on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
import pytest

ROOT = Path(__file__).parents[2]

# A frame has changed where a block of 8 by 8 pixels has, by so many levels in the mean: more than the encoder's noise.
CHANGE = 0.6

pytestmark = pytest.mark.long


class Watched(NamedTuple):
    """A finished film: its manifest, the second of each frame, and how much it differs from the one before."""

    manifest: dict[str, Any]
    seconds: np.ndarray
    changes: np.ndarray

    def late(self, shift: float = 0.0) -> dict[tuple[str, str, str], float]:
        """By how much the first change follows the word of each cue before which the picture rests."""
        found = {}
        for scene, step in self.steps():
            for cue in step["cues"]:
                apart = self.seconds - (scene["start"] + step["start"] + cue["word"] + shift)
                if self.changes[(apart > -0.3) & (apart < -0.1)].max(initial=0) < CHANGE:
                    after = apart[(apart > -0.1) & (self.changes > CHANGE)]
                    found[scene["name"], step["name"], cue["mark"]] = float(after[0])
        return found

    def stills(self, least: float) -> dict[tuple[str, str, float], float]:
        """How long the picture rests while words go on, by scene, step, and when that begins in it.

        A question is read, too, and its picture may rest for that long.
        """
        found = {}
        for scene, step in self.steps():
            if step["question"] is None and step["captions"]:
                begin = scene["start"] + step["start"]
                apart = self.seconds - begin
                first, last = step["captions"][0]["start"], step["captions"][-1]["end"]
                moved = apart[(apart >= first) & (apart <= last) & (self.changes > CHANGE)]
                moments = np.concatenate([[first], moved, [last]])
                for k in np.flatnonzero(np.diff(moments) > least):
                    where = (scene["name"], step["name"], round(float(moments[k]), 2))
                    found[where] = round(float(moments[k + 1] - moments[k]), 2)
        return found

    def steps(self) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        return [(scene, step) for scene in self.manifest["scenes"] for step in scene["steps"]]


def watch(media: Path) -> Watched:
    """Look at every frame of a lecture's film."""
    manifest = json.loads((media / "manifest.json").read_text())
    seconds, changes, before = [], [], None
    with av.open(str(media / manifest["lecture"]["film"]["path"])) as film:
        film.streams.video[0].thread_type = "AUTO"
        for frame in film.decode(video=0):
            luma = np.frombuffer(frame.planes[0], np.uint8).reshape(frame.height, -1)
            now = luma[: frame.height // 8 * 8, : frame.width // 8 * 8].astype(np.int16)
            blocks = np.abs(now - (now if before is None else before)).reshape(len(now) // 8, 8, -1, 8)
            changes.append(blocks.mean((1, 3)).max())
            seconds.append(float(frame.time))
            before = now
    return Watched(manifest, np.array(seconds), np.array(changes))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    media = tmp_path_factory.mktemp("film")
    command = [sys.executable, "-m", "scenes", "build", "--media", str(media)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return watch(media)


def test_motions_begin_on_their_words(film: Watched) -> None:
    late = film.late()
    assert len(late) > 300
    assert {where: round(by, 3) for where, by in late.items() if abs(by) > 0.1} == {}
    # A track that is late by a fifth of a second is noticed.
    assert np.mean(np.abs([*film.late(-0.2).values()]) > 0.1) > 0.9


def test_the_picture_never_stands_still_for_long_while_words_go_on(film: Watched) -> None:
    assert film.stills(2.0) == {}
