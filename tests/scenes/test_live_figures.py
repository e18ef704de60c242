"""The live figures under a hand, keys and an address, as one file each; their still, their lines of Python."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wdmath
from lecture.definition import Lecture
from lecture.manifest import describe_symbols, describe_theme
from lecture.stage.style import Style
from lecture.targets.common import style_of
from lecture.targets.live import bundle, live_page, live_style, load_live
from lecture.targets.web import themes_of
from scenes import LECTURE
from scenes.live import BELONGS_TO
from tests.lecture.targets.browser import Browser, chromium, serving

#: Everything that a page needs for all figures together, without fonts.
BYTES = 150_000


def manifest_of(problem: Any = None) -> dict[str, Any]:
    """A manifest as far as live figures read it."""
    return {
        "problem": LECTURE.subject.describe(problem or LECTURE.subject.default()),
        "lecture": {"language": "en"},
        "symbols": describe_symbols(LECTURE.notation),
        "theme": describe_theme(LECTURE.palette.dark(), LECTURE.accent),
        "scenes": [{"name": name} for name in LECTURE.scenes],
    }


def write_figures(
    folder: Path, problem: Any = None, lecture: Lecture = LECTURE, style: Style | None = None
) -> dict[str, Path]:
    """Every figure as a file, by its name."""
    manifest = manifest_of(problem)
    style = style or style_of(manifest, lecture)
    css, script = live_style(themes_of(manifest, lecture)), bundle(lecture)
    made = {}
    for item in load_live(manifest, lecture, style):
        made[item["name"]] = folder / f"{item['slug']}.html"
        made[item["name"]].write_text(live_page(item, style, css, script), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_figures(tmp_path_factory.mktemp("live"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(size=(1200, 800)) as browser:
        yield browser


def text_of(browser: Browser, name: str) -> str:
    return str(browser.run(f"return document.querySelector('[data-lec-text={name}]').textContent"))


def number(text: str) -> float:
    text = re.sub(
        r" · 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)",
        lambda m: "e" + m[1].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")),
        text,
    )
    return float(text.replace("−", "-"))


def settle(browser: Browser) -> None:
    """Wait until what was changed is painted."""
    browser.run_async("await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def handle(browser: Browser, name: str) -> tuple[float, float]:
    """Where the middle of a handle is on the screen."""
    x, y = browser.run(
        """const hit = document.querySelector(`[data-handle="${arguments[0]}"] .lec-live-hit`);
        hit.scrollIntoView({ block: "center", behavior: "instant" });
        const box = hit.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]""",
        name,
    )
    return x, y


def drag(browser: Browser, name: str, dx: float, dy: float, *, finger: bool = False) -> None:
    """Move a handle by so many pixels, by mouse or finger."""
    x, y = handle(browser, name)

    def send(kind: str, share: float) -> None:
        at = {"x": x + share * dx, "y": y + share * dy}
        if finger:
            event = {"Pressed": "touchStart", "Moved": "touchMove", "Released": "touchEnd"}[kind]
            points = [] if kind == "Released" else [at]
            browser.driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": event, "touchPoints": points})
        else:
            more = {"type": f"mouse{kind}", "button": "left", "buttons": 1, "clickCount": 1}
            browser.driver.execute_cdp_cmd("Input.dispatchMouseEvent", at | more)

    send("Pressed", 0)
    for share in (0.3, 0.7, 1.0):
        send("Moved", share)
    send("Released", 1)
    settle(browser)


def press(browser: Browser, *keys: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    ActionChains(browser.driver).send_keys(*keys).perform()
    settle(browser)


def lines_of(browser: Browser) -> str:
    """The lines of Python that would be copied now."""
    browser.run("window.taken = []; navigator.clipboard.writeText = async (text) => { taken.push(text); }")
    browser.run("document.querySelector('[data-lec-do=lines]').click()")
    return str(browser.run("return taken.at(-1)"))


def executed(lines: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(lines, names)
    return names


def test_everything_together_is_small(files: dict[str, Path]) -> None:
    manifest = manifest_of()
    shared = len(bundle(LECTURE).encode()) + len(live_style(themes_of(manifest, LECTURE)).encode())
    whole = {name: len(without_fonts(path).encode()) for name, path in files.items()}
    assert set(files) == set(BELONGS_TO)
    assert shared + sum(size - shared for size in whole.values()) <= BYTES
    assert max(whole.values()) <= BYTES


def without_fonts(path: Path) -> str:
    return re.sub(r"@font-face \{.*\n", "", path.read_text(encoding="utf-8"))


def test_each_file_needs_nothing_else(files: dict[str, Path]) -> None:
    for path in files.values():
        text = without_fonts(path)
        assert "@font-face" in path.read_text(encoding="utf-8")
        assert not re.findall(r'(?:src|href)="(?!data:|#)', text)
        assert not re.search(r"\bon\w+=|\beval\(|new Function", text)


def test_rotate_shows_the_numbers_of_wdmath(files: dict[str, Path], browser: Browser) -> None:
    browser.open(files["rotate"])
    names = executed(lines_of(browser))
    risk, lam = names["risk"], names["lam"]
    assert lam == 50.0
    for name, value, digits in (
        ("f1", names["factors"][0], 2),
        ("f2", names["factors"][1], 2),
        ("t1", wdmath.ridge_minimizer(risk, lam)[0], 2),
        ("t2", names["ridge"][1], 2),
        ("z1", names["components"][0], 2),
        ("dof", names["freedom"], 2),
    ):
        assert number(text_of(browser, name)) == pytest.approx(value, abs=0.51 * 10**-digits), name


@pytest.mark.parametrize("lasso", [0, 1], ids=["circle", "diamond"])
def test_forces_shows_the_numbers_of_wdmath(files: dict[str, Path], browser: Browser, lasso: int) -> None:
    browser.open("about:blank")
    browser.open(f"{files['forces'].as_uri()}#live-forces?lasso={lasso}&lam=31&minimizer=1.7,1.2")
    names = executed(lines_of(browser))
    theta, lam = names["theta"], names["lam"]
    assert lam == 31.0
    inside = "[data-lec-if='lasso']" if lasso else "[data-lec-if='!lasso']"
    for name, value, tolerance in (
        ("t1", theta[0], 0.0051),
        ("t2", theta[1], 0.0051),
        ("p1", names["pull"][0], 0.51),
        ("p2", names["pull"][1], 0.51),
        ("risk", names["excess"], 0.0051 * names["excess"]),
        ("half", names["penalty"], 0.0051 * names["penalty"]),
    ):
        shown = browser.run(f"return document.querySelector(`{inside} [data-lec-text={name}]`).textContent")
        assert number(shown) == pytest.approx(value, abs=tolerance), name
    # Both pulls as arrows: equal and opposite, by what is painted.
    tips = browser.run(
        """const heads = [...document.querySelectorAll(".lec-live-svg polygon")].slice(0, 2);
        return heads.map((head) => head.getAttribute("points").split(" ")[0].split(",").map(Number))"""
    )
    if lasso == 0:
        x, y = browser.run(
            """const dot = [...document.querySelectorAll(".lec-live-svg circle")].find(
                (c) => c.getAttribute("fill") === "var(--lec-ridge)");
            return [Number(dot.getAttribute("cx")), Number(dot.getAttribute("cy"))]"""
        )
        np.testing.assert_allclose(np.array(tips[0]) - [x, y], [x, y] - np.array(tips[1]), atol=0.5)


@pytest.mark.parametrize(
    "state",
    [
        "",
        "steps=7&alpha=0.012&start=-1,0.5",
        "beta=0.6&steps=33",
        "early=1&steps=12",
        "alpha=0.03&steps=4",
        "steps=0",
    ],
)
def test_steps_shows_the_numbers_of_wdmath(files: dict[str, Path], browser: Browser, state: str) -> None:
    browser.open("about:blank")
    browser.open(f"{files['steps'].as_uri()}#live-steps?{state}")
    names = executed(lines_of(browser))
    last = names["points"][-1]
    assert names["lam"] == 10.0
    assert len(names["points"]) == int(text_of(browser, "steps")) + 1
    for name, value in zip(("e1", "e2", "t1", "t2"), (*last, *names["ridge"]), strict=True):
        assert number(text_of(browser, name)) == pytest.approx(value, rel=0.0051, abs=0.0051), name
    assert number(text_of(browser, "bound")) == pytest.approx(names["bound"], rel=0.0051)
    grows = wdmath.diverges(names["risk"].eigenvalues, 0.03 if "0.03" in state else 0.005, 10.0)
    assert text_of(browser, "verdict") == ("It diverges." if grows else "It settles.")
    if "early" in state:
        z = names["risk"].minimizer_components
        factors = names["risk"].to_eigenbasis(names["stopped"]) / z
        ridge = names["risk"].to_eigenbasis(names["twin"]) / z
        for name, value in zip(("s1", "s2", "r1", "r2"), (*factors, *ridge), strict=True):
            assert number(text_of(browser, name)) == pytest.approx(value, abs=0.0051), name


@pytest.mark.parametrize("finger", [False, True], ids=["mouse", "finger"])
def test_the_hand_moves_minimizer_and_ellipse(files: dict[str, Path], browser: Browser, finger: bool) -> None:
    browser.open(files["rotate"])
    before = executed(lines_of(browser))["risk"]
    drag(browser, "minimizer", 40, 30, finger=finger)
    moved = executed(lines_of(browser))["risk"]
    assert moved.minimizer[0] > before.minimizer[0] + 0.1
    assert moved.minimizer[1] < before.minimizer[1] - 0.1
    np.testing.assert_allclose(moved.hessian, before.hessian, rtol=1e-9)
    drag(browser, "axis0", 10, -40, finger=finger)
    turned = executed(lines_of(browser))["risk"]
    np.testing.assert_allclose(turned.minimizer, moved.minimizer, rtol=1e-9)
    assert not np.allclose(turned.eigenvalues, moved.eigenvalues, rtol=1e-2)
    browser.stays_here()


def test_keys_do_what_the_hand_does(files: dict[str, Path], browser: Browser) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.open(files["rotate"])
    browser.run("document.querySelector('[data-handle=minimizer]').focus()")
    spoken = "return document.activeElement.getAttribute('aria-valuetext')"
    start = browser.run(spoken)
    press(browser, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert browser.run(spoken) != start
    press(browser, Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    assert browser.run(spoken) == start
    browser.run("document.querySelector('[data-handle=axis0]').focus()")
    sigma = executed(lines_of(browser))["risk"].eigenvalues
    browser.run("document.querySelector('[data-handle=axis0]').focus()")
    press(browser, Keys.ARROW_UP)
    longer = executed(lines_of(browser))["risk"].eigenvalues
    assert longer[0] == pytest.approx(sigma[0] / 1.02**2)
    assert longer[1] == pytest.approx(sigma[1])
    # No trap: the Tab key leaves the figure.
    browser.run("document.querySelector('[data-handle=axis0]').focus()")
    for _ in range(30):
        press(browser, Keys.TAB)
        if browser.run("return document.activeElement === document.body"):
            break
    else:
        pytest.fail("Tab never left the figure")


def test_the_dial_speaks_and_its_consequences_follow(files: dict[str, Path], browser: Browser) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.open(files["rotate"])
    browser.run("document.querySelector('[data-lec-dial=lam]').focus()")
    assert browser.run("return document.activeElement.getAttribute('aria-valuetext')") == "λ = 50.0"
    press(browser, Keys.ARROW_RIGHT)
    lam = executed(lines_of(browser))["lam"]
    assert lam > 50.0
    browser.until(
        "return document.querySelector('[aria-live]').textContent.includes('degrees of freedom')", "the words"
    )


@pytest.mark.parametrize("name", list(BELONGS_TO))
def test_a_link_carries_the_state(files: dict[str, Path], browser: Browser, name: str) -> None:
    browser.open(files[name])
    drag(browser, "minimizer", 35, 20)
    browser.run(
        """const dial = document.querySelector("[data-lec-dial=lam]");
        dial.value = 90; dial.dispatchEvent(new Event("input"))"""
    )
    settle(browser)
    browser.until("return location.hash.includes('lam=')", "the address")
    before, address = executed(lines_of(browser)), browser.run("return location.href")
    browser.open("about:blank")
    browser.open(address)
    after = executed(lines_of(browser))
    assert after["lam"] == pytest.approx(before["lam"], rel=1e-5)
    np.testing.assert_allclose(after["risk"].minimizer, before["risk"].minimizer, rtol=1e-4)
    browser.open("about:blank")
    browser.open(f"{files[name].as_uri()}#live-{name}?lam=abc&minimizer=1&nonsense=3&__proto__=1")
    assert executed(lines_of(browser))["lam"] == {"steps": 10.0}.get(name, 50.0)  # what is no state is none
    browser.stays_here()


def test_rows_and_fit_follow_each_other(files: dict[str, Path], browser: Browser) -> None:
    browser.open(files["rotate"])
    state = """const { start } = JSON.parse(document.querySelector(".lec-live").dataset.lec);
        return JSON.stringify(lecLive.stateOf(decodeURIComponent(location.hash.split("?")[1] ?? ""), start))"""

    def rows() -> np.ndarray:
        browser.until("return location.hash.includes('rows=')", "the address")
        browser.run_async("await new Promise((done) => setTimeout(done, 450))")
        return np.array(json.loads(browser.run(state))["rows"])

    def check() -> None:
        values, risk = rows(), executed(lines_of(browser))["risk"]
        fit = wdmath.QuadraticRisk.from_least_squares(values[:, :2], values[:, 2], scale="sum")
        np.testing.assert_allclose(fit.hessian, risk.hessian, rtol=1e-3)
        np.testing.assert_allclose(fit.minimizer, risk.minimizer, rtol=1e-3, atol=1e-3)

    browser.run("document.querySelector('[data-lec-switch=data]').click()")
    settle(browser)
    drag(browser, "minimizer", 30, 30)
    check()
    drag(browser, "axis1", -25, 10)
    check()
    drag(browser, "y0", 0, -40)
    check()
    drag(browser, "x0", 30, 20)
    check()
    count = len(rows())
    browser.run("document.querySelector('[data-lec-do=add]').click()")
    settle(browser)
    assert len(rows()) == count + 1
    browser.run("document.querySelector('[data-lec-do=remove]').click()")
    browser.run("document.querySelector('[data-lec-do=remove]').click()")
    settle(browser)
    assert len(rows()) == count - 1
    check()


def test_a_point_is_taken_up_where_it_is_touched(files: dict[str, Path], browser: Browser) -> None:
    """Rows but the chosen one are painted as one path: the nearest is meant, and far from all of them none."""
    browser.open(f"{files['rotate'].as_uri()}#live-rotate?data=1")
    settle(browser)
    chosen = "return document.querySelector('.lec-live-svg [data-handle^=x]').dataset.handle"
    assert browser.run(chosen) == "x0"
    x, y, empty = browser.run(
        """const paths = [...document.querySelectorAll(".lec-live-svg path[stroke='var(--lec-ink)']")];
        const path = paths.find((one) => one.getAttribute("d").includes("h0"));
        const spots = path.getAttribute("d").match(/[\\d.]+ [\\d.]+/g).map((spot) => spot.split(" ").map(Number));
        path.scrollIntoView({ block: "center", behavior: "instant" });
        const box = document.querySelector("[data-near=x]").getBoundingClientRect();
        const { a, d, e, f } = path.getScreenCTM(), [x, y] = [a * spots[2][0] + e, d * spots[2][1] + f];
        const corner = [box.left + 3, box.bottom - 3];
        return [x, y, corner]"""
    )

    def click(x: float, y: float) -> None:
        for kind in ("Pressed", "Released"):
            event = {"type": f"mouse{kind}", "x": x, "y": y, "button": "left", "clickCount": 1}
            browser.driver.execute_cdp_cmd("Input.dispatchMouseEvent", event)
        settle(browser)

    click(*empty)
    assert browser.run(chosen) == "x0"
    click(x + 5, y - 5)
    assert browser.run(chosen) == "x3"


def test_the_still_is_the_picture_that_the_script_starts_with(files: dict[str, Path]) -> None:
    with chromium(size=(932, 900), arguments=("blink-settings=scriptEnabled=false",)) as browser:
        for path in files.values():
            browser.driver.get(path.as_uri())
            shot = browser.driver.find_element("css selector", ".lec-live-picture svg").screenshot_as_png
            assert len(shot) > 10_000  # something is painted
            tools = browser.driver.find_elements("css selector", ".lec-live-tools, .lec-live-hand")
            assert not any(tool.is_displayed() for tool in tools)
            assert "JavaScript" in browser.driver.find_element("css selector", "main").text


def test_copies_are_whole(files: dict[str, Path], browser: Browser) -> None:
    from lxml import etree

    for path in files.values():
        browser.open(path)
        browser.run(
            "window.taken = []; navigator.clipboard.writeText = async (text) => { taken.push(text); }"
        )
        browser.run("document.querySelector('[data-lec-do=svg]').click()")
        svg = browser.run("return taken[0]")
        root = etree.fromstring(svg)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert "var(" not in svg
        assert "tabindex" not in svg
        # Where the clipboard is forbidden, the text is there to be copied by hand.
        browser.run("navigator.clipboard.writeText = async () => { throw new Error('no'); }")
        browser.run("document.querySelector('[data-lec-do=lines]').click()")
        browser.until("return document.querySelector('.lec-live textarea').offsetHeight > 0", "the text")
        executed(browser.run("return document.querySelector('.lec-live textarea').value"))


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("size", [(390, 844), (1400, 900)], ids=["phone", "desktop"])
def test_accessible_and_not_too_wide(files: dict[str, Path], scheme: str, size: tuple[int, int]) -> None:
    with chromium(size=size, scheme=scheme) as browser:
        for path in files.values():
            browser.open(path)
            browser.run("document.querySelectorAll('[data-lec-switch]').forEach((input) => input.click())")
            settle(browser)
            assert browser.axe() == []
            assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
            background = browser.run(
                "return getComputedStyle(document.querySelector('.lec-live')).backgroundColor"
            )
            assert background == {"dark": "rgb(17, 21, 28)", "light": "rgb(255, 255, 255)"}[scheme]


def test_every_placeholder_is_filled(files: dict[str, Path], browser: Browser) -> None:
    for path in files.values():
        browser.open(path)
        browser.run("document.querySelectorAll('[data-lec-switch]').forEach((input) => input.click())")
        browser.until("return document.querySelector('[aria-live]').textContent", "the words")
        shown = browser.run(
            "document.querySelectorAll('[data-lec], script, style').forEach((e) => e.removeAttribute('data-lec'));"
            "document.querySelectorAll('script, style').forEach((e) => e.remove());"
            "return document.documentElement.outerHTML"
        )
        assert re.findall(r"\{\w*\}|undefined|NaN", shown) == []


def test_paper_is_white(files: dict[str, Path]) -> None:
    with chromium(scheme="dark") as browser:
        browser.open(files["rotate"])
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        settle(browser)
        style = """const style = getComputedStyle(document.querySelector(".lec-live"));
            return [style.backgroundColor, style.color]"""
        assert browser.run(style) == ["rgb(255, 255, 255)", "rgb(28, 33, 40)"]
        assert browser.run("return document.querySelector('.lec-live-tools').offsetHeight") == 0


def test_a_page_under_a_strict_policy(tmp_path: Path) -> None:
    """Scripts and styles beside the page: nothing inside it that a host's policy forbids."""
    manifest = manifest_of()
    style = style_of(manifest, LECTURE)
    (tmp_path / "live.css").write_text(live_style(themes_of(manifest, LECTURE)), encoding="utf-8")
    (tmp_path / "live.js").write_text(bundle(LECTURE), encoding="utf-8")
    item = load_live(manifest, LECTURE, style)[0]
    page = live_page(item, style, "", "")
    page = re.sub(r"<script></script>", '<script src="live.js"></script>', page)
    page = re.sub(r"(?s)<style>.*?</style>", '<link rel="stylesheet" href="live.css">', page).replace(
        '<link rel="icon" href="data:,">', ""
    )
    (tmp_path / "index.html").write_text(page, encoding="utf-8")
    (tmp_path / "favicon.ico").touch()
    with serving(tmp_path, policy="default-src 'self'") as address, chromium() as browser:
        browser.open(f"{address}/index.html")
        drag(browser, "minimizer", 30, 30)
        assert browser.run("return document.querySelector('.lec-live').classList.contains('lec-live-on')")
        browser.stays_here()
