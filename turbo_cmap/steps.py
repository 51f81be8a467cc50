"""Steps: a scale as the values between which the color changes, found to the float.

However a norm computes, in the end it cuts the ordered line of floats into pieces of one
color each. `search` finds them: floats are numbered by their bits, from -inf to inf, and
between two that have different colors it looks on until they are next to each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ._typing import AnyArray, IndexArray

KeyArray: TypeAlias = NDArray[np.int64]

#: Codes that are no colors.
UNDER, OVER, BAD = -1, -2, -3

#: Values to ask about at once. Most of what a norm costs does not depend on how many.
_AT_ONCE = 8192
#: Into how many parts to cut a gap. More than the most would cost more for each bit found.
_PARTS = (1024, 256, 64, 16, 4, 2)
#: A norm that goes back and forth within so many floats does so by rounding.
_ROUNDING = 64


class Steps(NamedTuple):
    """A norm and a number of colors, as the values between which the color changes.

    A value x with exactly k of the edges at or below it has ``codes[k]``. NaN is `BAD`.
    """

    edges: AnyArray  # float32 or float64, shape (m,), sorted; infinities may be among them
    codes: IndexArray  # int32, shape (m + 1,): colors from 0, or UNDER, OVER, BAD


def extended_to_infinity(steps: Steps) -> Steps:
    """The same steps, but -inf and inf have the codes of the finite floats next to them.

    matplotlib's norms on logarithmic and similar scales make infinities bad.
    """
    first = np.searchsorted(steps.edges, np.finfo(steps.edges.dtype).min, side="right")
    last = np.searchsorted(steps.edges, np.inf)
    return Steps(steps.edges[first:last], steps.codes[first : last + 1])


def equalized(quantile: Callable[[AnyArray], AnyArray], n: int) -> Steps:
    """Histogram equalization: each color for as many of the values as any other.

    The position of a value is the part of all values that are not greater, as in the
    colorizer of librealsense. Values outside of those that were counted are under or over.

    Parameters
    ----------
    quantile : callable
        Maps an array of parts in [0, 1] to the smallest of the values for which that part of
        them are not greater (no interpolation): the minimum for 0, the maximum for 1.
        float32 or float64, finite.
    n : int
        Number of colors.

    Returns
    -------
    Steps
        The edges are the quantiles of k/n, of the dtype that *quantile* returns. A constant
        has the first color.
    """
    edges = np.array(quantile(np.arange(n + 1) / n))
    colors = np.arange(n, dtype=np.int32)
    if edges[0] == edges[-1]:
        colors[:] = 0
    with np.errstate(over="ignore"):  # of the largest float it is inf
        edges[-1] = np.nextafter(edges[-1], edges.dtype.type(np.inf))
    codes = np.concatenate([[UNDER], colors, [OVER]]).astype(np.int32)
    return Steps(edges, codes)


# --- floats in order ---

#: The key of inf, for floats of 4 and of 8 bytes. That of 0 is 0, and -inf has the negative.
LAST_KEY = {4: 0x7F800000, 8: 0x7FF0000000000000}


def to_keys(values: AnyArray, dtype: np.dtype[Any]) -> KeyArray:
    """Floats that are not NaN, rounded to *dtype*, as numbers in the same order."""
    with np.errstate(over="ignore"):
        rounded = values[~np.isnan(values)].astype(dtype)
    bits = rounded.view(f"i{dtype.itemsize}").astype(np.int64)
    return np.where(bits >= 0, bits, -(1 << 8 * dtype.itemsize - 1) - bits)


def from_keys(keys: KeyArray, dtype: np.dtype[Any]) -> AnyArray:
    """The floats of keys."""
    bits = np.where(keys >= 0, keys, -(1 << 8 * dtype.itemsize - 1) - keys)
    return bits.astype(f"i{dtype.itemsize}").view(dtype)


# --- pieces of one color ---


def search(
    codes_at: Callable[[KeyArray], IndexArray], keys: KeyArray
) -> tuple[KeyArray, IndexArray] | None:
    """The first key of each piece but the first, and the codes of all pieces.

    Two keys with one code are taken to be in one piece. None if there is no end to it.
    """
    most = 16 * keys.size
    edges, after = [], []
    codes = codes_at(keys)
    first, joined = codes[:1], np.ones(keys.size - 1, dtype=bool)
    while True:
        at = np.flatnonzero((codes[1:] != codes[:-1]) & joined)
        gap = keys[at + 1].view(np.uint64) - keys[at].view(np.uint64)  # up to 2**64 - 2**53
        found = at[gap == 1] + 1
        edges.append(keys[found])
        after.append(codes[found])
        at, gap = at[gap > 1], gap[gap > 1]
        if not at.size:
            break
        if at.size > most:
            return None
        for most_parts in _PARTS:
            parts = np.minimum(gap, most_parts).astype(np.int64)
            if parts.sum() <= _AT_ONCE:
                break
        row = np.repeat(np.arange(at.size), parts + 1)
        part = np.arange(row.size) - (np.cumsum(parts + 1) - parts - 1)[row]
        whole, rest = np.divmod(gap, parts.view(np.uint64))
        offset = whole[row].view(np.int64) * part + rest[row].view(np.int64) * part // parts[row]
        inner = (part > 0) & (part < parts[row])
        next_keys = keys[at[row]] + offset
        next_codes = codes[at[row] + (part > 0)]
        next_codes[inner] = codes_at(next_keys[inner])
        keys, codes, joined = next_keys, next_codes, row[1:] == row[:-1]
    edge = np.concatenate(edges)
    order = np.argsort(edge)
    return edge[order], np.append(first, np.concatenate(after)[order])


def settled(
    edges: KeyArray, codes: IndexArray, n: int, landmarks: KeyArray
) -> tuple[KeyArray, IndexArray] | None:
    """Pieces without the back and forth of rounding; None if that is not what it is.

    Where the norm is bad, and at each landmark, it may turn; between them it must not.
    """
    cuts = np.concatenate([landmarks, landmarks + 1])
    starts = np.sort(np.concatenate([edges, cuts]))
    starts = starts[np.append(True, starts[1:] != starts[:-1])]
    code = codes[np.searchsorted(edges, np.append(-LAST_KEY[8] - 1, starts), side="right")]
    rank = np.where(code == OVER, n, code).astype(np.int64)
    bad = code == BAD
    turns = bad[1:] | bad[:-1]
    turns[np.searchsorted(starts, cuts)] = True
    step = np.where(turns, 0, np.diff(rank))
    section = np.append(0, np.cumsum(turns))
    for number in np.intersect1d(section[1:][step > 0], section[1:][step < 0]):
        first, last = np.searchsorted(section, (number, number + 1))
        ends = [*starts[first : last - 1].tolist(), None]
        for sign in (1, -1):
            straight = _straightened((sign * rank[first:last]).tolist(), ends)
            if straight is not None:
                rank[first:last] = sign * np.array(straight)
                break
        else:
            return None
    code = np.where(rank == n, OVER, rank).astype(np.int32)
    keep = code[1:] != code[:-1]
    return starts[keep], np.append(code[:1], code[1:][keep])


def _straightened(rank: list[int], ends: list[int | None]) -> list[int] | None:
    """Ranks that never fall, where what has to be raised is short and one level too low."""
    straight = rank[:1]
    below = top = rank[0]
    short_of = 0  # how many keys in a row have been raised
    for i in range(1, len(rank)):
        if rank[i] > top:
            below, top = top, rank[i]
        if rank[i] < top:
            start, end = ends[i - 1], ends[i]
            if rank[i] < below or start is None or end is None:
                return None
            short_of += end - start
            if short_of > _ROUNDING:
                return None
        else:
            short_of = 0
        straight.append(top)
    return straight
