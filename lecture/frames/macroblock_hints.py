"""Telling x264 which macroblocks changed, so that it spends no time on finding out about the others.

FFmpeg's encoder takes such hints from a frame's side data (its option `mb_info`), which PyAV reads but cannot attach.
FFmpeg's own function is called here, with the address of the frame that PyAV keeps. Where PyAV is of another version
than this was written for, there are no hints, and encoding takes longer.
"""

from __future__ import annotations

import ctypes
import functools

import av
import av.frame
import numpy as np
from av.sidedata.sidedata import Type

from .tiles import MACROBLOCK

__all__ = ["available", "changed"]

TESTED_PYAV = ("18.1.",)
_CHANGED = 1


class _Hint(ctypes.Structure):
    """AVVideoHint."""

    _fields_ = [
        ("count", ctypes.c_size_t),
        ("offset", ctypes.c_size_t),
        ("size", ctypes.c_size_t),
        ("kind", ctypes.c_int),
    ]


@functools.cache
def _ffmpeg() -> ctypes.CDLL:
    """The FFmpeg that PyAV is linked to, wherever that is."""
    functions = ctypes.CDLL(av.frame.__file__)
    functions.av_video_hint_create_side_data.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    functions.av_video_hint_create_side_data.restype = ctypes.POINTER(_Hint)
    functions.av_frame_remove_side_data.argtypes = [ctypes.c_void_p, ctypes.c_int]
    functions.av_frame_remove_side_data.restype = None
    return functions


def available(frame: av.VideoFrame) -> bool:
    """Whether hints can be given here."""
    if not av.__version__.startswith(TESTED_PYAV):
        return False
    # The first thing that FFmpeg's frame has is the address of its picture.
    return ctypes.c_void_p.from_address(_address(frame)).value == frame.planes[0].buffer_ptr


def changed(frame: av.VideoFrame, macroblocks: np.ndarray) -> None:
    """Promise that `frame` differs from the one before it in these macroblocks only, marked in their rows."""
    down, across = macroblocks.shape
    lines = np.zeros((down, across + 2), np.int8)
    lines[:, 1:-1] = macroblocks
    edges = np.flatnonzero(np.diff(lines, axis=1))
    y, left = np.divmod(edges[::2], across + 1)
    right = edges[1::2] % (across + 1)
    # AVVideoRect: x, y, width, height
    places = np.stack([left, y, right - left, np.ones_like(y)], axis=1).astype(np.uint32) * MACROBLOCK[0]
    address = _address(frame)
    _ffmpeg().av_frame_remove_side_data(address, Type.VIDEO_HINT.value)
    made = _ffmpeg().av_video_hint_create_side_data(address, len(places))
    if not made:
        raise MemoryError("FFmpeg found no room for a hint")
    hint = made.contents
    hint.kind = _CHANGED
    ctypes.memmove(ctypes.addressof(hint) + hint.offset, places.tobytes(), places.nbytes)


def _address(frame: av.VideoFrame) -> int:
    # In a Cython class what it declares first comes after what every object has, and a pointer to its methods.
    found = ctypes.c_void_p.from_address(
        id(frame) + object.__basicsize__ + ctypes.sizeof(ctypes.c_void_p)
    ).value
    assert found is not None
    return found
