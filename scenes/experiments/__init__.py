"""The experiments of chapters 4 and 5, one idea a module: data drawn with a seed, and what wdmath makes of them.

Nothing here draws. What a scene claims rests on an `Experiment`: the claim, its control at the control's best setting,
and measures that `python -m scenes experiments` collects over ten seeds into `results/`. Penalties are chosen by
validation or cross-validation, never by looking at the truth.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["RESULTS"]

#: where the results of all seeds are kept
RESULTS = Path(__file__).with_name("results")
