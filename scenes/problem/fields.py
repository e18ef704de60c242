"""The fields of `[problem]`: what they may hold, their defaults, what they are for."""

from __future__ import annotations

from lecture.fields import Choice, Either, Field, Flag, ListOf, Number, Text, Whole

__all__ = ["FIELDS", "MODELS", "MOST_PARAMETERS", "SCALES"]

MOST_PARAMETERS = 300
SCALES = ("sum", "half_sum", "mean", "half_mean")
MODELS = ("least_squares", "logistic", "softmax")

_NUMBERS = ListOf(Number(), 2, MOST_PARAMETERS, f"a list of 2 to {MOST_PARAMETERS} numbers")

FIELDS = (
    Field("name", Text(most=80), "the data file's name", "What the problem is called.", "Diabetes"),
    Field(
        "data",
        Text("the name of a file beside this one"),
        "i2ml",
        "A CSV or Parquet file in the lecture's own folder, or the lecture's own data, `i2ml`.",
        "mine.csv",
    ),
    Field(
        "model",
        Choice(*MODELS),
        "least_squares",
        "What is fitted. Logistic and softmax regression become their Taylor model at the minimizer.",
        "logistic",
    ),
    Field(
        "features",
        ListOf(
            Text("the name of a column"),
            1,
            MOST_PARAMETERS,
            f"a list of 1 to {MOST_PARAMETERS} different columns",
            unlike=True,
        ),
        "needed with a file",
        "The columns to learn from, by name.",
        ["age", "bmi"],
    ),
    Field(
        "target",
        Text("the name of a column"),
        "needed with a file",
        "The column to predict: numbers, or classes for logistic and softmax regression.",
        "progression",
    ),
    Field(
        "positive",
        Text("a class of the target"),
        "the last class",
        "For logistic regression: the class that counts as 1.",
        "malignant",
    ),
    Field(
        "degree",
        Whole(2, 20),
        "no powers",
        "Fit a polynomial: the powers 1 to `degree` of the one feature.",
        6,
    ),
    Field(
        "missing",
        Choice("refuse", "drop"),
        "refuse",
        "What to do with rows in which a value is missing (empty, `NA`, `NaN`, `null`, `None`, `?`).",
        "drop",
    ),
    Field(
        "decimal",
        Choice(".", ","),
        ".",
        "What stands before the decimals in a CSV file.",
        ",",
    ),
    Field(
        "standardize",
        Flag(),
        "false",
        "Whether every feature is brought to mean 0 and standard deviation 1: its unit no longer decides how much "
        "it is penalized.",
        True,
    ),
    Field(
        "intercept",
        Flag(),
        "true with a file, false for `i2ml`",
        "Whether the model has a constant that the penalty leaves alone.",
        False,
    ),
    Field(
        "scale",
        Choice(*SCALES),
        "sum",
        "How the losses of the rows are added up; λ is measured against it. The sum of squared errors has the "
        "Hessian 2XᵀX, half their mean XᵀX/n.",
        "half_mean",
    ),
    Field(
        "hessian",
        ListOf(_NUMBERS, 2, MOST_PARAMETERS, f"a list of 2 to {MOST_PARAMETERS} rows of numbers"),
        "made from data",
        "Instead of data: the Hessian of the risk, symmetric, no eigenvalue negative.",
        [[40.0, 10.0], [10.0, 8.0]],
    ),
    Field(
        "minimizer",
        _NUMBERS,
        "made from data",
        "Instead of data: the minimizer of the risk.",
        [1.0, 2.0],
    ),
    Field(
        "parameters",
        ListOf(Text("a name"), 2, MOST_PARAMETERS, f"a list of 2 to {MOST_PARAMETERS} names", unlike=True),
        "θ₁, θ₂, …",
        "With a Hessian: what its parameters are called.",
        ["slope", "offset"],
    ),
    Field(
        "plane",
        Either(
            ListOf(Text("a parameter"), 2, 2, "a pair of different parameters", unlike=True),
            ListOf(Whole(1, MOST_PARAMETERS), 2, 2, "a pair of different eigendirections", unlike=True),
        ),
        "the two most entangled parameters",
        "With more than two parameters: the two in whose plane the pictures are drawn (the others stay at the "
        "minimizer), or two eigendirections, counted from the steepest, 1.",
        [1, 10],
    ),
    Field(
        "lam",
        Either(Number(0.0), Choice("visible", "leave_one_out")),
        "visible (50 for `i2ml`)",
        "Penalty strength of rotating and rescaling: a number, a round one whose effect can be seen, or the one with "
        "the smallest leave-one-out error (least squares).",
        50.0,
    ),
    Field(
        "lam_zigzag",
        Number(0.0),
        "a fifth of lam (10 for `i2ml`)",
        "Penalty strength under which each step of gradient descent is drawn in two halves.",
        10.0,
    ),
    Field(
        "lams_compared",
        ListOf(Number(0.0), 2, 2, "a weak and a strong penalty", unlike=True),
        "a tenth of lam, and lam (5 and 50 for `i2ml`)",
        "The two penalties shown side by side.",
        [5.0, 50.0],
    ),
    Field(
        "step_size",
        Number(positive=True),
        "below 1/(largest eigenvalue + λ) (0.005 for `i2ml`)",
        "Step size of gradient descent.",
        0.005,
    ),
    Field(
        "steps",
        Whole(1, 100_000),
        "until the flat direction has settled (100 for `i2ml`)",
        "How many steps gradient descent takes.",
        100,
    ),
    Field(
        "start",
        ListOf(Number(), 2, 2, "a pair of numbers"),
        "0, 0",
        "Where gradient descent starts, in the plane that is drawn.",
        [0.0, 0.0],
    ),
)
