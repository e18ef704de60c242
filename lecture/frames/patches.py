"""What is replaced in Manim: here alone, by name, and only in processes that draw scenes.

Each replacement gives what Manim's own gives, in less time; docs/how-it-works.md says what each is worth. It is made
only with a version of Manim that it was tried with: with another, scenes are drawn as Manim draws them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import manim
import numpy as np
from manim import config
from manim.mobject.text import typst_mobject
from manim.utils import paths
from manim.utils.space_ops import rotation_matrix
from manim.utils.typst_file_writing import TYPST_COMPILATION_FONT_SIZE, TYPST_TEMPLATE, _typst_hash

from lecture.stage.glyphs import typeset

__all__ = ["PATCHES", "TESTED_MANIM", "Patch", "apply_patches"]

#: Beginnings of the versions of Manim that this was tried with.
TESTED_MANIM = ("0.22.",)


class Patch(NamedTuple):
    """A function of Manim's that is replaced: where it stands, what takes its place, and why."""

    module: Any
    name: str
    replacement: Callable[..., Any]
    why: str


def apply_patches() -> None:
    """Replace what is in the table, where Manim is of a version that was tried."""
    if manim.__version__.startswith(TESTED_MANIM):
        for patch in PATCHES:
            setattr(patch.module, patch.name, patch.replacement)


def _typst_to_svg_file(code: str, preamble: str = "", **ignored: Any) -> Path:
    source = TYPST_TEMPLATE.format(text_size=TYPST_COMPILATION_FONT_SIZE, preamble=preamble, body=code)
    path = config.get_dir("tex_dir") / f"{_typst_hash(source)}.svg"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = path.with_suffix(f".{os.getpid()}")  # another process may look for it meanwhile
        whole.write_bytes(typeset(source))
        whole.replace(path)
    return path


@lru_cache(maxsize=8)
def _rotation(angle: float, axis: tuple[float, ...]) -> np.ndarray:
    return rotation_matrix(angle, axis)


def _rotation_matrix(angle: float, axis: Any) -> np.ndarray:
    return _rotation(angle, tuple(axis))


PATCHES = (
    Patch(
        typst_mobject,
        "typst_to_svg_file",
        _typst_to_svg_file,
        "Manim searches the system's fonts anew for every formula, which is most of its time",
    ),
    Patch(
        paths,
        "rotation_matrix",
        _rotation_matrix,
        "while something turns, Manim computes the same two matrices for each of its curves",
    ),
)
