"""Live figures where people teach: on a slide of reveal.js and of Slidev, in a sandboxed frame, in other browsers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lecture.manifest import load
from tests.lecture.targets.browser import BROWSERS, Browser, chromium, serving, validate
from tests.lecture.targets.synthetic import emit, make_media
from tests.lecture.targets.test_slidev import _slidev

FIGURES = ("live-rotate", "live-forces")


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    make_media(folder)
    return folder


@pytest.fixture(scope="module")
def manifest(media: Path) -> dict[str, Any]:
    return load(media / "manifest.json")


@pytest.fixture(scope="module")
def files(media: Path, manifest: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the figures alone."""
    return emit("live", manifest, media, tmp_path_factory.mktemp("live") / "out").parent


def keys_move_it(browser: Browser) -> None:
    """Arrows move the minimizer, in the document that the browser is in."""
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    browser.until("return document.querySelector('.lec-live-on [data-handle=minimizer]')", "the figure")
    value = "return document.querySelector('[data-handle=minimizer]').getAttribute('aria-valuetext')"
    before = browser.run(value)
    browser.run("document.querySelector('[data-handle=minimizer]').focus()")
    ActionChains(browser.driver).send_keys(*[Keys.ARROW_RIGHT] * 5).perform()
    browser.until(f"{value} !== {before!r}", "it moves")


@pytest.mark.long
def test_valid_html(files: Path) -> None:
    validate(*files.glob("*.html"))


@pytest.mark.long
def test_on_a_slide_of_reveal(media: Path, manifest: dict[str, Any], tmp_path: Path) -> None:
    deck = emit("reveal", manifest, media, tmp_path / "deck")
    slide = (deck.parent / "slides" / "live-forces.html").read_text(encoding="utf-8")
    text = deck.read_text(encoding="utf-8")
    assert text.count('<div class="slides">') == 1
    deck.write_text(text.replace('<div class="slides">', f'<div class="slides">{slide}'), encoding="utf-8")
    with chromium(size=(1280, 720)) as browser:
        browser.open(deck)
        browser.until("return window.Reveal?.isReady()", "reveal.js")
        browser.driver.switch_to.frame(browser.driver.find_element("css selector", ".present iframe"))
        keys_move_it(browser)
        browser.driver.switch_to.default_content()
        assert browser.run("return Reveal.getSlides().indexOf(Reveal.getCurrentSlide())") == 0


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_on_a_slide_of_slidev(media: Path, manifest: dict[str, Any], tmp_path: Path, scheme: str) -> None:
    slides = emit("slidev", manifest, media, tmp_path / "deck", ("WhereForcesBalance",))
    text = slides.read_text(encoding="utf-8").replace('colorSchema: "dark"', f'colorSchema: "{scheme}"')
    own = '\n---\nlayout: none\n---\n\n<div style="position: absolute; inset: 0"><LiveForces /></div>\n'
    slides.write_text(text + own, encoding="utf-8")
    _slidev(slides.parent, "build")
    with serving(slides.parent / "dist") as address, chromium(size=(1280, 720), scheme="light") as browser:
        browser.open(f"{address}/#/2")
        browser.until("return document.querySelector('iframe')", "the slide")
        browser.driver.switch_to.frame(browser.driver.find_element("css selector", "iframe"))
        keys_move_it(browser)
        background = browser.run(
            "return getComputedStyle(document.querySelector('.lec-live')).backgroundColor"
        )
        assert background == {"dark": "rgb(17, 21, 28)", "light": "rgb(255, 255, 255)"}[scheme]
        browser.driver.switch_to.default_content()
        assert browser.run("return location.hash").startswith("#/2")


@pytest.mark.long
def test_in_a_sandboxed_frame(files: Path, tmp_path: Path) -> None:
    """As a learning platform and JupyterLab show a file: scripts, and nothing else."""
    page = tmp_path / "page.html"
    frame = (files / "live-rotate.html").as_uri()
    page.write_text(
        f'<!doctype html><title>Page</title><iframe src="{frame}" sandbox="allow-scripts" title="It" '
        'style="width: 100%; height: 640px"></iframe>',
        encoding="utf-8",
    )
    with chromium(size=(1200, 800)) as browser:
        browser.open(page)
        browser.run("window.heights = []; addEventListener('message', ({ data }) => heights.push(data))")
        browser.driver.switch_to.frame(0)
        keys_move_it(browser)
        browser.run("document.querySelector('[data-lec-do=lines]').click()")
        browser.until(
            "return document.querySelector('.lec-live textarea').value.includes('wdmath')", "the lines"
        )
        browser.driver.switch_to.default_content()
        browser.until(
            "return heights.some((data) => data.type === 'lecture-height' && data.height > 300)", "it"
        )


@pytest.mark.long
@pytest.mark.parametrize("name", ["firefox", "webkit"])
def test_in_other_browsers(files: Path, name: str) -> None:
    with BROWSERS[name](size=(1200, 800)) as browser:
        for figure in FIGURES:
            browser.open(files / f"{figure}.html")
            browser.until(
                "return document.querySelector('.lec-live-on .lec-live-svg circle') !== null", "the figure"
            )
            shown = "return document.querySelector('[data-lec-text=lam]').textContent"
            assert browser.run(shown) == "50.0"
            browser.run(
                """const dial = document.querySelector("[data-lec-dial=lam]");
                dial.value = 300; dial.dispatchEvent(new Event("input"))"""
            )
            browser.until(f"{shown} !== '50.0'", "what follows")
            picture = browser.picture(".lec-live-picture").convert("L").resize((60, 30))
            assert len(np.unique(np.asarray(picture))) > 20  # something is painted
