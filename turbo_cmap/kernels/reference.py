"""The truth: every kernel in plain NumPy.

All other kernels equal these in every bit. Values are dense float32 or float64 here, NaN
where they do not count; bool, 8- and 16-bit integers and float16 have become float32, 32-
and 64-bit integers float64 (rounded to nearest).
"""

from __future__ import annotations

import numpy as np

from .._typing import AnyArray, FloatArray, IndexArray
from ..scale import Affine, Mirrored
from ..steps import Steps
from .projection import BITS, CELL_BITS, ONE, Projection
from .reference_inverse import uncolorize as uncolorize
from .transfer import LEVEL_BITS, SHIFTS, Transfer, WideMap


def indices(x: AnyArray, scale: Affine, n: int, under: int, over: int, bad: int) -> IndexArray:
    """Table indices of values on a linear scale.

    Each operation is done in float64 and rounded to the type of *x*, which is what NumPy
    does with an array and float64 scalars, and so what matplotlib's ``Normalize`` and
    ``Colormap`` do: the indices are theirs.

    Parameters
    ----------
    x : ndarray of float32 or float64, shape (count,)
    scale : Affine
    n : int
        Number of colors. The position 1 belongs to the last one.
    under, over, bad : int
        Indices for positions below 0 and above 1, and for NaN.

    Returns
    -------
    ndarray of int32, shape (count,)
    """
    kind = x.dtype.type
    span = scale.vmax - scale.vmin
    with np.errstate(all="ignore"):
        difference = (x * np.float64(scale.prescale) - scale.vmin).astype(kind)
        if span == 0:  # every finite value is at 0
            position = np.where(np.isfinite(x), kind(0), x)
        else:
            position = (difference / np.float64(span)).astype(kind)
        entry = position * kind(n)
        inside = (entry >= 0) & (entry <= n)
        result = np.where(inside, entry, 0).astype(np.int32)
    np.minimum(result, n - 1, out=result)
    result[entry < 0] = under
    result[entry > n] = over
    result[np.isnan(x)] = bad
    return result


def mirrored_indices(
    x: AnyArray, scale: Mirrored, n: int, under: int, over: int, bad: int
) -> IndexArray:
    """Table indices of values on a scale with a center.

    The distance from the center is turned into a number of entries as in `indices`, in
    units of half the map, and counted from the middle: from the middle entry, which
    reaches half an entry to both sides, if *n* is odd; from the border between the two in
    the middle if it is even.

    Parameters
    ----------
    x : ndarray of float32 or float64, shape (count,)
    scale : Mirrored
    n, under, over, bad : int
        See `indices`.

    Returns
    -------
    ndarray of int32, shape (count,)
    """
    kind = x.dtype.type
    odd = n % 2 == 1
    up = n // 2  # the first entry of the upper side, and of the lower one
    down = up if odd else up - 1
    with np.errstate(all="ignore"):
        scaled = x * np.float64(scale.prescale)
        below = scaled < scale.center
        distance = np.abs(scaled - scale.center).astype(kind)
        steps = (distance / np.float64(scale.halfrange)).astype(kind) * kind(n / 2)
        steps[distance == 0] = 0
        outside = steps > n / 2
        count = np.where(outside | np.isnan(x), 0, steps + kind(0.5 if odd else 0))
        count = np.minimum(count.astype(np.int32), down)
    result = np.where(below, down - count, up + count).astype(np.int32)
    result[outside & below] = under
    result[outside & ~below] = over
    result[np.isnan(x)] = bad
    return result


def step_indices(x: AnyArray, steps: Steps, n: int, under: int, over: int, bad: int) -> IndexArray:
    """Table indices of values by steps.

    Parameters
    ----------
    x : ndarray of the dtype of the edges, shape (count,)
    steps : Steps
    n, under, over, bad : int
        See `indices`; what the codes of *steps* stand for.

    Returns
    -------
    ndarray of int32, shape (count,)
    """
    entries = entries_of(steps.codes, n, under, over, bad)
    result = entries[np.searchsorted(steps.edges, x, side="right")]
    result[np.isnan(x)] = bad
    return result


def entries_of(codes: IndexArray, n: int, under: int, over: int, bad: int) -> IndexArray:
    """The codes of `turbo_cmap.steps` as table indices."""
    table = np.append(np.arange(n), (bad, over, under)).astype(np.int32)  # at -3, -2, -1
    entries: IndexArray = table[codes]
    return entries


def positions(x: AnyArray, scale: Affine) -> tuple[AnyArray, AnyArray, AnyArray, AnyArray]:
    """Positions on a linear scale, for maps that are functions.

    ``x - vmin`` as in `indices`, then divided by ``vmax - vmin`` in the type of *x*, so
    that vmin is at 0 and vmax at 1 exactly; then clamped and rounded to float32.

    Returns
    -------
    t : ndarray of float32, shape (count,)
        In [0, 1]; 0 for NaN.
    under, over, bad : ndarray of bool, shape (count,)
    """
    kind = x.dtype.type
    span = scale.vmax - scale.vmin
    bad = np.isnan(x)
    with np.errstate(all="ignore"):
        if span == 0:  # every finite value is at 0
            raw = np.where(np.isinf(x), x, kind(0))
        else:
            difference = (x * np.float64(scale.prescale) - scale.vmin).astype(kind)
            raw = difference / kind(span)
        under, over = raw < 0, raw > 1
        t = np.where(raw >= 0, np.minimum(raw, kind(1)), kind(0)).astype(np.float32)
    return t, under & ~bad, over & ~bad, bad


def curve(t: AnyArray, coefficients: AnyArray) -> AnyArray:
    """One channel of a curve in pieces of equal length, in float32, clamped to [0, 1].

    Parameters
    ----------
    t : ndarray of float32, shape (count,)
        In [0, 1].
    coefficients : ndarray of float32, shape (degree + 1, pieces)
        Ascending powers of the place in the piece, in [0, 1].

    Returns
    -------
    ndarray of float32, shape (count,)
        By Horner's rule.
    """
    pieces = coefficients.shape[1]
    place = t * np.float32(pieces)
    piece = np.minimum(place.astype(np.int32), pieces - 1)
    place = place - piece.astype(np.float32)
    value: AnyArray = coefficients[-1, piece]
    with np.errstate(under="ignore"):
        for row in coefficients[-2::-1]:
            value = value * place + row[piece]
    return np.clip(value, np.float32(0), np.float32(1))


def quantize(level: AnyArray, dtype: np.dtype[np.generic]) -> AnyArray:
    """float32 levels in [0, 1] as the output's dtype: ``rint(255 c)``, ``rint(65535 c)`` or c."""
    if dtype.kind == "f":
        return level.astype(dtype)
    most = np.float32(np.iinfo(np.uint8 if dtype == np.uint8 else np.uint16).max)
    return np.rint(level * most).astype(dtype)


def take(entries: AnyArray, indices: IndexArray, out: AnyArray) -> None:
    """Rows of *entries*, shape (n + 3, channels), into *out*, shape (count, channels)."""
    out[...] = entries[indices]


def extent(x: AnyArray) -> tuple[float, float]:
    """Finite minimum and maximum; (inf, -inf) when there is none."""
    finite = x[np.isfinite(x)]
    if finite.size == 0:
        return np.inf, -np.inf
    return float(finite.min()), float(finite.max())


def inside(keys: AnyArray, first: int, last: int) -> int:
    """How many of the keys are from *first* to *last*."""
    kind = keys.dtype.type
    return int(np.count_nonzero((keys >= kind(first)) & (keys <= kind(last))))


def within(keys: AnyArray, first: int, last: int) -> AnyArray:
    """Those of the keys, 1-D, that are from *first* to *last*."""
    kind = keys.dtype.type
    found: AnyArray = keys[(keys >= kind(first)) & (keys <= kind(last))]
    return found


def among(keys: AnyArray, spans: AnyArray) -> AnyArray:
    """Those of the keys, 1-D, that are in one of the spans.

    Parameters
    ----------
    keys : ndarray of uint32 or uint64, 1-D
    spans : ndarray of uint64, shape (n, 3)
        First and last key of each, and a third number; disjoint and ascending.
    """
    return _located(keys, spans)[0]


def tally(
    keys: AnyArray, spans: AnyArray, counts: AnyArray, ends: AnyArray, bounds: AnyArray
) -> None:
    """Count keys in bins of spans, and find their least and greatest.

    Parameters
    ----------
    keys : ndarray of uint32 or uint64, 1-D
    spans : ndarray of uint64, shape (n, 3)
        First and last key of each, and the binary logarithm of the keys in a bin; disjoint
        and ascending.
    counts : ndarray of uint64, shape (bins,)
        The bins of the first span, then those of the second, and so on. Is added to.
    ends : ndarray of int64, shape (n,)
        Where in *counts* each span's bins end.
    bounds : ndarray of uint64, shape (2, n)
        Least and greatest key found in each span, joined to those already there.
    """
    found, number = _located(keys, spans)
    if not found.size:
        return
    begins = np.concatenate([np.zeros(1, np.int64), ends[:-1]])
    bins = (found - spans[number, 0]) >> spans[number, 2]
    np.add.at(counts, begins[number] + bins.astype(np.int64), np.uint64(1))
    np.minimum.at(bounds[0], number, found)
    np.maximum.at(bounds[1], number, found)


def _located(keys: AnyArray, spans: AnyArray) -> tuple[AnyArray, AnyArray]:
    """Those of the keys that are in a span, as uint64, and the numbers of their spans."""
    kind = keys.dtype
    number = np.searchsorted(spans[:, 1].astype(kind), keys)
    there = number < len(spans)
    keys, number = keys[there], number[there]
    there = keys >= spans[:, 0].astype(kind)[number]
    return keys[there].astype(np.uint64), number[there]


def simulate(rgb: AnyArray, projection: Projection, out: AnyArray) -> None:
    """Map the light of 8-bit pixels, as `turbo_cmap.kernels.projection` says.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (count, 3)
    projection : Projection
    out : ndarray of uint8, shape (count, 3)
        Written to.
    """
    columns, fold, levels = projection
    sums = columns[0][rgb[:, 0]]
    sums += columns[1][rgb[:, 1]]
    sums += columns[2][rgb[:, 2]]
    light = sums[:, :3]
    if fold is not None:
        beyond = np.minimum(sums[:, 3:], 0).astype(np.int64)
        light += (fold * beyond >> BITS).astype(np.int32)
    light = np.clip(light, 0, ONE)
    out[...] = (levels[light >> CELL_BITS] + light) >> CELL_BITS


def simulate_wide(rgb: AnyArray, wide: WideMap, out: AnyArray) -> None:
    """Map the light of other pixels, as `turbo_cmap.kernels.transfer` says.

    Parameters
    ----------
    rgb : ndarray of uint16, float32 or float64, shape (count, 3)
    wide : WideMap
        For that dtype.
    out : ndarray of the dtype and the shape of *rgb*
        Written to.
    """
    if wide.levels is None:
        x = _through(wide.decode, rgb.astype(np.float64))
    else:
        x = wide.levels[rgb] / (1 << LEVEL_BITS)
    y = _product(wide.matrix.T, x)
    if wide.fold is not None:
        side = _product(wide.fold[:1].T, x)
        y += wide.fold[1] * np.where(side < 0, side, 0)
    seen = np.minimum(_through(wide.encode, y), 1)
    if wide.levels is None:
        out[...] = seen
    else:
        out[...] = 65_535 * seen + 0.5


def _product(columns: FloatArray, x: FloatArray) -> FloatArray:
    """The matrix product of *x* and columns, always in the same order."""
    r, g, b = (x[:, k, np.newaxis] * columns[k] for k in range(3))
    return np.asarray(r + g + b)


def _through(transfer: Transfer, z: FloatArray) -> FloatArray:
    knee, rows = transfer
    shift = SHIFTS[rows.shape[1]]
    z = np.clip(z, 0, 1)
    first = np.float64(knee).view(np.int64)
    curved = np.where(z > knee, z, knee)
    row = (curved.view(np.int64) - first + ((1 << shift) - 1)) >> shift
    u = z - (first + (row << shift)).view(np.float64)
    w = u * u
    c = [np.take(column, row) for column in np.ascontiguousarray(rows.T)]
    even, odd = c[-2], c[-1]
    for k in range(len(c) - 4, -1, -2):
        even, odd = even * w + c[k], odd * w + c[k + 1]
    return np.asarray(even + u * odd)


def blend(rgba: AnyArray, photo: AnyArray, mixed: AnyArray, out: AnyArray) -> None:
    """Lay colors over a photo, as `turbo_cmap.kernels.Backend` says.

    Parameters
    ----------
    rgba : ndarray of uint8, shape (count, 4)
    photo : ndarray of uint8, shape (count, 1 | 3 | 4)
    mixed : ndarray of uint8, shape (256, 256)
    out : ndarray of uint8, shape (count, 3 | 4)
        Written to; may be the photo.
    """
    behind = photo[:, :3]
    out[:, :3] = np.where(rgba[:, 3:] == 0, behind, mixed[rgba[:, :3], behind])
    if photo.shape[1] == 4:
        out[:, 3] = photo[:, 3]
