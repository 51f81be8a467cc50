"""The truth about the way back: the nearest point of a polyline, in plain NumPy.

Other kernels give the same in every bit; they search a part of the segments only, and keep
what they have found for a color.
"""

from __future__ import annotations

import numpy as np

from .._typing import AnyArray, FloatArray
from .inverse_tables import InverseTables, slot_of, words_of

#: Colors that are compared with all segments at once.
_BLOCK = 256


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
    """Values of pixels.

    Parameters
    ----------
    pixels : ndarray of uint8, uint16 or float32, shape (count, 3 or 4)
        Dense. A pixel with a NaN in R, G or B has the value NaN.
    offsets : tuple of int
        Where R, G, B, A stand in a pixel; the last is -1 where there is no alpha. A pixel
        with alpha 0 has the value NaN.
    tables : InverseTables
        For the dtype of the pixels.
    along, painted : ndarray of float64
        Values in place of the positions that *tables* have.
    tolerance : float
        A pixel that is farther from the polyline has the value NaN.
    values : ndarray of float32 or float64, shape (count,)
        Written.
    distance : ndarray of float32, shape (count,), or None
        Written: distances from the polyline in 8-bit levels; 0 for colors that were
        painted, and NaN for those of them that are no values and for transparent pixels.
    """
    rgb = np.ascontiguousarray(pixels[:, offsets[:3]])
    words = words_of(rgb)
    _, first, back = np.unique(
        words.view([("", np.uint32)] * 3).ravel(), return_index=True, return_inverse=True
    )
    found, far = _values(rgb[first], words[first], tables, along, painted, tolerance)
    gone = np.isnan(rgb).any(axis=1) if rgb.dtype.kind == "f" else np.zeros(len(rgb), np.bool_)
    if offsets[3] >= 0:
        gone |= ~(pixels[:, offsets[3]] > 0)
    with np.errstate(over="ignore"):
        values[...] = found[back]
    values[gone] = np.nan
    if distance is not None:
        distance[...] = far[back]
        distance[gone] = np.nan


def _values(
    rgb: AnyArray,
    words: AnyArray,
    tables: InverseTables,
    along: FloatArray,
    painted: FloatArray,
    tolerance: float,
) -> tuple[FloatArray, AnyArray]:
    row = _rows(words, tables.slots)
    known = row >= 0
    value = np.empty(len(rgb))
    distance = np.empty(len(rgb), dtype=np.float32)
    value[known] = painted[row[known]]
    distance[known] = np.where(np.isnan(value[known]), np.float32(np.nan), np.float32(0))
    unknown = np.flatnonzero(~known)
    levels = levels_of(rgb[unknown])
    with np.errstate(invalid="ignore"):  # where a color is NaN
        for begin in range(0, len(unknown), _BLOCK):
            part = unknown[begin : begin + _BLOCK]
            segment, t, distance[part] = _nearest(levels[begin : begin + _BLOCK], tables)
            way = along[segment + 1] - along[segment]
            value[part] = along[segment] + t.astype(np.float64) * way
        value[unknown[distance[unknown] > np.float64(tolerance)]] = np.nan
    return value, distance


def levels_of(rgb: AnyArray) -> AnyArray:
    """Pixels in 8-bit levels, float32."""
    if rgb.dtype.kind == "f":
        return np.asarray(rgb * np.float32(255))
    if rgb.dtype == np.uint16:
        return np.asarray(rgb.astype(np.float32) / np.float32(257))
    return rgb.astype(np.float32)


def _rows(words: AnyArray, slots: AnyArray) -> AnyArray:
    """Rows of colors that were painted; -1 for others."""
    row = np.full(len(words), -1, dtype=np.int32)
    at = slot_of(words, len(slots))
    left = np.arange(len(words))
    while left.size:
        slot = slots[at]
        here = slot[:, 3].view(np.int32)
        same = (slot[:, :3] == words[left]).all(axis=1) & (here >= 0)
        row[left[same]] = here[same]
        on = ~same & (here >= 0)
        left, at = left[on], (at[on] + 1) % len(slots)
    return row


def _nearest(levels: AnyArray, tables: InverseTables) -> tuple[AnyArray, AnyArray, AnyArray]:
    """The first of the nearest segments, where on it, and how far away."""
    ax, ay, az, dx, dy, dz, shrink = tables.segments
    qx, qy, qz = (levels[:, c, np.newaxis] - a for c, a in enumerate((ax, ay, az)))
    t = np.clip(((qx * dx + qy * dy) + qz * dz) * shrink, np.float32(0), np.float32(1))
    ex, ey, ez = qx - t * dx, qy - t * dy, qz - t * dz
    square = (ex * ex + ey * ey) + ez * ez
    segment = square.argmin(axis=1)
    each = np.arange(len(levels))
    return segment, t[each, segment], np.sqrt(square[each, segment])
