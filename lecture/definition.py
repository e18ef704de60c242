"""What a lecture registers: its scenes by chapter, what its `[problem]` may say, its colors and its symbols.

A lecture is a package with one object, ``LECTURE``. Importing that package is cheap: scenes and problem are imported
when they are needed.
"""

from __future__ import annotations

import ast
import difflib
import importlib
import importlib.util
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import LectureError
from .notation import Notation
from .words import ENGLISH, Language, Message, load_language

if TYPE_CHECKING:
    from .experiments import Experiment
    from .stage.settings import Settings
    from .stage.theme import Palette

__all__ = ["Chapter", "Fact", "Factor", "Formula", "Lecture", "load_lecture", "module_name"]


class Chapter(NamedTuple):
    """A chapter: its title and its scenes, in the order in which they are shown.

    Attributes
    ----------
    question : Message or str
        What it answers, as a lecture's map writes it.
    lead : Message or str
        How it is introduced, as a map says it.
    icon : str
        The name of its picture on a map.
    numbered : bool
        Whether it counts: what opens and what closes a lecture does not.
    """

    title: Message | str
    scenes: tuple[str, ...]
    question: Message | str = ""
    lead: Message | str = ""
    icon: str = ""
    numbered: bool = True


class Factor(NamedTuple):
    """A part of the lecture's formula.

    Attributes
    ----------
    source : str
        Typst mathematics, ``@name`` for a symbol of the notation.
    name : Message or str
        What it does, written under it; empty for what only connects.
    """

    source: str
    name: Message | str = ""


class Formula(NamedTuple):
    """A line of a formula sheet: what it is called, and Typst mathematics with ``@name`` for symbols."""

    name: Message | str
    source: str


class Fact(NamedTuple):
    """What is known of a problem, in words: what it is about, and plain text."""

    name: Message | str
    text: Message | str


_WORDS = re.compile(r"[A-Z]+[0-9]*(?=[A-Z][a-z]|$|[0-9])|[A-Z]?[a-z]+[0-9]*|[A-Z]+[0-9]*|[0-9]+")


def module_name(scene: str, acronyms: Sequence[str] = ()) -> str:
    """The module of a scene by its name: CamelCase to snake_case, where acronyms stay whole.

    Parameters
    ----------
    acronyms : sequence of str
        Words that are not written in CamelCase, such as ``AdamW``.

    Examples
    --------
    >>> module_name("TurnTheWheel"), module_name("ReadTheHTTPHeader"), module_name("AdamWRuns", ["AdamW"])
    ('turn_the_wheel', 'read_the_http_header', 'adamw_runs')
    """
    whole = "|".join(re.escape(word) for word in sorted(acronyms, key=len, reverse=True))
    pattern = f"{whole}|{_WORDS.pattern}" if whole else _WORDS.pattern
    return "_".join(re.findall(pattern, scene)).lower()


@dataclass(frozen=True)
class Lecture:
    """A lecture.

    Attributes
    ----------
    package : str
        Name of the package that holds its scenes, one idea a module: ``TurnTheWheel`` in ``turn_the_wheel.py``.
    title : Message or str
    chapters : tuple of Chapter
    palette : Palette
        Colors by role.
    notations : dict
        Symbols by role, for each notation that the lecture knows by name; the first is its own.
    problem : str
        Name of a module with

        ``FIELDS``
            the fields of `[problem]`, a tuple of :class:`lecture.fields.Field`;
        ``default()``
            the problem of a lecture that says nothing;
        ``read(fields)``
            from the fields that a file gives (:class:`lecture.fields.Values`) to a
            :class:`lecture.edition.Reading`;
        ``describe(problem)``
            the problem as plain data, for the manifest;
        ``summary(description)``, optional
            of that data what pages and handouts tell of the problem: a sequence of :class:`Formula` and
            :class:`Fact`;
        ``new(name, **options)``, optional
            writes a lecture file for ``make new``; returns its path, and a list of what to tell (rich's renderables);
        ``new_options()``, optional
            what ``new`` takes beside a name: help texts by name, for the command line.
    libraries : tuple of str
        Packages beside its own whose sources its pictures depend on.
    lead : Message or str
        What it is about in a sentence or two, under the title of a page.
    formula : tuple of Factor
        Its one formula, for scenes, pages and handouts.
    formula_spoken : Message or str
        How the formula is read aloud.
    formulas : tuple of Formula
        The formula sheet of the handout.
    authors, year, license : str
        Whom to cite, when it appeared, and what others may do with it, as pages tell.
    expressions : Message or str
        How to read the expressions behind the numbers on screen: which library they call, what their names mean.
    accent : str
        Role of the color of links, outlines and progress on pages and in decks.
    say : dict
        Terms of its own as they are written, and as they are to be spoken.
    live : str
        Name of a module with figures that are computed while a reader's hand moves them
        (:mod:`lecture.targets.live`); empty for none.
    experiments : str
        Name of a module with ``EXPERIMENTS``, a tuple of :class:`lecture.experiments.Experiment`; empty for none.
    acronyms : tuple of str
        Words in scenes' names that are not CamelCase.
    modules : dict
        Modules of scenes that do not follow the rule, by the scene's name.
    root : Path, optional
        The folder that holds its package; by default where Python finds it.
    own : dict
        Files with scenes of the user's own, by the scene's name (:meth:`with_scenes`).
    problem_file : Path, optional
        A Python file with a problem of the user's own (:meth:`with_problem`).
    """

    package: str
    title: Message | str
    chapters: tuple[Chapter, ...]
    palette: Palette
    notations: Mapping[str, Notation]
    problem: str
    libraries: tuple[str, ...] = ()
    lead: Message | str = ""
    formula: tuple[Factor, ...] = ()
    formula_spoken: Message | str = ""
    formulas: tuple[Formula, ...] = ()
    authors: str = ""
    year: str = ""
    license: str = ""
    expressions: Message | str = ""
    accent: str = "ink"
    say: Mapping[str, str] = field(default_factory=dict)
    live: str = ""
    experiments: str = ""
    acronyms: tuple[str, ...] = ()
    modules: Mapping[str, str] = field(default_factory=dict)
    root: Path | None = None
    own: Mapping[str, Path] = field(default_factory=dict)
    problem_file: Path | None = None

    @property
    def scenes(self) -> tuple[str, ...]:
        """Every scene, in the order of the lecture."""
        return tuple(name for chapter in self.chapters for name in chapter.scenes)

    @property
    def notation(self) -> Notation:
        """The lecture's own symbols."""
        return next(iter(self.notations.values()))

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that its words are there in."""
        return ("en", *sorted(path.stem for path in (self.folder / "words").glob("*.po")))

    def language(self, code: str) -> Language:
        """The words of the generator and of the lecture in a language; see :func:`lecture.words.load_language`."""
        return load_language(code, (Path(__file__).parent / "words", self.folder / "words"))

    @property
    def folder(self) -> Path:
        """The folder of its package."""
        return self.roots[self.package] / self.package

    @property
    def roots(self) -> dict[str, Path]:
        """The packages whose sources its pictures depend on, and the folder that each of them is in."""
        roots = {name: _parent_of(name) for name in ("lecture", *self.libraries)}
        roots[self.package] = self.root or _parent_of(self.package)
        files = [*self.own.values(), *([self.problem_file] if self.problem_file else [])]
        return roots | {path.stem: path.parent for path in files}

    @property
    def subject(self) -> ModuleType:
        """The module of the problem."""
        return importlib.import_module(self.problem)

    def summary(self, description: Mapping[str, Any]) -> tuple[Formula | Fact, ...]:
        """What pages and handouts tell of a problem, from its description in the manifest."""
        summary = getattr(self.subject, "summary", None)
        return tuple(summary(description)) if summary else ()

    def chapter_of(self, scene: str) -> int:
        """Number of the chapter that a scene belongs to.

        Raises
        ------
        ValueError
            If the lecture has no such scene.
        """
        for number, chapter in enumerate(self.chapters):
            if scene in chapter.scenes:
                return number
        raise ValueError(f"there is no scene {scene!r} (scenes: {', '.join(self.scenes)})")

    def require(self, names: Sequence[str]) -> list[str]:
        """The same names.

        Raises
        ------
        LectureError
            If one of them is no scene.
        """
        for name in names:
            if name not in self.scenes:
                near = difflib.get_close_matches(name, self.scenes, 1)
                remedy = f"did you mean {near[0]!r}?" if near else f"the scenes are: {', '.join(self.scenes)}"
                raise LectureError(f"there is no scene {name!r}; {remedy}")
        return list(names)

    def module_of(self, scene: str) -> str:
        """The module that defines a scene."""
        if scene in self.own:
            return self.own[scene].stem
        return self.modules.get(scene) or f"{self.package}.{module_name(scene, self.acronyms)}"

    def load_scene(self, name: str) -> type[Any]:
        """Import a scene's class; this imports Manim."""
        return getattr(importlib.import_module(self.module_of(name)), name)

    def load_experiments(self) -> tuple[Experiment, ...]:
        """Import the experiments behind what its scenes claim."""
        return importlib.import_module(self.experiments).EXPERIMENTS if self.experiments else ()

    def with_scenes(self, path: Path) -> Lecture:
        """The lecture with the scenes of a file of the user's own, at the end of its last numbered chapter.

        Raises
        ------
        LectureError
            In one sentence, if the file holds no scenes, or its name or theirs is taken.
        """
        names = _scenes_in(path)
        for name in names:
            if name in self.scenes:
                raise LectureError(
                    f"{path.name}: there is a scene {name!r} already; call yours something else"
                )
        last = max((k for k, chapter in enumerate(self.chapters) if chapter.numbered), default=-1)
        chapters = tuple(
            chapter._replace(scenes=(*chapter.scenes, *names)) if k == last % len(self.chapters) else chapter
            for k, chapter in enumerate(self.chapters)
        )
        own = {**self.own, **dict.fromkeys(names, path.resolve())}
        if str(path.resolve().parent) not in sys.path:
            sys.path.append(str(path.resolve().parent))
        return replace(self, chapters=chapters, own=own)

    def with_problem(self, path: Path) -> Lecture:
        """The lecture with a Python file in the place of `lecture.toml`: code of the user's own, which is run.

        Raises
        ------
        LectureError
            In one sentence, if the file is none, or its name is taken.
        """
        path = path.resolve()
        _require_module(path)
        if str(path.parent) not in sys.path:
            sys.path.append(str(path.parent))
        return replace(self, problem_file=path)

    def settings(
        self,
        problem: Any = None,
        *,
        theme: str = "dark",
        notation: Notation | None = None,
        language: Language = ENGLISH,
    ) -> Settings:
        """What the scenes are given, by default for the lecture's own problem."""
        from .stage.settings import Settings
        from .stage.style import Style

        style = Style(self.palette.named(theme), notation or self.notation, language)
        return Settings(self.subject.default() if problem is None else problem, style)


def load_lecture(paths: Sequence[Path], lecture: Lecture | None = None) -> Lecture:
    """The lecture that a command is about: its own, or the one in a folder; with scenes of the user's own.

    Parameters
    ----------
    paths : sequence of Path
        A package's folder with ``LECTURE``, or Python files with scenes. They are run: code that the user trusts.

    Raises
    ------
    LectureError
        In one sentence.
    """
    for path in paths:
        if path.is_dir():
            lecture = _lecture_in(path)
    if lecture is None:
        raise LectureError(
            "no lecture is named; name its folder with --scenes, such as --scenes examples/momentum"
        )
    for path in paths:
        if not path.is_dir():
            lecture = lecture.with_scenes(path)
    return lecture


def _scenes_in(path: Path) -> tuple[str, ...]:
    """The classes of a file that have steps, read without running it."""
    if path.suffix != ".py" or not path.is_file():
        raise LectureError(f"{path}: expected a Python file or a lecture's folder")
    _require_module(path)
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    except SyntaxError as error:
        raise LectureError(f"{path.name}:{error.lineno}: {error.msg}") from None
    names = tuple(c.name for c in tree.body if isinstance(c, ast.ClassDef) and any(map(_is_step, c.body)))
    if not names:
        raise LectureError(f"{path.name}: expected a class with methods marked with @step, found none")
    return names


def _require_module(path: Path) -> None:
    """That Python takes this file, and no other, for the module of its name."""
    if not path.is_file():
        raise LectureError(f"{path}: there is no such file")
    spec = importlib.util.find_spec(path.stem) if path.stem.isidentifier() else None
    if not path.stem.isidentifier() or (spec is not None and spec.origin != str(path.resolve())):
        raise LectureError(f"{path.name}: another module is called {path.stem!r}; rename the file")


def _is_step(member: ast.stmt) -> bool:
    decorators = member.decorator_list if isinstance(member, ast.FunctionDef) else []
    return any(isinstance(d, ast.Call) and getattr(d.func, "id", "") == "step" for d in decorators)


def _lecture_in(folder: Path) -> Lecture:
    folder = folder.resolve()
    if not (folder / "__init__.py").is_file():
        raise LectureError(
            f"{folder}: a lecture's folder has an __init__.py with LECTURE in it, but there is none"
        )
    sys.path.insert(0, str(folder.parent))
    module = importlib.import_module(folder.name)
    if Path(str(module.__file__)).resolve().parent != folder:
        raise LectureError(f"{folder}: another package is called {folder.name!r} as well; rename the folder")
    found = getattr(module, "LECTURE", None)
    if not isinstance(found, Lecture):
        raise LectureError(
            f"{folder}/__init__.py: expected a Lecture named LECTURE, got {type(found).__name__}"
        )
    return found


def _parent_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ImportError(f"there is no package {package!r}")
    return Path(spec.origin).resolve().parent.parent
