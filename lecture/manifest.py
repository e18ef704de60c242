"""The manifest: everything that was rendered, described once, for every format that is made of it.

Its shape is documented in ``manifest.schema.json`` beside this module.
"""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import numpy as np

import wdmath

__all__ = ["VERSION", "ManifestError", "describe_problem", "load", "plain_title", "schema"]

VERSION = 1


class ManifestError(Exception):
    """A manifest that is missing or not understood, told in one sentence."""


def load(path: str | Path) -> dict[str, Any]:
    """Read a manifest.

    Raises
    ------
    ManifestError
        If it is missing, is not JSON, or has a version that this program does not know.
    """
    path = Path(path)
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ManifestError(f"{path}: there is no such file; run make first") from None
    except (OSError, ValueError) as error:
        raise ManifestError(f"{path}: cannot be read as JSON ({error}); run make again") from None
    version = manifest.get("version") if isinstance(manifest, dict) else None
    if version != VERSION:
        raise ManifestError(f"{path}: version {VERSION} is wanted, but {version!r} came; run make again")
    return manifest


def schema() -> dict[str, Any]:
    """The JSON schema of a manifest."""
    return json.loads(Path(__file__).with_name("manifest.schema.json").read_text(encoding="utf-8"))


def describe_problem(problem: Any) -> dict[str, Any]:
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
    }


def describe_theme(theme: Any) -> dict[str, str]:
    """The colors of a lecture by meaning."""
    return {field.name: getattr(theme, field.name) for field in dataclasses.fields(theme)}


def plain_title(markup: str) -> str:
    """A title without its Typst markup.

    Examples
    --------
    >>> plain_title("*Rotate* into the _eigenbasis_, $lambda$ [[flat|eig2]]")
    'Rotate into the eigenbasis, λ flat'
    """
    text = re.sub(r"\[\[(.+?)\|\w+\]\]", r"\1", markup)
    text = re.sub(r"\$(.+?)\$", lambda m: _plain_formula(m[1]), text)
    return " ".join(re.sub(r"(?<!\w)[*_]|[*_](?!\w)", "", text).split())


_GREEK = {"alpha": "α", "hat(theta)": "θ̂", "lambda": "λ", "sigma": "σ", "theta": "θ"}


def _plain_formula(formula: str) -> str:
    for name, letter in _GREEK.items():
        formula = formula.replace(name, letter)
    return " ".join(formula.split())
