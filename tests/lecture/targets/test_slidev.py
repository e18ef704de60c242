"""The Slidev deck: built by a real Slidev, clicked through in a browser, and exported to PDF."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lecture.targets.common import PROJECT, folder
from lecture.targets.slidev import VERSION
from scenes import LECTURE
from tests.lecture.targets.browser import Browser, chromium, needed, node, serving
from tests.lecture.targets.synthetic import HOSTILE, SCENES, emit, last_frames, make_media, number_in

#: Comments, Markdown, Vue and Slidev's own syntax.
HOSTILE_SLIDES = f"{HOSTILE} --> *bold* [click] `code` $x$ <b> {{{{ 1 + 1 }}}} ::right:: ---"
PLAYWRIGHT = "playwright-chromium@1.59.1"


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("media")
    make_media(made, words=HOSTILE_SLIDES, theme=LECTURE.palette.on("#FDF6E3"))
    return made


@pytest.fixture(scope="module")
def manifest(media: Path) -> dict[str, Any]:
    from lecture.manifest import load

    return load(media / "manifest.json")


def test_everything_that_a_component_names_is_there(
    media: Path, manifest: dict[str, Any], tmp_path: Path
) -> None:
    made = emit("slidev", manifest, media, tmp_path / "deck", ("3",))
    components = {
        path.stem: path.read_text(encoding="utf-8") for path in made.parent.glob("components/*.vue")
    }
    figures = {"LiveRotate", "LiveForces"}
    scenes = {name for name, chapter, *_ in SCENES if chapter == 3}
    assert components.keys() == {"LectureScene", *scenes, *figures}
    for name in figures:
        address = re.findall(r"BASE_URL}(.+?)`", components[name])[0]
        assert (made.parent / "public" / address).is_file()
    for name, chapter, _, steps in SCENES:
        if chapter != 3:
            continue
        assert f"<{name} />" in made.read_text(encoding="utf-8")
        home = made.parent / "public" / re.findall('"folder": "(.+)"', components[name])[0]
        assert (home / "film.mp4").is_file()
        stills = re.findall('"still": "(.+)"', components[name])
        assert len(stills) == len(steps)
        assert all((home / still).is_file() for still in stills)


def test_words_of_the_author_stay_words(media: Path, manifest: dict[str, Any], tmp_path: Path) -> None:
    made = emit("slidev", manifest, media, tmp_path / "deck")
    texts = [made, *made.parent.glob("components/[!L]*.vue")]
    assert len(texts) == 1 + len(SCENES)
    for path in texts:
        text = path.read_text(encoding="utf-8")
        assert "<script>" not in text
        assert text.count("</script>") == (path.suffix == ".vue")
        assert text.count("\n-->") == (len(SCENES) if path == made else 0)


def _packages(deck: Path) -> Path:
    """What npm installs by the deck's own package.json, kept for all decks."""
    home = PROJECT / "build" / "npm" / f"slidev-{VERSION}"
    if not home.is_dir():
        with folder(home) as temporary:
            for name in ("package.json", ".npmrc"):
                shutil.copyfile(deck / name, temporary / name)
            command = [needed("npm"), "install", "--no-audit", "--no-fund", "--save-exact", PLAYWRIGHT]
            # The browser that is here will do.
            environment = os.environ | {"PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1"}
            done = subprocess.run(
                command, cwd=temporary, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
    return home / "node_modules"


def _slidev(deck: Path, *arguments: str) -> None:
    if not (deck / "node_modules").exists():
        (deck / "node_modules").symlink_to(_packages(deck))
    command = [node(), "node_modules/@slidev/cli/bin/slidev.mjs", *arguments]
    done = subprocess.run(
        command, cwd=deck, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=580
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def address(media: Path, manifest: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of the deck, built; it knows no ranges, as some do not."""
    deck = emit("slidev", manifest, media, tmp_path_factory.mktemp("slidev") / "deck").parent
    _slidev(deck, "build")
    with serving(deck / "dist") as server:
        yield f"{server}/"


_SEEN = "[...document.querySelectorAll('.lecture-scene')].find((e) => e.checkVisibility())"


def _shown(browser: Browser, step: int) -> int:
    """The number that is seen once step `step` of the slide has come to rest."""
    browser.until(
        f"""const scene = {_SEEN}, v = scene?.querySelector("video");
        return scene?.dataset.step === "{step}" && v.readyState >= 2 && v.paused && !v.seeking && v.currentTime > 0""",
        f"resting after step {step + 1}",
    )
    index = browser.run(f"return [...document.querySelectorAll('.lecture-scene')].indexOf({_SEEN})")
    return number_in(browser.picture(".lecture-scene", index))


def _press(browser: Browser, key: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    ActionChains(browser.driver).send_keys(getattr(Keys, key)).perform()


@pytest.mark.long
def test_each_click_plays_a_step_that_rests_and_back_shows_last_frames(address: str) -> None:
    steps = [(k, number) for name, *_ in SCENES for k, number in enumerate(last_frames(name))]
    with chromium(size=(1280, 720)) as browser:
        browser.open(address)
        assert _shown(browser, 0) == steps[0][1]
        widths = (
            f"return [{_SEEN}, {_SEEN}.closest('.slidev-page')].map((e) => e.getBoundingClientRect().width)"
        )
        scene, slide = browser.run(widths)
        assert scene == pytest.approx(slide, abs=1)
        browser.open("about:blank")
        browser.open(address)
        for k, (step, number) in enumerate(steps):
            if k:
                _press(browser, "ARROW_RIGHT")
            browser.until(f"return {_SEEN}?.querySelector('video')?.paused === false", "playing")
            assert _shown(browser, step) == number
        for step, number in reversed(steps[:-1]):
            _press(browser, "ARROW_LEFT")
            assert _shown(browser, step) == number
        browser.stays_here()


@pytest.mark.long
def test_keys_pause_replay_loop_run_and_blank(address: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    film = f"{_SEEN}?.querySelector('video')"
    with chromium(size=(1280, 720)) as browser:

        def press(key: str) -> None:
            ActionChains(browser.driver).send_keys(key).perform()

        browser.open(address)
        browser.until(f"return {film}?.paused === false", "playing")
        press("k")
        browser.until(f"return {film}.paused", "a pause")
        held = browser.run(f"return {film}.currentTime")
        assert held < 19 / 30
        time.sleep(0.5)
        assert browser.run(f"return {film}.currentTime") == held
        press("k")
        assert _shown(browser, 0) == last_frames("RotateIntoEigenbasis")[0]
        press("r")
        browser.until(f"return {film}.paused === false && {film}.currentTime < 1", "playing again")
        press("l")
        browser.run(f"{film}.addEventListener('seeked', () => {{ window.came = true }})")
        browser.until(f"return window.came && {film}.paused === false", "a loop")
        press("l")
        assert _shown(browser, 0) == last_frames("RotateIntoEigenbasis")[0]
        press("b")
        browser.until("return document.querySelector('.lecture-blank')", "a blank screen")
        press("b")
        browser.until("return !document.querySelector('.lecture-blank')", "the slide")
        # As from the presenter's window.
        browser.run("new BroadcastChannel('lecture').postMessage('a')")
        browser.until(f"return {_SEEN}?.dataset.step === '2'", "the third step, by itself", 30)
        browser.stays_here()


@pytest.mark.long
def test_the_screen_around_a_slide_has_its_color(address: str) -> None:
    with chromium(size=(1000, 900)) as browser:
        browser.open(address)
        _shown(browser, 0)
        screen = browser.picture("body")
    for height in (10, screen.height - 10):
        assert screen.getpixel((500, height)) == pytest.approx((0xFD, 0xF6, 0xE3), abs=1)


@pytest.mark.long
def test_who_clicks_fast_sees_the_last_step(address: str) -> None:
    with chromium(size=(1280, 720)) as browser:
        browser.open(address)
        browser.until(f"return {_SEEN}?.querySelector('video')?.paused === false", "playing")
        for _ in last_frames("RotateIntoEigenbasis")[1:]:
            _press(browser, "ARROW_RIGHT")
        assert _shown(browser, 2) == last_frames("RotateIntoEigenbasis")[2]


@pytest.mark.long
def test_only_the_films_nearby_are_fetched(address: str) -> None:
    with chromium(size=(1280, 720)) as browser:
        browser.open(address)
        _shown(browser, 0)
        fetched = {url.split("/")[-2] for url in browser.requests() if url.endswith("film.mp4")}
    assert fetched == {"rotate-into-eigenbasis", "rescale-then-rotate-back"}


@pytest.mark.long
def test_no_motion_where_it_is_not_wanted(address: str) -> None:
    with chromium(size=(1280, 720), calm=True) as browser:
        browser.open(address)
        assert _shown(browser, 0) == last_frames("RotateIntoEigenbasis")[0]
        assert browser.run(f"return {_SEEN}.querySelector('video').played.length") == 0


@pytest.mark.long
def test_the_presenter_reads_what_is_said(address: str, manifest: dict[str, Any]) -> None:
    with chromium(size=(1280, 720)) as browser:
        browser.open(f"{address}#/presenter/1")
        browser.until("return document.querySelector('.slidev-note')", "notes")
        said = browser.run("return document.querySelector('.slidev-note').textContent")
        for step in manifest["scenes"][0]["steps"]:
            assert "".join(step["narration"].split()) in "".join(said.split())
        assert "A lecture <script>alert(1)</script>" in browser.run("return document.title")
        browser.stays_here()


@pytest.mark.long
@pytest.mark.parametrize("aspect", ["16:9", "4:3"])
def test_pdf_has_the_last_frames(media: Path, manifest: dict[str, Any], tmp_path: Path, aspect: str) -> None:
    only = ("RotateIntoEigenbasis", "5") if aspect == "16:9" else ("WhereForcesBalance",)
    deck = emit("slidev", manifest, media, tmp_path / "deck", only, aspect=aspect).parent
    browser = needed("chromium", "chromium-browser", "google-chrome", "chromium")
    _slidev(
        deck,
        "export",
        "--with-clicks",
        "--wait",
        "2000",
        "--timeout",
        "200000",  # a busy machine takes long to begin
        "--executable-path",
        browser,
        "--output",
        "deck.pdf",
    )
    subprocess.run([needed("pdftoppm"), "-r", "40", "-png", "deck.pdf", "page"], cwd=deck, check=True)
    shown = []
    for path in sorted(deck.glob("page*.png")):
        with Image.open(path) as page:
            width, height = map(int, aspect.split(":"))
            assert np.isclose(page.width / page.height, width / height, rtol=0.02)
            top = (page.height - page.width * 9 // 16) // 2
            shown.append(number_in(page.crop((0, top, page.width, page.height - top))))
            if aspect == "4:3":
                color = page.convert("RGB").getpixel((page.width // 2, top // 2))
                assert color == pytest.approx((0xFD, 0xF6, 0xE3), abs=2)
    assert shown == [
        number
        for name, chapter, *_ in SCENES
        if {name, str(chapter)} & {*only}
        for number in last_frames(name)
    ]


OWN = """\
---
theme: none
title: Mine
favicon: "data:,"
fonts: { provider: none }
routerMode: hash
---

# Mine

<v-click><p class="before">Before</p></v-click>

<div style="width: 400px"><WhereForcesBalance /></div>

<v-click><p class="after">After</p></v-click>

---

# Under a heading

<WhereForcesBalance />
"""


@pytest.mark.long
def test_a_component_in_a_deck_of_ones_own(media: Path, manifest: dict[str, Any], tmp_path: Path) -> None:
    """As the README says: components and public/lecture copied beside the slides; here also under a base address."""
    made = emit("slidev", manifest, media, tmp_path / "made", ("WhereForcesBalance",)).parent
    own = tmp_path / "own"
    own.mkdir()
    for name in ("components", "public"):
        shutil.copytree(made / name, own / name)
    for name in ("package.json", ".npmrc"):
        shutil.copyfile(made / name, own / name)
    (own / "slides.md").write_text(OWN, encoding="utf-8")
    _slidev(own, "build", "--base", "/my/talk/", "--out", str(tmp_path / "served" / "my" / "talk"))
    wanted = last_frames("WhereForcesBalance")
    visible = "return document.querySelector('.{}').checkVisibility({{opacityProperty: true}})"
    with serving(tmp_path / "served") as server, chromium(size=(1280, 720)) as browser:
        browser.open(f"{server}/my/talk/")
        assert _shown(browser, 0) == wanted[0]
        _press(browser, "ARROW_RIGHT")
        browser.until(visible.format("before"), "the click before")
        assert _shown(browser, 0) == wanted[0]
        _press(browser, "ARROW_RIGHT")
        assert _shown(browser, 1) == wanted[1]
        assert not browser.run(visible.format("after"))
        _press(browser, "ARROW_RIGHT")
        browser.until(visible.format("after"), "the click after")
        _press(browser, "ARROW_RIGHT")
        assert _shown(browser, 0) == wanted[0]
        scene, slide = browser.run(
            f"return [{_SEEN}, {_SEEN}.closest('.slidev-page')].map((e) => e.getBoundingClientRect().toJSON())"
        )
        assert scene["bottom"] <= slide["bottom"]
        assert scene["height"] > 0.6 * slide["height"]
        browser.stays_here()
