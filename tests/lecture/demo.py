"""A small project of its own for the builder's tests: two scenes, cheap to render, that can be edited.

As a program it builds that project, for tests that kill it:  python -m tests.lecture.demo ROOT MEDIA [COLOR]
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from lecture.build.builder import Builder, Options, Report
from lecture.build.progress import Progress
from lecture.definition import Chapter
from lecture.edition import Edition
from lecture.frames.encode import Video
from lecture.stage.style import Style
from lecture.stage.theme import Theme
from scenes import LECTURE
from scenes.problem.problem import Problem

VIDEO = Video(160, 90, 10)

MATHS = '''
"""Two functions, used by one scene each."""


def turn_of(lam):
    return 0.02 * lam  # turned


def way_of(lam):
    return 0.01 * lam  # walked
'''

TURN = '''
"""A square that turns."""

from manim import Create, Rotate, Square

from demo.maths import turn_of
from lecture.stage import LectureScene, step


class Turn(LectureScene):
    """A square turns rigidly."""

    title = "*Turn*"

    @step(say="A square appears.", shows="A square.", covers=("A1",))
    def appear(self):
        self.square = Square(color=self.style.eig1, fill_opacity=0.5)
        self.play(Create(self.square), run_time=0.6)

    @step(say="It turns as far as lambda says, which takes a while to say.", shows="A turned square.")
    def turn(self):
        self.play(Rotate(self.square, turn_of(self.problem.lam)), run_time=1)
        self.wait(0.8)
        self.play(self.square.animate.shift([0.5, 0, 0]), run_time=0.4)

    @step(say="It turns back.", shows="The square as it was.")
    def turn_back(self):
        self.play(Rotate(self.square, -turn_of(self.problem.lam)), run_time=0.5)
'''

WALK = '''
"""A dot that walks."""

from manim import Dot, FadeIn

from demo.maths import way_of
from lecture.stage import LectureScene, step


class Walk(LectureScene):
    """A dot walks."""

    title = "Walk"

    @step(say="A dot appears.", shows="A dot.")
    def appear(self):
        self.dot = Dot(color=self.style.ridge, radius=0.5)
        self.play(FadeIn(self.dot), run_time=0.5)

    @step(say="It walks.", shows="The dot elsewhere.", covers=("B1",))
    def walk(self):
        self.play(self.dot.animate.shift([way_of(10.0), 0, 0]), run_time=0.7)
'''


class Demo:
    """The project in a folder, with what is needed to edit and build it."""

    def __init__(self, root: Path, media: Path | None = None):
        self.root, self.media = root, media or root / "media"
        self.package = root / "demo"
        self.scenes = ["Turn", "Walk"]
        self.settings = LECTURE.settings(Problem.i2ml())
        if not self.package.exists():
            self.package.mkdir(parents=True)
            for name, text in (("__init__", ""), ("maths", MATHS), ("turn", TURN), ("walk", WALK)):
                (self.package / f"{name}.py").write_text(text)

    def edit(self, module: str, old: str, new: str) -> None:
        """Replace a piece of source that must be there."""
        path = self.package / f"{module}.py"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def add(self, name: str, source: str) -> None:
        """One more scene, in a module of its name in lower case."""
        (self.package / f"{name.lower()}.py").write_text(source)
        self.scenes.append(name)

    def recolor(self, **colors: str) -> None:
        """Change colors of the theme."""
        style = self.settings.style
        theme = Theme(style.theme.name, {**style.theme, **colors})
        self.settings = replace(self.settings, style=Style(theme, style.notation))

    def pose(self, **fields: Any) -> None:
        """Change fields of the problem."""
        self.settings = replace(self.settings, problem=replace(self.settings.problem, **fields))

    def builder(
        self, scenes: list[str] | None = None, progress: Progress | None = None, **options: Any
    ) -> Builder:
        """A builder of the project, as it is now."""
        names = tuple(self.scenes)
        lecture = replace(
            LECTURE,
            package="demo",
            chapters=(Chapter("Demonstration", names),),
            libraries=("scenes", "wdmath"),
            modules={name: f"demo.{name.lower()}" for name in names},
            root=self.root,
        )
        edition = Edition.about(self.settings.problem, lecture, title="Demo")
        edition = replace(edition, path=Path("demo.toml"))
        video = options.pop("video", VIDEO)
        options = {"jobs": 2, "whole": scenes is None, "cache": self.media / ".cache", **options}
        return Builder(
            edition,
            self.settings,
            scenes or self.scenes,
            Options(video=video, quality="l", media=self.media, **options),
            progress or Progress("quiet"),
        )

    def build(self, **options: Any) -> Report:
        """Build and report."""
        return self.builder(**options).run()

    def would_render(self) -> set[str]:
        """Which steps a build would render, as ``Scene.step``."""
        return {f"{scene.name}.{step.name}" for scene in self.builder().plan_only() for step in scene.missing}


def main() -> int:
    """Build, for tests that kill this program."""
    from lecture.cli import stoppable

    root, media, *ridge = sys.argv[1:]
    demo = Demo(Path(root), Path(media))
    demo.recolor(**({"ridge": ridge[0]} if ridge else {}))
    with stoppable():
        report = demo.build()
    print(report.rendered, report.reused, flush=True)
    print("\n".join(report.failures), file=sys.stderr)
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
