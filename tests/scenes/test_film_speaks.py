"""The finished film says what it should: heard by a recognizer, measured for loudness and cost.

Its pictures are small gray ones, so that nothing has to be rendered; everything else is the lecture's own.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lecture.build.builder import Options
from lecture.build.cache import Cache, digest_of, pack
from lecture.build.publish import Publisher, SceneContent, StepContent
from lecture.edition import Edition
from lecture.frames.encode import StepEncoder, Video
from lecture.frames.render import describe_scene
from lecture.voice import Voice
from lecture.voice.sound import RATE, loudness, read, true_peak
from lecture.voice.speech import SCENE_PAUSE, Speaker
from lecture.voice.spoken import Spoken, spoken
from scenes import LECTURE

from .recognizer import Recognizer, plain, share_heard

VIDEO = Video(64, 64, 10)
FEW = ("MapOfChapter3", "RotateIntoEigenbasis", "RescaleThenRotateBack")


@dataclasses.dataclass
class Film:
    """A film, its manifest, and what is spoken in it by (scene, step)."""

    media: Path
    manifest: dict[str, Any]
    spoken: dict[tuple[str, str], Spoken]
    cpu: float

    def heard(self, recognizer: Recognizer, scenes: Sequence[str]) -> tuple[list[str], list[str]]:
        """The words of scenes: said, and heard in the film."""
        samples, _ = read(self.media / self.manifest["lecture"]["film"]["path"])
        said: list[str] = []
        heard: list[str] = []
        for scene in self.manifest["scenes"]:
            for step in scene["steps"] if scene["name"] in scenes else ():
                begin = scene["start"] + step["start"]
                part = samples[round(begin * RATE) : round((begin + step["duration"]) * RATE)]
                said += plain(self.spoken[scene["name"], step["name"]].text)
                heard += recognizer.heard(part, RATE)
        return said, heard


def make_film(
    media: Path, scenes: Sequence[str], change: Callable[[str, Spoken], Spoken] = lambda _, s: s
) -> Film:
    """A film of some scenes; `change` may give a step other words than its own."""
    settings = LECTURE.settings()
    edition = dataclasses.replace(Edition.about(settings.problem, LECTURE), scenes=tuple(scenes))
    cache, speaker = Cache(media / ".cache"), Speaker(Voice(), "en", media / ".cache")
    encoder = StepEncoder(VIDEO)
    encoder.write(np.full((64, 64, 4), 128, np.uint8))
    motion = encoder.finish()
    header = {"frames": 1, "keys": motion.keys, "stays": 0, "cues": [], "numbers": [], "planes": []}
    key = cache.store(digest_of("gray"), [], {}, pack(header, [b"still", motion.headers, *motion.packets]))
    contents, said = [], {}
    lessons = [(name, describe_scene(LECTURE.module_of(name), name, settings)) for name in scenes]
    cpu = time.process_time()
    for name, described in lessons:
        steps = []
        for words in described["steps"]:
            narration = spoken(words["say"], [tuple(s) for s in words["symbols"]], "en", LECTURE.say)
            said[name, words["name"]] = narration
            speech = speaker.speak(change(words["name"], narration))
            timeline = speech.timeline
            if words is described["steps"][-1]:
                timeline = dataclasses.replace(timeline, seconds=timeline.seconds + SCENE_PAUSE)
            steps.append(StepContent(key, words, header, timeline, 1.0, speech))
        contents.append(SceneContent(name, name, name, described["claim"], steps))
    options = Options(video=VIDEO, quality="l", media=media, cache=media / ".cache", voice=Voice())
    Publisher(options, edition, settings, cache).publish(contents, complete=True)
    return Film(media, json.loads((media / "manifest.json").read_text()), said, time.process_time() - cpu)


def recognizer_of(film: Film) -> Recognizer:
    phonemes = Speaker(Voice(), "en", film.media).engine.phonemes
    return Recognizer([narration.text for narration in film.spoken.values()], phonemes)


def test_what_is_said_is_heard_and_another_sentence_is_not(tmp_path: Path) -> None:
    film = make_film(tmp_path / "right", FEW)
    recognizer = recognizer_of(film)
    said, heard = film.heard(recognizer, FEW)
    assert share_heard(said, heard) >= 0.85
    # A step with another step's sentence.
    wrong = film.spoken["RescaleThenRotateBack", "rotate_back"]
    spoiled = make_film(
        tmp_path / "wrong", FEW[1:2], lambda step, own: wrong if step == "drop_components" else own
    )
    parts = {
        name: {**scene, "steps": [step]}
        for scene in spoiled.manifest["scenes"]
        for step in scene["steps"]
        for name in [step["name"]]
    }
    shares = {}
    for name, scene in parts.items():
        alone = dataclasses.replace(spoiled, manifest={**spoiled.manifest, "scenes": [scene]})
        shares[name] = share_heard(*alone.heard(recognizer, FEW))
    assert shares.pop("drop_components") < 0.6 < min(shares.values())


@pytest.mark.long
def test_every_chapter_of_the_film_is_heard_and_costs_little(tmp_path: Path) -> None:
    film = make_film(tmp_path, LECTURE.scenes)
    recognizer = recognizer_of(film)
    shares = {}
    for chapter in LECTURE.chapters:
        shares[str(chapter.title)] = share_heard(*film.heard(recognizer, chapter.scenes))
    assert min(shares.values()) >= 0.85, shares
    samples, rate = read(film.media / film.manifest["lecture"]["film"]["path"])
    assert loudness(samples, rate) == pytest.approx(-16, abs=0.5)
    assert true_peak(samples) <= -1.5
    assert len(samples) / rate == pytest.approx(film.manifest["lecture"]["film"]["duration"], abs=0.02)
    # Speaking, leveling, encoding and muxing.
    assert film.cpu < 60, film.cpu
    minutes = film.manifest["lecture"]["film"]["duration"] / 60
    words = sum(
        len(step["narration"].split()) for scene in film.manifest["scenes"] for step in scene["steps"]
    )
    assert 125 < words / minutes < 160
