"""`make pptx`: PowerPoint slides, one a step, with the video inside."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Any

from lecture.stage.style import Style
from lecture.words import _

from .common import Options, copy_media, folder, is_dark, language_tag, style_of

__all__ = ["emit"]

# English Metric Units, in which PowerPoint measures: 914400 an inch. Both are 7.5 inches high.
_SIZES = {"16:9": (12_192_000, 6_858_000), "4:3": (9_144_000, 6_858_000)}

_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_P14 = "http://schemas.microsoft.com/office/powerpoint/2010/main"
_SECTIONS = "{521415D9-36F7-43E2-AB2F-B90AF26B5E84}"


def emit(manifest: dict[str, Any], media: Path, out: Path, options: Options) -> Path:
    """Write the presentation; a section for every scene."""
    from pptx import Presentation

    presentation, style = Presentation(), style_of(manifest, options.lecture)
    layout = _plain_layout(presentation, options.aspect, manifest["theme"])
    sections: list[tuple[str, list[int]]] = []
    with folder(out) as root:
        for scene in manifest["scenes"]:
            slides = [
                _add_slide(presentation, layout, style, manifest, media, root, scene, step, options.voice)
                for step in scene["steps"]
            ]
            sections.append((_clean(scene["plain_title"]), [slide.slide_id for slide in slides]))
        _add_sections(presentation, sections)
        properties = presentation.core_properties
        properties.title, properties.author = _clean(manifest["title"])[:255], ""
        properties.language = language_tag(style.language.code)
        presentation.save(str(root / "lecture.pptx"))
    return out / "lecture.pptx"


def _clean(text: str) -> str:
    """A text without the characters that XML has no way to write."""
    return re.sub("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]", "", text)


def _plain_layout(presentation: Any, aspect: str, theme: dict[str, str]) -> Any:
    """The one layout that is used, in the theme's colors; slides that users add look the same."""
    width, height = _SIZES[aspect]
    wider = width / presentation.slide_width
    presentation.slide_width, presentation.slide_height = width, height
    layout = presentation.slide_layouts.get_by_name("Title Only")
    for other in list(presentation.slide_layouts):
        if other is not layout and other.name != layout.name:
            presentation.slide_layouts.remove(other)
    for home in (presentation.slide_master, layout):
        for shape in home.shapes:
            # Others take their place from the master.
            if shape._element.find(".//{*}xfrm") is not None:
                shape.left, shape.width = round(shape.left * wider), round(shape.width * wider)
    _paint(presentation.slide_master, theme["background"])
    colors = presentation.slide_master._element.find(f"{_P}clrMap")
    if is_dark(theme["background"]):
        for one, other in (("bg1", "dk1"), ("tx1", "lt1"), ("bg2", "dk2"), ("tx2", "lt2")):
            colors.set(one, other)
    return layout


def _paint(slide: Any, color: str) -> None:
    from pptx.dml.color import RGBColor

    fill = slide.background.fill
    fill.solid()
    fill.fore_color.rgb = RGBColor.from_string(color.lstrip("#").upper())


def _add_slide(
    presentation: Any,
    layout: Any,
    style: Style,
    manifest: dict[str, Any],
    media: Path,
    root: Path,
    scene: dict[str, Any],
    step: dict[str, Any],
    voice: bool,
) -> Any:
    from pptx.enum.text import MSO_ANCHOR

    slide = presentation.slides.add_slide(layout)
    # On the slide itself as well, so that it stays when the slide is taken into another presentation.
    _paint(slide, manifest["theme"]["background"])
    title = slide.shapes.title
    counted = {"n": step["number"], "count": len(scene["steps"])}
    title.text = _clean(
        style.text(_("{title} ({n} of {count})").format(title=scene["plain_title"], **counted))
    )
    # The picture shows a title already: this one is for outlines and screen readers, and stands above the slide;
    # on its foot, so that a long one grows away from the slide.
    title.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM
    title.left, title.top, title.width, title.height = 0, -900_000, presentation.slide_width, 800_000
    clip = copy_media(media, step["clip"], root / "clip.mp4", sound=voice)
    still = copy_media(media, step["still"], root / "still.png")
    video = manifest["video"]
    height = round(presentation.slide_width * video["height"] / video["width"])
    top = (presentation.slide_height - height) // 2
    movie = slide.shapes.add_movie(
        str(clip),
        0,
        top,
        presentation.slide_width,
        height,
        poster_frame_image=str(still),
        mime_type="video/mp4",
    )
    clip.unlink()
    still.unlink()
    movie.name = style.text(_("Step {n} of {count}").format(**counted))
    movie._element.nvPicPr.cNvPr.set("descr", _clean(step["alt"]))
    # Begin with the slide, not with a click.
    for condition in slide._element.find(f"{_P}timing").iter(f"{_P}cond"):
        condition.set("delay", "0")
    if voice:
        _advance(slide, step["duration"])
    slide.notes_slide.notes_text_frame.text = _clean(step["narration"])
    return slide


def _advance(slide: Any, seconds: float) -> None:
    """Go on to the next slide by itself, when the narration has ended, or on a click."""
    from lxml import etree

    transition = etree.Element(f"{_P}transition", advClick="1", advTm=str(round(1000 * seconds)))
    # Before the timing, as the schema wants it.
    slide._element.find(f"{_P}timing").addprevious(transition)


def _add_sections(presentation: Any, sections: list[tuple[str, list[int]]]) -> None:
    """Group the slides; python-pptx knows no sections ([MS-PPTX] 2.6.24)."""
    from lxml import etree

    root = presentation.part._element
    extensions = root.find(f"{_P}extLst")
    if extensions is None:
        extensions = etree.SubElement(root, f"{_P}extLst")
    extension = etree.SubElement(extensions, f"{_P}ext", uri=_SECTIONS)
    listed = etree.SubElement(extension, f"{{{_P14}}}sectionLst", nsmap={"p14": _P14})
    for number, (name, slides) in enumerate(sections):
        identity = uuid.uuid5(uuid.NAMESPACE_OID, f"{number} {name}")
        section = etree.SubElement(listed, f"{{{_P14}}}section", name=name, id=f"{{{str(identity).upper()}}}")
        ids = etree.SubElement(section, f"{{{_P14}}}sldIdLst")
        for slide in slides:
            etree.SubElement(ids, f"{{{_P14}}}sldId", id=str(slide))
