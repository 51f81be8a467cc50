"""PFM, the portable float map of Middlebury and SceneFlow: reading.

::

    Pf            one channel; PF is three, RGB
    450 375       width, height; some files put them on separate lines, some all on one
    -1.0          negative: little-endian, positive: big-endian
    <float32>     rows from the bottom up

The magnitude of the scale is a unit that nobody agrees on; it is not multiplied into the
values, and is kept as metadata where it is not 1. Middlebury writes +inf where the disparity
is unknown.

References
----------
http://www.pauldebevec.com/Research/HDR/PFM/
"""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np

from .channels import chosen
from .raster import ReadError, mask_of
from .registry import Format, Found, Request

_MAX_HEADER = 1024
_HEADER = re.compile(
    rb"P[fF]\s+(?:#[^\n]*\n\s*)*(\d{1,18})\s+(\d{1,18})\s+([-+]?[\d.]+(?:[eE][-+]?\d+)?)(\r\n|\s)"
)


def read_pfm(path: Path, size: int, request: Request) -> Found:
    """Values, top row first and in native byte order, and where they are +inf."""
    with path.open("rb") as file:
        head = file.read(_MAX_HEADER)
    match = _HEADER.match(head)
    scale = _number(match[3]) if match else 0.0
    if match is None or scale == 0 or not math.isfinite(scale):
        raise ReadError(path, "its PFM header is not width, height and a scale other than 0")
    width, height = int(match[1]), int(match[2])
    channels = 3 if head.startswith(b"PF") else 1
    needed = 4 * width * height * channels
    offset = match.end()
    if match[4] == b"\r\n" and size - offset < needed:
        offset -= 1  # the line ends in CR, and LF is the first byte of the pixels
    if size - offset < needed:
        raise ReadError(
            path,
            f"{width} x {height} {'RGB ' if channels == 3 else ''}float32 need {needed} bytes, "
            f"it has {size - offset}",
        )
    stored = np.dtype("<f4" if scale < 0 else ">f4")
    rows = np.fromfile(path, stored, width * height * channels, offset=offset)
    pixels = rows.reshape(height, width, channels)[::-1]
    names = "Y" if channels == 1 else "RGB"
    plain = channels == 1 and request.channel is None
    one = pixels[..., 0] if plain else chosen(path, pixels, names, request)
    values = np.ascontiguousarray(one, dtype=np.float32)
    metadata = {} if abs(scale) == 1 else {"scale": f"{abs(scale):g}"}
    unknown = mask_of(np.isposinf(values)) if values.ndim == 2 else None
    return Found(values, unknown, metadata=metadata)


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
        summary="float32 of one channel, or R, G or B of color PFM by channel; +inf is invalid; "
        "of the scale only the sign counts",
        uses_channel=True,
        has_colors=True,
    ),
)
