"""What runs in a worker, as functions of plain data; importing them imports no Manim."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .cache import Cache, pack

__all__ = ["describe", "render"]


def describe(root: str, module: str, name: str, settings: Any, tell: Callable[[Any], None]) -> dict[str, Any]:
    """The words of a scene."""
    _find_modules_in(root)
    from .render import describe_scene

    return describe_scene(module, name, settings)


def render(
    root: str,
    work: dict[str, Any],
    origins: dict[str, str],
    values: dict[str, str],
    folder: str | None,
    tell: Callable[[Any], None],
) -> dict[str, Any]:
    """Render the missing steps of a scene.

    Parameters
    ----------
    work : dict
        Fields of :class:`lecture.render.SceneJob`.
    folder : str or None
        The cache to store finished steps in, at once; without one they are brought back with the result.

    Returns
    -------
    dict
        `memory`, the most that was used in bytes; `cpu` seconds; `contents`, the steps that were not stored.
    """
    _find_modules_in(root)
    from .render import RenderedStep, SceneJob, render_scene

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
            "frames": len(step.motion.packets) if step.motion else 1,
            "keys": step.motion.keys if step.motion else [],
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
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"memory": used.ru_maxrss * 1024.0, "cpu": used.ru_utime + used.ru_stime, "contents": contents}


def _find_modules_in(root: str) -> None:
    if root and root not in sys.path:
        sys.path.insert(0, root)


@contextlib.contextmanager
def _scratch(cache: Cache | None) -> Any:
    if cache is None:
        with tempfile.TemporaryDirectory(prefix="lecture-") as folder:
            yield folder
        return
    folder = str(cache.scratch())
    try:
        yield folder
    finally:
        if os.path.isdir(folder):
            shutil.rmtree(folder, ignore_errors=True)
