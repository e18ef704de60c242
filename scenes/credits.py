"""The sources that the lecture retells, the papers whose results it shows, the data, and the tools."""

from __future__ import annotations

from collections.abc import Sequence

from manim import LEFT, UP, FadeIn, VGroup, Write

from lecture.stage import SAFE, SMALL, STAGE, literal, step
from lecture.words import Message, Plural, _
from scenes.parts.scene import WeightDecayScene
from scenes.problem import Problem

#: What each source gave, and the source; names and titles of works are in no language.
SOURCES = (
    (_("Blog"), "Understanding the mathematics of weight decay (2018)"),
    (
        _("Lecture"),
        "Introduction to Machine Learning (I2ML): Geometric Analysis of L2-Regularization and Weight Decay",
    ),
    (_("Slides"), "Norms and Weight Decay, after Dive into Deep Learning (d2l.ai)"),
    (_("Figure"), "Goodfellow, Bengio, Courville: Deep Learning (2016), chapter 7"),
)
#: Results of chapter 4 and of chapter 5, each with its paper; all were checked against the abstracts.
OPTIMIZERS = (
    (
        _("Adam with decay apart from the gradient"),
        "Loshchilov, Hutter (ICLR 2019): Decoupled Weight Decay Regularization",
    ),
    (
        _("Lion with decay: the least risk within walls"),
        "Chen, Liu, Liang, Liu (ICLR 2024): Lion Secretly Solves Constrained Optimization",
    ),
    (
        _("Muon with decay: bounded singular values"),
        "Chen, Li, Liu (2025): Muon Optimizes Under Spectral Norm Constraints",
    ),
    (
        _("Weights as a memory of past updates"),
        "Wang, Aitchison (ICML 2025): How to Set AdamW's Weight Decay",
    ),
)
NETWORKS = (
    (
        _("With normalization, decay sets the effective step"),
        "van Laarhoven (2017): L2 Regularization versus Batch and Weight Normalization",
    ),
    (
        _("Weights come to turn at a steady speed"),
        "Kosson, Messmer, Jaggi (ICML 2024): Rotational Equilibrium",
    ),
    (
        _("What decay does in deep networks"),
        "D'Angelo, Andriushchenko, Varre, Flammarion (NeurIPS 2024): Why Do We Need Weight Decay?",
    ),
)
SHRINKAGE = (
    (
        _("Early stopping beside ridge"),
        "Ali, Kolter, Tibshirani (AISTATS 2019): A Continuous-Time View of Early Stopping",
    ),
    (
        _("The double descent"),
        "Belkin, Hsu, Ma, Mandal (PNAS 2019): Reconciling Modern Machine-Learning Practice",
    ),
    (
        _("A chosen penalty takes the peak away"),
        "Nakkiran, Venkat, Kakade, Ma (ICLR 2021): Optimal Regularization Can Mitigate Double Descent",
    ),
    (
        _("A vanishing penalty finds the widest margin"),
        "Rosset, Zhu, Hastie (NIPS 2003): Margin Maximizing Loss Functions",
    ),
)
TOOLS = "Manim Community, Typst, NumPy, SciPy"

Row = tuple[Message, str]


def facts(problem: Problem) -> list[tuple[Message | str, Message | str]]:
    """What was read and fitted, name by name."""
    found = [(fact.name, fact.text) for fact in problem.facts]
    if not found and problem.y is not None:
        rows = Plural("{name}, {n} row", "{name}, {n} rows").format(name=problem.name, n=len(problem.y))
        found = [(_("Data"), rows)]
    elif not found:
        found = [(_("Risk"), _("given as a Hessian and a minimizer"))]
    return found


class Credits(WeightDecayScene):
    """The facts are the sources'; the words and pictures were made for this lecture."""

    title = _("*Sources* and thanks")

    def show_rows(self, rows: Sequence[tuple[Message | str, str]], *, beside: bool) -> None:
        """Rows of a name and a text, beside each other or below each other, one after the other."""
        shown, top = VGroup(), STAGE.top - 0.1
        edge = SAFE.left
        names = [self.words(name, role="dim", size=SMALL) for name, _text in rows]
        if beside:
            edge += max(name.width for name in names) + 0.5
        for name, (_name, text) in zip(names, rows, strict=True):
            told = self.words(literal(text), size=SMALL, width=SAFE.right - edge)
            name.move_to([SAFE.left, top, 0], aligned_edge=UP + LEFT)
            below = top if beside else name.get_bottom()[1] - 0.14
            told.move_to([edge, below, 0], aligned_edge=UP + LEFT)
            shown.add(VGroup(name, told))
            top = min(name.get_bottom()[1], told.get_bottom()[1]) - 0.36
            if (
                top < STAGE.bottom + 0.3
            ):  # more than a page has room for: the rest is on paper and on the page
                break
        if self.mobjects and self.title_line is not None and self.title_line in self.mobjects:
            self.clear_stage()
        else:
            self.play(Write(self.make_title()), run_time=1)
        for row in shown:
            self.play(FadeIn(row), run_time=1.9)

    @step(
        say=_(
            "This lecture retells a blog post, a lecture, a deck of slides and, for one figure, a textbook. What it "
            "adds was computed on the way."
        ),
        shows=_(
            "The sources: the blog Understanding the mathematics of weight decay, 2018; the lecture Introduction to "
            "Machine Learning, Geometric Analysis of L2-Regularization and Weight Decay; the slides Norms and Weight "
            "Decay, after d2l.ai; and Goodfellow, Bengio and Courville, Deep Learning, 2016, chapter 7, for the figure "
            "of the effect."
        ),
    )
    def name_the_sources(self) -> None:
        self.show_rows(SOURCES, beside=True)

    @step(
        say=_(
            "On ways to train, we stand on four papers: decoupled decay, its walls for Lion and Muon, and its memory."
        ),
        shows=_(
            "Four papers with what each found: Loshchilov and Hutter 2019; Chen, Liu, Liang and Liu 2024; Chen, Li and "
            "Liu 2025; Wang and Aitchison 2025."
        ),
    )
    def name_papers_on_optimizers(self) -> None:
        self.show_rows(OPTIMIZERS, beside=False)

    @step(
        say=_(
            "On networks, on three: normalization and the effective step, turning at a steady speed, and the roles of "
            "decay."
        ),
        shows=_(
            "Three papers with what each found: van Laarhoven 2017; Kosson, Messmer and Jaggi 2024; D'Angelo, "
            "Andriushchenko, Varre and Flammarion 2024."
        ),
    )
    def name_papers_on_networks(self) -> None:
        self.show_rows(NETWORKS, beside=False)

    @step(
        say=_(
            "On shrinkage elsewhere, on four: early stopping beside ridge, the double descent, the penalty that "
            "takes its peak away, and the widest margin."
        ),
        shows=_(
            "Four papers with what each found: Ali, Kolter and Tibshirani 2019; Belkin, Hsu, Ma and Mandal 2019; "
            "Nakkiran, Venkat, Kakade and Ma 2021; Rosset, Zhu and Hastie 2003."
        ),
    )
    def name_papers_on_shrinkage(self) -> None:
        self.show_rows(SHRINKAGE, beside=False)

    @step(
        say=_(
            "And this is what the lecture was about: what was read, what was fitted, and what made the pictures."
        ),
        shows=_(
            "What the lecture is about: its data, or the risk that was given, what was left out, and the tools, Manim, "
            "Typst, NumPy and SciPy."
        ),
    )
    def tell_of_the_data(self) -> None:
        rows = [(name, self.style.text(text)) for name, text in facts(self.problem)]
        self.show_rows([*rows, (_("Tools"), TOOLS)], beside=True)
