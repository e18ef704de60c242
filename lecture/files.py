"""Files that appear complete or not at all, and files that are known by what was read of them."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

__all__ = [
    "Input",
    "content_digest",
    "folder_key",
    "inputs_read",
    "remove_leftovers",
    "replacing",
    "write_atomically",
]

# Clocks of file systems tick: what was written less than this before may have been written again since.
_TICK = 20_000_000  # nanoseconds


class Input(NamedTuple):
    """A file or folder that was read, and a digest of what was read; empty if that cannot be known."""

    path: Path
    digest: str


def inputs_read(paths: Iterable[Path], since: int) -> tuple[Input, ...]:
    """Files that were read a moment ago, by the contents that were read.

    What was written since is not what was read: it is known by no content, so that it is looked at again.

    Parameters
    ----------
    since : int
        When reading began, of :func:`time.time_ns`.
    """
    return tuple(
        Input(path, "" if _written(path) > since - _TICK else content_digest(path))
        for path in map(Path.resolve, paths)
    )


def content_digest(path: Path) -> str:
    """Digest of a file, or of all files of a folder with their names; what is not there has one as well."""
    digest = hashlib.blake2b(digest_size=16)
    for file in sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]:
        digest.update(f"{file}\n".encode())
        digest.update(file.read_bytes() if file.is_file() else b"-")
    return digest.hexdigest()


def folder_key(folder: Path) -> str:
    """What a cache knows a folder by."""
    return hashlib.blake2b(str(folder.resolve()).encode(), digest_size=16).hexdigest()


def _written(path: Path) -> int:
    """When a file, or what is in a folder, last changed; also if a copy kept an older time."""
    files = [path, *path.rglob("*")] if path.is_dir() else [path]
    return max(
        (max(s.st_mtime_ns, s.st_ctime_ns) for f in files if f.exists() for s in [f.stat()]), default=0
    )


@contextlib.contextmanager
def replacing(path: Path, *, durable: bool = False) -> Iterator[Path]:
    """A temporary file beside `path` that takes its place when the block ends well, and vanishes otherwise.

    Parameters
    ----------
    durable : bool
        Survive a power failure as well: wait until the disk has it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        os.chmod(temporary, 0o666 & ~_umask())
        if durable:
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_atomically(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Write a whole file, or nothing."""
    with replacing(path, durable=durable) as temporary:
        temporary.write_bytes(content)


def remove_leftovers(path: Path) -> None:
    """Remove temporary files of :func:`replacing` whose process was killed; only where nobody can be writing `path`."""
    for leftover in path.parent.glob(f".{glob.escape(path.stem)}.{'[a-z0-9_]' * 8}{path.suffix}"):
        leftover.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
