"""λ sliders: a clip in which every frame belongs to one λ, and wdmath's values for each of these."""

from __future__ import annotations

import base64
import io
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

import wdmath
from wdmath import QuadraticRisk

from . import SLIDERS_FOLDER
from .common import TargetError, slug
from .recode import encode_h264

__all__ = ["BELONGS_TO", "Slider", "load_sliders", "sweep_values"]

#: The scene that a slider lets the reader try.
BELONGS_TO = {"SliderRescaling": "RescaleThenRotateBack", "SliderForces": "WhereForcesBalance"}

# A key frame every fifth of a second: any frame is shown within a few milliseconds, at a quarter more bytes.
_KEYS_PER_SECOND = 5


@dataclass(frozen=True)
class Slider:
    """One slider, ready to be written.

    Attributes
    ----------
    name, slug, belongs_to : str
    title, instruction, alt : str
        What it is called, what to do, and what is seen.
    clip, poster : bytes
        MP4 with a key frame every fifth of a second; the frame of the lecture's λ as WebP.
    values : dict
        What :func:`sweep_values` returns.
    """

    name: str
    slug: str
    belongs_to: str
    title: str
    instruction: str
    alt: str
    width: int
    height: int
    clip: bytes
    poster: bytes
    values: dict[str, Any]

    @property
    def clip_script(self) -> str:
        """The clip as a script: pages opened from a disk may load scripts, but not read files."""
        text = base64.b64encode(self.clip).decode()
        return f"(self.wdClips = self.wdClips || {{}})[{json.dumps(self.name)}] = {json.dumps(text)};\n"


def load_sliders(media: Path, manifest: dict[str, Any]) -> list[Slider]:
    """The sliders of a media folder whose scenes are in the manifest.

    Parameters
    ----------
    media : Path
        Its folder `.sliders` has a manifest of the sliders' scenes.
    manifest : dict
        Of the lecture.

    Raises
    ------
    TargetError
        If they were not rendered, or for another problem or look than the lecture.
    """
    from lecture.manifest import ManifestError, load

    shown = {scene["name"] for scene in manifest["scenes"]}
    if not shown & {*BELONGS_TO.values()}:
        return []
    home = media / SLIDERS_FOLDER
    try:
        own = load(home / "manifest.json")
    except ManifestError as error:
        raise TargetError(f"the λ sliders: {error}") from None
    for part in ("problem", "theme", "video"):
        if own[part] != manifest[part]:
            raise TargetError(
                f"the λ sliders in {home} were made for another {part} than the lecture; make it again"
            )
    scenes = [s for s in own["scenes"] if BELONGS_TO.get(s["name"]) in shown]
    return [_slider(home, own, scene) for scene in scenes]


def _slider(home: Path, manifest: dict[str, Any], scene: dict[str, Any]) -> Slider:
    step, rate = scene["steps"][0], manifest["video"]["frame_rate"]
    if step["clip"] is None:
        raise TargetError(f"{scene['name']} was never rendered, only stills were; run make first")
    count = round(step["motion"] * rate) + 1
    values = sweep_values(manifest["problem"], count)
    values["frame_rate"] = rate
    clip, poster = _scrubbed(home / step["clip"]["path"], count, rate, values["start"])
    return Slider(
        name=scene["name"],
        slug=slug(scene["name"]),
        belongs_to=BELONGS_TO.get(scene["name"], ""),
        title=scene["plain_title"],
        instruction=step["narration"],
        alt=step["alt"],
        width=manifest["video"]["width"],
        height=manifest["video"]["height"],
        clip=clip,
        poster=poster,
        values=values,
    )


def sweep_values(problem: dict[str, Any], count: int) -> dict[str, Any]:
    """What wdmath says for every frame of a sweep, as texts of a steady number of decimals.

    Parameters
    ----------
    problem : dict
        As in the manifest.
    count : int
        Frames.

    Returns
    -------
    dict
        `start` is the frame nearest to the lecture's λ; `marks` the frames (with fraction) of the eigenvalues;
        `series` the texts by name, one for each frame; `factor` the shrinkage factors as numbers; `fixed` texts that
        do not change.
    """
    from scenes.kit.penalty_scale import PenaltyScale
    from scenes.kit.sweep import FARTHEST, sweep

    risk = QuadraticRisk(
        np.array(problem["hessian"]), np.array(problem["minimizer"]), constant=problem["constant"]
    )
    sigma = risk.eigenvalues
    scale, lams = PenaltyScale(sigma), sweep(sigma, count)
    factors = wdmath.shrinkage_factors(sigma, lams)
    ridge = wdmath.ridge_minimizer(risk, lams)
    z = risk.to_eigenbasis(risk.minimizer)
    kept = risk.to_eigenbasis(ridge)
    pull = lams[:, None] * ridge
    last = count - 1
    # Both entries of a vector with the same decimals.
    kept_texts, ridge_texts, pull_texts = (
        np.reshape(_texts(vectors.T.ravel(), 3), (2, count)).tolist() for vectors in (kept, ridge, pull)
    )
    return {
        "count": count,
        "start": int(np.argmin(np.abs(lams - problem["lam"]))),
        "marks": [scale.position(float(s)) / FARTHEST * last for s in sigma],
        "factor": np.round(factors.T, 5).tolist(),
        "fixed": {
            "z1": _texts(z, 3)[0],
            "z2": _texts(z, 3)[1],
            "min1": _texts(risk.minimizer, 3)[0],
            "min2": _texts(risk.minimizer, 3)[1],
        },
        "series": {
            "lam": [_round_text(lam) for lam in lams],
            "f1": [f"{f:.2f}" for f in factors[:, 0]],
            "f2": [f"{f:.2f}" for f in factors[:, 1]],
            "k1": kept_texts[0],
            "k2": kept_texts[1],
            "t1": ridge_texts[0],
            "t2": ridge_texts[1],
            "p1": pull_texts[0],
            "p2": pull_texts[1],
            "risk": _texts(risk.value(ridge) - risk.constant, 3),
            "half": _texts((ridge**2).sum(axis=1) / 2, 3),
            "dof": [f"{d:.2f}" for d in np.atleast_1d(wdmath.effective_degrees_of_freedom(sigma, lams))],
        },
    }


def _texts(values: Any, digits: int) -> list[str]:
    """Numbers with as many decimals as show the largest to some digits, so that none jumps when they run.

    Examples
    --------
    >>> _texts([1.23456, -0.004], 3)
    ['1.23', '0.00']
    """
    values = np.asarray(values, dtype=float)
    largest = float(np.abs(values).max())
    if largest and not 1e-4 <= largest < 1e6:
        return [f"{v:.{digits - 1}e}".replace("-", "\N{MINUS SIGN}") for v in values]
    decimals = 2 if not largest else int(np.clip(digits - 1 - np.floor(np.log10(largest)), 0, 8))
    rounded = np.round(values, decimals) + 0.0
    return [f"{v:.{decimals}f}".replace("-", "\N{MINUS SIGN}") for v in rounded]


def _round_text(value: float) -> str:
    """A penalty strength to three digits.

    Examples
    --------
    >>> [_round_text(v) for v in (0.0, 0.0512, 1.5, 49.96, 1046.3)]
    ['0', '0.0512', '1.50', '50.0', '1046']
    """
    if value == 0:
        return "0"
    if not 1e-4 <= value < 1e6:
        return f"{value:.2e}".replace("-", "\N{MINUS SIGN}")
    return f"{value:.{int(np.clip(2 - np.floor(np.log10(value) + 1e-9), 0, 8))}f}"


def _scrubbed(source: Path, count: int, rate: int, start: int) -> tuple[bytes, bytes]:
    """The first `count` frames of a clip with many key frames, and frame `start` as WebP."""
    target, poster = io.BytesIO(), b""

    def frames(reading: Any) -> Iterator[av.VideoFrame]:
        nonlocal poster
        for number, frame in enumerate(itertools.islice(reading.decode(video=0), count)):
            if number == start:
                poster = _webp(frame.to_image())
            yield frame

    try:
        reading = av.open(str(source))
    except (OSError, av.FFmpegError):
        raise TargetError(f"{source} is gone although the manifest lists it; make it again") from None
    with reading:
        before, gop = reading.streams.video[0], max(1, round(rate / _KEYS_PER_SECOND))
        encode_h264(frames(reading), target, (before.width, before.height), rate, gop)
    return target.getvalue(), poster


def _webp(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "WEBP", quality=88, method=4)
    return buffer.getvalue()
