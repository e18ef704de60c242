"""What was understood of the user's data is told in the manifest, on the page and on paper, as it was read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lecture.edition import load_edition
from lecture.manifest import load
from lecture.words import Language, fill
from scenes import LECTURE
from scenes.problem import Problem
from tests.lecture.targets.synthetic import emit, make_media

FILE = """\
# weighed on Monday
age;weight;smoker;sick & "tired"
30;70,5;no;0
41;82,25;yes;1
52;#N/A;no;0
33;64,0;no;1
64;90,5;yes;1
45;71,0;yes;0
38;66,5;no;0
"""


def problem_of(folder: Path, fields: str, text: str = FILE) -> Problem:
    (folder / "d.csv").write_text(text, encoding="utf-8")
    (folder / "lecture.toml").write_text(f'[problem]\ndata = "d.csv"\n{fields}', encoding="utf-8")
    return load_edition(folder / "lecture.toml", LECTURE).problem


LOGISTIC = """\
target = 'sick & "tired"'
features = ["age", "weight", "smoker"]
model = "logistic"
missing = "drop"
standardize = true
"""


def told(problem: Problem) -> list[tuple[str, str]]:
    return [(fill(fact.name), fill(fact.text)) for fact in problem.facts]


def test_data_target_features_model_plane_and_what_was_left_out(tmp_path: Path) -> None:
    facts = told(problem_of(tmp_path, LOGISTIC))
    assert facts[:4] == [
        ("Data", "d.csv, 6 rows"),
        ("Predicted", 'sick & "tired": 1, not 0'),
        ("Learned from", "age, weight, smoker; each brought to mean 0 and standard deviation 1"),
        (
            "Model",
            "logistic regression with an intercept that is not penalized, the losses summed over the rows",
        ),
    ]
    assert facts[4][0] == "Picture"
    assert facts[4][1].startswith("plane of eigendirections ")
    notes = [text for name, text in facts if name == "Note"]
    assert notes[:2] == ["1 line of comments above", "1 row with missing values left out"]


def test_a_slice_is_told_as_one(tmp_path: Path) -> None:
    facts = dict(told(problem_of(tmp_path, LOGISTIC + 'plane = ["age", "weight"]')))
    assert facts["Picture"] == "slice: 1 other weight fixed, unpenalized"


def test_two_parameters_need_no_plane(tmp_path: Path) -> None:
    problem = problem_of(
        tmp_path,
        "target = \"weight\"\nfeatures = ['age', 'sick & \"tired\"']\nintercept = false\nmissing = ['#N/A']",
    )
    facts = dict(told(problem))
    assert "Picture" not in facts
    assert facts["Model"] == "least squares without an intercept, the losses summed over the rows"


def test_without_data_there_is_nothing_to_tell() -> None:
    assert Problem.i2ml().facts == ()


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    problem = problem_of(folder, LOGISTIC)
    manifest = make_media(folder / "media")
    manifest["problem"] = json.loads(json.dumps(LECTURE.subject.describe(problem)))
    (folder / "media" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder / "media"


def test_the_page_tells_them(media: Path, tmp_path: Path) -> None:
    page = emit("page", load(media / "manifest.json"), media, tmp_path / "out").read_text(encoding="utf-8")
    assert "<dt>Predicted</dt><dd>sick &amp; &#34;tired&#34;: 1, not 0</dd>" in page
    assert "<dd>1 row with missing values left out</dd>" in page
    assert "<dt>Hessian</dt><dd><math" in page


def test_paper_tells_them(media: Path, tmp_path: Path) -> None:
    pdf = emit("handout", load(media / "manifest.json"), media, tmp_path / "out")
    rows = json.loads((pdf.parent / "handout.json").read_text(encoding="utf-8"))["problem"]
    assert {"name": "Predicted", "text": 'sick & "tired": 1, not 0'} in rows
    assert pdf.read_bytes().startswith(b"%PDF")


def test_they_are_told_in_another_language(media: Path) -> None:
    german = Language(
        "de", {"{n} row with missing values left out": ("{n} Zeile mit Lücken fehlt", "{n} Zeilen")}
    )
    rows = LECTURE.summary(load(media / "manifest.json")["problem"])
    assert "1 Zeile mit Lücken fehlt" in [fill(row.text, german) for row in rows if hasattr(row, "text")]
