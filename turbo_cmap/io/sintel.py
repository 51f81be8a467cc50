"""Depth and flow of MPI Sintel and of Middlebury: .dpt and .flo.

::

    202021.25     float32, little-endian, whose bytes spell PIEH
    1024 436      width, height as int32
    <float32>     rows from the top: depth, or the two components of flow in turn

Both begin alike, so the name tells which it is; where it ends otherwise, the size of the file.
(The size alone would take half a file of flow for depth.)

References
----------
Sintel: http://sintel.is.tue.mpg.de/depth
Flow: https://vision.middlebury.edu/flow/code/flow-code/README.txt, which also says that a
component above 1e9 means "unknown".
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from .._typing import AnyArray, BoolArray
from .channels import channel_index
from .raster import ReadError, mask_of
from .registry import Format, Found, Request

_TAG = struct.pack("<f", 202021.25)
_HEADER = struct.Struct("<4sii")
_UNKNOWN_FLOW = 1e9
_FLOW_CHANNELS = ("magnitude", "u", "v")


def read_dpt(path: Path, size: int, _: Request) -> Found:
    """Depth in meters."""
    return Found(_floats(path, size, 1)[..., 0], unit="m")


def read_flo(path: Path, size: int, request: Request) -> Found:
    """How far a pixel moves, or to the right (u), or down (v); in pixels."""
    wanted = channel_index(path, _FLOW_CHANNELS, request.channel or "magnitude")
    flow = _floats(path, size, 2)
    with np.errstate(all="ignore"):
        known: BoolArray = np.abs(flow).max(axis=-1) <= _UNKNOWN_FLOW  # nor is NaN
        values = np.hypot(flow[..., 0], flow[..., 1]) if wanted == 0 else flow[..., wanted - 1]
    name = _FLOW_CHANNELS[wanted]
    return Found(values, mask_of(~known), unit="px", metadata={"channel": name})


def _floats(path: Path, size: int, channels: int) -> AnyArray:
    with path.open("rb") as file:
        head = file.read(_HEADER.size)
    if len(head) < _HEADER.size:
        raise ReadError(path, "ends in its header")
    _, width, height = _HEADER.unpack(head)
    if width < 1 or height < 1:
        raise ReadError(path, f"has no pixels: it is {width} x {height}")
    needed, held = 4 * width * height * channels, size - _HEADER.size
    if held < needed:
        raise ReadError(path, f"{width} x {height} need {needed} bytes, it has {held}")
    if held > needed:
        raise ReadError(
            path, f"{width} x {height} need {needed} bytes, it has {held}: its header is wrong"
        )
    count = width * height * channels
    found = np.fromfile(path, "<f4", count, offset=_HEADER.size)
    return found.reshape(height, width, channels).astype(np.float32, copy=False)


def _is_flow(head: bytes, path: Path) -> bool:
    if not head.startswith(_TAG):
        return False
    if path.suffix.lower() in (".flo", ".dpt") or len(head) < _HEADER.size:
        return path.suffix.lower() == ".flo"
    _, width, height = _HEADER.unpack_from(head)
    return bool(path.stat().st_size - _HEADER.size == 8 * width * height)


FORMATS = (
    Format(
        "FLO",
        (".flo",),
        _is_flow,
        read_flo,
        summary="optical flow, float32: its magnitude, or u, or v by channel; "
        "beyond 1e9 is invalid",
        uses_channel=True,
    ),
    Format(
        "DPT",
        (".dpt",),
        lambda head, _: head.startswith(_TAG),
        read_dpt,
        summary="Sintel's depth, float32, in meters",
    ),
)
