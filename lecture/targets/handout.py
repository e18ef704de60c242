"""`make handout`: the lecture on paper, with stills, formulas and transcript."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from lecture.definition import Fact, Formula, Lecture
from lecture.formulas import one_line, with_roles
from lecture.manifest import describe_theme
from lecture.stage.glyphs import missing_glyphs, missing_letters
from lecture.stage.style import Style
from lecture.words import _

from .common import (
    FONTS,
    HERE,
    Options,
    TargetError,
    copy_media,
    folder,
    language_tag,
    require_letters,
    style_of,
)

__all__ = ["emit"]


def emit(manifest: dict[str, Any], media: Path, out: Path, options: Options) -> Path:
    """Write the PDF, and the Typst source that it was made of."""
    import typst

    lecture, style = options.lecture, style_of(manifest, options.lecture)
    require_letters(manifest["title"], "the title")
    with folder(out) as root:
        views = {scene["name"]: _scene(scene, media, root) for scene in manifest["scenes"]}
        data = {
            "title": manifest["title"],
            "about": style.text(_("Stills, formulas and transcript"))
            if manifest["whole"]
            else manifest["lecture"]["title"],
            "whole": manifest["whole"],
            "theme": describe_theme(lecture.palette.light(), lecture.accent),  # the paper is white
            "language": language_tag(style.language.code).split("-")[0],
            "words": {
                "problem": style.text(_("The lecture’s problem")),
                "numbers": style.text(_("Numbers, and what computes them")),
                "expressions": style.text(lecture.expressions),
            },
            "formula": _formula(lecture, style),
            "formulas": _rows(lecture.formulas, style),
            "problem": _rows(lecture.summary(manifest["problem"]), style),
            "chapters": [
                {"title": chapter["title"], "scenes": [views[name] for name in chapter["scenes"]]}
                for chapter in manifest["chapters"]
            ],
            "numbers": [told for scene in manifest["scenes"] if (told := _numbers(scene, style))["numbers"]],
        }
        if options.address:
            import segno

            code = segno.make(options.address, error="m")
            code.save(str(root / "film.svg"), border=0, xmldecl=False)
            alt = style.text(_("QR code: {address}").format(address=options.address))
            data |= {"qr": alt, "address": options.address}
        (root / "handout.json").write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
        source = root / "handout.typ"
        source.write_text((HERE / "templates" / "handout.typ").read_text(encoding="utf-8"), encoding="utf-8")
        letters = (root / "handout.json").read_text(encoding="utf-8")
        if missing := missing_letters(letters):
            print(
                f"no font here has the letters {' '.join(missing[:10])}: the handout has boxes in their place; {FONTS}",
                file=sys.stderr,
            )
        # The same fonts everywhere, as far as they have all letters.
        enough = not missing_glyphs(letters, system=False)
        try:
            typst.compile(source, output=root / "handout.pdf", root=root, ignore_system_fonts=enough)
        except RuntimeError as error:
            raise TargetError(f"the handout could not be typeset: {str(error).splitlines()[0]}") from error
    return out / "handout.pdf"


def _scene(scene: dict[str, Any], media: Path, root: Path) -> dict[str, Any]:
    steps = []
    for step in scene["steps"]:
        still = f"stills/{scene['slug']}-{step['number']:02}.png"
        copy_media(media, step["still"], root / still)
        steps.append({name: step[name] for name in ("number", "narration", "alt")} | {"still": still})
    return {"title": scene["plain_title"], "claim": scene["claim"], "steps": steps}


def _formula(lecture: Lecture, style: Style) -> list[dict[str, str]]:
    """The lecture's formula, factor by factor."""
    return [
        {"name": style.text(factor.name), "source": with_roles(factor.source, style.symbol)}
        for factor in lecture.formula
    ]


def _rows(told: tuple[Formula | Fact, ...], style: Style) -> list[dict[str, str]]:
    return [
        {"name": style.text(row.name)}
        | (
            {"source": with_roles(row.source, style.symbol)}
            if isinstance(row, Formula)
            else {"text": one_line(style.text(row.text))}
        )
        for row in told
    ]


def _numbers(scene: dict[str, Any], style: Style) -> dict[str, Any]:
    """Every number of a scene once."""
    found: dict[str, str] = {}
    for step in scene["steps"]:
        for number in step["numbers"]:
            told = number["expression"]
            if number["inputs"]:
                inputs = ", ".join(
                    f"{name} = {_short(str(value))}" for name, value in number["inputs"].items()
                )
                told = style.text(_("{expression} where {inputs}").format(expression=told, inputs=inputs))
            found[told] = _digits(number["value"])
    return {
        "title": scene["plain_title"],
        "numbers": [{"expression": expression, "value": value} for expression, value in found.items()],
    }


def _short(text: str, longest: int = 60) -> str:
    """What an input is; whole data sets are in the manifest, not on paper.

    Examples
    --------
    >>> _short("[0.72, 0.96]"), _short("[0.7212, 0.9634, 1.5]", 12)
    ('[0.72, 0.96]', '[0.7212, 0.9 …')
    """
    return text if len(text) <= longest else f"{text[:longest]} …"


def _digits(value: float | None) -> str:
    """A number as it is written.

    Examples
    --------
    >>> _digits(116.2041), _digits(-0.5), _digits(0.00012), _digits(None)
    ('116.2', '−0.5', '0.00012', '∞')
    """
    return "∞" if value is None else f"{value:.4g}".replace("-", "\N{MINUS SIGN}")
