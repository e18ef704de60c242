"""The map of the lecture: its chapters on a road, the one that begins lit, its small picture in motion.

The scenes are made from the lecture's chapters: a chapter with a title, a question, a lead and an icon has its map.
"""

from __future__ import annotations

import re
from functools import cache
from typing import ClassVar

import numpy as np
from manim import (
    DOWN,
    UP,
    Circle,
    Create,
    Dot,
    FadeIn,
    FadeOut,
    Line,
    ReplacementTransform,
    Restore,
    UpdateFromAlphaFunc,
    ValueTracker,
    VGroup,
    Write,
    smooth,
)

from lecture.definition import Chapter
from lecture.stage import SAFE, SMALL, TITLE, Region, Style, step, words
from lecture.stage.color import mix
from lecture.words import Message, _
from scenes import CHAPTERS
from scenes.opening import Emblem, heading
from scenes.parts.icons import ICONS, Icon
from scenes.parts.scene import WeightDecayScene

NUMBERED = tuple(chapter for chapter in CHAPTERS if chapter.numbered)

GAP = 0.4
PICTURES = (-0.55, 1.95)  # their bottom and top
ROAD = -1.2

__all__ = ["Card", "lit_card", "map_of"]


class Card(VGroup):
    """A chapter on the map: picture, number on the road, title. It has colors only while it is lit.

    Attributes
    ----------
    icon : Icon
    sign, figure, title : Mobject
    """

    def __init__(self, number: int, style: Style):
        super().__init__()
        self.style = style
        width = (SAFE.width - (len(NUMBERED) - 1) * GAP) / len(NUMBERED)
        left = SAFE.left + (number - 1) * (width + GAP)
        region = Region(left, left + width, *PICTURES)
        chapter = NUMBERED[number - 1]
        self.icon = _icon(chapter, region, style)
        at = [region.center[0], ROAD, 0]
        self.sign = Circle(0.3, color=style.line, stroke_width=3, fill_color=style.background, fill_opacity=1)
        self.sign.move_to(at)
        self.figure = words(str(number), style, size=SMALL).move_to(at)
        self.title = words(f"#align(center)[{style.typst(chapter.title)}]", style, size=SMALL, width=width)
        self.title.next_to(self.sign, DOWN, buff=0.3)
        self.add(self.icon, self.sign, self.figure, self.title)
        self.light(False)

    def light(self, on: bool | float) -> Card:
        """Give the card its colors, take them away, or show a share of them."""
        style, share = self.style, float(on)
        self.icon.light(share)
        self.sign.set_stroke(mix(style.ink, style.line, share))
        self.sign.set_fill(mix(style.ink, style.background, share))
        self.figure.set_color(mix(style.background, style.dim, share))
        self.title.set_color(mix(style.ink, style.dim, share))
        return self


def lit_card(scene: str, style: Style) -> Card:
    """The card of a scene's chapter, as its map ends with it."""
    number = next(k for k, chapter in enumerate(NUMBERED, start=1) if scene in chapter.scenes)
    return Card(number, style).light(True)


def _icon(chapter: Chapter, region: Region, style: Style) -> Icon:
    if not chapter.icon:
        return Icon(style, [])
    if chapter.icon not in ICONS:
        raise ValueError(f"there is no icon {chapter.icon!r} for a chapter (icons: {', '.join(ICONS)})")
    return ICONS[chapter.icon](region, style)


class ChapterMap(WeightDecayScene):
    """The chapters, of which one begins.

    Attributes
    ----------
    chapter_number : int
        Of the chapter that begins.
    """

    chapter_number: ClassVar[int]

    @classmethod
    def claim(cls) -> Message:
        """Which chapter begins."""
        title = NUMBERED[cls.chapter_number - 1].title
        return _("Chapter {number} begins: {title}.").format(number=cls.chapter_number, title=title)

    def draw_map(self) -> None:
        """Draw the map as the chapter before left it, walk to the next card, light it, and ask its question."""
        style, number = self.style, self.chapter_number
        self.cards = [Card(k, style) for k in range(1, len(NUMBERED) + 1)]
        stops = [card.sign.get_center() for card in self.cards]
        ends = np.array([[SAFE.left, ROAD, 0], [SAFE.right, ROAD, 0]])
        self.road = Line(*ends, color=style.line, stroke_width=3)
        card = self.cards[number - 1]
        start = ends[0] if number == 1 else stops[number - 2]
        self.walked = Line(ends[0], start, color=style.ink, stroke_width=6)
        self.walker = Dot(start, radius=0.16, color=style.ink)
        if number == 1:
            self.put_it_on_the_road()
        else:
            self.step_back(self.cards[number - 2].light(True))
        place = ValueTracker(start[0])

        def walk(line: Line) -> None:
            # Of some length also where the walk begins: Manim cannot turn a point.
            line.put_start_and_end_on(ends[0], [max(place.get_value(), SAFE.left + 1e-3), ROAD, 0])
            self.walker.move_to(line.get_end())

        for mobject in (self.walked, *self.cards):
            self.add(mobject)  # the numbers lie on the road
        self.add(self.walker)
        self.follow(self.walked, walk, place)
        moves = [place.animate.set_value(stops[number - 1][0])]
        if number > 1:
            moves.append(_glow(self.cards[number - 2], 1, 0))
        self.play(*moves, run_time=1)
        headline = self.words(NUMBERED[number - 1].question, size=TITLE)
        headline.move_to([SAFE.left, SAFE.top, 0], aligned_edge=[-1, 1, 0])
        card.icon.put(0.0)
        self.play(_glow(card, 0, 1), FadeOut(self.walker), Write(headline), run_time=1)
        self.play(_act(card), run_time=2.8)

    def put_it_on_the_road(self) -> None:
        """Let the picture of the title become one of the map, and put the other chapters beside it, each in motion."""
        title, emblem = heading(self.style), Emblem(self.problem, self.style)
        heart = next(card for card in self.cards if card.icon.roles and type(card.icon) is ICONS["arrows"])
        self.add(title, *emblem, emblem.label)
        # The straight way and the spring point from the origin to the minimizer and to what is pulled: they become the
        # arrows that do.
        parts = zip((emblem.contours, emblem.spring, emblem.straight), heart.icon, strict=True)
        self.play(
            FadeOut(title, emblem.label, emblem.axes, emblem.curve, emblem.best, emblem.ball),
            *(ReplacementTransform(part, small) for part, small in parts),
            Create(self.road),
            run_time=1.2,
        )
        self.add(heart.icon)
        for card in self.cards:
            arriving = VGroup(*card[1:]) if card is heart else card
            self.play(FadeIn(arriving, shift=0.2 * UP), run_time=0.25)

    def step_back(self, last: Card) -> None:
        """Begin close to the chapter that ends, and see the map around it."""
        frame = self.camera.frame.save_state()
        frame.set(height=5.2).move_to([last.sign.get_x(), 0.0, 0])
        self.add(self.road, self.walked, *self.cards)
        self.play(Restore(frame), run_time=1)


def _glow(card: Card, start: float, end: float) -> UpdateFromAlphaFunc:
    """The animation in which a card gets its colors or loses them."""
    return UpdateFromAlphaFunc(card, lambda m, a: m.light(start + smooth(a) * (end - start)))


def _act(card: Card) -> UpdateFromAlphaFunc:
    """The animation in which a card's picture moves."""

    def put(mobject: Card, alpha: float) -> None:
        mobject.icon.put(smooth(alpha))
        mobject.icon.light(1.0)

    return UpdateFromAlphaFunc(card, put)


@cache
def map_of(number: int) -> type[ChapterMap]:
    """The scene that opens a numbered chapter, counted from 1."""
    chapter = NUMBERED[number - 1]

    class Map(ChapterMap):
        @step(
            say=chapter.lead or chapter.question,
            shows=_(
                "A map of the chapters on a road, each with a small picture. Chapter {number} is lit: {title}."
            ).format(number=number, title=chapter.title),
        )
        def ask_its_question(self) -> None:
            """Light the chapter."""
            self.draw_map()

    Map.chapter_number = number
    Map.__name__ = Map.__qualname__ = f"MapOfChapter{number}"
    return Map


def __getattr__(name: str) -> type[ChapterMap]:
    match = re.fullmatch(r"MapOfChapter([1-9]\d*)", name)
    if match and int(match[1]) <= len(NUMBERED):
        return map_of(int(match[1]))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
