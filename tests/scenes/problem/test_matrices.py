"""A Hessian and a minimizer from files: CSV as spreadsheets and programs write it, and numpy's own format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lecture.edition import load_edition
from lecture.errors import LectureError
from scenes import LECTURE
from scenes.problem import Problem

H, THETA = np.array([[4.5, 1.0, 0.0], [1.0, 3.25, 0.5], [0.0, 0.5, 1.0]]), np.array([1.5, -2.0, 3.0])
NAMES = ["age", "bmi", "bp"]


def problem_of(folder: Path, hessian: str, minimizer: str) -> Problem:
    path = folder / "lecture.toml"
    path.write_text(f'[problem]\nhessian = "{hessian}"\nminimizer = "{minimizer}"\n', encoding="utf-8")
    return load_edition(path, LECTURE).problem


def text(array: np.ndarray, delimiter: str = ",", decimal: str = ".") -> str:
    rows = np.atleast_2d(array).tolist()
    return "".join(delimiter.join(repr(v).replace(".", decimal) for v in row) + "\n" for row in rows)


def table(array: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(array, columns=NAMES, index=NAMES if array.ndim == 2 and len(array) == 3 else None)


WRITTEN: dict[str, Callable[[Path, np.ndarray], object]] = {
    "plain.csv": lambda path, a: path.write_text(text(a)),
    "numpy's savetxt.csv": lambda path, a: np.savetxt(path, a, delimiter=","),
    "spaces.txt": lambda path, a: np.savetxt(path, a),
    "German.csv": lambda path, a: path.write_text(text(a, ";", ",")),
    "with names above.csv": lambda path, a: table(np.atleast_2d(a)).to_csv(path, index=False),
    "with names on both sides.csv": lambda path, a: table(np.atleast_2d(a)).to_csv(path),
    "numpy.npy": lambda path, a: np.save(path, a),
    "Fortran.npy": lambda path, a: np.save(path, np.asfortranarray(a)),
    "single.npy": lambda path, a: np.save(path, a.astype(np.float32)),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_what_was_written_is_read(name: str, tmp_path: Path) -> None:
    WRITTEN[name](tmp_path / f"H {name}", H)
    np.save(tmp_path / "theta.npy", THETA)
    problem = problem_of(tmp_path, f"H {name}", "theta.npy")
    assert np.array_equal(problem.full.hessian, H)
    assert np.array_equal(problem.full.minimizer, THETA)


@pytest.mark.parametrize("name", [name for name in WRITTEN if "both" not in name])
@pytest.mark.parametrize("turned", [False, True])
def test_a_minimizer_is_a_row_or_a_column(name: str, turned: bool, tmp_path: Path) -> None:
    if turned and "names" in name:
        (tmp_path / name).write_text("theta\n" + text(THETA[:, None]))
    else:
        WRITTEN[name](tmp_path / name, THETA[:, None] if turned else THETA)
    np.save(tmp_path / "H.npy", H)
    if turned and name == "German.csv":  # 1,5 on a line of its own: two numbers or one
        with pytest.raises(LectureError, match="expected one row or one column"):
            problem_of(tmp_path, "H.npy", name)
        return
    assert np.array_equal(problem_of(tmp_path, "H.npy", name).full.minimizer, THETA)


@pytest.mark.parametrize(
    ("write", "told"),
    [
        (
            lambda path: np.save(path, np.array([[1, "a"]], object), allow_pickle=True),
            "not a .npy file of numbers",
        ),
        (lambda path: np.save(path, H + 1j), "expected an array of numbers, got complex128"),
        (lambda path: np.save(path, H[:2]), "expected 3 rows of 3 numbers"),
        (lambda path: np.save(path, H * np.nan), "expected finite numbers, got nan"),
        (lambda path: np.save(path, np.zeros((400, 400))), "expected up to 300 rows and columns"),
        (lambda path: path.write_bytes(b"\x93NUMPY\x01"), "not a .npy file"),
        (lambda path: np.save(path, np.triu(H)), "symmetric"),
    ],
)
def test_what_is_no_hessian_is_told_in_a_sentence(
    write: Callable[[Path], object], told: str, tmp_path: Path
) -> None:
    write(tmp_path / "H.npy")
    np.save(tmp_path / "theta.npy", THETA)
    with pytest.raises(LectureError, match=told) as caught:
        problem_of(tmp_path, "H.npy", "theta.npy")
    assert "\n" not in str(caught.value)


def test_a_cell_that_is_no_number_is_named(tmp_path: Path) -> None:
    (tmp_path / "H.csv").write_text("1,2\n2,x\n")
    (tmp_path / "theta.csv").write_text("1,2\n")
    with pytest.raises(LectureError, match=r"H\.csv: expected numbers alone, got 'x'"):
        problem_of(tmp_path, "H.csv", "theta.csv")


def test_files_outside_are_not_read(tmp_path: Path) -> None:
    np.save(tmp_path / "H.npy", H)
    inner = tmp_path / "inner"
    inner.mkdir()
    np.save(inner / "theta.npy", THETA)
    with pytest.raises(LectureError, match="lies outside"):
        problem_of(inner, "../H.npy", "theta.npy")
