"""The lecture's sliders: what is true at every penalty strength that a reader sets by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

import wdmath
from lecture.formulas import mathml
from lecture.words import _

if TYPE_CHECKING:
    from lecture.stage import Style
    from lecture.targets.sliders import Mark, Sweep

__all__ = ["BELONGS_TO", "sweep", "values"]

#: The scenes that are swept, and the scene of the film that each lets the reader try.
BELONGS_TO = {"SliderForces": "WhereForcesBalance"}

# Formulas by the names that `sliders.html` calls them; numbers that follow λ by the names of `values`.
_FORMULAS = {
    "SliderForces": {
        "balance": '-nabla @risk (@ridge) = @lam @ridge = (#role("penalty", live("p1")), #role("penalty", live("p2")))',
        "ridge": '@ridge = (#role("ridge", live("t1")), #role("ridge", live("t2")))',
        "risk": '@risk (@ridge) - @risk (@min) = #live("risk")',
        "penalty": '@lam / 2 norm(@ridge)^2 = #role("penalty", live("half"))',
    },
}


def sweep(name: str, problem: Mapping[str, Any], frames: int, style: Style) -> Sweep:
    """What a slider says at each of its frames.

    Parameters
    ----------
    name : str
        Of the scene that is swept.
    problem : dict
        As in the manifest.
    frames : int
    style : Style
        Whose symbols and language it is written in.
    """
    from lecture.targets.common import templates
    from lecture.targets.sliders import Sweep

    swept = values(problem, frames)
    start, series, fixed = swept["start"], swept["series"], swept["fixed"]
    now = {text: told[start] for text, told in series.items()}
    numbers = {text: _in_formula(told) for text, told in fixed.items()}
    sources = {part: source.format(**numbers) for part, source in _FORMULAS[name].items()}
    formulas = dict(zip(sources, map(Markup, mathml([*sources.values()], style.symbol, now)), strict=True))
    readout = Markup(mathml(['@lam = #live("lam")'], style.symbol, now)[0])
    body = (
        templates(style, Path(__file__).parent)
        .get_template("sliders.html")
        .render(
            name=name,
            formulas=formulas,
            now=now,
        )
    )
    return Sweep(
        start=start,
        label=style.text(_("Penalty strength {lam}")),
        spoken=[style.text(_("{lam} = {value}").format(value=lam)) for lam in series["lam"]],
        readout=readout,
        body=Markup(body),
        marks=_marks(swept, frames, style),
        series={text: told for text, told in series.items() if f'"{text}"' in body or text == "lam"},
    )


def _marks(swept: Mapping[str, Any], frames: int, style: Style) -> list[Mark]:
    """Zero, the eigenvalues where there is room for them, and the farthest penalty strength."""
    from lecture.targets.sliders import Mark

    shares = {k: round(at / (frames - 1), 4) for k, at in enumerate(swept["marks"], start=1)}
    shown = {k: share for k, share in shares.items() if 0.06 < share < 0.97}
    if len(shown) == 2 and abs(shown[1] - shown[2]) < 0.05:
        del shown[1]
    names = mathml([f"@s{k}" for k in shown], style.symbol)
    inner = [
        Mark(share, Markup(name), f"eig{k}") for (k, share), name in zip(shown.items(), names, strict=True)
    ]
    return [Mark(0, Markup("0")), *inner, Mark(1, Markup.escape(swept["series"]["lam"][-1]))]


def values(problem: Mapping[str, Any], frames: int) -> dict[str, Any]:
    """What wdmath says for every frame of a sweep, as texts of a steady number of decimals.

    Parameters
    ----------
    problem : dict
        As in the manifest.
    frames : int

    Returns
    -------
    dict
        `start` is the frame nearest to the lecture's λ; `marks` the frames (with fraction) of the eigenvalues;
        `series` the texts by name, one for each frame; `factor` the shrinkage factors as numbers; `fixed` texts that
        do not change.
    """
    # Here, since they import Manim.
    from scenes.parts.penalty_scale import PenaltyScale
    from scenes.parts.sweep import FARTHEST
    from scenes.parts.sweep import sweep as sweep_of

    risk = wdmath.QuadraticRisk(
        np.array(problem["hessian"]), np.array(problem["minimizer"]), constant=problem["constant"]
    )
    sigma = risk.eigenvalues
    scale, lams = PenaltyScale(sigma), sweep_of(sigma, frames)
    factors = wdmath.shrinkage_factors(sigma, lams)
    ridge = wdmath.ridge_minimizer(risk, lams)
    z = risk.to_eigenbasis(risk.minimizer)
    kept = risk.to_eigenbasis(ridge)
    pull = lams[:, None] * ridge
    # Both entries of a vector with the same decimals.
    kept_texts, ridge_texts, pull_texts = (
        np.reshape(_texts(vectors.T.ravel(), 3), (2, frames)).tolist() for vectors in (kept, ridge, pull)
    )
    z_texts, minimizer_texts = _texts(z, 3), _texts(risk.minimizer, 3)
    return {
        "start": int(np.argmin(np.abs(lams - problem["lam"]))),
        "marks": [scale.position(float(s)) / FARTHEST * (frames - 1) for s in sigma],
        "factor": np.round(factors.T, 5).tolist(),
        "fixed": {
            "z1": z_texts[0],
            "z2": z_texts[1],
            "min1": minimizer_texts[0],
            "min2": minimizer_texts[1],
        },
        "series": {
            "lam": [_round_text(lam) for lam in lams],
            "f1": [f"{f:.2f}" for f in factors[:, 0]],
            "f2": [f"{f:.2f}" for f in factors[:, 1]],
            "k1": kept_texts[0],
            "k2": kept_texts[1],
            "t1": ridge_texts[0],
            "t2": ridge_texts[1],
            "p1": pull_texts[0],
            "p2": pull_texts[1],
            "risk": _texts(risk.value(ridge) - risk.constant, 3),
            "half": _texts(lams / 2 * (ridge**2).sum(axis=1), 3),
            "dof": [f"{d:.2f}" for d in np.atleast_1d(wdmath.effective_degrees_of_freedom(sigma, lams))],
        },
    }


def _number(text: str) -> float:
    return float(text.replace("\N{MINUS SIGN}", "-"))


def _in_formula(text: str) -> str:
    """A number as Typst mathematics.

    Examples
    --------
    >>> _in_formula("−1.50"), _in_formula("1.50e−07")
    ('-1.50', '1.50 dot 10^(-7)')
    """
    mantissa, e, exponent = text.replace("\N{MINUS SIGN}", "-").partition("e")
    return f"{mantissa} dot 10^({int(exponent)})" if e else mantissa


def _texts(values: Any, digits: int) -> list[str]:
    """Numbers with as many decimals as show the largest to some digits, so that none jumps when they run.

    Examples
    --------
    >>> _texts([1.23456, -0.004], 3)
    ['1.23', '0.00']
    """
    values = np.asarray(values, dtype=float)
    largest = float(np.abs(values).max())
    if largest and not 1e-4 <= largest < 1e6:
        return [f"{v:.{digits - 1}e}".replace("-", "\N{MINUS SIGN}") for v in values]
    decimals = 2 if not largest else int(np.clip(digits - 1 - np.floor(np.log10(largest)), 0, 8))
    rounded = np.round(values, decimals) + 0.0
    return [f"{v:.{decimals}f}".replace("-", "\N{MINUS SIGN}") for v in rounded]


def _round_text(value: float) -> str:
    """A penalty strength to three digits.

    Examples
    --------
    >>> [_round_text(v) for v in (0.0, 0.0512, 1.5, 49.96, 1046.3)]
    ['0', '0.0512', '1.50', '50.0', '1046']
    """
    if value == 0:
        return "0"
    if not 1e-4 <= value < 1e6:
        return f"{value:.2e}".replace("-", "\N{MINUS SIGN}")
    return f"{value:.{int(np.clip(2 - np.floor(np.log10(value) + 1e-9), 0, 8))}f}"
