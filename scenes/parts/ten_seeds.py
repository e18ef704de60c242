"""What an experiment gave with each of its seeds: the control at the left, what is claimed at the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from manim import DOWN, Line, VGroup, VMobject

from lecture.experiments import Experiment
from lecture.stage import SMALL, Chart, Region, Style, words
from lecture.stage.scatter import Scatter
from lecture.words import Message

__all__ = ["TenSeeds"]


class TenSeeds(VGroup):
    """For each seed two or more dots joined by a line, one for each way of doing it; short bars at the medians.

    Parameters
    ----------
    measures : sequence of str
        Of the experiment: a column of dots each.
    names : sequence of Message
        What the columns are called, below them.
    roles : sequence of str
        Their colors.
    y : (float, float)
        Ends of the axis.

    Attributes
    ----------
    chart : Chart
    lines, columns, medians : mobjects
    """

    def __init__(
        self,
        region: Region,
        experiment: Experiment,
        measures: Sequence[str],
        names: Sequence[Message],
        roles: Sequence[str],
        style: Style,
        *,
        label: Message,
        y: tuple[float, float],
        ticks: Mapping[float, str],
    ):
        super().__init__()
        texts = [
            words(name, style, role=role, size=SMALL, width=region.width / len(measures) - 0.1)
            for name, role in zip(names, roles, strict=True)
        ]
        foot = region.bottom + max(text.height for text in texts) + 0.2
        below = Region(region.left, region.right, foot, region.top)
        self.chart = chart = Chart(
            below, (-0.5, len(measures) - 0.5), y, style, labels=("", label), y_ticks=ticks
        )
        values = np.array([experiment.values(measure) for measure in measures])
        # Seeds side by side, so that none hides another.
        apart = np.linspace(-0.12, 0.12, values.shape[1])
        across = np.arange(len(measures))[:, None] + apart
        at = chart.c2p(across, values)
        self.lines = VMobject(color=style.line, stroke_width=2, fill_opacity=0)
        for seed in at.swapaxes(0, 1):
            self.lines.start_new_path(seed[0])
            self.lines.add_points_as_corners(seed[1:])
        self.columns, self.medians, self.names = VGroup(), VGroup(), VGroup()
        for k, (text, role) in enumerate(zip(texts, roles, strict=True)):
            color = style.color(role)
            self.columns.add(Scatter(at[k], color, radius=0.06))
            middle = chart.c2p([k - 0.22, k + 0.22], np.full(2, experiment.median(measures[k])))
            self.medians.add(Line(middle[0], middle[1], color=color, stroke_width=6))
            text.next_to([chart.c2p(k, y[0])[0], chart.box.bottom, 0], DOWN, buff=0.15)
            self.names.add(text)
        self.add(chart, self.lines, self.columns, self.medians, self.names)
