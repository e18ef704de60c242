"""A problem as plain data, as the manifest and the pages have it."""

from __future__ import annotations

from typing import Any

import numpy as np

import wdmath
from lecture.definition import Fact, Formula
from lecture.words import _, packed, unpacked

from .problem import Problem

__all__ = ["describe", "rows_of", "summary"]


def describe(problem: Problem) -> dict[str, Any]:
    """What a lecture is about, as plain data."""
    risk = problem.risk
    return {
        "name": problem.name,
        "parameters": list(problem.parameters),
        "hessian": np.asarray(risk.hessian).tolist(),
        "minimizer": np.asarray(risk.minimizer).tolist(),
        "constant": float(risk.constant),
        "eigenvalues": np.asarray(risk.eigenvalues).tolist(),
        "eigenvectors": np.asarray(risk.eigenvectors).tolist(),
        "lam": problem.lam,
        "ridge_minimizer": wdmath.ridge_minimizer(risk, problem.lam).tolist(),
        "shrinkage_factors": wdmath.shrinkage_factors(risk.eigenvalues, problem.lam).tolist(),
        "lam_zigzag": problem.lam_zigzag,
        "lams_compared": list(problem.lams_compared),
        "step_size": problem.step_size,
        "steps": problem.steps,
        "start": list(problem.start),
        "rows": rows_of(risk, *problem.rows)
        if problem.rows is not None and len(problem.rows[0]) <= _MOST_ROWS
        else None,
        "facts": [{"name": packed(fact.name), "text": packed(fact.text)} for fact in problem.facts],
    }


# More than can be moved one by one.
_MOST_ROWS = 200


def rows_of(risk: wdmath.QuadraticRisk, X: Any, y: Any) -> dict[str, Any] | None:
    """Rows x1, x2, y and the factor c of the risk c sum (y - x theta)^2, up to a constant; None if it is not theirs.

    Parameters
    ----------
    risk : QuadraticRisk
        In two parameters.
    X : array_like of shape (n, 2)
    y : array_like of shape (n,)
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    if X.ndim != 2 or X.shape[1] != 2 or y.shape != X.shape[:1] or not X.any():
        return None
    c = float(np.trace(risk.hessian) / (2 * (X**2).sum()))
    if not c > 0:
        return None
    own = wdmath.QuadraticRisk.from_least_squares(X, y, scale=c)
    same = np.allclose(own.hessian, risk.hessian, rtol=1e-6, atol=1e-9 * np.abs(risk.hessian).max())
    if not same or not np.allclose(own.minimizer, risk.minimizer, rtol=1e-6, atol=1e-9):
        return None
    return {"c": c, "values": np.column_stack([X, y]).tolist()}


def summary(description: dict[str, Any]) -> tuple[Formula | Fact, ...]:
    """What pages and handouts tell of a problem: names, and Typst mathematics or plain text.

    Parameters
    ----------
    description : dict
        Of :func:`describe`.
    """
    numbers = {
        name: _in_formula(value)
        for name, value in description.items()
        if name not in ("name", "parameters", "facts", "rows")
    }
    first, second = numbers["eigenvalues"]
    hessian = "; ".join(", ".join(row) for row in numbers["hessian"])
    facts = [Fact(unpacked(fact["name"]), unpacked(fact["text"])) for fact in description.get("facts", ())]
    if not facts and description["name"]:
        facts = [Fact(_("Data"), description["name"])]
    return (
        *facts,
        Formula(_("Hessian"), f"@hessian = mat({hessian})"),
        Formula(_("Eigenvalues"), f"@s1 = {first}, quad @s2 = {second}"),
        Formula(_("Minimizer"), f"@min = ({', '.join(numbers['minimizer'])})"),
        Formula(_("Penalty strength"), f"@lam = {numbers['lam']}"),
        Formula(_("Shrinkage factors"), ", quad ".join(numbers["shrinkage_factors"])),
        Formula(_("Ridge minimizer"), f"@ridge = ({', '.join(numbers['ridge_minimizer'])})"),
    )


def _in_formula(value: Any) -> Any:
    """A number as Typst mathematics; of lists, each.

    Examples
    --------
    >>> _in_formula([116.2041, -0.5, 1.2e-7])
    ['116.2', '-0.5', '1.2 dot 10^(-7)']
    """
    if isinstance(value, list):
        return [_in_formula(inner) for inner in value]
    mantissa, e, exponent = f"{value:.4g}".partition("e")
    return f"{mantissa} dot 10^({int(exponent)})" if e else mantissa
