"""A small network on real data, with normalization before every nonlinearity: what decay does there, and what it costs.

64 pixels, two hidden layers of 32, ten outputs: 3392 weights. Each layer's outputs are normalized, so that only the
direction of a layer's weight matrix matters, never its length: decay cannot make the network simpler, it can only
change how training proceeds (van Laarhoven 2017).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from lecture.experiments import Experiment
from lecture.words import _

from . import RESULTS
from .digits import Split, load_digits, split_digits

__all__ = [
    "ARMS",
    "DECAY",
    "LOW_PRECISION",
    "ONE_PASS",
    "REPLAY",
    "REPLAYED",
    "Arm",
    "Training",
    "best_arms",
    "losses",
    "replay",
    "train",
]

WIDTH = 32
SHAPES = ((WIDTH, 64), (WIDTH, WIDTH), (10, WIDTH))
#: Size of the outputs, whose weights are normalized like all others.
SHARPNESS = np.float32(4.0)
BATCH = 32
STEPS = 1500
#: Between two points of the curves.
EVERY = 25

Weights = list[np.ndarray]


class Arm(NamedTuple):
    """How a network is trained.

    Attributes
    ----------
    step_size, lam : float
    held : bool
        Instead of decay: after every step each layer gets the length back that it began with.
    """

    step_size: float
    lam: float = 0.0
    held: bool = False


def _normalized(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Along the last axis: mean 0 and root mean square 1, and what was divided by."""
    z = z - z.mean(axis=-1, keepdims=True)
    size = np.sqrt((z * z).mean(axis=-1, keepdims=True) + np.float32(1e-12))
    return z / size, size


def _through(gradient: np.ndarray, u: np.ndarray, size: np.ndarray) -> np.ndarray:
    """The gradient before a normalization from that behind it."""
    along = (gradient * u).mean(axis=-1, keepdims=True)
    return (gradient - gradient.mean(axis=-1, keepdims=True) - u * along) / size


def _length(w: np.ndarray) -> np.ndarray:
    return np.sqrt((w * w).sum(axis=(-1, -2), keepdims=True))


def _transposed(w: np.ndarray) -> np.ndarray:
    return np.swapaxes(w, -1, -2)


def _log_probabilities(outputs: np.ndarray) -> np.ndarray:
    outputs = outputs - outputs.max(axis=-1, keepdims=True)
    return outputs - np.log(np.exp(outputs).sum(axis=-1, keepdims=True))


def _forward(weights: Weights, X: np.ndarray) -> tuple[np.ndarray, ...]:
    u, size_u = _normalized(X @ _transposed(weights[0]))
    first = np.maximum(u, 0)
    v, size_v = _normalized(first @ _transposed(weights[1]))
    second = np.maximum(v, 0)
    outputs = SHARPNESS * (second @ _transposed(weights[2])) / _length(weights[2])
    return u, size_u, first, v, size_v, second, outputs


def losses(weights: Weights, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Mean negative log probability of the right digits, for each of the stacked networks.

    Parameters
    ----------
    weights : list of ndarray of shape (runs, out, in)
    X : ndarray of shape (n, 64)
    y : ndarray of shape (n,)
    """
    told = _log_probabilities(_forward(weights, X)[-1])
    return -told[..., np.arange(len(y)), y].mean(axis=-1)


def gradients(weights: Weights, X: np.ndarray, y: np.ndarray) -> Weights:
    """Gradients of `losses`, each perpendicular to its layer's weights."""
    u, size_u, first, v, size_v, second, outputs = _forward(weights, X)
    slope = np.exp(_log_probabilities(outputs))
    slope[..., np.arange(len(y)), y] -= 1
    slope /= len(y)
    length = _length(weights[2])
    direction = weights[2] / length
    last = SHARPNESS * (_transposed(slope) @ second)
    last = (last - direction * (last * direction).sum(axis=(-1, -2), keepdims=True)) / length
    back = _through(SHARPNESS * (slope @ direction) * (v > 0), v, size_v)
    middle = _transposed(back) @ first
    back = _through(back @ weights[1] * (u > 0), u, size_u)
    return [_transposed(back) @ X, middle, last]


@dataclass(frozen=True)
class Training:
    """Curves of training, one run an arm.

    Attributes
    ----------
    steps : ndarray of shape (T,)
    train, test : ndarray of shape (runs, T)
        Losses on all rows of each.
    length : ndarray of shape (runs, T)
        Of the first layer's weights.
    angle : ndarray of shape (runs, T)
        By which one step turns them, in radians.
    lost : ndarray of shape (runs, T)
        Share of the steps' entries, of all layers, that rounding took away.
    validation : ndarray of shape (runs,)
        Loss at the end.
    accuracy : ndarray of shape (runs,)
        On the test rows, at the end.
    """

    steps: np.ndarray
    train: np.ndarray
    test: np.ndarray
    length: np.ndarray
    angle: np.ndarray
    lost: np.ndarray
    validation: np.ndarray
    accuracy: np.ndarray


def started(rng: np.random.Generator, runs: int) -> Weights:
    """The same random weights for each run."""
    return [
        np.repeat((rng.normal(size=shape) / np.sqrt(shape[1])).astype(np.float32)[None], runs, axis=0)
        for shape in SHAPES
    ]


def epochs(rng: np.random.Generator, rows: np.ndarray, steps: int) -> Iterator[np.ndarray]:
    """Batches of rows, each used once before all are shuffled again."""
    whole = len(rows) // BATCH
    for k in range(steps):
        if k % whole == 0:
            order = rng.permutation(rows)
        yield order[BATCH * (k % whole) : BATCH * (k % whole + 1)]


def cosine(step: int, steps: int) -> float:
    """The schedule of the step size, which falls from 1 to 0 (Loshchilov and Hutter 2017)."""
    return 0.5 * (1 + np.cos(np.pi * step / steps))


def rounded(w: np.ndarray) -> np.ndarray:
    """Numbers of float32 to the nearest ones of bfloat16, which has 8 bits of precision; ties to even.

    Examples
    --------
    >>> rounded(np.array([1.001, 1.005], dtype=np.float32)).tolist()
    [1.0, 1.0078125]
    """
    bits = w.astype(np.float32).view(np.uint32)
    return ((bits + (0x7FFF + ((bits >> 16) & 1))) & np.uint32(0xFFFF0000)).view(np.float32)


def train(
    seed: int, arms: Sequence[Arm], *, one_pass: int = 0, precision: str = "float32", curves: bool = True
) -> Training:
    """Train a network from one start on the same batches, once for each arm.

    SGD with batches of 32 and a step size that falls like a cosine to 0, in float32. 1000 rows to train, 297 to choose
    settings by, 500 to test. The decay is part of the step: w becomes (1 - alpha lam) w - alpha g.

    Parameters
    ----------
    one_pass : int
        So many steps in which no image is seen twice: each is a row moved by up to a pixel, with noise of deviation
        0.15. Without it, 1500 steps over the rows as they are, about 48 epochs.
    precision : {"float32", "bfloat16", "master"}
        Of the weights: with "bfloat16" they are rounded to it after every step, with "master" only those that gradients
        are computed with are, and the steps are added up in float32. All other numbers are in float32.
    curves : bool
        Whether to measure on the way, not only at the end.
    """
    rng = np.random.default_rng(seed)
    X, y = load_digits()
    rows = split_digits(rng, 1000, 297, 500)
    weights = started(rng, len(arms))
    steps = one_pass or STEPS
    measured = _Measured(_evaluation(X, y, rows, np.random.default_rng([seed, 1]), bool(one_pass)))
    alpha, lam, held = (np.array(column)[:, None, None] for column in zip(*arms, strict=True))
    alpha, lam = alpha.astype(np.float32), lam.astype(np.float32)
    lengths = [_length(w) for w in weights]
    if precision == "bfloat16":
        weights = [rounded(w) for w in weights]
    drawn = (
        (rng.choice(rows.train, BATCH) for _ in range(steps)) if one_pass else epochs(rng, rows.train, steps)
    )
    for k, batch in enumerate(drawn):
        images = distorted(rng, X[batch]) if one_pass else X[batch].astype(np.float32)
        rate = alpha * np.float32(cosine(k, steps))
        before = weights
        used = [rounded(w) for w in weights] if precision == "master" else weights
        moved = [
            rate * (g + lam * w) for w, g in zip(weights, gradients(used, images, y[batch]), strict=True)
        ]
        weights = [w - step for w, step in zip(weights, moved, strict=True)]
        weights = [np.where(held, w * (l / _length(w)), w) for w, l in zip(weights, lengths, strict=True)]
        if precision == "bfloat16":
            weights = [rounded(w) for w in weights]
        if curves and k % EVERY == 0:
            measured.note(k, before, weights, moved)
    measured.note(steps, weights, weights)
    return measured.training(weights)


def distorted(rng: np.random.Generator, X: np.ndarray) -> np.ndarray:
    """Images moved by up to one pixel in each direction, with noise of deviation 0.15."""
    n = len(X)
    wide = np.zeros((n, 10, 10))
    wide[:, 1:9, 1:9] = X.reshape(n, 8, 8)
    down, right = rng.integers(0, 3, (2, n, 1, 1))
    moved = wide[np.arange(n)[:, None, None], down + np.arange(8)[:, None], right + np.arange(8)]
    return (moved + rng.normal(0, 0.15, moved.shape)).reshape(n, 64).astype(np.float32)


def _evaluation(
    X: np.ndarray, y: np.ndarray, rows: Split, rng: np.random.Generator, distort: bool
) -> list[tuple[np.ndarray, np.ndarray]]:
    """What losses are measured on: for a stream of distorted images, four new distortions of each row."""
    copies = 4 if distort else 1
    return [
        (
            np.concatenate([distorted(rng, X[part]) for _ in range(copies)])
            if distort
            else X[part].astype(np.float32),
            np.tile(y[part], copies),
        )
        for part in rows
    ]


@cache
def replay(seed: int, arm: Arm) -> Training:
    """Train with decay, and beside it without any, by steps that are scaled layer by layer: two runs, in float64.

    A step with decay turns weights of length l as one without decay turns weights of length l', if the latter has the
    step size alpha / (1 - alpha lam) (l' / l)^2: the gradient of a normalized layer falls like one over its length.
    So the run without decay takes the same path through all directions, and its losses are the same.
    """
    rng = np.random.default_rng(seed)
    X, y = load_digits()
    rows = split_digits(rng, 1000, 297, 500)
    weights = [w.astype(float) for w in started(rng, 2)]
    decays = np.array([1.0, 0.0])[:, None, None]
    measured = _Measured([(X[part], y[part]) for part in rows])
    for k, batch in enumerate(epochs(rng, rows.train, STEPS)):
        rate = arm.step_size * cosine(k, STEPS)
        pull = rate * arm.lam
        before, slopes = weights, gradients(weights, X[batch], y[batch])
        weights = []
        for w, g in zip(before, slopes, strict=True):
            length = _length(w)
            scaled = np.stack([np.ones((1, 1)), (length[1] / length[0]) ** 2 / (1 - pull)])
            weights.append(w * (1 - pull * decays) - rate * scaled * g)
        if k % EVERY == 0:
            measured.note(k, before, weights)
    measured.note(STEPS, weights, weights)
    return measured.training(weights)


def _lost(before: Weights, after: Weights, steps: Weights | None) -> np.ndarray:
    """Share of what was to change and did not, for each run."""
    if steps is None:
        return np.zeros(len(before[0]))
    old, new, step = (
        np.concatenate([w.reshape(len(w), -1) for w in part], axis=1) for part in (before, after, steps)
    )
    wanted = step != 0
    return np.asarray((wanted & (old == new)).sum(axis=1) / np.maximum(wanted.sum(axis=1), 1))


class _Measured:
    """What is noted during training."""

    def __init__(self, data: list[tuple[np.ndarray, np.ndarray]]):
        self._train, self._validation, self._test = data
        self._notes: list[tuple[Any, ...]] = []

    def note(self, step: int, before: Weights, after: Weights, steps: Weights | None = None) -> None:
        old, new = (w[0].reshape(len(w[0]), -1).astype(float) for w in (before, after))
        size = np.linalg.norm(old, axis=-1)
        apart = np.linalg.norm(old / size[:, None] - new / np.linalg.norm(new, axis=-1)[:, None], axis=-1)
        self._notes.append(
            (
                step,
                losses(before, *self._train),
                losses(before, *self._test),
                size,
                2 * np.arcsin(apart / 2),
                _lost(before, after, steps),
            )
        )

    def training(self, weights: Weights) -> Training:
        steps, *curves = zip(*self._notes, strict=True)
        X, y = self._test
        right = _forward(weights, X)[-1].argmax(axis=-1) == y
        train, test, length, angle, lost = (np.array(curve, dtype=float).T for curve in curves)
        return Training(
            np.array(steps),
            train,
            test,
            length,
            angle,
            lost,
            losses(weights, *self._validation),
            right.mean(axis=-1),
        )


# What settings are chosen from, by validation loss.
ARMS = {
    "none": tuple(Arm(a) for a in (0.3, 0.55, 1.0, 1.7, 3.0, 5.5, 10.0)),
    "decay": tuple(Arm(a, lam) for a in (0.3, 0.55, 1.0, 1.7, 3.0, 5.5) for lam in (3e-4, 1e-3, 3e-3)),
    "held": tuple(Arm(a, held=True) for a in (0.1, 0.17, 0.3, 0.55, 1.0, 1.7, 3.0)),
}


@cache
def best_arms(seed: int, one_pass: int = 0) -> tuple[tuple[Arm, ...], Training]:
    """The arms without decay, with decay, and with lengths held, each at its settings of least validation loss."""
    arms = [arm for group in ARMS.values() for arm in group]
    tried = train(seed, arms, one_pass=one_pass, curves=False)
    score = np.where(np.isfinite(tried.validation), tried.validation, np.inf)
    best, first = [], 0
    for group in ARMS.values():
        best.append(first + int(np.argmin(score[first : first + len(group)])))
        first += len(group)
    chosen = Training(
        tried.steps,
        *(
            getattr(tried, name)[best]
            for name in ("train", "test", "length", "angle", "lost", "validation", "accuracy")
        ),
    )
    return tuple(arms[k] for k in best), chosen


def _measures(seed: int, one_pass: int = 0) -> dict[str, float]:
    arms, runs = best_arms(seed, one_pass)
    found: dict[str, float] = {}
    for name, arm, k in zip(ARMS, arms, range(3), strict=True):
        found[f"train_{name}"] = float(runs.train[k, -1])
        found[f"test_{name}"] = float(runs.test[k, -1])
        found[f"accuracy_{name}"] = float(runs.accuracy[k])
        found[f"alpha_{name}"] = arm.step_size
    return {**found, "lam": arms[1].lam}


#: Whose run is replayed: of those so calm that rounding does not grow in 1500 steps.
REPLAYED = Arm(0.55, 3e-3)


def _replayed(seed: int) -> dict[str, float]:
    runs = replay(seed, REPLAYED)
    return {
        "apart": float(np.abs(runs.train[0] - runs.train[1]).max()),
        "train": float(runs.train[0, -1]),
        "length_decay": float(runs.length[0, -1]),
        "length_replayed": float(runs.length[1, -1]),
    }


def _one_pass(seed: int) -> dict[str, float]:
    return _measures(seed, 4000)


_LABELS = {
    f"{what}_{name}": label
    for name, labels in {
        "none": (
            _("training loss, no decay"),
            _("test loss, no decay"),
            _("share of test digits right, no decay"),
            _("step size chosen, no decay"),
        ),
        "decay": (
            _("training loss, decay"),
            _("test loss, decay"),
            _("share of test digits right, decay"),
            _("step size chosen, decay"),
        ),
        "held": (
            _("training loss, lengths held"),
            _("test loss, lengths held"),
            _("share of test digits right, lengths held"),
            _("step size chosen, lengths held"),
        ),
    }.items()
    for what, label in zip(("train", "test", "accuracy", "alpha"), labels, strict=True)
} | {"lam": _("penalty chosen")}

_SETTINGS = {
    "rows": [1000, 297, 500],
    "weights": 3392,
    "steps": STEPS,
    "batch": BATCH,
    "schedule": "cosine",
    "step_sizes": [0.1, 10.0],
    "penalties": [3e-4, 1e-3, 3e-3],
}

DECAY = Experiment(
    file=RESULTS / "network_decay.json",
    claim=_("In a normalized network the training loss ends lower with decay."),
    control=_("The control has no decay; both have the step size and the penalty of least validation loss."),
    settings=_SETTINGS,
    measures=_LABELS,
    run=_measures,
    holds="train_decay < train_none",
)
REPLAY = Experiment(
    file=RESULTS / "network_replay.json",
    claim=_("A run with decay is repeated without decay, by steps that are scaled layer by layer."),
    control=_("Both start alike and see the same batches; in float64."),
    settings={"step_size": REPLAYED.step_size, "penalty": REPLAYED.lam, "steps": STEPS, "batch": BATCH},
    measures={
        "apart": _("largest distance of the two training losses"),
        "train": _("training loss at the end"),
        "length_decay": _("length of the first layer at the end, decay"),
        "length_replayed": _("length of the first layer at the end, no decay"),
    },
    run=_replayed,
    holds="apart < 1e-6 and length_replayed > 3 * length_decay",
)
ONE_PASS = Experiment(
    file=RESULTS / "network_one_pass.json",
    claim=_("When no image is seen twice, decay lowers the training loss as well as the test loss."),
    control=_("The control has no decay; both have the step size and the penalty of least validation loss."),
    settings={**_SETTINGS, "steps": 4000, "shift": 1, "noise": 0.15},
    measures=_LABELS,
    run=_one_pass,
    holds="train_decay < train_none and test_decay < test_none",
)


@cache
def low_precision(seed: int) -> tuple[tuple[Arm, Arm], dict[str, Training]]:
    """The best arms of float32 without and with decay, and their training in each precision of the weights."""
    arms = best_arms(seed)[0][:2]
    return (arms[0], arms[1]), {p: train(seed, arms, precision=p) for p in ("float32", "bfloat16", "master")}


def _low_precision(seed: int) -> dict[str, float]:
    found = {}
    for precision, runs in low_precision(seed)[1].items():
        for name, k in (("none", 0), ("decay", 1)):
            found[f"train_{name}_{precision}"] = float(runs.train[k, -1])
    runs = low_precision(seed)[1]["bfloat16"]
    # In the last third, where steps are small.
    for name, k in (("none", 0), ("decay", 1)):
        found[f"lost_{name}"] = float(runs.lost[k, -len(runs.steps) // 3 : -1].mean())
    return found


LOW_PRECISION = Experiment(
    file=RESULTS / "network_low_precision.json",
    claim=_(
        "With weights in bfloat16 and without decay the training loss ends higher than in float32; more of the late "
        "steps are rounded away without decay than with it."
    ),
    control=_(
        "Both have the step size and the penalty of least validation loss in float32; master weights in float32 beside "
        "them."
    ),
    settings=_SETTINGS,
    measures={
        "train_none_float32": _("training loss, no decay, float32"),
        "train_decay_float32": _("training loss, decay, float32"),
        "train_none_bfloat16": _("training loss, no decay, bfloat16"),
        "train_decay_bfloat16": _("training loss, decay, bfloat16"),
        "train_none_master": _("training loss, no decay, bfloat16 with master weights in float32"),
        "train_decay_master": _("training loss, decay, bfloat16 with master weights in float32"),
        "lost_none": _("share of late steps rounded away, no decay"),
        "lost_decay": _("share of late steps rounded away, decay"),
    },
    run=_low_precision,
    holds="train_none_bfloat16 > train_none_float32 and lost_none > lost_decay",
)
