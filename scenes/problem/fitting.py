"""From the fields of `[problem]` to a problem: data are read, a model is fitted, what is not said is chosen."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import wdmath
from lecture.edition import Reading
from lecture.fields import Values, shown
from lecture.stage.glyphs import missing_glyphs
from wdmath import LogisticRisk, QuadraticRisk, SoftmaxRisk

from .fields import MOST_PARAMETERS
from .problem import Problem, round_number
from .table import DataError, Table, as_number, column_names, inside, listed, read_table

__all__ = ["read"]

MOST_CLASSES = 20
MOST_CLASSIFIED = 200_000  # values: rows times features times classes
SMALLEST, LARGEST = 1e-6, 1e9
MOST_KEPT = 1_000_000  # values of the data that travel with the problem
_OF_DATA = (
    "data",
    "features",
    "target",
    "positive",
    "degree",
    "missing",
    "decimal",
    "standardize",
    "intercept",
)
_CHOICES = ("lam_zigzag", "lams_compared", "step_size", "steps", "start")


class _Fit(NamedTuple):
    """A risk and where it came from."""

    risk: QuadraticRisk
    names: tuple[str, ...]
    X: np.ndarray | None = None
    y: np.ndarray | None = None


def read(fields: Values) -> Reading:
    """The problem that the fields describe, the files that were read for it, and remarks for its user.

    Raises
    ------
    LectureError
        In one sentence.
    """
    inputs: tuple[Path, ...] = ()
    remarks: list[str] = []
    standard: dict[str, Any] = {}
    if fields.given("hessian", "minimizer"):
        fit, name = _given(fields), fields.get("name", "")
    elif fields.get("data", "i2ml") == "i2ml":
        fit, name = _built_in(fields), fields.get("name", "I2ML")
        i2ml = Problem.i2ml()
        if np.array_equal(fit.risk.hessian, i2ml.risk.hessian):
            standard = {choice: getattr(i2ml, choice) for choice in ("lam", *_CHOICES)}
    else:
        fit, inputs, dropped = _from_file(fields)
        if dropped:
            rows = "1 row" if dropped == 1 else f"{dropped} rows"
            remarks.append(f"{inputs[0].name}: {rows} with missing values left out")
        name = fields.get("name", inputs[0].stem[:80])
    if fields.given("parameters") and not fields.given("hessian"):
        raise fields.fail("parameters", "a column's name is its parameter's name; leave this out")
    _check_size(fields, fit.risk)
    choices = {choice: fields.get(choice, standard.get(choice)) for choice in _CHOICES}
    weak, strong = choices["lams_compared"] or (0.0, 1.0)
    if weak >= strong:
        raise fields.fail("lams_compared", f"the weaker penalty is wanted first, but {[weak, strong]} came")
    kept = fit.X is not None and fit.X.size <= MOST_KEPT
    try:
        problem = Problem.from_risk(
            fit.risk,
            name=name,
            parameters=fit.names,
            plane=_plane(fields, fit),
            lam=_lam(fields, fit, standard.get("lam")),
            X=fit.X if kept else None,
            y=fit.y if kept else None,
            **choices,
        )
    except ValueError as error:
        where = "plane" if fields.given("plane") else "hessian" if fields.given("hessian") else "features"
        raise fields.fail(where, error) from None
    _check_size(fields, problem.risk)
    remarks += [_undrawable(name, k) for k, name in enumerate(problem.parameters) if missing_glyphs(name)]
    return Reading(problem, inputs, tuple(remarks))


def _undrawable(name: str, axis: int) -> str:
    return (
        f"no font here has the characters {' '.join(missing_glyphs(name)[:10])} of {shown(name)}, so that axis is "
        f"called {('θ₁', 'θ₂')[axis]}; install one that does, such as Debian's fonts-noto-core or fonts-noto-cjk"
    )


def _check_size(fields: Values, risk: QuadraticRisk) -> None:
    """Numbers of a size that can be written on screen."""
    steep, length = float(risk.eigenvalues[0]), float(np.linalg.norm(risk.minimizer))
    where = "hessian" if fields.given("hessian") else "features"
    for what, value in (("the largest eigenvalue", steep), ("the minimizer's length", length)):
        if value and not SMALLEST <= value <= LARGEST:
            remedy = "choose other units" if where == "hessian" else "try standardize = true, or other units"
            raise fields.fail(
                where, f"{what} is {value:.3g}; {SMALLEST:g} to {LARGEST:g} can be shown: {remedy}"
            )


def _plane(fields: Values, fit: _Fit) -> Any:
    """The plane that is asked for, by names as they are shown."""
    plane = fields.get("plane")
    p = fit.risk.dimension
    if plane is None or isinstance(plane[0], int):
        if plane is not None and max(plane) > p:
            raise fields.fail(
                "plane", f"two different directions from 1 to {p} are wanted, but {list(plane)} came"
            )
        return plane
    names = fit.names or ("x1", "x2")
    for name in plane:
        if _label(name) not in names:
            raise fields.fail("plane", f"there is no parameter {shown(name)} (parameters: {listed(names)})")
    return tuple(_label(name) for name in plane)


def _lam(fields: Values, fit: _Fit, standard: float | None) -> float | None:
    """The penalty strength; None for a visible one."""
    lam = fields.get("lam", standard)
    if lam == "visible":
        return None
    if lam != "leave_one_out":
        return lam
    if fit.X is None or fit.y is None:
        raise fields.fail("lam", '"leave_one_out" needs least squares on data; give a number, or "visible"')
    steep = float(fit.risk.eigenvalues[0])
    lams = [0.0, *(round_number(steep * 10.0 ** (k / 3)) for k in range(-18, 10))]
    lams = sorted(set(lams))
    # The rows are centered already: what is left of an intercept is one more parameter fitted without penalty.
    selection = wdmath.ridge_selection(
        fit.X,
        fit.y,
        lams,
        scale=_scale(fields, len(fit.y)),
        intercept=fields.get("intercept", bool(fields.get("data", "i2ml") != "i2ml")),
    )
    errors = np.where(np.isfinite(selection.leave_one_out), selection.leave_one_out, np.inf)
    return float(lams[int(errors.argmin())])


def _scale(fields: Values, n: int) -> float:
    return {"sum": 1.0, "half_sum": 0.5, "mean": 1 / n, "half_mean": 0.5 / n}[fields.get("scale", "sum")]


def _given(fields: Values) -> _Fit:
    for name in fields.given("model", "scale", *_OF_DATA):
        raise fields.fail(name, "give either data or a hessian and a minimizer, not both")
    rows, minimizer = fields.get("hessian"), fields.get("minimizer")
    if rows is None or minimizer is None:
        missing = "hessian" if rows is None else "minimizer"
        raise fields.fail(missing, "a hessian and a minimizer are wanted together")
    p = len(minimizer)
    if len(rows) != p or any(len(row) != p for row in rows):
        raise fields.fail("hessian", f"{p} rows of {p} numbers are wanted, as the minimizer has {p}")
    names = fields.get("parameters", ())
    if names and len(names) != p:
        raise fields.fail(
            "parameters", f"{p} names are wanted, as the minimizer has {p}, but {len(names)} came"
        )
    try:
        return _Fit(QuadraticRisk(np.array(rows), np.array(minimizer)), tuple(map(_label, names)))
    except ValueError as error:
        raise fields.fail("hessian", error) from None


def _built_in(fields: Values) -> _Fit:
    X, y = wdmath.load_i2ml()
    columns = {"x1": X[:, 0], "x2": X[:, 1], "y": y}
    features, target = fields.get("features", ("x1", "x2")), fields.get("target", "y")
    for field, name in (*(("features", f) for f in features), ("target", target)):
        if name not in columns:
            raise fields.fail(field, f"there is no column {shown(name)} in i2ml (columns: x1, x2, y)")
    if fields.get("model", "least_squares") != "least_squares":
        raise fields.fail("model", 'i2ml holds no classes; "least_squares" is wanted')
    table = Table({name: columns[name] for name in (*features, target)}, {}, 0)
    fit = _least_squares(fields, *_features(fields, table), table.numbers[target], intercept=False)
    return fit._replace(names=()) if features == ("x1", "x2") else fit


def _from_file(fields: Values) -> tuple[_Fit, tuple[Path, ...], int]:
    """The fit, the file that was read, and how many of its rows were dropped."""
    model = fields.get("model", "least_squares")
    try:
        path = inside(fields.path.parent, fields.get("data"))
        for name in ("features", "target"):
            if not fields.given(name):
                raise fields.fail(name, f"this is wanted with a file (columns: {listed(column_names(path))})")
        features, target = fields.get("features"), fields.get("target")
        if target in features:
            raise fields.fail("target", f"a column that is no feature is wanted, but {shown(target)} came")
        classes = model != "least_squares"
        table = read_table(
            path,
            features if classes else (*features, target),
            (target,) if classes else (),
            missing=fields.get("missing", "refuse"),
            decimal=fields.get("decimal", "."),
        )
    except DataError as error:
        told = str(error)
        if model == "least_squares" and f"column {shown(fields.get('target'))}: a number is wanted" in told:
            told += '; for classes, model = "logistic" or "softmax" is there'
        raise fields.fail("data", told) from None
    X, names = _features(fields, table)
    intercept = fields.get("intercept", True)
    if classes:
        return (
            _classification(fields, X, names, table.texts[target], intercept=intercept),
            (path,),
            table.dropped,
        )
    if fields.given("positive"):
        raise fields.fail("positive", 'this is for model = "logistic"')
    fit = _least_squares(fields, X, names, table.numbers[target], intercept=intercept)
    return fit, (path,), table.dropped


def _features(fields: Values, table: Table) -> tuple[np.ndarray, tuple[str, ...]]:
    """The columns of the design, and what they are called."""
    features = fields.get("features", ("x1", "x2"))
    columns = [table.numbers[name] for name in features]
    names = [_label(name) for name in features]
    degree = fields.get("degree")
    if degree:
        if len(columns) != 1:
            raise fields.fail("degree", f"one feature is wanted for its powers, but {len(columns)} came")
        columns = [columns[0] ** k for k in range(1, degree + 1)]
        names = [names[0], *(names[0] + _raised(k) for k in range(2, degree + 1))]
    if len(set(names)) < len(names):
        raise fields.fail("features", "two columns are called the same on screen; rename one")
    X = np.column_stack(columns)
    if len(X) < 2:
        raise fields.fail("data", "two rows or more are wanted, but 1 came")
    if fields.get("standardize", False):
        mean = X.mean(axis=0)
        spread = np.sqrt(((X - mean) ** 2).mean(axis=0))
        flat = spread <= 1e-12 * np.abs(X).max(axis=0)
        if flat.any():
            name = names[int(flat.argmax())]
            raise fields.fail("standardize", f"the column {shown(name)} is constant; leave it out")
        X = (X - mean) / spread
    return X, tuple(names)


def _least_squares(
    fields: Values, X: np.ndarray, names: tuple[str, ...], y: np.ndarray, *, intercept: bool
) -> _Fit:
    if fields.get("intercept", intercept):
        # A free intercept is the same as centered columns.
        X, y = X - X.mean(axis=0), y - y.mean()
    if X.shape[1] < 2:
        raise fields.fail(
            "features", "two or more are wanted for pictures in the plane, or one with a degree"
        )
    try:
        return _Fit(QuadraticRisk.from_least_squares(X, y, scale=_scale(fields, len(y))), names, X, y)
    except (ValueError, np.linalg.LinAlgError) as error:
        raise fields.fail("features", error) from None


def _classification(
    fields: Values, X: np.ndarray, names: tuple[str, ...], labels: list[str], *, intercept: bool
) -> _Fit:
    """The Taylor model of logistic or softmax regression at its minimizer, the intercepts always at their best."""
    model, target = fields.get("model"), fields.get("target")
    classes = sorted(set(labels), key=_by_number)
    if model == "logistic" and len(classes) != 2:
        raise fields.fail(
            "target", f"two classes are wanted, but {shown(target)} has {len(classes)}: {listed(classes)}"
        )
    if not 2 <= len(classes) <= MOST_CLASSES:
        raise fields.fail(
            "target", f"2 to {MOST_CLASSES} classes are wanted, but {shown(target)} has {len(classes)}"
        )
    if X.size * len(classes) > MOST_CLASSIFIED:
        raise fields.fail(
            "data",
            f"rows times features times classes is {X.size * len(classes)}; up to {MOST_CLASSIFIED} are fitted",
        )
    if model == "logistic":
        positive = fields.get("positive", classes[-1])
        if positive not in classes:
            raise fields.fail(
                "positive", f"one of the classes {listed(classes)} is wanted, but {shown(positive)} came"
            )
        loss: Any = LogisticRisk(
            X,
            np.array([label == positive for label in labels], int),
            scale=_scale(fields, len(labels)),
            intercept=intercept,
        )
        shape: tuple[int, ...] = (1, loss.dimension)
        if X.shape[1] < 2:
            raise fields.fail(
                "features", "two or more are wanted for pictures in the plane, or one with a degree"
            )
    else:
        if fields.given("positive"):
            raise fields.fail("positive", 'this is for model = "logistic"')
        numbers = {label: k for k, label in enumerate(classes)}
        y = np.array([numbers[label] for label in labels])
        loss = SoftmaxRisk(X, y, scale=_scale(fields, len(labels)), intercept=intercept)
        shape = loss.shape
        names = tuple(f"{_label(label)}: {name}" for label in classes for name in names)
    if len(names) > MOST_PARAMETERS:
        raise fields.fail(
            "features", f"up to {MOST_PARAMETERS} parameters can be shown, but {len(names)} came"
        )
    try:
        theta = loss.ridge_path(0.0)
        # Softmax weights are free up to a shift that is common to all classes: the shortest ones.
        theta = (
            theta.reshape(shape) - (theta.reshape(shape).mean(axis=0) if model == "softmax" else 0)
        ).ravel()
        model_risk = QuadraticRisk.from_taylor(loss, theta)
    except np.linalg.LinAlgError:
        raise fields.fail(
            "features", "no minimizer was found; try standardize = true, or fewer features"
        ) from None
    except ValueError:
        raise fields.fail(
            "features",
            f"these columns tell the classes of {shown(target)} apart without error, so the risk has no minimizer; "
            "take fewer features",
        ) from None
    weights = loss.penalized
    return _Fit(_at_best(model_risk, weights) if intercept else model_risk, names)


def _at_best(risk: QuadraticRisk, keep: np.ndarray) -> QuadraticRisk:
    """The risk of some of the parameters when the others are always at their best: a Schur complement."""
    H = risk.hessian
    cross = H[np.ix_(keep, ~keep)]
    hessian = (
        H[np.ix_(keep, keep)] - cross @ np.linalg.pinv(H[np.ix_(~keep, ~keep)], hermitian=True) @ cross.T
    )
    values, vectors = np.linalg.eigh((hessian + hessian.T) / 2)
    # What the shift of softmax makes zero is not negative by rounding.
    values = np.where(values < 1e-10 * values.max(), 0.0, values)
    hessian = (vectors * values) @ vectors.T
    return QuadraticRisk((hessian + hessian.T) / 2, risk.minimizer[keep], risk.constant)


def _by_number(label: str) -> tuple[bool, float, str]:
    """Classes in the order of their numbers, or of the alphabet."""
    number = as_number(label)
    return (True, 0.0, label) if np.isnan(number) else (False, number, label)


def _label(name: str) -> str:
    """A name as it is shown: on one line, without what steers a terminal or turns the direction of writing."""
    kept = "".join(
        c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs") or c in "\u200c\u200d"
    )
    return " ".join(unicodedata.normalize("NFC", kept).split())


def _raised(power: int) -> str:
    return "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(power))
