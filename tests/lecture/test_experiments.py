"""Experiments behind claims: run with every seed, kept, described, and stale results refused."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lecture.errors import LectureError
from lecture.experiments import Experiment, command
from lecture.stage import Palette, Style, step
from lecture.stage.steps import steps_of
from lecture.words import _


def draw(seed: int) -> dict[str, float]:
    """Means of few and of many numbers that are 1 on average."""
    numbers = np.random.default_rng(seed).normal(1.0, 1.0, 1000)
    return {"few": abs(numbers[:4].mean() - 1), "many": abs(numbers.mean() - 1)}


def experiment(folder: Path, **changes: Any) -> Experiment:
    fields: dict[str, Any] = {
        "file": folder / "means.json",
        "claim": _("The mean of many is nearer."),
        "control": _("Beside it, the mean of four."),
        "settings": {"many": 1000, "few": 4},
        "measures": {"few": _("distance of few"), "many": _("distance of many")},
        "run": draw,
        "holds": "many < few",
    }
    return Experiment(**fields | changes)


def kept(folder: Path, **changes: Any) -> Experiment:
    made = experiment(folder, **changes)
    made.keep({seed: made.measured(seed) for seed in made.seeds})
    return made


def test_results_are_those_of_the_run(tmp_path: Path) -> None:
    made = kept(tmp_path)
    assert made.name == "means"
    for seed in range(10):
        assert made.results[seed] == pytest.approx(draw(seed), rel=1e-7)
    assert made.values("few") == [made.results[seed]["few"] for seed in range(10)]
    assert made.held == sum(draw(seed)["many"] < draw(seed)["few"] for seed in range(10)) >= 9
    assert made.count("few > many") == made.held
    assert made.count("few > 2 * many") == sum(draw(s)["few"] > 2 * draw(s)["many"] for s in range(10)) < 10
    assert made.median("few") == pytest.approx(np.median([draw(seed)["few"] for seed in range(10)]))


def test_a_manifest_carries_seeds_settings_and_spread(tmp_path: Path) -> None:
    told = kept(tmp_path).describe(Style(Palette().dark()))
    assert json.loads(json.dumps(told)) == told
    assert told["settings"] == {"many": 1000, "few": 4}
    assert told["seeds"] == list(range(10))
    few = told["measures"][0]
    assert few["low"] == min(few["values"]) <= few["median"] <= few["high"] == max(few["values"])
    assert few["label"] == "distance of few"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"settings": {"many": 500, "few": 4}}, "settings"),
        ({"seeds": (1, 2)}, "seeds"),
        ({"measures": {"few": _("few")}}, "measured"),
    ],
)
def test_stale_results_are_refused(tmp_path: Path, changes: dict[str, Any], named: str) -> None:
    kept(tmp_path)
    with pytest.raises(
        LectureError, match=rf"means\.json: {named}: expected .*run the command experiments means"
    ):
        _results = experiment(tmp_path, **changes).results


def test_missing_results_are_told(tmp_path: Path) -> None:
    with pytest.raises(LectureError, match="missing"):
        _results = experiment(tmp_path).results


def test_a_run_measures_what_it_says(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must measure"):
        experiment(tmp_path, measures={"other": _("other")}).measured(0)


def test_steps_carry_their_experiments(tmp_path: Path) -> None:
    means = kept(tmp_path)

    class Scene:
        @step(say="Few are far.", shows="Two means.", experiments=(means,))
        def compare(self) -> None: ...

        @step(say="So take many.", shows="One mean.")
        def conclude(self) -> None: ...

    settings: Any = SimpleNamespace(problem=None, style=Style(Palette().dark()))
    assert [found.experiments for found in steps_of(Scene, settings)] == [(means,), ()]


@pytest.mark.parametrize(("holds", "status"), [("many < few", 0), ("many > few", 1)])
def test_the_command_runs_all_seeds_and_fails_where_a_claim_does_not_hold(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    holds: str,
    status: int,
) -> None:
    module = ModuleType("means_of_a_lecture")
    module.EXPERIMENTS = (experiment(tmp_path, holds=holds),)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "means_of_a_lecture", module)
    lecture = SimpleNamespace(experiments="means_of_a_lecture", load_experiments=lambda: module.EXPERIMENTS)
    options = argparse.Namespace(of=lecture, names=[], jobs=2)
    assert command(options) == status
    assert "means: holds for" in capsys.readouterr().out
    assert (tmp_path / "means.json").exists()
    assert command(argparse.Namespace(of=lecture, names=["modes"], jobs=2)) == 2
    assert "there is no experiment 'modes'" in capsys.readouterr().err
