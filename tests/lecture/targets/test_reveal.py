"""The reveal.js deck: what it is made of, and how it plays in a browser."""

from __future__ import annotations

import base64
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lecture.targets.common import TargetError, npm_package
from lecture.targets.reveal import ends_as_it_began
from tests.lecture.targets.browser import BROWSERS, Browser, chromium, needed, serving, validate
from tests.lecture.targets.synthetic import HOSTILE, SCENES, emit, last_frames, make_media, number_in, picture


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    make_media(folder)
    return folder


@pytest.fixture(scope="module")
def deck(media: Path) -> Path:
    from lecture.manifest import load

    return emit("reveal", load(media / "manifest.json"), media)


def test_a_step_that_comes_back_loops_and_no_other() -> None:
    one, other = picture(5)[..., :3], picture(6)[..., :3]
    assert ends_as_it_began(one, one.copy())
    assert not ends_as_it_began(one, other)
    lit = one.copy()
    lit[: len(lit) // 6] = 128
    assert ends_as_it_began(one, lit)


def test_without_npm_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("lecture.targets.common.PROJECT", tmp_path)
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(TargetError, match=r"needs reveal\.js 1\.0 from npm, which is not installed"):
        npm_package("reveal.js", "1.0", "the deck")


@pytest.mark.long
def test_words_of_the_author_stay_words(tmp_path: Path) -> None:
    made = emit("reveal", make_media(tmp_path, words=HOSTILE), tmp_path)
    assert "<script>alert" not in made.read_text(encoding="utf-8")


def _rested(browser: Browser) -> None:
    browser.until(
        """const v = Reveal.getCurrentSlide().querySelector("video");
        return v.readyState >= 2 && !v.seeking && (v.ended || v.paused) && v.currentTime > v.dataset.rest - 0.034""",
        "resting on the last frame",
    )


def _number(browser: Browser) -> int:
    slide = browser.run("return Reveal.getSlides().indexOf(Reveal.getCurrentSlide())")
    return number_in(browser.picture(".deck-step video", slide))


def _painted(browser: Browser, number: int) -> bool:
    """Whether that frame is seen, and stays: a busy browser may paint late."""
    return any(_number(browser) == number for _ in range(8)) and _number(browser) == number


@pytest.mark.long
@pytest.mark.parametrize("name", ["chromium", "firefox"])
def test_each_click_plays_a_step_that_rests_and_back_shows_last_frames(deck: Path, name: str) -> None:
    wanted = [number for name, *_ in SCENES for number in last_frames(name)]
    looping = 4  # RescaleThenRotateBack, step 2
    with BROWSERS[name](size=(1280, 720)) as browser:
        browser.open(deck)
        browser.until("return window.Reveal?.isReady()", "reveal.js")
        for k, number in enumerate(wanted):
            assert browser.run("return Reveal.getSlides().indexOf(Reveal.getCurrentSlide())") == k
            if k == looping:
                browser.until("return !Reveal.getCurrentSlide().querySelector('video').paused", "playing")
                assert browser.run("return Reveal.getCurrentSlide().querySelector('video').loop")
            else:
                _rested(browser)
                assert _painted(browser, number)
            browser.run("Reveal.next()")
        for k in reversed(range(len(wanted) - 1)):
            browser.run("Reveal.prev()")
            _rested(browser)
            assert _painted(browser, wanted[k])
        if name == "chromium":
            browser.stays_here()


@pytest.mark.long
def test_going_back_from_a_server_without_ranges(deck: Path) -> None:
    wanted = [number for name, *_ in SCENES for number in last_frames(name)]
    with serving(deck.parent) as address, chromium(size=(1280, 720)) as browser:
        browser.open(f"{address}/index.html")
        browser.until("return window.Reveal?.isReady()", "reveal.js")
        for k in range(3):
            _rested(browser)
            assert _painted(browser, wanted[k])
            browser.run("Reveal.next()")
        for k in reversed(range(3)):
            browser.run("Reveal.prev()")
            _rested(browser)
            assert _painted(browser, wanted[k])
        browser.stays_here()


@pytest.mark.long
def test_keys_pause_replay_loop_and_run(deck: Path) -> None:
    clip = "Reveal.getCurrentSlide().querySelector('video')"

    def press(key: str) -> None:
        code = ord(key)
        browser.run(
            f"document.dispatchEvent(new KeyboardEvent('keydown', {{keyCode: {code}, key: '{key}'}}))"
        )

    with serving(deck.parent, ranges=True) as address, chromium(size=(1280, 720)) as browser:
        browser.open(f"{address}/index.html")
        browser.until("return window.Reveal?.isReady()", "reveal.js")
        assert "K pauses and goes on" in browser.run("return Reveal.getSlideNotes()")
        browser.until(f"return !{clip}.paused", "playing")
        press("K")
        browser.until(f"return {clip}.paused && !{clip}.ended", "a pause")
        held = browser.run(f"return {clip}.currentTime")
        time.sleep(0.5)
        assert browser.run(f"return {clip}.currentTime") == held
        press("K")
        browser.until(f"return !{clip}.paused && {clip}.currentTime > {held}", "going on")
        _rested(browser)
        press("R")
        browser.until(f"return !{clip}.paused", "playing again")
        press("L")
        browser.run(f"{clip}.addEventListener('seeked', () => {{ window.came = true }})")
        browser.until(f"return window.came && {clip}.currentTime < 0.6 && !{clip}.paused", "a loop")
        press("L")
        _rested(browser)
        # As from the speaker's window: another window of the deck.
        browser.run("new BroadcastChannel(`deck ${location.pathname}`).postMessage('run')")
        browser.until("return Reveal.getSlidePastCount() >= 3", "three steps by itself", 30)
        browser.run("Reveal.prev()")
        here = browser.run("return Reveal.getSlidePastCount()")
        time.sleep(3)
        assert browser.run("return Reveal.getSlidePastCount()") == here


@pytest.mark.long
def test_with_a_voice_it_runs_by_itself_and_stops_when_asked_to(tmp_path: Path) -> None:
    made = emit("reveal", make_media(tmp_path, speaks=True), tmp_path, voice=True)
    with chromium(size=(1280, 720), arguments=("autoplay-policy=no-user-gesture-required",)) as browser:
        browser.open(made)
        browser.until("return window.Reveal?.isReady()", "reveal.js")
        clip = "Reveal.getCurrentSlide().querySelector('video')"
        browser.until(f"return {clip}.webkitAudioDecodedByteCount > 0 && !{clip}.muted", "sound")
        browser.until("return Reveal.getSlidePastCount() >= 1", "the second step, by itself", 30)
        space = "document.dispatchEvent(new KeyboardEvent('keydown', {keyCode: 32, code: 'Space', key: ' '}))"
        browser.run(space)
        browser.until(f"return {clip}.paused", "stopped")
        here = browser.run("return Reveal.getSlidePastCount()")
        browser.run_async("await new Promise((done) => setTimeout(done, 3000))")
        assert browser.run("return Reveal.getSlidePastCount()") == here
        browser.run(space)
        browser.until("return Reveal.isLastSlide()", "the last step, by itself", 90)


@pytest.mark.long
def test_where_sound_needs_a_key_first_the_deck_says_so(tmp_path: Path) -> None:
    made = emit("reveal", make_media(tmp_path, speaks=True), tmp_path, voice=True)
    with chromium(size=(1280, 720), arguments=("autoplay-policy=user-gesture-required",)) as browser:
        browser.open(made)
        time.sleep(4)  # asking the page anything would count as somebody's key
        said = browser.run(
            "return [document.querySelector('.deck-said')].map((n) => [n.textContent, n.hidden])[0]"
        )
        assert said == ["Press space to begin", False]


@pytest.mark.long
def test_without_a_voice_its_clips_are_silent(tmp_path: Path) -> None:
    import av

    made = emit("reveal", make_media(tmp_path, speaks=True), tmp_path)
    for clip in made.parent.rglob("*.mp4"):
        with av.open(str(clip)) as film:
            assert not film.streams.audio


@pytest.mark.long
def test_notes_captions_and_no_motion_where_it_is_not_wanted(deck: Path) -> None:
    with chromium(size=(1280, 720), calm=True) as browser:
        browser.open(deck)
        browser.until("return window.Reveal?.isReady()", "reveal.js")
        _rested(browser)
        assert _number(browser) == last_frames("RotateIntoEigenbasis")[0]
        assert browser.run("return Reveal.getSlideNotes()").startswith("Step 1 of RotateIntoEigenbasis.")
        browser.run("document.dispatchEvent(new KeyboardEvent('keydown', {keyCode: 67, key: 'c'}))")
        browser.until("return !document.querySelector('.deck-said').hidden", "captions")
        assert browser.run("return document.querySelector('.deck-said').textContent").startswith("Step 1 of")
        browser.stays_here()


@pytest.mark.long
@pytest.mark.parametrize("aspect", ["16:9", "4:3"])
def test_print_has_the_last_frames(media: Path, tmp_path: Path, aspect: str) -> None:
    from lecture.manifest import load

    made = emit("reveal", load(media / "manifest.json"), media, tmp_path / "deck", aspect=aspect)
    wanted = [number for name, *_ in SCENES for number in last_frames(name)]
    with chromium(size=(1280, 720)) as browser:
        browser.open(f"{made.as_uri()}?print-pdf")
        browser.until("return document.querySelectorAll('.pdf-page').length > 0", "the print view")
        browser.until(
            "return [...document.querySelectorAll('.deck-still')].every((i) => i.complete && i.naturalWidth)",
            "the stills",
        )
        options = {"printBackground": True, "preferCSSPageSize": True}
        pdf = browser.driver.execute_cdp_cmd("Page.printToPDF", options)["data"]
        browser.stays_here()
    (tmp_path / "deck.pdf").write_bytes(base64.b64decode(pdf))
    subprocess.run([needed("pdftoppm"), "-r", "30", "-png", "deck.pdf", "page"], cwd=tmp_path, check=True)
    pages = sorted(tmp_path.glob("page-*.png"))
    assert len(pages) == len(wanted)
    for page, number in zip(pages, wanted, strict=True):
        with Image.open(page) as image:
            shape = image.width / image.height
            middle = image.crop((0, image.height // 3, image.width, 2 * image.height // 3))
            assert number_in(middle) == number
        width, height = map(int, aspect.split(":"))
        assert np.isclose(shape, width / height, rtol=0.02)


@pytest.mark.long
def test_slides_of_a_scene_in_a_deck_of_ones_own(deck: Path, tmp_path: Path) -> None:
    """As the README says: with autoplay as reveal.js itself does it."""
    import shutil

    shutil.copytree(
        deck.parent / "clips" / "where-forces-balance", tmp_path / "clips" / "where-forces-balance"
    )
    shutil.copytree(deck.parent / "reveal", tmp_path / "reveal")
    slides = (deck.parent / "slides" / "where-forces-balance.html").read_text(encoding="utf-8")
    clips = sorted(path.relative_to(tmp_path) for path in tmp_path.glob("clips/*/*.mp4"))
    fragments = "".join(
        f'<div class="fragment current-visible"><video data-autoplay muted src="{clip}"></video></div>'
        for clip in clips
    )
    slides += f'<section><div class="r-stack">{fragments}</div></section>'
    (tmp_path / "own.html").write_text(
        '<!DOCTYPE html><title>Mine</title><link rel="stylesheet" href="reveal/reveal.css">'
        f'<div class="reveal"><div class="slides"><section>Before</section>{slides}</div></div>'
        '<script src="reveal/reveal.js"></script><script>Reveal.initialize()</script>',
        encoding="utf-8",
    )
    with chromium(size=(1280, 720)) as browser:
        browser.open(tmp_path / "own.html")
        browser.until("return window.Reveal?.isReady()", "reveal.js")
        for _ in range(2):
            browser.run("Reveal.next()")
            _rested(browser)
        browser.run("Reveal.next()")
        for k in range(2):
            browser.run("Reveal.next()")
            browser.until(
                f"""const v = Reveal.getCurrentSlide().querySelectorAll("video")[{k}];
                return v.checkVisibility({{ visibilityProperty: true }}) && v.ended""",
                f"fragment {k + 1}, played to its end",
            )


@pytest.mark.long
def test_accessible_and_valid(deck: Path) -> None:
    with chromium(size=(1280, 720), calm=True) as browser:
        browser.open(deck)
        browser.until("return window.Reveal?.isReady()", "reveal.js")
        assert browser.axe() == []
    validate(deck, allow=("unique-landmark",))  # speaker notes, which reveal.js hides
