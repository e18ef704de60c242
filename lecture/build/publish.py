"""From cached steps to what people open: clips, stills, films, captions and the manifest."""

from __future__ import annotations

import dataclasses
import itertools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lecture.edition import Edition
from lecture.files import folder_key, remove_leftovers, write_atomically
from lecture.frames.captions import Caption, captions_of, srt, webvtt
from lecture.frames.encode import Motion, Video
from lecture.frames.film import Chapter, Held, write_film
from lecture.manifest import VERSION, describe_symbols, describe_theme
from lecture.stage.settings import Settings
from lecture.timing import Timeline, fit
from lecture.voice.sound import RATE, SIZE, silence
from lecture.voice.speech import Speech, encoded

from .cache import Cache, digest_of

__all__ = ["Publisher", "SceneContent", "StepContent"]

# Files made of the same by another version of this module are made again.
_FORMAT = 3


@dataclass
class StepContent:
    """A rendered step: its cache entry, its words, what is known about its frames, and when its words are said.

    Attributes
    ----------
    minimum_hold : float
        Seconds that its last frame stays at least.
    speech : Speech or None
        Its narration as sound.
    """

    key: str
    words: dict[str, Any]
    header: dict[str, Any]
    timeline: Timeline
    minimum_hold: float
    speech: Speech | None = None
    # What :meth:`Publisher._fit` found.
    fitted: Any = None


@dataclass
class SceneContent:
    """A complete scene."""

    name: str
    title: str
    plain_title: str
    claim: str
    steps: list[StepContent]


class Publisher:
    """Writes everything that is made of rendered steps into the media folder; what is there already stays.

    Attributes
    ----------
    seconds : float
        Length of all scenes together, once published.
    """

    def __init__(self, options: Any, edition: Edition, settings: Settings, cache: Cache):
        self.options, self.edition, self.settings, self.cache = options, edition, settings, cache
        self.video: Video = options.video
        self.media: Path = options.media
        self.seconds = 0.0
        self._loaded: dict[str, tuple[dict[str, Any], list[bytes]]] = {}
        self._memory_key = folder_key(self.media)
        self._made: dict[str, Any] = cache.recall("published", self._memory_key) or {}
        self._outputs: list[str] = []

    def publish(self, scenes: list[SceneContent], *, complete: bool) -> list[str]:
        """Write all files; returns their paths, relative to the media folder.

        Parameters
        ----------
        complete : bool
            Whether these are all of the lecture's scenes, so that there is a film of the lecture.
        """
        described, start = [], 0
        for scene in scenes:
            described.append(self._scene(scene, start))
            start += sum(self._frames(step) for step in scene.steps)
        self.seconds = start / self.video.frame_rate
        name = Path(self.edition.path).stem
        films = complete and not self.options.stills_only
        manifest = {
            "version": VERSION,
            "lecture": {
                "name": name,
                "title": self.edition.title,
                "language": self.settings.style.language.code,
                "source": Path(self.edition.path).name,
                "voice": "" if self.options.stills_only else self.options.voice.engine,
                "film": self._lecture_film(name, scenes) if films else None,
                "vtt": f"{name}.vtt" if films else None,
                "srt": f"{name}.srt" if films else None,
            },
            "video": {
                **dataclasses.asdict(self.video),
                "quality": self.options.quality,
                "codec": None if self.options.stills_only else "h264",
            },
            "symbols": describe_symbols(self.settings.style.notation),
            "theme": describe_theme(self.settings.style.theme, self.edition.lecture.accent),
            "problem": self.edition.lecture.subject.describe(self.settings.problem),
            "chapters": self._chapters(described),
            "scenes": described,
        }
        text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
        self._file("manifest.json", digest_of(text), lambda path: write_atomically(path, text.encode()))
        self._remove_leftovers(scenes)
        self.cache.remember("published", self._memory_key, self._made)
        self.cache.need(self._memory_key, {scene.name: _keys(scene) for scene in scenes})
        return self._outputs

    # Parts of the manifest, each written as a file on the way.

    def _scene(self, scene: SceneContent, start: int) -> dict[str, Any]:
        rate = self.video.frame_rate
        steps, at, folder = [], 0, f"scenes/{scene.name}"
        captions: list[Caption] = []
        described: list[Caption] = []
        for number, step in enumerate(scene.steps, start=1):
            frames = self._frames(step)
            timeline = self._timeline(step)
            own = captions_of(step.words["say"], frames / rate, timeline)
            stem = f"{folder}/{number:02}_{step.words['name']}"
            title = f"{scene.plain_title} ({number})"
            steps.append(
                {
                    "name": step.words["name"],
                    "number": number,
                    "start": at / rate,
                    "duration": frames / rate,
                    "motion": self._motion_frames(step) / rate,
                    "clip": None
                    if self.options.stills_only
                    else self._film(f"{stem}.mp4", [step], title=title),
                    "still": self._still(f"{stem}.png", step),
                    "narration": step.words["say"],
                    "words": [[position, round(second, 4)] for position, second in timeline.words],
                    "cues": self._cues(step),
                    "captions": [{"start": c.start, "end": c.end, "lines": list(c.lines)} for c in own],
                    "alt": step.words["shows"],
                    "question": step.words["question"],
                    "covers": step.words["covers"],
                    "numbers": _once([*step.header["numbers"], *step.words["numbers"]]),
                    "planes": step.header["planes"],
                    "experiments": step.words["experiments"],
                }
            )
            captions += [_later(c, at / rate) for c in own]
            described.append(
                Caption(at / rate, (at + frames) / rate, (" ".join(step.words["shows"].split()),))
            )
            at += frames
        film = None
        if not self.options.stills_only:
            film = self._film(f"{folder}.mp4", scene.steps, title=scene.plain_title, captions=captions)
            self._text(f"{folder}.vtt", webvtt(captions))
            self._text(f"{folder}.descriptions.vtt", webvtt(described))
        return {
            "name": scene.name,
            "title": scene.title,
            "plain_title": scene.plain_title,
            "claim": scene.claim,
            "chapter": self.edition.chapter_of(scene.name),
            "start": start / rate,
            "duration": at / rate,
            "film": film,
            "vtt": None if self.options.stills_only else f"{folder}.vtt",
            "steps": steps,
        }

    def _lecture_film(self, name: str, scenes: list[SceneContent]) -> dict[str, Any]:
        rate, at = self.video.frame_rate, 0
        marks: list[Chapter] = []
        captions: list[Caption] = []
        described: list[Caption] = []
        for scene in scenes:
            marks.append(Chapter(at, scene.plain_title))
            for step in scene.steps:
                frames = self._frames(step)
                own = captions_of(step.words["say"], frames / rate, self._timeline(step))
                captions += [_later(c, at / rate) for c in own]
                described.append(
                    Caption(at / rate, (at + frames) / rate, (" ".join(step.words["shows"].split()),))
                )
                at += frames
        self._text(f"{name}.vtt", webvtt(captions))
        self._text(f"{name}.srt", srt(captions))
        self._text(f"{name}.descriptions.vtt", webvtt(described))
        steps = [step for scene in scenes for step in scene.steps]
        film = self._film(f"{name}.mp4", steps, title=self.edition.title, chapters=marks, captions=captions)
        return {**film, "duration": at / rate}

    def _chapters(self, scenes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Chapters in the order in which the lecture comes to them; one that it comes back to is there again."""
        chapters = []
        for number, group in itertools.groupby(scenes, key=lambda scene: scene["chapter"]):
            own, chapter = list(group), self.edition.lecture.chapters[number]
            chapters.append(
                {
                    "number": number,
                    "title": self.settings.style.text(chapter.title),
                    "numbered": chapter.numbered,
                    "start": own[0]["start"],
                    "duration": sum(scene["duration"] for scene in own),
                    "scenes": [scene["name"] for scene in own],
                }
            )
        return chapters

    # Frames.

    def _motion_frames(self, step: StepContent) -> int:
        """Frames before the one that stays."""
        return step.header["frames"] - 1 + sum(self._waits(step))

    def _frames(self, step: StepContent) -> int:
        return self._motion_frames(step) + self._hold(step)

    def _fit(self, step: StepContent) -> tuple[list[int], list[tuple[float, float]]]:
        """For how many frames each cue of a step waits for its word, and where words wait for motion."""
        if step.fitted is None:
            cues = [(step.words["marks"][mark], before) for mark, before in step.header["cues"]]
            step.fitted = fit(step.timeline, cues, self.video.frame_rate)
        return step.fitted

    def _waits(self, step: StepContent) -> list[int]:
        return self._fit(step)[0]

    def _timeline(self, step: StepContent) -> Timeline:
        """When the words of a step are said in its clip."""
        return step.timeline.paused(self._fit(step)[1])

    def _cues(self, step: StepContent) -> list[dict[str, Any]]:
        """When the word of each cue begins, and the motion on it."""
        cues, waited, timeline = [], 0, self._timeline(step)
        for (mark, before), wait in zip(step.header["cues"], self._waits(step), strict=True):
            waited += wait
            position = step.words["marks"][mark]
            word = round(timeline.at(position), 4)
            cues.append(
                {
                    "mark": mark,
                    "position": position,
                    "word": word,
                    "motion": (before + waited) / self.video.frame_rate,
                }
            )
        return cues

    def _hold(self, step: StepContent) -> int:
        left = self._timeline(step).seconds - self._motion_frames(step) / self.video.frame_rate
        # As Manim counts the frames of a wait, so that films have the same length.
        return max(1, int(max(step.minimum_hold, left) / (1 / self.video.frame_rate)))

    def _sound(self, steps: list[StepContent]) -> list[bytes]:
        """The sound of steps one after the other, each at its begin to half a packet; nothing if none speaks."""
        if not any(step.speech for step in steps):
            return []
        packets: list[bytes] = []
        frames = 0
        for step in steps:
            frames += self._frames(step)
            room = round(frames * RATE / (self.video.frame_rate * SIZE)) - len(packets)
            own = encoded(step.speech, self._fit(step)[1], self.cache.folder) if step.speech else []
            packets += [*own[:room], *[silence()] * (room - len(own))]
        return packets

    # Files.

    def _film(
        self,
        path: str,
        steps: list[StepContent],
        *,
        title: str,
        chapters: list[Chapter] | None = None,
        captions: list[Caption] | None = None,
    ) -> dict[str, Any]:
        made_of = [
            [(s.key, self._hold(s), *self._fit(s), s.speech.key if s.speech else None) for s in steps],
            title,
            chapters or [],
            captions or [],
        ]

        def write(target: Path) -> None:
            parts = [Held(self._motion(step), self._hold(step), tuple(self._waits(step))) for step in steps]
            write_film(
                target,
                self.video,
                parts,
                title=title,
                chapters=chapters or [],
                captions=captions or [],
                sound=self._sound(steps),
            )

        return self._file(path, digest_of(made_of), write)

    def _still(self, path: str, step: StepContent) -> dict[str, Any]:
        return self._file(path, step.key, lambda target: write_atomically(target, self._load(step)[1][0]))

    def _text(self, path: str, text: str) -> None:
        self._file(path, digest_of(text), lambda target: write_atomically(target, text.encode()))

    def _file(self, path: str, made_of: str, write: Any) -> dict[str, Any]:
        """Write a file unless it is there as it was made of the same."""
        target, made_of = self.media / path, f"{_FORMAT} {made_of}"
        known = self._made.get(path)
        if known is None or known[0] != made_of or _status(target) != known[1:]:
            write(target)
            self._made[path] = [made_of, *(_status(target) or ())]
        self._outputs.append(path)
        return {"path": path, "bytes": self._made[path][1]}

    def _remove_leftovers(self, scenes: list[SceneContent]) -> None:
        """Files of steps that these scenes no longer have, and halves of files whose build was killed."""
        for path in self._made:
            remove_leftovers(self.media / path)
        folders = tuple(f"scenes/{scene.name}/" for scene in scenes)
        for path in [p for p in self._made if p.startswith(folders) and p not in self._outputs]:
            (self.media / path).unlink(missing_ok=True)
            del self._made[path]

    def _load(self, step: StepContent) -> tuple[dict[str, Any], list[bytes]]:
        if step.key not in self._loaded:
            # A step is used for its clip, its scene and the lecture, one soon after the other.
            self._loaded[step.key] = self.cache.load(step.key)
        return self._loaded[step.key]

    def _motion(self, step: StepContent) -> Motion:
        header, blobs = self._load(step)
        return Motion(
            blobs[1], blobs[2:], header["keys"], header["stays"], [packet for _, packet in header["cues"]]
        )


def _keys(scene: SceneContent) -> list[str]:
    """The cache entries that a scene is made of."""
    return [step.key for step in scene.steps] + [step.speech.key for step in scene.steps if step.speech]


def _once(numbers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Numbers without those that are there already: on screen and in words."""
    return list({json.dumps([n["text"], n["expression"], n["inputs"]]): n for n in numbers}.values())


def _status(path: Path) -> list[int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]


def _later(caption: Caption, by: float) -> Caption:
    return Caption(caption.start + by, caption.end + by, caption.lines)
