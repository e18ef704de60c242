"""`make new` writes a lecture file that can be built, about whatever file it is given."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from lecture.cli import main
from lecture.edition import load_edition
from lecture.errors import LectureError
from scenes import LECTURE
from scenes.problem.new_file import new

ROOT = Path(__file__).resolve().parents[3]


def csv(folder: Path, text: str, name: str = "mine.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


NUMBERS = "id,a,b,name,y\n" + "".join(f"7,{k},{k * k % 5},n{k},{2 * k + k % 3}\n" for k in range(30))


def written(name: str) -> tuple[Path, str]:
    """The file, and why it cannot be used as it is."""
    path = new(name).path
    try:
        load_edition(path, LECTURE)
    except LectureError as error:
        return path, str(error)
    return path, ""


class TestFromData:
    def test_a_lecture_that_loads(self, tmp_path: Path) -> None:
        path, remark = written(str(csv(tmp_path, NUMBERS)))
        assert (path.name, remark) == ("mine.toml", "")
        fields = tomllib.loads(path.read_text(encoding="utf-8"))["problem"]
        assert fields["target"] == "y"
        assert fields["features"] == ["a", "b"]  # neither the constant column nor the texts
        assert load_edition(path, LECTURE).problem.parameters == ("a", "b")

    @pytest.mark.parametrize("name", ["diabetes", "breast_cancer", "wine", "longley", "stopping"])
    def test_the_data_of_the_examples(self, tmp_path: Path, name: str) -> None:
        source = next((ROOT / "examples" / name).glob("*.csv"))
        path, remark = written(str(csv(tmp_path, source.read_text(encoding="utf-8"))))
        assert remark == ""
        load_edition(path, LECTURE)

    def test_classes_holes_and_decimal_commas_are_seen(self, tmp_path: Path) -> None:
        rng = np.random.default_rng(3)
        rows = "".join(
            f"{x:.2f};{y:.2f};{'ja' if x + rng.normal(scale=2) > 0 else 'nein'}\n".replace(".", ",")
            for x, y in rng.normal(size=(50, 2))
        )
        path, remark = written(str(csv(tmp_path, "Höhe;Gewicht (kg);krank\n" + rows + "NA;1,0;ja\n")))
        fields = tomllib.loads(path.read_text(encoding="utf-8"))["problem"]
        assert remark == ""
        assert (fields["model"], fields["decimal"], fields["missing"]) == ("logistic", ",", "drop")

    def test_names_cannot_break_out_of_the_file(self, tmp_path: Path) -> None:
        evil = ['a"]\nhessian = [[1]]', "b\\u0022", "c # d", "e\x7f", "“f”", "m"]
        header = ",".join('"' + name.replace('"', '""') + '"' for name in evil)
        rows = "".join(f"{k},{k % 3},{k % 5},{k % 7},{k % 4},{k * k}\n" for k in range(20))
        path, remark = written(str(csv(tmp_path, f"{header}\n{rows}")))
        fields = tomllib.loads(path.read_text(encoding="utf-8"))["problem"]
        assert remark == ""
        assert fields["features"] == ['a"] hessian = [[1]]', "b\\u0022", "c # d", "“f”"]

    def test_separable_classes_are_told(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        text = "a,b,c\n" + "".join(f"{k},{k % 3},{'no' if k < 9 else 'yes'}\n" for k in range(18))
        assert main(["new", str(csv(tmp_path, text))], LECTURE) == 0
        assert "no minimizer" in capsys.readouterr().out


class TestFromNames:
    def test_a_folder_with_a_data_file(self, tmp_path: Path) -> None:
        csv(tmp_path, NUMBERS)
        path, remark = written(str(tmp_path))
        assert (path, remark) == (tmp_path / "lecture.toml", "")

    def test_a_new_name_is_a_lecture_about_a_hessian(self, tmp_path: Path) -> None:
        path, remark = written(str(tmp_path / "mine"))
        assert (path, remark) == (tmp_path / "mine" / "lecture.toml", "")
        assert load_edition(path, LECTURE).problem.risk.minimizer.tolist() == [1, 2]

    def test_nothing_is_overwritten(self, tmp_path: Path) -> None:
        data = csv(tmp_path, NUMBERS)
        path = new(str(data)).path
        before = path.read_bytes()
        with pytest.raises(LectureError, match="there already"):
            new(str(data))
        assert path.read_bytes() == before

    @pytest.mark.parametrize("name", ["", "  ", "a\0b", "none.csv"])
    def test_names_that_lead_nowhere(
        self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(LectureError):
            new(name)

    @pytest.mark.parametrize("text", ["", "a,b\n", "a\nx\n", "a,b\nx,y\n", "a,b\n1,2\n"])
    def test_data_that_hold_nothing(self, tmp_path: Path, text: str) -> None:
        with pytest.raises(LectureError):
            new(str(csv(tmp_path, text)))

    def test_the_command_says_what_to_do_next(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        data = csv(tmp_path, NUMBERS, "my data.csv")
        assert main(["new", str(data)], LECTURE) == 0
        assert f"python -m scenes build --lecture '{tmp_path / 'my data.toml'}'" in capsys.readouterr().out
        assert main(["new", str(data)], LECTURE) == 2
