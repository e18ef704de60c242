"""The lecture's live figures: what they start with, their words and symbols. Their scripts lie beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import wdmath
from lecture.words import Message, _

if TYPE_CHECKING:
    from lecture.stage import Style
    from lecture.targets.live import Dial, LiveFigure

__all__ = ["BELONGS_TO", "SCRIPTS", "figures"]

#: The figures by name, and the scene of the film that each lets the reader try.
BELONGS_TO = {
    "rotate": "RescaleThenRotateBack",
    "forces": "WhereForcesBalance",
    "steps": "PulledBackEveryStep",
}

_HERE = Path(__file__).parent

#: Each after those that it imports.
SCRIPTS = (
    _HERE / "mathematics.js",
    _HERE / "plane.js",
    _HERE / "rotate_rescale_rotate_back.js",
    _HERE / "where_the_forces_balance.js",
    _HERE / "decay_in_every_step.js",
)

# Dials go from 0 to this place of the scale of penalties.
_FARTHEST = 0.975

_SYMBOLS = ("theta1", "theta2", "min", "ridge", "z1", "z2", "q1", "q2", "x1", "x2", "y", "lam", "theta")

# Texts of scripts. Placeholders that are no symbols are filled there.
_WORDS = {
    "minimizer": _("Minimizer {min}"),
    "axis": _("Ellipse along eigenvector {number}: left and right turn it, up and down stretch it"),
    "axis_value": _("eigenvalue {value} at {degrees} degrees"),
    "lam_value": _("{lam} = {value}"),
    "features": _("Features of the rows"),
    "fit": _("Observed over fitted"),
    "row_features": _("Features of a row; page up and page down choose another, delete removes it"),
    "row_target": _("Observed value of a row; page up and page down choose another"),
    "row": _("row {number} of {count}: {value}"),
    "says_rotate": _(
        "Shrinkage factors {first} and {second}, degrees of freedom {freedom}. The ridge minimizer is {place}."
    ),
    "risk": _("risk"),
    "penalty": _("penalty"),
    "probe": _("Another point"),
    "says_forces": _(
        "Circle and ellipse touch at {place}. There the risk pulls by {pull}, and the penalty as much against it. "
        "Risk above its minimum {excess}, penalty {cost}."
    ),
    "says_lasso": _(
        "Diamond and ellipse touch at {place}. There the risk pulls by {pull}, and the penalty as much against it. "
        "Risk above its minimum {excess}, penalty {cost}."
    ),
    "start": _("Where the descent begins"),
    "step": _("step"),
    "alpha_value": _("{rate} = {value}"),
    "steps_value": _("{value} steps"),
    "beta_value": _("momentum {value}"),
    "diverges": _("It diverges."),
    "settles": _("It settles."),
    "says_steps": _("After {count} steps at {place}. {verdict} The largest stable step size is {bound}."),
}


def figures(problem: Mapping[str, Any], style: Style) -> list[LiveFigure]:
    """The figures for a problem as the manifest has it, in the words and symbols of a style."""
    return [_rotate(problem, style), _forces(problem, style), _steps(problem, style)]


def start_of(problem: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The state that figures begin with, and what stays: the plane's size, the ellipse's level, the dial's scale."""
    risk = wdmath.QuadraticRisk(np.array(problem["hessian"]), np.array(problem["minimizer"]))
    sigma, q1 = risk.eigenvalues, risk.eigenvectors[:, 0]
    size = float(np.linalg.norm(risk.minimizer))
    half = 1.12 * (size or 1.0)
    # The ellipse in the hand is of a size to be held, whatever the eigenvalues are.
    held = [s for s in sigma if s > 0] or [1.0]
    level = (0.34 * half) ** 2 * float(np.exp(np.log(held).mean())) / 2
    rows = problem.get("rows") or {"c": 1.0, "values": []}
    state = {
        "lam": float(problem["lam"]),
        "minimizer": risk.minimizer.tolist(),
        "angle": float(np.arctan2(q1[1], q1[0])),
        "s": sigma.tolist(),
        "data": 0,
        "row": 0,
        "rows": rows["values"],
    }
    fixed = {
        "half": half,
        "toward": (risk.minimizer / (size or 1.0)).tolist(),
        "turned": (risk.to_eigenbasis(risk.minimizer) / (size or 1.0)).tolist(),
        "reach": 0.97 * half,
        "level": level,
        "stiffest": max(2 * level / (0.12 * half) ** 2, float(sigma[0])),
        "sigma": sigma.tolist(),
        "farthest": _FARTHEST,
        "c": rows["c"],
    }
    if rows["values"]:
        values = np.array(rows["values"])
        low, high = np.minimum(values.min(axis=0), 0.0), np.maximum(values.max(axis=0), 0.0)
        room = 0.08 * np.where(high > low, high - low, 1.0)
        x1, x2, y = np.column_stack([low - room, high + room]).tolist()
        fixed |= {"features": [x1, x2], "target": y}
    return state, fixed


def _common(problem: Mapping[str, Any], style: Style) -> dict[str, Any]:
    from lecture.targets.live import Button, Switch, held_open, written_symbol

    state, fixed = start_of(problem)
    words = {name: held_open(message, style) for name, message in _WORDS.items()}
    shared: dict[str, Any] = {
        "start": state,
        "fixed": fixed,
        "words": words,
        "symbols": {role: written_symbol(style.symbol(role).text) for role in _SYMBOLS},
    }
    if state["rows"]:
        shared["switches"] = [Switch("data", _told(style, _("Data points")))]
        shared["buttons"] = [
            Button("add", _told(style, _("Add a point")), "data"),
            Button("remove", _told(style, _("Remove the point")), "data"),
        ]
    return shared


def _told(style: Style, message: Message) -> str:
    return style.text(message)


def _lam_dial(fixed: Mapping[str, Any], style: Style) -> Dial:
    from lecture.targets.live import Dial, Mark

    places = [_position(s, fixed["sigma"]) / _FARTHEST for s in fixed["sigma"]]
    marks = [Mark(at, f"s{k}", f"eig{k}") for k, at in enumerate(places, start=1)]
    return Dial("lam", style.text(_("Penalty strength {lam}")), '@lam = #live("lam")', "penalty", marks)


def _position(lam: float, sigma: list[float]) -> float:
    """Where a strength lies on the films' scale of penalties (:mod:`scenes.parts.penalty_scale`, without Manim)."""
    logs = np.log([s for s in sigma if s > 0] or [1.0])
    spread = float(logs.max() - logs.mean())
    power = min(1.0, np.log(4.5) / spread) if spread > 0 else 1.0
    return float(1 / (1 + (np.exp(logs.mean()) / lam) ** power)) if lam > 0 else 0.0


def _rotate(problem: Mapping[str, Any], style: Style) -> LiveFigure:
    from lecture.targets.live import LiveFigure, Row

    shared = _common(problem, style)
    factor = '$@s{0} / (@s{0} + @lam) = #role("eig{0}", live("f{0}"))'
    component = '$@z{0} : #live("z{0}") -> #role("eig{0}", live("k{0}"))'
    return LiveFigure(
        name="rotate",
        title=style.text(_("Rotate, rescale, rotate back")),
        instruction=style.text(
            _(
                "Drag {min}, turn and stretch the ellipse by its squares, and set {lam}: in the eigenbasis, on the "
                "right, each component is multiplied by its own factor."
            )
        ),
        dials=[_lam_dial(shared["fixed"], style)],
        rows=[
            *(Row((factor.format(k), component.format(k)), f"f{k}", f"eig{k}") for k in (1, 2)),
            Row(
                (
                    '$@min = (#role("minimizer", live("m1")), #role("minimizer", live("m2")))',
                    '$@ridge = (#role("ridge", live("t1")), #role("ridge", live("t2")))',
                )
            ),
            Row((style.text(_("degrees of freedom {dof} of 2").format(dof="{dof}")),), "dof", "penalty"),
        ],
        **shared,
    )


def _forces(problem: Mapping[str, Any], style: Style) -> LiveFigure:
    from lecture.targets.live import LiveFigure, Row, Switch

    shared = _common(problem, style)
    hessian, minimizer = np.array(problem["hessian"]), np.array(problem["minimizer"])
    shared["start"] |= {"lasso": 0, "free": 0, "probe": (0.45 * minimizer[::-1]).tolist()}
    # The pull of the risk at 0 is the largest of any solution.
    shared["fixed"]["pull"] = float(np.linalg.norm(hessian @ minimizer)) or 1.0
    switches = [
        Switch("lasso", style.text(_("Diamond: lasso"))),
        Switch("free", style.text(_("Another point"))),
        *shared.pop("switches", ()),
    ]
    pulls = '(#role("minimizer", live("p1")), #role("minimizer", live("p2")))'
    return LiveFigure(
        name="forces",
        title=style.text(_("Where the forces balance")),
        instruction=style.text(
            _(
                "Set {lam}: where an ellipse of the risk touches the penalty’s dashed circle or diamond, both pulls "
                "are equal and opposite. Take another point, and their sum pulls it there."
            )
        ),
        dials=[_lam_dial(shared["fixed"], style)],
        switches=switches,
        rows=[
            Row((f"$-@gradient (@ridge) = @lam @ridge = {pulls}",), only="!lasso"),
            Row(
                (
                    '$@ridge = (#role("ridge", live("t1")), #role("ridge", live("t2")))',
                    '$@risk (@ridge) - @risk (@min) = #live("risk")',
                    '$@lam / 2 norm(@ridge)^2 = #role("penalty", live("half"))',
                ),
                only="!lasso",
            ),
            Row((f"$-@gradient (@theta) = {pulls}",), only="lasso"),
            Row(
                (
                    '$@theta = (#role("ridge", live("t1")), #role("ridge", live("t2")))',
                    '$@risk (@theta) - @risk (@min) = #live("risk")',
                    '$@lam norm(@theta)_1 = #role("penalty", live("half"))',
                ),
                only="lasso",
            ),
            Row((style.text(_("sum of both pulls {total}").format(total="{sum}")),), only="free"),
        ],
        **shared,
    )


# As many steps as the dial has.
_MOST_STEPS = 200


def _steps(problem: Mapping[str, Any], style: Style) -> LiveFigure:
    from lecture.targets.live import Dial, LiveFigure, Row, Switch

    shared = _common(problem, style)
    sigma = shared["fixed"]["sigma"]
    bound = wdmath.stability_bound(sigma)
    bound = float(bound) if np.isfinite(bound) else 1.0
    shared["start"] |= {
        "lam": float(problem["lam_zigzag"]),
        "start": [float(x) for x in problem["start"]],
        "alpha": float(problem["step_size"]),
        "steps": min(int(problem["steps"]), 20),
        "beta": 0.0,
        "early": 0,
    }
    # Beyond the bound with the most momentum, too.
    shared["fixed"] |= {"largest": max(2.4 * bound, float(problem["step_size"])), "most": _MOST_STEPS}
    switches = [Switch("early", style.text(_("Early stopping"))), *shared.pop("switches", ())]
    return LiveFigure(
        name="steps",
        title=style.text(_("Decay in every step")),
        instruction=style.text(
            _(
                "Each step first shrinks towards zero, then follows the gradient. Drag where it begins; make {rate} "
                "larger until it diverges."
            )
        ),
        dials=[
            _lam_dial(shared["fixed"], style),
            Dial("alpha", style.text(_("Step size {rate}")), '@rate = #live("alpha")', "ink"),
            Dial(
                "steps",
                style.text(_("Number of steps")),
                '@steps = #live("steps")',
                "ink",
                positions=_MOST_STEPS,
            ),
            Dial("beta", style.text(_("Momentum")), '@momentum = #live("beta")', "dim", positions=95),
        ],
        switches=switches,
        rows=[
            Row(
                (
                    '$1 - @rate @lam = #role("penalty", live("shrink"))',
                    '$@rate_"max" = #live("bound")',
                    "{verdict}",
                )
            ),
            Row(
                (
                    '$@theta_#live("steps") = (#live("e1"), #live("e2"))',
                    '$@ridge = (#role("ridge", live("t1")), #role("ridge", live("t2")))',
                )
            ),
            Row(
                (
                    '$1 - (1 - @rate @s1)^@steps = #role("eig1", live("s1"))',
                    '$@s1 / (@s1 + 1 \\/ (@rate @steps)) = #role("eig1", live("r1"))',
                ),
                only="early",
            ),
            Row(
                (
                    '$1 - (1 - @rate @s2)^@steps = #role("eig2", live("s2"))',
                    '$@s2 / (@s2 + 1 \\/ (@rate @steps)) = #role("eig2", live("r2"))',
                ),
                only="early",
            ),
        ],
        **shared,
    )
