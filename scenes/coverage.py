"""Which step answers for which part of the three sources.

``python -m scenes.coverage`` writes the table into ``scenes/COVERAGE.md``; a test holds the two together.
"""

from __future__ import annotations

from pathlib import Path

from lecture.words import Message, _
from scenes import LECTURE

__all__ = ["SOURCES", "coverage", "coverage_page"]

SOURCES: dict[str, tuple[Message, dict[str, Message]]] = {
    "A": (_("Blog post: Understanding the mathematics of weight decay"), {
        "A1": _("weights are penalized, biases are not"),
        "A2": _("one coefficient for all weights, or one per layer"),
        "A3": _("decay towards any value"),
        "A4": _("the regularized gradient and its step"),
        "A5": _("the quadratic approximation"),
        "A6": _("the regularized minimum, and its limit without penalty"),
        "A7": _("eigendecomposition"),
        "A8": _("large and small eigenvalues"),
        "A9": _("the effect figure of the textbook"),
    }),
    "B": (_("Lecture: Geometric Analysis of L2-Regularization and Weight Decay"), {
        "B1": _("weight decay is L2 regularization in disguise"),
        "B2": _("pulled back to the origin in every step"),
        "B3": _("{lam} alone sets how strong the pull is"),
        "B4": _("the Taylor model around the minimizer"),
        "B5": _("the ridge minimizer of that model"),
        "B6": _("its spectral form"),
        "B7": _("rotation by {QT}"),
        "B8": _("{lam} = 0: back to {min}"),
        "B9": _("rescaling, then rotating back"),
        "B10": _("which directions are preserved"),
        "B11": _("ellipses and circles, first and second dimension"),
    }),
    "C": (_("Deck: Norms and Weight Decay"), {
        "C1": _("overfitting; the L1 and L2 penalties"),
        "C2": _("complexity as distance from zero"),
        "C3": _("training error and penalty"),
        "C4": _("{lam} = 0 and {lam} > 0; why one half, why the square"),
        "C5": _("why not L1"),
        "C6": _("minibatch SGD"),
        "C7": _("from regression to classification"),
        "C8": _("special considerations"),
        "C9": _("further reading: three mechanisms, AdamW"),
    }),
}  # fmt: skip


def coverage() -> dict[str, list[tuple[str, str]]]:
    """For every source part the (scene, step) pairs that answer for it, in the order of the lecture."""
    found: dict[str, list[tuple[str, str]]] = {part: [] for _, parts in SOURCES.values() for part in parts}
    for name in LECTURE.scenes:
        for step in LECTURE.load_scene(name).storyboard():
            for part in step.covers:
                if part not in found:
                    raise ValueError(f"{name}.{step.name} covers {part!r}, which is no part of a source")
                found[part].append((name, step.name))
    return found


def coverage_page() -> str:
    """The table as a Markdown page, in the lecture's own language and notation."""
    text = LECTURE.settings().style.text
    lines = [
        "# What the lecture covers",
        "",
        "Every part of the three sources and the steps that answer for it.",
        "Made from the code by `python -m scenes.coverage`.",
    ]
    answers = coverage()
    for title, parts in SOURCES.values():
        lines += ["", f"## {text(title)}", "", "| part | about | scene | steps |", "|---|---|---|---|"]
        for part, about in parts.items():
            scenes = dict.fromkeys(scene for scene, _ in answers[part])
            for k, scene in enumerate(scenes):
                steps = ", ".join(f"`{step}`" for s, step in answers[part] if s == scene)
                lines.append(
                    f"| {part if k == 0 else ''} | {text(about) if k == 0 else ''} | `{scene}` | {steps} |"
                )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    page = Path(__file__).with_name("COVERAGE.md")
    page.write_text(coverage_page(), encoding="utf-8")
    print(f"wrote {page.name}")
