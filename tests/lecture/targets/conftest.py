"""For the tests of targets."""

import pytest

from lecture.targets import web

_fonts_with = web._fonts_with


@pytest.fixture(autouse=True)
def _one_cut_of_fonts(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Pages share one cut of the fonts, which takes seconds, but where a browser or the test itself looks at them."""
    if "fonts" not in request.node.name and not request.node.get_closest_marker("long"):
        monkeypatch.setattr(web, "_fonts_with", lambda letters: _fonts_with(set()))
