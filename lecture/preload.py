"""Imported once, before workers are forked: what every scene needs."""

import contextlib

import scipy.optimize  # noqa: F401  (wdmath imports it on first use; here once, and with its bytecode)

import lecture.render  # noqa: F401
from lecture.jobs import ignore_bytecode

ignore_bytecode()
with contextlib.suppress(ImportError):
    import scenes.kit.lecture_scene  # noqa: F401

__all__: list[str] = []
