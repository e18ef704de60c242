"""Where jobs run: processes of this machine (for those of others, see :mod:`lecture.build.cluster`).

A job is a function of plain data that returns plain data and tells of its progress on the way; it is submitted to a
`concurrent.futures.Executor`. A process serves one job and ends, so that nothing of one scene reaches the next, memory
is given back, and a worker that dies takes only its own job with it.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from multiprocessing.connection import Connection, wait
from typing import Any

import psutil

from lecture.errors import option

__all__ = ["ProcessExecutor", "WorkerDied", "available_memory", "worker_count"]

#: Memory that one worker needs at most, in bytes: base and per pixel of the film (measured, see tests/benchmarks).
WORKER_MEMORY = (300e6, 110)


class WorkerDied(Exception):
    """A worker process ended without an answer."""


def available_memory() -> float:
    """Bytes that can be had without swapping, also inside a container."""
    limits = [float(psutil.virtual_memory().available)]
    used = "/sys/fs/cgroup/memory.current"
    with (
        contextlib.suppress(OSError, ValueError),
        open("/sys/fs/cgroup/memory.max") as most,
        open(used) as now,
    ):
        limits.append(float(most.read()) - float(now.read()))
    return min(limits)


def worker_count(pixels: int, cores: int | None = None, memory: float | None = None) -> int:
    """How many workers a machine has cores and memory for; at least one.

    Examples
    --------
    >>> worker_count(1920 * 1080, cores=8, memory=2e9)
    3
    """
    if cores is None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    base, per_pixel = WORKER_MEMORY
    fitting = (available_memory() if memory is None else memory) / (base + per_pixel * pixels)
    return max(1, int(min(cores, fitting)))


class ProcessExecutor(Executor):
    """Runs each job in a process of its own, forked from one that has already imported what they need.

    Parameters
    ----------
    workers : int
        How many at once.
    preload : list of str
        Modules to import once.
    on_message : callable
        Given (future, message) for everything that a job tells on the way.
    """

    def __init__(
        self,
        workers: int,
        preload: list[str],
        on_message: Callable[[Future[Any], Any], None] = lambda future, message: None,
    ):
        self._workers = workers
        # Windows has no fork: there every process imports for itself.
        forks = "forkserver" in multiprocessing.get_all_start_methods()
        self._context: Any = multiprocessing.get_context("forkserver" if forks else "spawn")
        if forks:
            self._context.set_forkserver_preload(preload)
        self._on_message = on_message
        self._queue: deque[tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]] = deque()
        self._running: dict[Connection, tuple[Future[Any], Any]] = {}
        self._wake_up, self._woken = multiprocessing.Pipe()
        self._lock = threading.Lock()
        self._closing = False
        self._thread = threading.Thread(target=self._serve, name="jobs", daemon=True)
        self._thread.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Queue `fn(*args, tell=...)`; `tell` sends a message to `on_message`."""
        future: Future[Any] = Future()
        with self._lock:
            if self._closing:
                raise RuntimeError("no jobs can be submitted after shutdown")
            self._queue.append((future, fn, args))
        self._wake_up.send(None)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End; with `cancel_futures`, jobs that run are ended as well."""
        with self._lock:
            self._closing = True
            if cancel_futures:
                while self._queue:
                    self._queue.popleft()[0].cancel()
                for _, process in self._running.values():
                    process.kill()
        self._wake_up.send(None)
        if wait:
            self._thread.join()

    def _serve(self) -> None:
        while True:
            with self._lock:
                while self._queue and len(self._running) < self._workers:
                    self._start(*self._queue.popleft())
                if self._closing and not self._queue and not self._running:
                    return
                listening = [self._woken, *self._running]
            for connection in wait(listening):
                if connection is self._woken:
                    self._woken.recv()
                else:
                    self._hear(connection)  # type: ignore[arg-type]

    def _start(self, future: Future[Any], fn: Callable[..., Any], args: tuple[Any, ...]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        ours, theirs = self._context.Pipe(duplex=False)
        process = self._context.Process(target=_work, args=(theirs, fn, args), daemon=True)
        try:
            process.start()
        except Exception as error:
            future.set_exception(WorkerDied(f"a worker could not be started ({error})"))
            ours.close()
            return
        finally:
            theirs.close()
        self._running[ours] = (future, process)

    def _hear(self, connection: Connection) -> None:
        future, process = self._running[connection]
        try:
            kind, content = connection.recv()
        except (EOFError, OSError):
            kind, content = "gone", None
        if kind == "message":
            try:
                self._on_message(future, content)
                return
            except Exception as error:
                # Whoever waits for the job is told; the thread must live, or they would wait for ever.
                process.kill()
                kind, content = "error", error
        process.join()
        with self._lock:
            del self._running[connection]
        connection.close()
        if kind == "result":
            future.set_result(content)
        elif kind == "error":
            future.set_exception(content)
        else:
            future.set_exception(WorkerDied(_how_it_ended(process.exitcode)))


def _how_it_ended(code: int | None) -> str:
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        likely = (
            f"; most likely memory ran out: try {option('jobs', '1')}, or a smaller quality"
            if name == "SIGKILL"
            else ""
        )
        return f"its worker was ended by {name}{likely}"
    return f"its worker ended by itself with status {code}"


def _work(connection: Connection, fn: Callable[..., Any], args: tuple[Any, ...]) -> None:
    # A terminal sends Ctrl-C to all processes at once; the build decides what becomes of its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        result = ("result", fn(*args, tell=lambda message: connection.send(("message", message))))
    except BaseException as error:
        error.__traceback__ = None
        result = ("error", error)
    with contextlib.suppress(OSError):
        try:
            connection.send(result)
        except Exception:
            connection.send(("error", RuntimeError(str(result[1]))))
    connection.close()
