"""The documentation: its gallery, its reference; long: the site is built offline and without a warning."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

import wdmath

ROOT = Path(__file__).parents[1]
GALLERY = sorted((ROOT / "docs" / "gallery").glob("plot_*.py"))


def test_there_are_figures_of_ten_to_thirty_lines() -> None:
    assert len(GALLERY) >= 12
    for path in GALLERY:
        _, _, code = path.read_text().split('"""', 2)
        assert 5 <= len([line for line in code.splitlines() if line.strip()]) <= 30, path.name


def test_the_reference_names_every_public_function() -> None:
    page = set((ROOT / "docs" / "reference" / "wdmath.md").read_text().split())
    # Classes that a function returns are described on its page.
    assert {name for name in dir(wdmath) if inspect.isfunction(getattr(wdmath, name))} - page == set()


@pytest.mark.long
def test_the_site_is_built_offline_and_without_a_warning(tmp_path: Path) -> None:
    offline = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "MPLBACKEND": "Agg"}
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", "docs", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, **offline},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > 60
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "//cdn" not in text
        assert 'src="http' not in text
