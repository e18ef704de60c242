"""Rendered steps, found again by what they were made of.

A step's pictures follow from sources (known before anything is imported: the *origin*) and from those fields of the
settings that the scene reads (known only after it ran once). The cache therefore keeps, for every origin, which
fields were read; together with their present values they make the key of an entry. Nothing is ever overwritten with
something else, so several builds may share a cache.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import pickle
import shutil
import struct
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from filelock import FileLock, Timeout

from lecture.files import write_atomically

__all__ = ["LARGEST", "Cache", "Damaged", "digest_of", "pack", "settings_values", "unpack"]

#: Bytes that rendered steps and speech may take before what nobody needs is removed.
LARGEST = 4_000_000_000

# Seconds for which an entry is kept in any case.
_YOUNG = 86400.0

_MAGIC = b"lecture-step-2\n"


class Damaged(Exception):
    """A cache entry is not what was written."""


def digest_of(value: Any) -> str:
    """Digest of plain data, arrays and frozen dataclasses, the same in every process.

    Examples
    --------
    >>> digest_of({"a": 1.0}) == digest_of({"a": 1.0}) != digest_of({"a": 1})
    True
    """
    return hashlib.blake2b(b"".join(_canonical(value)), digest_size=16).hexdigest()


def _canonical(value: Any) -> Iterator[bytes]:
    if isinstance(value, np.ndarray):
        yield f"array {value.dtype.str} {value.shape} ".encode()
        yield np.ascontiguousarray(value).tobytes()
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield f"{type(value).__qualname__}(".encode()
        for field in dataclasses.fields(value):
            yield f"{field.name}=".encode()
            yield from _canonical(getattr(value, field.name))
        yield b")"
    elif isinstance(value, Mapping):
        yield b"{"
        for name in sorted(value, key=repr):
            yield f"{name!r}:".encode()
            yield from _canonical(value[name])
        yield b"}"
    elif isinstance(value, list | tuple):
        yield b"["
        for item in value:
            yield from _canonical(item)
            yield b","
        yield b"]"
    elif value is None or isinstance(value, str | bytes | bool | int | float | np.generic):
        yield f"{type(value).__name__} {value!r} ".encode()
    else:
        yield pickle.dumps(value, protocol=4)
        yield _source_of(value)


def _source_of(value: Any) -> bytes:
    """The file that a function or an object's class is defined in, where that is a user's own and no package."""
    module = getattr(value, "__module__", None) or type(value).__module__
    file = getattr(sys.modules.get(module), "__file__", None)
    if "." in module or module in sys.stdlib_module_names or file is None:
        return b""
    return Path(file).read_bytes() if Path(file).is_file() else b""


def settings_values(settings: Any) -> dict[str, str]:
    """Digest of everything that can be read of the settings, by names such as ``problem.mass`` and ``style.ink``."""
    problem = settings.problem
    values = {f"problem.{field.name}": getattr(problem, field.name) for field in dataclasses.fields(problem)}
    values |= {f"style.{name}": value for name, value in settings.style.values().items()}
    return {name: digest_of(value) for name, value in values.items()}


def pack(header: dict[str, Any], blobs: Iterable[bytes]) -> bytes:
    """One entry as bytes that know whether they are whole.

    Examples
    --------
    >>> unpack(pack({"name": "turn"}, [b"one", b""]))
    ({'name': 'turn'}, [b'one', b''])
    """
    blobs = list(blobs)
    text = json.dumps({"header": header, "sizes": [len(b) for b in blobs]}).encode()
    body = struct.pack("<I", len(text)) + text + b"".join(blobs)
    return _MAGIC + hashlib.blake2b(body, digest_size=16).digest() + body


def unpack(data: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """What :func:`pack` was given.

    Raises
    ------
    Damaged
        If a bit is different.
    """
    begin = len(_MAGIC) + 16
    body = data[begin:]
    if (
        data[: len(_MAGIC)] != _MAGIC
        or hashlib.blake2b(body, digest_size=16).digest() != data[len(_MAGIC) : begin]
    ):
        raise Damaged
    (length,) = struct.unpack("<I", body[:4])
    described = json.loads(body[4 : 4 + length])
    blobs, at = [], 4 + length
    for size in described["sizes"]:
        blobs.append(body[at : at + size])
        at += size
    return described["header"], blobs


class Cache:
    """The cache of a media folder.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path):
        self.folder = folder

    # Entries.

    def entry(self, key: str) -> Path:
        """Where an entry is or would be."""
        return self.folder / "steps" / key[:2] / key

    def store(self, origin: str, reads: Iterable[str], values: Mapping[str, str], content: bytes) -> str:
        """Keep an entry, and which fields it read; returns its key."""
        names = sorted(reads)
        key = self.key(origin, names, values)
        write_atomically(self.entry(key), content, durable=True)
        trace = self._trace(origin)
        known = self._known_reads(origin)
        if names not in known:
            write_atomically(trace, json.dumps([*known, names]).encode())
        return key

    def find(self, origin: str, values: Mapping[str, str]) -> str | None:
        """The key of an entry made of the same, if there is one."""
        for names in self._known_reads(origin):
            key = self.key(origin, names, values)
            if self.entry(key).is_file():
                return key
        return None

    def load(self, key: str) -> tuple[dict[str, Any], list[bytes]]:
        """An entry's content.

        Raises
        ------
        Damaged
            If it is not what was written; it is removed, so that it is made again.
        """
        path = self.entry(key)
        try:
            content = unpack(path.read_bytes())
        except FileNotFoundError:
            raise Damaged from None
        except (Damaged, ValueError, KeyError, struct.error):
            path.unlink(missing_ok=True)
            raise Damaged from None
        with contextlib.suppress(OSError):
            os.utime(path)  # entries that nobody has used for long are the ones to remove
        return content

    @staticmethod
    def key(origin: str, names: Iterable[str], values: Mapping[str, str]) -> str:
        # A message without a translation has no value: it gets one with its translation.
        return digest_of([origin, [[name, values.get(name)] for name in sorted(names)]])

    def _trace(self, origin: str) -> Path:
        return self.folder / "origins" / origin[:2] / f"{origin}.json"

    def _known_reads(self, origin: str) -> list[list[str]]:
        try:
            return json.loads(self._trace(origin).read_text())
        except (OSError, ValueError):
            return []

    # Small things that are remembered.

    def recall(self, kind: str, key: str) -> Any:
        """A remembered value, or None."""
        try:
            return json.loads((self.folder / kind / f"{key}.json").read_text())
        except (OSError, ValueError):
            return None

    def remember(self, kind: str, key: str, value: Any) -> None:
        write_atomically(self.folder / kind / f"{key}.json", json.dumps(value).encode())

    # Builds beside each other.

    @contextlib.contextmanager
    def lock(self, name: str, *, wait: bool = True) -> Iterator[bool]:
        """Hold a lock that vanishes with its process; yields whether it is held."""
        path = self.folder / "locks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        try:
            lock.acquire(blocking=wait)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def scratch(self) -> Path:
        """A folder for temporary files of this process; those of processes that are gone are removed."""
        parent = self.folder / "scratch"
        parent.mkdir(parents=True, exist_ok=True)
        for folder in parent.iterdir():
            if folder.name.isdigit() and not psutil.pid_exists(int(folder.name)):
                shutil.rmtree(folder, ignore_errors=True)
        mine = parent / str(os.getpid())
        mine.mkdir(exist_ok=True)
        return mine

    # What is no longer needed.

    def need(self, name: str, keys: Mapping[str, Iterable[str]]) -> None:
        """Note which entries stand behind what is published in a folder, scene by scene."""
        known = self.recall("needed", name) or {}
        self.remember("needed", name, {**known, **{scene: sorted(set(of)) for scene, of in keys.items()}})

    def prune(self, largest: int = LARGEST) -> int:
        """Remove entries, those first that nobody has used for longest, until the rest has at most `largest` bytes.

        What is behind a published film stays, and what is not older than a day: a build beside this one may be about
        to use it.

        Returns
        -------
        int
            How many were removed.
        """
        needed: set[str] = set()
        for path in self.folder.glob("needed/*.json"):
            needed.update(*(self.recall("needed", path.stem) or {}).values())
        entries = [
            (status.st_mtime, status.st_size, path)
            for pattern in ("steps/*/*", "speech/*/*")
            for path in self.folder.glob(pattern)
            if path.name[0] != "." and (status := _status(path)) is not None
        ]
        over, removed = sum(size for _, size, _ in entries) - largest, 0
        for modified, size, path in sorted(entries):
            if over <= 0 or time.time() - modified < _YOUNG:
                break
            if path.name not in needed:
                path.unlink(missing_ok=True)
                over -= size
                removed += 1
        return removed


def _status(path: Path) -> os.stat_result | None:
    with contextlib.suppress(OSError):
        return path.stat()
    return None
