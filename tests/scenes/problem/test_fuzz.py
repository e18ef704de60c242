"""Any input ends in a lecture or in one sentence: never in a traceback, never without end."""

from __future__ import annotations

import json
import random
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lecture.edition import Edition, load_edition
from lecture.errors import LectureError
from lecture.fields import top_fields
from scenes import LECTURE
from scenes.problem import FIELDS
from scenes.problem.new_file import new

LONGEST = 20.0  # seconds of computing for one lecture: nothing in these files is large

NUMBERS = st.one_of(
    st.integers(-5, 5),
    st.floats(-1e6, 1e6),
    st.sampled_from([0.0, 1e-3, 1e3, 1e12, 1e300, -0.0, 5e-324, float("nan"), float("inf")]),
)
WORDS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "a",
            "b",
            "c",
            "kind",
            "d.csv",
            "i2ml",
            "../d.csv",
            "/dev/zero",
            "logistic",
            "sum",
            "visible",
            "#fff",
        ]
    ),
)
VALUES = st.recursive(
    st.one_of(NUMBERS, WORDS, st.booleans()), lambda inner: st.lists(inner, max_size=4), max_leaves=8
)


def toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value).replace("\x7f", "\\u007f")
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    return repr(value)


def outcome(
    toml_text: str | bytes, csv: str | bytes = "a,b,c,kind\n1,2,3,x\n2,1,5,y\n4,4,1,x\n0,3,3,y\n"
) -> Edition | str:
    """The lecture, or what its user is told."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("lecture.toml", toml_text), ("d.csv", csv)):
            (Path(folder) / name).write_bytes(
                content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
            )
        begin = time.process_time()
        try:
            lecture = load_edition(Path(folder) / "lecture.toml", LECTURE)
        except LectureError as error:
            told = str(error)
            assert "\n" not in told
            assert 10 < len(told) < 2000
            return told
        finally:
            assert time.process_time() - begin < LONGEST
    check(lecture)
    return lecture


def check(lecture: Edition) -> None:
    """What every lecture can rely on."""
    problem = lecture.problem
    values = [problem.lam, problem.lam_zigzag, *problem.lams_compared, problem.step_size, *problem.start]
    assert np.isfinite([*values, *problem.risk.minimizer, *problem.risk.eigenvalues, *problem.ridge]).all()
    assert problem.risk.dimension == 2
    assert problem.risk.eigenvalues[0] >= problem.risk.eigenvalues[1] >= 0
    assert problem.risk.eigenvalues[0] > 0
    assert np.linalg.norm(problem.ridge) <= np.linalg.norm(problem.risk.minimizer) * (1 + 1e-9)
    assert problem.lams_compared[0] < problem.lams_compared[1]
    assert all(isinstance(name, str) and "\n" not in name for name in problem.parameters)
    assert lecture.settings().style.background.startswith("#")


FUZZED = settings(deadline=None, suppress_health_check=list(HealthCheck))


@FUZZED
@given(
    st.dictionaries(st.sampled_from([field.name for field in top_fields(LECTURE)]), VALUES, max_size=2),
    st.dictionaries(st.sampled_from([field.name for field in FIELDS]), VALUES, max_size=5),
)
def test_any_values_in_any_fields(top: dict[str, Any], problem: dict[str, Any]) -> None:
    lines = [f"{name} = {toml(value)}" for name, value in top.items()]
    outcome("\n".join([*lines, "[problem]", *(f"{name} = {toml(value)}" for name, value in problem.items())]))


@FUZZED
@given(
    st.integers(2, 4).flatmap(
        lambda p: st.tuples(
            st.lists(st.lists(st.floats(-1e3, 1e3), min_size=p, max_size=p), min_size=p, max_size=p),
            st.lists(st.floats(-1e6, 1e6), min_size=p, max_size=p),
        )
    ),
    st.booleans(),
)
def test_any_hessian(given_: tuple[list[list[float]], list[float]], definite: bool) -> None:
    rows, minimizer = given_
    if definite:
        rows = (np.array(rows) @ np.array(rows).T).tolist()
    outcome(f"[problem]\nhessian = {toml(rows)}\nminimizer = {toml(minimizer)}")


CELLS = st.one_of(
    st.floats(-1e3, 1e3).map(repr),
    st.integers(-3, 3).map(str),
    st.sampled_from(["", "NA", "x", "y", '"', "1,5", "1e400", "٣", "=1+1", "﻿1", "\x00"]),
    st.text(max_size=4),
)


@FUZZED
@given(
    st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=12),
    st.sampled_from(["least_squares", "logistic", "softmax"]),
    st.sampled_from(["refuse", "drop"]),
    st.booleans(),
    st.booleans(),
)
def test_any_cells(
    rows: list[list[str]], model: str, missing: str, standardize: bool, intercept: bool
) -> None:
    csv = "\n".join(["a,b,c", *(",".join(row) for row in rows)])
    outcome(
        f'[problem]\ndata="d.csv"\nfeatures=["a","b"]\ntarget="c"\nmodel="{model}"\nmissing="{missing}"\n'
        f"standardize={toml(standardize)}\nintercept={toml(intercept)}",
        csv,
    )


@FUZZED
@given(
    st.integers(0, 2**32 - 1),
    st.integers(2, 30),
    st.integers(2, 6),
    st.sampled_from(["least_squares", "logistic", "softmax"]),
    st.booleans(),
    st.floats(-3, 3),
)
def test_numbers_of_any_scale_and_collinearity(
    seed: int, n: int, p: int, model: str, standardize: bool, power: float
) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) * 10 ** rng.uniform(-3, 3, p)
    if rng.random() < 0.3:
        X[:, -1] = X[:, 0] * 2
    y = X @ rng.normal(size=p) * 10**power + rng.normal(size=n)
    labels = y.round(3) if model == "least_squares" else rng.integers(0, 2 if model == "logistic" else 3, n)
    names = [f"x{k}" for k in range(p)]
    csv = "\n".join(
        [",".join([*names, "y"]), *(",".join(map(str, [*row, t])) for row, t in zip(X, labels, strict=True))]
    )
    outcome(
        f'[problem]\ndata="d.csv"\nfeatures={toml(names)}\ntarget="y"\nmodel="{model}"\nstandardize={toml(standardize)}',
        csv,
    )


@FUZZED
@given(
    st.one_of(
        st.binary(max_size=200), st.text(max_size=100).map(lambda t: t.encode("utf-8", "surrogatepass"))
    )
)
@example(b"INF")
def test_any_bytes(content: bytes) -> None:
    outcome(content)
    outcome('[problem]\ndata="d.csv"\nfeatures=["a","b"]\ntarget="c"', content)


@FUZZED
@given(st.lists(st.text(max_size=30), min_size=3, max_size=6))
def test_columns_of_any_name(names: list[str]) -> None:
    """`make new` writes a file that can be read, whatever the columns are called."""
    rows = [[f"{(k * (j + 2)) % 7}.{k}" for j in range(len(names))] for k in range(12)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "d.csv"
        quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [names, *rows]]
        path.write_text("\n".join(quoted), encoding="utf-8", errors="replace")
        try:
            written = new(str(path)).path
        except LectureError:
            return
        told = outcome(written.read_bytes(), path.read_bytes())
        assert isinstance(told, Edition) or ("not valid TOML" not in told and "no such field" not in told)


SEEDS = [
    'title = "x"\ntheme = "#FDF6E3"\nscenes = ["Opening"]\n[problem]\ndata = "d.csv"\nfeatures = ["a", "b"]\n'
    'target = "c"\nmissing = "drop"\nlam = 5.0\nsteps = 10\nstart = [1, 2]\n',
    '[problem]\nhessian = [[4, 1], [1, 3]]\nminimizer = [1, 2]\nparameters = ["α", "β"]\nplane = [1, 2]\n',
    '[problem]\ndata = "d.csv"\nmodel = "softmax"\nfeatures = ["a", "b"]\ntarget = "kind"\nlam = "visible"\n',
]
TABLE = "a,b,c,kind\n1,2,3,x\n2,1,5,y\n4,4,1,x\n0,3,3,y\n7,1,2,y\n1,1,1,x\n"


def mutated(content: bytes, chance: random.Random) -> bytes:
    """A file with a few of its bytes changed, taken away, doubled or swapped."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        at, length = chance.randrange(len(data) + 1), chance.choice((1, 1, 2, 8, 40))
        piece = data[at : at + length]
        kind = chance.randrange(5)
        if kind == 0:
            data[at:at] = bytes(chance.randrange(256) for _ in range(length))
        elif kind == 1:
            del data[at : at + length]
        elif kind == 2:
            data[at:at] = piece * chance.choice((1, 2, 50))
        elif kind == 3:
            data[at : at + 1] = chance.choice(
                (b'"', b"[", b"]", b"\n", b",", b"9", b"-", b"e", b".", b"=", b"\0", b"{")
            )
        else:
            other = chance.randrange(len(data) + 1)
            data[at : at + length] = data[other : other + length]
    return bytes(data)


def fuzz(count: int, seed: int) -> tuple[int, int]:
    """How many mutated inputs made a lecture, and how many a sentence."""
    chance = random.Random(seed)
    lectures = 0
    for _ in range(count):
        lines, table = chance.choice(SEEDS).encode(), TABLE.encode()
        if chance.random() < 0.5:
            lines = mutated(lines, chance)
        else:
            table = mutated(table, chance)
        lectures += isinstance(outcome(lines, table), Edition)
    return lectures, count - lectures


def test_mutated_files() -> None:
    lectures, sentences = fuzz(300, seed=1)
    assert lectures > 20  # the fuzzer reaches past the parser
    assert sentences > 20


@pytest.mark.long
def test_many_mutated_files() -> None:
    lectures, sentences = fuzz(20_000, seed=2)
    assert lectures > 1000
    assert sentences > 1000
