"""Browsers without a window, and servers like those that a page meets."""

from __future__ import annotations

import base64
import contextlib
import functools
import http.server
import io
import json
import os
import re
import shutil
import subprocess
import tempfile
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


@contextlib.contextmanager
def webkit(*, size: tuple[int, int] = (1200, 900)) -> Iterator[Browser]:
    """WebKitGTK, on a screen of its own that nobody sees."""
    from selenium import webdriver
    from selenium.webdriver.webkitgtk.service import Service

    driver_path, screen = needed("WebKitWebDriver", "webkit2gtk-driver"), needed("Xvfb", "xvfb")
    reading, writing = os.pipe()
    command = [screen, "-displayfd", str(writing), "-screen", "0", "1600x1400x24", "-nolisten", "tcp"]
    shown = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            display = f":{told.readline().strip()}"
        options = webdriver.WebKitGTKOptions()
        options.binary_location = next(map(str, Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser")))
        options.add_argument("--automation")
        environment = {
            **os.environ,
            "DISPLAY": display,
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",  # a root's browser has none in a container
        }
        driver = webdriver.WebKitGTK(options=options, service=Service(driver_path, env=environment))
        try:
            driver.set_window_size(size[0], size[1] + 80)
            yield Browser(driver)
        finally:
            driver.quit()
    finally:
        shown.kill()
        shown.wait()


@contextlib.contextmanager
def firefox(*, size: tuple[int, int] = (1200, 900)) -> Iterator[Firefox]:
    """Firefox, by WebDriver BiDi, which it speaks by itself."""
    program = needed("firefox-esr", "firefox", "firefox-esr")
    with tempfile.TemporaryDirectory(prefix="firefox-") as home:
        preferences: dict[str, Any] = {
            "browser.shell.checkDefaultBrowser": False,
            "datareporting.policy.dataSubmissionEnabled": False,
            "media.volume_scale": "0.0",
            "remote.active-protocols": 1,
        }
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(v)});\n" for name, v in preferences.items()]
        (Path(home) / "user.js").write_text("".join(lines))
        command = [program, "--headless", "--no-remote", "--profile", home, "--remote-debugging-port", "0"]
        running = subprocess.Popen(
            [*command, "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "HOME": home, "MOZ_DISABLE_CONTENT_SANDBOX": "1"},
        )
        try:
            assert running.stderr is not None
            address = ""
            for line in running.stderr:
                if "BiDi listening on" in line:
                    address = line.split()[-1]
                    break
            threading.Thread(target=running.stderr.read, daemon=True).start()
            browser = Firefox(f"{address}/session")
            browser.size(*size)
            yield browser
            with contextlib.suppress(Exception):
                browser.command("browser.close")
        finally:
            running.kill()
            running.wait()


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

    def into_frame(self) -> None:
        """Ask what is in the page's first frame from here on, until another page is opened."""
        self.driver.switch_to.frame(0)

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
            return [box.x, box.y, box.right, box.bottom, innerWidth, scrollX, scrollY]"""
        found: Any = None
        for _ in range(20):  # until nothing scrolls any more
            before, found = found, self.run(script, selector, index)
            time.sleep(0.25)
            if found == before:
                break
        *box, width, x, y = found
        if self.driver and "chrom" in self.driver.name:
            clip = {"x": box[0] + x, "y": box[1] + y, "width": box[2] - box[0], "height": box[3] - box[1]}
            shot = self.driver.execute_cdp_cmd(
                "Page.captureScreenshot", {"format": "png", "clip": clip | {"scale": 1}}
            )
            return Image.open(io.BytesIO(base64.b64decode(shot["data"])))
        seen = Image.open(io.BytesIO(base64.b64decode(self._screenshot())))
        scale = seen.width / width
        return seen.crop(tuple(round(scale * edge) for edge in box))

    def _screenshot(self) -> str:
        return str(self.driver.get_screenshot_as_base64())

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


class Firefox(Browser):
    """The same by WebDriver BiDi."""

    def __init__(self, address: str):
        import websocket

        super().__init__(None)
        self._socket = websocket.create_connection(address, timeout=90, suppress_origin=True)
        self._count = 0
        self.command("session.new", capabilities={})
        self._context = self.command("browsingContext.getTree")["contexts"][0]["context"]

    def command(self, method: str, **parameters: Any) -> Any:
        """A command of the protocol, and its result."""
        self._count += 1
        self._socket.send(json.dumps({"id": self._count, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == self._count:
                assert answer.get("type") != "error", answer.get("message")
                return answer["result"]

    def size(self, width: int, height: int) -> None:
        viewport = {"width": width, "height": height}
        self.command("browsingContext.setViewport", context=self._context, viewport=viewport)

    def open(self, address: str | Path) -> None:
        url = address.as_uri() if isinstance(address, Path) else address
        self.command("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def run(self, script: str, *arguments: Any) -> Any:
        return self._call(f"function () {{ {script} }}", arguments)

    def run_async(self, script: str, *arguments: Any) -> Any:
        return self._call(f"async function (...given) {{ {script} }}", arguments)

    def _call(self, function: str, arguments: tuple[Any, ...]) -> Any:
        # Values go and come as JSON, which is simpler than the protocol's own.
        given = ", ".join(map(json.dumps, arguments))
        done = self.command(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({function})({given}) ?? null))()",
            target={"context": self._context},
            awaitPromise=True,
            userActivation=True,
        )
        assert done["type"] == "success", done["exceptionDetails"]["text"]
        return json.loads(done["result"]["value"])

    def _screenshot(self) -> str:
        return str(self.command("browsingContext.captureScreenshot", context=self._context)["data"])


#: Every browser in which pages are tried.
BROWSERS = {"chromium": chromium, "firefox": firefox, "webkit": webkit}


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Python's own, which answers no ranges."""

    def log_message(self, *_: Any) -> None:
        pass

    def copyfile(self, source: Any, outputfile: Any) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            super().copyfile(source, outputfile)


class _Ranges(_Quiet):
    """One that answers ranges, and sends a policy."""

    policy = ""

    def end_headers(self) -> None:
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()

    def send_head(self) -> Any:
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        path = Path(self.translate_path(self.path))
        if not wanted or not path.is_file():
            return super().send_head()
        content = path.read_bytes()
        first, last = int(wanted[1]), min(int(wanted[2] or len(content)), len(content) - 1)
        self.send_response(206)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        self.send_header("Content-Length", str(last + 1 - first))
        self.end_headers()
        return io.BytesIO(content[first : last + 1])


@contextlib.contextmanager
def serving(folder: Path, *, ranges: bool = False, policy: str = "") -> Iterator[str]:
    """The address of a server, with a Content-Security-Policy if one is given."""
    kind = type("Server", (_Ranges,), {"policy": policy}) if ranges or policy else _Quiet
    if policy and not ranges:
        kind.send_head = _Quiet.send_head  # type: ignore[attr-defined]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(kind, directory=str(folder)))
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
