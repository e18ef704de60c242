"""One scene, rendered step by step: what runs in a worker process.

Manim calls the writer (:class:`StepWriter`, handed to its renderer) with every frame and at every section; a section
is a step. A finished step is handed on at once, so that nothing finished is lost whatever happens next.

Steps that need not be rendered are played all the same, because later ones stand on what they leave behind: quickly,
each animation set to its end, or, where that leaves a different picture than playing, frame by frame without drawing.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import importlib.util
import inspect
import io
import os
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import manim
import numpy as np
from manim.renderer.cairo_renderer import CairoRenderer
from manim.scene.scene_file_writer import SceneFileWriter
from manim.utils.iterables import list_update
from PIL import Image

from lecture.manifest import plain_title
from lecture.stage.theme import MINIMUM_HOLD

from .camera import StepCamera
from .encode import Motion, StepEncoder, Video
from .interpolation import hasten
from .patches import TESTED_MANIM, apply_patches

__all__ = ["RenderedStep", "SceneFailed", "SceneJob", "describe_scene", "picture_hash", "render_scene"]


class SceneFailed(Exception):
    """A scene that raised, told in one sentence."""


@dataclass(frozen=True)
class SceneJob:
    """What a worker needs to know.

    Attributes
    ----------
    module, name : str
        Where the scene class is.
    wanted : tuple of str
        Names of the steps to render.
    pictures : dict
        Picture hashes of steps rendered earlier; playing up to them must end on the same picture.
    stills_only : bool
        Only the last frames are wanted.
    scratch : str
        A folder for Manim's temporary files.
    encoder : callable
        What makes, of a :class:`Video`, the encoder of the frames.
    transparent : bool
        Nothing is behind the scene; frames come with alpha, their colors multiplied by it.
    """

    module: str
    name: str
    settings: Any
    video: Video
    wanted: tuple[str, ...]
    pictures: dict[str, str]
    stills_only: bool
    scratch: str
    encoder: Callable[[Video], Any] = StepEncoder
    transparent: bool = False


@dataclass(frozen=True)
class RenderedStep:
    """A step's frames and what is known about them.

    Attributes
    ----------
    motion : Motion or None
        What the encoder made of the frames; None where only the still was wanted.
    still : bytes
        The last frame as PNG.
    picture : str
        Hash of the last frame's pixels.
    marks : list of str
        Which words the holds inside the motion wait for.
    seconds : float
        Scene time from the step's begin to its last frame.
    numbers, planes : list of dict
        As in the manifest.
    reads : list of str
        Fields of the settings that were read up to the step's end.
    cost : float
        CPU seconds it took.
    """

    name: str
    motion: Motion | None
    marks: list[str]
    still: bytes
    picture: str
    seconds: float
    numbers: list[dict[str, Any]]
    planes: list[dict[str, Any]]
    reads: list[str]
    cost: float


class _PictureChanged(Exception):
    """Setting animations to their ends left another picture than playing them."""


def picture_hash(pixels: np.ndarray) -> str:
    """Hash of a frame's pixels."""
    return hashlib.blake2b(pixels.tobytes(), digest_size=16).hexdigest()


class StepWriter(SceneFileWriter):
    """Takes frames from Manim's renderer and hands on each finished step."""

    # Set before the scene begins; Manim's constructor opens a section by itself.
    scene: Any = None
    on_step: Callable[[RenderedStep], None]
    job: SceneJob
    reads: set[str]
    exact = False

    @property
    def blind(self) -> bool:
        """Whether frames are played but not drawn."""
        return self.exact and self._section_skipped and not self.job.stills_only

    def next_section(self, name: str, type_: str, skip_animations: bool) -> None:
        if self.scene is None:
            self._section_skipped = False
            super().next_section(name, type_, skip_animations)
            return
        self.finish_step()
        self._name = name
        self._marks: list[str] = []
        self._section_skipped = name not in self.job.wanted or self.job.stills_only
        self._began, self._cpu = self.scene.time, time.process_time()
        super().next_section(name, type_, skip_animations or (self._section_skipped and not self.exact))

    def begin_animation(
        self, allow_write: bool = False, *, animation_index: int, file_path: Any = None
    ) -> None:
        """Nothing: a step is one segment, however many animations it has."""

    def end_animation(self, allow_write: bool = False) -> None:
        """Nothing, as above."""

    def is_already_cached(self, hash_invocation: str) -> bool:
        """Never: whole steps are cached by the builder."""
        return False

    def write_frame(self, pixels: np.ndarray, *, repeat: int = 1) -> None:
        """Encode a frame at once; the array may be drawn on again afterwards."""
        if os.getppid() != self._parent:
            os._exit(1)  # the build is gone; nobody waits for this worker
        if not self._section_skipped:
            self._encoder.write(pixels, repeat, self.scene.camera.take_changed())

    def note_cue(self, mark: str) -> None:
        """What comes next waits for a word: the frame before it is held as long as that takes."""
        if not self._section_skipped:
            self._encoder.hold_here()
            self._marks.append(mark)

    def begin(self, scene: Any) -> None:
        """Begin to listen; before this, Manim is only setting up."""
        self.scene, self._name = scene, ""
        self._parent = os.getppid()
        self._encoder = self.job.encoder(self.job.video)

    def finish_step(self) -> None:
        """Hand on the step that just ended."""
        if not self._name:
            return
        pixels = self.scene.camera.pixel_array
        if self._name not in self.job.wanted:
            known = self.job.pictures.get(self._name)
            if not self.exact and known is not None and known != picture_hash(pixels):
                raise _PictureChanged
            return
        record = _record(self.scene, self._name)
        self.on_step(
            RenderedStep(
                name=self._name,
                motion=None if self.job.stills_only else self._encoder.finish(),
                marks=self._marks,
                still=_png(pixels),
                picture=picture_hash(pixels),
                seconds=record.seconds if record else self.scene.time - self._began,
                numbers=[_number(n) for n in record.numbers] if record else [],
                planes=[_plane(p, self.scene.camera) for p in record.planes] if record else [],
                reads=sorted(self.reads),
                cost=time.process_time() - self._cpu,
            )
        )

    def finish(self) -> None:
        """Hand on the last step; there is no file to assemble."""
        self.finish_step()
        self._name = ""


class StepRenderer(CairoRenderer):
    """Manim's renderer, without the copy of every frame and without drawing what nobody sees or what did not change."""

    file_writer: StepWriter
    camera: StepCamera

    def render(self, scene: Any, time: float, moving_mobjects: Iterable[Any] | None = None) -> None:
        if self.file_writer.blind:
            self.time += 1 / self.camera.frame_rate
            return
        self.update_frame(scene, moving_mobjects)
        self.add_frame(self.camera.pixel_array)

    def update_frame(
        self, scene: Any, mobjects: Iterable[Any] | None = None, ignore_skipping: bool = True, **ignored: Any
    ) -> None:
        if self.skip_animations and not ignore_skipping:
            return
        under = self.camera.background if self.static_image is None else self.static_image
        self.camera.draw(mobjects or list_update(scene.mobjects, scene.foreground_mobjects), under)

    def save_static_frame_data(self, scene: Any, static_mobjects: Iterable[Any]) -> Any:
        hasten(scene.animations)
        if self.file_writer.blind:
            self.static_image = None
            return None
        return super().save_static_frame_data(scene, static_mobjects)


def render_scene(job: SceneJob, on_step: Callable[[RenderedStep], None]) -> None:
    """Render the wanted steps of a scene, handing on each as soon as it is finished.

    Raises
    ------
    SceneFailed
        If the scene raises, or does not import.
    """
    apply_patches()
    if not manim.__version__.startswith(TESTED_MANIM):
        raise SceneFailed(
            f"{job.name}: manim {manim.__version__} is installed, but the renderer was written for "
            f"{TESTED_MANIM[0]}x; install the versions pinned in requirements/"
        )
    options = {
        "pixel_width": job.video.width,
        "pixel_height": job.video.height,
        "frame_rate": job.video.frame_rate,
        "media_dir": job.scratch,
        "format": "mp4",
        "save_sections": False,
        "disable_caching": True,
        "progress_bar": "none",
        "verbosity": "ERROR",
        "seed": 0,
        "write_to_movie": True,
    }
    options = {name: value for name, value in options.items() if name in manim.config}
    with manim.tempconfig(options):
        try:
            _play(job, on_step, exact=False)
        except _PictureChanged:
            _play(job, on_step, exact=True)


def _play(job: SceneJob, on_step: Callable[[RenderedStep], None], exact: bool) -> None:
    writer: StepWriter | None = None
    try:
        cls = _scene_class(job)
        settings, reads = _watched(job.settings)
        renderer = StepRenderer(file_writer_class=StepWriter, camera_class=StepCamera)
        takes_settings = "settings" in inspect.signature(cls.__init__).parameters
        scene = cls(settings, renderer=renderer) if takes_settings else cls(renderer=renderer)
        # A lecture scene sets the background while it is made, which is after its camera was.
        renderer.camera.background_color = manim.config.background_color
        if job.transparent:
            renderer.camera.background_color, renderer.camera.background_opacity = manim.BLACK, 0
        renderer.camera.reset()
        writer = renderer.file_writer
        writer.job, writer.reads, writer.on_step, writer.exact = job, reads, on_step, exact
        writer.begin(scene)
        scene.render()
    except (_PictureChanged, OSError, MemoryError):
        raise
    except Exception as error:
        reached = getattr(writer, "_name", None)
        step = f", step {reached}" if reached else ""
        raise SceneFailed(f"{job.name}{step}: {_told(error, job.module)}") from error


def _scene_class(job: Any) -> Any:
    return getattr(importlib.import_module(job.module), job.name)


def _told(error: Exception, module: str) -> str:
    """An exception in one line, with the place in the author's own files that it came from."""
    message = " ".join(str(error).split()) or "no message"
    if isinstance(error, SyntaxError):
        return f"SyntaxError: {error.msg} ({Path(error.filename or '?').name}:{error.lineno})"
    frames = traceback.extract_tb(error.__traceback__)
    home = _home(module)
    own = [f for f in frames if home is not None and Path(f.filename).resolve().is_relative_to(home)]
    played = [f for f in own if f.name != "<module>"]
    notes = getattr(error, "__notes__", ())  # where a step is, whose words are wrong: nothing of it has run
    where = (played or own or frames)[-1]
    place = f"{Path(where.filename).name}:{where.lineno}" if played or not notes else notes[0]
    return f"{type(error).__name__}: {message} ({place})"


def _home(module: str) -> Path | None:
    """The folder of the package that a scene's module is in, or the module's own file."""
    try:
        spec = importlib.util.find_spec(module.partition(".")[0])
    except (ImportError, ValueError):
        return None
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).resolve()
    return path.parent if spec.submodule_search_locations else path


def describe_scene(module: str, name: str, settings: Any) -> dict[str, Any]:
    """A scene's words, as data: title, claim, and its steps.

    Raises
    ------
    SceneFailed
        If the scene does not import, or its words cannot be made for these settings.
    """
    try:
        cls = getattr(importlib.import_module(module), name)
        steps = cls.storyboard(settings)
        title = settings.style.text(cls.title, settings.problem)
        return {
            "title": title,
            "plain_title": plain_title(title),
            "claim": settings.style.text(cls.claim(), settings.problem),
            "minimum_hold": MINIMUM_HOLD,
            "steps": [
                {
                    "name": s.name,
                    "say": s.say,
                    "shows": s.shows,
                    "covers": list(s.covers),
                    "marks": s.marks,
                    "symbols": [list(symbol) for symbol in s.symbols],
                    "numbers": [_number(n) for n in s.numbers],
                    "question": dataclasses.asdict(s.question) if s.question else None,
                    "experiments": [e.describe(settings.style) for e in s.experiments],
                }
                for s in steps
            ],
        }
    except Exception as error:
        raise SceneFailed(f"{name}: {_told(error, module)}") from error


# Which fields of the settings a scene reads.


def _watched(settings: Any) -> tuple[Any, set[str]]:
    """Settings that note what is read of them, and where they note it."""
    reads: set[str] = set()
    problem = _watch(settings.problem, "problem", reads)
    style = settings.style.watched(lambda name: reads.add(f"style.{name}"))
    return dataclasses.replace(settings, problem=problem, style=style), reads


def _watch(part: Any, prefix: str, reads: set[str]) -> Any:
    names = {f.name for f in dataclasses.fields(part)}
    base = type(part)

    def read(self: Any, name: str) -> Any:
        if name in names:
            reads.add(f"{prefix}.{name}")
        return object.__getattribute__(self, name)

    watched = type(base.__name__, (base,), {"__getattribute__": read, "__module__": base.__module__})
    copy: Any = object.__new__(watched)
    for name in names:
        object.__setattr__(copy, name, getattr(part, name))
    return copy


# What the manifest says about a step.


def _record(scene: Any, name: str) -> Any:
    records = [r for r in getattr(scene, "records", ()) if r.name == name]
    return records[-1] if records else None


def _number(number: Any) -> dict[str, Any]:
    return {
        "text": number.text,
        "value": _plain(float(number.value)),
        "expression": number.expression,
        "inputs": {name: _plain(value) for name, value in number.inputs.items()},
    }


def _plain(value: Any) -> Any:
    """A value as JSON knows it; a number that is not finite is null there."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    # Of other objects the kind: their repr would name a place in memory, another one in every run.
    return value if isinstance(value, str | int | float | bool | None) else type(value).__name__


def _plane(plane: dict[str, Any], camera: Any) -> dict[str, Any]:
    """A plane's map from coordinates to pixels, rows of an affine matrix."""
    center, width = camera.frame_center, camera.frame_width
    scale = camera.pixel_width / width
    unit = plane["unit"]
    x, y = plane["origin"][:2]
    return {
        "name": plane["name"],
        "to_pixels": [
            [float(unit * scale), 0.0, float((x - center[0]) * scale + camera.pixel_width / 2)],
            [0.0, float(-unit * scale), float(-(y - center[1]) * scale + camera.pixel_height / 2)],
        ],
    }


def _png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert("RGB").save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()
