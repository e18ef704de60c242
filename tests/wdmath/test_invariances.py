"""Every public function that takes data or a Hessian gives the same answer however the problem is written.

A `Subject` calls one public function on a problem and says of what kind each of its answers is. A `Change` writes a
problem in another way (columns in other units and the penalty along with them, rows in another order, a sparse matrix)
and carries answers back. What comes back must be what the original problem gives.

To add a function, add a `Subject` to DATA or to HESSIANS. Which changes it is put through follows from the names of its
parameters; a change that it does not bear is named in `exempt` with the reason. A public function or method that takes
neither data nor a Hessian is named in NEITHER. Nothing public may be missing from these lists.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csc_array, csr_array
from scipy.sparse.linalg import aslinearoperator

import wdmath

Array = np.ndarray
EPS, TINY = np.finfo(float).eps, np.finfo(float).tiny


@dataclass(frozen=True)
class Problem:
    """Data or a Hessian, and what belongs to it. Fields that are None are not passed on."""

    X: Any = None
    y: Any = None
    scale: float | None = None
    intercept: bool | None = None
    sample_weight: Array | None = None
    hessian: Any = None
    minimizer: Array | None = None
    start: Array | None = None
    step_size: float | None = None
    lam: Any = None
    penalty_weights: Array | None = None

    def options(self, *names: str) -> dict[str, Any]:
        """The named fields as keyword arguments."""
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}

    @property
    def risk(self) -> wdmath.QuadraticRisk:
        return wdmath.QuadraticRisk(self.hessian, self.minimizer)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A public function, called on a problem.

    Attributes
    ----------
    functions : tuple of callable
        Their parameters say which changes apply.
    call : callable
        From a Problem to answers: a dict whose keys are kinds (see KINDS), and after a colon what tells several apart.
    covers : str
        The public names that the call uses, separated by blanks.
    rtol : float
        Allowed error, relative to the largest entry along the last axis of vectors.
    exempt : dict
        From the name of a change to the reason why the function does not bear it.
    forms : tuple of str
        In which other forms X or the Hessian may be given: "csr", "csc", "operator", "callable".
    response : {"real", "labels", "classes", "counts"}
    power : int
        The penalty is lam times sum_j penalty_weights[j] |theta_j|^power.
    targets : bool
        Whether y may have several columns.
    shape : tuple of int
        Of X, or (p, p).
    """

    functions: tuple[Callable[..., Any], ...]
    call: Callable[[Problem], Mapping[str, Any]]
    covers: str
    rtol: float = 1e-11
    exempt: Mapping[str, str] = field(default_factory=dict)
    forms: tuple[str, ...] = ()
    response: str = "real"
    power: int = 2
    targets: bool = False
    shape: tuple[int, int] = (24, 4)

    @property
    def name(self) -> str:
        return f"{self.covers.split()[0]}{list(self.shape)}"

    @property
    def takes(self) -> set[str]:
        return {name for function in self.functions for name in inspect.signature(function).parameters}


#: What answers are, and how they depend on units. Vectors are compared by their largest entry.
KINDS = {
    "coefficients": "vectors (..., p): in the unit of y per unit of each column",
    "directions": "vectors (..., p): without a unit, turned along with the coordinates",
    "rows": "vectors (..., n): one number for each row of X, in the unit of y",
    "scores": "vectors (..., n): one number for each row of X, without a unit",
    "constants": "in the unit of y: predicted at X = 0",
    "squares": "in the unit of y squared",
    "left out": "the same, for errors of rows that were left out: of two equal rows, one is left out or both",
    "risks": "in the unit of the risk",
    "values": "in the unit of the risk, at a point that includes an intercept",
    "forms": "in the unit of the risk, quadratic forms of a Hessian: for columns far from zero they cancel",
    "strengths": "in the unit of lam and of eigenvalues",
    "steps": "one over that: step sizes and times",
    "free": "without a unit",
}
VECTORS = ("coefficients", "directions", "rows", "scores")


def few_bits(array: Array) -> Array:
    """Rounded so that multiplying by powers of two and adding large whole numbers is exact."""
    return np.round(array * 1024) / 1024


def data(subject: Subject, *, targets: int | None = None) -> Problem:
    """A regression, or a classification, with correlated columns."""
    rng = np.random.default_rng(0)
    n, p = subject.shape
    X = few_bits(rng.standard_normal((n, p)) @ (np.eye(p) + 0.3 * rng.standard_normal((p, p))))
    theta = rng.standard_normal(p if targets is None else (p, targets))
    y = few_bits(X @ theta + 0.7 * rng.standard_normal((n, *theta.shape[1:])))
    if subject.response == "labels":
        y = (y > 0).astype(int)
    elif subject.response == "classes":
        y = np.digitize(y, [-1.0, 1.0])
    elif subject.response == "counts":
        y = np.floor(np.exp(np.clip(y, -2.0, 2.0)))
    problem = Problem(X=X, y=y, scale=0.5, lam=np.array([4.0, 0.25]))
    return replace(problem, intercept=True) if "intercept" in subject.takes else problem


def quadratic(subject: Subject) -> Problem:
    """A risk with a Hessian that is not diagonal."""
    rng = np.random.default_rng(0)
    p = subject.shape[0]
    root = few_bits(rng.standard_normal((2 * p, p)))
    minimizer, start = few_bits(rng.standard_normal((2, p)))
    return Problem(
        hessian=root.T @ root, minimizer=minimizer, start=start, step_size=2.0**-6, lam=np.array([4.0, 0.25])
    )


class Change(ABC):
    """Another way to write a problem."""

    #: Parameters that a function must have for the change to apply to it.
    needs: frozenset[str] = frozenset()

    def applies(self, subject: Subject) -> bool:
        return self.needs <= subject.takes

    def original(self, problem: Problem) -> Problem:
        """What the changed problem is compared with."""
        return problem

    @abstractmethod
    def changed(self, problem: Problem, subject: Subject) -> Problem:
        """The problem in the other way."""

    def back(self, kind: str, value: Array, problem: Problem, subject: Subject) -> Array | None:
        """An answer to the changed problem as an answer to the original one; None if it cannot be compared."""
        return value

    def noise(self, kind: str) -> float:
        """Relative error that the change makes unavoidable."""
        return 0.0


class Columns(Change):
    """Each column in a unit of its own, and the penalty along with it."""

    needs = frozenset({"penalty_weights"})

    def factors(self, problem: Problem) -> Array:
        p = len(problem.minimizer) if problem.X is None else problem.X.shape[1]
        return np.random.default_rng(5).permutation(2.0 ** np.linspace(-40, 40, p).round())

    def original(self, problem: Problem) -> Problem:
        return replace(problem, penalty_weights=np.linspace(0.5, 2.0, len(self.factors(problem))))

    def changed(self, problem: Problem, subject: Subject) -> Problem:
        d = self.factors(problem)
        if problem.penalty_weights is not None:
            problem = replace(problem, penalty_weights=problem.penalty_weights * d**subject.power)
        if problem.X is not None:
            return replace(problem, X=problem.X * d)
        H = problem.hessian * np.outer(d, d)
        return replace(problem, hessian=H, minimizer=problem.minimizer / d, start=problem.start / d)

    def back(self, kind: str, value: Array, problem: Problem, subject: Subject) -> Array:
        return value * self.factors(problem) if kind == "coefficients" else value


class ColumnsWithoutPenalty(Columns):
    """The same at lam = 0, for functions whose penalty has no weights, or that have no penalty."""

    needs = frozenset()

    def applies(self, subject: Subject) -> bool:
        return "penalty_weights" not in subject.takes

    def original(self, problem: Problem) -> Problem:
        return replace(problem, lam=np.zeros(1))


class Shift(Change):
    """A large number added to each column: the intercept takes it."""

    needs = frozenset({"X", "intercept"})
    sizes = 2.0**20, -(2.0**32), 3.0, 2.0**14

    def changed(self, problem: Problem, subject: Subject) -> Problem:
        return replace(problem, X=problem.X + np.resize(self.sizes, problem.X.shape[1]))

    def back(self, kind: str, value: Array, problem: Problem, subject: Subject) -> Array | None:
        # What is predicted at X = 0 is another number then.
        return None if kind in ("constants", "forms") else value

    def noise(self, kind: str) -> float:
        # Predictions are differences of numbers of this size.
        return 10 * EPS * max(map(abs, self.sizes)) if kind in ("rows", "scores", "values") else 0.0


class Unit(Change):
    """Everything of one dimension in another unit: a power of two, so that nothing is rounded."""

    def __init__(self, exponent: int) -> None:
        self.exponent = exponent

    @abstractmethod
    def dimensions(self, subject: Subject) -> dict[str, int]:
        """Powers of the unit in the kinds of answers."""

    def scaled(self, value: Any, kind: str, subject: Subject) -> Any:
        return (
            None if value is None else np.ldexp(value, self.exponent * self.dimensions(subject).get(kind, 0))
        )

    def changed(self, problem: Problem, subject: Subject) -> Problem:
        theta = {
            name: self.scaled(getattr(problem, name), "coefficients", subject)
            for name in ("minimizer", "start")
        }
        return replace(
            problem,
            hessian=self.scaled(problem.hessian, "curvatures", subject),
            step_size=self.scaled(problem.step_size, "steps", subject),
            lam=self.scaled(problem.lam, "strengths", subject),
            **theta,
        )

    def back(self, kind: str, value: Array, problem: Problem, subject: Subject) -> Array:
        return np.ldexp(value, -self.exponent * self.dimensions(subject).get(kind, 0))


class UnitOfY(Unit):
    """y, or theta, in another unit."""

    def applies(self, subject: Subject) -> bool:
        return subject.response == "real"

    def dimensions(self, subject: Subject) -> dict[str, int]:
        ofs = {
            "coefficients": 1,
            "rows": 1,
            "constants": 1,
            "squares": 2,
            "left out": 2,
            "risks": 2,
            "values": 2,
        }
        return {**ofs, "strengths": 2 - subject.power}

    def changed(self, problem: Problem, subject: Subject) -> Problem:
        return super().changed(replace(problem, y=self.scaled(problem.y, "rows", subject)), subject)


class UnitOfX(Unit):
    """All columns in another unit."""

    needs = frozenset({"X"})

    def dimensions(self, subject: Subject) -> dict[str, int]:
        return {"coefficients": -1, "strengths": subject.power}

    def changed(self, problem: Problem, subject: Subject) -> Problem:
        return super().changed(replace(problem, X=np.ldexp(problem.X, self.exponent)), subject)


class UnitOfRisk(Unit):
    """The risk in another unit."""

    def applies(self, subject: Subject) -> bool:
        return "X" not in subject.takes or "scale" in subject.takes

    def dimensions(self, subject: Subject) -> dict[str, int]:
        return {"risks": 1, "values": 1, "forms": 1, "strengths": 1, "curvatures": 1, "steps": -1}

    def changed(self, problem: Problem, subject: Subject) -> Problem:
        return super().changed(replace(problem, scale=self.scaled(problem.scale, "risks", subject)), subject)


class Rotation(Change):
    """Other orthogonal coordinates."""

    def applies(self, subject: Subject) -> bool:
        return subject.power == 2

    def rotation(self, problem: Problem) -> Array:
        p = len(problem.minimizer) if problem.X is None else problem.X.shape[1]
        Q = np.linalg.qr(np.random.default_rng(2).standard_normal((p, p)))[0]
        return Q * np.sign(np.linalg.det(Q))

    def changed(self, problem: Problem, subject: Subject) -> Problem:
        Q = self.rotation(problem)
        if problem.X is not None:
            return replace(problem, X=problem.X @ Q)
        H = Q.T @ problem.hessian @ Q
        return replace(
            problem, hessian=(H + H.T) / 2, minimizer=problem.minimizer @ Q, start=problem.start @ Q
        )

    def back(self, kind: str, value: Array, problem: Problem, subject: Subject) -> Array:
        return value @ self.rotation(problem).T if kind in ("coefficients", "directions") else value

    def noise(self, kind: str) -> float:
        return 1e-11


class OrderOfCoordinates(Change):
    """The columns in another order."""

    def order(self, problem: Problem) -> Array:
        p = len(problem.minimizer) if problem.X is None else problem.X.shape[1]
        return np.roll(np.arange(p), 1)

    def changed(self, problem: Problem, subject: Subject) -> Problem:
        order = self.order(problem)
        if problem.X is not None:
            return replace(problem, X=problem.X[:, order])
        H = problem.hessian[np.ix_(order, order)]
        return replace(problem, hessian=H, minimizer=problem.minimizer[order], start=problem.start[order])

    def back(self, kind: str, value: Array, problem: Problem, subject: Subject) -> Array:
        inverse = np.argsort(self.order(problem))
        return value[..., inverse] if kind in ("coefficients", "directions") else value


class OrderOfRows(Change):
    """The rows in another order."""

    needs = frozenset({"X"})

    def order(self, problem: Problem) -> Array:
        return np.random.default_rng(3).permutation(len(problem.X))

    def changed(self, problem: Problem, subject: Subject) -> Problem:
        order = self.order(problem)
        return replace(problem, X=problem.X[order], y=problem.y[order])

    def back(self, kind: str, value: Array, problem: Problem, subject: Subject) -> Array:
        return value[..., np.argsort(self.order(problem))] if kind in ("rows", "scores") else value


class RepeatedRows(Change):
    """Whole weights, and rows that occur so many times."""

    needs = frozenset({"X", "sample_weight"})

    def original(self, problem: Problem) -> Problem:
        weights = np.random.default_rng(6).integers(0, 4, len(problem.X)).astype(float)
        return replace(problem, sample_weight=weights)

    def changed(self, problem: Problem, subject: Subject) -> Problem:
        rows = np.repeat(np.arange(len(problem.X)), problem.sample_weight.astype(int))
        return replace(problem, X=problem.X[rows], y=problem.y[rows], sample_weight=None)

    def back(self, kind: str, value: Array, problem: Problem, subject: Subject) -> Array | None:
        return None if kind in ("rows", "scores", "left out") else value


class Form(Change):
    """X or the Hessian as a sparse matrix, a LinearOperator or a callable."""

    def __init__(self, form: str) -> None:
        self.form = form

    def applies(self, subject: Subject) -> bool:
        return self.form in subject.forms

    def changed(self, problem: Problem, subject: Subject) -> Problem:
        name = "hessian" if problem.X is None else "X"
        forms = {
            "csr": csr_array,
            "csc": csc_array,
            "operator": aslinearoperator,
            "callable": lambda matrix: lambda v: matrix @ v,
        }
        return replace(problem, **{name: forms[self.form](getattr(problem, name))})


CHANGES: dict[str, Change] = {
    "columns": Columns(),
    "columns without a penalty": ColumnsWithoutPenalty(),
    "shift": Shift(),
    "small unit of y": UnitOfY(-400),
    "large unit of y": UnitOfY(400),
    "small unit of X": UnitOfX(-400),
    "large unit of X": UnitOfX(400),
    "small unit of the risk": UnitOfRisk(-300),
    "large unit of the risk": UnitOfRisk(300),
    "rotation": Rotation(),
    "order of coordinates": OrderOfCoordinates(),
    "order of rows": OrderOfRows(),
    "repeated rows": RepeatedRows(),
    "csr": Form("csr"),
    "csc": Form("csc"),
    "operator": Form("operator"),
    "callable": Form("callable"),
}


def ridge_options(problem: Problem) -> dict[str, Any]:
    return problem.options("scale", "intercept", "sample_weight", "penalty_weights")


def ridge_path(problem: Problem) -> Mapping[str, Any]:
    path = wdmath.ridge_path(problem.X, problem.y, problem.lam, **ridge_options(problem))
    answers = {"coefficients": path.coefficients, "constants": path.intercept}
    if isinstance(problem.X, np.ndarray):
        answers |= {"rows": path.predict(problem.X), "free": path.degrees_of_freedom}
    return answers


def ridge_selection(problem: Problem) -> Mapping[str, Any]:
    found = wdmath.ridge_selection(problem.X, problem.y, problem.lam, **ridge_options(problem))
    return {
        "rows": found.leave_one_out_residuals,
        "left out": found.leave_one_out,
        "squares: generalized cross-validation": found.generalized_cross_validation,
        "free": found.degrees_of_freedom,
    }


def criterion(kind: str, function: Callable[..., Any]) -> Callable[[Problem], Mapping[str, Any]]:
    return lambda problem: {kind: function(problem.X, problem.y, problem.lam, **ridge_options(problem))}


def least_squares_risk(problem: Problem) -> Mapping[str, Any]:
    options = problem.options("scale", "intercept", "sample_weight")
    risk = wdmath.QuadraticRisk.from_least_squares(problem.X, problem.y, **options)
    return {
        "coefficients": risk.minimizer,
        "constants": risk.intercept_at(risk.minimizer),
        "risks": risk.value([risk.minimizer, 2 * risk.minimizer]),
    }


def along(risk: Any, theta: Array) -> dict[str, Any]:
    """A risk, its slope and its curvature towards a point, halfway to it."""
    half = theta / 2
    return {
        "values": risk.value(half),
        "values: slope": (risk.gradient(half) * theta).sum(axis=-1),
        "forms": [point @ risk.hessian(point / 2) @ point for point in theta],
        "values: curvature": [point @ risk.hessian_product(point / 2, point) for point in theta],
    }


def one_score(kind: Any, predicted: str) -> Callable[[Problem], Mapping[str, Any]]:
    """A risk of which each row has one score, along its ridge path."""

    def call(problem: Problem) -> Mapping[str, Any]:
        risk = kind(problem.X, problem.y, **problem.options("scale", "intercept", "sample_weight"))
        theta = np.atleast_2d(risk.ridge_path(problem.lam, **problem.options("penalty_weights")))
        return {
            "coefficients": theta[..., :-1],
            "scores": getattr(risk, predicted)(theta),
            "scores: of new rows": getattr(risk, predicted)(theta, problem.X),
            "scores: with the best intercept": getattr(risk, predicted)(risk.with_best_intercept(theta / 2)),
            **along(risk, theta),
        }

    return call


def softmax(problem: Problem) -> Mapping[str, Any]:
    risk = wdmath.SoftmaxRisk(problem.X, problem.y, **problem.options("scale", "intercept", "sample_weight"))
    theta = np.atleast_2d(risk.ridge_path(problem.lam, **problem.options("penalty_weights")))
    return {
        "coefficients": theta.reshape(-1, *risk.shape)[..., :-1],
        "scores": np.swapaxes(risk.probabilities(theta), -1, -2),
        "scores: with the best intercept": np.swapaxes(
            risk.probabilities(risk.with_best_intercept(theta / 2)), -1, -2
        ),
        **along(risk, theta),
    }


def lasso(problem: Problem) -> Mapping[str, Any]:
    path = wdmath.lasso_path(problem.X, problem.y, **ridge_options(problem))
    return {
        "coefficients": path.at(problem.lam),
        "constants": path.intercept_at(problem.lam),
        "rows": path.predict(problem.X, problem.lam),
        "strengths": path.lams[0],
    }


def elastic_net(problem: Problem) -> Mapping[str, Any]:
    found = wdmath.elastic_net_path(
        problem.X, problem.y, problem.lam, l1_ratio=0.25, **ridge_options(problem)
    )
    return {
        "coefficients": found.coefficients,
        "constants": found.intercept,
        "rows": found.predict(problem.X),
    }


def estimated(problem: Problem) -> Mapping[str, Any]:
    options, found = ridge_options(problem), {}
    noise = np.average(problem.y**2, weights=problem.sample_weight)
    # The rule of Lawless and Wang is meant for one unit of X.
    for rule in ("marginal_likelihood", "hoerl_kennard_baldwin"):
        known = wdmath.estimate_lam(problem.X, problem.y, rule=rule, variance=noise / 9, **options)
        found[f"strengths: {rule}, variance"] = known
        if problem.X.shape[0] > problem.X.shape[1]:
            found[f"strengths: {rule}"] = wdmath.estimate_lam(problem.X, problem.y, rule=rule, **options)
    # What changes with lam; the rest is the logarithm of a unit.
    log = [
        wdmath.log_marginal_likelihood(problem.X, problem.y, factor * problem.lam, **options)
        for factor in (1, 2)
    ]
    return found | {"free": log[1] - log[0]}


def scatter(problem: Problem) -> Mapping[str, Any]:
    found = wdmath.standard_errors(
        problem.X, problem.y, problem.lam, variance=problem.y @ problem.y, **ridge_options(problem)
    )
    own = wdmath.standard_errors(problem.X, problem.y, problem.lam, **ridge_options(problem))
    return {
        "coefficients": found.coefficients,
        "constants": found.intercept,
        "squares: of the noise": own.variance,
    }


def components(problem: Problem) -> Mapping[str, Any]:
    options = problem.options("intercept", "sample_weight")
    found = wdmath.principal_components_regression(problem.X, problem.y, **options)
    return {
        "coefficients": found.coefficients[1:],
        "constants": found.intercept[1:],
        "rows": found.predict(problem.X)[1:],
    }


def kernels(problem: Problem) -> Mapping[str, Any]:
    found = {}
    length = np.linalg.norm(problem.X)
    for name in ("gaussian", "laplace", "polynomial", "linear"):
        lam = problem.lam * (1.0 if name == "linear" else 1 / length**2)
        model = wdmath.kernel_ridge(
            problem.X, problem.y, lam, scale=problem.scale, kernel=name, length=length
        )
        found[f"rows: {name}"] = model.predict(problem.X)
    return found


def minibatch(problem: Problem) -> Mapping[str, Any]:
    batches = wdmath.MinibatchGradient(problem.X, problem.y, len(problem.y), scale=problem.scale)
    theta = least_squares(problem) / 2
    assert sorted(batches.rows(0)) == list(range(len(problem.y)))
    given = wdmath.MinibatchGradient.from_batches([(problem.X, problem.y)], scale=problem.scale)
    few = wdmath.MinibatchGradient(problem.X, problem.y, 3, scale=problem.scale, sampling="independent")
    length = np.abs(theta).max()
    noise = (theta / length) @ few.noise_covariance(theta) @ (theta / length)
    return {
        "risks": batches.at_step(theta, 0) @ theta,
        "risks: given": given.at_step(theta, 0) @ theta,
        "risks: noise": length * np.sqrt(noise),
    }


def largest_curvature(problem: Problem) -> float:
    return 2 * problem.scale * float(np.linalg.norm(problem.X, 2)) ** 2


def stopped(problem: Problem) -> Mapping[str, Any]:
    alpha, scale, steps = 0.5 / largest_curvature(problem), problem.scale, [1, 5, 500_000]
    found = wdmath.early_stopping_selection(problem.X, problem.y, alpha, steps, scale=scale)
    hat = wdmath.early_stopping_hat_matrix(problem.X, alpha, steps, scale=scale)
    return {
        "rows": found.leave_one_out_residuals,
        "rows: fitted": hat @ problem.y,
        "squares": found.generalized_cross_validation,
        "left out": found.leave_one_out,
        "free": found.degrees_of_freedom,
    }


def scattered(problem: Problem) -> Mapping[str, Any]:
    batches = wdmath.MinibatchGradient(problem.X, problem.y, 3, scale=problem.scale, sampling="independent")
    alpha = 0.02 / largest_curvature(problem)
    found = wdmath.stationary_covariance(batches, alpha, problem.lam, momentum=0.5)
    return {"risks": 2 * problem.scale * np.einsum("ni,...ij,nj->...", problem.X, found, problem.X)}


def least_squares(problem: Problem) -> Array:
    """The solution, by a way that does not cut."""
    unit = np.abs(problem.X).max(axis=0)
    return np.linalg.lstsq(problem.X / unit, problem.y, rcond=None)[0] / unit


RIDGE = (wdmath.ridge_path,)
DATA = [
    Subject(
        functions=RIDGE,
        call=ridge_path,
        covers="ridge_path RidgePath.predict",
        forms=("csr", "csc", "operator"),
        targets=True,
    ),
    Subject(
        functions=RIDGE,
        call=ridge_path,
        covers="ridge_path",
        forms=("csr", "csc", "operator"),
        targets=True,
        shape=(12, 20),
    ),
    Subject(
        functions=(wdmath.ridge_selection,), call=ridge_selection, covers="ridge_selection", targets=True
    ),
    Subject(
        functions=(wdmath.ridge_selection,), call=ridge_selection, covers="ridge_selection", shape=(12, 20)
    ),
    Subject(
        functions=RIDGE,
        call=criterion("left out", wdmath.leave_one_out),
        covers="leave_one_out",
        targets=True,
        exempt={"repeated rows": "of equal rows, one is left out or all"},
    ),
    Subject(
        functions=RIDGE,
        call=criterion("squares", wdmath.generalized_cross_validation),
        covers="generalized_cross_validation",
        targets=True,
    ),
    Subject(
        functions=(wdmath.QuadraticRisk.from_least_squares,),
        call=least_squares_risk,
        covers="QuadraticRisk.from_least_squares QuadraticRisk.intercept_at",
    ),
    *(
        Subject(
            functions=(kind, kind.ridge_path),
            call=one_score(kind, predicted),
            covers=" ".join(
                f"{kind.__name__}.{name}"
                for name in (
                    "ridge_path",
                    "value",
                    "gradient",
                    "hessian",
                    "hessian_product",
                    "with_best_intercept",
                    predicted,
                )
            ),
            response=response,
            shape=shape,
        )
        for kind, predicted, response in (
            (wdmath.LogisticRisk, "probabilities", "labels"),
            (wdmath.PoissonRisk, "means", "counts"),
        )
        for shape in ((60, 4), (20, 30))
    ),
    *(
        Subject(
            functions=(wdmath.SoftmaxRisk, wdmath.SoftmaxRisk.ridge_path),
            call=softmax,
            covers="SoftmaxRisk.ridge_path SoftmaxRisk.value SoftmaxRisk.gradient SoftmaxRisk.hessian "
            "SoftmaxRisk.hessian_product SoftmaxRisk.with_best_intercept SoftmaxRisk.probabilities",
            response="classes",
            shape=shape,
        )
        for shape in ((60, 4), (200, 90), (20, 30))
    ),
    Subject(
        functions=(wdmath.lasso_path, wdmath.LassoPath.at),
        call=lasso,
        covers="lasso_path LassoPath.at LassoPath.intercept_at LassoPath.predict",
        power=1,
    ),
    Subject(
        functions=(wdmath.lasso_path, wdmath.LassoPath.at),
        call=lasso,
        covers="lasso_path",
        power=1,
        shape=(12, 20),
    ),
    *(
        Subject(
            functions=RIDGE,
            call=estimated,
            covers="estimate_lam log_marginal_likelihood",
            rtol=1e-9,
            shape=shape,
        )
        for shape in ((24, 4), (12, 20))
    ),
    *(
        Subject(
            functions=(wdmath.standard_errors,),
            call=scatter,
            covers="standard_errors",
            shape=shape,
            exempt={
                "rotation": "errors of other coordinates are other numbers",
                "repeated rows": "the variance is given, and a sum over rows",
            },
        )
        for shape in ((24, 4), (12, 20))
    ),
    *(
        Subject(
            functions=(wdmath.principal_components_regression,),
            call=components,
            covers="principal_components_regression PrincipalComponentsPath.predict",
            shape=shape,
            exempt={"columns without a penalty": "principal components depend on units"},
        )
        for shape in ((24, 4), (12, 20))
    ),
    Subject(
        functions=(wdmath.kernel_ridge,),
        call=kernels,
        covers="kernel_ridge KernelRidge.predict",
        exempt={"columns without a penalty": "distances depend on units"},
    ),
    *(
        Subject(
            functions=(wdmath.elastic_net_path,),
            call=elastic_net,
            covers="elastic_net_path ElasticNetPath.predict",
            power=1,
            shape=shape,
            exempt=dict.fromkeys(
                ("columns", *(f"{size} unit of {axis}" for size in ("small", "large") for axis in "Xy")),
                "absolute values and squares have different units: tests of the elastic net change both",
            ),
        )
        for shape in ((24, 4), (12, 20))
    ),
    Subject(
        functions=(wdmath.MinibatchGradient,),
        call=minibatch,
        covers="MinibatchGradient.at_step MinibatchGradient.rows MinibatchGradient.from_batches "
        "MinibatchGradient.noise_covariance",
    ),
    Subject(
        functions=(wdmath.early_stopping_selection,),
        call=stopped,
        covers="early_stopping_selection early_stopping_hat_matrix",
        exempt={"columns without a penalty": "how fast a coordinate moves depends on its unit"},
    ),
    Subject(
        functions=(wdmath.stationary_covariance,),
        call=scattered,
        covers="stationary_covariance",
        exempt={
            "columns without a penalty": "how fast a coordinate moves depends on its unit",
        },
    ),
]


UNITS = "how fast a coordinate moves depends on its unit"
SPECTRUM = "eigenvalues are those in the given units of the coordinates"
LENGTHS = "the step size is a length"
POINT = {"columns": SPECTRUM, "columns without a penalty": SPECTRUM}
STEPS_OF_ONE_LENGTH = {
    "small unit of y": LENGTHS,
    "large unit of y": LENGTHS,
    "small unit of the risk": LENGTHS,
    "large unit of the risk": LENGTHS,
    "rotation": "each coordinate is scaled by its own gradients",
}


def eigenvalues(problem: Problem) -> Array:
    return np.linalg.eigvalsh(problem.hessian)[::-1]


def eigenbasis(problem: Problem) -> Mapping[str, Any]:
    sigma, Q = wdmath.eigenbasis(problem.hessian)
    return {"strengths": sigma, "coefficients": [q * (q @ problem.start) for q in Q.T]}


def eigenspaces(problem: Problem) -> Mapping[str, Any]:
    spaces = wdmath.eigenspaces(problem.hessian)
    return {
        "strengths": [space.eigenvalue for space in spaces],
        "coefficients": [space.project(problem.start) for space in spaces],
    }


def leading_eigenpairs(problem: Problem) -> Mapping[str, Any]:
    pairs = wdmath.leading_eigenpairs(problem.hessian, 2, dimension=len(problem.start))
    return {
        "strengths": pairs.eigenvalues,
        "coefficients": [q * (q @ problem.start) for q in pairs.eigenvectors.T],
    }


def quadratic_risk(problem: Problem) -> Mapping[str, Any]:
    risk = problem.risk
    return {
        "risks": risk.value(problem.start),
        "risks: slope": risk.gradient(problem.start) @ problem.start,
    }


def coordinates(problem: Problem) -> Mapping[str, Any]:
    risk = problem.risk
    z = risk.to_eigenbasis(problem.start)
    return {
        "coefficients": risk.from_eigenbasis(z),
        "coefficients: vectors": wdmath.project_on_eigenvectors(risk, problem.start),
        "coefficients: spaces": wdmath.project_on_eigenspaces(risk, problem.start),
    }


def taylor(problem: Problem) -> Mapping[str, Any]:
    risk, H = problem.risk, problem.hessian
    model = wdmath.QuadraticRisk.from_taylor((risk.value, risk.gradient, lambda theta: H), problem.start)
    return {"coefficients": model.minimizer, "risks": model.value(2 * problem.start)}


def ridge_minimizer(problem: Problem) -> Mapping[str, Any]:
    options = problem.options("penalty_weights")
    return {"coefficients": wdmath.ridge_minimizer(problem.risk, problem.lam, **options)}


def ridge_path_from_hessian(problem: Problem) -> Mapping[str, Any]:
    b = np.asarray(problem.hessian @ problem.minimizer)
    options = problem.options("penalty_weights")
    return {
        "coefficients": wdmath.ridge_path_from_hessian(
            problem.hessian, b, problem.lam, **options
        ).coefficients
    }


def ellipse(problem: Problem) -> Mapping[str, Any]:
    level = problem.risk.value(problem.start)
    found = wdmath.level_set_ellipse(problem.risk, level)
    (curve,) = found.curves(8, reach=1.0)
    points = np.concatenate([found.points(7), curve])
    return {"risks": problem.risk.value(points), "coefficients": found.center}


def circle(problem: Problem) -> Mapping[str, Any]:
    found = [wdmath.tangent_circle(problem.risk, lam) for lam in np.atleast_1d(problem.lam)]
    return {
        "coefficients": [c.point for c in found],
        "risks": [c.level for c in found],
        "risks: penalty": [
            lam * c.radius**2 for lam, c in zip(np.atleast_1d(problem.lam), found, strict=True)
        ],
        "risks: circle": [
            lam * (c.points(3) ** 2).sum(axis=1)
            for lam, c in zip(np.atleast_1d(problem.lam), found, strict=True)
        ],
    }


def spectral(problem: Problem) -> Mapping[str, Any]:
    sigma = eigenvalues(problem)
    freedom = wdmath.effective_degrees_of_freedom(sigma, problem.lam)
    return {
        "free": wdmath.shrinkage_factors(sigma, problem.lam),
        "free: degrees of freedom": freedom,
        "strengths": wdmath.lam_for_degrees_of_freedom(sigma, freedom),
        "steps": wdmath.stability_bound(sigma, problem.lam),
        "free: diverges": 1.0 * wdmath.diverges(sigma, problem.step_size, problem.lam),
    }


def early_stopping(problem: Problem) -> Mapping[str, Any]:
    sigma, alpha = eigenvalues(problem), problem.step_size
    curves = wdmath.early_stopping_curves(sigma, alpha, 5)
    return {
        "free": [wdmath.early_stopping_factors(sigma, alpha, 5), curves.early_stopping, curves.ridge],
        "strengths": wdmath.early_stopping_lam(sigma, alpha, 5),
        "strengths: one": wdmath.global_early_stopping_lam(alpha, 5),
    }


def stationary(problem: Problem) -> Mapping[str, Any]:
    H, m = problem.hessian, problem.minimizer
    noise = np.outer(H @ m, H @ m) + np.outer(H @ problem.start, H @ problem.start)
    found = wdmath.stationary_covariance(problem.risk, problem.step_size / 4, problem.lam, noise=noise)
    return {"risks": np.trace(H @ found, axis1=-2, axis2=-1), "coefficients": found @ (H @ m / (m @ H @ m))}


def gaussian_posterior(problem: Problem) -> Mapping[str, Any]:
    found = [wdmath.gaussian_posterior(problem.risk, lam) for lam in np.atleast_1d(problem.lam)]
    curvatures = [posterior.covariance @ problem.hessian @ posterior.mean for posterior in found]
    return {"coefficients": [posterior.mean for posterior in found], "coefficients: curved": curvatures}


def runs(
    function: Callable[..., Any], *between: Any, **options: Any
) -> Callable[[Problem], Mapping[str, Any]]:
    return lambda problem: {
        "coefficients": function(
            problem.risk, problem.start, problem.step_size, *between, 6, problem.lam, **options
        )
    }


def flow(problem: Problem) -> Mapping[str, Any]:
    times = problem.step_size * np.arange(4.0)
    return {"coefficients": wdmath.gradient_flow(problem.risk, problem.start, times, problem.lam)}


def split_steps(problem: Problem) -> Mapping[str, Any]:
    found = [
        wdmath.weight_decay_steps(problem.risk, problem.start, problem.step_size, 4, float(lam))
        for lam in np.atleast_1d(problem.lam)
    ]
    return {
        "coefficients": [run.points for run in found],
        "coefficients: half": [run.shrunk for run in found],
    }


def lasso_from_risk(problem: Problem) -> Mapping[str, Any]:
    path = wdmath.lasso_path_from_risk(problem.risk, **problem.options("penalty_weights"))
    return {"coefficients": path.at(problem.lam), "strengths": path.lams[0]}


RISK = wdmath.QuadraticRisk
HESSIANS = [
    Subject(functions=(wdmath.eigenbasis,), call=eigenbasis, covers="eigenbasis", exempt=POINT),
    Subject(
        functions=(wdmath.eigenspaces,),
        call=eigenspaces,
        covers="eigenspaces Eigenspace.project",
        exempt=POINT,
    ),
    Subject(
        functions=(wdmath.leading_eigenpairs,),
        call=leading_eigenpairs,
        covers="leading_eigenpairs",
        forms=("csr", "csc", "operator", "callable"),
        exempt=POINT,
        shape=(8, 8),
    ),
    Subject(functions=(RISK,), call=quadratic_risk, covers="QuadraticRisk.value QuadraticRisk.gradient"),
    Subject(
        functions=(RISK,),
        call=coordinates,
        covers="project_on_eigenvectors project_on_eigenspaces QuadraticRisk.to_eigenbasis "
        "QuadraticRisk.from_eigenbasis",
        exempt=POINT,
    ),
    Subject(functions=(RISK.from_taylor,), call=taylor, covers="QuadraticRisk.from_taylor"),
    Subject(functions=(RISK, wdmath.ridge_minimizer), call=ridge_minimizer, covers="ridge_minimizer"),
    Subject(
        functions=(wdmath.ridge_path_from_hessian,),
        call=ridge_path_from_hessian,
        covers="ridge_path_from_hessian",
        forms=("csr", "csc", "operator"),
    ),
    Subject(
        functions=(RISK,),
        call=ellipse,
        covers="level_set_ellipse LevelSetEllipse.points LevelSetEllipse.curves",
        shape=(2, 2),
        exempt=POINT,
    ),
    Subject(
        functions=(RISK, wdmath.tangent_circle),
        call=circle,
        covers="tangent_circle TangentCircle.points",
        shape=(2, 2),
        exempt=POINT,
    ),
    Subject(
        functions=(wdmath.shrinkage_factors,),
        call=spectral,
        covers="shrinkage_factors effective_degrees_of_freedom lam_for_degrees_of_freedom stability_bound diverges",
        exempt=POINT,
    ),
    Subject(
        functions=(wdmath.early_stopping_factors,),
        call=early_stopping,
        covers="early_stopping_factors early_stopping_lam early_stopping_curves global_early_stopping_lam",
        exempt=POINT,
    ),
    Subject(
        functions=(RISK, wdmath.stationary_covariance),
        call=stationary,
        covers="stationary_covariance",
        exempt={name: UNITS for name in POINT},
    ),
    Subject(
        functions=(RISK, wdmath.gaussian_posterior),
        call=gaussian_posterior,
        covers="gaussian_posterior",
    ),
    *(
        Subject(
            functions=(RISK, function),
            call=runs(function, *between, **options),
            covers=function.__name__,
            exempt={name: UNITS for name in POINT} | exempt,
        )
        for function, between, options, exempt in (
            (wdmath.gradient_descent, (), {}, {}),
            (wdmath.heavy_ball, (0.5,), {}, {}),
            (wdmath.nesterov, (0.5,), {}, {}),
            (wdmath.sgd_path, (), {"momentum": 0.5}, {}),
            (wdmath.adam_path, (), {"eps": 0.0}, STEPS_OF_ONE_LENGTH),
            (wdmath.adamw_path, (), {"eps": 0.0}, STEPS_OF_ONE_LENGTH),
            (wdmath.lion_path, (), {}, STEPS_OF_ONE_LENGTH),
            (
                wdmath.muon_path,
                (),
                {"shape": (4, 6)},
                STEPS_OF_ONE_LENGTH | {"order of coordinates": "coordinates have places in a matrix"},
            ),
        )
    ),
    Subject(
        functions=(RISK, wdmath.gradient_flow),
        call=flow,
        covers="gradient_flow",
        exempt={name: UNITS for name in POINT},
    ),
    Subject(
        functions=(RISK, wdmath.weight_decay_steps),
        call=split_steps,
        covers="weight_decay_steps",
        exempt={name: UNITS for name in POINT},
    ),
    Subject(
        functions=(RISK, wdmath.lasso_path_from_risk, wdmath.LassoPath.at),
        call=lasso_from_risk,
        covers="lasso_path_from_risk",
        power=1,
    ),
]

#: Public names that take neither data nor a Hessian.
NEITHER = {
    "load_i2ml": "takes nothing",
    "polynomial_features": "makes data",
    "random_features": "makes data",
    "Trajectory.copy": "takes nothing",
    "round_to": "takes numbers",
    "spacing": "takes numbers",
    "soft_threshold": "takes numbers",
    "rotational_equilibrium": "takes numbers",
    "decay_memory": "takes numbers",
}


def answers(subject: Subject, problem: Problem) -> dict[str, Array]:
    found = {key: np.asarray(value, dtype=float) for key, value in subject.call(problem).items()}
    assert {key.split(":")[0] for key in found} <= KINDS.keys()
    return found


def assert_close(found: Array, expected: Array, key: str, rtol: float) -> None:
    """Relative to the largest entry along the last axis of a vector, to the number itself otherwise."""
    assert found.shape == expected.shape, key
    size = np.abs(expected)
    if key.split(":")[0] in VECTORS:
        size = size.max(axis=-1, keepdims=True)
    error = np.abs(found - expected)
    assert (error <= rtol * size).all(), f"{key}: relative error {(error / np.maximum(size, TINY)).max():.2g}"


def assert_same(subject: Subject, change: Change, problem: Problem) -> None:
    """The answers to the changed problem, carried back, are those to the original one."""
    original = change.original(problem)
    expected = answers(subject, original)
    found = answers(subject, change.changed(original, subject))
    compared = 0
    for key, value in found.items():
        kind = key.split(":")[0]
        carried = change.back(kind, value, original, subject)
        if key in expected and carried is not None:
            assert_close(carried, expected[key], key, subject.rtol + change.noise(kind))
            compared += 1
    assert compared


SUBJECTS = DATA + HESSIANS
PAIRS = [
    pytest.param(
        subject,
        change,
        id=f"{subject.name}, {name}",
    )
    for subject in SUBJECTS
    for name, change in CHANGES.items()
    if change.applies(subject) and name not in subject.exempt
]


@pytest.mark.parametrize(("subject", "change"), PAIRS)
def test_the_same_problem_written_otherwise(subject, change):
    assert_same(subject, change, problem_of(subject))


def problem_of(subject: Subject) -> Problem:
    return data(subject) if subject in DATA else quadratic(subject)


@pytest.mark.parametrize("subject", [s for s in SUBJECTS if "lam" in s.takes], ids=lambda s: s.name)
def test_many_penalties_are_as_one_by_one(subject):
    assert_one_by_one(subject, problem_of(subject))


def assert_one_by_one(subject: Subject, problem: Problem) -> None:
    together, compared = answers(subject, problem), 0
    for i, lam in enumerate(problem.lam.tolist()):
        alone = answers(subject, replace(problem, lam=lam))
        for key, value in together.items():
            if value.shape[:1] == problem.lam.shape:
                assert_close(alone[key].reshape(value[i].shape), value[i], key, subject.rtol)
                compared += 1
    assert compared


@pytest.mark.parametrize("subject", [s for s in DATA if s.targets], ids=lambda s: s.name)
def test_many_targets_are_as_one_by_one(subject):
    problem = data(subject, targets=3)
    together = answers(subject, problem)
    for t in range(3):
        for key, value in answers(subject, replace(problem, y=problem.y[:, t])).items():
            both = together[key]
            assert_close(value, both[..., t] if both.ndim > value.ndim else both, key, subject.rtol)


def public_names() -> set[str]:
    """Functions, and the methods of classes that users call with data or points."""
    names = set()
    for name in wdmath.__all__:
        value = getattr(wdmath, name)
        if inspect.isclass(value):
            own = [base for base in value.__mro__ if base.__module__.startswith("wdmath.")]
            methods = {m for base in own for m in vars(base) if callable(getattr(value, m)) and m[0] != "_"}
            names |= {f"{name}.{method}" for method in methods}
        else:
            names.add(name)
    return names


def test_nothing_public_is_left_out():
    covered = {name for subject in SUBJECTS for name in subject.covers.split()}
    assert covered | NEITHER.keys() == public_names()
    assert not covered & NEITHER.keys()


def test_exemptions_are_of_changes_and_have_a_reason():
    for subject in SUBJECTS:
        assert all(reason for reason in subject.exempt.values())
        assert all(name in CHANGES for name in subject.exempt)


#: A known-bad example for each change: ridge regression by normal equations with one mistake.
MISTAKES = {
    "columns": "cuts against the largest",
    "columns without a penalty": "cuts against the largest",
    "shift": "fits a column of ones",
    "small unit of y": "adds an absolute tolerance",
    "large unit of y": "adds an absolute tolerance",
    "small unit of X": "adds an absolute tolerance",
    "large unit of X": "adds an absolute tolerance",
    "small unit of the risk": "forgets the scale",
    "large unit of the risk": "forgets the scale",
    "rotation": "penalizes the first coefficient more",
    "order of coordinates": "penalizes the first coefficient more",
    "order of rows": "weighs the first row more",
    "repeated rows": "forgets the weights",
    "csr": "drops signs unless dense",
    "csc": "drops signs unless dense",
    "operator": "drops signs unless dense",
    "callable": "drops signs unless dense",
}


def normal_equations(problem: Problem, mistake: str) -> Mapping[str, Any]:
    X, y, c = problem.X, problem.y, problem.scale
    n, p = X.shape if hasattr(X, "shape") else (len(y), 4)
    if not isinstance(X, np.ndarray):
        X = X(np.eye(p)) if callable(X) and not hasattr(X, "shape") else X @ np.eye(p)
        X = np.abs(X) if "signs" in mistake else X
    weights = np.ones(n) if problem.sample_weight is None or "weights" in mistake else problem.sample_weight
    if "first row" in mistake:
        weights[0] = 2.0
    P = np.ones(p) if problem.penalty_weights is None else problem.penalty_weights
    if "first coefficient" in mistake:
        P = P * np.r_[3.0, np.ones(p - 1)]
    if "ones" in mistake:
        A, P = np.column_stack([X, np.ones(n)]), np.r_[P, 0.0]
    else:
        A, y = X - weights @ X / weights.sum(), y - weights @ y / weights.sum()
    factor = 2.0 if "scale" in mistake else 2 * c
    H, b = factor * (A.T * weights) @ A, factor * (A.T * weights) @ y
    theta = []
    lams = np.atleast_1d(problem.lam)
    for lam in np.full_like(lams, lams[0]) if "one lam" in mistake else lams:
        K = H + lam * np.diag(P)
        unit = 1.0 if "cuts" in mistake or "ones" in mistake else np.sqrt(np.diag(K))
        theta.append(
            np.linalg.pinv(K / np.outer(unit, unit) if np.ndim(unit) else K, rcond=1e-13) @ (b / unit) / unit
        )
    theta = np.array(theta)[:, :p]
    return {"coefficients": theta + 1e-9 if "tolerance" in mistake else theta}


def example(mistake: str) -> Subject:
    return Subject(
        functions=RIDGE,
        call=lambda problem: normal_equations(problem, mistake),
        covers="an example",
        forms=("csr", "csc", "operator", "callable"),
    )


@pytest.mark.parametrize("name", CHANGES)
def test_a_mistake_is_noticed(name):
    right, wrong = example("none"), example(MISTAKES[name])
    assert_same(right, CHANGES[name], data(right))
    with pytest.raises(AssertionError):
        assert_same(wrong, CHANGES[name], data(wrong))


def test_a_mistake_with_many_penalties_is_noticed():
    right, wrong = example("none"), example("takes one lam for all")
    assert_one_by_one(right, data(right))
    with pytest.raises(AssertionError):
        assert_one_by_one(wrong, data(wrong))
