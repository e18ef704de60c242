"""What a user is told: mistakes in the input, and remedies in the words of the command that they use."""

import os

__all__ = ["LectureError", "called", "command", "option"]


class LectureError(Exception):
    """A mistake in a lecture file, in a file that it names, or in what was asked for; one sentence with a remedy."""


def option(name: str, value: str) -> str:
    """How an option is typed: to `make` as a variable, to the command with two dashes.

    Examples
    --------
    >>> option("lecture", "mine.toml") in ("LECTURE=mine.toml", "--lecture mine.toml")
    True
    """
    return f"{name.upper()}={value}" if _by_make() else f"--{name} {value}"


def command(name: str, **options: str) -> str:
    """How a command is typed, with options."""
    words = ["make"] if _by_make() else [_PROGRAM[-1]]
    words += [] if _by_make() and name == "build" else [name]
    return " ".join(words + [option(key, value) for key, value in options.items()])


def called(program: str) -> None:
    """Remember what the command is called here."""
    _PROGRAM.append(program)


_PROGRAM = ["python -m lecture"]


def _by_make() -> bool:
    return "MAKELEVEL" in os.environ  # make's own mark for what it runs
