"""Which values the first and the last colour stand for."""

from __future__ import annotations

import math
import sys
from functools import partial
from typing import cast

from .arguments import Source
from .kernels import Backend
from .kernels.threads import run, split


def resolve_range(
    backend: Backend, source: Source, lo: float | None, hi: float | None, threads: int = 1
) -> tuple[float, float]:
    """The limits, those that were not given taken from the data.

    Parameters
    ----------
    backend : Backend
    source : Source
    lo, hi : float or None
        From `turbo_cmap.arguments.as_limits`.
    threads : int, default 1
        How many to use.

    Returns
    -------
    vmin, vmax : float
        Finite, ``vmin <= vmax``.
    """
    if lo is not None and hi is not None:
        return lo, hi
    low, high = _extent(backend, source, threads)
    if low > high:  # nothing counts, so everything is bad and any range will do
        low = high = 0.0 if lo is None and hi is None else lo if lo is not None else cast(float, hi)
    # A limit that was given stays. Where all the data are beyond it, the other is put just
    # behind it: they are all under or over then, whereas in a range of nothing they would
    # all have the first colour.
    if lo is not None:
        return lo, high if high >= lo else math.nextafter(lo, math.inf)
    if hi is not None:
        return low if low <= hi else math.nextafter(hi, -math.inf), hi
    return low, high


def resolve_halfrange(
    backend: Backend,
    source: Source,
    center: float,
    lo: float | None,
    hi: float | None,
    threads: int = 1,
) -> float:
    """How far a scale about a centre reaches: to the given limits, else to the furthest value.

    Raises
    ------
    ValueError
        If the centre is outside the limits.
    """
    if (lo is not None and center < lo) or (hi is not None and center > hi):
        raise ValueError(
            f"colorize(): center must lie between vmin and vmax, got {center} with "
            f"vmin={lo} and vmax={hi}"
        )
    given = [abs(limit - center) for limit in (lo, hi) if limit is not None]
    if given:
        return max(given)
    low, high = _extent(backend, source, threads)
    reach = max(high - center, center - low) if low <= high else 0.0
    return min(reach, sys.float_info.max)


def _extent(backend: Backend, source: Source, threads: int) -> tuple[float, float]:
    if threads == 1:
        return backend.extent(*source)
    parts = [source.part(where) for where in split(source.values.shape, threads)]
    extents: list[tuple[float, float]] = [(math.inf, -math.inf)] * len(parts)

    def find(number: int) -> None:
        extents[number] = backend.extent(*parts[number])

    run([partial(find, number) for number in range(len(parts))])
    return min(low for low, _ in extents), max(high for _, high in extents)
