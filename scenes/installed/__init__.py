"""The lecture as it is installed: one command, `wdlecture`, over the packages `lecture` and `scenes`.

In the repository this is `scenes/installed/`; the wheel has it as the package `wdlecture`, with `lecture` and `scenes`
inside (pyproject.toml maps them), so that no name of theirs can collide with anybody's. Here they are put on the path.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

__all__ = ["LiveFigure", "main"]


def __getattr__(name: str) -> Any:
    if name == "LiveFigure":
        _put_on_path()
        from scenes.live.notebook import LiveFigure

        return LiveFigure
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _put_on_path() -> None:
    here = str(Path(__file__).resolve().parent)
    if here not in sys.path:
        sys.path.insert(0, here)


def main() -> int:
    """Run the command; returns its exit status."""
    missing = [name for name in ("manim", "av", "jinja2") if importlib.util.find_spec(name) is None]
    if missing:
        print(
            f"wdlecture draws with packages that are not here ({', '.join(missing)}); "
            "get them with: pip install 'wdmath[film]'",
            file=sys.stderr,
        )
        return 2
    _put_on_path()
    import platformdirs

    from lecture.cli import main as run
    from scenes import LECTURE

    return run(lecture=LECTURE, program="wdlecture", cache=Path(platformdirs.user_cache_dir("wdlecture")))
