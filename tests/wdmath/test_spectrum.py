"""The eigenbasis: a rotation with a fixed sign rule; shrinkage along it; eigenspaces; leading eigenpairs."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import diags
from scipy.sparse.linalg import aslinearoperator

import wdmath


def spectral(Q, sigma):
    H = (Q * np.asarray(sigma, dtype=float)) @ Q.T
    return (H + H.T) / 2


def orthogonal(seed, p):
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((p, p)))[0]


@given(st.integers(1, 8), st.integers(0, 2**32 - 1))
def test_eigenbasis_is_a_rotation_that_diagonalizes(p, seed):
    A = np.random.default_rng(seed).standard_normal((p, p))
    H = A @ A.T
    sigma, Q = wdmath.eigenbasis(H)
    assert (np.diff(sigma) <= 0).all()
    np.testing.assert_allclose(Q.T @ Q, np.eye(p), atol=1e-13)
    assert np.linalg.det(Q) == pytest.approx(1.0)
    np.testing.assert_allclose(spectral(Q, sigma), H, atol=1e-13 * sigma[0] * p)


@given(st.integers(2, 6), st.integers(0, 2**32 - 1))
def test_sign_rule(p, seed):
    _, Q = wdmath.eigenbasis(spectral(orthogonal(seed, p), np.arange(p, 0, -1)))
    largest = Q[np.abs(Q).argmax(axis=0), np.arange(p)]
    assert (largest[:-1] > 0).all()


def test_ties_in_the_sign_rule_go_to_the_first_entry():
    # (1, -1) / sqrt(2): equal magnitudes up to rounding, whichever way it falls.
    for nudge in (-1e-15, 0.0, 1e-15):
        _, Q = wdmath.eigenbasis([[2, -1], [-1, 2 + nudge]])
        assert Q[0, 0] > 0 > Q[1, 0]


@pytest.mark.parametrize("c", [1e-8, 1.0, 3.0, 1e9])
@pytest.mark.parametrize("p", [1, 2, 5])
def test_a_multiple_of_the_identity_keeps_the_axes(c, p):
    sigma, Q = wdmath.eigenbasis(c * np.eye(p))
    np.testing.assert_array_equal(sigma, np.full(p, c))
    np.testing.assert_array_equal(Q, np.eye(p))


def test_the_zero_matrix_keeps_the_axes():
    sigma, Q = wdmath.eigenbasis(np.zeros((3, 3)))
    assert (sigma == 0).all()
    np.testing.assert_array_equal(Q, np.eye(3))


@pytest.mark.parametrize("seed", range(10))
def test_basis_of_repeated_eigenvalues_does_not_depend_on_rounding(seed):
    Q = orthogonal(seed, 5)
    H = spectral(Q, [4.0, 4.0, 4.0, 1.0, 0.0])
    _, first = wdmath.eigenbasis(H)
    noise = np.random.default_rng(seed + 100).standard_normal((5, 5)) * 3e-16
    _, second = wdmath.eigenbasis(H + noise + noise.T)
    np.testing.assert_allclose(first, second, atol=1e-12)


def test_tiny_distinct_eigenvalues_are_kept():
    sigma, _ = wdmath.eigenbasis(np.diag([1.0, 2e-10, 1e-10]))
    np.testing.assert_allclose(sigma, [1.0, 2e-10, 1e-10], rtol=1e-15)


def test_rounding_below_zero_is_zero():
    sigma, _ = wdmath.eigenbasis(np.diag([1.0, -1e-14]))
    np.testing.assert_array_equal(sigma, [1.0, 0.0])
    sigma, _ = wdmath.eigenbasis([[1.0, 1.0 + 1e-14], [1.0, 1.0]])
    np.testing.assert_allclose(sigma, [2.0, 0.0], atol=1e-15)


def test_eigenspaces_and_projections_add_up():
    Q = orthogonal(7, 6)
    sigma = np.array([5.0, 5.0, 2.0, 2.0, 2.0, 0.0])
    risk = wdmath.QuadraticRisk(spectral(Q, sigma), np.arange(6.0))
    theta = np.random.default_rng(8).standard_normal((4, 6))
    spaces = wdmath.eigenspaces(risk)
    assert [space.dimension for space in spaces] == [2, 3, 1]
    assert [space.eigenvalue for space in spaces] == pytest.approx([5, 2, 0])
    parts = wdmath.project_on_eigenspaces(risk, theta)
    assert parts.shape == (4, 3, 6)
    np.testing.assert_allclose(parts.sum(axis=1), theta, atol=1e-14)
    for k, (space, chosen) in enumerate(zip(spaces, (slice(0, 2), slice(2, 5), slice(5, 6)), strict=True)):
        np.testing.assert_allclose(space.projector, Q[:, chosen] @ Q[:, chosen].T, atol=1e-14)
        np.testing.assert_allclose(space.project(theta), parts[:, k], atol=1e-14)
    along = wdmath.project_on_eigenvectors(risk, theta)
    assert along.shape == (4, 6, 6)
    np.testing.assert_allclose(along.sum(axis=1), theta, atol=1e-14)


def test_eigenspaces_with_a_wider_tolerance():
    spaces = wdmath.eigenspaces(np.diag([10.0, 9.5, 1.0]), rtol=0.1)
    assert [space.dimension for space in spaces] == [2, 1]


@given(st.floats(0, 1e8), st.floats(0, 1e8))
def test_shrinkage_factor_is_the_formula(sigma, lam):
    factor = wdmath.shrinkage_factors([sigma], lam)[0]
    assert factor == (sigma / (sigma + lam) if sigma > 0 else 0.0)


def test_shrinkage_factor_is_one_half_where_lam_is_the_eigenvalue():
    np.testing.assert_array_equal(np.diag(wdmath.shrinkage_factors([3.0, 0.7], [3.0, 0.7])), [0.5, 0.5])


def test_degrees_of_freedom_of_the_smoother():
    X, _ = wdmath.load_i2ml()
    sigma = np.linalg.eigvalsh(2 * X.T @ X)
    smoother = X @ np.linalg.solve(X.T @ X + 5 * np.eye(2), X.T)
    assert wdmath.effective_degrees_of_freedom(sigma, 10.0) == pytest.approx(np.trace(smoother))
    assert wdmath.effective_degrees_of_freedom([1.0, 0.0], 0.0) == 1.0


@given(
    st.lists(st.floats(1e-8, 1e8), min_size=1, max_size=6),
    st.lists(st.floats(1e-6, 0.999), min_size=1, max_size=4),
)
def test_lam_for_degrees_of_freedom_inverts(eigenvalues, shares):
    wanted = np.array(shares) * len(eigenvalues)
    lam = wdmath.lam_for_degrees_of_freedom(eigenvalues, wanted)
    np.testing.assert_allclose(wdmath.effective_degrees_of_freedom(eigenvalues, lam), wanted, rtol=1e-12)


def test_numbers_near_the_ends_of_floating_point():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        factors = wdmath.shrinkage_factors([1e308, 1e-308, 0.0], [1e308, 0.0, 1e-308])
        np.testing.assert_array_equal(factors, [[0.5, 0, 0], [1, 1, 0], [1, 0.5, 0]])
        for eigenvalues in ([1e300, 1e-300], np.geomspace(1, 1e-200, 50)):
            wanted = [1e-6, 0.3, 1.0, len(eigenvalues) - 0.5]
            lam = wdmath.lam_for_degrees_of_freedom(eigenvalues, wanted)
            found = wdmath.effective_degrees_of_freedom(eigenvalues, lam)
            np.testing.assert_allclose(found, wanted, rtol=1e-12)
        assert wdmath.QuadraticRisk(np.eye(2), [0.0, 0.0]).value([1e200, 0.0]) == np.inf


def test_lam_for_all_degrees_of_freedom_is_zero():
    assert wdmath.lam_for_degrees_of_freedom([3.0, 1.0, 0.0], 2) == 0.0
    with pytest.raises(ValueError, match=r"dof must be at most .* 2, got 2\.5"):
        wdmath.lam_for_degrees_of_freedom([3.0, 1.0, 0.0], 2.5)
    with pytest.raises(ValueError, match="dof must be > 0"):
        wdmath.lam_for_degrees_of_freedom([3.0], 0.0)


@pytest.mark.parametrize("form", ["array", "sparse", "operator", "callable"])
def test_leading_eigenpairs_of_any_operator(form):
    sigma = np.geomspace(1e-3, 1e3, 200)
    H = {
        "array": np.diag(sigma),
        "sparse": diags(sigma),
        "operator": aslinearoperator(np.diag(sigma)),
        "callable": lambda v: sigma * v,
    }[form]
    pairs = wdmath.leading_eigenpairs(H, 3, dimension=200 if form == "callable" else None)
    np.testing.assert_allclose(pairs.eigenvalues, sigma[:-4:-1], rtol=1e-12)
    np.testing.assert_allclose(pairs.eigenvectors, np.eye(200)[:, :-4:-1], atol=1e-7)
    assert (pairs.residuals < 1e-7 * sigma[-1]).all()
