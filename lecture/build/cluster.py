"""Jobs on the machines of a Dask cluster, through the same executor interface as on this one.

An optional extra: it needs `distributed` here and, on every worker, `distributed` and the packages of
``requirements/render.txt``; nothing of this project and no shared disk. The sources travel with the jobs; each job runs
in a process of its own, in a folder that its machine keeps for these sources; the rendered steps come back as bytes.
A job whose worker is lost is given to another one.
"""

from __future__ import annotations

import hashlib
import io
import logging
import pickle
import zipfile
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from lecture.errors import option

from . import remote
from .executors import WorkerDied
from .freshness import environment

__all__ = ["ClusterError", "ClusterExecutor", "bundle"]

# How often a job whose process ends without an answer is tried once more: memory may suffice elsewhere. How often a
# job may lose its worker is the scheduler's own setting, distributed.scheduler.allowed-failures, by default 3.
_RETRIES = 1


class ClusterError(Exception):
    """A cluster that cannot be used, told in one sentence."""


class ClusterExecutor(Executor):
    """An executor over a Dask scheduler.

    Parameters
    ----------
    address : str
        Such as ``tcp://host:8786``.
    roots : dict
        Packages that scenes are made of, and the folder that each is in.
    """

    def __init__(self, address: str, roots: Mapping[str, Path]):
        try:
            import cloudpickle
            from distributed import Client
            from distributed.comm import get_address_host_port
        except ImportError:
            raise ClusterError(
                "a cluster needs the package distributed: .venv/bin/pip install -r requirements/cluster.txt"
            ) from None
        # What there is to say about a connection is said here, in a sentence.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        # Workers know nothing of this project: the function that unpacks it is sent as code.
        cloudpickle.register_pickle_by_value(remote)
        try:
            get_address_host_port(address, strict=True)
            self._client: Any = Client(address, timeout=10, set_as_default=False)
        except (OSError, ValueError) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise ClusterError(
                f"{option('cluster', address)}: no Dask scheduler answers there ({reason}); "
                "start one with `dask scheduler`, or leave it out"
            ) from None
        self._address = address
        self._sources = bundle(roots)
        self._digest = hashlib.blake2b(self._sources, digest_size=16).hexdigest()
        self._environment = environment()
        self._futures: list[Any] = []

    @property
    def workers(self) -> int:
        """Jobs that the cluster runs at once; at least one."""
        return max(1, sum(self._client.nthreads().values()))

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run `fn(*args, tell=...)` somewhere; what it tells on the way is not heard."""
        job = pickle.dumps((fn, args, self._environment))
        ours: Future[Any] = Future()
        ours.set_running_or_notify_cancel()
        try:
            theirs = self._client.submit(
                remote.run, self._sources, self._digest, job, pure=False, retries=_RETRIES
            )
        except Exception:
            ours.set_exception(self._lost())
            return ours
        theirs.add_done_callback(lambda future: self._pass_on(future, ours))
        self._futures.append(theirs)
        return ours

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster; with `cancel_futures`, jobs that wait are forgotten."""
        if cancel_futures:
            self._client.cancel(self._futures, force=True)
        self._client.close()

    def _pass_on(self, theirs: Any, ours: Future[Any]) -> None:
        if ours.done():
            return
        if theirs.cancelled():
            ours.set_exception(self._lost())
            return
        try:
            kind, content = pickle.loads(theirs.result())
        except Exception as error:
            ours.set_exception(
                WorkerDied(f"its worker of the cluster failed: {' '.join(str(error).split())}")
            )
            return
        if kind == "result":
            ours.set_result(content)
        else:
            ours.set_exception(content)

    def _lost(self) -> ClusterError:
        return ClusterError(
            f"{option('cluster', self._address)}: the Dask scheduler is gone; what came back is kept, "
            "run again to continue"
        )


def bundle(roots: Mapping[str, Path]) -> bytes:
    """The sources that a job needs, as a zip file: the same bytes for the same sources."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for package in sorted(roots):
            module = roots[package] / f"{package}.py"
            for path in [*sorted((roots[package] / package).rglob("*")), module]:
                if path.is_file() and "__pycache__" not in path.parts:
                    name = path.relative_to(roots[package]).as_posix()
                    archive.writestr(zipfile.ZipInfo(name), path.read_bytes(), zipfile.ZIP_DEFLATED)
        config = Path("manim.cfg")
        if config.is_file():
            archive.writestr(zipfile.ZipInfo("manim.cfg"), config.read_bytes())
    return buffer.getvalue()
