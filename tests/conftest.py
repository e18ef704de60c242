"""For all tests."""

import os
import sys

import pytest

from tests.scenes.scratch import MEDIA

# `make test` runs them: what they say is nevertheless that of the command, not of make.
os.environ.pop("MAKELEVEL", None)


@pytest.fixture(autouse=True, scope="session")
def _own_files() -> None:
    """Manim's files do not bear being shared by the processes that run the tests; texts are set as in a build."""
    if "manim" in sys.modules:
        from lecture.frames.patches import apply_patches

        sys.modules["manim"].config.media_dir = MEDIA
        apply_patches()
