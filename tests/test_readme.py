"""What README.md promises is there: links lead somewhere, targets exist, pictures are light."""

import re
from pathlib import Path

from lecture.targets import TARGETS

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_links_lead_to_files() -> None:
    links = re.findall(r"\]\((?!https?://)([^)#\s]+)", TEXT)
    assert len(links) > 8
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_targets_exist() -> None:
    commands = re.findall(r"(?:^ {4}|`)make((?: [^\s`#]+)*)", TEXT, re.MULTILINE)
    targets = {word for words in commands for word in words.split() if re.fullmatch(r"[a-z][a-z-]*", word)}
    assert len(targets) > 10
    rules = re.findall(r"^([a-z][a-z -]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert targets <= {name for rule in rules for name in rule.split()} | {*TARGETS}


def test_every_format_is_named() -> None:
    assert [name for name in TARGETS if f"make {name}" not in TEXT] == []


def test_pictures_are_light() -> None:
    pictures = list((ROOT / "media" / "readme").iterdir())
    assert {f"media/readme/{p.name}" for p in pictures} == set(re.findall(r"media/readme/[\w.-]+", TEXT))
    assert sum(p.stat().st_size for p in pictures) < 3_000_000
