"""Results are values: read-only, copyable, picklable, aliasing nothing, each with a repr; for every class."""

import copy
import inspect
import pickle

import numpy as np
import pytest

import wdmath
from wdmath._values import Value, frozen


def inputs():
    """Arrays that a caller could change later."""
    rng = np.random.default_rng(0)
    root = rng.standard_normal((4, 2))
    return {
        "X": rng.standard_normal((12, 2)),
        "y": rng.standard_normal(12),
        "labels": np.arange(12) % 3,
        "signs": np.arange(12) % 2,
        "lam": np.array([2.0, 0.5]),
        "hessian": root.T @ root,
        "minimizer": rng.standard_normal(2),
        "start": rng.standard_normal(2),
        "eigenvalues": np.array([3.0, 1.0]),
    }


def risk(given):
    return wdmath.QuadraticRisk(given["hessian"], given["minimizer"])


def ridge(given):
    return wdmath.ridge_path(given["X"], given["y"], given["lam"], scale="sum")


def selection(given):
    return wdmath.ridge_selection(given["X"], given["y"], given["lam"], scale="sum")


# How to make one of each class.
MAKE = {
    "DecayMemory": lambda given: wdmath.decay_memory(given["eigenvalues"] / 10, 0.5, 2),
    "EarlyStoppingCurves": lambda given: wdmath.early_stopping_curves(given["eigenvalues"], 0.1, 5),
    "EarlyStoppingSelection": lambda given: wdmath.early_stopping_selection(
        given["X"], given["y"], 0.01, [1, 2], scale="sum"
    ),
    "Eigenspace": lambda given: wdmath.eigenspaces(given["hessian"])[0],
    "ElasticNetPath": lambda given: wdmath.elastic_net_path(
        given["X"], given["y"], given["lam"], l1_ratio=0.5, scale="sum"
    ),
    "GaussianPosterior": lambda given: wdmath.gaussian_posterior(risk(given), 1.0),
    "KernelRidge": lambda given: wdmath.kernel_ridge(given["X"], given["y"], given["lam"], scale="sum"),
    "LassoPath": lambda given: wdmath.lasso_path(given["X"], given["y"], scale="sum", intercept=True),
    "LeadingEigenpairs": lambda given: wdmath.leading_eigenpairs(given["hessian"], 1),
    "LevelSetEllipse": lambda given: wdmath.level_set_ellipse(risk(given), 1.0),
    "LogisticRisk": lambda given: wdmath.LogisticRisk(given["X"], given["signs"], scale="sum"),
    "MinibatchGradient": lambda given: wdmath.MinibatchGradient(given["X"], given["y"], 4, scale="sum"),
    "PoissonRisk": lambda given: wdmath.PoissonRisk(given["X"], given["labels"], scale="sum", intercept=True),
    "PrincipalComponentsPath": lambda given: wdmath.principal_components_regression(given["X"], given["y"]),
    "QuadraticRisk": risk,
    "RidgePath": ridge,
    "RidgeSelection": selection,
    "RotationalEquilibrium": lambda given: wdmath.rotational_equilibrium(0.1, given["lam"]),
    "SoftmaxRisk": lambda given: wdmath.SoftmaxRisk(given["X"], given["labels"], scale="sum"),
    "StandardErrors": lambda given: wdmath.standard_errors(given["X"], given["y"], given["lam"], scale="sum"),
    "TangentCircle": lambda given: wdmath.tangent_circle(risk(given), 1.0),
    "Trajectory": lambda given: wdmath.gradient_descent(risk(given), given["start"], 0.1, 3, given["lam"]),
    "WeightDecaySteps": lambda given: wdmath.weight_decay_steps(risk(given), given["start"], 0.1, 3, 1.0),
}


def attributes(value):
    """All that a user can read of it, and arrays that it keeps to itself."""
    names = (
        [name for name in dir(value) if name[0] != "_"] if not isinstance(value, np.ndarray) else ["diverges"]
    )
    found = {name: getattr(value, name) for name in names}
    found |= {name: kept for name, kept in getattr(value, "__dict__", {}).items()}
    found = {name: kept for name, kept in found.items() if not callable(kept)}
    return found | ({"itself": np.asarray(value)} if isinstance(value, np.ndarray) else {})


def writable(value):
    """What it keeps and anybody can change. A trajectory is an array like others: new, and the caller's."""
    found = [name for name, kept in vars(value).items() if type(kept) is np.ndarray and kept.flags.writeable]
    nested = [kept for kept in vars(value).values() if isinstance(kept, Value)]
    return found + [name for kept in nested for name in writable(kept)]


def assert_equal(found, expected):
    assert type(found) is type(expected)
    assert attributes(found).keys() == attributes(expected).keys()
    for name, kept in attributes(expected).items():
        if isinstance(kept, Value):
            assert_equal(attributes(found)[name], kept)
        else:
            np.testing.assert_equal(attributes(found)[name], kept, err_msg=name)


def assert_value(make):
    """Everything that makes an object a value."""
    given = inputs()
    value = make(given)
    before = copy.deepcopy({name: np.array(kept) for name, kept in attributes(value).items()})
    assert not writable(value), "an array can be written"
    for other in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert_equal(other, value)
        assert not writable(other), "an array of a copy can be written"
    for array in given.values():
        array[...] = 7
    for name, kept in attributes(value).items():
        if not isinstance(kept, Value):
            np.testing.assert_equal(np.array(kept), before[name], err_msg=f"{name} is the caller's own")
    text = repr(value)
    assert text.startswith(f"{type(value).__name__}("), text
    assert len(text) < 400
    assert "object at" not in text


@pytest.mark.parametrize("name", MAKE)
def test_every_class_is_a_value(name):
    assert type(MAKE[name](inputs())).__name__ == name
    assert_value(MAKE[name])


def test_no_class_is_left_out():
    classes = {name for name in wdmath.__all__ if inspect.isclass(getattr(wdmath, name))}
    assert classes == MAKE.keys()


class Example:
    """A result as one would write it first."""

    def __init__(self, lam):
        self.lam = lam


class Closure(Example):
    def __init__(self, lam):
        super().__init__(lam)
        self.later = lambda: 1


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda given: Example(given["lam"]), "can be written"),
        (lambda given: Example(frozen(given["lam"].view())), "of a copy can be written"),
        (lambda given: wdmath.Eigenspace(1.0, given["hessian"][:]), "caller's own"),
        (lambda given: Closure(1.0), "pickle|local object"),
    ],
)
def test_what_is_not_a_value_is_noticed(make, why):
    with pytest.raises((AssertionError, AttributeError, pickle.PicklingError), match=why):
        assert_value(make)
