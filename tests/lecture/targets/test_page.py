"""The web page: what it is made of, and how it behaves in a browser."""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lecture.targets.common import TargetError
from scenes import LECTURE
from tests.lecture.targets.browser import BROWSERS, Browser, chromium, needed, serving, validate
from tests.lecture.targets.synthetic import HOSTILE, emit, last_frames, make_media, number_in


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    make_media(folder)
    return folder


@pytest.fixture(scope="module")
def page(media: Path) -> Path:
    from lecture.manifest import load

    return emit("page", load(media / "manifest.json"), media)


def test_everything_that_the_page_names_is_there(page: Path) -> None:
    for document in (page, *page.parent.glob("*/*/index.html")):
        text = document.read_text(encoding="utf-8")
        named = re.findall(r'(?:src|href|poster|data-clip)="([^"#][^"]*)"', text)
        files = [n for n in named if not n.startswith("data:")]
        assert files
        assert [n for n in files if not (document.parent / n).is_file()] == []


def test_no_page_asks_anything_of_another_machine(page: Path) -> None:
    for document in page.parent.rglob("*.*"):
        if document.suffix in (".html", ".css", ".js"):
            assert not re.findall(
                r"https?://(?!127\.0\.0\.1|www\.w3\.org/2000/svg)", document.read_text(encoding="utf-8")
            ), document


def test_words_of_the_author_stay_words(tmp_path: Path) -> None:
    manifest = make_media(tmp_path, words=HOSTILE)
    for document in (made := emit("page", manifest, tmp_path)), *made.parent.glob("*/*/index.html"):
        text = document.read_text(encoding="utf-8")
        assert "<script>alert" not in text
        assert "alert(1)" in html.unescape(text)


def test_a_scene_or_chapter_alone(media: Path) -> None:
    from lecture.manifest import load

    manifest = load(media / "manifest.json")
    made = emit("page", manifest, media, media / "one", only=("WhereForcesBalance",))
    assert [p.name for p in (made.parent / "scenes").iterdir()] == ["where-forces-balance"]
    assert [p.name for p in (made.parent / "live").iterdir()] == ["live-forces.html"]
    made = emit("page", manifest, media, media / "five", only=("5",))
    assert [p.name for p in (made.parent / "scenes").iterdir()] == ["choosing-lambda"]
    assert not (made.parent / "live").exists()
    with pytest.raises(TargetError, match="NoScene"):
        emit("page", manifest, media, media / "none", only=("NoScene",))
    assert not (media / "none").exists()


def test_a_heavy_film_is_encoded_again_frame_by_frame(media: Path, tmp_path: Path) -> None:
    import av

    from lecture.targets.recode import lighten

    source, film = media / "scenes" / "RotateIntoEigenbasis.mp4", tmp_path / "film.mp4"
    shutil.copyfile(source, film)
    before = film.read_bytes()
    lighten(film, len(before))
    assert film.read_bytes() == before
    lighten(film, len(before) - 1)
    after = film.read_bytes()
    assert after != before
    assert after.find(b"moov") < after.find(b"mdat")
    shown = []
    for path in (source, film):
        with av.open(str(path)) as container:
            shown.append(
                [(round(30 * frame.time), number_in(frame.to_image())) for frame in container.decode(video=0)]
            )
    assert shown[1] == shown[0]
    assert list(tmp_path.iterdir()) == [film]


def test_a_film_of_noise_comes_down_to_its_limit(tmp_path: Path) -> None:
    import io

    import av

    from lecture.targets.recode import encode_h264, lighten

    rng, film, once = np.random.default_rng(0), tmp_path / "film.mp4", io.BytesIO()
    frames = [
        av.VideoFrame.from_ndarray(rng.integers(0, 256, (135, 160), dtype=np.uint8), format="yuv420p")
        for _ in range(30)
    ]
    encode_h264(frames, film, (160, 90), 30, gop=120, crf=5)
    encode_h264(frames, once, (160, 90), 30, gop=120)
    limit = 0.8 * len(once.getvalue())
    lighten(film, limit)
    assert film.stat().st_size <= limit


def test_the_poster_is_not_the_answer(media: Path, tmp_path: Path) -> None:
    from lecture.manifest import load

    manifest = load(media / "manifest.json")
    (scene,) = (s for s in manifest["scenes"] if s["name"] == "RotateIntoEigenbasis")
    for asks, shown in ((None, 0), (1, 1), (2, 0)):
        for k, step in enumerate(scene["steps"]):
            step["question"] = {"prompt": "Where?"} if k == asks else None
        made = emit("page", manifest, media, tmp_path / "page")
        with Image.open(made.parent / "scenes" / "rotate-into-eigenbasis" / "poster.webp") as poster:
            assert number_in(poster) == last_frames("RotateIntoEigenbasis")[shown]


def test_fonts_have_every_letter_of_the_page_and_weigh_little(tmp_path: Path) -> None:
    from fontTools.ttLib import TTFont

    fonts = emit("page", make_media(tmp_path, words="ß → ∇ λ̂ ⊤"), tmp_path).parent / "fonts"
    for name in ("serif", "serif-italic", "sans"):
        with TTFont(fonts / f"{name}.woff2") as font:
            known = set(font.getBestCmap())
        assert {*map(ord, "azAZ09 ßλ")} <= known
        assert ord("Ж") not in known  # nobody says it
    assert sum(path.stat().st_size for path in fonts.glob("*.woff2")) < 160_000


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a lecture with a film and stills for paper, which are bright."""
    media = tmp_path_factory.mktemp("whole")
    manifest = make_media(media)
    make_media(media / ".paper", theme=LECTURE.palette.light())
    (media / "lecture.vtt").write_text("WEBVTT")
    film = {"path": "scenes/RotateIntoEigenbasis.mp4", "bytes": 1, "duration": 1.0}
    manifest["lecture"] |= {"film": film, "vtt": "lecture.vtt"}
    return emit("page", manifest, media, address="https://example.org/decay")


def test_what_there_is_beside_the_page(whole: Path, page: Path) -> None:
    text = html.unescape(whole.read_text(encoding="utf-8"))
    files = re.findall(r'<a href="downloads/([^"]*)" download>(.*?)</a>', text)
    assert files == [
        ("RotateIntoEigenbasis.mp4", "Film"),
        ("handout.pdf", "Handout"),
        ("lecture.pptx", "Slides"),
        ("lecture.vtt", "Captions"),
    ]
    assert all((whole.parent / "downloads" / name).is_file() for name, _ in files)
    assert "License: MIT" in text
    assert "@misc{authors2026alecture,\n  title = {{A lecture}}," in text
    assert "url = {https://example.org/decay}" in text
    assert '<meta property="og:image" content="https://example.org/decay/preview.jpg">' in text
    with Image.open(whole.parent / "preview.jpg") as preview:
        assert preview.size == (1200, 630)
        middle = preview.crop((0, 100, 1200, 530))
        assert number_in(middle) == last_frames("RotateIntoEigenbasis")[-1]
    # Of a lecture without them there are slides alone.
    offered = re.findall(r'<a href="downloads/([^"]*)"', page.read_text(encoding="utf-8"))
    assert offered == ["lecture.pptx"]


@pytest.mark.long
def test_paper_has_stills_on_white_and_no_title_alone(whole: Path, tmp_path: Path) -> None:
    import base64
    import subprocess

    for still in whole.parent.glob("paper/*/*.webp"):  # told apart from those of the screen
        Image.new("RGB", (320, 180), (255, 255, 0)).save(still)
    with serving(whole.parent) as address, chromium(scheme="dark") as browser:
        browser.open(f"{address}/index.html")
        browser.until("return document.readyState === 'complete'", "the page")
        made = browser.driver.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})
    (tmp_path / "page.pdf").write_bytes(base64.b64decode(made["data"]))
    subprocess.run([needed("pdftoppm"), "-r", "40", "-png", "page.pdf", "p"], cwd=tmp_path, check=True)
    yellow = 0
    for path in sorted(tmp_path.glob("p-*.png")):
        with Image.open(path) as sheet:
            pixels = np.asarray(sheet.convert("RGB")).astype(int)
        dark = (pixels.max(axis=2) < 60).mean()
        assert dark < 0.05, path.name
        yellow += int(((pixels[..., 0] > 200) & (pixels[..., 1] > 200) & (pixels[..., 2] < 60)).sum())
    one = (0.4 * 8.27 * 40) ** 2 * 9 / 16  # pixels of one still, at least
    steps = sum(len(last_frames(name)) for name in ("RotateIntoEigenbasis", "RescaleThenRotateBack"))
    assert yellow > one * steps
    told = subprocess.run(
        [needed("pdftotext"), "page.pdf", "-"], cwd=tmp_path, capture_output=True, text=True
    )
    pages = told.stdout.split("\f")
    assert "downloads/handout.pdf" in told.stdout
    assert "Put it into your page" not in told.stdout
    titles = ("Rotate into the eigenbasis", "Rescale", "Balance", "Chapter 3", "Chapter 5")
    assert not [page for page in pages if page.strip().endswith(titles)]


@pytest.mark.long
def test_without_scripts_films_and_stills_on_white_remain(whole: Path) -> None:
    with serving(whole.parent) as address, chromium() as browser:
        browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        browser.open(f"{address}/index.html")
        document = browser.driver.execute_cdp_cmd("DOM.getDocument", {"depth": -1})["root"]["nodeId"]

        def boxes(selector: str) -> list[bool]:
            nodes = browser.driver.execute_cdp_cmd(
                "DOM.querySelectorAll", {"nodeId": document, "selector": selector}
            )["nodeIds"]
            found = []
            for node in nodes:
                style = browser.driver.execute_cdp_cmd("CSS.getComputedStyleForNode", {"nodeId": node})
                found.append(
                    any(s["name"] == "display" and s["value"] != "none" for s in style["computedStyle"])
                )
            return found

        browser.driver.execute_cdp_cmd("DOM.enable", {})
        browser.driver.execute_cdp_cmd("CSS.enable", {})
        shown, hidden = boxes(".transcript .on-paper"), boxes(".transcript .on-screen")
        assert all(shown)
        assert len(shown) == len(hidden) == 8
        assert not any(hidden)


#: What was fetched for the first view, in bytes.
FETCHED = """return ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
    .reduce((sum, entry) => sum + entry.transferSize, 0)"""


@pytest.mark.long
def test_the_first_view_fetches_only_the_pictures_near_it(tmp_path: Path) -> None:
    scenes = [(f"Scene{k}", 1, f"Scene {k}", [range(0, 3), range(3, 6)]) for k in range(30)]
    made = emit("page", make_media(tmp_path, scenes=scenes), tmp_path)
    for poster in made.parent.rglob("poster.webp"):
        noise = np.random.default_rng(0).integers(0, 256, (180, 320, 3), dtype=np.uint8)
        Image.fromarray(noise).save(poster, "WEBP", quality=98)
        assert poster.stat().st_size > 50_000
    lazy, found = made.read_text(encoding="utf-8"), {}
    with serving(made.parent) as address, chromium(size=(412, 823)) as browser:
        for kind, text in (("lazy", lazy), ("eager", lazy.replace('loading="lazy"', ""))):
            made.write_text(text, encoding="utf-8")
            browser.open(f"{address}/index.html?{kind}")
            browser.until("return document.readyState === 'complete'", "the page")
            found[kind] = browser.run(FETCHED)
    assert found["lazy"] < 800_000 < 1_500_000 < found["eager"]


def _rested(browser: Browser, player: int, step: int) -> None:
    browser.until(
        f"""const v = document.querySelectorAll('.lec-player video')[{player}];
        const p = document.querySelectorAll('.lec-player')[{player}];
        return p.dataset.step === '{step}' && v.paused && !v.seeking && v.readyState >= 2
            && v.currentTime > JSON.parse(p.dataset.lec).rests[{step}] - 0.034""",
        f"resting after step {step + 1}",
    )


def _click(browser: Browser, player: int, selector: str, index: int = 0) -> None:
    browser.run(
        "document.querySelectorAll('.lec-player')[arguments[0]].querySelectorAll(arguments[1])[arguments[2]].click()",
        player,
        selector,
        index,
    )


def _painted(browser: Browser, player: int, number: int) -> bool:
    """Whether that frame is seen, and stays: a busy browser may paint late."""
    for _ in range(8):
        if number_in(browser.picture(".lec-player video", player)) == number:
            return number_in(browser.picture(".lec-player video", player)) == number
    return False


def _steps_work(browser: Browser) -> None:
    for player, scene in enumerate(("RotateIntoEigenbasis", "RescaleThenRotateBack")):
        wanted = last_frames(scene)
        for step, number in enumerate(wanted):
            _click(browser, player, ".lec-turn[data-turn='1']")
            _rested(browser, player, step)
            assert _painted(browser, player, number)
        for step in reversed(range(len(wanted) - 1)):
            _click(browser, player, ".lec-turn[data-turn='-1']")
            _rested(browser, player, step)
            assert _painted(browser, player, wanted[step])
    said = browser.run("return document.querySelector('.lec-player .lec-said').textContent")
    assert said == "Step 1 of RotateIntoEigenbasis."


@pytest.mark.long
@pytest.mark.parametrize("name", BROWSERS)
def test_steps_play_rest_and_go_back_from_a_disk(page: Path, name: str) -> None:
    with BROWSERS[name]() as browser:
        browser.open(page)
        _steps_work(browser)
        if name == "chromium":
            browser.stays_here()


@pytest.mark.long
def test_a_browser_that_stops_late_still_rests_on_the_right_frame(page: Path) -> None:
    """Frames before the end are not: the picture is one of the next step's, if a browser takes 100 ms to stop."""
    slow = """const pause = HTMLMediaElement.prototype.pause;
        HTMLMediaElement.prototype.pause = function () { setTimeout(() => pause.call(this), arguments[0]); };"""
    with chromium() as browser:
        browser.open(page)
        browser.run(slow.replace("arguments[0]", "100"))
        _click(browser, 0, ".lec-turn[data-turn='1']")
        _rested(browser, 0, 0)
        assert number_in(browser.picture(".lec-player video", 0)) == last_frames("RotateIntoEigenbasis")[0]


@pytest.mark.long
def test_steps_play_rest_and_go_back_on_a_server_without_ranges(page: Path) -> None:
    with serving(page.parent) as address, chromium() as browser:
        browser.open(f"{address}/index.html")
        _steps_work(browser)
        browser.stays_here()


@pytest.mark.long
def test_nothing_moves_where_motion_is_not_wanted(page: Path) -> None:
    with chromium(calm=True) as browser:
        browser.open(page)
        _click(browser, 0, "[data-step]", 1)
        _rested(browser, 0, 1)
        assert number_in(browser.picture(".lec-player video")) == last_frames("RotateIntoEigenbasis")[1]
        assert browser.run("return [...document.querySelectorAll('video')].every((v) => v.paused)")


@pytest.mark.long
def test_captions_come_without_a_server(page: Path) -> None:
    with chromium() as browser:
        browser.open(page)
        browser.run("document.querySelector('.lec-player video').textTracks[0].mode = 'showing'")
        browser.until(
            "return document.querySelector('.lec-player video').textTracks[0].cues?.length >= 3", "captions"
        )
        browser.stays_here()


STRICT = "default-src 'self'"


@pytest.mark.long
@pytest.mark.parametrize("ranges", [True, False])
def test_a_strict_policy_leaves_everything_usable(page: Path, ranges: bool) -> None:
    embedded = "scenes/rotate-into-eigenbasis/index.html"
    with serving(page.parent, ranges=ranges, policy=STRICT) as address, chromium() as browser:
        browser.open(f"{address}/index.html")
        if ranges:
            _steps_work(browser)
        browser.run("document.querySelector('.lec-player video').textTracks[0].mode = 'showing'")
        browser.until(
            "return document.querySelector('.lec-player video').textTracks[0].cues?.length >= 3", "captions"
        )
        browser.open(f"{address}/{embedded}")
        _click(browser, 0, ".lec-turn[data-turn='1']")
        _rested(browser, 0, 0)
        assert number_in(browser.picture(".lec-player video")) == last_frames("RotateIntoEigenbasis")[0]
        # Without ranges a blob is tried, and the policy reports it; nothing else is refused.
        complaints = [line for line in browser.complaints() if "blob:" not in line]
        assert complaints == []


@pytest.mark.long
def test_without_its_film_it_shows_the_stills_and_says_so(page: Path, tmp_path: Path) -> None:
    shutil.copytree(page.parent, tmp_path / "page")
    for film in (tmp_path / "page").rglob("film.mp4"):
        film.unlink()
    wanted = last_frames("RotateIntoEigenbasis")
    with serving(tmp_path / "page") as address, chromium() as browser:
        browser.open(f"{address}/index.html")
        _click(browser, 0, ".lec-play")
        browser.until("return document.querySelector('.lec-still')?.complete", "the still")
        said = "return document.querySelector('.lec-player .lec-said').textContent"
        assert browser.run(said) == "The film cannot be loaded here; these are its stills."
        assert number_in(browser.picture(".lec-frame")) == wanted[0]
        _click(browser, 0, ".lec-turn[data-turn='1']")
        browser.until("return document.querySelector('.lec-still').src.includes('02.webp')", "the next")
        assert number_in(browser.picture(".lec-frame")) == wanted[1]
        assert browser.run(said) == "Step 2 of RotateIntoEigenbasis."


@pytest.mark.long
def test_a_link_leads_to_a_step_and_steps_give_their_links(page: Path) -> None:
    wanted = last_frames("RescaleThenRotateBack")
    with chromium() as browser:
        browser.open(f"{page.as_uri()}#rescale-then-rotate-back/2")
        _rested(browser, 1, 1)
        assert number_in(browser.picture(".lec-player video", 1)) == wanted[1]
        _click(browser, 0, "[data-step]", 2)
        browser.until("return location.hash === '#rotate-into-eigenbasis/3'", "the link")
        assert browser.run("return document.querySelector('.lec-said').getAttribute('aria-live')") == "polite"
        for hash in ("#rescale-then-rotate-back/99", "#%", "#rescale-then-rotate-back"):
            browser.open(f"{page.as_uri()}{hash}")
        browser.stays_here()


@pytest.mark.long
def test_steps_are_one_stop_of_the_tab_key_and_arrows_go_along_them(page: Path) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    with chromium() as browser:
        browser.open(page)
        stops = browser.run(
            "return [...document.querySelectorAll('.lec-player')].map((p) => [...p.querySelectorAll('*')]"
            ".filter((n) => n.tabIndex >= 0 && n.checkVisibility()).length)"
        )
        assert max(stops) <= 3
        browser.run("document.querySelector('.lec-steps [tabindex=\"0\"]').focus()")
        for keys, step in ((Keys.HOME + Keys.ARROW_RIGHT, 0), (Keys.ARROW_RIGHT, 1)):
            ActionChains(browser.driver).send_keys(keys, Keys.ENTER).perform()
            _rested(browser, 0, step)


@pytest.mark.long
def test_one_film_plays_at_a_time_and_none_that_nobody_sees(page: Path) -> None:
    playing = "return [...document.querySelectorAll('.lec-player video')].map((v) => !v.paused).slice(0, 2)"
    with chromium(size=(1200, 1400)) as browser:
        browser.open(page)
        _click(browser, 0, ".lec-play")
        browser.until(f"{playing}[0]", "playing")
        _click(browser, 1, ".lec-play")
        browser.until(f"{playing}.join() === 'false,true'", "the other alone")
        browser.run("document.body.style.paddingTop = '4000px'; scrollTo(0, 0)")
        browser.until(f"{playing}.join() === 'false,false'", "a pause out of sight")
        browser.run("document.body.style.paddingTop = ''")
        browser.run(
            "const v = document.querySelector('.lec-player video'); v.currentTime = v.duration - 0.2; v.play()"
        )
        browser.until("return document.querySelector('.lec-play b').textContent === 'Play again'", "its end")
        assert browser.run("return document.querySelector('.lec-play').checkVisibility()")
        _click(browser, 0, ".lec-play")
        browser.until("return document.querySelector('.lec-player video').currentTime < 1", "from the begin")


@pytest.mark.long
def test_the_transcript_leads_the_film_and_follows_it(tmp_path: Path) -> None:
    words = "Then it goes on for a while. And it ends."
    made = emit("page", make_media(tmp_path, words=words), tmp_path)
    lit = "return [...document.querySelectorAll('.transcript .lit')].map((part) => part.textContent.trim())"
    with chromium() as browser:
        browser.open(made)
        browser.until("return document.querySelector('.lec-live-figure')", "the player")
        assert browser.run(lit) == []
        browser.run("document.querySelectorAll('.transcript')[0].querySelectorAll('p')[1].click()")
        seen: list[list[str]] = []
        for _ in range(400):
            if (now := browser.run(lit)) and now not in seen:
                seen.append(now)
            if browser.run("return document.querySelector('.lec-player video').paused") and len(seen) > 1:
                break
        _rested(browser, 0, 1)
        said = ["Step 2 of RotateIntoEigenbasis.", "Then it goes on for a while.", "And it ends."]
        assert seen == [[sentence] for sentence in said]
        assert browser.run("return document.querySelector('.lit').closest('li').matches(':nth-child(2)')")
        told = browser.run("return document.querySelectorAll('.transcript p')[1].textContent")
        assert told == " ".join(said)


@pytest.mark.long
def test_a_sandboxed_frame_of_a_fixed_size_keeps_its_controls(page: Path, tmp_path: Path) -> None:
    shutil.copytree(page.parent / "scenes" / "where-forces-balance", tmp_path / "scene")
    (tmp_path / "own.html").write_text(
        "<!doctype html><title>Mine</title><script>onmessage = ({ data }) => { window.tall = data.height }</script>"
        '<iframe sandbox="allow-scripts" src="scene/index.html" width="560" height="315" style="border: 0"></iframe>',
        encoding="utf-8",
    )
    with serving(tmp_path, ranges=True) as address, chromium() as browser:
        browser.open(f"{address}/own.html")
        browser.until(
            "return window.tall > 340", "its height"
        )  # of the picture as wide as the frame, and its words
        browser.driver.switch_to.frame(0)
        bottom = "return document.querySelector('.lec-steps').getBoundingClientRect().bottom"
        assert browser.run(bottom) <= 316
        _click(browser, 0, ".lec-turn[data-turn='1']")
        _rested(browser, 0, 0)
        assert browser.run("return document.querySelector('.lec-player').dataset.failed") is None


# What themes of blogs say about figures and lists; minimal-mistakes makes figures flexible.
HOST = """
    .content figure { display: flex; justify-content: space-between; flex-wrap: wrap; margin: 2em 0; width: 50%; }
    .content figure > *, .content li { float: left; max-width: 300px; margin: 1em; padding: 7px; }
    .content ol { list-style: square; padding-left: 5em; } .content button { border: 9px solid red; font-size: 40px; }
    .content video { max-width: 200px; border: 5px solid red; } .content span { display: inline; color: red; }
    .content figcaption { font-size: 9px; text-transform: uppercase; color: red !important; }
"""


@pytest.mark.long
def test_a_hosts_rules_do_not_reach_a_player(page: Path, tmp_path: Path) -> None:
    shutil.copytree(page.parent, tmp_path / "page")
    index = tmp_path / "page" / "index.html"
    plain = index.read_text(encoding="utf-8")
    boxes = """return [...document.querySelectorAll('.lec-player')].map((player) => {
        const home = player.getBoundingClientRect();
        const parts = [player, ...player.querySelectorAll('*')].filter((n) => n.offsetWidth || n.ownerSVGElement);
        return parts.map((n) => [n.tagName, n.getBoundingClientRect()])
            .map(([name, b]) => [name, b.x - home.x, b.y - home.y, b.width, b.height].join(' '));
    })"""
    found = []
    with chromium() as browser:
        for text in (
            plain,
            plain.replace("</head>", f"<style>{HOST}</style></head>").replace(
                "<main", '<main class="content"'
            ),
        ):
            index.write_text(text, encoding="utf-8")
            browser.open(index)
            browser.until("return document.querySelector('.lec-live-figure')", "the player")
            found.append(browser.run(boxes))
    assert found[0] == found[1]


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("size", [(390, 844), (1400, 900)], ids=["phone", "desktop"])
def test_accessible_and_not_too_wide(page: Path, scheme: str, size: tuple[int, int]) -> None:
    embedded = page.parent / "scenes" / "where-forces-balance" / "index.html"
    for document in (page, embedded, page.parent / "live" / "live-forces.html"):
        with chromium(size=size, scheme=scheme, calm=True) as browser:
            browser.open(document)
            browser.run("document.querySelectorAll('details').forEach((d) => { d.open = true })")
            assert browser.axe() == []
            assert browser.run("return document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.long
def test_valid_html(page: Path) -> None:
    validate(page, *page.parent.glob("*/*/index.html"))


@pytest.mark.long
def test_a_scene_in_a_page_of_ones_own(page: Path, tmp_path: Path) -> None:
    from lecture.targets.page import snippet

    shutil.copytree(page.parent / "scenes" / "where-forces-balance", tmp_path / "where-forces-balance")
    own = tmp_path / "own.html"
    own.write_text(
        f"<!doctype html><title>Mine</title>{snippet('where-forces-balance', 'Balance')}", encoding="utf-8"
    )
    with chromium() as browser:
        browser.open(own)
        browser.driver.switch_to.frame(0)
        _click(browser, 0, "[data-step]", 1)
        _rested(browser, 0, 1)
        assert browser.run("return document.documentElement.scrollHeight <= innerHeight")
        browser.driver.switch_to.default_content()
        browser.stays_here()


@pytest.mark.long
def test_an_embed_in_a_sandboxed_frame_has_its_font(page: Path, tmp_path: Path) -> None:
    frame = '<iframe sandbox="allow-scripts" src="{}" width="560" height="315"></iframe>'
    shutil.copytree(page.parent, tmp_path / "page")
    (tmp_path / "page" / "host.html").write_text(frame.format("scenes/rotate-into-eigenbasis/index.html"))
    sheet = tmp_path / "page" / "scenes" / "rotate-into-eigenbasis" / "font.css"
    loaded = (
        "return [...document.fonts].some(f => f.family.includes('Lecture Sans') && f.status === 'loaded')"
    )
    with serving(tmp_path / "page") as address, chromium() as browser:
        browser.open(f"{address}/host.html")
        browser.into_frame()
        browser.until(loaded, "the font")
        # Without the one inside there is none: such a frame may not load the page's.
        sheet.unlink()
        browser.open(f"{address}/host.html")
        browser.into_frame()
        browser.until("return [...document.fonts].some(f => f.status === 'error')", "the refusal")
        assert not browser.run(loaded)
