"""What runs in a worker, as functions of plain data; importing them imports no Manim."""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from lecture.files import write_atomically

from .cache import Cache, digest_of, pack
from .freshness import files_digest

__all__ = ["Place", "SourcesChanged", "describe", "ignore_bytecode", "render"]


class SourcesChanged(Exception):
    """The sources are not those that the build was planned with."""


class Place(NamedTuple):
    """Where a worker finds a scene: its packages' folders, the files it is made of, a digest of their contents."""

    roots: dict[str, str]
    files: tuple[str, ...]
    digest: str


def describe(
    place: Place, module: str, name: str, settings: Any, tell: Callable[[Any], None]
) -> dict[str, Any]:
    """The words of a scene."""
    _import_from(place, module)
    from lecture.frames.render import describe_scene

    return describe_scene(module, name, settings)


def render(
    place: Place,
    work: dict[str, Any],
    origins: dict[str, str],
    values: dict[str, str],
    folder: str | None,
    tell: Callable[[Any], None],
) -> dict[str, Any]:
    """Render the missing steps of a scene.

    Parameters
    ----------
    place : Place
    work : dict
        Fields of :class:`lecture.frames.render.SceneJob`.
    folder : str or None
        The cache to store finished steps in, at once; without one they are brought back with the result.

    Returns
    -------
    dict
        `memory`, the most that was used in bytes; `cpu` seconds; `contents`, the steps that were not stored.
    """
    _import_from(place, work["module"])
    from lecture.frames.render import RenderedStep, SceneJob, render_scene

    cache = Cache(Path(folder)) if folder is not None else None
    contents: list[Any] = []

    def keep(step: RenderedStep) -> None:
        header = {
            "name": step.name,
            "picture": step.picture,
            "seconds": step.seconds,
            "numbers": step.numbers,
            "planes": step.planes,
            "reads": step.reads,
            "frames": len(step.motion.packets) + step.motion.stays if step.motion else 1,
            "keys": step.motion.keys if step.motion else [],
            "stays": step.motion.stays if step.motion else 0,
            "cues": list(zip(step.marks, step.motion.cues, strict=True)) if step.motion else [],
        }
        blobs = [step.still]
        if step.motion is not None:
            blobs += [step.motion.headers, *step.motion.packets]
        content = pack(header, blobs)
        if cache is None:
            contents.append((step.name, step.reads, content, step.cost, step.seconds))
        else:
            key = cache.store(origins[step.name], step.reads, values, content)
            tell((work["name"], step.name, key, step.cost, step.seconds))

    with _scratch(cache) as scratch:
        render_scene(SceneJob(**work, scratch=scratch), keep)
    me = psutil.Process()
    used, memory = me.cpu_times(), me.memory_info()
    # What was used at most is told where the system knows it; now is near the most.
    most = getattr(memory, "peak_wset", 0) or _peak() or memory.rss
    return {"memory": float(most), "cpu": used.user + used.system, "contents": contents}


def _peak() -> int:
    """The most memory that this process used, in bytes; 0 where there is no such count."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most


def _import_from(place: Place, module: str) -> None:
    """Import a scene's module as it was when the build was planned."""
    for root in dict.fromkeys(reversed(place.roots.values())):
        if sys.path[0] != root:  # first, or a module of the same name elsewhere would be taken
            sys.path.insert(0, root)
    ignore_bytecode()
    # A module that does not import is told by whoever asks for its scene.
    with contextlib.suppress(Exception):
        importlib.import_module(module)
    if (
        files_digest({package: Path(root) for package, root in place.roots.items()}, place.files)
        != place.digest
    ):
        raise SourcesChanged("the sources changed while they were rendered; run again")


def ignore_bytecode() -> None:
    """Compile the project's modules from their sources.

    Python takes compiled bytecode for current if time (in seconds) and size agree: an edit of one digit within a
    second would be rendered as what stood there before.
    """
    sys.dont_write_bytecode = True
    sys.pycache_prefix = os.path.join(tempfile.gettempdir(), "lecture-no-bytecode")


@contextlib.contextmanager
def _scratch(cache: Cache | None) -> Iterator[str]:
    """A folder for Manim's temporary files, with the formulas that were typeset before."""
    if cache is None:
        with tempfile.TemporaryDirectory(prefix="lecture-") as folder:
            yield folder
        return
    scratch = cache.scratch()
    typeset = scratch / "Tex"
    typeset.mkdir(exist_ok=True)
    known = cache.folder / "typeset" / importlib.metadata.version("typst")
    # Manim takes a file that exists for a whole one; only whole ones are put there.
    for path in known.glob("[!.]*.svg"):  # not those that are just being written
        content = path.read_bytes()
        name, _, digest = path.stem.partition("-")
        if digest_of(content) == digest:
            (typeset / f"{name}.svg").write_bytes(content)
    try:
        yield str(scratch)
        for path in typeset.glob("*.svg"):
            content = path.read_bytes()
            target = known / f"{path.stem}-{digest_of(content)}.svg"
            if not target.exists():
                write_atomically(target, content)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
