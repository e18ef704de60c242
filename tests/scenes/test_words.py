"""What is said of a problem is true of it: sentences are checked against numbers that scipy computes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from itertools import chain, pairwise
from typing import Any

import numpy as np
import pytest
import scipy.linalg

from scenes import LECTURE
from scenes.problem import Problem
from scenes.pull_depends_only_on_lambda import wild_step
from tests.scenes.random_problems import random_problem
from tests.scenes.unlike_problems import UNLIKE

#: the scenes whose words or pictures follow the problem
FOLLOWING = (
    "Opening",
    "L2IsWeightDecay",
    "PulledBackEveryStep",
    "PullDependsOnlyOnLambda",
    "DecayInMinibatches",
    "QuadraticApproximation",
    "RidgeMinimizerFormula",
    "EigenvectorsUntangleTheFormula",
    "RotateIntoEigenbasis",
    "NothingHappensWithoutPenalty",
    "RescaleThenRotateBack",
    "ShrinkageFactors",
    "WhereForcesBalance",
    "FlatDirectionsYield",
    "EarlyStoppingIsDecay",
    "Summary",
)


class Facts:
    """What is true of a problem, without wdmath and without the properties that the words are chosen by."""

    def __init__(self, problem: Problem):
        self.problem = problem
        self.H, self.theta, self.lam = problem.risk.hessian, problem.risk.minimizer, problem.lam
        values, vectors = scipy.linalg.eigh(self.H)
        if not self.H[0, 1]:  # also where any pair of directions would do
            vectors = np.eye(2)[:, [1, 0]] if self.H[0, 0] >= self.H[1, 1] else np.eye(2)
        self.steep, self.flat = values[1], values[0] if values[0] > 1e-12 * values[1] else 0.0
        self.z = np.abs([vectors[:, 1] @ self.theta, vectors[:, 0] @ self.theta])
        self.size = float(np.hypot(*self.theta))
        self.flattest = vectors[:, 0]

    @property
    def has_rows(self) -> bool:
        """Whether there are rows, in the plane that is drawn, whose least-squares risk is the problem's."""
        if self.problem.rows is None:
            return False
        gram = self.problem.rows[0].T @ self.problem.rows[0]
        return np.allclose(gram / np.trace(gram), self.H / np.trace(self.H), rtol=1e-6, atol=1e-9)

    def ridge(self, lam: float) -> np.ndarray:
        if not lam:  # the limit
            return np.linalg.lstsq(self.H, self.H @ self.theta, rcond=1e-12)[0]
        return np.linalg.solve(self.H + lam * np.eye(2), self.H @ self.theta)

    def factor(self, k: int, lam: float) -> float:
        sigma = (self.steep, self.flat)[k]
        return sigma / (sigma + lam) if sigma else 0.0

    @cached_property
    def has(self) -> np.ndarray:
        """Which components there are."""
        return self.z > 1e-8 * self.size

    @cached_property
    def grown(self) -> np.ndarray:
        """By how much each coordinate has grown, as a share of the minimizer's length."""
        return (np.abs(self.ridge(self.lam)) - np.abs(self.theta)) / (self.size or 1.0)

    @cached_property
    def round(self) -> bool:
        return bool(self.steep - self.flat < 1e-7 * self.steep)

    @cached_property
    def starts_at_minimizer(self) -> bool:
        """Whether the ridge path does: whether nothing lies along a direction without curvature."""
        away = float(np.hypot(*(self.ridge(0.0) - self.theta)))
        return away <= 1e-6 * self.size

    @cached_property
    def straight(self) -> bool:
        path = np.array([self.ridge(self.steep * 10.0**power) for power in np.arange(-6.0, 4, 0.25)])
        spread = scipy.linalg.svdvals(path - path.mean(axis=0))
        return bool(spread[1] <= 1e-7 * spread[0])

    @cached_property
    def settles(self) -> np.ndarray:
        """Where plain gradient descent ends."""
        start, end = np.array(self.problem.start), self.theta.copy()
        if self.flat == 0:
            end = end + self.flattest * (self.flattest @ (start - end))
        return end


def share(text: str) -> tuple[float, float]:
    """The least and the largest share that a percentage in words stands for."""
    if text in ("nothing", "all"):
        return (0.0, 0.0) if text == "nothing" else (1.0, 1.0)
    if text.startswith(("less", "more")):
        return (0.0, 0.001) if text.startswith("less") else (0.999, 1.0)
    number = text.split()[0]
    half = 0.501 * 10.0 ** -(2 + len(number.partition(".")[2]))
    return float(number) / 100 - half, float(number) / 100 + half


def keeps(facts: Facts, k: int, words: str) -> bool:
    lam = facts.lam if facts.lam > 0 else facts.steep / 10  # what ShrinkageFactors shows without a penalty
    low, high = share(words)
    return low <= facts.factor(k, lam) <= high


def stops(facts: Facts, k: int, descent: str, ridge: str) -> bool:
    """Whether gradient descent keeps so much of a direction after twenty steps, and the paired penalty so much."""
    rate = facts.problem.step_size
    if not 0.2 <= rate * facts.steep <= 0.7:
        rate = 0.5 / facts.steep
    sigma = (facts.steep, facts.flat)[k]
    kept = 1 - (1 - rate * sigma) ** 20, sigma / (sigma + 1 / (20 * rate))
    told = share(descent), share(ridge)
    return all(low - 1e-9 <= value <= high + 1e-9 for value, (low, high) in zip(kept, told, strict=True))


_SHARE = r"(all|nothing|(?:less than |more than )?[\d.]+ percent)"


def share_in_the_middle(problem: Problem) -> float:
    """Of the degrees of freedom, at the geometric mean of the eigenvalues; of evenly spaced ones it is a half."""
    sigma = problem.spectrum
    if len(sigma) == 2:
        return 0.5
    lam = np.exp(np.log(sigma[sigma > 1e-12 * sigma[0]]).mean())
    return float((sigma / (sigma + lam)).mean())


_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")
Claim = Callable[[Facts, Any], bool]

#: a sentence, and when it is true; groups of the pattern are handed over
CLAIMS: dict[str, Claim] = {
    r"ellips": lambda f, m: f.flat > 0 and not f.round,
    r"ontours are circles|Solid circles|Circles look the same": lambda f, m: f.round,
    r"level floor|without curvature|no curvature|parallel lines|pair of lines|Solid lines": lambda f, m: (
        f.flat == 0
    ),
    r"both factors are one|Multiply both components by one|each component stays exactly": lambda f, m: (
        f.flat > 0
    ),
    r"(θ[₁₂]) has grown": lambda f, m: f.grown["₁₂".index(m[1][1])] > 1e-3,
    r"the coordinate “(.+)” has grown": lambda f, m: f.grown[f.problem.parameters.index(m[1])] > 1e-3,
    r"marked as grown": lambda f, m: f.grown.max() > 1e-3,
    r"neither coordinate ends up visibly|changes neither|no coordinate can grow": lambda f, m: (
        f.grown.max() < 6e-3
    ),
    r"both coordinates shrink by one factor": lambda f, m: f.round and f.lam > 0,
    r"heads for θ̂": lambda f, m: np.hypot(*(f.settles - f.theta)) <= 1e-6 * f.size,
    r"down to the level floor of|it starts on the level floor": lambda f, m: f.flat == 0,
    r"runs away": lambda f, m: f.problem.step_size * f.steep > 1.99,
    r"= σ₂ the flat component is halved": lambda f, m: f.flat > 0 and f.has.all() and not f.round,
    r"both bars are halved|both bars are half": lambda f, m: f.round and f.size > 0,
    r"At σ([₁₂]) the one component is halved": lambda f, m: f.has.sum() == 1 and f.has["₁₂".index(m[1])],
    r"bar along q([₁₂]) is left then": lambda f, m: (
        f.has["₁₂".index(m[1])] and (f.steep, f.flat)["₁₂".index(m[1])] > 0
    ),
    r"Along q₂ nothing is left": lambda f, m: f.flat == 0 and f.has.all(),
    r"nothing to halve": lambda f, m: not f.has.all(),
    r"Both eigenvalues are equal": lambda f, m: f.round,
    r"Multiply one component by one, the other by zero": lambda f, m: f.flat == 0 and f.has[1],
    r"all of it was gone before": lambda f, m: f.flat == 0 and not f.has[0],
    r"Our λ is zero": lambda f, m: f.lam == 0,
    r"component along q₂ is exactly halved": lambda f, m: f.flat > 0 and f.has[1],
    r"component along q₁ is halved": lambda f, m: f.has[0],
    r"has no component along q₁|q₁ is one half, but θ̂ has no": lambda f, m: not f.has[0],
    r"q₂ is one half, but θ̂ has no|there θ̂ has nothing to lose": lambda f, m: not f.has[1],
    r"splits into two components\.(?! Both)": lambda f, m: f.has.all(),
    r"lies along q([₁₂]) alone": lambda f, m: f.has.sum() == 1 and f.has["₁₂".index(m[1])],
    rf"steep direction keeps {_SHARE} of its component, the flat one {_SHARE}": lambda f, m: (
        keeps(f, 0, m[1]) and keeps(f, 1, m[2])
    ),
    rf"(?:both directions keep|each keeps) {_SHARE}": lambda f, m: keeps(f, 0, m[1]) and keeps(f, 1, m[1]),
    rf"towards zero and keeps {_SHARE}": lambda f, m: (
        share(m[1])[0] <= f.factor(1, f.lam) <= share(m[1])[1] and f.has[1]
    ),
    rf"steeper: the weight keeps {_SHARE}": lambda f, m: (
        share(m[1])[0] <= f.factor(0, f.lam) <= share(m[1])[1] and f.has[0]
    ),
    rf"direction the descent keeps {_SHARE}, ridge {_SHARE}; of the flat one, {_SHARE} and {_SHARE}": lambda f, m: (
        stops(f, 0, m[1], m[2]) and stops(f, 1, m[3], m[4])
    ),
    r"hardly a contour": lambda f, m: f.flat <= 0.25 * f.steep,
    r"(\w+) contours? (?:is|are) crossed(?!\. (?:Moving costs nothing|Risk and slope))": lambda f, m: (
        _COUNTS.index(m[1].lower()) == int(8 * f.flat / f.steep + 1e-6)
    ),
    r"contour after contour": lambda f, m: f.flat <= 0.25 * f.steep,
    r"crosses just as many": lambda f, m: f.round,
    r"shallow bowl. Add the penalty, and the weight moves far": lambda f, m: (
        f.factor(1, f.lam) <= 0.6 and f.has[1]
    ),
    r"moves the weight less far": lambda f, m: (
        (1 - f.factor(0, f.lam)) * f.z[0] <= (1 - f.factor(1, f.lam)) * f.z[1] and f.has[0]
    ),
    r"takes a smaller share": lambda f, m: f.factor(1, f.lam) < f.factor(0, f.lam) and f.has.all(),
    r"is decayed away; what it": lambda f, m: f.factor(1, f.lam) <= 0.5 <= f.factor(0, f.lam),
    r"nothing holds the weight": lambda f, m: f.flat == 0 and f.has[1],
    r"whole model has (\d+) directions": lambda f, m: len(f.problem.spectrum) == int(m[1]) > 2,
    r"Those with noticeable curvature": lambda f, m: (
        f.problem.spectrum.min() < 1e-3 * f.problem.spectrum.max()
    ),
    r"Half way about half of them": lambda f, m: 0.34 < share_in_the_middle(f.problem) < 0.66,
    r"returns to θ̂|arrive at θ̂ again|lies exactly on θ̂|all the way from θ̂|θ̂_ridge equals θ̂": lambda f, m: (
        f.starts_at_minimizer
    ),
    r"as λ goes to 0, θ̂.ridge goes to θ̂": lambda f, m: f.starts_at_minimizer,
    r"shortest (?:of all minimizers|minimizer)|which leaves out θ̂": lambda f, m: not f.starts_at_minimizer,
    r"smallest penalty takes (?:everything|it to zero)": lambda f, m: f.flat == 0 and f.has[1],
    r"nearly every point bends": lambda f, m: f.flat > 0 and not f.round,
    r"ring stays round|only shrinks, in every direction": lambda f, m: f.round,
    r"flattens the ring onto one line: nothing": lambda f, m: f.flat == 0,
    r"Q is the identity|Here H is diagonal|eigenvectors are the axes|Q does not even turn|"
    r"here by nothing": lambda f, m: abs(f.H[0, 1]) <= 1e-9 * f.steep and f.H[0, 0] >= f.H[1, 1],
    r"lies over θ̂|on θ̂\. With so|ridge lies on θ̂\.|too weak|nothing has moved visibly": lambda f, m: (
        np.hypot(*(f.ridge(f.lam) - f.theta)) <= 0.01 * f.size
    ),
    r"rows of the data": lambda f, m: f.has_rows,
    r"[Zz]ero stays zero|nothing to shrink|nothing to pull|oth (?:components )?are zero|"
    r"θ̂ is zero|at zero already": lambda f, m: f.size == 0 or (f.flat == 0 and not f.has[0]) or f.lam == 0,
    r"leaves the lowest point, but not on the straight": lambda f, m: f.has.all() and not f.round,
    r"leaves the lowest point on the straight": lambda f, m: f.has.sum() == 1 or f.round,
    r"ridge path as a straight line|straight path of": lambda f, m: f.straight,
    r"ridge path as a curve from θ̂": lambda f, m: f.starts_at_minimizer and not f.straight,
    r"With λ = 0 (?:it does|there is|nothing pulls)|Here λ is zero": lambda f, m: f.lam == 0,
    r"comes near to θ̂; the strongly pulled one": lambda f, m: (
        np.hypot(*(f.ridge(f.problem.lams_compared[0]) - f.theta)) <= 0.26 * f.size
        and np.hypot(*(f.ridge(f.problem.lams_compared[1]) - f.theta)) >= 0.39 * f.size > 0
    ),
    r"The weak one still rests": lambda f, m: (
        2 / (f.steep + f.problem.lams_compared[1])
        < wild_step(f.problem)
        < 0.99 * 2 / (f.steep + f.problem.lams_compared[0])
    ),
    r"leaves less room for large steps": lambda f, m: (
        f.problem.step_size * (f.steep + max(f.problem.lams_compared)) < 2
    ),
    r"is above it: with it": lambda f, m: (
        f.problem.step_size * (f.steep + max(f.problem.lams_compared)) > 1.89
    ),
    r"push and pull are equal\. It has not": lambda f, m: (
        f.problem.step_size * (f.steep + f.problem.lam_zigzag) < 2.01
        and np.hypot(*(f.ridge(f.problem.lam_zigzag) - f.theta)) > 0
    ),
    r"nothing pulls back": lambda f, m: f.problem.lam_zigzag == 0,
}


def sentences(scene: str, problem: Problem) -> tuple[tuple[str, str], ...]:
    """The words of a scene about a problem, each with its step."""
    steps = LECTURE.load_scene(scene).storyboard(LECTURE.settings(problem))
    return tuple((f"{scene}.{step.name}", text) for step in steps for text in (step.say, step.shows))


def untrue(texts: tuple[tuple[str, str], ...], facts: Facts) -> list[str]:
    """What is said and is not so."""
    return [
        f"{where}: {match[0]!r} in {text!r}"
        for where, text in texts
        for pattern, holds in CLAIMS.items()
        for match in re.finditer(pattern, text)
        if not holds(facts, match)
    ]


def all_sentences(problem: Problem) -> tuple[tuple[str, str], ...]:
    return tuple(s for scene in FOLLOWING for s in sentences(scene, problem))


@pytest.mark.parametrize("name", UNLIKE)
def test_what_is_said_is_so(name: str) -> None:
    assert untrue(all_sentences(UNLIKE[name]), Facts(UNLIKE[name])) == []


@pytest.mark.parametrize("seeds", [range(40), pytest.param(range(40, 300), marks=pytest.mark.long)], ids=str)
def test_what_is_said_of_random_problems_is_so(seeds: range) -> None:
    for seed in seeds:
        problem = random_problem(seed)
        assert untrue(all_sentences(problem), Facts(problem)) == [], problem


def test_every_claim_is_made_of_some_problem() -> None:
    missing = set(CLAIMS)
    random_problems = (random_problem(seed) for seed in range(300))
    for problem in chain(UNLIKE.values(), [replace(UNLIKE["i2ml"], lam_zigzag=0.0)], random_problems):
        said = [text for _, text in all_sentences(problem)]
        missing -= {claim for claim in missing if any(re.search(claim, text) for text in said)}
        if not missing:
            return
    pytest.fail(f"claimed of none: {missing}")


@pytest.mark.parametrize(
    ("told", "of"),
    [("i2ml", "round"), ("i2ml", "singular"), ("round", "i2ml"), ("singular", "i2ml"), ("zero", "i2ml")],
)
def test_words_about_another_problem_are_caught(told: str, of: str) -> None:
    assert len(untrue(all_sentences(UNLIKE[told]), Facts(UNLIKE[of]))) >= 5


UNGRAMMATICAL = re.compile(
    # Indices of symbols such as R_reg are no slips of the pen.
    r"  | [,.;:?]|\.\.|,,|dot 10|[{}@#$\\]|(?<![\u0302RLθŵλ])_|\b([a-z]+) \1\b"
    r"|(?<![\d.])1 (?:percent|directions|steps|rows)"
    r"|(?:nothing|all) are|None[,)]|\bnan\b|\binf\b|\be[-+]\d"
)


@pytest.mark.parametrize("scene", LECTURE.scenes)
def test_sentences_are_whole(scene: str) -> None:
    problems = [*UNLIKE.values(), *(random_problem(seed) for seed in range(40))]
    for problem in problems:
        for where, text in sentences(scene, problem):
            assert not UNGRAMMATICAL.search(text), (where, text)
            assert not text[0].islower() or not text[0].isascii(), (where, text)
            assert text[-1] in ".?!", (where, text)


@pytest.mark.parametrize("scene", LECTURE.scenes)
def test_nothing_takes_longer_to_say_than_can_be_watched(scene: str) -> None:
    for problem in UNLIKE.values():
        for step in LECTURE.load_scene(scene).storyboard(LECTURE.settings(problem)):
            # What is said from one motion to the next.
            cuts = [0, *sorted(step.marks.values()), len(step.say)]
            assert max(end - begin for begin, end in pairwise(cuts)) <= 175, (step.name, step.say)


def test_the_list_of_scenes_that_follow_the_problem_is_whole() -> None:
    told = {name for name in LECTURE.scenes if len({sentences(name, p) for p in UNLIKE.values()}) > 1}
    assert told <= set(FOLLOWING)
