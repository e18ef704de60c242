"""How far a live figure's picture is behind the hand: from an input event to the frame that shows it, slow CPU too.

    python -m tests.benchmarks live

A mouse drags the minimizer, and with the data shown a data point; the page notes when each move was made, and when the
frame after it was handed on. Half a frame of that, 8 ms at 60 Hz, is waiting for the display. Wall-clock time: the
machine should have nothing else to do.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from tests.benchmarks.timing import Row

MEDIAN, MOST = 0.020, 0.033

_WATCH = """
window.late = [];
const channel = new MessageChannel(), waiting = [];
channel.port1.onmessage = () => {
  const now = performance.now();
  for (const at of waiting.splice(0)) late.push(now - at);
};
document.querySelector(".lec-live").addEventListener("pointermove", (event) => {
  const at = event.timeStamp;
  requestAnimationFrame(() => { waiting.push(at); channel.port2.postMessage(0); });
}, true);
"""


def run() -> list[Row]:
    """Median and 95th percentile for each figure, at full speed and four times slower."""
    from tests.lecture.targets.browser import chromium
    from tests.scenes.test_live_figures import write_figures

    rows = []
    with tempfile.TemporaryDirectory() as folder, chromium(size=(1300, 900)) as browser:
        for name, path in write_figures(Path(folder)).items():
            for handle in ("minimizer", "x0"):
                for slower in (1, 4):
                    browser.open(path)
                    if handle == "x0":
                        browser.run("document.querySelector('[data-lec-switch=data]').click()")
                        browser.until(
                            "return document.querySelector('[data-handle=x0] .lec-live-hit')", "the data"
                        )
                    browser.driver.execute_cdp_cmd("Emulation.setCPUThrottlingRate", {"rate": slower})
                    late = _drag(browser, handle)
                    browser.driver.execute_cdp_cmd("Emulation.setCPUThrottlingRate", {"rate": 1})
                    what = f"{name}, {'a data point' if handle == 'x0' else 'minimizer'}, CPU 1/{slower}"
                    middle, most = np.percentile(late, [50, 95])
                    rows.append(Row(f"{what}: median", "20 ms", MEDIAN / middle, 1.0, float(middle)))
                    rows.append(Row(f"{what}: 95th percentile", "33 ms", MOST / most, 1.0, float(most)))
    return rows


def _drag(browser, handle: str) -> np.ndarray:
    """Seconds from each of 150 moves to the frame after it."""
    x, y = browser.run(
        """const hit = document.querySelector(`[data-handle="${arguments[0]}"] .lec-live-hit`);
        hit.scrollIntoView({ block: "center", behavior: "instant" });
        const box = hit.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]""",
        handle,
    )

    def send(kind: str, dx: float = 0.0, dy: float = 0.0) -> None:
        event = {
            "type": f"mouse{kind}",
            "x": x + dx,
            "y": y + dy,
            "button": "left",
            "buttons": 1,
            "clickCount": 1,
        }
        browser.driver.execute_cdp_cmd("Input.dispatchMouseEvent", event)

    browser.run(_WATCH)
    send("Pressed")
    for k in range(150):
        send("Moved", 30 * np.sin(0.2 * k), 20 * np.cos(0.13 * k))
    send("Released")
    browser.until("return late.length > 100", "the frames")
    return np.array(browser.run("return late")) / 1000
