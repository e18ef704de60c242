"""Experiments behind what steps claim: tried with several seeds beside their control, and what came out.

An experiment draws its data with a seed, so that its claim can be tried with others. What each seed gave is kept in a
file (`python -m <lecture> experiments` runs them all again and writes it): films show one seed, the manifest and the
page tell of all of them.
"""

from __future__ import annotations

import argparse
import importlib
import json
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import LectureError
from .files import write_atomically
from .words import Message

if TYPE_CHECKING:
    from .stage.style import Style

__all__ = ["NEEDED", "Experiment", "command"]

#: The share of seeds for which a claim must hold.
NEEDED = 0.9


@dataclass(frozen=True, eq=False)
class Experiment:
    """A claim, its control, and how both are tried with a seed.

    Attributes
    ----------
    file : Path
        Where the results are kept; its stem is the experiment's name.
    claim : Message
        What holds for a seed, in a sentence.
    control : Message
        What it is compared with, and how both were tuned.
    settings : dict
        What the experiment was run with, as plain data.
    measures : dict
        What is measured, by name, and what it is called.
    run : callable
        From a seed to the measures, numbers by name.
    holds : str
        When the claim holds for a seed: an expression over the measures, such as ``"decay < none"``.
    seeds : sequence of int
    """

    file: Path
    claim: Message
    control: Message
    settings: Mapping[str, Any]
    measures: Mapping[str, Message]
    run: Callable[[int], Mapping[str, float]]
    holds: str
    seeds: Sequence[int] = tuple(range(10))

    @property
    def name(self) -> str:
        return self.file.stem

    def measured(self, seed: int) -> dict[str, float]:
        """Run it with a seed.

        Raises
        ------
        ValueError
            If it measures something else than it says.
        """
        found = {name: float(value) for name, value in self.run(seed).items()}
        if list(found) != list(self.measures):
            raise ValueError(
                f"the experiment {self.name!r} must measure {list(self.measures)}, got {list(found)}"
            )
        return found

    @cached_property
    def results(self) -> dict[int, dict[str, float]]:
        """What each seed gave, as it was kept.

        Raises
        ------
        LectureError
            If nothing was kept, or with other settings, seeds or measures.
        """
        remedy = f"run the command experiments {self.name}"
        try:
            kept = json.loads(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise LectureError(
                f"{self.file.name}: the results of an experiment are missing; {remedy}"
            ) from None
        for part, expected in (("settings", json.loads(json.dumps(self.settings))), ("seeds", [*self.seeds])):
            if kept[part] != expected:
                raise LectureError(
                    f"{self.file.name}: {part}: expected {expected}, got {kept[part]}; {remedy}"
                )
        if list(kept["measured"]) != list(self.measures):
            raise LectureError(
                f"{self.file.name}: measured: expected {list(self.measures)}, got {list(kept['measured'])}; {remedy}"
            )
        rows = zip(*kept["measured"].values(), strict=True)
        return {
            seed: dict(zip(self.measures, row, strict=True))
            for seed, row in zip(self.seeds, rows, strict=True)
        }

    def values(self, measure: str) -> list[float]:
        """What was measured with each seed."""
        return [result[measure] for result in self.results.values()]

    def median(self, measure: str) -> float:
        return statistics.median(self.values(measure))

    @property
    def held(self) -> int:
        """For how many of the seeds the claim held."""
        return sum(map(self.is_held, self.results.values()))

    def is_held(self, measured: Mapping[str, float]) -> bool:
        """Whether the claim holds for what a seed gave."""
        return _is_true(self.holds, measured)

    def count(self, expression: str) -> int:
        """For how many of the seeds an expression over the measures is true."""
        return sum(_is_true(expression, measured) for measured in self.results.values())

    def keep(self, results: Mapping[int, Mapping[str, float]]) -> None:
        """Write results to the file, with as many digits as matter."""
        measured = {name: [float(f"{results[s][name]:.8g}") for s in self.seeds] for name in self.measures}
        text = json.dumps({"settings": self.settings, "seeds": [*self.seeds], "measured": measured}, indent=1)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self.file, f"{text}\n".encode())
        self.__dict__.pop("results", None)

    def describe(self, style: Style) -> dict[str, Any]:
        """The experiment as data of a manifest."""
        return {
            "name": self.name,
            "claim": style.text(self.claim),
            "control": style.text(self.control),
            "settings": dict(self.settings),
            "holds": self.holds,
            "seeds": [*self.seeds],
            "held": self.held,
            "measures": [
                {
                    "name": name,
                    "label": style.text(label),
                    "values": self.values(name),
                    "median": self.median(name),
                    "low": min(self.values(name)),
                    "high": max(self.values(name)),
                }
                for name, label in self.measures.items()
            ],
        }


def _is_true(expression: str, measured: Mapping[str, float]) -> bool:
    return bool(eval(expression, {"__builtins__": {}, "abs": abs}, dict(measured)))


def command(options: argparse.Namespace) -> int:
    """`python -m <lecture> experiments`: run experiments with all their seeds and keep the results.

    The status is 1 if a claim does not hold for nine of ten seeds.
    """
    module = options.of.experiments
    known = {experiment.name: experiment for experiment in options.of.load_experiments()}
    unknown = [name for name in options.names if name not in known]
    if unknown:
        print(
            f"there is no experiment {unknown[0]!r}; the experiments are: {', '.join(known) or 'none'}",
            file=sys.stderr,
        )
        return 2
    failed = False
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("fork")) as pool:
        for name in options.names or known:
            experiment = known[name]
            found = pool.map(
                _measured, *zip(*((module, name, seed) for seed in experiment.seeds), strict=True)
            )
            experiment.keep(dict(zip(experiment.seeds, found, strict=True)))
            holds = experiment.held
            failed |= holds < NEEDED * len(experiment.seeds)
            print(f"{name}: holds for {holds} of {len(experiment.seeds)} seeds", flush=True)
            for measure in experiment.measures:
                values = experiment.values(measure)
                print(
                    f"  {measure}: {experiment.median(measure):.4g} ({min(values):.4g} to {max(values):.4g})"
                )
    return 1 if failed else 0


def _measured(module: str, name: str, seed: int) -> dict[str, float]:
    """What an experiment of a module measures with a seed, in another process."""
    experiments = importlib.import_module(module).EXPERIMENTS
    return next(experiment for experiment in experiments if experiment.name == name).measured(seed)
