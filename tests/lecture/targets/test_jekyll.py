"""The blog: built by a real Jekyll, under a base URL, and opened."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.lecture.targets.browser import chromium, needed, serving, validate
from tests.lecture.targets.synthetic import HOSTILE, emit, last_frames, make_media, number_in

CONFIG = """\
title: A blog
baseurl: /my/blog
markdown: kramdown
"""
LAYOUT = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{ page.title }}</title>
<link rel="icon" href="data:,"></head>
<body><main><h1>{{ page.title }}</h1>
{{ content }}
</main></body>
</html>
"""
POST = """\
---
layout: default
title: A post
permalink: /post/
---
Some *Markdown* before.

{% include lecture.html scene="where-forces-balance" %}

And after it, with a live figure:

{% include lecture.html live="live-forces" %}
"""


def _site(folder: Path, words: str = "") -> Path:
    """A Jekyll site that took the folders as they are, built; returns what a server would serve."""
    media, site = folder / "media", folder / "site"
    made = emit("jekyll", make_media(media, words=words), media)
    shutil.copytree(made.parent, site)
    (site / "_layouts").mkdir()
    (site / "_config.yml").write_text(CONFIG, encoding="utf-8")
    (site / "_layouts" / "default.html").write_text(LAYOUT, encoding="utf-8")
    (site / "post.md").write_text(POST, encoding="utf-8")
    (site / "inside.md").write_text(INSIDE, encoding="utf-8")
    served = folder / "served"
    command = [needed("jekyll"), "build", "--source", str(site), "--destination", str(served / "my" / "blog")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return served


INSIDE = """\
---
layout: default
title: Inside a sentence
permalink: /inside/
---
A sentence {% include lecture.html scene="where-forces-balance" %} goes *on*, and
{% include lecture.html live="live-forces" %} ends.
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _site(tmp_path_factory.mktemp("jekyll"))


def test_only_addresses_are_left_to_liquid(tmp_path: Path) -> None:
    made = emit("jekyll", make_media(tmp_path, words=HOSTILE), tmp_path)
    for fragment in (made.parent / "_includes" / "lecture").iterdir():
        text = fragment.read_text(encoding="utf-8")
        rest = re.sub(r"\{\{ '/assets/lecture/[a-z0-9/.-]*' \| relative_url \}\}", "", text)
        assert not re.search(r"[{}\x00]|<script", rest)
    page = made.read_text(encoding="utf-8")
    assert not re.search(r"\{\{|\{% (?!include lecture\.html (scene|live)=\"[a-z0-9-]+\" %\})", page)


@pytest.mark.long
@pytest.mark.parametrize("address", ["lecture/", "post/", "inside/"])
def test_works_under_a_base_url(served: Path, address: str) -> None:
    wanted = last_frames("RotateIntoEigenbasis" if address == "lecture/" else "WhereForcesBalance")
    with serving(served) as server, chromium() as browser:
        browser.open(f"{server}/my/blog/{address}")
        for step, number in enumerate(wanted):
            browser.run("document.querySelector(\".lec-turn[data-turn='1']\").click()")
            browser.until(
                f"""const p = document.querySelector(".lec-player"), v = p.querySelector("video");
                return p.dataset.step === "{step}" && v.paused && !v.seeking
                    && v.currentTime > JSON.parse(p.dataset.lec).rests[{step}] - 0.034""",
                f"resting after step {step + 1}",
            )
            assert number_in(browser.picture(".lec-player video")) == number
        browser.until("return document.querySelector('.lec-live-on .lec-live-svg circle')", "the live figure")
        assert browser.run("return document.querySelector('main').innerText.match(/<[a-z]/)") is None
        shown = browser.run("return document.querySelector('.lec-player').getBoundingClientRect().width")
        assert shown == browser.run("return document.querySelector('main').getBoundingClientRect().width")
        assert browser.axe() == []
        browser.stays_here()


@pytest.mark.long
def test_valid_html(served: Path) -> None:
    validate(
        *(served / "my" / "blog" / name / "index.html" for name in ("lecture", "post", "inside")),
        allow=("prefer-native-element",),
    )


@pytest.mark.long
def test_words_of_the_author_stay_words(tmp_path: Path) -> None:
    served = _site(tmp_path, HOSTILE)
    page = (served / "my" / "blog" / "lecture" / "index.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "site.time" in page
