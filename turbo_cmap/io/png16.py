"""PNG of 16 bits a channel in color, which Pillow cannot write.

PNG specification, third edition: https://www.w3.org/TR/png-3/
"""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

import numpy as np

from .._typing import AnyArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOR_TYPES = {1: 0, 3: 2, 4: 6}
_SUB = 1
_BLOCK = 1 << 22  # bytes filtered and compressed at a time


def write_png16(file: BinaryIO, image: AnyArray) -> None:
    """Write uint16 gray (H, W), RGB or RGBA (H, W, 3 | 4) as a PNG."""
    height, width = image.shape[:2]
    pixels = image.reshape(height, width, -1)
    channels = pixels.shape[2]
    header = struct.pack(">IIBBBBB", width, height, 16, _COLOR_TYPES[channels], 0, 0, 0)
    file.write(_SIGNATURE)
    _chunk(file, b"IHDR", header)
    deflate = zlib.compressobj(1)
    step = max(1, _BLOCK // (2 * channels * width))
    for top in range(0, height, step):
        _chunk(file, b"IDAT", deflate.compress(_filtered(pixels[top : top + step])))
    _chunk(file, b"IDAT", deflate.flush())
    _chunk(file, b"IEND", b"")


def _filtered(pixels: AnyArray) -> bytes:
    """Rows of big-endian samples with filter Sub: each byte less that of the pixel to its left."""
    height, width, channels = pixels.shape
    samples = np.ascontiguousarray(pixels, dtype=">u2")
    sample_bytes = samples.view(np.uint8).reshape(height, width, 2 * channels)
    rows = np.empty((height, 1 + 2 * channels * width), dtype=np.uint8)
    rows[:, 0] = _SUB
    rows[:, 1 : 1 + 2 * channels] = sample_bytes[:, 0]
    rows[:, 1 + 2 * channels :] = (sample_bytes[:, 1:] - sample_bytes[:, :-1]).reshape(height, -1)
    return rows.tobytes()


def _chunk(file: BinaryIO, kind: bytes, data: bytes) -> None:
    if kind == b"IDAT" and not data:
        return
    file.write(struct.pack(">I", len(data)) + kind)
    file.write(data)
    file.write(struct.pack(">I", zlib.crc32(data, zlib.crc32(kind))))
