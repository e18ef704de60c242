"""For all tests."""

import sys

import pytest

from tests.scenes.scratch import MEDIA


@pytest.fixture(autouse=True, scope="session")
def _own_files() -> None:
    """Manim's files do not bear being shared by the processes that run the tests."""
    if "manim" in sys.modules:
        sys.modules["manim"].config.media_dir = MEDIA
