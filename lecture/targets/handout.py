"""`make handout`: the lecture on paper, with stills, formulas and transcript."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .common import HERE, Options, TargetError, copy_media, folder, slug, title_of

__all__ = ["emit"]


def emit(manifest: dict[str, Any], media: Path, out: Path, options: Options) -> Path:
    """Write the PDF, and the Typst source that it was made of."""
    import typst

    with folder(out) as root:
        chapters = [_chapter(manifest, chapter, media, root) for chapter in manifest["chapters"]]
        scenes, title = manifest["scenes"], manifest["lecture"]["title"]
        whole = len(scenes) > 1
        data = {
            "title": title if whole else title_of(scenes[0]),
            "about": _about(manifest["problem"]) if whole else title,
            "whole": whole,
            "theme": manifest["theme"],
            "problem": _problem(manifest["problem"]),
            "chapters": chapters,
            "numbers": [told for scene in scenes if (told := _numbers(scene))["numbers"]],
        }
        if options.address:
            import segno

            code = segno.make(options.address, error="m")
            code.save(str(root / "film.svg"), border=0, xmldecl=False)
            data |= {"qr": True, "address": options.address}
        (root / "handout.json").write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
        source = root / "handout.typ"
        source.write_text((HERE / "templates" / "handout.typ").read_text(encoding="utf-8"), encoding="utf-8")
        try:
            typst.compile(source, output=root / "handout.pdf", root=root, ignore_system_fonts=True)
        except RuntimeError as error:
            raise TargetError(f"the handout could not be typeset: {str(error).splitlines()[0]}") from error
    return out / "handout.pdf"


def _about(problem: dict[str, Any]) -> str:
    return f"Stills, formulas and transcript. The example: {problem['name']}."


def _chapter(manifest: dict[str, Any], chapter: dict[str, Any], media: Path, root: Path) -> dict[str, Any]:
    scenes = [scene for scene in manifest["scenes"] if scene["name"] in chapter["scenes"]]
    return {"title": chapter["title"], "scenes": [_scene(scene, media, root) for scene in scenes]}


def _scene(scene: dict[str, Any], media: Path, root: Path) -> dict[str, Any]:
    steps = []
    for step in scene["steps"]:
        still = f"stills/{slug(scene['name'])}-{step['number']:02}.png"
        copy_media(media, step["still"], root / still)
        steps.append({name: step[name] for name in ("number", "narration", "alt")} | {"still": still})
    return {"title": title_of(scene), "claim": scene["claim"], "steps": steps}


def _numbers(scene: dict[str, Any]) -> dict[str, Any]:
    """Every number of a scene once."""
    found: dict[str, str] = {}
    for step in scene["steps"]:
        for number in step["numbers"]:
            inputs = ", ".join(f"{name} = {_short(str(value))}" for name, value in number["inputs"].items())
            expression = number["expression"] + (f"  where {inputs}" if inputs else "")
            found[expression] = _digits(number["value"])
    return {
        "title": title_of(scene),
        "numbers": [{"expression": e, "value": value} for e, value in found.items()],
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


def _problem(problem: dict[str, Any]) -> dict[str, Any]:
    """The numbers of the first page, as texts."""
    return {
        "name": problem["name"],
        "lam": _digits(problem["lam"]),
        "hessian": [[_digits(x) for x in row] for row in problem["hessian"]],
        **{
            name: [_digits(x) for x in problem[name]]
            for name in ("eigenvalues", "minimizer", "ridge_minimizer")
        },
        "factors": [_digits(x) for x in problem["shrinkage_factors"]],
    }
