"""Steps: the clicks of a slide, readable without rendering anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .problem import Problem
from .theme import CAPTION_SPEED

__all__ = ["Number", "Step", "StepRecord", "step", "steps_of", "unless"]

Text = str | Callable[[Problem], str]
Method = TypeVar("Method", bound=Callable[..., None])


@dataclass(frozen=True)
class Step:
    """What is said over a step, what its last frame shows, and which parts of the sources it answers for."""

    name: str
    say: str
    shows: str
    covers: tuple[str, ...]

    @property
    def speaking_time(self) -> float:
        """Seconds that the captions need."""
        # One character more, since Manim cuts waits to whole frames.
        return (len(self.say) + 1) / CAPTION_SPEED


@dataclass(frozen=True)
class Number:
    """A number on screen: its text, its value, and the wdmath expression and inputs it came from."""

    text: str
    value: float
    expression: str
    inputs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StepRecord:
    """What a step did when it ran.

    Attributes
    ----------
    seconds, hold : float
        How long its motion took and how long its last frame stays.
    numbers : tuple of Number
        Those on screen at its end.
    planes : tuple of dict
        Affine maps from coordinates to frame units: name, origin, x_unit, y_unit; with the points shown in them.
    """

    name: str
    seconds: float
    hold: float
    numbers: tuple[Number, ...]
    planes: tuple[dict[str, Any], ...]


def step(*, say: Text, shows: Text, covers: tuple[str, ...] = ()) -> Callable[[Method], Method]:
    """Make a method a step of its scene.

    Parameters
    ----------
    say : str or callable of Problem
        One or two spoken sentences: caption, speaker note and transcript. A callable states
        what is true of the problem.
    shows : str or callable of Problem
        What the last frame shows, in words, for those who do not see it.
    covers : tuple of str
        Parts of the sources (A1 ... C9) that the step answers for.
    """

    def mark(method: Method) -> Method:
        method.step = (say, shows, covers)  # type: ignore[attr-defined]
        return method

    return mark


def unless(usually: Text, **cases: Text) -> Text:
    """Words for a problem: those of the first case that is true of it, the usual ones otherwise.

    Parameters
    ----------
    usually : str or callable of Problem
    **cases : str or callable of Problem
        By names of properties of :class:`~scenes.kit.problem.Problem`, in the order in which they are tried.

    Examples
    --------
    >>> from wdmath import QuadraticRisk
    >>> say = unless("The ellipses stand upright.", is_round="The circles look the same from every side.")
    >>> say(Problem.from_risk(QuadraticRisk([[2, 0], [0, 2]], [1, 2])))
    'The circles look the same from every side.'
    """

    def told(problem: Problem) -> str:
        text = next((text for case, text in cases.items() if getattr(problem, case)), usually)
        return text if isinstance(text, str) else text(problem)

    return told


def steps_of(scene: type, problem: Problem) -> tuple[Step, ...]:
    """The steps of a scene class, in the order in which they are written."""

    def told(text: Text) -> str:
        return " ".join((text if isinstance(text, str) else text(problem)).split())

    found: dict[str, Step] = {}
    for cls in reversed(scene.__mro__):
        for name, member in vars(cls).items():
            if hasattr(member, "step"):
                say, shows, covers = member.step
                found[name] = Step(name, told(say), told(shows), tuple(covers))
    return tuple(found.values())
