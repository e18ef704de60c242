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
    log_marginal_likelihood       of a penalty read as a prior
    estimate_lam                  by that, or by a formula, without a grid
    standard_errors               how far coefficients scatter
Other models
    LogisticRisk, SoftmaxRisk, PoissonRisk
                                  value, gradient, Hessian and ridge path
    gaussian_posterior            the penalty as a Gaussian prior
Pictures in the plane
    level_set_ellipse, tangent_circle
Paths of an optimizer
    gradient_descent, gradient_flow, heavy_ball, nesterov
                                  in closed form, at any steps or times
    weight_decay_steps            any gradient; each step split into shrinking and descending
    sgd_path, adam_path, adamw_path, lion_path, muon_path
                                  the update rules of deep learning, for many lam at once
    MinibatchGradient             of least squares, for all of them
    stability_bound, diverges     the largest stable step size
Long training
    stationary_covariance         where noisy descent ends up, minibatches included
    rotational_equilibrium        length and turning of weights in front of a normalization
    decay_memory                  what past updates count in weights that decay
Early stopping as weight decay
    early_stopping_lam, global_early_stopping_lam
    early_stopping_factors, early_stopping_curves
    early_stopping_selection, early_stopping_hat_matrix
                                  how many steps: exact leave-one-out
The other penalty
    soft_threshold
    lasso_path, lasso_path_from_risk
                                  exact, with all knots
    elastic_net_path              absolute values and squares in one proportion
Relatives of ridge
    principal_components_regression
                                  cuts off what ridge shrinks
    kernel_ridge                  functions instead of coefficients
Small tools
    polynomial_features           for a fit that can chase noise
    random_features               a layer that is not trained, for double descent
    round_to, spacing             bfloat16 and float16
    load_i2ml                     the lecture's data
"""

from __future__ import annotations

import importlib as _importlib
import sys as _sys
from typing import TYPE_CHECKING as _TYPE_CHECKING

if _TYPE_CHECKING:
    from .comparisons import KernelRidge as KernelRidge
    from .comparisons import PrincipalComponentsPath as PrincipalComponentsPath
    from .comparisons import kernel_ridge as kernel_ridge
    from .comparisons import principal_components_regression as principal_components_regression
    from .data import load_i2ml as load_i2ml
    from .early_stopping import EarlyStoppingCurves as EarlyStoppingCurves
    from .early_stopping import EarlyStoppingSelection as EarlyStoppingSelection
    from .early_stopping import early_stopping_curves as early_stopping_curves
    from .early_stopping import early_stopping_factors as early_stopping_factors
    from .early_stopping import early_stopping_hat_matrix as early_stopping_hat_matrix
    from .early_stopping import early_stopping_lam as early_stopping_lam
    from .early_stopping import early_stopping_selection as early_stopping_selection
    from .early_stopping import global_early_stopping_lam as global_early_stopping_lam
    from .elastic_net import ElasticNetPath as ElasticNetPath
    from .elastic_net import elastic_net_path as elastic_net_path
    from .equilibrium import DecayMemory as DecayMemory
    from .equilibrium import RotationalEquilibrium as RotationalEquilibrium
    from .equilibrium import decay_memory as decay_memory
    from .equilibrium import rotational_equilibrium as rotational_equilibrium
    from .equilibrium import stationary_covariance as stationary_covariance
    from .evidence import estimate_lam as estimate_lam
    from .evidence import log_marginal_likelihood as log_marginal_likelihood
    from .features import polynomial_features as polynomial_features
    from .features import random_features as random_features
    from .geometry import LevelSetEllipse as LevelSetEllipse
    from .geometry import TangentCircle as TangentCircle
    from .geometry import level_set_ellipse as level_set_ellipse
    from .geometry import tangent_circle as tangent_circle
    from .gradients import MinibatchGradient as MinibatchGradient
    from .lasso import LassoPath as LassoPath
    from .lasso import lasso_path as lasso_path
    from .lasso import lasso_path_from_risk as lasso_path_from_risk
    from .lasso import soft_threshold as soft_threshold
    from .low_precision import round_to as round_to
    from .low_precision import spacing as spacing
    from .models import GaussianPosterior as GaussianPosterior
    from .models import LogisticRisk as LogisticRisk
    from .models import PoissonRisk as PoissonRisk
    from .models import SoftmaxRisk as SoftmaxRisk
    from .models import gaussian_posterior as gaussian_posterior
    from .optimizers import adam_path as adam_path
    from .optimizers import adamw_path as adamw_path
    from .optimizers import lion_path as lion_path
    from .optimizers import muon_path as muon_path
    from .optimizers import sgd_path as sgd_path
    from .ridge import RidgePath as RidgePath
    from .ridge import ridge_path as ridge_path
    from .ridge import ridge_path_from_hessian as ridge_path_from_hessian
    from .risk import QuadraticRisk as QuadraticRisk
    from .risk import project_on_eigenspaces as project_on_eigenspaces
    from .risk import project_on_eigenvectors as project_on_eigenvectors
    from .risk import ridge_minimizer as ridge_minimizer
    from .selection import RidgeSelection as RidgeSelection
    from .selection import generalized_cross_validation as generalized_cross_validation
    from .selection import leave_one_out as leave_one_out
    from .selection import ridge_selection as ridge_selection
    from .spectrum import Eigenspace as Eigenspace
    from .spectrum import LeadingEigenpairs as LeadingEigenpairs
    from .spectrum import effective_degrees_of_freedom as effective_degrees_of_freedom
    from .spectrum import eigenbasis as eigenbasis
    from .spectrum import eigenspaces as eigenspaces
    from .spectrum import lam_for_degrees_of_freedom as lam_for_degrees_of_freedom
    from .spectrum import leading_eigenpairs as leading_eigenpairs
    from .spectrum import shrinkage_factors as shrinkage_factors
    from .trajectories import Trajectory as Trajectory
    from .trajectories import WeightDecaySteps as WeightDecaySteps
    from .trajectories import diverges as diverges
    from .trajectories import gradient_descent as gradient_descent
    from .trajectories import gradient_flow as gradient_flow
    from .trajectories import heavy_ball as heavy_ball
    from .trajectories import nesterov as nesterov
    from .trajectories import stability_bound as stability_bound
    from .trajectories import weight_decay_steps as weight_decay_steps
    from .uncertainty import StandardErrors as StandardErrors
    from .uncertainty import standard_errors as standard_errors


__version__ = "0.1.0"
__all__: list[str]

# Where each public name lives. Modules are imported on first use, so that `import wdmath` costs little.
_MODULES = {
    "risk": ("QuadraticRisk", "project_on_eigenspaces", "project_on_eigenvectors", "ridge_minimizer"),
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
        "shrinkage_factors",
    ),
    "geometry": ("LevelSetEllipse", "TangentCircle", "level_set_ellipse", "tangent_circle"),
    "models": ("GaussianPosterior", "LogisticRisk", "PoissonRisk", "SoftmaxRisk", "gaussian_posterior"),
    "trajectories": (
        "Trajectory",
        "WeightDecaySteps",
        "diverges",
        "gradient_descent",
        "gradient_flow",
        "heavy_ball",
        "nesterov",
        "stability_bound",
        "weight_decay_steps",
    ),
    "gradients": ("MinibatchGradient",),
    "optimizers": ("adam_path", "adamw_path", "lion_path", "muon_path", "sgd_path"),
    "early_stopping": (
        "EarlyStoppingCurves",
        "EarlyStoppingSelection",
        "early_stopping_curves",
        "early_stopping_factors",
        "early_stopping_hat_matrix",
        "early_stopping_lam",
        "early_stopping_selection",
        "global_early_stopping_lam",
    ),
    "lasso": ("LassoPath", "lasso_path", "lasso_path_from_risk", "soft_threshold"),
    "elastic_net": ("ElasticNetPath", "elastic_net_path"),
    "low_precision": ("round_to", "spacing"),
    "equilibrium": (
        "DecayMemory",
        "RotationalEquilibrium",
        "decay_memory",
        "rotational_equilibrium",
        "stationary_covariance",
    ),
    "evidence": ("estimate_lam", "log_marginal_likelihood"),
    "uncertainty": ("StandardErrors", "standard_errors"),
    "comparisons": (
        "KernelRidge",
        "PrincipalComponentsPath",
        "kernel_ridge",
        "principal_components_regression",
    ),
    "features": ("polynomial_features", "random_features"),
    "data": ("load_i2ml",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    if name in _MODULE_OF:
        value = getattr(_importlib.import_module(f"wdmath.{_MODULE_OF[name]}"), name)
        globals()[name] = value
        return value
    # pydoc prints in full whatever __all__ names: without it, help(wdmath) is the page above.
    if name == "__all__" and _sys._getframe(1).f_code.co_name != "docmodule":
        return __dir__()
    raise AttributeError(f"module 'wdmath' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(_MODULE_OF)
