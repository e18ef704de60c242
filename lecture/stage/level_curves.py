"""Level curves of a function of two variables that is known on a grid."""

from __future__ import annotations

import numpy as np

__all__ = ["level_curves"]

# Corners of a cell counterclockwise from (0, 0), and the edges between them as (step, axis): the edge that starts
# `step` cells away along each axis and runs along `axis`.
_CORNERS = ((0, 0), (1, 0), (1, 1), (0, 1))
_EDGES = ((0, 0, 0), (1, 0, 1), (0, 1, 0), (0, 0, 1))


def level_curves(values: np.ndarray, level: float) -> list[np.ndarray]:
    """Where the values of a grid, interpolated linearly along its edges, are equal to a level.

    Marching squares (Lorensen and Cline 1987, in two dimensions). Where the level passes a cell twice, the mean of its
    corners decides which sides belong together.

    Parameters
    ----------
    values : ndarray of shape (m, n)
    level : float

    Returns
    -------
    list of ndarray of shape (k, 2)
        Curves in grid coordinates: the value at ``values[i, j]`` lies at (i, j). A closed curve ends with its first
        point.

    Examples
    --------
    >>> [curve.tolist() for curve in level_curves(np.array([[0.0, 0.0], [1.0, 1.0]]), 0.25)]
    [[[0.25, 0.0], [0.25, 1.0]]]
    """
    values = np.asarray(values, dtype=float)
    above = values > level
    count = sum(
        above[a : above.shape[0] - 1 + a, b : above.shape[1] - 1 + b].astype(int) for a, b in _CORNERS
    )
    links: dict[tuple[int, int, int], list[tuple[int, int, int]]] = {}
    for i, j in np.argwhere((count > 0) & (count < 4)).tolist():
        signs = [bool(above[i + a, j + b]) for a, b in _CORNERS]
        crossed = [k for k in range(4) if signs[k] != signs[(k + 1) % 4]]
        if len(crossed) == 4:
            middle = bool(values[i : i + 2, j : j + 2].mean() > level)
            # A corner unlike the middle is cut off by itself.
            pairs = [((k - 1) % 4, k) for k in range(4) if signs[k] != middle]
        else:
            pairs = [(crossed[0], crossed[1])]
        for pair in pairs:
            one, other = ((i + _EDGES[k][0], j + _EDGES[k][1], _EDGES[k][2]) for k in pair)
            links.setdefault(one, []).append(other)
            links.setdefault(other, []).append(one)

    def place(edge: tuple[int, int, int]) -> list[float]:
        i, j, axis = edge
        a, b = values[i, j], values[i + (axis == 0), j + (axis == 1)]
        share = (level - a) / (b - a)
        return [i + share * (axis == 0), j + share * (axis == 1)]

    curves = []
    ends = [edge for edge, near in links.items() if len(near) == 1]
    for start in (*ends, *links):
        if start not in links:
            continue
        chain, here, before = [start], start, None
        while True:
            ahead = [edge for edge in links.pop(here) if edge != before]
            if not ahead or ahead[0] not in links:
                if ahead and ahead[0] == start:
                    chain.append(start)
                break
            before, here = here, ahead[0]
            chain.append(here)
        curves.append(np.array([place(edge) for edge in chain]))
    return curves
