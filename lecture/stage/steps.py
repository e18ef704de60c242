"""Steps: the clicks of a slide, readable without rendering anything."""

from __future__ import annotations

import ast
import contextlib
import inspect
import re
import textwrap
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from lecture.experiments import Experiment
from lecture.timing import Timeline, at_reading_speed
from lecture.words import Computed, Marked, Message

from .numbers import spoken_number
from .settings import Settings

__all__ = [
    "CHOICES",
    "LAST_WORD",
    "Number",
    "Question",
    "Step",
    "StepRecord",
    "cues_of",
    "evaluate",
    "evaluate_number",
    "messages_in",
    "placed",
    "question",
    "require_cues",
    "step",
    "steps_of",
    "unless",
]

#: The mark of a question's last word, which no narration can contain: there the countdown begins.
LAST_WORD = "last word"

#: Marks of the words at which a question's choices appear, one after the other while it is asked.
CHOICES = tuple(f"choice {letter}" for letter in "ABCD")

#: A message, or what makes one for a problem.
Text = str | Message | Callable[[Any], "Text"]
Method = TypeVar("Method", bound=Callable[..., None])


@dataclass(frozen=True)
class Question:
    """What a step asks before the next one answers it.

    Attributes
    ----------
    choices : tuple of str
    answer : int
        Which of them is right, counted from 0.
    """

    choices: tuple[str, ...]
    answer: int


@dataclass(frozen=True)
class Step:
    """What is said over a step, what its last frame shows, and what else it is labeled with.

    Attributes
    ----------
    marks : dict
        Positions in `say` of the words that cues wait for, by name.
    symbols : tuple of (int, int, str)
        Where symbols begin and end in `say`, and how they are spoken.
    covers : tuple of str
        What a lecture's own table lists it under, such as parts of the sources it retells.
    question : Question or None
        Where the film stops for the viewer to predict.
    numbers : tuple of Number
        Those in its words.
    experiments : tuple of Experiment
        Those that what it claims rests on.
    """

    name: str
    say: str
    shows: str
    covers: tuple[str, ...]
    marks: dict[str, int] = field(default_factory=dict)
    symbols: tuple[tuple[int, int, str], ...] = ()
    question: Question | None = None
    numbers: tuple[Number, ...] = ()
    experiments: tuple[Experiment, ...] = ()

    @property
    def timeline(self) -> Timeline:
        """When its words are said, at reading speed."""
        return at_reading_speed(self.say)


@dataclass(frozen=True)
class Number:
    """A number on screen: its text, its value, and the expression and inputs it came from."""

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
        The planes on screen: `name`, `origin` in frame units, and `unit`, frame units per unit of the coordinates.
    """

    name: str
    seconds: float
    hold: float
    numbers: tuple[Number, ...]
    planes: tuple[dict[str, Any], ...]


def step(
    *, say: Text, shows: Text, covers: tuple[str, ...] = (), experiments: tuple[Experiment, ...] = ()
) -> Callable[[Method], Method]:
    """Make a method a step of its scene.

    Parameters
    ----------
    say : message, or callable of the problem that returns one
        One or two spoken sentences: voice, caption, speaker note and transcript. A callable says what is true of the
        problem.
    shows : message, or callable of the problem that returns one
        What the last frame shows, in words, for those who do not see it.
    covers : tuple of str
        What a lecture's own table lists the step under.
    experiments : tuple of Experiment
        What its claim rests on: told in the manifest and on the page, with seeds, settings and spread.
    """

    def mark(method: Method) -> Method:
        method.step = (say, shows, covers)  # type: ignore[attr-defined]
        method.experiments = experiments  # type: ignore[attr-defined]
        return method

    return mark


def question(
    *,
    ask: Text,
    shows: Text,
    choices: Sequence[Text],
    answer: int | Callable[[Any], int],
    covers: tuple[str, ...] = (),
) -> Callable[[Method], Method]:
    """Make a method a step that stops on a question: the viewer predicts what the next step shows.

    The method arranges the picture; choices and a countdown of three seconds, which begins with the last word of the
    question, are added by the scene itself. In a deck it is a click, on a page it can be answered.

    Parameters
    ----------
    ask : message, or callable of the problem that returns one
        What is said: one question.
    choices : sequence of messages or callables
        Two to four short answers.
    answer : int, or callable of the problem that returns one
        Which of them is right, counted from 0.
    """
    if not 2 <= len(choices) <= 4:
        raise ValueError(f"question: expected 2 to 4 choices, got {len(choices)}")
    if isinstance(answer, int) and not 0 <= answer < len(choices):
        raise ValueError(f"question: answer must be from 0 to {len(choices) - 1}, got {answer}")

    def mark(method: Method) -> Method:
        method.step = (ask, shows, covers)  # type: ignore[attr-defined]
        method.question = (tuple(choices), answer)  # type: ignore[attr-defined]
        return method

    return mark


def unless(usually: Text, **cases: Text) -> Text:
    """Words for a problem: those of the first case that is true of it, the usual ones otherwise.

    Parameters
    ----------
    usually : message, or callable of the problem that returns one
    **cases : messages or callables
        By names of properties of the problem, in the order in which they are tried.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> say = unless("The ellipses stand upright.", is_round="The circles look the same from every side.")
    >>> say(SimpleNamespace(is_round=True))
    'The circles look the same from every side.'
    """

    def chosen(problem: Any) -> Any:
        text = next((text for case, text in cases.items() if getattr(problem, case)), usually)
        return text if isinstance(text, str | Message) else text(problem)

    chosen.cases = (usually, *cases.values())  # type: ignore[attr-defined]
    return chosen


def steps_of(scene: type, settings: Settings) -> tuple[Step, ...]:
    """The steps of a scene class, in the order in which they are written."""
    problem = settings.problem
    numbers: list[Number] = []

    def number(computed: Computed) -> str:
        inputs = {name: v(problem) if callable(v) else v for name, v in computed.inputs.items()}
        value = evaluate_number(scene, problem, computed.expression, inputs)
        text = (computed.write or spoken_number)(value)
        numbers.append(Number(text, value, computed.expression, inputs))
        return text

    def read(text: Text) -> Marked:
        return settings.style.marked(text, problem, number)

    found: dict[str, Step] = {}
    for cls in reversed(scene.__mro__):
        for name, member in vars(cls).items():
            if hasattr(member, "step"):
                with placed(member):
                    say, shows, covers = member.step
                    said = settings.style.narration(say, problem, number)
                    require_cues(f"{scene.__name__}.{name}", member, said.marks, said.text)
                    asked, marks = None, said.marks
                    if hasattr(member, "question"):
                        choices, answer = member.question
                        asked_by = max((marks[cue] for cue in cues_of(member)), default=0)
                        marks = {**marks, **_marks_of_choices(said.text, asked_by, len(choices))}
                        right = answer(settings.problem) if callable(answer) else answer
                        asked = Question(tuple(read(choice).text for choice in choices), right)
                    shown = read(shows).text
                    found[name] = Step(
                        name,
                        said.text,
                        shown,
                        tuple(covers),
                        marks,
                        said.symbols,
                        asked,
                        tuple(numbers),
                        tuple(getattr(member, "experiments", ())),
                    )
                    numbers.clear()
    return tuple(found.values())


@contextlib.contextmanager
def placed(method: Callable[..., None], line: int = 0) -> Iterator[None]:
    """Note on an error where in its author's file a step is: its words are read where no line of that file runs."""
    try:
        yield
    except Exception as error:
        if not getattr(error, "__notes__", ()):
            code = method.__code__
            error.add_note(f"{Path(code.co_filename).name}:{line or code.co_firstlineno}")
        raise


def require_cues(name: str, method: Callable[..., None], marks: Collection[str], said: str) -> None:
    """That every cue that a step waits for is in its narration.

    Raises
    ------
    ValueError
        If one is not, placed at the line that waits for it.
    """
    for line, cue in _waits(method):
        if cue not in marks:
            with placed(method, line):
                raise ValueError(f"{name}: wait_for({cue!r}): there is no <{cue}> in its narration: {said!r}")


def _marks_of_choices(asked: str, after: int, count: int) -> dict[str, int]:
    """Where a question's choices appear, evenly over its words from a position on, and where its last word begins."""
    words = [found.start() for found in re.finditer(r"\S+", asked) if found.start() >= after]
    at = {CHOICES[k]: words[k * len(words) // count] for k in range(count)}
    return {**at, LAST_WORD: words[-1]}


def evaluate(scene: Any, problem: Any, expression: str, inputs: Mapping[str, Any]) -> Any:
    """Value of an expression over what a scene's expressions can name, and the given inputs.

    The expression is part of a scene's source, never of an input file; writing it as text keeps what is computed and
    what the manifest says was computed one and the same.
    """
    names = set(re.findall(r"[A-Za-z_]\w*", expression))
    return eval(expression, {"__builtins__": {}}, {**scene.scope(problem, names), **inputs})


_ENTRY = re.compile(r"(.+)(\[-?\d+\])", re.DOTALL)
_NOISE = 1e-13


def evaluate_number(scene: Any, problem: Any, expression: str, inputs: Mapping[str, Any]) -> float:
    """Value of an expression as a number; an entry of an array that is only the rounding noise of the others is 0."""
    value = float(evaluate(scene, problem, expression, inputs))
    entry = _ENTRY.fullmatch(expression)
    if value and entry and not any(name in expression for name in scene.exact_entries):
        with contextlib.suppress(SyntaxError):  # the end of a longer expression, such as 1 - f(x)[0]
            whole = np.abs(np.asarray(evaluate(scene, problem, entry[1], inputs), dtype=float))
            if abs(value) <= _NOISE * whole.max():
                return 0.0
    return value


def cues_of(method: Callable[..., None]) -> tuple[str, ...]:
    """The marks that a step's method waits for, in the order in which they stand in its source."""
    return tuple(mark for _line, mark in _waits(method))


def _waits(method: Callable[..., None]) -> list[tuple[int, str]]:
    """Where in its file a step's method waits, and for which mark.

    Raises
    ------
    ValueError
        If a mark is not written as a string: which words it waits for could not be known before it is played.
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(method)))
    except OSError:  # defined where there is no file, such as in an interpreter
        return []
    above = method.__code__.co_firstlineno - 1
    found = []
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "wait_for"
        ):
            if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "self"):
                continue
            mark = node.args[0] if len(node.args) == 1 else None
            if not (isinstance(mark, ast.Constant) and isinstance(mark.value, str)):
                with placed(method, above + node.lineno):
                    raise ValueError(
                        f"{method.__qualname__}: wait_for() expects the name of a mark, written as a string"
                    )
            else:
                found.append((above + node.lineno, node.col_offset, mark.value))
    return [(line, mark) for line, _column, mark in sorted(found)]


def messages_in(text: Text) -> list[Message]:
    """The messages that a text can become, as far as they are known without a problem."""
    if isinstance(text, Message):
        return [text]
    return [m for case in getattr(text, "cases", ()) for m in messages_in(case)]
