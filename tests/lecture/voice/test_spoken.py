"""Written words become words that can be said, and each knows where it stands."""

from __future__ import annotations

import pytest

from lecture.voice.spoken import sentences, spoken
from lecture.words import Marked, tagged, untagged


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("L(0) is 98 percent.", "L of zero is ninety eight percent."),
        ("1,250.5", "one thousand two hundred fifty point five"),
        ("−3.2e-5", "minus three point two times ten to the minus five"),
        ("0.05, .5 and 5–7", "zero point zero five, zero point five and five to seven"),
        ("the 3rd of 21st", "the third of twenty first"),
        ("L1 and L2, not SGD.", "L one and L two, not S G D."),
        ("A plan: I ask MLPs.", "A plan: I ask M L Ps."),
        ("x₁² − 3·y ≤ 5%", "x one squared minus three times y is at most five percent"),
        ("ŵ, x̂ and ỹ", "w hat, x hat and y tilde"),
        ("Né in Málaga", "Né in Málaga"),
        ("‖w − 3‖₁, ‖w‖² and |x|", "the one norm of w minus three, the squared norm of w and the absolute value of x"),
        ("H⁻¹ and Aᵀ", "H inverse and A transposed"),
        ("φψ → Ω", "phi psi to capital omega"),
        ("Turn it back—now (or later), “quoted”.", "Turn it back, now or later, quoted."),
        ("col_3 of x12", "col three of x twelve"),
        ("i.e. 3 km", "that is three kilometers"),
        ("the arrow's way, don’t", "the arrow's way, don’t"),
    ],
)  # fmt: skip
def test_as_a_lecturer_would_say_it(written: str, said: str) -> None:
    assert spoken(written).text == said


def test_symbols_are_said_as_the_notation_says() -> None:
    marked = Marked(f"Take {tagged('a₁', 'alpha one')}{tagged('b', 'beta')}'s ‖{tagged('c', 'gamma')}‖.", {})
    found = untagged(marked)
    assert found.text == "Take a₁b's ‖c‖."
    said = spoken(found.text, found.symbols)
    assert said.units == ((0, "Take"), (5, "alpha one"), (7, "beta's"), (11, "the norm of gamma."))
    assert said.positions == (0, 5, 5, 7, 11, 11, 11, 11)


def test_marks_before_and_behind_symbols_stay_where_they_are() -> None:
    text = f"So {tagged('ab', 'x')} and {tagged('cd', 'y')} go."
    marks = {"first": 3, "second": text.index(tagged("cd", "y")), "go": text.index("go.")}
    found = untagged(Marked(text, marks))
    assert found.text == "So ab and cd go."
    words = {name: found.text[at : at + 2] for name, at in found.marks.items()}
    assert words == {"first": "ab", "second": "cd", "go": "go"}


def test_a_users_words_come_first() -> None:
    say = {"SGD": "stochastic descent", "Tikhonov": "Tee-kho-noff"}
    assert spoken("SGD, as Tikhonov's.", say=say).text == "stochastic descent, as Tee-kho-noff's."
    assert spoken("SGDs", say=say).text == "S G Ds"  # whole words only


def test_a_language_without_a_table_is_spoken_as_it_is_written() -> None:
    assert spoken("Drehe φ, jetzt.", [(6, 7, "Phi")], "de").text == "Drehe Phi, jetzt."


def test_sentences_end_at_their_marks() -> None:
    assert sentences("One. Two? Three, four!") == ["One.", "Two?", "Three, four!"]
