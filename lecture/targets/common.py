"""What the emitters share: choosing scenes, folders that appear complete, safe texts, packages from npm."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

__all__ = [
    "Options",
    "TargetError",
    "copy_media",
    "folder",
    "is_dark",
    "npm_package",
    "select",
    "slug",
    "templates",
    "title_of",
]

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent


class TargetError(Exception):
    """Something a format needs is missing; told in one sentence with the remedy."""


@dataclass(frozen=True)
class Options:
    """What a user chooses for a target, beside the lecture itself.

    Attributes
    ----------
    only : tuple of str
        Scenes by name and chapters by number, such as ``("3", "WhereForcesBalance")``; empty for all.
    aspect : str
        ``"16:9"`` or ``"4:3"``, of slides. The picture is the same; on 4:3 there is room above and below.
    address : str
        Where the film can be watched, for a QR code; empty for none.
    """

    only: tuple[str, ...] = ()
    aspect: str = "16:9"
    address: str = ""

    def __post_init__(self) -> None:
        if self.aspect not in ("16:9", "4:3"):
            raise TargetError(f'aspect: "16:9" or "4:3" is wanted, but {self.aspect!r} came')


def select(manifest: dict[str, Any], only: Iterable[str] = ()) -> dict[str, Any]:
    """The manifest narrowed to some scenes and chapters, in the order of the lecture.

    Examples
    --------
    >>> manifest = {
    ...     "chapters": [{"number": 3, "scenes": ["A", "B"]}, {"number": 4, "scenes": ["C"]}],
    ...     "scenes": [{"name": name} for name in "ABC"],
    ... }
    >>> [s["name"] for s in select(manifest, ["4", "B"])["scenes"]]
    ['B', 'C']
    >>> [c["scenes"] for c in select(manifest, ["B"])["chapters"]]
    [['B']]
    """
    only = tuple(only)
    if not only:
        return manifest
    chapters = {str(chapter["number"]): chapter["scenes"] for chapter in manifest["chapters"]}
    names = [scene["name"] for scene in manifest["scenes"]]
    wanted: set[str] = set()
    for choice in only:
        if choice in chapters:
            wanted.update(chapters[choice])
        elif choice in names:
            wanted.add(choice)
        else:
            raise TargetError(
                f"there is no scene or chapter {choice!r} in this lecture "
                f"(chapters: {', '.join(chapters)}; scenes: {', '.join(names)})"
            )
    narrowed = [
        chapter | {"scenes": [name for name in chapter["scenes"] if name in wanted]}
        for chapter in manifest["chapters"]
    ]
    return manifest | {
        "chapters": [chapter for chapter in narrowed if chapter["scenes"]],
        "scenes": [scene for scene in manifest["scenes"] if scene["name"] in wanted],
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


def copy_media(media: Path, entry: dict[str, Any] | None, to: Path) -> Path:
    """Copy a clip, still or film of the manifest to the file `to`.

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
    return to


def templates() -> jinja2.Environment:
    """The templates of this package; every text that is put into one is escaped, unless it is made of markup here."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["slug"] = slug
    environment.filters["clock"] = clock
    return environment


def slug(name: str) -> str:
    """A scene's or step's name as it stands in addresses and file names.

    Examples
    --------
    >>> slug("AdamWDecouplesTheDecay"), slug("turn_by_q_transposed"), slug("L2IsWeightDecay")
    ('adamw-decouples-the-decay', 'turn-by-q-transposed', 'l2-is-weight-decay')
    """
    words = re.findall(r"L2|AdamW|[A-Z][a-z0-9]*|[a-z0-9]+", name)
    return "-".join(words).lower()


def title_of(scene: dict[str, Any]) -> str:
    """A scene's title as plain text; scenes that show none are called by their name.

    Examples
    --------
    >>> title_of({"name": "MapOfChapter3", "plain_title": ""})
    'Map of chapter 3'
    """
    words = re.findall(r"[A-Z][a-z]*|[0-9]+", scene["name"])
    return scene["plain_title"] or " ".join(words).capitalize()


def clock(seconds: float) -> str:
    """A duration in minutes and seconds.

    Examples
    --------
    >>> clock(75.4)
    '1:15'
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def is_dark(background: str) -> bool:
    """Whether light ink stands on a background color.

    Examples
    --------
    >>> is_dark("#11151C"), is_dark("#FDF6E3")
    (True, False)
    """
    from scenes.kit.color import contrast

    return contrast(background, "#FFFFFF") >= contrast(background, "#000000")


def npm_package(name: str, version: str, why: str) -> Path:
    """The folder of a package from npm, installed the first time it is wanted.

    Parameters
    ----------
    name, version : str
        Such as ``"reveal.js"`` and its exact version. Its installation scripts do not run.
    why : str
        What it is for, said where it cannot be had.
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
            raise TargetError(f"{why} needs {name} {version} from npm, which could not be had: {last}")
    return package
