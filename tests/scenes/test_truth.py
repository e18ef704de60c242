"""Pictures are measured: tips, contours and components lie where independent algebra says they do.

Nothing here asks wdmath: minimizers come from solving normal equations, eigenvectors from scipy.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import scipy.linalg
import scipy.ndimage

import wdmath
from lecture.stage import Arrow, Settings, Style
from scenes import LECTURE
from scenes.parts.eigen_picture import EigenPicture
from scenes.problem import Problem
from tests.scenes.frames import Frame, distance_to, rgb, step_ends
from tests.scenes.scratch import MEDIA
from tests.scenes.styles import DARK, LIGHT
from wdmath import QuadraticRisk

STYLES = {"dark": DARK, "light": LIGHT}
TOLERANCE = 2.0  # pixels, at 480 rows
ROLES = {"ink", "dim", "line", "minimizer", "ridge", "eig1", "eig2", "penalty"}


def given(hessian: list[list[float]], minimizer: list[float], lam: float) -> Problem:
    largest = float(np.linalg.norm(hessian, 2))
    return Problem(
        name="test",
        risk=QuadraticRisk(np.array(hessian), np.array(minimizer)),
        lam=lam,
        lam_zigzag=largest / 10,
        lams_compared=(largest / 20, largest / 2),
        step_size=0.5 / largest,
        steps=50,
    )


PROBLEMS = {
    "i2ml": Problem.i2ml(),
    "second quadrant": given([[6.0, 2.0], [2.0, 2.0]], [-3.0, 1.5], 2.0),
    "third quadrant, tiny": given([[2e-3, -1e-3], [-1e-3, 4e-3]], [-2e-3, -1e-3], 1e-3),
    "fourth quadrant, large": given([[900.0, 100.0], [100.0, 300.0]], [400.0, -700.0], 200.0),
    "on an axis": given([[3.0, 1.0], [1.0, 2.0]], [0.0, 2.0], 1.0),
}
CASES = [(name, theme) for name in PROBLEMS for theme in STYLES]


def hessian_and_minimizer(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """From the data where there are any, by the normal equations; never through wdmath."""
    if problem.X is not None:
        hessian = 2 * problem.X.T @ problem.X
        return hessian, np.linalg.solve(hessian, 2 * problem.X.T @ problem.y)
    return problem.risk.hessian, problem.risk.minimizer


def ridge(problem: Problem) -> np.ndarray:
    hessian, minimizer = hessian_and_minimizer(problem)
    return np.linalg.solve(hessian + problem.lam * np.eye(2), hessian @ minimizer)


@cache
def frames(scene: str, problem: str, theme: str) -> dict[str, Frame]:
    return step_ends(scene, Settings(PROBLEMS[problem], STYLES[theme]))


def nearest_to(frame: Frame, theme: Style, role: str) -> np.ndarray:
    """Which pixels are nearer to the color of a role than to any other role's, pure or paled by the background."""
    pixels, ground = frame.pixels.astype(float), rgb(theme.background)
    others = []
    for other in ROLES - {role}:
        step = rgb(theme.color(other)) - ground
        share = np.clip((pixels - ground) @ step / (step @ step), 0, 1)
        others.append(np.linalg.norm(pixels - ground - share[..., None] * step, axis=-1))
    return np.linalg.norm(pixels - rgb(theme.color(role)), axis=-1) < np.min(others, axis=0)


def tip_of(frame: Frame, theme: Style, role: str, origin: np.ndarray) -> np.ndarray:
    """The end of the arrow in the color of a role: in the blob with most of it, the pixel farthest from the origin.

    A thin line across the shaft does not part it. A point of 45 degrees is as wide as a pixel 1.2 pixels before it
    ends, and pixels need not lie in its middle: 1.75 pixels are added, the mean of what is missing.
    """
    distance = distance_to(frame.pixels, theme.color(role))
    colored = (distance < 60) & nearest_to(frame, theme, role)
    # Where the edges of other colors mix, a few pixels may nearly have this one.
    specks, _ = scipy.ndimage.label(colored, np.ones((3, 3)))
    colored &= np.bincount(specks.ravel())[specks] > 8
    blobs, count = scipy.ndimage.label(scipy.ndimage.binary_closing(colored, np.ones((7, 7))))
    assert count, "nothing has the color of the arrow"
    purest = 1 + int(np.bincount(blobs[colored & (distance < 15)], minlength=2)[1:].argmax())
    points = np.argwhere(colored & (blobs == purest))[:, ::-1]
    away = np.hypot(*(points - origin).T)
    end = points[away.argmax()]
    return end + 1.75 * (end - origin) / away.max()


def parameters_alone(frame: Frame) -> Frame:
    """The frame without its right half where the eigen-coordinates stand there, with arrows of the same colors."""
    if all(plane["name"] != "eigenbasis" for plane in frame.record.planes):
        return frame
    pixels = frame.pixels.copy()
    pixels[:, pixels.shape[1] // 2 :] = pixels[2, 2]
    return Frame(pixels, frame.record)


def check_tip(frame: Frame, theme: Style, role: str, coordinates: np.ndarray) -> None:
    frame = parameters_alone(frame)
    origin = frame.coordinates_to_pixels("parameters", [0.0, 0.0])
    wanted = frame.coordinates_to_pixels("parameters", coordinates)
    found = tip_of(frame, theme, role, origin)
    assert np.hypot(*(found - wanted)) <= TOLERANCE, f"tip at {found}, wanted at {wanted.round(1)}"


def check_axes(frame: Frame, theme: Style) -> None:
    """The recorded origin is where the two drawn axes cross."""
    column, row = frame.coordinates_to_pixels("parameters", [0.0, 0.0])
    line = distance_to(frame.pixels, theme.line) < 60
    half = frame.pixels.shape[1] // 2
    assert abs(int(line[:, :half].sum(axis=1).argmax()) - row) <= TOLERANCE
    assert abs(int(line[:, :half].sum(axis=0).argmax()) - column) <= TOLERANCE


def check_contours(frame: Frame, problem: Problem, theme: Style) -> None:
    """The pixels of the contours, seen from the minimizer, spread along the Hessian's eigenvectors."""
    hessian, minimizer = hessian_and_minimizer(problem)
    _, vectors = scipy.linalg.eigh(hessian)
    center = frame.coordinates_to_pixels("parameters", minimizer)
    # The second moment of the outermost ring has the contour's axes.
    reach = 0.42 * frame.plane("parameters")["unit"] * frame.scale * np.hypot(*minimizer)
    strength = np.abs(frame.pixels.astype(int) - frame.pixels[2, 2]).max(axis=-1) > 60
    strength &= distance_to(frame.pixels, theme.minimizer) > 60
    angles = np.linspace(0, np.pi, 60, endpoint=False)
    moment = np.zeros((2, 2))
    for angle in angles:
        direction = np.array([np.cos(angle), -np.sin(angle)])  # rows count downwards
        radii = np.arange(3.0, reach, 0.25)
        profiles = []
        for side in (1, -1):
            columns, rows = np.rint(center[:, None] + side * direction[:, None] * radii).astype(int)
            inside = (columns >= 0) & (columns < strength.shape[1]) & (rows >= 0) & (rows < strength.shape[0])
            hit = np.zeros(len(radii), bool)
            hit[inside] = strength[rows[inside], columns[inside]]
            profiles.append(hit)
        runs, count = scipy.ndimage.label(
            profiles[0] & profiles[1]
        )  # contours are symmetric about the center
        crossings = [
            r for r in range(1, count + 1) if (runs == r).sum() < 32
        ]  # an axis on the ray is a long run
        if crossings:
            vector = radii[runs == crossings[-1]].mean() * np.array([np.cos(angle), np.sin(angle)])
            moment += np.outer(vector, vector)
    _, found = np.linalg.eigh(moment)
    alignment = abs(found[:, 1] @ vectors[:, 0])  # longest along the flattest direction
    assert alignment > np.cos(np.radians(8)), (
        f"contours are {np.degrees(np.arccos(alignment)):.1f} degrees off"
    )


def bar_length(frame: Frame, color: str, direction: np.ndarray) -> float:
    """How far a thick bar of this color reaches from the origin.

    Thin lines of the same color do not count, nor does what lies behind four pixels of background, such as a label;
    arrows and lines may lie over it.
    """
    origin = frame.coordinates_to_pixels("parameters", [0.0, 0.0])
    along = np.array([direction[0], -direction[1]])
    across = np.array([along[1], -along[0]])
    mask = distance_to(frame.pixels, color) < 60
    radii = np.arange(0, frame.pixels.shape[1], 0.25)
    thick, clear = np.ones(len(radii), bool), np.ones(len(radii), bool)
    ground = np.abs(frame.pixels.astype(int) - frame.pixels[2, 2]).max(axis=-1) < 60
    for offset in (-1.6, 0.0, 1.6):
        columns, rows = np.rint((origin + across * offset)[:, None] + along[:, None] * radii).astype(int)
        inside = (columns >= 0) & (columns < mask.shape[1]) & (rows >= 0) & (rows < mask.shape[0])
        hit = np.zeros(len(radii), bool)
        hit[inside] = mask[rows[inside], columns[inside]]
        thick &= hit
        clear[inside] &= ground[rows[inside], columns[inside]]
    reached = np.concatenate([[0], np.flatnonzero(thick)])
    gaps = np.flatnonzero(np.diff(np.cumsum(clear)[reached]) * 0.25 > 4)
    return float(radii[reached[gaps[0] if len(gaps) else -1]])


def check_components(frame: Frame, problem: Problem, theme: Style, vector: np.ndarray) -> None:
    hessian, _ = hessian_and_minimizer(problem)
    _, vectors = scipy.linalg.eigh(hessian)
    unit = frame.plane("parameters")["unit"] * frame.scale
    for color, axis in ((theme.eig1, vectors[:, 1]), (theme.eig2, vectors[:, 0])):
        component = float(axis @ vector)
        direction = axis * np.sign(component)
        wanted = unit * abs(component)
        if wanted > 12:  # shorter bars hide under the arrows' shafts
            assert abs(bar_length(frame, color, direction) - wanted) <= TOLERANCE


@pytest.mark.parametrize(("problem", "theme"), CASES)
def test_minimizer_and_contours_are_where_the_normal_equations_put_them(problem: str, theme: str) -> None:
    frame = frames("RotateIntoEigenbasis", problem, theme)["meet_the_minimizer"]
    _, minimizer = hessian_and_minimizer(PROBLEMS[problem])
    check_axes(frame, STYLES[theme])
    check_tip(frame, STYLES[theme], "minimizer", minimizer)
    check_contours(frame, PROBLEMS[problem], STYLES[theme])


@pytest.mark.parametrize(("problem", "theme"), CASES)
def test_components_have_the_lengths_of_the_projections(problem: str, theme: str) -> None:
    frame = frames("RotateIntoEigenbasis", problem, theme)["drop_components"]
    _, minimizer = hessian_and_minimizer(PROBLEMS[problem])
    check_components(frame, PROBLEMS[problem], STYLES[theme], minimizer)


@pytest.mark.parametrize(("problem", "theme"), CASES)
def test_both_tips_after_rotating_back(problem: str, theme: str) -> None:
    frame = frames("RescaleThenRotateBack", problem, theme)["rotate_back"]
    _, minimizer = hessian_and_minimizer(PROBLEMS[problem])
    check_tip(frame, STYLES[theme], "minimizer", minimizer)
    check_tip(frame, STYLES[theme], "ridge", ridge(PROBLEMS[problem]))
    check_components(frame, PROBLEMS[problem], STYLES[theme], ridge(PROBLEMS[problem]))


class TestAWrongSceneIsCaught:
    """Each check fails on a picture that is wrong in its own way."""

    def wrong(self, change: str, monkeypatch: pytest.MonkeyPatch) -> Frame:
        build = EigenPicture.__init__

        def spoiled(
            self: EigenPicture, plane: object, problem: Problem, theme: Style, **kwargs: object
        ) -> None:
            build(self, plane, problem, theme, **kwargs)  # type: ignore[arg-type]
            if change == "tip":
                end = self.plane.c2p(0.96 * problem.risk.minimizer)
                self.arrow.become(Arrow(self.plane.origin, end, theme.minimizer))
            elif change == "contours":
                self.contours.rotate(0.3)
            elif change == "components":
                self.bars.scale(0.93, about_point=self.plane.origin)

        monkeypatch.setattr(EigenPicture, "__init__", spoiled)
        return step_ends("RotateIntoEigenbasis", LECTURE.settings(), only="drop_components")[
            "drop_components"
        ]

    def test_a_tip_four_percent_short(self, monkeypatch: pytest.MonkeyPatch) -> None:
        frame = self.wrong("tip", monkeypatch)
        with pytest.raises(AssertionError, match="tip at"):
            check_tip(frame, DARK, "minimizer", hessian_and_minimizer(Problem.i2ml())[1])

    def test_contours_turned_by_seventeen_degrees(self, monkeypatch: pytest.MonkeyPatch) -> None:
        frame = self.wrong("contours", monkeypatch)
        with pytest.raises(AssertionError, match="degrees off"):
            check_contours(frame, Problem.i2ml(), DARK)

    def test_components_seven_percent_short(self, monkeypatch: pytest.MonkeyPatch) -> None:
        frame = self.wrong("components", monkeypatch)
        with pytest.raises(AssertionError):
            check_components(frame, Problem.i2ml(), DARK, hessian_and_minimizer(Problem.i2ml())[1])


def test_rotations_keep_every_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """Halfway through every turn of the heart, the arrow is as long as before."""
    lengths: list[float] = []
    cls = LECTURE.load_scene("RotateIntoEigenbasis")
    update = cls.update_to_time

    def watched(self: object, t: float) -> None:
        update(self, t)  # type: ignore[arg-type]
        for mobject in self.mobjects:  # type: ignore[attr-defined]
            if isinstance(mobject, EigenPicture):
                lengths.append(
                    float(np.hypot(*(mobject.arrow.end_point - mobject.arrow.shaft.get_start())[:2]))
                )

    from manim import tempconfig

    monkeypatch.setattr(cls, "update_to_time", watched)
    quiet = {
        "format": "none",
        "verbosity": "ERROR",
        "progress_bar": "none",
        "pixel_height": 90,
        "pixel_width": 160,
    }
    with tempconfig({**quiet, "frame_rate": 6, "media_dir": MEDIA}):
        cls(LECTURE.settings(), holds=False).render()
    assert len(lengths) > 15
    assert np.ptp(lengths) < 1e-9 * lengths[0]


def test_the_scenes_ask_the_same_wdmath_that_users_import() -> None:
    X, y = wdmath.load_i2ml()
    assert np.array_equal(Problem.i2ml().X, X)
    assert np.array_equal(Problem.i2ml().y, y)
