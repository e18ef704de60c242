"""The lecture's colors by meaning."""

from lecture.stage.theme import Palette, Role

__all__ = ["PALETTE"]

PALETTE = Palette(
    minimizer=Role("the minimizer of the risk", dark="#E35914", light="#721400"),
    ridge=Role("the ridge minimizer", dark="#FDEC1C", light="#906D04"),
    eig1=Role("the steep eigendirection", dark="#1EC899", light="#106841"),
    eig2=Role("the flat eigendirection", dark="#397AF8", light="#216CF7"),
    penalty=Role("λ, the penalty, and what it does", dark="#D991C4", light="#5D2584"),
)
