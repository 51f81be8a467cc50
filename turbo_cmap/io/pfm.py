"""PFM, the portable float map of Middlebury and SceneFlow: reading.

::

    Pf            one channel; PF is three
    450 375       width, height; some files put them on separate lines
    -1.0          negative: little-endian, positive: big-endian
    <float32>     rows from the bottom up

The magnitude of the scale is a unit that nobody agrees on; it is not multiplied into the
values. Middlebury writes +inf where the disparity is unknown.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from .raster import ReadError, not_depth
from .registry import Format, Found, Request

_MAX_HEADER = 1024
_HEADER = re.compile(
    rb"P[fF]\s+(?:#[^\n]*\n\s*)*(\d{1,9})\s+(\d{1,9})\s+([-+]?[\d.]+(?:[eE][-+]?\d+)?)(\r\n|\s)"
)


def read_pfm(path: Path, size: int, _: Request) -> Found:
    """Values, top row first and in native byte order, and where they are +inf."""
    with path.open("rb") as file:
        head = file.read(_MAX_HEADER)
    match = _HEADER.match(head)
    scale = _number(match[3]) if match else 0.0
    if match is None or scale == 0:
        raise ReadError(path, "its PFM header is not width, height and a scale other than 0")
    if head.startswith(b"PF"):
        raise not_depth(path, 3, "color PFM")
    width, height = int(match[1]), int(match[2])
    needed = 4 * width * height
    offset = match.end()
    if match[4] == b"\r\n" and size - offset < needed:
        offset -= 1  # the line ends in CR, and LF is the first byte of the pixels
    if size - offset < needed:
        raise ReadError(
            path, f"{width} x {height} float32 need {needed} bytes, it has {size - offset}"
        )
    stored = np.dtype("<f4" if scale < 0 else ">f4")
    rows = np.fromfile(path, stored, width * height, offset=offset).reshape(height, width)
    values = np.ascontiguousarray(rows[::-1], dtype=np.float32)
    unknown = np.isposinf(values)
    return Found(values, unknown if unknown.any() else None)


def _number(text: bytes) -> float:
    try:
        return float(text)
    except ValueError:  # 1.2.3
        return 0.0


FORMATS = (
    Format(
        "PFM",
        (".pfm",),
        lambda head, _: re.match(rb"P[fF]\s", head) is not None,
        read_pfm,
        summary="float32; +inf is invalid",
    ),
)
