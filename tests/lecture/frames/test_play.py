"""Films in a browser: every frame is there at its time, can be sought, and no joint shows anything else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lecture.frames.encode import StepEncoder, Video
from lecture.frames.film import Held, write_film
from tests.lecture.targets.browser import chromium, serving

pytestmark = pytest.mark.long

VIDEO = Video(640, 360, 30)
BITS, BLOCK = 12, 32

# Reads the number that a frame carries in its blocks.
READ = f"""
    const video = document.querySelector("video"), canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [{VIDEO.width}, {VIDEO.height}];
    const pen = canvas.getContext("2d", {{willReadFrequently: true}});
    const read = (source = video) => {{
        pen.drawImage(source, 0, 0);
        const row = pen.getImageData(0, {BLOCK // 2}, {VIDEO.width}, 1).data;
        let number = 0;
        for (let k = 0; k < {BITS}; k++) number += (row[4 * (k * {BLOCK} + {BLOCK // 2})] > 128) << k;
        return number;
    }};
"""


def picture(number: int) -> np.ndarray:
    """A frame that carries a number, and a square that moves with it."""
    pixels = np.full((VIDEO.height, VIDEO.width, 4), (17, 21, 28, 255), np.uint8)
    for k in range(BITS):
        pixels[:BLOCK, k * BLOCK : (k + 1) * BLOCK, :3] = 236 * (number >> k & 1)
    left = 7 * number % (VIDEO.width - 60)
    pixels[150:210, left : left + 60, :3] = (227, 89, 20)
    return pixels


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[int]]:
    """Steps of all kinds joined: and which picture is shown in each frame."""
    encoder, parts, shown = StepEncoder(VIDEO), [], []
    # (pictures in motion, frames that one stays in the middle, frames that the last one is held)
    for motion, pause, hold in ((40, 0, 45), (1, 0, 30), (25, 20, 31), (2, 5, 150), (60, 7, 2), (3, 0, 40)):
        for k in range(motion):
            repeat = 1 + (pause if k == motion // 2 else 0)
            number = shown[-1] + 1 if shown else 0
            encoder.write(picture(number), repeat)
            shown += [number] * repeat
        parts.append(Held(encoder.finish(), hold))
        shown += [shown[-1]] * (hold - (repeat if motion < 2 or motion // 2 == motion - 1 else 1))
    folder = tmp_path_factory.mktemp("film")
    write_film(folder / "film.mp4", VIDEO, parts, title="Test")
    (folder / "index.html").write_text("<!doctype html><title>Film</title><video muted></video>")
    assert sum(part.frames for part in parts) == len(shown)
    return folder, shown


def test_every_frame_can_be_sought(film: tuple[Path, list[int]]) -> None:
    folder, shown = film
    with serving(folder) as address, chromium() as browser:
        browser.open(f"{address}/index.html")
        found = browser.run_async(
            READ
            + """
            video.src = URL.createObjectURL(await (await fetch("film.mp4")).blob());
            await new Promise((done) => video.onloadeddata = done);
            const found = [];
            // Back and forth, so that no frame is reached merely by playing on.
            const order = [...Array(given[0]).keys()].sort((a, b) => a * 7919 % given[0] - b * 7919 % given[0]);
            for (const k of order) {
                // That it was sought does not mean that it is on screen already.
                const presented = new Promise((done) => {
                    const look = (now, frame) =>
                        Math.round(frame.mediaTime * given[1]) === k ? done() : video.requestVideoFrameCallback(look);
                    video.requestVideoFrameCallback(look);
                });
                video.currentTime = (k + 0.5) / given[1];
                await presented;
                found.push([k, read()]);
            }
            return [video.duration, found];
            """,
            len(shown),
            VIDEO.frame_rate,
        )
    assert isinstance(found, list), found
    assert found[0] == pytest.approx(len(shown) / VIDEO.frame_rate, abs=1e-3)
    assert {k: number for k, number in found[1]} == dict(enumerate(shown))


def test_played_from_begin_to_end_each_frame_shows_what_belongs_there(film: tuple[Path, list[int]]) -> None:
    folder, shown = film
    with serving(folder) as address, chromium() as browser:
        browser.open(f"{address}/index.html")
        found = browser.run_async(
            READ
            + """
            video.src = URL.createObjectURL(await (await fetch("film.mp4")).blob());
            const found = [];
            const look = () => {
                // On a busy machine the next frame may be on screen when this is called: a frame is asked for its time.
                const frame = new VideoFrame(video);
                found.push([Math.round(frame.timestamp / 1e6 * given[0]), read(frame)]);
                frame.close();
                video.requestVideoFrameCallback(look);
            };
            video.requestVideoFrameCallback(look);
            const ended = new Promise((done) => {
                video.onended = () => done("");
                video.onerror = () => done("error");
            });
            await video.play();
            const how = await ended;
            return [how, video.getVideoPlaybackQuality().corruptedVideoFrames ?? 0, found];
            """,
            VIDEO.frame_rate,
        )
    assert isinstance(found, list), found
    how, corrupted, frames = found
    assert (how, corrupted) == ("", 0)
    # A busy machine may leave frames out, never show a wrong one.
    assert len(frames) > 20
    assert [k for k, _ in frames] == sorted(k for k, _ in frames)
    assert [(k, shown[k]) for k, _ in frames] == [(k, number) for k, number in frames]
    assert frames[-1][0] >= len(shown) - VIDEO.frame_rate
