"""The audit finds nothing in any scene of the lecture, in either theme, that a person has not looked at and waived."""

from __future__ import annotations

import pytest

from lecture.audit import WAIVERS, Finding, apply_waivers, read_waivers
from scenes import LECTURE
from tests.scenes.played import EVERY_SCENE, played


def findings_of(name: str, theme: str) -> list[Finding]:
    return [finding for end in played(name, theme) for finding in end.findings]


@pytest.mark.parametrize("name", EVERY_SCENE)
def test_the_audit_finds_nothing(name: str) -> None:
    findings = findings_of(name, "dark") + findings_of(name, "light")
    left, unused = apply_waivers(findings, read_waivers(LECTURE.folder / WAIVERS), [name])
    assert left == []
    assert unused == []
