"""Images of numbers made smaller, and sparse ones made denser, before they are colored.

What comes out are numbers that were measured: no two are ever mixed, so that no depth
appears at an edge where there is nothing, and no color between those of two values.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .._typing import AnyArray, BoolArray


class Numbers(NamedTuple):
    """Values, and where they are measurements."""

    values: AnyArray  # (H, W)
    measured: BoolArray  # (H, W)


def numbers_of(values: AnyArray, mask: BoolArray | None = None) -> Numbers:
    """What is measured: neither masked nor NaN."""
    measured = np.ones(values.shape, np.bool_) if mask is None else ~mask
    if values.dtype.kind == "f":
        measured &= ~np.isnan(values)
    return Numbers(values, measured)


def grown(numbers: Numbers, radius: int, *, greatest: bool = False) -> Numbers:
    """Fill pixels without a measurement from those up to *radius* rows and columns away.

    Where several reach a pixel it gets the least of them: of depths the one in front. What
    is measured stays.

    Parameters
    ----------
    numbers : Numbers
    radius : int
    greatest : bool, default False
        The greatest instead: of disparities the one in front.
    """
    values, measured = numbers
    native = values.astype(values.dtype.newbyteorder("="), copy=False)
    least, most = _ends(native.dtype)
    filler, choose = (least, np.maximum) if greatest else (most, np.minimum)
    found = np.where(measured, native, filler).astype(native.dtype, copy=False)
    reached = measured
    for axis in (0, 1):
        found = _window(found, radius, axis, filler, choose)
        reached = _window(reached, radius, axis, False, np.maximum)
    return Numbers(np.where(measured | ~reached, native, found), reached)


def _ends(dtype: np.dtype[np.generic]) -> tuple[Any, Any]:
    if dtype.kind == "b":
        return False, True
    if dtype.kind == "f":
        return -np.inf, np.inf
    limits = np.iinfo(dtype)  # type: ignore[type-var]
    return limits.min, limits.max


def _window(array: AnyArray, radius: int, axis: int, filler: Any, choose: np.ufunc) -> AnyArray:
    """The least or greatest within *radius* along an axis."""
    radius = min(radius, array.shape[axis] - 1)
    pad = [(0, 0), (0, 0)]
    pad[axis] = (radius, radius)
    found = np.moveaxis(np.pad(array, pad, constant_values=filler), axis, 0)
    covered, whole = 1, 2 * radius + 1
    while covered < whole:  # windows of twice the size, or of what is missing
        step = min(covered, whole - covered)
        found = choose(found[:-step], found[step:])
        covered += step
    return np.moveaxis(found, 0, axis)


def shrunk_size(height: int, width: int, longest: int) -> tuple[int, int]:
    """Height and width with the longest side made at most *longest*."""
    side = max(height, width)
    if side <= longest:
        return height, width
    return max(1, round(height * longest / side)), max(1, round(width * longest / side))


def shrunk(numbers: Numbers, longest: int) -> Numbers:
    """Make the longest side at most *longest* pixels.

    The image is cut into as many cells as there will be pixels. Each gets the measurement
    nearest to its middle; of several the first, in the order of reading. Only a cell without
    any has none.
    """
    values, measured = numbers
    shape = shrunk_size(values.shape[0], values.shape[1], longest)
    if shape == values.shape:
        return numbers
    cells = [_Cells(*sizes) for sizes in zip(values.shape, shape, strict=True)]
    rows, columns = (one.middle for one in cells)
    grid = np.ix_(rows, columns)
    chosen, present = values[grid], measured[grid]
    y, x = np.nonzero(~present)
    if not y.size:
        return Numbers(chosen, present)
    best = np.full(y.size, np.inf)
    down, across = rows[y], columns[x]
    for row in range(cells[0].most):
        at, off = cells[0].nth(row, y)
        for column in range(cells[1].most):
            beside, away = cells[1].nth(column, x)
            distance = off + away
            better = (distance < best) & measured[at, beside]
            best[better] = distance[better]
            down[better], across[better] = at[better], beside[better]
    chosen[y, x] = values[down, across]
    present[y, x] = np.isfinite(best)
    return Numbers(chosen, present)


class _Cells:
    """One axis of *length* pixels, cut into *count* cells."""

    def __init__(self, length: int, count: int) -> None:
        edges = np.arange(count + 1) * length // count
        self._first, self._end = edges[:-1], edges[1:]
        self.most = int((self._end - self._first).max())
        #: The pixel in the middle of each.
        self.middle = (2 * np.arange(count) + 1) * length // (2 * count)
        self._center = (np.arange(count) + 0.5) * (length / count) - 0.5

    def nth(self, number: int, cells: AnyArray) -> tuple[AnyArray, AnyArray]:
        """A pixel of each of these cells, and the square of its distance from the middle."""
        pixel = np.minimum(self._first[cells] + number, self._end[cells] - 1)
        return pixel, (pixel - self._center[cells]) ** 2
