"""As much of H.264 as it takes to hold a frame: a packet that says "everything as before" costs a dozen bytes.

x264 is asked for the frames that differ from the one before; those that stay are filled in with P slices in which
every macroblock is skipped, and as many as are wanted are appended when films are put together. Such a slice is
written here bit by bit, for the stream whose parameter sets x264 has written; a stream of another make is refused.
x264 does not know of these slices, so the frames that follow them get other numbers.

References
----------
ITU-T H.264 (2021), 7.3.2.1 (sequence parameter set), 7.3.2.2 (picture parameter set), 7.3.3 (slice header),
7.3.4 (slice data), 8.4.1.1 (motion vectors of skipped macroblocks).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Stream", "nal_units"]

_START = b"\x00\x00\x00\x01"
_SPS, _PPS, _SEI, _IDR, _SLICE = 7, 8, 6, 5, 1
_SKIP_PPS_ID = 1


def nal_units(data: bytes) -> list[bytes]:
    """The units of a byte stream (Annex B), without their start codes.

    Examples
    --------
    >>> nal_units(bytes.fromhex("00000001674200000168ce"))
    [b'gB', b'h\\xce']
    """
    return [unit for unit in re.split(rb"\x00{2,3}\x01", data) if unit]


class _Reader:
    def __init__(self, unit: bytes):
        self.bits = "".join(f"{byte:08b}" for byte in _payload(unit))
        self.at = 0

    def u(self, count: int = 1) -> int:
        self.at += count
        return int(self.bits[self.at - count : self.at], 2)

    def ue(self) -> int:
        zeros = self.bits.index("1", self.at) - self.at
        self.at += zeros
        return self.u(zeros + 1) - 1


class _Writer:
    def __init__(self) -> None:
        self.bits = ""

    def u(self, value: int, count: int = 1) -> _Writer:
        self.bits += f"{value:0{count}b}"
        return self

    def ue(self, value: int) -> _Writer:
        code = f"{value + 1:b}"
        self.bits += "0" * (len(code) - 1) + code
        return self

    def unit(self, header: int) -> bytes:
        bits = self.bits + "1"
        bits += "0" * (-len(bits) % 8)
        return _unit(header, int(bits, 2).to_bytes(len(bits) // 8, "big"))


def _unit(header: int, payload: bytes) -> bytes:
    # 7.4.1: no three bytes inside a unit may look like the start of another.
    return _START + bytes([header]) + re.sub(rb"\x00\x00(?=[\x00-\x03])", b"\x00\x00\x03", payload)


def _payload(unit: bytes) -> bytes:
    return unit[1:].replace(b"\x00\x00\x03", b"\x00\x00")


@dataclass(frozen=True)
class Stream:
    """The parameter sets of a stream, and the packets that hold its frames.

    Attributes
    ----------
    headers : bytes
        Sequence and picture parameter sets as a byte stream, with the extra one that the holding packets use.
    frame_number_bits : int
        Width of `frame_num` in slice headers.
    macroblocks : int
        In a frame.
    """

    headers: bytes
    frame_number_bits: int
    macroblocks: int

    @classmethod
    def from_extradata(cls, extradata: bytes) -> Stream:
        """What x264 says about its stream.

        Raises
        ------
        ValueError
            If the stream has features that the holding packets do not provide for.
        """
        units = {unit[0] & 31: unit for unit in reversed(nal_units(extradata))}
        read = _Reader(units[_SPS])
        profile = read.u(8)
        read.u(16)  # constraints, level
        read.ue()  # id
        if profile in (100, 110, 122, 244):
            chroma, luma_depth, chroma_depth = read.ue(), read.ue(), read.ue()
            if (chroma, luma_depth, chroma_depth) != (1, 0, 0):
                raise ValueError("the stream must be 4:2:0 with 8 bits per sample to be held")
            if read.u(2):
                raise ValueError("the stream must have no scaling lists or transform bypass to be held")
        frame_number_bits = read.ue() + 4
        if read.ue() != 2:
            raise ValueError(
                "the stream must have no B-frames to be held: its frames are not in display order"
            )
        read.ue()  # reference frames
        read.u()  # gaps allowed
        macroblocks = (read.ue() + 1) * (read.ue() + 1)
        if not read.u():
            raise ValueError("the stream must be progressive to be held")
        # The extra picture parameter set: CAVLC, one reference, no weights, no deblocking syntax.
        extra = _Writer().ue(_SKIP_PPS_ID).ue(0).u(0).u(0).ue(0).ue(0).ue(0).u(0).u(0, 2).ue(0).ue(0).ue(0)
        extra.u(0).u(0).u(0)
        headers = _START + units[_SPS] + _START + units[_PPS] + extra.unit(0x68)
        return cls(headers, frame_number_bits, macroblocks)

    @classmethod
    @lru_cache(maxsize=16)
    def from_headers(cls, headers: bytes) -> Stream:
        """The stream that has these :attr:`headers`."""
        return cls.from_extradata(headers)

    def hold(self, frame_number: int) -> bytes:
        """The packet that shows the frame before it once more.

        Parameters
        ----------
        frame_number : int
            Frames since the last key frame.
        """
        return _skip_slice(
            frame_number % (1 << self.frame_number_bits), self.frame_number_bits, self.macroblocks
        )

    def renumber(self, packet: bytes, frame_number: int) -> bytes:
        """The packet of one slice as the frame that comes `frame_number` frames after the last key frame."""
        (unit,) = nal_units(packet)
        read = _Reader(unit[:24])
        for _ in ("first macroblock", "type", "parameter set"):
            read.ue()
        count, shift = self.frame_number_bits, -(read.at + self.frame_number_bits) % 8
        first, end = read.at // 8, (read.at + count + shift) // 8
        frame_number %= 1 << count
        if read.u(count) == frame_number:
            return packet
        payload = _payload(unit)
        cut = int.from_bytes(payload[first:end], "big") & ~(((1 << count) - 1) << shift)
        number = (cut | frame_number << shift).to_bytes(end - first, "big")
        return _unit(unit[0], payload[:first] + number + payload[end:])


@lru_cache(maxsize=4096)
def _skip_slice(frame_number: int, bits: int, macroblocks: int) -> bytes:
    slice_ = _Writer().ue(0).ue(5).ue(_SKIP_PPS_ID).u(frame_number, bits)
    # No override of reference count, no reordering, no marking, no change of quantizer; then one run of skips.
    slice_.u(0).u(0).u(0).ue(0).ue(macroblocks)
    return slice_.unit(0x41)
