"""Run every benchmark of this folder, or those named:  python -m tests.benchmarks [ridge lasso ...]

Each module bench_<name>.py has run(), which gives timing.Row tuples. One BLAS thread; processor time; ours and the
peer's take turns. Peers that are not installed are listed and left out. The exit status is 1 if a bound is
missed.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PEERS = ("numpy", "scipy", "scikit-learn", "celer", "himalaya", "torch")


def main(names: list[str]) -> int:
    """Print the table; 1 if a bound is missed."""
    # numpy reads these when it is imported, which the benchmarks are the first to do.
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        os.environ[variable] = "1"
    known = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))
    unknown = set(names) - set(known)
    if unknown:
        print(
            f"no benchmark named {', '.join(sorted(unknown))} (there are: {', '.join(known)})",
            file=sys.stderr,
        )
        return 2
    print(f"Python {platform.python_version()}, " + ", ".join(f"{peer} {installed(peer)}" for peer in PEERS))
    print(f"\n{'task':<54}{'ours':>10}  {'peer':<34}{'ratio':>8}{'bound':>8}")
    missed = 0
    for name in names or known:
        for row in importlib.import_module(f"tests.benchmarks.bench_{name}").run():
            met = row.ratio >= row.bound
            missed += not met
            line = f"{row.task:<54}{duration(row.ours):>10}  {row.peer:<34}{row.ratio:>8.4g}{row.bound:>8.3g}"
            print(line + ("" if met else "  below"), flush=True)
    print(f"\n{missed} below their bound" if missed else "\nall bounds met")
    return min(missed, 1)


def installed(peer: str) -> str:
    """Version of a peer, or that it is missing."""
    try:
        return version(peer)
    except PackageNotFoundError:
        return "missing"


def duration(seconds: float) -> str:
    """A time with a unit."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} us"
    return f"{seconds * 1e3:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
