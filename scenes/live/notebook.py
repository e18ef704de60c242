"""The live figures in a notebook: an anywidget that is given wdmath's own objects, and gives them back.

from scenes.live.notebook import LiveFigure     # installed: from wdlecture import LiveFigure

figure = LiveFigure("rotate", risk, lam=10.0)
figure            # shown
figure.risk       # as the hand has left it
figure.lam = 20.0
"""

from __future__ import annotations

from functools import cache
from typing import Any

import anywidget
import numpy as np
import traitlets
from numpy.typing import ArrayLike

import wdmath
from lecture.manifest import describe_symbols, describe_theme
from lecture.targets.common import style_of, templates
from lecture.targets.live import bundle, live_style, load_live
from lecture.targets.web import themes_of
from scenes import LECTURE
from scenes.problem.description import rows_of

from . import BELONGS_TO

__all__ = ["LiveFigure"]

# The notebook has a brightness of its own, which may change; what the hand does goes to Python once a frame.
_RENDER = """
function scheme() {
  const { jpThemeLight } = document.body.dataset;
  if (jpThemeLight !== undefined) return jpThemeLight === "true" ? "light" : "dark";
  if (document.body.classList.contains("vscode-dark")) return "dark";
  return document.body.classList.contains("vscode-light") ? "light" : "";
}
export default {
  render({ model, el }) {
    const around = document.createElement("div");
    around.innerHTML = model.get("html");
    const follow = () => { around.dataset.lecScheme = scheme(); };
    follow();
    el.append(around);
    let sent = model.get("state"), due = 0;
    const figure = globalThis.lecLive.mount(around.querySelector(".lec-live"), globalThis.lecLive.figures, {
      onChange(state) {
        sent = state;
        due ||= setTimeout(() => { due = 0; model.set("state", sent); model.save_changes(); }, 50);
      },
    });
    if (Object.keys(sent).length) figure.set(sent);
    const changed = () => { if (model.get("state") !== sent && !due) figure.set(model.get("state")); };
    model.on("change:state", changed);
    const watching = new MutationObserver(follow);
    watching.observe(document.body, { attributes: true });
    return () => { clearTimeout(due); model.off("change:state", changed); watching.disconnect(); figure.stop(); };
  },
};
"""


@cache
def _script() -> str:
    return bundle(LECTURE) + _RENDER


@cache
def _style() -> str:
    return live_style(themes_of(_manifest({}), LECTURE))


def _manifest(problem: dict[str, Any]) -> dict[str, Any]:
    return {
        "problem": problem,
        "lecture": {"language": "en"},
        "symbols": describe_symbols(LECTURE.notation),
        "theme": describe_theme(LECTURE.palette.light(), LECTURE.accent),
        "scenes": [{"name": name} for name in BELONGS_TO.values()],
    }


class LiveFigure(anywidget.AnyWidget):
    """One of the lecture's live figures about a risk in two parameters.

    Parameters
    ----------
    name : {"rotate", "forces", "steps"}
        Rotate, rescale, rotate back; where the forces balance; decay in every step.
    risk : QuadraticRisk
        With two parameters; by default the lecture's own.
    lam : float, optional
        Penalty strength, >= 0; by default the geometric mean of the eigenvalues.
    data : (X, y), optional
        Arrays of shape (n, 2) and (n,) that `risk` is the least-squares risk of: then they can be moved, too.
    step_size : float, optional
        Of the descent; by default a third of the largest stable one.
    start : array_like of shape (2,), optional
        Of the descent.
    steps : int, default 20
        Of the descent.

    Attributes
    ----------
    state : dict
        As the figure has it; changes by hand arrive here (``figure.observe(f, "state")``).

    Raises
    ------
    ValueError
        If there is no such figure, the risk has not two parameters, or `data` are not those of the risk.

    Examples
    --------
    >>> import wdmath
    >>> figure = LiveFigure("rotate", wdmath.QuadraticRisk([[3, 1], [1, 3]], [1, 2]), lam=2.0)
    >>> figure.ridge
    array([0.75, 1.25])
    >>> figure.lam = 4.0
    >>> figure.ridge.round(3)
    array([0.583, 0.917])
    """

    html = traitlets.Unicode().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        name: str = "rotate",
        risk: wdmath.QuadraticRisk | None = None,
        *,
        lam: float | None = None,
        data: tuple[ArrayLike, ArrayLike] | None = None,
        step_size: float | None = None,
        start: ArrayLike = (0.0, 0.0),
        steps: int = 20,
    ) -> None:
        if name not in BELONGS_TO:
            raise ValueError(f"name must be one of {', '.join(BELONGS_TO)}, got {name!r}")
        if risk is None:
            data = wdmath.load_i2ml() if data is None else data
            risk = wdmath.QuadraticRisk.from_least_squares(*data, scale="sum")
        if risk.dimension != 2:
            raise ValueError(f"risk must have 2 parameters, got {risk.dimension}")
        positive = risk.eigenvalues[risk.eigenvalues > 0]
        usual = float(np.exp(np.log(positive).mean())) if len(positive) else 1.0
        strength = usual if lam is None else float(lam)
        if not 0 <= strength < np.inf:
            raise ValueError(f"lam must be >= 0 and finite, got {lam!r}")
        rows = None
        if data is not None:
            rows = rows_of(risk, *data)
            if rows is None:
                raise ValueError(
                    "data must be those that risk is the least-squares risk of, without an intercept"
                )
        bound = wdmath.stability_bound(risk.eigenvalues, strength)
        usual_step = float(bound) / 3 if np.isfinite(bound) else 1.0
        problem = {
            "hessian": risk.hessian.tolist(),
            "minimizer": risk.minimizer.tolist(),
            "lam": strength,
            "lam_zigzag": strength,
            "step_size": float(step_size or usual_step),
            "steps": int(steps),
            "start": np.asarray(start, dtype=float).tolist(),
            "rows": rows,
        }
        manifest = _manifest(problem)
        style = style_of(manifest, LECTURE)
        item = next(item for item in load_live(manifest, LECTURE, style) if item["name"] == name)
        # A notebook's cell has no address.
        item["buttons"] = [button for button in item["buttons"] if button["name"] != "link"]
        html = str(templates(style).get_template("live.html").module.live(item))  # type: ignore[attr-defined]
        self._esm, self._css = _script(), _style()
        super().__init__(html=html, state=item["start"])

    @property
    def lam(self) -> float:
        """Penalty strength, as it is now; can be set."""
        return float(self.state["lam"])

    @lam.setter
    def lam(self, value: float) -> None:
        self.state = {**self.state, "lam": float(value)}

    @property
    def risk(self) -> wdmath.QuadraticRisk:
        """The risk as it is now."""
        angle, (one, other) = self.state["angle"], self.state["s"]
        along = np.array([np.cos(angle), np.sin(angle)])
        across = np.array([-along[1], along[0]])
        hessian = one * np.outer(along, along) + other * np.outer(across, across)
        return wdmath.QuadraticRisk(hessian, self.state["minimizer"])

    @property
    def ridge(self) -> np.ndarray:
        """The ridge minimizer as it is now."""
        return wdmath.ridge_minimizer(self.risk, self.lam)

    @property
    def data(self) -> tuple[np.ndarray, np.ndarray] | None:
        """X and y as they are now; None if there were none."""
        rows = np.array(self.state["rows"])
        return (rows[:, :2], rows[:, 2]) if len(rows) else None
