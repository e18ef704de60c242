"""From cached steps to what people open: clips, stills, films, captions and the manifest."""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .cache import Cache, digest_of
from .captions import Caption, captions_of, srt, webvtt
from .encode import Motion, Video
from .files import remove_leftovers, write_atomically
from .film import Chapter, Held, write_film
from .manifest import VERSION, describe_problem, describe_theme, plain_title

__all__ = ["Publisher", "SceneContent", "StepContent"]

# Files made of the same by another version of this module are made again.
_FORMAT = 1


@dataclass
class StepContent:
    """A rendered step: its cache entry, its words, what is known about its frames, and seconds to hold it."""

    key: str
    words: dict[str, Any]
    header: dict[str, Any]
    hold: float


@dataclass
class SceneContent:
    """A complete scene."""

    name: str
    title: str
    claim: str
    steps: list[StepContent]


class Publisher:
    """Writes everything that is made of rendered steps into the media folder; what is there already stays.

    Attributes
    ----------
    seconds : float
        Length of all scenes together, once published.
    """

    def __init__(self, options: Any, lecture: Any, settings: Any, chapters: Any, cache: Cache):
        self.options, self.lecture, self.settings, self.chapters, self.cache = (
            options,
            lecture,
            settings,
            chapters,
            cache,
        )
        self.video: Video = options.video
        self.media: Path = options.media
        self.seconds = 0.0
        self._loaded: dict[str, tuple[dict[str, Any], list[bytes]]] = {}
        self._memory_key = digest_of(str(self.media.resolve()))
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
        name = Path(self.lecture.path).stem
        films = complete and not self.options.stills_only
        manifest = {
            "version": VERSION,
            "lecture": {
                "name": name,
                "title": self.lecture.title,
                "source": Path(self.lecture.path).name,
                "film": self._lecture_film(name, scenes) if films else None,
                "vtt": f"{name}.vtt" if films else None,
                "srt": f"{name}.srt" if films else None,
            },
            "video": {
                **dataclasses.asdict(self.video),
                "quality": self.options.quality,
                "codec": None if self.options.stills_only else "h264",
            },
            "theme": describe_theme(self.settings.theme),
            "problem": describe_problem(self.settings.problem),
            "chapters": self._chapters(described),
            "scenes": described,
        }
        text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
        self._file("manifest.json", digest_of(text), lambda path: write_atomically(path, text.encode()))
        self._remove_leftovers(scenes)
        self.cache.remember("published", self._memory_key, self._made)
        return self._outputs

    # Parts of the manifest, each written as a file on the way.

    def _scene(self, scene: SceneContent, start: int) -> dict[str, Any]:
        rate = self.video.frame_rate
        steps, at, folder = [], 0, f"scenes/{scene.name}"
        captions: list[Caption] = []
        for number, step in enumerate(scene.steps, start=1):
            frames = self._frames(step)
            own = captions_of(step.words["say"], frames / rate)
            stem = f"{folder}/{number:02}_{step.words['name']}"
            title = f"{_title(scene)}: {step.words['name'].replace('_', ' ')}"
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
                    "captions": [{"start": c.start, "end": c.end, "lines": list(c.lines)} for c in own],
                    "alt": step.words["shows"],
                    "covers": step.words["covers"],
                    "numbers": step.header["numbers"],
                    "planes": step.header["planes"],
                }
            )
            captions += [_later(c, at / rate) for c in own]
            at += frames
        film = None
        if not self.options.stills_only:
            marks, mark = [], 0
            for step in scene.steps:
                marks.append(Chapter(mark, _spoken(step.words["name"])))
                mark += self._frames(step)
            film = self._film(
                f"{folder}.mp4",
                scene.steps,
                title=_title(scene),
                chapters=marks,
                captions=captions,
            )
            self._text(f"{folder}.vtt", webvtt(captions))
        return {
            "name": scene.name,
            "title": scene.title,
            "plain_title": _title(scene),
            "claim": scene.claim,
            "chapter": self._chapter_of(scene.name),
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
        for scene in scenes:
            # The scene's own mark lasts one frame, so that marks do not overlap and players list both.
            marks.append(Chapter(at, _title(scene)))
            for k, step in enumerate(scene.steps):
                marks.append(Chapter(at + (k == 0), f"  {_spoken(step.words['name'])}"))
                frames = self._frames(step)
                captions += [_later(c, at / rate) for c in captions_of(step.words["say"], frames / rate)]
                at += frames
        self._text(f"{name}.vtt", webvtt(captions))
        self._text(f"{name}.srt", srt(captions))
        steps = [step for scene in scenes for step in scene.steps]
        film = self._film(f"{name}.mp4", steps, title=self.lecture.title, chapters=marks, captions=captions)
        return {**film, "duration": at / rate}

    def _chapters(self, scenes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Chapters in the order in which the lecture comes to them."""
        found: dict[int, dict[str, Any]] = {}
        for chapter in self.chapters:
            own = [s for s in scenes if s["name"] in chapter.scenes]
            if own:
                found[chapter.number] = {
                    "number": chapter.number,
                    "title": chapter.title,
                    "start": own[0]["start"],
                    "duration": sum(s["duration"] for s in own),
                    "scenes": [s["name"] for s in own],
                }
        return sorted(found.values(), key=lambda c: c["start"])

    def _chapter_of(self, scene: str) -> int:
        return next(c.number for c in self.chapters if scene in c.scenes)

    # Frames.

    def _motion_frames(self, step: StepContent) -> int:
        """Frames before the one that stays."""
        return step.header["frames"] - 1

    def _frames(self, step: StepContent) -> int:
        return self._motion_frames(step) + self._hold(step)

    def _hold(self, step: StepContent) -> int:
        # As Manim counts the frames of a wait, so that films have the same length.
        return max(1, int(step.hold / (1 / self.video.frame_rate)))

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
        made_of = [[(s.key, self._hold(s)) for s in steps], title, chapters or [], captions or []]

        def write(target: Path) -> None:
            parts = [Held(self._motion(step), self._hold(step)) for step in steps]
            write_film(
                target, self.video, parts, title=title, chapters=chapters or [], captions=captions or []
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
        return Motion(blobs[1], blobs[2:], header["keys"], header["stays"])


def _status(path: Path) -> list[int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]


def _later(caption: Caption, by: float) -> Caption:
    return Caption(caption.start + by, caption.end + by, caption.lines)


def _spoken(name: str) -> str:
    """A step's name as a title.

    Examples
    --------
    >>> _spoken("turn_by_q_transposed")
    'Turn by q transposed'
    """
    return name.replace("_", " ").capitalize()


def _title(scene: SceneContent) -> str:
    """A scene's title without markup; the words of its name where it has none."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z0-9])", " ", scene.name).capitalize()
    return plain_title(scene.title) or words
