"""The recording booth: what the server lets in and keeps, and the page under a real browser's fake microphone."""

from __future__ import annotations

import http.client
import json
import threading
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
from tests.lecture.targets.browser import chromium
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
    from selenium.webdriver.common.action_chains import ActionChains

    with chromium(arguments=FAKE) as browser:
        browser.open(booth.address)
        browser.until("return steps.length > 0", "the list of steps")
        words = browser.run("return document.getElementById('words').textContent")
        assert words == booth.takes.steps[0][1]["narration"]

        def press(key: str) -> None:
            ActionChains(browser.driver).send_keys(key).perform()

        for number in range(2):
            press("r")
            browser.until("return recorder?.state === 'recording'", "recording")
            browser.until("return document.getElementById('level').value > 0.01", "the meter")
            browser.run_async("await new Promise((done) => setTimeout(done, 2500))")
            press("r")
            browser.until(f"return !recorder && steps[{number}].faults !== null", "the recording kept")
            assert booth.takes.file(number) is not None
            press("p")
            browser.until("return document.getElementById('take').currentTime > 0.2", "played back")
            press("n")
            browser.until(f"return now === {number + 1}", "the next step")
        # Stopped in the middle, nothing is lost: the page begins with the first step that is missing.
        browser.open("about:blank")
        browser.open(booth.address)
        browser.until("return now === 2", "going on where it was left")
        samples = from_flac(booth.takes.file(0).read_bytes())
        assert len(samples) > 1.5 * RATE
        assert np.abs(samples).max() > 0.01
