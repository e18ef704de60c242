"""The fields of `[problem]`: what they may hold, their defaults, what they are for."""

from __future__ import annotations

from lecture.fields import Choice, Either, Field, Flag, ListOf, Number, TableOf, Text, Whole

from .models import MODELS

__all__ = ["FIELDS", "MOST_PARAMETERS", "SCALES"]

MOST_PARAMETERS = 300
SCALES = ("sum", "half_sum", "mean", "half_mean")

_NUMBERS = ListOf(Number(-1e100, most=1e100), 2, MOST_PARAMETERS, f"a list of 2 to {MOST_PARAMETERS} numbers")

FIELDS = (
    Field("name", Text(most=80), "the data file's name", "What the problem is called.", "Diabetes"),
    Field(
        "data",
        Text("the name of a file beside this one"),
        "i2ml",
        "A CSV file (also gzipped), an Excel workbook or a Parquet file in the lecture's own folder, or the lecture's "
        "own data, `i2ml`.",
        "mine.csv",
    ),
    Field(
        "model",
        Choice(*MODELS),
        "least_squares",
        "What is fitted. Logistic, softmax and Poisson regression become their Taylor model at the minimizer; where "
        "classes can be separated, so that there is none, at the penalized one.",
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
        "The columns to learn from, by name. One with texts of few levels becomes indicator columns, named "
        "`level of column`.",
        ["age", "bmi"],
    ),
    Field(
        "target",
        Text("the name of a column"),
        "needed with a file",
        "The column to predict: numbers, classes for logistic and softmax regression, counts for Poisson regression.",
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
        Either(
            Choice("refuse", "drop"),
            ListOf(
                Either(Text("a text"), Number()),
                1,
                100,
                "a list of what else stands for a missing value",
                unlike=True,
            ),
        ),
        "refuse",
        "What to do with rows in which a value is missing (empty, `?`, an error of Excel such as `#N/A`, and among "
        "numbers `NA`, `NaN`, `null`, `none`, `.`, `-`); or what else stands for one, and such rows are left out.",
        ["-999", "unknown"],
    ),
    Field(
        "decimal",
        Choice("auto", ".", ","),
        "auto",
        "What stands before the decimals in a file of text: by default what all rows of a column agree on.",
        ",",
    ),
    Field(
        "delimiter",
        Choice(",", ";", "\t", "|", " ", ":"),
        "judged from the file",
        "What stands between the cells of a file of text.",
        ";",
    ),
    Field(
        "encoding",
        Text("the name of an encoding", most=40),
        "judged from the file",
        "How the characters of a file of text are coded.",
        "cp1252",
    ),
    Field(
        "sheet",
        Text("the name of a sheet"),
        "the first with anything in it",
        "Which sheet of a workbook is read.",
        "Data",
    ),
    Field(
        "columns",
        ListOf(Text("a name"), 1, 10_000, "a list of different names", unlike=True),
        "the first line of the file",
        "Names of the columns of a file that has none in its first line.",
        ["sepal length", "sepal width", "species"],
    ),
    Field(
        "labels",
        TableOf(Text("a short name", most=60), 'a table such as { "column" = "short name" }'),
        "the columns' names",
        "What columns, classes and parameters are called on screen, by their names.",
        {"mean concave points": "dents"},
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
        Either(
            ListOf(_NUMBERS, 2, MOST_PARAMETERS, f"a list of 2 to {MOST_PARAMETERS} rows of numbers"),
            Text("the name of a CSV or .npy file"),
        ),
        "made from data",
        "Instead of data: the Hessian of the risk, symmetric, no eigenvalue negative; or a file that holds it.",
        [[40.0, 10.0], [10.0, 8.0]],
    ),
    Field(
        "minimizer",
        Either(_NUMBERS, Text("the name of a CSV or .npy file")),
        "made from data",
        "Instead of data: the minimizer of the risk; or a file that holds it.",
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
        "the two eigendirections along which the minimizer is longest",
        "With more than two parameters: the plane in which pictures are drawn. Two eigendirections, counted from the "
        "steepest, 1: what happens there is what happens to the whole model. Or two parameters: a slice, in which the "
        "others stay at the minimizer, unpenalized; it is told as such.",
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
