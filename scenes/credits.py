"""The sources that the lecture retells, and the tools that it is made with."""

from __future__ import annotations

from manim import LEFT, UP, FadeIn, VGroup, Write

from lecture.stage import SAFE, SMALL, STAGE, step
from scenes.parts.scene import WeightDecayScene

# What each source gave, and the source.
SOURCES = (
    ("Blog", "_Understanding the mathematics of weight decay_ (2018)"),
    (
        "Lecture",
        "_Introduction to Machine Learning: Geometric Analysis\\ of L2-Regularization and Weight Decay_ (I2ML)",
    ),
    (
        "Slides",
        "_Norms and Weight Decay_, after Dive into Deep Learning (d2l.ai)\\ and Andriushchenko et al., "
        "_Why Do We Need Weight Decay\\ in Modern Deep Learning?_",
    ),
    ("Figure", "The effect: Goodfellow, Bengio, Courville, _Deep Learning_ (2016), chapter 7"),
    ("Tools", "Manim Community, Typst, NumPy, SciPy"),
)


class Credits(WeightDecayScene):
    """The facts are the sources'; the words and pictures were made for this lecture."""

    title = "*Sources* and thanks"

    @step(
        say="From a blog post, a lecture, a deck of slides and, for one figure, a textbook. "
        "Every number was computed on the way.",
        shows="A list of the sources: the blog Understanding the mathematics of weight decay, 2018; the lecture "
        "Introduction to Machine Learning, Geometric Analysis of L2-Regularization and Weight Decay; the slides Norms "
        "and Weight Decay, after d2l.ai and Andriushchenko and others; Goodfellow, Bengio and Courville, Deep "
        "Learning, 2016, chapter 7, for the figure of the effect; made with Manim, Typst, NumPy and SciPy.",
    )
    def name_the_sources(self) -> None:
        rows = VGroup()
        top = STAGE.top - 0.1
        for kind, text in SOURCES:
            label = self.words(f"*{kind}*", role="dim", size=SMALL)
            source = self.words(text, size=SMALL)
            source.move_to([SAFE.left + 2.0, top, 0], aligned_edge=UP + LEFT)
            label.move_to([SAFE.left, 0, 0], aligned_edge=LEFT)
            label.align_to(self.words("*D*", size=SMALL).move_to(source, aligned_edge=UP), UP)
            rows.add(VGroup(label, source))
            top = source.get_bottom()[1] - 0.52
        self.play(Write(self.make_title()), run_time=1)
        for row in rows:
            self.play(FadeIn(row), run_time=0.8)
