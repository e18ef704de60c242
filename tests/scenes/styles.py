"""The lecture's two looks, for tests of pictures."""

from lecture.stage import Style
from scenes.notation import NOTATION
from scenes.palette import PALETTE

DARK = Style(PALETTE.dark(), NOTATION)
LIGHT = Style(PALETTE.light(), NOTATION)
