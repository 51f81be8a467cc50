"""What a kernel finds values of colors with: the colors that a map paints, and its curve."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple

import numpy as np

from .._typing import AnyArray, FloatArray, IndexArray
from ..colormap import ByteRule, Colormap
from .palette import quantize

#: A chunk is a multiple of so many segments; as the two below in csrc/inverse.h.
RUN = 16
MOST_CHUNKS = 64
#: Into how many cells the edge of the RGB cube is cut.
CELLS = 16
#: The polyline has at least about so many segments where there is a curve to follow.
_SEGMENTS = 500
_MOST_SEGMENTS = 1 << 14
#: How far it may be from the curve, in 8-bit levels.
SAGITTA = 0.02
#: Added to the balls' radii, in 8-bit levels: far more than the kernels' rounding.
_MARGIN = 0.05
#: Where "spline" pictures are sampled to find out which colors there are.
_SAMPLES = 1 << 16

#: How a picture was painted; as *method* of `turbo_cmap.colorize`.
Method = Literal["lut", "spline"]


class InverseTables(NamedTuple):
    """A color map made ready to be inverted, for pixels of one dtype. Read-only arrays.

    Positions are on the scale: 0 at vmin, 1 at vmax.
    """

    segments: AnyArray  # float32, (7, S): x, y, z of the start; of the way; 1 / length**2 or 0
    balls: AnyArray  # float32, (4, chunks): x, y, z and radius around S / chunks segments each
    # Of cells of the RGB cube, R slowest: the chunks that may be nearest to a point in it, as
    # bits, and the one to begin with.
    near: AnyArray  # uint64, (CELLS**3,)
    first: AnyArray  # uint8, (CELLS**3,)
    along: FloatArray  # (S + 1,): positions of the ends of segments
    slots: AnyArray  # uint32, (a power of two, 4): a color's words and its row, see `slot_of`
    painted: FloatArray  # (rows,): positions of painted colors; -inf under, inf over, NaN bad


class RepeatedColorError(ValueError):
    """A map that has one color at two places."""


def inverse_tables(cmap: Colormap, method: Method, dtype: np.dtype[Any]) -> InverseTables:
    """Tables for a map.

    Parameters
    ----------
    cmap : Colormap
    method : {"lut", "spline"}
        Of the latter the map needs a curve.
    dtype : dtype
        Of the pixels: uint8, uint16 or float32.

    Raises
    ------
    RepeatedColorError
        If the map gives two values, not next to each other, the same color.
    """
    points, positions = _polyline(cmap, method)
    segments, along = _padded(points, positions)
    slots, painted = _painted(cmap, method, dtype)
    balls = _balls(points, segments.shape[1])
    near, first = _cells(balls, segments)
    tables = InverseTables(segments, balls, near, first, along, slots, painted)
    for array in tables:
        array.flags.writeable = False
    return tables


# --- the polyline ---


def _polyline(cmap: Colormap, method: Method) -> tuple[FloatArray, FloatArray]:
    """Points, in 8-bit levels, and their positions."""
    n = len(cmap)
    curve = cmap.curve
    if curve is None or n == 1:
        points = 255 * cmap.rgba[:, :3]
        s = np.arange(n) / max(1, n - 1)
    else:
        pieces = -(-_SEGMENTS // (n - 1))
        while True:
            s = np.arange(pieces * (n - 1) + 1) / (pieces * (n - 1))
            points = 255 * np.asarray(curve(s), np.float64)[..., :3]
            middle = 255 * np.asarray(curve((s[1:] + s[:-1]) / 2), np.float64)[..., :3]
            aside = np.sqrt(((middle - (points[1:] + points[:-1]) / 2) ** 2).sum(1))
            if aside.max() <= SAGITTA or 2 * len(s) > _MOST_SEGMENTS:
                break
            pieces *= 2
    return points, s if method == "spline" else (s * (n - 1) + 0.5) / n


def _padded(points: FloatArray, positions: FloatArray) -> tuple[AnyArray, FloatArray]:
    """Segments in whole chunks; what is too much stays at the last point."""
    count = max(1, len(points) - 1)
    chunk = _chunk(count)
    count = -(-count // chunk) * chunk
    more = count + 1 - len(points)
    ends = np.concatenate([points, np.repeat(points[-1:], more, axis=0)]).astype(np.float32)
    start, way = ends[:-1], np.diff(ends, axis=0)
    square = (way.astype(np.float64) ** 2).sum(axis=1)
    with np.errstate(divide="ignore"):
        shrink = np.where(square > 0, 1 / square, 0)
    # 1 / square of a way that is next to nothing is too much for a float, and so no way.
    shrink[shrink > 1e30] = 0
    segments = np.concatenate([start.T, way.T, shrink[np.newaxis]])
    dense = np.ascontiguousarray(segments, dtype=np.float32)
    return dense, np.concatenate([positions, np.repeat(positions[-1:], more)])


def _chunk(segments: int) -> int:
    """Segments in a chunk."""
    return -(-segments // (RUN * MOST_CHUNKS)) * RUN


def _balls(points: FloatArray, segments: int) -> AnyArray:
    """Balls around the chunks of padded segments."""
    chunk = _chunk(segments)
    ends = np.arange(segments // chunk)[:, np.newaxis] * chunk + np.arange(chunk + 1)
    inside = points[np.minimum(ends, len(points) - 1)]
    center = (inside.min(axis=1) + inside.max(axis=1)) / 2
    radius = np.sqrt(((inside - center[:, np.newaxis]) ** 2).sum(axis=-1)).max(axis=1)
    balls = np.concatenate([center.T, radius[np.newaxis] + _MARGIN])
    return np.ascontiguousarray(balls, dtype=np.float32)


def _cells(balls: AnyArray, segments: AnyArray) -> tuple[AnyArray, AnyArray]:
    """For each cell the chunks that may be nearest to a point in it, and one that likely is.

    The point in the middle of a chunk is on the curve, so the nearest is no farther from any
    point of a cell than one such point from the farthest corner.
    """
    chunks = balls.shape[1]
    half = np.float32(128 / CELLS)
    cell = (np.arange(CELLS, dtype=np.float32) * 2 + 1) * half
    chunk = segments.shape[1] // chunks
    points = segments[:3, chunk // 2 :: chunk]
    # How far the middles of cells are from points and from the middles of balls, by axes.
    aside = [np.abs(cell[:, np.newaxis] - point) for point in points]
    farthest = np.sqrt(_added([(a + half) ** 2 for a in aside]))
    aside = [np.abs(cell[:, np.newaxis] - center) for center in balls[:3]]
    least = np.sqrt(_added([np.maximum(a - half, 0) ** 2 for a in aside])) - balls[3]
    may = least <= farthest.min(axis=1, keepdims=True) + np.float32(_MARGIN)
    bits = np.left_shift(np.uint64(1), np.arange(chunks, dtype=np.uint64))
    near = np.where(may, bits, np.uint64(0)).sum(axis=1, dtype=np.uint64)
    return near, _added([a * a for a in aside]).argmin(axis=1).astype(np.uint8)


def _added(squares: list[AnyArray]) -> AnyArray:
    """For each cell and ball the sum of what its row, column and layer have."""
    x, y, z = squares
    every = x[:, np.newaxis, np.newaxis] + y[:, np.newaxis] + z
    return np.asarray(every.reshape(CELLS**3, -1))


# --- the colors that were painted ---


def _painted(cmap: Colormap, method: Method, dtype: np.dtype[Any]) -> tuple[AnyArray, FloatArray]:
    """Slots and positions of the colors of a map, of its *under* and *over*, and of *bad*."""
    own, *foreign = _roundings(cmap.byte_rule, dtype)
    colors, positions = [], []
    for rule in (own, *foreign):
        words = words_of(rule(_samples(cmap, method)))
        runs = _runs(words)
        if rule is own:
            _refuse_repeated(words, runs, cmap, method)
        colors.append(words[runs[:-1]])
        positions.append(_middles(runs, len(words), method))
    # A color of the map wins over one that only stands for what is not in it. Where under
    # and over have one color, that tells nothing.
    special = [cmap.bad]
    if cmap.under is not None and cmap.over is not None and cmap.under[:3] == cmap.over[:3]:
        special.append(cmap.under)
        where = [np.nan, np.nan]
    else:
        outside = [(cmap.under, -np.inf), (cmap.over, np.inf)]
        special += [color for color, _ in outside if color is not None]
        where = [np.nan, *(end for color, end in outside if color is not None)]
    for rule in (own, *foreign):
        colors.append(words_of(rule(np.array(special)[:, :3])))
        positions.append(np.array(where))
    every, first = np.unique(np.concatenate(colors), axis=0, return_index=True)
    return _slots(every), np.concatenate(positions)[first]


def _samples(cmap: Colormap, method: Method) -> FloatArray:
    if method == "lut":
        return cmap.rgba[:, :3]
    curve = cmap.curve
    assert curve is not None
    return np.asarray(curve(np.arange(_SAMPLES + 1) / _SAMPLES), np.float64)[..., :3]


def _roundings(
    byte_rule: ByteRule, dtype: np.dtype[Any]
) -> Iterator[Callable[[FloatArray], AnyArray]]:
    """How colors may have become pixels of a dtype: first as by `colorize`, then by others.

    Pictures of 8 bits are often widened: by 257 to 16 bits, over 255 to floats.
    """
    rules: tuple[ByteRule, ...] = ("round", "truncate")
    if byte_rule == "truncate":
        rules = rules[::-1]
    if dtype != np.uint8:
        yield lambda colors: quantize(colors, dtype)
    if dtype == np.float32:
        sixteen = np.dtype(np.uint16)
        yield lambda colors: quantize(colors, sixteen).astype(dtype) / np.float32(65535)
    for rule in rules:
        if dtype == np.uint8:
            yield lambda colors, rule=rule: quantize(colors, dtype, rule)  # type: ignore[misc]
        elif dtype == np.uint16:
            yield lambda colors, rule=rule: (  # type: ignore[misc]
                quantize(colors, np.dtype(np.uint8), rule) * np.uint16(257)
            )
        else:
            yield lambda colors, rule=rule: (  # type: ignore[misc]
                quantize(colors, np.dtype(np.uint8), rule).astype(dtype) / np.float32(255)
            )


def words_of(pixels: AnyArray) -> AnyArray:
    """Pixels of uint8, uint16 or float32, shape (..., C), as uint32: floats as their bits."""
    if pixels.dtype.kind == "f":
        positive_zero: AnyArray = pixels + np.float32(0)
        return positive_zero.view(np.uint32)
    return pixels.astype(np.uint32)


def _runs(words: AnyArray) -> IndexArray:
    """Where equal neighbors begin, and the end."""
    begins = np.flatnonzero((words[1:] != words[:-1]).any(axis=1)) + 1
    return np.concatenate([[0], begins, [len(words)]]).astype(np.int32)


def _middles(runs: IndexArray, count: int, method: Method) -> FloatArray:
    """Positions of the middles of runs of samples."""
    if method == "lut":
        return np.asarray((runs[1:] + runs[:-1]) / (2 * count))
    return np.asarray((runs[1:] + runs[:-1] - 1) / (2 * (count - 1)))


def _refuse_repeated(words: AnyArray, runs: IndexArray, cmap: Colormap, method: Method) -> None:
    begins = runs[:-1]
    _, first, back = np.unique(words[begins], axis=0, return_index=True, return_inverse=True)
    again = np.flatnonzero(first[back.ravel()] != np.arange(len(begins)))
    if not again.size:
        return
    one, two = int(begins[first[back.ravel()[again[0]]]]), int(begins[again[0]])
    what = f"entries {one} and {two}"
    if method != "lut":
        what = f"positions {one / _SAMPLES:.4f} and {two / _SAMPLES:.4f}"
    red, green, blue = 255 * _samples(cmap, method)[two]
    raise RepeatedColorError(
        f"cmap must not have a color twice, but {what} of {cmap.name!r} "
        f"both are ({red:.0f}, {green:.0f}, {blue:.0f})"
    )


# --- looking colors up ---

_PRIMES = np.array([0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D], dtype=np.uint32)


def slot_of(words: AnyArray, slots: int) -> AnyArray:
    """The slot, of a power of two, in which a color is looked for first.

    Then the next ones in turn, until one whose row is below 0 (2**32 - 1). The multipliers
    are primes of xxHash (Yann Collet, BSD-2-Clause), as in csrc/inverse.h.
    """
    product = words * _PRIMES
    mixed = product[..., 0] ^ product[..., 1] ^ product[..., 2]
    return np.asarray((mixed >> np.uint32(33 - slots.bit_length())).astype(np.intp))


def _slots(colors: AnyArray) -> AnyArray:
    """Distinct colors, shape (rows, 3), in at least twice as many slots."""
    count = 1 << (2 * len(colors) - 1).bit_length()
    slots = np.zeros((count, 4), dtype=np.uint32)
    slots[:, 3] = 0xFFFFFFFF
    rows = np.arange(len(colors))
    at = slot_of(colors, count)
    while rows.size:
        free = slots[at, 3] == 0xFFFFFFFF
        # The last to write has the slot; that is looked up.
        slots[at[free], 3] = rows[free]
        placed = slots[at, 3] == rows
        slots[at[placed], :3] = colors[rows[placed]]
        rows, at = rows[~placed], (at[~placed] + 1) % count
    return slots
