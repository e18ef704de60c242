"""Data files: columns by name, limits, and one sentence for whatever is wrong."""

from __future__ import annotations

import os
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from scenes.problem import source
from scenes.problem import table as data
from scenes.problem.table import DataError, column_names, inside, read_table


def file(folder: Path, text: str | bytes, name: str = "d.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


class TestReading:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_any_common_delimiter(self, tmp_path: Path, delimiter: str) -> None:
        text = "x,unit (m/s),y\n1,2,3\n4,5,6\n".replace(",", delimiter)
        table = read_table(file(tmp_path, text), ["y", "unit (m/s)"])
        assert {name: column.tolist() for name, column in table.numbers.items()} == {
            "y": [3, 6],
            "unit (m/s)": [2, 5],
        }

    def test_byte_order_mark_quotes_and_windows_lines(self, tmp_path: Path) -> None:
        path = file(tmp_path, '\ufeff"a, of all",b\r\n"1",2\r\n\r\n3,4\r\n')
        assert read_table(path, ["a, of all", "b"]).numbers["a, of all"].tolist() == [1, 3]

    def test_decimal_commas(self, tmp_path: Path) -> None:
        path = file(tmp_path, "a;b\n1,5;2\n1.000,25;3\n")
        assert read_table(path, ["a"], decimal=",").numbers["a"].tolist() == [1.5, 1000.25]
        assert read_table(path, ["a"]).numbers["a"].tolist() == [1.5, 1000.25]
        with pytest.raises(DataError, match="decimal"):
            read_table(path, ["a"], decimal=".")

    @pytest.mark.parametrize("hole", ["", " ", "NA", "nan", "NULL", "None", "?"])
    def test_missing_values_are_refused_or_dropped(self, tmp_path: Path, hole: str) -> None:
        path = file(tmp_path, f"a,b\n1,2\n{hole},3\n4,5\n")
        with pytest.raises(DataError, match=r"line 3.*'a'.*drop"):
            read_table(path, ["a", "b"])
        table = read_table(path, ["a", "b"], missing="drop")
        assert table.numbers["b"].tolist() == [2, 5]
        assert table.dropped == 1

    def test_holes_in_other_columns_do_not_matter(self, tmp_path: Path) -> None:
        assert len(read_table(file(tmp_path, "a,b\n1,\n2,\n3,1\n"), ["a"]).numbers["a"]) == 3

    def test_texts_keep_every_writing(self, tmp_path: Path) -> None:
        path = file(tmp_path, "größe,کلاس\n1,خوب\n2,坏\n")
        assert read_table(path, ["größe"], ["کلاس"]).texts["کلاس"] == ["خوب", "坏"]


WRONG = {
    "": "header",
    "\n\n": "header",
    "a,b\n": "no rows",
    "a,b\n1,2,3\n": "expected 2 cells",
    "a,b\n1\n": "expected 2 cells",
    "a,b\nx,2\n": "expected a number",
    "a,b\n1_0,2\n": "expected a number",
    "a,b\ninf,2\n": "up to",
    "a,b\n1e300,2\n": "numbers up to",
    "a,a\n1,2\n": "2 columns called",
    "c,d\n1,2\n": "no column",
    'a,b\n"1,2\n': "expected 2 cells",
    "a,b\nNA,2\n": "no value",
}


class TestWrong:
    @pytest.mark.parametrize("text", WRONG)
    def test_one_sentence(self, tmp_path: Path, text: str) -> None:
        with pytest.raises(DataError, match=WRONG[text]) as caught:
            read_table(file(tmp_path, text), ["a", "b"])
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize(
        "content", [b"\xff\xfea\x00,\x00", b"a,b\n1,\xe9\n", b"\x89PNG\r\n\x1a\n", b"\x00\x00"]
    )
    def test_bytes_that_are_no_text(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises(DataError):
            read_table(file(tmp_path, content), ["a", "b"])


class TestLimits:
    def test_too_many_rows(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(data, "MOST_ROWS", 5)
        with pytest.raises(DataError, match=r"more than 5 rows.*sample"):
            read_table(file(tmp_path, "a\n" + "1\n" * 6), ["a"])

    def test_a_file_that_is_too_large_is_not_opened(self, tmp_path: Path) -> None:
        path = tmp_path / "d.csv"
        with path.open("wb") as hole:
            hole.truncate(source.MOST_BYTES + 1)
        with pytest.raises(DataError, match="larger than"):
            inside(tmp_path, "d.csv")

    @pytest.mark.parametrize(
        "text", ["a," * 30_000_000, 'a,b\n"' + "x,\n" * 10_000_000, '"' + "x\n" * 10_000_000]
    )
    def test_a_row_without_end_takes_no_memory(self, tmp_path: Path, text: str) -> None:
        path = file(tmp_path, text)
        del text
        tracemalloc.start()
        try:
            with pytest.raises(DataError):
                read_table(path, ["a"])
            assert tracemalloc.get_traced_memory()[1] < 60e6
        finally:
            tracemalloc.stop()

    def test_too_many_columns(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="columns"):
            read_table(file(tmp_path, ",".join("abc") * 10_000 + "\n1\n"), ["a"])

    @pytest.mark.long
    def test_ten_million_rows_are_refused_within_seconds(self, tmp_path: Path) -> None:
        path = tmp_path / "d.csv"
        with path.open("w") as out:
            out.write("a,b\n")
            for _ in range(100):
                out.write("1.5,2.5\n" * 100_000)
        begin = time.process_time()
        with pytest.raises(DataError, match="more than 1000000 rows"):
            read_table(path, ["a", "b"])
        assert time.process_time() - begin < 30


class TestOnlyInsideTheFolder:
    def test_a_file_beside_the_lecture(self, tmp_path: Path) -> None:
        (tmp_path / "sub").mkdir()
        file(tmp_path / "sub", "a\n1\n")
        assert inside(tmp_path, "sub/d.csv").is_file()

    @pytest.mark.parametrize(
        "name", ["../secret.csv", "/etc/passwd", "sub/../../secret.csv", "link.csv", "folder/secret.csv"]
    )
    def test_nothing_outside(self, tmp_path: Path, name: str) -> None:
        home = tmp_path / "home"
        (home / "sub").mkdir(parents=True)
        file(tmp_path, "a\n1\n", "secret.csv")
        (home / "link.csv").symlink_to(tmp_path / "secret.csv")
        (home / "folder").symlink_to(tmp_path)
        with pytest.raises(DataError, match="outside"):
            inside(home, name)

    @pytest.mark.parametrize("name", ["", ".", "pipe", "loop", "x" * 300, "a\0b", "none.csv"])
    def test_what_is_no_file(self, tmp_path: Path, name: str) -> None:
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "loop").symlink_to("loop")
        with pytest.raises(DataError, match=r"no file|outside"):
            inside(tmp_path, name)


class TestParquet:
    def written(self, folder: Path, **columns: object) -> Path:
        path = folder / "d.parquet"
        parquet.write_table(pa.table(columns), path)
        return path

    def test_the_same_as_csv(self, tmp_path: Path) -> None:
        x = np.arange(5) / 2
        path = self.written(tmp_path, x=x, n=np.arange(5), c=["a", "b", "a", "b", "a"], t=[True] * 5)
        table = read_table(path, ["x", "n", "t"], ["c"])
        assert table.numbers["x"].tolist() == x.tolist()
        assert table.numbers["t"].tolist() == [1.0] * 5
        assert table.texts["c"] == list("ababa")
        assert column_names(path) == ["x", "n", "c", "t"]

    def test_missing_values(self, tmp_path: Path) -> None:
        path = self.written(tmp_path, x=[1.0, None, float("nan"), 4.0])
        with pytest.raises(DataError, match="row 2"):
            read_table(path, ["x"])
        assert read_table(path, ["x"], missing="drop").numbers["x"].tolist() == [1, 4]

    def test_what_is_no_number(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="nested"):
            read_table(self.written(tmp_path, x=[[1.0], [2.0]]), ["x"])
        with pytest.raises(DataError, match="expected a number"):
            read_table(self.written(tmp_path, x=["a", "b"]), ["x"])
        with pytest.raises(DataError, match="no column"):
            read_table(self.written(tmp_path, x=["a", "b"]), ["y"])

    @pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\xff" * 100 + b"PAR1", b"a,b\n1,2\n"])
    def test_a_damaged_file(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises(DataError, match="not a Parquet file"):
            read_table(file(tmp_path, content, "d.parquet"), ["x"])

    def test_too_many_rows(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(source, "MOST_ROWS", 3)
        with pytest.raises(DataError, match="4 rows, which is too many"):
            read_table(self.written(tmp_path, x=[1.0] * 4), ["x"])

    def test_without_pyarrow_one_sentence_says_what_to_do(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = self.written(tmp_path, x=[1.0])
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        with pytest.raises(DataError, match="make setup-data"):
            read_table(path, ["x"])
