"""PowerPoint slides: their XML, and their pages as LibreOffice prints them."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE

from scenes import LECTURE
from tests.lecture.targets.browser import needed
from tests.lecture.targets.synthetic import HOSTILE, SCENES, emit, last_frames, make_media, number_in

_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    make_media(folder, words=HOSTILE + "\x0b \x1f", theme=LECTURE.palette.on("#FDF6E3"))
    return folder


@pytest.fixture(scope="module")
def manifest(media: Path) -> dict[str, Any]:
    from lecture.manifest import load

    return load(media / "manifest.json")


def _steps(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for scene in manifest["scenes"] for step in scene["steps"]]


def _movie(slide: Any) -> Any:
    (movie,) = (shape for shape in slide.shapes if shape.shape_type == MSO_SHAPE_TYPE.MEDIA)
    return movie


def test_on_screen_a_film_comes_over_its_first_frame(media: Path, manifest: dict[str, Any]) -> None:
    """The poster is the answer, for paper: it is not seen before the film plays."""
    slides = list(Presentation(str(emit("pptx", manifest, media))).slides)
    for slide, step in zip(slides, _steps(manifest), strict=True):
        movie = _movie(slide)
        (begin,) = (shape for shape in slide.shapes if shape.shape_type == MSO_SHAPE_TYPE.PICTURE)
        order = [shape.shape_id for shape in slide.shapes]
        assert order.index(begin.shape_id) < order.index(movie.shape_id)
        place = [getattr(movie, name) for name in ("left", "top", "width", "height")]
        assert [getattr(begin, name) for name in ("left", "top", "width", "height")] == place
        shown = Image.open(io.BytesIO(begin.image.blob)).convert("RGB")
        with av.open(str(media / step["clip"]["path"])) as clip:
            first = next(clip.decode(video=0)).to_image()
        assert number_in(shown) == number_in(first)
        (entrance,) = slide._element.find(f"{_P}timing").iter(f"{_P}set")
        assert entrance.find(f".//{_P}spTgt").get("spid") == str(movie.shape_id)


def test_each_step_is_a_slide_that_plays_by_itself(media: Path, manifest: dict[str, Any]) -> None:
    slides = list(Presentation(str(emit("pptx", manifest, media))).slides)
    steps = _steps(manifest)
    assert len(slides) == len(steps)
    for slide, step in zip(slides, steps, strict=True):
        movie = _movie(slide)
        timing = slide._element.find(f"{_P}timing")
        assert {target.get("spid") for target in timing.iter(f"{_P}spTgt")} == {str(movie.shape_id)}
        (play,) = timing.iter(f"{_P}cmd")
        assert play.get("cmd") == "playFrom(0.0)"
        embedded = [part for part in slide.part.rels.values() if part.reltype.endswith("/media")]
        assert embedded[0].target_part.blob == (media / step["clip"]["path"]).read_bytes()
        assert movie.poster_frame.blob == (media / step["still"]["path"]).read_bytes()


def test_with_a_voice_it_advances_by_itself_and_without_one_it_waits(tmp_path: Path) -> None:
    manifest = make_media(tmp_path, speaks=True)
    for voice in (True, False):
        slides = list(Presentation(str(emit("pptx", manifest, tmp_path, voice=voice))).slides)
        for slide, step in zip(slides, _steps(manifest), strict=True):
            transition = slide._element.find(f"{_P}transition")
            blob = next(p for p in slide.part.rels.values() if p.reltype.endswith("/media")).target_part.blob
            with av.open(io.BytesIO(blob)) as clip:
                assert bool(clip.streams.audio) == voice
            if voice:
                assert int(transition.get("advTm")) == round(1000 * step["duration"])
                order = [child.tag.removeprefix(_P) for child in slide._element]
                assert order.index("transition") == order.index("timing") - 1
            else:
                assert transition is None


def test_words_are_where_they_are_looked_for(media: Path, manifest: dict[str, Any]) -> None:
    slides = list(Presentation(str(emit("pptx", manifest, media))).slides)
    for slide, step in zip(slides, _steps(manifest), strict=True):
        clean = step["narration"].replace("\x0b", "").replace("\x1f", "")
        assert slide.notes_slide.notes_text_frame.text == clean
        movie = _movie(slide)
        alt = movie._element.nvPicPr.cNvPr.get("descr")
        assert alt == step["alt"].replace("\x0b", "").replace("\x1f", "")
        assert slide.shapes.title.text
    assert len({slide.shapes.title.text for slide in slides}) == len(slides)


@pytest.mark.parametrize(("aspect", "ratio"), [("16:9", 16 / 9), ("4:3", 4 / 3)])
def test_slides_melt_into_the_lecture(
    media: Path, manifest: dict[str, Any], tmp_path: Path, aspect: str, ratio: float
) -> None:
    made = emit("pptx", manifest, media, tmp_path / "out", ("5",), aspect=aspect)
    presentation = Presentation(str(made))
    assert presentation.slide_width / presentation.slide_height == pytest.approx(ratio, rel=1e-3)
    slides = list(presentation.slides)
    assert len(slides) == len(last_frames(SCENES[-1][0]))
    for home in (presentation.slide_master, *slides):
        assert str(home.background.fill.fore_color.rgb) == "FDF6E3"
    movie = _movie(slides[0])
    assert movie.width == presentation.slide_width
    assert movie.width / movie.height == pytest.approx(16 / 9, rel=1e-3)
    assert abs(2 * movie.top + movie.height - presentation.slide_height) <= 1


@pytest.mark.long
@pytest.mark.parametrize("aspect", ["16:9", "4:3"])
def test_libreoffice_prints_the_last_frames(
    media: Path, manifest: dict[str, Any], tmp_path: Path, aspect: str
) -> None:
    made = emit("pptx", manifest, media, tmp_path / "out", aspect=aspect)
    office = needed("soffice", "libreoffice", "libreoffice-impress")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(made)],
        check=True,
        capture_output=True,
        timeout=300,
    )
    subprocess.run(
        [needed("pdftoppm"), "-r", "40", "-png", str(tmp_path / "lecture.pdf"), str(tmp_path / "page")],
        check=True,
    )
    pages = [Image.open(path).convert("RGB") for path in sorted(tmp_path.glob("page*.png"))]
    shown = []
    for page in pages:
        height = round(page.width * 9 / 16)
        top = (page.height - height) // 2
        if aspect == "4:3":
            # Nothing of the title, however long, hangs down into the slide.
            band = np.asarray(page.crop((0, 0, page.width, top - 2)), dtype=int)
            assert np.abs(band - (0xFD, 0xF6, 0xE3)).max() <= 2
        shown.append(number_in(page.crop((0, top, page.width, top + height))))
    assert shown == [number for name, *_ in SCENES for number in last_frames(name)]
