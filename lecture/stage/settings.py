"""What every scene is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .style import Style

__all__ = ["Settings"]


@dataclass(frozen=True)
class Settings:
    """What a scene is about, and how it looks and speaks.

    Attributes
    ----------
    problem : frozen dataclass
        The lecture's own: what its `[problem]` fields describe.
    style : Style
        Colors, symbols and language.
    """

    problem: Any
    style: Style
