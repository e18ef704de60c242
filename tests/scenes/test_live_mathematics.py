"""The live figures' own mathematics, run in a browser, against wdmath in a thousand random problems."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scenes.live
import wdmath
from tests.lecture.targets.browser import chromium, serving

CASES = 1000

# What the browser computes of a case; `use` has the module's functions.
_SCRIPT = """
const use = await import(given[0] + "/mathematics.js");
return JSON.stringify(JSON.parse(given[1]).map((one) => {
  const { angle, s, minimizer, lam, level, start, alpha, beta, steps, rows, c } = one;
  const H = use.hessianOf(angle, s), basis = use.eigenbasis(H);
  const run = { start, alpha, lam, steps };
  const knots = use.lassoKnots(H, minimizer), fit = use.leastSquares(rows, c);
  return {
    H, ...basis,
    components: use.toEigenbasis(basis, minimizer),
    ridge: use.ridgeMinimizer(basis, minimizer, lam),
    factors: use.shrinkageFactors(basis.sigma, lam),
    freedom: use.degreesOfFreedom(basis.sigma, lam),
    slope: use.gradient(H, minimizer, start),
    excess: use.excess(basis, minimizer, start),
    axes: use.semiAxes(basis.sigma, level),
    lasso: use.lassoMinimizer(H, minimizer, lam),
    knots, corners: knots.map((knot) => use.lassoMinimizer(H, minimizer, knot)),
    plain: use.descent(H, minimizer, run), heavy: use.descent(H, minimizer, { ...run, beta }),
    bounds: [use.stabilityBound(basis.sigma, lam), use.stabilityBound(basis.sigma, lam, beta)],
    diverges: [use.diverges(basis.sigma, alpha, lam), use.diverges(basis.sigma, alpha, lam, beta)],
    stopping: use.stoppingFactors(basis.sigma, alpha, steps),
    fit, moved: use.leastSquares(use.rowsFor(rows, c, { angle, s, minimizer }), c),
    scale: [lam, s[0], s[1]].map(use.penaltyScale(basis.sigma).position), back: use.penaltyScale(basis.sigma).lam(0.3),
  };
}));
"""


def random_case(rng: np.random.Generator) -> dict[str, Any]:
    """A problem as a hand may leave it: any angle, eigenvalues in either order over eight decades."""
    s = 10 ** rng.uniform(-4, 4, 2)
    n = int(rng.integers(4, 30))
    kind = rng.integers(10)
    angle, minimizer = rng.uniform(-7, 7), rng.normal(size=2) * 10 ** rng.uniform(-2, 2)
    if kind == 0:
        s[1] = s[0]  # round
    elif kind == 1:
        angle = float(rng.integers(-4, 5)) * np.pi / 2  # upright
    elif kind == 2:
        minimizer = np.zeros(2)
    return {
        "angle": angle,
        "s": s.tolist(),
        "minimizer": minimizer.tolist(),
        "lam": 0.0 if kind == 3 else float(10 ** rng.uniform(-5, 5)),
        "level": float(10 ** rng.uniform(-2, 2)),
        "start": rng.normal(size=2).tolist(),
        "alpha": float(10 ** rng.uniform(-2, 0.3) / s.max()),
        "beta": float(rng.uniform(0.05, 0.95)),
        "steps": int(rng.integers(0, 40)),
        "rows": rng.normal(size=(n, 3)).tolist(),
        "c": float(10 ** rng.uniform(-2, 1)),
    }


@pytest.fixture(scope="module")
def computed() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    rng = np.random.default_rng(0)
    cases = [random_case(rng) for _ in range(CASES)]
    with serving(Path(scenes.live.__file__).parent) as address, chromium() as browser:
        browser.open(f"{address}/mathematics.js")
        found = json.loads(browser.run_async(_SCRIPT, address, json.dumps(cases)))
    return list(zip(cases, found, strict=True))


def near(found: Any, expected: Any, tolerance: float = 1e-9) -> bool:
    """Whether vectors agree, up to rounding in the largest of their entries."""
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    return bool(
        np.abs(found - expected).max(initial=0) <= tolerance * np.abs(expected).max(initial=1e-300) + 1e-300
    )


def wrong(case: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """What differs from wdmath."""
    risk = wdmath.QuadraticRisk(found["H"], case["minimizer"])
    sigma, lam, start = risk.eigenvalues, case["lam"], case["start"]
    descent = {"start": start, "step_size": case["alpha"], "steps": case["steps"], "lam": lam}
    split = wdmath.weight_decay_steps(risk, **descent)
    heavy = wdmath.heavy_ball(risk, momentum=case["beta"], **descent)
    path = wdmath.lasso_path_from_risk(risk)
    rows = np.array(case["rows"])
    fit = wdmath.QuadraticRisk.from_least_squares(rows[:, :2], rows[:, 2], scale=case["c"])
    direction = np.array([np.cos(case["angle"]), np.sin(case["angle"])])
    across = np.array([-direction[1], direction[0]])
    hessian = case["s"][0] * np.outer(direction, direction) + case["s"][1] * np.outer(across, across)
    # The digits of the smaller eigenvalue that a Hessian of two decimals more or less still has.
    relative = 1e-13 * sigma[0] / sigma[1] if sigma[1] else 0.0
    checks = {
        "H": near(found["H"], hessian, 1e-13),
        "sigma": near(found["sigma"][0], sigma[0], 1e-13)
        and near(found["sigma"][1], sigma[1], 1e-12 + relative),
        "q": near([found["q1"], found["q2"]], risk.eigenvectors.T),
        "components": near(found["components"], risk.minimizer_components),
        "ridge": near(found["ridge"], wdmath.ridge_minimizer(risk, lam), 1e-9 + relative),
        "factors": near(found["factors"], wdmath.shrinkage_factors(sigma, lam), 1e-9 + relative),
        "freedom": near(found["freedom"], wdmath.effective_degrees_of_freedom(sigma, lam), 1e-9 + relative),
        "slope": near(found["slope"], risk.gradient(start)),
        "excess": near(found["excess"], risk.value(start)),
        "axes": near(found["axes"], wdmath.level_set_ellipse(risk, case["level"]).semi_axes, 1e-9 + relative),
        "lasso": near(found["lasso"], path.at(lam), 1e-8 + 10 * relative),
        "knots": not np.any(case["minimizer"])
        or near(found["corners"], path.at(found["knots"]), 1e-7 + 10 * relative),
        "no knot is missed": all(
            min(abs(k - np.array(found["knots"]))) <= (1e-8 + 10 * relative) * path.lams[0] for k in path.lams
        ),
        "points": near(found["plain"]["points"], split.points),
        "shrunk": near(found["plain"]["shrunk"] or [0], split.shrunk if len(split.shrunk) else [0]),
        "heavy": near(found["heavy"]["points"], heavy, 1e-7),
        "bounds": near(
            found["bounds"],
            [wdmath.stability_bound(sigma, lam), wdmath.stability_bound(sigma, lam, case["beta"])],
        ),
        "diverges": found["diverges"]
        == [
            wdmath.diverges(sigma, case["alpha"], lam),
            wdmath.diverges(sigma, case["alpha"], lam, case["beta"]),
        ],
        "stopping": near(
            found["stopping"],
            wdmath.early_stopping_factors(sigma, case["alpha"], case["steps"]),
            1e-8 + relative,
        ),
        "fit": near(found["fit"]["H"], fit.hessian) and near(found["fit"]["minimizer"], fit.minimizer, 1e-8),
        "moved": near(found["moved"]["H"], hessian, 1e-8)
        and near([1, *found["moved"]["minimizer"]], [1, *case["minimizer"]], 1e-5 * max(1, relative * 1e13)),
    }
    return [name for name, holds in checks.items() if not holds]


def test_a_thousand_problems(computed: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    assert len(computed) == CASES
    failures = {k: names for k, (case, found) in enumerate(computed) if (names := wrong(case, found))}
    assert failures == {}


def test_a_wrong_number_is_seen(computed: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    case, found = computed[20]
    for name in ("ridge", "lasso", "slope", "stopping"):
        changed = found | {name: [found[name][0] + 1e-4 * max(map(abs, found[name])), found[name][1]]}
        assert wrong(case, changed) == [name]


def test_dial_is_the_scale_of_the_films(computed: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    from scenes.parts.penalty_scale import PenaltyScale

    for case, found in computed[:100]:
        scale = PenaltyScale(found["sigma"])
        assert near(found["scale"], [scale.position(x) for x in (case["lam"], *case["s"])], 1e-8)
        assert near(found["back"], scale.lam(0.3), 1e-8)
        assert near(scenes.live._position(case["lam"], found["sigma"]), scale.position(case["lam"]), 1e-9)
