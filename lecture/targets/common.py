"""What the emitters share: choosing scenes, folders that appear complete, words and safe texts, packages from npm."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from lecture.build.progress import Progress
from lecture.definition import Lecture, module_name
from lecture.formulas import role_class
from lecture.notation import Notation, Symbol
from lecture.stage.style import Style
from lecture.stage.theme import Theme
from lecture.words import PLACEHOLDER, Message, Plural, _

from .recode import silence

__all__ = [
    "FONTS",
    "KEYS",
    "Options",
    "TargetError",
    "copy_media",
    "folder",
    "is_dark",
    "language_tag",
    "npm_package",
    "prepared",
    "require_letters",
    "rest_of",
    "select",
    "slug",
    "style_of",
    "templates",
    "theme_class",
]

#: What helps where letters are missing.
FONTS = "install one that does, such as Debian's fonts-noto-core or fonts-noto-cjk"

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent


#: The keys of decks in the browser, as the speaker reads them.
KEYS = _("Keys: K pauses and goes on, R plays again, L in a loop, A runs by itself, B blanks the screen.")

# Seconds before the end of a step at which its clip is stopped.
_EARLY = 0.25


class TargetError(Exception):
    """Something a format needs is missing; one sentence with the remedy."""


def require_letters(text: str, what: str) -> None:
    """That a text can be set with the fonts at hand.

    Raises
    ------
    TargetError
        If a letter would be an empty box.
    """
    from lecture.stage.glyphs import missing_letters

    missing = missing_letters(text)
    if missing:
        raise TargetError(f"no font here has the letters {' '.join(missing[:10])} of {what}; {FONTS}")


@dataclass(frozen=True)
class Options:
    """The lecture, and what a user chooses for a target.

    Attributes
    ----------
    lecture : Lecture
        Whose manifest it is.
    only : tuple of str
        Scenes by name and chapters by number, such as ``("3", "TurnTheWheel")``; empty for all.
    aspect : str
        ``"16:9"`` or ``"4:3"``, of slides. The picture is the same; on 4:3 there is room above and below.
    address : str
        Where the film can be watched, for a QR code; empty for none.
    voice : bool
        Whether decks and clips speak: usually the lecturer does.
    progress : Progress
        Where a target that takes long says how far it is.
    """

    lecture: Lecture
    only: tuple[str, ...] = ()
    aspect: str = "16:9"
    address: str = ""
    voice: bool = False
    progress: Progress = field(default_factory=lambda: Progress("quiet"))

    def __post_init__(self) -> None:
        if self.aspect not in ("16:9", "4:3"):
            raise TargetError(f'aspect: expected "16:9" or "4:3", got {self.aspect!r}')


def prepared(manifest: dict[str, Any], options: Options) -> dict[str, Any]:
    """A manifest as emitters take it: narrowed to the chosen scenes, with names for files and addresses.

    Every scene and step has a `slug`, every chapter an `id`. `whole` says whether it is more than one scene, `title` is
    the lecture's, or the scene's where a single one was chosen.
    """
    chosen = select(manifest, options.only)
    scenes = [
        scene
        | {
            "slug": slug(scene["name"], options.lecture.acronyms),
            "steps": [step | {"slug": slug(step["name"])} for step in scene["steps"]],
        }
        for scene in chosen["scenes"]
    ]
    chapters, seen = [], dict.fromkeys((c["number"] for c in chosen["chapters"]), 0)
    for chapter in chosen["chapters"]:
        number = chapter["number"]
        seen[number] += 1
        again = f"-{seen[number]}" if seen[number] > 1 else ""
        chapters.append(chapter | {"id": f"chapter-{number}{again}"})
    alone = bool(options.only) and len(scenes) == 1
    return chosen | {
        "title": scenes[0]["plain_title"] if alone else manifest["lecture"]["title"],
        "whole": len(scenes) > 1,
        "chapters": chapters,
        "scenes": scenes,
    }


def select(manifest: dict[str, Any], only: Iterable[str] = ()) -> dict[str, Any]:
    """The manifest narrowed to some scenes and chapters, in the order of the lecture.

    Examples
    --------
    >>> manifest = {
    ...     "chapters": [
    ...         {"number": 3, "scenes": ["A", "B"]},
    ...         {"number": 4, "scenes": ["C"]},
    ...         {"number": 3, "scenes": ["D"]},
    ...     ],
    ...     "scenes": [{"name": name} for name in "ABCD"],
    ... }
    >>> [s["name"] for s in select(manifest, ["4", "B"])["scenes"]]
    ['B', 'C']
    >>> [c["scenes"] for c in select(manifest, ["3"])["chapters"]]
    [['A', 'B', 'D']]
    """
    only = tuple(only)
    if not only:
        return manifest
    chapters: dict[str, list[str]] = {}
    for chapter in manifest["chapters"]:
        chapters.setdefault(str(chapter["number"]), []).extend(chapter["scenes"])
    names = [scene["name"] for scene in manifest["scenes"]]
    chosen: set[str] = set()
    for choice in only:
        if choice in chapters:
            chosen.update(chapters[choice])
        elif choice in names:
            chosen.add(choice)
        else:
            raise TargetError(
                f"there is no scene or chapter {choice!r} in this lecture "
                f"(chapters: {', '.join(chapters)}; scenes: {', '.join(names)})"
            )
    left = [
        chapter | {"scenes": own}
        for chapter in manifest["chapters"]
        if (own := [name for name in chapter["scenes"] if name in chosen])
    ]
    # What stood between two parts of a chapter may be gone.
    joined = [
        parts[0] | {"scenes": [name for part in parts for name in part["scenes"]]}
        for parts in (list(group) for _, group in groupby(left, key=lambda chapter: chapter["number"]))
    ]
    return manifest | {
        "chapters": joined,
        "scenes": [scene for scene in manifest["scenes"] if scene["name"] in chosen],
    }


@contextlib.contextmanager
def folder(out: Path) -> Iterator[Path]:
    """A new folder that takes the place of `out` when the block ends well, and vanishes otherwise."""
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        temporary.chmod(0o755)
        yield temporary
        if out.exists():
            before = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
            out.replace(before)
            temporary.replace(out)
            shutil.rmtree(before)
        else:
            temporary.replace(out)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def copy_media(media: Path, entry: dict[str, Any] | None, to: Path, *, sound: bool = True) -> Path:
    """Copy a clip, still or film of the manifest to the file `to`, with or without its sound.

    Raises
    ------
    TargetError
        If it was not rendered, or is gone.
    """
    if entry is None:
        raise TargetError(f"{to.name} was never rendered, only stills were; run make first")
    source = (media / entry["path"]).resolve()
    if not source.is_relative_to(media.resolve()) or not source.is_file():
        raise TargetError(f"{media / entry['path']} is gone although the manifest lists it; run make again")
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, to)
    if not sound:
        silence(to)
    return to


def style_of(manifest: dict[str, Any], lecture: Lecture) -> Style:
    """Colors, symbols and language of what was rendered.

    Raises
    ------
    lecture.words.LanguageError
        If there are no words of its language.
    """
    colors = {role: color for role, color in manifest["theme"].items() if role not in ("name", "accent")}
    language = lecture.language(manifest["lecture"]["language"])
    notation = Notation(**{role: Symbol(**symbol) for role, symbol in manifest["symbols"].items()})
    return Style(Theme(manifest["theme"]["name"], colors), notation, language)


def language_tag(code: str) -> str:
    """A language as HTML names it.

    Examples
    --------
    >>> language_tag("pt_BR")
    'pt-BR'
    """
    return code.replace("_", "-")


def templates(style: Style, home: Path = HERE / "templates") -> jinja2.Environment:
    """The templates of a folder; every text that is put into one is escaped, unless it is made of markup here.

    In a template, ``_("Step {n} of {count}", n=2, count=3)`` is a message in the lecture's language, and
    ``ngettext("{n} step", "{n} steps", n=3)`` one that depends on a count.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(home),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )

    def told(message: Message) -> Markup:
        def value(match: re.Match[str]) -> str:
            name = match[1]
            return escape(message.values[name] if name in message.values else style.symbol(name).text)

        return Markup(PLACEHOLDER.sub(value, escape(message.translated(style.language))))

    environment.globals["_"] = lambda text, **values: told(Message(text, values))
    environment.globals["ngettext"] = lambda one, many, n, **values: told(
        Plural(one, many, {"n": n, **values})
    )
    environment.globals["language"] = language_tag(style.language.code)
    environment.filters["clock"] = clock
    environment.filters["role_class"] = role_class
    environment.filters["theme_class"] = theme_class
    environment.tests["dark"] = is_dark
    return environment


def slug(name: str, acronyms: Iterable[str] = ()) -> str:
    """A scene's or step's name as it stands in addresses and file names.

    Examples
    --------
    >>> slug("TurnTheWheel"), slug("turn_it_back"), slug("IPv6InBrief", ["IPv6"])
    ('turn-the-wheel', 'turn-it-back', 'ipv6-in-brief')
    """
    return module_name(name, tuple(acronyms)).replace("_", "-")


def clock(seconds: float) -> str:
    """A duration in minutes and seconds.

    Examples
    --------
    >>> clock(75.4)
    '1:15'
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def theme_class(theme: dict[str, str]) -> str:
    """The class of players in a theme: lectures in several may stand on one page.

    Examples
    --------
    >>> theme_class({"ink": "#000000"})
    'lec-theme-7193ae'
    """
    return f"lec-theme-{hashlib.blake2b(json.dumps(theme).encode(), digest_size=3).hexdigest()}"


def rest_of(step: dict[str, Any]) -> float:
    """Where the clip of a step is stopped, in seconds: well inside the picture that stays at its end.

    A browser stops, and paints, some frames later than it is told to.

    Examples
    --------
    >>> rest_of({"motion": 2.0, "duration": 4.0}), rest_of({"motion": 3.8, "duration": 4.0})
    (3.75, 3.9)
    """
    return step["duration"] - min((step["duration"] - step["motion"]) / 2, _EARLY)


def is_dark(background: str) -> bool:
    """Whether light ink stands on a background color.

    Examples
    --------
    >>> is_dark("#11151C"), is_dark("#FDF6E3")
    (True, False)
    """
    from lecture.stage.color import contrast

    return contrast(background, "#FFFFFF") >= contrast(background, "#000000")


def npm_package(name: str, version: str, why: str) -> Path:
    """The folder of a package from npm, installed the first time it is needed.

    Parameters
    ----------
    name, version : str
        Such as ``"reveal.js"`` and its exact version. Its installation scripts do not run.
    why : str
        What it is for, named in the error.
    """
    home = PROJECT / "build" / "npm" / f"{name.replace('/', '+')}-{version}"
    package = home / "node_modules" / name
    if (package / "package.json").is_file():
        return package
    npm = shutil.which("npm")
    if npm is None:
        raise TargetError(
            f"{why} needs {name} {version} from npm, which is not installed; get it with Node.js from "
            "https://nodejs.org or your system's packages, such as: apt-get install npm"
        )
    home.parent.mkdir(parents=True, exist_ok=True)
    with folder(home) as temporary:
        (temporary / "package.json").write_text(json.dumps({"private": True}), encoding="utf-8")
        command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(
            [*command, f"{name}@{version}"], cwd=temporary, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[0]
            raise TargetError(f"{why} needs {name} {version} from npm, which failed: {last}")
    return package
