"""A linear map of the light of 8-bit pixels, as the tables that kernels read.

A pixel's levels are decoded to linear light, mapped, clipped and encoded again. With levels
R, G, B, all in units of 2^-28 and integers throughout, so that no order of operations and no
instruction set can change a bit::

    sums     = columns[0, R] + columns[1, G] + columns[2, B]      4 numbers: r, g, b, d
    r, g, b += fold * min(d, 0) >> 28                             where there is a fold
    level    = (levels[y >> 16] + y) >> 16                        of each, clipped to 0 .. 2^28

A level's light begins at the threshold between it and the one below. Two thresholds are more
than 2^16 apart, so a cell of that width holds at most one, and adding an offset of the cell to
y carries into the next level exactly where the threshold is reached.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from .._typing import AnyArray, FloatArray
from ..srgb import decode

BITS = 28  # of the fraction
CELL_BITS = 16  # of y within a cell of `levels`
ONE = 1 << BITS
#: Light of less than this, either way, is less than 2^31 in those units.
REACH = 7.5


class Projection(NamedTuple):
    """Tables of one map, all int32, C-contiguous and read-only."""

    columns: AnyArray  # (3, 256, 4): what a level of R, G or B adds to r, g, b, d
    fold: AnyArray | None  # (3,): added to r, g, b for each unit that d is below 0
    levels: AnyArray  # (4097,)


def make_projection(
    matrix: FloatArray, normal: FloatArray | None = None, fold: FloatArray | None = None
) -> Projection:
    """The tables of ``x -> matrix @ x + fold * min(normal @ x, 0)``, clipped to [0, 1].

    Parameters
    ----------
    matrix : ndarray, shape (3, 3)
        From linear sRGB to linear sRGB.
    normal, fold : ndarray, shape (3,), optional
        Of a plane beyond which the map is another one, and by how much.

    Raises
    ------
    ValueError
        If a component could leave [-7.5, 7.5], which 32 bits do not hold.
    """
    rows = np.zeros((4, 3))
    rows[:3] = matrix
    reach = np.abs(matrix).sum(axis=1)
    bend = None
    if normal is not None and fold is not None:
        size = np.abs(normal).sum()  # so that d is within [-1, 1]
        rows[3] = normal / size
        reach = reach + np.abs(fold * size)
    if not reach.max() < REACH:
        raise ValueError(f"make_projection(): light must stay within {REACH}, got {reach.max()}")
    if normal is not None and fold is not None:
        bend = _fixed(fold * size)
    light = decode(np.arange(256) / 255)
    columns = _fixed(light[np.newaxis, :, np.newaxis] * rows.T[:, np.newaxis, :])
    return Projection(columns, bend, _levels())


def _fixed(numbers: FloatArray) -> AnyArray:
    table = np.ascontiguousarray(np.rint(numbers * ONE), dtype=np.int32)
    table.flags.writeable = False
    return table


@lru_cache(maxsize=1)
def _levels() -> AnyArray:
    # rint(255 * encoded) reaches level k at the light of k - 1/2
    thresholds = np.ceil(decode((np.arange(1, 256) - 0.5) / 255) * ONE).astype(np.int64)
    cells = np.arange((ONE >> CELL_BITS) + 1) << CELL_BITS
    below = np.searchsorted(thresholds, cells, side="left")  # the level before the cell's own
    upper = np.append(thresholds, np.iinfo(np.int64).max)[below]
    inside = upper - cells < 1 << CELL_BITS
    carry = np.where(inside, (1 << CELL_BITS) - (upper - cells), 0)
    table = ((below << CELL_BITS) + carry - cells).astype(np.int32)
    table.flags.writeable = False
    return table
