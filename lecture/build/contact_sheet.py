"""One page with the last frames of all steps, to look the whole lecture over."""

from __future__ import annotations

from html import escape
from pathlib import Path

from lecture.files import write_atomically
from lecture.manifest import load

__all__ = ["write_sheet"]

_STYLE = """
body { margin: 2rem; font: 16px/1.4 system-ui, sans-serif; background: #808080; color: #000 }
section { display: grid; grid-template-columns: repeat(auto-fill, minmax(24rem, 1fr)); gap: 1rem }
figure { margin: 0 } img { width: 100%; display: block } figcaption { padding: .3rem 0 1rem }
"""


def write_sheet(media: Path) -> None:
    """Write ``index.html`` beside the manifest of a folder."""
    manifest = load(media / "manifest.json")
    parts = []
    for scene in manifest["scenes"]:
        parts.append(f"<h2>{escape(scene['plain_title'])}</h2>\n<section>")
        for step in scene["steps"]:
            parts.append(
                f'<figure><a href="{escape(step["still"]["path"])}"><img loading="lazy" '
                f'src="{escape(step["still"]["path"])}" alt="{escape(step["alt"])}"></a>'
                f"<figcaption>{step['number']}. {escape(step['narration'])}</figcaption></figure>"
            )
        parts.append("</section>")
    title = escape(manifest["lecture"]["title"])
    page = (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f"<style>{_STYLE}</style>\n<h1>{title}</h1>\n" + "\n".join(parts) + "\n</html>\n"
    )
    write_atomically(media / "index.html", page.encode())
