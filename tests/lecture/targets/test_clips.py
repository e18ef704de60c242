"""Loose clips: what is there, what they show, and what lies behind them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image, ImageColor

from lecture.frames.encode import StepEncoder, Video
from lecture.frames.film import Held, write_film
from lecture.targets import TRANSPARENT_FOLDER
from lecture.targets.clips import moving_pictures
from lecture.targets.transparent import AlphaEncoder, files_of, is_current, render_transparent, straight
from tests.lecture.targets.synthetic import HOSTILE, SCENES, emit, last_frames, make_media, number_in


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    media = tmp_path_factory.mktemp("media")
    manifest = make_media(media, words=HOSTILE)
    emit("clips", manifest, media)
    return manifest, media


def test_names_sort_in_the_order_of_the_lecture(made: tuple[dict[str, Any], Path]) -> None:
    manifest, media = made
    wanted = [
        f"{number:02}-{step['number']:02}"
        for number, scene in enumerate(manifest["scenes"], start=1)
        for step in scene["steps"]
    ]
    for kind, suffix in (("clips", "mp4"), ("stills", "png"), ("gif", "gif"), ("webp", "webp")):
        names = sorted(path.name for path in (media / "clips" / kind).iterdir())
        assert all(name.endswith(f".{suffix}") for name in names)
        assert [name[:3] + name.split("-do-step")[0][-2:] for name in names] == wanted
    films = sorted((media / "clips" / "films").glob("*.mp4"))
    assert len(films) == len(SCENES)
    assert all(film.with_suffix(".vtt").is_file() for film in films)


def test_the_list_names_every_step_and_takes_words_as_words(made: tuple[dict[str, Any], Path]) -> None:
    _, media = made
    text = (media / "clips" / "README.md").read_text(encoding="utf-8")
    for path in (media / "clips" / "clips").iterdir():
        assert f"`{path.stem}`" in text
    assert "<script>" not in text


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_moving_pictures_rest_on_the_last_frame_and_begin_again(
    made: tuple[dict[str, Any], Path], kind: str
) -> None:
    manifest, media = made
    step = manifest["scenes"][0]["steps"][1]
    background = manifest["theme"]["background"]
    content = moving_pictures(media / step["clip"]["path"], step["motion"], background)[kind]
    with Image.open(io.BytesIO(content)) as image:
        assert image.info["loop"] == 0
        assert image.n_frames >= step["motion"] / 0.08
        image.load()
        assert number_in(image.convert("RGB")) == 20
        image.seek(image.n_frames - 1)
        image.load()
        assert number_in(image.convert("RGB")) == last_frames("RotateIntoEigenbasis")[1]
        assert image.info["duration"] == pytest.approx(2000, abs=20)


@pytest.mark.parametrize("background", ["#FDF6E3", "#11151C", "#FFFFFF", "#2A6F4E"])
def test_moving_pictures_melt_into_a_slide(tmp_path: Path, background: str) -> None:
    color, video = ImageColor.getrgb(background), Video(320, 180, 15)
    encoder = StepEncoder(video)
    for k in range(10):
        pixels = np.full((video.height, video.width, 4), (*color, 255), np.uint8)
        pixels[60:120, 20 * k + 20 : 20 * k + 80, :3] = np.subtract(255, color)
        encoder.write(pixels)
    clip = tmp_path / "clip.mp4"
    write_film(clip, video, [Held(encoder.finish(), 15)], title="")
    made = moving_pictures(clip, 9 / 15, background)
    for kind, error in (("gif", 0), ("webp", 4)):  # WebP rounds luma and chroma
        with Image.open(io.BytesIO(made[kind])) as image:
            for frame in (0, image.n_frames // 2, image.n_frames - 1):
                image.seek(frame)
                seen = image.convert("RGB").getpixel((4, 4))
                assert seen == pytest.approx(color, abs=error)


def test_colors_survive_alpha() -> None:
    rng = np.random.default_rng(0)
    color = rng.integers(0, 256, (40, 40, 3))
    alpha = rng.integers(32, 256, (40, 40, 1))
    multiplied = np.concatenate([np.round(color * alpha / 255), alpha], axis=2).astype(np.uint8)
    back = straight(multiplied)[..., :3].astype(int)
    assert np.abs(back - color).max() <= 255 / 32 / 2 + 1


def test_alpha_reaches_both_formats() -> None:
    video = Video(64, 64, 15)
    encoder = AlphaEncoder(video)
    for k in range(4):
        pixels = np.zeros((64, 64, 4), np.uint8)
        pixels[16:48, 8 * k : 8 * k + 32] = (200, 100, 0, 255)
        encoder.write(pixels, repeat=2)
    made = encoder.finish()
    for content, pixel_format in ((made.mov, None), (made.webm, "libvpx-vp9")):
        last, count = _last_frame(content, pixel_format)
        assert count == 7  # the last frame is there once
        assert last[32, 40].tolist() == pytest.approx([200, 100, 0, 255], abs=6)
        assert last[32, 4, 3] == pytest.approx(0, abs=3)
    with Image.open(io.BytesIO(made.png)) as still:
        assert still.mode == "RGBA"
        assert still.getpixel((40, 32)) == (200, 100, 0, 255)


def test_frames_with_alpha_are_taken_like_others() -> None:
    """A scene calls one encoder as it calls the other, and waits for its words in both."""
    assert {name for name in dir(StepEncoder) if not name.startswith("_")} <= {*dir(AlphaEncoder)}
    encoder = AlphaEncoder(Video(64, 64, 15), cues=[[], [10, 16]])
    counts = []
    for cues in (0, 2):
        for k in range(3):
            encoder.write(np.full((64, 64, 4), 255 - 60 * k, np.uint8))
            if k < cues:
                encoder.hold_here()
        counts.append(_last_frame(encoder.finish().webm, "libvpx-vp9")[1])
    assert counts == [3, 17]


def _last_frame(content: bytes, decoder: str | None) -> tuple[np.ndarray, int]:
    with av.open(io.BytesIO(content)) as container:
        stream = container.streams.video[0]
        # FFmpeg's own VP9 decoder leaves alpha out.
        context = av.CodecContext.create(decoder, "r") if decoder else stream.codec_context
        frames = [frame for packet in container.demux(stream) for frame in context.decode(packet)]
    return frames[-1].to_ndarray(format="rgba"), len(frames)


@pytest.mark.long
def test_a_scene_over_its_background_is_its_still(tmp_path: Path) -> None:
    from tests.lecture.build.test_cues import CUED
    from tests.lecture.demo import VIDEO, Demo

    demo = Demo(tmp_path)
    demo.add("Cued", CUED)
    demo.scenes = ["Turn", "Walk", "Cued"]
    assert not demo.build(video=Video(320, 180, VIDEO.frame_rate)).failures
    from lecture.manifest import load

    manifest, to = load(demo.media / "manifest.json"), demo.media / TRANSPARENT_FOLDER
    import os
    import sys

    sys.path.insert(0, str(tmp_path))
    os.environ["PYTHONPATH"] = str(tmp_path)
    try:
        rendered: list[str] = []
        for _ in range(2):
            render_transparent(
                manifest,
                demo.media,
                demo.settings,
                demo.builder().edition.lecture,
                to,
                say=rendered.append,
            )
    finally:
        sys.path.remove(str(tmp_path))
        del os.environ["PYTHONPATH"]
    assert len(rendered) == 3, "what is current is not rendered again"
    for scene in manifest["scenes"]:
        assert is_current(scene, demo.media, to)
        for step, paths in files_of(scene, to):
            count = _last_frame(paths["webm"].read_bytes(), "libvpx-vp9")[1]
            assert count == pytest.approx(step["motion"] * VIDEO.frame_rate, abs=2), (
                "it keeps the clip's time"
            )
            with Image.open(demo.media / step["still"]["path"]) as still, Image.open(paths["png"]) as bare:
                behind = Image.new("RGBA", bare.size, manifest["theme"]["background"])
                seen = np.asarray(Image.alpha_composite(behind, bare).convert("RGB")).astype(int)
                assert np.asarray(bare)[0, 0, 3] == 0
                assert np.abs(seen - np.asarray(still.convert("RGB"))).max() <= 3
