"""Files that appear complete or not at all."""

from __future__ import annotations

import contextlib
import glob
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

__all__ = ["remove_leftovers", "replacing", "write_atomically"]


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
