"""`make pptx`: PowerPoint slides, one a step, with the video inside."""

from __future__ import annotations

import io
import re
import uuid
from pathlib import Path
from typing import Any

import av

from lecture.stage.style import Style
from lecture.words import _

from .common import Options, copy_media, folder, is_dark, language_tag, style_of

__all__ = ["emit"]

# English Metric Units, in which PowerPoint measures: 914400 an inch. Both are 7.5 inches high.
_SIZES = {"16:9": (12_192_000, 6_858_000), "4:3": (9_144_000, 6_858_000)}

_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_ADEC = "http://schemas.microsoft.com/office/drawing/2017/decorative"
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
    place = 0, top, presentation.slide_width, height
    # On screen the film comes over its own first frame; on paper its poster, the last frame, lies over it.
    begin = slide.shapes.add_picture(_first_frame(clip), *place)
    _decorate(begin)
    movie = slide.shapes.add_movie(str(clip), *place, poster_frame_image=str(still), mime_type="video/mp4")
    clip.unlink()
    still.unlink()
    begin.name = movie.name = style.text(_("Step {n} of {count}").format(**counted))
    movie._element.nvPicPr.cNvPr.set("descr", _clean(step["alt"]))
    _start(slide, movie.shape_id, step["duration"])
    if voice:
        _advance(slide, step["duration"])
    slide.notes_slide.notes_text_frame.text = _clean(step["narration"])
    return slide


def _first_frame(clip: Path) -> io.BytesIO:
    """The picture that a clip begins with."""
    with av.open(str(clip)) as film:
        frame = next(film.decode(video=0))
    picture = io.BytesIO()
    frame.to_image().save(picture, "PNG")
    picture.seek(0)
    return picture


def _decorate(shape: Any) -> None:
    """Say that a shape is nothing that a screen reader has to tell."""
    from lxml import etree

    properties = shape._element.nvPicPr.cNvPr
    properties.set("descr", "")
    extensions = etree.SubElement(properties, f"{_A}extLst")
    extension = etree.SubElement(extensions, f"{_A}ext", uri="{C183D7F6-B498-43B3-948B-1728B52AA6E4}")
    etree.SubElement(extension, f"{{{_ADEC}}}decorative", nsmap={"adec": _ADEC}, val="1")


# What begins with the slide: the film plays, still unseen, and comes a moment later, when its poster is gone. Such as
# PowerPoint writes for a video that plays automatically and has the entrance "Appear".
_TIMING = """
<p:timing xmlns:p="{namespace}"><p:tnLst><p:par><p:cTn id="1" dur="indefinite" restart="never" nodeType="tmRoot">
<p:childTnLst>
<p:seq concurrent="1" nextAc="seek"><p:cTn id="2" dur="indefinite" nodeType="mainSeq"><p:childTnLst>
<p:par><p:cTn id="3" fill="hold">
<p:stCondLst><p:cond delay="indefinite"/><p:cond evt="onBegin" delay="0"><p:tn val="2"/></p:cond></p:stCondLst>
<p:childTnLst><p:par><p:cTn id="4" fill="hold"><p:stCondLst><p:cond delay="0"/></p:stCondLst><p:childTnLst>
<p:par><p:cTn id="5" presetID="1" presetClass="mediacall" presetSubtype="0" fill="hold" nodeType="afterEffect">
<p:stCondLst><p:cond delay="0"/></p:stCondLst><p:childTnLst><p:cmd type="call" cmd="playFrom(0.0)"><p:cBhvr>
<p:cTn id="6" dur="{milliseconds}" fill="hold"/><p:tgtEl><p:spTgt spid="{shape}"/></p:tgtEl></p:cBhvr></p:cmd>
</p:childTnLst></p:cTn></p:par>
<p:par><p:cTn id="7" presetID="1" presetClass="entr" presetSubtype="0" fill="hold" nodeType="withEffect">
<p:stCondLst><p:cond delay="{unseen}"/></p:stCondLst><p:childTnLst><p:set><p:cBhvr>
<p:cTn id="8" dur="1" fill="hold"><p:stCondLst><p:cond delay="0"/></p:stCondLst></p:cTn>
<p:tgtEl><p:spTgt spid="{shape}"/></p:tgtEl><p:attrNameLst><p:attrName>style.visibility</p:attrName></p:attrNameLst>
</p:cBhvr><p:to><p:strVal val="visible"/></p:to></p:set></p:childTnLst></p:cTn></p:par>
</p:childTnLst></p:cTn></p:par></p:childTnLst></p:cTn></p:par></p:childTnLst></p:cTn>
<p:prevCondLst><p:cond evt="onPrev" delay="0"><p:tgtEl><p:sldTgt/></p:tgtEl></p:cond></p:prevCondLst>
<p:nextCondLst><p:cond evt="onNext" delay="0"><p:tgtEl><p:sldTgt/></p:tgtEl></p:cond></p:nextCondLst></p:seq>
<p:video><p:cMediaNode vol="80000"><p:cTn id="9" fill="hold" display="0"><p:stCondLst><p:cond delay="indefinite"/>
</p:stCondLst></p:cTn><p:tgtEl><p:spTgt spid="{shape}"/></p:tgtEl></p:cMediaNode></p:video>
</p:childTnLst></p:cTn></p:par></p:tnLst></p:timing>
"""
_UNSEEN = 100  # milliseconds


def _start(slide: Any, shape: int, seconds: float) -> None:
    """Let a film begin with its slide, without its poster being seen before."""
    from lxml import etree

    text = _TIMING.format(namespace=_P[1:-1], shape=shape, milliseconds=round(1000 * seconds), unseen=_UNSEEN)
    timing = slide._element.find(f"{_P}timing")
    timing.getparent().replace(timing, etree.fromstring(text.replace("\n", "")))


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
