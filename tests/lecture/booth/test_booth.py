"""The recording booth: what the server lets in and keeps, and the page under a real browser's fake microphone."""

from __future__ import annotations

import contextlib
import http.client
import json
import multiprocessing
import socket
import threading
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lecture.booth.server import Booth, Takes
from lecture.targets.common import style_of
from lecture.voice import VoiceError
from lecture.voice.recordings import find_recordings
from lecture.voice.sound import RATE, from_flac, to_flac
from scenes import LECTURE
from tests.lecture.targets.browser import Browser, chromium
from tests.lecture.targets.synthetic import SCENES, make_media

NAMES = [scene[0] for scene in SCENES]


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    manifest = make_media(tmp_path / "media")
    takes = Takes(manifest, tmp_path / "media", tmp_path / "recordings", NAMES)
    with Booth(takes, style_of(manifest, LECTURE)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def asked(
    booth: Booth, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", booth.server_address[1], timeout=20)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    return answer.status, answer.read()


def voiced(seconds: float = 1.0) -> bytes:
    samples = (
        0.2
        * np.sin(np.arange(round(seconds * RATE)) * 0.05)
        * np.sin(np.linspace(0, np.pi, round(seconds * RATE)))
    )
    return to_flac(samples.astype(np.float32))


def test_it_listens_on_this_machine_alone(booth: Booth) -> None:
    assert booth.server_address[0] == "127.0.0.1"
    assert booth.address.startswith("http://127.0.0.1:")


def test_a_recording_is_kept_where_the_builder_finds_it(booth: Booth) -> None:
    takes = booth.takes
    assert json.loads(asked(booth, "GET", "/steps")[1])[1]["faults"] is None
    assert asked(booth, "POST", "/take/1", voiced(), X_Booth=booth.token) == (200, b"[]")
    scene, step = takes.steps[1]
    found = find_recordings(takes.folder, NAMES, {scene["name"]: [step["name"]]})
    assert list(found) == [(scene["name"], step["name"])]
    assert json.loads(asked(booth, "GET", "/steps")[1])[1]["faults"] == []
    status, sound = asked(booth, "GET", "/take/1")
    assert status == 200
    assert len(from_flac(sound)) == RATE
    # Again, in its place; faults are told.
    assert (
        asked(booth, "POST", "/take/1", to_flac(np.zeros(RATE, np.float32)), X_Booth=booth.token)[1]
        == b'["silent"]'
    )
    assert len(list(takes.folder.rglob("*.*"))) == 1
    # A new server finds it.
    assert Takes({"scenes": [scene]}, takes.media, takes.folder, NAMES).describe()[1]["faults"] == ["silent"]


def test_another_page_gets_nothing_in(booth: Booth) -> None:
    for headers in ({}, {"X_Booth": "guess"}):
        assert asked(booth, "POST", "/take/1", voiced(), **headers)[0] == 403
    assert asked(booth, "GET", "/", Host="evil.example")[0] == 403
    assert asked(booth, "POST", "/take/1", voiced(), X_Booth=booth.token, Host="evil.example")[0] == 403
    assert not booth.takes.folder.exists()


@pytest.mark.parametrize("path", ["/take/999", "/take/../../x", "/take/-1"])
def test_what_is_no_step_is_refused(booth: Booth, path: str) -> None:
    assert asked(booth, "POST", path, voiced(), X_Booth=booth.token)[0] == 400
    assert asked(booth, "GET", path)[0] == 404


def test_what_is_no_sound_is_refused_and_leaves_the_recording(booth: Booth) -> None:
    asked(booth, "POST", "/take/0", voiced(), X_Booth=booth.token)
    status, told = asked(booth, "POST", "/take/0", b"no sound at all", X_Booth=booth.token)
    assert status == 422
    assert b"cannot be read as sound" in told
    assert json.loads(asked(booth, "GET", "/steps")[1])[0]["faults"] == []


def test_a_folder_with_something_else_in_it_is_told(tmp_path: Path) -> None:
    manifest = make_media(tmp_path / "media")
    (tmp_path / "recordings").mkdir()
    (tmp_path / "recordings" / "notes.txt").write_text("mine")
    with pytest.raises(VoiceError, match=r"recordings/notes.txt: there is no such scene"):
        Takes(manifest, tmp_path / "media", tmp_path / "recordings", NAMES)


FAKE = ("use-fake-device-for-media-stream", "use-fake-ui-for-media-stream")


@pytest.mark.long
def test_a_lecture_is_recorded_by_keyboard_alone(booth: Booth) -> None:
    with chromium(arguments=FAKE) as browser:
        browser.open(booth.address)
        browser.until("return steps.length > 0", "the list of steps")
        words = browser.run("return document.getElementById('words').textContent")
        assert words == booth.takes.steps[0][1]["narration"]

        for number in range(2):
            press(browser, "r")
            browser.until("return recorder?.state === 'recording'", "recording")
            browser.until("return document.getElementById('level').value > 0.01", "the meter")
            browser.run_async("await new Promise((done) => setTimeout(done, 2500))")
            press(browser, "r")
            browser.until(f"return !recorder && steps[{number}].faults !== null", "the recording kept")
            assert booth.takes.file(number) is not None
            press(browser, "p")
            browser.until("return document.getElementById('take').currentTime > 0.2", "played back")
            press(browser, "n")
            browser.until(f"return now === {number + 1}", "the next step")
        # Stopped in the middle, nothing is lost: the page begins with the first step that is missing.
        browser.open("about:blank")
        browser.open(booth.address)
        browser.until("return now === 2", "going on where it was left")
        samples = from_flac(booth.takes.file(0).read_bytes())
        assert len(samples) > 1.5 * RATE
        assert np.abs(samples).max() > 0.01


def test_what_was_being_recorded_when_the_page_ended_is_kept(booth: Booth) -> None:
    sound = voiced(2.0)
    asked(booth, "POST", "/take/1", voiced(), X_Booth=booth.token)
    for number in range(2):
        for k, piece in enumerate((sound[:9000], sound[9000:]), start=1):
            assert asked(booth, "POST", f"/part/{number}/{k}", piece, X_Booth=booth.token) == (200, b"[]")
    asked(booth, "POST", "/part/2/1", b"no sound at all", X_Booth=booth.token)
    asked(booth, "GET", "/")
    assert len(from_flac(booth.takes.file(0).read_bytes())) == 2 * RATE
    assert len(from_flac(booth.takes.file(1).read_bytes())) == RATE  # a whole one is not replaced by a part
    assert booth.takes.file(2) is None
    assert not list(booth.takes.folder.rglob("*.part"))


def test_a_booth_opens_where_nothing_can_be_spoken_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its draft is silent: a folder that is missing, or a recording that cannot be used, is why it is opened."""
    import argparse

    import lecture.booth
    import lecture.build.command

    seen = []
    monkeypatch.setattr(
        lecture.build.command, "build_command", lambda options: seen.append(options.voice) or 3
    )
    options = argparse.Namespace(voice=None, voice_program="say", dry_run=False)
    assert lecture.booth.booth_command(options) == 3
    assert (seen, options.voice_program) == (["off"], "")


def press(browser: Browser, key: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    ActionChains(browser.driver).send_keys(key).perform()


def recorded(browser: Browser, seconds: float) -> None:
    """Record so long, by keyboard."""
    browser.until("return steps.length > 0", "the list of steps")
    press(browser, "r")
    browser.until("return recorder?.state === 'recording'", "recording")
    time.sleep(seconds)


@pytest.mark.long
@pytest.mark.parametrize(
    ("height", "begins", "said"),
    [(0.002, 1.0, "too quiet"), (40.0, 1.0, "clipped"), (0.2, 0.0, "cut off at its begin"), (0.2, 1.0, "recorded")],
)  # fmt: skip
def test_the_page_says_what_should_be_recorded_again(
    booth: Booth, tmp_path: Path, height: float, begins: float, said: str
) -> None:
    noise = np.random.default_rng(0).standard_normal(RATE) * np.sin(np.linspace(0, np.pi, RATE)) * height
    if not begins:
        noise = np.tile(noise[RATE // 3 : RATE // 2], 20)
    noise = np.concatenate([np.zeros(round(begins * RATE)), noise])
    with wave.open(str(tmp_path / "microphone.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(noise, -1, 1) * 32767).astype(np.int16).tobytes())
    with chromium(
        arguments=(*FAKE, f"use-file-for-fake-audio-capture={tmp_path / 'microphone.wav'}%noloop")
    ) as browser:
        browser.open(booth.address)
        recorded(browser, 2.5)
        press(browser, "r")
        browser.until("return steps[0].faults !== null", "the recording kept")
        assert said in browser.run("return document.getElementById('told').textContent")


@pytest.mark.long
def test_a_browser_that_ends_in_the_middle_loses_nothing(booth: Booth) -> None:
    with chromium(arguments=FAKE) as browser:
        browser.open(booth.address)
        recorded(browser, 3.5)
    takes = Takes({"scenes": [booth.takes.steps[0][0]]}, booth.takes.media, booth.takes.folder, NAMES)
    assert len(from_flac(takes.file(0).read_bytes())) > 1.5 * RATE


@pytest.mark.long
def test_a_booth_that_is_stopped_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    manifest = make_media(tmp_path / "media")
    takes = Takes(manifest, tmp_path / "media", tmp_path / "recordings", NAMES)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # A process, whose end closes the connections that a browser keeps.
    fork = multiprocessing.get_context("fork")
    program = [
        fork.Process(target=lambda: Booth(takes, style_of(manifest, LECTURE), port).serve_forever())
        for _ in range(2)
    ]

    def start(k: int) -> None:
        program[k].start()
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                return
            time.sleep(0.1)

    try:
        start(0)
        with chromium(arguments=FAKE) as browser:
            browser.open(f"http://127.0.0.1:{port}/")
            recorded(browser, 2.5)
            program[0].kill()
            program[0].join()
            press(browser, "r")
            browser.until(
                "return document.getElementById('told').textContent.includes('make booth')", "the word"
            )
            start(1)
            browser.until("return !unsent && steps[0].faults !== null", "the recording sent", 30)
            assert len(from_flac(takes.file(0).read_bytes())) > 1.5 * RATE
    finally:
        for one in program:
            if one.pid:
                one.kill()
