"""The recording booth's server: steps and clips out, recordings in.

It listens on 127.0.0.1 alone. Other pages in the same browser cannot use it: a request must name this machine as its
host, and whatever changes something must carry a word that only the page knows.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import re
import secrets
import threading
from pathlib import Path
from typing import Any

from lecture.files import write_atomically
from lecture.stage.style import Style
from lecture.targets.common import templates
from lecture.voice import VoiceError
from lecture.voice.recordings import LONGEST, faults, find_recordings
from lecture.voice.sound import read, resampled, to_flac

__all__ = ["Booth", "Takes"]

_HERE = Path(__file__).resolve().parent

# Bytes of a recording that the page sends: two minutes, with room to spare.
_LARGEST = 40_000_000


class Takes:
    """The steps of a lecture, and their recordings in a folder.

    Parameters
    ----------
    manifest : dict
    media : Path
        The manifest's folder.
    folder : Path
        Where the recordings are; it is made with the first one.
    scenes : sequence of str
        All that the lecture has.
    """

    def __init__(self, manifest: dict[str, Any], media: Path, folder: Path, scenes: Any):
        self.media, self.folder, self._scenes = media, folder, scenes
        self.steps = [(scene, step) for scene in manifest["scenes"] for step in scene["steps"]]
        self._names = {s["name"]: [step["name"] for step in s["steps"]] for s in manifest["scenes"]}
        self._known: dict[tuple[Path, int], list[str]] = {}
        self.files()
        self.recover()

    def files(self) -> dict[tuple[str, str], Path]:
        """The recordings that there are."""
        return find_recordings(self.folder, self._scenes, self._names) if self.folder.is_dir() else {}

    def file(self, number: int) -> Path | None:
        """The recording of a step."""
        scene, step = self.steps[number]
        return self.files().get((scene["name"], step["name"]))

    def clip(self, number: int) -> Path:
        """What is recorded over."""
        return self.media / self.steps[number][1]["clip"]["path"]

    def describe(self) -> list[dict[str, Any]]:
        """Every step for the page: its words, and what is wrong with its recording."""
        files = self.files()
        described = []
        for scene, step in self.steps:
            path = files.get((scene["name"], step["name"]))
            described.append(
                {
                    "scene": scene["plain_title"],
                    "number": step["number"],
                    "words": step["narration"],
                    "seconds": step["duration"],
                    "faults": None if path is None else self._faults(path),
                }
            )
        return described

    def _faults(self, path: Path) -> list[str]:
        key = path, path.stat().st_mtime_ns
        if key not in self._known:
            try:
                self._known[key] = faults(*read(path))
            except VoiceError as error:
                self._known[key] = [str(error)]
        return self._known[key]

    def _part(self, number: int) -> Path:
        """What of a step has come so far."""
        scene, step = self.steps[number]
        return self.folder / scene["name"] / f".{step['number']:02}_{step['name']}.part"

    def add(self, number: int, content: bytes, *, first: bool) -> None:
        """Keep what is being recorded, piece by piece."""
        part = self._part(number)
        part.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb" if first else "ab") as file:
            file.write(content)

    def recover(self) -> None:
        """Make recordings of what was being recorded when a page ended, for steps that have no other."""
        files = self.files()
        for number, (scene, step) in enumerate(self.steps):
            part = self._part(number)
            if part.is_file():
                if (scene["name"], step["name"]) not in files:
                    with contextlib.suppress(VoiceError):
                        self.keep(number, part.read_bytes())
                part.unlink(missing_ok=True)

    def keep(self, number: int, content: bytes) -> list[str]:
        """Keep what was recorded in place of an earlier recording; returns what is wrong with it.

        Raises
        ------
        VoiceError
            If it is no sound.
        """
        self.add(number, content, first=True)
        raw = self._part(number)
        try:
            samples, rate = read(raw)
        finally:
            raw.unlink(missing_ok=True)
        before = self.file(number)
        path = raw.with_name(raw.stem.removeprefix(".") + ".flac")
        samples = resampled(samples, rate)
        write_atomically(path, to_flac(samples[: round((LONGEST + 1) * 48_000)]), durable=True)
        if before is not None and before != path:
            before.unlink()
        return self._faults(path)


class Booth(http.server.ThreadingHTTPServer):
    """The server.

    Parameters
    ----------
    port : int
        0 for any that is free.
    """

    daemon_threads = True

    def __init__(self, takes: Takes, style: Style, port: int = 0):
        self.takes, self.token, self.lock = takes, secrets.token_urlsafe(16), threading.Lock()
        self.page = templates(style, _HERE).get_template("page.html").render(token=self.token)
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def address(self) -> str:
        """What to open in a browser."""
        return f"http://127.0.0.1:{self.server_address[1]}/"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Booth
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: the page tells."""

    def do_GET(self) -> None:
        if not self._is_ours():
            return
        takes = self.server.takes
        if self.path == "/":
            with self.server.lock:
                takes.recover()
            self._answer(200, self.server.page.encode(), "text/html; charset=utf-8")
        elif self.path == "/steps":
            with self.server.lock:
                self._tell(200, takes.describe())
        elif (match := re.fullmatch(r"/clip/(\d+)", self.path)) and int(match[1]) < len(takes.steps):
            self._send_file(takes.clip(int(match[1])), "video/mp4")
        elif (match := re.fullmatch(r"/take/(\d+)(?:\?\d+)?", self.path)) and int(match[1]) < len(
            takes.steps
        ):
            path = takes.file(int(match[1]))
            if path is None:
                self._tell(404, "no recording")
            else:
                kinds = {
                    ".flac": "audio/flac",
                    ".wav": "audio/wav",
                    ".mp3": "audio/mpeg",
                    ".ogg": "audio/ogg",
                }
                self._send_file(path, kinds.get(path.suffix.lower(), "audio/mp4"))
        else:
            self._tell(404, "nothing here")

    def do_POST(self) -> None:
        if not self._is_ours():
            return
        takes = self.server.takes
        match = re.fullmatch(r"/(?:take/(\d+)|part/(\d+)/(\d+))", self.path)
        number = int(match[1] or match[2]) if match else len(takes.steps)
        length = int(self.headers.get("Content-Length") or 0)
        if not secrets.compare_digest(self.headers.get("X-Booth", ""), self.server.token):
            self.close_connection = True
            self._tell(403, "only the booth's own page may record")
        elif match is None or number >= len(takes.steps) or not 0 < length <= _LARGEST:
            self.close_connection = True
            self._tell(400, "expected a recording of a step")
        else:
            content = self.rfile.read(length)
            try:
                with self.server.lock:
                    if match[1]:
                        self._tell(200, takes.keep(number, content))
                    else:
                        takes.add(number, content, first=match[3] == "1")
                        self._tell(200, [])
            except VoiceError as error:
                self._tell(422, str(error))
            except OSError as error:
                self._tell(500, f"it cannot be kept: {error.strerror}")

    def _is_ours(self) -> bool:
        # A name that another page made point here would come as a host of that name.
        host = (self.headers.get("Host") or "").partition(":")[0]
        if host in ("127.0.0.1", "localhost"):
            return True
        self.close_connection = True
        self._tell(403, "only for this machine")
        return False

    def _send_file(self, path: Path, kind: str) -> None:
        try:
            self._answer(200, path.read_bytes(), kind)
        except OSError:
            self._tell(404, "it is gone")

    def _tell(self, status: int, what: Any) -> None:
        self._answer(status, json.dumps(what).encode(), "application/json")

    def _answer(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)
