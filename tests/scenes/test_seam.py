"""Every text and every symbol that a viewer can see or hear passes the seam for languages and notations."""

from __future__ import annotations

from typing import Any

import pytest

import lecture.stage.text as text_module
from lecture.audit import WAIVERS, apply_waivers, audit_scene, read_waivers
from lecture.definition import Formula
from lecture.formulas import expand
from lecture.stage import LectureScene, Settings, Style, step
from lecture.stage.steps import messages_in
from lecture.words import Message, _
from scenes import LECTURE
from scenes.notation import NOTATION
from scenes.palette import PALETTE
from scenes.parts.scene import WeightDecayScene
from tests.scenes.pseudo import BEGIN, PSEUDO, is_marked, leaks_in_formula, leaks_in_message, pseudo_notation
from tests.scenes.scratch import MEDIA

SETTINGS = Settings(LECTURE.subject.default(), Style(PALETTE.dark(), pseudo_notation(NOTATION), PSEUDO))


def leaks_of(
    scene: type[LectureScene], monkeypatch: pytest.MonkeyPatch, settings: Settings = SETTINGS
) -> list[str]:
    """What did not pass the seam in a scene, and what does not fit its place in another language."""
    found: list[str] = []
    words, formula = text_module.Words, text_module.Formula

    class Words(words):  # type: ignore[misc, valid-type]
        def __init__(self, source: str, *args: Any, **kwargs: Any):
            if not is_marked(source):
                found.append(f"words without the mark: {source!r}")
            super().__init__(source, *args, **kwargs)

    class Formula(formula):  # type: ignore[misc, valid-type]
        def __init__(self, source: str, *args: Any, **kwargs: Any):
            found.extend(
                f"formula {source!r}: {leak}" for leak in leaks_in_formula(source) if BEGIN not in leak
            )
            super().__init__(source, *args, **kwargs)

    monkeypatch.setattr(text_module, "Words", Words)
    monkeypatch.setattr(text_module, "Formula", Formula)
    ends = audit_scene(scene, settings, height=270, media=MEDIA)
    findings = [f for end in ends for f in end.findings]
    waivers = read_waivers(LECTURE.folder / WAIVERS)
    found += [f"{f.step}: {f.check}: {f.object} {f.detail}" for f in apply_waivers(findings, waivers, [])[0]]
    for member in vars(scene).values():
        for said in getattr(member, "step", ())[:2]:
            found += [f"{m.text!r}: {leak}" for m in messages_in(said) for leak in leaks_in_message(m.text)]
    for shown in scene.storyboard(settings):
        for line in (shown.say, shown.shows, *(shown.question.choices if shown.question else ())):
            if not (line.startswith(BEGIN) or line == ""):
                found.append(f"{shown.name}: not a message: {line!r}")
    found += [f"claim: {leak}" for leak in leaks_in_message(scene.claim().text)]
    title = scene.title
    if title and not isinstance(title, Message):
        found.append(f"title: not a message: {title!r}")
    return found


@pytest.mark.parametrize("name", LECTURE.scenes)
def test_words_and_symbols_pass_the_seam(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert leaks_of(LECTURE.load_scene(name), monkeypatch) == []


def test_the_formulas_of_pages_and_paper_pass_the_seam() -> None:
    subject = LECTURE.subject
    told = [*LECTURE.formulas, *LECTURE.summary(subject.describe(subject.default()))]
    sources = [factor.source for factor in LECTURE.formula] + [
        f.source for f in told if isinstance(f, Formula)
    ]
    assert len(sources) > 15
    symbols = pseudo_notation(NOTATION)
    for source in sources:
        assert leaks_in_formula(expand(source, symbols.__getitem__, "{{{{ {} : {} }}}}".format)) == [], source
    assert leaks_in_formula(expand("Q^top @min", symbols.__getitem__, "{{{{ {} : {} }}}}".format)) == ["Q"]


class Leaky(WeightDecayScene):
    """Five leaks: the first is σ."""

    title = "A title that is no message"

    @step(say=_("The penalty λ, written out."), shows=_("Nothing."))
    def leak(self) -> None:
        self.one = self.formula("lambda + @lam")
        self.two = self.words("plain words").shift([0, 2, 0])
        self.three = self.formula('@risk "of the model"').shift([0, -2, 0])
        self.add(self.one, self.two, self.three)


def test_leaks_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    found = "\n".join(leaks_of(Leaky, monkeypatch))
    for leak in ("title: not a message", "claim: σ", ": λ", ": lambda", "plain words", '"of the model"'):
        assert leak in found


class Tight(WeightDecayScene):
    """A text that fits its place in English only."""

    @step(say=_("Something is said."), shows=_("Two words."))
    def show(self) -> None:
        self.left = self.words(_("twelve little words")).shift([-1.6, 0, 0])
        self.right = self.words(_("beside them")).next_to(self.left, [1, 0, 0], buff=0.3)
        self.right.move_to([1.7, 0, 0])
        self.add(self.left, self.right)


def test_what_does_not_fit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert any("overlap" in f or "crowded" in f for f in leaks_of(Tight, monkeypatch))


def test_a_translation_that_lost_something_is_refused(tmp_path: Any) -> None:
    from lecture.words import LanguageError, load_language

    catalog = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    catalog += 'msgid "Turn {QT}, <up>up."\nmsgstr "{}"\n'
    (tmp_path / "de.po").write_text(catalog.replace("{}", "Drehe {QT}, <up>hinauf."), encoding="utf-8")
    assert load_language("de", [tmp_path]).translate("Turn {QT}, <up>up.") == "Drehe {QT}, <up>hinauf."
    for wrong, lost in (("Drehe, <up>hinauf.", r"\{QT\}"), ("Drehe {QT}, hinauf.", "<up>")):
        (tmp_path / "de.po").write_text(catalog.replace("{}", wrong), encoding="utf-8")
        with pytest.raises(LanguageError, match=lost):
            load_language("de", [tmp_path])
    with pytest.raises(LanguageError, match="there is no catalog for the language 'fr'"):
        load_language("fr", [tmp_path])
