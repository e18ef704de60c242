"""Imported once, before workers are forked: what every scene needs."""

import contextlib

import scipy.optimize  # noqa: F401  (imported here once, and with its bytecode)

import lecture.frames.render

from .jobs import ignore_bytecode

ignore_bytecode()
with contextlib.suppress(ImportError):
    import lecture.stage.scene  # noqa: F401

__all__: list[str] = []
