"""Every check of the audit catches a known-bad picture and passes a known-good one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from manim import Circle, Dot, Line, Rectangle, tempconfig

from lecture.audit import CHECKS, Finding, apply_waivers, audit_scene, read_waivers
from lecture.stage import Settings, Style, polyline, step
from lecture.stage.backing import backed
from lecture.words import _
from scenes import LECTURE
from scenes.notation import NOTATION
from scenes.palette import PALETTE
from scenes.parts.scene import WeightDecayScene
from tests.scenes.styles import DARK, LIGHT

Build = Callable[[WeightDecayScene], Any]


def audited(build: Build, after: Build | None = None, theme: Style | None = None) -> list[Finding]:
    class Planted(WeightDecayScene):
        """A scene with one defect."""

        @step(say="Something is said here.", shows="Something is shown here.")
        def first(self) -> None:
            build(self)

        @step(say="Something more is said here.", shows="Something is shown here.")
        def second(self) -> None:
            if after:
                after(self)

    audits = audit_scene(Planted, Settings(LECTURE.subject.default(), theme or DARK), height=180)
    return [finding for audit in audits for finding in audit.findings]


def checks_of(findings: list[Finding]) -> set[str]:
    return {finding.check for finding in findings}


def keep(scene: WeightDecayScene, **mobjects: Any) -> None:
    """Put mobjects on stage as attributes of the scene."""
    for name, mobject in mobjects.items():
        setattr(scene, name, mobject)
        scene.add(mobject)


def good(scene: WeightDecayScene) -> None:
    scene.add(scene.make_title("A quiet picture"))
    box = Rectangle(width=3, height=1, color=scene.style.line, fill_opacity=0).move_to([2, 0, 0])
    keep(
        scene,
        box=box,
        word=scene.words("inside").move_to(box),
        rule=Line([-5, -2, 0], [5, -2, 0], color=scene.style.line),
    )


def test_a_patch_hides_what_is_drawn_under_it_though_added_later() -> None:
    def patched(scene: WeightDecayScene, height: int) -> None:
        keep(scene, label=backed(scene.words("a name"), scene.style).set_z_index(height))
        keep(scene, line=Line([-3, 0, 0], [3, 0, 0], color=scene.style.line))

    assert audited(lambda scene: patched(scene, 6)) == []
    assert checks_of(audited(lambda scene: patched(scene, -1))) == {"crossed"}


def test_texts_over_each_other_are_caught_also_while_a_step_rests_for_a_word() -> None:
    def passing(scene: WeightDecayScene, height: float) -> None:
        one, other = scene.words("one word"), scene.words("and another").shift([0, height, 0])
        keep(scene, one=one, other=other)
        scene.wait_for("here")
        scene.remove(other)

    class Passing(WeightDecayScene):
        """A word that lies over another until it is named."""

        height = 0.0

        @step(say=_("Something is said <here>here."), shows=_("One word."))
        def only(self) -> None:
            """The overlap ends with the step."""
            passing(self, self.height)
            self.wait_for("here")

    class Apart(Passing):
        """The same, one above the other."""

        height = 1.0

    settings = Settings(LECTURE.subject.default(), DARK)
    found = [audit_scene(scene, settings, height=180)[0].findings for scene in (Passing, Apart)]
    assert [checks_of(list(findings)) for findings in found] == [{"overlap"}, set()]


def test_a_quiet_picture_passes() -> None:
    assert audited(good) == []
    assert audited(good, theme=LIGHT) == []
    assert audited(good, theme=Style(PALETTE.on("#FDF6E3"), NOTATION)) == []


def text_over_text(scene: WeightDecayScene) -> None:
    keep(scene, one=scene.words("one text"), other=scene.words("another").shift([0.3, 0.1, 0]))


def curve_through_text(scene: WeightDecayScene) -> None:
    keep(scene, word=scene.words("crossed"), curve=Line([-3, 0, 0], [3, 0, 0], color=scene.style.line))


def text_under_a_dot(scene: WeightDecayScene) -> None:
    keep(scene, word=scene.words("covered"), dot=Dot(radius=0.3, color=scene.style.eig1))


def text_out_of_the_frame(scene: WeightDecayScene) -> None:
    keep(scene, word=scene.words("too far to the right").move_to([6.5, 0, 0]))


def text_where_captions_go(scene: WeightDecayScene) -> None:
    keep(scene, word=scene.words("too low").move_to([0, -3.5, 0]))


def tiny_text(scene: WeightDecayScene) -> None:
    keep(scene, word=scene.words("small print").scale(0.6))


def zoomed_out_text(scene: WeightDecayScene) -> None:
    keep(scene, word=scene.words("seen from afar"))
    scene.camera.frame.scale(1.5)


def pale_text(scene: WeightDecayScene) -> None:
    keep(scene, word=scene.words("pale").set_color("#3A4150"))


def transparent_text(scene: WeightDecayScene) -> None:
    keep(scene, word=scene.words("faint").set_opacity(0.3))


def text_on_its_own_color(scene: WeightDecayScene) -> None:
    patch = Rectangle(width=4, height=2, fill_color="#D0D4DC", fill_opacity=1, stroke_width=0)
    keep(scene, patch=patch, word=scene.words("white on white"))


def text_half_on_a_bar(scene: WeightDecayScene) -> None:
    bar = Rectangle(width=1, height=2, fill_color=scene.style.ridge, fill_opacity=1, stroke_width=0)
    keep(scene, bar=bar, word=scene.words("half of it on yellow").shift([1, 0, 0]))


def pale_line(scene: WeightDecayScene) -> None:
    keep(scene, curve=Line([-3, 0, 0], [3, 0, 0], color="#2A3A2A"))


def texts_that_nearly_touch(scene: WeightDecayScene) -> None:
    one = scene.words("above")
    keep(scene, one=one, other=scene.words("below").next_to(one, [0, -1, 0], buff=0.01))


def too_many_texts(scene: WeightDecayScene) -> None:
    for k in range(40):
        keep(scene, **{f"word{k}": scene.words("x").move_to([-6 + 1.5 * (k % 8), 2.4 - 1.1 * (k // 8), 0])})


def invisible(scene: WeightDecayScene) -> None:
    keep(scene, circle=Circle(color=scene.style.line).set_opacity(0))


BAD: list[tuple[Build, str]] = [
    (text_over_text, "overlap"),
    (curve_through_text, "crossed"),
    (text_under_a_dot, "crossed"),
    (text_out_of_the_frame, "outside"),
    (text_where_captions_go, "outside"),
    (tiny_text, "small"),
    (zoomed_out_text, "small"),
    (pale_text, "contrast"),
    (transparent_text, "contrast"),
    (text_on_its_own_color, "contrast"),
    (text_half_on_a_bar, "contrast"),
    (pale_line, "contrast"),
    (texts_that_nearly_touch, "crowded"),
    (too_many_texts, "crowded"),
    (invisible, "alive"),
]


@pytest.mark.parametrize(("build", "check"), BAD, ids=lambda value: getattr(value, "__name__", value))
def test_a_known_bad_picture_is_caught(build: Build, check: str) -> None:
    assert check in checks_of(audited(build))


def test_shading_of_a_surface_may_be_pale_but_not_its_outline() -> None:
    def shaded(scene: WeightDecayScene, is_shading: bool) -> None:
        shape = Rectangle(width=4, height=2, fill_color="#202830", fill_opacity=1, stroke_width=0)
        shape.is_shading = is_shading
        keep(scene, shape=shape)

    assert audited(lambda scene: shaded(scene, True)) == []
    assert checks_of(audited(lambda scene: shaded(scene, False))) == {"contrast"}


def test_a_mobject_that_an_earlier_step_forgot_is_caught() -> None:
    findings = audited(lambda scene: scene.add(Circle(color=scene.style.line)))
    assert [(f.step, f.check) for f in findings] == [("second", "alive")]


def test_every_check_has_a_known_bad_picture() -> None:
    assert {check for _, check in BAD} == set(CHECKS)


def test_a_backed_text_may_lie_over_a_curve() -> None:
    def backed(scene: WeightDecayScene) -> None:
        curve = Line([-3, 0, 0], [3, 0, 0], color=scene.style.line)
        patch = Rectangle(
            width=3, height=1, fill_color=scene.style.background, fill_opacity=1, stroke_width=0
        )
        keep(scene, curve=curve)
        scene.patch, scene.word = patch, scene.words("backed")  # type: ignore[attr-defined]
        scene.add(scene.patch, scene.word)  # type: ignore[attr-defined]

    assert "crossed" not in checks_of(audited(backed))


def test_a_ghost_may_be_pale_but_a_line_may_not() -> None:
    def ghost(scene: WeightDecayScene) -> None:
        keep(scene, curve=polyline(np.array([[-3.0, 0.0], [3.0, 0.0]]), scene.style.faded("eig1", 0.3)))

    assert audited(ghost) == []


def test_a_waiver_takes_exactly_its_finding_and_an_unused_one_is_told() -> None:
    findings = audited(pale_line)
    waiver = {
        "scene": "Planted",
        "step": "first",
        "check": "contrast",
        "object": "curve",
        "reason": "on purpose",
    }
    left, unused = apply_waivers(findings, [waiver], ["Planted"])
    assert {f.step for f in left} == {"second"}
    assert unused == []
    assert apply_waivers([], [waiver], ["Planted"]) == ([], [waiver])
    assert apply_waivers([], [waiver], ["AnotherScene"]) == ([], [])


def test_a_waiver_without_a_reason_is_refused(tmp_path: Any) -> None:
    file = tmp_path / "waivers.toml"
    file.write_text('[[waiver]]\nscene = "A"\nstep = "b"\ncheck = "small"\nobject = "c"\nreason = " "\n')
    with pytest.raises(ValueError, match="reason"):
        read_waivers(file)


def test_the_camera_counts() -> None:
    def zoomed_in(scene: WeightDecayScene) -> None:
        keep(scene, word=scene.words("close-up").scale(0.6))
        scene.camera.frame.scale(0.5)

    with tempconfig({}):
        assert "small" not in checks_of(audited(zoomed_in))
