"""What a cluster's worker does: unpack the sources, run one job in a process of its own, bring its answer back.

:func:`run` is sent to workers as code, so it uses nothing of this project; it is the unpacked copy that does.
"""

import os
import pickle
import signal
import subprocess
import sys
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

__all__ = ["run", "serve"]


def run(sources: bytes, digest: str, job: bytes) -> bytes:
    """Run a pickled job over zipped sources; returns the pickled answer.

    Raises
    ------
    RuntimeError
        If the process ends without one.
    """
    from distributed import get_worker

    base = Path(
        get_worker().local_directory
    )  # its own, also beside others on one machine, and removed with it
    folder = base / f"lecture-{digest}"
    if not folder.is_dir():
        with tempfile.TemporaryDirectory(dir=base) as temporary:
            unpacked = Path(temporary, "sources")
            with zipfile.ZipFile(BytesIO(sources)) as archive:
                archive.extractall(unpacked)
            try:
                unpacked.rename(folder)
            except OSError:
                if not folder.is_dir():
                    raise
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONHASHSEED": "0"}
    for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        environment[threads] = "1"
    done = subprocess.run(
        [sys.executable, "-c", "from lecture.build.remote import serve; serve()"],
        input=job,
        capture_output=True,
        env=environment,
        cwd=folder,
        check=False,
    )
    if done.returncode:
        ended = (
            f"by {signal.Signals(-done.returncode).name}"
            if done.returncode < 0
            else f"with status {done.returncode}"
        )
        raise RuntimeError(
            f"its process ended {ended}: {done.stderr.decode(errors='replace').strip()[-300:]}"
        )
    return done.stdout


def serve() -> None:
    """Read a job, do it, write the answer; in the process that :func:`run` starts."""
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not disturb the answer
    content: tuple[str, Any]
    try:
        from .freshness import environment

        fn, args, wanted = pickle.load(sys.stdin.buffer)
        here = Path.cwd()
        found = environment()
        if found != wanted:
            raise RuntimeError(_told(wanted, found))
        args = (args[0]._replace(roots={package: str(here) for package in args[0].roots}), *args[1:])
        content = ("result", fn(*args, tell=lambda message: None))
    except Exception as error:
        error.__traceback__ = None
        content = ("error", error)
    answer.write(pickle.dumps(content))
    answer.close()


def _told(wanted: str, found: str) -> str:
    """That a worker would draw other pixels, and why."""
    *versions, _ = wanted.split(", ")
    # The last one is a digest of sources, which traveled here, and of what this machine says to Manim.
    lacking = [v for v in versions if v not in found.split(", ")] or ["the same ~/.config/manim/manim.cfg"]
    return (
        f"a worker of the cluster lacks {', '.join(lacking)}; "
        "install there what requirements/render.txt names, under the same Python"
    )
