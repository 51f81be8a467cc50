"""COLMAP's depth and normal maps, ``*.photometric.bin`` and ``*.geometric.bin``.

::

    640&480&1&    width, height, channels as text: 1 of depth, 3 of normals
    <float32>     little-endian; a channel after the other, rows from the top

A depth of 0 is one that COLMAP has thrown out.

References
----------
COLMAP: src/colmap/mvs/mat.h and scripts/python/read_write_dense.py
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from .channels import chosen
from .raster import ReadError, mask_of
from .registry import Format, Found, Request

_HEADER = re.compile(rb"(\d{1,18})&(\d{1,18})&(\d{1,9})&")
_CHANNELS = {1: "z", 3: "xyz"}


def read_colmap(path: Path, size: int, request: Request) -> Found:
    """Depth in the unit of the scene, or a component of the normals; float32."""
    with path.open("rb") as file:
        match = _HEADER.match(file.read(64))
    if match is None:
        raise ReadError(path, "its COLMAP header is not width, height and channels")
    width, height, channels = (int(number) for number in match.groups())
    if channels not in _CHANNELS:
        raise ReadError(path, f"has {channels} channels; 1 of depth or 3 of normals are read")
    needed, held = 4 * width * height * channels, size - match.end()
    if held != needed:
        raise ReadError(path, f"{width} x {height} x {channels} need {needed} bytes, it has {held}")
    found = np.fromfile(path, "<f4", width * height * channels, offset=match.end())
    planes = found.astype(np.float32, copy=False).reshape(channels, height, width)
    if channels == 1 and request.channel is None:
        return Found(planes[0], mask_of(planes[0] == 0))
    return Found(chosen(path, np.moveaxis(planes, 0, -1), _CHANNELS[channels], request))


FORMATS = (
    Format(
        "COLMAP",
        (".bin",),
        lambda head, _: _HEADER.match(head) is not None,
        read_colmap,
        summary="depth, float32, 0 is invalid; of normals x, y or z by channel",
        uses_channel=True,
    ),
)
