"""Maps of the light of pixels of 16 bits and of floats, and the tables that kernels read.

A component is decoded to linear light, light is mapped, clipped and encoded again, all in
float64 and in this order of operations, which nothing may change::

    x      = decode(component)          of uint16: levels[component] / 2^30
    y      = m[:, 0] * x_R + m[:, 1] * x_G + m[:, 2] * x_B
    y     += fold[1] * min(fold[0, 0] * x_R + fold[0, 1] * x_G + fold[0, 2] * x_B, 0)
    result = min(encode(y), 1)          of uint16: trunc(65535 * that + 0.5)

where m is the matrix, and the third line is that of maps with a fold.

Decoding and encoding are functions of [0, 1] (what is outside is clipped) that are linear up to a
*knee* and curved above it. There, cells of 2^SHIFT neighboring float64 have a polynomial each.
Cells of floats are finer where numbers are smaller, as a power needs it, and the cell of a number
is two integer operations on its bits. With ``bits`` as an integer::

    row    = bits(max(z, knee)) - bits(knee) + 2^SHIFT - 1 >> SHIFT       0 up to the knee
    u      = z - float(bits(knee) + (row << SHIFT))                       from the cell's end
    w      = u * u
    value  = c0 + w (c2 + w (c4 + w c6)) + u (c1 + w (c3 + w (c5 + w c7)))    c = rows[row]

NaN has row 0, and stays NaN.

How exact that is: a polynomial of *terms* coefficients is the power's series about the cell's
middle, economized to that degree, which leaves out about ``2 C(p, terms) (r / 2 m)^terms`` of a
power p, r / m <= 1 / 2^(53 - SHIFT) being the cell's half width by its middle. For 4 terms and
SHIFT 47 that is, at the most over all cells, 4e-10 of encoded values and 6e-11 of light; for 8 and
48 less than 2e-16, which is rounding. Light that is off by e becomes an encoded value that is off
by up to 12.92 e, the slope at black. With matrices whose rows' magnitudes add up to 3, that makes
3e-9, or 2e-14 with rounding's own.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.polynomial import chebyshev

from .._typing import AnyArray, FloatArray
from ..srgb import decode

#: The bits of the numbers in a cell, by the number of terms of a polynomial; csrc/kernels.h
#: has them, too.
SHIFTS = {4: 47, 8: 48}
#: Of the light of 16-bit levels, as integers.
LEVEL_BITS = 30


class Transfer(NamedTuple):
    """A function of [0, 1] as kernels evaluate it."""

    knee: float
    rows: FloatArray  # (cells + 1, terms), C-contiguous and read-only


class WideMap(NamedTuple):
    """A map of light with all that its evaluation needs."""

    matrix: FloatArray  # (3, 3)
    fold: FloatArray | None  # (2, 3): a plane's normal, and what is added for each unit below it
    decode: Transfer
    encode: Transfer
    levels: AnyArray | None  # int32, (65536,), for uint16


def make_wide_map(
    dtype: np.dtype[Any],
    matrix: FloatArray,
    normal: FloatArray | None = None,
    fold: FloatArray | None = None,
) -> WideMap:
    """The map ``x -> matrix @ x + fold * min(normal @ x, 0)`` for pixels of a dtype.

    Parameters
    ----------
    dtype : dtype
        uint16, float32 or float64.
    matrix : ndarray, shape (3, 3)
        From linear sRGB to linear sRGB.
    normal, fold : ndarray, shape (3,), optional
        Of a plane beyond which the map is another one, and by how much.
    """
    terms = 8 if dtype == np.float64 else 4
    return WideMap(
        _frozen(matrix),
        None if normal is None or fold is None else _frozen(np.stack([normal, fold])),
        _decoding(terms),
        _encoding(terms),
        _levels() if dtype == np.uint16 else None,
    )


@lru_cache(maxsize=2)
def _decoding(terms: int) -> Transfer:
    # IEC 61966-2-1:1999, equations 5 and 6
    return _transfer(0.04045, 1 / 12.92, 2.4, 0.055, 1.055**-2.4, 0.0, terms)


@lru_cache(maxsize=2)
def _encoding(terms: int) -> Transfer:
    # IEC 61966-2-1:1999, equations 9 and 10
    return _transfer(0.0031308, 12.92, 1 / 2.4, 0.0, 1.055, -0.055, terms)


def _transfer(
    knee: float, slope: float, power: float, shift: float, gain: float, offset: float, terms: int
) -> Transfer:
    """The function ``slope * z`` up to the knee, ``gain * (z + shift)**power + offset`` above."""
    width = 1 << SHIFTS[terms]
    bits = [int(np.float64(number).view(np.int64)) for number in (knee, 1.0)]
    cells = -(-(bits[1] - bits[0]) // width)
    ends = (bits[0] + width * np.arange(cells + 1, dtype=np.int64)).view(np.float64)
    rows = np.zeros((cells + 1, terms))
    rows[0, :2] = knee * slope, slope
    for row, (begin, end) in enumerate(itertools.pairwise(ends), start=1):
        middle, radius = (begin + end) / 2 + shift, (end - begin) / 2
        series = [gain * middle**power]  # of t = (z - middle) / radius
        for k in range(terms + 8):
            series.append(series[-1] * (power - k) / (k + 1) * radius / middle)
        series[0] += offset
        economized = chebyshev.cheb2poly(chebyshev.poly2cheb(series)[:terms])
        # of u = z - end, t being 1 + u / radius
        at_end = np.polynomial.Polynomial(economized)(np.polynomial.Polynomial([1.0, 1 / radius]))
        rows[row, : len(at_end.coef)] = at_end.coef
    return Transfer(knee, _frozen(rows))


@lru_cache(maxsize=1)
def _levels() -> AnyArray:
    light = np.rint(decode(np.arange(65_536) / 65_535) * (1 << LEVEL_BITS))
    table = light.astype(np.int32)
    table.flags.writeable = False
    return table


def _frozen(numbers: FloatArray) -> FloatArray:
    table = np.array(numbers, dtype=np.float64, order="C")
    table.flags.writeable = False
    return table
