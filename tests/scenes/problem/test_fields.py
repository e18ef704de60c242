"""`lecture.toml` becomes a lecture, or one sentence that names the field."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge

from lecture.edition import Edition, load_edition
from lecture.errors import LectureError
from lecture.fields import fields_page, json_schema, top_fields
from scenes import LECTURE
from scenes.problem import FIELDS, Problem
from tests.scenes.unlike_problems import LECTURE_FILES
from wdmath import QuadraticRisk, ridge_minimizer

ROOT = Path(__file__).resolve().parents[3]
RNG = np.random.default_rng(7)
ROWS = RNG.normal([3.0, -1.0, 10.0], [1.0, 2.0, 0.5], size=(60, 3))
ROWS[:, 2] += ROWS[:, 0]
TARGET = ROWS @ [1.0, -2.0, 0.5] + 4 + RNG.normal(size=60)
CLASSES = RNG.random(60) < 1 / (1 + np.exp(-(ROWS[:, 0] - 3 + 0.5 * ROWS[:, 1])))
KINDS = np.where(ROWS[:, 1] + RNG.normal(scale=2, size=60) > 0, "b", np.where(CLASSES, "a", "c"))


def write(folder: Path, problem: str = "", top: str = "") -> Path:
    lines = ["age,bmi,bp,target,ill,kind"]
    lines += [
        ",".join([*map(repr, row.tolist()), repr(float(t)), "yes" if c else "no", k])
        for row, t, c, k in zip(ROWS, TARGET, CLASSES, KINDS, strict=True)
    ]
    (folder / "d.csv").write_text("\n".join(lines), encoding="utf-8")
    path = folder / "lecture.toml"
    path.write_text(f"{top}\n[problem]\n{problem}", encoding="utf-8")
    return path


def problem_of(folder: Path, problem: str) -> Problem:
    return load_edition(write(folder, problem), LECTURE).problem


DATA = 'data = "d.csv"\nfeatures = ["age", "bmi"]\ntarget = "target"\n'


class TestRight:
    def test_the_default_is_the_lecture_s_own_problem(self) -> None:
        lecture, own = load_edition(ROOT / "lecture.toml", LECTURE), Problem.i2ml()
        for name in (
            "name",
            "lam",
            "lam_zigzag",
            "lams_compared",
            "step_size",
            "steps",
            "start",
            "parameters",
        ):
            assert getattr(lecture.problem, name) == getattr(own, name)
        assert np.array_equal(lecture.problem.risk.hessian, own.risk.hessian)
        assert lecture.scenes == LECTURE.scenes

    def test_an_empty_file_is_the_default(self, tmp_path: Path) -> None:
        (tmp_path / "lecture.toml").write_text("")
        assert load_edition(tmp_path / "lecture.toml", LECTURE).problem.lam == 50.0

    def test_least_squares_with_an_intercept(self, tmp_path: Path) -> None:
        problem = problem_of(tmp_path, DATA)
        fitted = LinearRegression().fit(ROWS[:, :2], TARGET)
        assert problem.risk.minimizer == pytest.approx(fitted.coef_)
        centered = ROWS[:, :2] - ROWS[:, :2].mean(axis=0)
        assert problem.risk.hessian == pytest.approx(2 * centered.T @ centered)
        ridge = Ridge(alpha=problem.lam / 2).fit(ROWS[:, :2], TARGET)
        assert problem.ridge == pytest.approx(ridge.coef_)
        assert problem.parameters == ("age", "bmi")
        assert problem.name == "d"

    @pytest.mark.parametrize(
        ("scale", "c"), [("sum", 1), ("half_sum", 1 / 2), ("mean", 1 / 60), ("half_mean", 1 / 120)]
    )
    def test_without_an_intercept_in_every_scale(self, tmp_path: Path, scale: str, c: float) -> None:
        problem = problem_of(tmp_path, f'{DATA}intercept = false\nscale = "{scale}"')
        assert problem.risk.hessian == pytest.approx(2 * c * ROWS[:, :2].T @ ROWS[:, :2])

    def test_standardized(self, tmp_path: Path) -> None:
        problem = problem_of(tmp_path, DATA + 'standardize = true\nscale = "half_mean"')
        assert problem.risk.hessian == pytest.approx(np.corrcoef(ROWS[:, 0], ROWS[:, 1]))

    @pytest.mark.parametrize("intercept", [True, False])
    def test_logistic(self, tmp_path: Path, intercept: bool) -> None:
        problem = problem_of(
            tmp_path,
            f'data="d.csv"\nfeatures=["age","bmi"]\ntarget="ill"\nmodel="logistic"\nintercept={str(intercept).lower()}',
        )
        fitted = LogisticRegression(C=np.inf, fit_intercept=intercept, tol=1e-10, max_iter=10_000).fit(
            ROWS[:, :2], CLASSES
        )
        assert problem.risk.minimizer == pytest.approx(fitted.coef_[0], rel=1e-5)
        p = fitted.predict_proba(ROWS[:, :2])[:, 1]
        X = ROWS[:, :2] - (p * (1 - p)) @ ROWS[:, :2] / (p * (1 - p)).sum() if intercept else ROWS[:, :2]
        assert problem.risk.hessian == pytest.approx(X.T @ ((p * (1 - p))[:, None] * X), rel=1e-4)

    def test_the_positive_class_is_the_user_s_choice(self, tmp_path: Path) -> None:
        base = 'data="d.csv"\nfeatures=["age","bmi"]\ntarget="ill"\nmodel="logistic"\n'
        one, other = problem_of(tmp_path, base), problem_of(tmp_path, base + 'positive="no"')
        assert one.risk.minimizer == pytest.approx(-other.risk.minimizer, rel=1e-6)

    def test_softmax(self, tmp_path: Path) -> None:
        problem = problem_of(tmp_path, 'data="d.csv"\nfeatures=["age","bmi"]\ntarget="kind"\nmodel="softmax"')
        fitted = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000).fit(ROWS[:, :2], KINDS)
        weights = fitted.coef_ - fitted.coef_.mean(axis=0)
        assert problem.full is not None
        assert problem.full.minimizer == pytest.approx(weights.ravel(), rel=1e-3, abs=1e-4)
        assert (
            np.sum(problem.full.eigenvalues == 0) == 2
        )  # one for each feature: a shift common to all classes

    def test_two_features_of_three_with_the_third_at_its_best(self, tmp_path: Path) -> None:
        problem = problem_of(
            tmp_path, 'data="d.csv"\nfeatures=["age","bmi","bp"]\ntarget="target"\nplane=["bp","age"]'
        )
        fitted = LinearRegression().fit(ROWS, TARGET)
        assert problem.full is not None
        assert problem.full.dimension == 3
        assert problem.risk.minimizer == pytest.approx(fitted.coef_[[2, 0]])
        for shift in ([0.3, 0.0], [0.2, -0.5]):
            moved = fitted.coef_.copy()
            moved[[2, 0]] += shift
            assert problem.risk.value(problem.risk.minimizer + shift) == pytest.approx(
                problem.full.value(moved)
            )

    @pytest.mark.parametrize("plane", ["", "plane=[1,3]", "plane=[2,3]"])
    def test_a_plane_of_eigendirections_is_exact(self, tmp_path: Path, plane: str) -> None:
        problem = problem_of(tmp_path, f'data="d.csv"\nfeatures=["age","bmi","bp"]\ntarget="target"\n{plane}')
        assert problem.is_eigenplane
        assert not problem.is_slice
        basis = problem.basis
        assert basis is not None
        assert basis.T @ basis == pytest.approx(np.eye(2), abs=1e-12)
        for lam in (1e-3, 1.0, problem.lam, 1e4):
            whole = Ridge(alpha=lam / 2).fit(ROWS, TARGET).coef_
            assert ridge_minimizer(problem.risk, lam) == pytest.approx(basis.T @ whole)

    def test_a_polynomial(self, tmp_path: Path) -> None:
        problem = problem_of(tmp_path, 'data="d.csv"\nfeatures=["age"]\ntarget="target"\ndegree=3')
        assert problem.full is not None
        assert problem.full.minimizer == pytest.approx(np.polyfit(ROWS[:, 0], TARGET, 3)[-2::-1], rel=1e-6)

    def test_leave_one_out(self, tmp_path: Path) -> None:
        problem = problem_of(tmp_path, DATA + 'lam = "leave_one_out"')

        def error(lam: float) -> float:
            held = [np.arange(60) != i for i in range(60)]
            return sum(
                (TARGET[i] - Ridge(alpha=lam / 2).fit(ROWS[h, :2], TARGET[h]).predict(ROWS[i : i + 1, :2])[0])
                ** 2
                for i, h in enumerate(held)
            )

        others = [error(lam) for lam in (0.0, 0.1, 1.0, 3.0, 10.0, 30.0, 100.0)]
        assert error(problem.lam) <= min(others) * (1 + 1e-3)

    def test_a_hessian_of_three(self, tmp_path: Path) -> None:
        text = "hessian = [[4, 1, 0], [1, 3, 0], [0, 0, 1]]\nminimizer = [1, 2, 3]\n"
        problem = problem_of(tmp_path, text)
        assert problem.parameters == ("", "")
        assert problem.is_eigenplane
        named = problem_of(tmp_path, text + 'parameters = ["a", "b", "c"]\nplane = ["c", "a"]')
        assert named.risk.minimizer.tolist() == [3, 1]

    def test_every_choice_that_is_not_made_is_sensible(self, tmp_path: Path) -> None:
        for hessian in ([[4e-3, 0], [0, 1e-3]], [[1e6, 2e5], [2e5, 1e5]], [[1, 0], [0, 0]], [[2, 0], [0, 2]]):
            for minimizer in ([1.0, -2.0], [0.0, 0.0], [0.0, 5e3]):
                p = problem_of(tmp_path, f"hessian = {hessian}\nminimizer = {minimizer}")
                assert p.step_size * (p.risk.eigenvalues[0] + max(p.lam_zigzag, *p.lams_compared)) < 2
                assert 0 < p.lams_compared[0] < p.lams_compared[1]
                assert not np.allclose(p.start, p.risk.minimizer)

    def test_rows_that_are_left_out_are_told(self, tmp_path: Path) -> None:
        path = write(tmp_path, DATA + 'missing = "drop"')
        assert load_edition(path, LECTURE).remarks == ()
        with (tmp_path / "d.csv").open("a", encoding="utf-8") as rows:
            rows.write("\n1,2,3,NA,yes,a\n,2,3,4,yes,a\n")
        assert load_edition(path, LECTURE).remarks == ("2 rows with missing values left out",)

    def test_names_in_no_font_are_told(self, tmp_path: Path) -> None:
        names = 'parameters = ["a\U000f0000", "b"]'
        path = write(tmp_path, f"hessian = [[4, 1], [1, 3]]\nminimizer = [1, 2]\n{names}")
        (remark,) = load_edition(path, LECTURE).remarks
        assert "called θ₁" in remark
        assert "fonts-noto" in remark

    def test_code_can_make_a_lecture(self) -> None:
        cosh = (
            lambda t: float(np.cosh(t - 1).sum()),
            lambda t: np.sinh(t - 1),
            lambda t: np.diag(np.cosh(t - 1)),
        )
        problem = Problem.from_loss(cosh, [1.0, 1.0], lam=0.5)
        lecture = Edition.about(problem, LECTURE, theme="light", scenes=("RotateIntoEigenbasis",))
        assert lecture.settings().style.theme.name == "light"
        assert lecture.problem.ridge == pytest.approx([2 / 3, 2 / 3])

    def test_the_visible_penalty_can_be_seen(self) -> None:
        for condition in (1.0, 10.0, 1e4):
            for z in ([1.0, 0.0], [1.0, 1.0], [0.0, 1.0]):
                problem = Problem.from_risk(QuadraticRisk(np.diag([condition, 1.0]), np.array(z)))
                assert 0.15 < np.linalg.norm(problem.ridge) / np.linalg.norm(z) < 0.9


WRONG = {
    'theme = "blue"': "theme:",
    "scenes = []": "scenes:",
    'scenes = ["Nothing"]': "scenes:",
    'scenes = ["RotateToEigenbasis"]': "did you mean 'RotateIntoEigenbasis'?",
    'scenes = ["Opening", "Opening"]': "different",
    "title = 3": "title:",
    "titel = 3": "no such field",
    "[problem]\nstpes = 3": "no such field",
    "problem = 3": "a table",
    "[problem]\nlam = -1": "lam:",
    "[problem]\nlam = nan": "lam:",
    "[problem]\nlam = 1e400": "lam:",
    "[problem]\nlam = true": "lam:",
    '[problem]\nlam = "large"': "lam:",
    "[problem]\nlam = 0x" + "f" * 5000: "lam:",
    "[problem]\nsteps = 1.5": "steps:",
    "[problem]\nsteps = 1000000000": "steps:",
    "[problem]\nlams_compared = [5, 5]": "lams_compared:",
    "[problem]\nlams_compared = [50, 5]": "weaker",
    "[problem]\nhessian = [[1, 0], [0, 1]]": "minimizer",
    "[problem]\nhessian = [[1, 0], [0, -1]]\nminimizer = [1, 1]": "semidefinite",
    "[problem]\nhessian = [[1, 0], [1, 1]]\nminimizer = [1, 1]": "symmetric",
    "[problem]\nhessian = [[0, 0], [0, 0]]\nminimizer = [1, 1]": "flat",
    "[problem]\nhessian = [[1, 0], [0, 1, 2]]\nminimizer = [1, 1]": "2 rows of 2",
    "[problem]\nhessian = [[1e-101, 0], [0, 1e-101]]\nminimizer = [1, 1]": "units",
    "[problem]\nhessian = [[1, 0], [0, 1]]\nminimizer = [1e101, 1]": "minimizer:",
    '[problem]\nhessian = [[1, 0], [0, 1]]\nminimizer = [1, 1]\ndata = "d.csv"': "not both",
    '[problem]\ndata = "d.csv"\ntarget = "target"': "features: this is needed",
    '[problem]\ndata = "d.csv"\nfeatures = ["age", "bmi"]': "target: this is needed",
    '[problem]\ndata = "d.csv"\nfeatures = ["age", "bmj"]\ntarget = "target"': "'bmj'",
    '[problem]\ndata = "d.csv"\nfeatures = ["age", "age"]\ntarget = "target"': "twice",
    '[problem]\ndata = "d.csv"\nfeatures = ["age", "bmi"]\ntarget = "age"': "no feature",
    '[problem]\ndata = "d.csv"\nfeatures = ["age"]\ntarget = "target"': "two or more",
    '[problem]\ndata = "d.csv"\nfeatures = ["age", "ill"]\ntarget = "kind"': "expected a number",
    '[problem]\ndata = "d.csv"\nfeatures = ["age", "bmi"]\ntarget = "ill"': "logistic",
    '[problem]\ndata = "d.csv"\nfeatures = ["age", "bmi"]\ntarget = "kind"\nmodel = "logistic"': "two classes",
    '[problem]\ndata = "d.csv"\nfeatures = ["age", "bmi"]\ntarget = "bp"\nmodel = "softmax"': "classes",
    '[problem]\ndata = "d.csv"\nfeatures = ["age", "bmi"]\ntarget = "ill"\nmodel = "logistic"\n'
    'lam = "leave_one_out"': "lam",
    '[problem]\ndata = "d.csv"\nfeatures = ["age", "bmi", "bp"]\ntarget = "target"\nplane = [1, 4]': "plane:",
    '[problem]\ndata = "d.csv"\nfeatures = ["age", "bmi", "bp"]\ntarget = "target"\nplane = ["a", "b"]': "plane:",
    '[problem]\ndata = "missing.csv"\nfeatures = ["age", "bmi"]\ntarget = "target"': "no file",
    '[problem]\ndata = "../d.csv"\nfeatures = ["age", "bmi"]\ntarget = "target"': "outside",
    '[problem]\ndata = "/etc/passwd"\nfeatures = ["age", "bmi"]\ntarget = "target"': "outside",
    "[problem": "TOML",
    "a = " + "[" * 5000: "TOML",
    "a = " + "9" * 5000: "TOML",
    "lam = 5": "no such field",
}


@pytest.mark.parametrize("text", WRONG, ids=lambda text: text[:70].replace("\n", " "))
def test_a_mistake_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = write(tmp_path)
    path.write_text(text)
    with pytest.raises(LectureError) as caught:
        load_edition(path, LECTURE)
    told = str(caught.value)
    assert WRONG[text] in told
    assert told.startswith("lecture.toml: ")
    assert "\n" not in told
    assert len(told) < 1200  # a scene that does not exist is answered by the list of those that do


class TestSeparableClasses:
    """Without a penalty there is no minimizer; with one there is, and the lecture is about that."""

    TEXT = "a,b,c\n" + "".join(f"{k},{k * 3 % 7},{int(k > 9)}\n" for k in range(20))
    FIELDS = 'data="s.csv"\nfeatures=["a","b"]\ntarget="c"\nmodel="logistic"\n'

    def load(self, folder: Path, more: str = "") -> Edition:
        path = write(folder, self.FIELDS + more)
        (folder / "s.csv").write_text(self.TEXT)
        return load_edition(path, LECTURE)

    @pytest.mark.parametrize("lam", [1e-3, 0.5, 20.0])
    def test_the_penalized_minimizer_is_right(self, tmp_path: Path, lam: float) -> None:
        problem = self.load(tmp_path, f"lam = {lam}").problem
        rows = np.array([line.split(",") for line in self.TEXT.split()[1:]], float)
        fitted = LogisticRegression(C=1 / lam, tol=1e-12, max_iter=100_000).fit(rows[:, :2], rows[:, 2])
        assert problem.is_separable
        assert problem.ridge == pytest.approx(fitted.coef_[0], rel=1e-5)

    def test_it_is_told(self, tmp_path: Path) -> None:
        edition = self.load(tmp_path)
        assert any("told apart without error" in remark for remark in edition.remarks)
        assert edition.problem.lam > 0

    def test_without_a_penalty_there_is_nothing(self, tmp_path: Path) -> None:
        with pytest.raises(LectureError, match="take lam > 0"):
            self.load(tmp_path, "lam = 0")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\x00", b'title = "\xff"'])
def test_bytes_that_are_no_text(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lecture.toml"
    path.write_bytes(content)
    with pytest.raises(LectureError):
        load_edition(path, LECTURE)


@pytest.mark.parametrize("name", ["nothing.toml", ".", "/dev/null"])
def test_no_such_lecture(tmp_path: Path, name: str) -> None:
    with pytest.raises(LectureError):
        load_edition(tmp_path / name, LECTURE)


def test_the_command_line_tells_a_mistake_without_a_traceback(tmp_path: Path) -> None:
    path = write(tmp_path, "lam = -1")
    command = [
        sys.executable,
        "-m",
        "scenes",
        "build",
        "--lecture",
        str(path),
        "--media",
        str(tmp_path / "m"),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("lecture.toml: problem.lam:")
    assert done.stderr.count("\n") == 1


class TestOneTable:
    def test_schema_and_document_are_made_from_the_table(self) -> None:
        made = json.loads((ROOT / "scenes" / "lecture.schema.json").read_text(encoding="utf-8"))
        assert made == json.loads(json.dumps(json_schema(LECTURE))), "run python -m scenes fields"
        assert (ROOT / "scenes" / "FIELDS.md").read_text(encoding="utf-8") == fields_page(LECTURE)

    def test_the_schema_agrees_with_the_files_that_ship(self) -> None:
        schema = json_schema(LECTURE)
        jsonschema.Draft202012Validator.check_schema(schema)
        for path in [ROOT / "lecture.toml", *LECTURE_FILES]:
            jsonschema.validate(tomllib.loads(path.read_text(encoding="utf-8")), schema)

    @pytest.mark.parametrize("field", [*top_fields(LECTURE), *FIELDS], ids=lambda field: field.name)
    def test_every_example_passes_the_reader_and_the_schema(self, field: object) -> None:
        value = field.kind.check(field.example)  # type: ignore[attr-defined]
        assert value is not None
        jsonschema.validate(field.example, field.kind.schema())  # type: ignore[attr-defined]

    @pytest.mark.parametrize("field", [*top_fields(LECTURE), *FIELDS], ids=lambda field: field.name)
    @pytest.mark.parametrize("value", [None, {}, [], {"a": 1}, [[]], 1e300, "\0", "x" * 300])
    def test_reader_and_schema_refuse_the_same(self, field: object, value: object) -> None:
        kind = field.kind  # type: ignore[attr-defined]
        if jsonschema.Draft202012Validator(kind.schema()).is_valid(value) and value != "\0":
            kind.check(value)
        else:
            with pytest.raises(ValueError, match="expected"):
                kind.check(value)
