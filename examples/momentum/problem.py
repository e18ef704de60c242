"""The fields of `[problem]`, and what the scenes are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lecture.definition import Formula
from lecture.edition import Reading
from lecture.fields import Field, ListOf, Number, Whole
from lecture.words import _

if TYPE_CHECKING:
    from lecture.fields import Values

    from .descent import Valley

__all__ = ["FIELDS", "Problem", "default", "describe", "read", "summary"]

_POSITIVE = Number(positive=True)

FIELDS = (
    Field("steep", _POSITIVE, "20", "Curvature across the valley.", 20.0),
    Field("flat", _POSITIVE, "0.5", "Curvature along the valley: less than across.", 0.5),
    Field("rate", _POSITIVE, "0.09", "Step size; below 2 / steep, or plain descent diverges.", 0.09),
    Field("momentum", Number(0.0, most=0.999), "0.8", "How much of the last step is kept.", 0.8),
    Field(
        "start", ListOf(Number(), 2, 2, "a pair of numbers"), "5, 1", "Where both descents start.", [5.0, 1.0]
    ),
    Field("steps", Whole(5, 500), "60", "How many steps are shown.", 60),
)


@dataclass(frozen=True)
class Problem:
    """A valley and two descents in it."""

    steep: float = 20.0
    flat: float = 0.5
    rate: float = 0.09
    momentum: float = 0.8
    start: tuple[float, float] = (5.0, 1.0)
    steps: int = 60

    @property
    def valley(self) -> Valley:
        """The loss."""
        from .descent import Valley

        return Valley(self.steep, self.flat)


def default() -> Problem:
    """What is shown if nothing is said."""
    return Problem()


def read(fields: Values) -> Reading:
    """The problem that a file describes."""
    problem = Problem(**{f.name: fields.get(f.name, getattr(Problem, f.name)) for f in FIELDS})
    if problem.flat >= problem.steep:
        raise fields.fail("flat", f"expected less than steep ({problem.steep:g}), got {problem.flat:g}")
    if problem.rate * problem.steep >= 2:
        raise fields.fail(
            "rate",
            f"expected less than 2 / steep = {2 / problem.steep:g}, or descent diverges, got {problem.rate:g}",
        )
    return Reading(problem)


def describe(problem: Problem) -> dict[str, Any]:
    """The problem as plain data."""
    return {f.name: getattr(problem, f.name) for f in FIELDS} | {"start": list(problem.start)}


def summary(description: dict[str, Any]) -> tuple[Formula, ...]:
    """What a page tells of it."""
    return (
        Formula(
            _("valley"),
            f"@loss = ({description['flat']:g} @place _1^2 + {description['steep']:g} @place _2^2) / 2",
        ),
        Formula(
            _("descent"), f"@rate = {description['rate']:g}, quad @momentum = {description['momentum']:g}"
        ),
    )
