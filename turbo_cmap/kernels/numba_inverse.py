"""The way back from colors in Numba; see csrc/inverse.c, of which this is the same in Python."""

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


@njit(inline="always", error_model="numpy")
def _mixed(r: Any, g: Any, b: Any) -> Any:
    return (
        np.uint32(r * np.uint32(0x9E3779B1))
        ^ np.uint32(g * np.uint32(0x85EBCA77))
        ^ np.uint32(b * np.uint32(0xC2B2AE3D))
    )


@njit(**_options)
def _resolve(
    r: Any,
    g: Any,
    b: Any,
    px: Any,
    py: Any,
    pz: Any,
    segments: Any,
    balls: Any,
    near: Any,
    first: Any,
    slots: Any,
    along: Any,
    painted: Any,
    tolerance: float,
) -> Any:
    """Value and distance of a color that is not in the memo: its words and its levels."""
    shift = np.uint32(33)
    size = slots.shape[0]
    while size:
        shift -= np.uint32(1)
        size >>= 1
    mask = np.uint32(slots.shape[0] - 1)
    at = np.uint32(_mixed(r, g, b) >> shift)
    while slots[at, 3] != np.uint32(_FREE):
        if slots[at, 0] == r and slots[at, 1] == g and slots[at, 2] == b:
            value = painted[slots[at, 3]]
            return value, np.float32(0) if value == value else np.float32(np.nan)
        at = np.uint32((at + np.uint32(1)) & mask)
    s, t, far = _nearest(px, py, pz, segments, balls, near, first)
    value = along[s] + np.float64(t) * (along[s + 1] - along[s])
    return value if not np.float64(far) > tolerance else np.nan, far


@njit(**_options)
def _walk_u8(
    pixels: Any,
    offsets: Any,
    segments: Any,
    balls: Any,
    near: Any,
    first: Any,
    slots: Any,
    along: Any,
    painted: Any,
    tolerance: float,
    values: Any,
    distance: Any,
) -> None:
    keys = np.full(1 << _MEMO_BITS, np.uint32(_FREE))
    answers = np.empty(1 << _MEMO_BITS)
    distances = np.empty(1 << _MEMO_BITS, dtype=np.float32)
    shift = np.uint32(32 - _MEMO_BITS)
    flat = pixels.reshape(-1)
    channels = np.uintp(pixels.shape[1])
    # Unsigned, or each index would be asked whether it counts from the end.
    red, green, blue = np.uintp(offsets[0]), np.uintp(offsets[1]), np.uintp(offsets[2])
    has_alpha, alpha = offsets[3] >= 0, np.uintp(max(offsets[3], 0))
    has_distance = distance.size > 0
    for i in range(values.shape[0]):
        p = np.uintp(i) * channels
        r, g, b = np.uint32(flat[p + red]), np.uint32(flat[p + green]), np.uint32(flat[p + blue])
        key = np.uint32(r | (g << np.uint32(8)) | (b << np.uint32(16)))
        m = np.uint32(np.uint32(key * np.uint32(0x9E3779B1)) >> shift)
        if keys[m] != key:
            answers[m], distances[m] = _resolve(
                r,
                g,
                b,
                np.float32(r),
                np.float32(g),
                np.float32(b),
                segments,
                balls,
                near,
                first,
                slots,
                along,
                painted,
                tolerance,
            )
            keys[m] = key
        gone = has_alpha and flat[p + alpha] == 0
        values[i] = np.nan if gone else answers[m]
        if has_distance:
            distance[i] = np.float32(np.nan) if gone else distances[m]


@njit(**_options)
def _walk_words(
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
    memo: Any,
    values: Any,
    distance: Any,
) -> None:
    colors, answers, distances = memo
    shift = np.uint32(32 - _MEMO_BITS)
    for i in range(words.shape[0]):
        r, g, b = words[i, 0], words[i, 1], words[i, 2]
        m = np.uint32(_mixed(r, g, b) >> shift)
        if not (colors[m, 3] and colors[m, 0] == r and colors[m, 1] == g and colors[m, 2] == b):
            answers[m], distances[m] = _resolve(
                r,
                g,
                b,
                levels[i, 0],
                levels[i, 1],
                levels[i, 2],
                segments,
                balls,
                near,
                first,
                slots,
                along,
                painted,
                tolerance,
            )
            colors[m, 0], colors[m, 1], colors[m, 2], colors[m, 3] = r, g, b, 1
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
    fixed = (*tables[:4], tables.slots, along, painted, float(tolerance))
    far = np.empty(0, np.float32) if distance is None else distance
    if pixels.dtype == np.uint8:
        _walk_u8(pixels, offsets, *fixed, values, far)
        return
    memo = (
        np.zeros((1 << _MEMO_BITS, 4), dtype=np.uint32),
        np.empty(1 << _MEMO_BITS),
        np.empty(1 << _MEMO_BITS, dtype=np.float32),
    )
    for begin in range(0, len(pixels), _BLOCK):
        part = slice(begin, begin + _BLOCK)
        block = pixels[part]
        rgb = np.ascontiguousarray(block[:, offsets[:3]])
        _walk_words(words_of(rgb), levels_of(rgb), *fixed, memo, values[part], far[part])
        gone = np.isnan(rgb).any(axis=1) if rgb.dtype.kind == "f" else np.zeros(len(rgb), np.bool_)
        if offsets[3] >= 0:
            gone |= ~(block[:, offsets[3]] > 0)
        values[part][gone] = np.nan
        far[part][gone[: len(far[part])]] = np.nan
