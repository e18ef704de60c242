"""The stage: a Manim scene whose steps can be read before they are played."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from manim import FadeIn, FadeOut, MovingCameraScene, ValueTracker, VGroup, linear
from manim import config as manim_config

from lecture.words import MARK, Computed, Message

from .countdown import SECONDS, STRIP, Countdown
from .numbers import spoken_number
from .region import SAFE, Region
from .settings import Settings
from .steps import (
    CHOICES,
    LAST_WORD,
    Number,
    Step,
    StepRecord,
    evaluate,
    evaluate_number,
    messages_in,
    require_cues,
    steps_of,
)
from .style import Style
from .text import LiveNumber, format_number, formula, words
from .theme import BODY, FORMULA, MINIMUM_HOLD, SMALL, TITLE

if TYPE_CHECKING:
    from lecture.definition import Lecture

__all__ = ["LectureScene"]


class LectureScene(MovingCameraScene):
    """A scene of a lecture: one claim, told in steps.

    A subclass states its claim in its docstring, with ``{name}`` for symbols, and has methods marked with
    :func:`~lecture.stage.steps.step`; they run in the order in which they are written, each as a Manim section of the
    same name, and each is held until what is said over it can have been read.

    Attributes
    ----------
    title : str
        Typst markup, shown by :meth:`show_title`.
    lecture : Lecture
        The lecture it belongs to, which it is shown with where nobody gives it settings.
    exact_entries : tuple of str
        Names in expressions for arrays of which every entry is right to rounding, however small it is beside others.
    question_region : Region
        Where the choices of questions stand.
    problem, style
        What it is about, and how it looks and speaks; taken from the settings.
    records : list of StepRecord
        What the steps did, filled while they run.
    """

    title: ClassVar[str | Message] = ""
    lecture: ClassVar[Lecture]
    exact_entries: ClassVar[tuple[str, ...]] = ()
    question_region: ClassVar[Region] = STRIP

    def __init__(self, settings: Settings | None = None, *, holds: bool = True, **kwargs: Any):
        settings = settings or self.lecture.settings()
        self.settings = settings
        self.problem: Any = settings.problem
        self.style: Style = settings.style
        self.records: list[StepRecord] = []
        self._followers: list[tuple[Any, Callable[[Any], Any], tuple[ValueTracker, ...]]] = []
        self._asked: list[Any] | None = None
        self._updated: list[Any] = []
        self._holds = holds
        self._countdown: Countdown | None = None
        self.title_line: Any = None
        # Before the camera is made: it takes its background from Manim's configuration.
        manim_config.background_color = self.style.background
        super().__init__(**kwargs)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Check, when a scene is read, that every cue waits for words of its own narration."""
        super().__init_subclass__(**kwargs)
        for name, member in vars(cls).items():
            if hasattr(member, "step"):
                for message in messages_in(member.step[0]):
                    marks = MARK.findall(message.text)
                    require_cues(f"{cls.__name__}.{name}", member, marks, message.text)

    @classmethod
    def claim(cls) -> Message:
        """What it claims: the first paragraph of its docstring, a message like all that readers see."""
        return Message(" ".join((inspect.getdoc(cls) or "").split("\n\n")[0].split()))

    @classmethod
    def storyboard(cls, settings: Settings | None = None) -> tuple[Step, ...]:
        """The steps with their words for these settings; nothing is rendered."""
        return steps_of(cls, settings or cls.lecture.settings())

    def construct(self) -> None:
        """Play the steps; authors do not override this."""
        for step in self.storyboard(self.settings):
            self.next_section(step.name)
            self.play_step(step)

    def play_step(self, step: Step) -> None:
        """Run one step's method, hold its last frame, record what it shows."""
        self._step, self._began = step, self.time
        if self._countdown is not None:
            self.play(FadeOut(self._countdown), run_time=0.4)
            self._countdown = None
        method = getattr(self, step.name)
        method()
        if step.question is not None:
            self._count_down(method.question[0])
        moved = self.time - self._began
        hold = max(MINIMUM_HOLD, step.timeline.seconds - moved)
        self.records.append(StepRecord(step.name, moved, hold, self._numbers(), self._planes()))
        if self._holds:
            self.wait(hold, frozen_frame=True)

    def _count_down(self, choices: Sequence[Message]) -> None:
        """Show the choices, one after the other while they are asked for, and let three seconds run down.

        They stay until the next step.
        """
        written = [self.style.typst(choice, self.problem, self._written) for choice in choices]
        self._countdown = countdown = Countdown(written, self.style, self.question_region)
        left = ValueTracker(1.0)
        for k, answer in enumerate(countdown.answers):
            self.wait_for(CHOICES[k])
            self.play(FadeIn(*([] if k else [countdown.patch, countdown.ring]), answer), run_time=0.6)
        self.add(countdown)
        self.wait_for(LAST_WORD)  # time to think begins when the question has been asked
        self.follow(countdown, lambda m: m.set_left(left.get_value()), left)
        self.play(left.animate(rate_func=linear).set_value(0.0), run_time=SECONDS)

    def _written(self, number: Computed) -> str:
        """A computed number in words on screen."""
        problem = self.problem
        inputs = {name: v(problem) if callable(v) else v for name, v in number.inputs.items()}
        return (number.write or spoken_number)(self.compute_number(number.expression, **inputs))

    def wait_for(self, mark: str) -> None:
        """Wait until the word behind ``<mark>`` in the step's narration begins; what is played next begins with it.

        The picture rests meanwhile. If the motion before took longer than the words, nothing is waited for.
        """
        moved = self.time - self._began
        if self._holds and not hasattr(self.renderer.file_writer, "note_cue"):
            # Manim alone: at reading speed. The builder fits the rest to the voice without rendering anew.
            self.wait(
                max(_frame(), self._step.timeline.at(self._step.marks[mark]) - moved), frozen_frame=True
            )
            return
        self.wait(_frame(), frozen_frame=True)
        if self._holds:
            self.renderer.file_writer.note_cue(mark)  # type: ignore[union-attr]

    # What is on screen, for the manifest and the tests.

    def _visible(self) -> list[Any]:
        return [m for mobject in self.mobjects for m in mobject.get_family()]

    def _numbers(self) -> tuple[Number, ...]:
        found = [m.number for m in self._visible() if hasattr(m, "number")]
        return tuple(n() if callable(n) else n for n in found)

    def _planes(self) -> tuple[dict[str, Any], ...]:
        planes = {id(m.plane): m.plane for m in self._visible() if hasattr(m, "plane")}
        return tuple(
            {"name": p.plane_name, "origin": p.origin[:2].tolist(), "unit": p.unit} for p in planes.values()
        )

    # Builders that know the style.

    def words(
        self, text: str | Message, *, role: str = "ink", size: float = BODY, width: float | None = None
    ) -> Any:
        """See :func:`~lecture.stage.text.words`."""
        return words(text, self.style, role=role, size=size, width=width)

    def formula(self, source: str, *, role: str = "ink", size: float = FORMULA) -> Any:
        """See :func:`~lecture.stage.text.formula`."""
        return formula(source, self.style, role=role, size=size)

    def make_title(self, text: str | Message | None = None) -> Any:
        """The scene's title, in its place at the top left."""
        line = words(text or self.title, self.style, size=TITLE)
        self.title_line = self.title_line or line  # a later one is what the first is transformed to
        return line.move_to([SAFE.left, SAFE.top, 0], aligned_edge=[-1, 1, 0])

    def make_note(self, text: str | Message) -> Any:
        """What data are shown, in a few words, in its place at the top right, level with the title."""
        note = self.words(text, role="dim", size=SMALL)
        return note.move_to([SAFE.right, SAFE.top - 0.1, 0], aligned_edge=[1, 1, 0])

    def at_top_right(self, mobject: Any) -> Any:
        """Put a formula in its place at the top right, level with the title; returns it."""
        return mobject.move_to([SAFE.right, SAFE.top + 0.05, 0], aligned_edge=[1, 1, 0])

    def clear_stage(self, *keep: Any, run_time: float = 0.6) -> None:
        """Fade out everything but the title and `keep`."""
        kept = {
            id(m) for mobject in (self.title_line, *keep) if mobject is not None for m in mobject.get_family()
        }
        gone = [m for m in self.mobjects if id(m) not in kept]
        if gone:
            self.play(*(FadeOut(m) for m in gone), run_time=run_time)

    # Numbers: computed from an expression that the manifest carries along.

    @classmethod
    def scope(cls, problem: Any, names: set[str]) -> dict[str, Any]:
        """What expressions can name, as far as it is among `names`; a lecture adds its mathematics."""
        return {"np": np, "problem": problem}

    def compute(self, expression: str, **inputs: Any) -> Any:
        """Value of an expression over the lecture's mathematics (:meth:`scope`) and the given inputs."""
        return evaluate(type(self), self.problem, expression, inputs)

    def compute_number(self, expression: str, **inputs: Any) -> float:
        """Value of an expression as a number; an entry of an array that is only its rounding noise is 0."""
        return evaluate_number(type(self), self.problem, expression, inputs)

    def number(
        self,
        expression: str,
        *,
        digits: int = 3,
        role: str = "ink",
        size: float = BODY,
        template: str = "{}",
        **inputs: Any,
    ) -> Any:
        """A computed number on screen, remembered for the manifest.

        Parameters
        ----------
        expression, inputs
            See :meth:`compute`.
        digits : int
            Significant digits.
        template : str
            Typst mathematics with ``{}`` for the number, such as ``"x = {}"``.
        """
        value = self.compute_number(expression, **inputs)
        text = format_number(value, digits)
        source = template.replace("{}", f"{{{{ {text} : number }}}}")
        mobject = formula(source, self.style, role=role, size=size)
        mobject.number = Number(text, value, expression, dict(inputs))
        return mobject

    def number_text(self, expression: str, *, digits: int = 3, **inputs: Any) -> tuple[str, Number]:
        """A computed number as text for use inside a longer formula, and its record (see :meth:`remember`)."""
        value = self.compute_number(expression, **inputs)
        text = format_number(value, digits)
        return text, Number(text, value, expression, dict(inputs))

    def remember(self, mobject: Any, *numbers: Number) -> Any:
        """Attach the records of numbers shown inside `mobject`; returns it."""
        for number in numbers:
            carrier = VGroup()  # no points: seen by nobody, counted by the manifest
            carrier.number = number
            mobject.add(carrier)
        return mobject

    def live_number(
        self,
        expression: str,
        tracker: ValueTracker,
        *,
        decimals: int = 2,
        role: str = "ink",
        size: float = BODY,
        variable: str = "value",
        **inputs: Any,
    ) -> LiveNumber:
        """A number that follows a tracker; its expression sees the tracker's value as `variable`."""

        def value() -> float:
            return self.compute_number(expression, **{variable: tracker.get_value()}, **inputs)

        shown = LiveNumber(value(), self.style, decimals=decimals, role=role, size=size)
        shown.number = lambda: Number(
            shown.text, shown.value, expression, {variable: tracker.get_value(), **inputs}
        )
        return self.follow(shown, lambda m: m.set_value(value()), tracker)

    # Motion that follows a tracker.

    def follow(self, mobject: Any, update: Any, *trackers: ValueTracker) -> Any:
        """Keep `mobject` in step with whatever `update` reads; returns it.

        With `trackers`, the update runs only while one of them is animated: at all other times the mobject is at
        rest and costs nothing to draw again.
        """
        update(mobject)
        mobject.add_updater(update)
        if trackers:
            self._followers.append((mobject, update, trackers))
        return mobject

    def play(self, *args: Any, **kwargs: Any) -> None:
        """Manim's play, with the followers of trackers that do not move taken out of the moving mobjects."""
        moving = {id(mobject) for argument in args for mobject in _animated(argument)}
        # What was told to stop (clear_updaters, remove_updater) is not to begin again.
        self._followers = [entry for entry in self._followers if entry[1] in entry[0].updaters]
        resting = [
            (mobject, update)
            for mobject, update, trackers in self._followers
            if moving.isdisjoint(map(id, trackers))
        ]
        for mobject, update in resting:
            mobject.remove_updater(update)
        self._asked = None
        super().play(*args, **kwargs)
        for mobject, update in resting:
            mobject.add_updater(update)

    def update_mobjects(self, dt: float) -> None:
        """As in Manim, but the thousands of letters that nothing updates are asked once for each play."""
        if self._asked != self.mobjects:
            self._asked = list(self.mobjects)
            self._updated = [m for m in self.mobjects if any(part.updaters for part in m.get_family())]
        for mobject in self._updated:
            mobject.update(dt)


def _frame() -> float:
    return 1 / manim_config.frame_rate


def _animated(argument: Any) -> Iterator[Any]:
    """The mobjects that an argument of play moves, through groups and builders."""
    if hasattr(argument, "animations"):
        for animation in argument.animations:
            yield from _animated(animation)
    elif hasattr(argument, "mobject"):
        yield argument.mobject
