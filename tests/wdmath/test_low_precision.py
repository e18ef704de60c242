"""Rounding to 16 bits: against PyTorch's tables, NumPy's float16, and exact fractions."""

import json
import struct
import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wdmath

TABLE = json.loads((Path(__file__).parent / "reference" / "torch.json").read_text())["roundings"]


def from_bits(bits, precision):
    if precision == "float16":
        return np.array(bits, dtype=np.uint16).view(np.float16).astype(np.float64)
    return (np.array(bits, dtype=np.uint32) << 16).view(np.float32).astype(np.float64)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_rounding_equals_that_of_pytorch(precision):
    values = np.array([struct.unpack(">f", bytes.fromhex(x))[0] for x in TABLE["float32"]])
    expected = from_bits(TABLE[precision], precision)
    got = wdmath.round_to(values, precision)
    np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(np.signbit(got), np.signbit(expected))
    assert np.isinf(expected).any()
    assert len(np.unique(expected)) > 50


@given(st.floats(allow_nan=False, width=64))
def test_float16_equals_numpy(x):
    with np.errstate(over="ignore"):
        expected = np.float64(np.float16(x))
    got = wdmath.round_to(x, "float16")
    assert (got, np.signbit(got)) == (expected, np.signbit(expected))


def numbers_of(precision):
    with np.errstate(invalid="ignore"):
        every = from_bits(np.arange(2**16), precision)
    return np.unique(every[np.isfinite(every)])


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
class TestEveryNumberOfTheFormat:
    def test_is_kept(self, precision):
        every = numbers_of(precision)
        np.testing.assert_array_equal(wdmath.round_to(every, precision), every)

    def test_halfway_goes_to_the_even_neighbor_and_a_hair_beyond_to_the_nearer(self, precision):
        every = numbers_of(precision)
        every = every[every >= 0]
        low, high = every[:-1], every[1:]
        middle = low / 2 + high / 2
        assert [Fraction(m) for m in middle[::997]] == [
            (Fraction(a) + Fraction(b)) / 2 for a, b in zip(low[::997], high[::997], strict=True)
        ]
        even = np.where(np.arange(len(low)) % 2 == 0, low, high)
        np.testing.assert_array_equal(wdmath.round_to(middle, precision), even)
        np.testing.assert_array_equal(wdmath.round_to(np.nextafter(middle, 0), precision), low)
        np.testing.assert_array_equal(wdmath.round_to(np.nextafter(middle, np.inf), precision), high)

    def test_is_one_spacing_from_the_next(self, precision):
        every = numbers_of(precision)
        every = every[every >= 0]
        np.testing.assert_array_equal(wdmath.spacing(every[:-1], precision), np.diff(every))

    def test_overflow_begins_half_a_spacing_above_the_largest(self, precision):
        largest = numbers_of(precision)[-1]
        limit = largest + wdmath.spacing(largest, precision) / 2
        assert wdmath.round_to(np.nextafter(limit, 0), precision) == largest
        assert wdmath.round_to(limit, precision) == np.inf
        assert wdmath.round_to(-limit, precision) == -np.inf
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert wdmath.round_to([1e308, -1e308], precision).tolist() == [np.inf, -np.inf]

    def test_nan_infinities_and_signed_zero_stay(self, precision):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            got = wdmath.round_to([np.nan, np.inf, -np.inf, -0.0, -1e-320], precision)
            assert np.isnan(wdmath.spacing([np.nan, np.inf], precision)).all()
        np.testing.assert_array_equal(got, [np.nan, np.inf, -np.inf, 0.0, 0.0])
        assert np.signbit(got[3:]).all()


def test_a_double_is_rounded_once():
    """Through float32 this would become a tie, and then round down to even."""
    x = 1 + 2**-8 + 2**-40
    assert np.float64(np.float32(x)) == 1 + 2**-8
    assert wdmath.round_to(x, "bfloat16") == 1 + 2**-7


def test_small_updates_of_large_weights_are_lost():
    weight, update = 256.0, 0.5
    for _ in range(100):
        weight = wdmath.round_to(weight + update, "bfloat16")
    assert weight == 256.0
    assert update < wdmath.spacing(256.0, "bfloat16") / 2


def test_shapes_are_kept_and_input_is_left_alone():
    x = np.full((2, 3), 0.1)
    assert wdmath.round_to(x, "bfloat16").shape == (2, 3)
    assert (x == 0.1).all()
    assert isinstance(wdmath.round_to(0.1, "bfloat16"), float)
    assert wdmath.round_to([], "float16").shape == (0,)
    assert wdmath.round_to(np.float32(0.1), "float16") == float(np.float16(np.float32(0.1)))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: wdmath.round_to(1.0, "float8"),
            ValueError,
            "precision must be one of 'bfloat16', 'float16', got 'float8'",
        ),
        (lambda: wdmath.round_to(1j, "float16"), TypeError, "x must hold real numbers"),
        (lambda: wdmath.round_to("1", "float16"), TypeError, "x must hold real numbers"),
        (lambda: wdmath.spacing([None], "float16"), TypeError, "x must hold real numbers"),
    ],
)
def test_bad_arguments_are_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
