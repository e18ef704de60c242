"""Where tests keep what Manim compiles: a folder per worker, since Manim's files do not bear being shared."""

import os

MEDIA = f"media/.test/{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
