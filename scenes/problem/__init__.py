"""What the lecture is about: from `[problem]` and data files to one quadratic risk.

Cheap to import; what needs numpy is imported when it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .fields import FIELDS

if TYPE_CHECKING:
    from lecture.definition import Fact, Formula
    from lecture.edition import Reading
    from lecture.fields import Values

    from .new_file import NewFile
    from .problem import Problem

__all__ = ["FIELDS", "Problem", "default", "describe", "new", "new_options", "read", "summary"]


def default() -> Problem:
    """The source lecture's own example."""
    from .problem import Problem

    return Problem.i2ml()


def read(fields: Values) -> Reading:
    """The problem that the fields of a lecture file describe; see :func:`scenes.problem.fitting.read`."""
    from .fitting import read as read_fields

    return read_fields(fields)


def describe(problem: Problem) -> dict[str, Any]:
    """A problem as plain data, for the manifest."""
    from .description import describe as describe_problem

    return describe_problem(problem)


def summary(description: dict[str, Any]) -> tuple[Formula | Fact, ...]:
    """What pages and handouts tell of a problem; see :func:`scenes.problem.description.summary`."""
    from .description import summary as summary_of

    return summary_of(description)


def new_options() -> dict[str, str]:
    """What :func:`new` takes beside a name, for the command line."""
    from .new_file import OPTIONS

    return OPTIONS


def new(name: str, **options: str) -> NewFile:
    """Write a lecture file about somebody's data; see :func:`scenes.problem.new_file.new`."""
    from .new_file import new as new_lecture

    return new_lecture(name, **options)


def __getattr__(name: str) -> Any:
    if name == "Problem":
        from .problem import Problem

        return Problem
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
