"""The models that a lecture can be fitted with: an entry each, and its risk in wdmath.

A new model touches two places: its risk there, with ``value``, ``gradient``, ``hessian``, ``ridge_path`` and
``penalized``, and an entry here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lecture.words import Message, _

__all__ = ["MODELS", "Model"]


@dataclass(frozen=True)
class Model:
    """A model.

    Attributes
    ----------
    name : str
        In lecture files.
    title : Message
        What it is called in sentences.
    target : str
        What it predicts: "numbers", "counts", "two classes" or "classes".
    risk : str
        Name of its risk in :mod:`wdmath.models`, made from X and y; empty for the quadratic risk of
        least squares itself.
    weights_per_class : bool
        Whether every class has weights of its own.
    """

    name: str
    title: Message
    target: str
    risk: str = ""
    weights_per_class: bool = False

    @property
    def has_classes(self) -> bool:
        """Whether the target is read as texts."""
        return self.target in ("two classes", "classes")

    def loss(self, X: Any, y: Any, scale: float, intercept: bool) -> Any:
        """Its risk on data."""
        from wdmath import models

        return getattr(models, self.risk)(X, y, scale=scale, intercept=intercept)


MODELS = {
    model.name: model
    for model in (
        Model("least_squares", _("least squares"), "numbers"),
        Model("logistic", _("logistic regression"), "two classes", "LogisticRisk"),
        Model("softmax", _("softmax regression"), "classes", "SoftmaxRisk", weights_per_class=True),
        Model("poisson", _("Poisson regression"), "counts", "PoissonRisk"),
    )
}
