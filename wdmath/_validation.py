"""Checks shared by every public function.

Each helper returns its argument as a plain float64 (or int) value, or raises TypeError (wrong kind of
thing) or ValueError (right kind, wrong value) in one sentence that names the argument, what was expected
and what came. Nothing is ever modified; the returned array may be the caller's own, so treat it as
read-only.
"""

from __future__ import annotations

import math
import numbers
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray
FLOAT64 = np.dtype(np.float64)
EPS = float(np.finfo(np.float64).eps)
# Beyond this ratio of weights, what rounding leaves of the heaviest rows would outweigh the lightest.
FARTHEST_WEIGHTS = 1e100
# Results of more numbers than this, 16 GiB, are refused before memory is.
MOST_NUMBERS = 2**31
LARGEST_COUNT = int(np.iinfo(np.int64).max)

# Largest relative asymmetry, and largest negative eigenvalue relative to the greatest, put down to rounding.
SYMMETRY_TOLERANCE = 1e-12
SEMIDEFINITE_TOLERANCE = 1e-12


def shown(value: Any) -> str:
    """One short line that shows a value in an error message."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else text[:77] + "..."


def real_array(
    value: Any,
    name: str,
    *,
    ndim: int | tuple[int, ...] | None = None,
    shape: Sequence[int | None] | None = None,
    positive: bool = False,
    nonnegative: bool = False,
    empty: bool = False,
    finite: bool = True,
) -> Array:
    """A float64 array of real numbers; `shape` may hold None for any length."""
    array = value if type(value) is np.ndarray and value.dtype is FLOAT64 else _as_float64(value, name)
    if ndim is not None and array.ndim != ndim and (isinstance(ndim, int) or array.ndim not in ndim):
        raise ValueError(f"{name} must have {_dimensions(ndim)}, got shape {array.shape}: {shown(value)}")
    if shape is not None and not _fits(array.shape, shape):
        wanted = (
            "(" + ", ".join("any" if s is None else str(s) for s in shape) + ("," * (len(shape) == 1)) + ")"
        )
        raise ValueError(f"{name} must have shape {wanted}, got {array.shape}: {shown(value)}")
    if not empty and array.size == 0:
        raise ValueError(f"{name} must not be empty, got shape {array.shape}")
    if finite and not _all_finite(array):
        raise ValueError(
            f"{name} must be finite, got {_first(array, ~np.isfinite(array), column_names(value))}"
        )
    if positive and array.size and not np.minimum.reduce(array, axis=None) > 0:
        raise ValueError(f"{name} must be > 0, got {_first(array, array <= 0)}")
    if nonnegative and array.size and not np.minimum.reduce(array, axis=None) >= 0:
        raise ValueError(f"{name} must be >= 0, got {_first(array, array < 0)}")
    return array


def column_names(value: Any) -> tuple[str, ...] | None:
    """Names of the columns of a data frame (of pandas, polars or alike); None for anything else."""
    columns = getattr(value, "columns", None)
    if columns is None or not hasattr(value, "__array__"):
        return None
    names = tuple(columns)
    return names if names and all(isinstance(label, str) for label in names) else None


def same_columns(value: Any, names: tuple[str, ...] | None, name: str = "X") -> None:
    """Refuse a data frame whose columns are not those of the one that a model was fitted to, in the same order."""
    found = column_names(value)
    if names is None or found is None or found == names:
        return
    for j, (wanted, got) in enumerate(zip(names, found, strict=False)):
        if wanted != got:
            raise ValueError(
                f"{name} must have the columns of the fit in their order, got {got!r} for {wanted!r} at {j}"
            )
    raise ValueError(f"{name} must have the {len(names)} columns of the fit, got {len(found)}")


def checked_weights(value: Any, n: int) -> Array:
    """Weights of n rows, not all 0, and of sizes whose sums mean something."""
    weights = real_array(value, "sample_weight", shape=(n,), nonnegative=True)
    largest = float(weights.max())
    if largest == 0:
        raise ValueError(f"sample_weight must not be all zero, got {shown(value)}")
    if largest > FARTHEST_WEIGHTS * float(weights.min()):
        least = float(weights[weights > 0].min())
        if largest > FARTHEST_WEIGHTS * least:
            raise ValueError(
                f"sample_weight must be 0 or within a factor of {FARTHEST_WEIGHTS:.0e} of each other, got {least!r} "
                f"and {largest!r}; give rows that hardly count the weight 0"
            )
    return weights


def real_number(value: Any, name: str, *, positive: bool = False, nonnegative: bool = False) -> float:
    """A finite Python float."""
    if type(value) is not float or value - value != 0.0:  # the subtraction is nan for nan and infinities
        value = float(real_array(value, name, ndim=0))
    if positive and not value > 0:
        raise ValueError(f"{name} must be > 0, got {value!r}")
    if nonnegative and not value >= 0:
        raise ValueError(f"{name} must be >= 0, got {value!r}")
    return value


def penalty_strength(lam: Any, name: str = "lam") -> Array:
    """One penalty strength (shape ()) or several (shape (L,)), each >= 0."""
    return real_array(lam, name, ndim=(0, 1), nonnegative=True)


def count(value: Any, name: str, *, minimum: int = 0) -> int:
    """A Python int that is at least `minimum`; floats and booleans are refused."""
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be an integer, got {value!r}")
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, got {shown(value)}") from None
    if number < minimum:
        raise ValueError(f"{name} must be >= {minimum}, got {number}")
    if number > LARGEST_COUNT:
        raise ValueError(f"{name} must be < 2**63, got {shown(number)}")
    return number


def require_room(what: str, numbers: int, remedy: str) -> None:
    """Refuse a result of so many numbers that memory does not hold it."""
    if numbers > MOST_NUMBERS:
        raise ValueError(f"{what} would take {8 * numbers / 2**30:.0f} GiB: {remedy}")


def require_room_for_points(steps: int, each: int = 1) -> None:
    """The same for all points of a run with `each` numbers in a point."""
    remedy = "give the numbers of the steps that are wanted, such as [0, 1000], or fewer runs"
    require_room(f"the points after 0 to {steps} steps", (steps + 1) * each, remedy)


def step_counts(steps: Any, name: str = "steps", each: int = 1) -> Array:
    """The step numbers 0..steps for one integer, or the given ones, as an int64 array of shape (T,).

    `each` is how many numbers at least will be kept of every step.
    """
    if not isinstance(steps, int):
        numbers = integer_array(steps, name)
        if numbers.ndim:
            return numbers
        steps = int(numbers)
    require_room_for_points(count(steps, name), each)
    return np.arange(steps + 1)


def integer_array(value: Any, name: str) -> Array:
    """One integer >= 0 (shape ()) or a non-empty sequence of them (shape (T,)), as an int64 array."""
    array = _as_array(value, name)
    if array.dtype.kind not in "iu":
        what = "hold integers" if array.ndim else "be an integer"
        raise TypeError(f"{name} must {what}, got {shown(value)}")
    if array.ndim > 1 or array.size == 0:
        raise ValueError(f"{name} must be an integer or a non-empty sequence, got shape {array.shape}")
    if array.min() < 0:
        raise ValueError(f"{name} must be >= 0, got {array.min()}")
    if array.max() > LARGEST_COUNT:
        raise ValueError(f"{name} must be < 2**63, got {array.max()}")
    return array.astype(np.int64, copy=False)


def runs_shape(**shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that the arguments of a batch of runs are broadcast to."""
    try:
        return np.broadcast_shapes(*shapes.values())
    except ValueError:
        got = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise ValueError(f"{', '.join(shapes)} must broadcast against each other, got shapes {got}") from None


def flag(value: Any, name: str) -> bool:
    """True or False, nothing that merely counts as one of them."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False, got {shown(value)}")
    return bool(value)


def choice(value: Any, name: str, options: Sequence[str]) -> str:
    """One of the given words."""
    if not isinstance(value, str) or value not in options:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, options))}, got {shown(value)}")
    return value


def symmetric_matrix(value: Any, name: str) -> Array:
    """A square matrix equal to its transpose up to rounding; exactly symmetric in the result."""
    matrix = real_array(value, name, ndim=2)
    if matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"{name} must be square, got shape {matrix.shape}: {shown(value)}")
    transpose = matrix.T
    if (matrix == transpose).all():
        return matrix
    gap = np.abs(matrix - transpose)
    if gap.max() > SYMMETRY_TOLERANCE * np.abs(matrix).max():
        i, j = np.unravel_index(np.argmax(gap), gap.shape)
        pair = f"entry ({i}, {j}) is {float(matrix[i, j])!r}, entry ({j}, {i}) is {float(matrix[j, i])!r}"
        raise ValueError(f"{name} must be symmetric, got {shown(value)}: {pair}")
    return matrix / 2 + transpose / 2


def semidefinite_eigenvalues(eigenvalues: Array, name: str) -> Array:
    """Eigenvalues of a matrix that must be positive semidefinite; those at rounding level become 0.

    The relative cutoff 2 max(p, 8) eps covers what rounding a singular matrix does to its zero eigenvalues.
    """
    largest = np.abs(eigenvalues).max()
    smallest = eigenvalues.min()
    if smallest < -SEMIDEFINITE_TOLERANCE * largest:
        raise ValueError(f"{name} must be positive semidefinite, got the eigenvalue {float(smallest):.6g}")
    return np.where(eigenvalues <= zero_cutoff(eigenvalues.size) * largest, 0.0, eigenvalues)


def zero_cutoff(size: int) -> float:
    """Relative size below which an eigenvalue of a size x size matrix cannot be told from 0."""
    return 2 * max(size, 8) * EPS


def squared_norm(array: Array) -> float:
    """Sum of squares, in one pass at the speed of memory; silently infinite or 0 where it over- or underflows."""
    flat = array.ravel(order="K")
    return float(np.vdot(flat, flat))


def _all_finite(array: Array) -> bool:
    # The sum of squares is quicker; if it overflows, the numbers have to be looked at.
    return math.isfinite(squared_norm(array)) or bool(np.isfinite(array).all())


def _as_float64(value: Any, name: str) -> Array:
    array = _as_array(value, name)
    if array.dtype.kind == "O" and column_names(value) is not None:
        return _frame_as_float64(array, name, value)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers, got {array.dtype.name} values: {shown(value)}")
    with np.errstate(over="ignore"):
        return array.astype(np.float64, copy=False)


def _frame_as_float64(array: Array, name: str, frame: Any) -> Array:
    """A data frame whose columns are of several kinds."""
    result = np.empty(array.shape)
    for j, label in enumerate(column_names(frame) or ()):
        for i, entry in enumerate(array[:, j]):
            if not isinstance(entry, (numbers.Real, np.bool_)):
                raise TypeError(
                    f"{name} must hold real numbers, got {shown(entry)} in column {label!r}, row {i}"
                )
            result[i, j] = entry
    return result


def _as_array(value: Any, name: str) -> Array:
    if hasattr(value, "toarray") or hasattr(value, "matvec"):
        raise TypeError(f"{name} must be a dense array here, got {shown(value)}")
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} must be a plain array, got a masked one: {shown(value)}")
    try:
        return np.asarray(value)
    except ValueError:
        raise ValueError(
            f"{name} must be a regular array, got rows of unequal length: {shown(value)}"
        ) from None


def _fits(shape: tuple[int, ...], wanted: Sequence[int | None]) -> bool:
    return len(shape) == len(wanted) and all(w is None or s == w for s, w in zip(shape, wanted, strict=True))


def _dimensions(ndim: int | tuple[int, ...]) -> str:
    counts = (ndim,) if isinstance(ndim, int) else ndim
    return " or ".join(map(str, counts)) + (" dimension" if counts == (1,) else " dimensions")


def _first(array: Array, bad: Array, names: tuple[str, ...] | None = None) -> str:
    if array.ndim == 0:
        return repr(float(array))
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    if names is not None and len(index) == 2:
        return f"{float(array[index])!r} in column {names[index[1]]!r}, row {index[0]}"
    return f"{float(array[index])!r} at index {index[0] if len(index) == 1 else index}"
