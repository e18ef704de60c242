"""Chromium without a window, and servers like those that a page meets."""

from __future__ import annotations

import base64
import contextlib
import functools
import http.server
import io
import json
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lecture.targets.common import npm_package


def needed(*programs: str) -> str:
    """The path of the first of some programs; the test fails, and says how to get it, where there is none."""
    for program in programs:
        path = shutil.which(program)
        if path:
            return path
    package = {"chromedriver": "chromium-driver", "pdftoppm": "poppler-utils"}.get(programs[-1], programs[-1])
    pytest.fail(f"this test needs {programs[0]}; get it with: apt-get install {package}")


def node() -> str:
    """The path of a Node.js that is new enough for what the tests get from npm."""
    path = needed("node", "nodejs")
    version = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.removeprefix("v").split(".")[0]) < 20:
        pytest.fail(
            f"this test needs Node.js 20 or newer, and {path} is {version}; get it from https://nodejs.org"
        )
    return path


@contextlib.contextmanager
def chromium(
    *,
    size: tuple[int, int] = (1200, 900),
    scheme: str = "dark",
    calm: bool = False,
    arguments: tuple[str, ...] = (),
) -> Iterator[Browser]:
    """A browser that asks for nothing and leaves nothing behind."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = needed("chromium", "chromium-browser", "google-chrome", "chromium")
    for argument in ("headless=new", "no-sandbox", "disable-dev-shm-usage", "hide-scrollbars", *arguments):
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(needed("chromedriver")))
    try:
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce" if calm else "no-preference"},
        ]
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        view = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 600}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", view)
        yield Browser(driver)
    finally:
        driver.quit()


class Browser:
    """What the tests do with it."""

    def __init__(self, driver: Any):
        self.driver = driver

    def open(self, address: str | Path) -> None:
        self.driver.get(address.as_uri() if isinstance(address, Path) else address)

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def run_async(self, script: str, *arguments: Any) -> Any:
        """Run the body of an async function and wait for it."""
        self.driver.set_script_timeout(60)
        wrapped = "const done = arguments[arguments.length - 1]; const given = [...arguments].slice(0, -1);"
        wrapped += f"(async () => {{ {script} }})().then(done, (error) => done(String(error)))"
        return self.driver.execute_async_script(wrapped, *arguments)

    def until(self, script: str, what: str, seconds: float = 15) -> None:
        """Wait for a condition."""
        end = time.monotonic() + seconds
        while not self.run(script):
            assert time.monotonic() < end, f"{what} did not happen within {seconds} s"
            time.sleep(0.05)

    def picture(self, selector: str, index: int = 0) -> Image.Image:
        """What is seen of an element."""
        script = """const element = document.querySelectorAll(arguments[0])[arguments[1]];
            element.scrollIntoView({block: "center", behavior: "instant"});
            const box = element.getBoundingClientRect();
            return [box.x + scrollX, box.y + scrollY, box.width, box.height]"""
        x, y, width, height = self.run(script, selector, index)
        time.sleep(0.25)
        clip = {"x": x, "y": y, "width": width, "height": height, "scale": 1}
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", "clip": clip})
        return Image.open(io.BytesIO(base64.b64decode(shot["data"])))

    def complaints(self) -> list[str]:
        """What stands in the console."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Addresses that anything was asked of."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]

    def stays_here(self) -> None:
        """Fail if a request left the machine or the console complains."""
        away = [
            url
            for url in self.requests()
            if not url.startswith(("file:", "data:", "blob:", "http://127.0.0.1"))
        ]
        assert away == [], away
        complaints = self.complaints()
        assert complaints == [], complaints

    def axe(self) -> list[str]:
        """What axe-core finds wrong."""
        source = npm_package("axe-core", "4.14.1", "the accessibility test") / "axe.min.js"
        self.run(source.read_text(encoding="utf-8"))
        found = self.run_async("return await axe.run()")
        assert isinstance(found, dict), found
        return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found["violations"]]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Python's own, which answers no ranges."""

    def log_message(self, *_: Any) -> None:
        pass

    def copyfile(self, source: Any, outputfile: Any) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            super().copyfile(source, outputfile)


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a server that knows no ranges."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder))
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def validate(*pages: Path, allow: tuple[str, ...] = ()) -> None:
    """Fail if html-validate finds an error in a page, other than of the rules that are allowed to be broken."""
    package = npm_package("html-validate", "10.9.0", "the test of HTML")
    config = {
        "root": True,
        "extends": ["html-validate:recommended"],
        "rules": {
            "void-style": "off",
            "no-inline-style": "off",
            "no-trailing-whitespace": "off",
            "long-title": "off",
            "require-sri": "off",
            "aria-label-misuse": ["error", {"allowAnyNamable": True}],
            "no-raw-characters": "off",
            "attribute-boolean-style": "off",
        }
        | dict.fromkeys(allow, "off"),
        "elements": ["html5"],
    }
    home = pages[0].parent
    (home / ".htmlvalidate.json").write_text(json.dumps(config), encoding="utf-8")
    command = [node(), str(package / "bin" / "html-validate.mjs"), "--formatter", "text"]
    done = subprocess.run(
        [*command, "--config", str(home / ".htmlvalidate.json"), *map(str, pages)],
        capture_output=True,
        text=True,
        check=False,
    )
    (home / ".htmlvalidate.json").unlink()
    assert done.returncode == 0, done.stdout + done.stderr
