"""The mathematics of weight decay: exact and fast L2 regularization with numpy and scipy.

Risk R(theta), penalty (lam/2) ||theta||^2, ridge minimizer (H + lam I)^-1 H theta_hat. The scale of a
least-squares risk ("sum", "half_sum", "mean", "half_mean") is always named by the caller; lam is in the
units of the Hessian.

Contents
--------
The risk and its eigenbasis
    QuadraticRisk                 from a Hessian, from least-squares data, or the Taylor model of a loss
    eigenbasis, eigenspaces       H = Q diag(sigma) Q^T with sigma descending and Q a rotation
    project_on_eigenvectors, project_on_eigenspaces
    leading_eigenpairs            the largest ones of an operator
Ridge
    ridge_minimizer               of a quadratic risk, for one lam or many
    ridge_path                    from data: weights, intercept, any penalty, sparse or wide
    ridge_path_from_hessian       (H + lam I) theta = b
    shrinkage_factors             sigma / (sigma + lam)
    effective_degrees_of_freedom, lam_for_degrees_of_freedom
Choosing lam
    leave_one_out, generalized_cross_validation
    ridge_selection               both, and the degrees of freedom, at the cost of one
Pictures in the plane
    level_set_ellipse, tangent_circle
Paths of an optimizer
    gradient_descent, gradient_flow, heavy_ball     in closed form, at any steps or times
    weight_decay_steps            any gradient; each step split into shrinking and descending
    sgd_path, adam_path, adamw_path
    stability_bound               the largest stable step size
Early stopping as weight decay
    early_stopping_lam, early_stopping_factors
The other penalty
    soft_threshold, lasso_path
Small tools
    polynomial_features, round_to, load_i2ml
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

# Where each public name lives. Modules are imported on first use, so that `import wdmath` costs little.
_MODULES = {
    "risk": ("QuadraticRisk", "ridge_minimizer"),
    "ridge": ("RidgePath", "ridge_path", "ridge_path_from_hessian"),
    "selection": ("RidgeSelection", "generalized_cross_validation", "leave_one_out", "ridge_selection"),
    "spectrum": (
        "Eigenspace",
        "LeadingEigenpairs",
        "effective_degrees_of_freedom",
        "eigenbasis",
        "eigenspaces",
        "lam_for_degrees_of_freedom",
        "leading_eigenpairs",
        "project_on_eigenspaces",
        "project_on_eigenvectors",
        "shrinkage_factors",
    ),
    "geometry": ("LevelSetEllipse", "TangentCircle", "level_set_ellipse", "tangent_circle"),
    "trajectories": (
        "Trajectory",
        "WeightDecaySteps",
        "diverges",
        "gradient_descent",
        "gradient_flow",
        "heavy_ball",
        "stability_bound",
        "weight_decay_steps",
    ),
    "gradients": ("MinibatchGradient",),
    "optimizers": ("adam_path", "adamw_path", "sgd_path"),
    "early_stopping": (
        "EarlyStoppingCurves",
        "early_stopping_curves",
        "early_stopping_factors",
        "early_stopping_lam",
        "global_early_stopping_lam",
    ),
    "lasso": ("LassoPath", "lasso_path", "lasso_path_from_risk", "soft_threshold"),
    "low_precision": ("round_to", "spacing"),
    "features": ("polynomial_features",),
    "data": ("load_i2ml",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'wdmath' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"wdmath.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
