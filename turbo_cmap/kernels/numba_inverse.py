"""The way back from colours in Numba; see csrc/inverse.c, of which this is the same in Python."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from .._typing import AnyArray, FloatArray
from .inverse_tables import CELLS, InverseTables, words_of
from .reference_inverse import levels_of

_options: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True}
#: Pixels whose words and levels are laid out at a time.
_BLOCK = 16_384
_MEMO_BITS = 14
_FREE = 0xFFFFFFFF


@njit(inline="always", error_model="numpy")
def _search_chunk(
    px: Any,
    py: Any,
    pz: Any,
    segments: Any,
    first: int,
    end: int,
    square: Any,
    segment: int,
    t: Any,
) -> Any:
    for s in range(first, end):
        dx, dy, dz = segments[3, s], segments[4, s], segments[5, s]
        qx, qy, qz = px - segments[0, s], py - segments[1, s], pz - segments[2, s]
        u = ((qx * dx + qy * dy) + qz * dz) * segments[6, s]
        u = u if u > np.float32(0) else np.float32(0)
        u = u if u < np.float32(1) else np.float32(1)
        ex, ey, ez = qx - u * dx, qy - u * dy, qz - u * dz
        here = (ex * ex + ey * ey) + ez * ez
        if here < square or (here == square and s < segment):
            square, segment, t = here, s, u
    return square, segment, t


@njit(inline="always", error_model="numpy")
def _cell(level: Any) -> int:
    return min(max(int(level) * CELLS // 256, 0), CELLS - 1)


@njit(**_options)
def _nearest(px: Any, py: Any, pz: Any, segments: Any, balls: Any, near: Any, first: Any) -> Any:
    chunks = balls.shape[1]
    size = segments.shape[1] // chunks
    cell = (_cell(px) * CELLS + _cell(py)) * CELLS + _cell(pz)
    begin = np.int64(first[cell])
    square, segment, t = _search_chunk(
        px,
        py,
        pz,
        segments,
        begin * size,
        begin * size + size,
        np.float32(np.inf),
        0,
        np.float32(0),
    )
    distance = math.sqrt(square)
    left = near[cell] & ~(np.uint64(1) << np.uint64(begin))
    chunk = 0
    while left:
        if left & np.uint64(1):
            x, y, z = px - balls[0, chunk], py - balls[1, chunk], pz - balls[2, chunk]
            reach = distance + balls[3, chunk]
            if (x * x + y * y) + z * z <= reach * reach:
                at = chunk * size
                square, segment, t = _search_chunk(
                    px, py, pz, segments, at, at + size, square, segment, t
                )
                distance = math.sqrt(square)
        chunk += 1
        left >>= np.uint64(1)
    return segment, t, distance


@njit(**_options)
def _walk(
    words: Any,
    levels: Any,
    segments: Any,
    balls: Any,
    near: Any,
    first: Any,
    slots: Any,
    along: Any,
    painted: Any,
    tolerance: float,
    colors: Any,
    answers: Any,
    distances: Any,
    values: Any,
    distance: Any,
) -> None:
    shift = np.uint32(32 - _MEMO_BITS)
    mask = np.uint32(slots.shape[0] - 1)
    home = np.uint32(33)
    size = slots.shape[0]
    while size:
        home -= np.uint32(1)
        size >>= 1
    for i in range(words.shape[0]):
        r, g, b = words[i, 0], words[i, 1], words[i, 2]
        mixed = (
            np.uint32(r * np.uint32(0x9E3779B1))
            ^ np.uint32(g * np.uint32(0x85EBCA77))
            ^ np.uint32(b * np.uint32(0xC2B2AE3D))
        )
        m = np.uint32(mixed >> shift)
        if not (colors[m, 3] and colors[m, 0] == r and colors[m, 1] == g and colors[m, 2] == b):
            at = np.uint32(mixed >> home)
            while True:
                row = slots[at, 3]
                if row == np.uint32(_FREE) or (
                    slots[at, 0] == r and slots[at, 1] == g and slots[at, 2] == b
                ):
                    break
                at = np.uint32((at + np.uint32(1)) & mask)
            if row != np.uint32(_FREE):
                value = painted[row]
                far = np.float32(0) if value == value else np.float32(np.nan)
            else:
                s, t, far = _nearest(
                    levels[i, 0], levels[i, 1], levels[i, 2], segments, balls, near, first
                )
                value = along[s] + np.float64(t) * (along[s + 1] - along[s])
                if np.float64(far) > tolerance:
                    value = np.nan
            colors[m, 0], colors[m, 1], colors[m, 2], colors[m, 3] = r, g, b, 1
            answers[m], distances[m] = value, far
        values[i] = answers[m]
        if distance.size:
            distance[i] = distances[m]


def uncolorize(
    pixels: AnyArray,
    offsets: tuple[int, int, int, int],
    tables: InverseTables,
    along: FloatArray,
    painted: FloatArray,
    tolerance: float,
    values: AnyArray,
    distance: AnyArray | None,
) -> None:
    """See `reference_inverse.uncolorize`."""
    colors = np.zeros((1 << _MEMO_BITS, 4), dtype=np.uint32)
    answers = np.empty(1 << _MEMO_BITS)
    distances = np.empty(1 << _MEMO_BITS, dtype=np.float32)
    for begin in range(0, len(pixels), _BLOCK):
        part = slice(begin, begin + _BLOCK)
        block = pixels[part]
        rgb = np.ascontiguousarray(block[:, offsets[:3]])
        gone = np.isnan(rgb).any(axis=1) if rgb.dtype.kind == "f" else None
        if offsets[3] >= 0:
            clear = ~(block[:, offsets[3]] > 0)
            gone = clear if gone is None else gone | clear
        far = np.empty(0, np.float32) if distance is None else distance[part]
        _walk(
            words_of(rgb),
            levels_of(rgb),
            tables.segments,
            tables.balls,
            tables.near,
            tables.first,
            tables.slots,
            along,
            painted,
            float(tolerance),
            colors,
            answers,
            distances,
            values[part],
            far,
        )
        if gone is not None:
            values[part][gone] = np.nan
            if distance is not None:
                far[gone] = np.nan
