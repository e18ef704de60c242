"""The lecture's data."""

import numpy as np
import pytest

import wdmath


def test_the_lecture_s_data():
    X, y = wdmath.load_i2ml()
    assert X.shape == (100, 2)
    assert y.shape == (100,)
    assert X[0].tolist() == [0.28757752012461424, 0.59998895926401019]
    assert y[-1] == np.loadtxt(_lines()[-1:], delimiter=",")[2]
    risk = wdmath.QuadraticRisk.from_least_squares(X, y, scale="sum")
    assert risk.eigenvalues == pytest.approx([116.2, 16.25], abs=0.01)
    assert risk.minimizer == pytest.approx([0.4924, 2.9187], abs=1e-4)


def test_each_call_returns_arrays_of_its_own():
    X, y = wdmath.load_i2ml()
    X[:], y[:] = 0, 0
    assert wdmath.load_i2ml()[0].any()
    assert wdmath.load_i2ml()[1].any()


def _lines():
    from importlib.resources import files

    return (files("wdmath") / "data" / "i2ml.csv").read_text().splitlines()
