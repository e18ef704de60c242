"""Whether there is anything to do at all, answered before anything heavy is imported.

After a build that succeeded, a stamp remembers a digest of everything that could change it (the lecture and the files
it reads, all sources, versions, what was asked for) as it was when it was read, and size and time of every file that it
made or would reuse. While all of them are as they were, the build is unchanged. Anything else, an edit while the build
ran as well, is the business of :mod:`lecture.build.builder`.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lecture.files import Input, content_digest, write_atomically

__all__ = ["Stamp", "environment", "files_digest", "sources_of"]

_RENDERING = ("manim", "numpy", "scipy", "typst", "av", "pycairo", "ManimPango", "pillow", "svgelements")
# What draws and encodes frames; what the stage draws is among the parts of a scene (:mod:`lecture.build.dependencies`).
_RENDERER = (
    "frames/camera",
    "frames/encode",
    "frames/h264",
    "frames/interpolation",
    "frames/macroblock_hints",
    "frames/patches",
    "frames/render",
    "frames/tiles",
    "build/jobs",
)
_LECTURE = Path(__file__).resolve().parent.parent


def environment() -> str:
    """Versions and settings of the machine that decide over pixels, as text."""
    versions = []
    for name in _RENDERING:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"{name} -")
    try:
        import cairo

        versions.append(f"cairo {cairo.cairo_version_string()}")
    except ImportError:
        pass
    texts = [_LECTURE / f"{name}.py" for name in _RENDERER]
    texts += [Path("manim.cfg"), Path.home() / ".config" / "manim" / "manim.cfg"]
    digest = hashlib.blake2b(digest_size=16)
    for path in texts:
        digest.update(path.read_bytes() if path.is_file() else b"-")
    return f"python {sys.version_info[0]}.{sys.version_info[1]}, {', '.join(versions)}, {digest.hexdigest()}"


class Stamp:
    """The memory of one kind of build in one folder; made before anything is read.

    Parameters
    ----------
    folder : Path
        The cache.
    asked : dict
        What was asked for; each kind of build has a memory of its own.
    sources : iterable of Path
        Files that the build is about to read.
    extra : str
        What else decides, such as versions.
    """

    def __init__(self, folder: Path, asked: dict[str, Any], sources: Iterable[Path], extra: str):
        text = json.dumps(asked, sort_keys=True)
        self._path = folder / "stamps" / f"{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}.json"
        digests = [content_digest(path) for path in sorted(set(sources))]
        self._digest = hashlib.blake2b(
            "\n".join([text, extra, *digests]).encode(), digest_size=16
        ).hexdigest()

    def unchanged(self) -> dict[str, Any] | None:
        """What the last build of this kind reported, if nothing has changed since."""
        try:
            known = json.loads(self._path.read_text())
            if known["digest"] != self._digest:
                return None
            if any(content_digest(Path(path)) != digest for path, digest in known["inputs"]):
                return None
            for path, size, modified in known["files"]:
                status = Path(path).stat()
                if (status.st_size, status.st_mtime_ns) != (size, modified):
                    return None
            return known["report"]
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, inputs: Iterable[Input], files: Iterable[Path], report: dict[str, Any]) -> None:
        """Remember a build that succeeded, by the contents that it read."""
        described = []
        for path in files:
            status = path.stat()
            described.append([str(path.resolve()), status.st_size, status.st_mtime_ns])
        read = [[str(path), digest] for path, digest in inputs]
        content = {"digest": self._digest, "inputs": read, "files": described, "report": report}
        write_atomically(self._path, json.dumps(content).encode())


def sources_of(roots: Mapping[str, Path]) -> list[Path]:
    """All files of packages and modules, given with the folders that they are in."""
    found = [Path("manim.cfg").resolve()]
    for package, root in roots.items():
        found += [p for p in (root / package).rglob("*") if p.is_file() and p.suffix != ".pyc"]
        found += [p for p in [root / f"{package}.py"] if p.is_file()]
    return found


def files_digest(roots: Mapping[str, Path], files: Iterable[str]) -> str:
    """Digest of files' contents, to notice that they are not what was planned with.

    Parameters
    ----------
    files : iterable of str
        Each begins with the name of its package or module.
    """
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(files):
        path = roots[name.split("/")[0].removesuffix(".py")] / name
        digest.update(f"{name}\n".encode() + (path.read_bytes() if path.is_file() else b"-"))
    return digest.hexdigest()
