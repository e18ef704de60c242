"""A lecture built: what is missing is planned, rendered, and put together."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from lecture.definition import module_name
from lecture.edition import Edition
from lecture.errors import command, option
from lecture.frames.encode import ENCODER, Video
from lecture.timing import at_reading_speed
from lecture.voice import OFF, Voice, VoiceError
from lecture.voice.recordings import find_recordings
from lecture.voice.speech import SCENE_PAUSE, Speaker, Speech, speak_steps
from lecture.voice.spoken import Spoken, spoken

from .cache import Cache, Damaged, digest_of, settings_values
from .cluster import ClusterError, ClusterExecutor
from .dependencies import SceneSources, Sources
from .executors import ProcessExecutor, WorkerDied, worker_count
from .freshness import environment
from .jobs import Place, describe, render
from .progress import Progress, duration
from .publish import Publisher, SceneContent, StepContent

__all__ = ["Builder", "Options", "Report"]


@dataclass(frozen=True)
class Options:
    """How to build.

    Attributes
    ----------
    quality : str
        The letter that the video's size is known by.
    media, cache : Path
        Where everything made goes, and where rendered steps are kept.
    stills_only : bool
        Only the last frame of every step.
    whole : bool
        All the lecture's scenes are built, so there is a film of the lecture.
    jobs : int or None
        Scenes at once; None follows cores and memory.
    cluster : str
        Address of a Dask scheduler; empty for this machine.
    voice : Voice
        Who speaks.
    """

    video: Video
    quality: str
    media: Path
    cache: Path
    stills_only: bool = False
    whole: bool = True
    jobs: int | None = None
    cluster: str = ""
    voice: Voice = OFF


@dataclass
class Report:
    """What a build did."""

    rendered: int = 0
    reused: int = 0
    film_seconds: float = 0.0
    rendered_seconds: float = 0.0
    wall: float = 0.0
    cpu: float = 0.0
    failures: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    peak_memory: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    def summary(self) -> str:
        """One line."""
        speed = self.rendered_seconds / self.wall if self.wall else 0.0
        told = f"{self.rendered} steps rendered, {self.reused} reused"
        if self.rendered_seconds and speed:
            told += f"; {speed:.1f} s of film per second"
        return f"{told}; {duration(self.wall)}"


@dataclass
class _Step:
    """A step as planned."""

    name: str
    words: dict[str, Any]
    origin: str
    film_origin: str  # the same with its motion, whose last frame is the still
    key: str | None = None
    why: str = ""


@dataclass
class _Scene:
    """A scene as planned."""

    name: str
    module: str
    sources: SceneSources
    described: dict[str, Any]
    steps: list[_Step]
    before: dict[str, Any] | None

    @property
    def missing(self) -> list[_Step]:
        return [step for step in self.steps if step.key is None]


class Builder:
    """Builds one lecture in one way.

    Parameters
    ----------
    edition : Edition
    settings : Settings
        What every scene is given.
    scenes : sequence of str
        Which scenes to build.
    """

    def __init__(
        self,
        edition: Edition,
        settings: Any,
        scenes: Sequence[str],
        options: Options,
        progress: Progress,
    ):
        self.edition, self.lecture, self.settings = edition, edition.lecture, settings
        self.roots = self.lecture.roots
        self.scenes, self.options, self.progress = list(scenes), options, progress
        self.cache = Cache(options.cache)
        self.values = settings_values(settings)
        self.environment = environment()
        self.report = Report()
        self._memory = 0.0

    # Planning.

    def plan(self) -> list[_Scene]:
        """What each scene is made of, and which steps are missing and why.

        Scenes that cannot be described are reported as failures and left out.
        """
        problem = type(self.settings.problem)
        sources = Sources(self.roots, (problem.__module__, problem.__qualname__))
        found: dict[str, tuple[str, SceneSources]] = {}
        for name in self.scenes:
            module = self.lecture.module_of(name)
            try:
                found[name] = module, sources.scene(module, name)
            except LookupError as error:
                self._fail(f"{name}: {error}")
            except SyntaxError as error:
                self._fail(f"{name}: {Path(error.filename or '?').name}:{error.lineno}: {error.msg}")
        described = self._describe(found)
        plan = []
        for name, (module, scene_sources) in found.items():
            if name in described:
                plan.append(self._plan_scene(name, module, scene_sources, described[name]))
        return plan

    def _describe(self, found: dict[str, tuple[str, SceneSources]]) -> dict[str, dict[str, Any]]:
        """The words of every scene: remembered, or read from its class in a worker."""
        described: dict[str, dict[str, Any]] = {}
        futures: dict[Future[Any], tuple[str, str]] = {}
        say = {role: symbol.say for role, symbol in self.settings.style.notation.items()}
        problem = digest_of([self.environment, sorted(self.values.items()), say])
        for name, (module, sources) in found.items():
            key = digest_of([sources.texts, problem, name])
            known = self.cache.recall("words", key)
            if known is not None:
                described[name] = known
            else:
                future = self._local.submit(describe, self._place(sources), module, name, self.settings)
                futures[future] = (name, key)
        for future, (name, key) in futures.items():
            try:
                described[name] = future.result()
                self._remember("words", key, described[name])
            except Exception as error:
                self._fail(self._told(name, error))
        return described

    def _place(self, sources: SceneSources) -> Place:
        return Place({k: str(v) for k, v in self.roots.items()}, tuple(sources.files), sources.texts)

    def _plan_scene(self, name: str, module: str, sources: SceneSources, described: dict[str, Any]) -> _Scene:
        made_by = [self.environment, dataclasses.asdict(self.options.video), ENCODER]
        before = self.cache.recall("scenes", self._memory_name(name))
        steps, own = [], sources.rest
        for k, words in enumerate(described["steps"]):
            own = sources.steps.get(words["name"], own)
            of = [module, name, k, words["name"], own, *made_by]
            steps.append(
                _Step(words["name"], words, digest_of([of, self.options.stills_only]), digest_of([of, False]))
            )
        scene = _Scene(name, module, sources, described, steps, before)
        for step in steps:
            self._look_up(scene, step)
        return scene

    def _look_up(self, scene: _Scene, step: _Step) -> None:
        """Find a step in the cache, whole; or say why it must be rendered."""
        step.key = self.cache.find(step.origin, self.values) or self.cache.find(step.film_origin, self.values)
        if step.key is None:
            step.why = self._why(scene)
            return
        try:
            self.cache.load(step.key)
        except Damaged:
            step.key, step.why = None, "its cache entry is damaged"

    def _why(self, scene: _Scene) -> str:
        before = scene.before
        if before is None:
            return "it has not been rendered at this size"
        reasons = []
        if before["environment"] != self.environment:
            reasons.append("versions or the renderer changed")
        if before["encoder"] != ENCODER:
            reasons.append("the encoder's settings changed")
        now = scene.sources.parts
        changed = [p for p in {**now, **before["parts"]} if now.get(p) != before["parts"].get(p)]
        if changed:
            shown = ", ".join(sorted(changed)[:3])
            reasons.append(f"{shown}{' and others' if len(changed) > 3 else ''} changed")
        read = [v for v in self.values if v in before["reads"] and before["values"].get(v) != self.values[v]]
        if read:
            reasons.append(f"{', '.join(sorted(read))} changed")
        return "; ".join(reasons) or "it was never finished"

    def _memory_name(self, scene: str) -> str:
        return digest_of([scene, dataclasses.asdict(self.options.video), self.options.stills_only])

    # Rendering.

    def plan_only(self) -> list[_Scene]:
        """The plan, for those who only want to know."""
        with self._executors():
            return self.plan()

    def run(self, why: bool = False) -> Report:
        """Plan, render what is missing, put everything together.

        Parameters
        ----------
        why : bool
            Say of every step why it is rendered.
        """
        began, cpu = time.monotonic(), _cpu()
        try:
            self._run(why)
        except OSError as error:
            self._fail(told_os_error(error, self.options.media))
        except ClusterError as error:
            self._fail(str(error))
        self.report.wall = time.monotonic() - began
        self.report.cpu += _cpu() - cpu
        self.report.peak_memory = self._memory
        return self.report

    def _run(self, why: bool) -> None:
        with self._executors():
            plan = self.plan()
            self.report.reused = sum(s.key is not None for scene in plan for s in scene.steps)
            todo = [scene for scene in plan if scene.missing]
            if todo and self.options.cluster:
                self._opened["cluster"] = ClusterExecutor(self.options.cluster, self.roots)
            try:
                self._speak(plan)
            except VoiceError as error:
                self._fail(str(error))
                return
            for scene in todo:
                for step in scene.missing:
                    if why or "damaged" in step.why:
                        self.progress.say(f"{scene.name}: {step.name.replace('_', ' ')}: {step.why}")
            if todo:
                self._render(todo)
            complete = [scene for scene in plan if not scene.missing]
        self._publish(complete)

    # Speaking.

    def _spoken(self, step: _Step) -> Spoken:
        say = {**self.lecture.say, **self.options.voice.say}
        symbols = [(begin, end, words) for begin, end, words in step.words["symbols"]]
        return spoken(step.words["say"], symbols, self.settings.style.language.code, say)

    def _speak(self, plan: list[_Scene]) -> None:
        """Say what was not said before, on all cores.

        Raises
        ------
        VoiceError
        """
        self._speaker: Speaker | None = None
        self._recordings: dict[tuple[str, str], Path] = {}
        if not self.options.voice or self.options.stills_only:
            return
        voice, language = self.options.voice, self.settings.style.language.code
        self._speaker = speaker = Speaker(voice, language, self.cache.folder)
        if voice.recordings is not None:
            steps = {scene.name: [step.name for step in scene.steps] for scene in plan}
            self._recordings = find_recordings(voice.recordings, self.lecture.scenes, steps)
        missing = {}
        for scene in plan:
            for step in scene.steps:
                narration, recording = self._spoken(step), self._recordings.get((scene.name, step.name))
                try:
                    key = speaker.key(narration, recording)
                except VoiceError as error:
                    where = voice.recordings.name if voice.recordings else ""
                    raise VoiceError(
                        f"{where}/{scene.name}: no recording of {step.name} (`{command('booth')}`), and {error}"
                    ) from None
                if speaker.find(key) is None:
                    missing[key] = narration, recording
        if not missing:
            return
        self.progress.say(f"speaking {len(missing)} steps")
        narrations = list(missing.values())
        # An engine takes a second to load.
        count = min(self.workers, -(-len(narrations) // 8))
        jobs = [
            self._local.submit(speak_steps, voice, language, self.cache.folder, narrations[k::count])
            for k in range(count)
        ]
        for job in jobs:
            job.result()

    def _speech(self, scene: _Scene, step: _Step) -> Speech | None:
        recording = self._recordings.get((scene.name, step.name))
        return self._speaker.speak(self._spoken(step), recording) if self._speaker else None

    @contextlib.contextmanager
    def _executors(self) -> Iterator[None]:
        """Whatever runs jobs is ended with the block, at once if the block ends badly."""
        self._opened: dict[str, Any] = {}
        try:
            yield
        except BaseException:
            for executor in self._opened.values():
                executor.shutdown(wait=True, cancel_futures=True)
            raise
        for executor in self._opened.values():
            executor.shutdown()

    @property
    def workers(self) -> int:
        """How many scenes are rendered at once."""
        if "cluster" in self._opened:
            return self._opened["cluster"].workers
        video = self.options.video
        return self.options.jobs or worker_count(video.width * video.height)

    @property
    def _local(self) -> ProcessExecutor:
        if "local" not in self._opened:
            # Forked workers inherit it: the same order of sets, so the same frames, in each of them.
            os.environ["PYTHONHASHSEED"] = "0"
            self._opened["local"] = ProcessExecutor(
                self.workers, ["lecture.build.jobs", "lecture.build.preload"], self._hear
            )
        return self._opened["local"]

    def _render(self, todo: list[_Scene]) -> None:
        """Render all missing steps, scenes with most work first; what another build renders is waited for.

        A scene is not split between workers: later steps stand on earlier ones, which would be played twice, and the
        longest scene is a sixteenth of the lecture's work, so that up to 16 workers nothing would end sooner.
        """
        work = {s.name: {step.name: self._expected(s, step) for step in s.missing} for s in todo}
        todo = sorted(todo, key=lambda s: -sum(work[s.name].values()))
        expected = {(s.name, step): cost for s in todo for step, cost in work[s.name].items()}
        self.progress.begin(expected, min(self.workers, len(todo)))
        self._scenes = {scene.name: scene for scene in todo}
        self._jobs: dict[Future[Any], _Scene] = {}
        self._locks: dict[str, contextlib.ExitStack] = {}
        waiting = list(todo)
        while waiting or self._jobs:
            for scene in list(waiting):
                if len(self._jobs) >= 2 * self.workers:
                    break
                if self._claim(scene):
                    waiting.remove(scene)
                    for step in scene.steps:
                        if step.key is None:
                            self._look_up(scene, step)
                            if step.key is not None:
                                self.report.reused += 1
                                self.progress.advance(scene.name, step.name)
                    if scene.missing:
                        self._jobs[self._submit(scene)] = scene
                    else:
                        self._locks.pop(scene.name).close()
            done, _ = wait(self._jobs, timeout=0.5 if waiting else None, return_when=FIRST_COMPLETED)
            for future in done:
                self._finish(self._jobs.pop(future), future)

    def _claim(self, scene: _Scene) -> bool:
        """Make sure that no other build in this folder renders the same."""
        stack = contextlib.ExitStack()
        # Not by what is missing: the other one may have finished some of it before this one looked.
        name = digest_of([[step.origin for step in scene.steps], sorted(self.values.items())])
        if not stack.enter_context(self.cache.lock(name, wait=False)):
            stack.close()
            return False
        self._locks[scene.name] = stack
        return True

    def _submit(self, scene: _Scene) -> Future[Any]:
        pictures = {}
        for step in scene.steps:
            if step.key is not None:
                pictures[step.name] = self.cache.load(step.key)[0]["picture"]
        work = {
            "module": scene.module,
            "name": scene.name,
            "settings": self.settings,
            "video": self.options.video,
            "wanted": tuple(step.name for step in scene.missing),
            "pictures": pictures,
            "stills_only": self.options.stills_only,
        }
        origins = {step.name: step.origin for step in scene.missing}
        place = self._place(scene.sources)
        if self.options.cluster:
            return self._opened["cluster"].submit(render, place, work, origins, self.values, None)
        return self._local.submit(render, place, work, origins, self.values, str(self.cache.folder))

    def _hear(self, future: Future[Any], message: Any) -> None:
        """A worker has stored a step."""
        name, step, key, cost, seconds = message
        self._stored(self._scenes[name], step, key, cost, seconds)

    def _stored(self, scene: _Scene, name: str, key: str, cost: float, seconds: float) -> None:
        step = next(s for s in scene.steps if s.name == name)
        step.key = key
        self.report.rendered += 1
        spoken = at_reading_speed(step.words["say"]).seconds
        self.report.rendered_seconds += max(spoken, seconds + float(scene.described["minimum_hold"]))
        self._remember("costs", self._cost_name(scene.name, name), cost)
        self.progress.advance(scene.name, name)

    def _finish(self, scene: _Scene, future: Future[Any]) -> None:
        try:
            result = future.result()
            for name, reads, content, cost, seconds in result["contents"]:
                # Brought back from another machine: kept here now.
                step = next(s for s in scene.steps if s.name == name)
                self._stored(
                    scene, name, self.cache.store(step.origin, reads, self.values, content), cost, seconds
                )
            self._memory = max(self._memory, result["memory"])
            self.report.cpu += result["cpu"]
            if scene.missing:
                names = ", ".join(step.name for step in scene.missing)
                self._fail(
                    f"{scene.name}: it ended without the steps {names}; were they played twice or not at all?"
                )
        except Exception as error:
            self._fail(self._told(scene.name, error))
        finally:
            self._locks.pop(scene.name).close()

    def _fail(self, message: str) -> None:
        # A full disk fails every scene with the same words; once is enough.
        if message not in self.report.failures:
            self.report.failures.append(message)
            self.progress.say(f"error: {message}")
            self.progress.event("error", message=message)

    def _told(self, scene: str, error: BaseException) -> str:
        if isinstance(error, OSError):
            return told_os_error(error, self.options.media)
        if isinstance(error, WorkerDied):
            return f"{scene}: {error}"
        if isinstance(error, MemoryError):
            return f"{scene}: memory ran out; try {option('jobs', '1')}, or a smaller quality"
        return str(error) or type(error).__name__

    def _expected(self, scene: _Scene, step: _Step) -> float:
        """CPU seconds a step will take: as last time, or by the time that is spoken over it."""
        known = self.cache.recall("costs", self._cost_name(scene.name, step.name))
        video = self.options.video
        size = video.width * video.height * video.frame_rate / (1920 * 1080 * 60)
        return known or 0.4 + (0.1 + 0.45 * size) * at_reading_speed(step.words["say"]).seconds

    def _cost_name(self, scene: str, step: str) -> str:
        return digest_of([scene, step, dataclasses.asdict(self.options.video), self.options.stills_only])

    def _remember(self, kind: str, key: str, value: Any) -> None:
        with contextlib.suppress(OSError):
            self.cache.remember(kind, key, value)

    # Putting together.

    def _publish(self, scenes: list[_Scene]) -> None:
        if not scenes:
            return
        contents = [self._content(scene) for scene in scenes]
        publisher = Publisher(self.options, self.edition, self.settings, self.cache)
        with self.cache.lock("publish"):
            complete = self.options.whole and len(scenes) == len(self.scenes)
            self.report.outputs = publisher.publish(contents, complete=complete)
            self.cache.prune()
        self.report.film_seconds = publisher.seconds
        for scene in scenes:
            reads = sorted(
                {name for step in scene.steps for name in self.cache.load(str(step.key))[0]["reads"]}
            )
            memory = {
                "environment": self.environment,
                "encoder": ENCODER,
                "parts": scene.sources.parts,
                "values": self.values,
                "reads": reads,
            }
            self._remember("scenes", self._memory_name(scene.name), memory)

    def _content(self, scene: _Scene) -> SceneContent:
        described = scene.described
        steps = []
        for step in scene.steps:
            header, _ = self.cache.load(str(step.key))
            speech = self._speech(scene, step)
            timeline = speech.timeline if speech else at_reading_speed(step.words["say"])
            if speech and step is scene.steps[-1]:
                timeline = dataclasses.replace(timeline, seconds=timeline.seconds + SCENE_PAUSE)
            hold = described["minimum_hold"]
            steps.append(StepContent(str(step.key), step.words, header, timeline, hold, speech))
        title = described["plain_title"] or self._untitled(scene.name)
        return SceneContent(scene.name, described["title"], title, described["claim"], steps)

    def _untitled(self, name: str) -> str:
        """What to call a scene that shows no title: as the chapter that it opens, or by the words of its name."""
        chapter = self.lecture.chapters[self.lecture.chapter_of(name)]
        if chapter.scenes[0] == name:
            return self.settings.style.text(chapter.title)
        return module_name(name, self.lecture.acronyms).replace("_", " ").capitalize()


def told_os_error(error: OSError, folder: Path) -> str:
    """A failure of the file system in one sentence."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{folder}: the disk is full; make room and run again, what is finished is kept"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{folder}: cannot be written ({error.strerror}); choose another folder with {option('media', '...')}"
    return f"{error.filename or folder}: {error.strerror or error}"


def _cpu() -> float:
    """CPU seconds of this process and its children that have ended."""
    times = psutil.Process().cpu_times()
    return times.user + times.system + times.children_user + times.children_system
