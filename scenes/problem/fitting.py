"""From the fields of `[problem]` to a problem: data are read, a model is fitted, what is not said is chosen."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import wdmath
from lecture.edition import Reading
from lecture.fields import Values, shown
from lecture.stage.glyphs import missing_glyphs
from lecture.words import Message, _, fill
from wdmath import QuadraticRisk

from .cells import numeral
from .fields import MOST_PARAMETERS
from .matrices import read_matrix
from .models import MODELS, Model
from .problem import Data, Problem, round_number, visible_lam
from .survey import MOST_CLASSES, MOST_LEVELS
from .table import DataError, Format, Table, column_names, inside, listed, read_table

__all__ = ["read"]

MOST_CLASSIFIED = 200_000  # values: rows times features times classes
SMALLEST, LARGEST = 1e-100, 1e100  # squares of these, and sums of them, can be computed with
MOST_KEPT = 1_000_000  # values of the data that travel with the problem
FLAT = 1000.0  # ratio of eigenvalues from which contours look like lines
_READING = ("missing", "decimal", "delimiter", "encoding", "sheet", "columns")
_OF_DATA = ("data", "features", "target", "positive", "degree", *_READING, "standardize", "intercept")
_CHOICES = ("lam_zigzag", "lams_compared", "step_size", "steps", "start")


class _Design(NamedTuple):
    """What a model is fitted to.

    Attributes
    ----------
    X : ndarray of shape (n, p)
    names : tuple of str
        Of its columns, as they are shown.
    target : ndarray of shape (n,), or list of str
    data : Data
    remarks : tuple of Message
        How the file was understood.
    """

    X: np.ndarray
    names: tuple[str, ...]
    target: Any
    data: Data
    remarks: tuple[Message, ...]


class _Fit(NamedTuple):
    """A risk and where it came from."""

    risk: QuadraticRisk
    names: tuple[str, ...]
    X: np.ndarray | None = None
    y: np.ndarray | None = None
    data: Data | None = None
    remarks: tuple[Message, ...] = ()
    loss: Any = None
    expanded_at: np.ndarray | None = None
    lam: float | None = None  # the penalty that it was expanded with, where there is no minimizer without


def read(fields: Values) -> Reading:
    """The problem that the fields describe, the files that were read for it, and remarks for its user.

    Raises
    ------
    LectureError
        In one sentence.
    """
    inputs: tuple[Path, ...] = ()
    standard: dict[str, Any] = {}
    if fields.given("hessian", "minimizer"):
        (fit, inputs), name = _given(fields), fields.get("name", "")
    elif fields.get("data", "i2ml") == "i2ml":
        fit, name = _built_in(fields), fields.get("name", "I2ML")
        i2ml = Problem.i2ml()
        if np.array_equal(fit.risk.hessian, i2ml.risk.hessian):
            standard = {choice: getattr(i2ml, choice) for choice in ("lam", *_CHOICES)}
            fit = fit._replace(names=(), data=None)
    else:
        fit, inputs = _from_file(fields)
        name = fields.get("name", inputs[0].stem[:80])
    if fields.given("parameters") and not fields.given("hessian"):
        raise fields.fail(
            "parameters", "a column's name is its parameter's name; labels gives it a shorter one"
        )
    _check_size(fields, fit.risk)
    choices = {choice: fields.get(choice, standard.get(choice)) for choice in _CHOICES}
    weak, strong = choices["lams_compared"] or (0.0, 1.0)
    if weak >= strong:
        raise fields.fail("lams_compared", f"expected the weaker penalty first, got {[weak, strong]}")
    kept = fit.X is not None and fit.X.size <= MOST_KEPT
    lam, at_the_end = _lam(fields, fit, standard.get("lam"))
    try:
        problem = Problem.from_risk(
            fit.risk,
            name=name,
            parameters=fit.names,
            plane=_plane(fields, fit),
            lam=lam,
            X=fit.X if kept else None,
            y=fit.y if kept else None,
            is_fitted=fit.data is not None,
            data=fit.data,
            loss=fit.loss,
            expanded_at=fit.expanded_at,
            is_separable=fit.lam is not None,
            **choices,
        )
    except ValueError as error:
        where = "plane" if fields.given("plane") else "hessian" if fields.given("hessian") else "features"
        raise fields.fail(where, error) from None
    _check_size(fields, problem.risk)
    problem = replace(problem, remarks=(*fit.remarks, *at_the_end, *_remarks(fields, problem)))
    return Reading(problem, inputs, tuple(map(fill, problem.remarks)))


def _remarks(fields: Values, problem: Problem) -> list[Message]:
    """What its user should know of a problem."""
    remarks = [_undrawable(name, k) for k, name in enumerate(problem.parameters) if missing_glyphs(name)]
    if problem.is_separable:
        remarks.append(
            _(
                "the classes can be told apart without error, so that the risk has no minimizer: without a penalty the "
                "weights would grow without bound; the lecture shows the model around the penalized minimizer"
            )
        )
    steep, flat = problem.risk.eigenvalues
    if flat and steep > FLAT * flat:
        ratio = {"steep": f"{steep:.6g}", "flat": f"{flat:.6g}"}
        if problem.data is None:
            remarks.append(
                _("the eigenvalues are {steep} : {flat}, so that contours look like lines").format(**ratio)
            )
        elif problem.data.standardized:
            remarks.append(
                _(
                    "the eigenvalues are {steep} : {flat}, so that contours look like lines: some features say almost "
                    "the same"
                ).format(**ratio)
            )
        else:
            remarks.append(
                _(
                    "the eigenvalues are {steep} : {flat}, so that contours look like lines; standardize = true takes "
                    "the units out of it"
                ).format(**ratio)
            )
    return remarks


def _undrawable(name: str, axis: int) -> Message:
    return _(
        "no font here has the characters {characters} of {name}, so that axis is called {axis}; install one that does, "
        "such as Debian's fonts-noto-core or fonts-noto-cjk, or give it another name with labels"
    ).format(characters=" ".join(missing_glyphs(name)[:10]), name=shown(name), axis=("θ₁", "θ₂")[axis])


def _check_size(fields: Values, risk: QuadraticRisk) -> None:
    """Numbers of a size that can be computed with."""
    steep, length = float(risk.eigenvalues[0]), float(np.linalg.norm(risk.minimizer))
    where = "hessian" if fields.given("hessian") else "features"
    for what, value in (("the largest eigenvalue", steep), ("the minimizer's length", length)):
        if value and not SMALLEST <= value <= LARGEST:
            remedy = "choose other units" if where == "hessian" else _remedy(fields)
            raise fields.fail(
                where, f"{what} is {value:.3g}; {SMALLEST:g} to {LARGEST:g} can be shown: {remedy}"
            )


def _remedy(fields: Values) -> str:
    """What helps against columns of unlike sizes, unless it is in force already."""
    return (
        "choose other units" if fields.get("standardize", False) else "try standardize = true, or other units"
    )


def _plane(fields: Values, fit: _Fit) -> Any:
    """The plane that is asked for, by names as they are shown."""
    plane = fields.get("plane")
    p = fit.risk.dimension
    if plane is None or isinstance(plane[0], int):
        if plane is not None and max(plane) > p:
            raise fields.fail("plane", f"expected two different directions from 1 to {p}, got {list(plane)}")
        return plane
    names = fit.names or ("x1", "x2")
    chosen = []
    for name in plane:
        known = [k for k in (_labeled(fields, name), _clean(name)) if k in names]
        if not known:
            raise fields.fail("plane", f"there is no parameter {shown(name)} (parameters: {listed(names)})")
        chosen.append(known[0])
    return tuple(chosen)


def _lam(fields: Values, fit: _Fit, standard: float | None) -> tuple[float | None, list[Message]]:
    """The penalty strength, None for a visible one; and a remark where it lies at the end of what was tried."""
    lam = fields.get("lam", standard)
    if fit.lam is not None:
        return fit.lam, []
    if lam == "visible":
        return None, []
    if lam != "leave_one_out":
        return lam, []
    if fit.X is None or fit.y is None:
        raise fields.fail("lam", '"leave_one_out" needs least squares on data; give a number, or "visible"')
    X, y, risk = fit.X, fit.y, fit.risk
    plane = _plane(fields, fit)
    if plane is not None and isinstance(plane[0], str) and risk.dimension > 2:
        # Of a slice, the errors of a slice.
        part = Problem.from_risk(risk, parameters=fit.names, plane=plane, X=X, y=y)
        (X, y), risk = part.rows or (X, y), part.risk
    steep = float(risk.eigenvalues[0])
    lams = sorted({0.0, *(round_number(steep * 10.0 ** (k / 3)) for k in range(-36, 13))})
    # The rows are centered already: what is left of an intercept is one more parameter fitted without penalty.
    selection = wdmath.ridge_selection(
        X,
        y,
        lams,
        scale=_scale(fields, len(y)),
        intercept=fields.get("intercept", bool(fields.get("data", "i2ml") != "i2ml")),
    )
    errors = np.where(np.isfinite(selection.leave_one_out), selection.leave_one_out, np.inf)
    best = int(errors.argmin())
    remarks = []
    if best == 0:
        remarks.append(_("leave-one-out finds no penalty that helps: λ = 0, the lower end of those tried"))
    elif best == len(lams) - 1:
        remarks.append(
            _(
                "leave-one-out wants the largest penalty tried, λ = {lam}: hardly anything can be learned here"
            ).format(lam=f"{lams[best]:g}")
        )
    return float(lams[best]), remarks


def _scale(fields: Values, n: int) -> float:
    return {"sum": 1.0, "half_sum": 0.5, "mean": 1 / n, "half_mean": 0.5 / n}[fields.get("scale", "sum")]


def _given(fields: Values) -> tuple[_Fit, tuple[Path, ...]]:
    for name in fields.given("model", "scale", *_OF_DATA):
        raise fields.fail(name, "expected either data, or a hessian and a minimizer, not both")
    inputs: list[Path] = []
    arrays = {}
    for name in ("hessian", "minimizer"):
        value = fields.get(name)
        if value is None:
            raise fields.fail(name, "expected a hessian and a minimizer together")
        if isinstance(value, str):
            try:
                path = inside(fields.path.parent, value)
                arrays[name] = read_matrix(path, vector=name == "minimizer")
            except DataError as error:
                raise fields.fail(name, error) from None
            inputs.append(path)
        else:
            arrays[name] = value
    rows, minimizer = arrays["hessian"], arrays["minimizer"]
    p = len(minimizer)
    if not 2 <= p <= MOST_PARAMETERS:
        raise fields.fail("minimizer", f"expected 2 to {MOST_PARAMETERS} numbers, got {p}")
    if len(rows) != p or any(len(row) != p for row in rows):
        raise fields.fail("hessian", f"expected {p} rows of {p} numbers, as the minimizer has {p}")
    names = fields.get("parameters", ())
    if names and len(names) != p:
        raise fields.fail("parameters", f"expected {p} names, as the minimizer has {p}, got {len(names)}")
    try:
        risk = QuadraticRisk(np.array(rows, float), np.array(minimizer, float))
    except ValueError as error:
        raise fields.fail("hessian", error) from None
    labels = tuple(_labeled(fields, name) for name in names)
    if len(set(labels)) < len(labels):
        raise fields.fail("parameters", "two are called the same on screen; rename one")
    return _Fit(risk, labels), tuple(inputs)


# Data.


def _built_in(fields: Values) -> _Fit:
    for name in fields.given(*_READING):
        raise fields.fail(name, "i2ml is no file; leave this out")
    X, y = wdmath.load_i2ml()
    columns = {"x1": X[:, 0], "x2": X[:, 1], "y": y}
    features, target = fields.get("features", ("x1", "x2")), fields.get("target", "y")
    for field, name in (*(("features", f) for f in features), ("target", target)):
        if name not in columns:
            raise fields.fail(field, f"there is no column {shown(name)} in i2ml (columns: x1, x2, y)")
    if fields.get("model", "least_squares") != "least_squares":
        raise fields.fail("model", 'i2ml holds no classes; expected "least_squares"')
    table = Table({name: columns[name] for name in (*features, target)}, {}, 0)
    return _least_squares(
        fields, _design(fields, MODELS["least_squares"], table, features, target, "i2ml", False)
    )


def _from_file(fields: Values) -> tuple[_Fit, tuple[Path, ...]]:
    """The fit, and the file that was read."""
    model = MODELS[fields.get("model", "least_squares")]
    given = Format(
        *(fields.get(name, default) for name, default in zip(Format._fields, Format(), strict=True))
    )
    try:
        path = inside(fields.path.parent, fields.get("data"))
        for name in ("features", "target"):
            if not fields.given(name):
                names = listed(column_names(path, given))
                raise fields.fail(name, f"this is needed with a file (columns: {names})")
        features, target = fields.get("features"), fields.get("target")
        if target in features:
            raise fields.fail("target", f"expected a column that is no feature, got {shown(target)}")
        table = read_table(
            path,
            () if model.has_classes else (target,),
            (target,) if model.has_classes else (),
            features,
            missing=fields.get("missing", "refuse"),
            decimal=fields.get("decimal", "auto"),
            given=given,
        )
    except DataError as error:
        told = str(error)
        if not model.has_classes and f"column {shown(fields.get('target'))}: expected a number" in told:
            told += '; for classes there are model = "logistic" and "softmax"'
        raise fields.fail("data", told) from None
    intercept = fields.get("intercept", True)
    design = _design(fields, model, table, features, target, path.name, intercept)
    if fields.given("positive") and model.target != "two classes":
        raise fields.fail("positive", 'this is for model = "logistic"')
    fit = _least_squares(fields, design) if not model.risk else _taylor(fields, model, design)
    return fit, (path,)


def _design(
    fields: Values,
    model: Model,
    table: Table,
    features: Sequence[str],
    target: str,
    file: str,
    intercept: bool,
) -> _Design:
    """The columns of the design, and what they are called."""
    intercept = fields.get("intercept", intercept)
    columns: list[np.ndarray] = []
    names: list[str] = []
    for name in features:
        if name in table.numbers:
            columns.append(table.numbers[name])
            names.append(_labeled(fields, name))
        else:
            indicators = _indicators(fields, name, table.texts[name], intercept)
            columns += indicators.values()
            names += indicators
    degree = fields.get("degree")
    if degree:
        if len(columns) != 1:
            raise fields.fail("degree", f"expected one feature for its powers, got {len(columns)}")
        columns = [columns[0] ** k for k in range(1, degree + 1)]
        names = [names[0], *(names[0] + _raised(k) for k in range(2, degree + 1))]
    if len(set(names)) < len(names):
        raise fields.fail(
            "features", "two columns are called the same on screen; rename one, or give it a label"
        )
    X = np.column_stack(columns)
    if len(X) < 2:
        raise fields.fail("data", "expected two rows or more, got 1")
    if not np.isfinite(X).all() or np.abs(X).max() > LARGEST:
        raise fields.fail(
            "degree", f"powers up to {np.abs(X).max():.3g} are too large; take a smaller degree"
        )
    standardize = fields.get("standardize", False)
    if standardize:
        X = _standardized(fields, X, names)
    data = Data(
        file,
        target,
        model.name,
        tuple(features),
        len(X),
        table.dropped,
        standardized=standardize,
        intercept=intercept,
        scale=fields.get("scale", "sum"),
    )
    y = table.texts[target] if model.has_classes else table.numbers[target]
    return _Design(X, tuple(names), y, data, table.remarks)


def _indicators(fields: Values, name: str, texts: list[str], intercept: bool) -> dict[str, np.ndarray]:
    """A column of 0 and 1 for each level of a text; but for the first one where an intercept stands for it."""
    levels = sorted(set(texts), key=_by_number)
    if len(levels) > MOST_LEVELS:
        raise fields.fail(
            "features",
            f"the column {shown(name)} holds {len(levels)} different texts; up to {MOST_LEVELS} can become features",
        )
    if len(levels) == 1:
        raise fields.fail(
            "features", f"the column {shown(name)} is {shown(levels[0])} in every row; leave it out"
        )
    label = _labeled(fields, name)
    made = {}
    for level in levels[int(intercept) :]:
        called = fields.get("labels", {}).get(f"{level} of {name}") or f"{_labeled(fields, level)} of {label}"
        made[_clean(called)] = np.array([float(text == level) for text in texts])
    return made


def _standardized(fields: Values, X: np.ndarray, names: Sequence[str]) -> np.ndarray:
    size = np.abs(X).max(axis=0)
    X = X / np.where(size > 0, size, 1.0)  # squares of what is very large or small
    mean = X.mean(axis=0)
    spread = np.sqrt(((X - mean) ** 2).mean(axis=0))
    flat = spread <= 1e-12
    if flat.any():
        name = names[int(flat.argmax())]
        raise fields.fail("standardize", f"the column {shown(name)} is constant; leave it out")
    return (X - mean) / spread


# Models.


def _least_squares(fields: Values, design: _Design) -> _Fit:
    X, names, y, data, remarks = design
    _require_two(fields, X.shape[1])
    try:
        risk = QuadraticRisk.from_least_squares(X, y, scale=_scale(fields, len(y)), intercept=data.intercept)
    except (ValueError, np.linalg.LinAlgError) as error:
        raise fields.fail("features", error) from None
    if data.intercept:
        # A free intercept is the same as centered columns.
        X, y = X - X.mean(axis=0), y - y.mean()
    return _Fit(risk, names, X, y, data, remarks)


def _require_two(fields: Values, count: int) -> None:
    if count < 2:
        raise fields.fail("features", "expected two or more for pictures in the plane, or one with a degree")


def _taylor(fields: Values, model: Model, design: _Design) -> _Fit:
    """The Taylor model of a risk at its minimizer, the intercepts always at their best."""
    X, names, target, data, remarks = design
    y, classes = _numbered_target(fields, model, target)
    count = len(classes) if model.weights_per_class else 1
    if X.size * count > MOST_CLASSIFIED:
        raise fields.fail(
            "data",
            f"rows times features times classes is {X.size * count}; up to {MOST_CLASSIFIED} are fitted",
        )
    if model.weights_per_class:
        names = tuple(f"{name} for {_labeled(fields, label)}" for label in classes for name in names)
    _require_two(fields, len(names))
    if len(names) > MOST_PARAMETERS:
        raise fields.fail("features", f"up to {MOST_PARAMETERS} parameters can be shown, got {len(names)}")
    data = replace(data, classes=classes)
    if data.intercept:
        X = X - X.mean(axis=0)  # the weights are the same, and nothing is lost to large means
    lam = None
    try:
        loss = model.loss(X, y, _scale(fields, len(y)), data.intercept)
        try:
            theta = loss.ridge_path(0.0)
        except ValueError:  # it has no minimizer
            lam = _separating_lam(fields, model, loss, data, count)
            theta = loss.ridge_path(lam)
        risk, theta = _reduced(loss, theta, data.intercept, count)
    except np.linalg.LinAlgError:
        raise fields.fail(
            "features", f"no minimizer was found; {_remedy(fields)}, or take fewer features"
        ) from None
    except ValueError as error:
        raise fields.fail("features", error) from None
    if lam is not None and not risk.eigenvalues[0]:
        raise fields.fail("lam", f"at λ = {lam:g} the risk is flat to rounding; take a larger one")
    return _Fit(risk, names, data=data, remarks=remarks, loss=loss, expanded_at=theta, lam=lam)


def _numbered_target(fields: Values, model: Model, target: Any) -> tuple[np.ndarray, tuple[str, ...]]:
    """The target in numbers, and its classes if it has any."""
    name = fields.get("target")
    if not model.has_classes:
        if model.target == "counts" and (target < 0).any():
            raise fields.fail("target", f"expected counts, but {shown(name)} has {target.min():g}")
        return target, ()
    classes = sorted(set(target), key=_by_number)
    if model.target == "two classes" and len(classes) != 2:
        raise fields.fail(
            "target", f"expected two classes, but {shown(name)} has {len(classes)}: {listed(classes)}"
        )
    if not 2 <= len(classes) <= MOST_CLASSES:
        raise fields.fail(
            "target", f"expected 2 to {MOST_CLASSES} classes, but {shown(name)} has {len(classes)}"
        )
    if model.target == "two classes":
        positive = fields.get("positive", classes[-1])
        if positive not in classes:
            raise fields.fail(
                "positive", f"expected one of the classes {listed(classes)}, got {shown(positive)}"
            )
        classes.sort(key=lambda label: label == positive)
    numbers = {label: k for k, label in enumerate(classes)}
    return np.array([numbers[label] for label in target]), tuple(classes)


def _separating_lam(fields: Values, model: Model, loss: Any, data: Data, count: int) -> float:
    """The penalty strength for a risk that has no minimizer without one."""
    lam = fields.get("lam")
    if lam == "leave_one_out":
        raise fields.fail("lam", '"leave_one_out" needs least squares on data; give a number, or "visible"')
    if lam not in (None, "visible"):
        if lam == 0:
            why = (
                f"the features tell the classes of {shown(data.target)} apart without error"
                if model.has_classes
                else "some combination of the features is 0 wherever the count is not, and has one sign elsewhere"
            )
            raise fields.fail("lam", f"{why}, so the risk has no minimizer without a penalty; take lam > 0")
        return float(lam)
    # Visible where the slope of the risk is what it is without any weights.
    steep = float(np.linalg.eigvalsh(loss.hessian(np.zeros(loss.dimension)))[-1])
    return visible_lam(_reduced(loss, loss.ridge_path(1e6 * steep), data.intercept, count)[0])


def _reduced(loss: Any, theta: np.ndarray, intercept: bool, count: int) -> tuple[QuadraticRisk, np.ndarray]:
    """The Taylor model of a risk at `theta`, of its weights alone, intercepts always at their best; those weights."""
    if count > 1:
        # Weights are free up to a shift that is common to all classes: the shortest ones.
        rows = theta.reshape(count, -1)
        theta = (rows - rows.mean(axis=0)).ravel()
    risk = QuadraticRisk.from_taylor(loss, theta)
    H, keep = risk.hessian, loss.penalized
    if intercept:
        cross = H[np.ix_(keep, ~keep)]
        H = H[np.ix_(keep, keep)] - cross @ np.linalg.pinv(H[np.ix_(~keep, ~keep)], hermitian=True) @ cross.T
    if count > 1:
        blocks = H.reshape(count, -1, count, H.shape[0] // count)
        blocks = blocks - blocks.mean(axis=0)
        H = (blocks - blocks.mean(axis=2, keepdims=True)).reshape(H.shape)
    return QuadraticRisk((H + H.T) / 2, risk.minimizer[keep], risk.constant), theta[keep]


# Names.


def _by_number(label: str) -> tuple[bool, float, str]:
    """Classes in the order of their numbers, or of the alphabet."""
    number = numeral(label).point
    return (True, 0.0, label) if np.isnan(number) else (False, number, label)


def _labeled(fields: Values, name: str) -> str:
    """What a column, a class or a parameter is called on screen."""
    labels = fields.get("labels", {})
    return _clean(labels.get(name) or labels.get(name.strip()) or name)


def _clean(name: str) -> str:
    """A name as it is shown: on one line, without what steers a terminal or turns the direction of writing."""
    kept = "".join(
        c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs") or c in "\u200c\u200d"
    )
    return " ".join(unicodedata.normalize("NFC", kept).split())


def _raised(power: int) -> str:
    return "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(power))
