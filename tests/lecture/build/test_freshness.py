"""What is known of earlier builds: nothing stale is taken for current, nothing that is needed is removed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from lecture.build.cache import Cache, pack
from lecture.build.freshness import Stamp
from lecture.files import content_digest, inputs_read

AN_HOUR = 3600 * 10**9


def stamp(folder: Path, source: Path) -> Stamp:
    return Stamp(folder, {"quality": "m"}, [source], "versions")


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A source and a data file, written some time ago."""
    source, data = tmp_path / "scene.py", tmp_path / "mine.csv"
    source.write_text("a = 1")
    data.write_text("x,y\n1,2\n")
    return source, data


def test_a_build_of_the_same_is_unchanged(tmp_path: Path, files: tuple[Path, Path]) -> None:
    source, data = files
    now = stamp(tmp_path / "cache", source)
    assert now.unchanged() is None
    now.keep(inputs_read([data], time.time_ns() + AN_HOUR), [], {"rendered": 3})
    assert stamp(tmp_path / "cache", source).unchanged() == {"rendered": 3}


@pytest.mark.parametrize("edited", [0, 1])
def test_an_edit_while_a_build_runs_is_not_lost(
    tmp_path: Path, files: tuple[Path, Path], edited: int
) -> None:
    """The film has the old value; the next build must see that there is another one."""
    source, data = files
    running = stamp(tmp_path / "cache", source)
    read = inputs_read([data], time.time_ns() + AN_HOUR)
    files[edited].write_text("something else")
    running.keep(read, [], {})
    assert stamp(tmp_path / "cache", source).unchanged() is None


def test_what_was_written_while_it_was_read_is_known_by_no_content(files: tuple[Path, Path]) -> None:
    _, data = files
    began = time.time_ns()
    data.write_text("x,y\n3,4\n")
    os.utime(data, ns=(0, 0))  # a copy that kept an older time
    assert [known.digest for known in inputs_read([data], began)] == [""]
    assert content_digest(data)


def entries(cache: Cache, count: int, days: float) -> list[str]:
    """Entries of 1000 bytes and a little more, unused for so many days, the first one longest."""
    keys = [cache.store(f"{k:032x}", [], {}, pack({}, [bytes(1000)])) for k in range(count)]
    for k, key in enumerate(keys):
        at = time.time() - 86400 * days - count + k
        os.utime(cache.entry(key), (at, at))
    return keys


def test_the_cache_keeps_its_limit_oldest_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    keys = entries(cache, 6, days=3)
    size = cache.entry(keys[0]).stat().st_size
    assert cache.prune(6 * size) == 0
    assert cache.prune(4 * size) == 2
    assert [cache.entry(key).exists() for key in keys] == [False, False, True, True, True, True]


def test_what_a_film_needs_stays(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    keys = entries(cache, 4, days=3)
    cache.need("media", {"Turn": [keys[0], keys[0]], "Walk": [keys[2]]})
    cache.need("media", {"Walk": [keys[2]]})
    cache.need("another folder", {"Turn": [keys[3]]})
    assert cache.prune(0) == 1
    assert [cache.entry(key).exists() for key in keys] == [True, False, True, True]


def test_what_a_build_beside_this_one_may_need_stays(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    entries(cache, 3, days=0)
    assert cache.prune(0) == 0
