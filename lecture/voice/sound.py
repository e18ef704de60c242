"""Sound as arrays: files read, rates changed, one loudness, AAC and FLAC."""

from __future__ import annotations

import io
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np

from . import VoiceError

__all__ = [
    "LOUDNESS",
    "PEAK",
    "RATE",
    "SIZE",
    "aac",
    "add_stream",
    "from_flac",
    "level",
    "limited",
    "loudness",
    "read",
    "resampled",
    "silence",
    "to_flac",
    "true_peak",
]

#: Samples per second in films.
RATE = 48_000

#: Samples in a packet of AAC.
SIZE = 1024

#: Integrated loudness in LUFS, and the true peak that nothing exceeds, in dB of full scale (ITU-R BS.1770-4).
LOUDNESS, PEAK = -16.0, -1.5

# AAC changes peaks a little: what is encoded stays so many dB below.
_HEADROOM = 0.7
_BIT_RATE = 96_000
# A third of the time of the default search, for speech no difference.
_OPTIONS = {"aac_coder": "fast"}
_BITEXACT, _GLOBAL_HEADER = 1 << 23, 1 << 22


def read(path: Path) -> tuple[np.ndarray, int]:
    """The samples of a sound file, of all its channels together, and how many there are a second.

    Raises
    ------
    VoiceError
        If it is no sound file.
    """
    parts = []
    try:
        with av.open(str(path)) as container:
            stream = container.streams.audio[0]
            rate = stream.codec_context.sample_rate
            resampler = av.AudioResampler(format="fltp", layout="mono", rate=rate)
            for frame in container.decode(stream):
                parts += [part.to_ndarray()[0] for part in resampler.resample(frame)]
            parts += [part.to_ndarray()[0] for part in resampler.resample(None)]
    except (av.error.FFmpegError, IndexError, OSError) as error:
        why = getattr(error, "strerror", None) or "it has no sound"
        raise VoiceError(f"{path.name}: cannot be read as sound ({why}); save it as WAV or FLAC") from None
    return (np.concatenate(parts) if parts else np.zeros(0, np.float32)), rate


def resampled(samples: np.ndarray, rate: int, to: int = RATE) -> np.ndarray:
    """Sound at another rate."""
    from scipy.signal import resample_poly

    if rate == to or not len(samples):
        return samples.astype(np.float32)
    ratio = Fraction(to, rate)
    return resample_poly(samples, ratio.numerator, ratio.denominator).astype(np.float32)


def loudness(samples: np.ndarray, rate: int = RATE) -> float:
    """Integrated loudness in LUFS; minus infinity of silence."""
    import pyloudnorm

    least = int(0.4 * rate) + 1  # a block of the measurement
    if len(samples) < least:
        samples = np.pad(samples, (0, least - len(samples)))
    if not np.any(samples):
        return float("-inf")
    with np.errstate(divide="ignore"):
        return float(pyloudnorm.Meter(rate).integrated_loudness(samples.astype(float)))


def true_peak(samples: np.ndarray) -> float:
    """The highest value between and at the samples, in dB of full scale."""
    from scipy.signal import resample_poly

    if not np.any(samples):
        return float("-inf")
    return float(20 * np.log10(np.abs(resample_poly(samples, 4, 1)).max()))


def _peaks(samples: np.ndarray) -> np.ndarray:
    """The highest value at each sample and between it and the next."""
    from scipy.signal import resample_poly

    twice = np.abs(resample_poly(samples, 2, 1))
    return np.maximum(twice[: 2 * len(samples) : 2], twice[1 : 2 * len(samples) : 2])


def limited(samples: np.ndarray, most: float, between: np.ndarray | None = None) -> np.ndarray:
    """Sound whose peaks do not exceed `most`, turned down for a few milliseconds around each of them.

    `between` is what :func:`_peaks` finds, where that is known.
    """
    from scipy.ndimage import gaussian_filter1d, maximum_filter1d

    between = _peaks(samples) if between is None else between
    above = np.flatnonzero(between > most)
    if not len(above):
        return samples
    samples, width = samples.copy(), RATE // 200
    # Peaks near each other are turned down together; what is far from them costs nothing.
    for peaks in np.split(above, np.flatnonzero(np.diff(above) > 4 * width) + 1):
        part = slice(max(0, peaks[0] - 2 * width), peaks[-1] + 2 * width + 1)
        needed = maximum_filter1d(np.maximum(between[part] / most, 1.0), 2 * width + 1)
        samples[part] /= gaussian_filter1d(needed, width / 4, truncate=4.0)
    return samples


def level(samples: np.ndarray) -> np.ndarray:
    """Sound at :data:`LOUDNESS`, its peaks below :data:`PEAK`."""
    most = 10 ** ((PEAK - _HEADROOM) / 20)
    now = loudness(samples)
    if not np.isfinite(now):
        return samples
    gain, between = min(LOUDNESS - now, 40.0), _peaks(samples)
    for _ in range(3):  # limiting peaks takes a little of the loudness
        factor = np.float32(10 ** (gain / 20))
        out = limited(samples * factor, most, between * factor)
        short = LOUDNESS - loudness(out)
        if abs(short) < 0.15:
            break
        gain = min(gain + short, 40.0)
    return out


def add_stream(container: Any) -> Any:
    """A stream of a film for what :func:`aac` returns."""
    stream = container.add_stream("aac", rate=RATE, layout="mono")
    stream.bit_rate = _BIT_RATE
    stream.codec_context.flags |= _BITEXACT
    stream.time_base = Fraction(1, RATE)
    return stream


def aac(samples: np.ndarray) -> list[bytes]:
    """Sound as packets of AAC, each of :data:`SIZE` samples at :data:`RATE`.

    The encoder is late by one packet. As much is left out at the begin, which has to be silent, so that a packet holds
    what is heard while it is played, whether or not a player knows of the delay.
    """
    codec: Any = av.CodecContext.create("aac", "w")
    codec.sample_rate, codec.layout, codec.format = RATE, "mono", "fltp"
    codec.bit_rate, codec.time_base = _BIT_RATE, Fraction(1, RATE)
    codec.flags |= _BITEXACT | _GLOBAL_HEADER
    codec.options = _OPTIONS
    count = -(-len(samples) // SIZE)
    padded = np.zeros((count + 1) * SIZE, np.float32)
    padded[: len(samples)] = samples
    packets: list[bytes] = []
    for k in range(1, count + 1):
        frame = av.AudioFrame.from_ndarray(padded[None, k * SIZE : (k + 1) * SIZE], "fltp", "mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, (k - 1) * SIZE, Fraction(1, RATE)
        packets += [bytes(packet) for packet in codec.encode(frame)]
    packets += [bytes(packet) for packet in codec.encode(None)]
    return packets[:count]


@cache
def silence() -> bytes:
    """A packet of silence."""
    return aac(np.zeros(8 * SIZE, np.float32))[4]


def to_flac(samples: np.ndarray) -> bytes:
    """Sound at :data:`RATE`, kept without loss in 16 bits."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="flac") as container:
        stream: Any = container.add_stream("flac", rate=RATE, layout="mono")
        stream.format = "s16"
        whole = np.round(np.clip(samples, -1, 1) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(whole[None], "s16", "mono")
        frame.sample_rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return buffer.getvalue()


def from_flac(data: bytes) -> np.ndarray:
    """What :func:`to_flac` kept."""
    with av.open(io.BytesIO(data), "r") as container:
        parts = [frame.to_ndarray()[0] for frame in container.decode(audio=0)]
    return (np.concatenate(parts) / np.float32(32767)).astype(np.float32)
