"""The live figures as a widget: from wdmath's objects and back, in Python alone and in a real JupyterLab."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import wdmath
from scenes.live.notebook import LiveFigure
from tests.lecture.targets.browser import Browser, chromium

ROOT = Path(__file__).resolve().parents[2]
RISK = wdmath.QuadraticRisk([[3.0, 1.0], [1.0, 3.0]], [1.0, 2.0])


@pytest.mark.parametrize("name", ["rotate", "forces", "steps"])
def test_gives_back_what_it_was_given(name: str) -> None:
    figure = LiveFigure(name, RISK, lam=2.0)
    np.testing.assert_allclose(figure.risk.hessian, RISK.hessian, rtol=1e-12)
    np.testing.assert_allclose(figure.risk.minimizer, RISK.minimizer)
    np.testing.assert_allclose(figure.ridge, wdmath.ridge_minimizer(RISK, 2.0))
    assert figure.data is None
    assert figure.lam == 2.0


def test_data_come_along() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(12, 2)), rng.normal(size=12)
    for scale in ("sum", "half_mean"):
        risk = wdmath.QuadraticRisk.from_least_squares(X, y, scale=scale)
        figure = LiveFigure("forces", risk, data=(X, y))
        assert figure.data is not None
        np.testing.assert_array_equal(figure.data[0], X)
    with pytest.raises(ValueError, match="data must be those"):
        LiveFigure("forces", RISK, data=(X, y))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("wheel",), "name must be one of rotate, forces, steps, got 'wheel'"),
        (("rotate", wdmath.QuadraticRisk(np.eye(3), np.ones(3))), "risk must have 2 parameters, got 3"),
    ],
)
def test_what_cannot_be_shown_is_refused(arguments: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LiveFigure(*arguments)
    with pytest.raises(ValueError, match="lam must be"):
        LiveFigure("rotate", RISK, lam=-1.0)


CELL = """\
import wdmath
from scenes.live.notebook import LiveFigure
figure = LiveFigure("rotate", wdmath.QuadraticRisk([[3.0, 1.0], [1.0, 3.0]], [1.0, 2.0]), lam=2.0)
figure"""

AFTER = """\
import pathlib, json
pathlib.Path("after.json").write_text(json.dumps([figure.lam, figure.risk.minimizer.tolist()]))
figure.lam = 6.0"""


def cell(source: str) -> dict:
    return {
        "cell_type": "code",
        "id": str(abs(hash(source)))[:8],
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": source,
    }


@contextmanager
def jupyterlab(folder: Path) -> Iterator[str]:
    """The address of a JupyterLab over a folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        "--ServerApp.port_retries=0",
    ]
    command += [
        "--IdentityProvider.token=",
        f"--ServerApp.root_dir={folder}",
        "--LabApp.expose_app_in_browser=True",
    ]
    home = {
        name: str(folder / ".jupyter")
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    environment = {**os.environ, **home, "PYTHONPATH": str(ROOT)}
    running = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + 90
        while True:
            try:
                urllib.request.urlopen(f"{address}/api", timeout=2).read()
                break
            except OSError:
                assert time.monotonic() < end, "JupyterLab did not start"
                time.sleep(0.3)
        yield address
    finally:
        running.terminate()
        running.wait()


def run_cell(browser: Browser, number: int) -> None:
    browser.run(
        """const { shell, commands } = window.jupyterapp;
        shell.currentWidget.content.activeCellIndex = arguments[0];
        commands.execute("notebook:run-cell")""",
        number,
    )


@pytest.mark.long
def test_in_jupyterlab(tmp_path: Path) -> None:
    notebook = {
        "cells": [cell(CELL), cell(AFTER)],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (tmp_path / "figure.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    with jupyterlab(tmp_path) as address, chromium(size=(1300, 900)) as browser:
        browser.open(f"{address}/lab/tree/figure.ipynb")
        browser.until(
            "return window.jupyterapp?.shell.currentWidget?.content?.widgets?.length === 2",
            "the notebook",
            90,
        )
        browser.until(
            "return window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'",
            "the kernel",
            90,
        )
        run_cell(browser, 0)
        browser.until("return document.querySelector('.lec-live-on .lec-live-svg circle')", "the figure", 90)
        background = "return getComputedStyle(document.querySelector('.lec-live')).backgroundColor"
        assert browser.run(background) == "rgb(255, 255, 255)"  # as JupyterLab is, not as the reader's system
        browser.run(
            """const dial = document.querySelector("[data-lec-dial=lam]");
            dial.value = 300; dial.dispatchEvent(new Event("input"))"""
        )
        browser.run_async("await new Promise((done) => setTimeout(done, 1500))")
        shown = browser.run("return document.querySelector('.lec-live [data-lec-text=lam]').textContent")
        run_cell(browser, 1)
        browser.until(
            "return document.querySelector('.lec-live [data-lec-text=lam]').textContent === '6.00'",
            "what Python set",
            60,
        )
        lam, minimizer = json.loads((tmp_path / "after.json").read_text(encoding="utf-8"))
        assert lam == pytest.approx(float(shown), rel=0.006)
        assert lam > 2.5
        assert minimizer == pytest.approx([1.0, 2.0])
        browser.driver.save_screenshot(os.environ.get("LIVE_SHOT", str(tmp_path / "shot.png")))
